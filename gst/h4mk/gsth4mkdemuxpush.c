/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* Push mode of h4mkdemux: bytes as they come, from wherever the stream was
 * joined. */

#include "gsth4-i18n.h"
#include "gsth4mkdemuxpriv.h"

GST_DEBUG_CATEGORY_EXTERN (gst_h4mk_demux_debug);
#define GST_CAT_DEFAULT gst_h4mk_demux_debug

/* META, which says more, stands at the end of a base file. */
#define BASE_FPS_HINT 30.0
#define BASE_GOP 30

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
  return gst_h4mk_demux_handle_item (self, item,
      gst_h4mk_demux_take_payload (self, &item->chunk));
}

/* Parses one thing of what the adapter holds; EOS where more must come. */
static GstFlowReturn
gst_h4mk_demux_push_one (GstH4MkDemux * self, gboolean * more)
{
  guint64 before = gst_h4mk_parser_get_offset (self->parser);
  GstFlowReturn flow = GST_FLOW_OK;
  GstH4mkItem item = {.record = NULL };
  GError *error = NULL;
  gsize size = 0, need = GST_H4MK_HEADER_SIZE;
  GstH4mkResult result = GST_H4MK_RESULT_MORE;

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
  if (error) {
    flow = gst_h4mk_demux_handle_damage (self,
        result == GST_H4MK_RESULT_BAD_BLOCK ? &item : NULL, error);
    if (flow == GST_FLOW_CUSTOM_SUCCESS) {
      gst_h4mk_demux_post_error (self, error);
      flow = GST_FLOW_ERROR;
    }
    g_clear_error (&error);
  }
  gst_adapter_flush (self->adapter,
      gst_h4mk_parser_get_offset (self->parser) - before);
  return flow;
}

GstFlowReturn
gst_h4mk_demux_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstH4MkDemux *self = GST_H4MK_DEMUX (parent);
  GstFlowReturn flow = GST_FLOW_OK;
  gboolean more = FALSE;

  gst_adapter_push (self->adapter, buffer);
  while (flow == GST_FLOW_OK && !more)
    flow = gst_h4mk_demux_push_one (self, &more);
  return flow;
}

static void
gst_h4mk_demux_push_eos (GstH4MkDemux * self, GstEvent * event)
{
  if (self->streams->len == 0)
    GST_ELEMENT_ERROR (self, STREAM, DEMUX,
        (_("This stream ended before its first data.")), (NULL));
  if (gst_adapter_available (self->adapter) > 0)
    GST_INFO_OBJECT (self, "the stream was cut off at %" G_GUINT64_FORMAT,
        gst_h4mk_parser_get_offset (self->parser));
  gst_h4mk_demux_flush_events (self);
  gst_h4mk_demux_push_event (self, event);
}

gboolean
gst_h4mk_demux_sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstH4MkDemux *self = GST_H4MK_DEMUX (parent);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
    case GST_EVENT_CAPS:
    case GST_EVENT_SEGMENT:
    case GST_EVENT_STREAM_COLLECTION:
    case GST_EVENT_TAG:
      /* of the bytes; the streams have their own */
      gst_event_unref (event);
      return TRUE;
    case GST_EVENT_EOS:
      gst_h4mk_demux_push_eos (self, event);
      return TRUE;
    case GST_EVENT_FLUSH_STOP:
      gst_adapter_clear (self->adapter);
      gst_h4mk_parser_free (self->parser);
      self->parser = gst_h4mk_parser_new ();
      gst_h4mk_demux_new_segment (self);
      return gst_h4mk_demux_push_event (self, event);
    case GST_EVENT_FLUSH_START:
      return gst_h4mk_demux_push_event (self, event);
    default:
      return gst_pad_event_default (pad, parent, event);
  }
}
