/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_SERVER_H__
#define __H4_SERVER_H__

/* What the parts of harmony4-server share. Each part adds its routes to the
 * server once, before anything is served, and is told when it is over. */

#include "h4httpserver.h"
#include "h4job.h"

G_BEGIN_DECLS

/**
 * H4Server:
 * @root: (nullable): the directory of /files
 * @max_upload: bytes that a body may have
 * @log_format: of the access log: "text", "json" or "none"
 */
typedef struct
{
  H4HttpServer *http;
  H4Jobs *jobs;
  const gchar *root;
  guint64 max_upload;
  const gchar *log_format;
} H4Server;

/* Uploads: h4calls.c */
gpointer h4_calls_start (H4Server * server);
void h4_calls_stop (gpointer calls);

/* Files, documents, metrics and the access log: a part each. NULL with the
 * error where it cannot be (a root that is no directory). */
gpointer h4_files_start (H4Server * server, GError ** error);
void h4_files_stop (gpointer files);
gpointer h4_docs_start (H4Server * server, GError ** error);
void h4_docs_stop (gpointer docs);
/* Also the one who is told of every request that was answered. */
gpointer h4_metrics_start (H4Server * server, GError ** error);
void h4_metrics_stop (gpointer metrics);

G_END_DECLS

#endif
