/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_MEDIA_H__
#define __H4_MEDIA_H__

/* Uploads of real media: demuxed and parsed, never decoded, and muxed into one
 * H4MK stream, a track for each of theirs. */

#include "h4calls.h"

G_BEGIN_DECLS

typedef struct _H4Media H4Media;

H4Media *h4_media_new (H4Pipeline * pipeline, H4Upload * upload);
/* After the pipeline ended. */
void h4_media_free (H4Media * media);
/* All up to the h4mkmux, which is given back; (transfer none). */
GstElement *h4_media_build (H4Media * media, GError ** error);
/* Turns the error of an element into one that says what is wrong with the
 * upload: 415 or 422. */
void h4_media_explain (H4Media * media, GError ** error);

G_END_DECLS

#endif
