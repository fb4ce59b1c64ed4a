/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_SYNTHETIC_H__
#define __H4_SYNTHETIC_H__

/* Files whose every block is known: each block's bytes say which stream and
 * which number in it it is. */

#include <gst/check/gstcheck.h>

#include "h4files.h"

/* How long the test file plays, and its streams: a video with B-frames and a
 * key frame each 12, one with a key frame each 3 s, audio, subtitles. */
#define H4_FILE_DURATION (20 * GST_SECOND)
#define H4_FRAME (40 * GST_MSECOND)
#define H4_GOP 12
#define H4_SLOW_GOP 75
#define H4_AUDIO_FRAME (20 * GST_MSECOND)

enum
{
  H4_STREAM_VIDEO,
  H4_STREAM_SLOW_VIDEO,
  H4_STREAM_AUDIO,
  H4_STREAM_SUBTITLE,
  H4_N_STREAMS
};

typedef struct
{
  guint stream;
  guint number;
  GstClockTime pts;
  GstClockTime dts;
  GstClockTime duration;
  guint flags;
} H4Block;

/* A temporary file; remove it with h4_remove_file(). settings: properties of
 * h4mkmux. */
gchar *h4_make_file (const gchar * settings);
/* The same with so many pictures and what is heard meanwhile. */
gchar *h4_make_short_file (const gchar * settings, guint frames);
/* One audio stream of n blocks, 10 ms each. */
gchar *h4_make_audio_file (const gchar * settings, guint n);
/* Of the base profile: n opaque blocks, a frame each. */
gchar *h4_make_base_file (guint gop, guint n);
void h4_remove_file (gchar * path);
/* Of the chunk there, its header included. */
gsize h4_chunk_size (const guint8 * chunk);
/* Leaves that part of a file, 0.0 to 1.0. */
void h4_cut_file (const gchar * path, gdouble part);

/* Waits for what ends a pipeline; fails on an error unless may_fail. TRUE:
 * EOS or segment-done. */
gboolean h4_wait_for_end (GstElement * pipeline, gboolean may_fail);

/* filesrc ! h4mkdemux, a fakesink each pad; blocks come in by stream. */
typedef struct
{
  GstElement *pipeline;
  GMutex lock;
  GArray *blocks;               /* of H4Block */
  GstSegment segments[H4_N_STREAMS];
  guint32 seqnum;               /* of the seek whose blocks count; 0: all */
  gint reads;
  gboolean hold;                /* blocks wait at the demuxer's pad */
  guint held;
  GCond cond;
} H4Player;

void h4_player_open_source (H4Player * player, const gchar * source,
    const gchar * settings);
/* The source is filesrc, with what is between it and h4mkdemux. */
void h4_player_open (H4Player * player, const gchar * path,
    const gchar * between, const gchar * settings);
void h4_player_close (H4Player * player);
/* Seeks with a flush and plays to the end; the blocks are the seek's. */
void h4_player_seek (H4Player * player, gdouble rate, GstSeekFlags flags,
    GstClockTime start, GstClockTime stop);
void h4_player_play (H4Player * player);
/* With hold set: until a block has come, after a flushing seek to start. */
void h4_player_wait_held (H4Player * player);
void h4_player_seek_held (H4Player * player, GstClockTime start);
/* The n-th block of a stream that came, or NULL. */
const H4Block *h4_player_get (H4Player * player, guint stream, guint n);
guint h4_player_count (H4Player * player, guint stream);
/* Whether everything that is on at a time came, from where it can be
 * decoded. */
void h4_player_check_needs (H4Player * player, GstClockTime time);
/* One segment to its end, then another without a flush. */
void h4_player_play_segments (H4Player * player);

#endif
