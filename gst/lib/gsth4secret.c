/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include <openssl/crypto.h>

#include "gsth4secret.h"

gpointer
gst_h4_secret_alloc (gsize size)
{
  gpointer mem = mmap (NULL, size, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (mem == MAP_FAILED)
    return NULL;
#ifdef MADV_DONTDUMP
  madvise (mem, size, MADV_DONTDUMP);
#endif
  return mem;
}

void
gst_h4_secret_free (gpointer mem, gsize size)
{
  if (mem == NULL)
    return;
  OPENSSL_cleanse (mem, size);
  munmap (mem, size);
}

gssize
gst_h4_secret_read (const gchar * path, guint8 * data, gsize size)
{
  gint fd = g_open (path, O_RDONLY | O_CLOEXEC, 0), code;
  gssize got;
  gsize n = 0;

  if (fd < 0)
    return -1;
  do {
    got = read (fd, data + n, size - n);
    if (got > 0)
      n += got;
  } while ((got > 0 && n < size) || (got < 0 && errno == EINTR));
  code = errno;
  close (fd);
  errno = code;
  return got < 0 ? -1 : (gssize) n;
}
