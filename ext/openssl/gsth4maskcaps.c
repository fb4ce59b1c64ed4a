/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gst/lib/gsth4-i18n.h"
#include "gsth4maskcaps.h"

#define FIELD_MEDIA_TYPE "original-media-type"
#define FIELD_SCHEME "scheme"
#define FIELD_SALT "salt"
#define FIELD_KEY_ID "key-id"

/* What a stream without caps is. */
#define UNKNOWN_MEDIA_TYPE "application/octet-stream"

static const gchar *own_fields[] = {
  FIELD_MEDIA_TYPE, FIELD_SCHEME, FIELD_SALT, FIELD_KEY_ID
};

void
gst_h4_mask_info_clear (GstH4MaskInfo * info)
{
  g_clear_pointer (&info->key_id, g_free);
}

static gboolean
structure_is_masked (const GstStructure * s)
{
  return gst_structure_has_name (s, GST_H4_MASK_CAPS_NAME);
}

gboolean
gst_h4_mask_caps_is_masked (const GstCaps * caps)
{
  return gst_caps_get_size (caps) > 0
      && structure_is_masked (gst_caps_get_structure (caps, 0));
}

static gboolean
is_system_memory (const GstCaps * caps, guint i)
{
  GstCapsFeatures *features = gst_caps_get_features (caps, i);

  return gst_caps_features_is_any (features)
      || gst_caps_features_is_equal (features,
      GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY);
}

static gboolean
check_maskable (GstCaps * caps, GError ** error)
{
  GstStructure *s = gst_caps_get_structure (caps, 0);
  guint i;

  if (!is_system_memory (caps, 0)) {
    g_set_error_literal (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
        _("Only buffers in system memory can be masked."));
    return FALSE;
  }
  for (i = 0; i < G_N_ELEMENTS (own_fields); i++) {
    if (gst_structure_has_field (s, own_fields[i])) {
      g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
          _("The stream cannot be masked: its caps have a field \"%s\" "
              "already, as a masked or encrypted stream has."), own_fields[i]);
      return FALSE;
    }
  }
  return TRUE;
}

/* gst_h4_mask_caps_mask:
 * @caps: (nullable): fixed caps of a stream
 * @info: how it is masked
 *
 * Returns: (transfer full) (nullable): the caps of the masked stream */
GstCaps *
gst_h4_mask_caps_mask (GstCaps * caps, const GstH4MaskInfo * info,
    GError ** error)
{
  GstStructure *s;

  if (caps && !check_maskable (caps, error))
    return NULL;
  if (info->key_id && !g_utf8_validate (info->key_id, -1, NULL)) {
    g_set_error_literal (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
        _("The key id is not valid UTF-8."));
    return NULL;
  }
  if (caps)
    s = gst_structure_copy (gst_caps_get_structure (caps, 0));
  else
    s = gst_structure_new_empty (UNKNOWN_MEDIA_TYPE);

  gst_structure_set (s, FIELD_MEDIA_TYPE, G_TYPE_STRING,
      gst_structure_get_name (s), FIELD_SCHEME, G_TYPE_STRING,
      gst_h4_mask_scheme_get_nick (info->scheme), NULL);
  gst_structure_set_name (s, GST_H4_MASK_CAPS_NAME);
  if (info->salt.size > 0) {
    gchar *hex = gst_h4_mask_salt_to_hex (&info->salt);

    gst_structure_set (s, FIELD_SALT, G_TYPE_STRING, hex, NULL);
    g_free (hex);
  }
  if (info->key_id)
    gst_structure_set (s, FIELD_KEY_ID, G_TYPE_STRING, info->key_id, NULL);
  return gst_caps_new_full (s, NULL);
}

/* gst_structure_set_name() insists on its grammar, and complains about the
 * names of long ago; a file need not keep to either. */
static gboolean
is_media_type (const gchar * name)
{
  if (!g_ascii_isalpha (*name) || g_str_has_prefix (name, "video/x-raw-")
      || g_str_has_prefix (name, "audio/x-raw-"))
    return FALSE;
  while (g_ascii_isalnum (*name) || (*name && strchr ("/-_.:+", *name)))
    name++;
  return *name == '\0';
}

static GstCaps *
original_caps (const GstStructure * masked, const gchar * media_type)
{
  GstStructure *s = gst_structure_copy (masked);

  gst_structure_set_name (s, media_type);
  gst_structure_remove_fields (s, FIELD_MEDIA_TYPE, FIELD_SCHEME, FIELD_SALT,
      FIELD_KEY_ID, NULL);
  return gst_caps_new_full (s, NULL);
}

/* gst_h4_mask_caps_unmask:
 * @caps: fixed caps of a masked stream
 * @info: (out): how it was masked, for gst_h4_mask_info_clear()
 *
 * Returns: (transfer full) (nullable): the caps of the original stream */
GstCaps *
gst_h4_mask_caps_unmask (GstCaps * caps, GstH4MaskInfo * info, GError ** error)
{
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  const gchar *media_type = gst_structure_get_string (s, FIELD_MEDIA_TYPE);
  const gchar *scheme = gst_structure_get_string (s, FIELD_SCHEME);
  const gchar *salt = gst_structure_get_string (s, FIELD_SALT);

  info->salt.size = 0;
  info->key_id = NULL;
  if (media_type == NULL || !is_media_type (media_type)) {
    g_set_error_literal (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
        _("The masked stream does not say what it was."));
    return NULL;
  }
  if (scheme == NULL || !gst_h4_mask_scheme_from_nick (scheme, &info->scheme)) {
    g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
        _("The stream is masked with \"%s\", which is not known here."),
        scheme ? scheme : "");
    return NULL;
  }
  if (salt && !gst_h4_mask_salt_from_hex (&info->salt, salt, error))
    return NULL;
  info->key_id = g_strdup (gst_structure_get_string (s, FIELD_KEY_ID));
  return original_caps (s, media_type);
}

/* gst_h4_mask_caps_all_masked:
 * @caps: any caps
 *
 * Returns: (transfer full): what masking each of @caps can give */
GstCaps *
gst_h4_mask_caps_all_masked (GstCaps * caps)
{
  GstCaps *all;
  guint i;

  if (gst_caps_is_any (caps))
    return gst_caps_new_empty_simple (GST_H4_MASK_CAPS_NAME);
  all = gst_caps_new_empty ();
  for (i = 0; i < gst_caps_get_size (caps); i++) {
    GstStructure *s = gst_caps_get_structure (caps, i);

    if (structure_is_masked (s) || !is_system_memory (caps, i))
      continue;
    s = gst_structure_copy (s);
    gst_structure_set (s, FIELD_MEDIA_TYPE, G_TYPE_STRING,
        gst_structure_get_name (s), NULL);
    gst_structure_set_name (s, GST_H4_MASK_CAPS_NAME);
    all = gst_caps_merge_structure (all, s);
  }
  return all;
}

/* gst_h4_mask_caps_all_unmasked:
 * @caps: any caps
 *
 * Returns: (transfer full): what unmasking the masked ones among them can
 *   give */
GstCaps *
gst_h4_mask_caps_all_unmasked (GstCaps * caps)
{
  GstCaps *all;
  guint i;

  if (gst_caps_is_any (caps))
    return gst_caps_new_any ();
  all = gst_caps_new_empty ();
  for (i = 0; i < gst_caps_get_size (caps); i++) {
    GstStructure *s = gst_caps_get_structure (caps, i);
    const gchar *media_type = gst_structure_get_string (s, FIELD_MEDIA_TYPE);

    if (!structure_is_masked (s))
      continue;
    if (media_type == NULL || !is_media_type (media_type)) {
      gst_caps_unref (all);
      return gst_caps_new_any ();
    }
    all = gst_caps_merge (all, original_caps (s, media_type));
  }
  return all;
}
