/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "h4window.h"

#include <math.h>

/* The coefficients of a0 - a1 cos x + a2 cos 2x. */
static const gdouble terms[][3] = {
  [GST_H4_WINDOW_HANN] = {0.5, 0.5, 0.0},
  [GST_H4_WINDOW_HAMMING] = {0.54, 0.46, 0.0},
  [GST_H4_WINDOW_BLACKMAN] = {0.42, 0.5, 0.08},
  [GST_H4_WINDOW_RECT] = {1.0, 0.0, 0.0},
};

/**
 * gst_h4_window_fill:
 * @window: which window
 * @out: (array length=n): where its factors go
 * @n: how many, at least 2
 *
 * Since: 1.0
 */
void
gst_h4_window_fill (GstH4Window window, gdouble * out, guint n)
{
  const gdouble *a = terms[window];
  guint i;

  for (i = 0; i < n; i++) {
    gdouble x = 2.0 * G_PI * i / (n - 1);

    out[i] = a[0] - a[1] * cos (x) + a[2] * cos (2.0 * x);
  }
}
