/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef __H4_PLAN_H__
#define __H4_PLAN_H__

#include <glib.h>
#include <fftw3.h>

G_BEGIN_DECLS

#define GST_H4_PLAN_MIN_SIZE 64
#define GST_H4_PLAN_MAX_SIZE 65536

fftw_plan gst_h4_plan_get (guint size);

G_END_DECLS

#endif
