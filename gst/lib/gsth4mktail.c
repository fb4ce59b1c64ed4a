/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4mktail.h"
#include "gsth4bytes.h"
#include "gsth4json.h"
#include "gsth4mkchunk.h"

#define SAFE_DEFAULT \
    "{\"scope\":\"container+transport-only\",\"no_video_synthesis\":true," \
    "\"no_pixel_semantics\":true,\"no_visual_ml\":true}"

/**
 * gst_h4mk_attachment_new: (skip)
 * @name: "track/tag/n", track 0 for the file
 * @mime_type: of @bytes
 * @bytes: the content
 *
 * Returns: (transfer full): a new attachment
 *
 * Since: 1.0
 */
GstH4mkAttachment *
gst_h4mk_attachment_new (const gchar * name, const gchar * mime_type,
    GBytes * bytes)
{
  GstH4mkAttachment *attachment = g_new (GstH4mkAttachment, 1);

  attachment->name = g_strdup (name);
  attachment->mime_type = g_strdup (mime_type);
  attachment->bytes = g_bytes_ref (bytes);
  return attachment;
}

/**
 * gst_h4mk_attachment_free:
 * @attachment: (transfer full): an attachment
 *
 * Since: 1.0
 */
void
gst_h4mk_attachment_free (GstH4mkAttachment * attachment)
{
  g_free (attachment->name);
  g_free (attachment->mime_type);
  g_bytes_unref (attachment->bytes);
  g_free (attachment);
}

static gboolean
invalid (GError ** error, const gchar * what, GError * reason)
{
  g_set_error (error, GST_H4MK_ERROR, GST_H4MK_ERROR_INVALID, "%s: %s", what,
      reason->message);
  g_error_free (reason);
  return FALSE;
}

static gboolean
put_json (GByteArray * out, guint32 tag, const GString * json, GError ** error)
{
  if (json->len > GST_H4MK_MAX_CHUNK_SIZE) {
    gchar name[5];

    gst_h4mk_tag_to_string (tag, name);
    g_set_error (error, GST_H4MK_ERROR, GST_H4MK_ERROR_LIMIT,
        "%s would take %" G_GSIZE_FORMAT " bytes, more than 64 MiB", name,
        json->len);
    return FALSE;
  }
  gst_h4mk_chunk_append (out, tag, (const guint8 *) json->str,
      (guint) json->len);
  return TRUE;
}

gboolean
gst_h4mk_put_meta (GByteArray * out, const GString * meta, GError ** error)
{
  GError *reason = NULL;
  JsonObject *object;

  object = gst_h4_json_parse_object ((const guint8 *) meta->str, meta->len,
      &reason);
  if (!object)
    return invalid (error, "tags or table of contents", reason);
  json_object_unref (object);
  return put_json (out, GST_H4MK_TAG_META, meta, error);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

/* Sorted by name, whatever the order in which they came. */
static void
append_tags (GString * out, JsonObject * tags)
{
  GList *names = NULL, *l;

  if (tags)
    names = g_list_sort (json_object_get_members (tags), compare_names);
  g_string_append (out, "\"tags\":{");
  for (l = names; l; l = l->next) {
    if (l != names)
      g_string_append_c (out, ',');
    gst_h4_json_append_string (out, l->data);
    g_string_append_c (out, ':');
    gst_h4_json_append (out, json_object_get_member (tags, l->data));
  }
  g_string_append_c (out, '}');
  g_list_free (names);
}

static gint
compare_ids (gconstpointer a, gconstpointer b)
{
  guint ia = GPOINTER_TO_UINT (a), ib = GPOINTER_TO_UINT (b);

  return (ia > ib) - (ia < ib);
}

static void
append_track_tags (GString * out, GHashTable * track_tags)
{
  GList *ids = NULL, *l;

  if (track_tags)
    ids = g_list_sort (g_hash_table_get_keys (track_tags), compare_ids);
  g_string_append (out, ",\"tracks\":[");
  for (l = ids; l; l = l->next) {
    if (l != ids)
      g_string_append_c (out, ',');
    g_string_append_printf (out, "{\"id\":%u,", GPOINTER_TO_UINT (l->data));
    append_tags (out, g_hash_table_lookup (track_tags, l->data));
    g_string_append_c (out, '}');
  }
  g_string_append_c (out, ']');
  g_list_free (ids);
}

static void
append_toc (GString * out, JsonArray * toc)
{
  JsonNode *node = json_node_init_array (json_node_alloc (), toc);

  g_string_append (out, ",\"toc\":");
  gst_h4_json_append (out, node);
  json_node_unref (node);
}

gboolean
gst_h4mk_put_media_meta (GByteArray * out, gboolean masked,
    const GstH4mkTail * tail, GError ** error)
{
  GString *meta = g_string_new (NULL);
  gboolean ok;

  g_string_append_printf (meta, "{\"project\":\"Harmony\303\2304\","
      "\"domain\":\"media\",\"masked\":%s,", masked ? "true" : "false");
  append_tags (meta, tail ? tail->tags : NULL);
  append_track_tags (meta, tail ? tail->track_tags : NULL);
  if (tail && tail->toc)
    append_toc (meta, tail->toc);
  g_string_append_c (meta, '}');
  ok = gst_h4mk_put_meta (out, meta, error);
  g_string_free (meta, TRUE);
  return ok;
}

gboolean
gst_h4mk_put_safe (GByteArray * out, const gchar * safe, GError ** error)
{
  GString *text = g_string_new (safe ? NULL : SAFE_DEFAULT);
  GError *reason = NULL;
  gboolean ok;

  if (safe) {
    JsonObject *object =
        gst_h4_json_parse_object ((const guint8 *) safe, strlen (safe),
        &reason);
    JsonNode *node;

    if (!object) {
      g_string_free (text, TRUE);
      return invalid (error, "the text of SAFE", reason);
    }
    node = json_node_init_object (json_node_alloc (), object);
    gst_h4_json_append (text, node);
    json_node_unref (node);
    json_object_unref (object);
  }
  ok = put_json (out, GST_H4MK_TAG_SAFE, text, error);
  g_string_free (text, TRUE);
  return ok;
}

static gboolean
put_text (GByteArray * out, const gchar * text, const gchar * what,
    GError ** error)
{
  gsize size = text ? strlen (text) : 0;

  if (size > G_MAXUINT16 || (text && !g_utf8_validate (text, -1, NULL))) {
    g_set_error (error, GST_H4MK_ERROR, GST_H4MK_ERROR_INVALID,
        "an attachment's %s is not UTF-8 of at most %d bytes", what,
        G_MAXUINT16);
    return FALSE;
  }
  gst_h4_put_u16 (gst_h4mk_room (out, 2), (guint16) size);
  g_byte_array_append (out, (const guint8 *) text, (guint) size);
  return TRUE;
}

gboolean
gst_h4mk_put_attachment (GByteArray * out, const GstH4mkAttachment * attachment,
    GError ** error)
{
  guint begin = gst_h4mk_chunk_begin (out);
  gsize size;
  gconstpointer data = g_bytes_get_data (attachment->bytes, &size);

  if (!put_text (out, attachment->name, "name", error)
      || !put_text (out, attachment->mime_type, "MIME type", error))
    return FALSE;
  if (size > GST_H4MK_MAX_CHUNK_SIZE
      || out->len - begin - GST_H4MK_CHUNK_HEADER_SIZE + size >
      GST_H4MK_MAX_CHUNK_SIZE) {
    g_set_error (error, GST_H4MK_ERROR, GST_H4MK_ERROR_LIMIT,
        "attachment \"%s\" of %" G_GSIZE_FORMAT " bytes exceeds 64 MiB",
        attachment->name, size);
    return FALSE;
  }
  g_byte_array_append (out, data, (guint) size);
  gst_h4mk_chunk_end (out, begin, GST_H4MK_TAG_ATTA);
  return TRUE;
}
