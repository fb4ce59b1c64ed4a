/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4-i18n.h"
#include "gsth4sse.h"

static gboolean
plugin_init (GstPlugin * plugin)
{
  gst_h4_i18n_init ();
  return GST_ELEMENT_REGISTER (h4sse, plugin);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, h4sse,
    "Events to browsers (libsoup)", plugin_init, VERSION, GST_LICENSE,
    GST_PACKAGE_NAME, GST_PACKAGE_ORIGIN)
