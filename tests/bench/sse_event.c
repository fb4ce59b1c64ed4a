/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sse_event.h"

#define DATA_SIZE 107
#define NS 1000000000

static gsize
make_data (gchar * data, guint64 n)
{
  gsize size = g_snprintf (data, DATA_SIZE, "{\"n\":%" G_GUINT64_FORMAT
      ",\"t\":%" G_GINT64_FORMAT ",\"x\":\"", n, g_get_monotonic_time ());

  memset (data + size, '0', DATA_SIZE - size - 2);
  memcpy (data + DATA_SIZE - 2, "\"}", 3);
  return DATA_SIZE;
}

static void
add (struct timespec *at, gint64 ns)
{
  ns += at->tv_nsec;
  at->tv_sec += ns / NS;
  at->tv_nsec = ns % NS;
}

static gpointer
publish (gpointer data)
{
  SsePublisher *self = data;
  gchar json[SSE_MAX_BLOCK];
  struct timespec at;
  guint64 n;

  clock_gettime (CLOCK_MONOTONIC, &at);
  for (n = 1; n <= self->count || self->count == 0; n++) {
    if (self->rate > 0) {
      add (&at, NS / self->rate);
      while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &at,
              NULL) == EINTR);
    }
    if (g_atomic_int_get (&self->stop))
      return NULL;
    self->func (n, json, make_data (json, n), self->user_data);
  }
  self->func (n, NULL, 0, self->user_data);
  return NULL;
}

void
sse_publisher_start (SsePublisher * publisher)
{
  publisher->stop = FALSE;
  publisher->thread = g_thread_new ("publisher", publish, publisher);
}

void
sse_publisher_stop (SsePublisher * publisher)
{
  g_atomic_int_set (&publisher->stop, TRUE);
  g_thread_join (publisher->thread);
}

gsize
sse_event_frame (gchar * block, guint64 n, const gchar * data, gsize size)
{
  return g_snprintf (block, SSE_MAX_BLOCK, "id:" SSE_EPOCH "-%"
      G_GUINT64_FORMAT "\nevent:token\ndata:%.*s\n\n", n, (gint) size, data);
}

gint
sse_listen (void)
{
  struct sockaddr_in at = {.sin_family = AF_INET,
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK)
  };
  socklen_t size = sizeof (at);
  gint fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

  if (bind (fd, (struct sockaddr *) &at, size) < 0 || listen (fd, 4096) < 0
      || getsockname (fd, (struct sockaddr *) &at, &size) < 0)
    g_error ("no socket: %s", g_strerror (errno));
  printf ("{\"port\":%d}\n", ntohs (at.sin_port));
  fflush (stdout);
  return fd;
}

void
sse_init (void)
{
  struct rlimit limit;
  sigset_t set;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  sigemptyset (&set);
  sigaddset (&set, SIGTERM);
  sigaddset (&set, SIGINT);
  sigprocmask (SIG_BLOCK, &set, NULL);
}

void
sse_wait (void)
{
  sigset_t set;
  gint which;

  sigemptyset (&set);
  sigaddset (&set, SIGTERM);
  sigaddset (&set, SIGINT);
  sigwait (&set, &which);
}
