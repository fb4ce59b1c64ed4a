/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_SERVER_TSAN_H__
#define __H4_SERVER_TSAN_H__

/* GStreamer is not instrumented, as GLib is not: a streaming thread begins after
 * its pipeline was set to play, and has ended when that has stopped or said so. */

#include "../tsan.h"

#include <gst/app/gstappsink.h>
#include <gst/gst.h>

#define H4_TSAN_STATE ((void *) gst_element_get_type)
#define H4_TSAN_BUS ((void *) gst_bus_get_type)

static inline GstStateChangeReturn
h4_tsan_set_state (GstElement * element, GstState state)
{
  GstStateChangeReturn ret;

  __tsan_release (H4_TSAN_STATE);
  ret = gst_element_set_state (element, state);
  __tsan_acquire (H4_TSAN_BUS);
  return ret;
}

static inline GstSample *
h4_tsan_pull_sample (GstAppSink * sink)
{
  __tsan_acquire (H4_TSAN_STATE);
  return gst_app_sink_pull_sample (sink);
}

static inline void
h4_tsan_sample_unref (GstSample * sample)
{
  gst_sample_unref (sample);
  __tsan_release (H4_TSAN_BUS);
}

static inline GstMessage *
h4_tsan_timed_pop_filtered (GstBus * bus, GstClockTime timeout,
    GstMessageType types)
{
  GstMessage *message = gst_bus_timed_pop_filtered (bus, timeout, types);

  __tsan_acquire (H4_TSAN_BUS);
  return message;
}

#define gst_element_set_state h4_tsan_set_state
#define gst_app_sink_pull_sample h4_tsan_pull_sample
#define gst_sample_unref h4_tsan_sample_unref
#define gst_bus_timed_pop_filtered h4_tsan_timed_pop_filtered

#endif
