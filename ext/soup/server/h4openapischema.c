/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <math.h>

#include "h4openapischema.h"

static void
set_number (JsonObject * json, const gchar * name, gdouble value)
{
  if (floor (value) == value)
    json_object_set_int_member (json, name, (gint64) value);
  else
    json_object_set_double_member (json, name, value);
}

static void
set_powers (JsonObject * json, const H4Param * param)
{
  JsonArray *values = json_array_new ();
  gint64 value;

  for (value = 1; value <= (gint64) param->max; value *= 2) {
    if (value >= (gint64) param->min)
      json_array_add_int_element (values, value);
  }
  json_object_set_array_member (json, "enum", values);
}

static void
set_choices (JsonObject * json, const gchar * choices)
{
  gchar **names = g_strsplit (choices, ",", -1);
  JsonArray *values = json_array_new ();
  guint i;

  for (i = 0; names[i]; i++)
    json_array_add_string_element (values, names[i]);
  json_object_set_array_member (json, "enum", values);
  g_strfreev (names);
}

static void
set_fallback (JsonObject * json, const H4Param * param)
{
  switch (param->type) {
    case H4_PARAM_INTEGER:
    case H4_PARAM_NUMBER:
      set_number (json, "default", g_ascii_strtod (param->fallback, NULL));
      break;
    case H4_PARAM_BOOLEAN:
      json_object_set_boolean_member (json, "default",
          g_str_equal (param->fallback, "true"));
      break;
    default:
      json_object_set_string_member (json, "default", param->fallback);
  }
}

static void
set_key (JsonObject * json, const H4Param * param)
{
  gchar *pattern = g_strdup_printf ("^([0-9A-Fa-f]{2}){%.0f,%.0f}$",
      param->min, param->max);

  json_object_set_string_member (json, "format", "password");
  json_object_set_string_member (json, "pattern", pattern);
  g_free (pattern);
}

JsonObject *
h4_openapi_new_schema (const H4Param * param)
{
  static const gchar *const types[] = {
    "integer", "number", "boolean", "string", "string", "string"
  };
  JsonObject *json = json_object_new ();

  json_object_set_string_member (json, "type", types[param->type]);
  if (param->flags & H4_PARAM_POWER_OF_TWO) {
    set_powers (json, param);
  } else if (param->type == H4_PARAM_INTEGER || param->type == H4_PARAM_NUMBER) {
    set_number (json, "minimum", param->min);
    set_number (json, "maximum", param->max);
  } else if (param->type == H4_PARAM_CHOICE) {
    set_choices (json, param->choices);
  } else if (param->type == H4_PARAM_TEXT) {
    set_number (json, "minLength", MIN (param->min, 1));
    set_number (json, "maxLength", param->max);
  } else if (param->type == H4_PARAM_KEY) {
    set_key (json, param);
  }
  if (param->fallback)
    set_fallback (json, param);
  return json;
}
