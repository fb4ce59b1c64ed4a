/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "gsth4mkscan.h"
#include "h4mktool.h"

/* A file read front to back, past damage; what is wrong goes to stderr. */
typedef struct
{
  H4mkInput input;
  GstH4mkScan scan;
  guint reported;
} Reading;

/* Times of opaque blocks follow from META, which stands at the end. */
static void
reading_learn_timing (Reading * reading)
{
  const H4mkSource *source = &reading->input.source;
  GstH4mkIndex *index = gst_h4mk_index_new (source->read, source->user_data);
  guint64 block_size;
  gdouble fps_hint;
  guint gop;

  if (gst_h4mk_index_open (index, source->file_size, NULL)
      && gst_h4mk_index_get_profile (index) == GST_H4MK_PROFILE_BASE
      && gst_h4mk_index_get_base_timing (index, &block_size, &fps_hint, &gop))
    gst_h4mk_parser_set_base_timing (reading->scan.parser, block_size,
        fps_hint, gop);
  gst_h4mk_index_free (index);
}

static gboolean
reading_open (Reading * reading, const gchar * path, GError ** error)
{
  if (!h4mk_input_open (&reading->input, path, FALSE, error))
    return FALSE;
  gst_h4mk_scan_init (&reading->scan, reading->input.source.read,
      reading->input.source.user_data, reading->input.source.file_size, NULL,
      NULL);
  reading->reported = 0;
  reading_learn_timing (reading);
  return TRUE;
}

static void
reading_close (Reading * reading)
{
  gst_h4mk_scan_clear (&reading->scan);
  h4mk_input_close (&reading->input);
}

/* The next block whose bytes are sound. */
static gboolean
reading_next (Reading * reading, GstH4mkItem * item, GError ** error)
{
  GstH4mkScanResult result;

  do {
    result = gst_h4mk_scan_next (&reading->scan, item, error);
    for (; reading->reported < reading->scan.problems->len; reading->reported++)
      h4mk_complain ("%s", ((GError *)
              g_ptr_array_index (reading->scan.problems,
                  reading->reported))->message);
  } while (result < GST_H4MK_SCAN_END && !(result == GST_H4MK_SCAN_ITEM
          && item->chunk.tag == GST_H4MK_TAG_CORE));
  return result == GST_H4MK_SCAN_ITEM;
}

static int
reading_result (Reading * reading, GError * error)
{
  if (error)
    return h4mk_fail (error);
  if (reading->scan.cut)
    h4mk_complain ("%s", reading->scan.cut->message);
  return h4mk_flush (reading->scan.problems->len > 0 ? H4MK_EXIT_DAMAGED :
      H4MK_EXIT_OK);
}

static gchar *
format_flags (guint64 flags)
{
  GString *names = g_string_new (NULL);
  guint bit;

  for (bit = 0; bit < 14; bit++) {
    if ((flags & (1u << bit)) && h4mk_flag_name (bit)) {
      if (names->len > 0)
        g_string_append_c (names, ',');
      g_string_append (names, h4mk_flag_name (bit));
    }
  }
  return g_string_free (names, FALSE);
}

static gchar *
format_optional (gboolean known, gint64 ns)
{
  return known ? h4mk_format_time (ns) : g_strdup ("-");
}

static void
print_row (const H4mkBlock * block)
{
  const GstH4mkRecord *r = &block->record;
  gboolean has_pts = !(r->flags & GST_H4MK_RECORD_NO_PTS);
  gchar *pts = format_optional (has_pts, r->pts);
  gchar *dts = format_optional (r->flags & GST_H4MK_RECORD_HAS_DTS, r->dts);
  gchar *duration = format_optional (r->flags & GST_H4MK_RECORD_HAS_DURATION,
      r->duration);
  gchar *flags = format_flags (r->flags);

  printf ("%8" G_GUINT64_FORMAT " %5u %c %17s %17s %17s %10" G_GUINT64_FORMAT
      " %12" G_GUINT64_FORMAT "%s%s\n", block->block, r->track,
      h4mk_record_kind (r), pts, dts, duration, r->size, block->offset,
      *flags ? " " : "", flags);
  g_free (flags);
  g_free (duration);
  g_free (dts);
  g_free (pts);
}

static void
print_heading (void)
{
  h4mk_print_padded (_("block"), 8);
  h4mk_print_padded (_("track"), 6);
  printf (" K %17s %17s", "pts", "dts");
  h4mk_print_padded (_("duration"), 18);
  h4mk_print_padded (_("size"), 11);
  h4mk_print_padded (_("offset"), 13);
  printf (" %s\n", _("flags"));
}

static void
print_found (const GArray * blocks)
{
  guint i;

  print_heading ();
  for (i = 0; i < blocks->len; i++)
    print_row (&g_array_index (blocks, H4mkBlock, i));
}

/* The first group says where the recording begins. */
static void
find_origin (const GstH4mkItem * item, gint64 * origin)
{
  const GArray *records = item->token ? item->token->records : NULL;
  gint64 smallest = G_MAXINT64;
  guint i;

  for (i = 0; records && i < records->len; i++) {
    const GstH4mkRecord *r = gst_h4mk_token_record (item->token, i);

    if (!(r->flags & GST_H4MK_RECORD_NO_PTS))
      smallest = MIN (smallest, r->pts);
  }
  *origin = smallest == G_MAXINT64 ? 0 : smallest;
}

static void
print_json_row (const H4mkBlock * block, gint64 origin, gboolean first)
{
  gchar *text = h4mk_json_to_text (h4mk_json_block (block, origin));

  printf ("%s%s", first ? "{\"blocks\":[" : ",", text);
  g_free (text);
}

static int
list_blocks (Reading * reading, gint track, gboolean as_json)
{
  gboolean has_origin = FALSE, first = TRUE;
  GError *error = NULL;
  gint64 origin = 0;
  GstH4mkItem item;

  if (!as_json)
    print_heading ();
  while (!ferror (stdout) && reading_next (reading, &item, &error)) {
    H4mkBlock block = { *item.record, item.block, item.chunk.offset };

    if (!has_origin)
      find_origin (&item, &origin);
    has_origin = TRUE;
    if (track && block.record.track != (guint) track)
      continue;
    if (as_json)
      print_json_row (&block, origin, first);
    else
      print_row (&block);
    first = FALSE;
  }
  if (as_json)
    printf ("%s]}\n", first ? "{\"blocks\":[" : "");
  return reading_result (reading, error);
}

int
h4mk_command_list (int argc, char **argv)
{
  gboolean as_json = FALSE;
  gint track = 0;
  const GOptionEntry entries[] = {
    {"track", 0, 0, G_OPTION_ARG_INT, &track, N_("Only this track"), "N"},
    {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, N_("Print JSON"), NULL},
    {NULL}
  };
  GError *error = NULL;
  Reading reading;
  int code;

  if (!h4mk_parse_options (&argc, &argv, "FILE",
          _("Lists a file's blocks, also of a file that is cut off or"
              " damaged."), entries, 1))
    return H4MK_EXIT_FAILED;
  if (!reading_open (&reading, argv[1], &error))
    return h4mk_fail (error);
  code = list_blocks (&reading, track, as_json);
  reading_close (&reading);
  return code;
}

static gboolean
parse_range (const gchar * text, guint64 * first, guint64 * last)
{
  const gchar *dash;
  gboolean ok;
  gchar *begin;

  *first = 0;
  *last = G_MAXUINT64;
  if (!text)
    return TRUE;
  dash = strchr (text, '-');
  begin = dash ? g_strndup (text, dash - text) : g_strdup (text);
  ok = *begin == 0 || g_ascii_string_to_unsigned (begin, 10, 0, G_MAXUINT64,
      first, NULL);
  if (!dash)
    *last = *first;
  else if (dash[1])
    ok = ok && g_ascii_string_to_unsigned (dash + 1, 10, 0, G_MAXUINT64, last,
        NULL);
  ok = ok && *first <= *last && text[0] && text[1 - (text[0] != '-')];
  g_free (begin);
  return ok;
}

static int
cat_blocks (Reading * reading, gint track, guint64 first, guint64 last)
{
  GError *error = NULL;
  GstH4mkItem item;

  while (!ferror (stdout) && reading_next (reading, &item, &error)
      && item.block <= last) {
    if (item.block >= first && (!track || item.record->track == (guint) track))
      fwrite (item.chunk.payload, 1, item.chunk.size, stdout);
  }
  return reading_result (reading, error);
}

int
h4mk_command_cat (int argc, char **argv)
{
  gchar *blocks = NULL;
  gint track = 0;
  const GOptionEntry entries[] = {
    {"track", 0, 0, G_OPTION_ARG_INT, &track, N_("Only this track"), "N"},
    {"blocks", 0, 0, G_OPTION_ARG_STRING, &blocks,
        N_("Only blocks A to B, as list numbers them"), "A-B"},
    {NULL}
  };
  GError *error = NULL;
  guint64 first, last;
  Reading reading;
  gboolean ok;
  int code;

  if (!h4mk_parse_options (&argc, &argv, "FILE",
          _("Writes the bytes of a file's blocks to standard output."),
          entries, 1))
    return H4MK_EXIT_FAILED;
  ok = parse_range (blocks, &first, &last);
  if (!ok)
    h4mk_complain (_("\"%s\" is no range of blocks."), blocks);
  g_free (blocks);
  if (!ok)
    return H4MK_EXIT_FAILED;
  if (!reading_open (&reading, argv[1], &error))
    return h4mk_fail (error);
  code = cat_blocks (&reading, track, first, last);
  reading_close (&reading);
  return code;
}

static int
print_seek (H4mkSource * source, guint track, gint64 time, gboolean whole_chain,
    gboolean as_json)
{
  gint64 origin = h4mk_source_get_origin (source);
  GError *error = NULL;
  H4mkBlock key;
  GArray *blocks;

  if (whole_chain) {
    blocks = h4mk_source_find_chain (source, track, time, &error);
  } else {
    gboolean found = h4mk_source_find_key (source, track, time, &key, &error);

    blocks = found ? g_array_new (FALSE, FALSE, sizeof (H4mkBlock)) : NULL;
    if (found)
      g_array_append_val (blocks, key);
  }
  if (!blocks)
    return h4mk_fail (error);
  if (!as_json)
    print_found (blocks);
  else if (whole_chain)
    h4mk_print_json (h4mk_json_blocks (blocks, origin));
  else
    h4mk_print_json (h4mk_json_block (&key, origin));
  g_array_unref (blocks);
  return h4mk_flush (H4MK_EXIT_OK);
}

static int
run_seek (int argc, char **argv, const gchar * summary, gboolean whole_chain)
{
  gboolean as_json = FALSE;
  gint track = 0;
  const GOptionEntry entries[] = {
    {"track", 0, 0, G_OPTION_ARG_INT, &track,
        N_("This track; by default the first video, else the first"), "N"},
    {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, N_("Print JSON"), NULL},
    {NULL}
  };
  GError *error = NULL;
  H4mkInput input;
  gint64 time;
  int code;

  if (!h4mk_parse_options (&argc, &argv, "FILE TIME", summary, entries, 2))
    return H4MK_EXIT_FAILED;
  if (track < 0 || !h4mk_parse_time (argv[2], &time, &error)) {
    if (track >= 0)
      return h4mk_fail (error);
    h4mk_complain (_("There is no track %d."), track);
    return H4MK_EXIT_FAILED;
  }
  if (!h4mk_input_open (&input, argv[1], TRUE, &error))
    return h4mk_fail (error);
  code = print_seek (&input.source, (guint) track, time, whole_chain, as_json);
  h4mk_input_close (&input);
  return code;
}

int
h4mk_command_seek (int argc, char **argv)
{
  return run_seek (argc, argv,
      _("Finds the key block at or before a time, counted from the recording's"
          " beginning."), FALSE);
}

int
h4mk_command_chain (int argc, char **argv)
{
  return run_seek (argc, argv,
      _("Lists the blocks to decode, from the key block on, to see what is"
          " shown at a time."), TRUE);
}
