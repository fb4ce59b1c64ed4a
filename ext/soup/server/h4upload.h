/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_UPLOAD_H__
#define __H4_UPLOAD_H__

/* What a request brings: parameters, and files. */

#include "h4exchange.h"
#include "h4params.h"
#include "h4spool.h"
#include "h4store.h"

G_BEGIN_DECLS

#define H4_UPLOAD_MAX_FIELD (64 * 1024)
#define H4_UPLOAD_MAX_FILES 64

typedef struct
{
  gchar *name;                  /* of the form's field */
  gchar *filename;              /* or NULL */
  H4Store *store;
} H4UploadFile;

/**
 * H4Upload:
 * @values: what query, headers and form say
 * @files: (element-type H4UploadFile): whole
 * @spool: (nullable): instead of files: one that is still coming
 * @filename: (nullable): of the first file
 * @size: bytes of that which comes, or -1: not known
 *
 * May be shared by threads once it is read.
 */
typedef struct
{
  const H4Call *call;
  H4Values *values;
  GPtrArray *files;
  H4Spool *spool;
  gchar *filename;
  gint64 size;

  /*< private >*/
  gatomicrefcount refs;
  H4Exchange *exchange;
  gpointer reader;
  GThread *thread;
  gchar *boundary;
} H4Upload;

/* Whether so much of the request is known that the work can begin while the
 * rest still comes. */
typedef gboolean (*H4UploadReadyFunc) (const H4Upload * upload);

/* FALSE where values do not go together. */
typedef gboolean (*H4UploadCheckFunc) (const H4Upload * upload,
    GError ** error);

/* Reads query and headers, then a form's fields and files, or the bytes of a
 * body that is none. Where ready says TRUE the file is left for
 * h4_upload_start(). check: (nullable): called when all values are known. */
H4Upload *h4_upload_read (H4Exchange * exchange, const H4Call * call,
    H4UploadReadyFunc ready, H4UploadCheckFunc check, GError ** error);
/* What was left is read into spool, by a thread. */
void h4_upload_start (H4Upload * upload);
/* Ends the thread, where there is one: what the client still sends is no
 * longer wanted. */
void h4_upload_stop (H4Upload * upload);
H4Upload *h4_upload_ref (H4Upload * upload);
void h4_upload_unref (H4Upload * upload);

G_END_DECLS

#endif
