/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_SCAN_H__
#define __GST_H4MK_SCAN_H__

/* Private to the library: a file from front to back, past whatever is damaged,
 * with what was wrong taken down. One chunk, or a few MiB, is held at a time. */

#include "gsth4mkverify.h"

G_BEGIN_DECLS

/**
 * GstH4mkScanResult:
 * @GST_H4MK_SCAN_ITEM: a sound item
 * @GST_H4MK_SCAN_BAD_BLOCK: a CORE whose bytes are damaged
 * @GST_H4MK_SCAN_GAP: what stood before scan->parser's offset is lost
 * @GST_H4MK_SCAN_END: nothing more can be read
 * @GST_H4MK_SCAN_FAILED: reading failed, or was cancelled
 */
typedef enum
{
  GST_H4MK_SCAN_ITEM,
  GST_H4MK_SCAN_BAD_BLOCK,
  GST_H4MK_SCAN_GAP,
  GST_H4MK_SCAN_END,
  GST_H4MK_SCAN_FAILED
} GstH4mkScanResult;

typedef struct
{
  GstH4mkReadFunc read;
  gpointer user_data;
  guint64 file_size;
  GstH4mkProgressFunc progress;
  gpointer progress_data;

  GstH4mkParser *parser;
  GPtrArray *problems;
  guint64 more_problems;
  /* how the file ends where it is cut off */
  GError *cut;

  /*< private >*/
  GstH4mkIndex *index;
  GBytes *window;
  guint64 window_offset;
  guint64 next_block;
} GstH4mkScan;

void gst_h4mk_scan_init (GstH4mkScan * scan, GstH4mkReadFunc read,
    gpointer user_data, guint64 file_size, GstH4mkProgressFunc progress,
    gpointer progress_data);
void gst_h4mk_scan_clear (GstH4mkScan * scan);

/* Pointers in item hold until the next call. */
GstH4mkScanResult gst_h4mk_scan_next (GstH4mkScan * scan, GstH4mkItem * item,
    GError ** error);

/* Takes the error. */
void gst_h4mk_scan_add_problem (GstH4mkScan * scan, GError * problem);

G_END_DECLS

#endif
