/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_HTTP_PRIVATE_H__
#define __H4_HTTP_PRIVATE_H__

/* What the parts of the server know of one another.
 *
 * A connection is this project's own from accept() to close(); libsoup gets one
 * request's head at a time, which was looked at before, and writes the answer,
 * unless the connection is taken away from it. Everything here runs on the
 * server's thread but for what a lock or another thread is named at. */

#include <libsoup/soup.h>

#include "h4httphead.h"
#include "h4httpserver.h"

G_BEGIN_DECLS

typedef struct _H4HttpAuth H4HttpAuth;
typedef struct _H4HttpConn H4HttpConn;

/**
 * H4HttpLimits: µs and counts; tests make them smaller before they begin
 * @head: for a request's head, from its first byte
 * @idle: between two requests
 * @answer: for a client to read on
 * @body: for a client to send on
 * @linger: for a client to see an answer that came too soon for it
 * @grace: that a connection may wait although there are too many
 * @pause: without accepting where there is no descriptor left
 * @connections: which are neither taken nor watch events
 * @exchanges: at once
 */
typedef struct
{
  gint64 head;
  gint64 idle;
  gint64 answer;
  gint64 body;
  gint64 linger;
  gint64 grace;
  gint64 pause;
  guint connections;
  guint exchanges;
} H4HttpLimits;

extern H4HttpLimits h4_http_limits;

#define H4_HTTP_SERVER_NAME "harmony4/" PACKAGE_VERSION

typedef struct
{
  gchar *path;
  gchar **methods;
  gboolean open;
  gboolean page;                /* for who reads HTML, others get the next */
  H4HttpHandler handler;
  gpointer user_data;
} H4HttpRouteEntry;

typedef struct
{
  gchar *path;
  H4Stream *stream;
} H4HttpStreamEntry;

struct _H4HttpServer
{
  /* the registry's lock */
  guint users;

  /* never change while it serves */
  H4HttpConfig config;
  gchar *host;                  /* the address as numbers */
  guint port;
  gboolean loopback;
  gchar **origins;              /* NULL: none */
  GTlsCertificate *certificate;
  H4HttpAuth *auth;
  H4Fan *fan;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  GSocket *listening;
  GSocketAddress *local;

  /* the server's thread */
  SoupServer *soup;
  GSource *accept_source;
  GSource *resume_source;
  GSource *timer;
  gint spare_fd;
  GQueue conns;
  GQueue waiting;               /* for a head; who waits longest is first */
  guint untaken;
  H4HttpConn *serving;          /* whose head libsoup gets */

  /* with the lock */
  GMutex lock;
  GCond cond;
  GPtrArray *routes;
  GList *exchanges;
  gboolean draining;
  H4HttpServerStats stats;
  H4HttpAccessFunc access_func;
  gpointer access_data;

  /* with the streams' lock, which comes before the other one */
  GMutex streams_lock;
  GPtrArray *streams;
};

typedef enum
{
  H4_HTTP_CONN_HEAD,            /* waits for a request */
  H4_HTTP_CONN_ANSWER,          /* libsoup answers */
  H4_HTTP_CONN_TAKEN,           /* an exchange has it */
  H4_HTTP_CONN_LINGER           /* the last words, then it is closed */
} H4HttpConnState;

struct _H4HttpConn
{
  H4HttpServer *server;
  H4HttpConnState state;
  GIOStream *stream;            /* plain, or TLS over it */
  GSocket *socket;
  GSocketAddress *remote;
  gchar *address;
  gint64 deadline;
  gint64 since;                 /* it waits */
  GList link;
  GList waiting_link;
  gboolean counted;             /* as untaken */

  GByteArray *in;               /* what came and was not used yet */
  gsize looked_at;              /* of in, for the end of a head */
  GSource *source;
  GIOStream *pass;              /* what libsoup has of it */
  guint requests;

  H4HttpHead head;
  H4HttpRequest *request;
  gboolean answered;

  GBytes *out;                  /* of LINGER */
  gsize written;
  gsize drained;
};

/* h4httpaccept.c */
GSocket *h4_http_listen (const gchar * address, guint port, GError ** error);
void h4_http_accept_prepare (H4HttpServer * server);
void h4_http_accept_start (H4HttpServer * server);
void h4_http_accept_stop (H4HttpServer * server);
/* A descriptor was given back. */
void h4_http_accept_resume (H4HttpServer * server);

/* h4httpconn.c; socket: (transfer full) */
void h4_http_conn_new (H4HttpServer * server, GSocket * socket);
void h4_http_conn_free (H4HttpConn * conn);
/* Says out (may be NULL), and closes when the client has seen it. */
void h4_http_conn_linger (H4HttpConn * conn, GBytes * out);
/* The same with a problem, where there is no request to answer. */
void h4_http_conn_refuse (H4HttpConn * conn, const H4Problem * problem);
void h4_http_conn_set_timer (H4HttpConn * conn, gint64 duration);
void h4_http_conn_expired (H4HttpConn * conn);
/* Takes it from libsoup. */
void h4_http_conn_take (H4HttpConn * conn, SoupServerMessage * msg);
/* libsoup is done with it. */
void h4_http_conn_passed (H4HttpConn * conn);
/* It does not count any more as one that waits. */
void h4_http_conn_untake (H4HttpConn * conn);
/* (transfer full): conn is freed */
GIOStream *h4_http_conn_give_away (H4HttpConn * conn);
/* The next request on it, where the client would send one. */
void h4_http_conn_next (H4HttpConn * conn);
void h4_http_conn_drop_idle (H4HttpServer * server);
gboolean h4_http_conn_can_evict (H4HttpServer * server);
void h4_http_conn_evict (H4HttpServer * server);

/* h4httppass.c: what libsoup has of a connection: the head of one request, and
 * the way back. Closing it does not close the connection. */
GIOStream *h4_http_pass_new (H4HttpConn * conn, GBytes * head,
    GOutputStream * output);
void h4_http_pass_forget (GIOStream * pass);

/* h4httprequest.c; conn, head and msg live as long as it */
H4HttpRequest *h4_http_request_new (H4HttpConn * conn, SoupServerMessage * msg);
void h4_http_request_free (H4HttpRequest * request);
H4HttpServer *h4_http_request_get_server (H4HttpRequest * request);
void h4_http_request_set_route (H4HttpRequest * request, const gchar * path);
/* Sent with whatever the answer is. */
void h4_http_request_add_common (H4HttpRequest * request, const gchar * name,
    const gchar * value);
/* The head of an answer that ends with the connection. */
void h4_http_request_write_head (H4HttpRequest * request, GString * text,
    guint status, const gchar * const *headers);
/* The connection becomes a client of events, with the streams' lock; then,
 * without it, the request is logged and freed. */
void h4_http_request_give_to_fan (H4HttpRequest * request,
    H4FanSubscription * subscription);
void h4_http_request_given (H4HttpRequest * request, guint status);
/* libsoup has sent the answer, or has not. */
void h4_http_request_finished (H4HttpRequest * request, gboolean sent);

/* What an exchange needs of its request, which is gone by then. */
typedef struct
{
  gchar *method;
  gchar *path;
  gchar *query;
  gchar *target;
  gchar *route;
  gchar *address;
  GHashTable *headers;
  GPtrArray *common;
  gint64 content_length;
  guint minor;
  gboolean expect_continue;
  gboolean keep_alive;
  gint64 started;
} H4HttpCall;

void h4_http_call_free (H4HttpCall * call);
/* From any thread. */
void h4_http_call_log (H4HttpCall * call, H4HttpServer * server, guint status,
    guint64 bytes_in, guint64 bytes_out);

/* h4exchange.c; call: (transfer full) */
gboolean h4_exchange_start (H4HttpConn * conn, H4HttpCall * call,
    guint64 max_body, H4ExchangeFunc func, gpointer user_data,
    GDestroyNotify destroy);
/* with the server's lock */
void h4_exchange_cancel (H4Exchange * exchange);

/* h4httpanswer.c: heads of answers that libsoup does not write */
const gchar *h4_http_reason (guint status);
/* length: -2: none is said. common: (nullable): name, value, … */
void h4_http_head_write (GString * text, guint minor, guint status,
    gint64 length, gboolean close, GPtrArray * common,
    const gchar * const *headers);
/* A whole answer for a connection that has no request. */
GBytes *h4_http_raw_problem (const H4Problem * problem);

/* h4httproute.c */
void h4_http_route (H4HttpRequest * request);
void h4_http_route_add (H4HttpServer * server, const H4HttpRoute * route,
    gpointer user_data, gboolean page);
gboolean h4_http_route_exists (H4HttpServer * server, const gchar * path);
void h4_http_route_entry_free (gpointer entry);

/* h4httpguard.c: who may ask at all */
gchar **h4_http_origins_parse (const gchar * list, GError ** error);
/* FALSE: it was answered. */
gboolean h4_http_guard_host (H4HttpRequest * request);
gboolean h4_http_guard_origin (H4HttpRequest * request);
gboolean h4_http_guard_token (H4HttpRequest * request);
/* Access-Control-…, Vary */
void h4_http_cors_add (H4HttpRequest * request);
void h4_http_cors_preflight (H4HttpRequest * request,
    const gchar * const *methods);

/* h4httpauth.c */
H4HttpAuth *h4_http_auth_new (const gchar * path, GError ** error);
void h4_http_auth_free (H4HttpAuth * auth);
gboolean h4_http_auth_check (H4HttpAuth * auth, const gchar * token);

/* h4events.c */
void h4_events_add_routes (H4HttpServer * server);
void h4_events_serve (H4HttpRequest * request);
void h4_http_stream_entry_free (gpointer entry);

/* h4httppage.c */
void h4_http_page_add_routes (H4HttpServer * server);

/* h4httpserver.c; listening: (nullable) */
H4HttpServer *h4_http_server_start (const H4HttpConfig * config,
    GSocket * listening, GError ** error);
void h4_http_server_stop (H4HttpServer * server);

G_END_DECLS

#endif
