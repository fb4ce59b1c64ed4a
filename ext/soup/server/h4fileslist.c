/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "h4fileslist.h"
#include "h4filessend.h"

gchar *
h4_files_get_href (const gchar * path)
{
  gchar *escaped = g_uri_escape_string (path, "/", FALSE);
  gchar *href = g_strconcat ("/files/", escaped, NULL);

  g_free (escaped);
  return href;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const gchar * const *) a, *(const gchar * const *) b);
}

/* Keeps the first names only, so that a directory of millions is no matter. */
static void
keep_first (GPtrArray * names, guint limit)
{
  g_ptr_array_sort (names, compare_names);
  if (names->len > limit)
    g_ptr_array_set_size (names, (gint) limit);
}

static gboolean
is_shown (const struct dirent *entry, const gchar * after)
{
  switch (entry->d_type) {
    case DT_REG:
    case DT_DIR:
    case DT_LNK:
    case DT_UNKNOWN:
      break;
    default:
      return FALSE;
  }
  return entry->d_name[0] != '.' && (!after
      || strcmp (entry->d_name, after) > 0)
      && g_utf8_validate (entry->d_name, -1, NULL);
}

static GPtrArray *
read_names (gint fd, const gchar * after, guint limit, GError ** error)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  DIR *dir = fdopendir (fd);
  struct dirent *entry;
  gint saved;

  if (!dir) {
    saved = errno;
    close (fd);
    goto failed;
  }
  while (errno = 0, (entry = readdir (dir))) {
    if (!is_shown (entry, after))
      continue;
    g_ptr_array_add (names, g_strdup (entry->d_name));
    if (names->len >= 2 * limit)
      keep_first (names, limit);
  }
  saved = errno;
  closedir (dir);
  if (saved)
    goto failed;
  keep_first (names, limit);
  return names;

  /* ERRORS */
failed:
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved),
      "cannot read the directory: %s", g_strerror (saved));
  g_ptr_array_unref (names);
  return NULL;
}

static gchar *
format_time (const struct timespec *t)
{
  GDateTime *date = g_date_time_new_from_unix_utc (t->tv_sec);
  gchar *seconds = date ? g_date_time_format (date, "%Y-%m-%dT%H:%M:%S") : NULL;
  gchar *text = seconds ? g_strdup_printf ("%s.%03uZ", seconds,
      (guint) (t->tv_nsec / 1000000)) : NULL;

  g_free (seconds);
  g_clear_pointer (&date, g_date_time_unref);
  return text;
}

static JsonObject *
describe (const gchar * path, const gchar * name, const struct stat *st)
{
  gboolean is_dir = S_ISDIR (st->st_mode);
  gchar *below = g_strconcat (path, name, is_dir ? "/" : NULL, NULL);
  gchar *href = h4_files_get_href (below);
  JsonObject *json = json_object_new ();

  json_object_set_string_member (json, "name", name);
  json_object_set_string_member (json, "href", href);
  if (!is_dir) {
    gchar *type = h4_files_guess_type (name);
    gchar *modified = format_time (&st->st_mtim);

    json_object_set_int_member (json, "size", (gint64) st->st_size);
    if (modified)
      json_object_set_string_member (json, "modified", modified);
    json_object_set_string_member (json, "type", type);
    g_free (modified);
    g_free (type);
  }
  g_free (href);
  g_free (below);
  return json;
}

JsonObject *
h4_files_list (H4FilesRoot * root, gint fd, const gchar * path,
    const gchar * after, guint limit, GError ** error)
{
  /* one more, to know whether there are more */
  GPtrArray *names = read_names (fd, after, limit + 1, error);
  JsonArray *files, *directories;
  JsonObject *json;
  guint i;

  if (!names)
    return NULL;
  files = json_array_new ();
  directories = json_array_new ();
  for (i = 0; i < MIN (names->len, limit); i++) {
    const gchar *name = g_ptr_array_index (names, i);
    gchar *below = g_strconcat (path, name, NULL);
    struct stat st;

    /* a link may lead nowhere, or out of the root; a file may be gone */
    if (h4_files_root_look (root, below, &st))
      json_array_add_object_element (S_ISDIR (st.st_mode) ? directories :
          files, describe (path, name, &st));
    g_free (below);
  }
  json = json_object_new ();
  json_object_set_string_member (json, "path", path);
  json_object_set_array_member (json, "directories", directories);
  json_object_set_array_member (json, "files", files);
  if (names->len > limit)
    json_object_set_string_member (json, "next",
        g_ptr_array_index (names, limit - 1));
  g_ptr_array_unref (names);
  return json;
}
