/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Blocks that were never masked, and blocks that were and are cut up anew.
 * The first byte says how; the next eight are the block's number. */

#include <string.h>
#include <stdlib.h>

#include "h4mask.h"

int LLVMFuzzerTestOneInput (const guint8 * data, gsize size);

static H4Mask *
new_mask (H4MaskScheme scheme)
{
  static const guint8 bytes[32] = { 1, 2, 3 };
  H4MaskKey *key = h4_mask_key_new (bytes, 32, NULL);
  H4Mask *mask = h4_mask_new (scheme, key, bytes, 32, NULL);

  h4_mask_key_free (key);
  return mask;
}

static void
forged_blocks_fail (H4Mask * mask, guint64 index, const guint8 * data,
    gsize size)
{
  guint8 tag[H4_GCM_TAG_SIZE], *out;

  if (size < sizeof (tag))
    return;
  size -= sizeof (tag);
  out = g_malloc (size + 1);
  memcpy (tag, data + size, sizeof (tag));
  if (!h4_mask_begin_unmask (mask, index, 0)
      || !h4_mask_update (mask, data, out, size) || h4_mask_finish (mask, tag))
    abort ();
  g_free (out);
}

/* In pieces of other sizes each way, and in place the one way. */
static void
round_trip (H4Mask * mask, guint64 index, const guint8 * data, gsize size,
    gsize piece)
{
  guint8 tag[H4_GCM_TAG_SIZE], *masked = g_malloc (size + 1);
  gsize i;

  if (!h4_mask_begin_mask (mask, index, 0))
    abort ();
  for (i = 0; i < size; i += piece)
    h4_mask_update (mask, data + i, masked + i, MIN (piece, size - i));
  h4_mask_finish (mask, tag);

  piece = piece * 3 + 1;
  h4_mask_begin_unmask (mask, index, 0);
  for (i = 0; i < size; i += piece)
    h4_mask_update (mask, masked + i, masked + i, MIN (piece, size - i));
  if (!h4_mask_finish (mask, tag) || memcmp (masked, data, size) != 0)
    abort ();
  g_free (masked);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  H4Mask *xor_mask, *gcm_mask;
  const gchar *const *path;
  guint64 index;
  gsize piece;

  if (size < 9)
    return 0;
  xor_mask = new_mask (H4_MASK_SCHEME_XOR_SHA256);
  gcm_mask = new_mask (H4_MASK_SCHEME_AES_256_GCM);
  piece = data[0] + 1;
  memcpy (&index, data + 1, 8);
  data += 9;
  size -= 9;

  forged_blocks_fail (gcm_mask, index, data, size);
  round_trip (gcm_mask, index, data, size, piece);
  for (path = h4_keystream_list_paths (); *path; path++) {
    h4_keystream_set_path (*path);
    round_trip (xor_mask, index, data, size, piece);
  }
  h4_mask_free (xor_mask);
  h4_mask_free (gcm_mask);
  return 0;
}
