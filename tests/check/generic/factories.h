/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_FACTORIES_H__
#define __H4_FACTORIES_H__

#include <gst/check/gstcheck.h>

/* The element factories of this package, loaded and sorted by name; free with
 * gst_plugin_feature_list_free(). */
GList *h4_factories (void);

/* The plugins that this build has made; free with g_strfreev(). */
gchar **h4_plugins (void);

/* A new element, with what it cannot start without. */
GstElement *h4_make (GstElementFactory * factory);

/* Takes an element to NULL and lets go of it. */
void h4_drop (GstElement * element);

/* Pushes bytes that mean nothing through an element until EOS or an error. */
void h4_feed_garbage (GstElementFactory * factory);

/* Calls a test for each factory and says which one it is at. */
void h4_for_each (void (*test) (GstElementFactory * factory));

#endif
