/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <libdeflate.h>

#include "gsth4mkformat.h"

/**
 * gst_h4mk_record_get_time:
 * @record: a record
 * @time: (out): ns
 *
 * Gets what blocks are ordered by: the dts, else the pts.
 *
 * Returns: %FALSE where the record has neither
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_record_get_time (const GstH4mkRecord * record, gint64 * time)
{
  if (record->flags & GST_H4MK_RECORD_HAS_DTS)
    *time = record->dts;
  else if (!(record->flags & GST_H4MK_RECORD_NO_PTS))
    *time = record->pts;
  else
    return FALSE;
  return TRUE;
}

/**
 * gst_h4mk_crc32:
 * @data: (array length=size): bytes
 * @size: how many
 *
 * Returns: the IEEE CRC-32 of @data, as zlib and PNG have it
 *
 * Since: 1.0
 */
guint32
gst_h4mk_crc32 (const guint8 * data, gsize size)
{
  return libdeflate_crc32 (0, data, size);
}

/**
 * gst_h4mk_tag_to_string: (skip)
 * @tag: a chunk's tag
 * @text: (out caller-allocates): four characters; '?' for what cannot be
 *   printed
 *
 * Since: 1.0
 */
void
gst_h4mk_tag_to_string (guint32 tag, gchar text[5])
{
  gint i;

  for (i = 0; i < 4; i++) {
    gchar c = (gchar) (tag >> (24 - 8 * i));
    text[i] = g_ascii_isgraph (c) ? c : '?';
  }
  text[4] = '\0';
}
