/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_ERROR_H__
#define __GST_H4MK_ERROR_H__

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * GST_H4MK_ERROR:
 *
 * The domain of errors about a container's bytes. A read that fails keeps the
 * error of whoever read; one that must wait for data is
 * %G_IO_ERROR_WOULD_BLOCK.
 *
 * Since: 1.0
 */
#define GST_H4MK_ERROR (gst_h4mk_error_quark ())

/**
 * GstH4mkError:
 * @GST_H4MK_ERROR_FORMAT: not an H4MK file, or of another version
 * @GST_H4MK_ERROR_DAMAGED: bytes that no writer writes, or a hash, signature
 *   or checksum that does not hold
 * @GST_H4MK_ERROR_TRUNCATED: the file ends inside a chunk or before its VERI
 * @GST_H4MK_ERROR_LIMIT: more than a reader takes
 * @GST_H4MK_ERROR_UNSUPPORTED: needs a newer reader
 * @GST_H4MK_ERROR_INVALID: a writer was given what a file cannot hold
 * @GST_H4MK_ERROR_UNSIGNED: no trusted key signed it
 *
 * Since: 1.0
 */
typedef enum
{
  GST_H4MK_ERROR_FORMAT,
  GST_H4MK_ERROR_DAMAGED,
  GST_H4MK_ERROR_TRUNCATED,
  GST_H4MK_ERROR_LIMIT,
  GST_H4MK_ERROR_UNSUPPORTED,
  GST_H4MK_ERROR_INVALID,
  GST_H4MK_ERROR_UNSIGNED
} GstH4mkError;

GQuark gst_h4mk_error_quark (void);

gboolean gst_h4mk_error_get_place (const GError * error, guint32 * tag,
    guint64 * offset);

/* The message is completed with the chunk's tag and offset. Returns FALSE, so
 * that a parser can end in it. */
gboolean gst_h4mk_error_set (GError ** error, GstH4mkError code, guint32 tag,
    guint64 offset, const gchar * format, ...) G_GNUC_PRINTF (5, 6);

G_END_DECLS

#endif
