/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include <gio/gio.h>

#include "gsth4mkscan.h"
#include "gsth4bytes.h"
#include "gsth4mkchunks.h"

#define WINDOW_SIZE (4 << 20)
/* A file that is damaged everywhere is reported in as many lines. */
#define MAX_PROBLEMS 100

void
gst_h4mk_scan_init (GstH4mkScan * scan, GstH4mkReadFunc read,
    gpointer user_data, guint64 file_size, GstH4mkProgressFunc progress,
    gpointer progress_data)
{
  memset (scan, 0, sizeof (*scan));
  scan->read = read;
  scan->user_data = user_data;
  scan->file_size = file_size;
  scan->progress = progress;
  scan->progress_data = progress_data;
  scan->parser = gst_h4mk_parser_new ();
  gst_h4mk_parser_set_file_size (scan->parser, file_size);
  scan->problems = g_ptr_array_new_with_free_func (
      (GDestroyNotify) g_error_free);
}

void
gst_h4mk_scan_clear (GstH4mkScan * scan)
{
  gst_h4mk_parser_free (scan->parser);
  g_clear_pointer (&scan->index, gst_h4mk_index_free);
  g_clear_pointer (&scan->window, g_bytes_unref);
  g_clear_pointer (&scan->problems, g_ptr_array_unref);
  g_clear_error (&scan->cut);
}

void
gst_h4mk_scan_add_problem (GstH4mkScan * scan, GError * problem)
{
  if (scan->problems->len < MAX_PROBLEMS) {
    g_ptr_array_add (scan->problems, problem);
  } else {
    scan->more_problems++;
    g_error_free (problem);
  }
}

/* Bytes from offset on: need of them, or what there is to the file's end. */
static gboolean
fill_window (GstH4mkScan * scan, guint64 offset, gsize need, GError ** error)
{
  guint64 left = scan->file_size - MIN (offset, scan->file_size);
  gsize size = MIN (MAX (need, WINDOW_SIZE), left);

  if (scan->progress && !scan->progress (offset, scan->file_size,
          scan->progress_data)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
    return FALSE;
  }
  g_clear_pointer (&scan->window, g_bytes_unref);
  scan->window = scan->read (offset, size, scan->user_data, error);
  scan->window_offset = offset;
  if (!scan->window)
    return FALSE;
  /* it shrank while it was read */
  if (g_bytes_get_size (scan->window) < size)
    scan->file_size = offset + g_bytes_get_size (scan->window);
  return TRUE;
}

static const guint8 *
get_window (GstH4mkScan * scan, guint64 offset, gsize * size)
{
  gsize held = 0;
  const guint8 *data = scan->window ?
      g_bytes_get_data (scan->window, &held) : NULL;

  if (offset < scan->window_offset || offset > scan->window_offset + held) {
    *size = 0;
    return NULL;
  }
  *size = scan->window_offset + held - offset;
  return data ? data + (offset - scan->window_offset) : NULL;
}

static gboolean
read_header (GstH4mkScan * scan, guint64 offset, GstH4mkChunkHeader * header)
{
  GBytes *bytes = scan->read (offset, GST_H4MK_CHUNK_HEADER_SIZE,
      scan->user_data, NULL);
  gboolean ok = bytes && g_bytes_get_size (bytes) == GST_H4MK_CHUNK_HEADER_SIZE;

  if (ok)
    gst_h4mk_chunk_header_read (header, g_bytes_get_data (bytes, NULL));
  g_clear_pointer (&bytes, g_bytes_unref);
  return ok;
}

/* Whether a file that seems to end inside a chunk does not: the chunk is of a
 * kind that is never so long, or the file's own end is there. */
static gboolean
is_length_wrong (GstH4mkScan * scan, guint64 offset)
{
  const gsize veri_size = GST_H4MK_CHUNK_HEADER_SIZE + GST_H4MK_VERI_SIZE;
  GstH4mkChunkHeader header;

  if (offset < GST_H4MK_HEADER_SIZE || !read_header (scan, offset, &header))
    return FALSE;
  if ((header.tag == GST_H4MK_TAG_VERI && header.size != GST_H4MK_VERI_SIZE)
      || (header.tag == GST_H4MK_TAG_SIGN && header.size != GST_H4MK_SIGN_SIZE)
      || (header.tag == GST_H4MK_TAG_FOOT && header.size != GST_H4MK_FOOT_SIZE)
      || (header.tag == GST_H4MK_TAG_LINK && header.size != GST_H4MK_LINK_SIZE
          && header.size != GST_H4MK_LINK_SIGNED_SIZE))
    return TRUE;
  return scan->file_size - offset > veri_size
      && read_header (scan, scan->file_size - veri_size, &header)
      && header.tag == GST_H4MK_TAG_VERI && header.size == GST_H4MK_VERI_SIZE;
}

/* Looks for the next sound group. */
static gboolean
resync (GstH4mkScan * scan)
{
  guint64 offset = gst_h4mk_parser_get_offset (scan->parser), found;
  GstH4mkTracks *tracks = gst_h4mk_parser_get_tracks (scan->parser);
  GstH4mkProfile profile = gst_h4mk_parser_get_profile (scan->parser);

  if (offset < GST_H4MK_HEADER_SIZE
      || (profile == GST_H4MK_PROFILE_TRACK && !tracks))
    return FALSE;
  if (!scan->index) {
    scan->index = gst_h4mk_index_new (scan->read, scan->user_data);
    /* what it cannot open it may still look through */
    gst_h4mk_index_open (scan->index, scan->file_size, NULL);
  }
  if (!gst_h4mk_index_resync (scan->index, offset + 1, scan->next_block,
          tracks, &found, NULL) || found <= offset)
    return FALSE;
  gst_h4mk_parser_seek (scan->parser, found, profile, tracks,
      profile == GST_H4MK_PROFILE_BASE ? (gint64) scan->next_block : -1);
  return TRUE;
}

static GstH4mkScanResult
go_on_after (GstH4mkScan * scan, GError * problem)
{
  gst_h4mk_scan_add_problem (scan, problem);
  return resync (scan) ? GST_H4MK_SCAN_GAP : GST_H4MK_SCAN_END;
}

/* No more bytes than these. */
static GstH4mkScanResult
handle_end (GstH4mkScan * scan, gsize left)
{
  guint64 offset = gst_h4mk_parser_get_offset (scan->parser);
  GError *error = NULL;

  if (gst_h4mk_parser_end (scan->parser, left, &error))
    return GST_H4MK_SCAN_END;
  if (!g_error_matches (error, GST_H4MK_ERROR, GST_H4MK_ERROR_TRUNCATED))
    return go_on_after (scan, error);
  if (left > 0 && resync (scan)) {
    gst_h4mk_scan_add_problem (scan, error);
    return GST_H4MK_SCAN_GAP;
  }
  if (left >= GST_H4MK_CHUNK_HEADER_SIZE && is_length_wrong (scan, offset)) {
    gst_h4mk_scan_add_problem (scan, error);
    return GST_H4MK_SCAN_END;
  }
  scan->cut = error;
  return GST_H4MK_SCAN_END;
}

static void
note_item (GstH4mkScan * scan, const GstH4mkItem * item)
{
  if (item->chunk.tag == GST_H4MK_TAG_CORE)
    scan->next_block = item->block + 1;
  else if (item->chunk.tag == GST_H4MK_TAG_TOKN)
    scan->next_block = item->token->first_block;
}

GstH4mkScanResult
gst_h4mk_scan_next (GstH4mkScan * scan, GstH4mkItem * item, GError ** error)
{
  gsize need = GST_H4MK_CHUNK_HEADER_SIZE;

  while (TRUE) {
    guint64 offset = gst_h4mk_parser_get_offset (scan->parser);
    GError *problem = NULL;
    const guint8 *data;
    gsize size;

    data = get_window (scan, offset, &size);
    if (size < need && offset + size < scan->file_size) {
      if (!fill_window (scan, offset, need, error))
        return GST_H4MK_SCAN_FAILED;
      data = get_window (scan, offset, &size);
    }
    if (size == 0)
      return handle_end (scan, size);

    switch (gst_h4mk_parser_next (scan->parser, data, size, item, &need,
            &problem)) {
      case GST_H4MK_RESULT_ITEM:
        note_item (scan, item);
        return GST_H4MK_SCAN_ITEM;
      case GST_H4MK_RESULT_BAD_BLOCK:
        note_item (scan, item);
        gst_h4mk_scan_add_problem (scan, problem);
        return GST_H4MK_SCAN_BAD_BLOCK;
      case GST_H4MK_RESULT_MORE:
        if (offset + size >= scan->file_size)
          return handle_end (scan, size);
        break;
      case GST_H4MK_RESULT_ERROR:
        if (g_error_matches (problem, GST_H4MK_ERROR, GST_H4MK_ERROR_TRUNCATED)) {
          g_error_free (problem);
          return handle_end (scan, scan->file_size - offset);
        }
        return go_on_after (scan, problem);
    }
  }
}
