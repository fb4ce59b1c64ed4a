/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>

#include "memfile.h"

/* Everything that an index says of a file. */
static gchar *
describe (MemFile * file, GstH4mkIndex * index, gboolean points)
{
  GString *text = g_string_new (NULL);
  guint64 n = gst_h4mk_index_get_n_spans (index), i;

  g_string_append_printf (text, "blocks %" G_GUINT64_FORMAT " duration %"
      G_GINT64_FORMAT " shift %" G_GINT64_FORMAT " start %" G_GINT64_FORMAT
      "\n", gst_h4mk_index_get_blocks (index),
      gst_h4mk_index_get_duration (index), gst_h4mk_index_get_shift (index),
      gst_h4mk_index_get_start (index));
  for (i = 0; i < n; i++) {
    GstH4mkSpan span;
    GstH4mkSeekPoint point;
    GError *error = NULL;
    gboolean ok;

    MEM_RETRY (file, ok, gst_h4mk_index_get_span (index, i, &span, &error));
    fail_unless (ok, "span %d: %s", (gint) i, error ? error->message : "");
    g_string_append_printf (text, "%" G_GUINT64_FORMAT ": at %" G_GUINT64_FORMAT
        " block %" G_GUINT64_FORMAT "+%" G_GUINT64_FORMAT " pts %"
        G_GINT64_FORMAT " flags %u", i, span.offset, span.first_block,
        span.blocks, span.pts, span.flags);
    if (points) {
      guint r;

      MEM_RETRY (file, ok, gst_h4mk_index_get_seek_point (index, i, &point,
              &error));
      fail_unless (ok, "span %d: %s", (gint) i, error ? error->message : "");
      g_string_append_printf (text, " tokn %" G_GUINT64_FORMAT,
          point.token_offset);
      for (r = 0; r < point.refs->len; r++) {
        GstH4mkSeekRef *ref = &g_array_index (point.refs, GstH4mkSeekRef, r);

        g_string_append_printf (text, " ref %u:%" G_GUINT64_FORMAT, ref->track,
            ref->offset);
      }
      gst_h4mk_seek_point_clear (&point);
    }
    g_string_append_c (text, '\n');
  }
  return g_string_free (text, FALSE);
}

static gchar *
describe_bytes (const guint8 * data, gsize size, gboolean would_block,
    gboolean complete)
{
  MemFile file;
  GstH4mkIndex *index;
  GError *error = NULL;
  gchar *text;

  mem_file_init (&file, data, size);
  file.would_block = would_block;
  index = mem_file_open (&file, &error);
  fail_unless (index != NULL, "%s", error ? error->message : "");
  fail_unless_equals_int (gst_h4mk_index_is_complete (index), complete);
  text = describe (&file, index, TRUE);
  gst_h4mk_index_free (index);
  mem_file_clear (&file);
  return text;
}

/* Shows where they begin to differ: the whole would be too long. */
static void
fail_unless_same (const gchar * a, const gchar * b)
{
  gsize i = 0;

  while (a[i] && a[i] == b[i])
    i++;
  fail_unless (a[i] == b[i], "%.200s\n where it should be\n%.200s", a + i,
      b + i);
}

/* Size without what comes after the last span. */
static gsize
size_of_spans (guint64 spans, gboolean link)
{
  Forge f;
  gsize size;

  forge_plain (&f, spans, link, FALSE);
  size = f.out->len;
  forge_clear (&f);
  return size;
}

GST_START_TEST (test_whole_file)
{
  Forge f;
  gchar *text;

  forge_plain (&f, 3, TRUE, TRUE);
  text = describe_bytes (f.out->data, f.out->len, FALSE, TRUE);
  fail_unless (g_str_has_prefix (text,
          "blocks 12 duration 240000000 shift 0 start 0\n"
          "0: at 163 block 0+4 pts 0 flags 1 tokn 163"), "%s", text);
  fail_unless (strstr (text, "2: at ") && strstr (text,
          " block 8+4 pts 160000000 flags 1 tokn "), "%s", text);
  fail_unless (strstr (text, " ref 2:") != NULL, "%s", text);
  g_free (text);
  forge_clear (&f);
}

GST_END_TEST;

/* Number of spans: none but the last page, a page and some, pages; each as a
 * file that is whole, cut off after its last span, and in its page. */
static const struct
{
  guint64 spans;
  gboolean link;
} sizes[] = {
  /* *INDENT-OFF* */
  { 1, TRUE }, { 5, TRUE }, { 512, TRUE }, { 513, TRUE }, { 1300, TRUE },
  { 1, FALSE }, { 5, FALSE }, { 512, FALSE }, { 513, FALSE }, { 1300, FALSE }
  /* *INDENT-ON* */
};

GST_START_TEST (test_cut_file_says_what_the_whole_one_says)
{
  gsize size = size_of_spans (sizes[__i__].spans, sizes[__i__].link);
  gchar *whole, *cut;
  gint pass;
  Forge f;

  forge_plain (&f, sizes[__i__].spans, sizes[__i__].link, TRUE);
  whole = describe_bytes (f.out->data, f.out->len, FALSE, TRUE);
  for (pass = 0; pass < 4; pass++) {
    gsize cut_size = pass < 2 ? size : f.out->len - 1;

    cut = describe_bytes (f.out->data, cut_size, pass % 2, FALSE);
    fail_unless_same (cut, whole);
    g_free (cut);
  }
  cut = describe_bytes (f.out->data, f.out->len, TRUE, TRUE);
  fail_unless_same (cut, whole);
  g_free (cut);
  g_free (whole);
  forge_clear (&f);
}

GST_END_TEST;

static guint64
count_blocks (const guint8 * data, gsize size)
{
  GstH4mkParser *parser = gst_h4mk_parser_new ();
  GstH4mkItem item;
  guint64 blocks = 0, offset = 0;
  gsize need;

  while (gst_h4mk_parser_next (parser, data + offset, size - offset, &item,
          &need, NULL) == GST_H4MK_RESULT_ITEM) {
    offset = gst_h4mk_parser_get_offset (parser);
    blocks += item.record != NULL;
  }
  gst_h4mk_parser_free (parser);
  return blocks;
}

static void
cut_everywhere (const Forge * f, gsize first_chunk_end)
{
  gsize size;

  for (size = 0; size < f->out->len; size++) {
    MemFile file;
    GstH4mkIndex *index;
    GError *error = NULL;
    gchar *text;

    mem_file_init (&file, f->out->data, size);
    file.would_block = size % 2;
    index = mem_file_open (&file, &error);
    if (size < first_chunk_end) {
      fail_unless (index == NULL);
      fail_unless (g_error_matches (error, GST_H4MK_ERROR,
              GST_H4MK_ERROR_TRUNCATED), "%s", error->message);
      g_error_free (error);
      mem_file_clear (&file);
      continue;
    }
    fail_unless (index != NULL, "at %d: %s", (gint) size,
        error ? error->message : "");
    fail_unless (!gst_h4mk_index_is_complete (index));
    fail_unless_equals_uint64 (gst_h4mk_index_get_blocks (index),
        count_blocks (f->out->data, size));
    text = describe (&file, index, TRUE);
    g_free (text);
    gst_h4mk_index_free (index);
    mem_file_clear (&file);
  }
}

GST_START_TEST (test_cut_at_every_byte)
{
  Forge f;
  gsize trak_end;

  forge_init (&f, FORGE_TRAK);
  trak_end = f.out->len;
  forge_clear (&f);
  forge_plain (&f, 3, TRUE, TRUE);
  cut_everywhere (&f, trak_end);
  forge_clear (&f);
  forge_plain (&f, 3, FALSE, TRUE);
  cut_everywhere (&f, trak_end);
  forge_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_growing_file)
{
  gint link;

  for (link = 0; link < 2; link++) {
    static const gsize steps[] = { 1, 13, 5000 };
    gchar *whole, *text;
    Forge f;
    guint i;

    forge_plain (&f, 6, link, TRUE);
    whole = describe_bytes (f.out->data, f.out->len, FALSE, TRUE);
    for (i = 0; i < G_N_ELEMENTS (steps); i++) {
      MemFile file;
      GstH4mkIndex *index;
      GError *error = NULL;
      gboolean ok;

      mem_file_init (&file, f.out->data, 400);
      file.would_block = i == 1;
      index = mem_file_open (&file, &error);
      fail_unless (index != NULL);
      while (file.size < f.out->len) {
        file.size = MIN (file.size + steps[i], f.out->len);
        MEM_RETRY (&file, ok, gst_h4mk_index_grow (index, file.size, &error));
        fail_unless (ok, "%s", error ? error->message : "");
        fail_unless_equals_uint64 (gst_h4mk_index_get_blocks (index),
            count_blocks (f.out->data, file.size));
      }
      fail_unless (gst_h4mk_index_is_complete (index));
      text = describe (&file, index, TRUE);
      fail_unless_same (text, whole);
      g_free (text);
      gst_h4mk_index_free (index);
      mem_file_clear (&file);
    }
    g_free (whole);
    forge_clear (&f);
  }
}

GST_END_TEST;

/* A million blocks' worth of pages must not be walked through as it grows. */
GST_START_TEST (test_growing_past_pages)
{
  MemFile file;
  GstH4mkIndex *index;
  GError *error = NULL;
  gchar *whole, *text;
  gboolean ok;
  Forge f;

  forge_plain (&f, 1300, TRUE, TRUE);
  whole = describe_bytes (f.out->data, f.out->len, FALSE, TRUE);
  mem_file_init (&file, f.out->data, 3000);
  index = mem_file_open (&file, &error);
  while (file.size < f.out->len - 1) {
    file.size = MIN (file.size + 1777, f.out->len - 1);
    MEM_RETRY (&file, ok, gst_h4mk_index_grow (index, file.size, &error));
    fail_unless (ok, "%s", error ? error->message : "");
  }
  text = describe (&file, index, TRUE);
  fail_unless_same (text, whole);
  g_free (text);
  g_free (whole);
  gst_h4mk_index_free (index);
  mem_file_clear (&file);
  forge_clear (&f);
}

GST_END_TEST;

/* The header, the TRAK in force, then the stream from one of its spans on. */
static GByteArray *
join (const Forge * f, guint64 trak_end, guint64 offset)
{
  GByteArray *out = g_byte_array_new ();

  g_byte_array_append (out, f->out->data, trak_end);
  g_byte_array_append (out, f->out->data + offset, f->out->len - offset);
  return out;
}

GST_START_TEST (test_joined_midway)
{
  static const guint spans[] = { 1, 3, 511, 512, 600, 1290, 1299 };
  gsize trak_end;
  Forge f;
  guint i;

  forge_init (&f, FORGE_TRAK);
  trak_end = f.out->len;
  forge_clear (&f);
  forge_plain (&f, 1300, TRUE, TRUE);
  for (i = 0; i < G_N_ELEMENTS (spans); i++) {
    guint64 offset = size_of_spans (spans[i], TRUE);
    GByteArray *joined = join (&f, trak_end, offset);
    MemFile file;
    GstH4mkIndex *index;
    GError *error = NULL;
    GstH4mkSpan span;
    gchar *text;
    guint64 n;
    gboolean ok;

    mem_file_init (&file, joined->data, joined->len);
    file.would_block = i % 2;
    index = mem_file_open (&file, &error);
    fail_unless (index != NULL, "%s", error ? error->message : "");
    fail_unless (!gst_h4mk_index_is_complete (index));
    fail_unless_equals_int64 (gst_h4mk_index_get_displacement (index),
        (gint64) offset - (gint64) trak_end);
    fail_unless_equals_uint64 (gst_h4mk_index_get_n_spans (index),
        1300 - spans[i]);
    fail_unless_equals_uint64 (gst_h4mk_index_get_blocks (index),
        4 * (1300 - spans[i]));
    text = describe (&file, index, TRUE);
    g_free (text);
    MEM_RETRY (&file, ok, gst_h4mk_index_find_time (index,
            1299 * 2 * FORGE_FRAME, &n, &error));
    fail_unless (ok);
    fail_unless_equals_uint64 (n, 1299 - spans[i]);
    MEM_RETRY (&file, ok, gst_h4mk_index_find_block (index, spans[i] * 4, &n,
            &error));
    fail_unless (ok);
    fail_unless_equals_uint64 (n, 0);
    MEM_RETRY (&file, ok, gst_h4mk_index_get_span (index, 0, &span, &error));
    fail_unless_equals_uint64 (span.offset,
        gst_h4mk_index_get_data_offset (index));
    fail_unless_equals_uint64 (span.first_block, spans[i] * 4);
    gst_h4mk_index_free (index);
    mem_file_clear (&file);
    g_byte_array_unref (joined);
  }
  forge_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_find_time_and_block)
{
  gsize cut = size_of_spans (1300, TRUE);
  Forge f;
  gint pass;

  forge_plain (&f, 1300, TRUE, TRUE);
  for (pass = 0; pass < 2; pass++) {
    MemFile file;
    GstH4mkIndex *index;
    guint64 i, n;

    mem_file_init (&file, f.out->data, pass ? cut : f.out->len);
    index = mem_file_open (&file, NULL);
    fail_unless (gst_h4mk_index_find_time (index, -1, &n, NULL) && n == 0);
    fail_unless (gst_h4mk_index_find_time (index, G_MININT64, &n, NULL)
        && n == 0);
    fail_unless (gst_h4mk_index_find_time (index, G_MAXINT64, &n, NULL)
        && n == 1299);
    for (i = 0; i < 1300; i++) {
      gint64 pts = (gint64) i * 2 * FORGE_FRAME;

      fail_unless (gst_h4mk_index_find_time (index, pts, &n, NULL));
      fail_unless_equals_uint64 (n, i);
      fail_unless (gst_h4mk_index_find_time (index, pts + FORGE_FRAME, &n,
              NULL));
      fail_unless_equals_uint64 (n, i);
      fail_unless (gst_h4mk_index_find_block (index, 4 * i, &n, NULL));
      fail_unless_equals_uint64 (n, i);
      fail_unless (gst_h4mk_index_find_block (index, 4 * i + 3, &n, NULL));
      fail_unless_equals_uint64 (n, i);
    }
    fail_if (gst_h4mk_index_find_block (index, 5200, &n, NULL));
    gst_h4mk_index_free (index);
    mem_file_clear (&file);
  }
  forge_clear (&f);
}

GST_END_TEST;

/* Spans without a key block share the time of the one before; a seek goes to
 * the first of them, over page borders too. */
GST_START_TEST (test_spans_that_share_a_time)
{
  GError *error = NULL;
  gint pass;

  for (pass = 0; pass < 2; pass++) {
    GstH4mkIndex *index;
    MemFile file;
    guint64 i, n;
    Forge f;

    forge_init (&f, FORGE_TRAK_VIDEO);
    for (i = 0; i < 1100; i++) {
      gboolean key = i % 200 == 100;
      guint64 first = f.block;
      gint64 pts = i < 100 ? G_MININT64 : ((gint64) i - 100) / 200 * 200 + 100;
      GstH4mkRecord record;

      forge_begin_span (&f);
      forge_record (&record, 1, key ? GST_H4MK_RECORD_KEY : 0, (gint64) i, 1,
          3);
      forge_group (&f, &record, 1, NULL, 0);
      forge_end_span (&f, first, pts, key);
    }
    if (pass == 0)
      forge_finish (&f);
    mem_file_init (&file, f.out->data, f.out->len);
    index = mem_file_open (&file, &error);
    fail_unless (index != NULL, "%s", error ? error->message : "");
    for (i = 0; i < 1100; i++) {
      fail_unless (gst_h4mk_index_find_time (index, (gint64) i, &n, NULL));
      fail_unless_equals_uint64 (n, i < 100 ? 0 : (i - 100) / 200 * 200 + 100);
    }
    gst_h4mk_index_free (index);
    mem_file_clear (&file);
    forge_clear (&f);
  }
}

GST_END_TEST;

GST_START_TEST (test_reads_are_few)
{
  static const guint64 spans = 100000;
  MemFile file;
  GstH4mkIndex *index;
  guint i, worst = 0;
  gsize cut;
  Forge f;

  forge_plain (&f, spans, TRUE, FALSE);
  cut = f.out->len;
  forge_finish (&f);
  mem_file_init (&file, f.out->data, f.out->len);
  index = mem_file_open (&file, NULL);
  fail_unless (gst_h4mk_index_is_complete (index));
  fail_unless (file.reads <= 5, "opening took %u reads", file.reads);
  for (i = 0; i < 500; i++) {
    GstH4mkSeekPoint point;
    guint64 wanted = (i * 7919 + i / 3 * 511) % spans, n;

    file.reads = 0;
    fail_unless (gst_h4mk_index_find_time (index,
            (gint64) wanted * 2 * FORGE_FRAME, &n, NULL));
    fail_unless_equals_uint64 (n, wanted);
    fail_unless (gst_h4mk_index_get_seek_point (index, n, &point, NULL));
    gst_h4mk_seek_point_clear (&point);
    worst = MAX (worst, file.reads);
  }
  fail_unless (worst <= 3, "a seek took %u reads", worst);
  gst_h4mk_index_free (index);
  mem_file_clear (&file);

  for (i = 0; i < 3; i++) {
    mem_file_init (&file, f.out->data, cut - 150 * i);
    index = mem_file_open (&file, NULL);
    fail_unless_equals_uint64 (gst_h4mk_index_get_n_spans (index),
        i < 2 ? spans : spans - 1);
    fail_unless (file.reads <= 800, "opening it cut off took %u reads",
        file.reads);
    gst_h4mk_index_free (index);
    mem_file_clear (&file);
  }
  forge_clear (&f);
}

GST_END_TEST;

/* The token of a span, as planning a seek to it reads it. */
static guint64
plan_seek (GstH4mkIndex * index, guint64 number)
{
  GstH4mkSeekPoint point;
  guint64 offset;

  fail_unless (gst_h4mk_index_get_seek_point (index, number, &point, NULL));
  offset = point.token_offset;
  gst_h4mk_seek_point_clear (&point);
  return offset;
}

/* What seeks read does not add up: who plays takes its beginning, and the rest
 * goes. */
GST_START_TEST (test_what_was_read_for_a_seek_is_forgotten)
{
  GstH4mkIndex *index;
  guint64 first, token = 0;
  MemFile file;
  GBytes *bytes;
  guint i;
  Forge f;

  forge_plain (&f, 20000, TRUE, TRUE);
  mem_file_init (&file, f.out->data, f.out->len);
  index = mem_file_open (&file, NULL);
  first = plan_seek (index, 3);
  bytes = gst_h4mk_index_get_read (index, first);
  fail_unless (bytes != NULL);
  fail_unless (memcmp (g_bytes_get_data (bytes, NULL), f.out->data + first,
          g_bytes_get_size (bytes)) == 0);
  g_bytes_unref (bytes);
  for (i = 1; i < 20; i++) {
    token = plan_seek (index, i * 1000);
    bytes = gst_h4mk_index_get_read (index, token);
    fail_unless (bytes != NULL);
    g_bytes_unref (bytes);
  }
  fail_unless (gst_h4mk_index_get_read (index, first) == NULL);
  gst_h4mk_index_free (index);
  mem_file_clear (&file);
  forge_clear (&f);
}

GST_END_TEST;

/* Spans that are too large to come many at a time: one read each. */
GST_START_TEST (test_reads_of_large_spans)
{
  static const guint64 spans = 1535;
  GstH4mkIndex *index;
  MemFile file;
  guint64 i;
  Forge f;

  forge_init (&f, FORGE_TRAK_VIDEO);
  for (i = 0; i < spans; i++) {
    GstH4mkRecord record;

    forge_begin_span (&f);
    forge_record (&record, 1, GST_H4MK_RECORD_KEY, (gint64) i, 1, 20000);
    forge_group (&f, &record, 1, NULL, 0);
    forge_end_span (&f, i, (gint64) i, 1);
  }
  mem_file_init (&file, f.out->data, f.out->len);
  index = mem_file_open (&file, NULL);
  fail_unless_equals_uint64 (gst_h4mk_index_get_n_spans (index), spans);
  fail_unless (file.reads <= 2 + 512 + 20, "%u reads", file.reads);
  gst_h4mk_index_free (index);
  mem_file_clear (&file);
  forge_clear (&f);
}

GST_END_TEST;

/* Times below zero: the first group says what is added to all. */
GST_START_TEST (test_shift_and_start)
{
  static const struct
  {
    gint64 pts, dts, shift, start;
  } cases[] = {
    /* *INDENT-OFF* */
    { 0, 0, 0, 0 },
    { 100, 40, 0, 100 },
    { 20, -60, 60, 80 },
    { -30, -30, 30, 0 },
    { 3600 * G_GINT64_CONSTANT (1000000000000), 0, 0,
      3600 * G_GINT64_CONSTANT (1000000000000) },
    { G_MININT64 + 1, G_MININT64 + 1, G_MAXINT64, 0 }
    /* *INDENT-ON* */
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    gint pass;

    for (pass = 0; pass < 2; pass++) {
      GstH4mkRecord record;
      GstH4mkIndex *index;
      MemFile file;
      Forge f;

      forge_init (&f, FORGE_TRAK_VIDEO);
      forge_record (&record, 1, GST_H4MK_RECORD_KEY | GST_H4MK_RECORD_HAS_DTS,
          cases[i].pts, 0, 3);
      record.dts = cases[i].dts;
      forge_group (&f, &record, 1, NULL, 0);
      record.pts = record.dts = 7;
      forge_group (&f, &record, 1, NULL, 0);
      forge_end_span (&f, 0, cases[i].pts, 1);
      if (pass == 0)
        forge_finish (&f);
      mem_file_init (&file, f.out->data, f.out->len);
      index = mem_file_open (&file, NULL);
      fail_unless_equals_int64 (gst_h4mk_index_get_shift (index),
          cases[i].shift);
      fail_unless_equals_int64 (gst_h4mk_index_get_start (index),
          cases[i].start);
      gst_h4mk_index_free (index);
      mem_file_clear (&file);
      forge_clear (&f);
    }
  }
}

GST_END_TEST;

/* A new list of tracks in the middle is in force at seeks behind it. */
GST_START_TEST (test_later_trak)
{
  gint pass;

  for (pass = 0; pass < 3; pass++) {
    GstH4mkIndex *index;
    MemFile file;
    guint64 i;
    Forge f;

    forge_init (&f, FORGE_TRAK_VIDEO);
    for (i = 0; i < 1100; i++) {
      guint64 first = f.block;
      GstH4mkRecord record;

      forge_begin_span (&f);
      if (i == 530)
        f.trak = forge_text (&f, "TRAK", FORGE_TRAK);
      forge_record (&record, 1, GST_H4MK_RECORD_KEY, (gint64) i, 1, 3);
      forge_group (&f, &record, 1, NULL, 0);
      forge_end_span (&f, first, (gint64) i, 1);
    }
    if (pass != 1)
      forge_finish (&f);
    mem_file_init (&file, f.out->data, f.out->len - (pass == 2));
    index = mem_file_open (&file, NULL);
    for (i = 0; i < 1100; i += 10) {
      GstH4mkSeekPoint point;

      file.reads = 0;
      fail_unless (gst_h4mk_index_get_seek_point (index, i, &point, NULL));
      fail_unless (file.reads <= 3, "%u reads", file.reads);
      fail_unless_equals_int (point.tracks->tracks->len, i < 530 ? 1 : 2);
      gst_h4mk_seek_point_clear (&point);
    }
    gst_h4mk_index_free (index);
    mem_file_clear (&file);
    forge_clear (&f);
  }
}

GST_END_TEST;

GST_START_TEST (test_flip_of_every_byte)
{
  Forge f;
  gsize i;

  forge_plain (&f, 3, TRUE, TRUE);
  for (i = 0; i < f.out->len; i++) {
    gsize at = i, size = i % 2 ? f.out->len : f.out->len - 40;
    MemFile file;
    GstH4mkIndex *index;
    GError *error = NULL;

    if (at >= size)
      continue;
    f.out->data[at] ^= 1 << (i % 8);
    mem_file_init (&file, f.out->data, size);
    index = mem_file_open (&file, &error);
    fail_unless ((index == NULL) == (error != NULL));
    if (index) {
      guint64 n = gst_h4mk_index_get_n_spans (index), s;

      for (s = 0; s < n; s++) {
        GstH4mkSeekPoint point;

        if (gst_h4mk_index_get_seek_point (index, s, &point, &error))
          gst_h4mk_seek_point_clear (&point);
        else
          fail_unless (error != NULL);
        g_clear_error (&error);
      }
      gst_h4mk_index_free (index);
    }
    g_clear_error (&error);
    mem_file_clear (&file);
    f.out->data[at] ^= 1 << (i % 8);
  }
  forge_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_empty_file)
{
  MemFile file;
  GstH4mkIndex *index;
  guint64 n;
  gint pass;
  Forge f;

  forge_init (&f, FORGE_TRAK);
  for (pass = 0; pass < 2; pass++) {
    if (pass)
      forge_finish (&f);
    mem_file_init (&file, f.out->data, f.out->len);
    index = mem_file_open (&file, NULL);
    fail_unless_equals_int (gst_h4mk_index_is_complete (index), pass);
    fail_unless_equals_uint64 (gst_h4mk_index_get_n_spans (index), 0);
    fail_unless_equals_uint64 (gst_h4mk_index_get_blocks (index), 0);
    fail_unless_equals_int64 (gst_h4mk_index_get_start (index), 0);
    fail_if (gst_h4mk_index_find_time (index, 0, &n, NULL));
    gst_h4mk_index_free (index);
    mem_file_clear (&file);
  }
  forge_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_attachments)
{
  MemFile file;
  GstH4mkIndex *index;
  GPtrArray *attachments;
  GstH4mkAttachment *attachment;
  gint pass;
  Forge f;

  forge_plain (&f, 600, TRUE, FALSE);
  forge_chunk (&f, "atta", "\0\011" "0/image/0" "\0\011" "image/png" "abc", 25);
  forge_chunk (&f, "atta", "\0\1b\0\1c", 6);
  forge_finish (&f);
  for (pass = 0; pass < 2; pass++) {
    GError *error = NULL;

    mem_file_init (&file, f.out->data, f.out->len);
    file.would_block = pass;
    index = mem_file_open (&file, NULL);
    do {
      g_clear_error (&error);
      attachments = gst_h4mk_index_get_attachments (index, &error);
    } while (error && error->code == G_IO_ERROR_WOULD_BLOCK);
    fail_unless (attachments != NULL);
    fail_unless_equals_int (attachments->len, 2);
    attachment = g_ptr_array_index (attachments, 0);
    fail_unless_equals_string (attachment->name, "0/image/0");
    fail_unless_equals_string (attachment->mime_type, "image/png");
    fail_unless_equals_int (g_bytes_get_size (attachment->bytes), 3);
    g_ptr_array_unref (attachments);
    gst_h4mk_index_free (index);
    mem_file_clear (&file);
  }
  forge_clear (&f);
}

GST_END_TEST;

static GBytes *
fail_read (guint64 offset, gsize size, gpointer user_data, GError ** error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "the disk is ill");
  return NULL;
}

GST_START_TEST (test_error_of_reading_is_passed_on)
{
  GstH4mkIndex *index = gst_h4mk_index_new (fail_read, NULL);
  GError *error = NULL;

  fail_if (gst_h4mk_index_open (index, 1000, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED));
  g_error_free (error);
  gst_h4mk_index_free (index);
}

GST_END_TEST;

GST_START_TEST (test_file)
{
  gchar *path = NULL;
  gint fd = g_file_open_tmp ("h4mkXXXXXX", &path, NULL);
  GError *error = NULL;
  GstH4mkFile *file;
  GstH4mkIndex *index;
  GBytes *bytes;
  Forge f;

  g_close (fd, NULL);
  forge_plain (&f, 7, TRUE, TRUE);
  fail_unless (g_file_set_contents (path, (gchar *) f.out->data, f.out->len,
          NULL));
  file = gst_h4mk_file_open (path, &error);
  fail_unless (file != NULL);
  fail_unless_equals_uint64 (gst_h4mk_file_get_size (file), f.out->len);
  index = gst_h4mk_index_new (gst_h4mk_file_read, file);
  fail_unless (gst_h4mk_index_open (index, f.out->len, &error));
  fail_unless_equals_uint64 (gst_h4mk_index_get_n_spans (index), 7);
  gst_h4mk_index_free (index);
  /* only at the end of the file come fewer bytes */
  bytes = gst_h4mk_file_read (f.out->len - 3, 100, file, &error);
  fail_unless_equals_int (g_bytes_get_size (bytes), 3);
  g_bytes_unref (bytes);
  bytes = gst_h4mk_file_read (G_MAXUINT64, G_MAXSIZE, file, &error);
  fail_unless_equals_int (g_bytes_get_size (bytes), 0);
  g_bytes_unref (bytes);
  gst_h4mk_file_close (file);

  fail_unless_equals_int (g_unlink (path), 0);
  fail_unless (gst_h4mk_file_open (path, &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
  fail_unless (strstr (error->message, path) != NULL);
  g_clear_error (&error);
  fail_unless (gst_h4mk_file_open ("/", &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR,
          G_IO_ERROR_NOT_REGULAR_FILE));
  g_error_free (error);
  g_free (path);
  forge_clear (&f);
}

GST_END_TEST;

static Suite *
h4mkindex_suite (void)
{
  Suite *s = suite_create ("h4mkindex");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_whole_file);
  tcase_add_loop_test (tc, test_cut_file_says_what_the_whole_one_says, 0,
      G_N_ELEMENTS (sizes));
  tcase_add_test (tc, test_cut_at_every_byte);
  tcase_add_test (tc, test_growing_file);
  tcase_add_test (tc, test_growing_past_pages);
  tcase_add_test (tc, test_joined_midway);
  tcase_add_test (tc, test_find_time_and_block);
  tcase_add_test (tc, test_spans_that_share_a_time);
  tcase_add_test (tc, test_reads_are_few);
  tcase_add_test (tc, test_what_was_read_for_a_seek_is_forgotten);
  tcase_add_test (tc, test_reads_of_large_spans);
  tcase_add_test (tc, test_shift_and_start);
  tcase_add_test (tc, test_later_trak);
  tcase_add_test (tc, test_flip_of_every_byte);
  tcase_add_test (tc, test_empty_file);
  tcase_add_test (tc, test_attachments);
  tcase_add_test (tc, test_error_of_reading_is_passed_on);
  tcase_add_test (tc, test_file);
  return s;
}

GST_CHECK_MAIN (h4mkindex);
