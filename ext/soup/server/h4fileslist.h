/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_FILES_LIST_H__
#define __H4_FILES_LIST_H__

#include <json-glib/json-glib.h>

#include "h4filesroot.h"

G_BEGIN_DECLS

/* What is in a directory below the root: path is "" or ends in a slash. At most
 * limit names, by the order of their bytes, that come after the given one
 * (nullable); `next` tells with what to come back. Takes the descriptor. */
JsonObject *h4_files_list (H4FilesRoot * root, gint fd, const gchar * path,
    const gchar * after, guint limit, GError ** error);

/* A path below the root as one of the server's. */
gchar *h4_files_get_href (const gchar * path);

G_END_DECLS

#endif
