/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "h4spectrum.h"
#include "h4multiversion.h"
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

/* How the search for a threshold goes on from its last answer, and when it
 * takes what it has. */
#define SEARCH_STEP 4.0
#define MAX_HALVINGS 12

/* Four groups a wanted bin: more cost more to search, fewer give a threshold
 * that too many bins reach. */
#define GROUPS_PER_BIN 4

/* Up to here counting the larger ones of each beats qsort() and its calls. */
#define RANK_MAX 192

#define NO_BIN G_MAXUINT

typedef struct
{
  gdouble magnitude;
  guint number;
} Ranked;

struct _GstH4Spectrum
{
  GstH4SpectrumConfig config;
  guint n_all;                  /* bins of the transform */
  guint n_bins;                 /* bins to give */
  fftw_plan plan;
  gpointer factors;
  gdouble *input;
  fftw_complex *output;
  guint n_groups;
  gdouble *maxima;
  gdouble threshold;            /* where to look first */
  guint *hits;
  guint *numbers;
  gdouble *magnitudes;
  Ranked *ranked;
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
  self->n_groups = MIN (self->n_bins * GROUPS_PER_BIN, self->n_all);
  self->maxima = fftw_alloc_real (self->n_groups);
  self->hits = g_new (guint, self->n_groups);
  self->numbers = g_new (guint, self->n_all);
  self->magnitudes = fftw_alloc_real (self->n_all);
  self->ranked = g_new (Ranked, self->n_all);
  self->bins = g_new (GstH4SpectrumBin, self->n_bins);

  window = g_new (gdouble, n);
  gst_h4_window_fill (config->window, window, n);
  self->threshold = 1.0;
  self->factors = gst_h4_samples_new_factors (config->format, window, n);
  g_free (window);

  if (!self->plan || !self->input || !self->output || !self->maxima
      || !self->magnitudes)
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
  fftw_free (self->maxima);
  g_free (self->hits);
  g_free (self->numbers);
  fftw_free (self->magnitudes);
  g_free (self->ranked);
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

/* No function: GCC finds no vectors in what a multiversion body inlines. */
#define POWER(re, im) ((re) * (re) + (im) * (im))

GST_H4_MULTIVERSION static void
raise_maxima (gdouble * restrict maxima, const gdouble * restrict values,
    guint n)
{
  guint i;

  for (i = 0; i < n; i++) {
    gdouble power = POWER (values[2 * i], values[2 * i + 1]);

    maxima[i] = power > maxima[i] ? power : maxima[i];
  }
}

/* Deals the bins out to groups, as evenly as their number allows, and finds
 * the largest power of each. */
static void
find_maxima (GstH4Spectrum * self)
{
  guint n = self->n_groups, row;

  memset (self->maxima, 0, n * sizeof (gdouble));
  for (row = 0; row < self->n_all; row += n)
    raise_maxima (self->maxima, (const gdouble *) (self->output + row),
        MIN (n, self->n_all - row));
}

GST_H4_MULTIVERSION static guint
count_from (const gdouble * values, guint n, gdouble threshold)
{
  gint64 count = 0;
  guint i;

  for (i = 0; i < n; i++)
    count += values[i] >= threshold;
  return count;
}

static guint
count_groups (GstH4Spectrum * self, gdouble threshold)
{
  return count_from (self->maxima, self->n_groups, threshold);
}

/* A power that as many bins reach as are wanted, and few more: where k groups
 * have a bin that reaches it, so have k bins. The search sets out from the
 * last frame's answer, since most frames resemble the last; what it settles
 * on changes how many bins are looked at, never which of them are chosen. */
static gdouble
find_threshold (GstH4Spectrum * self)
{
  guint k = self->n_bins, count, step;
  gdouble low = self->threshold, high;

  while ((count = count_groups (self, low)) < k && low >= POWER_FLOOR)
    low /= SEARCH_STEP;
  if (low < POWER_FLOOR) {
    self->threshold = POWER_FLOOR;
    return 0.0;
  }

  for (high = low * SEARCH_STEP; count_groups (self, high) >= k;
      high *= SEARCH_STEP)
    low = high;
  count = count_groups (self, low);
  for (step = 0; step < MAX_HALVINGS && count > k + k / 4; step++) {
    gdouble middle = low + (high - low) / 2;
    guint above = count_groups (self, middle);

    if (above < k) {
      high = middle;
    } else {
      low = middle;
      count = above;
    }
  }
  self->threshold = low;
  return low * POWER_MARGIN;
}

static gdouble
get_magnitude (GstH4Spectrum * self, guint number)
{
  return hypot (self->output[number][0], self->output[number][1]);
}

/* Gathers the bins that may be wanted, group by group: most groups have none
 * and need no second look. Returns how many. */
static guint
gather (GstH4Spectrum * self, gdouble threshold)
{
  guint n = 0, n_hits = 0, i, bin;

  for (i = 0; i < self->n_groups; i++) {
    self->hits[n_hits] = i;
    n_hits += self->maxima[i] >= threshold;
  }
  for (i = 0; i < n_hits; i++) {
    for (bin = self->hits[i]; bin < self->n_all; bin += self->n_groups) {
      self->numbers[n] = bin;
      n += POWER (self->output[bin][0], self->output[bin][1]) >= threshold;
    }
  }
  return n;
}

/* Relative to the largest, which is among them; silence stays 0. */
static void
compute_magnitudes (GstH4Spectrum * self, guint n)
{
  gdouble largest = 0.0;
  guint i;

  for (i = 0; i < n; i++) {
    self->magnitudes[i] = get_magnitude (self, self->numbers[i]);
    largest = MAX (largest, self->magnitudes[i]);
  }
  if (largest == 0.0)
    return;
  for (i = 0; i < n; i++)
    self->magnitudes[i] /= largest;
}

GST_H4_MULTIVERSION static guint
count_above (const gdouble * values, guint n, gdouble value)
{
  gint64 count = 0;
  guint i;

  for (i = 0; i < n; i++)
    count += values[i] > value;
  return count;
}

/* A candidate's place is how many are larger. Equal ones share it and line up
 * from there by number. */
static void
rank_by_counting (GstH4Spectrum * self, guint n)
{
  Ranked *ranked = self->ranked;
  guint i;

  for (i = 0; i < n; i++)
    ranked[i].number = NO_BIN;
  for (i = 0; i < n; i++) {
    Ranked next = { self->magnitudes[i], self->numbers[i] };
    guint rank = count_above (self->magnitudes, n, next.magnitude);

    for (; ranked[rank].number != NO_BIN; rank++) {
      if (ranked[rank].number > next.number) {
        Ranked moved = ranked[rank];

        ranked[rank] = next;
        next = moved;
      }
    }
    ranked[rank] = next;
  }
}

static gint
compare_ranked (gconstpointer a, gconstpointer b)
{
  const Ranked *x = a;
  const Ranked *y = b;

  if (x->magnitude != y->magnitude)
    return x->magnitude > y->magnitude ? -1 : 1;
  return x->number < y->number ? -1 : x->number > y->number;
}

static void
rank_by_sorting (GstH4Spectrum * self, guint n)
{
  guint i;

  for (i = 0; i < n; i++) {
    self->ranked[i].magnitude = self->magnitudes[i];
    self->ranked[i].number = self->numbers[i];
  }
  qsort (self->ranked, n, sizeof (Ranked), compare_ranked);
}

static void
select_largest (GstH4Spectrum * self)
{
  guint n = gather (self, find_threshold (self));

  compute_magnitudes (self, n);
  if (n <= RANK_MAX)
    rank_by_counting (self, n);
  else
    rank_by_sorting (self, n);
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
    const Ranked *ranked = &self->ranked[i];
    const gdouble *value = self->output[ranked->number];
    GstH4SpectrumBin *bin = &self->bins[i];
    gdouble place = ranked->number;

    if (self->config.parabolic)
      place += find_vertex (self, ranked->number);
    bin->number = ranked->number;
    bin->frequency = place * step;
    bin->magnitude = ranked->magnitude;
    /* Adding 0 makes a zero positive: no bin turns by the sign of nothing. */
    bin->phase = atan2 (value[1] + 0.0, value[0] + 0.0);
  }
}

static gboolean
is_silent (const gdouble * input, guint n)
{
  guint i;

  for (i = 0; i < n; i++) {
    if (input[i] != 0.0)
      return FALSE;
  }
  return TRUE;
}

/* Silence is common enough in recordings to be worth no transform. */
static void
describe_silence (GstH4Spectrum * self)
{
  gdouble step = (gdouble) self->config.rate / self->config.frame_size;
  guint i;

  for (i = 0; i < self->n_bins; i++) {
    GstH4SpectrumBin bin = { i, i * step, 0.0, 0.0 };

    self->bins[i] = bin;
  }
}

static const GstH4SpectrumBin *
analyse_input (GstH4Spectrum * self)
{
  if (is_silent (self->input, self->config.frame_size)) {
    describe_silence (self);
    return self->bins;
  }
  fftw_execute_dft_r2c (self->plan, self->input, self->output);
  find_maxima (self);
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
