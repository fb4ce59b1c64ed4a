/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-h4mkdemux
 * @title: h4mkdemux
 * @see_also: h4mkmux
 *
 * Reads an H4MK container: what went into h4mkmux comes out, byte for byte,
 * with running times, durations, flags, caps, tags and chapters. Files that
 * were cut off anywhere, or are still being recorded, play up to their last
 * whole block.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 videotestsrc num-buffers=60 ! x264enc ! h4mkmux ! filesink location=test.h4mk
 * gst-launch-1.0 filesrc location=test.h4mk ! h4mkdemux ! decodebin ! videoconvert ! fakesink
 * ]|
 *
 * Since: 1.0
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4-i18n.h"
#include "gsth4mkdemuxpriv.h"

GST_DEBUG_CATEGORY (gst_h4mk_demux_debug);
#define GST_CAT_DEFAULT gst_h4mk_demux_debug

#define DEFAULT_VERIFY GST_H4MK_DEMUX_VERIFY_CRC
#define DEFAULT_ON_ERROR GST_H4MK_DEMUX_ON_ERROR_STOP
#define DEFAULT_TRUSTED_KEY NULL
#define DEFAULT_TAIL FALSE

enum
{
  PROP_0,
  PROP_VERIFY,
  PROP_ON_ERROR,
  PROP_TRUSTED_KEY,
  PROP_TAIL,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS ("application/x-h4mk"));
static GstStaticPadTemplate src_templates[] = {
  GST_STATIC_PAD_TEMPLATE ("video_%u", GST_PAD_SRC, GST_PAD_SOMETIMES,
      GST_STATIC_CAPS_ANY),
  GST_STATIC_PAD_TEMPLATE ("audio_%u", GST_PAD_SRC, GST_PAD_SOMETIMES,
      GST_STATIC_CAPS_ANY),
  GST_STATIC_PAD_TEMPLATE ("subtitle_%u", GST_PAD_SRC, GST_PAD_SOMETIMES,
      GST_STATIC_CAPS_ANY),
  GST_STATIC_PAD_TEMPLATE ("data_%u", GST_PAD_SRC, GST_PAD_SOMETIMES,
      GST_STATIC_CAPS_ANY)
};

#define GST_TYPE_H4MK_DEMUX_VERIFY (gst_h4mk_demux_verify_get_type ())
static GType
gst_h4mk_demux_verify_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {GST_H4MK_DEMUX_VERIFY_NONE, "Nothing", "none"},
    {GST_H4MK_DEMUX_VERIFY_CRC, "The CRC of each chunk", "crc"},
    {GST_H4MK_DEMUX_VERIFY_CHAIN, "Spans against their LINK", "chain"},
    {0, NULL, NULL}
  };

  if (g_once_init_enter (&type)) {
    GType t = g_enum_register_static ("GstH4MkDemuxVerify", values);
    g_once_init_leave (&type, t);
  }
  return (GType) type;
}

#define GST_TYPE_H4MK_DEMUX_ON_ERROR (gst_h4mk_demux_on_error_get_type ())
static GType
gst_h4mk_demux_on_error_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {GST_H4MK_DEMUX_ON_ERROR_STOP, "Stop with an error", "stop"},
    {GST_H4MK_DEMUX_ON_ERROR_SKIP, "Warn and play the rest", "skip"},
    {0, NULL, NULL}
  };

  if (g_once_init_enter (&type)) {
    GType t = g_enum_register_static ("GstH4MkDemuxOnError", values);
    g_once_init_leave (&type, t);
  }
  return (GType) type;
}

G_DEFINE_TYPE_WITH_CODE (GstH4MkDemux, gst_h4mk_demux, GST_TYPE_ELEMENT,
    GST_DEBUG_CATEGORY_INIT (gst_h4mk_demux_debug, "h4mkdemux", 0,
        "H4MK demuxer"));
GST_ELEMENT_REGISTER_DEFINE (h4mkdemux, "h4mkdemux", GST_RANK_PRIMARY,
    GST_TYPE_H4MK_DEMUX);

static void
gst_h4mk_demux_reset (GstH4MkDemux * self)
{
  gst_h4mk_demux_free_streams (self);
  gst_h4mk_demux_drop_window (self);
  gst_h4mk_demux_reset_push (self);
  gst_h4mk_demux_close_index (self);
  g_array_set_size (self->refs, 0);
  g_array_set_size (self->units, 0);
  self->next_ref = 0;
  self->in_refs = FALSE;
  self->unit = -1;
  self->opened = FALSE;
  self->meta_loaded = FALSE;
  self->error_posted = FALSE;
  self->next_block = 0;
  self->has_group_id = FALSE;
  self->has_start = FALSE;
  self->shift = self->start = 0;
  self->file_size = 0;
  self->readahead = GST_H4MK_DEMUX_READ_AHEAD;
  self->seqnum = self->seek_seqnum = self->byte_seqnum = GST_SEQNUM_INVALID;
  self->gap_position = G_MININT64;
  GST_OBJECT_LOCK (self);
  gst_segment_init (&self->segment, GST_FORMAT_TIME);
  self->duration = -1;
  self->seekable = FALSE;
  self->checks = self->verify;
  self->skips = self->on_error == GST_H4MK_DEMUX_ON_ERROR_SKIP;
  self->tails = self->tail;
  self->signed_only = self->trusted_key
      && self->checks == GST_H4MK_DEMUX_VERIFY_CHAIN;
  GST_OBJECT_UNLOCK (self);
  gst_h4mk_demux_new_parser (self);
}

static gboolean
gst_h4mk_demux_sink_activate (GstPad * pad, GstObject * parent)
{
  GstQuery *query = gst_query_new_scheduling ();
  gboolean pull;
  gint64 size;

  pull = gst_pad_peer_query (pad, query)
      && gst_query_has_scheduling_mode_with_flags (query, GST_PAD_MODE_PULL,
      GST_SCHEDULING_FLAG_SEEKABLE)
      && gst_pad_peer_query_duration (pad, GST_FORMAT_BYTES, &size);
  gst_query_unref (query);
  return gst_pad_activate_mode (pad, pull ? GST_PAD_MODE_PULL :
      GST_PAD_MODE_PUSH, TRUE);
}

static gboolean
gst_h4mk_demux_sink_activate_mode (GstPad * pad, GstObject * parent,
    GstPadMode mode, gboolean active)
{
  GstH4MkDemux *self = GST_H4MK_DEMUX (parent);

  g_mutex_lock (&self->wait_lock);
  self->flushing = !active;
  g_cond_broadcast (&self->wait_cond);
  g_mutex_unlock (&self->wait_lock);

  switch (mode) {
    case GST_PAD_MODE_PUSH:
      self->pull = FALSE;
      return TRUE;
    case GST_PAD_MODE_PULL:
      if (!active)
        return gst_pad_stop_task (pad);
      self->pull = TRUE;
      return gst_pad_start_task (pad, (GstTaskFunction) gst_h4mk_demux_loop,
          pad, NULL);
    default:
      return FALSE;
  }
}

/* Whoever names a key wants to hear nothing that it did not sign. */
static gboolean
gst_h4mk_demux_check_key (GstH4MkDemux * self)
{
  GError *error = NULL;
  gboolean unused;

  if (!gst_h4mk_demux_open_proof (self, &error)) {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        (_("trusted-key is no public key.")), ("%s", error->message));
    g_clear_error (&error);
    return FALSE;
  }
  gst_h4mk_demux_close_index (self);
  GST_OBJECT_LOCK (self);
  unused = self->trusted_key && !self->signed_only;
  GST_OBJECT_UNLOCK (self);
  if (unused)
    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS,
        (_("Signatures are not checked: trusted-key needs verify=chain.")),
        (NULL));
  return TRUE;
}

static GstStateChangeReturn
gst_h4mk_demux_change_state (GstElement * element, GstStateChange transition)
{
  GstH4MkDemux *self = GST_H4MK_DEMUX (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    gst_h4mk_demux_reset (self);
    if (!gst_h4mk_demux_check_key (self))
      return GST_STATE_CHANGE_FAILURE;
  }
  ret = GST_ELEMENT_CLASS (gst_h4mk_demux_parent_class)->change_state (element,
      transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    gst_h4mk_demux_reset (self);
  return ret;
}

static void
gst_h4mk_demux_set_property (GObject * object, guint prop_id,
    const GValue * value, GParamSpec * pspec)
{
  GstH4MkDemux *self = GST_H4MK_DEMUX (object);

  GST_OBJECT_LOCK (self);
  switch (prop_id) {
    case PROP_VERIFY:
      self->verify = g_value_get_enum (value);
      break;
    case PROP_ON_ERROR:
      self->on_error = g_value_get_enum (value);
      break;
    case PROP_TRUSTED_KEY:
      g_free (self->trusted_key);
      self->trusted_key = g_value_dup_string (value);
      break;
    case PROP_TAIL:
      self->tail = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_h4mk_demux_get_property (GObject * object, guint prop_id, GValue * value,
    GParamSpec * pspec)
{
  GstH4MkDemux *self = GST_H4MK_DEMUX (object);

  GST_OBJECT_LOCK (self);
  switch (prop_id) {
    case PROP_VERIFY:
      g_value_set_enum (value, self->verify);
      break;
    case PROP_ON_ERROR:
      g_value_set_enum (value, self->on_error);
      break;
    case PROP_TRUSTED_KEY:
      g_value_set_string (value, self->trusted_key);
      break;
    case PROP_TAIL:
      g_value_set_boolean (value, self->tail);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_h4mk_demux_finalize (GObject * object)
{
  GstH4MkDemux *self = GST_H4MK_DEMUX (object);

  gst_h4mk_demux_reset (self);
  gst_h4mk_parser_free (self->parser);
  g_ptr_array_unref (self->streams);
  g_array_unref (self->refs);
  g_array_unref (self->units);
  g_object_unref (self->adapter);
  g_ptr_array_unref (self->pieces);
  gst_flow_combiner_unref (self->flows);
  g_free (self->trusted_key);
  g_mutex_clear (&self->wait_lock);
  g_cond_clear (&self->wait_cond);

  G_OBJECT_CLASS (gst_h4mk_demux_parent_class)->finalize (object);
}

static void
gst_h4mk_demux_init (GstH4MkDemux * self)
{
  self->verify = DEFAULT_VERIFY;
  self->on_error = DEFAULT_ON_ERROR;
  self->tail = DEFAULT_TAIL;
  g_mutex_init (&self->wait_lock);
  g_cond_init (&self->wait_cond);
  self->streams = g_ptr_array_new_with_free_func (gst_h4mk_stream_free);
  self->refs = g_array_new (FALSE, FALSE, sizeof (GstH4mkSeekRef));
  self->units = g_array_new (FALSE, FALSE, sizeof (GstH4MkUnit));
  self->adapter = gst_adapter_new ();
  self->pieces = g_ptr_array_new ();
  self->flows = gst_flow_combiner_new ();

  self->sinkpad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_activate_function (self->sinkpad,
      GST_DEBUG_FUNCPTR (gst_h4mk_demux_sink_activate));
  gst_pad_set_activatemode_function (self->sinkpad,
      GST_DEBUG_FUNCPTR (gst_h4mk_demux_sink_activate_mode));
  gst_pad_set_chain_function (self->sinkpad,
      GST_DEBUG_FUNCPTR (gst_h4mk_demux_chain));
  gst_pad_set_event_function (self->sinkpad,
      GST_DEBUG_FUNCPTR (gst_h4mk_demux_sink_event));
  gst_element_add_pad (GST_ELEMENT (self), self->sinkpad);
  gst_h4mk_demux_reset (self);
}

static void
gst_h4mk_demux_class_init (GstH4MkDemuxClass * klass)
{
  GObjectClass *gobject_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  const GParamFlags flags =
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;
  guint i;

  gobject_class->set_property = gst_h4mk_demux_set_property;
  gobject_class->get_property = gst_h4mk_demux_get_property;
  gobject_class->finalize = gst_h4mk_demux_finalize;

  /**
   * GstH4MkDemux:verify:
   *
   * What is checked before it is played. "chain" also checks each span
   * against its LINK while it plays forwards; the error comes at the end of
   * the span that was altered.
   *
   * Since: 1.0
   */
  properties[PROP_VERIFY] = g_param_spec_enum ("verify", "Verify",
      "What is checked while playing", GST_TYPE_H4MK_DEMUX_VERIFY,
      DEFAULT_VERIFY, flags);

  /**
   * GstH4MkDemux:on-error:
   *
   * Whether damage ends playback with an error, or costs what it hits, with a
   * warning that names offset and tag.
   *
   * Since: 1.0
   */
  properties[PROP_ON_ERROR] = g_param_spec_enum ("on-error", "On error",
      "What to do about damage", GST_TYPE_H4MK_DEMUX_ON_ERROR,
      DEFAULT_ON_ERROR, flags);

  /**
   * GstH4MkDemux:trusted-key:
   *
   * The signer's Ed25519 public key in hex (64 digits). With verify=chain,
   * only what this key signed is accepted: each span up to its end, where an
   * error tells of one that is not, and nothing backwards.
   *
   * Since: 1.0
   */
  properties[PROP_TRUSTED_KEY] = g_param_spec_string ("trusted-key",
      "Trusted key", "Public key in hex that signatures must be by",
      DEFAULT_TRUSTED_KEY, flags);

  /**
   * GstH4MkDemux:tail:
   *
   * Whether the end of a file that was not finished is waited at for more,
   * until its VERI. Upstream must be one that can be pulled from.
   *
   * Since: 1.0
   */
  properties[PROP_TAIL] = g_param_spec_boolean ("tail", "Tail",
      "Follow a file that is still being written", DEFAULT_TAIL, flags);

  g_object_class_install_properties (gobject_class, N_PROPERTIES, properties);

  element_class->change_state = GST_DEBUG_FUNCPTR (gst_h4mk_demux_change_state);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  for (i = 0; i < G_N_ELEMENTS (src_templates); i++)
    gst_element_class_add_static_pad_template (element_class,
        &src_templates[i]);
  gst_element_class_set_static_metadata (element_class, "H4MK demuxer",
      "Codec/Demuxer", "Reads streams from an H4MK container",
      "The gst-harmony4 authors");
  gst_type_mark_as_plugin_api (GST_TYPE_H4MK_DEMUX_VERIFY, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_H4MK_DEMUX_ON_ERROR, 0);
}
