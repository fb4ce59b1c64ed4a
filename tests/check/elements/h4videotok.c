/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <json-glib/json-glib.h>

#include "harmony4.h"

#define STEP (33333 * GST_USECOND)      /* a block at 30 blocks a second */

static gchar *
read_vector (const gchar * name, gsize * size)
{
  gchar *path = g_build_filename (g_getenv ("H4_VECTORS"), name, NULL);
  gchar *data = NULL;
  GError *error = NULL;

  fail_unless (g_file_get_contents (path, &data, size, &error), "%s: %s",
      path, error ? error->message : "");
  g_free (path);
  return data;
}

static void
push_segment (GstHarness * h, GstFormat format, guint64 start, guint64 stop)
{
  GstSegment segment;

  gst_segment_init (&segment, format);
  segment.start = segment.time = segment.position = start;
  segment.stop = stop;
  fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
}

static GstHarness *
new_harness (const gchar * launch, GstFormat format)
{
  GstHarness *h = gst_harness_new_parse (launch);

  fail_unless (gst_harness_push_event (h,
          gst_event_new_stream_start ("test-stream")));
  push_segment (h, format, 0, -1);
  return h;
}

static GstBuffer *
filled_buffer (gsize size, guint8 first)
{
  GstBuffer *buffer = gst_buffer_new_and_alloc (size);
  GstMapInfo map;
  gsize i;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  for (i = 0; i < size; i++)
    map.data[i] = first + i;
  gst_buffer_unmap (buffer, &map);
  return buffer;
}

static GstFlowReturn
push_timed (GstHarness * h, GstClockTime pts, guint flags)
{
  GstBuffer *buffer = filled_buffer (4, 0);

  GST_BUFFER_PTS (buffer) = pts;
  gst_buffer_set_flags (buffer, flags);
  return gst_harness_push (h, buffer);
}

static GstH4VideoToken
read_token (GstBuffer * buffer)
{
  GstH4VideoToken token;
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  fail_unless (gst_h4_video_token_decode (&token, map.data, map.size));
  gst_buffer_unmap (buffer, &map);
  return token;
}

static void
check_block (GstBuffer * buffer, guint64 index, GstClockTime pts, gchar kind)
{
  GstH4BlockMeta *meta = gst_buffer_get_h4_block_meta (buffer);

  fail_unless (meta != NULL);
  fail_unless_equals_uint64 (meta->index, index);
  fail_unless_equals_int (gst_h4_kind_to_char (meta->kind), kind);
  fail_unless_equals_clocktime (GST_BUFFER_PTS (buffer), pts);
  fail_unless_equals_int (!GST_BUFFER_FLAG_IS_SET (buffer,
          GST_BUFFER_FLAG_DELTA_UNIT), kind == 'I');
}

/* Takes the next buffer, a token, and checks all that it says. */
static void
pull_token (GstHarness * h, guint64 index, GstClockTime pts, gchar kind)
{
  GstBuffer *buffer = gst_harness_pull (h);
  GstH4VideoToken token;

  fail_unless (buffer != NULL);
  check_block (buffer, index, pts, kind);
  token = read_token (buffer);
  fail_unless_equals_uint64 (token.block_index, index);
  fail_unless_equals_int (token.is_key, kind == 'I');
  if (GST_CLOCK_TIME_IS_VALID (pts))
    fail_unless_equals_uint64 (token.pts_us, pts / GST_USECOND);
  gst_buffer_unref (buffer);
}

static void
check_src_caps (GstHarness * h, const gchar * expected)
{
  GstCaps *caps = gst_pad_get_current_caps (h->sinkpad);
  GstCaps *wanted = gst_caps_from_string (expected);

  fail_unless (caps != NULL);
  fail_unless (gst_caps_is_equal (caps, wanted), "%" GST_PTR_FORMAT, caps);
  gst_caps_unref (wanted);
  gst_caps_unref (caps);
}

static void
run_token_vector (JsonObject * vector)
{
  GChecksum *sha = g_checksum_new (G_CHECKSUM_SHA256);
  gint64 i, blocks = json_object_get_int_member (vector, "blocks");
  gchar *launch = g_strdup_printf ("h4videotok block-size=1 fps-hint=%g "
      "gop=%d", json_object_get_double_member (vector, "fps_hint"),
      (gint) json_object_get_int_member (vector, "gop"));
  GstHarness *h = new_harness (launch, GST_FORMAT_BYTES);

  fail_unless_equals_int (gst_harness_push (h, filled_buffer (blocks, 0)),
      GST_FLOW_OK);
  fail_unless_equals_int (gst_harness_buffers_in_queue (h), blocks);

  for (i = 0; i < blocks; i++) {
    GstBuffer *buffer = gst_harness_pull (h);
    GstMapInfo map;

    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
    g_checksum_update (sha, map.data, map.size);
    gst_buffer_unmap (buffer, &map);
    if (i == blocks - 1)
      fail_unless_equals_uint64 (read_token (buffer).pts_us,
          json_object_get_int_member (vector, "last_pts_us"));
    gst_buffer_unref (buffer);
  }
  fail_unless_equals_string (g_checksum_get_string (sha),
      json_object_get_string_member (vector, "tokens_sha256"));
  g_checksum_free (sha);
  g_free (launch);
  gst_harness_teardown (h);
}

GST_START_TEST (test_tokens_equal_the_vectors)
{
  gsize size;
  gchar *text = read_vector ("video-tokens.json", &size);
  JsonNode *root = json_from_string (text, NULL);
  JsonArray *vectors = json_node_get_array (root);
  guint i;

  fail_unless (json_array_get_length (vectors) > 0);
  for (i = 0; i < json_array_get_length (vectors); i++)
    run_token_vector (json_array_get_object_element (vectors, i));
  json_node_unref (root);
  g_free (text);
}

GST_END_TEST;

/* One raw vector cut into blocks, fed in buffers of one size. */
static void
run_cut (const gchar * raw, guint block_size, gsize feed)
{
  gchar *launch = g_strdup_printf ("h4videotok output=blocks block-size=%u",
      block_size);
  GstHarness *h = new_harness (launch, GST_FORMAT_BYTES);
  gsize size, offset, chunk;
  gchar *data = read_vector (raw, &size);
  guint64 index;

  for (offset = 0; offset < size; offset += feed) {
    chunk = MIN (feed, size - offset);
    fail_unless_equals_int (gst_harness_push (h, gst_buffer_new_memdup (data +
                offset, chunk)), GST_FLOW_OK);
    fail_unless_equals_int (gst_harness_buffers_received (h),
        (offset + chunk) / block_size);
  }
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));

  for (index = 0, offset = 0; offset < size; index++, offset += block_size) {
    GstBuffer *buffer = gst_harness_pull (h);

    check_block (buffer, index, index * STEP, index % 30 == 0 ? 'I' : 'P');
    chunk = MIN (block_size, size - offset);
    gst_check_buffer_data (buffer, data + offset, chunk);
    gst_buffer_unref (buffer);
  }
  fail_unless_equals_int (gst_harness_buffers_in_queue (h), 0);
  g_free (data);
  g_free (launch);
  gst_harness_teardown (h);
}

GST_START_TEST (test_blocks_do_not_depend_on_buffers)
{
  static const struct
  {
    const gchar *raw;
    guint block_size;
    gsize feed;
  } cases[] = {
    {"base-0.raw", 65536, 65536},
    {"base-0.raw", 65536, 327757},
    {"base-0.raw", 65536, 13},
    {"base-0.raw", 65536, 4095},
    {"base-0.raw", 65536, 4097},
    {"base-0.raw", 65536, 65537},
    {"base-0.raw", 1000, 777},
    {"base-1.raw", 65536, 10000},
    {"base-2.raw", 65536, 1},
    {"base-3.raw", 65536, 1},
  };

  run_cut (cases[__i__].raw, cases[__i__].block_size, cases[__i__].feed);
}

GST_END_TEST;

GST_START_TEST (test_last_block_is_shorter)
{
  GstHarness *h = new_harness ("h4videotok block-size=4 gop=2",
      GST_FORMAT_BYTES);

  gst_harness_push (h, filled_buffer (9, 0));
  fail_unless_equals_int (gst_harness_buffers_in_queue (h), 2);
  gst_harness_push_event (h, gst_event_new_eos ());
  pull_token (h, 0, 0, 'I');
  pull_token (h, 1, STEP, 'P');
  pull_token (h, 2, 2 * STEP, 'I');
  fail_unless_equals_int (gst_harness_buffers_in_queue (h), 0);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_empty_stream_has_caps_and_segment)
{
  GstHarness *h = gst_harness_new_parse ("h4videotok block-size=4");
  const GstSegment *segment;
  GstEvent *event;

  gst_harness_push_event (h, gst_event_new_stream_start ("empty"));
  gst_harness_push_event (h, gst_event_new_eos ());
  check_src_caps (h, "application/x-h4-token, domain=(string)video, "
      "block-size=(int)4, fps-hint=(double)30.0, gop=(int)30");
  event = gst_pad_get_sticky_event (h->sinkpad, GST_EVENT_SEGMENT, 0);
  fail_unless (event != NULL);
  gst_event_parse_segment (event, &segment);
  fail_unless_equals_int (segment->format, GST_FORMAT_TIME);
  gst_event_unref (event);
  event = gst_pad_get_sticky_event (h->sinkpad, GST_EVENT_EOS, 0);
  fail_unless (event != NULL);
  gst_event_unref (event);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_block_caps_name_the_cut)
{
  GstHarness *h =
      new_harness ("h4videotok output=blocks block-size=65536 fps-hint=25 "
      "gop=12", GST_FORMAT_BYTES);

  check_src_caps (h, "application/x-h4-blocks, block-size=(int)65536, "
      "fps-hint=(double)25.0, gop=(int)12");
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_token_caps_name_the_cut)
{
  GstHarness *h = new_harness ("h4videotok block-size=65536 fps-hint=25 "
      "gop=12", GST_FORMAT_BYTES);

  check_src_caps (h, "application/x-h4-token, domain=(string)video, "
      "block-size=(int)65536, fps-hint=(double)25.0, gop=(int)12");
  gst_harness_teardown (h);
}

GST_END_TEST;

static void
pull_size (GstHarness * h, guint64 size)
{
  GstBuffer *buffer = gst_harness_pull (h);
  GstH4BlockMeta *meta = gst_buffer_get_h4_block_meta (buffer);

  fail_unless (meta != NULL);
  fail_unless_equals_uint64 (meta->size, size);
  gst_buffer_unref (buffer);
}

GST_START_TEST (test_meta_names_the_size_of_the_block)
{
  static const gchar *launches[] = { "h4videotok block-size=4",
    "h4videotok block-size=4 output=blocks"
  };
  GstHarness *h = new_harness (launches[__i__], GST_FORMAT_BYTES);

  gst_harness_push (h, filled_buffer (6, 0));
  gst_harness_push_event (h, gst_event_new_eos ());
  pull_size (h, 4);
  pull_size (h, 2);
  gst_harness_teardown (h);

  h = new_harness ("h4videotok", GST_FORMAT_TIME);
  gst_harness_push (h, filled_buffer (100, 0));
  gst_harness_push (h, gst_buffer_new ());
  pull_size (h, 100);
  pull_size (h, 0);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_caps_precede_segment)
{
  GstHarness *h = new_harness ("h4videotok", GST_FORMAT_TIME);
  static const GstEventType order[] = {
    GST_EVENT_STREAM_START, GST_EVENT_CAPS, GST_EVENT_SEGMENT
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (order); i++) {
    GstEvent *event = gst_harness_pull_event (h);

    fail_unless_equals_string (GST_EVENT_TYPE_NAME (event),
        gst_event_type_get_name (order[i]));
    gst_event_unref (event);
  }
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_input_caps_do_not_pass)
{
  GstHarness *h = gst_harness_new_parse ("h4videotok");

  gst_harness_set_src_caps_str (h, "video/x-h264");
  check_src_caps (h, "application/x-h4-token, domain=(string)video, "
      "block-size=(int)0, fps-hint=(double)30.0, gop=(int)30");
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_timed_buffers_keep_their_timing)
{
  GstHarness *h = new_harness ("h4videotok", GST_FORMAT_TIME);
  GstBuffer *buffer = filled_buffer (100, 0);

  GST_BUFFER_PTS (buffer) = 5 * GST_SECOND + 1999;
  GST_BUFFER_DTS (buffer) = 4 * GST_SECOND;
  GST_BUFFER_DURATION (buffer) = 40 * GST_MSECOND;
  gst_harness_push (h, buffer);

  buffer = gst_harness_pull (h);
  check_block (buffer, 0, 5 * GST_SECOND + 1999, 'I');
  fail_unless_equals_uint64 (read_token (buffer).pts_us, 5000001);
  fail_unless_equals_clocktime (GST_BUFFER_DTS (buffer), 4 * GST_SECOND);
  fail_unless_equals_clocktime (GST_BUFFER_DURATION (buffer), 40 * GST_MSECOND);
  gst_buffer_unref (buffer);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_kinds_come_from_structure)
{
  static const struct
  {
    guint ms;
    guint flags;
    gchar kind;
  } stream[] = {
    {0, 0, 'I'},
    {120, GST_BUFFER_FLAG_DELTA_UNIT, 'P'},
    {40, GST_BUFFER_FLAG_DELTA_UNIT, 'B'},
    {80, GST_BUFFER_FLAG_DELTA_UNIT, 'B'},
    {160, GST_BUFFER_FLAG_DELTA_UNIT | GST_BUFFER_FLAG_DROPPABLE, 'B'},
    {200, GST_BUFFER_FLAG_DELTA_UNIT, 'P'},
    {100, 0, 'I'},
    {150, GST_BUFFER_FLAG_DELTA_UNIT, 'P'},
  };
  GstHarness *h = new_harness ("h4videotok", GST_FORMAT_TIME);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (stream); i++)
    push_timed (h, stream[i].ms * GST_MSECOND, stream[i].flags);
  for (i = 0; i < G_N_ELEMENTS (stream); i++)
    pull_token (h, i, stream[i].ms * GST_MSECOND, stream[i].kind);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_untimed_buffers_follow_the_hint)
{
  static const GstFormat formats[] = { GST_FORMAT_BYTES, GST_FORMAT_TIME };
  GstHarness *h = new_harness ("h4videotok fps-hint=25 gop=2",
      formats[__i__]);
  guint i;

  for (i = 0; i < 5; i++)
    push_timed (h, GST_CLOCK_TIME_NONE, GST_BUFFER_FLAG_DELTA_UNIT);
  for (i = 0; i < 5; i++)
    pull_token (h, i, i * 40 * GST_MSECOND, i % 2 ? 'P' : 'I');
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_untimed_buffer_of_timed_stream_takes_the_time_before)
{
  GstHarness *h = new_harness ("h4videotok", GST_FORMAT_TIME);
  GstBuffer *buffer;

  push_timed (h, GST_CLOCK_TIME_NONE, GST_BUFFER_FLAG_HEADER);
  push_timed (h, 2 * GST_SECOND, 0);
  push_timed (h, GST_CLOCK_TIME_NONE, GST_BUFFER_FLAG_DELTA_UNIT);

  buffer = gst_harness_pull (h);
  check_block (buffer, 0, GST_CLOCK_TIME_NONE, 'I');
  fail_unless_equals_uint64 (read_token (buffer).pts_us, 0);
  gst_buffer_unref (buffer);
  pull_token (h, 1, 2 * GST_SECOND, 'I');
  buffer = gst_harness_pull (h);
  check_block (buffer, 2, GST_CLOCK_TIME_NONE, 'P');
  fail_unless_equals_uint64 (read_token (buffer).pts_us, 2000000);
  gst_buffer_unref (buffer);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_blocks_pass_whole)
{
  GstHarness *h = new_harness ("h4videotok output=blocks", GST_FORMAT_TIME);
  GstBuffer *in = filled_buffer (1000, 7);
  GstBuffer *out;
  guint8 start[] = { 7, 8, 9 };

  GST_BUFFER_PTS (in) = GST_SECOND;
  gst_harness_push (h, in);
  gst_harness_push (h, gst_buffer_new ());
  out = gst_harness_pull (h);
  check_block (out, 0, GST_SECOND, 'I');
  fail_unless_equals_int (gst_buffer_get_size (out), 1000);
  fail_unless_equals_int (gst_buffer_memcmp (out, 0, start, 3), 0);
  gst_buffer_unref (out);
  out = gst_harness_pull (h);
  fail_unless_equals_int (gst_buffer_get_size (out), 0);
  gst_buffer_unref (out);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_block_meta_of_input_is_believed)
{
  static const gchar *launches[] = { "h4videotok",
    "h4videotok output=blocks"
  };
  GstHarness *h = new_harness (launches[__i__], GST_FORMAT_TIME);
  GstBuffer *buffer = filled_buffer (10, 0);

  GST_BUFFER_PTS (buffer) = GST_SECOND;
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  gst_buffer_add_h4_block_meta (buffer, 4711, GST_H4_KIND_B, 5);
  gst_harness_push (h, buffer);
  buffer = gst_harness_pull (h);
  check_block (buffer, 4711, GST_SECOND, 'B');
  fail_unless_equals_uint64 (gst_buffer_get_h4_block_meta (buffer)->size, 10);
  gst_buffer_remove_meta (buffer,
      (GstMeta *) gst_buffer_get_h4_block_meta (buffer));
  fail_unless (gst_buffer_get_h4_block_meta (buffer) == NULL);
  gst_buffer_unref (buffer);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* Runs a push that must fail, and gives the error that was posted. */
static gchar *
push_that_fails (GstHarness * h, GstBuffer * buffer)
{
  GstBus *bus = gst_bus_new ();
  GstMessage *message;
  GError *error;
  gchar *debug;

  gst_element_set_bus (h->element, bus);
  fail_unless_equals_int (gst_harness_push (h, buffer), GST_FLOW_ERROR);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, &debug);
  fail_unless (g_error_matches (error, GST_STREAM_ERROR,
          GST_STREAM_ERROR_FORMAT));
  gst_message_unref (message);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR) == NULL);
  g_error_free (error);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  return debug;
}

GST_START_TEST (test_index_beyond_a_token_is_an_error)
{
  GstHarness *h = new_harness ("h4videotok", GST_FORMAT_TIME);
  GstBuffer *buffer = filled_buffer (10, 0);
  gchar *debug;

  GST_BUFFER_PTS (buffer) = 0;
  gst_buffer_add_h4_block_meta (buffer, (guint64) G_MAXUINT32 + 1,
      GST_H4_KIND_I, 10);
  debug = push_that_fails (h, buffer);
  fail_unless (strstr (debug, "4294967296") != NULL, "%s", debug);
  g_free (debug);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_time_beyond_a_clock_is_an_error)
{
  GstHarness *h = new_harness ("h4videotok block-size=1 fps-hint=0.001",
      GST_FORMAT_BYTES);

  push_segment (h, GST_FORMAT_BYTES, 9223371, -1);
  fail_unless_equals_int (gst_harness_push (h, filled_buffer (1, 0)),
      GST_FLOW_OK);
  g_free (push_that_fails (h, filled_buffer (1, 0)));
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_flush_starts_anew)
{
  GstHarness *h = new_harness ("h4videotok block-size=4", GST_FORMAT_BYTES);

  gst_harness_push (h, filled_buffer (6, 0));
  pull_token (h, 0, 0, 'I');
  gst_harness_push_event (h, gst_event_new_flush_start ());
  gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
  push_segment (h, GST_FORMAT_BYTES, 0, -1);
  gst_harness_push (h, filled_buffer (4, 0));
  pull_token (h, 0, 0, 'I');
  fail_unless_equals_int (gst_harness_buffers_in_queue (h), 0);
  gst_harness_teardown (h);
}

GST_END_TEST;

static GstSegment
current_segment (GstHarness * h)
{
  GstEvent *event = gst_pad_get_sticky_event (h->sinkpad, GST_EVENT_SEGMENT, 0);
  GstSegment segment;

  fail_unless (event != NULL);
  gst_event_copy_segment (event, &segment);
  gst_event_unref (event);
  return segment;
}

GST_START_TEST (test_byte_segment_becomes_time)
{
  GstHarness *h = new_harness ("h4videotok block-size=10", GST_FORMAT_BYTES);
  GstSegment segment;

  push_segment (h, GST_FORMAT_BYTES, 300, 315);
  segment = current_segment (h);
  fail_unless_equals_int (segment.format, GST_FORMAT_TIME);
  fail_unless_equals_clocktime (segment.start, 30 * STEP);
  fail_unless_equals_clocktime (segment.time, 30 * STEP);
  fail_unless_equals_clocktime (segment.stop, 32 * STEP);
  gst_harness_push (h, filled_buffer (15, 0));
  gst_harness_push_event (h, gst_event_new_eos ());
  pull_token (h, 30, 30 * STEP, 'I');
  pull_token (h, 31, 31 * STEP, 'P');
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_segment_inside_a_block_keeps_the_grid)
{
  GstHarness *h = new_harness ("h4videotok block-size=10 output=blocks",
      GST_FORMAT_BYTES);
  GstBuffer *buffer;

  push_segment (h, GST_FORMAT_BYTES, 27, -1);
  gst_harness_push (h, filled_buffer (13, 0));
  buffer = gst_harness_pull (h);
  check_block (buffer, 2, 2 * STEP, 'P');
  fail_unless_equals_int (gst_buffer_get_size (buffer), 3);
  gst_buffer_unref (buffer);
  buffer = gst_harness_pull (h);
  check_block (buffer, 3, 3 * STEP, 'P');
  fail_unless_equals_int (gst_buffer_get_size (buffer), 10);
  gst_buffer_unref (buffer);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_running_time_goes_on_over_segments)
{
  GstHarness *h = new_harness ("h4videotok block-size=10", GST_FORMAT_BYTES);

  gst_harness_push (h, filled_buffer (25, 0));
  push_segment (h, GST_FORMAT_BYTES, 100, -1);
  fail_unless_equals_clocktime (current_segment (h).base, 3 * STEP);
  fail_unless_equals_clocktime (current_segment (h).start, 10 * STEP);
  pull_token (h, 0, 0, 'I');
  pull_token (h, 1, STEP, 'P');
  pull_token (h, 2, 2 * STEP, 'P');
  gst_harness_teardown (h);
}

GST_END_TEST;

/* Cuts 25 + 27 bytes that come in two segments, or streams. */
GST_START_TEST (test_what_goes_on_is_cut_as_one_stream)
{
  static const struct
  {
    GstFormat format;
    gboolean new_stream;
  } cases[] = {
    {GST_FORMAT_BYTES, TRUE},
    {GST_FORMAT_BYTES, FALSE},
    {GST_FORMAT_TIME, TRUE},
  };
  GstFormat format = cases[__i__].format;
  GstHarness *h = new_harness ("h4videotok block-size=10 output=blocks",
      format);
  GstBuffer *buffer = filled_buffer (27, 25), *whole = filled_buffer (52, 0);
  guint i;

  gst_harness_push (h, filled_buffer (25, 0));
  if (cases[__i__].new_stream)
    gst_harness_push_event (h, gst_event_new_stream_start ("other"));
  push_segment (h, format, format == GST_FORMAT_BYTES ? 25 : 0, -1);
  if (format == GST_FORMAT_BYTES)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  gst_harness_push (h, buffer);
  gst_harness_push_event (h, gst_event_new_eos ());
  for (i = 0; i < 6; i++) {
    GstMapInfo map;

    buffer = gst_harness_pull (h);
    check_block (buffer, i, i * STEP, i == 0 ? 'I' : 'P');
    fail_unless_equals_int (GST_BUFFER_IS_DISCONT (buffer), i == 0);
    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
    fail_unless_equals_int (map.size, i < 5 ? 10 : 2);
    fail_unless (gst_buffer_memcmp (whole, i * 10, map.data, map.size) == 0);
    gst_buffer_unmap (buffer, &map);
    gst_buffer_unref (buffer);
  }
  fail_unless_equals_int (gst_harness_buffers_in_queue (h), 0);
  gst_buffer_unref (whole);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_buffers_are_counted_on_over_streams)
{
  GstHarness *h = new_harness ("h4videotok", GST_FORMAT_BYTES);

  gst_harness_push (h, filled_buffer (3, 0));
  gst_harness_push_event (h, gst_event_new_stream_start ("other"));
  push_segment (h, GST_FORMAT_BYTES, 3, -1);
  gst_harness_push (h, filled_buffer (3, 0));
  pull_token (h, 0, 0, 'I');
  pull_token (h, 1, STEP, 'P');
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_stream_that_does_not_go_on_is_one_of_its_own)
{
  static const guint64 starts[] = { 0, 20, 26 };
  GstHarness *h = new_harness ("h4videotok block-size=10", GST_FORMAT_BYTES);
  guint64 start = starts[__i__];

  gst_harness_push (h, filled_buffer (25, 0));
  gst_harness_push_event (h, gst_event_new_stream_start ("other"));
  push_segment (h, GST_FORMAT_BYTES, start, -1);
  gst_harness_push (h, filled_buffer (10, 0));
  pull_token (h, 0, 0, 'I');
  pull_token (h, 1, STEP, 'P');
  pull_token (h, 2, 2 * STEP, 'P');
  pull_token (h, start / 10, start / 10 * STEP, start < 10 ? 'I' : 'P');
  gst_harness_teardown (h);
}

GST_END_TEST;

/* A count goes on to the end of the stream, not past it. */
GST_START_TEST (test_the_same_bytes_after_the_end_are_another_run)
{
  GstHarness *h = new_harness ("h4videotok block-size=10", GST_FORMAT_TIME);

  gst_harness_push (h, filled_buffer (25, 0));
  gst_harness_push_event (h, gst_event_new_eos ());
  gst_harness_push_event (h, gst_event_new_stream_start ("other"));
  push_segment (h, GST_FORMAT_TIME, 0, -1);
  fail_unless_equals_clocktime (current_segment (h).base, 3 * STEP);
  gst_harness_push (h, filled_buffer (10, 0));
  pull_token (h, 0, 0, 'I');
  pull_token (h, 1, STEP, 'P');
  pull_token (h, 2, 2 * STEP, 'P');
  pull_token (h, 0, 0, 'I');
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_the_stop_of_what_goes_on_is_the_later_one)
{
  GstHarness *h = new_harness ("h4videotok block-size=10", GST_FORMAT_BYTES);

  push_segment (h, GST_FORMAT_BYTES, 0, 25);
  gst_harness_push (h, filled_buffer (25, 0));
  fail_unless_equals_clocktime (current_segment (h).stop, 3 * STEP);
  push_segment (h, GST_FORMAT_BYTES, 25, 52);
  fail_unless_equals_clocktime (current_segment (h).start, 0);
  fail_unless_equals_clocktime (current_segment (h).base, 0);
  fail_unless_equals_clocktime (current_segment (h).stop, 6 * STEP);
  gst_harness_teardown (h);
}

GST_END_TEST;

static void
note_token (GstElement * sink, GstBuffer * buffer, GstPad * pad, gpointer n)
{
  check_block (buffer, *(guint *) n, *(guint *) n * STEP,
      *(guint *) n == 0 ? 'I' : 'P');
  (*(guint *) n)++;
}

/* Twice 327757 bytes: 11 blocks, and not 6 and 6. */
GST_START_TEST (test_files_that_concat_joins_are_cut_as_one)
{
  gchar *path = g_build_filename (g_getenv ("H4_VECTORS"), "base-0.raw", NULL);
  gchar *launch = g_strdup_printf ("concat name=c ! h4videotok "
      "block-size=65536 ! fakesink name=sink signal-handoffs=true "
      "filesrc location=\"%s\" ! c. filesrc location=\"%s\" ! c.", path, path);
  GstElement *pipeline = gst_parse_launch (launch, NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  guint n = 0;

  g_signal_connect (sink, "handoff", G_CALLBACK (note_token), &n);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  fail_unless_equals_int (n, 11);
  gst_object_unref (bus);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  g_free (launch);
  g_free (path);
}

GST_END_TEST;

GST_START_TEST (test_time_segment_passes_unless_cut)
{
  GstHarness *h = new_harness ("h4videotok", GST_FORMAT_TIME);

  push_segment (h, GST_FORMAT_TIME, 7 * GST_SECOND, -1);
  fail_unless_equals_clocktime (current_segment (h).start, 7 * GST_SECOND);
  gst_harness_teardown (h);

  h = new_harness ("h4videotok block-size=10", GST_FORMAT_TIME);
  push_segment (h, GST_FORMAT_TIME, 7 * GST_SECOND, -1);
  fail_unless_equals_clocktime (current_segment (h).start, 0);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_backward_bytes_are_an_error)
{
  GstHarness *h = new_harness ("h4videotok block-size=10", GST_FORMAT_BYTES);
  GstBus *bus = gst_bus_new ();
  GstMessage *message;
  GstSegment segment;

  gst_element_set_bus (h->element, bus);
  gst_segment_init (&segment, GST_FORMAT_BYTES);
  segment.rate = -1.0;
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_unref (message);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_gap_events)
{
  static const struct
  {
    const gchar *launch;
    GstFormat format;
    gboolean passes;
  } cases[] = {
    {"h4videotok", GST_FORMAT_TIME, TRUE},
    {"h4videotok", GST_FORMAT_BYTES, FALSE},
    {"h4videotok block-size=4", GST_FORMAT_TIME, FALSE},
  };
  GstHarness *h = new_harness (cases[__i__].launch, cases[__i__].format);
  GstEvent *event;
  gboolean passed = FALSE;

  fail_unless (gst_harness_push_event (h, gst_event_new_gap (GST_SECOND,
              GST_SECOND)));
  while ((event = gst_harness_try_pull_event (h))) {
    passed |= GST_EVENT_TYPE (event) == GST_EVENT_GAP;
    gst_event_unref (event);
  }
  fail_unless_equals_int (passed, cases[__i__].passes);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_position_is_the_end_of_the_last_block)
{
  GstHarness *h = new_harness ("h4videotok block-size=10", GST_FORMAT_BYTES);
  GstPad *pad = gst_pad_get_peer (h->sinkpad);
  gint64 position;

  gst_harness_push (h, filled_buffer (35, 0));
  fail_unless (gst_pad_query_position (pad, GST_FORMAT_TIME, &position));
  fail_unless_equals_int64 (position, 3 * STEP);
  fail_unless (gst_pad_query_position (pad, GST_FORMAT_BYTES, &position));
  fail_unless_equals_int64 (position, 30);
  gst_object_unref (pad);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_filesrc_is_pushed_and_seeks)
{
  gchar *path = g_build_filename (g_getenv ("H4_VECTORS"), "base-0.raw", NULL);
  gchar *launch = g_strdup_printf ("filesrc location=\"%s\" ! h4videotok "
      "block-size=65536 ! fakesink name=sink sync=false", path);
  GstElement *pipeline = gst_parse_launch (launch, NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstSample *sample;
  gint64 duration;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  fail_unless_equals_int (gst_element_get_state (pipeline, NULL, NULL, -1),
      GST_STATE_CHANGE_SUCCESS);
  fail_unless (gst_element_query_duration (pipeline, GST_FORMAT_TIME,
          &duration));
  fail_unless_equals_int64 (duration, 6 * STEP);
  fail_unless (gst_element_seek_simple (pipeline, GST_FORMAT_TIME,
          GST_SEEK_FLAG_FLUSH, 3 * STEP + 5));
  fail_unless_equals_int (gst_element_get_state (pipeline, NULL, NULL, -1),
      GST_STATE_CHANGE_SUCCESS);
  g_object_get (sink, "last-sample", &sample, NULL);
  check_block (gst_sample_get_buffer (sample), 3, 3 * STEP, 'P');
  gst_sample_unref (sample);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  g_free (launch);
  g_free (path);
}

GST_END_TEST;

GST_START_TEST (test_flow_returns_pass_upstream)
{
  GstHarness *h = new_harness ("h4videotok block-size=4", GST_FORMAT_BYTES);

  gst_pad_set_active (h->sinkpad, FALSE);
  fail_unless_equals_int (gst_harness_push (h, filled_buffer (40, 0)),
      GST_FLOW_FLUSHING);
  gst_harness_teardown (h);
}

GST_END_TEST;

static GstPadProbeReturn
note_blocked (GstPad * pad, GstPadProbeInfo * info, gpointer blocked)
{
  g_atomic_int_set ((gint *) blocked, 1);
  return GST_PAD_PROBE_OK;
}

static gpointer
push_until_refused (gpointer h)
{
  GstFlowReturn ret;

  do
    ret = gst_harness_push (h, filled_buffer (40, 0));
  while (ret == GST_FLOW_OK);
  return GINT_TO_POINTER (ret);
}

GST_START_TEST (test_stops_while_blocked)
{
  GstHarness *h = new_harness ("h4videotok block-size=4", GST_FORMAT_BYTES);
  GstPad *pad = gst_pad_get_peer (h->sinkpad);
  gint blocked = 0;
  GThread *thread;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER,
      note_blocked, &blocked, NULL);
  thread = g_thread_new ("pusher", push_until_refused, h);
  while (!g_atomic_int_get (&blocked))
    g_thread_yield ();
  gst_element_set_state (h->element, GST_STATE_NULL);
  fail_unless_equals_int (GPOINTER_TO_INT (g_thread_join (thread)),
      GST_FLOW_FLUSHING);
  gst_object_unref (pad);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_starts_again_from_nothing)
{
  GstHarness *h = new_harness ("h4videotok block-size=4", GST_FORMAT_BYTES);

  gst_harness_push (h, filled_buffer (7, 0));
  pull_token (h, 0, 0, 'I');
  gst_element_set_state (h->element, GST_STATE_NULL);
  gst_harness_set (h, "h4videotok", "block-size", 5, NULL);
  gst_element_set_state (h->element, GST_STATE_PLAYING);
  gst_harness_push_event (h, gst_event_new_stream_start ("second"));
  push_segment (h, GST_FORMAT_BYTES, 0, -1);
  gst_harness_push (h, filled_buffer (5, 0));
  pull_token (h, 0, 0, 'I');
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_settings_wait_for_ready)
{
  GstHarness *h = new_harness ("h4videotok block-size=4", GST_FORMAT_BYTES);

  gst_harness_set (h, "h4videotok", "block-size", 2, "fps-hint", 1.0, NULL);
  gst_harness_push (h, filled_buffer (8, 0));
  pull_token (h, 0, 0, 'I');
  pull_token (h, 1, STEP, 'P');
  fail_unless_equals_int (gst_harness_buffers_in_queue (h), 0);
  gst_harness_teardown (h);
}

GST_END_TEST;

static Suite *
h4videotok_suite (void)
{
  Suite *s = suite_create ("h4videotok");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_tokens_equal_the_vectors);
  tcase_add_loop_test (tc, test_blocks_do_not_depend_on_buffers, 0, 10);
  tcase_add_test (tc, test_last_block_is_shorter);
  tcase_add_test (tc, test_empty_stream_has_caps_and_segment);
  tcase_add_test (tc, test_block_caps_name_the_cut);
  tcase_add_test (tc, test_token_caps_name_the_cut);
  tcase_add_loop_test (tc, test_meta_names_the_size_of_the_block, 0, 2);
  tcase_add_test (tc, test_caps_precede_segment);
  tcase_add_test (tc, test_input_caps_do_not_pass);
  tcase_add_test (tc, test_timed_buffers_keep_their_timing);
  tcase_add_test (tc, test_kinds_come_from_structure);
  tcase_add_loop_test (tc, test_untimed_buffers_follow_the_hint, 0, 2);
  tcase_add_test (tc,
      test_untimed_buffer_of_timed_stream_takes_the_time_before);
  tcase_add_test (tc, test_blocks_pass_whole);
  tcase_add_loop_test (tc, test_block_meta_of_input_is_believed, 0, 2);
  tcase_add_test (tc, test_index_beyond_a_token_is_an_error);
  tcase_add_test (tc, test_time_beyond_a_clock_is_an_error);
  tcase_add_test (tc, test_flush_starts_anew);
  tcase_add_test (tc, test_byte_segment_becomes_time);
  tcase_add_test (tc, test_segment_inside_a_block_keeps_the_grid);
  tcase_add_test (tc, test_running_time_goes_on_over_segments);
  tcase_add_loop_test (tc, test_what_goes_on_is_cut_as_one_stream, 0, 3);
  tcase_add_test (tc, test_buffers_are_counted_on_over_streams);
  tcase_add_loop_test (tc, test_a_stream_that_does_not_go_on_is_one_of_its_own,
      0, 3);
  tcase_add_test (tc, test_the_same_bytes_after_the_end_are_another_run);
  tcase_add_test (tc, test_the_stop_of_what_goes_on_is_the_later_one);
  tcase_add_test (tc, test_files_that_concat_joins_are_cut_as_one);
  tcase_add_test (tc, test_time_segment_passes_unless_cut);
  tcase_add_test (tc, test_backward_bytes_are_an_error);
  tcase_add_loop_test (tc, test_gap_events, 0, 3);
  tcase_add_test (tc, test_position_is_the_end_of_the_last_block);
  tcase_add_test (tc, test_filesrc_is_pushed_and_seeks);
  tcase_add_test (tc, test_flow_returns_pass_upstream);
  tcase_add_test (tc, test_stops_while_blocked);
  tcase_add_test (tc, test_starts_again_from_nothing);
  tcase_add_test (tc, test_settings_wait_for_ready);
  return s;
}

GST_CHECK_MAIN (h4videotok);
