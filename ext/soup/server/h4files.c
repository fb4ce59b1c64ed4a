/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* /files/: which file, and what of it. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <unistd.h>

#include "h4filescalls.h"
#include "h4fileslist.h"
#include "h4filesmedia.h"
#include "h4filessend.h"
#include "h4server.h"

#define PREFIX "/files/"

typedef struct
{
  H4FilesRoot *root;
  H4FilesMedia *media;
} H4Files;

/* What a path leads to. */
typedef struct
{
  gint fd;
  struct stat st;
  gchar *path;                  /* of the file, below the root */
  guint call;                   /* H4_FILES_… */
  gchar *block;
} Target;

static void
target_clear (Target * target)
{
  if (target->fd >= 0)
    close (target->fd);
  g_free (target->path);
  g_free (target->block);
}

/* "name/info" and the like: size of the file's name, or 0. */
static gsize
split_question (const gchar * path, guint * call, const gchar ** block)
{
  static const struct
  {
    const gchar *name;
    guint call;
  } questions[] = {
    {"info", H4_FILES_INFO}, {"seek", H4_FILES_SEEK},
    {"chain", H4_FILES_CHAIN}, {"verify", H4_FILES_VERIFY},
  };
  const gchar *last = strrchr (path, '/');
  guint i;

  if (!last)
    return 0;
  for (i = 0; i < G_N_ELEMENTS (questions); i++) {
    if (strcmp (last + 1, questions[i].name) == 0) {
      *call = questions[i].call;
      return (gsize) (last - path);
    }
  }
  *call = H4_FILES_BLOCK;
  *block = last + 1;
  return g_strrstr_len (path, last - path, "/blocks") == last - 7 ?
      (gsize) (last - 7 - path) : 0;
}

/* A file that is called so goes before what is asked of a file. */
static gboolean
find_target (H4Files * files, const gchar * path, Target * target,
    GError ** error)
{
  const gchar *block = NULL;
  struct stat st;
  guint call;
  gsize size;

  memset (target, 0, sizeof (*target));
  target->path = g_strdup (path);
  target->call = H4_FILES_GET;
  target->fd = -1;
  if (!h4_files_root_look (files->root, path, &st)
      && (size = split_question (path, &call, &block)) > 0) {
    gchar *parent = g_strndup (path, size);

    if (h4_files_root_look (files->root, parent, &st) && S_ISREG (st.st_mode)) {
      g_free (target->path);
      target->path = g_steal_pointer (&parent);
      target->call = call;
      target->block = g_strdup (block);
    }
    g_free (parent);
  }
  target->fd = h4_files_root_open (files->root, target->path, &target->st,
      error);
  if (target->fd >= 0 && S_ISDIR (target->st.st_mode))
    target->call = H4_FILES_LIST;
  return target->fd >= 0;
}

static gboolean
answer_list (H4Files * files, H4Exchange * exchange, Target * target,
    const H4Values * values, GError ** error)
{
  gboolean open = *target->path && !g_str_has_suffix (target->path, "/");
  gchar *path = g_strconcat (target->path, open ? "/" : NULL, NULL);
  JsonObject *json = h4_files_list (files->root,
      g_steal_fd (&target->fd), path, h4_values_get_text (values, "after"),
      (guint) h4_values_get_integer (values, "limit"), error);

  g_free (path);
  return json && h4_files_respond_json (exchange, json, error);
}

/* The path's own parameters do not come in the query. */
static H4Values *
read_values (const H4Call * call, const Target * target, const gchar * query,
    GError ** error)
{
  const H4Param *params = call->params;
  guint n = call->n_params;
  H4Values *values;

  if (n > 0 && strcmp (params->name, "name") == 0) {
    params++;
    n--;
  }
  values = h4_values_new (params, n);
  if ((!target->block || h4_values_set (values, "block", target->block,
              strlen (target->block), error))
      && h4_values_set_query (values, query, error)
      && h4_values_check (values, error))
    return values;
  h4_values_free (values);
  return NULL;
}

static gboolean
answer (H4Files * files, H4Exchange * exchange, Target * target,
    GError ** error)
{
  H4Values *values;
  gboolean ok;

  values = read_values (&h4_files_calls[target->call], target,
      h4_exchange_get_query (exchange), error);
  if (!values)
    return FALSE;
  if (target->call == H4_FILES_LIST)
    ok = answer_list (files, exchange, target, values, error);
  else if (target->call == H4_FILES_GET)
    ok = h4_files_send (exchange, target->fd, &target->st, target->path, error);
  else
    ok = h4_files_media_answer (files->media, exchange, target->call,
        target->fd, (guint64) target->st.st_size, values, error);
  h4_values_free (values);
  return ok;
}

static void
run (H4Exchange * exchange, gpointer user_data)
{
  const gchar *path = h4_exchange_get_path (exchange);
  H4Files *files = user_data;
  GError *error = NULL;
  Target target;

  path = g_str_has_prefix (path, PREFIX) ? path + strlen (PREFIX) : "";
  if (!find_target (files, path, &target, &error)
      || !answer (files, exchange, &target, &error)) {
    h4_exchange_fail (exchange, error);
    g_error_free (error);
  }
  target_clear (&target);
}

/* A disk may take its time: nothing is looked up on the server's thread. */
static void
handle (H4HttpRequest * request, gpointer user_data)
{
  h4_http_request_take (request, 0, run, user_data, NULL);
}

gpointer
h4_files_start (H4Server * server, GError ** error)
{
  static const H4HttpRoute routes[] = {
    {"/files", "GET,HEAD", FALSE, handle},
    {PREFIX, "GET,HEAD", FALSE, handle},
  };
  H4Files *files;
  H4FilesRoot *root = NULL;

  if (server->root && !(root = h4_files_root_new (server->root, error)))
    return NULL;
  files = g_new0 (H4Files, 1);
  files->root = root;
  files->media = h4_files_media_new ();
  if (root)
    h4_http_server_add_routes (server->http, routes, G_N_ELEMENTS (routes),
        files);
  return files;
}

void
h4_files_stop (gpointer data)
{
  H4Files *files = data;

  g_clear_pointer (&files->root, h4_files_root_free);
  h4_files_media_free (files->media);
  g_free (files);
}
