/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4mkerror.h"
#include "gsth4mktracks.h"

/* Structures look fields up one by one: many fields take quadratic time. */
#define MAX_FIELDS 1024
#define MAX_NAME 256

/* Types whose text holds nothing but a plain value, as GStreamer writes and
 * abbreviates them. */
static const gchar *const plain_types[] = {
  "int", "i", "uint", "u", "gint", "guint", "gchar", "guchar", "glong",
  "gulong", "gint64", "guint64", "float", "f", "gfloat",
  "double", "d", "gdouble", "fraction", "GstFraction", "boolean", "bool", "b",
  "gboolean", "string", "str", "s", "gchararray", "bitmask", "GstBitmask",
  "buffer", "GstBuffer", "array", "GstValueArray"
};

typedef struct
{
  const gchar *p;
  guint depth;
  const gchar *what;
} CapsText;

static gboolean
failed (CapsText * t, const gchar * what)
{
  t->what = what;
  return FALSE;
}

static void
skip_space (CapsText * t)
{
  while (*t->p == ' ')
    t->p++;
}

static gboolean
is_bare (gchar c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("_-+/:.", c));
}

/* Returns the length of a run of bare characters and passes over it. */
static gsize
take_bare (CapsText * t)
{
  const gchar *start = t->p;

  while (is_bare (*t->p))
    t->p++;
  return t->p - start;
}

static gboolean
is_word (const gchar * p, gsize n, const gchar * word)
{
  return strlen (word) == n && memcmp (p, word, n) == 0;
}

static gboolean
is_flag_set (const gchar * p, gsize n)
{
  return is_word (p, n, "flagset") || is_word (p, n, "GstFlagSet")
      || (n > 8 && memcmp (p, "Gst", 3) == 0
      && memcmp (p + n - 8, "FlagsSet", 8) == 0);
}

/* A set of flags is fixed where its mask says that every bit counts. */
static gboolean
check_flag_set (CapsText * t)
{
  const gchar *start = t->p, *mask;
  gsize n = take_bare (t);

  mask = memchr (start, ':', n);
  if (!mask || strncmp (mask, ":ffffffff", 9) != 0)
    return failed (t, "a set of flags is not fixed");
  return TRUE;
}

static gboolean
check_quoted (CapsText * t)
{
  for (t->p++; *t->p != '"'; t->p++) {
    if (*t->p == '\\' && t->p[1] != '\0')
      t->p++;
    if (*t->p == '\0')
      return failed (t, "a string has no end");
  }
  t->p++;
  return TRUE;
}

static gboolean check_value (CapsText * t);

static gboolean
check_array (CapsText * t)
{
  if (++t->depth > GST_H4MK_MAX_CAPS_DEPTH)
    return failed (t, "its values are nested too deep");
  t->p++;
  skip_space (t);
  if (*t->p != '>') {
    for (;;) {
      if (!check_value (t))
        return FALSE;
      if (*t->p != ',')
        break;
      t->p++;
    }
  }
  if (*t->p != '>')
    return failed (t, "an array has no end");
  t->p++;
  t->depth--;
  return TRUE;
}

static gboolean
check_type (CapsText * t, gboolean * flag_set)
{
  const gchar *name;
  gsize n;
  guint i;

  t->p++;
  skip_space (t);
  name = t->p;
  n = take_bare (t);
  skip_space (t);
  if (*t->p != ')')
    return failed (t, "a type has no end");
  t->p++;
  *flag_set = is_flag_set (name, n);
  if (*flag_set)
    return TRUE;
  for (i = 0; i < G_N_ELEMENTS (plain_types); i++) {
    if (is_word (name, n, plain_types[i]))
      return TRUE;
  }
  return failed (t, "a value is not of a plain type");
}

static gboolean
check_value (CapsText * t)
{
  gboolean flag_set = FALSE;

  skip_space (t);
  if (*t->p == '(' && !check_type (t, &flag_set))
    return FALSE;
  skip_space (t);
  if (*t->p == '[' || *t->p == '{')
    return failed (t, "a value is not fixed");
  if (flag_set) {
    if (!check_flag_set (t))
      return FALSE;
  } else if (*t->p == '<') {
    if (!check_array (t))
      return FALSE;
  } else if (*t->p == '"') {
    if (!check_quoted (t))
      return FALSE;
  } else if (take_bare (t) == 0) {
    return failed (t, "a value is missing or malformed");
  }
  skip_space (t);
  return TRUE;
}

static gboolean
check_field (CapsText * t)
{
  gsize n;

  skip_space (t);
  if (!g_ascii_isalpha (*t->p) && *t->p != '_')
    return failed (t, "a field has no name");
  n = take_bare (t);
  skip_space (t);
  if (n > MAX_NAME || *t->p != '=')
    return failed (t, "a field has no value");
  t->p++;
  return check_value (t);
}

static gboolean
check_features (CapsText * t)
{
  const gchar *start;

  t->p++;
  do {
    skip_space (t);
    start = t->p;
    if (take_bare (t) == 0 || is_word (start, t->p - start, "ANY"))
      return failed (t, "its features are malformed or not fixed");
    skip_space (t);
  } while (*t->p == ',' && t->p++);
  if (*t->p != ')')
    return failed (t, "its features have no end");
  t->p++;
  skip_space (t);
  return TRUE;
}

static gboolean
check_caps (CapsText * t)
{
  const gchar *name = t->p;
  guint fields = 0;
  gsize n;

  if (!g_ascii_isalpha (*name))
    return failed (t, "it has no media type");
  n = take_bare (t);
  if (n > MAX_NAME || is_word (name, n, "ANY") || is_word (name, n, "ALL")
      || is_word (name, n, "EMPTY") || is_word (name, n, "NONE"))
    return failed (t, "it names no media type");
  /* GStreamer takes them for a programmer's mistake, and warns of it */
  if (g_str_has_prefix (name, "video/x-raw-")
      || g_str_has_prefix (name, "audio/x-raw-"))
    return failed (t, "it is of GStreamer 0.10");
  skip_space (t);
  if (*t->p == '(' && !check_features (t))
    return FALSE;
  while (*t->p == ',') {
    t->p++;
    if (++fields > MAX_FIELDS)
      return failed (t, "it has too many fields");
    if (!check_field (t))
      return FALSE;
  }
  if (*t->p == ';')
    return failed (t, "it holds more than one structure");
  return *t->p == '\0' || failed (t, "it is malformed");
}

/**
 * gst_h4mk_caps_check:
 * @caps: caps as text
 * @error: %GST_H4MK_ERROR_DAMAGED, without a place: what is wrong and at
 *   which byte of the text
 *
 * Caps come from outside, and GStreamer's parser makes objects of any type
 * that a text names. This looks at the text alone, in linear time.
 *
 * Returns: whether @caps are fixed caps of plain types: numbers, fractions,
 *   booleans, strings, bitmasks, fixed sets of flags, buffers, and arrays of
 *   these, nested no deeper than %GST_H4MK_MAX_CAPS_DEPTH
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_caps_check (const gchar * caps, GError ** error)
{
  CapsText t = { caps, 0, NULL };
  const gchar *p;

  for (p = caps; *p; p++) {
    if ((guchar) * p < 0x20) {
      t.p = p;
      failed (&t, "it holds a control character");
      break;
    }
  }
  if (!t.what && check_caps (&t))
    return TRUE;
  g_set_error (error, GST_H4MK_ERROR, GST_H4MK_ERROR_DAMAGED,
      "a track's caps cannot be taken, at byte %" G_GSIZE_FORMAT ": %s",
      (gsize) (t.p - caps), t.what);
  return FALSE;
}
