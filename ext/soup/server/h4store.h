/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_STORE_H__
#define __H4_STORE_H__

/* A whole upload: in memory while it is small, then in a file without a name.
 * One thread writes; once that is done, any may read, or ask for the file:
 * those that run one job's pipeline at the same time do both. */

#include <gio/gio.h>

G_BEGIN_DECLS

#define H4_STORE_MEMORY (256 * 1024)

typedef struct _H4Store H4Store;

H4Store *h4_store_new (void);
H4Store *h4_store_ref (H4Store * store);
void h4_store_unref (H4Store * store);

gboolean h4_store_write (H4Store * store, gconstpointer data, gsize size,
    GError ** error);
guint64 h4_store_get_size (H4Store * store);
/* 0 at the end, -1 with the error. */
gssize h4_store_read (H4Store * store, gpointer data, gsize size,
    guint64 offset, GError ** error);
/* Its descriptor, which it keeps; moves what is in memory to a file. */
int h4_store_get_fd (H4Store * store, GError ** error);

G_END_DECLS

#endif
