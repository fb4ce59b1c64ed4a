/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Players that meet masked streams. What they open is a demuxer of this
 * test's own, so that nothing but h4unmask is under test. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <glib/gstdio.h>
#include <gst/app/app.h>
#include <gst/check/gstcheck.h>

#define KEY_HEX "5ca1ab1e0ddba11cafef00dfeedface5ca1ab1e0ddba11cafef00dfeedface55"
#define KEY_ID "studio-7"
#define FILE_MAGIC "h4mask test file"
#define FILE_CAPS "application/x-h4mask-test"

typedef struct
{
  GstStreamType type;
  GstCaps *caps;
  GPtrArray *samples;
} Track;

/* What every test demuxer plays; filled before a pipeline starts. */
static Track tracks[2];

typedef struct
{
  GstElement parent;
  gboolean done;
} TestDemux;

typedef GstElementClass TestDemuxClass;

GType test_demux_get_type (void);
G_DEFINE_TYPE (TestDemux, test_demux, GST_TYPE_ELEMENT);

static GstStreamCollection *
make_collection (void)
{
  GstStreamCollection *all = gst_stream_collection_new (NULL);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (tracks); i++) {
    gchar *id = g_strdup_printf ("track-%u", i);

    gst_stream_collection_add_stream (all, gst_stream_new (id,
            tracks[i].caps, tracks[i].type, GST_STREAM_FLAG_SELECT));
    g_free (id);
  }
  return all;
}

static GstPad *
open_track (GstElement * demux, guint i, GstStreamCollection * all,
    guint group_id)
{
  GstStream *stream = gst_stream_collection_get_stream (all, i);
  gchar *name = g_strdup_printf ("src_%u", i);
  GstPad *pad = gst_pad_new_from_template (gst_element_get_pad_template (demux,
          "src_%u"), name);
  GstEvent *start = gst_event_new_stream_start (gst_stream_get_stream_id
      (stream));
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_event_set_stream (start, stream);
  gst_event_set_group_id (start, group_id);
  gst_pad_use_fixed_caps (pad);
  gst_pad_set_active (pad, TRUE);
  gst_pad_push_event (pad, start);
  gst_pad_push_event (pad, gst_event_new_stream_collection (all));
  gst_pad_push_event (pad, gst_event_new_caps (tracks[i].caps));
  gst_pad_push_event (pad, gst_event_new_segment (&segment));
  gst_element_add_pad (demux, pad);
  g_free (name);
  return pad;
}

static gboolean
combined_flow_is_bad (GstFlowReturn * flows)
{
  gboolean all_unlinked = TRUE;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (tracks); i++) {
    if (flows[i] < GST_FLOW_EOS || flows[i] == GST_FLOW_FLUSHING)
      return TRUE;
    all_unlinked &= flows[i] == GST_FLOW_NOT_LINKED;
  }
  return all_unlinked;
}

static void
play_tracks (GstElement * demux)
{
  GstStreamCollection *all = make_collection ();
  guint group_id = gst_util_group_id_next (), i, n;
  GstPad *pads[G_N_ELEMENTS (tracks)];
  GstFlowReturn flows[G_N_ELEMENTS (tracks)] = { GST_FLOW_OK, GST_FLOW_OK };

  gst_element_post_message (demux, gst_message_new_stream_collection
      (GST_OBJECT (demux), all));
  for (i = 0; i < G_N_ELEMENTS (tracks); i++)
    pads[i] = open_track (demux, i, all, group_id);
  gst_element_no_more_pads (demux);

  for (n = 0; n < 60 && !combined_flow_is_bad (flows); n++) {
    for (i = 0; i < G_N_ELEMENTS (tracks); i++) {
      if (n < tracks[i].samples->len && flows[i] == GST_FLOW_OK)
        flows[i] = gst_pad_push (pads[i],
            gst_buffer_ref (g_ptr_array_index (tracks[i].samples, n)));
    }
  }
  for (i = 0; i < G_N_ELEMENTS (tracks); i++)
    gst_pad_push_event (pads[i], gst_event_new_eos ());
  gst_object_unref (all);
}

static GstFlowReturn
test_demux_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  TestDemux *self = (TestDemux *) parent;

  gst_buffer_unref (buffer);
  if (!self->done)
    play_tracks (GST_ELEMENT (parent));
  self->done = TRUE;
  return GST_FLOW_OK;
}

static gboolean
test_demux_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  gst_event_unref (event);
  return TRUE;
}

static void
test_demux_init (TestDemux * self)
{
  GstPad *pad = gst_pad_new_from_template (gst_element_get_pad_template
      (GST_ELEMENT (self), "sink"), "sink");

  gst_pad_set_chain_function (pad, test_demux_chain);
  gst_pad_set_event_function (pad, test_demux_event);
  gst_element_add_pad (GST_ELEMENT (self), pad);
}

static void
test_demux_class_init (TestDemuxClass * klass)
{
  GstCaps *caps = gst_caps_from_string (FILE_CAPS);

  gst_element_class_add_pad_template (klass, gst_pad_template_new ("sink",
          GST_PAD_SINK, GST_PAD_ALWAYS, caps));
  gst_element_class_add_pad_template (klass, gst_pad_template_new ("src_%u",
          GST_PAD_SRC, GST_PAD_SOMETIMES, GST_CAPS_ANY));
  gst_element_class_set_static_metadata (klass, "Test demuxer",
      "Codec/Demuxer", "Plays this test's tracks", "The gst-harmony4 authors");
  gst_caps_unref (caps);
}

static void
find_type (GstTypeFind * find, gpointer user_data)
{
  const guint8 *data = gst_type_find_peek (find, 0, strlen (FILE_MAGIC));

  if (data && memcmp (data, FILE_MAGIC, strlen (FILE_MAGIC)) == 0)
    gst_type_find_suggest_empty_simple (find, GST_TYPE_FIND_MAXIMUM, FILE_CAPS);
}

static gchar *dir, *media_path, *key_path;

static void
setup (void)
{
  GstCaps *caps = gst_caps_from_string (FILE_CAPS);

  gst_element_register (NULL, "h4masktestdemux", GST_RANK_PRIMARY,
      test_demux_get_type ());
  gst_type_find_register (NULL, FILE_CAPS, GST_RANK_PRIMARY, find_type, NULL,
      caps, NULL, NULL);
  gst_caps_unref (caps);
  dir = g_dir_make_tmp ("h4mask-XXXXXX", NULL);
  media_path = g_build_filename (dir, "media", NULL);
  key_path = g_build_filename (dir, "key", NULL);
  g_file_set_contents (media_path, FILE_MAGIC FILE_MAGIC, -1, NULL);
  g_file_set_contents (key_path, KEY_HEX, -1, NULL);
}

static void
teardown (void)
{
  guint i;

  for (i = 0; i < G_N_ELEMENTS (tracks); i++) {
    gst_clear_caps (&tracks[i].caps);
    g_clear_pointer (&tracks[i].samples, g_ptr_array_unref);
  }
  g_unsetenv ("H4_KEY_FILE");
  g_unlink (media_path);
  g_unlink (key_path);
  g_rmdir (dir);
  g_clear_pointer (&media_path, g_free);
  g_clear_pointer (&key_path, g_free);
  g_clear_pointer (&dir, g_free);
}

/* A second a buffer: longer than players queue, for decodebin3 (1.22) can
 * lose the end of a stream that is over before its neighbour is seen. */
static void
make_track (Track * track, GstStreamType type, gboolean masked)
{
  gchar *launch = g_strdup_printf ("%s ! %s ! appsink name=sink sync=false",
      type == GST_STREAM_TYPE_VIDEO ? "videotestsrc num-buffers=20 ! "
      "video/x-raw,width=64,height=48,framerate=1/1 ! vp8enc deadline=1" :
      "audiotestsrc num-buffers=20 samplesperbuffer=8000 ! "
      "audio/x-raw,format=S16LE,rate=8000,channels=1",
      masked ? "h4mask scheme=aes-256-gcm key-id=" KEY_ID " key-env=H4_TEST_KEY"
      : "identity");
  GstElement *pipeline = gst_parse_launch (launch, NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstSample *sample;

  track->type = type;
  track->samples = g_ptr_array_new_with_free_func ((GDestroyNotify)
      gst_buffer_unref);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while ((sample = gst_app_sink_pull_sample (GST_APP_SINK (sink)))) {
    gst_caps_replace (&track->caps, gst_sample_get_caps (sample));
    g_ptr_array_add (track->samples,
        gst_buffer_ref (gst_sample_get_buffer (sample)));
    gst_sample_unref (sample);
  }
  fail_unless (track->samples->len >= 20);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (sink);
  gst_object_unref (pipeline);
  g_free (launch);
}

typedef struct
{
  gint n_video;
  gint n_audio;
  GstElement *pipeline;
} Player;

static GstPadProbeReturn
count_buffer (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  g_atomic_int_inc ((gint *) user_data);
  return GST_PAD_PROBE_OK;
}

static GstElement *
counting_sink (gint * count)
{
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  GstPad *pad = gst_element_get_static_pad (sink, "sink");

  g_object_set (sink, "sync", FALSE, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, count_buffer, count, NULL);
  gst_object_unref (pad);
  return sink;
}

static void
link_new_pad (GstElement * bin, GstPad * pad, gpointer user_data)
{
  Player *player = user_data;
  GstCaps *caps = gst_pad_query_caps (pad, NULL);
  const gchar *name = gst_structure_get_name (gst_caps_get_structure (caps,
          0));
  GstElement *sink = gst_bin_get_by_name (GST_BIN (player->pipeline),
      g_str_has_prefix (name, "video") ? "video" : "audio");
  GstPad *sinkpad = gst_element_get_static_pad (sink, "sink");

  fail_unless_equals_int (gst_pad_link (pad, sinkpad), GST_PAD_LINK_OK);
  gst_object_unref (sinkpad);
  gst_object_unref (sink);
  gst_caps_unref (caps);
}

/* In the pipeline from the start, so that it waits for both. */
static void
add_sink (Player * player, const gchar * name, gint * count)
{
  GstElement *sink = counting_sink (count);

  gst_object_set_name (GST_OBJECT (sink), name);
  gst_bin_add (GST_BIN (player->pipeline), sink);
}

static void
player_open_playbin (Player * player, const gchar * factory)
{
  gchar *uri = gst_filename_to_uri (media_path, NULL);

  player->pipeline = gst_element_factory_make (factory, NULL);
  g_object_set (player->pipeline, "uri", uri, "video-sink",
      counting_sink (&player->n_video), "audio-sink",
      counting_sink (&player->n_audio), NULL);
  g_free (uri);
}

static void
player_open_decodebin (Player * player, const gchar * factory)
{
  GstElement *source = gst_element_factory_make ("filesrc", NULL);
  GstElement *decode = gst_element_factory_make (factory, NULL);

  player->pipeline = gst_pipeline_new (NULL);
  g_object_set (source, "location", media_path, NULL);
  gst_bin_add_many (GST_BIN (player->pipeline), source, decode, NULL);
  add_sink (player, "video", &player->n_video);
  add_sink (player, "audio", &player->n_audio);
  gst_element_link (source, decode);
  g_signal_connect (decode, "pad-added", G_CALLBACK (link_new_pad), player);
}

/* Plays to EOS (NULL) or an error, which is returned. */
static GError *
player_run (Player * player, guint * n_warnings)
{
  GstBus *bus = gst_element_get_bus (player->pipeline);
  GError *error = NULL;
  gboolean done = FALSE;

  *n_warnings = 0;
  gst_element_set_state (player->pipeline, GST_STATE_PLAYING);
  while (!done) {
    GstMessage *message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
        GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_WARNING);

    fail_unless (message != NULL, "neither EOS nor an error");
    done = GST_MESSAGE_TYPE (message) != GST_MESSAGE_WARNING;
    if (!done)
      *n_warnings += 1;
    else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
      gst_message_parse_error (message, &error, NULL);
    gst_message_unref (message);
  }
  gst_element_set_state (player->pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (player->pipeline);
  return error;
}

static const gchar *players[] = {
  "playbin", "playbin3", "decodebin", "decodebin3"
};

static void
player_open (Player * player, const gchar * factory, gboolean mask_video,
    gboolean mask_audio)
{
  make_track (&tracks[0], GST_STREAM_TYPE_VIDEO, mask_video);
  make_track (&tracks[1], GST_STREAM_TYPE_AUDIO, mask_audio);
  if (g_str_has_prefix (factory, "playbin"))
    player_open_playbin (player, factory);
  else
    player_open_decodebin (player, factory);
}

GST_START_TEST (test_with_the_key_everything_plays)
{
  Player player = { 0, };
  guint n_warnings;
  GError *error;

  g_setenv ("H4_KEY_FILE", key_path, TRUE);
  player_open (&player, players[__i__], TRUE, TRUE);
  error = player_run (&player, &n_warnings);
  g_assert_no_error (error);
  fail_unless_equals_int (n_warnings, 0);
  fail_unless (player.n_video >= 20, "%d frames", player.n_video);
  fail_unless (player.n_audio >= 20, "%d buffers", player.n_audio);
}

GST_END_TEST;

GST_START_TEST (test_without_the_key_clear_audio_plays)
{
  Player player = { 0, };
  guint n_warnings;
  GError *error;

  player_open (&player, players[__i__], TRUE, FALSE);
  error = player_run (&player, &n_warnings);
  g_assert_no_error (error);
  fail_unless_equals_int (n_warnings, 1);
  fail_unless_equals_int (player.n_video, 0);
  fail_unless (player.n_audio >= 20, "%d buffers", player.n_audio);
}

GST_END_TEST;

GST_START_TEST (test_without_the_key_clear_video_plays)
{
  Player player = { 0, };
  guint n_warnings;
  GError *error;

  player_open (&player, players[__i__], FALSE, TRUE);
  error = player_run (&player, &n_warnings);
  g_assert_no_error (error);
  fail_unless_equals_int (n_warnings, 1);
  fail_unless (player.n_video >= 20, "%d frames", player.n_video);
}

GST_END_TEST;

GST_START_TEST (test_without_the_key_all_masked_is_an_error)
{
  Player player = { 0, };
  guint n_warnings;
  GError *error;

  player_open (&player, players[__i__], TRUE, TRUE);
  error = player_run (&player, &n_warnings);
  fail_unless (g_error_matches (error, GST_STREAM_ERROR,
          GST_STREAM_ERROR_DECRYPT_NOKEY), "%s", error ? error->message :
      "EOS");
  fail_unless (strstr (error->message, KEY_ID), "%s", error->message);
  g_clear_error (&error);
}

GST_END_TEST;

static Suite *
h4maskplay_suite (void)
{
  Suite *s = suite_create ("h4maskplay");
  TCase *tc = tcase_create ("players");

  g_setenv ("H4_TEST_KEY", KEY_HEX, TRUE);
  g_unsetenv ("H4_KEY_FILE");
  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_with_the_key_everything_plays, 0,
      G_N_ELEMENTS (players));
  tcase_add_loop_test (tc, test_without_the_key_clear_audio_plays, 0,
      G_N_ELEMENTS (players));
  tcase_add_loop_test (tc, test_without_the_key_clear_video_plays, 0,
      G_N_ELEMENTS (players));
  tcase_add_loop_test (tc, test_without_the_key_all_masked_is_an_error, 0,
      G_N_ELEMENTS (players));
  return s;
}

GST_CHECK_MAIN (h4maskplay);
