/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <linux/sockios.h>

#include "h4fanclient.h"

/* The kernel makes it twice that. More would only hide how far behind a client
 * is; less would cut a fast one's throughput. */
#define SEND_BUFFER (64 * 1024)
#define RECEIVE_BUFFER 4096

/* A client has nothing to say once it was answered. */
#define MAX_RECEIVED (64 * 1024)

/* What TLS puts into one record. */
#define MAX_RECORD (16 * 1024)

/* Where no heartbeat would notice that the other side has vanished. */
#define DEFAULT_USER_TIMEOUT (30 * G_TIME_SPAN_SECOND)
#define MIN_USER_TIMEOUT (1 * G_TIME_SPAN_SECOND)

/* SoupServer gives its own stream around the connection. */
static GIOStream *
unwrap (GIOStream * connection)
{
  GIOStream *base = NULL;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (connection),
          "base-iostream"))
    g_object_get (connection, "base-iostream", &base, NULL);
  return base ? base : g_object_ref (connection);
}

static GSocket *
get_socket (GIOStream * stream)
{
  GIOStream *base = NULL;
  GSocket *socket = NULL;

  if (G_IS_TLS_CONNECTION (stream))
    g_object_get (stream, "base-io-stream", &base, NULL);
  else
    base = g_object_ref (stream);
  if (G_IS_SOCKET_CONNECTION (base))
    socket = g_object_ref (g_socket_connection_get_socket
        (G_SOCKET_CONNECTION (base)));
  g_clear_object (&base);
  return socket;
}

static void
set_option (gint fd, gint level, gint option, gint value)
{
  if (setsockopt (fd, level, option, &value, sizeof (value)) < 0)
    g_debug ("socket option %d/%d: %s", level, option, g_strerror (errno));
}

static void
h4_fan_client_set_options (H4FanClient * client)
{
  gint64 timeout = client->heartbeat > 0 ?
      MAX (client->heartbeat, MIN_USER_TIMEOUT) : DEFAULT_USER_TIMEOUT;

  set_option (client->fd, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER);
  set_option (client->fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER);
  set_option (client->fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option (client->fd, IPPROTO_TCP, TCP_USER_TIMEOUT,
      MIN (timeout / 1000, G_MAXINT));
}

static void
h4_fan_client_add_subs (H4FanClient * client,
    const H4FanSubscription * subscription)
{
  guint i;

  for (i = 0; i < client->n_subs; i++) {
    H4FanSub *sub = &client->subs[i];
    const H4StreamConfig *config =
        h4_stream_get_config (subscription->streams[i]);

    sub->client = client;
    sub->log = h4_stream_ref (subscription->streams[i]);
    if (subscription->last_ids)
      sub->last_id = g_strdup (subscription->last_ids[i]);
    if (config->heartbeat > 0 && (client->heartbeat == 0
            || config->heartbeat < client->heartbeat))
      client->heartbeat = config->heartbeat;
  }
}

/* Its descriptor is all that is kept of a plain connection. */
static gboolean
h4_fan_client_take (H4FanClient * client, GIOStream * connection)
{
  GIOStream *stream = unwrap (connection);
  GSocket *socket = get_socket (stream);

  if (socket && G_IS_TLS_CONNECTION (stream)) {
    client->fd = g_socket_get_fd (socket);
    client->tls = stream;
    client->connection = connection;
    g_socket_set_blocking (socket, FALSE);
    g_object_unref (socket);
    return TRUE;
  }
  if (socket)
    client->fd = fcntl (g_socket_get_fd (socket), F_DUPFD_CLOEXEC, 3);
  g_io_stream_close (stream, NULL, NULL);
  g_clear_object (&socket);
  g_object_unref (stream);
  g_object_unref (connection);
  return client->fd >= 0;
}

H4FanClient *
h4_fan_client_new (GIOStream * connection,
    const H4FanSubscription * subscription)
{
  H4FanClient *client = g_malloc0 (sizeof (H4FanClient)
      + subscription->n_streams * sizeof (H4FanSub));

  client->fd = -1;
  if (!h4_fan_client_take (client, connection)) {
    g_free (client);
    return NULL;
  }
  client->address = g_strdup (subscription->address);
  client->n_subs = subscription->n_streams;
  h4_fan_client_add_subs (client, subscription);
  h4_fan_client_set_options (client);
  if (subscription->head)
    h4_fan_client_keep (client, g_bytes_get_data (subscription->head, NULL),
        g_bytes_get_size (subscription->head));
  return client;
}

void
h4_fan_client_free (H4FanClient * client)
{
  guint i;

  h4_fan_client_close (client);
  for (i = 0; i < client->n_subs; i++) {
    H4FanSub *sub = &client->subs[i];

    g_clear_pointer (&sub->chunk, h4_stream_chunk_unref);
    g_free (sub->last_id);
    h4_stream_unref (sub->log);
  }
  g_free (client->rest);
  g_free (client->address);
  g_free (client);
}

static gssize
h4_fan_client_write_plain (H4FanClient * client, const guint8 * data,
    gsize size)
{
  gssize n;

  do
    n = send (client->fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    return 0;
  return n;
}

/* A record that the socket did not take must be offered again as it was. */
static gssize
h4_fan_client_write_record (H4FanClient * client, const guint8 * data,
    gsize size)
{
  GPollableOutputStream *out =
      G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (client->tls));
  GError *error = NULL;
  gssize n;

  if (client->offered > 0)
    size = MIN (size, client->offered);
  else
    size = MIN (size, MAX_RECORD);
  n = g_pollable_output_stream_write_nonblocking (out, data, size, NULL,
      &error);
  client->offered = 0;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
    client->offered = size;
    n = 0;
  }
  g_clear_error (&error);
  return n;
}

static gssize
h4_fan_client_write_tls (H4FanClient * client, const guint8 * data, gsize size)
{
  gsize done = 0;

  while (done < size) {
    gssize n = h4_fan_client_write_record (client, data + done, size - done);

    if (n < 0)
      return -1;
    if (n == 0)
      break;
    done += n;
  }
  return done;
}

H4FanResult
h4_fan_client_send (H4FanClient * client, const guint8 * data, gsize size,
    gsize * sent, gint64 now)
{
  gssize n = client->tls ? h4_fan_client_write_tls (client, data, size)
      : h4_fan_client_write_plain (client, data, size);

  *sent = MAX (n, 0);
  if (n < 0)
    return H4_FAN_GONE;
  if (n > 0)
    client->sent = client->progress = now;
  if ((gsize) n == size)
    return H4_FAN_SENT;
  if (!client->blocked) {
    client->blocked = TRUE;
    client->progress = now;
    h4_fan_client_has_moved (client);
  }
  return H4_FAN_BLOCKED;
}

void
h4_fan_client_keep (H4FanClient * client, const guint8 * data, gsize size)
{
  gsize left = client->rest_size - client->rest_offset;
  gchar *rest = g_malloc (left + size);

  if (left > 0)
    memcpy (rest, client->rest + client->rest_offset, left);
  memcpy (rest + left, data, size);
  g_free (client->rest);
  client->rest = rest;
  client->rest_size = left + size;
  client->rest_offset = 0;
}

H4FanResult
h4_fan_client_say (H4FanClient * client, const gchar * data, gsize size,
    gint64 now)
{
  gsize sent;
  H4FanResult result = h4_fan_client_send (client, (const guint8 *) data,
      size, &sent, now);

  if (result == H4_FAN_BLOCKED)
    h4_fan_client_keep (client, (const guint8 *) data + sent, size - sent);
  return result;
}

H4FanResult
h4_fan_client_flush (H4FanClient * client, gint64 now)
{
  H4FanResult result;
  gsize sent;

  if (!client->rest)
    return H4_FAN_SENT;
  result = h4_fan_client_send (client,
      (const guint8 *) client->rest + client->rest_offset,
      client->rest_size - client->rest_offset, &sent, now);
  client->rest_offset += sent;
  if (result == H4_FAN_SENT) {
    g_clear_pointer (&client->rest, g_free);
    client->rest_size = client->rest_offset = 0;
  }
  return result;
}

static gssize
h4_fan_client_read (H4FanClient * client, gchar * data, gsize size)
{
  GPollableInputStream *in;
  GError *error = NULL;
  gssize n;

  if (!client->tls) {
    do
      n = recv (client->fd, data, size, MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    return n < 0 && errno != EAGAIN && errno != EWOULDBLOCK ? 0 : n;
  }
  in = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (client->tls));
  n = g_pollable_input_stream_read_nonblocking (in, data, size, NULL, &error);
  if (n < 0 && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    n = 0;
  g_clear_error (&error);
  return n;
}

gboolean
h4_fan_client_drain (H4FanClient * client)
{
  gchar data[4096];
  gssize n;

  while ((n = h4_fan_client_read (client, data, sizeof (data))) > 0) {
    client->received += n;
    if (client->received > MAX_RECEIVED)
      return FALSE;
  }
  return n < 0;
}

gboolean
h4_fan_client_has_moved (H4FanClient * client)
{
  gint before = client->queued, queued;

  if (ioctl (client->fd, SIOCOUTQ, &queued) < 0)
    return FALSE;
  client->queued = queued;
  return queued < before;
}

void
h4_fan_client_shutdown (H4FanClient * client)
{
  struct pollfd writable = { client->fd, POLLOUT, 0 };

  /* The farewell would wait for room. */
  if (client->tls && !client->offered && poll (&writable, 1, 0) == 1
      && (writable.revents & (POLLOUT | POLLERR | POLLHUP)) == POLLOUT)
    g_output_stream_close (g_io_stream_get_output_stream (client->tls), NULL,
        NULL);
  shutdown (client->fd, SHUT_WR);
}

/* Closing a TLS connection says farewell, which could block; its socket is
 * closed first, so that nothing is left to wait for. */
static void
h4_fan_client_close_tls (H4FanClient * client)
{
  GSocket *socket = get_socket (client->tls);

  g_socket_close (socket, NULL);
  g_object_unref (socket);
  g_clear_object (&client->tls);
  g_clear_object (&client->connection);
}

void
h4_fan_client_close (H4FanClient * client)
{
  if (client->fd < 0)
    return;
  if (client->tls)
    h4_fan_client_close_tls (client);
  else
    close (client->fd);
  client->fd = -1;
}
