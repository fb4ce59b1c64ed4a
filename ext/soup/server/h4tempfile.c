/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "h4problem.h"
#include "h4tempfile.h"

/* Room that is taken ahead: as much as there is, within these. */
#define RESERVE_MIN (1024 * 1024)
#define RESERVE_MAX (16 * 1024 * 1024)

static void
set_error (GError ** error, int code, const gchar * what)
{
  if (code == ENOSPC || code == EDQUOT || code == EFBIG)
    g_propagate_error (error, h4_problem_error (503, NULL, NULL,
            "The server has no room for more uploads on its disk."));
  else
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s",
        what, g_strerror (code));
}

int
h4_temp_file_open (GError ** error)
{
  const gchar *dir = g_get_tmp_dir ();
  gchar *name;
  int fd;

#ifdef O_TMPFILE
  fd = open (dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0)
    return fd;
#endif
  /* Not every file system knows files without a name. */
  name = g_build_filename (dir, "harmony4-XXXXXX", NULL);
  fd = mkostemp (name, O_CLOEXEC);
  if (fd >= 0)
    unlink (name);
  else
    set_error (error, errno, dir);
  g_free (name);
  return fd;
}

gboolean
h4_temp_file_write (int fd, gconstpointer data, gsize size, guint64 offset,
    GError ** error)
{
  const guint8 *p = data;

  while (size > 0) {
    gssize n = pwrite (fd, p, size, offset);

    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0) {
      set_error (error, n < 0 ? errno : ENOSPC, "writing a temporary file");
      return FALSE;
    }
    p += n;
    size -= n;
    offset += n;
  }
  return TRUE;
}

guint64
h4_temp_file_reserve (int fd, guint64 reserved, guint64 end)
{
#ifdef FALLOC_FL_KEEP_SIZE
  if (end <= reserved)
    return reserved;
  end += CLAMP (end, RESERVE_MIN, RESERVE_MAX);
  if (fallocate (fd, FALLOC_FL_KEEP_SIZE, reserved, end - reserved) == 0)
    return end;
#endif
  /* Not every file system can, and a full disk is found when writing. */
  return G_MAXUINT64;
}

gssize
h4_temp_file_read (int fd, gpointer data, gsize size, guint64 offset,
    GError ** error)
{
  gssize n;

  do {
    n = pread (fd, data, size, offset);
  } while (n < 0 && errno == EINTR);
  if (n < 0)
    set_error (error, errno, "reading a temporary file");
  return n;
}
