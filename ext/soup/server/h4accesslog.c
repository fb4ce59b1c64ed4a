/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "h4accesslog.h"

gboolean
h4_access_log_format_from_string (const gchar * text,
    H4AccessLogFormat * format)
{
  static const gchar *const names[] = { "none", "text", "json" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (names); i++) {
    if (strcmp (text, names[i]) == 0) {
      *format = (H4AccessLogFormat) i;
      return TRUE;
    }
  }
  return FALSE;
}

/* As other servers write it: \xHH for what could end the field or the line. */
static void
append_text (GString * line, const gchar * text)
{
  for (; *text; text++) {
    guchar c = (guchar) * text;

    if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\')
      g_string_append_c (line, (gchar) c);
    else
      g_string_append_printf (line, "\\x%02X", c);
  }
}

/* Months by the protocol's names, whatever the locale. */
static void
append_text_time (GString * line, gint64 now)
{
  static const gchar *const months[] = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
    "Nov", "Dec"
  };
  time_t t = (time_t) (now / G_USEC_PER_SEC);
  struct tm tm;

  if (gmtime_r (&t, &tm))
    g_string_append_printf (line, "%02d/%s/%04d:%02d:%02d:%02d +0000",
        tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour,
        tm.tm_min, tm.tm_sec);
}

/* The host alone, as whoever reads the format expects: `192.0.2.1:80` or
 * `[::1]:80` without its port. */
static void
append_host (GString * line, const gchar * address)
{
  const gchar *colon = strchr (address, ':');
  gchar *host;

  if (*address == '[')
    host = g_strndup (address + 1, strcspn (address + 1, "]"));
  else if (colon && !strchr (colon + 1, ':'))
    host = g_strndup (address, (gsize) (colon - address));
  else
    host = g_strdup (address);
  append_text (line, *host ? host : "-");
  g_free (host);
}

static void
append_as_text (GString * line, const H4HttpAccess * access, gint64 now)
{
  append_host (line, access->address);
  g_string_append (line, " - - [");
  append_text_time (line, now);
  g_string_append (line, "] \"");
  append_text (line, access->method);
  g_string_append_c (line, ' ');
  append_text (line, access->target);
  g_string_append_printf (line, "\" %u %" G_GUINT64_FORMAT " \"-\" \"",
      access->status, access->bytes_out);
  append_text (line, access->user_agent ? access->user_agent : "-");
  g_string_append_printf (line, "\" %" G_GINT64_FORMAT ".%06d\n",
      access->duration / G_USEC_PER_SEC,
      (gint) (access->duration % G_USEC_PER_SEC));
}

static void
append_json_char (GString * line, gunichar c)
{
  if (c == '"' || c == '\\')
    g_string_append_printf (line, "\\%c", (gchar) c);
  else if (c >= 0x20 && c < 0x7f)
    g_string_append_c (line, (gchar) c);
  else if (c < 0x10000)
    g_string_append_printf (line, "\\u%04x", c);
  else
    g_string_append_printf (line, "\\u%04x\\u%04x",
        0xd800 + ((c - 0x10000) >> 10), 0xdc00 + (c & 0x3ff));
}

static void
append_json_string (GString * line, const gchar * name, const gchar * text)
{
  gchar *valid = g_utf8_make_valid (text, -1);
  const gchar *p;

  g_string_append_printf (line, ",\"%s\":\"", name);
  for (p = valid; *p; p = g_utf8_next_char (p))
    append_json_char (line, g_utf8_get_char (p));
  g_string_append_c (line, '"');
  g_free (valid);
}

static void
append_as_json (GString * line, const H4HttpAccess * access, gint64 now)
{
  time_t t = (time_t) (now / G_USEC_PER_SEC);
  struct tm tm;

  g_string_append (line, "{\"time\":\"");
  if (gmtime_r (&t, &tm))
    g_string_append_printf (line, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
        tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
        tm.tm_sec, (gint) (now % G_USEC_PER_SEC));
  g_string_append_c (line, '"');
  append_json_string (line, "address", access->address);
  append_json_string (line, "method", access->method);
  append_json_string (line, "target", access->target);
  if (access->route)
    append_json_string (line, "route", access->route);
  g_string_append_printf (line, ",\"status\":%u,\"bytes_in\":%"
      G_GUINT64_FORMAT ",\"bytes_out\":%" G_GUINT64_FORMAT ",\"duration_us\":%"
      G_GINT64_FORMAT, access->status, access->bytes_in, access->bytes_out,
      access->duration);
  if (access->user_agent)
    append_json_string (line, "user_agent", access->user_agent);
  g_string_append (line, "}\n");
}

void
h4_access_log_append (GString * line, H4AccessLogFormat format,
    const H4HttpAccess * access, gint64 now)
{
  if (format == H4_ACCESS_LOG_TEXT)
    append_as_text (line, access, now);
  else if (format == H4_ACCESS_LOG_JSON)
    append_as_json (line, access, now);
}

void
h4_access_log_write (H4AccessLogFormat format, const H4HttpAccess * access)
{
  static GMutex mutex;
  const gchar *p;
  GString *line;
  gsize left;

  if (format == H4_ACCESS_LOG_NONE)
    return;
  line = g_string_sized_new (256);
  h4_access_log_append (line, format, access, g_get_real_time ());
  g_mutex_lock (&mutex);
  for (p = line->str, left = line->len; left > 0;) {
    gssize n = write (STDERR_FILENO, p, left);

    if (n < 0 && errno != EINTR)
      break;
    n = MAX (n, 0);
    p += n;
    left -= (gsize) n;
  }
  g_mutex_unlock (&mutex);
  g_string_free (line, TRUE);
}
