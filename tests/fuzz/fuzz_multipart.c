/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The body of a form: the first byte says how it is cut, the first line is a
 * Content-Type. However it is cut, the same has to be said. */

#include <stdlib.h>
#include <string.h>

#include "h4multipart.h"
#include "h4problem.h"

int LLVMFuzzerTestOneInput (const guint8 * data, gsize size);

static gboolean
on_begin (const H4Part * part, gpointer user_data, GError ** error)
{
  if (!part->name || !g_utf8_validate (part->name, -1, NULL)
      || (part->filename && (strchr (part->filename, '/')
              || !g_utf8_validate (part->filename, -1, NULL))))
    abort ();
  g_string_append_printf (user_data, "<%s|%s|%s>", part->name,
      part->filename ? part->filename : "",
      part->content_type ? part->content_type : "");
  return TRUE;
}

static gboolean
on_data (const guint8 * data, gsize size, gpointer user_data, GError ** error)
{
  if (size == 0)
    abort ();
  g_string_append_len (user_data, (const gchar *) data, size);
  return TRUE;
}

static gboolean
on_end (gpointer user_data, GError ** error)
{
  g_string_append (user_data, "</>");
  return TRUE;
}

static GString *
scan (const gchar * boundary, const guint8 * data, gsize size, gsize step)
{
  static const H4MultipartFuncs funcs = { on_begin, on_data, on_end };
  GString *said = g_string_new (NULL);
  H4Multipart *multipart = h4_multipart_new (boundary, &funcs, said);
  GError *error = NULL;
  gboolean ok = TRUE;

  while (ok && size > 0) {
    gsize n = MIN (step, size);
    guint8 *piece = g_memdup2 (data, n);

    ok = h4_multipart_push (multipart, piece, n, &error);
    g_free (piece);
    data += n;
    size -= n;
  }
  if (ok)
    ok = h4_multipart_finish (multipart, &error);
  if (ok == (error != NULL) || (error && error->domain != H4_PROBLEM))
    abort ();
  if (error)
    g_string_append (said, error->message);
  g_clear_error (&error);
  h4_multipart_free (multipart);
  return said;
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  const guint8 *end = size > 1 ? memchr (data + 1, '\n', size - 1) : NULL;
  gchar *type = end ? g_strndup ((const gchar *) data + 1, end - data - 1) :
      NULL;
  gchar *boundary = type ? h4_multipart_get_boundary (type, NULL) : NULL;

  if (boundary) {
    gsize left = size - (end + 1 - data);
    GString *whole = scan (boundary, end + 1, left, MAX (1, left));
    GString *pieces = scan (boundary, end + 1, left, 1 + data[0] % 64);

    if (!g_string_equal (whole, pieces))
      abort ();
    g_string_free (pieces, TRUE);
    g_string_free (whole, TRUE);
  }
  g_free (boundary);
  g_free (type);
  return 0;
}
