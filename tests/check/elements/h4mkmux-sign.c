/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* h4mkmux: signed files. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <glib/gstdio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "h4mkmux-common.h"

static gchar *dir;
static GstH4mkSigningKey *key;
static gchar *key_path;

static gchar *
in_dir (const gchar * name)
{
  return g_build_filename (dir, name, NULL);
}

static void
setup (void)
{
  dir = g_dir_make_tmp ("h4mkmux-sign-XXXXXX", NULL);
  key_path = in_dir ("key.pem");
  key = gst_h4mk_signing_key_generate (NULL);
  fail_unless (key && gst_h4mk_signing_key_store (key, key_path, NULL));
}

static void
teardown (void)
{
  GDir *files = g_dir_open (dir, 0, NULL);
  const gchar *name;

  while ((name = g_dir_read_name (files))) {
    gchar *path = in_dir (name);

    g_remove (path);
    g_free (path);
  }
  g_dir_close (files);
  g_rmdir (dir);
  gst_h4mk_signing_key_unref (key);
  g_clear_pointer (&dir, g_free);
  g_clear_pointer (&key_path, g_free);
}

static void
init_signed (Mux * m, const gchar * more)
{
  gchar *properties = g_strdup_printf ("signing-key-file=%s %s", key_path,
      more);

  mux_init (m, properties);
  g_free (properties);
}

/* Two tracks of which one changes its caps: five spans, two TRAKs. */
static void
push_recording (Mux * m)
{
  GstPad *a = g_ptr_array_index (m->sources, 0);
  GstPad *b = g_ptr_array_index (m->sources, 1);
  guint i;

  for (i = 0; i < 200; i++) {
    if (i == 110)
      mux_send_caps (a, "audio/x-opus,rate=24000,channels=1");
    mux_push (a, 50, 20 * i, KEY);
    if (i % 50 == 0)
      mux_push (b, 20, 20 * i, KEY);
  }
  mux_eos_all (m);
}

static GBytes *
make_file (const gchar * more)
{
  GBytes *file;
  Mux m;

  init_signed (&m, more);
  mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_add (&m, "sink_%u", TEXT_CAPS);
  push_recording (&m);
  fail_unless_equals_int (m.n_eos, 1);
  file = mux_take_file (&m);
  mux_clear (&m);
  return file;
}

static GBytes *
read_bytes (guint64 offset, gsize size, gpointer file, GError ** error)
{
  gsize all = g_bytes_get_size (file);

  offset = MIN (offset, all);
  return g_bytes_new_from_bytes (file, offset, MIN (size, all - offset));
}

static GstH4mkReport *
verify (GBytes * file, const gchar * trusted)
{
  const gchar *keys[] = { trusted, NULL };
  GError *error = NULL;
  GstH4mkReport *report = gst_h4mk_verify (read_bytes, file,
      g_bytes_get_size (file), keys, NULL, NULL, &error);

  fail_unless (report != NULL, "%s", error ? error->message : "");
  return report;
}

static void
check_verdict (GBytes * file, const gchar * trusted, GstH4mkVerdict verdict,
    GstH4mkSigner signer)
{
  GstH4mkReport *report = verify (file, trusted);

  fail_unless_equals_int (report->verdict, verdict);
  fail_unless_equals_int (report->signer, signer);
  fail_unless_equals_string (report->key,
      gst_h4mk_signing_key_get_public (key));
  gst_h4mk_report_free (report);
}

GST_START_TEST (test_a_signed_file_is_complete_for_who_trusts_the_key)
{
  static const gchar *settings[] = { "", "link=false",
    "span-duration=20000000 group-duration=0", "span-duration=600000000000"
  };
  gchar *foreign = g_strnfill (64, '7');
  guint i;

  for (i = 0; i < G_N_ELEMENTS (settings); i++) {
    GBytes *file = make_file (settings[i]);

    check_verdict (file, gst_h4mk_signing_key_get_public (key),
        GST_H4MK_VERDICT_COMPLETE, GST_H4MK_SIGNER_TRUSTED);
    check_verdict (file, NULL, GST_H4MK_VERDICT_UNPROVEN,
        GST_H4MK_SIGNER_UNKNOWN);
    check_verdict (file, foreign, GST_H4MK_VERDICT_DAMAGED,
        GST_H4MK_SIGNER_UNKNOWN);
    g_bytes_unref (file);
  }
  g_free (foreign);
}

GST_END_TEST;

GST_START_TEST (test_same_input_and_key_give_the_same_bytes)
{
  GBytes *a = make_file (""), *b = make_file ("");

  fail_unless (g_bytes_equal (a, b));
  g_bytes_unref (a);
  g_bytes_unref (b);
}

GST_END_TEST;

/* Cut behind each chunk: what LINKs sign is proven, and no more. */
GST_START_TEST (test_a_cut_file_is_proven_up_to_its_last_link)
{
  GBytes *file = make_file ("");
  gsize size, at = 8, proven_at = 0;
  const guint8 *data = g_bytes_get_data (file, &size);
  guint64 blocks = 0, proven = 0;
  guint links = 0;

  while (at < size) {
    gsize end = at + 12 + mux_u32 (data + at + 4);
    guint32 tag = mux_u32 (data + at);
    GstH4mkReport *report;
    GBytes *cut;

    if (end == size)
      break;
    blocks += tag == GST_H4MK_TAG_CORE;
    if (tag == GST_H4MK_TAG_LINK) {
      fail_unless_equals_int (end - at, 12 + 128);
      proven = blocks;
      proven_at = end;
      links++;
    }
    cut = g_bytes_new_from_bytes (file, 0, end);
    report = verify (cut, gst_h4mk_signing_key_get_public (key));
    fail_unless_equals_int (report->verdict, proven ?
        GST_H4MK_VERDICT_PROVEN : GST_H4MK_VERDICT_UNPROVEN);
    fail_unless_equals_uint64 (report->proven_blocks, proven);
    fail_unless_equals_uint64 (report->proven_bytes, proven_at);
    gst_h4mk_report_free (report);
    g_bytes_unref (cut);
    at = end;
  }
  fail_unless_equals_int (links, 5);
  g_bytes_unref (file);
}

GST_END_TEST;

GST_START_TEST (test_each_file_after_a_flush_is_signed)
{
  GBytes *files[2];
  guint i;
  Mux m;

  init_signed (&m, "");
  mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_add (&m, "sink_%u", TEXT_CAPS);
  for (i = 0; i < 2; i++) {
    guint k;

    push_recording (&m);
    files[i] = mux_take_file (&m);
    check_verdict (files[i], gst_h4mk_signing_key_get_public (key),
        GST_H4MK_VERDICT_COMPLETE, GST_H4MK_SIGNER_TRUSTED);
    for (k = 0; k < 2; k++) {
      GstPad *source = g_ptr_array_index (m.sources, k);

      mux_flush (source);
      mux_start_source (source, k ? TEXT_CAPS : AUDIO_CAPS);
    }
  }
  fail_unless (g_bytes_equal (files[0], files[1]));
  g_bytes_unref (files[0]);
  g_bytes_unref (files[1]);
  mux_clear (&m);
}

GST_END_TEST;

/* Written in PEM form, as other tools do it. */
static gchar *
store_pem (const gchar * name, EVP_PKEY * pkey, const gchar * passphrase,
    gboolean public_half)
{
  gchar *path = in_dir (name);
  FILE *file = fopen (path, "wb");
  int ok;

  fail_unless (file != NULL);
  if (public_half)
    ok = PEM_write_PUBKEY (file, pkey);
  else
    ok = PEM_write_PKCS8PrivateKey (file, pkey,
        passphrase ? EVP_aes_256_cbc () : NULL, passphrase,
        passphrase ? (int) strlen (passphrase) : 0, NULL, NULL);
  fail_unless_equals_int (ok, 1);
  fclose (file);
  EVP_PKEY_free (pkey);
  return path;
}

static gchar *
make_bad_key (guint number)
{
  gchar *path;

  switch (number) {
    case 0:
      return in_dir ("not-there.pem");
    case 1:
      return g_strdup (dir);
    case 2:
      path = in_dir ("text.pem");
      fail_unless (g_file_set_contents (path, "a key\n", -1, NULL));
      return path;
    case 3:
      path = in_dir ("empty.pem");
      fail_unless (g_file_set_contents (path, "", 0, NULL));
      return path;
    case 4:
      return store_pem ("ec.pem", EVP_EC_gen ("P-256"), NULL, FALSE);
    case 5:
      return store_pem ("x25519.pem", EVP_PKEY_Q_keygen (NULL, NULL,
              "X25519"), NULL, FALSE);
    case 6:
      return store_pem ("public.pem", EVP_PKEY_Q_keygen (NULL, NULL,
              "ED25519"), NULL, TRUE);
    default:
      return store_pem ("locked.pem", EVP_PKEY_Q_keygen (NULL, NULL,
              "ED25519"), "secret", FALSE);
  }
}

#define NONE "holds no Ed25519 private key"

static const struct
{
  gint code;                    /* of GST_RESOURCE_ERROR */
  const gchar *text;
} bad_keys[] = {
  {GST_RESOURCE_ERROR_OPEN_READ, "not-there.pem\" cannot be read"},
  {GST_RESOURCE_ERROR_OPEN_READ, "\" cannot be read"},
  {GST_RESOURCE_ERROR_SETTINGS, NONE}, {GST_RESOURCE_ERROR_SETTINGS, NONE},
  {GST_RESOURCE_ERROR_SETTINGS, NONE}, {GST_RESOURCE_ERROR_SETTINGS, NONE},
  {GST_RESOURCE_ERROR_SETTINGS, NONE},
  {GST_RESOURCE_ERROR_SETTINGS, "is protected by a passphrase"}
};

static void
check_state_fails (Mux * m, GstState state, guint number)
{
  fail_unless_equals_int (gst_element_set_state (m->mux, state),
      GST_STATE_CHANGE_FAILURE);
  mux_check_error (m, GST_RESOURCE_ERROR, bad_keys[number].code,
      bad_keys[number].text);
}

GST_START_TEST (test_a_key_that_is_none_fails_at_ready)
{
  gchar *path = make_bad_key (__i__);
  Mux m;

  mux_init_null (&m, NULL);
  g_object_set (m.mux, "signing-key-file", path, NULL);
  check_state_fails (&m, GST_STATE_READY, __i__);
  g_object_set (m.mux, "signing-key-file", key_path, NULL);
  mux_play (&m);
  mux_clear (&m);

  mux_init_null (&m, NULL);
  fail_unless_equals_int (gst_element_set_state (m.mux, GST_STATE_READY),
      GST_STATE_CHANGE_SUCCESS);
  g_object_set (m.mux, "signing-key-file", path, NULL);
  check_state_fails (&m, GST_STATE_PAUSED, __i__);
  mux_clear (&m);
  g_free (path);
}

GST_END_TEST;

GST_START_TEST (test_the_base_profile_cannot_be_signed)
{
  Mux m;

  mux_init_null (&m, "profile=base");
  g_object_set (m.mux, "signing-key-file", key_path, NULL);
  fail_unless_equals_int (gst_element_set_state (m.mux, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  mux_check_error (&m, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
      "base profile cannot be signed");
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_a_key_of_another_tool_is_taken)
{
  gchar *path = store_pem ("other.pem", EVP_PKEY_Q_keygen (NULL, NULL,
          "ED25519"), NULL, FALSE);
  GstH4mkSigningKey *other = gst_h4mk_signing_key_load (path, NULL);

  fail_unless (other != NULL);
  fail_unless_equals_int (strlen (gst_h4mk_signing_key_get_public (other)), 64);
  gst_h4mk_signing_key_unref (other);
  g_free (path);
}

GST_END_TEST;

GST_START_TEST (test_a_key_is_never_written_over)
{
  GstH4mkSigningKey *loaded, *other = gst_h4mk_signing_key_generate (NULL);
  GError *error = NULL;
  GStatBuf st;

  fail_if (gst_h4mk_signing_key_store (other, key_path, &error));
  fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS), "%s",
      error->message);
  g_clear_error (&error);
  loaded = gst_h4mk_signing_key_load (key_path, &error);
  fail_unless (loaded != NULL);
  fail_unless_equals_string (gst_h4mk_signing_key_get_public (loaded),
      gst_h4mk_signing_key_get_public (key));
  fail_unless (g_stat (key_path, &st) == 0);
  fail_unless_equals_int (st.st_mode & 0777, 0600);
  gst_h4mk_signing_key_unref (loaded);
  gst_h4mk_signing_key_unref (other);
}

GST_END_TEST;

static Suite *
h4mkmux_sign_suite (void)
{
  Suite *s = suite_create ("h4mkmux-sign");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_a_signed_file_is_complete_for_who_trusts_the_key);
  tcase_add_test (tc, test_same_input_and_key_give_the_same_bytes);
  tcase_add_test (tc, test_a_cut_file_is_proven_up_to_its_last_link);
  tcase_add_test (tc, test_each_file_after_a_flush_is_signed);
  tcase_add_loop_test (tc, test_a_key_that_is_none_fails_at_ready, 0,
      G_N_ELEMENTS (bad_keys));
  tcase_add_test (tc, test_the_base_profile_cannot_be_signed);
  tcase_add_test (tc, test_a_key_of_another_tool_is_taken);
  tcase_add_test (tc, test_a_key_is_never_written_over);
  return s;
}

GST_CHECK_MAIN (h4mkmux_sign);
