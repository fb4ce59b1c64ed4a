/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_TAGS_H__
#define __GST_H4MK_TAGS_H__

#include <gst/gst.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Tags as TRAK and META have them; NULL for a list with none. Images become
 * attachments (of GstH4mkAttachment) where attachments is given. */
JsonObject *gst_h4mk_tags_to_json (const GstTagList * tags, guint track,
    GPtrArray * attachments);
GstTagList *gst_h4mk_tags_from_json (JsonObject * object, GstTagScope scope);

/* An attachment that is an image of a tag: adds it to the list of its track.
 * FALSE where the name says that it is something else. */
gboolean gst_h4mk_attachment_parse_name (const gchar * name, guint * track,
    gchar ** tag);
GstSample *gst_h4mk_attachment_to_sample (const gchar * mime_type,
    GBytes * bytes);

JsonArray *gst_h4mk_toc_to_json (GstToc * toc);
GstToc *gst_h4mk_toc_from_json (JsonArray * array);
void gst_h4mk_toc_clear (GstToc ** toc);

G_END_DECLS

#endif
