/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef __GST_H4_AUDIO_FFT_ENUMS_H__
#define __GST_H4_AUDIO_FFT_ENUMS_H__

#include <glib-object.h>

G_BEGIN_DECLS

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

#define GST_TYPE_H4_AUDIO_FFT_WINDOW (gst_h4_audio_fft_window_get_type ())
GType gst_h4_audio_fft_window_get_type (void);

#define GST_TYPE_H4_AUDIO_FFT_CHANNEL_MODE \
    (gst_h4_audio_fft_channel_mode_get_type ())
GType gst_h4_audio_fft_channel_mode_get_type (void);

#define GST_TYPE_H4_AUDIO_FFT_INTERPOLATE \
    (gst_h4_audio_fft_interpolate_get_type ())
GType gst_h4_audio_fft_interpolate_get_type (void);

G_END_DECLS

#endif
