/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* Pull mode of h4mkdemux: reading a file in windows, waiting for more of one
 * that grows. */

#include <gio/gio.h>

#include "gsth4mkdemuxpriv.h"

GST_DEBUG_CATEGORY_EXTERN (gst_h4mk_demux_debug);
#define GST_CAT_DEFAULT gst_h4mk_demux_debug

/* One read takes a group and what announces the next. */
#define MIN_READ (4 << 10)
#define MAX_READ (4 << 20)

/* How long to wait before a growing file is looked at again. Upstream is any
 * element, which tells of no path that could be watched, and inotify does not
 * see what another machine writes: to ask for the size is what always works. */
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
gst_h4mk_demux_pull_bytes (GstH4MkDemux * self, guint64 offset, gsize size,
    GError ** error)
{
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

/* The first window after a seek is what planning it has read. */
static GstFlowReturn
gst_h4mk_demux_pull_window (GstH4MkDemux * self, guint64 offset, gsize size,
    gsize need)
{
  GBytes *bytes = NULL;

  if (self->readahead == GST_H4MK_DEMUX_READ_FIRST)
    bytes = gst_h4mk_index_get_read (self->index, offset);
  if (!bytes || g_bytes_get_size (bytes) < need) {
    g_clear_pointer (&bytes, g_bytes_unref);
    return gst_h4mk_demux_pull (self, offset, size, &self->window);
  }
  self->window = gst_buffer_new_wrapped_bytes (bytes);
  g_bytes_unref (bytes);
  return GST_FLOW_OK;
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
  gst_h4mk_demux_drop_window (self);
  flow = gst_h4mk_demux_pull_window (self, offset, size, need);
  self->readahead = MIN (2 * self->readahead, GST_H4MK_DEMUX_READ_AHEAD);
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

/* FALSE: there is no time to wait for the next look at the file. */
static gboolean
gst_h4mk_demux_wait_for_look (GstH4MkDemux * self)
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

/* Reads nothing until the file is larger than that; FALSE: flushing. */
static gboolean
gst_h4mk_demux_wait_for_more (GstH4MkDemux * self, guint64 than, guint64 * size)
{
  while ((*size = gst_h4mk_demux_query_size (self)) <= than)
    if (!gst_h4mk_demux_wait_for_look (self))
      return FALSE;
  return TRUE;
}

/* Takes in what a file grows by until it has that size. */
static GstFlowReturn
gst_h4mk_demux_grow (GstH4MkDemux * self, guint64 until)
{
  while (self->file_size < until) {
    GError *error = NULL;
    guint64 size;

    if (!gst_h4mk_demux_wait_for_more (self, self->file_size, &size))
      return GST_FLOW_FLUSHING;
    GST_LOG_OBJECT (self, "the file grew to %" G_GUINT64_FORMAT, size);
    self->file_size = size;
    if (!gst_h4mk_index_grow (self->index, size, &error)) {
      GST_DEBUG_OBJECT (self, "index: %s", error->message);
      g_clear_error (&error);
    }
    gst_h4mk_demux_set_duration (self,
        gst_h4mk_index_get_duration (self->index));
  }
  gst_h4mk_demux_drop_window (self);
  return GST_FLOW_OK;
}

static gboolean
gst_h4mk_demux_may_grow (GstH4MkDemux * self)
{
  return self->tails && self->units->len == 0;
}

/* The file ends where the parser needs more. */
static GstFlowReturn
gst_h4mk_demux_handle_end (GstH4MkDemux * self, gsize need)
{
  guint64 offset = gst_h4mk_parser_get_offset (self->parser);

  if (gst_h4mk_demux_may_grow (self))
    return gst_h4mk_demux_grow (self, offset + need);
  if (offset < self->file_size)
    GST_INFO_OBJECT (self, "the file is cut off at %" G_GUINT64_FORMAT, offset);
  return GST_FLOW_EOS;
}

static GstFlowReturn
gst_h4mk_demux_resync (GstH4MkDemux * self)
{
  guint64 found;
  GError *error = NULL;
  GstFlowReturn flow = GST_FLOW_OK;

  if (gst_h4mk_index_resync (self->index, self->resync_from,
          self->next_block, self->tracks, &found, &error)) {
    GST_INFO_OBJECT (self, "going on at %" G_GUINT64_FORMAT, found);
    self->resyncing = FALSE;
    self->resynced_at = found;
    gst_h4mk_demux_jump (self, found, G_MAXUINT64);
  } else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    flow = GST_FLOW_FLUSHING;
  } else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)) {
    gst_h4mk_demux_post_error (self, error);
    flow = GST_FLOW_ERROR;
  } else if (gst_h4mk_demux_may_grow (self)
      && !gst_h4mk_index_is_complete (self->index)) {
    flow = gst_h4mk_demux_grow (self, self->file_size + 1);
  } else {
    GST_INFO_OBJECT (self, "nothing sound follows");
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
        flow = gst_h4mk_demux_handle_end (self, need);
      return flow;
    case GST_H4MK_RESULT_BAD_BLOCK:
      flow = gst_h4mk_demux_handle_damage (self, &item, error);
      break;
    default:
      flow = gst_h4mk_demux_handle_damage (self, NULL, error);
      break;
  }
  g_clear_error (&error);
  return gst_h4mk_demux_end_item (self, &item, flow);
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

static GstFlowReturn
gst_h4mk_demux_open_pull (GstH4MkDemux * self)
{
  guint64 size = gst_h4mk_demux_query_size (self);
  GstFlowReturn flow = GST_FLOW_ERROR;
  GError *error = NULL;

  if (gst_h4mk_demux_open (self, size, &error))
    return GST_FLOW_OK;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    flow = GST_FLOW_FLUSHING;
  else if (self->tails && g_error_matches (error, GST_H4MK_ERROR,
          GST_H4MK_ERROR_TRUNCATED))
    flow = gst_h4mk_demux_wait_for_more (self, size, &size) ? GST_FLOW_OK :
        GST_FLOW_FLUSHING;
  else
    gst_h4mk_demux_post_error (self, error);
  g_clear_error (&error);
  gst_h4mk_demux_close_index (self);
  return flow;
}

void
gst_h4mk_demux_loop (GstPad * pad)
{
  GstH4MkDemux *self = GST_H4MK_DEMUX (GST_PAD_PARENT (pad));
  GstFlowReturn flow;

  if (!self->opened) {
    flow = gst_h4mk_demux_open_pull (self);
  } else {
    flow = self->resyncing ? gst_h4mk_demux_resync (self) :
        gst_h4mk_demux_read_item (self);
    if (flow == GST_FLOW_EOS)
      flow = gst_h4mk_demux_go_on (self);
  }
  if (flow != GST_FLOW_OK) {
    gst_pad_pause_task (pad);
    gst_h4mk_demux_end_streams (self, flow);
  }
}
