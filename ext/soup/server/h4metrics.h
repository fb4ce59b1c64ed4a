/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_METRICS_H__
#define __H4_METRICS_H__

/* What Prometheus is told: text format 0.0.4. */

#include "h4httpserver.h"
#include "h4job.h"

G_BEGIN_DECLS

#define H4_METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

typedef struct _H4Metrics H4Metrics;

H4Metrics *h4_metrics_new (void);
void h4_metrics_free (H4Metrics * metrics);

/* From any thread. */
void h4_metrics_observe (H4Metrics * metrics, const H4HttpAccess * access);

/**
 * H4MetricsStream: the streams of one name, together
 */
typedef struct
{
  gchar *name;
  H4StreamStats stats;
} H4MetricsStream;

/**
 * H4MetricsNow: what is not counted here but asked for
 * @streams: (element-type H4MetricsStream)
 */
typedef struct
{
  H4HttpServerStats server;
  H4JobsStats jobs;
  GArray *streams;
} H4MetricsNow;

/* Every line, in the same order whatever came first. */
void h4_metrics_append (GString * text, H4Metrics * metrics,
    const H4MetricsNow * now);
/* Memory, descriptors, CPU time of the process, by the names that everyone
 * uses; separate, as they are not the same from call to call. */
void h4_metrics_append_process (GString * text);

G_END_DECLS

#endif
