/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* Reading at any place of what is pushed: byte seeks upstream, and the pieces
 * that came of them. */

#include <gio/gio.h>

#include "gsth4-i18n.h"
#include "gsth4mkdemuxpriv.h"

GST_DEBUG_CATEGORY_EXTERN (gst_h4mk_demux_debug);
#define GST_CAT_DEFAULT gst_h4mk_demux_debug

/* What lies this far ahead is read up to: a seek costs a request. */
#define READ_ON (128 << 10)

/* What is kept for the index, which asks again for what it had to wait for;
 * and how often it may, whatever a file says. */
#define MAX_PIECES ((gsize) 16 << 20)
#define MAX_FETCHES 1000

typedef struct
{
  guint64 offset;
  GBytes *bytes;
} Piece;

static void
gst_h4mk_demux_drop_piece (GstH4MkDemux * self)
{
  Piece *piece = g_ptr_array_remove_index (self->pieces, 0);

  self->pieces_size -= g_bytes_get_size (piece->bytes);
  g_bytes_unref (piece->bytes);
  g_free (piece);
}

void
gst_h4mk_demux_drop_pieces (GstH4MkDemux * self)
{
  while (self->pieces->len > 0)
    gst_h4mk_demux_drop_piece (self);
}

static void
gst_h4mk_demux_add_piece (GstH4MkDemux * self, guint64 offset, GBytes * bytes)
{
  Piece *piece = g_new (Piece, 1);

  piece->offset = offset;
  piece->bytes = bytes;
  g_ptr_array_add (self->pieces, piece);
  self->pieces_size += g_bytes_get_size (bytes);
  while (self->pieces_size > MAX_PIECES && self->pieces->len > 1)
    gst_h4mk_demux_drop_piece (self);
}

static GBytes *
gst_h4mk_demux_find_piece (GstH4MkDemux * self, guint64 offset, gsize size)
{
  guint i;

  for (i = self->pieces->len; i-- > 0;) {
    const Piece *piece = g_ptr_array_index (self->pieces, i);
    gsize have = g_bytes_get_size (piece->bytes);

    if (offset >= piece->offset && offset - piece->offset <= have
        && size <= have - (gsize) (offset - piece->offset))
      return g_bytes_new_from_bytes (piece->bytes,
          (gsize) (offset - piece->offset), size);
  }
  return NULL;
}

/* What the index reads with: what is not there is asked for. */
GBytes *
gst_h4mk_demux_fetch (GstH4MkDemux * self, guint64 offset, gsize size,
    GError ** error)
{
  GBytes *bytes;

  if (offset >= self->file_size)
    return g_bytes_new (NULL, 0);
  size = (gsize) MIN ((guint64) size, self->file_size - offset);
  bytes = gst_h4mk_demux_find_piece (self, offset, size);
  if (bytes)
    return bytes;
  if (self->fetches >= MAX_FETCHES && !self->resyncing) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
        "too much would have to be fetched");
    return NULL;
  }
  self->fetches++;
  self->want_offset = offset;
  self->want_size = size;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK,
      "the bytes are being fetched");
  return NULL;
}

GstEvent *
gst_h4mk_demux_new_byte_seek (GstH4MkDemux * self, guint64 offset)
{
  GstEvent *event = gst_event_new_seek (1.0, GST_FORMAT_BYTES,
      GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_ACCURATE, GST_SEEK_TYPE_SET,
      (gint64) offset, GST_SEEK_TYPE_NONE, -1);

  GST_LOG_OBJECT (self, "on to byte %" G_GUINT64_FORMAT, offset);
  g_mutex_lock (&self->wait_lock);
  self->byte_seqnum = gst_event_get_seqnum (event);
  g_mutex_unlock (&self->wait_lock);
  gst_adapter_clear (self->adapter);
  self->adapter_offset = offset;
  self->at_end = FALSE;
  return event;
}

static GstFlowReturn
gst_h4mk_demux_seek_upstream (GstH4MkDemux * self, guint64 offset)
{
  if (gst_pad_push_event (self->sinkpad,
          gst_h4mk_demux_new_byte_seek (self, offset)))
    return GST_FLOW_OK;
  if (GST_PAD_IS_FLUSHING (self->sinkpad))
    return GST_FLOW_FLUSHING;
  GST_ELEMENT_ERROR (self, RESOURCE, SEEK,
      (_("The file cannot be read at the place that is needed.")),
      ("upstream does not seek to byte %" G_GUINT64_FORMAT, offset));
  self->error_posted = TRUE;
  return GST_FLOW_ERROR;
}

/* Makes the adapter begin at offset; more: only what comes next will. */
GstFlowReturn
gst_h4mk_demux_align (GstH4MkDemux * self, guint64 offset, gboolean * more)
{
  gsize available = gst_adapter_available (self->adapter), skip;

  if (self->can_seek && (offset < self->adapter_offset
          || offset - self->adapter_offset > (guint64) available + READ_ON)) {
    *more = TRUE;
    return gst_h4mk_demux_seek_upstream (self, offset);
  }
  skip = (gsize) MIN (offset - self->adapter_offset, (guint64) available);
  gst_adapter_flush (self->adapter, skip);
  self->adapter_offset += skip;
  *more = self->adapter_offset != offset;
  return GST_FLOW_OK;
}

static GBytes *
gst_h4mk_demux_take_bytes (GstH4MkDemux * self, gsize size)
{
  return g_bytes_new_take (gst_adapter_take (self->adapter, size), size);
}

GstFlowReturn
gst_h4mk_demux_gather (GstH4MkDemux * self, gboolean * more)
{
  GstFlowReturn flow = gst_h4mk_demux_align (self, self->want_offset, more);
  gsize available = gst_adapter_available (self->adapter);

  if (flow != GST_FLOW_OK)
    return flow;
  if (self->at_end && (*more || available < self->want_size)) {
    GST_INFO_OBJECT (self, "the file ends at %" G_GUINT64_FORMAT " already",
        self->adapter_offset + available);
    self->file_size = MIN (self->file_size, self->adapter_offset + available);
    self->want_size = 0;
    *more = FALSE;
    return GST_FLOW_OK;
  }
  *more = *more || available < self->want_size;
  if (*more)
    return GST_FLOW_OK;
  gst_h4mk_demux_add_piece (self, self->want_offset,
      gst_h4mk_demux_take_bytes (self, self->want_size));
  self->adapter_offset += self->want_size;
  self->want_size = 0;
  return GST_FLOW_OK;
}
