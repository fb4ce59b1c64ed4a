/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Targets for the log. Keys and tokens come under names that are misspelt,
 * escaped once or twice, put into the path or left out; so it is what is known
 * to be no secret that is shown, and nothing else. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "h4httphead.h"

#define REDACTED "REDACTED"
/* The shortest key has this many digits. */
#define KEY_MIN_SIZE 32
#define NAME_MAX_SIZE 24

/* Parameters whose values are worth to be read in a log. */
static const gchar *const harmless[] = {
  "block_size", "fps_hint", "frame_size", "gop", "last_event_id", "mask",
  "mode", "pts_us", "sample_rate", "scheme", "stream", "top_k", "track", NULL
};

static gboolean
is_plain (const gchar * text, gsize size, gsize max_size)
{
  gsize i;

  for (i = 0; i < size; i++)
    if (!g_ascii_isalnum (text[i]) && !strchr ("._-+,:[]", text[i]))
      return FALSE;
  return size <= max_size;
}

static gboolean
is_harmless (const gchar * name, gsize size)
{
  guint i;

  for (i = 0; harmless[i]; i++)
    if (strlen (harmless[i]) == size && memcmp (harmless[i], name, size) == 0)
      return TRUE;
  return FALSE;
}

/* Up to what a query begins with, or might have: a `?` that was escaped. */
static gsize
path_size (const gchar * path, gsize size)
{
  gsize i;

  for (i = 0; i < size && !strchr ("&;=", path[i]); i++) {
    gint high = path[i] == '%' ? g_ascii_xdigit_value (path[i + 1]) : 0;
    gint low = high > 0 ? g_ascii_xdigit_value (path[i + 2]) : 0;

    if (high < 0 || low < 0 || (high && strchr ("#%&;=?", high * 16 + low)))
      break;
  }
  return i;
}

/* Whether text begins with this character, escaped or not; its size, or 0. */
static gsize
character_size (const gchar * text, gsize size, gboolean digit)
{
  gint high, low, c = size > 0 ? text[0] : 0;
  gsize n = 1;

  if (c == '%' && size > 2) {
    high = g_ascii_xdigit_value (text[1]);
    low = g_ascii_xdigit_value (text[2]);
    c = high < 0 || low < 0 ? 0 : high * 16 + low;
    n = 3;
  }
  return (digit ? g_ascii_isxdigit (c) : c == ':') ? n : 0;
}

/* The hexadecimal digits that text begins with, and how many they are; a colon
 * may stand between two. */
static gsize
run_size (const gchar * text, gsize size, gsize * digits)
{
  gsize i = 0, colon = 0, n;

  *digits = 0;
  while ((n = character_size (text + i + colon, size - i - colon, TRUE)) > 0) {
    i += colon + n;
    *digits += 1;
    colon = character_size (text + i, size - i, FALSE);
  }
  return i;
}

/* Numbers as long as keys are, and those of jobs, are for who was told them. */
static void
append_path (GString * shown, const gchar * path, gsize size)
{
  gsize end = path_size (path, size), i = 0;

  while (i < end) {
    gsize digits, run = run_size (path + i, end - i, &digits);

    if (digits >= KEY_MIN_SIZE)
      g_string_append (shown, REDACTED);
    else
      g_string_append_len (shown, path + i, run);
    i += run;
    if (i < end)
      g_string_append_c (shown, path[i++]);
  }
  if (end < size) {
    g_string_append_c (shown, path[end]);
    g_string_append (shown, REDACTED);
  }
}

static void
append_parameter (GString * shown, const gchar * text, gsize size)
{
  const gchar *equals = memchr (text, '=', size);
  gsize name = equals ? (gsize) (equals - text) : size;

  if (equals ? is_plain (text, name, NAME_MAX_SIZE) : is_harmless (text, size))
    g_string_append_len (shown, text, name);
  else if (size > 0)
    g_string_append (shown, REDACTED);
  if (!equals)
    return;
  g_string_append_c (shown, '=');
  if (is_harmless (text, name)
      && is_plain (equals + 1, size - name - 1, KEY_MIN_SIZE - 1))
    g_string_append_len (shown, equals + 1, size - name - 1);
  else
    g_string_append (shown, REDACTED);
}

gchar *
h4_http_redact (const gchar * target)
{
  GString *shown;
  const gchar *p = target, *scheme = strstr (p, "://");
  gsize size;

  if (strcmp (target, "*") == 0)
    return g_strdup (target);
  /* a host may have a user's password before it */
  if (scheme && strcspn (p, "/?#") > (gsize) (scheme - p))
    p = scheme + 3 + strcspn (scheme + 3, "/?#");
  if (*p != '/')
    return g_strdup ("-");
  shown = g_string_new (NULL);
  size = strcspn (p, "?#");
  append_path (shown, p, size);
  p += size;
  while (*p) {
    g_string_append_c (shown, *p++);
    size = strcspn (p, "?#&");
    append_parameter (shown, p, size);
    p += size;
  }
  return g_string_free (shown, FALSE);
}
