/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_CRYPTO_H__
#define __GST_H4MK_CRYPTO_H__

/* Private to the library: what a proof asks of libcrypto beside a running
 * SHA-256. Where libcrypto fails, nothing holds. */

#include "gsth4mkformat.h"

G_BEGIN_DECLS

gboolean gst_h4mk_sha256 (const guint8 * data, gsize size,
    guint8 hash[GST_H4MK_HASH_SIZE]);

gboolean gst_h4mk_ed25519_verify (const guint8 key[GST_H4MK_KEY_SIZE],
    const guint8 * message, gsize size,
    const guint8 signature[GST_H4MK_SIGNATURE_SIZE]);

G_END_DECLS

#endif
