/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_EVENTS_QUERY_H__
#define __H4_EVENTS_QUERY_H__

/* What a client says of the events that it wants. */

#include <glib.h>

G_BEGIN_DECLS

/**
 * H4EventsQuery:
 * @streams: (nullable): names, in the client's order
 * @last_id: (nullable): as it came
 */
typedef struct
{
  gchar **streams;
  gchar *last_id;
} H4EventsQuery;

/* query, last_event_id: (nullable): as they came; the header wins. FALSE:
 * H4_PROBLEM. */
gboolean h4_events_query_parse (H4EventsQuery * query, const gchar * text,
    const gchar * last_event_id, GError ** error);
void h4_events_query_clear (H4EventsQuery * query);

/* (nullable): where this stream goes on. Of several, `b=<id>,a=<id>`, its own;
 * an id that names no stream is every stream's. */
gchar *h4_events_query_dup_last_id (const H4EventsQuery * query,
    const gchar * stream);

G_END_DECLS

#endif
