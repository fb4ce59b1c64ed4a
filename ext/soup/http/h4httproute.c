/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Which handler a request is for. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "h4httpprivate.h"

static const gchar *const all_methods[] = { "GET", "HEAD", "POST", NULL };
static const gchar *const get_methods[] = { "GET", "HEAD", NULL };

/* What a request's path leads to. */
typedef struct
{
  gboolean found;
  gboolean events;
  gboolean open;
  const gchar *path;
  const gchar *const *methods;
  H4HttpHandler handler;
  gpointer user_data;
} H4HttpTarget;

void
h4_http_route_entry_free (gpointer data)
{
  H4HttpRouteEntry *entry = data;

  g_free (entry->path);
  g_strfreev (entry->methods);
  g_free (entry);
}

void
h4_http_route_add (H4HttpServer * server, const H4HttpRoute * route,
    gpointer user_data, gboolean page)
{
  H4HttpRouteEntry *entry = g_new0 (H4HttpRouteEntry, 1);

  entry->path = g_strdup (route->path);
  entry->methods = g_strsplit (route->methods, ",", -1);
  entry->open = route->open;
  entry->page = page;
  entry->handler = route->handler;
  entry->user_data = user_data;
  g_mutex_lock (&server->lock);
  g_ptr_array_add (server->routes, entry);
  g_mutex_unlock (&server->lock);
}

void
h4_http_server_add_routes (H4HttpServer * server, const H4HttpRoute * routes,
    guint n_routes, gpointer user_data)
{
  guint i;

  for (i = 0; i < n_routes; i++)
    h4_http_route_add (server, &routes[i], user_data, FALSE);
}

/* with the lock; a path that ends in a slash is for all below it */
static H4HttpRouteEntry *
find_route (H4HttpServer * server, const gchar * path, gboolean html)
{
  H4HttpRouteEntry *exact = NULL, *below = NULL;
  guint i;

  for (i = 0; i < server->routes->len; i++) {
    H4HttpRouteEntry *entry = server->routes->pdata[i];
    gsize size = strlen (entry->path);

    if (strcmp (entry->path, path) == 0) {
      if (!exact || (exact->page && !html))
        exact = entry;
    } else if (size > 1 && entry->path[size - 1] == '/'
        && g_str_has_prefix (path, entry->path)
        && (!below || size > strlen (below->path)))
      below = entry;
  }
  return exact ? exact : below;
}

/* with the lock */
gboolean
h4_http_route_exists (H4HttpServer * server, const gchar * path)
{
  return find_route (server, path, FALSE) != NULL;
}

static void
find_target (H4HttpRequest * request, H4HttpTarget * target)
{
  H4HttpServer *server = h4_http_request_get_server (request);
  const gchar *path = h4_http_request_get_path (request);
  const gchar *accept = h4_http_request_get_header (request, "accept");
  H4HttpRouteEntry *route;
  guint i;

  memset (target, 0, sizeof (H4HttpTarget));
  g_mutex_lock (&server->lock);
  route = find_route (server, path, accept && strstr (accept, "text/html"));
  if (route) {
    target->found = TRUE;
    target->open = route->open;
    target->path = route->path;
    target->methods = (const gchar * const *) route->methods;
    target->handler = route->handler;
    target->user_data = route->user_data;
  }
  g_mutex_unlock (&server->lock);
  if (route)
    return;
  g_mutex_lock (&server->streams_lock);
  for (i = 0; i < server->streams->len; i++) {
    H4HttpStreamEntry *entry = server->streams->pdata[i];

    if (strcmp (entry->path, path) != 0)
      continue;
    target->found = target->events = TRUE;
    target->path = path;
    target->methods = get_methods;
    break;
  }
  g_mutex_unlock (&server->streams_lock);
}

static gboolean
guard_method (H4HttpRequest * request, const H4HttpTarget * target)
{
  H4Problem problem = { 405, "This method is none of this path's." };
  const gchar *method = h4_http_request_get_method (request);
  gchar *allowed;

  if (g_strv_contains (target->methods, method))
    return TRUE;
  allowed = g_strjoinv (", ", (gchar **) target->methods);
  problem.accepted = allowed;
  h4_http_request_add_common (request, "Allow", allowed);
  h4_http_request_problem (request, &problem);
  g_free (allowed);
  return FALSE;
}

void
h4_http_route (H4HttpRequest * request)
{
  H4Problem unknown = { 404, "There is nothing at this path." };
  const gchar *path = h4_http_request_get_path (request);
  gboolean options =
      strcmp (h4_http_request_get_method (request), "OPTIONS") == 0;
  H4HttpTarget target;

  if (strcmp (path, "/events") == 0)
    unknown.detail = "There are no live events: no pipeline sends any here."
        " Those of an upload are where its answer said, at /jobs/…/events.";
  find_target (request, &target);
  if (target.found)
    h4_http_request_set_route (request, target.path);
  h4_http_request_add_common (request, "X-Content-Type-Options", "nosniff");
  h4_http_cors_add (request);
  if (!h4_http_guard_host (request))
    return;
  /* before the token, which no preflight brings */
  if (options && (target.found || strcmp (path, "*") == 0)) {
    h4_http_cors_preflight (request,
        target.found ? target.methods : all_methods);
    return;
  }
  if (!h4_http_guard_origin (request))
    return;
  /* a path that is none of ours says as little as one that is */
  if (!target.open && !h4_http_guard_token (request))
    return;
  if (!target.found)
    h4_http_request_problem (request, &unknown);
  else if (guard_method (request, &target)) {
    if (target.events)
      h4_events_serve (request);
    else
      target.handler (request, target.user_data);
  }
}
