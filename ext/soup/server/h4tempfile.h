/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_TEMP_FILE_H__
#define __H4_TEMP_FILE_H__

#include <gio/gio.h>

G_BEGIN_DECLS

/* A file without a name, which is gone when it is closed. -1 with the error. */
int h4_temp_file_open (GError ** error);
/* All of size bytes, or FALSE: 503 where the disk is full. */
gboolean h4_temp_file_write (int fd, gconstpointer data, gsize size,
    guint64 offset, GError ** error);
/* Writing to room that was taken before is cheaper. Called before bytes up to
 * end are written, with what it returned the last time, at first 0. */
guint64 h4_temp_file_reserve (int fd, guint64 reserved, guint64 end);
/* What is there, up to size bytes; -1 with the error. */
gssize h4_temp_file_read (int fd, gpointer data, gsize size,
    guint64 offset, GError ** error);

G_END_DECLS

#endif
