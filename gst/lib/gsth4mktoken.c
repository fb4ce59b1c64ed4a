/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4mktoken.h"
#include "gsth4bytes.h"
#include "gsth4mkerror.h"

/* flags, track, pts or not, size: what the smallest record takes */
#define MIN_RECORD_SIZE 3
#define MIN_REF_SIZE 2
/* flags, track, pts, dts, duration, index, size */
#define MAX_RECORD_SIZE (7 * GST_H4_VARINT_MAX)

/* What a record's differences refer to: its track's records before it in the
 * same TOKN. */
typedef struct
{
  guint32 track;
  gint64 next;
  gint64 duration;
  gint64 next_index;
} TrackState;

#define N_INLINE 16

typedef struct
{
  TrackState inline_states[N_INLINE];
  guint n;
  guint last;
  /* hostile files name thousands of tracks: no linear search among those */
  GHashTable *more;
} TrackStates;

static void
track_states_init (TrackStates * states)
{
  states->n = 0;
  states->last = 0;
  states->more = NULL;
}

static void
track_states_clear (TrackStates * states)
{
  g_clear_pointer (&states->more, g_hash_table_unref);
}

static TrackState *
track_states_get (TrackStates * states, guint32 track)
{
  TrackState *state;
  guint i;

  if (states->n > 0 && states->inline_states[states->last].track == track)
    return &states->inline_states[states->last];

  for (i = 0; i < states->n; i++) {
    if (states->inline_states[i].track == track) {
      states->last = i;
      return &states->inline_states[i];
    }
  }
  if (states->n < N_INLINE) {
    states->last = states->n++;
    state = &states->inline_states[states->last];
    *state = (TrackState) {
    track, 0, 0, 0};
    return state;
  }
  if (!states->more)
    states->more = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  state = g_hash_table_lookup (states->more, GUINT_TO_POINTER (track));
  if (!state) {
    state = g_new0 (TrackState, 1);
    state->track = track;
    g_hash_table_insert (states->more, GUINT_TO_POINTER (track), state);
  }
  return state;
}

void
gst_h4mk_token_init (GstH4mkToken * token)
{
  token->first_block = 0;
  token->records = g_array_new (FALSE, FALSE, sizeof (GstH4mkRecord));
  token->refs = g_array_new (FALSE, FALSE, sizeof (GstH4mkRef));
}

void
gst_h4mk_token_clear (GstH4mkToken * token)
{
  g_clear_pointer (&token->records, g_array_unref);
  g_clear_pointer (&token->refs, g_array_unref);
}

/**
 * gst_h4mk_token_get_time:
 * @token: a group's records
 * @time: (out): ns
 *
 * Gets the first time among the records: a record's pts, else its dts.
 *
 * Returns: %FALSE where no record has a time
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_token_get_time (const GstH4mkToken * token, gint64 * time)
{
  guint i;

  for (i = 0; i < token->records->len; i++) {
    const GstH4mkRecord *record = gst_h4mk_token_record (token, i);

    if (!(record->flags & GST_H4MK_RECORD_NO_PTS)) {
      *time = record->pts;
      return TRUE;
    }
    if (record->flags & GST_H4MK_RECORD_HAS_DTS) {
      *time = record->dts;
      return TRUE;
    }
  }
  return FALSE;
}

static guint8 *
put_record (guint8 * p, const GstH4mkRecord * record, TrackState * state)
{
  gint64 diff;
  guint64 flags = record->flags & ~(guint64) GST_H4MK_RECORD_EXT;

  p = gst_h4_put_varint (p, flags);
  p = gst_h4_put_varint (p, record->track);
  if (!(flags & GST_H4MK_RECORD_NO_PTS)) {
    if (!gst_h4_sub_i64 (record->pts, state->next, &diff))
      return NULL;
    p = gst_h4_put_svarint (p, diff);
    if (!gst_h4_add_i64 (record->pts, record->duration, &state->next))
      return NULL;
  }
  if (flags & GST_H4MK_RECORD_HAS_DTS) {
    diff = record->dts;
    if (!(flags & GST_H4MK_RECORD_NO_PTS)
        && !gst_h4_sub_i64 (record->pts, record->dts, &diff))
      return NULL;
    p = gst_h4_put_svarint (p, diff);
  }
  if (flags & GST_H4MK_RECORD_HAS_DURATION) {
    if (!gst_h4_sub_i64 (record->duration, state->duration, &diff))
      return NULL;
    p = gst_h4_put_svarint (p, diff);
    state->duration = record->duration;
  }
  if (flags & GST_H4MK_RECORD_HAS_INDEX) {
    if (record->index >= G_MAXINT64)
      return NULL;
    p = gst_h4_put_svarint (p, (gint64) record->index - state->next_index);
    state->next_index = (gint64) record->index + 1;
  }
  return gst_h4_put_varint (p, record->size);
}

/**
 * gst_h4mk_token_write:
 * @out: where the payload is appended
 * @token: at least one record, each with duration 0 where it has none
 *
 * Returns: %FALSE where a value or difference leaves 64 bits; @out is then
 *   as it was
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_token_write (GByteArray * out, const GstH4mkToken * token)
{
  guint start = out->len, i;
  gsize room = 3 * GST_H4_VARINT_MAX +
      (gsize) token->records->len * MAX_RECORD_SIZE +
      (gsize) token->refs->len * 2 * GST_H4_VARINT_MAX;
  TrackStates states;
  guint8 *p;

  g_byte_array_set_size (out, start + room);
  p = out->data + start;
  p = gst_h4_put_varint (p, token->records->len);
  p = gst_h4_put_varint (p, token->first_block);

  track_states_init (&states);
  for (i = 0; i < token->records->len && p; i++) {
    const GstH4mkRecord *record = gst_h4mk_token_record (token, i);

    p = put_record (p, record, track_states_get (&states, record->track));
  }
  track_states_clear (&states);
  if (!p) {
    g_byte_array_set_size (out, start);
    return FALSE;
  }

  p = gst_h4_put_varint (p, token->refs->len);
  for (i = 0; i < token->refs->len; i++) {
    p = gst_h4_put_varint (p, gst_h4mk_token_ref (token, i)->track);
    p = gst_h4_put_varint (p, gst_h4mk_token_ref (token, i)->back);
  }
  g_byte_array_set_size (out, p - out->data);
  return TRUE;
}

static gboolean
read_times (GstH4Reader * r, GstH4mkRecord * record, TrackState * state)
{
  gboolean has_pts = !(record->flags & GST_H4MK_RECORD_NO_PTS);
  gint64 diff;

  record->pts = record->dts = record->duration = 0;
  if (has_pts && !(gst_h4_reader_svarint (r, &diff)
          && gst_h4_add_i64 (state->next, diff, &record->pts)))
    return FALSE;
  if (record->flags & GST_H4MK_RECORD_HAS_DTS) {
    if (!gst_h4_reader_svarint (r, &diff))
      return FALSE;
    if (!has_pts)
      record->dts = diff;
    else if (!gst_h4_sub_i64 (record->pts, diff, &record->dts))
      return FALSE;
  }
  if (record->flags & GST_H4MK_RECORD_HAS_DURATION) {
    if (!(gst_h4_reader_svarint (r, &diff)
            && gst_h4_add_i64 (state->duration, diff, &record->duration)
            && record->duration >= 0))
      return FALSE;
    state->duration = record->duration;
  }
  return !has_pts
      || gst_h4_add_i64 (record->pts, record->duration, &state->next);
}

static gboolean
read_record (GstH4Reader * r, GstH4mkRecord * record, TrackStates * states)
{
  TrackState *state;
  guint64 track, ext;
  const guint8 *skipped;
  gint64 diff, index;

  if (!gst_h4_reader_varint (r, &record->flags)
      || !gst_h4_reader_varint (r, &track) || track > G_MAXUINT32)
    return FALSE;
  record->track = (guint32) track;
  state = track_states_get (states, record->track);
  if (!read_times (r, record, state))
    return FALSE;
  record->index = 0;
  if (record->flags & GST_H4MK_RECORD_HAS_INDEX) {
    if (!(gst_h4_reader_svarint (r, &diff)
            && gst_h4_add_i64 (state->next_index, diff, &index))
        || index < 0 || index == G_MAXINT64)
      return FALSE;
    record->index = (guint64) index;
    state->next_index = index + 1;
  }
  if (record->flags & GST_H4MK_RECORD_EXT) {
    if (!gst_h4_reader_varint (r, &ext) || ext > gst_h4_reader_left (r)
        || !gst_h4_reader_bytes (r, ext, &skipped))
      return FALSE;
  }
  return gst_h4_reader_varint (r, &record->size);
}

static gboolean
read_refs (GstH4Reader * r, GArray * refs)
{
  guint64 n, i;

  if (!gst_h4_reader_varint (r, &n)
      || n > gst_h4_reader_left (r) / MIN_REF_SIZE)
    return FALSE;
  g_array_set_size (refs, (guint) n);
  for (i = 0; i < n; i++) {
    GstH4mkRef *ref = &g_array_index (refs, GstH4mkRef, i);
    guint64 track;

    if (!gst_h4_reader_varint (r, &track) || track > G_MAXUINT32
        || !gst_h4_reader_varint (r, &ref->back))
      return FALSE;
    ref->track = (guint32) track;
  }
  return TRUE;
}

/**
 * gst_h4mk_token_read:
 * @token: where to; its arrays are used again
 * @data: (array length=size): a TOKN payload
 * @size: how many bytes
 * @error: %GST_H4MK_ERROR_DAMAGED or %GST_H4MK_ERROR_LIMIT, without a place
 *
 * Memory is bounded by a small multiple of @size.
 *
 * Returns: whether @data holds a TOKN payload and nothing more
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_token_read (GstH4mkToken * token, const guint8 * data, gsize size,
    GError ** error)
{
  GstH4Reader r;
  TrackStates states;
  guint64 count, i;
  const gchar *what = NULL;
  gint code = GST_H4MK_ERROR_DAMAGED;

  gst_h4_reader_init (&r, data, size);
  if (!gst_h4_reader_varint (&r, &count) || count == 0
      || !gst_h4_reader_varint (&r, &token->first_block)
      || count > gst_h4_reader_left (&r) / MIN_RECORD_SIZE) {
    what = "its count of records does not fit";
  } else if (count > GST_H4MK_MAX_RECORDS) {
    what = "more than 65536 records";
    code = GST_H4MK_ERROR_LIMIT;
  } else if (token->first_block > G_MAXUINT64 - count) {
    what = "its block numbers leave 64 bits";
  }
  if (!what) {
    g_array_set_size (token->records, (guint) count);
    track_states_init (&states);
    for (i = 0; i < count && !what; i++) {
      if (!read_record (&r, gst_h4mk_token_record (token, i), &states))
        what = "a record is cut off, or a number in it is malformed";
    }
    track_states_clear (&states);
  }
  if (!what && !read_refs (&r, token->refs))
    what = "its references are malformed";
  if (!what && gst_h4_reader_left (&r) > 0)
    what = "bytes follow its references";
  if (what) {
    g_array_set_size (token->records, 0);
    g_array_set_size (token->refs, 0);
    g_set_error_literal (error, GST_H4MK_ERROR, code, what);
    return FALSE;
  }
  return TRUE;
}
