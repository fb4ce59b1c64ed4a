/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_BLOCK_ADAPTER_H__
#define __GST_H4_BLOCK_ADAPTER_H__

#include <gst/base/gstadapter.h>

G_BEGIN_DECLS

/*
 * A GstAdapter for large blocks out of buffers of any size: buffers so small
 * that their overhead outweighs them are joined before they wait.
 */
typedef struct
{
  GstAdapter *blocks;
  GstAdapter *pieces;
} GstH4BlockAdapter;

void gst_h4_block_adapter_init (GstH4BlockAdapter * adapter);
void gst_h4_block_adapter_free (GstH4BlockAdapter * adapter);
void gst_h4_block_adapter_clear (GstH4BlockAdapter * adapter);

/* @buffer: (transfer full) */
void gst_h4_block_adapter_push (GstH4BlockAdapter * adapter,
    GstBuffer * buffer);

/* Returns: (transfer full): the next @size bytes, which must be there */
GstBuffer *gst_h4_block_adapter_take (GstH4BlockAdapter * adapter,
    gsize size);

G_END_DECLS

#endif
