/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4mkchunk.h"
#include "gsth4bytes.h"

guint8 *
gst_h4mk_room (GByteArray * out, guint size)
{
  guint place = out->len;

  g_byte_array_set_size (out, place + size);
  return out->data + place;
}

guint8 *
gst_h4mk_put_chunk_header (guint8 * p, guint32 tag, guint32 size, guint32 crc)
{
  p = gst_h4_put_u32 (p, tag);
  p = gst_h4_put_u32 (p, size);
  return gst_h4_put_u32 (p, crc);
}

guint
gst_h4mk_chunk_begin (GByteArray * out)
{
  guint begin = out->len;

  gst_h4mk_room (out, GST_H4MK_CHUNK_HEADER_SIZE);
  return begin;
}

void
gst_h4mk_chunk_end (GByteArray * out, guint begin, guint32 tag)
{
  guint8 *header = out->data + begin;
  guint size = out->len - begin - GST_H4MK_CHUNK_HEADER_SIZE;

  gst_h4mk_put_chunk_header (header, tag, size,
      gst_h4mk_crc32 (header + GST_H4MK_CHUNK_HEADER_SIZE, size));
}

void
gst_h4mk_chunk_append (GByteArray * out, guint32 tag, const guint8 * payload,
    guint size)
{
  guint begin = gst_h4mk_chunk_begin (out);

  g_byte_array_append (out, payload, size);
  gst_h4mk_chunk_end (out, begin, tag);
}
