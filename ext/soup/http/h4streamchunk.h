/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_STREAM_CHUNK_H__
#define __H4_STREAM_CHUNK_H__

/* A piece of a stream's log: whole events, framed as they are sent. One thread
 * fills it with the stream's lock; what it holds never changes, so whoever was
 * told with that lock how far it goes may read up to there without. */

#include <glib.h>

G_BEGIN_DECLS

/* What `event:meta` says: numbered, so that a client is told each once. */
typedef struct
{
  gint refs;
  guint serial;                 /* from 1, in its stream */
  gsize size;
  gchar json[];
} H4StreamMeta;

H4StreamMeta *h4_stream_meta_new (guint serial, const gchar * json,
    gsize size);
H4StreamMeta *h4_stream_meta_ref (H4StreamMeta * meta);
void h4_stream_meta_unref (H4StreamMeta * meta);

#define H4_STREAM_EPOCH_SIZE 8

typedef struct
{
  gint refs;
  guint64 seq;                  /* its number in its stream, from 0 */
  guint64 start;                /* bytes of the stream before it */
  guint64 first_n;              /* of its first event */
  gchar epoch[H4_STREAM_EPOCH_SIZE + 1];
  H4StreamMeta *meta;           /* in force for its events, or NULL */
  gboolean has_meta;            /* its first event says so */
  gsize capacity;               /* of data, which ends of events share */

  /* with the stream's lock, until it is full */
  gboolean last;                /* it ends with `done` */
  gint64 time;                  /* of the latest event */
  guint n_events;
  gsize size;
  guint8 *data;
} H4StreamChunk;

/* Room for an event of so many bytes at least. */
H4StreamChunk *h4_stream_chunk_new (gsize capacity, gsize event_size);
H4StreamChunk *h4_stream_chunk_ref (H4StreamChunk * chunk);
void h4_stream_chunk_unref (H4StreamChunk * chunk);

gboolean h4_stream_chunk_fits (const H4StreamChunk * chunk, gsize event_size);
/* The bytes of an event were written at data + size. */
void h4_stream_chunk_add (H4StreamChunk * chunk, gsize event_size);

/* Where its event begins, or ends; index up to n_events, or below it. */
gsize h4_stream_chunk_get_begin (const H4StreamChunk * chunk, guint index);
gsize h4_stream_chunk_get_end (const H4StreamChunk * chunk, guint index);
/* The event that the byte at offset is of, among the first n_events. */
guint h4_stream_chunk_find (const H4StreamChunk * chunk, guint n_events,
    gsize offset);

G_END_DECLS

#endif
