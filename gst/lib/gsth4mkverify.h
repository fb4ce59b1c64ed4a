/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_VERIFY_H__
#define __GST_H4MK_VERIFY_H__

#include "gsth4mkindex.h"
#include "gsth4mkwriter.h"

G_BEGIN_DECLS

/**
 * GstH4mkVerdict:
 * @GST_H4MK_VERDICT_COMPLETE: every hash holds, and SIGN by a trusted key
 *   where one is announced or asked for
 * @GST_H4MK_VERDICT_PROVEN: chain and signatures hold up to a block; the end
 *   is unknown
 * @GST_H4MK_VERDICT_UNPROVEN: sound, but nothing proves it
 * @GST_H4MK_VERDICT_DAMAGED: damaged or forged
 *
 * Since: 1.0
 */
typedef enum
{
  GST_H4MK_VERDICT_COMPLETE,
  GST_H4MK_VERDICT_PROVEN,
  GST_H4MK_VERDICT_UNPROVEN,
  GST_H4MK_VERDICT_DAMAGED
} GstH4mkVerdict;

/**
 * GstH4mkSigner:
 * @GST_H4MK_SIGNER_NONE: nobody
 * @GST_H4MK_SIGNER_UNKNOWN: somebody whose key is not trusted, or not known
 * @GST_H4MK_SIGNER_TRUSTED: the holder of a trusted key
 *
 * Who signed, as far as a check can tell.
 *
 * Since: 1.0
 */
typedef enum
{
  GST_H4MK_SIGNER_NONE,
  GST_H4MK_SIGNER_UNKNOWN,
  GST_H4MK_SIGNER_TRUSTED
} GstH4mkSigner;

/**
 * GstH4mkReport:
 * @verdict: the verdict
 * @signer: who signed; %GST_H4MK_SIGNER_NONE also where nothing that was
 *   read is signed
 * @key: the key that is announced or that signed, in hex, or ""
 * @profile: of the file
 * @file_size: bytes
 * @read_bytes: up to where the file could be read
 * @blocks: whole blocks that were read
 * @first_block: index of the first one; not 0: joined midway
 * @proven_from: index of the first block of what is proven
 * @proven_blocks: index of the first block after what is proven; as
 *   @proven_from where nothing is
 * @proven_bytes: where what is proven ends; 0 where nothing is
 * @proven_time: the same as time in ns, from the first block's time on; -1
 *   where not known
 * @spans: spans that were read
 * @duration: ns, of what was read; -1 where not known
 * @cut: the end, FOOT and VERI in place, is missing
 * @cut_at: (nullable): the chunk that it is cut off in, or before
 * @has_veri: VERI was read and is this file's own
 * @has_sign: SIGN was read and is this file's own
 * @has_links: spans are closed by LINK
 * @more_problems: problems that were found after @problems was full
 * @problems: (element-type GError): what is wrong, and where
 *
 * What a check found.
 *
 * Since: 1.0
 */
typedef struct
{
  GstH4mkVerdict verdict;
  GstH4mkSigner signer;
  gchar key[2 * GST_H4MK_KEY_SIZE + 1];
  GstH4mkProfile profile;
  guint64 file_size;
  guint64 read_bytes;
  guint64 blocks;
  guint64 first_block;
  guint64 proven_from;
  guint64 proven_blocks;
  guint64 proven_bytes;
  gint64 proven_time;
  guint64 spans;
  gint64 duration;
  gboolean cut;
  GError *cut_at;
  gboolean has_veri;
  gboolean has_sign;
  gboolean has_links;
  guint64 more_problems;
  GPtrArray *problems;
} GstH4mkReport;

void gst_h4mk_report_free (GstH4mkReport * report);
const gchar *gst_h4mk_verdict_to_string (GstH4mkVerdict verdict);

/**
 * GstH4mkProgressFunc:
 * @done: bytes
 * @total: bytes, the same from call to call
 *
 * Returns: %FALSE to stop with %G_IO_ERROR_CANCELLED
 *
 * Since: 1.0
 */
typedef gboolean (*GstH4mkProgressFunc) (guint64 done, guint64 total,
    gpointer user_data);

/**
 * GstH4mkProof:
 *
 * The chain, the hashes and the signatures of a file, item by item in file
 * order, as a parser gives them. A demuxer asks it while it plays.
 *
 * Since: 1.0
 */
typedef struct _GstH4mkProof GstH4mkProof;

GstH4mkProof *gst_h4mk_proof_new (const gchar * const *trusted,
    GError ** error);
void gst_h4mk_proof_free (GstH4mkProof * proof);
/* Whether VERI and SIGN's hash of the whole file are checked too [FALSE]: a
 * second SHA-256 over every byte. Before the first item. */
void gst_h4mk_proof_set_check_veri (GstH4mkProof * proof, gboolean check);
/* Whether what no trusted key signed does not hold either [FALSE]: a player
 * has no verdict to give. Before the first item. */
void gst_h4mk_proof_set_signed_only (GstH4mkProof * proof,
    gboolean signed_only);
gboolean gst_h4mk_proof_item (GstH4mkProof * proof, const GstH4mkItem * item,
    GError ** error);
gboolean gst_h4mk_proof_end (GstH4mkProof * proof, GError ** error);
/* Blocks came that the next LINK is to prove. */
gboolean gst_h4mk_proof_awaits_link (GstH4mkProof * proof);
/* Bytes before a span that hold its LINK, whether it is signed or not. */
#define GST_H4MK_PROOF_BEFORE \
  (GST_H4MK_CHUNK_HEADER_SIZE + GST_H4MK_LINK_SIGNED_SIZE)
void gst_h4mk_proof_begin (GstH4mkProof * proof, GBytes * trak,
    const gchar * key);
gboolean gst_h4mk_proof_has_begun (GstH4mkProof * proof);
void gst_h4mk_proof_seek (GstH4mkProof * proof, const GstH4mkSpan * span,
    GBytes * trak, GBytes * before);
/* Index of the first block after what is proven so far. */
guint64 gst_h4mk_proof_get_proven_blocks (GstH4mkProof * proof);

GstH4mkReport *gst_h4mk_verify (GstH4mkReadFunc read, gpointer user_data,
    guint64 file_size, const gchar * const *trusted,
    GstH4mkProgressFunc progress, gpointer progress_data, GError ** error);

/**
 * GstH4mkRecovery:
 * @blocks: blocks that were written
 * @lost_blocks: blocks that are known to be missing in the middle
 * @lost_bytes: bytes of the input that could not be used
 * @kept_bytes: how many of the output's first bytes are the input's own; 0
 *   where all was written anew
 * @guessed_timing: base profile: META was missing, and defaults were taken
 * @signatures_dropped: the input was signed, the output is not
 * @problems: (element-type GError): what is wrong with the input, and where
 *
 * What a recovery kept and lost.
 *
 * Since: 1.0
 */
typedef struct
{
  guint64 blocks;
  guint64 lost_blocks;
  guint64 lost_bytes;
  guint64 kept_bytes;
  gboolean guessed_timing;
  gboolean signatures_dropped;
  GPtrArray *problems;
} GstH4mkRecovery;

void gst_h4mk_recovery_free (GstH4mkRecovery * recovery);

GstH4mkRecovery *gst_h4mk_recover (GstH4mkReadFunc read, gpointer user_data,
    guint64 file_size, gboolean only_proven, const GstH4mkWriterFuncs * out,
    gpointer out_data, GstH4mkProgressFunc progress, gpointer progress_data,
    GError ** error);

G_END_DECLS

#endif
