/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_STREAM_VIEW_H__
#define __H4_STREAM_VIEW_H__

/* The sender's side of a stream: what it took of the log and may read without
 * a lock, while the log goes on and drops what is old. */

#include "h4stream.h"
#include "h4streamchunk.h"
#include "h4wake.h"

G_BEGIN_DECLS

typedef struct
{
  /* seq from head up to next, in ring[seq & mask] */
  H4StreamChunk **ring;
  guint64 mask;
  guint64 head;
  guint64 next;

  /* as they were when it was taken */
  gsize tail_size;              /* of the chunk before next */
  guint tail_events;
  gboolean tail_last;           /* it ends with `done` */
  gboolean finished;            /* and nothing came after it */
  guint64 kept;                 /* the log's first seq */
  guint64 epoch_seq;            /* the epoch's first seq */
  gchar epoch[H4_STREAM_EPOCH_SIZE + 1];
  guint64 last_n;               /* the epoch's latest event */
  guint64 total;                /* bytes, since the stream was made */
  H4StreamMeta *meta;           /* or NULL */
} H4StreamView;

void h4_stream_view_init (H4StreamView * view);
void h4_stream_view_clear (H4StreamView * view);

/* For the stream's side. */
void h4_stream_view_push (H4StreamView * view, H4StreamChunk * chunk);
/* Drops what is before seq. */
void h4_stream_view_trim (H4StreamView * view, guint64 seq);

/* (transfer none) (nullable) */
H4StreamChunk *h4_stream_view_get (const H4StreamView * view, guint64 seq);
/* How far the chunk may be read. */
gsize h4_stream_view_get_size (const H4StreamView * view,
    const H4StreamChunk * chunk);
guint h4_stream_view_get_n_events (const H4StreamView * view,
    const H4StreamChunk * chunk);

typedef enum
{
  H4_STREAM_JOIN_WHOLE,         /* nothing is missing */
  H4_STREAM_JOIN_HISTORY,       /* older events are no longer there */
  H4_STREAM_JOIN_EPOCH          /* the id is none of this epoch's */
} H4StreamJoin;

/**
 * H4StreamPlace: between two events
 * @seq: of the chunk with the next event, which may be still to come
 * @offset: of that event in it
 * @n: of the event before
 */
typedef struct
{
  guint64 seq;
  gsize offset;
  guint64 n;
} H4StreamPlace;

/* Where someone goes on whom nothing older concerns: before `done`, where the
 * stream has it already. */
void h4_stream_view_get_live (const H4StreamView * view,
    H4StreamPlace * place);
/* last_id: `<epoch>-<n>`, "earliest" or anything; lost: with HISTORY */
H4StreamJoin h4_stream_view_join (const H4StreamView * view,
    const gchar * last_id, H4StreamPlace * place, guint64 * lost);
/* The meta that was in force there, or NULL. */
H4StreamMeta *h4_stream_view_get_meta (const H4StreamView * view,
    const H4StreamPlace * place);

/* On the stream itself, by its one sender. */

/* Whom to wake; NULL: nobody any more. */
void h4_stream_attach (H4Stream * stream, H4Wake * wake);
const H4StreamConfig *h4_stream_get_config (H4Stream * stream);
/* Whether there is more than was taken; needs no lock. */
gboolean h4_stream_has_news (H4Stream * stream);
void h4_stream_take (H4Stream * stream, H4StreamView * view);
/* Nobody is there to send to: what is appended is not told, up to so many bytes
 * after the view or until the next h4_stream_take(). Meta and the end are. */
void h4_stream_doze (H4Stream * stream, const H4StreamView * view,
    gsize size);
/* Adds up, but clients, which is how many there are. */
void h4_stream_report (H4Stream * stream, const H4StreamStats * stats);

gboolean h4_stream_parse_id (const gchar * id,
    gchar epoch[H4_STREAM_EPOCH_SIZE + 1], guint64 * n);

G_END_DECLS

#endif
