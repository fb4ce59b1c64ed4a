/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4mkrecover.h"

/* Groups and spans stay as they were, but for one that would take more memory
 * than this. */
#define MAX_GROUP_SIZE (16 << 20)
#define FOREVER ((guint64) G_MAXINT64)

/* What the reference takes where nobody says. */
#define DEFAULT_FPS_HINT 30.0
#define DEFAULT_GOP 30

typedef struct
{
  GstH4mkRecover *self;
  GstH4mkWriter *writer;
  /* ids of tracks that lost a block since their last one */
  GHashTable *lost_tracks;
  gboolean has_next;
  guint64 next_block;
} Rewrite;

/* Signatures end here: nobody else can make them. */
static GstH4mkTracks *
copy_without_key (GstH4mkTracks * tracks, GError ** error)
{
  GBytes *json = gst_h4mk_tracks_to_json (tracks);
  GstH4mkTracks *copy =
      gst_h4mk_tracks_from_json (g_bytes_get_data (json, NULL),
      g_bytes_get_size (json), error);

  g_bytes_unref (json);
  if (copy)
    g_clear_pointer (&copy->key, g_free);
  return copy;
}

static gboolean
rewrite_trak (Rewrite * rewrite, const GstH4mkItem * item, GError ** error)
{
  GstH4mkTracks *tracks = copy_without_key (item->tracks, error);
  gboolean ok;

  if (!tracks)
    return FALSE;
  if (item->tracks->key)
    rewrite->self->recovery->signatures_dropped = TRUE;
  ok = gst_h4mk_writer_set_tracks (rewrite->writer, tracks, error);
  gst_h4mk_tracks_unref (tracks);
  return ok;
}

static void
note_group (Rewrite * rewrite, const GstH4mkToken * token)
{
  if (rewrite->has_next && token->first_block > rewrite->next_block)
    rewrite->self->recovery->lost_blocks +=
        token->first_block - rewrite->next_block;
  rewrite->has_next = TRUE;
  rewrite->next_block = token->first_block;
}

static gboolean
rewrite_block (Rewrite * rewrite, const GstH4mkItem * item, GError ** error)
{
  gpointer id = GUINT_TO_POINTER (item->record->track);
  GstH4mkBlock block;

  gst_h4mk_recover_take_block (item, &block);
  if (g_hash_table_remove (rewrite->lost_tracks, id))
    block.record.flags |= GST_H4MK_RECORD_DISCONT;
  rewrite->next_block = item->block + 1;
  rewrite->self->recovery->blocks++;
  return gst_h4mk_writer_add (rewrite->writer, &block, error);
}

static gboolean
rewrite_item (Rewrite * rewrite, const GstH4mkItem * item, GError ** error)
{
  switch (item->chunk.tag) {
    case GST_H4MK_TAG_TRAK:
      return rewrite_trak (rewrite, item, error);
    case GST_H4MK_TAG_TOKN:
      note_group (rewrite, item->token);
      return gst_h4mk_writer_end_group (rewrite->writer, error);
    case GST_H4MK_TAG_CORE:
      return rewrite_block (rewrite, item, error);
    case GST_H4MK_TAG_LINK:
      if (item->chunk.size == GST_H4MK_LINK_SIGNED_SIZE)
        rewrite->self->recovery->signatures_dropped = TRUE;
      return gst_h4mk_writer_end_span (rewrite->writer, error);
    default:
      return TRUE;
  }
}

static void
lose_block (Rewrite * rewrite, const GstH4mkItem * item)
{
  g_hash_table_add (rewrite->lost_tracks,
      GUINT_TO_POINTER (item->record->track));
  rewrite->next_block = item->block + 1;
  rewrite->self->recovery->lost_blocks++;
  rewrite->self->recovery->lost_bytes += item->chunk.raw_size;
}

static void
lose_bytes (Rewrite * rewrite, GstH4mkParser * parser, guint64 from)
{
  GstH4mkTracks *tracks = gst_h4mk_parser_get_tracks (parser);
  guint i;

  rewrite->self->recovery->lost_bytes +=
      gst_h4mk_parser_get_offset (parser) - from;
  for (i = 0; tracks && i < tracks->tracks->len; i++) {
    const GstH4mkTrack *track = g_ptr_array_index (tracks->tracks, i);

    g_hash_table_add (rewrite->lost_tracks, GUINT_TO_POINTER (track->id));
  }
}

static gboolean
rewrite_blocks (Rewrite * rewrite, GError ** error)
{
  GstH4mkScanResult result;
  GstH4mkScan scan;
  GstH4mkItem item;
  gboolean ok = TRUE;

  gst_h4mk_recover_init_scan (rewrite->self, &scan);
  do {
    guint64 from = gst_h4mk_parser_get_offset (scan.parser);

    result = gst_h4mk_scan_next (&scan, &item, error);
    if (result == GST_H4MK_SCAN_ITEM)
      ok = rewrite_item (rewrite, &item, error);
    else if (result == GST_H4MK_SCAN_BAD_BLOCK)
      lose_block (rewrite, &item);
    else if (result == GST_H4MK_SCAN_GAP)
      lose_bytes (rewrite, scan.parser, from);
  } while (ok && result < GST_H4MK_SCAN_END);
  gst_h4mk_scan_clear (&scan);
  return ok && result == GST_H4MK_SCAN_END;
}

gboolean
gst_h4mk_recover_rewrite (GstH4mkRecover * self, GError ** error)
{
  GstH4mkWriterOptions options;
  Rewrite rewrite = { self };
  gboolean ok;

  gst_h4mk_writer_options_init (&options);
  options.group_duration = FOREVER;
  options.group_size = MAX_GROUP_SIZE;
  options.link = !self->unlinked;
  if (options.link)
    options.span_duration = options.min_index_interval = FOREVER;
  rewrite.writer = gst_h4mk_writer_new (&options,
      &gst_h4mk_recover_writer_funcs, self);
  rewrite.lost_tracks = g_hash_table_new (NULL, NULL);
  ok = rewrite_blocks (&rewrite, error)
      && gst_h4mk_recover_finish (self, rewrite.writer, TRUE, error);
  g_hash_table_unref (rewrite.lost_tracks);
  gst_h4mk_writer_free (rewrite.writer);
  return ok;
}

/* Times, key blocks and masks of a base file go by a block's number: a lost
 * block leaves an empty one. */
static gboolean
add_empty (GstH4mkRecover * self, GstH4mkBaseWriter * writer, GError ** error)
{
  GstH4mkBlock block = { {0} };

  block.data = (const guint8 *) "";
  self->recovery->lost_blocks++;
  return gst_h4mk_base_writer_add (writer, &block, error);
}

/* How many blocks stood in so many bytes: all but a file's last one are of one
 * size. */
static gboolean
fill_gap (GstH4mkRecover * self, GstH4mkBaseWriter * writer, guint64 bytes,
    GError ** error)
{
  guint64 size = GST_H4MK_CHUNK_HEADER_SIZE + MAX (self->first_size, 1);
  guint64 n = MAX ((bytes + size / 2) / size, 1);
  gboolean ok = TRUE;

  self->recovery->lost_bytes += bytes;
  for (; ok && n > 0; n--)
    ok = add_empty (self, writer, error);
  return ok;
}

static gboolean
rewrite_base_block (GstH4mkRecover * self, GstH4mkBaseWriter * writer,
    const GstH4mkItem * item, GError ** error)
{
  GstH4mkBlock block;

  gst_h4mk_recover_take_block (item, &block);
  self->recovery->blocks++;
  return gst_h4mk_base_writer_add (writer, &block, error);
}

static gboolean
rewrite_base_blocks (GstH4mkRecover * self, GstH4mkBaseWriter * writer,
    GError ** error)
{
  GstH4mkScanResult result;
  GstH4mkScan scan;
  GstH4mkItem item;
  gboolean ok = TRUE;

  gst_h4mk_recover_init_scan (self, &scan);
  do {
    guint64 from = gst_h4mk_parser_get_offset (scan.parser);

    result = gst_h4mk_scan_next (&scan, &item, error);
    if (result == GST_H4MK_SCAN_ITEM && item.chunk.tag == GST_H4MK_TAG_CORE)
      ok = rewrite_base_block (self, writer, &item, error);
    else if (result == GST_H4MK_SCAN_BAD_BLOCK)
      ok = fill_gap (self, writer, item.chunk.raw_size, error);
    else if (result == GST_H4MK_SCAN_GAP)
      ok = fill_gap (self, writer, gst_h4mk_parser_get_offset (scan.parser)
          - from, error);
  } while (ok && result < GST_H4MK_SCAN_END);
  gst_h4mk_scan_clear (&scan);
  return ok && result == GST_H4MK_SCAN_END;
}

gboolean
gst_h4mk_recover_rewrite_base (GstH4mkRecover * self, GError ** error)
{
  GstH4mkBaseMeta meta = { self->first_size, DEFAULT_FPS_HINT, DEFAULT_GOP,
    FALSE
  };
  GstH4mkBaseWriter *writer;
  gboolean ok;

  if (self->has_base_meta)
    meta = self->base_meta;
  else
    self->recovery->guessed_timing = TRUE;
  writer = gst_h4mk_base_writer_new ((guint) meta.block_size, meta.fps_hint,
      meta.gop, meta.masked, &gst_h4mk_recover_writer_funcs, self);
  ok = rewrite_base_blocks (self, writer, error)
      && gst_h4mk_base_writer_finish (writer, self->safe, error);
  gst_h4mk_base_writer_free (writer);
  return ok;
}
