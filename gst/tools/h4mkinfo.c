/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "h4mktool.h"

static void
print_label (const gchar * label)
{
  h4mk_print_padded (label, -11);
  putchar (' ');
}

static void
print_text (const gchar * label, const gchar * text)
{
  gchar *harmless;

  if (!text)
    return;
  harmless = h4mk_escape (text);
  print_label (label);
  puts (harmless);
  g_free (harmless);
}

static void
print_number (const gchar * label, guint64 number)
{
  print_label (label);
  printf ("%" G_GUINT64_FORMAT "\n", number);
}

static void
print_value (GString * out, JsonNode * node)
{
  JsonObject *object = json_object_new ();
  gchar *text;

  if (JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_STRING) {
    g_string_append (out, json_node_get_string (node));
    json_object_unref (object);
    return;
  }
  json_object_set_member (object, "v", json_node_copy (node));
  text = h4mk_json_to_text (object);
  /* what stands between {"v": and } */
  g_string_append_len (out, text + 5, strlen (text) - 6);
  g_free (text);
}

static void
print_tags (const gchar * indent, JsonObject * tags)
{
  GList *names = json_object_get_members (tags), *l;
  guint i;

  for (l = names; l; l = l->next) {
    JsonNode *node = json_object_get_member (tags, l->data);
    JsonArray *values = JSON_NODE_HOLDS_ARRAY (node) ?
        json_node_get_array (node) : NULL;
    GString *line = g_string_new (l->data);
    gchar *harmless;

    g_string_append (line, ": ");
    for (i = 0; values && i < json_array_get_length (values); i++) {
      if (i > 0)
        g_string_append (line, ", ");
      print_value (line, json_array_get_element (values, i));
    }
    harmless = h4mk_escape (line->str);
    printf ("%s%s\n", indent, harmless);
    g_free (harmless);
    g_string_free (line, TRUE);
  }
  g_list_free (names);
}

static JsonObject *
get_object (JsonObject * json, const gchar * name)
{
  JsonNode *node = json_object_get_member (json, name);

  return node && JSON_NODE_HOLDS_OBJECT (node) ?
      json_node_get_object (node) : NULL;
}

static void
print_track (JsonObject * track)
{
  static const gchar *const members[] = { "codec", "name", "language", "caps",
    "stream_id"
  };
  JsonObject *tags = get_object (track, "tags");
  guint i;

  printf (_("track %" PRId64 ": %s\n"),
      json_object_get_int_member (track, "id"),
      json_object_get_string_member (track, "kind"));
  for (i = 0; i < G_N_ELEMENTS (members); i++) {
    const gchar *text = json_object_get_string_member_with_default (track,
        members[i], NULL);
    gchar *harmless = text ? h4mk_escape (text) : NULL;

    if (harmless)
      printf ("  %-9s %s\n", members[i], harmless);
    g_free (harmless);
  }
  if (tags)
    print_tags ("  ", tags);
}

static void
print_toc (JsonArray * entries, guint depth)
{
  guint i;

  for (i = 0; entries && i < json_array_get_length (entries); i++) {
    JsonObject *entry = json_array_get_object_element (entries, i);
    gchar *start = h4mk_format_time (json_object_get_int_member_with_default
        (entry, "start_ns", 0));
    gchar *title = h4mk_escape (json_object_get_string_member_with_default
        (entry, "title", ""));

    printf ("%*s%s %s\n", 2 * depth, "", start, title);
    g_free (title);
    g_free (start);
    if (json_object_has_member (entry, "sub"))
      print_toc (json_object_get_array_member (entry, "sub"), depth + 1);
  }
}

static void
print_attachments (JsonArray * attachments)
{
  guint i;

  for (i = 0; attachments && i < json_array_get_length (attachments); i++) {
    JsonObject *entry = json_array_get_object_element (attachments, i);
    gchar *name = h4mk_escape (json_object_get_string_member (entry, "name"));
    gchar *type =
        h4mk_escape (json_object_get_string_member (entry, "mime_type"));

    printf (_("attachment %s: %s, %" PRId64 " bytes\n"), name, type,
        json_object_get_int_member (entry, "size"));
    g_free (type);
    g_free (name);
  }
}

static JsonArray *
get_array (JsonObject * json, const gchar * name)
{
  return json_object_has_member (json, name) ?
      json_object_get_array_member (json, name) : NULL;
}

static void
print_base (JsonObject * json)
{
  print_label (_("timing"));
  printf (_("%" PRId64 " bytes a block, %g a second, a key block every %"
          PRId64 "\n"),
      json_object_get_int_member (json, "block_size"),
      json_object_get_double_member (json, "fps_hint"),
      json_object_get_int_member (json, "gop"));
}

static void
print_info (JsonObject * json)
{
  JsonArray *tracks = get_array (json, "tracks");
  JsonObject *tags = get_object (json, "tags");
  guint i;

  print_text (_("profile"), json_object_get_string_member (json, "profile"));
  print_text (_("state"), json_object_get_boolean_member (json, "complete") ?
      _("complete") : _("cut off, or still growing"));
  if (json_object_get_boolean_member (json, "masked"))
    print_text (_("masked"), _("yes"));
  if (json_object_has_member (json, "duration_ns")) {
    gchar *duration = h4mk_format_time (json_object_get_int_member (json,
            "duration_ns"));

    print_text (_("duration"), duration);
    g_free (duration);
  }
  print_number (_("size"), json_object_get_int_member (json, "file_size"));
  print_number (_("blocks"), json_object_get_int_member (json, "blocks"));
  if (json_object_has_member (json, "spans"))
    print_number (_("spans"), json_object_get_int_member (json, "spans"));
  if (json_object_has_member (json, "block_size"))
    print_base (json);
  print_text (_("uuid"), json_object_get_string_member_with_default (json,
          "uuid", NULL));
  print_text (_("signer"), json_object_get_string_member_with_default (json,
          "key", NULL));
  if (tags)
    print_tags ("", tags);
  for (i = 0; tracks && i < json_array_get_length (tracks); i++)
    print_track (json_array_get_object_element (tracks, i));
  if (get_array (json, "toc"))
    printf ("%s\n", _("contents:"));
  print_toc (get_array (json, "toc"), 1);
  print_attachments (get_array (json, "attachments"));
}

int
h4mk_command_info (int argc, char **argv)
{
  gboolean as_json = FALSE;
  const GOptionEntry entries[] = {
    {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, N_("Print JSON"), NULL},
    {NULL}
  };
  GError *error = NULL;
  JsonObject *json;
  H4mkInput input;

  if (!h4mk_parse_options (&argc, &argv, "FILE",
          _("Tells what a file holds. Reads few pieces, whatever its size."),
          entries, 1))
    return H4MK_EXIT_FAILED;
  if (!h4mk_input_open (&input, argv[1], TRUE, &error))
    return h4mk_fail (error);
  json = h4mk_json_info (&input.source, &error);
  h4mk_input_close (&input);
  if (!json)
    return h4mk_fail (error);

  if (as_json) {
    h4mk_print_json (json);
  } else {
    print_info (json);
    json_object_unref (json);
  }
  return h4mk_flush (H4MK_EXIT_OK);
}
