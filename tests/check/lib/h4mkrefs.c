/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* What a span that begins long after, or long before, the others must refer
 * to. */

#include "gsth4mkrefs.h"
#include "h4mkwalk.h"

#define MS G_GINT64_CONSTANT (1000000)

static GstH4mkTracks *
make_tracks (gboolean with_late)
{
  GstH4mkTracks *tracks = gst_h4mk_tracks_new ();

  gst_h4mk_tracks_add (tracks, 1, GST_H4MK_TRACK_AUDIO, "audio/x-opus");
  gst_h4mk_tracks_add (tracks, 2, GST_H4MK_TRACK_DATA, "application/x-test");
  if (with_late)
    gst_h4mk_tracks_add (tracks, 3, GST_H4MK_TRACK_SUBTITLE, "text/x-raw");
  return tracks;
}

static void
add_block (GstH4mkWriter * writer, Sink * sink, guint track, gint64 pts)
{
  static const guint8 bytes[4] = "data";
  GstH4mkBlock block = { {0,}, bytes, sink_own (sink) };
  GError *error = NULL;

  block.record.track = track;
  block.record.flags = GST_H4MK_RECORD_KEY;
  block.record.pts = pts;
  /* of audio without durations the key block alone leads to its time */
  if (track != 1) {
    block.record.flags |= GST_H4MK_RECORD_HAS_DURATION;
    block.record.duration = 10 * MS;
  }
  block.record.size = sizeof (bytes);
  fail_unless (gst_h4mk_writer_add (writer, &block, &error), "%s",
      error ? error->message : "");
}

/* A stream that comes late, with times from the start: its span needs of the
 * others what was then, thousands of groups ago. */
GST_START_TEST (test_a_late_track_leads_back_as_far_as_its_time)
{
  static const gint64 times_ms[] = { 0, 5, 7777, 19980, 29990 };
  GstH4mkWriterOptions options;
  GstH4mkTracks *tracks;
  GstH4mkWriter *writer;
  Sink sink;
  Walk walk;
  guint i;

  gst_h4mk_writer_options_init (&options);
  options.group_duration = 0;
  sink_init (&sink);
  writer = gst_h4mk_writer_new (&options, &sink_funcs, &sink);
  tracks = make_tracks (FALSE);
  fail_unless (gst_h4mk_writer_set_tracks (writer, tracks, NULL));
  gst_h4mk_tracks_unref (tracks);
  for (i = 0; i < 3000; i++) {
    add_block (writer, &sink, 1, i * 10 * MS);
    if (i % 10 == 0)
      add_block (writer, &sink, 2, i * 10 * MS);
  }
  for (i = 0; i < G_N_ELEMENTS (times_ms); i++) {
    tracks = make_tracks (i % 2 == 0);
    fail_unless (gst_h4mk_writer_set_tracks (writer, tracks, NULL));
    gst_h4mk_tracks_unref (tracks);
    add_block (writer, &sink, i % 2 == 0 ? 3 : 2, times_ms[i] * MS);
  }
  fail_unless (gst_h4mk_writer_finish (writer, NULL, NULL));
  walk_init (&walk, sink.bytes->data, sink.bytes->len, TRUE);
  walk_check (&walk);
  walk_clear (&walk);
  gst_h4mk_writer_free (writer);
  sink_clear (&sink);
}

GST_END_TEST;

/* One block a group, one group every ten bytes. */
static void
fill (GstH4mkTrackRefs * refs, guint n)
{
  GstH4mkRecord record = { 0, };
  guint i;

  record.flags = GST_H4MK_RECORD_KEY | GST_H4MK_RECORD_HAS_DURATION;
  record.duration = 2 * MS;
  for (i = 0; i < n; i++) {
    record.pts = i * MS;
    gst_h4mk_track_refs_add (refs, &record, 10 * (guint64) i);
  }
}

/* The group that a span at time must read first; G_MAXUINT64: none. */
static guint64
find_first (const GstH4mkTrackRefs * refs, gint64 time, guint64 token)
{
  GArray *out = g_array_new (FALSE, FALSE, sizeof (GstH4mkRef));
  guint64 place = G_MAXUINT64;
  GstH4mkToken group;

  gst_h4mk_token_init (&group);
  gst_h4mk_track_refs_collect (refs, 1, &group, time, token, out);
  fail_unless (out->len <= 1);
  if (out->len == 1)
    place = token - g_array_index (out, GstH4mkRef, 0).back;
  gst_h4mk_token_clear (&group);
  g_array_unref (out);
  return place;
}

#define N_GROUPS 1000000

/* Memory ends somewhere: then more is read than need be, never less. */
GST_START_TEST (test_what_is_forgotten_is_never_what_a_seek_needs)
{
  GstH4mkTrackKind kind = __i__ ? GST_H4MK_TRACK_AUDIO : GST_H4MK_TRACK_VIDEO;
  guint64 end = 10 * (guint64) N_GROUPS;
  GstH4mkTrackRefs refs;
  gint i;

  gst_h4mk_track_refs_init (&refs, kind);
  fill (&refs, N_GROUPS);
  for (i = 0; i < N_GROUPS; i += i < N_GROUPS - 10000 ? 997 : 7) {
    /* of audio, the block before lasts beyond that time */
    guint64 exact = 10 * (guint64) (kind == GST_H4MK_TRACK_AUDIO ?
        MAX (i - 1, 0) : i);
    guint64 place = find_first (&refs, i * MS, end);

    fail_unless (place <= exact, "at %d ms: %" G_GUINT64_FORMAT, i, place);
    if (i >= N_GROUPS - 10000)
      fail_unless_equals_uint64 (place, exact);
  }
  fail_unless_equals_uint64 (find_first (&refs, -1, end),
      kind == GST_H4MK_TRACK_AUDIO ? 0 : G_MAXUINT64);
  fail_unless (refs.keys->len + refs.lasting->len <= 65536);
  gst_h4mk_track_refs_clear (&refs);
}

GST_END_TEST;

static Suite *
h4mkrefs_suite (void)
{
  Suite *s = suite_create ("h4mkrefs");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_a_late_track_leads_back_as_far_as_its_time);
  tcase_add_loop_test (tc, test_what_is_forgotten_is_never_what_a_seek_needs, 0,
      2);
  return s;
}

H4_FILES_CHECK_MAIN (h4mkrefs);
