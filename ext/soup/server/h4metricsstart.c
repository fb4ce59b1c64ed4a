/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "h4accesslog.h"
#include "h4metrics.h"
#include "h4server.h"

typedef struct
{
  H4Server *server;
  H4Metrics *metrics;
  H4AccessLogFormat format;
} Watch;

static void
on_access (const H4HttpAccess * access, gpointer user_data)
{
  Watch *watch = user_data;

  h4_metrics_observe (watch->metrics, access);
  h4_access_log_write (watch->format, access);
}

static void
clear_stream (gpointer data)
{
  g_free (((H4MetricsStream *) data)->name);
}

static gint
compare_streams (gconstpointer a, gconstpointer b)
{
  return strcmp (((const H4MetricsStream *) a)->name,
      ((const H4MetricsStream *) b)->name);
}

static void
add_stats (H4StreamStats * sum, const H4StreamStats * stats)
{
  sum->clients += stats->clients;
  sum->clients_total += stats->clients_total;
  sum->events += stats->events;
  sum->events_sent += stats->events_sent;
  sum->bytes_sent += stats->bytes_sent;
  sum->events_skipped += stats->events_skipped;
  sum->clients_dropped += stats->clients_dropped;
}

/* Streams at two paths may have one name: they are one series. */
static GArray *
list_streams (H4HttpServer * server)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (H4MetricsStream));
  GPtrArray *streams = h4_http_server_get_streams (server);
  guint i;

  g_array_set_clear_func (list, clear_stream);
  for (i = 0; i < streams->len; i++) {
    H4Stream *stream = g_ptr_array_index (streams, i);
    H4MetricsStream s = { g_strdup (h4_stream_get_name (stream)) };

    h4_stream_get_stats (stream, &s.stats);
    g_array_append_val (list, s);
  }
  g_array_sort (list, compare_streams);
  for (i = 1; i < list->len;) {
    H4MetricsStream *s = &g_array_index (list, H4MetricsStream, i);

    if (strcmp (s[-1].name, s->name) != 0) {
      i++;
    } else {
      add_stats (&s[-1].stats, &s->stats);
      g_array_remove_index (list, i);
    }
  }
  g_ptr_array_unref (streams);
  return list;
}

static void
answer (H4HttpRequest * request, gpointer user_data)
{
  static const gchar *const headers[] = { "Cache-Control", "no-store", NULL };
  Watch *watch = user_data;
  GString *text = g_string_new (NULL);
  H4MetricsNow now = { {0} };
  GBytes *body;

  h4_http_server_get_stats (watch->server->http, &now.server);
  h4_jobs_get_stats (watch->server->jobs, &now.jobs);
  now.streams = list_streams (watch->server->http);
  h4_metrics_append (text, watch->metrics, &now);
  h4_metrics_append_process (text);
  g_array_unref (now.streams);
  body = g_string_free_to_bytes (text);
  h4_http_request_respond (request, 200, H4_METRICS_TYPE, body, headers);
  g_bytes_unref (body);
}

gpointer
h4_metrics_start (H4Server * server, GError ** error)
{
  static const H4HttpRoute routes[] = {
    {"/metrics", "GET,HEAD", FALSE, answer},
  };
  H4AccessLogFormat format;
  Watch *watch;

  if (!h4_access_log_format_from_string (server->log_format, &format)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "\"%s\" is no format of the access log: text, json or none",
        server->log_format);
    return NULL;
  }
  watch = g_new0 (Watch, 1);
  watch->server = server;
  watch->format = format;
  watch->metrics = h4_metrics_new ();
  h4_http_server_set_access_func (server->http, on_access, watch);
  h4_http_server_add_routes (server->http, routes, G_N_ELEMENTS (routes),
      watch);
  return watch;
}

void
h4_metrics_stop (gpointer metrics)
{
  Watch *watch = metrics;

  /* a server that was released calls nobody */
  if (watch->server->http)
    h4_http_server_set_access_func (watch->server->http, NULL, NULL);
  h4_metrics_free (watch->metrics);
  g_free (watch);
}
