/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gsth4mkindex.h"

struct _GstH4mkFile
{
  gint fd;
  gchar *path;
};

static void
set_errno (GError ** error, const gchar * what, const gchar * path)
{
  gint saved = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), "%s %s: %s",
      what, path, g_strerror (saved));
}

/**
 * gst_h4mk_file_open: (skip)
 * @path: (type filename): of a regular file
 * @error: of %G_IO_ERROR
 *
 * Returns: (transfer full) (nullable): the file, to be read with
 *   gst_h4mk_file_read()
 *
 * Since: 1.0
 */
GstH4mkFile *
gst_h4mk_file_open (const gchar * path, GError ** error)
{
  GstH4mkFile *file;
  struct stat st;
  gint fd;

  /* O_NONBLOCK: a FIFO must not make this wait for a writer */
  do {
    fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) {
    set_errno (error, "cannot open", path);
    return NULL;
  }
  if (fstat (fd, &st) < 0) {
    set_errno (error, "cannot look at", path);
    close (fd);
    return NULL;
  }
  if (!S_ISREG (st.st_mode)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE,
        "%s is not a regular file", path);
    close (fd);
    return NULL;
  }

  file = g_new (GstH4mkFile, 1);
  file->fd = fd;
  file->path = g_strdup (path);
  return file;
}

void
gst_h4mk_file_close (GstH4mkFile * file)
{
  close (file->fd);
  g_free (file->path);
  g_free (file);
}

/**
 * gst_h4mk_file_get_size:
 * @file: a file
 *
 * Returns: its size in bytes at this moment: it may be growing
 *
 * Since: 1.0
 */
guint64
gst_h4mk_file_get_size (GstH4mkFile * file)
{
  struct stat st;

  return fstat (file->fd, &st) == 0 && st.st_size > 0 ?
      (guint64) st.st_size : 0;
}

/**
 * gst_h4mk_file_read:
 * @offset: where
 * @size: how many bytes
 * @file: the #GstH4mkFile
 * @error: of %G_IO_ERROR
 *
 * A #GstH4mkReadFunc.
 *
 * Returns: (transfer full) (nullable): the bytes, fewer only at the end of
 *   the file
 *
 * Since: 1.0
 */
GBytes *
gst_h4mk_file_read (guint64 offset, gsize size, gpointer file, GError ** error)
{
  GstH4mkFile *self = file;
  guint64 end = gst_h4mk_file_get_size (self);
  gsize have = 0;
  guint8 *data;

  /* what is asked for may be what a damaged file says */
  size = (gsize) MIN ((guint64) size, end - MIN (offset, end));
  data = g_try_malloc (MAX (size, 1));
  if (!data) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
        "no memory for %" G_GSIZE_FORMAT " bytes of %s", size, self->path);
    return NULL;
  }
  while (have < size) {
    gssize n = pread (self->fd, data + have, size - have,
        (off_t) (offset + have));

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      set_errno (error, "cannot read", self->path);
      g_free (data);
      return NULL;
    }
    if (n == 0)
      break;
    have += (gsize) n;
  }
  return g_bytes_new_take (data, have);
}
