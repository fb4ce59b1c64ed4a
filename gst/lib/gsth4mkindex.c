/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4json.h"
#include "gsth4mkindex-private.h"

#define VERI_CHUNK_SIZE (GST_H4MK_CHUNK_HEADER_SIZE + GST_H4MK_VERI_SIZE)
#define SIGN_CHUNK_SIZE (GST_H4MK_CHUNK_HEADER_SIZE + GST_H4MK_SIGN_SIZE)
#define FOOT_CHUNK_SIZE (GST_H4MK_CHUNK_HEADER_SIZE + GST_H4MK_FOOT_SIZE)

/**
 * gst_h4mk_index_new: (skip)
 * @read: reads bytes of the file
 * @user_data: for @read
 *
 * Returns: (transfer full): an index of a file that is yet to be opened
 *
 * Since: 1.0
 */
GstH4mkIndex *
gst_h4mk_index_new (GstH4mkReadFunc read, gpointer user_data)
{
  GstH4mkIndex *index = g_new0 (GstH4mkIndex, 1);

  index->read = read;
  index->user_data = user_data;
  index->ahead = GST_H4MK_READ_SMALL;
  index->pieces = g_ptr_array_new ();
  index->pages = g_array_new (FALSE, FALSE, sizeof (GstH4mkPageRef));
  index->page_bytes = g_hash_table_new_full (g_int64_hash, g_int64_equal,
      g_free, (GDestroyNotify) g_bytes_unref);
  index->spans = g_array_new (FALSE, FALSE, sizeof (GstH4mkSpan));
  index->walked = g_array_new (FALSE, FALSE, sizeof (GstH4mkLinkRef));
  index->base.marks = g_array_new (FALSE, FALSE, sizeof (GstH4mkBaseMark));
  gst_h4mk_token_init (&index->token);
  return index;
}

void
gst_h4mk_index_free (GstH4mkIndex * index)
{
  gst_h4mk_index_drop_pieces (index);
  g_ptr_array_unref (index->pieces);
  g_clear_pointer (&index->tracks, gst_h4mk_tracks_unref);
  g_clear_pointer (&index->trak_tracks, gst_h4mk_tracks_unref);
  g_clear_pointer (&index->meta, json_object_unref);
  g_hash_table_unref (index->page_bytes);
  g_clear_pointer (&index->attachments, g_ptr_array_unref);
  g_array_unref (index->pages);
  g_array_unref (index->spans);
  g_array_unref (index->walked);
  g_array_unref (index->base.marks);
  gst_h4mk_walk_clear (&index->hop.walk);
  gst_h4mk_walk_clear (&index->check);
  gst_h4mk_walk_clear (&index->seek_walk);
  gst_h4mk_walk_clear (&index->atta_walk);
  gst_h4mk_walk_clear (&index->resync.walk);
  gst_h4mk_token_clear (&index->token);
  g_free (index);
}

static gboolean
check_header (GstH4mkIndex * index, GError ** error)
{
  gsize size = (gsize) MIN (index->file_size, GST_H4MK_HEADER_SIZE);
  const guint8 *data = gst_h4mk_index_peek (index, 0, size,
      GST_H4MK_READ_NORMAL, error);
  GstH4mkParser *parser;
  GstH4mkResult result;
  GstH4mkItem item;
  gsize need;

  if (!data)
    return FALSE;
  parser = gst_h4mk_parser_new ();
  result = gst_h4mk_parser_next (parser, data, size, &item, &need, error);
  if (result == GST_H4MK_RESULT_MORE)
    gst_h4mk_parser_end (parser, size, error);
  gst_h4mk_parser_free (parser);
  return result == GST_H4MK_RESULT_ITEM;
}

/* The file header and the first chunk: which profile it is. */
static gboolean
open_head (GstH4mkIndex * index, GError ** error)
{
  guint64 left = index->file_size - MIN (index->file_size,
      GST_H4MK_HEADER_SIZE);
  GstH4mkChunkHeader header;
  GstH4mkChunk chunk;
  GError *inner = NULL;
  const guint8 *data;

  if (!check_header (index, error))
    return FALSE;
  if (left < GST_H4MK_CHUNK_HEADER_SIZE)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_TRUNCATED, 0,
        GST_H4MK_HEADER_SIZE, "the file ends before its first chunk");
  data = gst_h4mk_index_peek (index, GST_H4MK_HEADER_SIZE,
      GST_H4MK_CHUNK_HEADER_SIZE, 0, error);
  if (!data)
    return FALSE;
  gst_h4mk_chunk_header_read (&header, data);
  if (header.tag != GST_H4MK_TAG_TRAK) {
    index->profile = GST_H4MK_PROFILE_BASE;
    index->data_offset = GST_H4MK_HEADER_SIZE;
    index->phase = GST_H4MK_PHASE_BASE;
    return TRUE;
  }

  index->profile = GST_H4MK_PROFILE_TRACK;
  if (header.size > left - GST_H4MK_CHUNK_HEADER_SIZE)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_TRUNCATED, header.tag,
        GST_H4MK_HEADER_SIZE, "its %u bytes go past the end of the file",
        header.size);
  if (!gst_h4mk_index_chunk (index, GST_H4MK_HEADER_SIZE, header.tag,
          GST_H4MK_READ_NORMAL, &chunk, error))
    return FALSE;
  index->tracks = gst_h4mk_tracks_from_json (chunk.payload, chunk.size, &inner);
  if (!index->tracks)
    return gst_h4mk_chunk_error (&chunk, inner, error);
  index->data_offset = GST_H4MK_HEADER_SIZE + chunk.raw_size;
  index->phase = GST_H4MK_PHASE_TAIL;
  return TRUE;
}

/* Where FOOT stands if the file ends in FOOT, SIGN or none, and VERI. */
static gboolean
find_foot (GstH4mkIndex * index, guint64 * offset, GError ** error)
{
  guint64 size = index->file_size - index->data_offset;
  GstH4mkChunkHeader header;
  const guint8 *data;

  *offset = 0;
  if (size < FOOT_CHUNK_SIZE + SIGN_CHUNK_SIZE + VERI_CHUNK_SIZE)
    return TRUE;
  data = gst_h4mk_index_peek (index, index->file_size - VERI_CHUNK_SIZE,
      VERI_CHUNK_SIZE, 0, error);
  if (!data)
    return FALSE;
  gst_h4mk_chunk_header_read (&header, data);
  if (header.tag != GST_H4MK_TAG_VERI || header.size != GST_H4MK_VERI_SIZE)
    return TRUE;
  data = gst_h4mk_index_peek (index, index->file_size - VERI_CHUNK_SIZE -
      SIGN_CHUNK_SIZE, GST_H4MK_CHUNK_HEADER_SIZE, 0, error);
  if (!data)
    return FALSE;
  gst_h4mk_chunk_header_read (&header, data);
  *offset = index->file_size - VERI_CHUNK_SIZE - FOOT_CHUNK_SIZE;
  if (header.tag == GST_H4MK_TAG_SIGN && header.size == GST_H4MK_SIGN_SIZE)
    *offset -= SIGN_CHUNK_SIZE;
  return TRUE;
}

static gboolean
read_foot (GstH4mkIndex * index, guint64 offset, GError ** error)
{
  GstH4mkFoot *foot = &index->foot;
  GstH4mkChunk chunk;

  if (!gst_h4mk_index_chunk (index, offset, GST_H4MK_TAG_FOOT, 0, &chunk,
          error))
    return FALSE;
  gst_h4mk_foot_read (foot, &chunk);
  if (foot->self != offset || foot->seek < index->data_offset
      || foot->meta <= foot->seek || foot->safe <= foot->meta
      || foot->root <= foot->safe || foot->self <= foot->root
      || foot->duration > G_MAXINT64 || foot->spans > G_MAXINT64)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED,
        GST_H4MK_TAG_FOOT, offset, "its offsets are not those of this file");
  return TRUE;
}

/* A damaged META takes tags away and nothing else. */
static gboolean
read_meta (GstH4mkIndex * index, GError ** error)
{
  guint64 size = index->file_size - index->foot.meta;
  GError *inner = NULL;
  GstH4mkChunk chunk;

  if (gst_h4mk_index_chunk (index, index->foot.meta, GST_H4MK_TAG_META,
          (gsize) MIN (size, 4 * GST_H4MK_READ_LARGE), &chunk, &inner)) {
    g_clear_pointer (&index->meta, json_object_unref);
    index->meta = gst_h4_json_parse_object (chunk.payload, chunk.size, NULL);
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
add_root_entries (GstH4mkIndex * index, const GstH4mkGidx * gidx)
{
  guint64 left = index->foot.spans;
  guint64 last_offset = index->data_offset, last_block = 0;
  gint64 last_pts = G_MININT64;
  guint i;

  for (i = 0; i < gidx->count; i++) {
    GstH4mkRootEntry entry;
    GstH4mkPageRef page = { 0 };

    gst_h4mk_root_entry_read (&entry, gidx, i);
    if (entry.offset <= last_offset || entry.offset >= index->foot.seek
        || (i > 0 && entry.first_block <= last_block) || entry.pts < last_pts
        || left == 0)
      return FALSE;
    page.offset = last_offset = entry.offset;
    page.first_block = last_block = entry.first_block;
    page.pts = last_pts = entry.pts;
    page.number = index->foot.spans - left;
    page.count = (guint) MIN (left, GST_H4MK_PAGE_ENTRIES);
    left -= page.count;
    g_array_append_val (index->pages, page);
  }
  return left == 0;
}

static gboolean
read_root (GstH4mkIndex * index, GError ** error)
{
  GstH4mkChunk chunk;
  GstH4mkGidx gidx;

  if (!gst_h4mk_index_chunk (index, index->foot.root, GST_H4MK_TAG_GIDX, 0,
          &chunk, error))
    return FALSE;
  gst_h4mk_gidx_read (&gidx, &chunk);
  g_array_set_size (index->pages, 0);
  if (gidx.kind != GST_H4MK_GIDX_ROOT
      || chunk.offset + chunk.raw_size != index->foot.self
      || !add_root_entries (index, &gidx)) {
    g_array_set_size (index->pages, 0);
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, chunk.tag,
        chunk.offset, "it is not the root of this file");
  }
  return TRUE;
}

/* found: FOOT and root stand at the end and hold */
static gboolean
read_tail (GstH4mkIndex * index, gsize ahead, gboolean * found, GError ** error)
{
  GArray *pages = index->pages;
  GError *inner = NULL;
  guint64 offset = 0;

  *found = FALSE;
  ahead = (gsize) MIN (ahead, index->file_size);
  if (!gst_h4mk_index_peek (index, index->file_size - ahead, ahead, 0, error)
      || !find_foot (index, &offset, error))
    return FALSE;
  if (offset == 0)
    return TRUE;

  index->pages = g_array_new (FALSE, FALSE, sizeof (GstH4mkPageRef));
  *found = read_foot (index, offset, &inner) && read_meta (index, &inner)
      && read_root (index, &inner);
  if (*found) {
    g_array_unref (pages);
    index->page_spans = index->foot.spans;
    g_array_set_size (index->spans, 0);
    index->displacement = 0;
    index->complete = TRUE;
    return TRUE;
  }
  g_array_unref (index->pages);
  index->pages = pages;
  if (!gst_h4mk_index_is_damage (inner)) {
    g_propagate_error (error, inner);
    return FALSE;
  }
  g_error_free (inner);
  g_clear_pointer (&index->meta, json_object_unref);
  return TRUE;
}

static gboolean
open_tail (GstH4mkIndex * index, GError ** error)
{
  gboolean found;

  if (!read_tail (index, GST_H4MK_READ_NORMAL, &found, error))
    return FALSE;
  gst_h4mk_walk_init (&index->hop.walk, index->data_offset, index->tracks,
      GST_H4MK_HEADER_SIZE);
  index->hop.span_start = index->data_offset;
  index->hop.last_pts = G_MININT64;
  index->hop.thinned = 1;
  index->phase = found ? GST_H4MK_PHASE_FIRST_GROUP : GST_H4MK_PHASE_FIRST_SPAN;
  return TRUE;
}

static gboolean
open_first_group (GstH4mkIndex * index, GError ** error)
{
  GstH4mkWalkInfo info;

  do {
    switch (gst_h4mk_walk_next (index, &index->hop.walk, &info, error)) {
      case GST_H4MK_WALK_ERROR:
        return FALSE;
      case GST_H4MK_WALK_PAGE:
      case GST_H4MK_WALK_TRAK:
      case GST_H4MK_WALK_LOWER:
        break;
      case GST_H4MK_WALK_GROUP:
        gst_h4mk_index_note_first (index, info.token);
        /* fall through */
      default:
        index->phase = GST_H4MK_PHASE_DONE;
        break;
    }
  } while (index->phase != GST_H4MK_PHASE_DONE);
  return TRUE;
}

static gboolean
run_phase (GstH4mkIndex * index, GError ** error)
{
  switch (index->phase) {
    case GST_H4MK_PHASE_HEAD:
      return open_head (index, error);
    case GST_H4MK_PHASE_TAIL:
      return open_tail (index, error);
    case GST_H4MK_PHASE_FIRST_GROUP:
      return open_first_group (index, error);
    case GST_H4MK_PHASE_FIRST_SPAN:
      return gst_h4mk_index_hop_first_span (index, error);
    case GST_H4MK_PHASE_SCAN:
      return gst_h4mk_index_scan (index, error);
    case GST_H4MK_PHASE_CHECK:
      return gst_h4mk_index_check_last (index, error);
    case GST_H4MK_PHASE_WALK:
      return gst_h4mk_index_walk_back (index, error);
    case GST_H4MK_PHASE_PAGES:
      return gst_h4mk_index_read_pages (index, error);
    case GST_H4MK_PHASE_REST:
      return gst_h4mk_index_hop_rest (index, error);
    default:
      return gst_h4mk_index_open_base (index, error);
  }
}

/**
 * gst_h4mk_index_open:
 * @index: an index
 * @file_size: of the file as it is now
 * @error: of reading, or %GST_H4MK_ERROR where not even the beginning is that
 *   of an H4MK file with a TRAK or a block
 *
 * Reads what random access needs: of a whole file the beginning and the end;
 * of one that was cut off or grows its pages and what comes after them.
 * Damage behind the beginning does not make this fail: what was found before
 * it can be played.
 *
 * Returns: %FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_index_open (GstH4mkIndex * index, guint64 file_size, GError ** error)
{
  if (index->phase == GST_H4MK_PHASE_HEAD)
    index->file_size = file_size;
  while (index->phase != GST_H4MK_PHASE_DONE) {
    if (!run_phase (index, error))
      return FALSE;
  }
  gst_h4mk_index_trim (index);
  return TRUE;
}

/**
 * gst_h4mk_index_grow:
 * @index: an index that was opened
 * @file_size: of the file as it is now
 * @error: as for gst_h4mk_index_open()
 *
 * Takes in what came since: groups, pages, or the end that makes the file
 * whole. Spans keep their numbers.
 *
 * Returns: %FALSE with @error
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_index_grow (GstH4mkIndex * index, guint64 file_size, GError ** error)
{
  gboolean found;

  if (index->phase == GST_H4MK_PHASE_DONE) {
    if (index->complete || file_size <= index->file_size)
      return TRUE;
    index->file_size = file_size;
    index->phase = index->profile == GST_H4MK_PROFILE_BASE ?
        GST_H4MK_PHASE_BASE : GST_H4MK_PHASE_GROW;
  }
  if (index->phase == GST_H4MK_PHASE_GROW) {
    if (!read_tail (index, VERI_CHUNK_SIZE, &found, error))
      return FALSE;
    index->phase = found ? GST_H4MK_PHASE_DONE : GST_H4MK_PHASE_REST;
  }
  return gst_h4mk_index_open (index, file_size, error);
}

/**
 * gst_h4mk_index_get_profile:
 * @index: an index that was opened
 *
 * Returns: the file's profile
 *
 * Since: 1.0
 */
GstH4mkProfile
gst_h4mk_index_get_profile (GstH4mkIndex * index)
{
  return index->profile;
}

/**
 * gst_h4mk_index_is_complete:
 * @index: an index that was opened
 *
 * Returns: whether FOOT, root and VERI stand at the end: the file was neither
 *   cut off nor is it growing
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_index_is_complete (GstH4mkIndex * index)
{
  return index->complete;
}

/**
 * gst_h4mk_index_get_tracks:
 * @index: an index that was opened
 *
 * Returns: (transfer none) (nullable): the first TRAK; %NULL in the base
 *   profile
 *
 * Since: 1.0
 */
GstH4mkTracks *
gst_h4mk_index_get_tracks (GstH4mkIndex * index)
{
  return index->tracks;
}

/**
 * gst_h4mk_index_get_meta:
 * @index: an index that was opened
 *
 * Returns: (transfer none) (nullable): META's content; %NULL where the file
 *   was cut off, grows, or its META is damaged
 *
 * Since: 1.0
 */
JsonObject *
gst_h4mk_index_get_meta (GstH4mkIndex * index)
{
  return index->meta;
}

/**
 * gst_h4mk_index_get_blocks:
 * @index: an index that was opened
 *
 * Returns: how many whole blocks there are; as FOOT has it in a whole file
 *
 * Since: 1.0
 */
guint64
gst_h4mk_index_get_blocks (GstH4mkIndex * index)
{
  if (index->profile == GST_H4MK_PROFILE_BASE)
    return index->base.blocks;
  if (index->complete)
    return index->foot.blocks;
  return index->hop.end_block - MIN (index->first_block, index->hop.end_block);
}

/**
 * gst_h4mk_index_get_duration:
 * @index: an index that was opened
 *
 * Returns: ns from the smallest pts to the end of the last block; in a file
 *   without FOOT as far as its first group and last span tell; -1 where
 *   nothing has a time
 *
 * Since: 1.0
 */
gint64
gst_h4mk_index_get_duration (GstH4mkIndex * index)
{
  gint64 duration;

  if (index->profile == GST_H4MK_PROFILE_BASE) {
    if (!index->base.has_timing || __builtin_mul_overflow (index->base.interval,
            (gint64) MIN (index->base.blocks, G_MAXINT64), &duration))
      return -1;
    return duration;
  }
  if (index->complete)
    return (gint64) index->foot.duration;
  if (!index->has_times
      || !gst_h4_sub_i64 (index->max_end, index->min_pts, &duration)
      || duration < 0)
    return -1;
  return duration;
}

/**
 * gst_h4mk_index_get_shift:
 * @index: an index that was opened
 *
 * Returns: ns to add to every stored time: what makes the first group's
 *   smallest one 0 where that is negative
 *
 * Since: 1.0
 */
gint64
gst_h4mk_index_get_shift (GstH4mkIndex * index)
{
  return index->shift;
}

/**
 * gst_h4mk_index_get_start:
 * @index: an index that was opened
 *
 * Returns: the first group's smallest pts after the shift, in ns
 *
 * Since: 1.0
 */
gint64
gst_h4mk_index_get_start (GstH4mkIndex * index)
{
  return index->start;
}

/**
 * gst_h4mk_index_get_data_offset:
 * @index: an index that was opened
 *
 * Returns: where to read on from the beginning with the first TRAK in force:
 *   behind it, or behind the file header in the base profile
 *
 * Since: 1.0
 */
guint64
gst_h4mk_index_get_data_offset (GstH4mkIndex * index)
{
  return index->data_offset;
}

/**
 * gst_h4mk_index_get_displacement:
 * @index: an index that was opened
 *
 * Returns: what is to be subtracted from every stored offset
 *
 * Since: 1.0
 */
gint64
gst_h4mk_index_get_displacement (GstH4mkIndex * index)
{
  return index->displacement;
}
