/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_HTTP_HEAD_H__
#define __H4_HTTP_HEAD_H__

/* A request's head as it came, before libsoup sees it: whether it is one, and
 * what decides where it ends and where the next one begins. */

#include <glib.h>

G_BEGIN_DECLS

#define H4_HTTP_HEAD_MAX_SIZE (32 * 1024)
#define H4_HTTP_HEAD_MAX_LINES 100

/**
 * H4HttpHead:
 * @target: as it came
 * @path: decoded, or `*`
 * @query: as it came, or NULL
 * @minor: of HTTP/1
 * @content_length: -1 where the body comes in chunks
 * @keep_alive: the client would send another request
 */
typedef struct
{
  gchar *method;
  gchar *target;
  gchar *path;
  gchar *query;
  guint minor;
  gint64 content_length;
  gboolean expect_continue;
  gboolean keep_alive;
} H4HttpHead;

/* Size of the head that the data begins with, with its empty line; 0 where that
 * has not come. from: what was looked at before. */
gsize h4_http_head_find_end (const guint8 * data, gsize size, gsize from);

/* size: of the head, with its empty line. FALSE: H4_PROBLEM. */
gboolean h4_http_head_parse (H4HttpHead * head, const gchar * data,
    gsize size, GError ** error);
void h4_http_head_clear (H4HttpHead * head);

/* Whether a segment is `.` or `..`: no request comes to such a path. */
gboolean h4_http_path_has_dots (const gchar * path);

/* h4httpredact.c: a target for the log, with what cannot be a secret alone. */
gchar *h4_http_redact (const gchar * target);

G_END_DECLS

#endif
