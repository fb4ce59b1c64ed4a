/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The same over TLS. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <sys/socket.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "h4httpprivate.h"
#include "rig.h"

#define HOST "Host: localhost\r\n"
#define CLOSE "Connection: close\r\n\r\n"

static gchar *dir, *cert, *key;

static void
setup (void)
{
  const gchar *argv[] = { "openssl", "req", "-x509", "-newkey",
    "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
    "-subj", "/CN=localhost", "-out", NULL, "-keyout", NULL, NULL
  };
  gchar *output = NULL;
  gint status;
  GError *error = NULL;

  dir = g_dir_make_tmp ("h4-tls-XXXXXX", NULL);
  argv[13] = cert = g_build_filename (dir, "cert.pem", NULL);
  argv[15] = key = g_build_filename (dir, "key.pem", NULL);
  fail_unless (g_spawn_sync (NULL, (gchar **) argv, NULL, G_SPAWN_SEARCH_PATH,
          NULL, NULL, NULL, &output, &status, &error), "%s",
      error ? error->message : "");
  fail_unless (status == 0, "%s", output);
  g_free (output);
}

static void
teardown (void)
{
  g_unlink (cert);
  g_unlink (key);
  g_rmdir (dir);
  g_free (cert);
  g_free (key);
  g_free (dir);
}

static H4HttpServer *
start (void)
{
  H4HttpConfig config = rig_config;

  config.tls_cert_file = cert;
  config.tls_key_file = key;
  return rig_start (&config);
}

static gboolean
accept_any (GTlsConnection * connection, GTlsCertificate * certificate,
    GTlsCertificateFlags errors, gpointer user_data)
{
  return TRUE;
}

static GIOStream *
connect_tls (H4HttpServer * server)
{
  GSocket *socket = g_socket_new_from_fd (rig_connect (server), NULL);
  GIOStream *plain, *tls;
  GError *error = NULL;

  g_socket_set_timeout (socket, 20);
  /* so that one that does not read is soon behind */
  g_socket_set_option (socket, SOL_SOCKET, SO_RCVBUF, 65536, NULL);
  plain = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
  tls = g_tls_client_connection_new (plain, NULL, &error);
  fail_unless (tls != NULL, "%s", error ? error->message : "");
  g_signal_connect (tls, "accept-certificate", G_CALLBACK (accept_any), NULL);
  g_object_unref (plain);
  g_object_unref (socket);
  return tls;
}

static void
say (GIOStream * tls, const gchar * text)
{
  GError *error = NULL;

  fail_unless (g_output_stream_write_all (g_io_stream_get_output_stream (tls),
          text, strlen (text), NULL, NULL, &error), "%s",
      error ? error->message : "");
}

static gboolean
read_some (GIOStream * tls, GString * text)
{
  gchar buffer[4096];
  GError *error = NULL;
  gssize n = g_input_stream_read (g_io_stream_get_input_stream (tls), buffer,
      sizeof (buffer), NULL, &error);

  /* the server shuts the connection down, not TLS */
  if (g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_EOF)) {
    g_error_free (error);
    return FALSE;
  }
  fail_unless (n >= 0, "after \"%s\": %s", text->str,
      error ? error->message : "");
  g_string_append_len (text, buffer, n);
  return n > 0;
}

static gchar *
ask (H4HttpServer * server, const gchar * request)
{
  GIOStream *tls = connect_tls (server);
  GString *text = g_string_new (NULL);

  say (tls, request);
  while (read_some (tls, text)) {
  }
  g_object_unref (tls);
  return g_string_free (text, FALSE);
}

static void
check_ask (H4HttpServer * server, const gchar * request, gint status,
    const gchar * body)
{
  rig_check_answer (ask (server, request), request, status, body);
}

GST_START_TEST (test_answers)
{
  H4HttpServer *server = start ();

  check_ask (server, "GET /small HTTP/1.1\r\n" HOST CLOSE, 200, "small\n");
  check_ask (server, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n"
      CLOSE "hello", 200, "hello");
  check_ask (server, "POST /no HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\n"
      "hello", 404, NULL);
  check_ask (server, "GET /bytes?-3 HTTP/1.1\r\n" HOST CLOSE, 200,
      "3\r\nxxx\r\n0\r\n\r\n");
  check_ask (server, "nonsense\r\n\r\n", 400, NULL);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_a_large_answer)
{
  H4HttpServer *server = start ();
  gchar *answer = ask (server, "GET /bytes?3000000 HTTP/1.1\r\n" HOST CLOSE);

  fail_unless_equals_int (strlen (rig_body (answer)), 3000000);
  g_free (answer);
  rig_stop (server);
}

GST_END_TEST;

/* Where the connection's end is the answer's, that is said (close_notify). */
GST_START_TEST (test_an_end_is_no_accident)
{
  H4HttpServer *server = start ();
  GIOStream *tls = connect_tls (server);
  GString *text = g_string_new (NULL);
  gchar buffer[4096];
  gssize n;
  GError *error = NULL;

  say (tls, "GET /bytes?-3 HTTP/1.0\r\n\r\n");
  while ((n = g_input_stream_read (g_io_stream_get_input_stream (tls), buffer,
              sizeof (buffer), NULL, &error)) > 0)
    g_string_append_len (text, buffer, n);
  fail_unless (n == 0, "%s", error ? error->message : "");
  fail_unless_equals_string (rig_body (text->str), "xxx");
  g_object_unref (tls);
  g_string_free (text, TRUE);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_a_connection_is_kept)
{
  H4HttpServer *server = start ();
  GIOStream *tls = connect_tls (server);
  GString *text = g_string_new (NULL);
  guint i;

  for (i = 0; i < 3; i++) {
    g_string_truncate (text, 0);
    say (tls, i == 1 ? "GET /bytes?6 HTTP/1.1\r\n" HOST "\r\n" :
        "GET /small HTTP/1.1\r\n" HOST "\r\n");
    while (!strstr (text->str, i == 1 ? "xxxxxx" : "small\n"))
      fail_unless (read_some (tls, text));
  }
  fail_unless_equals_uint64 (rig_stats (server).connections_total, 1);
  g_object_unref (tls);
  g_string_free (text, TRUE);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_an_answer_while_the_body_comes)
{
  H4HttpServer *server = start ();
  GIOStream *tls = connect_tls (server);
  GString *text = g_string_new (NULL);

  say (tls, "POST /duplex HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
      CLOSE);
  while (!strstr (text->str, "\r\n\r\n"))
    fail_unless (read_some (tls, text));
  say (tls, "5\r\nhello\r\n");
  while (!strstr (text->str, "\r\n5\r\nhello\r\n"))
    fail_unless (read_some (tls, text));
  say (tls, "0\r\n\r\n");
  while (read_some (tls, text)) {
  }
  fail_unless (g_str_has_suffix (text->str, "\r\n0\r\n\r\n"));
  g_object_unref (tls);
  g_string_free (text, TRUE);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_a_client_that_goes)
{
  H4HttpServer *server = start ();
  GIOStream *tls = connect_tls (server);
  GString *text = g_string_new (NULL);

  say (tls, "GET /hold HTTP/1.1\r\n" HOST "\r\n");
  while (!strstr (text->str, "held"))
    fail_unless (read_some (tls, text));
  g_io_stream_close (tls, NULL, NULL);
  g_object_unref (tls);
  rig_wait (rig_stats (server).exchanges == 0);
  fail_unless_equals_int (g_atomic_int_get (&rig_ended), 1);
  g_string_free (text, TRUE);
  rig_stop (server);
}

GST_END_TEST;

static H4Stream *
open_stream (H4HttpServer * server, gsize max_lag)
{
  /* who stalls is dropped after twice the heartbeat */
  H4StreamConfig config = { "a", 100, 30 * G_TIME_SPAN_SECOND, 8 << 20,
    10 * G_TIME_SPAN_MINUTE, 2000, max_lag
  };
  H4Stream *stream = h4_stream_new (&config);

  fail_unless (h4_http_server_add_stream (server, "/events", stream, NULL,
          NULL, NULL));
  h4_stream_set_meta (stream, "{}", 2);
  return stream;
}

static void
append (H4Stream * stream, gsize size)
{
  gchar *data = g_strnfill (size, 'x');

  h4_stream_begin (stream);
  h4_stream_append (stream, "token", data, size);
  h4_stream_end (stream);
  g_free (data);
}

/* A client that has been told the meta. */
static GIOStream *
watch (H4HttpServer * server, GString * text)
{
  GIOStream *tls = connect_tls (server);

  say (tls, "GET /events HTTP/1.1\r\n" HOST "\r\n");
  while (!strstr (text->str, "event:meta\ndata:{}\n\n"))
    fail_unless (read_some (tls, text));
  rig_assert_status (text->str, 200);
  return tls;
}

/* Each event whole, each number once, and gaps that say how many are not
 * there. Returns how many gaps there are. */
static guint
check_events (const GString * text, guint64 last, gsize size)
{
  gchar **blocks = g_strsplit (rig_body (text->str), "\n\n", -1);
  guint64 n = 0;
  guint i, gaps = 0;

  for (i = 1; *blocks[i]; i++) {
    const gchar *lost = strstr (blocks[i], "event:gap\ndata:{\"lost\":");
    const gchar *data = strstr (blocks[i], "\ndata:");

    fail_unless (data != NULL, "%s", blocks[i]);
    if (lost) {
      n += g_ascii_strtoull (lost + 23, NULL, 10);
      gaps++;
      continue;
    }
    fail_unless_equals_uint64 (g_ascii_strtoull (strchr (blocks[i], '-') + 1,
            NULL, 10), ++n);
    if (n < last)
      fail_unless_equals_int (strlen (data + 6), size);
  }
  fail_unless_equals_uint64 (n, last);
  g_strfreev (blocks);
  return gaps;
}

static void
stop_with_stream (H4HttpServer * server, H4Stream * stream)
{
  h4_http_server_remove_stream (server, stream, G_TIME_SPAN_SECOND);
  h4_stream_unref (stream);
  rig_stop (server);
}

GST_START_TEST (test_events_come_to_the_end)
{
  H4HttpServer *server = start ();
  H4Stream *stream = open_stream (server, 1 << 20);
  GString *text = g_string_new (NULL);
  GIOStream *tls = watch (server, text);
  guint i;

  append (stream, 3);
  while (!strstr (text->str, "data:xxx\n\n"))
    fail_unless (read_some (tls, text));
  for (i = 0; i < 200; i++)
    append (stream, 3);
  h4_stream_finish (stream, "{}", 2);
  while (read_some (tls, text)) {
  }
  fail_unless_equals_int (check_events (text, 202, 3), 0);
  fail_unless (g_str_has_suffix (text->str, "event:done\ndata:{}\n\n"));
  g_object_unref (tls);
  g_string_free (text, TRUE);
  stop_with_stream (server, stream);
}

GST_END_TEST;

/* A record that the socket does not take has to be offered again as it was,
 * also where what comes after it is left out. */
GST_START_TEST (test_a_slow_client_is_told_what_it_missed)
{
  H4HttpServer *server = start ();
  H4Stream *stream = open_stream (server, 100000);
  GString *text = g_string_new (NULL), *all = g_string_new (NULL);
  GIOStream *slow = watch (server, text), *good = watch (server, all);
  guint i;

  for (i = 1; i <= 4000; i++) {
    gchar *mark = g_strdup_printf ("-%u\n", i);

    append (stream, 1000);
    while (i % 50 == 0 && !strstr (all->str + all->len - MIN (all->len, 8000),
            mark))
      fail_unless (read_some (good, all));
    g_free (mark);
  }
  h4_stream_finish (stream, "{}", 2);
  while (read_some (good, all)) {
  }
  fail_unless_equals_int (check_events (all, 4001, 1000), 0);
  while (read_some (slow, text)) {
  }
  fail_unless (check_events (text, 4001, 1000) > 0);
  g_object_unref (slow);
  g_object_unref (good);
  g_string_free (text, TRUE);
  g_string_free (all, TRUE);
  stop_with_stream (server, stream);
}

GST_END_TEST;

GST_START_TEST (test_a_client_of_events_that_goes)
{
  H4HttpServer *server = start ();
  H4Stream *stream = open_stream (server, 1 << 20);
  GString *text = g_string_new (NULL);
  H4StreamStats stats;
  GIOStream *tls;
  guint before;

  check_ask (server, "GET /small HTTP/1.1\r\n" HOST CLOSE, 200, "small\n");
  rig_wait (rig_stats (server).connections == 0);
  before = rig_count_fds ();
  tls = watch (server, text);
  g_io_stream_close (tls, NULL, NULL);
  g_object_unref (tls);
  do {
    h4_stream_get_stats (stream, &stats);
  } while (stats.clients > 0);
  fail_unless_equals_uint64 (stats.clients_total, 1);
  rig_wait (rig_count_fds () == before);
  g_string_free (text, TRUE);
  h4_http_server_remove_stream (server, stream, 0);
  h4_stream_unref (stream);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_who_stalls_is_given_up)
{
  H4HttpServer *server;
  GIOStream *tls;

  h4_http_limits.body = 50 * G_TIME_SPAN_MILLISECOND;
  h4_http_limits.answer = 2 * G_TIME_SPAN_SECOND;
  server = start ();
  check_ask (server, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 50\r\n\r\n"
      "hello", 408, NULL);
  tls = connect_tls (server);
  say (tls, "GET /endless HTTP/1.1\r\n" HOST "\r\n");
  rig_wait (g_atomic_int_get (&rig_ended) == 1);
  rig_wait (rig_stats (server).exchanges == 0);
  g_object_unref (tls);
  rig_stop (server);
}

GST_END_TEST;

/* A handshake is part of what has a time. */
GST_START_TEST (test_who_says_nothing_is_closed)
{
  H4HttpServer *server;
  GString *text;
  gint fd;

  h4_http_limits.head = G_TIME_SPAN_SECOND;
  server = start ();
  fd = rig_connect (server);
  fail_unless (rig_send_bytes (fd, "\x16\x03\x01", 3));
  text = rig_read_end (fd);
  fail_unless_equals_int (text->len, 0);
  g_string_free (text, TRUE);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_who_speaks_no_tls_is_closed)
{
  H4HttpServer *server = start ();
  gint fd = rig_connect (server);
  gchar byte;

  rig_send (fd, "GET /small HTTP/1.1\r\n" HOST "\r\n");
  while (recv (fd, &byte, 1, 0) > 0)
    fail_if (byte == 'H');
  close (fd);
  rig_wait (rig_stats (server).connections == 0);
  rig_stop (server);
}

GST_END_TEST;

static void
check_error (const gchar * cert_file, const gchar * key_file,
    const gchar * expected)
{
  H4HttpConfig config = rig_config;
  GError *error = NULL;

  config.tls_cert_file = cert_file;
  config.tls_key_file = key_file;
  fail_if (h4_http_server_acquire (&config, &error));
  fail_unless (strstr (error->message, expected), "%s", error->message);
  g_error_free (error);
}

GST_START_TEST (test_files_that_are_none)
{
  check_error ("/nonexistent/cert.pem", NULL, "/nonexistent/cert.pem");
  check_error (cert, NULL, "no private key");
  check_error (NULL, key, "without a certificate");
  check_error (cert, "/dev/null", cert);
  check_error (key, key, key);
}

GST_END_TEST;

static void
keep_limits (void)
{
  rig_keep_limits ();
  /* a handshake may take its time where valgrind looks at it */
  h4_http_limits.head = 60 * G_TIME_SPAN_SECOND;
}

static Suite *
tls_suite (void)
{
  Suite *s = suite_create ("tls");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_unchecked_fixture (tc, setup, teardown);
  tcase_add_checked_fixture (tc, keep_limits, rig_restore_limits);
  tcase_add_test (tc, test_answers);
  tcase_add_test (tc, test_a_large_answer);
  tcase_add_test (tc, test_an_end_is_no_accident);
  tcase_add_test (tc, test_a_connection_is_kept);
  tcase_add_test (tc, test_an_answer_while_the_body_comes);
  tcase_add_test (tc, test_a_client_that_goes);
  tcase_add_test (tc, test_events_come_to_the_end);
  tcase_add_test (tc, test_a_slow_client_is_told_what_it_missed);
  tcase_add_test (tc, test_a_client_of_events_that_goes);
  tcase_add_test (tc, test_who_stalls_is_given_up);
  tcase_add_test (tc, test_who_says_nothing_is_closed);
  tcase_add_test (tc, test_who_speaks_no_tls_is_closed);
  tcase_add_test (tc, test_files_that_are_none);
  return s;
}

GST_CHECK_MAIN (tls);
