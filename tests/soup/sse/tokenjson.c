/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Tokens as the reference's JSON, letter by letter. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <gst/check/gstcheck.h>

#include "h4tokenjson.h"

static void
assert_rounded (gdouble value, guint digits, const gchar * wanted)
{
  gchar text[H4_TOKEN_JSON_MAX];

  *h4_token_json_put_rounded (text, value, digits) = '\0';
  fail_unless (g_str_equal (text, wanted), "%.17g to %u digits is %s, not %s",
      value, digits, text, wanted);
}

/* As Python 3 prints round (value, digits). */
GST_START_TEST (test_numbers_are_rounded_as_python_does)
{
  static const struct
  {
    gdouble value;
    guint digits;
    const gchar *text;
  } numbers[] = {
    {0.0, 4, "0.0"},
    {-0.0, 4, "-0.0"},
    {-0.00001, 4, "-0.0"},
    {1.0, 4, "1.0"},
    {6281.25, 1, "6281.2"},
    {6281.75, 1, "6281.8"},
    {0.25, 1, "0.2"},
    {0.35, 1, "0.3"},
    {0.75, 1, "0.8"},
    {0.05, 1, "0.1"},
    {0.15, 1, "0.1"},
    {0.99995, 4, "1.0"},
    {0.00005, 4, "0.0001"},
    {0.00015, 4, "0.0001"},
    {2.675, 2, "2.67"},
    {0.03125, 4, "0.0312"},
    {0.09375, 4, "0.0938"},
    {-1.33515, 4, "-1.3352"},
    {3.14159265358979, 4, "3.1416"},
    {19999.99, 1, "20000.0"},
    {96000.0, 1, "96000.0"},
    {1e14, 1, "100000000000000.0"},
    {1e16, 1, "1e+16"},
    {1.5e300, 1, "1.5e+300"},
    {2.5, 0, "2.0"},
    {G_MAXDOUBLE, 4, "1.7976931348623157e+308"},
    {5e-324, 4, "0.0"},
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (numbers); i++)
    assert_rounded (numbers[i].value, numbers[i].digits, numbers[i].text);
  assert_rounded (NAN, 4, "null");
  assert_rounded (INFINITY, 4, "null");
  assert_rounded (-INFINITY, 1, "null");
}

GST_END_TEST;

/* printf() rounds the exact value, too; then zeros go. */
static void
assert_as_printf (gdouble value, guint digits)
{
  gchar text[400];
  gsize n;

  n = snprintf (text, sizeof (text), "%.*f", (gint) digits, value);
  while (text[n - 1] == '0' && text[n - 2] != '.')
    text[--n] = '\0';
  assert_rounded (value, digits, text);
}

GST_START_TEST (test_many_numbers_are_rounded_as_printf_does)
{
  GRand *rand = g_rand_new_with_seed (4);
  guint i;

  for (i = 0; i < 30000; i++) {
    gdouble unit = g_rand_double (rand);
    gdouble near = ((gdouble) g_rand_int (rand) + 0.5) / 10000;

    assert_as_printf (unit, 4);
    assert_as_printf (unit * 6.3 - 3.15, 4);
    assert_as_printf (unit * 96000, 1);
    assert_as_printf (ldexp (unit, g_rand_int_range (rand, -40, 30)), 4);
    /* neighbours of ties, and ties */
    assert_as_printf (near, 4);
    assert_as_printf (nextafter (near, 0), 4);
    assert_as_printf (nextafter (near, 1e9), 4);
    assert_as_printf (g_rand_int (rand) / 64.0, 1);
    assert_as_printf (g_rand_int (rand) / 8192.0, 4);
  }
  g_rand_free (rand);
}

GST_END_TEST;

GST_START_TEST (test_doubles_have_the_digits_that_they_need)
{
  static const struct
  {
    gdouble value;
    const gchar *text;
  } numbers[] = {
    {30.0, "30.0"},
    {29.97, "29.97"},
    {30000.0 / 1001, "29.97002997002997"},
    {0.001, "0.001"},
    {0.0001, "0.0001"},
    {0.00001, "1e-05"},
    {-1.5, "-1.5"},
    {1e15, "1000000000000000.0"},
    {123456789012345680.0, "1.2345678901234568e+17"},
    {0.1, "0.1"},
  };
  gchar text[H4_TOKEN_JSON_MAX];
  guint i;

  for (i = 0; i < G_N_ELEMENTS (numbers); i++) {
    *h4_token_json_put_double (text, numbers[i].value) = '\0';
    fail_unless_equals_string (text, numbers[i].text);
  }
}

GST_END_TEST;

static void
read_hex (const gchar * hex, guint8 * data, gsize size)
{
  gsize i;

  for (i = 0; i < size; i++)
    data[i] = g_ascii_xdigit_value (hex[2 * i]) << 4
        | g_ascii_xdigit_value (hex[2 * i + 1]);
}

static void
check_video (const gchar * json, const guint8 * token)
{
  gchar text[H4_TOKEN_JSON_MAX];

  *h4_token_json_put_video (text, token, 0, 0) = '\0';
  fail_unless_equals_string (text, json);
}

/* The exact value of what was rounded is not in the file, but one that rounds
 * to it is: itself. */
static void
check_audio (const gchar * json, const guint8 * token)
{
  gchar text[H4_TOKEN_JSON_MAX];
  H4TokenBin bin, coarse;

  fail_unless_equals_int (sscanf (json, "{\"bin_hz\":%lf,\"magnitude\":%lf,"
          "\"phase\":%lf", &bin.frequency, &bin.magnitude, &bin.phase), 3);
  *h4_token_json_put_audio (text, token, &bin, -1) = '\0';
  fail_unless_equals_string (text, json);
  h4_token_json_decode_bin (token, &coarse);
  fail_unless (fabs (coarse.frequency - bin.frequency) < 0.11);
  fail_unless (fabs (coarse.magnitude - bin.magnitude) <= 1e-4);
  fail_unless (fabs (coarse.phase - bin.phase) <= 2e-4);
}

static void
check_vectors (const gchar * name, gsize size,
    void (*check) (const gchar *, const guint8 *))
{
  gchar *path = g_build_filename (g_getenv ("H4_VECTORS"), name, NULL);
  gchar *text, **lines;
  guint8 token[H4_VIDEO_TOKEN_SIZE];
  guint i, n = 0;

  fail_unless (g_file_get_contents (path, &text, NULL, NULL), "%s", path);
  lines = g_strsplit (text, "\n", -1);
  for (i = 0; lines[i]; i++) {
    const gchar *hex = strstr (lines[i], "\"token_hex\":\"");

    if (!hex)
      continue;
    read_hex (hex + strlen ("\"token_hex\":\""), token, size);
    check (lines[i] + strlen ("data:"), token);
    n++;
  }
  fail_unless (n > 0);
  g_strfreev (lines);
  g_free (text);
  g_free (path);
}

GST_START_TEST (test_tokens_are_the_references_json)
{
  check_vectors ("sse-video.txt", H4_VIDEO_TOKEN_SIZE, check_video);
  check_vectors ("sse-audio.txt", H4_AUDIO_TOKEN_SIZE, check_audio);
}

GST_END_TEST;

GST_START_TEST (test_a_block_has_its_kind_and_size)
{
  guint8 token[H4_VIDEO_TOKEN_SIZE];
  gchar text[H4_TOKEN_JSON_MAX];

  memset (token, 0xff, sizeof (token));
  *h4_token_json_put_video (text, token, 'B', G_MAXUINT64) = '\0';
  fail_unless_equals_string (text, "{\"pts_us\":18446744073709551615,"
      "\"block_index\":4294967295,\"is_key\":true,"
      "\"token_hex\":\"ffffffffffffffffffffffffff\",\"kind\":\"B\","
      "\"size\":18446744073709551615}");
}

GST_END_TEST;

GST_START_TEST (test_a_bin_of_a_frame_may_name_its_channel)
{
  H4TokenBin bin = { 440.0, 0.5, -1.25 };
  gchar text[H4_TOKEN_JSON_MAX];

  *h4_token_json_put_bin (text, &bin, -1) = '\0';
  fail_unless_equals_string (text,
      "{\"bin_hz\":440.0,\"magnitude\":0.5,\"phase\":-1.25}");
  *h4_token_json_put_bin (text, &bin, 1) = '\0';
  fail_unless_equals_string (text,
      "{\"channel\":1,\"bin_hz\":440.0,\"magnitude\":0.5,\"phase\":-1.25}");
}

GST_END_TEST;

GST_START_TEST (test_nothing_is_longer_than_said)
{
  H4TokenBin bin = { -1.7976931348623157e+308, -1.7976931348623157e+308,
    -1.7976931348623157e+308
  };
  guint8 token[H4_AUDIO_TOKEN_SIZE] = { 0 };
  gchar text[H4_TOKEN_JSON_MAX];

  fail_unless (h4_token_json_put_audio (text, token, &bin, G_MAXINT) < text
      + sizeof (text));
  fail_unless (h4_token_json_put_bin (text, &bin, G_MAXINT) < text
      + sizeof (text));
}

GST_END_TEST;

static Suite *
tokenjson_suite (void)
{
  Suite *s = suite_create ("tokenjson");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_numbers_are_rounded_as_python_does);
  tcase_add_test (tc, test_many_numbers_are_rounded_as_printf_does);
  tcase_add_test (tc, test_doubles_have_the_digits_that_they_need);
  tcase_add_test (tc, test_tokens_are_the_references_json);
  tcase_add_test (tc, test_a_block_has_its_kind_and_size);
  tcase_add_test (tc, test_a_bin_of_a_frame_may_name_its_channel);
  tcase_add_test (tc, test_nothing_is_longer_than_said);
  return s;
}

GST_CHECK_MAIN (tokenjson);
