/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What goes into h4mkmux comes out of h4mkdemux: bytes, running times,
 * durations, flags, caps, tags and languages, a row a format. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <glib/gstdio.h>
#include <gst/app/gstappsrc.h>
#include <gst/check/gstcheck.h>

#include "server.h"
#include "synthetic.h"

/* The flags that a TOKN record names. */
#define STORED_FLAGS (GST_BUFFER_FLAG_DELTA_UNIT | GST_BUFFER_FLAG_DISCONT | \
    GST_BUFFER_FLAG_DROPPABLE | GST_BUFFER_FLAG_HEADER | \
    GST_BUFFER_FLAG_MARKER | GST_BUFFER_FLAG_GAP | \
    GST_BUFFER_FLAG_CORRUPTED | GST_BUFFER_FLAG_RESYNC)

typedef struct
{
  gint64 pts;                   /* running time; G_MININT64: none */
  gint64 dts;
  GstClockTime duration;
  guint flags;
  gsize size;
  guint hash;
} Block;

typedef struct
{
  GArray *blocks;
  GstSegment segment;
  GstCaps *caps;
  GstTagList *tags;
} Track;

typedef struct
{
  GMutex lock;
  GPtrArray *tracks;
} Capture;

static void
track_free (gpointer data)
{
  Track *track = data;

  g_array_unref (track->blocks);
  gst_clear_caps (&track->caps);
  gst_clear_tag_list (&track->tags);
  g_free (track);
}

static gint64
running_time (const GstSegment * segment, GstClockTime time)
{
  guint64 running;
  gint sign;

  if (!GST_CLOCK_TIME_IS_VALID (time) || segment->format != GST_FORMAT_TIME)
    return G_MININT64;
  sign = gst_segment_to_running_time_full (segment, GST_FORMAT_TIME, time,
      &running);
  return sign > 0 ? (gint64) running : -(gint64) running;
}

static void
note_buffer (Track * track, GstBuffer * buffer)
{
  Block block = { 0, };
  GstMapInfo map;
  gsize i;

  block.pts = running_time (&track->segment, GST_BUFFER_PTS (buffer));
  block.dts = running_time (&track->segment, GST_BUFFER_DTS (buffer));
  block.duration = GST_BUFFER_DURATION (buffer);
  block.flags = GST_BUFFER_FLAGS (buffer) & STORED_FLAGS;
  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  block.size = map.size;
  block.hash = 2166136261u;
  for (i = 0; i < map.size; i++)
    block.hash = (block.hash ^ map.data[i]) * 16777619u;
  gst_buffer_unmap (buffer, &map);
  g_array_append_val (track->blocks, block);
}

static void
note_event (Track * track, GstEvent * event)
{
  GstTagList *tags, *merged;
  GstCaps *caps;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment (event, &track->segment);
      break;
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      gst_caps_replace (&track->caps, caps);
      break;
    case GST_EVENT_TAG:
      gst_event_parse_tag (event, &tags);
      if (gst_tag_list_get_scope (tags) != GST_TAG_SCOPE_STREAM)
        break;
      merged = gst_tag_list_merge (track->tags, tags, GST_TAG_MERGE_REPLACE);
      gst_clear_tag_list (&track->tags);
      track->tags = merged;
      break;
    default:
      break;
  }
}

static gboolean
note_list_buffer (GstBuffer ** buffer, guint index, gpointer user_data)
{
  note_buffer (user_data, *buffer);
  return TRUE;
}

static GstPadProbeReturn
on_data (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Track *track = user_data;

  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    gst_buffer_list_foreach (GST_PAD_PROBE_INFO_BUFFER_LIST (info),
        note_list_buffer, track);
  else if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER)
    note_buffer (track, GST_PAD_PROBE_INFO_BUFFER (info));
  else
    note_event (track, GST_PAD_PROBE_INFO_EVENT (info));
  return GST_PAD_PROBE_OK;
}

static Track *
capture_pad (Capture * capture, GstPad * pad)
{
  Track *track = g_new0 (Track, 1);

  track->blocks = g_array_new (FALSE, FALSE, sizeof (Block));
  gst_segment_init (&track->segment, GST_FORMAT_UNDEFINED);
  g_mutex_lock (&capture->lock);
  g_ptr_array_add (capture->tracks, track);
  g_mutex_unlock (&capture->lock);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER |
      GST_PAD_PROBE_TYPE_BUFFER_LIST | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      on_data, track, NULL);
  return track;
}

static void
capture_init (Capture * capture)
{
  g_mutex_init (&capture->lock);
  capture->tracks = g_ptr_array_new_with_free_func (track_free);
}

static void
capture_clear (Capture * capture)
{
  g_ptr_array_unref (capture->tracks);
  g_mutex_clear (&capture->lock);
}

typedef void (*Feed) (GstElement * pipeline);

static void
play_to_end (GstElement * pipeline, const gchar * what, Feed feed)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  GError *error = NULL;
  gchar *debug = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  if (feed)
    feed (pipeline);
  message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL, "%s: neither end nor error", what);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, &debug);
    fail ("%s: %s (%s)", what, error->message, debug);
  }
  gst_message_unref (message);
  gst_object_unref (bus);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

static void
run_launch (const gchar * launch, const gchar * what)
{
  GError *error = NULL;
  GstElement *pipeline = gst_parse_launch (launch, &error);

  fail_unless (error == NULL, "%s: %s", what, error ? error->message : "");
  play_to_end (pipeline, what, NULL);
  gst_object_unref (pipeline);
}

/* Sink pads are there once the pipeline has parsed; those of delayed links
 * are not, so the muxer tells of them. */
static void
on_mux_pad (GstElement * element, GstPad * pad, gpointer user_data)
{
  if (GST_PAD_IS_SINK (pad))
    capture_pad (user_data, pad);
}

static void
record (const gchar * launch, const gchar * path, Capture * capture, Feed feed)
{
  gchar *text = g_strdup_printf ("h4mkmux name=m ! filesink location=\"%s\" %s",
      path, launch);
  GError *error = NULL;
  GstElement *pipeline = gst_parse_launch (text, &error), *mux;
  GstIterator *pads;
  GValue value = G_VALUE_INIT;

  fail_unless (error == NULL, "%s: %s", text, error ? error->message : "");
  mux = gst_bin_get_by_name (GST_BIN (pipeline), "m");
  pads = gst_element_iterate_sink_pads (mux);
  while (gst_iterator_next (pads, &value) == GST_ITERATOR_OK) {
    capture_pad (capture, g_value_get_object (&value));
    g_value_reset (&value);
  }
  g_value_unset (&value);
  gst_iterator_free (pads);
  g_signal_connect (mux, "pad-added", G_CALLBACK (on_mux_pad), capture);
  play_to_end (pipeline, text, feed);
  gst_object_unref (mux);
  gst_object_unref (pipeline);
  g_free (text);
}

typedef struct
{
  GstElement *pipeline;
  Capture *capture;
} Playback;

static void
on_demux_pad (GstElement * demux, GstPad * pad, gpointer user_data)
{
  Playback *playback = user_data;
  GstElement *queue = gst_element_factory_make ("queue", NULL);
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  GstPad *sinkpad = gst_element_get_static_pad (queue, "sink");
  Track *track = capture_pad (playback->capture, pad);
  GstCaps *caps = gst_pad_get_current_caps (pad);

  /* its caps are on the pad before it is seen */
  gst_caps_replace (&track->caps, caps);
  gst_clear_caps (&caps);
  g_object_set (sink, "sync", FALSE, NULL);
  gst_bin_add_many (GST_BIN (playback->pipeline), queue, sink, NULL);
  gst_element_link (queue, sink);
  gst_element_sync_state_with_parent (sink);
  gst_element_sync_state_with_parent (queue);
  fail_unless_equals_int (gst_pad_link (pad, sinkpad), GST_PAD_LINK_OK);
  gst_object_unref (sinkpad);
}

static void
play_back (const gchar * source, Capture * capture)
{
  gchar *text = g_strdup_printf ("%s ! h4mkdemux name=d verify=chain", source);
  Playback playback = { gst_parse_launch (text, NULL), capture };
  GstElement *demux;

  fail_unless (playback.pipeline != NULL);
  demux = gst_bin_get_by_name (GST_BIN (playback.pipeline), "d");
  g_signal_connect (demux, "pad-added", G_CALLBACK (on_demux_pad), &playback);
  play_to_end (playback.pipeline, text, NULL);
  gst_object_unref (demux);
  gst_object_unref (playback.pipeline);
  g_free (text);
}

/* The shift that a file applies to all its times, from the first pair that
 * has both. */
static gboolean
find_shift (Capture * in, Capture * out, gint64 * shift)
{
  guint t;

  for (t = 0; t < in->tracks->len; t++) {
    Track *a = g_ptr_array_index (in->tracks, t);
    Track *b = g_ptr_array_index (out->tracks, t);
    guint i;

    for (i = 0; i < a->blocks->len && i < b->blocks->len; i++) {
      gint64 x = g_array_index (a->blocks, Block, i).pts;
      gint64 y = g_array_index (b->blocks, Block, i).pts;

      if (x != G_MININT64 && y != G_MININT64) {
        *shift = y - x;
        return TRUE;
      }
    }
  }
  return FALSE;
}

static void
compare_times (const gchar * row, guint track, guint i, const gchar * which,
    gint64 in, gint64 out, gint64 shift)
{
  if (in == G_MININT64)
    fail_unless (out == G_MININT64, "%s: track %u block %u got a %s", row,
        track, i, which);
  else
    fail_unless (out == in + shift, "%s: track %u block %u %s %"
        G_GINT64_FORMAT " became %" G_GINT64_FORMAT ", not %" G_GINT64_FORMAT,
        row, track, i, which, in, out, in + shift);
}

static void
compare_tracks (const gchar * row, guint number, Track * in, Track * out,
    gint64 shift)
{
  guint i, t;

  fail_unless (in->caps == NULL || gst_caps_is_equal (in->caps, out->caps),
      "%s: track %u: caps %s became %s", row, number,
      gst_caps_to_string (in->caps), gst_caps_to_string (out->caps));
  for (t = 0; in->tags && t < (guint) gst_tag_list_n_tags (in->tags); t++) {
    const gchar *name = gst_tag_list_nth_tag_name (in->tags, t);

    fail_unless (out->tags && gst_value_compare (gst_tag_list_get_value_index
            (in->tags, name, 0), gst_tag_list_get_value_index (out->tags, name,
                0)) == GST_VALUE_EQUAL, "%s: track %u: tag %s is lost", row,
        number, name);
  }
  fail_unless_equals_int (in->blocks->len, out->blocks->len);
  for (i = 0; i < in->blocks->len; i++) {
    const Block *a = &g_array_index (in->blocks, Block, i);
    const Block *b = &g_array_index (out->blocks, Block, i);
    /* the first buffer of a stream is a discontinuity by itself */
    guint ignored = i == 0 ? GST_BUFFER_FLAG_DISCONT : 0;

    fail_unless (a->size == b->size && a->hash == b->hash,
        "%s: track %u block %u has other bytes", row, number, i);
    compare_times (row, number, i, "pts", a->pts, b->pts, shift);
    compare_times (row, number, i, "dts", a->dts, b->dts, shift);
    fail_unless (a->duration == b->duration, "%s: track %u block %u duration",
        row, number, i);
    fail_unless ((a->flags & ~ignored) == (b->flags & ~ignored),
        "%s: track %u block %u flags %x became %x", row, number, i, a->flags,
        b->flags);
  }
}

static void
compare (const gchar * row, Capture * in, Capture * out)
{
  gint64 shift = 0;
  guint t;

  fail_unless (in->tracks->len == out->tracks->len,
      "%s: %u tracks became %u", row, in->tracks->len, out->tracks->len);
  find_shift (in, out, &shift);
  for (t = 0; t < in->tracks->len; t++)
    compare_tracks (row, t, g_ptr_array_index (in->tracks, t),
        g_ptr_array_index (out->tracks, t), shift);
}

typedef struct
{
  const gchar *name;
  const gchar *make;            /* %s: a file that is made first, or NULL */
  const gchar *launch;          /* %s: that file; feeds the muxer m */
  guint tracks;
  Feed feed;                    /* pushes into the appsrc elements a and b */
} Row;

/* A buffer of a stream whose segment begins at start. */
static void
push (GstElement * pipeline, const gchar * name, GstClockTime start,
    GstClockTime pts, GstClockTime dts, guint flags, gsize size)
{
  GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline), name);
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);
  GstSegment segment;
  GstSample *sample;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = segment.time = start;
  gst_buffer_memset (buffer, 0, (guint8) (pts / GST_MSECOND), size);
  GST_BUFFER_PTS (buffer) = pts;
  GST_BUFFER_DTS (buffer) = dts;
  GST_BUFFER_FLAG_SET (buffer, flags);
  sample = gst_sample_new (buffer, NULL, &segment, NULL);
  fail_unless_equals_int (gst_app_src_push_sample (GST_APP_SRC (source),
          sample), GST_FLOW_OK);
  gst_sample_unref (sample);
  gst_buffer_unref (buffer);
  gst_object_unref (source);
}

static void
end (GstElement * pipeline, const gchar * name)
{
  GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline), name);

  gst_app_src_end_of_stream (GST_APP_SRC (source));
  gst_object_unref (source);
}

/* Running times from half a second below zero on; decoded earlier still. */
static void
feed_below_zero (GstElement * pipeline)
{
  guint i;

  for (i = 0; i < 50; i++) {
    GstClockTime time = 500 * GST_MSECOND + i * 40 * GST_MSECOND;

    push (pipeline, "a", GST_SECOND, time, time - 80 * GST_MSECOND,
        i % 10 ? GST_BUFFER_FLAG_DELTA_UNIT : 0, 100);
    push (pipeline, "b", GST_SECOND, time + 7 * GST_MSECOND,
        GST_CLOCK_TIME_NONE, 0, 30);
  }
  end (pipeline, "a");
  end (pipeline, "b");
}

/* Every flag that is stored, holes in time, times that go back, buffers of no
 * bytes, and buffers of no time between others. */
static void
feed_oddities (GstElement * pipeline)
{
  static const guint flags[] = { 0, GST_BUFFER_FLAG_DELTA_UNIT,
    GST_BUFFER_FLAG_DISCONT, GST_BUFFER_FLAG_DROPPABLE, GST_BUFFER_FLAG_HEADER,
    GST_BUFFER_FLAG_MARKER, GST_BUFFER_FLAG_GAP, GST_BUFFER_FLAG_CORRUPTED,
    GST_BUFFER_FLAG_RESYNC,
    GST_BUFFER_FLAG_DISCONT | GST_BUFFER_FLAG_RESYNC | GST_BUFFER_FLAG_MARKER
  };
  GstClockTime time = 0;
  guint i;

  for (i = 0; i < 200; i++) {
    gboolean untimed = i % 13 == 5;

    push (pipeline, "a", 0, untimed ? GST_CLOCK_TIME_NONE : time,
        i % 3 && !untimed ? time : GST_CLOCK_TIME_NONE,
        flags[i % G_N_ELEMENTS (flags)], i % 7 == 0 ? 0 : i * 11);
    time += i % 20 == 19 ? 3 * GST_SECOND : 20 * GST_MSECOND;
    if (i % 50 == 49)
      time -= 100 * GST_MSECOND;
  }
  for (i = 0; i < 5; i++)
    push (pipeline, "b", 0, i * 2 * GST_SECOND, GST_CLOCK_TIME_NONE, 0, 20);
  end (pipeline, "a");
  end (pipeline, "b");
}

#define VIDEO "videotestsrc num-buffers=60 ! video/x-raw,width=64,height=48,framerate=30/1"
#define AUDIO "audiotestsrc num-buffers=90 samplesperbuffer=1024 ! audio/x-raw,rate=44100,channels=2"
#define OPUS "audiotestsrc num-buffers=90 samplesperbuffer=960 ! audio/x-raw,rate=48000 ! opusenc"
#define APPSRC(name, caps) "appsrc name=" name " format=time max-bytes=0 " \
    "caps=\"" caps "\" ! m. "
#define DEMUX(d, v, a) "filesrc location=\"%s\" ! " d " name=d d." v " ! queue ! m. d." a " ! queue ! m."

static const Row rows[] = {
  {"h264-aac", VIDEO " ! x264enc bframes=0 key-int-max=15 ! h264parse ! q. "
        AUDIO
        " ! avenc_aac ! aacparse ! q. mp4mux name=q ! filesink location=\"%s\"",
      DEMUX ("qtdemux", "video_0", "audio_0"), 2},
  {"h264-bframes", VIDEO " ! x264enc bframes=3 b-adapt=false key-int-max=20 ! "
        "h264parse ! q. " AUDIO " ! avenc_aac ! aacparse ! q. mp4mux name=q ! "
        "filesink location=\"%s\"",
      DEMUX ("qtdemux", "video_0", "audio_0"), 2},
  {"vp8-opus", VIDEO " ! vp8enc deadline=1 ! q. " OPUS
        " ! q. webmmux name=q ! filesink location=\"%s\"",
      DEMUX ("matroskademux", "video_0", "audio_0"), 2},
  {"vp9-opus", VIDEO " ! vp9enc deadline=1 cpu-used=8 ! q. " OPUS
        " ! q. webmmux name=q ! filesink location=\"%s\"",
      DEMUX ("matroskademux", "video_0", "audio_0"), 2},
  {"theora-vorbis",
        VIDEO " ! theoraenc ! q. " AUDIO " ! audioconvert ! vorbisenc"
        " ! q. oggmux name=q ! filesink location=\"%s\"",
      "filesrc location=\"%s\" ! oggdemux name=d d. ! queue ! theoraparse ! m. "
        "d. ! queue ! vorbisparse ! m.", 2},
  {"h264-ac3-ts",
        VIDEO " ! x264enc ! h264parse ! q. " AUDIO
        " ! avenc_ac3 ! ac3parse ! q. mpegtsmux name=q ! filesink location=\"%s\"",
      "filesrc location=\"%s\" ! tsdemux name=d d. ! queue ! h264parse ! m. "
        "d. ! queue ! ac3parse ! m.", 2},
  {"h264-mp2-ts",
        VIDEO " ! x264enc ! h264parse ! q. " AUDIO
        " ! avenc_mp2 ! mpegaudioparse ! q. mpegtsmux name=q ! filesink location=\"%s\"",
      "filesrc location=\"%s\" ! tsdemux name=d d. ! queue ! h264parse ! m. "
        "d. ! queue ! mpegaudioparse ! m.", 2},
  {"flac", NULL, AUDIO " ! audioconvert ! flacenc ! flacparse ! m.", 1},
  {"mp3", NULL, AUDIO " ! lamemp3enc ! mpegaudioparse ! m.", 1},
  {"jpeg", NULL, VIDEO " ! jpegenc ! m.", 1},
  {"raw-video", NULL, VIDEO " ! m.", 1},
  {"raw-audio", NULL, AUDIO " ! m.", 1},
  {"three-videos", NULL,
      VIDEO " ! jpegenc ! queue ! m. " VIDEO
        " ! vp8enc deadline=1 ! queue ! m. " VIDEO
        " ! x264enc speed-preset=ultrafast ! queue ! m.", 3},
  {"x264-from-1000-h", NULL, VIDEO " ! x264enc bframes=2 ! m. " OPUS " ! m.",
      2},
  {"opaque", "videotestsrc num-buffers=5 ! filesink location=\"%s\"",
      "filesrc location=\"%s\" blocksize=1000 ! m.", 1},
  {"no-timestamps", "videotestsrc num-buffers=5 ! filesink location=\"%s\"",
        "filesrc location=\"%s\" blocksize=777 ! application/x-thing,a=1 ! m.",
      1},
  {"below-zero", NULL, APPSRC ("a", "video/x-vp8,width=8,height=8")
        APPSRC ("b",
            "audio/x-opus,rate=48000,channels=1,channel-mapping-family=0"),
      2, feed_below_zero},
  {"oddities", NULL, APPSRC ("a", "video/x-vp8,width=8,height=8")
      APPSRC ("b", "text/x-raw,format=utf8"), 2, feed_oddities},
  {"subtitles", NULL, APPSRC ("a", "text/x-raw,format=pango-markup")
      APPSRC ("b", "text/x-raw,format=utf8"), 2, feed_below_zero},
  {"flags-as-text", NULL,
        APPSRC ("a", "video/x-vp8,width=8,height=8,"
            "open=(string)\\\"(GstVideoMultiviewFlagsSet)0:1\\\","
            "no=(string)\\\"(GstVideoMultiviewFlagsSet)nonsense\\\"")
      APPSRC ("b", "text/x-raw,format=utf8"), 2, feed_below_zero},
  {"tags-and-language", NULL, VIDEO " ! taginject "
        "tags=\"title=A,language-code=de,"
        "track-number=(uint)7,date=(date)2020-02-29\" ! m.", 1},
};

static gchar *
get_file_source (const gchar * path, const gchar * between)
{
  return g_strdup_printf ("filesrc location=\"%s\" %s", path, between);
}

/* between: NULL is by HTTP */
static void
play_row (const gchar * dir, const gchar * path, const gchar * between,
    Capture * capture)
{
  H4Server server;
  gchar *source;

  if (!between)
    h4_server_open (&server, dir);
  source = between ? get_file_source (path, between) :
      h4_server_source (&server, "test.h4mk");
  play_back (source, capture);
  if (!between)
    h4_server_close (&server);
  g_free (source);
}

static void
run_row (const Row * row, const gchar * between)
{
  gchar *dir = g_dir_make_tmp ("h4roundtripXXXXXX", NULL);
  gchar *source = g_build_filename (dir, "source", NULL);
  gchar *path = g_build_filename (dir, "test.h4mk", NULL);
  gchar *launch;
  Capture in, out;

  if (row->make) {
    launch = g_strdup_printf (row->make, source);
    run_launch (launch, row->name);
    g_free (launch);
  }
  capture_init (&in);
  capture_init (&out);
  launch = g_strdup_printf (row->launch, source);
  record (launch, path, &in, row->feed);
  h4_files_keep_file (path);
  play_row (dir, path, between, &out);
  fail_unless_equals_int (in.tracks->len, row->tracks);
  compare (row->name, &in, &out);

  capture_clear (&in);
  capture_clear (&out);
  g_unlink (source);
  g_unlink (path);
  g_rmdir (dir);
  g_free (launch);
  g_free (path);
  g_free (source);
  g_free (dir);
}

GST_START_TEST (test_pull_gives_back_what_went_in)
{
  run_row (&rows[__i__], "");
}

GST_END_TEST;

GST_START_TEST (test_push_gives_back_what_went_in)
{
  run_row (&rows[__i__], "blocksize=4093 ! queue");
}

GST_END_TEST;

GST_START_TEST (test_http_gives_back_what_went_in)
{
  run_row (&rows[__i__], NULL);
}

GST_END_TEST;

static Suite *
roundtrip_suite (void)
{
  Suite *s = suite_create ("roundtrip");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_loop_test (tc, test_pull_gives_back_what_went_in, 0,
      G_N_ELEMENTS (rows));
  tcase_add_loop_test (tc, test_push_gives_back_what_went_in, 0,
      G_N_ELEMENTS (rows));
  tcase_add_loop_test (tc, test_http_gives_back_what_went_in, 0,
      G_N_ELEMENTS (rows));
  return s;
}

H4_FILES_CHECK_MAIN (roundtrip);
