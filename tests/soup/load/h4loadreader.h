/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_LOAD_READER_H__
#define __H4_LOAD_READER_H__

/* What a client of server-sent events reads, checked: ours and the peers'. */

#include <glib.h>

G_BEGIN_DECLS

/* Latencies in buckets that are at most 1/32 of their value wide. */
#define H4_LOAD_N_BUCKETS 2048

typedef struct
{
  guint64 events;               /* that have a number */
  guint64 lost;                 /* numbers that were left out */
  guint64 doubled;              /* numbers that came again, or too late */
  guint64 announced;            /* lost, and an event:gap said so */
  guint64 gaps;                 /* event:gap */
  guint64 metas;
  guint64 dones;
  guint64 comments;
  guint64 malformed;            /* answers and blocks that make no sense */
  guint64 bytes;
  guint64 timed;                /* latencies that were measured */
  guint64 latency[H4_LOAD_N_BUCKETS];   /* µs */
} H4LoadCounts;

/* The numbers are those of ids (`<epoch>-<n>`) or, where a peer's ids have
 * none, the member "n" of the data. */
typedef struct
{
  guint status;                 /* of the answer; 0: not known yet */
  gboolean done;                /* had event:done */
  guint64 first, last;          /* 0: none yet */
  gchar epoch[9];

  gboolean chunked;
  guint chunk_state;
  gsize chunk_left;
  gboolean gap;                 /* what is lost next was announced */
  gchar *rest;                  /* of a head or a block that is not whole */
  gsize rest_size;
} H4LoadReader;

/* A new connection: what is known of numbers stays. */
void h4_load_reader_restart (H4LoadReader * reader);
/* A new client. */
void h4_load_reader_clear (H4LoadReader * reader);

/* Reads once. Returns what recv() does. */
gssize h4_load_reader_read (H4LoadReader * reader, gint fd,
    H4LoadCounts * counts);

/* The latency that a part of them is not above, µs. */
gdouble h4_load_counts_quantile (const H4LoadCounts * counts, gdouble part);

G_END_DECLS

#endif
