/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Requests for events: which streams, from where on. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <json-glib/json-glib.h>

#include "gsth4-i18n.h"
#include "h4eventsquery.h"
#include "h4httpprivate.h"

static const gchar *const events_headers[] = {
  "Content-Type", "text/event-stream; charset=utf-8",
  "Cache-Control", "no-store",
  "X-Accel-Buffering", "no",
  NULL
};

void
h4_http_stream_entry_free (gpointer data)
{
  H4HttpStreamEntry *entry = data;

  h4_stream_unref (entry->stream);
  g_free (entry->path);
  g_free (entry);
}

gboolean
h4_http_server_add_stream (H4HttpServer * server, const gchar * path,
    H4Stream * stream, H4FanClientFunc func, gpointer user_data,
    GError ** error)
{
  const gchar *name = h4_stream_get_name (stream);
  H4HttpStreamEntry *entry;
  gboolean taken = FALSE;
  guint i;

  g_mutex_lock (&server->streams_lock);
  for (i = 0; i < server->streams->len && !taken; i++) {
    entry = server->streams->pdata[i];
    taken = strcmp (entry->path, path) == 0
        && strcmp (h4_stream_get_name (entry->stream), name) == 0;
  }
  if (taken)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
        _("There is a stream \"%s\" at %s already."), name, path);
  else if (h4_http_route_exists (server, path)) {
    taken = TRUE;
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
        _("The path %s is in use by something else."), path);
  }
  if (!taken) {
    entry = g_new0 (H4HttpStreamEntry, 1);
    entry->path = g_strdup (path);
    entry->stream = h4_stream_ref (stream);
    h4_fan_add_stream (server->fan, stream, func, user_data);
    g_ptr_array_add (server->streams, entry);
  }
  g_mutex_unlock (&server->streams_lock);
  return !taken;
}

void
h4_http_server_remove_stream (H4HttpServer * server, H4Stream * stream,
    gint64 linger)
{
  guint i;

  h4_stream_ref (stream);
  g_mutex_lock (&server->streams_lock);
  for (i = 0; i < server->streams->len; i++) {
    H4HttpStreamEntry *entry = server->streams->pdata[i];

    if (entry->stream == stream) {
      g_ptr_array_remove_index (server->streams, i);
      break;
    }
  }
  g_mutex_unlock (&server->streams_lock);
  h4_fan_remove_stream (server->fan, stream, linger);
  h4_stream_unref (stream);
}

GPtrArray *
h4_http_server_get_streams (H4HttpServer * server)
{
  GPtrArray *streams =
      g_ptr_array_new_with_free_func ((GDestroyNotify) h4_stream_unref);
  guint i;

  g_mutex_lock (&server->streams_lock);
  for (i = 0; i < server->streams->len; i++) {
    H4HttpStreamEntry *entry = server->streams->pdata[i];

    g_ptr_array_add (streams, h4_stream_ref (entry->stream));
  }
  g_mutex_unlock (&server->streams_lock);
  return streams;
}

/* with the streams' lock */
static H4Stream *
find_stream (H4HttpServer * server, const gchar * path, const gchar * name)
{
  guint i;

  for (i = 0; i < server->streams->len; i++) {
    H4HttpStreamEntry *entry = server->streams->pdata[i];

    if (strcmp (entry->path, path) == 0
        && strcmp (h4_stream_get_name (entry->stream), name) == 0)
      return entry->stream;
  }
  return NULL;
}

/* What the query names, or everything that the path has. NULL: it was answered. */
static GPtrArray *
choose_streams (H4HttpRequest * request, const H4EventsQuery * query)
{
  H4Problem unknown = { 404, "There is nothing at this path.", "stream" };
  H4HttpServer *server = h4_http_request_get_server (request);
  const gchar *path = h4_http_request_get_path (request);
  GPtrArray *streams =
      g_ptr_array_new_with_free_func ((GDestroyNotify) h4_stream_unref);
  gchar *detail = NULL;
  guint i;

  g_mutex_lock (&server->streams_lock);
  for (i = 0; i < server->streams->len && !query->streams; i++) {
    H4HttpStreamEntry *entry = server->streams->pdata[i];

    if (strcmp (entry->path, path) == 0)
      g_ptr_array_add (streams, h4_stream_ref (entry->stream));
  }
  for (i = 0; query->streams && query->streams[i] && !detail; i++) {
    H4Stream *stream = find_stream (server, path, query->streams[i]);

    if (stream)
      g_ptr_array_add (streams, h4_stream_ref (stream));
    else
      unknown.detail = detail = g_strdup_printf ("There is no stream \"%s\" "
          "at %s.", query->streams[i], path);
  }
  g_mutex_unlock (&server->streams_lock);
  if (detail || streams->len == 0) {
    h4_http_request_problem (request, &unknown);
    g_clear_pointer (&streams, g_ptr_array_unref);
  }
  g_free (detail);
  return streams;
}

/* with the streams' lock: whether none has gone since */
static gboolean
still_there (H4HttpRequest * request, GPtrArray * streams)
{
  H4HttpServer *server = h4_http_request_get_server (request);
  const gchar *path = h4_http_request_get_path (request);
  guint i;

  for (i = 0; i < streams->len; i++)
    if (find_stream (server, path,
            h4_stream_get_name (streams->pdata[i])) != streams->pdata[i])
      return FALSE;
  return TRUE;
}

static void
subscribe (H4HttpRequest * request, GPtrArray * streams, gchar ** last_ids)
{
  H4HttpServer *server = h4_http_request_get_server (request);
  H4Problem gone = { 503, "The stream ends.", NULL, NULL, 1 };
  GString *head = g_string_new (NULL);
  H4FanSubscription subscription = { (H4Stream **) streams->pdata, last_ids,
    streams->len
  };
  gboolean ok;

  h4_http_request_write_head (request, head, 200, events_headers);
  subscription.head = g_string_free_to_bytes (head);
  /* A stream that is removed now is gone, or has this client, too. */
  g_mutex_lock (&server->streams_lock);
  ok = still_there (request, streams);
  if (ok)
    h4_http_request_give_to_fan (request, &subscription);
  g_mutex_unlock (&server->streams_lock);
  if (ok)
    h4_http_request_given (request, 200);
  else
    h4_http_request_problem (request, &gone);
  g_bytes_unref (subscription.head);
}

static void
serve_streams (H4HttpRequest * request, GPtrArray * streams, gchar ** last_ids)
{
  H4HttpServer *server = h4_http_request_get_server (request);
  H4Problem full = { 503, "As many clients as there may be are connected.",
    NULL, NULL, 10
  };
  guint i, n_over = 0;

  for (i = 0; i < streams->len; i++)
    n_over += last_ids[i]
        && h4_stream_is_over (streams->pdata[i], last_ids[i]);
  if (n_over == streams->len)
    h4_http_request_respond (request, 204, NULL, NULL, NULL);
  else if (h4_fan_count_clients (server->fan) >= server->config.max_clients)
    h4_http_request_problem (request, &full);
  else if (strcmp (h4_http_request_get_method (request), "HEAD") == 0)
    h4_http_request_respond (request, 200, NULL, NULL, events_headers);
  else
    subscribe (request, streams, last_ids);
}

void
h4_events_serve (H4HttpRequest * request)
{
  H4EventsQuery query;
  H4Problem problem;
  GError *error = NULL;
  GPtrArray *streams;
  gchar **last_ids;
  guint i;

  if (!h4_events_query_parse (&query, h4_http_request_get_query (request),
          h4_http_request_get_header (request, "last-event-id"), &error)) {
    h4_problem_from_error (error, &problem);
    h4_http_request_problem (request, &problem);
    g_error_free (error);
    return;
  }
  streams = choose_streams (request, &query);
  if (streams) {
    last_ids = g_new0 (gchar *, streams->len);
    for (i = 0; i < streams->len; i++)
      last_ids[i] = h4_events_query_dup_last_id (&query,
          h4_stream_get_name (streams->pdata[i]));
    serve_streams (request, streams, last_ids);
    for (i = 0; i < streams->len; i++)
      g_free (last_ids[i]);
    g_free (last_ids);
    g_ptr_array_unref (streams);
  }
  h4_events_query_clear (&query);
}

static void
add_stream_json (JsonBuilder * builder, const H4HttpStreamEntry * entry)
{
  gchar *meta = h4_stream_dup_meta (entry->stream);
  JsonNode *node = meta ? json_from_string (meta, NULL) : NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, h4_stream_get_name (entry->stream));
  json_builder_set_member_name (builder, "path");
  json_builder_add_string_value (builder, entry->path);
  json_builder_set_member_name (builder, "meta");
  json_builder_add_value (builder, node ? node :
      json_node_new (JSON_NODE_NULL));
  json_builder_end_object (builder);
  g_free (meta);
}

static void
list_streams (H4HttpRequest * request, gpointer user_data)
{
  static const gchar *const headers[] = { "Cache-Control", "no-store", NULL };
  H4HttpServer *server = h4_http_request_get_server (request);
  JsonBuilder *builder = json_builder_new ();
  JsonNode *root;
  GBytes *body;
  gchar *text;
  guint i;

  json_builder_begin_array (builder);
  g_mutex_lock (&server->streams_lock);
  for (i = 0; i < server->streams->len; i++)
    add_stream_json (builder, server->streams->pdata[i]);
  g_mutex_unlock (&server->streams_lock);
  json_builder_end_array (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  json_node_unref (root);
  g_object_unref (builder);
  body = g_bytes_new_take (text, strlen (text));
  h4_http_request_respond (request, 200, "application/json", body, headers);
  g_bytes_unref (body);
}

void
h4_events_add_routes (H4HttpServer * server)
{
  static const H4HttpRoute route =
      { "/streams", "GET,HEAD", FALSE, list_streams };

  h4_http_server_add_routes (server, &route, 1, NULL);
}
