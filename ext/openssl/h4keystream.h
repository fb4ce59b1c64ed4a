/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_KEYSTREAM_H__
#define __H4_KEYSTREAM_H__

#include <glib.h>

G_BEGIN_DECLS

/* A hash number is 32 bits wide, which bounds a block. */
#define H4_KEYSTREAM_MAX_SIZE (G_GUINT64_CONSTANT (32) << 32)

gboolean h4_keystream_xor (const guint8 key[32], guint64 offset,
    const guint8 * src, guint8 * dst, gsize size);

const gchar *h4_keystream_path (void);
const gchar *const *h4_keystream_list_paths (void);
gboolean h4_keystream_set_path (const gchar * name);

G_END_DECLS

#endif
