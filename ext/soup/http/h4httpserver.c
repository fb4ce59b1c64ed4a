/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The server's thread, from its start to its end. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <unistd.h>

#include "gsth4-i18n.h"
#include "h4httpprivate.h"

/* After a drain whatever is left was cancelled, and is to end by itself. */
#define DRAIN_TURN (100 * G_TIME_SPAN_MILLISECOND)

static gboolean
h4_http_server_tick (gpointer data)
{
  H4HttpServer *server = data;
  gint64 now = g_get_monotonic_time (), next = G_MAXINT64;
  GList *l = server->conns.head;

  g_source_set_ready_time (server->timer, -1);
  while (l) {
    H4HttpConn *conn = l->data;

    l = l->next;
    if (conn->deadline <= now)
      h4_http_conn_expired (conn);
  }
  for (l = server->conns.head; l; l = l->next)
    next = MIN (next, ((H4HttpConn *) l->data)->deadline);
  if (next < G_MAXINT64)
    g_source_set_ready_time (server->timer, next);
  return G_SOURCE_CONTINUE;
}

static gboolean
timer_dispatch (GSource * source, GSourceFunc func, gpointer data)
{
  return func (data);
}

static GSourceFuncs timer_funcs = { NULL, NULL, timer_dispatch, NULL };

static void
h4_http_server_got_headers (SoupServer * soup, SoupServerMessage * msg,
    const gchar * path, GHashTable * query, gpointer data)
{
  H4HttpServer *server = data;
  H4HttpConn *conn = g_steal_pointer (&server->serving);

  if (conn)
    h4_http_route (h4_http_request_new (conn, msg));
}

static void
h4_http_server_sent (SoupServer * soup, SoupServerMessage * msg, gpointer data)
{
  H4HttpConn *conn = g_object_get_data (G_OBJECT (msg), "h4-conn");

  if (conn)
    conn->answered = TRUE;
}

static void
h4_http_server_close (H4HttpServer * server)
{
  h4_http_accept_stop (server);
  soup_server_disconnect (server->soup);
  while (server->conns.head)
    h4_http_conn_free (server->conns.head->data);
  g_clear_object (&server->soup);
  g_source_destroy (server->timer);
  g_source_unref (server->timer);
  g_socket_close (server->listening, NULL);
  /* what was said to be done later */
  while (g_main_context_iteration (server->context, FALSE)) {
  }
}

static gpointer
h4_http_server_thread (gpointer data)
{
  H4HttpServer *server = data;

  g_main_context_push_thread_default (server->context);
  server->soup = soup_server_new ("server-header", H4_HTTP_SERVER_NAME, NULL);
  soup_server_add_early_handler (server->soup, NULL,
      h4_http_server_got_headers, server, NULL);
  soup_server_add_early_handler (server->soup, "*",
      h4_http_server_got_headers, server, NULL);
  g_signal_connect (server->soup, "request-finished",
      G_CALLBACK (h4_http_server_sent), server);
  server->timer = g_source_new (&timer_funcs, sizeof (GSource));
  g_source_set_callback (server->timer, h4_http_server_tick, server, NULL);
  g_source_attach (server->timer, server->context);
  if (!server->config.held)
    h4_http_accept_start (server);
  g_main_loop_run (server->loop);
  h4_http_server_close (server);
  g_main_context_pop_thread_default (server->context);
  return NULL;
}

static gboolean
is_loopback (GSocketAddress * address)
{
  return G_IS_INET_SOCKET_ADDRESS (address)
      && g_inet_address_get_is_loopback (g_inet_socket_address_get_address
      (G_INET_SOCKET_ADDRESS (address)));
}

static GTlsCertificate *
load_certificate (const H4HttpConfig * config, GError ** error)
{
  GTlsCertificate *certificate;

  if (!g_tls_backend_supports_tls (g_tls_backend_get_default ())) {
    g_set_error (error, G_TLS_ERROR, G_TLS_ERROR_UNAVAILABLE,
        _("There is no TLS here: glib-networking is not installed."));
    return NULL;
  }
  certificate = config->tls_key_file ?
      g_tls_certificate_new_from_files (config->tls_cert_file,
      config->tls_key_file, error) :
      g_tls_certificate_new_from_file (config->tls_cert_file, error);
  if (!certificate)
    g_prefix_error (error, _("The certificate \"%s\" or its key cannot be "
            "used: "), config->tls_cert_file);
  return certificate;
}

static gboolean
has_private_key (GTlsCertificate * certificate)
{
  GByteArray *key = NULL;
  gboolean has;

  g_object_get (certificate, "private-key", &key, NULL);
  has = key != NULL;
  g_clear_pointer (&key, g_byte_array_unref);
  return has;
}

static gboolean
use_config (H4HttpServer * server, const H4HttpConfig * config, GError ** error)
{
  if (config->tls_key_file && !config->tls_cert_file) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        _("There is a TLS key without a certificate."));
    return FALSE;
  }
  if (config->tls_cert_file) {
    server->certificate = load_certificate (config, error);
    if (!server->certificate)
      return FALSE;
    if (!has_private_key (server->certificate)) {
      g_set_error (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE,
          _("The certificate \"%s\" has no private key in its file, and no "
              "key file is named."), config->tls_cert_file);
      return FALSE;
    }
  }
  if (config->auth_token_file) {
    server->auth = h4_http_auth_new (config->auth_token_file, error);
    if (!server->auth)
      return FALSE;
  }
  if (config->cors_origins && *config->cors_origins != '\0') {
    server->origins = h4_http_origins_parse (config->cors_origins, error);
    if (!server->origins)
      return FALSE;
  }
  return TRUE;
}

static void
copy_config (H4HttpConfig * to, const H4HttpConfig * from)
{
  *to = *from;
  to->address = g_strdup (from->address);
  to->tls_cert_file = g_strdup (from->tls_cert_file);
  to->tls_key_file = g_strdup (from->tls_key_file);
  to->auth_token_file = g_strdup (from->auth_token_file);
  to->cors_origins = g_strdup (from->cors_origins);
}

static void
clear_config (H4HttpConfig * config)
{
  g_free ((gchar *) config->address);
  g_free ((gchar *) config->tls_cert_file);
  g_free ((gchar *) config->tls_key_file);
  g_free ((gchar *) config->auth_token_file);
  g_free ((gchar *) config->cors_origins);
}

static void
h4_http_server_free (H4HttpServer * server)
{
  if (server->fan)
    h4_fan_free (server->fan);
  g_clear_object (&server->certificate);
  g_clear_object (&server->listening);
  g_clear_object (&server->local);
  g_clear_pointer (&server->auth, h4_http_auth_free);
  g_clear_pointer (&server->loop, g_main_loop_unref);
  g_clear_pointer (&server->context, g_main_context_unref);
  g_strfreev (server->origins);
  g_ptr_array_unref (server->routes);
  g_ptr_array_unref (server->streams);
  g_mutex_clear (&server->lock);
  g_mutex_clear (&server->streams_lock);
  g_cond_clear (&server->cond);
  clear_config (&server->config);
  g_free (server->host);
  g_free (server);
}

static gboolean
use_socket (H4HttpServer * server, GError ** error)
{
  GInetSocketAddress *inet;

  g_socket_set_blocking (server->listening, FALSE);
  server->local = g_socket_get_local_address (server->listening, error);
  if (!server->local)
    return FALSE;
  if (!G_IS_INET_SOCKET_ADDRESS (server->local)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        _("The socket that was handed over is none of TCP."));
    return FALSE;
  }
  inet = G_INET_SOCKET_ADDRESS (server->local);
  server->host = g_inet_address_to_string (g_inet_socket_address_get_address
      (inet));
  server->port = g_inet_socket_address_get_port (inet);
  server->loopback = is_loopback (server->local);
  return TRUE;
}

/* listening: (nullable): it is listened on the configured address */
H4HttpServer *
h4_http_server_start (const H4HttpConfig * config, GSocket * listening,
    GError ** error)
{
  H4HttpServer *server = g_new0 (H4HttpServer, 1);
  gboolean ok;

  g_mutex_init (&server->lock);
  g_mutex_init (&server->streams_lock);
  g_cond_init (&server->cond);
  g_queue_init (&server->conns);
  g_queue_init (&server->waiting);
  server->users = 1;
  server->spare_fd = -1;
  server->routes = g_ptr_array_new_with_free_func (h4_http_route_entry_free);
  server->streams = g_ptr_array_new_with_free_func (h4_http_stream_entry_free);
  copy_config (&server->config, config);
  ok = use_config (server, config, error);
  if (ok && listening)
    server->listening = g_object_ref (listening);
  else if (ok)
    server->listening = h4_http_listen (config->address, config->port, error);
  if (!server->listening || !use_socket (server, error)
      || !(server->fan = h4_fan_new (error))) {
    h4_http_server_free (server);
    return NULL;
  }
  h4_events_add_routes (server);
  if (config->web_page)
    h4_http_page_add_routes (server);
  h4_http_accept_prepare (server);
  server->context = g_main_context_new ();
  server->loop = g_main_loop_new (server->context, FALSE);
  server->thread = g_thread_new ("h4-http", h4_http_server_thread, server);
  return server;
}

/* with the lock */
static void
cancel_exchanges (H4HttpServer * server)
{
  GList *l;

  for (l = server->exchanges; l; l = l->next)
    h4_exchange_cancel (l->data);
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

void
h4_http_server_stop (H4HttpServer * server)
{
  g_mutex_lock (&server->lock);
  server->draining = TRUE;
  while (server->exchanges) {
    cancel_exchanges (server);
    g_cond_wait_until (&server->cond, &server->lock,
        g_get_monotonic_time () + DRAIN_TURN);
  }
  g_mutex_unlock (&server->lock);
  g_main_context_invoke_full (server->context, G_PRIORITY_LOW, quit,
      server->loop, NULL);
  g_thread_join (server->thread);
  h4_http_server_free (server);
}

static gboolean
start_accepting (gpointer data)
{
  H4HttpServer *server = data;

  if (!g_socket_is_closed (server->listening))
    h4_http_accept_start (server);
  return G_SOURCE_REMOVE;
}

void
h4_http_server_open (H4HttpServer * server)
{
  GSource *source = g_idle_source_new ();

  g_source_set_callback (source, start_accepting, server, NULL);
  g_source_attach (source, server->context);
  g_source_unref (source);
}

static gboolean
stop_accepting (gpointer data)
{
  H4HttpServer *server = data;

  h4_http_accept_stop (server);
  /* Who comes now is told that nobody is there. A socket that was handed over
   * stays open where it came from, for the next one that serves. */
  g_socket_close (server->listening, NULL);
  h4_http_conn_drop_idle (server);
  return G_SOURCE_REMOVE;
}

void
h4_http_server_refuse (H4HttpServer * server)
{
  g_mutex_lock (&server->lock);
  server->draining = TRUE;
  g_mutex_unlock (&server->lock);
  g_main_context_invoke (server->context, stop_accepting, server);
}

void
h4_http_server_drain (H4HttpServer * server, gint64 timeout)
{
  gint64 end = g_get_monotonic_time () + timeout;

  h4_http_server_refuse (server);
  g_mutex_lock (&server->lock);
  while (server->exchanges
      && g_cond_wait_until (&server->cond, &server->lock, end)) {
  }
  cancel_exchanges (server);
  g_mutex_unlock (&server->lock);
}

guint
h4_http_server_get_port (H4HttpServer * server)
{
  return server->port;
}

void
h4_http_server_set_access_func (H4HttpServer * server, H4HttpAccessFunc func,
    gpointer user_data)
{
  g_mutex_lock (&server->lock);
  server->access_func = func;
  server->access_data = user_data;
  g_mutex_unlock (&server->lock);
}

void
h4_http_server_get_stats (H4HttpServer * server, H4HttpServerStats * stats)
{
  g_mutex_lock (&server->lock);
  *stats = server->stats;
  g_mutex_unlock (&server->lock);
}
