/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_MUX_PRIV_H__
#define __GST_H4MK_MUX_PRIV_H__

/* What the two halves of h4mkmux share: the element (pads, events, states)
 * and the writing (order, time-outs, output). */

#include "gsth4mkmux.h"
#include "gsth4mkmuxout.h"
#include "gsth4mkmuxpad.h"

G_BEGIN_DECLS

struct _GstH4MkMux
{
  GstElement parent;

  GstPad *srcpad;

  /* properties, under the object lock */
  GstH4MkMuxSettings settings;
  gchar *safe;
  guint64 latency;              /* ns */

  GMutex lock;                  /* all that follows, and the pads' rings */
  GCond wake;                   /* for the time-out task */
  GList *pads;                  /* of GstH4MkMuxPad, in order of their ids */
  guint next_id;
  guint n_named[4];             /* the next number of each template */
  GstH4MkMuxOut *out;           /* NULL between files */
  GstFlowReturn flow;
  gboolean flushing;
  gboolean draining;            /* one thread writes and pushes; the rest queue */
  gboolean finished;            /* EOS was pushed */
  gboolean end_group;           /* asked for by the signal */
  gboolean tracks_changed;      /* a pad left */
  gboolean live;
  guint64 upstream_latency;     /* ns */
  GstClockID clock_id;
  gint64 group_arrival;         /* running time at which the group began */
  gint64 position;              /* running time written last */
  GstTagList *tags;             /* of the whole file */
  GstToc *toc;
};

/* Called with the lock; lets go of it to push. */
GstFlowReturn gst_h4mk_mux_drain (GstH4MkMux * self);

/* Called with the lock: forgets the file, so that the next data begin one. */
void gst_h4mk_mux_reset_file (GstH4MkMux * self);

/* Called with the lock: the task looks again at what is next. */
void gst_h4mk_mux_wake_task (GstH4MkMux * self);

/* Asks what is upstream of a pad whether it is live; without the lock. */
void gst_h4mk_mux_query_latency (GstH4MkMux * self, GstH4MkMuxPad * pad);

GstFlowReturn gst_h4mk_mux_chain (GstPad * pad, GstObject * parent,
    GstBuffer * buffer);
gboolean gst_h4mk_mux_sink_event (GstPad * pad, GstObject * parent,
    GstEvent * event);
gboolean gst_h4mk_mux_sink_query (GstPad * pad, GstObject * parent,
    GstQuery * query);

/* The task of a live muxer. */
void gst_h4mk_mux_task (gpointer user_data);

/* Called with the lock: the running time by the pipeline's clock, or
 * G_MININT64. */
gint64 gst_h4mk_mux_get_now (GstH4MkMux * self);

G_END_DECLS

#endif
