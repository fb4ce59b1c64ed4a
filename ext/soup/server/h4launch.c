/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4-i18n.h"
#include "h4launch.h"

/* How long the server waits for the first data of the pipeline: a source that
 * cannot be reached is told of instead of an address. */
#define START_TIME (3 * G_TIME_SPAN_SECOND)
#define START_TURN (10 * GST_MSECOND)

struct _H4Launch
{
  GstElement *pipeline;
  GPtrArray *sinks;
  gint begun;                   /* atomic: how many of them have had data */
  guint watch;
  gboolean failed;
  H4LaunchFailed func;
  gpointer user_data;
};

static void
find_sink (const GValue * item, gpointer user_data)
{
  GPtrArray *sinks = user_data;
  GstElement *element = g_value_get_object (item);
  GstElementFactory *factory = gst_element_get_factory (element);

  if (factory && strcmp (GST_OBJECT_NAME (factory), "h4sse") == 0
      && !g_ptr_array_find (sinks, element, NULL))
    g_ptr_array_add (sinks, gst_object_ref (element));
}

static void
share_server (gpointer element, gpointer user_data)
{
  const H4HttpConfig *config = user_data;

  g_object_set (element, "address", config->address, "port", config->port,
      "tls-cert-file", config->tls_cert_file,
      "tls-key-file", config->tls_key_file,
      "auth-token-file", config->auth_token_file,
      "cors-origin", config->cors_origins,
      "max-clients", config->max_clients, "web-page", config->web_page, NULL);
}

H4Launch *
h4_launch_new (const gchar * description, const H4HttpConfig * config,
    GError ** error)
{
  GstElement *pipeline = gst_parse_launch_full (description, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, error);
  H4Launch *launch;
  GstIterator *elements;

  if (!pipeline)
    return NULL;
  launch = g_new0 (H4Launch, 1);
  if (!GST_IS_PIPELINE (pipeline)) {
    launch->pipeline = gst_pipeline_new (NULL);
    gst_bin_add (GST_BIN (launch->pipeline), pipeline);
  } else {
    launch->pipeline = pipeline;
  }
  gst_object_ref_sink (launch->pipeline);
  elements = gst_bin_iterate_recurse (GST_BIN (launch->pipeline));
  launch->sinks = g_ptr_array_new_with_free_func (gst_object_unref);
  while (gst_iterator_foreach (elements, find_sink,
          launch->sinks) == GST_ITERATOR_RESYNC)
    gst_iterator_resync (elements);
  gst_iterator_free (elements);
  g_ptr_array_foreach (launch->sinks, share_server, (gpointer) config);
  return launch;
}

/* What a person can use of an error, in a line: GStreamer says the reason in the
 * debug text, behind the place in its source. */
static gchar *
explain (GstMessage * message)
{
  gchar *debug = NULL, *reason, *text, *p;
  GError *error = NULL;

  gst_message_parse_error (message, &error, &debug);
  reason = debug ? g_strrstr (debug, ":\n") : NULL;
  text = g_strdup_printf ("%s: %s%s%s%s", GST_MESSAGE_SRC_NAME (message),
      error->message, reason ? " (" : "", reason ? reason + 2 : "",
      reason ? ")" : "");
  for (p = text; *p; p++)
    if (g_ascii_iscntrl (*p))
      *p = ' ';
  g_free (debug);
  g_error_free (error);
  return text;
}

/* What fails first is the cause, and other elements fail because of it. */
static void
fail (H4Launch * launch, GstMessage * message)
{
  gchar *text;

  if (launch->failed)
    return;
  launch->failed = TRUE;
  text = explain (message);
  launch->func (text, launch->user_data);
  g_free (text);
}

static gboolean
on_message (GstBus * bus, GstMessage * message, gpointer user_data)
{
  H4Launch *launch = user_data;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ERROR:
      fail (launch, message);
      break;
    case GST_MESSAGE_WARNING:{
      GError *error = NULL;

      gst_message_parse_warning (message, &error, NULL);
      g_printerr ("harmony4-server: %s\n", error->message);
      g_error_free (error);
      break;
    }
    case GST_MESSAGE_EOS:
      if (!launch->failed)
        g_printerr ("%s\n", _("The pipeline has ended; the server goes on."));
      break;
    case GST_MESSAGE_LATENCY:
      gst_bin_recalculate_latency (GST_BIN (launch->pipeline));
      break;
    case GST_MESSAGE_CLOCK_LOST:
      gst_element_set_state (launch->pipeline, GST_STATE_PAUSED);
      gst_element_set_state (launch->pipeline, GST_STATE_PLAYING);
      break;
    default:
      break;
  }
  return G_SOURCE_CONTINUE;
}

static GstPadProbeReturn
on_first_data (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  H4Launch *launch = user_data;

  g_atomic_int_inc (&launch->begun);
  return GST_PAD_PROBE_REMOVE;
}

static void
look_for_data (gpointer element, gpointer user_data)
{
  GstPad *pad = gst_element_get_static_pad (element, "sink");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER |
      GST_PAD_PROBE_TYPE_BUFFER_LIST, on_first_data, user_data, NULL);
  gst_object_unref (pad);
}

static gboolean
has_begun (H4Launch * launch)
{
  return g_atomic_int_get (&launch->begun) == (gint) launch->sinks->len
      && gst_element_get_state (launch->pipeline, NULL, NULL,
      0) != GST_STATE_CHANGE_ASYNC;
}

/* FALSE: it has failed. */
static gboolean
wait_for_begin (H4Launch * launch, GstBus * bus, GError ** error)
{
  gint64 end = g_get_monotonic_time () + START_TIME;
  gboolean failed = FALSE, over = FALSE;

  while (!failed && !over) {
    GstMessage *message = gst_bus_timed_pop (bus, START_TURN);

    if (!message) {
      over = has_begun (launch) || g_get_monotonic_time () >= end;
      continue;
    }
    failed = GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR;
    over = GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
    if (failed) {
      gchar *text = explain (message);

      g_set_error_literal (error, GST_CORE_ERROR, GST_CORE_ERROR_STATE_CHANGE,
          text);
      g_free (text);
    } else {
      on_message (bus, message, launch);
    }
    gst_message_unref (message);
  }
  return !failed;
}

gboolean
h4_launch_start (H4Launch * launch, H4LaunchFailed func, gpointer user_data,
    GError ** error)
{
  GstBus *bus = gst_element_get_bus (launch->pipeline);
  gboolean ok;

  launch->func = func;
  launch->user_data = user_data;
  g_ptr_array_foreach (launch->sinks, look_for_data, launch);
  /* a failure has posted its error */
  gst_element_set_state (launch->pipeline, GST_STATE_PLAYING);
  ok = wait_for_begin (launch, bus, error);
  if (ok && gst_element_get_state (launch->pipeline, NULL, NULL,
          0) == GST_STATE_CHANGE_FAILURE) {
    g_set_error_literal (error, GST_CORE_ERROR, GST_CORE_ERROR_STATE_CHANGE,
        _("The pipeline cannot be started, and does not say why."));
    ok = FALSE;
  }
  if (ok)
    launch->watch = gst_bus_add_watch (bus, on_message, launch);
  gst_object_unref (bus);
  return ok;
}

void
h4_launch_stop (H4Launch * launch)
{
  gst_element_set_state (launch->pipeline, GST_STATE_NULL);
}

void
h4_launch_free (H4Launch * launch)
{
  if (launch->watch)
    g_source_remove (launch->watch);
  gst_element_set_state (launch->pipeline, GST_STATE_NULL);
  gst_object_unref (launch->pipeline);
  g_ptr_array_unref (launch->sinks);
  g_free (launch);
}
