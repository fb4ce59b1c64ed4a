/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4ssesettings.h"

#define DEFAULT_ADDRESS "127.0.0.1"
#define DEFAULT_PORT 8000
#define DEFAULT_PATH "/events"
#define DEFAULT_EVENT "token"
#define DEFAULT_GRANULARITY GST_H4_SSE_GRANULARITY_BIN
#define DEFAULT_HISTORY 1024
#define DEFAULT_HISTORY_TIME (30 * GST_SECOND)
#define DEFAULT_HEARTBEAT 15000
#define DEFAULT_RETRY 2000
#define DEFAULT_WAIT_CLIENTS 0
#define DEFAULT_LINGER 2000
#define DEFAULT_MAX_CLIENTS 10000
#define DEFAULT_MAX_LAG (1024 * 1024)
#define DEFAULT_OVERFLOW GST_H4_SSE_OVERFLOW_SKIP
#define DEFAULT_WEB_PAGE TRUE

/* A day: longer than anything that is waited for here. */
#define MAX_MS (24 * 60 * 60 * 1000)

#define STRING(settings, offset) (*(gchar **) ((guint8 *) (settings) + offset))
#define UINT(settings, offset) (*(guint *) ((guint8 *) (settings) + offset))

typedef enum
{
  KIND_STRING,
  KIND_UINT,
  KIND_TIME,
  KIND_ENUM,
  KIND_BOOLEAN
} Kind;

/* Where each is. An enum and a boolean are as large as a guint. */
static const struct
{
  Kind kind;
  gsize offset;
} fields[N_SETTINGS] = {
#define FIELD(kind,name) { kind, G_STRUCT_OFFSET (GstH4SseSettings, name) }
  [PROP_ADDRESS] = FIELD (KIND_STRING, address),
  [PROP_PORT] = FIELD (KIND_UINT, port),
  [PROP_PATH] = FIELD (KIND_STRING, path),
  [PROP_STREAM] = FIELD (KIND_STRING, stream),
  [PROP_EVENT] = FIELD (KIND_STRING, event),
  [PROP_GRANULARITY] = FIELD (KIND_ENUM, granularity),
  [PROP_HISTORY] = FIELD (KIND_UINT, history),
  [PROP_HISTORY_TIME] = FIELD (KIND_TIME, history_time),
  [PROP_HEARTBEAT] = FIELD (KIND_UINT, heartbeat),
  [PROP_RETRY] = FIELD (KIND_UINT, retry),
  [PROP_WAIT_CLIENTS] = FIELD (KIND_UINT, wait_clients),
  [PROP_LINGER] = FIELD (KIND_UINT, linger),
  [PROP_MAX_CLIENTS] = FIELD (KIND_UINT, max_clients),
  [PROP_MAX_LAG] = FIELD (KIND_UINT, max_lag),
  [PROP_OVERFLOW] = FIELD (KIND_ENUM, overflow),
  [PROP_CORS_ORIGIN] = FIELD (KIND_STRING, cors_origin),
  [PROP_AUTH_TOKEN_FILE] = FIELD (KIND_STRING, auth_token_file),
  [PROP_TLS_CERT_FILE] = FIELD (KIND_STRING, tls_cert_file),
  [PROP_TLS_KEY_FILE] = FIELD (KIND_STRING, tls_key_file),
  [PROP_WEB_PAGE] = FIELD (KIND_BOOLEAN, web_page),
};

G_STATIC_ASSERT (sizeof (GstH4SseOverflow) == sizeof (guint));
G_STATIC_ASSERT (sizeof (GstH4SseGranularity) == sizeof (guint));
G_STATIC_ASSERT (sizeof (gboolean) == sizeof (guint));

void
gst_h4_sse_settings_set (GstH4SseSettings * settings, guint prop_id,
    const GValue * value)
{
  gsize offset = fields[prop_id].offset;

  switch (fields[prop_id].kind) {
    case KIND_STRING:
      g_free (STRING (settings, offset));
      STRING (settings, offset) = g_value_dup_string (value);
      break;
    case KIND_UINT:
      UINT (settings, offset) = g_value_get_uint (value);
      break;
    case KIND_TIME:
      settings->history_time = g_value_get_uint64 (value);
      break;
    case KIND_ENUM:
      UINT (settings, offset) = g_value_get_enum (value);
      break;
    case KIND_BOOLEAN:
      UINT (settings, offset) = g_value_get_boolean (value);
      break;
  }
}

void
gst_h4_sse_settings_get (const GstH4SseSettings * settings, guint prop_id,
    GValue * value)
{
  gsize offset = fields[prop_id].offset;

  switch (fields[prop_id].kind) {
    case KIND_STRING:
      g_value_set_string (value, STRING (settings, offset));
      break;
    case KIND_UINT:
      g_value_set_uint (value, UINT (settings, offset));
      break;
    case KIND_TIME:
      g_value_set_uint64 (value, settings->history_time);
      break;
    case KIND_ENUM:
      g_value_set_enum (value, UINT (settings, offset));
      break;
    case KIND_BOOLEAN:
      g_value_set_boolean (value, UINT (settings, offset));
      break;
  }
}

void
gst_h4_sse_settings_init (GstH4SseSettings * settings, GParamSpec ** properties)
{
  guint i;

  for (i = 1; i < N_SETTINGS; i++)
    gst_h4_sse_settings_set (settings, i,
        g_param_spec_get_default_value (properties[i]));
}

void
gst_h4_sse_settings_copy (const GstH4SseSettings * settings,
    GstH4SseSettings * copy)
{
  guint i;

  *copy = *settings;
  for (i = 1; i < N_SETTINGS; i++)
    if (fields[i].kind == KIND_STRING)
      STRING (copy, fields[i].offset) =
          g_strdup (STRING (settings, fields[i].offset));
}

void
gst_h4_sse_settings_clear (GstH4SseSettings * settings)
{
  guint i;

  for (i = 1; i < N_SETTINGS; i++)
    if (fields[i].kind == KIND_STRING)
      g_clear_pointer (&STRING (settings, fields[i].offset), g_free);
}

#define READY (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS \
    | GST_PARAM_MUTABLE_READY)

static void
gst_h4_sse_settings_list_server (GParamSpec ** properties)
{
  /**
   * GstH4Sse:address:
   *
   * The IP address to listen at, or a host's name. `0.0.0.0` and `::` are all
   * of the machine's: then others can read the stream, unless there is a
   * #GstH4Sse:auth-token-file.
   *
   * Since: 1.0
   */
  properties[PROP_ADDRESS] = g_param_spec_string ("address", "Address",
      "IP address to listen at, or a host's name", DEFAULT_ADDRESS, READY);

  /**
   * GstH4Sse:port:
   *
   * The TCP port to listen at from READY on; 0 is any that is free, and
   * #GstH4Sse:current-port says which.
   *
   * Since: 1.0
   */
  properties[PROP_PORT] = g_param_spec_uint ("port", "Port",
      "TCP port to listen at (0 = any that is free)", 0, G_MAXUINT16,
      DEFAULT_PORT, READY);

  /**
   * GstH4Sse:max-clients:
   *
   * Clients of events that the server has at most; the next one is answered
   * 503, with the time after which it may try again.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_CLIENTS] = g_param_spec_uint ("max-clients",
      "Maximum clients", "Clients of events at most (the next one gets 503)",
      1, 1000000, DEFAULT_MAX_CLIENTS, READY);

  /**
   * GstH4Sse:web-page:
   *
   * Whether the live page is at `/`.
   *
   * Since: 1.0
   */
  properties[PROP_WEB_PAGE] = g_param_spec_boolean ("web-page", "Web page",
      "Serve the live page at /", DEFAULT_WEB_PAGE, READY);
}

/* Who may read, and how it is kept from others. */
static void
gst_h4_sse_settings_list_access (GParamSpec ** properties)
{
  /**
   * GstH4Sse:cors-origin:
   *
   * Origins whose pages may read the events, as `https://host[:port]`, with
   * commas between them. Without it only the server's own pages may.
   *
   * Since: 1.0
   */
  properties[PROP_CORS_ORIGIN] = g_param_spec_string ("cors-origin",
      "CORS origin", "Origins whose pages may read the events, comma separated",
      NULL, READY);

  /**
   * GstH4Sse:auth-token-file:
   *
   * A file with a token a line, one of which every client must bring, as
   * `Authorization: Bearer` or, since browsers' `EventSource` cannot, as
   * `?access_token=`.
   *
   * Since: 1.0
   */
  properties[PROP_AUTH_TOKEN_FILE] = g_param_spec_string ("auth-token-file",
      "Auth token file", "File with a bearer token a line (none: all may read)",
      NULL, READY);

  /**
   * GstH4Sse:tls-cert-file:
   *
   * A PEM file with the certificate, and those between it and the root: the
   * server speaks HTTPS.
   *
   * Since: 1.0
   */
  properties[PROP_TLS_CERT_FILE] = g_param_spec_string ("tls-cert-file",
      "TLS certificate file", "PEM file with the certificate (none: no TLS)",
      NULL, READY);

  /**
   * GstH4Sse:tls-key-file:
   *
   * A PEM file with the certificate's key, if #GstH4Sse:tls-cert-file does not
   * have it too.
   *
   * Since: 1.0
   */
  properties[PROP_TLS_KEY_FILE] = g_param_spec_string ("tls-key-file",
      "TLS key file",
      "PEM file with the key (none: it is with the certificate)", NULL, READY);
}

static void
gst_h4_sse_settings_list_stream (GParamSpec ** properties)
{
  /**
   * GstH4Sse:path:
   *
   * Where in the server the events are.
   *
   * Since: 1.0
   */
  properties[PROP_PATH] = g_param_spec_string ("path", "Path",
      "Where in the server the events are", DEFAULT_PATH, READY);

  /**
   * GstH4Sse:stream:
   *
   * What `?stream=` calls the stream: 1 to 64 letters, digits and `.`, `_`,
   * `-`. By default it is the element's name.
   *
   * Since: 1.0
   */
  properties[PROP_STREAM] = g_param_spec_string ("stream", "Stream",
      "Name of the stream (none: the element's)", NULL, READY);

  /**
   * GstH4Sse:event:
   *
   * The name of each event, which a page listens for; not `meta`, `done` or
   * `gap`.
   *
   * Since: 1.0
   */
  properties[PROP_EVENT] = g_param_spec_string ("event", "Event",
      "Name of each event", DEFAULT_EVENT, READY);

  /**
   * GstH4Sse:granularity:
   *
   * Whether each bin of an audio frame is an event, as in the reference, or all
   * of a frame's are in one.
   *
   * Since: 1.0
   */
  properties[PROP_GRANULARITY] = g_param_spec_enum ("granularity",
      "Granularity", "What of audio tokens is an event",
      GST_TYPE_H4_SSE_GRANULARITY, DEFAULT_GRANULARITY, READY);

  /**
   * GstH4Sse:history:
   *
   * Events that are kept at least, for those who come back: these, or those of
   * #GstH4Sse:history-time, whichever is more, but at most 8 MiB.
   *
   * Since: 1.0
   */
  properties[PROP_HISTORY] = g_param_spec_uint ("history", "History",
      "Events to keep at least, for clients that come back", 0, G_MAXUINT,
      DEFAULT_HISTORY, READY);

  /**
   * GstH4Sse:history-time:
   *
   * Time, in ns, whose events are kept at least: see #GstH4Sse:history.
   *
   * Since: 1.0
   */
  properties[PROP_HISTORY_TIME] = g_param_spec_uint64 ("history-time",
      "History time", "Time whose events to keep at least, in ns", 0,
      G_MAXINT64, DEFAULT_HISTORY_TIME, READY);
}

static void
gst_h4_sse_settings_list_clients (GParamSpec ** properties)
{
  /**
   * GstH4Sse:heartbeat:
   *
   * Milliseconds without an event after which a comment is sent, so that
   * proxies keep the connection and a client that has vanished is noticed,
   * within twice the time. 0: never.
   *
   * Since: 1.0
   */
  properties[PROP_HEARTBEAT] = g_param_spec_uint ("heartbeat", "Heartbeat",
      "Silence after which a comment is sent, in ms (0 = never)", 0, MAX_MS,
      DEFAULT_HEARTBEAT, READY);

  /**
   * GstH4Sse:retry:
   *
   * Milliseconds after which a browser that lost its connection is asked to
   * come back.
   *
   * Since: 1.0
   */
  properties[PROP_RETRY] = g_param_spec_uint ("retry", "Retry",
      "Time after which browsers reconnect, in ms", 0, MAX_MS, DEFAULT_RETRY,
      READY);

  /**
   * GstH4Sse:wait-clients:
   *
   * How many clients there must be before a stream starts: its pipeline stays
   * in PAUSED until they have come. A live stream does not wait.
   *
   * Since: 1.0
   */
  properties[PROP_WAIT_CLIENTS] = g_param_spec_uint ("wait-clients",
      "Wait for clients", "Clients to wait for before the stream starts", 0,
      1000000, DEFAULT_WAIT_CLIENTS, READY);

  /**
   * GstH4Sse:linger:
   *
   * Milliseconds that stopping may take until every client has got the last
   * event. Nobody waits for clients that are gone.
   *
   * Since: 1.0
   */
  properties[PROP_LINGER] = g_param_spec_uint ("linger", "Linger",
      "Time that stopping may take for clients to get the end, in ms", 0,
      MAX_MS, DEFAULT_LINGER, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_PLAYING);

  /**
   * GstH4Sse:max-lag:
   *
   * Bytes that a client whose connection takes no more may be behind, before
   * it is dealt with as #GstH4Sse:overflow says.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_LAG] = g_param_spec_uint ("max-lag", "Maximum lag",
      "Bytes that a client may be behind", 0, G_MAXUINT, DEFAULT_MAX_LAG,
      READY);

  /**
   * GstH4Sse:overflow:
   *
   * What happens to a client that is too far behind.
   *
   * Since: 1.0
   */
  properties[PROP_OVERFLOW] = g_param_spec_enum ("overflow", "Overflow",
      "What happens to a client that is too far behind",
      GST_TYPE_H4_SSE_OVERFLOW, DEFAULT_OVERFLOW, READY);
}

void
gst_h4_sse_settings_list (GParamSpec ** properties)
{
  gst_h4_sse_settings_list_server (properties);
  gst_h4_sse_settings_list_access (properties);
  gst_h4_sse_settings_list_stream (properties);
  gst_h4_sse_settings_list_clients (properties);
}
