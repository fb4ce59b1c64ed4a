/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4MK_LOOKUP_H__
#define __H4MK_LOOKUP_H__

#include "gsth4mkindex.h"

G_BEGIN_DECLS

/**
 * H4mkBlock:
 * @record: its record
 * @block: index in the whole file
 * @offset: of its CORE chunk in the file
 */
typedef struct
{
  GstH4mkRecord record;
  guint64 block;
  guint64 offset;
} H4mkBlock;

/**
 * H4mkSource:
 * @read: reads the file
 * @user_data: for @read
 * @file_size: bytes
 * @index: open on the same file
 *
 * A file to look things up in.
 */
typedef struct
{
  GstH4mkReadFunc read;
  gpointer user_data;
  guint64 file_size;
  GstH4mkIndex *index;
} H4mkSource;

/* A stored time of this much is where the recording begins. */
gint64 h4mk_source_get_origin (H4mkSource * source);

/* The track that an id names, the primary for 0; NULL with the error. */
const GstH4mkTrack *h4mk_source_get_track (H4mkSource * source, guint id,
    GError ** error);

/* The key block of a track (0: the primary) at or before a time, in ns from
 * the recording's beginning. */
gboolean h4mk_source_find_key (H4mkSource * source, guint track,
    gint64 position, H4mkBlock * key, GError ** error);

/* (element-type H4mkBlock): the track's blocks in decoding order from that key
 * block to the one that is shown at the time. */
GArray *h4mk_source_find_chain (H4mkSource * source, guint track,
    gint64 position, GError ** error);

/* Block number i, its bytes not read. */
gboolean h4mk_source_find_block (H4mkSource * source, guint64 i,
    H4mkBlock * block, GError ** error);

G_END_DECLS

#endif
