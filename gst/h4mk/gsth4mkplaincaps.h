/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_PLAIN_CAPS_H__
#define __GST_H4MK_PLAIN_CAPS_H__

#include <gst/gst.h>

G_BEGIN_DECLS

/* A file holds caps of plain types only. Flag sets, which raw and encoded
 * video has, are stored as strings, "(type)value", and made flag sets again.
 * Both change fixed, writable caps in place. */
void gst_h4mk_caps_to_plain (GstCaps * caps);
void gst_h4mk_caps_from_plain (GstCaps * caps);

G_END_DECLS

#endif
