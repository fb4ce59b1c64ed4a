/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <string.h>
#include <unistd.h>

#include "h4spool.h"
#include "h4tempfile.h"

/* What is in memory comes before what is in the file: while the file holds
 * bytes that were not read, everything is appended to it. */
struct _H4Spool
{
  GMutex lock;
  GCond cond;

  /* with the lock */
  guint8 *memory;
  gsize start;                  /* of the bytes in memory, a ring */
  gsize used;
  guint64 file_start;
  guint64 file_end;
  gboolean finished;
  gboolean cancelled;
  GError *reason;

  /* the writer opens it, before there is anything in it */
  int fd;
};

H4Spool *
h4_spool_new (void)
{
  H4Spool *spool = g_new0 (H4Spool, 1);

  g_mutex_init (&spool->lock);
  g_cond_init (&spool->cond);
  spool->memory = g_malloc (H4_SPOOL_MEMORY);
  spool->fd = -1;
  return spool;
}

void
h4_spool_free (H4Spool * spool)
{
  if (spool->fd >= 0)
    close (spool->fd);
  g_clear_error (&spool->reason);
  g_free (spool->memory);
  g_cond_clear (&spool->cond);
  g_mutex_clear (&spool->lock);
  g_free (spool);
}

static gsize
write_memory_unlocked (H4Spool * spool, const guint8 * data, gsize size)
{
  gsize n = MIN (size, H4_SPOOL_MEMORY - spool->used);
  gsize at = (spool->start + spool->used) % H4_SPOOL_MEMORY;
  gsize first = MIN (n, H4_SPOOL_MEMORY - at);

  memcpy (spool->memory + at, data, first);
  memcpy (spool->memory, data + first, n - first);
  spool->used += n;
  return n;
}

static gsize
read_memory_unlocked (H4Spool * spool, guint8 * data, gsize size)
{
  gsize n = MIN (size, spool->used);
  gsize first = MIN (n, H4_SPOOL_MEMORY - spool->start);

  memcpy (data, spool->memory + spool->start, first);
  memcpy (data + first, spool->memory, n - first);
  spool->start = (spool->start + n) % H4_SPOOL_MEMORY;
  spool->used -= n;
  return n;
}

/* The reader has caught up: the file begins anew. */
static gboolean
leave_file_unlocked (H4Spool * spool, GError ** error)
{
  if (spool->file_end == 0)
    return TRUE;
  spool->file_start = spool->file_end = 0;
  if (ftruncate (spool->fd, 0) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
      "truncating a temporary file failed");
  return FALSE;
}

static gboolean
append_to_file (H4Spool * spool, guint64 end, const guint8 * data, gsize size,
    GError ** error)
{
  if (spool->fd < 0)
    spool->fd = h4_temp_file_open (error);
  if (spool->fd < 0 || !h4_temp_file_write (spool->fd, data, size, end, error))
    return FALSE;
  g_mutex_lock (&spool->lock);
  spool->file_end = end + size;
  g_cond_signal (&spool->cond);
  g_mutex_unlock (&spool->lock);
  return TRUE;
}

gboolean
h4_spool_write (H4Spool * spool, gconstpointer data, gsize size,
    GError ** error)
{
  gboolean ok = TRUE;
  guint64 end;
  gsize n = 0;

  g_mutex_lock (&spool->lock);
  if (spool->cancelled) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
        "the upload is no longer wanted");
    ok = FALSE;
  } else if (spool->file_start == spool->file_end) {
    ok = leave_file_unlocked (spool, error);
    n = ok ? write_memory_unlocked (spool, data, size) : 0;
    g_cond_signal (&spool->cond);
  }
  /* Nobody but this thread changes it. */
  end = spool->file_end;
  g_mutex_unlock (&spool->lock);

  if (!ok || n == size)
    return ok;
  return append_to_file (spool, end, (const guint8 *) data + n, size - n,
      error);
}

void
h4_spool_finish (H4Spool * spool, GError * reason)
{
  g_mutex_lock (&spool->lock);
  spool->finished = TRUE;
  g_clear_error (&spool->reason);
  spool->reason = reason;
  g_cond_signal (&spool->cond);
  g_mutex_unlock (&spool->lock);
}

static gboolean
is_ready_unlocked (H4Spool * spool)
{
  return spool->used > 0 || spool->file_start < spool->file_end
      || spool->finished || spool->cancelled;
}

gboolean
h4_spool_is_ready (H4Spool * spool)
{
  gboolean ready;

  g_mutex_lock (&spool->lock);
  ready = is_ready_unlocked (spool);
  g_mutex_unlock (&spool->lock);
  return ready;
}

static gssize
read_file (H4Spool * spool, gpointer data, gsize size, guint64 start,
    GError ** error)
{
  gssize n = h4_temp_file_read (spool->fd, data, size, start, error);

  g_mutex_lock (&spool->lock);
  spool->file_start = start + MAX (0, n);
  g_mutex_unlock (&spool->lock);
  if (n == 0) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
        "a temporary file has become shorter");
    n = -1;
  }
  return n;
}

gssize
h4_spool_read (H4Spool * spool, gpointer data, gsize size, GError ** error)
{
  guint64 start, in_file;
  gssize n = 0;

  g_mutex_lock (&spool->lock);
  while (!is_ready_unlocked (spool))
    g_cond_wait (&spool->cond, &spool->lock);
  start = spool->file_start;
  in_file = spool->file_end - start;
  if (spool->cancelled) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED,
        "the upload is no longer wanted");
    n = -1;
  } else if (spool->reason) {
    g_propagate_error (error, g_error_copy (spool->reason));
    n = -1;
  } else if (spool->used > 0) {
    n = read_memory_unlocked (spool, data, size);
  }
  g_mutex_unlock (&spool->lock);

  if (n != 0 || in_file == 0)
    return n;
  return read_file (spool, data, MIN (size, in_file), start, error);
}

void
h4_spool_cancel (H4Spool * spool)
{
  g_mutex_lock (&spool->lock);
  spool->cancelled = TRUE;
  g_cond_signal (&spool->cond);
  g_mutex_unlock (&spool->lock);
}

guint64
h4_spool_get_spilled (H4Spool * spool)
{
  guint64 spilled;

  g_mutex_lock (&spool->lock);
  spilled = spool->file_end - spool->file_start;
  g_mutex_unlock (&spool->lock);
  return spilled;
}
