/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "gsth4json.h"
#include "gsth4mkerror.h"
#include "gsth4mkformat.h"

void
gst_h4_json_append_string (GString * out, const gchar * text)
{
  const gchar *p;

  g_string_append_c (out, '"');
  for (p = text; *p; p++) {
    guchar c = (guchar) * p;

    if (c == '"' || c == '\\') {
      g_string_append_c (out, '\\');
      g_string_append_c (out, c);
    } else if (c < 0x20) {
      g_string_append_printf (out, "\\u%04x", c);
    } else {
      g_string_append_c (out, c);
    }
  }
  g_string_append_c (out, '"');
}

/* The least digits that read back equal, laid out as Python's repr() does:
 * positional from 1e-4 up to 1e16, else with an exponent. */
void
gst_h4_json_append_double (GString * out, gdouble value)
{
  gchar text[40], digits[24];
  gint precision, exponent, n = 0;
  const gchar *p;

  if (!isfinite (value)) {
    g_string_append (out, "null");
    return;
  }
  for (precision = 0; precision <= 16; precision++) {
    gchar format[8];

    g_snprintf (format, sizeof (format), "%%.%de", precision);
    g_ascii_formatd (text, sizeof (text), format, value);
    if (g_ascii_strtod (text, NULL) == value)
      break;
  }
  for (p = text; *p && *p != 'e'; p++) {
    if (g_ascii_isdigit (*p))
      digits[n++] = *p;
  }
  digits[n] = '\0';
  exponent = *p ? (gint) strtol (p + 1, NULL, 10) : 0;

  if (text[0] == '-')
    g_string_append_c (out, '-');
  if (exponent < -4 || exponent >= 16) {
    g_string_append_printf (out, "%c.%se%c%02d", digits[0],
        n > 1 ? digits + 1 : "0", exponent < 0 ? '-' : '+', abs (exponent));
  } else if (exponent < 0) {
    g_string_append (out, "0.");
    while (++exponent < 0)
      g_string_append_c (out, '0');
    g_string_append (out, digits);
  } else {
    gint i;

    for (i = 0; i <= exponent; i++)
      g_string_append_c (out, i < n ? digits[i] : '0');
    g_string_append_c (out, '.');
    g_string_append (out, n > exponent + 1 ? digits + exponent + 1 : "0");
  }
}

static void
gst_h4_json_append_object (GString * out, JsonObject * object)
{
  JsonObjectIter iter;
  const gchar *name;
  JsonNode *node;
  gboolean first = TRUE;

  g_string_append_c (out, '{');
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node)) {
    if (!first)
      g_string_append_c (out, ',');
    first = FALSE;
    gst_h4_json_append_string (out, name);
    g_string_append_c (out, ':');
    gst_h4_json_append (out, node);
  }
  g_string_append_c (out, '}');
}

static void
gst_h4_json_append_array (GString * out, JsonArray * array)
{
  guint i, n = json_array_get_length (array);

  g_string_append_c (out, '[');
  for (i = 0; i < n; i++) {
    if (i > 0)
      g_string_append_c (out, ',');
    gst_h4_json_append (out, json_array_get_element (array, i));
  }
  g_string_append_c (out, ']');
}

static void
gst_h4_json_append_value (GString * out, JsonNode * node)
{
  switch (json_node_get_value_type (node)) {
    case G_TYPE_STRING:
      gst_h4_json_append_string (out, json_node_get_string (node));
      break;
    case G_TYPE_BOOLEAN:
      g_string_append (out, json_node_get_boolean (node) ? "true" : "false");
      break;
    case G_TYPE_DOUBLE:
      gst_h4_json_append_double (out, json_node_get_double (node));
      break;
    default:
      g_string_append_printf (out, "%" G_GINT64_FORMAT,
          json_node_get_int (node));
      break;
  }
}

void
gst_h4_json_append (GString * out, JsonNode * node)
{
  switch (json_node_get_node_type (node)) {
    case JSON_NODE_OBJECT:
      gst_h4_json_append_object (out, json_node_get_object (node));
      break;
    case JSON_NODE_ARRAY:
      gst_h4_json_append_array (out, json_node_get_array (node));
      break;
    case JSON_NODE_VALUE:
      gst_h4_json_append_value (out, node);
      break;
    default:
      g_string_append (out, "null");
      break;
  }
}

/* JsonParser takes comments, missing commas and any depth. What it sees has
 * passed here, where nesting is counted and nothing recurses without bound. */
typedef struct
{
  const gchar *p;
  const gchar *end;
  guint depth;
} JsonText;

static gboolean check_value (JsonText * t);

static void
skip_space (JsonText * t)
{
  while (t->p < t->end && (*t->p == ' ' || *t->p == '\t' || *t->p == '\n'
          || *t->p == '\r'))
    t->p++;
}

static gboolean
take (JsonText * t, gchar c)
{
  skip_space (t);
  if (t->p == t->end || *t->p != c)
    return FALSE;
  t->p++;
  return TRUE;
}

static gboolean
check_string (JsonText * t)
{
  if (!take (t, '"'))
    return FALSE;
  while (t->p < t->end) {
    guchar c = (guchar) * t->p++;

    if (c == '"')
      return TRUE;
    if (c < 0x20)
      return FALSE;
    if (c != '\\')
      continue;
    if (t->p == t->end || *t->p == '\0' || !strchr ("\"\\/bfnrtu", *t->p))
      return FALSE;
    if (*t->p++ == 'u') {
      gint i;

      for (i = 0; i < 4; i++, t->p++) {
        if (t->p == t->end || !g_ascii_isxdigit (*t->p))
          return FALSE;
      }
      /* a C string cannot hold it */
      if (memcmp (t->p - 4, "0000", 4) == 0)
        return FALSE;
    }
  }
  return FALSE;
}

static gboolean
check_digits (JsonText * t)
{
  const gchar *start = t->p;

  while (t->p < t->end && g_ascii_isdigit (*t->p))
    t->p++;
  return t->p > start;
}

static gboolean
check_number (JsonText * t)
{
  if (*t->p == '-')
    t->p++;
  if (t->p < t->end && *t->p == '0')
    t->p++;
  else if (!check_digits (t))
    return FALSE;
  if (t->p < t->end && *t->p == '.') {
    t->p++;
    if (!check_digits (t))
      return FALSE;
  }
  if (t->p < t->end && (*t->p == 'e' || *t->p == 'E')) {
    t->p++;
    if (t->p < t->end && (*t->p == '+' || *t->p == '-'))
      t->p++;
    return check_digits (t);
  }
  return TRUE;
}

static gboolean
check_word (JsonText * t, const gchar * word)
{
  gsize n = strlen (word);

  if ((gsize) (t->end - t->p) < n || memcmp (t->p, word, n) != 0)
    return FALSE;
  t->p += n;
  return TRUE;
}

static gboolean
check_members (JsonText * t, gchar close, gboolean named)
{
  if (++t->depth > GST_H4MK_MAX_JSON_DEPTH)
    return FALSE;
  t->p++;
  if (!take (t, close)) {
    do {
      if (named && !(check_string (t) && take (t, ':')))
        return FALSE;
      if (!check_value (t))
        return FALSE;
    } while (take (t, ','));
    if (!take (t, close))
      return FALSE;
  }
  t->depth--;
  return TRUE;
}

static gboolean
check_value (JsonText * t)
{
  skip_space (t);
  if (t->p == t->end)
    return FALSE;
  switch (*t->p) {
    case '{':
      return check_members (t, '}', TRUE);
    case '[':
      return check_members (t, ']', FALSE);
    case '"':
      return check_string (t);
    case 't':
      return check_word (t, "true");
    case 'f':
      return check_word (t, "false");
    case 'n':
      return check_word (t, "null");
    default:
      return check_number (t);
  }
}

JsonObject *
gst_h4_json_parse_object (const guint8 * data, gsize size, GError ** error)
{
  JsonText text = { (const gchar *) data, (const gchar *) data + size, 0 };
  JsonParser *parser;
  JsonObject *object = NULL;
  JsonNode *root;

  if (size == 0 || !g_utf8_validate_len ((const gchar *) data, size, NULL)) {
    g_set_error_literal (error, GST_H4MK_ERROR, GST_H4MK_ERROR_DAMAGED,
        "not UTF-8 text");
    return NULL;
  }
  if (!check_value (&text)) {
    g_set_error (error, GST_H4MK_ERROR, GST_H4MK_ERROR_DAMAGED,
        "not JSON, or nested deeper than %d, at byte %" G_GSIZE_FORMAT,
        GST_H4MK_MAX_JSON_DEPTH, (gsize) (text.p - (const gchar *) data));
    return NULL;
  }
  skip_space (&text);
  if (text.p != text.end) {
    g_set_error_literal (error, GST_H4MK_ERROR, GST_H4MK_ERROR_DAMAGED,
        "more than one JSON value");
    return NULL;
  }

  parser = json_parser_new ();
  if (json_parser_load_from_data (parser, (const gchar *) data, size, error)) {
    root = json_parser_get_root (parser);
    if (root && JSON_NODE_HOLDS_OBJECT (root))
      object = json_object_ref (json_node_get_object (root));
    else
      g_set_error_literal (error, GST_H4MK_ERROR, GST_H4MK_ERROR_DAMAGED,
          "not a JSON object");
  }
  g_object_unref (parser);
  return object;
}
