/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Recordings below the root, played by others' players over HTTP. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>

#include "record.h"
#include "serve.h"
#include "tree.h"

/* What a pipeline is given to do something. */
#define PATIENCE (60 * GST_SECOND)

typedef struct
{
  Serve serve;
  gchar *tree;
  gchar *path;
  GstElement *player;
  GstBus *bus;
  gint buffers;                 /* atomic */
} Rig;

static void
on_buffer (GstElement * sink, GstBuffer * buffer, GstPad * pad, gpointer data)
{
  Rig *rig = data;

  g_atomic_int_inc (&rig->buffers);
}

static void
rig_init (Rig * rig)
{
  memset (rig, 0, sizeof (*rig));
  rig->tree = tree_new ();
  rig->path = g_build_filename (rig->tree, "recording.h4mk", NULL);
  record (rig->path, RECORD_CODED);
  serve_start (&rig->serve, rig->tree);
}

static void
rig_clear (Rig * rig)
{
  if (rig->player) {
    gst_element_set_state (rig->player, GST_STATE_NULL);
    gst_object_unref (rig->bus);
    gst_object_unref (rig->player);
  }
  serve_stop (&rig->serve);
  g_free (rig->path);
  tree_free (rig->tree);
}

/* No error may come before it. */
static void
wait_for (Rig * rig, GstMessageType type)
{
  GstMessage *message = gst_bus_timed_pop_filtered (rig->bus, PATIENCE,
      type | GST_MESSAGE_ERROR);

  fail_unless (message != NULL, "nothing came of the player");
  fail_unless (GST_MESSAGE_TYPE (message) == type, "%" GST_PTR_FORMAT, message);
  gst_message_unref (message);
}

/* player: a launch line with an element named "player" that has a uri. */
static void
rig_open (Rig * rig, const gchar * line)
{
  gchar *uri = g_strdup_printf ("http://127.0.0.1:%u/files/recording.h4mk",
      rig->serve.port);
  GError *error = NULL;
  GstElement *element, *sink;

  rig->player = gst_parse_launch (line, &error);
  fail_unless (rig->player && !error, "%s", error ? error->message : "");
  /* a line of one element is that element */
  element = gst_bin_get_by_name (GST_BIN (rig->player), "player");
  g_object_set (element ? element : rig->player, "uri", uri, NULL);
  gst_clear_object (&element);
  sink = gst_bin_get_by_name (GST_BIN (rig->player), "sink");
  if (sink) {
    g_object_set (sink, "signal-handoffs", TRUE, "sync", FALSE, NULL);
    g_signal_connect (sink, "handoff", G_CALLBACK (on_buffer), rig);
    gst_object_unref (sink);
  }
  rig->bus = gst_element_get_bus (rig->player);
  gst_element_set_state (rig->player, GST_STATE_PAUSED);
  wait_for (rig, GST_MESSAGE_ASYNC_DONE);
  g_free (uri);
}

static void
rig_play (Rig * rig)
{
  gst_element_set_state (rig->player, GST_STATE_PLAYING);
  wait_for (rig, GST_MESSAGE_EOS);
}

static gint
rig_seek (Rig * rig, GstClockTime position, GstSeekFlags flags)
{
  gint before = g_atomic_int_get (&rig->serve.requests);
  gint64 now;

  fail_unless (gst_element_seek_simple (rig->player, GST_FORMAT_TIME,
          GST_SEEK_FLAG_FLUSH | flags, (gint64) position));
  wait_for (rig, GST_MESSAGE_ASYNC_DONE);
  fail_unless (gst_element_query_position (rig->player, GST_FORMAT_TIME, &now));
  fail_unless_equals_uint64 ((guint64) now, position);
  return g_atomic_int_get (&rig->serve.requests) - before;
}

#define PLAYER "uridecodebin name=player ! fakesink name=sink"

GST_START_TEST (test_play)
{
  gint64 duration;
  Rig rig;

  rig_init (&rig);
  rig_open (&rig, PLAYER);
  fail_unless (gst_element_query_duration (rig.player, GST_FORMAT_TIME,
          &duration));
  fail_unless_equals_uint64 ((guint64) duration, 10 * GST_SECOND);
  rig_play (&rig);
  fail_unless_equals_int (g_atomic_int_get (&rig.buffers), 250);
  rig_clear (&rig);
}

GST_END_TEST;

/* Forth, back and forth, each by few requests: of nothing twice. */
GST_START_TEST (test_seek)
{
  static const struct
  {
    GstClockTime position;
    GstSeekFlags flags;
  } seeks[] = {
    {8 * GST_SECOND, GST_SEEK_FLAG_KEY_UNIT},
    {3 * GST_SECOND, GST_SEEK_FLAG_ACCURATE},
    {9520 * GST_MSECOND, GST_SEEK_FLAG_ACCURATE},
    {0, GST_SEEK_FLAG_KEY_UNIT},
    {9 * GST_SECOND, GST_SEEK_FLAG_ACCURATE},
  };
  Rig rig;
  guint i;

  rig_init (&rig);
  rig_open (&rig, PLAYER);
  fail_unless (g_atomic_int_get (&rig.serve.requests) <= 8, "%d requests",
      g_atomic_int_get (&rig.serve.requests));
  for (i = 0; i < G_N_ELEMENTS (seeks); i++) {
    gint requests = rig_seek (&rig, seeks[i].position, seeks[i].flags);

    GST_INFO ("seek %u: %d requests", i, requests);
    fail_unless (requests <= 4, "seek %u: %d requests", i, requests);
  }
  g_atomic_int_set (&rig.buffers, 0);
  rig_play (&rig);
  /* the picture that was shown before it played counts as it was seen */
  fail_unless (g_atomic_int_get (&rig.buffers) >= 24
      && g_atomic_int_get (&rig.buffers) <= 25, "%d buffers",
      g_atomic_int_get (&rig.buffers));
  rig_clear (&rig);
}

GST_END_TEST;

/* The most common of players. */
GST_START_TEST (test_playbin)
{
  Rig rig;

  rig_init (&rig);
  rig_open (&rig, "playbin name=player video-sink=fakesink");
  rig_seek (&rig, 5 * GST_SECOND, GST_SEEK_FLAG_KEY_UNIT);
  rig_play (&rig);
  rig_clear (&rig);
}

GST_END_TEST;

/* A recording that has not ended plays as far as it is. */
GST_START_TEST (test_while_recorded)
{
  gchar *data;
  gsize size;
  Rig rig;

  rig_init (&rig);
  fail_unless (g_file_get_contents (rig.path, &data, &size, NULL));
  fail_unless (g_file_set_contents (rig.path, data, (gssize) size / 2, NULL));
  g_free (data);
  rig_open (&rig, PLAYER);
  rig_seek (&rig, 2 * GST_SECOND, GST_SEEK_FLAG_KEY_UNIT);
  g_atomic_int_set (&rig.buffers, 0);
  rig_play (&rig);
  fail_unless (g_atomic_int_get (&rig.buffers) > 25, "%d buffers",
      g_atomic_int_get (&rig.buffers));
  fail_unless (g_atomic_int_get (&rig.buffers) < 200, "%d buffers",
      g_atomic_int_get (&rig.buffers));
  rig_clear (&rig);
}

GST_END_TEST;

static Suite *
play_suite (void)
{
  Suite *s = suite_create ("play");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_play);
  tcase_add_test (tc, test_seek);
  tcase_add_test (tc, test_playbin);
  tcase_add_test (tc, test_while_recorded);
  return s;
}

GST_CHECK_MAIN (play);
