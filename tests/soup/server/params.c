/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include <gst/check/gstcheck.h>

#include "h4params.h"
#include "h4problem.h"

#define KEY "00112233445566778899aabbccddEEFF"

static H4Values *
values_for (const gchar * id)
{
  const H4Call *call = h4_call_find (id);

  return h4_values_new (call->params, call->n_params);
}

static gboolean
set (H4Values * values, const gchar * name, const gchar * text)
{
  GError *error = NULL;
  gboolean ok = h4_values_set (values, name, text, strlen (text), &error);

  if (!ok) {
    H4Problem problem;

    fail_unless (h4_problem_from_error (error, &problem));
    fail_unless_equals_int (problem.status, 400);
    fail_unless_equals_string (problem.field, name);
  }
  g_clear_error (&error);
  return ok;
}

static gboolean
accepts (const gchar * call, const gchar * name, const gchar * text)
{
  H4Values *values = values_for (call);
  gboolean ok = set (values, name, text);

  h4_values_free (values);
  return ok;
}

/* Every number of every call: both ends of its range, and one step past. */
GST_START_TEST (test_ranges_of_all_calls)
{
  guint i, k, n = 0;

  for (i = 0; i < h4_n_upload_calls; i++) {
    const H4Call *call = &h4_upload_calls[i];

    for (k = 0; k < call->n_params; k++) {
      const H4Param *param = &call->params[k];
      gboolean integer = param->type == H4_PARAM_INTEGER;
      gdouble values[] = { param->min, param->max,
        param->min - (integer ? 1 : 0.001), param->max + (integer ? 1 : 0.001)
      };
      guint v;

      if (!integer && param->type != H4_PARAM_NUMBER)
        continue;
      for (v = 0; v < G_N_ELEMENTS (values); v++) {
        gchar *text = g_strdup_printf ("%.17g", values[v]);

        fail_unless_equals_int (accepts (call->id, param->name, text), v < 2);
        g_free (text);
      }
      n++;
    }
  }
  fail_unless (n >= 12);
}

GST_END_TEST;

GST_START_TEST (test_numbers)
{
  fail_unless (accepts ("video_stream", "gop", " 30\n"));
  fail_unless (accepts ("video_stream", "gop", "30.0"));
  fail_unless (accepts ("video_stream", "fps_hint", "29.97"));
  fail_unless (accepts ("video_stream", "fps_hint", "3e1"));
  fail_if (accepts ("video_stream", "gop", ""));
  fail_if (accepts ("video_stream", "gop", "30.5"));
  fail_if (accepts ("video_stream", "gop", "0x1e"));
  fail_if (accepts ("video_stream", "gop", "30 30"));
  fail_if (accepts ("video_stream", "gop", "99999999999999999999"));
  fail_if (accepts ("video_stream", "fps_hint", "nan"));
  fail_if (accepts ("video_stream", "fps_hint", "inf"));
  fail_if (accepts ("video_stream", "fps_hint", "30fps"));
  fail_if (accepts ("video_stream", "fps_hint", "0x1p4"));
  fail_if (accepts ("audio_stream", "frame_size", "2047"));
  fail_if (accepts ("audio_stream", "frame_size", "3072"));
}

GST_END_TEST;

GST_START_TEST (test_booleans_and_choices)
{
  H4Values *values = values_for ("video_export");

  fail_if (h4_values_get_boolean (values, "mask"));
  fail_unless (set (values, "mask", "True"));
  fail_unless (set (values, "mask", "1"));
  fail_unless (h4_values_get_boolean (values, "mask"));
  fail_if (set (values, "mask", "off"));
  fail_if (set (values, "mask", "maybe"));
  fail_unless_equals_string (h4_values_get_text (values, "mode"), "raw");
  fail_unless (h4_values_get_text (values, "scheme") == NULL);
  fail_unless (set (values, "scheme", "aes-256-gcm"));
  fail_if (set (values, "mode", "ra"));
  fail_if (set (values, "mode", ""));
  fail_if (set (values, "mode", "raw,media"));
  fail_unless (set (values, "unheard-of", "\x01"));
  h4_values_free (values);
}

GST_END_TEST;

static void
check_key_error (const gchar * text, const gchar * words)
{
  H4Values *values = values_for ("audio_mask");
  GError *error = NULL;
  H4Problem problem;

  fail_if (h4_values_set (values, "master_key_hex", text, strlen (text),
          &error));
  fail_unless (h4_problem_from_error (error, &problem));
  fail_unless_equals_int (problem.status, 400);
  fail_unless_equals_string (problem.field, "master_key_hex");
  fail_unless (strstr (error->message, words), "%s", error->message);
  /* nothing of the key is said */
  fail_if (strlen (text) > 4 && strstr (error->message, text));
  g_clear_error (&error);
  h4_values_free (values);
}

GST_START_TEST (test_keys)
{
  static const guint8 bytes[] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66,
    0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff
  };
  H4Values *values = values_for ("audio_mask");
  GBytes *key;

  fail_unless (h4_values_get_key (values, "master_key_hex") == NULL);
  fail_unless (set (values, "master_key_hex", KEY));
  fail_unless (set (values, "master_key_hex",
          "00112233445566778899AABBCCDDEEFF"));
  key = h4_values_get_key (values, "master_key_hex");
  fail_unless_equals_int (g_bytes_get_size (key), sizeof (bytes));
  fail_unless (memcmp (g_bytes_get_data (key, NULL), bytes,
          sizeof (bytes)) == 0);
  fail_if (set (values, "master_key_hex", "ff112233445566778899AABBCCDDEEFF"));
  h4_values_free (values);
}

GST_END_TEST;

GST_START_TEST (test_malformed_keys)
{
  /* the reference's sample */
  check_key_error ("6dd516ea8669e2464a31f0624a5550d7abc123456789abcdef01234567"
      "89abc", "63 hexadecimal digits, an odd number");
  check_key_error ("", "0 bytes");
  check_key_error ("001122334455667788990011223344", "15 bytes");
  check_key_error ("6dd516ea8669e2464a31f0624a5550d7...", "position 33");
  check_key_error ("0x112233445566778899aabbccddeeff", "position 2");
}

GST_END_TEST;

GST_START_TEST (test_queries)
{
  H4Values *values = values_for ("video_stream");
  GError *error = NULL;

  fail_unless (h4_values_set_query (values, NULL, &error));
  fail_unless (h4_values_set_query (values, "", &error));
  fail_unless (h4_values_set_query (values,
          "&block_size=65536&&x=%ff&g%6fp=%31+&other&gop=1", &error));
  fail_unless_equals_int (h4_values_get_integer (values, "block_size"), 65536);
  fail_unless_equals_int (h4_values_get_integer (values, "gop"), 1);
  fail_if (h4_values_is_set (values, "fps_hint"));
  fail_unless_equals_float (h4_values_get_number (values, "fps_hint"), 30);
  fail_if (h4_values_set_query (values, "gop=2", &error));
  fail_unless (g_error_matches (error, H4_PROBLEM, 400));
  fail_unless (strstr (error->message, "twice"));
  g_clear_error (&error);
  fail_if (h4_values_set_query (values, "x=%4", &error));
  fail_unless (g_error_matches (error, H4_PROBLEM, 400));
  g_clear_error (&error);
  fail_if (h4_values_set_query (values, "fps_hint=3%000", &error));
  fail_unless (g_error_matches (error, H4_PROBLEM, 400));
  g_clear_error (&error);
  h4_values_free (values);
}

GST_END_TEST;

GST_START_TEST (test_confirming_changes_nothing)
{
  H4Values *values = values_for ("video_stream");
  GError *error = NULL;

  fail_unless (set (values, "gop", "12"));
  fail_unless (h4_values_confirm (values, "gop", "12", 2, &error));
  fail_unless (h4_values_confirm (values, "fps_hint", "30", 2, &error));
  fail_if (h4_values_confirm (values, "fps_hint", "25", 2, &error));
  g_clear_error (&error);
  fail_if (h4_values_is_set (values, "fps_hint"));
  h4_values_free (values);
}

GST_END_TEST;

GST_START_TEST (test_confirming_what_was_not_needed)
{
  H4Values *values = values_for ("video_export");
  GError *error = NULL;

  fail_unless (h4_values_confirm (values, "master_key_hex", KEY, strlen (KEY),
          &error));
  fail_if (h4_values_is_set (values, "master_key_hex"));
  fail_if (h4_values_confirm (values, "master_key_hex", "0", 1, &error));
  g_clear_error (&error);
  h4_values_free (values);
}

GST_END_TEST;

GST_START_TEST (test_missing)
{
  H4Values *values = values_for ("audio_mask");
  GError *error = NULL;
  H4Problem problem;

  fail_if (h4_values_check (values, &error));
  fail_unless (h4_problem_from_error (error, &problem));
  fail_unless_equals_string (problem.field, "master_key_hex");
  g_clear_error (&error);
  fail_unless (set (values, "master_key_hex", KEY));
  fail_unless (h4_values_check (values, &error));
  h4_values_free (values);
}

GST_END_TEST;

/* What an error says is accepted. */
GST_START_TEST (test_descriptions)
{
  static const struct
  {
    const gchar *call, *name, *text;
  } cases[] = {
    {"video_stream", "block_size", "65536…8388608"},
    {"video_stream", "mode", "raw|media"},
    {"video_export", "mask", "true, false"},
    {"audio_stream", "frame_size", "a power of two, 256…16384"}
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    H4Values *values = values_for (cases[i].call);
    GError *error = NULL;
    H4Problem problem;

    fail_if (h4_values_set (values, cases[i].name, "\"?", 2, &error));
    fail_unless (h4_problem_from_error (error, &problem));
    fail_unless_equals_string (problem.accepted, cases[i].text);
    fail_unless (strstr (error->message, "not \"\\\"?\""));
    g_clear_error (&error);
    h4_values_free (values);
  }
}

GST_END_TEST;

/* What was sent is shown as it is read, but for what is no text. */
GST_START_TEST (test_values_in_errors)
{
  static const struct
  {
    const gchar *text, *shown;
  } cases[] = {
    {"für", "not \"für\"."},
    {"\xe2\x82\xac\n\x01", "not \"\xe2\x82\xac\\n\\001\"."},
    {"\xff", "not \"\xef\xbf\xbd\"."}
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    H4Values *values = values_for ("video_stream");
    GError *error = NULL;

    fail_if (h4_values_set (values, "mode", cases[i].text,
            strlen (cases[i].text), &error));
    fail_unless (g_str_has_suffix (error->message, cases[i].shown), "%s",
        error->message);
    g_clear_error (&error);
    h4_values_free (values);
  }
}

GST_END_TEST;

static Suite *
params_suite (void)
{
  Suite *s = suite_create ("params");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_ranges_of_all_calls);
  tcase_add_test (tc, test_numbers);
  tcase_add_test (tc, test_booleans_and_choices);
  tcase_add_test (tc, test_keys);
  tcase_add_test (tc, test_malformed_keys);
  tcase_add_test (tc, test_queries);
  tcase_add_test (tc, test_confirming_changes_nothing);
  tcase_add_test (tc, test_confirming_what_was_not_needed);
  tcase_add_test (tc, test_missing);
  tcase_add_test (tc, test_descriptions);
  tcase_add_test (tc, test_values_in_errors);
  return s;
}

GST_CHECK_MAIN (params);
