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

void
gst_h4mk_mux_query_latency (GstH4MkMux * self, GstH4MkMuxPad * pad)
{
  GstQuery *query = gst_query_new_latency ();
  gboolean live = FALSE, start_task;
  GstClockTime min = 0;
  GList *l;

  if (gst_pad_peer_query (GST_PAD (pad), query))
    gst_query_parse_latency (query, &live, &min, NULL);
  gst_query_unref (query);

  g_mutex_lock (&self->lock);
  pad->live = live;
  pad->min_latency = live ? min : 0;
  start_task = live && !self->live && !self->flushing;
  self->live = FALSE;
  self->upstream_latency = 0;
  for (l = self->pads; l; l = l->next) {
    GstH4MkMuxPad *other = l->data;

    self->live |= other->live;
    self->upstream_latency = MAX (self->upstream_latency, other->min_latency);
  }
  gst_h4mk_mux_wake_task (self);
  g_mutex_unlock (&self->lock);

  if (start_task) {
    GST_INFO_OBJECT (self, "live, upstream latency %" GST_TIME_FORMAT,
        GST_TIME_ARGS (min));
    gst_pad_start_task (self->srcpad, gst_h4mk_mux_task, self, NULL);
  }
}

GstFlowReturn
gst_h4mk_mux_chain (GstPad * gstpad, GstObject * parent, GstBuffer * buffer)
{
  GstH4MkMux *self = GST_H4MK_MUX (parent);
  GstH4MkMuxPad *pad = GST_H4MK_MUX_PAD (gstpad);
  GstFlowReturn flow;
  GstH4MkMuxItem item;

  gst_h4mk_mux_pad_describe (pad, buffer, pad->masked, &item);

  g_mutex_lock (&self->lock);
  if (self->flushing || pad->flushing || pad->eos || self->flow != GST_FLOW_OK)
    goto refused;

  gst_h4mk_mux_pad_push (pad, &item);
  flow = gst_h4mk_mux_drain (self);
  /* only another thread that writes, or a pad that has nothing, keeps it full */
  while (flow == GST_FLOW_OK && !self->flushing && !pad->flushing
      && gst_h4mk_mux_pad_is_full (pad)) {
    pad->waiting = TRUE;
    g_cond_wait (&pad->room, &self->lock);
    pad->waiting = FALSE;
    flow = gst_h4mk_mux_drain (self);
  }
  if (self->clock_id)
    gst_h4mk_mux_wake_task (self);
  if (self->flushing || pad->flushing)
    flow = GST_FLOW_FLUSHING;
  g_mutex_unlock (&self->lock);
  return flow;

  /* ERRORS */
refused:
  if (self->flushing || pad->flushing)
    flow = GST_FLOW_FLUSHING;
  else
    flow = pad->eos ? GST_FLOW_EOS : self->flow;
  g_mutex_unlock (&self->lock);
  gst_buffer_unref (buffer);
  return flow;
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
  g_mutex_lock (&self->lock);
  pad->masked = gst_structure_has_name (gst_caps_get_structure (storable, 0),
      "application/x-h4-masked");
  pad->has_caps = TRUE;
  gst_clear_caps (&pad->new_caps);
  pad->new_caps = storable;
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static void
gst_h4mk_mux_take_tags (GstH4MkMux * self, GstH4MkMuxPad * pad,
    GstEvent * event)
{
  GstTagList *tags, **list, *merged;

  gst_event_parse_tag (event, &tags);
  g_mutex_lock (&self->lock);
  list = gst_tag_list_get_scope (tags) == GST_TAG_SCOPE_GLOBAL ?
      &self->tags : &pad->tags;
  merged = gst_tag_list_merge (*list, tags, GST_TAG_MERGE_REPLACE);
  if (*list)
    gst_tag_list_unref (*list);
  *list = merged;
  g_mutex_unlock (&self->lock);
}

static void
gst_h4mk_mux_take_gap (GstH4MkMux * self, GstH4MkMuxPad * pad, GstEvent * event)
{
  GstH4MkMuxItem item = { NULL, };
  GstClockTime time, duration;
  guint64 running;
  gint sign;

  gst_event_parse_gap (event, &time, &duration);
  if (GST_CLOCK_TIME_IS_VALID (time) && GST_CLOCK_TIME_IS_VALID (duration))
    time += duration;
  if (pad->segment.format != GST_FORMAT_TIME || !GST_CLOCK_TIME_IS_VALID (time))
    return;
  sign = gst_segment_to_running_time_full (&pad->segment, GST_FORMAT_TIME, time,
      &running);
  if (sign == 0 || running > G_MAXINT64)
    return;
  item.time = sign > 0 ? (gint64) running : -(gint64) running;

  g_mutex_lock (&self->lock);
  if (!self->flushing && !pad->flushing && !pad->eos) {
    gst_h4mk_mux_pad_push (pad, &item);
    gst_h4mk_mux_drain (self);
  }
  g_mutex_unlock (&self->lock);
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

static void
gst_h4mk_mux_flush_start (GstH4MkMux * self, GstH4MkMuxPad * pad)
{
  g_mutex_lock (&self->lock);
  pad->flushing = TRUE;
  g_cond_broadcast (&pad->room);
  g_mutex_unlock (&self->lock);
}

/* What was written stays written. After EOS the next data begin a new file;
 * the flush goes on downstream then, where it clears the EOS. */
static void
gst_h4mk_mux_flush_stop (GstH4MkMux * self, GstH4MkMuxPad * pad)
{
  gboolean restart;

  g_mutex_lock (&self->lock);
  gst_h4mk_mux_pad_flush (pad);
  pad->flushing = FALSE;
  pad->last_time = G_MININT64;
  restart = self->finished && !self->draining;
  if (restart)
    gst_h4mk_mux_reset_file (self);
  g_mutex_unlock (&self->lock);

  gst_segment_init (&pad->segment, GST_FORMAT_UNDEFINED);
  if (restart) {
    gst_pad_push_event (self->srcpad, gst_event_new_flush_start ());
    gst_pad_push_event (self->srcpad, gst_event_new_flush_stop (TRUE));
    if (self->live)
      gst_pad_start_task (self->srcpad, gst_h4mk_mux_task, self, NULL);
  }
}

static void
gst_h4mk_mux_take_toc (GstH4MkMux * self, GstEvent * event)
{
  GstToc *toc;

  gst_event_parse_toc (event, &toc, NULL);
  g_mutex_lock (&self->lock);
  gst_h4mk_toc_clear (&self->toc);
  self->toc = toc;
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
      gst_h4mk_mux_take_toc (self, event);
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
