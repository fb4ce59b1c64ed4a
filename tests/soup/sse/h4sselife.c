/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* States, servers and clients. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "web.h"

static GstElement *
make_pipeline (const gchar * launch)
{
  GError *error = NULL;
  GstElement *pipeline = gst_parse_launch (launch, &error);

  fail_unless (error == NULL, "%s", error ? error->message : "");
  return pipeline;
}

static GstElement *
find (GstElement * pipeline, const gchar * name)
{
  GstElement *element = gst_bin_get_by_name (GST_BIN (pipeline), name);

  fail_unless (element != NULL);
  gst_object_unref (element);
  return element;
}

static guint
port_of (GstElement * sink)
{
  guint port;

  g_object_get (sink, "current-port", &port, NULL);
  return port;
}

static void
play (GstElement * pipeline)
{
  fail_unless (gst_element_set_state (pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE);
}

static void
stop (GstElement * pipeline)
{
  fail_unless_equals_int (gst_element_set_state (pipeline, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
}

static void
wait_eos (GstElement * pipeline)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message = gst_bus_timed_pop_filtered (bus, 50 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  fail_unless (message != NULL);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_object_unref (bus);
}

/* Fails to get ready, with an error of this code whose text has this. */
static void
assert_unready (GstElement * sink, gint code, const gchar * text)
{
  GstBus *bus = gst_bus_new ();
  GstMessage *message;
  GError *error = NULL;

  gst_element_set_bus (sink, bus);
  fail_unless_equals_int (gst_element_set_state (sink, GST_STATE_READY),
      GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_RESOURCE_ERROR, code), "%s",
      error->message);
  fail_unless (strstr (error->message, text) != NULL, "%s", error->message);
  g_clear_error (&error);
  gst_message_unref (message);
  gst_element_set_bus (sink, NULL);
  gst_object_unref (bus);
  gst_element_set_state (sink, GST_STATE_NULL);
}

static GstElement *
make_sink (guint port)
{
  GstElement *sink = gst_element_factory_make ("h4sse", NULL);

  fail_unless (sink != NULL);
  gst_object_ref_sink (sink);
  g_object_set (sink, "port", port, "linger", 100, NULL);
  return sink;
}

static void
drop_sink (GstElement * sink)
{
  fail_unless_equals_int (gst_element_set_state (sink, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  gst_object_unref (sink);
}

static void
get_ready (GstElement * sink)
{
  fail_unless_equals_int (gst_element_set_state (sink, GST_STATE_READY),
      GST_STATE_CHANGE_SUCCESS);
}

static void
count_notify (GObject * object, GParamSpec * pspec, guint * count)
{
  (*count)++;
}

GST_START_TEST (test_it_listens_from_ready_on_and_says_where)
{
  GstElement *sink = make_sink (0);
  guint count = 0;
  Peer *peer;

  fail_unless_equals_int (port_of (sink), 0);
  g_signal_connect (sink, "notify::current-port", G_CALLBACK (count_notify),
      &count);
  get_ready (sink);
  fail_unless_equals_int (count, 1);
  fail_unless (port_of (sink) > 0);
  peer = web_get (port_of (sink), "/events", NULL);
  fail_unless_equals_int (web_status (peer), 200);
  fail_unless (strstr (peer->got->str,
          "Content-Type: text/event-stream; charset=utf-8\r\n") != NULL);
  fail_unless_equals_int (gst_element_set_state (sink, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  fail_unless_equals_int (count, 2);
  fail_unless_equals_int (port_of (sink), 0);
  peer_read_all (peer);
  peer_free (peer);
  drop_sink (sink);
}

GST_END_TEST;

GST_START_TEST (test_a_taken_port_is_an_error)
{
  GSocketListener *listener = g_socket_listener_new ();
  guint port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  GstElement *sink = make_sink (port);
  gchar *text = g_strdup_printf ("port %u", port);

  assert_unready (sink, GST_RESOURCE_ERROR_OPEN_WRITE, text);
  drop_sink (sink);
  g_object_unref (listener);
  g_free (text);
}

GST_END_TEST;

GST_START_TEST (test_names_that_cannot_be_are_errors)
{
  static const gchar *settings[][2] = {
    {"stream", ""}, {"stream", "a b"}, {"stream", "a,b"}, {"stream", "ö"},
    {"stream", "0123456789012345678901234567890123456789012345678901234567890"
          "1234"},
    {"path", ""}, {"path", "events"}, {"path", NULL},
    {"path", "/../x"}, {"path", "/x/."},
    {"event", ""}, {"event", "meta"}, {"event", "done"}, {"event", "gap"},
    {"event", "a\nb"}, {"event", "a\rb"}, {"event", "\xff"}, {"event", NULL},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (settings); i++) {
    GstElement *sink = make_sink (0);

    g_object_set (sink, settings[i][0], settings[i][1], NULL);
    assert_unready (sink, GST_RESOURCE_ERROR_SETTINGS,
        settings[i][1] ? settings[i][1] : "");
    drop_sink (sink);
  }
}

GST_END_TEST;

GST_START_TEST (test_an_address_that_is_not_ours_is_an_error)
{
  GstElement *sink = make_sink (0);

  g_object_set (sink, "address", "192.0.2.1", NULL);
  assert_unready (sink, GST_RESOURCE_ERROR_OPEN_WRITE, "192.0.2.1");
  drop_sink (sink);
}

GST_END_TEST;

GST_START_TEST (test_a_name_without_what_queries_have_is_the_elements)
{
  GstElement *sink = make_sink (0);
  Peer *peer;

  gst_object_set_name (GST_OBJECT (sink), "my sink,1");
  get_ready (sink);
  peer = web_get (port_of (sink), "/events?stream=my-sink-1", NULL);
  fail_unless_equals_int (web_status (peer), 200);
  peer_free (peer);
  peer = web_get (port_of (sink), "/events?stream=another", NULL);
  fail_unless_equals_int (web_status (peer), 404);
  peer_free (peer);
  drop_sink (sink);
}

GST_END_TEST;

GST_START_TEST (test_two_share_a_server_and_the_last_frees_the_port)
{
  GstElement *sinks[2] = { make_sink (0) };
  guint port;
  Peer *peer;

  get_ready (sinks[0]);
  port = port_of (sinks[0]);
  sinks[1] = make_sink (port);
  g_object_set (sinks[0], "linger", 0, NULL);
  get_ready (sinks[1]);
  fail_unless_equals_int (port_of (sinks[1]), port);
  fail_unless_equals_int (gst_element_set_state (sinks[0], GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  peer = web_get (port, "/events", NULL);
  fail_unless_equals_int (web_status (peer), 200);
  peer_free (peer);
  drop_sink (sinks[1]);
  g_object_set (sinks[0], "port", port, NULL);
  get_ready (sinks[0]);
  fail_unless_equals_int (port_of (sinks[0]), port);
  drop_sink (sinks[0]);
}

GST_END_TEST;

GST_START_TEST (test_the_same_path_and_stream_twice_is_an_error)
{
  GstElement *one = make_sink (0), *two;

  g_object_set (one, "stream", "same", NULL);
  get_ready (one);
  two = make_sink (port_of (one));
  g_object_set (two, "stream", "same", NULL);
  assert_unready (two, GST_RESOURCE_ERROR_OPEN_WRITE, "same");
  g_object_set (two, "path", "/others", NULL);
  get_ready (two);
  drop_sink (two);
  drop_sink (one);
}

GST_END_TEST;

GST_START_TEST (test_other_settings_of_the_same_server_are_an_error)
{
  GstElement *one = make_sink (0), *two;

  get_ready (one);
  two = make_sink (port_of (one));
  g_object_set (two, "max-clients", 3, NULL);
  assert_unready (two, GST_RESOURCE_ERROR_OPEN_WRITE, "");
  drop_sink (two);
  drop_sink (one);
}

GST_END_TEST;

/* The flag of the properties says that they may change in READY. */
GST_START_TEST (test_what_changes_in_ready_holds)
{
  GstElement *pipeline = make_pipeline ("audiotestsrc num-buffers=1 ! fakesink "
      "fakesrc filltype=zero num-buffers=3 sizetype=fixed sizemax=4 ! text/x-raw ! "
      "h4sse name=sink port=0 linger=0");
  GstElement *sink = find (pipeline, "sink");
  Peer *peer;

  fail_unless (gst_element_set_state (pipeline, GST_STATE_READY)
      == GST_STATE_CHANGE_SUCCESS);
  g_object_set (sink, "path", "/other", "stream", "x", NULL);
  play (pipeline);
  peer = web_get (port_of (sink), "/events", NULL);
  fail_unless_equals_int (web_status (peer), 404);
  peer_free (peer);
  peer = web_get (port_of (sink), "/other?stream=x", NULL);
  fail_unless_equals_int (web_status (peer), 200);
  peer_free (peer);
  stop (pipeline);
  gst_object_unref (pipeline);
}

GST_END_TEST;

/* NULL is reached with every client's last event in its socket, and a client
 * that asks with its last id is told to stay away while the element is there. */
GST_START_TEST (test_the_end_reaches_everyone_although_it_stops_at_once)
{
  GstElement *pipeline =
      make_pipeline ("fakesrc num-buffers=200 sizetype=fixed "
      "sizemax=40 filltype=pattern ! text/x-raw ! "
      "h4sse name=sink port=0 sync=false wait-clients=10");
  GstElement *sink = find (pipeline, "sink");
  Peer *peers[10], *peer;
  gchar *epoch, *target;
  guint i;

  fail_unless (gst_element_set_state (pipeline, GST_STATE_READY)
      == GST_STATE_CHANGE_SUCCESS);
  for (i = 0; i < 10; i++)
    peers[i] = web_get (port_of (sink), "/events", NULL);
  play (pipeline);
  wait_eos (pipeline);
  epoch = block_epoch (strstr (peer_read_until (peers[0], "id:"), "id:"));
  target = g_strdup_printf ("/events?last_event_id=%s-201", epoch);
  peer_read_until (peers[0], "-201\n");
  peer = web_get (port_of (sink), target, NULL);
  fail_unless_equals_int (web_status (peer), 204);
  peer_free (peer);
  stop (pipeline);
  for (i = 0; i < 10; i++) {
    fail_unless (g_str_has_suffix (web_body (peers[i]),
            "event:done\ndata:{\"ok\":true,\"project\":\"HarmonyØ4\"}\n\n"));
    peer_free (peers[i]);
  }
  g_free (epoch);
  g_free (target);
  gst_object_unref (pipeline);
}

GST_END_TEST;

static gchar *
run_once (GstElement * pipeline, GstState between)
{
  Peer *peer;
  gchar *epoch, *block;

  play (pipeline);
  peer = web_get (port_of (find (pipeline, "sink")),
      "/events?last_event_id=earliest", NULL);
  web_status (peer);
  wait_eos (pipeline);
  peer_read_all (peer);
  epoch = block_epoch (strstr (peer->got->str, "id:"));
  g_string_erase (peer->got, 0, strstr (peer->got->str, "\r\n\r\n") + 4
      - peer->got->str);
  fail_unless (peer_take_block (peer, &block));
  fail_unless (strstr (block, "event:meta\n") != NULL, "%s", block);
  g_free (block);
  fail_unless (peer_take_block (peer, &block));
  fail_unless_equals_uint64 (block_n (block), 1);
  g_free (block);
  peer_free (peer);
  gst_element_set_state (pipeline, between);
  return epoch;
}

GST_START_TEST (test_each_start_is_an_epoch)
{
  static const GstState states[] = { GST_STATE_NULL, GST_STATE_READY };
  GstElement *pipeline =
      make_pipeline ("fakesrc filltype=zero num-buffers=2 sizetype=fixed "
      "sizemax=4 filltype=pattern ! text/x-raw ! h4sse name=sink port=0");
  gchar *epochs[3];
  guint i;

  for (i = 0; i < 3; i++)
    epochs[i] = run_once (pipeline, states[__i__]);
  fail_if (g_str_equal (epochs[0], epochs[1]));
  fail_if (g_str_equal (epochs[1], epochs[2]));
  stop (pipeline);
  for (i = 0; i < 3; i++)
    g_free (epochs[i]);
  gst_object_unref (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_a_stream_may_wait_for_clients)
{
  GstElement *pipeline =
      make_pipeline ("fakesrc filltype=zero num-buffers=3 sizetype=fixed "
      "sizemax=4 filltype=pattern ! text/x-raw ! "
      "h4sse name=sink port=0 wait-clients=2");
  GstElement *sink = find (pipeline, "sink");
  Peer *peers[2];
  guint i;

  play (pipeline);
  peers[0] = web_get (port_of (sink), "/events", NULL);
  peer_read_until (peers[0], "event:meta\n");
  fail_unless_equals_int (gst_element_get_state (pipeline, NULL, NULL, 0),
      GST_STATE_CHANGE_ASYNC);
  peers[1] = web_get (port_of (sink), "/events", NULL);
  wait_eos (pipeline);
  stop (pipeline);
  for (i = 0; i < 2; i++) {
    const gchar *body = web_body (peers[i]);

    fail_unless (strstr (body, "-1\n") && strstr (body, "event:done\n"), "%s",
        body);
    peer_free (peers[i]);
  }
  gst_object_unref (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_waiting_for_clients_can_be_stopped)
{
  GstElement *pipeline =
      make_pipeline ("fakesrc filltype=zero num-buffers=3 ! text/x-raw ! "
      "h4sse name=sink port=0 wait-clients=2");
  gboolean is_async;

  play (pipeline);
  fail_unless_equals_int (gst_element_get_state (pipeline, NULL, NULL,
          50 * GST_MSECOND), GST_STATE_CHANGE_ASYNC);
  stop (pipeline);
  g_object_get (find (pipeline, "sink"), "async", &is_async, NULL);
  fail_if (is_async);
  gst_object_unref (pipeline);
}

GST_END_TEST;

typedef struct
{
  GMutex lock;
  GCond cond;
  GString *log;
} Signals;

static void
log_signal (Signals * signals, gchar sign, guint64 client,
    const gchar * address)
{
  g_mutex_lock (&signals->lock);
  fail_unless (client > 0);
  fail_unless (g_str_has_prefix (address, "127.0.0.1"), "%s", address);
  g_string_append_c (signals->log, sign);
  g_cond_broadcast (&signals->cond);
  g_mutex_unlock (&signals->lock);
}

static void
on_added (GstElement * sink, guint64 client, const gchar * address,
    Signals * signals)
{
  log_signal (signals, '+', client, address);
}

static void
on_removed (GstElement * sink, guint64 client, const gchar * address,
    Signals * signals)
{
  log_signal (signals, '-', client, address);
}

static void
wait_for_log (Signals * signals, const gchar * log)
{
  gint64 end = g_get_monotonic_time () + 50 * G_TIME_SPAN_SECOND;

  g_mutex_lock (&signals->lock);
  while (!g_str_equal (signals->log->str, log))
    fail_unless (g_cond_wait_until (&signals->cond, &signals->lock, end),
        "%s", signals->log->str);
  g_mutex_unlock (&signals->lock);
}

GST_START_TEST (test_clients_are_counted_and_told)
{
  GstElement *sink = make_sink (0);
  Signals signals = { 0 };
  GstStructure *stats;
  guint64 total;
  guint n;
  Peer *peer;

  signals.log = g_string_new (NULL);
  g_signal_connect (sink, "client-added", G_CALLBACK (on_added), &signals);
  g_signal_connect (sink, "client-removed", G_CALLBACK (on_removed), &signals);
  get_ready (sink);
  peer = web_get (port_of (sink), "/events", NULL);
  wait_for_log (&signals, "+");
  g_object_get (sink, "num-clients", &n, "stats", &stats, NULL);
  fail_unless_equals_int (n, 1);
  fail_unless (gst_structure_get_uint (stats, "clients", &n));
  fail_unless_equals_int (n, 1);
  gst_structure_free (stats);
  peer_free (peer);
  wait_for_log (&signals, "+-");
  g_object_get (sink, "num-clients", &n, NULL);
  fail_unless_equals_int (n, 0);
  gst_element_set_state (sink, GST_STATE_NULL);
  g_object_get (sink, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, "clients-total", &total));
  fail_unless_equals_uint64 (total, 1);
  gst_structure_free (stats);
  drop_sink (sink);
  g_string_free (signals.log, TRUE);
  g_mutex_clear (&signals.lock);
}

GST_END_TEST;

/* Live, with clients that read and that do not, some of two streams. */
GST_START_TEST (test_it_stops_in_the_middle_of_everything)
{
  GstElement *pipeline =
      make_pipeline ("fakesrc filltype=zero is-live=true do-timestamp=true "
      "sizetype=fixed sizemax=2000 filltype=pattern ! text/x-raw ! "
      "h4sse name=sink stream=a port=0 linger=50 sync=false");
  GstElement *sink = find (pipeline, "sink");
  Peer *peers[12];
  guint i;

  play (pipeline);
  for (i = 0; i < G_N_ELEMENTS (peers); i++)
    peers[i] = web_get (port_of (sink), "/events?last_event_id=earliest", NULL);
  for (i = 0; i < 6; i++)
    peer_read_until (peers[i], "event:token\n");
  peer_free (peers[0]);
  stop (pipeline);
  for (i = 1; i < G_N_ELEMENTS (peers); i++)
    peer_free (peers[i]);
  gst_object_unref (pipeline);
}

GST_END_TEST;

static Suite *
h4sselife_suite (void)
{
  Suite *s = suite_create ("h4sselife");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_it_listens_from_ready_on_and_says_where);
  tcase_add_test (tc, test_a_taken_port_is_an_error);
  tcase_add_test (tc, test_names_that_cannot_be_are_errors);
  tcase_add_test (tc, test_an_address_that_is_not_ours_is_an_error);
  tcase_add_test (tc, test_a_name_without_what_queries_have_is_the_elements);
  tcase_add_test (tc, test_two_share_a_server_and_the_last_frees_the_port);
  tcase_add_test (tc, test_the_same_path_and_stream_twice_is_an_error);
  tcase_add_test (tc, test_other_settings_of_the_same_server_are_an_error);
  tcase_add_test (tc, test_what_changes_in_ready_holds);
  tcase_add_test (tc, test_the_end_reaches_everyone_although_it_stops_at_once);
  tcase_add_loop_test (tc, test_each_start_is_an_epoch, 0, 2);
  tcase_add_test (tc, test_a_stream_may_wait_for_clients);
  tcase_add_test (tc, test_waiting_for_clients_can_be_stopped);
  tcase_add_test (tc, test_clients_are_counted_and_told);
  tcase_add_test (tc, test_it_stops_in_the_middle_of_everything);
  return s;
}

GST_CHECK_MAIN (h4sselife);
