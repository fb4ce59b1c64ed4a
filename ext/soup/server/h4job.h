/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_JOB_H__
#define __H4_JOB_H__

/* Pipelines that work on uploads: so many at once, the next ones wait. */

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _H4Jobs H4Jobs;

H4Jobs *h4_jobs_new (guint max_running);
void h4_jobs_free (H4Jobs * jobs);

/* Waits for a free place. 503 with Retry-After where none comes free in time,
 * or too many wait already; G_IO_ERROR_CANCELLED. */
gboolean h4_jobs_enter (H4Jobs * jobs, GCancellable * cancellable,
    GError ** error);
void h4_jobs_leave (H4Jobs * jobs, gboolean failed);

/**
 * H4JobsStats:
 */
typedef struct
{
  guint max_running;
  guint running;                /* now */
  guint waiting;                /* now */
  guint64 started;
  guint64 failed;
  guint64 refused;              /* 503: nothing came free */
} H4JobsStats;

void h4_jobs_get_stats (H4Jobs * jobs, H4JobsStats * stats);

G_END_DECLS

#endif
