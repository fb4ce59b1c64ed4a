/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_SIGNING_KEY_H__
#define __GST_H4MK_SIGNING_KEY_H__

#include "gsth4mkformat.h"

G_BEGIN_DECLS

/**
 * GstH4mkSigningKey:
 *
 * An Ed25519 private key. Its bytes lie in memory that no core dump holds and
 * that is cleansed in the end; they are elsewhere only while something is
 * signed. Reference counted.
 *
 * Since: 1.0
 */
typedef struct _GstH4mkSigningKey GstH4mkSigningKey;

#define GST_TYPE_H4MK_SIGNING_KEY (gst_h4mk_signing_key_get_type ())
GType gst_h4mk_signing_key_get_type (void);

GstH4mkSigningKey *gst_h4mk_signing_key_generate (GError ** error);
GstH4mkSigningKey *gst_h4mk_signing_key_load (const gchar * path,
    GError ** error);
gboolean gst_h4mk_signing_key_store (GstH4mkSigningKey * key,
    const gchar * path, GError ** error);
GstH4mkSigningKey *gst_h4mk_signing_key_ref (GstH4mkSigningKey * key);
void gst_h4mk_signing_key_unref (GstH4mkSigningKey * key);

const gchar *gst_h4mk_signing_key_get_public (GstH4mkSigningKey * key);
gboolean gst_h4mk_signing_key_sign (GstH4mkSigningKey * key,
    const guint8 * message, gsize size,
    guint8 signature[GST_H4MK_SIGNATURE_SIZE]);

G_END_DECLS

#endif
