/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_TOKEN_H__
#define __GST_H4MK_TOKEN_H__

#include "gsth4mkformat.h"

G_BEGIN_DECLS

/**
 * GstH4mkToken:
 * @first_block: index in the whole file of the first block
 * @records: (element-type GstH4mkRecord): one a block
 * @refs: (element-type GstH4mkRef): in the first group of a span
 *
 * A TOKN chunk's content.
 *
 * Since: 1.0
 */
typedef struct
{
  guint64 first_block;
  GArray *records;
  GArray *refs;
} GstH4mkToken;

void gst_h4mk_token_init (GstH4mkToken * token);
void gst_h4mk_token_clear (GstH4mkToken * token);

#define gst_h4mk_token_record(token,i) \
    (&g_array_index ((token)->records, GstH4mkRecord, (i)))
#define gst_h4mk_token_ref(token,i) \
    (&g_array_index ((token)->refs, GstH4mkRef, (i)))

/* Appends a TOKN payload. FALSE where a difference leaves 64 bits. */
gboolean gst_h4mk_token_write (GByteArray * out, const GstH4mkToken * token);

/* Reads a TOKN payload into arrays that token keeps from call to call. */
gboolean gst_h4mk_token_read (GstH4mkToken * token, const guint8 * data,
    gsize size, GError ** error);

/* The first time among the records: pts, else dts. */
gboolean gst_h4mk_token_get_time (const GstH4mkToken * token, gint64 * time);

G_END_DECLS

#endif
