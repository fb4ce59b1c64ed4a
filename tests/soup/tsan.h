/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_TSAN_H__
#define __H4_TSAN_H__

/* Included first into everything that is built for ThreadSanitizer. GLib is not
 * instrumented and its locks are futexes, so what they order is told here. */

#include <glib.h>
#include <sanitizer/tsan_interface.h>

static inline void
h4_tsan_mutex_lock (GMutex * mutex)
{
  g_mutex_lock (mutex);
  __tsan_acquire (mutex);
}

static inline void
h4_tsan_mutex_unlock (GMutex * mutex)
{
  __tsan_release (mutex);
  g_mutex_unlock (mutex);
}

static inline void
h4_tsan_cond_wait (GCond * cond, GMutex * mutex)
{
  __tsan_release (mutex);
  g_cond_wait (cond, mutex);
  __tsan_acquire (mutex);
}

static inline gboolean
h4_tsan_cond_wait_until (GCond * cond, GMutex * mutex, gint64 end_time)
{
  gboolean signalled;

  __tsan_release (mutex);
  signalled = g_cond_wait_until (cond, mutex, end_time);
  __tsan_acquire (mutex);
  return signalled;
}

#define g_mutex_lock h4_tsan_mutex_lock
#define g_mutex_unlock h4_tsan_mutex_unlock
#define g_cond_wait h4_tsan_cond_wait
#define g_cond_wait_until h4_tsan_cond_wait_until

#endif
