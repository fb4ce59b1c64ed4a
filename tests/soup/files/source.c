/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* How much of a file is read to answer. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gst/check/gstcheck.h>

#include "gsth4mkwriter.h"
#include "h4filessource.h"
#include "h4problem.h"
#include "tree.h"

/* ns from block to block; a span of 1 s has 1000 of them */
#define STEP 1000000

static gchar *tree;

static void
setup (void)
{
  tree = tree_new ();
}

static void
teardown (void)
{
  tree_free (tree);
}

static gboolean
write_pieces (const GstH4mkPiece * pieces, guint n_pieces,
    GstH4mkWriteFlags flags, gpointer user_data, GError ** error)
{
  guint i;

  for (i = 0; i < n_pieces; i++)
    fail_unless (fwrite (pieces[i].data, pieces[i].size, 1, user_data) == 1);
  return TRUE;
}

static void
write_blocks (GstH4mkWriter * writer, guint n)
{
  static const guint8 data[64] = "a block";
  guint i;

  for (i = 0; i < n; i++) {
    GstH4mkBlock block = {.data = data };

    block.record.track = 1;
    block.record.flags = GST_H4MK_RECORD_HAS_DURATION;
    if (i % 25 == 0)
      block.record.flags |= GST_H4MK_RECORD_KEY;
    block.record.pts = (gint64) i *STEP;

    block.record.duration = STEP;
    block.record.size = 7 + i % 50;
    fail_unless (gst_h4mk_writer_add (writer, &block, NULL));
  }
}

/* A recording of n blocks; finished, or as it is while it is made. */
static gint
open_recording (guint n, gboolean finished)
{
  gchar *path = g_build_filename (tree, "recording", NULL);
  const GstH4mkWriterFuncs funcs = { write_pieces, NULL, NULL };
  GstH4mkTracks *tracks = gst_h4mk_tracks_new ();
  GstH4mkWriterOptions options;
  GstH4mkWriter *writer;
  FILE *out = fopen (path, "w");
  gint fd;

  gst_h4mk_tracks_add (tracks, 1, GST_H4MK_TRACK_VIDEO, "video/x-test");
  gst_h4mk_writer_options_init (&options);
  options.span_duration = 100 * STEP;
  options.min_index_interval = 0;
  writer = gst_h4mk_writer_new (&options, &funcs, out);
  fail_unless (gst_h4mk_writer_set_tracks (writer, tracks, NULL));
  write_blocks (writer, n);
  if (finished)
    fail_unless (gst_h4mk_writer_finish (writer, NULL, NULL));
  gst_h4mk_writer_free (writer);
  gst_h4mk_tracks_unref (tracks);
  fail_unless (fclose (out) == 0);
  fd = open (path, O_RDONLY | O_CLOEXEC);
  fail_unless (fd >= 0);
  g_free (path);
  return fd;
}

static guint64
get_size (gint fd)
{
  struct stat st;

  fail_unless (fstat (fd, &st) == 0);
  return (guint64) st.st_size;
}

typedef struct
{
  guint reads;
  guint64 bytes;
} Cost;

/* Everything that is asked of an index, from a time near the middle. */
static void
ask_all (H4FilesSource * self, guint n)
{
  H4mkBlock key, block;
  JsonObject *info;
  gint64 position;
  GArray *chain;

  info = h4mk_json_info (&self->source, NULL);
  fail_unless (info != NULL);
  json_object_unref (info);
  fail_unless (h4_files_source_get_position (self, (gint64) n / 2 * 1000 +
          7000, &position, NULL));
  fail_unless (h4mk_source_find_key (&self->source, 0, position, &key, NULL));
  fail_unless_equals_uint64 (key.block, n / 2 / 25 * 25);
  chain = h4mk_source_find_chain (&self->source, 0, position, NULL);
  fail_unless (chain != NULL);
  fail_unless_equals_int (chain->len, n / 2 % 25 + 8);
  g_array_unref (chain);
  fail_unless (h4mk_source_find_block (&self->source, n - n / 3, &block, NULL));
  fail_unless (h4_files_source_check_block (self, &block, NULL));
}

static Cost
measure (guint n, gboolean finished)
{
  gint fd = open_recording (n, finished);
  H4FilesSource self;
  Cost cost;

  fail_unless (h4_files_source_open (&self, fd, get_size (fd), TRUE, NULL,
          NULL));
  ask_all (&self, n);
  cost.reads = self.reads;
  cost.bytes = self.read_bytes;
  GST_INFO ("%u blocks: %u reads, %" G_GUINT64_FORMAT " bytes", n, cost.reads,
      cost.bytes);
  h4_files_source_close (&self);
  close (fd);
  return cost;
}

GST_START_TEST (test_reads_do_not_grow)
{
  Cost small = measure (5000, TRUE);
  Cost large = measure (100000, TRUE);

  fail_unless (large.reads <= small.reads + 8, "%u, %u", large.reads,
      small.reads);
  fail_unless (large.reads <= 32, "%u", large.reads);
  fail_unless (large.bytes <= 768 * 1024, "%" G_GUINT64_FORMAT, large.bytes);
}

GST_END_TEST;

/* The same of a file that is being recorded: back from its end to a page. */
GST_START_TEST (test_reads_while_recording)
{
  Cost small = measure (60000, FALSE);
  Cost large = measure (120000, FALSE);

  fail_unless (large.reads <= small.reads + 8, "%u, %u", large.reads,
      small.reads);
  fail_unless (large.reads <= 48, "%u", large.reads);
  fail_unless (large.bytes <= 2048 * 1024, "%" G_GUINT64_FORMAT, large.bytes);
}

GST_END_TEST;

/* What comes after it was opened is not there for it. */
GST_START_TEST (test_size_is_kept)
{
  gint fd = open_recording (1000, TRUE);
  guint64 size = get_size (fd);
  H4FilesSource self;
  GBytes *bytes;

  fail_unless (h4_files_source_open (&self, fd, size - 100, TRUE, NULL, NULL));
  fail_if (gst_h4mk_index_is_complete (self.source.index));
  bytes = self.source.read (size - 110, 100, self.source.user_data, NULL);
  fail_unless_equals_int (g_bytes_get_size (bytes), 10);
  g_bytes_unref (bytes);
  bytes = self.source.read (G_MAXUINT64, 100, self.source.user_data, NULL);
  fail_unless_equals_int (g_bytes_get_size (bytes), 0);
  g_bytes_unref (bytes);
  h4_files_source_close (&self);
  close (fd);
}

GST_END_TEST;

GST_START_TEST (test_cancelled)
{
  GCancellable *cancellable = g_cancellable_new ();
  gint fd = open_recording (1000, TRUE);
  GError *error = NULL;
  H4FilesSource self;
  H4mkBlock key;

  fail_unless (h4_files_source_open (&self, fd, get_size (fd), TRUE,
          cancellable, NULL));
  g_cancellable_cancel (cancellable);
  fail_if (h4mk_source_find_key (&self.source, 0, 0, &key, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_clear_error (&error);
  h4_files_source_close (&self);
  fail_if (h4_files_source_open (&self, fd, get_size (fd), TRUE, cancellable,
          &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_clear_error (&error);
  close (fd);
  g_object_unref (cancellable);
}

GST_END_TEST;

GST_START_TEST (test_times)
{
  gint fd = open_recording (100, TRUE);
  GError *error = NULL;
  H4FilesSource self;
  gint64 position;

  fail_unless (h4_files_source_open (&self, fd, get_size (fd), TRUE, NULL,
          NULL));
  fail_unless (h4_files_source_get_position (&self, 7, &position, NULL));
  fail_unless_equals_int64 (position, 7999);
  fail_unless (h4_files_source_get_position (&self, -7, &position, NULL));
  fail_unless_equals_int64 (position, -6001);
  fail_if (h4_files_source_get_position (&self, G_MAXINT64, &position, &error));
  fail_unless (g_error_matches (error, H4_PROBLEM, 400));
  g_clear_error (&error);
  fail_if (h4_files_source_get_position (&self, G_MININT64, &position, NULL));
  h4_files_source_close (&self);
  close (fd);
}

GST_END_TEST;

static Suite *
source_suite (void)
{
  Suite *s = suite_create ("source");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_reads_do_not_grow);
  tcase_add_test (tc, test_reads_while_recording);
  tcase_add_test (tc, test_size_is_kept);
  tcase_add_test (tc, test_cancelled);
  tcase_add_test (tc, test_times);
  return s;
}

GST_CHECK_MAIN (source);
