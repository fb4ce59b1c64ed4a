/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4bytes.h"
#include "gsth4mkmuxout.h"

GST_DEBUG_CATEGORY_EXTERN (gst_h4mk_mux_debug);
#define GST_CAT_DEFAULT gst_h4mk_mux_debug

#define BASE_CAPS "application/x-h4-blocks"
#define MASKED_CAPS "application/x-h4-masked"
/* how often others may have mapped a memory that is mapped once more */
#define MAX_MAPPED 128

struct _GstH4MkMuxOut
{
  GstElement *element;          /* for messages and logging; outlives this */
  GstH4MkMuxSettings settings;
  GstH4mkWriter *writer;
  GstH4mkBaseWriter *base;

  GQueue queue;                 /* of GstMiniObject, to be pushed */
  gboolean started;             /* stream-start, caps and segment are out */
  GBytes *header;               /* that the caps name */
  guint64 offset;
  guint64 base_blocks;
  guint64 groups;
  gint64 group_time;            /* of the group's first block; G_MININT64: none */
  gint64 sync_time;             /* of the group that was synced last */
};

/* A buffer that the writer holds, mapped, until its group is out. */
typedef struct
{
  GstBuffer *buffer;
  GstMapInfo map;
} MuxBlock;

static void
mux_block_free (gpointer data)
{
  MuxBlock *block = data;

  gst_buffer_unmap (block->buffer, &block->map);
  gst_buffer_unref (block->buffer);
  g_slice_free (MuxBlock, block);
}

static GstBuffer *
buffer_from_piece (const GstH4mkPiece * piece)
{
  GstBuffer *buffer = gst_buffer_new ();

  if (piece->owner) {
    const MuxBlock *block = piece->owner;

    gst_buffer_copy_into (buffer, block->buffer, GST_BUFFER_COPY_MEMORY, 0, -1);
  } else {
    gst_buffer_append_memory (buffer,
        gst_memory_new_wrapped (GST_MEMORY_FLAG_READONLY,
            (gpointer) piece->data, piece->size, 0, piece->size,
            g_bytes_ref (piece->bytes), (GDestroyNotify) g_bytes_unref));
  }
  return buffer;
}

static void
gst_h4mk_mux_out_push_start (GstH4MkMuxOut * self, GstCaps * caps)
{
  GstSegment segment;

  if (!self->started) {
    gchar *name = gst_object_get_name (GST_OBJECT (self->element));
    gchar *id = g_strconcat ("h4mkmux/", name, NULL);

    g_queue_push_tail (&self->queue, gst_event_new_stream_start (id));
    g_free (id);
    g_free (name);
  }
  g_queue_push_tail (&self->queue, gst_event_new_caps (caps));
  if (!self->started) {
    gst_segment_init (&segment, GST_FORMAT_BYTES);
    g_queue_push_tail (&self->queue, gst_event_new_segment (&segment));
  }
  self->started = TRUE;
}

/* Header and the TRAK in force travel in the caps, so that a client of a
 * network sink can join at any span. Takes nothing; where they are as they
 * were there is nothing to push. */
static void
gst_h4mk_mux_out_push_caps (GstH4MkMuxOut * self, GBytes * header)
{
  GValue array = G_VALUE_INIT, value = G_VALUE_INIT;
  GstCaps *caps;
  GstBuffer *buffer;

  if (self->header && g_bytes_equal (self->header, header))
    return;
  g_clear_pointer (&self->header, g_bytes_unref);
  self->header = g_bytes_ref (header);

  caps = gst_caps_new_empty_simple ("application/x-h4mk");
  buffer = gst_buffer_new_wrapped_bytes (header);
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_HEADER);
  g_value_init (&array, GST_TYPE_ARRAY);
  g_value_init (&value, GST_TYPE_BUFFER);
  gst_value_take_buffer (&value, buffer);
  gst_value_array_append_and_take_value (&array, &value);
  gst_caps_set_value (caps, "streamheader", &array);
  g_value_unset (&array);

  gst_h4mk_mux_out_push_start (self, caps);
  gst_caps_unref (caps);
}

/* filesink flushes and syncs after a buffer that asks for it. Goes by running
 * time, so that the flags depend on the input alone; what has no time is
 * synced each time. */
static gboolean
gst_h4mk_mux_out_sync_is_due (GstH4MkMuxOut * self)
{
  gint64 time = self->group_time;

  if (self->settings.sync_interval > 0 && time != G_MININT64
      && self->sync_time != G_MININT64 && time >= self->sync_time
      && (guint64) time - (guint64) self->sync_time <
      self->settings.sync_interval)
    return FALSE;
  self->sync_time = time;
  return TRUE;
}

static gboolean
gst_h4mk_mux_out_write (const GstH4mkPiece * pieces, guint n_pieces,
    GstH4mkWriteFlags flags, gpointer user_data, GError ** error)
{
  GstH4MkMuxOut *self = user_data;
  GstBufferList *list;
  GstBuffer *buffer = NULL;
  guint i;

  if (flags & (GST_H4MK_WRITE_HEADER | GST_H4MK_WRITE_BEGINS_SPAN)) {
    GBytes *header = flags & GST_H4MK_WRITE_HEADER ?
        g_bytes_new (pieces[0].data, pieces[0].size) :
        gst_h4mk_writer_get_stream_header (self->writer);

    gst_h4mk_mux_out_push_caps (self, header);
    g_bytes_unref (header);
  }
  list = gst_buffer_list_new_sized (n_pieces);
  for (i = 0; i < n_pieces; i++) {
    buffer = buffer_from_piece (&pieces[i]);
    GST_BUFFER_OFFSET (buffer) = self->offset;
    self->offset += pieces[i].size;
    GST_BUFFER_OFFSET_END (buffer) = self->offset;
    if (self->group_time >= 0)
      GST_BUFFER_PTS (buffer) = (GstClockTime) self->group_time;
    if (flags & GST_H4MK_WRITE_HEADER)
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_HEADER);
    else if (i > 0 || !(flags & GST_H4MK_WRITE_BEGINS_SPAN))
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    gst_buffer_list_add (list, buffer);
  }
  if (flags & GST_H4MK_WRITE_GROUP)
    self->groups++;
  if (buffer && ((flags & (GST_H4MK_WRITE_TAIL | GST_H4MK_WRITE_HEADER))
          || gst_h4mk_mux_out_sync_is_due (self)))
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_SYNC_AFTER);
  g_queue_push_tail (&self->queue, list);
  return TRUE;
}

static void
gst_h4mk_mux_out_span (const GstH4mkSpanInfo * info, gpointer user_data)
{
  GstH4MkMuxOut *self = user_data;
  gchar *chain = info->chain ?
      gst_h4_hex (info->chain, GST_H4MK_HASH_SIZE) : NULL;
  GstStructure *s = gst_structure_new ("h4mk-span",
      "seq", G_TYPE_UINT64, info->seq,
      "offset", G_TYPE_UINT64, info->offset,
      "size", G_TYPE_UINT64, info->size,
      "first-block", G_TYPE_UINT64, info->first_block,
      "blocks", G_TYPE_UINT64, info->blocks, NULL);

  /* running time, below zero where the first blocks are */
  if (info->time != G_MININT64)
    gst_structure_set (s, "time", G_TYPE_INT64, info->time, NULL);
  if (chain)
    gst_structure_set (s, "chain", G_TYPE_STRING, chain, NULL);
  g_free (chain);
  g_queue_push_tail (&self->queue,
      gst_message_new_element (GST_OBJECT (self->element), s));
}

static const GstH4mkWriterFuncs writer_funcs = {
  gst_h4mk_mux_out_write,
  gst_h4mk_mux_out_span,
  mux_block_free
};

GstH4MkMuxOut *
gst_h4mk_mux_out_new (GstElement * element, GstH4MkMuxSettings * settings)
{
  GstH4MkMuxOut *self = g_new0 (GstH4MkMuxOut, 1);

  self->element = element;
  self->settings = *settings;
  memset (settings, 0, sizeof (*settings));
  g_queue_init (&self->queue);
  self->group_time = self->sync_time = G_MININT64;
  if (self->settings.profile == GST_H4MK_MUX_PROFILE_TRACK)
    self->writer = gst_h4mk_writer_new (&self->settings.writer, &writer_funcs,
        self);
  if (self->writer && self->settings.signing_key)
    gst_h4mk_writer_set_signing_key (self->writer, self->settings.signing_key);
  return self;
}

void
gst_h4mk_mux_out_free (GstH4MkMuxOut * self)
{
  g_clear_pointer (&self->writer, gst_h4mk_writer_free);
  g_clear_pointer (&self->base, gst_h4mk_base_writer_free);
  g_clear_pointer (&self->header, g_bytes_unref);
  g_queue_clear_full (&self->queue, (GDestroyNotify) gst_mini_object_unref);
  gst_h4mk_mux_settings_clear (&self->settings);
  g_free (self);
}

gboolean
gst_h4mk_mux_out_set_tracks (GstH4MkMuxOut * self, GstH4mkTracks * tracks,
    GError ** error)
{
  return gst_h4mk_writer_set_tracks (self->writer, tracks, error);
}

static gboolean
is_base_caps (const GstStructure * s, gboolean * masked)
{
  *masked = gst_structure_has_name (s, MASKED_CAPS);
  if (!*masked)
    return gst_structure_has_name (s, BASE_CAPS);
  return g_strcmp0 (gst_structure_get_string (s, "original-media-type"),
      BASE_CAPS) == 0
      && g_strcmp0 (gst_structure_get_string (s, "scheme"), "xor-sha256") == 0
      && !gst_structure_has_field (s, "salt");
}

gboolean
gst_h4mk_mux_out_set_base_caps (GstH4MkMuxOut * self, const GstCaps * caps,
    GError ** error)
{
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  gint block_size, gop;
  gdouble fps_hint;
  gboolean masked;

  if (self->base) {
    g_set_error (error, GST_H4MK_ERROR, GST_H4MK_ERROR_INVALID,
        "the base profile cannot change its caps");
    return FALSE;
  }
  if (!is_base_caps (s, &masked)
      || !gst_structure_get_int (s, "block-size", &block_size)
      || !gst_structure_get_double (s, "fps-hint", &fps_hint)
      || !gst_structure_get_int (s, "gop", &gop)
      || block_size <= 0 || gop <= 0 || fps_hint <= 0.0) {
    g_set_error (error, GST_H4MK_ERROR, GST_H4MK_ERROR_INVALID,
        "the base profile takes " BASE_CAPS " with block-size, fps-hint and "
        "gop, plain or masked with xor-sha256 without a salt");
    return FALSE;
  }
  self->base = gst_h4mk_base_writer_new (block_size, fps_hint, gop, masked,
      &writer_funcs, self);
  return TRUE;
}

/* A memory can be mapped 255 times at once. A source that sends one again and
 * again, as imagefreeze does, may have that many in a group. */
static GstBuffer *
own_buffer (GstBuffer * buffer)
{
  guint i, n = gst_buffer_n_memory (buffer);

  for (i = 0; i < n; i++) {
    GstMemory *memory = gst_buffer_peek_memory (buffer, i);
    gint state = g_atomic_int_get (&GST_MINI_OBJECT_CAST (memory)->lockstate);

    if (((state >> 8) & 0xff) >= MAX_MAPPED) {
      GstBuffer *copy = gst_buffer_copy_deep (buffer);

      gst_buffer_unref (buffer);
      return copy;
    }
  }
  return buffer;
}

gboolean
gst_h4mk_mux_out_add (GstH4MkMuxOut * self, GstBuffer * buffer,
    const GstH4mkRecord * record, GError ** error)
{
  MuxBlock *block = g_slice_new (MuxBlock);
  GstH4mkBlock h4block = { *record, NULL, block };
  gint64 time;
  gboolean ok;

  buffer = block->buffer = own_buffer (buffer);
  if (!gst_buffer_map (buffer, &block->map, GST_MAP_READ)) {
    gst_buffer_unref (buffer);
    g_slice_free (MuxBlock, block);
    g_set_error (error, GST_H4MK_ERROR, GST_H4MK_ERROR_INVALID,
        "a buffer cannot be read");
    return FALSE;
  }
  h4block.data = block->map.data;
  h4block.record.size = block->map.size;
  if (!gst_h4mk_record_get_time (record, &time))
    time = G_MININT64;
  if (self->base) {
    self->base_blocks++;
    return gst_h4mk_base_writer_add (self->base, &h4block, error);
  }
  /* the block may be the first of a group before or after it is added */
  if (gst_h4mk_writer_get_group_blocks (self->writer) == 0)
    self->group_time = time;
  ok = gst_h4mk_writer_add (self->writer, &h4block, error);
  if (gst_h4mk_writer_get_group_blocks (self->writer) == 1)
    self->group_time = time;
  return ok;
}

gboolean
gst_h4mk_mux_out_end_group (GstH4MkMuxOut * self, GError ** error)
{
  return !self->writer || gst_h4mk_writer_end_group (self->writer, error);
}

gboolean
gst_h4mk_mux_out_finish (GstH4MkMuxOut * self, const GstH4mkTail * tail,
    GError ** error)
{
  if (self->writer)
    return gst_h4mk_writer_finish (self->writer, tail, error);
  if (self->base)
    return gst_h4mk_base_writer_finish (self->base, tail->safe, error);
  g_set_error (error, GST_H4MK_ERROR, GST_H4MK_ERROR_INVALID,
      "the base profile needs caps, even for an empty file");
  return FALSE;
}

GstMiniObject *
gst_h4mk_mux_out_take (GstH4MkMuxOut * self)
{
  return g_queue_pop_head (&self->queue);
}

gboolean
gst_h4mk_mux_out_has_output (GstH4MkMuxOut * self)
{
  return !g_queue_is_empty (&self->queue);
}

gboolean
gst_h4mk_mux_out_get_group_time (GstH4MkMuxOut * self, gint64 * time)
{
  return self->writer && gst_h4mk_writer_get_group_time (self->writer, time);
}

guint
gst_h4mk_mux_out_get_group_blocks (GstH4MkMuxOut * self)
{
  return self->writer ? gst_h4mk_writer_get_group_blocks (self->writer) : 0;
}

const GstH4MkMuxSettings *
gst_h4mk_mux_out_get_settings (GstH4MkMuxOut * self)
{
  return &self->settings;
}

GstStructure *
gst_h4mk_mux_out_get_stats (GstH4MkMuxOut * self)
{
  guint64 blocks = self->writer ? gst_h4mk_writer_get_blocks (self->writer) :
      self->base_blocks;
  guint64 spans = self->writer ? gst_h4mk_writer_get_spans (self->writer) : 0;

  return gst_structure_new ("application/x-h4mkmux-stats",
      "bytes", G_TYPE_UINT64, self->offset,
      "blocks", G_TYPE_UINT64, blocks,
      "groups", G_TYPE_UINT64, self->groups,
      "spans", G_TYPE_UINT64, spans, NULL);
}
