/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4bytes.h"

void
gst_h4_reader_init (GstH4Reader * reader, const guint8 * data, gsize size)
{
  reader->data = data;
  reader->size = size;
  reader->pos = 0;
}

gsize
gst_h4_reader_left (const GstH4Reader * reader)
{
  return reader->size - reader->pos;
}

gboolean
gst_h4_reader_bytes (GstH4Reader * reader, gsize size, const guint8 ** data)
{
  if (size > reader->size - reader->pos)
    return FALSE;
  *data = reader->data + reader->pos;
  reader->pos += size;
  return TRUE;
}

gboolean
gst_h4_reader_u8 (GstH4Reader * reader, guint8 * value)
{
  const guint8 *p;

  if (!gst_h4_reader_bytes (reader, 1, &p))
    return FALSE;
  *value = *p;
  return TRUE;
}

gboolean
gst_h4_reader_u16 (GstH4Reader * reader, guint16 * value)
{
  const guint8 *p;

  if (!gst_h4_reader_bytes (reader, 2, &p))
    return FALSE;
  memcpy (value, p, 2);
  *value = GUINT16_FROM_BE (*value);
  return TRUE;
}

gboolean
gst_h4_reader_u32 (GstH4Reader * reader, guint32 * value)
{
  const guint8 *p;

  if (!gst_h4_reader_bytes (reader, 4, &p))
    return FALSE;
  memcpy (value, p, 4);
  *value = GUINT32_FROM_BE (*value);
  return TRUE;
}

gboolean
gst_h4_reader_u64 (GstH4Reader * reader, guint64 * value)
{
  const guint8 *p;

  if (!gst_h4_reader_bytes (reader, 8, &p))
    return FALSE;
  memcpy (value, p, 8);
  *value = GUINT64_FROM_BE (*value);
  return TRUE;
}

gboolean
gst_h4_reader_varint (GstH4Reader * reader, guint64 * value)
{
  const guint8 *p = reader->data + reader->pos;
  gsize left = reader->size - reader->pos;
  guint64 result = 0;
  guint i;

  for (i = 0; i < left && i < GST_H4_VARINT_MAX; i++) {
    guint64 bits = p[i] & 0x7f;

    /* the tenth byte holds the last of 64 bits */
    if (i == GST_H4_VARINT_MAX - 1 && p[i] > 1)
      return FALSE;
    result |= bits << (7 * i);
    if (p[i] < 0x80) {
      /* a last byte of zero says nothing: not the shortest form */
      if (p[i] == 0 && i > 0)
        return FALSE;
      reader->pos += i + 1;
      *value = result;
      return TRUE;
    }
  }
  return FALSE;
}

gboolean
gst_h4_reader_svarint (GstH4Reader * reader, gint64 * value)
{
  guint64 u;

  if (!gst_h4_reader_varint (reader, &u))
    return FALSE;
  *value = (gint64) (u >> 1) ^ -(gint64) (u & 1);
  return TRUE;
}

guint8 *
gst_h4_put_u16 (guint8 * p, guint16 value)
{
  value = GUINT16_TO_BE (value);
  memcpy (p, &value, 2);
  return p + 2;
}

guint8 *
gst_h4_put_u32 (guint8 * p, guint32 value)
{
  value = GUINT32_TO_BE (value);
  memcpy (p, &value, 4);
  return p + 4;
}

guint8 *
gst_h4_put_u64 (guint8 * p, guint64 value)
{
  value = GUINT64_TO_BE (value);
  memcpy (p, &value, 8);
  return p + 8;
}

guint8 *
gst_h4_put_varint (guint8 * p, guint64 value)
{
  while (value >= 0x80) {
    *p++ = (guint8) (value | 0x80);
    value >>= 7;
  }
  *p++ = (guint8) value;
  return p;
}

guint8 *
gst_h4_put_svarint (guint8 * p, gint64 value)
{
  return gst_h4_put_varint (p,
      ((guint64) value << 1) ^ (guint64) (value >> 63));
}

gchar *
gst_h4_hex (const guint8 * data, gsize size)
{
  static const gchar digits[] = "0123456789abcdef";
  gchar *text = g_malloc (2 * size + 1);
  gsize i;

  for (i = 0; i < size; i++) {
    text[2 * i] = digits[data[i] >> 4];
    text[2 * i + 1] = digits[data[i] & 15];
  }
  text[2 * size] = '\0';
  return text;
}

gboolean
gst_h4_unhex (const gchar * text, guint8 * data, gsize size)
{
  gsize i;

  for (i = 0; i < size; i++) {
    gint high = g_ascii_xdigit_value (text[2 * i]);
    gint low = high < 0 ? -1 : g_ascii_xdigit_value (text[2 * i + 1]);

    if (low < 0)
      return FALSE;
    data[i] = (guint8) (high << 4 | low);
  }
  return text[2 * size] == '\0';
}
