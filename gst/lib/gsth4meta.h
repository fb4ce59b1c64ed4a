/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_META_H__
#define __GST_H4_META_H__

#include <gst/gst.h>
#include "gsth4kind.h"

G_BEGIN_DECLS

/**
 * GstH4BlockMeta:
 * @meta: parent
 * @index: the block's number in its stream, from 0
 * @kind: what the block is to its neighbours
 * @size: bytes of the block in its stream, also where the buffer holds a token
 *   that speaks of it
 *
 * Says which block of its stream a buffer is. It is tagged "memory" and
 * copied with whole buffers only: an element that makes other bytes of a
 * block drops it rather than pass on a number that no longer holds.
 *
 * Since: 1.0
 */
typedef struct
{
  GstMeta meta;

  guint64 index;
  GstH4Kind kind;
  guint64 size;
} GstH4BlockMeta;

GType gst_h4_block_meta_api_get_type (void);
#define GST_H4_BLOCK_META_API_TYPE (gst_h4_block_meta_api_get_type ())
const GstMetaInfo *gst_h4_block_meta_get_info (void);
#define GST_H4_BLOCK_META_INFO (gst_h4_block_meta_get_info ())

GstH4BlockMeta *gst_buffer_add_h4_block_meta (GstBuffer * buffer,
    guint64 index, GstH4Kind kind, guint64 size);
GstH4BlockMeta *gst_buffer_get_h4_block_meta (GstBuffer * buffer);

/**
 * GstH4AudioBin:
 * @frequency: in Hz
 * @magnitude: from 0.0 to 1.0, relative to the frame's largest
 * @phase: in radians, from -π to π
 *
 * One bin of an audio frame's spectrum, exact.
 *
 * Since: 1.0
 */
typedef struct
{
  gdouble frequency;
  gdouble magnitude;
  gdouble phase;
} GstH4AudioBin;

/**
 * GstH4AudioBinsMeta:
 * @meta: parent
 * @channels: how many channels have bins of their own
 * @top_k: bins of each channel
 * @bins: (array): channels × top_k bins, channel by channel, the largest first
 *
 * The exact bins behind an audio token buffer. Tagged "memory", copied with
 * whole buffers only.
 *
 * Since: 1.0
 */
typedef struct
{
  GstMeta meta;

  guint channels;
  guint top_k;
  GstH4AudioBin *bins;
} GstH4AudioBinsMeta;

GType gst_h4_audio_bins_meta_api_get_type (void);
#define GST_H4_AUDIO_BINS_META_API_TYPE (gst_h4_audio_bins_meta_api_get_type ())
const GstMetaInfo *gst_h4_audio_bins_meta_get_info (void);
#define GST_H4_AUDIO_BINS_META_INFO (gst_h4_audio_bins_meta_get_info ())

GstH4AudioBinsMeta *gst_buffer_add_h4_audio_bins_meta (GstBuffer * buffer,
    guint channels, guint top_k, const GstH4AudioBin * bins);
GstH4AudioBinsMeta *gst_buffer_get_h4_audio_bins_meta (GstBuffer * buffer);

G_END_DECLS

#endif
