/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <inttypes.h>
#include <string.h>

#include <gio/gio.h>

#include "gsth4-i18n.h"
#include "gsth4mkchunks.h"
#include "h4mklookup.h"

/* Enough for most TOKN chunks and what stands around them. */
#define READ_SIZE (32 * 1024)

/* ns by which groups of a live recording may be out of order: a sparse track
 * is not looked for beyond that. */
#define MAX_DISORDER (G_GINT64_CONSTANT (10) * 1000000000)

/* Goes from group to group without reading the blocks. */
typedef struct
{
  H4mkSource *source;
  GstH4mkParser *parser;
  GBytes *bytes;
} Walk;

static void
walk_init (Walk * walk, H4mkSource * source, guint64 offset,
    GstH4mkTracks * tracks)
{
  walk->source = source;
  walk->bytes = NULL;
  walk->parser = gst_h4mk_parser_new ();
  gst_h4mk_parser_set_file_size (walk->parser, source->file_size);
  gst_h4mk_parser_seek (walk->parser, offset, GST_H4MK_PROFILE_TRACK, tracks,
      -1);
}

static void
walk_clear (Walk * walk)
{
  gst_h4mk_parser_free (walk->parser);
  g_clear_pointer (&walk->bytes, g_bytes_unref);
}

/* The next group. FALSE without an error: there is none that is whole. */
static gboolean
walk_next (Walk * walk, GstH4mkItem * item, GError ** error)
{
  gsize need = READ_SIZE;

  while (TRUE) {
    gsize wanted = MAX (need, READ_SIZE), size;
    GstH4mkResult result;

    g_clear_pointer (&walk->bytes, g_bytes_unref);
    walk->bytes = walk->source->read (gst_h4mk_parser_get_offset
        (walk->parser), wanted, walk->source->user_data, error);
    if (!walk->bytes)
      return FALSE;
    size = g_bytes_get_size (walk->bytes);
    result = gst_h4mk_parser_next (walk->parser,
        g_bytes_get_data (walk->bytes, NULL), size, item, &need, error);
    if (result == GST_H4MK_RESULT_ERROR)
      return FALSE;
    if (result == GST_H4MK_RESULT_MORE) {
      if (size < wanted)
        return FALSE;
      continue;
    }
    need = 0;
    if (item->chunk.tag == GST_H4MK_TAG_SEEK)
      return FALSE;
    if (item->chunk.tag == GST_H4MK_TAG_TOKN)
      return TRUE;
  }
}

/* Behind the blocks of the group that walk_next() gave. */
static void
walk_skip_blocks (Walk * walk, const GstH4mkItem * item, GstH4mkTracks * tracks)
{
  guint64 end = gst_h4mk_parser_get_offset (walk->parser)
      + gst_h4mk_parser_get_group_left (walk->parser);

  gst_h4mk_parser_seek (walk->parser, end, GST_H4MK_PROFILE_TRACK, tracks,
      (gint64) (item->token->first_block + item->token->records->len));
}

gint64
h4mk_source_get_origin (H4mkSource * source)
{
  return gst_h4mk_index_get_start (source->index)
      - gst_h4mk_index_get_shift (source->index);
}

const GstH4mkTrack *
h4mk_source_get_track (H4mkSource * source, guint id, GError ** error)
{
  GstH4mkTracks *tracks = gst_h4mk_index_get_tracks (source->index);
  const GstH4mkTrack *track = NULL;

  if (tracks)
    track = id ? gst_h4mk_tracks_find (tracks, id) :
        gst_h4mk_tracks_get_primary (tracks);
  if (!track && id)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
        _("There is no track %u."), id);
  else if (!track)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
        _("The file has no tracks."));
  return track;
}

static gboolean
nothing_there (GError ** error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
      _("There is no key block at or before that time."));
  return FALSE;
}

static gint64
get_base_timing (H4mkSource * source, guint * gop)
{
  guint64 block_size;
  gdouble fps_hint;

  gst_h4mk_index_get_base_timing (source->index, &block_size, &fps_hint, gop);
  return MAX (gst_h4mk_base_interval (fps_hint), 1000);
}

static gboolean
find_base_block (H4mkSource * source, guint64 i, H4mkBlock * block,
    GError ** error)
{
  GstH4mkRecord *record = &block->record;
  guint gop;

  memset (block, 0, sizeof (*block));
  if (!gst_h4mk_index_get_base_block (source->index, i, &block->offset,
          &record->size, error))
    return FALSE;
  record->track = 1;
  record->flags = GST_H4MK_RECORD_HAS_INDEX;
  record->index = block->block = i;
  if (__builtin_mul_overflow ((gint64) i, get_base_timing (source, &gop),
          &record->pts))
    record->flags |= GST_H4MK_RECORD_NO_PTS;
  if (i % MAX (gop, 1) == 0)
    record->flags |= GST_H4MK_RECORD_KEY;
  return TRUE;
}

/* From a position to a block, and its key block, by arithmetic. */
static gboolean
find_base_position (H4mkSource * source, gint64 position, guint64 * key,
    guint64 * block, GError ** error)
{
  guint64 blocks = gst_h4mk_index_get_blocks (source->index);
  gint64 interval;
  guint gop;

  if (position < 0 || blocks == 0)
    return nothing_there (error);
  interval = get_base_timing (source, &gop);
  *block = MIN ((guint64) (position / interval), blocks - 1);
  *key = *block - *block % MAX (gop, 1);
  return TRUE;
}

/* Where to read a track from so that its key block for the time is there. */
static gboolean
find_beginning (H4mkSource * source, guint track, gint64 time,
    guint64 * offset, GstH4mkTracks ** tracks, GError ** error)
{
  GstH4mkSeekPoint point;
  guint64 number;
  guint i;

  if (gst_h4mk_index_get_n_spans (source->index) == 0) {
    nothing_there (error);
    return FALSE;
  }
  if (!gst_h4mk_index_find_time (source->index, time, &number, error)
      || !gst_h4mk_index_get_seek_point (source->index, number, &point, error))
    return FALSE;
  *offset = point.token_offset;
  *tracks = gst_h4mk_tracks_ref (point.tracks);
  for (i = 0; i < point.refs->len; i++) {
    GstH4mkSeekRef *ref = &g_array_index (point.refs, GstH4mkSeekRef, i);

    if (ref->track == track)
      *offset = MIN (*offset, ref->offset);
  }
  gst_h4mk_seek_point_clear (&point);
  return TRUE;
}

typedef struct
{
  guint track;
  gboolean reordering;
  gint64 time;
  GArray *chain;
  /* blocks of the chain up to the one that is shown; 0: none yet */
  guint shown;
  gint64 shown_pts;
} Chase;

/* FALSE: what is shown at the time is known. */
static gboolean
chase_block (Chase * chase, const H4mkBlock * block)
{
  const GstH4mkRecord *r = &block->record;
  gboolean timed = !(r->flags & GST_H4MK_RECORD_NO_PTS);

  if (r->flags & GST_H4MK_RECORD_KEY) {
    if (timed && r->pts > chase->time)
      return chase->shown == 0 && chase->chain->len == 0;
    if (timed || chase->chain->len == 0) {
      g_array_set_size (chase->chain, 0);
      chase->shown = 0;
    }
  } else if (chase->chain->len == 0) {
    return TRUE;
  }
  g_array_append_val (chase->chain, *block);
  if (timed && r->pts <= chase->time
      && (chase->shown == 0 || r->pts >= chase->shown_pts)) {
    chase->shown = chase->chain->len;
    chase->shown_pts = r->pts;
  }
  return TRUE;
}

/* A file that was cut, or is being written, ends within a group. */
static gboolean
is_in_file (const H4mkSource * source, guint64 offset, guint64 size)
{
  return offset <= source->file_size
      && source->file_size - offset >= GST_H4MK_CHUNK_HEADER_SIZE
      && source->file_size - offset - GST_H4MK_CHUNK_HEADER_SIZE >= size;
}

static gboolean
chase_group (Chase * chase, const H4mkSource * source, const GstH4mkItem * item)
{
  guint64 offset = item->chunk.offset + item->chunk.raw_size;
  gint64 time;
  guint i;

  if (chase->shown > 0 && gst_h4mk_token_get_time (item->token, &time)
      && time > chase->time && time - chase->time > MAX_DISORDER)
    return FALSE;
  for (i = 0; i < item->token->records->len; i++) {
    H4mkBlock block = { *gst_h4mk_token_record (item->token, i),
      item->token->first_block + i, offset
    };

    if (!is_in_file (source, offset, block.record.size)
        || (block.record.track == chase->track && !chase_block (chase, &block)))
      return FALSE;
    offset += GST_H4MK_CHUNK_HEADER_SIZE + block.record.size;
  }
  return TRUE;
}

/* The blocks from the track's last key block at or before the time up to the
 * one with the greatest time that is not later. */
static GArray *
chase_time (H4mkSource * source, guint id, gint64 position, GError ** error)
{
  const GstH4mkTrack *track = h4mk_source_get_track (source, id, error);
  GstH4mkTracks *tracks = NULL;
  Chase chase = { 0 };
  GError *problem = NULL;
  guint64 offset;
  GstH4mkItem item;
  Walk walk;

  if (!track)
    return NULL;
  chase.track = track->id;
  chase.time = position + h4mk_source_get_origin (source);
  if (!find_beginning (source, chase.track, chase.time, &offset, &tracks,
          error))
    return NULL;

  chase.chain = g_array_new (FALSE, FALSE, sizeof (H4mkBlock));
  walk_init (&walk, source, offset, tracks);
  while (walk_next (&walk, &item, &problem)
      && chase_group (&chase, source, &item)) {
    gst_h4mk_tracks_unref (tracks);
    tracks = gst_h4mk_tracks_ref (item.tracks);
    walk_skip_blocks (&walk, &item, tracks);
  }
  walk_clear (&walk);
  gst_h4mk_tracks_unref (tracks);

  g_array_set_size (chase.chain, chase.shown);
  if (problem || chase.shown == 0) {
    g_array_unref (chase.chain);
    if (problem)
      g_propagate_error (error, problem);
    else
      nothing_there (error);
    return NULL;
  }
  return chase.chain;
}

gboolean
h4mk_source_find_key (H4mkSource * source, guint track, gint64 position,
    H4mkBlock * key, GError ** error)
{
  guint64 first, block;
  GArray *chain;

  if (gst_h4mk_index_get_profile (source->index) == GST_H4MK_PROFILE_BASE)
    return find_base_position (source, position, &first, &block, error)
        && find_base_block (source, first, key, error);

  chain = chase_time (source, track, position, error);
  if (!chain)
    return FALSE;
  *key = g_array_index (chain, H4mkBlock, 0);
  g_array_unref (chain);
  return TRUE;
}

GArray *
h4mk_source_find_chain (H4mkSource * source, guint track, gint64 position,
    GError ** error)
{
  guint64 first, last;
  GArray *chain;

  if (gst_h4mk_index_get_profile (source->index) != GST_H4MK_PROFILE_BASE)
    return chase_time (source, track, position, error);

  if (!find_base_position (source, position, &first, &last, error))
    return NULL;
  chain = g_array_new (FALSE, FALSE, sizeof (H4mkBlock));
  for (; first <= last; first++) {
    H4mkBlock block;

    if (!find_base_block (source, first, &block, error)) {
      g_array_unref (chain);
      return NULL;
    }
    g_array_append_val (chain, block);
  }
  return chain;
}

static gboolean
find_in_group (const GstH4mkItem * item, guint64 i, H4mkBlock * block)
{
  const GstH4mkToken *token = item->token;
  guint64 offset = item->chunk.offset + item->chunk.raw_size;
  guint k;

  if (i < token->first_block || i - token->first_block >= token->records->len)
    return FALSE;
  for (k = 0; k < i - token->first_block; k++)
    offset += GST_H4MK_CHUNK_HEADER_SIZE
        + gst_h4mk_token_record (token, k)->size;
  block->record = *gst_h4mk_token_record (token, k);
  block->block = i;
  block->offset = offset;
  return TRUE;
}

gboolean
h4mk_source_find_block (H4mkSource * source, guint64 i, H4mkBlock * block,
    GError ** error)
{
  GstH4mkSeekPoint point;
  GError *problem = NULL;
  gboolean found = FALSE;
  guint64 number;
  GstH4mkItem item;
  Walk walk;

  if (gst_h4mk_index_get_profile (source->index) == GST_H4MK_PROFILE_BASE)
    return find_base_block (source, i, block, error);

  if (!gst_h4mk_index_find_block (source->index, i, &number, error)
      || !gst_h4mk_index_get_seek_point (source->index, number, &point, error))
    return FALSE;
  walk_init (&walk, source, point.token_offset, point.tracks);
  while (walk_next (&walk, &item, &problem) && item.token->first_block <= i) {
    found = find_in_group (&item, i, block);
    if (found)
      break;
    walk_skip_blocks (&walk, &item, point.tracks);
  }
  walk_clear (&walk);
  gst_h4mk_seek_point_clear (&point);
  if (problem)
    g_propagate_error (error, problem);
  else if (!found)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
        _("There is no block %" PRIu64 "."), i);
  return found;
}
