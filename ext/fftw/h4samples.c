/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Samples in, windowed doubles out. What fits a float (16-bit integers and
 * floats) is multiplied as floats, since that is how tokens are defined; what
 * does not is multiplied as doubles, so that no bit is lost on the way. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "h4samples.h"
#include "h4multiversion.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const struct
{
  guint size;
  gboolean wide;
  gdouble unit;
} formats[] = {
  [GST_H4_SAMPLE_S16LE] = {2, FALSE, 1.0 / 32768.0},
  [GST_H4_SAMPLE_S32LE] = {4, TRUE, 1.0 / 2147483648.0},
  [GST_H4_SAMPLE_F32LE] = {4, FALSE, 1.0},
  [GST_H4_SAMPLE_F64LE] = {8, TRUE, 1.0},
};

static inline gfloat
load_s16 (const guint8 * p)
{
  gint16 v;

  memcpy (&v, p, sizeof (v));
  return GINT16_FROM_LE (v);
}

static inline gdouble
load_s32 (const guint8 * p)
{
  gint32 v;

  memcpy (&v, p, sizeof (v));
  return GINT32_FROM_LE (v);
}

/* No transform survives a NaN, an infinity, or squares that become one. */
static inline gfloat
load_f32 (const guint8 * p)
{
  guint32 bits;
  gfloat v;

  memcpy (&bits, p, sizeof (bits));
  bits = GUINT32_FROM_LE (bits);
  memcpy (&v, &bits, sizeof (v));
  return fabsf (v) <= FLT_MAX ? v : 0.0f;
}

static inline gdouble
load_f64 (const guint8 * p)
{
  guint64 bits;
  gdouble v;

  memcpy (&bits, p, sizeof (bits));
  bits = GUINT64_FROM_LE (bits);
  memcpy (&v, &bits, sizeof (v));
  return fabs (v) <= FLT_MAX ? v : 0.0;
}

#define DEFINE_READERS(name, real)                                            \
static inline void                                                            \
name##_strided (const guint8 * in, gsize stride, const real * factors,        \
    gdouble * out, guint n)                                                   \
{                                                                             \
  guint i;                                                                    \
                                                                              \
  for (i = 0; i < n; i++) {                                                   \
    real product = load_##name (in + i * stride) * factors[i];                \
    out[i] = product;                                                         \
  }                                                                           \
}                                                                             \
                                                                              \
static inline void                                                            \
name##_mix (const guint8 * in, guint size, guint channels,                    \
    const real * factors, gdouble * out, guint n)                             \
{                                                                             \
  guint i, c;                                                                 \
                                                                              \
  for (i = 0; i < n; i++) {                                                   \
    gdouble sum = 0.0;                                                        \
                                                                              \
    for (c = 0; c < channels; c++, in += size)                                \
      sum += load_##name (in);                                                \
    real mean = sum / channels;                                               \
    real product = mean * factors[i];                                         \
    out[i] = product;                                                         \
  }                                                                           \
}

DEFINE_READERS (s16, gfloat)
    DEFINE_READERS (s32, gdouble)
    DEFINE_READERS (f32, gfloat)
    DEFINE_READERS (f64, gdouble)
/* A stride the compiler knows lets it use vectors. */
#define READ_CHANNEL(name, size)                                              \
    if (channels == 1)                                                        \
      name##_strided (samples, size, factors, out, n);                        \
    else                                                                      \
      name##_strided (samples + channel * (gsize) size,                       \
          channels * (gsize) size, factors, out, n)
/**
 * gst_h4_sample_size:
 * @format: a format
 *
 * Returns: the bytes of one sample
 *
 * Since: 1.0
 */
    guint
gst_h4_sample_size (GstH4SampleFormat format)
{
  return formats[format].size;
}

/**
 * gst_h4_samples_new_factors:
 * @format: the samples' format
 * @window: (array length=n): the window
 * @n: samples of a frame
 *
 * Prepares @window for the reading functions: in the precision of @format,
 * and scaled, exactly, so that full scale becomes 1.
 *
 * Returns: (transfer full): the factors, to be freed by g_free()
 *
 * Since: 1.0
 */
gpointer
gst_h4_samples_new_factors (GstH4SampleFormat format, const gdouble * window,
    guint n)
{
  gdouble unit = formats[format].unit;
  guint i;

  if (formats[format].wide) {
    gdouble *wide = g_new (gdouble, n);

    for (i = 0; i < n; i++)
      wide[i] = window[i] * unit;
    return wide;
  } else {
    gfloat *narrow = g_new (gfloat, n);

    for (i = 0; i < n; i++)
      narrow[i] = (gfloat) window[i] * (gfloat) unit;
    return narrow;
  }
}

/**
 * gst_h4_samples_read_channel:
 * @format: the samples' format
 * @samples: @n × @channels interleaved samples
 * @channels: how many channels there are
 * @channel: which of them to read, from 0
 * @factors: from gst_h4_samples_new_factors()
 * @out: (array length=n): the windowed samples
 * @n: samples of a frame
 *
 * A sample that is no number, or lies beyond what a float can hold, counts as
 * silence.
 *
 * Since: 1.0
 */
GST_H4_MULTIVERSION void
gst_h4_samples_read_channel (GstH4SampleFormat format, const guint8 * samples,
    guint channels, guint channel, gconstpointer factors, gdouble * out,
    guint n)
{
  switch (format) {
    case GST_H4_SAMPLE_S16LE:
      READ_CHANNEL (s16, 2);
      break;
    case GST_H4_SAMPLE_S32LE:
      READ_CHANNEL (s32, 4);
      break;
    case GST_H4_SAMPLE_F32LE:
      READ_CHANNEL (f32, 4);
      break;
    case GST_H4_SAMPLE_F64LE:
      READ_CHANNEL (f64, 8);
      break;
  }
}

/**
 * gst_h4_samples_read_mix:
 * @format: the samples' format
 * @samples: @n × @channels interleaved samples
 * @channels: how many channels there are
 * @factors: from gst_h4_samples_new_factors()
 * @out: (array length=n): the windowed samples
 * @n: samples of a frame
 *
 * As gst_h4_samples_read_channel(), for the mean of all channels.
 *
 * Since: 1.0
 */
GST_H4_MULTIVERSION void
gst_h4_samples_read_mix (GstH4SampleFormat format, const guint8 * samples,
    guint channels, gconstpointer factors, gdouble * out, guint n)
{
  guint size = formats[format].size;

  switch (format) {
    case GST_H4_SAMPLE_S16LE:
      s16_mix (samples, size, channels, factors, out, n);
      break;
    case GST_H4_SAMPLE_S32LE:
      s32_mix (samples, size, channels, factors, out, n);
      break;
    case GST_H4_SAMPLE_F32LE:
      f32_mix (samples, size, channels, factors, out, n);
      break;
    case GST_H4_SAMPLE_F64LE:
      f64_mix (samples, size, channels, factors, out, n);
      break;
  }
}
