/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The least that a server of events can do, as a yardstick: one epoll thread
 * that sends from a ring which all clients share. It looks at no request,
 * replays nothing, and closes who is half a ring behind.
 *
 *   sse_epoll RATE */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* for accept4 () */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sse_event.h"

#define RING (8 << 20)
#define BATCH 512

typedef struct
{
  gint fd;
  gboolean ready;               /* asked, and is not blocked */
  guint64 at;                   /* in all that was ever said */
} Client;

static gchar ring[RING];
static guint64 head;            /* written with the lock */
static GMutex lock;
static gint wake_fd, listen_fd, epoll_fd;
static GPtrArray *clients;

static void
append (guint64 n, const gchar * data, gsize size, gpointer user_data)
{
  gchar block[SSE_MAX_BLOCK];
  guint64 one = 1;
  gsize i, at;

  size = sse_event_frame (block, n, data, size);
  g_mutex_lock (&lock);
  at = head % RING;
  i = MIN (size, RING - at);
  memcpy (ring + at, block, i);
  memcpy (ring, block + i, size - i);
  head += size;
  g_mutex_unlock (&lock);
  if (write (wake_fd, &one, sizeof (one)) < 0)
    g_error ("eventfd");
}

static void
watch (gint fd, gpointer ptr, gint operation, guint32 what)
{
  struct epoll_event event = {.events = what,.data.ptr = ptr };

  epoll_ctl (epoll_fd, operation, fd, &event);
}

static void
close_client (Client * client)
{
  close (client->fd);
  client->fd = -1;
  client->ready = FALSE;
}

static void
send_client (Client * client, guint64 to)
{
  while (client->ready && client->at < to) {
    gsize at = client->at % RING;
    gssize n = send (client->fd, ring + at, MIN (to - client->at, RING - at),
        MSG_NOSIGNAL | MSG_DONTWAIT);

    if (n > 0) {
      client->at += n;
    } else if (errno == EAGAIN && to - client->at < RING / 2) {
      client->ready = FALSE;
      watch (client->fd, client, EPOLL_CTL_MOD, EPOLLOUT | EPOLLRDHUP);
    } else if (errno != EINTR) {
      close_client (client);
    }
  }
}

static void
accept_clients (void)
{
  gint fd;

  while ((fd = accept4 (listen_fd, NULL, NULL,
              SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    Client *client = g_new0 (Client, 1);

    client->fd = fd;
    g_ptr_array_add (clients, client);
    watch (fd, client, EPOLL_CTL_ADD, EPOLLIN);
  }
}

static guint64
get_head (void)
{
  guint64 value;

  g_mutex_lock (&lock);
  value = head;
  g_mutex_unlock (&lock);
  return value;
}

/* A request, which is taken to be whole, or room in the socket. */
static void
serve_client (Client * client, guint32 events)
{
  gchar request[4096];

  if (client->fd < 0)
    return;
  if (events & EPOLLIN) {
    if (recv (client->fd, request, sizeof (request), MSG_DONTWAIT) <= 0
        || send (client->fd, SSE_HEAD, strlen (SSE_HEAD), MSG_NOSIGNAL) < 0) {
      close_client (client);
      return;
    }
    client->at = get_head ();
  } else if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
    close_client (client);
    return;
  }
  client->ready = TRUE;
  watch (client->fd, client, EPOLL_CTL_MOD, EPOLLRDHUP);
  send_client (client, get_head ());
}

static void
send_all (void)
{
  guint64 to, count;
  guint i;

  if (read (wake_fd, &count, sizeof (count)) < 0)
    return;
  to = get_head ();
  for (i = 0; i < clients->len; i++)
    send_client (g_ptr_array_index (clients, i), to);
}

static gpointer
serve (gpointer data)
{
  struct epoll_event events[BATCH];
  gint i, n;

  for (;;) {
    n = epoll_wait (epoll_fd, events, BATCH, -1);
    for (i = 0; i < n; i++) {
      if (events[i].data.ptr == &wake_fd)
        send_all ();
      else if (events[i].data.ptr == &listen_fd)
        accept_clients ();
      else
        serve_client (events[i].data.ptr, events[i].events);
    }
  }
  return NULL;
}

int
main (int argc, char **argv)
{
  SsePublisher publisher = {.rate = argc > 1 ? atof (argv[1]) : 10,
    .func = append
  };

  sse_init ();
  clients = g_ptr_array_new ();
  epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  wake_fd = eventfd (0, EFD_NONBLOCK | EFD_CLOEXEC);
  listen_fd = sse_listen ();
  watch (wake_fd, &wake_fd, EPOLL_CTL_ADD, EPOLLIN);
  watch (listen_fd, &listen_fd, EPOLL_CTL_ADD, EPOLLIN);
  sse_publisher_start (&publisher);
  g_thread_new ("serve", serve, NULL);
  sse_wait ();
  return 0;
}
