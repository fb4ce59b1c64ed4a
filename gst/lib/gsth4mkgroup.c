/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4mkgroup.h"
#include "gsth4mkchunk.h"

/* Copying this much is cheaper than what a piece of its own costs whoever
 * takes the bytes. */
#define MAX_COPIED_SIZE 4096

typedef struct
{
  guint run_before;
  const guint8 *data;
  gsize size;
  gpointer owner;
} LargeBlock;

void
gst_h4mk_group_init (GstH4mkGroup * group)
{
  gst_h4mk_token_init (&group->token);
  group->run = g_byte_array_new ();
  group->large = g_array_new (FALSE, FALSE, sizeof (LargeBlock));
  group->payload = 0;
  group->has_start = FALSE;
}

void
gst_h4mk_group_clear (GstH4mkGroup * group)
{
  gst_h4mk_token_clear (&group->token);
  g_byte_array_unref (group->run);
  g_array_unref (group->large);
}

guint
gst_h4mk_group_get_blocks (const GstH4mkGroup * group)
{
  return group->token.records->len;
}

void
gst_h4mk_group_add (GstH4mkGroup * group, const GstH4mkRecord * record,
    const GstH4mkBlock * block, GstH4mkOutput * output)
{
  gsize size = (gsize) record->size;
  guint8 *p;

  p = gst_h4mk_room (group->run, GST_H4MK_CHUNK_HEADER_SIZE);
  gst_h4mk_put_chunk_header (p, GST_H4MK_TAG_CORE, (guint32) size,
      gst_h4mk_crc32 (block->data, size));
  if (size <= MAX_COPIED_SIZE) {
    g_byte_array_append (group->run, block->data, (guint) size);
    gst_h4mk_output_free_owner (output, block->owner);
  } else {
    LargeBlock large = { group->run->len, block->data, size, block->owner };

    g_array_append_val (group->large, large);
  }

  g_array_append_vals (group->token.records, record, 1);
  group->payload += size;
  if (!group->has_start)
    group->has_start = gst_h4mk_record_get_time (record, &group->start);
}

void
gst_h4mk_group_emit (const GstH4mkGroup * group, GstH4mkOutput * output)
{
  guint done = 0, i;

  for (i = 0; i < group->large->len; i++) {
    const LargeBlock *large = &g_array_index (group->large, LargeBlock, i);

    gst_h4mk_output_copy (output, group->run->data + done,
        large->run_before - done);
    gst_h4mk_output_pass (output, large->data, large->size, large->owner);
    done = large->run_before;
  }
  gst_h4mk_output_copy (output, group->run->data + done,
      group->run->len - done);
}

void
gst_h4mk_group_reset (GstH4mkGroup * group, GstH4mkOutput * output)
{
  guint i;

  for (i = 0; i < group->large->len; i++)
    gst_h4mk_output_release_owner (output,
        g_array_index (group->large, LargeBlock, i).owner);
  g_array_set_size (group->large, 0);
  g_byte_array_set_size (group->run, 0);
  g_array_set_size (group->token.records, 0);
  g_array_set_size (group->token.refs, 0);
  group->payload = 0;
  group->has_start = FALSE;
}
