/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

/* Ours and the peer's run in turns, so that both meet the same machine, and
 * the best turn of each counts: whatever else runs only ever slows one. */
#define N_TURNS 7
#define TURN_SECONDS 0.1

static const gchar *program;
static gboolean as_json;
static guint n_rows;
static guint n_short;

/* h4_bench_init:
 * @name: the program's name in what is printed
 *
 * Takes --json from the command line: then there is one JSON array. */
void
h4_bench_init (gint * argc, gchar *** argv, const gchar * name)
{
  gint i;

  program = name;
  for (i = 1; i < *argc; i++) {
    if (strcmp ((*argv)[i], "--json") == 0) {
      as_json = TRUE;
    } else {
      fprintf (stderr, "usage: bench_%s [--json]\n", name);
      exit (2);
    }
  }
  if (!as_json)
    printf ("%-44s %16s %16s  %-22s %7s %7s\n", name, "ours", "peer's",
        "peer", "ratio", "target");
}

static gdouble
now (H4BenchClock which)
{
  static const clockid_t ids[] = {
    CLOCK_MONOTONIC, CLOCK_THREAD_CPUTIME_ID, CLOCK_PROCESS_CPUTIME_ID
  };
  struct timespec t;

  clock_gettime (ids[which], &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static gdouble
turn (H4BenchFunc func, gpointer user_data, H4BenchClock clock)
{
  gdouble begin = now (clock), amount = 0, spent;

  do {
    amount += func (user_data);
    spent = now (clock) - begin;
  } while (spent < TURN_SECONDS);
  return amount / spent;
}

/* h4_bench_run:
 *
 * Measures a row and prints it. */
void
h4_bench_run (const H4BenchRow * row)
{
  gdouble ours = 0, peer = 0, rate;
  guint i;

  for (i = 0; i < N_TURNS; i++) {
    rate = turn (row->ours, row->ours_data, row->clock);
    ours = MAX (ours, rate);
    if (row->peer) {
      rate = turn (row->peer, row->peer_data, row->clock);
      peer = MAX (peer, rate);
    }
  }
  h4_bench_print (row, ours, peer);
}

/* Every member is always there: a row without a peer or a target has 0. */
static void
print_json (const H4BenchRow * row, gdouble ours, gdouble peer,
    const gchar * verdict)
{
  printf ("%s{\"bench\":\"%s\",\"work\":\"%s\",\"unit\":\"%s\","
      "\"ours\":%.4g,\"peer_name\":\"%s\",\"peer\":%.4g,\"ratio\":%.3f,"
      "\"target\":%.3g,\"verdict\":\"%s\"}", n_rows > 1 ? ",\n " : "[",
      program, row->work, row->unit, ours, row->peer_name ? row->peer_name : "",
      peer, peer > 0 ? ours / peer : 0, row->target,
      row->target > 0 ? verdict : "");
}

/* h4_bench_print:
 * @ours: an amount a second
 * @peer: the same of the peer, 0 where there is none
 *
 * Prints a row that was measured elsewhere. */
void
h4_bench_print (const H4BenchRow * row, gdouble ours, gdouble peer)
{
  gdouble ratio = peer > 0 ? ours / peer : 0;
  gboolean reached = ratio >= row->target;
  const gchar *verdict = reached ? "pass" : "SHORT";

  n_rows++;
  n_short += row->target > 0 && !reached;
  if (as_json) {
    print_json (row, ours, peer, verdict);
  } else {
    printf ("%-44s %9.0f %-6s ", row->work, ours, row->unit);
    if (peer > 0)
      printf ("%9.0f %-6s  %-22s %6.2fx ", peer, row->unit, row->peer_name,
          ratio);
    if (row->target > 0)
      printf (">= %4.2fx  %s", row->target, verdict);
    printf ("\n");
  }
  fflush (stdout);
}

/* h4_bench_finish:
 *
 * Returns: the exit code: a short row is a figure, not a failure */
gint
h4_bench_finish (void)
{
  if (!as_json)
    printf ("%u rows, %u short\n", n_rows, n_short);
  else if (n_rows > 0)
    printf ("]\n");
  return n_rows > 0 ? 0 : 1;
}
