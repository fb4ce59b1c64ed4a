/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "h4calls.h"
#include "h4partheader.h"
#include "h4problem.h"

static const H4CallFuncs *const call_funcs[] = {
  &h4_call_video_stream, &h4_call_video_export, &h4_call_audio_stream,
  &h4_call_audio_mask, &h4_call_export
};

typedef struct
{
  H4Server *server;
  H4Async *async;
} Calls;

/* A request that was taken over. */
typedef struct
{
  Calls *calls;
  const H4Call *call;
  const H4CallFuncs *funcs;
} Request;

/* Prefer: respond-async, wait=10 (RFC 7240) */
static gboolean
prefers_async (H4Exchange * exchange, const H4Call * call)
{
  const gchar *prefer = h4_exchange_get_header (exchange, "Prefer");
  gchar **words = g_strsplit (prefer ? prefer : "", ",", 16);
  gboolean async = FALSE;
  guint i;

  for (i = 0; words[i]; i++)
    async = async || h4_header_is (words[i], "respond-async");
  g_strfreev (words);
  return async && (call->flags & H4_CALL_ASYNC);
}

static gboolean
whole (const H4Upload * upload)
{
  return FALSE;
}

/* In its place among the pipelines; a body is read no faster than it is
 * worked on, up to the memory of its spool, and then to a file. */
static gboolean
work (Request * request, H4Upload * upload, H4Exchange * exchange,
    GError ** error)
{
  H4Jobs *jobs = request->calls->server->jobs;
  gboolean ok;

  if (!h4_jobs_enter (jobs, h4_exchange_get_cancellable (exchange), error))
    return FALSE;
  h4_upload_start (upload);
  ok = request->funcs->serve (upload, exchange, NULL, error);
  h4_upload_stop (upload);
  h4_jobs_leave (jobs, !ok);
  return ok;
}

static void
serve (H4Exchange * exchange, gpointer user_data)
{
  Request *request = user_data;
  gboolean async = prefers_async (exchange, request->call);
  GError *error = NULL;
  H4Upload *upload = h4_upload_read (exchange, request->call,
      async ? whole : request->funcs->ready, request->funcs->check, &error);

  if (upload) {
    if (async)
      h4_async_add (request->calls->async, request->funcs, upload, exchange,
          &error);
    else
      work (request, upload, exchange, &error);
    h4_upload_unref (upload);
  }
  if (error)
    h4_exchange_fail (exchange, error);
  g_clear_error (&error);
}

static void
serve_job (H4Exchange * exchange, gpointer user_data)
{
  Calls *calls = user_data;

  h4_async_serve (calls->async, exchange);
}

static void
on_upload (H4HttpRequest * request, gpointer user_data)
{
  Calls *calls = user_data;
  const gchar *path = h4_http_request_get_path (request);
  Request *taken = g_new0 (Request, 1);
  guint i;

  taken->calls = calls;
  for (i = 0; i < G_N_ELEMENTS (call_funcs); i++) {
    const H4Call *call = h4_call_find (call_funcs[i]->id);

    if (strcmp (call->path, path) == 0) {
      taken->call = call;
      taken->funcs = call_funcs[i];
    }
  }
  h4_http_request_take (request, calls->server->max_upload, serve, taken,
      g_free);
}

static void
on_job (H4HttpRequest * request, gpointer user_data)
{
  h4_http_request_take (request, 0, serve_job, user_data, NULL);
}

gpointer
h4_calls_start (H4Server * server)
{
  H4HttpRoute routes[G_N_ELEMENTS (call_funcs) + 1];
  Calls *calls = g_new0 (Calls, 1);
  guint i;

  calls->server = server;
  calls->async = h4_async_new (server);
  for (i = 0; i < G_N_ELEMENTS (call_funcs); i++) {
    const H4Call *call = h4_call_find (call_funcs[i]->id);

    routes[i] = (H4HttpRoute) {
    call->path, call->method, FALSE, on_upload};
  }
  /* the number in the path is the token */
  routes[i] = (H4HttpRoute) {
  "/jobs/", "GET", FALSE, on_job};
  h4_http_server_add_routes (server->http, routes, G_N_ELEMENTS (routes),
      calls);
  return calls;
}

void
h4_calls_stop (gpointer data)
{
  Calls *calls = data;

  h4_async_free (calls->async);
  g_free (calls);
}
