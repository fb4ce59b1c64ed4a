/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __TEST_H4MK_SINK_H__
#define __TEST_H4MK_SINK_H__

/* What a writer's functions do in the tests: everything is kept. */

#include <string.h>

#include <gst/check/gstcheck.h>

#include "gsth4mkwriter.h"

/* GStreamer's own readers do what the sanitizers call undefined. */
static inline guint32
read_u32 (const void *p)
{
  guint32 value;

  memcpy (&value, p, 4);
  return GUINT32_FROM_BE (value);
}

static inline guint64
read_u64 (const void *p)
{
  guint64 value;

  memcpy (&value, p, 8);
  return GUINT64_FROM_BE (value);
}

typedef struct
{
  GstH4mkWriteFlags flags;
  gsize offset;
  gsize size;
  guint pieces;
  guint passed;
} SinkWrite;

typedef struct
{
  GByteArray *bytes;
  GArray *writes;               /* of SinkWrite */
  GArray *spans;                /* of GstH4mkSpanInfo, chain not kept */
  gint live_owners;
  /* bytes of the file that were there before */
  gsize base;
  /* fails once this many writes were taken; -1: never */
  gint fail_after;
  /* the bytes are counted and not kept */
  gboolean discard;
} Sink;

static gboolean
sink_write (const GstH4mkPiece * pieces, guint n_pieces,
    GstH4mkWriteFlags flags, gpointer user_data, GError ** error)
{
  Sink *sink = user_data;
  SinkWrite w = { flags, sink->bytes->len, 0, n_pieces, 0 };
  guint i;

  fail_unless (n_pieces > 0);
  if (sink->fail_after == 0) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "full");
    return FALSE;
  }
  if (sink->fail_after > 0)
    sink->fail_after--;
  for (i = 0; i < n_pieces; i++) {
    fail_unless (pieces[i].size > 0);
    if (pieces[i].bytes) {
      gsize size;
      const guint8 *start = g_bytes_get_data (pieces[i].bytes, &size);

      fail_unless (pieces[i].data >= start
          && pieces[i].data + pieces[i].size <= start + size);
    } else {
      w.passed++;
    }
    w.size += pieces[i].size;
    if (!sink->discard)
      g_byte_array_append (sink->bytes, pieces[i].data, pieces[i].size);
  }
  if (!sink->discard)
    g_array_append_val (sink->writes, w);
  return TRUE;
}

static void
sink_span (const GstH4mkSpanInfo * info, gpointer user_data)
{
  Sink *sink = user_data;
  GstH4mkSpanInfo copy = *info;

  /* the span's bytes, and no others, were written */
  if (!sink->discard)
    fail_unless (info->offset + info->size <= sink->base + sink->bytes->len);
  copy.chain = NULL;
  if (!sink->discard)
    g_array_append_val (sink->spans, copy);
}

/* An owner is a count of those that live. */
static void
sink_free_owner (gpointer owner)
{
  gint *live = owner;

  (*live)--;
}

static const GstH4mkWriterFuncs sink_funcs =
    { sink_write, sink_span, sink_free_owner };

static inline void
sink_init (Sink * sink)
{
  sink->bytes = g_byte_array_new ();
  sink->writes = g_array_new (FALSE, FALSE, sizeof (SinkWrite));
  sink->spans = g_array_new (FALSE, FALSE, sizeof (GstH4mkSpanInfo));
  sink->live_owners = 0;
  sink->base = 0;
  sink->fail_after = -1;
  sink->discard = FALSE;
}

static inline void
sink_clear (Sink * sink)
{
  fail_unless_equals_int (sink->live_owners, 0);
  g_byte_array_unref (sink->bytes);
  g_array_unref (sink->writes);
  g_array_unref (sink->spans);
}

static inline gpointer
sink_own (Sink * sink)
{
  sink->live_owners++;
  return &sink->live_owners;
}

#define fail_unless_same_bytes(a, a_size, b, b_size) G_STMT_START { \
  gsize i_, na_ = (a_size), nb_ = (b_size), n_ = MIN (na_, nb_); \
  const guint8 *a_ = (a), *b_ = (b); \
  for (i_ = 0; i_ < n_ && a_[i_] == b_[i_]; i_++); \
  fail_unless (i_ == n_ && na_ == nb_, "bytes differ at %" G_GSIZE_FORMAT \
      " of %" G_GSIZE_FORMAT " and %" G_GSIZE_FORMAT, i_, na_, nb_); \
} G_STMT_END

#define fail_unless_error(error, code_) G_STMT_START { \
  fail_unless (g_error_matches (error, GST_H4MK_ERROR, code_), "got %s", \
      error ? error->message : "no error"); \
  g_clear_error (&error); \
} G_STMT_END

#endif
