/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "h4metrics.h"

/* µs; what takes longer is in +Inf alone */
static const gint64 bounds[] = {
  1000, 5000, 25000, 100000, 500000, 2500000, 10000000, 60000000
};

typedef struct
{
  guint status;
  guint64 n;
} StatusCount;

/* What one method of one route was asked for. */
typedef struct
{
  gchar *route;
  const gchar *method;
  GArray *statuses;             /* StatusCount, ascending */
  guint64 buckets[G_N_ELEMENTS (bounds)];
  guint64 n;
  gint64 duration;
  guint64 bytes_in;
  guint64 bytes_out;
} Usage;

struct _H4Metrics
{
  GMutex mutex;
  GPtrArray *usages;            /* by route, then method */
};

static void
usage_free (gpointer data)
{
  Usage *usage = data;

  g_array_unref (usage->statuses);
  g_free (usage->route);
  g_free (usage);
}

H4Metrics *
h4_metrics_new (void)
{
  H4Metrics *metrics = g_new0 (H4Metrics, 1);

  g_mutex_init (&metrics->mutex);
  metrics->usages = g_ptr_array_new_with_free_func (usage_free);
  return metrics;
}

void
h4_metrics_free (H4Metrics * metrics)
{
  g_ptr_array_unref (metrics->usages);
  g_mutex_clear (&metrics->mutex);
  g_free (metrics);
}

/* Clients may send any word: each would be a series of its own. */
static const gchar *
known_method (const gchar * method)
{
  static const gchar *const methods[] = {
    "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (methods); i++) {
    if (strcmp (method, methods[i]) == 0)
      return methods[i];
  }
  return "other";
}

static Usage *
find_usage (H4Metrics * metrics, const gchar * route, const gchar * method)
{
  GPtrArray *usages = metrics->usages;
  guint low = 0, high = usages->len;
  Usage *usage;

  while (low < high) {
    guint middle = low + (high - low) / 2;
    gint order;

    usage = g_ptr_array_index (usages, middle);
    order = strcmp (usage->route, route);
    if (order == 0)
      order = strcmp (usage->method, method);
    if (order == 0)
      return usage;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  usage = g_new0 (Usage, 1);
  usage->route = g_strdup (route);
  usage->method = method;
  usage->statuses = g_array_new (FALSE, FALSE, sizeof (StatusCount));
  g_ptr_array_insert (usages, (gint) low, usage);
  return usage;
}

static void
count_status (Usage * usage, guint status)
{
  StatusCount count = { status, 1 };
  guint i;

  for (i = 0; i < usage->statuses->len; i++) {
    StatusCount *known = &g_array_index (usage->statuses, StatusCount, i);

    if (known->status == status) {
      known->n++;
      return;
    }
    if (known->status > status)
      break;
  }
  g_array_insert_val (usage->statuses, i, count);
}

void
h4_metrics_observe (H4Metrics * metrics, const H4HttpAccess * access)
{
  Usage *usage;
  guint i;

  g_mutex_lock (&metrics->mutex);
  usage = find_usage (metrics, access->route ? access->route : "none",
      known_method (access->method));
  count_status (usage, access->status);
  for (i = 0; i < G_N_ELEMENTS (bounds); i++) {
    if (access->duration <= bounds[i])
      usage->buckets[i]++;
  }
  usage->n++;
  usage->duration += access->duration;
  usage->bytes_in += access->bytes_in;
  usage->bytes_out += access->bytes_out;
  g_mutex_unlock (&metrics->mutex);
}

static void
append_head (GString * text, const gchar * name, const gchar * type,
    const gchar * help)
{
  g_string_append_printf (text, "# HELP %s %s\n# TYPE %s %s\n", name, help,
      name, type);
}

static void
append_number (GString * text, const gchar * name, const gchar * type,
    const gchar * help, guint64 value)
{
  append_head (text, name, type, help);
  g_string_append_printf (text, "%s %" G_GUINT64_FORMAT "\n", name, value);
}

static void
append_seconds (GString * text, gint64 us)
{
  g_string_append_printf (text, "%" G_GINT64_FORMAT ".%06d",
      us / G_USEC_PER_SEC, (gint) (us % G_USEC_PER_SEC));
}

static void
append_label (GString * text, const gchar * name, const gchar * value)
{
  g_string_append_printf (text, "%s=\"", name);
  for (; *value; value++) {
    if (*value == '\n')
      g_string_append (text, "\\n");
    else if (*value == '"' || *value == '\\')
      g_string_append_printf (text, "\\%c", *value);
    else
      g_string_append_c (text, *value);
  }
  g_string_append_c (text, '"');
}

/* `name{route="/files/",method="GET"`, the brace still open */
static void
append_usage (GString * text, const gchar * name, const Usage * usage)
{
  g_string_append_printf (text, "%s{", name);
  append_label (text, "route", usage->route);
  g_string_append_c (text, ',');
  append_label (text, "method", usage->method);
}

static void
append_requests (GString * text, GPtrArray * usages)
{
  static const gchar name[] = "harmony4_http_requests_total";
  guint i, k;

  append_head (text, name, "counter", "Requests that were answered.");
  for (i = 0; i < usages->len; i++) {
    const Usage *usage = g_ptr_array_index (usages, i);

    for (k = 0; k < usage->statuses->len; k++) {
      const StatusCount *count = &g_array_index (usage->statuses,
          StatusCount, k);

      append_usage (text, name, usage);
      g_string_append_printf (text, ",status=\"%u\"} %" G_GUINT64_FORMAT "\n",
          count->status, count->n);
    }
  }
}

static void
append_durations (GString * text, GPtrArray * usages)
{
  static const gchar name[] = "harmony4_http_request_duration_seconds";
  guint i, k;

  append_head (text, name, "histogram",
      "From a request's headers to the last byte of its answer.");
  for (i = 0; i < usages->len; i++) {
    const Usage *usage = g_ptr_array_index (usages, i);

    for (k = 0; k < G_N_ELEMENTS (bounds); k++) {
      append_usage (text, "harmony4_http_request_duration_seconds_bucket",
          usage);
      g_string_append_printf (text, ",le=\"%g\"} %" G_GUINT64_FORMAT "\n",
          (gdouble) bounds[k] / G_USEC_PER_SEC, usage->buckets[k]);
    }
    append_usage (text, "harmony4_http_request_duration_seconds_bucket", usage);
    g_string_append_printf (text, ",le=\"+Inf\"} %" G_GUINT64_FORMAT "\n",
        usage->n);
    append_usage (text, "harmony4_http_request_duration_seconds_sum", usage);
    g_string_append (text, "} ");
    append_seconds (text, usage->duration);
    g_string_append_c (text, '\n');
    append_usage (text, "harmony4_http_request_duration_seconds_count", usage);
    g_string_append_printf (text, "} %" G_GUINT64_FORMAT "\n", usage->n);
  }
}

static void
append_bytes (GString * text, GPtrArray * usages, const gchar * name,
    const gchar * help, gsize member)
{
  guint i;

  append_head (text, name, "counter", help);
  for (i = 0; i < usages->len; i++) {
    const Usage *usage = g_ptr_array_index (usages, i);

    append_usage (text, name, usage);
    g_string_append_printf (text, "} %" G_GUINT64_FORMAT "\n",
        G_STRUCT_MEMBER (guint64, usage, member));
  }
}

static void
append_server (GString * text, const H4HttpServerStats * stats)
{
  append_number (text, "harmony4_http_connections", "gauge",
      "Connections whose requests are parsed.", stats->connections);
  append_number (text, "harmony4_http_connections_total", "counter",
      "Connections that were accepted.", stats->connections_total);
  append_number (text, "harmony4_http_connections_refused_total", "counter",
      "Connections that were refused or closed: limits, time-outs, malformed"
      " requests.", stats->refused);
  append_number (text, "harmony4_http_exchanges", "gauge",
      "Requests that a thread of their own works on.", stats->exchanges);
}

static void
append_jobs (GString * text, const H4JobsStats * stats)
{
  append_number (text, "harmony4_jobs_max", "gauge",
      "Pipelines that may run at once.", stats->max_running);
  append_number (text, "harmony4_jobs_running", "gauge",
      "Pipelines that run.", stats->running);
  append_number (text, "harmony4_jobs_waiting", "gauge",
      "Uploads that wait for a pipeline.", stats->waiting);
  append_number (text, "harmony4_jobs_started_total", "counter",
      "Pipelines that were started.", stats->started);
  append_number (text, "harmony4_jobs_failed_total", "counter",
      "Pipelines that failed.", stats->failed);
  append_number (text, "harmony4_jobs_refused_total", "counter",
      "Uploads that waited in vain.", stats->refused);
}

static void
append_stream_value (GString * text, const GArray * streams,
    const gchar * name, const gchar * help, gsize member)
{
  guint i;

  append_head (text, name, "counter", help);
  for (i = 0; i < streams->len; i++) {
    const H4MetricsStream *s = &g_array_index (streams, H4MetricsStream, i);

    g_string_append_printf (text, "%s{", name);
    append_label (text, "stream", s->name);
    g_string_append_printf (text, "} %" G_GUINT64_FORMAT "\n",
        G_STRUCT_MEMBER (guint64, &s->stats, member));
  }
}

static void
append_streams (GString * text, const GArray * streams)
{
  static const gchar clients[] = "harmony4_stream_clients";
  guint i;

  append_head (text, clients, "gauge", "Who watches a stream of events.");
  for (i = 0; i < streams->len; i++) {
    const H4MetricsStream *s = &g_array_index (streams, H4MetricsStream, i);

    g_string_append_printf (text, "%s{", clients);
    append_label (text, "stream", s->name);
    g_string_append_printf (text, "} %u\n", s->stats.clients);
  }
  append_stream_value (text, streams, "harmony4_stream_clients_total",
      "Who came to watch.", G_STRUCT_OFFSET (H4StreamStats, clients_total));
  append_stream_value (text, streams, "harmony4_stream_clients_dropped_total",
      "Who was too slow and was disconnected.",
      G_STRUCT_OFFSET (H4StreamStats, clients_dropped));
  append_stream_value (text, streams, "harmony4_stream_events_total",
      "Events of a stream.", G_STRUCT_OFFSET (H4StreamStats, events));
  append_stream_value (text, streams, "harmony4_stream_events_sent_total",
      "Events that were sent, to all together.",
      G_STRUCT_OFFSET (H4StreamStats, events_sent));
  append_stream_value (text, streams, "harmony4_stream_events_skipped_total",
      "Events that clients were too slow for.",
      G_STRUCT_OFFSET (H4StreamStats, events_skipped));
  append_stream_value (text, streams, "harmony4_stream_sent_bytes_total",
      "Bytes of events that were sent.",
      G_STRUCT_OFFSET (H4StreamStats, bytes_sent));
}

void
h4_metrics_append (GString * text, H4Metrics * metrics,
    const H4MetricsNow * now)
{
  g_mutex_lock (&metrics->mutex);
  append_requests (text, metrics->usages);
  append_durations (text, metrics->usages);
  append_bytes (text, metrics->usages, "harmony4_http_received_bytes_total",
      "Bytes of requests' bodies.", G_STRUCT_OFFSET (Usage, bytes_in));
  append_bytes (text, metrics->usages, "harmony4_http_sent_bytes_total",
      "Bytes of answers' bodies.", G_STRUCT_OFFSET (Usage, bytes_out));
  g_mutex_unlock (&metrics->mutex);
  append_server (text, &now->server);
  append_jobs (text, &now->jobs);
  append_streams (text, now->streams);
  append_head (text, "harmony4_build_info", "gauge",
      "The version, as a label.");
  g_string_append (text, "harmony4_build_info{version=\"" VERSION "\"} 1\n");
}
