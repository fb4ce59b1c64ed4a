/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_WAKE_H__
#define __H4_WAKE_H__

/* Wakes a thread that waits for a descriptor. Those who wake it and those who
 * wait may go in any order. */

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint refs;
  gint fd;
} H4Wake;

H4Wake *h4_wake_new (GError ** error);
H4Wake *h4_wake_ref (H4Wake * wake);
void h4_wake_unref (H4Wake * wake);
void h4_wake_signal (H4Wake * wake);
void h4_wake_clear (H4Wake * wake);

G_END_DECLS

#endif
