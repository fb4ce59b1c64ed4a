/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_CHUNKS_H__
#define __GST_H4MK_CHUNKS_H__

/* Private to the library: the form of chunks and what stands in those that
 * have a fixed layout. Whether it is true is for a checker to say. */

#include <json-glib/json-glib.h>
#include "gsth4mkerror.h"
#include "gsth4mkformat.h"

G_BEGIN_DECLS

typedef struct
{
  guint32 tag;
  guint32 size;
  guint32 crc;
} GstH4mkChunkHeader;

typedef struct
{
  guint64 seq;
  guint64 self;
  guint64 start;
  guint64 page;
  const guint8 *chain;
  const guint8 *signature;      /* NULL where it is not signed */
} GstH4mkLink;

typedef struct
{
  guint8 kind;
  guint32 count;
  guint64 prev;
  const guint8 *entries;
} GstH4mkGidx;

#define GST_H4MK_GIDX_PAGE 0
#define GST_H4MK_GIDX_ROOT 1

typedef struct
{
  guint64 offset;
  guint64 trak;
  guint64 first_block;
  gint64 pts;
  guint32 flags;
  guint32 blocks;
  const guint8 *leaf;
} GstH4mkPageEntry;

typedef struct
{
  guint64 offset;
  guint64 first_block;
  gint64 pts;
  const guint8 *hash;
} GstH4mkRootEntry;

typedef struct
{
  guint64 self;
  guint64 seek;
  guint64 meta;
  guint64 safe;
  guint64 root;
  guint64 blocks;
  guint64 duration;
  guint64 spans;
} GstH4mkFoot;

typedef struct
{
  guint64 block_size;
  gdouble fps_hint;
  guint gop;
  gboolean masked;
} GstH4mkBaseMeta;

/* ns between two blocks, or -1 where that leaves 64 bits */
gint64 gst_h4mk_base_interval (gdouble fps_hint);

void gst_h4mk_chunk_header_read (GstH4mkChunkHeader * header,
    const guint8 * data);
guint64 gst_h4mk_chunk_limit (guint32 tag);
gboolean gst_h4mk_tag_is_lower (guint32 tag);
/* Four letters or digits, the first one a letter. */
gboolean gst_h4mk_tag_is_sound (guint32 tag);
gboolean gst_h4mk_tag_is_known (guint32 tag);

/* Makes a chunk of whole bytes and checks its CRC. */
gboolean gst_h4mk_chunk_init (GstH4mkChunk * chunk, const guint8 * raw,
    guint64 offset, GError ** error);
/* Sizes, counts and zero fields of every chunk but TRAK, TOKN and CORE. */
gboolean gst_h4mk_chunk_check (const GstH4mkChunk * chunk,
    GstH4mkProfile profile, GError ** error);
/* Puts the place before an error that knows none. Returns FALSE. */
gboolean gst_h4mk_chunk_error (const GstH4mkChunk * chunk, GError * inner,
    GError ** error);

/* These take chunks that passed the check. */
void gst_h4mk_link_read (GstH4mkLink * link, const GstH4mkChunk * chunk);
void gst_h4mk_foot_read (GstH4mkFoot * foot, const GstH4mkChunk * chunk);
void gst_h4mk_gidx_read (GstH4mkGidx * gidx, const GstH4mkChunk * chunk);
void gst_h4mk_page_entry_read (GstH4mkPageEntry * entry,
    const GstH4mkGidx * gidx, guint i);
void gst_h4mk_root_entry_read (GstH4mkRootEntry * entry,
    const GstH4mkGidx * gidx, guint i);

gboolean gst_h4mk_base_meta_read (GstH4mkBaseMeta * meta, JsonObject * object,
    GError ** error);

G_END_DECLS

#endif
