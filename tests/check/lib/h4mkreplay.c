/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "h4mkrig.h"

/* The file's first chunks up to a cut pass through a writer of their own;
 * it goes on with the blocks that are missing. */
static void
check_resumed (const Script * script, Walk * walk, guint n_chunks,
    guint n_blocks)
{
  gsize cut = n_chunks > 0 ? walk_chunk (walk, n_chunks - 1)->end : 8;
  GstH4mkChunk chunk = { 0, 0, walk->data, 8, walk->data, 0 };
  GstH4mkWriter *writer;
  GError *error = NULL;
  Sink sink;
  guint i;

  sink_init (&sink);
  writer = gst_h4mk_writer_new (&script->options, &sink_funcs, &sink);
  fail_unless (gst_h4mk_writer_replay (writer, &chunk, &error));
  for (i = 0; i < n_chunks; i++) {
    const WalkChunk *c = walk_chunk (walk, i);

    chunk = (GstH4mkChunk) {
    c->tag, c->offset, walk->data + c->offset, c->end - c->offset,
          c->payload, c->size};
    fail_unless (gst_h4mk_writer_replay (writer, &chunk, &error), "%s",
        error ? error->message : "");
  }
  fail_unless_equals_uint64 (gst_h4mk_writer_get_offset (writer), cut);
  sink.base = cut;
  script_write (script, n_blocks, writer, &sink);
  fail_unless_same_bytes (sink.bytes->data, sink.bytes->len,
      walk->data + cut, walk->size - cut);
  gst_h4mk_writer_free (writer);
  sink_clear (&sink);
}

GST_START_TEST (test_a_cut_recording_goes_on_as_if_never_cut)
{
  guint32 seed;

  for (seed = 100; seed < 106; seed++) {
    GstH4mkWriter *writer;
    Script script;
    Sink sink;
    Walk walk;
    guint i, blocks = 0;

    script_init (&script, seed, seed == 100 ? 700 : 150);
    /* many spans, so that pages are among what is replayed */
    if (seed == 100)
      script.options.span_duration = 0;
    sink_init (&sink);
    writer = gst_h4mk_writer_new (&script.options, &sink_funcs, &sink);
    script_write (&script, 0, writer, &sink);
    walk_init (&walk, sink.bytes->data, sink.bytes->len, TRUE);
    h4_files_keep (walk.data, walk.size);
    for (i = 1; i < walk.chunks->len; i++) {
      guint32 tag = walk_chunk (&walk, i)->tag;

      if (tag == GST_H4MK_TAG_SEEK)
        break;
      /* after the last block nobody knows of a span's end yet */
      if (tag != GST_H4MK_TAG_CORE && (seed != 100 || i % 37 == 0
              || walk_chunk (&walk, i - 1)->tag == GST_H4MK_TAG_GIDX))
        check_resumed (&script, &walk, i, blocks);
      if (tag == GST_H4MK_TAG_TOKN) {
        while (walk_chunk (&walk, i + 1)->tag == GST_H4MK_TAG_CORE) {
          blocks++;
          i++;
        }
      }
    }
    fail_unless_equals_int (blocks, script.blocks->len);
    walk_clear (&walk);
    gst_h4mk_writer_free (writer);
    script_clear (&script);
    sink_clear (&sink);
  }
}

GST_END_TEST;

/* Each chunk of a sound file is changed, left out or repeated: what cannot be
 * the writer's own is refused, and the writer is of no use then. */
GST_START_TEST (test_replay_refuses_what_it_did_not_write)
{
  GstH4mkWriter *writer;
  Script script;
  Sink sink;
  Walk walk;
  guint i, how;

  script_init (&script, 5, 60);
  sink_init (&sink);
  writer = gst_h4mk_writer_new (&script.options, &sink_funcs, &sink);
  script_write (&script, 0, writer, &sink);
  gst_h4mk_writer_free (writer);
  walk_init (&walk, sink.bytes->data, sink.bytes->len, TRUE);

  for (i = 0; i < walk.chunks->len; i++) {
    for (how = 0; how < 3; how++) {
      GstH4mkChunk chunk = { 0, 0, walk.data, 8, walk.data, 0 };
      guint8 *raw = g_memdup2 (walk.data, walk.size);
      GError *error = NULL;
      gboolean ok = TRUE;
      gint64 shift = 0;
      guint j;

      if (how == 0 && walk_chunk (&walk, i)->size > 0)
        raw[walk_chunk (&walk, i)->offset + 12] ^= 0x40;
      writer = gst_h4mk_writer_new (&script.options, &sink_funcs, &sink);
      fail_unless (gst_h4mk_writer_replay (writer, &chunk, NULL));
      for (j = 0; j < walk.chunks->len && ok; j++) {
        const WalkChunk *c = walk_chunk (&walk, j);
        guint times = j == i ? how : 1;

        if (how == 0)
          times = 1;
        else if (j == i)
          times = how == 1 ? 0 : 2;
        if (times == 0)
          shift -= c->end - c->offset;
        for (; times > 0 && ok; times--) {
          chunk = (GstH4mkChunk) {
          c->tag, c->offset + shift, raw + c->offset, c->end - c->offset,
                raw + c->offset + 12, c->size};
          ok = gst_h4mk_writer_replay (writer, &chunk, &error);
          if (times == 2)
            shift += c->end - c->offset;
        }
      }
      fail_if (ok);
      fail_unless (error->domain == GST_H4MK_ERROR);
      g_clear_error (&error);
      fail_if (gst_h4mk_writer_end_group (writer, NULL));
      gst_h4mk_writer_free (writer);
      g_free (raw);
    }
  }
  walk_clear (&walk);
  script_clear (&script);
  sink_clear (&sink);
}

GST_END_TEST;

GST_START_TEST (test_replay_needs_links_and_whole_groups)
{
  static const guint8 header[] = { 'H', '4', 'M', 'K', 0, 1, 0, 0 };
  GstH4mkChunk chunk = { 0, 0, header, 8, header, 0 };
  GError *error = NULL;
  Rig rig;

  rig_init (&rig);
  rig.options.link = FALSE;
  rig.writer = gst_h4mk_writer_new (&rig.options, &sink_funcs, &rig.sink);
  fail_if (gst_h4mk_writer_replay (rig.writer, &chunk, &error));
  fail_unless_error (error, GST_H4MK_ERROR_INVALID);
  gst_h4mk_writer_free (rig.writer);

  rig.options.link = TRUE;
  gst_h4mk_tracks_add (rig.tracks, 1, GST_H4MK_TRACK_DATA, "a/b");
  rig_start (&rig);
  rig_add (&rig, 1, 0, 0, 1);
  fail_if (gst_h4mk_writer_replay (rig.writer, &chunk, &error));
  fail_unless_error (error, GST_H4MK_ERROR_INVALID);
  rig_clear (&rig);
}

GST_END_TEST;

static Suite *
h4mkreplay_suite (void)
{
  Suite *s = suite_create ("h4mkreplay");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_a_cut_recording_goes_on_as_if_never_cut);
  tcase_add_test (tc, test_replay_refuses_what_it_did_not_write);
  tcase_add_test (tc, test_replay_needs_links_and_whole_groups);
  return s;
}

H4_FILES_CHECK_MAIN (h4mkreplay);
