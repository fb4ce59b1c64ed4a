/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "h4filesroot.h"
#include "h4problem.h"

/* How often a name is looked up again that others rename meanwhile. */
#define MAX_RACES 16

/* A FIFO must not make this wait for a writer. */
#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
#define LOOK_FLAGS (O_PATH | O_CLOEXEC)

struct _H4FilesRoot
{
  gint fd;
  gint walks;                   /* atomic: there is no openat2() */
};

H4FilesRoot *
h4_files_root_new (const gchar * path, GError ** error)
{
  gint fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  H4FilesRoot *root;

  if (fd < 0) {
    gint saved = errno;

    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), "%s: %s",
        path, g_strerror (saved));
    return NULL;
  }
  root = g_new0 (H4FilesRoot, 1);
  root->fd = fd;
  return root;
}

void
h4_files_root_free (H4FilesRoot * root)
{
  close (root->fd);
  g_free (root);
}

void
h4_files_root_walk (H4FilesRoot * root)
{
  g_atomic_int_set (&root->walks, TRUE);
}

/* Names one after the other, none of them empty or hidden, which `.` and `..`
 * are, too. */
static gboolean
is_plain (const gchar * path)
{
  while (TRUE) {
    gsize size = strcspn (path, "/");

    if (size == 0 || *path == '.')
      return FALSE;
    if (path[size] == 0)
      return TRUE;
    path += size + 1;
  }
}

/* Links are followed as long as they stay below the root. */
static gint
open_beneath (H4FilesRoot * root, const gchar * path, gint flags)
{
  struct open_how how = { 0 };
  guint races = 0;
  gint fd;

  how.flags = (guint64) flags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  do {
    fd = (gint) syscall (SYS_openat2, root->fd, path, &how, sizeof (how));
  } while (fd < 0 && (errno == EINTR || (errno == EAGAIN
              && races++ < MAX_RACES)));
  return fd;
}

/* Without the kernel's help no link is followed at all. */
static gint
open_step_by_step (H4FilesRoot * root, const gchar * path, gint flags)
{
  gchar **names = g_strsplit (path, "/", -1);
  gint fd = root->fd;
  guint i;

  for (i = 0; names[i] && fd >= 0; i++) {
    gint below = openat (fd, names[i], O_NOFOLLOW
        | (names[i + 1] ? LOOK_FLAGS | O_DIRECTORY : flags));
    gint saved = errno;

    if (fd != root->fd)
      close (fd);
    errno = saved;
    fd = below;
  }
  g_strfreev (names);
  return fd;
}

static gint
open_path (H4FilesRoot * root, const gchar * path, gint flags)
{
  gint fd;

  if (!g_atomic_int_get (&root->walks)) {
    fd = open_beneath (root, path, flags);
    /* an old kernel, or a container that knows the call not */
    if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
      return fd;
    g_atomic_int_set (&root->walks, TRUE);
  }
  return open_step_by_step (root, path, flags);
}

static gint
close_with (gint fd, gint error)
{
  close (fd);
  errno = error;
  return -1;
}

/* -1 with errno */
static gint
open_checked (H4FilesRoot * root, const gchar * path, gint flags,
    struct stat *st)
{
  gint fd = open_path (root, path, flags);

  if (fd < 0)
    return -1;
  if (fstat (fd, st) < 0)
    return close_with (fd, errno);
  if (!S_ISREG (st->st_mode) && !S_ISDIR (st->st_mode))
    return close_with (fd, ENOENT);
  return fd;
}

/* The name as it is below the root, or NULL where it has none. */
static gchar *
normalize (const gchar * path)
{
  gsize size = strlen (path);
  gchar *name;

  if (size == 0)
    return g_strdup (".");
  if (path[size - 1] == '/')
    size--;
  name = g_strndup (path, size);
  if (!is_plain (name))
    g_clear_pointer (&name, g_free);
  return name;
}

gboolean
h4_files_root_look (H4FilesRoot * root, const gchar * path, struct stat *st)
{
  gchar *name = normalize (path);
  gint fd = name ? open_checked (root, name, LOOK_FLAGS, st) : -1;

  g_free (name);
  if (fd >= 0)
    close (fd);
  return fd >= 0;
}

static GError *
problem_from_errno (gint code, const gchar * path)
{
  gchar *valid;
  GError *error;

  switch (code) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EAGAIN:
      return h4_problem_error (503, NULL, NULL,
          "The file cannot be opened now: %s.", g_strerror (code));
    case EIO:
      return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED,
          g_strerror (code));
    default:
      valid = g_utf8_make_valid (path, -1);
      error = h4_problem_error (404, NULL, NULL, "There is no file \"%s\".",
          valid);
      g_free (valid);
      return error;
  }
}

/* Looked at first: opening a FIFO or a device would not go unnoticed. */
gint
h4_files_root_open (H4FilesRoot * root, const gchar * path, struct stat *st,
    GError ** error)
{
  gchar *name = normalize (path);
  gint fd = -1;

  errno = ENOENT;
  if (name && (fd = open_checked (root, name, LOOK_FLAGS, st)) >= 0) {
    close (fd);
    fd = open_checked (root, name, OPEN_FLAGS, st);
  }
  /* a file is no directory, whatever stands behind its name */
  if (fd >= 0 && *path && path[strlen (path) - 1] == '/'
      && !S_ISDIR (st->st_mode))
    fd = close_with (fd, ENOTDIR);
  if (fd < 0)
    g_propagate_error (error, problem_from_errno (errno, path));
  g_free (name);
  return fd;
}
