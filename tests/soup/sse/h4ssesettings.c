/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What is set on the element is what clients and the pipeline see. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <sys/socket.h>
#include <gst/check/gstharness.h>

#include "web.h"

#define HTML "Accept: text/html\r\n"

static GstElement *
make_sink (const gchar * settings)
{
  gchar *launch = g_strdup_printf ("h4sse port=0 linger=100 stream=a %s",
      settings);
  GError *error = NULL;
  GstElement *sink = gst_parse_launch (launch, &error);

  fail_unless (error == NULL, "%s", error ? error->message : "");
  g_free (launch);
  return gst_object_ref_sink (sink);
}

static GstElement *
open_sink (const gchar * settings)
{
  GstElement *sink = make_sink (settings);

  fail_unless_equals_int (gst_element_set_state (sink, GST_STATE_READY),
      GST_STATE_CHANGE_SUCCESS);
  return sink;
}

static void
close_sink (GstElement * sink)
{
  fail_unless_equals_int (gst_element_set_state (sink, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  gst_object_unref (sink);
}

static Peer *
get (GstElement * sink, const gchar * target, const gchar * headers,
    guint status)
{
  guint port;
  Peer *peer;

  g_object_get (sink, "current-port", &port, NULL);
  peer = web_get (port, target, headers);
  fail_unless (web_status (peer) == status, "%s", peer->got->str);
  return peer;
}

/* What answers this request has this in it, or has not. */
static void
assert_answer (GstElement * sink, const gchar * target, const gchar * headers,
    guint status, const gchar * text, gboolean has)
{
  Peer *peer = get (sink, target, headers, status);

  fail_unless ((strstr (peer->got->str, text) != NULL) == has, "%s",
      peer->got->str);
  peer_free (peer);
}

GST_START_TEST (test_heartbeat_is_the_silence_before_a_comment)
{
  GstElement *sink = open_sink ("heartbeat=40");
  Peer *peer = get (sink, "/events", NULL, 200);

  peer_read_until (peer, "\r\n\r\n:\n\n:\n\n");
  peer_free (peer);
  close_sink (sink);
}

GST_END_TEST;

GST_START_TEST (test_retry_is_what_browsers_are_told)
{
  GstHarness *h = gst_harness_new_parse ("h4sse port=0 retry=1234");
  GstElement *sink = gst_harness_find_element (h, "h4sse");
  Peer *peer = get (sink, "/events", NULL, 200);

  gst_harness_set_src_caps_str (h, "text/x-raw");
  peer_read_until (peer, "\r\n\r\nretry:1234\nevent:meta\n");
  peer_free (peer);
  gst_object_unref (sink);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_pages_of_listed_origins_may_read)
{
  GstElement *sink = open_sink ("cors-origin=https://a.example");

  assert_answer (sink, "/events", "Origin: https://a.example\r\n", 200,
      "Access-Control-Allow-Origin: https://a.example\r\n", TRUE);
  assert_answer (sink, "/events", "Origin: https://b.example\r\n", 200,
      "Access-Control-Allow-Origin", FALSE);
  close_sink (sink);
}

GST_END_TEST;

GST_START_TEST (test_the_page_is_there_where_it_is_wanted)
{
  static const gchar *settings[] = { "", "web-page=false" };
  static const guint statuses[] = { 200, 404 };
  GstElement *sink = open_sink (settings[__i__]);

  assert_answer (sink, "/", HTML, statuses[__i__],
      "Content-Type: text/html; charset=utf-8\r\n", __i__ == 0);
  close_sink (sink);
}

GST_END_TEST;

GST_START_TEST (test_one_client_too_many_may_try_again)
{
  GstElement *sink = open_sink ("max-clients=1");
  Peer *peer = get (sink, "/events", NULL, 200);

  assert_answer (sink, "/events", NULL, 503, "Retry-After: ", TRUE);
  peer_free (peer);
  close_sink (sink);
}

GST_END_TEST;

static guint64
get_stat (GstElement * sink, const gchar * name)
{
  GstStructure *stats;
  guint64 value;

  g_object_get (sink, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, name, &value));
  gst_structure_free (stats);
  return value;
}

/* One client reads nothing until all was said, which is more than its
 * connection takes and less than the default of max-lag. The other one reads,
 * so that it is known how far both were served. Who stalls is not to be dropped
 * for that, however long it takes. */
static Peer *
run_beside_a_reader (const gchar * settings, GstElement ** sink)
{
  gchar *launch =
      g_strconcat ("h4sse port=0 linger=100 heartbeat=600000 ", settings, NULL);
  GstHarness *h = gst_harness_new_parse (launch);
  gchar *text = g_strnfill (1000, 'x');
  gint size = 65536;
  Peer *slow, *good;
  guint i;

  *sink = gst_harness_find_element (h, "h4sse");
  gst_harness_set_src_caps_str (h, "text/x-raw");
  slow = get (*sink, "/events", NULL, 200);
  fail_unless (setsockopt (slow->fd, SOL_SOCKET, SO_RCVBUF, &size,
          sizeof (size)) == 0);
  peer_read_until (slow, "event:meta\n");
  good = get (*sink, "/events", NULL, 200);
  peer_read_until (good, "event:meta\n");
  for (i = 1; i <= 900; i++) {
    gchar *mark = g_strdup_printf ("-%u\n", i);

    gst_harness_push (h, gst_buffer_new_memdup (text, 1000));
    if (i % 50 == 0)
      peer_read_until (good, mark);
    g_free (mark);
  }
  gst_harness_push_event (h, gst_event_new_eos ());
  fail_unless (strstr (web_body (good), "event:gap") == NULL);
  web_body (slow);
  peer_free (good);
  g_free (text);
  g_free (launch);
  gst_harness_teardown (h);
  return slow;
}

GST_START_TEST (test_how_far_behind_a_client_may_be_and_what_becomes_of_it)
{
  static const struct
  {
    const gchar *settings;
    gboolean gap, done;
  } cases[] = {
    {"", FALSE, TRUE},
    {"max-lag=100000", TRUE, TRUE},
    {"max-lag=100000 overflow=disconnect", FALSE, FALSE},
  };
  GstElement *sink;
  Peer *peer = run_beside_a_reader (cases[__i__].settings, &sink);
  const gchar *text = peer->got->str;

  fail_unless ((strstr (text, "\"reason\":\"slow\"}") != NULL)
      == cases[__i__].gap);
  fail_unless ((strstr (text, "event:done") != NULL) == cases[__i__].done);
  fail_unless ((get_stat (sink, "events-skipped") > 0) == cases[__i__].gap);
  fail_unless_equals_uint64 (get_stat (sink, "clients-dropped"),
      !cases[__i__].done);
  peer_free (peer);
  gst_object_unref (sink);
}

GST_END_TEST;

static GstElement *
make_pipeline (const gchar * launch)
{
  GError *error = NULL;
  GstElement *pipeline = gst_parse_launch (launch, &error);

  fail_unless (error == NULL, "%s", error ? error->message : "");
  return pipeline;
}

/* Nothing comes, and nothing is waited for. */
GST_START_TEST (test_a_pipeline_plays_before_its_first_buffer)
{
  GstElement *sink = make_sink ("");

  fail_unless_equals_int (gst_element_set_state (sink, GST_STATE_PLAYING),
      GST_STATE_CHANGE_SUCCESS);
  close_sink (sink);
}

GST_END_TEST;

GST_START_TEST (test_a_live_stream_does_not_wait_for_clients)
{
  GstElement *pipeline = make_pipeline ("fakesrc is-live=true num-buffers=3 "
      "sizetype=fixed sizemax=4 filltype=zero ! text/x-raw ! "
      "h4sse port=0 wait-clients=1 linger=0");
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 50 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_object_unref (bus);
  close_sink (pipeline);
}

GST_END_TEST;

static GstEvent *
find_qos (GstHarness * h)
{
  GstEvent *event;

  while ((event = gst_harness_try_pull_upstream_event (h)) != NULL) {
    if (GST_EVENT_TYPE (event) == GST_EVENT_QOS)
      return event;
    gst_event_unref (event);
  }
  return NULL;
}

static gpointer
push_three (gpointer user_data)
{
  GstHarness *h = user_data;
  guint i;

  for (i = 0; i < 3; i++) {
    GstBuffer *buffer = gst_buffer_new_memdup ("late", 4);

    GST_BUFFER_PTS (buffer) = i * 10 * GST_MSECOND;
    GST_BUFFER_DURATION (buffer) = 10 * GST_MSECOND;
    fail_unless_equals_int (gst_harness_push (h, buffer), GST_FLOW_OK);
  }
  return NULL;
}

/* Buffers that come two seconds late. */
GST_START_TEST (test_who_is_late_is_told_where_it_is_asked_for)
{
  GstHarness *h = gst_harness_new_parse ("h4sse port=0");
  GstElement *sink = gst_harness_find_element (h, "h4sse");
  GThread *thread;
  GstEvent *event;
  guint i;

  /* the harness has switched sync off */
  g_object_set (sink, "sync", TRUE, "qos", __i__ == 1, NULL);
  gst_harness_use_testclock (h);
  gst_harness_set_src_caps_str (h, "text/x-raw");
  gst_harness_set_time (h, 2 * GST_SECOND);
  thread = g_thread_new ("push", push_three, h);
  for (i = 0; i < 3; i++)
    fail_unless (gst_harness_crank_single_clock_wait (h));
  g_thread_join (thread);
  event = find_qos (h);
  fail_unless ((event != NULL) == (__i__ == 1));
  if (event) {
    GstClockTimeDiff diff;

    gst_event_parse_qos (event, NULL, NULL, &diff, NULL);
    fail_unless (diff > 0);
    gst_event_unref (event);
  }
  /* none of them is left out for that */
  fail_unless_equals_uint64 (get_stat (sink, "events"), 3);
  gst_object_unref (sink);
  gst_harness_teardown (h);
}

GST_END_TEST;

static Suite *
h4ssesettings_suite (void)
{
  Suite *s = suite_create ("h4ssesettings");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_heartbeat_is_the_silence_before_a_comment);
  tcase_add_test (tc, test_retry_is_what_browsers_are_told);
  tcase_add_test (tc, test_pages_of_listed_origins_may_read);
  tcase_add_loop_test (tc, test_the_page_is_there_where_it_is_wanted, 0, 2);
  tcase_add_test (tc, test_one_client_too_many_may_try_again);
  tcase_add_loop_test (tc,
      test_how_far_behind_a_client_may_be_and_what_becomes_of_it, 0, 3);
  tcase_add_test (tc, test_a_pipeline_plays_before_its_first_buffer);
  tcase_add_test (tc, test_a_live_stream_does_not_wait_for_clients);
  tcase_add_loop_test (tc, test_who_is_late_is_told_where_it_is_asked_for, 0,
      2);
  return s;
}

GST_CHECK_MAIN (h4ssesettings);
