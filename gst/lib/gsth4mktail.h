/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_TAIL_H__
#define __GST_H4MK_TAIL_H__

/* Private to the library: the chunks of a file's end that are made from what
 * the user gave. Each checks what a reader would refuse. */

#include "gsth4mkwriter.h"

G_BEGIN_DECLS

/* meta: the JSON text. */
gboolean gst_h4mk_put_meta (GByteArray * out, const GString * meta,
    GError ** error);
gboolean gst_h4mk_put_media_meta (GByteArray * out, gboolean masked,
    const GstH4mkTail * tail, GError ** error);
/* safe: JSON text of an object, or NULL for the default. */
gboolean gst_h4mk_put_safe (GByteArray * out, const gchar * safe,
    GError ** error);
gboolean gst_h4mk_put_attachment (GByteArray * out,
    const GstH4mkAttachment * attachment, GError ** error);

G_END_DECLS

#endif
