/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4kind.h"

/**
 * gst_h4_kind_tracker_init:
 * @tracker: the state to set up
 *
 * Makes @tracker ready for the first block of a stream.
 *
 * Since: 1.0
 */
void
gst_h4_kind_tracker_init (GstH4KindTracker * tracker)
{
  tracker->largest_pts = 0;
  tracker->has_pts = FALSE;
}

/**
 * gst_h4_kind_tracker_next:
 * @tracker: the stream's state
 * @key: whether the block can be decoded without another
 * @droppable: whether no other block needs it
 * @has_pts: whether @pts is known
 * @pts: presentation time in ns
 * @reordered: (out) (optional): set where @pts lies below the largest one
 *   since the stream's last key block
 *
 * Takes the next block in decode order and says what it is. A key block
 * starts anew, so it is never reordered itself.
 *
 * Returns: the block's kind
 *
 * Since: 1.0
 */
GstH4Kind
gst_h4_kind_tracker_next (GstH4KindTracker * tracker, gboolean key,
    gboolean droppable, gboolean has_pts, gint64 pts, gboolean * reordered)
{
  gboolean below;

  if (key)
    tracker->has_pts = FALSE;

  below = has_pts && tracker->has_pts && pts < tracker->largest_pts;
  if (has_pts && !below) {
    tracker->largest_pts = pts;
    tracker->has_pts = TRUE;
  }
  if (reordered)
    *reordered = below;

  if (key)
    return GST_H4_KIND_I;
  return droppable || below ? GST_H4_KIND_B : GST_H4_KIND_P;
}

/**
 * gst_h4_kind_to_char:
 * @kind: a kind
 *
 * Returns: 'I', 'P' or 'B'
 *
 * Since: 1.0
 */
gchar
gst_h4_kind_to_char (GstH4Kind kind)
{
  switch (kind) {
    case GST_H4_KIND_I:
      return 'I';
    case GST_H4_KIND_B:
      return 'B';
    default:
      return 'P';
  }
}
