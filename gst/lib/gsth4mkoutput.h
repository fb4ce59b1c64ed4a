/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_OUTPUT_H__
#define __GST_H4MK_OUTPUT_H__

/* Private to the library: the end of a file that grows. Knows the offset and
 * VERI's running hash, gathers what is written at once into pieces, and never
 * writes again after a write that failed. */

#include "gsth4mkwriter.h"
#include "gsth4sha256.h"

G_BEGIN_DECLS

typedef struct
{
  GstH4mkWriterFuncs funcs;
  gpointer user_data;
  guint64 offset;
  GstH4Sha256 *veri;
  GError *failed;

  /* what is being put together */
  guint8 *memory;
  gsize used;
  GBytes *bytes;
  GArray *pieces;
  guint64 size;
  guint64 hashed;
  GArray *to_hash;

  /* VERI's hash of what was written last may still be running, on a thread of
   * its own: what it reads is held, what follows it waits */
  GstH4Hasher *hasher;
  gboolean hashing;
  GPtrArray *held_owners;
  GBytes *held_bytes;
  GByteArray *veri_later;

  /* of what closes the file, what VERI's hash has taken */
  guint tail_hashed;
} GstH4mkOutput;

void gst_h4mk_output_init (GstH4mkOutput * output,
    const GstH4mkWriterFuncs * funcs, gpointer user_data);
void gst_h4mk_output_clear (GstH4mkOutput * output);

/* TRUE while nothing has failed; else the error that came then. */
gboolean gst_h4mk_output_check (GstH4mkOutput * output, GError ** error);

/* Begins what will be written at once. copies: bytes to come through
 * gst_h4mk_output_copy(), at most. */
void gst_h4mk_output_begin (GstH4mkOutput * output, gsize copies);
void gst_h4mk_output_copy (GstH4mkOutput * output, const guint8 * data,
    gsize size);
/* A block's bytes as they are, which stay until
 * gst_h4mk_output_release_owner(). */
void gst_h4mk_output_pass (GstH4mkOutput * output, const guint8 * data,
    gsize size, gpointer owner);
/* What was gathered and not yet hashed goes into VERI and into other. */
void gst_h4mk_output_hash (GstH4mkOutput * output, GstH4Sha256 * other);
gboolean gst_h4mk_output_write (GstH4mkOutput * output,
    GstH4mkWriteFlags flags, GError ** error);
/* One array, written at once. */
gboolean gst_h4mk_output_write_array (GstH4mkOutput * output,
    const GByteArray * array, GstH4mkWriteFlags flags, GError ** error);

/* Bytes that stand in the file already. */
void gst_h4mk_output_skip (GstH4mkOutput * output, const guint8 * data,
    gsize size);

/* Frees the owner of bytes that were passed, once nothing reads them. */
void gst_h4mk_output_release_owner (GstH4mkOutput * output, gpointer owner);
/* Frees what was held if nothing reads it any more; never waits. */
void gst_h4mk_output_reap (GstH4mkOutput * output);
/* Frees the owner of bytes that were never passed. */
void gst_h4mk_output_free_owner (GstH4mkOutput * output, gpointer owner);

/* What closes the file so far, which is not written yet: VERI's hash up to its
 * end. FALSE where there is no SHA-256. */
gboolean gst_h4mk_output_hash_tail (GstH4mkOutput * output,
    const GByteArray * tail, guint8 digest[GST_H4_SHA256_SIZE]);
/* What closes the file: tail, then VERI. */
gboolean gst_h4mk_output_finish (GstH4mkOutput * output, GByteArray * tail,
    GError ** error);

/* Takes failure: nothing is written from now on. Returns FALSE. */
gboolean gst_h4mk_output_fail (GstH4mkOutput * output, GError * failure,
    GError ** error);
gboolean gst_h4mk_output_fail_digest (GstH4mkOutput * output, GError ** error);

G_END_DECLS

#endif
