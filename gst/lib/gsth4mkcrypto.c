/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "gsth4bytes.h"
#include "gsth4mkcrypto.h"

/* The domains of what is signed, without the final zero. */
#define LINK_DOMAIN "H4MK|link|v1"
#define SIGN_DOMAIN "H4MK|sign|v1"
#define DOMAIN_SIZE 12

/* At exit() OpenSSL 3.0 frees what threads that end at the same moment still
 * walk through, as those of a pool do after a pipeline: then a program crashes
 * when it has done all its work. Whoever used OpenSSL before this library was
 * loaded has decided otherwise. */
static void gst_h4mk_crypto_init (void) __attribute__((constructor));

static void
gst_h4mk_crypto_init (void)
{
  OPENSSL_init_crypto (OPENSSL_INIT_NO_ATEXIT, NULL);
}

gboolean
gst_h4mk_sha256 (const guint8 * data, gsize size,
    guint8 hash[GST_H4MK_HASH_SIZE])
{
  memset (hash, 0, GST_H4MK_HASH_SIZE);
  return EVP_Digest (data, size, hash, NULL, EVP_sha256 (), NULL) == 1;
}

void
gst_h4mk_link_message (guint64 seq, const guint8 chain[GST_H4MK_HASH_SIZE],
    guint8 message[GST_H4MK_LINK_MESSAGE_SIZE])
{
  memcpy (message, LINK_DOMAIN, DOMAIN_SIZE);
  memcpy (gst_h4_put_u64 (message + DOMAIN_SIZE, seq), chain,
      GST_H4MK_HASH_SIZE);
}

void
gst_h4mk_sign_message (const guint8 body[GST_H4MK_HASH_SIZE],
    const guint8 tail[GST_H4MK_HASH_SIZE],
    guint8 message[GST_H4MK_SIGN_MESSAGE_SIZE])
{
  memcpy (message, SIGN_DOMAIN, DOMAIN_SIZE);
  memcpy (message + DOMAIN_SIZE, body, GST_H4MK_HASH_SIZE);
  memcpy (message + DOMAIN_SIZE + GST_H4MK_HASH_SIZE, tail, GST_H4MK_HASH_SIZE);
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
