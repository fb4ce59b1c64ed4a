/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_SEEN_H__
#define __GST_H4MK_SEEN_H__

/* Private to the library: what a proof saw of a file's spans, held against
 * what the file's own tables (GIDX, SEEK, FOOT) say about them. It keeps one
 * page of spans, 56 bytes a page and 16 bytes a SEEK entry. */

#include "gsth4mkindex.h"

G_BEGIN_DECLS

/* Whether the file's spans are closed by LINK: all or none. */
typedef enum
{
  GST_H4MK_LINKS_UNKNOWN,
  GST_H4MK_LINKS_ALL,
  GST_H4MK_LINKS_NONE
} GstH4mkLinks;

typedef struct
{
  /* Times are ns; G_MININT64 and G_MAXINT64 where there was none. */
  gint64 min_pts;
  gint64 max_end;
  guint64 blocks;
  guint64 first_block;
  guint64 next_block;
  guint64 spans;
  GstH4mkLinks links;
  gboolean has_token;
  /* the file does not begin with block 0 */
  gboolean joined;
  gboolean has_displacement;
  guint64 displacement;
  /* of the latest page, 0 before any; not known where a part was not seen */
  guint64 page;
  gboolean page_known;
  /* where the span that follows, or is being read, begins */
  guint64 span_start;
  /* FALSE until its first group, and where its beginning was not seen */
  gboolean span_open;
  gboolean span_whole;

  /*< private >*/
  guint64 trak_end;
  guint64 end;
  guint64 trak;
  guint64 core_bytes;
  GArray *waiting;
  /* of those waiting, the first one of the span that is being read */
  guint open;
  /* some spans before the waiting ones were not seen */
  gboolean gap;
  gint64 pts;
  gboolean pts_known;
  guint last_page_entries;
  GArray *pages;
  GArray *seek;
  gboolean tables_known;
  guint64 seek_offset;
  guint64 meta_offset;
  guint64 safe_offset;
  guint64 root_offset;
} GstH4mkSeen;

void gst_h4mk_seen_init (GstH4mkSeen * seen);
void gst_h4mk_seen_clear (GstH4mkSeen * seen);
/* Bytes are missing before the next item. */
void gst_h4mk_seen_lose (GstH4mkSeen * seen);
/* The next item stands at the beginning of a span. */
void gst_h4mk_seen_restart (GstH4mkSeen * seen, guint64 offset, guint64 trak);

void gst_h4mk_seen_trak (GstH4mkSeen * seen, const GstH4mkItem * item,
    gboolean first);
gboolean gst_h4mk_seen_token (GstH4mkSeen * seen, const GstH4mkItem * item,
    GError ** error);
void gst_h4mk_seen_core (GstH4mkSeen * seen, const GstH4mkItem * item);
/* A chunk that stands between spans: a span without LINK ends before it. */
gboolean gst_h4mk_seen_between (GstH4mkSeen * seen, const GstH4mkItem * item,
    GError ** error);
/* leaf: (nullable): what the span's bytes give */
void gst_h4mk_seen_link (GstH4mkSeen * seen, const GstH4mkItem * item,
    const guint8 * leaf);
gboolean gst_h4mk_seen_gidx (GstH4mkSeen * seen, const GstH4mkItem * item,
    GError ** error);
gboolean gst_h4mk_seen_table (GstH4mkSeen * seen, const GstH4mkItem * item,
    GError ** error);
/* ignored: it is not this file's own FOOT. */
gboolean gst_h4mk_seen_foot (GstH4mkSeen * seen, const GstH4mkItem * item,
    gboolean * ignored, GError ** error);

G_END_DECLS

#endif
