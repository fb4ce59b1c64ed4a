/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_PART_HEADER_H__
#define __H4_PART_HEADER_H__

/* What stands in headers: values with parameters (RFC 2045, 5987, 6266). */

#include "h4multipart.h"

G_BEGIN_DECLS

/* The header of a part, its empty line included. */
gboolean h4_part_header_parse (const gchar * header, gsize size,
    H4Part * part, GError ** error);
void h4_part_clear (H4Part * part);

/* The parameter's value of `type; name=value; name="value"`, or NULL. */
gchar *h4_header_get_param (const gchar * value, const gchar * name);
/* The file name that a Content-Disposition has, or NULL: valid UTF-8, without
 * folders and controls. */
gchar *h4_header_get_filename (const gchar * disposition);
/* Whether the value before parameters is this. */
gboolean h4_header_is (const gchar * value, const gchar * token);

/* `attachment; filename="…"; filename*=UTF-8''…` */
gchar *h4_header_attachment (const gchar * filename);

G_END_DECLS

#endif
