/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4mkindex-private.h"

/**
 * gst_h4mk_index_list_keys:
 * @index: an opened index of a file in the track profile
 * @number: of a span
 * @track: a track's id
 * @keys: (element-type GstH4mkKey): filled with the span's key blocks of the
 *   track, in file order; what it held is removed
 * @error: of reading
 *
 * Passes over the span from group to group: no block is read.
 *
 * Returns: %FALSE where reading fails, or must wait
 *   (%G_IO_ERROR_WOULD_BLOCK)
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_index_list_keys (GstH4mkIndex * index, guint64 number, guint track,
    GArray * keys, GError ** error)
{
  guint64 end = index->file_size;
  GstH4mkSeekPoint point;
  GstH4mkWalk walk = { 0, };
  GstH4mkWalkInfo info;
  GstH4mkWalkResult result = GST_H4MK_WALK_GROUP;
  GstH4mkSpan next;
  guint i;

  g_array_set_size (keys, 0);
  if (number + 1 < gst_h4mk_index_get_n_spans (index)) {
    if (!gst_h4mk_index_get_span (index, number + 1, &next, error))
      return FALSE;
    end = next.offset;
  }
  if (!gst_h4mk_index_get_seek_point (index, number, &point, error))
    return FALSE;

  gst_h4mk_walk_init (&walk, point.token_offset, point.tracks, point.span.trak);
  while (walk.pos < end && result == GST_H4MK_WALK_GROUP) {
    result = gst_h4mk_walk_next (index, &walk, &info, error);
    if (result != GST_H4MK_WALK_GROUP)
      break;
    for (i = 0; i < info.blocks; i++) {
      const GstH4mkRecord *record = gst_h4mk_token_record (info.token, i);
      GstH4mkKey key = { info.token->first_block + i, info.chunk.offset,
        record->pts
      };

      if (record->track == track && (record->flags & GST_H4MK_RECORD_KEY)
          && !(record->flags & GST_H4MK_RECORD_NO_PTS))
        g_array_append_val (keys, key);
    }
  }
  gst_h4mk_walk_clear (&walk);
  gst_h4mk_seek_point_clear (&point);
  return result != GST_H4MK_WALK_ERROR;
}
