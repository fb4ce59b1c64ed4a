/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* docs/elements.txt is what the elements are by their own account. Run this
 * with H4_UPDATE_DOCS=1 in the environment to write it anew. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "factories.h"

static gchar *
docs_path (const gchar * name, const gchar * suffix)
{
  gchar *file = g_strconcat (name, suffix, NULL);
  gchar *path = g_build_filename (g_getenv ("H4_SOURCE_ROOT"), "docs", file,
      NULL);

  g_free (file);
  return path;
}

static gboolean
is_own_type (GType type)
{
  return g_str_has_prefix (g_type_name (type), "GstH4");
}

static gint
compare_pspecs (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(GParamSpec **) a)->name, (*(GParamSpec **) b)->name);
}

static GParamSpec **
list_properties (GType type, guint * n)
{
  GObjectClass *klass = g_type_class_ref (type);
  GParamSpec **pspecs = g_object_class_list_properties (klass, n);

  if (*n > 0)
    qsort (pspecs, *n, sizeof (GParamSpec *), compare_pspecs);
  g_type_class_unref (klass);
  return pspecs;
}

static void
dump_range (GString * out, GParamSpec * pspec)
{
  if (G_IS_PARAM_SPEC_INT (pspec))
    g_string_append_printf (out, ", %d to %d",
        G_PARAM_SPEC_INT (pspec)->minimum, G_PARAM_SPEC_INT (pspec)->maximum);
  else if (G_IS_PARAM_SPEC_UINT (pspec))
    g_string_append_printf (out, ", %u to %u",
        G_PARAM_SPEC_UINT (pspec)->minimum, G_PARAM_SPEC_UINT (pspec)->maximum);
  else if (G_IS_PARAM_SPEC_INT64 (pspec))
    g_string_append_printf (out,
        ", %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
        G_PARAM_SPEC_INT64 (pspec)->minimum,
        G_PARAM_SPEC_INT64 (pspec)->maximum);
  else if (G_IS_PARAM_SPEC_UINT64 (pspec))
    g_string_append_printf (out,
        ", %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT,
        G_PARAM_SPEC_UINT64 (pspec)->minimum,
        G_PARAM_SPEC_UINT64 (pspec)->maximum);
  else if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    g_string_append_printf (out, ", %g to %g",
        G_PARAM_SPEC_DOUBLE (pspec)->minimum,
        G_PARAM_SPEC_DOUBLE (pspec)->maximum);
}

static void
dump_enum (GString * out, GParamSpec * pspec)
{
  GEnumClass *klass;
  guint i;

  if (!G_IS_PARAM_SPEC_ENUM (pspec))
    return;
  klass = G_PARAM_SPEC_ENUM (pspec)->enum_class;
  for (i = 0; i < klass->n_values; i++)
    g_string_append_printf (out, "      %s: %s\n", klass->values[i].value_nick,
        klass->values[i].value_name);
}

static void
dump_access (GString * out, GParamFlags flags)
{
  if (flags & G_PARAM_READABLE)
    g_string_append (out, ", read");
  if (flags & G_PARAM_WRITABLE)
    g_string_append (out, ", write");
  if (flags & G_PARAM_CONSTRUCT_ONLY)
    g_string_append (out, " at construction");
  else if (flags & GST_PARAM_MUTABLE_READY)
    g_string_append (out, " in READY");
  else if (flags & GST_PARAM_MUTABLE_PAUSED)
    g_string_append (out, " in PAUSED");
  else if (flags & GST_PARAM_MUTABLE_PLAYING)
    g_string_append (out, " in PLAYING");
}

static void
dump_default (GString * out, GParamSpec * pspec)
{
  gchar *text;

  if (!(pspec->flags & G_PARAM_WRITABLE) || !(pspec->flags & G_PARAM_READABLE)
      || g_type_is_a (pspec->value_type, G_TYPE_OBJECT))
    return;
  text = gst_value_serialize (g_param_spec_get_default_value (pspec));
  g_string_append_printf (out, ", default %s", text ? text : "none");
  g_free (text);
}

static void
dump_properties (GString * out, GType type)
{
  guint i, n;
  GParamSpec **pspecs = list_properties (type, &n);

  for (i = 0; i < n; i++) {
    if (!is_own_type (pspecs[i]->owner_type))
      continue;
    g_string_append_printf (out, "  property %s: %s\n    %s", pspecs[i]->name,
        g_param_spec_get_blurb (pspecs[i]),
        g_type_name (pspecs[i]->value_type));
    dump_access (out, pspecs[i]->flags);
    dump_range (out, pspecs[i]);
    dump_default (out, pspecs[i]);
    g_string_append_c (out, '\n');
    dump_enum (out, pspecs[i]);
  }
  g_free (pspecs);
}

static gint
compare_signals (gconstpointer a, gconstpointer b)
{
  return strcmp (g_signal_name (*(guint *) a), g_signal_name (*(guint *) b));
}

static void
dump_signals (GString * out, GType type)
{
  guint i, j, n;
  guint *ids;

  if (!is_own_type (type))
    return;
  dump_signals (out, g_type_parent (type));
  ids = g_signal_list_ids (type, &n);
  if (n > 0)
    qsort (ids, n, sizeof (guint), compare_signals);
  for (i = 0; i < n; i++) {
    GSignalQuery query;

    g_signal_query (ids[i], &query);
    g_string_append_printf (out, "  %s %s (",
        query.signal_flags & G_SIGNAL_ACTION ? "action" : "signal",
        query.signal_name);
    for (j = 0; j < query.n_params; j++)
      g_string_append_printf (out, "%s%s", j ? ", " : "",
          g_type_name (query.param_types[j]));
    g_string_append_printf (out, ") returns %s\n",
        g_type_name (query.return_type));
  }
  g_free (ids);
}

static void
dump_caps (GString * out, GstCaps * caps)
{
  guint i;

  if (gst_caps_is_any (caps))
    g_string_append (out, "    ANY\n");
  for (i = 0; i < gst_caps_get_size (caps); i++) {
    gchar *text = gst_structure_to_string (gst_caps_get_structure (caps, i));

    g_string_append_printf (out, "    %s\n", text);
    g_free (text);
  }
}

static void
dump_templates (GString * out, GstElementClass * klass)
{
  static const gchar *presences[] = { "always", "sometimes", "on request" };
  GList *l = gst_element_class_get_pad_template_list (klass);

  for (; l; l = l->next) {
    GstPadTemplate *template = l->data;
    GstCaps *caps = gst_pad_template_get_caps (template);

    g_string_append_printf (out, "  pad %s: %s, %s\n",
        GST_PAD_TEMPLATE_NAME_TEMPLATE (template),
        GST_PAD_TEMPLATE_DIRECTION (template) == GST_PAD_SRC ? "source"
        : "sink", presences[GST_PAD_TEMPLATE_PRESENCE (template)]);
    dump_caps (out, caps);
    gst_caps_unref (caps);
    if (is_own_type (GST_PAD_TEMPLATE_GTYPE (template)))
      g_string_append_printf (out, "    is a %s\n",
          g_type_name (GST_PAD_TEMPLATE_GTYPE (template)));
  }
}

/* Each pad class once, although several templates may share it. */
static void
dump_pad_classes (GString * out, GstElementClass * klass)
{
  GList *l = gst_element_class_get_pad_template_list (klass);
  GType last = G_TYPE_INVALID;

  for (; l; l = l->next) {
    GType type = GST_PAD_TEMPLATE_GTYPE (l->data);

    if (!is_own_type (type) || type == last)
      continue;
    g_string_append_printf (out, "  pads of %s\n", g_type_name (type));
    dump_properties (out, type);
    last = type;
  }
}

static gchar *
dump_element (GstElementFactory * factory)
{
  static const gchar *keys[] = { GST_ELEMENT_METADATA_LONGNAME,
    GST_ELEMENT_METADATA_KLASS, GST_ELEMENT_METADATA_DESCRIPTION,
    GST_ELEMENT_METADATA_AUTHOR
  };
  GstPlugin *plugin =
      gst_plugin_feature_get_plugin (GST_PLUGIN_FEATURE (factory));
  GType type = gst_element_factory_get_element_type (factory);
  GstElementClass *klass = g_type_class_ref (type);
  GString *out = g_string_new (NULL);
  guint i;

  g_string_append_printf (out, "element %s\n  plugin: %s, license: %s\n"
      "  rank: %u\n", GST_OBJECT_NAME (factory), gst_plugin_get_name (plugin),
      gst_plugin_get_license (plugin),
      gst_plugin_feature_get_rank (GST_PLUGIN_FEATURE (factory)));
  for (i = 0; i < G_N_ELEMENTS (keys); i++)
    g_string_append_printf (out, "  %s: %s\n", keys[i],
        gst_element_factory_get_metadata (factory, keys[i]));
  dump_templates (out, klass);
  dump_properties (out, type);
  dump_signals (out, type);
  dump_pad_classes (out, klass);

  g_type_class_unref (klass);
  gst_object_unref (plugin);
  return g_string_free (out, FALSE);
}

/* The committed account, one text an element, by name. */
static GHashTable *
read_account (void)
{
  GHashTable *account = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      g_free);
  gchar *path = docs_path ("elements", ".txt");
  gchar *text, **parts;
  guint i;

  fail_unless (g_file_get_contents (path, &text, NULL, NULL), "%s", path);
  parts = g_strsplit (text, "\n\n", -1);
  for (i = 0; parts[i]; i++) {
    const gchar *end = strchr (parts[i], '\n');

    if (!end || !g_str_has_prefix (parts[i], "element "))
      continue;
    g_hash_table_insert (account, g_strndup (parts[i] + 8, end - parts[i] - 8),
        g_strconcat (g_strchomp (parts[i]), "\n", NULL));
  }
  g_strfreev (parts);
  g_free (text);
  g_free (path);
  return account;
}

static void
write_account (void)
{
  GList *factories = h4_factories ();
  GString *text = g_string_new (NULL);
  gchar *path = docs_path ("elements", ".txt");
  GList *l;

  for (l = factories; l; l = l->next) {
    gchar *element = dump_element (l->data);

    g_string_append_printf (text, "%s%s", l == factories ? "" : "\n", element);
    g_free (element);
  }
  fail_unless (g_file_set_contents (path, text->str, text->len, NULL));
  g_string_free (text, TRUE);
  g_free (path);
  gst_plugin_feature_list_free (factories);
}

static GHashTable *account;

static void
compare_element (GstElementFactory * factory)
{
  const gchar *name = GST_OBJECT_NAME (factory);
  const gchar *committed = g_hash_table_lookup (account, name);
  gchar *actual = dump_element (factory);

  fail_unless (committed != NULL, "docs/elements.txt lacks %s", name);
  fail_unless (g_str_equal (committed, actual),
      "docs/elements.txt is out of date:\n%sis now\n%s"
      "H4_UPDATE_DOCS=1 ./harmony4 test generic_docs writes it anew.",
      committed, actual);
  g_hash_table_remove (account, name);
  g_free (actual);
}

/* What is committed and not there must belong to a plugin left out. */
static void
check_absent (gpointer name, gpointer text, gpointer plugins)
{
  const gchar *start = strstr (text, "plugin: ");
  gchar *plugin = g_strndup (start + 8, strcspn (start + 8, ","));

  fail_if (g_strv_contains (plugins, plugin),
      "docs/elements.txt has %s, which is gone", (gchar *) name);
  g_free (plugin);
}

GST_START_TEST (test_account_of_elements_is_true)
{
  gchar **plugins = h4_plugins ();

  if (g_getenv ("H4_UPDATE_DOCS"))
    write_account ();
  account = read_account ();
  h4_for_each (compare_element);
  g_hash_table_foreach (account, check_absent, plugins);
  g_hash_table_unref (account);
  g_strfreev (plugins);
}

GST_END_TEST;

static void
check_metadata (GstElementFactory * factory)
{
  gchar **keys = gst_element_factory_get_metadata_keys (factory);
  guint i;

  for (i = 0; keys[i]; i++)
    fail_unless (*gst_element_factory_get_metadata (factory, keys[i]) != 0,
        "%s of %s is empty", keys[i], GST_OBJECT_NAME (factory));
  fail_unless_equals_string (gst_element_factory_get_metadata (factory,
          GST_ELEMENT_METADATA_AUTHOR), "The gst-harmony4 authors");
  g_strfreev (keys);
}

GST_START_TEST (test_every_element_says_what_it_is)
{
  h4_for_each (check_metadata);
}

GST_END_TEST;

static void
check_page (GstElementFactory * factory)
{
  gchar *path = docs_path (GST_OBJECT_NAME (factory), ".md");
  gchar *page;
  guint i, n;
  GParamSpec **pspecs =
      list_properties (gst_element_factory_get_element_type (factory), &n);

  fail_unless (g_file_get_contents (path, &page, NULL, NULL), "no %s", path);
  fail_unless (strstr (page, "```sh\n") != NULL, "no command in %s", path);
  for (i = 0; i < n; i++) {
    gchar *name = g_strdup_printf ("`%s`", pspecs[i]->name);

    fail_unless (!is_own_type (pspecs[i]->owner_type)
        || strstr (page, name) != NULL, "%s does not name %s", path, name);
    g_free (name);
  }
  g_free (pspecs);
  g_free (page);
  g_free (path);
}

GST_START_TEST (test_every_element_has_a_page_that_names_its_properties)
{
  h4_for_each (check_page);
}

GST_END_TEST;

static Suite *
docs_suite (void)
{
  Suite *s = suite_create ("docs");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_account_of_elements_is_true);
  tcase_add_test (tc, test_every_element_says_what_it_is);
  tcase_add_test (tc, test_every_element_has_a_page_that_names_its_properties);
  return s;
}

GST_CHECK_MAIN (docs);
