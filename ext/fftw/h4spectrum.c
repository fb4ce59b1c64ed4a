/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "h4spectrum.h"
#include "h4plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

G_STATIC_ASSERT (GST_H4_SPECTRUM_MIN_FRAME_SIZE == GST_H4_PLAN_MIN_SIZE);
G_STATIC_ASSERT (GST_H4_SPECTRUM_MAX_FRAME_SIZE == GST_H4_PLAN_MAX_SIZE);

#define MAX_FREQUENCY 20000.0
#define FREQUENCY_STEPS 10.0
#define FIELD_MAX 65535.0

/* Two powers further apart than this have different magnitudes, in this
 * order, however hypot() and the division round. */
#define POWER_MARGIN (1.0 - 1e-12)

/* Below this a power may have lost bits that its magnitude still has. */
#define POWER_FLOOR 1e-250

/* Up to here inserting beats qsort() and its calls. */
#define INSERTION_MAX 128

typedef struct
{
  gdouble magnitude;
  guint number;
} Candidate;

struct _GstH4Spectrum
{
  GstH4SpectrumConfig config;
  guint n_all;                  /* bins of the transform */
  guint n_bins;                 /* bins to give */
  fftw_plan plan;
  gpointer factors;
  gdouble *input;
  fftw_complex *output;
  gdouble *power;
  gdouble *maxima;
  Candidate *candidates;
  GstH4SpectrumBin *bins;
};

/**
 * gst_h4_spectrum_new:
 * @config: what to do, within the ranges of its members
 *
 * Returns: (transfer full) (nullable): a spectrum, %NULL where FFTW has no
 *   memory
 *
 * Since: 1.0
 */
GstH4Spectrum *
gst_h4_spectrum_new (const GstH4SpectrumConfig * config)
{
  guint n = config->frame_size;
  GstH4Spectrum *self;
  gdouble *window;

  g_return_val_if_fail (n >= GST_H4_SPECTRUM_MIN_FRAME_SIZE
      && n <= GST_H4_SPECTRUM_MAX_FRAME_SIZE && (n & (n - 1)) == 0, NULL);
  g_return_val_if_fail (config->top_k > 0 && config->channels > 0, NULL);

  self = g_new0 (GstH4Spectrum, 1);
  self->config = *config;
  self->n_all = n / 2 + 1;
  self->n_bins = MIN (config->top_k, self->n_all);
  self->plan = gst_h4_plan_get (n);
  self->input = fftw_alloc_real (n);
  self->output = fftw_alloc_complex (self->n_all);
  self->power = g_new (gdouble, self->n_all);
  self->maxima = g_new (gdouble, self->n_bins);
  self->candidates = g_new (Candidate, self->n_all);
  self->bins = g_new (GstH4SpectrumBin, self->n_bins);

  window = g_new (gdouble, n);
  gst_h4_window_fill (config->window, window, n);
  self->factors = gst_h4_samples_new_factors (config->format, window, n);
  g_free (window);

  if (!self->plan || !self->input || !self->output)
    g_clear_pointer (&self, gst_h4_spectrum_free);
  return self;
}

/**
 * gst_h4_spectrum_free:
 * @self: (transfer full): a spectrum
 *
 * Since: 1.0
 */
void
gst_h4_spectrum_free (GstH4Spectrum * self)
{
  fftw_free (self->input);
  fftw_free (self->output);
  g_free (self->factors);
  g_free (self->power);
  g_free (self->maxima);
  g_free (self->candidates);
  g_free (self->bins);
  g_free (self);
}

/**
 * gst_h4_spectrum_get_n_bins:
 * @self: a spectrum
 *
 * Returns: how many bins a frame of a channel gives: top_k, or all there are
 *
 * Since: 1.0
 */
guint
gst_h4_spectrum_get_n_bins (const GstH4Spectrum * self)
{
  return self->n_bins;
}

/**
 * gst_h4_spectrum_get_frame_bytes:
 * @self: a spectrum
 *
 * Returns: the bytes of a frame of all channels
 *
 * Since: 1.0
 */
gsize
gst_h4_spectrum_get_frame_bytes (const GstH4Spectrum * self)
{
  return (gsize) self->config.frame_size * self->config.channels
      * gst_h4_sample_size (self->config.format);
}

static void
compute_power (GstH4Spectrum * self)
{
  const gdouble *out = (const gdouble *) self->output;
  gdouble *power = self->power;
  guint i;

  for (i = 0; i < self->n_all; i++)
    power[i] = out[2 * i] * out[2 * i] + out[2 * i + 1] * out[2 * i + 1];
}

/* Deals the bins out to as many groups as bins are wanted. The smallest of
 * the groups' maxima is reached by at least one bin in each, so none of the
 * wanted bins lies below it, and few others lie above. */
static gdouble
find_threshold (GstH4Spectrum * self)
{
  guint k = self->n_bins;
  gdouble *maxima = self->maxima;
  gdouble threshold;
  guint i, row;

  memcpy (maxima, self->power, k * sizeof (gdouble));
  for (row = k; row + k <= self->n_all; row += k) {
    const gdouble *power = self->power + row;

    for (i = 0; i < k; i++)
      maxima[i] = power[i] > maxima[i] ? power[i] : maxima[i];
  }

  threshold = maxima[0];
  for (i = 1; i < k; i++)
    threshold = MIN (threshold, maxima[i]);
  return threshold < POWER_FLOOR ? 0.0 : threshold * POWER_MARGIN;
}

static gdouble
get_magnitude (GstH4Spectrum * self, guint number)
{
  return hypot (self->output[number][0], self->output[number][1]);
}

/* Gathers the bins that may be wanted, with their magnitudes relative to the
 * largest. Returns how many. */
static guint
gather (GstH4Spectrum * self, gdouble threshold)
{
  Candidate *candidates = self->candidates;
  gdouble largest = 0.0;
  guint i, n = 0;

  for (i = 0; i < self->n_all; i++) {
    candidates[n].number = i;
    n += self->power[i] >= threshold;
  }
  for (i = 0; i < n; i++) {
    gdouble magnitude = get_magnitude (self, candidates[i].number);

    candidates[i].magnitude = magnitude;
    largest = MAX (largest, magnitude);
  }
  if (largest == 0.0)
    return MIN (n, self->n_bins);
  for (i = 0; i < n; i++)
    candidates[i].magnitude /= largest;
  return n;
}

static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  const Candidate *x = a;
  const Candidate *y = b;

  if (x->magnitude != y->magnitude)
    return x->magnitude > y->magnitude ? -1 : 1;
  return x->number < y->number ? -1 : 1;
}

/* Candidates come in the order of their numbers, which breaks ties. */
static void
insert_largest (Candidate * candidates, guint n, guint k)
{
  guint i, j, sorted = 0;

  for (i = 0; i < n; i++) {
    Candidate next = candidates[i];

    if (sorted == k) {
      if (next.magnitude <= candidates[k - 1].magnitude)
        continue;
    } else {
      sorted++;
    }
    for (j = sorted - 1; j > 0
        && candidates[j - 1].magnitude < next.magnitude; j--)
      candidates[j] = candidates[j - 1];
    candidates[j] = next;
  }
}

static void
select_largest (GstH4Spectrum * self)
{
  guint k = self->n_bins;
  guint n = gather (self, find_threshold (self));

  if (k <= INSERTION_MAX)
    insert_largest (self->candidates, n, k);
  else
    qsort (self->candidates, n, sizeof (Candidate), compare_candidates);
}

/* The vertex of the parabola through the logarithms of a peak and its two
 * neighbours: J. O. Smith and X. Serra, "PARSHL: An Analysis/Synthesis Program
 * for Non-Harmonic Sounds Based on a Sinusoidal Representation", 1987. In
 * bins from the peak, within half a bin; 0 where there is no peak. */
static gdouble
find_vertex (GstH4Spectrum * self, guint number)
{
  gdouble below, peak, above;

  if (number == 0 || number == self->n_all - 1)
    return 0.0;
  below = get_magnitude (self, number - 1);
  peak = get_magnitude (self, number);
  above = get_magnitude (self, number + 1);
  if (below == 0.0 || above == 0.0 || peak < below || peak < above
      || (peak == below && peak == above))
    return 0.0;

  below = log (below / peak);
  above = log (above / peak);
  return 0.5 * (below - above) / (below + above);
}

static void
describe_bins (GstH4Spectrum * self)
{
  gdouble step = (gdouble) self->config.rate / self->config.frame_size;
  guint i;

  for (i = 0; i < self->n_bins; i++) {
    const Candidate *candidate = &self->candidates[i];
    const gdouble *value = self->output[candidate->number];
    GstH4SpectrumBin *bin = &self->bins[i];
    gdouble place = candidate->number;

    if (self->config.parabolic)
      place += find_vertex (self, candidate->number);
    bin->number = candidate->number;
    bin->frequency = place * step;
    bin->magnitude = candidate->magnitude;
    /* Adding 0 makes a zero positive: no bin turns by the sign of nothing. */
    bin->phase = atan2 (value[1] + 0.0, value[0] + 0.0);
  }
}

static const GstH4SpectrumBin *
analyse_input (GstH4Spectrum * self)
{
  fftw_execute_dft_r2c (self->plan, self->input, self->output);
  compute_power (self);
  select_largest (self);
  describe_bins (self);
  return self->bins;
}

/**
 * gst_h4_spectrum_analyse_mix:
 * @self: a spectrum
 * @frame: a frame of all channels
 *
 * Returns: (transfer none): the largest bins of the mean of all channels, the
 *   largest first, equal ones by number; valid until the next call
 *
 * Since: 1.0
 */
const GstH4SpectrumBin *
gst_h4_spectrum_analyse_mix (GstH4Spectrum * self, const guint8 * frame)
{
  if (self->config.channels == 1)
    return gst_h4_spectrum_analyse_channel (self, frame, 0);

  gst_h4_samples_read_mix (self->config.format, frame, self->config.channels,
      self->factors, self->input, self->config.frame_size);
  return analyse_input (self);
}

/**
 * gst_h4_spectrum_analyse_channel:
 * @self: a spectrum
 * @frame: a frame of all channels
 * @channel: the channel to analyse, from 0
 *
 * Returns: (transfer none): the largest bins of one channel, as
 *   gst_h4_spectrum_analyse_mix() has them
 *
 * Since: 1.0
 */
const GstH4SpectrumBin *
gst_h4_spectrum_analyse_channel (GstH4Spectrum * self, const guint8 * frame,
    guint channel)
{
  g_return_val_if_fail (channel < self->config.channels, NULL);

  gst_h4_samples_read_channel (self->config.format, frame,
      self->config.channels, channel, self->factors, self->input,
      self->config.frame_size);
  return analyse_input (self);
}

/**
 * gst_h4_spectrum_write_tokens:
 * @bins: (array length=n): bins
 * @n: how many
 * @out: where n × %GST_H4_SPECTRUM_TOKEN_SIZE bytes go
 *
 * Writes audio tokens, big-endian: the frequency in steps of 0.1 Hz from 0 to
 * 20 kHz as 32 bits, the magnitude as 16 bits, the phase from -π to π as 16
 * bits, all truncated.
 *
 * Since: 1.0
 */
void
gst_h4_spectrum_write_tokens (const GstH4SpectrumBin * bins, guint n,
    guint8 * out)
{
  guint i;

  for (i = 0; i < n; i++, out += GST_H4_SPECTRUM_TOKEN_SIZE) {
    gdouble frequency = CLAMP (bins[i].frequency, 0.0, MAX_FREQUENCY);
    gdouble turn = (bins[i].phase + G_PI) / (2.0 * G_PI);
    guint32 steps = GUINT32_TO_BE ((guint32) (frequency * FREQUENCY_STEPS));
    guint16 magnitude = GUINT16_TO_BE ((guint16) (bins[i].magnitude
            * FIELD_MAX));
    guint16 phase = GUINT16_TO_BE ((guint16) (CLAMP (turn, 0.0, 1.0)
            * FIELD_MAX));

    memcpy (out, &steps, sizeof (steps));
    memcpy (out + 4, &magnitude, sizeof (magnitude));
    memcpy (out + 6, &phase, sizeof (phase));
  }
}
