/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include <gst/check/gstcheck.h>

#include "serve.h"

static void
on_access (const H4HttpAccess * access, gpointer user_data)
{
  Serve *serve = user_data;

  g_atomic_int_inc (&serve->requests);
  if (access->status == 499)
    g_atomic_int_inc (&serve->aborted);
}

void
serve_start (Serve * serve, const gchar * root)
{
  H4HttpConfig config = { "127.0.0.1" };
  GError *error = NULL;

  memset (serve, 0, sizeof (*serve));
  config.max_clients = 16;
  serve->server.http = h4_http_server_acquire (&config, &error);
  fail_unless (serve->server.http != NULL, "%s", error ? error->message : "");
  serve->server.root = root;
  serve->server.log_format = "none";
  h4_http_server_set_access_func (serve->server.http, on_access, serve);
  serve->files = h4_files_start (&serve->server, &error);
  fail_unless (serve->files != NULL, "%s", error ? error->message : "");
  serve->port = h4_http_server_get_port (serve->server.http);
}

void
serve_stop (Serve * serve)
{
  h4_http_server_drain (serve->server.http, 10 * G_USEC_PER_SEC);
  h4_http_server_release (serve->server.http);
  h4_files_stop (serve->files);
}
