/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_SECRET_H__
#define __GST_H4_SECRET_H__

/* Private to this project: memory for keys. */

#include <glib.h>

G_BEGIN_DECLS

/* Zeroed pages of their own, which no core dump holds; NULL where there are
 * none. */
gpointer gst_h4_secret_alloc (gsize size);
/* Cleanses the memory and gives it back. size: what was asked for. */
void gst_h4_secret_free (gpointer mem, gsize size);

/* Reads a file, at most size bytes of it, into memory of the caller's, past
 * every buffer that would keep a copy. Returns how many, or -1 with errno
 * set. */
gssize gst_h4_secret_read (const gchar * path, guint8 * data, gsize size);

G_END_DECLS

#endif
