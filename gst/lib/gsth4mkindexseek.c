/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4mkindex-private.h"
#include "gsth4mkwriter.h"

/* A page of 512 spans is the largest that there is. */
#define MAX_PAGE_CHUNK_SIZE (GST_H4MK_CHUNK_HEADER_SIZE + \
    GST_H4MK_GIDX_HEADER_SIZE + GST_H4MK_PAGE_ENTRIES * \
    GST_H4MK_PAGE_ENTRY_SIZE)
/* Pages that are kept: those of a million blocks in spans of 16, 4.6 MiB. */
#define MAX_PAGES_KEPT 128
/* chunks that may stand before a span's first group */
#define MAX_BEFORE_GROUP 4096
#define MAX_ATTACHED ((guint64) 256 << 20)

gboolean
gst_h4mk_index_load_page (GstH4mkIndex * index, guint64 offset,
    GstH4mkGidx * gidx, GError ** error)
{
  GBytes *bytes = g_hash_table_lookup (index->page_bytes, &offset);
  GstH4mkChunk chunk;

  if (!bytes) {
    if (!gst_h4mk_index_chunk (index, offset, GST_H4MK_TAG_GIDX,
            MAX_PAGE_CHUNK_SIZE, &chunk, error))
      return FALSE;
    if (chunk.payload[0] != GST_H4MK_GIDX_PAGE)
      return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, chunk.tag,
          offset, "a root where a page belongs");
    if (g_hash_table_size (index->page_bytes) >= MAX_PAGES_KEPT)
      g_hash_table_remove_all (index->page_bytes);
    bytes = g_bytes_new (chunk.payload, chunk.size);
    g_hash_table_insert (index->page_bytes, g_memdup2 (&offset,
            sizeof (offset)), bytes);
  }
  chunk.payload = g_bytes_get_data (bytes, &chunk.size);
  gst_h4mk_gidx_read (gidx, &chunk);
  return TRUE;
}

static const GstH4mkPageRef *
get_page (GstH4mkIndex * index, guint i)
{
  return &g_array_index (index->pages, GstH4mkPageRef, i);
}

static gboolean
load_nth_page (GstH4mkIndex * index, guint i, GstH4mkGidx * gidx,
    GError ** error)
{
  const GstH4mkPageRef *page = get_page (index, i);

  if (!gst_h4mk_index_load_page (index, page->offset, gidx, error))
    return FALSE;
  if (gidx->count != page->count)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED,
        GST_H4MK_TAG_GIDX, page->offset, "a page of %u spans where %u belong",
        gidx->count, page->count);
  return TRUE;
}

/* Entries are searched in order: first_block and pts never fall. */
typedef enum
{
  BY_BLOCK,
  BY_PTS,
  BEFORE_PTS
} SearchKey;

typedef struct
{
  SearchKey by;
  guint64 block;
  gint64 pts;
} Search;

static gboolean
reaches (const Search * search, guint64 first_block, gint64 pts)
{
  switch (search->by) {
    case BY_BLOCK:
      return first_block <= search->block;
    case BY_PTS:
      return pts <= search->pts;
    default:
      return pts < search->pts;
  }
}

static guint
search_page (const GstH4mkGidx * gidx, guint skip, const Search * search)
{
  guint low = skip, high = gidx->count;

  while (low < high) {
    guint middle = low + (high - low) / 2;
    GstH4mkPageEntry entry;

    gst_h4mk_page_entry_read (&entry, gidx, middle);
    if (reaches (search, entry.first_block, entry.pts))
      low = middle + 1;
    else
      high = middle;
  }
  return low - skip;
}

static guint
search_pages (GstH4mkIndex * index, const Search * search)
{
  guint low = 0, high = index->pages->len;

  while (low < high) {
    guint middle = low + (high - low) / 2;
    const GstH4mkPageRef *page = get_page (index, middle);

    if (reaches (search, page->first_block, page->pts))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

static guint
search_spans (GstH4mkIndex * index, const Search * search)
{
  guint low = 0, high = index->spans->len;

  while (low < high) {
    guint middle = low + (high - low) / 2;
    const GstH4mkSpan *span =
        &g_array_index (index->spans, GstH4mkSpan, middle);

    if (reaches (search, span->first_block, span->pts))
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

/* How many spans, from the first on, reach what is searched. */
static gboolean
count_reaching (GstH4mkIndex * index, const Search * search, guint64 * count,
    GError ** error)
{
  guint n = search_spans (index, search);
  GstH4mkGidx gidx;

  if (n > 0) {
    *count = index->page_spans + n;
    return TRUE;
  }
  n = search_pages (index, search);
  if (n == 0) {
    *count = 0;
    return TRUE;
  }
  if (!load_nth_page (index, n - 1, &gidx, error))
    return FALSE;
  *count = get_page (index, n - 1)->number +
      search_page (&gidx, get_page (index, n - 1)->skip, search);
  return TRUE;
}

/**
 * gst_h4mk_index_get_n_spans:
 * @index: an index that was opened
 *
 * Returns: how many spans there are; in the base profile how many key blocks
 *
 * Since: 1.0
 */
guint64
gst_h4mk_index_get_n_spans (GstH4mkIndex * index)
{
  if (index->profile == GST_H4MK_PROFILE_BASE)
    return gst_h4mk_index_get_base_spans (index);
  return index->page_spans + index->spans->len;
}

static gboolean
not_found (GError ** error, const gchar * what)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, what);
  return FALSE;
}

/* What a page says, with its offsets as places in this file. */
static gboolean
fill_span (GstH4mkIndex * index, const GstH4mkPageEntry * entry,
    GstH4mkSpan * span)
{
  gint64 place;

  span->first_block = entry->first_block;
  span->blocks = entry->blocks;
  span->pts = entry->pts;
  span->flags = entry->flags;
  memcpy (span->leaf, entry->leaf, sizeof (span->leaf));
  /* what stands before the place where a stream was joined is in the copy of
   * TRAK at its front */
  if (!gst_h4mk_index_place (index, entry->trak, &span->trak)
      || span->trak < index->data_offset)
    span->trak = GST_H4MK_HEADER_SIZE;
  if (entry->offset >= G_MAXINT64
      || !gst_h4_sub_i64 (entry->offset, index->displacement, &place))
    return FALSE;
  if (place <= (gint64) index->data_offset)
    span->offset = index->data_offset;
  else if (!gst_h4mk_index_place (index, entry->offset, &span->offset))
    return FALSE;
  return TRUE;
}

/**
 * gst_h4mk_index_get_span:
 * @index: an index that was opened
 * @number: from 0
 * @span: (out): the span
 * @error: of reading, damage of a page, or %G_IO_ERROR_NOT_FOUND
 *
 * Reads one page at most.
 *
 * Returns: %FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_index_get_span (GstH4mkIndex * index, guint64 number,
    GstH4mkSpan * span, GError ** error)
{
  guint low = 0, high = index->pages->len;
  const GstH4mkPageRef *page;
  GstH4mkPageEntry entry;
  GstH4mkGidx gidx;

  if (number >= gst_h4mk_index_get_n_spans (index))
    return not_found (error, "there is no such span");
  if (index->profile == GST_H4MK_PROFILE_BASE)
    return gst_h4mk_index_get_base_span (index, number, span, error);
  if (number >= index->page_spans) {
    *span = g_array_index (index->spans, GstH4mkSpan,
        (guint) (number - index->page_spans));
    span->number = number;
    return TRUE;
  }

  while (low + 1 < high) {
    guint middle = low + (high - low) / 2;

    if (get_page (index, middle)->number <= number)
      low = middle;
    else
      high = middle;
  }
  if (!load_nth_page (index, low, &gidx, error))
    return FALSE;
  page = get_page (index, low);
  gst_h4mk_page_entry_read (&entry, &gidx,
      page->skip + (guint) (number - page->number));
  span->number = number;
  if (!fill_span (index, &entry, span))
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED,
        GST_H4MK_TAG_GIDX, page->offset, "it names a place past the file");
  return TRUE;
}

static gboolean
find_base_time (GstH4mkIndex * index, gint64 time, guint64 * number)
{
  const GstH4mkBase *base = &index->base;

  *number = 0;
  if (base->has_timing && time > 0 && base->interval > 0)
    *number = MIN ((guint64) (time / base->interval) / base->meta.gop,
        gst_h4mk_index_get_base_spans (index) - 1);
  return TRUE;
}

/**
 * gst_h4mk_index_find_time:
 * @index: an index that was opened
 * @time: running time in ns as it is stored, without the shift
 * @number: (out): of the span to play from
 * @error: of reading, damage of a page, or %G_IO_ERROR_NOT_FOUND where there
 *   are no blocks
 *
 * Finds the last span whose key block is not after @time, and of several that
 * share it the first. Reads two pages at most.
 *
 * Returns: %FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_index_find_time (GstH4mkIndex * index, gint64 time, guint64 * number,
    GError ** error)
{
  Search search = { BY_PTS, 0, time };
  GstH4mkSpan span;
  guint64 count;

  *number = 0;
  if (gst_h4mk_index_get_n_spans (index) == 0)
    return not_found (error, "there are no blocks");
  if (index->profile == GST_H4MK_PROFILE_BASE)
    return find_base_time (index, time, number);
  if (!count_reaching (index, &search, &count, error))
    return FALSE;
  if (count == 0)
    return TRUE;
  if (!gst_h4mk_index_get_span (index, count - 1, &span, error))
    return FALSE;
  if (span.pts == G_MININT64)
    return TRUE;
  search.by = BEFORE_PTS;
  search.pts = span.pts;
  return count_reaching (index, &search, number, error);
}

/**
 * gst_h4mk_index_find_block:
 * @index: an index that was opened
 * @block: index of a block in the whole file
 * @number: (out): of the span that holds it
 * @error: of reading, damage of a page, or %G_IO_ERROR_NOT_FOUND
 *
 * Returns: %FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_index_find_block (GstH4mkIndex * index, guint64 block,
    guint64 * number, GError ** error)
{
  Search search = { BY_BLOCK, block, 0 };
  guint64 count = 0;

  if (index->profile == GST_H4MK_PROFILE_BASE) {
    if (block >= index->base.blocks)
      return not_found (error, "there is no such block");
    *number = block / index->base.meta.gop;
    return TRUE;
  }
  if (!count_reaching (index, &search, &count, error))
    return FALSE;
  if (count == 0
      || block - index->first_block >= gst_h4mk_index_get_blocks (index))
    return not_found (error, "there is no such block");
  *number = count - 1;
  return TRUE;
}

void
gst_h4mk_seek_point_clear (GstH4mkSeekPoint * point)
{
  g_clear_pointer (&point->tracks, gst_h4mk_tracks_unref);
  g_clear_pointer (&point->refs, g_array_unref);
}

static gint
compare_refs (gconstpointer a, gconstpointer b)
{
  const GstH4mkSeekRef *x = a, *y = b;

  if (x->offset != y->offset)
    return x->offset < y->offset ? -1 : 1;
  return (x->track > y->track) - (x->track < y->track);
}

static void
fill_point (GstH4mkIndex * index, const GstH4mkWalkInfo * info,
    GstH4mkTracks * tracks, GstH4mkSeekPoint * point)
{
  guint i;

  point->token_offset = info->chunk.offset;
  point->tracks = gst_h4mk_tracks_ref (tracks);
  point->refs = g_array_new (FALSE, FALSE, sizeof (GstH4mkSeekRef));
  for (i = 0; i < info->token->refs->len; i++) {
    const GstH4mkRef *ref = gst_h4mk_token_ref (info->token, i);
    GstH4mkSeekRef place = { ref->track, info->chunk.offset - ref->back };

    if (ref->back > 0 && ref->back <= info->chunk.offset
        && place.offset >= index->data_offset)
      g_array_append_val (point->refs, place);
  }
  g_array_sort (point->refs, compare_refs);
}

/* The TRAK that the page names is read where the span itself has none. */
static gboolean
end_at_group (GstH4mkIndex * index, const GstH4mkWalkInfo * info,
    GstH4mkSeekPoint * point, GError ** error)
{
  GstH4mkTracks *tracks = index->seek_walk.tracks;

  if (!tracks && !gst_h4mk_index_load_trak (index, point->span.trak, &tracks,
          error))
    return FALSE;
  fill_point (index, info, tracks, point);
  return TRUE;
}

static gboolean
read_seek_point (GstH4mkIndex * index, GstH4mkSeekPoint * point,
    GError ** error)
{
  GstH4mkWalk *walk = &index->seek_walk;
  GstH4mkWalkInfo info;
  guint i;

  gst_h4mk_walk_init (walk, point->span.offset, NULL, 0);
  if (!gst_h4mk_index_peek (index, walk->pos, GST_H4MK_CHUNK_HEADER_SIZE,
          GST_H4MK_READ_SMALL, error))
    return FALSE;
  for (i = 0; i < MAX_BEFORE_GROUP; i++) {
    switch (gst_h4mk_walk_next (index, walk, &info, error)) {
      case GST_H4MK_WALK_ERROR:
        return FALSE;
      case GST_H4MK_WALK_PAGE:
      case GST_H4MK_WALK_TRAK:
      case GST_H4MK_WALK_LOWER:
        break;
      default:
        if (info.token)
          return end_at_group (index, &info, point, error);
        i = MAX_BEFORE_GROUP;
        break;
    }
  }
  return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, info.chunk.tag,
      info.chunk.offset, "no group where a span should begin");
}

/**
 * gst_h4mk_index_get_seek_point:
 * @index: an index that was opened
 * @number: of a span, from 0
 * @point: (out): what to read; to be cleared with gst_h4mk_seek_point_clear()
 * @error: of reading, damage, or %G_IO_ERROR_NOT_FOUND
 *
 * In the base profile there are neither tracks nor references, and the group
 * is the block.
 *
 * Returns: %FALSE with @error; @point then holds nothing
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_index_get_seek_point (GstH4mkIndex * index, guint64 number,
    GstH4mkSeekPoint * point, GError ** error)
{
  memset (point, 0, sizeof (*point));
  if (!gst_h4mk_index_get_span (index, number, &point->span, error))
    return FALSE;
  if (index->profile == GST_H4MK_PROFILE_BASE) {
    point->token_offset = point->span.offset;
    point->refs = g_array_new (FALSE, FALSE, sizeof (GstH4mkSeekRef));
    return TRUE;
  }
  return read_seek_point (index, point, error);
}

static gboolean
read_attachment (GstH4mkIndex * index, const GstH4mkChunk * chunk,
    GError ** error)
{
  const guint8 *text[2] = { NULL, NULL };
  guint16 sizes[2] = { 0, 0 };
  gchar *name, *mime_type;
  GstH4mkChunk whole;
  GstH4Reader r;
  GBytes *bytes;
  gint i;

  if (!gst_h4mk_index_chunk (index, chunk->offset, chunk->tag, 0, &whole,
          error))
    return FALSE;
  gst_h4_reader_init (&r, whole.payload, whole.size);
  for (i = 0; i < 2; i++) {
    if (!gst_h4_reader_u16 (&r, &sizes[i])
        || !gst_h4_reader_bytes (&r, sizes[i], &text[i]))
      return FALSE;
  }
  name = g_strndup ((const gchar *) text[0], sizes[0]);
  mime_type = g_strndup ((const gchar *) text[1], sizes[1]);
  bytes = g_bytes_new (r.data + r.pos, gst_h4_reader_left (&r));
  g_ptr_array_add (index->attachments,
      gst_h4mk_attachment_new (name, mime_type, bytes));
  g_free (name);
  g_free (mime_type);
  g_bytes_unref (bytes);
  return TRUE;
}

/* From the last span's first group on to SEEK. */
static gboolean
enter_last_span (GstH4mkIndex * index, GError ** error)
{
  guint64 spans = gst_h4mk_index_get_n_spans (index);
  GstH4mkSpan span = {.offset = index->data_offset };

  if (spans > 0 && !gst_h4mk_index_get_span (index, spans - 1, &span, error))
    return FALSE;
  gst_h4mk_walk_init (&index->atta_walk, span.offset, NULL, 0);
  index->attached = 0;
  index->attachments = g_ptr_array_new_with_free_func ((GDestroyNotify)
      gst_h4mk_attachment_free);
  return TRUE;
}

/**
 * gst_h4mk_index_get_attachments:
 * @index: an index that was opened
 * @error: of reading, damage, or %GST_H4MK_ERROR_LIMIT beyond 256 MiB
 *
 * Reads the attachments that stand at the end of a whole file. One that was
 * cut off has none.
 *
 * Returns: (transfer full) (nullable) (element-type GstH4mkAttachment): what
 *   is attached, or %NULL with @error
 *
 * Since: 1.0
 */
GPtrArray *
gst_h4mk_index_get_attachments (GstH4mkIndex * index, GError ** error)
{
  GstH4mkWalkInfo info;
  GstH4mkWalkResult result;

  if (!index->complete || index->profile == GST_H4MK_PROFILE_BASE)
    return g_ptr_array_new_with_free_func ((GDestroyNotify)
        gst_h4mk_attachment_free);
  if (!index->attachments && !enter_last_span (index, error))
    return NULL;
  for (;;) {
    guint64 place = index->atta_walk.pos;

    result = gst_h4mk_walk_next (index, &index->atta_walk, &info, error);
    if (result == GST_H4MK_WALK_ERROR)
      return NULL;
    if (result >= GST_H4MK_WALK_CUT)
      return g_steal_pointer (&index->attachments);
    if (info.chunk.tag != GST_H4MK_TAG_ATTA)
      continue;
    index->attached += info.chunk.raw_size;
    if (index->attached > MAX_ATTACHED) {
      gst_h4mk_error_set (error, GST_H4MK_ERROR_LIMIT, info.chunk.tag, place,
          "attachments of more than 256 MiB");
      return NULL;
    }
    if (!read_attachment (index, &info.chunk, error)) {
      index->atta_walk.pos = place;
      index->attached -= info.chunk.raw_size;
      return NULL;
    }
  }
}
