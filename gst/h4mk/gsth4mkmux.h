/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_MUX_H__
#define __GST_H4MK_MUX_H__

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_H4MK_MUX (gst_h4mk_mux_get_type ())
G_DECLARE_FINAL_TYPE (GstH4MkMux, gst_h4mk_mux, GST, H4MK_MUX, GstElement)

GST_ELEMENT_REGISTER_DECLARE (h4mkmux);

G_END_DECLS

#endif
