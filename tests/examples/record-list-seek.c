/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Records two seconds, lists what was recorded, and plays from the key frame
 * before a time:
 *
 *   cc record-list-seek.c $(pkg-config --cflags --libs gstreamer-harmony4-1.0)
 *   record-list-seek FILE SECONDS
 */

#include <stdlib.h>
#include <string.h>

#include <gst/harmony4/harmony4.h>

/* Waits for one of these; FALSE after an error, which it prints. */
static gboolean
wait_for (GstElement * pipeline, GstMessageType types)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      types | GST_MESSAGE_ERROR);
  gboolean ok = GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR;

  if (!ok) {
    GError *error = NULL;

    gst_message_parse_error (message, &error, NULL);
    g_printerr ("%s\n", error->message);
    g_error_free (error);
  }
  gst_message_unref (message);
  gst_object_unref (bus);
  return ok;
}

static GstElement *
launch (const gchar * text, const gchar * path)
{
  GError *error = NULL;
  GstElement *pipeline = gst_parse_launch (text, &error);
  GstElement *file;

  if (error) {
    g_printerr ("%s\n", error->message);
    exit (1);
  }
  file = gst_bin_get_by_name (GST_BIN (pipeline), "file");
  g_object_set (file, "location", path, NULL);
  gst_object_unref (file);
  return pipeline;
}

static void
close_pipeline (GstElement * pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

static gboolean
record (const gchar * path)
{
  GstElement *pipeline = launch ("h4mkmux name=mux ! filesink name=file "
      "videotestsrc num-buffers=50 ! video/x-raw,width=32,height=32,"
      "framerate=25/1 ! vp8enc keyframe-max-dist=10 deadline=1 ! mux. "
      "audiotestsrc num-buffers=100 samplesperbuffer=960 ! "
      "audio/x-raw,rate=48000 ! mux.", path);
  gboolean ok;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  ok = wait_for (pipeline, GST_MESSAGE_EOS);
  close_pipeline (pipeline);
  return ok;
}

static void
print_tracks (GstH4mkIndex * index)
{
  GstH4mkTracks *tracks = gst_h4mk_index_get_tracks (index);
  guint i;

  for (i = 0; i < tracks->tracks->len; i++) {
    const GstH4mkTrack *track = g_ptr_array_index (tracks->tracks, i);

    g_print ("track %u: %s\n", track->id,
        gst_h4mk_track_kind_to_string (track->kind));
  }
}

/* What can be sought to: the index alone is read, not the file. */
static gboolean
list (const gchar * path)
{
  GError *error = NULL;
  GstH4mkFile *file = gst_h4mk_file_open (path, &error);
  GstH4mkIndex *index;
  guint64 i;

  if (!file) {
    g_printerr ("%s\n", error->message);
    g_error_free (error);
    return FALSE;
  }
  index = gst_h4mk_index_new (gst_h4mk_file_read, file);
  if (gst_h4mk_index_open (index, gst_h4mk_file_get_size (file), &error)) {
    print_tracks (index);
    for (i = 0; i < gst_h4mk_index_get_n_spans (index); i++) {
      GstH4mkSpan span;

      if (gst_h4mk_index_get_span (index, i, &span, &error))
        g_print ("span %" G_GUINT64_FORMAT " at %" G_GINT64_FORMAT " ms\n", i,
            span.pts / 1000000);
    }
  }
  if (error)
    g_printerr ("%s\n", error->message);
  gst_h4mk_index_free (index);
  gst_h4mk_file_close (file);
  if (!error)
    return TRUE;
  g_error_free (error);
  return FALSE;
}

static gboolean
seek (const gchar * path, gdouble seconds)
{
  GstElement *pipeline = launch ("filesrc name=file ! h4mkdemux name=demux "
      "demux.video_0 ! queue ! fakesink name=shown", path);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "shown");
  GstSample *sample = NULL;
  gboolean ok;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  ok = wait_for (pipeline, GST_MESSAGE_ASYNC_DONE)
      && gst_element_seek_simple (pipeline, GST_FORMAT_TIME,
      GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_KEY_UNIT,
      (gint64) (seconds * GST_SECOND))
      && wait_for (pipeline, GST_MESSAGE_ASYNC_DONE);
  if (ok)
    g_object_get (sink, "last-sample", &sample, NULL);
  if (sample) {
    g_print ("plays from %" GST_TIME_FORMAT "\n",
        GST_TIME_ARGS (GST_BUFFER_PTS (gst_sample_get_buffer (sample))));
    gst_sample_unref (sample);
  }
  gst_object_unref (sink);
  close_pipeline (pipeline);
  return ok;
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  if (argc != 3) {
    g_printerr ("usage: %s FILE SECONDS\n", argv[0]);
    return 2;
  }
  return record (argv[1]) && list (argv[1]) && seek (argv[1],
      g_ascii_strtod (argv[2], NULL)) ? 0 : 1;
}
