/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "h4eventsquery.h"
#include "h4problem.h"

static GError *
bad (const gchar * field, const gchar * detail)
{
  return h4_problem_error (400, field, NULL, "%s", detail);
}

static gchar *
unescape (const gchar * text)
{
  gchar *spaced = g_strdelimit (g_strdup (text), "+", ' ');
  gchar *plain = g_uri_unescape_string (spaced, NULL);

  g_free (spaced);
  return plain;
}

/* value: (transfer full) */
static gboolean
set_streams (H4EventsQuery * query, gchar * value, GError ** error)
{
  const gchar *const *names;
  guint i;

  if (query->streams) {
    g_propagate_error (error, bad ("stream", "It is there twice: names are "
            "separated by commas."));
    g_free (value);
    return FALSE;
  }
  query->streams = g_strsplit (value, ",", -1);
  g_free (value);
  names = (const gchar * const *) query->streams;
  for (i = 0; names[i]; i++) {
    if (*names[i] == '\0') {
      g_propagate_error (error, bad ("stream", "A stream has no name."));
      return FALSE;
    }
    if (g_strv_contains (names + i + 1, names[i])) {
      g_propagate_error (error, bad ("stream", "A stream is named twice."));
      return FALSE;
    }
  }
  if (i > 0)
    return TRUE;
  g_propagate_error (error, bad ("stream", "It names no stream."));
  return FALSE;
}

/* value: (transfer full) */
static gboolean
set_last_id (H4EventsQuery * query, gchar * value, GError ** error)
{
  if (query->last_id) {
    g_propagate_error (error, bad ("last_event_id", "It is there twice."));
    g_free (value);
    return FALSE;
  }
  query->last_id = value;
  return TRUE;
}

static gboolean
parse_parameter (H4EventsQuery * query, const gchar * parameter,
    GError ** error)
{
  const gchar *equals = strchr (parameter, '=');
  gchar *raw = equals ? g_strndup (parameter, equals - parameter) :
      g_strdup (parameter);
  gchar *name = unescape (raw), *value = unescape (equals ? equals + 1 : "");
  gboolean ok = TRUE;

  g_free (raw);
  if (!name || !value || !g_utf8_validate (name, -1, NULL)
      || !g_utf8_validate (value, -1, NULL)) {
    g_propagate_error (error, bad (NULL, "The query has a `%` that is no "
            "escape, or bytes that are no UTF-8."));
    ok = FALSE;
  } else if (strcmp (name, "job") == 0) {
    /* or it would be live events that come */
    g_propagate_error (error, bad ("job", "Events of a job are where its "
            "answer said, at /jobs/…/events."));
    ok = FALSE;
  } else if (strcmp (name, "stream") == 0)
    ok = set_streams (query, g_steal_pointer (&value), error);
  else if (strcmp (name, "last_event_id") == 0)
    ok = set_last_id (query, g_steal_pointer (&value), error);
  g_free (name);
  g_free (value);
  return ok;
}

gboolean
h4_events_query_parse (H4EventsQuery * query, const gchar * text,
    const gchar * last_event_id, GError ** error)
{
  gchar **parameters = g_strsplit (text ? text : "", "&", -1);
  gboolean ok = TRUE;
  guint i;

  memset (query, 0, sizeof (H4EventsQuery));
  for (i = 0; parameters[i] && ok; i++)
    ok = parse_parameter (query, parameters[i], error);
  g_strfreev (parameters);
  if (!ok) {
    h4_events_query_clear (query);
    return FALSE;
  }
  /* EventSource sends it where it comes again; the query stays what it was */
  if (last_event_id && *last_event_id != '\0') {
    g_free (query->last_id);
    query->last_id = g_strdup (last_event_id);
  }
  if (query->last_id && *query->last_id == '\0')
    g_clear_pointer (&query->last_id, g_free);
  return TRUE;
}

void
h4_events_query_clear (H4EventsQuery * query)
{
  g_clear_pointer (&query->streams, g_strfreev);
  g_clear_pointer (&query->last_id, g_free);
}

gchar *
h4_events_query_dup_last_id (const H4EventsQuery * query, const gchar * stream)
{
  gchar **ids, *id = NULL;
  gsize size = strlen (stream);
  guint i;

  if (!query->last_id)
    return NULL;
  if (!strchr (query->last_id, '='))
    return g_strdup (query->last_id);
  ids = g_strsplit (query->last_id, ",", -1);
  for (i = 0; ids[i] && !id; i++) {
    const gchar *one = g_strstrip (ids[i]);

    if (strncmp (one, stream, size) == 0 && one[size] == '=')
      id = g_strdup (one + size + 1);
  }
  g_strfreev (ids);
  return id;
}
