/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-h4mkmux
 * @title: h4mkmux
 * @see_also: h4mkdemux
 *
 * Writes any streams into an H4MK container: opaque blocks, when they play,
 * which are key frames. The file only ever grows at its end, so it can go to a
 * pipe or a socket; cut off anywhere it is readable up to its last whole
 * block and provable up to its last LINK. The same input gives the same bytes.
 *
 * A live muxer (one whose upstream says so) has a thread of its own, so that
 * neither a stalled nor an idle stream holds the file. filesink keeps 64 KiB
 * to itself: give it `buffer-mode=unbuffered`, or h4mkmux `sync-interval=0`,
 * where a crash must lose nothing but the group being gathered.
 *
 * An element message "h4mk-span" is posted for each span that was closed:
 *
 * * guint64 `seq`: number of the span, from 1
 * * guint64 `offset`, `size`: where it stands in the file, in bytes
 * * guint64 `first-block`, `blocks`: which blocks it holds
 * * gint64 `time`: its first running time in ns, where it has one
 * * gchararray `chain`: the hash that proves the file up to here, in hex
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc num-buffers=60 ! x264enc ! m. audiotestsrc num-buffers=100 ! opusenc ! m. h4mkmux name=m ! filesink location=test.h4mk
 * ]|
 *
 * Since: 1.0
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4mkmuxpriv.h"

GST_DEBUG_CATEGORY (gst_h4mk_mux_debug);
#define GST_CAT_DEFAULT gst_h4mk_mux_debug

#define DEFAULT_PROFILE GST_H4MK_MUX_PROFILE_TRACK
#define DEFAULT_GROUP_DURATION (250 * GST_MSECOND)
#define DEFAULT_GROUP_SIZE (1 << 20)
#define DEFAULT_SPAN_DURATION (1 * GST_SECOND)
#define DEFAULT_MIN_INDEX_INTERVAL (500 * GST_MSECOND)
#define DEFAULT_LATENCY 0
#define DEFAULT_SYNC_INTERVAL (1 * GST_SECOND)
#define DEFAULT_LINK TRUE
#define DEFAULT_UUID NULL
#define DEFAULT_START_TIME (-1)
#define DEFAULT_SAFE NULL
#define DEFAULT_SIGNING_KEY_FILE NULL

enum
{
  PROP_0,
  PROP_PROFILE,
  PROP_GROUP_DURATION,
  PROP_GROUP_SIZE,
  PROP_SPAN_DURATION,
  PROP_MIN_INDEX_INTERVAL,
  PROP_LATENCY,
  PROP_SYNC_INTERVAL,
  PROP_LINK,
  PROP_UUID,
  PROP_START_TIME,
  PROP_SAFE,
  PROP_SIGNING_KEY_FILE,
  PROP_STATS,
  N_PROPERTIES
};

enum
{
  SIGNAL_END_GROUP,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

/* sink_%u comes first, so that a link without a name never gets one that says
 * something wrong of the stream. */
static const gchar *const template_names[] =
    { "sink_%u", "video_%u", "audio_%u", "subtitle_%u" };

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS ("application/x-h4mk"));
static GstStaticPadTemplate sink_templates[] = {
  GST_STATIC_PAD_TEMPLATE ("sink_%u", GST_PAD_SINK, GST_PAD_REQUEST,
      GST_STATIC_CAPS_ANY),
  GST_STATIC_PAD_TEMPLATE ("video_%u", GST_PAD_SINK, GST_PAD_REQUEST,
      GST_STATIC_CAPS_ANY),
  GST_STATIC_PAD_TEMPLATE ("audio_%u", GST_PAD_SINK, GST_PAD_REQUEST,
      GST_STATIC_CAPS_ANY),
  GST_STATIC_PAD_TEMPLATE ("subtitle_%u", GST_PAD_SINK, GST_PAD_REQUEST,
      GST_STATIC_CAPS_ANY)
};

#define GST_TYPE_H4MK_MUX_PROFILE (gst_h4mk_mux_profile_get_type ())
static GType
gst_h4mk_mux_profile_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {GST_H4MK_MUX_PROFILE_TRACK, "Timed tracks", "track"},
    {GST_H4MK_MUX_PROFILE_BASE, "One opaque stream of blocks", "base"},
    {0, NULL, NULL}
  };

  if (g_once_init_enter (&type)) {
    GType t = g_enum_register_static ("GstH4MkMuxProfile", values);
    g_once_init_leave (&type, t);
  }
  return (GType) type;
}

static void gst_h4mk_mux_child_proxy_init (gpointer g_iface, gpointer data);

G_DEFINE_TYPE_WITH_CODE (GstH4MkMux, gst_h4mk_mux, GST_TYPE_ELEMENT,
    G_IMPLEMENT_INTERFACE (GST_TYPE_TAG_SETTER, NULL);
    G_IMPLEMENT_INTERFACE (GST_TYPE_TOC_SETTER, NULL);
    G_IMPLEMENT_INTERFACE (GST_TYPE_CHILD_PROXY,
        gst_h4mk_mux_child_proxy_init);
    GST_DEBUG_CATEGORY_INIT (gst_h4mk_mux_debug, "h4mkmux", 0, "H4MK muxer"));
GST_ELEMENT_REGISTER_DEFINE (h4mkmux, "h4mkmux", GST_RANK_PRIMARY,
    GST_TYPE_H4MK_MUX);

/* Pads as children, so that gst-launch-1.0 sets their properties:
 * `h4mkmux name=m m.sink_0::track-name=…`, and sink_0::… on the element. */
static GObject *
gst_h4mk_mux_child_by_index (GstChildProxy * proxy, guint index)
{
  GstElement *element = GST_ELEMENT (proxy);
  GObject *child;

  GST_OBJECT_LOCK (element);
  child = g_list_nth_data (element->sinkpads, index);
  if (child)
    g_object_ref (child);
  GST_OBJECT_UNLOCK (element);
  return child;
}

static guint
gst_h4mk_mux_children_count (GstChildProxy * proxy)
{
  guint n;

  GST_OBJECT_LOCK (proxy);
  n = GST_ELEMENT (proxy)->numsinkpads;
  GST_OBJECT_UNLOCK (proxy);
  return n;
}

static void
gst_h4mk_mux_child_proxy_init (gpointer g_iface, gpointer data)
{
  GstChildProxyInterface *iface = g_iface;

  iface->get_child_by_index = gst_h4mk_mux_child_by_index;
  iface->get_children_count = gst_h4mk_mux_children_count;
}

static gboolean
gst_h4mk_mux_src_latency (GstH4MkMux * self, GstQuery * query)
{
  GstClockTime min, max;
  gboolean live;
  guint64 latency;

  if (!gst_pad_query_default (self->srcpad, GST_OBJECT (self), query))
    return FALSE;
  gst_query_parse_latency (query, &live, &min, &max);
  if (live) {
    GST_OBJECT_LOCK (self);
    latency = self->latency;
    GST_OBJECT_UNLOCK (self);
    min += latency;
    if (GST_CLOCK_TIME_IS_VALID (max))
      max += latency;
    gst_query_set_latency (query, live, min, max);
  }
  return TRUE;
}

static gboolean
gst_h4mk_mux_src_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  GstH4MkMux *self = GST_H4MK_MUX (parent);
  GstFormat format;
  gint64 position;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_LATENCY:
      return gst_h4mk_mux_src_latency (self, query);
    case GST_QUERY_SEEKING:
      gst_query_parse_seeking (query, &format, NULL, NULL, NULL);
      gst_query_set_seeking (query, format, FALSE, 0, -1);
      return TRUE;
    case GST_QUERY_POSITION:
      gst_query_parse_position (query, &format, NULL);
      if (format != GST_FORMAT_TIME)
        return FALSE;
      g_mutex_lock (&self->lock);
      position = self->position;
      g_mutex_unlock (&self->lock);
      if (position < 0)
        return FALSE;
      gst_query_set_position (query, format, position);
      return TRUE;
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

static gboolean
gst_h4mk_mux_src_event (GstPad * gstpad, GstObject * parent, GstEvent * event)
{
  GstH4MkMux *self = GST_H4MK_MUX (parent);
  gboolean latency = GST_EVENT_TYPE (event) == GST_EVENT_LATENCY, ok;
  GList *pads, *l;

  /* a file cannot be written from the middle */
  if (GST_EVENT_TYPE (event) == GST_EVENT_SEEK) {
    gst_event_unref (event);
    return FALSE;
  }
  ok = gst_pad_event_default (gstpad, parent, event);
  if (latency) {
    g_mutex_lock (&self->lock);
    pads = g_list_copy (self->pads);
    for (l = pads; l; l = l->next)
      gst_object_ref (l->data);
    g_mutex_unlock (&self->lock);
    for (l = pads; l; l = l->next)
      gst_h4mk_mux_query_latency (self, l->data);
    g_list_free_full (pads, gst_object_unref);
  }
  return ok;
}

static gboolean
gst_h4mk_mux_src_activate_mode (GstPad * pad, GstObject * parent,
    GstPadMode mode, gboolean active)
{
  GstH4MkMux *self = GST_H4MK_MUX (parent);
  GList *l;

  if (mode != GST_PAD_MODE_PUSH)
    return FALSE;
  g_mutex_lock (&self->lock);
  self->flushing = !active;
  for (l = self->pads; l; l = l->next)
    g_cond_broadcast (&GST_H4MK_MUX_PAD (l->data)->room);
  gst_h4mk_mux_wake_task (self);
  g_mutex_unlock (&self->lock);
  return active || gst_pad_stop_task (pad);
}

static gboolean
gst_h4mk_mux_has_pad (GstH4MkMux * self, const gchar * name)
{
  GstPad *pad = gst_element_get_static_pad (GST_ELEMENT (self), name);
  gboolean found = pad != NULL;

  gst_clear_object (&pad);
  return found;
}

/* Called with the lock. The name that was asked for, else the template's next
 * that is free. */
static gchar *
gst_h4mk_mux_choose_name (GstH4MkMux * self, guint template, const gchar * name)
{
  gchar *prefix = g_strndup (template_names[template],
      strlen (template_names[template]) - 2);
  gchar *chosen = NULL;
  guint64 number;

  if (name && g_str_has_prefix (name, prefix)
      && g_ascii_string_to_unsigned (name + strlen (prefix), 10, 0,
          G_MAXUINT32, &number, NULL)) {
    self->n_named[template] = MAX (self->n_named[template], (guint) number + 1);
    chosen = g_strdup (name);
  } else {
    do {
      g_free (chosen);
      chosen = g_strdup_printf ("%s%u", prefix, self->n_named[template]++);
    } while (gst_h4mk_mux_has_pad (self, chosen));
  }
  g_free (prefix);
  return chosen;
}

/* Called with the lock. */
static guint
gst_h4mk_mux_count_pads (GstH4MkMux * self)
{
  guint n = 0;
  GList *l;

  for (l = self->pads; l; l = l->next)
    n += !GST_H4MK_MUX_PAD (l->data)->leaving;
  return n;
}

static GstPad *
gst_h4mk_mux_request_new_pad (GstElement * element, GstPadTemplate * templ,
    const gchar * name, const GstCaps * caps)
{
  GstH4MkMux *self = GST_H4MK_MUX (element);
  GstH4MkMuxPad *pad;
  gboolean base;
  guint i = 0, n_pads;
  gchar *chosen;

  while (i < G_N_ELEMENTS (template_names) - 1
      && strcmp (template_names[i], GST_PAD_TEMPLATE_NAME_TEMPLATE (templ)))
    i++;
  GST_OBJECT_LOCK (self);
  base = self->settings.profile == GST_H4MK_MUX_PROFILE_BASE;
  GST_OBJECT_UNLOCK (self);

  g_mutex_lock (&self->lock);
  n_pads = gst_h4mk_mux_count_pads (self);
  if ((base && n_pads > 0) || n_pads >= GST_H4MK_MAX_TRACKS) {
    g_mutex_unlock (&self->lock);
    GST_WARNING_OBJECT (self, "no more pads: %s", base ?
        "profile=base takes one stream" : "a file holds 65535 tracks");
    return NULL;
  }
  chosen = gst_h4mk_mux_choose_name (self, i, name);
  pad = g_object_new (GST_TYPE_H4MK_MUX_PAD, "name", chosen, "direction",
      GST_PAD_SINK, "template", templ, NULL);
  g_free (chosen);
  pad->id = ++self->last_id;
  self->pads = g_list_append (self->pads, gst_object_ref (pad));
  g_mutex_unlock (&self->lock);

  gst_pad_set_chain_function (GST_PAD (pad),
      GST_DEBUG_FUNCPTR (gst_h4mk_mux_chain));
  gst_pad_set_event_function (GST_PAD (pad),
      GST_DEBUG_FUNCPTR (gst_h4mk_mux_sink_event));
  gst_pad_set_query_function (GST_PAD (pad),
      GST_DEBUG_FUNCPTR (gst_h4mk_mux_sink_query));
  if (GST_STATE (self) > GST_STATE_READY)
    gst_pad_set_active (GST_PAD (pad), TRUE);
  if (!gst_element_add_pad (element, GST_PAD (pad))) {
    g_mutex_lock (&self->lock);
    self->pads = g_list_remove (self->pads, pad);
    g_mutex_unlock (&self->lock);
    gst_object_unref (pad);
    return NULL;
  }
  gst_child_proxy_child_added (GST_CHILD_PROXY (self), G_OBJECT (pad),
      GST_OBJECT_NAME (pad));
  return GST_PAD (pad);
}

/* What its ring holds is still written, at its place among the others, by
 * whoever writes then; a track that is gone holds nobody up. The last pad to
 * go does not end the file: another may come. */
static void
gst_h4mk_mux_release_pad (GstElement * element, GstPad * gstpad)
{
  GstH4MkMux *self = GST_H4MK_MUX (element);
  GstH4MkMuxPad *pad = GST_H4MK_MUX_PAD (gstpad);

  g_mutex_lock (&self->lock);
  pad->flushing = TRUE;
  g_cond_broadcast (&pad->room);
  g_mutex_unlock (&self->lock);
  /* its thread is not here any more after this */
  gst_pad_set_active (gstpad, FALSE);

  g_mutex_lock (&self->lock);
  pad->leaving = TRUE;
  pad->live = FALSE;
  pad->min_latency = 0;
  if (self->flushing || !gst_h4mk_mux_pad_peek (pad))
    gst_h4mk_mux_drop_pad (self, pad);
  gst_h4mk_mux_update_latency (self);
  gst_h4mk_mux_drain_soon (self);
  g_mutex_unlock (&self->lock);

  gst_child_proxy_child_removed (GST_CHILD_PROXY (self), G_OBJECT (pad),
      GST_OBJECT_NAME (pad));
  gst_element_remove_pad (element, gstpad);
}

static void
gst_h4mk_mux_reset (GstH4MkMux * self)
{
  GList *l, *next;
  GSList *gone;

  g_mutex_lock (&self->lock);
  gst_h4mk_mux_wait_drained (self);
  for (l = self->pads; l; l = next) {
    GstH4MkMuxPad *pad = l->data;

    next = l->next;
    gst_h4mk_mux_pad_reset (pad);
    if (pad->leaving)
      gst_h4mk_mux_drop_pad (self, pad);
  }
  gst_h4mk_mux_reset_file (self);
  gst_clear_tag_list (&self->tags);
  self->live = FALSE;
  self->upstream_latency = 0;
  gone = g_steal_pointer (&self->gone);
  g_mutex_unlock (&self->lock);
  g_slist_free_full (gone, gst_object_unref);
}

static GstStateChangeReturn
gst_h4mk_mux_change_state (GstElement * element, GstStateChange transition)
{
  GstH4MkMux *self = GST_H4MK_MUX (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY
      && !gst_h4mk_mux_load_key (self))
    return GST_STATE_CHANGE_FAILURE;
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    if (!gst_h4mk_mux_take_settings (self))
      return GST_STATE_CHANGE_FAILURE;
    gst_h4mk_mux_reset (self);
  }

  ret = GST_ELEMENT_CLASS (gst_h4mk_mux_parent_class)->change_state (element,
      transition);

  switch (transition) {
    case GST_STATE_CHANGE_PAUSED_TO_PLAYING:
      /* there is a clock to wait on now */
      g_mutex_lock (&self->lock);
      gst_h4mk_mux_wake_task (self);
      g_mutex_unlock (&self->lock);
      break;
    case GST_STATE_CHANGE_PAUSED_TO_READY:
      gst_tag_setter_reset_tags (GST_TAG_SETTER (self));
      gst_toc_setter_reset (GST_TOC_SETTER (self));
      gst_h4mk_mux_reset (self);
      break;
    case GST_STATE_CHANGE_READY_TO_NULL:
      gst_h4mk_mux_forget_key (self);
      break;
    default:
      break;
  }
  return ret;
}

/* The caller is not made to push. */
static void
gst_h4mk_mux_end_group (GstH4MkMux * self)
{
  g_mutex_lock (&self->lock);
  if (self->out) {
    self->end_group = TRUE;
    gst_h4mk_mux_drain_soon (self);
  }
  g_mutex_unlock (&self->lock);
}

static GstStructure *
gst_h4mk_mux_get_stats (GstH4MkMux * self)
{
  GstStructure *stats;

  g_mutex_lock (&self->lock);
  if (self->out)
    stats = gst_h4mk_mux_out_get_stats (self->out);
  else
    stats = gst_structure_new ("application/x-h4mkmux-stats",
        "bytes", G_TYPE_UINT64, (guint64) 0,
        "blocks", G_TYPE_UINT64, (guint64) 0,
        "groups", G_TYPE_UINT64, (guint64) 0,
        "spans", G_TYPE_UINT64, (guint64) 0, NULL);
  g_mutex_unlock (&self->lock);
  return stats;
}

static void
gst_h4mk_mux_set_property (GObject * object, guint prop_id,
    const GValue * value, GParamSpec * pspec)
{
  GstH4MkMux *self = GST_H4MK_MUX (object);
  GstH4MkMuxSettings *settings = &self->settings;

  GST_OBJECT_LOCK (self);
  switch (prop_id) {
    case PROP_PROFILE:
      settings->profile = g_value_get_enum (value);
      break;
    case PROP_GROUP_DURATION:
      settings->writer.group_duration = g_value_get_uint64 (value);
      break;
    case PROP_GROUP_SIZE:
      settings->writer.group_size = g_value_get_uint64 (value);
      break;
    case PROP_SPAN_DURATION:
      settings->writer.span_duration = g_value_get_uint64 (value);
      break;
    case PROP_MIN_INDEX_INTERVAL:
      settings->writer.min_index_interval = g_value_get_uint64 (value);
      break;
    case PROP_LATENCY:
      self->latency = g_value_get_uint64 (value);
      break;
    case PROP_SYNC_INTERVAL:
      settings->sync_interval = g_value_get_uint64 (value);
      break;
    case PROP_LINK:
      settings->writer.link = g_value_get_boolean (value);
      break;
    case PROP_UUID:
      g_free (settings->uuid);
      settings->uuid = g_value_dup_string (value);
      break;
    case PROP_START_TIME:
      settings->start_time = g_value_get_int64 (value);
      break;
    case PROP_SAFE:
      g_free (settings->safe);
      settings->safe = g_value_dup_string (value);
      break;
    case PROP_SIGNING_KEY_FILE:
      g_free (settings->signing_key_file);
      settings->signing_key_file = g_value_dup_string (value);
      g_clear_pointer (&settings->signing_key, gst_h4mk_signing_key_unref);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);

  if (prop_id == PROP_LATENCY) {
    g_mutex_lock (&self->lock);
    gst_h4mk_mux_wake_task (self);
    g_mutex_unlock (&self->lock);
    gst_element_post_message (GST_ELEMENT (self),
        gst_message_new_latency (GST_OBJECT (self)));
  }
}

static void
gst_h4mk_mux_get_property (GObject * object, guint prop_id, GValue * value,
    GParamSpec * pspec)
{
  GstH4MkMux *self = GST_H4MK_MUX (object);
  const GstH4MkMuxSettings *settings = &self->settings;

  if (prop_id == PROP_STATS) {
    g_value_take_boxed (value, gst_h4mk_mux_get_stats (self));
    return;
  }
  GST_OBJECT_LOCK (self);
  switch (prop_id) {
    case PROP_PROFILE:
      g_value_set_enum (value, settings->profile);
      break;
    case PROP_GROUP_DURATION:
      g_value_set_uint64 (value, settings->writer.group_duration);
      break;
    case PROP_GROUP_SIZE:
      g_value_set_uint64 (value, settings->writer.group_size);
      break;
    case PROP_SPAN_DURATION:
      g_value_set_uint64 (value, settings->writer.span_duration);
      break;
    case PROP_MIN_INDEX_INTERVAL:
      g_value_set_uint64 (value, settings->writer.min_index_interval);
      break;
    case PROP_LATENCY:
      g_value_set_uint64 (value, self->latency);
      break;
    case PROP_SYNC_INTERVAL:
      g_value_set_uint64 (value, settings->sync_interval);
      break;
    case PROP_LINK:
      g_value_set_boolean (value, settings->writer.link);
      break;
    case PROP_UUID:
      g_value_set_string (value, settings->uuid);
      break;
    case PROP_START_TIME:
      g_value_set_int64 (value, settings->start_time);
      break;
    case PROP_SAFE:
      g_value_set_string (value, settings->safe);
      break;
    case PROP_SIGNING_KEY_FILE:
      g_value_set_string (value, settings->signing_key_file);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_h4mk_mux_finalize (GObject * object)
{
  GstH4MkMux *self = GST_H4MK_MUX (object);

  gst_h4mk_mux_reset (self);
  g_list_free_full (self->pads, gst_object_unref);
  gst_h4mk_mux_settings_clear (&self->settings);
  gst_h4mk_mux_settings_clear (&self->file_settings);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->wake);

  G_OBJECT_CLASS (gst_h4mk_mux_parent_class)->finalize (object);
}

static void
gst_h4mk_mux_init (GstH4MkMux * self)
{
  GstH4MkMuxSettings *settings = &self->settings;

  g_mutex_init (&self->lock);
  g_cond_init (&self->wake);
  self->flushing = TRUE;
  self->latency = DEFAULT_LATENCY;
  gst_h4mk_writer_options_init (&settings->writer);
  settings->profile = DEFAULT_PROFILE;
  settings->writer.group_duration = DEFAULT_GROUP_DURATION;
  settings->writer.group_size = DEFAULT_GROUP_SIZE;
  settings->writer.span_duration = DEFAULT_SPAN_DURATION;
  settings->writer.min_index_interval = DEFAULT_MIN_INDEX_INTERVAL;
  settings->writer.link = DEFAULT_LINK;
  settings->sync_interval = DEFAULT_SYNC_INTERVAL;
  settings->start_time = DEFAULT_START_TIME;

  self->srcpad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_query_function (self->srcpad,
      GST_DEBUG_FUNCPTR (gst_h4mk_mux_src_query));
  gst_pad_set_event_function (self->srcpad,
      GST_DEBUG_FUNCPTR (gst_h4mk_mux_src_event));
  gst_pad_set_activatemode_function (self->srcpad,
      GST_DEBUG_FUNCPTR (gst_h4mk_mux_src_activate_mode));
  gst_pad_use_fixed_caps (self->srcpad);
  gst_element_add_pad (GST_ELEMENT (self), self->srcpad);
}

static void
gst_h4mk_mux_class_init (GstH4MkMuxClass * klass)
{
  GObjectClass *gobject_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  const GParamFlags flags =
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;
  guint i;

  gobject_class->set_property = gst_h4mk_mux_set_property;
  gobject_class->get_property = gst_h4mk_mux_get_property;
  gobject_class->finalize = gst_h4mk_mux_finalize;

  /**
   * GstH4MkMux:profile:
   *
   * "base" takes one stream of application/x-h4-blocks and writes the bytes
   * of the reference HTTP API.
   *
   * Since: 1.0
   */
  properties[PROP_PROFILE] = g_param_spec_enum ("profile", "Profile",
      "Which kind of file is written", GST_TYPE_H4MK_MUX_PROFILE,
      DEFAULT_PROFILE, flags);

  /**
   * GstH4MkMux:group-duration:
   *
   * Running time that a group, the unit of writing, gathers, in ns. 0 writes
   * every block at once: the lowest latency, and nothing to lose in a crash.
   *
   * Since: 1.0
   */
  properties[PROP_GROUP_DURATION] = g_param_spec_uint64 ("group-duration",
      "Group duration", "Time that a group gathers, in ns (0 = every block is "
      "written at once)", 0, G_MAXUINT64, DEFAULT_GROUP_DURATION, flags);

  /**
   * GstH4MkMux:group-size:
   *
   * Bytes of blocks with which a group is full.
   *
   * Since: 1.0
   */
  properties[PROP_GROUP_SIZE] = g_param_spec_uint64 ("group-size",
      "Group size", "Bytes of blocks with which a group is full", 1,
      GST_H4MK_MAX_BLOCK_SIZE, DEFAULT_GROUP_SIZE, flags);

  /**
   * GstH4MkMux:span-duration:
   *
   * Running time after which a span, the unit of index and proof, ends, in ns.
   *
   * Since: 1.0
   */
  properties[PROP_SPAN_DURATION] = g_param_spec_uint64 ("span-duration",
      "Span duration", "Time after which a span, the unit of index and proof, "
      "ends, in ns", 0, G_MAXUINT64, DEFAULT_SPAN_DURATION, flags);

  /**
   * GstH4MkMux:min-index-interval:
   *
   * How long a span lasts at least before a key block of the primary video
   * track ends it, in ns.
   *
   * Since: 1.0
   */
  properties[PROP_MIN_INDEX_INTERVAL] =
      g_param_spec_uint64 ("min-index-interval", "Min index interval",
      "Least time between two spans that key blocks begin, in ns", 0,
      G_MAXUINT64, DEFAULT_MIN_INDEX_INTERVAL, flags);

  /**
   * GstH4MkMux:latency:
   *
   * Live: how long a block waits for the other streams beyond the latency of
   * what is upstream, in ns.
   *
   * Since: 1.0
   */
  properties[PROP_LATENCY] = g_param_spec_uint64 ("latency", "Latency",
      "Live: how long a block waits for the other streams, in ns, beyond the "
      "upstream latency", 0, G_MAXINT64, DEFAULT_LATENCY,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);

  /**
   * GstH4MkMux:sync-interval:
   *
   * Running time after which the last buffer of a group asks the sink to
   * write through to the disk (GST_BUFFER_FLAG_SYNC_AFTER), in ns. 0: every
   * group does.
   *
   * Since: 1.0
   */
  properties[PROP_SYNC_INTERVAL] = g_param_spec_uint64 ("sync-interval",
      "Sync interval", "Time after which a group is synced to disk, in ns "
      "(0 = every group)", 0, G_MAXUINT64, DEFAULT_SYNC_INTERVAL, flags);

  /**
   * GstH4MkMux:link:
   *
   * Whether LINK chunks chain the spans by hashes. Without them a file that
   * is cut off proves nothing, and is slower to open.
   *
   * Since: 1.0
   */
  properties[PROP_LINK] = g_param_spec_boolean ("link", "Link",
      "Close each span by a LINK that proves it", DEFAULT_LINK, flags);

  /**
   * GstH4MkMux:uuid:
   *
   * Names the recording. None by default: the same input gives the same file.
   *
   * Since: 1.0
   */
  properties[PROP_UUID] = g_param_spec_string ("uuid", "UUID",
      "UUID of the recording (none by default)", DEFAULT_UUID, flags);

  /**
   * GstH4MkMux:start-time:
   *
   * When running time 0 was, in ns since 1970 (UTC). None by default (-1).
   *
   * Since: 1.0
   */
  properties[PROP_START_TIME] = g_param_spec_int64 ("start-time", "Start time",
      "When running time 0 was, in ns since 1970 (-1 = none)", -1, G_MAXINT64,
      DEFAULT_START_TIME, flags);

  /**
   * GstH4MkMux:safe:
   *
   * A JSON object that the SAFE chunk holds instead of the default.
   *
   * Since: 1.0
   */
  properties[PROP_SAFE] = g_param_spec_string ("safe", "Safe",
      "JSON object of the SAFE chunk", DEFAULT_SAFE, flags);

  /**
   * GstH4MkMux:signing-key-file:
   *
   * A PEM file with the Ed25519 private key that signs the file: every LINK,
   * and at the end the whole (SIGN). `h4mk keygen` makes one. It is read when
   * the element leaves NULL, or when it leaves READY if it was set there.
   *
   * Since: 1.0
   */
  properties[PROP_SIGNING_KEY_FILE] = g_param_spec_string ("signing-key-file",
      "Signing key file", "PEM file of the Ed25519 private key that signs the "
      "file (none by default)", DEFAULT_SIGNING_KEY_FILE, flags);

  /**
   * GstH4MkMux:stats:
   *
   * What was written of the current file: guint64 `bytes`, `blocks`, `groups`
   * and `spans`.
   *
   * Since: 1.0
   */
  properties[PROP_STATS] = g_param_spec_boxed ("stats", "Statistics",
      "Bytes, blocks, groups and spans written", GST_TYPE_STRUCTURE,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);

  g_object_class_install_properties (gobject_class, N_PROPERTIES, properties);

  /**
   * GstH4MkMux::end-group:
   * @self: the muxer
   *
   * Writes the group being gathered now.
   *
   * Since: 1.0
   */
  signals[SIGNAL_END_GROUP] = g_signal_new_class_handler ("end-group",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (gst_h4mk_mux_end_group), NULL, NULL, NULL, G_TYPE_NONE, 0);

  element_class->request_new_pad =
      GST_DEBUG_FUNCPTR (gst_h4mk_mux_request_new_pad);
  element_class->release_pad = GST_DEBUG_FUNCPTR (gst_h4mk_mux_release_pad);
  element_class->change_state = GST_DEBUG_FUNCPTR (gst_h4mk_mux_change_state);

  gst_element_class_add_static_pad_template (element_class, &src_template);
  for (i = 0; i < G_N_ELEMENTS (sink_templates); i++)
    gst_element_class_add_static_pad_template_with_gtype (element_class,
        &sink_templates[i], GST_TYPE_H4MK_MUX_PAD);
  gst_element_class_set_static_metadata (element_class, "H4MK muxer",
      "Codec/Muxer", "Writes streams into an H4MK container",
      "The gst-harmony4 authors");
  gst_type_mark_as_plugin_api (GST_TYPE_H4MK_MUX_PAD, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_H4MK_PAD_KIND, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_H4MK_MUX_PROFILE, 0);
}
