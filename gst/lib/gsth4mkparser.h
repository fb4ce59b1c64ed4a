/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4MK_PARSER_H__
#define __GST_H4MK_PARSER_H__

#include "gsth4mkerror.h"
#include "gsth4mktoken.h"
#include "gsth4mktracks.h"

G_BEGIN_DECLS

/**
 * GstH4mkResult:
 * @GST_H4MK_RESULT_ITEM: an item was read; the parser stands after it
 * @GST_H4MK_RESULT_MORE: more bytes are needed from the same place on
 * @GST_H4MK_RESULT_BAD_BLOCK: a CORE whose CRC does not hold, or whose bytes
 *   cannot be trusted, where the next header stands where it should: item and
 *   error are set, and the parser stands after it
 * @GST_H4MK_RESULT_ERROR: error is set; the parser stays where it is until
 *   gst_h4mk_parser_seek()
 *
 * Since: 1.0
 */
typedef enum
{
  GST_H4MK_RESULT_ITEM,
  GST_H4MK_RESULT_MORE,
  GST_H4MK_RESULT_BAD_BLOCK,
  GST_H4MK_RESULT_ERROR
} GstH4mkResult;

/**
 * GstH4mkItem:
 * @chunk: the chunk; its memory is the caller's own
 * @tracks: (nullable): the TRAK in force from here on (for TRAK: the new one)
 * @token: (nullable): for TOKN and for the COREs of its group
 * @record: (nullable): for CORE: its record. In the base profile made up from
 *   META where that is known, else with NO_PTS
 * @block: for CORE: its index in the whole file
 *
 * What a parser read. Pointers hold until the parser is called again.
 *
 * Since: 1.0
 */
typedef struct
{
  GstH4mkChunk chunk;
  GstH4mkTracks *tracks;
  const GstH4mkToken *token;
  const GstH4mkRecord *record;
  guint64 block;
} GstH4mkItem;

/* Reads a file front to back, chunk by chunk, from whatever bytes it is given:
 * it holds no data and does no I/O. */
typedef struct _GstH4mkParser GstH4mkParser;

GstH4mkParser *gst_h4mk_parser_new (void);
void gst_h4mk_parser_free (GstH4mkParser * parser);

/* Whether the CRCs of COREs are checked [TRUE]; all others always are. */
void gst_h4mk_parser_set_check_blocks (GstH4mkParser * parser, gboolean check);

/* Size of the whole file where it is known, so that a length past its end is
 * an error at once; -1 where it is not. */
void gst_h4mk_parser_set_file_size (GstH4mkParser * parser, gint64 size);

/**
 * gst_h4mk_parser_next:
 * @parser: a parser
 * @data: bytes of the file from gst_h4mk_parser_get_offset() on
 * @size: how many there are
 * @item: (out): what was read
 * @need: (out): with %GST_H4MK_RESULT_MORE: how many bytes are needed from the
 *   parser's offset on, never more than a chunk and the header after it
 * @error: what and where
 *
 * Since: 1.0
 */
GstH4mkResult gst_h4mk_parser_next (GstH4mkParser * parser,
    const guint8 * data, gsize size, GstH4mkItem * item, gsize * need,
    GError ** error);

/* The file ends where the parser stands: TRUE after VERI, else what is
 * missing. left: bytes there are after the parser's offset. */
gboolean gst_h4mk_parser_end (GstH4mkParser * parser, gsize left,
    GError ** error);

guint64 gst_h4mk_parser_get_offset (GstH4mkParser * parser);
GstH4mkTracks *gst_h4mk_parser_get_tracks (GstH4mkParser * parser);
GstH4mkProfile gst_h4mk_parser_get_profile (GstH4mkParser * parser);
/* Bytes from the parser's offset to the end of the group it is in; 0 between
 * groups. */
guint64 gst_h4mk_parser_get_group_left (GstH4mkParser * parser);
/* TRUE once VERI was read. */
gboolean gst_h4mk_parser_is_finished (GstH4mkParser * parser);
/* FALSE once a FOOT was read whose own offset is not where it stands: it, SIGN
 * and VERI are read, but say nothing, and the file counts as cut off. */
gboolean gst_h4mk_parser_tail_holds (GstH4mkParser * parser);

/* Goes on at a place between two groups. tracks: the TRAK in force there
 * (track profile). next_block: index of the block that follows, or -1 where
 * it is not known. */
void gst_h4mk_parser_seek (GstH4mkParser * parser, guint64 offset,
    GstH4mkProfile profile, GstH4mkTracks * tracks, gint64 next_block);

/* Base profile: what META says, where it was read ahead. */
void gst_h4mk_parser_set_base_timing (GstH4mkParser * parser,
    guint64 block_size, gdouble fps_hint, guint gop);

G_END_DECLS

#endif
