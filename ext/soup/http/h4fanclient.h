/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_FAN_CLIENT_H__
#define __H4_FAN_CLIENT_H__

/* A client's connection, plain or TLS, which never blocks. All of it is the
 * fan's thread's, once it was given there. */

#include <gio/gio.h>

#include "h4fan.h"
#include "h4fanwheel.h"
#include "h4streamview.h"

G_BEGIN_DECLS

typedef struct _H4FanClient H4FanClient;
typedef struct _H4FanStream H4FanStream;

/**
 * H4FanSub: one of a client's streams, and how far it was sent
 */
typedef struct
{
  H4FanClient *client;
  H4Stream *log;
  H4FanStream *stream;          /* NULL: it has left, or was never there */
  guint index;                  /* among its stream's */
  gchar *last_id;               /* until it has joined */

  gboolean over;                /* it gets nothing more */
  gboolean skip;                /* to live, when it can be told so */
  H4StreamChunk *chunk;         /* NULL: at the beginning of seq */
  guint64 seq;
  gsize offset;
  guint64 n;                    /* the latest event that was sent */
  gchar epoch[H4_STREAM_EPOCH_SIZE + 1];
  guint meta_serial;            /* that it was told */
} H4FanSub;

struct _H4FanClient
{
  H4FanTimer timer;
  H4FanClient *prev;            /* of all */
  H4FanClient *next;
  guint64 id;
  gint fd;                      /* -1: it has gone */
  gchar *address;

  /* TLS */
  GIOStream *connection;
  GIOStream *tls;               /* in connection */
  gsize offered;                /* bytes that must be offered again */

  /* what goes out before anything else */
  gchar *rest;
  gsize rest_size;
  gsize rest_offset;

  gint64 heartbeat;             /* µs, 0: never */
  gint64 sent;                  /* when something went out */
  gint64 progress;              /* when something was seen to arrive */
  gint queued;                  /* bytes in the kernel at that time */
  gsize received;
  gboolean blocked;
  gboolean greeted;             /* `retry` was said */
  gboolean closing;             /* all was said; waits for the other side */
  gint64 deadline;              /* of closing */
  gboolean ready;               /* has more to send, in the queue for it */
  H4FanClient *next_ready;

  guint n_subs;
  H4FanSub subs[];
};

typedef enum
{
  H4_FAN_SENT,                  /* all of it */
  H4_FAN_BLOCKED,               /* the rest when the socket takes more */
  H4_FAN_GONE
} H4FanResult;

/* Takes the connection; NULL where it is of no use. */
H4FanClient *h4_fan_client_new (GIOStream * connection,
    const H4FanSubscription * subscription);
void h4_fan_client_free (H4FanClient * client);

/* Nothing may be left of what was said before. sent: (out): bytes */
H4FanResult h4_fan_client_send (H4FanClient * client, const guint8 * data,
    gsize size, gsize * sent, gint64 now);
/* The same, and what the socket does not take is kept. */
H4FanResult h4_fan_client_say (H4FanClient * client, const gchar * data,
    gsize size, gint64 now);
/* Sends what was kept. */
H4FanResult h4_fan_client_flush (H4FanClient * client, gint64 now);
void h4_fan_client_keep (H4FanClient * client, const guint8 * data,
    gsize size);

/* Drops what has come. FALSE: it says too much, or has gone. */
gboolean h4_fan_client_drain (H4FanClient * client);
/* Whether the kernel got rid of something since it was asked last. */
gboolean h4_fan_client_has_moved (H4FanClient * client);
/* The client sees the end. */
void h4_fan_client_shutdown (H4FanClient * client);
void h4_fan_client_close (H4FanClient * client);

G_END_DECLS

#endif
