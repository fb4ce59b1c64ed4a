/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Who may ask: by which name, from which pages, with which token. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4-i18n.h"
#include "h4httpprivate.h"

static gboolean
is_origin (const gchar * text)
{
  GUri *uri = g_uri_parse (text, G_URI_FLAGS_NONE, NULL);
  gboolean is;

  if (!uri)
    return FALSE;
  is = (g_str_equal (g_uri_get_scheme (uri), "http")
      || g_str_equal (g_uri_get_scheme (uri), "https"))
      && g_uri_get_host (uri) && *g_uri_get_host (uri) != '\0'
      && !strchr (g_uri_get_host (uri), '*')
      && *g_uri_get_path (uri) == '\0' && !g_uri_get_query (uri)
      && !g_uri_get_fragment (uri) && !g_uri_get_userinfo (uri);
  g_uri_unref (uri);
  return is;
}

gchar **
h4_http_origins_parse (const gchar * list, GError ** error)
{
  gchar **origins = g_strsplit (list, ",", -1);
  guint i;

  for (i = 0; origins[i]; i++) {
    g_strstrip (origins[i]);
    if (is_origin (origins[i]))
      continue;
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        _("\"%s\" is no origin; one is https://host or https://host:port."),
        origins[i]);
    g_strfreev (origins);
    return NULL;
  }
  return origins;
}

static gboolean
origin_listed (H4HttpServer * server, const gchar * origin)
{
  guint i;

  for (i = 0; server->origins && server->origins[i]; i++)
    if (g_ascii_strcasecmp (server->origins[i], origin) == 0)
      return TRUE;
  return FALSE;
}

/* `https://host:port` is of this `host:port` */
static gboolean
origin_is_of (const gchar * origin, const gchar * host)
{
  const gchar *authority = strstr (origin, "://");

  return authority && g_ascii_strcasecmp (authority + 3, host) == 0;
}

/* Host without its port; [::1] keeps its brackets. */
static gchar *
host_name (const gchar * host)
{
  const gchar *colon = strrchr (host, ':');

  if (!colon || strchr (colon, ']'))
    return g_strdup (host);
  return g_strndup (host, colon - host);
}

static gboolean
is_local_name (const gchar * host)
{
  gchar *name = host_name (host);
  GInetAddress *inet = g_inet_address_new_from_string (name);
  gboolean local = g_ascii_strcasecmp (name, "localhost") == 0
      || strcmp (name, "[::1]") == 0
      || (inet && g_inet_address_get_family (inet) == G_SOCKET_FAMILY_IPV4
      && g_inet_address_get_is_loopback (inet));

  g_clear_object (&inet);
  g_free (name);
  return local;
}

/* A page of any site can make a browser ask a server on loopback under that
 * site's own name (DNS rebinding), but not under another one. */
gboolean
h4_http_guard_host (H4HttpRequest * request)
{
  H4Problem problem = { 421, "This server does not answer to that name.",
    "Host", "localhost, 127.0.0.1, [::1] or one of the allowed origins"
  };
  H4HttpServer *server = h4_http_request_get_server (request);
  const gchar *host = h4_http_request_get_header (request, "host");
  guint i;

  if (!server->loopback || !host || is_local_name (host))
    return TRUE;
  for (i = 0; server->origins && server->origins[i]; i++)
    if (origin_is_of (server->origins[i], host))
      return TRUE;
  h4_http_request_problem (request, &problem);
  return FALSE;
}

/* Pages of other sites may not make anything happen here; what they may read is
 * for the browser to keep. */
gboolean
h4_http_guard_origin (H4HttpRequest * request)
{
  H4Problem problem = { 403, "Pages of that site may not send this.",
    "Origin", "pages of this server or of an allowed origin"
  };
  const gchar *method = h4_http_request_get_method (request);
  const gchar *origin = h4_http_request_get_header (request, "origin");
  const gchar *host = h4_http_request_get_header (request, "host");

  if (!origin || strcmp (method, "GET") == 0 || strcmp (method, "HEAD") == 0)
    return TRUE;
  if (origin_listed (h4_http_request_get_server (request), origin)
      || (host && origin_is_of (origin, host)))
    return TRUE;
  h4_http_request_problem (request, &problem);
  return FALSE;
}

void
h4_http_cors_add (H4HttpRequest * request)
{
  H4HttpServer *server = h4_http_request_get_server (request);
  const gchar *origin = h4_http_request_get_header (request, "origin");

  if (!server->origins)
    return;
  h4_http_request_add_common (request, "Vary", "Origin");
  if (!origin || !origin_listed (server, origin))
    return;
  h4_http_request_add_common (request, "Access-Control-Allow-Origin", origin);
  h4_http_request_add_common (request, "Access-Control-Allow-Credentials",
      "true");
  h4_http_request_add_common (request, "Access-Control-Expose-Headers",
      "Accept-Ranges, Content-Disposition, Content-Length, Content-Range, "
      "ETag, Location, Preference-Applied, Retry-After, WWW-Authenticate, "
      "X-H4-Block");
}

void
h4_http_cors_preflight (H4HttpRequest * request, const gchar * const *methods)
{
  H4HttpServer *server = h4_http_request_get_server (request);
  const gchar *origin = h4_http_request_get_header (request, "origin");
  gchar *list = g_strjoinv (", ", (gchar **) methods);
  gchar *allowed = g_strconcat (list, ", OPTIONS", NULL);
  const gchar *headers[] = { "Allow", allowed,
    "Access-Control-Allow-Methods", list,
    "Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, "
        "If-Modified-Since, If-None-Match, If-Range, Last-Event-ID, Prefer, "
        "Range, X-H4-Key",
    "Access-Control-Max-Age", "600", NULL
  };

  if (!origin || !origin_listed (server, origin))
    headers[2] = NULL;
  h4_http_request_respond (request, 204, NULL, NULL, headers);
  g_free (allowed);
  g_free (list);
}

/* `access_token` of a query, for EventSource, which sends no headers. */
static gchar *
token_in_query (const gchar * query)
{
  gchar **parameters, *token = NULL;
  guint i;

  if (!query)
    return NULL;
  parameters = g_strsplit (query, "&", -1);
  for (i = 0; parameters[i] && !token; i++)
    if (g_str_has_prefix (parameters[i], "access_token="))
      token = g_uri_unescape_string (parameters[i] + strlen ("access_token="),
          NULL);
  g_strfreev (parameters);
  return token;
}

gboolean
h4_http_guard_token (H4HttpRequest * request)
{
  H4Problem problem = { 401, "A Bearer token is needed.", "Authorization" };
  H4HttpServer *server = h4_http_request_get_server (request);
  const gchar *header = h4_http_request_get_header (request, "authorization");
  gchar *token = NULL;
  gboolean ok;

  if (!server->auth)
    return TRUE;
  if (header && g_ascii_strncasecmp (header, "Bearer ", 7) == 0)
    token = g_strstrip (g_strdup (header + 7));
  else if (!header)
    token = token_in_query (h4_http_request_get_query (request));
  ok = token && h4_http_auth_check (server->auth, token);
  if (!ok) {
    if (token)
      problem.detail = "The token is not one of this server's.";
    h4_http_request_add_common (request, "WWW-Authenticate", token ?
        "Bearer realm=\"harmony4\", error=\"invalid_token\"" :
        "Bearer realm=\"harmony4\"");
    h4_http_request_problem (request, &problem);
  }
  g_free (token);
  return ok;
}
