/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __MEM_FILE_H__
#define __MEM_FILE_H__

/* A file in memory that counts how often it is read, and that can make its
 * reader wait for every piece. */

#include <gio/gio.h>
#include "forge.h"

typedef struct
{
  const guint8 *data;
  gsize size;
  guint reads;
  guint64 bytes;
  gboolean would_block;
  /* the one piece that was fetched for who asked last */
  gboolean fetched;
  guint64 fetched_offset;
  gsize fetched_size;
} MemFile;

static inline void
mem_file_init (MemFile * file, const guint8 * data, gsize size)
{
  memset (file, 0, sizeof (*file));
  file->data = data;
  file->size = size;
}

static inline void
mem_file_clear (MemFile * file)
{
  memset (file, 0, sizeof (*file));
}

static inline GBytes *
mem_file_read (guint64 offset, gsize size, gpointer user_data, GError ** error)
{
  MemFile *file = user_data;

  if (file->would_block && !(file->fetched && file->fetched_offset == offset
          && file->fetched_size == size)) {
    file->fetched = TRUE;
    file->fetched_offset = offset;
    file->fetched_size = size;
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "wait");
    return NULL;
  }
  file->fetched = FALSE;
  file->reads++;
  offset = MIN (offset, file->size);
  size = MIN (size, file->size - offset);
  file->bytes += size;
  /* its own memory: what looks past it is found out */
  return g_bytes_new (file->data + offset, size);
}

/* Calls again while the bytes are being fetched; error is the caller's. */
#define MEM_RETRY(file,ok,call) \
  G_STMT_START { \
    guint left_ = 1000000; \
    do { \
      g_clear_error (&error); \
      ok = (call); \
      fail_unless (--left_ > 0, "no progress is made"); \
    } while (!ok && (file)->would_block && g_error_matches (error, \
            G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)); \
  } G_STMT_END

static inline GstH4mkIndex *
mem_file_open (MemFile * file, GError ** open_error)
{
  GstH4mkIndex *index = gst_h4mk_index_new (mem_file_read, file);
  GError *error = NULL;
  gboolean ok;

  MEM_RETRY (file, ok, gst_h4mk_index_open (index, file->size, &error));
  if (ok)
    return index;
  g_propagate_error (open_error, error);
  gst_h4mk_index_free (index);
  return NULL;
}

#endif
