/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4mkindex-private.h"

/* What following candidates that led nowhere may cost, beside a share of what
 * was passed over; then only small ones are followed, and not far. */
#define MAX_WASTED ((guint64) 64 << 20)
#define WASTED_SHARE 8
#define STEP_COST 4096
#define MAX_SMALL_CANDIDATE ((guint64) 64 << 10)
#define MAX_SMALL_FOLLOW ((guint64) 256 << 10)

typedef enum
{
  FOLLOW_ON,
  FOLLOW_HOLDS,
  FOLLOW_FAILS,
  FOLLOW_ERROR
} FollowResult;

static gboolean
is_over_budget (const GstH4mkResync * resync)
{
  return resync->wasted > MAX_WASTED +
      WASTED_SHARE * (resync->pos - resync->from);
}

/* Whether spans end in LINKs. Those of a whole file have leaves. */
static gboolean
has_links (GstH4mkIndex * index, gboolean * links, GError ** error)
{
  static const guint8 none[GST_H4MK_HASH_SIZE] = { 0 };
  GError *inner = NULL;
  GstH4mkSpan span;

  *links = index->hop.links == GST_H4MK_LINKS_ALL;
  if (!index->complete || gst_h4mk_index_get_n_spans (index) == 0)
    return TRUE;
  if (gst_h4mk_index_get_span (index, 0, &span, &inner)) {
    *links = memcmp (span.leaf, none, sizeof (none)) != 0;
    return TRUE;
  }
  if (!gst_h4mk_index_is_damage (inner)) {
    g_propagate_error (error, inner);
    return FALSE;
  }
  g_error_free (inner);
  return TRUE;
}

static gboolean
tracks_fit (const GstH4mkWalk * walk, const GstH4mkToken * token)
{
  guint32 last = 0;
  guint i;

  for (i = 0; i < token->records->len; i++) {
    guint32 track = gst_h4mk_token_record (token, i)->track;

    if (track != last && !gst_h4mk_tracks_find (walk->tracks, track))
      return FALSE;
    last = track;
  }
  return TRUE;
}

static gboolean
link_holds (GstH4mkIndex * index, const GstH4mkChunk * chunk)
{
  GstH4mkLink link;
  guint64 self;

  gst_h4mk_link_read (&link, chunk);
  return gst_h4mk_index_place (index, link.self, &self)
      && self == chunk->offset;
}

/* Whether the blocks of a candidate are the last ones that FOOT counts. */
static gboolean
count_holds (GstH4mkIndex * index)
{
  return !index->complete || index->resync.walk.next_block ==
      index->first_block + index->foot.blocks;
}

/* What comes after the first group. Behind a LINK the numbers must go on:
 * what a block holds can lead to the LINK of the block's own span. */
static FollowResult
judge (GstH4mkIndex * index, GstH4mkWalkResult result,
    const GstH4mkWalkInfo * info, gboolean links)
{
  GstH4mkResync *resync = &index->resync;
  gboolean holds = FALSE;

  switch (result) {
    case GST_H4MK_WALK_GROUP:
      if (!resync->linked)
        return FOLLOW_ON;
      holds = TRUE;
      break;
    case GST_H4MK_WALK_LINK:
      if (!resync->linked && link_holds (index, &info->chunk)) {
        resync->linked = TRUE;
        return FOLLOW_ON;
      }
      break;
    case GST_H4MK_WALK_PAGE:
    case GST_H4MK_WALK_TRAK:
    case GST_H4MK_WALK_LOWER:
      if (resync->linked)
        return FOLLOW_ON;
      holds = !links;
      break;
    case GST_H4MK_WALK_TAIL:
      holds = (resync->linked || !links) && count_holds (index);
      break;
    case GST_H4MK_WALK_CUT:
      holds = resync->linked || !index->complete;
      break;
    case GST_H4MK_WALK_BAD:
      holds = resync->linked && info->token == NULL;
      break;
    default:
      break;
  }
  return holds ? FOLLOW_HOLDS : FOLLOW_FAILS;
}

/* A TOKN that continues the file, or a TRAK that one follows at once. */
static FollowResult
judge_first (GstH4mkIndex * index, GstH4mkWalkResult result,
    const GstH4mkWalkInfo * info)
{
  const GstH4mkResync *resync = &index->resync;

  if (result == GST_H4MK_WALK_TRAK && info->chunk.offset == resync->found)
    return FOLLOW_ON;
  if (result == GST_H4MK_WALK_GROUP)
    return FOLLOW_ON;
  return result == GST_H4MK_WALK_CUT && info->blocks > 0 && !index->complete ?
      FOLLOW_HOLDS : FOLLOW_FAILS;
}

/* From a candidate to the end of its span. */
static FollowResult
follow (GstH4mkIndex * index, GError ** error)
{
  GstH4mkResync *resync = &index->resync;
  FollowResult follow = FOLLOW_ON;
  gboolean links;

  if (!has_links (index, &links, error))
    return FOLLOW_ERROR;
  while (follow == FOLLOW_ON) {
    GstH4mkWalkInfo info;
    GstH4mkWalkResult result = gst_h4mk_walk_next (index, &resync->walk, &info,
        error);

    if (result == GST_H4MK_WALK_ERROR)
      return FOLLOW_ERROR;
    resync->cost += STEP_COST + info.chunk.raw_size;
    if (resync->cost > (is_over_budget (resync) ? MAX_SMALL_FOLLOW :
            MAX_WASTED))
      return FOLLOW_FAILS;
    if (info.token && !tracks_fit (&resync->walk, info.token))
      return FOLLOW_FAILS;
    if (resync->groups > 0)
      follow = judge (index, result, &info, links);
    else if (info.token && info.token->first_block < resync->min_block)
      follow = FOLLOW_FAILS;
    else
      follow = judge_first (index, result, &info);
    if (result == GST_H4MK_WALK_GROUP)
      resync->groups++;
  }
  return follow;
}

static gboolean
is_candidate (GstH4mkIndex * index, const guint8 * p, guint64 offset)
{
  guint64 left = index->file_size - offset;
  GstH4mkChunkHeader header;

  gst_h4mk_chunk_header_read (&header, p);
  if (header.tag != GST_H4MK_TAG_TOKN && header.tag != GST_H4MK_TAG_TRAK)
    return FALSE;
  if (header.size == 0 || header.size > gst_h4mk_chunk_limit (header.tag)
      || header.size > left - GST_H4MK_CHUNK_HEADER_SIZE)
    return FALSE;
  return header.size <= MAX_SMALL_CANDIDATE || !is_over_budget (&index->resync);
}

/* The next place in a window that a TOKN or TRAK could stand at. */
static gboolean
scan (GstH4mkIndex * index, gboolean * found, GError ** error)
{
  GstH4mkResync *resync = &index->resync;
  gsize step = index->is_stream ? GST_H4MK_READ_STREAM : GST_H4MK_READ_LARGE;

  *found = FALSE;
  while (index->file_size - resync->pos >= GST_H4MK_CHUNK_HEADER_SIZE) {
    /* windows end at fixed places, so that a new start needs no new bytes */
    guint64 end = (resync->pos / step + 1) * step + GST_H4MK_CHUNK_HEADER_SIZE;
    gsize size = (gsize) (MIN (end, index->file_size) - resync->pos), i;
    const guint8 *data;

    data = gst_h4mk_index_peek (index, resync->pos, size, 0, error);
    if (!data)
      return FALSE;
    for (i = 0; i + GST_H4MK_CHUNK_HEADER_SIZE <= size; i++) {
      const guint8 *p = memchr (data + i, 'T',
          size - i - GST_H4MK_CHUNK_HEADER_SIZE + 1);

      if (!p) {
        i = size - GST_H4MK_CHUNK_HEADER_SIZE + 1;
        break;
      }
      i = p - data;
      if (is_candidate (index, p, resync->pos + i)) {
        resync->pos += i;
        *found = TRUE;
        return TRUE;
      }
    }
    resync->pos += i;
  }
  return TRUE;
}

static gboolean
resync_base (GstH4mkIndex * index, guint64 offset, guint64 * found,
    GError ** error)
{
  const GstH4mkBase *base = &index->base;
  guint64 block = 0, size;

  if (base->stride > 0 && offset > GST_H4MK_HEADER_SIZE)
    block = (offset - GST_H4MK_HEADER_SIZE + base->stride - 1) / base->stride;
  return gst_h4mk_index_get_base_block (index, block, found, &size, error);
}

/**
 * gst_h4mk_index_resync:
 * @index: an index that was opened
 * @offset: where to look from
 * @min_block: the least index that the next block can have
 * @tracks: (nullable): the TRAK in force
 * @found: (out): where to go on: at a TOKN, or at a TRAK that one follows
 * @error: of reading, or %G_IO_ERROR_NOT_FOUND
 *
 * Finds the next group behind damage: one that continues the file, whose
 * sizes lead from chunk to chunk to the end of its span, and whose LINK,
 * where there are any, holds and stands where it says. What a block holds can
 * look like a group, but not like that.
 *
 * Returns: %FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_index_resync (GstH4mkIndex * index, guint64 offset,
    guint64 min_block, GstH4mkTracks * tracks, guint64 * found, GError ** error)
{
  GstH4mkResync *resync = &index->resync;
  gboolean any = TRUE;

  if (index->profile == GST_H4MK_PROFILE_BASE)
    return resync_base (index, offset, found, error);
  if (!resync->active || resync->from != offset
      || resync->min_block != min_block) {
    gst_h4mk_walk_clear (&resync->walk);
    memset (resync, 0, sizeof (*resync));
    resync->active = TRUE;
    resync->from = offset;
    resync->min_block = min_block;
    resync->pos = CLAMP (offset, index->data_offset, index->file_size);
  }
  for (;;) {
    if (!resync->following) {
      if (!scan (index, &any, error))
        return FALSE;
      if (!any)
        break;
      resync->found = resync->pos;
      gst_h4mk_walk_init (&resync->walk, resync->found,
          tracks ? tracks : index->tracks, 0);
      resync->groups = 0;
      resync->linked = FALSE;
      resync->cost = 0;
      resync->following = TRUE;
    }
    switch (follow (index, error)) {
      case FOLLOW_ERROR:
        return FALSE;
      case FOLLOW_HOLDS:
        resync->active = FALSE;
        *found = resync->found;
        return TRUE;
      default:
        resync->wasted += resync->cost;
        resync->pos = resync->found + 1;
        resync->following = FALSE;
        break;
    }
  }
  resync->active = FALSE;
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
      "no group follows that continues the file");
  return FALSE;
}
