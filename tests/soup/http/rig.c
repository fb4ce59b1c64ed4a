/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "h4httpprivate.h"
#include "rig.h"

#define MAX_ECHO (1024 * 1024)

const H4HttpConfig rig_config = { "127.0.0.1", 0, NULL, NULL, NULL, NULL, 100 };

gint rig_ended;
gint rig_held;

static const gchar *const plain[] = { "Content-Type", "text/plain", NULL };

static void
small (H4HttpRequest * request, gpointer user_data)
{
  GBytes *body = g_bytes_new_static ("small\n", 6);

  h4_http_request_respond (request, 200, "text/plain", body, NULL);
  g_bytes_unref (body);
}

static void
tree (H4HttpRequest * request, gpointer user_data)
{
  const gchar *path = h4_http_request_get_path (request);
  GBytes *body = g_bytes_new (path, strlen (path));

  h4_http_request_respond (request, 200, "text/plain", body, NULL);
  g_bytes_unref (body);
}

static void
echo_exchange (H4Exchange * exchange, gpointer user_data)
{
  GByteArray *all = g_byte_array_new ();
  guint8 buffer[5000];
  GError *error = NULL;
  GBytes *body;
  gssize n;

  while ((n = h4_exchange_read (exchange, buffer, sizeof (buffer), &error)) > 0)
    g_byte_array_append (all, buffer, n);
  body = g_byte_array_free_to_bytes (all);
  if (n == 0)
    h4_exchange_respond (exchange, 200, "application/octet-stream", body,
        NULL, NULL);
  else
    h4_exchange_fail (exchange, error);
  g_clear_error (&error);
  g_bytes_unref (body);
}

static void
echo (H4HttpRequest * request, gpointer user_data)
{
  h4_http_request_take (request, MAX_ECHO, echo_exchange, NULL, NULL);
}

static void
duplex_exchange (H4Exchange * exchange, gpointer user_data)
{
  guint8 buffer[5000];
  GError *error = NULL;
  gboolean ok = h4_exchange_begin (exchange, 200, -1, plain, &error);
  gssize n = 0;

  while (ok && (n = h4_exchange_read (exchange, buffer, sizeof (buffer),
              &error)) > 0)
    ok = h4_exchange_write (exchange, buffer, n, &error);
  if (!ok || n < 0 || !h4_exchange_end (exchange, &error))
    h4_exchange_fail (exchange, error);
  g_clear_error (&error);
}

static void
duplex (H4HttpRequest * request, gpointer user_data)
{
  h4_http_request_take (request, G_MAXINT64, duplex_exchange, NULL, NULL);
}

static void
hold_exchange (H4Exchange * exchange, gpointer user_data)
{
  GCancellable *cancellable = h4_exchange_get_cancellable (exchange);
  GPollFD fd;

  h4_exchange_begin (exchange, 200, -1, plain, NULL);
  h4_exchange_write (exchange, "held", 4, NULL);
  g_atomic_int_inc (&rig_held);
  if (g_cancellable_make_pollfd (cancellable, &fd)) {
    g_poll (&fd, 1, 20000);
    g_cancellable_release_fd (cancellable);
  }
  g_atomic_int_add (&rig_ended, g_cancellable_is_cancelled (cancellable));
}

static void
hold (H4HttpRequest * request, gpointer user_data)
{
  h4_http_request_take (request, G_MAXINT64, hold_exchange, NULL, NULL);
}

static void
endless_exchange (H4Exchange * exchange, gpointer user_data)
{
  gchar *zeroes = g_malloc0 (65536);
  gboolean ok = h4_exchange_begin (exchange, 200, -1, plain, NULL);

  while (ok)
    ok = h4_exchange_write (exchange, zeroes, 65536, NULL);
  g_free (zeroes);
  g_atomic_int_inc (&rig_ended);
}

static void
endless (H4HttpRequest * request, gpointer user_data)
{
  h4_http_request_take (request, 0, endless_exchange, NULL, NULL);
}

static void
bytes_exchange (H4Exchange * exchange, gpointer user_data)
{
  gint64 size = g_ascii_strtoll (h4_exchange_get_query (exchange), NULL, 10);
  gint64 left = ABS (size);
  gchar block[1000];
  gboolean ok = h4_exchange_begin (exchange, 200, MAX (size, -1), plain, NULL);

  memset (block, 'x', sizeof (block));
  while (ok && left > 0) {
    gsize n = MIN (left, (gint64) sizeof (block));

    ok = h4_exchange_write (exchange, block, n, NULL);
    left -= n;
  }
  if (ok)
    h4_exchange_end (exchange, NULL);
}

static void
bytes (H4HttpRequest * request, gpointer user_data)
{
  h4_http_request_take (request, 0, bytes_exchange, NULL, NULL);
}

static void
cut_exchange (H4Exchange * exchange, gpointer user_data)
{
  h4_exchange_begin (exchange, 200, -1, plain, NULL);
  h4_exchange_write (exchange, "half", 4, NULL);
}

static void
cut (H4HttpRequest * request, gpointer user_data)
{
  h4_http_request_take (request, 0, cut_exchange, NULL, NULL);
}

static void
nothing_exchange (H4Exchange * exchange, gpointer user_data)
{
}

static void
nothing (H4HttpRequest * request, gpointer user_data)
{
  h4_http_request_take (request, 0, nothing_exchange, NULL, NULL);
}

static const H4HttpRoute routes[] = {
  {"/small", "GET,HEAD", FALSE, small},
  {"/small/post", "POST", FALSE, small},
  {"/echo", "POST,PUT", FALSE, echo},
  {"/duplex", "POST", FALSE, duplex},
  {"/hold", "GET,POST", FALSE, hold},
  {"/endless", "GET", FALSE, endless},
  {"/bytes", "GET,HEAD", FALSE, bytes},
  {"/cut", "GET", FALSE, cut},
  {"/nothing", "GET", FALSE, nothing},
  {"/open", "GET", TRUE, small},
  {"/tree/", "GET", FALSE, tree},
};

H4HttpServer *
rig_start (const H4HttpConfig * config)
{
  GError *error = NULL;
  H4HttpServer *server;

  g_atomic_int_set (&rig_ended, 0);
  g_atomic_int_set (&rig_held, 0);
  server = h4_http_server_acquire (config, &error);
  fail_unless (server != NULL, "%s", error ? error->message : "no error");
  h4_http_server_add_routes (server, routes, G_N_ELEMENTS (routes), NULL);
  return server;
}

void
rig_stop (H4HttpServer * server)
{
  h4_http_server_release (server);
}

gint
rig_connect (H4HttpServer * server)
{
  struct sockaddr_in address = { AF_INET };
  struct timeval patience = { 20, 0 };
  gint fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  fail_unless (fd >= 0, "no socket: %s", g_strerror (errno));
  address.sin_port = htons (h4_http_server_get_port (server));
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof (patience));
  setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof (patience));
  fail_unless (connect (fd, (struct sockaddr *) &address,
          sizeof (address)) == 0, "connect: %s", g_strerror (errno));
  return fd;
}

gboolean
rig_send_bytes (gint fd, gconstpointer data, gsize size)
{
  const guint8 *at = data;

  while (size > 0) {
    gssize n = send (fd, at, size, MSG_NOSIGNAL);

    if (n < 0)
      return FALSE;
    at += n;
    size -= n;
  }
  return TRUE;
}

void
rig_send (gint fd, const gchar * text)
{
  fail_unless (rig_send_bytes (fd, text, strlen (text)), "send: %s",
      g_strerror (errno));
}

static gboolean
read_some (gint fd, GString * text)
{
  gchar buffer[4096];
  gssize n = recv (fd, buffer, sizeof (buffer), 0);

  fail_unless (n >= 0, "recv after \"%s\": %s", text->str, g_strerror (errno));
  g_string_append_len (text, buffer, n);
  return n > 0;
}

GString *
rig_read_end (gint fd)
{
  GString *text = g_string_new (NULL);

  while (read_some (fd, text)) {
  }
  close (fd);
  return text;
}

void
rig_read_until (gint fd, GString * text, const gchar * what)
{
  while (!strstr (text->str, what))
    fail_unless (read_some (fd, text), "closed after \"%s\"", text->str);
}

gchar *
rig_ask (H4HttpServer * server, const gchar * request)
{
  gint fd = rig_connect (server);

  rig_send (fd, request);
  return g_string_free (rig_read_end (fd), FALSE);
}

gint
rig_status (const gchar * answer)
{
  if (!g_str_has_prefix (answer, "HTTP/1.1 "))
    return -1;
  return atoi (answer + strlen ("HTTP/1.1 "));
}

const gchar *
rig_body (const gchar * answer)
{
  const gchar *end = strstr (answer, "\r\n\r\n");

  return end ? end + 4 : "";
}

gchar *
rig_header (const gchar * answer, const gchar * name)
{
  gchar *line = g_strdup_printf ("\r\n%s: ", name);
  const gchar *at = strstr (answer, line);
  gchar *value = NULL;

  if (at && at < rig_body (answer)) {
    at += strlen (line);
    value = g_strndup (at, strcspn (at, "\r"));
  }
  g_free (line);
  return value;
}

H4HttpServerStats
rig_stats (H4HttpServer * server)
{
  H4HttpServerStats stats;

  h4_http_server_get_stats (server, &stats);
  return stats;
}

guint
rig_count_fds (void)
{
  GDir *dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  fail_unless (dir != NULL);
  while (g_dir_read_name (dir))
    n++;
  g_dir_close (dir);
  return n;
}

void
rig_check_header (const gchar * answer, const gchar * name,
    const gchar * expected)
{
  gchar *value = rig_header (answer, name);

  fail_unless_equals_string (value, expected);
  g_free (value);
}

void
rig_check_answer (gchar * answer, const gchar * request, gint status,
    const gchar * body)
{
  fail_unless (rig_status (answer) == status, "\"%s\" to \"%s\"", answer,
      request);
  if (body)
    fail_unless_equals_string (rig_body (answer), body);
  g_free (answer);
}

void
rig_check_ask (H4HttpServer * server, const gchar * request, gint status,
    const gchar * body)
{
  rig_check_answer (rig_ask (server, request), request, status, body);
}

void
rig_check_status (H4HttpServer * server, const gchar * request, gint status)
{
  rig_check_ask (server, request, status, NULL);
}

static H4HttpLimits limits;

void
rig_keep_limits (void)
{
  limits = h4_http_limits;
}

void
rig_restore_limits (void)
{
  h4_http_limits = limits;
}
