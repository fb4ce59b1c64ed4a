/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* `appsrc ! queue ! h4sse` in a process of its own, for tests and for what is
 * measured. It prints a line of JSON when it plays, and after each command.
 *
 *   sse_ours [--rate=10] [--count=N] ["PROPERTY=VALUE ..." of h4sse]
 *
 * Commands are lines of stdin: status, stop (to NULL), play (again), publish
 * (with --wait: now). It ends with stdin, and at SIGTERM. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <dirent.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

#include "sse_event.h"

#define PIPELINE "appsrc name=src is-live=true format=time max-bytes=0 " \
    "caps=application/json ! queue name=queue max-size-buffers=0 " \
    "max-size-bytes=0 max-size-time=0 ! h4sse name=sse sync=false port=0 "

static gdouble rate = 10;
static gint64 count;
static gboolean waits;

static const GOptionEntry entries[] = {
  {"rate", 0, 0, G_OPTION_ARG_DOUBLE, &rate,
      "events a second; 0: as fast as they go", "N"},
  {"count", 0, 0, G_OPTION_ARG_INT64, &count, "events until EOS", "N"},
  {"wait", 0, 0, G_OPTION_ARG_NONE, &waits, "for the command publish", NULL},
  {NULL}
};

typedef struct
{
  GstElement *pipeline;
  GstElement *src, *queue, *sse;
  SsePublisher publisher;
  guint64 pushed;               /* atomic enough: read when it has stopped */
  gint eos;
} Ours;

static void
push (guint64 n, const gchar * data, gsize size, gpointer user_data)
{
  Ours *self = user_data;

  if (!data) {
    gst_app_src_end_of_stream (GST_APP_SRC (self->src));
    return;
  }
  if (gst_app_src_push_buffer (GST_APP_SRC (self->src),
          gst_buffer_new_memdup (data, size)) == GST_FLOW_OK)
    __atomic_fetch_add (&self->pushed, 1, __ATOMIC_RELAXED);
}

/* Opened while there are files to be had. */
static DIR *files;
static FILE *memory;

static guint
count_files (void)
{
  guint n = 0;

  rewinddir (files);
  while (readdir (files))
    n++;
  return n - 2;                 /* `.` and `..` */
}

static guint64
resident (void)
{
  gulong pages = 0;

  malloc_trim (0);
  rewind (memory);
  if (fscanf (memory, "%*u %lu", &pages) != 1)
    pages = 0;
  return pages * sysconf (_SC_PAGESIZE);
}

static gboolean
print_field (GQuark field, const GValue * value, gpointer user_data)
{
  GValue number = G_VALUE_INIT;

  g_value_init (&number, G_TYPE_UINT64);
  if (g_value_transform (value, &number))
    printf (",\"%s\":%" G_GUINT64_FORMAT, g_quark_to_string (field),
        g_value_get_uint64 (&number));
  g_value_unset (&number);
  return TRUE;
}

static void
print_status (Ours * self)
{
  struct rusage usage;
  GstStructure *stats = NULL;
  guint level, clients;
  gint port;

  getrusage (RUSAGE_SELF, &usage);
  g_object_get (self->sse, "current-port", &port, "num-clients", &clients,
      "stats", &stats, NULL);
  g_object_get (self->queue, "current-level-buffers", &level, NULL);
  printf ("{\"port\":%d,\"num-clients\":%u,\"pushed\":%" G_GUINT64_FORMAT
      ",\"level\":%" G_GUINT64_FORMAT ",\"files\":%u,\"resident\":%"
      G_GUINT64_FORMAT ",\"cpu\":%.6f,\"eos\":%s,\"stats\":{\"\":0", port,
      clients, __atomic_load_n (&self->pushed, __ATOMIC_RELAXED), level +
      gst_app_src_get_current_level_buffers (GST_APP_SRC (self->src)),
      count_files (), resident (), usage.ru_utime.tv_sec +
      usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec +
          usage.ru_stime.tv_usec) / 1e6,
      g_atomic_int_get (&self->eos) ? "true" : "false");
  if (stats)
    gst_structure_foreach (stats, print_field, NULL);
  printf ("}}\n");
  fflush (stdout);
  if (stats)
    gst_structure_free (stats);
}

static GstBusSyncReply
see_message (GstBus * bus, GstMessage * message, gpointer user_data)
{
  Ours *self = user_data;
  GError *error = NULL;
  gchar *debug = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    g_atomic_int_set (&self->eos, TRUE);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, &debug);
    fprintf (stderr, "sse_ours: %s %s\n", error->message, debug);
    exit (1);
  }
  gst_message_unref (message);
  return GST_BUS_DROP;
}

static void
play (Ours * self)
{
  GstState state;

  g_atomic_int_set (&self->eos, FALSE);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  gst_element_get_state (self->pipeline, &state, NULL, GST_CLOCK_TIME_NONE);
  if (!waits)
    sse_publisher_start (&self->publisher);
}

static void
stop (Ours * self)
{
  if (self->publisher.thread)
    sse_publisher_stop (&self->publisher);
  self->publisher.thread = NULL;
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
}

static void
obey (Ours * self, const gchar * command)
{
  if (g_str_has_prefix (command, "stop"))
    stop (self);
  else if (g_str_has_prefix (command, "play"))
    play (self);
  else if (g_str_has_prefix (command, "publish"))
    sse_publisher_start (&self->publisher);
  print_status (self);
}

/* Until SIGTERM, or the end of stdin where that was given. */
static void
serve (Ours * self)
{
  gchar line[64];
  sigset_t set;
  struct pollfd fds[] = { {0, POLLIN}, {-1, POLLIN} };

  sigemptyset (&set);
  sigaddset (&set, SIGTERM);
  sigaddset (&set, SIGINT);
  fds[1].fd = signalfd (-1, &set, SFD_CLOEXEC);
  setvbuf (stdin, NULL, _IONBF, 0);
  print_status (self);
  while (poll (fds, 2, -1) > 0 && !fds[1].revents) {
    if (!fgets (line, sizeof (line), stdin))
      break;
    obey (self, line);
  }
  close (fds[1].fd);
}

static gboolean
open_pipeline (Ours * self, const gchar * properties)
{
  GError *error = NULL;
  gchar *launch = g_strconcat (PIPELINE, properties, NULL);
  GstBus *bus;

  self->pipeline = gst_parse_launch_full (launch, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, &error);
  g_free (launch);
  if (!self->pipeline) {
    fprintf (stderr, "sse_ours: %s\n", error->message);
    g_clear_error (&error);
    return FALSE;
  }
  self->src = gst_bin_get_by_name (GST_BIN (self->pipeline), "src");
  self->queue = gst_bin_get_by_name (GST_BIN (self->pipeline), "queue");
  self->sse = gst_bin_get_by_name (GST_BIN (self->pipeline), "sse");
  bus = gst_element_get_bus (self->pipeline);
  gst_bus_set_sync_handler (bus, see_message, self, NULL);
  gst_object_unref (bus);
  return TRUE;
}

int
main (int argc, char **argv)
{
  GOptionContext *context = g_option_context_new ("[PROPERTIES]");
  GError *error = NULL;
  Ours self = { NULL };

  sse_init ();
  files = opendir ("/proc/self/fd");
  memory = fopen ("/proc/self/statm", "r");
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_group (context, gst_init_get_option_group ());
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    fprintf (stderr, "sse_ours: %s\n", error->message);
    return 2;
  }
  g_option_context_free (context);
  if (!open_pipeline (&self, argc > 1 ? argv[1] : ""))
    return 1;
  self.publisher.rate = rate;
  self.publisher.count = count;
  self.publisher.func = push;
  self.publisher.user_data = &self;
  play (&self);
  serve (&self);
  stop (&self);
  gst_object_unref (self.src);
  gst_object_unref (self.queue);
  gst_object_unref (self.sse);
  gst_object_unref (self.pipeline);
  gst_deinit ();
  closedir (files);
  fclose (memory);
  return 0;
}
