/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_MUX_OUT_H__
#define __GST_H4MK_MUX_OUT_H__

#include <gst/gst.h>

#include "gsth4mkwriter.h"

G_BEGIN_DECLS

typedef enum
{
  GST_H4MK_MUX_PROFILE_TRACK,
  GST_H4MK_MUX_PROFILE_BASE
} GstH4MkMuxProfile;

/* What a file is made with, fixed while it is written. */
typedef struct
{
  GstH4MkMuxProfile profile;
  GstH4mkWriterOptions writer;
  guint64 sync_interval;        /* ns */
  gchar *uuid;
  gint64 start_time;            /* ns since 1970, or -1 */
  gchar *safe;                  /* canonical JSON, or NULL */
  gchar *signing_key_file;
  GstH4mkSigningKey *signing_key;       /* of that file; NULL: none */
} GstH4MkMuxSettings;

void gst_h4mk_mux_settings_copy (GstH4MkMuxSettings * to,
    const GstH4MkMuxSettings * from);
void gst_h4mk_mux_settings_clear (GstH4MkMuxSettings * settings);

/* One file on its way out: the writer, and what it has made that was not
 * pushed yet. Not thread safe; knows no pads and no locks. */
typedef struct _GstH4MkMuxOut GstH4MkMuxOut;

/* Takes the content of settings. */
GstH4MkMuxOut *gst_h4mk_mux_out_new (GstElement * element,
    GstH4MkMuxSettings * settings);
void gst_h4mk_mux_out_free (GstH4MkMuxOut * out);

gboolean gst_h4mk_mux_out_set_tracks (GstH4MkMuxOut * out,
    GstH4mkTracks * tracks, GError ** error);
/* profile=base: from application/x-h4-blocks, plain or masked */
gboolean gst_h4mk_mux_out_set_base_caps (GstH4MkMuxOut * out,
    const GstCaps * caps, GError ** error);
/* Takes the buffer. */
gboolean gst_h4mk_mux_out_add (GstH4MkMuxOut * out, GstBuffer * buffer,
    const GstH4mkRecord * record, GError ** error);
gboolean gst_h4mk_mux_out_end_group (GstH4MkMuxOut * out, GError ** error);
gboolean gst_h4mk_mux_out_finish (GstH4MkMuxOut * out, const GstH4mkTail * tail,
    GError ** error);

/* The next thing to push or post, in order: an event, a buffer list, or a
 * message; NULL where there is none. */
GstMiniObject *gst_h4mk_mux_out_take (GstH4MkMuxOut * out);
gboolean gst_h4mk_mux_out_has_output (GstH4MkMuxOut * out);

gboolean gst_h4mk_mux_out_get_group_time (GstH4MkMuxOut * out, gint64 * time);
guint gst_h4mk_mux_out_get_group_blocks (GstH4MkMuxOut * out);
GstStructure *gst_h4mk_mux_out_get_stats (GstH4MkMuxOut * out);
const GstH4MkMuxSettings *gst_h4mk_mux_out_get_settings (GstH4MkMuxOut * out);

G_END_DECLS

#endif
