/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "factories.h"

/* Sets a property; where it can be read, the value must have arrived. */
static void
set_and_check (GObject * object, GParamSpec * pspec, const GValue * value)
{
  GValue now = G_VALUE_INIT;

  g_object_set_property (object, pspec->name, value);
  if (!(pspec->flags & G_PARAM_READABLE))
    return;

  g_value_init (&now, pspec->value_type);
  g_object_get_property (object, pspec->name, &now);
  if (!G_IS_PARAM_SPEC_STRING (pspec)) {
    gchar *set = g_strdup_value_contents (value);
    gchar *got = g_strdup_value_contents (&now);

    fail_unless (g_param_values_cmp (pspec, value, &now) == 0,
        "%s:%s was set to %s and is %s", G_OBJECT_TYPE_NAME (object),
        pspec->name, set, got);
    g_free (set);
    g_free (got);
  }
  g_value_unset (&now);
}

#define SET_BOUNDS(Type, type, object, pspec, value) G_STMT_START {           \
  const GParamSpec##Type *bounds = G_PARAM_SPEC_##type (pspec);               \
  CONCAT_SET (type) (value, bounds->minimum);                                 \
  set_and_check (object, pspec, value);                                       \
  CONCAT_SET (type) (value, bounds->maximum);                                 \
  set_and_check (object, pspec, value);                                       \
} G_STMT_END

#define CONCAT_SET(type) SET_##type
#define SET_INT g_value_set_int
#define SET_UINT g_value_set_uint
#define SET_INT64 g_value_set_int64
#define SET_UINT64 g_value_set_uint64
#define SET_FLOAT g_value_set_float
#define SET_DOUBLE g_value_set_double

static void
set_each_enum_value (GObject * object, GParamSpec * pspec, GValue * value)
{
  GEnumClass *klass = G_PARAM_SPEC_ENUM (pspec)->enum_class;
  guint i;

  for (i = 0; i < klass->n_values; i++) {
    g_value_set_enum (value, klass->values[i].value);
    set_and_check (object, pspec, value);
  }
}

static void
set_odd_strings (GObject * object, GParamSpec * pspec, GValue * value)
{
  static const gchar *strings[] = { "", "x", "\n", "\xc3\x98", "%s%n", "/" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (strings); i++) {
    g_value_set_static_string (value, strings[i]);
    set_and_check (object, pspec, value);
  }
  g_value_take_string (value, g_strnfill (100000, 'a'));
  set_and_check (object, pspec, value);
  g_value_set_string (value, NULL);
  set_and_check (object, pspec, value);
}

static void
set_bounds (GObject * object, GParamSpec * pspec, GValue * value)
{
  if (G_IS_PARAM_SPEC_INT (pspec))
    SET_BOUNDS (Int, INT, object, pspec, value);
  else if (G_IS_PARAM_SPEC_UINT (pspec))
    SET_BOUNDS (UInt, UINT, object, pspec, value);
  else if (G_IS_PARAM_SPEC_INT64 (pspec))
    SET_BOUNDS (Int64, INT64, object, pspec, value);
  else if (G_IS_PARAM_SPEC_UINT64 (pspec))
    SET_BOUNDS (UInt64, UINT64, object, pspec, value);
  else if (G_IS_PARAM_SPEC_FLOAT (pspec))
    SET_BOUNDS (Float, FLOAT, object, pspec, value);
  else if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    SET_BOUNDS (Double, DOUBLE, object, pspec, value);
  else if (G_IS_PARAM_SPEC_ENUM (pspec))
    set_each_enum_value (object, pspec, value);
  else if (G_IS_PARAM_SPEC_STRING (pspec))
    set_odd_strings (object, pspec, value);
}

static gboolean
is_own (GParamSpec * pspec)
{
  return g_str_has_prefix (g_type_name (pspec->owner_type), "GstH4");
}

static void
check_property (GObject * object, GParamSpec * pspec)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, pspec->value_type);
  if ((pspec->flags & G_PARAM_WRITABLE)
      && !(pspec->flags & G_PARAM_CONSTRUCT_ONLY)) {
    set_bounds (object, pspec, &value);
    g_param_value_set_default (pspec, &value);
    set_and_check (object, pspec, &value);
  } else if (pspec->flags & G_PARAM_READABLE) {
    g_object_get_property (object, pspec->name, &value);
  }
  g_value_unset (&value);
}

static void
check_object (GObject * object)
{
  guint i, n;
  GParamSpec **pspecs =
      g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n);

  for (i = 0; i < n; i++)
    if (is_own (pspecs[i]))
      check_property (object, pspecs[i]);
  g_free (pspecs);
}

static void
check_properties (GstElementFactory * factory)
{
  GstElement *element = h4_make (factory);
  GList *l = gst_element_class_get_pad_template_list (GST_ELEMENT_GET_CLASS
      (element));

  check_object (G_OBJECT (element));
  for (; l; l = l->next) {
    GstPad *pad;

    if (GST_PAD_TEMPLATE_PRESENCE (l->data) != GST_PAD_REQUEST)
      continue;
    pad = gst_element_request_pad (element, l->data, NULL, NULL);
    fail_unless (pad != NULL);
    check_object (G_OBJECT (pad));
    gst_element_release_request_pad (element, pad);
    gst_object_unref (pad);
  }
  h4_drop (element);
}

GST_START_TEST (test_every_property_takes_its_bounds)
{
  h4_for_each (check_properties);
}

GST_END_TEST;

static void
check_defaults (GstElementFactory * factory)
{
  GstElement *element = gst_element_factory_create (factory, NULL);
  guint i, n;
  GParamSpec **pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS
      (element), &n);

  for (i = 0; i < n; i++) {
    GValue value = G_VALUE_INIT;

    if (!is_own (pspecs[i]) || !(pspecs[i]->flags & G_PARAM_READABLE)
        || !(pspecs[i]->flags & G_PARAM_WRITABLE))
      continue;
    g_value_init (&value, pspecs[i]->value_type);
    g_object_get_property (G_OBJECT (element), pspecs[i]->name, &value);
    fail_unless (G_IS_PARAM_SPEC_STRING (pspecs[i])
        || g_param_value_defaults (pspecs[i], &value), "%s:%s",
        GST_OBJECT_NAME (factory), pspecs[i]->name);
    g_value_unset (&value);
  }
  g_free (pspecs);
  gst_object_unref (element);
}

GST_START_TEST (test_every_property_starts_at_its_default)
{
  h4_for_each (check_defaults);
}

GST_END_TEST;

static gboolean
is_secret (const gchar * name)
{
  return g_str_equal (name, "key") || g_str_has_suffix (name, "-key")
      || strstr (name, "secret") || strstr (name, "password")
      || g_str_has_suffix (name, "auth-token");
}

static void
check_secrets (GstElementFactory * factory)
{
  GstElement *element = h4_make (factory);
  guint i, n;
  GParamSpec **pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS
      (element), &n);

  /* A public key is no secret. */
  for (i = 0; i < n; i++)
    fail_unless (!is_own (pspecs[i]) || !is_secret (pspecs[i]->name)
        || g_str_equal (pspecs[i]->name, "trusted-key")
        || !(pspecs[i]->flags & G_PARAM_READABLE), "%s:%s can be read",
        GST_OBJECT_NAME (factory), pspecs[i]->name);
  g_free (pspecs);
  h4_drop (element);
}

GST_START_TEST (test_no_secret_can_be_read)
{
  h4_for_each (check_secrets);
}

GST_END_TEST;

static Suite *
properties_suite (void)
{
  Suite *s = suite_create ("properties");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_every_property_takes_its_bounds);
  tcase_add_test (tc, test_every_property_starts_at_its_default);
  tcase_add_test (tc, test_no_secret_can_be_read);
  return s;
}

GST_CHECK_MAIN (properties);
