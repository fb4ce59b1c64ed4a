/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "h4streamview.h"

#define MIN_RING 8

void
h4_stream_view_init (H4StreamView * view)
{
  memset (view, 0, sizeof (*view));
  view->ring = g_new (H4StreamChunk *, MIN_RING);
  view->mask = MIN_RING - 1;
}

void
h4_stream_view_clear (H4StreamView * view)
{
  h4_stream_view_trim (view, view->next);
  g_clear_pointer (&view->meta, h4_stream_meta_unref);
  g_clear_pointer (&view->ring, g_free);
}

static void
h4_stream_view_grow (H4StreamView * view)
{
  guint64 mask = view->mask * 2 + 1;
  H4StreamChunk **ring = g_new (H4StreamChunk *, mask + 1);
  guint64 seq;

  for (seq = view->head; seq < view->next; seq++)
    ring[seq & mask] = view->ring[seq & view->mask];
  g_free (view->ring);
  view->ring = ring;
  view->mask = mask;
}

void
h4_stream_view_push (H4StreamView * view, H4StreamChunk * chunk)
{
  /* The log dropped chunks that were never taken. */
  if (chunk->seq != view->next) {
    h4_stream_view_trim (view, view->next);
    view->head = view->next = chunk->seq;
  }
  if (view->next - view->head > view->mask)
    h4_stream_view_grow (view);
  view->ring[view->next & view->mask] = h4_stream_chunk_ref (chunk);
  view->next++;
}

void
h4_stream_view_trim (H4StreamView * view, guint64 seq)
{
  for (; view->head < seq && view->head < view->next; view->head++)
    h4_stream_chunk_unref (view->ring[view->head & view->mask]);
}

H4StreamChunk *
h4_stream_view_get (const H4StreamView * view, guint64 seq)
{
  if (seq < view->head || seq >= view->next)
    return NULL;
  return view->ring[seq & view->mask];
}

gsize
h4_stream_view_get_size (const H4StreamView * view, const H4StreamChunk * chunk)
{
  return chunk->seq + 1 == view->next ? view->tail_size : chunk->size;
}

guint
h4_stream_view_get_n_events (const H4StreamView * view,
    const H4StreamChunk * chunk)
{
  return chunk->seq + 1 == view->next ? view->tail_events : chunk->n_events;
}

static guint64
h4_stream_view_get_first (const H4StreamView * view)
{
  return MIN (MAX (view->head, view->epoch_seq), view->next);
}

static void
h4_stream_view_get_end (const H4StreamView * view, H4StreamPlace * place)
{
  place->seq = view->next;
  place->offset = 0;
  place->n = view->last_n;
  if (h4_stream_view_get_first (view) < view->next) {
    place->seq--;
    place->offset = view->tail_size;
  }
}

void
h4_stream_view_get_live (const H4StreamView * view, H4StreamPlace * place)
{
  h4_stream_view_get_end (view, place);
  if (view->finished && place->seq < view->next) {
    place->offset = h4_stream_chunk_get_begin (h4_stream_view_get (view,
            place->seq), view->tail_events - 1);
    place->n--;
  }
}

static void
h4_stream_view_get_earliest (const H4StreamView * view, H4StreamPlace * place)
{
  place->seq = h4_stream_view_get_first (view);
  place->offset = 0;
  place->n = place->seq < view->next ?
      h4_stream_view_get (view, place->seq)->first_n - 1 : view->last_n;
}

/* After event n, which is not before the earliest and not the latest. */
static void
h4_stream_view_find (const H4StreamView * view, guint64 n,
    H4StreamPlace * place)
{
  guint64 low = h4_stream_view_get_first (view), high = view->next - 1;
  const H4StreamChunk *chunk;

  while (low < high) {
    guint64 middle = low + (high - low + 1) / 2;

    if (h4_stream_view_get (view, middle)->first_n <= n + 1)
      low = middle;
    else
      high = middle - 1;
  }
  chunk = h4_stream_view_get (view, low);
  place->seq = low;
  place->offset = h4_stream_chunk_get_begin (chunk, n + 1 - chunk->first_n);
  place->n = n;
}

H4StreamJoin
h4_stream_view_join (const H4StreamView * view, const gchar * last_id,
    H4StreamPlace * place, guint64 * lost)
{
  gchar epoch[H4_STREAM_EPOCH_SIZE + 1];
  guint64 n;

  *lost = 0;
  h4_stream_view_get_earliest (view, place);
  if (g_str_equal (last_id, "earliest"))
    return H4_STREAM_JOIN_WHOLE;
  if (!h4_stream_parse_id (last_id, epoch, &n)
      || !g_str_equal (epoch, view->epoch) || n > view->last_n)
    return H4_STREAM_JOIN_EPOCH;
  if (n < place->n) {
    *lost = place->n - n;
    return H4_STREAM_JOIN_HISTORY;
  }
  if (n == view->last_n)
    h4_stream_view_get_end (view, place);
  else
    h4_stream_view_find (view, n, place);
  return H4_STREAM_JOIN_WHOLE;
}

H4StreamMeta *
h4_stream_view_get_meta (const H4StreamView * view, const H4StreamPlace * place)
{
  const H4StreamChunk *chunk = h4_stream_view_get (view, place->seq);

  if (!chunk || place->offset == h4_stream_view_get_size (view, chunk))
    return view->meta;
  return chunk->meta;
}
