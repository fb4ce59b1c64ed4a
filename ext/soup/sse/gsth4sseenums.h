/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_SSE_ENUMS_H__
#define __GST_H4_SSE_ENUMS_H__

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * GstH4SseGranularity:
 * @GST_H4_SSE_GRANULARITY_BIN: an event for each bin of an audio frame
 * @GST_H4_SSE_GRANULARITY_FRAME: an event for all bins of an audio frame
 *
 * Since: 1.0
 */
typedef enum
{
  GST_H4_SSE_GRANULARITY_BIN,
  GST_H4_SSE_GRANULARITY_FRAME
} GstH4SseGranularity;

#define GST_TYPE_H4_SSE_GRANULARITY (gst_h4_sse_granularity_get_type ())
GType gst_h4_sse_granularity_get_type (void);

/**
 * GstH4SseOverflow:
 * @GST_H4_SSE_OVERFLOW_SKIP: skip to what is live, after an event that says
 *   how many were lost
 * @GST_H4_SSE_OVERFLOW_DISCONNECT: disconnect
 *
 * Since: 1.0
 */
typedef enum
{
  GST_H4_SSE_OVERFLOW_SKIP,
  GST_H4_SSE_OVERFLOW_DISCONNECT
} GstH4SseOverflow;

#define GST_TYPE_H4_SSE_OVERFLOW (gst_h4_sse_overflow_get_type ())
GType gst_h4_sse_overflow_get_type (void);

G_END_DECLS

#endif
