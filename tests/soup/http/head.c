/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Heads of requests, as text: what is one and what is not. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>

#include "h4httphead.h"
#include "h4problem.h"

#define HOST "Host: h\r\n"

static gboolean
parse (H4HttpHead * head, const gchar * text, GError ** error)
{
  return h4_http_head_parse (head, text, strlen (text), error);
}

/* The status that it is refused with, 0: it is not. */
static gint
refused (const gchar * text, gsize size)
{
  GError *error = NULL;
  H4HttpHead head;
  gint status = 0;

  if (!h4_http_head_parse (&head, text, size, &error)) {
    fail_unless (error->domain == H4_PROBLEM);
    status = error->code;
    g_error_free (error);
  }
  h4_http_head_clear (&head);
  return status;
}

typedef struct
{
  const gchar *text;
  gint status;
} Case;

static void
check (const Case * cases, guint n)
{
  guint i;

  for (i = 0; i < n; i++) {
    gint status = refused (cases[i].text, strlen (cases[i].text));

    fail_unless (status == cases[i].status, "%d instead of %d: \"%s\"",
        status, cases[i].status, cases[i].text);
  }
}

#define CHECK(cases) check (cases, G_N_ELEMENTS (cases))

/* In its own line, and in a proxy's form of the target. */
static void
check_host (const gchar * host, gint status)
{
  gchar *line = g_strdup_printf ("GET / HTTP/1.1\r\nHost: %s\r\n\r\n", host);
  gchar *target = g_strdup_printf ("GET http://%s/ HTTP/1.1\r\n" HOST "\r\n",
      host);
  Case cases[] = { {line, status}, {target, *host ? status : 400} };

  CHECK (cases);
  g_free (target);
  g_free (line);
}

GST_START_TEST (test_parts_are_found)
{
  H4HttpHead head;

  fail_unless (parse (&head, "POST /a%20b?q=%20 HTTP/1.1\r\n" HOST
          "Content-Length: 12\r\nExpect: 100-Continue\r\n\r\n", NULL));
  fail_unless_equals_string (head.method, "POST");
  fail_unless_equals_string (head.target, "/a%20b?q=%20");
  fail_unless_equals_string (head.path, "/a b");
  fail_unless_equals_string (head.query, "q=%20");
  fail_unless_equals_int (head.minor, 1);
  fail_unless_equals_int64 (head.content_length, 12);
  fail_unless (head.expect_continue);
  fail_unless (head.keep_alive);
  h4_http_head_clear (&head);
}

GST_END_TEST;

GST_START_TEST (test_chunks_have_no_length)
{
  H4HttpHead head;

  fail_unless (parse (&head, "POST / HTTP/1.1\r\n" HOST
          "Transfer-Encoding: Chunked\r\nConnection: a, Close\r\n\r\n", NULL));
  fail_unless_equals_int64 (head.content_length, -1);
  fail_if (head.keep_alive);
  h4_http_head_clear (&head);
}

GST_END_TEST;

GST_START_TEST (test_old_clients_close)
{
  H4HttpHead head;

  fail_unless (parse (&head, "GET / HTTP/1.0\r\n\r\n", NULL));
  fail_unless_equals_int (head.minor, 0);
  fail_if (head.keep_alive);
  h4_http_head_clear (&head);
}

GST_END_TEST;

GST_START_TEST (test_lines_may_end_in_line_feeds)
{
  H4HttpHead head;

  fail_unless (parse (&head, "GET /x HTTP/1.1\nHost: h\n\n", NULL));
  fail_unless_equals_string (head.path, "/x");
  h4_http_head_clear (&head);
}

GST_END_TEST;

GST_START_TEST (test_a_proxys_form_is_a_path)
{
  H4HttpHead head;

  fail_unless (parse (&head, "GET http://other:1/x?y HTTP/1.1\r\n" HOST "\r\n",
          NULL));
  fail_unless_equals_string (head.path, "/x");
  fail_unless_equals_string (head.query, "y");
  h4_http_head_clear (&head);
}

GST_END_TEST;

GST_START_TEST (test_first_lines_that_are_none)
{
  static const Case cases[] = {
    {"GET /\r\n" HOST "\r\n", 400},
    {"GET  / HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET / HTTP/1.1 x\r\n" HOST "\r\n", 400},
    {"G(T / HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET / http/1.1\r\n" HOST "\r\n", 400},
    {"GET / HTTP/1.10\r\n" HOST "\r\n", 400},
    {"GET / HTTP/2.0\r\n" HOST "\r\n", 505},
    {"PRI * HTTP/2.0\r\n\r\n", 505},
    {"BREW / HTTP/1.1\r\n" HOST "\r\n", 501},
    {"CONNECT h:1 HTTP/1.1\r\n" HOST "\r\n", 501},
    {"TRACE / HTTP/1.1\r\n" HOST "\r\n", 501},
    {"\r\n", 400},
    {"", 400},
  };

  CHECK (cases);
}

GST_END_TEST;

GST_START_TEST (test_paths_that_are_none)
{
  static const Case cases[] = {
    {"GET x HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET * HTTP/1.1\r\n" HOST "\r\n", 400},
    {"OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 0},
    {"GET ftp://h/ HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET http://h HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /# HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /% HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /%zz HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /?a=%zz HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /?a=%4 HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /%00 HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /%ff HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /a/../b HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /a/.. HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /a/%2e%2e/b HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /a%2f..%2fb HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /./a HTTP/1.1\r\n" HOST "\r\n", 400},
    {"GET /..a/b... HTTP/1.1\r\n" HOST "\r\n", 0},
    {"GET /?../.. HTTP/1.1\r\n" HOST "\r\n", 0},
  };

  CHECK (cases);
}

GST_END_TEST;

GST_START_TEST (test_what_may_be_there_once)
{
  static const Case cases[] = {
    {"GET / HTTP/1.1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST HOST "\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST "hOST: other\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" HOST
          "Content-Length: 1\r\ncontent-length: 1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
          "Transfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n"
          "Content-Length: 1\r\n\r\n", 400},
    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip, chunked\r\n\r\n",
        501},
    {"POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: xchunked\r\n\r\n", 501},
  };

  CHECK (cases);
}

GST_END_TEST;

GST_START_TEST (test_hosts_that_are_none)
{
  static const gchar *const hosts[] = { "h:", "h:80", "h:65535", "[::1]",
    "[::1]:80", "127.0.0.1", "a-b.c_d~", "a%20b", ""
  };
  static const gchar *const wrong[] = { "h:abc", "h:99999", "h:-1", "h: 1",
    "[::1", "[x]", "::1", "h?x", "h#x", "u@h", "u:p@h", "h i", "h\\i",
    "h%zz", "h\"", "\xc3\xa4"
  };
  static const Case slash = { "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n", 400 };
  guint i;

  check (&slash, 1);
  for (i = 0; i < G_N_ELEMENTS (hosts); i++)
    check_host (hosts[i], 0);
  for (i = 0; i < G_N_ELEMENTS (wrong); i++)
    check_host (wrong[i], 400);
}

GST_END_TEST;

GST_START_TEST (test_lengths_that_are_none)
{
  static const Case cases[] = {
    {"POST / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 1, 1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 0x1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 9223372036854775808\r\n\r\n",
        400},
    {"POST / HTTP/1.1\r\n" HOST "Content-Length: 9223372036854775807\r\n\r\n",
        0},
    {"POST / HTTP/1.1\r\n" HOST "Expect: something\r\n\r\n", 417},
  };

  CHECK (cases);
}

GST_END_TEST;

GST_START_TEST (test_lines_that_are_none)
{
  static const Case cases[] = {
    {"GET / HTTP/1.1\r\n" HOST "no colon\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST "A : b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST ": b\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST "A: b\r\n folded\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n A: b\r\n" HOST "\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST "A: b\rC: d\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST "A: \x01\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST "A: \x7f\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\n" HOST "A:\tb\xc3\xa4\r\n\r\n", 0},
  };

  CHECK (cases);
  fail_unless_equals_int (refused ("GET / HTTP/1.1\r\n" HOST "A: \0\r\n\r\n",
          32), 400);
}

GST_END_TEST;

GST_START_TEST (test_so_many_lines_and_no_more)
{
  GString *text = g_string_new ("GET / HTTP/1.1\r\n" HOST);
  guint i;

  for (i = 1; i < H4_HTTP_HEAD_MAX_LINES; i++)
    g_string_append_printf (text, "A%u: b\r\n", i);
  g_string_append (text, "\r\n");
  fail_unless_equals_int (refused (text->str, text->len), 0);
  g_string_truncate (text, text->len - 2);
  g_string_append (text, "Last: b\r\n\r\n");
  fail_unless_equals_int (refused (text->str, text->len), 431);
  g_string_free (text, TRUE);
}

GST_END_TEST;

GST_START_TEST (test_the_end_is_found_wherever_it_is_cut)
{
  static const gchar *const heads[] =
      { "GET / HTTP/1.1\r\nA: b\r\n\r\n", "GET / HTTP/1.1\nA: b\n\n",
    "GET / HTTP/1.1\nA: b\r\n\n", "GET / HTTP/1.1\r\nA: b\n\r\n"
  };
  guint i;
  gsize cut;

  for (i = 0; i < G_N_ELEMENTS (heads); i++) {
    const guint8 *data = (const guint8 *) heads[i];
    gsize size = strlen (heads[i]);

    for (cut = 0; cut < size; cut++) {
      fail_unless_equals_int (h4_http_head_find_end (data, cut, 0), 0);
      fail_unless_equals_int (h4_http_head_find_end (data, size, cut), size);
    }
  }
}

GST_END_TEST;

#define KEY "00112233445566778899aabbccddeeff"

GST_START_TEST (test_secrets_are_redacted)
{
  static const struct
  {
    const gchar *target, *shown;
  } cases[] = {
    {"/a?gop=2", "/a?gop=2"},
    {"/a?", "/a?"},
    {"/a?gop", "/a?gop"},
    {"/a?gop=2&mask=true&fps_hint=29.97", "/a?gop=2&mask=true&fps_hint=29.97"},
    {"/events?stream=a,b&last_event_id=0a1b2c3d-7",
        "/events?stream=a,b&last_event_id=0a1b2c3d-7"},
    {"/files/a%20b/%C3%9C.h4mk", "/files/a%20b/%C3%9C.h4mk"},
    {"*", "*"},
    {"-", "-"},
    {"", "-"},
    /* names of secrets, however they are written */
    {"/a?access_token=s", "/a?access_token=REDACTED"},
    {"/a?gop=2&access_token=s&mask=true",
        "/a?gop=2&access_token=REDACTED&mask=true"},
    {"/a?access%5Ftoken=s", "/a?REDACTED=REDACTED"},
    {"/a?%61ccess_token=s", "/a?REDACTED=REDACTED"},
    {"/a?%2561ccess_token=s", "/a?REDACTED=REDACTED"},
    {"/a?master_key_hex=00ff", "/a?master_key_hex=REDACTED"},
    {"/a?master_key_hex[]=00ff", "/a?master_key_hex[]=REDACTED"},
    {"/a?master_key_hex%5B%5D=00ff", "/a?REDACTED=REDACTED"},
    {"/a?MaStEr_KeY_hEx=00ff", "/a?MaStEr_KeY_hEx=REDACTED"},
    {"/a?master-key=00ff", "/a?master-key=REDACTED"},
    {"/a?master_key_hex%3D00ff", "/a?REDACTED"},
    {"/a?master_key_hex:00ff", "/a?REDACTED"},
    {"/a?00ff", "/a?REDACTED"},
    {"/a?=00ff", "/a?=REDACTED"},
    {"/a?%zz=s", "/a?REDACTED=REDACTED"},
    {"/a?master_key_hex=00ff&master_key_hex=11",
        "/a?master_key_hex=REDACTED&master_key_hex=REDACTED"},
    {"/a?" KEY "=1", "/a?REDACTED=REDACTED"},
    /* what is none of the parameters that are known */
    {"/a?b=c", "/a?b=REDACTED"},
    {"/a?g%6Fp=2", "/a?REDACTED=REDACTED"},
    /* secrets in another one's value */
    {"/a?gop=1;key=00", "/a?gop=REDACTED"},
    {"/a?gop=1%26key=00", "/a?gop=REDACTED"},
    {"/a?gop=" KEY, "/a?gop=REDACTED"},
    {"/a?gop=1?key=00#key=00", "/a?gop=1?key=REDACTED#key=REDACTED"},
    /* secrets in the path */
    {"/a&key=00", "/a&REDACTED"},
    {"/a;key=00", "/a;REDACTED"},
    {"/a=00?gop=1", "/a=REDACTED?gop=1"},
    {"/a#key=00", "/a#key=REDACTED"},
    {"/a%3Fkey=00", "/a%REDACTED"},
    {"/a%3fkey%3d00", "/a%REDACTED"},
    {"/a%253Fkey%253D00", "/a%REDACTED"},
    {"/a%", "/a%REDACTED"},
    {"/a%3", "/a%REDACTED"},
    {"/" KEY "00/b", "/REDACTED/b"},
    {"/jobs/" KEY "/events?last_event_id=00112233-5",
        "/jobs/REDACTED/events?last_event_id=00112233-5"},
    {"/x%30" KEY "/b", "/xREDACTED/b"},
    {"/%30%30112233445566778899%61%61bbccddeef%46/b", "/REDACTED/b"},
    {"/00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff/b", "/REDACTED/b"},
    {"/00%3a11%3A22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:f%66:/b",
        "/REDACTED:/b"},
    {"/12:34:56.h4mk", "/12:34:56.h4mk"},
    {"/%41%20%42:", "/%41%20%42:"},
    /* a proxy's form */
    {"http://user:secret@host:80/a?gop=2", "/a?gop=2"},
    {"HTTP://user:secret@host", "-"},
    {"http://user:secret@host?gop=2", "-"},
    {"user:secret@host:443", "-"},
    {"/a?gop=http://user:secret@host/b", "/a?gop=REDACTED"},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    gchar *shown = h4_http_redact (cases[i].target);

    fail_unless_equals_string (shown, cases[i].shown);
    g_free (shown);
  }
}

GST_END_TEST;

static Suite *
head_suite (void)
{
  Suite *s = suite_create ("head");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_parts_are_found);
  tcase_add_test (tc, test_chunks_have_no_length);
  tcase_add_test (tc, test_old_clients_close);
  tcase_add_test (tc, test_lines_may_end_in_line_feeds);
  tcase_add_test (tc, test_a_proxys_form_is_a_path);
  tcase_add_test (tc, test_first_lines_that_are_none);
  tcase_add_test (tc, test_paths_that_are_none);
  tcase_add_test (tc, test_what_may_be_there_once);
  tcase_add_test (tc, test_hosts_that_are_none);
  tcase_add_test (tc, test_lengths_that_are_none);
  tcase_add_test (tc, test_lines_that_are_none);
  tcase_add_test (tc, test_so_many_lines_and_no_more);
  tcase_add_test (tc, test_the_end_is_found_wherever_it_is_cut);
  tcase_add_test (tc, test_secrets_are_redacted);
  return s;
}

GST_CHECK_MAIN (head);
