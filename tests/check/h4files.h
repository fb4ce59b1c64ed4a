/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_FILES_H__
#define __H4_FILES_H__

/* Files that tests make. Each is kept until the test program ends, which
 * fails unless h4mkcheck.py, written from the format page alone, finds every
 * one of them complete. Small ones stay in the build directory: what fuzzes
 * the demuxer begins with them. */

#include <gst/check/gstcheck.h>

G_BEGIN_DECLS

void h4_files_keep (gconstpointer data, gsize size);
/* Another's, which readers take although no writer should write it so. */
void h4_files_keep_foreign (gconstpointer data, gsize size);
void h4_files_keep_file (const gchar * path);
/* One that is too large to be kept, or signed: at once. key: (nullable): the
 * public one. */
void h4_files_check_file (const gchar * path, const gchar * key);
int h4_files_run_suite (Suite * suite, const gchar * name, const gchar * file);

/* GST_CHECK_MAIN of a program that keeps files. */
#define H4_FILES_CHECK_MAIN(name) \
int \
main (int argc, char **argv) \
{ \
  gst_check_init (&argc, &argv); \
  return h4_files_run_suite (name ## _suite (), #name, __FILE__); \
}

G_END_DECLS

#endif
