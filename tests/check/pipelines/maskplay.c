/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Players that meet recordings of masked streams. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>

#include "h4files.h"

#define KEY_HEX "5ca1ab1e0ddba11cafef00dfeedface5ca1ab1e0ddba11cafef00dfeedface55"
#define KEY_ID "studio-7"
static gchar *dir, *media_path, *key_path;

static void
setup (void)
{
  dir = g_dir_make_tmp ("h4mask-XXXXXX", NULL);
  media_path = g_build_filename (dir, "media.h4mk", NULL);
  key_path = g_build_filename (dir, "key", NULL);
  g_file_set_contents (key_path, KEY_HEX, -1, NULL);
}

static void
teardown (void)
{
  g_unsetenv ("H4_KEY_FILE");
  g_unlink (media_path);
  g_unlink (key_path);
  g_rmdir (dir);
  g_clear_pointer (&media_path, g_free);
  g_clear_pointer (&key_path, g_free);
  g_clear_pointer (&dir, g_free);
}

#define MASK "h4mask scheme=aes-256-gcm key-id=" KEY_ID " key-env=H4_TEST_KEY"

/* A second a buffer: longer than players queue, for decodebin3 (1.22) can
 * lose the end of a stream that is over before its neighbour is seen. */
static void
make_media (gboolean mask_video, gboolean mask_audio)
{
  gchar *launch = g_strdup_printf ("h4mkmux name=m ! filesink location=%s "
      "videotestsrc num-buffers=20 ! video/x-raw,width=64,height=48,"
      "framerate=1/1 ! vp8enc deadline=1 ! %s ! queue ! m. "
      "audiotestsrc num-buffers=20 samplesperbuffer=8000 ! "
      "audio/x-raw,format=S16LE,rate=8000,channels=1 ! %s ! queue ! m.",
      media_path, mask_video ? MASK : "identity", mask_audio ? MASK :
      "identity");
  GstElement *pipeline = gst_parse_launch (launch, NULL);
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
  h4_files_keep_file (media_path);
  g_free (launch);
}

typedef struct
{
  gint n_video;
  gint n_audio;
  GstElement *pipeline;
} Player;

static GstPadProbeReturn
count_buffer (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  g_atomic_int_inc ((gint *) user_data);
  return GST_PAD_PROBE_OK;
}

static GstElement *
counting_sink (gint * count)
{
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  GstPad *pad = gst_element_get_static_pad (sink, "sink");

  g_object_set (sink, "sync", FALSE, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, count_buffer, count, NULL);
  gst_object_unref (pad);
  return sink;
}

static void
link_new_pad (GstElement * bin, GstPad * pad, gpointer user_data)
{
  Player *player = user_data;
  GstCaps *caps = gst_pad_query_caps (pad, NULL);
  const gchar *name = gst_structure_get_name (gst_caps_get_structure (caps,
          0));
  GstElement *sink = gst_bin_get_by_name (GST_BIN (player->pipeline),
      g_str_has_prefix (name, "video") ? "video" : "audio");
  GstPad *sinkpad = gst_element_get_static_pad (sink, "sink");

  fail_unless_equals_int (gst_pad_link (pad, sinkpad), GST_PAD_LINK_OK);
  gst_object_unref (sinkpad);
  gst_object_unref (sink);
  gst_caps_unref (caps);
}

/* In the pipeline from the start, so that it waits for both. */
static void
add_sink (Player * player, const gchar * name, gint * count)
{
  GstElement *sink = counting_sink (count);

  gst_object_set_name (GST_OBJECT (sink), name);
  gst_bin_add (GST_BIN (player->pipeline), sink);
}

static void
player_open_playbin (Player * player, const gchar * factory)
{
  gchar *uri = gst_filename_to_uri (media_path, NULL);

  player->pipeline = gst_element_factory_make (factory, NULL);
  g_object_set (player->pipeline, "uri", uri, "video-sink",
      counting_sink (&player->n_video), "audio-sink",
      counting_sink (&player->n_audio), NULL);
  g_free (uri);
}

static void
player_open_decodebin (Player * player, const gchar * factory)
{
  GstElement *source = gst_element_factory_make ("filesrc", NULL);
  GstElement *decode = gst_element_factory_make (factory, NULL);

  player->pipeline = gst_pipeline_new (NULL);
  g_object_set (source, "location", media_path, NULL);
  gst_bin_add_many (GST_BIN (player->pipeline), source, decode, NULL);
  add_sink (player, "video", &player->n_video);
  add_sink (player, "audio", &player->n_audio);
  gst_element_link (source, decode);
  g_signal_connect (decode, "pad-added", G_CALLBACK (link_new_pad), player);
}

/* An error may come while playsink (1.22) puts its elements in: of one that it
 * then drops without stopping it, GStreamer says so. */
static void
stop (GstElement * pipeline, gboolean amid_start)
{
  GLogLevelFlags fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);

  if (!amid_start)
    g_log_set_always_fatal (fatal);
  _gst_check_expecting_log = amid_start;
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  _gst_check_expecting_log = FALSE;
  g_log_set_always_fatal (fatal);
}

/* Plays to EOS (NULL) or an error, which is returned. */
static GError *
player_run (Player * player, guint * n_warnings)
{
  GstBus *bus = gst_element_get_bus (player->pipeline);
  GError *error = NULL;
  gboolean done = FALSE;

  *n_warnings = 0;
  gst_element_set_state (player->pipeline, GST_STATE_PLAYING);
  while (!done) {
    GstMessage *message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
        GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);

    fail_unless (message != NULL, "neither EOS nor an error");
    done = GST_MESSAGE_TYPE (message) != GST_MESSAGE_WARNING;
    if (!done)
      *n_warnings += 1;
    else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
      gst_message_parse_error (message, &error, NULL);
    gst_message_unref (message);
  }
  stop (player->pipeline, error != NULL);
  gst_object_unref (bus);
  return error;
}

static const gchar *players[] = {
  "playbin", "playbin3", "decodebin", "decodebin3"
};

static void
player_open (Player * player, const gchar * factory, gboolean mask_video,
    gboolean mask_audio)
{
  make_media (mask_video, mask_audio);
  if (g_str_has_prefix (factory, "playbin"))
    player_open_playbin (player, factory);
  else
    player_open_decodebin (player, factory);
}

GST_START_TEST (test_with_the_key_everything_plays)
{
  Player player = { 0, };
  guint n_warnings;
  GError *error;

  g_setenv ("H4_KEY_FILE", key_path, TRUE);
  player_open (&player, players[__i__], TRUE, TRUE);
  error = player_run (&player, &n_warnings);
  g_assert_no_error (error);
  fail_unless_equals_int (n_warnings, 0);
  fail_unless (player.n_video >= 20, "%d frames", player.n_video);
  fail_unless (player.n_audio >= 20, "%d buffers", player.n_audio);
}

GST_END_TEST;

GST_START_TEST (test_without_the_key_clear_audio_plays)
{
  Player player = { 0, };
  guint n_warnings;
  GError *error;

  player_open (&player, players[__i__], TRUE, FALSE);
  error = player_run (&player, &n_warnings);
  g_assert_no_error (error);
  fail_unless_equals_int (n_warnings, 1);
  fail_unless_equals_int (player.n_video, 0);
  fail_unless (player.n_audio >= 20, "%d buffers", player.n_audio);
}

GST_END_TEST;

GST_START_TEST (test_without_the_key_clear_video_plays)
{
  Player player = { 0, };
  guint n_warnings;
  GError *error;

  player_open (&player, players[__i__], FALSE, TRUE);
  error = player_run (&player, &n_warnings);
  g_assert_no_error (error);
  fail_unless_equals_int (n_warnings, 1);
  fail_unless (player.n_video >= 20, "%d frames", player.n_video);
}

GST_END_TEST;

GST_START_TEST (test_without_the_key_all_masked_is_an_error)
{
  Player player = { 0, };
  guint n_warnings;
  GError *error;

  player_open (&player, players[__i__], TRUE, TRUE);
  error = player_run (&player, &n_warnings);
  fail_unless (g_error_matches (error, GST_STREAM_ERROR,
          GST_STREAM_ERROR_DECRYPT_NOKEY), "%s", error ? error->message :
      "EOS");
  fail_unless (strstr (error->message, KEY_ID), "%s", error->message);
  g_clear_error (&error);
}

GST_END_TEST;

static Suite *
h4maskplay_suite (void)
{
  Suite *s = suite_create ("h4maskplay");
  TCase *tc = tcase_create ("players");

  g_setenv ("H4_TEST_KEY", KEY_HEX, TRUE);
  g_unsetenv ("H4_KEY_FILE");
  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_with_the_key_everything_plays, 0,
      G_N_ELEMENTS (players));
  tcase_add_loop_test (tc, test_without_the_key_clear_audio_plays, 0,
      G_N_ELEMENTS (players));
  tcase_add_loop_test (tc, test_without_the_key_clear_video_plays, 0,
      G_N_ELEMENTS (players));
  tcase_add_loop_test (tc, test_without_the_key_all_masked_is_an_error, 0,
      G_N_ELEMENTS (players));
  return s;
}

H4_FILES_CHECK_MAIN (h4maskplay);
