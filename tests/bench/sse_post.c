/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Posts the events to a server that is told them by HTTP (nchan). Requests are
 * sent without waiting for the answers to those before, on one connection, so
 * that the order stays and the rate is the publisher's, not the server's.
 *
 *   sse_post RATE PORT PATH */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sse_event.h"

typedef struct
{
  gint fd;
  const gchar *path;
} Target;

static void
post (guint64 n, const gchar * data, gsize size, gpointer user_data)
{
  const Target *target = user_data;
  gchar *request = g_strdup_printf ("POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
      "Content-Type: application/json\r\nX-EventSource-Event: token\r\n"
      "Content-Length: %u\r\n\r\n%s", target->path, (guint) size, data);
  gsize total = strlen (request), sent = 0;

  while (sent < total) {
    gssize part = send (target->fd, request + sent, total - sent,
        MSG_NOSIGNAL);

    if (part <= 0)
      g_error ("the server has closed the connection");
    sent += part;
  }
  g_free (request);
}

static gpointer
drop_answers (gpointer data)
{
  const Target *target = data;
  gchar answer[16384];

  while (recv (target->fd, answer, sizeof (answer), 0) > 0);
  return NULL;
}

int
main (int argc, char **argv)
{
  struct sockaddr_in to = {.sin_family = AF_INET,
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK)
  };
  Target target;
  SsePublisher publisher = {.func = post,.user_data = &target };
  gint on = 1;

  if (argc != 4)
    return 2;
  sse_init ();
  publisher.rate = atof (argv[1]);
  to.sin_port = htons (atoi (argv[2]));
  target.path = argv[3];
  target.fd = socket (AF_INET, SOCK_STREAM, 0);
  setsockopt (target.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof (on));
  if (connect (target.fd, (struct sockaddr *) &to, sizeof (to)) < 0) {
    perror ("sse_post");
    return 1;
  }
  g_thread_new ("answers", drop_answers, &target);
  sse_publisher_start (&publisher);
  sse_wait ();
  return 0;
}
