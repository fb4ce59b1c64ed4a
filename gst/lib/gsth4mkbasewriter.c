/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <math.h>

#include "gsth4mkwriter-private.h"
#include "gsth4bytes.h"
#include "gsth4json.h"
#include "gsth4mkchunk.h"
#include "gsth4mktail.h"

#define MAX_COPIED_SIZE 4096
#define MAX_BASE_SEEK_ENTRIES ((GST_H4MK_MAX_CHUNK_SIZE - 4) / 16)

struct _GstH4mkBaseWriter
{
  guint block_size;
  gdouble fps_hint;
  guint gop;
  gboolean masked;

  GstH4mkOutput output;
  gboolean finished;
  /* us between blocks */
  guint64 interval;
  guint64 blocks;
  guint64 block_bytes;
  /* place of each key block in the blocks laid end to end */
  GArray *keys;
};

/**
 * gst_h4mk_base_writer_new: (skip)
 * @block_size: bytes a block, as META states it
 * @fps_hint: blocks a second
 * @gop: every @gop-th block is a key block
 * @masked: whether the blocks are masked
 * @funcs: copied
 * @user_data: for @funcs
 *
 * Makes a writer of the base profile. Settings that a file cannot hold are
 * reported with the first block.
 *
 * Returns: (transfer full): a writer
 *
 * Since: 1.0
 */
GstH4mkBaseWriter *
gst_h4mk_base_writer_new (guint block_size, gdouble fps_hint, guint gop,
    gboolean masked, const GstH4mkWriterFuncs * funcs, gpointer user_data)
{
  GstH4mkBaseWriter *writer = g_new0 (GstH4mkBaseWriter, 1);

  writer->block_size = block_size;
  writer->fps_hint = fps_hint;
  writer->gop = gop;
  writer->masked = masked;
  gst_h4mk_output_init (&writer->output, funcs, user_data);
  writer->keys = g_array_new (FALSE, FALSE, sizeof (guint64));
  return writer;
}

/**
 * gst_h4mk_base_writer_free:
 * @writer: (transfer full): a writer
 *
 * Since: 1.0
 */
void
gst_h4mk_base_writer_free (GstH4mkBaseWriter * writer)
{
  gst_h4mk_output_clear (&writer->output);
  g_array_unref (writer->keys);
  g_free (writer);
}

static gboolean
write_header (GstH4mkBaseWriter * writer, GError ** error)
{
  gdouble interval = floor (1000000.0 / writer->fps_hint);

  /* as much as a time in us may take */
  if (!(writer->fps_hint > 0.0) || !isfinite (writer->fps_hint)
      || interval > (gdouble) (G_MAXINT64 / 1024) || writer->gop == 0) {
    g_set_error (error, GST_H4MK_ERROR, GST_H4MK_ERROR_INVALID,
        "%g blocks a second, a key block every %u: not a stream",
        writer->fps_hint, writer->gop);
    return FALSE;
  }
  writer->interval = (guint64) interval;
  gst_h4mk_output_begin (&writer->output, GST_H4MK_HEADER_SIZE);
  gst_h4mk_output_copy (&writer->output, gst_h4mk_file_header,
      GST_H4MK_HEADER_SIZE);
  return gst_h4mk_output_write (&writer->output, GST_H4MK_WRITE_HEADER, error);
}

static gboolean
check_ready (GstH4mkBaseWriter * writer, GError ** error)
{
  if (!gst_h4mk_output_check (&writer->output, error))
    return FALSE;
  if (writer->finished) {
    g_set_error_literal (error, GST_H4MK_ERROR, GST_H4MK_ERROR_INVALID,
        "the file is finished");
    return FALSE;
  }
  return writer->output.offset > 0 || write_header (writer, error);
}

static gboolean
check_block (GstH4mkBaseWriter * writer, const GstH4mkBlock * block,
    GError ** error)
{
  guint64 size = block->record.size;

  if (size > GST_H4MK_MAX_BLOCK_SIZE) {
    g_set_error (error, GST_H4MK_ERROR, GST_H4MK_ERROR_LIMIT,
        "block %" G_GUINT64_FORMAT " takes %" G_GUINT64_FORMAT
        " bytes, more than 1 GiB", writer->blocks, size);
    return FALSE;
  }
  if (writer->blocks % writer->gop == 0
      && writer->keys->len >= MAX_BASE_SEEK_ENTRIES) {
    g_set_error (error, GST_H4MK_ERROR, GST_H4MK_ERROR_LIMIT,
        "SEEK would take more than 64 MiB at block %" G_GUINT64_FORMAT,
        writer->blocks);
    return FALSE;
  }
  if (writer->interval > 0
      && writer->blocks > (guint64) G_MAXINT64 / writer->interval) {
    g_set_error (error, GST_H4MK_ERROR, GST_H4MK_ERROR_LIMIT,
        "the time of block %" G_GUINT64_FORMAT " leaves 64 bits",
        writer->blocks);
    return FALSE;
  }
  return TRUE;
}

static gboolean
write_block (GstH4mkBaseWriter * writer, const GstH4mkBlock * block,
    GError ** error)
{
  GstH4mkOutput *output = &writer->output;
  gsize size = (gsize) block->record.size;
  gboolean copied = size <= MAX_COPIED_SIZE;
  guint8 header[GST_H4MK_CHUNK_HEADER_SIZE];

  gst_h4mk_put_chunk_header (header, GST_H4MK_TAG_CORE, (guint32) size,
      gst_h4mk_crc32 (block->data, size));
  gst_h4mk_output_begin (output, sizeof (header) + (copied ? size : 0));
  gst_h4mk_output_copy (output, header, sizeof (header));
  if (copied)
    gst_h4mk_output_copy (output, block->data, size);
  else
    gst_h4mk_output_pass (output, block->data, size, block->owner);
  return gst_h4mk_output_write (output, GST_H4MK_WRITE_GROUP, error);
}

/**
 * gst_h4mk_base_writer_add:
 * @writer: a writer
 * @block: the next block; of its record only the size is looked at
 * @error: %GST_H4MK_ERROR_INVALID, %GST_H4MK_ERROR_LIMIT or what the write
 *   function said
 *
 * Writes a block at once, and takes its owner also where this fails.
 *
 * Returns: whether the block was written
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_base_writer_add (GstH4mkBaseWriter * writer,
    const GstH4mkBlock * block, GError ** error)
{
  gboolean ok = check_ready (writer, error)
      && check_block (writer, block, error)
      && write_block (writer, block, error);

  gst_h4mk_output_free_owner (&writer->output, block->owner);
  if (!ok)
    return FALSE;
  if (writer->blocks % writer->gop == 0)
    g_array_append_val (writer->keys, writer->block_bytes);
  writer->blocks++;
  writer->block_bytes += block->record.size;
  return TRUE;
}

static void
put_seek (GstH4mkBaseWriter * writer, GByteArray * out)
{
  guint begin = gst_h4mk_chunk_begin (out), i;

  gst_h4_put_u32 (gst_h4mk_room (out, 4), writer->keys->len);
  for (i = 0; i < writer->keys->len; i++) {
    guint8 *p = gst_h4mk_room (out, 16);

    p = gst_h4_put_u64 (p, (guint64) i * writer->gop * writer->interval);
    gst_h4_put_u64 (p, g_array_index (writer->keys, guint64, i));
  }
  gst_h4mk_chunk_end (out, begin, GST_H4MK_TAG_SEEK);
}

static gboolean
put_meta (GstH4mkBaseWriter * writer, GByteArray * out, GError ** error)
{
  GString *meta = g_string_new (NULL);
  gboolean ok;

  g_string_append_printf (meta, "{\"project\":\"Harmony\303\2304\","
      "\"domain\":\"video-transport\",\"block_size\":%u,\"fps_hint\":",
      writer->block_size);
  gst_h4_json_append_double (meta, writer->fps_hint);
  g_string_append_printf (meta, ",\"gop\":%u,\"masked\":%s}", writer->gop,
      writer->masked ? "true" : "false");
  ok = gst_h4mk_put_meta (out, meta, error);
  g_string_free (meta, TRUE);
  return ok;
}

/**
 * gst_h4mk_base_writer_finish:
 * @writer: a writer
 * @safe: (nullable): JSON text of SAFE; %NULL for the default
 * @error: %GST_H4MK_ERROR_INVALID where @safe is not JSON: nothing of the end
 *   was written then; or what the write function said
 *
 * Writes all that closes the file.
 *
 * Returns: whether the file is whole
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_base_writer_finish (GstH4mkBaseWriter * writer, const gchar * safe,
    GError ** error)
{
  GByteArray *out = g_byte_array_new ();
  gboolean ok = check_ready (writer, error);

  if (ok) {
    put_seek (writer, out);
    ok = put_meta (writer, out, error) && gst_h4mk_put_safe (out, safe, error);
  }
  if (ok) {
    writer->finished = TRUE;
    ok = gst_h4mk_output_finish (&writer->output, out, error);
  }
  g_byte_array_unref (out);
  return ok;
}

/**
 * gst_h4mk_base_writer_get_offset:
 * @writer: a writer
 *
 * Returns: how many bytes were written
 *
 * Since: 1.0
 */
guint64
gst_h4mk_base_writer_get_offset (GstH4mkBaseWriter * writer)
{
  return writer->output.offset;
}
