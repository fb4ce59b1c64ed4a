/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gio/gio.h>
#include <string.h>

#include "gsth4mkchunks.h"
#include "gsth4mkindex.h"

/* Any bytes, read in every way that there is: pushed, at random, growing, as
 * they are and with checksums that hold. */

int LLVMFuzzerTestOneInput (const guint8 * data, gsize size);

typedef struct
{
  const guint8 *data;
  gsize size;
  gboolean wait;
  gboolean fetched;
} Input;

static GBytes *
read_input (guint64 offset, gsize size, gpointer user_data, GError ** error)
{
  Input *input = user_data;

  if (input->wait && !input->fetched) {
    input->fetched = TRUE;
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "wait");
    return NULL;
  }
  input->fetched = FALSE;
  offset = MIN (offset, input->size);
  return g_bytes_new (input->data + offset, MIN (size, input->size - offset));
}

static gboolean
must_wait (GError ** error)
{
  gboolean wait = g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);

  g_clear_error (error);
  return wait;
}

#define RETRY(ok,call) \
  G_STMT_START { \
    do { \
      ok = (call); \
      if (!ok && !error) \
        g_error ("%s: failed and does not say why", #call); \
    } while (must_wait (&error)); \
  } G_STMT_END

static void
look_at_spans (GstH4mkIndex * index)
{
  guint64 n = gst_h4mk_index_get_n_spans (index), i, found;
  GError *error = NULL;
  gboolean ok;

  for (i = 0; i < MIN (n, 64); i++) {
    GstH4mkSpan span;
    GstH4mkSeekPoint point;
    guint64 number = i < 32 ? i : n - 1 - (i - 32);

    RETRY (ok, gst_h4mk_index_get_span (index, number, &span, &error));
    if (!ok)
      continue;
    RETRY (ok, gst_h4mk_index_get_seek_point (index, number, &point, &error));
    if (ok)
      gst_h4mk_seek_point_clear (&point);
    RETRY (ok, gst_h4mk_index_find_time (index, span.pts, &found, &error));
    RETRY (ok, gst_h4mk_index_find_block (index, span.first_block, &found,
            &error));
  }
}

static void
run_index (const guint8 * data, gsize size, gboolean wait)
{
  Input input = { data, size, wait, FALSE };
  GstH4mkIndex *index = gst_h4mk_index_new (read_input, &input);
  GPtrArray *attachments = NULL;
  GError *error = NULL;
  guint64 found, base_size;
  gboolean ok;

  RETRY (ok, gst_h4mk_index_open (index, size - size / 4, &error));
  if (ok) {
    look_at_spans (index);
    RETRY (ok, gst_h4mk_index_grow (index, size, &error));
    look_at_spans (index);
    gst_h4mk_index_get_duration (index);
    gst_h4mk_index_get_blocks (index);
    RETRY (ok, gst_h4mk_index_resync (index, size / 3, 0, NULL, &found,
            &error));
    RETRY (ok, (attachments = gst_h4mk_index_get_attachments (index,
                &error)) != NULL);
    if (ok)
      g_ptr_array_unref (attachments);
    if (gst_h4mk_index_get_profile (index) == GST_H4MK_PROFILE_BASE)
      RETRY (ok, gst_h4mk_index_get_base_block (index,
              gst_h4mk_index_get_blocks (index) / 2, &found, &base_size,
              &error));
  }
  gst_h4mk_index_free (index);
}

static void
run_parser (const guint8 * data, gsize size, gsize step)
{
  GstH4mkParser *parser = gst_h4mk_parser_new ();
  GstH4mkResult result = GST_H4MK_RESULT_MORE;
  gsize have = 0, need;

  while (result != GST_H4MK_RESULT_ERROR) {
    guint64 offset = gst_h4mk_parser_get_offset (parser);
    GstH4mkItem item;
    GError *error = NULL;

    have = MAX (have, offset);
    result = gst_h4mk_parser_next (parser, data + offset, have - offset, &item,
        &need, &error);
    if ((error != NULL) != (result >= GST_H4MK_RESULT_BAD_BLOCK))
      g_error ("result %d and error %p", result, error);
    g_clear_error (&error);
    if (result == GST_H4MK_RESULT_MORE) {
      if (need <= have - offset)
        g_error ("asks for what it has");
      if (have == size)
        break;
      have = MIN (have + step, size);
    }
  }
  gst_h4mk_parser_end (parser, size - gst_h4mk_parser_get_offset (parser),
      NULL);
  gst_h4mk_parser_free (parser);
}

/* What a TOKN holds is written again as it was, but for what a later version
 * put into it. */
static void
run_token (const guint8 * data, gsize size)
{
  GByteArray *out = g_byte_array_new ();
  GstH4mkToken token;
  gboolean ext = FALSE;
  guint i;

  gst_h4mk_token_init (&token);
  if (gst_h4mk_token_read (&token, data, size, NULL)) {
    for (i = 0; i < token.records->len; i++)
      ext |= (gst_h4mk_token_record (&token, i)->flags &
          GST_H4MK_RECORD_EXT) != 0;
    if (gst_h4mk_token_write (out, &token) && !ext
        && (out->len != size || memcmp (out->data, data, size) != 0))
      g_error ("a TOKN of %u records is not what it was", token.records->len);
  }
  gst_h4mk_token_clear (&token);
  g_byte_array_unref (out);
}

/* Checksums keep a fuzzer out: make those hold that can. */
static guint8 *
mend (const guint8 * data, gsize size)
{
  guint8 *copy = g_malloc (size + 1);
  gsize at = GST_H4MK_HEADER_SIZE;

  memcpy (copy, data, size);
  if (size < at)
    return copy;
  memcpy (copy, "H4MK\0\1\0\0", GST_H4MK_HEADER_SIZE);
  while (size - at >= GST_H4MK_CHUNK_HEADER_SIZE) {
    GstH4mkChunkHeader header;
    guint32 crc;

    gst_h4mk_chunk_header_read (&header, copy + at);
    if (header.size > size - at - GST_H4MK_CHUNK_HEADER_SIZE)
      break;
    crc = GUINT32_TO_BE (gst_h4mk_crc32 (copy + at +
            GST_H4MK_CHUNK_HEADER_SIZE, header.size));
    memcpy (copy + at + 8, &crc, 4);
    at += GST_H4MK_CHUNK_HEADER_SIZE + (gsize) header.size;
  }
  return copy;
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  guint8 *mended;

  if (size == 0)
    data = (const guint8 *) "";
  mended = mend (data, size);
  run_token (data, size);
  run_parser (data, size, 7);
  run_index (data, size, FALSE);
  run_parser (mended, size, size);
  run_index (mended, size, size % 2);
  g_free (mended);
  return 0;
}
