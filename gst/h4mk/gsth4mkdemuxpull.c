/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* Pull mode of h4mkdemux: opening a file, reading it in windows, waiting for
 * more of one that grows. */

#include <gio/gio.h>

#include "gsth4-i18n.h"
#include "gsth4mkdemuxpriv.h"

GST_DEBUG_CATEGORY_EXTERN (gst_h4mk_demux_debug);
#define GST_CAT_DEFAULT gst_h4mk_demux_debug

/* One read takes a group and what announces the next. */
#define MIN_READ (4 << 10)
#define MAX_READ (4 << 20)

/* How long to wait before a growing file is looked at again. */
#define TAIL_INTERVAL (100 * G_TIME_SPAN_MILLISECOND)

void
gst_h4mk_demux_drop_window (GstH4MkDemux * self)
{
  if (!self->window)
    return;
  gst_buffer_unmap (self->window, &self->window_map);
  gst_clear_buffer (&self->window);
}

static guint64
gst_h4mk_demux_query_size (GstH4MkDemux * self)
{
  gint64 size;

  if (!gst_pad_peer_query_duration (self->sinkpad, GST_FORMAT_BYTES, &size)
      || size < 0)
    return 0;
  return (guint64) size;
}

/* Fewer bytes only at the end of the file; NULL there where there are none. */
static GstFlowReturn
gst_h4mk_demux_pull (GstH4MkDemux * self, guint64 offset, gsize size,
    GstBuffer ** buffer)
{
  GstFlowReturn flow;

  *buffer = NULL;
  if (offset >= self->file_size)
    return GST_FLOW_EOS;
  size = (gsize) MIN ((guint64) size, self->file_size - offset);
  flow = gst_pad_pull_range (self->sinkpad, offset, (guint) size, buffer);
  GST_LOG_OBJECT (self, "read %" G_GSIZE_FORMAT " at %" G_GUINT64_FORMAT ": %s",
      size, offset, gst_flow_get_name (flow));
  return flow;
}

GBytes *
gst_h4mk_demux_read (guint64 offset, gsize size, gpointer user_data,
    GError ** error)
{
  GstH4MkDemux *self = user_data;
  GstBuffer *buffer;
  GstFlowReturn flow = gst_h4mk_demux_pull (self, offset, size, &buffer);
  gpointer data;
  gsize got;

  if (flow == GST_FLOW_EOS)
    return g_bytes_new (NULL, 0);
  if (flow != GST_FLOW_OK) {
    g_set_error (error, G_IO_ERROR, flow == GST_FLOW_FLUSHING ?
        G_IO_ERROR_CANCELLED : G_IO_ERROR_FAILED, "reading %" G_GSIZE_FORMAT
        " bytes at offset %" G_GUINT64_FORMAT " gave %s", size, offset,
        gst_flow_get_name (flow));
    return NULL;
  }
  gst_buffer_extract_dup (buffer, 0, -1, &data, &got);
  gst_buffer_unref (buffer);
  return g_bytes_new_take (data, got);
}

static gboolean
gst_h4mk_demux_open_proof (GstH4MkDemux * self, GError ** error)
{
  const gchar *keys[] = { NULL, NULL };
  gchar *key;

  GST_OBJECT_LOCK (self);
  key = g_strdup (self->trusted_key);
  GST_OBJECT_UNLOCK (self);
  keys[0] = key;
  self->proof = gst_h4mk_proof_new (key ? keys : NULL, error);
  g_free (key);
  return self->proof != NULL;
}

static gboolean
gst_h4mk_demux_open_streams (GstH4MkDemux * self, GError ** error)
{
  JsonObject *meta = gst_h4mk_index_get_meta (self->index);
  GPtrArray *attachments;
  guint64 block_size;
  gdouble fps_hint;
  guint gop;

  if (gst_h4mk_index_get_profile (self->index) == GST_H4MK_PROFILE_BASE) {
    JsonNode *masked = meta ? json_object_get_member (meta, "masked") : NULL;

    gst_h4mk_index_get_base_timing (self->index, &block_size, &fps_hint, &gop);
    gst_h4mk_parser_set_base_timing (self->parser, block_size, fps_hint, gop);
    return gst_h4mk_demux_set_base_stream (self, block_size, fps_hint, gop,
        masked && JSON_NODE_HOLDS_VALUE (masked)
        && json_node_get_boolean (masked), error);
  }
  if (!gst_h4mk_demux_set_tracks (self,
          gst_h4mk_index_get_tracks (self->index), error))
    return FALSE;
  if (meta) {
    gst_h4mk_demux_load_tags (self, meta);
    attachments = gst_h4mk_index_get_attachments (self->index, NULL);
    if (attachments) {
      gst_h4mk_demux_load_attachments (self, attachments);
      g_ptr_array_unref (attachments);
    }
    gst_h4mk_demux_send_toc (self, meta);
  }
  return TRUE;
}

gboolean
gst_h4mk_demux_open (GstH4MkDemux * self, GError ** error)
{
  guint64 offset;

  self->file_size = gst_h4mk_demux_query_size (self);
  self->index = gst_h4mk_index_new (gst_h4mk_demux_read, self);
  if (!gst_h4mk_index_open (self->index, self->file_size, error))
    return FALSE;
  if (self->checks == GST_H4MK_DEMUX_VERIFY_CHAIN
      && !gst_h4mk_demux_open_proof (self, error))
    return FALSE;

  self->duration = gst_h4mk_index_get_duration (self->index);
  GST_OBJECT_LOCK (self);
  if (self->duration >= 0)
    self->segment.duration = self->duration;
  GST_OBJECT_UNLOCK (self);
  gst_h4mk_demux_set_start (self, gst_h4mk_index_get_shift (self->index),
      gst_h4mk_index_get_start (self->index));
  gst_h4mk_parser_set_check_blocks (self->parser,
      self->checks != GST_H4MK_DEMUX_VERIFY_NONE);
  if (!gst_h4mk_demux_open_streams (self, error))
    return FALSE;

  /* a chain starts at the header; else straight to the first group */
  offset = gst_h4mk_index_get_data_offset (self->index);
  if (!self->proof)
    gst_h4mk_parser_seek (self->parser, offset,
        gst_h4mk_index_get_profile (self->index),
        gst_h4mk_index_get_tracks (self->index), G_MAXUINT64);
  self->opened = TRUE;
  return TRUE;
}

/* The window holds at least need bytes from the parser's place on, unless the
 * file ends before. */
static GstFlowReturn
gst_h4mk_demux_fill_window (GstH4MkDemux * self, gsize need)
{
  guint64 offset = gst_h4mk_parser_get_offset (self->parser);
  guint64 group = gst_h4mk_parser_get_group_left (self->parser);
  gsize size = self->readahead;
  GstFlowReturn flow;

  if (group > 0)
    size = (gsize) MIN (group + MIN_READ, (guint64) MAX_READ);
  size = MAX (size, need);
  self->readahead = MIN (2 * self->readahead, GST_H4MK_DEMUX_READ_AHEAD);
  gst_h4mk_demux_drop_window (self);
  flow = gst_h4mk_demux_pull (self, offset, size, &self->window);
  if (flow != GST_FLOW_OK)
    return flow;
  if (!gst_buffer_map (self->window, &self->window_map, GST_MAP_READ)) {
    gst_clear_buffer (&self->window);
    return GST_FLOW_ERROR;
  }
  self->window_offset = offset;
  return self->window_map.size < need ? GST_FLOW_EOS : GST_FLOW_OK;
}

static gsize
gst_h4mk_demux_window_left (GstH4MkDemux * self, const guint8 ** data)
{
  guint64 offset = gst_h4mk_parser_get_offset (self->parser);

  if (!self->window || offset < self->window_offset
      || offset > self->window_offset + self->window_map.size) {
    *data = NULL;
    return 0;
  }
  *data = self->window_map.data + (offset - self->window_offset);
  return self->window_map.size - (gsize) (offset - self->window_offset);
}

/* Small blocks are copied: in a queue, each would keep its window alive. */
static GstBuffer *
gst_h4mk_demux_payload (GstH4MkDemux * self, const GstH4mkItem * item)
{
  const GstH4mkChunk *chunk = &item->chunk;
  GstBuffer *buffer;

  if (chunk->tag != GST_H4MK_TAG_CORE)
    return NULL;
  if (chunk->size > GST_H4MK_DEMUX_COPY_MAX)
    return gst_buffer_copy_region (self->window, GST_BUFFER_COPY_MEMORY,
        chunk->payload - self->window_map.data, chunk->size);
  buffer = gst_buffer_new_allocate (NULL, chunk->size, NULL);
  gst_buffer_fill (buffer, 0, chunk->payload, chunk->size);
  return buffer;
}

/* Waits until the file has grown, or for the next look at it. */
static gboolean
gst_h4mk_demux_wait_for_growth (GstH4MkDemux * self)
{
  gint64 until = g_get_monotonic_time () + TAIL_INTERVAL;
  gboolean flushing;

  g_mutex_lock (&self->wait_lock);
  while (!self->flushing
      && g_cond_wait_until (&self->wait_cond, &self->wait_lock, until));
  flushing = self->flushing;
  g_mutex_unlock (&self->wait_lock);
  return !flushing;
}

/* The file ends where the parser wants more. */
static GstFlowReturn
gst_h4mk_demux_handle_end (GstH4MkDemux * self)
{
  guint64 size;
  GError *error = NULL;

  if (!self->tails || self->units->len > 0) {
    if (gst_h4mk_parser_get_offset (self->parser) < self->file_size)
      GST_INFO_OBJECT (self, "the file is cut off at %" G_GUINT64_FORMAT,
          gst_h4mk_parser_get_offset (self->parser));
    return GST_FLOW_EOS;
  }
  size = gst_h4mk_demux_query_size (self);
  if (size <= self->file_size)
    return gst_h4mk_demux_wait_for_growth (self) ? GST_FLOW_OK :
        GST_FLOW_FLUSHING;

  GST_LOG_OBJECT (self, "the file grew to %" G_GUINT64_FORMAT, size);
  self->file_size = size;
  gst_h4mk_demux_drop_window (self);
  if (!gst_h4mk_index_grow (self->index, size, &error)) {
    GST_DEBUG_OBJECT (self, "index: %s", error->message);
    g_clear_error (&error);
  }
  self->duration = gst_h4mk_index_get_duration (self->index);
  return GST_FLOW_OK;
}

static GstFlowReturn
gst_h4mk_demux_resync (GstH4MkDemux * self)
{
  guint64 found, from = gst_h4mk_parser_get_offset (self->parser) + 1;
  GError *error = NULL;
  GstFlowReturn flow = GST_FLOW_OK;

  if (gst_h4mk_index_resync (self->index, from, 0, self->tracks, &found,
          &error)) {
    GST_INFO_OBJECT (self, "going on at %" G_GUINT64_FORMAT, found);
    gst_h4mk_demux_jump (self, found, G_MAXUINT64);
  } else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    flow = GST_FLOW_FLUSHING;
  } else {
    GST_INFO_OBJECT (self, "nothing sound follows: %s", error->message);
    flow = GST_FLOW_EOS;
  }
  g_clear_error (&error);
  return flow;
}

static GstFlowReturn
gst_h4mk_demux_read_item (GstH4MkDemux * self)
{
  GstH4mkItem item = {.record = NULL };
  const guint8 *data;
  GError *error = NULL;
  GstFlowReturn flow = GST_FLOW_OK;
  gsize need = 0, left = gst_h4mk_demux_window_left (self, &data);

  switch (gst_h4mk_parser_next (self->parser, data, left, &item, &need, &error)) {
    case GST_H4MK_RESULT_ITEM:
      flow = gst_h4mk_demux_handle_item (self, &item,
          gst_h4mk_demux_payload (self, &item));
      break;
    case GST_H4MK_RESULT_MORE:
      flow = gst_h4mk_demux_fill_window (self, need);
      if (flow == GST_FLOW_EOS)
        flow = gst_h4mk_demux_handle_end (self);
      return flow;
    case GST_H4MK_RESULT_BAD_BLOCK:
      flow = gst_h4mk_demux_handle_damage (self, &item, error);
      break;
    default:
      flow = gst_h4mk_demux_handle_damage (self, NULL, error);
      if (flow == GST_FLOW_CUSTOM_SUCCESS)
        flow = gst_h4mk_demux_resync (self);
      break;
  }
  g_clear_error (&error);
  /* of a group from before the span, only that group is played */
  if (flow == GST_FLOW_OK && self->in_refs && item.chunk.tag ==
      GST_H4MK_TAG_CORE && gst_h4mk_parser_get_group_left (self->parser) == 0)
    flow = gst_h4mk_demux_next_ref (self);
  return flow;
}

/* Nothing more is read from here: the single groups before a span, the units
 * of reverse playback, or the end. */
static GstFlowReturn
gst_h4mk_demux_go_on (GstH4MkDemux * self)
{
  if (self->units->len > 0)
    return gst_h4mk_demux_next_unit (self);
  return GST_FLOW_EOS;
}

static void
gst_h4mk_demux_stop (GstH4MkDemux * self, GstFlowReturn flow)
{
  GstEvent *event;
  gint64 stop;

  gst_pad_pause_task (self->sinkpad);
  if (flow == GST_FLOW_FLUSHING)
    return;
  if (flow != GST_FLOW_EOS) {
    if (!self->failed)
      GST_ELEMENT_FLOW_ERROR (self, flow);
    self->failed = FALSE;
    gst_h4mk_demux_push_event (self, gst_event_new_eos ());
    return;
  }
  gst_h4mk_demux_flush_events (self);
  if (self->segment.flags & GST_SEGMENT_FLAG_SEGMENT) {
    GstMessage *message;

    stop = GST_CLOCK_TIME_IS_VALID (self->segment.stop) ?
        (gint64) self->segment.stop : self->duration;
    if (self->segment.rate < 0.0)
      stop = self->segment.start;
    /* the next segment goes on from here */
    GST_OBJECT_LOCK (self);
    self->segment.position = stop;
    GST_OBJECT_UNLOCK (self);
    message = gst_message_new_segment_done (GST_OBJECT (self),
        GST_FORMAT_TIME, stop);
    event = gst_event_new_segment_done (GST_FORMAT_TIME, stop);
    gst_message_set_seqnum (message, self->seqnum);
    gst_event_set_seqnum (event, self->seqnum);
    gst_element_post_message (GST_ELEMENT (self), message);
  } else {
    event = gst_event_new_eos ();
    if (self->seqnum != GST_SEQNUM_INVALID)
      gst_event_set_seqnum (event, self->seqnum);
  }
  if (!gst_h4mk_demux_push_event (self, event) && self->streams->len == 0)
    GST_ELEMENT_ERROR (self, STREAM, DEMUX,
        (_("This file has no streams.")), (NULL));
}

void
gst_h4mk_demux_loop (GstPad * pad)
{
  GstH4MkDemux *self = GST_H4MK_DEMUX (GST_PAD_PARENT (pad));
  GstFlowReturn flow = GST_FLOW_OK;
  GError *error = NULL;

  if (!self->opened) {
    if (!gst_h4mk_demux_open (self, &error)) {
      flow = GST_FLOW_ERROR;
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        flow = GST_FLOW_FLUSHING;
      else if (self->tails && g_error_matches (error, GST_H4MK_ERROR,
              GST_H4MK_ERROR_TRUNCATED))
        flow = gst_h4mk_demux_wait_for_growth (self) ? GST_FLOW_OK :
            GST_FLOW_FLUSHING;
      else
        gst_h4mk_demux_post_error (self, error);
      g_clear_error (&error);
      g_clear_pointer (&self->index, gst_h4mk_index_free);
      g_clear_pointer (&self->proof, gst_h4mk_proof_free);
    }
  } else {
    flow = gst_h4mk_demux_read_item (self);
    if (flow == GST_FLOW_EOS)
      flow = gst_h4mk_demux_go_on (self);
  }
  if (flow != GST_FLOW_OK)
    gst_h4mk_demux_stop (self, flow);
}
