/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __TREE_H__
#define __TREE_H__

/* A directory for a test, with what it asks for in it. */

#include <gst/check/gstcheck.h>

gchar *tree_new (void);
/* Removes everything in it. */
void tree_free (gchar * tree);

/* path: below the tree; directories are made. */
void tree_write (const gchar * tree, const gchar * path, const gchar * text);
void tree_write_bytes (const gchar * tree, const gchar * path, gconstpointer data,
    gsize size);
void tree_link (const gchar * tree, const gchar * path, const gchar * target);

#endif
