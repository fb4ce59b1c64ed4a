/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Listens and accepts, whatever happens: a server that is out of descriptors is
 * one that serves again when some came back. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <fcntl.h>
#include <unistd.h>

#include "gsth4-i18n.h"
#include "h4httpprivate.h"

#define BACKLOG 4096
/* so that requests which are there are not kept waiting by new ones */
#define ACCEPTS_PER_TURN 64

static GSocket *
listen_at (GInetAddress * inet, guint port, GError ** error)
{
  GSocketAddress *address = g_inet_socket_address_new (inet, port);
  GSocket *socket = g_socket_new (g_inet_address_get_family (inet),
      G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

  if (socket) {
    g_socket_set_listen_backlog (socket, BACKLOG);
    if (!g_socket_bind (socket, address, TRUE, error)
        || !g_socket_listen (socket, error))
      g_clear_object (&socket);
  }
  g_object_unref (address);
  return socket;
}

GSocket *
h4_http_listen (const gchar * address, guint port, GError ** error)
{
  GResolver *resolver = g_resolver_get_default ();
  GList *found = g_resolver_lookup_by_name (resolver, address, NULL, error);
  GSocket *socket = NULL;
  GList *l;

  g_object_unref (resolver);
  if (!found) {
    g_prefix_error (error, _("The address \"%s\" is not known: "), address);
    return NULL;
  }
  for (l = found; l && !socket; l = l->next) {
    g_clear_error (error);
    socket = listen_at (l->data, port, error);
  }
  g_resolver_free_addresses (found);
  if (!socket)
    g_prefix_error (error, _("Port %u of %s cannot be listened on: "), port,
        address);
  return socket;
}

static void
set_source (GSource ** place, GSource * source)
{
  if (*place) {
    g_source_destroy (*place);
    g_source_unref (*place);
  }
  *place = source;
}

static gboolean
resume (gpointer data)
{
  h4_http_accept_start (data);
  return G_SOURCE_REMOVE;
}

static void
pause_for (H4HttpServer * server, gint64 duration)
{
  GSource *source = g_timeout_source_new (duration / 1000);

  set_source (&server->accept_source, NULL);
  set_source (&server->resume_source, source);
  g_source_set_callback (source, resume, server, NULL);
  g_source_attach (source, server->context);
}

/* Called before there is a thread, so that descriptors do not become more once
 * the server answers. */
void
h4_http_accept_prepare (H4HttpServer * server)
{
  server->spare_fd = open ("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* No descriptor is left: the one kept for this shows the client that nobody is
 * there, instead of leaving it in the queue. */
static void
turn_away (H4HttpServer * server)
{
  GSocket *socket;

  if (server->spare_fd >= 0) {
    close (server->spare_fd);
    socket = g_socket_accept (server->listening, NULL, NULL);
    if (socket) {
      g_mutex_lock (&server->lock);
      server->stats.refused++;
      g_mutex_unlock (&server->lock);
      g_socket_close (socket, NULL);
      g_object_unref (socket);
    }
  }
  h4_http_accept_prepare (server);
}

static gboolean
accept_ready (GSocket * listening, GIOCondition condition, gpointer data)
{
  H4HttpServer *server = data;
  guint i;

  for (i = 0; i < ACCEPTS_PER_TURN; i++) {
    GError *error = NULL;
    GSocket *socket;

    if (server->untaken >= h4_http_limits.connections
        && !h4_http_conn_can_evict (server)) {
      pause_for (server, h4_http_limits.pause);
      return G_SOURCE_CONTINUE;
    }
    socket = g_socket_accept (listening, NULL, &error);
    if (socket) {
      if (server->untaken >= h4_http_limits.connections)
        h4_http_conn_evict (server);
      h4_http_conn_new (server, socket);
      continue;
    }
    if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)
        && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED)) {
      g_debug ("accept: %s", error->message);
      turn_away (server);
      pause_for (server, h4_http_limits.pause);
    }
    g_error_free (error);
    return G_SOURCE_CONTINUE;
  }
  return G_SOURCE_CONTINUE;
}

void
h4_http_accept_start (H4HttpServer * server)
{
  GSource *source;

  set_source (&server->resume_source, NULL);
  if (server->spare_fd < 0)
    h4_http_accept_prepare (server);
  source = g_socket_create_source (server->listening, G_IO_IN, NULL);
  set_source (&server->accept_source, source);
  g_source_set_callback (source, G_SOURCE_FUNC (accept_ready), server, NULL);
  g_source_attach (source, server->context);
}

void
h4_http_accept_resume (H4HttpServer * server)
{
  if (server->resume_source)
    g_source_set_ready_time (server->resume_source, 0);
}

void
h4_http_accept_stop (H4HttpServer * server)
{
  set_source (&server->accept_source, NULL);
  set_source (&server->resume_source, NULL);
  if (server->spare_fd >= 0)
    close (server->spare_fd);
  server->spare_fd = -1;
}
