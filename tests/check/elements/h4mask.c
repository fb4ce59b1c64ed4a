/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <glib/gstdio.h>

#include "gsth4meta.h"
#include "h4mask-common.h"

typedef struct
{
  GstHarness *mask;
  GstHarness *unmask;
} Pair;

/* What comes out of the one goes, caps first, into the other. */
static void
pair_open (Pair * pair, const gchar * scheme, const gchar * more)
{
  gchar *launch = g_strdup_printf ("h4mask key-env=H4_TEST_KEY scheme=%s %s",
      scheme, more);
  GstCaps *caps;

  pair->mask = harness_new (launch, NULL);
  pair->unmask = harness_new ("h4unmask key-env=H4_TEST_KEY", NULL);
  gst_harness_set_src_caps_str (pair->mask, CLEAR_CAPS);
  caps = gst_pad_get_current_caps (pair->mask->sinkpad);
  gst_harness_set_src_caps (pair->unmask, caps);
  g_free (launch);
}

static void
pair_close (Pair * pair)
{
  harness_free (pair->mask, NULL);
  harness_free (pair->unmask, NULL);
}

static void
round_trip (Pair * pair, const gchar * scheme, gsize size, guint n_memories,
    gboolean writable)
{
  GstBuffer *in = new_buffer (size, size), *wanted, *kept = NULL;
  GstBuffer *masked, *out;

  if (n_memories > 1)
    in = split_buffer (in, n_memories);
  wanted = gst_buffer_copy_deep (in);
  if (!writable)
    kept = gst_buffer_ref (in);
  masked = gst_harness_push_and_pull (pair->mask, in);
  fail_unless_equals_uint64 (gst_buffer_get_size (masked),
      size + (strcmp (scheme, "aes-256-gcm") == 0 ? 16 : 0));
  if (size >= 16) {
    GstMapInfo map;

    fail_unless (gst_buffer_map (wanted, &map, GST_MAP_READ));
    fail_if (gst_buffer_memcmp (masked, 0, map.data, map.size) == 0);
    gst_buffer_unmap (wanted, &map);
  }
  if (kept) {
    assert_same_bytes (kept, wanted);
    gst_buffer_replace (&kept, masked);
  }
  if (n_memories > 1)
    masked = split_buffer (masked, n_memories + 1);
  out = gst_harness_push_and_pull (pair->unmask, masked);
  assert_same_bytes (out, wanted);
  gst_buffer_replace (&kept, NULL);
  gst_buffer_unref (wanted);
  gst_buffer_unref (out);
}

static void
round_trip_all_ways (Pair * pair, const gchar * scheme, gsize size)
{
  round_trip (pair, scheme, size, 1, TRUE);
  round_trip (pair, scheme, size, 1, FALSE);
  round_trip (pair, scheme, size, 3, TRUE);
  round_trip (pair, scheme, size, 15, FALSE);
}

GST_START_TEST (test_round_trip_of_every_size)
{
  const gchar *scheme = h4_test_schemes[__i__];
  Pair pair;
  guint size, lanes;
  gint d;

  pair_open (&pair, scheme, "salt=random");
  for (size = 0; size <= 200; size++)
    round_trip_all_ways (&pair, scheme, size);
  for (lanes = 4; lanes <= 64; lanes *= 2) {
    for (d = -2; d <= 2; d++)
      round_trip_all_ways (&pair, scheme, lanes * 32 + d);
  }
  round_trip_all_ways (&pair, scheme, 262144);
  pair_close (&pair);
}

GST_END_TEST;

GST_START_TEST (test_masking_writes_in_place)
{
  GstHarness *h = harness_new ("h4mask key-env=H4_TEST_KEY salt=00", NULL);
  GstBuffer *in = new_buffer (1000, 1), *out;

  gst_harness_set_src_caps_str (h, CLEAR_CAPS);
  out = gst_harness_push_and_pull (h, in);
  fail_unless (out == in);
  gst_buffer_unref (out);
  harness_free (h, NULL);
}

GST_END_TEST;

GST_START_TEST (test_timing_and_flags_stay)
{
  GstBuffer *in, *masked, *out;
  GstH4BlockMeta *meta;
  Pair pair;

  pair_open (&pair, h4_test_schemes[__i__], "salt=random");
  in = new_buffer (50, 3);
  GST_BUFFER_PTS (in) = 7;
  GST_BUFFER_DTS (in) = 5;
  GST_BUFFER_DURATION (in) = 3;
  GST_BUFFER_FLAG_SET (in, GST_BUFFER_FLAG_DELTA_UNIT);
  masked = gst_harness_push_and_pull (pair.mask, gst_buffer_ref (in));
  meta = gst_buffer_get_h4_block_meta (masked);
  fail_unless (meta != NULL);
  fail_unless_equals_uint64 (meta->index, 0);
  fail_unless_equals_int (meta->kind, GST_H4_KIND_P);
  fail_unless_equals_uint64 (meta->size, gst_buffer_get_size (masked));
  out = gst_harness_push_and_pull (pair.unmask, gst_buffer_ref (masked));
  fail_unless_equals_uint64 (GST_BUFFER_PTS (out), 7);
  fail_unless_equals_uint64 (GST_BUFFER_DTS (out), 5);
  fail_unless_equals_uint64 (GST_BUFFER_DURATION (out), 3);
  fail_unless (GST_BUFFER_FLAG_IS_SET (out, GST_BUFFER_FLAG_DELTA_UNIT));
  meta = gst_buffer_get_h4_block_meta (out);
  fail_unless (meta != NULL);
  fail_unless_equals_uint64 (meta->size, 50);
  assert_same_bytes (in, out);
  gst_buffer_unref (in);
  gst_buffer_unref (masked);
  gst_buffer_unref (out);
  pair_close (&pair);
}

GST_END_TEST;

GST_START_TEST (test_masked_caps_keep_the_fields)
{
  GstCaps *clear = gst_caps_from_string (CLEAR_CAPS), *masked, *out;
  GstStructure *s;
  gint rate;
  Pair pair;

  pair_open (&pair, "xor-sha256", "salt=0aFf key-id=studio");
  masked = gst_pad_get_current_caps (pair.mask->sinkpad);
  s = gst_caps_get_structure (masked, 0);
  fail_unless_equals_string (gst_structure_get_name (s),
      "application/x-h4-masked");
  fail_unless_equals_string (gst_structure_get_string (s,
          "original-media-type"), "audio/x-opus");
  fail_unless_equals_string (gst_structure_get_string (s, "scheme"),
      "xor-sha256");
  fail_unless_equals_string (gst_structure_get_string (s, "salt"), "0aff");
  fail_unless_equals_string (gst_structure_get_string (s, "key-id"), "studio");
  fail_unless (gst_structure_get_int (s, "rate", &rate) && rate == 48000);
  fail_unless_equals_int (gst_structure_n_fields (s), 6);
  gst_buffer_unref (gst_harness_push_and_pull (pair.unmask, gst_buffer_new ()));
  out = gst_pad_get_current_caps (pair.unmask->sinkpad);
  fail_unless (gst_caps_is_equal (out, clear));
  gst_caps_unref (clear);
  gst_caps_unref (masked);
  gst_caps_unref (out);
  pair_close (&pair);
}

GST_END_TEST;

GST_START_TEST (test_auto_mode_unmasks_masked_caps)
{
  GstBuffer *in = new_buffer (99, 1), *masked, *out;
  GstHarness *h = harness_new ("h4mask key-env=H4_TEST_KEY", NULL);
  GstCaps *caps;
  Pair pair;

  pair_open (&pair, "aes-256-gcm", "");
  caps = gst_pad_get_current_caps (pair.mask->sinkpad);
  gst_harness_set_src_caps (h, caps);
  masked = gst_harness_push_and_pull (pair.mask, gst_buffer_copy_deep (in));
  out = gst_harness_push_and_pull (h, masked);
  assert_same_bytes (in, out);
  gst_buffer_unref (in);
  gst_buffer_unref (out);
  harness_free (h, NULL);
  pair_close (&pair);
}

GST_END_TEST;

/* (salt, index) of every block that the element masks must be new. */
static void
take_identity (GstHarness * h, GHashTable * seen, guint seed)
{
  GstBuffer *out = gst_harness_push_and_pull (h, new_buffer (100, seed));
  GstH4BlockMeta *meta = gst_buffer_get_h4_block_meta (out);
  gchar *salt = get_caps_string (h->sinkpad, "salt");
  gchar *identity = g_strdup_printf ("%s %" G_GUINT64_FORMAT, salt,
      meta->index);

  fail_unless_equals_int (strlen (salt), 64);
  fail_unless (g_hash_table_add (seen, identity), "%s again", identity);
  g_free (salt);
  gst_buffer_unref (out);
}

static void
flush (GstHarness * h)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_stop (TRUE)));
  fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
}

static GstHarness *
masking_harness (void)
{
  GstHarness *h = harness_new ("h4mask scheme=aes-256-gcm "
      "key-env=H4_TEST_KEY", NULL);

  gst_harness_set_src_caps_str (h, CLEAR_CAPS);
  return h;
}

static void
act_seek (GstHarness * h)
{
  gst_harness_push_upstream_event (h, gst_event_new_seek (1.0,
          GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 0,
          GST_SEEK_TYPE_NONE, 0));
  flush (h);
}

static void
act_restart (GstHarness * h)
{
  fail_unless (gst_element_set_state (h->element, GST_STATE_READY)
      == GST_STATE_CHANGE_SUCCESS);
  gst_harness_play (h);
  gst_harness_set_src_caps_str (h, CLEAR_CAPS);
}

/* The same stream once more, as a loop does it. */
static void
act_loop (GstHarness * h)
{
  GstCaps *caps = gst_caps_from_string (CLEAR_CAPS);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_stream_start ("again"));
  gst_harness_push_event (h, gst_event_new_caps (caps));
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  gst_caps_unref (caps);
}

static void
act_new_caps (GstHarness * h)
{
  gst_harness_set_src_caps_str (h, "audio/x-opus,channels=1,rate=48000");
}

static void (*const acts[]) (GstHarness * h) = {
  flush, act_seek, act_restart, act_loop, act_new_caps
};

GST_START_TEST (test_no_key_is_used_twice)
{
  GHashTable *seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      NULL);
  GstHarness *h = masking_harness ();
  guint i;

  take_identity (h, seen, 0);
  for (i = 0; i < 3; i++) {
    acts[__i__] (h);
    take_identity (h, seen, 0);
    take_identity (h, seen, 0);
  }
  harness_free (h, NULL);
  g_hash_table_unref (seen);
}

GST_END_TEST;

GST_START_TEST (test_two_tracks_never_share_a_key)
{
  GHashTable *seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      NULL);
  GstHarness *first = masking_harness (), *second = masking_harness ();

  take_identity (first, seen, 0);
  take_identity (second, seen, 0);
  harness_free (first, NULL);
  harness_free (second, NULL);
  g_hash_table_unref (seen);
}

GST_END_TEST;

GST_START_TEST (test_an_index_that_comes_in_is_not_masked_with)
{
  GstHarness *h = masking_harness ();
  guint i;

  for (i = 0; i < 3; i++) {
    GstBuffer *buffer = new_buffer (10, i);

    gst_buffer_add_h4_block_meta (buffer, 77, GST_H4_KIND_B, 1);
    buffer = gst_harness_push_and_pull (h, buffer);
    fail_unless_equals_uint64 (gst_buffer_get_h4_block_meta (buffer)->index, i);
    fail_unless_equals_int (gst_buffer_get_h4_block_meta (buffer)->kind,
        GST_H4_KIND_B);
    gst_buffer_unref (buffer);
  }
  harness_free (h, NULL);
}

GST_END_TEST;

/* Three blocks, masked; @harm does something to them, and unmasking then
 * gives @n_good blocks before the error. */
static void
damage_flip (GstBuffer ** blocks)
{
  guint8 byte;

  gst_buffer_extract (blocks[1], 3, &byte, 1);
  byte ^= 1;
  gst_buffer_fill (blocks[1], 3, &byte, 1);
}

static void
damage_swap (GstBuffer ** blocks)
{
  GstBuffer *first = blocks[1];

  blocks[1] = blocks[2];
  blocks[2] = first;
}

static void
damage_cut (GstBuffer ** blocks)
{
  gst_buffer_set_size (blocks[1], gst_buffer_get_size (blocks[1]) - 1);
}

static void
damage_cut_to_nothing (GstBuffer ** blocks)
{
  gst_buffer_set_size (blocks[1], 15);
}

static void
damage_repeat (GstBuffer ** blocks)
{
  gst_buffer_unref (blocks[1]);
  blocks[1] = gst_buffer_copy_deep (blocks[0]);
}

static void (*const damages[]) (GstBuffer ** blocks) = {
  damage_flip, damage_swap, damage_cut, damage_cut_to_nothing, damage_repeat
};

static void
drop_meta (GstBuffer * buffer)
{
  gst_buffer_remove_meta (buffer,
      (GstMeta *) gst_buffer_get_h4_block_meta (buffer));
}

GST_START_TEST (test_damaged_blocks_never_leave)
{
  GstBuffer *blocks[3], *out;
  GstBus *bus = gst_bus_new ();
  Pair pair;
  guint i;

  pair_open (&pair, "aes-256-gcm", "");
  gst_element_set_bus (pair.unmask->element, bus);
  for (i = 0; i < 3; i++) {
    blocks[i] = gst_harness_push_and_pull (pair.mask, new_buffer (100, i));
    blocks[i] = gst_buffer_make_writable (blocks[i]);
    drop_meta (blocks[i]);
  }
  damages[__i__] (blocks);
  out = gst_harness_push_and_pull (pair.unmask, blocks[0]);
  gst_buffer_unref (out);
  fail_unless_equals_int (gst_harness_push (pair.unmask, blocks[1]),
      GST_FLOW_ERROR);
  fail_unless_equals_int (gst_harness_buffers_in_queue (pair.unmask), 0);
  assert_error (bus, GST_STREAM_ERROR, GST_STREAM_ERROR_DECRYPT,
      "Wrong key or damaged data: block 1 of stream ");
  gst_buffer_unref (blocks[2]);
  gst_element_set_bus (pair.unmask->element, NULL);
  gst_object_unref (bus);
  pair_close (&pair);
}

GST_END_TEST;

GST_START_TEST (test_wrong_key_says_so)
{
  GstHarness *h, *mask = masking_harness ();
  GstCaps *caps;
  GstBus *bus;

  h = harness_new ("h4unmask key-env=H4_TEST_OTHER_KEY", &bus);
  caps = gst_pad_get_current_caps (mask->sinkpad);
  gst_harness_set_src_caps (h, caps);
  fail_unless_equals_int (gst_harness_push (h, gst_harness_push_and_pull (mask,
              new_buffer (9, 9))), GST_FLOW_ERROR);
  fail_unless_equals_int (gst_harness_buffers_in_queue (h), 0);
  assert_error (bus, GST_STREAM_ERROR, GST_STREAM_ERROR_DECRYPT,
      "Wrong key or damaged data: block 0");
  harness_free (mask, NULL);
  harness_free (h, bus);
}

GST_END_TEST;

GST_START_TEST (test_index_of_the_meta_is_unmasked_with)
{
  GstBuffer *blocks[3], *out, *wanted;
  Pair pair;
  guint i;

  pair_open (&pair, h4_test_schemes[__i__], "salt=random");
  for (i = 0; i < 3; i++)
    blocks[i] = gst_harness_push_and_pull (pair.mask, new_buffer (100, i));
  for (i = 3; i-- > 0;) {
    wanted = new_buffer (100, i);
    flush (pair.unmask);
    out = gst_harness_push_and_pull (pair.unmask, blocks[i]);
    assert_same_bytes (out, wanted);
    gst_buffer_unref (out);
    gst_buffer_unref (wanted);
  }
  pair_close (&pair);
}

GST_END_TEST;

GST_START_TEST (test_unknown_index_after_a_seek_is_an_error)
{
  GstBus *bus = gst_bus_new ();
  GstSegment segment;
  GstBuffer *block;
  Pair pair;

  pair_open (&pair, "xor-sha256", "salt=random");
  gst_element_set_bus (pair.unmask->element, bus);
  block = gst_harness_push_and_pull (pair.mask, new_buffer (100, 0));
  drop_meta (block);
  gst_buffer_unref (gst_harness_push_and_pull (pair.unmask,
          gst_buffer_ref (block)));
  flush (pair.unmask);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = GST_SECOND;
  gst_harness_push_event (pair.unmask, gst_event_new_flush_start ());
  gst_harness_push_event (pair.unmask, gst_event_new_flush_stop (TRUE));
  gst_harness_push_event (pair.unmask, gst_event_new_segment (&segment));
  fail_unless_equals_int (gst_harness_push (pair.unmask, block),
      GST_FLOW_ERROR);
  assert_error (bus, GST_STREAM_ERROR, GST_STREAM_ERROR_DECRYPT,
      "After a seek");
  gst_element_set_bus (pair.unmask->element, NULL);
  gst_object_unref (bus);
  pair_close (&pair);
}

GST_END_TEST;

static GstBufferList *
masked_list (Pair * pair, guint n)
{
  GstBufferList *list = gst_buffer_list_new ();
  guint i;

  for (i = 0; i < n; i++)
    gst_buffer_list_add (list, new_buffer (40, i));
  fail_unless_equals_int (gst_pad_push_list (pair->mask->srcpad, list),
      GST_FLOW_OK);
  list = gst_buffer_list_new ();
  for (i = 0; i < n; i++)
    gst_buffer_list_add (list, gst_harness_pull (pair->mask));
  return list;
}

GST_START_TEST (test_lists_go_through)
{
  GstBufferList *list, *kept;
  Pair pair;
  guint i, round;

  pair_open (&pair, h4_test_schemes[__i__], "salt=random");
  for (round = 0; round < 2; round++) {
    list = masked_list (&pair, 5);
    kept = round == 1 ? gst_buffer_list_ref (list) : NULL;
    fail_unless_equals_int (gst_pad_push_list (pair.unmask->srcpad, list),
        GST_FLOW_OK);
    for (i = 0; i < 5; i++) {
      GstBuffer *wanted = new_buffer (40, i);
      GstBuffer *out = gst_harness_pull (pair.unmask);

      assert_same_bytes (out, wanted);
      gst_buffer_unref (out);
      gst_buffer_unref (wanted);
    }
    if (kept)
      gst_buffer_list_unref (kept);
  }
  pair_close (&pair);
}

GST_END_TEST;

GST_START_TEST (test_what_comes_before_a_bad_block_of_a_list_leaves)
{
  GstBufferList *list;
  Pair pair;

  pair_open (&pair, "aes-256-gcm", "");
  list = masked_list (&pair, 5);
  gst_buffer_memset (gst_buffer_list_get_writable (list, 2), 0, 0, 40);
  fail_unless_equals_int (gst_pad_push_list (pair.unmask->srcpad, list),
      GST_FLOW_ERROR);
  fail_unless_equals_int (gst_harness_buffers_in_queue (pair.unmask), 2);
  pair_close (&pair);
}

GST_END_TEST;

GST_START_TEST (test_one_warning_without_a_salt)
{
  gchar *text = NULL;
  GstHarness *h;
  GstBus *bus;

  h = harness_new ("h4mask key-env=H4_TEST_KEY", &bus);
  gst_harness_set_src_caps_str (h, CLEAR_CAPS);
  gst_harness_set_src_caps_str (h, "audio/x-opus,channels=1");
  fail_unless_equals_int (count_messages (bus, GST_MESSAGE_WARNING, &text), 1);
  fail_unless (strstr (text, "same keystream"), "%s", text);
  g_free (text);
  harness_free (h, bus);

  h = harness_new ("h4mask key-env=H4_TEST_KEY salt=random", &bus);
  gst_harness_set_src_caps_str (h, CLEAR_CAPS);
  fail_unless_equals_int (count_messages (bus, GST_MESSAGE_WARNING, NULL), 0);
  harness_free (h, bus);
}

GST_END_TEST;

static const gchar *refused_caps[] = {
  "application/x-h4-masked,original-media-type=audio/x-opus,"
      "scheme=xor-sha256",
  "application/x-cenc,original-media-type=video/x-h264",
  "video/x-raw(memory:DMABuf),format=NV12",
};

GST_START_TEST (test_caps_that_cannot_be_masked)
{
  GstHarness *h;
  GstBus *bus;

  h = harness_new ("h4mask key-env=H4_TEST_KEY salt=00 mode=mask", &bus);
  gst_harness_set_src_caps_str (h, refused_caps[__i__]);
  assert_error (bus, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT, "masked");
  harness_free (h, bus);
}

GST_END_TEST;

static const gchar *broken_caps[] = {
  "application/x-h4-masked",
  "application/x-h4-masked,original-media-type=audio/x-opus",
  "application/x-h4-masked,original-media-type=audio/x-opus,scheme=rot13",
  "application/x-h4-masked,original-media-type=(string)\"a b\",scheme=xor-sha256",
  "application/x-h4-masked,original-media-type=(string)\"\",scheme=xor-sha256",
  "application/x-h4-masked,original-media-type=video/x-raw-yuv,"
      "scheme=xor-sha256",
  "application/x-h4-masked,original-media-type=a/b,scheme=xor-sha256,"
      "salt=(string)0g",
  "application/x-h4-masked,original-media-type=a/b,scheme=aes-256-gcm",
  "application/x-h4-masked,original-media-type=a/b,scheme=aes-256-gcm,"
      "salt=(string)00",
};

GST_START_TEST (test_caps_that_cannot_be_unmasked)
{
  GstHarness *h;
  GstBus *bus;

  h = harness_new ("h4unmask key-env=H4_TEST_KEY", &bus);
  gst_harness_set_src_caps_str (h, broken_caps[__i__]);
  assert_error (bus, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT, "");
  fail_unless_equals_int (gst_harness_push (h, new_buffer (9, 9)),
      GST_FLOW_NOT_NEGOTIATED);
  harness_free (h, bus);
}

GST_END_TEST;

static Suite *
h4mask_suite (void)
{
  Suite *s = suite_create ("h4mask");
  TCase *tc = tcase_create ("general");

  h4_test_set_keys ();
  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_round_trip_of_every_size, 0,
      G_N_ELEMENTS (h4_test_schemes));
  tcase_add_test (tc, test_masking_writes_in_place);
  tcase_add_loop_test (tc, test_timing_and_flags_stay, 0,
      G_N_ELEMENTS (h4_test_schemes));
  tcase_add_test (tc, test_masked_caps_keep_the_fields);
  tcase_add_test (tc, test_auto_mode_unmasks_masked_caps);
  tcase_add_loop_test (tc, test_no_key_is_used_twice, 0, G_N_ELEMENTS (acts));
  tcase_add_test (tc, test_two_tracks_never_share_a_key);
  tcase_add_test (tc, test_an_index_that_comes_in_is_not_masked_with);
  tcase_add_loop_test (tc, test_damaged_blocks_never_leave, 0,
      G_N_ELEMENTS (damages));
  tcase_add_test (tc, test_wrong_key_says_so);
  tcase_add_loop_test (tc, test_index_of_the_meta_is_unmasked_with, 0,
      G_N_ELEMENTS (h4_test_schemes));
  tcase_add_test (tc, test_unknown_index_after_a_seek_is_an_error);
  tcase_add_loop_test (tc, test_lists_go_through, 0,
      G_N_ELEMENTS (h4_test_schemes));
  tcase_add_test (tc, test_what_comes_before_a_bad_block_of_a_list_leaves);
  tcase_add_test (tc, test_one_warning_without_a_salt);
  tcase_add_loop_test (tc, test_caps_that_cannot_be_masked, 0,
      G_N_ELEMENTS (refused_caps));
  tcase_add_loop_test (tc, test_caps_that_cannot_be_unmasked, 0,
      G_N_ELEMENTS (broken_caps));
  return s;
}

GST_CHECK_MAIN (h4mask);
