/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_SPANS_H__
#define __GST_H4MK_SPANS_H__

/* Private to the library: the index that a writer keeps: entries that wait for
 * a page, the root, and SEEK. */

#include "gsth4mkindex.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 n_spans;
  gint64 last_pts;
  GByteArray *waiting;
  GByteArray *root;
  GByteArray *seek;
  guint64 last_page;
} GstH4mkSpans;

void gst_h4mk_spans_init (GstH4mkSpans * spans);
void gst_h4mk_spans_clear (GstH4mkSpans * spans);

/* A span that was closed. Its pts is made to follow the one before.
 * block_bytes: bytes of blocks in the file before it. */
void gst_h4mk_spans_add (GstH4mkSpans * spans, GstH4mkSpan * span,
    guint64 block_bytes);

guint gst_h4mk_spans_get_waiting (const GstH4mkSpans * spans);
/* Appends the page of all that waits. */
void gst_h4mk_spans_put_page (GstH4mkSpans * spans, GByteArray * out);
/* Whether a page's payload is what the writer would write now. */
gboolean gst_h4mk_spans_is_page (const GstH4mkSpans * spans,
    const guint8 * payload, gsize size);
/* A page stands in the file: nothing waits any more. FALSE: no SHA-256. */
gboolean gst_h4mk_spans_page_written (GstH4mkSpans * spans, guint64 offset,
    const guint8 * chunk, gsize size);

void gst_h4mk_spans_put_seek (const GstH4mkSpans * spans, GByteArray * out);
void gst_h4mk_spans_put_root (const GstH4mkSpans * spans, GByteArray * out);

G_END_DECLS

#endif
