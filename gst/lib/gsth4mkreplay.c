/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4mkwriter-private.h"

/* A recording that was cut is taken up again: its chunks pass here in file
 * order and leave the writer as it was when it wrote them. */

static gboolean
bad (const GstH4mkChunk * chunk, GError ** error, GstH4mkError code,
    const gchar * what)
{
  return gst_h4mk_error_set (error, code, chunk->tag, chunk->offset, "%s",
      what);
}

/* Bytes before a span's first TOKN: its leaf takes them once that comes. */
static void
keep_for_leaf (GstH4mkWriter * writer, const GstH4mkChunk * chunk)
{
  if (writer->options.link)
    g_byte_array_append (writer->state.head, chunk->raw,
        (guint) chunk->raw_size);
}

static gboolean
replay_header (GstH4mkWriter * writer, const GstH4mkChunk * chunk,
    GError ** error)
{
  if (chunk->offset != 0 || chunk->raw_size != GST_H4MK_HEADER_SIZE
      || memcmp (chunk->raw, gst_h4mk_file_header, GST_H4MK_HEADER_SIZE) != 0)
    return bad (chunk, error, GST_H4MK_ERROR_FORMAT,
        "not the header of an H4MK file of version 1");
  return TRUE;
}

static gboolean
replay_trak (GstH4mkWriter * writer, const GstH4mkChunk * chunk,
    GError ** error)
{
  GstH4mkState *state = &writer->state;
  gboolean first = state->tracks == NULL, ok;
  GstH4mkTracks *tracks;

  if (chunk->size > GST_H4MK_MAX_TRAK_SIZE)
    return bad (chunk, error, GST_H4MK_ERROR_LIMIT, "more than 1 MiB");
  tracks = gst_h4mk_tracks_from_json (chunk->payload, chunk->size, error);
  if (!tracks) {
    g_prefix_error (error, "TRAK at offset %" G_GUINT64_FORMAT ": ",
        chunk->offset);
    return FALSE;
  }

  if (writer->key && g_strcmp0 (tracks->key,
          gst_h4mk_signing_key_get_public (writer->key)) != 0)
    ok = bad (chunk, error, GST_H4MK_ERROR_INVALID,
        "another key than the signing key is announced");
  else if (!first && !gst_h4mk_tracks_same_file (state->tracks, tracks))
    ok = bad (chunk, error, GST_H4MK_ERROR_DAMAGED,
        "need, uuid, start or key differ from the first TRAK's");
  else
    ok = gst_h4mk_state_use_tracks (state, tracks, error);
  gst_h4mk_tracks_unref (tracks);
  if (!ok)
    return FALSE;

  if (!gst_h4mk_state_trak_written (state, chunk->offset, chunk->raw,
          chunk->raw_size)
      || (first && !gst_h4mk_chain_start (&state->chain, gst_h4mk_file_header,
              chunk->raw, chunk->raw_size)))
    return gst_h4mk_output_fail_digest (&writer->output, error);
  if (first) {
    gst_h4mk_state_first_span (state, chunk->offset + chunk->raw_size);
    gst_h4mk_writer_begin_tail (writer, chunk->raw, chunk->raw_size);
  } else {
    keep_for_leaf (writer, chunk);
  }
  return TRUE;
}

static gboolean
check_records (GstH4mkWriter * writer, const GstH4mkChunk * chunk,
    GError ** error)
{
  const GstH4mkToken *token = &writer->group.token;
  guint i;

  if (token->first_block != writer->state.blocks)
    return bad (chunk, error, GST_H4MK_ERROR_DAMAGED,
        "does not continue the count of blocks");
  for (i = 0; i < token->records->len; i++) {
    if (!gst_h4mk_state_find_track (&writer->state,
            gst_h4mk_token_record (token, i)->track))
      return bad (chunk, error, GST_H4MK_ERROR_DAMAGED,
          "names a track that TRAK does not");
  }
  return TRUE;
}

static gboolean
replay_token (GstH4mkWriter * writer, const GstH4mkChunk * chunk,
    GError ** error)
{
  GstH4mkState *state = &writer->state;
  GstH4mkToken *token = &writer->group.token;
  gboolean ok;
  guint i;

  if (!gst_h4mk_token_read (token, chunk->payload, chunk->size, error)) {
    g_prefix_error (error, "TOKN at offset %" G_GUINT64_FORMAT ": ",
        chunk->offset);
    return FALSE;
  }
  ok = check_records (writer, chunk, error);
  if (!ok) {
    gst_h4mk_group_reset (&writer->group, &writer->output);
    return FALSE;
  }

  if (state->span.groups == 0)
    gst_h4mk_state_begin_span (state, token, chunk->offset);
  if (state->link)
    gst_h4_sha256_update (state->chain.leaf, chunk->raw, chunk->raw_size);
  for (i = 0; i < token->records->len; i++)
    gst_h4mk_state_add_record (state, gst_h4mk_token_record (token, i));
  writer->replaying = TRUE;
  writer->replay_offset = chunk->offset;
  writer->replay_done = 0;
  return TRUE;
}

static gboolean
replay_core (GstH4mkWriter * writer, const GstH4mkChunk * chunk,
    GError ** error)
{
  GstH4mkState *state = &writer->state;
  GstH4mkToken *token = &writer->group.token;

  if (gst_h4mk_token_record (token, writer->replay_done)->size != chunk->size)
    return bad (chunk, error, GST_H4MK_ERROR_DAMAGED,
        "is not as long as its record says");
  if (state->link)
    gst_h4_sha256_update (state->chain.leaf, chunk->raw, chunk->raw_size);
  if (++writer->replay_done < token->records->len)
    return TRUE;

  gst_h4mk_state_add_group (state, token, writer->replay_offset,
      chunk->offset + chunk->raw_size);
  gst_h4mk_group_reset (&writer->group, &writer->output);
  writer->replaying = FALSE;
  return TRUE;
}

static gboolean
replay_link (GstH4mkWriter * writer, const GstH4mkChunk * chunk,
    GError ** error)
{
  guint8 link[GST_H4MK_LINK_SIZE];

  if (chunk->size != GST_H4MK_LINK_SIZE
      && chunk->size != GST_H4MK_LINK_SIGNED_SIZE)
    return bad (chunk, error, GST_H4MK_ERROR_DAMAGED, "is of no known size");
  if (!gst_h4mk_state_end_leaf (&writer->state, chunk->offset, link))
    return gst_h4mk_output_fail_digest (&writer->output, error);
  if (memcmp (chunk->payload, link, sizeof (link)) != 0)
    return bad (chunk, error, GST_H4MK_ERROR_DAMAGED,
        "does not prove the span before it");
  gst_h4mk_state_end_span (&writer->state, chunk->offset + chunk->raw_size);
  return TRUE;
}

static gboolean
replay_page (GstH4mkWriter * writer, const GstH4mkChunk * chunk,
    GError ** error)
{
  GstH4mkSpans *spans = &writer->state.spans;

  if (!gst_h4mk_spans_is_page (spans, chunk->payload, chunk->size))
    return bad (chunk, error, GST_H4MK_ERROR_DAMAGED,
        "does not list the spans before it");
  if (!gst_h4mk_spans_page_written (spans, chunk->offset, chunk->raw,
          chunk->raw_size))
    return gst_h4mk_output_fail_digest (&writer->output, error);
  keep_for_leaf (writer, chunk);
  return TRUE;
}

/* What may stand here, by what stood before. */
static gboolean
check_order (GstH4mkWriter * writer, const GstH4mkChunk * chunk,
    GError ** error)
{
  gboolean in_span = writer->state.span.groups > 0;
  gboolean expected;

  switch (chunk->tag) {
    case 0:
      expected = writer->output.offset == 0;
      break;
    case GST_H4MK_TAG_CORE:
      expected = writer->replaying;
      break;
    case GST_H4MK_TAG_TOKN:
      expected = writer->state.tracks && !writer->replaying;
      break;
    case GST_H4MK_TAG_LINK:
      expected = in_span && !writer->replaying;
      break;
    case GST_H4MK_TAG_TRAK:
      expected = !in_span && !writer->replaying;
      break;
    default:
      expected = writer->state.tracks && !in_span && !writer->replaying;
      break;
  }
  if (chunk->tag != 0 && writer->output.offset == 0)
    expected = FALSE;
  return expected || bad (chunk, error, GST_H4MK_ERROR_DAMAGED,
      "stands where it may not");
}

static gboolean
replay_chunk (GstH4mkWriter * writer, const GstH4mkChunk * chunk,
    GError ** error)
{
  switch (chunk->tag) {
    case 0:
      return replay_header (writer, chunk, error);
    case GST_H4MK_TAG_TRAK:
      return replay_trak (writer, chunk, error);
    case GST_H4MK_TAG_TOKN:
      return replay_token (writer, chunk, error);
    case GST_H4MK_TAG_CORE:
      return replay_core (writer, chunk, error);
    case GST_H4MK_TAG_LINK:
      return replay_link (writer, chunk, error);
    case GST_H4MK_TAG_GIDX:
      return replay_page (writer, chunk, error);
    default:
      break;
  }
  if (!g_ascii_islower (chunk->tag >> 24))
    return bad (chunk, error, GST_H4MK_ERROR_INVALID,
        "a file cannot be continued behind it");
  keep_for_leaf (writer, chunk);
  return TRUE;
}

/**
 * gst_h4mk_writer_replay:
 * @writer: a writer that was given no tracks and no blocks yet
 * @chunk: the next chunk of the file that goes on; the file's header first
 * @error: what is wrong with it; the writer is of no use then
 *
 * Takes note of a chunk that stands in the file already. When the last one
 * was, after a whole group or between spans, blocks go on with
 * gst_h4mk_writer_add(), and the file becomes what it would have been. Files
 * without LINK do not show where their spans end and cannot be continued.
 *
 * Returns: whether the writer knows the file up to the end of @chunk
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_writer_replay (GstH4mkWriter * writer, const GstH4mkChunk * chunk,
    GError ** error)
{
  GError *failure = NULL;

  if (!gst_h4mk_output_check (&writer->output, error))
    return FALSE;
  if (!writer->options.link)
    return bad (chunk, error, GST_H4MK_ERROR_INVALID,
        "a file without LINK cannot be continued");
  if (writer->finished || (!writer->replaying
          && gst_h4mk_group_get_blocks (&writer->group) > 0))
    return bad (chunk, error, GST_H4MK_ERROR_INVALID,
        "blocks were added already");
  if (chunk->offset != writer->output.offset)
    return bad (chunk, error, GST_H4MK_ERROR_INVALID,
        "is not where the chunk before ends");

  if (!check_order (writer, chunk, &failure)
      || !replay_chunk (writer, chunk, &failure))
    return gst_h4mk_output_fail (&writer->output, failure, error);
  gst_h4mk_output_skip (&writer->output, chunk->raw, chunk->raw_size);
  return TRUE;
}
