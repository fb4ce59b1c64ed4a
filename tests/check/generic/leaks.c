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

int
main (int argc, char **argv)
{
  Suite *s;

  g_setenv ("GST_TRACERS", "leaks", TRUE);
  gst_check_init (&argc, &argv);
  s = leaks_suite ();
  return gst_check_run_suite (s, "leaks", __FILE__);
}
