/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_HTTP_SERVER_H__
#define __H4_HTTP_SERVER_H__

/* An HTTP server that elements and programs of a process share: SoupServer
 * parses requests on a thread of the server's own, connections are accepted
 * here, and what takes long is taken over by other threads. */

#include "h4fan.h"
#include "h4httprequest.h"

G_BEGIN_DECLS

/**
 * H4HttpConfig:
 * @address: an IP address, or a host's name
 * @port: 0: any
 * @tls_cert_file: PEM, or NULL: no TLS
 * @tls_key_file: PEM, or NULL: in @tls_cert_file
 * @auth_token_file: holds a Bearer token a line, or NULL: nobody is asked
 * @cors_origins: (nullable): `https://host[:port]`, which other sites' pages may
 *   read, comma separated
 * @max_clients: of events
 * @web_page: the live page is at /
 * @held: whoever connects waits until h4_http_server_open(), for one that has
 *   routes to add first
 */
typedef struct
{
  const gchar *address;
  guint port;
  const gchar *tls_cert_file;
  const gchar *tls_key_file;
  const gchar *auth_token_file;
  const gchar *cors_origins;
  guint max_clients;
  gboolean web_page;
  gboolean held;
} H4HttpConfig;

typedef struct _H4HttpServer H4HttpServer;

/* Listens, or gives the one that does: whoever asks for the same address and
 * port (but 0) shares a server. Settings that differ are an error. Called from
 * any thread. */
H4HttpServer *h4_http_server_acquire (const H4HttpConfig * config,
    GError ** error);
/* The last one stops it: the port is free when this returns. */
void h4_http_server_release (H4HttpServer * server);

/* As acquire, on a socket that is listening already (socket activation). */
H4HttpServer *h4_http_server_acquire_socket (GSocket * listening,
    const H4HttpConfig * config, GError ** error);

/* Who waits is served, where the server was held. */
void h4_http_server_open (H4HttpServer * server);

guint h4_http_server_get_port (H4HttpServer * server);

/* Streams at a path, `/events` say. An error where the path has a stream of
 * that name, or is something else's. */
gboolean h4_http_server_add_stream (H4HttpServer * server,
    const gchar * path, H4Stream * stream, H4FanClientFunc func,
    gpointer user_data, GError ** error);
void h4_http_server_remove_stream (H4HttpServer * server,
    H4Stream * stream, gint64 linger);

/**
 * H4HttpHandler:
 * @request: headers are there, the body is not
 *
 * Called on the server's thread, so it answers at once or takes the request
 * over (h4_http_request_take()). Origin, token and method were looked at.
 */
typedef void (*H4HttpHandler) (H4HttpRequest * request, gpointer user_data);

/**
 * H4HttpRoute:
 * @path: `/video/stream`, or `/files/` for all below it
 * @methods: "POST" or "GET,HEAD"; others get 405 with Allow
 * @open: no token is asked for (/health)
 */
typedef struct
{
  const gchar *path;
  const gchar *methods;
  gboolean open;
  H4HttpHandler handler;
} H4HttpRoute;

/* Routes may come while it serves. An answer for a path that has none is 404. */
void h4_http_server_add_routes (H4HttpServer * server,
    const H4HttpRoute * routes, guint n_routes, gpointer user_data);

/**
 * H4HttpAccess: a request that was answered, for the log and the metrics. Keys
 * and tokens in target are redacted.
 */
typedef struct
{
  const gchar *address;
  const gchar *method;
  const gchar *target;
  const gchar *route;           /* as it was added, or NULL */
  const gchar *user_agent;      /* or NULL */
  guint status;
  guint64 bytes_in;             /* of the body */
  guint64 bytes_out;
  gint64 duration;              /* µs */
} H4HttpAccess;

typedef void (*H4HttpAccessFunc) (const H4HttpAccess * access,
    gpointer user_data);

/* Called from any thread. */
void h4_http_server_set_access_func (H4HttpServer * server,
    H4HttpAccessFunc func, gpointer user_data);

/* Closes the listening socket, and connections that wait for a request. What is
 * under way goes on. From any thread. */
void h4_http_server_refuse (H4HttpServer * server);

/* The same; returns when every taken request has ended, or after
 * so many µs, when what is left was cancelled. */
void h4_http_server_drain (H4HttpServer * server, gint64 timeout);

/**
 * H4HttpServerStats:
 */
typedef struct
{
  guint connections;            /* open, parsed by SoupServer */
  guint64 connections_total;
  guint64 refused;              /* limits, time-outs, malformed */
  guint exchanges;              /* taken requests that go on */
} H4HttpServerStats;

void h4_http_server_get_stats (H4HttpServer * server,
    H4HttpServerStats * stats);
/* (transfer full) (element-type H4Stream): those that it serves */
GPtrArray *h4_http_server_get_streams (H4HttpServer * server);

G_END_DECLS

#endif
