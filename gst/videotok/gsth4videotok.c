/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-h4videotok
 * @title: h4videotok
 * @short_description: timing tokens of any stream
 *
 * Says of every block of a stream when it is shown and whether decoding may
 * begin there, without looking into the block: 13 bytes a block, the
 * presentation time in µs (8 bytes), the block's index (4) and 1 for a key
 * block or 0 (1), big-endian.
 *
 * With #GstH4VideoTok:block-size 0 a buffer is a block, with the timestamps
 * and key frames that the stream has. Otherwise the stream is taken as bytes
 * and cut into blocks of that size, the last one shorter. Block i of such a
 * stream, or of one that has no timestamps, begins at
 * i · floor(10⁶ / #GstH4VideoTok:fps-hint) µs and is a key block where
 * #GstH4VideoTok:gop divides i. A flush starts the count anew.
 *
 * With #GstH4VideoTok:output set to `blocks` the blocks themselves go out,
 * with the same timing. Either way every buffer carries a #GstH4BlockMeta
 * with the block's index, size and kind: I for a key block, B for one that is
 * droppable or shown before a block that came earlier, P for the rest.
 * Where bytes are cut and upstream knows how many there are, a duration query
 * in #GST_FORMAT_BUFFERS is answered with the number of blocks.
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 videotestsrc num-buffers=60 ! theoraenc ! h4videotok ! fakesink dump=true
 * ]| Prints the token of every frame.
 * |[
 * gst-launch-1.0 videotestsrc num-buffers=60 ! theoraenc ! oggmux ! filesink location=test.ogg
 * gst-launch-1.0 filesrc location=test.ogg ! h4videotok block-size=1024 gop=4 ! filesink location=test.tokens
 * ]| Cuts a file into blocks of 1 KiB and writes their tokens.
 *
 * Since: 1.0
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4-i18n.h"
#include "gsth4blockadapter.h"
#include "gsth4blocktiming.h"
#include "gsth4meta.h"
#include "gsth4videotok.h"
#include "gsth4videotoken.h"

GST_DEBUG_CATEGORY_STATIC (gst_h4_video_tok_debug);
#define GST_CAT_DEFAULT gst_h4_video_tok_debug

#define DEFAULT_OUTPUT GST_H4_VIDEO_TOK_OUTPUT_TOKENS
#define DEFAULT_BLOCK_SIZE 0
#define DEFAULT_FPS_HINT 30.0
#define DEFAULT_GOP 30

/* What a container block may hold at most. */
#define MAX_BLOCK_SIZE (1 << 30)

#define BLOCK_FLAGS (GST_BUFFER_FLAG_DISCONT | GST_BUFFER_FLAG_RESYNC \
    | GST_BUFFER_FLAG_DELTA_UNIT | GST_BUFFER_FLAG_DROPPABLE)

enum
{
  PROP_0,
  PROP_OUTPUT,
  PROP_BLOCK_SIZE,
  PROP_FPS_HINT,
  PROP_GOP,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

/**
 * GstH4VideoTokOutput:
 * @GST_H4_VIDEO_TOK_OUTPUT_TOKENS: a token of 13 bytes a block
 * @GST_H4_VIDEO_TOK_OUTPUT_BLOCKS: the blocks themselves
 *
 * Since: 1.0
 */
typedef enum
{
  GST_H4_VIDEO_TOK_OUTPUT_TOKENS,
  GST_H4_VIDEO_TOK_OUTPUT_BLOCKS
} GstH4VideoTokOutput;

#define GST_TYPE_H4_VIDEO_TOK_OUTPUT (gst_h4_video_tok_output_get_type ())

#define TIMING_CAPS "block-size = (int) [ 0, 1073741824 ], " \
    "fps-hint = (double) [ 0.001, 1000000.0 ], gop = (int) [ 1, 2147483647 ]"

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("application/x-h4-token, domain = (string) video, "
        TIMING_CAPS "; application/x-h4-blocks, " TIMING_CAPS));

/* A block on its way out. */
typedef struct
{
  guint64 index;
  guint64 size;
  guint64 pts_us;
  GstClockTime pts;
  GstClockTime dts;
  GstClockTime duration;
  guint flags;
  GstH4Kind kind;
} GstH4VideoTokBlock;

struct _GstH4VideoTok
{
  GstElement parent;

  GstPad *sinkpad;
  GstPad *srcpad;

  /* properties, under the object lock */
  GstH4VideoTokOutput output;
  guint block_size;
  gdouble fps_hint;
  gint gop;

  /* settings in force, constant from PAUSED until READY */
  GstH4VideoTokOutput mode;
  GstH4BlockTiming timing;

  /* streaming thread */
  GstH4BlockAdapter adapter;
  guint64 available;            /* bytes that wait for their block's end */
  guint64 wanted;               /* bytes of the block at hand */
  guint64 index;
  GstH4KindTracker tracker;
  GstClockTime last_pts;
  gboolean timed;               /* a buffer had a timestamp */
  gboolean discont;
  gboolean may_go_on;           /* a segment with the block at hand */
  gboolean joined;              /* one did, so that its first byte is no jump */
  gboolean caps_sent;

  /* written by the streaming thread under the object lock */
  GstSegment segment;
  GstFormat upstream_format;
};

G_DEFINE_TYPE_WITH_CODE (GstH4VideoTok, gst_h4_video_tok, GST_TYPE_ELEMENT,
    GST_DEBUG_CATEGORY_INIT (gst_h4_video_tok_debug, "h4videotok", 0,
        "timing tokens"));
GST_ELEMENT_REGISTER_DEFINE (h4videotok, "h4videotok", GST_RANK_NONE,
    GST_TYPE_H4_VIDEO_TOK);

static GType
gst_h4_video_tok_output_get_type (void)
{
  static const GEnumValue values[] = {
    {GST_H4_VIDEO_TOK_OUTPUT_TOKENS, "A token of 13 bytes a block", "tokens"},
    {GST_H4_VIDEO_TOK_OUTPUT_BLOCKS, "The blocks themselves", "blocks"},
    {0, NULL, NULL}
  };
  static gsize type = 0;

  if (g_once_init_enter (&type)) {
    GType t = g_enum_register_static ("GstH4VideoTokOutput", values);
    g_once_init_leave (&type, t);
  }
  return type;
}

static gboolean
is_cutting (GstH4VideoTok * self)
{
  return self->timing.block_size > 0;
}

/* Whether times come from fps-hint whatever the buffers say. */
static gboolean
is_synthetic (GstH4VideoTok * self)
{
  return is_cutting (self) || self->upstream_format != GST_FORMAT_TIME;
}

/* What a new stream, a flush and a jump have in common. */
static void
gst_h4_video_tok_restart (GstH4VideoTok * self, guint64 offset)
{
  gst_h4_block_adapter_clear (&self->adapter);
  gst_h4_kind_tracker_init (&self->tracker);
  self->available = 0;
  self->index = 0;
  self->wanted = self->timing.block_size;
  if (is_cutting (self)) {
    self->index = offset / self->timing.block_size;
    self->wanted -= offset % self->timing.block_size;
  }
  self->last_pts = GST_CLOCK_TIME_NONE;
  self->timed = FALSE;
  self->discont = TRUE;
  self->may_go_on = self->joined = FALSE;
}

static void
gst_h4_video_tok_set_segment (GstH4VideoTok * self, const GstSegment * segment,
    GstFormat upstream_format)
{
  GST_OBJECT_LOCK (self);
  self->segment = *segment;
  self->upstream_format = upstream_format;
  GST_OBJECT_UNLOCK (self);
}

static void
gst_h4_video_tok_send_caps (GstH4VideoTok * self)
{
  GstCaps *caps;

  if (self->caps_sent)
    return;

  if (self->mode == GST_H4_VIDEO_TOK_OUTPUT_TOKENS) {
    caps = gst_caps_new_simple ("application/x-h4-token",
        "domain", G_TYPE_STRING, "video", NULL);
  } else {
    caps = gst_caps_new_empty_simple ("application/x-h4-blocks");
  }
  gst_caps_set_simple (caps,
      "block-size", G_TYPE_INT, (gint) self->timing.block_size,
      "fps-hint", G_TYPE_DOUBLE, self->timing.fps,
      "gop", G_TYPE_INT, self->timing.gop, NULL);
  gst_pad_push_event (self->srcpad, gst_event_new_caps (caps));
  gst_caps_unref (caps);
  self->caps_sent = TRUE;
}

/* A file with nothing in it brings no segment, yet a muxer needs one. */
static void
gst_h4_video_tok_send_headers (GstH4VideoTok * self)
{
  GstSegment segment;

  gst_h4_video_tok_send_caps (self);
  if (self->segment.format != GST_FORMAT_UNDEFINED)
    return;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_h4_video_tok_set_segment (self, &segment, self->upstream_format);
  gst_pad_push_event (self->srcpad, gst_event_new_segment (&segment));
}

static gboolean
gst_h4_video_tok_time_by_hint (GstH4VideoTok * self, GstH4VideoTokBlock * block)
{
  GstClockTime start;

  if (!gst_h4_block_timing_start (&self->timing, self->index, &start))
    return FALSE;
  if (!is_synthetic (self))
    start += self->segment.start;

  block->pts = start;
  block->dts = GST_CLOCK_TIME_NONE;
  block->duration = self->timing.step_ns;
  block->flags = 0;
  if (!gst_h4_block_timing_is_key (&self->timing, self->index))
    block->flags |= GST_BUFFER_FLAG_DELTA_UNIT;
  if (self->discont)
    block->flags |= GST_BUFFER_FLAG_DISCONT;
  block->pts_us = start / GST_USECOND;
  return TRUE;
}

static void
gst_h4_video_tok_time_by_buffer (GstH4VideoTok * self, GstBuffer * buffer,
    GstH4VideoTokBlock * block)
{
  GstClockTime time;

  block->pts = GST_BUFFER_PTS (buffer);
  block->dts = GST_BUFFER_DTS (buffer);
  block->duration = GST_BUFFER_DURATION (buffer);
  block->flags = GST_BUFFER_FLAGS (buffer) & BLOCK_FLAGS;

  time = GST_CLOCK_TIME_IS_VALID (block->pts) ? block->pts : block->dts;
  if (GST_CLOCK_TIME_IS_VALID (time)) {
    self->timed = TRUE;
    self->last_pts = time;
  } else if (!self->timed) {
    self->last_pts = self->segment.start;
  }
  block->pts_us = self->last_pts / GST_USECOND;
}

/* Headers come before the first timestamp in many a timed stream. */
static gboolean
has_own_time (GstH4VideoTok * self, GstBuffer * buffer)
{
  return !is_synthetic (self) && (self->timed
      || GST_BUFFER_PTS_IS_VALID (buffer) || GST_BUFFER_DTS_IS_VALID (buffer)
      || GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_HEADER));
}

/* @buffer: (nullable): the block, where a buffer is one */
static gboolean
gst_h4_video_tok_describe (GstH4VideoTok * self, GstBuffer * buffer,
    GstH4VideoTokBlock * block)
{
  const GstH4BlockMeta *meta = NULL;

  if (buffer && has_own_time (self, buffer))
    gst_h4_video_tok_time_by_buffer (self, buffer, block);
  else if (!gst_h4_video_tok_time_by_hint (self, block))
    return FALSE;

  block->kind = gst_h4_kind_tracker_next (&self->tracker,
      !(block->flags & GST_BUFFER_FLAG_DELTA_UNIT),
      (block->flags & GST_BUFFER_FLAG_DROPPABLE) != 0,
      GST_CLOCK_TIME_IS_VALID (block->pts), block->pts, NULL);

  if (buffer)
    meta = gst_buffer_get_h4_block_meta (buffer);
  if (meta) {
    block->index = meta->index;
    block->kind = meta->kind;
  }
  return self->mode == GST_H4_VIDEO_TOK_OUTPUT_BLOCKS
      || block->index <= G_MAXUINT32;
}

static GstBuffer *
gst_h4_video_tok_make_token (const GstH4VideoTokBlock * block)
{
  guint8 bytes[GST_H4_VIDEO_TOKEN_SIZE];
  GstH4VideoToken token = {
    .pts_us = block->pts_us,
    .block_index = block->index,
    .is_key = !(block->flags & GST_BUFFER_FLAG_DELTA_UNIT)
  };

  gst_h4_video_token_encode (&token, bytes);
  return gst_buffer_new_memdup (bytes, sizeof (bytes));
}

static void
gst_h4_video_tok_stamp (GstBuffer * buffer, const GstH4VideoTokBlock * block)
{
  GstH4BlockMeta *meta = gst_buffer_get_h4_block_meta (buffer);

  if (meta)
    gst_buffer_remove_meta (buffer, (GstMeta *) meta);
  gst_buffer_add_h4_block_meta (buffer, block->index, block->kind, block->size);

  GST_BUFFER_PTS (buffer) = block->pts;
  GST_BUFFER_DTS (buffer) = block->dts;
  GST_BUFFER_DURATION (buffer) = block->duration;
  GST_BUFFER_OFFSET (buffer) = block->index;
  GST_BUFFER_OFFSET_END (buffer) = block->index + 1;
  gst_buffer_unset_flags (buffer, BLOCK_FLAGS);
  gst_buffer_set_flags (buffer, block->flags);
}

static void
gst_h4_video_tok_advance (GstH4VideoTok * self,
    const GstH4VideoTokBlock * block)
{
  self->index++;
  self->discont = FALSE;
  if (!GST_CLOCK_TIME_IS_VALID (block->pts))
    return;

  GST_OBJECT_LOCK (self);
  self->segment.position = block->pts;
  if (GST_CLOCK_TIME_IS_VALID (block->duration))
    self->segment.position += block->duration;
  GST_OBJECT_UNLOCK (self);
}

/* @buffer: (transfer full) (nullable): the block; only a token can be made
 * without it.
 * @size: its bytes */
static GstFlowReturn
gst_h4_video_tok_push_block (GstH4VideoTok * self, GstBuffer * buffer,
    guint64 size)
{
  GstH4VideoTokBlock block = {.index = self->index,.size = size };

  if (!gst_h4_video_tok_describe (self, is_cutting (self) ? NULL : buffer,
          &block)) {
    gst_clear_buffer (&buffer);
    GST_ELEMENT_ERROR (self, STREAM, FORMAT,
        (_("The stream has more blocks than can be numbered.")),
        ("no token or time for block %" G_GUINT64_FORMAT, block.index));
    return GST_FLOW_ERROR;
  }
  gst_h4_video_tok_advance (self, &block);

  if (self->mode == GST_H4_VIDEO_TOK_OUTPUT_TOKENS) {
    gst_clear_buffer (&buffer);
    buffer = gst_h4_video_tok_make_token (&block);
  } else {
    buffer = gst_buffer_make_writable (buffer);
  }
  gst_h4_video_tok_stamp (buffer, &block);

  GST_LOG_OBJECT (self, "block %" G_GUINT64_FORMAT " kind %c: %"
      GST_PTR_FORMAT, block.index, gst_h4_kind_to_char (block.kind), buffer);
  return gst_pad_push (self->srcpad, buffer);
}

static GstFlowReturn
gst_h4_video_tok_finish_block (GstH4VideoTok * self, guint64 size)
{
  GstBuffer *buffer = NULL;

  if (self->mode == GST_H4_VIDEO_TOK_OUTPUT_BLOCKS) {
    buffer = gst_h4_block_adapter_take (&self->adapter, size);
  }
  self->available -= size;
  self->wanted = self->timing.block_size;
  return gst_h4_video_tok_push_block (self, buffer, size);
}

static GstFlowReturn
gst_h4_video_tok_cut (GstH4VideoTok * self, GstBuffer * buffer)
{
  GstFlowReturn ret = GST_FLOW_OK;

  self->available += gst_buffer_get_size (buffer);
  if (GST_BUFFER_IS_DISCONT (buffer) && !self->joined)
    self->discont = TRUE;
  self->joined = FALSE;
  if (self->mode == GST_H4_VIDEO_TOK_OUTPUT_BLOCKS)
    gst_h4_block_adapter_push (&self->adapter, buffer);
  else
    gst_buffer_unref (buffer);

  while (ret == GST_FLOW_OK && self->available >= self->wanted)
    ret = gst_h4_video_tok_finish_block (self, self->wanted);
  return ret;
}

/* The last block, although short. */
static GstFlowReturn
gst_h4_video_tok_drain (GstH4VideoTok * self)
{
  self->may_go_on = FALSE;
  if (self->available == 0)
    return GST_FLOW_OK;
  return gst_h4_video_tok_finish_block (self, self->available);
}

static GstFlowReturn
gst_h4_video_tok_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstH4VideoTok *self = GST_H4_VIDEO_TOK (parent);

  gst_h4_video_tok_send_headers (self);
  if (is_cutting (self))
    return gst_h4_video_tok_cut (self, buffer);
  return gst_h4_video_tok_push_block (self, buffer,
      gst_buffer_get_size (buffer));
}

/* Where the blocks of a segment end, as far as it says so. */
static GstClockTime
gst_h4_video_tok_find_stop (GstH4VideoTok * self, const GstSegment * in)
{
  guint64 count;
  GstClockTime stop;

  if (is_cutting (self) && in->format == GST_FORMAT_BYTES
      && in->stop != (guint64) - 1
      && gst_h4_block_timing_count (&self->timing, in->stop, &count)
      && gst_h4_block_timing_start (&self->timing, count, &stop))
    return stop;
  return GST_CLOCK_TIME_NONE;
}

/* The TIME segment of a stream whose times are made up. */
static gboolean
gst_h4_video_tok_make_segment (GstH4VideoTok * self, const GstSegment * in,
    GstSegment * out)
{
  GstClockTime time;

  gst_segment_init (out, GST_FORMAT_TIME);
  if (self->segment.format == GST_FORMAT_TIME)
    out->base = gst_segment_to_running_time (&self->segment, GST_FORMAT_TIME,
        self->segment.position);
  if (!is_cutting (self) || in->format != GST_FORMAT_BYTES)
    return TRUE;

  out->flags = in->flags;
  out->rate = in->rate;
  out->applied_rate = in->applied_rate;
  if (!gst_h4_block_timing_start (&self->timing,
          in->start / self->timing.block_size, &time))
    return FALSE;
  out->start = out->time = out->position = time;
  out->stop = gst_h4_video_tok_find_stop (self, in);
  return in->rate > 0;
}

/* Whether a segment goes on with the blocks that are being counted. */
static gboolean
is_more_of_the_same (GstH4VideoTok * self, const GstSegment * in)
{
  guint64 end = (self->index + 1) * self->timing.block_size - self->wanted
      + self->available;

  if (!self->may_go_on || self->upstream_format != in->format)
    return FALSE;
  return !is_cutting (self) || in->format != GST_FORMAT_BYTES
      || (in->start == end && in->rate == self->segment.rate);
}

/* Sends the TIME segment of a stream whose times are made up, unless the one
 * before serves. */
static gboolean
gst_h4_video_tok_begin_segment (GstH4VideoTok * self, const GstSegment * in,
    guint32 seqnum)
{
  gboolean is_bytes = in->format == GST_FORMAT_BYTES;
  GstSegment out = self->segment;
  GstEvent *event;

  if (is_more_of_the_same (self, in)) {
    self->joined = is_bytes;
    out.stop = gst_h4_video_tok_find_stop (self, in);
    if (out.stop == self->segment.stop)
      return TRUE;
  } else {
    gst_h4_video_tok_drain (self);
    if (!gst_h4_video_tok_make_segment (self, in, &out)) {
      GST_ELEMENT_ERROR (self, STREAM, FORMAT,
          (_("The stream cannot be cut into blocks from here.")),
          ("no block times for %" GST_SEGMENT_FORMAT, in));
      return FALSE;
    }
    gst_h4_video_tok_restart (self, is_bytes ? in->start : 0);
    self->may_go_on = TRUE;
  }
  gst_h4_video_tok_set_segment (self, &out, in->format);
  event = gst_event_new_segment (&out);
  gst_event_set_seqnum (event, seqnum);
  return gst_pad_push_event (self->srcpad, event);
}

static gboolean
gst_h4_video_tok_sink_segment (GstH4VideoTok * self, GstEvent * event)
{
  const GstSegment *in;
  gboolean ok;

  gst_event_parse_segment (event, &in);
  if (!is_cutting (self) && in->format == GST_FORMAT_TIME) {
    gst_h4_video_tok_set_segment (self, in, in->format);
    return gst_pad_push_event (self->srcpad, event);
  }
  ok = gst_h4_video_tok_begin_segment (self, in, gst_event_get_seqnum (event));
  gst_event_unref (event);
  return ok;
}

static void
gst_h4_video_tok_flush_stop (GstH4VideoTok * self, GstEvent * event)
{
  GstSegment segment;
  gboolean reset_time;

  gst_event_parse_flush_stop (event, &reset_time);
  gst_h4_video_tok_restart (self, 0);
  if (reset_time) {
    gst_segment_init (&segment, GST_FORMAT_UNDEFINED);
    gst_h4_video_tok_set_segment (self, &segment, GST_FORMAT_UNDEFINED);
  }
}

static gboolean
gst_h4_video_tok_sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstH4VideoTok *self = GST_H4_VIDEO_TOK (parent);
  gboolean ret;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      /* Where blocks are counted it may go on: its segment says so. */
      if (!is_synthetic (self))
        gst_h4_video_tok_restart (self, 0);
      ret = gst_pad_event_default (pad, parent, event);
      gst_h4_video_tok_send_caps (self);
      return ret;
    case GST_EVENT_CAPS:
      gst_event_unref (event);
      gst_h4_video_tok_send_caps (self);
      return TRUE;
    case GST_EVENT_SEGMENT:
      gst_h4_video_tok_send_caps (self);
      return gst_h4_video_tok_sink_segment (self, event);
    case GST_EVENT_GAP:
      gst_h4_video_tok_send_headers (self);
      /* Made-up times leave no gaps, and upstream's do not fit them. */
      if (is_synthetic (self)) {
        gst_event_unref (event);
        return TRUE;
      }
      break;
    case GST_EVENT_SEGMENT_DONE:
    case GST_EVENT_EOS:
      gst_h4_video_tok_send_headers (self);
      gst_h4_video_tok_drain (self);
      break;
    case GST_EVENT_FLUSH_STOP:
      gst_h4_video_tok_flush_stop (self, event);
      break;
    default:
      break;
  }
  return gst_pad_event_default (pad, parent, event);
}

/* Where a seek wants to go, counted from the start; -1 where it is open. */
static gboolean
gst_h4_video_tok_resolve (GstH4VideoTok * self, GstFormat format,
    GstSeekType type, gint64 value, gint64 * target)
{
  gint64 duration;

  *target = type == GST_SEEK_TYPE_NONE ? -1 : value;
  if (type != GST_SEEK_TYPE_END)
    return TRUE;
  if (!gst_pad_query_duration (self->srcpad, format, &duration))
    return FALSE;
  *target = CLAMP (value, -duration, 0) + duration;
  return TRUE;
}

/* The seek upstream is to do, in bytes; NULL where it cannot. */
static GstEvent *
gst_h4_video_tok_seek_in_bytes (GstH4VideoTok * self, GstEvent * event)
{
  GstEvent *seek;
  GstFormat format;
  GstSeekFlags flags;
  GstSeekType start_type, stop_type;
  gint64 start, stop;
  gdouble rate;

  gst_event_parse_seek (event, &rate, &format, &flags, &start_type, &start,
      &stop_type, &stop);
  if (rate <= 0 || (format != GST_FORMAT_TIME && format != GST_FORMAT_BYTES))
    return NULL;
  /* Upstream has read ahead: "from here" is where this element is. */
  if (start_type == GST_SEEK_TYPE_NONE) {
    start_type = GST_SEEK_TYPE_SET;
    if (!gst_pad_query_position (self->srcpad, format, &start))
      return NULL;
  }
  if (!gst_h4_video_tok_resolve (self, format, start_type, start, &start)
      || !gst_h4_video_tok_resolve (self, format, stop_type, stop, &stop)
      || (stop != -1 && stop < start)
      || !gst_h4_block_timing_to_bytes (&self->timing, format, start, FALSE,
          flags, &start)
      || !gst_h4_block_timing_to_bytes (&self->timing, format, stop, TRUE, 0,
          &stop))
    return NULL;

  /* The next key block may lie after the stop: then there is nothing. */
  if (stop != -1)
    stop = MAX (stop, start);
  if (stop_type != GST_SEEK_TYPE_NONE)
    stop_type = GST_SEEK_TYPE_SET;
  seek = gst_event_new_seek (rate, GST_FORMAT_BYTES, flags, GST_SEEK_TYPE_SET,
      start, stop_type, stop);
  gst_event_set_seqnum (seek, gst_event_get_seqnum (event));
  return seek;
}

static GstFormat
gst_h4_video_tok_get_upstream_format (GstH4VideoTok * self)
{
  GstFormat format;

  GST_OBJECT_LOCK (self);
  format = self->upstream_format;
  GST_OBJECT_UNLOCK (self);
  return format;
}

static gboolean
gst_h4_video_tok_src_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstH4VideoTok *self = GST_H4_VIDEO_TOK (parent);
  GstEvent *seek = NULL;

  if (GST_EVENT_TYPE (event) != GST_EVENT_SEEK || !is_cutting (self))
    return gst_pad_event_default (pad, parent, event);

  if (gst_h4_video_tok_get_upstream_format (self) != GST_FORMAT_TIME)
    seek = gst_h4_video_tok_seek_in_bytes (self, event);
  GST_DEBUG_OBJECT (self, "%" GST_PTR_FORMAT " becomes %" GST_PTR_FORMAT,
      event, seek);
  gst_event_unref (event);
  return seek && gst_pad_push_event (self->sinkpad, seek);
}

/* In TIME, or in BUFFERS: how many blocks there are. */
static gboolean
gst_h4_video_tok_query_duration (GstH4VideoTok * self, GstQuery * query,
    GstFormat format)
{
  gint64 bytes;
  guint64 duration;

  if (!gst_pad_peer_query_duration (self->sinkpad, GST_FORMAT_BYTES, &bytes)
      || bytes < 0
      || !gst_h4_block_timing_count (&self->timing, bytes, &duration)
      || (format == GST_FORMAT_TIME
          && !gst_h4_block_timing_start (&self->timing, duration, &duration)))
    return FALSE;
  gst_query_set_duration (query, format, duration);
  return TRUE;
}

static gboolean
gst_h4_video_tok_query_position (GstH4VideoTok * self, GstQuery * query,
    GstFormat format)
{
  gint64 position;

  GST_OBJECT_LOCK (self);
  position = self->segment.format == GST_FORMAT_TIME ?
      (gint64) gst_segment_to_stream_time (&self->segment, GST_FORMAT_TIME,
      self->segment.position) : -1;
  GST_OBJECT_UNLOCK (self);

  if (!gst_h4_block_timing_convert (&self->timing, GST_FORMAT_TIME, position,
          format, &position))
    return FALSE;
  gst_query_set_position (query, format, position);
  return TRUE;
}

static gboolean
gst_h4_video_tok_query_seeking (GstH4VideoTok * self, GstQuery * query,
    GstFormat format)
{
  GstQuery *bytes = gst_query_new_seeking (GST_FORMAT_BYTES);
  gboolean seekable = FALSE;
  gint64 start = 0, end = -1;

  if (gst_h4_video_tok_get_upstream_format (self) != GST_FORMAT_TIME
      && gst_pad_peer_query (self->sinkpad, bytes))
    gst_query_parse_seeking (bytes, NULL, &seekable, &start, &end);
  gst_query_unref (bytes);

  if (format == GST_FORMAT_TIME) {
    start = 0;
    if (!gst_pad_query_duration (self->srcpad, GST_FORMAT_TIME, &end))
      end = -1;
  }
  gst_query_set_seeking (query, format, seekable, start, end);
  return TRUE;
}

static gboolean
gst_h4_video_tok_query_convert (GstH4VideoTok * self, GstQuery * query)
{
  GstFormat from, to;
  gint64 value, result;

  gst_query_parse_convert (query, &from, &value, &to, NULL);
  if (!gst_h4_block_timing_convert (&self->timing, from, value, to, &result))
    return FALSE;
  gst_query_set_convert (query, from, value, to, result);
  return TRUE;
}

/* A block leaves when its last byte is here: one block after its time. */
static gboolean
gst_h4_video_tok_query_latency (GstH4VideoTok * self, GstQuery * query)
{
  gboolean live;
  GstClockTime min, max;

  if (!gst_pad_peer_query (self->sinkpad, query))
    return FALSE;
  gst_query_parse_latency (query, &live, &min, &max);
  min += self->timing.step_ns;
  if (GST_CLOCK_TIME_IS_VALID (max))
    max += self->timing.step_ns;
  gst_query_set_latency (query, live, min, max);
  return TRUE;
}

static gboolean
gst_h4_video_tok_src_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  GstH4VideoTok *self = GST_H4_VIDEO_TOK (parent);
  GstFormat format;

  if (!is_cutting (self))
    return gst_pad_query_default (pad, parent, query);

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_DURATION:
      gst_query_parse_duration (query, &format, NULL);
      if (format == GST_FORMAT_TIME || format == GST_FORMAT_BUFFERS)
        return gst_h4_video_tok_query_duration (self, query, format);
      break;
    case GST_QUERY_POSITION:
      gst_query_parse_position (query, &format, NULL);
      if (format == GST_FORMAT_TIME || format == GST_FORMAT_BYTES)
        return gst_h4_video_tok_query_position (self, query, format);
      break;
    case GST_QUERY_SEEKING:
      gst_query_parse_seeking (query, &format, NULL, NULL, NULL);
      if (format == GST_FORMAT_TIME || format == GST_FORMAT_BYTES)
        return gst_h4_video_tok_query_seeking (self, query, format);
      break;
    case GST_QUERY_CONVERT:
      return gst_h4_video_tok_query_convert (self, query);
    case GST_QUERY_LATENCY:
      return gst_h4_video_tok_query_latency (self, query);
    default:
      break;
  }
  return gst_pad_query_default (pad, parent, query);
}

static void
gst_h4_video_tok_start (GstH4VideoTok * self)
{
  GstSegment segment;

  GST_OBJECT_LOCK (self);
  self->mode = self->output;
  gst_h4_block_timing_init (&self->timing, self->block_size, self->fps_hint,
      self->gop);
  GST_OBJECT_UNLOCK (self);

  gst_segment_init (&segment, GST_FORMAT_UNDEFINED);
  gst_h4_video_tok_set_segment (self, &segment, GST_FORMAT_UNDEFINED);
  gst_h4_video_tok_restart (self, 0);
  self->caps_sent = FALSE;
}

static GstStateChangeReturn
gst_h4_video_tok_change_state (GstElement * element, GstStateChange transition)
{
  GstH4VideoTok *self = GST_H4_VIDEO_TOK (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    gst_h4_video_tok_start (self);

  ret = GST_ELEMENT_CLASS (gst_h4_video_tok_parent_class)->change_state
      (element, transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    gst_h4_video_tok_restart (self, 0);
  return ret;
}

static void
gst_h4_video_tok_set_property (GObject * object, guint prop_id,
    const GValue * value, GParamSpec * pspec)
{
  GstH4VideoTok *self = GST_H4_VIDEO_TOK (object);

  GST_OBJECT_LOCK (self);
  switch (prop_id) {
    case PROP_OUTPUT:
      self->output = g_value_get_enum (value);
      break;
    case PROP_BLOCK_SIZE:
      self->block_size = g_value_get_uint (value);
      break;
    case PROP_FPS_HINT:
      self->fps_hint = g_value_get_double (value);
      break;
    case PROP_GOP:
      self->gop = g_value_get_int (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_h4_video_tok_get_property (GObject * object, guint prop_id,
    GValue * value, GParamSpec * pspec)
{
  GstH4VideoTok *self = GST_H4_VIDEO_TOK (object);

  GST_OBJECT_LOCK (self);
  switch (prop_id) {
    case PROP_OUTPUT:
      g_value_set_enum (value, self->output);
      break;
    case PROP_BLOCK_SIZE:
      g_value_set_uint (value, self->block_size);
      break;
    case PROP_FPS_HINT:
      g_value_set_double (value, self->fps_hint);
      break;
    case PROP_GOP:
      g_value_set_int (value, self->gop);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_h4_video_tok_finalize (GObject * object)
{
  GstH4VideoTok *self = GST_H4_VIDEO_TOK (object);

  gst_h4_block_adapter_free (&self->adapter);
  G_OBJECT_CLASS (gst_h4_video_tok_parent_class)->finalize (object);
}

static void
gst_h4_video_tok_init (GstH4VideoTok * self)
{
  self->output = DEFAULT_OUTPUT;
  self->block_size = DEFAULT_BLOCK_SIZE;
  self->fps_hint = DEFAULT_FPS_HINT;
  self->gop = DEFAULT_GOP;
  gst_h4_block_adapter_init (&self->adapter);
  gst_h4_video_tok_start (self);

  self->sinkpad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sinkpad,
      GST_DEBUG_FUNCPTR (gst_h4_video_tok_chain));
  gst_pad_set_event_function (self->sinkpad,
      GST_DEBUG_FUNCPTR (gst_h4_video_tok_sink_event));
  gst_element_add_pad (GST_ELEMENT (self), self->sinkpad);

  self->srcpad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_event_function (self->srcpad,
      GST_DEBUG_FUNCPTR (gst_h4_video_tok_src_event));
  gst_pad_set_query_function (self->srcpad,
      GST_DEBUG_FUNCPTR (gst_h4_video_tok_src_query));
  gst_pad_use_fixed_caps (self->srcpad);
  gst_element_add_pad (GST_ELEMENT (self), self->srcpad);
}

static void
gst_h4_video_tok_class_init (GstH4VideoTokClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_READY;

  object_class->set_property = gst_h4_video_tok_set_property;
  object_class->get_property = gst_h4_video_tok_get_property;
  object_class->finalize = gst_h4_video_tok_finalize;
  element_class->change_state =
      GST_DEBUG_FUNCPTR (gst_h4_video_tok_change_state);

  /**
   * GstH4VideoTok:output:
   *
   * What goes out: a token a block, or the block with the token's timing.
   *
   * Since: 1.0
   */
  properties[PROP_OUTPUT] = g_param_spec_enum ("output", "Output",
      "What goes out for each block", GST_TYPE_H4_VIDEO_TOK_OUTPUT,
      DEFAULT_OUTPUT, flags);

  /**
   * GstH4VideoTok:block-size:
   *
   * Size of a block in bytes, the last one shorter; with 0 every buffer is a
   * block.
   *
   * Since: 1.0
   */
  properties[PROP_BLOCK_SIZE] = g_param_spec_uint ("block-size", "Block size",
      "Bytes of a block (0 = one block a buffer)", 0, MAX_BLOCK_SIZE,
      DEFAULT_BLOCK_SIZE, flags);

  /**
   * GstH4VideoTok:fps-hint:
   *
   * Blocks a second, where the blocks have no time of their own. A block
   * lasts floor (10⁶ / fps-hint) µs.
   *
   * Since: 1.0
   */
  properties[PROP_FPS_HINT] = g_param_spec_double ("fps-hint", "FPS hint",
      "Blocks a second, where block-size is set or the stream has no "
      "timestamps", 0.001, 1000000.0, DEFAULT_FPS_HINT, flags);

  /**
   * GstH4VideoTok:gop:
   *
   * Blocks from a key block to the next, where the blocks have no time of
   * their own.
   *
   * Since: 1.0
   */
  properties[PROP_GOP] = g_param_spec_int ("gop", "GOP",
      "Blocks from a key block to the next, where block-size is set or the "
      "stream has no timestamps", 1, G_MAXINT, DEFAULT_GOP, flags);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "H4 video tokenizer",
      "Filter/Analyzer", "Makes timing tokens, or blocks, of any stream",
      "The gst-harmony4 authors");

  gst_type_mark_as_plugin_api (GST_TYPE_H4_VIDEO_TOK_OUTPUT, 0);
}
