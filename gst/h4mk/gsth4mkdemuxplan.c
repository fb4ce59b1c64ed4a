/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* Where h4mkdemux plays from. */

#include <gio/gio.h>
#include <string.h>

#include "gsth4blocktiming.h"
#include "gsth4mkdemuxpriv.h"

GST_DEBUG_CATEGORY_EXTERN (gst_h4mk_demux_debug);
#define GST_CAT_DEFAULT gst_h4mk_demux_debug

/* Backwards, a run of spans without a key block at their start is read at
 * once; one longer than this is cut, as no decoder could hold it. */
#define MAX_RUN 128
#define TRAK_READ 8192

static gint64
clamped_sub (gint64 a, gint64 b)
{
  gint64 result;

  if (__builtin_sub_overflow (a, b, &result))
    return b > 0 ? G_MININT64 + 1 : G_MAXINT64;
  return result;
}

/* Stream time and the times as they are stored. */
static gint64
to_stored (GstH4MkDemux * self, guint64 stream_time)
{
  gint64 time = (gint64) MIN (stream_time, (guint64) G_MAXINT64);

  return clamped_sub (clamped_sub (time, -self->start), self->shift);
}

static guint64
to_stream_time (GstH4MkDemux * self, gint64 stored)
{
  gint64 time = clamped_sub (clamped_sub (stored, -self->shift), self->start);

  return time < 0 ? 0 : (guint64) time;
}

/* Whether a block of the primary track is at or before the time; the last
 * such key of a span, else its first. */
static const GstH4mkKey *
pick_key (GArray * keys, gint64 time, gboolean after)
{
  const GstH4mkKey *best = NULL;
  guint i;

  for (i = 0; i < keys->len; i++) {
    const GstH4mkKey *key = &g_array_index (keys, GstH4mkKey, i);

    if (after ? key->pts >= time && (!best || key->pts < best->pts)
        : key->pts <= time)
      best = key;
  }
  return best;
}

/* The key block at or before a time, and the span that it is in. */
static gboolean
gst_h4mk_demux_find_key_before (GstH4MkDemux * self, guint primary,
    gint64 time, guint64 * span, GstH4mkKey * found, GError ** error)
{
  GArray *keys = g_array_new (FALSE, FALSE, sizeof (GstH4mkKey));
  const GstH4mkKey *key = NULL;
  gboolean ok;

  ok = gst_h4mk_index_find_time (self->index, time, span, error)
      && gst_h4mk_index_list_keys (self->index, *span, primary, keys, error);
  if (ok) {
    key = pick_key (keys, time, FALSE);
    if (!key && keys->len > 0)
      key = &g_array_index (keys, GstH4mkKey, 0);
    *found = key ? *key : (GstH4mkKey) {
    0, 0, G_MININT64};
  }
  g_array_unref (keys);
  return ok;
}

/* The key block at or after a time; found->pts is G_MININT64 where there is
 * none. */
static gboolean
gst_h4mk_demux_find_key_after (GstH4MkDemux * self, guint primary,
    gint64 time, guint64 * span, GstH4mkKey * found, GError ** error)
{
  guint64 n = gst_h4mk_index_get_n_spans (self->index), number = *span;
  GArray *keys = g_array_new (FALSE, FALSE, sizeof (GstH4mkKey));
  const GstH4mkKey *key = NULL;
  gboolean ok = TRUE;
  guint tries;

  found->pts = G_MININT64;
  for (tries = 0; tries < MAX_RUN && number < n && !key; tries++, number++) {
    ok = gst_h4mk_index_list_keys (self->index, number, primary, keys, error);
    if (!ok)
      break;
    key = pick_key (keys, time, TRUE);
    if (key) {
      *span = number;
      *found = *key;
    }
  }
  g_array_unref (keys);
  return ok;
}

static void
gst_h4mk_demux_clear_plan (GstH4MkDemux * self)
{
  guint i;

  g_array_set_size (self->refs, 0);
  self->next_ref = 0;
  self->in_refs = FALSE;
  g_array_set_size (self->units, 0);
  for (i = 0; i < self->streams->len; i++) {
    GstH4MkStream *stream = g_ptr_array_index (self->streams, i);

    stream->first_group = 0;
    stream->first_block = 0;
    stream->wait_key = FALSE;
  }
}

static void
gst_h4mk_demux_limit_streams (GstH4MkDemux * self, guint64 token_offset,
    guint primary, const GstH4mkKey * key)
{
  guint i;

  for (i = 0; i < self->streams->len; i++) {
    GstH4MkStream *stream = g_ptr_array_index (self->streams, i);

    stream->first_group = token_offset;
    if (stream->id == primary && key->pts != G_MININT64)
      stream->first_block = key->block;
    else
      stream->wait_key = stream->kind == GST_H4MK_TRACK_VIDEO;
  }
}

/* What each track needs from before the span: video and audio are read on
 * from there, of the others single groups. No signature is over a group. */
static guint64
gst_h4mk_demux_take_refs (GstH4MkDemux * self, const GstH4mkSeekPoint * point,
    guint primary)
{
  guint64 offset = point->token_offset;
  guint i;

  for (i = 0; i < point->refs->len; i++) {
    const GstH4mkSeekRef *ref = &g_array_index (point->refs, GstH4mkSeekRef, i);
    GstH4MkStream *stream = gst_h4mk_demux_find_stream (self, ref->track);

    if (!stream || (stream->id == primary && stream->first_block > 0))
      continue;
    if (stream->kind == GST_H4MK_TRACK_VIDEO
        || stream->kind == GST_H4MK_TRACK_AUDIO || self->signed_only) {
      stream->first_group = MIN (stream->first_group, ref->offset);
      offset = MIN (offset, ref->offset);
    } else {
      g_array_append_val (self->refs, *ref);
    }
  }
  return offset;
}

static gint
compare_refs (gconstpointer a, gconstpointer b)
{
  const GstH4mkSeekRef *x = a, *y = b;

  return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* The chunk as it stands in the file, which its span's leaf covers. One read
 * takes most of them whole. */
static GBytes *
gst_h4mk_demux_read_trak (GstH4MkDemux * self, guint64 offset, GError ** error)
{
  GBytes *bytes = gst_h4mk_demux_read (offset, TRAK_READ, self, error);
  GBytes *chunk;
  guint32 length = 0;
  gsize size, wanted;
  const guint8 *data;

  if (!bytes)
    return NULL;
  data = g_bytes_get_data (bytes, &size);
  if (size >= GST_H4MK_CHUNK_HEADER_SIZE) {
    memcpy (&length, data + sizeof (guint32), sizeof (length));
    length = GUINT32_FROM_BE (length);
  }
  if (length == 0 || length > GST_H4MK_MAX_TRAK_SIZE) {
    g_bytes_unref (bytes);
    gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, GST_H4MK_TAG_TRAK,
        offset, "not where the index has it");
    return NULL;
  }
  wanted = GST_H4MK_CHUNK_HEADER_SIZE + (gsize) length;
  chunk = wanted <= size ? g_bytes_new_from_bytes (bytes, 0, wanted) :
      gst_h4mk_demux_read (offset, wanted, self, error);
  g_bytes_unref (bytes);
  return chunk;
}

/* Nothing was played yet: what proves the file begins with its first TRAK. */
static gboolean
gst_h4mk_demux_begin_proof (GstH4MkDemux * self, GError ** error)
{
  GBytes *trak;

  if (gst_h4mk_proof_has_begun (self->proof))
    return TRUE;
  trak = gst_h4mk_demux_read_trak (self, GST_H4MK_HEADER_SIZE, error);
  if (!trak)
    return FALSE;
  gst_h4mk_proof_begin (self->proof, trak,
      gst_h4mk_index_get_tracks (self->index)->key);
  g_bytes_unref (trak);
  return TRUE;
}

/* The first span stands behind no LINK. */
static gboolean
gst_h4mk_demux_seek_proof (GstH4MkDemux * self, const GstH4mkSpan * span,
    GError ** error)
{
  GBytes *trak, *before = NULL;
  gboolean ok;

  if (!gst_h4mk_demux_begin_proof (self, error))
    return FALSE;
  if (span->number > 0 && span->offset > GST_H4MK_PROOF_BEFORE) {
    before = gst_h4mk_demux_read (span->offset - GST_H4MK_PROOF_BEFORE,
        GST_H4MK_PROOF_BEFORE, self, error);
    if (!before)
      return FALSE;
  }
  trak = gst_h4mk_demux_read_trak (self, span->trak, error);
  ok = trak != NULL;
  if (ok)
    gst_h4mk_proof_seek (self->proof, span, trak, before);
  g_clear_pointer (&before, g_bytes_unref);
  g_clear_pointer (&trak, g_bytes_unref);
  return ok;
}

/* A chain is checked span by span: it starts where a span does. */
static gboolean
gst_h4mk_demux_rewind_to_span (GstH4MkDemux * self, guint64 number,
    guint64 * offset, GError ** error)
{
  GstH4mkSpan span;

  do {
    if (!gst_h4mk_index_get_span (self->index, number, &span, error))
      return FALSE;
  } while (span.offset > *offset && number-- > 0);
  if (!gst_h4mk_demux_seek_proof (self, &span, error))
    return FALSE;
  *offset = span.offset;
  return TRUE;
}

static gboolean
gst_h4mk_demux_plan_forward (GstH4MkDemux * self, guint64 number,
    guint primary, const GstH4mkKey * key, GError ** error)
{
  GstH4mkSeekPoint point;
  gboolean ok;

  if (!gst_h4mk_index_get_seek_point (self->index, number, &point, error))
    return FALSE;
  ok = gst_h4mk_demux_set_tracks (self, point.tracks, error);
  if (ok) {
    gst_h4mk_demux_limit_streams (self, point.token_offset, primary, key);
    self->play_offset = gst_h4mk_demux_take_refs (self, &point, primary);
    /* single groups that are passed anyway are not read twice */
    g_array_sort (self->refs, compare_refs);
    if (self->proof)
      ok = gst_h4mk_demux_rewind_to_span (self, number, &self->play_offset,
          error);
  }
  gst_h4mk_seek_point_clear (&point);
  if (ok)
    gst_h4mk_demux_next_ref (self);
  return ok;
}

/* The next single group from before the span, else the span itself. */
GstFlowReturn
gst_h4mk_demux_next_ref (GstH4MkDemux * self)
{
  guint64 offset = self->play_offset;

  /* several tracks may want the same group */
  while (self->next_ref < self->refs->len) {
    guint64 wanted = g_array_index (self->refs, GstH4mkSeekRef,
        self->next_ref).offset;

    if (wanted >= self->play_offset)
      break;
    self->next_ref++;
    if (self->in_refs && wanted == self->group_offset)
      continue;
    self->in_refs = TRUE;
    gst_h4mk_demux_jump (self, wanted, G_MAXUINT64);
    return GST_FLOW_OK;
  }
  self->in_refs = FALSE;
  gst_h4mk_demux_jump (self, offset, G_MAXUINT64);
  return GST_FLOW_OK;
}

/* Backwards: the spans from the one that begins with a key block up to last
 * make units, each from a key block to the next. */
static gboolean
gst_h4mk_demux_load_run (GstH4MkDemux * self, guint64 last, GError ** error)
{
  const GstH4mkTrack *primary = gst_h4mk_tracks_get_primary (self->tracks);
  gboolean video = primary && primary->kind == GST_H4MK_TRACK_VIDEO;
  GArray *keys = g_array_new (FALSE, FALSE, sizeof (GstH4mkKey));
  guint64 number = last, end = G_MAXUINT64;
  GstH4mkSpan span, next;
  gboolean ok;
  guint n, i;

  g_array_set_size (self->units, 0);
  if (last + 1 < gst_h4mk_index_get_n_spans (self->index)) {
    if (!gst_h4mk_index_get_span (self->index, last + 1, &next, error))
      goto failed;
    end = next.first_block;
  }
  for (n = 0;; n++, number--) {
    GstH4mkSeekPoint point;
    GstH4MkUnit unit;

    if (!gst_h4mk_index_get_span (self->index, number, &span, error)
        || !gst_h4mk_index_get_seek_point (self->index, number, &point, error))
      goto failed;
    ok = gst_h4mk_demux_set_tracks (self, point.tracks, error);
    unit = (GstH4MkUnit) {
    span.first_block, end, point.token_offset, span.pts};
    gst_h4mk_seek_point_clear (&point);
    if (!ok || (video && !gst_h4mk_index_list_keys (self->index, number,
                primary->id, keys, error)))
      goto failed;
    /* from the last key block of the span to its first block */
    for (i = keys->len; video && i-- > 0;) {
      const GstH4mkKey *key = &g_array_index (keys, GstH4mkKey, i);
      GstH4MkUnit part = { key->block, unit.end_block, key->token_offset,
        key->pts
      };

      g_array_append_val (self->units, part);
      unit.end_block = key->block;
    }
    end = unit.end_block;
    if (!video || (span.flags & 1) || number == 0 || n + 1 >= MAX_RUN) {
      if (unit.end_block > unit.first_block)
        g_array_append_val (self->units, unit);
      break;
    }
  }
  self->run = number;
  self->unit = -1;
  g_array_unref (keys);
  return TRUE;

  /* ERRORS */
failed:
  g_array_unref (keys);
  return FALSE;
}

/* Streams that a unit had nothing of are told, so that nobody waits. */
static void
gst_h4mk_demux_end_unit (GstH4MkDemux * self, const GstH4MkUnit * unit)
{
  guint64 time = unit->pts == G_MININT64 ? self->segment.start :
      to_stream_time (self, unit->pts);
  guint i;

  for (i = 0; i < self->streams->len; i++) {
    GstH4MkStream *stream = g_ptr_array_index (self->streams, i);

    /* every unit begins with a discontinuity */
    if (stream->discont && stream->added)
      gst_h4mk_demux_push_gap (self, stream, time + self->start,
          GST_CLOCK_TIME_NONE);
  }
}

/* Units are in the order in which they are played: the last one first. */
GstFlowReturn
gst_h4mk_demux_next_unit (GstH4MkDemux * self)
{
  const GstH4MkUnit *unit;
  GError *error = NULL;
  guint i;

  if (self->unit >= 0) {
    unit = &g_array_index (self->units, GstH4MkUnit, self->unit);
    gst_h4mk_demux_end_unit (self, unit);
    if (unit->pts != G_MININT64
        && to_stream_time (self, unit->pts) <= self->segment.start)
      return GST_FLOW_EOS;
  }
  if (self->unit + 1 >= (gint) self->units->len) {
    if (self->run == 0)
      return GST_FLOW_EOS;
    if (!gst_h4mk_demux_load_run (self, self->run - 1, &error)) {
      gst_h4mk_demux_post_error (self, error);
      g_clear_error (&error);
      return GST_FLOW_ERROR;
    }
  }
  self->unit++;
  unit = &g_array_index (self->units, GstH4MkUnit, self->unit);
  for (i = 0; i < self->streams->len; i++)
    ((GstH4MkStream *) g_ptr_array_index (self->streams, i))->discont = TRUE;
  gst_h4mk_demux_jump (self, unit->token_offset, G_MAXUINT64);
  return GST_FLOW_OK;
}

/* Spans without a key block of their own carry the time of the last one: they
 * go on with what it began. */
static gboolean
gst_h4mk_demux_find_run_end (GstH4MkDemux * self, guint64 * number,
    GError ** error)
{
  guint64 n = gst_h4mk_index_get_n_spans (self->index);
  GstH4mkSpan span, next;

  if (!gst_h4mk_index_get_span (self->index, *number, &span, error))
    return FALSE;
  while (*number + 1 < n) {
    if (!gst_h4mk_index_get_span (self->index, *number + 1, &next, error))
      return FALSE;
    if (next.pts != span.pts || (next.flags & 1))
      break;
    (*number)++;
  }
  return TRUE;
}

static gboolean
gst_h4mk_demux_plan_backward (GstH4MkDemux * self, guint64 position,
    GError ** error)
{
  guint64 number;

  if (!gst_h4mk_index_find_time (self->index, to_stored (self, position),
          &number, error)
      || !gst_h4mk_demux_find_run_end (self, &number, error)
      || !gst_h4mk_demux_load_run (self, number, error))
    return FALSE;
  /* what begins after the position is not played */
  while (self->unit + 2 < (gint) self->units->len) {
    const GstH4MkUnit *unit = &g_array_index (self->units, GstH4MkUnit,
        self->unit + 1);

    if (unit->pts == G_MININT64 || to_stream_time (self, unit->pts) < position)
      break;
    self->unit++;
  }
  return gst_h4mk_demux_next_unit (self) == GST_FLOW_OK;
}

/* The block to play from and, for key units, where it begins. */
static guint64
gst_h4mk_demux_find_base_block (GstH4MkDemux * self, GstSegment * segment,
    GstSeekFlags flags)
{
  guint64 n_blocks = gst_h4mk_index_get_blocks (self->index);
  guint64 block_size, block, key;
  GstH4BlockTiming timing;
  GstClockTime start;
  gdouble fps_hint;
  guint gop;

  gst_h4mk_index_get_base_timing (self->index, &block_size, &fps_hint, &gop);
  gst_h4_block_timing_init (&timing, block_size, fps_hint, MAX (gop, 1));
  /* more blocks than microseconds: all begin at once */
  if (timing.step_ns == 0)
    return 0;
  block = gst_h4_block_timing_at (&timing, segment->position);
  if (!(flags & GST_SEEK_FLAG_KEY_UNIT))
    return block;
  key = gst_h4_block_timing_snap (&timing, block, flags);
  /* none after the last one */
  if (key > block && key >= n_blocks)
    key = gst_h4_block_timing_snap (&timing, block, GST_SEEK_FLAG_KEY_UNIT);
  if (gst_h4_block_timing_start (&timing, key, &start))
    segment->start = segment->position = segment->time = start;
  return key;
}

/* Opaque blocks: their times follow from their numbers. */
static gboolean
gst_h4mk_demux_plan_base (GstH4MkDemux * self, GstSegment * segment,
    GstSeekFlags flags, GError ** error)
{
  guint64 block, offset, size;

  block = gst_h4mk_demux_find_base_block (self, segment, flags);
  if (!gst_h4mk_index_get_base_block (self->index, block, &offset, &size,
          error)) {
    if (!g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
      return FALSE;
    /* after the last block: nothing but the end is left */
    g_clear_error (error);
    gst_h4mk_demux_limit_streams (self, G_MAXUINT64, 0, NULL);
    return TRUE;
  }
  gst_h4mk_demux_jump (self, offset, block);
  return TRUE;
}

static void
snap_start (GstH4MkDemux * self, GstSegment * segment, const GstH4mkKey * key)
{
  guint64 time = to_stream_time (self, key->pts);

  segment->start = segment->time = segment->position = time;
}

/* The next key block where it is asked for, or nearer. */
static gboolean
gst_h4mk_demux_snap_after (GstH4MkDemux * self, guint primary, gint64 time,
    GstSeekFlags flags, guint64 * span, GstH4mkKey * key, GError ** error)
{
  guint64 span_after = *span;
  GstH4mkKey after;

  if (!gst_h4mk_demux_find_key_after (self, primary, time, &span_after, &after,
          error))
    return FALSE;
  if (after.pts != G_MININT64 && (!(flags & GST_SEEK_FLAG_SNAP_BEFORE)
          || key->pts == G_MININT64
          || clamped_sub (after.pts, time) < clamped_sub (time, key->pts))) {
    *key = after;
    *span = span_after;
  }
  return TRUE;
}

/* Finds where to play from and, for key units, moves the segment there. */
gboolean
gst_h4mk_demux_plan (GstH4MkDemux * self, GstSegment * segment,
    GstSeekFlags flags, GError ** error)
{
  const GstH4mkTrack *primary;
  GstH4mkKey key;
  guint64 span;
  gint64 time;

  gst_h4mk_demux_clear_plan (self);
  if (gst_h4mk_index_get_profile (self->index) == GST_H4MK_PROFILE_BASE)
    return gst_h4mk_demux_plan_base (self, segment, flags, error);
  primary = gst_h4mk_tracks_get_primary (self->tracks);
  if (!primary || gst_h4mk_index_get_n_spans (self->index) == 0)
    return TRUE;
  if (segment->rate < 0.0)
    return gst_h4mk_demux_plan_backward (self, segment->position, error);

  time = to_stored (self, segment->position);
  if (!gst_h4mk_demux_find_key_before (self, primary->id, time, &span, &key,
          error))
    return FALSE;
  if ((flags & GST_SEEK_FLAG_KEY_UNIT) && (flags & GST_SEEK_FLAG_SNAP_AFTER)
      && (key.pts == G_MININT64 || key.pts < time)
      && !gst_h4mk_demux_snap_after (self, primary->id, time, flags, &span,
          &key, error))
    return FALSE;
  if ((flags & GST_SEEK_FLAG_KEY_UNIT) && key.pts != G_MININT64)
    snap_start (self, segment, &key);
  return gst_h4mk_demux_plan_forward (self, span, primary->id, &key, error);
}
