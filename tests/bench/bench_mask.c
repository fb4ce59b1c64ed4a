/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Masks against the ways that OpenSSL has to do the same, and whole pipelines
 * against aesenc. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#define OPENSSL_SUPPRESS_DEPRECATED

#include <string.h>
#include <gst/gst.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/sha.h>

#include "bench.h"
#include "h4mask.h"

#define KEY_HEX "5ca1ab1e0ddba11cafef00dfeedface5ca1ab1e0ddba11cafef00dfeedface55"
#define LARGE (256 * 1024)
#define SMALL 200
#define N_SMALL 1000
#define N_PIPELINE 2000

/* Aligned as a page, which large buffers nearly are. */
static guint8 data[2][LARGE + 4096] __attribute__((aligned (4096)));
static guint8 block_key[32];
static H4MaskKey *master;

/* What masks, on which thread's bytes. */
typedef struct
{
  H4Mask *mask;
  gsize size;
  guint count;
  guint8 *bytes;
} Work;

static gdouble
run_ours (gpointer user_data)
{
  Work *work = user_data;
  guint8 *tag = work->bytes + work->size;
  guint i;

  for (i = 0; i < work->count; i++) {
    h4_mask_begin_mask (work->mask, i, 0);
    h4_mask_update (work->mask, work->bytes, work->bytes, work->size);
    h4_mask_finish (work->mask, tag);
  }
  return work->size * work->count / 1e6;
}

static void
make_message (guint8 * message, guint32 counter)
{
  guint32 be = GUINT32_TO_BE (counter);

  memcpy (message, block_key, 32);
  memcpy (message + 32, &be, 4);
}

static void
xor_digest (guint8 * out, const guint8 * digest, gsize n)
{
  gsize i;

  for (i = 0; i < n; i++)
    out[i] ^= digest[i];
}

/* One EVP_Digest() a hash. */
static gdouble
run_evp_digest (gpointer user_data)
{
  guint8 message[36], digest[32];
  gsize i;

  for (i = 0; i < LARGE; i += 32) {
    make_message (message, i / 32);
    EVP_Digest (message, sizeof (message), digest, NULL, EVP_sha256 (), NULL);
    xor_digest (data[0] + i, digest, 32);
  }
  return LARGE / 1e6;
}

/* A context and a fetched digest that are used again. */
static gdouble
run_evp_reused (gpointer user_data)
{
  EVP_MD *md = EVP_MD_fetch (NULL, "SHA256", NULL);
  EVP_MD_CTX *ctx = EVP_MD_CTX_new ();
  guint8 message[36], digest[32];
  gsize i;

  for (i = 0; i < LARGE; i += 32) {
    make_message (message, i / 32);
    EVP_DigestInit_ex2 (ctx, md, NULL);
    EVP_DigestUpdate (ctx, message, sizeof (message));
    EVP_DigestFinal_ex (ctx, digest, NULL);
    xor_digest (data[0] + i, digest, 32);
  }
  EVP_MD_CTX_free (ctx);
  EVP_MD_free (md);
  return LARGE / 1e6;
}

/* SHA256_Transform() of one block. */
static gdouble
run_transform (gpointer user_data)
{
  guint8 message[64] = { 0, }, digest[32];
  SHA256_CTX ctx;
  gsize i;
  guint j;

  message[36] = 0x80;
  message[62] = 1;
  message[63] = 32;
  for (i = 0; i < LARGE; i += 32) {
    make_message (message, i / 32);
    SHA256_Init (&ctx);
    SHA256_Transform (&ctx, message);
    for (j = 0; j < 8; j++)
      ctx.h[j] = GUINT32_TO_BE (ctx.h[j]);
    memcpy (digest, ctx.h, 32);
    xor_digest (data[0] + i, digest, 32);
  }
  return LARGE / 1e6;
}

static EVP_KDF *kdf;

static void
derive_with_kdf (guint index, guint8 * out)
{
  EVP_KDF_CTX *ctx = EVP_KDF_CTX_new (kdf);
  gchar info[64];
  gsize size;
  const guint8 *bytes = h4_mask_key_get_bytes (master, &size);
  OSSL_PARAM params[4];

  g_snprintf (info, sizeof (info), "HarmonyØ4|Mask|v1|%u", index);
  params[0] = OSSL_PARAM_construct_utf8_string (OSSL_KDF_PARAM_DIGEST,
      (gchar *) "SHA256", 0);
  params[1] = OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_KEY,
      (gpointer) bytes, size);
  params[2] = OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_INFO, info,
      strlen (info));
  params[3] = OSSL_PARAM_construct_end ();
  EVP_KDF_derive (ctx, out, 32, params);
  EVP_KDF_CTX_free (ctx);
}

/* The keystream by OpenSSL too, as whoever uses EVP_KDF would have it. */
static gdouble
run_small_kdf (gpointer user_data)
{
  EVP_MD *md = EVP_MD_fetch (NULL, "SHA256", NULL);
  EVP_MD_CTX *ctx = EVP_MD_CTX_new ();
  guint8 key[32], message[36], digest[32];
  guint i;
  gsize j;

  for (i = 0; i < N_SMALL; i++) {
    derive_with_kdf (i, key);
    memcpy (message, key, 32);
    for (j = 0; j < SMALL; j += 32) {
      guint32 be = GUINT32_TO_BE (j / 32);

      memcpy (message + 32, &be, 4);
      EVP_DigestInit_ex2 (ctx, md, NULL);
      EVP_DigestUpdate (ctx, message, sizeof (message));
      EVP_DigestFinal_ex (ctx, digest, NULL);
      xor_digest (data[0] + j, digest, MIN (32, SMALL - j));
    }
  }
  EVP_MD_CTX_free (ctx);
  EVP_MD_free (md);
  return SMALL * N_SMALL / 1e6;
}

/* EVP_KDF alone, with our keystream: what the kept HMAC states save. */
static gdouble
run_small_kdf_lanes (gpointer user_data)
{
  guint8 key[32];
  guint i;

  for (i = 0; i < N_SMALL; i++) {
    derive_with_kdf (i, key);
    h4_keystream_xor (key, 0, data[0], data[0], SMALL);
  }
  return SMALL * N_SMALL / 1e6;
}

static gdouble
run_evp_gcm (gpointer user_data)
{
  EVP_CIPHER *cipher = EVP_CIPHER_fetch (NULL, "AES-256-GCM", NULL);
  EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new ();
  guint8 nonce[12] = { 0, }, aad[20] = { 0, };
  guint i;
  gint n;

  for (i = 0; i < 16; i++) {
    nonce[0] = i;
    EVP_EncryptInit_ex2 (ctx, cipher, block_key, nonce, NULL);
    EVP_EncryptUpdate (ctx, NULL, &n, aad, sizeof (aad));
    EVP_EncryptUpdate (ctx, data[0], &n, data[0], LARGE);
    EVP_EncryptFinal_ex (ctx, data[0] + n, &n);
    EVP_CIPHER_CTX_ctrl (ctx, EVP_CTRL_AEAD_GET_TAG, 16, data[0] + LARGE);
  }
  EVP_CIPHER_CTX_free (ctx);
  EVP_CIPHER_free (cipher);
  return 16 * LARGE / 1e6;
}

static gpointer
second_thread (gpointer user_data)
{
  run_ours (user_data);
  return NULL;
}

/* @user_data: two works, each with a mask of its own. */
static gdouble
run_two_threads (gpointer user_data)
{
  Work *works = user_data;
  GThread *thread = g_thread_new ("bench", second_thread, &works[1]);
  gdouble amount = run_ours (&works[0]);

  g_thread_join (thread);
  return 2 * amount;
}

static Work
new_work (H4MaskScheme scheme, gsize size, guint count, guint buffer)
{
  static const guint8 salt[H4_GCM_SALT_SIZE] = { 0, };
  gboolean gcm = scheme == H4_MASK_SCHEME_AES_256_GCM;
  Work work = { NULL, size, count, data[buffer] };

  work.mask = h4_mask_new (scheme, master, gcm ? salt : NULL,
      gcm ? sizeof (salt) : 0, NULL);
  return work;
}

static void
bench_path (const gchar * path, gdouble target)
{
  Work work = new_work (H4_MASK_SCHEME_XOR_SHA256, LARGE, 8, 0);
  gchar *name = g_strdup_printf ("xor-sha256, 256 KiB, %s", path);
  H4BenchRow row = { name, "MB/s", "EVP, reused context", H4_BENCH_THREAD,
    run_ours, run_evp_reused, &work, NULL, target
  };

  h4_keystream_set_path (path);
  h4_bench_run (&row);
  h4_keystream_set_path (NULL);
  g_free (name);
  h4_mask_free (work.mask);
}

static void
bench_paths (void)
{
  const gchar *const *path;

  for (path = h4_keystream_list_paths (); *path; path++)
    bench_path (*path, strcmp (*path, "avx512") == 0 ? 7.0 :
        strcmp (*path, "avx2") == 0 ? 2.4 : 1.0);
}

static void
bench_bytes (void)
{
  Work large = new_work (H4_MASK_SCHEME_XOR_SHA256, LARGE, 8, 0);
  Work small = new_work (H4_MASK_SCHEME_XOR_SHA256, SMALL, N_SMALL, 0);
  Work gcm = new_work (H4_MASK_SCHEME_AES_256_GCM, LARGE, 16, 0);
  Work two[2], one;
  const H4BenchRow rows[] = {
    {"xor-sha256, 256 KiB", "MB/s", "EVP_Digest a hash", H4_BENCH_THREAD,
        run_ours, run_evp_digest, &large, NULL, 0},
    {"xor-sha256, 256 KiB", "MB/s", "SHA256_Transform", H4_BENCH_THREAD,
        run_ours, run_transform, &large, NULL, 0},
    {"xor-sha256, 200 B", "MB/s", "EVP_KDF a block", H4_BENCH_THREAD,
        run_ours, run_small_kdf, &small, NULL, 5.0},
    {"xor-sha256, 200 B", "MB/s", "EVP_KDF, our lanes", H4_BENCH_THREAD,
        run_ours, run_small_kdf_lanes, &small, NULL, 0},
    {"aes-256-gcm, 256 KiB", "MB/s", "EVP in a loop", H4_BENCH_THREAD,
        run_ours, run_evp_gcm, &gcm, NULL, 0.9},
    {"xor-sha256, 256 KiB, two threads", "MB/s", "one thread",
        H4_BENCH_WALL, run_two_threads, run_ours, two, &one, 1.9},
  };
  guint i;

  one = new_work (H4_MASK_SCHEME_XOR_SHA256, LARGE, 200, 0);
  two[0] = new_work (H4_MASK_SCHEME_XOR_SHA256, LARGE, 200, 0);
  two[1] = new_work (H4_MASK_SCHEME_XOR_SHA256, LARGE, 200, 1);
  for (i = 0; i < G_N_ELEMENTS (rows); i++)
    h4_bench_run (&rows[i]);
  h4_mask_free (large.mask);
  h4_mask_free (small.mask);
  h4_mask_free (gcm.mask);
  h4_mask_free (one.mask);
  h4_mask_free (two[0].mask);
  h4_mask_free (two[1].mask);
}

static gdouble
run_pipeline (gpointer user_data)
{
  GstElement *pipeline = gst_parse_launch (user_data, NULL);
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  gboolean ok;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  ok = GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
  if (!ok)
    g_error ("the pipeline failed: %s", (const gchar *) user_data);
  return N_PIPELINE * (LARGE / 1e6);
}

#define FROM "fakesrc num-buffers=2000 sizetype=fixed sizemax=262144 " \
    "filltype=nothing ! application/x-test ! "

/* aesenc has cipher block chaining alone, and does not authenticate. */
static void
bench_pipelines (void)
{
  const H4BenchRow rows[] = {
    {"pipeline: h4mask aes-256-gcm, 256 KiB", "MB/s", "aesenc aes-256-cbc",
          H4_BENCH_PROCESS, run_pipeline, run_pipeline,
          (gpointer) FROM "h4mask scheme=aes-256-gcm key-env=H4_BENCH_KEY ! "
          "fakesink",
        (gpointer) FROM "aesenc cipher=aes-256-cbc key=" KEY_HEX
          " iv=00112233445566778899aabbccddeeff ! fakesink", 1.0},
    {"pipeline: h4mask aes-256-gcm, 256 KiB", "MB/s", "aesenc aes-128-cbc",
          H4_BENCH_PROCESS, run_pipeline, run_pipeline,
          (gpointer) FROM "h4mask scheme=aes-256-gcm key-env=H4_BENCH_KEY ! "
          "fakesink",
        (gpointer) FROM "aesenc key=00112233445566778899aabbccddeeff "
          "iv=00112233445566778899aabbccddeeff ! fakesink", 1.0},
    {"pipeline: h4mask xor-sha256, 256 KiB", "MB/s", "identity",
          H4_BENCH_PROCESS, run_pipeline, run_pipeline,
          (gpointer) FROM "h4mask salt=00 key-env=H4_BENCH_KEY ! fakesink",
        (gpointer) FROM "identity ! fakesink", 0},
  };
  GstElementFactory *aesenc = gst_element_factory_find ("aesenc");
  guint i;

  for (i = aesenc ? 0 : 2; i < G_N_ELEMENTS (rows); i++)
    h4_bench_run (&rows[i]);
  gst_clear_object (&aesenc);
}

gint
main (gint argc, gchar ** argv)
{
  gst_init (NULL, NULL);
  h4_bench_init (&argc, &argv, "mask");
  g_setenv ("H4_BENCH_KEY", KEY_HEX, TRUE);
  master = h4_mask_key_new_from_hex (KEY_HEX, -1, NULL);
  kdf = EVP_KDF_fetch (NULL, "HKDF", NULL);
  memset (block_key, 7, sizeof (block_key));

  bench_paths ();
  bench_bytes ();
  bench_pipelines ();

  EVP_KDF_free (kdf);
  h4_mask_key_free (master);
  return h4_bench_finish ();
}
