/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include <gio/gio.h>

#include "gsth4mkproof.h"
#include "gsth4bytes.h"
#include "gsth4mkchunk.h"
#include "gsth4mkchunks.h"
#include "gsth4mkcrypto.h"
#include "gsth4mkseen.h"
#include "gsth4sha256.h"

/* Its length is without the final zero. */
#define LEAF_DOMAIN "H4MK|leaf|v1"
#define DOMAIN_SIZE 12

/* A leaf begins with the TRAK in force, which may stand behind other chunks
 * of its span: those wait for it, as many as a chunk may be long. */
#define MAX_PENDING GST_H4MK_MAX_CHUNK_SIZE

/* Waking a thread costs about as much as hashing this much. */
#define MIN_PARALLEL_SIZE (32 * 1024)

struct _GstH4mkProof
{
  /* keys to trust, GST_H4MK_KEY_SIZE bytes each */
  GByteArray *trusted;
  gboolean signed_only;
  gboolean told_unsigned;
  gboolean announced;
  guint8 key[GST_H4MK_KEY_SIZE];
  gboolean has_key;

  GstH4mkSeen seen;
  gboolean started;
  GBytes *first_trak;
  /* where the next item must stand for nothing to be missing */
  guint64 next_offset;
  gboolean broken;

  GstH4Hasher *hasher;
  GstH4Sha256 *leaf;
  GstH4Sha256 *body;
  GstH4Sha256 *tail;
  gboolean leaf_begun;
  gboolean body_known;
  GByteArray *pending;
  gboolean pending_lost;
  guint8 trak_hash[GST_H4MK_HASH_SIZE];
  guint8 chain[GST_H4MK_HASH_SIZE];
  gboolean chain_known;
  guint64 seq;
  /* what the index says of the span that a seek led to */
  guint8 index_leaf[GST_H4MK_HASH_SIZE];
  gboolean has_index_leaf;

  guint64 signed_links;
  guint64 unsigned_links;
  gboolean links_trusted;
  guint8 last_message[GST_H4MK_LINK_MESSAGE_SIZE];
  guint8 last_signature[GST_H4MK_SIGNATURE_SIZE];

  gboolean foot_ignored;
  gboolean has_foot;
  gboolean has_sign;
  gboolean sign_trusted;
  gboolean has_veri;
  guint32 unknown_tag;
  guint64 unknown_offset;

  gboolean has_proven;
  guint64 proven_from;
  guint64 proven_blocks;
  guint64 proven_bytes;
  gint64 proven_end;
};

static gboolean
add_trusted (GstH4mkProof * proof, const gchar * text, GError ** error)
{
  guint8 key[GST_H4MK_KEY_SIZE];

  if (!gst_h4_unhex (text, key, sizeof (key))) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        "a trusted key is not %d hexadecimal digits", 2 * GST_H4MK_KEY_SIZE);
    return FALSE;
  }
  g_byte_array_append (proof->trusted, key, sizeof (key));
  return TRUE;
}

/**
 * gst_h4mk_proof_new: (skip)
 * @trusted: (nullable) (array zero-terminated=1): Ed25519 public keys to
 *   trust, in hex
 * @error: what is wrong with a key
 *
 * Returns: (transfer full) (nullable): what proves a file front to back, or
 *   %NULL with %G_IO_ERROR_INVALID_ARGUMENT
 *
 * Since: 1.0
 */
GstH4mkProof *
gst_h4mk_proof_new (const gchar * const *trusted, GError ** error)
{
  GstH4mkProof *proof = g_new0 (GstH4mkProof, 1);

  proof->trusted = g_byte_array_new ();
  proof->pending = g_byte_array_new ();
  proof->hasher = gst_h4_hasher_new ();
  proof->leaf = gst_h4_sha256_new ();
  proof->tail = gst_h4_sha256_new ();
  proof->links_trusted = TRUE;
  gst_h4mk_seen_init (&proof->seen);

  for (; trusted && *trusted; trusted++) {
    if (!add_trusted (proof, *trusted, error)) {
      gst_h4mk_proof_free (proof);
      return NULL;
    }
  }
  return proof;
}

void
gst_h4mk_proof_free (GstH4mkProof * proof)
{
  g_byte_array_unref (proof->trusted);
  g_byte_array_unref (proof->pending);
  gst_h4_hasher_free (proof->hasher);
  gst_h4_sha256_free (proof->leaf);
  gst_h4_sha256_free (proof->tail);
  g_clear_pointer (&proof->first_trak, g_bytes_unref);
  g_clear_pointer (&proof->body, gst_h4_sha256_free);
  gst_h4mk_seen_clear (&proof->seen);
  g_free (proof);
}

void
gst_h4mk_proof_set_check_veri (GstH4mkProof * proof, gboolean check)
{
  g_clear_pointer (&proof->body, gst_h4_sha256_free);
  if (check)
    proof->body = gst_h4_sha256_new ();
  proof->body_known = check;
}

void
gst_h4mk_proof_set_signed_only (GstH4mkProof * proof, gboolean signed_only)
{
  proof->signed_only = signed_only;
}

guint64
gst_h4mk_proof_get_proven_blocks (GstH4mkProof * proof)
{
  return proof->proven_blocks;
}

static gboolean
fail (const GstH4mkItem * item, GError ** error, const gchar * what)
{
  return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, item->chunk.tag,
      item->chunk.offset, "%s", what);
}

static gboolean
fail_unsigned (const GstH4mkItem * item, GError ** error, const gchar * what)
{
  return gst_h4mk_error_set (error, GST_H4MK_ERROR_UNSIGNED, item->chunk.tag,
      item->chunk.offset, "%s", what);
}

static gboolean
is_trusted (const GstH4mkProof * proof, const guint8 * key)
{
  guint i;

  for (i = 0; i < proof->trusted->len; i += GST_H4MK_KEY_SIZE)
    if (memcmp (proof->trusted->data + i, key, GST_H4MK_KEY_SIZE) == 0)
      return TRUE;
  return FALSE;
}

/* TRUE where the message is signed by the key that the file announces or,
 * where it announces none, may be. */
static gboolean
check_signature (GstH4mkProof * proof, const guint8 * message, gsize size,
    const guint8 * signature, gboolean * trusted)
{
  guint i;

  *trusted = FALSE;
  if (proof->announced) {
    *trusted = is_trusted (proof, proof->key);
    return gst_h4mk_ed25519_verify (proof->key, message, size, signature);
  }
  for (i = 0; i < proof->trusted->len && !*trusted; i += GST_H4MK_KEY_SIZE)
    *trusted = gst_h4mk_ed25519_verify (proof->trusted->data + i, message,
        size, signature);
  return TRUE;
}

static void
lose (GstH4mkProof * proof)
{
  gst_h4mk_seen_lose (&proof->seen);
  proof->leaf_begun = FALSE;
  proof->body_known = FALSE;
  proof->chain_known = FALSE;
  proof->has_index_leaf = FALSE;
  proof->broken = TRUE;
  g_byte_array_set_size (proof->pending, 0);
}

/* No hash is like one of zeros: where libcrypto fails nothing holds. */
static void
take_hash (GstH4Sha256 * sha, guint8 hash[GST_H4MK_HASH_SIZE])
{
  if (!gst_h4_sha256_peek (sha, hash))
    memset (hash, 0, GST_H4MK_HASH_SIZE);
}

/* What SIGN covers of the file's tables, and chain(0). */
static void
begin_tail (GstH4mkProof * proof, guint8 chain[GST_H4MK_HASH_SIZE])
{
  static const guint8 header[] = { 'H', '4', 'M', 'K', 0, 1, 0, 0 };
  gsize size;
  const guint8 *data = g_bytes_get_data (proof->first_trak, &size);

  gst_h4_sha256_reset (proof->tail);
  gst_h4_sha256_update (proof->tail, header, sizeof (header));
  gst_h4_sha256_update (proof->tail, data, size);
  take_hash (proof->tail, chain);
}

/**
 * gst_h4mk_proof_begin:
 * @proof: a proof
 * @trak: the file's first TRAK chunk, its header included
 * @key: (nullable): the signer's public key that it announces, in hex
 *
 * For who seeks before the first item was given; later it does nothing.
 *
 * Since: 1.0
 */
void
gst_h4mk_proof_begin (GstH4mkProof * proof, GBytes * trak, const gchar * key)
{
  if (proof->started)
    return;
  proof->started = TRUE;
  proof->first_trak = g_bytes_ref (trak);
  proof->announced = key && gst_h4_unhex (key, proof->key, GST_H4MK_KEY_SIZE);
  proof->has_key = proof->announced;
}

gboolean
gst_h4mk_proof_has_begun (GstH4mkProof * proof)
{
  return proof->started;
}

/* The chain up to where the bytes end, as the LINK there has it. Forged, it
 * and the span that follows do not give the next LINK's. */
static void
take_chain_before (GstH4mkProof * proof, GBytes * bytes)
{
  static const guint sizes[] = { GST_H4MK_LINK_SIGNED_SIZE,
    GST_H4MK_LINK_SIZE
  };
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  GstH4mkChunk chunk = { 0, };
  GstH4mkLink link;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (sizes); i++) {
    guint8 header[GST_H4MK_CHUNK_HEADER_SIZE];

    if (size < sizeof (header) + sizes[i])
      continue;
    chunk.size = sizes[i];
    chunk.payload = data + size - chunk.size;
    gst_h4mk_put_chunk_header (header, GST_H4MK_TAG_LINK, sizes[i],
        gst_h4mk_crc32 (chunk.payload, chunk.size));
    if (memcmp (chunk.payload - sizeof (header), header, sizeof (header)) != 0)
      continue;
    gst_h4mk_link_read (&link, &chunk);
    memcpy (proof->chain, link.chain, GST_H4MK_HASH_SIZE);
    proof->seq = link.seq;
    proof->chain_known = TRUE;
    return;
  }
}

/**
 * gst_h4mk_proof_seek:
 * @proof: a proof
 * @span: the span that the next item begins
 * @trak: the TRAK chunk in force there, its header included
 * @before: (nullable): the %GST_H4MK_PROOF_BEFORE bytes before @span
 *
 * Starts anew, after the first item or gst_h4mk_proof_begin(): @span is proven
 * by the chain up to the LINK before it; where there is none, that is taken as
 * given. The leaf of @span is compared with what @span has of it.
 *
 * Since: 1.0
 */
void
gst_h4mk_proof_seek (GstH4mkProof * proof, const GstH4mkSpan * span,
    GBytes * trak, GBytes * before)
{
  static const guint8 zeros[GST_H4MK_HASH_SIZE];
  guint8 first_chain[GST_H4MK_HASH_SIZE];
  gsize size;
  const guint8 *data = g_bytes_get_data (trak, &size);

  g_return_if_fail (proof->first_trak != NULL);

  lose (proof);
  proof->broken = FALSE;
  proof->pending_lost = FALSE;
  gst_h4mk_sha256 (data, size, proof->trak_hash);
  gst_h4mk_seen_restart (&proof->seen, span->offset, span->trak);
  proof->next_offset = span->offset;
  memcpy (proof->index_leaf, span->leaf, GST_H4MK_HASH_SIZE);
  proof->has_index_leaf = memcmp (span->leaf, zeros, GST_H4MK_HASH_SIZE) != 0;
  proof->has_proven = FALSE;
  /* a seek may well go back */
  proof->seq = 0;
  begin_tail (proof, first_chain);
  if (before) {
    take_chain_before (proof, before);
  } else if (span->number == 0 && span->first_block == 0) {
    memcpy (proof->chain, first_chain, GST_H4MK_HASH_SIZE);
    proof->chain_known = TRUE;
  }
}

static void
hash_item (GstH4mkProof * proof, const GstH4mkItem * item)
{
  GstH4Bytes bytes = { item->chunk.raw, item->chunk.raw_size };
  gboolean parallel = proof->leaf_begun && proof->body_known
      && bytes.size >= MIN_PARALLEL_SIZE;

  if (parallel)
    gst_h4_hasher_start (proof->hasher, proof->body, &bytes, 1);
  else if (proof->body_known)
    gst_h4_sha256_update (proof->body, bytes.data, bytes.size);
  if (proof->leaf_begun)
    gst_h4_sha256_update (proof->leaf, bytes.data, bytes.size);
  if (parallel)
    gst_h4_hasher_wait (proof->hasher);
}

/* Bytes of a span whose TRAK is not known yet. */
static void
hold_item (GstH4mkProof * proof, const GstH4mkItem * item)
{
  hash_item (proof, item);
  if (proof->seen.links == GST_H4MK_LINKS_NONE || proof->pending_lost)
    return;
  if (proof->pending->len + item->chunk.raw_size > MAX_PENDING) {
    proof->pending_lost = TRUE;
    g_byte_array_set_size (proof->pending, 0);
    return;
  }
  g_byte_array_append (proof->pending, item->chunk.raw, item->chunk.raw_size);
}

static void
handle_first_trak (GstH4mkProof * proof, const GstH4mkItem * item)
{
  GBytes *trak = g_bytes_new (item->chunk.raw, item->chunk.raw_size);

  gst_h4mk_proof_begin (proof, trak, item->tracks->key);
  g_bytes_unref (trak);
  begin_tail (proof, proof->chain);
  proof->chain_known = TRUE;
  hash_item (proof, item);
}

static gboolean
handle_trak (GstH4mkProof * proof, const GstH4mkItem * item, GError ** error)
{
  gboolean first = !proof->started;
  gboolean ok = TRUE;

  gst_h4mk_sha256 (item->chunk.raw, item->chunk.raw_size, proof->trak_hash);
  if (first) {
    handle_first_trak (proof, item);
  } else {
    ok = gst_h4mk_seen_between (&proof->seen, item, error);
    hold_item (proof, item);
  }
  gst_h4mk_seen_trak (&proof->seen, item, first);
  return ok;
}

static gboolean
handle_between (GstH4mkProof * proof, const GstH4mkItem * item, GError ** error)
{
  gboolean ok = gst_h4mk_seen_between (&proof->seen, item, error);

  if (item->chunk.tag == GST_H4MK_TAG_GIDX)
    ok = gst_h4mk_seen_gidx (&proof->seen, item, ok ? error : NULL) && ok;
  if (!ok)
    proof->chain_known = FALSE;
  hold_item (proof, item);
  return ok;
}

static gboolean
begin_leaf (GstH4mkProof * proof, const GstH4mkItem * item, GError ** error)
{
  gboolean lost = proof->pending_lost;

  proof->pending_lost = FALSE;
  if (proof->seen.links == GST_H4MK_LINKS_NONE || !proof->seen.span_whole)
    return TRUE;
  if (lost) {
    proof->chain_known = FALSE;
    proof->broken = TRUE;
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_LIMIT, item->chunk.tag,
        item->chunk.offset, "more than %" G_GUINT64_FORMAT
        " bytes stand before the span's first group", MAX_PENDING);
  }
  gst_h4_sha256_reset (proof->leaf);
  gst_h4_sha256_update (proof->leaf, (const guint8 *) LEAF_DOMAIN, DOMAIN_SIZE);
  gst_h4_sha256_update (proof->leaf, proof->trak_hash, GST_H4MK_HASH_SIZE);
  gst_h4_sha256_update (proof->leaf, proof->pending->data, proof->pending->len);
  g_byte_array_set_size (proof->pending, 0);
  proof->leaf_begun = TRUE;
  return TRUE;
}

static gboolean
handle_token (GstH4mkProof * proof, const GstH4mkItem * item, GError ** error)
{
  gboolean begins = !proof->seen.span_open;
  gboolean ok = gst_h4mk_seen_token (&proof->seen, item, error);

  if (begins)
    ok = begin_leaf (proof, item, ok ? error : NULL) && ok;
  hash_item (proof, item);
  return ok;
}

/* seq, self, start and page against where the span stands. */
static gboolean
check_link_place (GstH4mkProof * proof, const GstH4mkItem * item,
    const GstH4mkLink * link, GError ** error)
{
  GstH4mkSeen *seen = &proof->seen;
  guint64 moved = link->self - item->chunk.offset;
  guint64 start;

  if (!seen->has_displacement) {
    seen->has_displacement = TRUE;
    /* before anything was linked, a damaged beginning looks the same */
    if (seen->joined || !seen->span_whole)
      seen->displacement = moved;
  }
  if (moved != seen->displacement) {
    seen->displacement = moved;
    return fail (item, error, "it does not stand where it says");
  }
  if (proof->chain_known && !seen->joined && link->seq != proof->seq + 1)
    return fail (item, error, "its number does not follow the one before");
  if (link->seq <= proof->seq)
    return fail (item, error, "its number is not above the one before");
  start = link->start - seen->displacement;
  if (seen->joined && proof->seq == 0 && link->start < seen->span_start
      + seen->displacement && (gint64) (start - seen->span_start) < 0)
    seen->span_whole = FALSE;
  else if (seen->span_whole && start != seen->span_start)
    return fail (item, error, "its span does not begin where it says");
  if (seen->page_known && link->page != (seen->page ? seen->page
          + seen->displacement : 0))
    return fail (item, error, "the latest GIDX page is not where it says");
  return TRUE;
}

static gboolean
check_link_signature (GstH4mkProof * proof, const GstH4mkItem * item,
    const GstH4mkLink * link, GError ** error)
{
  gboolean trusted = FALSE, holds;

  if (!link->signature) {
    proof->unsigned_links++;
    proof->links_trusted = FALSE;
    if (proof->announced)
      return fail (item, error, "not signed, though a key is announced");
    if (proof->signed_only)
      return fail_unsigned (item, error, "not signed");
    if (proof->trusted->len > 0 && proof->signed_links > 0)
      return fail (item, error, "not signed, though others are");
    return TRUE;
  }

  gst_h4mk_link_message (link->seq, link->chain, proof->last_message);
  memcpy (proof->last_signature, link->signature, GST_H4MK_SIGNATURE_SIZE);
  holds = check_signature (proof, proof->last_message,
      GST_H4MK_LINK_MESSAGE_SIZE, link->signature, &trusted);
  proof->signed_links++;
  if (!trusted)
    proof->links_trusted = FALSE;
  if (!holds)
    return fail (item, error, "the signature does not hold");
  if (!trusted && proof->trusted->len > 0)
    return fail (item, error, "signed by a key that is not trusted");
  if (proof->trusted->len > 0 && proof->unsigned_links > 0)
    return fail (item, error, "signed, though others are not");
  return TRUE;
}

static gboolean
check_link_chain (GstH4mkProof * proof, const GstH4mkItem * item,
    const GstH4mkLink * link, const guint8 * leaf, GError ** error)
{
  guint8 both[2 * GST_H4MK_HASH_SIZE], chain[GST_H4MK_HASH_SIZE];
  gboolean has_index_leaf = proof->has_index_leaf;

  proof->has_index_leaf = FALSE;
  if (!leaf)
    return TRUE;
  if (has_index_leaf && memcmp (leaf, proof->index_leaf,
          GST_H4MK_HASH_SIZE) != 0)
    return fail (item, error, "the span's bytes are not those of its index");
  if (!proof->chain_known || (proof->seen.joined && proof->seq == 0))
    return TRUE;

  memcpy (both, proof->chain, GST_H4MK_HASH_SIZE);
  memcpy (both + GST_H4MK_HASH_SIZE, leaf, GST_H4MK_HASH_SIZE);
  gst_h4mk_sha256 (both, sizeof (both), chain);
  if (memcmp (chain, link->chain, GST_H4MK_HASH_SIZE) != 0)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, item->chunk.tag,
        item->chunk.offset, "the span from offset %" G_GUINT64_FORMAT
        " on does not give its hash", proof->seen.span_start);
  return TRUE;
}

/* What came up to a sound LINK is proven, but for the span before the first
 * LINK of a stream that was joined midway: nothing ties that to it. */
static void
note_proven (GstH4mkProof * proof, const GstH4mkItem * item, gboolean given)
{
  if (proof->broken)
    return;
  if (!proof->has_proven) {
    proof->has_proven = TRUE;
    proof->proven_from = given ? proof->seen.next_block :
        proof->seen.first_block;
  }
  proof->proven_blocks = proof->seen.next_block;
  proof->proven_bytes = item->chunk.offset + item->chunk.raw_size;
  proof->proven_end = proof->seen.max_end;
}

static gboolean
handle_link (GstH4mkProof * proof, const GstH4mkItem * item, GError ** error)
{
  guint8 leaf[GST_H4MK_HASH_SIZE];
  gboolean has_leaf, ok, given;
  GstH4mkLink link;

  if (proof->seen.links == GST_H4MK_LINKS_NONE) {
    ok = fail (item, error, "the spans before have none");
    goto done;
  }
  if (!proof->seen.span_open) {
    ok = fail (item, error, "it closes no span");
    goto done;
  }

  gst_h4mk_link_read (&link, &item->chunk);
  ok = check_link_place (proof, item, &link, error);
  has_leaf = proof->leaf_begun && proof->seen.span_whole;
  if (has_leaf)
    take_hash (proof->leaf, leaf);
  given = !has_leaf || !proof->chain_known
      || (proof->seen.joined && proof->seq == 0);
  ok = check_link_chain (proof, item, &link, has_leaf ? leaf : NULL,
      ok ? error : NULL) && ok;
  ok = check_link_signature (proof, item, &link, ok ? error : NULL) && ok;

  gst_h4mk_seen_link (&proof->seen, item, has_leaf ? leaf : NULL);
  proof->seq = link.seq;
  memcpy (proof->chain, link.chain, GST_H4MK_HASH_SIZE);
  proof->chain_known = TRUE;
  if (!ok)
    proof->broken = TRUE;
  note_proven (proof, item, given);

done:
  proof->leaf_begun = FALSE;
  hash_item (proof, item);
  return ok;
}

/* SEEK, META, SAFE and the GIDX root, in the order that the parser saw to. */
static gboolean
handle_table (GstH4mkProof * proof, const GstH4mkItem * item, GError ** error)
{
  gboolean ok = TRUE;

  if (item->chunk.tag == GST_H4MK_TAG_SEEK)
    ok = gst_h4mk_seen_between (&proof->seen, item, error);
  else
    gst_h4_sha256_update (proof->tail, item->chunk.raw, item->chunk.raw_size);
  if (item->chunk.tag == GST_H4MK_TAG_GIDX)
    ok = gst_h4mk_seen_gidx (&proof->seen, item, ok ? error : NULL) && ok;
  else
    ok = gst_h4mk_seen_table (&proof->seen, item, ok ? error : NULL) && ok;
  hash_item (proof, item);
  return ok;
}

static gboolean
handle_foot (GstH4mkProof * proof, const GstH4mkItem * item, GError ** error)
{
  gboolean ok;

  gst_h4_sha256_update (proof->tail, item->chunk.raw, item->chunk.raw_size);
  hash_item (proof, item);
  ok = gst_h4mk_seen_foot (&proof->seen, item, &proof->foot_ignored, error);
  proof->has_foot = !proof->foot_ignored;
  return ok;
}

static gboolean
check_sign (GstH4mkProof * proof, const GstH4mkItem * item, GError ** error)
{
  const guint8 *key = item->chunk.payload;
  const guint8 *body = key + GST_H4MK_KEY_SIZE;
  const guint8 *signature = body + GST_H4MK_HASH_SIZE;
  guint8 message[GST_H4MK_SIGN_MESSAGE_SIZE], hash[GST_H4MK_HASH_SIZE];

  if (proof->announced && memcmp (key, proof->key, GST_H4MK_KEY_SIZE) != 0)
    return fail (item, error, "the key is not the one that is announced");
  memcpy (proof->key, key, GST_H4MK_KEY_SIZE);
  proof->has_key = TRUE;
  if (proof->body_known) {
    take_hash (proof->body, hash);
    if (memcmp (hash, body, GST_H4MK_HASH_SIZE) != 0)
      return fail (item, error, "the file before it has another hash");
  }
  take_hash (proof->tail, hash);
  gst_h4mk_sign_message (body, hash, message);
  if (!gst_h4mk_ed25519_verify (key, message, sizeof (message), signature))
    return fail (item, error, "the signature does not hold");
  if (proof->signed_links > 0 && !gst_h4mk_ed25519_verify (key,
          proof->last_message, GST_H4MK_LINK_MESSAGE_SIZE,
          proof->last_signature))
    return fail (item, error, "the LINKs are signed by another key");
  proof->has_sign = TRUE;
  proof->sign_trusted = is_trusted (proof, key);
  if (!proof->sign_trusted && proof->trusted->len > 0)
    return fail (item, error, "signed by a key that is not trusted");
  if (proof->sign_trusted && proof->unsigned_links > 0)
    return fail (item, error, "signed, though the LINKs are not");
  return TRUE;
}

static gboolean
handle_sign (GstH4mkProof * proof, const GstH4mkItem * item, GError ** error)
{
  gboolean ok = proof->foot_ignored || check_sign (proof, item, error);

  /* VERI holds whatever the signature is */
  hash_item (proof, item);
  return ok;
}

/* A tag is in no checksum of its own: a chunk of a kind that nobody knows may
 * be one whose tag was damaged. */
static void
note_unknown (GstH4mkProof * proof, const GstH4mkItem * item)
{
  if (proof->unknown_tag || gst_h4mk_tag_is_known (item->chunk.tag))
    return;
  proof->unknown_tag = item->chunk.tag;
  proof->unknown_offset = item->chunk.offset;
}

static gboolean
handle_veri (GstH4mkProof * proof, const GstH4mkItem * item, GError ** error)
{
  guint8 hash[GST_H4MK_HASH_SIZE];

  if (proof->foot_ignored)
    return TRUE;
  proof->has_veri = TRUE;
  if (!proof->body_known)
    return TRUE;
  take_hash (proof->body, hash);
  if (memcmp (hash, item->chunk.payload, GST_H4MK_HASH_SIZE) != 0)
    return fail (item, error, "the file before it has another hash");
  return TRUE;
}

static gboolean
handle_base (GstH4mkProof * proof, const GstH4mkItem * item, GError ** error)
{
  proof->started = TRUE;
  note_unknown (proof, item);
  if (item->chunk.tag == GST_H4MK_TAG_VERI)
    return handle_veri (proof, item, error);
  if (item->chunk.tag == GST_H4MK_TAG_CORE) {
    gst_h4mk_seen_core (&proof->seen, item);
    proof->seen.next_block = item->block + 1;
  }
  hash_item (proof, item);
  return TRUE;
}

static gboolean
handle_track (GstH4mkProof * proof, const GstH4mkItem * item, GError ** error)
{
  switch (item->chunk.tag) {
    case GST_H4MK_TAG_TRAK:
      return handle_trak (proof, item, error);
    case GST_H4MK_TAG_TOKN:
      return handle_token (proof, item, error);
    case GST_H4MK_TAG_CORE:
      gst_h4mk_seen_core (&proof->seen, item);
      hash_item (proof, item);
      return TRUE;
    case GST_H4MK_TAG_LINK:
      return handle_link (proof, item, error);
    case GST_H4MK_TAG_GIDX:
      if (item->chunk.payload[0] == GST_H4MK_GIDX_PAGE)
        return handle_between (proof, item, error);
      return handle_table (proof, item, error);
    case GST_H4MK_TAG_SEEK:
    case GST_H4MK_TAG_META:
    case GST_H4MK_TAG_SAFE:
      return handle_table (proof, item, error);
    case GST_H4MK_TAG_FOOT:
      return handle_foot (proof, item, error);
    case GST_H4MK_TAG_SIGN:
      return handle_sign (proof, item, error);
    case GST_H4MK_TAG_VERI:
      return handle_veri (proof, item, error);
    default:
      note_unknown (proof, item);
      return handle_between (proof, item, error);
  }
}

/* Where there are no LINKs there is nothing to sign; it is said once. */
static gboolean
check_signed_only (GstH4mkProof * proof, const GstH4mkItem * item,
    GError ** error)
{
  gboolean linked = item->tracks && proof->seen.links != GST_H4MK_LINKS_NONE;

  if (!proof->signed_only || proof->told_unsigned || linked)
    return TRUE;
  proof->told_unsigned = TRUE;
  return fail_unsigned (item, error, "nothing before it is signed");
}

/**
 * gst_h4mk_proof_item:
 * @proof: a proof
 * @item: the next item of the file, as a parser gave it
 * @error: what does not hold, and where
 *
 * Takes the next item in file order. Where items are missing before it (what
 * a reader skipped as damaged) nothing is compared whose bytes were not all
 * seen.
 *
 * Returns: %FALSE where something does not hold; the next item may be given
 *   all the same
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_proof_item (GstH4mkProof * proof, const GstH4mkItem * item,
    GError ** error)
{
  gboolean ok;

  if (item->chunk.tag == 0) {
    proof->next_offset = item->chunk.offset + item->chunk.raw_size;
    return TRUE;
  }
  if (proof->next_offset == 0)
    proof->next_offset = GST_H4MK_HEADER_SIZE;
  if (item->chunk.offset != proof->next_offset)
    lose (proof);
  proof->next_offset = item->chunk.offset + item->chunk.raw_size;

  if (item->tracks)
    ok = handle_track (proof, item, error);
  else
    ok = handle_base (proof, item, error);
  ok = check_signed_only (proof, item, ok ? error : NULL) && ok;
  if (!ok)
    proof->broken = TRUE;
  return ok;
}

gboolean
gst_h4mk_proof_awaits_link (GstH4mkProof * proof)
{
  return proof->seen.span_open && proof->leaf_begun;
}

/**
 * gst_h4mk_proof_end:
 * @proof: a proof
 * @error: where what is not signed begins
 *
 * No item follows, or none that is wanted.
 *
 * Returns: %FALSE where only what is signed holds, and what came last is not
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_proof_end (GstH4mkProof * proof, GError ** error)
{
  if (!proof->signed_only || proof->told_unsigned || !proof->seen.span_open)
    return TRUE;
  return gst_h4mk_error_set (error, GST_H4MK_ERROR_UNSIGNED, GST_H4MK_TAG_TOKN,
      proof->seen.span_start, "no LINK follows that signs it");
}

static GstH4mkVerdict
judge_cut (const GstH4mkProof * proof)
{
  gboolean asked = proof->trusted->len > 0;

  if (!proof->has_proven || proof->proven_blocks <= proof->proven_from)
    return GST_H4MK_VERDICT_UNPROVEN;
  if (proof->signed_links > 0 && proof->links_trusted)
    return GST_H4MK_VERDICT_PROVEN;
  if (asked || proof->seen.joined)
    return GST_H4MK_VERDICT_UNPROVEN;
  return GST_H4MK_VERDICT_PROVEN;
}

static GstH4mkVerdict
judge (const GstH4mkProof * proof, gboolean cut)
{
  gboolean asked = proof->trusted->len > 0;

  if (cut || (!proof->has_sign && (proof->announced || asked)))
    return judge_cut (proof);
  if (proof->has_sign && !proof->sign_trusted)
    return GST_H4MK_VERDICT_UNPROVEN;
  return GST_H4MK_VERDICT_COMPLETE;
}

static GstH4mkSigner
get_signer (const GstH4mkProof * proof)
{
  if (proof->has_sign)
    return proof->sign_trusted ? GST_H4MK_SIGNER_TRUSTED :
        GST_H4MK_SIGNER_UNKNOWN;
  if (proof->signed_links == 0)
    return GST_H4MK_SIGNER_NONE;
  return proof->links_trusted ? GST_H4MK_SIGNER_TRUSTED :
      GST_H4MK_SIGNER_UNKNOWN;
}

gboolean
gst_h4mk_proof_get_unknown (GstH4mkProof * proof, guint32 * tag,
    guint64 * offset)
{
  *tag = proof->unknown_tag;
  *offset = proof->unknown_offset;
  return proof->unknown_tag != 0;
}

gboolean
gst_h4mk_proof_is_unlinked (GstH4mkProof * proof)
{
  return proof->seen.links == GST_H4MK_LINKS_NONE;
}

void
gst_h4mk_proof_fill_report (GstH4mkProof * proof, GstH4mkProfile profile,
    gboolean damaged, GstH4mkReport * report)
{
  const GstH4mkSeen *seen = &proof->seen;
  gboolean track = profile == GST_H4MK_PROFILE_TRACK;

  report->profile = profile;
  report->cut = !proof->has_veri || (track && !proof->has_foot)
      || seen->joined;
  report->has_veri = proof->has_veri;
  report->has_sign = proof->has_sign;
  report->has_links = proof->seq > 0;
  report->signer = get_signer (proof);
  report->verdict = damaged ? GST_H4MK_VERDICT_DAMAGED :
      judge (proof, report->cut);
  report->blocks = seen->blocks;
  report->first_block = seen->first_block;
  report->spans = seen->spans;
  if (proof->has_key) {
    gchar *hex = gst_h4_hex (proof->key, GST_H4MK_KEY_SIZE);

    g_strlcpy (report->key, hex, sizeof (report->key));
    g_free (hex);
  }
  if (report->verdict == GST_H4MK_VERDICT_COMPLETE && !report->cut) {
    proof->has_proven = TRUE;
    proof->proven_from = 0;
    proof->proven_blocks = seen->next_block;
    proof->proven_bytes = proof->next_offset;
    proof->proven_end = seen->max_end;
  }
  report->proven_from = proof->proven_from;
  report->proven_blocks = proof->has_proven ? proof->proven_blocks :
      proof->proven_from;
  report->proven_bytes = proof->has_proven ? proof->proven_bytes : 0;
  report->duration = report->proven_time = -1;
  if (seen->max_end != G_MININT64) {
    report->duration = seen->max_end - seen->min_pts;
    if (proof->has_proven && proof->proven_end != G_MININT64)
      report->proven_time = proof->proven_end - seen->min_pts;
  }
}
