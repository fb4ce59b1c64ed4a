/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_I18N_H__
#define __GST_H4_I18N_H__

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include <glib.h>

#ifdef ENABLE_NLS
#include <glib/gi18n-lib.h>
#else
#define _(String) (String)
#define N_(String) String
#define ngettext(Singular, Plural, n) ((n) == 1 ? (Singular) : (Plural))
#endif

G_BEGIN_DECLS

/* Binds the text domain once a process; every plugin_init and main calls it. */
void gst_h4_i18n_init (void);

G_END_DECLS

#endif
