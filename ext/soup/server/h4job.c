/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "h4job.h"
#include "h4problem.h"

/* How many may wait for each place, and how long. */
#define WAITING_EACH 32
#define WAIT_TIME (20 * G_TIME_SPAN_SECOND)

struct _H4Jobs
{
  GMutex lock;
  GCond cond;
  H4JobsStats stats;
  /* those who wait are served in their order */
  guint64 next_ticket;
  GQueue tickets;
};

H4Jobs *
h4_jobs_new (guint max_running)
{
  H4Jobs *jobs = g_new0 (H4Jobs, 1);

  g_mutex_init (&jobs->lock);
  g_cond_init (&jobs->cond);
  g_queue_init (&jobs->tickets);
  jobs->stats.max_running = MAX (1, max_running);
  return jobs;
}

void
h4_jobs_free (H4Jobs * jobs)
{
  g_queue_clear (&jobs->tickets);
  g_cond_clear (&jobs->cond);
  g_mutex_clear (&jobs->lock);
  g_free (jobs);
}

static void
on_cancelled (GCancellable * cancellable, gpointer user_data)
{
  H4Jobs *jobs = user_data;

  g_mutex_lock (&jobs->lock);
  g_cond_broadcast (&jobs->cond);
  g_mutex_unlock (&jobs->lock);
}

/* called with the lock */
static gboolean
wait_unlocked (H4Jobs * jobs, GCancellable * cancellable)
{
  gint64 deadline = g_get_monotonic_time () + WAIT_TIME;
  guint64 ticket = jobs->next_ticket++;
  gboolean in_time = TRUE, mine = FALSE;

  g_queue_push_tail (&jobs->tickets, &ticket);
  jobs->stats.waiting++;
  while (in_time && !mine && !g_cancellable_is_cancelled (cancellable)) {
    mine = g_queue_peek_head (&jobs->tickets) == &ticket
        && jobs->stats.running < jobs->stats.max_running;
    if (!mine)
      in_time = g_cond_wait_until (&jobs->cond, &jobs->lock, deadline);
  }
  jobs->stats.waiting--;
  g_queue_remove (&jobs->tickets, &ticket);
  /* the next one may be first now */
  g_cond_broadcast (&jobs->cond);
  return mine;
}

static gboolean
enter_unlocked (H4Jobs * jobs, GCancellable * cancellable)
{
  H4JobsStats *stats = &jobs->stats;
  gboolean entered = stats->running < stats->max_running && stats->waiting == 0;

  if (!entered && stats->waiting < WAITING_EACH * stats->max_running)
    entered = wait_unlocked (jobs, cancellable);
  if (entered) {
    stats->running++;
    stats->started++;
  } else {
    stats->refused++;
  }
  return entered;
}

gboolean
h4_jobs_enter (H4Jobs * jobs, GCancellable * cancellable, GError ** error)
{
  gulong id = cancellable ? g_cancellable_connect (cancellable,
      G_CALLBACK (on_cancelled), jobs, NULL) : 0;
  gboolean entered;

  g_mutex_lock (&jobs->lock);
  entered = enter_unlocked (jobs, cancellable);
  g_mutex_unlock (&jobs->lock);
  if (cancellable)
    g_cancellable_disconnect (cancellable, id);

  if (entered || g_cancellable_set_error_if_cancelled (cancellable, error))
    return entered;
  g_propagate_error (error, h4_problem_error (503, NULL, NULL,
          "The server works on as many uploads as it can."));
  return FALSE;
}

void
h4_jobs_leave (H4Jobs * jobs, gboolean failed)
{
  g_mutex_lock (&jobs->lock);
  jobs->stats.running--;
  jobs->stats.failed += failed;
  g_cond_broadcast (&jobs->cond);
  g_mutex_unlock (&jobs->lock);
}

void
h4_jobs_get_stats (H4Jobs * jobs, H4JobsStats * stats)
{
  g_mutex_lock (&jobs->lock);
  *stats = jobs->stats;
  g_mutex_unlock (&jobs->lock);
}
