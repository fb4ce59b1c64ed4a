/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include <gio/gio.h>

#include "gsth4mkrecover.h"
#include "gsth4bytes.h"
#include "gsth4json.h"
#include "gsth4mkproof.h"

#define COPY_SIZE (4 << 20)
/* Images and the like are held until the end is written. */
#define MAX_ATTACHED_BYTES (64 << 20)
/* A group is held until it is written. */
#define MAX_GROUP_SIZE (64 << 20)
/* ns: what no span lasts */
#define FOREVER ((guint64) G_MAXINT64)

void
gst_h4mk_recovery_free (GstH4mkRecovery * recovery)
{
  g_clear_pointer (&recovery->problems, g_ptr_array_unref);
  g_free (recovery);
}

static gboolean
report_progress (guint64 done, guint64 total, gpointer user_data)
{
  GstH4mkRecover *self = user_data;

  if (!self->progress)
    return TRUE;
  return self->progress (self->second_pass ? total + done : done, 2 * total,
      self->progress_data);
}

void
gst_h4mk_recover_init_scan (GstH4mkRecover * self, GstH4mkScan * scan)
{
  gst_h4mk_scan_init (scan, self->read, self->user_data, self->file_size,
      report_progress, self);
}

gboolean
gst_h4mk_recover_keep (GstH4mkRecover * self, const guint8 * data, gsize size,
    GError ** error)
{
  GstH4mkPiece piece = { data, size, NULL, NULL };

  self->recovery->kept_bytes += size;
  return self->out->write (&piece, 1, 0, self->out_data, error);
}

static gboolean
forward_write (const GstH4mkPiece * pieces, guint n_pieces,
    GstH4mkWriteFlags flags, gpointer user_data, GError ** error)
{
  GstH4mkRecover *self = user_data;

  return self->out->write (pieces, n_pieces, flags, self->out_data, error);
}

const GstH4mkWriterFuncs gst_h4mk_recover_writer_funcs = {
  forward_write, NULL, g_free
};

void
gst_h4mk_recover_take_block (const GstH4mkItem * item, GstH4mkBlock * block)
{
  block->record = *item->record;
  /* one byte more, so that there is something to own */
  block->owner = g_malloc (item->chunk.size + 1);
  memcpy (block->owner, item->chunk.payload, item->chunk.size);
  block->data = block->owner;
}

static void
note_attachment (GstH4mkRecover * self, const GstH4mkChunk * chunk)
{
  const guint8 *name, *type, *data;
  guint16 name_size, type_size;
  gchar *name_text, *type_text;
  GstH4Reader r;
  GBytes *bytes;
  gsize size;

  gst_h4_reader_init (&r, chunk->payload, chunk->size);
  if (!gst_h4_reader_u16 (&r, &name_size)
      || !gst_h4_reader_bytes (&r, name_size, &name)
      || !gst_h4_reader_u16 (&r, &type_size)
      || !gst_h4_reader_bytes (&r, type_size, &type))
    return;
  size = gst_h4_reader_left (&r);
  if (size > MAX_ATTACHED_BYTES - self->attached_bytes)
    return;
  gst_h4_reader_bytes (&r, size, &data);
  self->attached_bytes += size;
  bytes = g_bytes_new (data, size);
  name_text = g_strndup ((const gchar *) name, name_size);
  type_text = g_strndup ((const gchar *) type, type_size);
  g_ptr_array_add (self->attachments, gst_h4mk_attachment_new (name_text,
          type_text, bytes));
  g_free (type_text);
  g_free (name_text);
  g_bytes_unref (bytes);
}

static void
note_meta (GstH4mkRecover * self, const GstH4mkItem * item)
{
  g_clear_pointer (&self->meta, json_object_unref);
  self->meta = gst_h4_json_parse_object (item->chunk.payload,
      item->chunk.size, NULL);
  if (self->meta && !item->tracks)
    self->has_base_meta = gst_h4mk_base_meta_read (&self->base_meta,
        self->meta, NULL);
}

static void
survey_item (GstH4mkRecover * self, const GstH4mkItem * item)
{
  switch (item->chunk.tag) {
    case GST_H4MK_TAG_TRAK:
      self->has_tracks = TRUE;
      break;
    case GST_H4MK_TAG_CORE:
      if (self->n_blocks++ == 0)
        self->first_size = item->chunk.size;
      break;
    case GST_H4MK_TAG_META:
      note_meta (self, item);
      break;
    case GST_H4MK_TAG_SAFE:
      g_free (self->safe);
      self->safe = g_strndup ((const gchar *) item->chunk.payload,
          item->chunk.size);
      break;
    case GST_H4MK_TAG_ATTA:
      if (item->tracks)
        note_attachment (self, &item->chunk);
      break;
    default:
      break;
  }
}

static void
note_report (GstH4mkRecover * self, GstH4mkScan * scan, GstH4mkProof * proof)
{
  GstH4mkReport report = { 0 };

  self->profile = gst_h4mk_parser_get_profile (scan->parser);
  self->damaged = scan->problems->len > 0;
  self->read_bytes = gst_h4mk_parser_get_offset (scan->parser);
  self->file_size = scan->file_size;
  gst_h4mk_proof_fill_report (proof, self->profile, self->damaged, &report);
  self->whole = !self->damaged && !report.cut;
  self->joined = report.first_block > 0;
  self->is_signed = *report.key || report.signer != GST_H4MK_SIGNER_NONE;
  self->unlinked = gst_h4mk_proof_is_unlinked (proof);
  self->proven_bytes = report.proven_bytes;
  self->recovery->problems = g_ptr_array_ref (scan->problems);
  self->recovery->lost_bytes = self->file_size - self->read_bytes;
}

/* The first reading: what is there, and what of it holds. */
static gboolean
survey (GstH4mkRecover * self, GError ** error)
{
  GstH4mkProof *proof = gst_h4mk_proof_new (NULL, NULL);
  GstH4mkScanResult result;
  GstH4mkScan scan;
  GstH4mkItem item;

  gst_h4mk_proof_set_check_veri (proof, TRUE);
  gst_h4mk_recover_init_scan (self, &scan);
  do {
    GError *problem = NULL;

    result = gst_h4mk_scan_next (&scan, &item, error);
    if (result == GST_H4MK_SCAN_ITEM) {
      survey_item (self, &item);
      if (!gst_h4mk_proof_item (proof, &item, &problem))
        gst_h4mk_scan_add_problem (&scan, problem);
    }
  } while (result < GST_H4MK_SCAN_END);
  if (result == GST_H4MK_SCAN_END)
    note_report (self, &scan, proof);
  gst_h4mk_scan_clear (&scan);
  gst_h4mk_proof_free (proof);
  return result == GST_H4MK_SCAN_END;
}

static gboolean
copy_prefix (GstH4mkRecover * self, guint64 size, GError ** error)
{
  guint64 offset = 0;

  while (offset < size) {
    GBytes *bytes;
    gboolean ok;

    if (!report_progress (offset, self->file_size, self)) {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
          "cancelled");
      return FALSE;
    }
    bytes = self->read (offset, MIN (COPY_SIZE, size - offset),
        self->user_data, error);
    if (!bytes)
      return FALSE;
    if (g_bytes_get_size (bytes) == 0) {
      g_bytes_unref (bytes);
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED,
          "the file became shorter while it was read");
      return FALSE;
    }
    offset += g_bytes_get_size (bytes);
    ok = gst_h4mk_recover_keep (self, g_bytes_get_data (bytes, NULL),
        g_bytes_get_size (bytes), error);
    g_bytes_unref (bytes);
    if (!ok)
      return FALSE;
  }
  return TRUE;
}

static GHashTable *
get_track_tags (JsonArray * tracks)
{
  GHashTable *track_tags = g_hash_table_new (NULL, NULL);
  guint i;

  for (i = 0; tracks && i < json_array_get_length (tracks); i++) {
    JsonNode *node = json_array_get_element (tracks, i);
    JsonObject *entry = JSON_NODE_HOLDS_OBJECT (node) ?
        json_node_get_object (node) : NULL;
    JsonNode *tags = entry ? json_object_get_member (entry, "tags") : NULL;
    gint64 id = entry ?
        json_object_get_int_member_with_default (entry, "id", 0) : 0;

    if (id > 0 && id <= GST_H4MK_MAX_TRACKS && tags
        && JSON_NODE_HOLDS_OBJECT (tags))
      g_hash_table_insert (track_tags, GUINT_TO_POINTER ((guint) id),
          json_node_get_object (tags));
  }
  return track_tags;
}

static JsonNode *
get_meta_member (GstH4mkRecover * self, const gchar * name, JsonNodeType type)
{
  JsonNode *node = self->meta ? json_object_get_member (self->meta, name) :
      NULL;

  return node && json_node_get_node_type (node) == type ? node : NULL;
}

gboolean
gst_h4mk_recover_finish (GstH4mkRecover * self, GstH4mkWriter * writer,
    gboolean with_attachments, GError ** error)
{
  JsonNode *tags = get_meta_member (self, "tags", JSON_NODE_OBJECT);
  JsonNode *tracks = get_meta_member (self, "tracks", JSON_NODE_ARRAY);
  JsonNode *toc = get_meta_member (self, "toc", JSON_NODE_ARRAY);
  GstH4mkTail tail = { 0 };
  gboolean ok;

  tail.tags = tags ? json_node_get_object (tags) : NULL;
  tail.toc = toc ? json_node_get_array (toc) : NULL;
  tail.safe = self->safe;
  tail.attachments = with_attachments ? self->attachments : NULL;
  tail.track_tags =
      get_track_tags (tracks ? json_node_get_array (tracks) : NULL);
  ok = gst_h4mk_writer_finish (writer, &tail, error);
  g_hash_table_unref (tail.track_tags);
  return ok;
}

/* A recording that is sound but cut: its bytes stay, the rest is added. */
typedef struct
{
  GstH4mkRecover *self;
  GstH4mkWriter *writer;
  guint64 limit;
  /* a later TRAK may not be the last chunk before SEEK: it waits for a block */
  GBytes *trak;
  guint64 trak_offset;
  /* the group is not whole */
  gboolean partial;
} Continuation;

static gboolean
keep_chunk (Continuation * c, const GstH4mkChunk * chunk, GError ** error)
{
  return gst_h4mk_writer_replay (c->writer, chunk, error)
      && gst_h4mk_recover_keep (c->self, chunk->raw, chunk->raw_size, error);
}

static gboolean
keep_trak (Continuation * c, GError ** error)
{
  GstH4mkChunk chunk = { GST_H4MK_TAG_TRAK, c->trak_offset };
  gboolean ok;

  if (!c->trak)
    return TRUE;
  chunk.raw = g_bytes_get_data (c->trak, &chunk.raw_size);
  chunk.payload = chunk.raw + GST_H4MK_CHUNK_HEADER_SIZE;
  chunk.size = chunk.raw_size - GST_H4MK_CHUNK_HEADER_SIZE;
  ok = keep_chunk (c, &chunk, error);
  g_clear_pointer (&c->trak, g_bytes_unref);
  return ok;
}

static gboolean
continue_item (Continuation * c, const GstH4mkItem * item, guint64 group_end,
    GError ** error)
{
  const GstH4mkChunk *chunk = &item->chunk;
  GstH4mkBlock block;

  switch (chunk->tag) {
    case GST_H4MK_TAG_TRAK:
      if (chunk->offset == GST_H4MK_HEADER_SIZE)
        return keep_chunk (c, chunk, error);
      c->trak = g_bytes_new (chunk->raw, chunk->raw_size);
      c->trak_offset = chunk->offset;
      return TRUE;
    case GST_H4MK_TAG_TOKN:
      c->partial = group_end > c->limit;
      if (c->partial)
        return TRUE;
      return keep_trak (c, error) && keep_chunk (c, chunk, error);
    case GST_H4MK_TAG_CORE:
      c->self->recovery->blocks++;
      if (!c->partial)
        return keep_chunk (c, chunk, error);
      gst_h4mk_recover_take_block (item, &block);
      if (keep_trak (c, error))
        return gst_h4mk_writer_add (c->writer, &block, error);
      g_free (block.owner);
      return FALSE;
    default:
      return keep_chunk (c, chunk, error);
  }
}

static gboolean
continue_blocks (Continuation * c, GError ** error)
{
  GstH4mkScanResult result;
  GstH4mkScan scan;
  GstH4mkItem item;
  gboolean ok = TRUE;

  gst_h4mk_recover_init_scan (c->self, &scan);
  while (ok) {
    result = gst_h4mk_scan_next (&scan, &item, error);
    /* damage lies behind the limit */
    if (result != GST_H4MK_SCAN_ITEM) {
      ok = result != GST_H4MK_SCAN_FAILED;
      break;
    }
    if (item.chunk.tag == GST_H4MK_TAG_SEEK || item.chunk.offset >= c->limit)
      break;
    ok = continue_item (c, &item, gst_h4mk_parser_get_offset (scan.parser)
        + gst_h4mk_parser_get_group_left (scan.parser), error);
  }
  gst_h4mk_scan_clear (&scan);
  return ok;
}

static gboolean
continue_cut (GstH4mkRecover * self, guint64 limit, GError ** error)
{
  GstH4mkWriterOptions options;
  Continuation c = { self };
  gboolean ok;

  gst_h4mk_writer_options_init (&options);
  options.group_duration = options.span_duration = FOREVER;
  options.min_index_interval = FOREVER;
  options.group_size = MAX_GROUP_SIZE;
  c.limit = limit;
  c.writer = gst_h4mk_writer_new (&options, &gst_h4mk_recover_writer_funcs,
      self);
  ok = continue_blocks (&c, error)
      && gst_h4mk_recover_finish (self, c.writer, FALSE, error);
  gst_h4mk_writer_free (c.writer);
  g_clear_pointer (&c.trak, g_bytes_unref);
  return ok;
}

static gboolean
nothing (GstH4mkRecover * self, GError ** error, const gchar * what)
{
  return gst_h4mk_error_set (error, GST_H4MK_ERROR_TRUNCATED, 0,
      self->read_bytes, "%s", what);
}

static gboolean
keep_proven (GstH4mkRecover * self, GError ** error)
{
  if (self->proven_bytes == 0)
    return nothing (self, error, "nothing is proven up to here");
  self->recovery->lost_bytes = self->file_size - self->proven_bytes;
  /* the end of a stream that was joined midway says nothing anyhow */
  if (self->joined)
    return copy_prefix (self, self->proven_bytes, error);
  return continue_cut (self, self->proven_bytes, error);
}

static gboolean
write_output (GstH4mkRecover * self, gboolean only_proven, GError ** error)
{
  if (self->whole) {
    self->recovery->blocks = self->n_blocks;
    return copy_prefix (self, self->file_size, error);
  }
  if (self->profile == GST_H4MK_PROFILE_TRACK && only_proven)
    return keep_proven (self, error);
  if (self->profile == GST_H4MK_PROFILE_BASE)
    return self->n_blocks > 0 || self->has_base_meta ?
        gst_h4mk_recover_rewrite_base (self, error) :
        nothing (self, error, "there is no whole block before this");
  if (!self->has_tracks)
    return nothing (self, error, "there is no list of tracks before this");
  if (self->damaged || self->joined || self->is_signed || self->unlinked)
    return gst_h4mk_recover_rewrite (self, error);
  return continue_cut (self, self->file_size, error);
}

/**
 * gst_h4mk_recover: (skip)
 * @read: (scope call): reads the input
 * @user_data: for @read
 * @file_size: bytes of the input
 * @only_proven: keep what is proven as it is, signatures included, and
 *   nothing else
 * @out: where the output goes; only its write function is called, whose
 *   pieces hold for the call alone
 * @out_data: for @out
 * @progress: (nullable) (scope call): called every few MiB
 * @progress_data: for @progress
 * @error: why there is no output
 *
 * Writes a whole file of every block that can be had. A recording that is
 * only cut keeps its own bytes up to its last whole group. Where damage lies
 * in the middle, the stream was joined midway, or a signer's key is announced,
 * everything is written anew and unsigned.
 *
 * Returns: (transfer full) (nullable): what was kept and lost, or %NULL where
 *   reading or writing failed, was cancelled (%G_IO_ERROR_CANCELLED), or there
 *   is nothing to recover
 *
 * Since: 1.0
 */
GstH4mkRecovery *
gst_h4mk_recover (GstH4mkReadFunc read, gpointer user_data, guint64 file_size,
    gboolean only_proven, const GstH4mkWriterFuncs * out, gpointer out_data,
    GstH4mkProgressFunc progress, gpointer progress_data, GError ** error)
{
  GstH4mkRecover self = { read, user_data, file_size, out, out_data, progress,
    progress_data
  };
  gboolean ok;

  self.recovery = g_new0 (GstH4mkRecovery, 1);
  self.attachments = g_ptr_array_new_with_free_func (
      (GDestroyNotify) gst_h4mk_attachment_free);
  ok = survey (&self, error);
  if (ok) {
    self.second_pass = TRUE;
    ok = write_output (&self, only_proven, error);
  }
  g_ptr_array_unref (self.attachments);
  g_clear_pointer (&self.meta, json_object_unref);
  g_free (self.safe);
  if (!ok)
    g_clear_pointer (&self.recovery, gst_h4mk_recovery_free);
  return self.recovery;
}
