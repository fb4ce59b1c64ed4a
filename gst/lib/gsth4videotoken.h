/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_VIDEO_TOKEN_H__
#define __GST_H4_VIDEO_TOKEN_H__

#include <glib.h>

G_BEGIN_DECLS

/**
 * GST_H4_VIDEO_TOKEN_SIZE:
 *
 * Bytes of an encoded video token.
 *
 * Since: 1.0
 */
#define GST_H4_VIDEO_TOKEN_SIZE 13

/**
 * GstH4VideoToken:
 * @pts_us: presentation time in µs
 * @block_index: the block's number in its stream, from 0
 * @is_key: whether the block can be decoded without another
 *
 * When a block is shown, and whether decoding may begin there.
 *
 * Since: 1.0
 */
typedef struct
{
  guint64 pts_us;
  guint32 block_index;
  gboolean is_key;
} GstH4VideoToken;

void gst_h4_video_token_encode (const GstH4VideoToken * token,
    guint8 bytes[GST_H4_VIDEO_TOKEN_SIZE]);

gboolean gst_h4_video_token_decode (GstH4VideoToken * token,
    const guint8 * bytes, gsize size);

G_END_DECLS

#endif
