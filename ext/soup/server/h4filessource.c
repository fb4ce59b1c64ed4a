/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <libdeflate.h>

#include "gsth4mkchunks.h"
#include "h4filessource.h"
#include "h4problem.h"

#define BUFFER_SIZE (256 * 1024)

/* What the file got after it was opened does not exist here. */
static GBytes *
read_source (guint64 offset, gsize size, gpointer user_data, GError ** error)
{
  H4FilesSource *self = user_data;
  guint64 end = self->source.file_size;
  gsize have = 0;
  guint8 *data;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return NULL;
  size = (gsize) MIN ((guint64) size, end - MIN (offset, end));
  data = g_try_malloc (MAX (size, 1));
  if (!data) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
        "no memory for %" G_GSIZE_FORMAT " bytes", size);
    return NULL;
  }
  self->reads++;
  while (have < size) {
    gssize n = pread (self->fd, data + have, size - have,
        (off_t) (offset + have));

    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      gint saved = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
          "cannot read: %s", g_strerror (saved));
      g_free (data);
      return NULL;
    }
    if (n == 0)
      break;
    have += (gsize) n;
  }
  self->read_bytes += have;
  return g_bytes_new_take (data, have);
}

gboolean
h4_files_source_open (H4FilesSource * self, gint fd, guint64 size,
    gboolean with_index, GCancellable * cancellable, GError ** error)
{
  memset (self, 0, sizeof (*self));
  self->fd = fd;
  self->cancellable = cancellable;
  self->source.read = read_source;
  self->source.user_data = self;
  self->source.file_size = size;
  if (!with_index)
    return TRUE;
  self->source.index = gst_h4mk_index_new (read_source, self);
  if (gst_h4mk_index_open (self->source.index, size, error))
    return TRUE;
  h4_files_source_close (self);
  return FALSE;
}

void
h4_files_source_close (H4FilesSource * self)
{
  g_clear_pointer (&self->source.index, gst_h4mk_index_free);
}

gboolean
h4_files_source_get_position (H4FilesSource * self, gint64 pts_us,
    gint64 * position, GError ** error)
{
  gint64 ns;

  /* a block's pts_us is rounded down: its ns are somewhere after */
  if (!__builtin_mul_overflow (pts_us, 1000, &ns)
      && !__builtin_add_overflow (ns, 999, &ns)
      && !__builtin_sub_overflow (ns, h4mk_source_get_origin (&self->source),
          position))
    return TRUE;
  g_propagate_error (error, h4_problem_error (400, "pts_us", NULL,
          "There is no such time."));
  return FALSE;
}

static gboolean
is_damaged (const H4mkBlock * block, GError ** error)
{
  return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED,
      GST_H4MK_TAG_CORE, block->offset, "block %" G_GUINT64_FORMAT
      " is not as it was written", block->block);
}

gboolean
h4_files_source_check_block (H4FilesSource * self, const H4mkBlock * block,
    GError ** error)
{
  guint64 offset = block->offset + GST_H4MK_CHUNK_HEADER_SIZE;
  guint64 end = offset + block->record.size;
  GstH4mkChunkHeader header;
  guint32 crc = 0;
  GBytes *bytes;
  gsize size;

  bytes = read_source (block->offset, GST_H4MK_CHUNK_HEADER_SIZE, self, error);
  if (!bytes)
    return FALSE;
  size = g_bytes_get_size (bytes);
  if (size == GST_H4MK_CHUNK_HEADER_SIZE)
    gst_h4mk_chunk_header_read (&header, g_bytes_get_data (bytes, NULL));
  g_bytes_unref (bytes);
  if (size < GST_H4MK_CHUNK_HEADER_SIZE || header.tag != GST_H4MK_TAG_CORE
      || header.size != block->record.size)
    return is_damaged (block, error);

  for (; offset < end; offset += size) {
    bytes = read_source (offset, (gsize) MIN (end - offset, BUFFER_SIZE), self,
        error);
    if (!bytes)
      return FALSE;
    size = g_bytes_get_size (bytes);
    if (size > 0)
      crc = libdeflate_crc32 (crc, g_bytes_get_data (bytes, NULL), size);
    g_bytes_unref (bytes);
    if (size == 0)
      break;
  }
  return offset == end && crc == header.crc ? TRUE : is_damaged (block, error);
}
