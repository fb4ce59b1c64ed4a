/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>

#include "harmony4.h"

GST_START_TEST (test_video_token_is_big_endian)
{
  static const guint8 expected[GST_H4_VIDEO_TOKEN_SIZE] = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 1
  };
  const GstH4VideoToken token = { G_GUINT64_CONSTANT (0x0102030405060708),
    0x090a0b0c, 42
  };
  guint8 bytes[GST_H4_VIDEO_TOKEN_SIZE];

  gst_h4_video_token_encode (&token, bytes);
  fail_unless_equals_int (memcmp (bytes, expected, sizeof (bytes)), 0);
}

GST_END_TEST;

GST_START_TEST (test_video_token_reads_back)
{
  static const GstH4VideoToken tokens[] = {
    {0, 0, FALSE}, {0, 0, TRUE}, {G_MAXUINT64, G_MAXUINT32, TRUE},
    {3299967, 99, FALSE}
  };
  guint8 bytes[GST_H4_VIDEO_TOKEN_SIZE];
  GstH4VideoToken token;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (tokens); i++) {
    gst_h4_video_token_encode (&tokens[i], bytes);
    fail_unless (gst_h4_video_token_decode (&token, bytes, sizeof (bytes)));
    fail_unless_equals_uint64 (token.pts_us, tokens[i].pts_us);
    fail_unless_equals_int (token.block_index, tokens[i].block_index);
    fail_unless_equals_int (token.is_key, tokens[i].is_key);
  }
}

GST_END_TEST;

GST_START_TEST (test_what_is_no_video_token_is_refused)
{
  guint8 bytes[GST_H4_VIDEO_TOKEN_SIZE + 1] = { 0, };
  GstH4VideoToken token = { 1, 2, TRUE };
  gsize size;

  for (size = 0; size <= sizeof (bytes); size++)
    fail_unless_equals_int (gst_h4_video_token_decode (&token, bytes, size),
        size == GST_H4_VIDEO_TOKEN_SIZE);

  token.pts_us = 1;
  bytes[12] = 2;
  fail_if (gst_h4_video_token_decode (&token, bytes, GST_H4_VIDEO_TOKEN_SIZE));
  fail_unless_equals_uint64 (token.pts_us, 1);
}

GST_END_TEST;

typedef struct
{
  gboolean key, droppable, has_pts;
  gint64 pts;
  gchar kind;
  gboolean reordered;
} KindCase;

static const KindCase kind_cases[] = {
  {FALSE, FALSE, TRUE, 10, 'P', FALSE},
  {FALSE, FALSE, TRUE, 9, 'B', TRUE},
  {TRUE, FALSE, TRUE, -50, 'I', FALSE},
  {FALSE, FALSE, TRUE, -60, 'B', TRUE},
  {FALSE, FALSE, TRUE, -50, 'P', FALSE},
  {FALSE, FALSE, FALSE, -99, 'P', FALSE},
  {FALSE, TRUE, TRUE, 5, 'B', FALSE},
  {FALSE, FALSE, TRUE, 4, 'B', TRUE},
  {TRUE, TRUE, FALSE, 0, 'I', FALSE},
  {FALSE, FALSE, TRUE, G_MININT64, 'P', FALSE},
};

GST_START_TEST (test_kinds_follow_key_blocks_and_times)
{
  GstH4KindTracker tracker;
  gboolean reordered;
  guint i;

  gst_h4_kind_tracker_init (&tracker);
  for (i = 0; i < G_N_ELEMENTS (kind_cases); i++) {
    const KindCase *c = &kind_cases[i];
    GstH4Kind kind = gst_h4_kind_tracker_next (&tracker, c->key, c->droppable,
        c->has_pts, c->pts, &reordered);

    fail_unless (gst_h4_kind_to_char (kind) == c->kind, "block %u", i);
    fail_unless (reordered == c->reordered, "block %u", i);
  }
}

GST_END_TEST;

static GstBuffer *
new_block (void)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 100, NULL);
  const GstH4AudioBin bins[] = { {440.0, 1.0, 0.5}, {880.0, 0.5, -0.5} };

  gst_buffer_add_h4_block_meta (buffer, 7, GST_H4_KIND_B, 4711);
  gst_buffer_add_h4_audio_bins_meta (buffer, 1, 2, bins);
  return buffer;
}

static void
check_metas (GstBuffer * buffer, gboolean there)
{
  GstH4BlockMeta *block = gst_buffer_get_h4_block_meta (buffer);
  GstH4AudioBinsMeta *audio = gst_buffer_get_h4_audio_bins_meta (buffer);

  fail_unless_equals_int (block != NULL, there);
  fail_unless_equals_int (audio != NULL, there);
  if (there) {
    fail_unless_equals_uint64 (block->index, 7);
    fail_unless_equals_int (block->kind, GST_H4_KIND_B);
    fail_unless_equals_uint64 (block->size, 4711);
    fail_unless_equals_int (audio->channels * audio->top_k, 2);
    fail_unless_equals_float (audio->bins[1].frequency, 880.0);
    fail_unless_equals_float (audio->bins[1].phase, -0.5);
  }
}

GST_START_TEST (test_metas_go_with_whole_copies_only)
{
  static const struct
  {
    gsize offset, size;
    gboolean there;
  } cases[] = {
    {0, -1, TRUE}, {0, 100, TRUE}, {0, 99, FALSE}, {1, -1, FALSE}
  };
  GstBuffer *buffer = new_block ();
  GstBuffer *copy = gst_buffer_copy_region (buffer, GST_BUFFER_COPY_ALL,
      cases[__i__].offset, cases[__i__].size);

  gst_buffer_unref (buffer);
  check_metas (copy, cases[__i__].there);
  gst_buffer_unref (copy);
}

GST_END_TEST;

GST_START_TEST (test_metas_are_of_the_memory)
{
  GstBuffer *buffer = new_block ();
  GType apis[] = { GST_H4_BLOCK_META_API_TYPE,
    GST_H4_AUDIO_BINS_META_API_TYPE
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (apis); i++)
    fail_unless (gst_meta_api_type_has_tag (apis[i],
            g_quark_from_string (GST_META_TAG_MEMORY_STR)));
  gst_buffer_unref (buffer);
}

GST_END_TEST;

GST_START_TEST (test_audio_bins_default_to_zero)
{
  GstBuffer *buffer = gst_buffer_new ();
  GstH4AudioBinsMeta *meta =
      gst_buffer_add_h4_audio_bins_meta (buffer, 2, 3, NULL);
  guint i;

  for (i = 0; i < 6; i++)
    fail_unless_equals_float (meta->bins[i].magnitude, 0.0);
  gst_buffer_unref (buffer);
}

GST_END_TEST;

static Suite *
tokens_suite (void)
{
  Suite *s = suite_create ("tokens");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_video_token_is_big_endian);
  tcase_add_test (tc, test_video_token_reads_back);
  tcase_add_test (tc, test_what_is_no_video_token_is_refused);
  tcase_add_test (tc, test_kinds_follow_key_blocks_and_times);
  tcase_add_loop_test (tc, test_metas_go_with_whole_copies_only, 0, 4);
  tcase_add_test (tc, test_metas_are_of_the_memory);
  tcase_add_test (tc, test_audio_bins_default_to_zero);
  return s;
}

GST_CHECK_MAIN (tokens);
