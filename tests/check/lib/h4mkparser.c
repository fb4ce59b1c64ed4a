/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>

#include "forge.h"

/* What a run over a file gave: a line an item, then how it ended. */
static void
log_item (GString * log, const GstH4mkItem * item)
{
  gchar tag[5];

  gst_h4mk_tag_to_string (item->chunk.tag, tag);
  g_string_append_printf (log, "%s %" G_GUINT64_FORMAT "+%" G_GSIZE_FORMAT,
      item->chunk.tag ? tag : "head", item->chunk.offset, item->chunk.raw_size);
  if (item->record)
    g_string_append_printf (log, " block %" G_GUINT64_FORMAT " track %u pts %"
        G_GINT64_FORMAT " sum %08x", item->block, item->record->track,
        item->record->pts, gst_h4mk_crc32 (item->chunk.payload,
            item->chunk.size));
  g_string_append_c (log, '\n');
}

typedef struct
{
  GString *log;
  guint blocks;
  guint bad;
  gboolean finished;
  GError *error;
} Run;

static void
run_clear (Run * run)
{
  g_string_free (run->log, TRUE);
  g_clear_error (&run->error);
}

/* Gives the parser the file in steps of so many bytes; it may look at no more
 * than were given, which its own piece of memory shows to the sanitizers. */
static void
run_file (Run * run, const guint8 * data, gsize size, gsize step,
    gint64 file_size)
{
  GstH4mkParser *parser = gst_h4mk_parser_new ();
  GstH4mkResult result = GST_H4MK_RESULT_MORE;
  gsize have = 0, need = 0;

  memset (run, 0, sizeof (*run));
  run->log = g_string_new (NULL);
  gst_h4mk_parser_set_file_size (parser, file_size);
  for (;;) {
    guint64 offset = gst_h4mk_parser_get_offset (parser);
    GstH4mkItem item;
    GError *error = NULL;
    guint8 *piece;

    have = MAX (have, offset);
    piece = g_memdup2 (data + offset, have - offset);
    result = gst_h4mk_parser_next (parser, piece, have - offset, &item, &need,
        &error);
    if (result == GST_H4MK_RESULT_ITEM || result == GST_H4MK_RESULT_BAD_BLOCK) {
      fail_unless (gst_h4mk_parser_get_offset (parser) ==
          offset + item.chunk.raw_size);
      log_item (run->log, &item);
      run->blocks += item.record != NULL;
      run->bad += result == GST_H4MK_RESULT_BAD_BLOCK;
      fail_unless ((result == GST_H4MK_RESULT_BAD_BLOCK) == (error != NULL));
    }
    g_free (piece);
    if (result == GST_H4MK_RESULT_ERROR) {
      fail_unless (error != NULL);
      run->error = error;
      break;
    }
    g_clear_error (&error);
    if (result == GST_H4MK_RESULT_MORE) {
      fail_unless (need > have - offset);
      if (have == size)
        break;
      have = step == 0 ? size : MIN (have + step, size);
    }
  }
  if (!run->error)
    run->finished = gst_h4mk_parser_end (parser,
        size - gst_h4mk_parser_get_offset (parser), &run->error);
  gst_h4mk_parser_free (parser);
}

static void
fail_unless_error (const GError * error, gint code, const gchar * tag)
{
  gchar text[5] = "";
  guint32 place = 0;

  fail_unless (error != NULL, "no error");
  fail_unless (error->domain == GST_H4MK_ERROR, "%s", error->message);
  fail_unless (error->code == code, "code %d: %s", error->code, error->message);
  fail_unless (gst_h4mk_error_get_place (error, &place, NULL));
  if (place)
    gst_h4mk_tag_to_string (place, text);
  fail_unless_equals_string (text, tag);
}

GST_START_TEST (test_whole_file_in_any_pieces)
{
  static const gsize steps[] = { 0, 1, 7, 64 };
  gchar *whole = NULL;
  Forge f;
  guint i;

  forge_plain (&f, 5, TRUE, TRUE);
  for (i = 0; i < G_N_ELEMENTS (steps); i++) {
    Run run;

    run_file (&run, f.out->data, f.out->len, steps[i],
        i % 2 ? -1 : (gint64) f.out->len);
    fail_unless (run.finished, "%s", run.error ? run.error->message : "");
    fail_unless_equals_int (run.blocks, 20);
    if (!whole)
      whole = g_strdup (run.log->str);
    fail_unless_equals_string (run.log->str, whole);
    run_clear (&run);
  }
  g_free (whole);
  forge_clear (&f);
}

GST_END_TEST;

/* Every prefix gives the same items as the whole file, as far as it goes. */
static void
cut_everywhere (const Forge * f)
{
  Run whole;
  gsize size;

  run_file (&whole, f->out->data, f->out->len, 0, -1);
  fail_unless (whole.finished);
  for (size = 0; size < f->out->len; size++) {
    Run run;

    run_file (&run, f->out->data, size, size % 3 ? 0 : 7,
        size % 2 ? (gint64) size : -1);
    fail_unless (!run.finished);
    fail_unless_equals_int (run.error->code, GST_H4MK_ERROR_TRUNCATED);
    fail_unless (g_str_has_prefix (whole.log->str, run.log->str));
    fail_unless_equals_int (run.bad, 0);
    run_clear (&run);
  }
  run_clear (&whole);
}

GST_START_TEST (test_cut_at_every_byte)
{
  Forge f;

  forge_plain (&f, 2, TRUE, TRUE);
  cut_everywhere (&f);
  forge_clear (&f);
  forge_plain (&f, 2, FALSE, TRUE);
  cut_everywhere (&f);
  forge_clear (&f);
}

GST_END_TEST;

/* A flip outside of a block ends the run or leaves the same structure (in a
 * hash, say); inside a block it costs that block. */
GST_START_TEST (test_flip_of_every_byte)
{
  Run whole;
  Forge f;
  gsize i;

  forge_plain (&f, 3, TRUE, TRUE);
  run_file (&whole, f.out->data, f.out->len, 0, -1);
  for (i = 0; i < f.out->len; i++) {
    gint bit;

    for (bit = i % 5; bit < 8; bit += 5) {
      Run run;

      f.out->data[i] ^= 1 << bit;
      run_file (&run, f.out->data, f.out->len, 0, f.out->len);
      f.out->data[i] ^= 1 << bit;
      if (run.finished && run.bad == 0 && run.blocks > 0
          && strcmp (run.log->str, whole.log->str) != 0) {
        /* nothing but the tag of an optional chunk escapes the checksums */
        fail_unless (bit == 5 && g_ascii_isupper (f.out->data[i]),
            "byte %" G_GSIZE_FORMAT " bit %d: %s", i, bit, run.log->str);
      }
      if (run.bad > 0) {
        fail_unless_equals_int (run.bad, 1);
        fail_unless_equals_int (run.blocks, whole.blocks);
      }
      run_clear (&run);
    }
  }
  run_clear (&whole);
  forge_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_bad_block_costs_itself)
{
  Forge f;
  GstH4mkRecord records[3];
  Run run;
  guint i;

  /* checksum of the first, tag of the second, length of the last block */
  for (i = 0; i < 3; i++) {
    static const gsize where[] = { 8, 1, 7 };
    guint64 core;

    forge_init (&f, FORGE_TRAK_VIDEO);
    forge_record (&records[0], 1, GST_H4MK_RECORD_KEY, 0, FORGE_FRAME, 30);
    forge_record (&records[1], 1, 0, FORGE_FRAME, FORGE_FRAME, 10);
    forge_record (&records[2], 1, 0, 2 * FORGE_FRAME, FORGE_FRAME, 20);
    forge_group (&f, records, 3, NULL, 0);
    forge_end_span (&f, 0, 0, 1);
    core = f.span_start - 12 - GST_H4MK_LINK_SIZE - 32;
    if (i < 2)
      core -= 22;
    if (i < 1)
      core -= 42;
    forge_finish (&f);
    f.out->data[core + where[i]] ^= 0x10;
    run_file (&run, f.out->data, f.out->len, 0, -1);
    fail_unless (run.finished, "%s", run.error ? run.error->message : "");
    fail_unless_equals_int (run.bad, 1);
    fail_unless_equals_int (run.blocks, 3);
    run_clear (&run);
    forge_clear (&f);
  }
}

GST_END_TEST;

GST_START_TEST (test_unchecked_blocks_pass)
{
  GstH4mkParser *parser = gst_h4mk_parser_new ();
  GstH4mkItem item;
  gsize need, size;
  guint blocks = 0;
  Forge f;

  forge_plain (&f, 1, TRUE, TRUE);
  size = f.out->len;
  for (gsize i = 0; i + 4 < size; i++) {
    if (memcmp (f.out->data + i, "CORE", 4) == 0)
      f.out->data[i + 8] ^= 1;
  }
  gst_h4mk_parser_set_check_blocks (parser, FALSE);
  for (;;) {
    guint64 offset = gst_h4mk_parser_get_offset (parser);

    if (gst_h4mk_parser_next (parser, f.out->data + offset, size - offset,
            &item, &need, NULL) != GST_H4MK_RESULT_ITEM)
      break;
    blocks += item.record != NULL;
  }
  fail_unless (gst_h4mk_parser_is_finished (parser));
  fail_unless_equals_int (blocks, 4);
  gst_h4mk_parser_free (parser);
  forge_clear (&f);
}

GST_END_TEST;

typedef void (*MakeFunc) (Forge * f);

static void
one_group (Forge * f)
{
  GstH4mkRecord record;

  forge_record (&record, 1, GST_H4MK_RECORD_KEY, 0, FORGE_FRAME, 5);
  forge_group (f, &record, 1, NULL, 0);
}

static void
one_span (Forge * f)
{
  guint64 first_block = f->block;

  one_group (f);
  forge_end_span (f, first_block, 0, 1);
}

static void
make_header_of_version_2 (Forge * f)
{
  f->out->data[5] = 2;
}

static void
make_reserved_not_0 (Forge * f)
{
  f->out->data[7] = 1;
}

static void
make_no_magic (Forge * f)
{
  f->out->data[0] = 'h';
}

static void
make_newer_chunk (Forge * f)
{
  one_span (f);
  forge_text (f, "NEWS", "what is this");
}

static void
make_garbage_tag (Forge * f)
{
  one_span (f);
  forge_text (f, "\001\002\003\004", "what is this");
}

static void
make_lower_inside_span (Forge * f)
{
  one_span (f);
  one_group (f);
  forge_text (f, "note", "not here");
}

static void
make_core_outside (Forge * f)
{
  forge_core (f, 0, 3);
}

static void
make_trak_twice_at_once (Forge * f)
{
  forge_text (f, "TRAK", FORGE_TRAK);
  forge_text (f, "TRAK", FORGE_TRAK);
}

static void
make_trak_of_other_file (Forge * f)
{
  one_span (f);
  forge_text (f, "TRAK", "{\"v\":1,\"uuid\":\"x\",\"tracks\":[]}");
}

static void
make_need (Forge * f)
{
  one_span (f);
  forge_text (f, "TRAK", "{\"v\":1,\"need\":[\"mirror\"],\"tracks\":[]}");
}

static void
make_odd_caps (Forge * f)
{
  forge_text (f, "TRAK", "{\"v\":1,\"tracks\":[{\"id\":1,\"kind\":\"video\","
      "\"caps\":\"video/x-raw, a=(GstSample)x\"}]}");
}

static void
make_link_missing (Forge * f)
{
  one_span (f);
  one_group (f);
  forge_text (f, "TRAK", FORGE_TRAK);
}

static void
make_link_late (Forge * f)
{
  one_group (f);
  forge_text (f, "note", "spans end without LINK");
  one_group (f);
  forge_link (f, 0);
}

static void
make_link_short (Forge * f)
{
  one_group (f);
  forge_chunk (f, "LINK", "123456789", 9);
}

static void
make_page_inside_span (Forge * f)
{
  one_span (f);
  one_group (f);
  forge_page (f);
}

static void
make_two_pages (Forge * f)
{
  one_span (f);
  forge_page (f);
  g_array_set_size (f->pending, 1);
  forge_page (f);
}

static void
make_page_count (Forge * f)
{
  one_span (f);
  forge_chunk (f, "GIDX", "\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\0", 16);
}

static void
make_root_in_place_of_page (Forge * f)
{
  one_span (f);
  forge_chunk (f, "GIDX", "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
}

static void
make_seek_count (Forge * f)
{
  one_span (f);
  forge_chunk (f, "SEEK", "\0\0\0\1", 4);
}

static void
make_meta_no_json (Forge * f)
{
  forge_chunk (f, "SEEK", "\0\0\0\0", 4);
  forge_text (f, "META", "{\"project\"");
}

static void
make_meta_twice (Forge * f)
{
  forge_chunk (f, "SEEK", "\0\0\0\0", 4);
  forge_text (f, "META", "{}");
  forge_text (f, "META", "{}");
}

static void
make_atta_then_span (Forge * f)
{
  one_span (f);
  forge_chunk (f, "atta", "\0\1a\0\1bcde", 9);
  one_span (f);
}

static void
make_atta_cut_off (Forge * f)
{
  forge_chunk (f, "atta", "\0\1a\0\2b", 6);
}

static void
make_block_jump (Forge * f)
{
  one_span (f);
  f->block += 3;
  one_span (f);
}

static void
make_unknown_track (Forge * f)
{
  GstH4mkRecord record;

  forge_record (&record, 7, 0, 0, 0, 5);
  forge_group (f, &record, 1, NULL, 0);
}

static void
make_unknown_ref (Forge * f)
{
  GstH4mkRecord record;
  GstH4mkRef ref = { 9, 20 };

  forge_record (&record, 1, 0, 0, 0, 5);
  forge_group (f, &record, 1, &ref, 1);
}

static void
make_ref_inside_span (Forge * f)
{
  GstH4mkRecord record;
  GstH4mkRef ref = { 1, 20 };

  one_span (f);
  one_group (f);
  forge_record (&record, 1, 0, 0, 0, 5);
  forge_group (f, &record, 1, &ref, 1);
}

static void
make_masked_without_index (Forge * f)
{
  GstH4mkRecord record;

  forge_text (f, "TRAK", "{\"v\":1,\"tracks\":[{\"id\":1,\"kind\":\"video\","
      "\"caps\":\"application/x-h4-masked, key-id=(string)a\"}]}");
  forge_record (&record, 1, 0, 0, 0, 5);
  forge_group (f, &record, 1, NULL, 0);
}

static void
make_huge_block (Forge * f)
{
  GstH4mkRecord record;

  forge_record (&record, 1, 0, 0, 0, GST_H4MK_MAX_BLOCK_SIZE + 1);
  forge_tokn (f, &record, 1, NULL, 0);
}

static void
make_block_past_end (Forge * f)
{
  GstH4mkRecord record;

  forge_record (&record, 1, 0, 0, 0, 1 << 20);
  forge_tokn (f, &record, 1, NULL, 0);
}

static void
make_huge_chunk (Forge * f)
{
  g_byte_array_append (f->out, (const guint8 *) "note\177\0\0\0\0\0\0\0", 12);
}

static void
make_huge_trak (Forge * f)
{
  g_byte_array_append (f->out, (const guint8 *) "TRAK\0\020\0\1\0\0\0\0", 12);
}

static void
make_trailing_bytes (Forge * f)
{
  one_span (f);
  forge_finish (f);
  forge_text (f, "note", "after the end");
}

static void
make_foot_fields (Forge * f)
{
  guint8 foot[96] = { 0 };

  foot[95] = 1;
  forge_chunk (f, "SEEK", "\0\0\0\0", 4);
  forge_text (f, "META", "{}");
  forge_text (f, "SAFE", "{}");
  forge_chunk (f, "GIDX", "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
  forge_chunk (f, "FOOT", foot, sizeof (foot));
}

static const struct
{
  MakeFunc make;
  gint code;
  const gchar *tag;
} wrong[] = {
  /* *INDENT-OFF* */
  { make_header_of_version_2, GST_H4MK_ERROR_FORMAT, "" },
  { make_reserved_not_0, GST_H4MK_ERROR_FORMAT, "" },
  { make_no_magic, GST_H4MK_ERROR_FORMAT, "" },
  { make_newer_chunk, GST_H4MK_ERROR_UNSUPPORTED, "NEWS" },
  { make_garbage_tag, GST_H4MK_ERROR_DAMAGED, "????" },
  { make_lower_inside_span, GST_H4MK_ERROR_DAMAGED, "note" },
  { make_core_outside, GST_H4MK_ERROR_DAMAGED, "CORE" },
  { make_trak_twice_at_once, GST_H4MK_ERROR_DAMAGED, "TRAK" },
  { make_trak_of_other_file, GST_H4MK_ERROR_DAMAGED, "TRAK" },
  { make_need, GST_H4MK_ERROR_UNSUPPORTED, "TRAK" },
  { make_odd_caps, GST_H4MK_ERROR_DAMAGED, "TRAK" },
  { make_link_missing, GST_H4MK_ERROR_DAMAGED, "TRAK" },
  { make_link_late, GST_H4MK_ERROR_DAMAGED, "LINK" },
  { make_link_short, GST_H4MK_ERROR_DAMAGED, "LINK" },
  { make_page_inside_span, GST_H4MK_ERROR_DAMAGED, "GIDX" },
  { make_two_pages, GST_H4MK_ERROR_DAMAGED, "GIDX" },
  { make_page_count, GST_H4MK_ERROR_DAMAGED, "GIDX" },
  { make_root_in_place_of_page, GST_H4MK_ERROR_DAMAGED, "GIDX" },
  { make_seek_count, GST_H4MK_ERROR_DAMAGED, "SEEK" },
  { make_meta_no_json, GST_H4MK_ERROR_DAMAGED, "META" },
  { make_meta_twice, GST_H4MK_ERROR_DAMAGED, "META" },
  { make_atta_then_span, GST_H4MK_ERROR_DAMAGED, "TOKN" },
  { make_atta_cut_off, GST_H4MK_ERROR_DAMAGED, "atta" },
  { make_block_jump, GST_H4MK_ERROR_DAMAGED, "TOKN" },
  { make_unknown_track, GST_H4MK_ERROR_DAMAGED, "TOKN" },
  { make_unknown_ref, GST_H4MK_ERROR_DAMAGED, "TOKN" },
  { make_ref_inside_span, GST_H4MK_ERROR_DAMAGED, "TOKN" },
  { make_masked_without_index, GST_H4MK_ERROR_DAMAGED, "TOKN" },
  { make_huge_block, GST_H4MK_ERROR_LIMIT, "TOKN" },
  { make_block_past_end, GST_H4MK_ERROR_TRUNCATED, "CORE" },
  { make_huge_chunk, GST_H4MK_ERROR_LIMIT, "note" },
  { make_huge_trak, GST_H4MK_ERROR_LIMIT, "TRAK" },
  { make_trailing_bytes, GST_H4MK_ERROR_DAMAGED, "note" },
  { make_foot_fields, GST_H4MK_ERROR_DAMAGED, "FOOT" }
  /* *INDENT-ON* */
};

GST_START_TEST (test_what_no_writer_writes)
{
  Forge f;
  Run run;

  forge_init (&f, FORGE_TRAK);
  wrong[__i__].make (&f);
  run_file (&run, f.out->data, f.out->len, 0, f.out->len);
  fail_unless_error (run.error, wrong[__i__].code, wrong[__i__].tag);
  run_clear (&run);
  forge_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_lower_case_between_spans)
{
  Forge f;
  Run run;

  forge_init (&f, FORGE_TRAK);
  forge_text (&f, "note", "before");
  one_span (&f);
  forge_text (&f, "note", "between");
  forge_text (&f, "TRAK", FORGE_TRAK);
  one_span (&f);
  forge_chunk (&f, "atta", "\0\1a\0\1bcde", 9);
  forge_text (&f, "note", "after");
  forge_finish (&f);
  run_file (&run, f.out->data, f.out->len, 0, -1);
  fail_unless (run.finished, "%s", run.error ? run.error->message : "");
  fail_unless_equals_int (run.blocks, 2);
  run_clear (&run);
  forge_clear (&f);
}

GST_END_TEST;

/* Header, TRAK, then what was being written, up to the end of the stream. */
GST_START_TEST (test_joined_midway)
{
  Forge f;
  Run run;

  forge_init (&f, FORGE_TRAK);
  f.base = 100000;
  f.block = 5000;
  f.seq = 17;
  f.with_sign = TRUE;
  f.span_start = forge_offset (&f);
  one_span (&f);
  one_span (&f);
  forge_finish (&f);
  run_file (&run, f.out->data, f.out->len, 7, -1);
  fail_unless_equals_int (run.blocks, 2);
  fail_unless (strstr (run.log->str, "block 5000 ") != NULL);
  fail_unless (strstr (run.log->str, "VERI") != NULL);
  fail_unless (!run.finished);
  fail_unless_error (run.error, GST_H4MK_ERROR_TRUNCATED, "FOOT");
  run_clear (&run);
  forge_clear (&f);
}

GST_END_TEST;

static void
forge_base (Forge * f, guint blocks)
{
  guint i;

  forge_init (f, NULL);
  for (i = 0; i < blocks; i++)
    forge_core (f, i, i + 1 == blocks ? 3 : 10);
  forge_text (f, "Xtra", "skipped");
  forge_chunk (f, "SEEK", "\0\0\0\0", 4);
  forge_text (f, "META", "{\"project\":\"x\",\"block_size\":10,"
      "\"fps_hint\":30.0,\"gop\":2,\"masked\":false}");
  forge_text (f, "SAFE", "{}");
  forge_chunk (f, "VERI", "0123456789abcdef0123456789abcdef", 32);
}

GST_START_TEST (test_base_profile)
{
  GstH4mkParser *parser = gst_h4mk_parser_new ();
  GstH4mkItem item;
  Forge f;
  Run run;
  gsize need, size;
  guint block = 0;

  forge_base (&f, 4);
  run_file (&run, f.out->data, f.out->len, 1, -1);
  fail_unless (run.finished, "%s", run.error ? run.error->message : "");
  fail_unless_equals_int (run.blocks, 4);
  run_clear (&run);
  cut_everywhere (&f);

  gst_h4mk_parser_seek (parser, 8, GST_H4MK_PROFILE_BASE, NULL, 0);
  gst_h4mk_parser_set_base_timing (parser, 10, 30.0, 2);
  size = f.out->len;
  while (block < 4) {
    guint64 offset = gst_h4mk_parser_get_offset (parser);

    fail_unless_equals_int (gst_h4mk_parser_next (parser, f.out->data + offset,
            size - offset, &item, &need, NULL), GST_H4MK_RESULT_ITEM);
    fail_unless_equals_int64 (item.record->pts, block * 33333000);
    fail_unless_equals_int (item.record->flags & GST_H4MK_RECORD_KEY,
        block % 2 == 0);
    fail_unless (!(item.record->flags & GST_H4MK_RECORD_NO_PTS));
    block++;
  }
  gst_h4mk_parser_free (parser);
  forge_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_base_times_unknown_while_pushed)
{
  GstH4mkParser *parser = gst_h4mk_parser_new ();
  GstH4mkItem item;
  gsize need;
  Forge f;

  forge_base (&f, 2);
  fail_unless_equals_int (gst_h4mk_parser_next (parser, f.out->data,
          f.out->len, &item, &need, NULL), GST_H4MK_RESULT_ITEM);
  fail_unless_equals_int (gst_h4mk_parser_next (parser, f.out->data + 8,
          f.out->len - 8, &item, &need, NULL), GST_H4MK_RESULT_ITEM);
  fail_unless (item.record->flags & GST_H4MK_RECORD_NO_PTS);
  fail_unless_equals_int (item.record->size, 10);
  gst_h4mk_parser_free (parser);
  forge_clear (&f);
}

GST_END_TEST;

GST_START_TEST (test_reference_files)
{
  gint i;

  for (i = 0; i < 4; i++) {
    gchar *name = g_strdup_printf ("%s/base-%d.h4mk",
        g_getenv ("H4_VECTORS"), i);
    gchar *data;
    gsize size;
    Run run;

    fail_unless (g_file_get_contents (name, &data, &size, NULL), "%s", name);
    run_file (&run, (const guint8 *) data, size, 4096, size);
    fail_unless (run.finished, "%s", run.error ? run.error->message : "");
    run_clear (&run);
    g_free (data);
    g_free (name);
  }
}

GST_END_TEST;

/* One parser goes on behind damage, or back to a group that a seek needs. */
GST_START_TEST (test_seek_to_group)
{
  GstH4mkParser *parser = gst_h4mk_parser_new ();
  GstH4mkItem item;
  GstH4mkTracks *tracks;
  GError *error = NULL;
  gsize need;
  guint64 second;
  Forge f;

  forge_init (&f, FORGE_TRAK);
  one_span (&f);
  second = forge_offset (&f);
  one_span (&f);
  forge_finish (&f);

  tracks = gst_h4mk_tracks_from_json ((const guint8 *) FORGE_TRAK,
      strlen (FORGE_TRAK), NULL);
  gst_h4mk_parser_seek (parser, second, GST_H4MK_PROFILE_TRACK, tracks, -1);
  gst_h4mk_tracks_unref (tracks);
  fail_unless_equals_int (gst_h4mk_parser_next (parser, f.out->data + second,
          f.out->len - second, &item, &need, &error), GST_H4MK_RESULT_ITEM);
  fail_unless (item.token != NULL && item.token->first_block == 1);
  fail_unless_equals_uint64 (gst_h4mk_parser_get_group_left (parser), 17);
  second = gst_h4mk_parser_get_offset (parser);
  fail_unless_equals_int (gst_h4mk_parser_next (parser, f.out->data + second,
          f.out->len - second, &item, &need, &error), GST_H4MK_RESULT_ITEM);
  fail_unless_equals_uint64 (item.block, 1);
  fail_unless_equals_uint64 (gst_h4mk_parser_get_group_left (parser), 0);
  gst_h4mk_parser_free (parser);
  forge_clear (&f);
}

GST_END_TEST;

static Suite *
h4mkparser_suite (void)
{
  Suite *s = suite_create ("h4mkparser");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_whole_file_in_any_pieces);
  tcase_add_test (tc, test_cut_at_every_byte);
  tcase_add_test (tc, test_flip_of_every_byte);
  tcase_add_test (tc, test_bad_block_costs_itself);
  tcase_add_test (tc, test_unchecked_blocks_pass);
  tcase_add_loop_test (tc, test_what_no_writer_writes, 0, G_N_ELEMENTS (wrong));
  tcase_add_test (tc, test_lower_case_between_spans);
  tcase_add_test (tc, test_joined_midway);
  tcase_add_test (tc, test_base_profile);
  tcase_add_test (tc, test_base_times_unknown_while_pushed);
  tcase_add_test (tc, test_reference_files);
  tcase_add_test (tc, test_seek_to_group);
  return s;
}

GST_CHECK_MAIN (h4mkparser);
