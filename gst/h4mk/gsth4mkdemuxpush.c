/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* Push mode of h4mkdemux. Where upstream can seek in bytes, the end of the
 * file and what a seek needs are fetched before it plays on; elsewhere the
 * stream is played from where it was joined. */

#include <gio/gio.h>
#include <string.h>

#include "gsth4-i18n.h"
#include "gsth4mkdemuxpriv.h"

GST_DEBUG_CATEGORY_EXTERN (gst_h4mk_demux_debug);
#define GST_CAT_DEFAULT gst_h4mk_demux_debug

/* META, which says more, stands at the end of a base file. */
#define BASE_FPS_HINT 30.0
#define BASE_GOP 30

/* How much of a stream is held to find a sound group in. */
#define MAX_LOOKAHEAD ((gsize) 64 << 20)

static void
gst_h4mk_demux_reset_stream (GstH4MkDemux * self)
{
  gst_adapter_clear (self->adapter);
  self->adapter_offset = 0;
  self->at_end = self->ended = FALSE;
  self->resyncing = FALSE;
  self->resynced_at = G_MAXUINT64;
  self->data_offset = 0;
  self->displacement = 0;
  self->has_links = FALSE;
  g_clear_pointer (&self->lookahead, gst_h4mk_index_free);
}

void
gst_h4mk_demux_reset_push (GstH4MkDemux * self)
{
  gst_h4mk_demux_reset_stream (self);
  self->phase = GST_H4MK_DEMUX_PUSH_START;
  self->can_seek = FALSE;
  self->awaits_flush = FALSE;
  self->want_size = 0;
  self->fetches = 0;
  gst_h4mk_demux_drop_pieces (self);
  gst_clear_event (&self->pending_seek);
}

static GstBuffer *
gst_h4mk_demux_take_payload (GstH4MkDemux * self, const GstH4mkChunk * chunk)
{
  GstBuffer *whole, *buffer;

  if (chunk->tag != GST_H4MK_TAG_CORE)
    return NULL;
  if (chunk->size <= GST_H4MK_DEMUX_COPY_MAX) {
    buffer = gst_buffer_new_allocate (NULL, chunk->size, NULL);
    gst_buffer_fill (buffer, 0, chunk->payload, chunk->size);
    return buffer;
  }
  whole = gst_adapter_get_buffer_fast (self->adapter, chunk->raw_size);
  buffer = gst_buffer_copy_region (whole, GST_BUFFER_COPY_MEMORY,
      GST_H4MK_CHUNK_HEADER_SIZE, chunk->size);
  gst_buffer_unref (whole);
  return buffer;
}

/* What finding a sound group in a stream takes. */
static void
gst_h4mk_demux_note_item (GstH4MkDemux * self, const GstH4mkItem * item)
{
  const GstH4mkChunk *chunk = &item->chunk;
  guint64 place;

  if (chunk->tag == GST_H4MK_TAG_TRAK && self->data_offset == 0)
    self->data_offset = chunk->offset + chunk->raw_size;
  if (chunk->tag != GST_H4MK_TAG_LINK)
    return;
  /* seq, then self */
  memcpy (&place, chunk->payload + sizeof (place), sizeof (place));
  self->displacement = (gint64) (GUINT64_FROM_BE (place) - chunk->offset);
  self->has_links = TRUE;
}

static GstFlowReturn
gst_h4mk_demux_push_item (GstH4MkDemux * self, const GstH4mkItem * item)
{
  GError *error = NULL;

  if (self->streams->len == 0 && item->chunk.tag == GST_H4MK_TAG_CORE
      && gst_h4mk_parser_get_profile (self->parser) == GST_H4MK_PROFILE_BASE
      && !gst_h4mk_demux_set_base_stream (self, item->chunk.size,
          BASE_FPS_HINT, BASE_GOP, FALSE, &error)) {
    gst_h4mk_demux_post_error (self, error);
    g_clear_error (&error);
    return GST_FLOW_ERROR;
  }
  gst_h4mk_demux_note_item (self, item);
  return gst_h4mk_demux_end_item (self, item,
      gst_h4mk_demux_handle_item (self, item,
          gst_h4mk_demux_take_payload (self, &item->chunk)));
}

/* Opaque blocks can be found again only by their numbers. */
static GstFlowReturn
gst_h4mk_demux_push_damage (GstH4MkDemux * self, const GstH4mkItem * item,
    const GError * error)
{
  GstFlowReturn flow = gst_h4mk_demux_handle_damage (self, item, error);

  if (flow == GST_FLOW_OK && self->resyncing && !self->index
      && self->data_offset == 0) {
    gst_h4mk_demux_post_error (self, error);
    flow = GST_FLOW_ERROR;
  }
  return flow;
}

/* Parses one thing of what the adapter holds. */
static GstFlowReturn
gst_h4mk_demux_push_one (GstH4MkDemux * self, gboolean * more)
{
  GstFlowReturn flow = GST_FLOW_OK;
  GstH4mkItem item = {.record = NULL };
  GError *error = NULL;
  gsize size = 0, need = GST_H4MK_HEADER_SIZE;
  GstH4mkResult result = GST_H4MK_RESULT_MORE;

  flow = gst_h4mk_demux_align (self,
      gst_h4mk_parser_get_offset (self->parser), more);
  if (flow != GST_FLOW_OK || *more)
    return flow;
  /* first what a header takes, then the chunk that it announces */
  while (result == GST_H4MK_RESULT_MORE && need > size) {
    const guint8 *data;

    size = need;
    if (gst_adapter_available (self->adapter) < size) {
      *more = TRUE;
      return GST_FLOW_OK;
    }
    data = gst_adapter_map (self->adapter, size);
    result = gst_h4mk_parser_next (self->parser, data, size, &item, &need,
        &error);
    if (result == GST_H4MK_RESULT_ITEM)
      flow = gst_h4mk_demux_push_item (self, &item);
    gst_adapter_unmap (self->adapter);
  }
  if (error)
    flow = gst_h4mk_demux_push_damage (self,
        result == GST_H4MK_RESULT_BAD_BLOCK ? &item : NULL, error);
  g_clear_error (&error);
  return flow;
}

/* The tail of the file tells most; where upstream cannot seek, there is none
 * yet. */
static void
gst_h4mk_demux_push_start (GstH4MkDemux * self)
{
  GstQuery *query = gst_query_new_seeking (GST_FORMAT_BYTES);
  gint64 size = -1;

  if (gst_pad_peer_query (self->sinkpad, query))
    gst_query_parse_seeking (query, NULL, &self->can_seek, NULL, NULL);
  gst_query_unref (query);
  if (self->can_seek && (!gst_pad_peer_query_duration (self->sinkpad,
              GST_FORMAT_BYTES, &size) || size <= 0))
    self->can_seek = FALSE;
  if (!self->can_seek)
    self->adapter_offset = 0;
  self->file_size = self->can_seek ? (guint64) size : 0;
  self->phase = self->can_seek ? GST_H4MK_DEMUX_PUSH_OPEN :
      GST_H4MK_DEMUX_PUSH_PLAY;
  GST_INFO_OBJECT (self, "upstream %s in bytes",
      self->can_seek ? "seeks" : "does not seek");
  if (self->tails)
    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS,
        (_("This file is not followed, because its source cannot be read "
                "at any place.")), ("tail=true needs pull mode"));
}

/* Whoever cannot prove a chain must not play as if he did. */
static GstFlowReturn
gst_h4mk_demux_push_unindexed (GstH4MkDemux * self)
{
  GError *error = NULL;

  gst_h4mk_demux_drop_pieces (self);
  self->phase = GST_H4MK_DEMUX_PUSH_PLAY;
  if (self->checks != GST_H4MK_DEMUX_VERIFY_CHAIN
      || gst_h4mk_demux_open_proof (self, &error))
    return GST_FLOW_OK;
  gst_h4mk_demux_post_error (self, error);
  g_clear_error (&error);
  return GST_FLOW_ERROR;
}

static GstFlowReturn
gst_h4mk_demux_push_open (GstH4MkDemux * self)
{
  GstFlowReturn flow = GST_FLOW_OK;
  GError *error = NULL;

  if (gst_h4mk_demux_open (self, self->file_size, &error)) {
    gst_h4mk_demux_drop_pieces (self);
    self->phase = GST_H4MK_DEMUX_PUSH_PLAY;
    return GST_FLOW_OK;
  }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE)) {
    GST_WARNING_OBJECT (self, "it can be played, but not seeked in: %s",
        error->message);
    gst_h4mk_demux_close_index (self);
    flow = gst_h4mk_demux_push_unindexed (self);
  } else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
    gst_h4mk_demux_post_error (self, error);
    flow = GST_FLOW_ERROR;
  }
  g_clear_error (&error);
  return flow;
}

static GBytes *
gst_h4mk_demux_look_ahead (guint64 offset, gsize size, gpointer user_data,
    GError ** error)
{
  GstH4MkDemux *self = user_data;
  gsize available = gst_adapter_available (self->adapter);

  if (offset >= self->adapter_offset
      && offset - self->adapter_offset <= available
      && size <= available - (gsize) (offset - self->adapter_offset))
    return gst_adapter_copy_bytes (self->adapter,
        (gsize) (offset - self->adapter_offset), size);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK,
      "the bytes have not come yet");
  return NULL;
}

/* Of a stream that cannot seek, what is looked through is held. */
static GstH4mkIndex *
gst_h4mk_demux_get_lookahead (GstH4MkDemux * self)
{
  gsize available = gst_adapter_available (self->adapter);

  if (!self->lookahead)
    self->lookahead = gst_h4mk_index_new_for_stream (gst_h4mk_demux_look_ahead,
        self, self->tracks, self->data_offset, self->displacement,
        self->has_links);
  if (self->at_end || available >= MAX_LOOKAHEAD)
    gst_h4mk_index_set_stream_end (self->lookahead,
        self->adapter_offset + available);
  return self->lookahead;
}

/* Nothing sound is in what is held: it is let go. */
static GstFlowReturn
gst_h4mk_demux_give_up_lookahead (GstH4MkDemux * self)
{
  gsize available = gst_adapter_available (self->adapter);

  if (self->index || self->at_end || !self->lookahead)
    return GST_FLOW_EOS;
  gst_adapter_clear (self->adapter);
  self->adapter_offset += available;
  self->resync_from = self->adapter_offset;
  g_clear_pointer (&self->lookahead, gst_h4mk_index_free);
  return GST_FLOW_OK;
}

static GstFlowReturn
gst_h4mk_demux_push_resync (GstH4MkDemux * self, gboolean * more)
{
  GstFlowReturn flow = GST_FLOW_OK;
  GError *error = NULL;
  guint64 found;

  if (gst_h4mk_index_resync (self->index ? self->index :
          gst_h4mk_demux_get_lookahead (self), self->resync_from,
          self->next_block, self->tracks, &found, &error)) {
    GST_INFO_OBJECT (self, "going on at %" G_GUINT64_FORMAT, found);
    self->resyncing = FALSE;
    self->resynced_at = found;
    g_clear_pointer (&self->lookahead, gst_h4mk_index_free);
    gst_h4mk_demux_drop_pieces (self);
    gst_h4mk_demux_jump (self, found, G_MAXUINT64);
  } else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)) {
    GST_INFO_OBJECT (self, "nothing sound follows");
    flow = gst_h4mk_demux_give_up_lookahead (self);
    *more = TRUE;
  } else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
    *more = self->want_size == 0;
  } else {
    gst_h4mk_demux_post_error (self, error);
    flow = GST_FLOW_ERROR;
  }
  g_clear_error (&error);
  return flow;
}

static GstFlowReturn
gst_h4mk_demux_push_step (GstH4MkDemux * self, gboolean * more)
{
  gboolean ok;

  if (self->want_size > 0)
    return gst_h4mk_demux_gather (self, more);
  switch (self->phase) {
    case GST_H4MK_DEMUX_PUSH_START:
      gst_h4mk_demux_push_start (self);
      return self->can_seek ? GST_FLOW_OK :
          gst_h4mk_demux_push_unindexed (self);
    case GST_H4MK_DEMUX_PUSH_OPEN:
      return gst_h4mk_demux_push_open (self);
    case GST_H4MK_DEMUX_PUSH_PLAN:
      gst_h4mk_demux_continue_seek (self, &ok);
      return GST_FLOW_OK;
    default:
      return self->resyncing ? gst_h4mk_demux_push_resync (self, more) :
          gst_h4mk_demux_push_one (self, more);
  }
}

/* What can be done with what has come. EOS, also that after an error, goes out as soon as it is due,
 * whether or not upstream has more. */
static GstFlowReturn
gst_h4mk_demux_push_on (GstH4MkDemux * self)
{
  GstFlowReturn flow = GST_FLOW_OK;
  gboolean more = FALSE;

  while (flow == GST_FLOW_OK && !more)
    flow = gst_h4mk_demux_push_step (self, &more);
  if (flow == GST_FLOW_EOS || (flow == GST_FLOW_ERROR && self->error_posted)) {
    self->ended = TRUE;
    gst_adapter_clear (self->adapter);
    gst_h4mk_demux_end_streams (self, flow);
  }
  return flow;
}

GstFlowReturn
gst_h4mk_demux_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstH4MkDemux *self = GST_H4MK_DEMUX (parent);

  if (self->awaits_flush || self->ended) {
    gst_buffer_unref (buffer);
    return self->awaits_flush ? GST_FLOW_OK : GST_FLOW_EOS;
  }
  gst_adapter_push (self->adapter, buffer);
  return gst_h4mk_demux_push_on (self);
}

/* Upstream has no more: what was asked for is not coming. Where that leads to
 * another place, upstream goes on. */
static void
gst_h4mk_demux_push_eos (GstH4MkDemux * self)
{
  GstFlowReturn flow;

  if (self->ended || self->awaits_flush)
    return;
  self->at_end = TRUE;
  flow = gst_h4mk_demux_push_on (self);
  if (self->ended || !self->at_end || flow == GST_FLOW_FLUSHING)
    return;
  if (gst_adapter_available (self->adapter) > 0)
    GST_INFO_OBJECT (self, "the stream was cut off at %" G_GUINT64_FORMAT,
        gst_h4mk_parser_get_offset (self->parser));
  self->ended = TRUE;
  if (self->streams->len == 0 && flow == GST_FLOW_OK)
    GST_ELEMENT_ERROR (self, STREAM, DEMUX,
        (_("This stream ended before its first data.")), (NULL));
  else
    gst_h4mk_demux_end_streams (self, GST_FLOW_EOS);
}

static gboolean
gst_h4mk_demux_is_own_flush (GstH4MkDemux * self, GstEvent * event)
{
  gboolean own;

  g_mutex_lock (&self->wait_lock);
  own = gst_event_get_seqnum (event) == self->byte_seqnum;
  g_mutex_unlock (&self->wait_lock);
  return own;
}

static gboolean
gst_h4mk_demux_flush_stop (GstH4MkDemux * self, GstEvent * event)
{
  gst_adapter_clear (self->adapter);
  self->at_end = FALSE;
  if (gst_h4mk_demux_is_own_flush (self, event)) {
    self->awaits_flush = FALSE;
    gst_event_unref (event);
    return TRUE;
  }
  if (!self->can_seek) {
    gst_h4mk_demux_reset_stream (self);
    gst_h4mk_demux_new_parser (self);
  }
  self->ended = FALSE;
  gst_h4mk_demux_new_segment (self);
  return gst_h4mk_demux_push_event (self, event);
}

/* Of a stream that cannot seek, offsets count from where it was joined. */
static void
gst_h4mk_demux_take_segment (GstH4MkDemux * self, GstEvent * event)
{
  const GstSegment *segment;

  gst_event_parse_segment (event, &segment);
  if (segment->format != GST_FORMAT_BYTES || (!self->can_seek
          && self->phase != GST_H4MK_DEMUX_PUSH_START))
    return;
  gst_adapter_clear (self->adapter);
  self->adapter_offset = segment->start;
}

gboolean
gst_h4mk_demux_sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstH4MkDemux *self = GST_H4MK_DEMUX (parent);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_SEGMENT:
      gst_h4mk_demux_take_segment (self, event);
      gst_event_unref (event);
      return TRUE;
    case GST_EVENT_STREAM_START:
    case GST_EVENT_CAPS:
    case GST_EVENT_STREAM_COLLECTION:
    case GST_EVENT_TAG:
      /* of the bytes; the streams have their own */
      gst_event_unref (event);
      return TRUE;
    case GST_EVENT_EOS:
      gst_event_unref (event);
      gst_h4mk_demux_push_eos (self);
      return TRUE;
    case GST_EVENT_FLUSH_STOP:
      return gst_h4mk_demux_flush_stop (self, event);
    case GST_EVENT_FLUSH_START:
      if (!gst_h4mk_demux_is_own_flush (self, event))
        return gst_h4mk_demux_push_event (self, event);
      gst_event_unref (event);
      return TRUE;
    default:
      return gst_pad_event_default (pad, parent, event);
  }
}
