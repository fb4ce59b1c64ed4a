/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_BENCH_H__
#define __H4_BENCH_H__

#include <glib.h>

G_BEGIN_DECLS

/* One piece of work; returns how much of it was done, in the row's unit. */
typedef gdouble (*H4BenchFunc) (gpointer user_data);

typedef enum
{
  H4_BENCH_WALL,                /* for what uses several threads */
  H4_BENCH_THREAD,              /* the calling thread's CPU time */
  H4_BENCH_PROCESS              /* all threads' CPU time */
} H4BenchClock;

typedef struct
{
  const gchar *work;
  const gchar *unit;            /* of an amount a second, as "MB/s" */
  const gchar *peer_name;
  H4BenchClock clock;
  H4BenchFunc ours;
  H4BenchFunc peer;             /* NULL: no peer, then no target either */
  gpointer ours_data;
  gpointer peer_data;
  gdouble target;               /* ours / peer, at least; 0: none */
} H4BenchRow;

void h4_bench_init (gint * argc, gchar *** argv, const gchar * name);
void h4_bench_run (const H4BenchRow * row);
void h4_bench_print (const H4BenchRow * row, gdouble ours, gdouble peer);
gint h4_bench_finish (void);

G_END_DECLS

#endif
