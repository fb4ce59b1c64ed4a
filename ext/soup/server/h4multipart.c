/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <string.h>

#include "h4multipart.h"
#include "h4partheader.h"
#include "h4problem.h"

/* CR LF -- and a boundary of 70 characters */
#define MAX_DELIMITER (4 + 70)
/* Blanks that may stand after a boundary. */
#define MAX_TAIL 256

typedef enum
{
  STATE_BODY,                   /* of a part, or before the first one */
  STATE_TAIL,                   /* what follows a boundary in its line */
  STATE_HEADER,
  STATE_EPILOGUE
} State;

struct _H4Multipart
{
  H4MultipartFuncs funcs;
  gpointer user_data;

  gchar delimiter[MAX_DELIMITER + 1];
  gsize delimiter_size;

  State state;
  gboolean in_part;
  guint n_parts;
  /* The delimiter matches so far; of that, what came with earlier pieces, and
   * what did not come at all: before the body there is an end of a line. */
  gsize matched;
  gsize carried;
  gsize assumed;
  GString *tail;
  GString *header;
};

H4Multipart *
h4_multipart_new (const gchar * boundary, const H4MultipartFuncs * funcs,
    gpointer user_data)
{
  H4Multipart *multipart = g_new0 (H4Multipart, 1);

  g_assert (strlen (boundary) > 0 && strlen (boundary) <= MAX_DELIMITER - 4);
  multipart->funcs = *funcs;
  multipart->user_data = user_data;
  multipart->delimiter_size = g_snprintf (multipart->delimiter,
      sizeof (multipart->delimiter), "\r\n--%s", boundary);
  multipart->matched = multipart->carried = multipart->assumed = 2;
  multipart->tail = g_string_new (NULL);
  multipart->header = g_string_new (NULL);
  return multipart;
}

void
h4_multipart_free (H4Multipart * multipart)
{
  g_string_free (multipart->tail, TRUE);
  g_string_free (multipart->header, TRUE);
  g_free (multipart);
}

static gboolean
emit (H4Multipart * multipart, gconstpointer data, gsize size, GError ** error)
{
  if (size == 0 || !multipart->in_part)
    return TRUE;
  return multipart->funcs.data (data, size, multipart->user_data, error);
}

/* What looked like a delimiter is none: what of it came earlier is data. */
static gboolean
emit_carried (H4Multipart * multipart, GError ** error)
{
  gsize assumed = multipart->assumed, carried = multipart->carried;

  multipart->matched = multipart->carried = multipart->assumed = 0;
  return emit (multipart, multipart->delimiter + assumed, carried - assumed,
      error);
}

/* How many bytes hold no delimiter, up to the end of the first one, or to where
 * one may begin that later bytes complete. */
static gsize
skip_data (H4Multipart * multipart, const guint8 * data, gsize size)
{
  gsize rest = MIN (size, multipart->delimiter_size - 1);
  const guint8 *found = memmem (data, size, multipart->delimiter,
      multipart->delimiter_size);

  if (found) {
    multipart->matched = multipart->delimiter_size;
    return found - data + multipart->delimiter_size;
  }
  found = memchr (data + size - rest, '\r', rest);
  return found ? (gsize) (found - data) : size;
}

/* Up to the end of a delimiter, or of the data. No character of a delimiter
 * but its first is a CR, so after a mismatch nothing is looked at twice. */
static gboolean
push_body (H4Multipart * multipart, const guint8 * data, gsize size,
    gsize * used, GError ** error)
{
  gsize i = 0;

  while (i < size && multipart->matched < multipart->delimiter_size) {
    if (multipart->matched == 0)
      i += skip_data (multipart, data + i, size - i);
    while (i < size && multipart->matched < multipart->delimiter_size
        && data[i] == (guint8) multipart->delimiter[multipart->matched]) {
      i++;
      multipart->matched++;
    }
    if (i < size && multipart->matched < multipart->delimiter_size
        && !emit_carried (multipart, error))
      return FALSE;
  }
  *used = i;
  if (multipart->matched == multipart->delimiter_size) {
    /* carried or not, the delimiter is no data */
    i -= MIN (i, multipart->delimiter_size - multipart->carried);
    multipart->state = STATE_TAIL;
    g_string_truncate (multipart->tail, 0);
  } else {
    i -= multipart->matched - multipart->carried;
    multipart->carried = multipart->matched;
  }
  return emit (multipart, data, i, error);
}

static gboolean
end_part (H4Multipart * multipart, GError ** error)
{
  gboolean in_part = multipart->in_part;

  multipart->matched = multipart->carried = multipart->assumed = 0;
  multipart->in_part = FALSE;
  return !in_part || multipart->funcs.end (multipart->user_data, error);
}

/* A delimiter that other characters follow is data: another boundary, which
 * begins like ours. */
static gboolean
give_up_tail (H4Multipart * multipart, GError ** error)
{
  multipart->state = STATE_BODY;
  multipart->carried = multipart->delimiter_size;
  return emit_carried (multipart, error)
      && emit (multipart, multipart->tail->str, multipart->tail->len, error);
}

static gboolean
push_tail (H4Multipart * multipart, const guint8 * data, gsize size,
    gsize * used, GError ** error)
{
  GString *tail = multipart->tail;
  gsize i;

  for (i = 0; i < size && multipart->state == STATE_TAIL; i++) {
    gchar last = tail->len > 0 ? tail->str[tail->len - 1] : 0;
    gchar c = (gchar) data[i];

    if (c == '-' && last == '-') {
      multipart->state = STATE_EPILOGUE;
    } else if (c == '\n' && last == '\r') {
      multipart->state = STATE_HEADER;
      g_string_truncate (multipart->header, 0);
    } else if (tail->len < MAX_TAIL && ((c == '-' && tail->len == 0)
            || ((c == ' ' || c == '\t' || c == '\r') && last != '-'
                && last != '\r'))) {
      g_string_append_c (tail, c);
    } else {
      *used = i;
      return give_up_tail (multipart, error);
    }
  }
  *used = i;
  return multipart->state == STATE_TAIL || end_part (multipart, error);
}

static gboolean
begin_part (H4Multipart * multipart, GError ** error)
{
  H4Part part;
  gboolean ok;

  if (++multipart->n_parts > H4_MULTIPART_MAX_PARTS) {
    g_propagate_error (error, h4_problem_error (413, NULL, NULL,
            "The form has more than %d parts.", H4_MULTIPART_MAX_PARTS));
    return FALSE;
  }
  if (!h4_part_header_parse (multipart->header->str, multipart->header->len,
          &part, error)) {
    g_prefix_error (error, "Part %u: ", multipart->n_parts);
    return FALSE;
  }
  multipart->state = STATE_BODY;
  multipart->in_part = TRUE;
  /* the end of the empty line is that of a delimiter that follows at once */
  multipart->matched = multipart->carried = multipart->assumed = 2;
  ok = multipart->funcs.begin (&part, multipart->user_data, error);
  h4_part_clear (&part);
  return ok;
}

static gboolean
header_is_whole (const GString * header)
{
  return (header->len == 2 && memcmp (header->str, "\r\n", 2) == 0)
      || (header->len >= 4
      && memcmp (header->str + header->len - 4, "\r\n\r\n", 4) == 0);
}

static gboolean
push_header (H4Multipart * multipart, const guint8 * data, gsize size,
    gsize * used, GError ** error)
{
  gsize i = 0;

  while (i < size) {
    g_string_append_c (multipart->header, (gchar) data[i++]);
    if (header_is_whole (multipart->header)) {
      *used = i;
      return begin_part (multipart, error);
    }
    if (multipart->header->len >= H4_MULTIPART_MAX_HEADER) {
      g_propagate_error (error, h4_problem_error (400, NULL, NULL,
              "Part %u of the form has more than %d bytes of headers.",
              multipart->n_parts + 1, H4_MULTIPART_MAX_HEADER));
      return FALSE;
    }
  }
  *used = i;
  return TRUE;
}

gboolean
h4_multipart_push (H4Multipart * multipart, const guint8 * data, gsize size,
    GError ** error)
{
  gboolean ok = TRUE;

  while (ok && size > 0) {
    gsize used = size;

    switch (multipart->state) {
      case STATE_BODY:
        ok = push_body (multipart, data, size, &used, error);
        break;
      case STATE_TAIL:
        ok = push_tail (multipart, data, size, &used, error);
        break;
      case STATE_HEADER:
        ok = push_header (multipart, data, size, &used, error);
        break;
      case STATE_EPILOGUE:
        break;
    }
    data += used;
    size -= used;
  }
  return ok;
}

gboolean
h4_multipart_finish (H4Multipart * multipart, GError ** error)
{
  if (multipart->state == STATE_EPILOGUE)
    return TRUE;
  g_propagate_error (error, h4_problem_error (400, NULL, NULL,
          "The form ends without its last boundary, in %s.",
          multipart->state == STATE_HEADER ? "the headers of a part" :
          multipart->in_part ? "a part" : "what comes before its first part"));
  return FALSE;
}
