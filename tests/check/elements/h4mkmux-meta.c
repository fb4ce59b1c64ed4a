/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* h4mkmux: tags, images, tables of contents; and the base profile. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <glib/gstdio.h>

#include "h4mkmux-common.h"

#define META_START "{\"project\":\"HarmonyØ4\",\"domain\":\"media\"," \
    "\"masked\":false"
#define BLOCK_CAPS "application/x-h4-blocks,block-size=65536,fps-hint=30.0," \
    "gop=30"

typedef void (*PrepareFunc) (Mux * m, GstPad * pad);

/* The META of a file that prepare was called for before its only block. */
static gchar *
make_meta (PrepareFunc prepare)
{
  gchar *meta;
  GstPad *pad;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  pad = mux_add (&m, "sink_%u", AUDIO_CAPS);
  prepare (&m, pad);
  mux_push (pad, 10, 0, KEY);
  mux_eos (pad);
  mux_walk (&m, &walk, TRUE);
  meta = mux_get_text (&m, GST_H4MK_TAG_META, 0);
  walk_clear (&walk);
  mux_clear (&m);
  return meta;
}

static void
check_meta (PrepareFunc prepare, const gchar * rest)
{
  gchar *meta = make_meta (prepare);
  gchar *expected = g_strconcat (META_START, rest, "}", NULL);

  fail_unless_equals_string (meta, expected);
  g_free (expected);
  g_free (meta);
}

static void
send_nothing (Mux * m, GstPad * pad)
{
}

static void
send_all_types (Mux * m, GstPad * pad)
{
  GstDateTime *when = gst_date_time_new_from_iso8601_string
      ("2024-02-29T12:34:56Z");
  GDate *date = g_date_new_dmy (29, 2, 2024);
  GstTagList *tags = gst_tag_list_new (GST_TAG_TITLE, "(odd) \"té\"",
      GST_TAG_ARTIST, "one", GST_TAG_ARTIST, "two",
      GST_TAG_TRACK_NUMBER, 7, GST_TAG_BITRATE, 4294967295u,
      GST_TAG_DURATION, (guint64) 1234567890123, GST_TAG_TRACK_GAIN, -3.5,
      GST_TAG_GEO_LOCATION_LATITUDE, 48.25, GST_TAG_DATE_TIME, when,
      GST_TAG_DATE, date, GST_TAG_SHOW_SEASON_NUMBER, 2, NULL);

  gst_tag_list_set_scope (tags, GST_TAG_SCOPE_GLOBAL);
  gst_pad_push_event (pad, gst_event_new_tag (tags));
  gst_date_time_unref (when);
  g_date_free (date);
}

static void
send_stream_tags (Mux * m, GstPad * pad)
{
  mux_send_tags (pad, GST_TAG_SCOPE_STREAM, "taglist,title=a,comment=b;");
  mux_send_tags (pad, GST_TAG_SCOPE_STREAM, "taglist,title=c;");
  mux_send_tags (pad, GST_TAG_SCOPE_GLOBAL, "taglist,album=d;");
}

static void
set_application_tags (Mux * m, GstPad * pad)
{
  gst_tag_setter_add_tags (GST_TAG_SETTER (m->mux), GST_TAG_MERGE_REPLACE,
      GST_TAG_TITLE, "mine", NULL);
  mux_send_tags (pad, GST_TAG_SCOPE_GLOBAL, "taglist,title=theirs,album=d;");
}

static void
set_tags_that_give_way (Mux * m, GstPad * pad)
{
  set_application_tags (m, pad);
  gst_tag_setter_set_tag_merge_mode (GST_TAG_SETTER (m->mux),
      GST_TAG_MERGE_REPLACE);
}

GST_START_TEST (test_meta_of_a_file_that_says_nothing)
{
  check_meta (send_nothing, ",\"tags\":{},\"tracks\":[]");
}

GST_END_TEST;

GST_START_TEST (test_tags_of_all_types_are_kept)
{
  check_meta (send_all_types, ",\"tags\":{"
      "\"artist\":[\"one\",\"two\"],\"bitrate\":[4294967295],"
      "\"date\":[\"(GDate)2024-02-29\"],"
      "\"datetime\":[\"(GstDateTime)2024-02-29T12:34:56Z\"],"
      "\"duration\":[1234567890123],"
      "\"geo-location-latitude\":[48.25],"
      "\"replaygain-track-gain\":[-3.5],\"show-season-number\":[2],"
      "\"title\":[\"(odd) \\\"té\\\"\"],\"track-number\":[7]},"
      "\"tracks\":[]");
}

GST_END_TEST;

GST_START_TEST (test_tags_of_a_stream_are_its_tracks)
{
  check_meta (send_stream_tags, ",\"tags\":{\"album\":[\"d\"]},\"tracks\":["
      "{\"id\":1,\"tags\":{\"comment\":[\"b\"],\"title\":[\"c\"]}}]");
}

GST_END_TEST;

GST_START_TEST (test_tags_of_the_application_go_by_its_merge_mode)
{
  check_meta (set_application_tags, ",\"tags\":{\"album\":[\"d\"],"
      "\"title\":[\"mine\"]},\"tracks\":[]");
  check_meta (set_tags_that_give_way, ",\"tags\":{\"album\":[\"d\"],"
      "\"title\":[\"theirs\"]},\"tracks\":[]");
}

GST_END_TEST;

GST_START_TEST (test_trak_has_the_tags_that_were_known)
{
  gchar *trak, *meta;
  GstPad *a;
  Mux m;

  mux_init (&m, NULL);
  gst_tag_setter_add_tags (GST_TAG_SETTER (m.mux), GST_TAG_MERGE_REPLACE,
      GST_TAG_ALBUM, "mine", NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_send_tags (a, GST_TAG_SCOPE_STREAM, "taglist,title=early;");
  mux_push (a, 10, 0, KEY);
  mux_send_tags (a, GST_TAG_SCOPE_STREAM, "taglist,title=late;");
  mux_push (a, 10, 20, KEY);
  mux_eos (a);
  trak = mux_get_text (&m, GST_H4MK_TAG_TRAK, 0);
  meta = mux_get_text (&m, GST_H4MK_TAG_META, 0);
  fail_unless (strstr (trak, "\"tags\":{\"album\":[\"mine\"]}") != NULL, "%s",
      trak);
  fail_unless (strstr (trak, "\"tags\":{\"title\":[\"early\"]}") != NULL, "%s",
      trak);
  fail_unless (strstr (meta, "\"tags\":{\"title\":[\"late\"]}") != NULL, "%s",
      meta);
  g_free (trak);
  g_free (meta);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_tags_behind_the_last_block_are_kept)
{
  gchar *meta;
  GstPad *a;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_push (a, 10, 0, KEY);
  mux_send_tags (a, GST_TAG_SCOPE_GLOBAL, "taglist,title=last;");
  mux_eos (a);
  meta = mux_get_text (&m, GST_H4MK_TAG_META, 0);
  fail_unless (strstr (meta, "\"tags\":{\"title\":[\"last\"]}") != NULL, "%s",
      meta);
  g_free (meta);
  mux_clear (&m);
}

GST_END_TEST;

static void
send_image (GstPad * pad, const gchar * tag, GstTagScope scope, gsize size)
{
  GstCaps *caps = gst_caps_from_string ("image/png,width=8");
  GstBuffer *buffer = mux_buffer (size, 3);
  GstSample *sample = gst_sample_new (buffer, caps, NULL, NULL);
  GstTagList *tags = gst_tag_list_new (tag, sample, GST_TAG_TITLE, "t", NULL);

  gst_tag_list_set_scope (tags, scope);
  gst_pad_push_event (pad, gst_event_new_tag (tags));
  gst_sample_unref (sample);
  gst_buffer_unref (buffer);
  gst_caps_unref (caps);
}

GST_START_TEST (test_images_are_attachments)
{
  gchar *atta;
  GstBuffer *image = mux_buffer (100, 3);
  GstPad *a;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  send_image (a, GST_TAG_IMAGE, GST_TAG_SCOPE_GLOBAL, 100);
  send_image (a, GST_TAG_PREVIEW_IMAGE, GST_TAG_SCOPE_STREAM, 100);
  mux_push (a, 10, 0, KEY);
  mux_eos (a);
  mux_walk (&m, &walk, TRUE);
  fail_unless_equals_int (mux_count_chunks (&m, GST_H4MK_TAG_ATTA), 2);
  atta = mux_get_text (&m, GST_H4MK_TAG_ATTA, 0);
  fail_unless (memcmp (atta, "\0\21" "1/preview-image/0" "\0\11image/png",
          30) == 0);
  gst_check_buffer_data (image, atta + 30, 100);
  g_free (atta);
  atta = mux_get_text (&m, GST_H4MK_TAG_ATTA, 1);
  fail_unless (memcmp (atta, "\0\11" "0/image/0" "\0\11image/png", 22) == 0);
  g_free (atta);
  gst_buffer_unref (image);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_tags_that_no_file_holds_cost_a_warning_alone)
{
  gchar *huge = g_strnfill (2 << 20, 'x');
  GstTagList *tags = gst_tag_list_new (GST_TAG_COMMENT, huge, NULL);
  GstMessage *message;
  GstPad *a;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  /* too long for TRAK, but not for META; too large an image for either */
  gst_pad_push_event (a, gst_event_new_tag (tags));
  send_image (a, GST_TAG_IMAGE, GST_TAG_SCOPE_GLOBAL, 65 << 20);
  fail_unless_equals_int (mux_push (a, 10, 0, KEY), GST_FLOW_OK);
  mux_eos (a);
  mux_walk (&m, &walk, TRUE);
  fail_unless_equals_int (walk.blocks->len, 1);
  fail_unless_equals_int (m.n_eos, 1);
  message = gst_bus_pop_filtered (m.bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_unref (message);
  fail_unless (gst_bus_pop_filtered (m.bus, GST_MESSAGE_ERROR) == NULL);
  walk_clear (&walk);
  mux_clear (&m);
  g_free (huge);
}

GST_END_TEST;

static GstToc *
make_toc (const gchar * title)
{
  GstToc *toc = gst_toc_new (GST_TOC_SCOPE_GLOBAL);
  GstTocEntry *edition = gst_toc_entry_new (GST_TOC_ENTRY_TYPE_EDITION, "e");
  GstTocEntry *chapter = gst_toc_entry_new (GST_TOC_ENTRY_TYPE_CHAPTER, "c1");
  GstTocEntry *sub = gst_toc_entry_new (GST_TOC_ENTRY_TYPE_CHAPTER, "c1.1");

  gst_toc_entry_set_start_stop_times (chapter, 0, 5 * GST_SECOND);
  gst_toc_entry_set_tags (chapter, gst_tag_list_new (GST_TAG_TITLE, title,
          NULL));
  gst_toc_entry_set_start_stop_times (sub, GST_SECOND, -1);
  gst_toc_entry_append_sub_entry (chapter, sub);
  gst_toc_entry_append_sub_entry (edition, chapter);
  gst_toc_append_entry (toc, edition);
  return toc;
}

static void
send_toc (Mux * m, GstPad * pad)
{
  GstToc *toc = make_toc ("sent");

  gst_pad_push_event (pad, gst_event_new_toc (toc, FALSE));
  gst_toc_unref (toc);
}

static void
set_toc (Mux * m, GstPad * pad)
{
  GstToc *toc = make_toc ("set");

  send_toc (m, pad);
  gst_toc_setter_set_toc (GST_TOC_SETTER (m->mux), toc);
  gst_toc_unref (toc);
}

#define TOC(title) ",\"tags\":{},\"tracks\":[],\"toc\":[{\"id\":\"c1\"," \
    "\"start_ns\":0,\"end_ns\":5000000000,\"title\":\"" title "\",\"sub\":[" \
    "{\"id\":\"c1.1\",\"start_ns\":1000000000}]}]"

GST_START_TEST (test_toc_is_the_applications_else_a_streams)
{
  check_meta (send_toc, TOC ("sent"));
  check_meta (set_toc, TOC ("set"));
}

GST_END_TEST;

GST_START_TEST (test_tags_of_the_application_are_for_one_run)
{
  gchar *meta;
  GstPad *a;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  set_toc (&m, a);
  set_application_tags (&m, a);
  gst_element_set_state (m.mux, GST_STATE_NULL);
  mux_play (&m);
  gst_pad_set_active (a, FALSE);
  gst_pad_set_active (a, TRUE);
  mux_start_source (a, AUDIO_CAPS);
  mux_push (a, 10, 0, KEY);
  mux_eos (a);
  meta = mux_get_text (&m, GST_H4MK_TAG_META, 0);
  fail_unless_equals_string (meta, META_START ",\"tags\":{},\"tracks\":[]}");
  g_free (meta);
  mux_clear (&m);
}

GST_END_TEST;

/* Of a vector: what went in, and what must come out. */
static void
check_base_pipeline (const gchar * name, guint block_size, gint fps, gint gop)
{
  gchar *dir = g_dir_make_tmp ("h4mkmux-XXXXXX", NULL);
  gchar *launch = g_strdup_printf ("filesrc location=%s/%s.raw blocksize=5000 "
      "! h4videotok output=blocks block-size=%u fps-hint=%d gop=%d ! "
      "h4mkmux profile=base ! filesink location=%s/out.h4mk",
      g_getenv ("H4_VECTORS"), name, block_size, fps, gop, dir);
  gchar *file = g_strconcat (name, ".h4mk", NULL);
  gchar *path = g_build_filename (dir, "out.h4mk", NULL);
  GBytes *expected = mux_load_vector (file), *got;
  gchar *data;
  gsize size;

  mux_run_pipeline (launch);
  fail_unless (g_file_get_contents (path, &data, &size, NULL));
  got = g_bytes_new_take (data, size);
  fail_unless (g_bytes_equal (got, expected), "%s", name);
  g_unlink (path);
  g_rmdir (dir);
  g_bytes_unref (got);
  g_bytes_unref (expected);
  g_free (path);
  g_free (file);
  g_free (launch);
  g_free (dir);
}

GST_START_TEST (test_base_profile_is_the_references)
{
  check_base_pipeline ("base-0", 65536, 30, 2);
  check_base_pipeline ("base-2", 65536, 30, 30);
  /* nothing at all */
  check_base_pipeline ("base-3", 65536, 30, 30);
}

GST_END_TEST;

GST_START_TEST (test_base_profile_of_masked_blocks_is_the_references)
{
  GBytes *file = mux_load_vector ("base-1.h4mk"), *got;
  gsize size, pos = 8;
  const guint8 *data = g_bytes_get_data (file, &size);
  GstPad *pad;
  Mux m;

  mux_init (&m, "profile=base");
  pad = mux_add (&m, "sink_%u", "application/x-h4-masked,"
      "original-media-type=application/x-h4-blocks,scheme=xor-sha256,"
      "block-size=65536,fps-hint=25.0,gop=30");
  while (mux_u32 (data + pos) == GST_H4MK_TAG_CORE) {
    gsize n = mux_u32 (data + pos + 4);

    fail_unless_equals_int (gst_pad_push (pad,
            gst_buffer_new_memdup (data + pos + 12, n)), GST_FLOW_OK);
    pos += 12 + n;
  }
  mux_eos (pad);
  got = mux_take_file (&m);
  fail_unless (g_bytes_equal (got, file));
  g_bytes_unref (got);
  g_bytes_unref (file);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_base_profile_starts_again)
{
  GBytes *files[2];
  GstPad *pad;
  Mux m;
  guint run;

  mux_init (&m, "profile=base");
  pad = mux_add (&m, "sink_%u", BLOCK_CAPS);
  for (run = 0; run < 2; run++) {
    GstSegment segment;

    mux_push (pad, 65536, 0, KEY);
    mux_push (pad, 10, 1, KEY);
    fail_unless_equals_uint64 (mux_get_stat (&m, "blocks"), 2);
    mux_eos (pad);
    fail_unless_equals_uint64 (mux_get_stat (&m, "bytes"), m.bytes->len);
    files[run] = mux_take_file (&m);
    mux_flush (pad);
    gst_segment_init (&segment, GST_FORMAT_TIME);
    gst_pad_push_event (pad, gst_event_new_segment (&segment));
  }
  fail_unless (g_bytes_equal (files[0], files[1]));
  g_bytes_unref (files[0]);
  g_bytes_unref (files[1]);
  mux_clear (&m);
}

GST_END_TEST;

static void
check_base_refuses (const gchar * caps)
{
  GstPad *pad;
  Mux m;

  mux_init (&m, "profile=base");
  pad = mux_add (&m, "sink_%u", caps);
  fail_unless_equals_int (mux_push (pad, 10, 0, KEY), GST_FLOW_ERROR);
  mux_check_error (&m, GST_STREAM_ERROR, GST_STREAM_ERROR_MUX,
      "the base profile takes application/x-h4-blocks");
  mux_clear (&m);
}

GST_START_TEST (test_base_profile_refuses_what_it_cannot_say)
{
  check_base_refuses (NULL);
  check_base_refuses (VIDEO_CAPS);
  check_base_refuses ("application/x-h4-blocks,fps-hint=30.0,gop=30");
  check_base_refuses ("application/x-h4-masked,scheme=xor-sha256,"
      "original-media-type=video/x-vp8,block-size=1,fps-hint=30.0,gop=30");
  check_base_refuses ("application/x-h4-masked,scheme=aes-256-gcm,"
      "original-media-type=application/x-h4-blocks,block-size=65536,"
      "fps-hint=30.0,gop=30");
  check_base_refuses ("application/x-h4-masked,scheme=xor-sha256,salt=00,"
      "original-media-type=application/x-h4-blocks,block-size=65536,"
      "fps-hint=30.0,gop=30");
}

GST_END_TEST;

GST_START_TEST (test_base_profile_has_one_pad)
{
  Mux m;

  mux_init (&m, "profile=base");
  mux_add (&m, "sink_%u", BLOCK_CAPS);
  fail_unless (gst_element_request_pad_simple (m.mux, "sink_%u") == NULL);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_base_profile_without_caps_is_an_error)
{
  GstPad *pad;
  Mux m;

  mux_init (&m, "profile=base");
  pad = mux_add (&m, "sink_%u", NULL);
  gst_pad_push_event (pad, gst_event_new_eos ());
  mux_check_error (&m, GST_STREAM_ERROR, GST_STREAM_ERROR_MUX, "needs caps");
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_masked_blocks_keep_their_index)
{
  static const guint64 indices[] = { 5, 6, 9 };
  GstPad *pad;
  Walk walk;
  guint i;
  Mux m;

  mux_init (&m, NULL);
  pad = mux_add (&m, "sink_%u", "application/x-h4-masked,scheme=xor-sha256,"
      "original-media-type=audio/x-opus");
  for (i = 0; i < G_N_ELEMENTS (indices); i++) {
    GstBuffer *buffer = mux_buffer (10, i);

    gst_buffer_add_h4_block_meta (buffer, indices[i], GST_H4_KIND_I, 1);
    gst_pad_push (pad, buffer);
  }
  /* where nobody says, they are counted on */
  gst_pad_push (pad, mux_buffer (10, 4));
  mux_eos (pad);
  mux_walk (&m, &walk, TRUE);
  for (i = 0; i < 4; i++) {
    const GstH4mkRecord *r = &walk_block (&walk, i)->record;

    fail_unless (r->flags & GST_H4MK_RECORD_HAS_INDEX);
    fail_unless_equals_uint64 (r->index, i < 3 ? indices[i] : 10);
  }
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

static Suite *
h4mkmux_meta_suite (void)
{
  Suite *s = suite_create ("h4mkmux-meta");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_meta_of_a_file_that_says_nothing);
  tcase_add_test (tc, test_tags_of_all_types_are_kept);
  tcase_add_test (tc, test_tags_of_a_stream_are_its_tracks);
  tcase_add_test (tc, test_tags_of_the_application_go_by_its_merge_mode);
  tcase_add_test (tc, test_trak_has_the_tags_that_were_known);
  tcase_add_test (tc, test_tags_behind_the_last_block_are_kept);
  tcase_add_test (tc, test_images_are_attachments);
  tcase_add_test (tc, test_tags_that_no_file_holds_cost_a_warning_alone);
  tcase_add_test (tc, test_toc_is_the_applications_else_a_streams);
  tcase_add_test (tc, test_tags_of_the_application_are_for_one_run);
  tcase_add_test (tc, test_base_profile_is_the_references);
  tcase_add_test (tc, test_base_profile_of_masked_blocks_is_the_references);
  tcase_add_test (tc, test_base_profile_starts_again);
  tcase_add_test (tc, test_base_profile_refuses_what_it_cannot_say);
  tcase_add_test (tc, test_base_profile_has_one_pad);
  tcase_add_test (tc, test_base_profile_without_caps_is_an_error);
  tcase_add_test (tc, test_masked_blocks_keep_their_index);
  return s;
}

H4_FILES_CHECK_MAIN (h4mkmux_meta);
