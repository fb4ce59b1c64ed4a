/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* Seeks of h4mkdemux: who stops whom, and what is told downstream. */

#include <gio/gio.h>

#include "gsth4mkdemuxpriv.h"

GST_DEBUG_CATEGORY_EXTERN (gst_h4mk_demux_debug);
#define GST_CAT_DEFAULT gst_h4mk_demux_debug

static void
gst_h4mk_demux_set_flushing (GstH4MkDemux * self, gboolean flushing)
{
  g_mutex_lock (&self->wait_lock);
  self->flushing = flushing;
  g_cond_broadcast (&self->wait_cond);
  g_mutex_unlock (&self->wait_lock);
}

static gboolean
push_to_pad (GstElement * element, GstPad * pad, gpointer event)
{
  gst_pad_push_event (pad, gst_event_ref (event));
  return TRUE;
}

/* From any thread: pads may come and go meanwhile. */
static void
gst_h4mk_demux_push_flush (GstH4MkDemux * self, GstEvent * event,
    guint32 seqnum)
{
  gst_event_set_seqnum (event, seqnum);
  if (self->pull)
    gst_pad_push_event (self->sinkpad, gst_event_ref (event));
  gst_element_foreach_src_pad (GST_ELEMENT (self), push_to_pad, event);
  gst_event_unref (event);
}

/* What is counted from the end becomes a place in the stream. Without an end
 * it stays, as what is not named does, where it was. */
static void
resolve (GstSeekType * type, gint64 * value, guint64 current, guint64 duration)
{
  if (*type == GST_SEEK_TYPE_END && GST_CLOCK_TIME_IS_VALID (duration)) {
    *value = duration + CLAMP (*value, -(gint64) duration, 0);
    *type = GST_SEEK_TYPE_SET;
  } else if (*type != GST_SEEK_TYPE_SET) {
    *value = current;
    *type = GST_SEEK_TYPE_NONE;
  }
}

/* What GStreamer takes for a programmer's error comes from a user here. */
static gboolean
do_segment_seek (GstSegment * segment, GstEvent * event)
{
  GstSeekType start_type, stop_type;
  GstSeekFlags flags;
  gint64 start, stop;
  GstFormat format;
  gdouble rate;

  gst_event_parse_seek (event, &rate, &format, &flags, &start_type, &start,
      &stop_type, &stop);
  resolve (&start_type, &start, segment->start, segment->duration);
  resolve (&stop_type, &stop, segment->stop, segment->duration);
  start = MAX (start, 0);
  if (stop != -1 && stop < start)
    return FALSE;
  return gst_segment_do_seek (segment, rate, format, flags, start_type, start,
      stop_type, stop, NULL);
}

/* Called with the stream lock of the sink pad. The segment changes only where
 * the seek succeeds. */
static gboolean
gst_h4mk_demux_do_seek (GstH4MkDemux * self, GstEvent * event, GError ** error)
{
  GstSegment segment = self->segment;
  GstSeekFlags flags;

  gst_event_parse_seek (event, NULL, NULL, &flags, NULL, NULL, NULL, NULL);
  if (!do_segment_seek (&segment, event)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "it ends before it starts");
    return FALSE;
  }
  if (segment.rate < 0.0 && !GST_CLOCK_TIME_IS_VALID (segment.stop))
    segment.stop = segment.position = MAX (self->duration, 0);
  if (!gst_h4mk_demux_plan (self, &segment, flags, error))
    return FALSE;

  GST_OBJECT_LOCK (self);
  self->segment = segment;
  GST_OBJECT_UNLOCK (self);
  gst_h4mk_demux_new_segment (self);
  return TRUE;
}

static void
gst_h4mk_demux_post_segment_start (GstH4MkDemux * self, GstEvent * event)
{
  GstSeekFlags flags;
  GstMessage *message;

  gst_event_parse_seek (event, NULL, NULL, &flags, NULL, NULL, NULL, NULL);
  if (!(flags & GST_SEEK_FLAG_SEGMENT))
    return;
  message = gst_message_new_segment_start (GST_OBJECT (self),
      GST_FORMAT_TIME, self->segment.position);
  gst_message_set_seqnum (message, gst_event_get_seqnum (event));
  gst_element_post_message (GST_ELEMENT (self), message);
}

/* Called with the stream lock of the sink pad. */
static void
gst_h4mk_demux_begin_seek (GstH4MkDemux * self, guint32 seqnum, gboolean flush)
{
  if (flush)
    gst_h4mk_demux_push_flush (self, gst_event_new_flush_stop (TRUE), seqnum);
  self->seqnum = seqnum;
  self->resyncing = FALSE;
  self->resynced_at = G_MAXUINT64;
  self->error_posted = FALSE;
}

static gboolean
gst_h4mk_demux_seek_pull (GstH4MkDemux * self, GstEvent * event, gboolean flush)
{
  guint32 seqnum = gst_event_get_seqnum (event);
  GError *error = NULL;
  gboolean ok;

  gst_h4mk_demux_set_flushing (self, TRUE);
  if (flush)
    gst_h4mk_demux_push_flush (self, gst_event_new_flush_start (), seqnum);
  else
    gst_pad_pause_task (self->sinkpad);
  GST_PAD_STREAM_LOCK (self->sinkpad);
  gst_h4mk_demux_set_flushing (self, FALSE);
  gst_h4mk_demux_begin_seek (self, seqnum, flush);
  ok = gst_h4mk_demux_do_seek (self, event, &error);
  if (ok) {
    gst_h4mk_demux_post_segment_start (self, event);
  } else {
    GST_WARNING_OBJECT (self, "cannot seek: %s", error->message);
    g_clear_error (&error);
    gst_h4mk_demux_new_segment (self);
  }
  gst_pad_start_task (self->sinkpad, (GstTaskFunction) gst_h4mk_demux_loop,
      self->sinkpad, NULL);
  GST_PAD_STREAM_UNLOCK (self->sinkpad);
  return ok;
}

gboolean
gst_h4mk_demux_continue_seek (GstH4MkDemux * self, gboolean * ok)
{
  GError *error = NULL;

  *ok = gst_h4mk_demux_do_seek (self, self->pending_seek, &error);
  if (!*ok && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
    g_clear_error (&error);
    *ok = TRUE;
    return FALSE;
  }
  if (*ok) {
    gst_h4mk_demux_post_segment_start (self, self->pending_seek);
  } else {
    GST_WARNING_OBJECT (self, "cannot seek: %s", error->message);
    g_clear_error (&error);
    gst_h4mk_demux_new_segment (self);
  }
  gst_clear_event (&self->pending_seek);
  gst_h4mk_demux_drop_pieces (self);
  self->phase = GST_H4MK_DEMUX_PUSH_PLAY;
  return TRUE;
}

/* Plans as far as what was read before allows, then sends upstream to the
 * first byte that is missing; the rest is done as the bytes come in. No lock
 * is held meanwhile: upstream waits for its streaming thread. */
static gboolean
gst_h4mk_demux_seek_push (GstH4MkDemux * self, GstEvent * event, gboolean flush)
{
  guint32 seqnum = gst_event_get_seqnum (event);
  gboolean ok = TRUE;
  GstEvent *byte_seek;
  guint64 offset;

  if (flush)
    gst_h4mk_demux_push_flush (self, gst_event_new_flush_start (), seqnum);
  GST_PAD_STREAM_LOCK (self->sinkpad);
  gst_h4mk_demux_begin_seek (self, seqnum, flush);
  gst_event_replace (&self->pending_seek, event);
  self->phase = GST_H4MK_DEMUX_PUSH_PLAN;
  self->fetches = 0;
  self->want_size = 0;
  offset = gst_h4mk_demux_continue_seek (self, &ok) ?
      gst_h4mk_parser_get_offset (self->parser) : self->want_offset;
  self->awaits_flush = TRUE;
  self->ended = FALSE;
  byte_seek = gst_h4mk_demux_new_byte_seek (self, offset);
  GST_PAD_STREAM_UNLOCK (self->sinkpad);

  if (!gst_pad_push_event (self->sinkpad, byte_seek)) {
    GST_WARNING_OBJECT (self, "upstream does not seek to %" G_GUINT64_FORMAT,
        offset);
    GST_PAD_STREAM_LOCK (self->sinkpad);
    self->awaits_flush = FALSE;
    GST_PAD_STREAM_UNLOCK (self->sinkpad);
    ok = FALSE;
  }
  return ok;
}

gboolean
gst_h4mk_demux_seek (GstH4MkDemux * self, GstEvent * event)
{
  guint32 seqnum = gst_event_get_seqnum (event);
  gboolean flush, again, ok;
  GstSeekFlags flags;
  GstFormat format;
  gdouble rate;

  gst_event_parse_seek (event, &rate, &format, &flags, NULL, NULL, NULL, NULL);
  flush = (flags & GST_SEEK_FLAG_FLUSH) != 0;
  GST_OBJECT_LOCK (self);
  ok = self->seekable;
  GST_OBJECT_UNLOCK (self);
  if (format != GST_FORMAT_TIME || !ok)
    return FALSE;
  /* backwards, each run of blocks would be a request of its own, and no chain
   * proves them */
  if (rate < 0.0 && (!self->pull || self->signed_only
          || gst_h4mk_index_get_profile (self->index) == GST_H4MK_PROFILE_BASE))
    return FALSE;

  /* a pipeline sends its seek through each sink */
  g_mutex_lock (&self->wait_lock);
  again = seqnum == self->seek_seqnum;
  ok = self->seek_result;
  self->seek_seqnum = seqnum;
  g_mutex_unlock (&self->wait_lock);
  if (again)
    return ok;
  ok = self->pull ? gst_h4mk_demux_seek_pull (self, event, flush) :
      gst_h4mk_demux_seek_push (self, event, flush);
  g_mutex_lock (&self->wait_lock);
  self->seek_result = ok;
  g_mutex_unlock (&self->wait_lock);
  return ok;
}
