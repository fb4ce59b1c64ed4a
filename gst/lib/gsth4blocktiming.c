/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4blocktiming.h"

void
gst_h4_block_timing_init (GstH4BlockTiming * timing, guint64 block_size,
    gdouble fps, gint gop)
{
  timing->block_size = block_size;
  timing->fps = fps;
  timing->step_ns = (guint64) (1000000.0 / fps) * GST_USECOND;
  timing->gop = gop;
}

gboolean
gst_h4_block_timing_is_key (const GstH4BlockTiming * timing, guint64 index)
{
  return index % timing->gop == 0;
}

/* A block also has an end, so that both must fit. */
gboolean
gst_h4_block_timing_start (const GstH4BlockTiming * timing, guint64 index,
    GstClockTime * start)
{
  if (index >= G_MAXINT64 / timing->step_ns)
    return FALSE;
  *start = index * timing->step_ns;
  return TRUE;
}

guint64
gst_h4_block_timing_at (const GstH4BlockTiming * timing, GstClockTime time)
{
  return time / timing->step_ns;
}

guint64
gst_h4_block_timing_snap (const GstH4BlockTiming * timing, guint64 index,
    GstSeekFlags flags)
{
  guint64 gop = timing->gop;
  guint64 past = index % gop;
  GstSeekFlags snap = flags & GST_SEEK_FLAG_SNAP_NEAREST;

  if (!(flags & GST_SEEK_FLAG_KEY_UNIT) || past == 0)
    return index;
  if (snap == GST_SEEK_FLAG_SNAP_AFTER
      || (snap == GST_SEEK_FLAG_SNAP_NEAREST && past > gop / 2))
    return index - past + gop;
  return index - past;
}

/* How many blocks that many bytes make; the last one may be shorter. */
gboolean
gst_h4_block_timing_count (const GstH4BlockTiming * timing, guint64 bytes,
    guint64 * count)
{
  if (timing->block_size == 0)
    return FALSE;
  *count = bytes / timing->block_size + (bytes % timing->block_size > 0);
  return TRUE;
}

gboolean
gst_h4_block_timing_offset (const GstH4BlockTiming * timing, guint64 index,
    guint64 * offset)
{
  if (timing->block_size == 0 || index > G_MAXINT64 / timing->block_size)
    return FALSE;
  *offset = index * timing->block_size;
  return TRUE;
}

/* A place in the stream, or -1 for none, as bytes from its start: where a
 * block begins or, rounded @up, where one ends. */
gboolean
gst_h4_block_timing_to_bytes (const GstH4BlockTiming * timing,
    GstFormat format, gint64 value, gboolean up, GstSeekFlags flags,
    gint64 * bytes)
{
  guint64 unit = format == GST_FORMAT_TIME ? timing->step_ns
      : timing->block_size;
  guint64 index, offset;

  *bytes = -1;
  if (value == -1)
    return TRUE;
  if (value < 0 || unit == 0)
    return FALSE;

  index = value / unit + (up && value % unit > 0);
  index = gst_h4_block_timing_snap (timing, index, flags);
  if (!gst_h4_block_timing_offset (timing, index, &offset))
    return FALSE;
  *bytes = offset;
  return TRUE;
}

gboolean
gst_h4_block_timing_convert (const GstH4BlockTiming * timing, GstFormat from,
    gint64 value, GstFormat to, gint64 * result)
{
  guint64 out;

  if (value < 0 || timing->block_size == 0)
    return FALSE;
  if (from == GST_FORMAT_BYTES && to == GST_FORMAT_TIME) {
    if (!gst_h4_block_timing_start (timing, value / timing->block_size, &out))
      return FALSE;
  } else if (from == GST_FORMAT_TIME && to == GST_FORMAT_BYTES) {
    if (!gst_h4_block_timing_offset (timing, gst_h4_block_timing_at (timing,
                value), &out))
      return FALSE;
  } else if (from == to) {
    out = value;
  } else {
    return FALSE;
  }
  *result = out;
  return TRUE;
}
