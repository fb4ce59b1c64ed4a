/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include <gio/gio.h>

#include "h4wake.h"

H4Wake *
h4_wake_new (GError ** error)
{
  gint fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  H4Wake *wake;

  if (fd < 0) {
    gint code = errno;

    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code),
        "eventfd: %s", g_strerror (code));
    return NULL;
  }
  wake = g_new (H4Wake, 1);
  wake->refs = 1;
  wake->fd = fd;
  return wake;
}

H4Wake *
h4_wake_ref (H4Wake * wake)
{
  g_atomic_int_inc (&wake->refs);
  return wake;
}

void
h4_wake_unref (H4Wake * wake)
{
  if (!g_atomic_int_dec_and_test (&wake->refs))
    return;
  close (wake->fd);
  g_free (wake);
}

void
h4_wake_signal (H4Wake * wake)
{
  guint64 one = 1;
  gssize n;

  do
    n = write (wake->fd, &one, sizeof (one));
  while (n < 0 && errno == EINTR);
}

void
h4_wake_clear (H4Wake * wake)
{
  guint64 count;
  gssize n;

  do
    n = read (wake->fd, &count, sizeof (count));
  while (n < 0 && errno == EINTR);
}
