/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __RECORD_H__
#define __RECORD_H__

/* Recordings for a test, made by pipelines, and what h4mk says of them. */

#include <gst/check/gstcheck.h>

/* A launch line whose `%s` is the file's path; runs to its end. */
void record (const gchar * path, const gchar * line);

/* Two tracks, 24 pictures of 40 ms and 12 pieces of sound, 5 spans. */
#define RECORD_RAW \
  "h4mkmux name=m span-duration=200000000 group-duration=80000000" \
  " ! filesink location=%s" \
  " videotestsrc num-buffers=24 ! video/x-raw,format=GRAY8,width=8,height=4," \
  "framerate=25/1 ! m.video_0" \
  " audiotestsrc num-buffers=12 samplesperbuffer=640" \
  " ! audio/x-raw,rate=8000,channels=1,format=S16LE ! m.audio_1"

/* 250 pictures, a key picture each second. */
#define RECORD_CODED \
  "videotestsrc num-buffers=250 ! video/x-raw,width=64,height=48," \
  "framerate=25/1 ! vp8enc keyframe-max-dist=25 deadline=1 ! h4mkmux" \
  " span-duration=1000000000 ! filesink location=%s"

/* stdout without the end of its last line; (transfer full) */
gchar *h4mk_says (const gchar * command, const gchar * path,
    const gchar * argument);

#endif
