/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_HTTP_BODY_H__
#define __H4_HTTP_BODY_H__

/* Where a request's body ends: bytes as they come from the connection, to the
 * bytes of the body. */

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  H4_HTTP_BODY_LENGTH,
  H4_HTTP_BODY_SIZE,
  H4_HTTP_BODY_EXTENSION,
  H4_HTTP_BODY_SIZE_END,
  H4_HTTP_BODY_DATA,
  H4_HTTP_BODY_DATA_END,
  H4_HTTP_BODY_DATA_LF,
  H4_HTTP_BODY_TRAILER,
  H4_HTTP_BODY_TRAILER_LINE,
  H4_HTTP_BODY_TRAILER_LF,
  H4_HTTP_BODY_DONE
} H4HttpBodyState;

/**
 * H4HttpBody:
 * @left: of the body, or of a chunk
 * @total: bytes of the body so far
 * @overhead: bytes since the last ones of the body
 */
typedef struct
{
  H4HttpBodyState state;
  guint64 left;
  guint64 total;
  guint64 max;
  guint digits;
  gsize overhead;
} H4HttpBody;

/* length: -1: chunks. max: bytes that a body in chunks may have. */
void h4_http_body_init (H4HttpBody * body, gint64 length, guint64 max);
gboolean h4_http_body_is_done (const H4HttpBody * body);

/* Takes size bytes at data and puts in their place those that belong to the
 * body. used: what was taken, less than size only where the body has ended.
 * -1: H4_PROBLEM. */
gssize h4_http_body_decode (H4HttpBody * body, guint8 * data, gsize size,
    gsize * used, GError ** error);

G_END_DECLS

#endif
