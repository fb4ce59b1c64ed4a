/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_FAN_H__
#define __H4_FAN_H__

/* The thread that sends streams' events to their clients: one epoll set, a few
 * bytes of state a client. */

#include <gio/gio.h>

#include "h4stream.h"

G_BEGIN_DECLS

typedef struct _H4Fan H4Fan;

/**
 * H4FanClientFunc:
 * @stream: one of the client's streams
 * @client: a number that no other client of the process gets
 * @address: where it connects from, for people
 * @added: it came, or it has gone
 *
 * Called from the fan's thread, without a lock.
 */
typedef void (*H4FanClientFunc) (H4Stream * stream, guint64 client,
    const gchar * address, gboolean added, gpointer user_data);

H4Fan *h4_fan_new (GError ** error);
/* Joins the thread; its clients are closed. */
void h4_fan_free (H4Fan * fan);

void h4_fan_add_stream (H4Fan * fan, H4Stream * stream,
    H4FanClientFunc func, gpointer user_data);
/* Waits until what was appended is in the kernel, shuts down writing, reads
 * what the clients still send, altogether at most linger µs; then no client of
 * the stream is left that has no other stream. */
void h4_fan_remove_stream (H4Fan * fan, H4Stream * stream, gint64 linger);

/**
 * H4FanSubscription:
 * @streams: (array length=n_streams): in the order that the client named
 * @last_ids: (array length=n_streams) (nullable): the `<epoch>-<n>` of each, or
 *   NULL: from now on
 * @head: the response's head, which is sent first
 * @address: where the client connects from
 */
typedef struct
{
  H4Stream **streams;
  gchar **last_ids;
  guint n_streams;
  GBytes *head;
  const gchar *address;
} H4FanSubscription;

/* connection: (transfer full): a stolen one, plain or TLS. What a plain one
 * costs is its descriptor: the objects around it are freed. */
void h4_fan_add_client (H4Fan * fan, GIOStream * connection,
    const H4FanSubscription * subscription);

guint h4_fan_count_clients (H4Fan * fan);

G_END_DECLS

#endif
