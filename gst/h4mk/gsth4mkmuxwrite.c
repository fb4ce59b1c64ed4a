/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* The writing half of h4mkmux: which block is next, when it need not wait any
 * longer, and what goes downstream. */

#include "gsth4-i18n.h"
#include "gsth4mkmuxpriv.h"
#include "gsth4mktags.h"

GST_DEBUG_CATEGORY_EXTERN (gst_h4mk_mux_debug);
#define GST_CAT_DEFAULT gst_h4mk_mux_debug

typedef enum
{
  STEP_NOTHING,                 /* more must come first */
  STEP_DONE
} Step;

gint64
gst_h4mk_mux_get_now (GstH4MkMux * self)
{
  GstClock *clock = gst_element_get_clock (GST_ELEMENT (self));
  gint64 now = G_MININT64;

  if (clock) {
    if (GST_STATE (self) == GST_STATE_PLAYING
        || GST_STATE_NEXT (self) == GST_STATE_PLAYING)
      now = GST_CLOCK_DIFF (gst_element_get_base_time (GST_ELEMENT (self)),
          gst_clock_get_time (clock));
    gst_object_unref (clock);
  }
  return now;
}

static guint64
gst_h4mk_mux_get_patience (GstH4MkMux * self)
{
  guint64 latency;

  GST_OBJECT_LOCK (self);
  latency = self->latency;
  GST_OBJECT_UNLOCK (self);
  return latency + self->upstream_latency;
}

static gint64
add_clamped (gint64 time, guint64 more)
{
  if (more > G_MAXINT64 || time > G_MAXINT64 - (gint64) more)
    return G_MAXINT64;
  return time + (gint64) more;
}

/* Called with the lock. The pad whose head is next in the file; complete:
 * whether no other pad can still bring an earlier one. */
static GstH4MkMuxPad *
gst_h4mk_mux_find_next (GstH4MkMux * self, gboolean * complete)
{
  GstH4MkMuxPad *best = NULL;
  GList *l;

  *complete = TRUE;
  for (l = self->pads; l; l = l->next) {
    GstH4MkMuxPad *pad = l->data;
    const GstH4MkMuxItem *head = gst_h4mk_mux_pad_peek (pad);

    if (head && pad->leaving) {
      *complete = TRUE;
      return pad;
    }
    if (head && (!best || head->time < gst_h4mk_mux_pad_peek (best)->time))
      best = pad;
    else if (!head && !pad->eos)
      *complete = FALSE;
  }
  return best;
}

static gboolean
gst_h4mk_mux_any_full (GstH4MkMux * self)
{
  GList *l;

  for (l = self->pads; l; l = l->next) {
    if (gst_h4mk_mux_pad_is_full (l->data))
      return TRUE;
  }
  return FALSE;
}

/* Called with the lock. In a live muxer a block waits for the others only
 * until its time has come, or its pad is full. */
static gboolean
gst_h4mk_mux_is_overdue (GstH4MkMux * self, GstH4MkMuxPad * pad)
{
  gint64 now;

  if (!self->live)
    return FALSE;
  if (gst_h4mk_mux_any_full (self))
    return TRUE;
  now = gst_h4mk_mux_get_now (self);
  return now != G_MININT64
      && now >= add_clamped (gst_h4mk_mux_pad_peek (pad)->time,
      gst_h4mk_mux_get_patience (self));
}

/* Streams that say nothing of themselves are bytes. */
static void
gst_h4mk_mux_take_caps (GstH4MkMuxPad * pad, GstCaps ** caps)
{
  if (*caps) {
    gst_caps_replace (&pad->caps, *caps);
    gst_clear_caps (caps);
  } else if (!pad->caps) {
    pad->caps = gst_caps_new_empty_simple ("application/octet-stream");
  }
}

static GstH4mkTracks *
gst_h4mk_mux_describe_tracks (GstH4MkMux * self)
{
  const GstH4MkMuxSettings *settings = gst_h4mk_mux_out_get_settings
      (self->out);
  GstH4mkTracks *tracks = gst_h4mk_tracks_new ();
  GList *l;

  tracks->uuid = g_strdup (settings->uuid);
  tracks->start_time = settings->start_time;
  if (self->tags)
    tracks->tags = gst_h4mk_tags_to_json (self->tags, 0, NULL);
  for (l = self->pads; l; l = l->next) {
    GstH4MkMuxPad *pad = l->data;

    if (pad->caps)
      gst_h4mk_mux_pad_add_track (pad, tracks);
  }
  return tracks;
}

static gboolean
gst_h4mk_mux_write_tracks (GstH4MkMux * self, GError ** error)
{
  GstH4mkTracks *tracks = gst_h4mk_mux_describe_tracks (self);
  gboolean ok = gst_h4mk_mux_out_set_tracks (self->out, tracks, error);

  self->tracks_changed = FALSE;
  gst_h4mk_tracks_unref (tracks);
  return ok;
}

/* Called with the lock. The first TRAK names every stream that is known. */
static gboolean
gst_h4mk_mux_start_file (GstH4MkMux * self, GError ** error)
{
  GstH4MkMuxSettings settings;
  GList *l;

  GST_OBJECT_LOCK (self);
  settings = self->settings;
  settings.uuid = g_strdup (self->settings.uuid);
  settings.safe = g_strdup (self->settings.safe);
  GST_OBJECT_UNLOCK (self);

  self->out = gst_h4mk_mux_out_new (GST_ELEMENT (self), &settings);
  for (l = self->pads; l; l = l->next) {
    GstH4MkMuxPad *pad = l->data;
    const GstH4MkMuxItem *head = gst_h4mk_mux_pad_peek (pad);

    if (head && head->caps)
      gst_caps_replace (&pad->caps, head->caps);
    else if (pad->new_caps)
      gst_caps_replace (&pad->caps, pad->new_caps);
    else if (head && head->buffer && !pad->caps)
      pad->caps = gst_caps_new_empty_simple ("application/octet-stream");
  }
  if (gst_h4mk_mux_out_get_settings (self->out)->profile ==
      GST_H4MK_MUX_PROFILE_TRACK)
    return gst_h4mk_mux_write_tracks (self, error);
  if (self->pads && GST_H4MK_MUX_PAD (self->pads->data)->caps)
    return gst_h4mk_mux_out_set_base_caps (self->out,
        GST_H4MK_MUX_PAD (self->pads->data)->caps, error);
  return TRUE;
}

static gboolean
gst_h4mk_mux_change_caps (GstH4MkMux * self, GstH4MkMuxPad * pad,
    GstH4MkMuxItem * item, GError ** error)
{
  GstCaps *before = pad->caps ? gst_caps_ref (pad->caps) : NULL;
  gboolean ok = TRUE, changed;

  gst_h4mk_mux_take_caps (pad, &item->caps);
  changed = !before || !gst_caps_is_equal (before, pad->caps);
  if (changed && before && gst_h4mk_mux_pad_get_track_kind (pad, before) !=
      gst_h4mk_mux_pad_get_track_kind (pad, pad->caps))
    pad->id = ++self->next_id;
  gst_clear_caps (&before);
  if (!changed && !self->tracks_changed)
    return TRUE;

  GST_INFO_OBJECT (pad, "track %u is now %" GST_PTR_FORMAT, pad->id, pad->caps);
  if (gst_h4mk_mux_out_get_settings (self->out)->profile ==
      GST_H4MK_MUX_PROFILE_BASE)
    ok = gst_h4mk_mux_out_set_base_caps (self->out, pad->caps, error);
  else
    ok = gst_h4mk_mux_write_tracks (self, error);
  return ok;
}

/* Called with the lock. */
static gboolean
gst_h4mk_mux_write_item (GstH4MkMux * self, GstH4MkMuxPad * pad,
    GError ** error)
{
  GstH4MkMuxItem item;
  gboolean ok = TRUE;

  if (!gst_h4mk_mux_pad_pop (pad, &item))
    return TRUE;
  if (item.buffer && (item.caps || !pad->caps || self->tracks_changed))
    ok = gst_h4mk_mux_change_caps (self, pad, &item, error);
  else if (item.caps && !pad->new_caps)
    pad->new_caps = g_steal_pointer (&item.caps);
  if (ok && item.buffer) {
    if (item.time != G_MININT64)
      self->position = item.time;
    item.record.track = pad->id;
    if (self->live && gst_h4mk_mux_out_get_group_blocks (self->out) == 0)
      self->group_arrival = gst_h4mk_mux_get_now (self);
    ok = gst_h4mk_mux_out_add (self->out, g_steal_pointer (&item.buffer),
        &item.record, error);
  }
  gst_h4mk_mux_item_clear (&item);
  return ok;
}

static void
free_json (gpointer object)
{
  if (object)
    json_object_unref (object);
}

static gboolean
gst_h4mk_mux_finish_file (GstH4MkMux * self, GError ** error)
{
  GstH4mkTail tail = { NULL, };
  GstTagList *tags;
  GstToc *toc;
  gboolean ok;
  GList *l;

  tail.attachments = g_ptr_array_new_with_free_func ((GDestroyNotify)
      gst_h4mk_attachment_free);
  tail.track_tags = g_hash_table_new_full (NULL, NULL, NULL, free_json);
  tags = gst_tag_list_merge (self->tags,
      gst_tag_setter_get_tag_list (GST_TAG_SETTER (self)),
      GST_TAG_MERGE_APPEND);
  tail.tags = gst_h4mk_tags_to_json (tags, 0, tail.attachments);
  for (l = self->pads; l; l = l->next) {
    GstH4MkMuxPad *pad = l->data;
    JsonObject *object = pad->caps ? gst_h4mk_tags_to_json (pad->tags,
        pad->id, tail.attachments) : NULL;

    if (object)
      g_hash_table_insert (tail.track_tags, GUINT_TO_POINTER (pad->id), object);
  }
  toc = gst_toc_setter_get_toc (GST_TOC_SETTER (self));
  if (!toc && self->toc)
    toc = gst_toc_ref (self->toc);
  if (toc)
    tail.toc = gst_h4mk_toc_to_json (toc);
  tail.safe = gst_h4mk_mux_out_get_settings (self->out)->safe;

  ok = gst_h4mk_mux_out_finish (self->out, &tail, error);

  g_ptr_array_unref (tail.attachments);
  g_hash_table_unref (tail.track_tags);
  free_json (tail.tags);
  g_clear_pointer (&tail.toc, json_array_unref);
  gst_h4mk_toc_clear (&toc);
  gst_clear_tag_list (&tags);
  return ok;
}

/* Called with the lock. Running time at which the group being gathered has
 * to be out: by its blocks' time or by when the first of them came, whichever
 * is earlier; times that lie far ahead do not hold it. */
static gint64
gst_h4mk_mux_get_group_deadline (GstH4MkMux * self)
{
  const GstH4MkMuxSettings *settings;
  gint64 start, deadline;

  if (!self->live || !self->out
      || gst_h4mk_mux_out_get_group_blocks (self->out) == 0)
    return G_MAXINT64;
  settings = gst_h4mk_mux_out_get_settings (self->out);
  deadline = self->group_arrival == G_MININT64 ? G_MAXINT64 :
      add_clamped (self->group_arrival, settings->writer.group_duration);
  if (gst_h4mk_mux_out_get_group_time (self->out, &start))
    deadline = MIN (deadline, add_clamped (add_clamped (start,
                gst_h4mk_mux_get_patience (self)),
            settings->writer.group_duration));
  return deadline;
}

/* Called with the lock. Does one thing that can be done now. */
static Step
gst_h4mk_mux_step (GstH4MkMux * self, GError ** error)
{
  gboolean complete;
  GstH4MkMuxPad *pad = gst_h4mk_mux_find_next (self, &complete);

  if (self->end_group) {
    self->end_group = FALSE;
    if (self->out)
      gst_h4mk_mux_out_end_group (self->out, error);
    return STEP_DONE;
  }
  if (self->finished)
    return STEP_NOTHING;
  if (pad && (complete || gst_h4mk_mux_is_overdue (self, pad))) {
    if ((self->out || gst_h4mk_mux_start_file (self, error)))
      gst_h4mk_mux_write_item (self, pad, error);
    return STEP_DONE;
  }
  if (!pad && complete && self->pads) {
    if ((self->out || gst_h4mk_mux_start_file (self, error)))
      gst_h4mk_mux_finish_file (self, error);
    self->finished = TRUE;
    return STEP_DONE;
  }
  if (gst_h4mk_mux_get_group_deadline (self) <= gst_h4mk_mux_get_now (self)) {
    gst_h4mk_mux_out_end_group (self->out, error);
    return STEP_DONE;
  }
  return STEP_NOTHING;
}

/* Called with the lock, which it lets go of for each push. */
static void
gst_h4mk_mux_push_output (GstH4MkMux * self)
{
  while (self->out && self->flow == GST_FLOW_OK
      && gst_h4mk_mux_out_has_output (self->out)) {
    GstMiniObject *object = gst_h4mk_mux_out_take (self->out);
    GstFlowReturn flow = GST_FLOW_OK;

    g_mutex_unlock (&self->lock);
    if (GST_IS_EVENT (object))
      gst_pad_push_event (self->srcpad, GST_EVENT_CAST (object));
    else if (GST_IS_MESSAGE (object))
      gst_element_post_message (GST_ELEMENT (self), GST_MESSAGE_CAST (object));
    else
      flow = gst_pad_push_list (self->srcpad, GST_BUFFER_LIST_CAST (object));
    g_mutex_lock (&self->lock);
    if (self->flow == GST_FLOW_OK)
      self->flow = flow;
  }
}

static void
gst_h4mk_mux_fail (GstH4MkMux * self, GError * error)
{
  g_mutex_unlock (&self->lock);
  GST_ELEMENT_ERROR (self, STREAM, MUX,
      (_("The recording cannot be written.")), ("%s", error->message));
  g_mutex_lock (&self->lock);
  self->flow = GST_FLOW_ERROR;
}

/* One thread at a time writes and pushes, for all: whoever brings what was
 * missing. The others leave what they have in their rings. */
GstFlowReturn
gst_h4mk_mux_drain (GstH4MkMux * self)
{
  GError *error = NULL;
  Step step = STEP_DONE;
  GList *l;

  if (self->draining)
    return self->flow;

  self->draining = TRUE;
  while (step == STEP_DONE && self->flow == GST_FLOW_OK && !self->flushing) {
    step = gst_h4mk_mux_step (self, &error);
    /* what was made before an error is still worth having */
    gst_h4mk_mux_push_output (self);
    if (error) {
      gst_h4mk_mux_fail (self, error);
      g_clear_error (&error);
    } else if (step == STEP_DONE && self->finished && self->flow == GST_FLOW_OK) {
      g_mutex_unlock (&self->lock);
      gst_pad_push_event (self->srcpad, gst_event_new_eos ());
      g_mutex_lock (&self->lock);
      self->flow = GST_FLOW_EOS;
    }
  }
  self->draining = FALSE;

  if (self->flow != GST_FLOW_OK || self->flushing) {
    for (l = self->pads; l; l = l->next)
      g_cond_broadcast (&GST_H4MK_MUX_PAD (l->data)->room);
  }
  g_cond_broadcast (&self->wake);
  return self->flow;
}

/* Called with the lock. When the task has to look again. */
static gint64
gst_h4mk_mux_get_deadline (GstH4MkMux * self)
{
  gint64 deadline = gst_h4mk_mux_get_group_deadline (self);
  gboolean complete;
  GstH4MkMuxPad *pad = gst_h4mk_mux_find_next (self, &complete);

  if (pad && !complete)
    deadline = MIN (deadline, add_clamped (gst_h4mk_mux_pad_peek (pad)->time,
            gst_h4mk_mux_get_patience (self)));
  return deadline;
}

/* Called with the lock, which it lets go of while it waits. */
static void
gst_h4mk_mux_wait_until (GstH4MkMux * self, gint64 deadline)
{
  GstClock *clock = gst_element_get_clock (GST_ELEMENT (self));
  GstClockTime base = gst_element_get_base_time (GST_ELEMENT (self));
  GstClockID id;

  if (!clock) {
    g_cond_wait (&self->wake, &self->lock);
    return;
  }
  deadline = deadline > 0 ? add_clamped (deadline, base) : (gint64) base;
  id = gst_clock_new_single_shot_id (clock, (GstClockTime) deadline);
  gst_object_unref (clock);
  self->clock_id = id;
  g_mutex_unlock (&self->lock);
  gst_clock_id_wait (id, NULL);
  g_mutex_lock (&self->lock);
  self->clock_id = NULL;
  gst_clock_id_unref (id);
}

/* A live muxer's own thread: writes what need not wait any longer, so that
 * neither a stalled nor an idle track holds the file. */
void
gst_h4mk_mux_task (gpointer user_data)
{
  GstH4MkMux *self = user_data;
  gint64 deadline;

  g_mutex_lock (&self->lock);
  if (!self->flushing && !self->draining && self->flow == GST_FLOW_OK)
    gst_h4mk_mux_drain (self);
  if (self->flushing || self->flow != GST_FLOW_OK) {
    gst_pad_pause_task (self->srcpad);
  } else if (!self->draining) {
    deadline = gst_h4mk_mux_get_deadline (self);
    if (deadline == G_MAXINT64 || gst_h4mk_mux_get_now (self) == G_MININT64)
      g_cond_wait (&self->wake, &self->lock);
    else
      gst_h4mk_mux_wait_until (self, deadline);
  } else {
    g_cond_wait (&self->wake, &self->lock);
  }
  g_mutex_unlock (&self->lock);
}

void
gst_h4mk_mux_reset_file (GstH4MkMux * self)
{
  GList *l;
  guint id = 0;

  g_clear_pointer (&self->out, gst_h4mk_mux_out_free);
  for (l = self->pads; l; l = l->next) {
    GstH4MkMuxPad *pad = l->data;

    /* the same pipeline gives the same file each time */
    pad->id = ++id;
    if (pad->caps && !pad->new_caps)
      pad->new_caps = g_steal_pointer (&pad->caps);
    gst_clear_caps (&pad->caps);
    pad->last_time = G_MININT64;
  }
  self->next_id = id;
  self->flow = GST_FLOW_OK;
  self->finished = FALSE;
  self->end_group = FALSE;
  self->tracks_changed = FALSE;
  self->position = G_MININT64;
  self->group_arrival = G_MININT64;
}

/* Called with the lock. The task may wait for a time that is no longer the
 * next one. */
void
gst_h4mk_mux_wake_task (GstH4MkMux * self)
{
  if (self->clock_id)
    gst_clock_id_unschedule (self->clock_id);
  g_cond_broadcast (&self->wake);
}
