/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>

#define STEP (33333 * GST_USECOND)      /* a block at 30 blocks a second */

static GstStaticPadTemplate upstream_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static gint64 upstream_bytes = 95;      /* -1: not known */

/* An upstream of 95 bytes that notes the last seek. */
static gboolean
upstream_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  GstFormat format;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_DURATION:
      gst_query_parse_duration (query, &format, NULL);
      if (format != GST_FORMAT_BYTES)
        return FALSE;
      gst_query_set_duration (query, GST_FORMAT_BYTES, upstream_bytes);
      return TRUE;
    case GST_QUERY_SEEKING:
      gst_query_set_seeking (query, GST_FORMAT_BYTES, TRUE, 0, 95);
      return TRUE;
    case GST_QUERY_LATENCY:
      gst_query_set_latency (query, TRUE, GST_MSECOND, 2 * GST_MSECOND);
      return TRUE;
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

static GstEvent *last_seek;

static gboolean
upstream_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  if (GST_EVENT_TYPE (event) != GST_EVENT_SEEK)
    return gst_pad_event_default (pad, parent, event);
  gst_clear_event (&last_seek);
  last_seek = event;
  return TRUE;
}

typedef struct
{
  GstElement *element;
  GstPad *up;
  GstPad *down;
} Rig;

static Rig
new_rig (guint block_size, GstFormat format)
{
  GstSegment segment;
  Rig rig;

  rig.element = gst_check_setup_element ("h4videotok");
  g_object_set (rig.element, "block-size", block_size, "gop", 4, NULL);
  rig.up = gst_check_setup_src_pad (rig.element, &upstream_template);
  gst_pad_set_query_function (rig.up, upstream_query);
  gst_pad_set_event_function (rig.up, upstream_event);
  gst_pad_set_active (rig.up, TRUE);
  rig.down = gst_element_get_static_pad (rig.element, "src");
  gst_element_set_state (rig.element, GST_STATE_PLAYING);

  gst_pad_push_event (rig.up, gst_event_new_stream_start ("rig"));
  gst_segment_init (&segment, format);
  gst_pad_push_event (rig.up, gst_event_new_segment (&segment));
  return rig;
}

static void
free_rig (Rig * rig)
{
  gst_clear_event (&last_seek);
  gst_object_unref (rig->down);
  gst_pad_set_active (rig->up, FALSE);
  gst_check_teardown_src_pad (rig->element);
  gst_check_teardown_element (rig->element);
}

typedef struct
{
  GstFormat format;
  GstSeekFlags flags;
  GstSeekType start_type;
  gint64 start;
  GstSeekType stop_type;
  gint64 stop;
  gint64 want_start;            /* -2: the seek must fail */
  gint64 want_stop;
} SeekCase;

#define KEY_UNIT GST_SEEK_FLAG_KEY_UNIT
#define SET GST_SEEK_TYPE_SET
#define END GST_SEEK_TYPE_END
#define NONE GST_SEEK_TYPE_NONE
#define BYTES GST_FORMAT_BYTES
#define TIME GST_FORMAT_TIME

static const SeekCase seek_cases[] = {
  {BYTES, 0, SET, 0, NONE, -1, 0, -1},
  {BYTES, 0, SET, 39, SET, 41, 30, 50},
  {BYTES, 0, SET, 40, SET, 40, 40, 40},
  {BYTES, KEY_UNIT, SET, 75, NONE, -1, 40, -1},
  {BYTES, 0, END, -1, NONE, -1, 90, -1},
  {BYTES, 0, END, -1000, END, 0, 0, 100},
  {TIME, 0, SET, 5 * STEP, NONE, -1, 50, -1},
  {TIME, 0, SET, 5 * STEP - 1, SET, 5 * STEP + 1, 40, 60},
  {TIME, KEY_UNIT, SET, 7 * STEP, NONE, -1, 40, -1},
  {TIME, KEY_UNIT | GST_SEEK_FLAG_SNAP_AFTER, SET, 5 * STEP, NONE, -1, 80, -1},
  {TIME, KEY_UNIT | GST_SEEK_FLAG_SNAP_NEAREST, SET, 7 * STEP, NONE, -1, 80,
      -1},
  {TIME, KEY_UNIT | GST_SEEK_FLAG_SNAP_NEAREST, SET, 5 * STEP, NONE, -1, 40,
      -1},
  {TIME, 0, END, -(gint64) STEP, NONE, -1, 90, -1},
  {TIME, 0, NONE, -1, NONE, -1, 0, -1},
  {TIME, 0, SET, -5, NONE, -1, -2, -1},
  {TIME, 0, SET, 5 * STEP, SET, 5 * STEP - 1, -2, -1},
  {TIME, 0, END, -(gint64) STEP, SET, STEP, -2, -1},
  {TIME, 0, SET, 5 * STEP, END, -9 * (gint64) STEP, -2, -1},
  {BYTES, 0, SET, 41, SET, 39, -2, -1},
  {TIME, KEY_UNIT | GST_SEEK_FLAG_SNAP_AFTER, SET, 5 * STEP, SET, 6 * STEP, 80,
      80},
  {GST_FORMAT_DEFAULT, 0, SET, 1, NONE, -1, -2, -1},
};

GST_START_TEST (test_seeks_become_bytes_of_whole_blocks)
{
  const SeekCase *c = &seek_cases[__i__];
  Rig rig = new_rig (10, GST_FORMAT_BYTES);
  GstEvent *seek = gst_event_new_seek (1.5, c->format,
      c->flags | GST_SEEK_FLAG_FLUSH, c->start_type, c->start, c->stop_type,
      c->stop);
  guint32 seqnum = gst_event_get_seqnum (seek);
  GstFormat format;
  gint64 start, stop;
  gdouble rate;

  fail_unless_equals_int (gst_pad_send_event (rig.down, seek),
      c->want_start != -2);
  if (c->want_start != -2) {
    fail_unless (last_seek != NULL);
    gst_event_parse_seek (last_seek, &rate, &format, NULL, NULL, &start, NULL,
        &stop);
    fail_unless_equals_int (format, GST_FORMAT_BYTES);
    fail_unless_equals_float (rate, 1.5);
    fail_unless_equals_int64 (start, c->want_start);
    fail_unless_equals_int64 (stop, c->want_stop);
    fail_unless_equals_int (gst_event_get_seqnum (last_seek), seqnum);
  } else {
    fail_unless (last_seek == NULL);
  }
  free_rig (&rig);
}

GST_END_TEST;

GST_START_TEST (test_backward_seek_is_refused)
{
  Rig rig = new_rig (10, GST_FORMAT_BYTES);

  fail_if (gst_pad_send_event (rig.down, gst_event_new_seek (-1.0, TIME,
              GST_SEEK_FLAG_FLUSH, SET, 0, SET, -1)));
  fail_unless (last_seek == NULL);
  free_rig (&rig);
}

GST_END_TEST;

GST_START_TEST (test_seek_of_cut_timed_stream_is_refused)
{
  Rig rig = new_rig (10, GST_FORMAT_TIME);

  fail_if (gst_pad_send_event (rig.down, gst_event_new_seek (1.0, TIME,
              GST_SEEK_FLAG_FLUSH, SET, 0, NONE, -1)));
  fail_unless (last_seek == NULL);
  free_rig (&rig);
}

GST_END_TEST;

GST_START_TEST (test_seek_of_whole_buffers_passes)
{
  Rig rig = new_rig (0, GST_FORMAT_TIME);
  GstEvent *seek = gst_event_new_seek (-1.0, TIME, 0, SET, 3, SET, 17);

  fail_unless (gst_pad_send_event (rig.down, gst_event_ref (seek)));
  fail_unless (last_seek == seek);
  gst_event_unref (seek);
  free_rig (&rig);
}

GST_END_TEST;

GST_START_TEST (test_duration_counts_blocks)
{
  Rig rig = new_rig (10, GST_FORMAT_BYTES);
  gint64 duration;

  fail_unless (gst_pad_query_duration (rig.down, TIME, &duration));
  fail_unless_equals_int64 (duration, 10 * STEP);
  fail_unless (gst_pad_query_duration (rig.down, BYTES, &duration));
  fail_unless_equals_int64 (duration, 95);
  free_rig (&rig);
}

GST_END_TEST;

typedef struct
{
  guint block_size;
  gint64 bytes;
  gint64 blocks;                /* -1: not known */
} CountCase;

static const CountCase count_cases[] = {
  {10, 95, 10}, {10, 100, 10}, {10, 101, 11}, {10, 0, 0}, {10, -1, -1},
  {0, 95, -1}, {1, G_MAXINT64, G_MAXINT64}
};

GST_START_TEST (test_duration_in_buffers_is_the_number_of_blocks)
{
  const CountCase *c = &count_cases[__i__];
  Rig rig = new_rig (c->block_size, GST_FORMAT_BYTES);
  gint64 blocks = -1;

  upstream_bytes = c->bytes;
  fail_unless_equals_int (gst_pad_query_duration (rig.down,
          GST_FORMAT_BUFFERS, &blocks), c->blocks >= 0);
  if (c->blocks >= 0)
    fail_unless_equals_int64 (blocks, c->blocks);
  upstream_bytes = 95;
  free_rig (&rig);
}

GST_END_TEST;

GST_START_TEST (test_an_empty_file_has_no_blocks)
{
  gchar *path = NULL, *launch;
  gint fd = g_file_open_tmp ("h4videotok-XXXXXX", &path, NULL);
  GstElement *pipeline;
  gint64 blocks = -1;

  fail_unless (fd >= 0);
  g_close (fd, NULL);
  launch = g_strdup_printf ("filesrc location=%s ! "
      "h4videotok name=t block-size=10 ! fakesink async=false", path);
  pipeline = gst_parse_launch (launch, NULL);
  fail_unless (pipeline != NULL);
  fail_unless (gst_element_set_state (pipeline, GST_STATE_PAUSED)
      != GST_STATE_CHANGE_FAILURE);
  fail_unless (gst_element_query_duration (pipeline, GST_FORMAT_BUFFERS,
          &blocks));
  fail_unless_equals_int64 (blocks, 0);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  g_unlink (path);
  g_free (path);
  g_free (launch);
}

GST_END_TEST;

GST_START_TEST (test_seeking_query)
{
  Rig rig = new_rig (10, GST_FORMAT_BYTES);
  GstQuery *query = gst_query_new_seeking (TIME);
  gboolean seekable;
  gint64 start, end;

  fail_unless (gst_pad_query (rig.down, query));
  gst_query_parse_seeking (query, NULL, &seekable, &start, &end);
  fail_unless (seekable);
  fail_unless_equals_int64 (start, 0);
  fail_unless_equals_int64 (end, 10 * STEP);
  gst_query_unref (query);
  free_rig (&rig);

  rig = new_rig (10, GST_FORMAT_TIME);
  query = gst_query_new_seeking (TIME);
  fail_unless (gst_pad_query (rig.down, query));
  gst_query_parse_seeking (query, NULL, &seekable, NULL, NULL);
  fail_if (seekable);
  gst_query_unref (query);
  free_rig (&rig);
}

GST_END_TEST;

GST_START_TEST (test_convert_query)
{
  Rig rig = new_rig (10, GST_FORMAT_BYTES);
  gint64 value;

  fail_unless (gst_pad_query_convert (rig.down, BYTES, 39, TIME, &value));
  fail_unless_equals_int64 (value, 3 * STEP);
  fail_unless (gst_pad_query_convert (rig.down, TIME, 4 * STEP - 1, BYTES,
          &value));
  fail_unless_equals_int64 (value, 30);
  fail_if (gst_pad_query_convert (rig.down, BYTES, G_MAXINT64, TIME, &value));
  free_rig (&rig);
}

GST_END_TEST;

GST_START_TEST (test_latency_is_a_block_where_bytes_are_cut)
{
  static const struct
  {
    guint block_size;
    GstClockTime added;
  } cases[] = { {0, 0}, {10, STEP} };
  Rig rig = new_rig (cases[__i__].block_size, GST_FORMAT_BYTES);
  GstQuery *query = gst_query_new_latency ();
  gboolean live;
  GstClockTime min, max;

  fail_unless (gst_pad_query (rig.down, query));
  gst_query_parse_latency (query, &live, &min, &max);
  fail_unless (live);
  fail_unless_equals_clocktime (min, GST_MSECOND + cases[__i__].added);
  fail_unless_equals_clocktime (max, 2 * GST_MSECOND + cases[__i__].added);
  gst_query_unref (query);
  free_rig (&rig);
}

GST_END_TEST;

static Suite *
h4videotok_seek_suite (void)
{
  Suite *s = suite_create ("h4videotok-seek");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_seeks_become_bytes_of_whole_blocks, 0,
      G_N_ELEMENTS (seek_cases));
  tcase_add_test (tc, test_backward_seek_is_refused);
  tcase_add_test (tc, test_seek_of_cut_timed_stream_is_refused);
  tcase_add_test (tc, test_seek_of_whole_buffers_passes);
  tcase_add_test (tc, test_duration_counts_blocks);
  tcase_add_loop_test (tc, test_duration_in_buffers_is_the_number_of_blocks, 0,
      G_N_ELEMENTS (count_cases));
  tcase_add_test (tc, test_an_empty_file_has_no_blocks);
  tcase_add_test (tc, test_seeking_query);
  tcase_add_test (tc, test_convert_query);
  tcase_add_loop_test (tc, test_latency_is_a_block_where_bytes_are_cut, 0, 2);
  return s;
}

GST_CHECK_MAIN (h4videotok_seek);
