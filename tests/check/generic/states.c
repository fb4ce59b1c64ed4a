/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "factories.h"

GST_START_TEST (test_every_plugin_of_the_build_has_elements)
{
  gchar **plugins = h4_plugins ();
  guint i;

  fail_unless (plugins[0] != NULL);
  for (i = 0; plugins[i]; i++) {
    GList *features = gst_registry_get_feature_list_by_plugin
        (gst_registry_get (), plugins[i]);
    GList *l;
    guint elements = 0;

    for (l = features; l; l = l->next)
      elements += GST_IS_ELEMENT_FACTORY (l->data);
    fail_unless (elements > 0, "no element of %s", plugins[i]);
    gst_plugin_feature_list_free (features);
  }
  g_strfreev (plugins);
}

GST_END_TEST;

GST_START_TEST (test_every_element_comes_from_a_plugin_of_the_build)
{
  GList *factories = h4_factories ();
  gchar **plugins = h4_plugins ();
  GList *l;

  fail_unless (factories != NULL);
  for (l = factories; l; l = l->next) {
    GstPluginFeature *feature = l->data;

    fail_unless (g_strv_contains ((const gchar * const *) plugins,
            gst_plugin_feature_get_plugin_name (feature)), "%s of %s",
        GST_OBJECT_NAME (feature),
        gst_plugin_feature_get_plugin_name (feature));
  }
  g_strfreev (plugins);
  gst_plugin_feature_list_free (factories);
}

GST_END_TEST;

static void
walk_states (GstElementFactory * factory)
{
  static const GstState walk[] = {
    GST_STATE_READY, GST_STATE_NULL, GST_STATE_READY, GST_STATE_PAUSED,
    GST_STATE_READY, GST_STATE_PLAYING, GST_STATE_PAUSED, GST_STATE_PLAYING,
    GST_STATE_NULL, GST_STATE_PLAYING, GST_STATE_READY, GST_STATE_NULL
  };
  GstElement *element = h4_make (factory);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (walk); i++)
    fail_unless (gst_element_set_state (element, walk[i])
        != GST_STATE_CHANGE_FAILURE, "%s does not go to %s",
        GST_OBJECT_NAME (factory), gst_element_state_get_name (walk[i]));
  h4_drop (element);
}

GST_START_TEST (test_every_element_walks_the_states)
{
  h4_for_each (walk_states);
}

GST_END_TEST;

static void
request_pads (GstElementFactory * factory)
{
  GstElement *element = h4_make (factory);
  GList *l = gst_element_class_get_pad_template_list (GST_ELEMENT_GET_CLASS
      (element));
  guint i;

  for (; l; l = l->next) {
    GstPad *pads[3];

    if (GST_PAD_TEMPLATE_PRESENCE (l->data) != GST_PAD_REQUEST)
      continue;
    for (i = 0; i < G_N_ELEMENTS (pads); i++) {
      gst_element_set_state (element, i ? GST_STATE_READY : GST_STATE_NULL);
      pads[i] = gst_element_request_pad (element, l->data, NULL, NULL);
      fail_unless (pads[i] != NULL);
    }
    for (i = 0; i < G_N_ELEMENTS (pads); i++) {
      gst_element_release_request_pad (element, pads[i]);
      gst_object_unref (pads[i]);
    }
  }
  fail_unless (element->numsinkpads + element->numsrcpads <= 2);
  h4_drop (element);
}

GST_START_TEST (test_every_requested_pad_can_be_given_back)
{
  h4_for_each (request_pads);
}

GST_END_TEST;

GST_START_TEST (test_every_element_survives_garbage)
{
  h4_for_each (h4_feed_garbage);
}

GST_END_TEST;

static Suite *
states_suite (void)
{
  Suite *s = suite_create ("states");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_every_plugin_of_the_build_has_elements);
  tcase_add_test (tc, test_every_element_comes_from_a_plugin_of_the_build);
  tcase_add_test (tc, test_every_element_walks_the_states);
  tcase_add_test (tc, test_every_requested_pad_can_be_given_back);
  tcase_add_test (tc, test_every_element_survives_garbage);
  return s;
}

GST_CHECK_MAIN (states);
