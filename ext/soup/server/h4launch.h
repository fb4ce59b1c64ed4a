/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_LAUNCH_H__
#define __H4_LAUNCH_H__

/* --pipeline: a pipeline whose h4sse elements share this program's server. */

#include <gst/gst.h>

#include "h4httpserver.h"

G_BEGIN_DECLS

typedef struct _H4Launch H4Launch;

/* Called from the default main context; message: what went wrong. */
typedef void (*H4LaunchFailed) (const gchar * message, gpointer user_data);

/* config: of the server, with the port that it has. */
H4Launch *h4_launch_new (const gchar * description,
    const H4HttpConfig * config, GError ** error);
/* Returns when its streams are known, it has failed, or it takes its time.
 * Whatever fails later is told to func, once. */
gboolean h4_launch_start (H4Launch * launch, H4LaunchFailed func,
    gpointer user_data, GError ** error);
/* Streams end as they do when an element is stopped. From any thread. */
void h4_launch_stop (H4Launch * launch);
void h4_launch_free (H4Launch * launch);

G_END_DECLS

#endif
