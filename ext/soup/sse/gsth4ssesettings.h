/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_SSE_SETTINGS_H__
#define __GST_H4_SSE_SETTINGS_H__

/* What can be set on the element. */

#include <gst/gst.h>
#include "gsth4sseenums.h"

G_BEGIN_DECLS

enum
{
  PROP_0,
  PROP_ADDRESS,
  PROP_PORT,
  PROP_PATH,
  PROP_STREAM,
  PROP_EVENT,
  PROP_GRANULARITY,
  PROP_HISTORY,
  PROP_HISTORY_TIME,
  PROP_HEARTBEAT,
  PROP_RETRY,
  PROP_WAIT_CLIENTS,
  PROP_LINGER,
  PROP_MAX_CLIENTS,
  PROP_MAX_LAG,
  PROP_OVERFLOW,
  PROP_CORS_ORIGIN,
  PROP_AUTH_TOKEN_FILE,
  PROP_TLS_CERT_FILE,
  PROP_TLS_KEY_FILE,
  PROP_WEB_PAGE,
  N_SETTINGS
};

typedef struct
{
  gchar *address;
  gchar *path;
  gchar *stream;                /* NULL: the element's name */
  gchar *event;
  gchar *cors_origin;
  gchar *auth_token_file;
  gchar *tls_cert_file;
  gchar *tls_key_file;
  GstClockTime history_time;
  guint port;
  guint history;
  guint heartbeat;
  guint retry;
  guint wait_clients;
  guint linger;
  guint max_clients;
  guint max_lag;
  GstH4SseGranularity granularity;
  GstH4SseOverflow overflow;
  gboolean web_page;
} GstH4SseSettings;

/* Fills in properties[1] up to N_SETTINGS. */
void gst_h4_sse_settings_list (GParamSpec ** properties);

void gst_h4_sse_settings_init (GstH4SseSettings * settings,
    GParamSpec ** properties);
void gst_h4_sse_settings_copy (const GstH4SseSettings * settings,
    GstH4SseSettings * copy);
void gst_h4_sse_settings_clear (GstH4SseSettings * settings);
void gst_h4_sse_settings_set (GstH4SseSettings * settings, guint prop_id,
    const GValue * value);
void gst_h4_sse_settings_get (const GstH4SseSettings * settings,
    guint prop_id, GValue * value);

G_END_DECLS

#endif
