/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4mkseen.h"
#include "gsth4bytes.h"
#include "gsth4mkchunks.h"
#include "gsth4mkcrypto.h"

/* Without LINK only a page tells spans apart: until it comes groups wait, and
 * a file with more of them than this gets no check of its page. */
#define MAX_WAITING (1 << 18)

#define NO_TIME G_MININT64
#define SPAN_BEGINS_WITH_KEY 1

typedef struct
{
  GstH4mkSpan span;
  guint64 core_offset;
} SeenSpan;

typedef struct
{
  guint64 offset;
  guint64 first_block;
  gint64 pts;
  guint8 hash[GST_H4MK_HASH_SIZE];
} SeenPage;

typedef struct
{
  guint64 pts_us;
  guint64 offset;
} SeenSeek;

void
gst_h4mk_seen_init (GstH4mkSeen * seen)
{
  memset (seen, 0, sizeof (*seen));
  seen->min_pts = G_MAXINT64;
  seen->max_end = NO_TIME;
  seen->page_known = TRUE;
  seen->pts = NO_TIME;
  seen->pts_known = TRUE;
  seen->tables_known = TRUE;
  seen->last_page_entries = GST_H4MK_PAGE_ENTRIES;
  seen->waiting = g_array_new (FALSE, FALSE, sizeof (SeenSpan));
  seen->pages = g_array_new (FALSE, FALSE, sizeof (SeenPage));
  seen->seek = g_array_new (FALSE, FALSE, sizeof (SeenSeek));
}

void
gst_h4mk_seen_clear (GstH4mkSeen * seen)
{
  g_clear_pointer (&seen->waiting, g_array_unref);
  g_clear_pointer (&seen->pages, g_array_unref);
  g_clear_pointer (&seen->seek, g_array_unref);
}

static void
forget_waiting (GstH4mkSeen * seen)
{
  g_array_set_size (seen->waiting, 0);
  seen->open = 0;
  seen->gap = TRUE;
  seen->tables_known = FALSE;
  seen->pts_known = FALSE;
  seen->last_page_entries = GST_H4MK_PAGE_ENTRIES;
}

void
gst_h4mk_seen_lose (GstH4mkSeen * seen)
{
  forget_waiting (seen);
  seen->page_known = FALSE;
  seen->span_whole = FALSE;
}

void
gst_h4mk_seen_restart (GstH4mkSeen * seen, guint64 offset, guint64 trak)
{
  gst_h4mk_seen_lose (seen);
  seen->has_token = TRUE;
  seen->span_start = offset;
  seen->span_open = FALSE;
  seen->span_whole = TRUE;
  seen->end = offset;
  seen->trak = trak;
}

void
gst_h4mk_seen_trak (GstH4mkSeen * seen, const GstH4mkItem * item,
    gboolean first)
{
  seen->trak = item->chunk.offset;
  if (first) {
    seen->trak_end = item->chunk.offset + item->chunk.raw_size;
    seen->end = seen->span_start = seen->trak_end;
    seen->span_whole = TRUE;
  }
}

/* The first key block of the primary track that has a time; where the primary
 * is not video, its first time. */
static void
describe_group (SeenSpan * group, const GstH4mkItem * item)
{
  const GstH4mkTrack *primary = gst_h4mk_tracks_get_primary (item->tracks);
  const GArray *records = item->token->records;
  guint i;

  group->span.pts = NO_TIME;
  group->span.flags = 0;
  if (!primary)
    return;

  for (i = 0; i < records->len; i++) {
    const GstH4mkRecord *r = gst_h4mk_token_record (item->token, i);
    gboolean key = r->track == primary->id
        && (r->flags & GST_H4MK_RECORD_KEY) != 0;

    if (i == 0 && key)
      group->span.flags = SPAN_BEGINS_WITH_KEY;
    if (r->track != primary->id || (r->flags & GST_H4MK_RECORD_NO_PTS))
      continue;
    if (key || primary->kind != GST_H4MK_TRACK_VIDEO) {
      group->span.pts = r->pts;
      return;
    }
  }
}

static gboolean
note_times (GstH4mkSeen * seen, const GstH4mkItem * item, GError ** error)
{
  guint i;

  for (i = 0; i < item->token->records->len; i++) {
    const GstH4mkRecord *r = gst_h4mk_token_record (item->token, i);
    gint64 end;

    if (r->flags & GST_H4MK_RECORD_NO_PTS)
      continue;
    if (!gst_h4_add_i64 (r->pts, r->duration, &end))
      return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED,
          item->chunk.tag, item->chunk.offset,
          "the end of block %" G_GUINT64_FORMAT " leaves 64 bits",
          item->token->first_block + i);
    seen->min_pts = MIN (seen->min_pts, r->pts);
    seen->max_end = MAX (seen->max_end, end);
  }
  return TRUE;
}

static void
absorb (SeenSpan * into, const SeenSpan * group)
{
  into->span.blocks += group->span.blocks;
  if (into->span.pts == NO_TIME)
    into->span.pts = group->span.pts;
}

static gboolean
check_waiting (GstH4mkSeen * seen, const GstH4mkItem * item, GError ** error)
{
  if (!seen->span_open && seen->last_page_entries < GST_H4MK_PAGE_ENTRIES) {
    guint n = seen->last_page_entries;

    seen->last_page_entries = GST_H4MK_PAGE_ENTRIES;
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, item->chunk.tag,
        item->chunk.offset, "a span follows on a GIDX page of only %u", n);
  }
  if (!seen->span_open && seen->links == GST_H4MK_LINKS_ALL
      && seen->waiting->len >= GST_H4MK_PAGE_ENTRIES) {
    forget_waiting (seen);
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, item->chunk.tag,
        item->chunk.offset, "the GIDX page of the spans before is missing");
  }
  if (seen->waiting->len >= MAX_WAITING) {
    forget_waiting (seen);
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_LIMIT, item->chunk.tag,
        item->chunk.offset, "more than %u groups without LINK or GIDX page",
        MAX_WAITING);
  }
  return TRUE;
}

gboolean
gst_h4mk_seen_token (GstH4mkSeen * seen, const GstH4mkItem * item,
    GError ** error)
{
  const GstH4mkToken *token = item->token;
  SeenSpan group = { 0 };
  gboolean ok;

  if (!seen->has_token) {
    seen->has_token = TRUE;
    seen->first_block = token->first_block;
    seen->joined = token->first_block > 0;
    if (seen->joined) {
      forget_waiting (seen);
      seen->page_known = FALSE;
      /* the TRAK was put before the span, and is no part of it */
      seen->end = seen->span_start = seen->trak_end;
    }
  }
  ok = check_waiting (seen, item, error);
  /* the first group of a span alone has references */
  if (seen->span_open && seen->links == GST_H4MK_LINKS_UNKNOWN
      && token->refs->len > 0)
    seen->links = GST_H4MK_LINKS_NONE;
  ok = note_times (seen, item, ok ? error : NULL) && ok;

  describe_group (&group, item);
  group.span.offset = seen->end;
  group.span.trak = seen->trak;
  group.span.first_block = token->first_block;
  group.span.blocks = token->records->len;
  group.core_offset = seen->core_bytes;
  if (seen->span_open && seen->links == GST_H4MK_LINKS_ALL
      && seen->open < seen->waiting->len)
    absorb (&g_array_index (seen->waiting, SeenSpan, seen->open), &group);
  else
    g_array_append_val (seen->waiting, group);
  seen->span_open = TRUE;
  seen->next_block = token->first_block + token->records->len;
  return ok;
}

void
gst_h4mk_seen_core (GstH4mkSeen * seen, const GstH4mkItem * item)
{
  seen->end = item->chunk.offset + item->chunk.raw_size;
  seen->core_bytes += item->chunk.size;
  seen->blocks++;
}

gboolean
gst_h4mk_seen_between (GstH4mkSeen * seen, const GstH4mkItem * item,
    GError ** error)
{
  gboolean was_open = seen->span_open;

  seen->span_open = FALSE;
  if (!was_open)
    return TRUE;

  seen->span_start = seen->end;
  seen->open = seen->waiting->len;
  if (seen->links == GST_H4MK_LINKS_ALL) {
    forget_waiting (seen);
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, item->chunk.tag,
        item->chunk.offset, "the LINK of the span before is missing");
  }
  seen->links = GST_H4MK_LINKS_NONE;
  return TRUE;
}

void
gst_h4mk_seen_link (GstH4mkSeen * seen, const GstH4mkItem * item,
    const guint8 * leaf)
{
  guint i;

  if (seen->span_whole && seen->open < seen->waiting->len) {
    SeenSpan *span = &g_array_index (seen->waiting, SeenSpan, seen->open);

    for (i = seen->open + 1; i < seen->waiting->len; i++)
      absorb (span, &g_array_index (seen->waiting, SeenSpan, i));
    g_array_set_size (seen->waiting, seen->open + 1);
    if (leaf)
      memcpy (span->span.leaf, leaf, GST_H4MK_HASH_SIZE);
  } else {
    g_array_set_size (seen->waiting, seen->open);
  }
  seen->open = seen->waiting->len;
  seen->spans++;
  seen->links = GST_H4MK_LINKS_ALL;
  seen->end = item->chunk.offset + item->chunk.raw_size;
  seen->span_start = seen->end;
  seen->span_open = FALSE;
  seen->span_whole = TRUE;
}

static gboolean
gidx_error (const GstH4mkItem * item, GError ** error, guint entry,
    const gchar * what)
{
  return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, item->chunk.tag,
      item->chunk.offset, "entry %u: %s", entry, what);
}

static const gchar *
compare_entry (GstH4mkSeen * seen, const GstH4mkPageEntry * entry,
    const GstH4mkSpan * span)
{
  static const guint8 zeros[GST_H4MK_HASH_SIZE];
  gboolean offsets = !seen->joined || seen->has_displacement;
  /* the TRAK that a joined stream begins with stood elsewhere */
  gboolean own_trak = !seen->joined || span->trak > GST_H4MK_HEADER_SIZE;

  if (offsets && entry->offset != span->offset + seen->displacement)
    return "the span does not begin at this offset";
  if (offsets && own_trak && entry->trak != span->trak + seen->displacement)
    return "another TRAK is in force";
  if (entry->first_block != span->first_block || entry->blocks != span->blocks)
    return "the span holds other blocks";
  if ((entry->flags ^ span->flags) & SPAN_BEGINS_WITH_KEY)
    return "wrong flags";
  if (memcmp (entry->leaf, span->leaf, GST_H4MK_HASH_SIZE) != 0
      && !(seen->links == GST_H4MK_LINKS_ALL
          && memcmp (span->leaf, zeros, GST_H4MK_HASH_SIZE) == 0))
    return "the span has another hash";
  if (seen->pts_known ? entry->pts != MAX (seen->pts, span->pts)
      : entry->pts < span->pts)
    return "wrong time";
  return NULL;
}

static void
note_seek_entry (GstH4mkSeen * seen, const GstH4mkPageEntry * entry,
    guint64 core_offset)
{
  SeenSeek seek;

  if (!(entry->flags & SPAN_BEGINS_WITH_KEY) || entry->pts < 0
      || !seen->tables_known)
    return;
  if (seen->seek->len > GST_H4MK_MAX_SEEK_ENTRIES)
    return;
  seek.pts_us = (guint64) entry->pts / 1000;
  seek.offset = core_offset;
  g_array_append_val (seen->seek, seek);
}

/* Takes from the waiting groups those of one entry. */
static guint
take_span (GstH4mkSeen * seen, guint pos, guint64 next_first, SeenSpan * span)
{
  guint from = pos;

  *span = g_array_index (seen->waiting, SeenSpan, pos++);
  while (seen->links != GST_H4MK_LINKS_ALL && pos < seen->waiting->len
      && g_array_index (seen->waiting, SeenSpan,
          pos).span.first_block < next_first)
    absorb (span, &g_array_index (seen->waiting, SeenSpan, pos++));
  return pos - from;
}

/* Spans before a gap stand in the page too: compare from the first entry that
 * begins at or after the first waiting one. */
static guint
align_page (GstH4mkSeen * seen, const GstH4mkGidx * gidx, guint * pos)
{
  const SeenSpan *waiting = (const SeenSpan *) seen->waiting->data;
  GstH4mkPageEntry entry;
  guint i;

  *pos = 0;
  if (!seen->gap)
    return 0;
  for (i = 0; i < gidx->count; i++) {
    gst_h4mk_page_entry_read (&entry, gidx, i);
    if (seen->waiting->len > 0
        && entry.first_block >= waiting[0].span.first_block)
      break;
    seen->pts = entry.pts;
    seen->pts_known = TRUE;
  }
  if (i < gidx->count && seen->links != GST_H4MK_LINKS_ALL)
    while (*pos < seen->waiting->len
        && waiting[*pos].span.first_block < entry.first_block)
      (*pos)++;
  return i;
}

static gboolean
compare_page (GstH4mkSeen * seen, const GstH4mkItem * item,
    const GstH4mkGidx * gidx, GError ** error)
{
  guint pos, i = align_page (seen, gidx, &pos);
  GstH4mkPageEntry entry, next;
  const gchar *wrong;
  SeenSpan span;

  next.first_block = 0;
  for (; i < gidx->count; i++) {
    gst_h4mk_page_entry_read (&entry, gidx, i);
    if (i + 1 < gidx->count)
      gst_h4mk_page_entry_read (&next, gidx, i + 1);
    else
      next.first_block = G_MAXUINT64;
    if (pos >= seen->waiting->len)
      return gidx_error (item, error, i, "there is no such span");
    pos += take_span (seen, pos, next.first_block, &span);
    wrong = compare_entry (seen, &entry, &span.span);
    if (wrong)
      return gidx_error (item, error, i, wrong);
    seen->pts = entry.pts;
    seen->pts_known = TRUE;
    note_seek_entry (seen, &entry, span.core_offset);
    if (seen->links != GST_H4MK_LINKS_ALL)
      seen->spans++;
  }
  if (pos < seen->waiting->len)
    return gidx_error (item, error, gidx->count, "missing");
  return TRUE;
}

static gboolean
check_page (GstH4mkSeen * seen, const GstH4mkItem * item,
    const GstH4mkGidx * gidx, GError ** error)
{
  const GstH4mkChunk *chunk = &item->chunk;
  SeenPage page = { chunk->offset, };
  GstH4mkPageEntry first;
  gboolean ok;

  if (seen->page_known && gidx->prev != (seen->page ? seen->page
          + seen->displacement : 0))
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, chunk->tag,
        chunk->offset, "the page before is not at %" G_GUINT64_FORMAT,
        gidx->prev);

  gst_h4mk_page_entry_read (&first, gidx, 0);
  page.first_block = first.first_block;
  page.pts = first.pts;
  gst_h4mk_sha256 (chunk->raw, chunk->raw_size, page.hash);
  g_array_append_val (seen->pages, page);
  ok = compare_page (seen, item, gidx, error);
  if (!ok)
    forget_waiting (seen);
  g_array_set_size (seen->waiting, 0);
  seen->open = 0;
  seen->gap = FALSE;
  seen->page = chunk->offset;
  seen->page_known = TRUE;
  seen->last_page_entries = gidx->count;
  return ok;
}

static gboolean
check_root (GstH4mkSeen * seen, const GstH4mkItem * item,
    const GstH4mkGidx * gidx, GError ** error)
{
  const GstH4mkChunk *chunk = &item->chunk;
  guint i;

  seen->root_offset = chunk->offset;
  if (!seen->tables_known)
    return TRUE;
  if (gidx->count != seen->pages->len || gidx->prev != seen->page)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, chunk->tag,
        chunk->offset, "names %u pages where the file has %u", gidx->count,
        seen->pages->len);
  for (i = 0; i < gidx->count; i++) {
    const SeenPage *page = &g_array_index (seen->pages, SeenPage, i);
    GstH4mkRootEntry entry;

    gst_h4mk_root_entry_read (&entry, gidx, i);
    if (entry.offset != page->offset || entry.first_block != page->first_block
        || entry.pts != page->pts)
      return gidx_error (item, error, i, "no such page");
    if (memcmp (entry.hash, page->hash, GST_H4MK_HASH_SIZE) != 0)
      return gidx_error (item, error, i, "the page has another hash");
  }
  return TRUE;
}

gboolean
gst_h4mk_seen_gidx (GstH4mkSeen * seen, const GstH4mkItem * item,
    GError ** error)
{
  GstH4mkGidx gidx;

  gst_h4mk_gidx_read (&gidx, &item->chunk);
  /* before any block: a stream joined where a page stands, of spans that are
   * not here */
  if (gidx.kind == GST_H4MK_GIDX_PAGE && !seen->has_token)
    return TRUE;
  if (gidx.kind == GST_H4MK_GIDX_PAGE)
    return check_page (seen, item, &gidx, error);
  return check_root (seen, item, &gidx, error);
}

static gboolean
check_seek (GstH4mkSeen * seen, const GstH4mkItem * item, GError ** error)
{
  const GstH4mkChunk *chunk = &item->chunk;
  guint32 count = 0;
  GstH4Reader r;
  guint i;

  gst_h4_reader_init (&r, chunk->payload, chunk->size);
  gst_h4_reader_u32 (&r, &count);
  /* thinned out: which ones are left says the writer alone */
  if (!seen->tables_known || seen->seek->len > GST_H4MK_MAX_SEEK_ENTRIES)
    return TRUE;
  if (count != seen->seek->len)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, chunk->tag,
        chunk->offset, "%u entries where the file has %u key spans", count,
        seen->seek->len);
  for (i = 0; i < count; i++) {
    const SeenSeek *seek = &g_array_index (seen->seek, SeenSeek, i);
    guint64 pts_us = 0, offset = 0;

    gst_h4_reader_u64 (&r, &pts_us);
    gst_h4_reader_u64 (&r, &offset);
    if (pts_us != seek->pts_us || offset != seek->offset)
      return gidx_error (item, error, i, "no key span has this time and place");
  }
  return TRUE;
}

gboolean
gst_h4mk_seen_table (GstH4mkSeen * seen, const GstH4mkItem * item,
    GError ** error)
{
  if (item->chunk.tag == GST_H4MK_TAG_META)
    seen->meta_offset = item->chunk.offset;
  if (item->chunk.tag == GST_H4MK_TAG_SAFE)
    seen->safe_offset = item->chunk.offset;
  if (item->chunk.tag != GST_H4MK_TAG_SEEK)
    return TRUE;

  seen->seek_offset = item->chunk.offset;
  if (seen->waiting->len > 0) {
    forget_waiting (seen);
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, item->chunk.tag,
        item->chunk.offset, "the GIDX page of the spans before is missing");
  }
  return check_seek (seen, item, error);
}

gboolean
gst_h4mk_seen_foot (GstH4mkSeen * seen, const GstH4mkItem * item,
    gboolean * ignored, GError ** error)
{
  gboolean counted = seen->tables_known && !seen->joined;
  const gchar *wrong = NULL;
  guint64 duration = 0;
  GstH4mkFoot foot;

  gst_h4mk_foot_read (&foot, &item->chunk);
  *ignored = foot.self != item->chunk.offset;
  if (*ignored)
    return TRUE;

  if (seen->max_end != NO_TIME)
    duration = (guint64) seen->max_end - (guint64) seen->min_pts;
  if (foot.seek != seen->seek_offset || foot.meta != seen->meta_offset
      || foot.safe != seen->safe_offset || foot.root != seen->root_offset)
    wrong = "it does not say where SEEK, META, SAFE and GIDX stand";
  else if (counted && foot.blocks != seen->blocks)
    wrong = "the file has another number of blocks";
  else if (counted && foot.duration != duration)
    wrong = "the file has another duration";
  else if (counted && foot.spans != seen->spans)
    wrong = "the file has another number of spans";
  if (wrong)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, item->chunk.tag,
        item->chunk.offset, "%s", wrong);
  return TRUE;
}
