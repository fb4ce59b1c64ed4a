/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Lines of the access log. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <unistd.h>

#include <gst/check/gstcheck.h>
#include <json-glib/json-glib.h>

#include "h4accesslog.h"

/* 6 November 1994, 08:49:37.000123 */
#define NOW (G_GINT64_CONSTANT (784111777) * G_USEC_PER_SEC + 123)

static const H4HttpAccess plain = {
  "192.0.2.1", "GET", "/files/a.h4mk?x=1", "/files/", "curl/7.88.1", 206,
  17, G_GUINT64_CONSTANT (5000000000), 1002003
};

static const H4HttpAccess hostile = {
  "::1", "GE\rT", "/a\" 200 0\n127.0.0.1 \\x0a\x1b[2J\xc3\xa9\xff\x7f", NULL,
  "\t\"\xe2\x80\xae\xf0\x9f\x8c\x80", 404, 0, 0, 0
};

static gchar *
format (H4AccessLogFormat log_format, const H4HttpAccess * access)
{
  GString *line = g_string_new (NULL);

  h4_access_log_append (line, log_format, access, NOW);
  return g_string_free (line, FALSE);
}

GST_START_TEST (test_text)
{
  gchar *line = format (H4_ACCESS_LOG_TEXT, &plain);

  fail_unless_equals_string (line,
      "192.0.2.1 - - [06/Nov/1994:08:49:37 +0000] \"GET /files/a.h4mk?x=1\""
      " 206 5000000000 \"-\" \"curl/7.88.1\" 1.002003\n");
  g_free (line);
}

GST_END_TEST;

GST_START_TEST (test_text_escapes)
{
  gchar *line = format (H4_ACCESS_LOG_TEXT, &hostile);

  fail_unless_equals_string (line,
      "::1 - - [06/Nov/1994:08:49:37 +0000] \"GE\\x0DT /a\\x22 200 0\\x0A"
      "127.0.0.1 \\x5Cx0a\\x1B[2J\\xC3\\xA9\\xFF\\x7F\" 404 0 \"-\""
      " \"\\x09\\x22\\xE2\\x80\\xAE\\xF0\\x9F\\x8C\\x80\" 0.000000\n");
  g_free (line);
}

GST_END_TEST;

GST_START_TEST (test_json)
{
  gchar *line = format (H4_ACCESS_LOG_JSON, &plain);

  fail_unless_equals_string (line,
      "{\"time\":\"1994-11-06T08:49:37.000123Z\",\"address\":\"192.0.2.1\","
      "\"method\":\"GET\",\"target\":\"/files/a.h4mk?x=1\","
      "\"route\":\"/files/\",\"status\":206,\"bytes_in\":17,"
      "\"bytes_out\":5000000000,\"duration_us\":1002003,"
      "\"user_agent\":\"curl/7.88.1\"}\n");
  g_free (line);
}

GST_END_TEST;

/* One line of printable ASCII, which reads back as what was asked. */
GST_START_TEST (test_json_escapes)
{
  gchar *line = format (H4_ACCESS_LOG_JSON, &hostile);
  JsonNode *node;
  JsonObject *object;
  gchar *p;

  for (p = line; p[1]; p++)
    fail_unless (*p >= 0x20 && *p < 0x7f, "0x%02x", (guint8) * p);
  fail_unless (*p == '\n');
  node = json_from_string (line, NULL);
  fail_unless (node != NULL);
  object = json_node_get_object (node);
  fail_unless_equals_string (json_object_get_string_member (object, "target"),
      "/a\" 200 0\n127.0.0.1 \\x0a\x1b[2J\xc3\xa9\xef\xbf\xbd\x7f");
  fail_unless_equals_string (json_object_get_string_member (object,
          "user_agent"), "\t\"\xe2\x80\xae\xf0\x9f\x8c\x80");
  fail_unless (!json_object_has_member (object, "route"));
  json_node_unref (node);
  g_free (line);
}

GST_END_TEST;

GST_START_TEST (test_without_agent)
{
  H4HttpAccess access = plain;
  gchar *line;

  access.user_agent = NULL;
  line = format (H4_ACCESS_LOG_TEXT, &access);
  fail_unless (strstr (line, " \"-\" \"-\" ") != NULL);
  g_free (line);
  line = format (H4_ACCESS_LOG_JSON, &access);
  fail_unless (strstr (line, "user_agent") == NULL);
  g_free (line);
  line = format (H4_ACCESS_LOG_NONE, &access);
  fail_unless_equals_string (line, "");
  g_free (line);
}

GST_END_TEST;

/* The format has a place for a host, and none for a port. */
GST_START_TEST (test_addresses)
{
  static const struct
  {
    const gchar *address;
    const gchar *host;
  } hosts[] = {
    {"192.0.2.1:4711", "192.0.2.1 - "}, {"[2001:db8::1]:4711",
        "2001:db8::1 - "}, {"2001:db8::1", "2001:db8::1 - "}, {"", "- - "},
    {"[", "- - "}, {":1", "- - "}, {"a b", "a b - "}
  };
  H4HttpAccess access = plain;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (hosts); i++) {
    gchar *line;

    access.address = hosts[i].address;
    line = format (H4_ACCESS_LOG_TEXT, &access);
    fail_unless (g_str_has_prefix (line, hosts[i].host), "%s", line);
    g_free (line);
  }
}

GST_END_TEST;

GST_START_TEST (test_names)
{
  H4AccessLogFormat log_format;

  fail_unless (h4_access_log_format_from_string ("text", &log_format));
  fail_unless_equals_int (log_format, H4_ACCESS_LOG_TEXT);
  fail_unless (h4_access_log_format_from_string ("json", &log_format));
  fail_unless_equals_int (log_format, H4_ACCESS_LOG_JSON);
  fail_unless (h4_access_log_format_from_string ("none", &log_format));
  fail_unless_equals_int (log_format, H4_ACCESS_LOG_NONE);
  fail_if (h4_access_log_format_from_string ("", &log_format));
  fail_if (h4_access_log_format_from_string ("JSON", &log_format));
}

GST_END_TEST;

/* What goes to stderr is the line, whole; stderr is put back. */
GST_START_TEST (test_stderr)
{
  gint saved = dup (STDERR_FILENO), pipes[2];
  gchar said[1024];
  gssize size;

  fail_unless (pipe (pipes) == 0);
  fail_unless (dup2 (pipes[1], STDERR_FILENO) >= 0);
  h4_access_log_write (H4_ACCESS_LOG_TEXT, &plain);
  fail_unless (dup2 (saved, STDERR_FILENO) >= 0);
  close (saved);
  close (pipes[1]);
  size = read (pipes[0], said, sizeof (said) - 1);
  close (pipes[0]);
  fail_unless (size > 0);
  said[size] = 0;
  fail_unless (g_str_has_prefix (said, "192.0.2.1 - - ["), "%s", said);
  fail_unless (g_str_has_suffix (said, " 1.002003\n"), "%s", said);
}

GST_END_TEST;

static Suite *
accesslog_suite (void)
{
  Suite *s = suite_create ("accesslog");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_text);
  tcase_add_test (tc, test_text_escapes);
  tcase_add_test (tc, test_json);
  tcase_add_test (tc, test_json_escapes);
  tcase_add_test (tc, test_without_agent);
  tcase_add_test (tc, test_addresses);
  tcase_add_test (tc, test_names);
  tcase_add_test (tc, test_stderr);
  return s;
}

GST_CHECK_MAIN (accesslog);
