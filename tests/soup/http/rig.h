/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_HTTP_RIG_H__
#define __H4_HTTP_RIG_H__

/* A server with some routes, and clients that are sockets. Every wait ends
 * after a while, then the test has failed. */

#include <gst/check/gstcheck.h>

#include "h4httpserver.h"

/* A server on a port of its own that nothing but the test knows.
 *   GET,HEAD /small    "small\n"
 *   POST /small/post   the same, without a look at the body
 *   POST /echo         the body, when it is whole; at most 1 MiB
 *   POST /duplex       the body, as it comes
 *   POST /hold         says "held" after the head, waits until it is cancelled
 *   GET /endless       writes until nobody reads
 *   GET /bytes?N       N bytes, by a thread; /bytes?-N: without a length
 *   GET /cut           half of what it says
 *   GET /nothing       no answer
 *   GET /open          the same as /small, without a token
 *   /tree/             the path that was asked for */
H4HttpServer *rig_start (const H4HttpConfig * config);
/* address, port 0, no TLS, 100 clients, no page */
extern const H4HttpConfig rig_config;
void rig_stop (H4HttpServer * server);

/* How many exchanges of /hold and /endless were cancelled or have ended. */
extern gint rig_ended;
extern gint rig_held;

gint rig_connect (H4HttpServer * server);
void rig_send (gint fd, const gchar * text);
/* FALSE: the server does not take it */
gboolean rig_send_bytes (gint fd, gconstpointer data, gsize size);
/* What comes until the server closes, which it has to. */
GString *rig_read_end (gint fd);
/* Until the text holds what. */
void rig_read_until (gint fd, GString * text, const gchar * what);
/* One request on a connection, all that comes. */
gchar *rig_ask (H4HttpServer * server, const gchar * request);

gint rig_status (const gchar * answer);
const gchar *rig_body (const gchar * answer);
/* (transfer full) (nullable) */
gchar *rig_header (const gchar * answer, const gchar * name);

void rig_check_header (const gchar * answer, const gchar * name,
    const gchar * expected);
/* answer: (transfer full): to request. body: (nullable): of any */
void rig_check_answer (gchar * answer, const gchar * request, gint status,
    const gchar * body);
void rig_check_ask (H4HttpServer * server, const gchar * request, gint status,
    const gchar * body);
void rig_check_status (H4HttpServer * server, const gchar * request,
    gint status);

#define rig_assert_status(answer, status) \
  fail_unless_equals_int (rig_status (answer), status)

/* Until it is TRUE, at most 20 s. */
#define rig_wait(condition) G_STMT_START { \
  gint64 rig_end = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND; \
  while (!(condition)) { \
    fail_unless (g_get_monotonic_time () < rig_end, "never: " #condition); \
    g_usleep (1000); \
  } \
} G_STMT_END

/* A fixture for tests that change h4_http_limits. */
void rig_keep_limits (void);
void rig_restore_limits (void);

H4HttpServerStats rig_stats (H4HttpServer * server);
/* Descriptors that this process has. */
guint rig_count_fds (void);

#endif
