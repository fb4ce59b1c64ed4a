/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* The one-block transform is the only way OpenSSL has to hash short messages
 * without set-up costs above the hash's own; it is marked deprecated. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <string.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#ifdef H4_KEYSTREAM_X86
#include <cpuid.h>
#endif

#include "h4keystream.h"
#include "h4keystream-private.h"

/* FIPS 180-4, section 4.2.2. */
const guint32 h4_sha256_k[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
  0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
  0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
  0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
  0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
  0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};

/* FIPS 180-4, section 5.3.3. */
const guint32 h4_sha256_h0[8] = {
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
};

#define ROTR(x, n) (((x) >> (n)) | ((x) << (32 - (n))))
#define SUM0(x) (ROTR (x, 2) ^ ROTR (x, 13) ^ ROTR (x, 22))
#define SUM1(x) (ROTR (x, 6) ^ ROTR (x, 11) ^ ROTR (x, 25))
#define SIGMA0(x) (ROTR (x, 7) ^ ROTR (x, 18) ^ ((x) >> 3))
#define SIGMA1(x) (ROTR (x, 17) ^ ROTR (x, 19) ^ ((x) >> 10))
#define CH(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
#define MAJ(x, y, z) (((x) & (y)) | ((z) & ((x) | (y))))

/* Key and counter, in bits. */
#define MESSAGE_BITS (36 * 8)

typedef struct
{
  const gchar *name;
  H4KeystreamFunc func;         /* NULL: OpenSSL */
  guint n_lanes;
} H4KeystreamPath;

/* The fastest first. */
static const H4KeystreamPath paths[] = {
#ifdef H4_KEYSTREAM_X86
  {"avx512", h4_keystream_lanes_avx512, 16},
  {"avx2", h4_keystream_lanes_avx2, 8},
  {"sse2", h4_keystream_lanes_baseline, 4},
#endif
  {"openssl", NULL, 1},
};

static const H4KeystreamPath *chosen_path = NULL;

static gboolean
path_runs_here (const H4KeystreamPath * path)
{
#ifdef H4_KEYSTREAM_X86
  __builtin_cpu_init ();
  if (path->n_lanes == 16)
    return __builtin_cpu_supports ("avx512f")
        && __builtin_cpu_supports ("avx512bw");
  if (path->n_lanes == 8)
    return __builtin_cpu_supports ("avx2");
#endif
  return TRUE;
}

/* Whether OpenSSL's one-block transform is done by the processor itself, and
 * so beats four lanes. */
static gboolean
has_sha_instructions (void)
{
#ifdef H4_KEYSTREAM_X86
  guint eax, ebx, ecx, edx;

  return __get_cpuid_count (7, 0, &eax, &ebx, &ecx, &edx)
      && (ebx & (1u << 29)) != 0;
#else
  return FALSE;
#endif
}

static const H4KeystreamPath *
find_path (const gchar * name)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (paths); i++) {
    if (name && strcmp (paths[i].name, name) != 0)
      continue;
    if (!path_runs_here (&paths[i]))
      continue;
    if (!name && paths[i].n_lanes == 4 && has_sha_instructions ())
      continue;
    return &paths[i];
  }
  return NULL;
}

static const H4KeystreamPath *
get_path (void)
{
  const H4KeystreamPath *path = g_atomic_pointer_get (&chosen_path);

  if (path == NULL) {
    const gchar *name = g_getenv ("H4_KEYSTREAM");

    path = name && *name ? find_path (name) : NULL;
    if (path == NULL)
      path = find_path (NULL);
    g_atomic_pointer_set (&chosen_path, path);
  }
  return path;
}

/* h4_keystream_path:
 *
 * Returns: the name of the instruction set in use: the fastest that runs
 *   here, or the one that the environment variable H4_KEYSTREAM names */
const gchar *
h4_keystream_path (void)
{
  return get_path ()->name;
}

/* h4_keystream_list_paths:
 *
 * Returns: (array zero-terminated=1): the names of those that run here */
const gchar *const *
h4_keystream_list_paths (void)
{
  static const gchar *names[G_N_ELEMENTS (paths) + 1];
  static gsize done = 0;

  if (g_once_init_enter (&done)) {
    guint i, n = 0;

    for (i = 0; i < G_N_ELEMENTS (paths); i++) {
      if (path_runs_here (&paths[i]))
        names[n++] = paths[i].name;
    }
    g_once_init_leave (&done, 1);
  }
  return names;
}

/* h4_keystream_set_path:
 * @name: (nullable): one of h4_keystream_list_paths(), NULL for the fastest
 *
 * Returns: whether it runs here */
gboolean
h4_keystream_set_path (const gchar * name)
{
  const H4KeystreamPath *path = find_path (name);

  if (path == NULL)
    return FALSE;
  g_atomic_pointer_set (&chosen_path, path);
  return TRUE;
}

static void
block_hash_key_rounds (H4KeystreamBlock * block, const guint32 * w)
{
  guint32 a = h4_sha256_h0[0], b = h4_sha256_h0[1], c = h4_sha256_h0[2];
  guint32 d = h4_sha256_h0[3], e = h4_sha256_h0[4], f = h4_sha256_h0[5];
  guint32 g = h4_sha256_h0[6], h = h4_sha256_h0[7], t1, t2;
  gint t;

  for (t = 0; t < 9; t++) {
    t1 = h + SUM1 (e) + CH (e, f, g) + h4_sha256_k[t] + w[t];
    t2 = SUM0 (a) + MAJ (a, b, c);
    h = g, g = f, f = e, e = d + t1;
    d = c, c = b, b = a, a = t1 + t2;
  }
  memcpy (block->state, (const guint32[]) { a, b, c, d, e, f, g, h },
      sizeof (block->state));
}

/* W8, the counter, is left out of every sum: it stands as 0 here. */
static void
block_init (H4KeystreamBlock * block, const guint8 * key)
{
  guint32 w[39] = { 0, };
  gint t;

  for (t = 0; t < 8; t++) {
    memcpy (&w[t], key + 4 * t, 4);
    w[t] = GUINT32_FROM_BE (w[t]);
  }
  w[9] = 0x80000000;
  w[15] = MESSAGE_BITS;
  block_hash_key_rounds (block, w);

  for (t = 16; t < 23; t++)
    w[t] = SIGMA1 (w[t - 2]) + w[t - 7] + SIGMA0 (w[t - 15]) + w[t - 16];
  for (t = 9; t < 23; t++)
    block->kw[t] = h4_sha256_k[t] + w[t];
  /* A word that varies is 0 here, and SIGMA0 and SIGMA1 of 0 are 0. */
  for (t = 23; t < 39; t++)
    block->cw[t] = (t - 2 < 23 ? SIGMA1 (w[t - 2]) : 0) + w[t - 7]
        + SIGMA0 (w[t - 15]) + w[t - 16];
  OPENSSL_cleanse (w, sizeof (w));
}

static void
openssl_hashes (const guint8 * key, guint32 counter, guint8 * out, gsize n)
{
  guint8 message[SHA256_CBLOCK] = { 0, };
  SHA256_CTX state;
  guint32 be;
  gsize i;
  gint j;

  memcpy (message, key, 32);
  message[36] = 0x80;
  be = GUINT32_TO_BE (MESSAGE_BITS);
  memcpy (message + 60, &be, 4);

  for (i = 0; i < n; i++, counter++) {
    be = GUINT32_TO_BE (counter);
    memcpy (message + 32, &be, 4);
    memcpy (state.h, h4_sha256_h0, sizeof (h4_sha256_h0));
    SHA256_Transform (&state, message);
    for (j = 0; j < 8; j++) {
      be = GUINT32_TO_BE (state.h[j]);
      memcpy (out + 4 * j, &be, 4);
    }
    out += H4_KEYSTREAM_DIGEST_SIZE;
  }
  OPENSSL_cleanse (message, sizeof (message));
  OPENSSL_cleanse (&state, sizeof (state));
}

static void
xor_bytes (const guint8 * a, const guint8 * b, guint8 * dst, gsize size)
{
  gsize i;

  for (i = 0; i < size; i++)
    dst[i] = a[i] ^ b[i];
}

/* For up to this many hashes the lanes, of which most would be idle, are
 * slower than OpenSSL. */
#define FEW_HASHES(path) ((path)->n_lanes / 8)

/* The next @size bytes, less than a batch, @skip of the first hash gone. */
static void
xor_part (const H4KeystreamPath * path, const H4KeystreamBlock * block,
    const guint8 * key, guint32 counter, gsize skip, const guint8 * src,
    guint8 * dst, gsize size)
{
  guint8 stream[H4_KEYSTREAM_MAX_LANES * H4_KEYSTREAM_DIGEST_SIZE];
  gsize n_hashes = (skip + size + H4_KEYSTREAM_DIGEST_SIZE - 1)
      / H4_KEYSTREAM_DIGEST_SIZE;
  gsize used = path->n_lanes * H4_KEYSTREAM_DIGEST_SIZE;

  if (path->func == NULL || n_hashes <= FEW_HASHES (path)) {
    used = n_hashes * H4_KEYSTREAM_DIGEST_SIZE;
    openssl_hashes (key, counter, stream, n_hashes);
  } else {
    memset (stream, 0, used);
    path->func (block, counter, stream, stream, 1);
  }
  xor_bytes (src, stream + skip, dst, size);
  OPENSSL_cleanse (stream, used);
}

/* h4_keystream_xor:
 * @key: the block's key
 * @offset: where in the block @src begins, in bytes
 * @src: what to mask or unmask
 * @dst: @size bytes; may be @src, else must not overlap it
 * @size: bytes of @src
 *
 * XORs SHA-256(key ‖ 0:u32) ‖ SHA-256(key ‖ 1:u32) ‖ … from byte @offset on
 * onto @src.
 *
 * Returns: FALSE, and nothing done, where the block would pass
 *   H4_KEYSTREAM_MAX_SIZE */
gboolean
h4_keystream_xor (const guint8 key[32], guint64 offset, const guint8 * src,
    guint8 * dst, gsize size)
{
  const H4KeystreamPath *path = get_path ();
  H4KeystreamBlock block;
  gsize lanes = path->func ? path->n_lanes : H4_KEYSTREAM_MAX_LANES;
  gsize batch = lanes * H4_KEYSTREAM_DIGEST_SIZE;

  if (offset > H4_KEYSTREAM_MAX_SIZE || size > H4_KEYSTREAM_MAX_SIZE - offset)
    return FALSE;

  if (path->func)
    block_init (&block, key);
  while (size > 0) {
    guint32 counter = offset / H4_KEYSTREAM_DIGEST_SIZE;
    gsize skip = offset % H4_KEYSTREAM_DIGEST_SIZE;
    gsize n = MIN (size, batch - skip);

    if (path->func && skip == 0 && size >= batch) {
      n = size - size % batch;
      path->func (&block, counter, src, dst, n / batch);
    } else {
      xor_part (path, &block, key, counter, skip, src, dst, n);
    }
    offset += n;
    src += n;
    dst += n;
    size -= n;
  }
  if (path->func)
    OPENSSL_cleanse (&block, sizeof (block));
  return TRUE;
}
