/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_INDEX_H__
#define __GST_H4MK_INDEX_H__

#include "gsth4mkparser.h"
#include "gsth4mkwriter.h"

G_BEGIN_DECLS

/**
 * GstH4mkReadFunc:
 * @offset: where in the file
 * @size: how many bytes are wanted; fewer come only at the end of the file
 * @error: %G_IO_ERROR_WOULD_BLOCK where the bytes are being fetched: the
 *   caller comes back with the same call once they are there
 *
 * Returns: (transfer full) (nullable): the bytes, or %NULL with @error
 *
 * Since: 1.0
 */
typedef GBytes *(*GstH4mkReadFunc) (guint64 offset, gsize size,
    gpointer user_data, GError ** error);

/**
 * GstH4mkSpan:
 * @number: from 0 in this file
 * @offset: of its first byte: a GIDX page or a TRAK may stand before its TOKN
 * @trak: offset of the TRAK in force
 * @first_block: index of its first block
 * @blocks: how many; 0 where not known
 * @pts: running time in ns as a page entry has it; G_MININT64: none yet
 * @flags: 1: begins with a key block of the primary track
 * @leaf: its leaf hash; zeros where there is none
 */
typedef struct
{
  guint64 number;
  guint64 offset;
  guint64 trak;
  guint64 first_block;
  guint64 blocks;
  gint64 pts;
  guint32 flags;
  guint8 leaf[GST_H4MK_HASH_SIZE];
} GstH4mkSpan;

/**
 * GstH4mkSeekRef:
 * @track: id
 * @offset: file offset of the TOKN to read for it
 */
typedef struct
{
  guint32 track;
  guint64 offset;
} GstH4mkSeekRef;

/**
 * GstH4mkSeekPoint:
 * @span: the span to play from
 * @token_offset: where its first TOKN stands
 * @tracks: (transfer full): the TRAK in force there
 * @refs: (element-type GstH4mkSeekRef): groups that must be read too, in file
 *   order; those before the file's first TOKN are left out
 */
typedef struct
{
  GstH4mkSpan span;
  guint64 token_offset;
  GstH4mkTracks *tracks;
  GArray *refs;
} GstH4mkSeekPoint;

void gst_h4mk_seek_point_clear (GstH4mkSeekPoint * point);

/* What random access to a file needs to know, read in few pieces whatever the
 * file's size. Every function that reads may fail with
 * G_IO_ERROR_WOULD_BLOCK and is then called again: it goes on where it was. */
typedef struct _GstH4mkIndex GstH4mkIndex;

GstH4mkIndex *gst_h4mk_index_new (GstH4mkReadFunc read, gpointer user_data);
void gst_h4mk_index_free (GstH4mkIndex * index);

gboolean gst_h4mk_index_open (GstH4mkIndex * index, guint64 file_size,
    GError ** error);
/* The file has grown. Cheap where nothing but blocks came. */
gboolean gst_h4mk_index_grow (GstH4mkIndex * index, guint64 file_size,
    GError ** error);

GstH4mkProfile gst_h4mk_index_get_profile (GstH4mkIndex * index);
/* TRUE where FOOT, root and VERI stand at the end: not cut, not growing. */
gboolean gst_h4mk_index_is_complete (GstH4mkIndex * index);
GstH4mkTracks *gst_h4mk_index_get_tracks (GstH4mkIndex * index);
/* Content of META; NULL in a cut file. */
JsonObject *gst_h4mk_index_get_meta (GstH4mkIndex * index);
guint64 gst_h4mk_index_get_blocks (GstH4mkIndex * index);
/* ns; -1 where not known (a cut file: up to its last span). */
gint64 gst_h4mk_index_get_duration (GstH4mkIndex * index);
/* What is added to stored times, and the segment's start after that, both
 * decided by the first group. G_MININT64-free: 0 and 0 for an empty file. */
gint64 gst_h4mk_index_get_shift (GstH4mkIndex * index);
gint64 gst_h4mk_index_get_start (GstH4mkIndex * index);
/* Where to read on with the first TRAK in force: right behind it. */
guint64 gst_h4mk_index_get_data_offset (GstH4mkIndex * index);
/* What is to be subtracted from stored offsets (joined midway), or 0. */
gint64 gst_h4mk_index_get_displacement (GstH4mkIndex * index);
/* Base profile: from META, else the defaults and FALSE. */
gboolean gst_h4mk_index_get_base_timing (GstH4mkIndex * index,
    guint64 * block_size, gdouble * fps_hint, guint * gop);

guint64 gst_h4mk_index_get_n_spans (GstH4mkIndex * index);
gboolean gst_h4mk_index_get_span (GstH4mkIndex * index, guint64 number,
    GstH4mkSpan * span, GError ** error);
/* The span to play from for a stored time (not shifted) in ns. */
gboolean gst_h4mk_index_find_time (GstH4mkIndex * index, gint64 time,
    guint64 * number, GError ** error);
/* The span that holds a block. */
gboolean gst_h4mk_index_find_block (GstH4mkIndex * index, guint64 block,
    guint64 * number, GError ** error);
/**
 * GstH4mkKey:
 * @block: index in the whole file
 * @token_offset: of the TOKN of its group
 * @pts: running time in ns, as stored
 *
 * A key block.
 *
 * Since: 1.0
 */
typedef struct
{
  guint64 block;
  guint64 token_offset;
  gint64 pts;
} GstH4mkKey;

gboolean gst_h4mk_index_list_keys (GstH4mkIndex * index, guint64 number,
    guint track, GArray * keys, GError ** error);
/* A span's first TOKN, TRAK and refs. */
gboolean gst_h4mk_index_get_seek_point (GstH4mkIndex * index, guint64 number,
    GstH4mkSeekPoint * point, GError ** error);

/* Attachments of a whole file: name, MIME type, bytes. */
GPtrArray *gst_h4mk_index_get_attachments (GstH4mkIndex * index,
    GError ** error);

/* Base profile: where block number i stands and how long its payload is. */
gboolean gst_h4mk_index_get_base_block (GstH4mkIndex * index, guint64 block,
    guint64 * offset, guint64 * size, GError ** error);

/* The next place from offset on where a group stands that continues at or
 * above min_block, whose sizes lead to a chunk header and whose span's LINK
 * (where the file has LINKs) holds; EOF is G_IO_ERROR_NOT_FOUND. */
gboolean gst_h4mk_index_resync (GstH4mkIndex * index, guint64 offset,
    guint64 min_block, GstH4mkTracks * tracks, guint64 * found,
    GError ** error);

/* What was read already of the bytes from offset on; NULL where that is not
 * known any more. */
GBytes *gst_h4mk_index_get_read (GstH4mkIndex * index, guint64 offset);

/* For a stream that cannot be read at will: of what has come of it. */
GstH4mkIndex *gst_h4mk_index_new_for_stream (GstH4mkReadFunc read,
    gpointer user_data, GstH4mkTracks * tracks, guint64 data_offset,
    gint64 displacement, gboolean links);
void gst_h4mk_index_set_stream_end (GstH4mkIndex * index, guint64 end);

/* A read function over a file descriptor or path, for tools and tests. */
typedef struct _GstH4mkFile GstH4mkFile;
GstH4mkFile *gst_h4mk_file_open (const gchar * path, GError ** error);
void gst_h4mk_file_close (GstH4mkFile * file);
guint64 gst_h4mk_file_get_size (GstH4mkFile * file);
/* user_data of this GstH4mkReadFunc is the GstH4mkFile */
GBytes *gst_h4mk_file_read (guint64 offset, gsize size, gpointer file,
    GError ** error);

G_END_DECLS

#endif
