/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Requests that are answered at once, on sockets. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/socket.h>
#include <unistd.h>

#include "rig.h"

#define HOST "Host: localhost\r\n"
#define CLOSE "Connection: close\r\n\r\n"

GST_START_TEST (test_a_small_answer)
{
  H4HttpServer *server = rig_start (&rig_config);
  gchar *answer = rig_ask (server, "GET /small HTTP/1.1\r\n" HOST CLOSE);

  rig_assert_status (answer, 200);
  fail_unless_equals_string (rig_body (answer), "small\n");
  rig_check_header (answer, "Content-Type", "text/plain");
  rig_check_header (answer, "Content-Length", "6");
  rig_check_header (answer, "Connection", "close");
  rig_check_header (answer, "Server", "harmony4/" VERSION);
  rig_check_header (answer, "X-Content-Type-Options", "nosniff");
  g_free (answer);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_head_has_no_body)
{
  H4HttpServer *server = rig_start (&rig_config);
  gchar *answer = rig_ask (server, "HEAD /small HTTP/1.1\r\n" HOST CLOSE);

  rig_assert_status (answer, 200);
  rig_check_header (answer, "Content-Length", "6");
  fail_unless_equals_string (rig_body (answer), "");
  g_free (answer);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_a_connection_is_kept)
{
  H4HttpServer *server = rig_start (&rig_config);
  gint fd = rig_connect (server);
  guint i;

  for (i = 0; i < 3; i++) {
    GString *text = g_string_new (NULL);

    rig_send (fd, "GET /small HTTP/1.1\r\n" HOST "\r\n");
    rig_read_until (fd, text, "small\n");
    g_string_free (text, TRUE);
  }
  close (fd);
  fail_unless_equals_uint64 (rig_stats (server).connections_total, 1);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_requests_may_come_together)
{
  H4HttpServer *server = rig_start (&rig_config);
  gchar *answer = rig_ask (server, "GET /small HTTP/1.1\r\n" HOST "\r\n"
      "GET /tree/a HTTP/1.1\r\n" HOST "\r\n"
      "GET /bytes?3 HTTP/1.1\r\n" HOST "\r\n"
      "\r\nGET /tree/b HTTP/1.1\r\n" HOST CLOSE);
  const gchar *at = answer;

  at = strstr (at, "small\n");
  fail_unless (at && (at = strstr (at, "/tree/a")));
  fail_unless (at && (at = strstr (at, "xxx")));
  fail_unless (at && (at = strstr (at, "/tree/b")));
  g_free (answer);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_an_old_client_is_answered_and_closed)
{
  H4HttpServer *server = rig_start (&rig_config);
  gchar *answer = rig_ask (server, "GET /small HTTP/1.0\r\n\r\n");

  fail_unless (g_str_has_suffix (answer, "\r\n\r\nsmall\n"));
  rig_check_header (answer, "Content-Length", "6");
  g_free (answer);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_problems_are_json)
{
  H4HttpServer *server = rig_start (&rig_config);
  gchar *answer = rig_ask (server, "GET /no HTTP/1.1\r\n" HOST CLOSE);

  rig_assert_status (answer, 404);
  rig_check_header (answer, "Content-Type", "application/problem+json");
  rig_check_header (answer, "Cache-Control", "no-store");
  fail_unless_equals_string (rig_body (answer),
      "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,"
      "\"detail\":\"There is nothing at this path.\"}");
  g_free (answer);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_other_methods_are_told_which)
{
  H4HttpServer *server = rig_start (&rig_config);
  gchar *answer = rig_ask (server, "DELETE /small HTTP/1.1\r\n" HOST CLOSE);

  rig_assert_status (answer, 405);
  rig_check_header (answer, "Allow", "GET, HEAD");
  g_free (answer);
  answer = rig_ask (server, "OPTIONS /small HTTP/1.1\r\n" HOST CLOSE);
  rig_assert_status (answer, 204);
  rig_check_header (answer, "Allow", "GET, HEAD, OPTIONS");
  g_free (answer);
  rig_check_status (server, "OPTIONS * HTTP/1.1\r\n" HOST CLOSE, 204);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_a_tree_has_all_below_it)
{
  H4HttpServer *server = rig_start (&rig_config);
  gchar *answer =
      rig_ask (server, "GET /tree/a%2Fb%20c HTTP/1.1\r\n" HOST CLOSE);

  rig_assert_status (answer, 200);
  fail_unless_equals_string (rig_body (answer), "/tree/a/b c");
  g_free (answer);
  rig_check_status (server, "GET /tree HTTP/1.1\r\n" HOST CLOSE, 404);
  rig_check_status (server, "GET /smaller HTTP/1.1\r\n" HOST CLOSE, 404);
  rig_stop (server);
}

GST_END_TEST;

/* libsoup would answer 206 here, and to some ranges worse */
GST_START_TEST (test_ranges_are_for_files)
{
  H4HttpServer *server = rig_start (&rig_config);
  gchar *answer = rig_ask (server, "GET /small HTTP/1.1\r\n" HOST
      "Range: bytes=0-900000000\r\n" CLOSE);

  rig_assert_status (answer, 200);
  fail_unless_equals_string (rig_body (answer), "small\n");
  g_free (answer);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_what_is_no_request_is_answered)
{
  H4HttpServer *server = rig_start (&rig_config);

  rig_check_status (server, "hello\r\n\r\n", 400);
  rig_check_status (server, "GET / HTTP/2.0\r\n\r\n", 505);
  rig_check_status (server, "GET /small HTTP/1.1\r\n\r\n", 400);
  rig_check_status (server, "GET /small HTTP/1.1\r\n" HOST HOST "\r\n", 400);
  rig_check_status (server, "POST /echo HTTP/1.1\r\n" HOST
      "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 400);
  rig_check_status (server, "POST /echo HTTP/1.1\r\n" HOST
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
  rig_check_status (server, "POST /echo HTTP/1.1\r\n" HOST
      "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400);
  fail_unless_equals_uint64 (rig_stats (server).refused, 7);
  rig_check_status (server, "GET /small HTTP/1.1\r\n" HOST CLOSE, 200);
  rig_stop (server);
}

GST_END_TEST;

static gpointer
send_much (gpointer data)
{
  gchar *block = g_malloc0 (1024 * 1024);
  guint i;

  for (i = 0; i < 64; i++)
    if (!rig_send_bytes (GPOINTER_TO_INT (data), block, 1024 * 1024))
      break;
  g_free (block);
  return NULL;
}

/* The whole answer, also to a client that sends all the time. */
GST_START_TEST (test_an_early_answer_reaches_who_still_sends)
{
  H4HttpServer *server = rig_start (&rig_config);
  gint fd = rig_connect (server);
  GString *answer = g_string_new (NULL);
  GThread *thread;

  rig_send (fd, "POST /nowhere HTTP/1.1\r\n" HOST
      "Content-Length: 67108864\r\n\r\n");
  thread = g_thread_new ("sender", send_much, GINT_TO_POINTER (fd));
  rig_read_until (fd, answer, "at this path.\"}");
  rig_assert_status (answer->str, 404);
  rig_check_header (answer->str, "Connection", "close");
  /* it does not wait for all of it */
  g_thread_join (thread);
  close (fd);
  rig_wait (rig_stats (server).connections == 0);
  g_string_free (answer, TRUE);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_a_body_that_nobody_reads_ends_the_connection)
{
  H4HttpServer *server = rig_start (&rig_config);
  gchar *answer = rig_ask (server, "POST /small/post HTTP/1.1\r\n" HOST
      "Content-Length: 30\r\n\r\nGET /small HTTP/1.1\r\nHost: h\r\n\r\n");

  rig_assert_status (answer, 200);
  rig_check_header (answer, "Connection", "close");
  fail_unless_equals_string (rig_body (answer), "small\n");
  g_free (answer);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_too_long_a_body_is_refused_at_once)
{
  H4HttpServer *server = rig_start (&rig_config);
  gint fd = rig_connect (server);
  GString *answer = g_string_new (NULL);

  rig_send (fd, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1048577\r\n"
      "Expect: 100-continue\r\n\r\n");
  rig_read_until (fd, answer, "}");
  rig_assert_status (answer->str, 413);
  fail_unless (strstr (answer->str, "\"accepted\":\"0…1048576\""));
  close (fd);
  g_string_free (answer, TRUE);
  rig_stop (server);
}

GST_END_TEST;

typedef struct
{
  GMutex lock;
  GString *text;
  guint n;
} Log;

static void
log_access (const H4HttpAccess * access, gpointer user_data)
{
  Log *log = user_data;

  g_mutex_lock (&log->lock);
  fail_unless (g_str_has_prefix (access->address, "127.0.0.1:"));
  fail_unless (access->duration >= 0);
  g_string_append_printf (log->text, "%s %s %s %s %u %" G_GUINT64_FORMAT " %"
      G_GUINT64_FORMAT "\n", access->method, access->target, access->route ?
      access->route : "-", access->user_agent ? access->user_agent : "-",
      access->status, access->bytes_in, access->bytes_out);
  log->n++;
  g_mutex_unlock (&log->lock);
}

static guint
log_count (Log * log)
{
  guint n;

  g_mutex_lock (&log->lock);
  n = log->n;
  g_mutex_unlock (&log->lock);
  return n;
}

GST_START_TEST (test_every_answer_is_logged_without_secrets)
{
  H4HttpServer *server = rig_start (&rig_config);
  Log log = {.text = g_string_new (NULL) };
  static const gchar *const requests[] = {
    "GET /small?access_token=s3 HTTP/1.1\r\n" HOST "User-Agent: me/1\r\n" CLOSE,
    "POST /echo?master_key_hex=s3 HTTP/1.1\r\n" HOST "X-H4-Key: s3\r\n"
        "Content-Length: 5\r\n" CLOSE "hello",
    "GET /tree/x HTTP/1.1\r\n" HOST CLOSE,
    "GET /no HTTP/1.1\r\n" HOST CLOSE,
    "POST /no HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\nx",
    "nonsense\r\n\r\n",
  };
  guint i;

  g_mutex_init (&log.lock);
  h4_http_server_set_access_func (server, log_access, &log);
  for (i = 0; i < G_N_ELEMENTS (requests); i++) {
    g_free (rig_ask (server, requests[i]));
    rig_wait (log_count (&log) == i + 1);
  }
  rig_stop (server);
  fail_unless_equals_string (log.text->str,
      "GET /small?access_token=REDACTED /small me/1 200 0 6\n"
      "POST /echo?master_key_hex=REDACTED /echo - 200 5 5\n"
      "GET /tree/x /tree/ - 200 0 7\n"
      "GET /no - - 404 0 97\n" "POST /no - - 404 0 97\n" "- - - - 400 0 0\n");
  g_string_free (log.text, TRUE);
  g_mutex_clear (&log.lock);
}

GST_END_TEST;

static Suite *
answers_suite (void)
{
  Suite *s = suite_create ("answers");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_a_small_answer);
  tcase_add_test (tc, test_head_has_no_body);
  tcase_add_test (tc, test_a_connection_is_kept);
  tcase_add_test (tc, test_requests_may_come_together);
  tcase_add_test (tc, test_an_old_client_is_answered_and_closed);
  tcase_add_test (tc, test_problems_are_json);
  tcase_add_test (tc, test_other_methods_are_told_which);
  tcase_add_test (tc, test_a_tree_has_all_below_it);
  tcase_add_test (tc, test_ranges_are_for_files);
  tcase_add_test (tc, test_what_is_no_request_is_answered);
  tcase_add_test (tc, test_an_early_answer_reaches_who_still_sends);
  tcase_add_test (tc, test_a_body_that_nobody_reads_ends_the_connection);
  tcase_add_test (tc, test_too_long_a_body_is_refused_at_once);
  tcase_add_test (tc, test_every_answer_is_logged_without_secrets);
  return s;
}

GST_CHECK_MAIN (answers);
