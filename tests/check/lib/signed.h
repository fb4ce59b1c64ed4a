/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __SIGNED_H__
#define __SIGNED_H__

/* Lays out whole files of the track profile with every hash and signature in
 * place, without the writer, so that a test may sign them, with whatever key,
 * and leave out what it likes. */

#include <string.h>
#include <openssl/evp.h>

#include "gsth4bytes.h"
#include "gsth4mktoken.h"

typedef struct
{
  guint spans;
  guint groups;                 /* a span */
  guint blocks;                 /* a group: the first is video, a key block */
  gsize block_size;
  gboolean no_links;
  guint trak_at;                /* before this span stands another TRAK */
  EVP_PKEY *announced;
  EVP_PKEY *link_key;
  EVP_PKEY *sign_key;
  guint8 salt;                  /* makes block bytes differ */
} SignedSpec;

typedef struct
{
  const SignedSpec *spec;
  GByteArray *out;
  guint8 chain[32];
  guint64 seq, start, page, trak, block, block_bytes, spans;
  GByteArray *entries, *root, *seek;
  guint8 trak_hash[32];
  gsize tail[4];
} Signed;

/* From byte to byte, but where a sanitizer's malloc makes every step slow. */
#ifdef __SANITIZE_ADDRESS__
#define SIGNED_STEP 11
#else
#define SIGNED_STEP 1
#endif

#define SIGNED_BLOCK_DURATION G_GINT64_CONSTANT (40000000)

static inline EVP_PKEY *
signed_key (guint8 number)
{
  guint8 seed[32];

  memset (seed, number, sizeof (seed));
  return EVP_PKEY_new_raw_private_key (EVP_PKEY_ED25519, NULL, seed, 32);
}

static inline void
signed_public (EVP_PKEY * key, guint8 bytes[32])
{
  size_t size = 32;

  EVP_PKEY_get_raw_public_key (key, bytes, &size);
}

static inline gchar *
signed_public_hex (EVP_PKEY * key)
{
  guint8 bytes[32];

  signed_public (key, bytes);
  return gst_h4_hex (bytes, 32);
}

static inline void
signed_sign (EVP_PKEY * key, const GByteArray * message, guint8 signature[64])
{
  EVP_MD_CTX *ctx = EVP_MD_CTX_new ();
  size_t size = 64;

  EVP_DigestSignInit (ctx, NULL, NULL, NULL, key);
  EVP_DigestSign (ctx, signature, &size, message->data, message->len);
  EVP_MD_CTX_free (ctx);
}

static inline void
signed_hash (const GByteArray * bytes, guint8 hash[32])
{
  EVP_Digest (bytes->data, bytes->len, hash, NULL, EVP_sha256 (), NULL);
}

static inline void
signed_u64 (GByteArray * out, guint64 value)
{
  guint8 p[8];

  gst_h4_put_u64 (p, value);
  g_byte_array_append (out, p, 8);
}

static inline void
signed_u32 (GByteArray * out, guint32 value)
{
  guint8 p[4];

  gst_h4_put_u32 (p, value);
  g_byte_array_append (out, p, 4);
}

/* Takes the payload. */
static inline guint64
signed_chunk (Signed * s, const gchar * tag, GByteArray * payload)
{
  guint64 offset = s->out->len;

  g_byte_array_append (s->out, (const guint8 *) tag, 4);
  signed_u32 (s->out, payload->len);
  signed_u32 (s->out, gst_h4mk_crc32 (payload->data, payload->len));
  g_byte_array_append (s->out, payload->data, payload->len);
  g_byte_array_unref (payload);
  return offset;
}

static inline GByteArray *
signed_text (const gchar * text)
{
  GByteArray *bytes = g_byte_array_new ();

  return g_byte_array_append (bytes, (const guint8 *) text, strlen (text));
}

static inline void
signed_put_trak (Signed * s)
{
  gchar *hex = s->spec->announced ?
      signed_public_hex (s->spec->announced) : NULL;
  gchar *json = g_strdup_printf ("{\"v\":1%s%s%s,\"tracks\":[{\"id\":1,"
      "\"kind\":\"video\",\"caps\":\"video/x-h264, width=(int)%d\"},{\"id\":2,"
      "\"kind\":\"audio\",\"caps\":\"audio/x-opus\"}]}", hex ? ",\"key\":\"" :
      "", hex ? hex : "", hex ? "\"" : "", s->spans ? 640 : 320);
  GByteArray *chunk = g_byte_array_new ();

  s->trak = signed_chunk (s, "TRAK", signed_text (json));
  g_byte_array_append (chunk, s->out->data + s->trak, s->out->len - s->trak);
  signed_hash (chunk, s->trak_hash);
  g_byte_array_unref (chunk);
  g_free (json);
  g_free (hex);
}

static inline void
signed_put_group (Signed * s)
{
  GByteArray *payload = g_byte_array_new ();
  GstH4mkToken token;
  guint i;

  gst_h4mk_token_init (&token);
  token.first_block = s->block;
  for (i = 0; i < s->spec->blocks; i++) {
    GstH4mkRecord r = { 0 };

    r.flags = GST_H4MK_RECORD_KEY | GST_H4MK_RECORD_HAS_DURATION;
    r.track = i == 0 ? 1 : 2;
    r.pts = (gint64) (s->block + i) * SIGNED_BLOCK_DURATION;
    r.duration = SIGNED_BLOCK_DURATION;
    r.size = s->spec->block_size;
    g_array_append_val (token.records, r);
  }
  gst_h4mk_token_write (payload, &token);
  gst_h4mk_token_clear (&token);
  signed_chunk (s, "TOKN", payload);
  for (i = 0; i < s->spec->blocks; i++) {
    payload = g_byte_array_new ();
    g_byte_array_set_size (payload, s->spec->block_size);
    if (payload->len > 0)
      memset (payload->data, (guint8) (s->block + s->spec->salt), payload->len);
    signed_chunk (s, "CORE", payload);
    s->block++;
  }
}

static inline void
signed_put_page (Signed * s)
{
  GByteArray *payload = g_byte_array_new ();
  guint8 hash[32];
  guint64 offset;

  signed_u32 (payload, 0);
  signed_u32 (payload, s->entries->len / 72);
  signed_u64 (payload, s->page);
  g_byte_array_append (payload, s->entries->data, s->entries->len);
  offset = signed_chunk (s, "GIDX", payload);

  EVP_Digest (s->out->data + offset, s->out->len - offset, hash, NULL,
      EVP_sha256 (), NULL);
  signed_u64 (s->root, offset);
  g_byte_array_append (s->root, s->entries->data + 16, 16);
  g_byte_array_append (s->root, hash, 32);
  g_byte_array_set_size (s->entries, 0);
  s->page = offset;
}

static inline void
signed_take_leaf (Signed * s, guint8 leaf[32])
{
  GByteArray *bytes = signed_text ("H4MK|leaf|v1");

  g_byte_array_append (bytes, s->trak_hash, 32);
  g_byte_array_append (bytes, s->out->data + s->start, s->out->len - s->start);
  signed_hash (bytes, leaf);
  g_byte_array_set_size (bytes, 0);
  g_byte_array_append (bytes, s->chain, 32);
  g_byte_array_append (bytes, leaf, 32);
  signed_hash (bytes, s->chain);
  g_byte_array_unref (bytes);
}

static inline void
signed_put_link (Signed * s)
{
  GByteArray *payload = g_byte_array_new ();

  signed_u64 (payload, s->seq);
  signed_u64 (payload, s->out->len);
  signed_u64 (payload, s->start);
  signed_u64 (payload, s->page);
  g_byte_array_append (payload, s->chain, 32);
  if (s->spec->link_key) {
    GByteArray *message = signed_text ("H4MK|link|v1");
    guint8 signature[64];

    signed_u64 (message, s->seq);
    g_byte_array_append (message, s->chain, 32);
    signed_sign (s->spec->link_key, message, signature);
    g_byte_array_append (payload, signature, 64);
    g_byte_array_unref (message);
  }
  signed_chunk (s, "LINK", payload);
}

static inline void
signed_put_span (Signed * s)
{
  guint64 first_block = s->block, block_bytes = s->block_bytes;
  gint64 pts = (gint64) first_block * SIGNED_BLOCK_DURATION;
  guint8 leaf[32] = { 0 };
  guint g;

  s->start = s->out->len;
  if (s->entries->len == 512 * 72)
    signed_put_page (s);
  if (s->spec->trak_at && s->spans == s->spec->trak_at)
    signed_put_trak (s);
  for (g = 0; g < s->spec->groups; g++)
    signed_put_group (s);
  s->block_bytes += (s->block - first_block) * s->spec->block_size;
  s->seq++;
  s->spans++;
  if (!s->spec->no_links) {
    signed_take_leaf (s, leaf);
    signed_put_link (s);
  }
  signed_u64 (s->entries, s->start);
  signed_u64 (s->entries, s->trak);
  signed_u64 (s->entries, first_block);
  signed_u64 (s->entries, (guint64) pts);
  signed_u32 (s->entries, 1);
  signed_u32 (s->entries, (guint32) (s->block - first_block));
  g_byte_array_append (s->entries, leaf, 32);
  signed_u64 (s->seek, (guint64) pts / 1000);
  signed_u64 (s->seek, block_bytes);
}

static inline void
signed_put_tables (Signed * s)
{
  GByteArray *payload = g_byte_array_new ();
  guint i;

  signed_u32 (payload, s->seek->len / 16);
  g_byte_array_append (payload, s->seek->data, s->seek->len);
  s->tail[0] = signed_chunk (s, "SEEK", payload);
  s->tail[1] = signed_chunk (s, "META", signed_text ("{\"project\":\"Harmony"
          "\303\2304\",\"domain\":\"media\",\"masked\":false,\"tags\":{},"
          "\"tracks\":[]}"));
  s->tail[2] = signed_chunk (s, "SAFE", signed_text ("{\"scope\":"
          "\"container+transport-only\"}"));
  payload = g_byte_array_new ();
  signed_u32 (payload, 1 << 24);
  signed_u32 (payload, s->root->len / 56);
  signed_u64 (payload, s->page);
  g_byte_array_append (payload, s->root->data, s->root->len);
  s->tail[3] = signed_chunk (s, "GIDX", payload);

  payload = g_byte_array_new ();
  signed_u64 (payload, s->out->len);
  for (i = 0; i < 4; i++)
    signed_u64 (payload, s->tail[i]);
  signed_u64 (payload, s->block);
  signed_u64 (payload, s->block * (guint64) SIGNED_BLOCK_DURATION);
  signed_u64 (payload, s->spans);
  for (i = 0; i < 4; i++)
    signed_u64 (payload, 0);
  signed_chunk (s, "FOOT", payload);
}

static inline void
signed_put_sign (Signed * s, guint trak_size)
{
  GByteArray *payload = g_byte_array_new (), *message, *parts;
  guint8 key[32], body[32], hash[32], signature[64];

  signed_public (s->spec->sign_key, key);
  EVP_Digest (s->out->data + 8, s->out->len - 8, body, NULL, EVP_sha256 (),
      NULL);
  parts = g_byte_array_new ();
  g_byte_array_append (parts, s->out->data, 8 + trak_size);
  g_byte_array_append (parts, s->out->data + s->tail[1],
      s->out->len - s->tail[1]);
  signed_hash (parts, hash);
  message = signed_text ("H4MK|sign|v1");
  g_byte_array_append (message, body, 32);
  g_byte_array_append (message, hash, 32);
  signed_sign (s->spec->sign_key, message, signature);
  g_byte_array_append (payload, key, 32);
  g_byte_array_append (payload, body, 32);
  g_byte_array_append (payload, signature, 64);
  signed_chunk (s, "SIGN", payload);
  g_byte_array_unref (message);
  g_byte_array_unref (parts);
}

static inline void
signed_put_veri (GByteArray * out)
{
  Signed s = { NULL, out };
  GByteArray *payload = g_byte_array_new ();

  g_byte_array_set_size (payload, 32);
  EVP_Digest (out->data + 8, out->len - 8, payload->data, NULL, EVP_sha256 (),
      NULL);
  signed_chunk (&s, "VERI", payload);
}

static inline GByteArray *
signed_make (const SignedSpec * spec)
{
  Signed s = { spec };
  guint trak_size, i;
  guint8 hash[32];

  s.out = g_byte_array_new ();
  s.entries = g_byte_array_new ();
  s.root = g_byte_array_new ();
  s.seek = g_byte_array_new ();
  g_byte_array_append (s.out, (const guint8 *) "H4MK\0\1\0\0", 8);
  signed_put_trak (&s);
  trak_size = s.out->len - 8;
  signed_hash (s.out, hash);
  memcpy (s.chain, hash, 32);
  for (i = 0; i < spec->spans; i++)
    signed_put_span (&s);
  if (s.entries->len > 0)
    signed_put_page (&s);
  signed_put_tables (&s);
  if (spec->sign_key)
    signed_put_sign (&s, trak_size);
  signed_put_veri (s.out);
  g_byte_array_unref (s.entries);
  g_byte_array_unref (s.root);
  g_byte_array_unref (s.seek);
  return s.out;
}

/* Of a file's chunks: the n-th with this tag, or the last one before it. */
typedef struct
{
  gchar tag[5];
  gsize offset;
  gsize size;
} SignedPart;

static inline GArray *
signed_parts (const GByteArray * file)
{
  GArray *parts = g_array_new (FALSE, TRUE, sizeof (SignedPart));
  gsize offset = 8;

  while (offset + 12 <= file->len) {
    SignedPart part = { {0}, offset };
    const guint8 *p = file->data + offset;

    memcpy (part.tag, p, 4);
    part.size = 12 + (((gsize) p[4] << 24) | (p[5] << 16) | (p[6] << 8) | p[7]);
    g_array_append_val (parts, part);
    offset += part.size;
  }
  return parts;
}

static inline SignedPart
signed_find (const GByteArray * file, const gchar * tag, guint n)
{
  GArray *parts = signed_parts (file);
  SignedPart found = { {0}, 0, 0 };
  guint i;

  for (i = 0; i < parts->len; i++) {
    SignedPart *part = &g_array_index (parts, SignedPart, i);

    if (strcmp (part->tag, tag) == 0 && n-- == 0)
      found = *part;
  }
  g_array_unref (parts);
  return found;
}

/* What a forger can do without a key: make the checksums fit again. */
static inline void
signed_fix_crc (GByteArray * file, SignedPart part)
{
  gst_h4_put_u32 (file->data + part.offset + 8,
      gst_h4mk_crc32 (file->data + part.offset + 12, part.size - 12));
}

static inline void
signed_fix_veri (GByteArray * file)
{
  g_byte_array_set_size (file, file->len - 44);
  signed_put_veri (file);
}

#endif
