/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "h4metrics.h"

static void
append_memory (GString * text)
{
  gchar *statm, **fields;

  if (!g_file_get_contents ("/proc/self/statm", &statm, NULL, NULL))
    return;
  fields = g_strsplit (statm, " ", 3);
  if (fields[0] && fields[1])
    g_string_append_printf (text,
        "# HELP process_resident_memory_bytes Resident memory.\n"
        "# TYPE process_resident_memory_bytes gauge\n"
        "process_resident_memory_bytes %" G_GUINT64_FORMAT "\n",
        g_ascii_strtoull (fields[1], NULL, 10)
        * (guint64) sysconf (_SC_PAGESIZE));
  g_strfreev (fields);
  g_free (statm);
}

static void
append_descriptors (GString * text)
{
  GDir *dir = g_dir_open ("/proc/self/fd", 0, NULL);
  struct rlimit limit;
  guint n = 0;

  if (dir) {
    while (g_dir_read_name (dir))
      n++;
    g_dir_close (dir);
    /* one of them is the directory's own */
    g_string_append_printf (text,
        "# HELP process_open_fds Open file descriptors.\n"
        "# TYPE process_open_fds gauge\nprocess_open_fds %u\n", n - 1);
  }
  if (getrlimit (RLIMIT_NOFILE, &limit) == 0)
    g_string_append_printf (text,
        "# HELP process_max_fds File descriptors that may be open.\n"
        "# TYPE process_max_fds gauge\nprocess_max_fds %" G_GUINT64_FORMAT "\n",
        (guint64) limit.rlim_cur);
}

void
h4_metrics_append_process (GString * text)
{
  struct rusage usage;

  append_memory (text);
  append_descriptors (text);
  if (getrusage (RUSAGE_SELF, &usage) == 0) {
    gint64 us = (gint64) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        * G_USEC_PER_SEC + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;

    g_string_append_printf (text,
        "# HELP process_cpu_seconds_total CPU time, user and system.\n"
        "# TYPE process_cpu_seconds_total counter\n"
        "process_cpu_seconds_total %" G_GINT64_FORMAT ".%06d\n",
        us / G_USEC_PER_SEC, (gint) (us % G_USEC_PER_SEC));
  }
}
