/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* The one-block transform lets a key cost two blocks of SHA-256; through any
 * newer interface the set-up costs more than the hashing. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <errno.h>
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include "gst/lib/gsth4-i18n.h"
#include "gst/lib/gsth4secret.h"
#include "h4maskkeys.h"

#define INFO_XOR "Harmony\xc3\x98" "4|Mask|v1|"
#define INFO_GCM "Harmony\xc3\x98" "4|Mask|v2|"
#define INFO_SIZE (sizeof (INFO_XOR) - 1)

struct _H4MaskKey
{
  gsize size;
  guint8 bytes[H4_MASK_KEY_MAX_SIZE];
};

/* HKDF-Expand (RFC 5869, 2.3) of at most 32 bytes is one HMAC, whose first
 * inner and outer blocks depend on the PRK alone: their states are kept. */
struct _H4MaskKeys
{
  const gchar *info;
  guint32 inner[8];
  guint32 outer[8];
};

G_DEFINE_QUARK (h4 - mask - error - quark, h4_mask_error);

/* h4_hex_parse:
 * @text: hexadecimal digits of either case, an even number
 * @length: how many
 * @bytes: (out): @length / 2 bytes
 * @bad: (out): where the first other character stands
 *
 * Returns: FALSE where there is one */
gboolean
h4_hex_parse (const gchar * text, gsize length, guint8 * bytes, gsize * bad)
{
  gsize i;

  for (i = 0; i < length; i++) {
    gint digit = g_ascii_xdigit_value (text[i]);

    if (digit < 0) {
      *bad = i;
      return FALSE;
    }
    if (i % 2 == 0)
      bytes[i / 2] = digit << 4;
    else
      bytes[i / 2] |= digit;
  }
  return TRUE;
}

static gboolean
check_key_size (gsize size, GError ** error)
{
  if (size < H4_MASK_KEY_MIN_SIZE) {
    g_set_error (error, H4_MASK_ERROR, H4_MASK_ERROR_KEY_FORMAT,
        _("The key is too short: it has %u bytes and needs at least %u."),
        (guint) size, H4_MASK_KEY_MIN_SIZE);
    return FALSE;
  }
  if (size > H4_MASK_KEY_MAX_SIZE) {
    g_set_error (error, H4_MASK_ERROR, H4_MASK_ERROR_KEY_FORMAT,
        _("The key is longer than %u bytes."), H4_MASK_KEY_MAX_SIZE);
    return FALSE;
  }
  return TRUE;
}

static H4MaskKey *
key_alloc (GError ** error)
{
  H4MaskKey *key = gst_h4_secret_alloc (sizeof (H4MaskKey));

  if (key == NULL)
    g_set_error_literal (error, H4_MASK_ERROR, H4_MASK_ERROR_LIBRARY,
        _("There is no memory for the key."));
  return key;
}

/* h4_mask_key_new:
 * @bytes: a master key
 * @size: from H4_MASK_KEY_MIN_SIZE to H4_MASK_KEY_MAX_SIZE bytes
 *
 * Returns: (nullable): a copy in memory that is cleansed when it is freed */
H4MaskKey *
h4_mask_key_new (const guint8 * bytes, gsize size, GError ** error)
{
  H4MaskKey *key;

  if (!check_key_size (size, error))
    return NULL;
  key = key_alloc (error);
  if (key == NULL)
    return NULL;
  key->size = size;
  memcpy (key->bytes, bytes, size);
  return key;
}

/* h4_mask_key_new_from_hex:
 * @text: hexadecimal digits, two a byte; white space around them is skipped
 * @length: bytes of @text, or -1
 *
 * No error holds any part of @text.
 *
 * Returns: (nullable): the key */
H4MaskKey *
h4_mask_key_new_from_hex (const gchar * text, gssize length, GError ** error)
{
  gsize n = length < 0 ? strlen (text) : (gsize) length;
  H4MaskKey *key;
  gsize bad;

  while (n > 0 && g_ascii_isspace (text[n - 1]))
    n--;
  while (n > 0 && g_ascii_isspace (*text)) {
    text++;
    n--;
  }
  if (n > 2 * H4_MASK_KEY_MAX_SIZE) {
    check_key_size (n, error);
    return NULL;
  }
  key = key_alloc (error);
  if (key == NULL)
    return NULL;

  key->size = n / 2;
  if (!h4_hex_parse (text, n - n % 2, key->bytes, &bad)
      || (n % 2 == 1 && !g_ascii_isxdigit (text[bad = n - 1]))) {
    g_set_error (error, H4_MASK_ERROR, H4_MASK_ERROR_KEY_FORMAT,
        _("The key is not hexadecimal: character %u is no digit."),
        (guint) bad + 1);
  } else if (n % 2 == 1) {
    g_set_error (error, H4_MASK_ERROR, H4_MASK_ERROR_KEY_FORMAT,
        _("The key has an odd number of hexadecimal digits (%u)."), (guint) n);
  } else if (check_key_size (key->size, error)) {
    return key;
  }
  h4_mask_key_free (key);
  return NULL;
}

/* Text in a key file is meant as hexadecimal: to take a mistyped key as raw
 * bytes would mask with a key that nobody has. */
static gboolean
is_text (const guint8 * data, gsize size)
{
  gsize i;

  for (i = 0; i < size; i++) {
    if (!g_ascii_isprint (data[i]) && !g_ascii_isspace (data[i]))
      return FALSE;
  }
  return TRUE;
}

/* h4_mask_key_new_from_file:
 * @path: a file with hexadecimal digits, or with the raw bytes; what holds
 *   nothing but printable text counts as hexadecimal
 *
 * Returns: (nullable): the key */
H4MaskKey *
h4_mask_key_new_from_file (const gchar * path, GError ** error)
{
  const gsize limit = 4 * H4_MASK_KEY_MAX_SIZE;
  guint8 *data = gst_h4_secret_alloc (limit);
  H4MaskKey *key = NULL;
  gssize size;

  if (data == NULL) {
    g_set_error_literal (error, H4_MASK_ERROR, H4_MASK_ERROR_LIBRARY,
        _("There is no memory for the key."));
    return NULL;
  }
  size = gst_h4_secret_read (path, data, limit);
  if (size < 0) {
    g_set_error (error, H4_MASK_ERROR, H4_MASK_ERROR_KEY_READ,
        _("The key file \"%s\" cannot be read: %s."), path, g_strerror (errno));
  } else {
    if (is_text (data, size))
      key = h4_mask_key_new_from_hex ((const gchar *) data, size, error);
    else
      key = h4_mask_key_new (data, size, error);
    if (key == NULL)
      g_prefix_error (error, _("Key file \"%s\": "), path);
  }
  gst_h4_secret_free (data, limit);
  return key;
}

/* h4_mask_key_new_from_env:
 * @name: an environment variable that holds a key in hexadecimal
 *
 * Returns: (nullable): the key */
H4MaskKey *
h4_mask_key_new_from_env (const gchar * name, GError ** error)
{
  const gchar *text = g_getenv (name);
  H4MaskKey *key;

  if (text == NULL) {
    g_set_error (error, H4_MASK_ERROR, H4_MASK_ERROR_KEY_READ,
        _("The environment variable %s, which is to hold the key, is not "
            "set."), name);
    return NULL;
  }
  key = h4_mask_key_new_from_hex (text, -1, error);
  if (key == NULL)
    g_prefix_error (error, _("Environment variable %s: "), name);
  return key;
}

const guint8 *
h4_mask_key_get_bytes (const H4MaskKey * key, gsize * size)
{
  *size = key->size;
  return key->bytes;
}

void
h4_mask_key_free (H4MaskKey * key)
{
  gst_h4_secret_free (key, sizeof (H4MaskKey));
}

/* h4_mask_salt_from_hex:
 * @text: 1 to H4_MASK_SALT_MAX_SIZE bytes in hexadecimal
 * @size: (out): how many bytes
 *
 * HMAC pads a salt with zeros to 64 bytes, so a longer one would be hashed
 * and one with zeros at its end would be the same as one without.
 *
 * Returns: (nullable) (transfer full): the salt, for g_free() */
guint8 *
h4_mask_salt_from_hex (const gchar * text, gsize * size, GError ** error)
{
  gsize length = strlen (text), bad = 0;
  guint8 *salt;

  if (length == 0 || length % 2 == 1 || length > 2 * H4_MASK_SALT_MAX_SIZE) {
    g_set_error (error, H4_MASK_ERROR, H4_MASK_ERROR_SALT,
        _("The salt has %u hexadecimal digits; it needs an even number from "
            "2 to %u."), (guint) MIN (length, G_MAXUINT),
        2 * H4_MASK_SALT_MAX_SIZE);
    return NULL;
  }
  salt = g_malloc (length / 2);
  if (!h4_hex_parse (text, length, salt, &bad)) {
    g_set_error (error, H4_MASK_ERROR, H4_MASK_ERROR_SALT,
        _("The salt is not hexadecimal: character %u is no digit."),
        (guint) bad + 1);
    g_free (salt);
    return NULL;
  }
  *size = length / 2;
  return salt;
}

static void
hmac_state (guint32 * state, const guint8 * prk, guint8 pad)
{
  guint8 block[SHA256_CBLOCK];
  SHA256_CTX ctx;
  gint i;

  memset (block, pad, sizeof (block));
  for (i = 0; i < SHA256_DIGEST_LENGTH; i++)
    block[i] ^= prk[i];
  SHA256_Init (&ctx);
  SHA256_Transform (&ctx, block);
  memcpy (state, ctx.h, sizeof (ctx.h));
  OPENSSL_cleanse (block, sizeof (block));
  OPENSSL_cleanse (&ctx, sizeof (ctx));
}

/* h4_mask_keys_new:
 * @scheme: what the keys are for
 * @key: the master key
 * @salt: (nullable): the stream's salt
 * @salt_size: its bytes
 *
 * Does what all blocks of a stream share of HKDF-SHA256 (RFC 5869).
 *
 * Returns: (nullable): NULL where OpenSSL fails or memory ends */
H4MaskKeys *
h4_mask_keys_new (H4MaskScheme scheme, const H4MaskKey * key,
    const guint8 * salt, gsize salt_size)
{
  /* RFC 5869, 2.2: without a salt, as many zeros as a hash has bytes. */
  static const guint8 no_salt[SHA256_DIGEST_LENGTH] = { 0, };
  H4MaskKeys *keys = gst_h4_secret_alloc (sizeof (H4MaskKeys));
  guint8 prk[SHA256_DIGEST_LENGTH];

  if (keys == NULL)
    return NULL;
  if (salt_size == 0) {
    salt = no_salt;
    salt_size = sizeof (no_salt);
  }
  if (HMAC (EVP_sha256 (), salt, salt_size, key->bytes, key->size, prk,
          NULL) == NULL) {
    h4_mask_keys_free (keys);
    return NULL;
  }
  keys->info = scheme == H4_MASK_SCHEME_XOR_SHA256 ? INFO_XOR : INFO_GCM;
  hmac_state (keys->inner, prk, 0x36);
  hmac_state (keys->outer, prk, 0x5c);
  OPENSSL_cleanse (prk, sizeof (prk));
  return keys;
}

static gsize
write_decimal (guint8 * out, guint64 number)
{
  guint8 digits[20];
  gsize n = 0, i;

  do {
    digits[n++] = '0' + number % 10;
    number /= 10;
  } while (number > 0);
  for (i = 0; i < n; i++)
    out[i] = digits[n - 1 - i];
  return n;
}

/* Ends a hash that began with @state and one block: @size bytes stand in
 * @block, fewer than 56. The digest comes in @out. */
static void
finish_hash (const guint32 * state, guint8 * block, gsize size, guint8 * out)
{
  guint32 bits = GUINT32_TO_BE ((SHA256_CBLOCK + size) * 8), word;
  SHA256_CTX ctx;
  gint i;

  memset (block + size, 0, SHA256_CBLOCK - size);
  block[size] = 0x80;
  memcpy (block + SHA256_CBLOCK - 4, &bits, 4);
  memcpy (ctx.h, state, sizeof (ctx.h));
  SHA256_Transform (&ctx, block);
  for (i = 0; i < 8; i++) {
    word = GUINT32_TO_BE (ctx.h[i]);
    memcpy (out + 4 * i, &word, 4);
  }
  OPENSSL_cleanse (&ctx, sizeof (ctx));
}

/* h4_mask_keys_derive:
 * @index: the block's number in its stream
 * @block_key: (out): its key */
void
h4_mask_keys_derive (const H4MaskKeys * keys, guint64 index,
    guint8 block_key[H4_MASK_BLOCK_KEY_SIZE])
{
  guint8 block[SHA256_CBLOCK];
  gsize size = INFO_SIZE;

  memcpy (block, keys->info, INFO_SIZE);
  size += write_decimal (block + size, index);
  block[size++] = 1;            /* RFC 5869, 2.3: T(1) */
  finish_hash (keys->inner, block, size, block);
  finish_hash (keys->outer, block, SHA256_DIGEST_LENGTH, block_key);
  OPENSSL_cleanse (block, sizeof (block));
}

void
h4_mask_keys_free (H4MaskKeys * keys)
{
  gst_h4_secret_free (keys, sizeof (H4MaskKeys));
}
