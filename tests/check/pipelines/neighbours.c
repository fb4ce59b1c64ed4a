/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A server that clients join midway, and upstreams and downstreams that
 * fail. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/app/gstappsrc.h>
#include <gst/pbutils/pbutils.h>

#include "synthetic.h"

#define JOIN_GOP 10
#define N_BEFORE 95
#define N_BLOCKS 200

typedef struct
{
  GMutex lock;
  GCond cond;
  gboolean joined;
  GArray *numbers;              /* of guint32, that the client got */
  gboolean first_is_key;
} Join;

static void
on_client_added (GstElement * sink, GObject * socket, gpointer user_data)
{
  Join *join = user_data;

  g_mutex_lock (&join->lock);
  join->joined = TRUE;
  g_cond_signal (&join->cond);
  g_mutex_unlock (&join->lock);
}

static void
on_handoff (GstElement * sink, GstBuffer * buffer, GstPad * pad,
    gpointer user_data)
{
  Join *join = user_data;
  guint32 number = 0;

  fail_unless_equals_int (gst_buffer_extract (buffer, 0, &number, 4), 4);
  g_mutex_lock (&join->lock);
  if (join->numbers->len == 0)
    join->first_is_key =
        !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  g_array_append_val (join->numbers, number);
  g_cond_signal (&join->cond);
  g_mutex_unlock (&join->lock);
}

/* A block is in the muxer when the one after the next is pushed. */
static void
push_numbers (GstElement * server, guint32 from, guint32 to)
{
  GstElement *source = gst_bin_get_by_name (GST_BIN (server), "s");
  guint32 i;

  for (i = from; i < to; i++) {
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, 100, NULL);

    gst_buffer_memset (buffer, 0, 0, 100);
    gst_buffer_fill (buffer, 0, &i, 4);
    GST_BUFFER_PTS (buffer) = i * H4_FRAME;
    GST_BUFFER_DURATION (buffer) = H4_FRAME;
    if (i % JOIN_GOP != 0)
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    fail_unless_equals_int (gst_app_src_push_buffer (GST_APP_SRC (source),
            buffer), GST_FLOW_OK);
  }
  gst_object_unref (source);
}

static GstElement *
open_server (Join * join)
{
  GstElement *server = gst_parse_launch ("appsrc name=s format=time "
      "caps=video/x-vp8,width=64,height=48 block=true max-buffers=1 ! "
      "h4mkmux group-duration=0 span-duration=400000000 ! "
      "tcpserversink name=t host=127.0.0.1 port=0 sync=false async=false "
      "sync-method=next-keyframe", NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (server), "t");

  g_signal_connect (sink, "client-added", G_CALLBACK (on_client_added), join);
  gst_object_unref (sink);
  gst_element_set_state (server, GST_STATE_PLAYING);
  return server;
}

static GstElement *
join_server (Join * join, GstElement * server)
{
  GstElement *client = gst_parse_launch ("tcpclientsrc name=c host=127.0.0.1 "
      "! h4mkdemux ! fakesink name=k sync=false async=false "
      "signal-handoffs=true", NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (server), "t");
  GstElement *source = gst_bin_get_by_name (GST_BIN (client), "c");
  GstElement *end = gst_bin_get_by_name (GST_BIN (client), "k");
  gint port;

  g_object_get (sink, "current-port", &port, NULL);
  fail_unless (port > 0);
  g_object_set (source, "port", port, NULL);
  g_signal_connect (end, "handoff", G_CALLBACK (on_handoff), join);
  gst_object_unref (end);
  gst_object_unref (source);
  gst_object_unref (sink);
  gst_element_set_state (client, GST_STATE_PLAYING);
  g_mutex_lock (&join->lock);
  while (!join->joined)
    g_cond_wait (&join->cond, &join->lock);
  g_mutex_unlock (&join->lock);
  return client;
}

static void
wait_for_last (Join * join)
{
  guint32 last = 0;

  g_mutex_lock (&join->lock);
  while (last != N_BLOCKS - 1) {
    g_cond_wait (&join->cond, &join->lock);
    if (join->numbers->len > 0)
      last = g_array_index (join->numbers, guint32, join->numbers->len - 1);
  }
  g_mutex_unlock (&join->lock);
}

static void
close_pipeline (GstElement * pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

GST_START_TEST (test_tcp_client_that_joins_midway_plays_from_the_next_span)
{
  Join join = { 0, };
  GstElement *server, *client;
  guint32 start;
  guint i;

  g_mutex_init (&join.lock);
  g_cond_init (&join.cond);
  join.numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  server = open_server (&join);
  push_numbers (server, 0, N_BEFORE);
  client = join_server (&join, server);
  push_numbers (server, N_BEFORE, N_BLOCKS);
  wait_for_last (&join);
  close_pipeline (server);
  fail_unless (h4_wait_for_end (client, FALSE));
  close_pipeline (client);

  start = g_array_index (join.numbers, guint32, 0);
  fail_unless (join.first_is_key);
  fail_unless (start >= N_BEFORE - JOIN_GOP && start % JOIN_GOP == 0,
      "it began with block %u", start);
  for (i = 0; i < join.numbers->len; i++)
    fail_unless_equals_int (g_array_index (join.numbers, guint32, i),
        start + i);
  g_array_unref (join.numbers);
  g_mutex_clear (&join.lock);
  g_cond_clear (&join.cond);
}

GST_END_TEST;

/* Waits for the first error and takes those that follow until the pipeline
 * has stopped: how many are of that type. */
static guint
count_errors (GstElement * pipeline, const gchar * type, gchar ** first)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_ERROR | GST_MESSAGE_EOS);
  guint n = 0;

  fail_unless_equals_string (GST_MESSAGE_TYPE_NAME (message), "error");
  *first = g_strdup (G_OBJECT_TYPE_NAME (GST_MESSAGE_SRC (message)));
  /* READY joins the tasks; NULL would flush the bus */
  gst_element_set_state (pipeline, GST_STATE_READY);
  while (message) {
    n += g_str_equal (G_OBJECT_TYPE_NAME (GST_MESSAGE_SRC (message)), type);
    gst_message_unref (message);
    message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  }
  gst_object_unref (bus);
  return n;
}

static const struct
{
  const gchar *launch;
  const gchar *element;         /* ours */
  const gchar *failed;          /* who says what went wrong */
} failures[] = {
  /* a read that fails */
  {"filesrc location=\"%s\" ! identity error-after=5 ! h4mkdemux ! "
        "fakesink sync=false", "GstH4MkDemux", "GstIdentity"},
  {"filesrc location=\"%s\" blocksize=500 ! queue ! identity error-after=30 ! "
        "h4mkdemux ! fakesink sync=false", "GstH4MkDemux", "GstIdentity"},
  /* and what comes after the elements */
  {"filesrc location=\"%s\" ! h4mkdemux ! identity error-after=100 ! "
        "fakesink sync=false", "GstH4MkDemux", "GstIdentity"},
  {"filesrc location=\"%s\" ! h4mkdemux ! h4mkmux group-duration=0 ! "
        "identity error-after=20 ! fakesink sync=false", "GstH4MkMux",
      "GstIdentity"},
};

/* Who runs the task may say that it stopped; nobody else adds to what the one
 * that failed said. */
GST_START_TEST (test_what_fails_says_so_first_and_we_once_at_most)
{
  gchar *path = h4_make_audio_file ("group-duration=100000000", 4000);
  gchar *text = g_strdup_printf (failures[__i__].launch, path);
  GstElement *pipeline = gst_parse_launch (text, NULL);
  gchar *reporter;
  guint n;

  gst_pipeline_set_auto_flush_bus (GST_PIPELINE (pipeline), FALSE);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  n = count_errors (pipeline, failures[__i__].element, &reporter);
  fail_unless_equals_string (reporter, failures[__i__].failed);
  fail_unless (n <= 1, "%s: %u errors", failures[__i__].element, n);
  close_pipeline (pipeline);
  g_free (reporter);
  g_free (text);
  h4_remove_file (path);
}

GST_END_TEST;

GST_START_TEST (test_damage_is_one_error)
{
  static const gchar *const between[] = { "", "! queue" };
  gchar *path = h4_make_audio_file ("", 1000);
  gchar *text = g_strdup_printf ("filesrc location=\"%s\" %s ! h4mkdemux ! "
      "fakesink sync=false", path, between[__i__]);
  GstElement *pipeline = gst_parse_launch (text, NULL);
  gchar *reporter, *data;
  gsize size;

  fail_unless (g_file_get_contents (path, &data, &size, NULL));
  data[size / 2] ^= 1;
  fail_unless (g_file_set_contents (path, data, size, NULL));
  gst_pipeline_set_auto_flush_bus (GST_PIPELINE (pipeline), FALSE);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  fail_unless_equals_int (count_errors (pipeline, "GstH4MkDemux", &reporter),
      1);
  fail_unless_equals_string (reporter, "GstH4MkDemux");
  close_pipeline (pipeline);
  g_free (reporter);
  g_free (data);
  g_free (text);
  h4_remove_file (path);
}

GST_END_TEST;

static const struct
{
  const gchar *name;
  guint64 duration;
} opaque_files[] = {
  {"base-0.h4mk", 199998000},
  {"base-1.h4mk", 120000000},   /* masked */
  {"base-2.h4mk", 33333000},
};

/* Nothing decodes them, so it has no stream to ask. */
GST_START_TEST (test_discoverer_is_told_how_long_opaque_blocks_last)
{
  gchar *path = g_build_filename (g_getenv ("H4_VECTORS"),
      opaque_files[__i__].name, NULL);
  gchar *uri = gst_filename_to_uri (path, NULL);
  GstDiscoverer *discoverer = gst_discoverer_new (30 * GST_SECOND, NULL);
  GstDiscovererInfo *info;
  guint64 duration = 0;

  info = gst_discoverer_discover_uri (discoverer, uri, NULL);
  fail_unless (info != NULL);
  fail_unless (gst_discoverer_info_get_tags (info) != NULL);
  fail_unless (gst_tag_list_get_uint64 (gst_discoverer_info_get_tags (info),
          GST_TAG_DURATION, &duration));
  fail_unless_equals_uint64 (duration, opaque_files[__i__].duration);
  gst_discoverer_info_unref (info);
  gst_object_unref (discoverer);
  g_free (uri);
  g_free (path);
}

GST_END_TEST;

static Suite *
neighbours_suite (void)
{
  Suite *s = suite_create ("neighbours");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc,
      test_tcp_client_that_joins_midway_plays_from_the_next_span);
  tcase_add_loop_test (tc, test_what_fails_says_so_first_and_we_once_at_most, 0,
      G_N_ELEMENTS (failures));
  tcase_add_loop_test (tc, test_damage_is_one_error, 0, 2);
  tcase_add_loop_test (tc, test_discoverer_is_told_how_long_opaque_blocks_last,
      0, G_N_ELEMENTS (opaque_files));
  return s;
}

H4_FILES_CHECK_MAIN (neighbours);
