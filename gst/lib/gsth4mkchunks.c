/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <math.h>
#include <string.h>

#include "gsth4mkchunks.h"
#include "gsth4bytes.h"
#include "gsth4json.h"

#define SEEK_ENTRY_SIZE 16

static guint32
get_u32 (const guint8 * p)
{
  guint32 value;

  memcpy (&value, p, 4);
  return GUINT32_FROM_BE (value);
}

static guint64
get_u64 (const guint8 * p)
{
  guint64 value;

  memcpy (&value, p, 8);
  return GUINT64_FROM_BE (value);
}

void
gst_h4mk_chunk_header_read (GstH4mkChunkHeader * header, const guint8 * data)
{
  header->tag = get_u32 (data);
  header->size = get_u32 (data + 4);
  header->crc = get_u32 (data + 8);
}

guint64
gst_h4mk_chunk_limit (guint32 tag)
{
  switch (tag) {
    case GST_H4MK_TAG_CORE:
      return GST_H4MK_MAX_BLOCK_SIZE;
    case GST_H4MK_TAG_TRAK:
      return GST_H4MK_MAX_TRAK_SIZE;
    default:
      return GST_H4MK_MAX_CHUNK_SIZE;
  }
}

gboolean
gst_h4mk_tag_is_lower (guint32 tag)
{
  return g_ascii_islower ((gchar) (tag >> 24));
}

gboolean
gst_h4mk_tag_is_sound (guint32 tag)
{
  return g_ascii_isalpha ((gchar) (tag >> 24))
      && g_ascii_isalnum ((gchar) (tag >> 16))
      && g_ascii_isalnum ((gchar) (tag >> 8)) && g_ascii_isalnum ((gchar) tag);
}

gboolean
gst_h4mk_tag_is_known (guint32 tag)
{
  switch (tag) {
    case GST_H4MK_TAG_CORE:
    case GST_H4MK_TAG_SEEK:
    case GST_H4MK_TAG_META:
    case GST_H4MK_TAG_SAFE:
    case GST_H4MK_TAG_VERI:
    case GST_H4MK_TAG_TRAK:
    case GST_H4MK_TAG_TOKN:
    case GST_H4MK_TAG_LINK:
    case GST_H4MK_TAG_GIDX:
    case GST_H4MK_TAG_ATTA:
    case GST_H4MK_TAG_FOOT:
    case GST_H4MK_TAG_SIGN:
      return TRUE;
    default:
      return FALSE;
  }
}

gboolean
gst_h4mk_chunk_init (GstH4mkChunk * chunk, const guint8 * raw, guint64 offset,
    GError ** error)
{
  GstH4mkChunkHeader header;

  gst_h4mk_chunk_header_read (&header, raw);
  chunk->tag = header.tag;
  chunk->offset = offset;
  chunk->raw = raw;
  chunk->raw_size = GST_H4MK_CHUNK_HEADER_SIZE + (gsize) header.size;
  chunk->payload = raw + GST_H4MK_CHUNK_HEADER_SIZE;
  chunk->size = header.size;
  if (gst_h4mk_crc32 (chunk->payload, chunk->size) != header.crc)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, header.tag,
        offset, "its checksum does not hold");
  return TRUE;
}

gboolean
gst_h4mk_chunk_error (const GstH4mkChunk * chunk, GError * inner,
    GError ** error)
{
  GstH4mkError code = inner->domain == GST_H4MK_ERROR ?
      (GstH4mkError) inner->code : GST_H4MK_ERROR_DAMAGED;

  gst_h4mk_error_set (error, code, chunk->tag, chunk->offset, "%s",
      inner->message);
  g_error_free (inner);
  return FALSE;
}

static gboolean
damaged (const GstH4mkChunk * chunk, GError ** error, const gchar * what)
{
  return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, chunk->tag,
      chunk->offset, "%s", what);
}

static gboolean
is_zero (const guint8 * p, gsize size)
{
  gsize i;

  for (i = 0; i < size; i++) {
    if (p[i] != 0)
      return FALSE;
  }
  return TRUE;
}

static gboolean
check_gidx (const GstH4mkChunk * chunk, GError ** error)
{
  GstH4mkGidx gidx;
  gsize entry_size = GST_H4MK_PAGE_ENTRY_SIZE;

  if (chunk->size < GST_H4MK_GIDX_HEADER_SIZE)
    return damaged (chunk, error, "it is too short");
  gst_h4mk_gidx_read (&gidx, chunk);
  if (gidx.kind > GST_H4MK_GIDX_ROOT || !is_zero (chunk->payload + 1, 3))
    return damaged (chunk, error, "it is neither a page nor a root");
  if (gidx.kind == GST_H4MK_GIDX_ROOT)
    entry_size = GST_H4MK_ROOT_ENTRY_SIZE;
  else if (gidx.count == 0 || gidx.count > GST_H4MK_PAGE_ENTRIES)
    return damaged (chunk, error, "a page holds 1 to 512 entries");
  if ((guint64) gidx.count * entry_size !=
      chunk->size - GST_H4MK_GIDX_HEADER_SIZE)
    return damaged (chunk, error, "its count of entries does not fit");
  return TRUE;
}

static gboolean
check_seek (const GstH4mkChunk * chunk, GstH4mkProfile profile, GError ** error)
{
  guint32 count;

  if (chunk->size < 4)
    return damaged (chunk, error, "it is too short");
  count = get_u32 (chunk->payload);
  if ((guint64) count * SEEK_ENTRY_SIZE != chunk->size - 4)
    return damaged (chunk, error, "its count of entries does not fit");
  if (profile == GST_H4MK_PROFILE_TRACK && count > GST_H4MK_MAX_SEEK_ENTRIES)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_LIMIT, chunk->tag,
        chunk->offset, "more than %d entries", GST_H4MK_MAX_SEEK_ENTRIES);
  return TRUE;
}

static gboolean
check_json (const GstH4mkChunk * chunk, GstH4mkProfile profile, GError ** error)
{
  GError *inner = NULL;
  GstH4mkBaseMeta meta;
  JsonObject *object;

  object = gst_h4_json_parse_object (chunk->payload, chunk->size, &inner);
  if (object && chunk->tag == GST_H4MK_TAG_META
      && profile == GST_H4MK_PROFILE_BASE)
    gst_h4mk_base_meta_read (&meta, object, &inner);
  if (object)
    json_object_unref (object);
  return inner == NULL || gst_h4mk_chunk_error (chunk, inner, error);
}

static gboolean
check_atta (const GstH4mkChunk * chunk, GError ** error)
{
  GstH4Reader r;
  guint16 size;
  const guint8 *text;
  gint i;

  gst_h4_reader_init (&r, chunk->payload, chunk->size);
  for (i = 0; i < 2; i++) {
    if (!gst_h4_reader_u16 (&r, &size)
        || !gst_h4_reader_bytes (&r, size, &text)
        || !g_utf8_validate_len ((const gchar *) text, size, NULL))
      return damaged (chunk, error,
          "its name or type is cut off or not UTF-8 text");
  }
  return TRUE;
}

static gboolean
check_size (const GstH4mkChunk * chunk, gsize size, GError ** error)
{
  if (chunk->size == size)
    return TRUE;
  return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, chunk->tag,
      chunk->offset, "it has %" G_GSIZE_FORMAT " bytes where %" G_GSIZE_FORMAT
      " belong", chunk->size, size);
}

static gboolean
check_link (const GstH4mkChunk * chunk, GError ** error)
{
  GstH4mkLink link;

  if (chunk->size != GST_H4MK_LINK_SIGNED_SIZE
      && !check_size (chunk, GST_H4MK_LINK_SIZE, error))
    return FALSE;
  gst_h4mk_link_read (&link, chunk);
  return link.seq > 0 || damaged (chunk, error, "it has number 0");
}

gboolean
gst_h4mk_chunk_check (const GstH4mkChunk * chunk, GstH4mkProfile profile,
    GError ** error)
{
  gboolean base = profile == GST_H4MK_PROFILE_BASE;

  /* what the track profile adds is unknown to the base profile */
  if (base && chunk->tag != GST_H4MK_TAG_SEEK && chunk->tag != GST_H4MK_TAG_META
      && chunk->tag != GST_H4MK_TAG_SAFE && chunk->tag != GST_H4MK_TAG_VERI)
    return TRUE;

  switch (chunk->tag) {
    case GST_H4MK_TAG_SEEK:
      return check_seek (chunk, profile, error);
    case GST_H4MK_TAG_META:
    case GST_H4MK_TAG_SAFE:
      return check_json (chunk, profile, error);
    case GST_H4MK_TAG_VERI:
      return check_size (chunk, GST_H4MK_VERI_SIZE, error);
    case GST_H4MK_TAG_LINK:
      return check_link (chunk, error);
    case GST_H4MK_TAG_GIDX:
      return check_gidx (chunk, error);
    case GST_H4MK_TAG_FOOT:
      return check_size (chunk, GST_H4MK_FOOT_SIZE, error)
          && (is_zero (chunk->payload + 64, 32)
          || damaged (chunk, error, "its last four fields are not 0"));
    case GST_H4MK_TAG_SIGN:
      return check_size (chunk, GST_H4MK_SIGN_SIZE, error);
    case GST_H4MK_TAG_ATTA:
      return check_atta (chunk, error);
    default:
      return TRUE;
  }
}

void
gst_h4mk_link_read (GstH4mkLink * link, const GstH4mkChunk * chunk)
{
  const guint8 *p = chunk->payload;

  link->seq = get_u64 (p);
  link->self = get_u64 (p + 8);
  link->start = get_u64 (p + 16);
  link->page = get_u64 (p + 24);
  link->chain = p + 32;
  link->signature = chunk->size == GST_H4MK_LINK_SIGNED_SIZE ? p + 64 : NULL;
}

void
gst_h4mk_foot_read (GstH4mkFoot * foot, const GstH4mkChunk * chunk)
{
  const guint8 *p = chunk->payload;

  foot->self = get_u64 (p);
  foot->seek = get_u64 (p + 8);
  foot->meta = get_u64 (p + 16);
  foot->safe = get_u64 (p + 24);
  foot->root = get_u64 (p + 32);
  foot->blocks = get_u64 (p + 40);
  foot->duration = get_u64 (p + 48);
  foot->spans = get_u64 (p + 56);
}

void
gst_h4mk_gidx_read (GstH4mkGidx * gidx, const GstH4mkChunk * chunk)
{
  gidx->kind = chunk->payload[0];
  gidx->count = get_u32 (chunk->payload + 4);
  gidx->prev = get_u64 (chunk->payload + 8);
  gidx->entries = chunk->payload + GST_H4MK_GIDX_HEADER_SIZE;
}

void
gst_h4mk_page_entry_read (GstH4mkPageEntry * entry, const GstH4mkGidx * gidx,
    guint i)
{
  const guint8 *p = gidx->entries + (gsize) i * GST_H4MK_PAGE_ENTRY_SIZE;

  entry->offset = get_u64 (p);
  entry->trak = get_u64 (p + 8);
  entry->first_block = get_u64 (p + 16);
  entry->pts = (gint64) get_u64 (p + 24);
  entry->flags = get_u32 (p + 32);
  entry->blocks = get_u32 (p + 36);
  entry->leaf = p + 40;
}

void
gst_h4mk_root_entry_read (GstH4mkRootEntry * entry, const GstH4mkGidx * gidx,
    guint i)
{
  const guint8 *p = gidx->entries + (gsize) i * GST_H4MK_ROOT_ENTRY_SIZE;

  entry->offset = get_u64 (p);
  entry->first_block = get_u64 (p + 8);
  entry->pts = (gint64) get_u64 (p + 16);
  entry->hash = p + 24;
}

gint64
gst_h4mk_base_interval (gdouble fps_hint)
{
  gdouble us = floor (1000000.0 / fps_hint);

  /* an hour between two frames is beyond anything real */
  return us <= 3600e6 ? (gint64) us *1000 : -1;
}

static gboolean
get_number (JsonObject * object, const gchar * name, gdouble * value)
{
  JsonNode *node = json_object_get_member (object, name);
  GType type = node && JSON_NODE_HOLDS_VALUE (node) ?
      json_node_get_value_type (node) : G_TYPE_INVALID;

  if (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE)
    return FALSE;
  *value = type == G_TYPE_INT64 ? (gdouble) json_node_get_int (node) :
      json_node_get_double (node);
  return TRUE;
}

static gboolean
get_count (JsonObject * object, const gchar * name, gint64 max, gint64 * value)
{
  JsonNode *node = json_object_get_member (object, name);

  if (!node || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_INT64)
    return FALSE;
  *value = json_node_get_int (node);
  return *value > 0 && *value <= max;
}

gboolean
gst_h4mk_base_meta_read (GstH4mkBaseMeta * meta, JsonObject * object,
    GError ** error)
{
  const gchar *what = NULL;
  JsonNode *masked = json_object_get_member (object, "masked");
  gint64 block_size = 0, gop = 0;

  if (!get_count (object, "block_size", G_MAXINT64, &block_size))
    what = "\"block_size\" is not a number from 1";
  else if (!get_count (object, "gop", G_MAXINT, &gop))
    what = "\"gop\" is not a number from 1";
  else if (!get_number (object, "fps_hint", &meta->fps_hint)
      || !(meta->fps_hint > 0) || !isfinite (meta->fps_hint)
      || gst_h4mk_base_interval (meta->fps_hint) < 0)
    what = "\"fps_hint\" is not a frame rate";
  if (what) {
    g_set_error_literal (error, GST_H4MK_ERROR, GST_H4MK_ERROR_DAMAGED, what);
    return FALSE;
  }
  meta->block_size = (guint64) block_size;
  meta->gop = (guint) gop;
  meta->masked = masked && JSON_NODE_HOLDS_VALUE (masked)
      && json_node_get_value_type (masked) == G_TYPE_BOOLEAN
      && json_node_get_boolean (masked);
  return TRUE;
}
