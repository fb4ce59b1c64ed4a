/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __TEST_H4MK_RIG_H__
#define __TEST_H4MK_RIG_H__

#include "h4mkscript.h"
#include "h4mkwalk.h"

#define MS SCRIPT_MS
#define KEY GST_H4MK_RECORD_KEY
#define DUR GST_H4MK_RECORD_HAS_DURATION

/* A writer, its options, tracks and what it wrote. */
typedef struct
{
  GstH4mkWriterOptions options;
  GstH4mkWriter *writer;
  GstH4mkTracks *tracks;
  Sink sink;
} Rig;

static inline void
rig_init (Rig * rig)
{
  gst_h4mk_writer_options_init (&rig->options);
  sink_init (&rig->sink);
  rig->tracks = gst_h4mk_tracks_new ();
  rig->writer = NULL;
}

/* Options and tracks are as they shall be. */
static inline void
rig_start (Rig * rig)
{
  rig->writer = gst_h4mk_writer_new (&rig->options, &sink_funcs, &rig->sink);
  fail_unless (gst_h4mk_writer_set_tracks (rig->writer, rig->tracks, NULL));
}

static inline void
rig_clear (Rig * rig)
{
  gst_h4mk_writer_free (rig->writer);
  gst_h4mk_tracks_unref (rig->tracks);
  sink_clear (&rig->sink);
}

static inline gboolean
rig_try (Rig * rig, const GstH4mkRecord * record, gconstpointer data,
    GError ** error)
{
  GstH4mkBlock block = { *record, data, sink_own (&rig->sink) };

  return gst_h4mk_writer_add (rig->writer, &block, error);
}

static inline void
rig_add (Rig * rig, guint track, guint64 flags, gint64 pts, gsize size)
{
  static const guint8 zeros[65536];
  GstH4mkRecord record = { flags, track, pts, 0, 0, 0, size };
  GError *error = NULL;

  if (flags & DUR)
    record.duration = 40 * MS;
  fail_unless (rig_try (rig, &record, zeros, &error), "%s",
      error ? error->message : "");
}

static inline void
rig_finish (Rig * rig, Walk * walk)
{
  GError *error = NULL;

  fail_unless (gst_h4mk_writer_finish (rig->writer, NULL, &error), "%s",
      error ? error->message : "");
  walk_init (walk, rig->sink.bytes->data, rig->sink.bytes->len,
      rig->options.link);
  walk_check (walk);
}

#endif
