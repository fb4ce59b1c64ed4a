/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A fan with 200 clients, two streams that speak at once, and a thread that
 * adds clients while others leave, under ThreadSanitizer: see tsan.h. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include "h4fan.h"

#define N_CLIENTS 200
#define N_EVENTS 1500

/* The sanitizer's own time is not ours. */
#define PATIENCE_MS 120000

typedef struct
{
  gint fd;
  gboolean ended;
  gboolean leaves;              /* in the middle */
  guint64 n;
  gchar line[64];               /* what came of the line that is not whole */
  guint size;
} Client;

static H4Fan *fan;
static H4Stream *streams[2];
static Client clients[N_CLIENTS];
static gint wrong;              /* atomic */

static void
connect_pair (gint * ours, gint * theirs)
{
  struct sockaddr_in address = { AF_INET };
  socklen_t size = sizeof (address);
  gint listener = socket (AF_INET, SOCK_STREAM, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (bind (listener, (struct sockaddr *) &address, size) != 0
      || listen (listener, 1) != 0
      || getsockname (listener, (struct sockaddr *) &address, &size) != 0)
    g_error ("no socket to listen at");
  *ours = socket (AF_INET, SOCK_STREAM, 0);
  if (connect (*ours, (struct sockaddr *) &address, size) != 0)
    g_error ("no connection");
  *theirs = accept (listener, NULL, NULL);
  close (listener);
}

static void
add_client (Client * client, H4Stream * stream)
{
  H4FanSubscription subscription = { &stream, NULL, 1, NULL, "127.0.0.1" };
  gchar *last_ids[1] = { (gchar *) "earliest" };
  GSocketConnection *connection;
  GSocket *socket;
  gint theirs;

  connect_pair (&client->fd, &theirs);
  subscription.last_ids = last_ids;
  socket = g_socket_new_from_fd (theirs, NULL);
  connection = g_socket_connection_factory_create_connection (socket);
  h4_fan_add_client (fan, G_IO_STREAM (connection), &subscription);
  g_object_unref (socket);
}

/* Each id is the one after the last. */
static void
take_line (Client * client)
{
  client->line[client->size] = '\0';
  client->size = 0;
  if (g_str_has_prefix (client->line, "id:")) {
    client->n++;
    if (g_ascii_strtoull (client->line + 12, NULL, 10) != client->n)
      g_atomic_int_inc (&wrong);
  }
}

static void
take_bytes (Client * client, const gchar * data, gssize size)
{
  gssize i;

  for (i = 0; i < size; i++) {
    if (data[i] == '\n')
      take_line (client);
    else if (client->size < sizeof (client->line) - 1)
      client->line[client->size++] = data[i];
  }
}

static void
read_client (Client * client)
{
  gchar data[4096];
  gssize n = recv (client->fd, data, sizeof (data), 0);

  if (n > 0)
    take_bytes (client, data, n);
  if (n <= 0 || (client->leaves && client->n > 100)) {
    close (client->fd);
    client->ended = TRUE;
  }
}

/* Half of them come while the others are there; a quarter leaves. */
static void *
run_clients (void *data)
{
  struct pollfd fds[N_CLIENTS];
  guint i, n_open, n_added = 0;

  for (;;) {
    if (n_added < N_CLIENTS) {
      clients[n_added].leaves = n_added % 4 == 0;
      add_client (&clients[n_added], streams[n_added % 2]);
      n_added++;
    }
    n_open = 0;
    for (i = 0; i < n_added; i++) {
      fds[i].fd = clients[i].ended ? -1 : clients[i].fd;
      fds[i].events = POLLIN;
      n_open += !clients[i].ended;
    }
    if (n_open == 0 && n_added == N_CLIENTS)
      break;
    if (poll (fds, n_added, n_added < N_CLIENTS ? 1 : PATIENCE_MS) == 0
        && n_added == N_CLIENTS)
      g_error ("%u clients wait for what does not come", n_open);
    for (i = 0; i < n_added; i++) {
      if (fds[i].fd >= 0 && fds[i].revents)
        read_client (&clients[i]);
    }
  }
  return NULL;
}

static void *
speak (void *data)
{
  H4Stream *stream = data;
  guint i;

  h4_stream_set_meta (stream, "{}", 2);
  for (i = 0; i < N_EVENTS; i++) {
    h4_stream_begin (stream);
    h4_stream_append (stream, "token", "{\"some\":\"data\"}", 15);
    h4_stream_end (stream);
    g_usleep (1000);
  }
  h4_stream_finish (stream, "{}", 2);
  return NULL;
}

static void
on_client (H4Stream * stream, guint64 client, const gchar * address,
    gboolean added, gpointer user_data)
{
  H4StreamStats stats;

  h4_stream_get_stats (stream, &stats);
}

static void
open_streams (void)
{
  static const gchar *names[] = { "a", "b" };
  guint i;

  for (i = 0; i < 2; i++) {
    H4StreamConfig config = { names[i], N_EVENTS + 1, 0, 8 << 20,
      20 * G_TIME_SPAN_MILLISECOND, 2000, G_MAXSIZE, FALSE
    };

    streams[i] = h4_stream_new (&config);
    h4_fan_add_stream (fan, streams[i], on_client, NULL);
  }
}

int
main (void)
{
  pthread_t threads[3];
  guint i, n = 0;

  fan = h4_fan_new (NULL);
  open_streams ();
  pthread_create (&threads[0], NULL, run_clients, NULL);
  for (i = 0; i < 2; i++)
    pthread_create (&threads[i + 1], NULL, speak, streams[i]);
  for (i = 0; i < 3; i++)
    pthread_join (threads[i], NULL);
  for (i = 0; i < 2; i++) {
    h4_fan_remove_stream (fan, streams[i], G_TIME_SPAN_SECOND);
    h4_stream_unref (streams[i]);
  }
  h4_fan_free (fan);
  for (i = 0; i < N_CLIENTS; i++)
    n += clients[i].leaves ? clients[i].n > 100 : clients[i].n == N_EVENTS + 1;
  printf ("%u of %u clients got all that they waited for, %d wrong ids\n", n,
      N_CLIENTS, wrong);
  return n != N_CLIENTS || wrong > 0;
}
