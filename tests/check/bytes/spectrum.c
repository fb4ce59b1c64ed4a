/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "../h4audiovectors.h"
#include "h4spectrum.h"

static const GstH4SpectrumConfig default_config = {
  .frame_size = 2048,
  .top_k = 32,
  .window = GST_H4_WINDOW_HANN,
  .format = GST_H4_SAMPLE_S16LE,
  .channels = 1,
  .rate = 48000
};

static void
run_vector (JsonObject * vector)
{
  GstH4SpectrumConfig config = default_config;
  JsonArray *frames = json_object_get_array_member (vector, "expected");
  guint hop = json_object_get_int_member (vector, "hop");
  guint8 token[GST_H4_SPECTRUM_TOKEN_SIZE];
  GstH4Spectrum *spectrum;
  gsize size, offset = 0;
  guint8 *pcm = load_audio_pcm (vector, &size);
  guint i, j;

  config.frame_size = json_object_get_int_member (vector, "frame_size");
  config.top_k = json_object_get_int_member (vector, "top_k");
  config.rate = json_object_get_int_member (vector, "sample_rate");
  fail_unless_equals_int (hop, config.frame_size / 2);

  spectrum = gst_h4_spectrum_new (&config);
  for (i = 0; offset + gst_h4_spectrum_get_frame_bytes (spectrum) <= size;
      i++, offset += 2 * hop) {
    const GstH4SpectrumBin *bins = gst_h4_spectrum_analyse_mix (spectrum,
        pcm + offset);
    JsonArray *tokens;

    fail_unless (i < json_array_get_length (frames));
    tokens = json_array_get_array_element (frames, i);
    fail_unless_equals_int (gst_h4_spectrum_get_n_bins (spectrum),
        json_array_get_length (tokens));
    for (j = 0; j < gst_h4_spectrum_get_n_bins (spectrum); j++) {
      gst_h4_spectrum_write_tokens (&bins[j], 1, token);
      check_audio_token (json_array_get_array_element (tokens, j), token,
          bins[j].frequency, bins[j].magnitude, bins[j].phase, j,
          (gdouble) config.rate / config.frame_size);
    }
  }
  fail_unless_equals_int (i, json_array_get_length (frames));

  gst_h4_spectrum_free (spectrum);
  g_free (pcm);
}

GST_START_TEST (test_tokens_equal_the_vectors)
{
  JsonParser *parser = load_audio_vectors ();

  run_vector (get_audio_vector (parser, __i__));
  g_object_unref (parser);
}

GST_END_TEST;

/* Harris's symmetric forms, written as the books have them: by distance from
 * the middle, where the cosine changes its sign. */
static gdouble
textbook_window (GstH4Window window, guint i, guint n)
{
  gdouble turn = G_PI * (2.0 * i - (n - 1.0)) / (n - 1.0);

  switch (window) {
    case GST_H4_WINDOW_HANN:
      return cos (turn / 2) * cos (turn / 2);
    case GST_H4_WINDOW_HAMMING:
      return 0.54 + 0.46 * cos (turn);
    case GST_H4_WINDOW_BLACKMAN:
      return 0.42 + 0.5 * cos (turn) + 0.08 * cos (2 * turn);
    case GST_H4_WINDOW_RECT:
      return 1.0;
  }
  g_assert_not_reached ();
}

GST_START_TEST (test_windows_match_their_definitions)
{
  static const guint sizes[] = { 64, 2048, 65536 };
  gdouble *values = g_new (gdouble, 65536);
  guint s, i;

  for (s = 0; s < G_N_ELEMENTS (sizes); s++) {
    gst_h4_window_fill (__i__, values, sizes[s]);
    for (i = 0; i < sizes[s]; i++)
      fail_unless (fabs (values[i] - textbook_window (__i__, i, sizes[s]))
          < 1e-14, "window %d of %u at %u: %.17g", __i__, sizes[s], i,
          values[i]);
  }
  g_free (values);
}

GST_END_TEST;

/* Noise of both signs and many sizes, the same in each format that holds it. */
static gdouble *
make_noise (guint n, guint32 seed)
{
  GRand *rand = g_rand_new_with_seed (seed);
  gdouble *noise = g_new (gdouble, n);
  guint i;

  for (i = 0; i < n; i++)
    noise[i] = g_rand_double_range (rand, -1.0, 1.0);
  g_rand_free (rand);
  return noise;
}

static void
store_sample (GstH4SampleFormat format, gdouble value, guint8 * out)
{
  gint16 s16 = GINT16_TO_LE ((gint16) floor (value * 32767));
  gint32 s32 = GINT32_TO_LE ((gint32) floor (value * 2147483647.0));
  gfloat f32 = value;

  switch (format) {
    case GST_H4_SAMPLE_S16LE:
      memcpy (out, &s16, 2);
      break;
    case GST_H4_SAMPLE_S32LE:
      memcpy (out, &s32, 4);
      break;
    case GST_H4_SAMPLE_F32LE:
      memcpy (out, &f32, 4);
      break;
    case GST_H4_SAMPLE_F64LE:
      memcpy (out, &value, 8);
      break;
  }
}

static gdouble
load_sample (GstH4SampleFormat format, const guint8 * in)
{
  gint16 s16;
  gint32 s32;
  gfloat f32;
  gdouble f64;

  switch (format) {
    case GST_H4_SAMPLE_S16LE:
      memcpy (&s16, in, 2);
      return s16 / 32768.0;
    case GST_H4_SAMPLE_S32LE:
      memcpy (&s32, in, 4);
      return s32 / 2147483648.0;
    case GST_H4_SAMPLE_F32LE:
      memcpy (&f32, in, 4);
      return f32;
    case GST_H4_SAMPLE_F64LE:
      memcpy (&f64, in, 8);
      return f64;
  }
  g_assert_not_reached ();
}

static guint8 *
make_samples (GstH4SampleFormat format, const gdouble * values, guint n)
{
  guint size = gst_h4_sample_size (format);
  guint8 *samples = g_malloc ((gsize) n * size);
  guint i;

  for (i = 0; i < n; i++)
    store_sample (format, values[i], samples + i * size);
  return samples;
}

/* The transform by its definition: magnitude of each bin, not normalised. */
static void
transform_slowly (const gdouble * in, guint n, gdouble * magnitudes)
{
  guint i, k;

  for (k = 0; k <= n / 2; k++) {
    long double re = 0, im = 0;

    for (i = 0; i < n; i++) {
      long double turn = 2 * G_PI * ((guint64) k * i % n) / n;

      re += in[i] * cosl (turn);
      im -= in[i] * sinl (turn);
    }
    magnitudes[k] = sqrtl (re * re + im * im);
  }
}

/* Largest difference between our magnitudes and the definition's. */
static gdouble
measure_error (const GstH4SpectrumBin * bins, guint n_bins,
    const gdouble * magnitudes)
{
  gdouble largest = 0, error = 0;
  guint i;

  for (i = 0; i < n_bins; i++)
    largest = MAX (largest, magnitudes[i]);
  for (i = 0; i < n_bins; i++)
    error = MAX (error, fabs (bins[i].magnitude
            - magnitudes[bins[i].number] / largest));
  return error;
}

/* With channel < 0 the mean of all. */
static void
run_precision (GstH4SampleFormat format, guint channels, gint channel,
    gdouble max_error)
{
  GstH4SpectrumConfig config = default_config;
  guint n = 512, size = gst_h4_sample_size (format);
  gdouble *noise = make_noise (n * channels, 4);
  guint8 *samples = make_samples (format, noise, n * channels);
  gdouble *window = g_new (gdouble, n);
  gdouble *input = g_new0 (gdouble, n);
  gdouble *magnitudes = g_new (gdouble, n / 2 + 1);
  const GstH4SpectrumBin *bins;
  GstH4Spectrum *spectrum;
  gdouble error;
  guint i, c;

  config.frame_size = n;
  config.top_k = n;
  config.format = format;
  config.channels = channels;
  spectrum = gst_h4_spectrum_new (&config);
  bins = channel < 0 ? gst_h4_spectrum_analyse_mix (spectrum, samples)
      : gst_h4_spectrum_analyse_channel (spectrum, samples, channel);

  gst_h4_window_fill (config.window, window, n);
  for (i = 0; i < n; i++) {
    for (c = 0; c < channels; c++) {
      if (channel < 0 || c == (guint) channel)
        input[i] += load_sample (format, samples + (i * channels + c) * size);
    }
    input[i] *= window[i] / (channel < 0 ? channels : 1);
  }
  transform_slowly (input, n, magnitudes);
  error = measure_error (bins, n / 2 + 1, magnitudes);
  fail_unless (error < max_error, "format %d, channel %d of %u: %g", format,
      channel, channels, error);

  gst_h4_spectrum_free (spectrum);
  g_free (magnitudes);
  g_free (input);
  g_free (window);
  g_free (samples);
  g_free (noise);
}

/* What a float rounds away shows at 1e-9; a double must not show it. */
static const gdouble format_errors[] = {
  [GST_H4_SAMPLE_S16LE] = 1e-7,
  [GST_H4_SAMPLE_S32LE] = 1e-13,
  [GST_H4_SAMPLE_F32LE] = 1e-7,
  [GST_H4_SAMPLE_F64LE] = 1e-13,
};

GST_START_TEST (test_formats_lose_no_precision)
{
  run_precision (__i__, 1, -1, format_errors[__i__]);
}

GST_END_TEST;

GST_START_TEST (test_mix_is_the_mean_of_all_channels)
{
  run_precision (__i__, 2, -1, format_errors[__i__]);
  run_precision (__i__, 3, -1, format_errors[__i__]);
  run_precision (__i__, 64, -1, format_errors[__i__]);
}

GST_END_TEST;

GST_START_TEST (test_channel_is_read_alone)
{
  run_precision (__i__, 2, 0, format_errors[__i__]);
  run_precision (__i__, 2, 1, format_errors[__i__]);
  run_precision (__i__, 64, 63, format_errors[__i__]);
}

GST_END_TEST;

/* 16 bits are exact in each format, so mono tokens differ by no format that
 * is multiplied alike. */
GST_START_TEST (test_floats_of_16_bits_give_the_same_tokens)
{
  GstH4SpectrumConfig config = default_config;
  gdouble *noise = make_noise (config.frame_size, 5);
  guint8 *s16 = make_samples (GST_H4_SAMPLE_S16LE, noise, config.frame_size);
  guint8 *f32 = g_malloc (config.frame_size * 4);
  guint8 tokens[2][32 * GST_H4_SPECTRUM_TOKEN_SIZE];
  GstH4Spectrum *spectrum;
  guint i;

  for (i = 0; i < config.frame_size; i++)
    store_sample (GST_H4_SAMPLE_F32LE,
        load_sample (GST_H4_SAMPLE_S16LE, s16 + 2 * i), f32 + 4 * i);
  spectrum = gst_h4_spectrum_new (&config);
  gst_h4_spectrum_write_tokens (gst_h4_spectrum_analyse_mix (spectrum, s16),
      32, tokens[0]);
  gst_h4_spectrum_free (spectrum);

  config.format = GST_H4_SAMPLE_F32LE;
  spectrum = gst_h4_spectrum_new (&config);
  gst_h4_spectrum_write_tokens (gst_h4_spectrum_analyse_mix (spectrum, f32),
      32, tokens[1]);
  gst_h4_spectrum_free (spectrum);
  fail_unless (memcmp (tokens[0], tokens[1], sizeof (tokens[0])) == 0);
  g_free (f32);
  g_free (s16);
  g_free (noise);
}

GST_END_TEST;

/* The largest bins are the same however many are asked for, so the ways to
 * find few, some and all of them agree. */
GST_START_TEST (test_fewer_bins_are_the_first_of_more)
{
  GstH4SpectrumConfig config = default_config;
  gdouble *noise = make_noise (config.frame_size, 6 + __i__);
  guint8 *samples = make_samples (GST_H4_SAMPLE_S16LE, noise,
      config.frame_size);
  const GstH4SpectrumBin *all, *some;
  GstH4Spectrum *full, *spectrum;
  guint k, i;

  config.top_k = config.frame_size;
  full = gst_h4_spectrum_new (&config);
  all = gst_h4_spectrum_analyse_mix (full, samples);
  fail_unless_equals_int (gst_h4_spectrum_get_n_bins (full), 1025);
  for (i = 1; i < 1025; i++)
    fail_unless (all[i - 1].magnitude > all[i].magnitude
        || (all[i - 1].magnitude == all[i].magnitude
            && all[i - 1].number < all[i].number));

  for (k = 1; k <= 1025; k += k < 140 ? 1 : 59) {
    config.top_k = k;
    spectrum = gst_h4_spectrum_new (&config);
    some = gst_h4_spectrum_analyse_mix (spectrum, samples);
    for (i = 0; i < k; i++)
      fail_unless (some[i].number == all[i].number
          && some[i].magnitude == all[i].magnitude
          && some[i].phase == all[i].phase, "top %u differs at %u", k, i);
    gst_h4_spectrum_free (spectrum);
  }
  gst_h4_spectrum_free (full);
  g_free (samples);
  g_free (noise);
}

GST_END_TEST;

static const GstH4SpectrumBin *
analyse_doubles (GstH4SpectrumConfig * config, const gdouble * in,
    GstH4Spectrum ** spectrum)
{
  config->format = GST_H4_SAMPLE_F64LE;
  *spectrum = gst_h4_spectrum_new (config);
  return gst_h4_spectrum_analyse_mix (*spectrum, (const guint8 *) in);
}

/* A click has the same magnitude everywhere. */
GST_START_TEST (test_equal_magnitudes_are_ordered_by_number)
{
  static const guint tops[] = { 1, 5, 128, 129, 1025 };
  GstH4SpectrumConfig config = default_config;
  gdouble in[2048] = { 1.0, };
  guint t, i;

  config.window = GST_H4_WINDOW_RECT;
  for (t = 0; t < G_N_ELEMENTS (tops); t++) {
    GstH4Spectrum *spectrum;
    const GstH4SpectrumBin *bins;

    config.top_k = tops[t];
    bins = analyse_doubles (&config, in, &spectrum);
    for (i = 0; i < tops[t]; i++) {
      fail_unless_equals_int (bins[i].number, i);
      fail_unless_equals_float (bins[i].magnitude, 1.0);
    }
    gst_h4_spectrum_free (spectrum);
  }
}

GST_END_TEST;

/* Samples so small that their squares vanish still have magnitudes. */
GST_START_TEST (test_tiny_samples_are_no_silence)
{
  GstH4SpectrumConfig config = default_config;
  gdouble in[2048];
  GstH4Spectrum *spectrum;
  const GstH4SpectrumBin *bins;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (in); i++)
    in[i] = 1e-200 * sin (2 * G_PI * 100 * i / 2048.0);
  bins = analyse_doubles (&config, in, &spectrum);
  fail_unless_equals_int (bins[0].number, 100);
  fail_unless_equals_float (bins[0].magnitude, 1.0);
  fail_unless (fabs (bins[1].magnitude - 0.5) < 1e-3);
  gst_h4_spectrum_free (spectrum);
}

GST_END_TEST;

GST_START_TEST (test_what_is_no_number_is_silence)
{
  static const gdouble bad[] = { NAN, INFINITY, -INFINITY, 1e308, -1e39 };
  GstH4SpectrumConfig config = default_config;
  gdouble in[2048] = { 0.0, };
  gfloat narrow[2048] = { 0.0, };
  GstH4Spectrum *spectrum;
  const GstH4SpectrumBin *bins;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (in); i++)
    in[i] = bad[i % G_N_ELEMENTS (bad)];
  for (i = 0; i < G_N_ELEMENTS (narrow); i++)
    narrow[i] = bad[i % 3];
  bins = analyse_doubles (&config, in, &spectrum);
  for (i = 0; i < config.top_k; i++)
    fail_unless (bins[i].number == i && bins[i].magnitude == 0.0
        && bins[i].phase == 0.0);
  gst_h4_spectrum_free (spectrum);

  config.format = GST_H4_SAMPLE_F32LE;
  spectrum = gst_h4_spectrum_new (&config);
  bins = gst_h4_spectrum_analyse_mix (spectrum, (guint8 *) narrow);
  for (i = 0; i < config.top_k; i++)
    fail_unless (bins[i].number == i && bins[i].magnitude == 0.0);
  gst_h4_spectrum_free (spectrum);
}

GST_END_TEST;

GST_START_TEST (test_largest_finite_samples_stay_finite)
{
  GstH4SpectrumConfig config = default_config;
  gdouble *in = g_new (gdouble, 65536);
  GstH4Spectrum *spectrum;
  const GstH4SpectrumBin *bins;
  guint i;

  config.frame_size = 65536;
  config.window = GST_H4_WINDOW_RECT;
  for (i = 0; i < 65536; i++)
    in[i] = 3.4e38;
  bins = analyse_doubles (&config, in, &spectrum);
  fail_unless_equals_int (bins[0].number, 0);
  for (i = 0; i < config.top_k; i++)
    fail_unless (isfinite (bins[i].magnitude) && isfinite (bins[i].phase));
  gst_h4_spectrum_free (spectrum);
  g_free (in);
}

GST_END_TEST;

static const struct
{
  gdouble frequency;
  guint rate;
  guint frame_size;
} sines[] = {
  {440.0, 48000, 2048},
  {27.5, 8000, 4096},
  {82.41, 44100, 4096},
  {261.63, 44100, 2048},
  {440.0, 44100, 2048},
  {1000.0, 48000, 2048},
  {1010.0, 48000, 2048},
  {1015.0, 48000, 2048},
  {4186.01, 96000, 4096},
  {12345.6, 48000, 2048},
  {19999.0, 48000, 2048},
};

static gdouble
measure_sine (guint s, gboolean parabolic, gdouble start)
{
  GstH4SpectrumConfig config = default_config;
  gdouble *in = g_new (gdouble, sines[s].frame_size);
  GstH4Spectrum *spectrum;
  gdouble frequency;
  guint i;

  config.rate = sines[s].rate;
  config.frame_size = sines[s].frame_size;
  config.parabolic = parabolic;
  for (i = 0; i < config.frame_size; i++)
    in[i] = 0.5 * sin (start + 2 * G_PI * sines[s].frequency * i / config.rate);
  frequency = analyse_doubles (&config, in, &spectrum)[0].frequency;
  gst_h4_spectrum_free (spectrum);
  g_free (in);
  return frequency;
}

GST_START_TEST (test_parabola_finds_sines_between_bins)
{
  gdouble start;

  for (start = 0; start < 2 * G_PI; start += 0.37) {
    gdouble frequency = measure_sine (__i__, TRUE, start);

    fail_unless (fabs (frequency - sines[__i__].frequency) <= 0.5,
        "%g Hz reads as %g", sines[__i__].frequency, frequency);
  }
}

GST_END_TEST;

GST_START_TEST (test_bins_are_multiples_of_rate_by_frame_size)
{
  gdouble step = (gdouble) sines[__i__].rate / sines[__i__].frame_size;
  gdouble frequency = measure_sine (__i__, FALSE, 0.0);

  fail_unless_equals_float (frequency,
      step * floor (sines[__i__].frequency / step + 0.5));
}

GST_END_TEST;

static const struct
{
  GstH4SpectrumBin bin;
  guint8 token[GST_H4_SPECTRUM_TOKEN_SIZE];
} fields[] = {
  {{0, 0.0, 0.0, 0.0}, {0, 0, 0, 0, 0, 0, 0x7f, 0xff}},
  {{19, 445.3125, 1.0, -G_PI}, {0, 0, 0x11, 0x65, 0xff, 0xff, 0, 0}},
  {{1, 20000.1, 0.5, G_PI}, {0, 3, 0x0d, 0x40, 0x7f, 0xff, 0xff, 0xff}},
  {{1, 1e9, 1.0, 4.0}, {0, 3, 0x0d, 0x40, 0xff, 0xff, 0xff, 0xff}},
  {{0, -0.5, 0.0, -4.0}, {0, 0, 0, 0, 0, 0, 0, 0}},
};

GST_START_TEST (test_token_fields_are_truncated_and_clamped)
{
  guint8 token[GST_H4_SPECTRUM_TOKEN_SIZE];

  gst_h4_spectrum_write_tokens (&fields[__i__].bin, 1, token);
  fail_unless (memcmp (token, fields[__i__].token, sizeof (token)) == 0);
}

GST_END_TEST;

/* The reader must take samples where they lie. */
GST_START_TEST (test_samples_need_no_alignment)
{
  GstH4SpectrumConfig config = default_config;
  gdouble *noise = make_noise (config.frame_size, 8);
  guint8 *samples = make_samples (__i__, noise, config.frame_size);
  gsize size = config.frame_size * gst_h4_sample_size (__i__);
  guint8 *shifted = g_malloc (size + 1);
  guint8 tokens[2][32 * GST_H4_SPECTRUM_TOKEN_SIZE];
  GstH4Spectrum *spectrum;

  memcpy (shifted + 1, samples, size);
  config.format = __i__;
  spectrum = gst_h4_spectrum_new (&config);
  gst_h4_spectrum_write_tokens (gst_h4_spectrum_analyse_mix (spectrum,
          samples), 32, tokens[0]);
  gst_h4_spectrum_write_tokens (gst_h4_spectrum_analyse_mix (spectrum,
          shifted + 1), 32, tokens[1]);
  fail_unless (memcmp (tokens[0], tokens[1], sizeof (tokens[0])) == 0);
  gst_h4_spectrum_free (spectrum);
  g_free (shifted);
  g_free (samples);
  g_free (noise);
}

GST_END_TEST;

/* Threads that make their plans at once must get the same answer. */
static gpointer
analyse_in_thread (gpointer data)
{
  const guint8 *samples = data;
  GstH4SpectrumConfig config = default_config;
  GString *tokens = g_string_new (NULL);
  guint8 token[GST_H4_SPECTRUM_TOKEN_SIZE];
  guint size;

  config.top_k = 1;
  for (size = 64; size <= 65536; size *= 2) {
    GstH4Spectrum *spectrum;

    config.frame_size = size;
    spectrum = gst_h4_spectrum_new (&config);
    gst_h4_spectrum_write_tokens (gst_h4_spectrum_analyse_mix (spectrum,
            samples), 1, token);
    g_string_append_len (tokens, (gchar *) token, sizeof (token));
    gst_h4_spectrum_free (spectrum);
  }
  return tokens;
}

GST_START_TEST (test_threads_share_plans)
{
  gdouble *noise = make_noise (65536, 9);
  guint8 *samples = make_samples (GST_H4_SAMPLE_S16LE, noise, 65536);
  GThread *threads[8];
  GString *tokens[8];
  guint i;

  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("spectrum", analyse_in_thread, samples);
  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    tokens[i] = g_thread_join (threads[i]);
  for (i = 0; i < G_N_ELEMENTS (threads); i++) {
    fail_unless_equals_int (tokens[i]->len, 11 * GST_H4_SPECTRUM_TOKEN_SIZE);
    fail_unless (g_string_equal (tokens[0], tokens[i]));
  }
  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    g_string_free (tokens[i], TRUE);
  g_free (samples);
  g_free (noise);
}

GST_END_TEST;

static Suite *
spectrum_suite (void)
{
  Suite *s = suite_create ("spectrum");
  TCase *tc = tcase_create ("general");
  gint n_sines = G_N_ELEMENTS (sines);

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_tokens_equal_the_vectors, 0, N_AUDIO_VECTORS);
  tcase_add_loop_test (tc, test_windows_match_their_definitions, 0, 4);
  tcase_add_loop_test (tc, test_formats_lose_no_precision, 0, 4);
  tcase_add_loop_test (tc, test_mix_is_the_mean_of_all_channels, 0, 4);
  tcase_add_loop_test (tc, test_channel_is_read_alone, 0, 4);
  tcase_add_loop_test (tc, test_samples_need_no_alignment, 0, 4);
  tcase_add_test (tc, test_floats_of_16_bits_give_the_same_tokens);
  tcase_add_loop_test (tc, test_fewer_bins_are_the_first_of_more, 0, 4);
  tcase_add_test (tc, test_equal_magnitudes_are_ordered_by_number);
  tcase_add_test (tc, test_tiny_samples_are_no_silence);
  tcase_add_test (tc, test_what_is_no_number_is_silence);
  tcase_add_test (tc, test_largest_finite_samples_stay_finite);
  tcase_add_loop_test (tc, test_parabola_finds_sines_between_bins, 0, n_sines);
  tcase_add_loop_test (tc, test_bins_are_multiples_of_rate_by_frame_size, 0,
      n_sines);
  tcase_add_loop_test (tc, test_token_fields_are_truncated_and_clamped, 0,
      G_N_ELEMENTS (fields));
  tcase_add_test (tc, test_threads_share_plans);
  return s;
}

GST_CHECK_MAIN (spectrum);
