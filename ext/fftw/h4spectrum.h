/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef __H4_SPECTRUM_H__
#define __H4_SPECTRUM_H__

#include <glib.h>
#include "h4samples.h"
#include "h4window.h"

G_BEGIN_DECLS

#define GST_H4_SPECTRUM_MIN_FRAME_SIZE 64
#define GST_H4_SPECTRUM_MAX_FRAME_SIZE 65536
#define GST_H4_SPECTRUM_TOKEN_SIZE 8

/**
 * GstH4SpectrumConfig:
 * @frame_size: samples of a frame: a power of two, 64 to 65536
 * @top_k: how many bins to give at most, at least 1
 * @window: the window
 * @parabolic: whether to find frequencies between the bins
 * @format: how samples lie in memory
 * @channels: interleaved channels, at least 1
 * @rate: samples a second
 *
 * What a #GstH4Spectrum does.
 *
 * Since: 1.0
 */
typedef struct
{
  guint frame_size;
  guint top_k;
  GstH4Window window;
  gboolean parabolic;
  GstH4SampleFormat format;
  guint channels;
  guint rate;
} GstH4SpectrumConfig;

/**
 * GstH4SpectrumBin:
 * @number: which bin of the transform, from 0 to half the frame size
 * @frequency: in Hz
 * @magnitude: from 0.0 to 1.0, relative to the frame's largest
 * @phase: in radians, from -π to π
 *
 * One bin of a frame, exact.
 *
 * Since: 1.0
 */
typedef struct
{
  guint number;
  gdouble frequency;
  gdouble magnitude;
  gdouble phase;
} GstH4SpectrumBin;

/**
 * GstH4Spectrum:
 *
 * Finds the largest bins of audio frames. One object serves one thread at a
 * time; many may work at once.
 *
 * Since: 1.0
 */
typedef struct _GstH4Spectrum GstH4Spectrum;

GstH4Spectrum *gst_h4_spectrum_new (const GstH4SpectrumConfig * config);
void gst_h4_spectrum_free (GstH4Spectrum * self);

guint gst_h4_spectrum_get_n_bins (const GstH4Spectrum * self);
gsize gst_h4_spectrum_get_frame_bytes (const GstH4Spectrum * self);

const GstH4SpectrumBin *gst_h4_spectrum_analyse_mix (GstH4Spectrum * self,
    const guint8 * frame);
const GstH4SpectrumBin *gst_h4_spectrum_analyse_channel (GstH4Spectrum * self,
    const guint8 * frame, guint channel);

void gst_h4_spectrum_write_tokens (const GstH4SpectrumBin * bins, guint n,
    guint8 * out);

G_END_DECLS

#endif
