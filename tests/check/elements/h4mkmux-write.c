/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* h4mkmux: groups, spans, times and flags, and what goes downstream. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "h4mkmux-common.h"

#define NONE GST_CLOCK_TIME_NONE

static void
check_groups (Walk * walk, const guint * blocks, guint n)
{
  guint64 token = 0;
  guint i, group = 0, count = 0;

  for (i = 0; i < walk->blocks->len; i++) {
    const WalkBlock *b = walk_block (walk, i);

    if (b->token != token && count > 0) {
      fail_unless (group < n);
      fail_unless_equals_int (count, blocks[group++]);
      count = 0;
    }
    token = b->token;
    count++;
  }
  fail_unless_equals_int (count, blocks[group++]);
  fail_unless_equals_int (group, n);
}

GST_START_TEST (test_group_ends_at_its_duration)
{
  static const guint groups[] = { 5, 5, 2 };
  GstPad *a;
  Walk walk;
  guint i;
  Mux m;

  mux_init (&m, "group-duration=100000000");
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  for (i = 0; i < 12; i++)
    mux_push (a, 10, 20 * i, KEY);
  mux_eos (a);
  mux_walk (&m, &walk, TRUE);
  check_groups (&walk, groups, G_N_ELEMENTS (groups));
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_group_of_no_duration_is_one_block_pushed_at_once)
{
  GstPad *a;
  guint i;
  Mux m;

  mux_init (&m, "group-duration=0");
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  for (i = 0; i < 5; i++) {
    mux_push (a, 10, 20 * i, KEY);
    fail_unless_equals_int (mux_count_groups (&m), i + 1);
  }
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_group_ends_at_its_size)
{
  static const guint groups[] = { 3, 3, 1 };
  GstPad *a;
  Walk walk;
  guint i;
  Mux m;

  mux_init (&m, "group-size=1000");
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  for (i = 0; i < 7; i++) {
    mux_push (a, 400, i, KEY);
    fail_unless_equals_int (mux_count_groups (&m), (i + 1) / 3);
  }
  mux_eos (a);
  mux_walk (&m, &walk, TRUE);
  check_groups (&walk, groups, G_N_ELEMENTS (groups));
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

static guint
count_spans (const gchar * properties, const gchar * caps, guint key_every)
{
  GstPad *a;
  Walk walk;
  guint i, n;
  Mux m;

  mux_init (&m, properties);
  a = mux_add (&m, "sink_%u", caps);
  /* four seconds */
  for (i = 0; i < 100; i++)
    mux_push (a, 10, 40 * i, i % key_every == 0 ? KEY : DELTA);
  mux_eos (a);
  mux_walk (&m, &walk, TRUE);
  n = walk.spans->len;
  walk_clear (&walk);
  mux_clear (&m);
  return n;
}

GST_START_TEST (test_span_ends_at_its_duration)
{
  fail_unless_equals_int (count_spans (NULL, AUDIO_CAPS, 1), 4);
  fail_unless_equals_int (count_spans ("span-duration=2000000000", AUDIO_CAPS,
          1), 2);
}

GST_END_TEST;

GST_START_TEST (test_span_begins_with_a_key_block_after_the_least_interval)
{
  /* key blocks each 200 ms: at 600, 1200 … and each 600 ms */
  fail_unless_equals_int (count_spans (NULL, VIDEO_CAPS, 5), 7);
  fail_unless_equals_int (count_spans ("min-index-interval=200000000",
          VIDEO_CAPS, 5), 20);
  fail_unless_equals_int (count_spans ("min-index-interval=5000000000",
          VIDEO_CAPS, 5), 4);
}

GST_END_TEST;

GST_START_TEST (test_without_link_no_chunk_is_one)
{
  GstPad *a;
  Walk walk;
  guint i;
  Mux m;

  mux_init (&m, "link=false");
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  for (i = 0; i < 100; i++)
    mux_push (a, 10, 40 * i, KEY);
  mux_eos (a);
  mux_walk (&m, &walk, FALSE);
  fail_unless_equals_int (mux_count_chunks (&m, GST_H4MK_TAG_LINK), 0);
  fail_unless_equals_int (walk.spans->len, 4);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_end_group_writes_what_was_gathered)
{
  static const guint groups[] = { 2, 1 };
  GstPad *a;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  /* nothing to end yet */
  g_signal_emit_by_name (m.mux, "end-group");
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_push (a, 10, 0, KEY);
  mux_push (a, 10, 20, KEY);
  fail_unless_equals_int (mux_count_groups (&m), 0);
  g_signal_emit_by_name (m.mux, "end-group");
  mux_wait_groups (&m, 1);
  mux_push (a, 10, 40, KEY);
  mux_eos (a);
  /* the other thread may be the one that writes */
  mux_wait_eos (&m, 1);
  mux_walk (&m, &walk, TRUE);
  check_groups (&walk, groups, G_N_ELEMENTS (groups));
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_blocks_are_in_order_of_time_then_of_track)
{
  GstPad *a, *b;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", VIDEO_CAPS);
  b = mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_push (b, 10, 0, KEY);
  mux_push (b, 10, 20, KEY);
  mux_push (b, 10, 40, KEY);
  mux_push (a, 10, 0, KEY);
  mux_push (a, 10, 40, DELTA);
  mux_push (b, 10, 60, KEY);
  mux_eos (b);
  mux_push (a, 10, 80, DELTA);
  mux_eos (a);
  mux_walk (&m, &walk, TRUE);
  mux_check_order (&m, "1221221");
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_order_goes_by_dts_before_pts)
{
  GstPad *a, *b;
  Mux m;

  mux_init (&m, "group-duration=0");
  a = mux_add (&m, "sink_%u", VIDEO_CAPS);
  b = mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_push_full (a, 10, 80 * MS, 0, NONE, KEY);
  mux_push_full (a, 10, 40 * MS, 40 * MS, NONE, DELTA);
  mux_push (b, 10, 20, KEY);
  mux_push (b, 10, 60, KEY);
  mux_eos_all (&m);
  mux_check_order (&m, "1212");
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_block_without_time_follows_its_predecessor)
{
  GstPad *a, *b;
  Mux m;

  mux_init (&m, "group-duration=0");
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  b = mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_push (a, 10, 20, KEY);
  mux_push (a, 10, -1, KEY);
  mux_push (a, 10, 60, KEY);
  mux_push (b, 10, -1, KEY);
  mux_push (b, 10, 10, KEY);
  mux_push (b, 10, 40, KEY);
  mux_eos_all (&m);
  mux_check_order (&m, "221121");
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_untimed_streams_are_kept_whole)
{
  GstPad *a, *b;
  Walk walk;
  guint i;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", NULL);
  b = mux_add (&m, "sink_%u", NULL);
  for (i = 0; i < 50; i++) {
    mux_push (a, i, -1, KEY);
    mux_push (b, i, -1, KEY);
  }
  mux_eos_all (&m);
  mux_walk (&m, &walk, TRUE);
  fail_unless_equals_int (walk.blocks->len, 100);
  for (i = 0; i < 100; i++)
    fail_unless (walk_block (&walk, i)->record.flags & GST_H4MK_RECORD_NO_PTS);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_bytes_segment_has_no_times)
{
  GstSegment segment;
  GstPad *a;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", NULL);
  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_pad_push_event (a, gst_event_new_segment (&segment));
  mux_push (a, 10, 40, KEY);
  mux_eos (a);
  mux_walk (&m, &walk, TRUE);
  fail_unless (walk_block (&walk, 0)->record.flags & GST_H4MK_RECORD_NO_PTS);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_record_has_what_the_buffer_has)
{
  static const struct
  {
    GstBufferFlags flag;
    guint64 record;
  } flags[] = {
    {0, 0}, {DELTA, 0}, {GST_BUFFER_FLAG_DISCONT, GST_H4MK_RECORD_DISCONT},
    {GST_BUFFER_FLAG_DROPPABLE, GST_H4MK_RECORD_DROPPABLE},
    {GST_BUFFER_FLAG_HEADER, GST_H4MK_RECORD_HEADER},
    {GST_BUFFER_FLAG_MARKER, GST_H4MK_RECORD_MARKER},
    {GST_BUFFER_FLAG_GAP, GST_H4MK_RECORD_GAP},
    {GST_BUFFER_FLAG_CORRUPTED, GST_H4MK_RECORD_CORRUPTED},
    {GST_BUFFER_FLAG_RESYNC, GST_H4MK_RECORD_RESYNC},
  };
  GstPad *a;
  Walk walk;
  guint i;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", VIDEO_CAPS);
  for (i = 0; i < G_N_ELEMENTS (flags); i++)
    mux_push_full (a, 100 + i, i * 40 * MS, i * 39 * MS, 38 * MS + i,
        flags[i].flag);
  mux_eos (a);
  mux_walk (&m, &walk, TRUE);
  for (i = 0; i < G_N_ELEMENTS (flags); i++) {
    const GstH4mkRecord *r = &walk_block (&walk, i)->record;
    GstBuffer *buffer = mux_buffer (100 + i, 40 * i);

    fail_unless_equals_uint64 (r->flags & ~(guint64) GST_H4MK_RECORD_KEY,
        flags[i].record | GST_H4MK_RECORD_HAS_DTS |
        GST_H4MK_RECORD_HAS_DURATION);
    fail_unless_equals_int ((r->flags & GST_H4MK_RECORD_KEY) != 0,
        flags[i].flag != DELTA);
    fail_unless_equals_int64 (r->pts, i * 40 * MS);
    fail_unless_equals_int64 (r->dts, i * 39 * MS);
    fail_unless_equals_int64 (r->duration, 38 * MS + i);
    gst_check_buffer_data (buffer, walk.data + walk_block (&walk, i)->payload,
        100 + i);
    gst_buffer_unref (buffer);
  }
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_times_are_signed_running_times)
{
  static const struct
  {
    GstClockTime start;
    gdouble rate;
    GstClockTime pts, dts;
    gint64 want_pts, want_dts;
  } rows[] = {
    /* as x264enc has them: the segment starts at 1000 h, dts before it */
    {3600000 * GST_SECOND, 1.0, 3600000 * GST_SECOND, 3600000 * GST_SECOND -
          80 * MS, 0, -80 * (gint64) MS},
    {GST_SECOND, 1.0, 3 * GST_SECOND, 2 * GST_SECOND, 2 * GST_SECOND,
        GST_SECOND},
    {0, 2.0, 4 * GST_SECOND, 2 * GST_SECOND, 2 * GST_SECOND, GST_SECOND}
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    GstSegment segment;
    GstPad *a;
    Walk walk;
    Mux m;

    mux_init (&m, NULL);
    a = mux_add (&m, "sink_%u", VIDEO_CAPS);
    gst_segment_init (&segment, GST_FORMAT_TIME);
    segment.start = rows[i].start;
    segment.rate = rows[i].rate;
    gst_pad_push_event (a, gst_event_new_segment (&segment));
    mux_push_full (a, 10, rows[i].pts, rows[i].dts, 40 * MS, KEY);
    mux_eos (a);
    mux_walk (&m, &walk, TRUE);
    fail_unless_equals_int64 (walk_block (&walk, 0)->record.pts,
        rows[i].want_pts);
    fail_unless_equals_int64 (walk_block (&walk, 0)->record.dts,
        rows[i].want_dts);
    fail_unless_equals_int64 (walk_block (&walk, 0)->record.duration,
        40 * MS / rows[i].rate);
    walk_clear (&walk);
    mux_clear (&m);
  }
}

GST_END_TEST;

GST_START_TEST (test_empty_buffers_and_large_ones_are_kept)
{
  static const gsize sizes[] = { 0, 1, 4096, 4097, 0, 300000 };
  GstPad *a;
  Walk walk;
  guint i;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", VIDEO_CAPS);
  for (i = 0; i < G_N_ELEMENTS (sizes); i++)
    fail_unless_equals_int (mux_push (a, sizes[i], i, KEY), GST_FLOW_OK);
  mux_eos (a);
  mux_walk (&m, &walk, TRUE);
  for (i = 0; i < G_N_ELEMENTS (sizes); i++) {
    GstBuffer *buffer = mux_buffer (sizes[i], i);

    fail_unless_equals_uint64 (walk_block (&walk, i)->record.size, sizes[i]);
    gst_check_buffer_data (buffer, walk.data + walk_block (&walk, i)->payload,
        sizes[i]);
    gst_buffer_unref (buffer);
  }
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_buffers_of_many_memories_are_one_block)
{
  GstBuffer *buffer = mux_buffer (5000, 1), *whole = gst_buffer_copy (buffer);
  GstPad *a;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", VIDEO_CAPS);
  buffer = gst_buffer_append (buffer, mux_buffer (5000, 2));
  whole = gst_buffer_append (whole, mux_buffer (5000, 2));
  gst_pad_push (a, buffer);
  mux_eos (a);
  mux_walk (&m, &walk, TRUE);
  gst_check_buffer_data (whole, walk.data + walk_block (&walk, 0)->payload,
      10000);
  gst_buffer_unref (whole);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_one_memory_may_come_again_and_again)
{
  GstBuffer *buffer = mux_buffer (5000, 1);
  GstPad *a;
  Walk walk;
  guint i;
  Mux m;

  mux_init (&m, "group-size=100000000");
  a = mux_add (&m, "sink_%u", VIDEO_CAPS);
  for (i = 0; i < 2000; i++)
    fail_unless_equals_int (gst_pad_push (a, gst_buffer_copy (buffer)),
        GST_FLOW_OK);
  mux_eos (a);
  mux_walk (&m, &walk, TRUE);
  fail_unless_equals_int (mux_count_groups (&m), 1);
  for (i = 0; i < 2000; i++)
    gst_check_buffer_data (buffer, walk.data + walk_block (&walk, i)->payload,
        5000);
  gst_buffer_unref (buffer);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_gap_lets_the_others_go_on)
{
  GstPad *a, *b;
  Mux m;

  mux_init (&m, "group-duration=0");
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  b = mux_add (&m, "sink_%u", TEXT_CAPS);
  mux_push (a, 10, 0, KEY);
  mux_push (a, 10, 20, KEY);
  mux_push (a, 10, 40, KEY);
  mux_send_gap (b, 0, 30 * MS);
  fail_unless_equals_int (mux_count_groups (&m), 2);
  /* of no use: it has no time */
  mux_send_gap (b, 30 * MS, G_MAXUINT64 - 5);
  fail_unless_equals_int (mux_count_groups (&m), 2);
  mux_push (b, 10, 50, KEY);
  fail_unless_equals_int (mux_count_groups (&m), 3);
  mux_eos_all (&m);
  mux_check_order (&m, "1112");
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_caps_that_a_gap_follows_are_in_the_first_trak)
{
  GstPad *a, *b;
  gchar *trak;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  b = mux_add (&m, "sink_%u", TEXT_CAPS);
  mux_send_gap (b, 0, 100 * MS);
  mux_push (a, 10, 0, KEY);
  mux_push (b, 10, 100, KEY);
  mux_eos_all (&m);
  mux_walk (&m, &walk, TRUE);
  fail_unless_equals_int (mux_count_chunks (&m, GST_H4MK_TAG_TRAK), 1);
  trak = mux_get_text (&m, GST_H4MK_TAG_TRAK, 0);
  fail_unless (strstr (trak, "text/x-raw") != NULL, "%s", trak);
  g_free (trak);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_eos_of_one_lets_the_others_go_on)
{
  GstPad *a, *b;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  b = mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_push (a, 10, 0, KEY);
  mux_push (a, 10, 20, KEY);
  mux_push (b, 10, 0, KEY);
  mux_eos (b);
  fail_unless_equals_int (mux_push (b, 10, 40, KEY), GST_FLOW_EOS);
  mux_push (a, 10, 40, KEY);
  fail_unless_equals_int (m.n_eos, 0);
  mux_eos (a);
  fail_unless_equals_int (m.n_eos, 1);
  mux_walk (&m, &walk, TRUE);
  mux_check_order (&m, "1211");
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_a_stream_that_never_had_data_is_in_trak)
{
  GstPad *a;
  gchar *trak;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_eos (mux_add (&m, "sink_%u", TEXT_CAPS));
  mux_push (a, 10, 0, KEY);
  mux_eos (a);
  mux_walk (&m, &walk, TRUE);
  trak = mux_get_text (&m, GST_H4MK_TAG_TRAK, 0);
  fail_unless (strstr (trak, "text/x-raw") != NULL, "%s", trak);
  g_free (trak);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_file_without_blocks_is_whole)
{
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_add_silent (&m, "sink_%u");
  gst_pad_push_event (g_ptr_array_index (m.sources, 1),
      gst_event_new_stream_start ("t"));
  mux_eos_all (&m);
  fail_unless_equals_int (m.n_eos, 1);
  mux_walk (&m, &walk, TRUE);
  fail_unless_equals_int (walk.blocks->len, 0);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_buffers_say_where_they_stand)
{
  gsize offset = 0;
  guint i, n_span_starts = 0;
  GstPad *a;
  Walk walk;
  Mux m;

  mux_init (&m, "group-duration=40000000");
  a = mux_add (&m, "sink_%u", VIDEO_CAPS);
  for (i = 0; i < 80; i++)
    mux_push (a, 5000, 40 * i, i % 25 == 0 ? KEY : DELTA);
  mux_eos (a);
  mux_walk (&m, &walk, TRUE);
  for (i = 0; i < m.outputs->len; i++) {
    const MuxOutput *out = &g_array_index (m.outputs, MuxOutput, i);

    fail_unless_equals_uint64 (out->said_offset, offset);
    offset += out->size;
    fail_unless_equals_uint64 (out->said_end, offset);
    fail_unless_equals_int ((out->flags & GST_BUFFER_FLAG_HEADER) != 0, i == 0);
    if (i > 0 && !(out->flags & GST_BUFFER_FLAG_DELTA_UNIT)) {
      const WalkSpan *span = walk_span (&walk, n_span_starts++);
      const guint8 *p = m.bytes->data + out->offset;

      fail_unless (mux_u32 (p) == GST_H4MK_TAG_TOKN);
      fail_unless (out->offset == span->offset || span->offset == 8);
    }
  }
  fail_unless_equals_int (n_span_starts, walk.spans->len);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

static guint
count_synced (const gchar * properties, guint * n_groups)
{
  guint i, n = 0;
  GstPad *a;
  Mux m;

  mux_init (&m, properties);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  for (i = 0; i < 200; i++)
    mux_push (a, 10, 20 * i, KEY);
  mux_eos (a);
  *n_groups = mux_count_groups (&m);
  for (i = 0; i < m.outputs->len; i++) {
    const MuxOutput *out = &g_array_index (m.outputs, MuxOutput, i);

    if (out->flags & GST_BUFFER_FLAG_SYNC_AFTER)
      n++;
    else
      fail_if (i == 0 || i == m.outputs->len - 1);
  }
  mux_clear (&m);
  return n;
}

GST_START_TEST (test_sync_is_asked_for_as_often_as_set)
{
  guint groups;

  /* four seconds: header, one a second, the end */
  fail_unless_equals_int (count_synced (NULL, &groups), 1 + 4 + 1);
  fail_unless_equals_int (groups, 16);
  fail_unless_equals_int (count_synced ("sync-interval=2000000000", &groups),
      1 + 2 + 1);
  fail_unless_equals_int (count_synced ("sync-interval=0", &groups),
      1 + 16 + 1);
}

GST_END_TEST;

GST_START_TEST (test_sync_is_on_the_last_buffer_of_its_group)
{
  guint i;
  GstPad *a;
  Mux m;

  mux_init (&m, "sync-interval=0 group-duration=0");
  a = mux_add (&m, "sink_%u", VIDEO_CAPS);
  for (i = 0; i < 5; i++)
    mux_push (a, 5000, 40 * i, KEY);
  /* each group is two buffers: TOKN with CORE's header, and the block */
  fail_unless_equals_int (m.outputs->len, 1 + 10);
  for (i = 1; i < m.outputs->len; i++)
    fail_unless_equals_int ((g_array_index (m.outputs, MuxOutput, i).flags &
            GST_BUFFER_FLAG_SYNC_AFTER) != 0, i % 2 == 0);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_caps_hold_header_and_the_trak_in_force)
{
  GstPad *a;
  Mux m;
  guint i;

  mux_init (&m, "group-duration=0");
  a = mux_add (&m, "sink_%u", "audio/x-opus,channels=1");
  mux_push (a, 10, 0, KEY);
  mux_push (a, 10, 2000, KEY);
  mux_send_caps (a, "audio/x-opus,channels=2");
  mux_push (a, 10, 4000, KEY);
  mux_eos (a);
  fail_unless_equals_int (m.caps->len, 2);
  for (i = 0; i < 2; i++) {
    const GstStructure *s = gst_caps_get_structure (g_ptr_array_index (m.caps,
            i), 0);
    const GValue *array = gst_structure_get_value (s, "streamheader");
    GstBuffer *buffer = gst_value_get_buffer (gst_value_array_get_value (array,
            0));
    gchar *trak = mux_get_text (&m, GST_H4MK_TAG_TRAK, i);
    GstMapInfo map;

    fail_unless (gst_structure_has_name (s, "application/x-h4mk"));
    fail_unless_equals_int (gst_value_array_get_size (array), 1);
    gst_buffer_map (buffer, &map, GST_MAP_READ);
    fail_unless (memcmp (map.data, "H4MK\0\1\0\0TRAK", 12) == 0);
    fail_unless_equals_int (map.size, 20 + strlen (trak));
    fail_unless (memcmp (map.data + 20, trak, strlen (trak)) == 0);
    gst_buffer_unmap (buffer, &map);
    g_free (trak);
  }
  fail_unless_equals_string (m.events->str, "stream-start segment eos ");
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_a_message_a_span_says_what_it_proves)
{
  guint i, n = 0;
  GstMessage *message;
  GstPad *a;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  for (i = 0; i < 100; i++)
    mux_push (a, 10, 40 * i, KEY);
  mux_eos (a);
  mux_walk (&m, &walk, TRUE);
  while ((message = gst_bus_pop_filtered (m.bus, GST_MESSAGE_ELEMENT))) {
    const GstStructure *s = gst_message_get_structure (message);
    guint64 seq, offset, size, first_block, blocks;
    gint64 time;
    const gchar *chain;

    fail_unless (gst_structure_get (s, "seq", G_TYPE_UINT64, &seq, "offset",
            G_TYPE_UINT64, &offset, "size", G_TYPE_UINT64, &size,
            "first-block", G_TYPE_UINT64, &first_block, "blocks", G_TYPE_UINT64,
            &blocks, "time", G_TYPE_INT64, &time, NULL));
    chain = gst_structure_get_string (s, "chain");
    fail_unless (gst_structure_has_name (s, "h4mk-span"));
    fail_unless_equals_uint64 (seq, n + 1);
    fail_unless_equals_uint64 (offset, walk_span (&walk, n)->offset);
    fail_unless_equals_uint64 (first_block, walk_span (&walk, n)->first_block);
    fail_unless_equals_uint64 (blocks, walk_span (&walk, n)->blocks);
    fail_unless_equals_int64 (time, n * GST_SECOND);
    fail_unless_equals_int (strlen (chain), 64);
    gst_message_unref (message);
    n++;
  }
  fail_unless_equals_int (n, walk.spans->len);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_stats_count_what_was_written)
{
  GstPad *a;
  guint i;
  Mux m;

  mux_init (&m, NULL);
  fail_unless_equals_uint64 (mux_get_stat (&m, "bytes"), 0);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  for (i = 0; i < 100; i++)
    mux_push (a, 10, 40 * i, KEY);
  mux_eos (a);
  fail_unless_equals_uint64 (mux_get_stat (&m, "bytes"), m.bytes->len);
  fail_unless_equals_uint64 (mux_get_stat (&m, "blocks"), 100);
  fail_unless_equals_uint64 (mux_get_stat (&m, "spans"), 4);
  fail_unless_equals_uint64 (mux_get_stat (&m, "groups"),
      mux_count_groups (&m));
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_position_is_that_of_the_last_block)
{
  gint64 position;
  GstPad *src, *a;
  Mux m;

  mux_init (&m, NULL);
  src = gst_element_get_static_pad (m.mux, "src");
  fail_if (gst_pad_query_position (src, GST_FORMAT_TIME, &position));
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_push (a, 10, 40, KEY);
  fail_unless (gst_pad_query_position (src, GST_FORMAT_TIME, &position));
  fail_unless_equals_int64 (position, 40 * MS);
  fail_if (gst_pad_query_position (src, GST_FORMAT_BYTES, &position));
  gst_object_unref (src);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_seeks_are_refused)
{
  GstQuery *query = gst_query_new_seeking (GST_FORMAT_TIME);
  gboolean seekable;
  Mux m;

  mux_init (&m, NULL);
  mux_add (&m, "sink_%u", AUDIO_CAPS);
  fail_if (gst_pad_push_event (m.sink, gst_event_new_seek (1.0,
              GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 0,
              GST_SEEK_TYPE_NONE, 0)));
  fail_unless (gst_pad_peer_query (m.sink, query));
  gst_query_parse_seeking (query, NULL, &seekable, NULL, NULL);
  fail_if (seekable);
  gst_query_unref (query);
  mux_clear (&m);
}

GST_END_TEST;

static void
check_bad_setting (const gchar * properties, const gchar * says)
{
  Mux m;

  mux_init_null (&m, properties);
  fail_unless_equals_int (gst_element_set_state (m.mux, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  mux_check_error (&m, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS, says);
  mux_clear (&m);
}

GST_START_TEST (test_settings_that_cannot_be_are_named)
{
  check_bad_setting ("uuid=nonsense", "nonsense");
  check_bad_setting ("uuid=nonsense", "uuid");
  check_bad_setting ("safe=[1]", "\"safe\"");
  check_bad_setting ("safe={\\\"a\\\":}", "\"safe\"");
}

GST_END_TEST;

GST_START_TEST (test_safe_is_as_set_in_its_one_form)
{
  Walk walk;
  GstPad *a;
  Mux m;

  mux_init_null (&m, NULL);
  g_object_set (m.mux, "safe", " { \"b\" : [ 1 , 2.50 ], \"a\":\"\\u00e9\" }",
      NULL);
  mux_play (&m);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_push (a, 10, 0, KEY);
  mux_eos (a);
  mux_walk (&m, &walk, TRUE);
  mux_check_text (&m, GST_H4MK_TAG_SAFE, 0, "{\"b\":[1,2.5],\"a\":\"é\"}");
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_settings_are_those_of_ready)
{
  gchar *trak;
  GstPad *a;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  g_object_set (m.mux, "uuid", "nonsense", NULL);
  mux_push (a, 10, 0, KEY);
  trak = mux_get_text (&m, GST_H4MK_TAG_TRAK, 0);
  fail_unless (strstr (trak, "uuid") == NULL, "%s", trak);
  g_free (trak);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_times_out_of_range_are_one_error)
{
  GstPad *a;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_push (a, 10, 0, KEY);
  fail_unless_equals_int (mux_push_full (a, 10, G_MAXINT64 - 5, NONE, NONE,
          KEY), GST_FLOW_ERROR);
  fail_unless_equals_int (mux_push (a, 10, 40, KEY), GST_FLOW_ERROR);
  mux_check_error (&m, GST_STREAM_ERROR, GST_STREAM_ERROR_MUX, "track 1");
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_what_downstream_answers_goes_upstream)
{
  static const GstFlowReturn flows[] = { GST_FLOW_EOS, GST_FLOW_FLUSHING,
    GST_FLOW_NOT_LINKED, GST_FLOW_ERROR
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (flows); i++) {
    GstPad *a, *b;
    Mux m;

    mux_init (&m, "group-duration=0");
    a = mux_add (&m, "sink_%u", AUDIO_CAPS);
    b = mux_add (&m, "sink_%u", AUDIO_CAPS);
    m.flow = flows[i];
    fail_unless_equals_int (mux_push (a, 10, 0, KEY), GST_FLOW_OK);
    fail_unless_equals_int (mux_push (b, 10, 0, KEY), flows[i]);
    fail_unless_equals_int (mux_push (a, 10, 0, KEY), flows[i]);
    fail_unless (gst_bus_pop_filtered (m.bus, GST_MESSAGE_ERROR) == NULL);
    mux_clear (&m);
  }
}

GST_END_TEST;

static Suite *
h4mkmux_write_suite (void)
{
  Suite *s = suite_create ("h4mkmux-write");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_group_ends_at_its_duration);
  tcase_add_test (tc, test_group_of_no_duration_is_one_block_pushed_at_once);
  tcase_add_test (tc, test_group_ends_at_its_size);
  tcase_add_test (tc, test_span_ends_at_its_duration);
  tcase_add_test (tc,
      test_span_begins_with_a_key_block_after_the_least_interval);
  tcase_add_test (tc, test_without_link_no_chunk_is_one);
  tcase_add_test (tc, test_end_group_writes_what_was_gathered);
  tcase_add_test (tc, test_blocks_are_in_order_of_time_then_of_track);
  tcase_add_test (tc, test_order_goes_by_dts_before_pts);
  tcase_add_test (tc, test_block_without_time_follows_its_predecessor);
  tcase_add_test (tc, test_untimed_streams_are_kept_whole);
  tcase_add_test (tc, test_bytes_segment_has_no_times);
  tcase_add_test (tc, test_record_has_what_the_buffer_has);
  tcase_add_test (tc, test_times_are_signed_running_times);
  tcase_add_test (tc, test_empty_buffers_and_large_ones_are_kept);
  tcase_add_test (tc, test_buffers_of_many_memories_are_one_block);
  tcase_add_test (tc, test_one_memory_may_come_again_and_again);
  tcase_add_test (tc, test_gap_lets_the_others_go_on);
  tcase_add_test (tc, test_caps_that_a_gap_follows_are_in_the_first_trak);
  tcase_add_test (tc, test_eos_of_one_lets_the_others_go_on);
  tcase_add_test (tc, test_a_stream_that_never_had_data_is_in_trak);
  tcase_add_test (tc, test_file_without_blocks_is_whole);
  tcase_add_test (tc, test_buffers_say_where_they_stand);
  tcase_add_test (tc, test_sync_is_asked_for_as_often_as_set);
  tcase_add_test (tc, test_sync_is_on_the_last_buffer_of_its_group);
  tcase_add_test (tc, test_caps_hold_header_and_the_trak_in_force);
  tcase_add_test (tc, test_a_message_a_span_says_what_it_proves);
  tcase_add_test (tc, test_stats_count_what_was_written);
  tcase_add_test (tc, test_position_is_that_of_the_last_block);
  tcase_add_test (tc, test_seeks_are_refused);
  tcase_add_test (tc, test_settings_that_cannot_be_are_named);
  tcase_add_test (tc, test_safe_is_as_set_in_its_one_form);
  tcase_add_test (tc, test_settings_are_those_of_ready);
  tcase_add_test (tc, test_times_out_of_range_are_one_error);
  tcase_add_test (tc, test_what_downstream_answers_goes_upstream);
  return s;
}

H4_FILES_CHECK_MAIN (h4mkmux_write);
