/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The servers of this process: one for an address and port. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4-i18n.h"
#include "h4httpprivate.h"

/* Held while one starts or stops, so that a port is taken or free. */
G_LOCK_DEFINE_STATIC (servers);
static GList *servers;

/* The setting's name where it differs, for people. */
static const gchar *
differing_setting (const H4HttpConfig * a, const H4HttpConfig * b)
{
  if (g_strcmp0 (a->tls_cert_file, b->tls_cert_file) != 0)
    return "tls-cert-file";
  if (g_strcmp0 (a->tls_key_file, b->tls_key_file) != 0)
    return "tls-key-file";
  if (g_strcmp0 (a->auth_token_file, b->auth_token_file) != 0)
    return "auth-token-file";
  if (g_strcmp0 (a->cors_origins, b->cors_origins) != 0)
    return "cors-origin";
  if (a->max_clients != b->max_clients)
    return "max-clients";
  if (a->web_page != b->web_page)
    return "web-page";
  return NULL;
}

/* An address may be written in more than one way. */
static gboolean
is_host (H4HttpServer * server, const gchar * address)
{
  GInetAddress *inet;
  gchar *text = NULL;
  gboolean same;

  if (strcmp (server->config.address, address) == 0)
    return TRUE;
  inet = g_inet_address_new_from_string (address);
  if (inet)
    text = g_inet_address_to_string (inet);
  else if (strcmp (address, "localhost") == 0)
    text = g_strdup ("127.0.0.1");
  same = g_strcmp0 (text, server->host) == 0;
  g_free (text);
  g_clear_object (&inet);
  return same;
}

/* with the lock */
static H4HttpServer *
find_server (const H4HttpConfig * config)
{
  GList *l;

  for (l = servers; l && config->port != 0; l = l->next) {
    H4HttpServer *server = l->data;

    if (server->port == config->port && is_host (server, config->address))
      return server;
  }
  return NULL;
}

H4HttpServer *
h4_http_server_acquire (const H4HttpConfig * config, GError ** error)
{
  H4HttpServer *server;
  const gchar *setting;

  G_LOCK (servers);
  server = find_server (config);
  if (!server) {
    server = h4_http_server_start (config, NULL, error);
    if (server)
      servers = g_list_prepend (servers, server);
    G_UNLOCK (servers);
    return server;
  }
  setting = differing_setting (&server->config, config);
  if (setting) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        _("Port %u of %s is shared, so \"%s\" has to be what it is for who "
            "was first."), server->port, server->host, setting);
    server = NULL;
  } else
    server->users++;
  G_UNLOCK (servers);
  return server;
}

H4HttpServer *
h4_http_server_acquire_socket (GSocket * listening,
    const H4HttpConfig * config, GError ** error)
{
  H4HttpServer *server;

  G_LOCK (servers);
  server = h4_http_server_start (config, listening, error);
  if (server)
    servers = g_list_prepend (servers, server);
  G_UNLOCK (servers);
  return server;
}

void
h4_http_server_release (H4HttpServer * server)
{
  G_LOCK (servers);
  if (--server->users == 0) {
    servers = g_list_remove (servers, server);
    h4_http_server_stop (server);
  }
  G_UNLOCK (servers);
}
