/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* SHA-256 (FIPS 180-4, section 6.2) of many messages at once, one a lane of
 * a vector. The build compiles this file once for each instruction set, with
 * H4_LANES lanes a vector and H4_LANES_FUNC as the function's name. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#ifdef __AVX512F__
#include <immintrin.h>
#endif

#include "h4keystream-private.h"

#define LANES H4_LANES

/* Two vectors side by side hide the latency of a round's chain; where
 * registers are few, the spills cost more than that. */
#define MAX_GROUPS H4_GROUPS

typedef guint32 Words __attribute__((vector_size (LANES * 4)));
typedef guint8 Bytes __attribute__((vector_size (LANES * 4)));

#define ROTR(x, n) (((x) >> (n)) | ((x) << (32 - (n))))
#define SUM0(x) (ROTR (x, 2) ^ ROTR (x, 13) ^ ROTR (x, 22))
#define SUM1(x) (ROTR (x, 6) ^ ROTR (x, 11) ^ ROTR (x, 25))
#define SIGMA0(x) (ROTR (x, 7) ^ ROTR (x, 18) ^ ((x) >> 3))
#define SIGMA1(x) (ROTR (x, 17) ^ ROTR (x, 19) ^ ((x) >> 10))
#define CH(x, y, z) ((z) ^ ((x) & ((y) ^ (z))))
#ifdef __AVX512F__
/* One instruction, which the compiler does not find by itself. */
#define MAJ(x, y, z) ((Words) _mm512_ternarylogic_epi32 ((__m512i) (x), \
    (__m512i) (y), (__m512i) (z), 0xe8))
#else
#define MAJ(x, y, z) (((x) & (y)) | ((z) & ((x) | (y))))
#endif

#if LANES == 16
#define LANE_NUMBERS { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 }
#define INTERLEAVE_LOW(a, b) __builtin_shufflevector (a, b, \
    0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define INTERLEAVE_HIGH(a, b) __builtin_shufflevector (a, b, \
    8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif LANES == 8
#define LANE_NUMBERS { 0, 1, 2, 3, 4, 5, 6, 7 }
#define INTERLEAVE_LOW(a, b) __builtin_shufflevector (a, b, \
    0, 8, 1, 9, 2, 10, 3, 11)
#define INTERLEAVE_HIGH(a, b) __builtin_shufflevector (a, b, \
    4, 12, 5, 13, 6, 14, 7, 15)
#else
#define LANE_NUMBERS { 0, 1, 2, 3 }
#define INTERLEAVE_LOW(a, b) __builtin_shufflevector (a, b, 0, 4, 1, 5)
#define INTERLEAVE_HIGH(a, b) __builtin_shufflevector (a, b, 2, 6, 3, 7)
#endif

#define ALWAYS_INLINE static inline __attribute__ ((always_inline))

ALWAYS_INLINE Words
swap_bytes (Words x)
{
#if G_BYTE_ORDER == G_LITTLE_ENDIAN && defined (__AVX512BW__)
  return (Words) _mm512_shuffle_epi8 ((__m512i) x,
      _mm512_set4_epi32 (0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203));
#elif G_BYTE_ORDER == G_LITTLE_ENDIAN
  return (ROTR (x, 8) & 0xff00ff00u) | (ROTR (x, 24) & 0x00ff00ffu);
#else
  return x;
#endif
}

/* Turns word-major into lane-major order: to interleave vectors i and i + 4
 * rotates the address of each word left by one bit, and three times brings
 * the number of the word below that of the lane. */
ALWAYS_INLINE void
transpose (Words * x)
{
  Words y[8];

#pragma GCC unroll 3
  for (int stage = 0; stage < 3; stage++) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
      y[2 * i] = INTERLEAVE_LOW (x[i], x[i + 4]);
      y[2 * i + 1] = INTERLEAVE_HIGH (x[i], x[i + 4]);
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++)
      x[i] = y[i];
  }
}

ALWAYS_INLINE void
xor_out (Words * digest, const guint8 * src, guint8 * dst)
{
  transpose (digest);
#pragma GCC unroll 8
  for (int i = 0; i < 8; i++) {
    Words data;

    memcpy (&data, src + i * sizeof (Words), sizeof (Words));
    data ^= digest[i];
    memcpy (dst + i * sizeof (Words), &data, sizeof (Words));
  }
}

/* W[t] for t from 23 on: the terms that are the same in every lane stand
 * summed in cw, so each test here is decided when the loop is unrolled. */
ALWAYS_INLINE Words
schedule (const H4KeystreamBlock * block, const Words * w, Words counter, int t)
{
  if (t == 23)
    return SIGMA0 (counter) + block->cw[23];
  if (t == 24)
    return counter + block->cw[24];

  Words x = w[(t - 2) & 15];
  Words sum = SIGMA1 (x);

  if (t >= 30)
    sum += w[(t - 7) & 15];
  if (t >= 38) {
    x = w[(t - 15) & 15];
    sum += SIGMA0 (x);
  }
  if (t >= 39)
    sum += w[t & 15];
  else
    sum += block->cw[t];
  return sum;
}

ALWAYS_INLINE void
hash (const H4KeystreamBlock * block, guint32 counter, const guint8 * src,
    guint8 * dst, const int n_groups)
{
  static const Words lane_numbers = LANE_NUMBERS;
  Words count[MAX_GROUPS], s[MAX_GROUPS][8], w[MAX_GROUPS][16];

#pragma GCC unroll 2
  for (int g = 0; g < n_groups; g++) {
    count[g] = lane_numbers + (guint32) (counter + g * LANES);
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++)
      s[g][i] = (Words) {
      } +block->state[i];
    s[g][0] += count[g];
    s[g][4] += count[g];
  }

#pragma GCC unroll 64
  for (int t = 9; t < 64; t++) {
#pragma GCC unroll 2
    for (int g = 0; g < n_groups; g++) {
      /* The state stays where it is and its names move round instead. */
      Words *v = s[g];
      Words a = v[(9 - t) & 7], b = v[(10 - t) & 7], c = v[(11 - t) & 7];
      Words e = v[(13 - t) & 7], f = v[(14 - t) & 7];
      Words z = v[(15 - t) & 7], h = v[(16 - t) & 7];

      if (t < 23) {
        h += block->kw[t];
      } else {
        w[g][t & 15] = schedule (block, w[g], count[g], t);
        h += w[g][t & 15] + h4_sha256_k[t];
      }
      h += SUM1 (e) + CH (e, f, z);
      v[(12 - t) & 7] += h;
      v[(16 - t) & 7] = h + SUM0 (a) + MAJ (a, b, c);
    }
  }

#pragma GCC unroll 2
  for (int g = 0; g < n_groups; g++) {
    Words digest[8];

#pragma GCC unroll 8
    for (int i = 0; i < 8; i++)
      digest[i] = swap_bytes (s[g][(i + 1) & 7] + h4_sha256_h0[i]);
    xor_out (digest, src + g * 8 * sizeof (Words),
        dst + g * 8 * sizeof (Words));
  }
}

void
H4_LANES_FUNC (const H4KeystreamBlock * block, guint32 counter,
    const guint8 * src, guint8 * dst, gsize n_batches)
{
  const gsize batch = 8 * sizeof (Words);

  while (n_batches >= MAX_GROUPS) {
    hash (block, counter, src, dst, MAX_GROUPS);
    counter += MAX_GROUPS * LANES;
    src += MAX_GROUPS * batch;
    dst += MAX_GROUPS * batch;
    n_batches -= MAX_GROUPS;
  }
  while (n_batches > 0) {
    hash (block, counter, src, dst, 1);
    counter += LANES;
    src += batch;
    dst += batch;
    n_batches--;
  }
}
