/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The live page. It holds nothing secret: what it shows comes from the streams,
 * and those ask for the token. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "h4httpprivate.h"
#include "h4page.h"

#define RESOURCES "/org/harmony4/page/"

static const gchar *const page_headers[] = {
  "Content-Security-Policy", "default-src 'none'; script-src 'self'; "
      "style-src 'self'; connect-src 'self'; img-src 'self' data:; "
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Referrer-Policy", "no-referrer",
  "Cache-Control", "no-cache",
  NULL
};

static const gchar *
content_type (const gchar * name)
{
  if (g_str_has_suffix (name, ".js"))
    return "text/javascript; charset=utf-8";
  if (g_str_has_suffix (name, ".css"))
    return "text/css; charset=utf-8";
  return "text/html; charset=utf-8";
}

static void
serve_page (H4HttpRequest * request, gpointer user_data)
{
  const gchar *name = h4_http_request_get_path (request) + 1;
  gchar *path;
  GBytes *body;

  if (*name == '\0')
    name = "index.html";
  path = g_strconcat (RESOURCES, name, NULL);
  body = g_resource_lookup_data (h4page_get_resource (), path,
      G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  h4_http_request_respond (request, 200, content_type (name), body,
      page_headers);
  g_bytes_unref (body);
  g_free (path);
}

/* Every resource is at its name, the first page at /. */
void
h4_http_page_add_routes (H4HttpServer * server)
{
  gchar **names = g_resource_enumerate_children (h4page_get_resource (),
      RESOURCES, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  H4HttpRoute route = { "/", "GET,HEAD", TRUE, serve_page };
  guint i;

  h4_http_route_add (server, &route, NULL, TRUE);
  for (i = 0; names && names[i]; i++) {
    gchar *path = g_strconcat ("/", names[i], NULL);

    route.path = path;
    h4_http_route_add (server, &route, NULL, FALSE);
    g_free (path);
  }
  g_strfreev (names);
}
