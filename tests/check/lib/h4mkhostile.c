/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>

#include "memfile.h"

static GstH4mkIndex *
open_bytes (MemFile * file, const guint8 * data, gsize size)
{
  GError *error = NULL;
  GstH4mkIndex *index;

  mem_file_init (file, data, size);
  index = mem_file_open (file, &error);
  fail_unless (index != NULL, "%s", error ? error->message : "");
  return index;
}

static void
put_u64 (Forge * f, gsize offset, guint64 value)
{
  gst_h4_put_u64 (f->out->data + offset, value);
}

/* After a change inside of a payload. */
static void
fix_crc (Forge * f, gsize chunk)
{
  guint8 *p = f->out->data + chunk;
  guint32 size = (guint32) p[4] << 24 | p[5] << 16 | p[6] << 8 | p[7];

  gst_h4_put_u32 (p + 8, gst_h4mk_crc32 (p + 12, size));
}

static gsize
find_last (const Forge * f, const gchar * tag)
{
  gsize i;

  for (i = f->out->len - 12; i > 0; i--) {
    if (memcmp (f->out->data + i, tag, 4) == 0)
      return i;
  }
  return 0;
}

/* A span of one block of zeros. Returns where its bytes stand. */
static gsize
span_of_zeros (Forge * f, gsize size)
{
  guint64 first = f->block;
  GstH4mkRecord record;
  guint8 *zeros = g_malloc0 (size);
  gsize core;

  forge_begin_span (f);
  forge_record (&record, 1, GST_H4MK_RECORD_KEY,
      (gint64) first * FORGE_FRAME, FORGE_FRAME, size);
  forge_tokn (f, &record, 1, NULL, 0);
  core = forge_chunk (f, "CORE", zeros, size);
  f->block++;
  forge_end_span (f, first, record.pts, 1);
  g_free (zeros);
  return core + 12;
}

static void
fill_block (Forge * f, gsize at, const guint8 * data, gsize size, gsize block)
{
  memcpy (f->out->data + at, data, size);
  fix_crc (f, block - 12);
}

/* Bytes of a LINK that holds at a place. */
static GByteArray *
make_link (guint64 seq, guint64 place, guint64 start, guint64 page)
{
  Forge p = { 0 };

  p.out = g_byte_array_new ();
  p.seq = seq - 1;
  p.span_start = start;
  p.last_page = page;
  forge_link (&p, place);
  return p.out;
}

static void
fail_unless_spans (const Forge * f, gsize size, guint64 spans, guint64 blocks)
{
  MemFile file;
  GstH4mkIndex *index = open_bytes (&file, f->out->data, size);

  fail_unless_equals_uint64 (gst_h4mk_index_get_n_spans (index), spans);
  fail_unless_equals_uint64 (gst_h4mk_index_get_blocks (index), blocks);
  fail_unless (file.bytes < 64 * size + (4 << 20), "%d bytes were read",
      (gint) file.bytes);
  gst_h4mk_index_free (index);
}

/* One that holds at its place, but that no span leads to: it claims the span
 * it is in, the one before, all, or one that it brings along. */
GST_START_TEST (test_link_inside_of_a_block)
{
  gsize block, at;
  GByteArray *link;
  Forge f;

  forge_plain (&f, 5, TRUE, FALSE);
  at = f.span_start;
  block = span_of_zeros (&f, 4000);
  {
    const guint64 starts[] = { at, at - 76, 8, block + 100 };

    link = make_link (6, block + 500, starts[__i__], __i__ == 2 ? 8 : 0);
  }
  fill_block (&f, block + 500, link->data, link->len, block);
  g_byte_array_unref (link);
  fail_unless_spans (&f, f.out->len, 6, 21);
  /* the block is whole, its span is not closed */
  fail_unless_spans (&f, f.out->len - 76, 6, 21);
  fail_unless_spans (&f, f.out->len - 77, 5, 20);
  forge_clear (&f);
}

GST_END_TEST;

/* So many that following each must not take for ever. */
GST_START_TEST (test_links_without_number)
{
  gsize block, i;
  Forge f;

  forge_plain (&f, 5, TRUE, FALSE);
  block = span_of_zeros (&f, 1 << 20);
  for (i = 0; i + 100 < 1 << 20; i += 80) {
    GByteArray *link = make_link (6 + i, block + i, 8 + i, 0);

    memcpy (f.out->data + block + i, link->data, link->len);
    g_byte_array_unref (link);
  }
  fix_crc (&f, block - 12);
  fail_unless_spans (&f, f.out->len, 6, 21);
  fail_unless_spans (&f, f.out->len - 76, 6, 21);
  forge_clear (&f);
}

GST_END_TEST;

/* What the last LINK says is not so: the file is read from its beginning. */
GST_START_TEST (test_link_that_lies)
{
  static const guint64 lies[] = { 0, 8, 1000, 30000, 32000, 33000,
    G_MAXINT64, G_MAXUINT64
  };
  guint field;

  for (field = 0; field < 2; field++) {
    Forge f;
    gsize link;

    forge_plain (&f, 600, TRUE, FALSE);
    link = find_last (&f, "LINK");
    put_u64 (&f, link + 12 + 16 + 8 * field, lies[__i__]);
    fix_crc (&f, link);
    fail_unless_spans (&f, f.out->len, 600, 2400);
    forge_clear (&f);
  }
}

GST_END_TEST;

/* Pages that name themselves, a later one, or nothing. */
GST_START_TEST (test_pages_in_a_circle)
{
  gsize cut, first, last;
  Forge f;

  forge_plain (&f, 1300, TRUE, FALSE);
  cut = f.out->len;
  last = f.last_page;
  first = g_array_index (f.pages, ForgeEntry, 0).offset;
  {
    const guint64 prevs[] = { last, last + 1, cut - 76, 8, first + 1,
      G_MAXUINT64
    };

    put_u64 (&f, last + 12 + 8, prevs[__i__]);
  }
  fix_crc (&f, last);
  fail_unless_spans (&f, cut, 1300, 5200);
  forge_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_foot_that_lies)
{
  static const guint64 lies[] = { 0, 8, 200, G_MAXINT64, G_MAXUINT64 };
  static const guint fields[] = { 0, 1, 2, 3, 4, 7 };
  guint i, j;

  for (i = 0; i < G_N_ELEMENTS (fields); i++) {
    for (j = 0; j < G_N_ELEMENTS (lies); j++) {
      GstH4mkIndex *index;
      MemFile file;
      gsize foot;
      Forge f;

      forge_plain (&f, 20, TRUE, TRUE);
      foot = find_last (&f, "FOOT");
      put_u64 (&f, foot + 12 + 8 * fields[i], lies[j]);
      fix_crc (&f, foot);
      index = open_bytes (&file, f.out->data, f.out->len);
      /* a number that could be is found out when the page is there */
      if (fields[i] == 7 && gst_h4mk_index_is_complete (index)) {
        GstH4mkSpan span;

        fail_if (gst_h4mk_index_get_span (index, 0, &span, NULL));
      } else {
        fail_unless (!gst_h4mk_index_is_complete (index) || fields[i] == 1);
        fail_unless_equals_uint64 (gst_h4mk_index_get_n_spans (index), 20);
      }
      gst_h4mk_index_free (index);
      forge_clear (&f);
    }
  }
}

GST_END_TEST;

/* A page that names places past the file, or counts what it does not have. */
GST_START_TEST (test_page_that_lies)
{
  static const guint64 lies[] = { 4000000, G_MAXINT64, G_MAXUINT64 };
  GstH4mkSeekPoint point;
  GstH4mkIndex *index;
  GError *error = NULL;
  MemFile file;
  gsize page;
  Forge f;

  forge_plain (&f, 20, TRUE, TRUE);
  page = g_array_index (f.pages, ForgeEntry, 0).offset;
  put_u64 (&f, page + 12 + 16 + 72 * 5, lies[__i__]);
  fix_crc (&f, page);
  index = open_bytes (&file, f.out->data, f.out->len);
  fail_if (gst_h4mk_index_get_seek_point (index, 5, &point, &error));
  fail_unless (g_error_matches (error, GST_H4MK_ERROR, GST_H4MK_ERROR_DAMAGED));
  g_clear_error (&error);
  /* into the middle of something */
  put_u64 (&f, page + 12 + 16 + 72 * 5, 333);
  fix_crc (&f, page);
  gst_h4mk_index_free (index);
  index = open_bytes (&file, f.out->data, f.out->len);
  fail_if (gst_h4mk_index_get_seek_point (index, 5, &point, &error));
  fail_unless (g_error_matches (error, GST_H4MK_ERROR, GST_H4MK_ERROR_DAMAGED));
  g_clear_error (&error);
  fail_unless (gst_h4mk_index_get_seek_point (index, 6, &point, &error));
  gst_h4mk_seek_point_clear (&point);
  gst_h4mk_index_free (index);
  forge_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_references_to_before_the_file)
{
  GstH4mkRef refs[] = { {1, 0}, {1, 1 << 20}, {1, G_MAXUINT64}, {1, 200} };
  GstH4mkSeekPoint point;
  GstH4mkIndex *index;
  GstH4mkRecord record;
  MemFile file;
  Forge f;

  forge_plain (&f, 5, TRUE, FALSE);
  forge_record (&record, 1, GST_H4MK_RECORD_KEY, 0, 0, 3);
  forge_group (&f, &record, 1, refs, G_N_ELEMENTS (refs));
  forge_end_span (&f, 20, 0, 1);
  index = open_bytes (&file, f.out->data, f.out->len);
  fail_unless (gst_h4mk_index_get_seek_point (index, 5, &point, NULL));
  fail_unless_equals_int (point.refs->len, 1);
  fail_unless_equals_uint64 (g_array_index (point.refs, GstH4mkSeekRef,
          0).offset, point.token_offset - 200);
  gst_h4mk_seek_point_clear (&point);
  gst_h4mk_index_free (index);
  forge_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_flood_of_optional_chunks)
{
  GstH4mkSeekPoint point;
  GstH4mkIndex *index;
  GError *error = NULL;
  MemFile file;
  guint i;
  Forge f;

  forge_plain (&f, 1, TRUE, FALSE);
  for (i = 0; i < 100000; i++)
    forge_text (&f, "note", "");
  forge_plain_span (&f, 1);
  index = open_bytes (&file, f.out->data, f.out->len);
  fail_unless_equals_uint64 (gst_h4mk_index_get_n_spans (index), 2);
  fail_if (gst_h4mk_index_get_seek_point (index, 1, &point, &error));
  fail_unless (error->domain == GST_H4MK_ERROR);
  g_error_free (error);
  gst_h4mk_index_free (index);
  forge_clear (&f);
}

GST_END_TEST;

static Suite *
h4mkhostile_suite (void)
{
  Suite *s = suite_create ("h4mkhostile");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_link_inside_of_a_block, 0, 4);
  tcase_add_test (tc, test_links_without_number);
  tcase_add_loop_test (tc, test_link_that_lies, 0, 8);
  tcase_add_loop_test (tc, test_pages_in_a_circle, 0, 6);
  tcase_add_test (tc, test_foot_that_lies);
  tcase_add_loop_test (tc, test_page_that_lies, 0, 3);
  tcase_add_test (tc, test_references_to_before_the_file);
  tcase_add_test (tc, test_flood_of_optional_chunks);
  return s;
}

GST_CHECK_MAIN (h4mkhostile);
