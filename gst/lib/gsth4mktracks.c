/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4mktracks.h"
#include "gsth4bytes.h"
#include "gsth4json.h"
#include "gsth4mkerror.h"

#define MASKED_CAPS "application/x-h4-masked"

static const gchar *const kind_names[] =
    { "video", "audio", "subtitle", "data" };

G_DEFINE_BOXED_TYPE (GstH4mkTracks, gst_h4mk_tracks, gst_h4mk_tracks_ref,
    gst_h4mk_tracks_unref);

/**
 * gst_h4mk_track_kind_to_string:
 * @kind: a kind
 *
 * Returns: the word that stands in TRAK
 *
 * Since: 1.0
 */
const gchar *
gst_h4mk_track_kind_to_string (GstH4mkTrackKind kind)
{
  return kind_names[kind];
}

static void
gst_h4mk_track_free (GstH4mkTrack * track)
{
  g_free (track->caps);
  g_free (track->codec);
  g_free (track->name);
  g_free (track->language);
  g_free (track->stream_id);
  g_clear_pointer (&track->tags, json_object_unref);
  g_free (track);
}

/**
 * gst_h4mk_track_is_masked:
 * @track: a track
 *
 * Returns: whether its blocks are masked
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_track_is_masked (const GstH4mkTrack * track)
{
  gsize n = strlen (MASKED_CAPS);

  return strncmp (track->caps, MASKED_CAPS, n) == 0
      && (track->caps[n] == '\0' || strchr (",( ;", track->caps[n]));
}

/**
 * gst_h4mk_tracks_new:
 *
 * Returns: (transfer full): an empty list
 *
 * Since: 1.0
 */
GstH4mkTracks *
gst_h4mk_tracks_new (void)
{
  GstH4mkTracks *tracks = g_atomic_rc_box_new0 (GstH4mkTracks);

  tracks->start_time = -1;
  tracks->tracks =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_h4mk_track_free);
  return tracks;
}

GstH4mkTracks *
gst_h4mk_tracks_ref (GstH4mkTracks * tracks)
{
  return g_atomic_rc_box_acquire (tracks);
}

static void
gst_h4mk_tracks_clear (GstH4mkTracks * tracks)
{
  g_strfreev (tracks->need);
  g_free (tracks->uuid);
  g_free (tracks->key);
  g_clear_pointer (&tracks->tags, json_object_unref);
  g_ptr_array_unref (tracks->tracks);
}

void
gst_h4mk_tracks_unref (GstH4mkTracks * tracks)
{
  g_atomic_rc_box_release_full (tracks, (GDestroyNotify) gst_h4mk_tracks_clear);
}

/**
 * gst_h4mk_tracks_add:
 * @tracks: a list that nobody else has yet
 * @id: from 1
 * @kind: what it carries
 * @caps: fixed caps as text
 *
 * Returns: (transfer none): the new track, to be filled in
 *
 * Since: 1.0
 */
GstH4mkTrack *
gst_h4mk_tracks_add (GstH4mkTracks * tracks, guint id, GstH4mkTrackKind kind,
    const gchar * caps)
{
  GstH4mkTrack *track = g_new0 (GstH4mkTrack, 1);

  track->id = id;
  track->kind = kind;
  track->caps = g_strdup (caps);
  g_ptr_array_add (tracks->tracks, track);
  return track;
}

/**
 * gst_h4mk_tracks_find:
 * @tracks: a list
 * @id: a track's id
 *
 * Returns: (transfer none) (nullable): the track
 *
 * Since: 1.0
 */
const GstH4mkTrack *
gst_h4mk_tracks_find (const GstH4mkTracks * tracks, guint id)
{
  guint i;

  for (i = 0; i < tracks->tracks->len; i++) {
    const GstH4mkTrack *track = g_ptr_array_index (tracks->tracks, i);

    if (track->id == id)
      return track;
  }
  return NULL;
}

/**
 * gst_h4mk_tracks_get_primary:
 * @tracks: a list
 *
 * Returns: (transfer none) (nullable): the first video track, else the first
 *   track: the one that spans and the index go by
 *
 * Since: 1.0
 */
const GstH4mkTrack *
gst_h4mk_tracks_get_primary (const GstH4mkTracks * tracks)
{
  guint i;

  for (i = 0; i < tracks->tracks->len; i++) {
    const GstH4mkTrack *track = g_ptr_array_index (tracks->tracks, i);

    if (track->kind == GST_H4MK_TRACK_VIDEO)
      return track;
  }
  return tracks->tracks->len > 0 ? g_ptr_array_index (tracks->tracks, 0) : NULL;
}

gboolean
gst_h4mk_tracks_is_masked (const GstH4mkTracks * tracks)
{
  guint i;

  for (i = 0; i < tracks->tracks->len; i++) {
    if (gst_h4mk_track_is_masked (g_ptr_array_index (tracks->tracks, i)))
      return TRUE;
  }
  return FALSE;
}

static gboolean
same_strv (gchar ** a, gchar ** b)
{
  static gchar *none[] = { NULL };

  return g_strv_equal ((const gchar * const *) (a ? a : none),
      (const gchar * const *) (b ? b : none));
}

/**
 * gst_h4mk_tracks_same_file:
 * @a: a TRAK
 * @b: another
 *
 * Returns: whether both can stand in one file: need, uuid, start and key are
 *   the same
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_tracks_same_file (const GstH4mkTracks * a, const GstH4mkTracks * b)
{
  return same_strv (a->need, b->need) && g_strcmp0 (a->uuid, b->uuid) == 0
      && a->start_time == b->start_time && g_strcmp0 (a->key, b->key) == 0;
}

static void
append_member (GString * out, const gchar * name, const gchar * value)
{
  if (!value)
    return;
  g_string_append_printf (out, ",\"%s\":", name);
  gst_h4_json_append_string (out, value);
}

static void
append_tags (GString * out, JsonObject * tags)
{
  JsonNode *node;

  if (!tags)
    return;
  g_string_append (out, ",\"tags\":");
  node = json_node_init_object (json_node_alloc (), tags);
  gst_h4_json_append (out, node);
  json_node_unref (node);
}

static void
append_track (GString * out, const GstH4mkTrack * track)
{
  g_string_append_printf (out, "{\"id\":%u,\"kind\":\"%s\"", track->id,
      kind_names[track->kind]);
  append_member (out, "caps", track->caps);
  append_member (out, "codec", track->codec);
  append_member (out, "name", track->name);
  append_member (out, "language", track->language);
  append_member (out, "stream_id", track->stream_id);
  append_tags (out, track->tags);
  g_string_append_c (out, '}');
}

/**
 * gst_h4mk_tracks_to_json:
 * @tracks: a list
 *
 * Returns: (transfer full): the payload of its TRAK chunk
 *
 * Since: 1.0
 */
GBytes *
gst_h4mk_tracks_to_json (const GstH4mkTracks * tracks)
{
  GString *out = g_string_new ("{\"v\":1");
  guint i;

  if (tracks->need) {
    g_string_append (out, ",\"need\":[");
    for (i = 0; tracks->need[i]; i++) {
      if (i > 0)
        g_string_append_c (out, ',');
      gst_h4_json_append_string (out, tracks->need[i]);
    }
    g_string_append_c (out, ']');
  }
  append_member (out, "uuid", tracks->uuid);
  if (tracks->start_time >= 0)
    g_string_append_printf (out, ",\"start_unix_ns\":%" G_GINT64_FORMAT,
        tracks->start_time);
  append_member (out, "key", tracks->key);
  append_tags (out, tracks->tags);
  g_string_append (out, ",\"tracks\":[");
  for (i = 0; i < tracks->tracks->len; i++) {
    if (i > 0)
      g_string_append_c (out, ',');
    append_track (out, g_ptr_array_index (tracks->tracks, i));
  }
  g_string_append (out, "]}");
  return g_string_free_to_bytes (out);
}

/* *INDENT-OFF* */
static gboolean damaged (GError ** error, const gchar * format, ...)
    G_GNUC_PRINTF (2, 3);
/* *INDENT-ON* */

static gboolean
damaged (GError ** error, const gchar * format, ...)
{
  va_list args;

  va_start (args, format);
  g_propagate_error (error,
      g_error_new_valist (GST_H4MK_ERROR, GST_H4MK_ERROR_DAMAGED, format,
          args));
  va_end (args);
  return FALSE;
}

/* FALSE only where the member is there and is not a string. */
static gboolean
get_string (JsonObject * object, const gchar * name, gchar ** value,
    GError ** error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (!node)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return damaged (error, "\"%s\" is not a string", name);
  *value = json_node_dup_string (node);
  return TRUE;
}

static gboolean
get_int (JsonObject * object, const gchar * name, gint64 min, gint64 max,
    gint64 * value, GError ** error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (!node)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_INT64
      || json_node_get_int (node) < min || json_node_get_int (node) > max)
    return damaged (error, "\"%s\" is not a number from %" G_GINT64_FORMAT
        " to %" G_GINT64_FORMAT, name, min, max);
  *value = json_node_get_int (node);
  return TRUE;
}

static gboolean
get_tags (JsonObject * object, JsonObject ** tags, GError ** error)
{
  JsonNode *node = json_object_get_member (object, "tags");

  if (!node)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return damaged (error, "\"tags\" is not an object");
  *tags = json_node_dup_object (node);
  return TRUE;
}

static gboolean
get_need (JsonObject * object, GstH4mkTracks * tracks, GError ** error)
{
  JsonNode *node = json_object_get_member (object, "need");
  JsonArray *array;

  if (!node)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return damaged (error, "\"need\" is not an array");
  array = json_node_get_array (node);
  if (json_array_get_length (array) > 0) {
    JsonNode *first = json_array_get_element (array, 0);
    const gchar *name = JSON_NODE_HOLDS_VALUE (first) ?
        json_node_get_string (first) : NULL;

    g_set_error (error, GST_H4MK_ERROR, GST_H4MK_ERROR_UNSUPPORTED,
        "needs a newer reader, one that knows \"%s\"", name ? name : "?");
    return FALSE;
  }
  tracks->need = g_new0 (gchar *, 1);
  return TRUE;
}

static gboolean
get_kind (JsonObject * object, GstH4mkTrackKind * kind, GError ** error)
{
  gchar *name = NULL;
  gboolean found = FALSE;
  guint i;

  if (!get_string (object, "kind", &name, error))
    return FALSE;
  for (i = 0; i < G_N_ELEMENTS (kind_names) && !found; i++) {
    if (g_strcmp0 (name, kind_names[i]) == 0) {
      *kind = (GstH4mkTrackKind) i;
      found = TRUE;
    }
  }
  g_free (name);
  return found || damaged (error, "a track's \"kind\" is none of video, audio, "
      "subtitle, data");
}

static gboolean
read_track (JsonNode * node, GstH4mkTracks * tracks, GError ** error)
{
  GstH4mkTrackKind kind = GST_H4MK_TRACK_DATA;
  JsonObject *object;
  GstH4mkTrack *track;
  gint64 id = 0;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return damaged (error, "a track is not an object");
  object = json_node_get_object (node);
  if (!get_int (object, "id", 1, G_MAXUINT32, &id, error)
      || !get_kind (object, &kind, error))
    return FALSE;

  track = gst_h4mk_tracks_add (tracks, (guint) id, kind, NULL);
  return get_string (object, "caps", &track->caps, error)
      && get_string (object, "codec", &track->codec, error)
      && get_string (object, "name", &track->name, error)
      && get_string (object, "language", &track->language, error)
      && get_string (object, "stream_id", &track->stream_id, error)
      && get_tags (object, &track->tags, error);
}

static gboolean
read_tracks (JsonObject * object, GstH4mkTracks * tracks, GError ** error)
{
  JsonNode *node = json_object_get_member (object, "tracks");
  JsonArray *array;
  guint i, n;

  if (!node || !JSON_NODE_HOLDS_ARRAY (node))
    return damaged (error, "there is no array \"tracks\"");
  array = json_node_get_array (node);
  n = json_array_get_length (array);
  if (n > GST_H4MK_MAX_TRACKS)
    return damaged (error, "more than %d tracks", GST_H4MK_MAX_TRACKS);
  for (i = 0; i < n; i++) {
    if (!read_track (json_array_get_element (array, i), tracks, error))
      return FALSE;
  }
  return TRUE;
}

/**
 * gst_h4mk_tracks_check:
 * @tracks: a list
 * @error: what a reader would refuse
 *
 * Returns: whether a reader takes the list: ids unique and from 1, caps
 *   fixed and of plain types, a key of 32 bytes
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_tracks_check (const GstH4mkTracks * tracks, GError ** error)
{
  GHashTable *ids = g_hash_table_new (NULL, NULL);
  guint8 key[GST_H4MK_KEY_SIZE];
  gboolean ok = TRUE;
  guint i;

  for (i = 0; i < tracks->tracks->len && ok; i++) {
    const GstH4mkTrack *track = g_ptr_array_index (tracks->tracks, i);

    if (track->id == 0 || !g_hash_table_add (ids, GUINT_TO_POINTER (track->id)))
      ok = damaged (error, "track id %u is 0 or used twice", track->id);
    else if (!track->caps)
      ok = damaged (error, "track %u has no \"caps\"", track->id);
    else
      ok = gst_h4mk_caps_check (track->caps, error);
  }
  g_hash_table_unref (ids);
  if (ok && tracks->tracks->len > GST_H4MK_MAX_TRACKS)
    ok = damaged (error, "more than %d tracks", GST_H4MK_MAX_TRACKS);
  if (ok && tracks->key && !gst_h4_unhex (tracks->key, key, sizeof (key)))
    ok = damaged (error, "\"key\" is not %d bytes in hex", GST_H4MK_KEY_SIZE);
  return ok;
}

/**
 * gst_h4mk_tracks_from_json:
 * @data: (array length=size): a TRAK payload
 * @size: how many bytes
 * @error: what is wrong, without a place
 *
 * Members that are not known are passed over.
 *
 * Returns: (transfer full) (nullable): the list
 *
 * Since: 1.0
 */
GstH4mkTracks *
gst_h4mk_tracks_from_json (const guint8 * data, gsize size, GError ** error)
{
  JsonObject *object = gst_h4_json_parse_object (data, size, error);
  GstH4mkTracks *tracks;
  gint64 v = 0;

  if (!object)
    return NULL;

  tracks = gst_h4mk_tracks_new ();
  if (!get_int (object, "v", 0, G_MAXINT64, &v, error))
    goto failed;
  if (v != 1) {
    g_set_error (error, GST_H4MK_ERROR, v > 1 ? GST_H4MK_ERROR_UNSUPPORTED :
        GST_H4MK_ERROR_DAMAGED, "\"v\" is not 1");
    goto failed;
  }
  if (!get_need (object, tracks, error)
      || !get_string (object, "uuid", &tracks->uuid, error)
      || !get_int (object, "start_unix_ns", 0, G_MAXINT64,
          &tracks->start_time, error)
      || !get_string (object, "key", &tracks->key, error)
      || !get_tags (object, &tracks->tags, error)
      || !read_tracks (object, tracks, error)
      || !gst_h4mk_tracks_check (tracks, error))
    goto failed;
  json_object_unref (object);
  return tracks;

  /* ERRORS */
failed:
  json_object_unref (object);
  gst_h4mk_tracks_unref (tracks);
  return NULL;
}
