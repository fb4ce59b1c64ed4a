/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "gsth4mkverify.h"
#include "h4mkrig.h"

/* How many blocks each group has, as in "3 1 2 | 4": spans divided by bars. */
static gchar *
describe_groups (Walk * walk)
{
  GString *out = g_string_new (NULL);
  guint i, n = 0, span = 0;

  for (i = 0; i < walk->blocks->len; i++) {
    n++;
    if (i + 1 < walk->blocks->len
        && walk_block (walk, i)->token == walk_block (walk, i + 1)->token)
      continue;
    g_string_append_printf (out, "%s%u", out->len > 0 ? " " : "", n);
    n = 0;
    if (span + 1 < walk->spans->len
        && walk_span (walk, span + 1)->first_block == i + 1) {
      g_string_append (out, " |");
      span++;
    }
  }
  return g_string_free (out, FALSE);
}

#include "h4mkwriter-golden.h"

GST_START_TEST (test_writes_the_bytes_of_the_format)
{
  Rig rig;
  GstH4mkRecord a = { KEY | DUR | GST_H4MK_RECORD_HAS_DTS, 1, 0, -20 * MS,
    40 * MS, 0, 3
  };
  GstH4mkRecord b = { 0, 1, 40 * MS, 0, 0, 0, 0 };

  rig_init (&rig);
  gst_h4mk_tracks_add (rig.tracks, 1, GST_H4MK_TRACK_VIDEO, "video/x-vp8");
  rig_start (&rig);
  fail_unless (rig_try (&rig, &a, "abc", NULL));
  fail_unless (rig_try (&rig, &b, NULL, NULL));
  fail_unless (gst_h4mk_writer_finish (rig.writer, NULL, NULL));
  h4_files_keep (rig.sink.bytes->data, rig.sink.bytes->len);
  fail_unless_same_bytes (rig.sink.bytes->data, rig.sink.bytes->len, golden,
      sizeof (golden));
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_writes_a_file_without_blocks)
{
  Rig rig;
  Walk walk;

  rig_init (&rig);
  rig_start (&rig);
  rig_finish (&rig, &walk);
  fail_unless_equals_int (walk.spans->len, 0);
  fail_unless_equals_int (rig.sink.writes->len, 2);
  fail_unless_equals_int (g_array_index (rig.sink.writes, SinkWrite, 0).flags,
      GST_H4MK_WRITE_HEADER);
  fail_unless_equals_int (g_array_index (rig.sink.writes, SinkWrite, 1).flags,
      GST_H4MK_WRITE_TAIL);
  walk_clear (&walk);
  rig_clear (&rig);
}

GST_END_TEST;

/* Where groups and spans end. Blocks are given as track, time in ms, size; K
 * after them makes key blocks. */
static const struct
{
  const gchar *what;
  guint64 group_ms, group_size, span_ms, key_ms;
  const gchar *blocks;
  const gchar *groups;
} rules[] = {
  {"group-duration", 100, 1000, 1000, 500,
      "1:0 1:99 1:100 1:150 1:200 1:299", "2 2 2"},
  {"group-duration counts from the group's first time", 100, 1000, 1000, 500,
      "1:- 1:70 1:169 1:170", "3 1"},
  {"times that go back", 100, 1000, 1000, 500, "1:500 1:20 1:30 1:600",
      "3 1"},
  {"below zero", 100, 1000, 1000, 500, "1:-150 1:-51 1:-50 1:49 1:50",
      "2 2 1"},
  {"group-size ends the group right after the block", 100, 1000, 1000, 500,
      "1:0:600 1:0:400 1:0:999 1:0:1 1:0:5000 1:0:1", "2 2 1 1"},
  {"a block a group", 0, 1000, 1000, 500, "1:0 1:0 1:- 1:5", "1 1 1 1"},
  {"span-duration", 100, 1000, 200, 500,
      "1:0 1:100 1:199 1:200 1:301 1:400", "1 2 | 1 1 | 1"},
  {"a span ends its group", 400, 1000, 200, 500, "1:0 1:150 1:200 1:250",
      "2 | 2"},
  {"key blocks of the primary video", 400, 1000, 1000, 500,
        "1:0:K 2:100:K 2:499:K 1:500 2:510 2:520:K 2:600:K",
      "2 3 | 2"},
  {"key blocks too near", 400, 1000, 1000, 500,
      "2:0:K 2:499:K 2:500:K 2:999:K 2:1000:K", "1 1 | 1 1 | 1"},
  {"key blocks of another video", 400, 1000, 1000, 500,
      "3:0:K 3:500:K 3:899:K", "1 2"},
  {"key blocks of sound", 400, 1000, 1000, 500, "1:0:K 1:600:K 1:999:K",
      "1 2"},
  {"untimed key blocks", 400, 1000, 1000, 0, "2:-:K 2:-:K 2:-", "3"},
};

static void
add_described (Rig * rig, const gchar * text)
{
  gchar **blocks = g_strsplit (text, " ", -1);
  guint i;

  for (i = 0; blocks[i]; i++) {
    gchar **parts = g_strsplit (blocks[i], ":", -1);
    guint64 flags = 0;
    gsize size = 1;
    gint64 pts = 0;
    guint j;

    if (g_str_equal (parts[1], "-"))
      flags |= GST_H4MK_RECORD_NO_PTS;
    else
      pts = g_ascii_strtoll (parts[1], NULL, 10) * MS;
    for (j = 2; parts[j]; j++) {
      if (parts[j][0] == 'K')
        flags |= KEY;
      else
        size = g_ascii_strtoull (parts[j], NULL, 10);
    }
    rig_add (rig, g_ascii_strtoull (parts[0], NULL, 10), flags, pts, size);
    g_strfreev (parts);
  }
  g_strfreev (blocks);
}

GST_START_TEST (test_groups_and_spans_end_by_the_rules)
{
  guint i, link;

  for (i = 0; i < G_N_ELEMENTS (rules); i++) {
    for (link = 0; link < 2; link++) {
      gchar *groups;
      Rig rig;
      Walk walk;

      rig_init (&rig);
      rig.options = (GstH4mkWriterOptions) {
      rules[i].group_ms * MS, rules[i].group_size, rules[i].span_ms * MS,
            rules[i].key_ms * MS, link};
      gst_h4mk_tracks_add (rig.tracks, 1, GST_H4MK_TRACK_AUDIO, "audio/mpeg");
      gst_h4mk_tracks_add (rig.tracks, 2, GST_H4MK_TRACK_VIDEO, "video/mpeg");
      gst_h4mk_tracks_add (rig.tracks, 3, GST_H4MK_TRACK_VIDEO, "video/x-vp8");
      rig_start (&rig);
      add_described (&rig, rules[i].blocks);
      rig_finish (&rig, &walk);
      groups = describe_groups (&walk);
      fail_unless (g_str_equal (groups, rules[i].groups), "%s: %s",
          rules[i].what, groups);
      g_free (groups);
      walk_clear (&walk);
      rig_clear (&rig);
    }
  }
}

GST_END_TEST;

GST_START_TEST (test_a_group_ends_at_65536_records)
{
  Rig rig;
  Walk walk;
  guint i;

  rig_init (&rig);
  gst_h4mk_tracks_add (rig.tracks, 1, GST_H4MK_TRACK_DATA, "a/b");
  rig_start (&rig);
  for (i = 0; i < 65537; i++)
    rig_add (&rig, 1, GST_H4MK_RECORD_NO_PTS, 0, 0);
  fail_unless_equals_int (gst_h4mk_writer_get_group_blocks (rig.writer), 1);
  fail_unless (gst_h4mk_writer_finish (rig.writer, NULL, NULL));
  walk_init (&walk, rig.sink.bytes->data, rig.sink.bytes->len, TRUE);
  fail_unless_equals_int (walk.chunks->len, 1 + 2 + 65537 + 1 + 1 + 6);
  h4_files_keep (walk.data, walk.size);
  walk_clear (&walk);
  rig_clear (&rig);
}

GST_END_TEST;

/* A writer is asked for flags and counts while it goes. */
GST_START_TEST (test_says_what_it_writes)
{
  static const GstH4mkWriteFlags expected[] = {
    GST_H4MK_WRITE_HEADER,
    GST_H4MK_WRITE_GROUP | GST_H4MK_WRITE_BEGINS_SPAN,
    GST_H4MK_WRITE_GROUP,
    0,                          /* LINK, when the next span's block came */
    GST_H4MK_WRITE_GROUP | GST_H4MK_WRITE_BEGINS_SPAN,
    GST_H4MK_WRITE_TAIL
  };
  const GstH4mkSpanInfo *info;
  gint64 time;
  Rig rig;
  Walk walk;
  guint i;

  rig_init (&rig);
  gst_h4mk_tracks_add (rig.tracks, 1, GST_H4MK_TRACK_AUDIO, "audio/mpeg");
  rig_start (&rig);
  fail_if (gst_h4mk_writer_get_group_time (rig.writer, &time));
  rig_add (&rig, 1, DUR | KEY, 10 * MS, 100);
  fail_unless (gst_h4mk_writer_get_group_time (rig.writer, &time));
  fail_unless_equals_int64 (time, 10 * MS);
  fail_unless_equals_int (rig.sink.writes->len, 1);
  fail_unless (gst_h4mk_writer_end_group (rig.writer, NULL));
  fail_unless (gst_h4mk_writer_end_group (rig.writer, NULL));
  fail_unless_equals_int (rig.sink.writes->len, 2);
  fail_unless_equals_int (gst_h4mk_writer_get_group_blocks (rig.writer), 0);
  rig_add (&rig, 1, DUR | KEY, 50 * MS, 100);
  fail_unless (gst_h4mk_writer_end_group (rig.writer, NULL));
  rig_add (&rig, 1, DUR | KEY, 1010 * MS, 100);
  fail_unless_equals_int (rig.sink.writes->len, 4);
  fail_unless_equals_uint64 (gst_h4mk_writer_get_spans (rig.writer), 1);
  fail_unless_equals_uint64 (gst_h4mk_writer_get_blocks (rig.writer), 3);
  fail_unless (gst_h4mk_writer_end_span (rig.writer, NULL));
  fail_unless (gst_h4mk_writer_end_span (rig.writer, NULL));
  rig_finish (&rig, &walk);

  fail_unless_equals_int (rig.sink.writes->len, G_N_ELEMENTS (expected));
  for (i = 0; i < G_N_ELEMENTS (expected); i++)
    fail_unless_equals_int (g_array_index (rig.sink.writes, SinkWrite,
            i).flags, expected[i]);
  fail_unless_equals_int (rig.sink.spans->len, 2);
  info = &g_array_index (rig.sink.spans, GstH4mkSpanInfo, 1);
  fail_unless_equals_uint64 (info->seq, 2);
  fail_unless_equals_uint64 (info->offset, walk_span (&walk, 1)->offset);
  fail_unless_equals_uint64 (info->first_block, 2);
  fail_unless_equals_uint64 (info->blocks, 1);
  fail_unless_equals_int64 (info->time, 1010 * MS);
  /* the LINK came with the group that it closes */
  fail_unless_equals_uint64 (info->offset + info->size + 76,
      g_array_index (rig.sink.writes, SinkWrite, 5).offset);
  walk_clear (&walk);
  rig_clear (&rig);
}

GST_END_TEST;

GST_START_TEST (test_copies_small_blocks_and_passes_large_ones)
{
  const SinkWrite *w;
  Rig rig;

  rig_init (&rig);
  gst_h4mk_tracks_add (rig.tracks, 1, GST_H4MK_TRACK_DATA, "a/b");
  rig_start (&rig);
  rig_add (&rig, 1, 0, 0, 4096);
  rig_add (&rig, 1, 0, 0, 1);
  /* they are given back at once */
  fail_unless_equals_int (rig.sink.live_owners, 0);
  fail_unless (gst_h4mk_writer_end_group (rig.writer, NULL));
  w = &g_array_index (rig.sink.writes, SinkWrite, 1);
  fail_unless_equals_int (w->pieces, 1);

  rig_add (&rig, 1, 0, 0, 4097);
  rig_add (&rig, 1, 0, 0, 1);
  rig_add (&rig, 1, 0, 0, 60000);
  fail_unless_equals_int (rig.sink.live_owners, 2);
  fail_unless (gst_h4mk_writer_end_span (rig.writer, NULL));
  fail_unless_equals_int (rig.sink.live_owners, 0);
  w = &g_array_index (rig.sink.writes, SinkWrite, 2);
  fail_unless_equals_int (w->passed, 2);
  fail_unless_equals_int (w->pieces, 5);
  rig_clear (&rig);
}

GST_END_TEST;

static GBytes *
read_array (guint64 offset, gsize size, gpointer array, GError ** error)
{
  GByteArray *bytes = array;

  offset = MIN (offset, bytes->len);
  return g_bytes_new (bytes->data + offset, MIN (size, bytes->len - offset));
}

/* The library's reader agrees. */
static void
check_verified (GByteArray * bytes, guint blocks)
{
  GstH4mkReport *report = gst_h4mk_verify (read_array, bytes, bytes->len,
      NULL, NULL, NULL, NULL);

  fail_unless (report->problems->len == 0, "%s",
      report->problems->len > 0 ?
      ((GError *) g_ptr_array_index (report->problems, 0))->message : "");
  fail_unless_equals_int (report->verdict, GST_H4MK_VERDICT_COMPLETE);
  fail_unless_equals_uint64 (report->blocks, blocks);
  gst_h4mk_report_free (report);
}

GST_START_TEST (test_any_recording_is_as_the_format_says)
{
  guint32 seed;

  for (seed = 0; seed < 24; seed++) {
    GstH4mkWriter *writer;
    Script script;
    Sink sink;
    Walk walk;

    script_init (&script, seed, 400);
    script.options.link = seed % 4 != 0;
    sink_init (&sink);
    writer = gst_h4mk_writer_new (&script.options, &sink_funcs, &sink);
    script_write (&script, 0, writer, &sink);
    walk_init (&walk, sink.bytes->data, sink.bytes->len, script.options.link);
    walk_check (&walk);
    fail_unless_equals_int (walk.blocks->len, 400);
    check_verified (sink.bytes, 400);
    walk_clear (&walk);
    gst_h4mk_writer_free (writer);
    script_clear (&script);
    sink_clear (&sink);
  }
}

GST_END_TEST;

GST_START_TEST (test_same_blocks_give_the_same_bytes)
{
  GByteArray *first = NULL;
  guint run;

  for (run = 0; run < 4; run++) {
    GstH4mkWriter *writer;
    Script script;
    Sink sink;

    /* groups that a second thread hashes too */
    script_init (&script, 77, 2000);
    script.options.group_duration = 10000 * MS;
    script.options.group_size = 300000;
    sink_init (&sink);
    writer = gst_h4mk_writer_new (&script.options, &sink_funcs, &sink);
    script_write (&script, 0, writer, &sink);
    if (!first)
      first = g_byte_array_ref (sink.bytes);
    fail_unless_same_bytes (sink.bytes->data, sink.bytes->len, first->data,
        first->len);
    gst_h4mk_writer_free (writer);
    script_clear (&script);
    sink_clear (&sink);
  }
  g_byte_array_unref (first);
}

GST_END_TEST;

/* Every 512 spans a page, and the last before SEEK. */
GST_START_TEST (test_pages_stand_between_spans)
{
  static const struct
  {
    guint spans;
    guint pages;
  } cases[] = { {511, 1}, {512, 1}, {513, 2}, {1024, 2}, {1200, 3} };
  guint i, j;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    Rig rig;
    Walk walk;

    rig_init (&rig);
    rig.options.span_duration = 0;
    gst_h4mk_tracks_add (rig.tracks, 1, GST_H4MK_TRACK_VIDEO, "a/b");
    rig_start (&rig);
    for (j = 0; j < cases[i].spans; j++)
      rig_add (&rig, 1, KEY, j * MS, 5);
    rig_finish (&rig, &walk);
    fail_unless_equals_int (walk.spans->len, cases[i].spans);
    fail_unless_equals_int (walk.pages->len, cases[i].pages);
    walk_clear (&walk);
    rig_clear (&rig);
  }
}

GST_END_TEST;

static const WalkChunk *
find_chunk (Walk * walk, guint32 tag)
{
  guint i;

  for (i = 0; i < walk->chunks->len; i++) {
    if (walk_chunk (walk, i)->tag == tag)
      return walk_chunk (walk, i);
  }
  return NULL;
}

/* A ref points from a span's first TOKN to the groups that a seek to it must
 * read: here one track at a time, in ms; what is expected is, for the last
 * span, which groups (from 0, a block each) it refers to. */
static const struct
{
  const gchar *what;
  GstH4mkTrackKind kind;
  struct
  {
    gint64 pts, duration;
    gboolean key;
  } blocks[6];
  gint refs[5];
} ref_cases[] = {
  {"the latest key block", GST_H4MK_TRACK_VIDEO,
        {{0, 40, TRUE}, {40, 40, FALSE}, {80, 40, TRUE}, {120, 40, FALSE},
          {160, 40, FALSE}, {200, 40, FALSE}}, {2, -1}},
  {"not one that is shown later", GST_H4MK_TRACK_VIDEO,
        {{0, 40, TRUE}, {40, 40, FALSE}, {300, 40, TRUE}, {120, 40, FALSE},
          {160, 40, FALSE}, {200, 40, FALSE}}, {0, -1}},
  {"the one before the span's own", GST_H4MK_TRACK_VIDEO,
        {{0, 40, TRUE}, {40, 40, FALSE}, {80, 40, TRUE}, {120, 40, FALSE},
          {160, 40, FALSE}, {200, 40, TRUE}}, {2, -1}},
  {"no key block, no ref", GST_H4MK_TRACK_VIDEO,
        {{0, 40, FALSE}, {40, 40, FALSE}, {80, 40, FALSE}, {120, 40, FALSE},
          {160, 40, FALSE}, {200, 40, FALSE}}, {-1}},
  {"sound that is still heard", GST_H4MK_TRACK_AUDIO,
        {{0, 40, TRUE}, {40, 300, TRUE}, {80, 40, TRUE}, {120, 300, TRUE},
          {160, 40, TRUE}, {200, 40, TRUE}}, {1, -1}},
  {"sound in a row", GST_H4MK_TRACK_AUDIO,
        {{0, 40, TRUE}, {40, 40, TRUE}, {80, 40, TRUE}, {120, 40, TRUE},
          {160, 40, TRUE}, {200, 40, TRUE}}, {4, -1}},
  {"every subtitle that stands", GST_H4MK_TRACK_SUBTITLE,
        {{0, 40, TRUE}, {40, 161, TRUE}, {80, 120, TRUE}, {120, 900, TRUE},
          {160, 0, TRUE}, {200, 40, TRUE}}, {1, 3, -1}},
  {"data without duration stand until the next", GST_H4MK_TRACK_DATA,
        {{0, -1, TRUE}, {40, -1, TRUE}, {80, 500, TRUE}, {120, -1, TRUE},
          {210, -1, TRUE}, {200, -1, TRUE}}, {2, 3, -1}},
};

GST_START_TEST (test_refs_name_what_a_seek_must_read)
{
  guint i, j;

  for (i = 0; i < G_N_ELEMENTS (ref_cases); i++) {
    GstH4mkToken token;
    Rig rig;
    Walk walk;
    guint64 last;

    rig_init (&rig);
    rig.options.group_duration = 0;
    gst_h4mk_tracks_add (rig.tracks, 1, GST_H4MK_TRACK_AUDIO, "audio/mpeg");
    gst_h4mk_tracks_add (rig.tracks, 2, ref_cases[i].kind, "a/b");
    rig_start (&rig);
    for (j = 0; j < 6; j++) {
      GstH4mkRecord r = { ref_cases[i].blocks[j].key ? KEY : 0, 2,
        ref_cases[i].blocks[j].pts * MS, 0, 0, 0, 1
      };

      if (ref_cases[i].blocks[j].duration >= 0) {
        r.flags |= DUR;
        r.duration = ref_cases[i].blocks[j].duration * MS;
      }
      if (j == 5)
        fail_unless (gst_h4mk_writer_end_span (rig.writer, NULL));
      fail_unless (rig_try (&rig, &r, "x", NULL));
    }
    rig_finish (&rig, &walk);

    gst_h4mk_token_init (&token);
    last = walk_block (&walk, 5)->token;
    fail_unless (gst_h4mk_token_read (&token, walk.data + last + 12,
            read_u32 (walk.data + last + 4), NULL));
    for (j = 0; ref_cases[i].refs[j] >= 0; j++) {
      fail_unless (j < token.refs->len, "%s", ref_cases[i].what);
      fail_unless (last - gst_h4mk_token_ref (&token, j)->back ==
          walk_block (&walk, ref_cases[i].refs[j])->token, "%s: %u",
          ref_cases[i].what, j);
    }
    fail_unless (token.refs->len == j, "%s", ref_cases[i].what);
    gst_h4mk_token_clear (&token);
    walk_clear (&walk);
    rig_clear (&rig);
  }
}

GST_END_TEST;

GST_START_TEST (test_a_new_list_of_tracks_waits_for_a_block)
{
  GstH4mkTracks *other;
  GBytes *header;
  gsize size, at;
  Rig rig;
  Walk walk;

  rig_init (&rig);
  gst_h4mk_tracks_add (rig.tracks, 1, GST_H4MK_TRACK_DATA, "a/b");
  rig_start (&rig);
  rig_add (&rig, 1, 0, 0, 1);
  other = gst_h4mk_tracks_new ();
  gst_h4mk_tracks_add (other, 1, GST_H4MK_TRACK_DATA, "a/c");
  gst_h4mk_tracks_add (other, 2, GST_H4MK_TRACK_VIDEO, "a/d");

  /* the same again: the group goes on */
  fail_unless (gst_h4mk_writer_set_tracks (rig.writer, rig.tracks, NULL));
  fail_unless_equals_int (gst_h4mk_writer_get_group_blocks (rig.writer), 1);
  /* another, and back: nothing but the span's end */
  fail_unless (gst_h4mk_writer_set_tracks (rig.writer, other, NULL));
  fail_unless_equals_int (gst_h4mk_writer_get_group_blocks (rig.writer), 0);
  fail_unless (gst_h4mk_writer_set_tracks (rig.writer, rig.tracks, NULL));
  at = gst_h4mk_writer_get_offset (rig.writer);
  rig_add (&rig, 1, 0, MS, 1);
  fail_unless (gst_h4mk_writer_set_tracks (rig.writer, other, NULL));
  fail_unless (memcmp (rig.sink.bytes->data + at, "TOKN", 4) == 0);
  at = gst_h4mk_writer_get_offset (rig.writer);

  /* who joins now needs the old list, once the block came the new */
  header = gst_h4mk_writer_get_stream_header (rig.writer);
  fail_unless (g_strstr_len (g_bytes_get_data (header, &size) + 20, -1,
          "a/b") != NULL);
  g_bytes_unref (header);
  rig_add (&rig, 2, KEY, 2 * MS, 1);
  fail_unless (gst_h4mk_writer_end_group (rig.writer, NULL));
  fail_unless (memcmp (rig.sink.bytes->data + at, "TRAK", 4) == 0);
  header = gst_h4mk_writer_get_stream_header (rig.writer);
  fail_unless (memcmp (g_bytes_get_data (header, &size) + 8,
          rig.sink.bytes->data + at, size - 8) == 0);
  g_bytes_unref (header);
  rig_finish (&rig, &walk);
  fail_unless_equals_int (walk.spans->len, 3);
  walk_clear (&walk);
  gst_h4mk_tracks_unref (other);
  rig_clear (&rig);
}

GST_END_TEST;

static JsonObject *
parse_object (const gchar * text)
{
  JsonNode *node = json_from_string (text, NULL);
  JsonObject *object = json_node_dup_object (node);

  json_node_unref (node);
  return object;
}

GST_START_TEST (test_writes_tags_toc_and_attachments)
{
  static const gchar meta[] = "{\"project\":\"Harmony\303\2304\","
      "\"domain\":\"media\",\"masked\":false,"
      "\"tags\":{\"artist\":[\"\\u0001\\\"x\"],\"title\":[\"t\"]},"
      "\"tracks\":[{\"id\":3,\"tags\":{\"bitrate\":[96000]}},"
      "{\"id\":12,\"tags\":{}}],"
      "\"toc\":[{\"id\":\"c1\",\"start_ns\":0,\"end_ns\":5,\"sub\":[]}]}";
  static const gchar atta[] = "\0\11" "0/image/0" "\0\12" "image/jpeg" "JPEG";
  GstH4mkTail tail = { NULL, };
  GBytes *image = g_bytes_new_static ("JPEG", 4);
  JsonNode *toc;
  const WalkChunk *c;
  Rig rig;
  Walk walk;

  tail.tags =
      parse_object ("{\"title\":[\"t\"],\"artist\":[\"\\u0001\\\"x\"]}");
  tail.track_tags =
      g_hash_table_new_full (NULL, NULL, NULL,
      (GDestroyNotify) json_object_unref);
  g_hash_table_insert (tail.track_tags, GUINT_TO_POINTER (12),
      parse_object ("{}"));
  g_hash_table_insert (tail.track_tags, GUINT_TO_POINTER (3),
      parse_object ("{\"bitrate\":[96000]}"));
  toc =
      json_from_string ("[{\"id\":\"c1\",\"start_ns\":0,\"end_ns\":5,"
      "\"sub\":[]}]", NULL);
  tail.toc = json_node_get_array (toc);
  tail.safe = "{\"mine\":true}";
  tail.attachments = g_ptr_array_new_with_free_func (
      (GDestroyNotify) gst_h4mk_attachment_free);
  g_ptr_array_add (tail.attachments,
      gst_h4mk_attachment_new ("0/image/0", "image/jpeg", image));

  rig_init (&rig);
  gst_h4mk_tracks_add (rig.tracks, 3, GST_H4MK_TRACK_AUDIO, "a/b");
  gst_h4mk_tracks_add (rig.tracks, 12, GST_H4MK_TRACK_DATA, "a/b");
  rig_start (&rig);
  rig_add (&rig, 3, KEY, 0, 1);
  fail_unless (gst_h4mk_writer_finish (rig.writer, &tail, NULL));
  walk_init (&walk, rig.sink.bytes->data, rig.sink.bytes->len, TRUE);
  walk_check (&walk);
  c = find_chunk (&walk, GST_H4MK_TAG_META);
  fail_unless_same_bytes (c->payload, c->size, (const guint8 *) meta,
      sizeof (meta) - 1);
  c = find_chunk (&walk, GST_H4MK_TAG_SAFE);
  fail_unless_same_bytes (c->payload, c->size,
      (const guint8 *) tail.safe, strlen (tail.safe));
  c = find_chunk (&walk, GST_H4MK_TAG_ATTA);
  fail_unless_same_bytes (c->payload, c->size, (const guint8 *) atta,
      sizeof (atta) - 1);

  walk_clear (&walk);
  rig_clear (&rig);
  json_object_unref (tail.tags);
  g_hash_table_unref (tail.track_tags);
  g_ptr_array_unref (tail.attachments);
  json_node_unref (toc);
  g_bytes_unref (image);
}

GST_END_TEST;

static Suite *
h4mkwriter_suite (void)
{
  Suite *s = suite_create ("h4mkwriter");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_writes_the_bytes_of_the_format);
  tcase_add_test (tc, test_writes_a_file_without_blocks);
  tcase_add_test (tc, test_groups_and_spans_end_by_the_rules);
  tcase_add_test (tc, test_a_group_ends_at_65536_records);
  tcase_add_test (tc, test_says_what_it_writes);
  tcase_add_test (tc, test_copies_small_blocks_and_passes_large_ones);
  tcase_add_test (tc, test_any_recording_is_as_the_format_says);
  tcase_add_test (tc, test_same_blocks_give_the_same_bytes);
  tcase_add_test (tc, test_pages_stand_between_spans);
  tcase_add_test (tc, test_refs_name_what_a_seek_must_read);
  tcase_add_test (tc, test_a_new_list_of_tracks_waits_for_a_block);
  tcase_add_test (tc, test_writes_tags_toc_and_attachments);
  return s;
}

H4_FILES_CHECK_MAIN (h4mkwriter);
