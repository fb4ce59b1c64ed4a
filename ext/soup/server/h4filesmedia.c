/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What the h4mk tool says of a file, over HTTP. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "h4filescalls.h"
#include "h4filesmedia.h"
#include "h4filessend.h"
#include "h4filessource.h"

/* Of an answer that may be long, what is sent at once. */
#define PIECE_SIZE (64 * 1024)

struct _H4FilesMedia
{
  gint verifying;               /* atomic */
};

static const gchar *const json_headers[] = {
  "Content-Type", "application/json", "Cache-Control", "no-cache", NULL
};

H4FilesMedia *
h4_files_media_new (void)
{
  return g_new0 (H4FilesMedia, 1);
}

void
h4_files_media_free (H4FilesMedia * media)
{
  g_free (media);
}

static gboolean
answer_info (H4Exchange * exchange, H4FilesSource * self, GError ** error)
{
  JsonObject *json = h4mk_json_info (&self->source, error);

  return json && h4_files_respond_json (exchange, json, error);
}

static gboolean
answer_seek (H4Exchange * exchange, H4FilesSource * self,
    const H4Values * values, GError ** error)
{
  guint track = (guint) h4_values_get_integer (values, "track");
  gint64 position;
  H4mkBlock key;

  if (!h4_files_source_get_position (self,
          h4_values_get_integer (values, "pts_us"), &position, error)
      || !h4mk_source_find_key (&self->source, track, position, &key, error))
    return FALSE;
  return h4_files_respond_json (exchange, h4mk_json_block (&key,
          h4mk_source_get_origin (&self->source)), error);
}

/* Block by block: a recording may have one key block only. */
static gboolean
send_blocks (H4Exchange * exchange, const GArray * blocks, gint64 origin,
    GError ** error)
{
  GString *text = g_string_new ("{\"blocks\":[");
  gboolean ok;
  guint i;

  ok = h4_exchange_begin (exchange, 200, -1, json_headers, error);
  for (i = 0; ok && i < blocks->len; i++) {
    gchar *block = h4mk_json_to_text (h4mk_json_block (&g_array_index (blocks,
                H4mkBlock, i), origin));

    if (i > 0)
      g_string_append_c (text, ',');
    g_string_append (text, block);
    g_free (block);
    if (text->len >= PIECE_SIZE) {
      ok = h4_exchange_write (exchange, text->str, text->len, error);
      g_string_truncate (text, 0);
    }
  }
  g_string_append (text, "]}");
  ok = ok && h4_exchange_write (exchange, text->str, text->len, error)
      && h4_exchange_end (exchange, error);
  g_string_free (text, TRUE);
  return ok;
}

static gboolean
answer_chain (H4Exchange * exchange, H4FilesSource * self,
    const H4Values * values, GError ** error)
{
  guint track = (guint) h4_values_get_integer (values, "track");
  gint64 position;
  GArray *blocks;
  gboolean ok;

  if (!h4_files_source_get_position (self,
          h4_values_get_integer (values, "pts_us"), &position, error))
    return FALSE;
  blocks = h4mk_source_find_chain (&self->source, track, position, error);
  if (!blocks)
    return FALSE;
  ok = send_blocks (exchange, blocks, h4mk_source_get_origin (&self->source),
      error);
  g_array_unref (blocks);
  return ok;
}

static gboolean
answer_block (H4Exchange * exchange, H4FilesSource * self,
    const H4Values * values, GError ** error)
{
  guint64 number = (guint64) h4_values_get_integer (values, "block");
  const gchar *headers[] = {
    "Content-Type", "application/octet-stream",
    "Cache-Control", "no-cache",
    "X-H4-Block", NULL,
    NULL
  };
  H4mkBlock block;
  gchar *record;
  gboolean ok;

  if (!h4mk_source_find_block (&self->source, number, &block, error)
      || !h4_files_source_check_block (self, &block, error))
    return FALSE;
  record = h4mk_json_to_text (h4mk_json_block (&block,
          h4mk_source_get_origin (&self->source)));
  headers[5] = record;
  ok = h4_exchange_begin (exchange, 200, (gint64) block.record.size, headers,
      error) && h4_files_send_bytes (exchange, self->fd,
      block.offset + GST_H4MK_CHUNK_HEADER_SIZE, block.record.size, error)
      && h4_exchange_end (exchange, error);
  g_free (record);
  return ok;
}

static gboolean
on_progress (guint64 done, guint64 total, gpointer cancellable)
{
  return !g_cancellable_is_cancelled (cancellable);
}

/* Keys that the client trusts, or NULL with the error. */
static gchar **
parse_keys (const gchar * text, GError ** error)
{
  gchar **keys = g_strsplit (text ? text : "", ",", -1);
  guint i;

  for (i = 0; keys[i]; i++) {
    if (strlen (keys[i]) != 2 * GST_H4MK_KEY_SIZE
        || strspn (keys[i], "0123456789abcdefABCDEF") != strlen (keys[i])) {
      g_propagate_error (error, h4_problem_error (400, "trusted_key",
              "64 hexadecimal digits, comma separated",
              "Key %u of trusted_key is none.", i + 1));
      g_strfreev (keys);
      return NULL;
    }
  }
  return keys;
}

static gboolean
answer_verify (H4Exchange * exchange, H4FilesSource * self,
    const H4Values * values, GError ** error)
{
  gchar **keys = parse_keys (h4_values_get_text (values, "trusted_key"), error);
  GstH4mkReport *report;
  gboolean ok;

  if (!keys)
    return FALSE;
  report = gst_h4mk_verify (self->source.read, self->source.user_data,
      self->source.file_size, (const gchar * const *) keys, on_progress,
      self->cancellable, error);
  g_strfreev (keys);
  if (!report)
    return FALSE;
  ok = h4_files_respond_json (exchange, h4mk_json_report (report), error);
  gst_h4mk_report_free (report);
  return ok;
}

/* It takes a processor for as long as the file is: not more than there are. */
static gboolean
verify_in_turn (H4FilesMedia * media, H4Exchange * exchange,
    H4FilesSource * self, const H4Values * values, GError ** error)
{
  gboolean ok = FALSE;

  if (g_atomic_int_add (&media->verifying, 1) < (gint) g_get_num_processors ())
    ok = answer_verify (exchange, self, values, error);
  else
    g_propagate_error (error, h4_problem_error (503, NULL, NULL,
            "Too many files are being verified: come back later."));
  g_atomic_int_add (&media->verifying, -1);
  return ok;
}

static gboolean
answer_call (H4FilesMedia * media, H4Exchange * exchange, guint call,
    H4FilesSource * self, const H4Values * values, GError ** error)
{
  switch (call) {
    case H4_FILES_INFO:
      return answer_info (exchange, self, error);
    case H4_FILES_SEEK:
      return answer_seek (exchange, self, values, error);
    case H4_FILES_CHAIN:
      return answer_chain (exchange, self, values, error);
    case H4_FILES_BLOCK:
      return answer_block (exchange, self, values, error);
    default:
      return verify_in_turn (media, exchange, self, values, error);
  }
}

/* What is wrong with the file, or is not in it, is the client's to know. */
static void
propagate (GError ** error, GError * problem)
{
  guint status = problem->domain == GST_H4MK_ERROR ? 422 :
      g_error_matches (problem, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ? 404 : 0;

  if (status == 0) {
    g_propagate_error (error, problem);
    return;
  }
  g_propagate_error (error, h4_problem_error (status, NULL, NULL, "%s",
          problem->message));
  g_error_free (problem);
}

gboolean
h4_files_media_answer (H4FilesMedia * media, H4Exchange * exchange, guint call,
    gint fd, guint64 size, const H4Values * values, GError ** error)
{
  GError *problem = NULL;
  H4FilesSource self;
  gboolean ok;

  ok = h4_files_source_open (&self, fd, size, call != H4_FILES_VERIFY,
      h4_exchange_get_cancellable (exchange), &problem);
  if (ok) {
    ok = answer_call (media, exchange, call, &self, values, &problem);
    h4_files_source_close (&self);
  }
  if (!ok)
    propagate (error, problem);
  return ok;
}
