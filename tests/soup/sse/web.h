/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __WEB_H__
#define __WEB_H__

/* Plain HTTP requests, for the tests of an element. */

#include "peer.h"

/* Sends `GET target` and reads nothing. */
Peer *web_get (guint port, const gchar * target, const gchar * headers);
/* The answer's status, once its head has come. */
guint web_status (Peer * peer);
/* What comes after the head, of an answer that has ended. */
const gchar *web_body (Peer * peer);

#endif
