/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_MASK_H__
#define __H4_MASK_H__

#include "h4gcm.h"
#include "h4keystream.h"
#include "h4maskkeys.h"

G_BEGIN_DECLS

typedef struct _H4Mask H4Mask;

H4Mask *h4_mask_new (H4MaskScheme scheme, const H4MaskKey * key,
    const guint8 * salt, gsize salt_size, GError ** error);
void h4_mask_free (H4Mask * mask);

H4MaskScheme h4_mask_get_scheme (const H4Mask * mask);
gsize h4_mask_get_tag_size (const H4Mask * mask);

gboolean h4_mask_count_next (guint64 * count, guint64 * index);
gboolean h4_mask_begin_mask (H4Mask * mask, guint64 index, guint64 offset);
gboolean h4_mask_begin_unmask (H4Mask * mask, guint64 index, guint64 offset);
gboolean h4_mask_update (H4Mask * mask, const guint8 * src, guint8 * dst,
    gsize size);
gboolean h4_mask_finish (H4Mask * mask, guint8 * tag);

G_END_DECLS

#endif
