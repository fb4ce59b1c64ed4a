/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include "gsth4-i18n.h"
#include "gsth4bytes.h"
#include "gsth4mkerror.h"
#include "gsth4mksigningkey.h"
#include "gsth4secret.h"

/* More than any PEM file of one key takes. */
#define MAX_FILE_SIZE 65536

struct _GstH4mkSigningKey
{
  gint refs;
  guint8 *secret;               /* GST_H4MK_KEY_SIZE bytes */
  gchar *public_hex;
};

G_DEFINE_BOXED_TYPE (GstH4mkSigningKey, gst_h4mk_signing_key,
    gst_h4mk_signing_key_ref, gst_h4mk_signing_key_unref);

static gboolean
refuse_memory (GError ** error)
{
  g_set_error_literal (error, GST_H4MK_ERROR, GST_H4MK_ERROR_INVALID,
      _("There is no memory for the signing key."));
  return FALSE;
}

/* Takes the text. */
static gboolean
refuse_io (gint code, gchar * text, GError ** error)
{
  g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (code), text);
  g_free (text);
  return FALSE;
}

/* OpenSSL cleanses what it holds of a key when that is freed. */
static EVP_PKEY *
open_secret (const guint8 * secret)
{
  return EVP_PKEY_new_raw_private_key (EVP_PKEY_ED25519, NULL, secret,
      GST_H4MK_KEY_SIZE);
}

/* Takes the secret, of gst_h4_secret_alloc(). */
static GstH4mkSigningKey *
take_secret (guint8 * secret, GError ** error)
{
  guint8 public_key[GST_H4MK_KEY_SIZE];
  size_t size = sizeof (public_key);
  EVP_PKEY *pkey = open_secret (secret);
  GstH4mkSigningKey *key;
  gboolean ok = pkey != NULL
      && EVP_PKEY_get_raw_public_key (pkey, public_key, &size) == 1;

  EVP_PKEY_free (pkey);
  if (!ok) {
    ERR_clear_error ();
    gst_h4_secret_free (secret, GST_H4MK_KEY_SIZE);
    g_set_error_literal (error, GST_H4MK_ERROR, GST_H4MK_ERROR_INVALID,
        _("libcrypto offers no Ed25519 signatures."));
    return NULL;
  }
  key = g_new0 (GstH4mkSigningKey, 1);
  key->refs = 1;
  key->secret = secret;
  key->public_hex = gst_h4_hex (public_key, sizeof (public_key));
  return key;
}

/**
 * gst_h4mk_signing_key_generate:
 * @error: why there is none
 *
 * Returns: (transfer full) (nullable): a new random key
 *
 * Since: 1.0
 */
GstH4mkSigningKey *
gst_h4mk_signing_key_generate (GError ** error)
{
  guint8 *secret = gst_h4_secret_alloc (GST_H4MK_KEY_SIZE);

  if (!secret) {
    refuse_memory (error);
    return NULL;
  }
  if (RAND_priv_bytes (secret, GST_H4MK_KEY_SIZE) != 1) {
    ERR_clear_error ();
    gst_h4_secret_free (secret, GST_H4MK_KEY_SIZE);
    g_set_error_literal (error, GST_H4MK_ERROR, GST_H4MK_ERROR_INVALID,
        _("libcrypto gives no random numbers."));
    return NULL;
  }
  return take_secret (secret, error);
}

/* Nobody is asked for a passphrase. */
static int
note_passphrase (char *text, int size, int writing, void *asked)
{
  *(gboolean *) asked = TRUE;
  return -1;
}

static gboolean
parse_pem (const guint8 * data, gsize size, guint8 * secret, gboolean * locked)
{
  BIO *bio = BIO_new_mem_buf (data, (int) size);
  EVP_PKEY *pkey;
  size_t secret_size = GST_H4MK_KEY_SIZE;
  gboolean ok;

  *locked = FALSE;
  pkey = bio ? PEM_read_bio_PrivateKey (bio, NULL, note_passphrase,
      locked) : NULL;
  ok = pkey && EVP_PKEY_get_id (pkey) == EVP_PKEY_ED25519
      && EVP_PKEY_get_raw_private_key (pkey, secret, &secret_size) == 1
      && secret_size == GST_H4MK_KEY_SIZE;
  EVP_PKEY_free (pkey);
  BIO_free (bio);
  ERR_clear_error ();
  return ok;
}

static gboolean
read_pem (const gchar * path, guint8 * data, guint8 * secret, GError ** error)
{
  gssize size = gst_h4_secret_read (path, data, MAX_FILE_SIZE);
  gboolean locked;

  if (size < 0)
    return refuse_io (errno,
        g_strdup_printf (_("The signing key \"%s\" cannot be read: %s."),
            path, g_strerror (errno)), error);
  if (parse_pem (data, size, secret, &locked))
    return TRUE;
  g_set_error (error, GST_H4MK_ERROR, GST_H4MK_ERROR_INVALID, locked ?
      _("The signing key \"%s\" is protected by a passphrase, which nobody can "
          "be asked for.") :
      _("The file \"%s\" holds no Ed25519 private key in PEM form."), path);
  return FALSE;
}

/**
 * gst_h4mk_signing_key_load:
 * @path: (type filename): a PEM file with an Ed25519 private key
 * @error: %G_IO_ERROR where the file cannot be read, %GST_H4MK_ERROR_INVALID
 *   where it holds no such key; the message is for people
 *
 * Returns: (transfer full) (nullable): the key
 *
 * Since: 1.0
 */
GstH4mkSigningKey *
gst_h4mk_signing_key_load (const gchar * path, GError ** error)
{
  guint8 *data = gst_h4_secret_alloc (MAX_FILE_SIZE);
  guint8 *secret = gst_h4_secret_alloc (GST_H4MK_KEY_SIZE);
  gboolean ok;

  ok = data && secret ? read_pem (path, data, secret, error)
      : refuse_memory (error);
  gst_h4_secret_free (data, MAX_FILE_SIZE);
  if (ok)
    return take_secret (secret, error);
  gst_h4_secret_free (secret, GST_H4MK_KEY_SIZE);
  return NULL;
}

static gboolean
write_all (gint fd, const guint8 * data, gsize size)
{
  while (size > 0) {
    gssize n = write (fd, data, size);

    if (n < 0 && errno != EINTR)
      return FALSE;
    if (n > 0) {
      data += n;
      size -= n;
    }
  }
  return fsync (fd) == 0;
}

/* Returns 0, or what went wrong. */
static gint
write_new_file (const gchar * path, const guint8 * data, gsize size)
{
  gint fd = g_open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  gint code = 0;

  if (fd < 0)
    return errno;
  if (!write_all (fd, data, size))
    code = errno;
  if (close (fd) != 0 && code == 0)
    code = errno;
  if (code != 0)
    g_unlink (path);
  return code;
}

/**
 * gst_h4mk_signing_key_store:
 * @key: a key
 * @path: (type filename): a name that nothing has yet
 * @error: why there is no file
 *
 * Writes the private key as PEM into a new file that only its owner may read.
 * What has that name already is never touched.
 *
 * Returns: whether the file is written
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_signing_key_store (GstH4mkSigningKey * key, const gchar * path,
    GError ** error)
{
  EVP_PKEY *pkey = open_secret (key->secret);
  /* cleansed when it is freed */
  BIO *bio = BIO_new (BIO_s_secmem ());
  gint code = -1;
  char *data;
  long size;

  if (!pkey || !bio
      || PEM_write_bio_PrivateKey (bio, pkey, NULL, NULL, 0, NULL, NULL) != 1) {
    ERR_clear_error ();
    refuse_memory (error);
  } else {
    size = BIO_get_mem_data (bio, &data);
    code = write_new_file (path, (const guint8 *) data, size);
    if (code != 0)
      refuse_io (code,
          g_strdup_printf (_("The signing key \"%s\" cannot be written: %s."),
              path, g_strerror (code)), error);
  }
  BIO_free (bio);
  EVP_PKEY_free (pkey);
  return code == 0;
}

/**
 * gst_h4mk_signing_key_ref: (skip)
 * @key: a key
 *
 * Returns: (transfer full): @key
 *
 * Since: 1.0
 */
GstH4mkSigningKey *
gst_h4mk_signing_key_ref (GstH4mkSigningKey * key)
{
  g_atomic_int_inc (&key->refs);
  return key;
}

/**
 * gst_h4mk_signing_key_unref: (skip)
 * @key: (transfer full): a key
 *
 * Since: 1.0
 */
void
gst_h4mk_signing_key_unref (GstH4mkSigningKey * key)
{
  if (!g_atomic_int_dec_and_test (&key->refs))
    return;
  gst_h4_secret_free (key->secret, GST_H4MK_KEY_SIZE);
  g_free (key->public_hex);
  g_free (key);
}

/**
 * gst_h4mk_signing_key_get_public:
 * @key: a key
 *
 * Returns: (transfer none): the public key in hex, as TRAK has it and
 *   `h4mk verify --trusted-key` takes it
 *
 * Since: 1.0
 */
const gchar *
gst_h4mk_signing_key_get_public (GstH4mkSigningKey * key)
{
  return key->public_hex;
}

/**
 * gst_h4mk_signing_key_sign: (skip)
 * @key: a key
 * @message: what is signed
 * @size: its bytes
 * @signature: (out): the signature
 *
 * Returns: %FALSE where libcrypto fails
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_signing_key_sign (GstH4mkSigningKey * key, const guint8 * message,
    gsize size, guint8 signature[GST_H4MK_SIGNATURE_SIZE])
{
  EVP_PKEY *pkey = open_secret (key->secret);
  EVP_MD_CTX *ctx = EVP_MD_CTX_new ();
  size_t signature_size = GST_H4MK_SIGNATURE_SIZE;
  gboolean ok = pkey && ctx
      && EVP_DigestSignInit (ctx, NULL, NULL, NULL, pkey) == 1
      && EVP_DigestSign (ctx, signature, &signature_size, message, size) == 1;

  EVP_MD_CTX_free (ctx);
  EVP_PKEY_free (pkey);
  if (!ok)
    ERR_clear_error ();
  return ok;
}
