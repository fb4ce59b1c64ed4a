/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __PROMETHEUS_H__
#define __PROMETHEUS_H__

/* Reads Prometheus' text format 0.0.4 and fails where it is not well formed. */

#include <gst/check/gstcheck.h>

/* series, `name{label="value",…}` as it stands there: its value, a gdouble */
GHashTable *prometheus_parse (const gchar * text);
gdouble prometheus_get (GHashTable * series, const gchar * name);

#endif
