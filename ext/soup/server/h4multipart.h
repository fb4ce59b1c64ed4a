/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_MULTIPART_H__
#define __H4_MULTIPART_H__

/* multipart/form-data (RFC 7578, RFC 2046), read as it arrives, however it is
 * cut into pieces. It keeps the header of a part, never a part. */

#include <glib.h>

G_BEGIN_DECLS

#define H4_MULTIPART_MAX_HEADER (8 * 1024)
#define H4_MULTIPART_MAX_PARTS 1000

/**
 * H4Part:
 * @name: of the form field
 * @filename: (nullable): without folders and controls; NULL: not a file
 * @content_type: (nullable): as it came
 *
 * All valid UTF-8.
 */
typedef struct
{
  gchar *name;
  gchar *filename;
  gchar *content_type;
} H4Part;

/* FALSE with the error ends the reading. */
typedef struct
{
  gboolean (*begin) (const H4Part * part, gpointer user_data, GError ** error);
  gboolean (*data) (const guint8 * data, gsize size, gpointer user_data,
      GError ** error);
  gboolean (*end) (gpointer user_data, GError ** error);
} H4MultipartFuncs;

typedef struct _H4Multipart H4Multipart;

/* The boundary that a Content-Type names; 400 where it is none. */
gchar *h4_multipart_get_boundary (const gchar * content_type, GError ** error);

H4Multipart *h4_multipart_new (const gchar * boundary,
    const H4MultipartFuncs * funcs, gpointer user_data);
void h4_multipart_free (H4Multipart * multipart);
/* Errors are problems: 400 malformed, 413 too many parts; or a function's. */
gboolean h4_multipart_push (H4Multipart * multipart, const guint8 * data,
    gsize size, GError ** error);
/* The body is over: 400 where the last boundary is missing. */
gboolean h4_multipart_finish (H4Multipart * multipart, GError ** error);

G_END_DECLS

#endif
