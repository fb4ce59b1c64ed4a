/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_FEED_H__
#define __H4_FEED_H__

/* h4mkdemux alone, fed from memory: no pipeline, no file, no clock. */

#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum
{
  H4_FEED_PULL,
  H4_FEED_PUSH,                 /* from something that seeks in bytes */
  H4_FEED_STREAM,               /* from something that does not */
  H4_N_FEEDS
} H4FeedMode;

/* A buffer that came out. words: what it begins with. */
typedef struct
{
  guint32 words[2];
  gsize size;
  GstClockTime pts;
  guint flags;
} H4FeedBlock;

typedef struct
{
  H4FeedMode mode;
  const guint8 *data;
  gsize size;
  gsize step;                   /* bytes that are pushed at once */
  GstElement *demux;
  GstPad *pad;
  GstBus *bus;
  GPtrArray *sinks;

  GMutex lock;
  GCond cond;
  GArray *blocks;               /* of H4FeedBlock */
  guint n_ended;
  gboolean failed;
  guint warnings;
  GArray *offsets;              /* guint64: what the warnings name */
  gchar tag[5];                 /* what the last of them names */
  gchar title[16];              /* of the last tags */
  guint title_after;            /* how many buffers came before it */
  gboolean hung;                /* everything was pushed, nothing ended */

  GstClockTime start;           /* of the first segment */
  gsize position;
  gboolean sought;
  guint byte_seeks;
  guint64 bytes;                /* that were read or pushed */
  guint looks;                  /* how often the size was asked for */
  gsize grow;                   /* what each look adds to size, up to full */
  gsize full;
} H4Feed;

/* data stays the caller's. properties: as gst_util_set_object_arg() takes
 * them, in pairs, ended by NULL. */
void h4_feed_open (H4Feed * feed, H4FeedMode mode, const guint8 * data,
    gsize size, ...) G_GNUC_NULL_TERMINATED;
/* Without waiting for anything; looks: how often the size was asked for. */
void h4_feed_start (H4Feed * feed);
void h4_feed_wait_looks (H4Feed * feed, guint looks);
/* Until every stream has ended or there was an error. FALSE: error. */
gboolean h4_feed_run (H4Feed * feed);
/* A flushing seek, then to the end; FALSE: it was refused. */
gboolean h4_feed_seek (H4Feed * feed, gdouble rate, GstSeekFlags flags,
    GstClockTime start, GstClockTime stop);
gboolean h4_feed_is_seekable (H4Feed * feed);
void h4_feed_close (H4Feed * feed);

G_END_DECLS

#endif
