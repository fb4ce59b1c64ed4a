/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Stands before the C library: notes what is bound in the file H4_BOUND_LOG,
 * and moves our own below H4_BOUND_ROOT. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *bindtextdomain (const char *domain, const char *directory);

char *
bindtextdomain (const char *domain, const char *directory)
{
  char *(*real) (const char *, const char *);
  const char *root = getenv ("H4_BOUND_ROOT"), *log = getenv ("H4_BOUND_LOG");
  char moved[PATH_MAX];
  FILE *file;

  *(void **) &real = dlsym (RTLD_NEXT, "bindtextdomain");
  if (!root || !log || !directory || strcmp (domain, "gst-harmony4") != 0)
    return real (domain, directory);
  file = fopen (log, "a");
  if (file) {
    fprintf (file, "%s %s\n", domain, directory);
    fclose (file);
  }
  snprintf (moved, sizeof (moved), "%s%s", root, directory);
  return real (domain, moved);
}
