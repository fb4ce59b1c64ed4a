/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <glib.h>

/* Runs a fuzz target over its corpus without a fuzzer: what was found once
 * stays found. Every file is also cut off and flipped a little. */

int LLVMFuzzerTestOneInput (const guint8 * data, gsize size);

static gboolean
run_file (const gchar * path)
{
  gchar *data;
  gsize size, i;

  if (!g_file_get_contents (path, &data, &size, NULL))
    return FALSE;
  LLVMFuzzerTestOneInput ((guint8 *) data, size);
  for (i = 0; i < size; i += 1 + size / 50) {
    guint8 *cut = g_memdup2 (data, i);

    LLVMFuzzerTestOneInput (cut, i);
    g_free (cut);
    data[i] ^= 1 << (i % 8);
    LLVMFuzzerTestOneInput ((guint8 *) data, size);
    data[i] ^= 1 << (i % 8);
  }
  g_free (data);
  return TRUE;
}

int
main (int argc, char **argv)
{
  GDir *dir = argc == 2 ? g_dir_open (argv[1], 0, NULL) : NULL;
  const gchar *name;
  guint files = 0;

  if (!dir) {
    g_printerr ("usage: %s CORPUS\n", argv[0]);
    return 2;
  }
  while ((name = g_dir_read_name (dir))) {
    gchar *path = g_build_filename (argv[1], name, NULL);

    if (!run_file (path))
      g_error ("%s cannot be read", path);
    g_free (path);
    files++;
  }
  g_dir_close (dir);
  g_print ("%u files\n", files);
  return files > 0 ? 0 : 1;
}
