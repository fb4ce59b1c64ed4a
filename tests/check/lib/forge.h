/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __FORGE_H__
#define __FORGE_H__

/* Makes container files chunk by chunk, right or wrong, without the writer:
 * what a reader is tested against must not come from its own house alone. */

#include <string.h>
#include <harmony4.h>
#include "gsth4bytes.h"

typedef struct
{
  GByteArray *out;
  GByteArray *payload;
  GstH4mkToken token;
  guint64 base;                 /* what stands before out in the stream */
  gint64 shift_tail;            /* added to the offset that FOOT states */
  gboolean link;
  gboolean with_sign;
  guint64 seq;
  guint64 span_start;
  guint64 last_page;
  guint64 block;
  guint64 trak;
  GArray *pending;              /* ForgeEntry */
  GArray *pages;                /* ForgeEntry: of each page's first entry */
  GPtrArray *page_hashes;
  guint64 spans;
  guint64 duration;
} Forge;

typedef struct
{
  guint64 offset;
  guint64 trak;
  guint64 first_block;
  gint64 pts;
  guint32 flags;
  guint32 blocks;
} ForgeEntry;

static inline void
forge_u32 (Forge * f, guint32 value)
{
  guint8 p[4];

  gst_h4_put_u32 (p, value);
  g_byte_array_append (f->out, p, 4);
}

static inline void
forge_u64 (Forge * f, guint64 value)
{
  guint8 p[8];

  gst_h4_put_u64 (p, value);
  g_byte_array_append (f->out, p, 8);
}

static inline guint64
forge_offset (Forge * f)
{
  return f->base + f->out->len;
}

static inline guint64
forge_chunk (Forge * f, const gchar * tag, gconstpointer data, gsize size)
{
  guint64 offset = forge_offset (f);

  g_byte_array_append (f->out, (const guint8 *) tag, 4);
  forge_u32 (f, (guint32) size);
  forge_u32 (f, size ? gst_h4mk_crc32 (data, size) : 0);
  if (size)
    g_byte_array_append (f->out, data, size);
  return offset;
}

static inline guint64
forge_text (Forge * f, const gchar * tag, const gchar * text)
{
  return forge_chunk (f, tag, text, strlen (text));
}

#define FORGE_VIDEO "{\"id\":1,\"kind\":\"video\",\"caps\":\"video/x-h264, width=(int)320\"}"
#define FORGE_AUDIO "{\"id\":2,\"kind\":\"audio\",\"caps\":\"audio/x-opus, rate=(int)48000\"}"
#define FORGE_TRAK "{\"v\":1,\"tracks\":[" FORGE_VIDEO "," FORGE_AUDIO "]}"
#define FORGE_TRAK_VIDEO "{\"v\":1,\"tracks\":[" FORGE_VIDEO "]}"

static inline void
forge_init (Forge * f, const gchar * trak)
{
  memset (f, 0, sizeof (*f));
  f->out = g_byte_array_new ();
  f->payload = g_byte_array_new ();
  gst_h4mk_token_init (&f->token);
  f->pending = g_array_new (FALSE, FALSE, sizeof (ForgeEntry));
  f->pages = g_array_new (FALSE, FALSE, sizeof (ForgeEntry));
  f->page_hashes = g_ptr_array_new_with_free_func (g_free);
  f->link = TRUE;
  g_byte_array_append (f->out, (const guint8 *) "H4MK\0\1\0\0", 8);
  f->trak = 8;
  if (trak)
    forge_text (f, "TRAK", trak);
  f->span_start = f->out->len;
}

static inline void
forge_clear (Forge * f)
{
  g_clear_pointer (&f->out, g_byte_array_unref);
  g_byte_array_unref (f->payload);
  gst_h4mk_token_clear (&f->token);
  g_array_unref (f->pending);
  g_array_unref (f->pages);
  g_ptr_array_unref (f->page_hashes);
}

/* A block whose bytes say which one it is. */
static inline void
forge_core (Forge * f, guint64 block, gsize size)
{
  guint64 offset = forge_offset (f);
  guint8 *data;
  gsize i;

  forge_chunk (f, "CORE", NULL, 0);
  g_byte_array_set_size (f->out, f->out->len + size);
  data = f->out->data + (gsize) (offset - f->base) + 12;
  for (i = 0; i < size; i++)
    data[i] = (guint8) (block * 31 + i);
  gst_h4_put_u32 (data - 8, (guint32) size);
  gst_h4_put_u32 (data - 4, gst_h4mk_crc32 (data, size));
}

static inline guint64
forge_tokn (Forge * f, const GstH4mkRecord * records, guint n,
    const GstH4mkRef * refs, guint n_refs)
{
  f->token.first_block = f->block;
  g_array_set_size (f->token.records, 0);
  g_array_append_vals (f->token.records, records, n);
  g_array_set_size (f->token.refs, 0);
  if (n_refs)
    g_array_append_vals (f->token.refs, refs, n_refs);
  g_byte_array_set_size (f->payload, 0);
  g_assert_true (gst_h4mk_token_write (f->payload, &f->token));
  return forge_chunk (f, "TOKN", f->payload->data, f->payload->len);
}

static inline guint64
forge_group (Forge * f, const GstH4mkRecord * records, guint n,
    const GstH4mkRef * refs, guint n_refs)
{
  guint64 offset = forge_tokn (f, records, n, refs, n_refs);
  guint i;

  for (i = 0; i < n; i++)
    forge_core (f, f->block++, records[i].size);
  return offset;
}

static inline void
forge_record (GstH4mkRecord * record, guint32 track, guint64 flags, gint64 pts,
    gint64 duration, guint64 size)
{
  memset (record, 0, sizeof (*record));
  record->track = track;
  record->flags = flags | (duration ? GST_H4MK_RECORD_HAS_DURATION : 0);
  record->pts = pts;
  record->duration = duration;
  record->size = size;
}

static inline void
forge_page (Forge * f)
{
  Forge p = { 0 };
  ForgeEntry *first = &g_array_index (f->pending, ForgeEntry, 0);
  guint8 *hash = g_malloc0 (32);
  ForgeEntry place = *first;
  gsize hash_size = 32;
  GChecksum *sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint i;

  p.out = g_byte_array_new ();
  forge_u32 (&p, 0);
  forge_u32 (&p, f->pending->len);
  forge_u64 (&p, f->last_page);
  for (i = 0; i < f->pending->len; i++) {
    guint8 leaf[32];
    ForgeEntry *e = &g_array_index (f->pending, ForgeEntry, i);

    forge_u64 (&p, e->offset);
    forge_u64 (&p, e->trak);
    forge_u64 (&p, e->first_block);
    forge_u64 (&p, (guint64) e->pts);
    forge_u32 (&p, e->flags);
    forge_u32 (&p, e->blocks);
    memset (leaf, f->link ? 0x5a : 0, sizeof (leaf));
    g_byte_array_append (p.out, leaf, 32);
  }
  place.offset = f->last_page =
      forge_chunk (f, "GIDX", p.out->data, p.out->len);
  g_checksum_update (sum, f->out->data + (place.offset - f->base),
      p.out->len + 12);
  g_checksum_get_digest (sum, hash, &hash_size);
  g_checksum_free (sum);
  g_ptr_array_add (f->page_hashes, hash);
  g_array_append_val (f->pages, place);
  g_array_set_size (f->pending, 0);
  g_byte_array_unref (p.out);
}

/* Before the first chunk of a span's first group. */
static inline void
forge_begin_span (Forge * f)
{
  if (f->pending->len >= GST_H4MK_PAGE_ENTRIES)
    forge_page (f);
}

static inline void
forge_link (Forge * f, guint64 self)
{
  guint8 payload[GST_H4MK_LINK_SIZE] = { 0 };

  gst_h4_put_u64 (payload, ++f->seq);
  gst_h4_put_u64 (payload + 8, self);
  gst_h4_put_u64 (payload + 16, f->span_start);
  gst_h4_put_u64 (payload + 24, f->last_page);
  forge_chunk (f, "LINK", payload, sizeof (payload));
}

static inline void
forge_end_span (Forge * f, guint64 first_block, gint64 pts, guint32 flags)
{
  ForgeEntry entry = { f->span_start, f->trak, first_block, pts, flags,
    (guint32) (f->block - first_block)
  };

  g_array_append_val (f->pending, entry);
  f->spans++;
  if (f->link)
    forge_link (f, forge_offset (f));
  f->span_start = forge_offset (f);
}

/* From the last page to VERI. */
static inline void
forge_finish (Forge * f)
{
  Forge p = { 0 };
  guint64 seek, meta, safe, root, foot;
  guint8 zeros[128] = { 0 }, hash[32];
  gsize hash_size = sizeof (hash);
  GChecksum *sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint i;

  if (f->pending->len > 0)
    forge_page (f);
  seek = forge_chunk (f, "SEEK", zeros, 4);
  meta = forge_text (f, "META", "{\"project\":\"Harmony\303\230" "4\","
      "\"domain\":\"media\",\"masked\":false,\"tags\":{},\"tracks\":[]}");
  safe = forge_text (f, "SAFE", "{\"scope\":\"container+transport-only\"}");

  p.out = g_byte_array_new ();
  forge_u32 (&p, 1u << 24);
  forge_u32 (&p, f->pages->len);
  forge_u64 (&p, f->last_page);
  for (i = 0; i < f->pages->len; i++) {
    ForgeEntry *e = &g_array_index (f->pages, ForgeEntry, i);

    forge_u64 (&p, e->offset);
    forge_u64 (&p, e->first_block);
    forge_u64 (&p, (guint64) e->pts);
    g_byte_array_append (p.out, g_ptr_array_index (f->page_hashes, i), 32);
  }
  root = forge_chunk (f, "GIDX", p.out->data, p.out->len);

  g_byte_array_set_size (p.out, 0);
  foot = forge_offset (f) + f->shift_tail;
  forge_u64 (&p, foot);
  forge_u64 (&p, seek);
  forge_u64 (&p, meta);
  forge_u64 (&p, safe);
  forge_u64 (&p, root);
  forge_u64 (&p, f->block);
  forge_u64 (&p, f->duration);
  forge_u64 (&p, f->spans);
  g_byte_array_append (p.out, zeros, 32);
  forge_chunk (f, "FOOT", p.out->data, p.out->len);
  g_byte_array_unref (p.out);
  if (f->with_sign)
    forge_chunk (f, "SIGN", zeros, 128);
  g_checksum_update (sum, f->out->data + 8, f->out->len - 8);
  g_checksum_get_digest (sum, hash, &hash_size);
  g_checksum_free (sum);
  forge_chunk (f, "VERI", hash, 32);
}

#define FORGE_FRAME (40 * G_GINT64_CONSTANT (1000000))

/* A span of video key and delta frame with audio beside them, in two groups:
 * span i begins at i * 80 ms. */
static inline void
forge_plain_span (Forge * f, guint64 i)
{
  GstH4mkRecord records[2];
  GstH4mkRef ref = { 2, 0 };
  guint64 first_block = f->block;
  gint64 pts = (gint64) i * 2 * FORGE_FRAME;
  guint64 before = forge_offset (f) - f->span_start;

  forge_begin_span (f);
  forge_record (&records[0], 1, GST_H4MK_RECORD_KEY, pts, FORGE_FRAME, 40);
  forge_record (&records[1], 2, GST_H4MK_RECORD_KEY, pts, FORGE_FRAME, 7);
  ref.back = MIN (before + 50, forge_offset (f));
  forge_group (f, records, 2, &ref, i % 3 == 2);
  forge_record (&records[0], 1, 0, pts + FORGE_FRAME, FORGE_FRAME, 20);
  forge_record (&records[1], 2, GST_H4MK_RECORD_KEY, pts + FORGE_FRAME,
      FORGE_FRAME, 0);
  forge_group (f, records, 2, NULL, 0);
  f->duration = pts + 2 * FORGE_FRAME;
  forge_end_span (f, first_block, pts, 1);
}

static inline void
forge_plain (Forge * f, guint64 spans, gboolean link, gboolean finish)
{
  guint64 i;

  forge_init (f, FORGE_TRAK);
  f->link = link;
  for (i = 0; i < spans; i++)
    forge_plain_span (f, i);
  if (finish)
    forge_finish (f);
}

#endif
