/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_FILES_SOURCE_H__
#define __H4_FILES_SOURCE_H__

/* An H4MK file behind a descriptor, as it was when it was opened. */

#include <gio/gio.h>

#include "h4mkjson.h"

G_BEGIN_DECLS

/**
 * H4FilesSource:
 * @source: to look things up in; its index only where one was asked for
 * @reads: how often the file was read
 * @read_bytes: how many bytes of it
 */
typedef struct
{
  H4mkSource source;
  gint fd;
  GCancellable *cancellable;
  guint reads;
  guint64 read_bytes;
} H4FilesSource;

/* fd: stays the caller's. Reading fails once the cancellable is cancelled. */
gboolean h4_files_source_open (H4FilesSource * self, gint fd, guint64 size,
    gboolean with_index, GCancellable * cancellable, GError ** error);
void h4_files_source_close (H4FilesSource * self);

/* A time as pts_us of blocks is, from the recording's beginning: the whole of
 * that microsecond. 400 where there is no such time. */
gboolean h4_files_source_get_position (H4FilesSource * self, gint64 pts_us,
    gint64 * position, GError ** error);

/* Whether the block's bytes are those that were written. */
gboolean h4_files_source_check_block (H4FilesSource * self,
    const H4mkBlock * block, GError ** error);

G_END_DECLS

#endif
