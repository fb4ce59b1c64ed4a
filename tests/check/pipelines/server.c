/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/wait.h>
#include <gst/check/gstcheck.h>

#include "server.h"

void
h4_server_open (H4Server * server, const gchar * directory)
{
  gchar *script = g_build_filename (g_getenv ("H4_SOURCE_ROOT"), "tests",
      "serve.py", NULL);
  const gchar *argv[] = { "python3", script, directory, NULL };
  GError *error = NULL;
  gchar said[16] = "";
  gint output;
  guint n = 0;

  /* this machine alone is talked to */
  g_setenv ("GIO_USE_PROXY_RESOLVER", "dummy", TRUE);
  fail_unless (g_spawn_async_with_pipes (NULL, (gchar **) argv, NULL,
          G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
          &server->pid, &server->input, &output, NULL, &error), "%s",
      error ? error->message : "");
  while (n < sizeof (said) - 1 && !strchr (said, '\n')
      && read (output, said + n, 1) == 1)
    n++;
  server->port = (guint) strtoul (said, NULL, 10);
  fail_unless (server->port > 0, "%s", said);
  close (output);
  g_free (script);
}

gchar *
h4_server_source (H4Server * server, const gchar * name)
{
  return g_strdup_printf ("souphttpsrc name=f location=http://127.0.0.1:%u/%s",
      server->port, name);
}

void
h4_server_close (H4Server * server)
{
  close (server->input);
  waitpid (server->pid, NULL, 0);
  g_spawn_close_pid (server->pid);
}
