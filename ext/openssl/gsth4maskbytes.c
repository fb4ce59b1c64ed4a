/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gst/lib/gsth4-i18n.h"
#include "gst/lib/gsth4meta.h"
#include "gsth4maskstream.h"

GST_DEBUG_CATEGORY_EXTERN (gst_h4_mask_debug);
#define GST_CAT_DEFAULT gst_h4_mask_debug

/* gst_h4_mask_bytes_masked_size:
 * @size: of a stream of blocks of @block_size
 *
 * Returns: its size masked with aes-256-gcm, G_MAXUINT64 where that is past
 *   all counting */
guint64
gst_h4_mask_bytes_masked_size (gsize block_size, guint64 size)
{
  guint64 n_blocks = size / block_size + (size % block_size > 0);

  if (n_blocks > (G_MAXUINT64 - size) / H4_GCM_TAG_SIZE)
    return G_MAXUINT64;
  return size + n_blocks * H4_GCM_TAG_SIZE;
}

/* gst_h4_mask_bytes_unmasked_size:
 * @size: of a stream masked with aes-256-gcm in blocks of @block_size
 *
 * Returns: its size unmasked */
guint64
gst_h4_mask_bytes_unmasked_size (gsize block_size, guint64 size)
{
  gsize masked_block = block_size + H4_GCM_TAG_SIZE;
  gsize rest = size % masked_block;

  return size / masked_block * block_size
      + (rest > H4_GCM_TAG_SIZE ? rest - H4_GCM_TAG_SIZE : 0);
}

static gboolean
is_gcm (GstH4MaskStream * stream)
{
  return h4_mask_get_scheme (stream->mask) == H4_MASK_SCHEME_AES_256_GCM;
}

/* Of a whole block as it comes in. */
static gsize
in_block_size (GstH4MaskStream * stream)
{
  gsize size = stream->settings.block_size;

  return is_gcm (stream) && !stream->masking ? size + H4_GCM_TAG_SIZE : size;
}

static GstBuffer *
take_piece (GstH4MaskStream * stream, gsize size)
{
  guint64 pts_distance, dts_distance;
  GstClockTime pts = gst_adapter_prev_pts (stream->adapter, &pts_distance);
  GstClockTime dts = gst_adapter_prev_dts (stream->adapter, &dts_distance);
  GstBuffer *buffer = gst_adapter_take_buffer (stream->adapter, size);

  buffer = gst_buffer_make_writable (buffer);
  GST_BUFFER_PTS (buffer) = pts_distance == 0 ? pts : GST_CLOCK_TIME_NONE;
  GST_BUFFER_DTS (buffer) = dts_distance == 0 ? dts : GST_CLOCK_TIME_NONE;
  GST_BUFFER_DURATION (buffer) = GST_CLOCK_TIME_NONE;
  return buffer;
}

/* While aes-256-gcm masks, the number comes from a count that never goes
 * back; else from where in the stream the block stands. */
static gboolean
find_block (GstH4MaskStream * stream, guint64 * index, guint64 * offset)
{
  gsize size = in_block_size (stream);

  *index = stream->in_offset / size;
  *offset = stream->in_offset % size;
  if (stream->masking && is_gcm (stream))
    return gst_h4_mask_stream_take_index (stream, index);
  if (!stream->masking && !stream->unmask_index_known) {
    GST_ELEMENT_ERROR (stream->element, STREAM, DECRYPT,
        (_("After a seek the number of a masked block is not known.")),
        ("the segment after a flush is not in bytes"));
    return FALSE;
  }
  return TRUE;
}

/* A seek leads to whole blocks, of which no more goes out than was sought. */
static void
clip (GstH4MaskStream * stream, GstBuffer * buffer)
{
  gsize size = gst_buffer_get_size (buffer), n = MIN (stream->skip, size);

  stream->skip -= n;
  size -= n;
  if (size > stream->stop - stream->out_offset)
    size = stream->stop - stream->out_offset;
  if (size < gst_buffer_get_size (buffer))
    gst_buffer_resize (buffer, n, size);
}

static GstFlowReturn
push_piece (GstH4MaskStream * stream, gsize size)
{
  guint64 index, offset;
  GstBuffer *buffer;

  if (stream->out_offset >= stream->stop)
    return GST_FLOW_EOS;
  if (!find_block (stream, &index, &offset))
    return GST_FLOW_ERROR;
  buffer = take_piece (stream, size);
  stream->in_offset += size;
  buffer = gst_h4_mask_stream_process (stream, index, offset, buffer);
  if (buffer == NULL)
    return GST_FLOW_ERROR;

  /* A part of a block has no number of its own. */
  if (stream->masking && offset == 0)
    gst_buffer_add_h4_block_meta (buffer, index, GST_H4_KIND_I,
        gst_buffer_get_size (buffer));
  clip (stream, buffer);
  GST_BUFFER_OFFSET (buffer) = stream->out_offset;
  stream->out_offset += gst_buffer_get_size (buffer);
  GST_BUFFER_OFFSET_END (buffer) = stream->out_offset;
  return gst_pad_push (stream->srcpad, buffer);
}

/* gst_h4_mask_bytes_push:
 * @draining: whether the last block, although short, goes out too
 *
 * Pushes what whole blocks have gathered. */
GstFlowReturn
gst_h4_mask_bytes_push (GstH4MaskStream * stream, gboolean draining)
{
  GstFlowReturn flow = GST_FLOW_OK;
  gsize available, size;

  while (flow == GST_FLOW_OK && stream->cut && stream->mask) {
    available = gst_adapter_available (stream->adapter);
    size = in_block_size (stream);
    size -= stream->in_offset % size;
    if (available == 0 || (available < size && !draining))
      break;
    flow = push_piece (stream, MIN (available, size));
  }
  if (draining)
    gst_adapter_clear (stream->adapter);
  return flow;
}

/* gst_h4_mask_bytes_end:
 *
 * Ends the stream although more comes, which is not part of it.
 *
 * Returns: FALSE, with an error posted, where the last block would be short
 *   and nobody could unmask what follows it */
gboolean
gst_h4_mask_bytes_end (GstH4MaskStream * stream)
{
  gsize rest = gst_adapter_available (stream->adapter);

  if (rest > 0 && stream->cut && stream->masking && is_gcm (stream)) {
    GST_ELEMENT_ERROR (stream->element, STREAM, ENCODE,
        (_("The stream changes its caps in the middle of a block.")),
        ("%" G_GSIZE_FORMAT " bytes of a block of %" G_GSIZE_FORMAT, rest,
            in_block_size (stream)));
    return FALSE;
  }
  gst_h4_mask_bytes_push (stream, TRUE);
  return TRUE;
}

static void
set_sought (GstH4MaskStream * stream, guint64 start, guint64 stop)
{
  GST_OBJECT_LOCK (stream->element);
  stream->sought = start;
  stream->sought_stop = stop;
  GST_OBJECT_UNLOCK (stream->element);
}

/* How much of the block that a seek led to lies before what it sought, and
 * where what it sought ends. */
static void
take_sought (GstH4MaskStream * stream, guint64 index)
{
  guint64 sought, stop;

  GST_OBJECT_LOCK (stream->element);
  sought = stream->sought;
  stop = stream->sought_stop;
  stream->sought = GST_BUFFER_OFFSET_NONE;
  GST_OBJECT_UNLOCK (stream->element);
  stream->skip = 0;
  if (sought != GST_BUFFER_OFFSET_NONE
      && sought / stream->settings.block_size == index) {
    stream->skip = sought % stream->settings.block_size;
    stream->stop = stop;
  }
}

static gboolean
is_sought (GstH4MaskStream * stream)
{
  gboolean sought;

  GST_OBJECT_LOCK (stream->element);
  sought = stream->sought != GST_BUFFER_OFFSET_NONE;
  GST_OBJECT_UNLOCK (stream->element);
  return sought;
}

/* gst_h4_mask_bytes_goes_on:
 * @segment: what comes next
 *
 * A block that lies on both sides stays one: a short one in mid-stream would
 * be looked for elsewhere when it is unmasked. What aes-256-gcm masks is one
 * stream wherever its bytes come from.
 *
 * Returns: whether @segment begins where the bytes so far end */
gboolean
gst_h4_mask_bytes_goes_on (GstH4MaskStream * stream, const GstSegment * segment)
{
  guint64 end = stream->in_offset + gst_adapter_available (stream->adapter);

  if (!stream->cut || stream->mask == NULL || stream->flushed)
    return FALSE;
  if (stream->masking && is_gcm (stream))
    return TRUE;
  if (segment->format != GST_FORMAT_BYTES)
    return stream->masking;
  return segment->start == end && !is_sought (stream);
}

static gboolean
find_start (GstH4MaskStream * stream, guint64 start)
{
  gsize size = in_block_size (stream);

  /* What waits began before @start, and goes on there. */
  if (gst_adapter_available (stream->adapter) > 0)
    return TRUE;
  if (!is_gcm (stream)) {
    stream->in_offset = stream->out_offset = start;
  } else if (stream->masking) {
    stream->in_offset = 0;
  } else if (start % size == 0) {
    stream->in_offset = start;
    take_sought (stream, start / size);
    stream->out_offset = start / size * stream->settings.block_size
        + stream->skip;
  } else {
    GST_ELEMENT_ERROR (stream->element, STREAM, DECRYPT,
        (_("The stream begins in the middle of a masked block.")),
        ("segment start %" G_GUINT64_FORMAT ", masked blocks of %"
            G_GSIZE_FORMAT, start, size));
    return FALSE;
  }
  return TRUE;
}

/* Where the blocks of a segment end, as far as it says so. */
static guint64
find_stop (GstH4MaskStream * stream, guint64 stop)
{
  if (stream->masking || stop == GST_BUFFER_OFFSET_NONE)
    return GST_BUFFER_OFFSET_NONE;
  return gst_h4_mask_bytes_unmasked_size (stream->settings.block_size, stop);
}

static gboolean
begin_at (GstH4MaskStream * stream, GstSegment * segment)
{
  if (!find_start (stream, segment->start))
    return FALSE;
  if (is_gcm (stream) || segment->start != stream->out_offset)
    segment->start = segment->position = segment->time = stream->out_offset;
  if (is_gcm (stream)) {
    stream->stop = MIN (stream->stop, find_stop (stream, segment->stop));
    segment->stop = stream->stop;
    segment->duration = -1;
  }
  return TRUE;
}

/* gst_h4_mask_bytes_segment:
 * @segment: (inout): what came in, then what goes out
 *
 * Returns: FALSE, with an error posted, where a stream cannot begin there */
gboolean
gst_h4_mask_bytes_segment (GstH4MaskStream * stream, GstSegment * segment)
{
  gsize size = in_block_size (stream), rest = stream->in_offset % size;

  stream->stop = GST_BUFFER_OFFSET_NONE;
  if (segment->format == GST_FORMAT_BYTES) {
    stream->unmask_index_known = TRUE;
    return begin_at (stream, segment);
  }
  if (!stream->masking)
    stream->in_offset = 0;
  else if (rest > 0 && gst_adapter_available (stream->adapter) == 0)
    stream->in_offset += size - rest;   /* with a block of its own */
  return TRUE;
}

/* Where as many masked blocks end, -1 where that is past all counting. */
static gint64
masked_end (const GstH4MaskShape * shape, guint64 n_blocks)
{
  gint64 size = (gint64) shape->block_size + H4_GCM_TAG_SIZE;

  if (n_blocks > (guint64) (G_MAXINT64 / size))
    return -1;
  return n_blocks * size;
}

/* Where a seek ends in what goes out: without a stop of its own, where the
 * last one did. */
static gboolean
find_sought_stop (GstH4MaskStream * stream, GstSeekType type, gint64 value,
    guint64 * stop)
{
  gint64 duration;

  *stop = value;
  if (type == GST_SEEK_TYPE_NONE) {
    GST_OBJECT_LOCK (stream->element);
    *stop = stream->sought_stop;
    GST_OBJECT_UNLOCK (stream->element);
  } else if (type == GST_SEEK_TYPE_END) {
    if (!gst_pad_query_duration (stream->srcpad, GST_FORMAT_BYTES, &duration))
      return FALSE;
    *stop = duration + CLAMP (value, -duration, 0);
  }
  return TRUE;
}

static gboolean
seek_masked (GstH4MaskStream * stream, const GstH4MaskShape * shape,
    GstEvent * event)
{
  GstSeekType start_type, stop_type;
  guint64 stop, last_stop, n_blocks;
  GstSeekFlags flags;
  gint64 start, value;
  gdouble rate;
  GstEvent *out;

  gst_event_parse_seek (event, &rate, NULL, &flags, &start_type, &start,
      &stop_type, &value);
  if (rate < 0 || start_type != GST_SEEK_TYPE_SET || start < 0
      || masked_end (shape, start / shape->block_size) < 0
      || !find_sought_stop (stream, GST_SEEK_TYPE_NONE, -1, &last_stop)
      || !find_sought_stop (stream, stop_type, value, &stop)
      || stop < (guint64) start)
    return FALSE;
  n_blocks = stop / shape->block_size + (stop % shape->block_size > 0);
  out = gst_event_new_seek (rate, GST_FORMAT_BYTES, flags, GST_SEEK_TYPE_SET,
      masked_end (shape, start / shape->block_size), GST_SEEK_TYPE_SET,
      masked_end (shape, n_blocks));
  gst_event_set_seqnum (out, gst_event_get_seqnum (event));
  set_sought (stream, start, stop);
  if (gst_pad_push_event (stream->sinkpad, out))
    return TRUE;
  set_sought (stream, GST_BUFFER_OFFSET_NONE, last_stop);
  return FALSE;
}

/* gst_h4_mask_bytes_seek:
 * @event: (transfer full): a seek on the stream that goes out
 *
 * Seeks on the stream that comes in. While aes-256-gcm masks there are no
 * seeks in bytes: the same bytes would come again as other blocks.
 *
 * Returns: whether upstream did */
gboolean
gst_h4_mask_bytes_seek (GstH4MaskStream * stream, GstEvent * event)
{
  GstH4MaskShape shape = gst_h4_mask_stream_get_shape (stream);
  GstFormat format;
  gboolean ok;

  gst_event_parse_seek (event, NULL, &format, NULL, NULL, NULL, NULL, NULL);
  if (format != GST_FORMAT_BYTES || !shape.cut || !shape.gcm)
    return gst_pad_push_event (stream->sinkpad, event);
  ok = !shape.masking && seek_masked (stream, &shape, event);
  gst_event_unref (event);
  return ok;
}

static GstFlowReturn
xor_range (GstH4MaskStream * stream, guint64 offset, GstBuffer * buffer)
{
  gsize block_size = stream->settings.block_size, done, n;
  gboolean ok = TRUE;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READWRITE))
    return GST_FLOW_ERROR;
  for (done = 0; ok && done < map.size; done += n) {
    guint64 index = (offset + done) / block_size;
    guint64 inner = (offset + done) % block_size;

    n = MIN (map.size - done, block_size - inner);
    ok = (stream->masking ? h4_mask_begin_mask (stream->mask, index, inner)
        : h4_mask_begin_unmask (stream->mask, index, inner))
        && h4_mask_update (stream->mask, map.data + done, map.data + done, n)
        && h4_mask_finish (stream->mask, NULL);
  }
  gst_buffer_unmap (buffer, &map);
  return ok ? GST_FLOW_OK : GST_FLOW_ERROR;
}

static GstFlowReturn
get_range_xor (GstH4MaskStream * stream, guint64 offset, guint size,
    GstBuffer ** buffer)
{
  GstBuffer *in = *buffer;
  GstFlowReturn flow = gst_pad_pull_range (stream->sinkpad, offset, size, &in);

  if (flow != GST_FLOW_OK)
    return flow;
  if (*buffer == NULL)
    in = gst_buffer_make_writable (in);
  flow = xor_range (stream, offset, in);
  if (flow == GST_FLOW_OK) {
    *buffer = in;
  } else {
    GST_ELEMENT_ERROR (stream->element, LIBRARY, FAILED, (NULL),
        ("cannot map or mask %u bytes", size));
    if (*buffer == NULL)
      gst_buffer_unref (in);
  }
  return flow;
}

/* One block, whole; @block stays NULL past the end. */
static GstFlowReturn
pull_block (GstH4MaskStream * stream, guint64 index, GstBuffer ** block)
{
  gsize size = in_block_size (stream);
  GstFlowReturn flow;

  *block = NULL;
  if (index > (G_MAXINT64 - size) / size)
    return GST_FLOW_EOS;
  flow = gst_pad_pull_range (stream->sinkpad, index * size, size, block);
  if (flow != GST_FLOW_OK)
    return flow;
  *block = gst_h4_mask_stream_process (stream, index, 0, *block);
  return *block ? GST_FLOW_OK : GST_FLOW_ERROR;
}

/* Where the caller brought a buffer, the bytes must come in that one. */
static GstFlowReturn
give_range (GstBuffer * range, gsize size, GstBuffer ** buffer)
{
  GstMapInfo map;
  gsize n = 0;

  if (*buffer == NULL) {
    *buffer = range;
    return GST_FLOW_OK;
  }
  if (gst_buffer_map (range, &map, GST_MAP_READ)) {
    n = gst_buffer_fill (*buffer, 0, map.data, map.size);
    gst_buffer_unmap (range, &map);
  }
  gst_buffer_unref (range);
  if (n != size)
    return GST_FLOW_ERROR;
  gst_buffer_set_size (*buffer, size);
  return GST_FLOW_OK;
}

static GstFlowReturn
get_range_gcm (GstH4MaskStream * stream, guint64 offset, guint size,
    GstBuffer ** buffer)
{
  gsize block_size = stream->settings.block_size;
  GstBuffer *out = gst_buffer_new (), *block;
  GstFlowReturn flow = GST_FLOW_OK;
  gsize done = 0;

  while (flow == GST_FLOW_OK && done < size) {
    gsize inner = (offset + done) % block_size, n, got;

    flow = pull_block (stream, (offset + done) / block_size, &block);
    if (flow != GST_FLOW_OK)
      break;
    got = gst_buffer_get_size (block);
    n = got > inner ? MIN (got - inner, size - done) : 0;
    if (n > 0)
      out = gst_buffer_append_region (out, gst_buffer_ref (block), inner, n);
    gst_buffer_unref (block);
    done += n;
    if (got < block_size)
      break;
  }
  if (done == 0 || (flow != GST_FLOW_OK && flow != GST_FLOW_EOS)) {
    gst_buffer_unref (out);
    return flow == GST_FLOW_OK ? GST_FLOW_EOS : flow;
  }

  GST_BUFFER_OFFSET (out) = offset;
  GST_BUFFER_OFFSET_END (out) = offset + done;
  return give_range (out, done, buffer);
}

/* gst_h4_mask_bytes_get_range:
 * @offset: in the stream that goes out
 * @size: how many bytes; fewer come at its end
 * @buffer: (inout): the bytes */
GstFlowReturn
gst_h4_mask_bytes_get_range (GstH4MaskStream * stream, guint64 offset,
    guint size, GstBuffer ** buffer)
{
  if (stream->mask == NULL)
    return GST_FLOW_FLUSHING;
  if (is_gcm (stream))
    return get_range_gcm (stream, offset, size, buffer);
  return get_range_xor (stream, offset, size, buffer);
}
