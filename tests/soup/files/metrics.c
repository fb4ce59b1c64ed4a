/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What Prometheus is told. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "h4metrics.h"
#include "prometheus.h"

static void
observe (H4Metrics * metrics, const gchar * route, const gchar * method,
    guint status, gint64 duration)
{
  H4HttpAccess access = { "::1", method, "/x", route, NULL, status, 10, 1000,
    duration
  };

  h4_metrics_observe (metrics, &access);
}

static gchar *
format (H4Metrics * metrics, const H4MetricsNow * now)
{
  GString *text = g_string_new (NULL);
  H4MetricsNow idle = { {0} };

  idle.streams = g_array_new (FALSE, FALSE, sizeof (H4MetricsStream));
  h4_metrics_append (text, metrics, now ? now : &idle);
  g_array_unref (idle.streams);
  return g_string_free (text, FALSE);
}

static GHashTable *
parse (H4Metrics * metrics, const H4MetricsNow * now)
{
  gchar *text = format (metrics, now);
  GHashTable *series = prometheus_parse (text);

  g_free (text);
  return series;
}

#define expect(series, name, expected) G_STMT_START { \
  gdouble value_ = prometheus_get (series, name); \
  fail_unless (value_ == (expected), "%s is %g, not %g", name, value_, \
      (gdouble) (expected)); \
} G_STMT_END

GST_START_TEST (test_nothing_yet)
{
  H4Metrics *metrics = h4_metrics_new ();
  GHashTable *series = parse (metrics, NULL);

  expect (series, "harmony4_http_connections", 0);
  expect (series, "harmony4_jobs_running", 0);
  expect (series, "harmony4_build_info{version=\"" VERSION "\"}", 1);
  g_hash_table_unref (series);
  h4_metrics_free (metrics);
}

GST_END_TEST;

GST_START_TEST (test_requests)
{
  H4Metrics *metrics = h4_metrics_new ();
  GHashTable *series;

  observe (metrics, "/files/", "GET", 206, 1);
  observe (metrics, "/files/", "GET", 200, 1);
  observe (metrics, "/files/", "GET", 206, 1);
  observe (metrics, "/files/", "HEAD", 200, 1);
  observe (metrics, "/video/stream", "POST", 200, 1);
  series = parse (metrics, NULL);
  expect (series, "harmony4_http_requests_total"
      "{route=\"/files/\",method=\"GET\",status=\"206\"}", 2);
  expect (series, "harmony4_http_requests_total"
      "{route=\"/files/\",method=\"GET\",status=\"200\"}", 1);
  expect (series, "harmony4_http_requests_total"
      "{route=\"/files/\",method=\"HEAD\",status=\"200\"}", 1);
  expect (series, "harmony4_http_received_bytes_total"
      "{route=\"/files/\",method=\"GET\"}", 30);
  expect (series, "harmony4_http_sent_bytes_total"
      "{route=\"/video/stream\",method=\"POST\"}", 1000);
  g_hash_table_unref (series);
  h4_metrics_free (metrics);
}

GST_END_TEST;

#define BUCKET(le) "harmony4_http_request_duration_seconds_bucket" \
    "{route=\"/\",method=\"GET\",le=\"" le "\"}"

GST_START_TEST (test_durations)
{
  H4Metrics *metrics = h4_metrics_new ();
  GHashTable *series;

  observe (metrics, "/", "GET", 200, 0);
  observe (metrics, "/", "GET", 200, 1000);
  observe (metrics, "/", "GET", 200, 1001);
  observe (metrics, "/", "GET", 200, 59999999);
  observe (metrics, "/", "GET", 200, 3600000000);
  series = parse (metrics, NULL);
  expect (series, BUCKET ("0.001"), 2);
  expect (series, BUCKET ("0.005"), 3);
  expect (series, BUCKET ("10"), 3);
  expect (series, BUCKET ("60"), 4);
  expect (series, BUCKET ("+Inf"), 5);
  expect (series, "harmony4_http_request_duration_seconds_count"
      "{route=\"/\",method=\"GET\"}", 5);
  expect (series, "harmony4_http_request_duration_seconds_sum"
      "{route=\"/\",method=\"GET\"}", 3660.002);
  g_hash_table_unref (series);
  h4_metrics_free (metrics);
}

GST_END_TEST;

/* The lines do not depend on which request came first. */
GST_START_TEST (test_order)
{
  static const gchar *const routes[] = { "/a", "/b", "/c" };
  H4Metrics *up = h4_metrics_new (), *down = h4_metrics_new ();
  gchar *a, *b;
  guint i;

  for (i = 0; i < 9; i++) {
    observe (up, routes[i / 3], "GET", 200 + i % 3, 5);
    observe (down, routes[2 - i / 3], "GET", 202 - i % 3, 5);
  }
  a = format (up, NULL);
  b = format (down, NULL);
  fail_unless_equals_string (a, b);
  g_free (a);
  g_free (b);
  h4_metrics_free (up);
  h4_metrics_free (down);
}

GST_END_TEST;

/* However many words clients come up with. */
GST_START_TEST (test_series_are_bounded)
{
  H4Metrics *metrics = h4_metrics_new ();
  GHashTable *series;
  guint i;

  for (i = 0; i < 1000; i++) {
    gchar *word = g_strdup_printf ("WORD%u", i);

    observe (metrics, NULL, word, 404, 5);
    g_free (word);
  }
  series = parse (metrics, NULL);
  expect (series, "harmony4_http_requests_total"
      "{route=\"none\",method=\"other\",status=\"404\"}", 1000);
  g_hash_table_unref (series);
  h4_metrics_free (metrics);
}

GST_END_TEST;

GST_START_TEST (test_labels_are_escaped)
{
  H4Metrics *metrics = h4_metrics_new ();
  GHashTable *series;

  observe (metrics, "/a\"b\\c\nd", "GET", 200, 5);
  series = parse (metrics, NULL);
  expect (series, "harmony4_http_requests_total"
      "{route=\"/a\\\"b\\\\c\\nd\",method=\"GET\",status=\"200\"}", 1);
  g_hash_table_unref (series);
  h4_metrics_free (metrics);
}

GST_END_TEST;

GST_START_TEST (test_server_jobs_streams)
{
  H4MetricsStream streams[] = {
    {(gchar *) "cam", {3, 5, 70, 210, 21000, 7, 1}
        },
    {(gchar *) "mic", {1, 1, 4, 4, 400, 0, 0}
        },
  };
  H4MetricsNow now = { {2, 30, 4, 1}, {2, 1, 5, 9, 1, 3}
  };
  H4Metrics *metrics = h4_metrics_new ();
  GHashTable *series;

  now.streams = g_array_new (FALSE, FALSE, sizeof (H4MetricsStream));
  g_array_append_vals (now.streams, streams, 2);
  series = parse (metrics, &now);
  g_array_unref (now.streams);
  expect (series, "harmony4_http_connections", 2);
  expect (series, "harmony4_http_connections_total", 30);
  expect (series, "harmony4_http_connections_refused_total", 4);
  expect (series, "harmony4_http_exchanges", 1);
  expect (series, "harmony4_jobs_max", 2);
  expect (series, "harmony4_jobs_running", 1);
  expect (series, "harmony4_jobs_waiting", 5);
  expect (series, "harmony4_jobs_started_total", 9);
  expect (series, "harmony4_jobs_failed_total", 1);
  expect (series, "harmony4_jobs_refused_total", 3);
  expect (series, "harmony4_stream_clients{stream=\"cam\"}", 3);
  expect (series, "harmony4_stream_clients_total{stream=\"cam\"}", 5);
  expect (series, "harmony4_stream_events_total{stream=\"cam\"}", 70);
  expect (series, "harmony4_stream_events_sent_total{stream=\"cam\"}", 210);
  expect (series, "harmony4_stream_sent_bytes_total{stream=\"cam\"}", 21000);
  expect (series, "harmony4_stream_events_skipped_total{stream=\"cam\"}", 7);
  expect (series, "harmony4_stream_clients_dropped_total{stream=\"cam\"}", 1);
  expect (series, "harmony4_stream_events_total{stream=\"mic\"}", 4);
  g_hash_table_unref (series);
  h4_metrics_free (metrics);
}

GST_END_TEST;

GST_START_TEST (test_process)
{
  GString *text = g_string_new (NULL);
  GHashTable *series;

  h4_metrics_append_process (text);
  series = prometheus_parse (text->str);
  fail_unless (prometheus_get (series, "process_resident_memory_bytes") >
      100000);
  fail_unless (prometheus_get (series, "process_open_fds") >= 1);
  fail_unless (prometheus_get (series, "process_max_fds") >=
      prometheus_get (series, "process_open_fds"));
  prometheus_get (series, "process_cpu_seconds_total");
  g_hash_table_unref (series);
  g_string_free (text, TRUE);
}

GST_END_TEST;

static gpointer
observe_many (gpointer metrics)
{
  guint i;

  for (i = 0; i < 1000; i++)
    observe (metrics, i % 2 ? "/a" : "/b", "GET", 200, i);
  return NULL;
}

GST_START_TEST (test_threads)
{
  H4Metrics *metrics = h4_metrics_new ();
  GThread *threads[4];
  GHashTable *series;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("observe", observe_many, metrics);
  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  series = parse (metrics, NULL);
  expect (series, "harmony4_http_requests_total"
      "{route=\"/a\",method=\"GET\",status=\"200\"}", 2000);
  g_hash_table_unref (series);
  h4_metrics_free (metrics);
}

GST_END_TEST;

static Suite *
metrics_suite (void)
{
  Suite *s = suite_create ("metrics");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_nothing_yet);
  tcase_add_test (tc, test_requests);
  tcase_add_test (tc, test_durations);
  tcase_add_test (tc, test_order);
  tcase_add_test (tc, test_series_are_bounded);
  tcase_add_test (tc, test_labels_are_escaped);
  tcase_add_test (tc, test_server_jobs_streams);
  tcase_add_test (tc, test_process);
  tcase_add_test (tc, test_threads);
  return s;
}

GST_CHECK_MAIN (metrics);
