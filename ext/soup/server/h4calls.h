/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_CALLS_H__
#define __H4_CALLS_H__

/* What each call does with an upload. */

#include "h4answer.h"
#include "h4pipeline.h"
#include "h4server.h"
#include "h4upload.h"

G_BEGIN_DECLS

/* A job whose events are fetched later: h4callasync.c */
typedef struct _H4Async H4Async;

/**
 * H4CallFuncs:
 * @ready: whether the work can begin while the file still comes
 * @check: (nullable): 400 where values do not go together
 * @serve: writes the answer, whole. events: (nullable): one that was begun
 *   already, with ids
 */
typedef struct
{
  const gchar *id;
  H4UploadReadyFunc ready;
  gboolean (*check) (const H4Upload * upload, GError ** error);
  gboolean (*serve) (H4Upload * upload, H4Exchange * exchange,
      H4Answer * events, GError ** error);
} H4CallFuncs;

extern const H4CallFuncs h4_call_video_stream;
extern const H4CallFuncs h4_call_video_export;
extern const H4CallFuncs h4_call_audio_stream;
extern const H4CallFuncs h4_call_audio_mask;
extern const H4CallFuncs h4_call_export;

/* The upload's file, or NULL where it is spooled. */
H4UploadFile *h4_upload_get_file (const H4Upload * upload);
/* Every one of these was given, so that no later field can change it. */
gboolean h4_upload_has (const H4Upload * upload, const gchar * first, ...)
    G_GNUC_NULL_TERMINATED;

/* Jobs for later: they keep their upload until nobody has asked for it for a
 * while. */
H4Async *h4_async_new (H4Server * server);
void h4_async_free (H4Async * async);
/* 202 with the Location of its events. */
gboolean h4_async_add (H4Async * async, const H4CallFuncs * funcs,
    H4Upload * upload, H4Exchange * exchange, GError ** error);
/* GET /jobs/… */
void h4_async_serve (H4Async * async, H4Exchange * exchange);

/* appsrc ! h4videotok output=blocks (! h4mask): the last one of them. */
GstElement *h4_call_add_blocks (H4Pipeline * pipeline, H4Upload * upload,
    H4UploadFile * file, GError ** error);
GstElement *h4_call_add_mask (H4Pipeline * pipeline, H4Upload * upload,
    const gchar * scheme, GError ** error);

/* h4mediaevents.c: events of a media file's frames */
gboolean h4_media_events_serve (H4Upload * upload, H4Exchange * exchange,
    H4Answer * answer, GError ** error);

G_END_DECLS

#endif
