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

GST_ELEMENT_REGISTER_DECLARE (h4audiofft);

G_END_DECLS

#endif
