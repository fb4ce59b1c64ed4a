/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4mkseen.h"
#include "gsth4bytes.h"
#include "gsth4mkcrypto.h"

/* Without LINK only a page tells spans apart: until it comes groups wait, and
 * a file with more of them than this gets no check of its page. */
#define MAX_WAITING (1 << 18)

#define NO_TIME G_MININT64
#define SPAN_BEGINS_WITH_KEY 1

enum
{
  GIDX_PAGE = 0,
  GIDX_ROOT = 1
};

enum
{
  TABLE_SEEK,
  TABLE_META,
  TABLE_SAFE,
  TABLE_ROOT
};

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
    seen->end = item->chunk.offset + item->chunk.raw_size;
    seen->span_start = seen->end;
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
    if (token->first_block > 0) {
      seen->joined = TRUE;
      forget_waiting (seen);
      seen->page_known = FALSE;
    }
  }
  ok = check_waiting (seen, item, error);
  if (ok && seen->span_open && seen->links == GST_H4MK_LINKS_ALL
      && token->refs->len > 0 && seen->span_whole)
    ok = gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, item->chunk.tag,
        item->chunk.offset, "references inside a span");
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

static void
read_page_entry (GstH4Reader * r, GstH4mkSpan * entry)
{
  const guint8 *leaf;
  guint64 pts;
  guint32 blocks;

  gst_h4_reader_u64 (r, &entry->offset);
  gst_h4_reader_u64 (r, &entry->trak);
  gst_h4_reader_u64 (r, &entry->first_block);
  gst_h4_reader_u64 (r, &pts);
  gst_h4_reader_u32 (r, &entry->flags);
  gst_h4_reader_u32 (r, &blocks);
  gst_h4_reader_bytes (r, GST_H4MK_HASH_SIZE, &leaf);
  entry->pts = (gint64) pts;
  entry->blocks = blocks;
  memcpy (entry->leaf, leaf, GST_H4MK_HASH_SIZE);
}

static const gchar *
compare_entry (GstH4mkSeen * seen, const GstH4mkSpan * entry,
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
note_seek_entry (GstH4mkSeen * seen, const GstH4mkSpan * entry,
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

static void
peek_first_block (GstH4Reader r, guint64 * first_block)
{
  GstH4mkSpan entry;

  read_page_entry (&r, &entry);
  *first_block = entry.first_block;
}

/* Spans before a gap stand in the page too: compare from the first entry that
 * begins at or after the first waiting one. */
static guint
align_page (GstH4mkSeen * seen, GstH4Reader * r, guint count, guint * pos)
{
  guint64 first = G_MAXUINT64;
  guint i = 0;
  GstH4mkSpan entry;

  *pos = 0;
  if (!seen->gap)
    return 0;
  if (seen->waiting->len > 0)
    first = g_array_index (seen->waiting, SeenSpan, 0).span.first_block;
  for (; i < count; i++) {
    GstH4Reader ahead = *r;

    read_page_entry (&ahead, &entry);
    if (entry.first_block >= first)
      break;
    *r = ahead;
    seen->pts = entry.pts;
    seen->pts_known = TRUE;
  }
  if (i < count && seen->links != GST_H4MK_LINKS_ALL)
    while (*pos < seen->waiting->len && g_array_index (seen->waiting, SeenSpan,
            *pos).span.first_block < entry.first_block)
      (*pos)++;
  return i;
}

static gboolean
compare_page (GstH4mkSeen * seen, const GstH4mkItem * item, GstH4Reader r,
    guint count, GError ** error)
{
  guint pos, i = align_page (seen, &r, count, &pos);
  const gchar *wrong;

  for (; i < count; i++) {
    guint64 next_first = G_MAXUINT64;
    GstH4mkSpan entry;
    SeenSpan span;

    read_page_entry (&r, &entry);
    if (i + 1 < count)
      peek_first_block (r, &next_first);
    if (pos >= seen->waiting->len)
      return gidx_error (item, error, i, "there is no such span");
    pos += take_span (seen, pos, next_first, &span);
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
    return gidx_error (item, error, count, "missing");
  return TRUE;
}

static gboolean
check_page (GstH4mkSeen * seen, const GstH4mkItem * item, GstH4Reader r,
    guint count, guint64 prev, GError ** error)
{
  const GstH4mkChunk *chunk = &item->chunk;
  SeenPage page = { chunk->offset, };
  GstH4Reader first = r;
  GstH4mkSpan entry;
  gboolean ok;

  if (count == 0 || count > GST_H4MK_PAGE_ENTRIES)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, chunk->tag,
        chunk->offset, "a page of %u spans", count);
  if (seen->page_known && prev != (seen->page ? seen->page
          + seen->displacement : 0))
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, chunk->tag,
        chunk->offset, "the page before is not at %" G_GUINT64_FORMAT, prev);

  read_page_entry (&first, &entry);
  page.first_block = entry.first_block;
  page.pts = entry.pts;
  gst_h4mk_sha256 (chunk->raw, chunk->raw_size, page.hash);
  g_array_append_val (seen->pages, page);
  ok = compare_page (seen, item, r, count, error);
  if (!ok)
    forget_waiting (seen);
  g_array_set_size (seen->waiting, 0);
  seen->open = 0;
  seen->gap = FALSE;
  seen->page = chunk->offset;
  seen->page_known = TRUE;
  seen->last_page_entries = count;
  return ok;
}

static gboolean
check_root (GstH4mkSeen * seen, const GstH4mkItem * item, GstH4Reader r,
    guint count, guint64 prev, GError ** error)
{
  const GstH4mkChunk *chunk = &item->chunk;
  guint i;

  seen->table_offsets[TABLE_ROOT] = chunk->offset;
  if (!seen->tables_known)
    return TRUE;
  if (count != seen->pages->len || prev != seen->page)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, chunk->tag,
        chunk->offset, "names %u pages where the file has %u", count,
        seen->pages->len);
  for (i = 0; i < count; i++) {
    const SeenPage *page = &g_array_index (seen->pages, SeenPage, i);
    guint64 offset, first_block, pts;
    const guint8 *hash;

    gst_h4_reader_u64 (&r, &offset);
    gst_h4_reader_u64 (&r, &first_block);
    gst_h4_reader_u64 (&r, &pts);
    gst_h4_reader_bytes (&r, GST_H4MK_HASH_SIZE, &hash);
    if (offset != page->offset || first_block != page->first_block
        || (gint64) pts != page->pts)
      return gidx_error (item, error, i, "no such page");
    if (memcmp (hash, page->hash, GST_H4MK_HASH_SIZE) != 0)
      return gidx_error (item, error, i, "the page has another hash");
  }
  return TRUE;
}

gboolean
gst_h4mk_seen_gidx (GstH4mkSeen * seen, const GstH4mkItem * item,
    GError ** error)
{
  const GstH4mkChunk *chunk = &item->chunk;
  GstH4Reader r;
  guint8 kind;
  guint32 head, count;
  guint64 prev, size;

  gst_h4_reader_init (&r, chunk->payload, chunk->size);
  if (chunk->size < GST_H4MK_GIDX_HEADER_SIZE)
    goto bad;
  gst_h4_reader_u32 (&r, &head);
  gst_h4_reader_u32 (&r, &count);
  gst_h4_reader_u64 (&r, &prev);
  kind = head >> 24;
  size = kind == GIDX_PAGE ? GST_H4MK_PAGE_ENTRY_SIZE :
      GST_H4MK_ROOT_ENTRY_SIZE;
  if (kind > GIDX_ROOT || (head & 0xffffff) != 0
      || gst_h4_reader_left (&r) != count * size)
    goto bad;
  if (kind == GIDX_PAGE)
    return check_page (seen, item, r, count, prev, error);
  return check_root (seen, item, r, count, prev, error);

  /* ERRORS */
bad:
  return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, chunk->tag,
      chunk->offset, "neither a page nor a root");
}

static gboolean
check_seek (GstH4mkSeen * seen, const GstH4mkItem * item, GError ** error)
{
  const GstH4mkChunk *chunk = &item->chunk;
  guint32 count = 0;
  GstH4Reader r;
  guint i;

  gst_h4_reader_init (&r, chunk->payload, chunk->size);
  if (!gst_h4_reader_u32 (&r, &count)
      || gst_h4_reader_left (&r) != (guint64) count * 16
      || count > GST_H4MK_MAX_SEEK_ENTRIES)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, chunk->tag,
        chunk->offset, "the count does not fit");
  /* thinned out: which ones are left says the writer alone */
  if (!seen->tables_known || seen->seek->len > GST_H4MK_MAX_SEEK_ENTRIES)
    return TRUE;
  if (count != seen->seek->len)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, chunk->tag,
        chunk->offset, "%u entries where the file has %u key spans", count,
        seen->seek->len);
  for (i = 0; i < count; i++) {
    const SeenSeek *seek = &g_array_index (seen->seek, SeenSeek, i);
    guint64 pts_us, offset;

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
  switch (item->chunk.tag) {
    case GST_H4MK_TAG_SEEK:{
      guint waiting = seen->waiting->len;

      seen->table_offsets[TABLE_SEEK] = item->chunk.offset;
      if (waiting > 0) {
        forget_waiting (seen);
        return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED,
            item->chunk.tag, item->chunk.offset,
            "the GIDX page of the spans before is missing");
      }
      return check_seek (seen, item, error);
    }
    case GST_H4MK_TAG_META:
      seen->table_offsets[TABLE_META] = item->chunk.offset;
      return TRUE;
    default:
      seen->table_offsets[TABLE_SAFE] = item->chunk.offset;
      return TRUE;
  }
}

gboolean
gst_h4mk_seen_foot (GstH4mkSeen * seen, const GstH4mkItem * item,
    gboolean * ignored, GError ** error)
{
  static const gchar *const names[] = { NULL, "the offset of SEEK",
    "the offset of META", "the offset of SAFE", "the offset of the GIDX root",
    "the number of blocks", "the duration", "the number of spans", "a reserved"
        " value", "a reserved value", "a reserved value", "a reserved value"
  };
  guint64 values[12], wanted[12] = { 0 };
  GstH4Reader r;
  guint i;

  gst_h4_reader_init (&r, item->chunk.payload, item->chunk.size);
  if (item->chunk.size != GST_H4MK_FOOT_SIZE)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, item->chunk.tag,
        item->chunk.offset, "not of its size");
  for (i = 0; i < G_N_ELEMENTS (values); i++)
    gst_h4_reader_u64 (&r, &values[i]);

  *ignored = values[0] != item->chunk.offset;
  if (*ignored)
    return TRUE;
  for (i = 0; i < G_N_ELEMENTS (seen->table_offsets); i++)
    wanted[1 + i] = seen->table_offsets[i];
  wanted[5] = seen->blocks;
  if (seen->max_end != NO_TIME)
    wanted[6] = (guint64) seen->max_end - (guint64) seen->min_pts;
  wanted[7] = seen->spans;
  for (i = 1; i < G_N_ELEMENTS (values); i++) {
    if (i >= 5 && i <= 7 && (!seen->tables_known || seen->joined))
      continue;
    if (values[i] != wanted[i])
      return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED,
          item->chunk.tag, item->chunk.offset, "%s is not %" G_GUINT64_FORMAT,
          names[i], values[i]);
  }
  return TRUE;
}
