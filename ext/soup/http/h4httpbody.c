/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* RFC 9112 7.1. Extensions and trailers are skipped: nothing here means
 * anything to this server. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "h4httpbody.h"
#include "h4problem.h"

/* Of a chunk's size with its extensions, or of all trailers */
#define MAX_OVERHEAD 8192
/* A chunk has less than 2⁶⁰ bytes, so that sums hold. */
#define MAX_DIGITS 15

void
h4_http_body_init (H4HttpBody * body, gint64 length, guint64 max)
{
  memset (body, 0, sizeof (H4HttpBody));
  body->max = max;
  if (length < 0)
    body->state = H4_HTTP_BODY_SIZE;
  else if (length == 0)
    body->state = H4_HTTP_BODY_DONE;
  else
    body->state = H4_HTTP_BODY_LENGTH;
  body->left = MAX (length, 0);
}

gboolean
h4_http_body_is_done (const H4HttpBody * body)
{
  return body->state == H4_HTTP_BODY_DONE;
}

static gboolean
size_end (H4HttpBody * body, GError ** error)
{
  if (body->digits == 0) {
    g_propagate_error (error, h4_problem_error (400, NULL, NULL,
            "A chunk has no size after %" G_GUINT64_FORMAT " bytes of the "
            "body.", body->total));
    return FALSE;
  }
  if (body->left > body->max - body->total) {
    gchar *accepted = g_strdup_printf ("0…%" G_GUINT64_FORMAT, body->max);

    g_propagate_error (error, h4_problem_error (413, NULL, accepted,
            "The body has more than %" G_GUINT64_FORMAT " bytes.", body->max));
    g_free (accepted);
    return FALSE;
  }
  body->state = body->left > 0 ? H4_HTTP_BODY_DATA : H4_HTTP_BODY_TRAILER;
  body->digits = 0;
  /* trailers are counted from their first one on */
  if (body->left == 0)
    body->overhead = 0;
  return TRUE;
}

/* One byte of what is not the body. FALSE: it may not stand there. */
static gboolean
framing (H4HttpBody * body, guint8 c)
{
  switch (body->state) {
    case H4_HTTP_BODY_SIZE:
      if (g_ascii_isxdigit (c) && body->digits < MAX_DIGITS) {
        body->left = body->left * 16 + g_ascii_xdigit_value (c);
        body->digits++;
      } else if (c == '\r')
        body->state = H4_HTTP_BODY_SIZE_END;
      else if ((c == ';' || c == ' ' || c == '\t') && body->digits > 0)
        body->state = H4_HTTP_BODY_EXTENSION;
      else
        return FALSE;
      return TRUE;
    case H4_HTTP_BODY_EXTENSION:
      if (c == '\r')
        body->state = H4_HTTP_BODY_SIZE_END;
      return c == '\r' || c == '\t' || (c >= 0x20 && c != 0x7f);
    case H4_HTTP_BODY_DATA_END:
      body->state = H4_HTTP_BODY_DATA_LF;
      return c == '\r';
    case H4_HTTP_BODY_DATA_LF:
      body->state = H4_HTTP_BODY_SIZE;
      return c == '\n';
    case H4_HTTP_BODY_TRAILER:
      body->state =
          c == '\r' ? H4_HTTP_BODY_TRAILER_LF : H4_HTTP_BODY_TRAILER_LINE;
      return c == '\r' || (c > 0x20 && c != 0x7f);
    case H4_HTTP_BODY_TRAILER_LINE:
      if (c == '\n')
        body->state = H4_HTTP_BODY_TRAILER;
      return c == '\r' || c == '\n' || c == '\t' || (c >= 0x20 && c != 0x7f);
    case H4_HTTP_BODY_TRAILER_LF:
      body->state = H4_HTTP_BODY_DONE;
      return c == '\n';
    default:
      g_return_val_if_reached (FALSE);
  }
}

static gboolean
framing_byte (H4HttpBody * body, guint8 c, GError ** error)
{
  if (++body->overhead > MAX_OVERHEAD) {
    g_propagate_error (error, h4_problem_error (400, NULL, NULL,
            "A chunk's size or the trailers are longer than %u bytes.",
            MAX_OVERHEAD));
    return FALSE;
  }
  if (body->state == H4_HTTP_BODY_SIZE_END && c == '\n')
    return size_end (body, error);
  if (body->state != H4_HTTP_BODY_SIZE_END && framing (body, c))
    return TRUE;
  g_propagate_error (error, h4_problem_error (400, NULL, NULL,
          "The byte 0x%02x may not stand where a chunk begins or ends, after "
          "%" G_GUINT64_FORMAT " bytes of the body.", c, body->total));
  return FALSE;
}

gssize
h4_http_body_decode (H4HttpBody * body, guint8 * data, gsize size,
    gsize * used, GError ** error)
{
  gsize at = 0, out = 0;

  while (at < size && body->state != H4_HTTP_BODY_DONE) {
    gsize n;

    if (body->state != H4_HTTP_BODY_DATA && body->state != H4_HTTP_BODY_LENGTH) {
      if (!framing_byte (body, data[at++], error))
        return -1;
      continue;
    }
    n = MIN (size - at, body->left);
    if (out != at)
      memmove (data + out, data + at, n);
    at += n;
    out += n;
    body->left -= n;
    body->total += n;
    body->overhead = 0;
    if (body->left == 0)
      body->state = body->state == H4_HTTP_BODY_LENGTH ?
          H4_HTTP_BODY_DONE : H4_HTTP_BODY_DATA_END;
  }
  *used = at;
  return out;
}
