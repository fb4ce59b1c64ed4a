/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_FILES_MEDIA_H__
#define __H4_FILES_MEDIA_H__

#include "h4exchange.h"
#include "h4params.h"

G_BEGIN_DECLS

/* What is asked of recordings: how many are being verified. */
typedef struct _H4FilesMedia H4FilesMedia;

H4FilesMedia *h4_files_media_new (void);
void h4_files_media_free (H4FilesMedia * media);

/* call: H4_FILES_INFO to H4_FILES_VERIFY */
gboolean h4_files_media_answer (H4FilesMedia * media, H4Exchange * exchange,
    guint call, gint fd, guint64 size, const H4Values * values,
    GError ** error);

G_END_DECLS

#endif
