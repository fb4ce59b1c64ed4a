/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Files that were cut off: every whole block before the cut is played, and
 * then it ends. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "feed.h"
#include "synthetic.h"

typedef struct
{
  GBytes *file;
  const guint8 *data;
  gsize size;
  gsize head;                   /* behind the first TRAK */
  GArray *ends;                 /* guint64: behind each CORE */
  GArray *blocks;               /* of H4FeedBlock: of the whole file */
} Whole;

static void
note_cores (Whole * whole)
{
  gsize pos = 8;

  whole->ends = g_array_new (FALSE, FALSE, sizeof (guint64));
  while (pos + 12 <= whole->size) {
    guint64 end = pos + h4_chunk_size (whole->data + pos);

    if (pos == 8)
      whole->head = end;
    if (memcmp (whole->data + pos, "CORE", 4) == 0)
      g_array_append_val (whole->ends, end);
    pos = end;
  }
}

static void
open_whole (Whole * whole, gchar * path)
{
  gchar *data;
  H4Feed feed;

  fail_unless (g_file_get_contents (path, &data, &whole->size, NULL));
  h4_remove_file (path);
  whole->file = g_bytes_new_take (data, whole->size);
  whole->data = (const guint8 *) data;
  note_cores (whole);
  h4_feed_open (&feed, H4_FEED_PULL, whole->data, whole->size, NULL);
  fail_unless (h4_feed_run (&feed));
  whole->blocks = g_array_ref (feed.blocks);
  h4_feed_close (&feed);
  fail_unless_equals_int (whole->blocks->len, whole->ends->len);
}

static void
close_whole (Whole * whole)
{
  g_array_unref (whole->ends);
  g_array_unref (whole->blocks);
  g_bytes_unref (whole->file);
}

/* In a copy of that size, so that whoever reads past the cut is caught. */
static void
check_cut (Whole * whole, H4FeedMode mode, gsize cut)
{
  guint8 *data = g_memdup2 (whole->data, cut);
  guint n = 0;
  H4Feed feed;
  gboolean ok;

  while (n < whole->ends->len && g_array_index (whole->ends, guint64, n) <= cut)
    n++;
  h4_feed_open (&feed, mode, data, cut, "verify", "chain", NULL);
  feed.step = 1000;
  ok = h4_feed_run (&feed);
  fail_if (feed.hung, "no end after a cut at %" G_GSIZE_FORMAT, cut);
  /* before there are streams, there is nothing but an error */
  fail_unless (ok == (cut >= whole->head), "cut at %" G_GSIZE_FORMAT
      " in mode %d", cut, mode);
  fail_unless (feed.blocks->len == n, "a cut at %" G_GSIZE_FORMAT
      " leaves %u blocks, %u came in mode %d", cut, n, feed.blocks->len, mode);
  fail_unless (n == 0 || memcmp (feed.blocks->data, whole->blocks->data, n *
          sizeof (H4FeedBlock)) == 0);
  fail_unless_equals_int (feed.warnings, 0);
  h4_feed_close (&feed);
  g_free (data);
}

#define N_SMALL_LAYOUTS 2

static const gchar *const layouts[] = {
  "group-duration=0 link=false",
  "group-duration=80000000 span-duration=80000000 min-index-interval=0",
  "",
};

GST_START_TEST (test_a_small_file_cut_at_every_byte)
{
  gsize cut;
  Whole whole;
  guint mode;

  open_whole (&whole, h4_make_short_file (layouts[__i__ / 2], 4));
  for (mode = 0; mode < H4_N_FEEDS; mode++) {
    for (cut = __i__ % 2; cut < whole.size; cut += 2)
      check_cut (&whole, mode, cut);
  }
  close_whole (&whole);
}

GST_END_TEST;

GST_START_TEST (test_a_large_file_cut_anywhere)
{
  GRand *rand = g_rand_new_with_seed (4);
  Whole whole;
  guint i;

  open_whole (&whole, h4_make_file (layouts[__i__]));
  for (i = 0; i < 67; i++)
    check_cut (&whole, i % H4_N_FEEDS,
        (gsize) g_rand_int_range (rand, 0, (gint32) whole.size));
  close_whole (&whole);
  g_rand_free (rand);
}

GST_END_TEST;

static Suite *
cut_suite (void)
{
  Suite *s = suite_create ("cut");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  /* even and odd bytes are runs of their own */
  tcase_add_loop_test (tc, test_a_small_file_cut_at_every_byte, 0,
      2 * N_SMALL_LAYOUTS);
  tcase_add_loop_test (tc, test_a_large_file_cut_anywhere, 0,
      G_N_ELEMENTS (layouts));
  return s;
}

H4_FILES_CHECK_MAIN (cut);
