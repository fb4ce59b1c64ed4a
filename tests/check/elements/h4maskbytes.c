/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <glib/gstdio.h>

#include "gsth4meta.h"
#include "h4mask-common.h"

static void
run_stream_vector (const gchar * from, const gchar * to, const gchar * mode,
    gsize piece)
{
  gchar *launch = g_strdup_printf ("h4mask key-env=H4_TEST_STREAM_KEY mode=%s "
      "block-size=%u", mode, STREAM_BLOCK_SIZE);
  GstHarness *h = harness_new (launch, NULL);
  GBytes *in = load_vector (from), *expected = load_vector (to);
  gsize size = g_bytes_get_size (in), done;
  GstBuffer *out;

  start_bytes (h);
  for (done = 0; done < size; done += piece) {
    GBytes *part = g_bytes_new_from_bytes (in, done, MIN (piece, size - done));

    fail_unless_equals_int (gst_harness_push (h,
            gst_buffer_new_wrapped_bytes (part)), GST_FLOW_OK);
    g_bytes_unref (part);
  }
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  fail_unless_equals_int (gst_harness_buffers_in_queue (h),
      (size + STREAM_BLOCK_SIZE - 1) / STREAM_BLOCK_SIZE);
  out = take_all (h);
  fail_unless_equals_uint64 (gst_buffer_get_size (out),
      g_bytes_get_size (expected));
  fail_unless (gst_buffer_memcmp (out, 0, g_bytes_get_data (expected, NULL),
          g_bytes_get_size (expected)) == 0);
  gst_buffer_unref (out);
  g_bytes_unref (in);
  g_bytes_unref (expected);
  g_free (launch);
  harness_free (h, NULL);
}

GST_START_TEST (test_byte_stream_equals_the_vector)
{
  static const gsize pieces[] = { 1000, 4096, 65536, 100000, 400000 };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (pieces); i++) {
    run_stream_vector ("mask-stream.raw", "mask-stream.masked", "auto",
        pieces[i]);
    run_stream_vector ("mask-stream.masked", "mask-stream.raw", "unmask",
        pieces[i]);
  }
}

GST_END_TEST;

GST_START_TEST (test_empty_stream_still_has_caps)
{
  GstHarness *h = harness_new ("h4mask key-env=H4_TEST_KEY salt=00 "
      "block-size=16", NULL);
  gchar *type;

  start_bytes (h);
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  type = get_caps_string (h->sinkpad, "original-media-type");
  fail_unless_equals_string (type, "application/octet-stream");
  g_free (type);
  fail_unless_equals_int (gst_harness_buffers_in_queue (h), 0);
  harness_free (h, NULL);
}

GST_END_TEST;

/* A byte stream that begins anywhere is masked as that part of the whole. */
GST_START_TEST (test_xor_goes_by_the_byte_offset)
{
  static const guint64 offsets[] = { 0, 1, 33, 65535, 65536, 65537, 131072,
    200000, 300006
  };
  GBytes *raw = load_vector ("mask-stream.raw");
  GBytes *masked = load_vector ("mask-stream.masked");
  GstHarness *h = harness_new ("h4mask key-env=H4_TEST_STREAM_KEY "
      "block-size=65536", NULL);
  gsize size = g_bytes_get_size (raw);
  guint i;

  start_bytes (h);
  for (i = 0; i < G_N_ELEMENTS (offsets); i++) {
    GBytes *part = g_bytes_new_from_bytes (raw, offsets[i],
        size - offsets[i]);
    GstBuffer *out, *next;

    gst_harness_push_event (h, gst_event_new_flush_start ());
    gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
    push_bytes_segment (h, offsets[i]);
    gst_harness_push (h, gst_buffer_new_wrapped_bytes (part));
    push_bytes_segment (h, 0);
    out = gst_harness_pull (h);
    fail_unless_equals_uint64 (GST_BUFFER_OFFSET (out), offsets[i]);
    while ((next = gst_harness_try_pull (h)))
      out = gst_buffer_append (out, next);
    fail_unless_equals_uint64 (gst_buffer_get_size (out), size - offsets[i]);
    fail_unless (gst_buffer_memcmp (out, 0, (const guint8 *)
            g_bytes_get_data (masked, NULL) + offsets[i],
            size - offsets[i]) == 0);
    gst_buffer_unref (out);
    g_bytes_unref (part);
  }
  g_bytes_unref (raw);
  g_bytes_unref (masked);
  harness_free (h, NULL);
}

GST_END_TEST;

typedef struct
{
  GstElement *source;
  GstElement *mask;
  GstPad *pad;
} Puller;

/* Downstream of "filesrc ! <launch>" there is @puller->pad, to pull by. */
static gboolean
puller_open (Puller * puller, const gchar * path, const gchar * launch)
{
  GstPad *src;

  puller->source = gst_element_factory_make ("filesrc", NULL);
  puller->mask = gst_parse_launch (launch, NULL);
  puller->pad = gst_pad_new ("sink", GST_PAD_SINK);
  g_object_set (puller->source, "location", path, NULL);
  fail_unless (gst_element_link (puller->source, puller->mask));
  src = gst_element_get_static_pad (puller->mask, "src");
  fail_unless_equals_int (gst_pad_link (src, puller->pad), GST_PAD_LINK_OK);
  gst_object_unref (src);
  gst_element_set_state (puller->mask, GST_STATE_READY);
  gst_element_set_state (puller->source, GST_STATE_READY);
  return gst_pad_activate_mode (puller->pad, GST_PAD_MODE_PULL, TRUE);
}

static void
puller_close (Puller * puller)
{
  gst_pad_set_active (puller->pad, FALSE);
  gst_element_set_state (puller->mask, GST_STATE_NULL);
  gst_element_set_state (puller->source, GST_STATE_NULL);
  gst_object_unref (puller->pad);
  gst_object_unref (puller->mask);
  gst_object_unref (puller->source);
}

static void
assert_pulls (Puller * puller, GBytes * expected)
{
  static const guint lengths[] = { 1, 31, 1000, 65536, 70000, 500000 };
  gsize size = g_bytes_get_size (expected), offset;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (lengths); i++) {
    for (offset = 0; offset < size; offset += 47123) {
      gsize wanted = MIN (lengths[i], size - offset);
      GstBuffer *buffer = NULL;

      fail_unless_equals_int (gst_pad_pull_range (puller->pad, offset,
              lengths[i], &buffer), GST_FLOW_OK);
      fail_unless_equals_uint64 (gst_buffer_get_size (buffer), wanted);
      fail_unless (gst_buffer_memcmp (buffer, 0, (const guint8 *)
              g_bytes_get_data (expected, NULL) + offset, wanted) == 0);
      gst_buffer_unref (buffer);
    }
  }
}

static void
assert_duration (Puller * puller, gint64 size)
{
  gint64 duration;

  fail_unless (gst_pad_peer_query_duration (puller->pad, GST_FORMAT_BYTES,
          &duration));
  fail_unless_equals_int64 (duration, size);
}

static void
assert_end (Puller * puller, guint64 size)
{
  GstBuffer *buffer = NULL;

  fail_unless_equals_int (gst_pad_pull_range (puller->pad, size, 10, &buffer),
      GST_FLOW_EOS);
  fail_unless_equals_int (gst_pad_pull_range (puller->pad, G_MAXINT64 - 9, 10,
          &buffer), GST_FLOW_EOS);
}

GST_START_TEST (test_xor_by_pull)
{
  GBytes *expected = load_vector ("mask-stream.masked");
  gchar *path = vector_path ("mask-stream.raw");
  Puller puller;

  fail_unless (puller_open (&puller, path, "h4mask block-size=65536 "
          "key-env=H4_TEST_STREAM_KEY"));
  assert_pulls (&puller, expected);
  assert_duration (&puller, g_bytes_get_size (expected));
  puller_close (&puller);
  g_bytes_unref (expected);
  g_free (path);
}

GST_END_TEST;

GST_START_TEST (test_pull_into_a_given_buffer)
{
  GBytes *expected = load_vector ("mask-stream.masked");
  gchar *path = vector_path ("mask-stream.raw");
  GstBuffer *given = gst_buffer_new_allocate (NULL, 5000, NULL);
  Puller puller;

  fail_unless (puller_open (&puller, path, "h4mask block-size=65536 "
          "key-env=H4_TEST_STREAM_KEY"));
  fail_unless_equals_int (gst_pad_pull_range (puller.pad, 64000, 5000,
          &given), GST_FLOW_OK);
  fail_unless (gst_buffer_memcmp (given, 0, (const guint8 *)
          g_bytes_get_data (expected, NULL) + 64000, 5000) == 0);
  gst_buffer_unref (given);
  puller_close (&puller);
  g_bytes_unref (expected);
  g_free (path);
}

GST_END_TEST;

/* Masks a file with aes-256-gcm in blocks of 4096 bytes; gives its path and
 * the salt. */
static gchar *
make_gcm_file (gchar ** salt)
{
  gchar *dir = g_dir_make_tmp ("h4mask-XXXXXX", NULL);
  gchar *path = g_build_filename (dir, "masked", NULL);
  GBytes *raw = load_vector ("mask-stream.raw");
  GstHarness *h = harness_new ("h4mask key-env=H4_TEST_KEY "
      "scheme=aes-256-gcm block-size=4096", NULL);
  GstBuffer *all;
  GstMapInfo map;

  start_bytes (h);
  gst_harness_push (h, gst_buffer_new_wrapped_bytes (raw));
  gst_harness_push_event (h, gst_event_new_eos ());
  *salt = get_caps_string (h->sinkpad, "salt");
  all = take_all (h);
  fail_unless_equals_uint64 (gst_buffer_get_size (all),
      g_bytes_get_size (raw) + 74 * 16);
  gst_buffer_map (all, &map, GST_MAP_READ);
  g_file_set_contents (path, (gchar *) map.data, map.size, NULL);
  gst_buffer_unmap (all, &map);
  gst_buffer_unref (all);
  g_bytes_unref (raw);
  harness_free (h, NULL);
  g_free (dir);
  return path;
}

static void
remove_gcm_file (gchar * path, gchar * salt)
{
  gchar *dir = g_path_get_dirname (path);

  g_unlink (path);
  g_rmdir (dir);
  g_free (dir);
  g_free (path);
  g_free (salt);
}

static gchar *
gcm_unmask_launch (const gchar * salt)
{
  return g_strdup_printf ("h4mask mode=unmask scheme=aes-256-gcm "
      "block-size=4096 key-env=H4_TEST_KEY salt=%s", salt);
}

GST_START_TEST (test_gcm_unmasks_by_pull)
{
  GBytes *expected = load_vector ("mask-stream.raw");
  gchar *salt, *path = make_gcm_file (&salt);
  gchar *launch = gcm_unmask_launch (salt);
  Puller puller;

  fail_unless (puller_open (&puller, path, launch));
  assert_pulls (&puller, expected);
  assert_duration (&puller, g_bytes_get_size (expected));
  assert_end (&puller, g_bytes_get_size (expected));
  puller_close (&puller);
  g_bytes_unref (expected);
  g_free (launch);
  remove_gcm_file (path, salt);
}

GST_END_TEST;

GST_START_TEST (test_gcm_damage_shows_by_pull)
{
  gchar *salt, *path = make_gcm_file (&salt), *data;
  gchar *launch = gcm_unmask_launch (salt);
  GstBuffer *buffer = NULL;
  Puller puller;
  gsize size;

  g_file_get_contents (path, &data, &size, NULL);
  data[2 * 4112 + 5] ^= 4;
  g_file_set_contents (path, data, size, NULL);
  g_free (data);
  fail_unless (puller_open (&puller, path, launch));
  fail_unless_equals_int (gst_pad_pull_range (puller.pad, 0, 8192, &buffer),
      GST_FLOW_OK);
  gst_clear_buffer (&buffer);
  fail_unless_equals_int (gst_pad_pull_range (puller.pad, 8000, 1000,
          &buffer), GST_FLOW_ERROR);
  fail_unless (buffer == NULL);
  puller_close (&puller);
  g_free (launch);
  remove_gcm_file (path, salt);
}

GST_END_TEST;

GST_START_TEST (test_gcm_masks_by_push_only)
{
  gchar *path = vector_path ("mask-stream.raw");
  GstQuery *query = gst_query_new_scheduling ();
  Puller puller;

  fail_if (puller_open (&puller, path, "h4mask block-size=4096 "
          "scheme=aes-256-gcm key-env=H4_TEST_KEY"));
  fail_unless (gst_pad_peer_query (puller.pad, query));
  fail_if (gst_query_has_scheduling_mode (query, GST_PAD_MODE_PULL));
  fail_unless (gst_query_has_scheduling_mode (query, GST_PAD_MODE_PUSH));
  gst_query_unref (query);
  puller_close (&puller);
  g_free (path);
}

GST_END_TEST;

GST_START_TEST (test_gcm_masking_refuses_seeks_in_bytes)
{
  GstHarness *h = harness_new ("h4mask key-env=H4_TEST_KEY "
      "scheme=aes-256-gcm block-size=64", NULL);
  guint before;

  start_bytes (h);
  before = gst_harness_upstream_events_received (h);
  fail_if (gst_harness_push_upstream_event (h, gst_event_new_seek (1.0,
              GST_FORMAT_BYTES, GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 64,
              GST_SEEK_TYPE_NONE, 0)));
  fail_unless_equals_int (gst_harness_upstream_events_received (h), before);
  harness_free (h, NULL);
}

GST_END_TEST;

GST_START_TEST (test_gcm_unmasking_seeks_to_any_byte)
{
  GBytes *expected = load_vector ("mask-stream.raw");
  gchar *salt, *path = make_gcm_file (&salt), *data;
  gchar *launch = gcm_unmask_launch (salt);
  GstHarness *h = harness_new (launch, NULL);
  const guint64 sought = 3 * 4096 + 77;
  GstEvent *event;
  GstBuffer *out;
  gint64 start;
  gsize size;

  g_file_get_contents (path, &data, &size, NULL);
  start_bytes (h);
  while ((event = gst_harness_try_pull_upstream_event (h)))
    gst_event_unref (event);
  fail_unless (gst_harness_push_upstream_event (h, gst_event_new_seek (1.0,
              GST_FORMAT_BYTES, GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET,
              sought, GST_SEEK_TYPE_NONE, 0)));
  event = gst_harness_pull_upstream_event (h);
  gst_event_parse_seek (event, NULL, NULL, NULL, NULL, &start, NULL, NULL);
  gst_event_unref (event);
  fail_unless_equals_int64 (start, 3 * 4112);
  gst_harness_push_event (h, gst_event_new_flush_start ());
  gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
  push_bytes_segment (h, start);
  gst_harness_push (h, gst_buffer_new_memdup (data + start, size - start));
  gst_harness_push_event (h, gst_event_new_eos ());
  out = gst_harness_pull (h);
  fail_unless_equals_uint64 (GST_BUFFER_OFFSET (out), sought);
  fail_unless_equals_uint64 (gst_buffer_get_size (out), 4096 - 77);
  out = gst_buffer_append (out, take_all (h));
  fail_unless_equals_uint64 (gst_buffer_get_size (out),
      g_bytes_get_size (expected) - sought);
  fail_unless (gst_buffer_memcmp (out, 0, (const guint8 *)
          g_bytes_get_data (expected, NULL) + sought,
          gst_buffer_get_size (out)) == 0);
  gst_buffer_unref (out);
  g_bytes_unref (expected);
  g_free (data);
  g_free (launch);
  harness_free (h, NULL);
  remove_gcm_file (path, salt);
}

GST_END_TEST;

typedef struct
{
  gint64 start;
  GstSeekType stop_type;
  gint64 stop;
  gint64 want_stop;
} RangeCase;

#define RAW_SIZE 300007

static const RangeCase range_cases[] = {
  {0, GST_SEEK_TYPE_NONE, -1, RAW_SIZE},
  {3000, GST_SEEK_TYPE_SET, 4000, 4000},
  {3000, GST_SEEK_TYPE_SET, -1, RAW_SIZE},
  {4096, GST_SEEK_TYPE_SET, 8192, 8192},
  {4095, GST_SEEK_TYPE_SET, 8193, 8193},
  {299999, GST_SEEK_TYPE_SET, 300001, 300001},
  {1, GST_SEEK_TYPE_SET, 5000000, RAW_SIZE},
  {290000, GST_SEEK_TYPE_END, -7, 300000},
  {290000, GST_SEEK_TYPE_END, 0, RAW_SIZE},
  {5000, GST_SEEK_TYPE_SET, 5000, 5000},
  {8192, GST_SEEK_TYPE_SET, 8192, 8192},
};

static void
add_bytes (GstElement * sink, GstBuffer * buffer, GstPad * pad, gpointer all)
{
  *(GstBuffer **) all = gst_buffer_append (*(GstBuffer **) all,
      gst_buffer_copy_deep (buffer));
}

/* What a pipeline plays after a seek from @range->start to its stop. */
static GstBuffer *
play_range (const gchar * path, const gchar * launch, const RangeCase * range)
{
  gchar *text = g_strdup_printf ("filesrc location=\"%s\" ! %s ! fakesink "
      "name=sink signal-handoffs=true", path, launch);
  GstElement *pipeline = gst_parse_launch (text, NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstBus *bus = gst_element_get_bus (pipeline);
  GstBuffer *all = gst_buffer_new ();
  GstMessage *message;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  fail_unless_equals_int (gst_element_get_state (pipeline, NULL, NULL, -1),
      GST_STATE_CHANGE_SUCCESS);
  g_signal_connect (sink, "handoff", G_CALLBACK (add_bytes), &all);
  fail_unless (gst_element_seek (pipeline, 1.0, GST_FORMAT_BYTES,
          GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, range->start,
          range->stop_type, range->stop));
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  g_free (text);
  return all;
}

/* Both schemes play the same, and no more than was sought. */
GST_START_TEST (test_a_seek_plays_from_its_start_to_its_stop)
{
  const RangeCase *range = &range_cases[__i__];
  GBytes *raw = load_vector ("mask-stream.raw");
  gchar *xor_path = vector_path ("mask-stream.masked"), *salt;
  gchar *gcm_path = make_gcm_file (&salt), *gcm = gcm_unmask_launch (salt);
  GstBuffer *out[2];
  guint i;

  out[0] = play_range (xor_path, "h4mask mode=unmask block-size=65536 "
      "key-env=H4_TEST_STREAM_KEY", range);
  out[1] = play_range (gcm_path, gcm, range);
  for (i = 0; i < 2; i++) {
    gsize size = range->want_stop - range->start;

    fail_unless_equals_uint64 (gst_buffer_get_size (out[i]), size);
    fail_unless (gst_buffer_memcmp (out[i], 0, (const guint8 *)
            g_bytes_get_data (raw, NULL) + range->start, size) == 0);
    gst_buffer_unref (out[i]);
  }
  g_bytes_unref (raw);
  g_free (xor_path);
  g_free (gcm);
  remove_gcm_file (gcm_path, salt);
}

GST_END_TEST;

static GstEvent *
new_range_seek (gint64 start, GstSeekType stop_type, gint64 stop)
{
  return gst_event_new_seek (1.0, GST_FORMAT_BYTES, GST_SEEK_FLAG_FLUSH,
      GST_SEEK_TYPE_SET, start, stop_type, stop);
}

GST_START_TEST (test_gcm_unmasking_seeks_to_whole_blocks)
{
  gchar *salt, *path = make_gcm_file (&salt);
  gchar *launch = gcm_unmask_launch (salt);
  GstHarness *h = harness_new (launch, NULL);
  gint64 start, stop;
  GstEvent *event;

  start_bytes (h);
  while ((event = gst_harness_try_pull_upstream_event (h)))
    gst_event_unref (event);
  fail_if (gst_harness_push_upstream_event (h, new_range_seek (5000,
              GST_SEEK_TYPE_SET, 4999)));
  fail_if (gst_harness_push_upstream_event (h, new_range_seek (G_MAXINT64,
              GST_SEEK_TYPE_NONE, -1)));
  fail_unless_equals_int (gst_harness_upstream_events_in_queue (h), 0);
  fail_unless (gst_harness_push_upstream_event (h, new_range_seek (5000,
              GST_SEEK_TYPE_SET, 8193)));
  /* a seek that names no stop keeps the last one */
  fail_unless (gst_harness_push_upstream_event (h, new_range_seek (5000,
              GST_SEEK_TYPE_NONE, -1)));
  while ((event = gst_harness_try_pull_upstream_event (h))) {
    gst_event_parse_seek (event, NULL, NULL, NULL, NULL, &start, NULL, &stop);
    fail_unless_equals_int64 (start, 4112);
    fail_unless_equals_int64 (stop, 3 * 4112);
    gst_event_unref (event);
  }
  g_free (launch);
  harness_free (h, NULL);
  remove_gcm_file (path, salt);
}

GST_END_TEST;

#define FIRST_SIZE 2500
#define SECOND_SIZE 2700
#define JOINED_SIZE (FIRST_SIZE + SECOND_SIZE)

/* How the second part comes: as a segment, or as a stream of its own. */
typedef struct
{
  const gchar *scheme;
  const gchar *caps;
  gboolean new_stream;
  GstFormat format;
  guint64 start;
} Joint;

static const Joint joints[] = {
  {"xor-sha256", NULL, TRUE, GST_FORMAT_BYTES, FIRST_SIZE},
  {"xor-sha256", "video/mpegts", TRUE, GST_FORMAT_BYTES, FIRST_SIZE},
  {"xor-sha256", NULL, FALSE, GST_FORMAT_BYTES, FIRST_SIZE},
  {"xor-sha256", NULL, TRUE, GST_FORMAT_TIME, 0},
  {"aes-256-gcm", NULL, TRUE, GST_FORMAT_BYTES, FIRST_SIZE},
  {"aes-256-gcm", "video/mpegts", TRUE, GST_FORMAT_BYTES, FIRST_SIZE},
  {"aes-256-gcm", NULL, FALSE, GST_FORMAT_BYTES, FIRST_SIZE},
  {"aes-256-gcm", NULL, TRUE, GST_FORMAT_TIME, 0},
  {"aes-256-gcm", NULL, TRUE, GST_FORMAT_BYTES, 0},
};

static void
push_part (GstHarness * h, const Joint * joint, guint64 start, GstBuffer * part)
{
  GstSegment segment;
  GstCaps *caps;

  if (start == 0 || joint->new_stream)
    gst_harness_push_event (h, gst_event_new_stream_start (start ? "b" : "a"));
  if (joint->caps && (start == 0 || joint->new_stream)) {
    caps = gst_caps_from_string (joint->caps);
    fail_unless (gst_harness_push_event (h, gst_event_new_caps (caps)));
    gst_caps_unref (caps);
  }
  /* concat moves the start, but neither time nor position */
  gst_segment_init (&segment, joint->format);
  segment.start = start > 0 ? joint->start : 0;
  fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
  fail_unless_equals_int (gst_harness_push (h, part), GST_FLOW_OK);
}

/* Where filesink would write the first buffer after the last segment. */
static guint64
last_segment_start (GstHarness * h)
{
  GstEvent *event = gst_pad_get_sticky_event (h->sinkpad, GST_EVENT_SEGMENT, 0);
  const GstSegment *segment;
  guint64 start;

  gst_event_parse_segment (event, &segment);
  start = segment->start;
  gst_event_unref (event);
  return start;
}

static GstBuffer *
run_parts (const gchar * launch, const Joint * joint, GstBuffer * whole,
    gsize first_size, guint n_blocks, guint64 segment_start, gchar ** salt)
{
  GstHarness *h = harness_new (launch, NULL);
  gsize size = gst_buffer_get_size (whole);
  GstBuffer *out;

  gst_harness_play (h);
  push_part (h, joint, 0, gst_buffer_copy_region (whole, GST_BUFFER_COPY_MEMORY,
          0, first_size));
  push_part (h, joint, first_size, gst_buffer_copy_region (whole,
          GST_BUFFER_COPY_MEMORY, first_size, size - first_size));
  if (joint->format == GST_FORMAT_BYTES)
    fail_unless_equals_uint64 (last_segment_start (h), segment_start);
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  fail_unless_equals_int (gst_harness_buffers_in_queue (h), n_blocks);
  if (salt)
    *salt = get_caps_string (h->sinkpad, "salt");
  out = take_all (h);
  harness_free (h, NULL);
  return out;
}

static gchar *
unmask_launch (const Joint * joint, const gchar * salt)
{
  return g_strdup_printf ("h4mask mode=unmask scheme=%s block-size=1000 "
      "key-env=H4_TEST_KEY%s%s", joint->scheme, salt ? " salt=" : "",
      salt ? salt : "");
}

GST_START_TEST (test_what_goes_on_is_cut_as_one_stream)
{
  const Joint *joint = &joints[__i__];
  gsize tag = g_str_equal (joint->scheme, "aes-256-gcm") ? 16 : 0;
  gchar *mask = g_strdup_printf ("h4mask mode=mask scheme=%s block-size=1000 "
      "key-env=H4_TEST_KEY", joint->scheme), *unmask, *salt;
  GstBuffer *whole = new_buffer (JOINED_SIZE, 1), *masked, *out;
  GstHarness *h;

  masked = run_parts (mask, joint, whole, FIRST_SIZE, 6, 2 * (1000 + tag),
      &salt);
  unmask = unmask_launch (joint, salt);
  h = harness_new (unmask, NULL);
  start_bytes (h);
  fail_unless_equals_int (gst_harness_push (h, masked), GST_FLOW_OK);
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  out = take_all (h);
  assert_same_bytes (out, whole);
  gst_buffer_unref (out);
  gst_buffer_unref (whole);
  harness_free (h, NULL);
  g_free (mask);
  g_free (unmask);
  g_free (salt);
}

GST_END_TEST;

/* What was split anywhere after it was masked. */
GST_START_TEST (test_masked_parts_that_go_on_are_unmasked_as_one_stream)
{
  static const gsize first_sizes[] = { 16, 1016, 1500, 2032 + 1000, 5200 };
  Joint joint = {.scheme = h4_test_schemes[__i__],.new_stream = TRUE,
    .format = GST_FORMAT_BYTES
  };
  gsize block = __i__ == 0 ? 1000 : 1016;
  gchar *mask = g_strdup_printf ("h4mask mode=mask scheme=%s block-size=1000 "
      "key-env=H4_TEST_KEY", joint.scheme), *unmask, *salt;
  GstBuffer *whole = new_buffer (JOINED_SIZE, 1), *masked, *out;
  GstHarness *h = harness_new (mask, NULL);
  guint i;

  start_bytes (h);
  gst_harness_push (h, gst_buffer_ref (whole));
  gst_harness_push_event (h, gst_event_new_eos ());
  salt = get_caps_string (h->sinkpad, "salt");
  masked = take_all (h);
  unmask = unmask_launch (&joint, salt);
  for (i = 0; i < G_N_ELEMENTS (first_sizes); i++) {
    joint.start = first_sizes[i];
    out = run_parts (unmask, &joint, masked, first_sizes[i], 6,
        first_sizes[i] / block * 1000, NULL);
    assert_same_bytes (out, whole);
    gst_buffer_unref (out);
  }
  gst_buffer_unref (masked);
  gst_buffer_unref (whole);
  harness_free (h, NULL);
  g_free (mask);
  g_free (unmask);
  g_free (salt);
}

GST_END_TEST;

GST_START_TEST (test_caps_that_change_inside_a_block_end_gcm_masking)
{
  static const gsize sizes[] = { 64 * 3, 64 * 3 + 1 };
  GstBus *bus;
  GstHarness *h = harness_new ("h4mask key-env=H4_TEST_KEY "
      "scheme=aes-256-gcm block-size=64", &bus);
  GstCaps *caps = gst_caps_new_empty_simple ("video/mpegts");
  gboolean whole = sizes[__i__] % 64 == 0;

  gst_harness_play (h);
  gst_harness_set_src_caps_str (h, "application/x-subtitle");
  push_bytes_segment (h, 0);
  gst_harness_push (h, new_buffer (sizes[__i__], 1));
  gst_harness_push_event (h, gst_event_new_caps (caps));
  if (!whole)
    assert_error (bus, GST_STREAM_ERROR, GST_STREAM_ERROR_ENCODE,
        "The stream changes its caps in the middle of a block.");
  fail_unless_equals_int (gst_harness_push (h, new_buffer (64, 2)),
      whole ? GST_FLOW_OK : GST_FLOW_NOT_NEGOTIATED);
  fail_unless_equals_int (gst_harness_buffers_in_queue (h), whole ? 4 : 3);
  gst_caps_unref (caps);
  harness_free (h, bus);
}

GST_END_TEST;

static Suite *
h4maskbytes_suite (void)
{
  Suite *s = suite_create ("h4maskbytes");
  TCase *tc = tcase_create ("general");

  h4_test_set_keys ();
  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_byte_stream_equals_the_vector);
  tcase_add_test (tc, test_empty_stream_still_has_caps);
  tcase_add_test (tc, test_xor_goes_by_the_byte_offset);
  tcase_add_test (tc, test_xor_by_pull);
  tcase_add_test (tc, test_pull_into_a_given_buffer);
  tcase_add_test (tc, test_gcm_unmasks_by_pull);
  tcase_add_test (tc, test_gcm_damage_shows_by_pull);
  tcase_add_test (tc, test_gcm_masks_by_push_only);
  tcase_add_test (tc, test_gcm_masking_refuses_seeks_in_bytes);
  tcase_add_test (tc, test_gcm_unmasking_seeks_to_any_byte);
  tcase_add_loop_test (tc, test_a_seek_plays_from_its_start_to_its_stop, 0,
      G_N_ELEMENTS (range_cases));
  tcase_add_test (tc, test_gcm_unmasking_seeks_to_whole_blocks);
  tcase_add_loop_test (tc, test_what_goes_on_is_cut_as_one_stream, 0,
      G_N_ELEMENTS (joints));
  tcase_add_loop_test (tc,
      test_masked_parts_that_go_on_are_unmasked_as_one_stream, 0, 2);
  tcase_add_loop_test (tc, test_caps_that_change_inside_a_block_end_gcm_masking,
      0, 2);
  return s;
}

GST_CHECK_MAIN (h4maskbytes);
