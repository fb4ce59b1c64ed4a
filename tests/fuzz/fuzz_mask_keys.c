/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What users type as keys and salts. */

#include <string.h>
#include <stdlib.h>

#include "h4mask.h"

int LLVMFuzzerTestOneInput (const guint8 * data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  gchar *text = g_strndup ((const gchar *) data, size);
  GError *error = NULL;
  gsize key_size, salt_size = 0;
  guint8 *salt = h4_mask_salt_from_hex (text, &salt_size, NULL);
  H4MaskKey *key = h4_mask_key_new_from_hex ((const gchar *) data, size,
      &error);

  if ((key == NULL) != (error != NULL))
    abort ();
  if (key) {
    H4MaskKeys *keys = h4_mask_keys_new (H4_MASK_SCHEME_XOR_SHA256, key, salt,
        salt_size);
    guint8 block_key[H4_MASK_BLOCK_KEY_SIZE];

    h4_mask_key_get_bytes (key, &key_size);
    if (key_size < H4_MASK_KEY_MIN_SIZE || key_size > H4_MASK_KEY_MAX_SIZE)
      abort ();
    h4_mask_keys_derive (keys, size, block_key);
    h4_mask_keys_free (keys);
  }
  g_clear_error (&error);
  h4_mask_key_free (key);
  g_free (salt);
  g_free (text);
  return 0;
}
