/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "h4fansub.h"

/* What a client of several streams is told at once. */
#define MAX_TEXT (16 * 1024)

static gboolean
h4_fan_sub_is_one_of_several (const H4FanSub * sub)
{
  return sub->client->n_subs > 1;
}

static H4FanResult
h4_fan_sub_say (H4FanSub * sub, H4FanTurn * turn)
{
  gsize size = turn->text->len;
  H4FanResult result;

  if (size == 0)
    return H4_FAN_SENT;
  result = h4_fan_client_say (sub->client, turn->text->str, size, turn->now);
  sub->stream->delta.bytes_sent += size;
  g_string_truncate (turn->text, 0);
  return result;
}

static void
h4_fan_sub_write_retry (H4FanSub * sub, GString * text)
{
  if (sub->client->greeted)
    return;
  sub->client->greeted = TRUE;
  g_string_append_printf (text, "retry:%u\n", sub->stream->config->retry);
}

/* A JSON object, in which one of several streams is named. */
static void
h4_fan_sub_write_object (H4FanSub * sub, GString * text, const gchar * json,
    gsize size)
{
  if (h4_fan_sub_is_one_of_several (sub) && size >= 2 && *json == '{') {
    g_string_append_printf (text, "{\"stream\":\"%s\"%s",
        h4_stream_get_name (sub->log), json[1] == '}' ? "" : ",");
    json++;
    size--;
  }
  g_string_append_len (text, json, size);
}

static void
h4_fan_sub_write_meta (H4FanSub * sub, GString * text, H4StreamMeta * meta)
{
  h4_fan_sub_write_retry (sub, text);
  sub->meta_serial = meta->serial;
  g_string_append (text, "event:meta\ndata:");
  h4_fan_sub_write_object (sub, text, meta->json, meta->size);
  g_string_append (text, "\n\n");
}

static void
h4_fan_sub_write_gap (H4FanSub * sub, GString * text, gboolean counted,
    guint64 lost, const gchar * reason)
{
  gchar json[96];

  if (counted)
    g_snprintf (json, sizeof (json),
        "{\"lost\":%" G_GUINT64_FORMAT ",\"reason\":\"%s\"}", lost, reason);
  else
    g_snprintf (json, sizeof (json), "{\"lost\":null,\"reason\":\"%s\"}",
        reason);
  h4_fan_sub_write_retry (sub, text);
  g_string_append (text, "event:gap\ndata:");
  h4_fan_sub_write_object (sub, text, json, strlen (json));
  g_string_append (text, "\n\n");
}

static void
h4_fan_sub_go (H4FanSub * sub, const H4StreamPlace * place)
{
  H4StreamChunk *chunk = h4_stream_view_get (&sub->stream->view, place->seq);

  g_clear_pointer (&sub->chunk, h4_stream_chunk_unref);
  sub->chunk = chunk ? h4_stream_chunk_ref (chunk) : NULL;
  sub->seq = place->seq;
  sub->offset = place->offset;
  sub->n = place->n;
  memcpy (sub->epoch, sub->stream->view.epoch, sizeof (sub->epoch));
}

void
h4_fan_sub_join (H4FanSub * sub, H4FanTurn * turn)
{
  H4StreamView *view = &sub->stream->view;
  H4StreamJoin join = H4_STREAM_JOIN_WHOLE;
  H4StreamPlace place;
  H4StreamMeta *meta;
  guint64 lost = 0;

  if (sub->last_id)
    join = h4_stream_view_join (view, sub->last_id, &place, &lost);
  else
    h4_stream_view_get_live (view, &place);
  g_clear_pointer (&sub->last_id, g_free);
  h4_fan_sub_go (sub, &place);

  meta = h4_stream_view_get_meta (view, &place);
  if (meta)
    h4_fan_sub_write_meta (sub, turn->text, meta);
  if (join == H4_STREAM_JOIN_HISTORY)
    h4_fan_sub_write_gap (sub, turn->text, TRUE, lost, "history");
  else if (join == H4_STREAM_JOIN_EPOCH)
    h4_fan_sub_write_gap (sub, turn->text, FALSE, 0, "epoch");
}

/* Goes on with what is live, and says what it did not get. */
static void
h4_fan_sub_write_skip (H4FanSub * sub, GString * text)
{
  H4StreamView *view = &sub->stream->view;
  gboolean counted = g_str_equal (sub->epoch, view->epoch);
  guint64 n = counted ? sub->n : 0;
  H4StreamPlace place;

  sub->skip = FALSE;
  h4_stream_view_get_live (view, &place);
  h4_fan_sub_go (sub, &place);
  /* `done` was the event that was cut. */
  sub->over = counted && place.n < n;
  if (counted && place.n <= n)
    return;
  sub->stream->delta.events_skipped += place.n - n;
  h4_fan_sub_write_gap (sub, text, counted, place.n - n, "slow");
}

/* The ids of all its streams, this one's first. */
static void
h4_fan_sub_write_ids (H4FanSub * sub, GString * text, guint64 n)
{
  H4FanClient *client = sub->client;
  guint i;

  g_string_append_printf (text, "id:%s=%s-%" G_GUINT64_FORMAT,
      h4_stream_get_name (sub->log), sub->epoch, n);
  for (i = 0; i < client->n_subs; i++) {
    H4FanSub *other = &client->subs[i];

    if (other != sub && *other->epoch)
      g_string_append_printf (text, ",%s=%s-%" G_GUINT64_FORMAT,
          h4_stream_get_name (other->log), other->epoch, other->n);
  }
  g_string_append_c (text, '\n');
}

static gboolean
h4_fan_sub_is_last (const H4FanSub * sub)
{
  const H4StreamView *view = &sub->stream->view;

  return sub->seq + 1 == view->next ? view->tail_last : sub->chunk->last;
}

/* An event for a client of several streams: its own id line; where the event
 * tells of the stream itself, its name. */
static void
h4_fan_sub_write_event (H4FanSub * sub, GString * text, guint index,
    guint n_events)
{
  const H4StreamChunk *chunk = sub->chunk;
  const gchar *begin = (const gchar *) chunk->data
      + h4_stream_chunk_get_begin (chunk, index);
  const gchar *end = (const gchar *) chunk->data
      + h4_stream_chunk_get_end (chunk, index);
  const gchar *rest = (const gchar *) memchr (begin, '\n', end - begin) + 1;

  h4_fan_sub_write_retry (sub, text);
  h4_fan_sub_write_ids (sub, text, chunk->first_n + index);
  if ((chunk->has_meta && index == 0)
      || (h4_fan_sub_is_last (sub) && index + 1 == n_events)) {
    const gchar *data = g_strstr_len (rest, end - rest, "\ndata:") + 6;

    g_string_append_len (text, rest, data - rest);
    h4_fan_sub_write_object (sub, text, data, end - data);
  } else {
    g_string_append_len (text, rest, end - rest);
  }
}

static H4FanResult
h4_fan_sub_tell_events (H4FanSub * sub, H4FanTurn * turn)
{
  const H4StreamChunk *chunk = sub->chunk;
  guint n_events = h4_stream_view_get_n_events (&sub->stream->view, chunk);
  guint i = h4_stream_chunk_find (chunk, n_events, sub->offset);

  for (; i < n_events && turn->text->len < MAX_TEXT; i++) {
    h4_fan_sub_write_event (sub, turn->text, i, n_events);
    sub->n = chunk->first_n + i;
    sub->offset = h4_stream_chunk_get_end (chunk, i);
    sub->stream->delta.events_sent++;
  }
  return h4_fan_sub_say (sub, turn);
}

/* The log's own bytes, as many as the socket takes. */
static H4FanResult
h4_fan_sub_send_events (H4FanSub * sub, H4FanTurn * turn, gsize size)
{
  const H4StreamChunk *chunk = sub->chunk;
  guint n_events = h4_stream_view_get_n_events (&sub->stream->view, chunk);
  H4FanResult result;
  gsize sent;
  guint64 n;

  result = h4_fan_client_send (sub->client, chunk->data + sub->offset,
      size - sub->offset, &sent, turn->now);
  sub->offset += sent;
  n = chunk->first_n - 1 + (sub->offset == size ? n_events
      : h4_stream_chunk_find (chunk, n_events, sub->offset));
  sub->stream->delta.bytes_sent += sent;
  sub->stream->delta.events_sent += n - sub->n;
  sub->n = n;
  return result;
}

/* Enters the chunk that is next. FALSE: there is none yet. Text to be said
 * first is in turn->text. */
static gboolean
h4_fan_sub_enter (H4FanSub * sub, H4FanTurn * turn)
{
  H4StreamView *view = &sub->stream->view;
  H4StreamChunk *chunk = h4_stream_view_get (view, sub->seq);

  if (!chunk) {
    if (sub->seq >= view->next)
      return FALSE;
    /* The log went on faster than it could be sent. */
    h4_fan_sub_write_skip (sub, turn->text);
    return TRUE;
  }
  sub->chunk = h4_stream_chunk_ref (chunk);
  sub->offset = 0;
  sub->n = chunk->first_n - 1;
  memcpy (sub->epoch, chunk->epoch, sizeof (sub->epoch));
  if (chunk->meta && chunk->meta->serial != sub->meta_serial) {
    if (chunk->has_meta)
      sub->meta_serial = chunk->meta->serial;
    else
      h4_fan_sub_write_meta (sub, turn->text, chunk->meta);
  }
  return TRUE;
}

/* All of the chunk was sent. FALSE: there is nothing after it yet. */
static gboolean
h4_fan_sub_leave (H4FanSub * sub)
{
  sub->over = h4_fan_sub_is_last (sub);
  if (sub->over || sub->seq + 1 == sub->stream->view.next)
    return FALSE;
  g_clear_pointer (&sub->chunk, h4_stream_chunk_unref);
  sub->seq++;
  sub->offset = 0;
  return TRUE;
}

/* It has all that there is. */
static H4FanResult
h4_fan_sub_rest (H4FanSub * sub, H4FanTurn * turn)
{
  H4StreamMeta *meta = sub->stream->view.meta;

  if (meta && meta->serial != sub->meta_serial && !sub->over)
    h4_fan_sub_write_meta (sub, turn->text, meta);
  if (sub->stream->removing)
    sub->over = TRUE;
  return h4_fan_sub_say (sub, turn);
}

H4FanResult
h4_fan_sub_serve (H4FanSub * sub, H4FanTurn * turn, gssize * quota)
{
  H4FanResult result = H4_FAN_SENT;

  if (sub->skip)
    h4_fan_sub_write_skip (sub, turn->text);
  while (!sub->over && result == H4_FAN_SENT && *quota > 0) {
    gsize size, offset;

    if (!sub->chunk && !h4_fan_sub_enter (sub, turn))
      return h4_fan_sub_rest (sub, turn);
    if (!sub->client->greeted)
      h4_fan_sub_write_retry (sub, turn->text);
    if (turn->text->len > 0) {
      result = h4_fan_sub_say (sub, turn);
      continue;
    }
    size = h4_stream_view_get_size (&sub->stream->view, sub->chunk);
    offset = sub->offset;
    if (offset == size) {
      if (!h4_fan_sub_leave (sub))
        return h4_fan_sub_rest (sub, turn);
    } else if (h4_fan_sub_is_one_of_several (sub)) {
      result = h4_fan_sub_tell_events (sub, turn);
    } else {
      result = h4_fan_sub_send_events (sub, turn, size);
    }
    if (sub->offset > offset)
      *quota -= sub->offset - offset;
  }
  return result;
}

/* Where the event ends of which something is sent or was offered; offset
 * itself where that is between two. last: (out): which one it is. */
static gsize
h4_fan_sub_find_cut (const H4FanSub * sub, const H4StreamChunk * chunk,
    guint * last)
{
  guint n_events = h4_stream_view_get_n_events (&sub->stream->view, chunk);
  gsize offered = sub->client->offered;
  guint i = h4_stream_chunk_find (chunk, n_events, sub->offset);

  if (sub->client->rest || i == n_events || (offered == 0
          && sub->offset == h4_stream_chunk_get_begin (chunk, i)))
    return sub->offset;
  if (offered > 0)
    i = h4_stream_chunk_find (chunk, n_events, sub->offset + offered - 1);
  *last = i;
  return h4_stream_chunk_get_end (chunk, i);
}

/* An event that is being sent does not count: it may be larger than what a
 * client may be behind. */
gboolean
h4_fan_sub_is_slow (const H4FanSub * sub)
{
  const H4StreamView *view = &sub->stream->view;
  const H4StreamChunk *chunk = sub->chunk;
  guint64 behind;
  guint last;

  if (sub->over || sub->skip || sub->seq >= view->next)
    return FALSE;
  if (sub->seq < view->head)
    return TRUE;
  if (!chunk)
    chunk = h4_stream_view_get (view, sub->seq);
  behind = view->total - chunk->start;
  return behind - sub->offset > sub->stream->config->max_lag
      && behind - h4_fan_sub_find_cut (sub, chunk, &last)
      > sub->stream->config->max_lag;
}

void
h4_fan_sub_skip (H4FanSub * sub)
{
  const H4StreamChunk *chunk = sub->chunk;
  guint last;
  gsize end;

  sub->skip = TRUE;
  if (!chunk)
    return;
  end = h4_fan_sub_find_cut (sub, chunk, &last);
  if (end > sub->offset) {
    h4_fan_client_keep (sub->client, chunk->data + sub->offset,
        end - sub->offset);
    sub->stream->delta.bytes_sent += end - sub->offset;
    sub->stream->delta.events_sent += chunk->first_n + last - sub->n;
    sub->n = chunk->first_n + last;
  }
  g_clear_pointer (&sub->chunk, h4_stream_chunk_unref);
}
