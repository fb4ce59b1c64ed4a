/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4-i18n.h"

void
gst_h4_i18n_init (void)
{
#ifdef ENABLE_NLS
  static gsize done = 0;

  if (g_once_init_enter (&done)) {
    bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
    bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
    g_once_init_leave (&done, 1);
  }
#endif
}
