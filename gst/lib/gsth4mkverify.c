/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4mkproof.h"
#include "gsth4mkscan.h"

/**
 * gst_h4mk_verdict_to_string:
 * @verdict: a verdict
 *
 * Returns: its name in machine-readable output
 *
 * Since: 1.0
 */
const gchar *
gst_h4mk_verdict_to_string (GstH4mkVerdict verdict)
{
  switch (verdict) {
    case GST_H4MK_VERDICT_COMPLETE:
      return "complete";
    case GST_H4MK_VERDICT_PROVEN:
      return "proven";
    case GST_H4MK_VERDICT_UNPROVEN:
      return "unproven";
    default:
      return "damaged";
  }
}

void
gst_h4mk_report_free (GstH4mkReport * report)
{
  g_clear_pointer (&report->problems, g_ptr_array_unref);
  g_clear_error (&report->cut_at);
  g_free (report);
}

/* A tag is in no checksum: in a damaged file a chunk that nobody knows, before
 * all else that is wrong, is likely where the damage began. */
static void
blame_unknown (GPtrArray * problems, GstH4mkProof * proof)
{
  GError *problem = NULL;
  guint64 offset, first;
  guint32 tag;

  if (problems->len == 0 || !gst_h4mk_proof_get_unknown (proof, &tag, &offset)
      || !gst_h4mk_error_get_place (g_ptr_array_index (problems, 0), NULL,
          &first) || first < offset)
    return;
  gst_h4mk_error_set (&problem, GST_H4MK_ERROR_DAMAGED, tag, offset,
      "a chunk of no known kind");
  g_ptr_array_insert (problems, 0, problem);
}

static GstH4mkReport *
make_report (GstH4mkScan * scan, GstH4mkProof * proof)
{
  GstH4mkReport *report = g_new0 (GstH4mkReport, 1);

  blame_unknown (scan->problems, proof);
  report->file_size = scan->file_size;
  report->read_bytes = gst_h4mk_parser_get_offset (scan->parser);
  report->problems = g_ptr_array_ref (scan->problems);
  report->more_problems = scan->more_problems;
  report->cut_at = g_steal_pointer (&scan->cut);
  gst_h4mk_proof_fill_report (proof,
      gst_h4mk_parser_get_profile (scan->parser), scan->problems->len > 0,
      report);
  return report;
}

/**
 * gst_h4mk_verify: (skip)
 * @read: (scope call): reads the file
 * @user_data: for @read
 * @file_size: bytes of the file
 * @trusted: (nullable) (array zero-terminated=1): Ed25519 public keys to
 *   trust, in hex
 * @progress: (nullable) (scope call): called every few MiB
 * @progress_data: for @progress
 * @error: why there is no report
 *
 * Reads a file once, front to back, past damage where it can, and checks
 * everything that it says of itself. Memory does not grow with the file.
 *
 * Returns: (transfer full) (nullable): what was found; %NULL only where
 *   reading itself failed, was cancelled (%G_IO_ERROR_CANCELLED), or a key is
 *   malformed (%G_IO_ERROR_INVALID_ARGUMENT)
 *
 * Since: 1.0
 */
GstH4mkReport *
gst_h4mk_verify (GstH4mkReadFunc read, gpointer user_data, guint64 file_size,
    const gchar * const *trusted, GstH4mkProgressFunc progress,
    gpointer progress_data, GError ** error)
{
  GstH4mkProof *proof = gst_h4mk_proof_new (trusted, error);
  GstH4mkReport *report = NULL;
  GstH4mkScanResult result;
  GstH4mkScan scan;
  GstH4mkItem item;

  if (!proof)
    return NULL;

  gst_h4mk_proof_set_check_veri (proof, TRUE);
  gst_h4mk_scan_init (&scan, read, user_data, file_size, progress,
      progress_data);
  do {
    GError *problem = NULL;

    result = gst_h4mk_scan_next (&scan, &item, error);
    if (result == GST_H4MK_SCAN_ITEM
        && !gst_h4mk_proof_item (proof, &item, &problem))
      gst_h4mk_scan_add_problem (&scan, problem);
  } while (result < GST_H4MK_SCAN_END);

  if (result == GST_H4MK_SCAN_END)
    report = make_report (&scan, proof);
  gst_h4mk_scan_clear (&scan);
  gst_h4mk_proof_free (proof);
  return report;
}
