/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_FILES_SEND_H__
#define __H4_FILES_SEND_H__

#include <sys/stat.h>

#include "h4exchange.h"
#include "h4mkjson.h"

G_BEGIN_DECLS

/* By its name. */
gchar *h4_files_guess_type (const gchar * name);

/* The file, or what of it the request wants, as it is at this moment: what is
 * written to it later is not sent. */
gboolean h4_files_send (H4Exchange * exchange, gint fd, const struct stat *st,
    const gchar * name, GError ** error);

/* So many bytes of the descriptor, from offset on, as a part of the answer. */
gboolean h4_files_send_bytes (H4Exchange * exchange, gint fd, guint64 offset,
    guint64 length, GError ** error);

/* Takes the object. */
gboolean h4_files_respond_json (H4Exchange * exchange, JsonObject * json,
    GError ** error);

G_END_DECLS

#endif
