/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A connection: heads of requests are gathered here, with a time-out and a
 * limit; libsoup gets each when it is whole. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "h4httpprivate.h"

#define READ_SIZE 4096
#define LINGER_MAX_SIZE (1024 * 1024)

H4HttpLimits h4_http_limits = {
  .head = 10 * G_TIME_SPAN_SECOND,
  .idle = 30 * G_TIME_SPAN_SECOND,
  .answer = 60 * G_TIME_SPAN_SECOND,
  .body = 30 * G_TIME_SPAN_SECOND,
  .linger = 1 * G_TIME_SPAN_SECOND,
  .grace = 1 * G_TIME_SPAN_SECOND,
  .pause = 100 * G_TIME_SPAN_MILLISECOND,
  .connections = 1024,
  .exchanges = 256,
};

static void
h4_http_conn_set_source (H4HttpConn * conn, GSource * source, GSourceFunc func)
{
  if (conn->source) {
    g_source_destroy (conn->source);
    g_source_unref (conn->source);
  }
  conn->source = source;
  if (source) {
    g_source_set_callback (source, func, conn, NULL);
    g_source_attach (source, conn->server->context);
  }
}

static gboolean
h4_http_conn_go_on (gpointer data)
{
  H4HttpConn *conn = data;

  h4_http_conn_set_source (conn, NULL, NULL);
  if (conn->answered && conn->head.keep_alive)
    h4_http_conn_next (conn);
  else
    h4_http_conn_linger (conn, NULL);
  return G_SOURCE_REMOVE;
}

/* libsoup is done with a request. */
void
h4_http_conn_passed (H4HttpConn * conn)
{
  conn->pass = NULL;
  if (conn->state != H4_HTTP_CONN_ANSWER)
    return;
  if (conn->request)
    h4_http_request_finished (conn->request, conn->answered);
  /* not now: libsoup is still in the middle of it */
  h4_http_conn_set_source (conn, g_idle_source_new (), h4_http_conn_go_on);
}

static void
h4_http_conn_forget_pass (H4HttpConn * conn)
{
  if (conn->pass)
    h4_http_pass_forget (conn->pass);
  conn->pass = NULL;
}

void
h4_http_conn_set_timer (H4HttpConn * conn, gint64 duration)
{
  GSource *timer = conn->server->timer;
  gint64 ready = g_source_get_ready_time (timer);

  conn->deadline = g_get_monotonic_time () + duration;
  if (ready < 0 || conn->deadline < ready)
    g_source_set_ready_time (timer, conn->deadline);
}

static void
h4_http_conn_set_counted (H4HttpConn * conn, gboolean counted)
{
  H4HttpServer *server = conn->server;

  if (conn->counted == counted)
    return;
  conn->counted = counted;
  server->untaken += counted ? 1 : -1;
  g_mutex_lock (&server->lock);
  server->stats.connections = server->untaken;
  g_mutex_unlock (&server->lock);
  if (!counted)
    h4_http_accept_resume (server);
}

static void
h4_http_conn_set_waiting (H4HttpConn * conn, gboolean waiting)
{
  GQueue *queue = &conn->server->waiting;

  if (conn->waiting_link.data) {
    g_queue_unlink (queue, &conn->waiting_link);
    conn->waiting_link.data = NULL;
  }
  if (waiting) {
    conn->waiting_link.data = conn;
    g_queue_push_tail_link (queue, &conn->waiting_link);
  }
}

static void
h4_http_conn_refused (H4HttpConn * conn)
{
  g_mutex_lock (&conn->server->lock);
  conn->server->stats.refused++;
  g_mutex_unlock (&conn->server->lock);
}

void
h4_http_conn_free (H4HttpConn * conn)
{
  H4HttpServer *server = conn->server;

  h4_http_conn_forget_pass (conn);
  h4_http_conn_set_source (conn, NULL, NULL);
  h4_http_conn_set_waiting (conn, FALSE);
  g_queue_unlink (&server->conns, &conn->link);
  if (conn->request)
    h4_http_request_free (conn->request);
  /* first, so that no close_notify can block; a handshake may be waiting in a
   * thread of its own, which nothing but this wakes */
  if (conn->socket && server->certificate)
    g_socket_shutdown (conn->socket, TRUE, TRUE, NULL);
  if (conn->socket)
    g_socket_close (conn->socket, NULL);
  if (conn->stream)
    g_io_stream_close (conn->stream, NULL, NULL);
  g_clear_object (&conn->stream);
  g_clear_object (&conn->socket);
  g_clear_object (&conn->remote);
  g_byte_array_unref (conn->in);
  g_clear_pointer (&conn->out, g_bytes_unref);
  h4_http_head_clear (&conn->head);
  g_free (conn->address);
  h4_http_conn_set_counted (conn, FALSE);
  g_free (conn);
}

/* A request that is none: it is answered without libsoup. */
void
h4_http_conn_refuse (H4HttpConn * conn, const H4Problem * problem)
{
  H4HttpServer *server = conn->server;
  GBytes *out = h4_http_raw_problem (problem);
  H4HttpCall call = { conn->head.method, NULL, NULL, conn->head.target, NULL,
    conn->address
  };

  conn->state = H4_HTTP_CONN_LINGER;
  h4_http_conn_refused (conn);
  call.started = g_get_monotonic_time ();
  h4_http_call_log (&call, server, problem->status, 0, 0);
  h4_http_conn_linger (conn, out);
  g_bytes_unref (out);
}

void
h4_http_conn_expired (H4HttpConn * conn)
{
  H4Problem late = { 408, "The request's head took too long." };

  conn->deadline = G_MAXINT64;
  if (conn->state == H4_HTTP_CONN_TAKEN)
    return;
  if (conn->state == H4_HTTP_CONN_HEAD && conn->in->len > 0) {
    h4_http_conn_refuse (conn, &late);
    return;
  }
  if (conn->state == H4_HTTP_CONN_ANSWER && conn->pass) {
    /* libsoup watches the socket: it is told by it */
    h4_http_conn_refused (conn);
    conn->answered = FALSE;
    g_socket_shutdown (conn->socket, TRUE, TRUE, NULL);
    return;
  }
  h4_http_conn_free (conn);
}

/* LINGER: what the client still sends is dropped, until it has closed. */
static gboolean
h4_http_conn_drain (GObject * stream, gpointer data)
{
  H4HttpConn *conn = data;
  gchar buffer[READ_SIZE];
  GError *error = NULL;
  gssize n;
  guint i;

  for (i = 0; i < 16; i++) {
    n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM
        (stream), buffer, sizeof (buffer), NULL, &error);
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
      g_error_free (error);
      return G_SOURCE_CONTINUE;
    }
    g_clear_error (&error);
    conn->drained += MAX (n, 0);
    if (n <= 0 || conn->drained >= LINGER_MAX_SIZE) {
      h4_http_conn_free (conn);
      return G_SOURCE_REMOVE;
    }
  }
  return G_SOURCE_CONTINUE;
}

static void
h4_http_conn_shut (H4HttpConn * conn)
{
  GPollableInputStream *in =
      G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (conn->stream));

  g_socket_shutdown (conn->socket, FALSE, TRUE, NULL);
  h4_http_conn_set_timer (conn, h4_http_limits.linger);
  h4_http_conn_set_source (conn, g_pollable_input_stream_create_source (in,
          NULL), G_SOURCE_FUNC (h4_http_conn_drain));
}

static gboolean
h4_http_conn_write (GObject * stream, gpointer data)
{
  H4HttpConn *conn = data;
  gsize size;
  const guint8 *out = g_bytes_get_data (conn->out, &size);
  GError *error = NULL;
  gssize n = 0;

  while (n >= 0 && conn->written < size) {
    n = g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM
        (stream), out + conn->written, size - conn->written, NULL, &error);
    conn->written += MAX (n, 0);
  }
  if (n >= 0)
    h4_http_conn_shut (conn);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    h4_http_conn_free (conn);
  g_clear_error (&error);
  return G_SOURCE_CONTINUE;
}

void
h4_http_conn_linger (H4HttpConn * conn, GBytes * out)
{
  GPollableOutputStream *stream =
      G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (conn->stream));

  h4_http_conn_forget_pass (conn);
  h4_http_conn_set_waiting (conn, FALSE);
  h4_http_conn_set_counted (conn, TRUE);
  conn->state = H4_HTTP_CONN_LINGER;
  g_byte_array_set_size (conn->in, 0);
  if (!out) {
    h4_http_conn_shut (conn);
    return;
  }
  conn->out = g_bytes_ref (out);
  h4_http_conn_set_timer (conn, h4_http_limits.answer);
  h4_http_conn_set_source (conn,
      g_pollable_output_stream_create_source (stream, NULL),
      G_SOURCE_FUNC (h4_http_conn_write));
}

/* HEAD: libsoup gets the request that in begins with. */
static void
h4_http_conn_pass_on (H4HttpConn * conn, gsize size)
{
  H4HttpServer *server = conn->server;
  GBytes *head = g_bytes_new (conn->in->data, size);
  GIOStream *pass;

  g_byte_array_remove_range (conn->in, 0, size);
  conn->state = H4_HTTP_CONN_ANSWER;
  conn->answered = FALSE;
  conn->requests++;
  h4_http_conn_set_waiting (conn, FALSE);
  h4_http_conn_set_source (conn, NULL, NULL);
  h4_http_conn_set_timer (conn, h4_http_limits.answer);
  pass = h4_http_pass_new (conn, head,
      g_io_stream_get_output_stream (conn->stream));
  g_bytes_unref (head);
  conn->pass = pass;
  /* The head is there, so the early handler is called in here. */
  server->serving = conn;
  soup_server_accept_iostream (server->soup, pass, server->local,
      conn->remote, NULL);
  server->serving = NULL;
  g_object_unref (pass);
}

/* FALSE: there is no whole head yet. */
static gboolean
h4_http_conn_parse (H4HttpConn * conn)
{
  H4Problem problem = { 431, "The request's head is too long." };
  GError *error = NULL;
  gsize size;

  /* ends of lines before a request mean nothing (RFC 9112 2.2) */
  for (size = 0; size < conn->in->len; size++)
    if (conn->in->data[size] != '\r' && conn->in->data[size] != '\n')
      break;
  g_byte_array_remove_range (conn->in, 0, size);
  size = h4_http_head_find_end (conn->in->data, conn->in->len, conn->looked_at);
  conn->looked_at = conn->in->len;
  if (size > H4_HTTP_HEAD_MAX_SIZE
      || (size == 0 && conn->in->len >= H4_HTTP_HEAD_MAX_SIZE)) {
    h4_http_conn_refuse (conn, &problem);
    return TRUE;
  }
  if (size == 0)
    return FALSE;
  conn->looked_at = 0;
  if (h4_http_head_parse (&conn->head, (const gchar *) conn->in->data, size,
          &error)) {
    h4_http_conn_pass_on (conn, size);
    return TRUE;
  }
  h4_problem_from_error (error, &problem);
  h4_http_conn_refuse (conn, &problem);
  g_error_free (error);
  return TRUE;
}

static gboolean
h4_http_conn_read (GObject * stream, gpointer data)
{
  H4HttpConn *conn = data;
  guint8 buffer[READ_SIZE];
  GError *error = NULL;
  gboolean first = conn->in->len == 0;
  gssize n;

  n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM
      (stream), buffer, sizeof (buffer), NULL, &error);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
    g_error_free (error);
    return G_SOURCE_CONTINUE;
  }
  g_clear_error (&error);
  if (n <= 0) {
    h4_http_conn_free (conn);
    return G_SOURCE_REMOVE;
  }
  g_byte_array_append (conn->in, buffer, n);
  if (first)
    h4_http_conn_set_timer (conn, h4_http_limits.head);
  h4_http_conn_parse (conn);
  return G_SOURCE_CONTINUE;
}

static void
h4_http_conn_wait (H4HttpConn * conn, gint64 duration)
{
  GPollableInputStream *in =
      G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (conn->stream));

  conn->state = H4_HTTP_CONN_HEAD;
  conn->since = g_get_monotonic_time ();
  h4_http_conn_set_waiting (conn, TRUE);
  h4_http_conn_set_counted (conn, TRUE);
  h4_http_conn_set_timer (conn, duration);
  h4_http_conn_set_source (conn, g_pollable_input_stream_create_source (in,
          NULL), G_SOURCE_FUNC (h4_http_conn_read));
}

static gboolean
h4_http_conn_parse_rest (gpointer data)
{
  H4HttpConn *conn = data;

  if (!h4_http_conn_parse (conn))
    h4_http_conn_wait (conn, h4_http_limits.head);
  return G_SOURCE_CONTINUE;
}

void
h4_http_conn_next (H4HttpConn * conn)
{
  H4HttpServer *server = conn->server;
  gboolean draining;

  h4_http_conn_forget_pass (conn);
  g_clear_pointer (&conn->request, h4_http_request_free);
  h4_http_head_clear (&conn->head);
  conn->looked_at = 0;
  g_mutex_lock (&server->lock);
  draining = server->draining;
  g_mutex_unlock (&server->lock);
  if (draining) {
    h4_http_conn_linger (conn, NULL);
    return;
  }
  h4_http_conn_wait (conn, h4_http_limits.idle);
  /* a request that came with the one before */
  if (conn->in->len > 0)
    h4_http_conn_set_source (conn, g_idle_source_new (),
        h4_http_conn_parse_rest);
}

void
h4_http_conn_take (H4HttpConn * conn, SoupServerMessage * msg)
{
  h4_http_conn_forget_pass (conn);
  conn->state = H4_HTTP_CONN_TAKEN;
  conn->deadline = G_MAXINT64;
  g_object_unref (soup_server_message_steal_connection (msg));
}

/* The stream is the caller's, nothing else is left. */
GIOStream *
h4_http_conn_give_away (H4HttpConn * conn)
{
  GIOStream *stream = g_steal_pointer (&conn->stream);

  g_clear_object (&conn->socket);
  h4_http_conn_free (conn);
  return stream;
}

void
h4_http_conn_untake (H4HttpConn * conn)
{
  h4_http_conn_set_counted (conn, FALSE);
}

void
h4_http_conn_drop_idle (H4HttpServer * server)
{
  GList *l = server->conns.head;

  while (l) {
    H4HttpConn *conn = l->data;

    l = l->next;
    if (conn->state == H4_HTTP_CONN_HEAD && conn->in->len == 0)
      h4_http_conn_free (conn);
  }
}

/* Whoever waits longest without a request makes room, but not at once: its
 * request may be on the way. */
gboolean
h4_http_conn_can_evict (H4HttpServer * server)
{
  H4HttpConn *conn = g_queue_peek_head (&server->waiting);

  return conn && g_get_monotonic_time () - conn->since >= h4_http_limits.grace;
}

void
h4_http_conn_evict (H4HttpServer * server)
{
  H4HttpConn *conn = g_queue_peek_head (&server->waiting);

  h4_http_conn_refused (conn);
  h4_http_conn_free (conn);
}

static gchar *
address_text (GSocketAddress * address)
{
  GInetAddress *inet;
  gchar *ip, *text;

  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return g_strdup ("-");
  inet = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address));
  ip = g_inet_address_to_string (inet);
  text = g_strdup_printf (g_inet_address_get_family (inet) ==
      G_SOCKET_FAMILY_IPV6 ? "[%s]:%u" : "%s:%u", ip,
      g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address)));
  g_free (ip);
  return text;
}

/* TLS: the handshake is part of the first read. */
static GIOStream *
h4_http_conn_wrap (H4HttpServer * server, GSocket * socket)
{
  GIOStream *plain =
      G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
  GIOStream *tls;
  const gchar *protocols[] = { "http/1.1", NULL };

  if (!server->certificate)
    return plain;
  tls = g_tls_server_connection_new (plain, server->certificate, NULL);
  g_object_unref (plain);
  if (tls) {
    g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (tls),
        protocols);
    g_tls_connection_set_require_close_notify (G_TLS_CONNECTION (tls), FALSE);
  }
  return tls;
}

void
h4_http_conn_new (H4HttpServer * server, GSocket * socket)
{
  GSocketAddress *remote = g_socket_get_remote_address (socket, NULL);
  GIOStream *stream = NULL;
  H4HttpConn *conn;

  g_socket_set_blocking (socket, FALSE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  if (remote)
    stream = h4_http_conn_wrap (server, socket);
  if (!stream) {
    g_clear_object (&remote);
    g_object_unref (socket);
    return;
  }
  conn = g_new0 (H4HttpConn, 1);
  conn->server = server;
  conn->socket = socket;
  conn->stream = stream;
  conn->remote = remote;
  conn->address = address_text (remote);
  conn->in = g_byte_array_new ();
  conn->link.data = conn;
  g_queue_push_tail_link (&server->conns, &conn->link);
  g_mutex_lock (&server->lock);
  server->stats.connections_total++;
  g_mutex_unlock (&server->lock);
  h4_http_conn_wait (conn, h4_http_limits.head);
}
