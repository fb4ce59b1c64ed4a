/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gio/gio.h>
#include <gst/check/gstcheck.h>

#include "memfile.h"

/* Where each group of a file stands and which block it begins with. */
typedef struct
{
  guint64 offset;
  guint64 block;
} Group;

static GArray *
list_groups (const Forge * f)
{
  GArray *groups = g_array_new (FALSE, FALSE, sizeof (Group));
  GstH4mkParser *parser = gst_h4mk_parser_new ();
  GstH4mkItem item;
  guint64 at = 0;
  gsize need;

  while (gst_h4mk_parser_next (parser, f->out->data + at, f->out->len - at,
          &item, &need, NULL) == GST_H4MK_RESULT_ITEM) {
    at = gst_h4mk_parser_get_offset (parser);
    if (item.chunk.tag == GST_H4MK_TAG_TOKN) {
      Group group = { item.chunk.offset, item.token->first_block };

      g_array_append_val (groups, group);
    }
  }
  gst_h4mk_parser_free (parser);
  return groups;
}

/* Returns 0 where nothing is found. */
static guint64
resync (const Forge * f, gsize size, guint64 offset, guint64 min_block,
    gboolean would_block)
{
  GstH4mkIndex *index;
  GError *error = NULL;
  guint64 found = 0;
  MemFile file;
  gboolean ok;

  mem_file_init (&file, f->out->data, size);
  file.would_block = would_block;
  index = mem_file_open (&file, &error);
  fail_unless (index != NULL, "%s", error ? error->message : "");
  MEM_RETRY (&file, ok, gst_h4mk_index_resync (index, offset, min_block, NULL,
          &found, &error));
  fail_unless (file.bytes < 32 * size + (1 << 20), "%d bytes were read",
      (gint) file.bytes);
  if (!ok)
    fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND),
        "%s", error->message);
  g_clear_error (&error);
  gst_h4mk_index_free (index);
  return ok ? found : 0;
}

/* From behind each group's first byte on, the next group is found: in linked
 * files and others, whole and cut off. */
GST_START_TEST (test_next_group_is_found)
{
  gboolean link = __i__ % 2, whole = __i__ / 2;
  GArray *groups;
  guint i;
  Forge f;

  forge_plain (&f, 8, link, whole);
  groups = list_groups (&f);
  fail_unless_equals_int (groups->len, 16);
  for (i = 0; i < groups->len; i++) {
    Group *group = &g_array_index (groups, Group, i);
    guint64 next = i + 1 < groups->len ? group[1].offset : 0;

    f.out->data[group->offset + 13] ^= 4;
    fail_unless_equals_uint64 (resync (&f, f.out->len, group->offset + 1,
            group->block, i % 2), next);
    fail_unless_equals_uint64 (resync (&f, f.out->len, group->offset,
            group->block, i % 2), next);
    f.out->data[group->offset + 13] ^= 4;
    /* blocks that were there already do not come again */
    fail_unless_equals_uint64 (resync (&f, f.out->len, 0, group->block, 0),
        group->offset);
  }
  g_array_unref (groups);
  forge_clear (&f);
}

GST_END_TEST;

/* A span whose LINK does not hold is not gone on with. */
GST_START_TEST (test_link_must_hold)
{
  GArray *groups;
  Group *group;
  guint64 link;
  Forge f;

  forge_plain (&f, 8, TRUE, TRUE);
  groups = list_groups (&f);
  group = &g_array_index (groups, Group, 0);
  for (link = group[8].offset - 1; memcmp (f.out->data + link, "LINK", 4);)
    link--;
  f.out->data[link + 20] ^= 1;
  fail_unless_equals_uint64 (resync (&f, f.out->len, group[5].offset + 1, 0,
          0), group[8].offset);
  f.out->data[link + 20] ^= 1;
  fail_unless_equals_uint64 (resync (&f, f.out->len, group[5].offset + 1, 0,
          0), group[6].offset);
  g_array_unref (groups);
  forge_clear (&f);
}

GST_END_TEST;

/* A block that holds a whole file, linked or not, as a recording of a disk
 * does. */
static void
forge_with_file_inside (Forge * f, const Forge * inside, gboolean link)
{
  GstH4mkRecord record;
  guint64 i, first;

  forge_init (f, FORGE_TRAK);
  f->link = link;
  for (i = 0; i < 3; i++)
    forge_plain_span (f, i);
  first = f->block;
  forge_record (&record, 1, GST_H4MK_RECORD_KEY, 3 * 2 * FORGE_FRAME, 0,
      inside->out->len);
  forge_tokn (f, &record, 1, NULL, 0);
  forge_chunk (f, "CORE", inside->out->data, inside->out->len);
  f->block++;
  forge_end_span (f, first, record.pts, 1);
  for (i = 4; i < 6; i++)
    forge_plain_span (f, i);
  forge_finish (f);
}

GST_START_TEST (test_file_inside_of_a_block)
{
  gboolean link = __i__ % 2, inside_link = __i__ / 2;
  GArray *groups;
  Group *group;
  Forge f, inside;

  /* one with more blocks than have come: its numbers could be the next */
  forge_plain (&inside, 100, inside_link, TRUE);
  forge_with_file_inside (&f, &inside, link);
  groups = list_groups (&f);
  fail_unless_equals_int (groups->len, 11);
  group = &g_array_index (groups, Group, 0);
  fail_unless_equals_uint64 (group[6].block, 12);
  f.out->data[group[6].offset + 13] ^= 4;
  if (link)
    fail_unless_equals_uint64 (resync (&f, f.out->len, group[6].offset + 1,
            12, 0), group[7].offset);
  /* without LINKs only the numbers can tell */
  if (!link)
    fail_unless_equals_uint64 (resync (&f, f.out->len, group[6].offset + 1,
            1000, 0), 0);
  g_array_unref (groups);
  forge_clear (&f);
  forge_clear (&inside);
}

GST_END_TEST;

GST_START_TEST (test_trak_on_the_way)
{
  guint64 damage, trak;
  GstH4mkRecord record;
  Forge f;

  forge_init (&f, FORGE_TRAK_VIDEO);
  forge_record (&record, 1, GST_H4MK_RECORD_KEY, 0, 0, 3);
  damage = forge_group (&f, &record, 1, NULL, 0);
  forge_end_span (&f, 0, 0, 1);
  trak = f.trak = forge_text (&f, "TRAK", FORGE_TRAK);
  record.track = 2;
  forge_group (&f, &record, 1, NULL, 0);
  forge_end_span (&f, 1, 0, 0);
  forge_finish (&f);
  f.out->data[damage + 13] ^= 4;
  fail_unless_equals_uint64 (resync (&f, f.out->len, damage + 1, 0, 0), trak);
  /* without it the group's track is not in force */
  f.out->data[trak + 13] ^= 4;
  fail_unless_equals_uint64 (resync (&f, f.out->len, damage + 1, 0, 0), 0);
  forge_clear (&f);
}

GST_END_TEST;

/* Groups without number that lead to each other and nowhere. */
GST_START_TEST (test_bait)
{
  GstH4mkRecord record;
  guint64 end;
  guint i;
  Forge f, inside;

  forge_init (&inside, NULL);
  forge_record (&record, 1, 0, 0, 0, 0);
  for (i = 0; i < 30000; i++)
    forge_group (&inside, &record, 1, NULL, 0);
  forge_with_file_inside (&f, &inside, TRUE);
  {
    GArray *groups = list_groups (&f);

    end = g_array_index (groups, Group, 7).offset;
    i = g_array_index (groups, Group, 6).offset;
    g_array_unref (groups);
  }
  f.out->data[i + 13] ^= 4;
  fail_unless_equals_uint64 (resync (&f, f.out->len, i + 1, 0, __i__), end);
  forge_clear (&f);
  forge_clear (&inside);
}

GST_END_TEST;

static Suite *
h4mkresync_suite (void)
{
  Suite *s = suite_create ("h4mkresync");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_next_group_is_found, 0, 4);
  tcase_add_test (tc, test_link_must_hold);
  tcase_add_loop_test (tc, test_file_inside_of_a_block, 0, 4);
  tcase_add_test (tc, test_trak_on_the_way);
  tcase_add_loop_test (tc, test_bait, 0, 2);
  return s;
}

GST_CHECK_MAIN (h4mkresync);
