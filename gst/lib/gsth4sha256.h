/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_SHA256_H__
#define __GST_H4_SHA256_H__

/* Private to the library: SHA-256 by libcrypto, on a second thread where that
 * pays. */

#include <glib.h>

G_BEGIN_DECLS

#define GST_H4_SHA256_SIZE 32

typedef struct _GstH4Sha256 GstH4Sha256;

GstH4Sha256 *gst_h4_sha256_new (void);
void gst_h4_sha256_free (GstH4Sha256 * sha);
/* Starts anew. */
void gst_h4_sha256_reset (GstH4Sha256 * sha);
void gst_h4_sha256_update (GstH4Sha256 * sha, const guint8 * data, gsize size);
/* Of all that came so far; more may follow. FALSE where libcrypto failed at
 * any time since the last reset. */
gboolean gst_h4_sha256_peek (GstH4Sha256 * sha,
    guint8 digest[GST_H4_SHA256_SIZE]);

typedef struct
{
  const guint8 *data;
  gsize size;
} GstH4Bytes;

/* The same bytes into one or two hashes. */
void gst_h4_sha256_update_all (GstH4Sha256 * a, GstH4Sha256 * b,
    const GstH4Bytes * bytes, guint n);

/* A thread of its own that hashes; made when it is first needed. */
typedef struct _GstH4Hasher GstH4Hasher;

GstH4Hasher *gst_h4_hasher_new (void);
void gst_h4_hasher_free (GstH4Hasher * hasher);
/* Neither sha nor the bytes may be touched before gst_h4_hasher_wait(). */
void gst_h4_hasher_start (GstH4Hasher * hasher, GstH4Sha256 * sha,
    const GstH4Bytes * bytes, guint n);
void gst_h4_hasher_wait (GstH4Hasher * hasher);
gboolean gst_h4_hasher_is_busy (GstH4Hasher * hasher);
/* Whether a second thread would have a processor of its own. */
gboolean gst_h4_hasher_pays (GstH4Hasher * hasher);

G_END_DECLS

#endif
