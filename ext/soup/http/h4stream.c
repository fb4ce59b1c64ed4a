/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "h4stream.h"
#include "h4streamview.h"

#define MIN_CHUNK 4096
#define MAX_CHUNK (64 * 1024)

/* "id:", epoch, "-", digits, "\nevent:", name, "\ndata:", data, "\n\n" */
#define MAX_DIGITS 20
#define FRAME_SIZE (3 + H4_STREAM_EPOCH_SIZE + 1 + MAX_DIGITS + 7 + 6 + 2)

struct _H4Stream
{
  gint refs;
  gchar *name;
  H4StreamConfig config;
  gsize chunk_size;
  gint news;                    /* atomic: the sender was told of some */

  GMutex lock;
  H4Wake *wake;                 /* of the sender, or NULL */
  guint64 taken;                /* seq of the first chunk it has not seen */
  guint64 wake_at;              /* the total that it is woken at */
  GQueue chunks;
  guint64 next_seq;
  gboolean full;                /* the last chunk takes no more */
  gsize bytes;                  /* allocated by chunks */
  guint64 n_kept;               /* events in chunks */
  guint64 total;
  gchar epoch[H4_STREAM_EPOCH_SIZE + 1];
  guint64 epoch_seq;
  guint64 n;                    /* of the epoch's latest event */
  H4StreamMeta *meta;
  guint meta_serial;
  gboolean finished;
  gboolean changed;             /* since begin */
  gint64 now;                   /* at begin */
  GString *lines;               /* of data with several */
  H4StreamStats stats;
};

static void
h4_stream_draw_epoch (H4Stream * stream)
{
  gchar epoch[H4_STREAM_EPOCH_SIZE + 1];

  do
    g_snprintf (epoch, sizeof (epoch), "%08x", g_random_int ());
  while (g_str_equal (epoch, stream->epoch));
  memcpy (stream->epoch, epoch, sizeof (epoch));
  stream->epoch_seq = stream->next_seq;
  stream->n = 0;
}

H4Stream *
h4_stream_new (const H4StreamConfig * config)
{
  H4Stream *stream = g_new0 (H4Stream, 1);

  stream->refs = 1;
  stream->name = g_strdup (config->name);
  stream->config = *config;
  stream->config.name = stream->name;
  stream->chunk_size = CLAMP (config->history_bytes / 8, MIN_CHUNK, MAX_CHUNK);
  stream->lines = g_string_new (NULL);
  g_mutex_init (&stream->lock);
  g_queue_init (&stream->chunks);
  h4_stream_draw_epoch (stream);
  return stream;
}

H4Stream *
h4_stream_ref (H4Stream * stream)
{
  g_atomic_int_inc (&stream->refs);
  return stream;
}

void
h4_stream_unref (H4Stream * stream)
{
  if (!g_atomic_int_dec_and_test (&stream->refs))
    return;
  g_queue_clear_full (&stream->chunks, (GDestroyNotify) h4_stream_chunk_unref);
  g_clear_pointer (&stream->meta, h4_stream_meta_unref);
  g_clear_pointer (&stream->wake, h4_wake_unref);
  g_string_free (stream->lines, TRUE);
  g_mutex_clear (&stream->lock);
  g_free (stream->name);
  g_free (stream);
}

const gchar *
h4_stream_get_name (H4Stream * stream)
{
  return stream->name;
}

static gsize
h4_stream_chunk_cost (const H4StreamChunk * chunk)
{
  return sizeof (H4StreamChunk) + chunk->capacity;
}

static gboolean
h4_stream_may_drop_unlocked (H4Stream * stream, const H4StreamChunk * oldest)
{
  if (stream->bytes > stream->config.history_bytes)
    return TRUE;
  if (stream->wake && oldest->seq >= stream->taken)
    return FALSE;
  if (oldest->seq < stream->epoch_seq)
    return TRUE;
  return stream->n_kept - oldest->n_events >= stream->config.history_events
      && stream->now - oldest->time > stream->config.history_time;
}

static void
h4_stream_trim_unlocked (H4Stream * stream)
{
  H4StreamChunk *oldest;

  while ((oldest = g_queue_peek_head (&stream->chunks)) != NULL
      && h4_stream_may_drop_unlocked (stream, oldest)) {
    g_queue_pop_head (&stream->chunks);
    stream->bytes -= h4_stream_chunk_cost (oldest);
    stream->n_kept -= oldest->n_events;
    h4_stream_chunk_unref (oldest);
  }
}

/* A chunk that takes an event of so many bytes. */
static H4StreamChunk *
h4_stream_reserve_unlocked (H4Stream * stream, gsize event_size)
{
  H4StreamChunk *chunk = g_queue_peek_tail (&stream->chunks);

  if (chunk && !stream->full && h4_stream_chunk_fits (chunk, event_size))
    return chunk;
  chunk = h4_stream_chunk_new (stream->chunk_size, event_size);
  chunk->seq = stream->next_seq++;
  chunk->start = stream->total;
  chunk->first_n = stream->n + 1;
  memcpy (chunk->epoch, stream->epoch, sizeof (chunk->epoch));
  chunk->meta = stream->meta ? h4_stream_meta_ref (stream->meta) : NULL;
  stream->bytes += h4_stream_chunk_cost (chunk);
  stream->full = FALSE;
  h4_stream_trim_unlocked (stream);
  g_queue_push_tail (&stream->chunks, chunk);
  return chunk;
}

static gchar *
put (gchar * p, const gchar * text, gsize size)
{
  memcpy (p, text, size);
  return p + size;
}

static gchar *
put_number (gchar * p, guint64 value)
{
  gchar digits[MAX_DIGITS];
  guint i = MAX_DIGITS;

  do
    digits[--i] = '0' + value % 10;
  while ((value /= 10) > 0);
  return put (p, digits + i, MAX_DIGITS - i);
}

/* A `data:` line for each line; whoever reads them takes a space away that
 * stands first. */
static void
h4_stream_split_lines (GString * out, const gchar * data, gsize size)
{
  const gchar *end = data + size;

  g_string_truncate (out, 0);
  if (size > 0 && *data == ' ')
    g_string_append_c (out, ' ');
  while (data < end) {
    const gchar *line = data;

    while (data < end && *data != '\n' && *data != '\r')
      data++;
    g_string_append_len (out, line, data - line);
    if (data == end)
      break;
    if (*data++ == '\r' && data < end && *data == '\n')
      data++;
    g_string_append (out, "\ndata:");
    if (data < end && *data == ' ')
      g_string_append_c (out, ' ');
  }
}

static gboolean
needs_split (const gchar * data, gsize size)
{
  return size > 0 && (*data == ' ' || memchr (data, '\n', size) != NULL
      || memchr (data, '\r', size) != NULL);
}

void
h4_stream_append (H4Stream * stream, const gchar * event, const gchar * data,
    gsize size)
{
  gsize name_size = strlen (event);
  H4StreamChunk *chunk;
  gchar *start, *p;

  if (stream->finished)
    return;
  if (needs_split (data, size)) {
    h4_stream_split_lines (stream->lines, data, size);
    data = stream->lines->str;
    size = stream->lines->len;
  }
  chunk = h4_stream_reserve_unlocked (stream, FRAME_SIZE + name_size + size);
  start = p = (gchar *) chunk->data + chunk->size;
  p = put (p, "id:", 3);
  p = put (p, stream->epoch, H4_STREAM_EPOCH_SIZE);
  *p++ = '-';
  p = put_number (p, ++stream->n);
  p = put (p, "\nevent:", 7);
  p = put (p, event, name_size);
  p = put (p, "\ndata:", 6);
  p = put (p, data, size);
  p = put (p, "\n\n", 2);

  chunk->time = stream->now;
  h4_stream_chunk_add (chunk, p - start);
  stream->total += p - start;
  stream->n_kept++;
  stream->stats.events++;
  stream->changed = TRUE;
}

void
h4_stream_begin (H4Stream * stream)
{
  gint64 now = g_get_monotonic_time ();

  g_mutex_lock (&stream->lock);
  stream->now = now;
}

void
h4_stream_end (H4Stream * stream)
{
  H4Wake *wake = NULL;

  if (stream->changed && stream->wake && stream->total >= stream->wake_at
      && !g_atomic_int_get (&stream->news)) {
    g_atomic_int_set (&stream->news, TRUE);
    wake = h4_wake_ref (stream->wake);
  }
  stream->changed = FALSE;
  g_mutex_unlock (&stream->lock);

  /* The sender would at once want the lock. */
  if (wake) {
    h4_wake_signal (wake);
    h4_wake_unref (wake);
  }
}

void
h4_stream_set_meta (H4Stream * stream, const gchar * json, gsize size)
{
  h4_stream_begin (stream);
  if (!stream->finished && !(stream->meta && stream->meta->size == size
          && memcmp (stream->meta->json, json, size) == 0)) {
    g_clear_pointer (&stream->meta, h4_stream_meta_unref);
    stream->meta = h4_stream_meta_new (++stream->meta_serial, json, size);
    stream->full = TRUE;
    stream->changed = TRUE;
    stream->wake_at = 0;
    if (stream->n > 0) {
      h4_stream_append (stream, "meta", json, size);
      ((H4StreamChunk *) g_queue_peek_tail (&stream->chunks))->has_meta = TRUE;
    }
  }
  h4_stream_end (stream);
}

gchar *
h4_stream_dup_meta (H4Stream * stream)
{
  gchar *json = NULL;

  g_mutex_lock (&stream->lock);
  if (stream->meta)
    json = g_strndup (stream->meta->json, stream->meta->size);
  g_mutex_unlock (&stream->lock);
  return json;
}

void
h4_stream_finish (H4Stream * stream, const gchar * json, gsize size)
{
  h4_stream_begin (stream);
  if (!stream->finished) {
    h4_stream_append (stream, "done", json, size);
    ((H4StreamChunk *) g_queue_peek_tail (&stream->chunks))->last = TRUE;
    stream->full = TRUE;
    stream->finished = TRUE;
    stream->wake_at = 0;
  }
  h4_stream_end (stream);
}

void
h4_stream_restart (H4Stream * stream)
{
  h4_stream_begin (stream);
  h4_stream_draw_epoch (stream);
  g_clear_pointer (&stream->meta, h4_stream_meta_unref);
  stream->full = TRUE;
  stream->finished = FALSE;
  stream->changed = TRUE;
  stream->wake_at = 0;
  h4_stream_end (stream);
}

gboolean
h4_stream_parse_id (const gchar * id, gchar epoch[H4_STREAM_EPOCH_SIZE + 1],
    guint64 * n)
{
  guint i;

  for (i = 0; i < H4_STREAM_EPOCH_SIZE; i++) {
    if (!g_ascii_isxdigit (id[i]) || g_ascii_isupper (id[i]))
      return FALSE;
    epoch[i] = id[i];
  }
  epoch[i] = '\0';
  return id[i] == '-'
      && g_ascii_string_to_unsigned (id + i + 1, 10, 0, G_MAXUINT64, n, NULL);
}

gboolean
h4_stream_is_over (H4Stream * stream, const gchar * last_id)
{
  gchar epoch[H4_STREAM_EPOCH_SIZE + 1];
  gboolean over;
  guint64 n;

  if (!last_id || !h4_stream_parse_id (last_id, epoch, &n))
    return FALSE;
  g_mutex_lock (&stream->lock);
  over = stream->finished && n == stream->n
      && g_str_equal (epoch, stream->epoch);
  g_mutex_unlock (&stream->lock);
  return over;
}

void
h4_stream_get_stats (H4Stream * stream, H4StreamStats * stats)
{
  g_mutex_lock (&stream->lock);
  *stats = stream->stats;
  g_mutex_unlock (&stream->lock);
}

void
h4_stream_attach (H4Stream * stream, H4Wake * wake)
{
  g_mutex_lock (&stream->lock);
  g_clear_pointer (&stream->wake, h4_wake_unref);
  stream->wake = wake ? h4_wake_ref (wake) : NULL;
  stream->taken = 0;
  stream->wake_at = 0;
  g_atomic_int_set (&stream->news, wake != NULL);
  g_mutex_unlock (&stream->lock);
  if (wake)
    h4_wake_signal (wake);
}

const H4StreamConfig *
h4_stream_get_config (H4Stream * stream)
{
  return &stream->config;
}

gboolean
h4_stream_has_news (H4Stream * stream)
{
  return g_atomic_int_get (&stream->news);
}

/* Chunks that came since, from the youngest back to where the view ends. */
static void
h4_stream_take_chunks_unlocked (H4Stream * stream, H4StreamView * view)
{
  GList *l = stream->chunks.tail;

  while (l && l->prev && ((H4StreamChunk *) l->prev->data)->seq >= view->next)
    l = l->prev;
  for (; l; l = l->next) {
    if (((H4StreamChunk *) l->data)->seq >= view->next)
      h4_stream_view_push (view, l->data);
  }
}

void
h4_stream_take (H4Stream * stream, H4StreamView * view)
{
  const H4StreamChunk *oldest, *tail;

  g_mutex_lock (&stream->lock);
  g_atomic_int_set (&stream->news, FALSE);
  stream->wake_at = 0;
  h4_stream_take_chunks_unlocked (stream, view);
  /* Its last chunk may grow. */
  stream->taken = MAX (view->next, 1) - 1;
  oldest = g_queue_peek_head (&stream->chunks);
  tail = g_queue_peek_tail (&stream->chunks);
  view->kept = oldest ? oldest->seq : stream->next_seq;
  view->tail_size = tail ? tail->size : 0;
  view->tail_events = tail ? tail->n_events : 0;
  view->tail_last = tail && tail->last;
  view->finished = stream->finished;
  view->epoch_seq = stream->epoch_seq;
  memcpy (view->epoch, stream->epoch, sizeof (view->epoch));
  view->last_n = stream->n;
  view->total = stream->total;
  if (view->meta != stream->meta) {
    g_clear_pointer (&view->meta, h4_stream_meta_unref);
    view->meta = stream->meta ? h4_stream_meta_ref (stream->meta) : NULL;
  }
  g_mutex_unlock (&stream->lock);
}

void
h4_stream_doze (H4Stream * stream, const H4StreamView * view, gsize size)
{
  g_mutex_lock (&stream->lock);
  if (!g_atomic_int_get (&stream->news))
    stream->wake_at = view->total + size;
  g_mutex_unlock (&stream->lock);
}

void
h4_stream_report (H4Stream * stream, const H4StreamStats * stats)
{
  g_mutex_lock (&stream->lock);
  stream->stats.clients = stats->clients;
  stream->stats.clients_total += stats->clients_total;
  stream->stats.events_sent += stats->events_sent;
  stream->stats.bytes_sent += stats->bytes_sent;
  stream->stats.events_skipped += stats->events_skipped;
  stream->stats.clients_dropped += stats->clients_dropped;
  g_mutex_unlock (&stream->lock);
}
