/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_CHAIN_H__
#define __GST_H4MK_CHAIN_H__

/* Private to the library: the chain of hashes that LINK states. */

#include "gsth4mkformat.h"
#include "gsth4sha256.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 seq;
  guint8 hash[GST_H4MK_HASH_SIZE];
  GstH4Sha256 *leaf;
} GstH4mkChain;

void gst_h4mk_chain_init (GstH4mkChain * chain);
void gst_h4mk_chain_clear (GstH4mkChain * chain);

/* chain(0). All that return FALSE do so where there is no SHA-256. */
gboolean gst_h4mk_chain_start (GstH4mkChain * chain, const guint8 * header,
    const guint8 * trak, gsize trak_size);
/* A span's leaf begins; its bytes go to chain->leaf. trak: the hash of the
 * TRAK chunk in force. */
void gst_h4mk_chain_begin_leaf (GstH4mkChain * chain,
    const guint8 trak[GST_H4MK_HASH_SIZE]);
/* Takes the leaf into the chain, whose seq grows by one. */
gboolean gst_h4mk_chain_end_leaf (GstH4mkChain * chain,
    guint8 leaf[GST_H4MK_HASH_SIZE]);

G_END_DECLS

#endif
