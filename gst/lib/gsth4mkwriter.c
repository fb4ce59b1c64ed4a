/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gsth4mkwriter-private.h"
#include "gsth4bytes.h"
#include "gsth4mkchunk.h"
#include "gsth4mkcrypto.h"
#include "gsth4mktail.h"

#define DEFAULT_GROUP_DURATION (250 * G_GUINT64_CONSTANT (1000000))
#define DEFAULT_GROUP_SIZE (1024 * 1024)
#define DEFAULT_SPAN_DURATION (G_GUINT64_CONSTANT (1000000000))
#define DEFAULT_MIN_INDEX_INTERVAL (500 * G_GUINT64_CONSTANT (1000000))

/* Times are kept within half of what 64 bits hold, 146 years either way, so
 * that no sum or difference of two of them leaves 64 bits. */
#define MAX_TIME (G_GINT64_CONSTANT (1) << 61)

const guint8 gst_h4mk_file_header[GST_H4MK_HEADER_SIZE] =
    { 'H', '4', 'M', 'K', 0, GST_H4MK_VERSION, 0, 0 };

/* *INDENT-OFF* */
static gboolean refuse (GError ** error, GstH4mkError code,
    const gchar * format, ...) G_GNUC_PRINTF (3, 4);
/* *INDENT-ON* */

static gboolean
refuse (GError ** error, GstH4mkError code, const gchar * format, ...)
{
  va_list args;

  va_start (args, format);
  g_propagate_error (error, g_error_new_valist (GST_H4MK_ERROR, code, format,
          args));
  va_end (args);
  return FALSE;
}

/**
 * gst_h4mk_writer_options_init:
 * @options: options to set up
 *
 * Sets the defaults: groups of 250 ms or 1 MiB, spans of 1 s, key blocks of
 * the primary video track indexed every 500 ms at most, LINK on.
 *
 * Since: 1.0
 */
void
gst_h4mk_writer_options_init (GstH4mkWriterOptions * options)
{
  options->group_duration = DEFAULT_GROUP_DURATION;
  options->group_size = DEFAULT_GROUP_SIZE;
  options->span_duration = DEFAULT_SPAN_DURATION;
  options->min_index_interval = DEFAULT_MIN_INDEX_INTERVAL;
  options->link = TRUE;
}

/**
 * gst_h4mk_writer_new: (skip)
 * @options: copied
 * @funcs: copied
 * @user_data: for @funcs
 *
 * Makes a writer of the track profile. Nothing is written before
 * gst_h4mk_writer_set_tracks().
 *
 * Returns: (transfer full): a writer
 *
 * Since: 1.0
 */
GstH4mkWriter *
gst_h4mk_writer_new (const GstH4mkWriterOptions * options,
    const GstH4mkWriterFuncs * funcs, gpointer user_data)
{
  GstH4mkWriter *writer = g_new0 (GstH4mkWriter, 1);

  writer->options = *options;
  gst_h4mk_output_init (&writer->output, funcs, user_data);
  gst_h4mk_state_init (&writer->state, options->link);
  gst_h4mk_group_init (&writer->group);
  writer->front = g_byte_array_new ();
  writer->next_trak = g_byte_array_new ();
  return writer;
}

/**
 * gst_h4mk_writer_free:
 * @writer: (transfer full): a writer
 *
 * Frees the writer and the blocks of the group that it was gathering; writes
 * nothing.
 *
 * Since: 1.0
 */
void
gst_h4mk_writer_free (GstH4mkWriter * writer)
{
  gst_h4mk_group_reset (&writer->group, &writer->output);
  gst_h4mk_group_clear (&writer->group);
  gst_h4mk_state_clear (&writer->state);
  gst_h4mk_output_clear (&writer->output);
  g_clear_pointer (&writer->key, gst_h4mk_signing_key_unref);
  g_clear_pointer (&writer->tail, gst_h4_sha256_free);
  g_byte_array_unref (writer->front);
  g_byte_array_unref (writer->next_trak);
  g_free (writer);
}

/**
 * gst_h4mk_writer_set_signing_key:
 * @writer: a writer that was given no list of tracks yet
 * @key: what every LINK, and at the end the whole file, is signed with
 *
 * Has the file signed. Every list of tracks must then have
 * gst_h4mk_signing_key_get_public() as its key; without a signing key none may
 * have one.
 *
 * Since: 1.0
 */
void
gst_h4mk_writer_set_signing_key (GstH4mkWriter * writer,
    GstH4mkSigningKey * key)
{
  g_return_if_fail (writer->state.tracks == NULL && writer->key == NULL);

  writer->key = gst_h4mk_signing_key_ref (key);
  writer->tail = gst_h4_sha256_new ();
}

void
gst_h4mk_writer_begin_tail (GstH4mkWriter * writer, const guint8 * trak,
    gsize size)
{
  if (!writer->key)
    return;
  gst_h4_sha256_update (writer->tail, gst_h4mk_file_header,
      GST_H4MK_HEADER_SIZE);
  gst_h4_sha256_update (writer->tail, trak, size);
}

static gboolean
fail_signature (GstH4mkWriter * writer, GError ** error)
{
  return gst_h4mk_output_fail (&writer->output,
      g_error_new_literal (GST_H4MK_ERROR, GST_H4MK_ERROR_INVALID,
          "libcrypto could not sign"), error);
}

static gboolean
check_ready (GstH4mkWriter * writer, GError ** error)
{
  gst_h4mk_output_reap (&writer->output);
  if (!gst_h4mk_output_check (&writer->output, error))
    return FALSE;
  if (writer->finished)
    return refuse (error, GST_H4MK_ERROR_INVALID, "the file is finished");
  if (writer->replaying)
    return refuse (error, GST_H4MK_ERROR_INVALID,
        "the group at offset %" G_GUINT64_FORMAT " is not whole",
        writer->replay_offset);
  return TRUE;
}

/* The span begins here: what stands between it and the one before. */
static gboolean
put_span_front (GstH4mkWriter * writer, GByteArray * front)
{
  GstH4mkState *state = &writer->state;
  guint64 offset = writer->output.offset;
  gboolean ok = TRUE;

  if (gst_h4mk_spans_get_waiting (&state->spans) >= GST_H4MK_PAGE_ENTRIES) {
    gst_h4mk_spans_put_page (&state->spans, front);
    ok = gst_h4mk_spans_page_written (&state->spans, offset, front->data,
        front->len);
  }
  if (writer->next_trak->len > 0) {
    ok &= gst_h4mk_state_trak_written (state, offset + front->len,
        writer->next_trak->data, writer->next_trak->len);
    g_byte_array_append (front, writer->next_trak->data,
        writer->next_trak->len);
    g_byte_array_set_size (writer->next_trak, 0);
  }
  return ok;
}

/* All that stands before the group's first CORE; token: where TOKN will. */
static gboolean
put_group_front (GstH4mkWriter * writer, guint64 * token, GError ** error)
{
  GByteArray *front = writer->front;
  GstH4mkGroup *group = &writer->group;
  guint begin;

  g_byte_array_set_size (front, 0);
  if (writer->state.span.groups == 0 && !put_span_front (writer, front))
    return gst_h4mk_output_fail_digest (&writer->output, error);

  *token = writer->output.offset + front->len;
  if (writer->state.span.groups == 0)
    gst_h4mk_state_begin_span (&writer->state, &group->token, *token);
  group->token.first_block =
      writer->state.blocks - gst_h4mk_group_get_blocks (group);

  begin = gst_h4mk_chunk_begin (front);
  if (!gst_h4mk_token_write (front, &group->token))
    return gst_h4mk_output_fail (&writer->output,
        g_error_new_literal (GST_H4MK_ERROR, GST_H4MK_ERROR_INVALID,
            "the times of a group leave 64 bits"), error);
  gst_h4mk_chunk_end (front, begin, GST_H4MK_TAG_TOKN);
  if (front->len - begin > GST_H4MK_MAX_CHUNK_SIZE)
    return gst_h4mk_output_fail (&writer->output,
        g_error_new_literal (GST_H4MK_ERROR, GST_H4MK_ERROR_LIMIT,
            "a TOKN would take more than 64 MiB"), error);
  return TRUE;
}

static gboolean
copy_link (GstH4mkWriter * writer, GError ** error)
{
  GstH4mkOutput *output = &writer->output;
  guint8 chunk[GST_H4MK_CHUNK_HEADER_SIZE + GST_H4MK_LINK_SIGNED_SIZE];
  guint8 message[GST_H4MK_LINK_MESSAGE_SIZE];
  guint8 *payload = chunk + GST_H4MK_CHUNK_HEADER_SIZE;
  guint size = writer->key ? GST_H4MK_LINK_SIGNED_SIZE : GST_H4MK_LINK_SIZE;

  if (!writer->options.link)
    return TRUE;
  if (!gst_h4mk_state_end_leaf (&writer->state, output->offset + output->size,
          payload))
    return gst_h4mk_output_fail_digest (output, error);
  gst_h4mk_link_message (writer->state.chain.seq, writer->state.chain.hash,
      message);
  if (writer->key && !gst_h4mk_signing_key_sign (writer->key, message,
          sizeof (message), payload + GST_H4MK_LINK_SIZE))
    return fail_signature (writer, error);
  gst_h4mk_put_chunk_header (chunk, GST_H4MK_TAG_LINK, size,
      gst_h4mk_crc32 (payload, size));
  gst_h4mk_output_copy (output, chunk, GST_H4MK_CHUNK_HEADER_SIZE + size);
  return TRUE;
}

static void
announce_span (GstH4mkWriter * writer)
{
  const GstH4mkState *state = &writer->state;
  const GstH4mkOpenSpan *span = &state->span;
  GstH4mkSpanInfo info = {
    .seq = state->spans.n_spans + 1,
    .offset = span->entry.offset,
    .size = span->end - span->entry.offset,
    .first_block = span->entry.first_block,
    .blocks = span->entry.blocks,
    .time = span->time,
    .chain = state->link ? state->chain.hash : NULL
  };

  if (writer->output.funcs.span)
    writer->output.funcs.span (&info, writer->output.user_data);
}

static void
close_span (GstH4mkWriter * writer)
{
  announce_span (writer);
  gst_h4mk_state_end_span (&writer->state, writer->output.offset);
}

/* The group's pieces, hashed on the way, and the span's LINK if it ends. */
static gboolean
emit_group (GstH4mkWriter * writer, guint64 token, gboolean ends_span,
    GstH4mkWriteFlags flags, GError ** error)
{
  GstH4mkOutput *output = &writer->output;
  GstH4mkState *state = &writer->state;
  guint64 end;

  gst_h4mk_output_begin (output, (gsize) writer->front->len +
      writer->group.run->len + GST_H4MK_CHUNK_HEADER_SIZE +
      GST_H4MK_LINK_SIGNED_SIZE);
  gst_h4mk_output_copy (output, writer->front->data, writer->front->len);
  gst_h4mk_group_emit (&writer->group, output);
  gst_h4mk_output_hash (output, state->link ? state->chain.leaf : NULL);

  end = output->offset + output->size;
  gst_h4mk_state_add_group (state, &writer->group.token, token, end);
  return (!ends_span || copy_link (writer, error))
      && gst_h4mk_output_write (output, flags, error);
}

static gboolean
flush_group (GstH4mkWriter * writer, gboolean ends_span, GError ** error)
{
  GstH4mkWriteFlags flags = GST_H4MK_WRITE_GROUP;
  guint64 token = 0;
  gboolean ok;

  if (writer->state.span.groups == 0)
    flags |= GST_H4MK_WRITE_BEGINS_SPAN;
  ok = put_group_front (writer, &token, error)
      && emit_group (writer, token, ends_span, flags, error);
  gst_h4mk_group_reset (&writer->group, &writer->output);
  if (ok && ends_span)
    close_span (writer);
  return ok;
}

static gboolean
end_group (GstH4mkWriter * writer, GError ** error)
{
  return gst_h4mk_group_get_blocks (&writer->group) == 0
      || flush_group (writer, FALSE, error);
}

static gboolean
end_span (GstH4mkWriter * writer, GError ** error)
{
  GstH4mkOutput *output = &writer->output;

  if (gst_h4mk_group_get_blocks (&writer->group) > 0)
    return flush_group (writer, TRUE, error);
  if (writer->state.span.groups == 0)
    return TRUE;

  if (writer->options.link) {
    gst_h4mk_output_begin (output,
        GST_H4MK_CHUNK_HEADER_SIZE + GST_H4MK_LINK_SIGNED_SIZE);
    if (!copy_link (writer, error)
        || !gst_h4mk_output_write (output, 0, error))
      return FALSE;
  }
  close_span (writer);
  return TRUE;
}

/**
 * gst_h4mk_writer_end_group:
 * @writer: a writer
 * @error: what the write function said
 *
 * Writes the blocks that were gathered, if any: what comes next begins a new
 * group.
 *
 * Returns: whether the writer can go on
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_writer_end_group (GstH4mkWriter * writer, GError ** error)
{
  return check_ready (writer, error) && end_group (writer, error);
}

/**
 * gst_h4mk_writer_end_span:
 * @writer: a writer
 * @error: what the write function said
 *
 * Writes the blocks that were gathered and closes the span, if there is
 * anything in it, with LINK.
 *
 * Returns: whether the writer can go on
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_writer_end_span (GstH4mkWriter * writer, GError ** error)
{
  return check_ready (writer, error) && end_span (writer, error);
}

/* What a reader would refuse is refused here: the text is read back. */
static gboolean
check_trak (GBytes * json, GError ** error)
{
  GError *reason = NULL;
  GstH4mkTracks *read;
  gsize size;
  const guint8 *data = g_bytes_get_data (json, &size);

  if (size > GST_H4MK_MAX_TRAK_SIZE)
    return refuse (error, GST_H4MK_ERROR_LIMIT, "the list of tracks takes %"
        G_GSIZE_FORMAT " bytes, more than 1 MiB", size);
  read = gst_h4mk_tracks_from_json (data, size, &reason);
  if (!read) {
    refuse (error, GST_H4MK_ERROR_INVALID, "the list of tracks: %s",
        reason->message);
    g_error_free (reason);
    return FALSE;
  }
  gst_h4mk_tracks_unref (read);
  return TRUE;
}

static gboolean
write_header (GstH4mkWriter * writer, GstH4mkTracks * tracks, GBytes * json,
    GError ** error)
{
  GstH4mkState *state = &writer->state;
  GByteArray *front = writer->front;
  const guint8 *trak;
  guint size;

  if (!gst_h4mk_state_use_tracks (state, tracks, error))
    return FALSE;
  g_byte_array_set_size (front, 0);
  g_byte_array_append (front, gst_h4mk_file_header, GST_H4MK_HEADER_SIZE);
  gst_h4mk_chunk_append (front, GST_H4MK_TAG_TRAK,
      g_bytes_get_data (json, NULL), g_bytes_get_size (json));
  trak = front->data + GST_H4MK_HEADER_SIZE;
  size = front->len - GST_H4MK_HEADER_SIZE;

  if (!gst_h4mk_state_trak_written (state, GST_H4MK_HEADER_SIZE, trak, size)
      || !gst_h4mk_chain_start (&state->chain, front->data, trak, size))
    return gst_h4mk_output_fail_digest (&writer->output, error);
  gst_h4mk_state_first_span (state, front->len);
  gst_h4mk_writer_begin_tail (writer, trak, size);
  gst_h4mk_output_begin (&writer->output, front->len);
  gst_h4mk_output_copy (&writer->output, front->data, front->len);
  return gst_h4mk_output_write (&writer->output, GST_H4MK_WRITE_HEADER, error);
}

static gboolean
change_tracks (GstH4mkWriter * writer, GstH4mkTracks * tracks, GBytes * json,
    GError ** error)
{
  GstH4mkState *state = &writer->state;
  const guint8 *trak;
  gsize size;

  if (!gst_h4mk_tracks_same_file (state->tracks, tracks))
    return refuse (error, GST_H4MK_ERROR_INVALID,
        "need, uuid, start time and key must stay as they were first given");
  if (!end_span (writer, error)
      || !gst_h4mk_state_use_tracks (state, tracks, error))
    return FALSE;

  g_byte_array_set_size (writer->next_trak, 0);
  gst_h4mk_chunk_append (writer->next_trak, GST_H4MK_TAG_TRAK,
      g_bytes_get_data (json, NULL), g_bytes_get_size (json));
  /* back to the one in force, before a block came */
  trak = g_bytes_get_data (state->trak, &size);
  if (writer->next_trak->len == size
      && memcmp (writer->next_trak->data, trak, size) == 0)
    g_byte_array_set_size (writer->next_trak, 0);
  return TRUE;
}

/* Where a key is announced, every LINK must be signed by it. */
static gboolean
check_key (GstH4mkWriter * writer, const GstH4mkTracks * tracks,
    GError ** error)
{
  const gchar *key = writer->key ?
      gst_h4mk_signing_key_get_public (writer->key) : NULL;

  if (g_strcmp0 (tracks->key, key) == 0)
    return TRUE;
  return refuse (error, GST_H4MK_ERROR_INVALID,
      "the list of tracks names the key %s, and %s signs",
      tracks->key ? tracks->key : "of nobody", key ? key : "nobody");
}

static gboolean
is_same_list (GstH4mkTracks * a, GBytes * json)
{
  GBytes *other = gst_h4mk_tracks_to_json (a);
  gboolean same = g_bytes_equal (other, json);

  g_bytes_unref (other);
  return same;
}

/**
 * gst_h4mk_writer_set_tracks:
 * @writer: a writer
 * @tracks: the tracks that the blocks from here on belong to
 * @error: %GST_H4MK_ERROR_INVALID, %GST_H4MK_ERROR_LIMIT or what the write
 *   function said
 *
 * The first call writes the file's header and TRAK. A later one ends the span;
 * the new TRAK is written before the next group. A list equal to the one
 * before changes nothing. need, uuid, start time and key must stay the same,
 * and an id its kind.
 *
 * Returns: whether the list was taken; where it was not, the one before holds
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_writer_set_tracks (GstH4mkWriter * writer, GstH4mkTracks * tracks,
    GError ** error)
{
  GBytes *json;
  gboolean ok;

  if (!check_ready (writer, error))
    return FALSE;
  json = gst_h4mk_tracks_to_json (tracks);
  if (writer->state.tracks && is_same_list (writer->state.tracks, json))
    ok = TRUE;
  else if (!check_key (writer, tracks, error) || !check_trak (json, error))
    ok = FALSE;
  else if (!writer->state.tracks)
    ok = write_header (writer, tracks, json, error);
  else
    ok = change_tracks (writer, tracks, json, error);
  g_bytes_unref (json);
  return ok;
}

static gboolean
is_time (gint64 time)
{
  return time > -MAX_TIME && time < MAX_TIME;
}

static gboolean
check_block (GstH4mkWriter * writer, const GstH4mkBlock * block,
    GError ** error)
{
  const GstH4mkRecord *record = &block->record;
  GstH4mkTrackState *track;

  if (!writer->state.tracks)
    return refuse (error, GST_H4MK_ERROR_INVALID,
        "a block came before the list of tracks");
  track = gst_h4mk_state_find_track (&writer->state, record->track);
  if (!track)
    return refuse (error, GST_H4MK_ERROR_INVALID, "there is no track %u",
        record->track);
  if (record->size > GST_H4MK_MAX_BLOCK_SIZE)
    return refuse (error, GST_H4MK_ERROR_LIMIT, "a block of track %u takes %"
        G_GUINT64_FORMAT " bytes, more than 1 GiB", record->track,
        record->size);
  if (!is_time (record->pts) || !is_time (record->dts)
      || !is_time (record->duration) || record->duration < 0)
    return refuse (error, GST_H4MK_ERROR_INVALID, "a time of a block of "
        "track %u is out of range: pts %" G_GINT64_FORMAT ", dts %"
        G_GINT64_FORMAT ", duration %" G_GINT64_FORMAT, record->track,
        record->pts, record->dts, record->duration);
  if (record->flags & GST_H4MK_RECORD_HAS_INDEX) {
    if (record->index >= G_MAXINT64)
      return refuse (error, GST_H4MK_ERROR_INVALID,
          "the index of a block of track %u is out of range", record->track);
  } else if (track->masked) {
    return refuse (error, GST_H4MK_ERROR_INVALID,
        "a block of the masked track %u has no index", record->track);
  }
  return TRUE;
}

/* What the flags say is absent counts as 0 everywhere. */
static void
normalise (GstH4mkRecord * record)
{
  record->flags &= ~(guint64) GST_H4MK_RECORD_EXT;
  if (record->flags & GST_H4MK_RECORD_NO_PTS)
    record->pts = 0;
  if (!(record->flags & GST_H4MK_RECORD_HAS_DTS))
    record->dts = 0;
  if (!(record->flags & GST_H4MK_RECORD_HAS_DURATION))
    record->duration = 0;
  if (!(record->flags & GST_H4MK_RECORD_HAS_INDEX))
    record->index = 0;
}

/* ns from start to time; a time that went back has come no further */
static guint64
get_elapsed (gint64 time, gint64 start)
{
  return time > start ? (guint64) time - (guint64) start : 0;
}

static gboolean
ends_span (GstH4mkWriter * writer, const GstH4mkRecord * record)
{
  const GstH4mkOpenSpan *span = &writer->state.span;
  const GstH4mkTrack *primary = writer->state.primary;
  gint64 time;
  guint64 elapsed;

  if (span->entry.blocks == 0)
    return FALSE;
  /* a page entry counts no more */
  if (span->entry.blocks == G_MAXUINT32)
    return TRUE;
  if (!span->has_start || !gst_h4mk_record_get_time (record, &time))
    return FALSE;
  elapsed = get_elapsed (time, span->start);
  if (elapsed >= writer->options.span_duration)
    return TRUE;
  return primary->kind == GST_H4MK_TRACK_VIDEO && record->track == primary->id
      && (record->flags & GST_H4MK_RECORD_KEY)
      && elapsed >= writer->options.min_index_interval;
}

static gboolean
ends_group (GstH4mkWriter * writer, const GstH4mkRecord * record)
{
  const GstH4mkGroup *group = &writer->group;
  gint64 time;

  return group->has_start && gst_h4mk_record_get_time (record, &time)
      && get_elapsed (time, group->start) >= writer->options.group_duration;
}

static gboolean
is_group_full (GstH4mkWriter * writer)
{
  const GstH4mkGroup *group = &writer->group;

  return writer->options.group_duration == 0
      || group->payload >= writer->options.group_size
      || gst_h4mk_group_get_blocks (group) >= GST_H4MK_MAX_RECORDS;
}

/**
 * gst_h4mk_writer_add:
 * @writer: a writer
 * @block: the next block of the file
 * @error: %GST_H4MK_ERROR_INVALID, %GST_H4MK_ERROR_LIMIT or what the write
 *   function said
 *
 * Takes a block, and its owner also where this fails. An owner is freed at once
 * where its bytes were copied, else when they were written and hashed, at the
 * latest with the next group. Writes the group before
 * where the block begins a new one, and the block itself where its group is
 * full with it. After an error of %GST_H4MK_ERROR about this block alone the
 * writer can go on without it.
 *
 * Returns: whether the block was taken
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_writer_add (GstH4mkWriter * writer, const GstH4mkBlock * block,
    GError ** error)
{
  GstH4mkRecord record = block->record;
  gboolean ok;

  normalise (&record);
  ok = check_ready (writer, error) && check_block (writer, block, error);
  if (ok && ends_span (writer, &record))
    ok = end_span (writer, error);
  else if (ok && ends_group (writer, &record))
    ok = end_group (writer, error);
  if (!ok) {
    gst_h4mk_output_free_owner (&writer->output, block->owner);
    return FALSE;
  }

  gst_h4mk_state_add_record (&writer->state, &record);
  gst_h4mk_group_add (&writer->group, &record, block, &writer->output);
  return !is_group_full (writer) || end_group (writer, error);
}

static void
put_foot (GstH4mkWriter * writer, GByteArray * out, const guint64 offsets[4])
{
  const GstH4mkState *state = &writer->state;
  guint64 own = writer->output.offset + out->len;
  guint begin = gst_h4mk_chunk_begin (out), i;
  guint8 *p = gst_h4mk_room (out, GST_H4MK_FOOT_SIZE);

  p = gst_h4_put_u64 (p, own);
  for (i = 0; i < 4; i++)
    p = gst_h4_put_u64 (p, offsets[i]);
  p = gst_h4_put_u64 (p, state->blocks);
  p = gst_h4_put_u64 (p, gst_h4mk_state_get_duration (state));
  p = gst_h4_put_u64 (p, state->spans.n_spans);
  memset (p, 0, 4 * 8);
  gst_h4mk_chunk_end (out, begin, GST_H4MK_TAG_FOOT);
}

/* Of META to FOOT, which stand in out from offset on. */
static gboolean
put_sign (GstH4mkWriter * writer, GByteArray * out, guint from, GError ** error)
{
  guint8 body[GST_H4MK_HASH_SIZE], tail[GST_H4MK_HASH_SIZE];
  guint8 message[GST_H4MK_SIGN_MESSAGE_SIZE], payload[GST_H4MK_SIGN_SIZE];
  const gchar *key;

  if (!writer->key)
    return TRUE;
  gst_h4_sha256_update (writer->tail, out->data + from, out->len - from);
  if (!gst_h4_sha256_peek (writer->tail, tail)
      || !gst_h4mk_output_hash_tail (&writer->output, out, body))
    return gst_h4mk_output_fail_digest (&writer->output, error);
  gst_h4mk_sign_message (body, tail, message);
  key = gst_h4mk_signing_key_get_public (writer->key);
  gst_h4_unhex (key, payload, GST_H4MK_KEY_SIZE);
  memcpy (payload + GST_H4MK_KEY_SIZE, body, GST_H4MK_HASH_SIZE);
  if (!gst_h4mk_signing_key_sign (writer->key, message, sizeof (message),
          payload + GST_H4MK_KEY_SIZE + GST_H4MK_HASH_SIZE))
    return fail_signature (writer, error);
  gst_h4mk_chunk_append (out, GST_H4MK_TAG_SIGN, payload, sizeof (payload));
  return TRUE;
}

/* From the last page to VERI. meta and safe are chunks. */
static gboolean
write_tail (GstH4mkWriter * writer, const GByteArray * meta,
    const GByteArray * safe, GError ** error)
{
  GstH4mkSpans *spans = &writer->state.spans;
  GByteArray *out = writer->front;
  guint64 offset = writer->output.offset, offsets[4];

  g_byte_array_set_size (out, 0);
  if (gst_h4mk_spans_get_waiting (spans) > 0) {
    gst_h4mk_spans_put_page (spans, out);
    if (!gst_h4mk_spans_page_written (spans, offset, out->data, out->len))
      return gst_h4mk_output_fail_digest (&writer->output, error);
  }
  offsets[0] = offset + out->len;
  gst_h4mk_spans_put_seek (spans, out);
  offsets[1] = offset + out->len;
  g_byte_array_append (out, meta->data, meta->len);
  offsets[2] = offset + out->len;
  g_byte_array_append (out, safe->data, safe->len);
  offsets[3] = offset + out->len;
  gst_h4mk_spans_put_root (spans, out);
  put_foot (writer, out, offsets);
  writer->finished = TRUE;
  return put_sign (writer, out, (guint) (offsets[1] - offset), error)
      && gst_h4mk_output_finish (&writer->output, out, error);
}

/* (element-type GByteArray), or NULL */
static GPtrArray *
make_attachments (const GstH4mkTail * tail, GError ** error)
{
  GPtrArray *chunks =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_byte_array_unref);
  guint i, n = tail && tail->attachments ? tail->attachments->len : 0;

  for (i = 0; i < n; i++) {
    GByteArray *chunk = g_byte_array_new ();

    g_ptr_array_add (chunks, chunk);
    if (!gst_h4mk_put_attachment (chunk,
            g_ptr_array_index (tail->attachments, i), error)) {
      g_ptr_array_unref (chunks);
      return NULL;
    }
  }
  return chunks;
}

static gboolean
write_attachments (GstH4mkWriter * writer, const GPtrArray * chunks,
    GError ** error)
{
  guint i;

  for (i = 0; i < chunks->len; i++) {
    if (!gst_h4mk_output_write_array (&writer->output,
            g_ptr_array_index (chunks, i), GST_H4MK_WRITE_TAIL, error))
      return FALSE;
  }
  return TRUE;
}

/**
 * gst_h4mk_writer_finish:
 * @writer: a writer
 * @tail: (nullable): what is known at the end
 * @error: %GST_H4MK_ERROR_INVALID or %GST_H4MK_ERROR_LIMIT where @tail holds
 *   what a file cannot: nothing of it was written then, and the call may be
 *   repeated with another; or what the write function said
 *
 * Ends the span and writes all that closes the file.
 *
 * Returns: whether the file is whole
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_writer_finish (GstH4mkWriter * writer, const GstH4mkTail * tail,
    GError ** error)
{
  GByteArray *meta, *safe;
  GPtrArray *attachments = NULL;
  gboolean ok;

  if (!check_ready (writer, error))
    return FALSE;
  if (!writer->state.tracks)
    return refuse (error, GST_H4MK_ERROR_INVALID,
        "the file ends before the list of tracks");

  meta = g_byte_array_new ();
  safe = g_byte_array_new ();
  ok = gst_h4mk_put_media_meta (meta, writer->state.masked, tail, error)
      && gst_h4mk_put_safe (safe, tail ? tail->safe : NULL, error)
      && (attachments = make_attachments (tail, error)) != NULL
      && end_span (writer, error)
      && write_attachments (writer, attachments, error)
      && write_tail (writer, meta, safe, error);
  g_byte_array_unref (meta);
  g_byte_array_unref (safe);
  g_clear_pointer (&attachments, g_ptr_array_unref);
  return ok;
}

/**
 * gst_h4mk_writer_get_stream_header:
 * @writer: a writer
 *
 * Gets the file's header and the TRAK in force: what somebody who joins at the
 * next span needs before it.
 *
 * Returns: (transfer full) (nullable): the bytes; %NULL before the first
 *   gst_h4mk_writer_set_tracks()
 *
 * Since: 1.0
 */
GBytes *
gst_h4mk_writer_get_stream_header (GstH4mkWriter * writer)
{
  GByteArray *out;
  gsize size;
  const guint8 *trak;

  if (!writer->state.trak)
    return NULL;
  trak = g_bytes_get_data (writer->state.trak, &size);
  out = g_byte_array_sized_new (GST_H4MK_HEADER_SIZE + (guint) size);
  g_byte_array_append (out, gst_h4mk_file_header, GST_H4MK_HEADER_SIZE);
  g_byte_array_append (out, trak, (guint) size);
  return g_byte_array_free_to_bytes (out);
}

/**
 * gst_h4mk_writer_get_group_time:
 * @writer: a writer
 * @time: (out): running time in ns of the dts, else the pts, of the first
 *   block with a time in the group that is being gathered
 *
 * Returns: %FALSE where the group is empty or has no time yet
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_writer_get_group_time (GstH4mkWriter * writer, gint64 * time)
{
  if (!writer->group.has_start)
    return FALSE;
  *time = writer->group.start;
  return TRUE;
}

/**
 * gst_h4mk_writer_get_group_blocks:
 * @writer: a writer
 *
 * Returns: how many blocks were gathered and are not written yet
 *
 * Since: 1.0
 */
guint
gst_h4mk_writer_get_group_blocks (GstH4mkWriter * writer)
{
  return gst_h4mk_group_get_blocks (&writer->group);
}

/**
 * gst_h4mk_writer_get_offset:
 * @writer: a writer
 *
 * Returns: how many bytes were written
 *
 * Since: 1.0
 */
guint64
gst_h4mk_writer_get_offset (GstH4mkWriter * writer)
{
  return writer->output.offset;
}

/**
 * gst_h4mk_writer_get_blocks:
 * @writer: a writer
 *
 * Returns: how many blocks were taken, those that are being gathered included
 *
 * Since: 1.0
 */
guint64
gst_h4mk_writer_get_blocks (GstH4mkWriter * writer)
{
  return writer->state.blocks;
}

/**
 * gst_h4mk_writer_get_spans:
 * @writer: a writer
 *
 * Returns: how many spans were closed
 *
 * Since: 1.0
 */
guint64
gst_h4mk_writer_get_spans (GstH4mkWriter * writer)
{
  return writer->state.spans.n_spans;
}
