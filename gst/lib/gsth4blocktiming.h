/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_BLOCK_TIMING_H__
#define __GST_H4_BLOCK_TIMING_H__

#include <gst/gst.h>

G_BEGIN_DECLS

/*
 * Time for streams that have none: block i starts at i * floor (10^6 / fps)
 * microseconds and is a key block where gop divides i. block_size is 0 where
 * bytes cannot be told from blocks. Functions return FALSE where the result
 * does not fit 64 bits or the bytes are not known.
 */
typedef struct
{
  guint64 block_size;
  gdouble fps;
  guint64 step_ns;
  gint gop;
} GstH4BlockTiming;

void gst_h4_block_timing_init (GstH4BlockTiming * timing, guint64 block_size,
    gdouble fps, gint gop);

gboolean gst_h4_block_timing_is_key (const GstH4BlockTiming * timing,
    guint64 index);

gboolean gst_h4_block_timing_start (const GstH4BlockTiming * timing,
    guint64 index, GstClockTime * start);

guint64 gst_h4_block_timing_at (const GstH4BlockTiming * timing,
    GstClockTime time);

/* The key block to begin with as the flags of a seek ask for it. */
guint64 gst_h4_block_timing_snap (const GstH4BlockTiming * timing,
    guint64 index, GstSeekFlags flags);

gboolean gst_h4_block_timing_count (const GstH4BlockTiming * timing,
    guint64 bytes, guint64 * count);

gboolean gst_h4_block_timing_offset (const GstH4BlockTiming * timing,
    guint64 index, guint64 * offset);

gboolean gst_h4_block_timing_to_bytes (const GstH4BlockTiming * timing,
    GstFormat format, gint64 value, gboolean up, GstSeekFlags flags,
    gint64 * bytes);

gboolean gst_h4_block_timing_convert (const GstH4BlockTiming * timing,
    GstFormat from, gint64 value, GstFormat to, gint64 * result);

G_END_DECLS

#endif
