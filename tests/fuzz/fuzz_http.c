/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a client may send: to the parsers alone, and to a server that has
 * streams of events, small answers and bodies to read. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "h4eventsquery.h"
#include "h4httpbody.h"
#include "h4httphead.h"
#include "h4httpserver.h"
#include "h4problem.h"

#define MAX_BODY 10000

int LLVMFuzzerTestOneInput (const guint8 * data, gsize size);

static H4HttpServer *server;

static void
expect (gboolean condition, const gchar * what)
{
  if (!condition)
    g_error ("%s", what);
}

static void
small (H4HttpRequest * request, gpointer user_data)
{
  GBytes *body = g_bytes_new_static ("small\n", 6);

  h4_http_request_respond (request, 200, "text/plain", body, NULL);
  g_bytes_unref (body);
}

static void
echo_exchange (H4Exchange * exchange, gpointer user_data)
{
  gchar buffer[1000];
  GError *error = NULL;
  gsize total = 0;
  gssize n;

  while ((n = h4_exchange_read (exchange, buffer, sizeof (buffer), &error)) > 0)
    total += n;
  expect (total <= MAX_BODY, "a body is longer than it may be");
  if (n < 0)
    h4_exchange_fail (exchange, error);
  else
    h4_exchange_respond (exchange, 200, NULL, NULL, NULL, NULL);
  g_clear_error (&error);
}

static void
echo (H4HttpRequest * request, gpointer user_data)
{
  h4_http_request_take (request, MAX_BODY, echo_exchange, NULL, NULL);
}

static const H4HttpRoute routes[] = {
  {"/small", "GET,HEAD", FALSE, small},
  {"/tree/", "GET", FALSE, small},
  {"/echo", "POST", FALSE, echo},
};

static void
init (void)
{
  H4HttpConfig config = { "127.0.0.1", 0, NULL, NULL, NULL,
    "https://good.example", 100, TRUE
  };
  H4StreamConfig stream_config = { "a", 10, 0, 1 << 16, 0, 2000, 1 << 16 };
  GError *error = NULL;
  H4Stream *stream;

  server = h4_http_server_acquire (&config, &error);
  if (!server)
    g_error ("%s", error->message);
  h4_http_server_add_routes (server, routes, G_N_ELEMENTS (routes), NULL);
  stream = h4_stream_new (&stream_config);
  h4_stream_set_meta (stream, "{}", 2);
  h4_stream_begin (stream);
  h4_stream_append (stream, "token", "{}", 2);
  h4_stream_end (stream);
  /* so that every request of it ends */
  h4_stream_finish (stream, "{}", 2);
  h4_http_server_add_stream (server, "/events", stream, NULL, NULL, NULL);
  h4_stream_unref (stream);
}

static gboolean
has_key (const gchar * text)
{
  gsize digits = 0;

  for (; *text && digits < 32; text++)
    digits = g_ascii_isxdigit (*text) ? digits + 1 : 0;
  return digits >= 32;
}

static void
try_head (const guint8 * data, gsize size)
{
  gsize end = h4_http_head_find_end (data, size, 0);
  gchar *text = g_strndup ((const gchar *) data, size), *redacted;
  GError *error = NULL;
  H4HttpHead head;

  if (h4_http_head_parse (&head, (const gchar *) data, end ? end : size,
          &error))
    expect (*head.path == '/' || strcmp (head.path, "*") == 0, "no path");
  else
    expect (error && error->domain == H4_PROBLEM, "no problem");
  g_clear_error (&error);
  h4_http_head_clear (&head);
  redacted = h4_http_redact (text);
  expect (!has_key (redacted), "a key in the log");
  g_free (redacted);
  g_free (text);
}

/* In one piece and in others it is the same. */
static gssize
try_body (const guint8 * data, gsize size, gsize piece, gint64 length)
{
  guint8 *copy = g_malloc (size + 1);
  GError *error = NULL;
  H4HttpBody body;
  gsize at = 0, used;

  memcpy (copy, data, size);
  h4_http_body_init (&body, length, MAX_BODY);
  while (at < size && !error && !h4_http_body_is_done (&body)) {
    gsize n = MIN (piece, size - at);
    gssize got = h4_http_body_decode (&body, copy + at, n, &used, &error);

    expect ((got < 0) == (error != NULL), "no problem");
    expect (error || ((gsize) got <= used && used <= n), "too much");
    at += n;
  }
  g_free (copy);
  expect (body.total <= MAX_BODY || length >= 0, "a body is too long");
  if (!error)
    return body.total;
  g_error_free (error);
  return -1;
}

static void
try_query (const guint8 * data, gsize size)
{
  gchar *text = g_strndup ((const gchar *) data, size);
  const gchar *rest = memchr (data, 0, size);
  gchar *header = rest ? g_strndup (rest + 1,
      size - (rest + 1 - (const gchar *) data)) : NULL;
  H4EventsQuery query;
  GError *error = NULL;

  if (h4_events_query_parse (&query, text, header, &error)) {
    g_free (h4_events_query_dup_last_id (&query, "a"));
    h4_events_query_clear (&query);
  } else
    expect (error && error->domain == H4_PROBLEM, "no problem");
  g_clear_error (&error);
  g_free (header);
  g_free (text);
}

static void
try_server (const guint8 * data, gsize size)
{
  struct sockaddr_in address = { AF_INET };
  struct timeval patience = { 20, 0 };
  struct linger now = { 1, 0 };
  gint fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  gchar answer[4096];
  gsize total = 0;
  gssize n;

  address.sin_port = htons (h4_http_server_get_port (server));
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof (patience));
  expect (connect (fd, (struct sockaddr *) &address, sizeof (address)) == 0,
      "connect");
  if (send (fd, data, size, MSG_NOSIGNAL) < 0)
    size = 0;
  shutdown (fd, SHUT_WR);
  while ((n = recv (fd, answer, sizeof (answer), 0)) > 0) {
    expect (total > 0 || n < 7 || memcmp (answer, "HTTP/1.", 7) == 0,
        "no answer");
    total += n;
  }
  expect (n == 0 || errno != EAGAIN, "it neither answers nor closes");
  /* or ports run out */
  setsockopt (fd, SOL_SOCKET, SO_LINGER, &now, sizeof (now));
  close (fd);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  gsize piece = 1 + size % 7;

  if (!data)
    data = (const guint8 *) "";
  if (!server)
    init ();
  try_head (data, size);
  expect (try_body (data, size, size + 1, -1) == try_body (data, size, piece,
          -1), "pieces differ");
  try_body (data, size, piece, size / 2);
  try_query (data, size);
  try_server (data, size);
  return 0;
}
