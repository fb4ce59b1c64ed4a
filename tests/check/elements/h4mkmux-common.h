/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __TEST_H4MK_MUX_COMMON_H__
#define __TEST_H4MK_MUX_COMMON_H__

#include <gst/check/gstcheck.h>
#include <gst/check/gsttestclock.h>

#include "harmony4.h"
#include "../lib/h4mkwalk.h"

G_BEGIN_DECLS

#define VIDEO_CAPS "video/x-vp8,width=64,height=48,framerate=25/1"
#define AUDIO_CAPS "audio/x-opus,rate=48000,channels=2"
#define TEXT_CAPS "text/x-raw,format=utf8"

#define MS GST_MSECOND
#define KEY 0
#define DELTA GST_BUFFER_FLAG_DELTA_UNIT

/* Big-endian, from any address. */
static inline guint32
mux_u32 (const guint8 * p)
{
  return (guint32) p[0] << 24 | (guint32) p[1] << 16 | p[2] << 8 | p[3];
}

/* A buffer that the muxer pushed. */
typedef struct
{
  gsize offset;                 /* in the file of the test */
  gsize size;
  guint64 said_offset;          /* by the buffer */
  guint64 said_end;
  GstClockTime pts;
  GstBufferFlags flags;
  GstClockTime arrival;         /* by the muxer's clock */
} MuxOutput;

/* A muxer and what it pushed. Sources push in the thread of the test. */
typedef struct
{
  GstElement *mux;
  GstBus *bus;
  GstPad *sink;
  GstTestClock *clock;          /* NULL: no clock */
  GPtrArray *sources;           /* of GstPad */

  GMutex lock;                  /* what follows */
  GCond cond;
  GByteArray *bytes;
  GArray *outputs;              /* of MuxOutput */
  GPtrArray *caps;              /* of GstCaps */
  GString *events;              /* names of events but caps, one a word */
  guint n_eos;
  gboolean keep_bytes;
  gboolean signs;               /* only who has the key finds it complete */
  gboolean blocked;             /* the sink blocks until it flushes */
  GstFlowReturn flow;           /* that the sink returns */
} Mux;

/* Properties as gst-launch-1.0 takes them; goes to PLAYING. */
void mux_init (Mux * mux, const gchar * properties);
/* The same, left in NULL. */
void mux_init_null (Mux * mux, const gchar * properties);
void mux_play (Mux * mux);
/* With a test clock at 0, which is the base time. */
void mux_init_clocked (Mux * mux, const gchar * properties);
/* Fails where anything of the muxer is left. */
void mux_clear (Mux * mux);

/* A source that is linked to a pad of that name or template; caps may be NULL. */
GstPad *mux_add (Mux * mux, const gchar * name, const gchar * caps);
GstPad *mux_add_live (Mux * mux, const gchar * name, const gchar * caps,
    GstClockTime latency);
void mux_set_live (GstPad * source, GstClockTime latency);
/* Without stream-start, caps and segment. */
GstPad *mux_add_silent (Mux * mux, const gchar * name);
void mux_start_source (GstPad * source, const gchar * caps);
void mux_remove (Mux * mux, GstPad * source);
void mux_link_again (GstPad * source);
void mux_send_caps (GstPad * source, const gchar * caps);
void mux_send_gap (GstPad * source, GstClockTime time, GstClockTime duration);
void mux_send_tags (GstPad * source, GstTagScope scope, const gchar * text);
GstPad *mux_get_peer (GstPad * source);
/* as gst_util_set_object_arg() takes it, for the muxer's pad */
void mux_set_pad (GstPad * source, const gchar * property, const gchar * value);

/* Bytes that tell the blocks apart. */
GstBuffer *mux_buffer (gsize size, guint seed);
/* Times in ms; -1: none. */
GstFlowReturn mux_push (GstPad * source, gsize size, gint pts_ms, guint flags);
GstFlowReturn mux_push_full (GstPad * source, gsize size, GstClockTime pts,
    GstClockTime dts, GstClockTime duration, guint flags);
void mux_eos (GstPad * source);
void mux_eos_all (Mux * mux);
void mux_flush (GstPad * source);

/* Waits until the muxer pushed so many caps, bytes, whole groups (and fails
 * where there are more), or EOS. */
void mux_wait_caps (Mux * mux, guint n);
void mux_wait_groups (Mux * mux, guint n);
void mux_wait_bytes (Mux * mux, gsize n);
void mux_wait_eos (Mux * mux, guint n);
/* Waits until the muxer's task waits for that time of the test clock. */
void mux_wait_task (Mux * mux, GstClockTime time);
/* Sets the clock and lets the task see it. */
void mux_set_time (Mux * mux, GstClockTime time);

/* The file so far, checked to the last bit. */
void mux_walk (Mux * mux, Walk * walk, gboolean link);
/* Chunks of what was pushed so far, whole or not. */
guint mux_count_chunks (Mux * mux, guint32 tag);
/* Payload of the nth chunk with that tag. */
gchar *mux_get_text (Mux * mux, guint32 tag, guint n);
void mux_check_text (Mux * mux, guint32 tag, guint n, const gchar * expected);
/* Which tracks the blocks are of, in file order, as in "1121". */
gchar *mux_get_order (Mux * mux);
void mux_check_order (Mux * mux, const gchar * expected);
/* Whole groups pushed so far. */
guint mux_count_groups (Mux * mux);
GBytes *mux_take_file (Mux * mux);
/* One error was posted and no other, and its texts hold these. */
void mux_check_error (Mux * mux, GQuark domain, gint code, const gchar * text);
guint64 mux_get_stat (Mux * mux, const gchar * name);
GBytes *mux_load_vector (const gchar * name);
/* To EOS; any error fails the test. */
void mux_run_pipeline (const gchar * launch);

G_END_DECLS

#endif
