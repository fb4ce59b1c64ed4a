/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_HTTP_REQUEST_H__
#define __H4_HTTP_REQUEST_H__

/* A request whose headers have come, on the server's thread. */

#include <gio/gio.h>

#include "h4exchange.h"

G_BEGIN_DECLS

typedef struct _H4HttpRequest H4HttpRequest;

const gchar *h4_http_request_get_method (H4HttpRequest * request);
/* Decoded; begins with the route's. */
const gchar *h4_http_request_get_path (H4HttpRequest * request);
/* As it came, or NULL. */
const gchar *h4_http_request_get_query (H4HttpRequest * request);
const gchar *h4_http_request_get_header (H4HttpRequest * request,
    const gchar * name);
const gchar *h4_http_request_get_address (H4HttpRequest * request);
/* -1: unknown (chunked); 0 also where there is none */
gint64 h4_http_request_get_content_length (H4HttpRequest * request);

/* Answers, once. headers: (nullable) (array zero-terminated=1): name, value,
 * name, value. */
void h4_http_request_respond (H4HttpRequest * request, guint status,
    const gchar * content_type, GBytes * body, const gchar * const *headers);
/* RFC 9457: see h4_problem_to_json() */
void h4_http_request_problem (H4HttpRequest * request,
    const H4Problem * problem);

/**
 * H4ExchangeFunc:
 *
 * Called on a thread of its own; the exchange is freed when it returns.
 */
typedef void (*H4ExchangeFunc) (H4Exchange * exchange, gpointer user_data);

/* Takes the connection: body and answer are read and written by func. Where
 * too many are under way the answer is 503 and func is not called. max_body:
 * bytes that the body may have; a longer one is 413 at once. */
void h4_http_request_take (H4HttpRequest * request, guint64 max_body,
    H4ExchangeFunc func, gpointer user_data, GDestroyNotify destroy);

G_END_DECLS

#endif
