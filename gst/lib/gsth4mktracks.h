/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_TRACKS_H__
#define __GST_H4MK_TRACKS_H__

#include <json-glib/json-glib.h>
#include "gsth4mkformat.h"

G_BEGIN_DECLS

typedef enum
{
  GST_H4MK_TRACK_VIDEO,
  GST_H4MK_TRACK_AUDIO,
  GST_H4MK_TRACK_SUBTITLE,
  GST_H4MK_TRACK_DATA
} GstH4mkTrackKind;

/**
 * GstH4mkTrack:
 * @id: from 1 to 65 535, unique in the file
 * @kind: what it carries
 * @caps: (not nullable): fixed caps in GStreamer's text form
 * @codec: (nullable): as in RFC 6381
 * @name: (nullable): for people
 * @language: (nullable): ISO 639 code
 * @stream_id: (nullable): of the stream that was recorded
 * @tags: (nullable): GStreamer tag names, each with an array of values
 *
 * Since: 1.0
 */
typedef struct
{
  guint id;
  GstH4mkTrackKind kind;
  gchar *caps;
  gchar *codec;
  gchar *name;
  gchar *language;
  gchar *stream_id;
  JsonObject *tags;
} GstH4mkTrack;

/**
 * GstH4mkTracks:
 * @need: (nullable): features without which the file must not be read
 * @uuid: (nullable): names the recording
 * @start_time: ns since 1970, or -1
 * @key: (nullable): the signer's Ed25519 public key in hex
 * @tags: (nullable): tags of the whole file
 * @tracks: (element-type GstH4mkTrack): in the order of the file
 *
 * A TRAK chunk's content. Reference counted; never changed once shared.
 *
 * Since: 1.0
 */
typedef struct
{
  gchar **need;
  gchar *uuid;
  gint64 start_time;
  gchar *key;
  JsonObject *tags;
  GPtrArray *tracks;
} GstH4mkTracks;

#define GST_TYPE_H4MK_TRACKS (gst_h4mk_tracks_get_type ())
GType gst_h4mk_tracks_get_type (void);

GstH4mkTracks *gst_h4mk_tracks_new (void);
GstH4mkTracks *gst_h4mk_tracks_ref (GstH4mkTracks * tracks);
void gst_h4mk_tracks_unref (GstH4mkTracks * tracks);
GstH4mkTrack *gst_h4mk_tracks_add (GstH4mkTracks * tracks, guint id,
    GstH4mkTrackKind kind, const gchar * caps);
const GstH4mkTrack *gst_h4mk_tracks_find (const GstH4mkTracks * tracks,
    guint id);
const GstH4mkTrack *gst_h4mk_tracks_get_primary (const GstH4mkTracks * tracks);
gboolean gst_h4mk_tracks_is_masked (const GstH4mkTracks * tracks);
gboolean gst_h4mk_tracks_same_file (const GstH4mkTracks * a,
    const GstH4mkTracks * b);
GBytes *gst_h4mk_tracks_to_json (const GstH4mkTracks * tracks);
GstH4mkTracks *gst_h4mk_tracks_from_json (const guint8 * data, gsize size,
    GError ** error);
gboolean gst_h4mk_tracks_check (const GstH4mkTracks * tracks, GError ** error);

const gchar *gst_h4mk_track_kind_to_string (GstH4mkTrackKind kind);
gboolean gst_h4mk_track_is_masked (const GstH4mkTrack * track);

/* Whether a caps string is one that a reader takes: fixed, of plain types,
 * not nested too deep. Looked at as text, before any parser sees it. */
gboolean gst_h4mk_caps_check (const gchar * caps, GError ** error);

G_END_DECLS

#endif
