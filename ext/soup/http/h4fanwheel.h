/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_FAN_WHEEL_H__
#define __H4_FAN_WHEEL_H__

/* Coarse timers, in constant time each: what is due within a tick is looked at
 * together. */

#include <glib.h>

G_BEGIN_DECLS

#define H4_FAN_TICK (20 * G_TIME_SPAN_MILLISECOND)
#define H4_FAN_SLOTS 1024

typedef struct _H4FanTimer H4FanTimer;

struct _H4FanTimer
{
  H4FanTimer *prev;             /* NULL: it is in no slot */
  H4FanTimer *next;
};

typedef struct
{
  H4FanTimer slots[H4_FAN_SLOTS];
  guint64 now;                  /* tick up to which all were taken */
  guint n_timers;
} H4FanWheel;

typedef void (*H4FanTimerFunc) (H4FanTimer * timer, gpointer user_data);

void h4_fan_wheel_init (H4FanWheel * wheel, gint64 time);
/* At time, in µs, or where that is far away, sooner. */
void h4_fan_wheel_set (H4FanWheel * wheel, H4FanTimer * timer, gint64 time);
void h4_fan_wheel_unset (H4FanWheel * wheel, H4FanTimer * timer);
gboolean h4_fan_timer_is_set (const H4FanTimer * timer);
/* When something is due next, -1: never. */
gint64 h4_fan_wheel_get_next (H4FanWheel * wheel);
/* Calls func for each that is due, which is no longer set then. */
void h4_fan_wheel_run (H4FanWheel * wheel, gint64 time, H4FanTimerFunc func,
    gpointer user_data);

G_END_DECLS

#endif
