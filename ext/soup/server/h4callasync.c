/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include <openssl/rand.h>

#include "h4calls.h"
#include "h4problem.h"

/* Prefer: respond-async. The upload is kept, and each GET of its events runs
 * the pipeline anew: the same bytes give the same events, so nothing of them is
 * kept, and a client that lost its connection lost no event. */

#define MAX_JOBS 16
#define IDLE_TIME (10 * G_TIME_SPAN_MINUTE)
/* A client may have read the last event before that is known here. */
#define ROOM_TIME (G_TIME_SPAN_SECOND / 2)
#define ID_BYTES 16
#define EPOCH_SIZE 8

/**
 * Job:
 * @id: whoever knows it may read the events
 * @epoch: the first part of the id, which begins the events' ids
 * @total: events with the last one, 0: not known yet
 * @failed: the upload itself is at fault, and its client was told
 * @users: who reads now
 * @used: when it was last asked for
 */
typedef struct
{
  gchar *id;
  gchar *epoch;
  const H4CallFuncs *funcs;
  H4Upload *upload;
  guint64 total;
  gboolean failed;
  guint users;
  gint64 used;
} Job;

struct _H4Async
{
  H4Server *server;
  GMutex lock;
  GCond cond;
  GList *jobs;                  /* with the lock */
  gboolean stopped;
  GThread *thread;
};

static void
job_free (Job * job)
{
  h4_upload_unref (job->upload);
  g_free (job->epoch);
  g_free (job->id);
  g_free (job);
}

/* called with the lock */
static void
forget_unlocked (H4Async * async, Job * job)
{
  async->jobs = g_list_remove (async->jobs, job);
  job_free (job);
}

/* Uploads that nobody asks for are given up in time. */
static gpointer
sweep (gpointer data)
{
  H4Async *async = data;

  g_mutex_lock (&async->lock);
  while (!async->stopped) {
    gint64 now = g_get_monotonic_time (), next = now + IDLE_TIME;
    GList *l = async->jobs;

    while (l) {
      Job *job = l->data;

      l = l->next;
      if (job->users == 0 && job->used + IDLE_TIME <= now)
        forget_unlocked (async, job);
      else if (job->users == 0)
        next = MIN (next, job->used + IDLE_TIME);
    }
    g_cond_wait_until (&async->cond, &async->lock, next);
  }
  g_mutex_unlock (&async->lock);
  return NULL;
}

H4Async *
h4_async_new (H4Server * server)
{
  H4Async *async = g_new0 (H4Async, 1);

  g_mutex_init (&async->lock);
  g_cond_init (&async->cond);
  async->server = server;
  async->thread = g_thread_new ("jobs", sweep, async);
  return async;
}

void
h4_async_free (H4Async * async)
{
  g_mutex_lock (&async->lock);
  async->stopped = TRUE;
  g_cond_broadcast (&async->cond);
  g_mutex_unlock (&async->lock);
  g_thread_join (async->thread);
  g_list_free_full (async->jobs, (GDestroyNotify) job_free);
  g_cond_clear (&async->cond);
  g_mutex_clear (&async->lock);
  g_free (async);
}

/* Room for one more: of those that were read to their end, or have none, the
 * one that was not asked for longest goes. Called with the lock. */
static gboolean
make_room_unlocked (H4Async * async)
{
  Job *oldest = NULL;
  GList *l;

  if (g_list_length (async->jobs) < MAX_JOBS)
    return TRUE;
  for (l = async->jobs; l; l = l->next) {
    Job *job = l->data;

    if (job->users == 0 && (job->total > 0 || job->failed)
        && (!oldest || job->used < oldest->used))
      oldest = job;
  }
  if (oldest)
    forget_unlocked (async, oldest);
  return oldest != NULL;
}

static gboolean
is_read_unlocked (H4Async * async)
{
  GList *l;

  for (l = async->jobs; l; l = l->next)
    if (((Job *) l->data)->users > 0)
      return TRUE;
  return FALSE;
}

/* Called with the lock. */
static gboolean
wait_for_room_unlocked (H4Async * async)
{
  gint64 end = g_get_monotonic_time () + ROOM_TIME;
  gboolean room = make_room_unlocked (async), late = FALSE;

  while (!room && !late && is_read_unlocked (async)) {
    late = !g_cond_wait_until (&async->cond, &async->lock, end);
    room = make_room_unlocked (async);
  }
  return room;
}

static gchar *
draw_id (void)
{
  guint8 bytes[ID_BYTES];
  GString *id = g_string_new (NULL);
  guint i;

  if (RAND_bytes (bytes, sizeof (bytes)) != 1)
    g_error ("there are no random numbers");
  for (i = 0; i < sizeof (bytes); i++)
    g_string_append_printf (id, "%02x", bytes[i]);
  return g_string_free (id, FALSE);
}

static gboolean
answer_location (H4Exchange * exchange, const gchar * id, GError ** error)
{
  gchar *location = g_strdup_printf ("/jobs/%s/events", id);
  gchar *json = g_strdup_printf ("{\"events\":\"%s\"}", location);
  GBytes *body = g_bytes_new_take (json, strlen (json));
  const gchar *headers[] = {
    "Location", location, "Preference-Applied", "respond-async",
    "Cache-Control", "no-store", NULL
  };
  gboolean ok = h4_exchange_respond (exchange, 202, "application/json", body,
      headers, error);

  g_bytes_unref (body);
  g_free (location);
  return ok;
}

gboolean
h4_async_add (H4Async * async, const H4CallFuncs * funcs, H4Upload * upload,
    H4Exchange * exchange, GError ** error)
{
  Job *job = g_new0 (Job, 1);
  gboolean room;

  job->id = draw_id ();
  job->epoch = g_strndup (job->id, EPOCH_SIZE);
  job->funcs = funcs;
  job->upload = h4_upload_ref (upload);
  job->used = g_get_monotonic_time ();
  g_mutex_lock (&async->lock);
  room = wait_for_room_unlocked (async);
  if (room)
    async->jobs = g_list_prepend (async->jobs, job);
  g_cond_broadcast (&async->cond);
  g_mutex_unlock (&async->lock);

  if (room)
    return answer_location (exchange, job->id, error);
  job_free (job);
  g_propagate_error (error, h4_problem_error (429, NULL, NULL,
          "The server keeps %d uploads whose events were not read yet.",
          MAX_JOBS));
  return FALSE;
}

/* `/jobs/<id>/events`; total: events, where somebody has read them all. */
static Job *
find (H4Async * async, const gchar * path, guint64 * total)
{
  gsize size = strlen ("/jobs/");
  Job *found = NULL;
  GList *l;

  g_mutex_lock (&async->lock);
  for (l = async->jobs; l && !found; l = l->next) {
    Job *job = l->data;

    if (strncmp (path + size, job->id, 2 * ID_BYTES) == 0
        && strcmp (path + size + 2 * ID_BYTES, "/events") == 0)
      found = job;
  }
  if (found) {
    found->users++;
    *total = found->total;
  }
  g_mutex_unlock (&async->lock);
  return found;
}

static void
leave (H4Async * async, Job * job, guint64 total, gboolean failed)
{
  g_mutex_lock (&async->lock);
  if (total > 0)
    job->total = total;
  job->failed |= failed;
  job->users--;
  job->used = g_get_monotonic_time ();
  g_cond_broadcast (&async->cond);
  g_mutex_unlock (&async->lock);
}

/* How many events the client has had; FALSE: its id is none of this job's. */
static gboolean
parse_last_id (const Job * job, const gchar * id, guint64 * had)
{
  *had = 0;
  if (!id || *id == '\0' || strcmp (id, "earliest") == 0)
    return TRUE;
  return g_str_has_prefix (id, job->epoch) && id[EPOCH_SIZE] == '-'
      && g_ascii_string_to_unsigned (id + EPOCH_SIZE + 1, 10, 0, G_MAXINT64,
      had, NULL);
}

static gboolean
run (H4Async * async, Job * job, H4Exchange * exchange, H4Answer * answer,
    GError ** error)
{
  H4Jobs *jobs = async->server->jobs;
  gboolean ok;

  if (!h4_jobs_enter (jobs, h4_exchange_get_cancellable (exchange), error))
    return FALSE;
  ok = job->funcs->serve (job->upload, exchange, answer, error);
  h4_jobs_leave (jobs, !ok);
  return ok;
}

/* Once more where the end, which was not known, comes before the id that the
 * client says to have had: that is none of this job's either. */
static gboolean
run_to_end (H4Async * async, Job * job, H4Exchange * exchange,
    H4Answer * answer, GError ** error)
{
  gboolean ok = run (async, job, exchange, answer, error);

  if (!ok || answer->events >= answer->skip)
    return ok;
  h4_answer_restart (answer);
  return run (async, job, exchange, answer, error);
}

/* total: as find() gave it; 0 where they were not read to their end now */
static gboolean
serve (H4Async * async, Job * job, const gchar * last_id,
    H4Exchange * exchange, guint64 * total, GError ** error)
{
  H4Answer answer;
  guint64 had;
  gboolean ok;

  h4_answer_init (&answer, exchange, "text/event-stream; charset=utf-8", NULL,
      -1);
  answer.epoch = job->epoch;
  answer.gap = !parse_last_id (job, last_id, &had)
      || (*total > 0 && had > *total);
  answer.skip = answer.gap ? 0 : had;
  if (*total > 0 && had == *total)
    ok = h4_exchange_respond (exchange, 204, NULL, NULL, NULL, error);
  else
    ok = run_to_end (async, job, exchange, &answer, error);
  *total = ok ? MAX (*total, answer.events) : 0;
  h4_answer_clear (&answer);
  return ok;
}

/* The header goes before the parameter, but one that is empty says nothing. */
static gboolean
get_last_id (H4Exchange * exchange, H4Values * values, const gchar ** id,
    GError ** error)
{
  *id = h4_exchange_get_header (exchange, "Last-Event-ID");
  if (!h4_values_set_query (values, h4_exchange_get_query (exchange), error))
    return FALSE;
  if (!*id || **id == '\0')
    *id = h4_values_get_text (values, "last_event_id");
  return TRUE;
}

/* Whether it would fail another time, too. */
static gboolean
is_upload_at_fault (H4Exchange * exchange, const GError * error)
{
  return !g_cancellable_is_cancelled (h4_exchange_get_cancellable (exchange))
      && !g_error_matches (error, H4_PROBLEM, 503)
      && !g_error_matches (error, H4_PROBLEM, 408)
      && error->domain != G_IO_ERROR;
}

void
h4_async_serve (H4Async * async, H4Exchange * exchange)
{
  const H4Call *call = h4_call_find ("job_events");
  H4Values *values = h4_values_new (call->params, call->n_params);
  guint64 total = 0;
  Job *job = find (async, h4_exchange_get_path (exchange), &total);
  const gchar *last_id;
  gboolean failed = FALSE;
  GError *error = NULL;

  if (!job)
    error = h4_problem_error (404, NULL, NULL, "There is no such job: a job is"
        " forgotten when nobody has asked for it for 10 minutes.");
  else if (get_last_id (exchange, values, &last_id, &error)
      && !serve (async, job, last_id, exchange, &total, &error))
    failed = is_upload_at_fault (exchange, error);
  if (job)
    leave (async, job, total, failed);
  if (error)
    h4_exchange_fail (exchange, error);
  g_clear_error (&error);
  h4_values_free (values);
}
