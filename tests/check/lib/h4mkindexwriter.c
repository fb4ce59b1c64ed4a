/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>

#include "h4files.h"
#include "memfile.h"

#define MS G_GINT64_CONSTANT (1000000)

/* What the writer puts into pages, and what a reader makes of a file that has
 * none yet, must be the same. */
typedef struct
{
  gboolean video;
  gboolean audio;
  guint gop;                    /* frames of 40 ms */
  gboolean b_frames;
  gint64 first_pts;             /* ns */
  gint64 group_duration;        /* ms */
  gboolean untimed;
  guint change_tracks_at;       /* frame, or 0 */
} Recording;

static const Recording recordings[] = {
  /* *INDENT-OFF* */
  { TRUE, TRUE, 25, FALSE, 0, 250, FALSE, 0 },
  { TRUE, FALSE, 250, FALSE, 0, 250, FALSE, 0 },
  { TRUE, TRUE, 7, TRUE, 0, 250, FALSE, 0 },
  { TRUE, TRUE, 1, FALSE, 0, 0, FALSE, 0 },
  { FALSE, TRUE, 25, FALSE, 0, 250, FALSE, 0 },
  { TRUE, TRUE, 40, TRUE, 3600000000 * MS, 100, FALSE, 0 },
  { TRUE, TRUE, 12, TRUE, -500 * MS, 100, FALSE, 0 },
  { FALSE, TRUE, 25, FALSE, 0, 250, TRUE, 0 },
  { TRUE, TRUE, 25, FALSE, 0, 250, FALSE, 700 },
  { TRUE, TRUE, 60, FALSE, 0, 2000, FALSE, 1111 }
  /* *INDENT-ON* */
};

static gboolean
append (const GstH4mkPiece * pieces, guint n_pieces, GstH4mkWriteFlags flags,
    gpointer user_data, GError ** error)
{
  guint i;

  for (i = 0; i < n_pieces; i++)
    g_byte_array_append (user_data, pieces[i].data, pieces[i].size);
  return TRUE;
}

static GstH4mkTracks *
make_tracks (const Recording * r, const gchar * caps)
{
  GstH4mkTracks *tracks = gst_h4mk_tracks_new ();

  /* the primary one does not stand first */
  if (r->audio)
    gst_h4mk_tracks_add (tracks, 1, GST_H4MK_TRACK_AUDIO, "audio/x-opus");
  if (r->video)
    gst_h4mk_tracks_add (tracks, 2, GST_H4MK_TRACK_VIDEO, caps);
  gst_h4mk_tracks_add (tracks, 3, GST_H4MK_TRACK_SUBTITLE, "text/x-raw");
  return tracks;
}

static void
add (GstH4mkWriter * writer, guint track, guint64 flags, gint64 pts,
    gint64 dts, gint64 duration, guint size)
{
  static const guint8 data[64] = { 1, 2, 3 };
  GstH4mkBlock block = { {0}, data, NULL };
  GError *error = NULL;

  forge_record (&block.record, track, flags, pts, duration, size);
  if (flags & GST_H4MK_RECORD_HAS_DTS)
    block.record.dts = dts;
  if (flags & GST_H4MK_RECORD_NO_PTS)
    block.record.pts = 0;
  fail_unless (gst_h4mk_writer_add (writer, &block, &error), "%s",
      error ? error->message : "");
}

/* Order of decoding I P B: a P frame two ahead of the B that follows it. */
static void
add_frame (GstH4mkWriter * writer, const Recording * r, guint i)
{
  gint64 dts = r->first_pts + i * 40 * MS, pts = dts;
  guint in_gop = i % r->gop;

  if (r->b_frames && in_gop > 0 && in_gop < r->gop - 1)
    pts += in_gop % 2 ? 40 * MS : -40 * MS;
  add (writer, 2, GST_H4MK_RECORD_HAS_DTS |
      (in_gop == 0 ? GST_H4MK_RECORD_KEY : 0), pts, dts, 40 * MS, 20);
}

static GByteArray *
record (const Recording * r, guint frames)
{
  static const GstH4mkWriterFuncs funcs = { append, NULL, NULL };
  GByteArray *out = g_byte_array_new ();
  GstH4mkWriterOptions options;
  GstH4mkWriter *writer;
  GstH4mkTracks *tracks;
  GstH4mkTail tail = { NULL };
  GError *error = NULL;
  guint i;

  gst_h4mk_writer_options_init (&options);
  options.group_duration = r->group_duration * MS;
  options.span_duration = 1000 * MS;
  writer = gst_h4mk_writer_new (&options, &funcs, out);
  tracks = make_tracks (r, "video/x-h264, width=(int)320");
  fail_unless (gst_h4mk_writer_set_tracks (writer, tracks, &error));
  gst_h4mk_tracks_unref (tracks);
  for (i = 0; i < frames; i++) {
    gint64 pts = r->first_pts + i * 40 * MS;

    if (r->change_tracks_at > 0 && i == r->change_tracks_at) {
      tracks = make_tracks (r, "video/x-h264, width=(int)640");
      fail_unless (gst_h4mk_writer_set_tracks (writer, tracks, &error));
      gst_h4mk_tracks_unref (tracks);
    }
    if (r->audio)
      add (writer, 1, GST_H4MK_RECORD_KEY |
          (r->untimed ? GST_H4MK_RECORD_NO_PTS : 0), pts, 0,
          r->untimed ? 0 : 40 * MS, 5);
    if (r->video)
      add_frame (writer, r, i);
    if (i % 90 == 17 && !r->untimed)
      add (writer, 3, GST_H4MK_RECORD_KEY, pts, 0, 5000 * MS, 9);
  }
  fail_unless (gst_h4mk_writer_finish (writer, &tail, &error), "%s",
      error ? error->message : "");
  gst_h4mk_writer_free (writer);
  h4_files_keep (out->data, out->len);
  return out;
}

static gsize
find_tail (const GByteArray * file)
{
  gsize i = file->len - GST_H4MK_TAIL_SIZE;

  while (memcmp (file->data + i, "SEEK", 4) != 0)
    i--;
  return i;
}

static void
compare (GstH4mkIndex * a, GstH4mkIndex * b)
{
  guint64 i, n = gst_h4mk_index_get_n_spans (a);

  fail_unless_equals_uint64 (gst_h4mk_index_get_n_spans (b), n);
  fail_unless_equals_uint64 (gst_h4mk_index_get_blocks (b),
      gst_h4mk_index_get_blocks (a));
  fail_unless_equals_int64 (gst_h4mk_index_get_shift (b),
      gst_h4mk_index_get_shift (a));
  fail_unless_equals_int64 (gst_h4mk_index_get_start (b),
      gst_h4mk_index_get_start (a));
  for (i = 0; i < n; i++) {
    GstH4mkSeekPoint x, y;

    fail_unless (gst_h4mk_index_get_seek_point (a, i, &x, NULL));
    fail_unless (gst_h4mk_index_get_seek_point (b, i, &y, NULL));
    fail_unless_equals_uint64 (y.span.offset, x.span.offset);
    fail_unless_equals_uint64 (y.span.trak, x.span.trak);
    fail_unless_equals_uint64 (y.span.first_block, x.span.first_block);
    fail_unless_equals_uint64 (y.span.blocks, x.span.blocks);
    fail_unless_equals_int64 (y.span.pts, x.span.pts);
    fail_unless_equals_int (y.span.flags, x.span.flags);
    fail_unless_equals_uint64 (y.token_offset, x.token_offset);
    fail_unless_equals_int (y.refs->len, x.refs->len);
    gst_h4mk_seek_point_clear (&x);
    gst_h4mk_seek_point_clear (&y);
  }
}

GST_START_TEST (test_cut_recording)
{
  /* some without a page, some with one and more */
  static const guint frames[] = { 30, 1000, 30000 };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (frames); i++) {
    GByteArray *file = record (&recordings[__i__], frames[i]);
    MemFile whole, cut;
    GstH4mkIndex *a, *b;

    mem_file_init (&whole, file->data, file->len);
    mem_file_init (&cut, file->data, find_tail (file));
    a = mem_file_open (&whole, NULL);
    b = mem_file_open (&cut, NULL);
    fail_unless (gst_h4mk_index_is_complete (a));
    fail_unless (!gst_h4mk_index_is_complete (b));
    compare (a, b);
    gst_h4mk_index_free (a);
    gst_h4mk_index_free (b);
    g_byte_array_unref (file);
  }
}

GST_END_TEST;

GST_START_TEST (test_recording_that_grows)
{
  GByteArray *file = record (&recordings[__i__], 16000);
  MemFile whole, part;
  GstH4mkIndex *a, *b;
  GError *error = NULL;

  mem_file_init (&whole, file->data, file->len);
  mem_file_init (&part, file->data, 2000);
  a = mem_file_open (&whole, NULL);
  b = mem_file_open (&part, NULL);
  while (part.size < find_tail (file)) {
    part.size = MIN (part.size + 7777, find_tail (file));
    fail_unless (gst_h4mk_index_grow (b, part.size, &error));
  }
  compare (a, b);
  part.size = file->len;
  fail_unless (gst_h4mk_index_grow (b, part.size, &error));
  fail_unless (gst_h4mk_index_is_complete (b));
  compare (a, b);
  gst_h4mk_index_free (a);
  gst_h4mk_index_free (b);
  g_byte_array_unref (file);
}

GST_END_TEST;

static Suite *
h4mkindexwriter_suite (void)
{
  Suite *s = suite_create ("h4mkindexwriter");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_cut_recording, 0, G_N_ELEMENTS (recordings));
  tcase_add_loop_test (tc, test_recording_that_grows, 0,
      G_N_ELEMENTS (recordings));
  return s;
}

H4_FILES_CHECK_MAIN (h4mkindexwriter);
