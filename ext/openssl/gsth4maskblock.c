/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4maskblock.h"

/* Piece by piece, so that a buffer of many memories is never joined. */
static gboolean
update_in_place (H4Mask * mask, GstBuffer * buffer, gsize left)
{
  guint i, n_memories = gst_buffer_n_memory (buffer);
  gboolean ok = TRUE;

  for (i = 0; ok && left > 0 && i < n_memories; i++) {
    GstMapInfo map;
    gsize n;

    if (!gst_buffer_map_range (buffer, i, 1, &map, GST_MAP_READWRITE))
      return FALSE;
    n = MIN (left, map.size);
    ok = h4_mask_update (mask, map.data, map.data, n);
    left -= n;
    gst_buffer_unmap (buffer, &map);
  }
  return ok && left == 0;
}

static gboolean
update_into (H4Mask * mask, GstBuffer * buffer, gsize left, guint8 * dst)
{
  guint i, n_memories = gst_buffer_n_memory (buffer);
  gboolean ok = TRUE;

  for (i = 0; ok && left > 0 && i < n_memories; i++) {
    GstMapInfo map;
    gsize n;

    if (!gst_buffer_map_range (buffer, i, 1, &map, GST_MAP_READ))
      return FALSE;
    n = MIN (left, map.size);
    ok = h4_mask_update (mask, map.data, dst, n);
    dst += n;
    left -= n;
    gst_buffer_unmap (buffer, &map);
  }
  return ok && left == 0;
}

static GstBuffer *
new_output (GstBuffer * buffer, gsize size)
{
  GstBuffer *out = gst_buffer_new_allocate (NULL, size, NULL);

  if (out)
    gst_buffer_copy_into (out, buffer, GST_BUFFER_COPY_METADATA, 0, -1);
  return out;
}

static gboolean
update_copy (H4Mask * mask, GstBuffer * buffer, gsize payload, GstBuffer * out)
{
  GstMapInfo map;
  gboolean ok;

  if (!gst_buffer_map (out, &map, GST_MAP_WRITE))
    return FALSE;
  ok = update_into (mask, buffer, payload, map.data);
  gst_buffer_unmap (out, &map);
  return ok;
}

static gboolean
append_tag (GstBuffer * buffer, const guint8 * tag, gsize tag_size)
{
  GstMemory *memory;

  if (tag_size == 0)
    return TRUE;
  memory = gst_allocator_alloc (NULL, tag_size, NULL);
  if (memory == NULL)
    return FALSE;
  gst_buffer_append_memory (buffer, memory);
  return gst_buffer_fill (buffer, gst_buffer_get_size (buffer) - tag_size, tag,
      tag_size) == tag_size;
}

static GstH4MaskBlockResult
mask_block (H4Mask * mask, GstBuffer * buffer, GstBuffer ** out)
{
  gsize tag_size = h4_mask_get_tag_size (mask);
  gsize size = gst_buffer_get_size (buffer);
  guint8 tag[H4_GCM_TAG_SIZE];

  if (*out == buffer) {
    if (!update_in_place (mask, buffer, size)
        || !h4_mask_finish (mask, tag) || !append_tag (buffer, tag, tag_size))
      return GST_H4_MASK_BLOCK_FAILED;
    return GST_H4_MASK_BLOCK_OK;
  }
  *out = new_output (buffer, size + tag_size);
  if (*out == NULL || !update_copy (mask, buffer, size, *out)
      || !h4_mask_finish (mask, tag)
      || gst_buffer_fill (*out, size, tag, tag_size) != tag_size)
    return GST_H4_MASK_BLOCK_FAILED;
  return GST_H4_MASK_BLOCK_OK;
}

static GstH4MaskBlockResult
unmask_block (H4Mask * mask, GstBuffer * buffer, GstBuffer ** out)
{
  gsize tag_size = h4_mask_get_tag_size (mask);
  gsize size = gst_buffer_get_size (buffer);
  guint8 tag[H4_GCM_TAG_SIZE];
  gboolean in_place = *out == buffer;

  if (size < tag_size)
    return GST_H4_MASK_BLOCK_SHORT;
  size -= tag_size;
  gst_buffer_extract (buffer, size, tag, tag_size);
  if (!in_place)
    *out = new_output (buffer, size);
  if (*out == NULL || !(in_place ? update_in_place (mask, buffer, size)
          : update_copy (mask, buffer, size, *out)))
    return GST_H4_MASK_BLOCK_FAILED;
  if (!h4_mask_finish (mask, tag))
    return GST_H4_MASK_BLOCK_BAD_TAG;
  if (in_place && tag_size > 0)
    gst_buffer_resize (buffer, 0, size);
  return GST_H4_MASK_BLOCK_OK;
}

/* gst_h4_mask_block_process:
 * @index: the block's number in its stream
 * @offset: where in the block @buffer begins; 0 with aes-256-gcm
 * @buffer: (transfer full): bytes of one block; changed in place where it is
 *   writable
 * @result: (out): what became of it
 *
 * Returns: (transfer full) (nullable): the masked or unmasked bytes. Nothing
 *   of a block whose tag is wrong is ever returned */
GstBuffer *
gst_h4_mask_block_process (H4Mask * mask, gboolean masking, guint64 index,
    guint64 offset, GstBuffer * buffer, GstH4MaskBlockResult * result)
{
  gboolean in_place = gst_buffer_is_writable (buffer)
      && (gst_buffer_n_memory (buffer) == 0
      || gst_buffer_is_all_memory_writable (buffer));
  GstBuffer *out = in_place ? buffer : NULL;

  if (masking ? !h4_mask_begin_mask (mask, index, offset)
      : !h4_mask_begin_unmask (mask, index, offset))
    *result = GST_H4_MASK_BLOCK_FAILED;
  else
    *result = masking ? mask_block (mask, buffer, &out)
        : unmask_block (mask, buffer, &out);

  if (*result != GST_H4_MASK_BLOCK_OK)
    gst_clear_buffer (&out);
  if (!in_place)
    gst_buffer_unref (buffer);
  return out;
}
