/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A taken connection: its thread, the body that comes, the answer that goes.
 * What waits for the socket is in h4exchangeio.c. */

/* for POLLRDHUP */
#define _GNU_SOURCE

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <poll.h>
#include <sys/socket.h>

#include <glib-unix.h>

#include "h4exchangeprivate.h"

static const gchar continues[] = "HTTP/1.1 100 Continue\r\n\r\n";

static void
h4_exchange_free (H4Exchange * ex)
{
  if (ex->call)
    h4_http_call_free (ex->call);
  h4_exchange_io_clear (ex);
  g_object_unref (ex->cancellable);
  g_byte_array_unref (ex->in);
  g_object_unref (ex->stream);
  g_object_unref (ex->socket);
  g_mutex_clear (&ex->lock);
  g_free (ex);
}

/* The answer is not whole and the client is to see that, also one that reads to
 * the end of the connection. */
static void
reset_connection (H4Exchange * ex)
{
  struct linger now = { 1, 0 };

  setsockopt (g_socket_get_fd (ex->socket), SOL_SOCKET, SO_LINGER, &now,
      sizeof (now));
}

/* On the server's thread: the exchange's own has ended. */
static gboolean
h4_exchange_done (gpointer data)
{
  H4Exchange *ex = data;
  H4HttpServer *server = ex->server;
  H4HttpConn *conn = ex->conn;

  g_thread_join (ex->thread);
  if (ex->watch) {
    g_source_destroy (ex->watch);
    g_source_unref (ex->watch);
  }
  g_byte_array_append (conn->in, ex->in->data, ex->in->len);
  if (ex->ended && ex->keep_alive && !ex->failed)
    h4_http_conn_next (conn);
  else if (ex->ended && !ex->failed)
    h4_http_conn_linger (conn, NULL);
  else {
    reset_connection (ex);
    h4_http_conn_free (conn);
  }
  g_mutex_lock (&server->lock);
  server->exchanges = g_list_remove (server->exchanges, ex);
  server->stats.exchanges--;
  g_cond_broadcast (&server->cond);
  g_mutex_unlock (&server->lock);
  h4_exchange_free (ex);
  return G_SOURCE_REMOVE;
}

static gpointer
h4_exchange_thread (gpointer data)
{
  H4Exchange *ex = data;
  H4Problem nothing = { 500, "The request was not answered." };

  ex->func (ex, ex->user_data);
  if (ex->destroy)
    ex->destroy (ex->user_data);
  if (!h4_exchange_has_begun (ex)
      && !g_cancellable_is_cancelled (ex->cancellable))
    h4_exchange_problem (ex, &nothing);
  /* 499: the client has gone, as others call it */
  h4_http_call_log (ex->call, ex->server, ex->begun ? ex->status : 499,
      ex->body.total, ex->bytes_out);
  g_main_context_invoke_full (ex->server->context, G_PRIORITY_DEFAULT,
      h4_exchange_done, ex, NULL);
  return NULL;
}

/* On the server's thread: the client has closed. One that has closed while its
 * body is not read is noticed by who reads that. */
static gboolean
h4_exchange_gone (gint fd, GIOCondition condition, gpointer data)
{
  H4Exchange *ex = data;

  if (condition & (G_IO_HUP | G_IO_ERR))
    g_cancellable_cancel (ex->cancellable);
  else {
    g_mutex_lock (&ex->lock);
    ex->half_closed = TRUE;
    if (!h4_http_body_is_done (&ex->body)) {
      g_mutex_unlock (&ex->lock);
      return G_SOURCE_REMOVE;
    }
    g_mutex_unlock (&ex->lock);
    g_cancellable_cancel (ex->cancellable);
  }
  return G_SOURCE_REMOVE;
}

static void
h4_exchange_start_watch (H4Exchange * ex)
{
  /* GLib has no name for POLLRDHUP, but poll() gets what stands here */
  ex->watch = g_unix_fd_source_new (g_socket_get_fd (ex->socket),
      (GIOCondition) (G_IO_HUP | G_IO_ERR | POLLRDHUP));
  g_source_set_callback (ex->watch, G_SOURCE_FUNC (h4_exchange_gone), ex, NULL);
  g_source_attach (ex->watch, ex->server->context);
}

gboolean
h4_exchange_start (H4HttpConn * conn, H4HttpCall * call, guint64 max_body,
    H4ExchangeFunc func, gpointer user_data, GDestroyNotify destroy)
{
  H4HttpServer *server = conn->server;
  H4Exchange *ex = g_new0 (H4Exchange, 1);
  GThread *thread;

  g_mutex_init (&ex->lock);
  ex->server = server;
  ex->conn = conn;
  ex->call = call;
  ex->stream = g_object_ref (conn->stream);
  ex->socket = g_object_ref (conn->socket);
  ex->func = func;
  ex->user_data = user_data;
  ex->destroy = destroy;
  ex->cancellable = g_cancellable_new ();
  /* what came with the head is the body's beginning */
  ex->in = conn->in;
  conn->in = g_byte_array_new ();
  h4_http_body_init (&ex->body, call->content_length, max_body);
  h4_exchange_io_init (ex);

  g_mutex_lock (&server->lock);
  thread = g_thread_try_new ("h4-exchange", h4_exchange_thread, ex, NULL);
  if (thread) {
    ex->thread = thread;
    server->exchanges = g_list_prepend (server->exchanges, ex);
    server->stats.exchanges++;
  }
  g_mutex_unlock (&server->lock);
  if (thread) {
    h4_exchange_start_watch (ex);
    return TRUE;
  }
  ex->call = NULL;
  h4_exchange_free (ex);
  return FALSE;
}

void
h4_exchange_cancel (H4Exchange * exchange)
{
  g_cancellable_cancel (exchange->cancellable);
}

const gchar *
h4_exchange_get_method (H4Exchange * exchange)
{
  return exchange->call->method;
}

const gchar *
h4_exchange_get_path (H4Exchange * exchange)
{
  return exchange->call->path;
}

const gchar *
h4_exchange_get_query (H4Exchange * exchange)
{
  return exchange->call->query;
}

const gchar *
h4_exchange_get_header (H4Exchange * exchange, const gchar * name)
{
  gchar *lower = g_ascii_strdown (name, -1);
  const gchar *value = g_hash_table_lookup (exchange->call->headers, lower);

  g_free (lower);
  return value;
}

GCancellable *
h4_exchange_get_cancellable (H4Exchange * exchange)
{
  return exchange->cancellable;
}

/* with the lock: whether the client waits to be told that its body is wanted */
static gboolean
client_waits_unlocked (H4Exchange * ex)
{
  gboolean waits = ex->call->expect_continue && !ex->begun;

  ex->call->expect_continue = FALSE;
  return waits && ex->body.total == 0 && !h4_http_body_is_done (&ex->body);
}

static gboolean
send_continue (H4Exchange * ex, GError ** error)
{
  gboolean ok = TRUE;

  g_mutex_lock (&ex->lock);
  if (client_waits_unlocked (ex) && ex->in->len == 0)
    ok = h4_exchange_io_write (ex, continues, sizeof (continues) - 1, error);
  g_mutex_unlock (&ex->lock);
  return ok;
}

/* From what came with the head, then from the connection. */
static gssize
read_raw (H4Exchange * ex, gpointer data, gsize size, GError ** error)
{
  if (ex->in->len > 0) {
    size = MIN (size, ex->in->len);
    memcpy (data, ex->in->data, size);
    g_byte_array_remove_range (ex->in, 0, size);
    return size;
  }
  return h4_exchange_io_read (ex, data, size, error);
}

static void
body_done (H4Exchange * ex)
{
  gboolean gone;

  g_mutex_lock (&ex->lock);
  gone = ex->half_closed;
  g_mutex_unlock (&ex->lock);
  if (gone)
    g_cancellable_cancel (ex->cancellable);
}

gssize
h4_exchange_read (H4Exchange * exchange, gpointer data, gsize size,
    GError ** error)
{
  H4HttpBody *body = &exchange->body;
  gssize n = 0;

  if (h4_http_body_is_done (body))
    return 0;
  if (!send_continue (exchange, error))
    return -1;
  while (n == 0 && !h4_http_body_is_done (body)) {
    gsize used = 0;
    gssize raw = read_raw (exchange, data, size, error);

    if (raw < 0)
      return -1;
    if (raw == 0) {
      g_propagate_error (error, h4_problem_error (400, NULL, NULL,
              "The body ends too soon, after %" G_GUINT64_FORMAT " bytes.",
              body->total));
      return -1;
    }
    g_mutex_lock (&exchange->lock);
    n = h4_http_body_decode (body, data, raw, &used, error);
    g_mutex_unlock (&exchange->lock);
    /* of the request after this one */
    if (n >= 0 && used < (gsize) raw)
      g_byte_array_prepend (exchange->in, (guint8 *) data + used, raw - used);
  }
  if (h4_http_body_is_done (body))
    body_done (exchange);
  return n;
}

gboolean
h4_exchange_has_begun (H4Exchange * exchange)
{
  gboolean begun;

  g_mutex_lock (&exchange->lock);
  begun = exchange->begun;
  g_mutex_unlock (&exchange->lock);
  return begun;
}

/* with the lock */
static GString *
begin_unlocked (H4Exchange * ex, guint status, gint64 length,
    const gchar * const *headers)
{
  GString *text = g_string_new (NULL);
  gint64 said = length;
  gboolean none = status == 204 || status == 304;

  /* an answer that is not an error is one to a body that is read */
  if (status < 300 && client_waits_unlocked (ex))
    g_string_append (text, continues);
  ex->begun = TRUE;
  ex->status = status;
  ex->bodyless = none || strcmp (ex->call->method, "HEAD") == 0;
  ex->length = length;
  ex->chunked = length < 0 && !ex->bodyless && ex->call->minor > 0;
  ex->keep_alive = ex->call->keep_alive && h4_http_body_is_done (&ex->body);
  if (length < 0 && !ex->bodyless && !ex->chunked)
    ex->keep_alive = FALSE;
  if (none || (length < 0 && !ex->chunked))
    said = -2;
  h4_http_head_write (text, 1, status, said, !ex->keep_alive,
      ex->call->common, headers);
  return text;
}

gboolean
h4_exchange_begin (H4Exchange * exchange, guint status, gint64 length,
    const gchar * const *headers, GError ** error)
{
  GString *text;
  gboolean ok;

  g_return_val_if_fail (!exchange->begun, FALSE);
  g_mutex_lock (&exchange->lock);
  text = begin_unlocked (exchange, status, length, headers);
  ok = h4_exchange_io_write (exchange, text->str, text->len, error);
  g_mutex_unlock (&exchange->lock);
  g_string_free (text, TRUE);
  return ok;
}

static gboolean
write_chunk (H4Exchange * ex, gconstpointer data, gsize size, GError ** error)
{
  gchar before[24];
  GOutputVector vectors[3];

  g_snprintf (before, sizeof (before), "%" G_GSIZE_MODIFIER "x\r\n", size);
  vectors[0].buffer = before;
  vectors[0].size = strlen (before);
  vectors[1].buffer = data;
  vectors[1].size = size;
  vectors[2].buffer = "\r\n";
  vectors[2].size = 2;
  return h4_exchange_io_writev (ex, vectors, G_N_ELEMENTS (vectors), error);
}

gboolean
h4_exchange_write (H4Exchange * exchange, gconstpointer data, gsize size,
    GError ** error)
{
  gboolean ok;

  g_return_val_if_fail (exchange->begun && !exchange->ended, FALSE);
  if (size == 0 || exchange->bodyless)
    return !g_cancellable_set_error_if_cancelled (exchange->cancellable, error);
  if (exchange->length >= 0
      && size > (guint64) exchange->length - exchange->bytes_out) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "The answer has more than the %" G_GINT64_FORMAT " bytes it said.",
        exchange->length);
    exchange->failed = TRUE;
    return FALSE;
  }
  ok = exchange->chunked ? write_chunk (exchange, data, size, error) :
      h4_exchange_io_write (exchange, data, size, error);
  if (ok)
    exchange->bytes_out += size;
  return ok;
}

gboolean
h4_exchange_end (H4Exchange * exchange, GError ** error)
{
  g_return_val_if_fail (exchange->begun && !exchange->ended, FALSE);
  if (!exchange->bodyless && exchange->length >= 0
      && exchange->bytes_out < (guint64) exchange->length) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
        "The answer has %" G_GUINT64_FORMAT " of %" G_GINT64_FORMAT " bytes.",
        exchange->bytes_out, exchange->length);
    exchange->failed = TRUE;
    return FALSE;
  }
  if (exchange->chunked
      && !h4_exchange_io_write (exchange, "0\r\n\r\n", 5, error))
    return FALSE;
  exchange->ended = TRUE;
  /* the end of the connection is the answer's: it is said to be no accident */
  if (G_IS_TLS_CONNECTION (exchange->stream) && !exchange->keep_alive)
    h4_exchange_io_close_notify (exchange);
  return TRUE;
}

gboolean
h4_exchange_respond (H4Exchange * exchange, guint status,
    const gchar * content_type, GBytes * body, const gchar * const *headers,
    GError ** error)
{
  guint n = headers ? g_strv_length ((gchar **) headers) : 0;
  const gchar **all = g_new0 (const gchar *, n + 3);
  gsize size = 0;
  gconstpointer data = body ? g_bytes_get_data (body, &size) : NULL;
  gboolean ok;

  if (n > 0)
    memcpy (all, headers, n * sizeof (gchar *));
  if (content_type) {
    all[n] = "Content-Type";
    all[n + 1] = content_type;
  }
  ok = h4_exchange_begin (exchange, status, size, all, error)
      && h4_exchange_write (exchange, data, size, error)
      && h4_exchange_end (exchange, error);
  g_free (all);
  return ok;
}

gboolean
h4_exchange_problem (H4Exchange * exchange, const H4Problem * problem)
{
  gchar *seconds = g_strdup_printf ("%u", problem->retry_after);
  const gchar *headers[] = { "Cache-Control", "no-store", NULL, NULL, NULL };
  GBytes *body = h4_problem_to_json (problem);
  gboolean ok;

  if (problem->retry_after > 0) {
    headers[2] = "Retry-After";
    headers[3] = seconds;
  }
  ok = h4_exchange_respond (exchange, problem->status,
      "application/problem+json", body, headers, NULL);
  g_bytes_unref (body);
  g_free (seconds);
  return ok;
}

void
h4_exchange_fail (H4Exchange * exchange, const GError * error)
{
  H4Problem problem = { 500, "Something went wrong here." };

  if (h4_exchange_has_begun (exchange)) {
    exchange->failed = TRUE;
    return;
  }
  if (g_cancellable_is_cancelled (exchange->cancellable))
    return;
  if (!h4_problem_from_error (error, &problem))
    g_warning ("%s %s: %s", exchange->call->method, exchange->call->path,
        error->message);
  h4_exchange_problem (exchange, &problem);
}
