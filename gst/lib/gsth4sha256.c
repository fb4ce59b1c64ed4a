/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <openssl/evp.h>

#include "gsth4sha256.h"

/* The second hash finds its bytes in the first-level cache. */
#define SLICE_SIZE (16 * 1024)

struct _GstH4Sha256
{
  EVP_MD *md;
  EVP_MD_CTX *running;
  EVP_MD_CTX *copy;
  gboolean ok;
};

GstH4Sha256 *
gst_h4_sha256_new (void)
{
  GstH4Sha256 *sha = g_new0 (GstH4Sha256, 1);

  sha->md = EVP_MD_fetch (NULL, "SHA256", NULL);
  sha->running = EVP_MD_CTX_new ();
  sha->copy = EVP_MD_CTX_new ();
  gst_h4_sha256_reset (sha);
  return sha;
}

void
gst_h4_sha256_free (GstH4Sha256 * sha)
{
  EVP_MD_CTX_free (sha->running);
  EVP_MD_CTX_free (sha->copy);
  EVP_MD_free (sha->md);
  g_free (sha);
}

void
gst_h4_sha256_reset (GstH4Sha256 * sha)
{
  sha->ok = sha->md && sha->running && sha->copy
      && EVP_DigestInit_ex2 (sha->running, sha->md, NULL) == 1;
}

void
gst_h4_sha256_update (GstH4Sha256 * sha, const guint8 * data, gsize size)
{
  if (sha->ok && size > 0)
    sha->ok = EVP_DigestUpdate (sha->running, data, size) == 1;
}

gboolean
gst_h4_sha256_peek (GstH4Sha256 * sha, guint8 digest[GST_H4_SHA256_SIZE])
{
  sha->ok = sha->ok && EVP_MD_CTX_copy_ex (sha->copy, sha->running) == 1
      && EVP_DigestFinal_ex (sha->copy, digest, NULL) == 1;
  return sha->ok;
}

void
gst_h4_sha256_update_all (GstH4Sha256 * a, GstH4Sha256 * b,
    const GstH4Bytes * bytes, guint n)
{
  guint i;

  for (i = 0; i < n; i++) {
    gsize done = 0, size;

    while (done < bytes[i].size) {
      size = b ? MIN (bytes[i].size - done, SLICE_SIZE) : bytes[i].size;
      gst_h4_sha256_update (a, bytes[i].data + done, size);
      if (b)
        gst_h4_sha256_update (b, bytes[i].data + done, size);
      done += size;
    }
  }
}

struct _GstH4Hasher
{
  GThread *thread;
  gboolean pays;
  GMutex lock;
  GCond cond;
  /* protected by lock */
  gboolean quit;
  gboolean busy;
  /* the caller's while not busy, else the thread's */
  GstH4Sha256 *sha;
  GArray *bytes;
};

static void
gst_h4_hasher_work (GstH4Hasher * hasher)
{
  gst_h4_sha256_update_all (hasher->sha, NULL,
      (const GstH4Bytes *) hasher->bytes->data, hasher->bytes->len);
}

static gpointer
gst_h4_hasher_thread (gpointer user_data)
{
  GstH4Hasher *hasher = user_data;

  g_mutex_lock (&hasher->lock);
  while (TRUE) {
    while (!hasher->busy && !hasher->quit)
      g_cond_wait (&hasher->cond, &hasher->lock);
    if (hasher->quit)
      break;
    g_mutex_unlock (&hasher->lock);
    gst_h4_hasher_work (hasher);
    g_mutex_lock (&hasher->lock);
    hasher->busy = FALSE;
    g_cond_broadcast (&hasher->cond);
  }
  g_mutex_unlock (&hasher->lock);
  return NULL;
}

GstH4Hasher *
gst_h4_hasher_new (void)
{
  GstH4Hasher *hasher = g_new0 (GstH4Hasher, 1);

  g_mutex_init (&hasher->lock);
  g_cond_init (&hasher->cond);
  hasher->pays = g_get_num_processors () > 1;
  hasher->bytes = g_array_new (FALSE, FALSE, sizeof (GstH4Bytes));
  return hasher;
}

void
gst_h4_hasher_free (GstH4Hasher * hasher)
{
  if (hasher->thread) {
    gst_h4_hasher_wait (hasher);
    g_mutex_lock (&hasher->lock);
    hasher->quit = TRUE;
    g_cond_broadcast (&hasher->cond);
    g_mutex_unlock (&hasher->lock);
    g_thread_join (hasher->thread);
  }
  g_array_unref (hasher->bytes);
  g_mutex_clear (&hasher->lock);
  g_cond_clear (&hasher->cond);
  g_free (hasher);
}

void
gst_h4_hasher_start (GstH4Hasher * hasher, GstH4Sha256 * sha,
    const GstH4Bytes * bytes, guint n)
{
  hasher->sha = sha;
  g_array_set_size (hasher->bytes, 0);
  g_array_append_vals (hasher->bytes, bytes, n);
  if (!hasher->thread)
    hasher->thread = g_thread_try_new ("h4mk-hasher", gst_h4_hasher_thread,
        hasher, NULL);
  if (!hasher->thread) {
    /* no thread to be had: slower, not different */
    gst_h4_hasher_work (hasher);
    return;
  }
  g_mutex_lock (&hasher->lock);
  hasher->busy = TRUE;
  g_cond_broadcast (&hasher->cond);
  g_mutex_unlock (&hasher->lock);
}

void
gst_h4_hasher_wait (GstH4Hasher * hasher)
{
  g_mutex_lock (&hasher->lock);
  while (hasher->busy)
    g_cond_wait (&hasher->cond, &hasher->lock);
  g_mutex_unlock (&hasher->lock);
}

gboolean
gst_h4_hasher_is_busy (GstH4Hasher * hasher)
{
  gboolean busy;

  g_mutex_lock (&hasher->lock);
  busy = hasher->busy;
  g_mutex_unlock (&hasher->lock);
  return busy;
}

gboolean
gst_h4_hasher_pays (GstH4Hasher * hasher)
{
  return hasher->pays;
}
