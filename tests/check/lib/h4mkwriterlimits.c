/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <malloc.h>

#include "gsth4mkspans.h"
#include "h4mkrig.h"

/* Lists that cannot follow the first one, or stand in a file at all. */
static GstH4mkTracks *
make_bad_tracks (guint number)
{
  GstH4mkTracks *tracks = gst_h4mk_tracks_new ();
  guint i;

  gst_h4mk_tracks_add (tracks, 2, GST_H4MK_TRACK_DATA, "a/c");
  switch (number) {
    case 0:
      tracks->uuid = g_strdup ("another");
      break;
    case 1:
      tracks->start_time = 5;
      break;
    case 2:
      tracks->key = g_strnfill (64, 'a');
      break;
    case 3:
      gst_h4mk_tracks_add (tracks, 1, GST_H4MK_TRACK_VIDEO, "a/b");
      break;
    case 4:
      gst_h4mk_tracks_add (tracks, 2, GST_H4MK_TRACK_DATA, "a/b");
      break;
    case 5:
      gst_h4mk_tracks_add (tracks, 0, GST_H4MK_TRACK_DATA, "a/b");
      break;
    case 6:
      gst_h4mk_tracks_add (tracks, 3, GST_H4MK_TRACK_DATA, "a/\xff");
      break;
    case 7:
      tracks->need = g_strsplit ("something", ",", -1);
      break;
    case 8:
      gst_h4mk_tracks_add (tracks, 3, GST_H4MK_TRACK_DATA, "a/b")->name =
          g_strnfill (1 << 20, 'n');
      break;
    case 9:
      for (i = 3; i < 65540; i++)
        gst_h4mk_tracks_add (tracks, i, GST_H4MK_TRACK_DATA, "a/b");
      break;
    default:
      gst_h4mk_tracks_unref (tracks);
      return NULL;
  }
  return tracks;
}

GST_START_TEST (test_refuses_lists_that_a_file_cannot_hold)
{
  GstH4mkTracks *bad;
  GError *error = NULL;
  Rig rig;
  Walk walk;
  guint i;

  rig_init (&rig);
  gst_h4mk_tracks_add (rig.tracks, 1, GST_H4MK_TRACK_DATA, "a/b");
  rig_start (&rig);
  rig_add (&rig, 1, 0, 0, 1);
  for (i = 0; (bad = make_bad_tracks (i)); i++) {
    fail_if (gst_h4mk_writer_set_tracks (rig.writer, bad, &error), "%u", i);
    if (i >= 8)
      fail_unless_error (error, GST_H4MK_ERROR_LIMIT);
    else
      fail_unless_error (error, GST_H4MK_ERROR_INVALID);
    gst_h4mk_tracks_unref (bad);
    /* the one before holds */
    rig_add (&rig, 1, 0, 0, 1);
  }
  fail_unless_equals_int (i, 10);
  rig_finish (&rig, &walk);
  walk_clear (&walk);
  rig_clear (&rig);
}

GST_END_TEST;

#define MAX_TIME (G_GINT64_CONSTANT (1) << 61)

static const struct
{
  GstH4mkRecord record;
  GstH4mkError code;
} bad_blocks[] = {
  {{0, 3, 0, 0, 0, 0, 1}, GST_H4MK_ERROR_INVALID},
  {{0, 0, 0, 0, 0, 0, 1}, GST_H4MK_ERROR_INVALID},
  /* masked, and no index */
  {{0, 2, 0, 0, 0, 0, 1}, GST_H4MK_ERROR_INVALID},
  {{GST_H4MK_RECORD_HAS_INDEX, 1, 0, 0, 0, G_MAXINT64, 1},
      GST_H4MK_ERROR_INVALID},
  {{0, 1, 0, 0, 0, 0, (G_GUINT64_CONSTANT (1) << 30) + 1},
      GST_H4MK_ERROR_LIMIT},
  {{0, 1, 0, 0, 0, 0, G_MAXUINT64}, GST_H4MK_ERROR_LIMIT},
  {{0, 1, MAX_TIME, 0, 0, 0, 1}, GST_H4MK_ERROR_INVALID},
  {{0, 1, G_MININT64, 0, 0, 0, 1}, GST_H4MK_ERROR_INVALID},
  {{DUR, 1, 0, 0, G_MAXINT64, 0, 1}, GST_H4MK_ERROR_INVALID},
  {{DUR, 1, 0, 0, -1, 0, 1}, GST_H4MK_ERROR_INVALID},
  {{GST_H4MK_RECORD_HAS_DTS, 1, 0, -MAX_TIME, 0, 0, 1},
      GST_H4MK_ERROR_INVALID},
};

GST_START_TEST (test_refuses_a_block_and_goes_on_without_it)
{
  Rig rig;
  Walk walk;
  guint i;

  rig_init (&rig);
  gst_h4mk_tracks_add (rig.tracks, 1, GST_H4MK_TRACK_DATA, "a/b");
  gst_h4mk_tracks_add (rig.tracks, 2, GST_H4MK_TRACK_AUDIO,
      "application/x-h4-masked, original-media-type=(string)a/b");
  rig_start (&rig);
  for (i = 0; i < G_N_ELEMENTS (bad_blocks); i++) {
    GError *error = NULL;

    rig_add (&rig, 1, 0, i, 1);
    fail_if (rig_try (&rig, &bad_blocks[i].record, "x", &error), "%u", i);
    fail_unless_error (error, bad_blocks[i].code);
  }
  rig_finish (&rig, &walk);
  fail_unless_equals_int (walk.blocks->len, i);
  walk_clear (&walk);
  rig_clear (&rig);
}

GST_END_TEST;

/* The largest differences that two blocks may have. */
GST_START_TEST (test_takes_times_far_apart)
{
  static const GstH4mkRecord far[] = {
    {DUR | GST_H4MK_RECORD_HAS_DTS, 1, MAX_TIME - 1, 1 - MAX_TIME,
        MAX_TIME - 1, 0, 0},
    {DUR | GST_H4MK_RECORD_HAS_DTS | GST_H4MK_RECORD_HAS_INDEX, 1,
        1 - MAX_TIME, MAX_TIME - 1, 0, G_MAXINT64 - 1, 0},
    {DUR | GST_H4MK_RECORD_HAS_DTS | GST_H4MK_RECORD_HAS_INDEX, 1,
        MAX_TIME - 1, 1 - MAX_TIME, MAX_TIME - 1, 0, 0},
  };
  Rig rig;
  Walk walk;
  guint i;

  rig_init (&rig);
  rig.options.group_duration = G_MAXUINT64;
  rig.options.span_duration = G_MAXUINT64;
  gst_h4mk_tracks_add (rig.tracks, 1, GST_H4MK_TRACK_DATA, "a/b");
  rig_start (&rig);
  for (i = 0; i < G_N_ELEMENTS (far); i++)
    fail_unless (rig_try (&rig, &far[i], NULL, NULL));
  rig_finish (&rig, &walk);
  for (i = 0; i < G_N_ELEMENTS (far); i++) {
    const GstH4mkRecord *r = &walk_block (&walk, i)->record;

    fail_unless_equals_int64 (r->pts, far[i].pts);
    fail_unless_equals_int64 (r->dts, far[i].dts);
    fail_unless_equals_int64 (r->duration, far[i].duration);
    fail_unless_equals_uint64 (r->index, far[i].index);
  }
  walk_clear (&walk);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_calls_out_of_order_are_refused)
{
  GstH4mkRecord record = { 0, 1, 0, 0, 0, 0, 1 };
  GError *error = NULL;
  Rig rig;
  gsize size;

  rig_init (&rig);
  rig.writer = gst_h4mk_writer_new (&rig.options, &sink_funcs, &rig.sink);
  fail_unless (gst_h4mk_writer_get_stream_header (rig.writer) == NULL);
  fail_if (rig_try (&rig, &record, "x", &error));
  fail_unless_error (error, GST_H4MK_ERROR_INVALID);
  fail_if (gst_h4mk_writer_finish (rig.writer, NULL, &error));
  fail_unless_error (error, GST_H4MK_ERROR_INVALID);
  fail_unless_equals_int (rig.sink.bytes->len, 0);

  gst_h4mk_tracks_add (rig.tracks, 1, GST_H4MK_TRACK_DATA, "a/b");
  fail_unless (gst_h4mk_writer_set_tracks (rig.writer, rig.tracks, NULL));
  fail_unless (gst_h4mk_writer_finish (rig.writer, NULL, NULL));
  size = rig.sink.bytes->len;
  fail_if (rig_try (&rig, &record, "x", &error));
  fail_unless_error (error, GST_H4MK_ERROR_INVALID);
  fail_if (gst_h4mk_writer_finish (rig.writer, NULL, &error));
  fail_unless_error (error, GST_H4MK_ERROR_INVALID);
  fail_if (gst_h4mk_writer_set_tracks (rig.writer, rig.tracks, &error));
  fail_unless_error (error, GST_H4MK_ERROR_INVALID);
  fail_unless_equals_int (rig.sink.bytes->len, size);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_stops_for_good_after_a_failed_write)
{
  guint8 *data = g_malloc0 (65536);
  gint taken;

  for (taken = 0; taken < 6; taken++) {
    GError *error = NULL;
    gboolean ok = TRUE;
    gsize size;
    Rig rig;
    guint i;

    rig_init (&rig);
    rig.options.group_duration = 0;
    rig.options.span_duration = 0;
    rig.sink.fail_after = taken;
    gst_h4mk_tracks_add (rig.tracks, 1, GST_H4MK_TRACK_DATA, "a/b");
    rig.writer = gst_h4mk_writer_new (&rig.options, &sink_funcs, &rig.sink);
    ok = gst_h4mk_writer_set_tracks (rig.writer, rig.tracks, &error);
    for (i = 0; i < 3 && ok; i++) {
      GstH4mkRecord record = { 0, 1, i * MS, 0, 0, 0, 65536 };

      ok = rig_try (&rig, &record, data, &error);
    }
    fail_if (ok);
    fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE));
    g_clear_error (&error);

    rig.sink.fail_after = -1;
    size = rig.sink.bytes->len;
    fail_if (gst_h4mk_writer_finish (rig.writer, NULL, &error));
    fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE));
    g_clear_error (&error);
    fail_unless_equals_int (rig.sink.bytes->len, size);
    rig_clear (&rig);
  }
  g_free (data);
}

GST_END_TEST;

GST_START_TEST (test_refuses_an_end_that_a_reader_would)
{
  GstH4mkTail tail = { NULL, };
  GError *error = NULL;
  JsonNode *deep;
  guint8 *much = g_malloc0 (64 << 20);
  GBytes *bytes = g_bytes_new_static (much, 64 << 20);
  gsize before;
  Rig rig;
  Walk walk;

  rig_init (&rig);
  gst_h4mk_tracks_add (rig.tracks, 1, GST_H4MK_TRACK_AUDIO, "a/b");
  rig_start (&rig);
  rig_add (&rig, 1, KEY, 0, 1);
  before = rig.sink.bytes->len;

  tail.safe = "not JSON";
  fail_if (gst_h4mk_writer_finish (rig.writer, &tail, &error));
  fail_unless_error (error, GST_H4MK_ERROR_INVALID);
  tail.safe = NULL;
  deep = json_from_string ("[[[[[[[[1]]]]]]]]", NULL);
  tail.toc = json_node_get_array (deep);
  fail_if (gst_h4mk_writer_finish (rig.writer, &tail, &error));
  fail_unless_error (error, GST_H4MK_ERROR_INVALID);
  tail.toc = NULL;
  tail.attachments = g_ptr_array_new_with_free_func (
      (GDestroyNotify) gst_h4mk_attachment_free);
  g_ptr_array_add (tail.attachments,
      gst_h4mk_attachment_new ("1/a/0", "a/b", bytes));
  fail_if (gst_h4mk_writer_finish (rig.writer, &tail, &error));
  fail_unless_error (error, GST_H4MK_ERROR_LIMIT);

  fail_unless_equals_int (rig.sink.bytes->len, before);
  rig_finish (&rig, &walk);
  walk_clear (&walk);
  rig_clear (&rig);
  g_ptr_array_unref (tail.attachments);
  json_node_unref (deep);
  g_bytes_unref (bytes);
  g_free (much);
}

GST_END_TEST;

/* Two tracks, 20 ms a block: a group, a page and 16 bytes a span are all that
 * is kept. */
GST_START_TEST (test_memory_does_not_grow_with_the_file)
{
  const guint warm = 20000, n = 150000;
  struct mallinfo2 before = { 0, }, after;
  Rig rig;
  guint i;

  rig_init (&rig);
  rig.sink.discard = TRUE;
  gst_h4mk_tracks_add (rig.tracks, 1, GST_H4MK_TRACK_VIDEO, "a/b");
  gst_h4mk_tracks_add (rig.tracks, 2, GST_H4MK_TRACK_SUBTITLE, "a/b");
  rig_start (&rig);
  for (i = 0; i < n; i++) {
    if (i == warm)
      before = mallinfo2 ();
    rig_add (&rig, 1 + i % 2, i % 25 == 0 ? KEY : 0, i * 20 * MS, 200);
  }
  after = mallinfo2 ();
  fail_unless_equals_uint64 (gst_h4mk_writer_get_spans (rig.writer), 2999);
  fail_unless (after.uordblks < before.uordblks + 512 * 1024,
      "%zu bytes became %zu", before.uordblks, after.uordblks);
  rig_clear (&rig);
}

GST_END_TEST;

/* The table of a writer, without the blocks. */
GST_START_TEST (test_seek_is_halved_where_it_is_full)
{
  const guint half = GST_H4MK_MAX_SEEK_ENTRIES / 2;
  GByteArray *out = g_byte_array_new ();
  GstH4mkSpans spans;
  guint i;

  gst_h4mk_spans_init (&spans);
  for (i = 0; i < 2 * half + 3; i++) {
    GstH4mkSpan span = {.pts = i * MS,.flags = 1 };

    gst_h4mk_spans_add (&spans, &span, i);
  }
  gst_h4mk_spans_put_seek (&spans, out);

  /* 0, 2, 4 and so on up to 262144, then all again */
  fail_unless_equals_uint64 (read_u32 (out->data + 12), half + 1 + 2);
  fail_unless_equals_uint64 (out->len, 12 + 4 + 16 * (half + 3));
  for (i = 0; i < half + 3; i++) {
    const guint8 *p = out->data + 12 + 4 + 16 * i;
    guint span = i <= half ? 2 * i : i + half;

    if (read_u64 (p) != span * 1000 || read_u64 (p + 8) != span)
      fail ("entry %u is not span %u", i, span);
  }
  gst_h4mk_spans_clear (&spans);
  g_byte_array_unref (out);
}

GST_END_TEST;

static Suite *
h4mkwriterlimits_suite (void)
{
  Suite *s = suite_create ("h4mkwriterlimits");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_refuses_lists_that_a_file_cannot_hold);
  tcase_add_test (tc, test_refuses_a_block_and_goes_on_without_it);
  tcase_add_test (tc, test_takes_times_far_apart);
  tcase_add_test (tc, test_calls_out_of_order_are_refused);
  tcase_add_test (tc, test_stops_for_good_after_a_failed_write);
  tcase_add_test (tc, test_refuses_an_end_that_a_reader_would);
  tcase_add_test (tc, test_memory_does_not_grow_with_the_file);
  tcase_add_test (tc, test_seek_is_halved_where_it_is_full);
  return s;
}

H4_FILES_CHECK_MAIN (h4mkwriterlimits);
