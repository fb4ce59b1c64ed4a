/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <math.h>
#include <string.h>

#include <gst/tag/tag.h>
#include "gsth4mkwriter.h"

#include "gsth4mktags.h"

/* META is at depth 1, its toc at 2; each level of entries takes an object and
 * an array, and a reader stops at depth 8. */
#define MAX_TOC_LEVELS 3
#define MAX_TOC_ENTRIES 65536

static void
add_attachment (GPtrArray * attachments, guint track, const gchar * tag,
    guint n, GstSample * sample)
{
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  GstCaps *caps = gst_sample_get_caps (sample);
  const gchar *mime = "application/octet-stream";
  GstMapInfo map;
  GBytes *bytes;
  gchar *name;

  if (!buffer || !gst_buffer_map (buffer, &map, GST_MAP_READ))
    return;
  if (caps && gst_caps_get_size (caps) > 0)
    mime = gst_structure_get_name (gst_caps_get_structure (caps, 0));
  bytes = g_bytes_new (map.data, map.size);
  gst_buffer_unmap (buffer, &map);
  name = g_strdup_printf ("%u/%s/%u", track, tag, n);
  g_ptr_array_add (attachments, gst_h4mk_attachment_new (name, mime, bytes));
  g_free (name);
  g_bytes_unref (bytes);
}

/* "(type)value", for types that JSON does not have. */
static void
add_serialized (JsonArray * array, const GValue * value)
{
  gchar *text = gst_value_serialize (value);
  gchar *typed;

  if (!text)
    return;
  typed = g_strdup_printf ("(%s)%s", G_VALUE_TYPE_NAME (value), text);
  json_array_add_string_element (array, typed);
  g_free (typed);
  g_free (text);
}

static void
add_value (JsonArray * array, const GValue * value)
{
  GValue wide = G_VALUE_INIT;

  switch (G_VALUE_TYPE (value)) {
    case G_TYPE_STRING:
      if (g_value_get_string (value)
          && g_utf8_validate (g_value_get_string (value), -1, NULL))
        json_array_add_string_element (array, g_value_get_string (value));
      break;
    case G_TYPE_BOOLEAN:
      json_array_add_boolean_element (array, g_value_get_boolean (value));
      break;
    case G_TYPE_FLOAT:
    case G_TYPE_DOUBLE:
      g_value_init (&wide, G_TYPE_DOUBLE);
      g_value_transform (value, &wide);
      if (isfinite (g_value_get_double (&wide)))
        json_array_add_double_element (array, g_value_get_double (&wide));
      break;
    case G_TYPE_INT:
    case G_TYPE_UINT:
    case G_TYPE_INT64:
      g_value_init (&wide, G_TYPE_INT64);
      g_value_transform (value, &wide);
      json_array_add_int_element (array, g_value_get_int64 (&wide));
      break;
    case G_TYPE_UINT64:
      if (g_value_get_uint64 (value) <= G_MAXINT64)
        json_array_add_int_element (array, (gint64) g_value_get_uint64 (value));
      else
        add_serialized (array, value);
      break;
    default:
      add_serialized (array, value);
      break;
  }
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar * const *) a, *(const gchar * const *) b);
}

JsonObject *
gst_h4mk_tags_to_json (const GstTagList * tags, guint track,
    GPtrArray * attachments)
{
  JsonObject *object;
  GPtrArray *names;
  guint i, k;

  if (!tags)
    return NULL;

  names = g_ptr_array_new ();
  for (i = 0; i < (guint) gst_tag_list_n_tags (tags); i++)
    g_ptr_array_add (names, (gpointer) gst_tag_list_nth_tag_name (tags, i));
  g_ptr_array_sort (names, compare_names);

  object = json_object_new ();
  for (i = 0; i < names->len; i++) {
    const gchar *name = g_ptr_array_index (names, i);
    JsonArray *array = json_array_new ();

    for (k = 0; k < gst_tag_list_get_tag_size (tags, name); k++) {
      const GValue *value = gst_tag_list_get_value_index (tags, name, k);

      if (G_VALUE_TYPE (value) != GST_TYPE_SAMPLE)
        add_value (array, value);
      else if (attachments)
        add_attachment (attachments, track, name, k,
            gst_value_get_sample (value));
    }
    if (json_array_get_length (array) > 0)
      json_object_set_array_member (object, name, array);
    else
      json_array_unref (array);
  }
  g_ptr_array_unref (names);
  if (json_object_get_size (object) == 0)
    g_clear_pointer (&object, json_object_unref);
  return object;
}

/* The tag's registered type decides how text is read: a title may well begin
 * with a parenthesis. */
static gboolean
value_from_node (const gchar * tag, JsonNode * node, GValue * value)
{
  GType type = gst_tag_get_type (tag);
  GValue json = G_VALUE_INIT;
  const gchar *text, *end;
  gboolean ok;

  if (!JSON_NODE_HOLDS_VALUE (node))
    return FALSE;
  g_value_init (value, type);
  if (json_node_get_value_type (node) != G_TYPE_STRING) {
    json_node_get_value (node, &json);
    ok = g_value_transform (&json, value);
    g_value_unset (&json);
  } else if (type == G_TYPE_STRING) {
    text = json_node_get_string (node);
    g_value_set_string (value, text);
    ok = text && *text;
  } else {
    text = json_node_get_string (node);
    end = text && *text == '(' ? strchr (text, ')') : NULL;
    ok = end && strlen (g_type_name (type)) == (gsize) (end - text - 1)
        && strncmp (text + 1, g_type_name (type), end - text - 1) == 0
        && gst_value_deserialize (value, end + 1);
  }
  if (!ok)
    g_value_unset (value);
  return ok;
}

GstTagList *
gst_h4mk_tags_from_json (JsonObject * object, GstTagScope scope)
{
  GstTagList *tags = gst_tag_list_new_empty ();
  JsonObjectIter iter;
  const gchar *name;
  JsonNode *node;
  guint i;

  gst_tag_list_set_scope (tags, scope);
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node)) {
    JsonArray *array;

    if (!gst_tag_exists (name) || !JSON_NODE_HOLDS_ARRAY (node)
        || gst_tag_get_type (name) == GST_TYPE_SAMPLE)
      continue;
    array = json_node_get_array (node);
    for (i = 0; i < json_array_get_length (array); i++) {
      GValue value = G_VALUE_INIT;

      if (!value_from_node (name, json_array_get_element (array, i), &value))
        continue;
      gst_tag_list_add_value (tags, GST_TAG_MERGE_APPEND, name, &value);
      g_value_unset (&value);
    }
  }
  if (gst_tag_list_is_empty (tags))
    g_clear_pointer (&tags, gst_tag_list_unref);
  return tags;
}

gboolean
gst_h4mk_attachment_parse_name (const gchar * name, guint * track, gchar ** tag)
{
  gchar **parts = g_strsplit (name, "/", -1);
  guint64 id;
  gboolean ok;

  ok = g_strv_length (parts) == 3
      && g_ascii_string_to_unsigned (parts[0], 10, 0, G_MAXUINT32, &id, NULL)
      && gst_tag_exists (parts[1])
      && gst_tag_get_type (parts[1]) == GST_TYPE_SAMPLE;
  if (ok) {
    *track = (guint) id;
    *tag = g_strdup (parts[1]);
  }
  g_strfreev (parts);
  return ok;
}

GstSample *
gst_h4mk_attachment_to_sample (const gchar * mime_type, GBytes * bytes)
{
  GstBuffer *buffer = g_bytes_get_size (bytes) > 0 ?
      gst_buffer_new_wrapped_bytes (bytes) : gst_buffer_new ();
  GstCaps *caps = gst_caps_from_string (mime_type);
  GstSample *sample;

  if (caps && !gst_caps_is_fixed (caps))
    gst_clear_caps (&caps);
  sample = gst_sample_new (buffer, caps, NULL, NULL);
  gst_buffer_unref (buffer);
  gst_clear_caps (&caps);
  return sample;
}

static JsonArray *entries_to_json (GList * entries, guint level,
    guint * n_entries);

static JsonObject *
entry_to_json (GstTocEntry * entry, guint level, guint * n_entries)
{
  JsonObject *object = json_object_new ();
  GstTagList *tags = gst_toc_entry_get_tags (entry);
  GList *subs = gst_toc_entry_get_sub_entries (entry);
  gint64 start, stop;
  gchar *title = NULL;

  if (gst_toc_entry_get_uid (entry))
    json_object_set_string_member (object, "id", gst_toc_entry_get_uid (entry));
  if (gst_toc_entry_get_start_stop_times (entry, &start, &stop)) {
    if (start >= 0)
      json_object_set_int_member (object, "start_ns", start);
    if (stop >= 0)
      json_object_set_int_member (object, "end_ns", stop);
  }
  if (tags && gst_tag_list_get_string (tags, GST_TAG_TITLE, &title)) {
    json_object_set_string_member (object, "title", title);
    g_free (title);
  }
  if (subs && level < MAX_TOC_LEVELS)
    json_object_set_array_member (object, "sub",
        entries_to_json (subs, level + 1, n_entries));
  return object;
}

static JsonArray *
entries_to_json (GList * entries, guint level, guint * n_entries)
{
  JsonArray *array = json_array_new ();

  for (; entries && *n_entries < MAX_TOC_ENTRIES; entries = entries->next) {
    (*n_entries)++;
    json_array_add_object_element (array,
        entry_to_json (entries->data, level, n_entries));
  }
  return array;
}

/* Chapters of a single edition stand at the top. */
JsonArray *
gst_h4mk_toc_to_json (GstToc * toc)
{
  GList *entries = gst_toc_get_entries (toc);
  guint n_entries = 0;

  if (entries && !entries->next
      && gst_toc_entry_get_entry_type (entries->data) ==
      GST_TOC_ENTRY_TYPE_EDITION)
    entries = gst_toc_entry_get_sub_entries (entries->data);
  return entries ? entries_to_json (entries, 1, &n_entries) : NULL;
}

static gint64
get_time_member (JsonObject * object, const gchar * name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (!node || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_INT64)
    return -1;
  return json_node_get_int (node);
}

static const gchar *
get_string_member (JsonObject * object, const gchar * name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (!node || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

static GstTocEntry *
entry_from_json (JsonObject * object, guint level, guint * n_entries)
{
  const gchar *id = get_string_member (object, "id");
  const gchar *title = get_string_member (object, "title");
  JsonNode *sub = json_object_get_member (object, "sub");
  gchar *uid = id ? g_strdup (id) : g_strdup_printf ("%u", *n_entries);
  GstTocEntry *entry = gst_toc_entry_new (GST_TOC_ENTRY_TYPE_CHAPTER, uid);
  guint i;

  g_free (uid);
  gst_toc_entry_set_start_stop_times (entry,
      get_time_member (object, "start_ns"), get_time_member (object, "end_ns"));
  if (title && *title)
    gst_toc_entry_set_tags (entry, gst_tag_list_new (GST_TAG_TITLE, title,
            NULL));
  if (sub && JSON_NODE_HOLDS_ARRAY (sub) && level < MAX_TOC_LEVELS) {
    JsonArray *array = json_node_get_array (sub);

    for (i = 0; i < json_array_get_length (array)
        && *n_entries < MAX_TOC_ENTRIES; i++) {
      JsonNode *node = json_array_get_element (array, i);

      (*n_entries)++;
      if (JSON_NODE_HOLDS_OBJECT (node))
        gst_toc_entry_append_sub_entry (entry,
            entry_from_json (json_node_get_object (node), level + 1,
                n_entries));
    }
  }
  return entry;
}

GstToc *
gst_h4mk_toc_from_json (JsonArray * array)
{
  GstToc *toc = gst_toc_new (GST_TOC_SCOPE_GLOBAL);
  guint i, n_entries = 0;

  for (i = 0; i < json_array_get_length (array)
      && n_entries < MAX_TOC_ENTRIES; i++) {
    JsonNode *node = json_array_get_element (array, i);

    n_entries++;
    if (JSON_NODE_HOLDS_OBJECT (node))
      gst_toc_append_entry (toc, entry_from_json (json_node_get_object (node),
              1, &n_entries));
  }
  if (!gst_toc_get_entries (toc))
    gst_h4mk_toc_clear (&toc);
  return toc;
}

void
gst_h4mk_toc_clear (GstToc ** toc)
{
  if (*toc)
    gst_toc_unref (*toc);
  *toc = NULL;
}
