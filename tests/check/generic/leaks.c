/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "factories.h"

static GstTracer *
get_leaks_tracer (void)
{
  GList *tracers = gst_tracing_get_active_tracers ();
  GstTracer *found = NULL;
  GList *l;

  for (l = tracers; l; l = l->next)
    if (g_str_equal (G_OBJECT_TYPE_NAME (l->data), "GstLeaksTracer"))
      found = gst_object_ref (l->data);
  g_list_free_full (tracers, gst_object_unref);
  fail_unless (found != NULL, "the leaks tracer is not there");
  return found;
}

/* How many objects live, named in @names. */
static guint
count_live_objects (GstTracer * tracer, gchar ** names)
{
  GstStructure *info = NULL;
  guint count;

  g_signal_emit_by_name (tracer, "get-live-objects", &info);
  count = gst_value_list_get_size (gst_structure_get_value (info,
          "live-objects-list"));
  *names = gst_structure_to_string (info);
  gst_structure_free (info);
  return count;
}

static void
check_nothing_is_left (const gchar * after)
{
  GstTracer *tracer = get_leaks_tracer ();
  gchar *names;

  /* A task lives until its thread, which was joined, is done with it. */
  gst_task_cleanup_all ();
  fail_unless (count_live_objects (tracer, &names) == 0, "after %s: %s", after,
      names);
  g_free (names);
  gst_object_unref (tracer);
}

GST_START_TEST (test_tracer_sees_a_leak)
{
  GstTracer *tracer = get_leaks_tracer ();
  GstPad *pad = gst_pad_new ("left", GST_PAD_SRC);
  gchar *names;

  /* GStreamer 1.22 lets go of one reference of each object that it lists. */
  gst_object_ref (pad);
  fail_unless_equals_int (count_live_objects (tracer, &names), 1);
  fail_unless (strstr (names, "left") != NULL, "%s", names);
  g_free (names);
  if (GST_OBJECT_REFCOUNT (pad) == 2)
    gst_object_unref (pad);
  gst_object_unref (pad);
  gst_object_unref (tracer);
}

GST_END_TEST;

static void
make_and_drop (GstElementFactory * factory)
{
  GstElement *element = h4_make (factory);

  gst_element_set_state (element, GST_STATE_PLAYING);
  h4_drop (element);
  check_nothing_is_left (GST_OBJECT_NAME (factory));
}

GST_START_TEST (test_no_element_leaks_by_living)
{
  h4_for_each (make_and_drop);
}

GST_END_TEST;

static void
feed_and_drop (GstElementFactory * factory)
{
  h4_feed_garbage (factory);
  check_nothing_is_left (GST_OBJECT_NAME (factory));
}

GST_START_TEST (test_no_element_leaks_by_streaming)
{
  h4_for_each (feed_and_drop);
}

GST_END_TEST;

static Suite *
leaks_suite (void)
{
  Suite *s = suite_create ("leaks");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_tracer_sees_a_leak);
  tcase_add_test (tc, test_no_element_leaks_by_living);
  tcase_add_test (tc, test_no_element_leaks_by_streaming);
  return s;
}

static void
load_plugin (const gchar * name)
{
  GstPlugin *plugin = gst_plugin_load_by_name (name);

  gst_clear_object (&plugin);
}

/* What a plugin registers when it is loaded, a typefind factory and its caps,
 * stays for good: the tracer comes after it. */
static GstTracer *
start_tracer (void)
{
  gchar **plugins = h4_plugins ();
  GstPluginFeature *feature;
  GstTracer *tracer = NULL;
  guint i;

  for (i = 0; plugins[i]; i++)
    load_plugin (plugins[i]);
  g_strfreev (plugins);

  load_plugin ("coretracers");
  feature = gst_registry_find_feature (gst_registry_get (), "leaks",
      GST_TYPE_TRACER_FACTORY);
  if (feature) {
    tracer = g_object_new (gst_tracer_factory_get_tracer_type
        (GST_TRACER_FACTORY (feature)), NULL);
    gst_object_unref (feature);
  }
  return tracer;
}

int
main (int argc, char **argv)
{
  GstTracer *tracer;
  int failed;

  gst_check_init (&argc, &argv);
  tracer = start_tracer ();
  failed = gst_check_run_suite (leaks_suite (), "leaks", __FILE__);
  gst_clear_object (&tracer);
  return failed;
}
