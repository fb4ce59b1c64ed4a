/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_WRITER_H__
#define __GST_H4MK_WRITER_H__

#include "gsth4mksigningkey.h"
#include "gsth4mktracks.h"
#include "gsth4mktoken.h"
#include "gsth4mkerror.h"

G_BEGIN_DECLS

/**
 * GstH4mkWriterOptions:
 * @group_duration: ns of running time a group may span; 0: a block a group
 * @group_size: bytes of blocks at which a group ends
 * @span_duration: ns after which a span ends
 * @min_index_interval: ns that a span lasts at least before a key block of a
 *   primary video track ends it
 * @link: whether spans are closed by LINK
 *
 * Since: 1.0
 */
typedef struct
{
  guint64 group_duration;
  guint64 group_size;
  guint64 span_duration;
  guint64 min_index_interval;
  gboolean link;
} GstH4mkWriterOptions;

void gst_h4mk_writer_options_init (GstH4mkWriterOptions * options);

/**
 * GstH4mkBlock:
 * @record: its record; REORDERED is set by the writer
 * @data: its bytes, which must stay until @owner is freed
 * @owner: (transfer full): given back to the write function, then freed: at
 *   once where the bytes were copied, else when they were written and hashed,
 *   at the latest with the next group
 *
 * Since: 1.0
 */
typedef struct
{
  GstH4mkRecord record;
  const guint8 *data;
  gpointer owner;
} GstH4mkBlock;

/**
 * GstH4mkPiece:
 * @data: bytes of the file
 * @size: how many
 * @bytes: (transfer none) (nullable): what holds them; NULL: @owner does
 * @owner: (nullable): the block whose bytes these are, all of them
 *
 * A run of bytes of the file. Small blocks are copied together with what
 * surrounds them, large ones (over 4 KiB) are passed on as they came. A write
 * function that keeps them longer than the call takes a reference to @bytes, or
 * one of its own to what @owner is.
 *
 * Since: 1.0
 */
typedef struct
{
  const guint8 *data;
  gsize size;
  GBytes *bytes;
  gpointer owner;
} GstH4mkPiece;

/**
 * GstH4mkWriteFlags:
 * @GST_H4MK_WRITE_HEADER: the file header and the first TRAK
 * @GST_H4MK_WRITE_BEGINS_SPAN: the first piece begins a span: a reader may
 *   join here after header and TRAK
 * @GST_H4MK_WRITE_GROUP: a whole group
 * @GST_H4MK_WRITE_TAIL: what closes the file
 *
 * No flag at all: the LINK of a span that was ended by the block after it.
 *
 * Since: 1.0
 */
typedef enum
{
  GST_H4MK_WRITE_HEADER = 1 << 0,
  GST_H4MK_WRITE_BEGINS_SPAN = 1 << 1,
  GST_H4MK_WRITE_GROUP = 1 << 2,
  GST_H4MK_WRITE_TAIL = 1 << 3
} GstH4mkWriteFlags;

/**
 * GstH4mkSpanInfo:
 * @seq: number of the span, from 1
 * @offset: of its first byte
 * @size: bytes, its LINK not included
 * @first_block: index of its first block
 * @blocks: how many
 * @time: its first running time in ns, or G_MININT64
 * @chain: (nullable): the chain hash that its LINK states
 *
 * Since: 1.0
 */
typedef struct
{
  guint64 seq;
  guint64 offset;
  guint64 size;
  guint64 first_block;
  guint64 blocks;
  gint64 time;
  const guint8 *chain;
} GstH4mkSpanInfo;

/**
 * GstH4mkWriterFuncs:
 * @write: takes the next bytes of the file, in file order; FALSE with @error
 *   stops the writer for good
 * @span: (nullable): a span was closed and its bytes were written
 * @free_owner: (nullable): frees a block's owner
 *
 * What a writer calls, always on the thread that calls the writer.
 *
 * Since: 1.0
 */
typedef struct
{
  gboolean (*write) (const GstH4mkPiece * pieces, guint n_pieces,
      GstH4mkWriteFlags flags, gpointer user_data, GError ** error);
  void (*span) (const GstH4mkSpanInfo * info, gpointer user_data);
  GDestroyNotify free_owner;
} GstH4mkWriterFuncs;

/**
 * GstH4mkTail:
 * @tags: (nullable): final tags of the file
 * @track_tags: (nullable) (element-type guint JsonObject): final tags by
 *   track id; tracks without any are left out
 * @toc: (nullable): as META has it
 * @safe: (nullable): JSON text of SAFE; NULL for the default
 * @attachments: (nullable) (element-type GstH4mkAttachment): in the order in
 *   which they shall stand
 *
 * What is known of a file only at its end.
 *
 * Since: 1.0
 */
typedef struct
{
  JsonObject *tags;
  GHashTable *track_tags;
  JsonArray *toc;
  const gchar *safe;
  GPtrArray *attachments;
} GstH4mkTail;

/**
 * GstH4mkAttachment:
 * @name: "track/tag/n", track 0 for the file
 * @mime_type: of @bytes
 * @bytes: the content
 *
 * Since: 1.0
 */
typedef struct
{
  gchar *name;
  gchar *mime_type;
  GBytes *bytes;
} GstH4mkAttachment;

GstH4mkAttachment *gst_h4mk_attachment_new (const gchar * name,
    const gchar * mime_type, GBytes * bytes);
void gst_h4mk_attachment_free (GstH4mkAttachment * attachment);

/* The track profile. Not thread safe: one caller at a time. */
typedef struct _GstH4mkWriter GstH4mkWriter;

GstH4mkWriter *gst_h4mk_writer_new (const GstH4mkWriterOptions * options,
    const GstH4mkWriterFuncs * funcs, gpointer user_data);
void gst_h4mk_writer_free (GstH4mkWriter * writer);

/* Before the first list of tracks: the file will be signed. Every list must
 * then name the public key. */
void gst_h4mk_writer_set_signing_key (GstH4mkWriter * writer,
    GstH4mkSigningKey * key);

/* First call: writes the header and TRAK. Later: ends the span; the new TRAK
 * is written before the next block. An equal list changes nothing. */
gboolean gst_h4mk_writer_set_tracks (GstH4mkWriter * writer,
    GstH4mkTracks * tracks, GError ** error);

/* Takes the block, in file order; takes its owner also where it fails. */
gboolean gst_h4mk_writer_add (GstH4mkWriter * writer,
    const GstH4mkBlock * block, GError ** error);

gboolean gst_h4mk_writer_end_group (GstH4mkWriter * writer, GError ** error);
gboolean gst_h4mk_writer_end_span (GstH4mkWriter * writer, GError ** error);

/* Ends the span and writes everything up to VERI. */
gboolean gst_h4mk_writer_finish (GstH4mkWriter * writer,
    const GstH4mkTail * tail, GError ** error);

/* Takes note of a chunk that stands in the file already, in file order, so
 * that a cut recording goes on after it. Groups must be whole: a TOKN and then
 * each CORE. */
gboolean gst_h4mk_writer_replay (GstH4mkWriter * writer,
    const GstH4mkChunk * chunk, GError ** error);

/* Header and the TRAK in force: what a reader that joins now needs first. */
GBytes *gst_h4mk_writer_get_stream_header (GstH4mkWriter * writer);
/* The time at which the group being gathered began; FALSE where it is empty
 * or has no time yet. */
gboolean gst_h4mk_writer_get_group_time (GstH4mkWriter * writer, gint64 * time);
guint gst_h4mk_writer_get_group_blocks (GstH4mkWriter * writer);
guint64 gst_h4mk_writer_get_offset (GstH4mkWriter * writer);
guint64 gst_h4mk_writer_get_blocks (GstH4mkWriter * writer);
guint64 gst_h4mk_writer_get_spans (GstH4mkWriter * writer);

/* The base profile: one opaque stream, the reference's bytes. */
typedef struct _GstH4mkBaseWriter GstH4mkBaseWriter;

GstH4mkBaseWriter *gst_h4mk_base_writer_new (guint block_size,
    gdouble fps_hint, guint gop, gboolean masked,
    const GstH4mkWriterFuncs * funcs, gpointer user_data);
void gst_h4mk_base_writer_free (GstH4mkBaseWriter * writer);
/* The record is not looked at, but for its size. */
gboolean gst_h4mk_base_writer_add (GstH4mkBaseWriter * writer,
    const GstH4mkBlock * block, GError ** error);
gboolean gst_h4mk_base_writer_finish (GstH4mkBaseWriter * writer,
    const gchar * safe, GError ** error);
guint64 gst_h4mk_base_writer_get_offset (GstH4mkBaseWriter * writer);

G_END_DECLS

#endif
