/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tree.h"

gchar *
tree_new (void)
{
  gchar *tree = g_dir_make_tmp ("h4-files-XXXXXX", NULL);

  fail_unless (tree != NULL);
  return tree;
}

static int
remove_entry (const char *path, const struct stat *st, int flag,
    struct FTW *ftw)
{
  return remove (path);
}

void
tree_free (gchar * tree)
{
  fail_unless (nftw (tree, remove_entry, 16, FTW_DEPTH | FTW_PHYS) == 0);
  g_free (tree);
}

static gchar *
make_path (const gchar * tree, const gchar * path)
{
  gchar *full = g_build_filename (tree, path, NULL);
  gchar *dir = g_path_get_dirname (full);

  fail_unless (g_mkdir_with_parents (dir, 0755) == 0);
  g_free (dir);
  return full;
}

void
tree_write_bytes (const gchar * tree, const gchar * path, gconstpointer data,
    gsize size)
{
  gchar *full = make_path (tree, path);

  fail_unless (g_file_set_contents (full, data, (gssize) size, NULL));
  g_free (full);
}

void
tree_write (const gchar * tree, const gchar * path, const gchar * text)
{
  tree_write_bytes (tree, path, text, strlen (text));
}

void
tree_link (const gchar * tree, const gchar * path, const gchar * target)
{
  gchar *full = make_path (tree, path);

  fail_unless (symlink (target, full) == 0);
  g_free (full);
}
