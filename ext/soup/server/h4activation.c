/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gsth4-i18n.h"
#include "h4activation.h"

#define FIRST_FD 3

static gboolean
is_listening (int fd)
{
  int value = 0;
  socklen_t size = sizeof (value);

  return getsockopt (fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0
      && value;
}

GSocket *
h4_activation_take (GError ** error)
{
  const gchar *pid = g_getenv ("LISTEN_PID"), *n = g_getenv ("LISTEN_FDS");
  gboolean ours = pid && n && atol (pid) == (long) getpid ();
  gint count = ours ? atoi (n) : 0;

  /* children are not to take them for theirs */
  g_unsetenv ("LISTEN_PID");
  g_unsetenv ("LISTEN_FDS");
  g_unsetenv ("LISTEN_FDNAMES");
  if (!ours)
    return NULL;
  if (count == 1 && is_listening (FIRST_FD)) {
    fcntl (FIRST_FD, F_SETFD, FD_CLOEXEC);
    return g_socket_new_from_fd (FIRST_FD, error);
  }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
      _("One listening socket is expected in LISTEN_FDS."));
  return NULL;
}
