/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_SSE_FORMAT_H__
#define __GST_H4_SSE_FORMAT_H__

/* Buffers of tokens, JSON or text as events. */

#include <gst/gst.h>
#include "h4stream.h"

G_BEGIN_DECLS

#define GST_H4_SSE_CAPS \
    "application/x-h4-token, domain = (string) { video, audio }; " \
    "application/json; text/x-raw"

typedef enum
{
  GST_H4_SSE_DOMAIN_NONE,       /* no caps yet */
  GST_H4_SSE_DOMAIN_VIDEO,
  GST_H4_SSE_DOMAIN_AUDIO,
  GST_H4_SSE_DOMAIN_JSON,
  GST_H4_SSE_DOMAIN_TEXT
} GstH4SseDomain;

typedef struct
{
  gchar *event;                 /* name of each */
  gboolean frames;              /* an event for all bins of an audio frame */

  GstH4SseDomain domain;
  guint channels;
  gboolean own_blocks;          /* not cut by bytes: each has its kind, size */
  GString *meta;
  GString *text;                /* of the event that is built */
} GstH4SseFormat;

void gst_h4_sse_format_init (GstH4SseFormat * format);
void gst_h4_sse_format_clear (GstH4SseFormat * format);

/* From caps of the template, and how many blocks there will be, -1: unknown;
 * then format->meta is what `event:meta` says. */
void gst_h4_sse_format_set_caps (GstH4SseFormat * format,
    const GstCaps * caps, gint64 n_blocks);
/* The events of a buffer, between h4_stream_begin() and h4_stream_end().
 * FALSE: it is none of the caps, reason says why. */
gboolean gst_h4_sse_format_append (GstH4SseFormat * format,
    GstBuffer * buffer, H4Stream * stream, const gchar ** reason);

G_END_DECLS

#endif
