/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_FILES_ROOT_H__
#define __H4_FILES_ROOT_H__

/* A directory whose files may be read, and nothing else: no name leads out of
 * it, nor to what is hidden. */

#include <sys/stat.h>

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _H4FilesRoot H4FilesRoot;

H4FilesRoot *h4_files_root_new (const gchar * path, GError ** error);
void h4_files_root_free (H4FilesRoot * root);

/* As on a kernel without openat2(): links are refused, whereto they lead. For
 * tests. */
void h4_files_root_walk (H4FilesRoot * root);

/* path: relative, "" is the root itself, where a slash at the end is ignored.
 * A descriptor of a regular file or a directory, to be read, or -1: H4_PROBLEM
 * with 404, 503 where descriptors or memory are short. */
gint h4_files_root_open (H4FilesRoot * root, const gchar * path,
    struct stat *st, GError ** error);
/* What stands there, without opening it: FALSE where it is neither. */
gboolean h4_files_root_look (H4FilesRoot * root, const gchar * path,
    struct stat *st);

G_END_DECLS

#endif
