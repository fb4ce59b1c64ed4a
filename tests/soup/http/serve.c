/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A server for tests of what stands in front of one.
 *
 * usage: serve ORIGIN TOKEN-FILE
 *
 * Its first line is its port. Each line that it reads is an event of the stream
 * at /events; it says "+" and "-" when a client comes and goes, ">" and "<" when
 * a request to /duplex, which answers what it gets, begins and ends. The end of
 * its input is its own. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "h4httpserver.h"

static void
tell (const gchar * what)
{
  puts (what);
  fflush (stdout);
}

static void
client (H4Stream * stream, guint64 id, const gchar * address, gboolean added,
    gpointer user_data)
{
  tell (added ? "+" : "-");
}

static void
small (H4HttpRequest * request, gpointer user_data)
{
  const gchar *host = h4_http_request_get_header (request, "host");
  GBytes *body = g_bytes_new (host, strlen (host));

  h4_http_request_respond (request, 200, "text/plain", body, NULL);
  g_bytes_unref (body);
}

static void
duplex_exchange (H4Exchange * exchange, gpointer user_data)
{
  static const gchar *const headers[] = { "Content-Type", "text/plain", NULL };
  gchar buffer[5000];
  gboolean ok = h4_exchange_begin (exchange, 200, -1, headers, NULL);
  gssize n = 0;

  tell (">");
  while (ok && (n = h4_exchange_read (exchange, buffer, sizeof (buffer),
              NULL)) > 0)
    ok = h4_exchange_write (exchange, buffer, n, NULL);
  if (ok && n == 0)
    h4_exchange_end (exchange, NULL);
  tell ("<");
}

static void
duplex (H4HttpRequest * request, gpointer user_data)
{
  h4_http_request_take (request, G_MAXINT64, duplex_exchange, NULL, NULL);
}

static void
drop_exchange (H4Exchange * exchange, gpointer user_data)
{
  gchar buffer[5000];
  GError *error = NULL;

  while (h4_exchange_read (exchange, buffer, sizeof (buffer), &error) > 0) {
  }
  if (error)
    h4_exchange_fail (exchange, error);
  else
    h4_exchange_respond (exchange, 200, NULL, NULL, NULL, NULL);
  g_clear_error (&error);
}

static void
drop (H4HttpRequest * request, gpointer user_data)
{
  h4_http_request_take (request, 1000, drop_exchange, NULL, NULL);
}

static const H4HttpRoute routes[] = {
  {"/small", "GET,HEAD", FALSE, small},
  {"/duplex", "POST,PUT", FALSE, duplex},
  {"/drop", "POST,PUT", FALSE, drop},
};

static void
relay_lines (H4Stream * stream)
{
  gchar line[1000];

  while (fgets (line, sizeof (line), stdin)) {
    g_strchomp (line);
    h4_stream_begin (stream);
    h4_stream_append (stream, "token", line, strlen (line));
    h4_stream_end (stream);
  }
}

int
main (int argc, char **argv)
{
  H4HttpConfig config = { "127.0.0.1", 0, NULL, NULL, NULL, NULL, 100, TRUE };
  H4StreamConfig stream_config = { "a", 100, 0, 1 << 20,
    15 * G_TIME_SPAN_SECOND, 2000, 1 << 20
  };
  GError *error = NULL;
  H4HttpServer *server;
  H4Stream *stream;

  if (argc != 3) {
    g_printerr ("usage: %s ORIGIN TOKEN-FILE\n", argv[0]);
    return 2;
  }
  config.cors_origins = argv[1];
  config.auth_token_file = argv[2];
  server = h4_http_server_acquire (&config, &error);
  if (!server) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  h4_http_server_add_routes (server, routes, G_N_ELEMENTS (routes), NULL);
  stream = h4_stream_new (&stream_config);
  h4_stream_set_meta (stream, "{}", 2);
  h4_http_server_add_stream (server, "/events", stream, client, NULL, NULL);
  printf ("%u\n", h4_http_server_get_port (server));
  fflush (stdout);
  relay_lines (stream);
  h4_http_server_remove_stream (server, stream, 0);
  h4_stream_unref (stream);
  h4_http_server_release (server);
  return 0;
}
