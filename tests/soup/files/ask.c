/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <string.h>

#include <gio/gio.h>

#include "ask.h"

GSocketConnection *
ask_begin (guint port, const gchar * method, const gchar * target,
    const gchar * headers)
{
  GSocketClient *client = g_socket_client_new ();
  gchar *request = g_strdup_printf ("%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n"
      "Connection: close\r\n%s\r\n", method, target, headers ? headers : "");
  GSocketConnection *connection;
  GError *error = NULL;

  g_socket_client_set_timeout (client, 30);
  g_socket_client_set_enable_proxy (client, FALSE);
  connection = g_socket_client_connect_to_host (client, "127.0.0.1",
      (guint16) port, NULL, &error);
  fail_unless (connection != NULL, "%s", error ? error->message : "");
  fail_unless (g_output_stream_write_all (g_io_stream_get_output_stream
          (G_IO_STREAM (connection)), request, strlen (request), NULL, NULL,
          NULL));
  g_free (request);
  g_object_unref (client);
  return connection;
}

static GByteArray *
read_all (GSocketConnection * connection)
{
  GInputStream *stream =
      g_io_stream_get_input_stream (G_IO_STREAM (connection));
  GByteArray *all = g_byte_array_new ();
  guint8 *data = g_malloc (65536);
  gssize n;

  while ((n = g_input_stream_read (stream, data, 65536, NULL, NULL)) > 0)
    g_byte_array_append (all, data, (guint) n);
  g_free (data);
  return all;
}

static void
parse_head (Answer * answer, const gchar * head)
{
  gchar **lines = g_strsplit (head, "\r\n", -1);
  guint i;

  fail_unless (g_str_has_prefix (lines[0], "HTTP/1.1 "), "%s", lines[0]);
  answer->status = (guint) g_ascii_strtoull (lines[0] + 9, NULL, 10);
  for (i = 1; lines[i]; i++) {
    gchar *colon = strstr (lines[i], ": ");

    fail_unless (colon != NULL, "%s", lines[i]);
    fail_unless (g_hash_table_insert (answer->headers,
            g_ascii_strdown (lines[i], colon - lines[i]),
            g_strdup (colon + 2)), "%s is there twice", lines[i]);
  }
  g_strfreev (lines);
}

static void
take_chunks (Answer * answer, const guint8 * data, gsize size)
{
  answer->cut = TRUE;
  while (size > 0) {
    const guint8 *end = memchr (data, '\n', size);
    gsize length, line;

    if (!end)
      return;
    line = (gsize) (end + 1 - data);
    length = (gsize) g_ascii_strtoull ((const gchar *) data, NULL, 16);
    data += line;
    size -= line;
    if (length == 0) {
      answer->cut = FALSE;
      return;
    }
    if (size < length + 2)
      return;
    g_byte_array_append (answer->body, data, (guint) length);
    data += length + 2;
    size -= length + 2;
  }
}

Answer *
ask (guint port, const gchar * method, const gchar * target,
    const gchar * headers)
{
  GSocketConnection *connection = ask_begin (port, method, target, headers);
  GByteArray *all = read_all (connection);
  Answer *answer = g_new0 (Answer, 1);
  const gchar *length;
  guint8 *end;
  gchar *head;
  gsize size;

  answer->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      g_free);
  answer->body = g_byte_array_new ();
  end = memmem (all->data, all->len, "\r\n\r\n", 4);
  fail_unless (end != NULL, "%s %s: no answer", method, target);
  head = g_strndup ((gchar *) all->data, (gsize) (end - all->data));
  parse_head (answer, head);
  g_free (head);

  size = all->len - (gsize) (end + 4 - all->data);
  length = answer_get (answer, "content-length");
  if (g_strcmp0 (answer_get (answer, "transfer-encoding"), "chunked") == 0)
    take_chunks (answer, end + 4, size);
  else
    g_byte_array_append (answer->body, end + 4, (guint) size);
  if (length && strcmp (method, "HEAD") != 0)
    answer->cut = g_ascii_strtoull (length, NULL, 10) != size;
  g_byte_array_append (answer->body, (const guint8 *) "", 1);
  answer->body->len--;
  g_byte_array_unref (all);
  g_object_unref (connection);
  return answer;
}

void
answer_free (Answer * answer)
{
  g_hash_table_unref (answer->headers);
  g_byte_array_unref (answer->body);
  g_free (answer);
}

const gchar *
answer_get (Answer * answer, const gchar * header)
{
  return g_hash_table_lookup (answer->headers, header);
}

const gchar *
answer_text (Answer * answer)
{
  return (const gchar *) answer->body->data;
}
