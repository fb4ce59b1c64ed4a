/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Who may ask: by which name, from which pages, with which token. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <glib/gstdio.h>

#include "rig.h"

#define CLOSE "Connection: close\r\n\r\n"
#define HOST "Host: localhost\r\n"
#define ORIGIN "https://good.example"

static void
check_host (H4HttpServer * server, const gchar * host, gint status)
{
  gchar *request = g_strdup_printf ("GET /small HTTP/1.1\r\nHost: %s\r\n"
      CLOSE, host);

  rig_check_status (server, request, status);
  g_free (request);
}

GST_START_TEST (test_names_of_a_server_on_loopback)
{
  H4HttpConfig config = rig_config;
  H4HttpServer *server;

  config.cors_origins = "https://good.example, http://other.example:8080";
  server = rig_start (&config);
  check_host (server, "localhost", 200);
  check_host (server, "LocalHost:8000", 200);
  check_host (server, "127.0.0.1", 200);
  check_host (server, "127.1.2.3:80", 200);
  check_host (server, "[::1]", 200);
  check_host (server, "[::1]:8000", 200);
  check_host (server, "good.example", 200);
  check_host (server, "other.example:8080", 200);
  check_host (server, "other.example", 421);
  check_host (server, "evil.example", 421);
  check_host (server, "localhost.evil.example", 421);
  check_host (server, "127.0.0.1.evil.example", 421);
  check_host (server, "192.168.0.1", 421);
  check_host (server, "[::2]", 421);
  check_host (server, "", 421);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_names_that_are_none)
{
  static const gchar *const requests[] = {
    "GET /small HTTP/1.1\r\nHost: localhost:abc\r\n" CLOSE,
    "GET /small HTTP/1.1\r\nHost: [::1\r\n" CLOSE,
    "GET http://localhost:999999/small HTTP/1.1\r\n" HOST CLOSE
  };
  H4HttpServer *server = rig_start (&rig_config);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (requests); i++) {
    gchar *answer = rig_ask (server, requests[i]);

    rig_assert_status (answer, 400);
    rig_check_header (answer, "Content-Type", "application/problem+json");
    fail_unless (strstr (answer, "\"field\":\"Host\""), "%s", answer);
    g_free (answer);
  }
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_a_server_for_all_has_any_name)
{
  H4HttpConfig config = rig_config;
  H4HttpServer *server;

  config.address = "0.0.0.0";
  server = rig_start (&config);
  check_host (server, "whatever.example", 200);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_an_allowed_page_may_read)
{
  H4HttpConfig config = rig_config;
  H4HttpServer *server;
  gchar *answer;

  config.cors_origins = ORIGIN;
  server = rig_start (&config);
  answer = rig_ask (server, "GET /small HTTP/1.1\r\n" HOST "Origin: " ORIGIN
      "\r\n" CLOSE);
  rig_check_header (answer, "Access-Control-Allow-Origin", ORIGIN);
  rig_check_header (answer, "Access-Control-Allow-Credentials", "true");
  rig_check_header (answer, "Vary", "Origin");
  rig_check_header (answer, "Access-Control-Expose-Headers", "Accept-Ranges, "
      "Content-Disposition, Content-Length, Content-Range, ETag, Location, "
      "Preference-Applied, Retry-After, WWW-Authenticate, X-H4-Block");
  g_free (answer);
  /* also who takes a connection over, and errors */
  answer = rig_ask (server, "GET /bytes?1 HTTP/1.1\r\n" HOST "Origin: " ORIGIN
      "\r\n" CLOSE);
  rig_check_header (answer, "Access-Control-Allow-Origin", ORIGIN);
  g_free (answer);
  answer = rig_ask (server, "GET /no HTTP/1.1\r\n" HOST "Origin: " ORIGIN
      "\r\n" CLOSE);
  rig_check_header (answer, "Access-Control-Allow-Origin", ORIGIN);
  g_free (answer);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_other_pages_may_not_read)
{
  H4HttpConfig config = rig_config;
  H4HttpServer *server;
  gchar *answer;

  config.cors_origins = ORIGIN;
  server = rig_start (&config);
  answer = rig_ask (server, "GET /small HTTP/1.1\r\n" HOST
      "Origin: https://evil.example\r\n" CLOSE);
  rig_check_header (answer, "Access-Control-Allow-Origin", NULL);
  rig_check_header (answer, "Vary", "Origin");
  g_free (answer);
  rig_stop (server);
  /* nobody is allowed where nothing is said */
  server = rig_start (&rig_config);
  answer = rig_ask (server, "GET /small HTTP/1.1\r\n" HOST
      "Origin: " ORIGIN "\r\n" CLOSE);
  rig_check_header (answer, "Access-Control-Allow-Origin", NULL);
  g_free (answer);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_other_pages_may_not_send)
{
  H4HttpConfig config = rig_config;
  H4HttpServer *server;

  config.cors_origins = ORIGIN;
  server = rig_start (&config);
  rig_check_status (server, "POST /echo HTTP/1.1\r\n" HOST
      "Origin: https://evil.example\r\nContent-Length: 0\r\n" CLOSE, 403);
  rig_check_status (server, "POST /echo HTTP/1.1\r\n" HOST
      "Origin: null\r\nContent-Length: 0\r\n" CLOSE, 403);
  rig_check_status (server, "POST /echo HTTP/1.1\r\n" HOST
      "Origin: " ORIGIN "\r\nContent-Length: 0\r\n" CLOSE, 200);
  rig_check_status (server, "POST /echo HTTP/1.1\r\nHost: localhost:8000\r\n"
      "Origin: http://localhost:8000\r\nContent-Length: 0\r\n" CLOSE, 200);
  rig_check_status (server, "POST /echo HTTP/1.1\r\nHost: localhost:8000\r\n"
      "Origin: http://localhost:8001\r\nContent-Length: 0\r\n" CLOSE, 403);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_a_page_asks_before)
{
  H4HttpConfig config = rig_config;
  H4HttpServer *server;
  gchar *answer;

  config.cors_origins = ORIGIN;
  server = rig_start (&config);
  answer = rig_ask (server, "OPTIONS /echo HTTP/1.1\r\n" HOST
      "Origin: " ORIGIN "\r\nAccess-Control-Request-Method: POST\r\n" CLOSE);
  rig_assert_status (answer, 204);
  rig_check_header (answer, "Access-Control-Allow-Origin", ORIGIN);
  rig_check_header (answer, "Access-Control-Allow-Methods", "POST, PUT");
  rig_check_header (answer, "Access-Control-Allow-Headers", "Authorization, "
      "Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Range, "
      "Last-Event-ID, Prefer, Range, X-H4-Key");
  rig_check_header (answer, "Content-Length", NULL);
  g_free (answer);
  answer = rig_ask (server, "OPTIONS /echo HTTP/1.1\r\n" HOST
      "Origin: https://evil.example\r\n"
      "Access-Control-Request-Method: POST\r\n" CLOSE);
  rig_assert_status (answer, 204);
  rig_check_header (answer, "Access-Control-Allow-Origin", NULL);
  rig_check_header (answer, "Access-Control-Allow-Methods", NULL);
  g_free (answer);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_origins_are_origins)
{
  static const gchar *const wrong[] = { "*", "good.example",
    "https://good.example/", "https://*.example", "ftp://good.example",
    "https://good.example,", "https://a@good.example", "null"
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (wrong); i++) {
    H4HttpConfig config = rig_config;
    GError *error = NULL;

    config.cors_origins = wrong[i];
    fail_if (h4_http_server_acquire (&config, &error), "%s", wrong[i]);
    fail_unless (error->domain == G_IO_ERROR);
    g_error_free (error);
  }
}

GST_END_TEST;

/* A file with this in it, whose name is freed with it. */
static gchar *
token_file (const gchar * text)
{
  gchar *path;
  gint fd = g_file_open_tmp ("h4-token-XXXXXX", &path, NULL);

  fail_unless (fd >= 0);
  g_close (fd, NULL);
  fail_unless (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
remove_file (gchar * path)
{
  g_unlink (path);
  g_free (path);
}

GST_START_TEST (test_tokens)
{
  H4HttpConfig config = rig_config;
  gchar *path = token_file ("first\n\n  second/+=  \r\n");
  H4HttpServer *server;
  gchar *answer;

  config.auth_token_file = path;
  server = rig_start (&config);
  answer = rig_ask (server, "GET /small HTTP/1.1\r\n" HOST CLOSE);
  rig_assert_status (answer, 401);
  rig_check_header (answer, "WWW-Authenticate", "Bearer realm=\"harmony4\"");
  g_free (answer);
  answer = rig_ask (server, "GET /small HTTP/1.1\r\n" HOST
      "Authorization: Bearer fir\r\n" CLOSE);
  rig_assert_status (answer, 401);
  rig_check_header (answer, "WWW-Authenticate",
      "Bearer realm=\"harmony4\", error=\"invalid_token\"");
  g_free (answer);
  rig_check_status (server, "GET /small HTTP/1.1\r\n" HOST
      "Authorization: Bearer first\r\n" CLOSE, 200);
  rig_check_status (server, "GET /small HTTP/1.1\r\n" HOST
      "authorization: bearer  second/+=\r\n" CLOSE, 200);
  rig_check_status (server, "GET /small HTTP/1.1\r\n" HOST
      "Authorization: Basic first\r\n" CLOSE, 401);
  rig_check_status (server,
      "GET /small?a=b&access_token=second%2F%2b%3D HTTP/1.1\r\n" HOST CLOSE,
      200);
  rig_check_status (server, "GET /small?access_token= HTTP/1.1\r\n" HOST CLOSE,
      401);
  /* what is there and what is not looks the same */
  rig_check_status (server, "GET /no HTTP/1.1\r\n" HOST CLOSE, 401);
  rig_check_status (server,
      "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n" CLOSE "hello",
      401);
  rig_check_status (server, "GET /open HTTP/1.1\r\n" HOST CLOSE, 200);
  rig_check_status (server, "OPTIONS /small HTTP/1.1\r\n" HOST CLOSE, 204);
  rig_stop (server);
  remove_file (path);
}

GST_END_TEST;

static void
check_token_file (const gchar * text, const gchar * expected)
{
  H4HttpConfig config = rig_config;
  gchar *path = text ? token_file (text) : g_strdup ("/nonexistent/tokens");
  GError *error = NULL;

  config.auth_token_file = path;
  fail_if (h4_http_server_acquire (&config, &error));
  fail_unless (strstr (error->message, expected) && strstr (error->message,
          path), "%s", error->message);
  fail_if (strstr (error->message, "s3cret"));
  g_error_free (error);
  g_unlink (path);
  g_free (path);
}

GST_START_TEST (test_token_files_that_are_none)
{
  check_token_file (NULL, "cannot be read");
  check_token_file ("", "has no token");
  check_token_file ("\n  \n", "has no token");
  check_token_file ("good\ns3cret with blanks\n", "Line 2");
  check_token_file ("s3cret\xc3\xa4\n", "Line 1");
}

GST_END_TEST;

GST_START_TEST (test_the_page_is_for_browsers)
{
  H4HttpConfig config = rig_config;
  gchar *path = token_file ("token\n");
  H4HttpServer *server;
  gchar *answer;

  config.web_page = TRUE;
  config.auth_token_file = path;
  server = rig_start (&config);
  answer = rig_ask (server, "GET / HTTP/1.1\r\n" HOST
      "Accept: text/html,*/*;q=0.8\r\n" CLOSE);
  rig_assert_status (answer, 200);
  rig_check_header (answer, "Content-Type", "text/html; charset=utf-8");
  rig_check_header (answer, "Content-Security-Policy", "default-src 'none'; "
      "script-src 'self'; style-src 'self'; connect-src 'self'; "
      "img-src 'self' data:; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'");
  fail_unless (strstr (answer, "<!DOCTYPE html>"));
  g_free (answer);
  answer = rig_ask (server, "GET /live.js HTTP/1.1\r\n" HOST CLOSE);
  rig_assert_status (answer, 200);
  rig_check_header (answer, "Content-Type", "text/javascript; charset=utf-8");
  g_free (answer);
  answer = rig_ask (server, "GET /live.css HTTP/1.1\r\n" HOST CLOSE);
  rig_check_header (answer, "Content-Type", "text/css; charset=utf-8");
  g_free (answer);
  rig_stop (server);
  remove_file (path);
}

GST_END_TEST;

static void
index_json (H4HttpRequest * request, gpointer user_data)
{
  GBytes *body = g_bytes_new_static ("{}", 2);

  h4_http_request_respond (request, 200, "application/json", body, NULL);
  g_bytes_unref (body);
}

GST_START_TEST (test_others_get_what_else_is_there)
{
  static const H4HttpRoute route = { "/", "GET", FALSE, index_json };
  H4HttpConfig config = rig_config;
  H4HttpServer *server;
  gchar *answer;

  config.web_page = TRUE;
  server = rig_start (&config);
  /* so far there is the page alone */
  answer = rig_ask (server, "GET / HTTP/1.1\r\n" HOST CLOSE);
  rig_check_header (answer, "Content-Type", "text/html; charset=utf-8");
  g_free (answer);
  h4_http_server_add_routes (server, &route, 1, NULL);
  answer = rig_ask (server, "GET / HTTP/1.1\r\n" HOST "Accept: */*\r\n" CLOSE);
  rig_check_header (answer, "Content-Type", "application/json");
  g_free (answer);
  answer = rig_ask (server, "GET / HTTP/1.1\r\n" HOST "Accept: text/html\r\n"
      CLOSE);
  rig_check_header (answer, "Content-Type", "text/html; charset=utf-8");
  g_free (answer);
  rig_stop (server);
}

GST_END_TEST;

GST_START_TEST (test_no_page_where_none_is_wanted)
{
  H4HttpServer *server = rig_start (&rig_config);

  rig_check_status (server, "GET / HTTP/1.1\r\n" HOST CLOSE, 404);
  rig_check_status (server, "GET /live.js HTTP/1.1\r\n" HOST CLOSE, 404);
  rig_stop (server);
}

GST_END_TEST;

static Suite *
guards_suite (void)
{
  Suite *s = suite_create ("guards");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_names_of_a_server_on_loopback);
  tcase_add_test (tc, test_names_that_are_none);
  tcase_add_test (tc, test_a_server_for_all_has_any_name);
  tcase_add_test (tc, test_an_allowed_page_may_read);
  tcase_add_test (tc, test_other_pages_may_not_read);
  tcase_add_test (tc, test_other_pages_may_not_send);
  tcase_add_test (tc, test_a_page_asks_before);
  tcase_add_test (tc, test_origins_are_origins);
  tcase_add_test (tc, test_tokens);
  tcase_add_test (tc, test_token_files_that_are_none);
  tcase_add_test (tc, test_the_page_is_for_browsers);
  tcase_add_test (tc, test_others_get_what_else_is_there);
  tcase_add_test (tc, test_no_page_where_none_is_wanted);
  return s;
}

GST_CHECK_MAIN (guards);
