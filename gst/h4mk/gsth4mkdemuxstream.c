/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* The streams of h4mkdemux: pads, caps, tags and what pads are asked. */

#include <string.h>

#include "gsth4mkdemuxpriv.h"
#include "gsth4mkplaincaps.h"
#include "gsth4mktags.h"

GST_DEBUG_CATEGORY_EXTERN (gst_h4mk_demux_debug);
#define GST_CAT_DEFAULT gst_h4mk_demux_debug

static GstStreamType
stream_type (GstH4mkTrackKind kind)
{
  switch (kind) {
    case GST_H4MK_TRACK_VIDEO:
      return GST_STREAM_TYPE_VIDEO;
    case GST_H4MK_TRACK_AUDIO:
      return GST_STREAM_TYPE_AUDIO;
    case GST_H4MK_TRACK_SUBTITLE:
      return GST_STREAM_TYPE_TEXT;
    default:
      return GST_STREAM_TYPE_UNKNOWN;
  }
}

void
gst_h4mk_stream_free (gpointer data)
{
  GstH4MkStream *stream = data;

  gst_clear_object (&stream->pad);
  gst_clear_object (&stream->stream);
  gst_clear_caps (&stream->caps);
  gst_clear_tag_list (&stream->tags);
  g_free (stream);
}

GstH4MkStream *
gst_h4mk_demux_find_stream (GstH4MkDemux * self, guint id)
{
  guint i;

  for (i = 0; i < self->streams->len; i++) {
    GstH4MkStream *stream = g_ptr_array_index (self->streams, i);

    if (stream->id == id)
      return stream;
  }
  return NULL;
}

static void
gst_h4mk_demux_remove_stream (GstH4MkDemux * self, GstH4MkStream * stream)
{
  if (stream->added) {
    gst_flow_combiner_remove_pad (self->flows, stream->pad);
    gst_pad_set_active (stream->pad, FALSE);
    gst_element_remove_pad (GST_ELEMENT (self), stream->pad);
  }
  g_ptr_array_remove (self->streams, stream);
}

void
gst_h4mk_demux_free_streams (GstH4MkDemux * self)
{
  while (self->streams->len > 0)
    gst_h4mk_demux_remove_stream (self, g_ptr_array_index (self->streams,
            self->streams->len - 1));
  memset (self->n_pads, 0, sizeof (self->n_pads));
  gst_clear_object (&self->collection);
  gst_clear_tag_list (&self->tags);
  g_clear_pointer (&self->tracks, gst_h4mk_tracks_unref);
}

static void
gst_h4mk_demux_fill_tags (GstH4MkStream * stream, const GstH4mkTrack * track)
{
  GstTagList *tags = track->tags ? gst_h4mk_tags_from_json (track->tags,
      GST_TAG_SCOPE_STREAM) : NULL;

  if (!tags) {
    tags = gst_tag_list_new_empty ();
    gst_tag_list_set_scope (tags, GST_TAG_SCOPE_STREAM);
  }
  if (track->language && *track->language)
    gst_tag_list_add (tags, GST_TAG_MERGE_REPLACE, GST_TAG_LANGUAGE_CODE,
        track->language, NULL);
  if (track->name && *track->name
      && gst_tag_list_get_tag_size (tags, GST_TAG_TITLE) == 0)
    gst_tag_list_add (tags, GST_TAG_MERGE_REPLACE, GST_TAG_TITLE, track->name,
        NULL);
  gst_clear_tag_list (&stream->tags);
  if (gst_tag_list_is_empty (tags))
    gst_tag_list_unref (tags);
  else
    stream->tags = tags;
  stream->need_tags = TRUE;
}

static GstCaps *
gst_h4mk_demux_parse_caps (const GstH4mkTrack * track, GError ** error)
{
  GstCaps *caps = gst_caps_from_string (track->caps);

  if (!caps || !gst_caps_is_fixed (caps)) {
    gst_clear_caps (&caps);
    gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, GST_H4MK_TAG_TRAK, 0,
        "track %u has malformed caps", track->id);
    return NULL;
  }
  gst_h4mk_caps_from_plain (caps);
  return caps;
}

static gboolean
gst_h4mk_demux_src_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstH4MkDemux *self = GST_H4MK_DEMUX (parent);
  gboolean ok;

  if (GST_EVENT_TYPE (event) == GST_EVENT_SEEK) {
    ok = gst_h4mk_demux_seek (self, event);
    gst_event_unref (event);
    return ok;
  }
  /* upstream has bytes, not frames */
  if (GST_EVENT_TYPE (event) == GST_EVENT_QOS) {
    gst_event_unref (event);
    return TRUE;
  }
  return gst_pad_event_default (pad, parent, event);
}

static gboolean
gst_h4mk_demux_answer_seeking (GstH4MkDemux * self, GstQuery * query)
{
  GstFormat format;

  gst_query_parse_seeking (query, &format, NULL, NULL, NULL);
  if (format != GST_FORMAT_TIME)
    return FALSE;
  GST_OBJECT_LOCK (self);
  gst_query_set_seeking (query, format, self->seekable, 0, self->duration);
  GST_OBJECT_UNLOCK (self);
  return TRUE;
}

static gboolean
gst_h4mk_demux_src_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  GstH4MkDemux *self = GST_H4MK_DEMUX (parent);
  GstFormat format;
  gint64 stop;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_DURATION:
      gst_query_parse_duration (query, &format, NULL);
      GST_OBJECT_LOCK (self);
      stop = self->duration;
      GST_OBJECT_UNLOCK (self);
      if (format != GST_FORMAT_TIME || stop < 0)
        return FALSE;
      gst_query_set_duration (query, format, stop);
      return TRUE;
    case GST_QUERY_POSITION:
      gst_query_parse_position (query, &format, NULL);
      if (format != GST_FORMAT_TIME)
        return FALSE;
      GST_OBJECT_LOCK (self);
      gst_query_set_position (query, format, self->segment.position);
      GST_OBJECT_UNLOCK (self);
      return TRUE;
    case GST_QUERY_SEEKING:
      return gst_h4mk_demux_answer_seeking (self, query);
    case GST_QUERY_SEGMENT:
      GST_OBJECT_LOCK (self);
      stop = GST_CLOCK_TIME_IS_VALID (self->segment.stop) ?
          (gint64) self->segment.stop : self->duration;
      gst_query_set_segment (query, self->segment.rate, GST_FORMAT_TIME,
          self->segment.start, stop);
      GST_OBJECT_UNLOCK (self);
      return TRUE;
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

static GstPad *
gst_h4mk_demux_new_pad (GstH4MkDemux * self, GstH4mkTrackKind track_kind)
{
  const gchar *kind = gst_h4mk_track_kind_to_string (track_kind);
  gchar *template_name = g_strconcat (kind, "_%u", NULL);
  gchar *name = g_strdup_printf ("%s_%u", kind, self->n_pads[track_kind]++);
  GstPad *pad;

  pad = gst_object_ref_sink (gst_pad_new_from_template
      (gst_element_class_get_pad_template (GST_ELEMENT_GET_CLASS (self),
              template_name), name));
  g_free (name);
  g_free (template_name);
  gst_pad_set_event_function (pad,
      GST_DEBUG_FUNCPTR (gst_h4mk_demux_src_event));
  gst_pad_set_query_function (pad,
      GST_DEBUG_FUNCPTR (gst_h4mk_demux_src_query));
  gst_pad_use_fixed_caps (pad);
  return pad;
}

static void
gst_h4mk_demux_new_stream (GstH4MkDemux * self, const GstH4mkTrack * track,
    GstCaps * caps)
{
  GstH4MkStream *stream = g_new0 (GstH4MkStream, 1);
  gchar *id = g_strdup_printf ("%03u", track->id);
  gchar *stream_id;

  stream->pad = gst_h4mk_demux_new_pad (self, track->kind);
  stream_id = gst_pad_create_stream_id (stream->pad, GST_ELEMENT (self), id);
  stream->id = track->id;
  stream->kind = track->kind;
  stream->masked = gst_h4mk_track_is_masked (track);
  stream->caps = caps;
  stream->need_segment = TRUE;
  stream->discont = TRUE;
  stream->position = G_MININT64;
  stream->stream = gst_stream_new (stream_id, caps, stream_type (track->kind),
      track->kind == GST_H4MK_TRACK_SUBTITLE || track->kind ==
      GST_H4MK_TRACK_DATA ? GST_STREAM_FLAG_SPARSE : GST_STREAM_FLAG_NONE);
  g_ptr_array_add (self->streams, stream);
  gst_h4mk_demux_fill_tags (stream, track);
  if (stream->tags)
    gst_stream_set_tags (stream->stream, stream->tags);
  g_free (stream_id);
  g_free (id);
}

static void
gst_h4mk_demux_add_pad (GstH4MkDemux * self, GstH4MkStream * stream)
{
  GstEvent *event = gst_event_new_stream_start (gst_stream_get_stream_id
      (stream->stream));

  gst_pad_set_active (stream->pad, TRUE);
  gst_event_set_stream (event, stream->stream);
  gst_event_set_group_id (event, self->group_id);
  if (gst_stream_get_stream_flags (stream->stream))
    gst_event_set_stream_flags (event,
        gst_stream_get_stream_flags (stream->stream));
  gst_pad_push_event (stream->pad, event);
  gst_pad_push_event (stream->pad, gst_event_new_caps (stream->caps));
  gst_element_add_pad (GST_ELEMENT (self), stream->pad);
  gst_flow_combiner_add_pad (self->flows, stream->pad);
  stream->added = TRUE;
}

/* Streams of one file belong together; upstream may know more of them. */
static void
gst_h4mk_demux_find_group_id (GstH4MkDemux * self)
{
  GstEvent *event = gst_pad_get_sticky_event (self->sinkpad,
      GST_EVENT_STREAM_START, 0);

  if (!event || !gst_event_parse_group_id (event, &self->group_id))
    self->group_id = gst_util_group_id_next ();
  self->has_group_id = TRUE;
  if (event)
    gst_event_unref (event);
}

static void
gst_h4mk_demux_publish_streams (GstH4MkDemux * self)
{
  gboolean first = self->collection == NULL;
  guint i;

  if (!self->has_group_id)
    gst_h4mk_demux_find_group_id (self);
  gst_clear_object (&self->collection);
  self->collection = gst_stream_collection_new (NULL);
  for (i = 0; i < self->streams->len; i++) {
    GstH4MkStream *stream = g_ptr_array_index (self->streams, i);

    gst_stream_collection_add_stream (self->collection,
        gst_object_ref (stream->stream));
  }
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_stream_collection (GST_OBJECT (self), self->collection));
  for (i = 0; i < self->streams->len; i++) {
    GstH4MkStream *stream = g_ptr_array_index (self->streams, i);

    if (!stream->added)
      gst_h4mk_demux_add_pad (self, stream);
    gst_pad_push_event (stream->pad,
        gst_event_new_stream_collection (self->collection));
  }
  if (first)
    gst_element_no_more_pads (GST_ELEMENT (self));
}

static void
gst_h4mk_demux_change_caps (GstH4MkDemux * self, GstH4MkStream * stream,
    GstCaps * caps)
{
  if (!gst_caps_is_equal (stream->caps, caps)) {
    gst_caps_replace (&stream->caps, caps);
    gst_stream_set_caps (stream->stream, caps);
    if (stream->added)
      gst_pad_push_event (stream->pad, gst_event_new_caps (caps));
  }
  gst_caps_unref (caps);
}

/* Tracks that left end; new ones get pads; the others may have other caps. */
gboolean
gst_h4mk_demux_set_tracks (GstH4MkDemux * self, GstH4mkTracks * tracks,
    GError ** error)
{
  gboolean changed = FALSE;
  guint i;

  if (tracks == self->tracks)
    return TRUE;

  for (i = self->streams->len; i-- > 0;) {
    GstH4MkStream *stream = g_ptr_array_index (self->streams, i);

    if (!gst_h4mk_tracks_find (tracks, stream->id)) {
      gst_pad_push_event (stream->pad, gst_event_new_eos ());
      gst_h4mk_demux_remove_stream (self, stream);
      changed = TRUE;
    }
  }
  for (i = 0; i < tracks->tracks->len; i++) {
    const GstH4mkTrack *track = g_ptr_array_index (tracks->tracks, i);
    GstH4MkStream *stream = gst_h4mk_demux_find_stream (self, track->id);
    GstCaps *caps = gst_h4mk_demux_parse_caps (track, error);

    if (!caps)
      return FALSE;
    if (stream) {
      gst_h4mk_demux_change_caps (self, stream, caps);
      continue;
    }
    gst_h4mk_demux_new_stream (self, track, caps);
    changed = TRUE;
  }
  if (self->tracks)
    gst_h4mk_tracks_unref (self->tracks);
  self->tracks = gst_h4mk_tracks_ref (tracks);
  if (tracks->tags && !self->tags)
    self->tags = gst_h4mk_tags_from_json (tracks->tags, GST_TAG_SCOPE_GLOBAL);
  if (changed)
    gst_h4mk_demux_publish_streams (self);
  return TRUE;
}

/* The base profile has one stream, of opaque blocks. */
gboolean
gst_h4mk_demux_set_base_stream (GstH4MkDemux * self, guint64 block_size,
    gdouble fps_hint, guint gop, gboolean masked, GError ** error)
{
  GstH4mkTracks *tracks = gst_h4mk_tracks_new ();
  GstCaps *caps;
  gchar *text;
  gboolean ok;

  caps = gst_caps_new_simple (masked ? "application/x-h4-masked" :
      "application/x-h4-blocks",
      "block-size", G_TYPE_INT, (gint) MIN (block_size, G_MAXINT),
      "fps-hint", G_TYPE_DOUBLE, fps_hint, "gop", G_TYPE_INT,
      (gint) MIN (gop, G_MAXINT), NULL);
  if (masked)
    gst_caps_set_simple (caps, "original-media-type", G_TYPE_STRING,
        "application/x-h4-blocks", "scheme", G_TYPE_STRING, "xor-sha256", NULL);
  text = gst_caps_to_string (caps);
  gst_h4mk_tracks_add (tracks, 1, GST_H4MK_TRACK_DATA, text);
  ok = gst_h4mk_demux_set_tracks (self, tracks, error);
  g_free (text);
  gst_caps_unref (caps);
  gst_h4mk_tracks_unref (tracks);
  return ok;
}

static void
gst_h4mk_demux_load_track_tags (GstH4MkDemux * self, JsonObject * entry)
{
  JsonNode *id = json_object_get_member (entry, "id");
  JsonNode *list = json_object_get_member (entry, "tags");
  GstH4MkStream *stream;
  GstTagList *tags;

  if (!id || !list || !JSON_NODE_HOLDS_VALUE (id)
      || !JSON_NODE_HOLDS_OBJECT (list))
    return;
  stream = gst_h4mk_demux_find_stream (self, (guint) json_node_get_int (id));
  tags = stream ? gst_h4mk_tags_from_json (json_node_get_object (list),
      GST_TAG_SCOPE_STREAM) : NULL;
  if (!tags)
    return;
  if (stream->tags)
    gst_tag_list_insert (tags, stream->tags, GST_TAG_MERGE_KEEP);
  gst_clear_tag_list (&stream->tags);
  stream->tags = tags;
  stream->need_tags = TRUE;
  gst_stream_set_tags (stream->stream, tags);
}

void
gst_h4mk_demux_load_tags (GstH4MkDemux * self, JsonObject * meta)
{
  JsonNode *node = json_object_get_member (meta, "tags");
  JsonArray *array;
  guint i;

  if (node && JSON_NODE_HOLDS_OBJECT (node)) {
    gst_clear_tag_list (&self->tags);
    self->tags = gst_h4mk_tags_from_json (json_node_get_object (node),
        GST_TAG_SCOPE_GLOBAL);
  }
  node = json_object_get_member (meta, "tracks");
  if (!node || !JSON_NODE_HOLDS_ARRAY (node))
    return;
  array = json_node_get_array (node);
  for (i = 0; i < json_array_get_length (array); i++) {
    JsonNode *entry = json_array_get_element (array, i);

    if (JSON_NODE_HOLDS_OBJECT (entry))
      gst_h4mk_demux_load_track_tags (self, json_node_get_object (entry));
  }
}

static void
gst_h4mk_demux_add_image (GstTagList ** list, GstTagScope scope,
    const gchar * tag, const GstH4mkAttachment * attachment)
{
  GstSample *sample = gst_h4mk_attachment_to_sample (attachment->mime_type,
      attachment->bytes);

  if (!*list) {
    *list = gst_tag_list_new_empty ();
    gst_tag_list_set_scope (*list, scope);
  }
  *list = gst_tag_list_make_writable (*list);
  gst_tag_list_add (*list, GST_TAG_MERGE_APPEND, tag, sample, NULL);
  gst_sample_unref (sample);
}

void
gst_h4mk_demux_load_attachments (GstH4MkDemux * self, GPtrArray * attachments)
{
  guint i, track;
  gchar *tag;

  for (i = 0; i < attachments->len; i++) {
    const GstH4mkAttachment *attachment = g_ptr_array_index (attachments, i);
    GstH4MkStream *stream;

    if (!gst_h4mk_attachment_parse_name (attachment->name, &track, &tag))
      continue;
    if (track == 0)
      gst_h4mk_demux_add_image (&self->tags, GST_TAG_SCOPE_GLOBAL, tag,
          attachment);
    else if ((stream = gst_h4mk_demux_find_stream (self, track)))
      gst_h4mk_demux_add_image (&stream->tags, GST_TAG_SCOPE_STREAM, tag,
          attachment);
    g_free (tag);
  }
}

void
gst_h4mk_demux_send_toc (GstH4MkDemux * self, JsonObject * meta)
{
  JsonNode *node = json_object_get_member (meta, "toc");
  GstToc *toc;

  if (!node || !JSON_NODE_HOLDS_ARRAY (node))
    return;
  toc = gst_h4mk_toc_from_json (json_node_get_array (node));
  if (toc)
    gst_h4mk_demux_push_event (self, gst_event_new_toc (toc, FALSE));
  gst_h4mk_toc_clear (&toc);
}

gboolean
gst_h4mk_demux_push_event (GstH4MkDemux * self, GstEvent * event)
{
  gboolean ok = FALSE;
  guint i;

  for (i = 0; i < self->streams->len; i++) {
    GstH4MkStream *stream = g_ptr_array_index (self->streams, i);

    if (stream->added)
      ok |= gst_pad_push_event (stream->pad, gst_event_ref (event));
  }
  gst_event_unref (event);
  return ok;
}
