/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4json.h"
#include "gsth4mkparser.h"
#include "gsth4videotoken.h"
#include "h4media.h"
#include "h4mkjson.h"
#include "h4tokenjson.h"

/* POST /video/stream?mode=media. What the muxer writes is read again: it has
 * put the frames of all streams into one order, whatever the threads did. */

/* A track: how many of its frames there were, and the last one's time. */
typedef struct
{
  guint32 blocks;
  guint64 pts_us;
} Track;

typedef struct
{
  H4Answer *answer;
  GstH4mkParser *parser;
  GByteArray *bytes;            /* from the parser's offset on */
  gsize need;
  GHashTable *tracks;           /* id → Track */
} Events;

static void
append_track (GString * out, const GstH4mkTrack * track)
{
  g_string_append_printf (out, "{\"id\":%u,\"kind\":\"%s\",\"name\":",
      track->id, gst_h4mk_track_kind_to_string (track->kind));
  if (track->name)
    gst_h4_json_append_string (out, track->name);
  else
    g_string_append (out, "null");
  g_string_append (out, ",\"caps\":");
  gst_h4_json_append_string (out, track->caps);
  g_string_append_c (out, '}');
}

/* Where a later chunk names other tracks, meta is said again. */
static void
tell_tracks (Events * events, const GstH4mkTracks * tracks)
{
  GString *json = g_string_new ("{\"mode\":\"media\",\"tracks\":[");
  guint i;

  for (i = 0; i < tracks->tracks->len; i++) {
    if (i > 0)
      g_string_append_c (json, ',');
    append_track (json, g_ptr_array_index (tracks->tracks, i));
  }
  g_string_append (json, "]}");
  h4_answer_meta (events->answer, json->str);
  g_string_free (json, TRUE);
}

static Track *
get_track (Events * events, guint id)
{
  Track *track = g_hash_table_lookup (events->tracks, GUINT_TO_POINTER (id));

  if (!track) {
    track = g_new0 (Track, 1);
    g_hash_table_insert (events->tracks, GUINT_TO_POINTER (id), track);
  }
  return track;
}

/* Tokens have no negative times. A frame without a time has that of the one
 * before it. */
static gboolean
tell_block (Events * events, const GstH4mkRecord * record, GError ** error)
{
  Track *track = get_track (events, record->track);
  guint8 bytes[GST_H4_VIDEO_TOKEN_SIZE];
  GstH4VideoToken token;
  GString *out = h4_answer_event_begin (events->answer, "token");
  gchar json[H4_TOKEN_JSON_MAX], *end;

  if (!(record->flags & GST_H4MK_RECORD_NO_PTS))
    track->pts_us = MAX (0, record->pts) / 1000;
  token.pts_us = track->pts_us;
  token.block_index = track->blocks++;
  token.is_key = (record->flags & GST_H4MK_RECORD_KEY) != 0;
  if (!out)
    return TRUE;
  gst_h4_video_token_encode (&token, bytes);
  end = h4_token_json_put_video (json, bytes, h4mk_record_kind (record),
      record->size);
  /* its last character closes the object */
  g_string_append_len (out, json, end - json - 1);
  g_string_append_printf (out, ",\"track\":%u}", record->track);
  return h4_answer_event_end (events->answer, error);
}

static gboolean
tell (Events * events, const GstH4mkItem * item, GError ** error)
{
  if (item->chunk.tag == GST_H4MK_TAG_TRAK)
    tell_tracks (events, item->tracks);
  if (item->chunk.tag == GST_H4MK_TAG_CORE)
    return tell_block (events, item->record, error);
  return TRUE;
}

static gboolean
parse (Events * events, GError ** error)
{
  GstH4mkResult result = GST_H4MK_RESULT_ITEM;
  gsize used = 0;
  gboolean ok = TRUE;

  while (ok && events->bytes->len - used >= events->need) {
    guint64 offset = gst_h4mk_parser_get_offset (events->parser);
    GstH4mkItem item;

    result = gst_h4mk_parser_next (events->parser, events->bytes->data + used,
        events->bytes->len - used, &item, &events->need, error);
    if (result == GST_H4MK_RESULT_MORE)
      break;
    ok = result == GST_H4MK_RESULT_ITEM && tell (events, &item, error);
    used += gst_h4mk_parser_get_offset (events->parser) - offset;
    events->need = 1;
  }
  g_byte_array_remove_range (events->bytes, 0, used);
  return ok;
}

static void
append_buffer (GByteArray * bytes, GstBuffer * buffer)
{
  gsize size = gst_buffer_get_size (buffer), old = bytes->len;

  g_byte_array_set_size (bytes, old + size);
  gst_buffer_extract (buffer, 0, bytes->data + old, size);
}

static gboolean
on_sample (GstSample * sample, gpointer user_data, GError ** error)
{
  Events *events = user_data;
  GstBufferList *list = gst_sample_get_buffer_list (sample);
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  guint i;

  if (buffer) {
    append_buffer (events->bytes, buffer);
    return parse (events, error);
  }
  for (i = 0; list && i < gst_buffer_list_length (list); i++) {
    append_buffer (events->bytes, gst_buffer_list_get (list, i));
    if (!parse (events, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
run (Events * events, H4Upload * upload, H4Exchange * exchange, GError ** error)
{
  H4Pipeline *pipeline = h4_pipeline_new ();
  H4Media *media = h4_media_new (pipeline, upload);
  GstElement *mux = h4_media_build (media, error);
  GstElement *sink = mux ? h4_pipeline_add_sink (pipeline, on_sample, NULL,
      events, error) : NULL;
  gboolean ok = sink != NULL;

  if (ok) {
    /* nothing of it is kept, so nothing is proven */
    g_object_set (mux, "link", FALSE, "group-duration", (guint64) 0, NULL);
    ok = gst_element_link (mux, sink) && h4_pipeline_run (pipeline,
        h4_exchange_get_cancellable (exchange), error)
        && h4_answer_done (events->answer, error);
  }
  if (!ok)
    h4_media_explain (media, error);
  h4_pipeline_free (pipeline);
  h4_media_free (media);
  return ok;
}

gboolean
h4_media_events_serve (H4Upload * upload, H4Exchange * exchange,
    H4Answer * answer, GError ** error)
{
  Events events = { answer, gst_h4mk_parser_new (), g_byte_array_new (), 1,
    g_hash_table_new_full (NULL, NULL, NULL, g_free)
  };
  gboolean ok;

  gst_h4mk_parser_set_check_blocks (events.parser, FALSE);
  ok = run (&events, upload, exchange, error);
  g_hash_table_unref (events.tracks);
  g_byte_array_unref (events.bytes);
  gst_h4mk_parser_free (events.parser);
  return ok;
}
