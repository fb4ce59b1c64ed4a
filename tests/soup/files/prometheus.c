/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "prometheus.h"

typedef struct
{
  GHashTable *series;
  GHashTable *families;
  gchar *family;
  gchar *type;
  gdouble bucket;               /* the one before, of the same series */
  gchar *bucket_of;
} Parser;

static gboolean
is_name (const gchar * text, gsize size)
{
  gsize i;

  for (i = 0; i < size; i++) {
    if (!g_ascii_isalpha (text[i]) && text[i] != '_' && text[i] != ':'
        && (i == 0 || !g_ascii_isdigit (text[i])))
      return FALSE;
  }
  return size > 0;
}

/* "# HELP name text", then "# TYPE name type", before the samples */
static void
parse_comment (Parser * parser, const gchar * line)
{
  gchar **words = g_strsplit (line, " ", 4);

  fail_unless (g_strv_length (words) == 4, "%s", line);
  fail_unless (is_name (words[2], strlen (words[2])), "%s", line);
  if (strcmp (words[1], "HELP") == 0) {
    fail_unless (g_hash_table_add (parser->families, g_strdup (words[2])),
        "%s is there twice", words[2]);
    g_free (parser->family);
    parser->family = g_strdup (words[2]);
    g_clear_pointer (&parser->type, g_free);
  } else {
    fail_unless_equals_string (words[1], "TYPE");
    fail_unless_equals_string (words[2], parser->family);
    fail_unless (parser->type == NULL, "%s", line);
    fail_unless (strcmp (words[3], "counter") == 0
        || strcmp (words[3], "gauge") == 0
        || strcmp (words[3], "histogram") == 0, "%s", line);
    parser->type = g_strdup (words[3]);
  }
  g_strfreev (words);
}

/* Behind `{name="value",…}`. */
static const gchar *
skip_labels (const gchar * p)
{
  const gchar *equals;

  do {
    p++;
    equals = strchr (p, '=');
    fail_unless (equals && is_name (p, (gsize) (equals - p)), "%s", p);
    p = equals + 1;
    fail_unless (*p == '"', "%s", p);
    for (p++; *p && *p != '"'; p++) {
      if (*p == '\\') {
        p++;
        fail_unless (*p && strchr ("\\\"n", *p), "%s", p);
      }
    }
    fail_unless (*p == '"', "%s", p);
    p++;
  } while (*p == ',');
  fail_unless (*p == '}', "%s", p);
  return p + 1;
}

/* Buckets of one series grow, and the last one is +Inf. */
static void
check_bucket (Parser * parser, const gchar * series, gdouble value)
{
  const gchar *bound = strstr (series, ",le=\"");
  gchar *of;

  fail_unless (bound != NULL, "%s", series);
  of = g_strndup (series, (gsize) (bound - series));
  if (g_strcmp0 (parser->bucket_of, of) != 0)
    parser->bucket = 0;
  fail_unless (value >= parser->bucket, "%s", series);
  parser->bucket = value;
  g_free (parser->bucket_of);
  parser->bucket_of = of;
}

static void
parse_sample (Parser * parser, const gchar * line)
{
  gsize size = strcspn (line, "{ ");
  const gchar *rest = line + size, *suffix;
  gchar *series, *end;
  gdouble value;

  fail_unless (is_name (line, size), "%s", line);
  if (*rest == '{')
    rest = skip_labels (rest);
  fail_unless (*rest == ' ', "%s", line);
  value = g_ascii_strtod (rest + 1, &end);
  fail_unless (end > rest + 1 && *end == 0, "%s", line);
  fail_unless (value >= 0, "%s", line);

  fail_unless (parser->type && g_str_has_prefix (line, parser->family), "%s",
      line);
  suffix = line + strlen (parser->family);
  series = g_strndup (line, (gsize) (rest - line));
  if (strcmp (parser->type, "histogram") != 0)
    fail_unless (suffix == line + size, "%s", line);
  else if (g_str_has_prefix (suffix, "_bucket{"))
    check_bucket (parser, series, value);
  else
    fail_unless (g_str_has_prefix (suffix, "_sum")
        || g_str_has_prefix (suffix, "_count"), "%s", line);
  if (strcmp (parser->type, "counter") == 0)
    fail_unless (g_str_has_suffix (parser->family, "_total"), "%s", line);
  fail_unless (g_hash_table_insert (parser->series, series, g_memdup2 (&value,
              sizeof (value))), "%s is there twice", line);
}

GHashTable *
prometheus_parse (const gchar * text)
{
  Parser parser = { 0 };
  gchar **lines = g_strsplit (text, "\n", -1);
  guint n = g_strv_length (lines), i;

  parser.series = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      g_free);
  parser.families = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      NULL);
  fail_unless (n > 1 && *lines[n - 1] == 0, "the last line has no end");
  for (i = 0; i < n - 1; i++) {
    if (g_str_has_prefix (lines[i], "# "))
      parse_comment (&parser, lines[i]);
    else
      parse_sample (&parser, lines[i]);
  }
  g_hash_table_unref (parser.families);
  g_free (parser.family);
  g_free (parser.type);
  g_free (parser.bucket_of);
  g_strfreev (lines);
  return parser.series;
}

gdouble
prometheus_get (GHashTable * series, const gchar * name)
{
  const gdouble *value = g_hash_table_lookup (series, name);

  fail_unless (value != NULL, "there is no %s", name);
  return *value;
}
