/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4blockadapter.h"

#define PIECE_SIZE 4096

void
gst_h4_block_adapter_init (GstH4BlockAdapter * adapter)
{
  adapter->blocks = gst_adapter_new ();
  adapter->pieces = gst_adapter_new ();
}

void
gst_h4_block_adapter_free (GstH4BlockAdapter * adapter)
{
  g_clear_object (&adapter->blocks);
  g_clear_object (&adapter->pieces);
}

void
gst_h4_block_adapter_clear (GstH4BlockAdapter * adapter)
{
  gst_adapter_clear (adapter->blocks);
  gst_adapter_clear (adapter->pieces);
}

static void
gst_h4_block_adapter_join_pieces (GstH4BlockAdapter * adapter)
{
  gsize size = gst_adapter_available (adapter->pieces);

  if (size > 0)
    gst_adapter_push (adapter->blocks,
        gst_adapter_take_buffer (adapter->pieces, size));
}

void
gst_h4_block_adapter_push (GstH4BlockAdapter * adapter, GstBuffer * buffer)
{
  if (gst_buffer_get_size (buffer) >= PIECE_SIZE) {
    gst_h4_block_adapter_join_pieces (adapter);
    gst_adapter_push (adapter->blocks, buffer);
    return;
  }

  gst_adapter_push (adapter->pieces, buffer);
  if (gst_adapter_available (adapter->pieces) >= PIECE_SIZE)
    gst_h4_block_adapter_join_pieces (adapter);
}

GstBuffer *
gst_h4_block_adapter_take (GstH4BlockAdapter * adapter, gsize size)
{
  gst_h4_block_adapter_join_pieces (adapter);
  return gst_adapter_take_buffer (adapter->blocks, size);
}
