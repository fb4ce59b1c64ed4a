/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_FORMAT_H__
#define __GST_H4MK_FORMAT_H__

#include <glib-object.h>

G_BEGIN_DECLS

#define GST_H4MK_VERSION 1
#define GST_H4MK_HEADER_SIZE 8
#define GST_H4MK_CHUNK_HEADER_SIZE 12
#define GST_H4MK_HASH_SIZE 32
#define GST_H4MK_SIGNATURE_SIZE 64
#define GST_H4MK_KEY_SIZE 32

#define GST_H4MK_TAG(a,b,c,d) \
    (((guint32) (a) << 24) | ((guint32) (b) << 16) | ((guint32) (c) << 8) | (d))
#define GST_H4MK_TAG_CORE GST_H4MK_TAG ('C', 'O', 'R', 'E')
#define GST_H4MK_TAG_SEEK GST_H4MK_TAG ('S', 'E', 'E', 'K')
#define GST_H4MK_TAG_META GST_H4MK_TAG ('M', 'E', 'T', 'A')
#define GST_H4MK_TAG_SAFE GST_H4MK_TAG ('S', 'A', 'F', 'E')
#define GST_H4MK_TAG_VERI GST_H4MK_TAG ('V', 'E', 'R', 'I')
#define GST_H4MK_TAG_TRAK GST_H4MK_TAG ('T', 'R', 'A', 'K')
#define GST_H4MK_TAG_TOKN GST_H4MK_TAG ('T', 'O', 'K', 'N')
#define GST_H4MK_TAG_LINK GST_H4MK_TAG ('L', 'I', 'N', 'K')
#define GST_H4MK_TAG_GIDX GST_H4MK_TAG ('G', 'I', 'D', 'X')
#define GST_H4MK_TAG_ATTA GST_H4MK_TAG ('a', 't', 't', 'a')
#define GST_H4MK_TAG_FOOT GST_H4MK_TAG ('F', 'O', 'O', 'T')
#define GST_H4MK_TAG_SIGN GST_H4MK_TAG ('S', 'I', 'G', 'N')

/* Payload sizes and the limits that a reader enforces and a writer keeps. */
#define GST_H4MK_LINK_SIZE 64
#define GST_H4MK_LINK_SIGNED_SIZE (64 + 64)
#define GST_H4MK_GIDX_HEADER_SIZE 16
#define GST_H4MK_PAGE_ENTRY_SIZE 72
#define GST_H4MK_ROOT_ENTRY_SIZE 56
#define GST_H4MK_PAGE_ENTRIES 512
#define GST_H4MK_FOOT_SIZE 96
#define GST_H4MK_SIGN_SIZE 128
#define GST_H4MK_VERI_SIZE 32
/* VERI, SIGN and FOOT with their chunk headers */
#define GST_H4MK_TAIL_SIZE 292
#define GST_H4MK_MAX_BLOCK_SIZE ((guint64) 1 << 30)
#define GST_H4MK_MAX_TRAK_SIZE ((guint64) 1 << 20)
#define GST_H4MK_MAX_CHUNK_SIZE ((guint64) 64 << 20)
#define GST_H4MK_MAX_TRACKS 65535
#define GST_H4MK_MAX_RECORDS 65536
#define GST_H4MK_MAX_SEEK_ENTRIES 262144
#define GST_H4MK_MAX_JSON_DEPTH 8
#define GST_H4MK_MAX_CAPS_DEPTH 4

/**
 * GstH4mkProfile:
 * @GST_H4MK_PROFILE_BASE: an opaque stream of blocks without stored times
 * @GST_H4MK_PROFILE_TRACK: timed tracks
 *
 * Since: 1.0
 */
typedef enum
{
  GST_H4MK_PROFILE_BASE,
  GST_H4MK_PROFILE_TRACK
} GstH4mkProfile;

/**
 * GstH4mkRecordFlags:
 * @GST_H4MK_RECORD_KEY: a key block
 * @GST_H4MK_RECORD_HAS_DTS: the dts is known and differs from nothing stored
 * @GST_H4MK_RECORD_HAS_DURATION: the duration is known
 * @GST_H4MK_RECORD_NO_PTS: the pts is not known
 * @GST_H4MK_RECORD_DISCONT: blocks are missing before this one
 * @GST_H4MK_RECORD_DROPPABLE: no other block needs it
 * @GST_H4MK_RECORD_HEADER: stream headers
 * @GST_H4MK_RECORD_MARKER: a media specific marker
 * @GST_H4MK_RECORD_GAP: holds no data that matters
 * @GST_H4MK_RECORD_CORRUPTED: known to be damaged by its source
 * @GST_H4MK_RECORD_RESYNC: times jump here
 * @GST_H4MK_RECORD_HAS_INDEX: the index in its stream is stored
 * @GST_H4MK_RECORD_EXT: bytes of a later version follow
 * @GST_H4MK_RECORD_REORDERED: pts below the largest of its track since that
 *   track's last key block; the writer sets it
 *
 * The bits of a TOKN record as they are stored.
 *
 * Since: 1.0
 */
typedef enum
{
  GST_H4MK_RECORD_KEY = 1 << 0,
  GST_H4MK_RECORD_HAS_DTS = 1 << 1,
  GST_H4MK_RECORD_HAS_DURATION = 1 << 2,
  GST_H4MK_RECORD_NO_PTS = 1 << 3,
  GST_H4MK_RECORD_DISCONT = 1 << 4,
  GST_H4MK_RECORD_DROPPABLE = 1 << 5,
  GST_H4MK_RECORD_HEADER = 1 << 6,
  GST_H4MK_RECORD_MARKER = 1 << 7,
  GST_H4MK_RECORD_GAP = 1 << 8,
  GST_H4MK_RECORD_CORRUPTED = 1 << 9,
  GST_H4MK_RECORD_RESYNC = 1 << 10,
  GST_H4MK_RECORD_HAS_INDEX = 1 << 11,
  GST_H4MK_RECORD_EXT = 1 << 12,
  GST_H4MK_RECORD_REORDERED = 1 << 13
} GstH4mkRecordFlags;

/**
 * GstH4mkRecord:
 * @flags: #GstH4mkRecordFlags, and bits of later versions as they were read
 * @track: the track's id, from 1
 * @pts: presentation running time in ns, signed; 0 with
 *   %GST_H4MK_RECORD_NO_PTS
 * @dts: decoding running time in ns, signed; 0 without
 *   %GST_H4MK_RECORD_HAS_DTS
 * @duration: in ns, signed as stored; 0 without %GST_H4MK_RECORD_HAS_DURATION
 * @index: the block's number in its own stream; 0 without
 *   %GST_H4MK_RECORD_HAS_INDEX
 * @size: bytes of the block
 *
 * What is stored of a block beside its bytes. All values are absolute.
 *
 * Since: 1.0
 */
typedef struct
{
  guint64 flags;
  guint32 track;
  gint64 pts;
  gint64 dts;
  gint64 duration;
  guint64 index;
  guint64 size;
} GstH4mkRecord;

/**
 * GstH4mkRef:
 * @track: the track's id
 * @back: how many bytes before the TOKN chunk that holds the reference the
 *   TOKN chunk stands that a seek must read for this track too
 *
 * Since: 1.0
 */
typedef struct
{
  guint32 track;
  guint64 back;
} GstH4mkRef;

/**
 * GstH4mkChunk:
 * @tag: the chunk's tag, or 0 for the file header
 * @offset: of its first byte in the file
 * @raw: the whole chunk, its header included
 * @raw_size: bytes at @raw
 * @payload: what follows the chunk's header
 * @size: bytes at @payload
 *
 * A chunk as it stands in a file. The memory belongs to whoever gave it.
 *
 * Since: 1.0
 */
typedef struct
{
  guint32 tag;
  guint64 offset;
  const guint8 *raw;
  gsize raw_size;
  const guint8 *payload;
  gsize size;
} GstH4mkChunk;

gboolean gst_h4mk_record_get_time (const GstH4mkRecord * record, gint64 * time);

guint32 gst_h4mk_crc32 (const guint8 * data, gsize size);

void gst_h4mk_tag_to_string (guint32 tag, gchar text[5]);

G_END_DECLS

#endif
