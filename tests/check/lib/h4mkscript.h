/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __TEST_H4MK_SCRIPT_H__
#define __TEST_H4MK_SCRIPT_H__

/* Recordings made up from a seed: tracks that come and go, blocks of all
 * kinds in an order that a muxer could have. */

#include "h4mksink.h"

#define SCRIPT_MS G_GINT64_CONSTANT (1000000)

typedef struct
{
  GstH4mkRecord record;
  guint8 *data;
  /* (nullable): the list that begins with this block */
  GstH4mkTracks *tracks;
} ScriptBlock;

typedef struct
{
  GstH4mkWriterOptions options;
  GArray *blocks;               /* of ScriptBlock */
} Script;

static inline void
script_block_clear (gpointer data)
{
  ScriptBlock *b = data;

  g_free (b->data);
  g_clear_pointer (&b->tracks, gst_h4mk_tracks_unref);
}

/* Which of six tracks are there, and how they are this time. */
static inline GstH4mkTracks *
script_make_tracks (guint present, guint version)
{
  static const struct
  {
    GstH4mkTrackKind kind;
    const gchar *caps;
  } all[] = {
    {GST_H4MK_TRACK_AUDIO, "audio/x-opus, rate=(int)48000"},
    {GST_H4MK_TRACK_VIDEO, "video/x-h264, width=(int)320"},
    {GST_H4MK_TRACK_VIDEO, "image/jpeg, width=(int)320"},
    {GST_H4MK_TRACK_SUBTITLE, "text/x-raw, format=(string)utf8"},
    {GST_H4MK_TRACK_DATA, "application/x-harmony4-test"},
    {GST_H4MK_TRACK_AUDIO, "application/x-h4-masked, "
          "original-media-type=(string)audio/mpeg"}
  };
  GstH4mkTracks *tracks = gst_h4mk_tracks_new ();
  guint i;

  tracks->uuid = g_strdup ("7d444840-9dc0-11d1-b245-5ffdce74fad2");
  for (i = 0; i < G_N_ELEMENTS (all); i++) {
    gchar *caps;

    if (!(present & (1 << i)))
      continue;
    caps = g_strdup_printf ("%s, version=(int)%u", all[i].caps, version);
    gst_h4mk_tracks_add (tracks, i + 1, all[i].kind, caps);
    g_free (caps);
  }
  return tracks;
}

static inline void
script_fill (GRand * rand, GstH4mkRecord * r, gint64 time, guint64 number)
{
  r->flags = 0;
  r->pts = time;
  if (r->track == 2) {
    /* frames that are shown in another order */
    r->flags |= GST_H4MK_RECORD_HAS_DTS;
    r->dts = time;
    r->pts += g_rand_int_range (rand, 0, 4) * 40 * SCRIPT_MS;
    if (g_rand_int_range (rand, 0, 12) == 0)
      r->flags |= GST_H4MK_RECORD_KEY;
    if (g_rand_int_range (rand, 0, 6) == 0)
      r->flags |= GST_H4MK_RECORD_DROPPABLE;
  } else if (r->track != 3 || g_rand_int_range (rand, 0, 30) == 0) {
    r->flags |= GST_H4MK_RECORD_KEY;
  }
  if (g_rand_int_range (rand, 0, 10) < (r->track >= 4 ? 5 : 8)) {
    r->flags |= GST_H4MK_RECORD_HAS_DURATION;
    r->duration = r->track == 4 ? g_rand_int_range (rand, 0, 5000) * SCRIPT_MS :
        r->track == 2 ? 40 * SCRIPT_MS : 21 * SCRIPT_MS;
  }
  if (r->track == 6 || g_rand_int_range (rand, 0, 8) == 0) {
    r->flags |= GST_H4MK_RECORD_HAS_INDEX;
    r->index = number + g_rand_int_range (rand, 0, 2);
  }
  if (g_rand_int_range (rand, 0, 40) == 0) {
    r->flags |= GST_H4MK_RECORD_NO_PTS;
    r->pts = 0;
    if (g_rand_boolean (rand)) {
      r->flags &= ~GST_H4MK_RECORD_HAS_DTS;
      r->dts = 0;
    }
  }
}

static inline void
script_init (Script * script, guint32 seed, guint n)
{
  GRand *rand = g_rand_new_with_seed (seed);
  guint present = g_rand_int_range (rand, 1, 64), version = 0, i, j;
  gint64 time = g_rand_int_range (rand, -500, 500) * SCRIPT_MS;

  script->blocks = g_array_new (FALSE, FALSE, sizeof (ScriptBlock));
  g_array_set_clear_func (script->blocks, script_block_clear);
  gst_h4mk_writer_options_init (&script->options);
  script->options.group_duration =
      g_rand_int_range (rand, 0, 4) * 100 * SCRIPT_MS;
  script->options.group_size = g_rand_int_range (rand, 1, 40000);
  script->options.span_duration =
      g_rand_int_range (rand, 20, 2000) * SCRIPT_MS;

  for (i = 0; i < n; i++) {
    ScriptBlock b = { {0,}, };

    if (i == 0 || g_rand_int_range (rand, 0, 150) == 0) {
      if (i > 0)
        present ^= 1 << g_rand_int_range (rand, 0, 6);
      present |= present ? 0 : 1;
      b.tracks = script_make_tracks (present, version++);
    }
    do
      b.record.track = g_rand_int_range (rand, 1, 7);
    while (!(present & (1 << (b.record.track - 1))));
    script_fill (rand, &b.record, time, i);
    time += g_rand_int_range (rand, 0, 20) * SCRIPT_MS;
    b.record.size = g_rand_int_range (rand, 0, 20) == 0 ?
        g_rand_int_range (rand, 4000, 20000) : g_rand_int_range (rand, 0, 60);
    b.data = g_malloc (MAX (b.record.size, 1));
    for (j = 0; j < b.record.size; j++)
      b.data[j] = (guint8) (31 * j + i);
    g_array_append_val (script->blocks, b);
  }
  g_rand_free (rand);
}

static inline void
script_clear (Script * script)
{
  g_array_unref (script->blocks);
}

/* The blocks from number first on, to the end of the file. */
static inline void
script_write (const Script * script, guint first, GstH4mkWriter * writer,
    Sink * sink)
{
  GError *error = NULL;
  guint i;

  for (i = first; i < script->blocks->len; i++) {
    const ScriptBlock *b = &g_array_index (script->blocks, ScriptBlock, i);
    GstH4mkBlock block = { b->record, b->data, sink_own (sink) };

    if (b->tracks)
      fail_unless (gst_h4mk_writer_set_tracks (writer, b->tracks, &error),
          "%s", error ? error->message : "");
    fail_unless (gst_h4mk_writer_add (writer, &block, &error), "%s",
        error ? error->message : "");
  }
  fail_unless (gst_h4mk_writer_finish (writer, NULL, &error), "%s",
      error ? error->message : "");
}

#endif
