/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4mkspans.h"
#include "gsth4bytes.h"
#include "gsth4mkchunk.h"
#include "gsth4sha256.h"

#define SEEK_ENTRY_SIZE 16
#define KIND_PAGE 0
#define KIND_ROOT 1
/* where a page entry has them */
#define ENTRY_FIRST_BLOCK 16
#define ENTRY_PTS 24

void
gst_h4mk_spans_init (GstH4mkSpans * spans)
{
  spans->n_spans = 0;
  spans->last_pts = G_MININT64;
  spans->waiting = g_byte_array_new ();
  spans->root = g_byte_array_new ();
  spans->seek = g_byte_array_new ();
  spans->last_page = 0;
}

void
gst_h4mk_spans_clear (GstH4mkSpans * spans)
{
  g_byte_array_unref (spans->waiting);
  g_byte_array_unref (spans->root);
  g_byte_array_unref (spans->seek);
}

/* Every second entry goes, the file's first one stays. */
static void
halve_seek (GByteArray * seek)
{
  guint n = seek->len / SEEK_ENTRY_SIZE, i;

  for (i = 2; i < n; i += 2)
    memcpy (seek->data + (i / 2) * SEEK_ENTRY_SIZE,
        seek->data + i * SEEK_ENTRY_SIZE, SEEK_ENTRY_SIZE);
  g_byte_array_set_size (seek, (n + 1) / 2 * SEEK_ENTRY_SIZE);
}

static void
add_seek (GByteArray * seek, gint64 pts, guint64 block_bytes)
{
  guint8 *p = gst_h4mk_room (seek, SEEK_ENTRY_SIZE);

  p = gst_h4_put_u64 (p, (guint64) pts / 1000);
  gst_h4_put_u64 (p, block_bytes);
  if (seek->len / SEEK_ENTRY_SIZE > GST_H4MK_MAX_SEEK_ENTRIES)
    halve_seek (seek);
}

void
gst_h4mk_spans_add (GstH4mkSpans * spans, GstH4mkSpan * span,
    guint64 block_bytes)
{
  guint8 *p = gst_h4mk_room (spans->waiting, GST_H4MK_PAGE_ENTRY_SIZE);

  span->pts = MAX (span->pts, spans->last_pts);
  spans->last_pts = span->pts;
  spans->n_spans++;

  p = gst_h4_put_u64 (p, span->offset);
  p = gst_h4_put_u64 (p, span->trak);
  p = gst_h4_put_u64 (p, span->first_block);
  p = gst_h4_put_u64 (p, (guint64) span->pts);
  p = gst_h4_put_u32 (p, span->flags);
  p = gst_h4_put_u32 (p, (guint32) span->blocks);
  memcpy (p, span->leaf, GST_H4MK_HASH_SIZE);

  if ((span->flags & 1) && span->pts >= 0)
    add_seek (spans->seek, span->pts, block_bytes);
}

guint
gst_h4mk_spans_get_waiting (const GstH4mkSpans * spans)
{
  return spans->waiting->len / GST_H4MK_PAGE_ENTRY_SIZE;
}

static void
put_index (GByteArray * out, guint8 kind, guint32 count, guint64 prev,
    const GByteArray * entries)
{
  guint begin = gst_h4mk_chunk_begin (out);
  guint8 *p = gst_h4mk_room (out, GST_H4MK_GIDX_HEADER_SIZE);

  p = gst_h4_put_u32 (p, (guint32) kind << 24);
  p = gst_h4_put_u32 (p, count);
  gst_h4_put_u64 (p, prev);
  g_byte_array_append (out, entries->data, entries->len);
  gst_h4mk_chunk_end (out, begin, GST_H4MK_TAG_GIDX);
}

void
gst_h4mk_spans_put_page (GstH4mkSpans * spans, GByteArray * out)
{
  put_index (out, KIND_PAGE, gst_h4mk_spans_get_waiting (spans),
      spans->last_page, spans->waiting);
}

gboolean
gst_h4mk_spans_is_page (const GstH4mkSpans * spans, const guint8 * payload,
    gsize size)
{
  guint8 header[GST_H4MK_GIDX_HEADER_SIZE], *p;

  p = gst_h4_put_u32 (header, (guint32) KIND_PAGE << 24);
  p = gst_h4_put_u32 (p, gst_h4mk_spans_get_waiting (spans));
  gst_h4_put_u64 (p, spans->last_page);
  return spans->waiting->len > 0
      && size == sizeof (header) + spans->waiting->len
      && memcmp (payload, header, sizeof (header)) == 0
      && memcmp (payload + sizeof (header), spans->waiting->data,
      spans->waiting->len) == 0;
}

gboolean
gst_h4mk_spans_page_written (GstH4mkSpans * spans, guint64 offset,
    const guint8 * chunk, gsize size)
{
  const guint8 *first = spans->waiting->data;
  guint8 *p = gst_h4mk_room (spans->root, GST_H4MK_ROOT_ENTRY_SIZE);
  GstH4Sha256 *sha = gst_h4_sha256_new ();
  gboolean ok;

  p = gst_h4_put_u64 (p, offset);
  memcpy (p, first + ENTRY_FIRST_BLOCK, 8);
  memcpy (p + 8, first + ENTRY_PTS, 8);
  gst_h4_sha256_update (sha, chunk, size);
  ok = gst_h4_sha256_peek (sha, p + 16);
  gst_h4_sha256_free (sha);

  g_byte_array_set_size (spans->waiting, 0);
  spans->last_page = offset;
  return ok;
}

void
gst_h4mk_spans_put_seek (const GstH4mkSpans * spans, GByteArray * out)
{
  guint begin = gst_h4mk_chunk_begin (out);

  gst_h4_put_u32 (gst_h4mk_room (out, 4), spans->seek->len / SEEK_ENTRY_SIZE);
  g_byte_array_append (out, spans->seek->data, spans->seek->len);
  gst_h4mk_chunk_end (out, begin, GST_H4MK_TAG_SEEK);
}

void
gst_h4mk_spans_put_root (const GstH4mkSpans * spans, GByteArray * out)
{
  put_index (out, KIND_ROOT, spans->root->len / GST_H4MK_ROOT_ENTRY_SIZE,
      spans->last_page, spans->root);
}
