/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include <gst/pbutils/missing-plugins.h>

#include "h4media.h"
#include "h4mediatype.h"
#include "h4problem.h"

/* How far the streams of a file may be apart, all files together; and of one of
 * many files at least. */
#define QUEUE_BYTES (4 * 1024 * 1024)
#define QUEUE_MIN_BYTES (1024 * 1024)
/* What waits in the muxer beside that: it would hold a second of each. */
#define MUX_BYTES (64 * 1024)
#define STALL_TIME (30 * G_TIME_SPAN_SECOND)

/* A file: what comes out of it is linked when all of all files is known, so
 * that the tracks stand in the order of the files. */
typedef struct
{
  H4Media *media;
  H4UploadFile *file;
  gchar *name;
  GstElement *source, *parse;   /* NULL: it is cut into blocks */
  gboolean alone;               /* its one stream, and there will be no other */
  GPtrArray *pads;              /* with the lock: blocked */
  gboolean known;               /* with the lock */
} Input;

struct _H4Media
{
  H4Pipeline *pipeline;
  H4Upload *upload;
  GstElement *mux;
  GPtrArray *inputs;

  GMutex lock;
  guint waiting;                /* with the lock: files not known yet */
  gint queue_bytes;             /* atomic */
  /* the thread that runs it */
  gchar *missing;               /* a plugin */
  Input *culprit;               /* the file that ended it */
};

static void
input_free (gpointer data)
{
  Input *input = data;

  g_free (input->name);
  g_ptr_array_unref (input->pads);
  g_free (input);
}

H4Media *
h4_media_new (H4Pipeline * pipeline, H4Upload * upload)
{
  H4Media *media = g_new0 (H4Media, 1);

  g_mutex_init (&media->lock);
  media->pipeline = pipeline;
  media->upload = upload;
  media->inputs = g_ptr_array_new_with_free_func (input_free);
  return media;
}

void
h4_media_free (H4Media * media)
{
  g_ptr_array_unref (media->inputs);
  g_mutex_clear (&media->lock);
  g_free (media->missing);
  g_free (media);
}

/* A part that is called file says nothing: then the file's name does. */
static gchar *
track_name (const H4UploadFile * file)
{
  const gchar *name = file->name, *dot;

  if (strcmp (name, "file") == 0)
    name = file->filename ? file->filename : "";
  dot = name == file->name ? NULL : strrchr (name, '.');
  return g_strndup (name, dot && dot > name ? (gsize) (dot - name) :
      strlen (name));
}

static const gchar *
get_scheme (H4Media * media)
{
  const gchar *scheme = h4_values_get_text (media->upload->values, "scheme");

  return scheme ? scheme : "aes-256-gcm";
}

static gboolean
is_masked (H4Media * media)
{
  /* /video/stream has no such parameter */
  return strcmp (media->upload->call->id, "video_stream") != 0
      && h4_values_get_boolean (media->upload->values, "mask");
}

static GstElement *
add_track_mask (H4Media * media, GError ** error)
{
  GstElement *mask = h4_call_add_mask (media->pipeline, media->upload,
      get_scheme (media), error);

  /* one key for all tracks, so each has a salt of its own */
  if (mask && strcmp (get_scheme (media), "xor-sha256") == 0)
    g_object_set (mask, "salt", "random", NULL);
  return mask;
}

/* Streams of a file have one thread, so that one of them may have to wait for
 * the other: all but one may be full. */
static void
share_queues (H4Media * media)
{
  guint i, n = 0;

  for (i = 0; i < media->inputs->len; i++) {
    Input *input = g_ptr_array_index (media->inputs, i);

    n += MAX (input->pads->len, 1) - 1;
  }
  g_atomic_int_set (&media->queue_bytes, MAX (QUEUE_BYTES / (gint) MAX (n, 1),
          QUEUE_MIN_BYTES));
}

/* A stream with a thread of its own waits for nothing but the muxer. */
static GstElement *
add_queue (Input * input, GError ** error)
{
  H4Media *media = input->media;
  GstElement *queue = h4_pipeline_add (media->pipeline, input->alone ?
      "identity" : "queue", error);

  if (queue && !input->alone)
    g_object_set (queue, "max-size-bytes",
        (guint) g_atomic_int_get (&media->queue_bytes), "max-size-buffers", 0,
        "max-size-time", (guint64) 0, NULL);
  return queue;
}

/* pad → queue → (h4mask) → h4mkmux */
static gboolean
link_pad (Input * input, GstPad * pad, GError ** error)
{
  H4Media *media = input->media;
  GstElement *queue = add_queue (input, error);
  GstElement *last = queue;
  GstPad *end, *mux_sink;
  gboolean ok;

  if (!queue)
    return FALSE;
  if (is_masked (media)) {
    last = add_track_mask (media, error);
    if (!last || !gst_element_link (queue, last))
      return FALSE;
  }
  mux_sink = gst_element_request_pad_simple (media->mux, "sink_%u");
  g_object_set (mux_sink, "max-size-bytes", input->alone ? 0 : MUX_BYTES, NULL);
  if (input->name && *input->name)
    g_object_set (mux_sink, "track-name", input->name, NULL);
  end = gst_element_get_static_pad (last, "src");
  ok = gst_pad_link (end, mux_sink) == GST_PAD_LINK_OK;
  gst_object_unref (end);
  gst_object_unref (mux_sink);
  gst_element_sync_state_with_parent (last);
  if (last != queue)
    gst_element_sync_state_with_parent (queue);
  end = gst_element_get_static_pad (queue, "sink");
  ok = ok && gst_pad_link (pad, end) == GST_PAD_LINK_OK;
  gst_object_unref (end);
  return ok;
}

static GstPadProbeReturn hold (GstPad * pad, GstPadProbeInfo * info,
    gpointer user_data);

#define PROBE_ID "h4-probe"

static void
block_pad (Input * input, GstPad * pad)
{
  gulong id = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM,
      hold, input, NULL);

  g_object_set_data (G_OBJECT (pad), PROBE_ID, GSIZE_TO_POINTER (id));
  g_ptr_array_add (input->pads, gst_object_ref (pad));
}

static void
link_input (Input * input)
{
  GError *error = NULL;
  guint i;

  for (i = 0; i < input->pads->len; i++) {
    GstPad *pad = g_ptr_array_index (input->pads, i);

    if (!link_pad (input, pad, &error)) {
      h4_pipeline_abort (input->media->pipeline, error ? error :
          h4_problem_error (422, input->file->name, NULL,
              "A stream of the file cannot be put into H4MK."));
      return;
    }
  }
}

static void
release_input (Input * input)
{
  guint i;

  for (i = 0; i < input->pads->len; i++) {
    GstPad *pad = g_ptr_array_index (input->pads, i);

    gst_pad_remove_probe (pad, GPOINTER_TO_SIZE (g_object_get_data
            (G_OBJECT (pad), PROBE_ID)));
  }
  g_ptr_array_set_size (input->pads, 0);
}

/* A file is known; the last one links all, in their order. */
static void
one_is_known (H4Media * media)
{
  gboolean last;

  g_mutex_lock (&media->lock);
  last = --media->waiting == 0;
  g_mutex_unlock (&media->lock);
  if (last) {
    share_queues (media);
    g_ptr_array_foreach (media->inputs, (GFunc) (void (*)(void)) link_input,
        NULL);
    g_ptr_array_foreach (media->inputs, (GFunc) (void (*)(void)) release_input,
        NULL);
  }
}

/* Data wait. parsebin shows all its pads before it lets data through, so with
 * the first ones all of the file's streams are known. Events that come before
 * do not wait: it sends them while it still shows pads. */
static GstPadProbeReturn
hold (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Input *input = user_data;
  H4Media *media = input->media;
  gboolean known;

  if ((info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM)
      && GST_EVENT_TYPE (info->data) != GST_EVENT_EOS
      && GST_EVENT_TYPE (info->data) != GST_EVENT_GAP)
    return GST_PAD_PROBE_PASS;
  g_mutex_lock (&media->lock);
  known = input->known;
  input->known = TRUE;
  g_mutex_unlock (&media->lock);
  if (!known)
    one_is_known (media);
  return GST_PAD_PROBE_OK;
}

static void
on_pad_added (GstElement * element, GstPad * pad, gpointer user_data)
{
  Input *input = user_data;
  H4Media *media = input->media;
  GError *error = NULL;
  gboolean known;

  g_mutex_lock (&media->lock);
  known = media->waiting == 0;
  if (!known)
    block_pad (input, pad);
  g_mutex_unlock (&media->lock);
  /* streams that begin later, as in chained Ogg, are tracks too */
  if (known && !link_pad (input, pad, &error) && error)
    h4_pipeline_abort (media->pipeline, error);
}

static gboolean
on_autoplug_continue (GstElement * bin, GstPad * pad, GstCaps * caps,
    gpointer user_data)
{
  return h4_media_type_goes_on (pad, caps);
}

static gboolean
add_media (Input * input, GError ** error)
{
  H4Pipeline *pipeline = input->media->pipeline;
  int fd = h4_store_get_fd (input->file->store, error);
  GstElement *source, *parse;
  gchar *path;

  if (fd < 0)
    return FALSE;
  source = h4_pipeline_add (pipeline, "filesrc", error);
  parse = source ? h4_pipeline_add (pipeline, "parsebin", error) : NULL;
  if (!parse)
    return FALSE;
  /* no name in any folder: opened anew, each reader has its own position */
  path = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_object_set (source, "location", path, NULL);
  g_free (path);
  input->source = source;
  input->parse = parse;
  g_signal_connect (parse, "autoplug-continue",
      G_CALLBACK (on_autoplug_continue), input);
  g_signal_connect (parse, "pad-added", G_CALLBACK (on_pad_added), input);
  return gst_element_link (source, parse);
}

static gboolean
add_blocks (Input * input, GError ** error)
{
  H4Media *media = input->media;
  GstElement *blocks = h4_call_add_blocks (media->pipeline, media->upload,
      input->file, error);
  GstPad *pad;

  if (!blocks)
    return FALSE;
  input->alone = TRUE;
  pad = gst_element_get_static_pad (blocks, "src");
  block_pad (input, pad);
  gst_object_unref (pad);
  return TRUE;
}

/* TRUE: it is media, or has to be. */
static gboolean
find_mode (Input * input, gboolean * is_media, GError ** error)
{
  H4Media *media = input->media;
  const gchar *mode = h4_values_get_text (media->upload->values, "mode");
  gboolean must = strcmp (mode, "media") == 0, ok;
  gchar *what = NULL;

  *is_media = strcmp (mode, "raw") != 0
      && h4_media_type_find (input->file->store, !must, &what);
  ok = *is_media || !must;
  if (!ok && what)
    g_propagate_error (error, h4_problem_error (415, input->file->name,
            "a media file", "The file looks like %s, which the server cannot"
            " demux.", what));
  else if (!ok)
    g_propagate_error (error, h4_problem_error (415, input->file->name,
            "a media file", "The file is of no media type that the server"
            " knows."));
  g_free (what);
  return ok;
}

static gboolean
add_input (H4Media * media, H4UploadFile * file, GError ** error)
{
  Input *input = g_new0 (Input, 1);
  gboolean is_media;

  input->media = media;
  input->file = file;
  input->name = track_name (file);
  input->pads = g_ptr_array_new_with_free_func (gst_object_unref);
  g_ptr_array_add (media->inputs, input);
  if (!find_mode (input, &is_media, error))
    return FALSE;
  return is_media ? add_media (input, error) : add_blocks (input, error);
}

static Input *
find_input (H4Media * media, GstObject * object)
{
  guint i;

  for (i = 0; i < media->inputs->len; i++) {
    Input *input = g_ptr_array_index (media->inputs, i);

    if (input->parse && (object == GST_OBJECT (input->source)
            || gst_object_has_as_ancestor (object, GST_OBJECT (input->parse))))
      return input;
  }
  return NULL;
}

static void
on_message (GstMessage * message, gpointer user_data)
{
  H4Media *media = user_data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    media->culprit = find_input (media, GST_MESSAGE_SRC (message));
  else if (!media->missing && gst_is_missing_plugin_message (message))
    media->missing = gst_missing_plugin_message_get_description (message);
}

static gboolean
has_task (GstElement * element)
{
  gboolean has = FALSE;
  GList *l;

  GST_OBJECT_LOCK (element);
  for (l = element->pads; l && !has; l = l->next)
    has = gst_pad_get_task_state (l->data) == GST_TASK_STARTED;
  GST_OBJECT_UNLOCK (element);
  return has;
}

static void
look_for_task (const GValue * item, gpointer user_data)
{
  gboolean *found = user_data;

  *found = *found || has_task (g_value_get_object (item));
}

static gboolean
is_read (Input * input)
{
  gboolean found = has_task (input->source);
  GstIterator *children = gst_bin_iterate_recurse (GST_BIN (input->parse));

  while (gst_iterator_foreach (children, look_for_task,
          &found) == GST_ITERATOR_RESYNC)
    gst_iterator_resync (children);
  gst_iterator_free (children);
  return found;
}

/* parsebin drops the error of a demuxer that meets it while it is being
 * plugged: then no thread reads the file, and nothing will ever come of it. */
static gboolean
is_given_up (gpointer user_data)
{
  H4Media *media = user_data;
  gboolean given_up = FALSE;
  guint i;

  for (i = 0; i < media->inputs->len && !given_up; i++) {
    Input *input = g_ptr_array_index (media->inputs, i);
    gboolean known;

    g_mutex_lock (&media->lock);
    known = input->known;
    g_mutex_unlock (&media->lock);
    given_up = input->parse && !known && !is_read (input);
    if (given_up)
      media->culprit = input;
  }
  return given_up;
}

GstElement *
h4_media_build (H4Media * media, GError ** error)
{
  GPtrArray *files = media->upload->files;
  guint i;

  media->mux = h4_pipeline_add (media->pipeline, "h4mkmux", error);
  if (!media->mux)
    return NULL;
  h4_pipeline_set_message_func (media->pipeline, on_message, media);
  h4_pipeline_set_stall (media->pipeline, STALL_TIME, h4_problem_error (422,
          "file", NULL, "What belongs together lies more than %d MiB apart in"
          " the file.", QUEUE_BYTES >> 20));
  h4_pipeline_set_given_up (media->pipeline, is_given_up, media,
      g_error_new_literal (GST_STREAM_ERROR, GST_STREAM_ERROR_DEMUX,
          "It is damaged before its first frame."));
  /* one more, which is there while they are added */
  media->waiting = files->len + 1;
  for (i = 0; i < files->len; i++)
    if (!add_input (media, g_ptr_array_index (files, i), error))
      return NULL;
  one_is_known (media);
  return media->mux;
}

void
h4_media_explain (H4Media * media, GError ** error)
{
  GError *cause = error ? *error : NULL;
  const gchar *part = media->culprit ? media->culprit->file->name : "file";
  guint status = 422;

  if (!cause || cause->domain == H4_PROBLEM || cause->domain == G_IO_ERROR)
    return;
  if (media->missing || g_error_matches (cause, GST_STREAM_ERROR,
          GST_STREAM_ERROR_TYPE_NOT_FOUND)
      || g_error_matches (cause, GST_STREAM_ERROR, GST_STREAM_ERROR_WRONG_TYPE)
      || g_error_matches (cause, GST_STREAM_ERROR,
          GST_STREAM_ERROR_CODEC_NOT_FOUND))
    status = 415;
  else if (cause->domain != GST_STREAM_ERROR)
    return;
  if (media->missing)
    *error = h4_problem_error (status, part, NULL,
        "The server has no plugin for: %s. (%s)", media->missing,
        cause->message);
  else
    *error = h4_problem_error (status, part, NULL,
        "The file cannot be demuxed: %s", cause->message);
  g_error_free (cause);
}
