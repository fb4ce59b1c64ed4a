/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4videotoken.h"

/**
 * gst_h4_video_token_encode:
 * @token: a token
 * @bytes: (out) (array fixed-size=13): where its bytes go
 *
 * Writes pts_us as 8 bytes, block_index as 4 and is_key as 1, big-endian.
 *
 * Since: 1.0
 */
void
gst_h4_video_token_encode (const GstH4VideoToken * token,
    guint8 bytes[GST_H4_VIDEO_TOKEN_SIZE])
{
  guint64 pts_us = GUINT64_TO_BE (token->pts_us);
  guint32 block_index = GUINT32_TO_BE (token->block_index);

  memcpy (bytes, &pts_us, 8);
  memcpy (bytes + 8, &block_index, 4);
  bytes[12] = token->is_key ? 1 : 0;
}

/**
 * gst_h4_video_token_decode:
 * @token: (out caller-allocates): where the token goes
 * @bytes: (array length=size): what gst_h4_video_token_encode() wrote
 * @size: how many bytes there are
 *
 * Returns: %FALSE, with @token untouched, where @bytes are no token: it has
 *   %GST_H4_VIDEO_TOKEN_SIZE bytes, the last one 0 or 1
 *
 * Since: 1.0
 */
gboolean
gst_h4_video_token_decode (GstH4VideoToken * token, const guint8 * bytes,
    gsize size)
{
  guint64 pts_us;
  guint32 block_index;

  if (size != GST_H4_VIDEO_TOKEN_SIZE || bytes[12] > 1)
    return FALSE;

  memcpy (&pts_us, bytes, 8);
  memcpy (&block_index, bytes + 8, 4);
  token->pts_us = GUINT64_FROM_BE (pts_us);
  token->block_index = GUINT32_FROM_BE (block_index);
  token->is_key = bytes[12];
  return TRUE;
}
