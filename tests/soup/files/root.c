/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* No name leads out of the root. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <gst/check/gstcheck.h>

#include "h4filesroot.h"
#include "h4problem.h"
#include "tree.h"

static gchar *tree;
static H4FilesRoot *root;

/* Beside the root is what must not be read; its directory is named like it. */
static void
setup (void)
{
  gchar *path;

  tree = tree_new ();
  tree_write (tree, "root/plain", "plain");
  tree_write (tree, "root/sub/deep/file", "deep");
  tree_write (tree, "root/with space & é", "odd");
  tree_write (tree, "root/100%2f", "percent");
  tree_write (tree, "root/.hidden", "hidden");
  tree_write (tree, "root/.config/file", "hidden");
  tree_write (tree, "root/sub/.hidden", "hidden");
  tree_write (tree, "root/..also", "hidden");
  tree_write (tree, "secret", "secret");
  tree_write (tree, "root-secret/file", "secret");
  tree_link (tree, "root/inside", "sub/deep/file");
  tree_link (tree, "root/sub/up-and-down", "../plain");
  tree_link (tree, "root/directory", "sub");
  tree_link (tree, "root/outside", "../secret");
  tree_link (tree, "root/absolute", "/etc/passwd");
  tree_link (tree, "root/parent", "..");
  tree_link (tree, "root/far", "sub/../../secret");
  tree_link (tree, "root/loop", "loop");
  tree_link (tree, "root/magic", "/proc/self/root/etc/passwd");
  tree_link (tree, "root/nowhere", "gone");
  path = g_build_filename (tree, "root", "fifo", NULL);
  fail_unless (mkfifo (path, 0600) == 0);
  g_free (path);
  path = g_build_filename (tree, "root", NULL);
  root = h4_files_root_new (path, NULL);
  g_free (path);
  fail_unless (root != NULL);
}

static void
setup_walk (void)
{
  setup ();
  h4_files_root_walk (root);
}

static void
teardown (void)
{
  h4_files_root_free (root);
  tree_free (tree);
}

static void
check_file (const gchar * path, const gchar * expected)
{
  GError *error = NULL;
  gchar text[64];
  struct stat st;
  gssize size;
  gint fd;

  fd = h4_files_root_open (root, path, &st, &error);
  fail_unless (fd >= 0, "%s: %s", path, error ? error->message : "");
  fail_unless (S_ISREG (st.st_mode));
  fail_unless_equals_int64 (st.st_size, (gint64) strlen (expected));
  size = read (fd, text, sizeof (text) - 1);
  fail_unless (size >= 0);
  text[size] = 0;
  fail_unless_equals_string (text, expected);
  fail_unless (fcntl (fd, F_GETFD) & FD_CLOEXEC);
  close (fd);
  fail_unless (h4_files_root_look (root, path, &st));
}

static void
check_refused (const gchar * path)
{
  GError *error = NULL;
  struct stat st;

  fail_unless_equals_int (h4_files_root_open (root, path, &st, &error), -1);
  fail_unless (g_error_matches (error, H4_PROBLEM, 404), "%s: %s", path,
      error ? error->message : "");
  g_clear_error (&error);
  fail_if (h4_files_root_look (root, path, &st), "%s", path);
}

GST_START_TEST (test_files)
{
  check_file ("plain", "plain");
  check_file ("sub/deep/file", "deep");
  check_file ("with space & é", "odd");
  /* what looks like an escape is none: it was undone before */
  check_file ("100%2f", "percent");
}

GST_END_TEST;

GST_START_TEST (test_directories)
{
  static const gchar *const paths[] = { "", "sub", "sub/", "sub/deep/" };
  struct stat st;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (paths); i++) {
    gint fd = h4_files_root_open (root, paths[i], &st, NULL);

    fail_unless (fd >= 0, "%s", paths[i]);
    fail_unless (S_ISDIR (st.st_mode));
    close (fd);
  }
}

GST_END_TEST;

static const gchar *const refused[] = {
  /* out of it */
  "..", "../secret", "../root/plain", "sub/../../secret", "sub/../plain",
  "sub/..", "../root-secret/file", "sub/../../../etc/passwd", "./plain",
  "sub/./deep/file", ".", "./", "../",
  /* names that are none */
  "/", "//", "/plain", "/etc/passwd", "sub//deep/file", "sub//", "plain//",
  /* hidden */
  ".hidden", ".config/file", ".config", "sub/.hidden", "..also", "...",
  /* links that lead out of it, or nowhere */
  "outside", "absolute", "parent", "parent/secret", "parent/root/plain", "far",
  "loop", "magic", "nowhere",
  /* what is not there, or is not a file */
  "fifo", "gone", "plain/file", "gone/file", "sub/gone", "a\nb", "a\\b",
  "..\\secret", "%2e%2e/secret",
};

GST_START_TEST (test_refused)
{
  check_refused (refused[__i__]);
}

GST_END_TEST;

/* A file is no directory. */
GST_START_TEST (test_file_with_slash)
{
  GError *error = NULL;
  struct stat st;

  fail_unless_equals_int (h4_files_root_open (root, "plain/", &st, &error), -1);
  fail_unless (g_error_matches (error, H4_PROBLEM, 404));
  g_clear_error (&error);
}

GST_END_TEST;

GST_START_TEST (test_links_within)
{
  check_file ("inside", "deep");
  check_file ("sub/up-and-down", "plain");
  check_file ("directory/deep/file", "deep");
}

GST_END_TEST;

/* A kernel that does not help: the links within are not followed either. */
GST_START_TEST (test_no_links)
{
  check_refused ("inside");
  check_refused ("sub/up-and-down");
  check_refused ("directory/deep/file");
}

GST_END_TEST;

GST_START_TEST (test_long_names)
{
  GString *path = g_string_new (NULL);
  guint i;

  for (i = 0; i < 300; i++)
    g_string_append_c (path, 'a');
  check_refused (path->str);
  for (i = 0; i < 5000; i++)
    g_string_append (path, "/a");
  check_refused (path->str);
  g_string_free (path, TRUE);
}

GST_END_TEST;

/* Somebody puts a link in the place of a directory, over and over. */
static gpointer
swap (gpointer running)
{
  gchar *sub = g_build_filename (tree, "root", "sub", NULL);
  gchar *away = g_build_filename (tree, "root", "away", NULL);

  while (g_atomic_int_get ((gint *) running)) {
    fail_unless (rename (sub, away) == 0);
    fail_unless (symlink ("..", sub) == 0);
    fail_unless (unlink (sub) == 0);
    fail_unless (rename (away, sub) == 0);
  }
  g_free (away);
  g_free (sub);
  return NULL;
}

GST_START_TEST (test_race)
{
  gint running = TRUE;
  GThread *thread;
  struct stat st;
  guint i;

  tree_write (tree, "deep/file", "secret, not deep");
  thread = g_thread_new ("swap", swap, &running);
  for (i = 0; i < 5000; i++) {
    gint fd = h4_files_root_open (root, "sub/deep/file", &st, NULL);

    if (fd >= 0) {
      fail_unless_equals_int64 (st.st_size, 4);
      close (fd);
    }
  }
  g_atomic_int_set (&running, FALSE);
  g_thread_join (thread);
}

GST_END_TEST;

GST_START_TEST (test_no_descriptors_leak)
{
  gint before = dup (0), after;
  struct stat st;
  guint i;

  close (before);
  for (i = 0; i < G_N_ELEMENTS (refused); i++) {
    fail_unless (h4_files_root_open (root, refused[i], &st, NULL) < 0);
    h4_files_root_look (root, refused[i], &st);
  }
  h4_files_root_look (root, "sub/deep/file", &st);
  after = dup (0);
  close (after);
  fail_unless_equals_int (before, after);
}

GST_END_TEST;

GST_START_TEST (test_no_root)
{
  GError *error = NULL;
  gchar *path = g_build_filename (tree, "secret", NULL);

  fail_unless (h4_files_root_new (path, &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY));
  fail_unless (strstr (error->message, path) != NULL);
  g_clear_error (&error);
  g_free (path);
  fail_unless (h4_files_root_new ("/no/such/place", &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
  g_clear_error (&error);
}

GST_END_TEST;

static TCase *
new_case (Suite * s, const gchar * name, void (*start) (void))
{
  TCase *tc = tcase_create (name);

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, start, teardown);
  tcase_add_test (tc, test_files);
  tcase_add_test (tc, test_directories);
  tcase_add_loop_test (tc, test_refused, 0, G_N_ELEMENTS (refused));
  tcase_add_test (tc, test_file_with_slash);
  tcase_add_test (tc, test_long_names);
  tcase_add_test (tc, test_race);
  tcase_add_test (tc, test_no_descriptors_leak);
  return tc;
}

static Suite *
root_suite (void)
{
  Suite *s = suite_create ("root");
  TCase *tc = new_case (s, "beneath", setup);

  tcase_add_test (tc, test_links_within);
  tcase_add_test (tc, test_no_root);
  tc = new_case (s, "walk", setup_walk);
  tcase_add_test (tc, test_no_links);
  return s;
}

GST_CHECK_MAIN (root);
