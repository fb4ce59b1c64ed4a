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
  guint64 latency;              /* ns */

  GMutex lock;                  /* all that follows, and the pads' rings */
  GCond wake;                   /* for whoever waits in gst_h4mk_mux_wait() */
  guint n_waiting;
  GstH4MkMuxSettings file_settings;     /* as they were at READY to PAUSED */
  GList *pads;                  /* of GstH4MkMuxPad, in order of their ids */
  GSList *gone;                 /* of GstH4MkMuxPad, to be unreffed unlocked */
  guint last_id;
  guint n_named[4];             /* the next number of each template */
  GstH4MkMuxOut *out;           /* NULL between files */
  GstFlowReturn flow;
  gboolean flushing;
  gboolean draining;            /* one thread writes and pushes; the rest queue */
  GThread *drainer;             /* that thread */
  gboolean finished;            /* EOS was pushed */
  gboolean restarting;          /* a flush after EOS is on its way downstream */
  gboolean end_group;           /* asked for by the signal */
  gboolean tracks_changed;      /* a track left */
  gboolean live;
  guint64 upstream_latency;     /* ns */
  GstClockID clock_id;          /* the task waits for it */
  gint64 clock_deadline;        /* running time that it waits for */
  gint64 group_arrival;         /* running time at which the group began */
  gint64 position;              /* running time written last */
  GstTagList *tags;             /* of the whole file, from the streams */
};

/* Reads the key that signs, if one is named and not read yet. These two post
 * what is wrong where they return FALSE. */
gboolean gst_h4mk_mux_load_key (GstH4MkMux * self);
/* Takes the settings that the next files are made with. */
gboolean gst_h4mk_mux_take_settings (GstH4MkMux * self);
void gst_h4mk_mux_forget_key (GstH4MkMux * self);

/* Called with the lock; lets go of it to push. */
void gst_h4mk_mux_drain (GstH4MkMux * self);

/* Called with the lock: has the task drain, for a thread that must not push. */
void gst_h4mk_mux_drain_soon (GstH4MkMux * self);

/* Called with the lock, which it lets go of: no thread writes any more. */
void gst_h4mk_mux_wait_drained (GstH4MkMux * self);

/* Called with the lock: forgets the file, so that the next data begin one. */
void gst_h4mk_mux_reset_file (GstH4MkMux * self);

/* Called with the lock: the pad has nothing more to write. */
void gst_h4mk_mux_drop_pad (GstH4MkMux * self, GstH4MkMuxPad * pad);

/* Called with the lock: the task looks again at what is next. */
void gst_h4mk_mux_wake_task (GstH4MkMux * self);

/* Called with the lock: the same, where it sleeps beyond what is next now. */
void gst_h4mk_mux_check_task (GstH4MkMux * self);

/* Called with the lock: starts it where one is needed. */
void gst_h4mk_mux_start_task (GstH4MkMux * self);

/* Called with the lock: what the pads said of being live, put together. */
void gst_h4mk_mux_update_latency (GstH4MkMux * self);

/* Asks what is upstream of a pad whether it is live; without the lock. */
void gst_h4mk_mux_query_latency (GstH4MkMux * self, GstH4MkMuxPad * pad);

GstFlowReturn gst_h4mk_mux_chain (GstPad * pad, GstObject * parent,
    GstBuffer * buffer);
gboolean gst_h4mk_mux_sink_event (GstPad * pad, GstObject * parent,
    GstEvent * event);
gboolean gst_h4mk_mux_sink_query (GstPad * pad, GstObject * parent,
    GstQuery * query);

G_END_DECLS

#endif
