/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What a sink costs the thread that pushes tokens into it.
 *
 *   sse_cost COUNT "h4sse port=0 ..."
 *
 * Prints `{"port":N}` where the sink has one, waits for a line of stdin, pushes
 * COUNT buffers and prints `{"cpu_us":…,"wall_us":…}` a buffer; and so on with
 * each line. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <gst/gst.h>

#include "sse_event.h"

#define CAPS "application/x-h4-token,domain=video,block-size=65536," \
    "fps-hint=30.0,gop=30"
#define TOKEN_SIZE 13

static gdouble
now (clockid_t clock)
{
  struct timespec t;

  clock_gettime (clock, &t);
  return t.tv_sec * 1e6 + t.tv_nsec * 1e-3;
}

static GstPad *
open_pad (GstElement * sink)
{
  GstPad *pad = gst_pad_new ("source", GST_PAD_SRC);
  GstPad *peer = gst_element_get_static_pad (sink, "sink");
  GstCaps *caps = gst_caps_from_string (CAPS);
  GstSegment segment;

  gst_pad_set_active (pad, TRUE);
  gst_pad_link (pad, peer);
  gst_object_unref (peer);
  gst_element_set_state (sink, GST_STATE_PLAYING);
  gst_pad_push_event (pad, gst_event_new_stream_start ("cost"));
  gst_pad_push_event (pad, gst_event_new_caps (caps));
  gst_caps_unref (caps);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (pad, gst_event_new_segment (&segment));
  return pad;
}

static void
push (GstPad * pad, guint count)
{
  guint8 token[TOKEN_SIZE] = { 0 };
  guint i;

  for (i = 0; i < count; i++) {
    GstBuffer *buffer;

    GST_WRITE_UINT32_BE (token, i);
    buffer = gst_buffer_new_memdup (token, sizeof (token));
    GST_BUFFER_PTS (buffer) = i * GST_MSECOND;
    GST_BUFFER_OFFSET (buffer) = i;
    if (gst_pad_push (pad, buffer) != GST_FLOW_OK)
      g_error ("the sink does not take its tokens");
  }
}

static void
print_port (GstElement * sink)
{
  gint port = 0;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (sink), "current-port"))
    g_object_get (sink, "current-port", &port, NULL);
  printf ("{\"port\":%d}\n", port);
  fflush (stdout);
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  GstElement *sink;
  gchar line[64];
  GstPad *pad;
  gint count;

  sse_init ();
  gst_init (&argc, &argv);
  if (argc != 3)
    return 2;
  count = atoi (argv[1]);
  sink = gst_parse_launch_full (argv[2], NULL, GST_PARSE_FLAG_FATAL_ERRORS,
      &error);
  if (!sink) {
    fprintf (stderr, "sse_cost: %s\n", error->message);
    return 1;
  }
  pad = open_pad (sink);
  print_port (sink);
  while (fgets (line, sizeof (line), stdin)) {
    gdouble cpu = now (CLOCK_THREAD_CPUTIME_ID), wall = now (CLOCK_MONOTONIC);

    push (pad, count);
    printf ("{\"cpu_us\":%.4f,\"wall_us\":%.4f}\n",
        (now (CLOCK_THREAD_CPUTIME_ID) - cpu) / count,
        (now (CLOCK_MONOTONIC) - wall) / count);
    fflush (stdout);
  }
  gst_element_set_state (sink, GST_STATE_NULL);
  gst_object_unref (pad);
  gst_object_unref (sink);
  return 0;
}
