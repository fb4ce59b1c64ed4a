/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_EXCHANGE_PRIVATE_H__
#define __H4_EXCHANGE_PRIVATE_H__

#include "h4httpbody.h"
#include "h4httpprivate.h"

G_BEGIN_DECLS

struct _H4Exchange
{
  /* do not change */
  H4HttpServer *server;
  H4HttpConn *conn;             /* the server's thread's */
  H4HttpCall *call;
  GIOStream *stream;
  GSocket *socket;
  GCancellable *cancellable;
  H4ExchangeFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
  GThread *thread;
  GSource *watch;
  GPollFD cancel_fd;
  gboolean has_cancel_fd;

  /* who reads */
  GByteArray *in;

  /* with the lock: who reads and who writes may be two */
  GMutex lock;
  H4HttpBody body;
  gboolean half_closed;
  gboolean begun;

  /* who writes */
  guint status;
  gint64 length;
  gboolean bodyless;
  gboolean chunked;
  gboolean keep_alive;
  gboolean ended;
  gboolean failed;
  guint64 bytes_out;
};

/* h4exchangeio.c: they wait, until the limits' time is over or the exchange is
 * cancelled. */
void h4_exchange_io_init (H4Exchange * ex);
void h4_exchange_io_clear (H4Exchange * ex);
gssize h4_exchange_io_read (H4Exchange * ex, gpointer data, gsize size,
    GError ** error);
gboolean h4_exchange_io_write (H4Exchange * ex, gconstpointer data,
    gsize size, GError ** error);
gboolean h4_exchange_io_writev (H4Exchange * ex, GOutputVector * vectors,
    guint n_vectors, GError ** error);
void h4_exchange_io_close_notify (H4Exchange * ex);

G_END_DECLS

#endif
