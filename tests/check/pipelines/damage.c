/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Files that were altered: what is found, where, and what is played
 * nevertheless. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <glib/gstdio.h>

#include "feed.h"
#include "gsth4mkformat.h"
#include "synthetic.h"

typedef struct
{
  guint8 *data;
  gsize size;
  GArray *chunks;               /* of gsize: where each begins */
} File;

static void
open_file (File * file, gchar * path)
{
  gchar *data;
  gsize pos = 8;

  fail_unless (g_file_get_contents (path, &data, &file->size, NULL));
  h4_remove_file (path);
  file->data = (guint8 *) data;
  file->chunks = g_array_new (FALSE, FALSE, sizeof (gsize));
  while (pos + 12 <= file->size) {
    g_array_append_val (file->chunks, pos);
    pos += h4_chunk_size (file->data + pos);
  }
}

static void
close_file (File * file)
{
  g_array_unref (file->chunks);
  g_free (file->data);
}

/* The n-th chunk of that tag. */
static gsize
get_chunk (File * file, const gchar * tag, guint n)
{
  guint i;

  for (i = 0; i < file->chunks->len; i++) {
    gsize pos = g_array_index (file->chunks, gsize, i);

    if (memcmp (file->data + pos, tag, 4) == 0 && n-- == 0)
      return pos;
  }
  fail ("no %s", tag);
  return 0;
}

static gsize
chunk_size (File * file, gsize pos)
{
  return h4_chunk_size (file->data + pos);
}

static guint
count_chunks (File * file, const gchar * tag, gsize from, gsize to)
{
  guint i, n = 0;

  for (i = 0; i < file->chunks->len; i++) {
    gsize pos = g_array_index (file->chunks, gsize, i);

    n += pos >= from && pos < to && memcmp (file->data + pos, tag, 4) == 0;
  }
  return n;
}

/* So that only the chain can tell. */
static void
fix_crc (File * file, gsize pos)
{
  guint32 crc = GUINT32_TO_BE (gst_h4mk_crc32 (file->data + pos + 12,
          chunk_size (file, pos) - 12));

  memcpy (file->data + pos + 8, &crc, sizeof (crc));
}

static gboolean
run (H4Feed * feed, File * file, H4FeedMode mode, const gchar * verify,
    const gchar * on_error)
{
  gboolean ok;

  h4_feed_open (feed, mode, file->data, file->size, "verify", verify,
      "on-error", on_error, NULL);
  feed->step = 3000;
  ok = h4_feed_run (feed);
  fail_if (feed->hung);
  return ok;
}

static gboolean
names_offset (H4Feed * feed, guint64 from, guint64 to)
{
  guint i;

  for (i = 0; i < feed->offsets->len; i++) {
    guint64 offset = g_array_index (feed->offsets, guint64, i);

    if (offset >= from && offset < to)
      return TRUE;
  }
  return FALSE;
}

static const gchar *const layouts[] = {
  "group-duration=200000000",
  "group-duration=0 span-duration=300000000 min-index-interval=0",
  "group-duration=200000000 link=false",
};

GST_START_TEST (test_a_flipped_block_costs_itself)
{
  guint mode, blocks;
  File file;
  gsize core;

  open_file (&file, h4_make_file (layouts[__i__]));
  blocks = count_chunks (&file, "CORE", 0, file.size);
  core = get_chunk (&file, "CORE", 500);
  file.data[core + 12 + 20] ^= 1;
  for (mode = 0; mode < H4_N_FEEDS; mode++) {
    H4Feed feed;

    fail_unless (run (&feed, &file, mode, "crc", "skip"));
    fail_unless_equals_int (feed.blocks->len, blocks - 1);
    fail_unless_equals_int (feed.warnings, 1);
    fail_unless_equals_uint64 (g_array_index (feed.offsets, guint64, 0), core);
    fail_unless_equals_string (feed.tag, "CORE");
    h4_feed_close (&feed);

    fail_if (run (&feed, &file, mode, "crc", "stop"));
    fail_unless_equals_int (feed.blocks->len, 500);
    h4_feed_close (&feed);

    fail_unless (run (&feed, &file, mode, "none", "stop"));
    fail_unless_equals_int (feed.blocks->len, blocks);
    h4_feed_close (&feed);
  }
  close_file (&file);
}

GST_END_TEST;

/* Whoever alters a block mends its CRC too. */
GST_START_TEST (test_the_chain_finds_what_was_altered)
{
  guint mode, blocks;
  File file;
  gsize core, end;

  open_file (&file, h4_make_file (layouts[__i__]));
  blocks = count_chunks (&file, "CORE", 0, file.size);
  core = get_chunk (&file, "CORE", 500);
  file.data[core + 12 + 20] ^= 1;
  fix_crc (&file, core);
  end = get_chunk (&file, "LINK", count_chunks (&file, "LINK", 0, core));
  for (mode = 0; mode < H4_N_FEEDS; mode++) {
    H4Feed feed;

    fail_unless (run (&feed, &file, mode, "crc", "stop"));
    h4_feed_close (&feed);

    fail_if (run (&feed, &file, mode, "chain", "stop"));
    fail_unless_equals_int (feed.blocks->len, count_chunks (&file, "CORE", 0,
            end));
    h4_feed_close (&feed);

    fail_unless (run (&feed, &file, mode, "chain", "skip"));
    fail_unless_equals_int (feed.blocks->len, blocks);
    fail_unless (feed.warnings > 0);
    fail_unless (names_offset (&feed, 0, end + 1));
    h4_feed_close (&feed);
  }
  close_file (&file);
}

GST_END_TEST;

/* Only what is played is checked: a seek behind it does not meet it. */
GST_START_TEST (test_the_chain_is_met_where_it_is_played)
{
  H4FeedMode mode = __i__ ? H4_FEED_PUSH : H4_FEED_PULL;
  File file;
  H4Feed feed;
  gsize core;

  open_file (&file, h4_make_file (layouts[1]));
  core = get_chunk (&file, "CORE", 500);
  file.data[core + 12 + 20] ^= 1;
  fix_crc (&file, core);
  fail_if (run (&feed, &file, mode, "chain", "stop"));
  feed.failed = FALSE;
  fail_unless (h4_feed_seek (&feed, 1.0, GST_SEEK_FLAG_ACCURATE,
          18 * GST_SECOND, -1));
  fail_unless (feed.blocks->len > 0);
  h4_feed_close (&feed);
  close_file (&file);
}

GST_END_TEST;

typedef enum
{
  HURT_TOKEN,
  HURT_CORE_HEADER,
  HURT_LENGTH,
  HURT_LINK,
  HURT_MANY,
  N_HURTS
} Hurt;

/* to: behind what no reader can know any more. */
static void
hurt (File * file, Hurt how, guint n, gsize * from, gsize * to)
{
  gsize pos = get_chunk (file, how == HURT_CORE_HEADER ? "CORE" :
      how == HURT_LINK ? "LINK" : "TOKN", n), i;

  *from = pos;
  *to = pos + chunk_size (file, pos);
  switch (how) {
    case HURT_CORE_HEADER:
      memset (file->data + pos, 0x55, 12);
      break;
    case HURT_LENGTH:
      file->data[pos + 4] = 0x7f;
      break;
    case HURT_MANY:
      *to = pos + 5000;
      for (i = pos; i < *to; i++)
        file->data[i] = (guint8) (i * 2654435761u >> 13);
      break;
    default:
      file->data[pos + 13] ^= 0x10;
      break;
  }
}

/* Groups behind the next LINK, or where there is none behind the next TOKN,
 * are all played; so is what was before. */
GST_START_TEST (test_what_is_sound_is_played)
{
  Hurt how = __i__ % N_HURTS;
  const gchar *layout = layouts[__i__ / N_HURTS];
  gsize from, to, next;
  guint mode, before, behind, total;
  gboolean links;
  File file;

  open_file (&file, h4_make_file (layout));
  links = strstr (layout, "link=false") == NULL;
  if (how == HURT_LINK && !links) {
    close_file (&file);
    return;
  }
  hurt (&file, how, how == HURT_LINK ? 3 : how == HURT_CORE_HEADER ? 700 : 30,
      &from, &to);
  before = count_chunks (&file, "CORE", 0, from);
  next = get_chunk (&file, "TOKN", count_chunks (&file, "TOKN", 0, to));
  total = count_chunks (&file, "CORE", 0, file.size);
  behind = count_chunks (&file, "CORE", next, file.size);
  for (mode = 0; mode < H4_N_FEEDS; mode++) {
    H4Feed feed;

    fail_unless (run (&feed, &file, mode, "crc", "skip"));
    fail_unless (feed.blocks->len >= before + behind, "%u blocks of %u came, "
        "%u are sound, in mode %d", feed.blocks->len, total, before + behind,
        mode);
    fail_unless (feed.blocks->len <= total);
    fail_unless (feed.warnings > 0);
    fail_unless (names_offset (&feed, from, to));
    h4_feed_close (&feed);
    fail_if (run (&feed, &file, mode, "crc", "stop"));
    h4_feed_close (&feed);
  }
  close_file (&file);
}

GST_END_TEST;

/* A recording of blocks that each hold a whole small file. */
static gchar *
make_nested (const gchar * inner_settings, const gchar * settings)
{
  gchar *inner = h4_make_short_file (inner_settings, 12), *path, *text;
  GstElement *pipeline;
  gint fd = g_file_open_tmp ("h4XXXXXX.h4mk", &path, NULL);
  GStatBuf info;

  fail_unless (fd >= 0);
  g_close (fd, NULL);
  fail_unless_equals_int (g_stat (inner, &info), 0);
  text = g_strdup_printf ("multifilesrc location=\"%s\" stop-index=30 "
      "caps=\"application/x-nested\" ! h4mkmux %s ! filesink location=\"%s\"",
      inner, settings, path);
  pipeline = gst_parse_launch (text, NULL);
  fail_unless (pipeline != NULL, "%s", text);
  g_free (text);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  h4_wait_for_end (pipeline, FALSE);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  h4_files_keep_file (path);
  h4_remove_file (inner);
  return path;
}

GST_START_TEST (test_a_file_in_a_payload_fools_nobody)
{
  static const gchar *const inner[] = { "", "link=false group-duration=0" };
  guint mode, i, total;
  gsize from, to, block;
  File file;

  open_file (&file, make_nested (inner[__i__], "group-size=1"));
  total = count_chunks (&file, "CORE", 0, file.size);
  block = chunk_size (&file, get_chunk (&file, "CORE", 0)) - 12;
  hurt (&file, HURT_CORE_HEADER, 10, &from, &to);
  for (mode = 0; mode < H4_N_FEEDS; mode++) {
    H4Feed feed;

    fail_unless (run (&feed, &file, mode, "crc", "skip"));
    fail_unless (feed.blocks->len > 10 && feed.blocks->len < total);
    fail_unless (names_offset (&feed, from, from + 1));
    for (i = 0; i < feed.blocks->len; i++)
      fail_unless_equals_int (g_array_index (feed.blocks, H4FeedBlock, i).size,
          block);
    h4_feed_close (&feed);
  }
  close_file (&file);
}

GST_END_TEST;

/* Any byte of a file: it ends, and nothing comes that was not in it. */
GST_START_TEST (test_any_byte_flipped_ends)
{
  gsize i;
  File file;

  open_file (&file, h4_make_short_file ("group-duration=80000000 "
          "span-duration=80000000 min-index-interval=0", 4));
  for (i = 0; i < file.size; i++) {
    H4FeedMode mode = (__i__ + i) % H4_N_FEEDS;
    H4Feed feed;

    file.data[i] ^= 1 << (i % 8);
    run (&feed, &file, mode, "chain", "skip");
    file.data[i] ^= 1 << (i % 8);
    h4_feed_close (&feed);
  }
  close_file (&file);
}

GST_END_TEST;

static Suite *
damage_suite (void)
{
  Suite *s = suite_create ("damage");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_loop_test (tc, test_a_flipped_block_costs_itself, 0,
      G_N_ELEMENTS (layouts));
  tcase_add_loop_test (tc, test_the_chain_finds_what_was_altered, 0, 2);
  tcase_add_loop_test (tc, test_the_chain_is_met_where_it_is_played, 0, 2);
  tcase_add_loop_test (tc, test_what_is_sound_is_played, 0,
      N_HURTS * G_N_ELEMENTS (layouts));
  tcase_add_loop_test (tc, test_a_file_in_a_payload_fools_nobody, 0, 2);
  tcase_add_loop_test (tc, test_any_byte_flipped_ends, 0, H4_N_FEEDS);
  return s;
}

H4_FILES_CHECK_MAIN (damage);
