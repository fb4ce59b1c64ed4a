/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "web.h"

Peer *
web_get (guint port, const gchar * target, const gchar * headers)
{
  struct sockaddr_in address = { AF_INET, htons (port) };
  Peer *peer = g_new0 (Peer, 1);
  gchar *request = g_strdup_printf ("GET %s HTTP/1.1\r\n"
      "Host: localhost:%u\r\n%s\r\n", target, port, headers ? headers : "");

  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  peer->got = g_string_new (NULL);
  peer->fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  fail_unless (connect (peer->fd, (struct sockaddr *) &address,
          sizeof (address)) == 0);
  fail_unless (send (peer->fd, request, strlen (request), MSG_NOSIGNAL)
      == (gssize) strlen (request));
  g_free (request);
  return peer;
}

guint
web_status (Peer * peer)
{
  const gchar *text = peer_read_until (peer, "\r\n\r\n");

  fail_unless (g_str_has_prefix (text, "HTTP/1.1 "), "%s", text);
  return g_ascii_strtoull (text + strlen ("HTTP/1.1 "), NULL, 10);
}

const gchar *
web_body (Peer * peer)
{
  return strstr (peer_read_all (peer), "\r\n\r\n") + 4;
}
