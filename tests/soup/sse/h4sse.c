/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What buffers become. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <glib/gstdio.h>
#include <gst/check/gstharness.h>

#include "harmony4.h"
#include "web.h"

#define VIDEO "application/x-h4-token,domain=video"
#define AUDIO "application/x-h4-token,domain=audio,rate=16000,frame-size=512," \
    "hop=256,top-k=2"

static GstHarness *
open_sink (const gchar * settings, const gchar * caps)
{
  gchar *launch = g_strdup_printf ("h4sse port=0 linger=100 %s", settings);
  GstHarness *h = gst_harness_new_parse (launch);

  if (caps)
    gst_harness_set_src_caps_str (h, caps);
  g_free (launch);
  return h;
}

static guint
port_of (GstElement * element)
{
  guint port;

  g_object_get (element, "current-port", &port, NULL);
  fail_unless (port > 0);
  return port;
}

static Peer *
watch (GstHarness * h)
{
  GstElement *sink = gst_harness_find_element (h, "h4sse");
  Peer *peer = web_get (port_of (sink), "/events?last_event_id=earliest",
      NULL);

  fail_unless_equals_int (web_status (peer), 200);
  gst_object_unref (sink);
  return peer;
}

static GstBuffer *
make_buffer (gconstpointer data, gsize size)
{
  return size > 0 ? gst_buffer_new_memdup (data, size) : gst_buffer_new ();
}

static void
push_text (GstHarness * h, const gchar * text)
{
  fail_unless_equals_int (gst_harness_push (h, make_buffer (text,
              strlen (text))), GST_FLOW_OK);
}

/* Ends the stream; what the client got, without ids, but for meta and done. */
static gchar *
finish (GstHarness * h, Peer * peer)
{
  const gchar *start, *end;
  gchar *text, *rest;

  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  text = strip_ids (web_body (peer));
  fail_unless (g_str_has_prefix (text, "event:meta\n"), "%s", text);
  start = strstr (text, "\n\n") + 2;
  end = g_strrstr (text, "event:done\n");
  fail_unless (end != NULL, "%s", text);
  fail_unless_equals_string (end,
      "event:done\ndata:{\"ok\":true,\"project\":\"HarmonyØ4\"}\n\n");
  rest = g_strndup (start, end - start);
  g_free (text);
  peer_free (peer);
  gst_harness_teardown (h);
  return rest;
}

static void
assert_finish (GstHarness * h, Peer * peer, const gchar * wanted)
{
  gchar *text = finish (h, peer);

  fail_unless_equals_string (text, wanted);
  g_free (text);
}

static void
assert_meta (const gchar * caps, const gchar * meta)
{
  GstHarness *h = open_sink ("", caps);
  Peer *peer = watch (h);
  gchar *wanted = g_strdup_printf ("event:meta\ndata:%s\n\n", meta);

  peer_read_until (peer, wanted);
  g_free (wanted);
  peer_free (peer);
  gst_harness_teardown (h);
}

GST_START_TEST (test_meta_is_what_the_caps_say)
{
  assert_meta (VIDEO, "{}");
  assert_meta (VIDEO ",block-size=65536,fps-hint=29.97,gop=12",
      "{\"block_size\":65536,\"fps_hint\":29.97,\"gop\":12}");
  assert_meta (AUDIO, "{\"sample_rate\":16000,\"frame_size\":512,\"top_k\":2}");
  assert_meta (AUDIO ",channels=2,window=rect",
      "{\"sample_rate\":16000,\"frame_size\":512,\"top_k\":2,"
      "\"channels\":2,\"window\":\"rect\"}");
  assert_meta ("application/x-h4-token,domain=audio,rate=8000,frame-size=256,"
      "hop=256,top-k=1,channels=1,window=hann",
      "{\"sample_rate\":8000,\"frame_size\":256,\"top_k\":1,\"hop\":256}");
  assert_meta (AUDIO ",window=(string)\"\303\266\\\"\\\\\\\n\"",
      "{\"sample_rate\":16000,\"frame_size\":512,\"top_k\":2,"
      "\"window\":\"\303\266\\\"\\\\\\u000a\"}");
  assert_meta ("application/json", "{\"format\":\"json\"}");
  assert_meta ("text/x-raw,format=utf8", "{\"format\":\"text\"}");
}

GST_END_TEST;

static const guint8 video_token[] = { 0, 0, 0, 0, 0, 0, 0x82, 0x35, 0, 0, 0,
  1, 0
};

#define VIDEO_JSON "{\"pts_us\":33333,\"block_index\":1,\"is_key\":false," \
    "\"token_hex\":\"00000000000082350000000100\""

GST_START_TEST (test_a_block_of_a_stream_has_kind_and_size)
{
  GstHarness *h = open_sink ("", VIDEO ",block-size=0");
  Peer *peer = watch (h);
  GstBuffer *buffer = make_buffer (video_token, 13);

  gst_buffer_add_h4_block_meta (buffer, 1, GST_H4_KIND_B, 777);
  gst_harness_push (h, buffer);
  gst_harness_push (h, make_buffer (video_token, 13));
  assert_finish (h, peer, "event:token\ndata:" VIDEO_JSON
      ",\"kind\":\"B\",\"size\":777}\n\n"
      "event:token\ndata:" VIDEO_JSON "}\n\n");
}

GST_END_TEST;

GST_START_TEST (test_a_block_cut_by_bytes_has_no_kind)
{
  GstHarness *h = open_sink ("", VIDEO ",block-size=1000");
  Peer *peer = watch (h);
  GstBuffer *buffer = make_buffer (video_token, 13);

  gst_buffer_add_h4_block_meta (buffer, 1, GST_H4_KIND_P, 1000);
  gst_harness_push (h, buffer);
  assert_finish (h, peer, "event:token\ndata:" VIDEO_JSON "}\n\n");
}

GST_END_TEST;

/* 440.0 Hz, 1.0, 0 and 20 kHz, 0, -π */
static const guint8 audio_tokens[] = { 0, 0, 0x11, 0x30, 0xff, 0xff, 0x7f,
  0xff, 0, 3, 0x0d, 0x40, 0, 0, 0, 0
};

#define FIRST_HEX "\"token_hex\":\"00001130ffff7fff\""
#define SECOND_HEX "\"token_hex\":\"00030d4000000000\""

GST_START_TEST (test_bins_come_from_the_token_where_there_is_nothing_better)
{
  GstHarness *h = open_sink ("", AUDIO);
  Peer *peer = watch (h);

  gst_harness_push (h, make_buffer (audio_tokens, 16));
  assert_finish (h, peer, "event:token\ndata:{\"bin_hz\":440.0,"
      "\"magnitude\":1.0,\"phase\":-0.0," FIRST_HEX "}\n\n"
      "event:token\ndata:{\"bin_hz\":20000.0,\"magnitude\":0.0,"
      "\"phase\":-3.1416," SECOND_HEX "}\n\n");
}

GST_END_TEST;

static GstBuffer *
make_frame (GstClockTime pts)
{
  static const GstH4AudioBin bins[] = {
    {440.04, 0.99996, 0.00004}, {31000.25, 0.5, -1.0}
  };
  GstBuffer *buffer = make_buffer (audio_tokens, 16);

  GST_BUFFER_PTS (buffer) = pts;
  gst_buffer_add_h4_audio_bins_meta (buffer, 1, 2, bins);
  return buffer;
}

GST_START_TEST (test_bins_are_exact_where_the_buffer_has_them)
{
  GstHarness *h = open_sink ("", AUDIO);
  Peer *peer = watch (h);

  gst_harness_push (h, make_frame (0));
  assert_finish (h, peer, "event:token\ndata:{\"bin_hz\":440.0,"
      "\"magnitude\":1.0,\"phase\":0.0," FIRST_HEX "}\n\n"
      "event:token\ndata:{\"bin_hz\":31000.2,\"magnitude\":0.5,"
      "\"phase\":-1.0," SECOND_HEX "}\n\n");
}

GST_END_TEST;

GST_START_TEST (test_a_frame_may_be_one_event)
{
  GstHarness *h = open_sink ("sync=false granularity=frame event=frame",
      AUDIO);
  Peer *peer = watch (h);

  gst_harness_push (h, make_frame (2500 * GST_USECOND));
  gst_harness_push (h, make_buffer (audio_tokens, 8));
  assert_finish (h, peer, "event:frame\ndata:{\"pts_us\":2500,\"bins\":["
      "{\"bin_hz\":440.0,\"magnitude\":1.0,\"phase\":0.0},"
      "{\"bin_hz\":31000.2,\"magnitude\":0.5,\"phase\":-1.0}]}\n\n"
      "event:frame\ndata:{\"pts_us\":null,\"bins\":["
      "{\"bin_hz\":440.0,\"magnitude\":1.0,\"phase\":-0.0}]}\n\n");
}

GST_END_TEST;

GST_START_TEST (test_channels_are_named_where_there_are_several)
{
  static const gchar *granularities[] = { "bin", "frame" };
  static const gchar *wanted[] = {
    "event:token\ndata:{\"channel\":0,\"bin_hz\":440.0,\"magnitude\":1.0,"
        "\"phase\":-0.0," FIRST_HEX "}\n\n"
        "event:token\ndata:{\"channel\":1,\"bin_hz\":20000.0,"
        "\"magnitude\":0.0,\"phase\":-3.1416," SECOND_HEX "}\n\n",
    "event:token\ndata:{\"pts_us\":null,\"bins\":["
        "{\"channel\":0,\"bin_hz\":440.0,\"magnitude\":1.0,\"phase\":-0.0},"
        "{\"channel\":1,\"bin_hz\":20000.0,\"magnitude\":0.0,"
        "\"phase\":-3.1416}]}\n\n"
  };
  gchar *settings = g_strconcat ("granularity=", granularities[__i__], NULL);
  GstHarness *h = open_sink (settings, AUDIO ",channels=2");
  Peer *peer = watch (h);

  gst_harness_push (h, make_buffer (audio_tokens, 16));
  assert_finish (h, peer, wanted[__i__]);
  g_free (settings);
}

GST_END_TEST;

GST_START_TEST (test_text_has_a_line_of_data_for_each_of_its_lines)
{
  GstHarness *h = open_sink ("event=line", "text/x-raw");
  Peer *peer = watch (h);

  push_text (h, "one");
  push_text (h, "two\nthree");
  push_text (h, "");
  gst_harness_push (h, make_buffer ("four\0\0", 6));
  push_text (h, "f\xfcnf");
  assert_finish (h, peer, "event:line\ndata:one\n\n"
      "event:line\ndata:two\ndata:three\n\nevent:line\ndata:four\n\n"
      "event:line\ndata:f\357\277\275nf\n\n");
}

GST_END_TEST;

GST_START_TEST (test_json_goes_through_as_it_is)
{
  GstHarness *h = open_sink ("event=score", "application/json");
  Peer *peer = watch (h);

  push_text (h, "{\"home\": 1,\r\n \"away\": \"é\"}");
  assert_finish (h, peer,
      "event:score\ndata:{\"home\": 1,\ndata:  \"away\": \"é\"}\n\n");
}

GST_END_TEST;

GST_START_TEST (test_other_caps_are_told)
{
  GstHarness *h = open_sink ("", "text/x-raw");
  Peer *peer = watch (h);

  push_text (h, "text");
  gst_harness_set_src_caps_str (h, "application/json");
  push_text (h, "1");
  assert_finish (h, peer, "event:token\ndata:text\n\n"
      "event:meta\ndata:{\"format\":\"json\"}\n\nevent:token\ndata:1\n\n");
}

GST_END_TEST;

/* Pushes what is none of its caps; the error says so. */
static void
assert_refused (const gchar * caps, gsize size)
{
  GstHarness *h = open_sink ("", caps);
  GstBus *bus = gst_bus_new ();
  GstMessage *message;
  GError *error = NULL;

  gst_element_set_bus (h->element, bus);
  fail_unless_equals_int (gst_harness_push (h, make_buffer (video_token,
              size)), GST_FLOW_ERROR);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, GST_STREAM_ERROR,
          GST_STREAM_ERROR_FORMAT));
  g_clear_error (&error);
  gst_message_unref (message);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}

GST_START_TEST (test_what_is_no_token_is_an_error)
{
  assert_refused (VIDEO, 12);
  assert_refused (VIDEO, 0);
  assert_refused (AUDIO, 7);
  assert_refused (AUDIO, 0);
  assert_refused (AUDIO ",channels=2", 8);
}

GST_END_TEST;

static GstBufferList *
make_list (GstClockTime step)
{
  static const gchar *texts[] = { "0", "1", "2" };
  GstBufferList *list = gst_buffer_list_new ();
  guint i;

  for (i = 0; i < 3; i++) {
    GstBuffer *buffer = make_buffer (texts[i], 1);

    GST_BUFFER_PTS (buffer) = i * step;
    gst_buffer_list_add (list, buffer);
  }
  return list;
}

GST_START_TEST (test_a_list_goes_out_at_once_without_sync)
{
  GstHarness *h = open_sink ("sync=false", "text/x-raw");
  Peer *peer = watch (h);

  fail_unless_equals_int (gst_pad_push_list (h->srcpad,
          make_list (GST_SECOND)), GST_FLOW_OK);
  assert_finish (h, peer, "event:token\ndata:0\n\n"
      "event:token\ndata:1\n\nevent:token\ndata:2\n\n");
}

GST_END_TEST;

static gpointer
push_list (gpointer pad)
{
  fail_unless_equals_int (gst_pad_push_list (pad, make_list (GST_SECOND)),
      GST_FLOW_OK);
  return NULL;
}

GST_START_TEST (test_each_of_a_list_has_its_time)
{
  GstHarness *h = open_sink ("", "text/x-raw");
  Peer *peer = watch (h);
  GstElement *sink = gst_harness_find_element (h, "h4sse");
  GThread *thread;

  gst_harness_use_testclock (h);
  /* the harness has switched it off */
  g_object_set (sink, "sync", TRUE, NULL);
  gst_object_unref (sink);
  thread = g_thread_new ("push", push_list, h->srcpad);
  fail_unless (gst_harness_crank_single_clock_wait (h));
  peer_read_until (peer, "data:0\n\n");
  fail_unless (gst_harness_crank_single_clock_wait (h));
  peer_read_until (peer, "data:1\n\n");
  fail_unless (strstr (peer->got->str, "data:2") == NULL);
  fail_unless_equals_uint64 (gst_clock_get_time (GST_ELEMENT_CLOCK
          (h->element)) - gst_element_get_base_time (h->element), GST_SECOND);
  fail_unless (gst_harness_crank_single_clock_wait (h));
  peer_read_until (peer, "data:2\n\n");
  g_thread_join (thread);
  peer_free (peer);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_what_comes_after_the_end_is_another_epoch)
{
  GstHarness *h = open_sink ("", "text/x-raw");
  GstSegment segment;
  gchar *before, *after, *text;
  Peer *peer = watch (h);

  push_text (h, "before");
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  before = block_epoch (web_body (peer));
  peer_free (peer);
  gst_harness_push_event (h, gst_event_new_flush_start ());
  gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  push_text (h, "after");
  peer = watch (h);
  after = block_epoch (strstr (peer_read_until (peer, "data:after\n\n"),
          "id:"));
  fail_if (g_str_equal (before, after));
  text = finish (h, peer);
  fail_unless_equals_string (text, "event:token\ndata:after\n\n");
  g_free (text);
  g_free (before);
  g_free (after);
}

GST_END_TEST;

/* A flush without an end is no end. */
GST_START_TEST (test_a_flush_goes_on_in_the_same_epoch)
{
  GstHarness *h = open_sink ("", "text/x-raw");
  GstSegment segment;
  Peer *peer = watch (h);

  push_text (h, "before");
  gst_harness_push_event (h, gst_event_new_flush_start ());
  gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  push_text (h, "after");
  assert_finish (h, peer, "event:token\ndata:before\n\n"
      "event:token\ndata:after\n\n");
}

GST_END_TEST;

static gchar *
run_pipeline (const gchar * launch)
{
  GstElement *pipeline = gst_parse_launch (launch, NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  Peer *peer;
  gchar *text;

  gst_element_set_state (pipeline, GST_STATE_READY);
  peer = web_get (port_of (sink), "/events", NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 50 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  text = strip_ids (web_body (peer));
  peer_free (peer);
  gst_message_unref (message);
  gst_object_unref (bus);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  return text;
}

static gchar *
vector_path (const gchar * name)
{
  return g_build_filename (g_getenv ("H4_VECTORS"), name, NULL);
}

static void
assert_vector (const gchar * launch, const gchar * name)
{
  gchar *path = vector_path (name);
  gchar *text = run_pipeline (launch), *wanted;

  fail_unless (g_file_get_contents (path, &wanted, NULL, NULL), "%s", path);
  fail_unless_equals_string (text, wanted);
  g_free (wanted);
  g_free (path);
  g_free (text);
}

GST_START_TEST (test_video_is_the_references_bytes)
{
  gchar *data = g_malloc0 (6 * 65536), *path, *launch;
  gint fd = g_file_open_tmp ("h4sse-XXXXXX", &path, NULL);

  fail_unless (g_close (fd, NULL));
  fail_unless (g_file_set_contents (path, data, 6 * 65536, NULL));
  launch = g_strdup_printf ("filesrc location=%s ! h4videotok block-size=65536 "
      "fps-hint=30 gop=2 ! h4sse name=sink port=0 wait-clients=1 sync=false",
      path);
  assert_vector (launch, "sse-video.txt");
  fail_unless (g_remove (path) == 0);
  g_free (launch);
  g_free (path);
  g_free (data);
}

GST_END_TEST;

GST_START_TEST (test_audio_is_the_references_bytes)
{
  gchar *path = vector_path ("audio-3-chord-16000.s16le");
  gchar *launch = g_strdup_printf ("filesrc location=%s ! "
      "rawaudioparse sample-rate=16000 num-channels=1 ! "
      "h4audiofft frame-size=512 top-k=8 ! "
      "h4sse name=sink port=0 wait-clients=1 sync=false", path);

  assert_vector (launch, "sse-audio.txt");
  g_free (launch);
  g_free (path);
}

GST_END_TEST;

static gboolean
has_element (const gchar * name)
{
  GstElementFactory *factory = gst_element_factory_find (name);
  gboolean found = factory != NULL;

  gst_clear_object (&factory);
  return found;
}

static Suite *
h4sse_suite (void)
{
  Suite *s = suite_create ("h4sse");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_meta_is_what_the_caps_say);
  tcase_add_test (tc, test_a_block_of_a_stream_has_kind_and_size);
  tcase_add_test (tc, test_a_block_cut_by_bytes_has_no_kind);
  tcase_add_test (tc,
      test_bins_come_from_the_token_where_there_is_nothing_better);
  tcase_add_test (tc, test_bins_are_exact_where_the_buffer_has_them);
  tcase_add_test (tc, test_a_frame_may_be_one_event);
  tcase_add_loop_test (tc, test_channels_are_named_where_there_are_several, 0,
      2);
  tcase_add_test (tc, test_text_has_a_line_of_data_for_each_of_its_lines);
  tcase_add_test (tc, test_json_goes_through_as_it_is);
  tcase_add_test (tc, test_other_caps_are_told);
  tcase_add_test (tc, test_what_is_no_token_is_an_error);
  tcase_add_test (tc, test_a_list_goes_out_at_once_without_sync);
  tcase_add_test (tc, test_each_of_a_list_has_its_time);
  tcase_add_test (tc, test_what_comes_after_the_end_is_another_epoch);
  tcase_add_test (tc, test_a_flush_goes_on_in_the_same_epoch);
  if (has_element ("h4videotok"))
    tcase_add_test (tc, test_video_is_the_references_bytes);
  if (has_element ("h4audiofft") && has_element ("rawaudioparse"))
    tcase_add_test (tc, test_audio_is_the_references_bytes);
  return s;
}

GST_CHECK_MAIN (h4sse);
