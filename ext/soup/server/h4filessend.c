/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "h4filessend.h"
#include "h4range.h"

#define BUFFER_SIZE (256 * 1024)

gchar *
h4_files_guess_type (const gchar * name)
{
  gchar *type, *mime;

  if (g_str_has_suffix (name, ".h4mk"))
    return g_strdup ("application/x-h4mk");
  type = g_content_type_guess (name, NULL, 0, NULL);
  mime = g_content_type_get_mime_type (type);
  g_free (type);
  return mime ? mime : g_strdup ("application/octet-stream");
}

/* What pread() gives, less only at the end of the file. */
static gssize
read_some (gint fd, guint64 offset, guint8 * data, gsize size, GError ** error)
{
  gssize n;

  do {
    n = pread (fd, data, size, (off_t) offset);
  } while (n < 0 && errno == EINTR);
  if (n < 0) {
    gint saved = errno;

    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
        "cannot read at %" G_GUINT64_FORMAT ": %s", offset, g_strerror (saved));
  } else if (n == 0) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
        "the file became shorter while it was sent: it ends at %"
        G_GUINT64_FORMAT, offset);
  }
  return n;
}

gboolean
h4_files_send_bytes (H4Exchange * exchange, gint fd, guint64 offset,
    guint64 length, GError ** error)
{
  guint8 *buffer = g_malloc (BUFFER_SIZE);
  gboolean ok = TRUE;

  while (ok && length > 0) {
    gssize n = read_some (fd, offset, buffer,
        (gsize) MIN (length, BUFFER_SIZE), error);

    ok = n > 0 && h4_exchange_write (exchange, buffer, (gsize) n, error);
    if (ok) {
      offset += (guint64) n;
      length -= (guint64) n;
    }
  }
  g_free (buffer);
  return ok;
}

static void
get_conditions (H4Exchange * exchange, H4Conditions * conditions)
{
  conditions->if_match = h4_exchange_get_header (exchange, "If-Match");
  conditions->if_none_match =
      h4_exchange_get_header (exchange, "If-None-Match");
  conditions->if_modified_since =
      h4_exchange_get_header (exchange, "If-Modified-Since");
  conditions->range = h4_exchange_get_header (exchange, "Range");
  conditions->if_range = h4_exchange_get_header (exchange, "If-Range");
}

/* 412 and 416; the latter says how long the file is. */
static gboolean
refuse (H4Exchange * exchange, guint status, guint64 size, GError ** error)
{
  gchar *range = g_strdup_printf ("bytes */%" G_GUINT64_FORMAT, size);
  const gchar *headers[] = { "Content-Range", range, NULL };
  H4Problem problem = { status };
  GBytes *body;
  gboolean ok;

  if (status == 416) {
    problem.field = "Range";
    problem.detail = "The file ends before that range begins.";
  } else {
    problem.field = "If-Match";
    problem.detail = "The file has changed.";
  }
  body = h4_problem_to_json (&problem);
  ok = h4_exchange_respond (exchange, status, "application/problem+json", body,
      status == 416 ? headers : NULL, error);
  g_bytes_unref (body);
  g_free (range);
  return ok;
}

/* The page's policy is for a document that somebody put there: no script of it
 * runs as if it were ours. */
static gboolean
begin (H4Exchange * exchange, guint status, guint64 length,
    const H4Validators * validators, const gchar * type, const gchar * range,
    GError ** error)
{
  const gchar *headers[] = {
    "ETag", validators->etag,
    "Cache-Control", "no-cache",
    "Accept-Ranges", "bytes",
    "Content-Security-Policy", "default-src 'none'; sandbox",
    NULL, NULL, NULL, NULL, NULL, NULL, NULL
  };
  guint n = 8;

  if (*validators->modified) {
    headers[n++] = "Last-Modified";
    headers[n++] = validators->modified;
  }
  if (status != 304) {
    headers[n++] = "Content-Type";
    headers[n++] = type;
  }
  if (range) {
    headers[n++] = "Content-Range";
    headers[n++] = range;
  }
  return h4_exchange_begin (exchange, status, (gint64) length, headers, error);
}

gboolean
h4_files_send (H4Exchange * exchange, gint fd, const struct stat *st,
    const gchar * name, GError ** error)
{
  gboolean head = strcmp (h4_exchange_get_method (exchange), "HEAD") == 0;
  guint64 size = (guint64) st->st_size, first, length;
  H4Validators validators;
  H4Conditions conditions;
  gchar *type, *range = NULL;
  gboolean ok;
  guint status;

  h4_validators_init (&validators, st);
  get_conditions (exchange, &conditions);
  status = h4_conditions_decide (&conditions, head, &validators, size,
      g_get_real_time () / G_USEC_PER_SEC, &first, &length);
  if (status >= 400)
    return refuse (exchange, status, size, error);

  if (status == 206)
    range = g_strdup_printf ("bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT
        "/%" G_GUINT64_FORMAT, first, first + length - 1, size);
  if (status == 304)
    length = 0;
  type = h4_files_guess_type (name);
  ok = begin (exchange, status, length, &validators, type, range, error)
      && (head || h4_files_send_bytes (exchange, fd, first, length, error))
      && h4_exchange_end (exchange, error);
  g_free (type);
  g_free (range);
  return ok;
}

gboolean
h4_files_respond_json (H4Exchange * exchange, JsonObject * json,
    GError ** error)
{
  static const gchar *const headers[] = { "Cache-Control", "no-cache", NULL };
  gchar *text = h4mk_json_to_text (json);
  GBytes *body = g_bytes_new_take (text, strlen (text));
  gboolean ok = h4_exchange_respond (exchange, 200, "application/json", body,
      headers, error);

  g_bytes_unref (body);
  return ok;
}
