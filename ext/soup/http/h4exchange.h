/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_EXCHANGE_H__
#define __H4_EXCHANGE_H__

/* One request and its answer, on a connection that was taken from the server,
 * blocking. One thread may read the body while another one writes the answer. */

#include <gio/gio.h>

#include "h4problem.h"

G_BEGIN_DECLS

typedef struct _H4Exchange H4Exchange;

const gchar *h4_exchange_get_method (H4Exchange * exchange);
const gchar *h4_exchange_get_path (H4Exchange * exchange);
const gchar *h4_exchange_get_query (H4Exchange * exchange);
const gchar *h4_exchange_get_header (H4Exchange * exchange,
    const gchar * name);
/* Cancelled when the client has gone or the server stops. */
GCancellable *h4_exchange_get_cancellable (H4Exchange * exchange);

/* Up to size bytes of the decoded body, 0 at its end, -1 with the error:
 * H4_PROBLEM with 413 past max_body, 408 where the client stalls, 400 for bad
 * chunks or an end that comes too soon; G_IO_ERROR_CANCELLED. Sends
 * `100 Continue` first where the client waits for it. */
gssize h4_exchange_read (H4Exchange * exchange, gpointer data, gsize size,
    GError ** error);

/* The answer's head. length: of the body, or -1: unknown, then it is sent in
 * chunks, or up to the end of the connection to an HTTP/1.0 client. With HEAD,
 * nothing written after it goes out. headers: name, value, ..., NULL. */
gboolean h4_exchange_begin (H4Exchange * exchange, guint status,
    gint64 length, const gchar * const *headers, GError ** error);
gboolean h4_exchange_has_begun (H4Exchange * exchange);
gboolean h4_exchange_write (H4Exchange * exchange, gconstpointer data,
    gsize size, GError ** error);
/* The body is whole. Without it, the connection is cut so that the client sees
 * that something is missing. */
gboolean h4_exchange_end (H4Exchange * exchange, GError ** error);

/* A whole answer. An answer that comes before the body was read reaches the
 * client: writing is shut down, at most 1 s and 1 MiB are read and dropped. */
gboolean h4_exchange_respond (H4Exchange * exchange, guint status,
    const gchar * content_type, GBytes * body, const gchar * const *headers,
    GError ** error);
gboolean h4_exchange_problem (H4Exchange * exchange,
    const H4Problem * problem);
/* The same for an error, H4_PROBLEM or another (500, whose message stays in
 * the log); only cuts the connection where the answer has begun or the client
 * has gone. */
void h4_exchange_fail (H4Exchange * exchange, const GError * error);

G_END_DECLS

#endif
