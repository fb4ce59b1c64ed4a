/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>
#include <gio/gio.h>

#include "gsth4mkchunks.h"
#include "gsth4mkverify.h"
#include "signed.h"

static const SignedSpec small = { 3, 2, 2, 20 };

static GBytes *
read_array (guint64 offset, gsize size, gpointer user_data, GError ** error)
{
  GByteArray *file = user_data;
  gsize at = MIN (offset, file->len);

  return g_bytes_new (file->data + at, MIN (size, file->len - at));
}

static GstH4mkReport *
verify (GByteArray * file, const gchar * const *trusted)
{
  GError *error = NULL;
  GstH4mkReport *report = gst_h4mk_verify (read_array, file, file->len,
      trusted, NULL, NULL, &error);

  fail_unless (report != NULL, "%s", error ? error->message : "");
  return report;
}

static const gchar *
first_problem (const GstH4mkReport * report)
{
  return report->problems->len > 0 ? ((GError *)
      g_ptr_array_index (report->problems, 0))->message : "none";
}

static void
check_verdict (GByteArray * file, GstH4mkVerdict verdict, const gchar * what)
{
  GstH4mkReport *report = verify (file, NULL);

  fail_unless (report->verdict == verdict, "%s: %s, not %s (%s)", what,
      gst_h4mk_verdict_to_string (report->verdict),
      gst_h4mk_verdict_to_string (verdict), first_problem (report));
  gst_h4mk_report_free (report);
}

GST_START_TEST (test_whole_files_are_complete)
{
  static const SignedSpec specs[] = {
    {0},
    {1, 1, 1, 0},
    {3, 2, 2, 20},
    {3, 1, 1, 70000},
    {.spans = 5,.groups = 1,.blocks = 3,.block_size = 9,.trak_at = 2},
    {.spans = 4,.groups = 3,.blocks = 2,.block_size = 9,.no_links = TRUE},
    {512, 1, 1, 1},
    {513, 1, 1, 1},
    {.spans = 1100,.groups = 1,.blocks = 1,.block_size = 1,.trak_at = 513},
    {.spans = 1100,.groups = 2,.blocks = 1,.block_size = 1,.no_links = TRUE}
  };
  GByteArray *file = signed_make (&specs[__i__]);
  GstH4mkReport *report = verify (file, NULL);
  guint64 blocks = (guint64) specs[__i__].spans * specs[__i__].groups
      * specs[__i__].blocks;

  fail_unless (report->verdict == GST_H4MK_VERDICT_COMPLETE, "%s",
      first_problem (report));
  fail_unless_equals_uint64 (report->blocks, blocks);
  fail_unless_equals_uint64 (report->spans, specs[__i__].spans);
  fail_unless_equals_uint64 (report->proven_blocks, blocks);
  fail_unless_equals_uint64 (report->proven_bytes, file->len);
  fail_unless (report->has_veri && !report->cut);
  fail_unless (report->has_links == (blocks > 0 && !specs[__i__].no_links));
  gst_h4mk_report_free (report);
  g_byte_array_unref (file);
}

GST_END_TEST;

GST_START_TEST (test_cut_at_every_byte)
{
  GByteArray *whole = signed_make (&small), *cut;
  SignedPart link = signed_find (whole, "LINK", 0);
  guint64 proven = 0, proven_bytes = 0;
  guint size;

  for (size = 0; size < whole->len; size += SIGNED_STEP) {
    GstH4mkReport *report;

    if (link.size > 0 && size >= link.offset + link.size) {
      proven += 4;
      proven_bytes = link.offset + link.size;
      link = signed_find (whole, "LINK", (guint) (proven / 4));
    }
    cut = g_byte_array_new ();
    g_byte_array_append (cut, whole->data, size);
    report = verify (cut, NULL);
    fail_unless (report->verdict == (proven ? GST_H4MK_VERDICT_PROVEN :
            GST_H4MK_VERDICT_UNPROVEN), "cut at %u: %s, %s", size,
        gst_h4mk_verdict_to_string (report->verdict), first_problem (report));
    fail_unless_equals_uint64 (report->proven_blocks, proven);
    fail_unless_equals_uint64 (report->proven_bytes, proven_bytes);
    if (proven)
      fail_unless_equals_uint64 (report->proven_time,
          proven * SIGNED_BLOCK_DURATION);
    fail_unless (report->cut && report->cut_at != NULL);
    gst_h4mk_report_free (report);
    g_byte_array_unref (cut);
  }
  g_byte_array_unref (whole);
}

GST_END_TEST;

static SignedPart
part_at (const GByteArray * file, gsize offset)
{
  GArray *parts = signed_parts (file);
  SignedPart found = { {0}, 0, 8 };
  guint i;

  for (i = 0; i < parts->len; i++) {
    SignedPart *part = &g_array_index (parts, SignedPart, i);

    if (offset >= part->offset && offset < part->offset + part->size)
      found = *part;
  }
  g_array_unref (parts);
  return found;
}

GST_START_TEST (test_flip_of_every_byte_is_found_and_placed)
{
  static const guint8 masks[] = { 0x01, 0x20, 0x80, 0xff };
  GByteArray *file = signed_make (&small);
  guint i;

  for (i = 0; i < file->len; i += SIGNED_STEP) {
    SignedPart part = part_at (file, i);
    guint8 mask = masks[(i + __i__) % G_N_ELEMENTS (masks)];
    GstH4mkReport *report;
    guint64 offset;

    file->data[i] ^= mask;
    report = verify (file, NULL);
    fail_unless (report->verdict == GST_H4MK_VERDICT_DAMAGED,
        "byte %u, in %s: %s", i, part.tag,
        gst_h4mk_verdict_to_string (report->verdict));
    fail_unless (gst_h4mk_error_get_place (g_ptr_array_index
            (report->problems, 0), NULL, &offset));
    fail_unless (offset == part.offset, "byte %u, in %s at %" G_GSIZE_FORMAT
        ": %s", i, part.tag, part.offset, first_problem (report));
    gst_h4mk_report_free (report);
    file->data[i] ^= mask;
  }
  g_byte_array_unref (file);
}

GST_END_TEST;

/* Parts of a file by what they are: "h" the header and the first TRAK, "0" to
 * "2" spans with their LINK, "a" to "f" their groups in order, "l" to "n" the
 * LINKs of the spans, "t" all from the last page on. */
static void
append_part (GByteArray * out, const GByteArray * file, gchar what)
{
  GArray *parts = signed_parts (file);
  gsize first_token = signed_find (file, "TOKN", 0).offset;
  SignedPart begin, end;
  guint n;

  begin.offset = 0;
  end.offset = first_token;
  if (what == 't') {
    begin = signed_find (file, "GIDX", 0);
    end.offset = file->len;
  } else if (what >= '0' && what <= '2') {
    n = what - '0';
    begin = signed_find (file, "TOKN", 2 * n);
    end = signed_find (file, "LINK", n);
    end.offset += end.size;
  } else if (what >= 'a' && what <= 'f') {
    n = what - 'a';
    begin = signed_find (file, "TOKN", n);
    end = n % 2 ? signed_find (file, "LINK", n / 2) : signed_find (file,
        "TOKN", n + 1);
  } else if (what >= 'l') {
    begin = signed_find (file, "LINK", what - 'l');
    end.offset = begin.offset + begin.size;
  }
  g_byte_array_append (out, file->data + begin.offset,
      end.offset - begin.offset);
  g_array_unref (parts);
}

GST_START_TEST (test_moved_parts)
{
  /* upper case: of another file of the same shape */
  static const struct
  {
    const gchar *parts;
    GstH4mkVerdict verdict;
  } rows[] = {
    {"h012t", GST_H4MK_VERDICT_COMPLETE},
    {"habl1cdt", GST_H4MK_VERDICT_DAMAGED},
    {"hbal12t", GST_H4MK_VERDICT_DAMAGED},
    {"h102t", GST_H4MK_VERDICT_DAMAGED},
    {"h0012t", GST_H4MK_VERDICT_DAMAGED},
    {"haabl12t", GST_H4MK_VERDICT_DAMAGED},
    {"h02t", GST_H4MK_VERDICT_DAMAGED},
    {"hal12t", GST_H4MK_VERDICT_DAMAGED},
    {"h01t", GST_H4MK_VERDICT_DAMAGED},
    {"hab12t", GST_H4MK_VERDICT_DAMAGED},
    {"h0l12t", GST_H4MK_VERDICT_DAMAGED},
    {"hablcd2t", GST_H4MK_VERDICT_DAMAGED},
    {"h0!12t", GST_H4MK_VERDICT_DAMAGED},
    {"h!ab!l12t", GST_H4MK_VERDICT_DAMAGED},
    {"h01!2t", GST_H4MK_VERDICT_DAMAGED},
    {"h012!t", GST_H4MK_VERDICT_DAMAGED},
    {"!h012t", GST_H4MK_VERDICT_DAMAGED},
    {"h01", GST_H4MK_VERDICT_PROVEN},
    {"h01e", GST_H4MK_VERDICT_PROVEN},
    {"hab", GST_H4MK_VERDICT_UNPROVEN},
    {"h12t", GST_H4MK_VERDICT_UNPROVEN},
    {"hbl12t", GST_H4MK_VERDICT_UNPROVEN},
    {"hdm2t", GST_H4MK_VERDICT_UNPROVEN}
  };
  SignedSpec other_spec = small;
  GByteArray *file = signed_make (&small), *other, *moved;
  const gchar *p;

  other_spec.salt = 7;
  other_spec.announced = NULL;
  other = signed_make (&other_spec);
  moved = g_byte_array_new ();
  for (p = rows[__i__].parts; *p; p++) {
    if (*p == '!')
      append_part (moved, other, *++p);
    else
      append_part (moved, file, *p);
  }
  if (strchr (rows[__i__].parts, 't'))
    signed_fix_veri (moved);
  /* the other file's header is the same, but this test needs a difference */
  if (rows[__i__].parts[0] == '!') {
    moved->data[signed_find (moved, "TRAK", 0).offset + 40] ^= 1;
    signed_fix_crc (moved, signed_find (moved, "TRAK", 0));
    signed_fix_veri (moved);
  }
  check_verdict (moved, rows[__i__].verdict, rows[__i__].parts);
  g_byte_array_unref (moved);
  g_byte_array_unref (other);
  g_byte_array_unref (file);
}

GST_END_TEST;

/* A forger's change of one payload byte, with every checksum made to fit. */
GST_START_TEST (test_forged_tables)
{
  static const struct
  {
    const gchar *tag;
    guint n;
    guint byte;                 /* of the payload */
  } rows[] = {
    {"TOKN", 1, 8}, {"CORE", 3, 0},
    {"LINK", 1, 7}, {"LINK", 1, 15}, {"LINK", 1, 23}, {"LINK", 1, 31},
    {"LINK", 1, 32}, {"LINK", 2, 63},
    /* a page: count, prev, and the second entry's fields */
    {"GIDX", 0, 7}, {"GIDX", 0, 15}, {"GIDX", 0, 16 + 72 + 7},
    {"GIDX", 0, 16 + 72 + 15}, {"GIDX", 0, 16 + 72 + 23},
    {"GIDX", 0, 16 + 72 + 31}, {"GIDX", 0, 16 + 72 + 35},
    {"GIDX", 0, 16 + 72 + 39}, {"GIDX", 0, 16 + 72 + 40},
    {"SEEK", 0, 3}, {"SEEK", 0, 11}, {"SEEK", 0, 4 + 16 + 15},
    /* the root */
    {"GIDX", 1, 7}, {"GIDX", 1, 15}, {"GIDX", 1, 23}, {"GIDX", 1, 31},
    {"GIDX", 1, 39}, {"GIDX", 1, 47},
    {"FOOT", 0, 15}, {"FOOT", 0, 23}, {"FOOT", 0, 31}, {"FOOT", 0, 39},
    {"FOOT", 0, 47}, {"FOOT", 0, 55}, {"FOOT", 0, 63}, {"FOOT", 0, 95}
  };
  GByteArray *file = signed_make (&small);
  SignedPart part = signed_find (file, rows[__i__].tag, rows[__i__].n);
  gchar *what = g_strdup_printf ("%s %u, byte %u", rows[__i__].tag,
      rows[__i__].n, rows[__i__].byte);

  file->data[part.offset + 12 + rows[__i__].byte] ^= 1;
  signed_fix_crc (file, part);
  signed_fix_veri (file);
  check_verdict (file, GST_H4MK_VERDICT_DAMAGED, what);
  g_free (what);
  g_byte_array_unref (file);
}

GST_END_TEST;

/* "a file whose FOOT is another's counts as cut off" */
GST_START_TEST (test_foreign_foot_is_ignored)
{
  GByteArray *file = signed_make (&small);
  SignedPart foot = signed_find (file, "FOOT", 0);
  GstH4mkReport *report;

  file->data[foot.offset + 12 + 7] ^= 1;
  signed_fix_crc (file, foot);
  report = verify (file, NULL);
  fail_unless_equals_int (report->verdict, GST_H4MK_VERDICT_PROVEN);
  fail_unless (report->cut && !report->has_veri);
  fail_unless_equals_uint64 (report->proven_blocks, 12);
  gst_h4mk_report_free (report);
  g_byte_array_unref (file);
}

GST_END_TEST;

/* Keys by number; 0: none. */
typedef struct
{
  guint announced, links, sign;
  guint trusted;
  GstH4mkVerdict verdict;
  GstH4mkSigner signer;
} SignedRow;

#define COMPLETE GST_H4MK_VERDICT_COMPLETE
#define PROVEN GST_H4MK_VERDICT_PROVEN
#define UNPROVEN GST_H4MK_VERDICT_UNPROVEN
#define DAMAGED GST_H4MK_VERDICT_DAMAGED
#define NONE GST_H4MK_SIGNER_NONE
#define UNKNOWN GST_H4MK_SIGNER_UNKNOWN
#define TRUSTED GST_H4MK_SIGNER_TRUSTED

static const SignedRow signed_rows[] = {
  {0, 0, 0, 0, COMPLETE, NONE},
  {0, 0, 0, 1, UNPROVEN, NONE},
  {1, 1, 1, 1, COMPLETE, TRUSTED},
  {1, 1, 1, 0, UNPROVEN, UNKNOWN},
  {1, 1, 1, 2, DAMAGED, UNKNOWN},
  /* stripped */
  {1, 1, 0, 1, PROVEN, TRUSTED},
  {1, 1, 0, 0, PROVEN, UNKNOWN},
  {1, 1, 0, 2, DAMAGED, UNKNOWN},
  {1, 0, 0, 1, DAMAGED, NONE},
  {1, 0, 1, 1, DAMAGED, TRUSTED},
  /* foreign */
  {1, 2, 2, 1, DAMAGED, UNKNOWN},
  {1, 1, 2, 1, DAMAGED, TRUSTED},
  {1, 2, 1, 1, DAMAGED, TRUSTED},
  {2, 2, 2, 1, DAMAGED, UNKNOWN},
  /* not announced */
  {0, 1, 1, 1, COMPLETE, TRUSTED},
  {0, 1, 1, 0, UNPROVEN, UNKNOWN},
  {0, 1, 0, 1, PROVEN, TRUSTED},
  {0, 1, 0, 0, COMPLETE, UNKNOWN},
  {0, 1, 2, 1, DAMAGED, TRUSTED},
  {0, 0, 1, 1, DAMAGED, TRUSTED},
};

static EVP_PKEY *
number_key (guint number)
{
  return number ? signed_key ((guint8) number) : NULL;
}

static GByteArray *
make_signed (guint announced, guint links, guint sign)
{
  SignedSpec spec = small;
  GByteArray *file;

  spec.announced = number_key (announced);
  spec.link_key = number_key (links);
  spec.sign_key = number_key (sign);
  file = signed_make (&spec);
  EVP_PKEY_free (spec.announced);
  EVP_PKEY_free (spec.link_key);
  EVP_PKEY_free (spec.sign_key);
  return file;
}

static GstH4mkReport *
verify_trusting (GByteArray * file, guint number)
{
  EVP_PKEY *key = number_key (number);
  gchar *trusted[] = { key ? signed_public_hex (key) : NULL, NULL };
  GstH4mkReport *report = verify (file, (const gchar * const *) trusted);

  g_free (trusted[0]);
  EVP_PKEY_free (key);
  return report;
}

GST_START_TEST (test_signatures)
{
  const SignedRow *row = &signed_rows[__i__];
  GByteArray *file = make_signed (row->announced, row->links, row->sign);
  GstH4mkReport *report = verify_trusting (file, row->trusted);

  fail_unless (report->verdict == row->verdict, "row %d: %s (%s)", __i__,
      gst_h4mk_verdict_to_string (report->verdict), first_problem (report));
  if (row->verdict != DAMAGED)
    fail_unless_equals_int (report->signer, row->signer);
  gst_h4mk_report_free (report);
  g_byte_array_unref (file);
}

GST_END_TEST;

GST_START_TEST (test_cut_signed_file_is_proven_by_its_key)
{
  GByteArray *file = make_signed (1, 1, 1);
  SignedPart link = signed_find (file, "LINK", 1);
  static const GstH4mkVerdict verdicts[] = { PROVEN, PROVEN, DAMAGED };
  GstH4mkReport *report;

  g_byte_array_set_size (file, link.offset + link.size + 5);
  report = verify_trusting (file, __i__);
  fail_unless_equals_int (report->verdict, verdicts[__i__]);
  if (report->verdict == PROVEN)
    fail_unless_equals_uint64 (report->proven_blocks, 8);
  gst_h4mk_report_free (report);
  g_byte_array_unref (file);
}

GST_END_TEST;

GST_START_TEST (test_joined_signed_stream_is_proven_from_its_second_span)
{
  GByteArray *file = make_signed (1, 1, 1), *joined = g_byte_array_new ();
  GstH4mkReport *report;

  append_part (joined, file, 'h');
  append_part (joined, file, '1');
  append_part (joined, file, '2');
  append_part (joined, file, 't');
  report = verify_trusting (joined, __i__ ? 0 : 1);
  fail_unless (report->verdict == (__i__ ? UNPROVEN : PROVEN), "%s",
      first_problem (report));
  fail_unless_equals_uint64 (report->first_block, 4);
  fail_unless_equals_uint64 (report->proven_from, 8);
  fail_unless_equals_uint64 (report->proven_blocks, 12);
  gst_h4mk_report_free (report);
  g_byte_array_unref (joined);
  g_byte_array_unref (file);
}

GST_END_TEST;

/* Feeds the items of a file from an offset on; FALSE: one did not hold. */
static gboolean
feed (GstH4mkProof * proof, const GByteArray * file, gsize from)
{
  GstH4mkParser *parser = gst_h4mk_parser_new ();
  gboolean ok = TRUE;
  GstH4mkItem item;
  gsize need, at;

  while ((at = gst_h4mk_parser_get_offset (parser)) < file->len) {
    fail_unless_equals_int (gst_h4mk_parser_next (parser, file->data + at,
            file->len - at, &item, &need, NULL), GST_H4MK_RESULT_ITEM);
    if (at >= from)
      ok = gst_h4mk_proof_item (proof, &item, NULL) && ok;
  }
  gst_h4mk_parser_free (parser);
  return ok;
}

/* linked: the LINK before it is told of, not its leaf in the index. */
static void
seek_to_second_span (GstH4mkProof * proof, const GByteArray * file,
    gboolean linked)
{
  SignedPart page = signed_find (file, "GIDX", 0);
  SignedPart trak = signed_find (file, "TRAK", 0);
  const guint8 *entry = file->data + page.offset + 12 + 16 + 72;
  GBytes *bytes = g_bytes_new (file->data + trak.offset, trak.size);
  GBytes *before = NULL;
  GstH4mkSpan span = { 1 };

  span.offset = signed_find (file, "TOKN", 2).offset;
  span.trak = trak.offset;
  if (linked)
    before = g_bytes_new (file->data + span.offset - GST_H4MK_PROOF_BEFORE,
        GST_H4MK_PROOF_BEFORE);
  else
    memcpy (span.leaf, entry + 40, 32);
  gst_h4mk_proof_begin (proof, bytes, NULL);
  gst_h4mk_proof_seek (proof, &span, bytes, before);
  g_clear_pointer (&before, g_bytes_unref);
  g_bytes_unref (bytes);
}

GST_START_TEST (test_seek_proves_the_span_that_it_leads_to)
{
  GByteArray *file = signed_make (&small);
  GstH4mkProof *proof = gst_h4mk_proof_new (NULL, NULL);
  SignedPart core = signed_find (file, "CORE", 5);
  gsize from = signed_find (file, "TOKN", 2).offset;

  seek_to_second_span (proof, file, __i__);
  fail_unless (feed (proof, file, from));
  fail_unless_equals_uint64 (gst_h4mk_proof_get_proven_blocks (proof), 12);

  file->data[core.offset + 12] ^= 1;
  signed_fix_crc (file, core);
  seek_to_second_span (proof, file, __i__);
  fail_if (feed (proof, file, from));
  gst_h4mk_proof_free (proof);
  g_byte_array_unref (file);
}

GST_END_TEST;

GST_START_TEST (test_what_is_left_out_is_not_held_against_the_rest)
{
  GByteArray *file = signed_make (&small);
  SignedPart core = signed_find (file, "CORE", 5);
  GstH4mkReport *report;

  file->data[core.offset + 12] ^= 1;
  report = verify (file, NULL);
  fail_unless_equals_int (report->verdict, DAMAGED);
  fail_unless_equals_int (report->problems->len, 1);
  fail_unless_equals_uint64 (report->blocks, 11);
  fail_unless_equals_uint64 (report->proven_blocks, 4);
  gst_h4mk_report_free (report);
  g_byte_array_unref (file);
}

GST_END_TEST;

GST_START_TEST (test_bytes_after_the_end)
{
  GByteArray *file = signed_make (&small);

  g_byte_array_append (file, (const guint8 *) "more", 4);
  check_verdict (file, DAMAGED, "bytes after VERI");
  g_byte_array_unref (file);
}

GST_END_TEST;

GST_START_TEST (test_malformed_trusted_key)
{
  static const gchar *const keys[] = { "", "00", "zz" };
  const gchar *trusted[] = { keys[__i__], NULL };
  GByteArray *file = signed_make (&small);
  GError *error = NULL;

  fail_unless (gst_h4mk_verify (read_array, file, file->len, trusted, NULL,
          NULL, &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR,
          G_IO_ERROR_INVALID_ARGUMENT));
  g_clear_error (&error);
  g_byte_array_unref (file);
}

GST_END_TEST;

static GBytes *
read_nothing (guint64 offset, gsize size, gpointer user_data, GError ** error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE, "gone");
  return NULL;
}

static gboolean
stop (guint64 done, guint64 total, gpointer user_data)
{
  return FALSE;
}

GST_START_TEST (test_reading_fails_or_is_cancelled)
{
  GByteArray *file = signed_make (&small);
  GError *error = NULL;

  fail_unless (gst_h4mk_verify (read_nothing, NULL, 100, NULL, NULL, NULL,
          &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE));
  g_clear_error (&error);
  fail_unless (gst_h4mk_verify (read_array, file, file->len, NULL, stop, NULL,
          &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_clear_error (&error);
  g_byte_array_unref (file);
}

GST_END_TEST;

static Suite *
h4mkproof_suite (void)
{
  Suite *s = suite_create ("h4mkproof");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_whole_files_are_complete, 0, 10);
  tcase_add_test (tc, test_cut_at_every_byte);
  tcase_add_loop_test (tc, test_flip_of_every_byte_is_found_and_placed, 0, 2);
  tcase_add_loop_test (tc, test_moved_parts, 0, 23);
  tcase_add_loop_test (tc, test_forged_tables, 0, 34);
  tcase_add_test (tc, test_foreign_foot_is_ignored);
  tcase_add_loop_test (tc, test_signatures, 0, G_N_ELEMENTS (signed_rows));
  tcase_add_loop_test (tc, test_cut_signed_file_is_proven_by_its_key, 0, 3);
  tcase_add_loop_test (tc,
      test_joined_signed_stream_is_proven_from_its_second_span, 0, 2);
  tcase_add_loop_test (tc, test_seek_proves_the_span_that_it_leads_to, 0, 2);
  tcase_add_test (tc, test_what_is_left_out_is_not_held_against_the_rest);
  tcase_add_test (tc, test_bytes_after_the_end);
  tcase_add_loop_test (tc, test_malformed_trusted_key, 0, 3);
  tcase_add_test (tc, test_reading_fails_or_is_cancelled);
  return s;
}

GST_CHECK_MAIN (h4mkproof);
