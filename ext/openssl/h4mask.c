/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <openssl/crypto.h>

#include "gst/lib/gsth4-i18n.h"
#include "gst/lib/gsth4secret.h"
#include "h4mask.h"

/* Lies in memory of its own, since the block's key is a secret too. */
struct _H4Mask
{
  H4MaskScheme scheme;
  H4MaskKeys *keys;
  H4Gcm *gcm;
  guint64 offset;
  guint8 block_key[H4_MASK_BLOCK_KEY_SIZE];
};

/* h4_mask_new:
 * @scheme: how to mask
 * @key: the master key, no longer needed afterwards
 * @salt: (nullable): the stream's salt, H4_GCM_SALT_SIZE bytes for
 *   aes-256-gcm
 * @salt_size: its bytes
 *
 * Makes what masks and unmasks the blocks of one stream. It serves one block
 * at a time: _begin_mask() or _begin_unmask(), _update() for each piece,
 * _finish().
 *
 * Returns: (nullable): the mask */
H4Mask *
h4_mask_new (H4MaskScheme scheme, const H4MaskKey * key, const guint8 * salt,
    gsize salt_size, GError ** error)
{
  gboolean gcm = scheme == H4_MASK_SCHEME_AES_256_GCM;
  H4Mask *mask;

  if (gcm ? salt_size != H4_GCM_SALT_SIZE : salt_size > H4_MASK_SALT_MAX_SIZE) {
    g_set_error (error, H4_MASK_ERROR, H4_MASK_ERROR_SALT,
        _("The salt has %u bytes; this scheme needs %s."), (guint) salt_size,
        gcm ? "32" : "1-64");
    return NULL;
  }
  mask = gst_h4_secret_alloc (sizeof (H4Mask));
  if (mask) {
    mask->scheme = scheme;
    mask->keys = h4_mask_keys_new (scheme, key, salt, salt_size);
    mask->gcm = gcm ? h4_gcm_new () : NULL;
    if (mask->keys && (!gcm || mask->gcm))
      return mask;
    h4_mask_free (mask);
  }
  g_set_error_literal (error, H4_MASK_ERROR, H4_MASK_ERROR_LIBRARY,
      _("The mask could not be set up."));
  return NULL;
}

void
h4_mask_free (H4Mask * mask)
{
  if (mask == NULL)
    return;
  h4_mask_keys_free (mask->keys);
  h4_gcm_free (mask->gcm);
  gst_h4_secret_free (mask, sizeof (H4Mask));
}

H4MaskScheme
h4_mask_get_scheme (const H4Mask * mask)
{
  return mask->scheme;
}

/* h4_mask_get_tag_size:
 *
 * Returns: by how many bytes a masked block is longer */
gsize
h4_mask_get_tag_size (const H4Mask * mask)
{
  return mask->gcm ? H4_GCM_TAG_SIZE : 0;
}

/* h4_mask_count_next:
 * @count: (inout): how many blocks were masked
 * @index: (out): the next one's number
 *
 * Returns: FALSE before the count could wrap and a key come again */
gboolean
h4_mask_count_next (guint64 * count, guint64 * index)
{
  if (*count == G_MAXUINT64)
    return FALSE;
  *index = (*count)++;
  return TRUE;
}

static gboolean
begin (H4Mask * mask, gboolean encrypt, guint64 index, guint64 offset)
{
  gboolean ok;

  h4_mask_keys_derive (mask->keys, index, mask->block_key);
  if (mask->gcm == NULL) {
    mask->offset = offset;
    return TRUE;
  }
  ok = offset == 0 && h4_gcm_begin (mask->gcm, encrypt, mask->block_key, index);
  OPENSSL_cleanse (mask->block_key, sizeof (mask->block_key));
  return ok;
}

/* h4_mask_begin_mask:
 * @index: the block's number in its stream. With aes-256-gcm the caller
 *   never gives the same one twice
 * @offset: where in the block to begin; 0 with aes-256-gcm
 *
 * Returns: FALSE where OpenSSL fails */
gboolean
h4_mask_begin_mask (H4Mask * mask, guint64 index, guint64 offset)
{
  return begin (mask, TRUE, index, offset);
}

gboolean
h4_mask_begin_unmask (H4Mask * mask, guint64 index, guint64 offset)
{
  return begin (mask, FALSE, index, offset);
}

/* h4_mask_update:
 * @src: the block's next bytes
 * @dst: (out): @size bytes; may be @src, else must not overlap it. What
 *   aes-256-gcm unmasks is worth nothing before h4_mask_finish() returns TRUE
 *
 * Returns: FALSE where the block is too large or OpenSSL fails */
gboolean
h4_mask_update (H4Mask * mask, const guint8 * src, guint8 * dst, gsize size)
{
  if (mask->gcm)
    return h4_gcm_update (mask->gcm, src, dst, size);
  if (!h4_keystream_xor (mask->block_key, mask->offset, src, dst, size))
    return FALSE;
  mask->offset += size;
  return TRUE;
}

/* h4_mask_finish:
 * @tag: (inout): h4_mask_get_tag_size() bytes: written while masking,
 *   compared while unmasking
 *
 * Returns: FALSE where the tag is not the block's: wrong key, wrong place,
 *   or damage */
gboolean
h4_mask_finish (H4Mask * mask, guint8 * tag)
{
  if (mask->gcm)
    return h4_gcm_finish (mask->gcm, tag);
  OPENSSL_cleanse (mask->block_key, sizeof (mask->block_key));
  return TRUE;
}
