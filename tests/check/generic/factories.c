/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "factories.h"

static const struct
{
  const gchar *element, *property, *value;
} needs[] = {
  {"h4mask", "key", "000102030405060708090a0b0c0d0e0f"},
  {"h4sse", "port", "0"},
  {"h4sse", "linger", "0"},
};

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (GST_OBJECT_NAME (a), GST_OBJECT_NAME (b));
}

static gboolean
is_ours (GstPluginFeature * feature, gpointer user_data)
{
  GstPlugin *plugin = gst_plugin_feature_get_plugin (feature);
  gboolean ours = plugin && GST_IS_ELEMENT_FACTORY (feature)
      && g_str_equal (gst_plugin_get_source (plugin), PACKAGE);

  gst_clear_object (&plugin);
  return ours;
}

GList *
h4_factories (void)
{
  GList *found = gst_registry_feature_filter (gst_registry_get (), is_ours,
      FALSE, NULL);
  GList *l;

  for (l = found; l; l = l->next) {
    GstPluginFeature *loaded = gst_plugin_feature_load (l->data);

    fail_unless (loaded != NULL, "%s does not load", GST_OBJECT_NAME (l->data));
    gst_object_unref (l->data);
    l->data = loaded;
  }
  return g_list_sort (found, compare_names);
}

gchar **
h4_plugins (void)
{
  return g_strsplit (g_getenv ("H4_PLUGINS"), " ", -1);
}

GstElement *
h4_make (GstElementFactory * factory)
{
  GstElement *element = gst_element_factory_create (factory, NULL);
  guint i;

  fail_unless (element != NULL);
  for (i = 0; i < G_N_ELEMENTS (needs); i++)
    if (g_str_equal (GST_OBJECT_NAME (factory), needs[i].element))
      gst_util_set_object_arg (G_OBJECT (element), needs[i].property,
          needs[i].value);
  return element;
}

void
h4_drop (GstElement * element)
{
  fail_unless_equals_int (gst_element_set_state (element, GST_STATE_NULL),
      GST_STATE_CHANGE_SUCCESS);
  ASSERT_OBJECT_REFCOUNT (element, GST_OBJECT_NAME (element), 1);
  gst_object_unref (element);
}

static GstPad *
get_pad (GstElement * element, GstPadDirection direction)
{
  GList *l = gst_element_class_get_pad_template_list (GST_ELEMENT_GET_CLASS
      (element));

  for (; l; l = l->next) {
    GstPadTemplate *template = l->data;

    if (GST_PAD_TEMPLATE_DIRECTION (template) != direction)
      continue;
    if (GST_PAD_TEMPLATE_PRESENCE (template) == GST_PAD_ALWAYS)
      return gst_element_get_static_pad (element,
          GST_PAD_TEMPLATE_NAME_TEMPLATE (template));
    if (GST_PAD_TEMPLATE_PRESENCE (template) == GST_PAD_REQUEST)
      return gst_element_request_pad (element, template, NULL, NULL);
  }
  return NULL;
}

static void
link_pads (GstPad * src, GstPad * sink)
{
  if (src && sink)
    gst_pad_link (src, sink);
  gst_clear_object (&src);
  gst_clear_object (&sink);
}

void
h4_feed_garbage (GstElementFactory * factory)
{
  GstElement *pipeline = gst_pipeline_new (NULL);
  GstElement *source = gst_element_factory_make ("fakesrc", NULL);
  GstElement *element = h4_make (factory);
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  GstPad *src_pad;
  GstMessage *message;

  gst_util_set_object_arg (G_OBJECT (source), "sizetype", "random");
  gst_util_set_object_arg (G_OBJECT (source), "filltype", "random");
  g_object_set (source, "num-buffers", 20, "format", GST_FORMAT_TIME, NULL);
  gst_bin_add_many (GST_BIN (pipeline), source, element, NULL);
  link_pads (get_pad (source, GST_PAD_SRC), get_pad (element, GST_PAD_SINK));
  src_pad = get_pad (element, GST_PAD_SRC);
  if (src_pad) {
    gst_bin_add (GST_BIN (pipeline), sink);
    link_pads (src_pad, get_pad (sink, GST_PAD_SINK));
  } else {
    gst_object_unref (gst_object_ref_sink (sink));
  }

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (GST_ELEMENT_BUS (pipeline),
      30 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL, "neither EOS nor an error");
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

void
h4_for_each (void (*test) (GstElementFactory * factory))
{
  GList *factories = h4_factories ();
  GList *l;

  for (l = factories; l; l = l->next) {
    /* A crash is to say whose it was. */
    g_printerr ("%s\n", GST_OBJECT_NAME (l->data));
    mark_point ();
    test (l->data);
  }
  gst_plugin_feature_list_free (factories);
}
