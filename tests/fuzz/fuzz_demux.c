/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>

#include "feed.h"
#include "gsth4mkdemux.h"
#include "gsth4mkformat.h"

/* Any file through h4mkdemux in each mode, played, sought in and played again;
 * as it is and with checksums that hold. */

int LLVMFuzzerTestOneInput (const guint8 * data, gsize size);

/* A fatal message of GLib ends in a trap, of which libFuzzer knows nothing: it
 * would not keep the input. */
static void
die (const gchar * domain, GLogLevelFlags level, const gchar * message,
    gpointer user_data)
{
  g_log_default_handler (domain, level & ~G_LOG_FLAG_FATAL, message, NULL);
  if (level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING))
    abort ();
}

static void
init (void)
{
  static gsize once = 0;

  if (!g_once_init_enter (&once))
    return;
  /* this element alone, and no scan for others */
  g_setenv ("GST_PLUGIN_SYSTEM_PATH_1_0", "", TRUE);
  g_setenv ("GST_PLUGIN_PATH_1_0", "", TRUE);
  g_setenv ("GST_REGISTRY_1_0", "/dev/null", TRUE);
  gst_registry_fork_set_enabled (FALSE);
  gst_init (NULL, NULL);
  gst_debug_set_active (FALSE);
  GST_ELEMENT_REGISTER (h4mkdemux, NULL);
  g_log_set_default_handler (die, NULL);
  g_once_init_leave (&once, 1);
}

static void
run (const guint8 * data, gsize size, H4FeedMode mode, gboolean chain,
    gboolean seek)
{
  static const GstClockTime times[] = { 0, 50 * GST_MSECOND, 5 * GST_SECOND };
  static const gdouble rates[] = { 1.0, -1.0, 2.0 };
  H4Feed feed;
  guint i;

  h4_feed_open (&feed, mode, data, size, "verify", chain ? "chain" : "crc",
      "on-error", size % 3 ? "skip" : "stop", NULL);
  feed.step = 1 + size % 1000;
  h4_feed_run (&feed);
  for (i = 0; i < G_N_ELEMENTS (times) && seek && !feed.hung; i++) {
    feed.failed = FALSE;
    h4_feed_seek (&feed, rates[i], i == size % 2 ? GST_SEEK_FLAG_ACCURATE :
        GST_SEEK_FLAG_KEY_UNIT | GST_SEEK_FLAG_SNAP_NEAREST, times[i],
        i == 1 ? GST_SECOND : GST_CLOCK_TIME_NONE);
  }
  if (feed.hung)
    g_error ("it neither ends nor fails in mode %d", mode);
  h4_feed_close (&feed);
}

/* Checksums keep a fuzzer out: make those hold that can. */
static void
mend (guint8 * data, gsize size)
{
  gsize at = GST_H4MK_HEADER_SIZE;

  if (size < at)
    return;
  memcpy (data, "H4MK\0\1\0\0", GST_H4MK_HEADER_SIZE);
  while (size - at >= GST_H4MK_CHUNK_HEADER_SIZE) {
    guint32 length, crc;

    memcpy (&length, data + at + 4, sizeof (length));
    length = GUINT32_FROM_BE (length);
    at += GST_H4MK_CHUNK_HEADER_SIZE;
    if (length > size - at)
      break;
    crc = GUINT32_TO_BE (gst_h4mk_crc32 (data + at, length));
    memcpy (data + at - sizeof (crc), &crc, sizeof (crc));
    at += length;
  }
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  guint8 *copy = g_malloc (size + 1);
  H4FeedMode mode;

  init ();
  if (size > 0)
    memcpy (copy, data, size);
  for (mode = 0; mode < H4_N_FEEDS; mode++)
    run (copy, size, mode, mode == size % H4_N_FEEDS, FALSE);
  mend (copy, size);
  for (mode = 0; mode < H4_N_FEEDS; mode++)
    run (copy, size, mode, mode != size % H4_N_FEEDS, TRUE);
  g_free (copy);
  return 0;
}
