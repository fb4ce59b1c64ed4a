/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_VIDEO_TOK_H__
#define __GST_H4_VIDEO_TOK_H__

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_H4_VIDEO_TOK (gst_h4_video_tok_get_type ())
G_DECLARE_FINAL_TYPE (GstH4VideoTok, gst_h4_video_tok, GST, H4_VIDEO_TOK,
    GstElement)

GST_ELEMENT_REGISTER_DECLARE (h4videotok)

G_END_DECLS

#endif
