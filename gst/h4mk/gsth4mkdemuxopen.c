/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* How h4mkdemux opens a file that can be read at any place. */

#include <gio/gio.h>

#include "gsth4mkdemuxpriv.h"

GST_DEBUG_CATEGORY_EXTERN (gst_h4mk_demux_debug);
#define GST_CAT_DEFAULT gst_h4mk_demux_debug

GBytes *
gst_h4mk_demux_read (guint64 offset, gsize size, gpointer user_data,
    GError ** error)
{
  GstH4MkDemux *self = user_data;

  return self->pull ? gst_h4mk_demux_pull_bytes (self, offset, size, error) :
      gst_h4mk_demux_fetch (self, offset, size, error);
}

void
gst_h4mk_demux_set_duration (GstH4MkDemux * self, gint64 duration)
{
  GST_OBJECT_LOCK (self);
  self->duration = duration;
  if (duration >= 0)
    self->segment.duration = duration;
  GST_OBJECT_UNLOCK (self);
}

void
gst_h4mk_demux_new_parser (GstH4MkDemux * self)
{
  g_clear_pointer (&self->parser, gst_h4mk_parser_free);
  self->parser = gst_h4mk_parser_new ();
  gst_h4mk_parser_set_check_blocks (self->parser,
      self->checks != GST_H4MK_DEMUX_VERIFY_NONE);
}

void
gst_h4mk_demux_close_index (GstH4MkDemux * self)
{
  g_clear_pointer (&self->index, gst_h4mk_index_free);
  g_clear_pointer (&self->proof, gst_h4mk_proof_free);
}

gboolean
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
  if (!self->proof)
    return FALSE;
  gst_h4mk_proof_set_signed_only (self->proof, self->signed_only);
  return TRUE;
}

/* Nothing decodes opaque blocks, and GstDiscoverer asks no pad that decodebin
 * does not expose: it takes tags from any element. No event, from which a
 * muxer would take it for a tag of its file. */
static void
gst_h4mk_demux_post_duration (GstH4MkDemux * self)
{
  gint64 duration = gst_h4mk_index_get_duration (self->index);
  GstTagList *tags;

  if (duration < 0)
    return;
  tags = gst_tag_list_new (GST_TAG_DURATION, (guint64) duration, NULL);
  gst_tag_list_set_scope (tags, GST_TAG_SCOPE_GLOBAL);
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_tag (GST_OBJECT (self), tags));
}

static gboolean
gst_h4mk_demux_open_streams (GstH4MkDemux * self, GPtrArray * attachments,
    GError ** error)
{
  JsonObject *meta = gst_h4mk_index_get_meta (self->index);
  guint64 block_size;
  gdouble fps_hint;
  guint gop;

  if (gst_h4mk_index_get_profile (self->index) == GST_H4MK_PROFILE_BASE) {
    JsonNode *masked = meta ? json_object_get_member (meta, "masked") : NULL;

    gst_h4mk_index_get_base_timing (self->index, &block_size, &fps_hint, &gop);
    gst_h4mk_parser_set_base_timing (self->parser, block_size, fps_hint, gop);
    gst_h4mk_demux_post_duration (self);
    return gst_h4mk_demux_set_base_stream (self, block_size, fps_hint, gop,
        masked && JSON_NODE_HOLDS_VALUE (masked)
        && json_node_get_boolean (masked), error);
  }
  if (!gst_h4mk_demux_set_tracks (self,
          gst_h4mk_index_get_tracks (self->index), error))
    return FALSE;
  if (meta) {
    gst_h4mk_demux_load_tags (self, meta);
    if (attachments)
      gst_h4mk_demux_load_attachments (self, attachments);
    gst_h4mk_demux_send_toc (self, meta);
    self->meta_loaded = TRUE;
  }
  return TRUE;
}

/* Images of the tags; FALSE only where reading fails or must wait. */
static gboolean
gst_h4mk_demux_read_attachments (GstH4MkDemux * self, GPtrArray ** attachments,
    GError ** error)
{
  GError *inner = NULL;

  *attachments = gst_h4mk_index_get_attachments (self->index, &inner);
  if (*attachments)
    return TRUE;
  if (inner && inner->domain == G_IO_ERROR
      && inner->code != G_IO_ERROR_NOT_FOUND) {
    g_propagate_error (error, inner);
    return FALSE;
  }
  GST_INFO_OBJECT (self, "no attachments: %s", inner ? inner->message : "");
  g_clear_error (&inner);
  return TRUE;
}

static void
gst_h4mk_demux_take_times (GstH4MkDemux * self)
{
  gst_h4mk_demux_set_duration (self, gst_h4mk_index_get_duration (self->index));
  GST_OBJECT_LOCK (self);
  self->seekable = TRUE;
  GST_OBJECT_UNLOCK (self);
  /* of a file that has just begun the first group will tell */
  if (gst_h4mk_index_get_blocks (self->index) > 0)
    gst_h4mk_demux_set_start (self, gst_h4mk_index_get_shift (self->index),
        gst_h4mk_index_get_start (self->index));
}

gboolean
gst_h4mk_demux_open (GstH4MkDemux * self, guint64 file_size, GError ** error)
{
  GPtrArray *attachments = NULL;
  gboolean ok;

  self->file_size = file_size;
  if (!self->index)
    self->index = gst_h4mk_index_new (gst_h4mk_demux_read, self);
  if (!gst_h4mk_index_open (self->index, file_size, error)
      || !gst_h4mk_demux_read_attachments (self, &attachments, error))
    return FALSE;
  gst_h4mk_demux_take_times (self);
  ok = (self->checks != GST_H4MK_DEMUX_VERIFY_CHAIN
      || gst_h4mk_demux_open_proof (self, error))
      && gst_h4mk_demux_open_streams (self, attachments, error);
  g_clear_pointer (&attachments, g_ptr_array_unref);
  if (!ok)
    return FALSE;

  /* a chain starts at the header; else straight to the first group */
  if (!self->proof)
    gst_h4mk_parser_seek (self->parser,
        gst_h4mk_index_get_data_offset (self->index),
        gst_h4mk_index_get_profile (self->index),
        gst_h4mk_index_get_tracks (self->index), G_MAXUINT64);
  self->opened = TRUE;
  return TRUE;
}
