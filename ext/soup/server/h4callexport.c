/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "h4calls.h"
#include "h4media.h"
#include "h4problem.h"

/* POST /video/export, POST /audio/mask, POST /export: files as answers. */

#define H4MK_TYPE "application/x-h4mk"

H4UploadFile *
h4_upload_get_file (const H4Upload * upload)
{
  return upload->spool ? NULL : g_ptr_array_index (upload->files, 0);
}

gboolean
h4_upload_has (const H4Upload * upload, const gchar * first, ...)
{
  const gchar *name;
  gboolean all = TRUE;
  va_list args;

  va_start (args, first);
  for (name = first; name && all; name = va_arg (args, const gchar *))
      all = h4_values_is_set (upload->values, name);
  va_end (args);
  return all;
}

/* The upload's name with another ending, or fallback. */
static gchar *
answer_name (const H4Upload * upload, const gchar * ending,
    const gchar * fallback)
{
  const gchar *name = upload->filename && *upload->filename ?
      upload->filename : fallback;
  const gchar *dot = strrchr (name, '.');
  gsize size = dot && dot > name ? (gsize) (dot - name) : strlen (name);

  return g_strdup_printf ("%.*s%s", (int) size, name, ending);
}

static gboolean
refuse_mask (const gchar * field, const gchar * accepted, const gchar * detail,
    GError ** error)
{
  g_propagate_error (error, h4_problem_error (400, field, accepted, "%s",
          detail));
  return FALSE;
}

/* A key and a scheme that the masks can use. */
static gboolean
check_mask (const H4Upload * upload, GError ** error)
{
  H4Values *values = upload->values;
  gboolean raw = strcmp (h4_values_get_text (values, "mode"), "raw") == 0;

  if (!h4_values_get_boolean (values, "mask"))
    return TRUE;
  if (!h4_values_get_key (values, "master_key_hex"))
    return refuse_mask ("master_key_hex", "32 to 2048 hexadecimal digits",
        "mask is true, but master_key_hex is missing.", error);
  if (upload->call->flags & H4_CALL_MANY_FILES || !raw)
    return TRUE;
  if (g_strcmp0 (h4_values_get_text (values, "scheme"), "aes-256-gcm") == 0)
    return refuse_mask ("scheme", "xor-sha256", "Raw blocks can be masked with"
        " xor-sha256 only: a file of the base profile has no place for what"
        " aes-256-gcm needs.", error);
  return TRUE;
}

static gboolean
export_ready (const H4Upload * upload)
{
  H4Values *values = upload->values;

  if (strcmp (h4_values_get_text (values, "mode"), "raw") != 0)
    return FALSE;
  if (!upload->boundary)
    return TRUE;
  return h4_upload_has (upload, "block_size", "fps_hint", "gop", "mode", "mask",
      NULL) && (!h4_values_get_boolean (values, "mask")
      || h4_upload_has (upload, "master_key_hex", "scheme", NULL));
}

static gboolean
mask_ready (const H4Upload * upload)
{
  return !upload->boundary || h4_upload_has (upload, "block_size",
      "master_key_hex", NULL);
}

static gboolean
never_ready (const H4Upload * upload)
{
  return FALSE;
}

static gboolean
on_sample (GstSample * sample, gpointer user_data, GError ** error)
{
  return h4_answer_write_sample (user_data, sample, error);
}

static gboolean
on_idle (gpointer user_data, GError ** error)
{
  return h4_answer_flush (user_data, error);
}

static gboolean
run (H4Pipeline * pipeline, H4Exchange * exchange, H4Answer * answer,
    GError ** error)
{
  return h4_pipeline_run (pipeline, h4_exchange_get_cancellable (exchange),
      error) && h4_answer_finish (answer, error);
}

GstElement *
h4_call_add_blocks (H4Pipeline * pipeline, H4Upload * upload,
    H4UploadFile * file, GError ** error)
{
  H4Values *values = upload->values;
  gint64 block_size = h4_values_get_integer (values, "block_size");
  GstElement *source = h4_pipeline_add_source (pipeline, upload, file, NULL,
      block_size, error);
  GstElement *blocks = source ? h4_pipeline_add (pipeline, "h4videotok",
      error) : NULL;

  if (!blocks)
    return NULL;
  gst_util_set_object_arg (G_OBJECT (blocks), "output", "blocks");
  g_object_set (blocks, "block-size", (guint) block_size,
      "fps-hint", h4_values_get_number (values, "fps_hint"),
      "gop", (guint) h4_values_get_integer (values, "gop"), NULL);
  gst_element_link (source, blocks);
  return blocks;
}

GstElement *
h4_call_add_mask (H4Pipeline * pipeline, H4Upload * upload,
    const gchar * scheme, GError ** error)
{
  GstElement *mask = h4_pipeline_add (pipeline, "h4mask", error);

  if (!mask)
    return NULL;
  gst_util_set_object_arg (G_OBJECT (mask), "mode", "mask");
  gst_util_set_object_arg (G_OBJECT (mask), "scheme", scheme);
  h4_pipeline_set_key (mask, h4_values_get_key (upload->values,
          "master_key_hex"));
  return mask;
}

/* Blocks, perhaps masked, in the reference's container. */
static gboolean
build_base (H4Pipeline * pipeline, H4Upload * upload, H4Answer * answer,
    GError ** error)
{
  GstElement *blocks = h4_call_add_blocks (pipeline, upload,
      h4_upload_get_file (upload), error);
  GstElement *last = blocks && h4_values_get_boolean (upload->values, "mask") ?
      h4_call_add_mask (pipeline, upload, "xor-sha256", error) : blocks;
  GstElement *mux;
  GstElement *sink;

  if (!last || (last != blocks && !gst_element_link (blocks, last)))
    return FALSE;
  last = h4_pipeline_add_queue (pipeline, last,
      h4_values_get_integer (upload->values, "block_size"), error);
  mux = last ? h4_pipeline_add (pipeline, "h4mkmux", error) : NULL;
  sink = mux ? h4_pipeline_add_sink (pipeline, on_sample, NULL, answer,
      error) : NULL;
  if (!sink)
    return FALSE;
  gst_util_set_object_arg (G_OBJECT (mux), "profile", "base");
  return gst_element_link_many (last, mux, sink, NULL);
}

/* Every stream of every file is a track. */
static gboolean
run_media (H4Pipeline * pipeline, H4Upload * upload, H4Exchange * exchange,
    H4Answer * answer, GError ** error)
{
  H4Media *media = h4_media_new (pipeline, upload);
  GstElement *mux = h4_media_build (media, error);
  GstElement *sink = mux ? h4_pipeline_add_sink (pipeline, on_sample, NULL,
      answer, error) : NULL;
  gboolean ok = sink && gst_element_link (mux, sink)
      && run (pipeline, exchange, answer, error);

  if (!ok)
    h4_media_explain (media, error);
  h4_media_free (media);
  return ok;
}

static gboolean
serve_export (H4Upload * upload, H4Exchange * exchange, H4Answer * events,
    GError ** error)
{
  gchar *name = answer_name (upload, ".h4mk", "output");
  H4Pipeline *pipeline = h4_pipeline_new ();
  H4Answer answer;
  gboolean ok;

  h4_answer_init (&answer, exchange, H4MK_TYPE, name, -1);
  if ((upload->call->flags & H4_CALL_MANY_FILES)
      || strcmp (h4_values_get_text (upload->values, "mode"), "raw") != 0)
    ok = run_media (pipeline, upload, exchange, &answer, error);
  else
    ok = build_base (pipeline, upload, &answer, error)
        && run (pipeline, exchange, &answer, error);
  h4_pipeline_free (pipeline);
  h4_answer_clear (&answer);
  g_free (name);
  return ok;
}

/* A file that is still coming is answered by the thread that reads it, so that
 * nothing is kept back while the client is silent. */
static gboolean
build_mask (H4Pipeline * pipeline, H4Upload * upload, H4Answer * answer,
    GError ** error)
{
  gint64 block_size = h4_values_get_integer (upload->values, "block_size");
  H4UploadFile *file = h4_upload_get_file (upload);
  GstElement *source = h4_pipeline_add_source (pipeline, upload, file, NULL,
      block_size, error);
  GstElement *mask = source ? h4_call_add_mask (pipeline, upload, "xor-sha256",
      error) : NULL;
  GstElement *last = NULL, *sink;

  if (!mask || !gst_element_link (source, mask))
    return FALSE;
  g_object_set (mask, "block-size", (guint) block_size, NULL);
  last = file ? h4_pipeline_add_queue (pipeline, mask, block_size, error) :
      mask;
  sink = last ? h4_pipeline_add_sink (pipeline, on_sample,
      file ? NULL : on_idle, answer, error) : NULL;
  return sink && gst_element_link (last, sink);
}

static gboolean
serve_mask (H4Upload * upload, H4Exchange * exchange, H4Answer * events,
    GError ** error)
{
  gchar *name = answer_name (upload, ".masked", "output");
  H4Pipeline *pipeline = h4_pipeline_new ();
  H4Answer answer;
  gboolean ok;

  h4_answer_init (&answer, exchange, "application/octet-stream", name,
      upload->size);
  ok = build_mask (pipeline, upload, &answer, error)
      && run (pipeline, exchange, &answer, error);
  h4_pipeline_free (pipeline);
  h4_answer_clear (&answer);
  g_free (name);
  return ok;
}

const H4CallFuncs h4_call_video_export = {
  "video_export", export_ready, check_mask, serve_export
};

const H4CallFuncs h4_call_audio_mask = {
  "audio_mask", mask_ready, NULL, serve_mask
};

const H4CallFuncs h4_call_export = {
  "export", never_ready, check_mask, serve_export
};
