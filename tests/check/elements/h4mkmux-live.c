/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* h4mkmux with live sources, by a test clock. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "h4mkmux-common.h"

GST_START_TEST (test_a_stalled_track_holds_a_block_until_its_latency)
{
  GstPad *a;
  Mux m;

  mux_init_clocked (&m, "group-duration=0 latency=30000000");
  a = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 20 * MS);
  mux_add_live (&m, "sink_%u", AUDIO_CAPS, 5 * MS);
  mux_push (a, 10, 100, KEY);
  /* 100 + 20 of the slower source + 30 of its own */
  mux_wait_task (&m, 150 * MS);
  mux_set_time (&m, 149 * MS);
  mux_wait_task (&m, 150 * MS);
  fail_unless_equals_int (mux_count_groups (&m), 0);
  mux_set_time (&m, 150 * MS);
  mux_wait_groups (&m, 1);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_what_is_overdue_is_written_by_whoever_comes)
{
  GstPad *a;
  Mux m;

  mux_init_clocked (&m, "group-duration=0");
  a = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 20 * MS);
  mux_add_live (&m, "sink_%u", AUDIO_CAPS, 20 * MS);
  gst_test_clock_set_time (m.clock, 500 * MS);
  mux_push (a, 10, 100, KEY);
  mux_wait_groups (&m, 1);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_both_tracks_there_nobody_waits)
{
  GstPad *a, *b;
  Mux m;

  mux_init_clocked (&m, "group-duration=0 latency=1000000000");
  a = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 20 * MS);
  b = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 20 * MS);
  mux_push (a, 10, 100, KEY);
  mux_push (b, 10, 120, KEY);
  mux_wait_groups (&m, 1);
  mux_push (a, 10, 140, KEY);
  mux_wait_groups (&m, 2);
  mux_check_order (&m, "12");
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_group_of_an_idle_source_is_written_when_due)
{
  GstPad *a;
  Mux m;

  mux_init_clocked (&m, "group-duration=250000000");
  a = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  gst_test_clock_set_time (m.clock, 100 * MS);
  mux_push (a, 10, 100, KEY);
  mux_push (a, 10, 120, KEY);
  mux_wait_task (&m, 350 * MS);
  fail_unless_equals_int (mux_count_groups (&m), 0);
  mux_set_time (&m, 350 * MS);
  mux_wait_groups (&m, 1);
  mux_check_order (&m, "11");
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_group_of_blocks_that_lie_ahead_is_due_from_when_they_came)
{
  GstPad *a;
  Mux m;

  mux_init_clocked (&m, "group-duration=250000000");
  a = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  mux_push (a, 10, 60000, KEY);
  mux_wait_task (&m, 250 * MS);
  mux_set_time (&m, 250 * MS);
  mux_wait_groups (&m, 1);
  /* and without any time at all */
  mux_push (a, 10, -1, KEY);
  mux_wait_task (&m, 500 * MS);
  mux_set_time (&m, 500 * MS);
  mux_wait_groups (&m, 2);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_a_late_track_is_in_a_new_trak)
{
  GstPad *a, *b;
  Walk walk;
  Mux m;

  mux_init_clocked (&m, NULL);
  a = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  b = mux_add_silent (&m, "sink_%u");
  mux_push (a, 10, 0, KEY);
  mux_set_time (&m, 20 * MS);
  mux_push (a, 10, 20, KEY);
  mux_wait_caps (&m, 1);
  mux_start_source (b, VIDEO_CAPS);
  mux_push (b, 10, 10, KEY);
  mux_push (b, 10, 40, DELTA);
  mux_push (a, 10, 40, KEY);
  mux_eos_all (&m);
  mux_wait_eos (&m, 1);
  mux_walk (&m, &walk, TRUE);
  mux_check_order (&m, "11212");
  fail_unless_equals_int (mux_count_chunks (&m, GST_H4MK_TAG_TRAK), 2);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_a_sparse_track_holds_nothing_and_loses_nothing)
{
  GstPad *a, *b;
  Walk walk;
  guint i;
  Mux m;

  mux_init_clocked (&m, NULL);
  a = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 20 * MS);
  b = mux_add_live (&m, "sink_%u", TEXT_CAPS, 0);
  for (i = 0; i < 200; i++) {
    mux_set_time (&m, (20 * i + 20) * MS);
    mux_push (a, 10, 20 * i, KEY);
    /* it comes later than it should have */
    if (i % 50 == 40)
      mux_push (b, 10, 20 * i - 500, KEY);
    while (mux_get_stat (&m, "blocks") < i)
      g_thread_yield ();
  }
  mux_eos_all (&m);
  mux_wait_eos (&m, 1);
  mux_walk (&m, &walk, TRUE);
  fail_unless_equals_int (walk.blocks->len, 204);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_caps_that_change_are_in_a_new_trak)
{
  GstPad *a;
  Walk walk;
  Mux m;

  mux_init_clocked (&m, NULL);
  a = mux_add_live (&m, "sink_%u", VIDEO_CAPS, 0);
  mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  mux_push (a, 10, 0, KEY);
  mux_set_time (&m, 40 * MS);
  mux_send_caps (a, "video/x-vp8,width=128,height=96");
  mux_push (a, 10, 40, KEY);
  mux_eos_all (&m);
  mux_wait_eos (&m, 1);
  mux_walk (&m, &walk, TRUE);
  fail_unless_equals_int (mux_count_chunks (&m, GST_H4MK_TAG_TRAK), 2);
  mux_check_order (&m, "11");
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_a_track_that_ended_is_not_waited_for)
{
  GstPad *a, *b;
  Mux m;

  mux_init_clocked (&m, "group-duration=0 latency=1000000000");
  a = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  b = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  mux_push (a, 10, 0, KEY);
  mux_eos (b);
  mux_wait_groups (&m, 1);
  mux_push (a, 10, 20, KEY);
  mux_wait_groups (&m, 2);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_eos_writes_what_is_queued)
{
  GstPad *a;
  Walk walk;
  guint i;
  Mux m;

  mux_init_clocked (&m, "latency=10000000000");
  a = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  for (i = 0; i < 30; i++)
    mux_push (a, 10, 20 * i, KEY);
  fail_unless_equals_uint64 (mux_get_stat (&m, "blocks"), 0);
  mux_eos_all (&m);
  mux_wait_eos (&m, 1);
  mux_walk (&m, &walk, TRUE);
  fail_unless_equals_int (walk.blocks->len, 30);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

/* The clock goes on once the task has seen what time it is: all is written, or
 * it waits for a time to come. */
static void
let_task_see (Mux * m, GstClockTime now, guint n_pushed)
{
  for (;;) {
    gchar *order = mux_get_order (m);
    gboolean seen = strlen (order) == n_pushed;
    GstClockID id;

    if (!seen && gst_test_clock_peek_next_pending_id (m->clock, &id)) {
      seen = gst_clock_id_get_time (id) > now;
      gst_clock_id_unref (id);
    }
    g_free (order);
    if (seen)
      return;
    g_thread_yield ();
  }
}

/* One track stalls for good; the clock goes on in steps of 5 ms. */
GST_START_TEST (test_blocks_are_out_within_group_duration_and_latency)
{
  const GstClockTime bound = (100 + 20 + 30) * MS;
  guint i, n = 0;
  GstPad *a;
  Mux m;

  mux_init_clocked (&m, "group-duration=100000000 latency=30000000");
  a = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 20 * MS);
  mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  for (i = 0; i < 440; i++) {
    if (i < 400 && i % 4 == 0)
      mux_push (a, 10, 5 * i, KEY);
    mux_set_time (&m, 5 * (i + 1) * MS);
    let_task_see (&m, 5 * (i + 1) * MS, MIN (i / 4 + 1, 100));
  }
  fail_unless_equals_uint64 (mux_get_stat (&m, "blocks"), 100);
  g_mutex_lock (&m.lock);
  for (i = 0; i < m.outputs->len; i++) {
    const MuxOutput *out = &g_array_index (m.outputs, MuxOutput, i);

    if (out->flags & GST_BUFFER_FLAG_HEADER || out->size < 50)
      continue;
    fail_unless (out->arrival <= out->pts + bound, "block of %"
        GST_TIME_FORMAT " out at %" GST_TIME_FORMAT, GST_TIME_ARGS (out->pts),
        GST_TIME_ARGS (out->arrival));
    n++;
  }
  g_mutex_unlock (&m.lock);
  fail_unless (n >= 16);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_full_rings_never_block_a_live_pipeline)
{
  guint i;
  GstPad *a;
  Mux m;

  mux_init_clocked (&m, "group-duration=0 latency=10000000000");
  a = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  /* by time, by count, by bytes, without the clock ever going on */
  for (i = 0; i < 200; i++)
    fail_unless_equals_int (mux_push (a, 10, 20 * i, KEY), GST_FLOW_OK);
  for (i = 0; i < 10000; i++)
    fail_unless_equals_int (mux_push (a, 1, 4000, KEY), GST_FLOW_OK);
  for (i = 0; i < 40; i++)
    fail_unless_equals_int (mux_push (a, 1 << 20, 4000, KEY), GST_FLOW_OK);
  fail_unless (mux_get_stat (&m, "blocks") > 6000);
  mux_clear (&m);
}

GST_END_TEST;

static void
check_latency (Mux * m, gboolean live, GstClockTime expected)
{
  GstQuery *query = gst_query_new_latency ();
  GstClockTime min;
  gboolean is_live;

  fail_unless (gst_pad_peer_query (m->sink, query));
  gst_query_parse_latency (query, &is_live, &min, NULL);
  fail_unless_equals_int (is_live, live);
  fail_unless_equals_clocktime (min, expected);
  gst_query_unref (query);
}

GST_START_TEST (test_latency_is_upstreams_and_its_own)
{
  GstMessage *message;
  Mux m;

  mux_init_clocked (&m, "latency=30000000");
  mux_add_live (&m, "sink_%u", AUDIO_CAPS, 20 * MS);
  mux_add_live (&m, "sink_%u", AUDIO_CAPS, 50 * MS);
  check_latency (&m, TRUE, 80 * MS);
  fail_if (gst_bus_pop_filtered (m.bus, GST_MESSAGE_LATENCY));
  g_object_set (m.mux, "latency", (guint64) 10 * MS, NULL);
  message = gst_bus_pop_filtered (m.bus, GST_MESSAGE_LATENCY);
  fail_unless (message != NULL);
  gst_message_unref (message);
  check_latency (&m, TRUE, 60 * MS);
  mux_clear (&m);

  mux_init (&m, "latency=30000000");
  mux_add (&m, "sink_%u", AUDIO_CAPS);
  check_latency (&m, FALSE, 0);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_a_new_latency_is_waited_for)
{
  GstPad *a;
  Mux m;

  mux_init_clocked (&m, "group-duration=0 latency=30000000");
  a = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 20 * MS);
  mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  mux_push (a, 10, 0, KEY);
  mux_wait_task (&m, 50 * MS);
  g_object_set (m.mux, "latency", (guint64) 80 * MS, NULL);
  mux_wait_task (&m, 100 * MS);
  g_object_set (m.mux, "latency", (guint64) 0, NULL);
  mux_wait_task (&m, 20 * MS);
  /* upstream too, when it says so */
  mux_set_live (a, 70 * MS);
  gst_pad_push_event (m.sink, gst_event_new_latency (0));
  mux_wait_task (&m, 70 * MS);
  mux_set_time (&m, 70 * MS);
  mux_wait_groups (&m, 1);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_released_live_track_is_not_waited_for)
{
  GstPad *a, *b;
  Mux m;

  mux_init_clocked (&m, "group-duration=0 latency=1000000000");
  a = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  b = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  mux_push (a, 10, 0, KEY);
  mux_remove (&m, b);
  mux_wait_groups (&m, 1);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_paused_nothing_is_due)
{
  GstPad *a;
  Mux m;

  mux_init_clocked (&m, "group-duration=0");
  a = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 20 * MS);
  mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  gst_element_set_state (m.mux, GST_STATE_PAUSED);
  gst_test_clock_set_time (m.clock, GST_SECOND);
  mux_push (a, 10, 100, KEY);
  fail_unless_equals_int (mux_count_groups (&m), 0);
  gst_element_set_base_time (m.mux, 1000 * MS);
  gst_element_set_state (m.mux, GST_STATE_PLAYING);
  mux_wait_task (&m, 1120 * MS);
  mux_set_time (&m, 1120 * MS);
  mux_wait_groups (&m, 1);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_stop_while_the_task_is_blocked_downstream)
{
  GstPad *a;
  Mux m;

  mux_init_clocked (&m, "group-duration=0");
  a = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 20 * MS);
  mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  m.blocked = TRUE;
  mux_push (a, 10, 0, KEY);
  mux_wait_task (&m, 20 * MS);
  mux_set_time (&m, 20 * MS);
  mux_wait_caps (&m, 1);
  /* sources go on meanwhile */
  mux_push (a, 10, 20, KEY);
  gst_pad_send_event (m.sink, gst_event_new_flush_start ());
  gst_element_set_state (m.mux, GST_STATE_NULL);
  gst_pad_send_event (m.sink, gst_event_new_flush_stop (TRUE));
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_stop_while_the_task_waits_for_the_clock)
{
  GstPad *a;
  Mux m;

  mux_init_clocked (&m, NULL);
  a = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 20 * MS);
  mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  mux_push (a, 10, 0, KEY);
  mux_wait_task (&m, 20 * MS);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_live_muxer_starts_again_after_eos_and_flush)
{
  guint run, i;
  Walk walk;
  Mux m;

  mux_init_clocked (&m, "group-duration=100000000");
  mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  for (run = 0; run < 2; run++) {
    GstPad *a = g_ptr_array_index (m.sources, 0);
    GstClockTime now = gst_clock_get_time (GST_CLOCK (m.clock));

    mux_push (a, 10, now / MS, KEY);
    mux_set_time (&m, now + 10 * MS);
    mux_wait_task (&m, now + 100 * MS);
    mux_set_time (&m, now + 100 * MS);
    mux_wait_groups (&m, 1);
    mux_eos_all (&m);
    mux_wait_eos (&m, run + 1);
    mux_walk (&m, &walk, TRUE);
    mux_check_order (&m, "1");
    walk_clear (&walk);
    g_bytes_unref (mux_take_file (&m));
    for (i = 0; run == 0 && i < 2; i++) {
      GstSegment segment;

      mux_flush (g_ptr_array_index (m.sources, i));
      gst_segment_init (&segment, GST_FORMAT_TIME);
      gst_pad_push_event (g_ptr_array_index (m.sources, i),
          gst_event_new_segment (&segment));
    }
  }
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_live_muxer_starts_again_after_null)
{
  guint run;
  Mux m;

  mux_init_clocked (&m, "group-duration=0");
  mux_add_silent (&m, "sink_%u");
  mux_add_silent (&m, "sink_%u");
  for (run = 0; run < 3; run++) {
    GstPad *a = g_ptr_array_index (m.sources, 0);
    GstClockTime now = gst_clock_get_time (GST_CLOCK (m.clock));

    mux_set_live (a, 10 * MS);
    gst_pad_set_active (a, FALSE);
    gst_pad_set_active (a, TRUE);
    mux_start_source (a, AUDIO_CAPS);
    mux_push (a, 10, now / MS, KEY);
    mux_wait_task (&m, now + 10 * MS);
    mux_set_time (&m, now + 10 * MS);
    mux_wait_groups (&m, 1);
    gst_element_set_state (m.mux, GST_STATE_NULL);
    g_bytes_unref (mux_take_file (&m));
    mux_play (&m);
  }
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_end_group_of_a_live_muxer)
{
  GstPad *a;
  Mux m;

  mux_init_clocked (&m, NULL);
  a = mux_add_live (&m, "sink_%u", AUDIO_CAPS, 0);
  mux_push (a, 10, 0, KEY);
  mux_wait_task (&m, 250 * MS);
  g_signal_emit_by_name (m.mux, "end-group");
  mux_wait_groups (&m, 1);
  mux_clear (&m);
}

GST_END_TEST;

static Suite *
h4mkmux_live_suite (void)
{
  Suite *s = suite_create ("h4mkmux-live");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_a_stalled_track_holds_a_block_until_its_latency);
  tcase_add_test (tc, test_what_is_overdue_is_written_by_whoever_comes);
  tcase_add_test (tc, test_both_tracks_there_nobody_waits);
  tcase_add_test (tc, test_group_of_an_idle_source_is_written_when_due);
  tcase_add_test (tc,
      test_group_of_blocks_that_lie_ahead_is_due_from_when_they_came);
  tcase_add_test (tc, test_a_late_track_is_in_a_new_trak);
  tcase_add_test (tc, test_a_sparse_track_holds_nothing_and_loses_nothing);
  tcase_add_test (tc, test_caps_that_change_are_in_a_new_trak);
  tcase_add_test (tc, test_a_track_that_ended_is_not_waited_for);
  tcase_add_test (tc, test_eos_writes_what_is_queued);
  tcase_add_test (tc, test_blocks_are_out_within_group_duration_and_latency);
  tcase_add_test (tc, test_full_rings_never_block_a_live_pipeline);
  tcase_add_test (tc, test_latency_is_upstreams_and_its_own);
  tcase_add_test (tc, test_a_new_latency_is_waited_for);
  tcase_add_test (tc, test_released_live_track_is_not_waited_for);
  tcase_add_test (tc, test_paused_nothing_is_due);
  tcase_add_test (tc, test_stop_while_the_task_is_blocked_downstream);
  tcase_add_test (tc, test_stop_while_the_task_waits_for_the_clock);
  tcase_add_test (tc, test_live_muxer_starts_again_after_eos_and_flush);
  tcase_add_test (tc, test_live_muxer_starts_again_after_null);
  tcase_add_test (tc, test_end_group_of_a_live_muxer);
  return s;
}

H4_FILES_CHECK_MAIN (h4mkmux_live);
