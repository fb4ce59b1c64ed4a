/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4meta.h"

static const gchar *meta_tags[] = { GST_META_TAG_MEMORY_STR, NULL };

/* A part of a buffer is not the block, and another memory is not its bytes. */
static gboolean
is_whole_copy (GQuark type, gpointer data, GstBuffer * from)
{
  const GstMetaTransformCopy *copy = data;

  if (!GST_META_TRANSFORM_IS_COPY (type))
    return FALSE;
  return !copy->region || (copy->offset == 0
      && copy->size == gst_buffer_get_size (from));
}

GType
gst_h4_block_meta_api_get_type (void)
{
  static GType type = 0;

  if (g_once_init_enter (&type)) {
    GType t = gst_meta_api_type_register ("GstH4BlockMetaAPI", meta_tags);
    g_once_init_leave (&type, t);
  }
  return type;
}

static gboolean
gst_h4_block_meta_init (GstMeta * meta, gpointer params, GstBuffer * buffer)
{
  GstH4BlockMeta *self = (GstH4BlockMeta *) meta;

  self->index = 0;
  self->kind = GST_H4_KIND_P;
  self->size = 0;
  return TRUE;
}

static gboolean
gst_h4_block_meta_transform (GstBuffer * dest, GstMeta * meta,
    GstBuffer * buffer, GQuark type, gpointer data)
{
  GstH4BlockMeta *self = (GstH4BlockMeta *) meta;

  if (!is_whole_copy (type, data, buffer))
    return FALSE;
  return gst_buffer_add_h4_block_meta (dest, self->index, self->kind,
      self->size) != NULL;
}

const GstMetaInfo *
gst_h4_block_meta_get_info (void)
{
  static const GstMetaInfo *info = NULL;

  if (g_once_init_enter ((GstMetaInfo **) & info)) {
    const GstMetaInfo *i = gst_meta_register (GST_H4_BLOCK_META_API_TYPE,
        "GstH4BlockMeta", sizeof (GstH4BlockMeta), gst_h4_block_meta_init,
        NULL, gst_h4_block_meta_transform);
    g_once_init_leave ((GstMetaInfo **) & info, (GstMetaInfo *) i);
  }
  return info;
}

/**
 * gst_buffer_add_h4_block_meta: (skip)
 * @buffer: a writable buffer
 * @index: the block's number in its stream, from 0
 * @kind: its kind
 * @size: its bytes
 *
 * Returns: (transfer none): the meta, owned by @buffer
 *
 * Since: 1.0
 */
GstH4BlockMeta *
gst_buffer_add_h4_block_meta (GstBuffer * buffer, guint64 index,
    GstH4Kind kind, guint64 size)
{
  GstH4BlockMeta *meta;

  g_return_val_if_fail (GST_IS_BUFFER (buffer), NULL);

  meta = (GstH4BlockMeta *) gst_buffer_add_meta (buffer,
      GST_H4_BLOCK_META_INFO, NULL);
  if (meta) {
    meta->index = index;
    meta->kind = kind;
    meta->size = size;
  }
  return meta;
}

/**
 * gst_buffer_get_h4_block_meta: (skip)
 * @buffer: a buffer
 *
 * Returns: (transfer none) (nullable): the block meta of @buffer
 *
 * Since: 1.0
 */
GstH4BlockMeta *
gst_buffer_get_h4_block_meta (GstBuffer * buffer)
{
  return (GstH4BlockMeta *) gst_buffer_get_meta (buffer,
      GST_H4_BLOCK_META_API_TYPE);
}

GType
gst_h4_audio_bins_meta_api_get_type (void)
{
  static GType type = 0;

  if (g_once_init_enter (&type)) {
    GType t = gst_meta_api_type_register ("GstH4AudioBinsMetaAPI", meta_tags);
    g_once_init_leave (&type, t);
  }
  return type;
}

static gboolean
gst_h4_audio_bins_meta_init (GstMeta * meta, gpointer params,
    GstBuffer * buffer)
{
  GstH4AudioBinsMeta *self = (GstH4AudioBinsMeta *) meta;

  self->channels = 0;
  self->top_k = 0;
  self->bins = NULL;
  return TRUE;
}

static void
gst_h4_audio_bins_meta_free (GstMeta * meta, GstBuffer * buffer)
{
  GstH4AudioBinsMeta *self = (GstH4AudioBinsMeta *) meta;

  g_clear_pointer (&self->bins, g_free);
}

static gboolean
gst_h4_audio_bins_meta_transform (GstBuffer * dest, GstMeta * meta,
    GstBuffer * buffer, GQuark type, gpointer data)
{
  GstH4AudioBinsMeta *self = (GstH4AudioBinsMeta *) meta;

  if (!is_whole_copy (type, data, buffer))
    return FALSE;
  return gst_buffer_add_h4_audio_bins_meta (dest, self->channels, self->top_k,
      self->bins) != NULL;
}

const GstMetaInfo *
gst_h4_audio_bins_meta_get_info (void)
{
  static const GstMetaInfo *info = NULL;

  if (g_once_init_enter ((GstMetaInfo **) & info)) {
    const GstMetaInfo *i = gst_meta_register (GST_H4_AUDIO_BINS_META_API_TYPE,
        "GstH4AudioBinsMeta", sizeof (GstH4AudioBinsMeta),
        gst_h4_audio_bins_meta_init, gst_h4_audio_bins_meta_free,
        gst_h4_audio_bins_meta_transform);
    g_once_init_leave ((GstMetaInfo **) & info, (GstMetaInfo *) i);
  }
  return info;
}

/**
 * gst_buffer_add_h4_audio_bins_meta: (skip)
 * @buffer: a writable buffer
 * @channels: how many channels have bins of their own
 * @top_k: bins of each channel
 * @bins: (array) (nullable): channels × top_k bins, copied; %NULL for zeros
 *
 * Returns: (transfer none): the meta, owned by @buffer
 *
 * Since: 1.0
 */
GstH4AudioBinsMeta *
gst_buffer_add_h4_audio_bins_meta (GstBuffer * buffer, guint channels,
    guint top_k, const GstH4AudioBin * bins)
{
  GstH4AudioBinsMeta *meta;
  gsize n = (gsize) channels * top_k;

  g_return_val_if_fail (GST_IS_BUFFER (buffer), NULL);

  meta = (GstH4AudioBinsMeta *) gst_buffer_add_meta (buffer,
      GST_H4_AUDIO_BINS_META_INFO, NULL);
  if (meta) {
    meta->channels = channels;
    meta->top_k = top_k;
    meta->bins = bins ? g_memdup2 (bins, n * sizeof (GstH4AudioBin))
        : g_new0 (GstH4AudioBin, n);
  }
  return meta;
}

/**
 * gst_buffer_get_h4_audio_bins_meta: (skip)
 * @buffer: a buffer
 *
 * Returns: (transfer none) (nullable): the audio bins of @buffer
 *
 * Since: 1.0
 */
GstH4AudioBinsMeta *
gst_buffer_get_h4_audio_bins_meta (GstBuffer * buffer)
{
  return (GstH4AudioBinsMeta *) gst_buffer_get_meta (buffer,
      GST_H4_AUDIO_BINS_META_API_TYPE);
}
