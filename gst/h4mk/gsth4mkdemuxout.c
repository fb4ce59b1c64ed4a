/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* What h4mkdemux pushes: which blocks, with which times and flags, and the
 * segments and gaps between them. */

#include "gsth4meta.h"
#include "gsth4mkdemuxpriv.h"

GST_DEBUG_CATEGORY_EXTERN (gst_h4mk_demux_debug);
#define GST_CAT_DEFAULT gst_h4mk_demux_debug

/* A stream that brings nothing for this long is said to have a gap, so that
 * nobody waits for it. */
#define SPARSE_LAG (500 * GST_MSECOND)
#define DENSE_LAG (3 * GST_SECOND)
#define LAG_CHECK_INTERVAL (250 * GST_MSECOND)

void
gst_h4mk_demux_set_start (GstH4MkDemux * self, gint64 shift, gint64 start)
{
  self->shift = shift;
  /* what stays negative becomes 0 */
  self->start = MAX (start, 0);
  self->has_start = TRUE;
}

/* Every stream gets the segment before its next buffer. */
void
gst_h4mk_demux_new_segment (GstH4MkDemux * self)
{
  guint i;

  for (i = 0; i < self->streams->len; i++) {
    GstH4MkStream *stream = g_ptr_array_index (self->streams, i);

    stream->need_segment = TRUE;
    stream->discont = TRUE;
    stream->eos = FALSE;
    stream->position = G_MININT64;
  }
  gst_flow_combiner_reset (self->flows);
  self->gap_position = G_MININT64;
}

static void
gst_h4mk_demux_send_tags (GstH4MkDemux * self, GstH4MkStream * stream)
{
  stream->need_tags = FALSE;
  if (self->tags)
    gst_pad_push_event (stream->pad,
        gst_event_new_tag (gst_tag_list_ref (self->tags)));
  if (stream->tags)
    gst_pad_push_event (stream->pad,
        gst_event_new_tag (gst_tag_list_ref (stream->tags)));
}

/* Stream time 0 is the first group's time. */
static void
gst_h4mk_demux_send_segment (GstH4MkDemux * self, GstH4MkStream * stream)
{
  GstSegment segment = self->segment;
  GstEvent *event;

  segment.start += self->start;
  segment.position += self->start;
  if (GST_CLOCK_TIME_IS_VALID (segment.stop))
    segment.stop += self->start;
  event = gst_event_new_segment (&segment);
  if (self->seqnum != GST_SEQNUM_INVALID)
    gst_event_set_seqnum (event, self->seqnum);
  stream->need_segment = FALSE;
  gst_pad_push_event (stream->pad, event);
  if (stream->need_tags)
    gst_h4mk_demux_send_tags (self, stream);
}

/* Streams that had no buffer need their segment too, and late tags. */
void
gst_h4mk_demux_flush_events (GstH4MkDemux * self)
{
  guint i;

  for (i = 0; i < self->streams->len; i++) {
    GstH4MkStream *stream = g_ptr_array_index (self->streams, i);

    if (stream->added && stream->need_segment)
      gst_h4mk_demux_send_segment (self, stream);
    if (stream->added && stream->need_tags)
      gst_h4mk_demux_send_tags (self, stream);
  }
}

static gboolean
is_sparse (const GstH4MkStream * stream)
{
  return stream->kind == GST_H4MK_TRACK_SUBTITLE
      || stream->kind == GST_H4MK_TRACK_DATA;
}

void
gst_h4mk_demux_push_gap (GstH4MkDemux * self, GstH4MkStream * stream,
    GstClockTime time, GstClockTime duration)
{
  if (stream->need_segment)
    gst_h4mk_demux_send_segment (self, stream);
  gst_pad_push_event (stream->pad, gst_event_new_gap (time, duration));
}

/* Tells streams that have fallen behind that nothing is coming. */
static void
gst_h4mk_demux_send_gaps (GstH4MkDemux * self, gint64 position)
{
  gint64 start = (gint64) MIN (self->segment.start + (guint64) self->start,
      (guint64) G_MAXINT64);
  guint i;

  self->gap_position = position;
  for (i = 0; i < self->streams->len; i++) {
    GstH4MkStream *stream = g_ptr_array_index (self->streams, i);
    gint64 from = MAX (stream->position, start);

    if (stream->eos || position - from <
        (gint64) (is_sparse (stream) ? SPARSE_LAG : DENSE_LAG))
      continue;
    if (stream->need_segment)
      gst_h4mk_demux_send_segment (self, stream);
    gst_pad_push_event (stream->pad, gst_event_new_gap (from, position - from));
    stream->position = position;
  }
}

static gboolean
is_base (GstH4MkDemux * self)
{
  return gst_h4mk_parser_get_profile (self->parser) == GST_H4MK_PROFILE_BASE;
}

static gboolean
is_trick_skipped (GstH4MkDemux * self, GstH4MkStream * stream,
    const GstH4mkRecord * record)
{
  GstSegmentFlags flags = self->segment.flags;

  if (stream->kind == GST_H4MK_TRACK_AUDIO)
    return (flags & GST_SEGMENT_FLAG_TRICKMODE_NO_AUDIO) != 0;
  return (stream->kind == GST_H4MK_TRACK_VIDEO || is_base (self))
      && (flags & GST_SEGMENT_FLAG_TRICKMODE_KEY_UNITS)
      && !(record->flags & GST_H4MK_RECORD_KEY);
}

/* A single group of a stream that needs nothing else from before the span. */
static gboolean
is_referred_to (GstH4MkDemux * self, GstH4MkStream * stream)
{
  guint i;

  for (i = 0; i < self->refs->len; i++) {
    const GstH4mkSeekRef *ref = &g_array_index (self->refs, GstH4mkSeekRef, i);

    if (ref->offset == self->group_offset && ref->track == stream->id)
      return TRUE;
  }
  return FALSE;
}

gboolean
gst_h4mk_demux_wants_block (GstH4MkDemux * self, GstH4MkStream * stream,
    const GstH4mkItem * item)
{
  if (stream->eos || is_trick_skipped (self, stream, item->record))
    return FALSE;
  if (self->refs->len > 0 && is_referred_to (self, stream))
    return TRUE;
  if (self->group_offset < stream->first_group
      || item->block < stream->first_block)
    return FALSE;
  if (stream->wait_key && !(item->record->flags & GST_H4MK_RECORD_KEY))
    return FALSE;
  stream->wait_key = FALSE;
  return TRUE;
}

static const struct
{
  GstH4mkRecordFlags record;
  GstBufferFlags flag;
} flag_map[] = {
  {GST_H4MK_RECORD_DISCONT, GST_BUFFER_FLAG_DISCONT},
  {GST_H4MK_RECORD_DROPPABLE, GST_BUFFER_FLAG_DROPPABLE},
  {GST_H4MK_RECORD_HEADER, GST_BUFFER_FLAG_HEADER},
  {GST_H4MK_RECORD_MARKER, GST_BUFFER_FLAG_MARKER},
  {GST_H4MK_RECORD_GAP, GST_BUFFER_FLAG_GAP},
  {GST_H4MK_RECORD_CORRUPTED, GST_BUFFER_FLAG_CORRUPTED},
  {GST_H4MK_RECORD_RESYNC, GST_BUFFER_FLAG_RESYNC},
};

static GstH4Kind
record_kind (const GstH4mkRecord * record)
{
  if (record->flags & GST_H4MK_RECORD_KEY)
    return GST_H4_KIND_I;
  return record->flags & (GST_H4MK_RECORD_DROPPABLE |
      GST_H4MK_RECORD_REORDERED) ? GST_H4_KIND_B : GST_H4_KIND_P;
}

/* What lies before 0 after the shift becomes 0. */
static GstClockTime
shifted (GstH4MkDemux * self, gint64 time)
{
  gint64 result;

  if (__builtin_add_overflow (time, self->shift, &result))
    return time < 0 ? 0 : (GstClockTime) G_MAXINT64;
  return result < 0 ? 0 : (GstClockTime) result;
}

static void
gst_h4mk_demux_describe (GstH4MkDemux * self, GstH4MkStream * stream,
    const GstH4mkItem * item, GstBuffer * buffer)
{
  const GstH4mkRecord *record = item->record;
  guint i;

  if (!(record->flags & GST_H4MK_RECORD_KEY))
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  for (i = 0; i < G_N_ELEMENTS (flag_map); i++) {
    if (record->flags & flag_map[i].record)
      GST_BUFFER_FLAG_SET (buffer, flag_map[i].flag);
  }
  if (stream->discont)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  stream->discont = FALSE;
  if (!(record->flags & GST_H4MK_RECORD_NO_PTS))
    GST_BUFFER_PTS (buffer) = shifted (self, record->pts);
  if (record->flags & GST_H4MK_RECORD_HAS_DTS)
    GST_BUFFER_DTS (buffer) = shifted (self, record->dts);
  if ((record->flags & GST_H4MK_RECORD_HAS_DURATION) && record->duration >= 0)
    GST_BUFFER_DURATION (buffer) = record->duration;
  GST_BUFFER_OFFSET (buffer) = item->block;
  if (record->flags & GST_H4MK_RECORD_HAS_INDEX)
    gst_buffer_add_h4_block_meta (buffer, record->index, record_kind (record),
        gst_buffer_get_size (buffer));
  else if (is_base (self))
    gst_buffer_add_h4_block_meta (buffer, item->block, record_kind (record),
        gst_buffer_get_size (buffer));
}

/* Forwards, a stream is done once its blocks are both decoded and shown after
 * the stop. */
static gboolean
is_past_stop (GstH4MkDemux * self, GstBuffer * buffer)
{
  GstClockTime time = GST_BUFFER_DTS_OR_PTS (buffer);
  GstClockTime stop = self->segment.stop;

  if (self->segment.rate < 0.0 || !GST_CLOCK_TIME_IS_VALID (stop)
      || !GST_CLOCK_TIME_IS_VALID (time))
    return FALSE;
  stop += self->start;
  return time >= stop && (!GST_BUFFER_PTS_IS_VALID (buffer)
      || GST_BUFFER_PTS (buffer) >= stop);
}

static void
gst_h4mk_demux_advance (GstH4MkDemux * self, GstH4MkStream * stream,
    GstBuffer * buffer)
{
  GstClockTime time = GST_BUFFER_PTS (buffer);
  gint64 end;

  if (!GST_CLOCK_TIME_IS_VALID (time) || time > G_MAXINT64 / 2)
    return;
  end = time;
  if (GST_BUFFER_DURATION_IS_VALID (buffer)
      && GST_BUFFER_DURATION (buffer) < G_MAXINT64 / 2)
    end += GST_BUFFER_DURATION (buffer);
  stream->position = MAX (stream->position, end);

  GST_OBJECT_LOCK (self);
  self->segment.position = (gint64) time > self->start ? time - self->start : 0;
  GST_OBJECT_UNLOCK (self);
  if (self->segment.rate > 0.0 && (self->gap_position == G_MININT64
          || (gint64) time - self->gap_position >= (gint64) LAG_CHECK_INTERVAL))
    gst_h4mk_demux_send_gaps (self, time);
}

GstFlowReturn
gst_h4mk_demux_push_block (GstH4MkDemux * self, GstH4MkStream * stream,
    const GstH4mkItem * item, GstBuffer * buffer)
{
  GstFlowReturn flow;

  gst_h4mk_demux_describe (self, stream, item, buffer);
  if (is_past_stop (self, buffer)) {
    stream->eos = TRUE;
    gst_buffer_unref (buffer);
    return GST_FLOW_OK;
  }
  if (stream->need_segment)
    gst_h4mk_demux_send_segment (self, stream);
  gst_h4mk_demux_advance (self, stream, buffer);
  flow = gst_pad_push (stream->pad, buffer);
  return gst_flow_combiner_update_pad_flow (self->flows, stream->pad, flow);
}

/* Whether no stream wants more before the segment's stop. Sparse ones do not
 * keep the others waiting. */
gboolean
gst_h4mk_demux_all_done (GstH4MkDemux * self)
{
  gboolean any = FALSE;
  guint i;

  for (i = 0; i < self->streams->len; i++) {
    GstH4MkStream *stream = g_ptr_array_index (self->streams, i);

    if (stream->eos)
      any = TRUE;
    else if (!is_sparse (stream))
      return FALSE;
  }
  return any;
}
