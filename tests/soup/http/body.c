/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Where bodies end. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>

#include "h4httpbody.h"
#include "h4problem.h"

#define LIMIT 1000

/* The body of what comes in two pieces; error: the status it is refused with */
static GString *
decode (gint64 length, const gchar * text, gsize cut, gint * error,
    gsize * rest)
{
  GString *out = g_string_new (NULL);
  gsize size = strlen (text), at = 0, used;
  H4HttpBody body;
  GError *problem = NULL;
  guint piece;

  *error = 0;
  h4_http_body_init (&body, length, LIMIT);
  for (piece = 0; piece < 2 && *error == 0; piece++) {
    gsize n = piece == 0 ? cut : size - at;
    guint8 *data = g_memdup2 (text + at, n + 1);
    gssize got = h4_http_body_decode (&body, data, n, &used, &problem);

    if (got >= 0) {
      g_string_append_len (out, (gchar *) data, got);
      fail_unless (used == n || h4_http_body_is_done (&body));
      at += used;
    } else {
      *error = problem->code;
      g_clear_error (&problem);
    }
    g_free (data);
  }
  if (*error == 0 && !h4_http_body_is_done (&body))
    *error = -1;
  *rest = size - at;
  return out;
}

static void
check (gint64 length, const gchar * text, const gchar * expected, gsize rest)
{
  gsize cut, left;
  gint error;

  for (cut = 0; cut <= strlen (text); cut += 1 + strlen (text) / 500) {
    GString *out = decode (length, text, cut, &error, &left);

    fail_unless_equals_int (error, 0);
    fail_unless_equals_string (out->str, expected);
    fail_unless_equals_int (left, rest);
    g_string_free (out, TRUE);
  }
}

/* -1: it is not whole */
static void
check_refused (const gchar * text, gint status)
{
  gsize cut, left;
  gint error;

  for (cut = 0; cut <= strlen (text); cut += 1 + strlen (text) / 500) {
    GString *out = decode (-1, text, cut, &error, &left);

    fail_unless (error == status, "%d instead of %d: \"%s\"", error, status,
        text);
    g_string_free (out, TRUE);
  }
}

GST_START_TEST (test_a_length_is_counted)
{
  check (5, "hello", "hello", 0);
  check (5, "helloGET", "hello", 3);
  check (0, "GET", "", 3);
}

GST_END_TEST;

GST_START_TEST (test_chunks_wherever_they_are_cut)
{
  check (-1, "5\r\nhello\r\n0\r\n\r\n", "hello", 0);
  check (-1, "1\r\na\r\n0A\r\n0123456789\r\n0\r\n\r\nGET", "a0123456789", 3);
  check (-1, "000000000000005\r\nhello\r\n000\r\n\r\n", "hello", 0);
  check (-1, "0\r\n\r\n", "", 0);
}

GST_END_TEST;

GST_START_TEST (test_extensions_and_trailers_are_skipped)
{
  check (-1, "5;a=b;c=\"d\"\r\nhello\r\n0 ;x\r\nA: b\r\nC: d\r\n\r\nX",
      "hello", 1);
}

GST_END_TEST;

GST_START_TEST (test_chunks_that_are_none)
{
  check_refused ("\r\n", 400);
  check_refused ("x\r\n", 400);
  check_refused ("-1\r\n", 400);
  check_refused ("0x5\r\n", 400);
  check_refused (" 5\r\nhello\r\n", 400);
  check_refused ("5\nhello\n0\n\n", 400);
  check_refused ("5\rhello", 400);
  check_refused (";a\r\n", 400);
  check_refused ("5\r\nhelloX\r\n0\r\n\r\n", 400);
  check_refused ("5\r\nhello\n0\r\n\r\n", 400);
  check_refused ("5;\x01\r\nhello", 400);
  check_refused ("0\r\n folded\r\n\r\n", 400);
  check_refused ("0\r\n\rX", 400);
  /* 16 digits may be more than can be counted */
  check_refused ("0000000000000005\r\nhello", 400);
}

GST_END_TEST;

GST_START_TEST (test_what_is_not_whole)
{
  check_refused ("5\r\nhell", -1);
  check_refused ("5\r\nhello\r\n", -1);
  check_refused ("5\r\nhello\r\n0\r\n", -1);
  check_refused ("5\r\nhello\r\n0\r\nA: b\r\n", -1);
}

GST_END_TEST;

GST_START_TEST (test_more_than_may_be)
{
  check_refused ("3e9\r\n", 413);
  check_refused ("3e8\r\n", -1);
  check_refused ("fffffffffffffff\r\n", 413);
  check_refused ("1\r\nx\r\n3e8\r\n", 413);
}

GST_END_TEST;

GST_START_TEST (test_framing_has_a_limit)
{
  GString *text = g_string_new ("5;");
  guint i;

  for (i = 0; i < 8192; i++)
    g_string_append_c (text, 'x');
  check_refused (text->str, 400);
  g_string_assign (text, "0\r\n");
  for (i = 0; i < 1024; i++)
    g_string_append (text, "A: bcd\r\n");
  check_refused (text->str, -1);
  g_string_append (text, "A");
  check_refused (text->str, 400);
  g_string_free (text, TRUE);
}

GST_END_TEST;

static Suite *
body_suite (void)
{
  Suite *s = suite_create ("body");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_a_length_is_counted);
  tcase_add_test (tc, test_chunks_wherever_they_are_cut);
  tcase_add_test (tc, test_extensions_and_trailers_are_skipped);
  tcase_add_test (tc, test_chunks_that_are_none);
  tcase_add_test (tc, test_what_is_not_whole);
  tcase_add_test (tc, test_more_than_may_be);
  tcase_add_test (tc, test_framing_has_a_limit);
  return s;
}

GST_CHECK_MAIN (body);
