/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE             /* accept4 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "peer.h"

#define PATIENCE_MS 50000

/* Both ends of a TCP connection. */
static void
connect_pair (gint buffer, gint * ours, gint * theirs)
{
  struct sockaddr_in address = { AF_INET };
  socklen_t size = sizeof (address);
  gint listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  fail_unless (bind (listener, (struct sockaddr *) &address, size) == 0);
  fail_unless (listen (listener, 1) == 0);
  fail_unless (getsockname (listener, (struct sockaddr *) &address,
          &size) == 0);
  *ours = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (buffer > 0)
    fail_unless (setsockopt (*ours, SOL_SOCKET, SO_RCVBUF, &buffer,
            sizeof (buffer)) == 0);
  fail_unless (connect (*ours, (struct sockaddr *) &address, size) == 0);
  *theirs = accept4 (listener, NULL, NULL, SOCK_CLOEXEC);
  fail_unless (*theirs >= 0);
  close (listener);
}

static Peer *
join (H4Fan * fan, guint n, H4Stream ** streams,
    const gchar * const *last_ids, gint buffer)
{
  Peer *peer = g_new0 (Peer, 1);
  GBytes *head = g_bytes_new_static (HEAD, strlen (HEAD));
  H4FanSubscription subscription = { streams, (gchar **) last_ids, n, head,
    "127.0.0.1"
  };
  GSocketConnection *connection;
  GSocket *socket;
  gint theirs;

  connect_pair (buffer, &peer->fd, &theirs);
  socket = g_socket_new_from_fd (theirs, NULL);
  connection = g_socket_connection_factory_create_connection (socket);
  h4_fan_add_client (fan, G_IO_STREAM (connection), &subscription);
  g_object_unref (socket);
  g_bytes_unref (head);
  peer->got = g_string_new (NULL);
  return peer;
}

Peer *
peer_join (H4Fan * fan, H4Stream * stream, const gchar * last_id)
{
  return join (fan, 1, &stream, last_id ? &last_id : NULL, 0);
}

Peer *
peer_join_many (H4Fan * fan, guint n, H4Stream ** streams,
    const gchar * const *last_ids)
{
  return join (fan, n, streams, last_ids, 0);
}

Peer *
peer_join_small (H4Fan * fan, H4Stream * stream, gint buffer)
{
  return join (fan, 1, &stream, NULL, buffer);
}

void
peer_free (Peer * peer)
{
  close (peer->fd);
  g_string_free (peer->got, TRUE);
  g_free (peer);
}

gboolean
peer_read_some (Peer * peer, gsize size)
{
  struct pollfd readable = { peer->fd, POLLIN, 0 };
  gchar data[16384];
  gssize n;

  if (peer->ended)
    return FALSE;
  fail_unless (poll (&readable, 1, PATIENCE_MS) == 1, "nothing comes after "
      "\"%s\"", peer->got->str);
  n = recv (peer->fd, data, MIN (size, sizeof (data)), 0);
  if (n <= 0) {
    peer->ended = TRUE;
    return FALSE;
  }
  g_string_append_len (peer->got, data, n);
  return TRUE;
}

const gchar *
peer_read_until (Peer * peer, const gchar * text)
{
  while (!strstr (peer->got->str, text))
    fail_unless (peer_read_some (peer, G_MAXSIZE), "ended before \"%s\": %s",
        text, peer->got->str);
  return peer->got->str;
}

const gchar *
peer_read_all (Peer * peer)
{
  while (peer_read_some (peer, G_MAXSIZE));
  return peer->got->str;
}

gchar *
peer_body (Peer * peer)
{
  fail_unless (g_str_has_prefix (peer->got->str, HEAD), "%s", peer->got->str);
  return g_strdup (peer->got->str + strlen (HEAD));
}

void
peer_forget (Peer * peer)
{
  g_string_truncate (peer->got, 0);
}

gboolean
peer_take_block (Peer * peer, gchar ** block)
{
  const gchar *end;

  if (g_str_has_prefix (peer->got->str, HEAD))
    g_string_erase (peer->got, 0, strlen (HEAD));
  end = strstr (peer->got->str, "\n\n");
  if (!end)
    return FALSE;
  *block = g_strndup (peer->got->str, end - peer->got->str);
  g_string_erase (peer->got, 0, end + 2 - peer->got->str);
  return TRUE;
}

guint64
block_n (const gchar * block)
{
  const gchar *id = strstr (block, "id:");

  if (!id || (id != block && id[-1] != '\n'))
    return 0;
  return g_ascii_strtoull (strchr (id, '-') + 1, NULL, 10);
}

gchar *
block_epoch (const gchar * block)
{
  return g_strndup (strstr (block, "id:") + 3, 8);
}

H4StreamConfig
stream_config (void)
{
  H4StreamConfig config = { "a", 1024, 30 * G_TIME_SPAN_SECOND,
    8 * 1024 * 1024, 15 * G_TIME_SPAN_SECOND, 2000, 1024 * 1024, FALSE
  };

  return config;
}

void
stream_say (H4Stream * stream, const gchar * data)
{
  h4_stream_begin (stream);
  h4_stream_append (stream, "token", data, strlen (data));
  h4_stream_end (stream);
}

void
stream_meta (H4Stream * stream, const gchar * json)
{
  h4_stream_set_meta (stream, json, strlen (json));
}

void
stream_done (H4Stream * stream)
{
  h4_stream_finish (stream, "{\"ok\":true}", 11);
}

void
wait_for_clients (H4Stream * stream, guint n)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_MS * 1000;
  H4StreamStats stats;

  h4_stream_get_stats (stream, &stats);
  while (stats.clients != n) {
    fail_unless (g_get_monotonic_time () < end, "%u clients, not %u",
        stats.clients, n);
    g_usleep (1000);
    h4_stream_get_stats (stream, &stats);
  }
}

gchar *
strip_ids (const gchar * text)
{
  GString *out = g_string_new (NULL);
  gchar **lines = g_strsplit (text, "\n", -1);
  guint i;

  for (i = 0; lines[i]; i++) {
    if (g_str_has_prefix (lines[i], "id:")
        || g_str_has_prefix (lines[i], "retry:"))
      continue;
    g_string_append (out, lines[i]);
    if (lines[i + 1])
      g_string_append_c (out, '\n');
  }
  g_strfreev (lines);
  return g_string_free (out, FALSE);
}
