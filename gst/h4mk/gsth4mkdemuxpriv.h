/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_DEMUX_PRIV_H__
#define __GST_H4MK_DEMUX_PRIV_H__

/* What the parts of h4mkdemux share: the element, reading by pull or push,
 * where to play from, and the streams that go out. */

#include <gst/base/base.h>

#include "gsth4mkdemux.h"
#include "gsth4mkindex.h"
#include "gsth4mkverify.h"

G_BEGIN_DECLS

/* Blocks up to this size are copied: in a queue, a small one would keep a
 * window of a megabyte alive. */
#define GST_H4MK_DEMUX_COPY_MAX 2048

/* What is read where the size of the next group is not known. */
#define GST_H4MK_DEMUX_READ_AHEAD (64 << 10)
/* ... and behind a jump, from where on they grow */
#define GST_H4MK_DEMUX_READ_FIRST (16 << 10)

typedef enum
{
  GST_H4MK_DEMUX_VERIFY_NONE,
  GST_H4MK_DEMUX_VERIFY_CRC,
  GST_H4MK_DEMUX_VERIFY_CHAIN
} GstH4MkDemuxVerify;

typedef enum
{
  GST_H4MK_DEMUX_ON_ERROR_STOP,
  GST_H4MK_DEMUX_ON_ERROR_SKIP
} GstH4MkDemuxOnError;

/* What is done with pushed bytes. */
typedef enum
{
  GST_H4MK_DEMUX_PUSH_START,    /* it is not known whether upstream can seek */
  GST_H4MK_DEMUX_PUSH_OPEN,
  GST_H4MK_DEMUX_PUSH_PLAN,     /* of a seek */
  GST_H4MK_DEMUX_PUSH_PLAY,
  GST_H4MK_DEMUX_PUSH_RESYNC
} GstH4MkDemuxPushPhase;

/* A track on its way out. Streaming thread. */
typedef struct
{
  guint id;
  GstH4mkTrackKind kind;
  gboolean masked;
  GstPad *pad;
  GstStream *stream;
  GstCaps *caps;
  GstTagList *tags;
  gboolean added;               /* the pad is the element's */
  gboolean need_segment;
  gboolean need_tags;
  gboolean discont;
  gboolean eos;                 /* past the segment's stop */
  gint64 position;              /* shifted pts up to which it was served */

  /* where a seek lets it begin */
  guint64 first_group;          /* offset of the first TOKN that it plays */
  guint64 first_block;          /* index of the first block */
  gboolean wait_key;            /* nothing before a key block */
} GstH4MkStream;

/* Blocks that are played forwards, one unit after the other backwards. */
typedef struct
{
  guint64 first_block;
  guint64 end_block;            /* the first one after; G_MAXUINT64: the end */
  guint64 token_offset;
  gint64 pts;                   /* of its key block, stored; G_MININT64: none */
} GstH4MkUnit;

struct _GstH4MkDemux
{
  GstElement parent;

  GstPad *sinkpad;

  /* properties, under the object lock */
  GstH4MkDemuxVerify verify;
  GstH4MkDemuxOnError on_error;
  gchar *trusted_key;
  gboolean tail;

  /* streaming thread */
  gboolean pull;
  gboolean opened;
  GstH4MkDemuxVerify checks;    /* verify and on-error as they were at start */
  gboolean skips;
  gboolean signed_only;         /* a key is trusted: it must have signed all */
  gboolean tails;
  guint64 file_size;
  GstH4mkIndex *index;
  GstH4mkParser *parser;
  GstH4mkProof *proof;
  GstH4mkTracks *tracks;        /* that the pads stand for */

  GstBuffer *window;            /* bytes of the file, mapped */
  GstMapInfo window_map;
  guint64 window_offset;
  gsize readahead;
  gboolean meta_loaded;         /* final tags are known */
  gboolean error_posted;
  guint64 next_block;           /* index of the block that comes next, or less */
  gboolean resyncing;           /* from resync_from on */
  guint64 resync_from;
  guint64 resynced_at;          /* where that led last */

  /* push mode: streaming thread, under the stream lock of the sink pad */
  GstH4MkDemuxPushPhase phase;
  gboolean can_seek;            /* upstream can, in bytes */
  GstAdapter *adapter;
  guint64 adapter_offset;       /* of its first byte, or of the next to come */
  gboolean at_end;              /* upstream has no more */
  gboolean ended;               /* EOS went out */
  gboolean awaits_flush;        /* a seek is on its way up: drop what comes */
  GPtrArray *pieces;            /* fetched for the index, oldest first */
  gsize pieces_size;
  guint64 want_offset;          /* what is being fetched */
  gsize want_size;              /* 0: nothing is */
  guint fetches;                /* for what is going on now */
  GstEvent *pending_seek;
  GstH4mkIndex *lookahead;      /* of a stream that cannot seek */
  guint64 data_offset;          /* behind the first TRAK of such a stream */
  gint64 displacement;          /* as its last LINK says */
  gboolean has_links;

  GPtrArray *streams;           /* of GstH4MkStream, in the order of TRAK */
  guint n_pads[GST_H4MK_TRACK_DATA + 1];        /* numbers given, by kind */
  GstFlowCombiner *flows;
  GstStreamCollection *collection;
  GstTagList *tags;
  guint group_id;
  gboolean has_group_id;
  gint64 shift;                 /* ns, added to stored times */
  gint64 start;                 /* ns, shifted time of stream time 0 */
  gboolean has_start;

  guint32 seqnum;
  guint64 group_offset;         /* of the TOKN that is being played */
  gint64 gap_position;          /* where sparse streams were looked at last */
  GArray *refs;                 /* of GstH4mkSeekRef: single groups to play */
  guint next_ref;               /* of those not yet read; len: none left */
  gboolean in_refs;             /* one of them is being read */
  guint64 play_offset;          /* where playing goes on after the refs */
  GArray *units;                /* of GstH4MkUnit, backwards only */
  gint unit;                    /* index of the one being played */
  guint64 run;                  /* number of the first span of units */

  GMutex wait_lock;             /* a growing file, waited for */
  GCond wait_cond;
  gboolean flushing;
  guint32 seek_seqnum;          /* of the last seek, done or not */
  gboolean seek_result;         /* what it came to */
  guint32 byte_seqnum;          /* of the last byte seek that went up */

  /* object lock */
  gboolean seekable;            /* in time */

  /* written by the streaming thread under the object lock, read by queries */
  gint64 duration;              /* ns, or -1 */
  GstSegment segment;           /* in stream time: 0 is the first group */
};

/* gsth4mkdemuxstream.c: streams, their pads and what goes out */
gboolean gst_h4mk_demux_set_tracks (GstH4MkDemux * self,
    GstH4mkTracks * tracks, GError ** error);
gboolean gst_h4mk_demux_set_base_stream (GstH4MkDemux * self,
    guint64 block_size, gdouble fps_hint, guint gop, gboolean masked,
    GError ** error);
void gst_h4mk_stream_free (gpointer stream);
void gst_h4mk_demux_free_streams (GstH4MkDemux * self);
GstH4MkStream *gst_h4mk_demux_find_stream (GstH4MkDemux * self, guint id);
/* Takes the buffer. */
GstFlowReturn gst_h4mk_demux_push_block (GstH4MkDemux * self,
    GstH4MkStream * stream, const GstH4mkItem * item, GstBuffer * buffer);
gboolean gst_h4mk_demux_wants_block (GstH4MkDemux * self,
    GstH4MkStream * stream, const GstH4mkItem * item);
/* To every pad; takes the event. */
gboolean gst_h4mk_demux_push_event (GstH4MkDemux * self, GstEvent * event);
void gst_h4mk_demux_new_segment (GstH4MkDemux * self);
void gst_h4mk_demux_push_gap (GstH4MkDemux * self, GstH4MkStream * stream,
    GstClockTime time, GstClockTime duration);
gboolean gst_h4mk_demux_all_done (GstH4MkDemux * self);
void gst_h4mk_demux_flush_events (GstH4MkDemux * self);
void gst_h4mk_demux_load_tags (GstH4MkDemux * self, JsonObject * meta);
void gst_h4mk_demux_load_attachments (GstH4MkDemux * self,
    GPtrArray * attachments);
void gst_h4mk_demux_send_toc (GstH4MkDemux * self, JsonObject * meta);
/* Where the first group decides it: shift, start, segment. */
void gst_h4mk_demux_set_start (GstH4MkDemux * self, gint64 shift,
    gint64 start);

/* gsth4mkdemuxplay.c: what is read, and what is done with it */
GstFlowReturn gst_h4mk_demux_handle_item (GstH4MkDemux * self,
    const GstH4mkItem * item, GstBuffer * payload);
GstFlowReturn gst_h4mk_demux_handle_damage (GstH4MkDemux * self,
    const GstH4mkItem * item, const GError * damage);
void gst_h4mk_demux_post_error (GstH4MkDemux * self, const GError * error);
void gst_h4mk_demux_jump (GstH4MkDemux * self, guint64 offset,
    guint64 next_block);

/* Damage is passed over: the next read looks for a sound group. */
void gst_h4mk_demux_begin_resync (GstH4MkDemux * self);
/* What follows the last item of a single group from before a span. */
GstFlowReturn gst_h4mk_demux_end_item (GstH4MkDemux * self,
    const GstH4mkItem * item, GstFlowReturn flow);
/* Nothing more is played. */
void gst_h4mk_demux_end_streams (GstH4MkDemux * self, GstFlowReturn flow);

/* gsth4mkdemuxopen.c */
/* May fail with G_IO_ERROR_WOULD_BLOCK and is then called again. */
gboolean gst_h4mk_demux_open (GstH4MkDemux * self, guint64 file_size,
    GError ** error);
void gst_h4mk_demux_close_index (GstH4MkDemux * self);
gboolean gst_h4mk_demux_open_proof (GstH4MkDemux * self, GError ** error);
void gst_h4mk_demux_new_parser (GstH4MkDemux * self);
void gst_h4mk_demux_set_duration (GstH4MkDemux * self, gint64 duration);
/* A GstH4mkReadFunc */
GBytes *gst_h4mk_demux_read (guint64 offset, gsize size, gpointer user_data,
    GError ** error);

/* gsth4mkdemuxpull.c */
void gst_h4mk_demux_loop (GstPad * pad);
void gst_h4mk_demux_drop_window (GstH4MkDemux * self);
GBytes *gst_h4mk_demux_pull_bytes (GstH4MkDemux * self, guint64 offset,
    gsize size, GError ** error);

/* gsth4mkdemuxplan.c: FALSE with G_IO_ERROR_WOULD_BLOCK: to be called again */
gboolean gst_h4mk_demux_plan (GstH4MkDemux * self, GstSegment * segment,
    GstSeekFlags flags, GError ** error);
/* Goes on to what is to be read next; EOS where nothing is. */
GstFlowReturn gst_h4mk_demux_next_unit (GstH4MkDemux * self);
GstFlowReturn gst_h4mk_demux_next_ref (GstH4MkDemux * self);

/* gsth4mkdemuxseek.c */
gboolean gst_h4mk_demux_seek (GstH4MkDemux * self, GstEvent * event);
/* Goes on with the pending seek; FALSE: it must wait for bytes. Where it
 * comes to nothing, what was played goes on. */
gboolean gst_h4mk_demux_continue_seek (GstH4MkDemux * self, gboolean * ok);

/* gsth4mkdemuxfetch.c: pieces of a stream, by byte seeks upstream */
GBytes *gst_h4mk_demux_fetch (GstH4MkDemux * self, guint64 offset, gsize size,
    GError ** error);
void gst_h4mk_demux_drop_pieces (GstH4MkDemux * self);
/* more: bytes must come first */
GstFlowReturn gst_h4mk_demux_gather (GstH4MkDemux * self, gboolean * more);
GstFlowReturn gst_h4mk_demux_align (GstH4MkDemux * self, guint64 offset,
    gboolean * more);
GstEvent *gst_h4mk_demux_new_byte_seek (GstH4MkDemux * self, guint64 offset);

/* gsth4mkdemuxpush.c */
GstFlowReturn gst_h4mk_demux_chain (GstPad * pad, GstObject * parent,
    GstBuffer * buffer);
gboolean gst_h4mk_demux_sink_event (GstPad * pad, GstObject * parent,
    GstEvent * event);
void gst_h4mk_demux_reset_push (GstH4MkDemux * self);

G_END_DECLS

#endif
