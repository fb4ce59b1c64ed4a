/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include <gst/check/gstcheck.h>

#include "h4multipart.h"
#include "h4partheader.h"
#include "h4problem.h"

/* Takes down what the scanner says: name(filename)[type]=data; */
static gboolean
on_begin (const H4Part * part, gpointer user_data, GError ** error)
{
  g_string_append_printf (user_data, "%s(%s)[%s]=", part->name,
      part->filename ? part->filename : "-",
      part->content_type ? part->content_type : "-");
  return TRUE;
}

static gboolean
on_data (const guint8 * data, gsize size, gpointer user_data, GError ** error)
{
  fail_unless (size > 0);
  g_string_append_len (user_data, (const gchar *) data, size);
  return TRUE;
}

static gboolean
on_end (gpointer user_data, GError ** error)
{
  g_string_append (user_data, ";");
  return TRUE;
}

static const H4MultipartFuncs funcs = { on_begin, on_data, on_end };

/* Pushes body in pieces: up to cut, from cut on, or in steps. */
static gchar *
scan (const gchar * boundary, const gchar * body, gsize size, gsize cut,
    gsize step, GError ** error)
{
  GString *said = g_string_new (NULL);
  H4Multipart *multipart = h4_multipart_new (boundary, &funcs, said);
  gboolean ok = TRUE;
  gsize i = 0;

  while (ok && i < size) {
    gsize n = step ? step : i < cut ? cut : size;
    /* memory of its own, so that reading past its end is seen */
    guint8 *piece;

    n = MIN (n, size - i);
    piece = g_memdup2 (body + i, n);
    ok = h4_multipart_push (multipart, piece, n, error);
    g_free (piece);
    i += n;
  }
  if (ok)
    h4_multipart_finish (multipart, error);
  h4_multipart_free (multipart);
  return g_string_free (said, FALSE);
}

/* However the body is cut, the same is said. */
static void
check (const gchar * boundary, const gchar * body, const gchar * expected)
{
  gsize size = strlen (body), i;

  for (i = 0; i <= size; i++) {
    GError *error = NULL;
    gchar *said = scan (boundary, body, size, i, 0, &error);

    fail_if (error, "cut at %" G_GSIZE_FORMAT ": %s", i,
        error ? error->message : "");
    fail_unless_equals_string (said, expected);
    g_free (said);
  }
  for (i = 1; i <= 7; i++) {
    gchar *said = scan (boundary, body, size, 0, i, NULL);

    fail_unless_equals_string (said, expected);
    g_free (said);
  }
}

static void
check_error (const gchar * boundary, const gchar * body, gint status,
    const gchar * words)
{
  gsize size = strlen (body), i;

  for (i = 0; i <= size; i++) {
    GError *error = NULL;

    g_free (scan (boundary, body, size, i, 0, &error));
    fail_unless (error != NULL, "cut at %" G_GSIZE_FORMAT, i);
    fail_unless (error->domain == H4_PROBLEM);
    fail_unless_equals_int (error->code, status);
    fail_unless (strstr (error->message, words), "%s", error->message);
    g_error_free (error);
  }
}

#define FIELD(name) "Content-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define FILE_PART "Content-Disposition: form-data; name=\"file\"; " \
    "filename=\"a.raw\"\r\nContent-Type: video/x-raw\r\n\r\n"

GST_START_TEST (test_form)
{
  check ("xyz", "--xyz\r\n" FIELD ("gop") "30\r\n--xyz\r\n" FILE_PART
      "line\r\nline\r\r\n\r\n--xyz--\r\n",
      "gop(-)[-]=30;file(a.raw)[video/x-raw]=line\r\nline\r\r\n;");
}

GST_END_TEST;

GST_START_TEST (test_preamble_and_epilogue)
{
  check ("xyz", "This is\r\n a preamble --xyz, --xyz-\r\n--xyz\r\n"
      FIELD ("a") "1\r\n--xyz--\r\nepilogue\r\n--xyz\r\n" FIELD ("b") "2",
      "a(-)[-]=1;");
}

GST_END_TEST;

GST_START_TEST (test_blanks_after_a_boundary)
{
  check ("xyz", "--xyz \t \r\n" FIELD ("a") "1\r\n--xyz  \r\n" FIELD ("b")
      "2\r\n--xyz--", "a(-)[-]=1;b(-)[-]=2;");
}

GST_END_TEST;

GST_START_TEST (test_empty_parts)
{
  check ("xyz", "--xyz\r\n" FIELD ("a") "\r\n--xyz\r\n" FIELD ("b")
      "--xyz\r\n" FIELD ("c") "\r\n\r\n--xyz--",
      "a(-)[-]=;b(-)[-]=;c(-)[-]=\r\n;");
}

GST_END_TEST;

GST_START_TEST (test_what_is_almost_a_boundary)
{
  static const gchar data[] = "\r\n--xyZ\r\n--xy\r\n-\r\r\n--xyzz\r\n--xyz-"
      "\r\n--xyz \r\r\n--xyz\t-\r\n--xyz\r\r--xyz\n--xyz\r";
  gchar *body = g_strdup_printf ("--xyz\r\n%s%s\r\n--xyz--", FIELD ("a"), data);
  gchar *expected = g_strdup_printf ("a(-)[-]=%s;", data);

  check ("xyz", body, expected);
  g_free (expected);
  g_free (body);
}

GST_END_TEST;

/* A boundary that is the beginning of another one, nested in a part. */
GST_START_TEST (test_nested_multipart_is_data)
{
  static const gchar nested[] = "--xyzinner\r\nContent-Disposition: form-data;"
      " name=\"no\"\r\n\r\nno\r\n--xyzinner--\r\n";
  gchar *body = g_strdup_printf ("--xyz\r\n%s%s\r\n--xyz--", FIELD ("a"),
      nested);
  gchar *expected = g_strdup_printf ("a(-)[-]=%s;", nested);

  check ("xyz", body, expected);
  g_free (expected);
  g_free (body);
}

GST_END_TEST;

GST_START_TEST (test_boundary_of_seventy_characters)
{
  gchar *boundary = g_strnfill (70, '-');
  gchar *body = g_strdup_printf ("--%s\r\n%s\r\n----\r\n--%s--", boundary,
      FIELD ("a"), boundary);

  check (boundary, body, "a(-)[-]=\r\n----;");
  g_free (body);
  g_free (boundary);
}

GST_END_TEST;

GST_START_TEST (test_names)
{
  static const struct
  {
    const gchar *params;
    const gchar *expected;
  } cases[] = {
    {"name=plain", "plain(-)[-]=;"},
    {"name=plain ; filename=a.raw", "plain(a.raw)[-]=;"},
    {"NAME=\"q\"; FileName=\"a;b\"", "q(a;b)[-]=;"},
    {"name=\"a \\\"b\\\" \\\\ c\"", "a \"b\" \\ c(-)[-]=;"},
    {"name=\"a%22b\"; filename=\"c%22d.raw\"", "a\"b(c\"d.raw)[-]=;"},
    {"name=\"f\"; filename=\"C:\\dir\\a.raw\"", "f(a.raw)[-]=;"},
    {"name=\"f\"; filename=\"../../etc/passwd\"", "f(passwd)[-]=;"},
    {"name=\"f\"; filename=\"\"", "f()[-]=;"},
    {"name=\"f\"; filename=\"plain\"; filename*=UTF-8''na%C3%AFve.mp4",
        "f(naïve.mp4)[-]=;"},
    {"name=\"f\"; filename*=iso-8859-1'de'%FCber.mp4", "f(über.mp4)[-]=;"},
    {"name=\"f\"; filename*=UTF-8''%ff%fe; filename=x", "f(x)[-]=;"},
    {"name=\"f\"; filename*=broken; filename=x", "f(x)[-]=;"},
    {"name=\"f\"; filename=\"\xc3\xbc.raw\"", "f(ü.raw)[-]=;"},
    {"name=\"f\"; filename=\"a\x01\x7f" "b\"", "f(ab)[-]=;"},
    {"name=\"f\";\r\n filename=\"folded\"", "f(folded)[-]=;"}
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    gchar *body = g_strdup_printf ("--xyz\r\nX-Other: name=no\r\n"
        "content-disposition:form-data; %s\r\n\r\n\r\n--xyz--",
        cases[i].params);

    check ("xyz", body, cases[i].expected);
    g_free (body);
  }
}

GST_END_TEST;

GST_START_TEST (test_malformed)
{
  check_error ("xyz", "", 400, "without its last boundary");
  check_error ("xyz", "--xyz", 400, "before its first part");
  check_error ("xyz", "--xyz\r\n" FIELD ("a") "1", 400, "in a part");
  check_error ("xyz", "--xyz\r\n" FIELD ("a") "1\r\n--xy", 400, "in a part");
  check_error ("xyz", "--xyz\r\nContent-Dis", 400, "headers of a part");
  check_error ("xyz", "--xyz\r\n\r\n1\r\n--xyz--", 400, "form-data");
  check_error ("xyz", "--xyz\r\nContent-Disposition: attachment; name=a\r\n"
      "\r\n1\r\n--xyz--", 400, "form-data");
  check_error ("xyz", "--xyz\r\nContent-Disposition: form-data\r\n"
      "\r\n1\r\n--xyz--", 400, "name=");
}

GST_END_TEST;

GST_START_TEST (test_header_that_is_too_long)
{
  gchar *filling = g_strnfill (H4_MULTIPART_MAX_HEADER, 'x');
  gchar *body = g_strdup_printf ("--xyz\r\nX-Long: %s\r\n%s1\r\n--xyz--",
      filling, FIELD ("a"));
  GError *error = NULL;

  g_free (scan ("xyz", body, strlen (body), 0, 100, &error));
  fail_unless (g_error_matches (error, H4_PROBLEM, 400));
  g_clear_error (&error);
  g_free (body);
  g_free (filling);
}

GST_END_TEST;

GST_START_TEST (test_header_with_a_nul)
{
  static const gchar body[] = "--xyz\r\nX: \0\r\n" FIELD ("a") "1\r\n--xyz--";
  GError *error = NULL;

  g_free (scan ("xyz", body, sizeof (body) - 1, 0, 100, &error));
  fail_unless (g_error_matches (error, H4_PROBLEM, 400));
  g_clear_error (&error);
}

GST_END_TEST;

static GError *
scan_parts (guint n)
{
  GString *body = g_string_new (NULL);
  GError *error = NULL;
  guint i;

  for (i = 0; i < n; i++)
    g_string_append (body, "--xyz\r\n" FIELD ("a") "1\r\n");
  g_string_append (body, "--xyz--");
  g_free (scan ("xyz", body->str, body->len, 0, 1000, &error));
  g_string_free (body, TRUE);
  return error;
}

GST_START_TEST (test_number_of_parts)
{
  GError *error = scan_parts (H4_MULTIPART_MAX_PARTS);

  fail_if (error);
  error = scan_parts (H4_MULTIPART_MAX_PARTS + 1);
  fail_unless (g_error_matches (error, H4_PROBLEM, 413));
  g_clear_error (&error);
}

GST_END_TEST;

GST_START_TEST (test_boundary_of_a_content_type)
{
  static const struct
  {
    const gchar *type;
    const gchar *boundary;
  } cases[] = {
    {"multipart/form-data; boundary=abc", "abc"},
    {"multipart/form-data; charset=utf-8; Boundary=\"a b:c\"; x=y", "a b:c"},
    {"multipart/form-data;boundary=----WebKitFormBoundary0",
        "----WebKitFormBoundary0"},
    {"multipart/form-data", NULL},
    {"multipart/form-data; boundary=", NULL},
    {"multipart/form-data; boundary=\"a \"", NULL},
    {"multipart/form-data; boundary=\"a\\\\b\"", NULL},
    {"multipart/form-data; boundary=12345678901234567890123456789012345678901"
          "234567890123456789012345678901", NULL}
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    GError *error = NULL;
    gchar *boundary = h4_multipart_get_boundary (cases[i].type, &error);

    fail_unless_equals_string (boundary, cases[i].boundary);
    fail_unless (cases[i].boundary || g_error_matches (error, H4_PROBLEM, 400));
    g_clear_error (&error);
    g_free (boundary);
  }
}

GST_END_TEST;

GST_START_TEST (test_attachment)
{
  static const struct
  {
    const gchar *name;
    const gchar *header;
  } cases[] = {
    {"a b.h4mk", "attachment; filename=\"a b.h4mk\""},
    {"über \"x\".h4mk", "attachment; filename=\"_ber _x_.h4mk\"; "
          "filename*=UTF-8''%C3%BCber%20%22x%22.h4mk"},
    {"50%.h4mk", "attachment; filename=\"50_.h4mk\"; "
          "filename*=UTF-8''50%25.h4mk"}
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    gchar *header = h4_header_attachment (cases[i].name);

    fail_unless_equals_string (header, cases[i].header);
    g_free (header);
  }
}

GST_END_TEST;

static Suite *
multipart_suite (void)
{
  Suite *s = suite_create ("multipart");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_form);
  tcase_add_test (tc, test_preamble_and_epilogue);
  tcase_add_test (tc, test_blanks_after_a_boundary);
  tcase_add_test (tc, test_empty_parts);
  tcase_add_test (tc, test_what_is_almost_a_boundary);
  tcase_add_test (tc, test_nested_multipart_is_data);
  tcase_add_test (tc, test_boundary_of_seventy_characters);
  tcase_add_test (tc, test_names);
  tcase_add_test (tc, test_malformed);
  tcase_add_test (tc, test_header_that_is_too_long);
  tcase_add_test (tc, test_header_with_a_nul);
  tcase_add_test (tc, test_number_of_parts);
  tcase_add_test (tc, test_boundary_of_a_content_type);
  tcase_add_test (tc, test_attachment);
  return s;
}

GST_CHECK_MAIN (multipart);
