/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <glib/gstdio.h>

#include "h4files.h"

/* As much as the fuzzer takes. */
#define SMALL_SIZE (64 << 10)

#define FOREIGN "foreign-"

static const gchar *
files_dir (void)
{
  const gchar *dir = g_getenv ("H4_FILES");

  fail_unless (dir != NULL, "this program's main() checks no files");
  return dir;
}

/* Under a name that the bytes decide: the same again is one file. Processes
 * of one program may write at once. */
static void
keep (const gchar * prefix, gconstpointer data, gsize size)
{
  gchar *sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, size);
  gchar *name = g_strconcat (prefix, sum, ".h4mk", NULL);
  gchar *path = g_build_filename (files_dir (), name, NULL);
  GError *error = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    fail_unless (g_file_set_contents (path, data, size, &error), "%s",
        error ? error->message : "");
  g_free (path);
  g_free (name);
  g_free (sum);
}

void
h4_files_keep (gconstpointer data, gsize size)
{
  keep ("", data, size);
}

void
h4_files_keep_foreign (gconstpointer data, gsize size)
{
  keep (FOREIGN, data, size);
}

void
h4_files_keep_file (const gchar * path)
{
  GError *error = NULL;
  GMappedFile *file = g_mapped_file_new (path, FALSE, &error);

  fail_unless (file != NULL, "%s", error ? error->message : "");
  h4_files_keep (g_mapped_file_get_contents (file),
      g_mapped_file_get_length (file));
  g_mapped_file_unref (file);
}

static gchar *
find_checker (void)
{
  return g_build_filename (g_getenv ("H4_SOURCE_ROOT"), "tests",
      "h4mkcheck.py", NULL);
}

static gboolean
run_checker (gchar ** argv, gchar ** said)
{
  gint status = -1;

  return g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, said,
      NULL, &status, NULL) && g_spawn_check_wait_status (status, NULL);
}

void
h4_files_check_file (const gchar * path, const gchar * key)
{
  gchar *checker = find_checker (), *said = NULL;
  const gchar *argv[] = { "python3", checker, path,
    key ? "--trusted-key" : NULL, key, NULL
  };

  fail_unless (run_checker ((gchar **) argv, &said), "%s", said ? said : "");
  g_free (said);
  g_free (checker);
}

static GPtrArray *
list_files (const gchar * dir, gboolean foreign)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  GDir *opened = g_dir_open (dir, 0, NULL);
  const gchar *name;

  while (opened && (name = g_dir_read_name (opened)))
    if (g_str_has_prefix (name, FOREIGN) == foreign)
      g_ptr_array_add (paths, g_build_filename (dir, name, NULL));
  if (opened)
    g_dir_close (opened);
  return paths;
}

static void
remove_files (const gchar * dir, gboolean foreign, goffset larger_than)
{
  GPtrArray *paths = list_files (dir, foreign);
  guint i;

  for (i = 0; i < paths->len; i++) {
    GStatBuf info;

    if (g_stat (paths->pdata[i], &info) == 0 && info.st_size > larger_than)
      g_unlink (paths->pdata[i]);
  }
  g_ptr_array_unref (paths);
}

/* How many there were; *ok: whether each is complete. */
static guint
check_files (const gchar * dir, gboolean foreign, gboolean * ok)
{
  GPtrArray *argv = list_files (dir, foreign);
  guint n = argv->len;
  gchar *said = NULL;

  g_ptr_array_insert (argv, 0, g_strdup ("python3"));
  g_ptr_array_insert (argv, 1, find_checker ());
  if (foreign)
    g_ptr_array_insert (argv, 2, g_strdup ("--lenient"));
  g_ptr_array_add (argv, NULL);
  *ok = n == 0 || run_checker ((gchar **) argv->pdata, &said);
  if (!*ok)
    g_printerr ("%s%u files are not all as the format says\n",
        said ? said : "", n);
  g_ptr_array_unref (argv);
  g_free (said);
  return n;
}

int
h4_files_run_suite (Suite * suite, const gchar * name, const gchar * file)
{
  gchar *dir = g_build_filename (g_getenv ("H4_BUILD_ROOT"), "tests", "files",
      name, NULL);
  gboolean foreign, ok;
  guint n = 0;
  int failed;

  if (g_mkdir_with_parents (dir, 0777) != 0)
    g_error ("%s cannot be made", dir);
  for (foreign = FALSE; foreign <= TRUE; foreign++)
    remove_files (dir, foreign, -1);
  g_setenv ("H4_FILES", dir, TRUE);
  failed = gst_check_run_suite (suite, name, file);
  for (foreign = FALSE; foreign <= TRUE; foreign++) {
    n += check_files (dir, foreign, &ok);
    failed += !ok;
    remove_files (dir, foreign, SMALL_SIZE);
  }
  /* tests that are chosen by name need not make any */
  if (n == 0 && !g_getenv ("GST_CHECKS")) {
    g_printerr ("no file was kept\n");
    failed++;
  }
  g_free (dir);
  return failed;
}
