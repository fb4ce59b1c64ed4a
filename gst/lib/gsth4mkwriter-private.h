/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_WRITER_PRIVATE_H__
#define __GST_H4MK_WRITER_PRIVATE_H__

#include "gsth4mkstate.h"
#include "gsth4mkwriter.h"

G_BEGIN_DECLS

struct _GstH4mkWriter
{
  GstH4mkWriterOptions options;
  GstH4mkOutput output;
  GstH4mkState state;
  GstH4mkGroup group;
  gboolean finished;
  /* NULL: the file is not signed */
  GstH4mkSigningKey *key;
  /* of what SIGN is over beside the body, as far as it is known */
  GstH4Sha256 *tail;
  /* what stands before the group's COREs */
  GByteArray *front;
  /* a TRAK chunk that waits for the next group, or empty */
  GByteArray *next_trak;

  /* a group that is being replayed: where its TOKN stands, how many of its
   * COREs came */
  guint64 replay_offset;
  guint replay_done;
  gboolean replaying;
};

/* The header and the first TRAK chunk stand in the file, or will. */
void gst_h4mk_writer_begin_tail (GstH4mkWriter * writer, const guint8 * trak,
    gsize size);

/* "H4MK", version 1, reserved 0 */
extern const guint8 gst_h4mk_file_header[GST_H4MK_HEADER_SIZE];

G_END_DECLS

#endif
