/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4mkoutput.h"
#include "gsth4mkchunk.h"

/* Waking a thread costs what hashing this much does. */
#define MIN_PARALLEL_SIZE (64 * 1024)
/* room for a LINK */
#define MAX_LATER_SIZE 1024

void
gst_h4mk_output_init (GstH4mkOutput * output, const GstH4mkWriterFuncs * funcs,
    gpointer user_data)
{
  memset (output, 0, sizeof (*output));
  output->funcs = *funcs;
  output->user_data = user_data;
  output->veri = gst_h4_sha256_new ();
  output->hasher = gst_h4_hasher_new ();
  output->pieces = g_array_new (FALSE, FALSE, sizeof (GstH4mkPiece));
  output->to_hash = g_array_new (FALSE, FALSE, sizeof (GstH4Bytes));
  output->held_owners = g_ptr_array_new ();
  output->veri_later = g_byte_array_new ();
}

/* Nothing is being hashed any more. */
static void
gst_h4mk_output_hashed (GstH4mkOutput * output)
{
  guint i;

  output->hashing = FALSE;
  gst_h4_sha256_update (output->veri, output->veri_later->data,
      output->veri_later->len);
  g_byte_array_set_size (output->veri_later, 0);
  for (i = 0; i < output->held_owners->len; i++)
    gst_h4mk_output_free_owner (output,
        g_ptr_array_index (output->held_owners, i));
  g_ptr_array_set_size (output->held_owners, 0);
  g_clear_pointer (&output->held_bytes, g_bytes_unref);
}

static void
gst_h4mk_output_wait (GstH4mkOutput * output)
{
  if (!output->hashing)
    return;
  gst_h4_hasher_wait (output->hasher);
  gst_h4mk_output_hashed (output);
}

void
gst_h4mk_output_reap (GstH4mkOutput * output)
{
  if (output->hashing && !gst_h4_hasher_is_busy (output->hasher))
    gst_h4mk_output_hashed (output);
}

void
gst_h4mk_output_clear (GstH4mkOutput * output)
{
  gst_h4mk_output_wait (output);
  gst_h4_hasher_free (output->hasher);
  g_ptr_array_unref (output->held_owners);
  g_byte_array_unref (output->veri_later);
  gst_h4_sha256_free (output->veri);
  g_array_unref (output->pieces);
  g_array_unref (output->to_hash);
  g_clear_pointer (&output->bytes, g_bytes_unref);
  g_clear_error (&output->failed);
}

gboolean
gst_h4mk_output_check (GstH4mkOutput * output, GError ** error)
{
  if (!output->failed)
    return TRUE;
  g_propagate_error (error, g_error_copy (output->failed));
  return FALSE;
}

gboolean
gst_h4mk_output_fail (GstH4mkOutput * output, GError * failure, GError ** error)
{
  if (!failure)
    failure = g_error_new_literal (GST_H4MK_ERROR, GST_H4MK_ERROR_INVALID,
        "the bytes were not taken");
  g_clear_error (&output->failed);
  output->failed = failure;
  return gst_h4mk_output_check (output, error);
}

gboolean
gst_h4mk_output_fail_digest (GstH4mkOutput * output, GError ** error)
{
  return gst_h4mk_output_fail (output, g_error_new_literal (GST_H4MK_ERROR,
          GST_H4MK_ERROR_INVALID, "libcrypto offers no SHA-256"), error);
}

void
gst_h4mk_output_begin (GstH4mkOutput * output, gsize copies)
{
  output->memory = g_malloc (MAX (copies, 1));
  output->used = 0;
  output->bytes = g_bytes_new_take (output->memory, copies);
  output->size = 0;
  /* VERI begins after the file's header */
  output->hashed = output->offset < GST_H4MK_HEADER_SIZE ?
      GST_H4MK_HEADER_SIZE - output->offset : 0;
  g_array_set_size (output->pieces, 0);
}

static void
gst_h4mk_output_add_piece (GstH4mkOutput * output, const GstH4mkPiece * piece)
{
  g_array_append_vals (output->pieces, piece, 1);
  output->size += piece->size;
}

void
gst_h4mk_output_copy (GstH4mkOutput * output, const guint8 * data, gsize size)
{
  GstH4mkPiece piece = { output->memory + output->used, size, output->bytes,
    NULL
  };
  GstH4mkPiece *last;

  if (size == 0)
    return;
  memcpy (output->memory + output->used, data, size);
  output->used += size;
  if (output->pieces->len > 0) {
    last = &g_array_index (output->pieces, GstH4mkPiece,
        output->pieces->len - 1);
    if (last->bytes && last->data + last->size == piece.data) {
      last->size += size;
      output->size += size;
      return;
    }
  }
  gst_h4mk_output_add_piece (output, &piece);
}

void
gst_h4mk_output_pass (GstH4mkOutput * output, const guint8 * data, gsize size,
    gpointer owner)
{
  GstH4mkPiece piece = { data, size, NULL, owner };

  gst_h4mk_output_add_piece (output, &piece);
}

static void
gst_h4mk_output_find_unhashed (GstH4mkOutput * output)
{
  guint64 place = 0;
  guint i;

  g_array_set_size (output->to_hash, 0);
  for (i = 0; i < output->pieces->len; i++) {
    const GstH4mkPiece *piece =
        &g_array_index (output->pieces, GstH4mkPiece, i);
    guint64 end = place + piece->size;

    if (end > output->hashed) {
      gsize done = output->hashed > place ? output->hashed - place : 0;
      GstH4Bytes bytes = { piece->data + done, piece->size - done };

      g_array_append_val (output->to_hash, bytes);
    }
    place = end;
  }
}

/* With another hash to take of the same bytes, and enough of them, VERI's runs
 * beside it and on while they are being written and the next come. */
void
gst_h4mk_output_hash (GstH4mkOutput * output, GstH4Sha256 * other)
{
  const GstH4Bytes *bytes;
  guint64 size =
      output->size > output->hashed ? output->size - output->hashed : 0;

  gst_h4mk_output_wait (output);
  gst_h4mk_output_find_unhashed (output);
  output->hashed = MAX (output->hashed, output->size);
  bytes = (const GstH4Bytes *) output->to_hash->data;
  if (other && size >= MIN_PARALLEL_SIZE && gst_h4_hasher_pays (output->hasher)) {
    output->hashing = TRUE;
    gst_h4_hasher_start (output->hasher, output->veri, bytes,
        output->to_hash->len);
    gst_h4_sha256_update_all (other, NULL, bytes, output->to_hash->len);
  } else {
    gst_h4_sha256_update_all (output->veri, other, bytes, output->to_hash->len);
  }
}

/* What was not hashed is hashed; a little that comes behind what still is
 * waits for it. */
static void
gst_h4mk_output_hash_rest (GstH4mkOutput * output)
{
  guint i;

  if (output->hashing && !output->held_bytes)
    output->held_bytes = g_bytes_ref (output->bytes);
  if (!output->hashing || output->size - output->hashed > MAX_LATER_SIZE) {
    gst_h4mk_output_hash (output, NULL);
    return;
  }
  gst_h4mk_output_find_unhashed (output);
  for (i = 0; i < output->to_hash->len; i++) {
    const GstH4Bytes *b = &g_array_index (output->to_hash, GstH4Bytes, i);

    g_byte_array_append (output->veri_later, b->data, (guint) b->size);
  }
}

gboolean
gst_h4mk_output_write (GstH4mkOutput * output, GstH4mkWriteFlags flags,
    GError ** error)
{
  GError *failure = NULL;
  gboolean taken;

  taken = output->funcs.write ((const GstH4mkPiece *) output->pieces->data,
      output->pieces->len, flags, output->user_data, &failure);
  gst_h4mk_output_hash_rest (output);
  output->offset += output->size;
  g_array_set_size (output->pieces, 0);
  g_clear_pointer (&output->bytes, g_bytes_unref);
  output->memory = NULL;
  return taken || gst_h4mk_output_fail (output, failure, error);
}

gboolean
gst_h4mk_output_write_array (GstH4mkOutput * output, const GByteArray * array,
    GstH4mkWriteFlags flags, GError ** error)
{
  gst_h4mk_output_begin (output, array->len);
  gst_h4mk_output_copy (output, array->data, array->len);
  return gst_h4mk_output_write (output, flags, error);
}

void
gst_h4mk_output_skip (GstH4mkOutput * output, const guint8 * data, gsize size)
{
  gsize header = output->offset < GST_H4MK_HEADER_SIZE ?
      GST_H4MK_HEADER_SIZE - output->offset : 0;

  header = MIN (header, size);
  gst_h4_sha256_update (output->veri, data + header, size - header);
  output->offset += size;
}

void
gst_h4mk_output_release_owner (GstH4mkOutput * output, gpointer owner)
{
  if (output->hashing)
    g_ptr_array_add (output->held_owners, owner);
  else
    gst_h4mk_output_free_owner (output, owner);
}

void
gst_h4mk_output_free_owner (GstH4mkOutput * output, gpointer owner)
{
  if (owner && output->funcs.free_owner)
    output->funcs.free_owner (owner);
}

gboolean
gst_h4mk_output_hash_tail (GstH4mkOutput * output, const GByteArray * tail,
    guint8 digest[GST_H4_SHA256_SIZE])
{
  gst_h4mk_output_wait (output);
  gst_h4_sha256_update (output->veri, tail->data + output->tail_hashed,
      tail->len - output->tail_hashed);
  output->tail_hashed = tail->len;
  return gst_h4_sha256_peek (output->veri, digest);
}

gboolean
gst_h4mk_output_finish (GstH4mkOutput * output, GByteArray * tail,
    GError ** error)
{
  guint8 digest[GST_H4MK_VERI_SIZE];

  if (!gst_h4mk_output_hash_tail (output, tail, digest))
    return gst_h4mk_output_fail_digest (output, error);
  gst_h4mk_chunk_append (tail, GST_H4MK_TAG_VERI, digest, sizeof (digest));

  gst_h4mk_output_begin (output, tail->len);
  gst_h4mk_output_copy (output, tail->data, tail->len);
  output->hashed = tail->len;
  return gst_h4mk_output_write (output, GST_H4MK_WRITE_TAIL, error);
}
