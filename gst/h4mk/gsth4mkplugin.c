/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4-i18n.h"
#include "gsth4mkdemux.h"
#include "gsth4mkmux.h"

static gboolean
plugin_init (GstPlugin * plugin)
{
  gboolean ret = FALSE;

  gst_h4_i18n_init ();
  ret |= GST_ELEMENT_REGISTER (h4mkmux, plugin);
  ret |= GST_ELEMENT_REGISTER (h4mkdemux, plugin);
  ret |= GST_TYPE_FIND_REGISTER (h4mk, plugin);
  return ret;
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, h4mk,
    "H4MK container: muxer and demuxer", plugin_init, PACKAGE_VERSION,
    GST_LICENSE, GST_PACKAGE_NAME, GST_PACKAGE_ORIGIN)
