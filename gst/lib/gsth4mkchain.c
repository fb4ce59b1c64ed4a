/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4mkchain.h"

#define LEAF_PREFIX "H4MK|leaf|v1"

void
gst_h4mk_chain_init (GstH4mkChain * chain)
{
  chain->seq = 0;
  memset (chain->hash, 0, sizeof (chain->hash));
  chain->leaf = gst_h4_sha256_new ();
}

void
gst_h4mk_chain_clear (GstH4mkChain * chain)
{
  gst_h4_sha256_free (chain->leaf);
}

gboolean
gst_h4mk_chain_start (GstH4mkChain * chain, const guint8 * header,
    const guint8 * trak, gsize trak_size)
{
  gst_h4_sha256_reset (chain->leaf);
  gst_h4_sha256_update (chain->leaf, header, GST_H4MK_HEADER_SIZE);
  gst_h4_sha256_update (chain->leaf, trak, trak_size);
  return gst_h4_sha256_peek (chain->leaf, chain->hash);
}

void
gst_h4mk_chain_begin_leaf (GstH4mkChain * chain,
    const guint8 trak[GST_H4MK_HASH_SIZE])
{
  gst_h4_sha256_reset (chain->leaf);
  gst_h4_sha256_update (chain->leaf, (const guint8 *) LEAF_PREFIX,
      strlen (LEAF_PREFIX));
  gst_h4_sha256_update (chain->leaf, trak, GST_H4MK_HASH_SIZE);
}

gboolean
gst_h4mk_chain_end_leaf (GstH4mkChain * chain, guint8 leaf[GST_H4MK_HASH_SIZE])
{
  if (!gst_h4_sha256_peek (chain->leaf, leaf))
    return FALSE;
  gst_h4_sha256_reset (chain->leaf);
  gst_h4_sha256_update (chain->leaf, chain->hash, GST_H4MK_HASH_SIZE);
  gst_h4_sha256_update (chain->leaf, leaf, GST_H4MK_HASH_SIZE);
  chain->seq++;
  return gst_h4_sha256_peek (chain->leaf, chain->hash);
}
