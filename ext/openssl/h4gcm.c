/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <openssl/evp.h>

#include "h4gcm.h"

#define AAD_TEXT "H4MK|mask|v2"
#define AAD_TEXT_SIZE (sizeof (AAD_TEXT) - 1)

/* What one call of OpenSSL takes, whose sizes are int. */
#define PIECE_SIZE (1 << 30)

struct _H4Gcm
{
  EVP_CIPHER *cipher;
  EVP_CIPHER_CTX *ctx;
  gboolean encrypt;
  guint64 size;
};

/* h4_gcm_new:
 *
 * Returns: (nullable): NULL where OpenSSL has no AES-256-GCM */
H4Gcm *
h4_gcm_new (void)
{
  H4Gcm *gcm = g_new0 (H4Gcm, 1);

  gcm->cipher = EVP_CIPHER_fetch (NULL, "AES-256-GCM", NULL);
  gcm->ctx = EVP_CIPHER_CTX_new ();
  if (gcm->cipher && gcm->ctx)
    return gcm;
  h4_gcm_free (gcm);
  return NULL;
}

void
h4_gcm_free (H4Gcm * gcm)
{
  if (gcm == NULL)
    return;
  EVP_CIPHER_CTX_free (gcm->ctx);
  EVP_CIPHER_free (gcm->cipher);
  g_free (gcm);
}

/* h4_gcm_begin:
 * @key: a key that no other block has: the nonce is always zero
 * @index: the block's number, which the tag binds
 *
 * Begins a block, whatever became of the one before.
 *
 * Returns: FALSE where OpenSSL fails */
gboolean
h4_gcm_begin (H4Gcm * gcm, gboolean encrypt, const guint8 key[32],
    guint64 index)
{
  static const guint8 nonce[12] = { 0, };
  guint8 aad[AAD_TEXT_SIZE + 8];
  guint64 be = GUINT64_TO_BE (index);
  gint n;

  memcpy (aad, AAD_TEXT, AAD_TEXT_SIZE);
  memcpy (aad + AAD_TEXT_SIZE, &be, 8);
  gcm->encrypt = encrypt;
  gcm->size = 0;
  return EVP_CipherInit_ex2 (gcm->ctx, gcm->cipher, key, nonce, encrypt, NULL)
      && EVP_CipherUpdate (gcm->ctx, NULL, &n, aad, sizeof (aad));
}

/* h4_gcm_update:
 * @src: the block's next bytes
 * @dst: (out): @size bytes; may be @src, else must not overlap it. While
 *   decrypting they are worth nothing until h4_gcm_finish() has returned TRUE
 *
 * Returns: FALSE where OpenSSL fails or the block passes H4_GCM_MAX_SIZE */
gboolean
h4_gcm_update (H4Gcm * gcm, const guint8 * src, guint8 * dst, gsize size)
{
  if (size > H4_GCM_MAX_SIZE - gcm->size)
    return FALSE;
  gcm->size += size;
  while (size > 0) {
    gint n = MIN (size, PIECE_SIZE), done;

    if (!EVP_CipherUpdate (gcm->ctx, dst, &done, src, n) || done != n)
      return FALSE;
    src += n;
    dst += n;
    size -= n;
  }
  return TRUE;
}

/* h4_gcm_finish:
 * @tag: (inout): written while encrypting, compared while decrypting
 *
 * Returns: FALSE where OpenSSL fails or the tag is not the block's */
gboolean
h4_gcm_finish (H4Gcm * gcm, guint8 tag[H4_GCM_TAG_SIZE])
{
  guint8 rest[EVP_MAX_BLOCK_LENGTH];
  gint n;

  if (!gcm->encrypt && !EVP_CIPHER_CTX_ctrl (gcm->ctx, EVP_CTRL_AEAD_SET_TAG,
          H4_GCM_TAG_SIZE, tag))
    return FALSE;
  if (!EVP_CipherFinal_ex (gcm->ctx, rest, &n))
    return FALSE;
  return !gcm->encrypt || EVP_CIPHER_CTX_ctrl (gcm->ctx,
      EVP_CTRL_AEAD_GET_TAG, H4_GCM_TAG_SIZE, tag);
}
