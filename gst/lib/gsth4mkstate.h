/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_STATE_H__
#define __GST_H4MK_STATE_H__

/* Private to the library: what a writer knows of the file so far, whether it
 * wrote the bytes itself or found them there. */

#include "gsth4kind.h"
#include "gsth4mkchain.h"
#include "gsth4mkgroup.h"
#include "gsth4mkrefs.h"
#include "gsth4mkspans.h"

G_BEGIN_DECLS

typedef struct
{
  GstH4mkTrackKind kind;
  /* in the list that the next block belongs to */
  gboolean present;
  gboolean masked;
  GstH4KindTracker kinds;
  GstH4mkTrackRefs refs;
} GstH4mkTrackState;

/* The span that is being written; without blocks: the next one. */
typedef struct
{
  /* its number is not used */
  GstH4mkSpan entry;
  guint64 groups;
  /* bytes of blocks in the file before it */
  guint64 block_bytes;
  /* decoding time of its first block that has one */
  gboolean has_start;
  gint64 start;
  /* its first running time, or G_MININT64 */
  gint64 time;
  /* end of its last CORE */
  guint64 end;
} GstH4mkOpenSpan;

typedef struct
{
  gboolean link;

  /* those that the next block belongs to */
  GstH4mkTracks *tracks;
  const GstH4mkTrack *primary;
  GHashTable *track_states;
  guint last_id;
  GstH4mkTrackState *last_state;
  gboolean masked;

  /* the TRAK in force in the file */
  GBytes *trak;
  guint64 trak_offset;
  guint8 trak_hash[GST_H4MK_HASH_SIZE];

  guint64 blocks;
  guint64 block_bytes;
  gboolean has_pts;
  gint64 min_pts;
  gint64 max_end;

  GstH4mkChain chain;
  GstH4mkSpans spans;
  GstH4mkOpenSpan span;
  /* bytes that stand in the file since the span before and are not in a leaf
   * yet, since a leaf begins with the TRAK in force */
  GByteArray *head;
} GstH4mkState;

void gst_h4mk_state_init (GstH4mkState * state, gboolean link);
void gst_h4mk_state_first_span (GstH4mkState * state, guint64 offset);
void gst_h4mk_state_clear (GstH4mkState * state);

/* Functions that set no error return FALSE where there is no SHA-256. */

/* From now on blocks belong to these. */
gboolean gst_h4mk_state_use_tracks (GstH4mkState * state,
    GstH4mkTracks * tracks, GError ** error);
/* A TRAK chunk stands at an offset. */
gboolean gst_h4mk_state_trak_written (GstH4mkState * state, guint64 offset,
    const guint8 * chunk, gsize size);
/* NULL where no such track is present. */
GstH4mkTrackState *gst_h4mk_state_find_track (GstH4mkState * state, guint id);

/* A block that will be, or is, the next in the file. Sets REORDERED. */
void gst_h4mk_state_add_record (GstH4mkState * state, GstH4mkRecord * record);

/* The span's first TOKN will stand at offset: its refs are collected, its leaf
 * begins. */
void gst_h4mk_state_begin_span (GstH4mkState * state, GstH4mkToken * token,
    guint64 offset);
/* A group whose TOKN stands at offset, its last CORE before end. */
void gst_h4mk_state_add_group (GstH4mkState * state,
    const GstH4mkToken * token, guint64 offset, guint64 end);
/* The span is over, the next begins at next. Its LINK's payload for self is
 * put into link, or nothing without LINK. */
gboolean gst_h4mk_state_end_leaf (GstH4mkState * state, guint64 self,
    guint8 link[GST_H4MK_LINK_SIZE]);
void gst_h4mk_state_end_span (GstH4mkState * state, guint64 next);

/* Greatest pts + duration minus smallest pts, ns. */
guint64 gst_h4mk_state_get_duration (const GstH4mkState * state);

G_END_DECLS

#endif
