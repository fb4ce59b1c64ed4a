/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __ASK_H__
#define __ASK_H__

/* A client that sends what a test says, and nothing else. */

#include <gst/check/gstcheck.h>

typedef struct
{
  guint status;
  GHashTable *headers;          /* names in lower case */
  GByteArray *body;             /* ends with a NUL that is not counted */
  gboolean cut;                 /* less came than was announced */
} Answer;

/* headers: (nullable): lines, each with its CRLF */
Answer *ask (guint port, const gchar * method, const gchar * target,
    const gchar * headers);
void answer_free (Answer * answer);
const gchar *answer_get (Answer * answer, const gchar * header);
const gchar *answer_text (Answer * answer);

/* The connection, the request sent; the answer is for the caller to read. */
GSocketConnection *ask_begin (guint port, const gchar * method,
    const gchar * target, const gchar * headers);

#define assert_status(answer, expected) \
  fail_unless ((answer)->status == (expected), "%u, not %u: %s", \
      (answer)->status, (guint) (expected), answer_text (answer))
#define assert_header(answer, name, expected) \
  fail_unless_equals_string (answer_get (answer, name), expected)

#endif
