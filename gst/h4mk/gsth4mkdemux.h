/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_DEMUX_H__
#define __GST_H4MK_DEMUX_H__

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_H4MK_DEMUX (gst_h4mk_demux_get_type ())
G_DECLARE_FINAL_TYPE (GstH4MkDemux, gst_h4mk_demux, GST, H4MK_DEMUX, GstElement)

GST_ELEMENT_REGISTER_DECLARE (h4mkdemux);
GST_TYPE_FIND_REGISTER_DECLARE (h4mk);

G_END_DECLS

#endif
