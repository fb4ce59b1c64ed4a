/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/**
 * SECTION:element-h4sse
 * @title: h4sse
 * @see_also: #h4videotok, #h4audiofft, #tcpserversink
 *
 * Sends tokens, JSON or text as server-sent events to whoever asks by HTTP:
 * browsers, with `EventSource` or the live page that is at `/`, and `curl -N`.
 * The pipeline never waits for a client: what it says is written down once, for
 * all of them, and whoever is too slow is told how much it has missed.
 *
 * A client first gets `event:meta`, which says what the caps say, then an event
 * for each token, and at the end `event:done`. Each has an id; a client that
 * comes back with its last one, as browsers do by themselves, gets what it has
 * missed from the #GstH4Sse:history and goes on without a gap or a double.
 *
 * Elements with the same #GstH4Sse:address and #GstH4Sse:port share a server,
 * in one pipeline or several of a process; each is a stream of its own, and
 * `/events?stream=a,b` has two of them on one connection.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 audiotestsrc num-buffers=200 ! h4audiofft ! h4sse port=0
 * ]| Serves the spectrum of a tone at a free port, which `-v` shows.
 *
 * Since: 1.0
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <gst/gst.h>
#include <gst/base/gstbasesink.h>

#include "gsth4-i18n.h"
#include "gsth4sse.h"
#include "gsth4sseformat.h"
#include "gsth4ssesettings.h"
#include "h4httphead.h"
#include "h4httpserver.h"

GST_DEBUG_CATEGORY_STATIC (gst_h4_sse_debug);
#define GST_CAT_DEFAULT gst_h4_sse_debug

#define HISTORY_BYTES (8 * 1024 * 1024)
#define MAX_NAME 64

#define DONE "{\"ok\":true,\"project\":\"Harmony\303\2304\"}"

enum
{
  PROP_CURRENT_PORT = N_SETTINGS,
  PROP_NUM_CLIENTS,
  PROP_STATS,
  N_PROPERTIES
};

enum
{
  SIGNAL_CLIENT_ADDED,
  SIGNAL_CLIENT_REMOVED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK,
    GST_PAD_ALWAYS,
    GST_STATIC_CAPS (GST_H4_SSE_CAPS)
    );

struct _GstH4Sse
{
  GstBaseSink parent;

  /* with the object lock */
  GstH4SseSettings settings;
  gboolean changed;             /* since it listens */
  H4Stream *stream;             /* since it has listened first */
  guint current_port;

  /* from READY on */
  H4HttpServer *server;

  /* from PAUSED on */
  gboolean made_async;
  gboolean has_waited;          /* for clients */
  gboolean used;                /* the stream has said something */

  /* streaming thread */
  GstH4SseFormat format;
  gboolean done;

  GMutex lock;
  GCond cond;
  guint n_clients;              /* with the lock */
  gboolean unlocked;            /* with the lock */
};

#define gst_h4_sse_parent_class parent_class
G_DEFINE_TYPE_WITH_CODE (GstH4Sse, gst_h4_sse, GST_TYPE_BASE_SINK,
    GST_DEBUG_CATEGORY_INIT (gst_h4_sse_debug, "h4sse", 0,
        "server-sent events"));
GST_ELEMENT_REGISTER_DEFINE (h4sse, "h4sse", GST_RANK_NONE, GST_TYPE_H4_SSE);

/* From the thread that sends. */
static void
gst_h4_sse_on_client (H4Stream * stream, guint64 client,
    const gchar * address, gboolean added, gpointer user_data)
{
  GstH4Sse *self = user_data;

  g_mutex_lock (&self->lock);
  if (added)
    self->n_clients++;
  else
    self->n_clients--;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
  GST_DEBUG_OBJECT (self, "client %" G_GUINT64_FORMAT " at %s has %s", client,
      address, added ? "come" : "gone");
  g_signal_emit (self, signals[added ? SIGNAL_CLIENT_ADDED
          : SIGNAL_CLIENT_REMOVED], 0, client, address);
}

/* The element's own name, without what has no place in a query. */
static gchar *
gst_h4_sse_make_name (GstH4Sse * self)
{
  gchar *name = gst_object_get_name (GST_OBJECT (self));

  if (strlen (name) > MAX_NAME)
    name[MAX_NAME] = '\0';
  return g_strcanon (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-", '-');
}

static gboolean
gst_h4_sse_name_is_good (const gchar * name)
{
  gsize size = strlen (name);

  return size > 0 && size <= MAX_NAME
      && strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "._-") == size;
}

/* What else is an event, and what would break its line. */
static gboolean
gst_h4_sse_event_is_good (const gchar * event)
{
  static const gchar *taken[] = { "", "meta", "done", "gap", NULL };

  return !g_strv_contains (taken, event)
      && !strpbrk (event, "\r\n") && g_utf8_validate (event, -1, NULL);
}

static gboolean
gst_h4_sse_check_names (GstH4Sse * self, const GstH4SseSettings * settings)
{
  const gchar *path = settings->path ? settings->path : "";
  const gchar *event = settings->event ? settings->event : "";

  if (!gst_h4_sse_name_is_good (settings->stream)) {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        (_("\"%s\" cannot be the name of a stream: 1 to 64 letters, digits, "
                "\".\", \"_\" and \"-\" can."), settings->stream), (NULL));
    return FALSE;
  }
  if (*path != '/' || h4_http_path_has_dots (path)) {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        (_("\"%s\" cannot be a path: it has to begin with \"/\" and have no "
                "\".\" or \"..\" between slashes."), path), (NULL));
    return FALSE;
  }
  if (!gst_h4_sse_event_is_good (event)) {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        (_("\"%s\" cannot be the name of an event."), event),
        ("it is empty, one of meta, done and gap, or no line of UTF-8"));
    return FALSE;
  }
  return TRUE;
}

static void
gst_h4_sse_set_current_port (GstH4Sse * self, guint port)
{
  GST_OBJECT_LOCK (self);
  self->current_port = port;
  GST_OBJECT_UNLOCK (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CURRENT_PORT]);
}

static void
gst_h4_sse_set_stream (GstH4Sse * self, H4Stream * stream)
{
  H4Stream *old;

  GST_OBJECT_LOCK (self);
  old = self->stream;
  self->stream = stream;
  GST_OBJECT_UNLOCK (self);
  g_clear_pointer (&old, h4_stream_unref);
}

static H4Stream *
gst_h4_sse_new_stream (const GstH4SseSettings * settings)
{
  H4StreamConfig config = {
    settings->stream, settings->history,
    settings->history_time / GST_USECOND, HISTORY_BYTES,
    settings->heartbeat * G_GINT64_CONSTANT (1000), settings->retry,
    settings->max_lag, settings->overflow == GST_H4_SSE_OVERFLOW_DISCONNECT
  };

  return h4_stream_new (&config);
}

static gboolean
gst_h4_sse_listen (GstH4Sse * self, const GstH4SseSettings * settings)
{
  H4HttpConfig config = {
    settings->address ? settings->address : "127.0.0.1", settings->port,
    settings->tls_cert_file, settings->tls_key_file,
    settings->auth_token_file, settings->cors_origin, settings->max_clients,
    settings->web_page
  };
  GError *error = NULL;
  H4Stream *stream;

  self->server = h4_http_server_acquire (&config, &error);
  if (!self->server)
    goto failed;
  stream = gst_h4_sse_new_stream (settings);
  if (!h4_http_server_add_stream (self->server, settings->path, stream,
          gst_h4_sse_on_client, self, &error)) {
    h4_stream_unref (stream);
    h4_http_server_release (self->server);
    self->server = NULL;
    goto failed;
  }
  gst_h4_sse_set_stream (self, stream);
  self->used = FALSE;
  GST_INFO_OBJECT (self, "stream %s at %s, port %u, path %s",
      settings->stream, config.address,
      h4_http_server_get_port (self->server), settings->path);
  gst_h4_sse_set_current_port (self, h4_http_server_get_port (self->server));
  return TRUE;

  /* ERRORS */
failed:
  {
    GST_ELEMENT_ERROR (self, RESOURCE, OPEN_WRITE,
        (_("Cannot serve events at %s, port %u: %s"), config.address,
            config.port, error->message), (NULL));
    g_clear_error (&error);
    return FALSE;
  }
}

static gboolean
gst_h4_sse_open (GstH4Sse * self)
{
  GstH4SseSettings settings;
  gboolean ret;

  GST_OBJECT_LOCK (self);
  gst_h4_sse_settings_copy (&self->settings, &settings);
  self->changed = FALSE;
  GST_OBJECT_UNLOCK (self);
  if (!settings.stream)
    settings.stream = gst_h4_sse_make_name (self);
  ret = gst_h4_sse_check_names (self, &settings)
      && gst_h4_sse_listen (self, &settings);
  gst_h4_sse_settings_clear (&settings);
  return ret;
}

static void
gst_h4_sse_close (GstH4Sse * self)
{
  guint linger;

  if (!self->server)
    return;
  GST_OBJECT_LOCK (self);
  linger = self->settings.linger;
  GST_OBJECT_UNLOCK (self);
  h4_http_server_remove_stream (self->server, self->stream,
      linger * G_GINT64_CONSTANT (1000));
  h4_http_server_release (self->server);
  self->server = NULL;
  gst_h4_sse_set_current_port (self, 0);
}

/* What was set since it listens holds from here on. */
static gboolean
gst_h4_sse_reopen (GstH4Sse * self)
{
  gboolean changed;

  GST_OBJECT_LOCK (self);
  changed = self->changed;
  GST_OBJECT_UNLOCK (self);
  if (!changed)
    return TRUE;
  gst_h4_sse_close (self);
  return gst_h4_sse_open (self);
}

/* A pipeline that is to wait for clients does so while it prerolls, so that
 * its clock begins when they are there. */
static void
gst_h4_sse_make_async (GstH4Sse * self)
{
  GstBaseSink *sink = GST_BASE_SINK (self);
  gboolean waits;

  GST_OBJECT_LOCK (self);
  waits = self->settings.wait_clients > 0;
  GST_OBJECT_UNLOCK (self);
  self->made_async = waits && !gst_base_sink_is_async_enabled (sink);
  if (self->made_async)
    gst_base_sink_set_async_enabled (sink, TRUE);
}

/* A base sink starts with READY already; who connects once this is PAUSED is
 * not to be told of the run before. */
static void
gst_h4_sse_start (GstH4Sse * self)
{
  if (self->used)
    h4_stream_restart (self->stream);
  self->used = FALSE;
  self->done = FALSE;
  self->has_waited = FALSE;
  self->format.domain = GST_H4_SSE_DOMAIN_NONE;
  GST_OBJECT_LOCK (self);
  g_free (self->format.event);
  self->format.event = g_strdup (self->settings.event);
  self->format.frames =
      self->settings.granularity == GST_H4_SSE_GRANULARITY_FRAME;
  GST_OBJECT_UNLOCK (self);
}

static GstStateChangeReturn
gst_h4_sse_change_state (GstElement * element, GstStateChange transition)
{
  GstH4Sse *self = GST_H4_SSE (element);
  GstStateChangeReturn ret;

  switch (transition) {
    case GST_STATE_CHANGE_NULL_TO_READY:
      if (!gst_h4_sse_open (self))
        return GST_STATE_CHANGE_FAILURE;
      break;
    case GST_STATE_CHANGE_READY_TO_PAUSED:
      if (!gst_h4_sse_reopen (self))
        return GST_STATE_CHANGE_FAILURE;
      gst_h4_sse_start (self);
      gst_h4_sse_make_async (self);
      break;
    default:
      break;
  }

  ret = GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);

  switch (transition) {
    case GST_STATE_CHANGE_NULL_TO_READY:
      if (ret == GST_STATE_CHANGE_FAILURE)
        gst_h4_sse_close (self);
      break;
    case GST_STATE_CHANGE_PAUSED_TO_READY:
      if (self->made_async)
        gst_base_sink_set_async_enabled (GST_BASE_SINK (self), FALSE);
      self->made_async = FALSE;
      break;
    case GST_STATE_CHANGE_READY_TO_NULL:
      gst_h4_sse_close (self);
      break;
    default:
      break;
  }
  return ret;
}

static void
gst_h4_sse_say_meta (GstH4Sse * self)
{
  const GString *meta = self->format.meta;

  self->used = TRUE;
  h4_stream_set_meta (self->stream, meta->str, meta->len);
}

/* What comes after the end, after a seek say, is a stream of its own. */
static void
gst_h4_sse_begin_again (GstH4Sse * self)
{
  if (!self->done)
    return;
  GST_DEBUG_OBJECT (self, "the stream goes on after its end");
  self->done = FALSE;
  h4_stream_restart (self->stream);
  if (self->format.domain != GST_H4_SSE_DOMAIN_NONE)
    gst_h4_sse_say_meta (self);
}

static gboolean
gst_h4_sse_set_caps (GstBaseSink * sink, GstCaps * caps)
{
  GstH4Sse *self = GST_H4_SSE (sink);
  gint64 n_blocks;

  if (!gst_pad_peer_query_duration (GST_BASE_SINK_PAD (sink),
          GST_FORMAT_BUFFERS, &n_blocks))
    n_blocks = -1;
  gst_h4_sse_begin_again (self);
  gst_h4_sse_format_set_caps (&self->format, caps, n_blocks);
  GST_DEBUG_OBJECT (self, "%" GST_PTR_FORMAT " is %s", caps,
      self->format.meta->str);
  gst_h4_sse_say_meta (self);
  return TRUE;
}

/* What is live does not stand still for anybody. */
static gboolean
gst_h4_sse_is_live (GstBaseSink * sink)
{
  GstQuery *query = gst_query_new_latency ();
  gboolean live = FALSE;

  if (gst_pad_peer_query (GST_BASE_SINK_PAD (sink), query))
    gst_query_parse_latency (query, &live, NULL, NULL);
  gst_query_unref (query);
  return live;
}

static GstFlowReturn
gst_h4_sse_preroll (GstBaseSink * sink, GstBuffer * buffer)
{
  GstH4Sse *self = GST_H4_SSE (sink);
  gboolean unlocked;
  guint wanted;

  GST_OBJECT_LOCK (self);
  wanted = self->settings.wait_clients;
  GST_OBJECT_UNLOCK (self);
  if (self->has_waited || wanted == 0 || gst_h4_sse_is_live (sink))
    return GST_FLOW_OK;

  g_mutex_lock (&self->lock);
  while (self->n_clients < wanted && !self->unlocked)
    g_cond_wait (&self->cond, &self->lock);
  unlocked = self->unlocked;
  g_mutex_unlock (&self->lock);
  self->has_waited = !unlocked;
  return unlocked ? GST_FLOW_FLUSHING : GST_FLOW_OK;
}

static gboolean
gst_h4_sse_set_unlocked (GstH4Sse * self, gboolean unlocked)
{
  g_mutex_lock (&self->lock);
  self->unlocked = unlocked;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static gboolean
gst_h4_sse_unlock (GstBaseSink * sink)
{
  return gst_h4_sse_set_unlocked (GST_H4_SSE (sink), TRUE);
}

static gboolean
gst_h4_sse_unlock_stop (GstBaseSink * sink)
{
  return gst_h4_sse_set_unlocked (GST_H4_SSE (sink), FALSE);
}

/* Posts once the stream's lock is no longer held. */
static GstFlowReturn
gst_h4_sse_refuse (GstH4Sse * self, GstBuffer * buffer, const gchar * reason)
{
  GST_ELEMENT_ERROR (self, STREAM, FORMAT,
      (_("The stream is not what its caps say.")),
      ("%s; %" GST_PTR_FORMAT, reason, buffer));
  return GST_FLOW_ERROR;
}

static GstFlowReturn
gst_h4_sse_render (GstBaseSink * sink, GstBuffer * buffer)
{
  GstH4Sse *self = GST_H4_SSE (sink);
  const gchar *reason = NULL;
  gboolean good;

  gst_h4_sse_begin_again (self);
  h4_stream_begin (self->stream);
  good = gst_h4_sse_format_append (&self->format, buffer, self->stream,
      &reason);
  h4_stream_end (self->stream);
  self->used = TRUE;
  return good ? GST_FLOW_OK : gst_h4_sse_refuse (self, buffer, reason);
}

/* All at once, where nothing waits for the clock. */
static GstFlowReturn
gst_h4_sse_render_at_once (GstH4Sse * self, GstBufferList * list)
{
  GstBuffer *buffer = NULL;
  const gchar *reason = NULL;
  gboolean good = TRUE;
  guint i;

  gst_h4_sse_begin_again (self);
  h4_stream_begin (self->stream);
  for (i = 0; i < gst_buffer_list_length (list) && good; i++) {
    buffer = gst_buffer_list_get (list, i);
    good = gst_h4_sse_format_append (&self->format, buffer, self->stream,
        &reason);
  }
  h4_stream_end (self->stream);
  self->used = TRUE;
  return good ? GST_FLOW_OK : gst_h4_sse_refuse (self, buffer, reason);
}

/* The parent has waited for the first buffer's time; each of the others has
 * its own. */
static GstFlowReturn
gst_h4_sse_render_list (GstBaseSink * sink, GstBufferList * list)
{
  GstH4Sse *self = GST_H4_SSE (sink);
  GstFlowReturn ret = GST_FLOW_OK;
  guint i;

  if (!gst_base_sink_get_sync (sink))
    return gst_h4_sse_render_at_once (self, list);
  for (i = 0; i < gst_buffer_list_length (list) && ret == GST_FLOW_OK; i++) {
    GstBuffer *buffer = gst_buffer_list_get (list, i);
    GstClockTime time = gst_segment_to_running_time (&sink->segment,
        GST_FORMAT_TIME, GST_BUFFER_PTS (buffer));

    if (i > 0 && GST_CLOCK_TIME_IS_VALID (time))
      ret = gst_base_sink_wait (sink, time, NULL);
    if (ret == GST_FLOW_OK)
      ret = gst_h4_sse_render (sink, buffer);
  }
  return ret;
}

/* The end is told to the clients before it is posted. */
static GstFlowReturn
gst_h4_sse_wait_event (GstBaseSink * sink, GstEvent * event)
{
  GstH4Sse *self = GST_H4_SSE (sink);
  GstFlowReturn ret;

  ret = GST_BASE_SINK_CLASS (parent_class)->wait_event (sink, event);
  if (ret == GST_FLOW_OK && GST_EVENT_TYPE (event) == GST_EVENT_EOS) {
    gst_h4_sse_begin_again (self);
    self->used = TRUE;
    self->done = TRUE;
    h4_stream_finish (self->stream, DONE, strlen (DONE));
  }
  return ret;
}

static GstStructure *
gst_h4_sse_make_stats (GstH4Sse * self)
{
  H4StreamStats stats = { 0 };
  H4Stream *stream = NULL;

  GST_OBJECT_LOCK (self);
  if (self->stream)
    stream = h4_stream_ref (self->stream);
  GST_OBJECT_UNLOCK (self);
  if (stream) {
    h4_stream_get_stats (stream, &stats);
    h4_stream_unref (stream);
  }
  return gst_structure_new ("application/x-h4-sse-stats",
      "clients", G_TYPE_UINT, stats.clients,
      "clients-total", G_TYPE_UINT64, stats.clients_total,
      "clients-dropped", G_TYPE_UINT64, stats.clients_dropped,
      "events", G_TYPE_UINT64, stats.events,
      "events-sent", G_TYPE_UINT64, stats.events_sent,
      "events-skipped", G_TYPE_UINT64, stats.events_skipped,
      "bytes-sent", G_TYPE_UINT64, stats.bytes_sent, NULL);
}

static void
gst_h4_sse_set_property (GObject * object, guint prop_id,
    const GValue * value, GParamSpec * pspec)
{
  GstH4Sse *self = GST_H4_SSE (object);

  if (prop_id >= N_SETTINGS) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    return;
  }
  GST_OBJECT_LOCK (self);
  gst_h4_sse_settings_set (&self->settings, prop_id, value);
  if (prop_id != PROP_LINGER)
    self->changed = TRUE;
  GST_OBJECT_UNLOCK (self);
}

static guint
gst_h4_sse_get_n_clients (GstH4Sse * self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->n_clients;
  g_mutex_unlock (&self->lock);
  return n;
}

static void
gst_h4_sse_get_property (GObject * object, guint prop_id, GValue * value,
    GParamSpec * pspec)
{
  GstH4Sse *self = GST_H4_SSE (object);

  switch (prop_id) {
    case PROP_CURRENT_PORT:
      GST_OBJECT_LOCK (self);
      g_value_set_uint (value, self->current_port);
      GST_OBJECT_UNLOCK (self);
      break;
    case PROP_NUM_CLIENTS:
      g_value_set_uint (value, gst_h4_sse_get_n_clients (self));
      break;
    case PROP_STATS:
      g_value_take_boxed (value, gst_h4_sse_make_stats (self));
      break;
    default:
      GST_OBJECT_LOCK (self);
      gst_h4_sse_settings_get (&self->settings, prop_id, value);
      GST_OBJECT_UNLOCK (self);
      break;
  }
}

static void
gst_h4_sse_finalize (GObject * object)
{
  GstH4Sse *self = GST_H4_SSE (object);

  g_clear_pointer (&self->stream, h4_stream_unref);
  gst_h4_sse_format_clear (&self->format);
  gst_h4_sse_settings_clear (&self->settings);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
gst_h4_sse_init (GstH4Sse * self)
{
  GstBaseSink *sink = GST_BASE_SINK (self);

  gst_h4_sse_settings_init (&self->settings, properties);
  gst_h4_sse_format_init (&self->format);
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);

  gst_base_sink_set_async_enabled (sink, FALSE);
  gst_base_sink_set_qos_enabled (sink, FALSE);
  gst_base_sink_set_last_sample_enabled (sink, FALSE);
}

static void
gst_h4_sse_install_properties (GObjectClass * gobject_class)
{
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  gst_h4_sse_settings_list (properties);

  /**
   * GstH4Sse:current-port:
   *
   * The port that it listens at, 0 while it does not.
   *
   * Since: 1.0
   */
  properties[PROP_CURRENT_PORT] = g_param_spec_uint ("current-port",
      "Current port", "Port that it listens at", 0, G_MAXUINT16, 0, read);

  /**
   * GstH4Sse:num-clients:
   *
   * How many clients the stream has.
   *
   * Since: 1.0
   */
  properties[PROP_NUM_CLIENTS] = g_param_spec_uint ("num-clients",
      "Number of clients", "How many clients the stream has", 0, G_MAXUINT, 0,
      read);

  /**
   * GstH4Sse:stats:
   *
   * What was sent since it began to listen:
   *
   * * #guint `clients`: now
   * * #guint64 `clients-total`
   * * #guint64 `clients-dropped`: disconnected, for being too slow
   * * #guint64 `events`: of the stream
   * * #guint64 `events-sent`: to all clients together
   * * #guint64 `events-skipped`: lost to clients that were too slow
   * * #guint64 `bytes-sent`: to all clients together
   *
   * Since: 1.0
   */
  properties[PROP_STATS] = g_param_spec_boxed ("stats", "Statistics",
      "What was sent since it began to listen", GST_TYPE_STRUCTURE, read);

  g_object_class_install_properties (gobject_class, N_PROPERTIES, properties);
}

static void
gst_h4_sse_install_signals (GObjectClass * gobject_class)
{
  /**
   * GstH4Sse::client-added:
   * @sink: the element
   * @client: a number of its own
   * @address: where it connects from
   *
   * A client of the stream has come. Emitted from the thread that sends: it
   * serves nobody until the handler returns, and a handler must not change the
   * element's state.
   *
   * Since: 1.0
   */
  signals[SIGNAL_CLIENT_ADDED] = g_signal_new ("client-added",
      G_TYPE_FROM_CLASS (gobject_class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
      NULL, G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_STRING);

  /**
   * GstH4Sse::client-removed:
   * @sink: the element
   * @client: the number that it had in #GstH4Sse::client-added
   * @address: where it was connected from
   *
   * A client of the stream has gone. What holds for a handler of
   * #GstH4Sse::client-added holds here.
   *
   * Since: 1.0
   */
  signals[SIGNAL_CLIENT_REMOVED] = g_signal_new ("client-removed",
      G_TYPE_FROM_CLASS (gobject_class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
      NULL, G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_STRING);
}

static void
gst_h4_sse_class_init (GstH4SseClass * klass)
{
  GObjectClass *gobject_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *sink_class = GST_BASE_SINK_CLASS (klass);

  gobject_class->set_property = gst_h4_sse_set_property;
  gobject_class->get_property = gst_h4_sse_get_property;
  gobject_class->finalize = gst_h4_sse_finalize;
  element_class->change_state = GST_DEBUG_FUNCPTR (gst_h4_sse_change_state);
  sink_class->set_caps = GST_DEBUG_FUNCPTR (gst_h4_sse_set_caps);
  sink_class->preroll = GST_DEBUG_FUNCPTR (gst_h4_sse_preroll);
  sink_class->render = GST_DEBUG_FUNCPTR (gst_h4_sse_render);
  sink_class->render_list = GST_DEBUG_FUNCPTR (gst_h4_sse_render_list);
  sink_class->wait_event = GST_DEBUG_FUNCPTR (gst_h4_sse_wait_event);
  sink_class->unlock = GST_DEBUG_FUNCPTR (gst_h4_sse_unlock);
  sink_class->unlock_stop = GST_DEBUG_FUNCPTR (gst_h4_sse_unlock_stop);

  gst_h4_sse_install_properties (gobject_class);
  gst_h4_sse_install_signals (gobject_class);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class,
      "H4 event server", "Sink/Network",
      "Sends tokens, JSON or text to browsers as server-sent events",
      "The gst-harmony4 authors");

  gst_type_mark_as_plugin_api (GST_TYPE_H4_SSE_GRANULARITY, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_H4_SSE_OVERFLOW, 0);
}
