/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_MASK_CAPS_H__
#define __GST_H4_MASK_CAPS_H__

#include "gsth4masksettings.h"

G_BEGIN_DECLS

#define GST_H4_MASK_CAPS_NAME "application/x-h4-masked"

/* What masked caps say. */
typedef struct
{
  H4MaskScheme scheme;
  GstH4MaskSalt salt;
  gchar *key_id;
} GstH4MaskInfo;

void gst_h4_mask_info_clear (GstH4MaskInfo * info);

gboolean gst_h4_mask_caps_is_masked (const GstCaps * caps);
GstCaps *gst_h4_mask_caps_mask (GstCaps * caps, const GstH4MaskInfo * info,
    GError ** error);
GstCaps *gst_h4_mask_caps_unmask (GstCaps * caps, GstH4MaskInfo * info,
    GError ** error);

GstCaps *gst_h4_mask_caps_all_masked (GstCaps * caps);
GstCaps *gst_h4_mask_caps_all_unmasked (GstCaps * caps);

G_END_DECLS

#endif
