/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4json.h"
#include "gsth4mkindex-private.h"

/* Blocks of the base profile have one size but the last, so that where one
 * stands is reckoned and then looked at. Where a file is otherwise, marks of
 * where blocks stand are made by going from header to header. */

#define DEFAULT_FPS 30.0
#define DEFAULT_GOP 30
#define MAX_MARKS 65536
#define VERI_CHUNK_SIZE (GST_H4MK_CHUNK_HEADER_SIZE + GST_H4MK_VERI_SIZE)
#define SEEK_ENTRY_SIZE 16

/* FALSE with no error: there is no chunk header there. */
static gboolean
peek_header (GstH4mkIndex * index, guint64 offset, GstH4mkChunkHeader * header,
    GError ** error)
{
  const guint8 *data;

  memset (header, 0, sizeof (*header));
  if (offset > index->file_size
      || index->file_size - offset < GST_H4MK_CHUNK_HEADER_SIZE)
    return FALSE;
  data = gst_h4mk_index_peek_next (index, offset, GST_H4MK_CHUNK_HEADER_SIZE,
      error);
  if (!data)
    return FALSE;
  gst_h4mk_chunk_header_read (header, data);
  return header->size <= gst_h4mk_chunk_limit (header->tag)
      && header->size <= index->file_size - offset - GST_H4MK_CHUNK_HEADER_SIZE;
}

static gboolean
is_block (GstH4mkIndex * index, guint64 offset, guint64 size,
    GstH4mkChunkHeader * header, GError ** error)
{
  return peek_header (index, offset, header, error)
      && header->tag == GST_H4MK_TAG_CORE && header->size == size;
}

/* From META on, chunk by chunk, to a VERI that ends the file. */
static gboolean
leads_to_veri (const guint8 * data, gsize size)
{
  GstH4mkChunkHeader header = { 0 };

  while (size >= GST_H4MK_CHUNK_HEADER_SIZE) {
    gst_h4mk_chunk_header_read (&header, data);
    if (header.size > size - GST_H4MK_CHUNK_HEADER_SIZE)
      return FALSE;
    data += GST_H4MK_CHUNK_HEADER_SIZE + header.size;
    size -= GST_H4MK_CHUNK_HEADER_SIZE + header.size;
  }
  return size == 0 && header.tag == GST_H4MK_TAG_VERI
      && header.size == GST_H4MK_VERI_SIZE;
}

static gboolean
take_meta (GstH4mkIndex * index, const guint8 * data, gsize size,
    guint64 offset)
{
  GstH4mkBase *base = &index->base;
  GstH4mkChunk chunk;

  if (!leads_to_veri (data, size)
      || !gst_h4mk_chunk_init (&chunk, data, offset, NULL)
      || !gst_h4mk_chunk_check (&chunk, GST_H4MK_PROFILE_BASE, NULL))
    return FALSE;
  index->meta = gst_h4_json_parse_object (chunk.payload, chunk.size, NULL);
  gst_h4mk_base_meta_read (&base->meta, index->meta, NULL);
  base->interval = gst_h4mk_base_interval (base->meta.fps_hint);
  base->has_timing = TRUE;
  base->meta_offset = offset;
  index->complete = TRUE;
  return TRUE;
}

/* The reference's META and SAFE are small; what stands before the last 64 KiB
 * is looked for by going from header to header. */
static gboolean
find_meta (GstH4mkIndex * index, GError ** error)
{
  gsize size = (gsize) MIN (index->file_size - GST_H4MK_HEADER_SIZE,
      GST_H4MK_READ_NORMAL), at;
  guint64 offset = index->file_size - size;
  const guint8 *data = gst_h4mk_index_peek (index, offset, size, 0, error);

  if (!data)
    return FALSE;
  for (at = size; at >= GST_H4MK_CHUNK_HEADER_SIZE; at--) {
    gsize i = at - GST_H4MK_CHUNK_HEADER_SIZE;

    if (memcmp (data + i, "META", 4) == 0
        && take_meta (index, data + i, size - i, offset + i))
      break;
  }
  return TRUE;
}

static void
set_defaults (GstH4mkIndex * index, guint64 block_size)
{
  GstH4mkBase *base = &index->base;

  base->meta.block_size = block_size;
  base->meta.fps_hint = DEFAULT_FPS;
  base->meta.gop = DEFAULT_GOP;
  base->meta.masked = FALSE;
  base->interval = gst_h4mk_base_interval (DEFAULT_FPS);
}

static guint64
get_step_offset (const GstH4mkBase * base, guint64 block)
{
  return GST_H4MK_HEADER_SIZE + block * base->stride;
}

/* Whether n blocks in step, the last one as it may be, end in the SEEK that
 * has an entry for each key block among them and ends at META. */
static gboolean
count_fits (GstH4mkIndex * index, guint64 n, GError ** error)
{
  GstH4mkBase *base = &index->base;
  guint64 keys = n / base->meta.gop + (n % base->meta.gop != 0);
  guint64 size = 4 + keys * SEEK_ENTRY_SIZE;
  guint64 seek, last;
  GstH4mkChunkHeader header;

  if (size + GST_H4MK_CHUNK_HEADER_SIZE > base->meta_offset)
    return FALSE;
  seek = base->meta_offset - GST_H4MK_CHUNK_HEADER_SIZE - size;
  if (!peek_header (index, seek, &header, error)
      || header.tag != GST_H4MK_TAG_SEEK || header.size != size)
    return FALSE;
  base->end = seek;
  if (n == 0)
    return seek == GST_H4MK_HEADER_SIZE;
  last = get_step_offset (base, n - 1);
  return last <= seek - MIN (seek, GST_H4MK_CHUNK_HEADER_SIZE)
      && seek - last - GST_H4MK_CHUNK_HEADER_SIZE <= base->meta.block_size
      && is_block (index, last, seek - last - GST_H4MK_CHUNK_HEADER_SIZE,
      &header, error);
}

/* Of n blocks and their share of SEEK the file's size tells the number, up to
 * what the last block lacks. */
static gboolean
reckon_blocks (GstH4mkIndex * index, GError ** error)
{
  GstH4mkBase *base = &index->base;
  guint64 n, room = base->meta_offset - GST_H4MK_HEADER_SIZE;
  gint i;

  base->stride = GST_H4MK_CHUNK_HEADER_SIZE + base->meta.block_size;
  n = (guint64) ((gdouble) room / ((gdouble) base->stride +
          (gdouble) SEEK_ENTRY_SIZE / base->meta.gop));
  for (i = -2; i <= 2; i++) {
    GError *inner = NULL;

    if (i < 0 && n < (guint64) - i)
      continue;
    if (count_fits (index, n + i, &inner)) {
      base->blocks = n + i;
      base->in_step = base->blocks > 0 ? base->blocks - 1 : 0;
      base->hop_block = base->in_step;
      base->hop_pos = get_step_offset (base, base->in_step);
      return TRUE;
    }
    if (inner) {
      g_propagate_error (error, inner);
      return FALSE;
    }
  }
  return TRUE;
}

/* In a cut file: how many blocks stand in step, by halving. */
static gboolean
search_in_step (GstH4mkIndex * index, GError ** error)
{
  GstH4mkBase *base = &index->base;
  GstH4mkChunkHeader header;
  GError *inner = NULL;

  if (base->high == 0)
    base->high = (index->file_size - GST_H4MK_HEADER_SIZE) / base->stride;
  while (base->low < base->high) {
    guint64 middle = base->low + (base->high - base->low + 1) / 2;

    if (is_block (index, get_step_offset (base, middle - 1),
            base->meta.block_size, &header, &inner)) {
      base->low = middle;
    } else if (inner) {
      g_propagate_error (error, inner);
      return FALSE;
    } else {
      base->high = middle - 1;
    }
  }
  base->in_step = base->low;
  base->hop_block = base->in_step;
  base->hop_pos = get_step_offset (base, base->in_step);
  return TRUE;
}

static void
add_mark (GstH4mkBase * base)
{
  GstH4mkBaseMark mark = { base->hop_block, base->hop_pos };
  GstH4mkBaseMark *marks;
  guint i;

  if (base->mark_interval == 0)
    base->mark_interval = 1;
  if ((base->hop_block - base->in_step) % base->mark_interval != 0)
    return;
  if (base->marks->len >= MAX_MARKS) {
    marks = (GstH4mkBaseMark *) (gpointer) base->marks->data;
    for (i = 0; 2 * i < MAX_MARKS; i++)
      marks[i] = marks[2 * i];
    g_array_set_size (base->marks, i);
    base->mark_interval *= 2;
  }
  g_array_append_val (base->marks, mark);
}

/* Chunks whose tag a base reader does not know are skipped. */
static gboolean
is_skipped (guint32 tag)
{
  return gst_h4mk_tag_is_sound (tag) && (!gst_h4mk_tag_is_known (tag)
      || tag == GST_H4MK_TAG_ATTA);
}

static gboolean
hop_blocks (GstH4mkIndex * index, GError ** error)
{
  GstH4mkBase *base = &index->base;
  GstH4mkChunkHeader header;
  GError *inner = NULL;

  while (peek_header (index, base->hop_pos, &header, &inner)
      && (header.tag == GST_H4MK_TAG_CORE || is_skipped (header.tag))) {
    if (header.tag == GST_H4MK_TAG_CORE) {
      add_mark (base);
      base->hop_block++;
    }
    base->hop_pos += GST_H4MK_CHUNK_HEADER_SIZE + (guint64) header.size;
  }
  if (inner) {
    g_propagate_error (error, inner);
    return FALSE;
  }
  base->blocks = base->hop_block;
  base->end = base->hop_pos;
  return TRUE;
}

static gboolean
enter_base (GstH4mkIndex * index, GError ** error)
{
  GstH4mkBase *base = &index->base;
  GstH4mkChunkHeader header;
  GError *inner = NULL;

  if (!index->complete && !find_meta (index, error))
    return FALSE;
  base->hop_pos = MAX (base->hop_pos, GST_H4MK_HEADER_SIZE);
  if (index->complete) {
    if (base->hop_block == 0 && !reckon_blocks (index, error))
      return FALSE;
  } else if (!base->entered) {
    peek_header (index, GST_H4MK_HEADER_SIZE, &header, &inner);
    if (inner) {
      g_propagate_error (error, inner);
      return FALSE;
    }
    set_defaults (index, header.tag == GST_H4MK_TAG_CORE ? header.size : 0);
    base->stride = GST_H4MK_CHUNK_HEADER_SIZE + base->meta.block_size;
    if (header.tag == GST_H4MK_TAG_CORE && !search_in_step (index, error))
      return FALSE;
  }
  base->entered = TRUE;
  return TRUE;
}

gboolean
gst_h4mk_index_open_base (GstH4mkIndex * index, GError ** error)
{
  if (!(index->complete && index->base.entered)
      && !enter_base (index, error))
    return FALSE;
  if (!hop_blocks (index, error))
    return FALSE;
  index->phase = GST_H4MK_PHASE_DONE;
  return TRUE;
}

/**
 * gst_h4mk_index_get_base_timing:
 * @index: an index of a file of the base profile that was opened
 * @block_size: (out) (optional): bytes of each block but the last
 * @fps_hint: (out) (optional): blocks a second
 * @gop: (out) (optional): a key block is one of so many
 *
 * Gets what META says; where the file was cut off before it, the first
 * block's size, 30.0 and 30.
 *
 * Returns: whether META says so
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_index_get_base_timing (GstH4mkIndex * index, guint64 * block_size,
    gdouble * fps_hint, guint * gop)
{
  if (block_size)
    *block_size = index->base.meta.block_size;
  if (fps_hint)
    *fps_hint = index->base.meta.fps_hint;
  if (gop)
    *gop = index->base.meta.gop;
  return index->base.has_timing;
}

guint64
gst_h4mk_index_get_base_spans (GstH4mkIndex * index)
{
  guint gop = MAX (index->base.meta.gop, 1);

  return index->base.blocks / gop + (index->base.blocks % gop != 0);
}

gboolean
gst_h4mk_index_get_base_span (GstH4mkIndex * index, guint64 number,
    GstH4mkSpan * span, GError ** error)
{
  const GstH4mkBase *base = &index->base;
  guint64 size;

  memset (span, 0, sizeof (*span));
  span->number = number;
  span->first_block = number * base->meta.gop;
  span->blocks = MIN (base->blocks - span->first_block, base->meta.gop);
  span->flags = 1;
  span->pts = G_MININT64;
  if (base->has_timing && span->first_block <= G_MAXINT64
      && __builtin_mul_overflow ((gint64) span->first_block, base->interval,
          &span->pts))
    span->pts = G_MAXINT64;
  return gst_h4mk_index_get_base_block (index, span->first_block,
      &span->offset, &size, error);
}

/* The blocks were not in step after all: make marks from the first one on. */
static gboolean
hop_from_start (GstH4mkIndex * index, GError ** error)
{
  GstH4mkBase *base = &index->base;

  if (base->in_step > 0) {
    base->in_step = 0;
    base->hop_block = 0;
    base->hop_pos = GST_H4MK_HEADER_SIZE;
    g_array_set_size (base->marks, 0);
  }
  return hop_blocks (index, error);
}

static gboolean
hop_to_block (GstH4mkIndex * index, guint64 block, guint64 * offset,
    GstH4mkChunkHeader * header, GError ** error)
{
  GstH4mkBase *base = &index->base;
  const GstH4mkBaseMark *mark;
  guint64 at, pos;
  GError *inner = NULL;
  guint i = (guint) ((block - base->in_step) / MAX (base->mark_interval, 1));

  if (block < base->in_step || i >= base->marks->len)
    return FALSE;
  mark = &g_array_index (base->marks, GstH4mkBaseMark, i);
  at = mark->block;
  pos = mark->offset;
  while (peek_header (index, pos, header, &inner)) {
    if (header->tag == GST_H4MK_TAG_CORE && at++ == block) {
      *offset = pos;
      return TRUE;
    }
    pos += GST_H4MK_CHUNK_HEADER_SIZE + (guint64) header->size;
  }
  if (inner)
    g_propagate_error (error, inner);
  return FALSE;
}

/**
 * gst_h4mk_index_get_base_block:
 * @index: an index of a file of the base profile that was opened
 * @block: number of a block
 * @offset: (out): of its chunk
 * @size: (out): bytes of its payload
 * @error: of reading, or %G_IO_ERROR_NOT_FOUND
 *
 * Returns: %FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_index_get_base_block (GstH4mkIndex * index, guint64 block,
    guint64 * offset, guint64 * size, GError ** error)
{
  GstH4mkBase *base = &index->base;
  GstH4mkChunkHeader header = { 0 };
  GError *inner = NULL;
  gboolean found;

  found = block < base->blocks;
  if (found && block < base->in_step) {
    *offset = get_step_offset (base, block);
    found = is_block (index, *offset, base->meta.block_size, &header, &inner);
    if (!found && !inner && hop_from_start (index, &inner))
      found = hop_to_block (index, block, offset, &header, &inner);
  } else if (found) {
    found = hop_to_block (index, block, offset, &header, &inner);
  }
  if (inner) {
    g_propagate_error (error, inner);
    return FALSE;
  }
  if (!found)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
        "there is no block %" G_GUINT64_FORMAT, block);
  *size = header.size;
  return found;
}
