/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_STREAM_H__
#define __H4_STREAM_H__

/* A stream of events: one copy of what was said lately, for all who watch, and
 * a number for each event. Threads: one appends, one sends; neither waits for
 * the other. No sockets here. */

#include <glib.h>

G_BEGIN_DECLS

/**
 * H4StreamConfig:
 * @name: what `?stream=` calls it: 1 to 64 of A-Z a-z 0-9 . _ -
 * @history_events: events that are kept at least ...
 * @history_time: ... or those of so many µs, whichever is more ...
 * @history_bytes: ... but never more bytes than this
 * @heartbeat: µs of outbound silence after which a comment is sent; 0: never
 * @retry: ms, for the browser
 * @max_lag: bytes that a client may be behind
 * @disconnect: a client that is further behind is disconnected, not skipped
 */
typedef struct
{
  const gchar *name;
  guint history_events;
  gint64 history_time;
  gsize history_bytes;
  gint64 heartbeat;
  guint retry;
  gsize max_lag;
  gboolean disconnect;
} H4StreamConfig;

typedef struct _H4Stream H4Stream;

H4Stream *h4_stream_new (const H4StreamConfig * config);
H4Stream *h4_stream_ref (H4Stream * stream);
void h4_stream_unref (H4Stream * stream);

const gchar *h4_stream_get_name (H4Stream * stream);

/* What `event:meta` says from here on: a JSON object, on one line. Whoever
 * connects is told it first; who is connected is told it now. */
void h4_stream_set_meta (H4Stream * stream, const gchar * json, gsize size);
/* (transfer full) (nullable): what it says now, NULL before it was set */
gchar *h4_stream_dup_meta (H4Stream * stream);

/* Many events are appended as one: begin, each event, end; what wakes the
 * sender is the end. event: its name, one line; data: one `data:` line for each
 * line that it has. Never waits for a client. */
void h4_stream_begin (H4Stream * stream);
void h4_stream_append (H4Stream * stream, const gchar * event,
    const gchar * data, gsize size);
void h4_stream_end (H4Stream * stream);

/* `event:done` with this data, after which nothing is appended and who comes
 * back is answered 204, until h4_stream_restart(): a new epoch. */
void h4_stream_finish (H4Stream * stream, const gchar * json, gsize size);
void h4_stream_restart (H4Stream * stream);
/* Whether nothing is left to be said to who got the event of this id, which
 * may be NULL: 204. */
gboolean h4_stream_is_over (H4Stream * stream, const gchar * last_id);

/**
 * H4StreamStats: since the stream was made
 */
typedef struct
{
  guint clients;                /* now */
  guint64 clients_total;
  guint64 events;               /* appended */
  guint64 events_sent;          /* to all clients together */
  guint64 bytes_sent;
  guint64 events_skipped;       /* lost to clients that were too slow */
  guint64 clients_dropped;      /* disconnected for that */
} H4StreamStats;

void h4_stream_get_stats (H4Stream * stream, H4StreamStats * stats);

G_END_DECLS

#endif
