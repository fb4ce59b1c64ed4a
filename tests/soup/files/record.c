/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "record.h"

void
record (const gchar * path, const gchar * line)
{
  gchar **parts = g_strsplit (line, "%s", 2);
  gchar *whole = g_strjoinv (path, parts);
  GError *error = NULL;
  GstElement *pipeline = gst_parse_launch (whole, &error);
  GstMessage *message;
  GstBus *bus;

  fail_unless (pipeline && !error, "%s", error ? error->message : "");
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  fail_unless_equals_string (GST_MESSAGE_TYPE_NAME (message), "eos");
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
  g_free (whole);
  g_strfreev (parts);
}

gchar *
h4mk_says (const gchar * command, const gchar * path, const gchar * argument)
{
  gchar *tool = g_build_filename (g_getenv ("H4_BUILD_ROOT"), "gst", "tools",
      "h4mk", NULL);
  const gchar *argv[] = { tool, command, "--json", path, argument, NULL };
  GError *error = NULL;
  gchar *said;

  fail_unless (g_spawn_sync (NULL, (gchar **) argv, NULL, G_SPAWN_DEFAULT,
          NULL, NULL, &said, NULL, NULL, &error), "%s",
      error ? error->message : "");
  g_strchomp (said);
  g_free (tool);
  return said;
}
