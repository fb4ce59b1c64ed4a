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

/* What the signature of a LINK, or of SIGN, is over. */
#define GST_H4MK_LINK_MESSAGE_SIZE (12 + 8 + GST_H4MK_HASH_SIZE)
#define GST_H4MK_SIGN_MESSAGE_SIZE (12 + 2 * GST_H4MK_HASH_SIZE)

void gst_h4mk_link_message (guint64 seq,
    const guint8 chain[GST_H4MK_HASH_SIZE],
    guint8 message[GST_H4MK_LINK_MESSAGE_SIZE]);
void gst_h4mk_sign_message (const guint8 body[GST_H4MK_HASH_SIZE],
    const guint8 tail[GST_H4MK_HASH_SIZE],
    guint8 message[GST_H4MK_SIGN_MESSAGE_SIZE]);

gboolean gst_h4mk_ed25519_verify (const guint8 key[GST_H4MK_KEY_SIZE],
    const guint8 * message, gsize size,
    const guint8 signature[GST_H4MK_SIGNATURE_SIZE]);

G_END_DECLS

#endif
