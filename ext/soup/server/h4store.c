/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <unistd.h>

#include "h4store.h"
#include "h4tempfile.h"

struct _H4Store
{
  gatomicrefcount refs;
  guint64 size;
  guint64 reserved;             /* of the file, by the writer */

  GMutex lock;
  GByteArray *memory;           /* with the lock, until there is a file */
  int fd;                       /* with the lock: set once */
};

H4Store *
h4_store_new (void)
{
  H4Store *store = g_new0 (H4Store, 1);

  g_atomic_ref_count_init (&store->refs);
  g_mutex_init (&store->lock);
  store->memory = g_byte_array_new ();
  store->fd = -1;
  return store;
}

H4Store *
h4_store_ref (H4Store * store)
{
  g_atomic_ref_count_inc (&store->refs);
  return store;
}

void
h4_store_unref (H4Store * store)
{
  if (!g_atomic_ref_count_dec (&store->refs))
    return;
  if (store->memory)
    g_byte_array_unref (store->memory);
  if (store->fd >= 0)
    close (store->fd);
  g_mutex_clear (&store->lock);
  g_free (store);
}

/* called with the lock */
static int
get_fd_unlocked (H4Store * store, GError ** error)
{
  int fd;

  if (store->fd >= 0)
    return store->fd;
  fd = h4_temp_file_open (error);
  if (fd < 0)
    return -1;
  if (!h4_temp_file_write (fd, store->memory->data, store->memory->len, 0,
          error)) {
    close (fd);
    return -1;
  }
  g_clear_pointer (&store->memory, g_byte_array_unref);
  store->fd = fd;
  return fd;
}

int
h4_store_get_fd (H4Store * store, GError ** error)
{
  int fd;

  g_mutex_lock (&store->lock);
  fd = get_fd_unlocked (store, error);
  g_mutex_unlock (&store->lock);
  return fd;
}

gboolean
h4_store_write (H4Store * store, gconstpointer data, gsize size,
    GError ** error)
{
  if (store->fd < 0 && store->size + size <= H4_STORE_MEMORY) {
    g_byte_array_append (store->memory, data, size);
  } else {
    if (h4_store_get_fd (store, error) < 0)
      return FALSE;
    store->reserved = h4_temp_file_reserve (store->fd, store->reserved,
        store->size + size);
    if (!h4_temp_file_write (store->fd, data, size, store->size, error))
      return FALSE;
  }
  store->size += size;
  return TRUE;
}

guint64
h4_store_get_size (H4Store * store)
{
  return store->size;
}

gssize
h4_store_read (H4Store * store, gpointer data, gsize size, guint64 offset,
    GError ** error)
{
  int fd;

  /* others may move it to a file meanwhile */
  g_mutex_lock (&store->lock);
  fd = store->fd;
  if (fd < 0) {
    size = MIN (size, store->size - MIN (offset, store->size));
    if (size > 0)
      memcpy (data, store->memory->data + offset, size);
  }
  g_mutex_unlock (&store->lock);
  return fd < 0 ? (gssize) size :
      h4_temp_file_read (fd, data, size, offset, error);
}
