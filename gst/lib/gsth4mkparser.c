/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4mkparser.h"
#include "gsth4bytes.h"
#include "gsth4json.h"
#include "gsth4mkchunks.h"

/* What the parser stands after. */
typedef enum
{
  STATE_HEADER,
  STATE_FIRST,
  /* the track profile */
  STATE_SPAN,
  STATE_PAGE,
  STATE_TRAK,
  STATE_GROUP,
  STATE_ANYWHERE,
  STATE_ATTA,
  STATE_LAST_PAGE,
  STATE_SEEK,
  STATE_META,
  STATE_SAFE,
  STATE_ROOT,
  STATE_FOOT,
  STATE_SIGN,
  /* the base profile */
  STATE_BASE,
  STATE_BASE_SEEK,
  STATE_BASE_META,
  STATE_BASE_SAFE,
  STATE_END
} State;

typedef enum
{
  HAS_TRAK = 1 << 0,
  HAS_TOKN = 1 << 1,
  HAS_LINK = 1 << 2,
  HAS_GIDX = 1 << 3,
  HAS_LOWER = 1 << 4,
  HAS_ATTA = 1 << 5,
  HAS_SEEK = 1 << 6,
  HAS_META = 1 << 7,
  HAS_SAFE = 1 << 8,
  HAS_FOOT = 1 << 9,
  HAS_SIGN = 1 << 10,
  HAS_VERI = 1 << 11,
  HAS_CORE = 1 << 12,
  HAS_OTHER = 1 << 13
} TagBit;

#define BETWEEN_SPANS (HAS_TRAK | HAS_GIDX | HAS_LOWER | HAS_ATTA | HAS_SEEK)

/* The grammar: which chunks may follow. Where it says HAS_GIDX it is a page,
 * but after SAFE. */
static const guint16 may_follow[] = {
  [STATE_FIRST] = HAS_TRAK,
  [STATE_SPAN] = BETWEEN_SPANS | HAS_TOKN,
  [STATE_PAGE] = HAS_TRAK | HAS_TOKN | HAS_SEEK | HAS_LOWER,
  [STATE_TRAK] = HAS_TOKN,
  [STATE_GROUP] = BETWEEN_SPANS | HAS_TOKN | HAS_LINK,
  [STATE_ANYWHERE] = BETWEEN_SPANS | HAS_TOKN | HAS_LINK,
  [STATE_ATTA] = HAS_ATTA | HAS_LOWER | HAS_GIDX | HAS_SEEK,
  [STATE_LAST_PAGE] = HAS_SEEK | HAS_LOWER,
  [STATE_SEEK] = HAS_META,
  [STATE_META] = HAS_SAFE,
  [STATE_SAFE] = HAS_GIDX,
  [STATE_ROOT] = HAS_FOOT,
  [STATE_FOOT] = HAS_SIGN | HAS_VERI,
  [STATE_SIGN] = HAS_VERI,
  [STATE_BASE] = HAS_CORE | HAS_SEEK | HAS_LOWER | HAS_ATTA | HAS_OTHER,
  [STATE_BASE_SEEK] = HAS_META | HAS_LOWER | HAS_ATTA | HAS_OTHER,
  [STATE_BASE_META] = HAS_SAFE | HAS_LOWER | HAS_ATTA | HAS_OTHER,
  [STATE_BASE_SAFE] = HAS_VERI | HAS_LOWER | HAS_ATTA | HAS_OTHER,
  [STATE_END] = 0
};

/* A file closes every span with a LINK, or none. */
typedef enum
{
  LINKS_UNKNOWN,
  LINKS_ALL,
  LINKS_NONE
} Links;

struct _GstH4mkParser
{
  gboolean check_blocks;
  gint64 file_size;

  State state;
  GstH4mkProfile profile;
  Links links;
  guint64 offset;
  gboolean knows_block;
  guint64 next_block;
  gboolean tail_holds;
  /* of the chunk that more bytes were asked for, or 0 */
  guint32 pending_tag;

  GstH4mkTracks *tracks;
  /* id of each track: 1, masked: 2 */
  GHashTable *track_ids;
  guint32 last_track;
  gboolean last_masked;

  /* the group being read */
  GstH4mkToken token;
  guint next_record;
  guint64 group_left;

  /* the base profile's timing; -1: not known */
  gint64 interval;
  guint gop;
  GstH4mkRecord base_record;
};

/**
 * gst_h4mk_parser_new: (skip)
 *
 * Returns: (transfer full): a parser that stands before the file header
 *
 * Since: 1.0
 */
GstH4mkParser *
gst_h4mk_parser_new (void)
{
  GstH4mkParser *parser = g_new0 (GstH4mkParser, 1);

  parser->check_blocks = TRUE;
  parser->file_size = -1;
  parser->interval = -1;
  parser->gop = 1;
  parser->tail_holds = TRUE;
  gst_h4mk_token_init (&parser->token);
  parser->track_ids = g_hash_table_new (NULL, NULL);
  return parser;
}

void
gst_h4mk_parser_free (GstH4mkParser * parser)
{
  g_clear_pointer (&parser->tracks, gst_h4mk_tracks_unref);
  g_hash_table_unref (parser->track_ids);
  gst_h4mk_token_clear (&parser->token);
  g_free (parser);
}

/**
 * gst_h4mk_parser_set_check_blocks:
 * @parser: a parser
 * @check: whether the CRCs of COREs are checked, as they are by default
 *
 * All other CRCs always are.
 *
 * Since: 1.0
 */
void
gst_h4mk_parser_set_check_blocks (GstH4mkParser * parser, gboolean check)
{
  parser->check_blocks = check;
}

/**
 * gst_h4mk_parser_set_file_size:
 * @parser: a parser
 * @size: of the whole file in bytes, or -1 where it is not known
 *
 * Makes a length past the end of the file an error at once.
 *
 * Since: 1.0
 */
void
gst_h4mk_parser_set_file_size (GstH4mkParser * parser, gint64 size)
{
  parser->file_size = size;
}

/**
 * gst_h4mk_parser_get_offset:
 * @parser: a parser
 *
 * Returns: where in the file it stands
 *
 * Since: 1.0
 */
guint64
gst_h4mk_parser_get_offset (GstH4mkParser * parser)
{
  return parser->offset;
}

/**
 * gst_h4mk_parser_get_tracks:
 * @parser: a parser
 *
 * Returns: (transfer none) (nullable): the TRAK in force
 *
 * Since: 1.0
 */
GstH4mkTracks *
gst_h4mk_parser_get_tracks (GstH4mkParser * parser)
{
  return parser->tracks;
}

/**
 * gst_h4mk_parser_get_profile:
 * @parser: a parser that has seen the header of the first chunk
 *
 * Returns: the file's profile
 *
 * Since: 1.0
 */
GstH4mkProfile
gst_h4mk_parser_get_profile (GstH4mkParser * parser)
{
  return parser->profile;
}

/**
 * gst_h4mk_parser_get_group_left:
 * @parser: a parser
 *
 * Returns: bytes from where it stands to the end of the group that it is in;
 *   0 between two groups
 *
 * Since: 1.0
 */
guint64
gst_h4mk_parser_get_group_left (GstH4mkParser * parser)
{
  return parser->group_left;
}

/**
 * gst_h4mk_parser_is_finished:
 * @parser: a parser
 *
 * Returns: whether VERI was read
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_parser_is_finished (GstH4mkParser * parser)
{
  return parser->state == STATE_END;
}

/**
 * gst_h4mk_parser_tail_holds:
 * @parser: a parser
 *
 * Returns: %FALSE once a FOOT was read whose own offset is not where it
 *   stands: it, SIGN and VERI say nothing then, and the file counts as cut off
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_parser_tail_holds (GstH4mkParser * parser)
{
  return parser->tail_holds;
}

/**
 * gst_h4mk_parser_set_base_timing:
 * @parser: a parser
 * @block_size: bytes of a block, as META has it
 * @fps_hint: blocks a second, as META has it; 0 or less: not known
 * @gop: a key block is one of so many
 *
 * Says what META does, where it was read ahead; records of the base profile
 * are made from it.
 *
 * Since: 1.0
 */
void
gst_h4mk_parser_set_base_timing (GstH4mkParser * parser, guint64 block_size,
    gdouble fps_hint, guint gop)
{
  parser->interval = fps_hint > 0 ? gst_h4mk_base_interval (fps_hint) : -1;
  parser->gop = MAX (gop, 1);
}

static void
gst_h4mk_parser_set_tracks (GstH4mkParser * parser, GstH4mkTracks * tracks)
{
  guint i;

  if (parser->tracks == tracks)
    return;
  g_clear_pointer (&parser->tracks, gst_h4mk_tracks_unref);
  g_hash_table_remove_all (parser->track_ids);
  parser->last_track = 0;
  if (!tracks)
    return;
  parser->tracks = gst_h4mk_tracks_ref (tracks);
  for (i = 0; i < tracks->tracks->len; i++) {
    const GstH4mkTrack *track = g_ptr_array_index (tracks->tracks, i);

    g_hash_table_insert (parser->track_ids, GUINT_TO_POINTER (track->id),
        GUINT_TO_POINTER (gst_h4mk_track_is_masked (track) ? 2 : 1));
  }
}

/**
 * gst_h4mk_parser_seek:
 * @parser: a parser
 * @offset: a place between two groups, or two blocks of the base profile
 * @profile: of the file
 * @tracks: (nullable): the TRAK in force there; %NULL in the base profile
 * @next_block: index of the block that follows, or -1 where it is not known
 *
 * Goes on at another place.
 *
 * Since: 1.0
 */
void
gst_h4mk_parser_seek (GstH4mkParser * parser, guint64 offset,
    GstH4mkProfile profile, GstH4mkTracks * tracks, gint64 next_block)
{
  parser->offset = offset;
  parser->profile = profile;
  parser->state = profile == GST_H4MK_PROFILE_BASE ? STATE_BASE :
      STATE_ANYWHERE;
  /* one bad chunk must not make every LINK after it look wrong */
  if (parser->links == LINKS_NONE)
    parser->links = LINKS_UNKNOWN;
  parser->knows_block = next_block >= 0;
  parser->next_block = MAX (next_block, 0);
  parser->tail_holds = TRUE;
  parser->pending_tag = 0;
  parser->next_record = 0;
  parser->group_left = 0;
  g_array_set_size (parser->token.records, 0);
  g_array_set_size (parser->token.refs, 0);
  gst_h4mk_parser_set_tracks (parser, tracks);
}

static TagBit
get_tag_bit (guint32 tag)
{
  switch (tag) {
    case GST_H4MK_TAG_TRAK:
      return HAS_TRAK;
    case GST_H4MK_TAG_TOKN:
      return HAS_TOKN;
    case GST_H4MK_TAG_LINK:
      return HAS_LINK;
    case GST_H4MK_TAG_GIDX:
      return HAS_GIDX;
    case GST_H4MK_TAG_ATTA:
      return HAS_ATTA;
    case GST_H4MK_TAG_SEEK:
      return HAS_SEEK;
    case GST_H4MK_TAG_META:
      return HAS_META;
    case GST_H4MK_TAG_SAFE:
      return HAS_SAFE;
    case GST_H4MK_TAG_FOOT:
      return HAS_FOOT;
    case GST_H4MK_TAG_SIGN:
      return HAS_SIGN;
    case GST_H4MK_TAG_VERI:
      return HAS_VERI;
    case GST_H4MK_TAG_CORE:
      return HAS_CORE;
    default:
      return gst_h4mk_tag_is_lower (tag) ? HAS_LOWER : HAS_OTHER;
  }
}

/* To the base profile, what the track profile adds is unknown, and skipped. */
static TagBit
get_known_bit (GstH4mkProfile profile, guint32 tag)
{
  TagBit bit = get_tag_bit (tag);

  if (profile == GST_H4MK_PROFILE_BASE && (bit & (HAS_TRAK | HAS_TOKN |
              HAS_LINK | HAS_GIDX | HAS_FOOT | HAS_SIGN)))
    return HAS_OTHER;
  return bit;
}

static GstH4mkResult
more (GstH4mkParser * parser, guint64 size, gsize * need)
{
  *need = (gsize) size;
  return GST_H4MK_RESULT_MORE;
}

static gboolean
is_past_end (GstH4mkParser * parser, guint64 size)
{
  return parser->file_size >= 0
      && (parser->offset > (guint64) parser->file_size
      || size > (guint64) parser->file_size - parser->offset);
}

static GstH4mkResult
parse_header (GstH4mkParser * parser, const guint8 * data, gsize size,
    GstH4mkItem * item, gsize * need, GError ** error)
{
  static const guint8 header[] = { 'H', '4', 'M', 'K', 0, GST_H4MK_VERSION,
    0, 0
  };
  gsize n = MIN (size, sizeof (header));

  if (n == 0)
    return more (parser, sizeof (header), need);
  if (memcmp (data, header, MIN (n, 4)) != 0) {
    gst_h4mk_error_set (error, GST_H4MK_ERROR_FORMAT, 0, parser->offset,
        "not an H4MK file");
    return GST_H4MK_RESULT_ERROR;
  }
  if (memcmp (data, header, n) != 0) {
    gst_h4mk_error_set (error, GST_H4MK_ERROR_FORMAT, 0, parser->offset,
        "an H4MK file of another version than %d", GST_H4MK_VERSION);
    return GST_H4MK_RESULT_ERROR;
  }
  if (n < sizeof (header))
    return more (parser, sizeof (header), need);

  item->chunk.offset = parser->offset;
  item->chunk.raw = item->chunk.payload = data;
  item->chunk.raw_size = sizeof (header);
  parser->offset += sizeof (header);
  parser->state = STATE_FIRST;
  return GST_H4MK_RESULT_ITEM;
}

/* Whether a chunk can begin with these bytes after a block, so that a damaged
 * block costs no more than itself. */
static gboolean
header_stands (GstH4mkParser * parser, const guint8 * data, gsize block_size)
{
  GstH4mkChunkHeader header;
  TagBit bit;

  gst_h4mk_chunk_header_read (&header, data);
  if (is_past_end (parser, (guint64) block_size + GST_H4MK_CHUNK_HEADER_SIZE +
          header.size))
    return FALSE;
  if (parser->profile == GST_H4MK_PROFILE_TRACK
      && parser->next_record + 1 < parser->token.records->len)
    return header.tag == GST_H4MK_TAG_CORE && header.size ==
        gst_h4mk_token_record (&parser->token, parser->next_record + 1)->size;

  bit = get_known_bit (parser->profile, header.tag);
  return gst_h4mk_tag_is_sound (header.tag)
      && header.size <= gst_h4mk_chunk_limit (header.tag)
      && (may_follow[parser->profile == GST_H4MK_PROFILE_TRACK ? STATE_GROUP :
          STATE_BASE] & bit);
}

static void
finish_block (GstH4mkParser * parser, const guint8 * data, gsize size,
    const GstH4mkRecord * record, GstH4mkItem * item)
{
  item->chunk.tag = GST_H4MK_TAG_CORE;
  item->chunk.offset = parser->offset;
  item->chunk.raw = data;
  item->chunk.raw_size = size;
  item->chunk.payload = data + GST_H4MK_CHUNK_HEADER_SIZE;
  item->chunk.size = size - GST_H4MK_CHUNK_HEADER_SIZE;
  item->record = record;
  item->block = parser->next_block++;
  parser->offset += size;
  parser->pending_tag = 0;
  if (parser->profile == GST_H4MK_PROFILE_BASE)
    return;

  item->token = &parser->token;
  parser->group_left -= size;
  if (++parser->next_record == parser->token.records->len)
    parser->state = STATE_GROUP;
}

/* What it says of a block whose bytes do not hold is whether the next one can
 * be had. */
static GstH4mkResult
bad_block (GstH4mkParser * parser, const guint8 * data, gsize size,
    gsize block_size, const GstH4mkRecord * record, const gchar * what,
    GstH4mkItem * item, gsize * need, GError ** error)
{
  gboolean stands;

  if (parser->file_size >= 0
      && parser->offset + block_size == (guint64) parser->file_size)
    stands = size >= block_size;
  else if (is_past_end (parser, block_size + GST_H4MK_CHUNK_HEADER_SIZE))
    stands = FALSE;
  else if (size < block_size + GST_H4MK_CHUNK_HEADER_SIZE)
    return more (parser, block_size + GST_H4MK_CHUNK_HEADER_SIZE, need);
  else
    stands = header_stands (parser, data + block_size, block_size);

  gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, GST_H4MK_TAG_CORE,
      parser->offset, "block %" G_GUINT64_FORMAT ": %s", parser->next_block,
      what);
  if (!stands)
    return GST_H4MK_RESULT_ERROR;
  finish_block (parser, data, block_size, record, item);
  return GST_H4MK_RESULT_BAD_BLOCK;
}

static GstH4mkResult
parse_block (GstH4mkParser * parser, const guint8 * data, gsize size,
    GstH4mkItem * item, gsize * need, GError ** error)
{
  const GstH4mkRecord *record =
      gst_h4mk_token_record (&parser->token, parser->next_record);
  guint64 block_size = GST_H4MK_CHUNK_HEADER_SIZE + record->size;
  GstH4mkChunkHeader header;
  const gchar *what = NULL;

  if (is_past_end (parser, block_size)) {
    gst_h4mk_error_set (error, GST_H4MK_ERROR_TRUNCATED, GST_H4MK_TAG_CORE,
        parser->offset, "the file ends inside block %" G_GUINT64_FORMAT,
        parser->next_block);
    return GST_H4MK_RESULT_ERROR;
  }
  if (size < block_size) {
    parser->pending_tag = GST_H4MK_TAG_CORE;
    return more (parser, block_size, need);
  }

  gst_h4mk_chunk_header_read (&header, data);
  if (header.tag != GST_H4MK_TAG_CORE || header.size != record->size)
    what = "its header is not the one that TOKN promises";
  else if (parser->check_blocks && header.crc !=
      gst_h4mk_crc32 (data + GST_H4MK_CHUNK_HEADER_SIZE, record->size))
    what = "its checksum does not hold";
  if (what)
    return bad_block (parser, data, size, block_size, record, what, item, need,
        error);
  finish_block (parser, data, block_size, record, item);
  return GST_H4MK_RESULT_ITEM;
}

static const GstH4mkRecord *
make_base_record (GstH4mkParser * parser, guint64 size)
{
  GstH4mkRecord *record = &parser->base_record;
  gint64 pts;

  memset (record, 0, sizeof (*record));
  record->track = 1;
  record->index = parser->next_block;
  record->size = size;
  record->flags = GST_H4MK_RECORD_NO_PTS | GST_H4MK_RECORD_HAS_INDEX;
  if (parser->interval >= 0 && parser->next_block <= G_MAXINT64
      && !__builtin_mul_overflow ((gint64) parser->next_block,
          parser->interval, &pts)) {
    record->pts = pts;
    record->flags = GST_H4MK_RECORD_HAS_INDEX;
    if (parser->next_block % parser->gop == 0)
      record->flags |= GST_H4MK_RECORD_KEY;
  }
  return record;
}

static GstH4mkResult
parse_base_block (GstH4mkParser * parser, const guint8 * data, gsize size,
    const GstH4mkChunkHeader * header, GstH4mkItem * item, gsize * need,
    GError ** error)
{
  const GstH4mkRecord *record = make_base_record (parser, header->size);
  gsize block_size = GST_H4MK_CHUNK_HEADER_SIZE + (gsize) header->size;

  if (parser->check_blocks && header->crc !=
      gst_h4mk_crc32 (data + GST_H4MK_CHUNK_HEADER_SIZE, header->size))
    return bad_block (parser, data, size, block_size, record,
        "its checksum does not hold", item, need, error);
  finish_block (parser, data, block_size, record, item);
  return GST_H4MK_RESULT_ITEM;
}

static gboolean
damaged (const GstH4mkChunk * chunk, GError ** error, const gchar * what)
{
  return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, chunk->tag,
      chunk->offset, "%s", what);
}

static gboolean
read_trak (GstH4mkParser * parser, const GstH4mkChunk * chunk, GError ** error)
{
  GError *inner = NULL;
  GstH4mkTracks *tracks;

  tracks = gst_h4mk_tracks_from_json (chunk->payload, chunk->size, &inner);
  if (!tracks)
    return gst_h4mk_chunk_error (chunk, inner, error);
  if (parser->tracks && !gst_h4mk_tracks_same_file (parser->tracks, tracks)) {
    gst_h4mk_tracks_unref (tracks);
    return damaged (chunk, error,
        "need, uuid, start or key are not those of the TRAK before");
  }
  gst_h4mk_parser_set_tracks (parser, tracks);
  gst_h4mk_tracks_unref (tracks);
  parser->state = parser->state == STATE_FIRST ? STATE_SPAN : STATE_TRAK;
  return TRUE;
}

/* Whether the record's track is in force; masked tracks must say which block
 * of their own they have. */
static gboolean
check_record_track (GstH4mkParser * parser, const GstH4mkRecord * record)
{
  if (record->track != parser->last_track || record->track == 0) {
    guint found = GPOINTER_TO_UINT (g_hash_table_lookup (parser->track_ids,
            GUINT_TO_POINTER (record->track)));

    if (found == 0)
      return FALSE;
    parser->last_track = record->track;
    parser->last_masked = found == 2;
  }
  return !parser->last_masked || (record->flags & GST_H4MK_RECORD_HAS_INDEX);
}

static gboolean
check_records (GstH4mkParser * parser, const GstH4mkChunk * chunk,
    guint64 * total, GError ** error)
{
  const GstH4mkToken *token = &parser->token;
  guint i;

  *total = 0;
  for (i = 0; i < token->records->len; i++) {
    const GstH4mkRecord *record = gst_h4mk_token_record (token, i);

    if (!check_record_track (parser, record))
      return damaged (chunk, error, "a record's track is not in force, or it "
          "is masked and the record has no index");
    if (record->size > GST_H4MK_MAX_BLOCK_SIZE)
      return gst_h4mk_error_set (error, GST_H4MK_ERROR_LIMIT, chunk->tag,
          chunk->offset, "a block of more than 1 GiB");
    /* at most 65 536 times 1 GiB */
    *total += GST_H4MK_CHUNK_HEADER_SIZE + record->size;
  }
  for (i = 0; i < token->refs->len; i++) {
    if (!g_hash_table_contains (parser->track_ids,
            GUINT_TO_POINTER (gst_h4mk_token_ref (token, i)->track)))
      return damaged (chunk, error, "a reference's track is not in force");
  }
  return TRUE;
}

static gboolean
read_tokn (GstH4mkParser * parser, const GstH4mkChunk * chunk, GError ** error)
{
  GstH4mkToken *token = &parser->token;
  GError *inner = NULL;
  guint64 total;

  parser->next_record = 0;
  if (!gst_h4mk_token_read (token, chunk->payload, chunk->size, &inner))
    return gst_h4mk_chunk_error (chunk, inner, error);
  if (parser->knows_block && token->first_block != parser->next_block)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, chunk->tag,
        chunk->offset, "its first block is %" G_GUINT64_FORMAT " where %"
        G_GUINT64_FORMAT " follows", token->first_block, parser->next_block);
  if (!check_records (parser, chunk, &total, error))
    return FALSE;
  if (token->refs->len > 0 && parser->state == STATE_GROUP) {
    if (parser->links == LINKS_ALL)
      return damaged (chunk, error,
          "it has references, but is not the first of its span");
    parser->links = LINKS_NONE;
  }
  if (chunk->offset > G_MAXINT64 - (chunk->raw_size + total))
    return damaged (chunk, error, "its blocks leave 63 bits of file");

  parser->knows_block = TRUE;
  parser->next_block = token->first_block;
  parser->group_left = total;
  return TRUE;
}

static gboolean
read_gidx (GstH4mkParser * parser, const GstH4mkChunk * chunk, GError ** error)
{
  guint8 kind = parser->state == STATE_SAFE ? GST_H4MK_GIDX_ROOT :
      GST_H4MK_GIDX_PAGE;

  if (chunk->payload[0] != kind)
    return damaged (chunk, error, kind == GST_H4MK_GIDX_ROOT ?
        "a page where the root belongs" : "a root where a page belongs");
  if (kind == GST_H4MK_GIDX_ROOT)
    parser->state = STATE_ROOT;
  else if (parser->state == STATE_ATTA)
    parser->state = STATE_LAST_PAGE;
  else
    parser->state = STATE_PAGE;
  return TRUE;
}

static void
read_base_meta (GstH4mkParser * parser, const GstH4mkChunk * chunk)
{
  GstH4mkBaseMeta meta;
  JsonObject *object =
      gst_h4_json_parse_object (chunk->payload, chunk->size, NULL);

  if (object && gst_h4mk_base_meta_read (&meta, object, NULL))
    gst_h4mk_parser_set_base_timing (parser, meta.block_size, meta.fps_hint,
        meta.gop);
  g_clear_pointer (&object, json_object_unref);
}

static void
enter_base_state (GstH4mkParser * parser, const GstH4mkChunk * chunk)
{
  switch (chunk->tag) {
    case GST_H4MK_TAG_SEEK:
      parser->state = STATE_BASE_SEEK;
      break;
    case GST_H4MK_TAG_META:
      read_base_meta (parser, chunk);
      parser->state = STATE_BASE_META;
      break;
    case GST_H4MK_TAG_SAFE:
      parser->state = STATE_BASE_SAFE;
      break;
    case GST_H4MK_TAG_VERI:
      parser->state = STATE_END;
      break;
    default:
      break;
  }
}

static gboolean
enter_track_state (GstH4mkParser * parser, const GstH4mkChunk * chunk,
    GError ** error)
{
  GstH4mkFoot foot;

  switch (chunk->tag) {
    case GST_H4MK_TAG_TRAK:
      return read_trak (parser, chunk, error);
    case GST_H4MK_TAG_TOKN:
      return read_tokn (parser, chunk, error);
    case GST_H4MK_TAG_GIDX:
      return read_gidx (parser, chunk, error);
    case GST_H4MK_TAG_LINK:
      parser->links = LINKS_ALL;
      parser->state = STATE_SPAN;
      break;
    case GST_H4MK_TAG_ATTA:
      parser->state = STATE_ATTA;
      break;
    case GST_H4MK_TAG_SEEK:
      parser->state = STATE_SEEK;
      break;
    case GST_H4MK_TAG_META:
      parser->state = STATE_META;
      break;
    case GST_H4MK_TAG_SAFE:
      parser->state = STATE_SAFE;
      break;
    case GST_H4MK_TAG_FOOT:
      gst_h4mk_foot_read (&foot, chunk);
      parser->tail_holds = foot.self == chunk->offset;
      parser->state = STATE_FOOT;
      break;
    case GST_H4MK_TAG_SIGN:
      parser->state = STATE_SIGN;
      break;
    case GST_H4MK_TAG_VERI:
      parser->state = STATE_END;
      break;
    default:
      if (parser->state != STATE_ATTA)
        parser->state = STATE_SPAN;
      break;
  }
  return TRUE;
}

static gboolean
refuse (GstH4mkParser * parser, guint32 tag, GError ** error)
{
  const gchar *what = "it may not stand here";

  if (parser->profile == GST_H4MK_PROFILE_TRACK
      && get_tag_bit (tag) == HAS_OTHER && gst_h4mk_tag_is_sound (tag))
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_UNSUPPORTED, tag,
        parser->offset, "needs a newer reader");
  if (!gst_h4mk_tag_is_sound (tag))
    what = "no chunk begins here";
  else if (parser->state == STATE_END)
    what = "it follows the end of the file";
  else if (parser->state == STATE_GROUP && parser->links == LINKS_ALL)
    what = "a LINK is missing before it";
  else if (tag == GST_H4MK_TAG_LINK && parser->links == LINKS_NONE)
    what = "a LINK after a span that had none";
  else if (tag == GST_H4MK_TAG_CORE)
    what = "a block outside of a group";
  return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, tag,
      parser->offset, "%s", what);
}

static gboolean
check_follows (GstH4mkParser * parser, guint32 tag, GError ** error)
{
  guint allowed = may_follow[parser->state];
  TagBit bit = get_known_bit (parser->profile, tag);

  if (parser->state == STATE_GROUP && parser->links == LINKS_ALL)
    allowed &= ~(guint) BETWEEN_SPANS;
  if (parser->links == LINKS_NONE)
    allowed &= ~(guint) HAS_LINK;
  if (!(allowed & bit)
      || (bit == HAS_OTHER && !gst_h4mk_tag_is_sound (tag)))
    return refuse (parser, tag, error);
  return TRUE;
}

static gboolean
check_length (GstH4mkParser * parser, const GstH4mkChunkHeader * header,
    GError ** error)
{
  if (header->size > gst_h4mk_chunk_limit (header->tag))
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_LIMIT, header->tag,
        parser->offset, "a length of %u bytes, more than a reader takes",
        header->size);
  if (is_past_end (parser, GST_H4MK_CHUNK_HEADER_SIZE + (guint64) header->size))
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_TRUNCATED, header->tag,
        parser->offset, "its %u bytes go past the end of the file",
        header->size);
  return TRUE;
}

static gboolean
parse_whole_chunk (GstH4mkParser * parser, const guint8 * data,
    GstH4mkItem * item, GError ** error)
{
  GstH4mkChunk *chunk = &item->chunk;

  if (!gst_h4mk_chunk_init (chunk, data, parser->offset, error)
      || !gst_h4mk_chunk_check (chunk, parser->profile, error))
    return FALSE;
  if (parser->profile == GST_H4MK_PROFILE_BASE) {
    enter_base_state (parser, chunk);
  } else {
    if (parser->state == STATE_GROUP && chunk->tag != GST_H4MK_TAG_TOKN
        && chunk->tag != GST_H4MK_TAG_LINK)
      parser->links = LINKS_NONE;
    if (!enter_track_state (parser, chunk, error))
      return FALSE;
  }
  if (chunk->tag == GST_H4MK_TAG_TOKN)
    item->token = &parser->token;
  parser->offset += chunk->raw_size;
  parser->pending_tag = 0;
  return TRUE;
}

static GstH4mkResult
parse_chunk (GstH4mkParser * parser, const guint8 * data, gsize size,
    GstH4mkItem * item, gsize * need, GError ** error)
{
  GstH4mkChunkHeader header;
  guint64 chunk_size;

  if (size < GST_H4MK_CHUNK_HEADER_SIZE)
    return more (parser, GST_H4MK_CHUNK_HEADER_SIZE, need);
  gst_h4mk_chunk_header_read (&header, data);
  if (parser->state == STATE_FIRST && header.tag != GST_H4MK_TAG_TRAK) {
    parser->profile = GST_H4MK_PROFILE_BASE;
    parser->state = STATE_BASE;
  } else if (parser->state == STATE_FIRST) {
    parser->profile = GST_H4MK_PROFILE_TRACK;
  }
  if (!check_follows (parser, header.tag, error)
      || !check_length (parser, &header, error))
    return GST_H4MK_RESULT_ERROR;

  chunk_size = GST_H4MK_CHUNK_HEADER_SIZE + (guint64) header.size;
  if (size < chunk_size) {
    parser->pending_tag = header.tag;
    return more (parser, chunk_size, need);
  }
  if (header.tag == GST_H4MK_TAG_CORE)
    return parse_base_block (parser, data, size, &header, item, need, error);
  return parse_whole_chunk (parser, data, item, error) ?
      GST_H4MK_RESULT_ITEM : GST_H4MK_RESULT_ERROR;
}

GstH4mkResult
gst_h4mk_parser_next (GstH4mkParser * parser, const guint8 * data, gsize size,
    GstH4mkItem * item, gsize * need, GError ** error)
{
  GstH4mkResult result;

  memset (item, 0, sizeof (*item));
  *need = 0;
  if (parser->group_left > 0)
    result = parse_block (parser, data, size, item, need, error);
  else if (parser->state == STATE_HEADER)
    result = parse_header (parser, data, size, item, need, error);
  else
    result = parse_chunk (parser, data, size, item, need, error);
  item->tracks = parser->tracks;
  return result;
}

/**
 * gst_h4mk_parser_end:
 * @parser: a parser
 * @left: bytes that there are after its offset
 * @error: %GST_H4MK_ERROR_TRUNCATED: what is missing; %GST_H4MK_ERROR_DAMAGED
 *   where bytes follow VERI
 *
 * Says what it means that the file ends here.
 *
 * Returns: %TRUE behind VERI
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_parser_end (GstH4mkParser * parser, gsize left, GError ** error)
{
  guint32 tag = left > 0 ? parser->pending_tag : 0;

  if (parser->state == STATE_END && left == 0)
    return parser->tail_holds
        || gst_h4mk_error_set (error, GST_H4MK_ERROR_TRUNCATED,
        GST_H4MK_TAG_FOOT, parser->offset,
        "the closing chunks are those of another file: this is a part of it");
  if (parser->state == STATE_END)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_DAMAGED, 0,
        parser->offset, "bytes follow the end of the file");
  if (parser->state == STATE_HEADER)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_TRUNCATED, 0,
        parser->offset, "the file ends inside its header");
  if (parser->group_left > 0)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_TRUNCATED,
        GST_H4MK_TAG_CORE, parser->offset, "the file ends after %u of %u "
        "blocks of a group", parser->next_record, parser->token.records->len);
  if (left > 0)
    return gst_h4mk_error_set (error, GST_H4MK_ERROR_TRUNCATED, tag,
        parser->offset, "the file ends inside a chunk");
  return gst_h4mk_error_set (error, GST_H4MK_ERROR_TRUNCATED, 0,
      parser->offset, "the file ends before its VERI");
}
