/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "h4httpprivate.h"

struct _H4HttpRequest
{
  H4HttpConn *conn;             /* NULL: it has been given away */
  SoupServerMessage *msg;       /* NULL: it is not libsoup's any more */
  H4HttpServer *server;
  H4HttpCall *call;
  gboolean answered;
  gulong progress_id;
  guint status;
  guint64 size;
};

void
h4_http_call_free (H4HttpCall * call)
{
  g_free (call->method);
  g_free (call->path);
  g_free (call->query);
  g_free (call->target);
  g_free (call->route);
  g_free (call->address);
  g_hash_table_unref (call->headers);
  g_ptr_array_unref (call->common);
  g_free (call);
}

void
h4_http_call_log (H4HttpCall * call, H4HttpServer * server, guint status,
    guint64 bytes_in, guint64 bytes_out)
{
  H4HttpAccess access = { call->address, call->method, NULL, call->route, NULL,
    status, bytes_in, bytes_out,
    g_get_monotonic_time () - call->started
  };
  gchar *target = h4_http_redact (call->target ? call->target : "-");
  H4HttpAccessFunc func;
  gpointer data;

  access.target = target;
  if (!access.method)
    access.method = "-";
  if (call->headers)
    access.user_agent = g_hash_table_lookup (call->headers, "user-agent");
  g_mutex_lock (&server->lock);
  func = server->access_func;
  data = server->access_data;
  g_mutex_unlock (&server->lock);
  if (func)
    func (&access, data);
  g_free (target);
}

static GHashTable *
collect_headers (SoupMessageHeaders * from)
{
  GHashTable *headers = g_hash_table_new_full (g_str_hash, g_str_equal,
      g_free, g_free);
  SoupMessageHeadersIter iter;
  const gchar *name, *value, *before;

  soup_message_headers_iter_init (&iter, from);
  while (soup_message_headers_iter_next (&iter, &name, &value)) {
    gchar *lower = g_ascii_strdown (name, -1);

    before = g_hash_table_lookup (headers, lower);
    g_hash_table_insert (headers, lower, before ?
        g_strconcat (before, ", ", value, NULL) : g_strdup (value));
  }
  return headers;
}

static void
progress (SoupServerMessage * msg, guint size, gpointer user_data)
{
  H4HttpRequest *request = user_data;

  h4_http_conn_set_timer (request->conn, h4_http_limits.answer);
}

H4HttpRequest *
h4_http_request_new (H4HttpConn * conn, SoupServerMessage * msg)
{
  H4HttpRequest *request = g_new0 (H4HttpRequest, 1);
  H4HttpCall *call = g_new0 (H4HttpCall, 1);
  const H4HttpHead *head = &conn->head;

  request->conn = conn;
  request->msg = g_object_ref (msg);
  request->server = conn->server;
  request->call = call;
  g_object_set_data (G_OBJECT (msg), "h4-conn", conn);
  request->progress_id = g_signal_connect (msg, "wrote-body-data",
      G_CALLBACK (progress), request);
  call->method = g_strdup (head->method);
  call->path = g_strdup (head->path);
  call->query = g_strdup (head->query);
  call->target = g_strdup (head->target);
  call->address = g_strdup (conn->address);
  call->headers =
      collect_headers (soup_server_message_get_request_headers (msg));
  call->common = g_ptr_array_new_with_free_func (g_free);
  call->content_length = head->content_length;
  call->minor = head->minor;
  call->expect_continue = head->expect_continue;
  call->keep_alive = head->keep_alive;
  call->started = g_get_monotonic_time ();
  conn->request = request;
  return request;
}

static void
forget_msg (H4HttpRequest * request)
{
  if (!request->msg)
    return;
  g_signal_handler_disconnect (request->msg, request->progress_id);
  g_object_set_data (G_OBJECT (request->msg), "h4-conn", NULL);
  g_clear_object (&request->msg);
}

void
h4_http_request_free (H4HttpRequest * request)
{
  forget_msg (request);
  if (request->conn)
    request->conn->request = NULL;
  g_clear_pointer (&request->call, h4_http_call_free);
  g_free (request);
}

H4HttpServer *
h4_http_request_get_server (H4HttpRequest * request)
{
  return request->server;
}

void
h4_http_request_set_route (H4HttpRequest * request, const gchar * path)
{
  g_free (request->call->route);
  request->call->route = g_strdup (path);
}

void
h4_http_request_add_common (H4HttpRequest * request, const gchar * name,
    const gchar * value)
{
  g_ptr_array_add (request->call->common, g_strdup (name));
  g_ptr_array_add (request->call->common, g_strdup (value));
}

const gchar *
h4_http_request_get_method (H4HttpRequest * request)
{
  return request->call->method;
}

const gchar *
h4_http_request_get_path (H4HttpRequest * request)
{
  return request->call->path;
}

const gchar *
h4_http_request_get_query (H4HttpRequest * request)
{
  return request->call->query;
}

const gchar *
h4_http_request_get_header (H4HttpRequest * request, const gchar * name)
{
  gchar *lower = g_ascii_strdown (name, -1);
  const gchar *value = g_hash_table_lookup (request->call->headers, lower);

  g_free (lower);
  return value;
}

const gchar *
h4_http_request_get_address (H4HttpRequest * request)
{
  return request->call->address;
}

gint64
h4_http_request_get_content_length (H4HttpRequest * request)
{
  return request->call->content_length;
}

/* libsoup's turn: a request without a body, which it can go on after. */
static void
respond_by_soup (H4HttpRequest * request, guint status, GBytes * body,
    const gchar * const *headers)
{
  SoupServerMessage *msg = request->msg;
  SoupMessageHeaders *to = soup_server_message_get_response_headers (msg);
  SoupMessageBody *to_body = soup_server_message_get_response_body (msg);
  GPtrArray *common = request->call->common;
  guint i;

  /* or libsoup would cut the answer to it */
  soup_message_headers_remove (soup_server_message_get_request_headers (msg),
      "Range");
  for (i = 0; i + 1 < common->len; i += 2)
    soup_message_headers_append (to, common->pdata[i], common->pdata[i + 1]);
  for (i = 0; headers && headers[i]; i += 2)
    soup_message_headers_append (to, headers[i], headers[i + 1]);
  if (!request->call->keep_alive)
    soup_message_headers_replace (to, "Connection", "close");
  soup_message_headers_set_encoding (to, SOUP_ENCODING_CONTENT_LENGTH);
  if (body)
    soup_message_body_append_bytes (to_body, body);
  soup_server_message_set_status (msg, status, h4_http_reason (status));
}

/* There is a body, which nobody is going to read: libsoup would, whole, before
 * it answers. */
static void
respond_and_close (H4HttpRequest * request, guint status, GBytes * body,
    const gchar * const *headers)
{
  H4HttpConn *conn = request->conn;
  GString *text = g_string_new (NULL);
  GBytes *out;

  h4_http_head_write (text, 1, status, body ? g_bytes_get_size (body) : 0,
      TRUE, request->call->common, headers);
  if (body && strcmp (request->call->method, "HEAD") != 0)
    g_string_append_len (text, g_bytes_get_data (body, NULL),
        g_bytes_get_size (body));
  out = g_string_free_to_bytes (text);
  h4_http_conn_take (conn, request->msg);
  forget_msg (request);
  h4_http_call_log (request->call, request->server, status, 0, request->size);
  h4_http_conn_linger (conn, out);
  g_bytes_unref (out);
}

void
h4_http_request_respond (H4HttpRequest * request, guint status,
    const gchar * content_type, GBytes * body, const gchar * const *headers)
{
  guint n = headers ? g_strv_length ((gchar **) headers) : 0;
  const gchar **all = g_new0 (const gchar *, n + 3);

  g_return_if_fail (!request->answered);
  request->answered = TRUE;
  request->status = status;
  if (body && strcmp (request->call->method, "HEAD") != 0)
    request->size = g_bytes_get_size (body);
  if (n > 0)
    memcpy (all, headers, n * sizeof (gchar *));
  if (content_type) {
    all[n] = "Content-Type";
    all[n + 1] = content_type;
  }
  if (request->call->content_length == 0)
    respond_by_soup (request, status, body, all);
  else
    respond_and_close (request, status, body, all);
  g_free (all);
}

void
h4_http_request_problem (H4HttpRequest * request, const H4Problem * problem)
{
  gchar *seconds = g_strdup_printf ("%u", problem->retry_after);
  const gchar *headers[] = { "Cache-Control", "no-store", NULL, NULL, NULL };
  GBytes *body = h4_problem_to_json (problem);

  if (problem->retry_after > 0) {
    headers[2] = "Retry-After";
    headers[3] = seconds;
  }
  h4_http_request_respond (request, problem->status,
      "application/problem+json", body, headers);
  g_bytes_unref (body);
  g_free (seconds);
}

void
h4_http_request_finished (H4HttpRequest * request, gboolean sent)
{
  forget_msg (request);
  h4_http_call_log (request->call, request->server, request->status, 0,
      sent ? request->size : 0);
}

void
h4_http_request_take (H4HttpRequest * request, guint64 max_body,
    H4ExchangeFunc func, gpointer user_data, GDestroyNotify destroy)
{
  H4HttpServer *server = request->server;
  H4Problem busy = { 503, "Too many requests are under way.", NULL, NULL, 2 };
  H4Problem large = { 413, "The body is too long.", "Content-Length" };
  gint64 length = request->call->content_length;
  gboolean full;

  g_mutex_lock (&server->lock);
  full = server->draining || server->stats.exchanges >=
      h4_http_limits.exchanges;
  g_mutex_unlock (&server->lock);
  if (full)
    h4_http_request_problem (request, &busy);
  else if (length > 0 && (guint64) length > max_body) {
    gchar *accepted = g_strdup_printf ("0…%" G_GUINT64_FORMAT, max_body);

    large.accepted = accepted;
    h4_http_request_problem (request, &large);
    g_free (accepted);
  } else {
    H4HttpConn *conn = request->conn;
    SoupServerMessage *msg = g_object_ref (request->msg);
    H4HttpCall *call = request->call;

    request->answered = TRUE;
    h4_http_conn_take (conn, msg);
    forget_msg (request);
    g_object_unref (msg);
    if (h4_exchange_start (conn, call, max_body, func, user_data, destroy)) {
      request->call = NULL;
      h4_http_conn_untake (conn);
      return;
    }
    busy.detail = "No thread can be started.";
    h4_http_conn_refuse (conn, &busy);
  }
  if (destroy)
    destroy (user_data);
}

void
h4_http_request_write_head (H4HttpRequest * request, GString * text,
    guint status, const gchar * const *headers)
{
  h4_http_head_write (text, 1, status, -2, TRUE, request->call->common,
      headers);
}

void
h4_http_request_give_to_fan (H4HttpRequest * request,
    H4FanSubscription * subscription)
{
  H4HttpConn *conn = request->conn;

  request->answered = TRUE;
  h4_http_conn_take (conn, request->msg);
  forget_msg (request);
  request->conn = NULL;
  conn->request = NULL;
  subscription->address = request->call->address;
  h4_fan_add_client (request->server->fan, h4_http_conn_give_away (conn),
      subscription);
}

void
h4_http_request_given (H4HttpRequest * request, guint status)
{
  h4_http_call_log (request->call, request->server, status, 0, 0);
  h4_http_request_free (request);
}
