/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include "h4pipeline.h"
#include "h4problem.h"

/* What a source reads at once where blocks do not say it. */
#define READ_SIZE (256 * 1024)
/* What waits between two threads; a larger block would take too much memory. */
#define QUEUE_SIZE (1024 * 1024)
#define QUEUE_MAX_BLOCK (1024 * 1024)
#define ABORTED "h4-aborted"

typedef struct
{
  H4Pipeline *pipeline;
  H4Spool *spool;               /* or */
  H4Store *store;
  guint64 offset;
  gsize block_size;
  guint8 *scratch;
  gsize scratch_size;
} Source;

struct _H4Pipeline
{
  GstElement *bin;
  GstBus *bus;
  GPtrArray *sources;

  H4PipelineFunc func;
  H4PipelineIdleFunc idle;
  gpointer user_data;
  H4PipelineMessageFunc message_func;
  gpointer message_data;
  gint64 stall_time;
  GError *stall_reason;
  H4PipelineGivenUpFunc given_up;
  gpointer given_up_data;
  GError *given_up_reason;

  GMutex lock;
  GError *error;                /* with the lock: the first one */
  gint progress;                /* atomic: what was read and written */
  gint writing;                 /* atomic */
};

static void
source_free (gpointer data)
{
  Source *source = data;

  if (source->store)
    h4_store_unref (source->store);
  g_free (source->scratch);
  g_free (source);
}

H4Pipeline *
h4_pipeline_new (void)
{
  H4Pipeline *pipeline = g_new0 (H4Pipeline, 1);

  g_mutex_init (&pipeline->lock);
  pipeline->bin = gst_object_ref_sink (gst_pipeline_new (NULL));
  pipeline->bus = gst_element_get_bus (pipeline->bin);
  pipeline->sources = g_ptr_array_new_with_free_func (source_free);
  return pipeline;
}

void
h4_pipeline_free (H4Pipeline * pipeline)
{
  gst_object_unref (pipeline->bin);
  gst_object_unref (pipeline->bus);
  g_ptr_array_unref (pipeline->sources);
  g_clear_error (&pipeline->stall_reason);
  g_clear_error (&pipeline->given_up_reason);
  g_clear_error (&pipeline->error);
  g_mutex_clear (&pipeline->lock);
  g_free (pipeline);
}

GstElement *
h4_pipeline_get_bin (H4Pipeline * pipeline)
{
  return pipeline->bin;
}

GstElement *
h4_pipeline_add (H4Pipeline * pipeline, const gchar * factory, GError ** error)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  if (!element) {
    g_propagate_error (error, h4_problem_error (500, NULL, NULL,
            "The GStreamer element %s is not installed on the server.",
            factory));
    return NULL;
  }
  gst_bin_add (GST_BIN (pipeline->bin), element);
  return element;
}

void
h4_pipeline_abort (H4Pipeline * pipeline, GError * error)
{
  g_mutex_lock (&pipeline->lock);
  if (!pipeline->error)
    pipeline->error = error;
  else
    g_error_free (error);
  g_mutex_unlock (&pipeline->lock);
  gst_bus_post (pipeline->bus, gst_message_new_application (NULL,
          gst_structure_new_empty (ABORTED)));
}

/* A byte at least, and a whole block where one is wanted, but for the last. */
static gssize
source_read (Source * source, guint8 * data, gsize size, GError ** error)
{
  gsize filled = 0;
  gssize n;

  do {
    if (source->spool)
      n = h4_spool_read (source->spool, data + filled, size - filled, error);
    else
      n = h4_store_read (source->store, data + filled, size - filled,
          source->offset, error);
    if (n < 0)
      return -1;
    source->offset += n;
    filled += n;
  } while (n > 0 && source->block_size && filled < size);
  return filled;
}

/* Small pieces are copied, so that each does not hold room for a large one. */
static GstBuffer *
source_wrap (Source * source, gsize size)
{
  guint8 *data;

  if (size < source->scratch_size / 2)
    return gst_buffer_new_memdup (source->scratch, size);
  data = g_steal_pointer (&source->scratch);
  return gst_buffer_new_wrapped_full (0, data, source->scratch_size, 0, size,
      data, g_free);
}

static gsize
source_get_size (Source * source)
{
  gsize size = source->block_size ? source->block_size : READ_SIZE;

  if (!source->store)
    return size;
  return CLAMP (h4_store_get_size (source->store) - source->offset, 1, size);
}

static void
on_need_data (GstAppSrc * appsrc, guint length, gpointer user_data)
{
  Source *source = user_data;
  H4Pipeline *pipeline = source->pipeline;
  GError *error = NULL;
  gssize n = -1;

  if (pipeline->idle && source->spool && !h4_spool_is_ready (source->spool)
      && !pipeline->idle (pipeline->user_data, &error)) {
    h4_pipeline_abort (pipeline, error);
    return;
  }
  if (!source->scratch) {
    source->scratch_size = source_get_size (source);
    source->scratch = g_malloc (source->scratch_size);
  }
  n = source_read (source, source->scratch, source->scratch_size, &error);
  g_atomic_int_inc (&pipeline->progress);
  /* No EOS after an error: what comes out at the end would look whole. */
  if (n > 0)
    gst_app_src_push_buffer (appsrc, source_wrap (source, n));
  else if (n == 0)
    gst_app_src_end_of_stream (appsrc);
  else
    h4_pipeline_abort (pipeline, error);
}

GstElement *
h4_pipeline_add_source (H4Pipeline * pipeline, H4Upload * upload,
    H4UploadFile * file, GstCaps * caps, gsize block_size, GError ** error)
{
  GstAppSrcCallbacks callbacks = { on_need_data };
  GstElement *appsrc = h4_pipeline_add (pipeline, "appsrc", error);
  Source *source;

  if (appsrc) {
    source = g_new0 (Source, 1);
    source->pipeline = pipeline;
    source->spool = file ? NULL : upload->spool;
    source->store = file ? h4_store_ref (file->store) : NULL;
    source->block_size = block_size;
    g_ptr_array_add (pipeline->sources, source);
    g_object_set (appsrc, "caps", caps, NULL);
    gst_app_src_set_callbacks (GST_APP_SRC (appsrc), &callbacks, source, NULL);
  }
  if (caps)
    gst_caps_unref (caps);
  return appsrc;
}

static GstFlowReturn
on_new_sample (GstAppSink * appsink, gpointer user_data)
{
  H4Pipeline *pipeline = user_data;
  GstSample *sample = gst_app_sink_pull_sample (appsink);
  GError *error = NULL;
  gboolean ok;

  if (!sample)
    return GST_FLOW_FLUSHING;
  g_atomic_int_inc (&pipeline->progress);
  g_atomic_int_set (&pipeline->writing, 1);
  ok = pipeline->func (sample, pipeline->user_data, &error);
  g_atomic_int_set (&pipeline->writing, 0);
  gst_sample_unref (sample);
  if (ok)
    return GST_FLOW_OK;
  h4_pipeline_abort (pipeline, error);
  return GST_FLOW_ERROR;
}

GstElement *
h4_pipeline_add_sink (H4Pipeline * pipeline, H4PipelineFunc func,
    H4PipelineIdleFunc idle, gpointer user_data, GError ** error)
{
  GstAppSinkCallbacks callbacks = { NULL, NULL, on_new_sample };
  GstElement *appsink = h4_pipeline_add (pipeline, "appsink", error);

  if (appsink) {
    pipeline->func = func;
    pipeline->idle = idle;
    pipeline->user_data = user_data;
    g_object_set (appsink, "sync", FALSE, "async", FALSE, "buffer-list", TRUE,
        "enable-last-sample", FALSE, NULL);
    gst_app_sink_set_callbacks (GST_APP_SINK (appsink), &callbacks, pipeline,
        NULL);
  }
  return appsink;
}

GstElement *
h4_pipeline_add_queue (H4Pipeline * pipeline, GstElement * before,
    gsize block_size, GError ** error)
{
  GstElement *queue;

  if (block_size > QUEUE_MAX_BLOCK)
    return before;
  queue = h4_pipeline_add (pipeline, "queue", error);
  if (!queue)
    return NULL;
  g_object_set (queue, "max-size-buffers", 0, "max-size-time",
      G_GUINT64_CONSTANT (0), "max-size-bytes", QUEUE_SIZE, "silent", TRUE,
      NULL);
  gst_element_link (before, queue);
  return queue;
}

void
h4_pipeline_set_key (GstElement * element, GBytes * key)
{
  GstContext *context = gst_context_new ("harmony4.key", TRUE);

  gst_structure_set (gst_context_writable_structure (context), "key",
      G_TYPE_BYTES, key, NULL);
  gst_element_set_context (element, context);
  gst_context_unref (context);
}

void
h4_pipeline_set_message_func (H4Pipeline * pipeline,
    H4PipelineMessageFunc func, gpointer user_data)
{
  pipeline->message_func = func;
  pipeline->message_data = user_data;
}

void
h4_pipeline_set_stall (H4Pipeline * pipeline, gint64 time, GError * reason)
{
  pipeline->stall_time = time;
  pipeline->stall_reason = reason;
}

void
h4_pipeline_set_given_up (H4Pipeline * pipeline, H4PipelineGivenUpFunc func,
    gpointer user_data, GError * reason)
{
  pipeline->given_up = func;
  pipeline->given_up_data = user_data;
  pipeline->given_up_reason = reason;
}

/* Twice in a row: elements that are being plugged may look like it. */
static gboolean
is_given_up (H4Pipeline * pipeline, guint * times)
{
  if (pipeline->given_up && pipeline->given_up (pipeline->given_up_data))
    *times += 1;
  else
    *times = 0;
  return *times > 1;
}

static void
on_cancelled (GCancellable * cancellable, gpointer user_data)
{
  h4_pipeline_abort (user_data, g_error_new_literal (G_IO_ERROR,
          G_IO_ERROR_CANCELLED, "the client has gone, or the server stops"));
}

static gboolean
has_failed (H4Pipeline * pipeline)
{
  gboolean failed;

  g_mutex_lock (&pipeline->lock);
  failed = pipeline->error != NULL;
  g_mutex_unlock (&pipeline->lock);
  return failed;
}

/* FALSE: it is over. */
static gboolean
handle_message (H4Pipeline * pipeline, GstMessage * message)
{
  GError *error = NULL;
  gchar *debug = NULL;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_EOS:
      return FALSE;
    case GST_MESSAGE_ERROR:
      if (pipeline->message_func)
        pipeline->message_func (message, pipeline->message_data);
      gst_message_parse_error (message, &error, &debug);
      GST_INFO_OBJECT (pipeline->bin, "%s: %s", error->message, debug);
      h4_pipeline_abort (pipeline, error);
      g_free (debug);
      return FALSE;
    case GST_MESSAGE_ELEMENT:
      if (pipeline->message_func)
        pipeline->message_func (message, pipeline->message_data);
      return TRUE;
    default:
      return !has_failed (pipeline);
  }
}

static void
wait_for_end (H4Pipeline * pipeline)
{
  gint64 since = g_get_monotonic_time ();
  gint seen = -1;
  guint given_up = 0;
  gboolean goes_on = TRUE;

  while (goes_on) {
    GstMessage *message = gst_bus_timed_pop_filtered (pipeline->bus,
        pipeline->stall_time ? GST_SECOND : GST_CLOCK_TIME_NONE,
        GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_ELEMENT |
        GST_MESSAGE_APPLICATION);
    gint progress = g_atomic_int_get (&pipeline->progress);

    if (message) {
      goes_on = handle_message (pipeline, message);
      gst_message_unref (message);
    } else if (is_given_up (pipeline, &given_up)) {
      h4_pipeline_abort (pipeline, g_error_copy (pipeline->given_up_reason));
      goes_on = FALSE;
    } else if (progress != seen || g_atomic_int_get (&pipeline->writing)) {
      seen = progress;
      since = g_get_monotonic_time ();
    } else if (g_get_monotonic_time () - since > pipeline->stall_time) {
      h4_pipeline_abort (pipeline, g_error_copy (pipeline->stall_reason));
      goes_on = FALSE;
    }
  }
}

gboolean
h4_pipeline_run (H4Pipeline * pipeline, GCancellable * cancellable,
    GError ** error)
{
  gulong id = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled),
      pipeline, NULL);
  gboolean ok;
  guint i;

  /* a failure has posted its error */
  if (!has_failed (pipeline)) {
    gst_element_set_state (pipeline->bin, GST_STATE_PLAYING);
    wait_for_end (pipeline);
  }
  g_cancellable_disconnect (cancellable, id);
  for (i = 0; i < pipeline->sources->len; i++) {
    Source *source = g_ptr_array_index (pipeline->sources, i);

    if (source->spool)
      h4_spool_cancel (source->spool);
  }
  gst_element_set_state (pipeline->bin, GST_STATE_NULL);
  ok = !has_failed (pipeline);
  if (!ok)
    g_propagate_error (error, g_error_copy (pipeline->error));
  return ok;
}
