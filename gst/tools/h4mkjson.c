/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4json.h"
#include "h4mkjson.h"

const gchar *
h4mk_flag_name (guint bit)
{
  switch (1u << bit) {
    case GST_H4MK_RECORD_DISCONT:
      return "discont";
    case GST_H4MK_RECORD_DROPPABLE:
      return "droppable";
    case GST_H4MK_RECORD_HEADER:
      return "header";
    case GST_H4MK_RECORD_MARKER:
      return "marker";
    case GST_H4MK_RECORD_GAP:
      return "gap";
    case GST_H4MK_RECORD_CORRUPTED:
      return "corrupted";
    case GST_H4MK_RECORD_RESYNC:
      return "resync";
    case GST_H4MK_RECORD_REORDERED:
      return "reordered";
    default:
      return NULL;
  }
}

gchar
h4mk_record_kind (const GstH4mkRecord * record)
{
  if (record->flags & GST_H4MK_RECORD_KEY)
    return 'I';
  return record->flags & (GST_H4MK_RECORD_DROPPABLE
      | GST_H4MK_RECORD_REORDERED) ? 'B' : 'P';
}

gchar *
h4mk_json_to_text (JsonObject * object)
{
  JsonNode *node = json_node_init_object (json_node_alloc (), object);
  GString *text = g_string_new (NULL);

  gst_h4_json_append (text, node);
  json_node_unref (node);
  json_object_unref (object);
  return g_string_free (text, FALSE);
}

static void
add_base_info (JsonObject * json, H4mkSource * source)
{
  guint64 block_size;
  gdouble fps_hint;
  guint gop;

  gst_h4mk_index_get_base_timing (source->index, &block_size, &fps_hint, &gop);
  json_object_set_int_member (json, "block_size", (gint64) block_size);
  json_object_set_double_member (json, "fps_hint", fps_hint);
  json_object_set_int_member (json, "gop", gop);
}

static void
move_member (JsonObject * to, JsonObject * from, const gchar * name)
{
  if (from && json_object_has_member (from, name))
    json_object_set_member (to, name, json_object_dup_member (from, name));
}

/* META's final tags of a track go before those that TRAK knew. */
static void
use_final_tags (JsonArray * tracks, JsonArray * final)
{
  guint i, k;

  for (i = 0; final && i < json_array_get_length (final); i++) {
    JsonObject *tags = json_array_get_object_element (final, i);

    for (k = 0; tags && k < json_array_get_length (tracks); k++) {
      JsonObject *track = json_array_get_object_element (tracks, k);

      if (json_object_get_int_member_with_default (tags, "id", 0)
          == json_object_get_int_member (track, "id"))
        move_member (track, tags, "tags");
    }
  }
}

static JsonObject *
parse_tracks (GstH4mkTracks * tracks, GError ** error)
{
  GBytes *bytes = gst_h4mk_tracks_to_json (tracks);
  JsonObject *trak = gst_h4_json_parse_object (g_bytes_get_data (bytes, NULL),
      g_bytes_get_size (bytes), error);

  g_bytes_unref (bytes);
  return trak;
}

/* Tracks that came while it was recorded: those of the last TRAK, which the
 * first does not have. */
static gboolean
add_late_tracks (JsonArray * array, GstH4mkTracks * first, H4mkSource * source,
    GError ** error)
{
  guint64 n = gst_h4mk_index_get_n_spans (source->index);
  GstH4mkSeekPoint point;
  JsonObject *trak;
  JsonArray *late;
  guint i;

  if (n == 0)
    return TRUE;
  if (!gst_h4mk_index_get_seek_point (source->index, n - 1, &point, error))
    return FALSE;
  trak = parse_tracks (point.tracks, error);
  late = trak ? json_object_get_array_member (trak, "tracks") : NULL;
  for (i = 0; late && i < point.tracks->tracks->len; i++) {
    const GstH4mkTrack *track = g_ptr_array_index (point.tracks->tracks, i);

    if (!gst_h4mk_tracks_find (first, track->id))
      json_array_add_element (array, json_array_dup_element (late, i));
  }
  g_clear_pointer (&trak, json_object_unref);
  gst_h4mk_seek_point_clear (&point);
  return late != NULL;
}

static gboolean
add_track_info (JsonObject * json, H4mkSource * source, GError ** error)
{
  GstH4mkTracks *tracks = gst_h4mk_index_get_tracks (source->index);
  JsonObject *meta = gst_h4mk_index_get_meta (source->index);
  JsonObject *trak;

  if (!tracks)
    return TRUE;
  trak = parse_tracks (tracks, error);
  if (!trak)
    return FALSE;
  if (!add_late_tracks (json_object_get_array_member (trak, "tracks"), tracks,
          source, error)) {
    json_object_unref (trak);
    return FALSE;
  }

  move_member (json, trak, "uuid");
  move_member (json, trak, "start_unix_ns");
  move_member (json, trak, "key");
  if (meta && json_object_has_member (meta, "tracks"))
    use_final_tags (json_object_get_array_member (trak, "tracks"),
        json_object_get_array_member (meta, "tracks"));
  move_member (json, trak, "tags");
  move_member (json, meta, "tags");
  move_member (json, trak, "tracks");
  move_member (json, meta, "toc");
  json_object_unref (trak);
  return TRUE;
}

static gboolean
add_attachments (JsonObject * json, H4mkSource * source, GError ** error)
{
  GPtrArray *attachments;
  JsonArray *array;
  guint i;

  if (!gst_h4mk_index_is_complete (source->index))
    return TRUE;
  attachments = gst_h4mk_index_get_attachments (source->index, error);
  if (!attachments)
    return FALSE;
  array = json_array_new ();
  for (i = 0; i < attachments->len; i++) {
    GstH4mkAttachment *attachment = g_ptr_array_index (attachments, i);
    JsonObject *entry = json_object_new ();

    json_object_set_string_member (entry, "name", attachment->name);
    json_object_set_string_member (entry, "mime_type", attachment->mime_type);
    json_object_set_int_member (entry, "size",
        (gint64) g_bytes_get_size (attachment->bytes));
    json_array_add_object_element (array, entry);
  }
  g_ptr_array_unref (attachments);
  json_object_set_array_member (json, "attachments", array);
  return TRUE;
}

static gboolean
is_masked (H4mkSource * source)
{
  GstH4mkTracks *tracks = gst_h4mk_index_get_tracks (source->index);
  JsonObject *meta = gst_h4mk_index_get_meta (source->index);

  if (tracks)
    return gst_h4mk_tracks_is_masked (tracks);
  return meta && json_object_get_boolean_member_with_default (meta, "masked",
      FALSE);
}

JsonObject *
h4mk_json_info (H4mkSource * source, GError ** error)
{
  GstH4mkIndex *index = source->index;
  gboolean base = gst_h4mk_index_get_profile (index) == GST_H4MK_PROFILE_BASE;
  gint64 duration = gst_h4mk_index_get_duration (index);
  JsonObject *json = json_object_new ();

  json_object_set_string_member (json, "profile", base ? "base" : "track");
  json_object_set_boolean_member (json, "complete",
      gst_h4mk_index_is_complete (index));
  json_object_set_boolean_member (json, "masked", is_masked (source));
  json_object_set_int_member (json, "file_size", (gint64) source->file_size);
  json_object_set_int_member (json, "blocks",
      (gint64) gst_h4mk_index_get_blocks (index));
  if (duration >= 0)
    json_object_set_int_member (json, "duration_ns", duration);
  if (base) {
    add_base_info (json, source);
    return json;
  }

  json_object_set_int_member (json, "spans",
      (gint64) gst_h4mk_index_get_n_spans (index));
  json_object_set_int_member (json, "origin_ns",
      h4mk_source_get_origin (source));
  if (add_track_info (json, source, error)
      && add_attachments (json, source, error))
    return json;
  json_object_unref (json);
  return NULL;
}

static void
add_flags (JsonObject * json, guint64 flags)
{
  JsonArray *names = NULL;
  guint bit;

  for (bit = 0; bit < 14; bit++) {
    if (!(flags & (1u << bit)) || !h4mk_flag_name (bit))
      continue;
    if (!names)
      names = json_array_new ();
    json_array_add_string_element (names, h4mk_flag_name (bit));
  }
  if (names)
    json_object_set_array_member (json, "flags", names);
}

/* Rounds down also below zero. */
static gint64
to_us (gint64 ns)
{
  return ns >= 0 ? ns / 1000 : -((-(ns + 1)) / 1000) - 1;
}

JsonObject *
h4mk_json_block (const H4mkBlock * block, gint64 origin)
{
  const GstH4mkRecord *r = &block->record;
  gchar kind[2] = { h4mk_record_kind (r), 0 };
  JsonObject *json = json_object_new ();
  gint64 time;

  json_object_set_int_member (json, "block", (gint64) block->block);
  if (r->track)
    json_object_set_int_member (json, "track", r->track);
  json_object_set_string_member (json, "kind", kind);
  json_object_set_boolean_member (json, "key",
      (r->flags & GST_H4MK_RECORD_KEY) != 0);
  if (!(r->flags & GST_H4MK_RECORD_NO_PTS)) {
    json_object_set_int_member (json, "pts_us", to_us (r->pts));
    json_object_set_int_member (json, "pts_ns", r->pts);
    if (!__builtin_sub_overflow (r->pts, origin, &time))
      json_object_set_int_member (json, "time_ns", time);
  }
  if (r->flags & GST_H4MK_RECORD_HAS_DTS)
    json_object_set_int_member (json, "dts_ns", r->dts);
  if (r->flags & GST_H4MK_RECORD_HAS_DURATION)
    json_object_set_int_member (json, "duration_ns", r->duration);
  if (r->flags & GST_H4MK_RECORD_HAS_INDEX)
    json_object_set_int_member (json, "index", (gint64) r->index);
  json_object_set_int_member (json, "offset", (gint64) block->offset);
  json_object_set_int_member (json, "size", (gint64) r->size);
  add_flags (json, r->flags);
  return json;
}

JsonObject *
h4mk_json_blocks (const GArray * blocks, gint64 origin)
{
  JsonArray *array = json_array_new ();
  JsonObject *json = json_object_new ();
  guint i;

  for (i = 0; i < blocks->len; i++)
    json_array_add_object_element (array,
        h4mk_json_block (&g_array_index (blocks, H4mkBlock, i), origin));
  json_object_set_array_member (json, "blocks", array);
  return json;
}

static const gchar *
error_name (const GError * error)
{
  switch (error->code) {
    case GST_H4MK_ERROR_FORMAT:
      return "format";
    case GST_H4MK_ERROR_TRUNCATED:
      return "truncated";
    case GST_H4MK_ERROR_LIMIT:
      return "limit";
    case GST_H4MK_ERROR_UNSUPPORTED:
      return "unsupported";
    default:
      return "damaged";
  }
}

static JsonObject *
problem_to_json (const GError * problem)
{
  JsonObject *json = json_object_new ();
  gchar tag_text[5];
  guint64 offset;
  guint32 tag;

  json_object_set_string_member (json, "error", error_name (problem));
  if (gst_h4mk_error_get_place (problem, &tag, &offset)) {
    gst_h4mk_tag_to_string (tag, tag_text);
    if (tag)
      json_object_set_string_member (json, "tag", tag_text);
    json_object_set_int_member (json, "offset", (gint64) offset);
  }
  json_object_set_string_member (json, "message", problem->message);
  return json;
}

static JsonArray *
problems_to_json (const GPtrArray * problems)
{
  JsonArray *array = json_array_new ();
  guint i;

  for (i = 0; i < problems->len; i++)
    json_array_add_object_element (array,
        problem_to_json (g_ptr_array_index (problems, i)));
  return array;
}

static const gchar *
signer_name (GstH4mkSigner signer)
{
  switch (signer) {
    case GST_H4MK_SIGNER_TRUSTED:
      return "trusted";
    case GST_H4MK_SIGNER_UNKNOWN:
      return "unknown";
    default:
      return "none";
  }
}

static void
add_proven (JsonObject * json, const GstH4mkReport * report)
{
  JsonObject *proven;

  if (report->proven_bytes == 0)
    return;
  proven = json_object_new ();
  json_object_set_int_member (proven, "first_block",
      (gint64) report->proven_from);
  json_object_set_int_member (proven, "blocks",
      (gint64) (report->proven_blocks - report->proven_from));
  json_object_set_int_member (proven, "bytes", (gint64) report->proven_bytes);
  if (report->proven_time >= 0)
    json_object_set_int_member (proven, "time_ns", report->proven_time);
  json_object_set_object_member (json, "proven", proven);
}

JsonObject *
h4mk_json_report (const GstH4mkReport * report)
{
  JsonObject *json = json_object_new ();

  json_object_set_string_member (json, "verdict",
      gst_h4mk_verdict_to_string (report->verdict));
  json_object_set_string_member (json, "signer", signer_name (report->signer));
  if (*report->key)
    json_object_set_string_member (json, "key", report->key);
  json_object_set_string_member (json, "profile",
      report->profile == GST_H4MK_PROFILE_BASE ? "base" : "track");
  json_object_set_int_member (json, "file_size", (gint64) report->file_size);
  json_object_set_int_member (json, "read_bytes", (gint64) report->read_bytes);
  json_object_set_int_member (json, "first_block",
      (gint64) report->first_block);
  json_object_set_int_member (json, "blocks", (gint64) report->blocks);
  json_object_set_int_member (json, "spans", (gint64) report->spans);
  if (report->duration >= 0)
    json_object_set_int_member (json, "duration_ns", report->duration);
  json_object_set_boolean_member (json, "links", report->has_links);
  json_object_set_boolean_member (json, "sign", report->has_sign);
  json_object_set_boolean_member (json, "veri", report->has_veri);
  json_object_set_boolean_member (json, "cut", report->cut);
  if (report->cut_at)
    json_object_set_object_member (json, "cut_at",
        problem_to_json (report->cut_at));
  add_proven (json, report);
  json_object_set_array_member (json, "problems",
      problems_to_json (report->problems));
  if (report->more_problems)
    json_object_set_int_member (json, "more_problems",
        (gint64) report->more_problems);
  return json;
}

JsonObject *
h4mk_json_recovery (const GstH4mkRecovery * recovery)
{
  JsonObject *json = json_object_new ();

  json_object_set_int_member (json, "blocks", (gint64) recovery->blocks);
  json_object_set_int_member (json, "lost_blocks",
      (gint64) recovery->lost_blocks);
  json_object_set_int_member (json, "lost_bytes",
      (gint64) recovery->lost_bytes);
  json_object_set_int_member (json, "kept_bytes",
      (gint64) recovery->kept_bytes);
  json_object_set_boolean_member (json, "guessed_timing",
      recovery->guessed_timing);
  json_object_set_boolean_member (json, "signatures_dropped",
      recovery->signatures_dropped);
  json_object_set_array_member (json, "problems",
      problems_to_json (recovery->problems));
  return json;
}
