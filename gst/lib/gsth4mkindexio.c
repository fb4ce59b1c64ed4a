/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4mkindex-private.h"

/* enough for the heads of all spans that no page has yet */
#define MAX_CACHE ((gsize) 16 << 20)
/* what stays between two calls */
#define KEPT_PIECES 4
#define KEPT_SIZE ((gsize) 1 << 20)

typedef struct
{
  guint64 offset;
  GBytes *bytes;
} Piece;

const guint8 *
gst_h4mk_index_cached (GstH4mkIndex * index, guint64 offset, gsize size)
{
  guint i;

  for (i = index->pieces->len; i > 0; i--) {
    Piece *piece = g_ptr_array_index (index->pieces, i - 1);
    gsize have;
    const guint8 *data = g_bytes_get_data (piece->bytes, &have);

    if (offset < piece->offset || offset - piece->offset > have
        || size > have - (gsize) (offset - piece->offset))
      continue;
    /* the last one used is the last one to go */
    if (i < index->pieces->len) {
      memmove (index->pieces->pdata + i - 1, index->pieces->pdata + i,
          (index->pieces->len - i) * sizeof (gpointer));
      index->pieces->pdata[index->pieces->len - 1] = piece;
    }
    return data + (gsize) (offset - piece->offset);
  }
  return NULL;
}

static void
drop_oldest (GstH4mkIndex * index)
{
  Piece *piece = g_ptr_array_remove_index (index->pieces, 0);

  index->pieces_size -= g_bytes_get_size (piece->bytes);
  g_bytes_unref (piece->bytes);
  g_free (piece);
}

void
gst_h4mk_index_forget (GstH4mkIndex * index, guint64 offset)
{
  guint i;

  for (i = index->pieces->len; i > 0; i--) {
    Piece *piece = g_ptr_array_index (index->pieces, i - 1);

    if (piece->offset != offset)
      continue;
    g_ptr_array_remove_index (index->pieces, i - 1);
    index->pieces_size -= g_bytes_get_size (piece->bytes);
    g_bytes_unref (piece->bytes);
    g_free (piece);
    return;
  }
}

void
gst_h4mk_index_trim (GstH4mkIndex * index)
{
  while (index->pieces->len > 0 && (index->pieces->len > KEPT_PIECES
          || index->pieces_size > KEPT_SIZE))
    drop_oldest (index);
}

/**
 * gst_h4mk_index_get_read:
 * @index: an index
 * @offset: in the file
 *
 * Planning a seek reads the beginning of the span that playing then goes on
 * with: who plays need not read it again. What else was read for the plan, but
 * for the latest of it, is forgotten: the next seek is elsewhere.
 *
 * Returns: (transfer full) (nullable): what was read of the file from @offset
 *   on, as far as it is still known
 *
 * Since: 1.0
 */
GBytes *
gst_h4mk_index_get_read (GstH4mkIndex * index, guint64 offset)
{
  GBytes *bytes = NULL;
  guint i;

  for (i = index->pieces->len; i > 0 && !bytes; i--) {
    Piece *piece = g_ptr_array_index (index->pieces, i - 1);
    gsize size = g_bytes_get_size (piece->bytes);

    if (offset >= piece->offset && offset - piece->offset < size)
      bytes = g_bytes_new_from_bytes (piece->bytes, offset - piece->offset,
          size - (gsize) (offset - piece->offset));
  }
  gst_h4mk_index_trim (index);
  return bytes;
}

void
gst_h4mk_index_drop_pieces (GstH4mkIndex * index)
{
  while (index->pieces->len > 0)
    drop_oldest (index);
}

static const guint8 *
add_piece (GstH4mkIndex * index, guint64 offset, GBytes * bytes)
{
  Piece *piece = g_new (Piece, 1);

  piece->offset = offset;
  piece->bytes = bytes;
  g_ptr_array_add (index->pieces, piece);
  index->pieces_size += g_bytes_get_size (bytes);
  while (index->pieces_size > MAX_CACHE && index->pieces->len > 1)
    drop_oldest (index);
  return g_bytes_get_data (bytes, NULL);
}

const guint8 *
gst_h4mk_index_peek (GstH4mkIndex * index, guint64 offset, gsize size,
    gsize ahead, GError ** error)
{
  const guint8 *data = gst_h4mk_index_cached (index, offset, size);
  guint64 left;
  GBytes *bytes;
  gsize want;

  if (data)
    return data;
  if (size == 0)
    return (const guint8 *) "";
  if (offset > index->file_size || size > index->file_size - offset) {
    gst_h4mk_error_set (error, GST_H4MK_ERROR_TRUNCATED, 0, offset,
        "the file ends before the bytes that should stand here");
    return NULL;
  }
  left = index->file_size - offset;
  if (index->is_stream)
    ahead = 0;
  want = (gsize) MIN ((guint64) MAX (size, ahead), left);
  bytes = index->read (offset, want, index->user_data, error);
  if (!bytes)
    return NULL;
  if (g_bytes_get_size (bytes) < size) {
    g_bytes_unref (bytes);
    gst_h4mk_error_set (error, GST_H4MK_ERROR_TRUNCATED, 0, offset,
        "the file has become shorter than it was");
    return NULL;
  }
  return add_piece (index, offset, bytes);
}

const guint8 *
gst_h4mk_index_peek_next (GstH4mkIndex * index, guint64 offset, gsize size,
    GError ** error)
{
  const guint8 *data = gst_h4mk_index_cached (index, offset, size);

  if (data)
    return data;
  if (offset + size >= index->last_end && offset <= index->last_end)
    index->ahead = MIN (index->ahead * 2, GST_H4MK_READ_LARGE);
  else
    index->ahead = GST_H4MK_READ_SMALL;
  data = gst_h4mk_index_peek (index, offset, size, index->ahead, error);
  if (data)
    index->last_end = offset + MAX (size, index->ahead);
  return data;
}

/* Damage can be told of and lived with; a read that fails or must wait ends
 * the call. */
gboolean
gst_h4mk_index_is_damage (const GError * error)
{
  return error->domain == GST_H4MK_ERROR;
}

/* A whole chunk of that tag, with its CRC and form checked. */
gboolean
gst_h4mk_index_chunk (GstH4mkIndex * index, guint64 offset, guint32 tag,
    gsize ahead, GstH4mkChunk * chunk, GError ** error)
{
  const guint8 *raw;
  GstH4mkChunkHeader header;

  raw = gst_h4mk_index_peek (index, offset, GST_H4MK_CHUNK_HEADER_SIZE, ahead,
      error);
  if (!raw)
    return FALSE;
  gst_h4mk_chunk_header_read (&header, raw);
  if (header.tag != tag)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, tag, offset,
        "it does not stand where the file says");
  if (header.size > gst_h4mk_chunk_limit (tag))
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_LIMIT, tag, offset,
        "a length of %u bytes, more than a reader takes", header.size);
  raw = gst_h4mk_index_peek (index, offset,
      GST_H4MK_CHUNK_HEADER_SIZE + (gsize) header.size, ahead, error);
  return raw && gst_h4mk_chunk_init (chunk, raw, offset, error)
      && gst_h4mk_chunk_check (chunk, index->profile, error);
}

gboolean
gst_h4mk_index_place (GstH4mkIndex * index, guint64 stored, guint64 * place)
{
  gint64 result;

  if (stored > G_MAXINT64
      || !gst_h4_sub_i64 (stored, index->displacement, &result))
    return FALSE;
  *place = (guint64) result;
  return result >= GST_H4MK_HEADER_SIZE && *place < index->file_size;
}

/* tracks: (transfer none) */
gboolean
gst_h4mk_index_load_trak (GstH4mkIndex * index, guint64 place,
    GstH4mkTracks ** tracks, GError ** error)
{
  GstH4mkChunk chunk;
  GError *inner = NULL;
  GstH4mkTracks *loaded;

  /* that of a stream joined midway was copied to the front */
  if (place < index->data_offset) {
    *tracks = index->tracks;
    return TRUE;
  }
  if (!index->trak_tracks || index->trak_offset != place) {
    if (!gst_h4mk_index_chunk (index, place, GST_H4MK_TAG_TRAK,
            GST_H4MK_READ_SMALL, &chunk, error))
      return FALSE;
    loaded = gst_h4mk_tracks_from_json (chunk.payload, chunk.size, &inner);
    if (!loaded)
      return gst_h4mk_chunk_error (&chunk, inner, error);
    g_clear_pointer (&index->trak_tracks, gst_h4mk_tracks_unref);
    index->trak_tracks = loaded;
    index->trak_offset = place;
  }
  *tracks = index->trak_tracks;
  return TRUE;
}
