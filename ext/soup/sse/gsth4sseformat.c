/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4meta.h"
#include "gsth4sseformat.h"
#include "h4tokenjson.h"

void
gst_h4_sse_format_init (GstH4SseFormat * format)
{
  memset (format, 0, sizeof (*format));
  format->meta = g_string_new (NULL);
  format->text = g_string_new (NULL);
}

void
gst_h4_sse_format_clear (GstH4SseFormat * format)
{
  g_string_free (format->meta, TRUE);
  g_string_free (format->text, TRUE);
  g_free (format->event);
}

static void
gst_h4_sse_format_add_member (GString * meta, const gchar * name, gint64 value)
{
  g_string_append_printf (meta, "%s\"%s\":%" G_GINT64_FORMAT,
      meta->len > 1 ? "," : "", name, value);
}

/* A field of the caps by another name; those that are not there are left
 * out. */
static void
gst_h4_sse_format_add_field (GString * meta, const GstStructure * s,
    const gchar * field, const gchar * name)
{
  gint value;

  if (gst_structure_get_int (s, field, &value))
    gst_h4_sse_format_add_member (meta, name, value);
}

static void
gst_h4_sse_format_set_video (GstH4SseFormat * format, const GstStructure * s,
    gint64 n_blocks)
{
  GString *meta = format->meta;
  gchar number[H4_TOKEN_JSON_MAX];
  gdouble fps_hint;
  gint block_size = 0;

  gst_structure_get_int (s, "block-size", &block_size);
  format->own_blocks = block_size == 0;
  if (n_blocks >= 0)
    gst_h4_sse_format_add_member (meta, "blocks", n_blocks);
  gst_h4_sse_format_add_field (meta, s, "block-size", "block_size");
  if (gst_structure_get_double (s, "fps-hint", &fps_hint)) {
    *h4_token_json_put_double (number, fps_hint) = '\0';
    g_string_append_printf (meta, "%s\"fps_hint\":%s",
        meta->len > 1 ? "," : "", number);
  }
  gst_h4_sse_format_add_field (meta, s, "gop", "gop");
}

/* Caps have UTF-8. */
static void
gst_h4_sse_format_add_text (GString * meta, const gchar * name,
    const gchar * text)
{
  g_string_append_printf (meta, "%s\"%s\":\"", meta->len > 1 ? "," : "", name);
  for (; *text; text++) {
    if (*text == '"' || *text == '\\')
      g_string_append_c (meta, '\\');
    if (g_ascii_iscntrl (*text))
      g_string_append_printf (meta, "\\u%04x", *text);
    else
      g_string_append_c (meta, *text);
  }
  g_string_append_c (meta, '"');
}

static void
gst_h4_sse_format_set_audio (GstH4SseFormat * format, const GstStructure * s)
{
  GString *meta = format->meta;
  const gchar *window = gst_structure_get_string (s, "window");
  gint channels = 1, frame_size = 0, hop;

  gst_h4_sse_format_add_field (meta, s, "rate", "sample_rate");
  gst_h4_sse_format_add_field (meta, s, "frame-size", "frame_size");
  gst_h4_sse_format_add_field (meta, s, "top-k", "top_k");
  gst_structure_get_int (s, "frame-size", &frame_size);
  if (gst_structure_get_int (s, "hop", &hop) && hop != frame_size / 2)
    gst_h4_sse_format_add_member (meta, "hop", hop);
  gst_structure_get_int (s, "channels", &channels);
  format->channels = MAX (channels, 1);
  if (format->channels > 1)
    gst_h4_sse_format_add_member (meta, "channels", format->channels);
  if (window && !g_str_equal (window, "hann"))
    gst_h4_sse_format_add_text (meta, "window", window);
}

void
gst_h4_sse_format_set_caps (GstH4SseFormat * format, const GstCaps * caps,
    gint64 n_blocks)
{
  const GstStructure *s = gst_caps_get_structure (caps, 0);

  g_string_assign (format->meta, "{");
  if (gst_structure_has_name (s, "application/json")) {
    format->domain = GST_H4_SSE_DOMAIN_JSON;
    g_string_append (format->meta, "\"format\":\"json\"");
  } else if (gst_structure_has_name (s, "text/x-raw")) {
    format->domain = GST_H4_SSE_DOMAIN_TEXT;
    g_string_append (format->meta, "\"format\":\"text\"");
  } else if (g_strcmp0 (gst_structure_get_string (s, "domain"), "audio") == 0) {
    format->domain = GST_H4_SSE_DOMAIN_AUDIO;
    gst_h4_sse_format_set_audio (format, s);
  } else {
    format->domain = GST_H4_SSE_DOMAIN_VIDEO;
    gst_h4_sse_format_set_video (format, s, n_blocks);
  }
  g_string_append_c (format->meta, '}');
}

static gboolean
gst_h4_sse_format_append_video (GstH4SseFormat * format, GstBuffer * buffer,
    const GstMapInfo * map, H4Stream * stream, const gchar ** reason)
{
  GstH4BlockMeta *block = NULL;
  gchar json[H4_TOKEN_JSON_MAX];
  gchar *end;

  if (map->size != H4_VIDEO_TOKEN_SIZE) {
    *reason = "a video token has 13 bytes";
    return FALSE;
  }
  if (format->own_blocks)
    block = gst_buffer_get_h4_block_meta (buffer);
  end = h4_token_json_put_video (json, map->data,
      block ? gst_h4_kind_to_char (block->kind) : 0, block ? block->size : 0);
  h4_stream_append (stream, format->event, json, end - json);
  return TRUE;
}

/* A bin of the buffer's, exact where it has them. */
static void
gst_h4_sse_format_get_bin (const GstH4AudioBinsMeta * exact,
    const guint8 * token, guint i, H4TokenBin * bin)
{
  if (exact) {
    bin->frequency = exact->bins[i].frequency;
    bin->magnitude = exact->bins[i].magnitude;
    bin->phase = exact->bins[i].phase;
  } else {
    h4_token_json_decode_bin (token, bin);
  }
}

static void
gst_h4_sse_format_append_bins (GstH4SseFormat * format,
    const GstH4AudioBinsMeta * exact, const guint8 * tokens, guint n,
    H4Stream * stream)
{
  guint i, per_channel = n / format->channels;

  for (i = 0; i < n; i++, tokens += H4_AUDIO_TOKEN_SIZE) {
    gchar json[H4_TOKEN_JSON_MAX], *end;
    H4TokenBin bin;

    gst_h4_sse_format_get_bin (exact, tokens, i, &bin);
    end = h4_token_json_put_audio (json, tokens, &bin,
        format->channels > 1 ? (gint) (i / per_channel) : -1);
    h4_stream_append (stream, format->event, json, end - json);
  }
}

static void
gst_h4_sse_format_append_frame (GstH4SseFormat * format, GstClockTime pts,
    const GstH4AudioBinsMeta * exact, const guint8 * tokens, guint n,
    H4Stream * stream)
{
  GString *text = format->text;
  guint i, per_channel = n / format->channels;

  if (GST_CLOCK_TIME_IS_VALID (pts))
    g_string_printf (text, "{\"pts_us\":%" G_GUINT64_FORMAT ",\"bins\":[",
        pts / GST_USECOND);
  else
    g_string_assign (text, "{\"pts_us\":null,\"bins\":[");
  for (i = 0; i < n; i++, tokens += H4_AUDIO_TOKEN_SIZE) {
    gchar json[H4_TOKEN_JSON_MAX], *end;
    H4TokenBin bin;

    gst_h4_sse_format_get_bin (exact, tokens, i, &bin);
    end = h4_token_json_put_bin (json, &bin,
        format->channels > 1 ? (gint) (i / per_channel) : -1);
    if (i > 0)
      g_string_append_c (text, ',');
    g_string_append_len (text, json, end - json);
  }
  g_string_append (text, "]}");
  h4_stream_append (stream, format->event, text->str, text->len);
}

static gboolean
gst_h4_sse_format_append_audio (GstH4SseFormat * format, GstBuffer * buffer,
    const GstMapInfo * map, H4Stream * stream, const gchar ** reason)
{
  GstH4AudioBinsMeta *exact = gst_buffer_get_h4_audio_bins_meta (buffer);
  guint n = map->size / H4_AUDIO_TOKEN_SIZE;

  if (map->size == 0 || map->size % (H4_AUDIO_TOKEN_SIZE
          * (gsize) format->channels) != 0) {
    *reason = "audio tokens have 8 bytes for each bin of each channel";
    return FALSE;
  }
  if (exact && (guint64) exact->channels * exact->top_k != n)
    exact = NULL;
  if (format->frames)
    gst_h4_sse_format_append_frame (format, GST_BUFFER_PTS (buffer), exact,
        map->data, n, stream);
  else
    gst_h4_sse_format_append_bins (format, exact, map->data, n, stream);
  return TRUE;
}

/* Events are UTF-8; what is not becomes replacement characters. A NUL that
 * ends a text is none of it. */
static void
gst_h4_sse_format_append_text (GstH4SseFormat * format,
    const GstMapInfo * map, H4Stream * stream)
{
  const gchar *text = (const gchar *) map->data;
  gsize size = map->size;
  gchar *valid;

  while (size > 0 && text[size - 1] == '\0')
    size--;
  if (size == 0)
    return;
  if (g_utf8_validate_len (text, size, NULL)) {
    h4_stream_append (stream, format->event, text, size);
    return;
  }
  valid = g_utf8_make_valid (text, size);
  h4_stream_append (stream, format->event, valid, strlen (valid));
  g_free (valid);
}

gboolean
gst_h4_sse_format_append (GstH4SseFormat * format, GstBuffer * buffer,
    H4Stream * stream, const gchar ** reason)
{
  gboolean good = TRUE;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    *reason = "the buffer cannot be read";
    return FALSE;
  }
  switch (format->domain) {
    case GST_H4_SSE_DOMAIN_VIDEO:
      good = gst_h4_sse_format_append_video (format, buffer, &map, stream,
          reason);
      break;
    case GST_H4_SSE_DOMAIN_AUDIO:
      good = gst_h4_sse_format_append_audio (format, buffer, &map, stream,
          reason);
      break;
    default:
      gst_h4_sse_format_append_text (format, &map, stream);
      break;
  }
  gst_buffer_unmap (buffer, &map);
  return good;
}
