/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>

#include "h4openapitable.h"

#define UPLOAD "400,408,413,415,422,503"
#define CONDITIONS "If-Match,If-None-Match,If-Modified-Since"
#define FILE_HEADERS "ETag,Last-Modified,Accept-Ranges"

static const H4Operation operations[] = {
  {"video_stream", "Video", NULL, "202,429," UPLOAD, "Prefer"},
  {"video_export", "Video", NULL, UPLOAD, "X-H4-Key", "Content-Disposition"},
  {"audio_stream", "Audio", NULL, "202,429," UPLOAD, "Prefer"},
  {"audio_mask", "Audio", NULL, UPLOAD, "X-H4-Key", "Content-Disposition"},
  {"export", "Export", NULL, UPLOAD, "X-H4-Key", "Content-Disposition"},
  {"job_events", "Events", NULL, "204,400,404,503", "Last-Event-ID"},
  {"events", "Events", NULL, "204,400,404,503", "Last-Event-ID"},
  {"streams", "Events", "Streams", NULL},
  {"files_list", "Files", "List", "400,503"},
  {"file_get", "Files", NULL, "206,304,404,412,416,503",
      "Range,If-Range," CONDITIONS, FILE_HEADERS},
  {"file_head", "Files", NULL, "304,404,412,503", CONDITIONS, FILE_HEADERS},
  {"file_info", "Files", "Info", "404,422,503"},
  {"file_seek", "Files", "Block", "400,404,422,503"},
  {"file_chain", "Files", "Blocks", "400,404,422,503"},
  {"file_block", "Files", NULL, "400,404,422,503", NULL, "X-H4-Block"},
  {"file_verify", "Files", "Report", "400,404,422,503"},
  {"index", "Server", "Index", NULL, NULL, NULL, TRUE},
  {"health", "Server", "Health", NULL, NULL, NULL, TRUE},
  {"metrics", "Server", NULL, NULL},
  {"openapi", "Server", "Document", NULL, NULL, NULL, TRUE},
  {"docs", "Server", NULL, NULL, NULL, NULL, TRUE},
};

const H4Words h4_openapi_tags[] = {
  {"Video", "Blocks of a video as timing tokens, or in a container."},
  {"Audio", "Audio as the largest bins of its spectrum, or masked."},
  {"Export", "Many files in one container."},
  {"Events", "What happens, while it happens."},
  {"Files", "Recordings below the root: whole, in part, and what they hold."},
  {"Server", "The server itself."},
};

const guint h4_n_openapi_tags = G_N_ELEMENTS (h4_openapi_tags);

static const H4Words headers[] = {
  {"Accept-Ranges", "bytes"},
  {"Content-Disposition", "A name to save it under."},
  {"Content-Range", "Which bytes, of how many."},
  {"ETag", "Names the file's state."},
  {"If-Match", "Only while the file has this ETag; else 412."},
  {"If-Modified-Since", "A Last-Modified: 304 where it still is."},
  {"If-None-Match", "An ETag: 304 where the file still has it."},
  {"If-Range", "An ETag or Last-Modified: the range only where it still is"
        " the same file, else all of it."},
  {"Last-Event-ID", "The id of the last event that came."},
  {"Last-Modified", "When the file was written to."},
  {"Location", "Where the events are."},
  {"Prefer", "respond-async: the answer is 202, and the events are at its"
        " Location."},
  {"Range", "bytes=FIRST-LAST, bytes=FIRST- or bytes=-COUNT: one range."},
  {"Retry-After", "Seconds after which to come back."},
  {"WWW-Authenticate", "Bearer"},
  {"X-H4-Block", "The block's record, in JSON."},
  {"X-H4-Key", "The master key, in hexadecimal digits."},
};

static const struct
{
  guint status;
  const gchar *doc;
} statuses[] = {
  {202, "The upload is there; its events are at Location."},
  {204, "The events are over."},
  {206, "The range."},
  {304, "It is what the client has."},
  {400, "A parameter, a header or the body is not as it has to be."},
  {401, "A token is asked for."},
  {404, "There is no such thing."},
  {408, "The client did not go on sending."},
  {412, "The file has changed."},
  {413, "The upload is larger than --max-upload."},
  {415, "The body is of another type."},
  {416, "The file ends before the range begins."},
  {422, "The file is damaged, or not what it was taken for."},
  {429, "As many uploads as are kept wait for their events to be read."},
  {503, "Too much at once."},
};

const H4Operation *
h4_operation_find (const gchar * id)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (operations); i++) {
    if (strcmp (operations[i].id, id) == 0)
      return &operations[i];
  }
  return NULL;
}

const gchar *
h4_openapi_describe_status (guint status)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (statuses); i++) {
    if (statuses[i].status == status)
      return statuses[i].doc;
  }
  return NULL;
}

const gchar *
h4_openapi_describe_header (const gchar * name)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (headers); i++) {
    if (strcmp (headers[i].name, name) == 0)
      return headers[i].doc;
  }
  return NULL;
}
