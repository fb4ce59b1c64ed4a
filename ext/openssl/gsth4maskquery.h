/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_MASK_QUERY_H__
#define __GST_H4_MASK_QUERY_H__

#include "gsth4maskstream.h"

G_BEGIN_DECLS

gboolean gst_h4_mask_shape_can_pull (const GstH4MaskShape * shape);
gboolean gst_h4_mask_query_sink (GstPad * pad, GstPad * srcpad,
    GstH4MaskMode mode, GstQuery * query);
gboolean gst_h4_mask_query_src (GstPad * pad, GstPad * sinkpad,
    GstH4MaskMode mode, const GstH4MaskShape * shape, GstQuery * query);

G_END_DECLS

#endif
