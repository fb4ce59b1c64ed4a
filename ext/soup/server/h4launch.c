/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4-i18n.h"
#include "h4launch.h"

struct _H4Launch
{
  GstElement *pipeline;
  guint watch;
  H4LaunchFailed func;
  gpointer user_data;
};

static void
share_server (const GValue * item, gpointer user_data)
{
  const H4HttpConfig *config = user_data;
  GstElement *element = g_value_get_object (item);
  GstElementFactory *factory = gst_element_get_factory (element);

  if (!factory || strcmp (GST_OBJECT_NAME (factory), "h4sse") != 0)
    return;
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
  while (gst_iterator_foreach (elements, share_server,
          (gpointer) config) == GST_ITERATOR_RESYNC)
    gst_iterator_resync (elements);
  gst_iterator_free (elements);
  return launch;
}

static void
fail (H4Launch * launch, GstMessage * message)
{
  gchar *name = gst_object_get_path_string (GST_MESSAGE_SRC (message));
  gchar *debug = NULL, *text;
  GError *error = NULL;

  gst_message_parse_error (message, &error, &debug);
  text = g_strdup_printf ("%s: %s\n%s", name, error->message,
      debug ? debug : "");
  launch->func (text, launch->user_data);
  g_free (text);
  g_free (debug);
  g_error_free (error);
  g_free (name);
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

void
h4_launch_start (H4Launch * launch, H4LaunchFailed func, gpointer user_data)
{
  GstBus *bus = gst_element_get_bus (launch->pipeline);

  launch->func = func;
  launch->user_data = user_data;
  launch->watch = gst_bus_add_watch (bus, on_message, launch);
  gst_object_unref (bus);
  /* a failure has posted its error */
  gst_element_set_state (launch->pipeline, GST_STATE_PLAYING);
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
  g_free (launch);
}
