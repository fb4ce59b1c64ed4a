/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_KEYSTREAM_PRIVATE_H__
#define __H4_KEYSTREAM_PRIVATE_H__

#include <glib.h>

G_BEGIN_DECLS

#define H4_KEYSTREAM_DIGEST_SIZE 32
#define H4_KEYSTREAM_MAX_LANES 32

extern const guint32 h4_sha256_k[64];
extern const guint32 h4_sha256_h0[8];

/* What the hashes of one block share. Each is SHA-256 of one message block:
 * W0-7 the key, W8 the counter, W9 the padding bit, W15 the length. So the
 * first eight rounds, the words W16-22 and parts of W23-38 depend on the key
 * alone; what remains for the lanes begins at round 8. */
typedef struct
{
  guint32 state[8];             /* after round 8, counter 0; a and e lack it */
  guint32 kw[23];               /* K[t] + W[t], t = 9…22 */
  guint32 cw[39];               /* the constant part of W[t], t = 23…38 */
} H4KeystreamBlock;

/* XORs @n_batches batches of keystream, from hash number @counter on, onto
 * @src into @dst, which may be @src. A batch is one hash a lane. */
typedef void (*H4KeystreamFunc) (const H4KeystreamBlock * block,
    guint32 counter, const guint8 * src, guint8 * dst, gsize n_batches);

void h4_keystream_lanes_baseline (const H4KeystreamBlock * block,
    guint32 counter, const guint8 * src, guint8 * dst, gsize n_batches);
void h4_keystream_lanes_avx2 (const H4KeystreamBlock * block,
    guint32 counter, const guint8 * src, guint8 * dst, gsize n_batches);
void h4_keystream_lanes_avx512 (const H4KeystreamBlock * block,
    guint32 counter, const guint8 * src, guint8 * dst, gsize n_batches);

G_END_DECLS

#endif
