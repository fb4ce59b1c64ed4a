/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>

#include "memfile.h"

#define BLOCK_SIZE 10
#define GOP 3
#define INTERVAL G_GINT64_CONSTANT (33333000)

typedef struct
{
  guint blocks;
  guint last_size;
  /* stands between the blocks, or not at all */
  gint extra_before;
  /* a block of another size */
  gint odd_block;
} Shape;

static void
forge_base (Forge * f, const Shape * shape)
{
  guint i, keys = (shape->blocks + GOP - 1) / GOP;
  guint8 *seek = g_malloc0 (4 + 16 * keys);

  forge_init (f, NULL);
  for (i = 0; i < shape->blocks; i++) {
    gsize size = i + 1 == shape->blocks ? shape->last_size : BLOCK_SIZE;

    if (shape->extra_before == (gint) i)
      forge_text (f, "Xtra", "a chunk of another reader");
    forge_core (f, i, shape->odd_block == (gint) i ? 1 : size);
  }
  gst_h4_put_u32 (seek, keys);
  forge_chunk (f, "SEEK", seek, 4 + 16 * keys);
  forge_text (f, "META", "{\"project\":\"x\",\"domain\":\"video-transport\","
      "\"block_size\":10,\"fps_hint\":30.0,\"gop\":3,\"masked\":false}");
  forge_text (f, "SAFE", "{}");
  forge_chunk (f, "VERI", "0123456789abcdef0123456789abcdef", 32);
  g_free (seek);
}

static void
check_blocks (MemFile * file, GstH4mkIndex * index, guint blocks)
{
  GstH4mkParser *parser = gst_h4mk_parser_new ();
  guint64 at = 0, i = 0;
  GstH4mkItem item;
  gsize need;

  fail_unless_equals_uint64 (gst_h4mk_index_get_blocks (index), blocks);
  while (i < blocks) {
    guint64 offset, size;
    GError *error = NULL;
    gboolean ok;

    fail_unless_equals_int (gst_h4mk_parser_next (parser, file->data + at,
            file->size - at, &item, &need, NULL), GST_H4MK_RESULT_ITEM);
    at = gst_h4mk_parser_get_offset (parser);
    if (!item.record)
      continue;
    MEM_RETRY (file, ok, gst_h4mk_index_get_base_block (index, i, &offset,
            &size, &error));
    fail_unless (ok, "%s", error ? error->message : "");
    fail_unless_equals_uint64 (offset, item.chunk.offset);
    fail_unless_equals_uint64 (size, item.chunk.size);
    i++;
  }
  gst_h4mk_parser_free (parser);
}

static const Shape shapes[] = {
  /* *INDENT-OFF* */
  { 0, 0, -1, -1 }, { 1, 10, -1, -1 }, { 1, 0, -1, -1 }, { 3, 10, -1, -1 },
  { 4, 1, -1, -1 }, { 100, 10, -1, -1 }, { 1000, 9, -1, -1 },
  { 1001, 0, -1, -1 }, { 50, 3, 20, -1 }, { 50, 3, 0, -1 }, { 50, 3, -1, 17 },
  { 20000, 3, 10000, -1 }
  /* *INDENT-ON* */
};

GST_START_TEST (test_blocks_are_found)
{
  const Shape *shape = &shapes[__i__];
  gint pass;
  Forge f;

  forge_base (&f, shape);
  for (pass = 0; pass < 2; pass++) {
    GstH4mkIndex *index;
    MemFile file;
    guint64 size, n;
    guint gop;
    gdouble fps;

    mem_file_init (&file, f.out->data, f.out->len);
    file.would_block = pass;
    index = mem_file_open (&file, NULL);
    fail_unless (index != NULL);
    fail_unless_equals_int (gst_h4mk_index_get_profile (index),
        GST_H4MK_PROFILE_BASE);
    fail_unless (gst_h4mk_index_is_complete (index));
    fail_unless (gst_h4mk_index_get_base_timing (index, &size, &fps, &gop));
    fail_unless_equals_uint64 (size, BLOCK_SIZE);
    fail_unless_equals_int (gop, GOP);
    fail_unless_equals_float (fps, 30.0);
    fail_unless_equals_int64 (gst_h4mk_index_get_duration (index),
        shape->blocks * INTERVAL);
    check_blocks (&file, index, shape->blocks);
    fail_if (gst_h4mk_index_get_base_block (index, shape->blocks, &n, &size,
            NULL));
    gst_h4mk_index_free (index);
    mem_file_clear (&file);
  }
  forge_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_reads_are_few)
{
  Shape shape = { 300000, 4, -1, -1 };
  GstH4mkIndex *index;
  MemFile file;
  guint64 i, n;
  Forge f;

  forge_base (&f, &shape);
  mem_file_init (&file, f.out->data, f.out->len);
  file.would_block = __i__;
  index = mem_file_open (&file, NULL);
  fail_unless_equals_uint64 (gst_h4mk_index_get_blocks (index), shape.blocks);
  fail_unless (file.reads <= 5, "opening took %u reads", file.reads);
  file.would_block = FALSE;
  for (i = 0; i < 1000; i++) {
    guint64 wanted = i * 7919 % (shape.blocks / GOP);
    GstH4mkSeekPoint point;

    file.reads = 0;
    fail_unless (gst_h4mk_index_find_time (index,
            (gint64) wanted * GOP * INTERVAL, &n, NULL));
    fail_unless_equals_uint64 (n, wanted);
    fail_unless (gst_h4mk_index_get_seek_point (index, n, &point, NULL));
    fail_unless_equals_uint64 (point.span.first_block, wanted * GOP);
    fail_unless_equals_int64 (point.span.pts, (gint64) wanted * GOP * INTERVAL);
    gst_h4mk_seek_point_clear (&point);
    fail_unless (file.reads <= 3, "a seek took %u reads", file.reads);
  }
  gst_h4mk_index_free (index);
  mem_file_clear (&file);
  forge_clear (&f);
}

GST_END_TEST;

/* Without META the block size is the first block's, and nothing has a time. */
GST_START_TEST (test_cut_at_every_byte)
{
  guint s;

  for (s = 0; s < 3; s++) {
    static const Shape cut[] = {
      /* *INDENT-OFF* */
      { 7, 4, -1, -1 }, { 7, 10, 3, -1 }, { 7, 10, -1, 2 }
      /* *INDENT-ON* */
    };
    gsize size;
    Forge f;

    forge_base (&f, &cut[s]);
    for (size = 20; size < f.out->len; size++) {
      GstH4mkParser *parser = gst_h4mk_parser_new ();
      GstH4mkIndex *index;
      GstH4mkItem item;
      MemFile file;
      guint blocks = 0;
      gsize need, at = 0;

      while (gst_h4mk_parser_next (parser, f.out->data + at, size - at, &item,
              &need, NULL) == GST_H4MK_RESULT_ITEM) {
        at = gst_h4mk_parser_get_offset (parser);
        blocks += item.record != NULL;
      }
      gst_h4mk_parser_free (parser);
      mem_file_init (&file, f.out->data, size);
      file.would_block = size % 2;
      index = mem_file_open (&file, NULL);
      fail_unless (index != NULL);
      fail_unless (!gst_h4mk_index_is_complete (index));
      fail_unless (!gst_h4mk_index_get_base_timing (index, NULL, NULL, NULL));
      fail_unless_equals_int64 (gst_h4mk_index_get_duration (index), -1);
      check_blocks (&file, index, blocks);
      gst_h4mk_index_free (index);
      mem_file_clear (&file);
    }
    forge_clear (&f);
  }
}

GST_END_TEST;

GST_START_TEST (test_growing_file)
{
  Shape shape = { 200, 4, -1, -1 };
  GstH4mkIndex *index;
  MemFile file;
  GError *error = NULL;
  gboolean ok;
  Forge f;

  forge_base (&f, &shape);
  mem_file_init (&file, f.out->data, 100);
  index = mem_file_open (&file, NULL);
  while (file.size < f.out->len) {
    file.size = MIN (file.size + 37, f.out->len);
    MEM_RETRY (&file, ok, gst_h4mk_index_grow (index, file.size, &error));
    fail_unless (ok);
  }
  fail_unless (gst_h4mk_index_is_complete (index));
  check_blocks (&file, index, shape.blocks);
  gst_h4mk_index_free (index);
  mem_file_clear (&file);
  forge_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_resume_behind_damage)
{
  Shape shape = { 20, 4, -1, -1 };
  GstH4mkIndex *index;
  MemFile file;
  guint64 found;
  Forge f;

  forge_base (&f, &shape);
  mem_file_init (&file, f.out->data, f.out->len);
  index = mem_file_open (&file, NULL);
  fail_unless (gst_h4mk_index_resync (index, 8 + 22 * 5 + 3, 0, NULL, &found,
          NULL));
  fail_unless_equals_uint64 (found, 8 + 22 * 6);
  fail_if (gst_h4mk_index_resync (index, f.out->len - 50, 0, NULL, &found,
          NULL));
  gst_h4mk_index_free (index);
  mem_file_clear (&file);
  forge_clear (&f);
}

GST_END_TEST;

static Suite *
h4mkbaseindex_suite (void)
{
  Suite *s = suite_create ("h4mkbaseindex");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_blocks_are_found, 0, G_N_ELEMENTS (shapes));
  tcase_add_loop_test (tc, test_reads_are_few, 0, 2);
  tcase_add_test (tc, test_cut_at_every_byte);
  tcase_add_test (tc, test_growing_file);
  tcase_add_test (tc, test_resume_behind_damage);
  return s;
}

GST_CHECK_MAIN (h4mkbaseindex);
