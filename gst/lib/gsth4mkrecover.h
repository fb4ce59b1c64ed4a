/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_RECOVER_H__
#define __GST_H4MK_RECOVER_H__

/* Private to the library: a recovery's two readings of its input. */

#include "gsth4mkchunks.h"
#include "gsth4mkscan.h"

G_BEGIN_DECLS

typedef struct
{
  GstH4mkReadFunc read;
  gpointer user_data;
  guint64 file_size;
  const GstH4mkWriterFuncs *out;
  gpointer out_data;
  GstH4mkProgressFunc progress;
  gpointer progress_data;
  gboolean second_pass;
  GstH4mkRecovery *recovery;

  /* What the first reading found. */
  GstH4mkProfile profile;
  gboolean whole;
  gboolean damaged;
  gboolean joined;
  gboolean is_signed;
  gboolean has_tracks;
  gboolean unlinked;
  guint64 proven_bytes;
  guint64 read_bytes;
  GstH4mkBaseMeta base_meta;
  gboolean has_base_meta;
  guint64 first_size;
  guint64 n_blocks;             /* sound ones that were seen */
  JsonObject *meta;
  gchar *safe;
  GPtrArray *attachments;
  guint64 attached_bytes;
} GstH4mkRecover;

/* A reading from the file's beginning, which reports its progress. */
void gst_h4mk_recover_init_scan (GstH4mkRecover * self, GstH4mkScan * scan);

/* Bytes of the input that go to the output as they are. */
gboolean gst_h4mk_recover_keep (GstH4mkRecover * self, const guint8 * data,
    gsize size, GError ** error);

/* The functions of a writer whose user_data is self and whose owners are from
 * g_malloc(). */
extern const GstH4mkWriterFuncs gst_h4mk_recover_writer_funcs;

/* A block with a copy of the item's bytes. */
void gst_h4mk_recover_take_block (const GstH4mkItem * item,
    GstH4mkBlock * block);

gboolean gst_h4mk_recover_finish (GstH4mkRecover * self,
    GstH4mkWriter * writer, gboolean with_attachments, GError ** error);

/* Everything readable, written anew. */
gboolean gst_h4mk_recover_rewrite (GstH4mkRecover * self, GError ** error);
gboolean gst_h4mk_recover_rewrite_base (GstH4mkRecover * self,
    GError ** error);

G_END_DECLS

#endif
