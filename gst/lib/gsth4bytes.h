/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_BYTES_H__
#define __GST_H4_BYTES_H__

/* Private to the library: bounded reading and plain writing of the integers
 * that the container is made of. */

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  const guint8 *data;
  gsize size;
  gsize pos;
} GstH4Reader;

void gst_h4_reader_init (GstH4Reader * reader, const guint8 * data, gsize size);
gsize gst_h4_reader_left (const GstH4Reader * reader);
gboolean gst_h4_reader_u8 (GstH4Reader * reader, guint8 * value);
gboolean gst_h4_reader_u16 (GstH4Reader * reader, guint16 * value);
gboolean gst_h4_reader_u32 (GstH4Reader * reader, guint32 * value);
gboolean gst_h4_reader_u64 (GstH4Reader * reader, guint64 * value);
/* Shortest form only. */
gboolean gst_h4_reader_varint (GstH4Reader * reader, guint64 * value);
gboolean gst_h4_reader_svarint (GstH4Reader * reader, gint64 * value);
gboolean gst_h4_reader_bytes (GstH4Reader * reader, gsize size,
    const guint8 ** data);

/* To memory that the caller has made large enough; they return its end. */
#define GST_H4_VARINT_MAX 10
guint8 *gst_h4_put_u16 (guint8 * p, guint16 value);
guint8 *gst_h4_put_u32 (guint8 * p, guint32 value);
guint8 *gst_h4_put_u64 (guint8 * p, guint64 value);
guint8 *gst_h4_put_varint (guint8 * p, guint64 value);
guint8 *gst_h4_put_svarint (guint8 * p, gint64 value);

/* Sums and differences that must stay within 64 bits. */
#define gst_h4_add_i64(a,b,result) (!__builtin_add_overflow ((gint64) (a), (gint64) (b), result))
#define gst_h4_sub_i64(a,b,result) (!__builtin_sub_overflow ((gint64) (a), (gint64) (b), result))
#define gst_h4_add_u64(a,b,result) (!__builtin_add_overflow ((guint64) (a), (guint64) (b), result))

gchar *gst_h4_hex (const guint8 * data, gsize size);
/* Exactly size bytes from twice as many digits, either case. */
gboolean gst_h4_unhex (const gchar * text, guint8 * data, gsize size);

G_END_DECLS

#endif
