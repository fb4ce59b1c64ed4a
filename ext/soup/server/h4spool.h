/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_SPOOL_H__
#define __H4_SPOOL_H__

/* A queue of bytes from one thread to another whose writer never waits: what
 * the reader has not taken goes to a file without a name once the memory is
 * full, until the reader has caught up. */

#include <gio/gio.h>

G_BEGIN_DECLS

#define H4_SPOOL_MEMORY (256 * 1024)

typedef struct _H4Spool H4Spool;

H4Spool *h4_spool_new (void);
void h4_spool_free (H4Spool * spool);

/* FALSE with G_IO_ERROR_CANCELLED after h4_spool_cancel(), or with the file's
 * error. */
gboolean h4_spool_write (H4Spool * spool, gconstpointer data, gsize size,
    GError ** error);
/* Nothing more is written. reason: (nullable) (transfer full): why too soon;
 * the reader is told it at once. */
void h4_spool_finish (H4Spool * spool, GError * reason);

/* Waits for a byte; gives what is there, 0 at the end, -1 with the error. */
gssize h4_spool_read (H4Spool * spool, gpointer data, gsize size,
    GError ** error);
/* Whether h4_spool_read() would return at once. */
gboolean h4_spool_is_ready (H4Spool * spool);
/* From any thread: neither reader nor writer goes on. */
void h4_spool_cancel (H4Spool * spool);

/* Bytes that wait in the file. */
guint64 h4_spool_get_spilled (H4Spool * spool);

G_END_DECLS

#endif
