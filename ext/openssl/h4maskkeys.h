/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_MASK_KEYS_H__
#define __H4_MASK_KEYS_H__

#include <glib.h>

G_BEGIN_DECLS

#define H4_MASK_KEY_MIN_SIZE 16
#define H4_MASK_KEY_MAX_SIZE 1024
#define H4_MASK_BLOCK_KEY_SIZE 32
#define H4_MASK_SALT_MAX_SIZE 64

#define H4_MASK_ERROR (h4_mask_error_quark ())
GQuark h4_mask_error_quark (void);

typedef enum
{
  H4_MASK_ERROR_KEY_FORMAT,     /* not hexadecimal, odd, too short or long */
  H4_MASK_ERROR_KEY_READ,       /* file or variable cannot be read */
  H4_MASK_ERROR_SALT,
  H4_MASK_ERROR_LIBRARY         /* OpenSSL failed, or no memory */
} H4MaskError;

typedef enum
{
  H4_MASK_SCHEME_XOR_SHA256,
  H4_MASK_SCHEME_AES_256_GCM
} H4MaskScheme;

typedef struct _H4MaskKey H4MaskKey;
typedef struct _H4MaskKeys H4MaskKeys;

gboolean h4_hex_parse (const gchar * text, gsize length, guint8 * bytes,
    gsize * bad);

H4MaskKey *h4_mask_key_new (const guint8 * bytes, gsize size, GError ** error);
H4MaskKey *h4_mask_key_new_from_hex (const gchar * text, gssize length,
    GError ** error);
H4MaskKey *h4_mask_key_new_from_file (const gchar * path, GError ** error);
H4MaskKey *h4_mask_key_new_from_env (const gchar * name, GError ** error);
const guint8 *h4_mask_key_get_bytes (const H4MaskKey * key, gsize * size);
void h4_mask_key_free (H4MaskKey * key);

guint8 *h4_mask_salt_from_hex (const gchar * text, gsize * size,
    GError ** error);

H4MaskKeys *h4_mask_keys_new (H4MaskScheme scheme, const H4MaskKey * key,
    const guint8 * salt, gsize salt_size);
void h4_mask_keys_derive (const H4MaskKeys * keys, guint64 index,
    guint8 block_key[H4_MASK_BLOCK_KEY_SIZE]);
void h4_mask_keys_free (H4MaskKeys * keys);

G_END_DECLS

#endif
