/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* When frames begin: their times, and what makes them begin anew. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <string.h>

#include "gsth4meta.h"

#define MONO "audio/x-raw, format=S16LE, layout=interleaved, channels=1, "
#define RATE 48000

/* A frame is 64 samples, a hop 32, unless a test says otherwise. */
#define LAUNCH "h4audiofft frame-size=64 hop=32 top-k=1"

static GstHarness *
open_harness (const gchar * launch)
{
  GstHarness *h = gst_harness_new_parse (launch);

  gst_harness_set_src_caps_str (h, MONO "rate=48000");
  return h;
}

static GstClockTime
time_of (guint64 samples)
{
  return gst_util_uint64_scale (samples, GST_SECOND, RATE);
}

/* A loud buffer of @n samples. */
static GstBuffer *
make_buffer (guint n, GstClockTime pts)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 2 * n, NULL);

  gst_buffer_memset (buffer, 0, 0x11, 2 * n);
  GST_BUFFER_PTS (buffer) = pts;
  return buffer;
}

static void
push (GstHarness * h, guint n, GstClockTime pts)
{
  fail_unless_equals_int (gst_harness_push (h, make_buffer (n, pts)),
      GST_FLOW_OK);
}

static void
push_discont (GstHarness * h, guint n, GstClockTime pts, guint flag)
{
  GstBuffer *buffer = make_buffer (n, pts);

  GST_BUFFER_FLAG_SET (buffer, flag);
  fail_unless_equals_int (gst_harness_push (h, buffer), GST_FLOW_OK);
}

/* The next frame is at @pts and lasts for a hop. */
static void
expect_frame (GstHarness * h, GstClockTime pts, gboolean discont)
{
  GstBuffer *buffer = gst_harness_try_pull (h);

  fail_unless (buffer != NULL);
  fail_unless_equals_clocktime (GST_BUFFER_PTS (buffer), pts);
  fail_unless (GST_BUFFER_DURATION (buffer) == 666666
      || GST_BUFFER_DURATION (buffer) == 666667);
  fail_if (GST_BUFFER_DTS_IS_VALID (buffer));
  fail_unless (!!GST_BUFFER_IS_DISCONT (buffer) == discont);
  gst_buffer_unref (buffer);
}

static void
expect_none (GstHarness * h)
{
  fail_unless_equals_int (gst_harness_buffers_in_queue (h), 0);
}

static gdouble
pull_magnitude (GstHarness * h)
{
  GstBuffer *buffer = gst_harness_pull (h);
  gdouble magnitude =
      gst_buffer_get_h4_audio_bins_meta (buffer)->bins[0].magnitude;

  gst_buffer_unref (buffer);
  return magnitude;
}

static void
drop_events (GstHarness * h)
{
  GstEvent *event;

  while ((event = gst_harness_try_pull_event (h)))
    gst_event_unref (event);
}

static void
drop_frames (GstHarness * h)
{
  GstBuffer *buffer;

  while ((buffer = gst_harness_try_pull (h)))
    gst_buffer_unref (buffer);
}

static void
push_segment (GstHarness * h, GstFormat format, guint64 start, gdouble rate)
{
  GstSegment segment;

  gst_segment_init (&segment, format);
  segment.start = start;
  segment.rate = rate;
  fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
}

GST_START_TEST (test_a_frame_has_the_time_of_its_first_sample)
{
  GstHarness *h = open_harness (LAUNCH);

  push (h, 63, GST_SECOND);
  expect_none (h);
  push (h, 1, GST_SECOND + time_of (63));
  expect_frame (h, GST_SECOND, TRUE);
  expect_none (h);
  push (h, 64, GST_SECOND + time_of (64));
  expect_frame (h, GST_SECOND + time_of (32), FALSE);
  expect_frame (h, GST_SECOND + time_of (64), FALSE);
  expect_none (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

static const struct
{
  guint rate;
  guint hop;
} days[] = {
  {48000, 4800007}, {44100, 4410001}, {22050, 132301}, {11025, 999983},
  {7919, 1000003}, {96000, 9600000}, {1, 64},
};

/* A day of audio, most of it skipped over: the same memory again and again.
 * Each frame must have the time that whole numbers give, and last until the
 * next one begins. */
GST_START_TEST (test_a_day_does_not_drift)
{
  const guint at_once = 1 << 21;
  guint rate = days[__i__].rate, hop = days[__i__].hop;
  guint64 total = (guint64) rate * 86400, sent = 0, n = 0;
  gchar *launch = g_strdup_printf ("h4audiofft frame-size=64 hop=%u top-k=1",
      hop);
  gchar *caps = g_strdup_printf (MONO "rate=%u", rate);
  GstHarness *h = gst_harness_new_parse (launch);
  GstBuffer *source = gst_buffer_new_allocate (NULL, 2 * at_once, NULL);
  GstBuffer *buffer, *frame;

  gst_buffer_memset (source, 0, 0, 2 * at_once);
  gst_harness_set_src_caps_str (h, caps);
  for (; sent < total; sent += at_once) {
    buffer = gst_buffer_copy (source);
    GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (sent, GST_SECOND, rate);
    fail_unless_equals_int (gst_harness_push (h, buffer), GST_FLOW_OK);
    while ((frame = gst_harness_try_pull (h))) {
      GstClockTime end = gst_util_uint64_scale ((n + 1) * hop, GST_SECOND,
          rate);

      fail_unless_equals_clocktime (GST_BUFFER_PTS (frame),
          gst_util_uint64_scale (n * hop, GST_SECOND, rate));
      fail_unless_equals_clocktime (GST_BUFFER_PTS (frame)
          + GST_BUFFER_DURATION (frame), end);
      gst_buffer_unref (frame);
      n++;
    }
  }
  fail_unless_equals_uint64 (n, (sent - 64) / hop + 1);

  gst_buffer_unref (source);
  g_free (caps);
  g_free (launch);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_times_that_jitter_change_nothing)
{
  GstHarness *h = open_harness (LAUNCH);
  guint i;

  for (i = 0; i < 100; i++)
    push (h, 32, GST_SECOND + time_of (32 * i) + i * 7919 % 1000000);
  for (i = 0; i < 99; i++)
    expect_frame (h, GST_SECOND + time_of (32 * i), i == 0);
  expect_none (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

static const guint restart_flags[] = {
  GST_BUFFER_FLAG_DISCONT, GST_BUFFER_FLAG_RESYNC
};

GST_START_TEST (test_a_discontinuity_begins_anew)
{
  GstHarness *h = open_harness (LAUNCH);

  push (h, 90, 0);
  expect_frame (h, 0, TRUE);
  expect_none (h);
  push_discont (h, 70, 5 * GST_SECOND + 3, restart_flags[__i__]);
  expect_frame (h, 5 * GST_SECOND + 3, TRUE);
  expect_none (h);
  push (h, 26, 5 * GST_SECOND + 3 + time_of (70));
  expect_frame (h, 5 * GST_SECOND + 3 + time_of (32), FALSE);
  expect_none (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* One without a time goes on where the audio had come to. */
GST_START_TEST (test_a_discontinuity_without_time_goes_on)
{
  GstHarness *h = open_harness (LAUNCH);

  push (h, 90, GST_SECOND);
  expect_frame (h, GST_SECOND, TRUE);
  push_discont (h, 64, GST_CLOCK_TIME_NONE, GST_BUFFER_FLAG_DISCONT);
  expect_frame (h, GST_SECOND + time_of (90), TRUE);
  expect_none (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* A jump that no flag announces is believed once it has lasted a second. */
GST_START_TEST (test_a_lasting_jump_begins_anew)
{
  GstHarness *h = open_harness (LAUNCH);
  GstClockTime late = 10 * GST_SECOND;
  GstBuffer *buffer;
  guint i, n_discont = 0;

  push (h, 64, 0);
  expect_frame (h, 0, TRUE);
  for (i = 0; i < 60; i++)
    push (h, 960, late + time_of (960 * i));
  while ((buffer = gst_harness_try_pull (h))) {
    if (GST_BUFFER_IS_DISCONT (buffer)) {
      n_discont++;
      fail_unless (GST_BUFFER_PTS (buffer) > late);
      fail_unless_equals_clocktime ((GST_BUFFER_PTS (buffer) - late)
          % time_of (960), 0);
    }
    gst_buffer_unref (buffer);
  }
  fail_unless_equals_int (n_discont, 1);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_audio_without_times_counts_from_the_segment)
{
  GstHarness *h = open_harness (LAUNCH);
  guint i;

  push_segment (h, GST_FORMAT_TIME, 3 * GST_SECOND, 1.0);
  for (i = 0; i < 10; i++)
    push (h, 32, GST_CLOCK_TIME_NONE);
  for (i = 0; i < 9; i++)
    expect_frame (h, 3 * GST_SECOND + time_of (32 * i), i == 0);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_audio_outside_the_segment_is_clipped)
{
  GstHarness *h = open_harness (LAUNCH);

  push_segment (h, GST_FORMAT_TIME, GST_SECOND, 1.0);
  push (h, 480, GST_SECOND - time_of (960));
  expect_none (h);
  push (h, 480 + 64, GST_SECOND - time_of (480));
  expect_frame (h, GST_SECOND, TRUE);
  expect_none (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_new_segment_begins_anew)
{
  GstHarness *h = open_harness (LAUNCH);

  push (h, 90, 0);
  expect_frame (h, 0, TRUE);
  push_segment (h, GST_FORMAT_TIME, 7 * GST_SECOND, 1.0);
  push (h, 64, 8 * GST_SECOND);
  expect_frame (h, 8 * GST_SECOND, TRUE);
  expect_none (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_the_same_segment_again_changes_nothing)
{
  GstHarness *h = open_harness (LAUNCH);

  push_segment (h, GST_FORMAT_TIME, 0, 1.0);
  push (h, 32, 0);
  push_segment (h, GST_FORMAT_TIME, 0, 1.0);
  push (h, 32, time_of (32));
  expect_frame (h, 0, TRUE);
  expect_none (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_flush_begins_anew)
{
  GstHarness *h = open_harness (LAUNCH);

  push (h, 90, 0);
  expect_frame (h, 0, TRUE);
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_stop (TRUE)));
  push_segment (h, GST_FORMAT_TIME, 0, 1.0);
  push (h, 64, 2 * GST_SECOND);
  expect_frame (h, 2 * GST_SECOND, TRUE);
  expect_none (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_the_end_drops_what_is_no_frame)
{
  GstHarness *h = open_harness (LAUNCH);
  GstEvent *event;
  gboolean ended = FALSE;

  push (h, 95, 0);
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  expect_frame (h, 0, TRUE);
  expect_none (h);
  while ((event = gst_harness_try_pull_event (h))) {
    ended = GST_EVENT_TYPE (event) == GST_EVENT_EOS;
    gst_event_unref (event);
  }
  fail_unless (ended);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_stream_shorter_than_a_frame_gives_none)
{
  GstHarness *h = open_harness (LAUNCH);

  push (h, 63, 0);
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  expect_none (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* Backwards, buffers come in the wrong order, so no frame spans two. */
GST_START_TEST (test_backwards_each_buffer_begins_anew)
{
  GstHarness *h = open_harness (LAUNCH);

  push_segment (h, GST_FORMAT_TIME, 0, -1.0);
  push (h, 100, 2 * GST_SECOND);
  push (h, 100, GST_SECOND);
  push (h, 63, 0);
  expect_frame (h, 2 * GST_SECOND, TRUE);
  expect_frame (h, 2 * GST_SECOND + time_of (32), FALSE);
  expect_frame (h, GST_SECOND, TRUE);
  expect_frame (h, GST_SECOND + time_of (32), FALSE);
  expect_none (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* Raw bytes become a stream with times. */
GST_START_TEST (test_bytes_become_times)
{
  GstHarness *h = open_harness (LAUNCH);
  const GstSegment *segment;
  GstEvent *event;

  push_segment (h, GST_FORMAT_BYTES, 2 * RATE, 1.0);
  push (h, 64, GST_CLOCK_TIME_NONE);
  expect_frame (h, GST_SECOND, TRUE);
  push (h, 32, 0);
  expect_frame (h, GST_SECOND + time_of (32), FALSE);

  event = gst_pad_get_sticky_event (h->sinkpad, GST_EVENT_SEGMENT, 0);
  gst_event_parse_segment (event, &segment);
  fail_unless_equals_int (segment->format, GST_FORMAT_TIME);
  fail_unless_equals_clocktime (segment->start, GST_SECOND);
  fail_unless_equals_clocktime (segment->time, GST_SECOND);
  gst_event_unref (event);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_gap_buffers_are_silence)
{
  GstHarness *h = open_harness (LAUNCH);

  push (h, 64, 0);
  push_discont (h, 64, time_of (64), GST_BUFFER_FLAG_GAP);
  fail_unless_equals_int (gst_harness_buffers_in_queue (h), 3);
  fail_unless_equals_float (pull_magnitude (h), 1.0);
  fail_unless_equals_float (pull_magnitude (h), 1.0);
  fail_unless_equals_float (pull_magnitude (h), 0.0);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* Thirds of a millisecond are no whole number of samples; together they are. */
GST_START_TEST (test_gap_events_are_silence)
{
  GstHarness *h = open_harness (LAUNCH);
  GstClockTime third = GST_MSECOND / 3;
  guint i;

  push (h, 64, 0);
  expect_frame (h, 0, TRUE);
  for (i = 0; i < 3000; i++)
    fail_unless (gst_harness_push_event (h,
            gst_event_new_gap (time_of (64) + i * third, third)));
  for (i = 0; i < 1500; i++)
    expect_frame (h, time_of (32 * (i + 1)), FALSE);
  expect_none (h);
  push (h, 32, time_of (64) + GST_SECOND);
  expect_frame (h, time_of (48032), FALSE);
  expect_none (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_gap_elsewhere_begins_anew)
{
  GstHarness *h = open_harness (LAUNCH);

  push (h, 90, 0);
  expect_frame (h, 0, TRUE);
  fail_unless (gst_harness_push_event (h,
          gst_event_new_gap (GST_SECOND, time_of (64))));
  expect_frame (h, GST_SECOND, TRUE);
  expect_none (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

static const GstClockTime unfilled[] = {
  GST_CLOCK_TIME_NONE, 61 * GST_SECOND, G_MAXINT64
};

/* A gap without an end, or with one that is far, is not filled. */
GST_START_TEST (test_long_gaps_pass)
{
  GstHarness *h = open_harness (LAUNCH);
  GstClockTime time, duration;
  GstEvent *event;

  push (h, 90, 0);
  drop_frames (h);
  drop_events (h);
  fail_unless (gst_harness_push_event (h,
          gst_event_new_gap (time_of (90), unfilled[__i__])));
  expect_none (h);
  event = gst_harness_pull_event (h);
  fail_unless_equals_int (GST_EVENT_TYPE (event), GST_EVENT_GAP);
  gst_event_parse_gap (event, &time, &duration);
  fail_unless_equals_clocktime (time, time_of (90));
  fail_unless_equals_clocktime (duration, unfilled[__i__]);
  gst_event_unref (event);

  push (h, 64, 90 * GST_SECOND);
  expect_frame (h, 90 * GST_SECOND, TRUE);
  expect_none (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_new_caps_begin_anew)
{
  GstHarness *h = open_harness (LAUNCH);
  GstBuffer *buffer;
  GstCaps *caps;
  gint rate;

  push (h, 90, 0);
  expect_frame (h, 0, TRUE);
  gst_harness_set_src_caps_str (h, "audio/x-raw, format=F32LE, "
      "layout=interleaved, channels=2, channel-mask=(bitmask)3, rate=8000");
  push (h, 64 * 4, GST_SECOND);
  buffer = gst_harness_pull (h);
  fail_unless_equals_clocktime (GST_BUFFER_PTS (buffer), GST_SECOND);
  fail_unless_equals_clocktime (GST_BUFFER_DURATION (buffer), 4 * GST_MSECOND);
  fail_unless (GST_BUFFER_IS_DISCONT (buffer));
  gst_buffer_unref (buffer);
  expect_none (h);

  caps = gst_pad_get_current_caps (h->sinkpad);
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "rate", &rate);
  fail_unless_equals_int (rate, 8000);
  gst_caps_unref (caps);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_buffer_lists_are_taken)
{
  GstHarness *h = open_harness (LAUNCH);
  GstBufferList *list = gst_buffer_list_new ();
  guint i;

  for (i = 0; i < 10; i++)
    gst_buffer_list_add (list, make_buffer (32, time_of (32 * i)));
  push (h, 32, GST_CLOCK_TIME_NONE);
  fail_unless_equals_int (gst_pad_push_list (h->srcpad, list), GST_FLOW_OK);
  for (i = 0; i < 10; i++)
    expect_frame (h, time_of (32 * i), i == 0);
  expect_none (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* More frames than one list holds. */
GST_START_TEST (test_a_large_buffer_gives_all_its_frames)
{
  GstHarness *h = open_harness (LAUNCH);
  guint i;

  push (h, 32 * 1001, 0);
  for (i = 0; i < 1000; i++)
    expect_frame (h, time_of (32 * i), i == 0);
  expect_none (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_latency_is_a_frame_more)
{
  GstHarness *h = gst_harness_new ("h4audiofft");
  GstClockTime frame = gst_util_uint64_scale_ceil (2048, GST_SECOND, RATE);
  GstClockTime min, max;
  GstQuery *query;
  gboolean live;

  gst_harness_set_upstream_latency (h, 10 * GST_MSECOND);
  gst_harness_set_live (h, TRUE);
  fail_unless_equals_clocktime (gst_harness_query_latency (h),
      10 * GST_MSECOND);
  gst_harness_set_src_caps_str (h, MONO "rate=48000");

  query = gst_query_new_latency ();
  fail_unless (gst_pad_peer_query (h->sinkpad, query));
  gst_query_parse_latency (query, &live, &min, &max);
  fail_unless (live);
  fail_unless_equals_clocktime (min, 10 * GST_MSECOND + frame);
  fail_unless (max == GST_CLOCK_TIME_NONE || max >= min);
  gst_query_unref (query);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* The application is told when the latency changes, and only then. */
GST_START_TEST (test_latency_changes_with_the_rate)
{
  static const struct
  {
    const gchar *caps;
    gboolean changes;
  } rows[] = {
    {MONO "rate=48000", TRUE},
    {"audio/x-raw, format=F64LE, layout=interleaved, channels=1, rate=48000",
        FALSE},
    {MONO "rate=8000", TRUE},
  };
  GstHarness *h = gst_harness_new ("h4audiofft");
  GstBus *bus = gst_bus_new ();
  guint i;

  gst_element_set_bus (h->element, bus);
  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    GstMessage *message;

    gst_harness_set_src_caps_str (h, rows[i].caps);
    message = gst_bus_pop_filtered (bus, GST_MESSAGE_LATENCY);
    fail_unless (!!message == rows[i].changes, "%s", rows[i].caps);
    if (message)
      gst_message_unref (message);
  }
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* Frames of live audio come out as soon as their last sample is in. */
GST_START_TEST (test_live_audio_waits_for_nothing)
{
  GstHarness *h = gst_harness_new_parse ("audiotestsrc is-live=true "
      "samplesperbuffer=480 ! " MONO "rate=48000 ! " LAUNCH);
  guint i, n;

  gst_harness_use_testclock (h);
  gst_harness_play (h);
  for (i = 0; i < 5; i++) {
    fail_unless (gst_harness_wait_for_clock_id_waits (h, 1, 10));
    fail_unless (gst_harness_crank_single_clock_wait (h));
    /* The source waits again only after what it pushed went through. */
    fail_unless (gst_harness_wait_for_clock_id_waits (h, 1, 10));
    n = gst_harness_buffers_received (h);
    fail_unless_equals_int (n, (480 * (i + 1) - 64) / 32 + 1);
  }
  gst_harness_teardown (h);
}

GST_END_TEST;

/* What downstream says reaches upstream, wherever the frames come from. */
GST_START_TEST (test_flow_returns_pass_upstream)
{
  GstHarness *h = open_harness (LAUNCH);

  gst_pad_set_active (h->sinkpad, FALSE);
  fail_unless_equals_int (gst_harness_push (h, make_buffer (64, 0)),
      GST_FLOW_FLUSHING);
  fail_unless_equals_int (gst_harness_push (h, make_buffer (640, 0)),
      GST_FLOW_FLUSHING);
  fail_if (gst_harness_push_event (h, gst_event_new_gap (time_of (704),
              GST_SECOND)));
  gst_harness_teardown (h);
}

GST_END_TEST;

static Suite *
h4audiofft_time_suite (void)
{
  Suite *s = suite_create ("h4audiofft-time");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_a_frame_has_the_time_of_its_first_sample);
  tcase_add_loop_test (tc, test_a_day_does_not_drift, 0, G_N_ELEMENTS (days));
  tcase_add_test (tc, test_times_that_jitter_change_nothing);
  tcase_add_loop_test (tc, test_a_discontinuity_begins_anew, 0,
      G_N_ELEMENTS (restart_flags));
  tcase_add_test (tc, test_a_discontinuity_without_time_goes_on);
  tcase_add_test (tc, test_a_lasting_jump_begins_anew);
  tcase_add_test (tc, test_audio_without_times_counts_from_the_segment);
  tcase_add_test (tc, test_audio_outside_the_segment_is_clipped);
  tcase_add_test (tc, test_a_new_segment_begins_anew);
  tcase_add_test (tc, test_the_same_segment_again_changes_nothing);
  tcase_add_test (tc, test_a_flush_begins_anew);
  tcase_add_test (tc, test_the_end_drops_what_is_no_frame);
  tcase_add_test (tc, test_a_stream_shorter_than_a_frame_gives_none);
  tcase_add_test (tc, test_backwards_each_buffer_begins_anew);
  tcase_add_test (tc, test_bytes_become_times);
  tcase_add_test (tc, test_gap_buffers_are_silence);
  tcase_add_test (tc, test_gap_events_are_silence);
  tcase_add_test (tc, test_a_gap_elsewhere_begins_anew);
  tcase_add_loop_test (tc, test_long_gaps_pass, 0, G_N_ELEMENTS (unfilled));
  tcase_add_test (tc, test_new_caps_begin_anew);
  tcase_add_test (tc, test_buffer_lists_are_taken);
  tcase_add_test (tc, test_a_large_buffer_gives_all_its_frames);
  tcase_add_test (tc, test_latency_is_a_frame_more);
  tcase_add_test (tc, test_latency_changes_with_the_rate);
  tcase_add_test (tc, test_live_audio_waits_for_nothing);
  tcase_add_test (tc, test_flow_returns_pass_upstream);
  return s;
}

GST_CHECK_MAIN (h4audiofft_time);
