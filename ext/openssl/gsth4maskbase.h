/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_MASK_BASE_H__
#define __GST_H4_MASK_BASE_H__

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_H4_MASK_BASE (gst_h4_mask_base_get_type ())
G_DECLARE_DERIVABLE_TYPE (GstH4MaskBase, gst_h4_mask_base, GST, H4_MASK_BASE,
    GstElement)

/**
 * GstH4MaskBaseClass:
 * @unmask_only: whether the element unmasks, whatever comes in, and then goes
 *   on without a key
 */
struct _GstH4MaskBaseClass
{
  GstElementClass parent_class;

  gboolean unmask_only;
};

void gst_h4_mask_base_class_add_mode (GObjectClass * klass);
void gst_h4_mask_base_class_add_pads (GstElementClass * klass,
    GstCaps * sink_caps, GstCaps * src_caps);

G_END_DECLS

#endif
