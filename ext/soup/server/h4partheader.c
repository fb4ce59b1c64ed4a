/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "h4partheader.h"
#include "h4problem.h"

#define BLANKS " \t\r\n"

static gsize
token_size (const gchar * text)
{
  return strcspn (text, " \t\r\n;=\",");
}

gboolean
h4_header_is (const gchar * value, const gchar * token)
{
  gsize size;

  value += strspn (value, BLANKS);
  size = token_size (value);
  return size == strlen (token) && g_ascii_strncasecmp (value, token,
      size) == 0;
}

/* Reads a token or a quoted string and steps behind it. A backslash stands for
 * itself but before a quote or another one: old browsers send whole paths. */
static gchar *
read_value (const gchar ** text)
{
  GString *value = g_string_new (NULL);
  const gchar *p = *text;

  if (*p != '"') {
    gsize size = strcspn (p, " \t\r\n;");

    g_string_append_len (value, p, size);
    *text = p + size;
    return g_string_free (value, FALSE);
  }
  for (p++; *p && *p != '"'; p++) {
    if (*p == '\\' && (p[1] == '"' || p[1] == '\\'))
      p++;
    g_string_append_c (value, *p);
  }
  *text = p + (*p == '"');
  return g_string_free (value, FALSE);
}

gchar *
h4_header_get_param (const gchar * value, const gchar * name)
{
  const gchar *p = strchr (value, ';');

  while (p && *p == ';') {
    gsize size;
    gchar *found;
    gboolean wanted;

    p += 1 + strspn (p + 1, BLANKS);
    size = token_size (p);
    wanted = size == strlen (name) && g_ascii_strncasecmp (p, name, size) == 0;
    p += size;
    p += strspn (p, BLANKS);
    if (*p == '=') {
      p += 1 + strspn (p + 1, BLANKS);
      found = read_value (&p);
      if (wanted)
        return found;
      g_free (found);
    }
    p = strchr (p, ';');
  }
  return NULL;
}

/* UTF-8''na%C3%AFve.mp4 (RFC 5987), or NULL where it is malformed. */
static gchar *
decode_extended (const gchar * text)
{
  const gchar *quote = strchr (text, '\'');
  const gchar *last = quote ? strchr (quote + 1, '\'') : NULL;
  gchar *decoded, *latin;

  if (!last)
    return NULL;
  decoded = g_uri_unescape_string (last + 1, NULL);
  if (decoded && g_ascii_strncasecmp (text, "iso-8859-1'", 11) == 0) {
    latin = g_convert (decoded, -1, "UTF-8", "ISO-8859-1", NULL, NULL, NULL);
    g_free (decoded);
    decoded = latin;
  } else if (g_ascii_strncasecmp (text, "utf-8'", 6) != 0) {
    g_clear_pointer (&decoded, g_free);
  }
  if (decoded && !g_utf8_validate (decoded, -1, NULL))
    g_clear_pointer (&decoded, g_free);
  return decoded;
}

/* As browsers write a quote (HTML, multipart/form-data encoding). */
static gchar *
decode_form (const gchar * text)
{
  gchar **parts = g_strsplit (text, "%22", -1);
  gchar *joined = g_strjoinv ("\"", parts);
  gchar *valid = g_utf8_make_valid (joined, -1);

  g_strfreev (parts);
  g_free (joined);
  return valid;
}

/* A name without the folders and without controls. */
static gchar *
clean_filename (const gchar * name)
{
  GString *out = g_string_new (NULL);
  const gchar *p, *base = name;

  for (p = name; *p; p++)
    if (*p == '/' || *p == '\\')
      base = p + 1;
  for (p = base; *p; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    if (!g_unichar_iscntrl (c) && g_unichar_type (c) != G_UNICODE_FORMAT)
      g_string_append_unichar (out, c);
  }
  return g_string_free (out, FALSE);
}

gchar *
h4_header_get_filename (const gchar * disposition)
{
  gchar *extended = h4_header_get_param (disposition, "filename*");
  gchar *plain = h4_header_get_param (disposition, "filename");
  gchar *name = extended ? decode_extended (extended) : NULL, *clean;

  if (!name && plain)
    name = decode_form (plain);
  clean = name ? clean_filename (name) : NULL;
  g_free (name);
  g_free (plain);
  g_free (extended);
  return clean;
}

/* The header's value, continued lines joined; NULL where it is not there. */
static gchar *
get_header (const gchar * text, const gchar * name)
{
  gsize size = strlen (name);
  const gchar *end;

  for (; *text; text = end + 2) {
    for (end = strstr (text, "\r\n"); end && (end[2] == ' ' || end[2] == '\t');
        end = strstr (end + 2, "\r\n"));
    if (!end)
      break;
    if (g_ascii_strncasecmp (text, name, size) == 0 && text[size] == ':')
      return g_strstrip (g_strndup (text + size + 1, end - text - size - 1));
  }
  return NULL;
}

void
h4_part_clear (H4Part * part)
{
  g_clear_pointer (&part->name, g_free);
  g_clear_pointer (&part->filename, g_free);
  g_clear_pointer (&part->content_type, g_free);
}

gboolean
h4_part_header_parse (const gchar * header, gsize size, H4Part * part,
    GError ** error)
{
  gchar *disposition, *name, *type;

  memset (part, 0, sizeof (*part));
  if (memchr (header, 0, size)) {
    g_propagate_error (error, h4_problem_error (400, NULL, NULL,
            "its headers have a NUL byte."));
    return FALSE;
  }
  disposition = get_header (header, "content-disposition");
  name = disposition && h4_header_is (disposition, "form-data") ?
      h4_header_get_param (disposition, "name") : NULL;
  if (name) {
    part->name = decode_form (name);
    part->filename = h4_header_get_filename (disposition);
    type = get_header (header, "content-type");
    part->content_type = type ? g_utf8_make_valid (type, -1) : NULL;
    g_free (type);
  } else {
    g_propagate_error (error, h4_problem_error (400, NULL, NULL,
            "it has no \"Content-Disposition: form-data; name=…\"."));
  }
  g_free (name);
  g_free (disposition);
  return part->name != NULL;
}

gchar *
h4_multipart_get_boundary (const gchar * content_type, GError ** error)
{
  static const gchar allowed[] = "0123456789abcdefghijklmnopqrstuvwxyz"
      "ABCDEFGHIJKLMNOPQRSTUVWXYZ'()+_,-./:=? ";
  gchar *boundary = h4_header_get_param (content_type, "boundary");
  gsize size = boundary ? strlen (boundary) : 0;

  if (size >= 1 && size <= 70 && strspn (boundary, allowed) == size
      && boundary[size - 1] != ' ')
    return boundary;
  g_propagate_error (error, h4_problem_error (400, "Content-Type",
          "multipart/form-data; boundary=1 to 70 characters of RFC 2046",
          boundary ? "The boundary that Content-Type names is none." :
          "Content-Type names no boundary."));
  g_free (boundary);
  return NULL;
}

gchar *
h4_header_attachment (const gchar * filename)
{
  GString *plain = g_string_new (NULL);
  gchar *escaped, *header;
  const gchar *p;

  for (p = filename; *p; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    g_string_append_c (plain, c < 0x20 || c > 0x7e || strchr ("\"\\%", c) ?
        '_' : (gchar) c);
  }
  escaped = g_uri_escape_string (filename, "!#$&+^`|", FALSE);
  if (strcmp (plain->str, filename) == 0)
    header = g_strdup_printf ("attachment; filename=\"%s\"", filename);
  else
    header = g_strdup_printf ("attachment; filename=\"%s\"; "
        "filename*=UTF-8''%s", plain->str, escaped);
  g_free (escaped);
  g_string_free (plain, TRUE);
  return header;
}
