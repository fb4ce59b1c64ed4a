/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef __H4_SAMPLES_H__
#define __H4_SAMPLES_H__

#include <glib.h>

G_BEGIN_DECLS

/**
 * GstH4SampleFormat:
 * @GST_H4_SAMPLE_S16LE: 16-bit integers
 * @GST_H4_SAMPLE_S32LE: 32-bit integers
 * @GST_H4_SAMPLE_F32LE: 32-bit floats
 * @GST_H4_SAMPLE_F64LE: 64-bit floats
 *
 * How a sample lies in memory, little-endian and at any alignment.
 *
 * Since: 1.0
 */
typedef enum
{
  GST_H4_SAMPLE_S16LE,
  GST_H4_SAMPLE_S32LE,
  GST_H4_SAMPLE_F32LE,
  GST_H4_SAMPLE_F64LE
} GstH4SampleFormat;

guint gst_h4_sample_size (GstH4SampleFormat format);

gpointer gst_h4_samples_new_factors (GstH4SampleFormat format,
    const gdouble * window, guint n);

void gst_h4_samples_read_channel (GstH4SampleFormat format,
    const guint8 * samples, guint channels, guint channel,
    gconstpointer factors, gdouble * out, guint n);

void gst_h4_samples_read_mix (GstH4SampleFormat format,
    const guint8 * samples, guint channels, gconstpointer factors,
    gdouble * out, guint n);

G_END_DECLS

#endif
