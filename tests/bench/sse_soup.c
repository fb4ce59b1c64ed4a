/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A server of events as libsoup's documentation has one written: every client
 * is a paused message whose body grows by a chunk an event.
 *
 *   sse_soup RATE */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>

#include <libsoup/soup.h>

#include "sse_event.h"

static GMainContext *context;
static GPtrArray *messages;

static gboolean
send_all (gpointer data)
{
  GBytes *block = data;
  guint i;

  for (i = 0; i < messages->len; i++) {
    SoupServerMessage *message = g_ptr_array_index (messages, i);

    soup_message_body_append_bytes (soup_server_message_get_response_body
        (message), block);
    soup_server_message_unpause (message);
  }
  return G_SOURCE_REMOVE;
}

static void
append (guint64 n, const gchar * data, gsize size, gpointer user_data)
{
  gchar block[SSE_MAX_BLOCK];

  size = sse_event_frame (block, n, data, size);
  g_main_context_invoke_full (context, G_PRIORITY_DEFAULT, send_all,
      g_bytes_new (block, size), (GDestroyNotify) g_bytes_unref);
}

static void
finished (SoupServerMessage * message, gpointer data)
{
  g_ptr_array_remove_fast (messages, message);
}

static void
handle (SoupServer * server, SoupServerMessage * message, const gchar * path,
    GHashTable * query, gpointer data)
{
  SoupMessageHeaders *headers =
      soup_server_message_get_response_headers (message);

  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
  soup_message_headers_set_content_type (headers, "text/event-stream", NULL);
  soup_message_body_set_accumulate (soup_server_message_get_response_body
      (message), FALSE);
  soup_message_body_append (soup_server_message_get_response_body (message),
      SOUP_MEMORY_STATIC, ":\n\n", 3);
  g_signal_connect (message, "finished", G_CALLBACK (finished), NULL);
  g_ptr_array_add (messages, message);
}

static gpointer
serve (gpointer data)
{
  SoupServer *server = soup_server_new (NULL, NULL);
  GSocket *socket = g_socket_new_from_fd (sse_listen (), NULL);
  GError *error = NULL;

  g_main_context_push_thread_default (context);
  soup_server_add_handler (server, NULL, handle, NULL, NULL);
  if (!soup_server_listen_socket (server, socket, 0, &error))
    g_error ("%s", error->message);
  g_main_loop_run (g_main_loop_new (context, FALSE));
  return NULL;
}

int
main (int argc, char **argv)
{
  SsePublisher publisher = {.rate = argc > 1 ? atof (argv[1]) : 10,
    .func = append
  };

  sse_init ();
  messages = g_ptr_array_new ();
  context = g_main_context_new ();
  g_thread_new ("serve", serve, NULL);
  sse_publisher_start (&publisher);
  sse_wait ();
  return 0;
}
