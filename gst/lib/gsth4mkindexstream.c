/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4mkindex-private.h"

/**
 * gst_h4mk_index_new_for_stream: (skip)
 * @read: reads bytes that have come already; what has not come yet is
 *   %G_IO_ERROR_WOULD_BLOCK
 * @user_data: for @read
 * @tracks: the first TRAK
 * @data_offset: of the first byte after it
 * @displacement: what is to be subtracted from stored offsets
 * @links: whether spans end in LINKs
 *
 * What is known of a stream that cannot be read at will serves
 * gst_h4mk_index_resync() alone: such an index has no spans. It reads no
 * further ahead than it must, so that a slow stream goes on at once.
 *
 * Returns: (transfer full): an index that needs no opening
 *
 * Since: 1.0
 */
GstH4mkIndex *
gst_h4mk_index_new_for_stream (GstH4mkReadFunc read, gpointer user_data,
    GstH4mkTracks * tracks, guint64 data_offset, gint64 displacement,
    gboolean links)
{
  GstH4mkIndex *index = gst_h4mk_index_new (read, user_data);

  index->is_stream = TRUE;
  index->profile = GST_H4MK_PROFILE_TRACK;
  index->tracks = gst_h4mk_tracks_ref (tracks);
  index->data_offset = data_offset;
  index->displacement = displacement;
  index->hop.links = links ? GST_H4MK_LINKS_ALL : GST_H4MK_LINKS_NONE;
  index->file_size = G_MAXINT64;
  index->phase = GST_H4MK_PHASE_DONE;
  return index;
}

/* The stream ends here, or no more of it can be looked at. */
void
gst_h4mk_index_set_stream_end (GstH4mkIndex * index, guint64 end)
{
  index->file_size = MIN (end, (guint64) G_MAXINT64);
}
