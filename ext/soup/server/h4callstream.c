/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4json.h"
#include "gsth4meta.h"
#include "h4calls.h"
#include "h4tokenjson.h"

/* POST /video/stream, POST /audio/stream: tokens as events. */

#define EVENTS_TYPE "text/event-stream; charset=utf-8"

static gboolean
is_raw (const H4Upload * upload)
{
  return strcmp (h4_values_get_text (upload->values, "mode"), "raw") == 0;
}

/* The number of blocks stands first in the answer: of a form it is known when
 * the form is over. */
static gboolean
video_ready (const H4Upload * upload)
{
  return !upload->boundary && is_raw (upload);
}

static gboolean
audio_ready (const H4Upload * upload)
{
  return !upload->boundary || h4_upload_has (upload, "sample_rate",
      "frame_size", "top_k", NULL);
}

/* Until there is a token the status may still be another one. */
static gboolean
on_idle (gpointer user_data, GError ** error)
{
  H4Answer *answer = user_data;

  return answer->events == 0 || h4_answer_flush (answer, error);
}

static gboolean
tell_video (H4Answer * answer, const GstMapInfo * map, GError ** error)
{
  gchar json[H4_TOKEN_JSON_MAX];
  GString *out = h4_answer_event_begin (answer, "token");

  if (!out)
    return TRUE;
  g_string_append_len (out, json, h4_token_json_put_video (json, map->data, 0,
          0) - json);
  return h4_answer_event_end (answer, error);
}

/* A buffer is a frame: a token for each of its bins. */
static gboolean
tell_audio (H4Answer * answer, const GstMapInfo * map,
    const GstH4AudioBinsMeta * meta, GError ** error)
{
  gsize n = map->size / H4_AUDIO_TOKEN_SIZE, i;
  gboolean ok = TRUE;

  for (i = 0; ok && i < n; i++) {
    const guint8 *token = map->data + i * H4_AUDIO_TOKEN_SIZE;
    GString *out = h4_answer_event_begin (answer, "token");
    gchar json[H4_TOKEN_JSON_MAX];
    H4TokenBin bin;

    if (!out)
      continue;
    if (meta && i < meta->top_k) {
      bin.frequency = meta->bins[i].frequency;
      bin.magnitude = meta->bins[i].magnitude;
      bin.phase = meta->bins[i].phase;
    } else {
      h4_token_json_decode_bin (token, &bin);
    }
    g_string_append_len (out, json, h4_token_json_put_audio (json, token,
            &bin, -1) - json);
    ok = h4_answer_event_end (answer, error);
  }
  return ok;
}

static gboolean
tell_buffer (H4Answer * answer, GstBuffer * buffer, gboolean video,
    GError ** error)
{
  GstMapInfo map;
  gboolean ok;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "tokens without memory");
    return FALSE;
  }
  ok = video ? tell_video (answer, &map, error) : tell_audio (answer, &map,
      gst_buffer_get_h4_audio_bins_meta (buffer), error);
  gst_buffer_unmap (buffer, &map);
  return ok;
}

static gboolean
on_tokens (GstSample * sample, gpointer user_data, GError ** error)
{
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  GstBufferList *list = gst_sample_get_buffer_list (sample);
  const GstStructure *caps = gst_caps_get_structure (gst_sample_get_caps
      (sample), 0);
  gboolean video = g_strcmp0 (gst_structure_get_string (caps, "domain"),
      "video") == 0;
  gboolean ok = !buffer || tell_buffer (user_data, buffer, video, error);
  guint n = list ? gst_buffer_list_length (list) : 0, i;

  for (i = 0; ok && i < n; i++)
    ok = tell_buffer (user_data, gst_buffer_list_get (list, i), video, error);
  return ok;
}

static gchar *
video_meta (const H4Upload * upload)
{
  H4Values *values = upload->values;
  gint64 block_size = h4_values_get_integer (values, "block_size");
  GString *json = g_string_new ("{");

  if (upload->size >= 0)
    g_string_append_printf (json, "\"blocks\":%" G_GINT64_FORMAT ",",
        upload->size / block_size + (upload->size % block_size != 0));
  g_string_append_printf (json, "\"block_size\":%" G_GINT64_FORMAT
      ",\"fps_hint\":", block_size);
  gst_h4_json_append_double (json, h4_values_get_number (values, "fps_hint"));
  g_string_append_printf (json, ",\"gop\":%" G_GINT64_FORMAT "}",
      h4_values_get_integer (values, "gop"));
  return g_string_free (json, FALSE);
}

static GstElement *
build_video (H4Pipeline * pipeline, H4Upload * upload, GError ** error)
{
  H4Values *values = upload->values;
  GstElement *source = h4_pipeline_add_source (pipeline, upload,
      h4_upload_get_file (upload), NULL, 0, error);
  GstElement *tokens = source ? h4_pipeline_add (pipeline, "h4videotok",
      error) : NULL;

  if (!tokens)
    return NULL;
  g_object_set (tokens,
      "block-size", (guint) h4_values_get_integer (values, "block_size"),
      "fps-hint", h4_values_get_number (values, "fps_hint"),
      "gop", (guint) h4_values_get_integer (values, "gop"), NULL);
  gst_element_link (source, tokens);
  return tokens;
}

static gchar *
audio_meta (const H4Upload * upload)
{
  H4Values *values = upload->values;

  return g_strdup_printf ("{\"sample_rate\":%" G_GINT64_FORMAT
      ",\"frame_size\":%" G_GINT64_FORMAT ",\"top_k\":%" G_GINT64_FORMAT "}",
      h4_values_get_integer (values, "sample_rate"),
      h4_values_get_integer (values, "frame_size"),
      h4_values_get_integer (values, "top_k"));
}

static GstElement *
build_audio (H4Pipeline * pipeline, H4Upload * upload, GError ** error)
{
  H4Values *values = upload->values;
  GstCaps *caps = gst_caps_new_simple ("audio/x-raw",
      "format", G_TYPE_STRING, "S16LE", "layout", G_TYPE_STRING, "interleaved",
      "channels", G_TYPE_INT, 1, "rate", G_TYPE_INT,
      (gint) h4_values_get_integer (values, "sample_rate"), NULL);
  GstElement *source = h4_pipeline_add_source (pipeline, upload,
      h4_upload_get_file (upload), caps, 0, error);
  GstElement *tokens = source ? h4_pipeline_add (pipeline, "h4audiofft",
      error) : NULL;

  if (!tokens)
    return NULL;
  g_object_set (tokens,
      "frame-size", (guint) h4_values_get_integer (values, "frame_size"),
      "top-k", (guint) h4_values_get_integer (values, "top_k"), NULL);
  gst_element_link (source, tokens);
  return tokens;
}

static gboolean
run (H4Upload * upload, H4Exchange * exchange, H4Answer * answer,
    GError ** error)
{
  gboolean video = strcmp (upload->call->id, "video_stream") == 0;
  H4Pipeline *pipeline = h4_pipeline_new ();
  GstElement *tokens = video ? build_video (pipeline, upload, error) :
      build_audio (pipeline, upload, error);
  GstElement *sink = tokens ? h4_pipeline_add_sink (pipeline, on_tokens,
      on_idle, answer, error) : NULL;
  gboolean ok = sink && gst_element_link (tokens, sink);
  gchar *meta = video ? video_meta (upload) : audio_meta (upload);

  if (ok) {
    h4_answer_meta (answer, meta);
    ok = h4_pipeline_run (pipeline, h4_exchange_get_cancellable (exchange),
        error) && h4_answer_done (answer, error);
  }
  g_free (meta);
  h4_pipeline_free (pipeline);
  return ok;
}

static gboolean
serve_stream (H4Upload * upload, H4Exchange * exchange, H4Answer * events,
    GError ** error)
{
  gboolean media = strcmp (upload->call->id, "video_stream") == 0
      && !is_raw (upload), ok;
  H4Answer own, *answer = events;

  if (!events) {
    answer = &own;
    h4_answer_init (answer, exchange, EVENTS_TYPE, NULL, -1);
  }
  ok = media ? h4_media_events_serve (upload, exchange, answer, error) :
      run (upload, exchange, answer, error);
  if (!events)
    h4_answer_clear (answer);
  return ok;
}

const H4CallFuncs h4_call_video_stream = {
  "video_stream", video_ready, NULL, serve_stream
};

const H4CallFuncs h4_call_audio_stream = {
  "audio_stream", audio_ready, NULL, serve_stream
};
