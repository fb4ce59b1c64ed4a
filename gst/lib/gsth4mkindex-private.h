/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_INDEX_PRIVATE_H__
#define __GST_H4MK_INDEX_PRIVATE_H__

/* Private to the library: what the files of the index share. Whatever may
 * have to wait for bytes keeps its progress in the index, since it is called
 * again from its beginning. */

#include <gio/gio.h>
#include <string.h>

#include "gsth4mkindex.h"
#include "gsth4bytes.h"
#include "gsth4mkchunks.h"

G_BEGIN_DECLS

/* how much is read of a place that is looked at */
#define GST_H4MK_READ_STREAM 4096
#define GST_H4MK_READ_SMALL 8192
#define GST_H4MK_READ_NORMAL 65536
#define GST_H4MK_READ_LARGE 262144

/* A page of the index: what its root entry, or the page itself, says. */
typedef struct
{
  guint64 offset;               /* in this file */
  guint64 first_block;
  gint64 pts;
  guint64 number;               /* of its first span that counts */
  guint count;                  /* entries stored */
  guint skip;                   /* entries of before a stream was joined */
} GstH4mkPageRef;

/* A LINK that was reached from the end. */
typedef struct
{
  guint64 seq;
  guint64 start;                /* of its span, in this file */
  guint64 place;
  guint64 end;
  guint64 page;                 /* in this file, or 0 */
} GstH4mkLinkRef;

/* Goes from chunk to chunk; groups are passed over as a whole. */
typedef struct
{
  guint64 pos;
  gboolean knows_block;
  guint64 next_block;
  GstH4mkTracks *tracks;        /* in force */
  guint64 trak;                 /* where that TRAK stands */
} GstH4mkWalk;

typedef enum
{
  GST_H4MK_WALK_GROUP,
  GST_H4MK_WALK_LINK,
  GST_H4MK_WALK_PAGE,
  GST_H4MK_WALK_TRAK,
  GST_H4MK_WALK_LOWER,
  GST_H4MK_WALK_CUT,            /* the file ends here; token: inside a group */
  GST_H4MK_WALK_TAIL,           /* SEEK */
  GST_H4MK_WALK_BAD,            /* token: its blocks do not follow */
  GST_H4MK_WALK_ERROR           /* of reading; the only one that sets error */
} GstH4mkWalkResult;

typedef struct
{
  GstH4mkChunk chunk;
  const GstH4mkToken *token;
  guint blocks;                 /* of the group that are whole */
} GstH4mkWalkInfo;

typedef enum
{
  GST_H4MK_PHASE_HEAD,
  GST_H4MK_PHASE_TAIL,
  GST_H4MK_PHASE_FIRST_GROUP,
  GST_H4MK_PHASE_FIRST_SPAN,
  GST_H4MK_PHASE_SCAN,
  GST_H4MK_PHASE_CHECK,
  GST_H4MK_PHASE_WALK,
  GST_H4MK_PHASE_PAGES,
  GST_H4MK_PHASE_REST,
  GST_H4MK_PHASE_GROW,
  GST_H4MK_PHASE_BASE,
  GST_H4MK_PHASE_DONE
} GstH4mkPhase;

typedef enum
{
  GST_H4MK_LINKS_UNKNOWN,
  GST_H4MK_LINKS_ALL,
  GST_H4MK_LINKS_NONE
} GstH4mkLinks;

/* Makes spans of what a walk passes. */
typedef struct
{
  GstH4mkWalk walk;
  GstH4mkLinks links;
  gboolean in_span;
  guint64 span_start;
  gboolean span_has_pts;
  gint64 last_pts;              /* of the span before */
  guint64 thinned;              /* a span is kept of so many */
  guint64 passed;
  guint64 end_block;            /* behind the last whole one */
} GstH4mkHop;

typedef struct
{
  gboolean active;
  guint64 from;                 /* what was asked for */
  guint64 min_block;
  guint64 pos;
  /* the candidate being followed to its LINK */
  gboolean following;
  gboolean linked;              /* the LINK of its span holds */
  guint64 found;
  guint groups;
  guint64 cost;
  GstH4mkWalk walk;
  guint64 wasted;               /* what led nowhere has cost, in bytes */
} GstH4mkResync;

typedef struct
{
  guint64 block;
  guint64 offset;
} GstH4mkBaseMark;

/* The base profile: blocks that stand in step, then blocks that do not. */
typedef struct
{
  gboolean has_timing;
  GstH4mkBaseMeta meta;
  gint64 interval;
  guint64 meta_offset;
  gboolean entered;
  guint64 stride;
  guint64 in_step;
  guint64 low, high;            /* of the search for in_step */
  guint64 blocks;
  guint64 end;                  /* behind the last block */
  guint64 hop_block;            /* the next one to mark, and where from */
  guint64 hop_pos;
  GArray *marks;                /* GstH4mkBaseMark */
  guint64 mark_interval;
} GstH4mkBase;

struct _GstH4mkIndex
{
  GstH4mkReadFunc read;
  gpointer user_data;
  guint64 file_size;
  gboolean is_stream;           /* nothing is read ahead */

  GPtrArray *pieces;            /* of bytes that were read, oldest first */
  gsize pieces_size;
  gsize ahead;
  guint64 last_end;

  GstH4mkPhase phase;
  GstH4mkProfile profile;
  gboolean complete;
  GstH4mkTracks *tracks;        /* of the first TRAK */
  JsonObject *meta;
  GstH4mkFoot foot;
  guint64 data_offset;
  gint64 displacement;
  gboolean has_first;
  gint64 shift;
  gint64 start;
  guint64 first_block;
  gboolean has_times;
  gint64 min_pts;
  gint64 max_end;

  GArray *pages;                /* GstH4mkPageRef */
  guint64 page_spans;
  GArray *spans;                /* GstH4mkSpan that no page has */
  GstH4mkHop hop;
  GstH4mkToken token;

  /* a cut file */
  GstH4mkLinkRef first_link;
  GstH4mkLinkRef candidate;
  guint64 scan_end;
  guint rejected;
  GstH4mkWalk check;
  GArray *walked;               /* GstH4mkLinkRef, from the end backwards */
  guint64 page;                 /* the next one to read, or 0 */

  /* caches */
  GHashTable *page_bytes;       /* GBytes by offset */
  guint64 trak_offset;
  GstH4mkTracks *trak_tracks;

  GstH4mkWalk seek_walk;
  GstH4mkWalk atta_walk;
  guint64 attached;
  GPtrArray *attachments;
  GstH4mkResync resync;
  GstH4mkBase base;
};

/* Reading. What peek returns holds until bytes of 16 MiB were read. */
const guint8 *gst_h4mk_index_peek (GstH4mkIndex * index, guint64 offset,
    gsize size, gsize ahead, GError ** error);
const guint8 *gst_h4mk_index_cached (GstH4mkIndex * index, guint64 offset,
    gsize size);
/* Reads sequentially with growing steps, elsewhere with small ones. */
const guint8 *gst_h4mk_index_peek_next (GstH4mkIndex * index, guint64 offset,
    gsize size, GError ** error);
/* Drops the piece that was read from there. */
void gst_h4mk_index_forget (GstH4mkIndex * index, guint64 offset);
void gst_h4mk_index_trim (GstH4mkIndex * index);
void gst_h4mk_index_drop_pieces (GstH4mkIndex * index);
gboolean gst_h4mk_index_chunk (GstH4mkIndex * index, guint64 offset,
    guint32 tag, gsize ahead, GstH4mkChunk * chunk, GError ** error);
gboolean gst_h4mk_index_is_damage (const GError * error);
/* A stored offset in this file; FALSE where it is before or behind it. */
gboolean gst_h4mk_index_place (GstH4mkIndex * index, guint64 stored,
    guint64 * place);
gboolean gst_h4mk_index_load_trak (GstH4mkIndex * index, guint64 place,
    GstH4mkTracks ** tracks, GError ** error);

void gst_h4mk_walk_init (GstH4mkWalk * walk, guint64 pos,
    GstH4mkTracks * tracks, guint64 trak);
void gst_h4mk_walk_clear (GstH4mkWalk * walk);
GstH4mkWalkResult gst_h4mk_walk_next (GstH4mkIndex * index,
    GstH4mkWalk * walk, GstH4mkWalkInfo * info, GError ** error);

/* Hopping: FALSE only where reading fails. */
void gst_h4mk_index_note_first (GstH4mkIndex * index,
    const GstH4mkToken * token);
gboolean gst_h4mk_index_hop_first_span (GstH4mkIndex * index, GError ** error);
gboolean gst_h4mk_index_hop_rest (GstH4mkIndex * index, GError ** error);

/* The phases of opening a cut file. */
gboolean gst_h4mk_index_scan (GstH4mkIndex * index, GError ** error);
gboolean gst_h4mk_index_check_last (GstH4mkIndex * index, GError ** error);
gboolean gst_h4mk_index_walk_back (GstH4mkIndex * index, GError ** error);
gboolean gst_h4mk_index_read_pages (GstH4mkIndex * index, GError ** error);

/* A page, kept until the next one is loaded. */
gboolean gst_h4mk_index_load_page (GstH4mkIndex * index, guint64 offset,
    GstH4mkGidx * gidx, GError ** error);

gboolean gst_h4mk_index_open_base (GstH4mkIndex * index, GError ** error);
guint64 gst_h4mk_index_get_base_spans (GstH4mkIndex * index);
gboolean gst_h4mk_index_get_base_span (GstH4mkIndex * index, guint64 number,
    GstH4mkSpan * span, GError ** error);

G_END_DECLS

#endif
