/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef __GST_H4_AUDIO_FFT_MESSAGE_H__
#define __GST_H4_AUDIO_FFT_MESSAGE_H__

#include <gst/gst.h>

G_BEGIN_DECLS

GstMessage *gst_h4_audio_fft_message_new (GstObject * source,
    GstBuffer * frame, const GstSegment * segment, gboolean each);

G_END_DECLS

#endif
