/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4mkindex-private.h"

/* where no page takes them over, every other span is dropped beyond this */
#define MAX_SPANS 262144
/* ns between two spans that are made up in a file without LINKs whose
 * primary track is not video */
#define MADE_UP_INTERVAL G_GINT64_CONSTANT (1000000000)

void
gst_h4mk_walk_init (GstH4mkWalk * walk, guint64 pos, GstH4mkTracks * tracks,
    guint64 trak)
{
  gst_h4mk_walk_clear (walk);
  walk->pos = pos;
  walk->tracks = tracks ? gst_h4mk_tracks_ref (tracks) : NULL;
  walk->trak = trak;
}

void
gst_h4mk_walk_clear (GstH4mkWalk * walk)
{
  g_clear_pointer (&walk->tracks, gst_h4mk_tracks_unref);
  memset (walk, 0, sizeof (*walk));
}

static GstH4mkWalkResult
walk_group (GstH4mkIndex * index, GstH4mkWalk * walk, GstH4mkWalkInfo * info)
{
  GstH4mkToken *token = &index->token;
  guint64 end = walk->pos + info->chunk.raw_size;
  guint i;

  if (!gst_h4mk_token_read (token, info->chunk.payload, info->chunk.size, NULL))
    return GST_H4MK_WALK_BAD;
  if (walk->knows_block && token->first_block != walk->next_block) {
    info->token = token;
    return GST_H4MK_WALK_BAD;
  }
  for (i = 0; i < token->records->len; i++) {
    guint64 size = gst_h4mk_token_record (token, i)->size;

    if (size > GST_H4MK_MAX_BLOCK_SIZE)
      return GST_H4MK_WALK_BAD;
    end += GST_H4MK_CHUNK_HEADER_SIZE + size;
    if (end <= index->file_size)
      info->blocks++;
  }
  info->token = token;
  if (end > index->file_size)
    return GST_H4MK_WALK_CUT;
  walk->pos = end;
  walk->knows_block = TRUE;
  walk->next_block = token->first_block + token->records->len;
  return GST_H4MK_WALK_GROUP;
}

static GstH4mkWalkResult
walk_trak (GstH4mkIndex * index, GstH4mkWalk * walk, GstH4mkWalkInfo * info)
{
  GstH4mkTracks *tracks;

  if (walk->pos == GST_H4MK_HEADER_SIZE && index->tracks)
    tracks = gst_h4mk_tracks_ref (index->tracks);
  else
    tracks = gst_h4mk_tracks_from_json (info->chunk.payload, info->chunk.size,
        NULL);
  if (!tracks)
    return GST_H4MK_WALK_BAD;
  if (index->tracks && !gst_h4mk_tracks_same_file (index->tracks, tracks)) {
    gst_h4mk_tracks_unref (tracks);
    return GST_H4MK_WALK_BAD;
  }
  g_clear_pointer (&walk->tracks, gst_h4mk_tracks_unref);
  walk->tracks = tracks;
  walk->trak = walk->pos;
  walk->pos += info->chunk.raw_size;
  return GST_H4MK_WALK_TRAK;
}

static GstH4mkWalkResult
walk_chunk (GstH4mkIndex * index, GstH4mkWalk * walk, GstH4mkWalkInfo * info)
{
  if (!gst_h4mk_chunk_check (&info->chunk, GST_H4MK_PROFILE_TRACK, NULL))
    return GST_H4MK_WALK_BAD;
  switch (info->chunk.tag) {
    case GST_H4MK_TAG_TOKN:
      return walk_group (index, walk, info);
    case GST_H4MK_TAG_TRAK:
      return walk_trak (index, walk, info);
    case GST_H4MK_TAG_LINK:
      walk->pos += info->chunk.raw_size;
      return GST_H4MK_WALK_LINK;
    default:
      if (info->chunk.payload[0] != GST_H4MK_GIDX_PAGE)
        return GST_H4MK_WALK_BAD;
      walk->pos += info->chunk.raw_size;
      return GST_H4MK_WALK_PAGE;
  }
}

GstH4mkWalkResult
gst_h4mk_walk_next (GstH4mkIndex * index, GstH4mkWalk * walk,
    GstH4mkWalkInfo * info, GError ** error)
{
  guint64 left = index->file_size - MIN (walk->pos, index->file_size);
  GstH4mkChunkHeader header;
  const guint8 *raw;
  gsize size;

  memset (info, 0, sizeof (*info));
  info->chunk.offset = walk->pos;
  if (left < GST_H4MK_CHUNK_HEADER_SIZE)
    return GST_H4MK_WALK_CUT;
  raw = gst_h4mk_index_peek_next (index, walk->pos, GST_H4MK_CHUNK_HEADER_SIZE,
      error);
  if (!raw)
    return GST_H4MK_WALK_ERROR;

  gst_h4mk_chunk_header_read (&header, raw);
  if (header.tag == GST_H4MK_TAG_SEEK)
    return GST_H4MK_WALK_TAIL;
  if (header.size > gst_h4mk_chunk_limit (header.tag)
      || (!gst_h4mk_tag_is_lower (header.tag)
          && header.tag != GST_H4MK_TAG_TOKN && header.tag != GST_H4MK_TAG_TRAK
          && header.tag != GST_H4MK_TAG_LINK
          && header.tag != GST_H4MK_TAG_GIDX))
    return GST_H4MK_WALK_BAD;
  size = GST_H4MK_CHUNK_HEADER_SIZE + (gsize) header.size;
  if (size > left)
    return GST_H4MK_WALK_CUT;
  info->chunk.tag = header.tag;
  info->chunk.raw_size = size;
  if (gst_h4mk_tag_is_lower (header.tag)) {
    walk->pos += size;
    return GST_H4MK_WALK_LOWER;
  }

  raw = gst_h4mk_index_peek_next (index, walk->pos, size, error);
  if (!raw)
    return GST_H4MK_WALK_ERROR;
  if (!gst_h4mk_chunk_init (&info->chunk, raw, walk->pos, NULL))
    return GST_H4MK_WALK_BAD;
  return walk_chunk (index, walk, info);
}

/* The first group alone decides what is added to all times. */
void
gst_h4mk_index_note_first (GstH4mkIndex * index, const GstH4mkToken * token)
{
  gint64 min_pts = G_MAXINT64, min_time = 0;
  guint i;

  if (index->has_first)
    return;
  index->has_first = TRUE;
  index->first_block = token->first_block;
  for (i = 0; i < token->records->len; i++) {
    const GstH4mkRecord *record = gst_h4mk_token_record (token, i);

    if (!(record->flags & GST_H4MK_RECORD_NO_PTS)) {
      min_pts = MIN (min_pts, record->pts);
      min_time = MIN (min_time, record->pts);
    }
    if (record->flags & GST_H4MK_RECORD_HAS_DTS)
      min_time = MIN (min_time, record->dts);
  }
  /* the least number has no opposite */
  index->shift = -MAX (min_time, -G_MAXINT64);
  if (min_pts != G_MAXINT64) {
    index->min_pts = min_pts;
    if (!gst_h4_add_i64 (min_pts, index->shift, &index->start))
      index->start = 0;
  }
}

static void
note_times (GstH4mkIndex * index, const GstH4mkToken * token, guint blocks)
{
  guint i;

  for (i = 0; i < blocks; i++) {
    const GstH4mkRecord *record = gst_h4mk_token_record (token, i);
    gint64 end;

    if (record->flags & GST_H4MK_RECORD_NO_PTS
        || !gst_h4_add_i64 (record->pts, record->duration, &end))
      continue;
    if (!index->has_times) {
      index->has_times = TRUE;
      index->max_end = end;
    }
    index->max_end = MAX (index->max_end, end);
  }
}

static GstH4mkSpan *
get_last_span (GstH4mkIndex * index)
{
  return &g_array_index (index->spans, GstH4mkSpan, index->spans->len - 1);
}

/* The time that a page would give the span: that of its first key block of
 * the primary track, else of the span before. */
static void
note_span_pts (GstH4mkIndex * index, const GstH4mkToken * token, guint blocks)
{
  GstH4mkHop *hop = &index->hop;
  const GstH4mkTrack *primary = gst_h4mk_tracks_get_primary (hop->walk.tracks);
  guint i;

  if (hop->span_has_pts || !primary)
    return;
  for (i = 0; i < blocks; i++) {
    const GstH4mkRecord *record = gst_h4mk_token_record (token, i);

    if (record->track != primary->id
        || record->flags & GST_H4MK_RECORD_NO_PTS
        || (primary->kind == GST_H4MK_TRACK_VIDEO
            && !(record->flags & GST_H4MK_RECORD_KEY)))
      continue;
    hop->span_has_pts = TRUE;
    get_last_span (index)->pts = MAX (record->pts, hop->last_pts);
    return;
  }
}

static void
thin_spans (GstH4mkIndex * index)
{
  guint i;

  for (i = 0; 2 * i < index->spans->len; i++) {
    GstH4mkSpan *spans = (GstH4mkSpan *) (gpointer) index->spans->data;

    spans[i] = spans[2 * i];
    if (2 * i + 1 < index->spans->len)
      spans[i].blocks += spans[2 * i + 1].blocks;
  }
  g_array_set_size (index->spans, i);
  index->hop.thinned *= 2;
}

static gboolean
begins_with_key (GstH4mkHop * hop, const GstH4mkToken * token)
{
  const GstH4mkTrack *primary = gst_h4mk_tracks_get_primary (hop->walk.tracks);
  const GstH4mkRecord *first = gst_h4mk_token_record (token, 0);

  return primary && first->track == primary->id
      && (first->flags & GST_H4MK_RECORD_KEY);
}

static void
begin_span (GstH4mkIndex * index, guint64 start, const GstH4mkToken * token)
{
  GstH4mkHop *hop = &index->hop;
  GstH4mkSpan span = { 0 };

  if (index->spans->len > 0) {
    GstH4mkSpan *last = get_last_span (index);

    /* a group that was cut off is looked at again as the file grows */
    if (last->offset == start)
      return;
    hop->last_pts = last->pts;
    last->blocks = token->first_block - last->first_block;
    if (++hop->passed % hop->thinned != 0)
      return;
    if (index->spans->len >= MAX_SPANS)
      thin_spans (index);
  }
  span.offset = start;
  span.trak = hop->walk.trak;
  span.first_block = token->first_block;
  span.pts = hop->last_pts;
  span.flags = begins_with_key (hop, token) ? 1 : 0;
  hop->span_has_pts = FALSE;
  g_array_append_val (index->spans, span);
}

/* In a file without LINKs nothing says where spans begin but a page, later.
 * References stand in first groups only; where there is none, a key block of
 * the primary track is as good. */
static gboolean
looks_like_span (GstH4mkIndex * index, const GstH4mkToken * token)
{
  GstH4mkHop *hop = &index->hop;
  const GstH4mkTrack *primary = gst_h4mk_tracks_get_primary (hop->walk.tracks);
  gint64 time;

  if (token->refs->len > 0)
    return TRUE;
  if (!begins_with_key (hop, token))
    return FALSE;
  if (primary->kind == GST_H4MK_TRACK_VIDEO)
    return TRUE;
  return gst_h4mk_token_get_time (token, &time)
      && get_last_span (index)->pts <= time - MADE_UP_INTERVAL;
}

static void
hop_group (GstH4mkIndex * index, const GstH4mkWalkInfo * info)
{
  GstH4mkHop *hop = &index->hop;

  gst_h4mk_index_note_first (index, info->token);
  if (info->blocks == 0)
    return;
  if (!hop->in_span) {
    begin_span (index, hop->span_start, info->token);
  } else if (hop->links != GST_H4MK_LINKS_ALL
      && looks_like_span (index, info->token)) {
    if (info->token->refs->len > 0)
      hop->links = GST_H4MK_LINKS_NONE;
    begin_span (index, info->chunk.offset, info->token);
  }
  note_times (index, info->token, info->blocks);
  note_span_pts (index, info->token, info->blocks);
  hop->end_block = info->token->first_block + info->blocks;
  get_last_span (index)->blocks = hop->end_block -
      get_last_span (index)->first_block;
  if (info->blocks == info->token->records->len)
    hop->in_span = TRUE;
}

/* What was taken for spans before the first LINK is one. */
static void
join_first_span (GstH4mkIndex * index)
{
  GstH4mkSpan *first = &g_array_index (index->spans, GstH4mkSpan, 0);
  guint i;

  for (i = 1; i < index->spans->len && first->pts == G_MININT64; i++)
    first->pts = g_array_index (index->spans, GstH4mkSpan, i).pts;
  first->blocks = index->hop.end_block - first->first_block;
  g_array_set_size (index->spans, 1);
}

static gboolean
hop_link (GstH4mkIndex * index, const GstH4mkWalkInfo * info)
{
  GstH4mkHop *hop = &index->hop;
  GstH4mkLink link;

  gst_h4mk_link_read (&link, &info->chunk);
  if (!hop->in_span || hop->links == GST_H4MK_LINKS_NONE
      || link.self > G_MAXINT64)
    return FALSE;
  if (hop->links == GST_H4MK_LINKS_UNKNOWN) {
    index->displacement = (gint64) link.self - (gint64) info->chunk.offset;
    index->first_link.seq = link.seq;
    index->first_link.place = info->chunk.offset;
    index->first_link.end = info->chunk.offset + info->chunk.raw_size;
    hop->links = GST_H4MK_LINKS_ALL;
    join_first_span (index);
  } else if ((gint64) link.self - (gint64) info->chunk.offset !=
      index->displacement) {
    return FALSE;
  }
  hop->in_span = FALSE;
  hop->span_start = info->chunk.offset + info->chunk.raw_size;
  return TRUE;
}

/* What stood in memory stands in the page now. */
static void
hop_page (GstH4mkIndex * index, const GstH4mkWalkInfo * info)
{
  GstH4mkHop *hop = &index->hop;
  GstH4mkPageEntry first, last;
  GstH4mkPageRef page = { 0 };
  GstH4mkGidx gidx;
  guint64 place, last_place;

  gst_h4mk_gidx_read (&gidx, &info->chunk);
  gst_h4mk_page_entry_read (&first, &gidx, 0);
  gst_h4mk_page_entry_read (&last, &gidx, gidx.count - 1);
  if (index->spans->len == 0
      || !gst_h4mk_index_place (index, first.offset, &place)
      || !gst_h4mk_index_place (index, last.offset, &last_place)
      || place != g_array_index (index->spans, GstH4mkSpan, 0).offset
      || last_place < place || last_place >= info->chunk.offset
      || (hop->links == GST_H4MK_LINKS_ALL && gidx.count != index->spans->len))
    return;
  page.offset = info->chunk.offset;
  page.first_block = first.first_block;
  page.pts = first.pts;
  page.number = index->page_spans;
  page.count = gidx.count;
  g_array_append_val (index->pages, page);
  index->page_spans += gidx.count;
  hop->last_pts = last.pts;
  g_array_set_size (index->spans, 0);
}

/* Chunks that stand between two spans only. */
static gboolean
hop_between (GstH4mkIndex * index, const GstH4mkWalkInfo * info,
    GstH4mkWalkResult result)
{
  GstH4mkHop *hop = &index->hop;

  if (hop->in_span) {
    if (hop->links == GST_H4MK_LINKS_ALL)
      return FALSE;
    hop->links = GST_H4MK_LINKS_NONE;
    hop->in_span = FALSE;
    hop->span_start = info->chunk.offset;
  }
  if (result == GST_H4MK_WALK_PAGE)
    hop_page (index, info);
  return TRUE;
}

typedef enum
{
  HOP_MOVED,
  HOP_END,
  HOP_ERROR
} HopResult;

static HopResult
hop_once (GstH4mkIndex * index, GstH4mkWalkResult * what, GError ** error)
{
  GstH4mkWalk *walk = &index->hop.walk;
  GstH4mkWalkInfo info;
  gboolean ok = TRUE;

  *what = gst_h4mk_walk_next (index, walk, &info, error);
  switch (*what) {
    case GST_H4MK_WALK_GROUP:
      hop_group (index, &info);
      break;
    case GST_H4MK_WALK_LINK:
      ok = hop_link (index, &info);
      break;
    case GST_H4MK_WALK_PAGE:
    case GST_H4MK_WALK_TRAK:
    case GST_H4MK_WALK_LOWER:
      ok = hop_between (index, &info, *what);
      break;
    case GST_H4MK_WALK_ERROR:
      return HOP_ERROR;
    default:
      if (*what == GST_H4MK_WALK_CUT && info.token)
        hop_group (index, &info);
      return HOP_END;
  }
  if (!ok)
    walk->pos = info.chunk.offset;
  return ok ? HOP_MOVED : HOP_END;
}

gboolean
gst_h4mk_index_hop_first_span (GstH4mkIndex * index, GError ** error)
{
  GstH4mkWalkResult what;

  while (index->hop.links == GST_H4MK_LINKS_UNKNOWN) {
    switch (hop_once (index, &what, error)) {
      case HOP_ERROR:
        return FALSE;
      case HOP_END:
        index->phase = GST_H4MK_PHASE_DONE;
        return TRUE;
      default:
        break;
    }
  }
  index->phase = index->hop.links == GST_H4MK_LINKS_ALL ?
      GST_H4MK_PHASE_SCAN : GST_H4MK_PHASE_REST;
  index->scan_end = index->file_size;
  return TRUE;
}

/* The LINKs that were reached from the end say where spans end: no need to
 * look at more of one than its time. */
static void
skip_rest_of_span (GstH4mkIndex * index)
{
  GstH4mkHop *hop = &index->hop;
  GstH4mkLinkRef *link = NULL;

  while (index->walked->len > 0) {
    link = &g_array_index (index->walked, GstH4mkLinkRef,
        index->walked->len - 1);
    if (link->place >= hop->walk.pos)
      break;
    g_array_set_size (index->walked, index->walked->len - 1);
  }
  /* the last one is looked at as a whole: the duration is in it */
  if (index->walked->len < 2 || !hop->in_span || !hop->span_has_pts)
    return;
  hop->walk.pos = link->end;
  hop->walk.knows_block = FALSE;
  hop->in_span = FALSE;
  hop->span_start = link->end;
}

gboolean
gst_h4mk_index_hop_rest (GstH4mkIndex * index, GError ** error)
{
  GstH4mkWalkResult what;

  for (;;) {
    switch (hop_once (index, &what, error)) {
      case HOP_ERROR:
        return FALSE;
      case HOP_END:
        index->phase = GST_H4MK_PHASE_DONE;
        return TRUE;
      default:
        if (what == GST_H4MK_WALK_GROUP)
          skip_rest_of_span (index);
        break;
    }
  }
}
