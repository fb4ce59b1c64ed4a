/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4mkstate.h"
#include "gsth4bytes.h"

static void
gst_h4mk_track_state_free (GstH4mkTrackState * track)
{
  gst_h4mk_track_refs_clear (&track->refs);
  g_free (track);
}

static void
reset_span (GstH4mkState * state, guint64 offset)
{
  memset (&state->span, 0, sizeof (state->span));
  state->span.entry.offset = offset;
  state->span.entry.pts = G_MININT64;
  state->span.time = G_MININT64;
}

/* The first span begins behind the first TRAK, which chain(0) covers. */
void
gst_h4mk_state_first_span (GstH4mkState * state, guint64 offset)
{
  reset_span (state, offset);
}

void
gst_h4mk_state_init (GstH4mkState * state, gboolean link)
{
  memset (state, 0, sizeof (*state));
  state->link = link;
  state->track_states = g_hash_table_new_full (NULL, NULL, NULL,
      (GDestroyNotify) gst_h4mk_track_state_free);
  gst_h4mk_chain_init (&state->chain);
  gst_h4mk_spans_init (&state->spans);
  state->head = g_byte_array_new ();
  reset_span (state, GST_H4MK_HEADER_SIZE);
}

void
gst_h4mk_state_clear (GstH4mkState * state)
{
  g_clear_pointer (&state->tracks, gst_h4mk_tracks_unref);
  g_hash_table_unref (state->track_states);
  g_clear_pointer (&state->trak, g_bytes_unref);
  gst_h4mk_chain_clear (&state->chain);
  gst_h4mk_spans_clear (&state->spans);
  g_byte_array_unref (state->head);
}

static GstH4mkTrackState *
lookup_track (GstH4mkState * state, guint id)
{
  return g_hash_table_lookup (state->track_states, GUINT_TO_POINTER (id));
}

/* An id is never used again for another track. What can be told is that a
 * track of another kind is another track. */
static gboolean
check_kinds (GstH4mkState * state, GstH4mkTracks * tracks, GError ** error)
{
  guint i;

  for (i = 0; i < tracks->tracks->len; i++) {
    const GstH4mkTrack *track = g_ptr_array_index (tracks->tracks, i);
    GstH4mkTrackState *old = lookup_track (state, track->id);

    if (old && old->kind != track->kind) {
      g_set_error (error, GST_H4MK_ERROR, GST_H4MK_ERROR_INVALID,
          "track id %u is of kind %s and was of kind %s", track->id,
          gst_h4mk_track_kind_to_string (track->kind),
          gst_h4mk_track_kind_to_string (old->kind));
      return FALSE;
    }
  }
  return TRUE;
}

static void
add_track (GstH4mkState * state, const GstH4mkTrack * track)
{
  GstH4mkTrackState *ts = lookup_track (state, track->id);

  if (!ts) {
    ts = g_new0 (GstH4mkTrackState, 1);
    ts->kind = track->kind;
    gst_h4_kind_tracker_init (&ts->kinds);
    gst_h4mk_track_refs_init (&ts->refs, track->kind);
    g_hash_table_insert (state->track_states, GUINT_TO_POINTER (track->id), ts);
  }
  ts->present = TRUE;
  ts->masked = gst_h4mk_track_is_masked (track);
}

gboolean
gst_h4mk_state_use_tracks (GstH4mkState * state, GstH4mkTracks * tracks,
    GError ** error)
{
  GHashTableIter iter;
  gpointer ts;
  guint i;

  if (!check_kinds (state, tracks, error))
    return FALSE;

  g_hash_table_iter_init (&iter, state->track_states);
  while (g_hash_table_iter_next (&iter, NULL, &ts))
    ((GstH4mkTrackState *) ts)->present = FALSE;
  for (i = 0; i < tracks->tracks->len; i++)
    add_track (state, g_ptr_array_index (tracks->tracks, i));

  gst_h4mk_tracks_ref (tracks);
  g_clear_pointer (&state->tracks, gst_h4mk_tracks_unref);
  state->tracks = tracks;
  state->primary = gst_h4mk_tracks_get_primary (tracks);
  state->last_state = NULL;
  return TRUE;
}

gboolean
gst_h4mk_state_trak_written (GstH4mkState * state, guint64 offset,
    const guint8 * chunk, gsize size)
{
  g_clear_pointer (&state->trak, g_bytes_unref);
  state->trak = g_bytes_new (chunk, size);
  state->trak_offset = offset;
  state->masked |= gst_h4mk_tracks_is_masked (state->tracks);
  gst_h4_sha256_reset (state->chain.leaf);
  gst_h4_sha256_update (state->chain.leaf, chunk, size);
  return gst_h4_sha256_peek (state->chain.leaf, state->trak_hash);
}

GstH4mkTrackState *
gst_h4mk_state_find_track (GstH4mkState * state, guint id)
{
  if (!state->last_state || state->last_id != id) {
    state->last_state = lookup_track (state, id);
    state->last_id = id;
  }
  return state->last_state && state->last_state->present ?
      state->last_state : NULL;
}

/* Of the span's first key block of the primary track that has one, or, where
 * that is not video, its first pts. */
static void
note_span_pts (GstH4mkState * state, const GstH4mkRecord * record)
{
  GstH4mkSpan *entry = &state->span.entry;

  if (entry->pts == G_MININT64 && record->track == state->primary->id
      && !(record->flags & GST_H4MK_RECORD_NO_PTS)
      && (state->primary->kind != GST_H4MK_TRACK_VIDEO
          || (record->flags & GST_H4MK_RECORD_KEY)))
    entry->pts = record->pts;
}

static void
note_span_record (GstH4mkState * state, const GstH4mkRecord * record)
{
  GstH4mkOpenSpan *span = &state->span;

  if (span->entry.blocks == 0) {
    span->entry.first_block = state->blocks;
    span->block_bytes = state->block_bytes;
    if (record->track == state->primary->id
        && (record->flags & GST_H4MK_RECORD_KEY))
      span->entry.flags |= 1;
  }
  if (!span->has_start)
    span->has_start = gst_h4mk_record_get_time (record, &span->start);
  if (span->time == G_MININT64) {
    if (!(record->flags & GST_H4MK_RECORD_NO_PTS))
      span->time = record->pts;
    else if (record->flags & GST_H4MK_RECORD_HAS_DTS)
      span->time = record->dts;
  }
  note_span_pts (state, record);
  span->entry.blocks++;
}

void
gst_h4mk_state_add_record (GstH4mkState * state, GstH4mkRecord * record)
{
  GstH4mkTrackState *track = gst_h4mk_state_find_track (state, record->track);
  gboolean has_pts = !(record->flags & GST_H4MK_RECORD_NO_PTS);
  gboolean reordered;

  gst_h4_kind_tracker_next (&track->kinds,
      (record->flags & GST_H4MK_RECORD_KEY) != 0,
      (record->flags & GST_H4MK_RECORD_DROPPABLE) != 0, has_pts, record->pts,
      &reordered);
  record->flags &= ~(guint64) GST_H4MK_RECORD_REORDERED;
  if (reordered)
    record->flags |= GST_H4MK_RECORD_REORDERED;

  if (has_pts) {
    gint64 end = record->pts + record->duration;

    state->min_pts =
        state->has_pts ? MIN (state->min_pts, record->pts) : record->pts;
    state->max_end = state->has_pts ? MAX (state->max_end, end) : end;
    state->has_pts = TRUE;
  }
  note_span_record (state, record);
  state->blocks++;
  state->block_bytes += record->size;
}

void
gst_h4mk_state_begin_span (GstH4mkState * state, GstH4mkToken * token,
    guint64 offset)
{
  GPtrArray *tracks = state->tracks->tracks;
  gint64 time;
  guint i;

  state->span.entry.trak = state->trak_offset;
  g_array_set_size (token->refs, 0);
  if (gst_h4mk_token_get_time (token, &time)) {
    for (i = 0; i < tracks->len; i++) {
      const GstH4mkTrack *track = g_ptr_array_index (tracks, i);
      GstH4mkTrackState *ts = lookup_track (state, track->id);

      gst_h4mk_track_refs_collect (&ts->refs, track->id, token, time, offset,
          token->refs);
    }
  }
  if (state->link) {
    gst_h4mk_chain_begin_leaf (&state->chain, state->trak_hash);
    gst_h4_sha256_update (state->chain.leaf, state->head->data,
        state->head->len);
  }
  g_byte_array_set_size (state->head, 0);
}

void
gst_h4mk_state_add_group (GstH4mkState * state, const GstH4mkToken * token,
    guint64 offset, guint64 end)
{
  guint i;

  for (i = 0; i < token->records->len; i++) {
    const GstH4mkRecord *record = gst_h4mk_token_record (token, i);
    GstH4mkTrackState *track = gst_h4mk_state_find_track (state, record->track);

    gst_h4mk_track_refs_add (&track->refs, record, offset);
  }
  state->span.groups++;
  state->span.end = end;
}

gboolean
gst_h4mk_state_end_leaf (GstH4mkState * state, guint64 self,
    guint8 link[GST_H4MK_LINK_SIZE])
{
  guint8 *p;

  if (!state->link)
    return TRUE;
  if (!gst_h4mk_chain_end_leaf (&state->chain, state->span.entry.leaf))
    return FALSE;
  p = gst_h4_put_u64 (link, state->chain.seq);
  p = gst_h4_put_u64 (p, self);
  p = gst_h4_put_u64 (p, state->span.entry.offset);
  p = gst_h4_put_u64 (p, state->spans.last_page);
  memcpy (p, state->chain.hash, GST_H4MK_HASH_SIZE);
  return TRUE;
}

void
gst_h4mk_state_end_span (GstH4mkState * state, guint64 next)
{
  gst_h4mk_spans_add (&state->spans, &state->span.entry,
      state->span.block_bytes);
  reset_span (state, next);
}

guint64
gst_h4mk_state_get_duration (const GstH4mkState * state)
{
  if (!state->has_pts || state->max_end < state->min_pts)
    return 0;
  return (guint64) state->max_end - (guint64) state->min_pts;
}
