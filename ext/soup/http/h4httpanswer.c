/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "h4httpprivate.h"

static void
add_date (GString * text)
{
  GDateTime *now = g_date_time_new_now_utc ();
  gchar *date = soup_date_time_to_string (now, SOUP_DATE_HTTP);

  g_string_append_printf (text, "Date: %s\r\n", date);
  g_free (date);
  g_date_time_unref (now);
}

/* A value is ours, but may hold what a client said: it stays one line. */
static void
add_header (GString * text, const gchar * name, const gchar * value)
{
  gchar *line = g_strdelimit (g_strdup (value), "\r\n", ' ');

  g_string_append_printf (text, "%s: %s\r\n", name, line);
  g_free (line);
}

void
h4_http_head_write (GString * text, guint minor, guint status, gint64 length,
    gboolean close, GPtrArray * common, const gchar * const *headers)
{
  guint i;

  g_string_append_printf (text, "HTTP/1.%u %u %s\r\n", minor, status,
      h4_http_reason (status));
  add_date (text);
  g_string_append (text, "Server: " H4_HTTP_SERVER_NAME "\r\n");
  for (i = 0; common && i + 1 < common->len; i += 2)
    add_header (text, common->pdata[i], common->pdata[i + 1]);
  for (i = 0; headers && headers[i]; i += 2)
    add_header (text, headers[i], headers[i + 1]);
  if (length >= 0)
    g_string_append_printf (text, "Content-Length: %" G_GINT64_FORMAT "\r\n",
        length);
  else if (length == -1)
    g_string_append (text, "Transfer-Encoding: chunked\r\n");
  if (close)
    g_string_append (text, "Connection: close\r\n");
  g_string_append (text, "\r\n");
}

GBytes *
h4_http_raw_problem (const H4Problem * problem)
{
  const gchar *headers[] = { "Content-Type", "application/problem+json",
    "Cache-Control", "no-store", "Retry-After", "2", NULL
  };
  GBytes *body = h4_problem_to_json (problem);
  GString *text = g_string_new (NULL);
  gsize size;
  const gchar *data = g_bytes_get_data (body, &size);

  if (problem->retry_after == 0)
    headers[4] = NULL;
  h4_http_head_write (text, 1, problem->status, size, TRUE, NULL, headers);
  g_string_append_len (text, data, size);
  g_bytes_unref (body);
  return g_string_free_to_bytes (text);
}
