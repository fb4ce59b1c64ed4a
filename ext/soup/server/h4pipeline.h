/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_PIPELINE_H__
#define __H4_PIPELINE_H__

/* A pipeline from an upload to an answer. It runs at the pace of the slower of
 * both: its source reads when it is asked to, its sink writes before it takes
 * more. */

#include <gio/gio.h>
#include <gst/gst.h>

#include "h4upload.h"

G_BEGIN_DECLS

typedef struct _H4Pipeline H4Pipeline;

/* Called from a streaming thread; FALSE with the error ends it. */
typedef gboolean (*H4PipelineFunc) (GstSample * sample, gpointer user_data,
    GError ** error);
/* Called before the source waits for more of the upload, from the same thread
 * as H4PipelineFunc where no queue is between. */
typedef gboolean (*H4PipelineIdleFunc) (gpointer user_data, GError ** error);

H4Pipeline *h4_pipeline_new (void);
void h4_pipeline_free (H4Pipeline * pipeline);

/* (transfer none): an element in the pipeline. NULL with the error where it is
 * not installed. */
GstElement *h4_pipeline_add (H4Pipeline * pipeline, const gchar * factory,
    GError ** error);
/* An appsrc of an upload's spool, or of its file. caps: (nullable) (transfer
 * full). block_size: bytes of its buffers, but for the last one; 0: as they
 * come. */
GstElement *h4_pipeline_add_source (H4Pipeline * pipeline, H4Upload * upload,
    H4UploadFile * file, GstCaps * caps, gsize block_size, GError ** error);
GstElement *h4_pipeline_add_sink (H4Pipeline * pipeline, H4PipelineFunc func,
    H4PipelineIdleFunc idle, gpointer user_data, GError ** error);
/* What follows before works in a thread of its own, so that two processors
 * share the work; where blocks are too large to keep some of them, before
 * itself is returned. NULL with the error. */
GstElement *h4_pipeline_add_queue (H4Pipeline * pipeline, GstElement * before,
    gsize block_size, GError ** error);
/* A key for masks, as a context. */
void h4_pipeline_set_key (GstElement * element, GBytes * key);

/* Called with what elements say (GST_MESSAGE_ELEMENT) and with the error that
 * ends the pipeline, in the thread that runs it. */
typedef void (*H4PipelineMessageFunc) (GstMessage * message,
    gpointer user_data);
void h4_pipeline_set_message_func (H4Pipeline * pipeline,
    H4PipelineMessageFunc func, gpointer user_data);
/* Where nothing at all has happened for so many µs, it ends with reason. */
void h4_pipeline_set_stall (H4Pipeline * pipeline, gint64 time,
    GError * reason);
/* Asked once a second while no message comes, where there is a stall time; when
 * it has said TRUE twice the pipeline ends with reason. */
typedef gboolean (*H4PipelineGivenUpFunc) (gpointer user_data);
void h4_pipeline_set_given_up (H4Pipeline * pipeline,
    H4PipelineGivenUpFunc func, gpointer user_data, GError * reason);

GstElement *h4_pipeline_get_bin (H4Pipeline * pipeline);

/* Up to EOS, the first error, or until cancellable is cancelled. */
gboolean h4_pipeline_run (H4Pipeline * pipeline, GCancellable * cancellable,
    GError ** error);

/* Ends it from any thread, for this reason. */
void h4_pipeline_abort (H4Pipeline * pipeline, GError * error);

G_END_DECLS

#endif
