/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_MUX_PAD_H__
#define __GST_H4MK_MUX_PAD_H__

#include <gst/gst.h>
#include <gst/base/base.h>

#include "gsth4mkwriter.h"

G_BEGIN_DECLS

/**
 * GstH4MkPadKind:
 * @GST_H4MK_PAD_KIND_AUTO: from the caps, then from the pad's name
 * @GST_H4MK_PAD_KIND_VIDEO: video
 * @GST_H4MK_PAD_KIND_AUDIO: audio
 * @GST_H4MK_PAD_KIND_SUBTITLE: subtitles
 * @GST_H4MK_PAD_KIND_DATA: anything else
 *
 * Since: 1.0
 */
typedef enum
{
  GST_H4MK_PAD_KIND_AUTO = -1,
  GST_H4MK_PAD_KIND_VIDEO = GST_H4MK_TRACK_VIDEO,
  GST_H4MK_PAD_KIND_AUDIO = GST_H4MK_TRACK_AUDIO,
  GST_H4MK_PAD_KIND_SUBTITLE = GST_H4MK_TRACK_SUBTITLE,
  GST_H4MK_PAD_KIND_DATA = GST_H4MK_TRACK_DATA
} GstH4MkPadKind;

#define GST_TYPE_H4MK_PAD_KIND (gst_h4mk_pad_kind_get_type ())
GType gst_h4mk_pad_kind_get_type (void);

/* What the stream said of itself since the item before. It stays at its place
 * in the stream, so that the file does not depend on how threads run. */
typedef struct
{
  GstCaps *caps;
  GstTagList *tags;             /* of the track */
  GstTagList *global_tags;      /* of the file */
} GstH4MkMuxChange;

/* What waits to be written, in the order of its pad. A gap has no buffer: it
 * only says that nothing comes before its time. */
typedef struct
{
  GstBuffer *buffer;
  GstH4MkMuxChange *change;     /* in force from here on; NULL: as before */
  GstH4mkRecord record;
  gint64 time;                  /* running time that it is ordered by */
  gsize size;
} GstH4MkMuxItem;

#define GST_TYPE_H4MK_MUX_PAD (gst_h4mk_mux_pad_get_type ())
G_DECLARE_FINAL_TYPE (GstH4MkMuxPad, gst_h4mk_mux_pad, GST, H4MK_MUX_PAD,
    GstPad)

struct _GstH4MkMuxPad
{
  GstPad parent;

  /* properties, under the object lock */
  gchar *track_name;
  gchar *language;
  gchar *stream_id;
  GstH4MkPadKind kind;
  gint max_size_bytes;          /* atomic */

  /* streaming thread of this pad */
  GstSegment segment;
  guint64 next_index;
  gboolean masked;

  /* under the muxer's lock */
  GstQueueArray *ring;          /* of GstH4MkMuxItem */
  GCond room;
  gsize ring_bytes;
  gint64 last_time;             /* of the newest item; G_MININT64: none */
  GstH4MkMuxChange *change;     /* goes with the next item */
  gboolean eos;
  gboolean flushing;
  gboolean leaving;             /* released, but its ring is not empty yet */
  gboolean live;
  guint64 min_latency;          /* ns, of what is upstream */
  GThread *thread;              /* that brought the newest item */
  gboolean waiting;             /* it waits for room */
  GstToc *toc;

  /* the writing thread, under the muxer's lock */
  guint id;
  GstCaps *caps;                /* of the track as it is in TRAK; NULL: none */
  GstCaps *next_caps;           /* of the next block; NULL: the same */
  GstTagList *tags;
};

/* All of these are called with the muxer's lock. */
void gst_h4mk_mux_pad_reset (GstH4MkMuxPad * pad);
void gst_h4mk_mux_pad_flush (GstH4MkMuxPad * pad);
void gst_h4mk_mux_pad_push (GstH4MkMuxPad * pad, GstH4MkMuxItem * item);
gboolean gst_h4mk_mux_pad_pop (GstH4MkMuxPad * pad, GstH4MkMuxItem * item);
GstH4MkMuxItem *gst_h4mk_mux_pad_peek (GstH4MkMuxPad * pad);
gboolean gst_h4mk_mux_pad_is_full (GstH4MkMuxPad * pad);
void gst_h4mk_mux_item_clear (GstH4MkMuxItem * item);

/* Takes caps and tags; any of them may be NULL. */
void gst_h4mk_mux_pad_announce (GstH4MkMuxPad * pad, GstCaps * caps,
    GstTagList * tags);
/* The writing thread has come to a change, which it takes: what it says of the
 * whole file is added to global_tags. */
void gst_h4mk_mux_pad_apply (GstH4MkMuxPad * pad, GstH4MkMuxChange * change,
    GstTagList ** global_tags);

/* Streaming thread. The running time of a time of the pad's segment. */
gboolean gst_h4mk_mux_pad_get_running_time (GstH4MkMuxPad * pad,
    GstClockTime time, gint64 * running);

/* Streaming thread. What TOKN stores of a buffer; takes nothing. */
void gst_h4mk_mux_pad_describe (GstH4MkMuxPad * pad, GstBuffer * buffer,
    GstH4MkMuxItem * item);

/* Caps as a file holds them: system memory, plain types. NULL with the
 * reason. */
GstCaps *gst_h4mk_mux_pad_storable_caps (GstH4MkMuxPad * pad,
    const GstCaps * caps, GError ** error);

/* Adds the pad's track, with caps, to a TRAK to be. */
void gst_h4mk_mux_pad_add_track (GstH4MkMuxPad * pad, GstH4mkTracks * tracks,
    gboolean with_tags);

GstH4mkTrackKind gst_h4mk_mux_pad_get_track_kind (GstH4MkMuxPad * pad,
    const GstCaps * caps);

G_END_DECLS

#endif
