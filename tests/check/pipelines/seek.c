/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Where seeks land, what each track gets, and how much is read for it. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "synthetic.h"

/* Frames are shown two after they are decoded, and no time is below zero: what
 * is stored is what is played. */
static GstClockTime
key_pts (guint n, guint gop)
{
  return (n * gop + 2) * H4_FRAME;
}

static guint
n_keys (guint gop)
{
  return (guint) (H4_FILE_DURATION / H4_FRAME + gop - 1) / gop;
}

static const gchar *const layouts[] = {
  "",
  "group-duration=0",
  "group-duration=40000000 span-duration=100000000 min-index-interval=0",
  "group-duration=5000000000 span-duration=5000000000",
  "link=false",
};

GST_START_TEST (test_seeks_land_on_each_key_block)
{
  gchar *path = h4_make_file (layouts[__i__]);
  GstClockTime offset;
  H4Player player;
  guint i;

  h4_player_open (&player, path, "", "");
  for (i = 0; i < n_keys (H4_GOP); i += __i__ == 0 ? 1 : 13) {
    GstClockTime key = key_pts (i, H4_GOP);
    GstSegment *segment = &player.segments[H4_STREAM_VIDEO];

    /* stream time 0 is the first group's smallest pts */
    if (i == 0)
      h4_player_seek (&player, 1.0, GST_SEEK_FLAG_KEY_UNIT, 0, -1);
    offset = segment->start - segment->time;
    h4_player_seek (&player, 1.0, GST_SEEK_FLAG_KEY_UNIT, key - offset + 3, -1);
    fail_unless_equals_uint64 (segment->start, key);
    fail_unless_equals_uint64 (segment->time, key - offset);
    fail_unless_equals_int (h4_player_get (&player, H4_STREAM_VIDEO,
            0)->number, i * H4_GOP);
    h4_player_check_needs (&player, key);
    /* accurate ones begin there, and with the same block */
    h4_player_seek (&player, 1.0, GST_SEEK_FLAG_ACCURATE, key - offset + 3, -1);
    fail_unless_equals_uint64 (segment->start, key + 3);
    fail_unless_equals_uint64 (segment->time, key - offset + 3);
    fail_unless_equals_int (h4_player_get (&player, H4_STREAM_VIDEO,
            0)->number, i * H4_GOP);
    h4_player_check_needs (&player, key + 3);
  }
  h4_player_close (&player);
  h4_remove_file (path);
}

GST_END_TEST;

GST_START_TEST (test_accurate_seeks_start_where_they_were_asked_to)
{
  gchar *path = h4_make_file (layouts[__i__]);
  H4Player player;
  GstClockTime time;

  h4_player_open (&player, path, "", "verify=chain");
  for (time = 0; time < H4_FILE_DURATION;
      time += (__i__ == 0 ? 777 : 4321) * GST_MSECOND) {
    GstSegment *segment = &player.segments[H4_STREAM_VIDEO];

    h4_player_seek (&player, 1.0, GST_SEEK_FLAG_ACCURATE, time, -1);
    fail_unless_equals_uint64 (segment->time, time);
    h4_player_check_needs (&player, segment->start);
  }
  h4_player_close (&player);
  h4_remove_file (path);
}

GST_END_TEST;

GST_START_TEST (test_snap_after_and_nearest)
{
  gchar *path = h4_make_file ("");
  H4Player player;
  guint i;

  h4_player_open (&player, path, "", "");
  for (i = 0; i + 1 < n_keys (H4_GOP); i += 9) {
    GstClockTime key = key_pts (i, H4_GOP), next = key_pts (i + 1, H4_GOP);
    GstSegment *segment = &player.segments[H4_STREAM_VIDEO];

    h4_player_seek (&player, 1.0, GST_SEEK_FLAG_KEY_UNIT |
        GST_SEEK_FLAG_SNAP_AFTER, key + 1, -1);
    fail_unless_equals_uint64 (segment->start, next);
    h4_player_seek (&player, 1.0, GST_SEEK_FLAG_KEY_UNIT |
        GST_SEEK_FLAG_SNAP_AFTER, key, -1);
    fail_unless_equals_uint64 (segment->start, key);
    h4_player_seek (&player, 1.0, GST_SEEK_FLAG_KEY_UNIT |
        GST_SEEK_FLAG_SNAP_NEAREST, key + 100 * GST_MSECOND, -1);
    fail_unless_equals_uint64 (segment->start, key);
    h4_player_seek (&player, 1.0, GST_SEEK_FLAG_KEY_UNIT |
        GST_SEEK_FLAG_SNAP_NEAREST, next - 100 * GST_MSECOND, -1);
    fail_unless_equals_uint64 (segment->start, next);
  }
  h4_player_close (&player);
  h4_remove_file (path);
}

GST_END_TEST;

GST_START_TEST (test_a_stop_ends_every_stream)
{
  gchar *path = h4_make_file ("");
  GstClockTime stop = 7 * GST_SECOND;
  H4Player player;
  guint i;

  h4_player_open (&player, path, "", "");
  h4_player_seek (&player, 1.0, GST_SEEK_FLAG_ACCURATE, 4 * GST_SECOND, stop);
  fail_unless_equals_uint64 (player.segments[H4_STREAM_VIDEO].stop, stop);
  h4_player_check_needs (&player, 4 * GST_SECOND);
  for (i = 0; i < player.blocks->len; i++) {
    const H4Block *block = &g_array_index (player.blocks, H4Block, i);

    fail_unless (block->pts < stop || block->dts < stop);
  }
  h4_player_close (&player);
  h4_remove_file (path);
}

GST_END_TEST;

/* 24 blocks, a key block each 6. In blocks; -1: nothing is left. */
static const struct
{
  GstSeekFlags flags;
  guint at;
  gint want;
} opaque_cases[] = {
  {0, 8, 8},
  {GST_SEEK_FLAG_KEY_UNIT, 11, 6},
  {GST_SEEK_FLAG_KEY_UNIT | GST_SEEK_FLAG_SNAP_BEFORE, 11, 6},
  {GST_SEEK_FLAG_KEY_UNIT | GST_SEEK_FLAG_SNAP_AFTER, 6, 6},
  {GST_SEEK_FLAG_KEY_UNIT | GST_SEEK_FLAG_SNAP_AFTER, 7, 12},
  {GST_SEEK_FLAG_KEY_UNIT | GST_SEEK_FLAG_SNAP_AFTER, 19, 18},
  {GST_SEEK_FLAG_KEY_UNIT | GST_SEEK_FLAG_SNAP_NEAREST, 9, 6},
  {GST_SEEK_FLAG_KEY_UNIT | GST_SEEK_FLAG_SNAP_NEAREST, 10, 12},
  {GST_SEEK_FLAG_KEY_UNIT | GST_SEEK_FLAG_SNAP_NEAREST, 23, 18},
  {GST_SEEK_FLAG_KEY_UNIT, 24, -1},
};

GST_START_TEST (test_seeks_among_opaque_blocks_snap_to_key_blocks)
{
  gchar *path = h4_make_base_file (6, 24);
  gint want = opaque_cases[__i__].want;
  const H4Block *block;
  H4Player player;

  h4_player_open (&player, path, "", "");
  h4_player_seek (&player, 1.0, opaque_cases[__i__].flags,
      opaque_cases[__i__].at * H4_FRAME, -1);
  block = h4_player_get (&player, H4_STREAM_VIDEO, 0);
  if (want >= 0) {
    fail_unless_equals_int (block->number, want);
    fail_unless_equals_uint64 (player.segments[H4_STREAM_VIDEO].start,
        want * H4_FRAME);
  } else {
    fail_unless (block == NULL);
  }
  h4_player_close (&player);
  h4_remove_file (path);
}

GST_END_TEST;

GST_START_TEST (test_key_unit_trick_mode_shows_opaque_key_blocks_alone)
{
  gchar *path = h4_make_base_file (6, 24);
  H4Player player;
  guint i;

  h4_player_open (&player, path, "", "");
  h4_player_seek (&player, 4.0, GST_SEEK_FLAG_TRICKMODE |
      GST_SEEK_FLAG_TRICKMODE_KEY_UNITS, 0, -1);
  fail_unless_equals_int (h4_player_count (&player, H4_STREAM_VIDEO), 4);
  for (i = 0; i < 4; i++)
    fail_unless_equals_int (h4_player_get (&player, H4_STREAM_VIDEO,
            i)->number, i * 6);
  h4_player_close (&player);
  h4_remove_file (path);
}

GST_END_TEST;

/* want: where the segment starts; -1: the seek is refused. */
static const struct
{
  GstSeekType start_type;
  gint64 start;
  GstSeekType stop_type;
  gint64 stop;
  gint64 want;
} end_cases[] = {
  {GST_SEEK_TYPE_SET, 6, GST_SEEK_TYPE_SET, 5, -1},
  {GST_SEEK_TYPE_NONE, 0, GST_SEEK_TYPE_SET, 3, -1},
  {GST_SEEK_TYPE_NONE, 0, GST_SEEK_TYPE_SET, 5, 4},
  {GST_SEEK_TYPE_NONE, 0, GST_SEEK_TYPE_END, -1000, -1},
  {GST_SEEK_TYPE_END, -5, GST_SEEK_TYPE_SET, 5, -1},
  {GST_SEEK_TYPE_END, -5, GST_SEEK_TYPE_NONE, 0, -1},
  {GST_SEEK_TYPE_END, -1000, GST_SEEK_TYPE_SET, 5, 0},
  {GST_SEEK_TYPE_END, 1, GST_SEEK_TYPE_END, -1, -1},
  {GST_SEEK_TYPE_SET, -3, GST_SEEK_TYPE_SET, 5, 0},
  {GST_SEEK_TYPE_SET, 6, GST_SEEK_TYPE_SET, -3, -1},
  {GST_SEEK_TYPE_SET, 8, GST_SEEK_TYPE_NONE, 0, -1},
};

/* Each comes after a seek from 4 s to 7 s. */
GST_START_TEST (test_seeks_that_end_before_they_start_are_refused)
{
  gchar *path = h4_make_file ("");
  GstQuery *query = gst_query_new_segment (GST_FORMAT_TIME);
  GstElement *demux;
  H4Player player;
  GstPad *pad;
  gint64 start;

  h4_player_open (&player, path, "", "");
  h4_player_seek (&player, 1.0, GST_SEEK_FLAG_ACCURATE, 4 * GST_SECOND,
      7 * GST_SECOND);
  demux = gst_bin_get_by_name (GST_BIN (player.pipeline), "d");
  pad = GST_PAD (demux->srcpads->data);
  fail_unless_equals_int (gst_pad_send_event (pad, gst_event_new_seek (1.0,
              GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE,
              end_cases[__i__].start_type,
              end_cases[__i__].start * (gint64) GST_SECOND,
              end_cases[__i__].stop_type,
              end_cases[__i__].stop * (gint64) GST_SECOND)),
      end_cases[__i__].want >= 0);
  fail_unless (gst_pad_query (pad, query));
  gst_query_parse_segment (query, NULL, NULL, &start, NULL);
  /* refused, it stays as it was */
  fail_unless_equals_int64 (start, (gint64) GST_SECOND *
      (end_cases[__i__].want >= 0 ? end_cases[__i__].want : 4));
  gst_query_unref (query);
  gst_object_unref (demux);
  h4_player_close (&player);
  h4_remove_file (path);
}

GST_END_TEST;

GST_START_TEST (test_rates_go_into_the_segment)
{
  static const gdouble rates[] = { 2.0, 0.5, 1.0 };
  gchar *path = h4_make_file ("");
  H4Player player;

  h4_player_open (&player, path, "", "");
  h4_player_seek (&player, rates[__i__], GST_SEEK_FLAG_ACCURATE,
      18 * GST_SECOND, -1);
  fail_unless (player.segments[H4_STREAM_AUDIO].rate == rates[__i__]);
  h4_player_check_needs (&player, 18 * GST_SECOND);
  h4_player_close (&player);
  h4_remove_file (path);
}

GST_END_TEST;

/* Backwards, pictures come from key block to key block, each run forwards and
 * marked; none is lost, none comes twice. */
GST_START_TEST (test_reverse_plays_every_run)
{
  gchar *path = h4_make_file (layouts[__i__]);
  guint frames = H4_FILE_DURATION / H4_FRAME, n, i, run = 0;
  gboolean *seen = g_new0 (gboolean, frames);
  H4Player player;

  h4_player_open (&player, path, "", "");
  h4_player_seek (&player, -1.0, GST_SEEK_FLAG_ACCURATE, 0,
      H4_FILE_DURATION + GST_SECOND);
  n = h4_player_count (&player, H4_STREAM_VIDEO);
  fail_unless_equals_int (n, frames);
  for (i = 0; i < n; i++) {
    const H4Block *block = h4_player_get (&player, H4_STREAM_VIDEO, i);

    fail_if (seen[block->number]);
    seen[block->number] = TRUE;
    if (block->number % H4_GOP == 0) {
      fail_unless (block->flags & GST_BUFFER_FLAG_DISCONT);
      fail_unless (i == 0 || block->number < run);
      run = block->number;
    } else {
      fail_unless_equals_int (block->number, ++run);
      run = block->number;
    }
    if (block->number % H4_GOP == H4_GOP - 1)
      run = block->number - H4_GOP + 1;
  }
  fail_unless_equals_int (h4_player_count (&player, H4_STREAM_AUDIO),
      H4_FILE_DURATION / H4_AUDIO_FRAME);
  g_free (seen);
  h4_player_close (&player);
  h4_remove_file (path);
}

GST_END_TEST;

GST_START_TEST (test_reverse_stops_at_its_start)
{
  gchar *path = h4_make_file ("");
  GstClockTime start = key_pts (10, H4_GOP), stop = key_pts (20, H4_GOP);
  H4Player player;
  const H4Block *last;

  h4_player_open (&player, path, "", "");
  h4_player_seek (&player, -1.0, GST_SEEK_FLAG_ACCURATE, start, stop);
  last = h4_player_get (&player, H4_STREAM_VIDEO, h4_player_count (&player,
          H4_STREAM_VIDEO) - 1);
  fail_unless_equals_int (last->number, 11 * H4_GOP - 1);
  fail_unless (h4_player_get (&player, H4_STREAM_VIDEO, 0)->pts <= stop);
  h4_player_close (&player);
  h4_remove_file (path);
}

GST_END_TEST;

GST_START_TEST (test_key_unit_trick_mode_shows_key_blocks_alone)
{
  gchar *path = h4_make_file ("");
  H4Player player;
  guint i, n;

  h4_player_open (&player, path, "", "");
  h4_player_seek (&player, 4.0, GST_SEEK_FLAG_TRICKMODE |
      GST_SEEK_FLAG_TRICKMODE_KEY_UNITS | GST_SEEK_FLAG_TRICKMODE_NO_AUDIO, 0,
      -1);
  n = h4_player_count (&player, H4_STREAM_VIDEO);
  fail_unless_equals_int (n, n_keys (H4_GOP));
  for (i = 0; i < n; i++)
    fail_unless_equals_int (h4_player_get (&player, H4_STREAM_VIDEO,
            i)->number, i * H4_GOP);
  fail_unless_equals_int (h4_player_count (&player, H4_STREAM_AUDIO), 0);
  h4_player_close (&player);
  h4_remove_file (path);
}

GST_END_TEST;

GST_START_TEST (test_segment_seeks_end_in_segment_done)
{
  gchar *path = h4_make_file ("");
  H4Player player;

  h4_player_open (&player, path, "", "");
  h4_player_play_segments (&player);
  h4_player_close (&player);
  h4_remove_file (path);
}

GST_END_TEST;

/* 100 000 spans: a block each. */
#define N_SPANS 100000
#define SPAN_SETTINGS "group-duration=0 span-duration=1"

static gint
take_reads (H4Player * player)
{
  gint reads = g_atomic_int_get (&player->reads);

  g_atomic_int_set (&player->reads, 0);
  return reads;
}

/* Preroll: what opening takes, and the reads of the first groups, which a
 * queue of one buffer bounds. */
GST_START_TEST (test_opening_and_seeking_read_little_whatever_the_size)
{
  gchar *path = h4_make_audio_file (SPAN_SETTINGS, N_SPANS);
  H4Player player;
  guint i;

  h4_player_open (&player, path, "", "");
  gst_element_set_state (player.pipeline, GST_STATE_READY);
  player.hold = TRUE;
  gst_element_set_state (player.pipeline, GST_STATE_PAUSED);
  h4_player_wait_held (&player);
  fail_unless (take_reads (&player) <= 5 + 1);
  for (i = 0; i < 20; i++) {
    h4_player_seek_held (&player, (i * 7919 % N_SPANS) * 10 * GST_MSECOND);
    /* page, span, then what is played */
    fail_unless (take_reads (&player) <= 3);
  }
  h4_player_close (&player);
  h4_remove_file (path);
}

GST_END_TEST;

GST_START_TEST (test_opening_a_cut_file_reads_what_pages_leave)
{
  gchar *path = h4_make_audio_file (SPAN_SETTINGS, N_SPANS);
  H4Player player;

  h4_cut_file (path, 0.77);
  h4_player_open (&player, path, "", "");
  player.hold = TRUE;
  gst_element_set_state (player.pipeline, GST_STATE_PAUSED);
  h4_player_wait_held (&player);
  fail_unless (take_reads (&player) <= 800 + 1);
  h4_player_close (&player);
  h4_remove_file (path);
}

GST_END_TEST;

static Suite *
seek_suite (void)
{
  Suite *s = suite_create ("seek");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_loop_test (tc, test_seeks_land_on_each_key_block, 0,
      G_N_ELEMENTS (layouts));
  tcase_add_loop_test (tc, test_accurate_seeks_start_where_they_were_asked_to,
      0, G_N_ELEMENTS (layouts));
  tcase_add_test (tc, test_snap_after_and_nearest);
  tcase_add_test (tc, test_a_stop_ends_every_stream);
  tcase_add_loop_test (tc, test_seeks_among_opaque_blocks_snap_to_key_blocks, 0,
      G_N_ELEMENTS (opaque_cases));
  tcase_add_test (tc, test_key_unit_trick_mode_shows_opaque_key_blocks_alone);
  tcase_add_loop_test (tc, test_seeks_that_end_before_they_start_are_refused, 0,
      G_N_ELEMENTS (end_cases));
  tcase_add_loop_test (tc, test_rates_go_into_the_segment, 0, 3);
  tcase_add_loop_test (tc, test_reverse_plays_every_run, 0,
      G_N_ELEMENTS (layouts));
  tcase_add_test (tc, test_reverse_stops_at_its_start);
  tcase_add_test (tc, test_key_unit_trick_mode_shows_key_blocks_alone);
  tcase_add_test (tc, test_segment_seeks_end_in_segment_done);
  tcase_add_test (tc, test_opening_and_seeking_read_little_whatever_the_size);
  tcase_add_test (tc, test_opening_a_cut_file_reads_what_pages_leave);
  return s;
}

H4_FILES_CHECK_MAIN (seek);
