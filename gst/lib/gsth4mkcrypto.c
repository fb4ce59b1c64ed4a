/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include <openssl/evp.h>

#include "gsth4mkcrypto.h"

gboolean
gst_h4mk_sha256 (const guint8 * data, gsize size,
    guint8 hash[GST_H4MK_HASH_SIZE])
{
  memset (hash, 0, GST_H4MK_HASH_SIZE);
  return EVP_Digest (data, size, hash, NULL, EVP_sha256 (), NULL) == 1;
}

gboolean
gst_h4mk_ed25519_verify (const guint8 key[GST_H4MK_KEY_SIZE],
    const guint8 * message, gsize size,
    const guint8 signature[GST_H4MK_SIGNATURE_SIZE])
{
  EVP_PKEY *pkey;
  EVP_MD_CTX *ctx;
  gboolean holds;

  pkey = EVP_PKEY_new_raw_public_key (EVP_PKEY_ED25519, NULL, key,
      GST_H4MK_KEY_SIZE);
  ctx = EVP_MD_CTX_new ();
  holds = pkey && ctx
      && EVP_DigestVerifyInit (ctx, NULL, NULL, NULL, pkey) == 1
      && EVP_DigestVerify (ctx, signature, GST_H4MK_SIGNATURE_SIZE, message,
      size) == 1;
  EVP_MD_CTX_free (ctx);
  EVP_PKEY_free (pkey);
  return holds;
}
