/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Two hundred clients of an h4sse in this process: few enough for valgrind and
 * the sanitizers, and every kind of them at once. The clients are h4load, a
 * process of its own that these do not slow down. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <gst/check/gstcheck.h>
#include <json-glib/json-glib.h>

#include "../../bench/sse_event.h"

#define PIPELINE "h4sse name=sse sync=false port=0 history=5000 " \
    "web-page=false "

#define RATE 100
#define N_EVENTS 200
#define N_HEALTHY "100"
#define N_STALLED "30"
#define N_CHURNING "40"
#define N_HALF "30"

#ifdef GST_PLUGIN_BUILD_STATIC
GST_PLUGIN_STATIC_DECLARE (h4sse);
#endif

typedef struct
{
  GPid pid;
  FILE *said;
} Load;

typedef struct
{
  GstElement *pipeline;
  GstElement *sse;
  GstPad *pad;                  /* the publisher's thread pushes here */
  gchar *port;
  SsePublisher publisher;
  GMutex lock;
  GCond cond;
  guint64 n_pushed;             /* with the lock */
} Ours;

static void
push (guint64 n, const gchar * data, gsize size, gpointer user_data)
{
  Ours *self = user_data;

  if (data)
    gst_pad_push (self->pad, gst_buffer_new_memdup (data, size));
  else
    gst_pad_push_event (self->pad, gst_event_new_eos ());
  g_mutex_lock (&self->lock);
  self->n_pushed++;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
}

static void
wait_pushed (Ours * self, guint64 n)
{
  g_mutex_lock (&self->lock);
  for (self->n_pushed = 0; self->n_pushed < n;)
    g_cond_wait (&self->cond, &self->lock);
  g_mutex_unlock (&self->lock);
}

static void
play (Ours * self)
{
  GstCaps *caps = gst_caps_new_empty_simple ("application/json");
  GstSegment segment;
  gint port;

  fail_unless (gst_element_set_state (self->pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE);
  g_object_get (self->sse, "current-port", &port, NULL);
  fail_unless (port > 0);
  gst_pad_push_event (self->pad, gst_event_new_stream_start ("crowd"));
  gst_pad_push_event (self->pad, gst_event_new_caps (caps));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->pad, gst_event_new_segment (&segment));
  gst_caps_unref (caps);
  g_free (self->port);
  self->port = g_strdup_printf ("--port=%d", port);
}

static void
open_ours (Ours * self, const gchar * properties, guint64 count)
{
  gchar *launch = g_strconcat (PIPELINE, properties, NULL);
  GstPad *sink;

  self->pipeline = gst_pipeline_new (NULL);
  self->sse = gst_parse_launch_full (launch, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, NULL);
  g_free (launch);
  fail_unless (self->sse != NULL);
  gst_bin_add (GST_BIN (self->pipeline), gst_object_ref (self->sse));
  self->pad = gst_pad_new ("source", GST_PAD_SRC);
  sink = gst_element_get_static_pad (self->sse, "sink");
  fail_unless_equals_int (gst_pad_link (self->pad, sink), GST_PAD_LINK_OK);
  gst_object_unref (sink);
  gst_pad_set_active (self->pad, TRUE);
  self->port = NULL;
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  self->publisher.rate = RATE;
  self->publisher.count = count;
  self->publisher.func = push;
  self->publisher.user_data = self;
  play (self);
}

static void
close_ours (Ours * self)
{
  guint clients;

  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  g_object_get (self->sse, "num-clients", &clients, NULL);
  fail_unless_equals_int (clients, 0);
  gst_object_unref (self->pad);
  gst_object_unref (self->sse);
  gst_object_unref (self->pipeline);
  g_free (self->port);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
}

static JsonObject *
read_said (Load * load)
{
  gchar line[4096] = "";
  JsonNode *node = NULL;
  JsonObject *said;

  if (fgets (line, sizeof (line), load->said))
    node = json_from_string (line, NULL);
  fail_unless (node != NULL && JSON_NODE_HOLDS_OBJECT (node), "h4load: %s",
      line);
  said = json_node_dup_object (node);
  json_node_unref (node);
  return said;
}

/* Returns when all of them are connected. GSubprocess would have GLib's own
 * thread take part, of which ThreadSanitizer knows nothing. */
static void
start_load (Load * load, Ours * ours, const gchar * mode, const gchar * number)
{
  gchar *mode_option = g_strconcat ("--mode=", mode, NULL);
  gchar *clients = g_strconcat ("--clients=", number, NULL);
  gchar *argv[] = { (gchar *) H4LOAD, ours->port, mode_option, clients,
    (gchar *) "--time=600", NULL
  };
  GError *error = NULL;
  gint fd;

  fail_unless (g_spawn_async_with_pipes (NULL, argv, NULL,
          G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &load->pid, NULL, &fd, NULL,
          &error), "%s", error ? error->message : "");
  load->said = fdopen (fd, "r");
  json_object_unref (read_said (load));
  g_free (mode_option);
  g_free (clients);
}

/* Where they do not end by themselves: tells them to. */
static JsonObject *
end_load (Load * load, gboolean tell)
{
  JsonObject *report;
  gint status;

  if (tell)
    kill (load->pid, SIGTERM);
  report = read_said (load);
  fail_unless (waitpid (load->pid, &status, 0) == load->pid);
  fail_unless_equals_int (status, 0);
  g_spawn_close_pid (load->pid);
  fclose (load->said);
  return report;
}

static void
fail_unless_sound (JsonObject * report)
{
  static const gchar *names[] = { "lost", "doubled", "gaps", "malformed" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (names); i++)
    fail_unless (json_object_get_int_member (report, names[i]) == 0,
        "%s: %" G_GINT64_FORMAT, names[i],
        json_object_get_int_member (report, names[i]));
}

static void
wait_eos (Ours * ours)
{
  GstBus *bus = gst_element_get_bus (ours->pipeline);
  GstMessage *message = gst_bus_timed_pop_filtered (bus, 600 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);

  fail_unless (message != NULL);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_object_unref (bus);
}

GST_START_TEST (test_healthy_ones_lose_nothing_beside_all_others)
{
  Load healthy, stalled, churning, half;
  JsonObject *report;
  Ours ours;

  open_ours (&ours, "linger=1000", N_EVENTS);
  start_load (&stalled, &ours, "stall", N_STALLED);
  start_load (&half, &ours, "half", N_HALF);
  start_load (&churning, &ours, "churn", N_CHURNING);
  start_load (&healthy, &ours, "read", N_HEALTHY);
  sse_publisher_start (&ours.publisher);
  wait_eos (&ours);
  sse_publisher_stop (&ours.publisher);

  report = end_load (&healthy, FALSE);
  fail_unless_sound (report);
  fail_unless_equals_int (json_object_get_int_member (report, "events"),
      atoi (N_HEALTHY) * N_EVENTS);
  fail_unless_equals_int (json_object_get_int_member (report, "done"),
      atoi (N_HEALTHY));
  json_object_unref (report);

  report = end_load (&churning, TRUE);
  fail_unless_sound (report);
  fail_unless (json_object_get_int_member (report, "answered") > 0);
  json_object_unref (report);
  json_object_unref (end_load (&stalled, TRUE));
  json_object_unref (end_load (&half, TRUE));
  close_ours (&ours);
}

GST_END_TEST;

GST_START_TEST (test_stopping_while_they_hang_and_starting_again)
{
  Load healthy, stalled, churning, half;
  JsonObject *report;
  Ours ours;
  guint i;

  open_ours (&ours, "linger=100", 0);
  for (i = 0; i < 2; i++) {
    start_load (&stalled, &ours, "stall", N_STALLED);
    start_load (&half, &ours, "half", N_HALF);
    start_load (&churning, &ours, "churn", N_CHURNING);
    start_load (&healthy, &ours, "read", N_HEALTHY);
    sse_publisher_start (&ours.publisher);
    wait_pushed (&ours, RATE);
    sse_publisher_stop (&ours.publisher);
    gst_element_set_state (ours.pipeline, GST_STATE_NULL);

    report = end_load (&healthy, FALSE);
    fail_unless_sound (report);
    fail_unless_equals_int (json_object_get_int_member (report, "answered"),
        atoi (N_HEALTHY));
    json_object_unref (report);
    json_object_unref (end_load (&churning, TRUE));
    json_object_unref (end_load (&stalled, TRUE));
    json_object_unref (end_load (&half, TRUE));
    play (&ours);
  }
  close_ours (&ours);
}

GST_END_TEST;

static Suite *
crowd_suite (void)
{
  Suite *suite = suite_create ("crowd");
  TCase *chain = tcase_create ("general");

#ifdef GST_PLUGIN_BUILD_STATIC
  GST_PLUGIN_STATIC_REGISTER (h4sse);
#endif
  suite_add_tcase (suite, chain);
  tcase_add_test (chain, test_healthy_ones_lose_nothing_beside_all_others);
  tcase_add_test (chain, test_stopping_while_they_hang_and_starting_again);
  return suite;
}

GST_CHECK_MAIN (crowd);
