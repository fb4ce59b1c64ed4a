/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* The audio vectors, for the tests of the bytes and of the element. */

#ifndef __H4_AUDIO_VECTORS_H__
#define __H4_AUDIO_VECTORS_H__

#include <gst/check/gstcheck.h>
#include <json-glib/json-glib.h>
#include <math.h>

#define N_AUDIO_VECTORS 8

static inline gchar *
audio_vector_path (const gchar * name)
{
  const gchar *dir = g_getenv ("H4_VECTORS");

  fail_unless (dir != NULL, "H4_VECTORS names no folder");
  return g_build_filename (dir, name, NULL);
}

/* To be unreffed by the caller. */
static inline JsonParser *
load_audio_vectors (void)
{
  JsonParser *parser = json_parser_new ();
  gchar *path = audio_vector_path ("audio-tokens.json");
  GError *error = NULL;

  fail_unless (json_parser_load_from_file (parser, path, &error), "%s",
      error ? error->message : "");
  g_free (path);
  return parser;
}

static inline JsonObject *
get_audio_vector (JsonParser * parser, guint number)
{
  JsonArray *vectors = json_node_get_array (json_parser_get_root (parser));

  fail_unless_equals_int (json_array_get_length (vectors), N_AUDIO_VECTORS);
  return json_array_get_object_element (vectors, number);
}

static inline guint8 *
load_audio_pcm (JsonObject * vector, gsize * size)
{
  gchar *path = audio_vector_path (json_object_get_string_member (vector,
          "pcm"));
  gchar *pcm;

  fail_unless (g_file_get_contents (path, &pcm, size, NULL), "%s", path);
  g_free (path);
  return (guint8 *) pcm;
}

/* Compares a token and its exact values with the vector's. The bins of
 * silence come in any order there; ours are ordered by number. */
static inline void
check_audio_token (JsonArray * expected, const guint8 * token,
    gdouble frequency, gdouble magnitude, gdouble phase, guint place,
    gdouble step)
{
  gboolean silent = json_array_get_double_element (expected, 1) == 0.0;
  guint number = silent ? place : json_array_get_int_element (expected, 0);
  const gchar *hex = json_array_get_string_element (expected, 3);
  gchar ours[17];
  guint i;

  fail_unless_equals_float (frequency, number * step);
  fail_unless (fabs (magnitude
          - json_array_get_double_element (expected, 1)) < 1e-6);
  fail_unless (fabs (phase
          - json_array_get_double_element (expected, 2)) < 1e-6);
  for (i = 0; i < 8; i++)
    g_snprintf (ours + 2 * i, 3, "%02x", token[i]);
  fail_unless_equals_string (ours + (silent ? 8 : 0), hex + (silent ? 8 : 0));
}

#endif
