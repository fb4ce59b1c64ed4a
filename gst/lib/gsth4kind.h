/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_KIND_H__
#define __GST_H4_KIND_H__

#include <glib.h>

G_BEGIN_DECLS

/**
 * GstH4Kind:
 * @GST_H4_KIND_I: a key block
 * @GST_H4_KIND_P: neither a key block nor one that may be left out
 * @GST_H4_KIND_B: a droppable block, or one that is shown before a block that
 *   came earlier
 *
 * What a block is to the blocks around it, by structure alone: no codec is
 * ever looked into.
 *
 * Since: 1.0
 */
typedef enum
{
  GST_H4_KIND_I,
  GST_H4_KIND_P,
  GST_H4_KIND_B
} GstH4Kind;

/**
 * GstH4KindTracker:
 *
 * The state behind gst_h4_kind_tracker_next(), one a stream. It may be put on
 * the stack and copied.
 *
 * Since: 1.0
 */
typedef struct
{
  /*< private >*/
  gint64 largest_pts;
  gboolean has_pts;
} GstH4KindTracker;

void gst_h4_kind_tracker_init (GstH4KindTracker * tracker);

GstH4Kind gst_h4_kind_tracker_next (GstH4KindTracker * tracker,
    gboolean key, gboolean droppable, gboolean has_pts, gint64 pts,
    gboolean * reordered);

gchar gst_h4_kind_to_char (GstH4Kind kind);

G_END_DECLS

#endif
