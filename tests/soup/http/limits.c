/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Clients that take too long, say too much or are too many. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "h4httpprivate.h"
#include "rig.h"

#define HOST "Host: localhost\r\n"
#define CLOSE "Connection: close\r\n\r\n"

static void
check_small (H4HttpServer * server)
{
  gchar *answer = rig_ask (server, "GET /small HTTP/1.1\r\n" HOST CLOSE);

  rig_assert_status (answer, 200);
  g_free (answer);
}

GST_START_TEST (test_half_a_head_is_answered_in_time)
{
  H4HttpServer *server;
  gint fd;
  GString *answer;

  h4_http_limits.head = G_TIME_SPAN_SECOND;
  server = rig_start (&rig_config);
  fd = rig_connect (server);
  rig_send (fd, "GET /small HTTP/1.1\r\nHost: loc");
  answer = rig_read_end (fd);
  rig_assert_status (answer->str, 408);
  g_string_free (answer, TRUE);
  rig_stop (server);
}

GST_END_TEST;

/* However often a byte comes. */
GST_START_TEST (test_a_head_that_trickles_is_late)
{
  H4HttpServer *server;
  gint fd;
  gchar answer[16] = "";

  h4_http_limits.head = G_TIME_SPAN_SECOND;
  server = rig_start (&rig_config);
  fd = rig_connect (server);
  rig_send (fd, "GET /small HTTP/1.1\r\nA: ");
  while (recv (fd, answer, sizeof (answer) - 1, MSG_DONTWAIT) < 0) {
    rig_send_bytes (fd, "x", 1);
    g_usleep (5000);
  }
  fail_unless (g_str_has_prefix (answer, "HTTP/1.1 408 "));
  close (fd);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_who_says_nothing_is_closed)
{
  H4HttpServer *server;
  GString *answer;

  h4_http_limits.head = G_TIME_SPAN_SECOND;
  server = rig_start (&rig_config);
  answer = rig_read_end (rig_connect (server));
  fail_unless_equals_string (answer->str, "");
  g_string_free (answer, TRUE);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_a_kept_connection_is_closed_in_time)
{
  H4HttpServer *server;
  gint fd;
  GString *answer;

  h4_http_limits.idle = 50 * G_TIME_SPAN_MILLISECOND;
  server = rig_start (&rig_config);
  fd = rig_connect (server);
  rig_send (fd, "GET /small HTTP/1.1\r\n" HOST "\r\n");
  answer = rig_read_end (fd);
  fail_unless_equals_string (rig_body (answer->str), "small\n");
  g_string_free (answer, TRUE);
  rig_stop (server);
}

GST_END_TEST;

static void
big (H4HttpRequest * request, gpointer user_data)
{
  GBytes *body = g_bytes_new_take (g_malloc0 (64 << 20), 64 << 20);

  h4_http_request_respond (request, 200, "text/plain", body, NULL);
  g_bytes_unref (body);
}

static const H4HttpRoute big_route = { "/big", "GET", FALSE, big };

GST_START_TEST (test_an_answer_that_nobody_reads_is_given_up)
{
  H4HttpServer *server;
  gint fd;

  h4_http_limits.answer = 100 * G_TIME_SPAN_MILLISECOND;
  server = rig_start (&rig_config);
  h4_http_server_add_routes (server, &big_route, 1, NULL);
  fd = rig_connect (server);
  rig_send (fd, "GET /big HTTP/1.1\r\n" HOST "\r\n");
  rig_wait (rig_stats (server).connections == 1);
  rig_wait (rig_stats (server).connections == 0);
  fail_unless_equals_uint64 (rig_stats (server).refused, 1);
  close (fd);
  check_small (server);
  rig_stop (server);
}

GST_END_TEST;

/* One that is read slowly is read. */
GST_START_TEST (test_an_answer_that_is_read_slowly_arrives)
{
  H4HttpServer *server;
  gchar *block = g_malloc (1 << 20);
  gint fd;
  gsize total = 0;
  gssize n;

  h4_http_limits.answer = G_TIME_SPAN_SECOND;
  server = rig_start (&rig_config);
  h4_http_server_add_routes (server, &big_route, 1, NULL);
  fd = rig_connect (server);
  rig_send (fd, "GET /big HTTP/1.1\r\n" HOST CLOSE);
  while ((n = recv (fd, block, 1 << 20, MSG_WAITALL)) > 0) {
    total += n;
    g_usleep (25000);
  }
  fail_unless (total > 64 << 20);
  close (fd);
  g_free (block);
  rig_stop (server);
}

GST_END_TEST;

static void
check_head (H4HttpServer * server, gsize size, gint status)
{
  GString *request = g_string_new ("GET /small HTTP/1.1\r\n" HOST
      "Connection: close\r\nA: ");
  gint fd = rig_connect (server);
  GString *answer;

  while (request->len < size - 4)
    g_string_append_c (request, 'x');
  g_string_append (request, "\r\n\r\n");
  rig_send_bytes (fd, request->str, request->len);
  answer = rig_read_end (fd);
  fail_unless_equals_int (rig_status (answer->str), status);
  g_string_free (answer, TRUE);
  g_string_free (request, TRUE);
}

GST_START_TEST (test_a_head_is_so_long_and_no_longer)
{
  H4HttpServer *server = rig_start (&rig_config);

  check_head (server, 32 * 1024 - 1, 200);
  check_head (server, 32 * 1024 + 1, 431);
  /* more than libsoup would take */
  check_head (server, 70 * 1024, 431);
  rig_stop (server);
}

GST_END_TEST;

/* A head without an end, for as long as the server takes it. */
GST_START_TEST (test_a_flood_of_headers_ends)
{
  H4HttpServer *server = rig_start (&rig_config);
  gint fd = rig_connect (server);
  GString *answer = g_string_new (NULL);
  guint i;

  rig_send (fd, "GET /small HTTP/1.1\r\n" HOST);
  for (i = 0; i < 1000000; i++)
    if (!rig_send_bytes (fd, "A: 0123456789\r\n", 15))
      break;
  fail_unless (i < 1000000);
  close (fd);
  rig_wait (rig_stats (server).connections == 0);
  fail_unless_equals_uint64 (rig_stats (server).refused, 1);
  g_string_free (answer, TRUE);
  rig_stop (server);
}

GST_END_TEST;

/* Who waits longest makes room for who comes. */
GST_START_TEST (test_idle_connections_make_room)
{
  H4HttpServer *server;
  gint fds[20];
  guint i;
  gchar byte;

  h4_http_limits.connections = 10;
  h4_http_limits.grace = 0;
  server = rig_start (&rig_config);
  for (i = 0; i < G_N_ELEMENTS (fds); i++) {
    fds[i] = rig_connect (server);
    rig_send (fds[i], "GET");
  }
  check_small (server);
  rig_wait (rig_stats (server).connections <= 10);
  fail_unless (recv (fds[0], &byte, 1, 0) <= 0);
  for (i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
  rig_stop (server);
}

GST_END_TEST;

/* All are busy: the next ones wait in the queue, and get their turn. */
GST_START_TEST (test_busy_connections_are_waited_for)
{
  H4HttpServer *server;
  gint fds[3], waiting;
  guint i;
  GString *answer;

  h4_http_limits.connections = G_N_ELEMENTS (fds);
  h4_http_limits.pause = 5 * G_TIME_SPAN_MILLISECOND;
  server = rig_start (&rig_config);
  h4_http_server_add_routes (server, &big_route, 1, NULL);
  for (i = 0; i < G_N_ELEMENTS (fds); i++) {
    gchar byte;

    fds[i] = rig_connect (server);
    rig_send (fds[i], "GET /big HTTP/1.1\r\n" HOST "\r\n");
    fail_unless_equals_int (recv (fds[i], &byte, 1, 0), 1);
  }
  waiting = rig_connect (server);
  rig_send (waiting, "GET /small HTTP/1.1\r\n" HOST CLOSE);
  for (i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
  answer = rig_read_end (waiting);
  rig_assert_status (answer->str, 200);
  g_string_free (answer, TRUE);
  rig_stop (server);
}

GST_END_TEST;

/* libsoup's own listener never comes back from this. */
GST_START_TEST (test_descriptors_run_out_and_come_back)
{
  H4HttpServer *server = rig_start (&rig_config);
  struct rlimit before, limit;
  gint fds[400], clients[20];
  guint n_fds = 0, i;

  for (i = 0; i < G_N_ELEMENTS (clients); i++)
    clients[i] = rig_connect (server);
  rig_wait (rig_stats (server).connections == G_N_ELEMENTS (clients));
  for (i = 0; i < G_N_ELEMENTS (clients); i++)
    close (clients[i]);
  rig_wait (rig_stats (server).connections == 0);

  getrlimit (RLIMIT_NOFILE, &before);
  limit = before;
  limit.rlim_cur = rig_count_fds () + 200;
  setrlimit (RLIMIT_NOFILE, &limit);
  /* the sockets are there, what accept() needs for them is not */
  for (i = 0; i < G_N_ELEMENTS (clients); i++)
    clients[i] = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  while (n_fds < G_N_ELEMENTS (fds)
      && (fds[n_fds] = open ("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
    n_fds++;
  fail_unless (n_fds < G_N_ELEMENTS (fds));
  for (i = 0; i < G_N_ELEMENTS (clients); i++) {
    struct sockaddr_storage address;
    gsize size = g_socket_address_get_native_size (server->local);

    g_socket_address_to_native (server->local, &address, sizeof (address),
        NULL);
    fail_unless (connect (clients[i], (struct sockaddr *) &address, size) == 0);
  }
  rig_wait (rig_stats (server).refused > 1);

  while (n_fds > 0)
    close (fds[--n_fds]);
  check_small (server);
  for (i = 0; i < G_N_ELEMENTS (clients); i++)
    close (clients[i]);
  setrlimit (RLIMIT_NOFILE, &before);
  rig_wait (rig_stats (server).connections == 0);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_descriptors_are_given_back)
{
  H4HttpServer *server = rig_start (&rig_config);
  static const gchar *const requests[] = {
    "GET /small HTTP/1.1\r\n" HOST CLOSE,
    "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 2\r\n" CLOSE "ab",
    "POST /no HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nab",
    "GET /bytes?100000 HTTP/1.1\r\n" HOST CLOSE,
    "nonsense\r\n\r\n",
  };
  guint i, before;

  g_free (rig_ask (server, requests[1]));
  rig_wait (rig_stats (server).connections + rig_stats (server).exchanges == 0);
  before = rig_count_fds ();
  for (i = 0; i < 200; i++)
    g_free (rig_ask (server, requests[i % G_N_ELEMENTS (requests)]));
  rig_wait (rig_stats (server).connections + rig_stats (server).exchanges == 0);
  rig_wait (rig_count_fds () == before);
  rig_stop (server);
}

GST_END_TEST;

/* libsoup's own listener leaks a socket's object for each. */
GST_START_TEST (test_memory_is_given_back)
{
  H4HttpServer *server = rig_start (&rig_config);
  gsize before = 0, after;
  guint i;

  for (i = 0; i < 1200; i++) {
    if (i == 200)
      before = mallinfo2 ().uordblks;
    g_free (rig_ask (server, i % 8 ? "GET /small HTTP/1.1\r\n" HOST CLOSE :
            "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1\r\n" CLOSE "a"));
  }
  rig_wait (rig_stats (server).connections + rig_stats (server).exchanges == 0);
  after = mallinfo2 ().uordblks;
  /* 342 bytes each would be more than this */
  fail_unless (after < before + 100000, "%" G_GSIZE_FORMAT " bytes more",
      after - before);
  rig_stop (server);
}

GST_END_TEST;

static Suite *
limits_suite (void)
{
  Suite *s = suite_create ("limits");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, rig_keep_limits, rig_restore_limits);
  tcase_add_test (tc, test_half_a_head_is_answered_in_time);
  tcase_add_test (tc, test_a_head_that_trickles_is_late);
  tcase_add_test (tc, test_who_says_nothing_is_closed);
  tcase_add_test (tc, test_a_kept_connection_is_closed_in_time);
  tcase_add_test (tc, test_an_answer_that_nobody_reads_is_given_up);
  tcase_add_test (tc, test_an_answer_that_is_read_slowly_arrives);
  tcase_add_test (tc, test_a_head_is_so_long_and_no_longer);
  tcase_add_test (tc, test_a_flood_of_headers_ends);
  tcase_add_test (tc, test_idle_connections_make_room);
  tcase_add_test (tc, test_busy_connections_are_waited_for);
  tcase_add_test (tc, test_descriptors_run_out_and_come_back);
  tcase_add_test (tc, test_descriptors_are_given_back);
  tcase_add_test (tc, test_memory_is_given_back);
  return s;
}

GST_CHECK_MAIN (limits);
