/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_GROUP_H__
#define __GST_H4MK_GROUP_H__

/* Private to the library: the group that a writer is gathering. */

#include "gsth4mkoutput.h"

G_BEGIN_DECLS

typedef struct
{
  GstH4mkToken token;
  /* CORE headers and the bytes of small blocks, as they will stand */
  GByteArray *run;
  /* large blocks, and how much of run stands before each */
  GArray *large;
  /* bytes of blocks */
  guint64 payload;
  /* decoding time of its first block that has one */
  gboolean has_start;
  gint64 start;
} GstH4mkGroup;

void gst_h4mk_group_init (GstH4mkGroup * group);
void gst_h4mk_group_clear (GstH4mkGroup * group);

guint gst_h4mk_group_get_blocks (const GstH4mkGroup * group);
/* Takes the owner: keeps it, or frees it where the bytes were copied. */
void gst_h4mk_group_add (GstH4mkGroup * group, const GstH4mkRecord * record,
    const GstH4mkBlock * block, GstH4mkOutput * output);
/* The COREs. */
void gst_h4mk_group_emit (const GstH4mkGroup * group, GstH4mkOutput * output);
/* Frees the owners and starts anew. */
void gst_h4mk_group_reset (GstH4mkGroup * group, GstH4mkOutput * output);

G_END_DECLS

#endif
