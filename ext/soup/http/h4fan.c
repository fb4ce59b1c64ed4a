/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <sys/epoll.h>

#include "h4fan.h"
#include "h4fansub.h"

/* Bytes that a client is sent before it is another one's turn. */
#define QUOTA (256 * 1024)

/* How long a client may take nothing, where there is no heartbeat. */
#define DEFAULT_STALL (30 * G_TIME_SPAN_SECOND)

/* How long a client that was told everything may take to leave. */
#define CLOSE_TIME (2 * G_TIME_SPAN_SECOND)

/* What the view of a stream may hold beyond what the stream keeps. */
#define VIEW_SLACK (1024 * 1024)

/* Bytes of a stream that go by unseen while none of its clients takes any. */
#define DOZE (64 * 1024)

#define MAX_EVENTS 512

struct _H4Fan
{
  GThread *thread;
  H4Wake *wake;
  gint epoll;
  gint n_clients;               /* atomic */

  GMutex lock;
  GCond cond;                   /* a stream was removed */
  GQueue commands;

  /* its thread */
  GPtrArray *streams;
  H4FanClient *clients;
  H4FanClient *ready;           /* have more to send than their quota */
  GPtrArray *graveyard;         /* events that were fetched may speak of them */
  H4FanWheel wheel;
  H4FanTurn turn;
  gboolean quit;
};

/* Something for the thread to do: a client, a stream that comes or goes, or
 * nothing of these: the end. */
typedef struct
{
  H4FanClient *client;
  H4FanStream *added;
  H4Stream *removed;
  gint64 linger;
  gboolean *done;
} H4FanCommand;

static guint64
next_client_id (void)
{
  static GMutex lock;
  static guint64 last;
  guint64 id;

  g_mutex_lock (&lock);
  id = ++last;
  g_mutex_unlock (&lock);
  return id;
}

static void
h4_fan_report (H4FanStream * stream)
{
  H4StreamStats *delta = &stream->delta;

  if (stream->subs->len == delta->clients && delta->bytes_sent == 0
      && delta->events_skipped == 0 && delta->clients_dropped == 0)
    return;
  delta->clients = stream->subs->len;
  h4_stream_report (stream->stream, delta);
  memset (delta, 0, sizeof (*delta));
  delta->clients = stream->subs->len;
}

static void
h4_fan_stream_free (H4FanStream * stream)
{
  h4_stream_attach (stream->stream, NULL);
  h4_fan_report (stream);
  h4_stream_view_clear (&stream->view);
  g_ptr_array_unref (stream->subs);
  h4_stream_unref (stream->stream);
  g_free (stream);
}

static H4FanStream *
h4_fan_find_stream (H4Fan * fan, H4Stream * log)
{
  guint i;

  for (i = 0; i < fan->streams->len; i++) {
    H4FanStream *stream = g_ptr_array_index (fan->streams, i);

    if (stream->stream == log)
      return stream;
  }
  return NULL;
}

static void
h4_fan_take_stream (H4FanStream * stream)
{
  h4_stream_take (stream->stream, &stream->view);
  stream->dozing = FALSE;
  stream->fresh = TRUE;
}

/* The stream's thread need not wake this one for events that nobody is sent:
 * there are no clients, or all are blocked. */
static void
h4_fan_let_doze (H4FanStream * stream)
{
  guint i;

  for (i = 0; i < stream->subs->len; i++) {
    const H4FanSub *sub = g_ptr_array_index (stream->subs, i);

    if (!sub->client->blocked)
      return;
  }
  stream->dozing = TRUE;
  h4_stream_doze (stream->stream, &stream->view,
      MIN (DOZE, stream->config->max_lag / 4));
}

static void
h4_fan_rouse (H4FanSub * sub)
{
  if (sub->stream && sub->stream->dozing)
    h4_fan_take_stream (sub->stream);
}

static void
h4_fan_tell (H4FanStream * stream, H4FanClient * client, gboolean added)
{
  h4_fan_report (stream);
  if (stream->func)
    stream->func (stream->stream, client->id, client->address, added,
        stream->user_data);
}

static void
h4_fan_enter_stream (H4Fan * fan, H4FanSub * sub)
{
  sub->stream = h4_fan_find_stream (fan, sub->log);
  if (!sub->stream) {
    sub->over = TRUE;
    return;
  }
  sub->index = sub->stream->subs->len;
  g_ptr_array_add (sub->stream->subs, sub);
  sub->stream->delta.clients_total++;
}

static void
h4_fan_leave_stream (H4FanSub * sub)
{
  H4FanStream *stream = sub->stream;

  if (!stream)
    return;
  g_ptr_array_remove_index_fast (stream->subs, sub->index);
  if (sub->index < stream->subs->len) {
    H4FanSub *moved = g_ptr_array_index (stream->subs, sub->index);

    moved->index = sub->index;
  }
  g_clear_pointer (&sub->chunk, h4_stream_chunk_unref);
  sub->stream = NULL;
  sub->over = TRUE;
  h4_fan_tell (stream, sub->client, FALSE);
}

/* Its connection is closed; the rest of it is there until the turn is over. */
static void
h4_fan_drop (H4Fan * fan, H4FanClient * client)
{
  if (client->fd < 0)
    return;
  h4_fan_wheel_unset (&fan->wheel, &client->timer);
  h4_fan_client_close (client);
  g_ptr_array_add (fan->graveyard, client);
}

static void
h4_fan_drop_slow (H4Fan * fan, H4FanClient * client)
{
  guint i;

  for (i = 0; i < client->n_subs; i++)
    if (client->subs[i].stream)
      client->subs[i].stream->delta.clients_dropped++;
  h4_fan_drop (fan, client);
}

static void
h4_fan_forget_ready (H4Fan * fan, H4FanClient * client)
{
  H4FanClient **p = &fan->ready;

  while (*p && *p != client)
    p = &(*p)->next_ready;
  if (*p)
    *p = client->next_ready;
}

static void
h4_fan_reap (H4Fan * fan)
{
  guint i, j;

  for (i = 0; i < fan->graveyard->len; i++) {
    H4FanClient *client = g_ptr_array_index (fan->graveyard, i);

    for (j = 0; j < client->n_subs; j++)
      h4_fan_leave_stream (&client->subs[j]);
    if (client->ready)
      h4_fan_forget_ready (fan, client);
    if (client->prev)
      client->prev->next = client->next;
    else
      fan->clients = client->next;
    if (client->next)
      client->next->prev = client->prev;
    h4_fan_client_free (client);
    g_atomic_int_add (&fan->n_clients, -1);
  }
  g_ptr_array_set_size (fan->graveyard, 0);
}

static gint64
h4_fan_get_stall (const H4FanClient * client)
{
  return client->heartbeat > 0 ? 2 * client->heartbeat : DEFAULT_STALL;
}

static void
h4_fan_schedule (H4Fan * fan, H4FanClient * client)
{
  gint64 time;

  if (client->closing)
    time = client->deadline;
  else if (client->blocked)
    time = client->progress + h4_fan_get_stall (client);
  else if (client->heartbeat > 0)
    time = client->sent + client->heartbeat;
  else
    return;
  h4_fan_wheel_set (&fan->wheel, &client->timer, time);
}

static void
h4_fan_on_timer (H4FanTimer * timer, gpointer user_data)
{
  H4FanClient *client = (H4FanClient *) timer;
  H4Fan *fan = user_data;
  gint64 now = fan->turn.now;
  H4FanResult result = H4_FAN_SENT;

  if (client->closing) {
    if (now >= client->deadline)
      result = H4_FAN_GONE;
  } else if (client->blocked) {
    if (now - client->progress >= h4_fan_get_stall (client)) {
      if (!h4_fan_client_has_moved (client)) {
        h4_fan_drop_slow (fan, client);
        return;
      }
      client->progress = now;
    }
  } else if (client->heartbeat > 0 && now - client->sent >= client->heartbeat) {
    result = h4_fan_client_say (client, ":\n\n", 3, now);
  }
  if (result == H4_FAN_GONE)
    h4_fan_drop (fan, client);
  else
    h4_fan_schedule (fan, client);
}

/* All was said. */
static void
h4_fan_begin_close (H4Fan * fan, H4FanClient * client)
{
  guint i;

  client->closing = TRUE;
  client->deadline = fan->turn.now + CLOSE_TIME;
  for (i = 0; i < client->n_subs; i++) {
    const H4FanStream *stream = client->subs[i].stream;

    if (stream && stream->removing)
      client->deadline = MIN (client->deadline, stream->deadline);
  }
  h4_fan_client_shutdown (client);
  if (h4_fan_client_drain (client))
    h4_fan_schedule (fan, client);
  else
    h4_fan_drop (fan, client);
}

static gboolean
h4_fan_client_is_over (const H4FanClient * client)
{
  guint i;

  for (i = 0; i < client->n_subs; i++)
    if (!client->subs[i].over)
      return FALSE;
  return TRUE;
}

/* Streams that are over leave a client that has others. */
static void
h4_fan_leave_over (H4FanClient * client)
{
  guint i;

  for (i = 0; i < client->n_subs; i++)
    if (client->subs[i].over)
      h4_fan_leave_stream (&client->subs[i]);
}

static H4FanResult
h4_fan_send_subs (H4Fan * fan, H4FanClient * client, gssize * quota)
{
  H4FanResult result = h4_fan_client_flush (client, fan->turn.now);
  guint i;

  for (i = 0; i < client->n_subs && result == H4_FAN_SENT; i++) {
    H4FanSub *sub = &client->subs[i];

    if (!sub->over && *quota > 0)
      result = h4_fan_sub_serve (sub, &fan->turn, quota);
  }
  return result;
}

static void
h4_fan_serve (H4Fan * fan, H4FanClient * client)
{
  gssize quota = QUOTA;
  H4FanResult result;

  if (client->fd < 0 || client->blocked || client->closing)
    return;
  result = h4_fan_send_subs (fan, client, &quota);
  if (result == H4_FAN_GONE) {
    h4_fan_drop (fan, client);
  } else if (result == H4_FAN_BLOCKED) {
    if (!h4_fan_timer_is_set (&client->timer))
      h4_fan_schedule (fan, client);
  } else if (h4_fan_client_is_over (client)) {
    h4_fan_begin_close (fan, client);
  } else {
    if (client->n_subs > 1)
      h4_fan_leave_over (client);
    if (quota <= 0 && !client->ready) {
      client->ready = TRUE;
      client->next_ready = fan->ready;
      fan->ready = client;
    }
  }
}

static void
h4_fan_serve_ready (H4Fan * fan)
{
  H4FanClient *client = fan->ready;

  fan->ready = NULL;
  while (client) {
    H4FanClient *next = client->next_ready;

    client->ready = FALSE;
    h4_fan_serve (fan, client);
    client = next;
  }
}

static void
h4_fan_serve_stream (H4Fan * fan, H4FanStream * stream)
{
  guint i;

  /* Whoever leaves changes places with the last one, which was served. */
  for (i = stream->subs->len; i-- > 0;) {
    H4FanSub *sub;
    H4FanClient *client;

    if (i >= stream->subs->len)
      continue;
    sub = g_ptr_array_index (stream->subs, i);
    client = sub->client;
    if (client->fd < 0)
      continue;
    if (!client->blocked)
      h4_fan_serve (fan, client);
    else if (!h4_fan_sub_is_slow (sub))
      continue;
    else if (stream->config->disconnect)
      h4_fan_drop_slow (fan, client);
    else
      h4_fan_sub_skip (sub);
  }
}

static void
h4_fan_on_client (H4Fan * fan, H4FanClient * client, guint32 events)
{
  guint i;

  if (client->fd < 0)
    return;
  if (events & (EPOLLERR | EPOLLHUP)) {
    h4_fan_drop (fan, client);
    return;
  }
  if ((events & (EPOLLIN | EPOLLRDHUP)) && !h4_fan_client_drain (client)) {
    h4_fan_drop (fan, client);
    return;
  }
  if ((events & EPOLLOUT) || client->tls) {
    for (i = 0; i < client->n_subs; i++)
      h4_fan_rouse (&client->subs[i]);
    client->blocked = FALSE;
    h4_fan_serve (fan, client);
  }
}

static void
h4_fan_join_streams (H4Fan * fan, H4FanClient * client)
{
  GString *text = fan->turn.text;
  guint i;

  for (i = 0; i < client->n_subs; i++) {
    H4FanSub *sub = &client->subs[i];
    gsize size = text->len;

    h4_fan_enter_stream (fan, sub);
    if (!sub->stream)
      continue;
    /* Live is what comes after it, and not what this thread has yet to see. */
    h4_fan_take_stream (sub->stream);
    h4_fan_sub_join (sub, &fan->turn);
    sub->stream->delta.bytes_sent += text->len - size;
    /* Whoever has waited for it speaks now, and it misses nothing. */
    h4_fan_tell (sub->stream, client, TRUE);
  }
  if (text->len > 0)
    h4_fan_client_keep (client, (const guint8 *) text->str, text->len);
  g_string_truncate (text, 0);
}

static void
h4_fan_take_client (H4Fan * fan, H4FanClient * client)
{
  struct epoll_event event = {
    EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, {client}
  };

  client->next = fan->clients;
  if (fan->clients)
    fan->clients->prev = client;
  fan->clients = client;
  client->sent = client->progress = fan->turn.now;
  h4_fan_join_streams (fan, client);
  if (epoll_ctl (fan->epoll, EPOLL_CTL_ADD, client->fd, &event) < 0) {
    h4_fan_drop (fan, client);
    return;
  }
  h4_fan_serve (fan, client);
  if (client->fd >= 0 && !h4_fan_timer_is_set (&client->timer))
    h4_fan_schedule (fan, client);
}

static void
h4_fan_take_removal (H4Fan * fan, const H4FanCommand * command)
{
  H4FanStream *stream = h4_fan_find_stream (fan, command->removed);

  if (!stream) {
    g_mutex_lock (&fan->lock);
    *command->done = TRUE;
    g_cond_broadcast (&fan->cond);
    g_mutex_unlock (&fan->lock);
    return;
  }
  stream->removing = TRUE;
  stream->deadline = fan->turn.now + command->linger;
  stream->removed = command->done;
  h4_fan_take_stream (stream);
  h4_fan_serve_stream (fan, stream);
}

static void
h4_fan_run_commands (H4Fan * fan)
{
  GQueue commands = G_QUEUE_INIT;
  H4FanCommand *command;

  g_mutex_lock (&fan->lock);
  commands = fan->commands;
  g_queue_init (&fan->commands);
  g_mutex_unlock (&fan->lock);
  while ((command = g_queue_pop_head (&commands)) != NULL) {
    if (command->client) {
      h4_fan_take_client (fan, command->client);
    } else if (command->added) {
      h4_stream_take (command->added->stream, &command->added->view);
      g_ptr_array_add (fan->streams, command->added);
    } else if (command->removed) {
      h4_fan_take_removal (fan, command);
    } else {
      fan->quit = TRUE;
    }
    g_free (command);
  }
}

/* Time is up: whoever has no other stream is closed. */
static void
h4_fan_force_removal (H4Fan * fan, H4FanStream * stream)
{
  guint i;

  for (i = stream->subs->len; i-- > 0;) {
    H4FanSub *sub;

    if (i >= stream->subs->len)
      continue;
    sub = g_ptr_array_index (stream->subs, i);
    sub->over = TRUE;
    if (h4_fan_client_is_over (sub->client))
      h4_fan_drop (fan, sub->client);
    else
      h4_fan_leave_stream (sub);
  }
}

static void
h4_fan_run_removals (H4Fan * fan)
{
  guint i;

  for (i = fan->streams->len; i-- > 0;) {
    H4FanStream *stream = g_ptr_array_index (fan->streams, i);

    if (!stream->removing)
      continue;
    if (stream->subs->len > 0 && fan->turn.now >= stream->deadline) {
      h4_fan_force_removal (fan, stream);
      h4_fan_reap (fan);
    }
    if (stream->subs->len == 0) {
      gboolean *removed = stream->removed;

      g_ptr_array_remove_index_fast (fan->streams, i);
      g_mutex_lock (&fan->lock);
      *removed = TRUE;
      g_cond_broadcast (&fan->cond);
      g_mutex_unlock (&fan->lock);
    }
  }
}

/* What the log has dropped goes, unless someone who is not slow is about to
 * be sent it. */
static void
h4_fan_trim_view (H4Fan * fan, H4FanStream * stream)
{
  H4StreamView *view = &stream->view;
  const H4StreamChunk *oldest = h4_stream_view_get (view, view->head);

  if (!fan->ready || (oldest && view->total - oldest->start
          > 2 * stream->config->history_bytes + VIEW_SLACK))
    h4_stream_view_trim (view, view->kept);
}

static void
h4_fan_serve_streams (H4Fan * fan)
{
  gsize size = fan->streams->len;
  gboolean *has_news = g_newa (gboolean, size + 1);
  guint i;

  for (i = 0; i < size; i++) {
    H4FanStream *stream = g_ptr_array_index (fan->streams, i);

    if (h4_stream_has_news (stream->stream))
      h4_fan_take_stream (stream);
    has_news[i] = stream->fresh;
    stream->fresh = FALSE;
  }
  for (i = 0; i < size; i++) {
    if (has_news[i])
      h4_fan_serve_stream (fan, g_ptr_array_index (fan->streams, i));
  }
  h4_fan_serve_ready (fan);
  for (i = 0; i < size; i++) {
    H4FanStream *stream = g_ptr_array_index (fan->streams, i);

    h4_fan_trim_view (fan, stream);
    h4_fan_report (stream);
    if (has_news[i])
      h4_fan_let_doze (stream);
  }
}

/* ms to wait for events */
static gint
h4_fan_get_timeout (H4Fan * fan)
{
  gint64 time = h4_fan_wheel_get_next (&fan->wheel);
  gint64 now = g_get_monotonic_time ();
  guint i;

  if (fan->ready)
    return 0;
  for (i = 0; i < fan->streams->len; i++) {
    const H4FanStream *stream = g_ptr_array_index (fan->streams, i);

    if (stream->removing && (time < 0 || stream->deadline < time))
      time = stream->deadline;
  }
  if (time < 0)
    return -1;
  return CLAMP ((time - now + 999) / 1000, 0, G_MAXINT);
}

static void
h4_fan_turn (H4Fan * fan)
{
  struct epoll_event events[MAX_EVENTS];
  gint i, n;

  n = epoll_wait (fan->epoll, events, MAX_EVENTS, h4_fan_get_timeout (fan));
  fan->turn.now = g_get_monotonic_time ();
  for (i = 0; i < n; i++) {
    if (events[i].data.ptr)
      h4_fan_on_client (fan, events[i].data.ptr, events[i].events);
    else
      h4_wake_clear (fan->wake);
  }
  h4_fan_run_commands (fan);
  h4_fan_serve_streams (fan);
  h4_fan_wheel_run (&fan->wheel, fan->turn.now, h4_fan_on_timer, fan);
  h4_fan_reap (fan);
  h4_fan_run_removals (fan);
}

static gpointer
h4_fan_run (gpointer user_data)
{
  H4Fan *fan = user_data;
  H4FanClient *client;

  fan->turn.now = g_get_monotonic_time ();
  h4_fan_wheel_init (&fan->wheel, fan->turn.now);
  while (!fan->quit)
    h4_fan_turn (fan);
  for (client = fan->clients; client; client = client->next)
    h4_fan_drop (fan, client);
  h4_fan_reap (fan);
  return NULL;
}

static gboolean
h4_fan_open (H4Fan * fan, GError ** error)
{
  struct epoll_event event = { EPOLLIN, {NULL} };
  gint code;

  fan->wake = h4_wake_new (error);
  if (!fan->wake)
    return FALSE;
  fan->epoll = epoll_create1 (EPOLL_CLOEXEC);
  if (fan->epoll < 0 || epoll_ctl (fan->epoll, EPOLL_CTL_ADD, fan->wake->fd,
          &event) < 0)
    goto no_epoll;
  fan->thread = g_thread_try_new ("h4-fan", h4_fan_run, fan, error);
  return fan->thread != NULL;

  /* ERRORS */
no_epoll:
  {
    code = errno;
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "epoll: %s",
        g_strerror (code));
    return FALSE;
  }
}

H4Fan *
h4_fan_new (GError ** error)
{
  H4Fan *fan = g_new0 (H4Fan, 1);

  fan->epoll = -1;
  g_mutex_init (&fan->lock);
  g_cond_init (&fan->cond);
  g_queue_init (&fan->commands);
  fan->streams = g_ptr_array_new_with_free_func ((GDestroyNotify)
      h4_fan_stream_free);
  fan->graveyard = g_ptr_array_new ();
  fan->turn.text = g_string_new (NULL);
  if (!h4_fan_open (fan, error)) {
    h4_fan_free (fan);
    return NULL;
  }
  return fan;
}

static void
h4_fan_post (H4Fan * fan, const H4FanCommand * command)
{
  g_mutex_lock (&fan->lock);
  g_queue_push_tail (&fan->commands, g_memdup2 (command, sizeof (*command)));
  g_mutex_unlock (&fan->lock);
  h4_wake_signal (fan->wake);
}

/* What came after the thread had ended. */
static void
h4_fan_clear_commands (H4Fan * fan)
{
  H4FanCommand *command;

  while ((command = g_queue_pop_head (&fan->commands)) != NULL) {
    g_clear_pointer (&command->client, h4_fan_client_free);
    g_clear_pointer (&command->added, h4_fan_stream_free);
    g_free (command);
  }
}

void
h4_fan_free (H4Fan * fan)
{
  H4FanCommand quit = { NULL };

  if (fan->thread) {
    h4_fan_post (fan, &quit);
    g_thread_join (fan->thread);
  }
  h4_fan_clear_commands (fan);
  g_ptr_array_unref (fan->streams);
  g_ptr_array_unref (fan->graveyard);
  g_string_free (fan->turn.text, TRUE);
  if (fan->epoll >= 0)
    close (fan->epoll);
  g_clear_pointer (&fan->wake, h4_wake_unref);
  g_cond_clear (&fan->cond);
  g_mutex_clear (&fan->lock);
  g_free (fan);
}

void
h4_fan_add_stream (H4Fan * fan, H4Stream * stream, H4FanClientFunc func,
    gpointer user_data)
{
  H4FanStream *added = g_new0 (H4FanStream, 1);
  H4FanCommand command = { NULL, added };

  added->stream = h4_stream_ref (stream);
  added->config = h4_stream_get_config (stream);
  added->func = func;
  added->user_data = user_data;
  added->subs = g_ptr_array_new ();
  h4_stream_view_init (&added->view);
  h4_stream_attach (stream, fan->wake);
  h4_fan_post (fan, &command);
}

void
h4_fan_remove_stream (H4Fan * fan, H4Stream * stream, gint64 linger)
{
  gboolean done = FALSE;
  H4FanCommand command = { NULL, NULL, stream, MAX (linger, 0), &done };

  h4_fan_post (fan, &command);
  g_mutex_lock (&fan->lock);
  while (!done)
    g_cond_wait (&fan->cond, &fan->lock);
  g_mutex_unlock (&fan->lock);
}

void
h4_fan_add_client (H4Fan * fan, GIOStream * connection,
    const H4FanSubscription * subscription)
{
  H4FanCommand command = { h4_fan_client_new (connection, subscription) };

  if (!command.client)
    return;
  command.client->id = next_client_id ();
  g_atomic_int_inc (&fan->n_clients);
  h4_fan_post (fan, &command);
}

guint
h4_fan_count_clients (H4Fan * fan)
{
  return g_atomic_int_get (&fan->n_clients);
}
