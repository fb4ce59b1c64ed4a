/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "h4streamchunk.h"

H4StreamMeta *
h4_stream_meta_new (guint serial, const gchar * json, gsize size)
{
  H4StreamMeta *meta = g_malloc (sizeof (H4StreamMeta) + size);

  meta->refs = 1;
  meta->serial = serial;
  meta->size = size;
  memcpy (meta->json, json, size);
  return meta;
}

H4StreamMeta *
h4_stream_meta_ref (H4StreamMeta * meta)
{
  g_atomic_int_inc (&meta->refs);
  return meta;
}

void
h4_stream_meta_unref (H4StreamMeta * meta)
{
  if (g_atomic_int_dec_and_test (&meta->refs))
    g_free (meta);
}

/* The ends of events stand at the end of data, the first one last, so that
 * neither they nor the events ever move. */
static guint32 *
h4_stream_chunk_ends (const H4StreamChunk * chunk)
{
  return (guint32 *) (gpointer) (chunk->data + chunk->capacity);
}

H4StreamChunk *
h4_stream_chunk_new (gsize capacity, gsize event_size)
{
  H4StreamChunk *chunk = g_new0 (H4StreamChunk, 1);
  const gsize unit = sizeof (guint32);

  capacity = MAX (capacity, event_size + unit);
  capacity = (capacity + unit - 1) / unit * unit;
  chunk->refs = 1;
  chunk->capacity = capacity;
  chunk->data = g_malloc (capacity);
  return chunk;
}

H4StreamChunk *
h4_stream_chunk_ref (H4StreamChunk * chunk)
{
  g_atomic_int_inc (&chunk->refs);
  return chunk;
}

void
h4_stream_chunk_unref (H4StreamChunk * chunk)
{
  if (!g_atomic_int_dec_and_test (&chunk->refs))
    return;
  g_clear_pointer (&chunk->meta, h4_stream_meta_unref);
  g_free (chunk->data);
  g_free (chunk);
}

gboolean
h4_stream_chunk_fits (const H4StreamChunk * chunk, gsize event_size)
{
  gsize taken = chunk->size + (chunk->n_events + 1) * sizeof (guint32);

  return taken <= chunk->capacity && event_size <= chunk->capacity - taken;
}

void
h4_stream_chunk_add (H4StreamChunk * chunk, gsize event_size)
{
  chunk->size += event_size;
  chunk->n_events++;
  h4_stream_chunk_ends (chunk)[-(gssize) chunk->n_events] = chunk->size;
}

gsize
h4_stream_chunk_get_end (const H4StreamChunk * chunk, guint index)
{
  return h4_stream_chunk_ends (chunk)[-(gssize) index - 1];
}

gsize
h4_stream_chunk_get_begin (const H4StreamChunk * chunk, guint index)
{
  return index > 0 ? h4_stream_chunk_get_end (chunk, index - 1) : 0;
}

guint
h4_stream_chunk_find (const H4StreamChunk * chunk, guint n_events, gsize offset)
{
  guint low = 0, high = n_events;

  while (low < high) {
    guint middle = low + (high - low) / 2;

    if (h4_stream_chunk_get_end (chunk, middle) <= offset)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}
