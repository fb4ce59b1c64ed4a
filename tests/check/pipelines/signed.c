/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* h4mkdemux with a key to trust: what that key signed is played, nothing
 * else. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <glib/gstdio.h>

#include "feed.h"
#include "gsth4mkformat.h"
#include "gsth4mksigningkey.h"
#include "synthetic.h"

#define SPANS "span-duration=500000000 group-duration=100000000"
#define PAGE_ENTRY 72

typedef struct
{
  guint8 *data;
  gsize size;
  gchar *key;                   /* the public one */
} File;

/* signs: or only a key that might have. */
static void
make_file (File * file, const gchar * settings, gboolean signs)
{
  GstH4mkSigningKey *key = gst_h4mk_signing_key_generate (NULL);
  gchar *dir = g_dir_make_tmp ("h4XXXXXX", NULL), *pem, *text, *path;

  pem = g_build_filename (dir, "key.pem", NULL);
  fail_unless (gst_h4mk_signing_key_store (key, pem, NULL));
  text = g_strdup_printf ("%s %s%s", settings, signs ? "signing-key-file=" : "",
      signs ? pem : "");
  path = h4_make_file (text);
  file->key = g_strdup (gst_h4mk_signing_key_get_public (key));
  fail_unless (g_file_get_contents (path, (gchar **) & file->data, &file->size,
          NULL));
  if (signs)
    h4_files_check_file (path, file->key);
  h4_remove_file (path);
  g_unlink (pem);
  g_rmdir (dir);
  g_free (text);
  g_free (pem);
  g_free (dir);
  gst_h4mk_signing_key_unref (key);
}

static void
close_file (File * file)
{
  g_free (file->data);
  g_free (file->key);
}

static void
open_feed (H4Feed * feed, H4FeedMode mode, const File * file,
    const gchar * on_error)
{
  h4_feed_open (feed, mode, file->data, file->size, "verify", "chain",
      "trusted-key", file->key, "on-error", on_error, NULL);
}

static gsize
find_chunk (const File * file, gsize from, const gchar * tag)
{
  gsize pos = from;

  while (pos + 12 <= file->size && memcmp (file->data + pos, tag, 4) != 0)
    pos += h4_chunk_size (file->data + pos);
  fail_unless (pos + 12 <= file->size);
  return pos;
}

static void
fix_crc (File * file, gsize chunk)
{
  gsize size = h4_chunk_size (file->data + chunk) - 12;
  guint32 crc = GUINT32_TO_BE (gst_h4mk_crc32 (file->data + chunk + 12, size));

  memcpy (file->data + chunk + 8, &crc, sizeof (crc));
}

static void
update_with_trak (GChecksum * leaf, const File * file)
{
  GChecksum *trak = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 hash[32];
  gsize n = sizeof (hash);

  g_checksum_update (trak, file->data + 8, h4_chunk_size (file->data + 8));
  g_checksum_get_digest (trak, hash, &n);
  g_checksum_update (leaf, hash, n);
  g_checksum_free (trak);
}

/* Alters a block of a span, with every checksum that it takes no key to make:
 * its own, its span's leaf in the index and the index page's. */
static void
forge_span (File * file, guint number)
{
  gsize page = find_chunk (file, 8, "GIDX"), size = 32;
  guint8 *entry = file->data + page + 12 + 16 + number * PAGE_ENTRY;
  GChecksum *leaf = g_checksum_new (G_CHECKSUM_SHA256);
  gsize core, link;
  guint64 begin;

  memcpy (&begin, entry, sizeof (begin));
  begin = GUINT64_FROM_BE (begin);
  core = find_chunk (file, begin, "CORE");
  link = find_chunk (file, begin, "LINK");
  file->data[core + 12 + 11] ^= 1;
  fix_crc (file, core);
  g_checksum_update (leaf, (const guint8 *) "H4MK|leaf|v1", 12);
  update_with_trak (leaf, file);
  g_checksum_update (leaf, file->data + begin, link - begin);
  g_checksum_get_digest (leaf, entry + 40, &size);
  g_checksum_free (leaf);
  fix_crc (file, page);
}

GST_START_TEST (test_what_the_key_signed_is_played)
{
  guint mode, i;
  H4Feed feed;
  File file;

  make_file (&file, SPANS, TRUE);
  for (mode = 0; mode < H4_N_FEEDS; mode++) {
    open_feed (&feed, mode, &file, "stop");
    fail_unless (h4_feed_run (&feed));
    /* to the end each time, and then not */
    for (i = 0; mode != H4_FEED_STREAM && i < 8; i++) {
      GstClockTime time = i % 4 * 5777 * GST_MSECOND;

      fail_unless (h4_feed_seek (&feed, 1.0, GST_SEEK_FLAG_ACCURATE, time,
              i < 4 ? GST_CLOCK_TIME_NONE : time + GST_SECOND / 3));
    }
    fail_unless_equals_int (feed.warnings, 0);
    h4_feed_close (&feed);
  }
  close_file (&file);
}

GST_END_TEST;

static const gchar *const unsigned_settings[] = { SPANS, "link=false" };

GST_START_TEST (test_what_nobody_signed_is_not)
{
  guint mode;
  H4Feed feed;
  File file;

  make_file (&file, unsigned_settings[__i__], FALSE);
  for (mode = 0; mode < H4_N_FEEDS; mode++) {
    open_feed (&feed, mode, &file, "stop");
    fail_if (h4_feed_run (&feed));
    h4_feed_close (&feed);

    open_feed (&feed, mode, &file, "skip");
    fail_unless (h4_feed_run (&feed));
    fail_unless (feed.warnings > 0);
    h4_feed_close (&feed);
  }
  close_file (&file);
}

GST_END_TEST;

/* Its last span has no LINK. */
GST_START_TEST (test_what_follows_the_last_signature_is_not)
{
  gsize place = 8, last = 0;
  guint mode;
  H4Feed feed;
  File file;
  guint i;

  make_file (&file, SPANS, TRUE);
  for (i = 0; i < 8; i++)
    place = last = find_chunk (&file, place, "LINK") + 140;
  place = find_chunk (&file, last, "LINK");
  file.size = place;
  for (mode = 0; mode < H4_N_FEEDS; mode++) {
    open_feed (&feed, mode, &file, "stop");
    fail_if (h4_feed_run (&feed));
    h4_feed_close (&feed);
  }
  file.size = last;
  for (mode = 0; mode < H4_N_FEEDS; mode++) {
    open_feed (&feed, mode, &file, "stop");
    fail_unless (h4_feed_run (&feed));
    h4_feed_close (&feed);
  }
  close_file (&file);
}

GST_END_TEST;

/* Also where the seek ends before the span does. */
GST_START_TEST (test_forged_span_is_found_by_a_seek_to_it)
{
  static const GstClockTime spans[] = { 0, 6 };
  GstClockTime time = spans[__i__] * 500 * GST_MSECOND + 200 * GST_MSECOND;
  guint mode;
  H4Feed feed;
  File file;

  make_file (&file, SPANS " min-index-interval=500000000", TRUE);
  for (mode = H4_FEED_PULL; mode <= H4_FEED_PUSH; mode++) {
    open_feed (&feed, mode, &file, "stop");
    fail_unless (h4_feed_run (&feed));
    fail_unless (h4_feed_seek (&feed, 1.0, GST_SEEK_FLAG_ACCURATE, time,
            time + GST_MSECOND));
    h4_feed_close (&feed);
  }
  forge_span (&file, spans[__i__]);
  for (mode = H4_FEED_PULL; mode <= H4_FEED_PUSH; mode++) {
    open_feed (&feed, mode, &file, "skip");
    fail_unless (h4_feed_run (&feed));
    fail_unless (feed.warnings > 0);
    feed.warnings = 0;
    fail_unless (h4_feed_seek (&feed, 1.0, GST_SEEK_FLAG_ACCURATE, time,
            time + GST_MSECOND));
    fail_unless (feed.warnings > 0);
    h4_feed_close (&feed);
  }
  close_file (&file);
}

GST_END_TEST;

GST_START_TEST (test_nothing_is_proven_backwards)
{
  H4Feed feed;
  File file;

  make_file (&file, SPANS, TRUE);
  open_feed (&feed, H4_FEED_PULL, &file, "stop");
  fail_unless (h4_feed_run (&feed));
  fail_if (h4_feed_seek (&feed, -1.0, GST_SEEK_FLAG_ACCURATE, 0, GST_SECOND));
  h4_feed_close (&feed);
  close_file (&file);
}

GST_END_TEST;

static Suite *
signed_suite (void)
{
  Suite *s = suite_create ("signed");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_test (tc, test_what_the_key_signed_is_played);
  tcase_add_loop_test (tc, test_what_nobody_signed_is_not, 0,
      G_N_ELEMENTS (unsigned_settings));
  tcase_add_test (tc, test_what_follows_the_last_signature_is_not);
  tcase_add_loop_test (tc, test_forged_span_is_found_by_a_seek_to_it, 0, 2);
  tcase_add_test (tc, test_nothing_is_proven_backwards);
  return s;
}

H4_FILES_CHECK_MAIN (signed);
