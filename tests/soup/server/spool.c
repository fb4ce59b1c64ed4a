/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <gio/gio.h>
#include <gst/check/gstcheck.h>

#include "h4job.h"
#include "h4problem.h"
#include "h4spool.h"
#include "h4store.h"
#include "h4tempfile.h"

/* Byte i of what is written. */
static guint8
byte_at (guint64 i)
{
  return (guint8) (i * 31 + (i >> 11));
}

static void
fill (guint8 * data, gsize size, guint64 from)
{
  gsize i;

  for (i = 0; i < size; i++)
    data[i] = byte_at (from + i);
}

static void
write_bytes (H4Spool * spool, guint64 * written, gsize size)
{
  guint8 *data = g_malloc (size);
  GError *error = NULL;

  fill (data, size, *written);
  fail_unless (h4_spool_write (spool, data, size, &error));
  *written += size;
  g_free (data);
}

/* Reads once, up to size, and checks what came. */
static gsize
read_bytes (H4Spool * spool, guint64 * seen, gsize size)
{
  guint8 *data = g_malloc (size), *expected = g_malloc (size);
  GError *error = NULL;
  gssize n = h4_spool_read (spool, data, size, &error);

  fail_if (error);
  fill (expected, n, *seen);
  fail_unless (memcmp (data, expected, n) == 0);
  *seen += n;
  g_free (expected);
  g_free (data);
  return n;
}

GST_START_TEST (test_memory_goes_round)
{
  H4Spool *spool = h4_spool_new ();
  guint64 written = 0, seen = 0;
  guint i;

  for (i = 0; i < 50; i++) {
    write_bytes (spool, &written, 100001);
    while (seen < written)
      fail_unless (read_bytes (spool, &seen, 30011) > 0);
    fail_unless_equals_uint64 (h4_spool_get_spilled (spool), 0);
  }
  h4_spool_finish (spool, NULL);
  fail_unless_equals_int (read_bytes (spool, &seen, 10), 0);
  h4_spool_free (spool);
}

GST_END_TEST;

GST_START_TEST (test_spills_and_comes_back)
{
  H4Spool *spool = h4_spool_new ();
  guint64 written = 0, seen = 0;
  guint round;

  for (round = 0; round < 3; round++) {
    while (written < seen + 8 * H4_SPOOL_MEMORY)
      write_bytes (spool, &written, 70001);
    fail_unless (h4_spool_get_spilled (spool) >= 7 * H4_SPOOL_MEMORY);
    while (seen < written)
      read_bytes (spool, &seen, 50021);
    /* what comes now is in memory again */
    write_bytes (spool, &written, 1000);
    fail_unless_equals_uint64 (h4_spool_get_spilled (spool), 0);
  }
  h4_spool_finish (spool, NULL);
  while (read_bytes (spool, &seen, 999) > 0);
  fail_unless_equals_uint64 (seen, written);
  h4_spool_free (spool);
}

GST_END_TEST;

#define TOTAL (16 * 1024 * 1024)

static gpointer
write_all (gpointer data)
{
  H4Spool *spool = data;
  guint64 written = 0;
  gsize size = 1;

  while (written < TOTAL) {
    size = size * 7 % 65521 + 1;
    write_bytes (spool, &written, MIN (size, TOTAL - written));
  }
  h4_spool_finish (spool, NULL);
  return NULL;
}

/* The reader is now faster and now slower than the writer. */
GST_START_TEST (test_two_threads)
{
  H4Spool *spool = h4_spool_new ();
  GThread *thread = g_thread_new ("writer", write_all, spool);
  guint64 seen = 0;
  gsize size = 1;

  do {
    size = size * 5 % 60013 + 1;
  } while (read_bytes (spool, &seen, size) > 0);
  fail_unless_equals_uint64 (seen, TOTAL);
  g_thread_join (thread);
  h4_spool_free (spool);
}

GST_END_TEST;

GST_START_TEST (test_end_too_soon)
{
  H4Spool *spool = h4_spool_new ();
  guint64 written = 0;
  GError *error = NULL;
  guint8 byte;

  write_bytes (spool, &written, 10);
  fail_unless (h4_spool_is_ready (spool));
  h4_spool_finish (spool, h4_problem_error (413, NULL, NULL, "too much"));
  fail_unless_equals_int (h4_spool_read (spool, &byte, 1, &error), -1);
  fail_unless (g_error_matches (error, H4_PROBLEM, 413));
  g_clear_error (&error);
  h4_spool_free (spool);
}

GST_END_TEST;

static gpointer
read_one (gpointer data)
{
  GError *error = NULL;
  guint8 byte;

  fail_unless_equals_int (h4_spool_read (data, &byte, 1, &error), -1);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_error_free (error);
  return NULL;
}

GST_START_TEST (test_cancel_wakes_the_reader)
{
  H4Spool *spool = h4_spool_new ();
  GThread *thread = g_thread_new ("reader", read_one, spool);
  GError *error = NULL;

  fail_if (h4_spool_is_ready (spool));
  h4_spool_cancel (spool);
  g_thread_join (thread);
  fail_if (h4_spool_write (spool, "", 1, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_error_free (error);
  h4_spool_free (spool);
}

GST_END_TEST;

static void
check_store (gsize total, gboolean file)
{
  H4Store *store = h4_store_new ();
  guint8 *data = g_malloc (total + 1), *back = g_malloc (total + 4099);
  GError *error = NULL;
  gsize i = 0, step;
  gssize n;

  fill (data, total, 0);
  for (i = 0; i < total; i += step) {
    step = MIN (total - i, 10007);
    fail_unless (h4_store_write (store, data + i, step, &error));
  }
  fail_unless_equals_uint64 (h4_store_get_size (store), total);
  if (file)
    fail_unless (h4_store_get_fd (store, &error) >= 0);
  for (i = 0; (n = h4_store_read (store, back + i, 4099, i, &error)) > 0;)
    i += n;
  fail_unless_equals_int (n, 0);
  fail_unless_equals_uint64 (i, total);
  fail_unless (memcmp (data, back, total) == 0);
  h4_store_unref (store);
  g_free (back);
  g_free (data);
}

GST_START_TEST (test_store)
{
  check_store (0, FALSE);
  check_store (0, TRUE);
  check_store (1000, FALSE);
  check_store (1000, TRUE);
  check_store (H4_STORE_MEMORY, FALSE);
  check_store (H4_STORE_MEMORY + 1, FALSE);
  check_store (5 * H4_STORE_MEMORY, TRUE);
}

GST_END_TEST;

#define SHARED_SIZE 100000

/* Reads all of it again and again, while others ask for its file. */
static gpointer
read_shared (gpointer user_data)
{
  guint8 *expected = g_malloc (SHARED_SIZE), *data = g_malloc (SHARED_SIZE);
  guint i;

  fill (expected, SHARED_SIZE, 0);
  for (i = 0; i < 100; i++) {
    gssize n = h4_store_read (user_data, data, SHARED_SIZE, 0, NULL);

    fail_unless_equals_int (n, SHARED_SIZE);
    fail_unless (memcmp (data, expected, SHARED_SIZE) == 0);
  }
  g_free (data);
  g_free (expected);
  return NULL;
}

static gpointer
ask_for_file (gpointer user_data)
{
  return GINT_TO_POINTER (h4_store_get_fd (user_data, NULL));
}

GST_START_TEST (test_store_of_many)
{
  guint8 *data = g_malloc (SHARED_SIZE);
  guint round, i;

  fill (data, SHARED_SIZE, 0);
  for (round = 0; round < 20; round++) {
    H4Store *store = h4_store_new ();
    GThread *readers[3], *askers[3];
    int fds[3];

    fail_unless (h4_store_write (store, data, SHARED_SIZE, NULL));
    for (i = 0; i < 3; i++) {
      readers[i] = g_thread_new ("read", read_shared, store);
      askers[i] = g_thread_new ("ask", ask_for_file, store);
    }
    for (i = 0; i < 3; i++) {
      g_thread_join (readers[i]);
      fds[i] = GPOINTER_TO_INT (g_thread_join (askers[i]));
    }
    fail_unless (fds[0] >= 0);
    fail_unless_equals_int (fds[1], fds[0]);
    fail_unless_equals_int (fds[2], fds[0]);
    h4_store_unref (store);
  }
  g_free (data);
}

GST_END_TEST;

GST_START_TEST (test_full_disk)
{
  GError *error = NULL;
  FILE *full = fopen ("/dev/full", "w");

  if (!full)
    return;
  fail_if (h4_temp_file_write (fileno (full), "x", 1, 0, &error));
  fail_unless (g_error_matches (error, H4_PROBLEM, 503));
  g_error_free (error);
  fclose (full);
}

GST_END_TEST;

typedef struct
{
  H4Jobs *jobs;
  GCancellable *cancellable;
  gint entered;
} Waiting;

static gpointer
enter_job (gpointer data)
{
  Waiting *waiting = data;
  GError *error = NULL;

  if (h4_jobs_enter (waiting->jobs, waiting->cancellable, &error))
    g_atomic_int_inc (&waiting->entered);
  else
    fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_clear_error (&error);
  return NULL;
}

static void
wait_for (H4Jobs * jobs, guint n)
{
  H4JobsStats stats;

  do {
    g_thread_yield ();
    h4_jobs_get_stats (jobs, &stats);
  } while (stats.waiting != n);
}

GST_START_TEST (test_jobs_wait)
{
  Waiting waiting = { h4_jobs_new (1), NULL, 0 };
  H4JobsStats stats;
  GThread *thread;

  fail_unless (h4_jobs_enter (waiting.jobs, NULL, NULL));
  thread = g_thread_new ("waiting", enter_job, &waiting);
  wait_for (waiting.jobs, 1);
  fail_unless_equals_int (g_atomic_int_get (&waiting.entered), 0);
  h4_jobs_leave (waiting.jobs, TRUE);
  g_thread_join (thread);
  fail_unless_equals_int (waiting.entered, 1);
  h4_jobs_get_stats (waiting.jobs, &stats);
  fail_unless_equals_int (stats.running, 1);
  fail_unless_equals_int (stats.started, 2);
  fail_unless_equals_int (stats.failed, 1);
  h4_jobs_leave (waiting.jobs, FALSE);
  h4_jobs_free (waiting.jobs);
}

GST_END_TEST;

GST_START_TEST (test_jobs_cancelled)
{
  Waiting waiting = { h4_jobs_new (1), g_cancellable_new (), 0 };
  GThread *thread;

  fail_unless (h4_jobs_enter (waiting.jobs, NULL, NULL));
  thread = g_thread_new ("waiting", enter_job, &waiting);
  wait_for (waiting.jobs, 1);
  g_cancellable_cancel (waiting.cancellable);
  g_thread_join (thread);
  fail_unless_equals_int (waiting.entered, 0);
  wait_for (waiting.jobs, 0);
  h4_jobs_leave (waiting.jobs, FALSE);
  h4_jobs_free (waiting.jobs);
  g_object_unref (waiting.cancellable);
}

GST_END_TEST;

/* Who comes when too many wait is told at once. */
GST_START_TEST (test_jobs_refused)
{
  Waiting waiting = { h4_jobs_new (1), g_cancellable_new (), 0 };
  GThread *threads[32];
  GError *error = NULL;
  guint i;

  fail_unless (h4_jobs_enter (waiting.jobs, NULL, NULL));
  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("waiting", enter_job, &waiting);
  wait_for (waiting.jobs, G_N_ELEMENTS (threads));
  fail_if (h4_jobs_enter (waiting.jobs, NULL, &error));
  fail_unless (g_error_matches (error, H4_PROBLEM, 503));
  g_clear_error (&error);
  g_cancellable_cancel (waiting.cancellable);
  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  h4_jobs_leave (waiting.jobs, FALSE);
  h4_jobs_free (waiting.jobs);
  g_object_unref (waiting.cancellable);
}

GST_END_TEST;

static Suite *
spool_suite (void)
{
  Suite *s = suite_create ("spool");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_memory_goes_round);
  tcase_add_test (tc, test_spills_and_comes_back);
  tcase_add_test (tc, test_two_threads);
  tcase_add_test (tc, test_end_too_soon);
  tcase_add_test (tc, test_cancel_wakes_the_reader);
  tcase_add_test (tc, test_store);
  tcase_add_test (tc, test_store_of_many);
  tcase_add_test (tc, test_full_disk);
  tcase_add_test (tc, test_jobs_wait);
  tcase_add_test (tc, test_jobs_cancelled);
  tcase_add_test (tc, test_jobs_refused);
  return s;
}

GST_CHECK_MAIN (spool);
