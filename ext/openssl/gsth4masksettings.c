/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <openssl/rand.h>

#include "gst/lib/gsth4-i18n.h"
#include "gst/lib/gsth4secret.h"
#include "gsth4masksettings.h"

#define SALT_RANDOM "random"
#define DRAWN_SALT_SIZE H4_GCM_SALT_SIZE

static const GEnumValue schemes[] = {
  {H4_MASK_SCHEME_XOR_SHA256,
        "XOR with a SHA-256 keystream (hides, does not authenticate)",
      "xor-sha256"},
  {H4_MASK_SCHEME_AES_256_GCM,
        "AES-256 in Galois/Counter Mode (hides and authenticates)",
      "aes-256-gcm"},
  {0, NULL, NULL}
};

GType
gst_h4_mask_scheme_get_type (void)
{
  static GType type = 0;

  if (g_once_init_enter (&type)) {
    GType t = g_enum_register_static ("GstH4MaskScheme", schemes);
    g_once_init_leave (&type, t);
  }
  return type;
}

GType
gst_h4_mask_mode_get_type (void)
{
  static const GEnumValue modes[] = {
    {GST_H4_MASK_MODE_AUTO, "Unmask masked caps, mask everything else",
        "auto"},
    {GST_H4_MASK_MODE_MASK, "Mask", "mask"},
    {GST_H4_MASK_MODE_UNMASK, "Unmask", "unmask"},
    {0, NULL, NULL}
  };
  static GType type = 0;

  if (g_once_init_enter (&type)) {
    GType t = g_enum_register_static ("GstH4MaskMode", modes);
    g_once_init_leave (&type, t);
  }
  return type;
}

const gchar *
gst_h4_mask_scheme_get_nick (H4MaskScheme scheme)
{
  return schemes[scheme].value_nick;
}

gboolean
gst_h4_mask_scheme_from_nick (const gchar * nick, H4MaskScheme * scheme)
{
  const GEnumValue *value;

  for (value = schemes; value->value_nick; value++) {
    if (strcmp (value->value_nick, nick) == 0) {
      *scheme = value->value;
      return TRUE;
    }
  }
  return FALSE;
}

gchar *
gst_h4_mask_salt_to_hex (const GstH4MaskSalt * salt)
{
  gchar *hex = g_malloc (2 * salt->size + 1);
  gsize i;

  for (i = 0; i < salt->size; i++)
    g_snprintf (hex + 2 * i, 3, "%02x", salt->bytes[i]);
  hex[2 * salt->size] = '\0';
  return hex;
}

gboolean
gst_h4_mask_salt_from_hex (GstH4MaskSalt * salt, const gchar * text,
    GError ** error)
{
  guint8 *bytes = h4_mask_salt_from_hex (text, &salt->size, error);

  if (bytes == NULL)
    return FALSE;
  memcpy (salt->bytes, bytes, salt->size);
  g_free (bytes);
  return TRUE;
}

gboolean
gst_h4_mask_salt_draw (GstH4MaskSalt * salt, GError ** error)
{
  salt->size = DRAWN_SALT_SIZE;
  if (RAND_bytes (salt->bytes, DRAWN_SALT_SIZE) == 1)
    return TRUE;
  g_set_error_literal (error, H4_MASK_ERROR, H4_MASK_ERROR_LIBRARY,
      _("No salt could be drawn: there are no random numbers."));
  return FALSE;
}

void
gst_h4_mask_settings_init (GstH4MaskSettings * settings)
{
  memset (settings, 0, sizeof (GstH4MaskSettings));
}

void
gst_h4_mask_settings_clear (GstH4MaskSettings * settings)
{
  gst_h4_mask_settings_set_key_text (settings, NULL);
  g_clear_pointer (&settings->key_file, g_free);
  g_clear_pointer (&settings->key_env, g_free);
  g_clear_pointer (&settings->key_id, g_free);
  g_clear_pointer (&settings->salt, g_free);
}

/* gst_h4_mask_settings_copy:
 * @to: initialized settings, whose old values go */
void
gst_h4_mask_settings_copy (GstH4MaskSettings * to,
    const GstH4MaskSettings * from)
{
  gst_h4_mask_settings_clear (to);
  to->scheme = from->scheme;
  to->mode = from->mode;
  to->block_size = from->block_size;
  to->key_file = g_strdup (from->key_file);
  to->key_env = g_strdup (from->key_env);
  to->key_id = g_strdup (from->key_id);
  to->salt = g_strdup (from->salt);
  gst_h4_mask_settings_set_key_text (to, from->key_text);
}

void
gst_h4_mask_settings_set_key_text (GstH4MaskSettings * settings,
    const gchar * text)
{
  gst_h4_secret_free (settings->key_text, settings->key_text_size);
  settings->key_text = NULL;
  settings->key_text_size = 0;
  if (text) {
    gsize size = strlen (text) + 1;

    settings->key_text = gst_h4_secret_alloc (size);
    if (settings->key_text) {
      settings->key_text_size = size;
      memcpy (settings->key_text, text, size);
    }
  }
}

gboolean
gst_h4_mask_settings_wants_salt_drawn (const GstH4MaskSettings * settings)
{
  return settings->scheme == H4_MASK_SCHEME_AES_256_GCM
      || g_strcmp0 (settings->salt, SALT_RANDOM) == 0;
}

/* gst_h4_mask_settings_get_salt:
 * @masking: whether blocks will be masked
 * @salt: (out): the salt that is written out in the settings, else none
 *
 * Returns: FALSE where the setting is no salt or may not be set */
gboolean
gst_h4_mask_settings_get_salt (const GstH4MaskSettings * settings,
    gboolean masking, GstH4MaskSalt * salt, GError ** error)
{
  salt->size = 0;
  if (settings->salt == NULL || strcmp (settings->salt, SALT_RANDOM) == 0)
    return TRUE;
  if (!gst_h4_mask_salt_from_hex (salt, settings->salt, error))
    return FALSE;
  if (masking && settings->scheme == H4_MASK_SCHEME_AES_256_GCM) {
    /* A salt used twice would use keys twice, and give them away. */
    g_set_error_literal (error, H4_MASK_ERROR, H4_MASK_ERROR_SALT,
        _("aes-256-gcm draws its own salt; while masking none can be set."));
    return FALSE;
  }
  return TRUE;
}

/* gst_h4_mask_settings_load_key:
 * @key: (out) (nullable): the key, NULL where no setting names one
 *
 * Returns: FALSE where a setting names one and it is malformed */
gboolean
gst_h4_mask_settings_load_key (const GstH4MaskSettings * settings,
    H4MaskKey ** key, GError ** error)
{
  *key = NULL;
  if (settings->key_text)
    *key = h4_mask_key_new_from_hex (settings->key_text, -1, error);
  else if (settings->key_file)
    *key = h4_mask_key_new_from_file (settings->key_file, error);
  else if (settings->key_env)
    *key = h4_mask_key_new_from_env (settings->key_env, error);
  else
    return TRUE;
  return *key != NULL;
}
