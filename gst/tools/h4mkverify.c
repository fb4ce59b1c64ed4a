/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>

#include "h4mktool.h"

static void
print_verdict (const GstH4mkReport * report)
{
  switch (report->verdict) {
    case GST_H4MK_VERDICT_COMPLETE:
      printf ("%s\n", _("complete"));
      break;
    case GST_H4MK_VERDICT_PROVEN:
      printf (_("proven up to block %" PRIu64 ", end unknown\n"),
          report->proven_blocks - 1);
      break;
    case GST_H4MK_VERDICT_UNPROVEN:
      if (!report->cut && report->signer == GST_H4MK_SIGNER_UNKNOWN)
        printf ("%s\n", _("unproven: consistent, signer unknown"));
      else
        printf ("%s\n", _("unproven"));
      break;
    case GST_H4MK_VERDICT_DAMAGED:
      printf ("%s\n", _("damaged or forged"));
      break;
  }
}

static void
print_signer (const GstH4mkReport * report)
{
  switch (report->signer) {
    case GST_H4MK_SIGNER_TRUSTED:
      printf (_("signed by a trusted key\n"));
      break;
    case GST_H4MK_SIGNER_UNKNOWN:
      printf (_("consistent, signer unknown: %s\n"), *report->key ?
          report->key : _("no key is announced"));
      break;
    case GST_H4MK_SIGNER_NONE:
      if (*report->key)
        printf (_("not signed, though key %s is announced\n"), report->key);
      else
        printf (_("not signed\n"));
      break;
  }
}

static void
print_proven (const GstH4mkReport * report)
{
  guint64 end = report->first_block + report->blocks;
  gchar *time;

  if (report->proven_blocks <= report->proven_from) {
    printf (_("proven: no blocks, up to offset %" PRIu64 "\n"),
        report->proven_bytes);
  } else {
    printf (_("proven: blocks %" PRIu64 " to %" PRId64
            ", up to offset %" PRIu64 "\n"), report->proven_from,
        (gint64) report->proven_blocks - 1, report->proven_bytes);
    if (report->proven_time >= 0) {
      time = h4mk_format_time (report->proven_time);
      printf (_("proven up to %s\n"), time);
      g_free (time);
    }
  }
  if (report->verdict != GST_H4MK_VERDICT_DAMAGED
      && report->proven_blocks < end)
    printf (_("not proven: blocks %" PRIu64 " to %" PRIu64
            ", up to offset %" PRIu64 "\n"),
        MAX (report->proven_blocks, report->first_block), end - 1,
        report->read_bytes);
}

static void
print_absent (const GstH4mkReport * report)
{
  gboolean track = report->profile == GST_H4MK_PROFILE_TRACK;

  if (report->cut_at) {
    gchar *text = h4mk_escape (report->cut_at->message);

    printf (_("cut off: %s\n"), text);
    g_free (text);
  }
  if (report->first_block > 0)
    printf (_("joined midway: the first block is %" PRIu64 "\n"),
        report->first_block);
  if (report->verdict == GST_H4MK_VERDICT_DAMAGED)
    return;
  if (track && !report->has_links)
    printf (_("absent: LINK\n"));
  if (!report->has_veri)
    printf (_("absent: VERI\n"));
  if (!report->has_sign && *report->key)
    printf (_("absent: SIGN\n"));
}

static void
print_report (const GstH4mkReport * report)
{
  guint i;

  print_verdict (report);
  for (i = 0; i < report->problems->len; i++) {
    const GError *problem = g_ptr_array_index (report->problems, i);
    gchar *text = h4mk_escape (problem->message);

    printf (_("problem: %s\n"), text);
    g_free (text);
  }
  if (report->more_problems)
    printf (_("and %" PRIu64 " more problems\n"), report->more_problems);
  printf (_("read: %" PRIu64 " blocks, %" PRIu64 " of %"
          PRIu64 " bytes\n"), report->blocks, report->read_bytes,
      report->file_size);
  print_proven (report);
  print_signer (report);
  print_absent (report);
}

static int
get_exit_code (const GstH4mkReport * report)
{
  switch (report->verdict) {
    case GST_H4MK_VERDICT_COMPLETE:
      return H4MK_EXIT_OK;
    case GST_H4MK_VERDICT_DAMAGED:
      return H4MK_EXIT_DAMAGED;
    default:
      return H4MK_EXIT_UNPROVEN;
  }
}

static int
verify_file (const gchar * path, const gchar * const *trusted, gboolean as_json)
{
  GError *error = NULL;
  GstH4mkReport *report;
  H4mkProgress progress;
  H4mkInput input;
  int code;

  if (!h4mk_input_open (&input, path, FALSE, &error))
    return h4mk_fail (error);
  h4mk_progress_init (&progress, _("Verifying"));
  report = gst_h4mk_verify (input.source.read, input.source.user_data,
      input.source.file_size, trusted, h4mk_progress_update, &progress, &error);
  h4mk_progress_end (&progress);
  h4mk_input_close (&input);
  if (!report)
    return h4mk_fail (error);

  if (as_json)
    h4mk_print_json (h4mk_json_report (report));
  else
    print_report (report);
  code = get_exit_code (report);
  gst_h4mk_report_free (report);
  return h4mk_flush (code);
}

int
h4mk_command_verify (int argc, char **argv)
{
  gboolean as_json = FALSE;
  gchar **trusted = NULL;
  const GOptionEntry entries[] = {
    {"trusted-key", 0, 0, G_OPTION_ARG_STRING_ARRAY, &trusted,
        N_("A signer's public key to trust; may be given again"), "HEX"},
    {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, N_("Print JSON"), NULL},
    {NULL}
  };
  int code;

  if (!h4mk_parse_options (&argc, &argv, "FILE",
          _("Says what of a file is proven, what is not, and what is absent."
              "\nExit code: 0 complete, 1 damaged or forged, 2 usage or I/O,"
              " 3 sound but cut off or unproven."), entries, 1)) {
    g_strfreev (trusted);
    return H4MK_EXIT_FAILED;
  }
  code = verify_file (argv[1], (const gchar * const *) trusted, as_json);
  g_strfreev (trusted);
  return code;
}
