/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __TEST_H4MK_WALK_H__
#define __TEST_H4MK_WALK_H__

/* What the format says of a whole file of the track profile, computed the
 * slow way from its bytes: every hash, index entry and reference. Shares with
 * the library only the reading of TRAK and TOKN. */

#include "h4files.h"
#include "h4mksink.h"
#include "gsth4mktoken.h"
#include "gsth4mktracks.h"

typedef struct
{
  guint32 tag;
  gsize offset;
  gsize end;
  const guint8 *payload;
  gsize size;
} WalkChunk;

typedef struct
{
  GstH4mkRecord record;
  guint64 token;
  gsize payload;                /* offset of its bytes in the file */
} WalkBlock;

typedef struct
{
  guint64 offset;
  guint64 trak;
  guint64 first_block;
  gint64 pts;
  guint32 flags;
  guint64 blocks;
  guint8 leaf[32];
  guint64 block_bytes;
} WalkSpan;

typedef struct
{
  const guint8 *data;
  gsize size;
  gboolean link;
  GArray *chunks;               /* of WalkChunk */
  GArray *blocks;               /* of WalkBlock */
  GArray *spans;                /* of WalkSpan */
  GArray *pages;                /* of gsize: numbers of chunks */
  guint n_links;
} Walk;

static inline void
walk_sha (GChecksum * sum, guint8 digest[32])
{
  gsize n = 32;

  g_checksum_get_digest (sum, digest, &n);
  g_checksum_free (sum);
}

static inline void
walk_hash (const guint8 * data, gsize size, guint8 digest[32])
{
  GChecksum *sum = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (sum, data, size);
  walk_sha (sum, digest);
}

#define walk_chunk(walk,i) (&g_array_index ((walk)->chunks, WalkChunk, (i)))
#define walk_block(walk,i) (&g_array_index ((walk)->blocks, WalkBlock, (i)))
#define walk_span(walk,i) (&g_array_index ((walk)->spans, WalkSpan, (i)))

static inline void
walk_chunks (Walk * walk)
{
  gsize pos = GST_H4MK_HEADER_SIZE;

  fail_unless (walk->size >= 8
      && memcmp (walk->data, "H4MK\0\1\0\0", 8) == 0);
  while (pos < walk->size) {
    WalkChunk c;
    const guint8 *p = walk->data + pos;

    fail_unless (walk->size - pos >= 12);
    c.tag = read_u32 (p);
    c.size = read_u32 (p + 4);
    fail_unless (walk->size - pos - 12 >= c.size);
    c.offset = pos;
    c.payload = p + 12;
    c.end = pos += 12 + c.size;
    fail_unless_equals_uint64 (gst_h4mk_crc32 (c.payload, c.size),
        read_u32 (p + 8));
    g_array_append_val (walk->chunks, c);
  }
}

/* Until when a block lasts: G_MININT64 if that cannot be said. */
static inline gint64
walk_get_end (Walk * walk, guint number, gboolean until_next)
{
  const GstH4mkRecord *r = &walk_block (walk, number)->record;
  guint i;

  if (r->flags & GST_H4MK_RECORD_NO_PTS)
    return G_MININT64;
  if ((r->flags & GST_H4MK_RECORD_HAS_DURATION) || !until_next)
    return r->pts + r->duration;
  for (i = number + 1; i < walk->blocks->len; i++) {
    const GstH4mkRecord *next = &walk_block (walk, i)->record;

    if (next->track == r->track && !(next->flags & GST_H4MK_RECORD_NO_PTS))
      return next->pts;
  }
  return G_MAXINT64;
}

static inline gint
walk_compare_tokens (gconstpointer a, gconstpointer b)
{
  const guint64 *pa = a, *pb = b;

  return (*pa > *pb) - (*pa < *pb);
}

/* TOKN offsets that a span at token must refer to for a track, in file
 * order. */
static inline GArray *
walk_find_refs (Walk * walk, const GstH4mkTrack * track, gint64 time,
    guint64 token)
{
  gboolean av = track->kind <= GST_H4MK_TRACK_AUDIO;
  guint64 key = G_MAXUINT64, lasting = G_MAXUINT64;
  GArray *refs = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint i;

  for (i = 0; i < walk->blocks->len; i++) {
    const WalkBlock *b = walk_block (walk, i);

    if (b->token >= token || b->record.track != track->id)
      continue;
    if ((b->record.flags & GST_H4MK_RECORD_KEY)
        && !(b->record.flags & GST_H4MK_RECORD_NO_PTS)
        && b->record.pts <= time)
      key = b->token;
    if (walk_get_end (walk, i, !av) > time) {
      lasting = MIN (lasting, b->token);
      if (!av && (refs->len == 0 || g_array_index (refs, guint64,
                  refs->len - 1) != b->token))
        g_array_append_val (refs, b->token);
    }
  }
  if (track->kind == GST_H4MK_TRACK_AUDIO)
    key = MIN (key, lasting);
  if (av && key != G_MAXUINT64)
    g_array_append_val (refs, key);
  g_array_sort (refs, walk_compare_tokens);
  return refs;
}

static inline void
walk_check_refs (Walk * walk, const GstH4mkTracks * tracks,
    const GstH4mkToken * token, guint64 offset)
{
  gint64 time;
  guint i, j, n = 0;

  if (gst_h4mk_token_get_time (token, &time)) {
    for (i = 0; i < tracks->tracks->len; i++) {
      const GstH4mkTrack *track = g_ptr_array_index (tracks->tracks, i);
      GArray *refs = walk_find_refs (walk, track, time, offset);

      for (j = 0; j < refs->len; j++, n++) {
        fail_unless (n < token->refs->len, "a reference of track %u at %"
            G_GUINT64_FORMAT " is missing", track->id, offset);
        fail_unless_equals_int (gst_h4mk_token_ref (token, n)->track,
            track->id);
        fail_unless_equals_uint64 (gst_h4mk_token_ref (token, n)->back,
            offset - g_array_index (refs, guint64, j));
      }
      g_array_unref (refs);
    }
  }
  fail_unless_equals_int (token->refs->len, n);
}

/* REORDERED: pts below the largest of the track since its last key block. */
static inline gboolean
walk_is_reordered (Walk * walk, guint number)
{
  const GstH4mkRecord *r = &walk_block (walk, number)->record;
  guint i;

  if (r->flags & (GST_H4MK_RECORD_KEY | GST_H4MK_RECORD_NO_PTS))
    return FALSE;
  for (i = number; i > 0; i--) {
    const GstH4mkRecord *before = &walk_block (walk, i - 1)->record;

    if (before->track != r->track)
      continue;
    if (!(before->flags & GST_H4MK_RECORD_NO_PTS) && before->pts > r->pts)
      return TRUE;
    if (before->flags & GST_H4MK_RECORD_KEY)
      return FALSE;
  }
  return FALSE;
}

static inline gint64
walk_get_span_pts (Walk * walk, const WalkSpan * span,
    const GstH4mkTrack * primary)
{
  guint64 i;

  for (i = span->first_block; i < span->first_block + span->blocks; i++) {
    const GstH4mkRecord *r = &walk_block (walk, i)->record;

    if (r->track == primary->id && !(r->flags & GST_H4MK_RECORD_NO_PTS)
        && (primary->kind != GST_H4MK_TRACK_VIDEO
            || (r->flags & GST_H4MK_RECORD_KEY)))
      return r->pts;
  }
  return G_MININT64;
}

typedef struct
{
  GstH4mkTracks *tracks;
  guint trak;                   /* number of the chunk */
  guint8 chain[32];
  gsize span_start;
  gsize last_core_end;
  gboolean in_span;
  guint64 block_bytes;
} WalkState;

static inline guint
walk_group (Walk * walk, WalkState * st, guint i)
{
  const WalkChunk *c = walk_chunk (walk, i);
  GstH4mkToken token;
  guint n;

  gst_h4mk_token_init (&token);
  fail_unless (gst_h4mk_token_read (&token, c->payload, c->size, NULL));
  fail_unless_equals_uint64 (token.first_block, walk->blocks->len);
  for (n = 0; n < token.records->len; n++) {
    const WalkChunk *core = walk_chunk (walk, ++i);
    WalkBlock b = { *gst_h4mk_token_record (&token, n), c->offset,
      core->offset + 12
    };

    fail_unless_equals_int (core->tag, GST_H4MK_TAG_CORE);
    fail_unless_equals_uint64 (core->size, b.record.size);
    fail_unless (gst_h4mk_tracks_find (st->tracks, b.record.track) != NULL);
    g_array_append_val (walk->blocks, b);
    fail_unless_equals_int (walk_is_reordered (walk, walk->blocks->len - 1),
        (b.record.flags & GST_H4MK_RECORD_REORDERED) != 0);
    st->block_bytes += core->size;
    st->last_core_end = core->end;
  }
  if (!st->in_span)
    walk_check_refs (walk, st->tracks, &token, c->offset);
  else
    fail_unless_equals_int (token.refs->len, 0);
  gst_h4mk_token_clear (&token);
  return i;
}

static inline void
walk_take_leaf (Walk * walk, WalkState * st, guint8 leaf[32])
{
  const WalkChunk *trak = walk_chunk (walk, st->trak);
  GChecksum *sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 hash[32];

  walk_hash (walk->data + trak->offset, trak->end - trak->offset, hash);
  g_checksum_update (sum, (const guchar *) "H4MK|leaf|v1", 12);
  g_checksum_update (sum, hash, 32);
  g_checksum_update (sum, walk->data + st->span_start,
      st->last_core_end - st->span_start);
  walk_sha (sum, leaf);

  sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_checksum_update (sum, st->chain, 32);
  g_checksum_update (sum, leaf, 32);
  walk_sha (sum, st->chain);
}

/* The span before chunk i is over. */
static inline void
walk_end_span (Walk * walk, WalkState * st, WalkSpan * span)
{
  const GstH4mkTrack *primary = gst_h4mk_tracks_get_primary (st->tracks);
  const GstH4mkRecord *first;
  gint64 before = walk->spans->len > 0 ?
      walk_span (walk, walk->spans->len - 1)->pts : G_MININT64;

  span->offset = st->span_start;
  span->trak = walk_chunk (walk, st->trak)->offset;
  span->blocks = walk->blocks->len - span->first_block;
  span->pts = MAX (before, walk_get_span_pts (walk, span, primary));
  first = &walk_block (walk, span->first_block)->record;
  span->flags = first->track == primary->id
      && (first->flags & GST_H4MK_RECORD_KEY);
  if (walk->link)
    walk_take_leaf (walk, st, span->leaf);
  g_array_append_val (walk->spans, *span);
  st->in_span = FALSE;
}

static inline void
walk_check_link (Walk * walk, WalkState * st, const WalkChunk * c)
{
  const guint8 *p = c->payload;
  guint64 page = walk->pages->len > 0 ? walk_chunk (walk,
      g_array_index (walk->pages, gsize, walk->pages->len - 1))->offset : 0;

  fail_unless_equals_int (c->size, 64);
  fail_unless_equals_uint64 (read_u64 (p), ++walk->n_links);
  fail_unless_equals_uint64 (read_u64 (p + 8), c->offset);
  fail_unless_equals_uint64 (read_u64 (p + 16), st->span_start);
  fail_unless_equals_uint64 (read_u64 (p + 24), page);
  fail_unless (memcmp (p + 32, st->chain, 32) == 0);
  st->span_start = c->end;
}

static inline void
walk_check_page (Walk * walk, guint number, guint first_span)
{
  const WalkChunk *c = walk_chunk (walk, number);
  const guint8 *p = c->payload;
  guint64 prev = walk->pages->len > 0 ? walk_chunk (walk,
      g_array_index (walk->pages, gsize, walk->pages->len - 1))->offset : 0;
  guint count = read_u32 (p + 4), i;
  gsize n = number;

  fail_unless_equals_uint64 (read_u32 (p), 0);
  fail_unless_equals_uint64 (read_u64 (p + 8), prev);
  fail_unless_equals_uint64 (c->size, 16 + 72 * count);
  fail_unless_equals_int (count, walk->spans->len - first_span);
  for (i = 0, p += 16; i < count; i++, p += 72) {
    const WalkSpan *span = walk_span (walk, first_span + i);

    fail_unless_equals_uint64 (read_u64 (p), span->offset);
    fail_unless_equals_uint64 (read_u64 (p + 8), span->trak);
    fail_unless_equals_uint64 (read_u64 (p + 16),
        span->first_block);
    fail_unless_equals_int64 ((gint64) read_u64 (p + 24), span->pts);
    fail_unless_equals_uint64 (read_u32 (p + 32), span->flags);
    fail_unless_equals_uint64 (read_u32 (p + 36), span->blocks);
    fail_unless (memcmp (p + 40, span->leaf, 32) == 0);
  }
  g_array_append_val (walk->pages, n);
}

/* Without LINK nothing but the pages says where spans begin. */
static inline gboolean
walk_is_first_block (Walk * walk, guint64 block)
{
  guint i, j;

  for (i = 0; i < walk->chunks->len; i++) {
    const WalkChunk *c = walk_chunk (walk, i);

    if (c->tag != GST_H4MK_TAG_GIDX || c->payload[0] != 0)
      continue;
    for (j = 16; j < c->size; j += 72) {
      if (read_u64 (c->payload + j + 16) == block)
        return TRUE;
    }
  }
  return FALSE;
}

/* Groups, spans and pages; returns the number of the chunk after them. */
static inline guint
walk_body (Walk * walk, guint * paged)
{
  WalkState st = { NULL, };
  WalkSpan span = { 0, };
  guint i;

  /* behind the header and the first TRAK */
  st.span_start = walk_chunk (walk, 0)->end;
  for (i = 0; i < walk->chunks->len; i++) {
    const WalkChunk *c = walk_chunk (walk, i);

    if (st.in_span && (c->tag != GST_H4MK_TAG_TOKN || (!walk->link
                && walk_is_first_block (walk, walk->blocks->len)))) {
      walk_end_span (walk, &st, &span);
      if (walk->link) {
        fail_unless_equals_int (c->tag, GST_H4MK_TAG_LINK);
        walk_check_link (walk, &st, c);
        continue;
      }
      st.span_start = st.last_core_end;
    }
    if (c->tag == GST_H4MK_TAG_TRAK) {
      g_clear_pointer (&st.tracks, gst_h4mk_tracks_unref);
      st.tracks = gst_h4mk_tracks_from_json (c->payload, c->size, NULL);
      fail_unless (st.tracks != NULL);
      st.trak = i;
      if (i == 0)
        walk_hash (walk->data, c->end, st.chain);
    } else if (c->tag == GST_H4MK_TAG_TOKN) {
      gboolean begins = !st.in_span;

      if (begins) {
        memset (&span, 0, sizeof (span));
        span.first_block = walk->blocks->len;
        span.block_bytes = st.block_bytes;
      }
      i = walk_group (walk, &st, i);
      st.in_span = TRUE;
    } else if (c->tag == GST_H4MK_TAG_GIDX) {
      walk_check_page (walk, i, *paged);
      *paged = walk->spans->len;
    } else if (c->tag != GST_H4MK_TAG_ATTA) {
      break;
    }
  }
  g_clear_pointer (&st.tracks, gst_h4mk_tracks_unref);
  return i;
}

static inline void
walk_check_seek (Walk * walk, const WalkChunk * c)
{
  const guint8 *p = c->payload + 4;
  guint n = 0, i;

  fail_unless_equals_int (c->tag, GST_H4MK_TAG_SEEK);
  for (i = 0; i < walk->spans->len; i++) {
    const WalkSpan *span = walk_span (walk, i);

    if (!(span->flags & 1) || span->pts < 0)
      continue;
    fail_unless (c->size >= 4 + 16 * (n + 1));
    fail_unless_equals_uint64 (read_u64 (p + 16 * n),
        span->pts / 1000);
    fail_unless_equals_uint64 (read_u64 (p + 16 * n + 8),
        span->block_bytes);
    n++;
  }
  fail_unless_equals_uint64 (read_u32 (c->payload), n);
  fail_unless_equals_uint64 (c->size, 4 + 16 * n);
}

static inline void
walk_check_root (Walk * walk, const WalkChunk * c)
{
  const guint8 *p = c->payload;
  guint n = walk->pages->len, i;

  fail_unless_equals_int (c->tag, GST_H4MK_TAG_GIDX);
  fail_unless_equals_uint64 (read_u32 (p), 1 << 24);
  fail_unless_equals_uint64 (read_u32 (p + 4), n);
  fail_unless_equals_uint64 (c->size, 16 + 56 * n);
  fail_unless_equals_uint64 (read_u64 (p + 8), n > 0 ?
      walk_chunk (walk, g_array_index (walk->pages, gsize, n - 1))->offset : 0);
  for (i = 0, p += 16; i < n; i++, p += 56) {
    const WalkChunk *page =
        walk_chunk (walk, g_array_index (walk->pages, gsize, i));
    guint8 hash[32];

    walk_hash (walk->data + page->offset, page->end - page->offset, hash);
    fail_unless_equals_uint64 (read_u64 (p), page->offset);
    fail_unless (memcmp (p + 8, page->payload + 16 + 16, 16) == 0);
    fail_unless (memcmp (p + 24, hash, 32) == 0);
  }
}

static inline void
walk_check_foot (Walk * walk, const WalkChunk * foot)
{
  guint64 want[12] = { foot->offset, (foot - 4)->offset, (foot - 3)->offset,
    (foot - 2)->offset, (foot - 1)->offset, walk->blocks->len, 0,
    walk->spans->len
  };
  gint64 smallest = G_MAXINT64, greatest = G_MININT64;
  guint i;

  for (i = 0; i < walk->blocks->len; i++) {
    const GstH4mkRecord *r = &walk_block (walk, i)->record;

    if (r->flags & GST_H4MK_RECORD_NO_PTS)
      continue;
    smallest = MIN (smallest, r->pts);
    greatest = MAX (greatest, r->pts + r->duration);
  }
  if (greatest > smallest)
    want[6] = greatest - smallest;
  fail_unless_equals_int (foot->tag, GST_H4MK_TAG_FOOT);
  fail_unless_equals_uint64 (foot->size, sizeof (want));
  for (i = 0; i < 12; i++)
    fail_unless_equals_uint64 (read_u64 (foot->payload + 8 * i),
        want[i]);
}

static inline void
walk_init (Walk * walk, const guint8 * data, gsize size, gboolean link)
{
  walk->data = data;
  walk->size = size;
  walk->link = link;
  walk->n_links = 0;
  walk->chunks = g_array_new (FALSE, FALSE, sizeof (WalkChunk));
  walk->blocks = g_array_new (FALSE, FALSE, sizeof (WalkBlock));
  walk->spans = g_array_new (FALSE, FALSE, sizeof (WalkSpan));
  walk->pages = g_array_new (FALSE, FALSE, sizeof (gsize));
  walk_chunks (walk);
}

static inline void
walk_clear (Walk * walk)
{
  g_array_unref (walk->chunks);
  g_array_unref (walk->blocks);
  g_array_unref (walk->spans);
  g_array_unref (walk->pages);
}

/* Fails the test where anything in the file is not as the format says. */
static inline void
walk_check (Walk * walk)
{
  static const guint32 tail[] = { GST_H4MK_TAG_SEEK, GST_H4MK_TAG_META,
    GST_H4MK_TAG_SAFE, GST_H4MK_TAG_GIDX, GST_H4MK_TAG_FOOT, GST_H4MK_TAG_VERI
  };
  guint paged = 0, i, at = walk_body (walk, &paged);
  const WalkChunk *veri;
  guint8 hash[32];

  fail_unless_equals_int (paged, walk->spans->len);
  fail_unless_equals_int (walk->n_links, walk->link ? walk->spans->len : 0);
  fail_unless_equals_int (walk->chunks->len - at, G_N_ELEMENTS (tail));
  for (i = 0; i < G_N_ELEMENTS (tail); i++)
    fail_unless_equals_int (walk_chunk (walk, at + i)->tag, tail[i]);
  walk_check_seek (walk, walk_chunk (walk, at));
  walk_check_root (walk, walk_chunk (walk, at + 3));
  walk_check_foot (walk, walk_chunk (walk, at + 4));

  veri = walk_chunk (walk, at + 5);
  walk_hash (walk->data + 8, veri->offset - 8, hash);
  fail_unless (veri->size == 32 && memcmp (veri->payload, hash, 32) == 0);
  h4_files_keep (walk->data, walk->size);
}

#endif
