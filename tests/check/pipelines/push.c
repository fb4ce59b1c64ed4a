/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* h4mkdemux in push mode: what pull mode does, by byte seeks upstream, and
 * streams that cannot seek. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <glib/gstdio.h>

#include "feed.h"
#include "server.h"
#include "synthetic.h"

static const gchar *const layouts[] = {
  "",
  "group-duration=0",
  "group-duration=40000000 span-duration=100000000 min-index-interval=0",
  "link=false",
};

/* The whole of a file, then without it. */
static GBytes *
load (gchar * path)
{
  GBytes *bytes;
  gchar *data;
  gsize size;

  fail_unless (g_file_get_contents (path, &data, &size, NULL));
  bytes = g_bytes_new_take (data, size);
  h4_remove_file (path);
  return bytes;
}

static void
open_feed (H4Feed * feed, H4FeedMode mode, GBytes * file, const gchar * verify)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (file, &size);

  h4_feed_open (feed, mode, data, size, "verify", verify, NULL);
}

static void
fail_unless_same_blocks (H4Feed * a, H4Feed * b)
{
  fail_unless_equals_int (a->blocks->len, b->blocks->len);
  fail_unless (memcmp (a->blocks->data, b->blocks->data, a->blocks->len *
          sizeof (H4FeedBlock)) == 0);
}

GST_START_TEST (test_push_gives_what_pull_gives)
{
  static const gsize steps[] = { 1, 7, 4096, 1 << 20 };
  GBytes *file = load (h4_make_file (layouts[__i__]));
  guint i, mode;
  H4Feed pull;

  open_feed (&pull, H4_FEED_PULL, file, "chain");
  fail_unless (h4_feed_run (&pull));
  for (mode = H4_FEED_PUSH; mode < H4_N_FEEDS; mode++) {
    for (i = 0; i < G_N_ELEMENTS (steps); i++) {
      H4Feed feed;

      open_feed (&feed, mode, file, "chain");
      feed.step = steps[i];
      fail_unless (h4_feed_run (&feed));
      fail_unless_equals_int (feed.warnings, 0);
      fail_unless_same_blocks (&feed, &pull);
      fail_unless_equals_int (h4_feed_is_seekable (&feed),
          mode == H4_FEED_PUSH);
      h4_feed_close (&feed);
    }
  }
  h4_feed_close (&pull);
  g_bytes_unref (file);
}

GST_END_TEST;

static const GstSeekFlags seek_flags[] = {
  GST_SEEK_FLAG_ACCURATE,
  GST_SEEK_FLAG_KEY_UNIT,
  GST_SEEK_FLAG_KEY_UNIT | GST_SEEK_FLAG_SNAP_AFTER,
  GST_SEEK_FLAG_KEY_UNIT | GST_SEEK_FLAG_SNAP_NEAREST,
  GST_SEEK_FLAG_TRICKMODE | GST_SEEK_FLAG_TRICKMODE_KEY_UNITS,
};

/* Where to and what of each track is decided by the same code; here it has to
 * wait for each of its reads. */
GST_START_TEST (test_seeks_land_where_pull_mode_lands)
{
  GBytes *file = load (h4_make_file (layouts[__i__]));
  H4Feed pull, push;
  GstClockTime time;
  guint i = 0;

  open_feed (&pull, H4_FEED_PULL, file, "crc");
  open_feed (&push, H4_FEED_PUSH, file, "crc");
  fail_unless (h4_feed_run (&pull));
  fail_unless (h4_feed_run (&push));
  for (time = 0; time < H4_FILE_DURATION; time += 333 * GST_MSECOND) {
    GstClockTime stop = i % 3 ? GST_CLOCK_TIME_NONE : time + GST_SECOND;
    GstSeekFlags flags = seek_flags[i++ % G_N_ELEMENTS (seek_flags)];

    fail_unless (h4_feed_seek (&pull, 1.0, flags, time, stop));
    fail_unless (h4_feed_seek (&push, 1.0, flags, time, stop));
    fail_unless_same_blocks (&push, &pull);
  }
  h4_feed_close (&pull);
  h4_feed_close (&push);
  g_bytes_unref (file);
}

GST_END_TEST;

GST_START_TEST (test_a_chain_is_proven_after_a_seek)
{
  GBytes *file = load (h4_make_file (layouts[__i__]));
  GstClockTime time;
  H4Feed feed;

  open_feed (&feed, H4_FEED_PUSH, file, "chain");
  fail_unless (h4_feed_run (&feed));
  for (time = 0; time < H4_FILE_DURATION; time += 1777 * GST_MSECOND) {
    fail_unless (h4_feed_seek (&feed, 1.0, GST_SEEK_FLAG_ACCURATE, time, -1));
    fail_unless (feed.blocks->len > 0);
    fail_unless_equals_int (feed.warnings, 0);
  }
  h4_feed_close (&feed);
  g_bytes_unref (file);
}

GST_END_TEST;

/* 20 000 spans. */
#define N_SPANS 20000
#define SPAN_SETTINGS "group-duration=0 span-duration=1"

GST_START_TEST (test_a_seek_fetches_only_what_it_needs)
{
  GBytes *file = load (h4_make_audio_file (SPAN_SETTINGS, N_SPANS));
  H4Feed feed;
  guint i;

  open_feed (&feed, H4_FEED_PUSH, file, "crc");
  fail_unless (h4_feed_run (&feed));
  /* the end, the root, the last span's place, and back to the data */
  fail_unless (feed.byte_seeks <= 5, "%u byte seeks to open", feed.byte_seeks);
  for (i = 0; i < 20; i++) {
    GstClockTime time = (i * 7919 % (N_SPANS - 200)) * 10 * GST_MSECOND;

    fail_unless (h4_feed_seek (&feed, 1.0, GST_SEEK_FLAG_ACCURATE, time,
            time + GST_SECOND));
    /* a page, the span, and from where it is played */
    fail_unless (feed.byte_seeks <= 3, "%u byte seeks", feed.byte_seeks);
    fail_unless (feed.bytes < 512 << 10, "%" G_GUINT64_FORMAT " bytes",
        feed.bytes);
  }
  h4_feed_close (&feed);
  g_bytes_unref (file);
}

GST_END_TEST;

static GstPadProbeReturn
send_late_tag (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  if (++*(guint *) user_data == 40)
    gst_pad_push_event (pad,
        gst_event_new_tag (gst_tag_list_new (GST_TAG_TITLE, "late", NULL)));
  return GST_PAD_PROBE_OK;
}

/* A title that comes while it is recorded is in META, at the end. */
static GBytes *
make_late_title (void)
{
  gchar *path, *text;
  gint fd = g_file_open_tmp ("h4XXXXXX.h4mk", &path, NULL);
  GstElement *pipeline, *source;
  guint n = 0;
  GstPad *pad;

  fail_unless (fd >= 0);
  g_close (fd, NULL);
  text = g_strdup_printf ("audiotestsrc name=s num-buffers=50 ! "
      "h4mkmux group-duration=0 ! filesink location=\"%s\"", path);
  pipeline = gst_parse_launch (text, NULL);
  fail_unless (pipeline != NULL);
  source = gst_bin_get_by_name (GST_BIN (pipeline), "s");
  pad = gst_element_get_static_pad (source, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, send_late_tag, &n, NULL);
  gst_object_unref (pad);
  gst_object_unref (source);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  h4_wait_for_end (pipeline, FALSE);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  g_free (text);
  h4_files_keep_file (path);
  return load (path);
}

GST_START_TEST (test_final_tags_come_before_the_first_buffer)
{
  GBytes *file = make_late_title ();
  guint mode;
  H4Feed feed;

  for (mode = 0; mode < H4_N_FEEDS; mode++) {
    open_feed (&feed, mode, file, "crc");
    fail_unless (h4_feed_run (&feed));
    fail_unless_equals_string (feed.title, "late");
    /* where nobody can look ahead, they come last */
    fail_unless_equals_int (feed.title_after,
        mode == H4_FEED_STREAM ? feed.blocks->len : 0);
    h4_feed_close (&feed);
  }
  g_bytes_unref (file);
}

GST_END_TEST;

GST_START_TEST (test_reverse_is_refused)
{
  GBytes *file = load (h4_make_file (""));
  H4Feed feed;

  open_feed (&feed, H4_FEED_PUSH, file, "crc");
  fail_unless (h4_feed_run (&feed));
  fail_if (h4_feed_seek (&feed, -1.0, GST_SEEK_FLAG_ACCURATE, 0, GST_SECOND));
  h4_feed_close (&feed);
  g_bytes_unref (file);
}

GST_END_TEST;

GST_START_TEST (test_a_stream_that_cannot_seek_refuses_to)
{
  GBytes *file = load (h4_make_file (""));
  H4Feed feed;

  open_feed (&feed, H4_FEED_STREAM, file, "crc");
  fail_unless (h4_feed_run (&feed));
  fail_if (h4_feed_seek (&feed, 1.0, GST_SEEK_FLAG_ACCURATE, 0, GST_SECOND));
  fail_unless_equals_int (feed.byte_seeks, 0);
  h4_feed_close (&feed);
  g_bytes_unref (file);
}

GST_END_TEST;

/* Where the next chunk of that tag begins, in a file that is whole. */
static gsize
find_chunk (const guint8 * data, gsize size, gsize from, const gchar * tag)
{
  gsize pos = from ? from : 8;

  while (pos + 12 <= size && memcmp (data + pos, tag, 4) != 0)
    pos += h4_chunk_size (data + pos);
  fail_unless (pos + 12 <= size);
  return pos;
}

/* The header and TRAK, then what comes after some LINK. */
GST_START_TEST (test_a_stream_joined_midway_plays_from_there)
{
  GBytes *file = load (h4_make_file (layouts[2])), *joined;
  GByteArray *array = g_byte_array_new ();
  gsize size, place = 0;
  const guint8 *data = g_bytes_get_data (file, &size);
  guint mode, i;
  H4Feed feed;

  for (i = 0; i < 60; i++)
    place = find_chunk (data, size, place, "LINK") + 12 + 64;
  g_byte_array_append (array, data, find_chunk (data, size, 0, "TOKN"));
  g_byte_array_append (array, data + place, size - place);
  joined = g_byte_array_free_to_bytes (array);
  for (mode = 0; mode < H4_N_FEEDS; mode++) {
    open_feed (&feed, mode, joined, "chain");
    fail_unless (h4_feed_run (&feed));
    fail_unless (feed.blocks->len > 500);
    fail_unless_equals_int (feed.warnings, 0);
    h4_feed_close (&feed);
  }
  g_bytes_unref (joined);
  g_bytes_unref (file);
}

GST_END_TEST;

/* The same, with real elements and threads between. */
static const gchar *const between[] = {
  "! queue",
  "blocksize=777 ! queue max-size-buffers=2",
  "! identity ! queue2 use-buffering=false",
};

GST_START_TEST (test_seeks_through_queues)
{
  gchar *path = h4_make_file ("");
  GstClockTime time;
  H4Player player;

  h4_player_open (&player, path, between[__i__], "verify=chain");
  for (time = 0; time < H4_FILE_DURATION; time += 1777 * GST_MSECOND) {
    GstSegment *segment = &player.segments[H4_STREAM_VIDEO];

    h4_player_seek (&player, 1.0, GST_SEEK_FLAG_ACCURATE, time, -1);
    fail_unless_equals_uint64 (segment->time, time);
    h4_player_check_needs (&player, segment->start);
  }
  h4_player_close (&player);
  h4_remove_file (path);
}

GST_END_TEST;

/* Each step's flags in turn; what a flag does, the other tests see. */
GST_START_TEST (test_seeks_by_http)
{
  gchar *path = h4_make_file (""), *dir = g_path_get_dirname (path);
  gchar *name = g_path_get_basename (path), *source;
  GstClockTime time;
  H4Server server;
  H4Player player;
  guint i = 0;

  h4_server_open (&server, dir);
  source = h4_server_source (&server, name);
  h4_player_open_source (&player, source, "verify=chain");
  for (time = 0; time < H4_FILE_DURATION; time += 1777 * GST_MSECOND, i++) {
    gboolean accurate = i % 2 == 0;
    GstSegment *segment = &player.segments[H4_STREAM_VIDEO];

    h4_player_seek (&player, i % 3 ? 1.0 : 2.0, accurate ?
        GST_SEEK_FLAG_ACCURATE : GST_SEEK_FLAG_KEY_UNIT, time, -1);
    if (accurate) {
      fail_unless_equals_uint64 (segment->time, time);
    }
    fail_unless (segment->time <= time
        && time - segment->time < (H4_GOP + 2) * H4_FRAME);
    h4_player_check_needs (&player, segment->start);
  }
  h4_player_close (&player);
  h4_server_close (&server);
  h4_remove_file (path);
  g_free (source);
  g_free (name);
  g_free (dir);
}

GST_END_TEST;

GST_START_TEST (test_segments_follow_each_other)
{
  gchar *path = h4_make_file ("");
  H4Player player;

  h4_player_open (&player, path, between[0], "");
  h4_player_play_segments (&player);
  h4_player_close (&player);
  h4_remove_file (path);
}

GST_END_TEST;

static Suite *
push_suite (void)
{
  Suite *s = suite_create ("push");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_loop_test (tc, test_push_gives_what_pull_gives, 0,
      G_N_ELEMENTS (layouts));
  tcase_add_loop_test (tc, test_seeks_land_where_pull_mode_lands, 0,
      G_N_ELEMENTS (layouts));
  tcase_add_loop_test (tc, test_a_chain_is_proven_after_a_seek, 0,
      G_N_ELEMENTS (layouts));
  tcase_add_test (tc, test_a_seek_fetches_only_what_it_needs);
  tcase_add_test (tc, test_final_tags_come_before_the_first_buffer);
  tcase_add_test (tc, test_reverse_is_refused);
  tcase_add_test (tc, test_a_stream_that_cannot_seek_refuses_to);
  tcase_add_test (tc, test_a_stream_joined_midway_plays_from_there);
  tcase_add_loop_test (tc, test_seeks_through_queues, 0,
      G_N_ELEMENTS (between));
  tcase_add_test (tc, test_seeks_by_http);
  tcase_add_test (tc, test_segments_follow_each_other);
  return s;
}

H4_FILES_CHECK_MAIN (push);
