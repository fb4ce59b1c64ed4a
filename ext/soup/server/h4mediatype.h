/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_MEDIA_TYPE_H__
#define __H4_MEDIA_TYPE_H__

#include <gst/gst.h>

#include "h4store.h"

G_BEGIN_DECLS

/* Whether the file looks like media that something can demux or parse; certain:
 * so much that it can hardly be anything else. what: (out) (nullable): a name
 * for what it looks like. */
gboolean h4_media_type_find (H4Store * store, gboolean certain, gchar ** what);

/* Whether what comes from the pad is to be demuxed or parsed further. A stream
 * that comes from a demuxer and has no parser is a stream as it is: that no
 * decoder is there does not matter. */
gboolean h4_media_type_goes_on (GstPad * pad, GstCaps * caps);

G_END_DECLS

#endif
