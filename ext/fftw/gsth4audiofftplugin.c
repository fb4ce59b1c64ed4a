/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4audiofft.h"
#include "gsth4-i18n.h"

static gboolean
plugin_init (GstPlugin * plugin)
{
  gst_h4_i18n_init ();
  return GST_ELEMENT_REGISTER (h4audiofft, plugin);
}

GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, h4audiofft,
    "Audio spectrum tokens (FFTW)", plugin_init, VERSION, "GPL",
    GST_PACKAGE_NAME, GST_PACKAGE_ORIGIN)
