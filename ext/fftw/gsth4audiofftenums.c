/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4audiofftenums.h"
#include "h4window.h"

GType
gst_h4_audio_fft_window_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    {GST_H4_WINDOW_HANN, "Hann: 0.5 - 0.5 cos x", "hann"},
    {GST_H4_WINDOW_HAMMING, "Hamming: 0.54 - 0.46 cos x", "hamming"},
    {GST_H4_WINDOW_BLACKMAN, "Blackman: 0.42 - 0.5 cos x + 0.08 cos 2x",
        "blackman"},
    {GST_H4_WINDOW_RECT, "Rectangular: 1", "rect"},
    {0, NULL, NULL}
  };

  if (g_once_init_enter (&type)) {
    GType t = g_enum_register_static ("GstH4AudioFftWindow", values);
    g_once_init_leave (&type, t);
  }
  return type;
}

GType
gst_h4_audio_fft_channel_mode_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    {GST_H4_AUDIO_FFT_CHANNEL_MODE_MIX, "The mean of all channels", "mix"},
    {GST_H4_AUDIO_FFT_CHANNEL_MODE_EACH, "Each channel by itself", "each"},
    {0, NULL, NULL}
  };

  if (g_once_init_enter (&type)) {
    GType t = g_enum_register_static ("GstH4AudioFftChannelMode", values);
    g_once_init_leave (&type, t);
  }
  return type;
}

GType
gst_h4_audio_fft_interpolate_get_type (void)
{
  static GType type = 0;
  static const GEnumValue values[] = {
    {GST_H4_AUDIO_FFT_INTERPOLATE_NONE, "The frequencies of the bins", "none"},
    {GST_H4_AUDIO_FFT_INTERPOLATE_PARABOLIC,
        "Peaks between bins, by a parabola", "parabolic"},
    {0, NULL, NULL}
  };

  if (g_once_init_enter (&type)) {
    GType t = g_enum_register_static ("GstH4AudioFftInterpolate", values);
    g_once_init_leave (&type, t);
  }
  return type;
}
