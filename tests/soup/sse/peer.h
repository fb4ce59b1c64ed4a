/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __PEER_H__
#define __PEER_H__

/* The other end of a fan's connection: a socket that is read when the test
 * wants it. */

#include <gst/check/gstcheck.h>
#include "h4fan.h"

#define HEAD "HTTP/1.1 200 OK\r\n\r\n"

typedef struct
{
  gint fd;
  gboolean ended;               /* the other side has closed */
  GString *got;
} Peer;

/* As the server would after a request. */
Peer *peer_join (H4Fan * fan, H4Stream * stream, const gchar * last_id);
Peer *peer_join_many (H4Fan * fan, guint n, H4Stream ** streams,
    const gchar * const *last_ids);
/* With a receive buffer of so many bytes, so that it is soon full. */
Peer *peer_join_small (H4Fan * fan, H4Stream * stream, gint buffer);
void peer_free (Peer * peer);

/* What has come when this text has. */
const gchar *peer_read_until (Peer * peer, const gchar * text);
/* So many bytes or whatever is there, FALSE at the end. */
gboolean peer_read_some (Peer * peer, gsize size);
/* Everything up to the end. */
const gchar *peer_read_all (Peer * peer);
gchar *peer_body (Peer * peer);
/* Drops what was read. */
void peer_forget (Peer * peer);

/* One stream's whole events, read and taken off; gaps and the like are told
 * by name. Returns FALSE where there is no whole block. */
gboolean peer_take_block (Peer * peer, gchar ** block);

/* The n of the block's id, 0 where it has none. */
guint64 block_n (const gchar * block);
gchar *block_epoch (const gchar * block);

H4StreamConfig stream_config (void);
void stream_say (H4Stream * stream, const gchar * data);
void stream_meta (H4Stream * stream, const gchar * json);
void stream_done (H4Stream * stream);

/* Waits until the stream's figures are so. */
void wait_for_clients (H4Stream * stream, guint n);

/* Text without the lines that begin with id: or retry: */
gchar *strip_ids (const gchar * text);

#endif
