/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdarg.h>
#include <string.h>

#include "feed.h"

/* Without a template, a pad takes no other caps than its first ones. */
static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

static GstBuffer *
take_buffer (H4Feed * feed, gsize offset, gsize size)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);

  gst_buffer_fill (buffer, 0, feed->data + offset, size);
  feed->bytes += size;
  return buffer;
}

static GstFlowReturn
on_getrange (GstPad * pad, GstObject * parent, guint64 offset, guint length,
    GstBuffer ** buffer)
{
  H4Feed *feed = gst_pad_get_element_private (pad);

  if (offset >= feed->size)
    return GST_FLOW_EOS;
  *buffer = take_buffer (feed, (gsize) offset,
      MIN (length, feed->size - (gsize) offset));
  return GST_FLOW_OK;
}

static void
push_segment (H4Feed * feed)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_BYTES);
  segment.start = segment.time = segment.position = feed->position;
  gst_pad_push_event (feed->pad, gst_event_new_segment (&segment));
}

static gboolean
on_src_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  H4Feed *feed = gst_pad_get_element_private (pad);
  guint32 seqnum = gst_event_get_seqnum (event);
  GstFormat format;
  gint64 start = -1;
  gboolean ok = GST_EVENT_TYPE (event) == GST_EVENT_SEEK;

  if (ok)
    gst_event_parse_seek (event, NULL, &format, NULL, NULL, &start, NULL, NULL);
  gst_event_unref (event);
  if (!ok || feed->mode != H4_FEED_PUSH || format != GST_FORMAT_BYTES
      || start < 0 || (gsize) start > feed->size)
    return FALSE;

  feed->byte_seeks++;
  feed->position = (gsize) start;
  feed->sought = TRUE;
  event = gst_event_new_flush_start ();
  gst_event_set_seqnum (event, seqnum);
  gst_pad_push_event (pad, event);
  event = gst_event_new_flush_stop (TRUE);
  gst_event_set_seqnum (event, seqnum);
  gst_pad_push_event (pad, event);
  push_segment (feed);
  return TRUE;
}

static gboolean
on_src_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  H4Feed *feed = gst_pad_get_element_private (pad);

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_SCHEDULING:
      gst_query_set_scheduling (query, GST_SCHEDULING_FLAG_SEEKABLE, 1, -1, 0);
      gst_query_add_scheduling_mode (query, feed->mode == H4_FEED_PULL ?
          GST_PAD_MODE_PULL : GST_PAD_MODE_PUSH);
      return TRUE;
    case GST_QUERY_DURATION:
      g_mutex_lock (&feed->lock);
      /* a file that is being written */
      if (feed->looks++ > 1)
        feed->size = MIN (feed->size + feed->grow, feed->full);
      g_cond_signal (&feed->cond);
      g_mutex_unlock (&feed->lock);
      gst_query_set_duration (query, GST_FORMAT_BYTES, (gint64) feed->size);
      return feed->mode != H4_FEED_STREAM;
    case GST_QUERY_SEEKING:
      gst_query_set_seeking (query, GST_FORMAT_BYTES,
          feed->mode != H4_FEED_STREAM, 0, (gint64) feed->size);
      return TRUE;
    default:
      return FALSE;
  }
}

static GstFlowReturn
on_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  H4Feed *feed = gst_pad_get_element_private (pad);
  H4FeedBlock block = {.size = gst_buffer_get_size (buffer),.pts =
        GST_BUFFER_PTS (buffer),.flags = GST_BUFFER_FLAGS (buffer)
  };

  gst_buffer_extract (buffer, 0, block.words, sizeof (block.words));
  gst_buffer_unref (buffer);
  g_mutex_lock (&feed->lock);
  g_array_append_val (feed->blocks, block);
  g_mutex_unlock (&feed->lock);
  return GST_FLOW_OK;
}

static void
note_tags (H4Feed * feed, GstEvent * event)
{
  GstTagList *tags;
  gchar *title;

  gst_event_parse_tag (event, &tags);
  if (!gst_tag_list_get_string (tags, GST_TAG_TITLE, &title))
    return;
  g_strlcpy (feed->title, title, sizeof (feed->title));
  feed->title_after = feed->blocks->len;
  g_free (title);
}

static gboolean
on_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  H4Feed *feed = gst_pad_get_element_private (pad);
  const GstSegment *segment;

  g_mutex_lock (&feed->lock);
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_EOS:
    case GST_EVENT_SEGMENT_DONE:
      feed->n_ended++;
      g_cond_signal (&feed->cond);
      break;
    case GST_EVENT_SEGMENT:
      gst_event_parse_segment (event, &segment);
      if (!GST_CLOCK_TIME_IS_VALID (feed->start))
        feed->start = segment->start;
      break;
    case GST_EVENT_TAG:
      note_tags (feed, event);
      break;
    default:
      break;
  }
  g_mutex_unlock (&feed->lock);
  gst_event_unref (event);
  return TRUE;
}

static void
on_pad_added (GstElement * demux, GstPad * pad, gpointer user_data)
{
  H4Feed *feed = user_data;
  GstPad *sink = gst_pad_new_from_static_template (&sink_template, NULL);

  gst_object_ref_sink (sink);
  gst_pad_set_element_private (sink, feed);
  gst_pad_set_chain_function (sink, on_chain);
  gst_pad_set_event_function (sink, on_event);
  gst_pad_set_active (sink, TRUE);
  gst_pad_link (pad, sink);
  g_mutex_lock (&feed->lock);
  g_ptr_array_add (feed->sinks, sink);
  g_mutex_unlock (&feed->lock);
}

static void
note_warning (H4Feed * feed, GstMessage * message)
{
  const GstStructure *details = NULL;
  guint64 offset = 0;

  gst_message_parse_warning_details (message, &details);
  if (details && gst_structure_get_uint64 (details, "offset", &offset))
    g_array_append_val (feed->offsets, offset);
  g_strlcpy (feed->tag, details && gst_structure_has_field (details, "tag") ?
      gst_structure_get_string (details, "tag") : "?", sizeof (feed->tag));
  feed->warnings++;
}

static GstBusSyncReply
on_message (GstBus * bus, GstMessage * message, gpointer user_data)
{
  H4Feed *feed = user_data;

  g_mutex_lock (&feed->lock);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING)
    note_warning (feed, message);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    feed->failed = TRUE;
  g_cond_signal (&feed->cond);
  g_mutex_unlock (&feed->lock);
  gst_message_unref (message);
  return GST_BUS_DROP;
}

static void
set_properties (GstElement * demux, va_list args)
{
  const gchar *name;

  while ((name = va_arg (args, const gchar *)))
      gst_util_set_object_arg (G_OBJECT (demux), name, va_arg (args,
            const gchar *));
}

void
h4_feed_open (H4Feed * feed, H4FeedMode mode, const guint8 * data, gsize size,
    ...)
{
  GstPad *sinkpad;
  va_list args;

  memset (feed, 0, sizeof (*feed));
  feed->mode = mode;
  feed->data = data;
  feed->size = feed->full = size;
  feed->step = 4096;
  feed->start = GST_CLOCK_TIME_NONE;
  g_mutex_init (&feed->lock);
  g_cond_init (&feed->cond);
  feed->blocks = g_array_new (FALSE, FALSE, sizeof (H4FeedBlock));
  feed->offsets = g_array_new (FALSE, FALSE, sizeof (guint64));
  feed->sinks = g_ptr_array_new_with_free_func (gst_object_unref);
  feed->bus = gst_bus_new ();
  gst_bus_set_sync_handler (feed->bus, on_message, feed, NULL);
  feed->demux = gst_object_ref_sink (gst_element_factory_make ("h4mkdemux",
          NULL));
  gst_element_set_bus (feed->demux, feed->bus);
  g_signal_connect (feed->demux, "pad-added", G_CALLBACK (on_pad_added), feed);
  va_start (args, size);
  set_properties (feed->demux, args);
  va_end (args);

  feed->pad = gst_object_ref_sink (gst_pad_new ("feed", GST_PAD_SRC));
  gst_pad_set_element_private (feed->pad, feed);
  gst_pad_set_event_function (feed->pad, on_src_event);
  gst_pad_set_query_function (feed->pad, on_src_query);
  if (mode == H4_FEED_PULL)
    gst_pad_set_getrange_function (feed->pad, on_getrange);
  sinkpad = gst_element_get_static_pad (feed->demux, "sink");
  gst_pad_link (feed->pad, sinkpad);
  gst_object_unref (sinkpad);
}

static void
push_all (H4Feed * feed)
{
  GstFlowReturn flow = GST_FLOW_OK;

  do {
    gsize size = MIN (feed->step, feed->size - feed->position);
    GstBuffer *buffer = take_buffer (feed, feed->position, size);

    feed->position += size;
    feed->sought = FALSE;
    flow = gst_pad_push (feed->pad, buffer);
    if (feed->sought)
      flow = GST_FLOW_OK;
    else if (flow == GST_FLOW_EOS || feed->position >= feed->size)
      gst_pad_push_event (feed->pad, gst_event_new_eos ());
  } while (flow == GST_FLOW_OK && feed->position < feed->size);
  /* a source would say so */
  feed->failed |= flow < GST_FLOW_EOS;
}

static gboolean
has_ended (H4Feed * feed)
{
  gboolean ended;

  GST_OBJECT_LOCK (feed->demux);
  ended = feed->demux->numsrcpads > 0
      && feed->n_ended >= feed->demux->numsrcpads;
  GST_OBJECT_UNLOCK (feed->demux);
  return ended;
}

/* What is pushed has been dealt with when it was pushed. */
static gboolean
wait_for_end (H4Feed * feed)
{
  gboolean ended;

  g_mutex_lock (&feed->lock);
  while (feed->mode == H4_FEED_PULL && !feed->failed && !has_ended (feed))
    g_cond_wait (&feed->cond, &feed->lock);
  feed->hung = !feed->failed && !has_ended (feed);
  ended = !feed->failed && !feed->hung;
  g_mutex_unlock (&feed->lock);
  return ended;
}

void
h4_feed_start (H4Feed * feed)
{
  if (feed->mode != H4_FEED_PULL)
    gst_pad_set_active (feed->pad, TRUE);
  gst_element_set_state (feed->demux, GST_STATE_PAUSED);
}

void
h4_feed_wait_looks (H4Feed * feed, guint looks)
{
  g_mutex_lock (&feed->lock);
  while (feed->looks < looks)
    g_cond_wait (&feed->cond, &feed->lock);
  g_mutex_unlock (&feed->lock);
}

gboolean
h4_feed_run (H4Feed * feed)
{
  h4_feed_start (feed);
  if (feed->mode != H4_FEED_PULL) {
    gst_pad_push_event (feed->pad, gst_event_new_stream_start ("feed"));
    push_segment (feed);
    push_all (feed);
  }
  return wait_for_end (feed);
}

gboolean
h4_feed_is_seekable (H4Feed * feed)
{
  GstQuery *query = gst_query_new_seeking (GST_FORMAT_TIME);
  GstPad *pad = GST_PAD (g_list_nth_data (feed->demux->srcpads, 0));
  gboolean seekable = FALSE;

  if (pad && gst_pad_query (pad, query))
    gst_query_parse_seeking (query, NULL, &seekable, NULL, NULL);
  gst_query_unref (query);
  return seekable;
}

gboolean
h4_feed_seek (H4Feed * feed, gdouble rate, GstSeekFlags flags,
    GstClockTime start, GstClockTime stop)
{
  GstPad *pad = GST_PAD (g_list_nth_data (feed->demux->srcpads, 0));

  if (!pad)
    return FALSE;
  g_mutex_lock (&feed->lock);
  g_array_set_size (feed->blocks, 0);
  feed->n_ended = 0;
  feed->byte_seeks = 0;
  feed->bytes = 0;
  g_mutex_unlock (&feed->lock);
  if (!gst_pad_send_event (pad, gst_event_new_seek (rate, GST_FORMAT_TIME,
              flags | GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, start,
              GST_CLOCK_TIME_IS_VALID (stop) ? GST_SEEK_TYPE_SET :
              GST_SEEK_TYPE_NONE, stop)))
    return FALSE;
  if (feed->mode != H4_FEED_PULL)
    push_all (feed);
  return wait_for_end (feed);
}

void
h4_feed_close (H4Feed * feed)
{
  gst_element_set_state (feed->demux, GST_STATE_NULL);
  gst_pad_set_active (feed->pad, FALSE);
  gst_bus_set_sync_handler (feed->bus, NULL, NULL, NULL);
  gst_element_set_bus (feed->demux, NULL);
  gst_clear_object (&feed->demux);
  gst_clear_object (&feed->pad);
  gst_clear_object (&feed->bus);
  g_ptr_array_unref (feed->sinks);
  g_array_unref (feed->blocks);
  g_array_unref (feed->offsets);
  g_mutex_clear (&feed->lock);
  g_cond_clear (&feed->cond);
}
