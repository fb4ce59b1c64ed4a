/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstharness.h>
#include <string.h>

#include "../h4audiovectors.h"
#include "gsth4meta.h"
#include "h4spectrum.h"

#define MONO "audio/x-raw, format=S16LE, layout=interleaved, channels=1, "
#define STEREO "audio/x-raw, format=S16LE, layout=interleaved, channels=2, " \
    "channel-mask=(bitmask)3, "

static GstHarness *
open_harness (const gchar * launch, const gchar * caps)
{
  GstHarness *h = gst_harness_new_parse (launch);

  gst_harness_set_src_caps_str (h, caps);
  return h;
}

/* Pushes @data in buffers of @cut bytes, the first with time 0. */
static void
push_cut (GstHarness * h, const guint8 * data, gsize size, gsize cut)
{
  gsize offset;

  for (offset = 0; offset < size; offset += cut) {
    gsize n = MIN (cut, size - offset);
    GstBuffer *buffer = gst_buffer_new_memdup (data + offset, n);

    if (offset == 0)
      GST_BUFFER_PTS (buffer) = 0;
    fail_unless_equals_int (gst_harness_push (h, buffer), GST_FLOW_OK);
  }
}

/* All bytes that came out, and how many buffers they were. */
static GByteArray *
pull_all (GstHarness * h, guint * n_buffers)
{
  GByteArray *all = g_byte_array_new ();
  GstBuffer *buffer;
  GstMapInfo map;

  *n_buffers = 0;
  while ((buffer = gst_harness_try_pull (h))) {
    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
    g_byte_array_append (all, map.data, map.size);
    gst_buffer_unmap (buffer, &map);
    gst_buffer_unref (buffer);
    *n_buffers += 1;
  }
  return all;
}

/* 16-bit samples of noise; @n of them. */
static gint16 *
make_noise (guint n, guint32 seed)
{
  GRand *rand = g_rand_new_with_seed (seed);
  gint16 *noise = g_new (gint16, n);
  guint i;

  for (i = 0; i < n; i++)
    noise[i] = GINT16_TO_LE ((gint16) g_rand_int_range (rand, -32768, 32768));
  g_rand_free (rand);
  return noise;
}

/* Adds a sine to every @stride-th sample. */
static void
add_sine (gint16 * samples, guint n, guint stride, gdouble frequency,
    guint rate)
{
  guint i;

  for (i = 0; i < n; i++)
    samples[i * stride] = GINT16_TO_LE ((gint16) (12000
            * sin (2 * G_PI * frequency * i / rate)));
}

static void
check_vector_frame (GstBuffer * buffer, JsonArray * tokens, gdouble step)
{
  GstH4AudioBinsMeta *meta = gst_buffer_get_h4_audio_bins_meta (buffer);
  GstMapInfo map;
  guint i;

  fail_unless (meta != NULL);
  fail_unless_equals_int (meta->channels, 1);
  fail_unless_equals_int (meta->top_k, json_array_get_length (tokens));
  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  fail_unless_equals_int (map.size, 8 * meta->top_k);
  for (i = 0; i < meta->top_k; i++)
    check_audio_token (json_array_get_array_element (tokens, i),
        map.data + 8 * i, meta->bins[i].frequency, meta->bins[i].magnitude,
        meta->bins[i].phase, i, step);
  gst_buffer_unmap (buffer, &map);
}

static const guint cuts[] = { 1, 7, 441, 100000 };

static void
run_vector (JsonObject * vector, guint cut)
{
  gint rate = json_object_get_int_member (vector, "sample_rate");
  gint frame_size = json_object_get_int_member (vector, "frame_size");
  JsonArray *frames = json_object_get_array_member (vector, "expected");
  gchar *launch = g_strdup_printf ("h4audiofft frame-size=%d top-k=%d",
      frame_size, (gint) json_object_get_int_member (vector, "top_k"));
  gchar *caps = g_strdup_printf (MONO "rate=%d", rate);
  GstHarness *h = open_harness (launch, caps);
  gsize size;
  guint8 *pcm = load_audio_pcm (vector, &size);
  guint i;

  push_cut (h, pcm, size, 2 * cut);
  fail_unless (gst_harness_push_event (h, gst_event_new_eos ()));
  fail_unless_equals_int (gst_harness_buffers_in_queue (h),
      json_array_get_length (frames));
  for (i = 0; i < json_array_get_length (frames); i++) {
    GstBuffer *buffer = gst_harness_pull (h);

    check_vector_frame (buffer, json_array_get_array_element (frames, i),
        (gdouble) rate / frame_size);
    gst_buffer_unref (buffer);
  }

  g_free (pcm);
  g_free (caps);
  g_free (launch);
  gst_harness_teardown (h);
}

GST_START_TEST (test_tokens_equal_the_vectors_however_cut)
{
  JsonParser *parser = load_audio_vectors ();
  guint c;

  for (c = 0; c < G_N_ELEMENTS (cuts); c++)
    run_vector (get_audio_vector (parser, __i__), cuts[c]);
  g_object_unref (parser);
}

GST_END_TEST;

/* Even where a cut goes through a sample. */
GST_START_TEST (test_cuts_change_nothing)
{
  static const struct
  {
    const gchar *launch;
    gsize cut;
  } rows[] = {
    {"h4audiofft", 5},
    {"h4audiofft channel-mode=each", 1023},
    {"h4audiofft hop=1", 4096},
    {"h4audiofft hop=777 frame-size=64", 12},
    {"h4audiofft hop=5000", 4},
    {"h4audiofft hop=2048", 8190},
  };
  gint16 *noise = make_noise (2 * 6000, 1);
  GByteArray *whole, *cut;
  guint n_whole, n_cut;
  GstHarness *h;

  h = open_harness (rows[__i__].launch, STEREO "rate=48000");
  push_cut (h, (guint8 *) noise, 24000, 24000);
  whole = pull_all (h, &n_whole);
  gst_harness_teardown (h);

  h = open_harness (rows[__i__].launch, STEREO "rate=48000");
  push_cut (h, (guint8 *) noise, 24000, rows[__i__].cut);
  cut = pull_all (h, &n_cut);
  gst_harness_teardown (h);

  fail_unless (n_whole > 0);
  fail_unless_equals_int (n_whole, n_cut);
  fail_unless_equals_int (whole->len, cut->len);
  fail_unless (memcmp (whole->data, cut->data, cut->len) == 0);
  g_byte_array_unref (whole);
  g_byte_array_unref (cut);
  g_free (noise);
}

GST_END_TEST;

static const struct
{
  const gchar *launch;
  const gchar *in;
  const gchar *out;
} negotiations[] = {
  {"h4audiofft", MONO "rate=48000",
      "application/x-h4-token, domain=audio, rate=48000, frame-size=2048, "
        "hop=1024, top-k=32, channels=1, window=hann"},
  {"h4audiofft frame-size=64 hop=100 top-k=1000 window=blackman",
        STEREO "rate=1",
      "application/x-h4-token, domain=audio, rate=1, frame-size=64, "
        "hop=100, top-k=33, channels=1, window=blackman"},
  {"h4audiofft frame-size=65536 window=hamming channel-mode=each",
        "audio/x-raw, format=F64LE, layout=interleaved, channels=64, "
        "channel-mask=(bitmask)0, rate=192000",
      "application/x-h4-token, domain=audio, rate=192000, frame-size=65536, "
        "hop=32768, top-k=32, channels=64, window=hamming"},
  {"h4audiofft window=rect channel-mode=each",
        "audio/x-raw, format=S32LE, layout=interleaved, channels=3, rate=7",
      "application/x-h4-token, domain=audio, rate=7, frame-size=2048, "
        "hop=1024, top-k=32, channels=3, window=rect"},
};

GST_START_TEST (test_caps_say_what_comes)
{
  GstHarness *h = open_harness (negotiations[__i__].launch,
      negotiations[__i__].in);
  GstCaps *expected = gst_caps_from_string (negotiations[__i__].out);
  GstCaps *caps;
  guint8 *silence = g_malloc0 (1 << 26);
  GstBuffer *buffer;
  gint top_k, channels;

  push_cut (h, silence, 1 << 26, 1 << 26);
  caps = gst_pad_get_current_caps (h->sinkpad);
  fail_unless (gst_caps_is_strictly_equal (caps, expected),
      "%" GST_PTR_FORMAT, caps);
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "top-k", &top_k);
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "channels",
      &channels);

  buffer = gst_harness_pull (h);
  fail_unless_equals_int (gst_buffer_get_size (buffer), 8 * top_k * channels);
  fail_if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT));
  gst_buffer_unref (buffer);
  gst_caps_unref (caps);
  gst_caps_unref (expected);
  g_free (silence);
  gst_harness_teardown (h);
}

GST_END_TEST;

static const gchar *refused[] = {
  "audio/x-raw, format=S16BE, layout=interleaved, channels=1, rate=48000",
  "audio/x-raw, format=S16LE, layout=non-interleaved, channels=2, rate=48000",
  "audio/x-raw, format=S16LE, layout=interleaved, channels=65, rate=48000",
  "audio/x-raw, format=S16LE, layout=interleaved, channels=1, rate=0",
  "audio/x-mulaw, channels=1, rate=8000",
};

GST_START_TEST (test_other_caps_are_refused)
{
  GstHarness *h = gst_harness_new ("h4audiofft");
  GstPad *pad = gst_element_get_static_pad (h->element, "sink");
  GstCaps *caps = gst_caps_from_string (refused[__i__]);

  fail_if (gst_pad_query_accept_caps (pad, caps));
  gst_caps_unref (caps);
  gst_object_unref (pad);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* Each channel must come out as if it had come alone. */
GST_START_TEST (test_each_channel_has_its_tokens)
{
  const guint n = 4096;
  gint16 *both = g_new0 (gint16, 2 * n);
  gint16 *one = g_new0 (gint16, n);
  GstBuffer *each, *alone;
  GstH4AudioBinsMeta *meta;
  guint8 tokens[32 * 8];
  GstHarness *h;
  guint c;

  add_sine (both, n, 2, 1000.0, 48000);
  add_sine (both + 1, n, 2, 5000.0, 48000);
  h = open_harness ("h4audiofft channel-mode=each", STEREO "rate=48000");
  push_cut (h, (guint8 *) both, 4 * n, 4 * n);
  fail_unless_equals_int (gst_harness_buffers_in_queue (h), 3);
  each = gst_harness_pull (h);
  gst_harness_teardown (h);
  meta = gst_buffer_get_h4_audio_bins_meta (each);
  fail_unless_equals_int (meta->channels, 2);
  fail_unless_equals_int (meta->top_k, 32);

  for (c = 0; c < 2; c++) {
    GstH4AudioBinsMeta *mono;

    add_sine (one, n, 1, c == 0 ? 1000.0 : 5000.0, 48000);
    h = open_harness ("h4audiofft", MONO "rate=48000");
    push_cut (h, (guint8 *) one, 2 * n, 2 * n);
    alone = gst_harness_pull (h);
    gst_harness_teardown (h);
    gst_buffer_extract (alone, 0, tokens, sizeof (tokens));
    fail_unless (gst_buffer_memcmp (each, c * sizeof (tokens), tokens,
            sizeof (tokens)) == 0);
    mono = gst_buffer_get_h4_audio_bins_meta (alone);
    fail_unless (memcmp (mono->bins, meta->bins + 32 * c,
            32 * sizeof (GstH4AudioBin)) == 0);
    gst_buffer_unref (alone);
  }
  gst_buffer_unref (each);
  g_free (one);
  g_free (both);
}

GST_END_TEST;

GST_START_TEST (test_mix_cancels_opposite_channels)
{
  gint16 both[2 * 2048];
  GstHarness *h = open_harness ("h4audiofft top-k=1", STEREO "rate=48000");
  GstBuffer *buffer;
  guint i;

  for (i = 0; i < 2048; i++) {
    both[2 * i] = GINT16_TO_LE ((gint16) (i * 7));
    both[2 * i + 1] = GINT16_TO_LE ((gint16) (-7 * (gint) i));
  }
  push_cut (h, (guint8 *) both, sizeof (both), sizeof (both));
  buffer = gst_harness_pull (h);
  fail_unless_equals_float (gst_buffer_get_h4_audio_bins_meta (buffer)->
      bins[0].magnitude, 0.0);
  gst_buffer_unref (buffer);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* 16 bits fit all formats: narrow ones give the same bytes, wide ones, which
 * are multiplied in doubles, the same bins to a float's precision. */
GST_START_TEST (test_formats_agree)
{
  static const gchar *formats[] = { "S16LE", "F32LE", "S32LE", "F64LE" };
  GstHarness *h = gst_harness_new_parse ("audioconvert dithering=none ! "
      "capsfilter name=f ! h4audiofft top-k=8");
  GstElement *filter = gst_bin_get_by_name (GST_BIN (h->element), "f");
  gchar *format = g_strdup_printf ("audio/x-raw, format=%s", formats[__i__]);
  JsonParser *parser = load_audio_vectors ();
  JsonObject *vector = get_audio_vector (parser, 0);
  JsonArray *tokens = json_array_get_array_element
      (json_object_get_array_member (vector, "expected"), 0);
  gsize size;
  guint8 *pcm = load_audio_pcm (vector, &size);
  GstH4AudioBinsMeta *meta;
  GstBuffer *buffer;
  guint i;

  gst_util_set_object_arg (G_OBJECT (filter), "caps", format);
  gst_harness_set_src_caps_str (h, MONO "rate=48000");
  push_cut (h, pcm, 4096, 4096);
  buffer = gst_harness_pull (h);
  meta = gst_buffer_get_h4_audio_bins_meta (buffer);
  for (i = 0; i < meta->top_k; i++) {
    JsonArray *token = json_array_get_array_element (tokens, i);

    fail_unless_equals_float (meta->bins[i].frequency,
        json_array_get_int_element (token, 0) * 48000.0 / 2048);
    fail_unless (fabs (meta->bins[i].magnitude
            - json_array_get_double_element (token, 1)) < 1e-6);
    fail_unless (fabs (meta->bins[i].phase
            - json_array_get_double_element (token, 2)) < 2e-6);
  }

  gst_buffer_unref (buffer);
  g_free (pcm);
  g_object_unref (parser);
  g_free (format);
  gst_object_unref (filter);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_a_tuning_fork_reads_440)
{
  gint16 *samples = g_new (gint16, 48000);
  GstHarness *h = open_harness ("h4audiofft interpolate=parabolic",
      MONO "rate=48000");
  GstBuffer *buffer;
  guint n = 0;

  add_sine (samples, 48000, 1, 440.0, 48000);
  push_cut (h, (guint8 *) samples, 96000, 2048);
  while ((buffer = gst_harness_try_pull (h))) {
    GstH4AudioBin *bin = gst_buffer_get_h4_audio_bins_meta (buffer)->bins;
    guint32 steps;

    gst_buffer_extract (buffer, 0, &steps, sizeof (steps));
    steps = GUINT32_FROM_BE (steps);
    fail_unless (fabs (bin->frequency - 440.0) <= 0.5, "%g", bin->frequency);
    fail_unless_equals_int (steps, (guint) (bin->frequency * 10));
    gst_buffer_unref (buffer);
    n++;
  }
  fail_unless_equals_int (n, 45);
  g_free (samples);
  gst_harness_teardown (h);
}

GST_END_TEST;

static GstMessage *
pop_element_message (GstBus * bus)
{
  return gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT);
}

static void
check_message_list (const GValue * list, const GstH4AudioBin * bins,
    gsize member)
{
  guint i;

  fail_unless (GST_VALUE_HOLDS_LIST (list));
  fail_unless_equals_int (gst_value_list_get_size (list), 4);
  for (i = 0; i < 4; i++)
    fail_unless_equals_float (g_value_get_double (gst_value_list_get_value
            (list, i)), G_STRUCT_MEMBER (gdouble, &bins[i], member));
}

static const struct
{
  const gchar *name;
  gsize member;
} message_fields[] = {
  {"frequency", G_STRUCT_OFFSET (GstH4AudioBin, frequency)},
  {"magnitude", G_STRUCT_OFFSET (GstH4AudioBin, magnitude)},
  {"phase", G_STRUCT_OFFSET (GstH4AudioBin, phase)},
};

static void
check_message (GstMessage * message, GstBuffer * buffer, guint channels)
{
  const GstStructure *s = gst_message_get_structure (message);
  GstH4AudioBinsMeta *meta = gst_buffer_get_h4_audio_bins_meta (buffer);
  guint64 timestamp, stream_time, running_time, duration, endtime;
  guint f, c;

  fail_unless (gst_structure_has_name (s, "h4audiofft"));
  fail_unless (gst_structure_get (s, "timestamp", G_TYPE_UINT64, &timestamp,
          "stream-time", G_TYPE_UINT64, &stream_time,
          "running-time", G_TYPE_UINT64, &running_time,
          "duration", G_TYPE_UINT64, &duration,
          "endtime", G_TYPE_UINT64, &endtime, NULL));
  fail_unless_equals_uint64 (timestamp, GST_BUFFER_PTS (buffer));
  fail_unless_equals_uint64 (duration, GST_BUFFER_DURATION (buffer));
  fail_unless_equals_uint64 (endtime, timestamp + duration);
  fail_unless_equals_uint64 (running_time, timestamp - 1 * GST_SECOND);
  fail_unless_equals_uint64 (stream_time, timestamp + 4 * GST_SECOND);
  for (f = 0; f < G_N_ELEMENTS (message_fields); f++) {
    const GValue *value = gst_structure_get_value (s, message_fields[f].name);

    if (channels == 0) {
      check_message_list (value, meta->bins, message_fields[f].member);
      continue;
    }
    fail_unless (GST_VALUE_HOLDS_ARRAY (value));
    fail_unless_equals_int (gst_value_array_get_size (value), channels);
    for (c = 0; c < channels; c++)
      check_message_list (gst_value_array_get_value (value, c),
          meta->bins + 4 * c, message_fields[f].member);
  }
}

/* Posts one a frame; @channels is 0 for plain lists. */
static void
run_messages (const gchar * launch, guint channels)
{
  gint16 *noise = make_noise (2 * 4096, 2);
  GstHarness *h = open_harness (launch, STEREO "rate=48000");
  GstBus *bus = gst_bus_new ();
  GstBuffer *buffer;
  GstMessage *message;
  GstSegment segment;
  guint n = 0;

  gst_element_set_bus (h->element, bus);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = 1 * GST_SECOND;
  segment.time = 5 * GST_SECOND;
  fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
  buffer = gst_buffer_new_memdup (noise, 2 * 4096 * 2);
  GST_BUFFER_PTS (buffer) = 2 * GST_SECOND;
  fail_unless_equals_int (gst_harness_push (h, buffer), GST_FLOW_OK);

  while ((buffer = gst_harness_try_pull (h))) {
    message = pop_element_message (bus);
    fail_unless (message != NULL);
    check_message (message, buffer, channels);
    gst_message_unref (message);
    gst_buffer_unref (buffer);
    n++;
  }
  fail_unless_equals_int (n, 3);
  fail_unless (pop_element_message (bus) == NULL);

  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  g_free (noise);
  gst_harness_teardown (h);
}

GST_START_TEST (test_messages_hold_each_frame)
{
  run_messages ("h4audiofft top-k=4 post-messages=true", 0);
}

GST_END_TEST;

GST_START_TEST (test_messages_hold_each_channel)
{
  run_messages ("h4audiofft top-k=4 post-messages=true channel-mode=each", 2);
}

GST_END_TEST;

GST_START_TEST (test_messages_are_switched_while_playing)
{
  guint8 silence[4096] = { 0, };
  GstHarness *h = open_harness ("h4audiofft hop=2048", MONO "rate=48000");
  GstBus *bus = gst_bus_new ();
  GstMessage *message;

  gst_element_set_bus (h->element, bus);
  push_cut (h, silence, sizeof (silence), sizeof (silence));
  fail_unless (pop_element_message (bus) == NULL);
  gst_harness_set (h, "h4audiofft", "post-messages", TRUE, NULL);
  push_cut (h, silence, sizeof (silence), sizeof (silence));
  message = pop_element_message (bus);
  fail_unless (message != NULL);
  gst_message_unref (message);

  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}

GST_END_TEST;

static const struct
{
  const gchar *name;
  guint minimum;
  guint maximum;
  guint initial;
} ranges[] = {
  {"frame-size", 64, 65536, 2048},
  {"hop", 0, G_MAXINT, 0},
  {"top-k", 1, 32769, 32},
};

GST_START_TEST (test_property_ranges)
{
  GstElement *element = gst_element_factory_make ("h4audiofft", NULL);
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS
      (element), ranges[__i__].name);
  guint value;

  fail_unless_equals_int (G_PARAM_SPEC_UINT (pspec)->minimum,
      ranges[__i__].minimum);
  fail_unless_equals_int (G_PARAM_SPEC_UINT (pspec)->maximum,
      ranges[__i__].maximum);
  g_object_get (element, ranges[__i__].name, &value, NULL);
  fail_unless_equals_int (value, ranges[__i__].initial);
  gst_object_unref (element);
}

GST_END_TEST;

static const gchar *settings[][2] = {
  {"frame-size", "4096"}, {"hop", "3"}, {"top-k", "7"}, {"window", "hann"},
  {"window", "hamming"}, {"window", "blackman"}, {"window", "rect"},
  {"channel-mode", "mix"}, {"channel-mode", "each"}, {"interpolate", "none"},
  {"interpolate", "parabolic"}, {"post-messages", "true"},
};

GST_START_TEST (test_properties_read_as_written)
{
  GstElement *element = gst_element_factory_make ("h4audiofft", NULL);
  GValue value = G_VALUE_INIT;
  gchar *text;

  gst_util_set_object_arg (G_OBJECT (element), settings[__i__][0],
      settings[__i__][1]);
  g_object_get_property (G_OBJECT (element), settings[__i__][0], &value);
  text = gst_value_serialize (&value);
  fail_unless_equals_string (text, settings[__i__][1]);
  g_free (text);
  g_value_unset (&value);
  gst_object_unref (element);
}

GST_END_TEST;

static const guint odd_sizes[] = { 65, 1000, 2047, 65535 };

GST_START_TEST (test_frame_size_must_be_a_power_of_two)
{
  GstElement *element = gst_element_factory_make ("h4audiofft", NULL);
  GstBus *bus = gst_bus_new ();
  GstMessage *message;
  GError *error;
  gchar *debug;

  gst_element_set_bus (element, bus);
  g_object_set (element, "frame-size", odd_sizes[__i__], NULL);
  fail_unless_equals_int (gst_element_set_state (element, GST_STATE_PAUSED),
      GST_STATE_CHANGE_FAILURE);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, &debug);
  fail_unless (g_error_matches (error, GST_LIBRARY_ERROR,
          GST_LIBRARY_ERROR_SETTINGS));
  fail_unless (strstr (error->message, "power of two") != NULL);
  g_error_free (error);
  g_free (debug);
  gst_message_unref (message);

  gst_element_set_state (element, GST_STATE_NULL);
  gst_element_set_bus (element, NULL);
  gst_object_unref (bus);
  gst_object_unref (element);
}

GST_END_TEST;

/* What may change at READY only holds until then, also over new caps. */
GST_START_TEST (test_settings_hold_while_running)
{
  guint8 *silence = g_malloc0 (8192);
  GstHarness *h = open_harness ("h4audiofft", MONO "rate=48000");
  GByteArray *all;
  guint n;

  gst_harness_set (h, "h4audiofft", "frame-size", 100, "hop", 7, "top-k", 3,
      "channel-mode", 1, "window", 3, "interpolate", 1, NULL);
  gst_harness_set_src_caps_str (h, STEREO "rate=44100");
  push_cut (h, silence, 8192, 8192);
  all = pull_all (h, &n);
  fail_unless_equals_int (n, 1);
  fail_unless_equals_int (all->len, 32 * 8);
  g_byte_array_unref (all);
  g_free (silence);
  gst_harness_teardown (h);
}

GST_END_TEST;

GST_START_TEST (test_audio_before_caps_is_an_error)
{
  GstElement *element = gst_element_factory_make ("h4audiofft", NULL);
  GstPad *pad = gst_element_get_static_pad (element, "sink");
  GstBus *bus = gst_bus_new ();
  GstMessage *message;
  GstSegment segment;

  gst_element_set_bus (element, bus);
  gst_element_set_state (element, GST_STATE_PLAYING);
  gst_pad_send_event (pad, gst_event_new_stream_start ("test"));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_send_event (pad, gst_event_new_segment (&segment));
  fail_unless_equals_int (gst_pad_chain (pad, gst_buffer_new_and_alloc (64)),
      GST_FLOW_NOT_NEGOTIATED);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_unref (message);

  gst_element_set_state (element, GST_STATE_NULL);
  gst_element_set_bus (element, NULL);
  gst_object_unref (bus);
  gst_object_unref (pad);
  gst_object_unref (element);
}

GST_END_TEST;

static gpointer
run_pipeline_in_thread (gpointer data)
{
  const gint16 *noise = data;
  GstHarness *h = open_harness ("h4audiofft frame-size=1024",
      MONO "rate=48000");
  GByteArray *all;
  guint n;

  push_cut (h, (const guint8 *) noise, 96000, 960);
  all = pull_all (h, &n);
  gst_harness_teardown (h);
  return all;
}

GST_START_TEST (test_many_at_once)
{
  gint16 *noise = make_noise (48000, 3);
  GThread *threads[8];
  GByteArray *all[8];
  guint i;

  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("audiofft", run_pipeline_in_thread, noise);
  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    all[i] = g_thread_join (threads[i]);
  fail_unless_equals_int (all[0]->len, 92 * 32 * 8);
  for (i = 1; i < G_N_ELEMENTS (threads); i++) {
    fail_unless_equals_int (all[i]->len, all[0]->len);
    fail_unless (memcmp (all[i]->data, all[0]->data, all[0]->len) == 0);
  }
  for (i = 0; i < G_N_ELEMENTS (threads); i++)
    g_byte_array_unref (all[i]);
  g_free (noise);
}

GST_END_TEST;

static void
count_handoff (GstElement * sink, GstBuffer * buffer, GstPad * pad,
    gpointer data)
{
  g_atomic_int_inc ((gint *) data);
}

/* The recording gets all of the audio, the analysis all of its frames. */
GST_START_TEST (test_a_tee_beside_a_recording)
{
  GstElement *pipeline = gst_parse_launch ("audiotestsrc num-buffers=50 "
      "samplesperbuffer=1024 ! audio/x-raw,format=S16LE,channels=1 ! "
      "tee name=t ! queue ! wavenc ! fakesink name=record sync=false "
      "signal-handoffs=true t. ! queue ! h4audiofft ! "
      "fakesink name=tokens sync=false signal-handoffs=true", NULL);
  gint recorded = 0, tokens = 0;
  GstElement *sink;
  GstMessage *message;
  GstBus *bus;

  fail_unless (pipeline != NULL);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "record");
  g_signal_connect (sink, "handoff", G_CALLBACK (count_handoff), &recorded);
  gst_object_unref (sink);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "tokens");
  g_signal_connect (sink, "handoff", G_CALLBACK (count_handoff), &tokens);
  gst_object_unref (sink);

  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  fail_unless (g_atomic_int_get (&recorded) >= 50);
  fail_unless_equals_int (g_atomic_int_get (&tokens), 49);

  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
}

GST_END_TEST;

GST_START_TEST (test_element_starts_again_after_ready)
{
  gint16 *noise = make_noise (4096, 4);
  GstHarness *h = open_harness ("h4audiofft", MONO "rate=48000");
  GByteArray *all[2];
  guint n[2];

  push_cut (h, (guint8 *) noise, 8192, 8192);
  push_cut (h, (guint8 *) noise, 100, 100);
  all[0] = pull_all (h, &n[0]);
  gst_element_set_state (h->element, GST_STATE_READY);
  gst_harness_play (h);
  gst_harness_set_src_caps_str (h, MONO "rate=48000");
  push_cut (h, (guint8 *) noise, 8192, 8192);
  all[1] = pull_all (h, &n[1]);
  fail_unless_equals_int (n[0], 3);
  fail_unless_equals_int (n[1], 3);
  fail_unless (memcmp (all[0]->data, all[1]->data, all[0]->len) == 0);

  g_byte_array_unref (all[0]);
  g_byte_array_unref (all[1]);
  g_free (noise);
  gst_harness_teardown (h);
}

GST_END_TEST;

static Suite *
h4audiofft_suite (void)
{
  Suite *s = suite_create ("h4audiofft");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_tokens_equal_the_vectors_however_cut, 0,
      N_AUDIO_VECTORS);
  tcase_add_loop_test (tc, test_cuts_change_nothing, 0, 6);
  tcase_add_loop_test (tc, test_caps_say_what_comes, 0,
      G_N_ELEMENTS (negotiations));
  tcase_add_loop_test (tc, test_other_caps_are_refused, 0,
      G_N_ELEMENTS (refused));
  tcase_add_test (tc, test_each_channel_has_its_tokens);
  tcase_add_test (tc, test_mix_cancels_opposite_channels);
  tcase_add_loop_test (tc, test_formats_agree, 0, 4);
  tcase_add_test (tc, test_a_tuning_fork_reads_440);
  tcase_add_test (tc, test_messages_hold_each_frame);
  tcase_add_test (tc, test_messages_hold_each_channel);
  tcase_add_test (tc, test_messages_are_switched_while_playing);
  tcase_add_loop_test (tc, test_property_ranges, 0, G_N_ELEMENTS (ranges));
  tcase_add_loop_test (tc, test_properties_read_as_written, 0,
      G_N_ELEMENTS (settings));
  tcase_add_loop_test (tc, test_frame_size_must_be_a_power_of_two, 0,
      G_N_ELEMENTS (odd_sizes));
  tcase_add_test (tc, test_settings_hold_while_running);
  tcase_add_test (tc, test_audio_before_caps_is_an_error);
  tcase_add_test (tc, test_many_at_once);
  tcase_add_test (tc, test_a_tee_beside_a_recording);
  tcase_add_test (tc, test_element_starts_again_after_ready);
  return s;
}

GST_CHECK_MAIN (h4audiofft);
