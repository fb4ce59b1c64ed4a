/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the server says of itself: /, /docs, /openapi.json, /health. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "h4docscalls.h"
#include "h4docsresource.h"
#include "h4filescalls.h"
#include "h4openapi.h"
#include "h4server.h"

#define RESOURCES "/org/harmony4/docs/"

typedef struct
{
  GBytes *openapi;
  GBytes *index;
} Docs;

/* No script but ours, nothing of another site, in no frame. */
static const gchar *const page_headers[] = {
  "Content-Security-Policy", "default-src 'none'; script-src 'self'; "
      "style-src 'self'; connect-src 'self'; img-src 'self' data:; "
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Referrer-Policy", "no-referrer",
  "Cache-Control", "no-cache",
  NULL
};

static const gchar *const json_headers[] = {
  "Cache-Control", "no-cache", "Vary", "Accept", NULL
};

static void
respond_resource (H4HttpRequest * request, const gchar * path,
    const gchar * type)
{
  GBytes *body = g_resources_lookup_data (path, G_RESOURCE_LOOKUP_FLAGS_NONE,
      NULL);

  h4_http_request_respond (request, 200, type, body, page_headers);
  g_bytes_unref (body);
}

static void
answer_docs (H4HttpRequest * request, gpointer user_data)
{
  const gchar *path = h4_http_request_get_path (request);

  if (strcmp (path, "/docs.js") == 0)
    respond_resource (request, RESOURCES "docs.js",
        "text/javascript; charset=utf-8");
  else if (strcmp (path, "/docs-form.js") == 0)
    respond_resource (request, RESOURCES "docs-form.js",
        "text/javascript; charset=utf-8");
  else if (strcmp (path, "/docs-answer.js") == 0)
    respond_resource (request, RESOURCES "docs-answer.js",
        "text/javascript; charset=utf-8");
  else if (strcmp (path, "/docs.css") == 0)
    respond_resource (request, RESOURCES "docs.css", "text/css; charset=utf-8");
  else
    respond_resource (request, RESOURCES "docs.html",
        "text/html; charset=utf-8");
}

static void
answer_openapi (H4HttpRequest * request, gpointer user_data)
{
  Docs *docs = user_data;

  h4_http_request_respond (request, 200, "application/json", docs->openapi,
      json_headers);
}

/* For who does not want the live page. */
static void
answer_index (H4HttpRequest * request, gpointer user_data)
{
  Docs *docs = user_data;

  h4_http_request_respond (request, 200, "application/json", docs->index,
      json_headers);
}

static void
answer_health (H4HttpRequest * request, gpointer user_data)
{
  static const gchar text[] = "{\"status\":\"ok\",\"project\":\"Harmony"
      "\303\2304\",\"version\":\"" VERSION "\"}";
  static const gchar *const headers[] = { "Cache-Control", "no-store", NULL };
  GBytes *body = g_bytes_new_static (text, sizeof (text) - 1);

  h4_http_request_respond (request, 200, "application/json", body, headers);
  g_bytes_unref (body);
}

gpointer
h4_docs_start (H4Server * server, GError ** error)
{
  static const H4HttpRoute routes[] = {
    {"/", "GET,HEAD", TRUE, answer_index},
    {"/docs", "GET,HEAD", TRUE, answer_docs},
    {"/docs.js", "GET,HEAD", TRUE, answer_docs},
    {"/docs-form.js", "GET,HEAD", TRUE, answer_docs},
    {"/docs-answer.js", "GET,HEAD", TRUE, answer_docs},
    {"/docs.css", "GET,HEAD", TRUE, answer_docs},
    {"/openapi.json", "GET,HEAD", TRUE, answer_openapi},
    {"/health", "GET,HEAD", TRUE, answer_health},
  };
  const H4CallList lists[] = {
    {h4_upload_calls, h4_n_upload_calls},
    {h4_server_calls, h4_n_server_calls},
    {h4_files_calls, h4_n_files_calls},
  };
  /* without a root there are no files */
  guint n_lists = G_N_ELEMENTS (lists) - (server->root ? 0 : 1);
  Docs *docs = g_new0 (Docs, 1);

  docs->openapi = h4_openapi_new (lists, n_lists);
  docs->index = h4_openapi_new_index (lists, n_lists);
  h4_http_server_add_routes (server->http, routes, G_N_ELEMENTS (routes), docs);
  return docs;
}

void
h4_docs_stop (gpointer data)
{
  Docs *docs = data;

  g_bytes_unref (docs->openapi);
  g_bytes_unref (docs->index);
  g_free (docs);
}
