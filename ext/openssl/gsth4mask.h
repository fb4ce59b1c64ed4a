/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_MASK_H__
#define __GST_H4_MASK_H__

#include "gsth4maskbase.h"

G_BEGIN_DECLS

#define GST_TYPE_H4_MASK (gst_h4_mask_get_type ())
G_DECLARE_FINAL_TYPE (GstH4Mask, gst_h4_mask, GST, H4_MASK, GstH4MaskBase)

#define GST_TYPE_H4_UNMASK (gst_h4_unmask_get_type ())
G_DECLARE_FINAL_TYPE (GstH4Unmask, gst_h4_unmask, GST, H4_UNMASK,
    GstH4MaskBase)

GST_ELEMENT_REGISTER_DECLARE (h4mask);
GST_ELEMENT_REGISTER_DECLARE (h4unmask);

G_END_DECLS

#endif
