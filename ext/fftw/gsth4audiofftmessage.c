/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4audiofftmessage.h"
#include "gsth4meta.h"

static const struct
{
  const gchar *name;
  gsize member;
} fields[] = {
  {"frequency", G_STRUCT_OFFSET (GstH4AudioBin, frequency)},
  {"magnitude", G_STRUCT_OFFSET (GstH4AudioBin, magnitude)},
  {"phase", G_STRUCT_OFFSET (GstH4AudioBin, phase)},
};

static void
init_list (GValue * list, const GstH4AudioBin * bins, guint n, gsize member)
{
  GValue value = G_VALUE_INIT;
  guint i;

  gst_value_list_init (list, n);
  for (i = 0; i < n; i++) {
    g_value_init (&value, G_TYPE_DOUBLE);
    g_value_set_double (&value, G_STRUCT_MEMBER (gdouble, &bins[i], member));
    gst_value_list_append_and_take_value (list, &value);
  }
}

static void
init_lists (GValue * lists, const GstH4AudioBinsMeta * meta, gsize member)
{
  GValue list = G_VALUE_INIT;
  guint c;

  gst_value_array_init (lists, meta->channels);
  for (c = 0; c < meta->channels; c++) {
    init_list (&list, meta->bins + (gsize) c * meta->top_k, meta->top_k,
        member);
    gst_value_array_append_and_take_value (lists, &list);
  }
}

/* The message of a frame: its times in @segment, and its bins as a list a
 * field or, with @each, as an array of such lists, one a channel. */
GstMessage *
gst_h4_audio_fft_message_new (GstObject * source, GstBuffer * frame,
    const GstSegment * segment, gboolean each)
{
  const GstH4AudioBinsMeta *meta = gst_buffer_get_h4_audio_bins_meta (frame);
  GstClockTime pts = GST_BUFFER_PTS (frame);
  GstClockTime duration = GST_BUFFER_DURATION (frame);
  GstStructure *s = gst_structure_new ("h4audiofft",
      "timestamp", GST_TYPE_CLOCK_TIME, pts,
      "stream-time", GST_TYPE_CLOCK_TIME,
      gst_segment_to_stream_time (segment, GST_FORMAT_TIME, pts),
      "running-time", GST_TYPE_CLOCK_TIME,
      gst_segment_to_running_time (segment, GST_FORMAT_TIME, pts),
      "duration", GST_TYPE_CLOCK_TIME, duration,
      "endtime", GST_TYPE_CLOCK_TIME, pts + duration, NULL);
  GValue value = G_VALUE_INIT;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (fields); i++) {
    if (each)
      init_lists (&value, meta, fields[i].member);
    else
      init_list (&value, meta->bins, meta->top_k, fields[i].member);
    gst_structure_take_value (s, fields[i].name, &value);
  }
  return gst_message_new_element (source, s);
}
