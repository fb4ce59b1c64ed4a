/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* h4mkdemux following a file that is still being recorded. Whoever writes it
 * here appends once the reader has all that there is. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <glib/gstdio.h>

#include "feed.h"
#include "synthetic.h"

static GBytes *
make_file (const gchar * settings)
{
  gchar *path = h4_make_file (settings), *data;
  gsize size;

  fail_unless (g_file_get_contents (path, &data, &size, NULL));
  h4_remove_file (path);
  return g_bytes_new_take (data, size);
}

static void
open_feed (H4Feed * feed, GBytes * file, gsize size)
{
  const guint8 *data = g_bytes_get_data (file, NULL);

  h4_feed_open (feed, H4_FEED_PULL, data, size, "tail", "true", "verify",
      "chain", NULL);
  feed->full = g_bytes_get_size (file);
}

static GArray *
play_whole (GBytes * file)
{
  GArray *blocks;
  H4Feed feed;

  open_feed (&feed, file, g_bytes_get_size (file));
  fail_unless (h4_feed_run (&feed));
  blocks = g_array_ref (feed.blocks);
  h4_feed_close (&feed);
  return blocks;
}

static void
fail_unless_blocks (H4Feed * feed, GArray * blocks)
{
  fail_unless_equals_int (feed->blocks->len, blocks->len);
  fail_unless (memcmp (feed->blocks->data, blocks->data, blocks->len *
          sizeof (H4FeedBlock)) == 0);
}

/* Nothing, inside the header, the header alone, inside TRAK, inside the first
 * group, later. */
static const gsize starts[] = { 0, 5, 8, 15, 300, 2000, 20000 };

/* Each look at the file's size shows some more of it. */
GST_START_TEST (test_a_growing_file_plays_to_its_end)
{
  static const gchar *const layouts[] =
      { "", "link=false", "group-duration=0" };
  GBytes *file = make_file (layouts[__i__ % G_N_ELEMENTS (layouts)]);
  GArray *blocks = play_whole (file);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (starts); i++) {
    H4Feed feed;

    open_feed (&feed, file, starts[i]);
    feed.grow = 7001 + 10000 * i;
    fail_unless (h4_feed_run (&feed));
    fail_unless_blocks (&feed, blocks);
    fail_unless_equals_int (feed.warnings, 0);
    h4_feed_close (&feed);
  }
  g_array_unref (blocks);
  g_bytes_unref (file);
}

GST_END_TEST;

static GBytes *
make_late_file (void)
{
  gchar *path, *text, *data;
  gint fd = g_file_open_tmp ("h4XXXXXX.h4mk", &path, NULL);
  GstElement *pipeline;
  gsize size;

  fail_unless (fd >= 0);
  g_close (fd, NULL);
  text = g_strdup_printf ("audiotestsrc timestamp-offset=5000000000 "
      "num-buffers=20 ! h4mkmux ! filesink location=\"%s\"", path);
  pipeline = gst_parse_launch (text, NULL);
  fail_unless (pipeline != NULL);
  g_free (text);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  h4_wait_for_end (pipeline, FALSE);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  h4_files_keep_file (path);
  fail_unless (g_file_get_contents (path, &data, &size, NULL));
  h4_remove_file (path);
  return g_bytes_new_take (data, size);
}

/* Times follow the first group, which was not there when it was opened. */
GST_START_TEST (test_times_are_those_of_the_first_group)
{
  GBytes *file = make_late_file ();
  GstClockTime expected;
  H4Feed feed;

  open_feed (&feed, file, g_bytes_get_size (file));
  fail_unless (h4_feed_run (&feed));
  expected = feed.start;
  fail_unless_equals_uint64 (expected, 5 * GST_SECOND);
  h4_feed_close (&feed);
  open_feed (&feed, file, 400);
  feed.grow = 10000;
  fail_unless (h4_feed_run (&feed));
  fail_unless_equals_uint64 (feed.start, expected);
  h4_feed_close (&feed);
  g_bytes_unref (file);
}

GST_END_TEST;

static void
append (const gchar * path, GBytes * file, gsize from, gsize to)
{
  FILE *f = g_fopen (path, "ab");

  fail_unless (f != NULL);
  fail_unless_equals_int (fwrite ((const guint8 *) g_bytes_get_data (file,
              NULL) + from, 1, to - from, f), to - from);
  fail_unless_equals_int (fclose (f), 0);
}

/* Through filesrc, with a writer beside it. */
static gchar *
begin_file (GBytes * file, gsize size)
{
  gchar *path;
  gint fd = g_file_open_tmp ("h4XXXXXX.h4mk", &path, NULL);

  fail_unless (fd >= 0);
  g_close (fd, NULL);
  append (path, file, 0, size);
  return path;
}

static void
wait_for_blocks (H4Player * player, guint n)
{
  g_mutex_lock (&player->lock);
  while (player->blocks->len < n)
    g_cond_wait (&player->cond, &player->lock);
  g_mutex_unlock (&player->lock);
}

static void
open_player (H4Player * player, const gchar * path)
{
  h4_player_open (player, path, "", "tail=true verify=chain");
  gst_element_set_state (player->pipeline, GST_STATE_PLAYING);
}

/* What is whole is played before the rest is there. */
GST_START_TEST (test_what_is_there_is_played_before_more_comes)
{
  static const gsize begins[] = { 0, 8, 30000 };
  GBytes *file = make_file ("group-duration=0");
  GArray *blocks = play_whole (file);
  gsize size = g_bytes_get_size (file), begin = begins[__i__];
  gchar *path = begin_file (file, begin);
  H4Player player;

  open_player (&player, path);
  append (path, file, begin, 40000);
  wait_for_blocks (&player, 100);
  append (path, file, 40000, size - 44);
  wait_for_blocks (&player, blocks->len);
  append (path, file, size - 44, size);
  fail_unless (h4_wait_for_end (player.pipeline, FALSE));
  fail_unless_equals_int (player.blocks->len, blocks->len);
  h4_player_close (&player);
  h4_remove_file (path);
  g_array_unref (blocks);
  g_bytes_unref (file);
}

GST_END_TEST;

GST_START_TEST (test_seeks_in_what_is_there)
{
  GBytes *file = make_file ("group-duration=0");
  gsize size = g_bytes_get_size (file);
  gchar *path = begin_file (file, size / 2);
  GstEvent *event;
  H4Player player;

  open_player (&player, path);
  wait_for_blocks (&player, 500);
  event = gst_event_new_seek (1.0, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH |
      GST_SEEK_FLAG_ACCURATE, GST_SEEK_TYPE_SET, 4 * GST_SECOND,
      GST_SEEK_TYPE_NONE, -1);
  g_mutex_lock (&player.lock);
  player.seqnum = gst_event_get_seqnum (event);
  g_array_set_size (player.blocks, 0);
  g_mutex_unlock (&player.lock);
  fail_unless (gst_element_send_event (player.pipeline, event));
  wait_for_blocks (&player, 100);
  append (path, file, size / 2, size);
  fail_unless (h4_wait_for_end (player.pipeline, FALSE));
  h4_player_check_needs (&player, player.segments[H4_STREAM_VIDEO].start);
  fail_unless_equals_int (h4_player_get (&player, H4_STREAM_AUDIO,
          h4_player_count (&player, H4_STREAM_AUDIO) - 1)->number,
      H4_FILE_DURATION / H4_AUDIO_FRAME - 1);
  h4_player_close (&player);
  h4_remove_file (path);
  g_bytes_unref (file);
}

GST_END_TEST;

/* A look each tenth of a second at most: whoever spins would look thousands
 * of times while this waits for three. Looking reads nothing. */
GST_START_TEST (test_waiting_is_not_spinning)
{
  GBytes *file = make_file ("");
  gint64 begin = g_get_monotonic_time ();
  guint looks;
  guint64 bytes;
  H4Feed feed;

  open_feed (&feed, file, 20000);
  h4_feed_start (&feed);
  h4_feed_wait_looks (&feed, 6);
  looks = feed.looks;
  bytes = feed.bytes;
  fail_unless (looks <= 8 + (g_get_monotonic_time () - begin) /
      (100 * G_TIME_SPAN_MILLISECOND), "looked %u times", looks);
  h4_feed_wait_looks (&feed, looks + 3);
  fail_unless_equals_uint64 (feed.bytes, bytes);
  h4_feed_close (&feed);
  g_bytes_unref (file);
}

GST_END_TEST;

/* What is pushed cannot be waited for, and whoever asks for it is told. */
GST_START_TEST (test_what_is_pushed_is_not_followed)
{
  GBytes *file = make_file ("");
  GArray *blocks = play_whole (file);
  H4FeedMode mode = __i__ ? H4_FEED_STREAM : H4_FEED_PUSH;
  H4Feed feed;

  h4_feed_open (&feed, mode, g_bytes_get_data (file, NULL),
      g_bytes_get_size (file), "tail", "true", NULL);
  fail_unless (h4_feed_run (&feed));
  fail_unless_blocks (&feed, blocks);
  fail_unless_equals_int (feed.warnings, 1);
  h4_feed_close (&feed);
  g_array_unref (blocks);
  g_bytes_unref (file);
}

GST_END_TEST;

GST_START_TEST (test_it_stops_while_it_waits)
{
  static const gsize sizes[] = { 0, 8, 20000 };
  GBytes *file = make_file ("");
  H4Feed feed;

  open_feed (&feed, file, sizes[__i__]);
  h4_feed_start (&feed);
  h4_feed_wait_looks (&feed, 2);
  h4_feed_close (&feed);
  g_bytes_unref (file);
}

GST_END_TEST;

static Suite *
tail_suite (void)
{
  Suite *s = suite_create ("tail");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_loop_test (tc, test_a_growing_file_plays_to_its_end, 0, 3);
  tcase_add_test (tc, test_times_are_those_of_the_first_group);
  tcase_add_loop_test (tc, test_what_is_there_is_played_before_more_comes, 0,
      3);
  tcase_add_test (tc, test_seeks_in_what_is_there);
  tcase_add_test (tc, test_waiting_is_not_spinning);
  tcase_add_loop_test (tc, test_what_is_pushed_is_not_followed, 0, 2);
  tcase_add_loop_test (tc, test_it_stops_while_it_waits, 0, 3);
  return s;
}

H4_FILES_CHECK_MAIN (tail);
