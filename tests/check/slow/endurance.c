/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What takes long or is large: a recording of six hours, a million seeks, a
 * file over 4 GiB. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>
#include <gst/check/gsttestclock.h>

#include "feed.h"
#include "h4files.h"
#include "harmony4.h"

#define HOURS 6
#define VIDEO_CAPS "video/x-vp8,width=64,height=48,framerate=30000/1001"
#define AUDIO_CAPS "audio/x-opus,rate=48000,channels=2"
#define GOP 30
#define STEP (200 * GST_MSECOND)
#define MAX_GROWTH (1 << 20)
#define N_SEEKS 1000000

#define LARGE_BLOCK (64 << 20)
#define N_LARGE 68
#define LARGE_DURATION (10 * GST_SECOND)

/* A live source whose times have no common divisor with those of others. */
typedef struct
{
  GstPad *pad;
  guint64 numerator;            /* of a block's duration in s */
  guint64 denominator;
  guint gop;
  guint64 n;
} Source;

typedef struct
{
  GstElement *mux;
  GstPad *sink;
  GstBus *bus;
  GstTestClock *clock;
  Source sources[2];
  gchar *path;
  gint fd;
  gboolean ended;
  GMutex lock;
  GCond cond;
} Recorder;

static GstStaticPadTemplate any_src = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate any_sink = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

/* Large blocks are all zeros: they become holes in the file. */
static GstFlowReturn
recorder_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  Recorder *recorder = gst_pad_get_element_private (pad);
  guint i;

  for (i = 0; i < gst_buffer_n_memory (buffer); i++) {
    GstMemory *memory = gst_buffer_peek_memory (buffer, i);
    GstMapInfo map;

    fail_unless (gst_memory_map (memory, &map, GST_MAP_READ));
    if (map.size >= LARGE_BLOCK)
      fail_unless (lseek (recorder->fd, map.size, SEEK_CUR) > 0);
    else
      fail_unless_equals_int (write (recorder->fd, map.data, map.size),
          map.size);
    gst_memory_unmap (memory, &map);
  }
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
recorder_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  Recorder *recorder = gst_pad_get_element_private (pad);

  if (GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    g_mutex_lock (&recorder->lock);
    recorder->ended = TRUE;
    g_cond_signal (&recorder->cond);
    g_mutex_unlock (&recorder->lock);
  }
  gst_event_unref (event);
  return TRUE;
}

static gboolean
source_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return gst_pad_query_default (pad, parent, query);
  gst_query_set_latency (query, TRUE, 20 * GST_MSECOND, GST_CLOCK_TIME_NONE);
  return TRUE;
}

static void
add_source (Recorder * recorder, guint i, const gchar * text, gboolean live)
{
  Source *source = &recorder->sources[i];
  GstPad *peer = gst_element_request_pad_simple (recorder->mux, "sink_%u");
  GstCaps *caps = gst_caps_from_string (text);
  GstSegment segment;

  source->pad = gst_pad_new_from_static_template (&any_src, "source");
  if (live)
    gst_pad_set_query_function (source->pad, source_query);
  gst_pad_set_active (source->pad, TRUE);
  fail_unless_equals_int (gst_pad_link (source->pad, peer), GST_PAD_LINK_OK);
  gst_object_unref (peer);
  gst_pad_push_event (source->pad, gst_event_new_stream_start (text));
  gst_pad_push_event (source->pad, gst_event_new_caps (caps));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (source->pad, gst_event_new_segment (&segment));
  gst_caps_unref (caps);
}

static void
recorder_open (Recorder * recorder)
{
  GstPad *src;

  memset (recorder, 0, sizeof (*recorder));
  g_mutex_init (&recorder->lock);
  g_cond_init (&recorder->cond);
  recorder->fd = g_file_open_tmp ("h4XXXXXX.h4mk", &recorder->path, NULL);
  fail_unless (recorder->fd >= 0);
  recorder->mux = gst_element_factory_make ("h4mkmux", NULL);
  fail_unless (recorder->mux != NULL);
  gst_object_ref_sink (recorder->mux);
  recorder->bus = gst_bus_new ();
  gst_element_set_bus (recorder->mux, recorder->bus);
  recorder->sink = gst_pad_new_from_static_template (&any_sink, "sink");
  gst_pad_set_element_private (recorder->sink, recorder);
  gst_pad_set_chain_function (recorder->sink, recorder_chain);
  gst_pad_set_event_function (recorder->sink, recorder_event);
  gst_pad_set_active (recorder->sink, TRUE);
  src = gst_element_get_static_pad (recorder->mux, "src");
  fail_unless_equals_int (gst_pad_link (src, recorder->sink), GST_PAD_LINK_OK);
  gst_object_unref (src);
  recorder->clock = GST_TEST_CLOCK (gst_test_clock_new ());
  gst_element_set_clock (recorder->mux, GST_CLOCK (recorder->clock));
  gst_element_set_base_time (recorder->mux, 0);
  gst_element_set_state (recorder->mux, GST_STATE_PLAYING);
}

/* Ends the file; the path remains. */
static gchar *
recorder_finish (Recorder * recorder)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (recorder->sources); i++)
    if (recorder->sources[i].pad)
      gst_pad_push_event (recorder->sources[i].pad, gst_event_new_eos ());
  g_mutex_lock (&recorder->lock);
  while (!recorder->ended)
    g_cond_wait (&recorder->cond, &recorder->lock);
  g_mutex_unlock (&recorder->lock);
  fail_unless (gst_bus_pop_filtered (recorder->bus, GST_MESSAGE_ERROR) == NULL);
  gst_element_set_state (recorder->mux, GST_STATE_NULL);
  for (i = 0; i < G_N_ELEMENTS (recorder->sources); i++)
    gst_clear_object (&recorder->sources[i].pad);
  gst_pad_set_active (recorder->sink, FALSE);
  gst_element_set_bus (recorder->mux, NULL);
  gst_object_unref (recorder->bus);
  gst_object_unref (recorder->mux);
  gst_object_unref (recorder->sink);
  gst_object_unref (recorder->clock);
  g_mutex_clear (&recorder->lock);
  g_cond_clear (&recorder->cond);
  close (recorder->fd);
  return recorder->path;
}

static GstClockTime
source_time (const Source * source, guint64 n)
{
  return gst_util_uint64_scale (n * source->numerator, GST_SECOND,
      source->denominator);
}

static void
push_until (Source * source, GstClockTime end)
{
  GstClockTime time;

  while ((time = source_time (source, source->n)) < end) {
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, 16, NULL);

    gst_buffer_memset (buffer, 0, (guint8) source->n, 16);
    GST_BUFFER_PTS (buffer) = time;
    GST_BUFFER_DURATION (buffer) = source_time (source, source->n + 1) - time;
    if (source->n++ % source->gop != 0)
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    fail_unless_equals_int (gst_pad_push (source->pad, buffer), GST_FLOW_OK);
  }
}

/* Whoever waits for the clock is let go. */
static void
set_time (Recorder * recorder, GstClockTime time)
{
  GList *ids = NULL;

  gst_test_clock_set_time (recorder->clock, time);
  gst_test_clock_wait_for_multiple_pending_ids (recorder->clock, 0, &ids);
  if (ids)
    gst_test_clock_process_id_list (recorder->clock, ids);
  g_list_free_full (ids, gst_clock_id_unref);
}

static gchar *
record_hours (guint hours, guint64 n_blocks[2])
{
  Recorder recorder;
  const GstClockTime end = hours * 3600 * GST_SECOND;
  gsize before = 0, after;
  GstClockTime time;
  guint i;

  recorder_open (&recorder);
  add_source (&recorder, 0, VIDEO_CAPS, TRUE);
  add_source (&recorder, 1, AUDIO_CAPS, TRUE);
  recorder.sources[0].numerator = 1001;
  recorder.sources[0].denominator = 30000;
  recorder.sources[0].gop = GOP;
  recorder.sources[1].numerator = 1024;
  recorder.sources[1].denominator = 48000;
  recorder.sources[1].gop = 1;
  for (time = STEP; time <= end; time += STEP) {
    for (i = 0; i < 2; i++)
      push_until (&recorder.sources[i], time);
    set_time (&recorder, time);
    if (time == 3600 * GST_SECOND)
      before = mallinfo2 ().uordblks;
    /* what the application would take from the bus */
    gst_bus_set_flushing (recorder.bus, TRUE);
    gst_bus_set_flushing (recorder.bus, FALSE);
  }
  after = mallinfo2 ().uordblks;
  fail_unless (after < before + MAX_GROWTH, "memory grew from %"
      G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT, before, after);
  n_blocks[0] = recorder.sources[0].n;
  n_blocks[1] = recorder.sources[1].n;
  return recorder_finish (&recorder);
}

static void
check_complete (const gchar * path, guint64 n_blocks)
{
  GError *error = NULL;
  GstH4mkFile *file = gst_h4mk_file_open (path, &error);
  GstH4mkReport *report;

  fail_unless (file != NULL, "%s", error ? error->message : "");
  report = gst_h4mk_verify (gst_h4mk_file_read, file,
      gst_h4mk_file_get_size (file), NULL, NULL, NULL, &error);
  fail_unless (report != NULL, "%s", error ? error->message : "");
  fail_unless_equals_int (report->verdict, GST_H4MK_VERDICT_COMPLETE);
  fail_unless_equals_uint64 (report->blocks, n_blocks);
  gst_h4mk_report_free (report);
  gst_h4mk_file_close (file);
}

/* Each track's times are its source's to the nanosecond, and the tracks never
 * stand further apart than a group. */
static void
check_no_drift (const gchar * path)
{
  const Source sources[] = { {NULL, 1001, 30000}, {NULL, 1024, 48000} };
  GMappedFile *file = g_mapped_file_new (path, FALSE, NULL);
  GstH4mkParser *parser = gst_h4mk_parser_new ();
  gsize size = g_mapped_file_get_length (file), at = 0, need;
  guint64 n[2] = { 0, 0 };
  gint64 last[2] = { 0, 0 };
  GError *error = NULL;
  GstH4mkItem item;

  while (at < size && gst_h4mk_parser_next (parser,
          (guint8 *) g_mapped_file_get_contents (file) + at, size - at, &item,
          &need, &error) == GST_H4MK_RESULT_ITEM) {
    at = gst_h4mk_parser_get_offset (parser);
    if (item.record) {
      guint i = item.record->track - 1;

      fail_unless_equals_int64 (item.record->pts,
          (gint64) source_time (&sources[i], n[i]++));
      last[i] = item.record->pts;
      fail_unless (ABS (last[0] - last[1]) < (gint64) (2 * STEP));
    }
  }
  fail_unless (error == NULL && at == size, "stopped at %" G_GSIZE_FORMAT, at);
  gst_h4mk_parser_free (parser);
  g_mapped_file_unref (file);
}

static void
seek_at_random (GstH4mkIndex * index, GRand * rand, guint n)
{
  gint64 duration = gst_h4mk_index_get_duration (index);
  guint i;

  for (i = 0; i < n; i++) {
    gint64 time = (gint64) (g_rand_double (rand) * duration);
    GError *error = NULL;
    GstH4mkSeekPoint point;
    guint64 number;

    fail_unless (gst_h4mk_index_find_time (index, time, &number, &error)
        && gst_h4mk_index_get_seek_point (index, number, &point, &error),
        "%s", error ? error->message : "");
    fail_unless (point.span.pts <= time);
    fail_unless (time - point.span.pts < (gint64) (2 * GST_SECOND));
    gst_h4mk_seek_point_clear (&point);
  }
}

static void
check_seeks (const gchar * path)
{
  GstH4mkFile *file = gst_h4mk_file_open (path, NULL);
  GstH4mkIndex *index = gst_h4mk_index_new (gst_h4mk_file_read, file);
  GRand *rand = g_rand_new_with_seed (3);
  gsize before, after;

  fail_unless (gst_h4mk_index_open (index, gst_h4mk_file_get_size (file),
          NULL));
  seek_at_random (index, rand, N_SEEKS / 100);
  before = mallinfo2 ().uordblks;
  seek_at_random (index, rand, N_SEEKS);
  after = mallinfo2 ().uordblks;
  fail_unless (after < before + MAX_GROWTH, "memory grew from %"
      G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT, before, after);
  g_rand_free (rand);
  gst_h4mk_index_free (index);
  gst_h4mk_file_close (file);
}

/* From the key block before a time up to it. */
static void
play_at_random (H4Feed * feed, GRand * rand, guint n)
{
  guint i;

  for (i = 0; i < n; i++) {
    GstClockTime time = (GstClockTime) (g_rand_double (rand) * HOURS * 3600 *
        GST_SECOND), first;

    fail_unless (h4_feed_seek (feed, 1.0, GST_SEEK_FLAG_KEY_UNIT, time,
            time + 1));
    fail_unless (feed->blocks->len > 0);
    first = g_array_index (feed->blocks, H4FeedBlock, 0).pts;
    fail_unless (first <= time && time - first < 2 * GST_SECOND,
        "%" GST_TIME_FORMAT " for %" GST_TIME_FORMAT, GST_TIME_ARGS (first),
        GST_TIME_ARGS (time));
  }
}

/* The same through the element, all the way to what is played. */
static void
check_player_seeks (const gchar * path, guint64 n_blocks)
{
  GMappedFile *file = g_mapped_file_new (path, FALSE, NULL);
  GRand *rand = g_rand_new_with_seed (4);
  gsize before, after;
  H4Feed feed;

  h4_feed_open (&feed, H4_FEED_PULL,
      (guint8 *) g_mapped_file_get_contents (file),
      g_mapped_file_get_length (file), NULL);
  fail_unless (h4_feed_run (&feed));
  fail_unless_equals_uint64 (feed.blocks->len, n_blocks);
  play_at_random (&feed, rand, N_SEEKS / 100);
  before = mallinfo2 ().uordblks;
  play_at_random (&feed, rand, N_SEEKS);
  after = mallinfo2 ().uordblks;
  fail_unless (after < before + MAX_GROWTH, "memory grew from %"
      G_GSIZE_FORMAT " to %" G_GSIZE_FORMAT, before, after);
  h4_feed_close (&feed);
  g_rand_free (rand);
  g_mapped_file_unref (file);
}

GST_START_TEST (test_six_hours_live_and_a_million_seeks)
{
  guint64 n_blocks[2];
  gchar *path = record_hours (HOURS, n_blocks);

  check_complete (path, n_blocks[0] + n_blocks[1]);
  h4_files_check_file (path, NULL);
  check_no_drift (path);
  check_seeks (path);
  check_player_seeks (path, n_blocks[0] + n_blocks[1]);
  g_unlink (path);
  g_free (path);
}

GST_END_TEST;

static gchar *
record_large (void)
{
  Recorder recorder;
  guint i;

  recorder_open (&recorder);
  add_source (&recorder, 0, "application/x-test", FALSE);
  for (i = 0; i < N_LARGE; i++) {
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, LARGE_BLOCK, NULL);

    gst_buffer_memset (buffer, 0, 0, LARGE_BLOCK);
    GST_BUFFER_PTS (buffer) = i * LARGE_DURATION;
    GST_BUFFER_DURATION (buffer) = LARGE_DURATION;
    fail_unless_equals_int (gst_pad_push (recorder.sources[0].pad, buffer),
        GST_FLOW_OK);
  }
  return recorder_finish (&recorder);
}

static void
on_pad (GstElement * demux, GstPad * pad, gpointer sink)
{
  GstPad *peer = gst_element_get_static_pad (sink, "sink");

  gst_pad_link (pad, peer);
  gst_object_unref (peer);
}

/* The time of the block that a player shows after a seek there. */
static GstClockTime
play_at (const gchar * path, GstClockTime time)
{
  GstElement *pipeline = gst_pipeline_new (NULL);
  GstElement *source = gst_element_factory_make ("filesrc", NULL);
  GstElement *demux = gst_element_factory_make ("h4mkdemux", NULL);
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  GstSample *sample = NULL;
  GstClockTime pts;

  g_object_set (source, "location", path, NULL);
  gst_bin_add_many (GST_BIN (pipeline), source, demux, sink, NULL);
  gst_element_link (source, demux);
  g_signal_connect (demux, "pad-added", G_CALLBACK (on_pad), sink);
  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  fail_unless_equals_int (gst_element_get_state (pipeline, NULL, NULL,
          GST_CLOCK_TIME_NONE), GST_STATE_CHANGE_SUCCESS);
  fail_unless (gst_element_seek_simple (pipeline, GST_FORMAT_TIME,
          GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_KEY_UNIT, time));
  fail_unless_equals_int (gst_element_get_state (pipeline, NULL, NULL,
          GST_CLOCK_TIME_NONE), GST_STATE_CHANGE_SUCCESS);
  g_object_get (sink, "last-sample", &sample, NULL);
  fail_unless (sample != NULL);
  pts = GST_BUFFER_PTS (gst_sample_get_buffer (sample));
  gst_sample_unref (sample);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  return pts;
}

GST_START_TEST (test_a_file_over_4_gib)
{
  gchar *path = record_large ();
  GStatBuf info;

  fail_unless_equals_int (g_stat (path, &info), 0);
  fail_unless ((guint64) info.st_size > ((guint64) 1 << 32));
  check_complete (path, N_LARGE);
  h4_files_check_file (path, NULL);
  fail_unless_equals_uint64 (play_at (path, (N_LARGE - 1) * LARGE_DURATION + 5),
      (N_LARGE - 1) * LARGE_DURATION);
  fail_unless_equals_uint64 (play_at (path, 3 * LARGE_DURATION),
      3 * LARGE_DURATION);
  g_unlink (path);
  g_free (path);
}

GST_END_TEST;

static Suite *
endurance_suite (void)
{
  Suite *s = suite_create ("endurance");
  TCase *tc = tcase_create ("general");

  /* mallinfo2() knows the main arena alone, not those of other threads */
  mallopt (M_ARENA_MAX, 1);
  tcase_set_timeout (tc, 1500);
  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_six_hours_live_and_a_million_seeks);
  tcase_add_test (tc, test_a_file_over_4_gib);
  return s;
}

GST_CHECK_MAIN (endurance);
