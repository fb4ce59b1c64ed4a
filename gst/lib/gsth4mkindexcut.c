/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4mkindex-private.h"

/* A file that was cut off or still grows has no root. Its last LINK names its
 * last page, and the spans after that are reached from LINK to LINK. */

/* 512 spans wait for a page at most, and the one that holds it */
#define MAX_WALKED 1024
/* LINKs that do not hold before the file is read from its beginning */
#define MAX_REJECTED 64
#define MAX_SCAN_STEP ((gsize) 1 << 20)
#define LINK_CHUNK_SIZE (GST_H4MK_CHUNK_HEADER_SIZE + GST_H4MK_LINK_SIZE)
#define SIGNED_LINK_CHUNK_SIZE \
    (GST_H4MK_CHUNK_HEADER_SIZE + GST_H4MK_LINK_SIGNED_SIZE)
/* its header: what a LINK is found by */
#define LINK_MARK_SIZE GST_H4MK_CHUNK_HEADER_SIZE

/* Takes what stands there for a LINK if its CRC and its own offset hold. */
static gboolean
read_link (GstH4mkIndex * index, const guint8 * raw, guint64 offset,
    GstH4mkLinkRef * ref)
{
  GstH4mkChunk chunk;
  GstH4mkLink link;
  guint64 self;

  if (!gst_h4mk_chunk_init (&chunk, raw, offset, NULL)
      || !gst_h4mk_chunk_check (&chunk, GST_H4MK_PROFILE_TRACK, NULL))
    return FALSE;
  gst_h4mk_link_read (&link, &chunk);
  if (!gst_h4mk_index_place (index, link.self, &self) || self != offset)
    return FALSE;
  ref->seq = link.seq;
  ref->place = offset;
  ref->end = offset + chunk.raw_size;
  /* a stream joined inside of a span begins where it was joined */
  if (!gst_h4mk_index_place (index, link.start, &ref->start))
    ref->start = index->data_offset;
  if (link.page == 0 || !gst_h4mk_index_place (index, link.page, &ref->page)
      || ref->page < index->data_offset)
    ref->page = 0;
  return ref->start < offset && ref->page < offset;
}

static gsize
link_size_at (const guint8 * p)
{
  GstH4mkChunkHeader header;

  gst_h4mk_chunk_header_read (&header, p);
  if (header.tag != GST_H4MK_TAG_LINK)
    return 0;
  if (header.size == GST_H4MK_LINK_SIZE
      || header.size == GST_H4MK_LINK_SIGNED_SIZE)
    return GST_H4MK_CHUNK_HEADER_SIZE + header.size;
  return 0;
}

static void
read_from_the_first_span (GstH4mkIndex * index)
{
  g_array_set_size (index->walked, 0);
  index->phase = GST_H4MK_PHASE_REST;
}

/* Looks for a LINK from back to front in [low, scan_end). */
static gboolean
scan_window (GstH4mkIndex * index, guint64 low, gboolean * found,
    GError ** error)
{
  guint64 high = MIN (index->scan_end + LINK_MARK_SIZE, index->file_size);
  const guint8 *data;
  guint64 at;

  *found = FALSE;
  data = gst_h4mk_index_peek (index, low, (gsize) (high - low), 0, error);
  if (!data)
    return FALSE;
  for (at = index->scan_end; at > low; at--) {
    const guint8 *p = data + (gsize) (at - 1 - low);
    const guint8 *raw;
    gsize size;

    if (at - 1 + LINK_CHUNK_SIZE > index->file_size || *p != 'L'
        || (size = link_size_at (p)) == 0 || at - 1 + size > index->file_size)
      continue;
    raw = gst_h4mk_index_peek (index, at - 1, size, 0, error);
    if (!raw)
      return FALSE;
    if (read_link (index, raw, at - 1, &index->candidate)
        && index->candidate.seq > index->first_link.seq) {
      index->scan_end = at - 1;
      *found = TRUE;
      return TRUE;
    }
    /* the piece looked into may have gone for the one just read */
    data = gst_h4mk_index_peek (index, low, (gsize) (high - low), 0, error);
    if (!data)
      return FALSE;
  }
  return TRUE;
}

gboolean
gst_h4mk_index_scan (GstH4mkIndex * index, GError ** error)
{
  guint64 floor = index->first_link.end;
  gboolean found = FALSE;

  while (index->scan_end > floor && index->rejected < MAX_REJECTED) {
    guint64 done = index->file_size - index->scan_end;
    guint64 step = CLAMP (done, GST_H4MK_READ_NORMAL, MAX_SCAN_STEP);
    guint64 low = index->scan_end - floor > step ?
        index->scan_end - step : floor;

    if (!scan_window (index, low, &found, error))
      return FALSE;
    if (found) {
      gst_h4mk_walk_init (&index->check, index->candidate.start,
          index->tracks, GST_H4MK_HEADER_SIZE);
      index->phase = GST_H4MK_PHASE_CHECK;
      return TRUE;
    }
    index->scan_end = low;
  }
  read_from_the_first_span (index);
  return TRUE;
}

static void
reject_candidate (GstH4mkIndex * index)
{
  index->rejected++;
  g_array_set_size (index->walked, 0);
  index->phase = GST_H4MK_PHASE_SCAN;
}

/* Bytes inside of a block can look like a LINK. Only one that the groups of
 * its own span lead to is one. */
gboolean
gst_h4mk_index_check_last (GstH4mkIndex * index, GError ** error)
{
  GstH4mkWalkInfo info;

  while (index->check.pos < index->candidate.place) {
    switch (gst_h4mk_walk_next (index, &index->check, &info, error)) {
      case GST_H4MK_WALK_ERROR:
        return FALSE;
      case GST_H4MK_WALK_GROUP:
      case GST_H4MK_WALK_PAGE:
      case GST_H4MK_WALK_TRAK:
      case GST_H4MK_WALK_LOWER:
        break;
      default:
        reject_candidate (index);
        return TRUE;
    }
  }
  if (index->check.pos != index->candidate.place || !index->check.knows_block) {
    reject_candidate (index);
    return TRUE;
  }
  g_array_set_size (index->walked, 0);
  g_array_append_val (index->walked, index->candidate);
  index->phase = GST_H4MK_PHASE_WALK;
  return TRUE;
}

/* Reads around the place where two spans meet: the LINK before it, and the
 * first group after it, which is wanted soon. Small spans come many at a
 * time. */
static const guint8 *
peek_before (GstH4mkIndex * index, guint64 start, gsize have, GError ** error)
{
  const GstH4mkLinkRef *last = &g_array_index (index->walked, GstH4mkLinkRef,
      index->walked->len - 1);
  const guint8 *data = gst_h4mk_index_cached (index, start - have, have);
  guint64 reach = have;

  if (data)
    return data;
  if (last->end - last->start < GST_H4MK_READ_SMALL)
    reach = MIN (start, GST_H4MK_READ_NORMAL);
  data = gst_h4mk_index_peek (index, start - reach, (gsize) reach,
      (gsize) reach + GST_H4MK_READ_SMALL, error);
  return data ? data + (gsize) reach - have : NULL;
}

/* Finds the LINK that ends where this one's span begins. */
static gboolean
find_link_before (GstH4mkIndex * index, const GstH4mkLinkRef * link,
    GstH4mkLinkRef * before, gboolean * found, GError ** error)
{
  static const gsize sizes[] = { LINK_CHUNK_SIZE, SIGNED_LINK_CHUNK_SIZE };
  gsize have = (gsize) MIN (SIGNED_LINK_CHUNK_SIZE, link->start);
  const guint8 *data = peek_before (index, link->start, have, error);
  guint i;

  *found = FALSE;
  if (!data)
    return FALSE;
  for (i = 0; i < G_N_ELEMENTS (sizes) && !*found; i++) {
    const guint8 *p;

    if (have < sizes[i])
      continue;
    p = data + have - sizes[i];
    *found = link_size_at (p) == sizes[i]
        && read_link (index, p, link->start - sizes[i], before)
        && before->seq + 1 == link->seq;
  }
  return TRUE;
}

static gboolean
is_inside (const GstH4mkLinkRef * link)
{
  return link->page >= link->start && link->page < link->place;
}

gboolean
gst_h4mk_index_walk_back (GstH4mkIndex * index, GError ** error)
{
  for (;;) {
    const GstH4mkLinkRef *link = &g_array_index (index->walked,
        GstH4mkLinkRef, index->walked->len - 1);
    GstH4mkLinkRef before;
    gboolean found;

    if (is_inside (link)) {
      index->page = link->page;
      index->phase = GST_H4MK_PHASE_PAGES;
      return TRUE;
    }
    if (!find_link_before (index, link, &before, &found, error))
      return FALSE;
    if (found && before.seq == index->first_link.seq
        && before.place == index->first_link.place) {
      index->phase = GST_H4MK_PHASE_REST;
      return TRUE;
    }
    if (!found || before.seq <= index->first_link.seq
        || index->walked->len >= MAX_WALKED) {
      reject_candidate (index);
      return TRUE;
    }
    g_array_append_val (index->walked, before);
  }
}

/* Entries of before a stream was joined stand for nothing in this file. */
static void
skip_entries (GstH4mkIndex * index, const GstH4mkGidx * gidx,
    GstH4mkPageRef * ref)
{
  guint i;

  for (i = 1; i < gidx->count; i++) {
    GstH4mkPageEntry entry;
    guint64 place;

    gst_h4mk_page_entry_read (&entry, gidx, i);
    if (gst_h4mk_index_place (index, entry.offset, &place)
        && place > index->data_offset)
      break;
    ref->skip = i;
  }
  if (ref->skip > 0) {
    GstH4mkPageEntry entry;

    gst_h4mk_page_entry_read (&entry, gidx, ref->skip);
    ref->first_block = entry.first_block;
    ref->pts = entry.pts;
  }
}

/* The span that this file begins with, or one of before it was joined. */
static gboolean
is_first_span (GstH4mkIndex * index, guint64 stored)
{
  gint64 place;

  return stored <= G_MAXINT64
      && gst_h4_sub_i64 (stored, index->displacement, &place)
      && place <= (gint64) index->data_offset;
}

static gboolean
note_page (GstH4mkIndex * index, const GstH4mkGidx * gidx)
{
  GstH4mkPageEntry first, last;
  GstH4mkPageRef ref = { 0 };
  guint64 place;

  gst_h4mk_page_entry_read (&first, gidx, 0);
  gst_h4mk_page_entry_read (&last, gidx, gidx->count - 1);
  ref.offset = index->page;
  ref.first_block = first.first_block;
  ref.pts = first.pts;
  ref.count = gidx->count;
  if (!gst_h4mk_index_place (index, last.offset, &place)
      || place >= index->page)
    return FALSE;
  if (index->pages->len > 0) {
    const GstH4mkPageRef *after = &g_array_index (index->pages,
        GstH4mkPageRef, index->pages->len - 1);

    if (first.first_block >= after->first_block || first.pts > after->pts)
      return FALSE;
  }
  skip_entries (index, gidx, &ref);
  g_array_append_val (index->pages, ref);

  if (gidx->prev == 0 || !gst_h4mk_index_place (index, gidx->prev, &place)
      || place < index->data_offset || ref.skip > 0) {
    index->page = 0;
    return is_first_span (index, first.offset);
  }
  if (place >= index->page)
    return FALSE;
  index->page = place;
  return TRUE;
}

static void
reverse_pages (GstH4mkIndex * index)
{
  GstH4mkPageRef *pages = (GstH4mkPageRef *) (gpointer) index->pages->data;
  guint i, n = index->pages->len;

  for (i = 0; i < n / 2; i++) {
    GstH4mkPageRef page = pages[i];

    pages[i] = pages[n - 1 - i];
    pages[n - 1 - i] = page;
  }
  index->page_spans = 0;
  for (i = 0; i < n; i++) {
    pages[i].number = index->page_spans;
    index->page_spans += pages[i].count - pages[i].skip;
  }
}

/* Goes on where the last page ends. */
static gboolean
enter_after_pages (GstH4mkIndex * index, GError ** error)
{
  GstH4mkHop *hop = &index->hop;
  const GstH4mkPageRef *last = &g_array_index (index->pages, GstH4mkPageRef,
      0);
  const GstH4mkLinkRef *oldest = &g_array_index (index->walked,
      GstH4mkLinkRef, index->walked->len - 1);
  GstH4mkPageEntry entry;
  GstH4mkTracks *tracks = NULL;
  GstH4mkGidx gidx;
  guint64 trak;

  if (!gst_h4mk_index_load_page (index, last->offset, &gidx, error))
    return FALSE;
  gst_h4mk_page_entry_read (&entry, &gidx, gidx.count - 1);
  if (!gst_h4mk_index_place (index, entry.trak, &trak))
    trak = GST_H4MK_HEADER_SIZE;
  if (!gst_h4mk_index_load_trak (index, trak, &tracks, error))
    return FALSE;

  reverse_pages (index);
  g_array_set_size (index->spans, 0);
  gst_h4mk_walk_init (&hop->walk, oldest->start, tracks, trak);
  hop->in_span = FALSE;
  hop->span_start = oldest->start;
  hop->last_pts = entry.pts;
  index->phase = GST_H4MK_PHASE_REST;
  return TRUE;
}

gboolean
gst_h4mk_index_read_pages (GstH4mkIndex * index, GError ** error)
{
  GError *inner = NULL;
  gboolean ok = TRUE;

  while (index->page != 0 && ok) {
    guint64 offset = index->page;
    GstH4mkGidx gidx;

    ok = gst_h4mk_index_load_page (index, offset, &gidx, &inner)
        && note_page (index, &gidx);
    /* there may be thousands; what was read of spans must stay */
    gst_h4mk_index_forget (index, offset);
  }
  if (ok && enter_after_pages (index, &inner))
    return TRUE;
  if (inner && !gst_h4mk_index_is_damage (inner)) {
    g_propagate_error (error, inner);
    return FALSE;
  }
  /* a page is damaged: the blocks are there all the same */
  g_clear_error (&inner);
  g_array_set_size (index->pages, 0);
  read_from_the_first_span (index);
  return TRUE;
}
