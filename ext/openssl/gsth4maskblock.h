/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_MASK_BLOCK_H__
#define __GST_H4_MASK_BLOCK_H__

#include <gst/gst.h>
#include "h4mask.h"

G_BEGIN_DECLS

typedef enum
{
  GST_H4_MASK_BLOCK_OK,
  GST_H4_MASK_BLOCK_SHORT,      /* no room for a tag */
  GST_H4_MASK_BLOCK_BAD_TAG,
  GST_H4_MASK_BLOCK_FAILED      /* no memory, too large, OpenSSL */
} GstH4MaskBlockResult;

GstBuffer *gst_h4_mask_block_process (H4Mask * mask, gboolean masking,
    guint64 index, guint64 offset, GstBuffer * buffer,
    GstH4MaskBlockResult * result);

G_END_DECLS

#endif
