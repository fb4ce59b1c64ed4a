/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Requests for events: which streams, from where on, and who is turned away. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <unistd.h>

#include "h4eventsquery.h"
#include "rig.h"

#define HOST "Host: localhost\r\n"
#define CLOSE "Connection: close\r\n\r\n"

static H4Stream *
stream_new (H4HttpServer * server, const gchar * path, const gchar * name)
{
  H4StreamConfig config = { name, 100, 30 * G_TIME_SPAN_SECOND, 1 << 20,
    0, 2000, 1 << 20
  };
  H4Stream *stream = h4_stream_new (&config);
  GError *error = NULL;

  fail_unless (h4_http_server_add_stream (server, path, stream, NULL, NULL,
          &error), "%s", error ? error->message : "");
  h4_stream_set_meta (stream, "{\"m\":1}", 7);
  return stream;
}

static void
stream_free (H4HttpServer * server, H4Stream * stream)
{
  h4_http_server_remove_stream (server, stream, 0);
  h4_stream_unref (stream);
}

static void
say (H4Stream * stream, const gchar * text)
{
  h4_stream_begin (stream);
  h4_stream_append (stream, "token", text, strlen (text));
  h4_stream_end (stream);
}

/* A client, and what it got up to what. */
static gint
watch (H4HttpServer * server, const gchar * target, const gchar * header,
    GString * text, const gchar * what)
{
  gchar *request = g_strdup_printf ("GET %s HTTP/1.1\r\n" HOST "%s\r\n",
      target, header);
  gint fd = rig_connect (server);

  rig_send (fd, request);
  g_free (request);
  g_string_truncate (text, 0);
  rig_read_until (fd, text, what);
  return fd;
}

static gchar *
ask (H4HttpServer * server, const gchar * method, const gchar * target,
    const gchar * header, gint status)
{
  gchar *request = g_strdup_printf ("%s %s HTTP/1.1\r\n" HOST "%s" CLOSE,
      method, target, header);
  gchar *answer = rig_ask (server, request);

  fail_unless (rig_status (answer) == status, "\"%s\" to \"%s\"", answer,
      request);
  g_free (request);
  return answer;
}

static void
check_ask (H4HttpServer * server, const gchar * target, const gchar * header,
    gint status)
{
  g_free (ask (server, "GET", target, header, status));
}

/* Of the last event in the text. */
static gchar *
last_id (const gchar * text)
{
  const gchar *at = g_strrstr (text, "\nid:");

  fail_unless (at != NULL, "no id in \"%s\"", text);
  return g_strndup (at + 4, strcspn (at + 4, "\n"));
}

GST_START_TEST (test_events_come)
{
  H4HttpConfig config = rig_config;
  H4HttpServer *server;
  H4Stream *stream;
  GString *text = g_string_new (NULL);
  gint fd;

  config.cors_origins = "https://good.example";
  server = rig_start (&config);
  stream = stream_new (server, "/events", "a");
  fd = watch (server, "/events", "Origin: https://good.example\r\n", text,
      "event:meta\ndata:{\"m\":1}\n\n");
  rig_assert_status (text->str, 200);
  rig_check_header (text->str, "Content-Type",
      "text/event-stream; charset=utf-8");
  rig_check_header (text->str, "Cache-Control", "no-store");
  rig_check_header (text->str, "X-Accel-Buffering", "no");
  rig_check_header (text->str, "Connection", "close");
  rig_check_header (text->str, "Content-Length", NULL);
  rig_check_header (text->str, "Transfer-Encoding", NULL);
  rig_check_header (text->str, "Access-Control-Allow-Origin",
      "https://good.example");
  say (stream, "one");
  say (stream, "two");
  rig_read_until (fd, text, "event:token\ndata:two\n\n");
  fail_unless (strstr (text->str, "event:token\ndata:one\n\n"));
  fail_unless (g_str_has_prefix (rig_body (text->str), "retry:2000\n"));
  close (fd);
  g_string_free (text, TRUE);
  stream_free (server, stream);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_the_head_alone)
{
  H4HttpServer *server = rig_start (&rig_config);
  H4Stream *stream = stream_new (server, "/events", "a");
  gchar *answer = ask (server, "HEAD", "/events", "", 200);

  rig_check_header (answer, "Content-Type", "text/event-stream; charset=utf-8");
  g_free (answer);
  g_free (ask (server, "POST", "/events", "Content-Length: 0\r\n", 405));
  stream_free (server, stream);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_who_comes_back_goes_on)
{
  H4HttpServer *server = rig_start (&rig_config);
  H4Stream *stream = stream_new (server, "/events", "a");
  GString *text = g_string_new (NULL);
  gint fd;
  gchar *id, *header, *target;

  fd = watch (server, "/events", "", text, "event:meta\n");
  say (stream, "one");
  rig_read_until (fd, text, "data:one\n\n");
  close (fd);
  id = last_id (text->str);
  say (stream, "two");
  header = g_strdup_printf ("Last-Event-ID: %s\r\n", id);
  target = g_strdup_printf ("/events?last_event_id=%s", id);
  close (watch (server, "/events", header, text, "data:two\n\n"));
  fail_if (strstr (text->str, "data:one") || strstr (text->str, "event:gap"));
  close (watch (server, target, "", text, "data:two\n\n"));
  fail_if (strstr (text->str, "data:one") || strstr (text->str, "event:gap"));
  /* the header is newer than the address */
  close (watch (server, "/events?last_event_id=earliest", header, text,
          "data:two\n\n"));
  fail_if (strstr (text->str, "data:one"));
  close (watch (server, "/events?last_event_id=earliest", "", text,
          "data:two\n\n"));
  fail_unless (strstr (text->str, "data:one"));
  fail_if (strstr (text->str, "event:gap"));
  close (watch (server, "/events?last_event_id=nonsense", "", text,
          "data:two\n\n"));
  fail_unless (strstr (text->str, "event:gap\n"));
  g_free (target);
  g_free (header);
  g_free (id);
  g_string_free (text, TRUE);
  stream_free (server, stream);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_several_streams_on_one_connection)
{
  H4HttpServer *server = rig_start (&rig_config);
  H4Stream *a = stream_new (server, "/events", "a");
  H4Stream *b = stream_new (server, "/events", "b");
  H4Stream *other = stream_new (server, "/other", "a");
  GString *text = g_string_new (NULL);
  gint fd;
  gchar *id, *header;

  fd = watch (server, "/events?stream=b,a", "", text, "{\"stream\":\"a\"");
  fail_unless (strstr (text->str, "{\"stream\":\"b\""));
  say (a, "one");
  say (b, "two");
  say (other, "none");
  rig_read_until (fd, text, "data:one\n\n");
  rig_read_until (fd, text, "data:two\n\n");
  fail_if (strstr (text->str, "none"));
  close (fd);
  id = last_id (text->str);
  say (a, "three");
  say (b, "four");
  header = g_strdup_printf ("Last-Event-ID: %s\r\n", id);
  fd = watch (server, "/events", header, text, "data:three\n\n");
  rig_read_until (fd, text, "data:four\n\n");
  fail_if (strstr (text->str, "data:one") || strstr (text->str, "data:two"));
  close (fd);
  /* one of them */
  fd = watch (server, "/events?stream=b&last_event_id=earliest", "", text,
      "data:four\n\n");
  fail_if (strstr (text->str, "data:three"));
  close (fd);
  g_free (header);
  g_free (id);
  g_string_free (text, TRUE);
  stream_free (server, a);
  stream_free (server, b);
  stream_free (server, other);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_requests_that_name_nothing)
{
  H4HttpServer *server = rig_start (&rig_config);
  H4Stream *stream = stream_new (server, "/events", "a");
  gchar *answer;

  answer = ask (server, "GET", "/events?stream=a,x%22", "", 404);
  fail_unless (strstr (answer, "There is no stream \\\"x\\\"\\\" at /events."));
  fail_unless (strstr (answer, "\"field\":\"stream\""));
  g_free (answer);
  check_ask (server, "/other", "", 404);
  check_ask (server, "/events?stream=", "", 400);
  check_ask (server, "/events?stream=a,", "", 400);
  check_ask (server, "/events?stream=a,a", "", 400);
  check_ask (server, "/events?stream=a&stream=a", "", 400);
  check_ask (server, "/events?last_event_id=1&last_event_id=2", "", 400);
  check_ask (server, "/events?stream=%zz", "", 400);
  check_ask (server, "/events?stream=%ff", "", 400);
  check_ask (server, "/events", "Content-Length: 0\r\nLast-Event-ID: x\r\n"
      "Content-Length: 0\r\n", 400);
  stream_free (server, stream);
  check_ask (server, "/events", "", 404);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_who_has_it_all_is_told_to_stop)
{
  H4HttpServer *server = rig_start (&rig_config);
  H4Stream *a = stream_new (server, "/events", "a");
  H4Stream *b = stream_new (server, "/events", "b");
  GString *text = g_string_new (NULL);
  gint fd;
  gchar *id, *header;

  fd = watch (server, "/events?stream=a", "", text, "event:meta\n");
  say (a, "one");
  h4_stream_finish (a, "{\"ok\":true}", 11);
  rig_read_until (fd, text, "event:done\ndata:{\"ok\":true}\n\n");
  g_string_free (rig_read_end (fd), TRUE);
  id = last_id (text->str);
  header = g_strdup_printf ("Last-Event-ID: %s\r\n", id);
  check_ask (server, "/events?stream=a", header, 204);
  /* the other one goes on */
  g_free (header);
  header = g_strdup_printf ("Last-Event-ID: a=%s\r\n", id);
  say (b, "two");
  fd = watch (server, "/events", header, text, "{\"stream\":\"b\"");
  say (b, "three");
  rig_read_until (fd, text, "data:three\n\n");
  close (fd);
  /* who is new sees that it is over */
  fd = watch (server, "/events?stream=a", "", text, "event:done\n");
  fail_unless (strstr (text->str, "event:meta\n"));
  g_string_free (rig_read_end (fd), TRUE);
  g_free (header);
  g_free (id);
  g_string_free (text, TRUE);
  stream_free (server, a);
  stream_free (server, b);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_so_many_clients_and_no_more)
{
  H4HttpConfig config = rig_config;
  H4HttpServer *server;
  H4Stream *stream;
  GString *text = g_string_new (NULL);
  H4StreamStats stats;
  gint fds[3];
  gchar *answer;
  guint i;

  config.max_clients = G_N_ELEMENTS (fds);
  server = rig_start (&config);
  stream = stream_new (server, "/events", "a");
  for (i = 0; i < G_N_ELEMENTS (fds); i++)
    fds[i] = watch (server, "/events", "", text, "event:meta\n");
  answer = ask (server, "GET", "/events", "", 503);
  rig_check_header (answer, "Retry-After", "10");
  g_free (answer);
  close (fds[0]);
  do {
    h4_stream_get_stats (stream, &stats);
  } while (stats.clients == G_N_ELEMENTS (fds));
  fds[0] = watch (server, "/events", "", text, "event:meta\n");
  for (i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
  g_string_free (text, TRUE);
  stream_free (server, stream);
  rig_stop (server);
}

GST_END_TEST;

/* A client of events is nobody that a thread or libsoup cares for. */
GST_START_TEST (test_clients_cost_no_connection)
{
  H4HttpServer *server = rig_start (&rig_config);
  H4Stream *stream = stream_new (server, "/events", "a");
  GString *text = g_string_new (NULL);
  guint before, i;
  gint fds[20];

  check_ask (server, "/streams", "", 200);
  rig_wait (rig_stats (server).connections == 0);
  before = rig_count_fds ();
  for (i = 0; i < G_N_ELEMENTS (fds); i++)
    fds[i] = watch (server, "/events", "", text, "event:meta\n");
  fail_unless_equals_int (rig_stats (server).connections, 0);
  fail_unless_equals_int (rig_stats (server).exchanges, 0);
  rig_wait (rig_count_fds () == before + 2 * G_N_ELEMENTS (fds));
  for (i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
  rig_wait (rig_count_fds () == before);
  g_string_free (text, TRUE);
  stream_free (server, stream);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_streams_are_listed)
{
  H4HttpServer *server = rig_start (&rig_config);
  H4Stream *a = stream_new (server, "/events", "a");
  H4Stream *b = stream_new (server, "/b", "b");
  GPtrArray *streams;
  gchar *answer = ask (server, "GET", "/streams", "", 200);

  rig_check_header (answer, "Content-Type", "application/json");
  rig_check_header (answer, "Cache-Control", "no-store");
  fail_unless_equals_string (rig_body (answer),
      "[{\"name\":\"a\",\"path\":\"/events\",\"meta\":{\"m\":1}},"
      "{\"name\":\"b\",\"path\":\"/b\",\"meta\":{\"m\":1}}]");
  g_free (answer);
  streams = h4_http_server_get_streams (server);
  fail_unless_equals_int (streams->len, 2);
  fail_unless (streams->pdata[0] == a && streams->pdata[1] == b);
  g_ptr_array_unref (streams);
  stream_free (server, a);
  stream_free (server, b);
  answer = ask (server, "GET", "/streams", "", 200);
  fail_unless_equals_string (rig_body (answer), "[]");
  g_free (answer);
  rig_stop (server);
}

GST_END_TEST;

static void
check_taken (H4HttpServer * server, H4Stream * stream, const gchar * path)
{
  GError *error = NULL;

  fail_if (h4_http_server_add_stream (server, path, stream, NULL, NULL,
          &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS));
  fail_unless (strstr (error->message, path), "%s", error->message);
  g_error_free (error);
}

GST_START_TEST (test_a_place_is_one_streams)
{
  H4HttpServer *server = rig_start (&rig_config);
  H4Stream *stream = stream_new (server, "/events", "a");

  check_taken (server, stream, "/events");
  check_taken (server, stream, "/small");
  check_taken (server, stream, "/streams");
  check_taken (server, stream, "/tree/events");
  stream_free (server, stream);
  stream = stream_new (server, "/events", "a");
  stream_free (server, stream);
  rig_stop (server);
}

GST_END_TEST;

static void
check_id (const gchar * id, const gchar * stream, const gchar * expected)
{
  H4EventsQuery query;
  gchar *found;

  fail_unless (h4_events_query_parse (&query, NULL, id, NULL));
  found = h4_events_query_dup_last_id (&query, stream);
  fail_unless_equals_string (found, expected);
  g_free (found);
  h4_events_query_clear (&query);
}

GST_START_TEST (test_whose_id_it_is)
{
  check_id (NULL, "a", NULL);
  check_id ("", "a", NULL);
  check_id ("e-1", "a", "e-1");
  check_id ("b=e-1,a=e-2", "a", "e-2");
  check_id ("b=e-1, a=e-2", "b", "e-1");
  check_id ("aa=e-1,a=e-2", "a", "e-2");
  check_id ("b=e-1", "a", NULL);
  check_id ("a=", "a", "");
  check_id (",,=,a=e-1=,", "a", "e-1=");
}

GST_END_TEST;

static Suite *
events_suite (void)
{
  Suite *s = suite_create ("events");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_events_come);
  tcase_add_test (tc, test_the_head_alone);
  tcase_add_test (tc, test_who_comes_back_goes_on);
  tcase_add_test (tc, test_several_streams_on_one_connection);
  tcase_add_test (tc, test_requests_that_name_nothing);
  tcase_add_test (tc, test_who_has_it_all_is_told_to_stop);
  tcase_add_test (tc, test_so_many_clients_and_no_more);
  tcase_add_test (tc, test_clients_cost_no_connection);
  tcase_add_test (tc, test_streams_are_listed);
  tcase_add_test (tc, test_a_place_is_one_streams);
  tcase_add_test (tc, test_whose_id_it_is);
  return s;
}

GST_CHECK_MAIN (events);
