/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* h4mkmux: pads, what TRAK says of their streams, what they refuse. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "h4mkmux-common.h"

static gchar *
describe_first_track (const gchar * pad_name, const gchar * caps,
    const gchar * kind)
{
  GstPad *pad;
  gchar *trak;
  Mux m;

  mux_init (&m, NULL);
  pad = mux_add (&m, pad_name, caps);
  if (kind)
    mux_set_pad (pad, "kind", kind);
  fail_unless_equals_int (mux_push (pad, 10, 0, KEY), GST_FLOW_OK);
  mux_eos_all (&m);
  trak = mux_get_text (&m, GST_H4MK_TAG_TRAK, 0);
  mux_clear (&m);
  return trak;
}

static void
check_track_has (const gchar * pad_name, const gchar * caps,
    const gchar * kind, const gchar * expected)
{
  gchar *trak = describe_first_track (pad_name, caps, kind);

  fail_unless (strstr (trak, expected) != NULL, "%s %s: no %s in %s", pad_name,
      caps, expected, trak);
  g_free (trak);
}

GST_START_TEST (test_templates_come_in_the_order_that_names_nothing_wrong)
{
  static const gchar *const names[] = { "src", "sink_%u", "video_%u",
    "audio_%u", "subtitle_%u"
  };
  GstElement *mux = gst_element_factory_make ("h4mkmux", NULL);
  GList *l = gst_element_get_pad_template_list (mux);
  guint i;

  for (i = 0; l; l = l->next, i++) {
    fail_unless_equals_string (GST_PAD_TEMPLATE_NAME_TEMPLATE (l->data),
        names[i]);
    if (i > 0)
      fail_unless (gst_caps_is_any (GST_PAD_TEMPLATE_CAPS (l->data)));
  }
  fail_unless_equals_int (i, G_N_ELEMENTS (names));
  gst_object_unref (mux);
}

GST_END_TEST;

GST_START_TEST (test_a_link_without_a_name_gets_sink_pads)
{
  GstElement *pipeline = gst_parse_launch ("fakesrc ! queue ! m. "
      "fakesrc ! audio/x-opus ! m. fakesrc ! video/x-vp8 ! queue ! m. "
      "h4mkmux name=m ! fakesink", NULL);
  GstElement *mux = gst_bin_get_by_name (GST_BIN (pipeline), "m");
  GString *names = g_string_new (NULL);
  GList *l;

  for (l = mux->sinkpads; l; l = l->next)
    g_string_append_printf (names, "%s ", GST_PAD_NAME (l->data));
  fail_unless_equals_string (names->str, "sink_0 sink_1 sink_2 ");
  g_string_free (names, TRUE);
  gst_object_unref (mux);
  gst_object_unref (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_names_are_taken_as_asked_and_never_twice)
{
  static const struct
  {
    const gchar *ask, *get;
  } names[] = {
    {"video_%u", "video_0"}, {"video_7", "video_7"}, {"video_%u", "video_8"},
    {"sink_%u", "sink_0"}, {"sink_2", "sink_2"}, {"sink_1", "sink_1"},
    {"sink_%u", "sink_3"}, {"audio_0", "audio_0"}, {"audio_%u", "audio_1"},
    {"subtitle_%u", "subtitle_0"}, {"audio_4294967295", "audio_4294967295"},
    {"audio_%u", "audio_2"}
  };
  guint i;
  Mux m;

  mux_init_null (&m, NULL);
  for (i = 0; i < G_N_ELEMENTS (names); i++) {
    GstPad *peer = mux_get_peer (mux_add_silent (&m, names[i].ask));

    fail_unless_equals_string (GST_PAD_NAME (peer), names[i].get);
    gst_object_unref (peer);
  }
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_kind_comes_from_the_caps_before_the_name)
{
  static const struct
  {
    const gchar *pad, *caps, *kind;
  } rows[] = {
    {"sink_%u", "video/x-vp8", "video"}, {"sink_%u", "image/jpeg", "video"},
    {"sink_%u", "audio/x-opus", "audio"}, {"sink_%u", "text/x-raw", "subtitle"},
    {"sink_%u", "application/x-ass", "subtitle"},
    {"sink_%u", "subpicture/x-dvd", "subtitle"},
    {"sink_%u", "closedcaption/x-cea-608,format=raw", "subtitle"},
    {"sink_%u", "meta/x-klv,parsed=true", "data"},
    {"sink_%u", "application/x-foo", "data"},
    {"video_%u", "audio/x-opus", "audio"},
    {"audio_%u", "video/x-vp8", "video"},
    {"subtitle_%u", "audio/x-opus", "audio"},
    {"video_%u", "application/x-foo", "video"},
    {"audio_%u", "application/x-foo", "audio"},
    {"subtitle_%u", "application/x-foo", "subtitle"},
    {"video_%u", "application/x-h4-token,domain=video", "data"},
    {"video_%u", "application/x-h4-masked,original-media-type=audio/x-opus,"
          "scheme=xor-sha256", "audio"},
    {"audio_%u", "application/x-h4-masked,original-media-type=video/x-vp8,"
          "scheme=xor-sha256", "video"},
    {"audio_%u", "application/x-h4-masked,original-media-type="
          "application/octet-stream,scheme=xor-sha256", "audio"}
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    gchar *expected = g_strdup_printf ("\"kind\":\"%s\"", rows[i].kind);

    check_track_has (rows[i].pad, rows[i].caps, NULL, expected);
    g_free (expected);
  }
}

GST_END_TEST;

GST_START_TEST (test_kind_of_the_pad_goes_before_all)
{
  static const gchar *const kinds[] = { "video", "audio", "subtitle", "data" };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (kinds); i++) {
    gchar *expected = g_strdup_printf ("\"kind\":\"%s\"", kinds[i]);

    check_track_has ("video_%u", AUDIO_CAPS, kinds[i], expected);
    g_free (expected);
  }
  check_track_has ("video_%u", AUDIO_CAPS, "auto", "\"kind\":\"audio\"");
}

GST_END_TEST;

GST_START_TEST (test_codec_is_that_of_rfc_6381)
{
  static const struct
  {
    const gchar *caps, *codec;
  } rows[] = {
    {"video/x-h264,stream-format=avc,alignment=au,codec_data=(buffer)"
          "0142c01effe1000467420000", "\"codec\":\"avc1.42C01E\""},
    {"video/x-vp8", "\"codec\":\"vp08\""},
    {"audio/x-opus", "\"codec\":\"opus\""},
    {"image/jpeg", "\"codec\":\"mjpg\""},
    {"audio/mpeg,mpegversion=4,stream-format=raw,codec_data=(buffer)1190",
        "\"codec\":\"mp4a.40.2\""}
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (rows); i++) {
    gchar *trak = describe_first_track ("sink_%u", rows[i].caps, NULL);

    /* what GStreamer names the same stream in other containers */
    if (!strstr (trak, rows[i].codec))
      fail ("%s: %s", rows[i].codec, trak);
    g_free (trak);
  }
}

GST_END_TEST;

GST_START_TEST (test_codec_that_nobody_named_is_left_out)
{
  gchar *trak = describe_first_track ("sink_%u", "application/x-foo", NULL);

  fail_unless_equals_string (trak, "{\"v\":1,\"tracks\":[{\"id\":1,"
      "\"kind\":\"data\",\"caps\":\"application/x-foo\"}]}");
  g_free (trak);
}

GST_END_TEST;

GST_START_TEST (test_pad_properties_are_in_trak)
{
  GstPad *pad;
  Mux m;

  mux_init (&m, "uuid=11111111-2222-3333-4444-555555555555 start-time=12345");
  pad = mux_add (&m, "sink_%u", "application/x-foo");
  mux_set_pad (pad, "track-name", "Kitchen \"left\"");
  mux_set_pad (pad, "language", "de");
  mux_set_pad (pad, "stream-id", "cam/1");
  mux_push (pad, 10, 0, KEY);
  mux_eos_all (&m);
  mux_check_text (&m, GST_H4MK_TAG_TRAK, 0, "{\"v\":1,"
      "\"uuid\":\"11111111-2222-3333-4444-555555555555\","
      "\"start_unix_ns\":12345,"
      "\"tracks\":[{\"id\":1,\"kind\":\"data\",\"caps\":\"application/x-foo\","
      "\"name\":\"Kitchen \\\"left\\\"\",\"language\":\"de\","
      "\"stream_id\":\"cam/1\"}]}");
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_language_of_the_tags_serves_where_the_pad_has_none)
{
  GstPad *pad;
  gchar *trak;
  Mux m;

  mux_init (&m, NULL);
  pad = mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_send_tags (pad, GST_TAG_SCOPE_STREAM, "taglist,language-code=fr;");
  mux_push (pad, 10, 0, KEY);
  trak = mux_get_text (&m, GST_H4MK_TAG_TRAK, 0);
  fail_unless (strstr (trak, "\"language\":\"fr\"") != NULL, "%s", trak);
  g_free (trak);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_pads_are_children_that_gst_launch_can_set)
{
  GstElement *pipeline = gst_parse_launch ("fakesrc ! m.sink_0 "
      "h4mkmux name=m sink_0::track-name=left sink_0::kind=audio ! fakesink",
      NULL);
  GstElement *mux = gst_bin_get_by_name (GST_BIN (pipeline), "m");
  GstPad *pad = gst_element_get_static_pad (mux, "sink_0");
  gchar *name;
  gint kind;

  g_object_get (pad, "track-name", &name, "kind", &kind, NULL);
  fail_unless_equals_string (name, "left");
  fail_unless_equals_int (kind, GST_H4MK_TRACK_AUDIO);
  fail_unless_equals_int (gst_child_proxy_get_children_count (GST_CHILD_PROXY
          (mux)), 1);
  g_free (name);
  gst_object_unref (pad);
  gst_object_unref (mux);
  gst_object_unref (pipeline);
}

GST_END_TEST;

static void
check_refused_caps (const gchar * text)
{
  GstCaps *caps = gst_caps_from_string (text);
  GstSegment segment;
  GstPad *pad;
  Mux m;

  mux_init (&m, NULL);
  pad = mux_add_silent (&m, "sink_%u");
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (pad, gst_event_new_stream_start ("t"));
  gst_pad_push_event (pad, gst_event_new_caps (caps));
  gst_pad_push_event (pad, gst_event_new_segment (&segment));
  fail_unless (mux_push (pad, 10, 0, KEY) == GST_FLOW_NOT_NEGOTIATED, "%s",
      text);
  fail_unless_equals_int (m.bytes->len, 0);
  gst_caps_unref (caps);
  mux_clear (&m);
}

GST_START_TEST (test_memory_that_is_not_the_systems_is_refused)
{
  check_refused_caps ("video/x-raw(memory:GLMemory),format=RGBA,width=64,"
      "height=64");
  check_refused_caps ("video/x-raw(memory:DMABuf),format=NV12,width=64,"
      "height=64");
  check_refused_caps ("video/x-raw(memory:SystemMemory,"
      "meta:GstVideoOverlayComposition),format=NV12,width=64,height=64");
}

GST_END_TEST;

GST_START_TEST (test_caps_that_no_reader_would_parse_are_refused)
{
  /* a structure, a tag list, and values nested five deep */
  check_refused_caps ("application/x-foo,s=(GstStructure)\"x,a=(int)1;\"");
  check_refused_caps ("application/x-foo,t=(taglist)\"taglist,title=a;\"");
  check_refused_caps ("application/x-foo,a=(GstValueArray)"
      "< < < < < (int)1 > > > > >");
}

GST_END_TEST;

GST_START_TEST (test_caps_queries_offer_system_memory_alone)
{
  GstCaps *filter = gst_caps_from_string ("video/x-raw(memory:GLMemory);"
      "video/x-raw,width=[1,100]; audio/x-raw");
  GstCaps *expected = gst_caps_from_string ("video/x-raw,width=[1,100]; "
      "audio/x-raw");
  GstCaps *caps;
  GstPad *pad;
  Mux m;

  mux_init (&m, NULL);
  pad = mux_add (&m, "sink_%u", NULL);
  caps = gst_pad_peer_query_caps (pad, filter);
  fail_unless (gst_caps_is_equal (caps, expected), "%" GST_PTR_FORMAT, caps);
  gst_caps_unref (caps);
  caps = gst_pad_peer_query_caps (pad, NULL);
  fail_unless (gst_caps_is_any (caps));
  gst_caps_unref (caps);

  caps = gst_caps_copy_nth (filter, 0);
  fail_if (gst_pad_peer_query_accept_caps (pad, caps));
  gst_caps_unref (caps);
  caps = gst_caps_copy_nth (filter, 2);
  fail_unless (gst_pad_peer_query_accept_caps (pad, caps));
  gst_caps_unref (caps);
  gst_caps_unref (filter);
  gst_caps_unref (expected);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_no_meta_and_no_pool_is_offered)
{
  GstCaps *caps = gst_caps_from_string ("video/x-raw,format=RGB,width=8,"
      "height=8");
  GstQuery *query = gst_query_new_allocation (caps, TRUE);
  GstPad *pad;
  Mux m;

  mux_init (&m, NULL);
  pad = mux_add (&m, "sink_%u", NULL);
  fail_if (gst_pad_peer_query (pad, query));
  gst_query_unref (query);
  gst_caps_unref (caps);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_flag_sets_are_stored_as_strings)
{
  GstPad *pad;
  gchar *trak;
  Mux m;

  mux_init (&m, NULL);
  pad = mux_add (&m, "sink_%u", "video/x-raw,format=RGB,width=8,height=8,"
      "multiview-flags=(GstVideoMultiviewFlagsSet)0:ffffffff:/right-view-first");
  mux_push (pad, 192, 0, KEY);
  trak = mux_get_text (&m, GST_H4MK_TAG_TRAK, 0);
  fail_unless (strstr (trak, "multiview-flags=(string)") != NULL, "%s", trak);
  fail_unless (strstr (trak, "width=(int)8") != NULL, "%s", trak);
  g_free (trak);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_a_stream_without_caps_is_bytes)
{
  check_track_has ("sink_%u", NULL, NULL,
      "\"caps\":\"application/octet-stream\"");
}

GST_END_TEST;

GST_START_TEST (test_a_late_pad_is_in_a_new_trak)
{
  GstPad *a, *b;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_push (a, 10, 0, KEY);
  mux_push (a, 10, 20, KEY);
  b = mux_add (&m, "sink_%u", TEXT_CAPS);
  mux_push (a, 10, 40, KEY);
  mux_push (b, 10, 30, KEY);
  mux_push (b, 10, 50, KEY);
  mux_eos_all (&m);
  mux_walk (&m, &walk, TRUE);
  mux_check_order (&m, "11212");
  fail_unless_equals_int (mux_count_chunks (&m, GST_H4MK_TAG_TRAK), 2);
  fail_unless_equals_int (walk.spans->len, 2);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_a_released_pad_is_out_of_the_next_trak)
{
  GstPad *a, *b;
  gchar *trak;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  b = mux_add (&m, "sink_%u", TEXT_CAPS);
  mux_push (a, 10, 0, KEY);
  mux_push (b, 10, 0, KEY);
  mux_push (b, 10, 15, KEY);
  mux_push (b, 10, 25, KEY);
  mux_remove (&m, b);
  /* what waited in it is written at its place */
  mux_push (a, 10, 20, KEY);
  mux_push (a, 10, 40, KEY);
  mux_eos_all (&m);
  mux_wait_eos (&m, 1);
  mux_walk (&m, &walk, TRUE);
  mux_check_order (&m, "122121");
  fail_unless_equals_int (mux_count_chunks (&m, GST_H4MK_TAG_TRAK), 2);
  trak = mux_get_text (&m, GST_H4MK_TAG_TRAK, 1);
  fail_unless (strstr (trak, "text/x-raw") == NULL, "%s", trak);
  g_free (trak);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_a_pad_that_is_released_holds_nobody_up)
{
  GstPad *a, *b;
  Mux m;

  mux_init (&m, "group-duration=0");
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  b = mux_add (&m, "sink_%u", TEXT_CAPS);
  mux_push (a, 10, 0, KEY);
  mux_push (a, 10, 20, KEY);
  fail_unless_equals_int (m.bytes->len, 0);
  mux_remove (&m, b);
  /* by a thread that may push, which this one is not */
  mux_wait_groups (&m, 2);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_releasing_the_last_pad_does_not_end_the_file)
{
  GstPad *a;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_push (a, 10, 0, KEY);
  mux_remove (&m, a);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_push (a, 10, 20, KEY);
  fail_unless_equals_int (m.n_eos, 0);
  mux_eos (a);
  mux_wait_eos (&m, 1);
  mux_walk (&m, &walk, TRUE);
  mux_check_order (&m, "12");
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_releasing_the_pad_that_was_waited_for_ends_the_file)
{
  GstPad *a, *b;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  b = mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_push (a, 10, 0, KEY);
  mux_eos (a);
  fail_unless_equals_int (m.n_eos, 0);
  mux_remove (&m, b);
  mux_wait_eos (&m, 1);
  mux_walk (&m, &walk, TRUE);
  mux_check_order (&m, "1");
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_changed_caps_are_in_a_new_trak)
{
  GstPad *a;
  gchar *trak;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", "audio/x-opus,channels=1");
  mux_push (a, 10, 0, KEY);
  mux_send_caps (a, "audio/x-opus,channels=1");
  mux_push (a, 10, 20, KEY);
  mux_send_caps (a, "audio/x-opus,channels=2");
  mux_push (a, 10, 40, KEY);
  mux_eos (a);
  mux_walk (&m, &walk, TRUE);
  mux_check_order (&m, "111");
  fail_unless_equals_int (mux_count_chunks (&m, GST_H4MK_TAG_TRAK), 2);
  trak = mux_get_text (&m, GST_H4MK_TAG_TRAK, 1);
  fail_unless (strstr (trak, "channels=(int)2") != NULL, "%s", trak);
  g_free (trak);
  fail_unless_equals_int (m.caps->len, 2);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_another_kind_is_another_track)
{
  GstPad *a, *b;
  gchar *trak;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  b = mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_push (a, 10, 0, KEY);
  mux_push (b, 10, 0, KEY);
  mux_send_caps (a, VIDEO_CAPS);
  mux_push (a, 10, 20, KEY);
  mux_push (b, 10, 20, KEY);
  mux_push (a, 10, 40, KEY);
  mux_push (b, 10, 40, KEY);
  mux_eos_all (&m);
  mux_walk (&m, &walk, TRUE);
  /* ties go by id: the new track comes behind the other */
  mux_check_order (&m, "123223");
  trak = mux_get_text (&m, GST_H4MK_TAG_TRAK, 1);
  fail_unless (strstr (trak, "{\"id\":2") < strstr (trak, "{\"id\":3"), "%s",
      trak);
  g_free (trak);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

static Suite *
h4mkmux_pads_suite (void)
{
  Suite *s = suite_create ("h4mkmux-pads");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc,
      test_templates_come_in_the_order_that_names_nothing_wrong);
  tcase_add_test (tc, test_a_link_without_a_name_gets_sink_pads);
  tcase_add_test (tc, test_names_are_taken_as_asked_and_never_twice);
  tcase_add_test (tc, test_kind_comes_from_the_caps_before_the_name);
  tcase_add_test (tc, test_kind_of_the_pad_goes_before_all);
  tcase_add_test (tc, test_codec_is_that_of_rfc_6381);
  tcase_add_test (tc, test_codec_that_nobody_named_is_left_out);
  tcase_add_test (tc, test_pad_properties_are_in_trak);
  tcase_add_test (tc, test_language_of_the_tags_serves_where_the_pad_has_none);
  tcase_add_test (tc, test_pads_are_children_that_gst_launch_can_set);
  tcase_add_test (tc, test_memory_that_is_not_the_systems_is_refused);
  tcase_add_test (tc, test_caps_that_no_reader_would_parse_are_refused);
  tcase_add_test (tc, test_caps_queries_offer_system_memory_alone);
  tcase_add_test (tc, test_no_meta_and_no_pool_is_offered);
  tcase_add_test (tc, test_flag_sets_are_stored_as_strings);
  tcase_add_test (tc, test_a_stream_without_caps_is_bytes);
  tcase_add_test (tc, test_a_late_pad_is_in_a_new_trak);
  tcase_add_test (tc, test_a_released_pad_is_out_of_the_next_trak);
  tcase_add_test (tc, test_a_pad_that_is_released_holds_nobody_up);
  tcase_add_test (tc, test_releasing_the_last_pad_does_not_end_the_file);
  tcase_add_test (tc, test_releasing_the_pad_that_was_waited_for_ends_the_file);
  tcase_add_test (tc, test_changed_caps_are_in_a_new_trak);
  tcase_add_test (tc, test_another_kind_is_another_track);
  return s;
}

H4_FILES_CHECK_MAIN (h4mkmux_pads);
