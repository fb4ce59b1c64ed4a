/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_ACTIVATION_H__
#define __H4_ACTIVATION_H__

#include <gio/gio.h>

G_BEGIN_DECLS

/* The listening socket that the process was given by systemd, or whoever does
 * as it does (sd_listen_fds(3)): (transfer full). NULL without an error: none;
 * with one: more than one, or none that can be used. */
GSocket *h4_activation_take (GError ** error);

G_END_DECLS

#endif
