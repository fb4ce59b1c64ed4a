/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* The sink pads of h4mkmux: what comes in, with its caps, tags and times. */

#include "gsth4mkmuxpriv.h"
#include "gsth4mktags.h"

GST_DEBUG_CATEGORY_EXTERN (gst_h4mk_mux_debug);
#define GST_CAT_DEFAULT gst_h4mk_mux_debug

/* Called with the lock. */
void
gst_h4mk_mux_update_latency (GstH4MkMux * self)
{
  GList *l;

  self->live = FALSE;
  self->upstream_latency = 0;
  for (l = self->pads; l; l = l->next) {
    GstH4MkMuxPad *pad = l->data;

    self->live |= pad->live;
    self->upstream_latency = MAX (self->upstream_latency, pad->min_latency);
  }
  if (self->live)
    gst_h4mk_mux_start_task (self);
  gst_h4mk_mux_wake_task (self);
}

void
gst_h4mk_mux_query_latency (GstH4MkMux * self, GstH4MkMuxPad * pad)
{
  GstQuery *query = gst_query_new_latency ();
  gboolean live = FALSE;
  GstClockTime min = 0;

  if (gst_pad_peer_query (GST_PAD (pad), query))
    gst_query_parse_latency (query, &live, &min, NULL);
  gst_query_unref (query);
  GST_DEBUG_OBJECT (pad, "%s, upstream latency %" GST_TIME_FORMAT,
      live ? "live" : "not live", GST_TIME_ARGS (min));

  g_mutex_lock (&self->lock);
  pad->live = live && !pad->leaving;
  pad->min_latency = pad->live ? min : 0;
  gst_h4mk_mux_update_latency (self);
  g_mutex_unlock (&self->lock);
}

/* Called with the lock. What a pad that is to take data answers. */
static GstFlowReturn
gst_h4mk_mux_get_pad_flow (GstH4MkMux * self, GstH4MkMuxPad * pad)
{
  if (self->flushing || pad->flushing)
    return GST_FLOW_FLUSHING;
  return pad->eos ? GST_FLOW_EOS : self->flow;
}

/* Takes the item, and writes what can be written then. */
static GstFlowReturn
gst_h4mk_mux_queue (GstH4MkMux * self, GstH4MkMuxPad * pad,
    GstH4MkMuxItem * item)
{
  GstFlowReturn flow;

  g_mutex_lock (&self->lock);
  flow = gst_h4mk_mux_get_pad_flow (self, pad);
  if (flow != GST_FLOW_OK) {
    g_mutex_unlock (&self->lock);
    gst_h4mk_mux_item_clear (item);
    return flow;
  }

  pad->thread = g_thread_self ();
  gst_h4mk_mux_pad_push (pad, item);
  gst_h4mk_mux_drain (self);
  flow = gst_h4mk_mux_get_pad_flow (self, pad);
  /* only another thread that writes, or a pad that has nothing, keeps it full */
  while (flow == GST_FLOW_OK && gst_h4mk_mux_pad_is_full (pad)) {
    pad->waiting = TRUE;
    g_cond_wait (&pad->room, &self->lock);
    pad->waiting = FALSE;
    gst_h4mk_mux_drain (self);
    flow = gst_h4mk_mux_get_pad_flow (self, pad);
  }
  gst_h4mk_mux_check_task (self);
  g_mutex_unlock (&self->lock);
  return flow;
}

GstFlowReturn
gst_h4mk_mux_chain (GstPad * gstpad, GstObject * parent, GstBuffer * buffer)
{
  GstH4MkMuxPad *pad = GST_H4MK_MUX_PAD (gstpad);
  GstH4MkMuxItem item;

  gst_h4mk_mux_pad_describe (pad, buffer, &item);
  return gst_h4mk_mux_queue (GST_H4MK_MUX (parent), pad, &item);
}

static gboolean
gst_h4mk_mux_set_caps (GstH4MkMux * self, GstH4MkMuxPad * pad, GstCaps * caps)
{
  GError *error = NULL;
  GstCaps *storable = gst_h4mk_mux_pad_storable_caps (pad, caps, &error);

  if (!storable) {
    GST_WARNING_OBJECT (pad, "refusing %" GST_PTR_FORMAT ": %s", caps,
        error->message);
    g_clear_error (&error);
    return FALSE;
  }
  pad->masked = gst_structure_has_name (gst_caps_get_structure (storable, 0),
      "application/x-h4-masked");
  g_mutex_lock (&self->lock);
  gst_h4mk_mux_pad_announce (pad, storable, NULL);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static void
gst_h4mk_mux_take_tags (GstH4MkMux * self, GstH4MkMuxPad * pad,
    GstEvent * event)
{
  GstTagList *tags;

  gst_event_parse_tag (event, &tags);
  g_mutex_lock (&self->lock);
  gst_h4mk_mux_pad_announce (pad, NULL, gst_tag_list_ref (tags));
  g_mutex_unlock (&self->lock);
}

static void
gst_h4mk_mux_take_gap (GstH4MkMux * self, GstH4MkMuxPad * pad, GstEvent * event)
{
  GstH4MkMuxItem item = { NULL, };
  GstClockTime time, duration;

  gst_event_parse_gap (event, &time, &duration);
  if (GST_CLOCK_TIME_IS_VALID (time) && GST_CLOCK_TIME_IS_VALID (duration)
      && duration < GST_CLOCK_TIME_NONE - time)
    time += duration;
  if (gst_h4mk_mux_pad_get_running_time (pad, time, &item.time))
    gst_h4mk_mux_queue (self, pad, &item);
}

static void
gst_h4mk_mux_take_eos (GstH4MkMux * self, GstH4MkMuxPad * pad)
{
  g_mutex_lock (&self->lock);
  pad->eos = TRUE;
  if (!self->flushing)
    gst_h4mk_mux_drain (self);
  gst_h4mk_mux_wake_task (self);
  g_mutex_unlock (&self->lock);
}

/* The pad has another stream to come after its EOS, without a flush; too late
 * where the file was ended by then. */
static void
gst_h4mk_mux_take_stream_start (GstH4MkMux * self, GstH4MkMuxPad * pad)
{
  g_mutex_lock (&self->lock);
  pad->eos = FALSE;
  g_mutex_unlock (&self->lock);
}

/* Before EOS what was written stays written, and a flush stays here. After it
 * the next data begin a new file, and downstream must forget its EOS. */
static void
gst_h4mk_mux_flush_start (GstH4MkMux * self, GstH4MkMuxPad * pad)
{
  gboolean forward;

  g_mutex_lock (&self->lock);
  pad->flushing = TRUE;
  g_cond_broadcast (&pad->room);
  forward = self->finished && !self->restarting;
  self->restarting |= forward;
  g_mutex_unlock (&self->lock);
  if (forward)
    gst_pad_push_event (self->srcpad, gst_event_new_flush_start ());
}

static void
gst_h4mk_mux_flush_stop (GstH4MkMux * self, GstH4MkMuxPad * pad)
{
  gboolean start;

  gst_segment_init (&pad->segment, GST_FORMAT_UNDEFINED);
  g_mutex_lock (&self->lock);
  gst_h4mk_mux_pad_flush (pad);
  if (self->finished) {
    start = !self->restarting;
    self->restarting = TRUE;
    g_mutex_unlock (&self->lock);
    if (start)
      gst_pad_push_event (self->srcpad, gst_event_new_flush_start ());
    gst_pad_push_event (self->srcpad, gst_event_new_flush_stop (TRUE));
    g_mutex_lock (&self->lock);
    gst_h4mk_mux_wait_drained (self);
    gst_h4mk_mux_reset_file (self);
    if (self->live)
      gst_h4mk_mux_start_task (self);
  }
  g_mutex_unlock (&self->lock);
}

static void
gst_h4mk_mux_take_toc (GstH4MkMux * self, GstH4MkMuxPad * pad, GstEvent * event)
{
  GstToc *toc;

  gst_event_parse_toc (event, &toc, NULL);
  g_mutex_lock (&self->lock);
  gst_h4mk_toc_clear (&pad->toc);
  pad->toc = toc;
  g_mutex_unlock (&self->lock);
}

gboolean
gst_h4mk_mux_sink_event (GstPad * gstpad, GstObject * parent, GstEvent * event)
{
  GstH4MkMux *self = GST_H4MK_MUX (parent);
  GstH4MkMuxPad *pad = GST_H4MK_MUX_PAD (gstpad);
  gboolean ok = TRUE;
  GstCaps *caps;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      gst_h4mk_mux_take_stream_start (self, pad);
      break;
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      ok = gst_h4mk_mux_set_caps (self, pad, caps);
      break;
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment (event, &pad->segment);
      gst_h4mk_mux_query_latency (self, pad);
      break;
    case GST_EVENT_TAG:
      gst_h4mk_mux_take_tags (self, pad, event);
      break;
    case GST_EVENT_TOC:
      gst_h4mk_mux_take_toc (self, pad, event);
      break;
    case GST_EVENT_GAP:
      gst_h4mk_mux_take_gap (self, pad, event);
      break;
    case GST_EVENT_EOS:
      gst_h4mk_mux_take_eos (self, pad);
      break;
    case GST_EVENT_FLUSH_START:
      gst_h4mk_mux_flush_start (self, pad);
      break;
    case GST_EVENT_FLUSH_STOP:
      gst_h4mk_mux_flush_stop (self, pad);
      break;
    default:
      break;
  }
  gst_event_unref (event);
  return ok;
}

static gboolean
has_plain_memory (GstCapsFeatures * features, GstStructure * structure,
    gpointer user_data)
{
  return gst_caps_features_is_any (features)
      || gst_caps_features_is_equal (features,
      GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY);
}

gboolean
gst_h4mk_mux_sink_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  GstCaps *caps, *filter;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_CAPS:
      gst_query_parse_caps (query, &filter);
      caps = filter ? gst_caps_copy (filter) : gst_caps_new_any ();
      if (!gst_caps_is_any (caps))
        gst_caps_filter_and_map_in_place (caps, (GstCapsFilterMapFunc)
            has_plain_memory, NULL);
      gst_query_set_caps_result (query, caps);
      gst_caps_unref (caps);
      return TRUE;
    case GST_QUERY_ACCEPT_CAPS:
      gst_query_parse_accept_caps (query, &caps);
      gst_query_set_accept_caps_result (query, gst_caps_get_size (caps) == 1
          && has_plain_memory (gst_caps_get_features (caps, 0), NULL, NULL));
      return TRUE;
    case GST_QUERY_ALLOCATION:
      /* a file holds bytes: no metas, no pools of special memory */
      return FALSE;
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}
