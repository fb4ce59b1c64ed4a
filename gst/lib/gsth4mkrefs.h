/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_REFS_H__
#define __GST_H4MK_REFS_H__

/* Private to the library: which earlier groups a seek to a span must read for
 * a track, from what was written so far. */

#include "gsth4mktoken.h"
#include "gsth4mktracks.h"

G_BEGIN_DECLS

typedef struct
{
  GstH4mkTrackKind kind;
  /* key blocks that may still be the latest one before some time */
  GArray *keys;
  /* groups and until when they last */
  GArray *lasting;
  /* the group of a block that lasts until the next one comes */
  gboolean open;
  guint64 open_token;
} GstH4mkTrackRefs;

void gst_h4mk_track_refs_init (GstH4mkTrackRefs * refs, GstH4mkTrackKind kind);
void gst_h4mk_track_refs_clear (GstH4mkTrackRefs * refs);

/* A block that was written in the group whose TOKN stands at token. */
void gst_h4mk_track_refs_add (GstH4mkTrackRefs * refs,
    const GstH4mkRecord * record, guint64 token);

/* Appends the track's refs for the TOKN that will stand at token and begins a
 * span; its records are given, its time is that of the first of them. */
void gst_h4mk_track_refs_collect (const GstH4mkTrackRefs * refs, guint32 track,
    const GstH4mkToken * group, gint64 time, guint64 token, GArray * out);

G_END_DECLS

#endif
