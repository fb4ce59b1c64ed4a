/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_SERVER_H__
#define __H4_SERVER_H__

/* serve.py, which serves the files of a directory with ranges. */

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct
{
  GPid pid;
  gint input;                   /* it ends with that */
  guint port;
} H4Server;

void h4_server_open (H4Server * server, const gchar * directory);
/* What reads the file of that name: text for gst_parse_launch(). */
gchar *h4_server_source (H4Server * server, const gchar * name);
void h4_server_close (H4Server * server);

G_END_DECLS

#endif
