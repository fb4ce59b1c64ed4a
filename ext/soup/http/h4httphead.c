/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* RFC 9112. Where that lets a server choose, this is the stricter choice: two
 * servers that understand a request differently are how requests are smuggled. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "h4httphead.h"
#include "h4problem.h"

static const gchar *const methods[] =
    { "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", NULL };

/* How often what may be there once was there. */
typedef struct
{
  guint hosts;
  guint lengths;
  guint codings;
  gboolean close;
  gboolean chunked;
} H4HttpSeen;

gsize
h4_http_head_find_end (const guint8 * data, gsize size, gsize from)
{
  /* the line end before may be the first half of it */
  gsize i = from > 2 ? from - 2 : 0;

  while (i < size) {
    const guint8 *line_end = memchr (data + i, '\n', size - i);

    if (!line_end)
      return 0;
    i = line_end - data + 1;
    if (i < size && data[i] == '\n')
      return i + 1;
    if (i + 1 < size && data[i] == '\r' && data[i + 1] == '\n')
      return i + 2;
  }
  return 0;
}

/* RFC 9110 5.6.2 */
static gboolean
is_token (const gchar * text, gsize size)
{
  gsize i;

  for (i = 0; i < size; i++) {
    if (!g_ascii_isalnum (text[i]) && !strchr ("!#$%&'*+-.^_`|~", text[i]))
      return FALSE;
    if (text[i] == '\0')
      return FALSE;
  }
  return size > 0;
}

static GError *
bad (const gchar * field, const gchar * detail)
{
  return h4_problem_error (400, field, NULL, "%s", detail);
}

/* Bytes that no head has: controls, and ends of lines that are half ones. */
static gboolean
check_bytes (const gchar * data, gsize size, GError ** error)
{
  gsize i;

  for (i = 0; i < size; i++) {
    guchar c = data[i];

    if (c == '\n' || c == '\t' || (c >= 0x20 && c != 0x7f))
      continue;
    if (c == '\r' && i + 1 < size && data[i + 1] == '\n')
      continue;
    g_propagate_error (error, h4_problem_error (400, NULL, NULL,
            "Byte %" G_GSIZE_FORMAT " of the request's head is the control "
            "character 0x%02x.", i, c));
    return FALSE;
  }
  return TRUE;
}

gboolean
h4_http_path_has_dots (const gchar * path)
{
  gchar **segments = g_strsplit (path, "/", -1);
  gboolean has = g_strv_contains ((const gchar * const *) segments, "..")
      || g_strv_contains ((const gchar * const *) segments, ".");

  g_strfreev (segments);
  return has;
}

/* libsoup would answer without a word. */
static gboolean
has_bad_escape (const gchar * query)
{
  const gchar *p = query;

  while (p && (p = strchr (p, '%'))) {
    if (!g_ascii_isxdigit (p[1]) || !g_ascii_isxdigit (p[2]))
      return TRUE;
    p++;
  }
  return FALSE;
}

/* host[:port]; what libsoup takes for none it would answer without a word. */
static gboolean
is_authority (const gchar * text)
{
  gchar *uri = g_strconcat ("http://", text, "/", NULL);
  gsize size = strspn (text, "abcdefghijklmnopqrstuvwxyz0123456789"
      "ABCDEFGHIJKLMNOPQRSTUVWXYZ-._~!$&'()*+,;=:[]%");
  gboolean is = size > 0 && text[size] == '\0'
      && g_uri_is_valid (uri, G_URI_FLAGS_NONE, NULL);

  g_free (uri);
  return is;
}

/* A proxy's form of the target: the host in it counts as little as Host. Gives
 * where the path begins, or NULL. */
static const gchar *
skip_authority (const gchar * target, GError ** error)
{
  const gchar *host = target + strlen ("http://");
  gchar *authority;
  gboolean ok;

  if (g_ascii_strncasecmp (target, "http://", strlen ("http://")) != 0)
    return target;
  authority = g_strndup (host, strcspn (host, "/?#"));
  ok = is_authority (authority);
  if (!ok)
    g_propagate_error (error, bad ("Host", "The request's target has a host or "
            "a port that is none."));
  host += strlen (authority);
  g_free (authority);
  return ok ? host : NULL;
}

static gboolean
parse_target (H4HttpHead * head, GError ** error)
{
  const gchar *at = head->target, *query;
  gchar *raw;

  if (strcmp (at, "*") == 0 && strcmp (head->method, "OPTIONS") == 0) {
    head->path = g_strdup ("*");
    return TRUE;
  }
  at = skip_authority (at, error);
  if (!at)
    return FALSE;
  if (*at != '/' || strchr (at, '#')) {
    g_propagate_error (error, bad (NULL, "The request's target is no path."));
    return FALSE;
  }
  query = strchr (at, '?');
  raw = query ? g_strndup (at, query - at) : g_strdup (at);
  head->query = query ? g_strdup (query + 1) : NULL;
  head->path = g_uri_unescape_string (raw, NULL);
  g_free (raw);
  if (!head->path || !g_utf8_validate (head->path, -1, NULL)
      || h4_http_path_has_dots (head->path)) {
    g_propagate_error (error, bad (NULL, "The request's path is not one: "
            "a `%` that is no escape, bytes that are no UTF-8 or a segment of "
            "dots."));
    return FALSE;
  }
  if (has_bad_escape (head->query)) {
    g_propagate_error (error, bad (NULL, "The request's query has a `%` that "
            "is no escape."));
    return FALSE;
  }
  return TRUE;
}

static gboolean
parse_request_line (H4HttpHead * head, const gchar * line, GError ** error)
{
  gchar **parts = g_strsplit (line, " ", 4);
  gboolean ok = FALSE;

  if (g_strv_length (parts) != 3 || !is_token (parts[0], strlen (parts[0]))
      || strlen (parts[2]) != 8 || !g_str_has_prefix (parts[2], "HTTP/"))
    g_propagate_error (error, bad (NULL, "The first line is not that of an "
            "HTTP/1.1 request."));
  else if (!g_str_has_prefix (parts[2], "HTTP/1.")
      || !g_ascii_isdigit (parts[2][7]))
    g_propagate_error (error, h4_problem_error (505, NULL, "HTTP/1.1",
            "HTTP/1.1 and HTTP/1.0 are spoken here."));
  else if (!g_strv_contains (methods, parts[0]))
    g_propagate_error (error, h4_problem_error (501, NULL, NULL,
            "The method is none that is known here."));
  else
    ok = TRUE;
  if (ok) {
    head->method = g_strdup (parts[0]);
    head->target = g_strdup (parts[1]);
    head->minor = parts[2][7] == '0' ? 0 : 1;
    ok = parse_target (head, error);
  }
  g_strfreev (parts);
  return ok;
}

static gboolean
parse_length (H4HttpHead * head, const gchar * value, GError ** error)
{
  guint64 length;

  /* digits alone: no sign, no list */
  if (*value == '\0' || strspn (value, "0123456789") != strlen (value)
      || !g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT64, &length, NULL)) {
    g_propagate_error (error, bad ("Content-Length",
            "Content-Length is no number."));
    return FALSE;
  }
  head->content_length = length;
  return TRUE;
}

static gboolean
has_word (const gchar * list, const gchar * word)
{
  gchar **words = g_strsplit (list, ",", -1);
  gboolean has = FALSE;
  guint i;

  for (i = 0; words[i] && !has; i++)
    has = g_ascii_strcasecmp (g_strstrip (words[i]), word) == 0;
  g_strfreev (words);
  return has;
}

static gboolean
parse_field (H4HttpHead * head, H4HttpSeen * seen, const gchar * name,
    const gchar * value, GError ** error)
{
  if (g_ascii_strcasecmp (name, "Host") == 0) {
    seen->hosts++;
    if (*value != '\0' && !is_authority (value)) {
      g_propagate_error (error, bad ("Host", "Host is no host, or its port is "
              "none."));
      return FALSE;
    }
  } else if (g_ascii_strcasecmp (name, "Connection") == 0)
    seen->close |= has_word (value, "close");
  else if (g_ascii_strcasecmp (name, "Content-Length") == 0) {
    seen->lengths++;
    return parse_length (head, value, error);
  } else if (g_ascii_strcasecmp (name, "Transfer-Encoding") == 0) {
    seen->codings++;
    seen->chunked = g_ascii_strcasecmp (value, "chunked") == 0;
  } else if (g_ascii_strcasecmp (name, "Expect") == 0) {
    head->expect_continue = g_ascii_strcasecmp (value, "100-continue") == 0;
    if (!head->expect_continue) {
      g_propagate_error (error, h4_problem_error (417, "Expect",
              "100-continue", "This expectation is not known here."));
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
parse_line (H4HttpHead * head, H4HttpSeen * seen, gchar * line, GError ** error)
{
  gchar *colon = strchr (line, ':');

  /* Also a space before the colon, or a line that continues another one */
  if (!colon || !is_token (line, colon - line)) {
    g_propagate_error (error, bad (NULL, "A header line has no name."));
    return FALSE;
  }
  *colon = '\0';
  return parse_field (head, seen, line, g_strstrip (colon + 1), error);
}

static gboolean
check_seen (H4HttpHead * head, const H4HttpSeen * seen, GError ** error)
{
  GError *problem = NULL;

  if (seen->hosts > 1)
    problem = bad ("Host", "There is more than one Host.");
  else if (seen->hosts == 0 && head->minor > 0)
    problem = bad ("Host", "HTTP/1.1 needs a Host.");
  else if (seen->lengths > 1)
    problem = bad ("Content-Length", "There is more than one Content-Length.");
  else if (seen->codings > 1)
    problem = bad ("Transfer-Encoding",
        "There is more than one Transfer-Encoding.");
  else if (seen->codings > 0 && seen->lengths > 0)
    problem = bad ("Transfer-Encoding",
        "There are both Content-Length and Transfer-Encoding.");
  else if (seen->codings > 0 && head->minor == 0)
    problem = bad ("Transfer-Encoding", "HTTP/1.0 has no Transfer-Encoding.");
  else if (seen->codings > 0 && !seen->chunked)
    problem = h4_problem_error (501, "Transfer-Encoding", "chunked",
        "This Transfer-Encoding is not known here.");
  if (problem) {
    g_propagate_error (error, problem);
    return FALSE;
  }
  if (seen->chunked)
    head->content_length = -1;
  if (head->minor == 0 || head->content_length == 0)
    head->expect_continue = FALSE;
  head->keep_alive = head->minor > 0 && !seen->close;
  return TRUE;
}

gboolean
h4_http_head_parse (H4HttpHead * head, const gchar * data, gsize size,
    GError ** error)
{
  H4HttpSeen seen = { 0, };
  gchar *text, **lines;
  gboolean ok = TRUE;
  guint i;

  memset (head, 0, sizeof (H4HttpHead));
  if (!check_bytes (data, size, error))
    return FALSE;
  text = g_strndup (data, size);
  lines = g_strsplit (text, "\n", -1);
  g_free (text);
  for (i = 0; lines[i] && ok; i++) {
    g_strchomp (lines[i]);
    if (i == 0)
      ok = parse_request_line (head, lines[i], error);
    else if (*lines[i] == '\0')
      break;
    else
      ok = parse_line (head, &seen, lines[i], error);
    if (ok && i > H4_HTTP_HEAD_MAX_LINES) {
      g_propagate_error (error, h4_problem_error (431, NULL, NULL,
              "There are more than %u header lines.", H4_HTTP_HEAD_MAX_LINES));
      ok = FALSE;
    }
  }
  g_strfreev (lines);
  if (ok && i == 0) {
    g_propagate_error (error, bad (NULL, "The request's head is empty."));
    return FALSE;
  }
  return ok && check_seen (head, &seen, error);
}

void
h4_http_head_clear (H4HttpHead * head)
{
  g_free (head->method);
  g_free (head->target);
  g_free (head->path);
  g_free (head->query);
  memset (head, 0, sizeof (H4HttpHead));
}
