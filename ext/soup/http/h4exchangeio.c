/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Reading has another time-out than writing, and one thread may do each, so
 * both are non-blocking, and wait here. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>

#include "h4exchangeprivate.h"

/* Without a descriptor to be woken by, this often. */
#define LOOK_AGAIN (100 * G_TIME_SPAN_MILLISECOND)

void
h4_exchange_io_init (H4Exchange * ex)
{
  ex->has_cancel_fd =
      g_cancellable_make_pollfd (ex->cancellable, &ex->cancel_fd);
}

void
h4_exchange_io_clear (H4Exchange * ex)
{
  if (ex->has_cancel_fd)
    g_cancellable_release_fd (ex->cancellable);
}

/* FALSE: not within so many µs. */
static gboolean
wait_plain (H4Exchange * ex, GIOCondition condition, gint64 duration)
{
  gint64 end = g_get_monotonic_time () + duration, left = duration;
  GPollFD fds[2];

  fds[0].fd = g_socket_get_fd (ex->socket);
  fds[0].events = condition;
  fds[1] = ex->cancel_fd;
  while (left > 0 && !g_cancellable_is_cancelled (ex->cancellable)) {
    gint64 turn = ex->has_cancel_fd ? left : MIN (left, LOOK_AGAIN);

    fds[0].revents = fds[1].revents = 0;
    if (g_poll (fds, ex->has_cancel_fd ? 2 : 1, (turn + 999) / 1000) > 0)
      return TRUE;
    left = end - g_get_monotonic_time ();
  }
  return left > 0;
}

static gboolean
wake (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

static gboolean
wake_stream (GObject * stream, gpointer data)
{
  return wake (data);
}

static gboolean
wake_cancelled (GCancellable * cancellable, gpointer data)
{
  return wake (data);
}

static void
attach (GMainContext * context, GSource * source, GSourceFunc func,
    gboolean * woken)
{
  g_source_set_callback (source, func, woken, NULL);
  g_source_attach (source, context);
}

/* TLS knows best what it waits for. */
static gboolean
wait_tls (H4Exchange * ex, GIOCondition condition, gint64 duration)
{
  GMainContext *context = g_main_context_new ();
  gboolean ready = FALSE, late = FALSE, cancelled = FALSE;
  GSource *sources[3];
  guint i;

  if (condition == G_IO_IN)
    sources[0] = g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM
        (g_io_stream_get_input_stream (ex->stream)), NULL);
  else
    sources[0] =
        g_pollable_output_stream_create_source (G_POLLABLE_OUTPUT_STREAM
        (g_io_stream_get_output_stream (ex->stream)), NULL);
  attach (context, sources[0], G_SOURCE_FUNC (wake_stream), &ready);
  sources[1] = g_timeout_source_new ((duration + 999) / 1000);
  attach (context, sources[1], wake, &late);
  sources[2] = g_cancellable_source_new (ex->cancellable);
  attach (context, sources[2], G_SOURCE_FUNC (wake_cancelled), &cancelled);
  while (!ready && !late && !cancelled)
    g_main_context_iteration (context, TRUE);
  for (i = 0; i < G_N_ELEMENTS (sources); i++) {
    g_source_destroy (sources[i]);
    g_source_unref (sources[i]);
  }
  g_main_context_unref (context);
  return ready || cancelled;
}

/* error: would block; it is cleared where one may try again. */
static gboolean
wait_for (H4Exchange * ex, GIOCondition condition, gint64 duration,
    GError ** error)
{
  gboolean ready;

  if (!g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return FALSE;
  g_clear_error (error);
  ready = G_IS_TLS_CONNECTION (ex->stream) ?
      wait_tls (ex, condition, duration) : wait_plain (ex, condition, duration);
  if (g_cancellable_set_error_if_cancelled (ex->cancellable, error))
    return FALSE;
  if (ready)
    return TRUE;
  g_propagate_error (error, h4_problem_error (408, NULL, NULL,
          "Nothing %s for %u s.", condition == G_IO_IN ? "came" : "was read",
          (guint) (duration / G_TIME_SPAN_SECOND)));
  return FALSE;
}

gssize
h4_exchange_io_read (H4Exchange * ex, gpointer data, gsize size,
    GError ** error)
{
  GPollableInputStream *stream =
      G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (ex->stream));
  GError *problem = NULL;
  gssize n;

  do {
    n = g_pollable_input_stream_read_nonblocking (stream, data, size,
        ex->cancellable, &problem);
  } while (n < 0 && wait_for (ex, G_IO_IN, h4_http_limits.body, &problem));
  if (problem && g_error_matches (problem, G_IO_ERROR,
          G_IO_ERROR_CONNECTION_CLOSED))
    g_cancellable_cancel (ex->cancellable);
  if (n < 0)
    g_propagate_error (error, problem);
  return n;
}

/* Only the first is written where the stream is not a socket's own, which is
 * as well. */
gboolean
h4_exchange_io_writev (H4Exchange * ex, GOutputVector * vectors,
    guint n_vectors, GError ** error)
{
  GPollableOutputStream *stream =
      G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (ex->stream));
  GError *problem = NULL;
  gboolean ok = TRUE;

  while (ok && n_vectors > 0) {
    gsize n = 0;
    GPollableReturn result;

    if (g_cancellable_set_error_if_cancelled (ex->cancellable, &problem))
      break;
    result = g_pollable_output_stream_writev_nonblocking (stream, vectors,
        n_vectors, &n, ex->cancellable, &problem);
    if (result == G_POLLABLE_RETURN_WOULD_BLOCK)
      g_set_error_literal (&problem, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "");
    if (result != G_POLLABLE_RETURN_OK)
      ok = wait_for (ex, G_IO_OUT, h4_http_limits.answer, &problem);
    while (n_vectors > 0 && n >= vectors->size) {
      n -= vectors->size;
      vectors++;
      n_vectors--;
    }
    if (n > 0) {
      vectors->buffer = (const guint8 *) vectors->buffer + n;
      vectors->size -= n;
    }
  }
  if (!problem)
    return TRUE;
  ex->failed = TRUE;
  /* nobody reads on: what is done for it may end */
  g_cancellable_cancel (ex->cancellable);
  g_propagate_error (error, problem);
  return FALSE;
}

gboolean
h4_exchange_io_write (H4Exchange * ex, gconstpointer data, gsize size,
    GError ** error)
{
  GOutputVector vector = { data, size };

  return size == 0 || h4_exchange_io_writev (ex, &vector, 1, error);
}

void
h4_exchange_io_close_notify (H4Exchange * ex)
{
  g_socket_set_timeout (ex->socket,
      MAX (h4_http_limits.answer / G_TIME_SPAN_SECOND, 1));
  g_output_stream_close (g_io_stream_get_output_stream (ex->stream),
      ex->cancellable, NULL);
}
