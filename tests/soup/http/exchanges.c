/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Requests that threads take over: bodies, long answers, who goes and when. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/socket.h>
#include <unistd.h>

#include "h4httpprivate.h"
#include "rig.h"

#define HOST "Host: localhost\r\n"
#define CLOSE "Connection: close\r\n\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"

GST_START_TEST (test_a_body_of_a_length)
{
  H4HttpServer *server = rig_start (&rig_config);

  rig_check_ask (server, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n"
      CLOSE "hello", 200, "hello");
  rig_check_ask (server, "PUT /echo HTTP/1.1\r\n" HOST "Content-Length: 0\r\n"
      CLOSE, 200, "");
  rig_check_ask (server,
      "POST /echo HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello", 200, "hello");
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_a_body_in_chunks)
{
  H4HttpServer *server = rig_start (&rig_config);

  rig_check_ask (server, "POST /echo HTTP/1.1\r\n" HOST CHUNKED CLOSE
      "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: x\r\n\r\n", 200,
      "hello world");
  rig_stop (server);
}

GST_END_TEST;

/* Larger than what comes with the head or fits in any buffer. */
GST_START_TEST (test_a_large_body)
{
  H4HttpServer *server = rig_start (&rig_config);
  gint fd = rig_connect (server);
  gchar *block = g_malloc (1024 * 1024);
  GString *answer;
  guint i;

  for (i = 0; i < 1024 * 1024; i++)
    block[i] = 'a' + i % 23;
  rig_send (fd, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1048576\r\n"
      CLOSE);
  fail_unless (rig_send_bytes (fd, block, 1024 * 1024));
  answer = rig_read_end (fd);
  fail_unless (memcmp (rig_body (answer->str), block, 1024 * 1024) == 0);
  g_string_free (answer, TRUE);
  g_free (block);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_a_connection_is_kept_after_a_body)
{
  H4HttpServer *server = rig_start (&rig_config);
  gchar *answer = rig_ask (server, "POST /echo HTTP/1.1\r\n" HOST CHUNKED "\r\n"
      "3\r\none\r\n0\r\n\r\n"
      "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\ntwo"
      "GET /small HTTP/1.1\r\n" HOST CLOSE);
  const gchar *at = strstr (answer, "one");

  fail_unless (at && (at = strstr (at, "two")) && strstr (at, "small\n"),
      "\"%s\"", answer);
  fail_unless_equals_uint64 (rig_stats (server).connections_total, 1);
  g_free (answer);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_who_waits_is_told_to_go_on)
{
  H4HttpServer *server = rig_start (&rig_config);
  gint fd = rig_connect (server);
  GString *answer = g_string_new (NULL);

  rig_send (fd, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n"
      "Expect: 100-continue\r\n" CLOSE);
  rig_read_until (fd, answer, "\r\n\r\n");
  fail_unless_equals_string (answer->str, "HTTP/1.1 100 Continue\r\n\r\n");
  rig_send (fd, "hello");
  g_string_free (answer, TRUE);
  answer = rig_read_end (fd);
  rig_assert_status (answer->str, 200);
  fail_unless_equals_string (rig_body (answer->str), "hello");
  g_string_free (answer, TRUE);
  rig_stop (server);
}

GST_END_TEST;

/* It would wait for a while, although it is answered. */
GST_START_TEST (test_who_waits_is_told_by_an_answer_that_comes_first)
{
  H4HttpServer *server = rig_start (&rig_config);
  gint fd = rig_connect (server);
  GString *answer = g_string_new (NULL);

  rig_send (fd, "POST /duplex HTTP/1.1\r\n" HOST "Content-Length: 5\r\n"
      "Expect: 100-continue\r\n" CLOSE);
  rig_read_until (fd, answer, "Content-Type");
  fail_unless (g_str_has_prefix (answer->str,
          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  rig_send (fd, "hello");
  rig_read_until (fd, answer, "hello");
  close (fd);
  g_string_free (answer, TRUE);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_who_does_not_wait_is_not_told)
{
  H4HttpServer *server = rig_start (&rig_config);

  rig_check_ask (server, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n"
      "Expect: 100-continue\r\n" CLOSE "hello", 200, "hello");
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_more_than_may_be_in_chunks)
{
  H4HttpServer *server = rig_start (&rig_config);

  rig_check_ask (server, "POST /echo HTTP/1.1\r\n" HOST CHUNKED "\r\n"
      "100001\r\n", 413, NULL);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_chunks_that_are_none)
{
  H4HttpServer *server = rig_start (&rig_config);

  rig_check_ask (server, "POST /echo HTTP/1.1\r\n" HOST CHUNKED "\r\n"
      "5\r\nhelloX", 400, NULL);
  rig_stop (server);
}

GST_END_TEST;

/* It said that more would come. */
GST_START_TEST (test_a_body_that_ends_too_soon)
{
  H4HttpServer *server = rig_start (&rig_config);
  static const gchar *const requests[] = {
    "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 50\r\n\r\nhello",
    "POST /echo HTTP/1.1\r\n" HOST CHUNKED "\r\n5\r\nhello\r\n",
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (requests); i++) {
    gint fd = rig_connect (server);
    GString *answer;

    rig_send (fd, requests[i]);
    shutdown (fd, SHUT_WR);
    answer = rig_read_end (fd);
    rig_assert_status (answer->str, 400);
    fail_unless (strstr (answer->str, "after 5 bytes"));
    g_string_free (answer, TRUE);
  }
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_an_upload_that_stalls)
{
  H4HttpServer *server;

  h4_http_limits.body = 50 * G_TIME_SPAN_MILLISECOND;
  server = rig_start (&rig_config);
  rig_check_ask (server,
      "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 50\r\n\r\n" "hello", 408,
      NULL);
  rig_stop (server);
}

GST_END_TEST;

/* However slow it is, it is alive. */
GST_START_TEST (test_an_upload_that_trickles)
{
  H4HttpServer *server;
  gint fd;
  gint64 end;
  GString *answer;
  guint i;

  h4_http_limits.body = 2 * G_TIME_SPAN_SECOND;
  server = rig_start (&rig_config);
  fd = rig_connect (server);
  rig_send (fd, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 10\r\n" CLOSE);
  end = g_get_monotonic_time () + h4_http_limits.body;
  for (i = 0; i < 10; i++) {
    rig_send (fd, "x");
    g_usleep (h4_http_limits.body / 8);
  }
  fail_unless (g_get_monotonic_time () > end);
  answer = rig_read_end (fd);
  rig_assert_status (answer->str, 200);
  g_string_free (answer, TRUE);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_an_answer_before_the_body_has_come)
{
  H4HttpServer *server = rig_start (&rig_config);
  gint fd = rig_connect (server);
  GString *answer = g_string_new (NULL);
  guint i;

  rig_send (fd, "POST /duplex HTTP/1.1\r\n" HOST CHUNKED CLOSE);
  rig_read_until (fd, answer, "\r\n\r\n");
  for (i = 0; i < 5; i++) {
    gchar *piece = g_strdup_printf ("8\r\npiece %u\n\r\n", i);
    gchar *back = g_strdup_printf ("\r\n8\r\npiece %u\n\r\n", i);

    rig_send (fd, piece);
    rig_read_until (fd, answer, back);
    g_free (piece);
    g_free (back);
  }
  rig_send (fd, "0\r\n\r\n");
  rig_read_until (fd, answer, "0\r\n\r\n");
  close (fd);
  g_string_free (answer, TRUE);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_lengths_of_answers)
{
  H4HttpServer *server = rig_start (&rig_config);
  gchar *answer = rig_ask (server, "GET /bytes?3 HTTP/1.1\r\n" HOST CLOSE);

  fail_unless (strstr (answer, "Content-Length: 3\r\n"));
  fail_unless_equals_string (rig_body (answer), "xxx");
  g_free (answer);
  answer = rig_ask (server, "GET /bytes?-3 HTTP/1.1\r\n" HOST CLOSE);
  fail_unless (strstr (answer, "Transfer-Encoding: chunked\r\n"));
  fail_unless_equals_string (rig_body (answer), "3\r\nxxx\r\n0\r\n\r\n");
  g_free (answer);
  answer = rig_ask (server, "GET /bytes?-3 HTTP/1.0\r\n\r\n");
  fail_if (strstr (answer, "Transfer-Encoding"));
  fail_unless_equals_string (rig_body (answer), "xxx");
  g_free (answer);
  answer = rig_ask (server, "HEAD /bytes?3 HTTP/1.1\r\n" HOST CLOSE);
  fail_unless (strstr (answer, "Content-Length: 3\r\n"));
  fail_unless_equals_string (rig_body (answer), "");
  g_free (answer);
  rig_stop (server);
}

GST_END_TEST;

static void
check_reset (H4HttpServer * server, const gchar * request)
{
  gint fd = rig_connect (server);
  GString *answer = g_string_new (NULL);
  gchar byte;

  rig_send (fd, request);
  rig_read_until (fd, answer, "half");
  while (recv (fd, &byte, 1, 0) > 0) {
  }
  fail_unless_equals_int (errno, ECONNRESET);
  close (fd);
  g_string_free (answer, TRUE);
}

GST_START_TEST (test_a_cut_answer_is_seen_to_be_one)
{
  H4HttpServer *server = rig_start (&rig_config);

  check_reset (server, "GET /cut HTTP/1.1\r\n" HOST "\r\n");
  check_reset (server, "GET /cut HTTP/1.0\r\n\r\n");
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_no_answer_is_an_error)
{
  H4HttpServer *server = rig_start (&rig_config);

  rig_check_ask (server, "GET /nothing HTTP/1.1\r\n" HOST CLOSE, 500, NULL);
  rig_stop (server);
}

GST_END_TEST;

static void
check_gone (const gchar * request, gboolean reset)
{
  H4HttpServer *server = rig_start (&rig_config);
  gint fd = rig_connect (server);
  GString *answer = g_string_new (NULL);
  struct linger now = { 1, 0 };

  rig_send (fd, request);
  rig_read_until (fd, answer, "held");
  if (reset)
    setsockopt (fd, SOL_SOCKET, SO_LINGER, &now, sizeof (now));
  close (fd);
  rig_wait (rig_stats (server).exchanges == 0);
  fail_unless_equals_int (g_atomic_int_get (&rig_ended), 1);
  g_string_free (answer, TRUE);
  rig_stop (server);
}

GST_START_TEST (test_who_waits_is_told_that_the_client_has_gone)
{
  check_gone ("GET /hold HTTP/1.1\r\n" HOST "\r\n", FALSE);
  check_gone ("POST /hold HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n", TRUE);
}

GST_END_TEST;

GST_START_TEST (test_who_does_not_read_is_given_up)
{
  H4HttpServer *server;
  gint fd;

  h4_http_limits.answer = 200 * G_TIME_SPAN_MILLISECOND;
  server = rig_start (&rig_config);
  fd = rig_connect (server);
  rig_send (fd, "GET /endless HTTP/1.1\r\n" HOST "\r\n");
  rig_wait (g_atomic_int_get (&rig_ended) == 1);
  rig_wait (rig_stats (server).exchanges == 0);
  close (fd);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_so_many_and_no_more)
{
  H4HttpServer *server;
  gint fds[3];
  gchar *answer, *after;
  guint i;

  h4_http_limits.exchanges = G_N_ELEMENTS (fds);
  server = rig_start (&rig_config);
  for (i = 0; i < G_N_ELEMENTS (fds); i++) {
    fds[i] = rig_connect (server);
    rig_send (fds[i], "GET /hold HTTP/1.1\r\n" HOST "\r\n");
  }
  rig_wait (g_atomic_int_get (&rig_held) == G_N_ELEMENTS (fds));
  answer = rig_ask (server, "GET /bytes?1 HTTP/1.1\r\n" HOST CLOSE);
  rig_assert_status (answer, 503);
  after = rig_header (answer, "Retry-After");
  fail_unless_equals_string (after, "2");
  g_free (after);
  g_free (answer);
  /* what needs no thread goes on */
  rig_check_ask (server, "GET /small HTTP/1.1\r\n" HOST CLOSE, 200, "small\n");
  for (i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
  rig_wait (rig_stats (server).exchanges == 0);
  rig_check_ask (server, "GET /bytes?1 HTTP/1.1\r\n" HOST CLOSE, 200, "x");
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_a_release_ends_what_goes_on)
{
  H4HttpServer *server = rig_start (&rig_config);
  gint fds[4];
  guint i;

  for (i = 0; i < G_N_ELEMENTS (fds); i++) {
    fds[i] = rig_connect (server);
    rig_send (fds[i], i % 2 ? "GET /hold HTTP/1.1\r\n" HOST "\r\n" :
        "GET /endless HTTP/1.1\r\n" HOST "\r\n");
  }
  rig_wait (g_atomic_int_get (&rig_held) == G_N_ELEMENTS (fds) / 2);
  rig_wait (rig_stats (server).exchanges == G_N_ELEMENTS (fds));
  rig_stop (server);
  fail_unless_equals_int (rig_ended, G_N_ELEMENTS (fds));
  for (i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
}

GST_END_TEST;

static gpointer
drain (gpointer server)
{
  h4_http_server_drain (server, 20 * G_TIME_SPAN_SECOND);
  return NULL;
}

/* What goes on is finished, nothing new begins. */
GST_START_TEST (test_a_drain_waits)
{
  H4HttpServer *server = rig_start (&rig_config);
  gint fd = rig_connect (server), idle = rig_connect (server);
  GThread *thread;
  GString *answer;

  rig_send (fd, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhel");
  rig_wait (rig_stats (server).exchanges == 1
      && rig_stats (server).connections == 1);
  thread = g_thread_new ("drain", drain, server);
  /* who waits for nothing is closed */
  g_string_free (rig_read_end (idle), TRUE);
  fail_unless_equals_int (rig_stats (server).exchanges, 1);
  rig_send (fd, "lo");
  answer = rig_read_end (fd);
  fail_unless_equals_string (rig_body (answer->str), "hello");
  g_thread_join (thread);
  fail_unless_equals_int (rig_stats (server).exchanges, 0);
  g_string_free (answer, TRUE);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_a_drain_does_not_wait_for_ever)
{
  H4HttpServer *server = rig_start (&rig_config);
  gint fd = rig_connect (server);

  rig_send (fd, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
  rig_wait (g_atomic_int_get (&rig_held) == 1);
  h4_http_server_drain (server, 20 * G_TIME_SPAN_MILLISECOND);
  rig_wait (rig_stats (server).exchanges == 0);
  fail_unless_equals_int (rig_ended, 1);
  close (fd);
  rig_stop (server);
}

GST_END_TEST;

static Suite *
exchanges_suite (void)
{
  Suite *s = suite_create ("exchanges");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, rig_keep_limits, rig_restore_limits);
  tcase_add_test (tc, test_a_body_of_a_length);
  tcase_add_test (tc, test_a_body_in_chunks);
  tcase_add_test (tc, test_a_large_body);
  tcase_add_test (tc, test_a_connection_is_kept_after_a_body);
  tcase_add_test (tc, test_who_waits_is_told_to_go_on);
  tcase_add_test (tc, test_who_waits_is_told_by_an_answer_that_comes_first);
  tcase_add_test (tc, test_who_does_not_wait_is_not_told);
  tcase_add_test (tc, test_more_than_may_be_in_chunks);
  tcase_add_test (tc, test_chunks_that_are_none);
  tcase_add_test (tc, test_a_body_that_ends_too_soon);
  tcase_add_test (tc, test_an_upload_that_stalls);
  tcase_add_test (tc, test_an_upload_that_trickles);
  tcase_add_test (tc, test_an_answer_before_the_body_has_come);
  tcase_add_test (tc, test_lengths_of_answers);
  tcase_add_test (tc, test_a_cut_answer_is_seen_to_be_one);
  tcase_add_test (tc, test_no_answer_is_an_error);
  tcase_add_test (tc, test_who_waits_is_told_that_the_client_has_gone);
  tcase_add_test (tc, test_who_does_not_read_is_given_up);
  tcase_add_test (tc, test_so_many_and_no_more);
  tcase_add_test (tc, test_a_release_ends_what_goes_on);
  tcase_add_test (tc, test_a_drain_waits);
  tcase_add_test (tc, test_a_drain_does_not_wait_for_ever);
  return s;
}

GST_CHECK_MAIN (exchanges);
