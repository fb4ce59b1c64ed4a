/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <glib/gstdio.h>
#include <gst/check/gstcheck.h>
#include <json-glib/json-glib.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include "gst/lib/gsth4secret.h"
#include "h4mask.h"

#define HEX_16 "000102030405060708090a0b0c0d0e0f"

static const guint64 indices[] = {
  0, 1, 9, 10, 99, 12345, G_MAXUINT32, G_GUINT64_CONSTANT (1) << 40,
  G_MAXUINT64
};

static const guint8 salt_32[32] = "a salt of exactly 32 bytes, long";

static H4MaskKey *
key_from_hex (const gchar * hex)
{
  GError *error = NULL;
  H4MaskKey *key = h4_mask_key_new_from_hex (hex, -1, &error);

  g_assert_no_error (error);
  return key;
}

/* The same by OpenSSL's own HKDF. */
static void
reference_key (const gchar * version, const H4MaskKey * key,
    const guint8 * salt, gsize salt_size, guint64 index, guint8 * out)
{
  EVP_KDF *kdf = EVP_KDF_fetch (NULL, "HKDF", NULL);
  EVP_KDF_CTX *ctx = EVP_KDF_CTX_new (kdf);
  gchar *info = g_strdup_printf ("HarmonyØ4|Mask|%s|%" G_GUINT64_FORMAT,
      version, index);
  gsize size;
  const guint8 *bytes = h4_mask_key_get_bytes (key, &size);
  OSSL_PARAM params[5];
  guint n = 0;

  params[n++] = OSSL_PARAM_construct_utf8_string (OSSL_KDF_PARAM_DIGEST,
      (gchar *) "SHA256", 0);
  params[n++] = OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_KEY,
      (gpointer) bytes, size);
  params[n++] = OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_INFO,
      info, strlen (info));
  if (salt_size > 0)
    params[n++] = OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_SALT,
        (gpointer) salt, salt_size);
  params[n] = OSSL_PARAM_construct_end ();
  fail_unless_equals_int (EVP_KDF_derive (ctx, out, 32, params), 1);
  g_free (info);
  EVP_KDF_CTX_free (ctx);
  EVP_KDF_free (kdf);
}

/* The same by OpenSSL's digests, one by one. */
static void
reference_keystream (const guint8 * key, guint8 * out, gsize size)
{
  guint8 message[36], digest[32];
  guint32 counter, be;

  memcpy (message, key, 32);
  for (counter = 0; (gsize) counter * 32 < size; counter++) {
    be = GUINT32_TO_BE (counter);
    memcpy (message + 32, &be, 4);
    EVP_Digest (message, sizeof (message), digest, NULL, EVP_sha256 (), NULL);
    memcpy (out + counter * 32, digest, MIN (32, size - counter * 32));
  }
}

static void
check_key (H4MaskScheme scheme, const gchar * version, const guint8 * salt,
    gsize salt_size)
{
  H4MaskKey *key = key_from_hex (HEX_16 "a0a1a2");
  H4MaskKeys *keys = h4_mask_keys_new (scheme, key, salt, salt_size);
  guint8 ours[32], theirs[32];
  guint i;

  for (i = 0; i < G_N_ELEMENTS (indices); i++) {
    h4_mask_keys_derive (keys, indices[i], ours);
    reference_key (version, key, salt, salt_size, indices[i], theirs);
    fail_unless (memcmp (ours, theirs, 32) == 0, "index %u", i);
  }
  h4_mask_keys_free (keys);
  h4_mask_key_free (key);
}

GST_START_TEST (test_block_keys_are_hkdf)
{
  guint n;

  for (n = 0; n <= 32; n += 8)
    check_key (H4_MASK_SCHEME_XOR_SHA256, "v1", salt_32, n);
  check_key (H4_MASK_SCHEME_AES_256_GCM, "v2", salt_32, 32);
}

GST_END_TEST;

static JsonParser *
load_vectors (void)
{
  gchar *path = g_build_filename (g_getenv ("H4_VECTORS"), "mask.json", NULL);
  JsonParser *parser = json_parser_new ();
  GError *error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  g_free (path);
  return parser;
}

static void
assert_hex (const guint8 * bytes, gsize size, const gchar * hex)
{
  GString *text = g_string_new (NULL);
  gsize i;

  for (i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  fail_unless_equals_string (text->str, hex);
  g_string_free (text, TRUE);
}

static void
check_block_vector (JsonObject * block)
{
  const gchar *head = json_object_get_string_member (block, "masked_head");
  guint64 index = json_object_get_int_member (block, "block_index");
  gsize size = json_object_get_int_member (block, "size"), i;
  H4MaskKey *key = key_from_hex (json_object_get_string_member (block,
          "master_key"));
  H4MaskKeys *keys = h4_mask_keys_new (H4_MASK_SCHEME_XOR_SHA256, key, NULL,
      0);
  H4Mask *mask = h4_mask_new (H4_MASK_SCHEME_XOR_SHA256, key, NULL, 0, NULL);
  guint8 *data = g_malloc (size + 1), block_key[32];
  gchar *digest;

  h4_mask_keys_derive (keys, index, block_key);
  assert_hex (block_key, 32, json_object_get_string_member (block,
          "block_key"));
  for (i = 0; i < size; i++)
    data[i] = 31 * i + index;
  fail_unless (h4_mask_begin_mask (mask, index, 0));
  fail_unless (h4_mask_update (mask, data, data, size));
  fail_unless (h4_mask_finish (mask, NULL));
  assert_hex (data, strlen (head) / 2, head);
  digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, size);
  fail_unless_equals_string (digest, json_object_get_string_member (block,
          "masked_sha256"));
  g_free (digest);
  g_free (data);
  h4_mask_free (mask);
  h4_mask_keys_free (keys);
  h4_mask_key_free (key);
}

GST_START_TEST (test_xor_blocks_equal_the_vectors)
{
  JsonParser *parser = load_vectors ();
  JsonArray *blocks = json_object_get_array_member (json_node_get_object
      (json_parser_get_root (parser)), "blocks");
  guint i, n = json_array_get_length (blocks);
  const gchar *const *path;

  fail_unless (n > 0);
  for (path = h4_keystream_list_paths (); *path; path++) {
    fail_unless (h4_keystream_set_path (*path));
    for (i = 0; i < n; i++)
      check_block_vector (json_array_get_object_element (blocks, i));
  }
  h4_keystream_set_path (NULL);
  g_object_unref (parser);
}

GST_END_TEST;

/* Sizes 0 to 200 and around every boundary of lanes and groups of lanes. */
static GArray *
interesting_sizes (void)
{
  static const gint around[] = { -33, -32, -31, -1, 0, 1, 31, 32, 33 };
  GArray *sizes = g_array_new (FALSE, FALSE, sizeof (guint));
  guint i, j, lanes;

  for (i = 0; i <= 200; i++)
    g_array_append_val (sizes, i);
  for (lanes = 4; lanes <= 64; lanes *= 2) {
    for (j = 0; j < G_N_ELEMENTS (around); j++) {
      i = lanes * 32 + around[j];
      g_array_append_val (sizes, i);
    }
  }
  return sizes;
}

GST_START_TEST (test_every_path_equals_openssl)
{
  GArray *sizes = interesting_sizes ();
  guint8 key[32], *src, *stream, *dst;
  const gchar *const *path;
  guint i, j, largest = 64 * 32 + 64;

  for (i = 0; i < 32; i++)
    key[i] = 255 - 5 * i;
  src = g_malloc (largest);
  dst = g_malloc (largest + 1);
  stream = g_malloc (largest);
  for (i = 0; i < largest; i++)
    src[i] = i * 13 + (i >> 8);
  reference_keystream (key, stream, largest);

  for (path = h4_keystream_list_paths (); *path; path++) {
    fail_unless (h4_keystream_set_path (*path));
    fail_unless_equals_string (h4_keystream_path (), *path);
    for (i = 0; i < sizes->len; i++) {
      guint size = g_array_index (sizes, guint, i);

      dst[size] = 0xa5;
      fail_unless (h4_keystream_xor (key, 0, src, dst, size));
      for (j = 0; j < size && dst[j] == (src[j] ^ stream[j]); j++);
      fail_unless (j == size, "%s: byte %u of %u", *path, j, size);
      fail_unless_equals_int (dst[size], 0xa5);
      fail_unless (h4_keystream_xor (key, 0, dst, dst, size));
      fail_unless (memcmp (dst, src, size) == 0, "%s: %u in place", *path,
          size);
    }
  }
  h4_keystream_set_path (NULL);
  g_array_unref (sizes);
  g_free (src);
  g_free (dst);
  g_free (stream);
}

GST_END_TEST;

GST_START_TEST (test_keystream_begins_anywhere_in_a_block)
{
  const guint total = 5000;
  guint8 key[32] = { 1, 2, 3 }, *whole = g_malloc0 (total), *part;
  const gchar *const *path;
  guint first, second;

  part = g_malloc0 (total);
  reference_keystream (key, whole, total);
  for (path = h4_keystream_list_paths (); *path; path++) {
    fail_unless (h4_keystream_set_path (*path));
    for (first = 0; first < 70; first++) {
      for (second = first; second < total; second += 1487) {
        memset (part, 0, total);
        h4_keystream_xor (key, 0, part, part, first);
        h4_keystream_xor (key, first, part + first, part + first,
            second - first);
        h4_keystream_xor (key, second, part + second, part + second,
            total - second);
        fail_unless (memcmp (whole, part, total) == 0, "%s: %u, %u", *path,
            first, second);
      }
    }
  }
  h4_keystream_set_path (NULL);
  g_free (whole);
  g_free (part);
}

GST_END_TEST;

GST_START_TEST (test_keystream_reaches_the_last_hash_number)
{
  const guint64 end = H4_KEYSTREAM_MAX_SIZE;
  guint8 key[32] = { 7 }, message[36] = { 7 }, digest[32], data[64] = { 0, };
  const gchar *const *path;

  memset (message + 32, 0xff, 4);
  EVP_Digest (message, sizeof (message), digest, NULL, EVP_sha256 (), NULL);
  for (path = h4_keystream_list_paths (); *path; path++) {
    fail_unless (h4_keystream_set_path (*path));
    memset (data, 0, sizeof (data));
    fail_unless (h4_keystream_xor (key, end - 32, data, data, 32));
    fail_unless (memcmp (data, digest, 32) == 0);
    fail_if (h4_keystream_xor (key, end - 32, data, data, 33));
    fail_if (h4_keystream_xor (key, end + 1, data, data, 0));
    fail_if (h4_keystream_xor (key, G_MAXUINT64, data, data, 64));
  }
  h4_keystream_set_path (NULL);
}

GST_END_TEST;

GST_START_TEST (test_unknown_path_is_refused)
{
  const gchar *before = h4_keystream_path ();

  fail_if (h4_keystream_set_path ("mmx"));
  fail_unless_equals_string (h4_keystream_path (), before);
}

GST_END_TEST;

static void
reference_gcm (const guint8 * key, guint64 index, const guint8 * src,
    gsize size, guint8 * out)
{
  EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new ();
  guint8 nonce[12] = { 0, }, aad[20];
  guint64 be = GUINT64_TO_BE (index);
  gint n;

  memcpy (aad, "H4MK|mask|v2", 12);
  memcpy (aad + 12, &be, 8);
  EVP_EncryptInit_ex (ctx, EVP_aes_256_gcm (), NULL, key, nonce);
  EVP_EncryptUpdate (ctx, NULL, &n, aad, sizeof (aad));
  EVP_EncryptUpdate (ctx, out, &n, src, size);
  EVP_EncryptFinal_ex (ctx, out + n, &n);
  EVP_CIPHER_CTX_ctrl (ctx, EVP_CTRL_GCM_GET_TAG, 16, out + size);
  EVP_CIPHER_CTX_free (ctx);
}

static H4Mask *
gcm_mask (const gchar * hex)
{
  H4MaskKey *key = key_from_hex (hex);
  GError *error = NULL;
  H4Mask *mask = h4_mask_new (H4_MASK_SCHEME_AES_256_GCM, key, salt_32, 32,
      &error);

  g_assert_no_error (error);
  h4_mask_key_free (key);
  return mask;
}

GST_START_TEST (test_gcm_blocks_equal_openssl)
{
  H4MaskKey *key = key_from_hex (HEX_16);
  H4Mask *mask = gcm_mask (HEX_16);
  GArray *sizes = interesting_sizes ();
  guint8 block_key[32], src[4300], ours[4316], theirs[4316];
  guint i, k;

  for (i = 0; i < sizeof (src); i++)
    src[i] = i * 29;
  for (i = 0; i < sizes->len; i++) {
    guint size = g_array_index (sizes, guint, i);
    guint64 index = indices[i % G_N_ELEMENTS (indices)];

    reference_key ("v2", key, salt_32, 32, index, block_key);
    reference_gcm (block_key, index, src, size, theirs);
    fail_unless (h4_mask_begin_mask (mask, index, 0));
    for (k = 0; k < size; k += 77)
      fail_unless (h4_mask_update (mask, src + k, ours + k, MIN (77,
                  size - k)));
    fail_unless (h4_mask_finish (mask, ours + size));
    fail_unless (memcmp (ours, theirs, size + 16) == 0, "size %u", size);

    fail_unless (h4_mask_begin_unmask (mask, index, 0));
    fail_unless (h4_mask_update (mask, ours, ours, size));
    fail_unless (h4_mask_finish (mask, ours + size));
    fail_unless (memcmp (ours, src, size) == 0);
  }
  g_array_unref (sizes);
  h4_mask_free (mask);
  h4_mask_key_free (key);
}

GST_END_TEST;

static gboolean
opens (H4Mask * mask, guint64 index, const guint8 * block, gsize size)
{
  guint8 out[64], tag[16];

  memcpy (tag, block + size - 16, 16);
  fail_unless (h4_mask_begin_unmask (mask, index, 0));
  fail_unless (h4_mask_update (mask, block, out, size - 16));
  return h4_mask_finish (mask, tag);
}

GST_START_TEST (test_gcm_refuses_every_changed_bit_and_place)
{
  H4Mask *mask = gcm_mask (HEX_16);
  H4Mask *other = gcm_mask ("ff0102030405060708090a0b0c0d0e0f");
  guint8 block[21 + 16] = "twenty-one bytes here";
  guint i;

  fail_unless (h4_mask_begin_mask (mask, 5, 0));
  fail_unless (h4_mask_update (mask, block, block, 21));
  fail_unless (h4_mask_finish (mask, block + 21));
  fail_unless (opens (mask, 5, block, sizeof (block)));
  fail_if (opens (mask, 4, block, sizeof (block)));
  fail_if (opens (mask, 5, block, sizeof (block) - 1));
  fail_if (opens (other, 5, block, sizeof (block)));
  for (i = 0; i < sizeof (block) * 8; i++) {
    block[i / 8] ^= 1 << i % 8;
    fail_if (opens (mask, 5, block, sizeof (block)), "bit %u", i);
    block[i / 8] ^= 1 << i % 8;
  }
  fail_unless (opens (mask, 5, block, sizeof (block)));
  h4_mask_free (mask);
  h4_mask_free (other);
}

GST_END_TEST;

GST_START_TEST (test_count_ends_before_it_wraps)
{
  guint64 count = G_MAXUINT64 - 1, index = 0;

  fail_unless (h4_mask_count_next (&count, &index));
  fail_unless_equals_uint64 (index, G_MAXUINT64 - 1);
  fail_if (h4_mask_count_next (&count, &index));
  fail_if (h4_mask_count_next (&count, &index));
}

GST_END_TEST;

static const struct
{
  const gchar *text;
  const gchar *says;            /* NULL: good */
} hex_keys[] = {
  {HEX_16, NULL},
  {"000102030405060708090A0B0C0D0E0F", NULL},
  {" \n" HEX_16 "\r\n", NULL},
  {HEX_16 "0", "odd"},
  {"", "too short"},
  {"00010203", "too short"},
  {"g0" HEX_16, "character 1 "},
  {HEX_16 "g", "character 33 "},
  {HEX_16 " " HEX_16, "character 33 "},
  {"0x" HEX_16, "character 2 "},
  {HEX_16 "0\xc3\x98", "character 34 "},
};

GST_START_TEST (test_hex_keys)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (hex_keys); i++) {
    GError *error = NULL;
    H4MaskKey *key = h4_mask_key_new_from_hex (hex_keys[i].text, -1, &error);

    fail_unless ((key != NULL) == (hex_keys[i].says == NULL), "key %u", i);
    if (hex_keys[i].says) {
      fail_unless (g_error_matches (error, H4_MASK_ERROR,
              H4_MASK_ERROR_KEY_FORMAT));
      fail_unless (strstr (error->message, hex_keys[i].says), "key %u: %s", i,
          error->message);
      fail_if (strstr (error->message, "0001"), "%s", error->message);
    }
    g_clear_error (&error);
    h4_mask_key_free (key);
  }
}

GST_END_TEST;

GST_START_TEST (test_key_size_is_bounded)
{
  gchar *hex = g_strnfill (2 * H4_MASK_KEY_MAX_SIZE + 2, 'a');
  GError *error = NULL;

  fail_if (h4_mask_key_new_from_hex (hex, -1, &error));
  fail_unless (g_error_matches (error, H4_MASK_ERROR,
          H4_MASK_ERROR_KEY_FORMAT));
  g_clear_error (&error);
  hex[2 * H4_MASK_KEY_MAX_SIZE] = '\0';
  h4_mask_key_free (key_from_hex (hex));
  g_free (hex);
}

GST_END_TEST;

static const struct
{
  const gchar *content;
  gsize size;
  const gchar *says;
} key_files[] = {
  {HEX_16 "\n", 33, NULL},
  {"\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17", 16, NULL},
  {"\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16", 15, "too short"},
  {HEX_16 "1\n", 34, "odd"},
  {"correct horse battery staple\n", 29, "not hexadecimal"},
  {"", 0, "too short"},
};

GST_START_TEST (test_key_files)
{
  gchar *dir = g_dir_make_tmp ("h4mask-XXXXXX", NULL);
  gchar *path = g_build_filename (dir, "key", NULL);
  H4MaskKey *key;
  GError *error = NULL;
  gsize size;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (key_files); i++) {
    g_file_set_contents (path, key_files[i].content, key_files[i].size, NULL);
    key = h4_mask_key_new_from_file (path, &error);
    if (key_files[i].says) {
      fail_if (key);
      fail_unless (strstr (error->message, key_files[i].says), "%s",
          error->message);
      fail_unless (strstr (error->message, path));
      g_clear_error (&error);
    } else {
      const guint8 *bytes = h4_mask_key_get_bytes (key, &size);

      fail_unless_equals_int (size, 16);
      fail_unless_equals_int (bytes[15], 15);
      h4_mask_key_free (key);
    }
  }
  g_unlink (path);
  fail_if (h4_mask_key_new_from_file (path, &error));
  fail_unless (g_error_matches (error, H4_MASK_ERROR, H4_MASK_ERROR_KEY_READ));
  g_clear_error (&error);
  fail_if (h4_mask_key_new_from_file (dir, &error));
  g_clear_error (&error);
  fail_if (h4_mask_key_new_from_file ("/dev/zero", &error));
  g_clear_error (&error);
  g_rmdir (dir);
  g_free (path);
  g_free (dir);
}

GST_END_TEST;

GST_START_TEST (test_key_from_environment)
{
  GError *error = NULL;

  g_setenv ("H4_TEST_KEY", HEX_16, TRUE);
  h4_mask_key_free (h4_mask_key_new_from_env ("H4_TEST_KEY", &error));
  g_assert_no_error (error);
  g_unsetenv ("H4_TEST_KEY");
  fail_if (h4_mask_key_new_from_env ("H4_TEST_KEY", &error));
  fail_unless (strstr (error->message, "H4_TEST_KEY"));
  g_clear_error (&error);
}

GST_END_TEST;

GST_START_TEST (test_salts)
{
  static const gchar *bad[] = { "", "0", "abc", "0g", "random" };
  gchar *long_salt = g_strnfill (2 * H4_MASK_SALT_MAX_SIZE + 2, '1');
  H4MaskKey *key = key_from_hex (HEX_16);
  GError *error = NULL;
  guint8 *salt;
  gsize size, i;

  for (i = 0; i < G_N_ELEMENTS (bad); i++) {
    fail_if (h4_mask_salt_from_hex (bad[i], &size, &error));
    fail_unless (g_error_matches (error, H4_MASK_ERROR, H4_MASK_ERROR_SALT));
    g_clear_error (&error);
  }
  fail_if (h4_mask_salt_from_hex (long_salt, &size, NULL));
  salt = h4_mask_salt_from_hex ("00Ff", &size, NULL);
  fail_unless_equals_int (size, 2);
  fail_unless_equals_int (salt[1], 255);
  g_free (salt);
  for (i = 0; i < 65; i++) {
    H4Mask *mask = h4_mask_new (H4_MASK_SCHEME_AES_256_GCM, key,
        (guint8 *) long_salt, i, &error);

    fail_unless ((mask != NULL) == (i == 32));
    g_clear_error (&error);
    h4_mask_free (mask);
  }
  g_free (long_salt);
  h4_mask_key_free (key);
}

GST_END_TEST;

/* The pages of a secret stand as "dd" (do not dump) in the kernel's list. */
GST_START_TEST (test_secrets_stay_out_of_core_dumps)
{
  gpointer secret = gst_h4_secret_alloc (100);
  gchar *maps = NULL, *head, *entry, *flags;

  if (!g_file_get_contents ("/proc/self/smaps", &maps, NULL, NULL)) {
    gst_h4_secret_free (secret, 100);
    return;
  }
  head = g_strdup_printf ("%lx-", (gulong) secret);
  entry = strstr (maps, head);
  if (entry) {
    flags = strstr (entry, "VmFlags:");
    fail_unless (flags != NULL);
    *strchr (flags, '\n') = '\0';
    fail_unless (strstr (flags, " dd"), "%s", flags);
  } else {
    /* Joined with the secret before it, whose start is then the entry's. */
    fail_unless (strstr (maps, " dd") != NULL);
  }
  g_free (head);
  g_free (maps);
  gst_h4_secret_free (secret, 100);
}

GST_END_TEST;

static Suite *
mask_suite (void)
{
  Suite *s = suite_create ("mask");
  TCase *tc = tcase_create ("bytes");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_block_keys_are_hkdf);
  tcase_add_test (tc, test_xor_blocks_equal_the_vectors);
  tcase_add_test (tc, test_every_path_equals_openssl);
  tcase_add_test (tc, test_keystream_begins_anywhere_in_a_block);
  tcase_add_test (tc, test_keystream_reaches_the_last_hash_number);
  tcase_add_test (tc, test_unknown_path_is_refused);
  tcase_add_test (tc, test_gcm_blocks_equal_openssl);
  tcase_add_test (tc, test_gcm_refuses_every_changed_bit_and_place);
  tcase_add_test (tc, test_count_ends_before_it_wraps);
  tcase_add_test (tc, test_hex_keys);
  tcase_add_test (tc, test_key_size_is_bounded);
  tcase_add_test (tc, test_key_files);
  tcase_add_test (tc, test_key_from_environment);
  tcase_add_test (tc, test_salts);
  tcase_add_test (tc, test_secrets_stay_out_of_core_dumps);
  return s;
}

GST_CHECK_MAIN (mask);
