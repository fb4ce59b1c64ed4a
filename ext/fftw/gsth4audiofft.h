/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef __GST_H4_AUDIO_FFT_H__
#define __GST_H4_AUDIO_FFT_H__

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_H4_AUDIO_FFT (gst_h4_audio_fft_get_type ())
G_DECLARE_FINAL_TYPE (GstH4AudioFft, gst_h4_audio_fft, GST, H4_AUDIO_FFT,
    GstElement)

/**
 * GstH4AudioFftChannelMode:
 * @GST_H4_AUDIO_FFT_CHANNEL_MODE_MIX: the mean of all channels is analysed
 * @GST_H4_AUDIO_FFT_CHANNEL_MODE_EACH: each channel has bins of its own
 *
 * Since: 1.0
 */
typedef enum
{
  GST_H4_AUDIO_FFT_CHANNEL_MODE_MIX,
  GST_H4_AUDIO_FFT_CHANNEL_MODE_EACH
} GstH4AudioFftChannelMode;

/**
 * GstH4AudioFftInterpolate:
 * @GST_H4_AUDIO_FFT_INTERPOLATE_NONE: frequencies are those of the bins
 * @GST_H4_AUDIO_FFT_INTERPOLATE_PARABOLIC: a peak's frequency is that of the
 *   vertex of the parabola through its and its neighbours' levels
 *
 * Since: 1.0
 */
typedef enum
{
  GST_H4_AUDIO_FFT_INTERPOLATE_NONE,
  GST_H4_AUDIO_FFT_INTERPOLATE_PARABOLIC
} GstH4AudioFftInterpolate;

GST_ELEMENT_REGISTER_DECLARE (h4audiofft);

G_END_DECLS

#endif
