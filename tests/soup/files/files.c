/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* /files/: lists, files, ranges. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gst/check/gstcheck.h>
#include <json-glib/json-glib.h>

#include "ask.h"
#include "serve.h"
#include "tree.h"

#define LARGE_SIZE (3 * 1024 * 1024 + 17)

static gchar *tree, *root;
static Serve serve;

static void
setup (void)
{
  guint8 *large = g_malloc (LARGE_SIZE);
  guint i;

  for (i = 0; i < LARGE_SIZE; i++)
    large[i] = (guint8) (i * 2654435761u >> 24);
  tree = tree_new ();
  root = g_build_filename (tree, "root", NULL);
  tree_write (tree, "root/a.txt", "0123456789");
  tree_write (tree, "root/empty.h4mk", "");
  tree_write (tree, "root/sub/b & ü.json", "{}");
  tree_write (tree, "root/sub/deep/info", "no question");
  tree_write (tree, "root/.hidden", "hidden");
  tree_write_bytes (tree, "root/large", large, LARGE_SIZE);
  tree_write (tree, "secret", "secret");
  tree_link (tree, "root/outside", "../secret");
  g_free (large);
  serve_start (&serve, root);
}

static void
teardown (void)
{
  serve_stop (&serve);
  g_free (root);
  tree_free (tree);
}

static Answer *
get (const gchar * target, const gchar * headers)
{
  return ask (serve.port, "GET", target, headers);
}

static void
check_status (const gchar * target, guint status)
{
  Answer *answer = get (target, NULL);

  fail_unless (answer->status == status, "%s: %u, not %u", target,
      answer->status, status);
  fail_unless (strstr (answer_text (answer), "secret") == NULL);
  if (status >= 400)
    assert_header (answer, "content-type", "application/problem+json");
  answer_free (answer);
}

/* names, joined */
static gchar *
get_names (JsonObject * list, const gchar * member)
{
  JsonArray *array = json_object_get_array_member (list, member);
  GString *names = g_string_new (NULL);
  guint i;

  for (i = 0; i < json_array_get_length (array); i++) {
    JsonObject *entry = json_array_get_object_element (array, i);

    g_string_append_printf (names, "%s%s", i ? "|" : "",
        json_object_get_string_member (entry, "name"));
  }
  return g_string_free (names, FALSE);
}

/* The list at target, its names; next may be NULL. */
static JsonNode *
check_list (const gchar * target, const gchar * directories,
    const gchar * files, const gchar * next)
{
  Answer *answer = get (target, NULL);
  JsonNode *node;
  JsonObject *list;
  gchar *names;

  assert_status (answer, 200);
  assert_header (answer, "content-type", "application/json");
  node = json_from_string (answer_text (answer), NULL);
  fail_unless (node != NULL);
  list = json_node_get_object (node);
  names = get_names (list, "directories");
  fail_unless_equals_string (names, directories);
  g_free (names);
  names = get_names (list, "files");
  fail_unless_equals_string (names, files);
  g_free (names);
  fail_unless_equals_string (json_object_get_string_member_with_default (list,
          "next", NULL), next);
  answer_free (answer);
  return node;
}

GST_START_TEST (test_list)
{
  JsonNode *node = check_list ("/files/", "sub", "a.txt|empty.h4mk|large",
      NULL);
  JsonObject *list = json_node_get_object (node);
  JsonArray *files = json_object_get_array_member (list, "files");
  JsonObject *file = json_array_get_object_element (files, 0);

  fail_unless_equals_string (json_object_get_string_member (list, "path"), "");
  fail_unless_equals_string (json_object_get_string_member (file, "href"),
      "/files/a.txt");
  fail_unless_equals_int64 (json_object_get_int_member (file, "size"), 10);
  fail_unless_equals_string (json_object_get_string_member (file, "type"),
      "text/plain");
  fail_unless (g_regex_match_simple
      ("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$",
          json_object_get_string_member (file, "modified"), 0, 0));
  file = json_array_get_object_element (files, 1);
  fail_unless_equals_string (json_object_get_string_member (file, "type"),
      "application/x-h4mk");
  json_node_unref (node);
  json_node_unref (check_list ("/files", "sub", "a.txt|empty.h4mk|large",
          NULL));
}

GST_END_TEST;

GST_START_TEST (test_list_of_directory)
{
  JsonNode *node = check_list ("/files/sub/", "deep", "b & ü.json", NULL);
  JsonObject *list = json_node_get_object (node);
  JsonObject *file = json_array_get_object_element
      (json_object_get_array_member (list, "files"), 0);
  Answer *answer;

  fail_unless_equals_string (json_object_get_string_member (list, "path"),
      "sub/");
  /* its href leads to it */
  fail_unless_equals_string (json_object_get_string_member (file, "href"),
      "/files/sub/b%20%26%20%C3%BC.json");
  answer = get (json_object_get_string_member (file, "href"), NULL);
  assert_status (answer, 200);
  assert_header (answer, "content-type", "application/json");
  fail_unless_equals_string (answer_text (answer), "{}");
  answer_free (answer);
  json_node_unref (node);
  json_node_unref (check_list ("/files/sub", "deep", "b & ü.json", NULL));
}

GST_END_TEST;

GST_START_TEST (test_list_in_pages)
{
  static const gchar *const targets[] = {
    "/files/?limit=0", "/files/?limit=10001", "/files/?limit=x",
    "/files/?limit=1&limit=2", "/files/?limit="
  };
  guint i;

  json_node_unref (check_list ("/files/?limit=2", "", "a.txt|empty.h4mk",
          "empty.h4mk"));
  json_node_unref (check_list ("/files/?limit=2&after=empty.h4mk", "", "large",
          "outside"));
  json_node_unref (check_list ("/files/?limit=2&after=outside", "sub", "",
          NULL));
  json_node_unref (check_list ("/files/?after=sub", "", "", NULL));
  for (i = 0; i < G_N_ELEMENTS (targets); i++)
    check_status (targets[i], 400);
}

GST_END_TEST;

GST_START_TEST (test_list_of_names_with_blanks)
{
  tree_write (tree, "root/blanks/ ", "");
  tree_write (tree, "root/blanks/ a", "");
  tree_write (tree, "root/blanks/a", "");
  tree_write (tree, "root/blanks/a\t", "");
  tree_write (tree, "root/blanks/a ", "");
  json_node_unref (check_list ("/files/blanks/?limit=1&after=", "", " ", " "));
  json_node_unref (check_list ("/files/blanks/?limit=1&after=%20", "", " a",
          " a"));
  json_node_unref (check_list ("/files/blanks/?limit=1&after=+a", "", "a",
          "a"));
  json_node_unref (check_list ("/files/blanks/?limit=+1+&after=a", "", "a\t",
          "a\t"));
  json_node_unref (check_list ("/files/blanks/?limit=1&after=a%09", "", "a ",
          NULL));
  json_node_unref (check_list ("/files/blanks/?limit=1&after=a%20", "", "",
          NULL));
}

GST_END_TEST;

/* More names than are kept at once come in order, each once. */
GST_START_TEST (test_list_of_many)
{
  gchar *after = g_strdup ("");
  guint n = 0, i;

  for (i = 0; i < 500; i++) {
    gchar *path = g_strdup_printf ("root/many/%03u", (i * 7) % 500);

    tree_write (tree, path, "");
    g_free (path);
  }
  while (after) {
    gchar *target = g_strdup_printf ("/files/many/?limit=64&after=%s", after);
    Answer *answer = get (target, NULL);
    JsonNode *node = json_from_string (answer_text (answer), NULL);
    JsonObject *list = json_node_get_object (node);
    JsonArray *files = json_object_get_array_member (list, "files");

    for (i = 0; i < json_array_get_length (files); i++, n++) {
      gchar *name = g_strdup_printf ("%03u", n);

      fail_unless_equals_string (json_object_get_string_member
          (json_array_get_object_element (files, i), "name"), name);
      g_free (name);
    }
    g_free (after);
    after = g_strdup (json_object_get_string_member_with_default (list, "next",
            NULL));
    json_node_unref (node);
    answer_free (answer);
    g_free (target);
  }
  fail_unless_equals_int (n, 500);
}

GST_END_TEST;

GST_START_TEST (test_whole_file)
{
  Answer *answer = get ("/files/large", NULL);
  gchar *path = g_build_filename (root, "large", NULL);
  gchar *expected;
  gsize size;

  fail_unless (g_file_get_contents (path, &expected, &size, NULL));
  assert_status (answer, 200);
  assert_header (answer, "accept-ranges", "bytes");
  assert_header (answer, "cache-control", "no-cache");
  assert_header (answer, "x-content-type-options", "nosniff");
  assert_header (answer, "content-security-policy",
      "default-src 'none'; sandbox");
  fail_unless (answer_get (answer, "last-modified") != NULL);
  fail_unless_equals_int (answer->body->len, LARGE_SIZE);
  fail_unless (memcmp (answer->body->data, expected, size) == 0);
  answer_free (answer);
  g_free (expected);
  g_free (path);
}

GST_END_TEST;

GST_START_TEST (test_head)
{
  Answer *head = ask (serve.port, "HEAD", "/files/large", NULL);
  Answer *part = ask (serve.port, "HEAD", "/files/large",
      "Range: bytes=0-0\r\n");
  Answer *answer = get ("/files/large", NULL);

  assert_status (head, 200);
  assert_header (head, "content-length", "3145745");
  assert_header (head, "etag", answer_get (answer, "etag"));
  fail_unless_equals_int (head->body->len, 0);
  assert_status (part, 200);
  assert_header (part, "content-length", "3145745");
  answer_free (head);
  answer_free (part);
  answer_free (answer);
}

GST_END_TEST;

GST_START_TEST (test_empty_file)
{
  Answer *answer = get ("/files/empty.h4mk", NULL);

  assert_status (answer, 200);
  assert_header (answer, "content-length", "0");
  assert_header (answer, "content-type", "application/x-h4mk");
  answer_free (answer);
}

GST_END_TEST;

static const struct
{
  const gchar *range;
  guint status;
  const gchar *content_range;
  const gchar *body;
} ranges[] = {
  {"bytes=0-0", 206, "bytes 0-0/10", "0"},
  {"bytes=2-5", 206, "bytes 2-5/10", "2345"},
  {"bytes=7-", 206, "bytes 7-9/10", "789"},
  {"bytes=7-900000000", 206, "bytes 7-9/10", "789"},
  {"bytes=-3", 206, "bytes 7-9/10", "789"},
  {"bytes=-3000", 206, "bytes 0-9/10", "0123456789"},
  {"bytes=10-", 416, "bytes */10", NULL},
  {"bytes=-0", 416, "bytes */10", NULL},
  {"bytes=5000000000-", 416, "bytes */10", NULL},
  {"bytes=0-1,3-4", 200, NULL, "0123456789"},
  {"bytes=5-4", 200, NULL, "0123456789"},
  {"lines=0-1", 200, NULL, "0123456789"},
};

GST_START_TEST (test_range)
{
  gchar *header = g_strdup_printf ("Range: %s\r\n", ranges[__i__].range);
  Answer *answer = get ("/files/a.txt", header);

  assert_status (answer, ranges[__i__].status);
  assert_header (answer, "content-range", ranges[__i__].content_range);
  fail_if (answer->cut);
  if (ranges[__i__].body) {
    fail_unless_equals_string (answer_text (answer), ranges[__i__].body);
  } else {
    assert_header (answer, "content-type", "application/problem+json");
  }
  answer_free (answer);
  g_free (header);
}

GST_END_TEST;

/* A header with the file's own ETag or date. */
static Answer *
get_if (const gchar * name, const gchar * value_of, const gchar * more)
{
  Answer *answer = get ("/files/a.txt", NULL);
  gchar *headers = g_strdup_printf ("%s: %s\r\n%s", name, answer_get (answer,
          value_of), more ? more : "");

  answer_free (answer);
  answer = get ("/files/a.txt", headers);
  g_free (headers);
  return answer;
}

GST_START_TEST (test_conditions)
{
  Answer *answer = get_if ("If-None-Match", "etag", NULL);

  assert_status (answer, 304);
  fail_unless_equals_int (answer->body->len, 0);
  fail_unless (answer_get (answer, "etag") != NULL);
  fail_unless (answer_get (answer, "content-type") == NULL);
  answer_free (answer);

  answer = get_if ("If-Modified-Since", "last-modified", NULL);
  assert_status (answer, 304);
  answer_free (answer);

  answer = get_if ("If-Range", "etag", "Range: bytes=2-3\r\n");
  assert_status (answer, 206);
  fail_unless_equals_string (answer_text (answer), "23");
  answer_free (answer);

  answer = get ("/files/a.txt", "If-Range: \"other\"\r\nRange: bytes=2-3\r\n");
  assert_status (answer, 200);
  fail_unless_equals_string (answer_text (answer), "0123456789");
  answer_free (answer);

  answer = get ("/files/a.txt", "If-Match: \"other\"\r\n");
  assert_status (answer, 412);
  answer_free (answer);
}

GST_END_TEST;

/* What a file gets while it is recorded makes another ETag. */
GST_START_TEST (test_growing_file)
{
  Answer *before = get ("/files/a.txt", NULL), *answer;
  gchar *headers = g_strdup_printf ("If-Range: %s\r\nRange: bytes=10-\r\n",
      answer_get (before, "etag"));

  tree_write (tree, "root/a.txt", "0123456789abc");
  answer = get ("/files/a.txt", headers);
  assert_status (answer, 200);
  fail_unless_equals_string (answer_text (answer), "0123456789abc");
  answer_free (answer);
  answer = get ("/files/a.txt", "Range: bytes=10-\r\n");
  assert_status (answer, 206);
  fail_unless_equals_string (answer_text (answer), "abc");
  answer_free (answer);
  answer_free (before);
  g_free (headers);
}

GST_END_TEST;

static const gchar *const tricks[] = {
  "/files/../secret", "/files/%2e%2e/secret", "/files/..%2fsecret",
  "/files/%2e%2e%2fsecret", "/files/%252e%252e/secret",
  "/files/sub/../../../secret", "/files/sub/..%2f..%2f..%2fsecret",
  "/files/..%5csecret", "/files//etc/passwd", "/files/%2fetc%2fpasswd",
  "/files/a.txt%00", "/files/%00", "/files/a.txt%00/../../secret",
  "/files/outside", "/files/.hidden", "/files/sub/.", "/files/./a.txt",
  "/files/sub//deep/info", "/files/a.txt/", "/files/a.txt/.", "/files/%ff",
  "/files/%c0%ae%c0%ae/secret", "/files/%u002e%u002e/secret", "/files/%",
  "/files/a.txt/unknown", "/files/a.txt/info/info", "/files/info",
  "/files/a.txt/blocks/", "/files/a.txt/blocks", "/files/gone/info",
  "/files/outside/info", "/files/.hidden/info", "/files/../secret/info",
  "/files/sub/info", "/filesecret",
};

GST_START_TEST (test_tricks)
{
  Answer *answer = get (tricks[__i__], NULL);

  fail_unless (answer->status == 404 || answer->status == 400, "%s: %u",
      tricks[__i__], answer->status);
  fail_unless (strstr (answer_text (answer), "root:") == NULL);
  fail_unless (strcmp (answer_text (answer), "secret") != 0);
  fail_unless (strcmp (answer_text (answer), "hidden") != 0);
  answer_free (answer);
}

GST_END_TEST;

/* A slash of a path below the root may be escaped, as generated clients do. */
GST_START_TEST (test_escaped_slash)
{
  Answer *answer = get ("/files/sub%2Fdeep%2Finfo", NULL);

  assert_status (answer, 200);
  fail_unless_equals_string (answer_text (answer), "no question");
  answer_free (answer);
}

GST_END_TEST;

/* A file that is called like a question is a file. */
GST_START_TEST (test_file_named_info)
{
  Answer *answer = get ("/files/sub/deep/info", NULL);

  assert_status (answer, 200);
  fail_unless_equals_string (answer_text (answer), "no question");
  answer_free (answer);
  check_status ("/files/sub/deep/info/info", 422);
}

GST_END_TEST;

GST_START_TEST (test_methods)
{
  static const gchar *const methods[] = { "POST", "PUT", "DELETE", "PATCH" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (methods); i++) {
    Answer *answer = ask (serve.port, methods[i], "/files/a.txt",
        "Content-Length: 0\r\n");

    assert_status (answer, 405);
    assert_header (answer, "allow", "GET, HEAD");
    answer_free (answer);
  }
}

GST_END_TEST;

/* The client sees that the file became shorter: it is not told a wrong end. */
GST_START_TEST (test_file_that_is_cut)
{
  gchar *path = g_build_filename (root, "huge", NULL);
  GSocketConnection *connection;
  GInputStream *stream;
  GError *error = NULL;
  guint8 *data = g_malloc (65536);
  gsize size, all = 0;

  tree_write (tree, "root/huge", "");
  fail_unless (truncate (path, 64 * 1024 * 1024) == 0);
  connection = ask_begin (serve.port, "GET", "/files/huge", NULL);
  stream = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  fail_unless (g_input_stream_read_all (stream, data, 1000, &size, NULL, NULL));
  fail_unless (truncate (path, 1000) == 0);
  do {
    size = 0;
    g_input_stream_read_all (stream, data, 65536, &size, NULL, &error);
    all += size;
  } while (size > 0 && !error);
  /* the connection is reset */
  fail_unless (error != NULL);
  fail_unless (all < 64 * 1024 * 1024);
  g_clear_error (&error);
  g_object_unref (connection);
  g_free (data);
  g_free (path);
}

GST_END_TEST;

/* One that leaves stops its own work. */
GST_START_TEST (test_client_that_leaves)
{
  gchar *path = g_build_filename (root, "huge", NULL);
  GSocketConnection *connection;
  guint8 data[100];
  gsize size;

  tree_write (tree, "root/huge", "");
  fail_unless (truncate (path, G_GINT64_CONSTANT (1) << 40) == 0);
  connection = ask_begin (serve.port, "GET", "/files/huge", NULL);
  fail_unless (g_input_stream_read_all (g_io_stream_get_input_stream
          (G_IO_STREAM (connection)), data, sizeof (data), &size, NULL, NULL));
  g_object_unref (connection);
  /* a terabyte is not read to its end */
  h4_http_server_drain (serve.server.http, 20 * G_USEC_PER_SEC);
  fail_unless_equals_int (g_atomic_int_get (&serve.requests), 1);
  g_free (path);
}

GST_END_TEST;

static Suite *
files_suite (void)
{
  Suite *s = suite_create ("files");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_list);
  tcase_add_test (tc, test_list_of_directory);
  tcase_add_test (tc, test_list_in_pages);
  tcase_add_test (tc, test_list_of_names_with_blanks);
  tcase_add_test (tc, test_list_of_many);
  tcase_add_test (tc, test_whole_file);
  tcase_add_test (tc, test_head);
  tcase_add_test (tc, test_empty_file);
  tcase_add_loop_test (tc, test_range, 0, G_N_ELEMENTS (ranges));
  tcase_add_test (tc, test_conditions);
  tcase_add_test (tc, test_growing_file);
  tcase_add_loop_test (tc, test_tricks, 0, G_N_ELEMENTS (tricks));
  tcase_add_test (tc, test_escaped_slash);
  tcase_add_test (tc, test_file_named_info);
  tcase_add_test (tc, test_methods);
  tcase_add_test (tc, test_file_that_is_cut);
  tcase_add_test (tc, test_client_that_leaves);
  return s;
}

GST_CHECK_MAIN (files);
