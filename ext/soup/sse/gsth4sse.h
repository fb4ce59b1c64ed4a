/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_SSE_H__
#define __GST_H4_SSE_H__

#include <gst/base/gstbasesink.h>

G_BEGIN_DECLS

#define GST_TYPE_H4_SSE (gst_h4_sse_get_type ())
G_DECLARE_FINAL_TYPE (GstH4Sse, gst_h4_sse, GST, H4_SSE, GstBaseSink)

GST_ELEMENT_REGISTER_DECLARE (h4sse);

G_END_DECLS

#endif
