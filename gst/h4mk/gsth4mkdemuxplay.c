/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* What h4mkdemux does with what it has read, however it was read. */

#include <gio/gio.h>

#include "gsth4-i18n.h"
#include "gsth4json.h"
#include "gsth4mkdemuxpriv.h"

GST_DEBUG_CATEGORY_EXTERN (gst_h4mk_demux_debug);
#define GST_CAT_DEFAULT gst_h4mk_demux_debug

void
gst_h4mk_demux_post_error (GstH4MkDemux * self, const GError * error)
{
  self->error_posted = TRUE;
  if (error->domain != GST_H4MK_ERROR) {
    GST_ELEMENT_ERROR (self, RESOURCE, READ,
        (_("The file cannot be read.")), ("%s", error->message));
    return;
  }
  switch (error->code) {
    case GST_H4MK_ERROR_FORMAT:
      GST_ELEMENT_ERROR (self, STREAM, WRONG_TYPE,
          (_("This is not an H4MK file, or one of another version.")),
          ("%s", error->message));
      break;
    case GST_H4MK_ERROR_UNSUPPORTED:
      GST_ELEMENT_ERROR (self, STREAM, NOT_IMPLEMENTED,
          (_("This file needs a newer version of this player.")),
          ("%s", error->message));
      break;
    case GST_H4MK_ERROR_TRUNCATED:
      GST_ELEMENT_ERROR (self, STREAM, DEMUX,
          (_("This file is cut off before its first data.")),
          ("%s", error->message));
      break;
    case GST_H4MK_ERROR_UNSIGNED:
      GST_ELEMENT_ERROR (self, STREAM, DEMUX,
          (_("This is not signed by the key that is trusted.")),
          ("%s", error->message));
      break;
    default:
      GST_ELEMENT_ERROR (self, STREAM, DEMUX,
          (_("This file is damaged.")), ("%s", error->message));
      break;
  }
}

static void
gst_h4mk_demux_post_warning (GstH4MkDemux * self, const GError * error)
{
  gchar tag[5] = "";
  guint32 number = 0;
  guint64 offset = 0;

  if (gst_h4mk_error_get_place (error, &number, &offset))
    gst_h4mk_tag_to_string (number, tag);
  GST_ELEMENT_WARNING_WITH_DETAILS (self, STREAM, DEMUX,
      (g_error_matches (error, GST_H4MK_ERROR, GST_H4MK_ERROR_UNSIGNED) ?
          _("This is not signed by the key that is trusted; playing it.") :
          _("This file is damaged; playing what is left.")),
      ("%s", error->message), ("tag", G_TYPE_STRING, tag, "offset",
          G_TYPE_UINT64, offset, NULL));
}

/* Of what does not hold: what to go on with. */
static GstFlowReturn
gst_h4mk_demux_complain (GstH4MkDemux * self, const GError * error)
{
  if (self->skips) {
    gst_h4mk_demux_post_warning (self, error);
    return GST_FLOW_OK;
  }
  gst_h4mk_demux_post_error (self, error);
  return GST_FLOW_ERROR;
}

void
gst_h4mk_demux_jump (GstH4MkDemux * self, guint64 offset, guint64 next_block)
{
  GstH4mkProfile profile = self->index ?
      gst_h4mk_index_get_profile (self->index) :
      gst_h4mk_parser_get_profile (self->parser);

  self->readahead = GST_H4MK_DEMUX_READ_FIRST;
  gst_h4mk_parser_seek (self->parser, offset, profile, self->tracks,
      next_block);
  self->next_block = 0;
}

static void
gst_h4mk_demux_mark_discont (GstH4MkDemux * self)
{
  guint i;

  for (i = 0; i < self->streams->len; i++)
    ((GstH4MkStream *) g_ptr_array_index (self->streams, i))->discont = TRUE;
}

/* Damage costs what it hits: one block, or all up to the next sound group. */
GstFlowReturn
gst_h4mk_demux_handle_damage (GstH4MkDemux * self, const GstH4mkItem * item,
    const GError * damage)
{
  GstH4MkStream *stream;

  if (!self->skips) {
    gst_h4mk_demux_post_error (self, damage);
    return GST_FLOW_ERROR;
  }
  gst_h4mk_demux_post_warning (self, damage);
  if (item && item->record) {
    self->next_block = item->block + 1;
    stream = gst_h4mk_demux_find_stream (self, item->record->track);
    if (stream)
      stream->discont = TRUE;
    return GST_FLOW_OK;
  }
  gst_h4mk_demux_mark_discont (self);
  if (self->in_refs)
    return gst_h4mk_demux_next_ref (self);
  gst_h4mk_demux_begin_resync (self);
  return GST_FLOW_OK;
}

/* From where the damage is on: it may be that only something before it is
 * missing. */
void
gst_h4mk_demux_begin_resync (GstH4MkDemux * self)
{
  guint64 offset = gst_h4mk_parser_get_offset (self->parser);

  self->resyncing = TRUE;
  self->resync_from = offset == self->resynced_at ? offset + 1 : offset;
}

/* Of a group from before the span, only that group is played. */
GstFlowReturn
gst_h4mk_demux_end_item (GstH4MkDemux * self, const GstH4mkItem * item,
    GstFlowReturn flow)
{
  if (flow == GST_FLOW_OK && self->in_refs && item->chunk.tag ==
      GST_H4MK_TAG_CORE && gst_h4mk_parser_get_group_left (self->parser) == 0)
    return gst_h4mk_demux_next_ref (self);
  return flow;
}

static GstEvent *
gst_h4mk_demux_end_segment (GstH4MkDemux * self)
{
  gint64 stop = GST_CLOCK_TIME_IS_VALID (self->segment.stop) ?
      (gint64) self->segment.stop : self->duration;
  GstMessage *message;

  if (self->segment.rate < 0.0)
    stop = self->segment.start;
  /* the next segment goes on from here */
  GST_OBJECT_LOCK (self);
  self->segment.position = stop;
  GST_OBJECT_UNLOCK (self);
  message = gst_message_new_segment_done (GST_OBJECT (self),
      GST_FORMAT_TIME, stop);
  gst_message_set_seqnum (message, self->seqnum);
  gst_element_post_message (GST_ELEMENT (self), message);
  return gst_event_new_segment_done (GST_FORMAT_TIME, stop);
}

void
gst_h4mk_demux_end_streams (GstH4MkDemux * self, GstFlowReturn flow)
{
  GError *error = NULL;
  GstEvent *event;

  if (flow == GST_FLOW_FLUSHING)
    return;
  if (flow != GST_FLOW_EOS) {
    if (!self->error_posted)
      GST_ELEMENT_FLOW_ERROR (self, flow);
    gst_h4mk_demux_push_event (self, gst_event_new_eos ());
    return;
  }
  if (self->proof && self->units->len == 0
      && !gst_h4mk_proof_end (self->proof, &error)) {
    gst_h4mk_demux_complain (self, error);
    g_clear_error (&error);
  }
  gst_h4mk_demux_flush_events (self);
  if (self->segment.flags & GST_SEGMENT_FLAG_SEGMENT)
    event = gst_h4mk_demux_end_segment (self);
  else
    event = gst_event_new_eos ();
  if (self->seqnum != GST_SEQNUM_INVALID)
    gst_event_set_seqnum (event, self->seqnum);
  if (!gst_h4mk_demux_push_event (self, event) && self->streams->len == 0)
    GST_ELEMENT_ERROR (self, STREAM, DEMUX,
        (_("This file has no streams.")), (NULL));
}

/* Push mode: the first group tells where time begins. */
static void
gst_h4mk_demux_start_from_group (GstH4MkDemux * self,
    const GstH4mkToken * token)
{
  gint64 least_pts = G_MAXINT64, least = G_MAXINT64, start;
  guint i;

  for (i = 0; i < token->records->len; i++) {
    const GstH4mkRecord *record = gst_h4mk_token_record (token, i);

    if (!(record->flags & GST_H4MK_RECORD_NO_PTS))
      least_pts = MIN (least_pts, record->pts);
    if (record->flags & GST_H4MK_RECORD_HAS_DTS)
      least = MIN (least, record->dts);
  }
  least = MIN (least, least_pts);
  if (least_pts == G_MAXINT64)
    least_pts = 0;
  if (least == G_MAXINT64 || least > 0)
    least = 0;
  if (least == G_MININT64)
    least++;
  if (__builtin_sub_overflow (least_pts, least, &start))
    start = G_MAXINT64;
  gst_h4mk_demux_set_start (self, -least, MAX (start, 0));
}

static GstFlowReturn
gst_h4mk_demux_handle_group (GstH4MkDemux * self, const GstH4mkItem * item)
{
  self->group_offset = item->chunk.offset;
  self->next_block = item->token->first_block;
  if (!self->has_start)
    gst_h4mk_demux_start_from_group (self, item->token);
  if (self->units->len > 0 && item->token->first_block >=
      g_array_index (self->units, GstH4MkUnit, self->unit).end_block)
    return gst_h4mk_demux_next_unit (self);
  return GST_FLOW_OK;
}

/* Every stream has reached the stop; what was played of a span is proven by
 * its LINK. */
static gboolean
gst_h4mk_demux_is_over (GstH4MkDemux * self)
{
  return gst_h4mk_demux_all_done (self) && !(self->proof
      && self->units->len == 0 && gst_h4mk_proof_awaits_link (self->proof));
}

static GstFlowReturn
gst_h4mk_demux_handle_block (GstH4MkDemux * self, const GstH4mkItem * item,
    GstBuffer * payload)
{
  GstH4MkStream *stream =
      gst_h4mk_demux_find_stream (self, item->record->track);
  GstFlowReturn flow = GST_FLOW_OK;

  self->next_block = item->block + 1;
  if (self->units->len > 0) {
    const GstH4MkUnit *unit =
        &g_array_index (self->units, GstH4MkUnit, self->unit);

    if (item->block >= unit->end_block) {
      gst_clear_buffer (&payload);
      return gst_h4mk_demux_next_unit (self);
    }
    if (item->block < unit->first_block)
      stream = NULL;
  }
  if (!stream || !stream->added || !gst_h4mk_demux_wants_block (self, stream,
          item)) {
    gst_clear_buffer (&payload);
  } else {
    flow = gst_h4mk_demux_push_block (self, stream, item, payload);
  }
  if (flow == GST_FLOW_OK && stream && stream->eos
      && gst_h4mk_demux_is_over (self))
    flow = GST_FLOW_EOS;
  return flow;
}

static GstFlowReturn
gst_h4mk_demux_handle_proof (GstH4MkDemux * self, const GstH4mkItem * item)
{
  GError *error = NULL;
  GstFlowReturn flow = GST_FLOW_OK;

  if (!gst_h4mk_proof_item (self->proof, item, &error)) {
    flow = gst_h4mk_demux_complain (self, error);
    g_clear_error (&error);
  }
  return flow;
}

/* Where the end could not be read before, the final tags come last. */
static void
gst_h4mk_demux_handle_meta (GstH4MkDemux * self, const GstH4mkItem * item)
{
  JsonObject *meta;

  if (self->meta_loaded || gst_h4mk_parser_get_profile (self->parser) !=
      GST_H4MK_PROFILE_TRACK)
    return;
  meta = gst_h4_json_parse_object (item->chunk.payload, item->chunk.size, NULL);
  if (!meta)
    return;
  gst_h4mk_demux_load_tags (self, meta);
  json_object_unref (meta);
  gst_h4mk_demux_flush_events (self);
}

/* payload: the bytes of a CORE, or NULL. */
GstFlowReturn
gst_h4mk_demux_handle_item (GstH4MkDemux * self, const GstH4mkItem * item,
    GstBuffer * payload)
{
  GstFlowReturn flow = GST_FLOW_OK;
  GError *error = NULL;

  if (self->proof && !self->in_refs && self->units->len == 0)
    flow = gst_h4mk_demux_handle_proof (self, item);
  if (flow != GST_FLOW_OK) {
    gst_clear_buffer (&payload);
    return flow;
  }
  /* the base profile has blocks and an end; all else is passed over */
  if (gst_h4mk_parser_get_profile (self->parser) == GST_H4MK_PROFILE_BASE
      && item->chunk.tag != GST_H4MK_TAG_CORE
      && item->chunk.tag != GST_H4MK_TAG_VERI)
    return GST_FLOW_OK;
  switch (item->chunk.tag) {
    case GST_H4MK_TAG_TRAK:
      if (!gst_h4mk_demux_set_tracks (self, item->tracks, &error)) {
        gst_h4mk_demux_post_error (self, error);
        g_clear_error (&error);
        return GST_FLOW_ERROR;
      }
      return GST_FLOW_OK;
    case GST_H4MK_TAG_TOKN:
      return gst_h4mk_demux_handle_group (self, item);
    case GST_H4MK_TAG_CORE:
      return gst_h4mk_demux_handle_block (self, item, payload);
    case GST_H4MK_TAG_LINK:
      return gst_h4mk_demux_is_over (self) ? GST_FLOW_EOS : GST_FLOW_OK;
    case GST_H4MK_TAG_SEEK:
      /* nothing but tables comes after it, and META; a chain is proven to its
       * end */
      return self->units->len == 0 && (!self->meta_loaded || self->proof) ?
          GST_FLOW_OK : GST_FLOW_EOS;
    case GST_H4MK_TAG_META:
      gst_h4mk_demux_handle_meta (self, item);
      return GST_FLOW_OK;
    case GST_H4MK_TAG_VERI:
      return GST_FLOW_EOS;
    default:
      return GST_FLOW_OK;
  }
}
