/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_MASK_SETTINGS_H__
#define __GST_H4_MASK_SETTINGS_H__

#include <gst/gst.h>
#include "h4mask.h"

G_BEGIN_DECLS

typedef enum
{
  GST_H4_MASK_MODE_AUTO,
  GST_H4_MASK_MODE_MASK,
  GST_H4_MASK_MODE_UNMASK
} GstH4MaskMode;

#define GST_TYPE_H4_MASK_SCHEME (gst_h4_mask_scheme_get_type ())
GType gst_h4_mask_scheme_get_type (void);
#define GST_TYPE_H4_MASK_MODE (gst_h4_mask_mode_get_type ())
GType gst_h4_mask_mode_get_type (void);

const gchar *gst_h4_mask_scheme_get_nick (H4MaskScheme scheme);
gboolean gst_h4_mask_scheme_from_nick (const gchar * nick,
    H4MaskScheme * scheme);

/* A salt in force. */
typedef struct
{
  guint8 bytes[H4_MASK_SALT_MAX_SIZE];
  gsize size;
} GstH4MaskSalt;

gchar *gst_h4_mask_salt_to_hex (const GstH4MaskSalt * salt);
gboolean gst_h4_mask_salt_from_hex (GstH4MaskSalt * salt, const gchar * text,
    GError ** error);
gboolean gst_h4_mask_salt_draw (GstH4MaskSalt * salt, GError ** error);

/* What the properties say. */
typedef struct
{
  H4MaskScheme scheme;
  GstH4MaskMode mode;
  guint block_size;
  gchar *key_file;
  gchar *key_env;
  gchar *key_text;              /* of gst_h4_secret_alloc() */
  gsize key_text_size;
  gchar *key_id;
  gchar *salt;
} GstH4MaskSettings;

void gst_h4_mask_settings_init (GstH4MaskSettings * settings);
void gst_h4_mask_settings_clear (GstH4MaskSettings * settings);
void gst_h4_mask_settings_copy (GstH4MaskSettings * to,
    const GstH4MaskSettings * from);
void gst_h4_mask_settings_set_key_text (GstH4MaskSettings * settings,
    const gchar * text);

gboolean gst_h4_mask_settings_wants_salt_drawn (const GstH4MaskSettings *
    settings);
gboolean gst_h4_mask_settings_get_salt (const GstH4MaskSettings * settings,
    gboolean masking, GstH4MaskSalt * salt, GError ** error);
gboolean gst_h4_mask_settings_load_key (const GstH4MaskSettings * settings,
    H4MaskKey ** key, GError ** error);

G_END_DECLS

#endif
