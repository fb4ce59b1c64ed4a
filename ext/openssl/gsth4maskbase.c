/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gst/lib/gsth4-i18n.h"
#include "gsth4maskbase.h"
#include "gsth4maskquery.h"
#include "gsth4maskstream.h"

GST_DEBUG_CATEGORY (gst_h4_mask_debug);
#define GST_CAT_DEFAULT gst_h4_mask_debug

#define DEFAULT_SCHEME H4_MASK_SCHEME_XOR_SHA256
#define DEFAULT_KEY_FILE NULL
#define DEFAULT_KEY_ENV NULL
#define DEFAULT_KEY NULL
#define DEFAULT_KEY_ID NULL
#define DEFAULT_SALT NULL
#define DEFAULT_MODE GST_H4_MASK_MODE_AUTO
#define DEFAULT_BLOCK_SIZE 0
#define MAX_BLOCK_SIZE (1 << 30)

#define CONTEXT_TYPE "harmony4.key"
#define UNMASK_KEY_FILE_VARIABLE "H4_KEY_FILE"

enum
{
  PROP_0,
  PROP_SCHEME,
  PROP_KEY_FILE,
  PROP_KEY_ENV,
  PROP_KEY,
  PROP_KEY_ID,
  PROP_SALT,
  PROP_BLOCK_SIZE,
  N_PROPS,
  PROP_MODE = N_PROPS
};

static GParamSpec *properties[N_PROPS];

enum
{
  SIGNAL_REQUEST_KEY,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

typedef struct
{
  /* OBJECT_LOCK */
  GstH4MaskSettings settings;

  GMutex start_lock;
  gboolean started;             /* start_lock */

  /* From READY to NULL; written before the stream starts. */
  H4MaskKey *key;
  H4MaskKey *env_key;

  GstH4MaskStream stream;
} GstH4MaskBasePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (GstH4MaskBase, gst_h4_mask_base,
    GST_TYPE_ELEMENT, G_ADD_PRIVATE (GstH4MaskBase)
    GST_DEBUG_CATEGORY_INIT (gst_h4_mask_debug, "h4mask", 0,
        "masking and unmasking"));

static GstH4MaskBasePrivate *
get_priv (gpointer self)
{
  return gst_h4_mask_base_get_instance_private (GST_H4_MASK_BASE (self));
}

static void
copy_settings (GstH4MaskBase * self, GstH4MaskSettings * settings)
{
  GST_OBJECT_LOCK (self);
  gst_h4_mask_settings_copy (settings, &get_priv (self)->settings);
  GST_OBJECT_UNLOCK (self);
}

static void
forget_keys (GstH4MaskBase * self)
{
  GstH4MaskBasePrivate *priv = get_priv (self);

  g_clear_pointer (&priv->key, h4_mask_key_free);
  g_clear_pointer (&priv->env_key, h4_mask_key_free);
}

static gboolean
load_keys (GstH4MaskBase * self, const GstH4MaskSettings * settings,
    GError ** error)
{
  GstH4MaskBasePrivate *priv = get_priv (self);
  const gchar *path = g_getenv (UNMASK_KEY_FILE_VARIABLE);

  forget_keys (self);
  if (!gst_h4_mask_settings_load_key (settings, &priv->key, error))
    return FALSE;
  if (GST_H4_MASK_BASE_GET_CLASS (self)->unmask_only && path && *path)
    priv->env_key = h4_mask_key_new_from_file (path, error);
  return *error == NULL;
}

static gboolean
check_salt (GstH4MaskBase * self, const GstH4MaskSettings * settings,
    GError ** error)
{
  gboolean masking = settings->mode == GST_H4_MASK_MODE_MASK
      && !GST_H4_MASK_BASE_GET_CLASS (self)->unmask_only;
  GstH4MaskSalt salt;

  return gst_h4_mask_settings_get_salt (settings, masking, &salt, error);
}

static void
ask_for_context (GstElement * element, const gchar * key_id)
{
  GstMessage *message = gst_message_new_need_context (GST_OBJECT_CAST
      (element), CONTEXT_TYPE);

  if (key_id && g_utf8_validate (key_id, -1, NULL))
    gst_structure_set (gst_message_writable_structure (message), "key-id",
        G_TYPE_STRING, key_id, NULL);
  gst_element_post_message (element, message);
}

/* The key stands there as GBytes: a string or a GstBuffer would be spelt out
 * in GStreamer's own log of contexts. */
static H4MaskKey *
key_from_context (GstElement * element, const gchar * key_id, GError ** error)
{
  GstContext *context = gst_element_get_context (element, CONTEXT_TYPE);
  const GstStructure *s;
  const gchar *id;
  GBytes *bytes = NULL;
  H4MaskKey *key = NULL;

  if (context == NULL)
    return NULL;
  s = gst_context_get_structure (context);
  id = gst_structure_get_string (s, "key-id");
  if ((id == NULL || g_strcmp0 (id, key_id) == 0)
      && gst_structure_get (s, "key", G_TYPE_BYTES, &bytes, NULL)) {
    gsize size;
    gconstpointer data = g_bytes_get_data (bytes, &size);

    key = h4_mask_key_new (data, size, error);
    g_bytes_unref (bytes);
  }
  gst_context_unref (context);
  return key;
}

static H4MaskKey *
key_from_signal (GstElement * element, const gchar * key_id, GError ** error)
{
  GBytes *bytes = NULL;
  H4MaskKey *key = NULL;

  g_signal_emit (element, signals[SIGNAL_REQUEST_KEY], 0, key_id, &bytes);
  if (bytes) {
    gsize size;
    gconstpointer data = g_bytes_get_data (bytes, &size);

    key = h4_mask_key_new (data, size, error);
    g_bytes_unref (bytes);
  }
  return key;
}

static H4MaskKey *
copy_key (const H4MaskKey * key, GError ** error)
{
  gsize size;
  const guint8 *bytes = h4_mask_key_get_bytes (key, &size);

  return h4_mask_key_new (bytes, size, error);
}

static H4MaskKey *
find_key (GstElement * element, const gchar * key_id, GError ** error)
{
  GstH4MaskBasePrivate *priv = get_priv (element);
  GError *own_error = NULL;
  H4MaskKey *key;

  if (priv->key)
    return copy_key (priv->key, error);
  key = key_from_context (element, key_id, &own_error);
  if (key == NULL && own_error == NULL) {
    ask_for_context (element, key_id);
    key = key_from_context (element, key_id, &own_error);
  }
  if (key == NULL && own_error == NULL)
    key = key_from_signal (element, key_id, &own_error);
  if (key == NULL && own_error == NULL && priv->env_key)
    key = copy_key (priv->env_key, &own_error);
  if (own_error)
    g_propagate_error (error, own_error);
  return key;
}

static gboolean
has_key_source (GstH4MaskBase * self, const GstH4MaskSettings * settings)
{
  GstElement *element = GST_ELEMENT_CAST (self);
  GstContext *context;

  if (get_priv (self)->key
      || g_signal_has_handler_pending (self, signals[SIGNAL_REQUEST_KEY], 0,
          FALSE))
    return TRUE;
  context = gst_element_get_context (element, CONTEXT_TYPE);
  if (context == NULL) {
    ask_for_context (element, settings->key_id);
    context = gst_element_get_context (element, CONTEXT_TYPE);
  }
  if (context == NULL)
    return FALSE;
  gst_context_unref (context);
  return TRUE;
}

/* At NULL to READY, so that a mistake shows before anything runs. */
static gboolean
check_settings (GstH4MaskBase * self)
{
  GstH4MaskSettings settings;
  GError *error = NULL;
  gboolean ok;

  gst_h4_mask_settings_init (&settings);
  copy_settings (self, &settings);
  ok = load_keys (self, &settings, &error)
      && check_salt (self, &settings, &error);
  if (error) {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS, ("%s", error->message),
        (NULL));
    g_clear_error (&error);
  } else if (!GST_H4_MASK_BASE_GET_CLASS (self)->unmask_only
      && !has_key_source (self, &settings)) {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        (_("There is no key: set key-file or key-env.")),
        ("no key, key-file, key-env, %s context or request-key handler",
            CONTEXT_TYPE));
    ok = FALSE;
  }
  gst_h4_mask_settings_clear (&settings);
  return ok;
}

/* Downstream may activate the source pad in pull mode before this element
 * itself goes to PAUSED. */
static gboolean
ensure_started (GstH4MaskBase * self)
{
  GstH4MaskBasePrivate *priv = get_priv (self);
  GError *error = NULL;

  g_mutex_lock (&priv->start_lock);
  if (!priv->started) {
    copy_settings (self, &priv->stream.settings);
    priv->stream.unmask_only = GST_H4_MASK_BASE_GET_CLASS (self)->unmask_only;
    priv->started = load_keys (self, &priv->stream.settings, &error)
        && gst_h4_mask_stream_start (&priv->stream, &error);
  }
  g_mutex_unlock (&priv->start_lock);
  if (error == NULL)
    return TRUE;
  GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS, ("%s", error->message), (NULL));
  g_clear_error (&error);
  return FALSE;
}

static void
stop (GstH4MaskBase * self)
{
  GstH4MaskBasePrivate *priv = get_priv (self);

  g_mutex_lock (&priv->start_lock);
  gst_h4_mask_stream_stop (&priv->stream);
  priv->started = FALSE;
  g_mutex_unlock (&priv->start_lock);
}

static GstFlowReturn
gst_h4_mask_base_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  return gst_h4_mask_stream_chain (&get_priv (parent)->stream, buffer);
}

static GstFlowReturn
gst_h4_mask_base_chain_list (GstPad * pad, GstObject * parent,
    GstBufferList * list)
{
  return gst_h4_mask_stream_chain_list (&get_priv (parent)->stream, list);
}

static GstFlowReturn
gst_h4_mask_base_get_range (GstPad * pad, GstObject * parent, guint64 offset,
    guint size, GstBuffer ** buffer)
{
  return gst_h4_mask_bytes_get_range (&get_priv (parent)->stream, offset,
      size, buffer);
}

/* What the settings alone say of a stream without caps. */
static void
get_mode (GstH4MaskBase * self, GstH4MaskMode * mode, GstH4MaskShape * shape)
{
  GstH4MaskSettings *settings = &get_priv (self)->settings;

  GST_OBJECT_LOCK (self);
  *mode = GST_H4_MASK_BASE_GET_CLASS (self)->unmask_only
      ? GST_H4_MASK_MODE_UNMASK : settings->mode;
  shape->block_size = settings->block_size;
  shape->cut = settings->block_size > 0;
  shape->masking = *mode != GST_H4_MASK_MODE_UNMASK;
  shape->gcm = settings->scheme == H4_MASK_SCHEME_AES_256_GCM;
  shape->no_key = FALSE;
  GST_OBJECT_UNLOCK (self);
}

static gboolean
gst_h4_mask_base_src_activate_mode (GstPad * pad, GstObject * parent,
    GstPadMode mode, gboolean active)
{
  GstH4MaskBase *self = GST_H4_MASK_BASE (parent);
  GstH4MaskBasePrivate *priv = get_priv (self);
  GstH4MaskShape shape;
  GstH4MaskMode mask_mode;

  if (mode != GST_PAD_MODE_PULL)
    return TRUE;
  get_mode (self, &mask_mode, &shape);
  if (active && !gst_h4_mask_shape_can_pull (&shape))
    return FALSE;
  if (active && (!ensure_started (self)
          || !gst_h4_mask_stream_configure (&priv->stream, NULL)))
    return FALSE;
  return gst_pad_activate_mode (priv->stream.sinkpad, mode, active);
}

static gboolean
gst_h4_mask_base_sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  return gst_h4_mask_stream_sink_event (&get_priv (parent)->stream, event);
}

static gboolean
gst_h4_mask_base_src_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  return gst_h4_mask_stream_src_event (&get_priv (parent)->stream, event);
}

static gboolean
gst_h4_mask_base_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  GstH4MaskBase *self = GST_H4_MASK_BASE (parent);
  GstH4MaskStream *stream = &get_priv (self)->stream;
  GstH4MaskShape shape;
  GstH4MaskMode mode;

  if (GST_QUERY_TYPE (query) == GST_QUERY_CUSTOM
      && gst_h4_mask_no_key_query (stream, query))
    return TRUE;
  get_mode (self, &mode, &shape);
  if (pad == stream->sinkpad)
    return gst_h4_mask_query_sink (pad, stream->srcpad, mode, query);
  return gst_h4_mask_query_src (pad, stream->sinkpad, mode, &shape, query);
}

static GstStateChangeReturn
gst_h4_mask_base_change_state (GstElement * element, GstStateChange transition)
{
  GstH4MaskBase *self = GST_H4_MASK_BASE (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY && !check_settings (self))
    goto failed;
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED && !ensure_started (self))
    goto failed;

  ret = GST_ELEMENT_CLASS (gst_h4_mask_base_parent_class)->change_state
      (element, transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY
      || (transition == GST_STATE_CHANGE_READY_TO_PAUSED
          && ret == GST_STATE_CHANGE_FAILURE))
    stop (self);
  if (transition == GST_STATE_CHANGE_READY_TO_NULL)
    forget_keys (self);
  return ret;

  /* ERRORS */
failed:
  forget_keys (self);
  return GST_STATE_CHANGE_FAILURE;
}

static void
replace_string (gchar ** string, const GValue * value)
{
  const gchar *text = g_value_get_string (value);

  g_free (*string);
  *string = text && *text ? g_strdup (text) : NULL;
}

static void
gst_h4_mask_base_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  GstH4MaskSettings *settings = &get_priv (object)->settings;

  GST_OBJECT_LOCK (object);
  switch (id) {
    case PROP_SCHEME:
      settings->scheme = g_value_get_enum (value);
      break;
    case PROP_KEY_FILE:
      replace_string (&settings->key_file, value);
      break;
    case PROP_KEY_ENV:
      replace_string (&settings->key_env, value);
      break;
    case PROP_KEY:
      gst_h4_mask_settings_set_key_text (settings, g_value_get_string (value));
      break;
    case PROP_KEY_ID:
      replace_string (&settings->key_id, value);
      break;
    case PROP_SALT:
      replace_string (&settings->salt, value);
      break;
    case PROP_BLOCK_SIZE:
      settings->block_size = g_value_get_uint (value);
      break;
    case PROP_MODE:
      settings->mode = g_value_get_enum (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (object);
}

static void
gst_h4_mask_base_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  GstH4MaskSettings *settings = &get_priv (object)->settings;

  GST_OBJECT_LOCK (object);
  switch (id) {
    case PROP_SCHEME:
      g_value_set_enum (value, settings->scheme);
      break;
    case PROP_KEY_FILE:
      g_value_set_string (value, settings->key_file);
      break;
    case PROP_KEY_ENV:
      g_value_set_string (value, settings->key_env);
      break;
    case PROP_KEY_ID:
      g_value_set_string (value, settings->key_id);
      break;
    case PROP_SALT:
      g_value_set_string (value, settings->salt);
      break;
    case PROP_BLOCK_SIZE:
      g_value_set_uint (value, settings->block_size);
      break;
    case PROP_MODE:
      g_value_set_enum (value, settings->mode);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (object);
}

static void
gst_h4_mask_base_finalize (GObject * object)
{
  GstH4MaskBase *self = GST_H4_MASK_BASE (object);
  GstH4MaskBasePrivate *priv = get_priv (self);

  forget_keys (self);
  gst_h4_mask_stream_clear (&priv->stream);
  gst_h4_mask_settings_clear (&priv->settings);
  g_mutex_clear (&priv->start_lock);
  G_OBJECT_CLASS (gst_h4_mask_base_parent_class)->finalize (object);
}

static void
add_sink_pad (GstH4MaskBase * self)
{
  GstElement *element = GST_ELEMENT_CAST (self);
  GstPad *pad = gst_pad_new_from_template (gst_element_get_pad_template
      (element, "sink"), "sink");

  gst_pad_set_chain_function (pad, GST_DEBUG_FUNCPTR (gst_h4_mask_base_chain));
  gst_pad_set_chain_list_function (pad,
      GST_DEBUG_FUNCPTR (gst_h4_mask_base_chain_list));
  gst_pad_set_event_function (pad,
      GST_DEBUG_FUNCPTR (gst_h4_mask_base_sink_event));
  gst_pad_set_query_function (pad, GST_DEBUG_FUNCPTR (gst_h4_mask_base_query));
  gst_element_add_pad (element, pad);
  get_priv (self)->stream.sinkpad = pad;
}

static void
add_src_pad (GstH4MaskBase * self)
{
  GstElement *element = GST_ELEMENT_CAST (self);
  GstPad *pad = gst_pad_new_from_template (gst_element_get_pad_template
      (element, "src"), "src");

  gst_pad_set_activatemode_function (pad,
      GST_DEBUG_FUNCPTR (gst_h4_mask_base_src_activate_mode));
  gst_pad_set_getrange_function (pad,
      GST_DEBUG_FUNCPTR (gst_h4_mask_base_get_range));
  gst_pad_set_event_function (pad,
      GST_DEBUG_FUNCPTR (gst_h4_mask_base_src_event));
  gst_pad_set_query_function (pad, GST_DEBUG_FUNCPTR (gst_h4_mask_base_query));
  gst_element_add_pad (element, pad);
  get_priv (self)->stream.srcpad = pad;
}

/* Here and not in init: the pad templates are those of the subclass. */
static void
gst_h4_mask_base_constructed (GObject * object)
{
  GstH4MaskBase *self = GST_H4_MASK_BASE (object);

  G_OBJECT_CLASS (gst_h4_mask_base_parent_class)->constructed (object);
  add_sink_pad (self);
  add_src_pad (self);
}

static void
gst_h4_mask_base_init (GstH4MaskBase * self)
{
  GstH4MaskBasePrivate *priv = get_priv (self);

  g_mutex_init (&priv->start_lock);
  gst_h4_mask_settings_init (&priv->settings);
  priv->settings.scheme = DEFAULT_SCHEME;
  priv->settings.mode = DEFAULT_MODE;
  priv->settings.block_size = DEFAULT_BLOCK_SIZE;
  gst_h4_mask_stream_init (&priv->stream, GST_ELEMENT_CAST (self), find_key);
}

static void
gst_h4_mask_base_class_init (GstH4MaskBaseClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_READY;

  object_class->set_property = gst_h4_mask_base_set_property;
  object_class->get_property = gst_h4_mask_base_get_property;
  object_class->constructed = gst_h4_mask_base_constructed;
  object_class->finalize = gst_h4_mask_base_finalize;
  element_class->change_state =
      GST_DEBUG_FUNCPTR (gst_h4_mask_base_change_state);

  /**
   * GstH4MaskBase:scheme:
   *
   * How blocks are masked. Masked caps say it themselves: then this is not
   * looked at.
   *
   * Since: 1.0
   */
  properties[PROP_SCHEME] = g_param_spec_enum ("scheme", "Scheme",
      "How blocks are masked (masked caps say it themselves)",
      GST_TYPE_H4_MASK_SCHEME, DEFAULT_SCHEME, flags);

  /**
   * GstH4MaskBase:key-file:
   *
   * A file with the master key, 16 to 1024 bytes: hexadecimal digits, or the
   * raw bytes. What holds nothing but printable text is read as hexadecimal.
   *
   * Since: 1.0
   */
  properties[PROP_KEY_FILE] = g_param_spec_string ("key-file", "Key file",
      "File with the master key, raw or in hexadecimal", DEFAULT_KEY_FILE,
      flags);

  /**
   * GstH4MaskBase:key-env:
   *
   * The name of an environment variable that holds the master key in
   * hexadecimal. #GstH4MaskBase:key-file goes before it.
   *
   * Since: 1.0
   */
  properties[PROP_KEY_ENV] = g_param_spec_string ("key-env",
      "Key environment variable",
      "Name of an environment variable with the master key in hexadecimal",
      DEFAULT_KEY_ENV, flags);

  /**
   * GstH4MaskBase:key:
   *
   * The master key in hexadecimal, 16 to 1024 bytes. It goes before the other
   * sources. Copies of it stay in the memory of whoever sets it, so
   * #GstH4MaskBase:key-file is the better way.
   *
   * Since: 1.0
   */
  properties[PROP_KEY] = g_param_spec_string ("key", "Key",
      "Master key in hexadecimal (key-file leaves fewer copies)", DEFAULT_KEY,
      G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);

  /**
   * GstH4MaskBase:key-id:
   *
   * A name for the key, which goes into the masked caps so that whoever
   * unmasks can find the key. It is no secret.
   *
   * Since: 1.0
   */
  properties[PROP_KEY_ID] = g_param_spec_string ("key-id", "Key id",
      "Name of the key, which goes into the masked caps", DEFAULT_KEY_ID,
      flags);

  /**
   * GstH4MaskBase:salt:
   *
   * What makes one stream's keystream unlike another's under the same key:
   * "random" to have 32 bytes drawn at every start, or 1 to 64 bytes in
   * hexadecimal. It goes into the masked caps and is no secret. aes-256-gcm
   * always draws its own while masking; without caps, unmasking needs it
   * here.
   *
   * Since: 1.0
   */
  properties[PROP_SALT] = g_param_spec_string ("salt", "Salt",
      "\"random\", or 1 to 64 bytes in hexadecimal; none if unset",
      DEFAULT_SALT, flags);

  /**
   * GstH4MaskBase:block-size:
   *
   * Bytes of a block into which a byte stream is cut; 0: each buffer is a
   * block. Buffers with masked caps are blocks whatever stands here.
   *
   * Since: 1.0
   */
  properties[PROP_BLOCK_SIZE] = g_param_spec_uint ("block-size", "Block size",
      "Bytes of the blocks to cut the stream into (0 = a buffer is a block)",
      0, MAX_BLOCK_SIZE, DEFAULT_BLOCK_SIZE, flags);

  g_object_class_install_properties (object_class, N_PROPS, properties);

  /**
   * GstH4MaskBase::request-key:
   * @element: the element
   * @key_id: (nullable): the id of the key
   *
   * Asks for a master key, where no property names one and no
   * "harmony4.key" context has it. It comes from the streaming thread.
   *
   * Returns: (transfer full) (nullable): the raw bytes of the key
   *
   * Since: 1.0
   */
  signals[SIGNAL_REQUEST_KEY] = g_signal_new ("request-key",
      G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
      g_signal_accumulator_first_wins, NULL, NULL, G_TYPE_BYTES, 1,
      G_TYPE_STRING);

  gst_type_mark_as_plugin_api (GST_TYPE_H4_MASK_BASE, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_H4_MASK_SCHEME, 0);
}

/* gst_h4_mask_base_class_add_mode: adds the mode property to a subclass that
 * can do both */
void
gst_h4_mask_base_class_add_mode (GObjectClass * klass)
{
  /**
   * GstH4Mask:mode:
   *
   * Whether to mask or to unmask.
   *
   * Since: 1.0
   */
  klass->set_property = gst_h4_mask_base_set_property;
  klass->get_property = gst_h4_mask_base_get_property;
  g_object_class_install_property (klass, PROP_MODE, g_param_spec_enum ("mode",
          "Mode", "Whether to mask or to unmask", GST_TYPE_H4_MASK_MODE,
          DEFAULT_MODE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
          | GST_PARAM_MUTABLE_READY));
  gst_type_mark_as_plugin_api (GST_TYPE_H4_MASK_MODE, 0);
}

/* gst_h4_mask_base_class_add_pads:
 * @sink_caps: (transfer full): of the sink template
 * @src_caps: (transfer full): of the source template */
void
gst_h4_mask_base_class_add_pads (GstElementClass * klass, GstCaps * sink_caps,
    GstCaps * src_caps)
{
  gst_element_class_add_pad_template (klass, gst_pad_template_new ("sink",
          GST_PAD_SINK, GST_PAD_ALWAYS, sink_caps));
  gst_element_class_add_pad_template (klass, gst_pad_template_new ("src",
          GST_PAD_SRC, GST_PAD_ALWAYS, src_caps));
  gst_caps_unref (sink_caps);
  gst_caps_unref (src_caps);
}
