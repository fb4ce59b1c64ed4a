/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gst/check/gstcheck.h>
#include <gio/gio.h>

#include "gsth4mkchunks.h"
#include "gsth4mkverify.h"
#include "h4files.h"
#include "h4mkscript.h"
#include "signed.h"

static const SignedSpec small = { 3, 2, 3, 20 };

static GBytes *
read_array (guint64 offset, gsize size, gpointer user_data, GError ** error)
{
  GByteArray *file = user_data;
  gsize at = MIN (offset, file->len);

  return g_bytes_new (file->data + at, MIN (size, file->len - at));
}

static gboolean
append (const GstH4mkPiece * pieces, guint n_pieces, GstH4mkWriteFlags flags,
    gpointer user_data, GError ** error)
{
  guint i;

  for (i = 0; i < n_pieces; i++)
    g_byte_array_append (user_data, pieces[i].data, pieces[i].size);
  return TRUE;
}

static const GstH4mkWriterFuncs append_funcs = { append };

static GstH4mkRecovery *
try_recover (GByteArray * in, gboolean only_proven, GByteArray * out,
    GError ** error)
{
  g_byte_array_set_size (out, 0);
  return gst_h4mk_recover (read_array, in, in->len, only_proven, &append_funcs,
      out, NULL, NULL, error);
}

static GstH4mkRecovery *
recover (GByteArray * in, gboolean only_proven, GByteArray * out)
{
  GError *error = NULL;
  GstH4mkRecovery *recovery = try_recover (in, only_proven, out, &error);

  fail_unless (recovery != NULL, "%s", error ? error->message : "");
  return recovery;
}

static GstH4mkVerdict
get_verdict (GByteArray * file, gchar ** problem)
{
  GstH4mkReport *report = gst_h4mk_verify (read_array, file, file->len, NULL,
      NULL, NULL, NULL);
  GstH4mkVerdict verdict = report->verdict;

  *problem = g_strdup (report->problems->len ? ((GError *)
          g_ptr_array_index (report->problems, 0))->message : "none");
  gst_h4mk_report_free (report);
  return verdict;
}

static void
fail_unless_complete (GByteArray * file)
{
  gchar *problem;
  GstH4mkVerdict verdict = get_verdict (file, &problem);

  fail_unless (verdict == GST_H4MK_VERDICT_COMPLETE, "%s (%s)",
      gst_h4mk_verdict_to_string (verdict), problem);
  h4_files_keep_foreign (file->data, file->len);
  g_free (problem);
}

typedef struct
{
  GstH4mkRecord record;
  guint64 block;
  guint8 hash[32];
} Seen;

/* Every whole block of a file that is sound as far as it goes. */
static GArray *
list_blocks (const GByteArray * file)
{
  GArray *blocks = g_array_new (FALSE, FALSE, sizeof (Seen));
  GstH4mkParser *parser = gst_h4mk_parser_new ();
  GstH4mkItem item;
  gsize need, at;

  while ((at = gst_h4mk_parser_get_offset (parser)) < file->len
      && gst_h4mk_parser_next (parser, file->data + at, file->len - at, &item,
          &need, NULL) == GST_H4MK_RESULT_ITEM) {
    Seen seen;

    if (item.chunk.tag != GST_H4MK_TAG_CORE)
      continue;
    seen.record = *item.record;
    seen.block = item.block;
    EVP_Digest (item.chunk.payload, item.chunk.size, seen.hash, NULL,
        EVP_sha256 (), NULL);
    g_array_append_val (blocks, seen);
  }
  gst_h4mk_parser_free (parser);
  return blocks;
}

static void
fail_unless_same_blocks (const GByteArray * a, const GByteArray * b,
    guint64 count)
{
  GArray *in = list_blocks (a), *out = list_blocks (b);
  guint i;

  fail_unless_equals_int (in->len, out->len);
  fail_unless_equals_uint64 (out->len, count);
  for (i = 0; i < in->len; i++) {
    const Seen *x = &g_array_index (in, Seen, i);
    const Seen *y = &g_array_index (out, Seen, i);

    fail_unless_equals_uint64 (x->record.flags, y->record.flags);
    fail_unless_equals_int (x->record.track, y->record.track);
    fail_unless_equals_int64 (x->record.pts, y->record.pts);
    fail_unless_equals_int64 (x->record.dts, y->record.dts);
    fail_unless_equals_int64 (x->record.duration, y->record.duration);
    fail_unless_equals_uint64 (x->record.index, y->record.index);
    fail_unless (memcmp (x->hash, y->hash, 32) == 0);
  }
  g_array_unref (in);
  g_array_unref (out);
}

/* What the writer makes of a made-up recording. */
static GByteArray *
make_script_file (guint32 seed, guint blocks, gboolean link)
{
  GstH4mkWriter *writer;
  GByteArray *file;
  Script script;
  Sink sink;

  script_init (&script, seed, blocks);
  script.options.link = link;
  sink_init (&sink);
  writer = gst_h4mk_writer_new (&script.options, &sink_funcs, &sink);
  script_write (&script, 0, writer, &sink);
  gst_h4mk_writer_free (writer);
  file = g_byte_array_ref (sink.bytes);
  sink_clear (&sink);
  script_clear (&script);
  return file;
}

/* Up to where the bytes of a cut file are whole groups and what lies between:
 * the end of its last whole group or LINK. */
static gsize
whole_groups_end (const GByteArray * file, gsize size)
{
  GstH4mkParser *parser = gst_h4mk_parser_new ();
  gsize need, at, end = 0;
  GstH4mkItem item;

  while ((at = gst_h4mk_parser_get_offset (parser)) < size
      && gst_h4mk_parser_next (parser, file->data + at, size - at, &item,
          &need, NULL) == GST_H4MK_RESULT_ITEM)
    if (gst_h4mk_parser_get_group_left (parser) == 0
        && (item.chunk.tag == GST_H4MK_TAG_CORE
            || item.chunk.tag == GST_H4MK_TAG_LINK))
      end = gst_h4mk_parser_get_offset (parser);
  gst_h4mk_parser_free (parser);
  return end;
}

static void
check_cut (GByteArray * whole, gsize size, GByteArray * out, gboolean verbatim)
{
  GByteArray *cut = g_byte_array_new ();
  GstH4mkRecovery *recovery;
  gsize kept;

  g_byte_array_append (cut, whole->data, size);
  recovery = recover (cut, FALSE, out);
  fail_unless_complete (out);
  fail_unless_same_blocks (cut, out, recovery->blocks);
  kept = whole_groups_end (whole, size);
  if (verbatim)
    fail_unless (out->len >= kept && memcmp (out->data, whole->data,
            kept) == 0, "cut at %" G_GSIZE_FORMAT, size);
  fail_unless_equals_int (recovery->problems->len, 0);
  fail_unless_equals_uint64 (recovery->lost_blocks, 0);
  gst_h4mk_recovery_free (recovery);
  g_byte_array_unref (cut);
}

GST_START_TEST (test_cut_at_every_byte_loses_no_whole_block)
{
  static const SignedSpec specs[] = {
    {3, 2, 3, 20},
    {.spans = 3,.groups = 1,.blocks = 2,.block_size = 5,.trak_at = 2}
  };
  GByteArray *whole = signed_make (&specs[__i__]);
  GByteArray *out = g_byte_array_new ();
  SignedPart trak = signed_find (whole, "TRAK", 0);
  gsize size;

  for (size = trak.offset + trak.size; size < whole->len; size += SIGNED_STEP)
    check_cut (whole, size, out, TRUE);
  g_byte_array_unref (out);
  g_byte_array_unref (whole);
}

GST_END_TEST;

GST_START_TEST (test_cut_before_the_tracks_holds_nothing)
{
  GByteArray *file = signed_make (&small), *out = g_byte_array_new ();
  SignedPart trak = signed_find (file, "TRAK", 0);
  GError *error = NULL;
  gint size;

  for (size = trak.offset + trak.size - 1; size >= 0; size -= SIGNED_STEP) {
    g_byte_array_set_size (file, size);
    fail_unless (try_recover (file, FALSE, out, &error) == NULL);
    fail_unless (g_error_matches (error, GST_H4MK_ERROR,
            GST_H4MK_ERROR_TRUNCATED));
    fail_unless_equals_int (out->len, 0);
    g_clear_error (&error);
  }
  g_byte_array_unref (out);
  g_byte_array_unref (file);
}

GST_END_TEST;

/* Tracks of all kinds that come and go. Without LINK there is no telling where
 * a span of the input ends, so groups alone stay as they were. */
GST_START_TEST (test_recordings_of_the_writer_cut_anywhere)
{
  gboolean link = __i__ < 6;
  GByteArray *whole = make_script_file (100 + __i__, 80, link);
  GByteArray *out = g_byte_array_new ();
  SignedPart trak = signed_find (whole, "TRAK", 0);
  gsize size;

  for (size = trak.offset + trak.size; size < whole->len;
      size += 1 + whole->len / (97 / SIGNED_STEP)) {
    check_cut (whole, size, out, link);
    h4_files_keep (out->data, out->len);
  }
  g_byte_array_unref (out);
  g_byte_array_unref (whole);
}

GST_END_TEST;

/* Up to its last byte, a cut recording becomes what it would have been. */
GST_START_TEST (test_cut_behind_the_blocks_gives_the_same_file)
{
  GByteArray *whole = make_script_file (7, 60, TRUE), *cut;
  GByteArray *out = g_byte_array_new ();
  SignedPart seek = signed_find (whole, "SEEK", 0);
  gsize size;

  for (size = seek.offset; size <= whole->len; size += SIGNED_STEP) {
    cut = g_byte_array_new ();
    g_byte_array_append (cut, whole->data, size);
    gst_h4mk_recovery_free (recover (cut, FALSE, out));
    fail_unless_equals_int (out->len, whole->len);
    fail_unless (memcmp (out->data, whole->data, out->len) == 0);
    g_byte_array_unref (cut);
  }
  g_byte_array_unref (out);
  g_byte_array_unref (whole);
}

GST_END_TEST;

GST_START_TEST (test_damaged_block_costs_itself)
{
  GByteArray *file = signed_make (&small), *out = g_byte_array_new ();
  SignedPart core = signed_find (file, "CORE", 6);
  GstH4mkRecovery *recovery;
  GArray *blocks;
  guint i;

  file->data[core.offset + 12] ^= 1;
  recovery = recover (file, FALSE, out);
  fail_unless_complete (out);
  fail_unless_equals_uint64 (recovery->blocks, 17);
  fail_unless_equals_uint64 (recovery->lost_blocks, 1);
  fail_unless_equals_uint64 (recovery->lost_bytes, 32);
  fail_unless_equals_uint64 (recovery->kept_bytes, 0);
  fail_unless_equals_int (recovery->problems->len, 1);

  /* block 6 was video: the next video block, once 9 and now 8, says so */
  blocks = list_blocks (out);
  for (i = 0; i < blocks->len; i++)
    fail_unless ((g_array_index (blocks, Seen, i).record.flags
            & GST_H4MK_RECORD_DISCONT ? 8 : i) == i);
  fail_unless (g_array_index (blocks, Seen, 8).record.flags
      & GST_H4MK_RECORD_DISCONT);
  g_array_unref (blocks);
  gst_h4mk_recovery_free (recovery);
  g_byte_array_unref (out);
  g_byte_array_unref (file);
}

GST_END_TEST;

GST_START_TEST (test_damaged_group_costs_itself)
{
  GByteArray *file = signed_make (&small), *out = g_byte_array_new ();
  SignedPart token = signed_find (file, "TOKN", __i__);
  GstH4mkRecovery *recovery;

  file->data[token.offset + 14] ^= 1;
  recovery = recover (file, FALSE, out);
  fail_unless_complete (out);
  fail_unless_equals_uint64 (recovery->blocks, 15);
  /* what comes before the first and after the last block is not in the middle */
  fail_unless_equals_uint64 (recovery->lost_blocks,
      __i__ > 0 && __i__ < 5 ? 3 : 0);
  fail_unless (recovery->lost_bytes >= 3 * 32);
  gst_h4mk_recovery_free (recovery);
  g_byte_array_unref (out);
  g_byte_array_unref (file);
}

GST_END_TEST;

GST_START_TEST (test_any_flip_gives_a_whole_file_or_an_error)
{
  GByteArray *file = signed_make (&small), *out = g_byte_array_new ();
  gsize first_token = signed_find (file, "TOKN", 0).offset;
  guint i;

  for (i = 0; i < file->len; i += SIGNED_STEP) {
    GError *error = NULL;
    GstH4mkRecovery *recovery;

    file->data[i] ^= 0x20;
    recovery = try_recover (file, FALSE, out, &error);
    if (recovery) {
      fail_unless_complete (out);
      fail_unless (recovery->blocks >= 15);
      gst_h4mk_recovery_free (recovery);
    } else {
      /* the header and the first list of tracks */
      fail_unless (i < first_token, "byte %u: %s", i, error->message);
      g_clear_error (&error);
    }
    file->data[i] ^= 0x20;
  }
  g_byte_array_unref (out);
  g_byte_array_unref (file);
}

GST_END_TEST;

static GByteArray *
make_signed_file (void)
{
  EVP_PKEY *key = signed_key (1);
  SignedSpec spec = small;
  GByteArray *file;

  spec.announced = spec.link_key = spec.sign_key = key;
  file = signed_make (&spec);
  EVP_PKEY_free (key);
  return file;
}

GST_START_TEST (test_signed_recording_is_written_anew_unsigned)
{
  GByteArray *file = make_signed_file (), *out = g_byte_array_new ();
  SignedPart core = signed_find (file, "CORE", 16);
  GstH4mkRecovery *recovery;

  g_byte_array_set_size (file, core.offset + 3);
  recovery = recover (file, FALSE, out);
  fail_unless_complete (out);
  fail_unless_same_blocks (file, out, 16);
  fail_unless (recovery->signatures_dropped);
  fail_unless_equals_uint64 (recovery->kept_bytes, 0);
  gst_h4mk_recovery_free (recovery);
  g_byte_array_unref (out);
  g_byte_array_unref (file);
}

GST_END_TEST;

GST_START_TEST (test_only_proven_keeps_signatures)
{
  GByteArray *file = make_signed_file (), *out = g_byte_array_new ();
  SignedPart link = signed_find (file, "LINK", 1);
  SignedPart core = signed_find (file, "CORE", 16);
  GstH4mkRecovery *recovery;
  GstH4mkVerdict verdict;
  gchar *problem;

  if (__i__ == 0)
    g_byte_array_set_size (file, core.offset + 3);
  else
    file->data[core.offset + 12] ^= 1;
  recovery = recover (file, TRUE, out);
  verdict = get_verdict (out, &problem);
  fail_unless (verdict == GST_H4MK_VERDICT_PROVEN, "%s (%s)",
      gst_h4mk_verdict_to_string (verdict), problem);
  fail_unless_equals_uint64 (recovery->blocks, 12);
  fail_unless_equals_uint64 (recovery->kept_bytes, link.offset + link.size);
  fail_unless (memcmp (file->data, out->data, recovery->kept_bytes) == 0);
  fail_unless (signed_find (out, "VERI", 0).size > 0);
  fail_unless (!recovery->signatures_dropped);
  g_free (problem);
  gst_h4mk_recovery_free (recovery);
  g_byte_array_unref (out);
  g_byte_array_unref (file);
}

GST_END_TEST;

GST_START_TEST (test_only_proven_of_nothing_is_an_error)
{
  GByteArray *file = signed_make (&small), *out = g_byte_array_new ();
  GError *error = NULL;

  g_byte_array_set_size (file, signed_find (file, "LINK", 0).offset);
  fail_unless (try_recover (file, TRUE, out, &error) == NULL);
  fail_unless (error != NULL);
  g_clear_error (&error);
  g_byte_array_unref (out);
  g_byte_array_unref (file);
}

GST_END_TEST;

GST_START_TEST (test_joined_stream_begins_with_block_0)
{
  GByteArray *file = signed_make (&small), *out = g_byte_array_new ();
  SignedPart from = signed_find (file, "TOKN", 0);
  SignedPart to = signed_find (file, "TOKN", 3);
  GstH4mkRecovery *recovery;
  GArray *blocks;

  g_byte_array_remove_range (file, from.offset, to.offset - from.offset);
  recovery = recover (file, FALSE, out);
  fail_unless_complete (out);
  fail_unless_equals_uint64 (recovery->blocks, 9);
  fail_unless_equals_uint64 (recovery->lost_blocks, 0);
  blocks = list_blocks (out);
  fail_unless_equals_uint64 (g_array_index (blocks, Seen, 0).block, 0);
  g_array_unref (blocks);
  gst_h4mk_recovery_free (recovery);
  g_byte_array_unref (out);
  g_byte_array_unref (file);
}

GST_END_TEST;

GST_START_TEST (test_whole_file_stays_as_it_is)
{
  GByteArray *file = __i__ ? make_signed_file () : signed_make (&small);
  GByteArray *out = g_byte_array_new ();
  GstH4mkRecovery *recovery = recover (file, __i__, out);

  fail_unless_equals_int (out->len, file->len);
  fail_unless (memcmp (out->data, file->data, out->len) == 0);
  fail_unless_equals_uint64 (recovery->kept_bytes, file->len);
  fail_unless (recovery->blocks > 0);
  gst_h4mk_recovery_free (recovery);
  g_byte_array_unref (out);
  g_byte_array_unref (file);
}

GST_END_TEST;

#define BASE_BLOCKS 5
#define BASE_SIZE 30

static GByteArray *
make_base_file (void)
{
  GByteArray *file = g_byte_array_new ();
  GstH4mkBaseWriter *writer = gst_h4mk_base_writer_new (BASE_SIZE, 25.0, 2,
      TRUE, &append_funcs, file);
  guint8 data[BASE_SIZE];
  GstH4mkBlock block = { {0}, data, NULL };
  guint i;

  for (i = 0; i < BASE_BLOCKS; i++) {
    memset (data, i, sizeof (data));
    block.record.size = i + 1 < BASE_BLOCKS ? BASE_SIZE : 4;
    fail_unless (gst_h4mk_base_writer_add (writer, &block, NULL));
  }
  fail_unless (gst_h4mk_base_writer_finish (writer, NULL, NULL));
  gst_h4mk_base_writer_free (writer);
  h4_files_keep (file->data, file->len);
  return file;
}

GST_START_TEST (test_base_file_cut_at_every_byte)
{
  GByteArray *whole = make_base_file (), *out = g_byte_array_new ();
  SignedPart first = signed_find (whole, "CORE", 0);
  SignedPart safe = signed_find (whole, "SAFE", 0);
  gsize size;

  for (size = first.offset + first.size; size <= whole->len;
      size += SIGNED_STEP) {
    GByteArray *cut = g_byte_array_new ();
    GstH4mkRecovery *recovery;

    g_byte_array_append (cut, whole->data, size);
    recovery = recover (cut, FALSE, out);
    fail_unless_complete (out);
    fail_unless (recovery->guessed_timing == (size < safe.offset));
    if (size >= safe.offset)
      fail_unless (out->len == whole->len
          && memcmp (out->data, whole->data, out->len) == 0);
    else
      fail_unless_equals_uint64 (recovery->blocks, MIN ((size - 8) / (12 +
                  BASE_SIZE) + (size >= signed_find (whole, "SEEK",
                      0).offset), BASE_BLOCKS));
    gst_h4mk_recovery_free (recovery);
    g_byte_array_unref (cut);
  }
  g_byte_array_unref (out);
  g_byte_array_unref (whole);
}

GST_END_TEST;

/* Masks and times go by a block's number. */
GST_START_TEST (test_lost_base_block_leaves_its_place)
{
  GByteArray *file = make_base_file (), *out = g_byte_array_new ();
  SignedPart core = signed_find (file, "CORE", 2), empty, next;
  GstH4mkRecovery *recovery;

  file->data[core.offset + (__i__ ? 20 : 6)] ^= 1;
  recovery = recover (file, FALSE, out);
  fail_unless_complete (out);
  fail_unless_equals_uint64 (recovery->blocks, BASE_BLOCKS - 1);
  fail_unless_equals_uint64 (recovery->lost_blocks, 1);
  empty = signed_find (out, "CORE", 2);
  next = signed_find (out, "CORE", 3);
  fail_unless_equals_int (empty.size, 12);
  fail_unless_equals_int (next.size, 12 + BASE_SIZE);
  fail_unless_equals_int (out->data[next.offset + 12], 3);
  gst_h4mk_recovery_free (recovery);
  g_byte_array_unref (out);
  g_byte_array_unref (file);
}

GST_END_TEST;

static gboolean
stop_half_way (guint64 done, guint64 total, gpointer user_data)
{
  return done < total / 2;
}

GST_START_TEST (test_cancelled)
{
  GByteArray *file = signed_make (&small), *out = g_byte_array_new ();
  GError *error = NULL;

  fail_unless (gst_h4mk_recover (read_array, file, file->len, FALSE,
          &append_funcs, out, stop_half_way, NULL, &error) == NULL);
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  g_clear_error (&error);
  g_byte_array_unref (out);
  g_byte_array_unref (file);
}

GST_END_TEST;

static Suite *
h4mkrecover_suite (void)
{
  Suite *s = suite_create ("h4mkrecover");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_cut_at_every_byte_loses_no_whole_block, 0, 2);
  tcase_add_test (tc, test_cut_before_the_tracks_holds_nothing);
  tcase_add_loop_test (tc, test_recordings_of_the_writer_cut_anywhere, 0, 9);
  tcase_add_test (tc, test_cut_behind_the_blocks_gives_the_same_file);
  tcase_add_test (tc, test_damaged_block_costs_itself);
  tcase_add_loop_test (tc, test_damaged_group_costs_itself, 0, 6);
  tcase_add_test (tc, test_any_flip_gives_a_whole_file_or_an_error);
  tcase_add_test (tc, test_signed_recording_is_written_anew_unsigned);
  tcase_add_loop_test (tc, test_only_proven_keeps_signatures, 0, 2);
  tcase_add_test (tc, test_only_proven_of_nothing_is_an_error);
  tcase_add_test (tc, test_joined_stream_begins_with_block_0);
  tcase_add_loop_test (tc, test_whole_file_stays_as_it_is, 0, 2);
  tcase_add_test (tc, test_base_file_cut_at_every_byte);
  tcase_add_loop_test (tc, test_lost_base_block_leaves_its_place, 0, 2);
  tcase_add_test (tc, test_cancelled);
  return s;
}

H4_FILES_CHECK_MAIN (h4mkrecover);
