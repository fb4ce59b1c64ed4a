/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A request's conditions, a line each, on a file whose size the first line is. */

#include <stdlib.h>

#include "h4range.h"

#define NOW 1700000000

int LLVMFuzzerTestOneInput (const guint8 * data, gsize size);

static const gchar *
next_line (gchar ** lines, guint * i)
{
  const gchar *line = lines[*i];

  if (!line)
    return NULL;
  (*i)++;
  /* one that is empty was not sent */
  return *line ? line : NULL;
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  gchar *text = size ? g_strndup ((const gchar *) data, size) : g_strdup ("");
  gchar **lines = g_strsplit (text, "\n", 8);
  guint64 file_size, first, length;
  H4Validators validators;
  H4Conditions conditions;
  struct stat st = { 0 };
  const gchar *line;
  guint i = 0, status;

  line = next_line (lines, &i);
  file_size = line ? g_ascii_strtoull (line, NULL, 10) : 0;
  conditions.range = next_line (lines, &i);
  conditions.if_range = next_line (lines, &i);
  conditions.if_match = next_line (lines, &i);
  conditions.if_none_match = next_line (lines, &i);
  conditions.if_modified_since = next_line (lines, &i);
  st.st_size = (off_t) file_size;
  st.st_mtim.tv_sec = NOW - 1;
  h4_validators_init (&validators, &st);

  status = h4_conditions_decide (&conditions, lines[0] && i == 1, &validators,
      file_size, NOW, &first, &length);
  switch (status) {
    case 200:
      if (first != 0 || length != file_size)
        abort ();
      break;
    case 206:
      if (length == 0 || first >= file_size || length > file_size - first)
        abort ();
      break;
    case 304:
    case 412:
    case 416:
      break;
    default:
      abort ();
  }
  g_strfreev (lines);
  g_free (text);
  return 0;
}
