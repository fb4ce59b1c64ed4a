/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "h4fanwheel.h"

static H4FanTimer *
slot_of (H4FanWheel * wheel, guint64 tick)
{
  return &wheel->slots[tick % H4_FAN_SLOTS];
}

void
h4_fan_wheel_init (H4FanWheel * wheel, gint64 time)
{
  guint i;

  for (i = 0; i < H4_FAN_SLOTS; i++)
    wheel->slots[i].prev = wheel->slots[i].next = &wheel->slots[i];
  wheel->now = time / H4_FAN_TICK;
  wheel->n_timers = 0;
}

gboolean
h4_fan_timer_is_set (const H4FanTimer * timer)
{
  return timer->prev != NULL;
}

static void
timer_link (H4FanTimer * slot, H4FanTimer * timer)
{
  timer->prev = slot->prev;
  timer->next = slot;
  slot->prev->next = timer;
  slot->prev = timer;
}

static void
timer_unlink (H4FanTimer * timer)
{
  timer->prev->next = timer->next;
  timer->next->prev = timer->prev;
  timer->prev = timer->next = NULL;
}

void
h4_fan_wheel_unset (H4FanWheel * wheel, H4FanTimer * timer)
{
  if (!h4_fan_timer_is_set (timer))
    return;
  timer_unlink (timer);
  wheel->n_timers--;
}

void
h4_fan_wheel_set (H4FanWheel * wheel, H4FanTimer * timer, gint64 time)
{
  guint64 tick = MAX (time, 0) / H4_FAN_TICK + 1;

  h4_fan_wheel_unset (wheel, timer);
  tick = CLAMP (tick, wheel->now + 1, wheel->now + H4_FAN_SLOTS - 1);
  timer_link (slot_of (wheel, tick), timer);
  wheel->n_timers++;
}

gint64
h4_fan_wheel_get_next (H4FanWheel * wheel)
{
  guint64 tick = wheel->now + 1;

  if (wheel->n_timers == 0)
    return -1;
  while (slot_of (wheel, tick)->next == slot_of (wheel, tick))
    tick++;
  return tick * H4_FAN_TICK;
}

void
h4_fan_wheel_run (H4FanWheel * wheel, gint64 time, H4FanTimerFunc func,
    gpointer user_data)
{
  guint64 end = time / H4_FAN_TICK;

  /* After a long sleep each slot is looked at once. */
  if (end > wheel->now + H4_FAN_SLOTS)
    wheel->now = end - H4_FAN_SLOTS;
  while (wheel->now < end) {
    H4FanTimer *slot = slot_of (wheel, ++wheel->now);
    H4FanTimer due = { &due, &due };

    while (slot->next != slot) {
      H4FanTimer *timer = slot->next;

      timer_unlink (timer);
      timer_link (&due, timer);
    }
    while (due.next != &due) {
      H4FanTimer *timer = due.next;

      timer_unlink (timer);
      wheel->n_timers--;
      func (timer, user_data);
    }
  }
}
