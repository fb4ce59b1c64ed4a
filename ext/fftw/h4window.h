/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef __H4_WINDOW_H__
#define __H4_WINDOW_H__

#include <glib.h>

G_BEGIN_DECLS

/**
 * GstH4Window:
 * @GST_H4_WINDOW_HANN: 0.5 - 0.5 cos x
 * @GST_H4_WINDOW_HAMMING: 0.54 - 0.46 cos x
 * @GST_H4_WINDOW_BLACKMAN: 0.42 - 0.5 cos x + 0.08 cos 2x
 * @GST_H4_WINDOW_RECT: 1
 *
 * What a frame is multiplied by before its transform. x runs from 0 at the
 * first sample to 2π at the last: the symmetric forms of F. J. Harris, "On
 * the Use of Windows for Harmonic Analysis with the Discrete Fourier
 * Transform", Proceedings of the IEEE 66 (1), 1978.
 *
 * Since: 1.0
 */
typedef enum
{
  GST_H4_WINDOW_HANN,
  GST_H4_WINDOW_HAMMING,
  GST_H4_WINDOW_BLACKMAN,
  GST_H4_WINDOW_RECT
} GstH4Window;

void gst_h4_window_fill (GstH4Window window, gdouble * out, guint n);

G_END_DECLS

#endif
