/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4sseenums.h"

GType
gst_h4_sse_granularity_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {GST_H4_SSE_GRANULARITY_BIN, "An event for each bin of an audio frame",
        "bin"},
    {GST_H4_SSE_GRANULARITY_FRAME, "An event for all bins of an audio frame",
        "frame"},
    {0, NULL, NULL}
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstH4SseGranularity",
            values));
  return type;
}

GType
gst_h4_sse_overflow_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {GST_H4_SSE_OVERFLOW_SKIP, "Skip to what is live, and say so", "skip"},
    {GST_H4_SSE_OVERFLOW_DISCONNECT, "Disconnect", "disconnect"},
    {0, NULL, NULL}
  };

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, g_enum_register_static ("GstH4SseOverflow",
            values));
  return type;
}
