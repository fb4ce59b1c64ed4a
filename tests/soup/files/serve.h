/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __SERVE_H__
#define __SERVE_H__

/* /files/ of a tree, on a port of its own. */

#include "h4server.h"

typedef struct
{
  H4Server server;
  gpointer files;
  guint port;
  gint requests;                /* atomic: answered */
  gint aborted;                 /* atomic: those whose client left */
} Serve;

void serve_start (Serve * serve, const gchar * root);
void serve_stop (Serve * serve);

#endif
