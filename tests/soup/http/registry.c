/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Who shares a server, and when its port is taken and free. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig.h"

#define REQUEST "GET /small HTTP/1.1\r\nHost: localhost\r\n" \
    "Connection: close\r\n\r\n"

static void
check_small (H4HttpServer * server)
{
  gchar *answer = rig_ask (server, REQUEST);

  rig_assert_status (answer, 200);
  g_free (answer);
}

static H4HttpConfig
config_at (guint port)
{
  H4HttpConfig config = rig_config;

  config.port = port;
  return config;
}

GST_START_TEST (test_one_port_is_one_server)
{
  H4HttpServer *server = rig_start (&rig_config), *again, *other;
  H4HttpConfig config = config_at (h4_http_server_get_port (server));

  again = h4_http_server_acquire (&config, NULL);
  fail_unless (again == server);
  config.address = "localhost";
  again = h4_http_server_acquire (&config, NULL);
  fail_unless (again == server);
  other = h4_http_server_acquire (&rig_config, NULL);
  fail_unless (other && other != server);
  h4_http_server_release (server);
  h4_http_server_release (again);
  check_small (server);
  h4_http_server_release (server);
  h4_http_server_release (other);
}

GST_END_TEST;

static void
check_differs (const H4HttpConfig * config, const gchar * setting)
{
  GError *error = NULL;

  fail_if (h4_http_server_acquire (config, &error), "%s", setting);
  fail_unless (g_error_matches (error, G_IO_ERROR,
          G_IO_ERROR_INVALID_ARGUMENT));
  fail_unless (strstr (error->message, setting), "%s", error->message);
  g_error_free (error);
}

GST_START_TEST (test_who_shares_agrees)
{
  H4HttpServer *server = rig_start (&rig_config);
  H4HttpConfig same = config_at (h4_http_server_get_port (server)), config;

  config = same;
  config.tls_cert_file = "/x";
  check_differs (&config, "tls-cert-file");
  config = same;
  config.tls_key_file = "/x";
  check_differs (&config, "tls-key-file");
  config = same;
  config.auth_token_file = "/x";
  check_differs (&config, "auth-token-file");
  config = same;
  config.cors_origins = "https://x";
  check_differs (&config, "cors-origin");
  config = same;
  config.max_clients++;
  check_differs (&config, "max-clients");
  config = same;
  config.web_page = TRUE;
  check_differs (&config, "web-page");
  rig_stop (server);
}

GST_END_TEST;

/* A socket that somebody else listens on. */
static gint
other_listener (guint16 * port)
{
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
      G_SOCKET_PROTOCOL_TCP, NULL);
  GInetAddress *inet = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  GSocketAddress *address = g_inet_socket_address_new (inet, 0), *local;
  gint fd;

  fail_unless (g_socket_bind (socket, address, FALSE, NULL));
  fail_unless (g_socket_listen (socket, NULL));
  local = g_socket_get_local_address (socket, NULL);
  *port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (local));
  fd = dup (g_socket_get_fd (socket));
  g_object_unref (local);
  g_object_unref (address);
  g_object_unref (inet);
  g_object_unref (socket);
  return fd;
}

GST_START_TEST (test_a_taken_port_is_an_error)
{
  guint16 port;
  gint fd = other_listener (&port);
  H4HttpConfig config = config_at (port);
  gchar *number = g_strdup_printf ("%u", port);
  GError *error = NULL;

  fail_if (h4_http_server_acquire (&config, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE));
  fail_unless (strstr (error->message, number)
      && strstr (error->message, "127.0.0.1"), "%s", error->message);
  g_error_free (error);
  g_free (number);
  close (fd);
}

GST_END_TEST;

GST_START_TEST (test_an_address_that_is_none_is_an_error)
{
  H4HttpConfig config = rig_config;
  GError *error = NULL;

  config.address = "no such host.invalid";
  fail_if (h4_http_server_acquire (&config, &error));
  fail_unless (strstr (error->message, "no such host.invalid"), "%s",
      error->message);
  g_error_free (error);
}

GST_END_TEST;

/* Also right after it was in use. */
GST_START_TEST (test_a_port_is_free_after_its_release)
{
  H4HttpConfig config = rig_config;
  guint i;

  for (i = 0; i < 20; i++) {
    H4HttpServer *server = rig_start (&config);
    gint fd = rig_connect (server);
    GString *text = g_string_new (NULL);

    config.port = h4_http_server_get_port (server);
    rig_send (fd, "GET /small HTTP/1.1\r\nHost: localhost\r\n\r\n");
    rig_read_until (fd, text, "small\n");
    rig_stop (server);
    g_string_free (text, TRUE);
    close (fd);
  }
}

GST_END_TEST;

#define N_THREADS 8
#define N_TURNS 25

static gpointer
come_and_go (gpointer data)
{
  H4HttpConfig *config = data;
  guint i;

  for (i = 0; i < N_TURNS; i++) {
    GError *error = NULL;
    H4HttpServer *server = h4_http_server_acquire (config, &error);

    fail_unless (server != NULL, "%s", error ? error->message : "");
    fail_unless_equals_int (h4_http_server_get_port (server), config->port);
    h4_http_server_release (server);
  }
  return NULL;
}

/* Nobody ever finds the port taken. */
GST_START_TEST (test_threads_come_and_go)
{
  H4HttpServer *server = rig_start (&rig_config);
  H4HttpConfig config = config_at (h4_http_server_get_port (server));
  GThread *threads[N_THREADS];
  guint i;

  rig_stop (server);
  for (i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("user", come_and_go, &config);
  for (i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
}

GST_END_TEST;

static void
say_late (H4HttpRequest * request, gpointer user_data)
{
  h4_http_request_respond (request, 204, NULL, NULL, NULL);
}

/* Nobody is told 404 because a route comes a moment later. */
GST_START_TEST (test_who_comes_before_it_is_open_waits)
{
  static const H4HttpRoute late = { "/late", "GET", FALSE, say_late };
  H4HttpConfig config = rig_config;
  H4HttpServer *server, *other = rig_start (&rig_config);
  GString *answer;
  gint fd;
  guint i;

  config.held = TRUE;
  server = h4_http_server_acquire (&config, NULL);
  fail_unless (server != NULL);
  fd = rig_connect (server);
  rig_send (fd, "GET /late HTTP/1.1\r\nHost: localhost\r\n"
      "Connection: close\r\n\r\n");
  /* time in which one that is open answers */
  for (i = 0; i < 10; i++)
    check_small (other);
  fail_unless_equals_uint64 (rig_stats (server).connections_total, 0);
  h4_http_server_add_routes (server, &late, 1, NULL);
  h4_http_server_open (server);
  answer = rig_read_end (fd);
  rig_assert_status (answer->str, 204);
  g_string_free (answer, TRUE);
  rig_stop (other);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_a_socket_that_is_handed_over)
{
  guint16 port;
  gint fd = other_listener (&port);
  GSocket *socket = g_socket_new_from_fd (fd, NULL);
  H4HttpServer *server;
  GError *error = NULL;
  gchar *answer;

  server = h4_http_server_acquire_socket (socket, &rig_config, &error);
  fail_unless (server != NULL);
  fail_unless_equals_int (h4_http_server_get_port (server), port);
  answer = rig_ask (server, REQUEST);
  rig_assert_status (answer, 404);
  g_free (answer);
  h4_http_server_release (server);
  g_object_unref (socket);
}

GST_END_TEST;

GST_START_TEST (test_a_socket_of_another_kind_is_an_error)
{
  gint fds[2];
  GSocket *socket;
  GError *error = NULL;

  fail_unless (socketpair (AF_UNIX, SOCK_STREAM, 0, fds) == 0);
  socket = g_socket_new_from_fd (fds[0], NULL);
  fail_if (h4_http_server_acquire_socket (socket, &rig_config, &error));
  fail_unless (error != NULL);
  g_error_free (error);
  g_object_unref (socket);
  close (fds[1]);
}

GST_END_TEST;

GST_START_TEST (test_a_server_on_ipv6)
{
  H4HttpConfig config = rig_config;
  struct sockaddr_in6 address = { AF_INET6 };
  gint fd = socket (AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  H4HttpServer *server;
  GString *answer;

  config.address = "::1";
  server = rig_start (&config);
  address.sin6_port = htons (h4_http_server_get_port (server));
  address.sin6_addr = in6addr_loopback;
  fail_unless (connect (fd, (struct sockaddr *) &address,
          sizeof (address)) == 0);
  rig_send (fd, REQUEST);
  answer = rig_read_end (fd);
  rig_assert_status (answer->str, 200);
  g_string_free (answer, TRUE);
  rig_stop (server);
}

GST_END_TEST;

static Suite *
registry_suite (void)
{
  Suite *s = suite_create ("registry");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_one_port_is_one_server);
  tcase_add_test (tc, test_who_shares_agrees);
  tcase_add_test (tc, test_a_taken_port_is_an_error);
  tcase_add_test (tc, test_an_address_that_is_none_is_an_error);
  tcase_add_test (tc, test_a_port_is_free_after_its_release);
  tcase_add_test (tc, test_threads_come_and_go);
  tcase_add_test (tc, test_who_comes_before_it_is_open_waits);
  tcase_add_test (tc, test_a_socket_that_is_handed_over);
  tcase_add_test (tc, test_a_socket_of_another_kind_is_an_error);
  tcase_add_test (tc, test_a_server_on_ipv6);
  return s;
}

GST_CHECK_MAIN (registry);
