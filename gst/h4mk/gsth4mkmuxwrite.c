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

/* Called with the lock: the running time by the pipeline's clock, or
 * G_MININT64. */
static gint64
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
  gint64 time = 0;
  GList *l;

  *complete = TRUE;
  for (l = self->pads; l; l = l->next) {
    GstH4MkMuxPad *pad = l->data;
    const GstH4MkMuxItem *head = gst_h4mk_mux_pad_peek (pad);

    if (!head) {
      *complete &= pad->eos || pad->leaving;
    } else if (!best || head->time < time) {
      best = pad;
      time = head->time;
    }
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

/* Called with the lock. What the application says goes by its merge mode. */
static GstTagList *
gst_h4mk_mux_merge_tags (GstH4MkMux * self)
{
  GstTagSetter *setter = GST_TAG_SETTER (self);

  return gst_tag_list_merge (gst_tag_setter_get_tag_list (setter), self->tags,
      gst_tag_setter_get_tag_merge_mode (setter));
}

static GstH4mkTracks *
gst_h4mk_mux_describe_tracks (GstH4MkMux * self, gboolean with_tags)
{
  const GstH4MkMuxSettings *settings = gst_h4mk_mux_out_get_settings
      (self->out);
  GstH4mkTracks *tracks = gst_h4mk_tracks_new ();
  GstTagList *tags = gst_h4mk_mux_merge_tags (self);
  GList *l;

  tracks->uuid = g_strdup (settings->uuid);
  tracks->start_time = settings->start_time;
  if (settings->signing_key)
    tracks->key = g_strdup (gst_h4mk_signing_key_get_public
        (settings->signing_key));
  if (with_tags)
    tracks->tags = gst_h4mk_tags_to_json (tags, 0, NULL);
  gst_clear_tag_list (&tags);
  for (l = self->pads; l; l = l->next) {
    GstH4MkMuxPad *pad = l->data;

    if (pad->caps)
      gst_h4mk_mux_pad_add_track (pad, tracks, with_tags);
  }
  return tracks;
}

/* Tags that make it longer than a reader takes wait for META. */
static gboolean
gst_h4mk_mux_write_tracks (GstH4MkMux * self, GError ** error)
{
  GstH4mkTracks *tracks = gst_h4mk_mux_describe_tracks (self, TRUE);
  GError *reason = NULL;
  gboolean ok = gst_h4mk_mux_out_set_tracks (self->out, tracks, &reason);

  gst_h4mk_tracks_unref (tracks);
  if (g_error_matches (reason, GST_H4MK_ERROR, GST_H4MK_ERROR_LIMIT)) {
    GST_WARNING_OBJECT (self, "no tags in TRAK: %s", reason->message);
    g_clear_error (&reason);
    tracks = gst_h4mk_mux_describe_tracks (self, FALSE);
    ok = gst_h4mk_mux_out_set_tracks (self->out, tracks, &reason);
    gst_h4mk_tracks_unref (tracks);
  }
  self->tracks_changed = FALSE;
  if (!ok)
    g_propagate_error (error, reason);
  return ok;
}

/* Streams that say nothing of themselves are bytes. */
static void
gst_h4mk_mux_use_next_caps (GstH4MkMuxPad * pad)
{
  gst_caps_replace (&pad->caps, pad->next_caps);
  gst_clear_caps (&pad->next_caps);
  if (!pad->caps)
    pad->caps = gst_caps_new_empty_simple ("application/octet-stream");
}

/* Called with the lock. The first TRAK names every stream that is known: of
 * one that has data, what was said before those. */
static gboolean
gst_h4mk_mux_start_file (GstH4MkMux * self, GError ** error)
{
  GstH4MkMuxSettings settings;
  GstH4MkMuxPad *first = NULL;
  GList *l;

  gst_h4mk_mux_settings_copy (&settings, &self->file_settings);
  self->out = gst_h4mk_mux_out_new (GST_ELEMENT (self), &settings);
  for (l = self->pads; l; l = l->next) {
    GstH4MkMuxPad *pad = l->data;
    GstH4MkMuxItem *head = gst_h4mk_mux_pad_peek (pad);
    GstH4MkMuxChange **change = head ? &head->change : &pad->change;

    gst_h4mk_mux_pad_apply (pad, g_steal_pointer (change), &self->tags);
    if (pad->next_caps || (head && head->buffer))
      gst_h4mk_mux_use_next_caps (pad);
    if (!first && pad->caps)
      first = pad;
  }
  if (self->file_settings.profile == GST_H4MK_MUX_PROFILE_TRACK)
    return gst_h4mk_mux_write_tracks (self, error);
  return !first || gst_h4mk_mux_out_set_base_caps (self->out, first->caps,
      error);
}

/* A track keeps its kind: what is of another kind is another track, and those
 * are in the order of their ids. */
static void
gst_h4mk_mux_renumber (GstH4MkMux * self, GstH4MkMuxPad * pad)
{
  pad->id = ++self->last_id;
  self->pads = g_list_append (g_list_remove (self->pads, pad), pad);
}

static gboolean
gst_h4mk_mux_change_caps (GstH4MkMux * self, GstH4MkMuxPad * pad,
    GError ** error)
{
  GstCaps *before = pad->caps ? gst_caps_ref (pad->caps) : NULL;
  gboolean changed;

  if (pad->next_caps || !pad->caps)
    gst_h4mk_mux_use_next_caps (pad);
  changed = !before || !gst_caps_is_equal (before, pad->caps);
  if (changed && before && gst_h4mk_mux_pad_get_track_kind (pad, before) !=
      gst_h4mk_mux_pad_get_track_kind (pad, pad->caps))
    gst_h4mk_mux_renumber (self, pad);
  gst_clear_caps (&before);
  if (!changed && !self->tracks_changed)
    return TRUE;

  GST_INFO_OBJECT (pad, "track %u is now %" GST_PTR_FORMAT, pad->id, pad->caps);
  if (self->file_settings.profile == GST_H4MK_MUX_PROFILE_BASE)
    return gst_h4mk_mux_out_set_base_caps (self->out, pad->caps, error);
  return gst_h4mk_mux_write_tracks (self, error);
}

/* Called with the lock. */
static gboolean
gst_h4mk_mux_write_block (GstH4MkMux * self, GstH4MkMuxPad * pad,
    GstH4MkMuxItem * item, GError ** error)
{
  if ((pad->next_caps || !pad->caps || self->tracks_changed)
      && !gst_h4mk_mux_change_caps (self, pad, error))
    return FALSE;
  if (item->time != G_MININT64)
    self->position = item->time;
  item->record.track = pad->id;
  if (self->live && gst_h4mk_mux_out_get_group_blocks (self->out) == 0)
    self->group_arrival = gst_h4mk_mux_get_now (self);
  return gst_h4mk_mux_out_add (self->out, g_steal_pointer (&item->buffer),
      &item->record, error);
}

/* Called with the lock. */
static void
gst_h4mk_mux_write_item (GstH4MkMux * self, GstH4MkMuxPad * pad,
    GError ** error)
{
  GstH4MkMuxItem item;

  if (!gst_h4mk_mux_pad_pop (pad, &item))
    return;
  gst_h4mk_mux_pad_apply (pad, g_steal_pointer (&item.change), &self->tags);
  if (item.buffer)
    gst_h4mk_mux_write_block (self, pad, &item, error);
  gst_h4mk_mux_item_clear (&item);
  if (pad->leaving && !gst_h4mk_mux_pad_peek (pad))
    gst_h4mk_mux_drop_pad (self, pad);
}

void
gst_h4mk_mux_drop_pad (GstH4MkMux * self, GstH4MkMuxPad * pad)
{
  self->tracks_changed |= pad->caps != NULL && self->out != NULL;
  self->pads = g_list_remove (self->pads, pad);
  gst_h4mk_mux_pad_reset (pad);
  /* whoever frees it must not find the muxer locked */
  self->gone = g_slist_prepend (self->gone, pad);
}

static void
free_json (gpointer object)
{
  if (object)
    json_object_unref (object);
}

static void
gst_h4mk_mux_tail_clear (GstH4mkTail * tail)
{
  g_clear_pointer (&tail->attachments, g_ptr_array_unref);
  g_clear_pointer (&tail->track_tags, g_hash_table_unref);
  g_clear_pointer (&tail->tags, json_object_unref);
  g_clear_pointer (&tail->toc, json_array_unref);
}

static GstToc *
gst_h4mk_mux_get_toc (GstH4MkMux * self)
{
  GstToc *toc = gst_toc_setter_get_toc (GST_TOC_SETTER (self));
  GList *l;

  for (l = self->pads; l && !toc; l = l->next) {
    if (GST_H4MK_MUX_PAD (l->data)->toc)
      toc = gst_toc_ref (GST_H4MK_MUX_PAD (l->data)->toc);
  }
  return toc;
}

/* Called with the lock. All that is known of the file in the end. */
static void
gst_h4mk_mux_make_tail (GstH4MkMux * self, GstH4mkTail * tail)
{
  GstTagList *tags;
  GstToc *toc;
  GList *l;

  tail->attachments = g_ptr_array_new_with_free_func ((GDestroyNotify)
      gst_h4mk_attachment_free);
  tail->track_tags = g_hash_table_new_full (NULL, NULL, NULL, free_json);
  for (l = self->pads; l; l = l->next) {
    GstH4MkMuxPad *pad = l->data;
    JsonObject *object;

    gst_h4mk_mux_pad_apply (pad, g_steal_pointer (&pad->change), &self->tags);
    object = pad->caps ?
        gst_h4mk_tags_to_json (pad->tags, pad->id, tail->attachments) : NULL;
    if (object)
      g_hash_table_insert (tail->track_tags, GUINT_TO_POINTER (pad->id),
          object);
  }
  tags = gst_h4mk_mux_merge_tags (self);
  tail->tags = gst_h4mk_tags_to_json (tags, 0, tail->attachments);
  gst_clear_tag_list (&tags);
  toc = gst_h4mk_mux_get_toc (self);
  if (toc)
    tail->toc = gst_h4mk_toc_to_json (toc);
  gst_h4mk_toc_clear (&toc);
  tail->safe = gst_h4mk_mux_out_get_settings (self->out)->safe;
}

/* Called with the lock. Tags that no file can hold do not cost the recording
 * its end. */
static gboolean
gst_h4mk_mux_finish_file (GstH4MkMux * self, GError ** error)
{
  GstH4mkTail tail = { NULL, };
  GError *reason = NULL;
  gboolean ok;

  gst_h4mk_mux_make_tail (self, &tail);
  ok = gst_h4mk_mux_out_finish (self->out, &tail, &reason);
  gst_h4mk_mux_tail_clear (&tail);
  if (g_error_matches (reason, GST_H4MK_ERROR, GST_H4MK_ERROR_LIMIT)) {
    g_mutex_unlock (&self->lock);
    GST_ELEMENT_WARNING (self, STREAM, MUX,
        (_("The recording is kept without its tags, which are too large.")),
        ("%s", reason->message));
    g_mutex_lock (&self->lock);
    g_clear_error (&reason);
    ok = gst_h4mk_mux_out_finish (self->out, &tail, &reason);
  }
  if (!ok)
    g_propagate_error (error, reason);
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
  GstH4MkMuxPad *pad;
  gboolean complete;

  if (self->end_group) {
    self->end_group = FALSE;
    if (self->out && !self->finished)
      gst_h4mk_mux_out_end_group (self->out, error);
    return STEP_DONE;
  }
  pad = gst_h4mk_mux_find_next (self, &complete);
  if (pad && (complete || gst_h4mk_mux_is_overdue (self, pad))) {
    if (self->out || gst_h4mk_mux_start_file (self, error))
      gst_h4mk_mux_write_item (self, pad, error);
    return STEP_DONE;
  }
  if (!pad && complete && self->pads) {
    if (self->out || gst_h4mk_mux_start_file (self, error))
      gst_h4mk_mux_finish_file (self, error);
    self->finished = TRUE;
    return STEP_DONE;
  }
  if (self->live && gst_h4mk_mux_get_group_deadline (self) <=
      gst_h4mk_mux_get_now (self)) {
    gst_h4mk_mux_out_end_group (self->out, error);
    return STEP_DONE;
  }
  return STEP_NOTHING;
}

/* Called with the lock, which it lets go of for each push. */
static void
gst_h4mk_mux_push_output (GstH4MkMux * self)
{
  while (self->flow == GST_FLOW_OK && self->out
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
gst_h4mk_mux_free_gone (GstH4MkMux * self)
{
  GSList *gone = g_steal_pointer (&self->gone);

  if (!gone)
    return;
  g_mutex_unlock (&self->lock);
  g_slist_free_full (gone, gst_object_unref);
  g_mutex_lock (&self->lock);
}

static void
gst_h4mk_mux_fail (GstH4MkMux * self, GError * error)
{
  self->flow = GST_FLOW_ERROR;
  g_mutex_unlock (&self->lock);
  GST_ELEMENT_ERROR (self, STREAM, MUX,
      (_("The recording cannot be written.")), ("%s", error->message));
  g_mutex_lock (&self->lock);
}

static void
gst_h4mk_mux_push_eos (GstH4MkMux * self)
{
  g_mutex_unlock (&self->lock);
  gst_pad_push_event (self->srcpad, gst_event_new_eos ());
  g_mutex_lock (&self->lock);
  self->flow = GST_FLOW_EOS;
}

/* Called with the lock. Whether a pad that has nothing may get it from the
 * thread that waits for room in this one, as that of a demuxer. */
static gboolean
gst_h4mk_mux_is_thread_needed (GstH4MkMux * self, GstH4MkMuxPad * pad)
{
  GList *l;

  for (l = self->pads; l; l = l->next) {
    GstH4MkMuxPad *other = l->data;

    if (!gst_h4mk_mux_pad_peek (other) && !other->eos && !other->leaving
        && (!other->thread || other->thread == pad->thread))
      return TRUE;
  }
  return FALSE;
}

/* Called with the lock, after something was written or went wrong. A pad that
 * was emptied by half is awake already. */
static void
gst_h4mk_mux_wake_pads (GstH4MkMux * self)
{
  gboolean all = self->flow != GST_FLOW_OK || self->flushing;
  GList *l;

  for (l = self->pads; l; l = l->next) {
    GstH4MkMuxPad *pad = l->data;

    if (pad->waiting && (all || (!gst_h4mk_mux_pad_is_full (pad)
                && gst_h4mk_mux_is_thread_needed (self, pad))))
      g_cond_signal (&pad->room);
  }
}

/* One thread at a time writes and pushes, for all: whoever brings what was
 * missing. The others leave what they have in their rings. */
void
gst_h4mk_mux_drain (GstH4MkMux * self)
{
  GError *error = NULL;
  Step step = STEP_DONE;

  if (self->draining)
    return;

  self->draining = TRUE;
  self->drainer = g_thread_self ();
  while (step == STEP_DONE && self->flow == GST_FLOW_OK && !self->flushing) {
    step = gst_h4mk_mux_step (self, &error);
    /* what was made before an error is still worth having */
    gst_h4mk_mux_push_output (self);
    gst_h4mk_mux_free_gone (self);
    if (error) {
      gst_h4mk_mux_fail (self, error);
      g_clear_error (&error);
    } else if (self->finished && self->flow == GST_FLOW_OK) {
      gst_h4mk_mux_push_eos (self);
    }
  }
  self->draining = FALSE;
  self->drainer = NULL;
  gst_h4mk_mux_wake_pads (self);
  if (self->n_waiting > 0)
    g_cond_broadcast (&self->wake);
}

/* Called with the lock, which it lets go of until something happens. */
static void
gst_h4mk_mux_wait (GstH4MkMux * self)
{
  self->n_waiting++;
  g_cond_wait (&self->wake, &self->lock);
  self->n_waiting--;
}

void
gst_h4mk_mux_wait_drained (GstH4MkMux * self)
{
  while (self->draining && self->drainer != g_thread_self ())
    gst_h4mk_mux_wait (self);
}

void
gst_h4mk_mux_drain_soon (GstH4MkMux * self)
{
  if (!self->draining)
    gst_h4mk_mux_start_task (self);
  gst_h4mk_mux_wake_task (self);
}

/* Called with the lock. When the task of a live muxer has to look again. */
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
    gst_h4mk_mux_wait (self);
    return;
  }
  self->clock_deadline = deadline;
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
 * neither a stalled nor an idle track holds the file. One that is not live
 * has it for what is asked for by a thread that must not push. */
static void
gst_h4mk_mux_task (gpointer user_data)
{
  GstH4MkMux *self = user_data;
  gint64 deadline;

  g_mutex_lock (&self->lock);
  if (!self->flushing && self->flow == GST_FLOW_OK)
    gst_h4mk_mux_drain (self);
  if (self->flushing || self->flow != GST_FLOW_OK || !self->live) {
    gst_pad_pause_task (self->srcpad);
  } else if (self->draining) {
    gst_h4mk_mux_wait (self);
  } else {
    deadline = gst_h4mk_mux_get_deadline (self);
    if (deadline == G_MAXINT64 || gst_h4mk_mux_get_now (self) == G_MININT64)
      gst_h4mk_mux_wait (self);
    else
      gst_h4mk_mux_wait_until (self, deadline);
  }
  g_mutex_unlock (&self->lock);
}

void
gst_h4mk_mux_start_task (GstH4MkMux * self)
{
  /* under the lock, so that it is not started after it was stopped for good */
  if (!self->flushing)
    gst_pad_start_task (self->srcpad, gst_h4mk_mux_task, self, NULL);
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
    if (!pad->next_caps)
      pad->next_caps = g_steal_pointer (&pad->caps);
    gst_clear_caps (&pad->caps);
    pad->last_time = G_MININT64;
  }
  self->last_id = id;
  self->flow = GST_FLOW_OK;
  self->finished = FALSE;
  self->restarting = FALSE;
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
  if (self->n_waiting > 0)
    g_cond_broadcast (&self->wake);
}

void
gst_h4mk_mux_check_task (GstH4MkMux * self)
{
  if (self->clock_id && gst_h4mk_mux_get_deadline (self) < self->clock_deadline)
    gst_h4mk_mux_wake_task (self);
}
