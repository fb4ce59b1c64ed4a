/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_SSE_EVENT_H__
#define __H4_SSE_EVENT_H__

/* The events that every measured server sends: some 145 bytes each on the
 * wire, with a number and the time, made at a steady rate by a thread. */

#include <gio/gio.h>

G_BEGIN_DECLS

#define SSE_EPOCH "0badcafe"
#define SSE_HEAD "HTTP/1.1 200 OK\r\n" \
    "Content-Type: text/event-stream; charset=utf-8\r\n" \
    "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
#define SSE_MAX_BLOCK 256

/* data: JSON; NULL: the last one was before */
typedef void (*SseEventFunc) (guint64 n, const gchar * data, gsize size,
    gpointer user_data);

typedef struct
{
  gdouble rate;                 /* events a second */
  guint64 count;                /* 0: no end */
  SseEventFunc func;
  gpointer user_data;
  GThread *thread;
  gint stop;
} SsePublisher;

void sse_publisher_start (SsePublisher * publisher);
void sse_publisher_stop (SsePublisher * publisher);

/* The event as it goes over the wire; returns its size. */
gsize sse_event_frame (gchar * block, guint64 n, const gchar * data,
    gsize size);

/* Listens on 127.0.0.1, any port, and prints `{"port":N}`; raises the limit of
 * open files. */
gint sse_listen (void);

/* Blocks SIGTERM and SIGINT, for all threads to come; the process is killed
 * with the one that started it. */
void sse_init (void);
/* Waits for one. */
void sse_wait (void);

G_END_DECLS

#endif
