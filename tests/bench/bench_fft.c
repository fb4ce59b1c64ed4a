/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* h4audiofft against the ways there are to do the same, in frames a second:
 * 2048 samples of 48 kHz mono every 1024, the 32 largest bins. A pipeline is
 * the element before a fakesink, and is given ready-made buffers of a hop.
 * Seconds are of CPU time, and the best of several runs counts, for both sides
 * alike. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <fftw3.h>
#include <glib/gstdio.h>
#include <gst/gst.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <time.h>

#include "h4spectrum.h"

#define RATE 48000
#define FRAME_SIZE 2048
#define HOP (FRAME_SIZE / 2)
#define TOP_K 32
#define AUDIO_SECONDS 20
#define N_SAMPLES (RATE * AUDIO_SECONDS)
#define N_FRAMES ((N_SAMPLES - FRAME_SIZE) / HOP + 1)
#define TURNS 5
#define TURN_SECONDS 0.4
#define KERNEL_RUNS 50
#define PEER_SECONDS "2"

#define OURS "h4audiofft name=it"
#define SPECTRUM "spectrum name=it bands=1025 interval=21333333 " \
    "message-magnitude=true message-phase=true"

typedef struct
{
  const gchar *work;
  gdouble ours;
  const gchar *peer_name;
  gdouble peer;                 /* 0 where the peer is absent */
  gdouble target;
} Row;

/* All work is done by the thread that pushes or calls; its CPU time is what
 * the work costs, whatever else the machine does. */
static gdouble
get_cpu_seconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

/* Bus messages are taken and dropped where they are posted. */
static GstBusSyncReply
drop_message (GstBus * bus, GstMessage * message, gpointer data)
{
  gst_message_unref (message);
  return GST_BUS_DROP;
}

/* Chords that move, over a little noise: neither sparse nor all noise. */
static gint16 *
make_audio (void)
{
  gint16 *audio = g_new (gint16, N_SAMPLES);
  GRand *rand = g_rand_new_with_seed (4);
  guint i, tone;

  for (i = 0; i < N_SAMPLES; i++) {
    guint chord = i / (RATE / 4);
    gdouble v = g_rand_double_range (rand, -300.0, 300.0);

    for (tone = 1; tone <= 6; tone++)
      v += 4000.0 / tone * sin (2 * G_PI * (110 + chord * 13 % 97) * tone
          * i / RATE);
    audio[i] = GINT16_TO_LE ((gint16) v);
  }
  g_rand_free (rand);
  return audio;
}

static GstPad *
open_source (GstElement * pipeline)
{
  GstElement *element = gst_bin_get_by_name (GST_BIN (pipeline), "it");
  GstPad *sink = gst_element_get_static_pad (element, "sink");
  GstPad *source = gst_pad_new ("source", GST_PAD_SRC);
  GstCaps *caps = gst_caps_from_string ("audio/x-raw, format=S16LE, "
      "layout=interleaved, channels=1, rate=" G_STRINGIFY (RATE));
  GstSegment segment;

  gst_pad_set_active (source, TRUE);
  gst_pad_link (source, sink);
  gst_pad_push_event (source, gst_event_new_stream_start ("bench"));
  gst_pad_push_event (source, gst_event_new_caps (caps));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (source, gst_event_new_segment (&segment));
  gst_caps_unref (caps);
  gst_object_unref (sink);
  gst_object_unref (element);
  return source;
}

static GPtrArray *
cut_audio (GstBuffer * audio)
{
  GPtrArray *buffers = g_ptr_array_new ();
  guint i;

  for (i = 0; i < N_SAMPLES / HOP; i++) {
    GstBuffer *buffer = gst_buffer_copy_region (audio, GST_BUFFER_COPY_MEMORY,
        2 * HOP * i, 2 * HOP);

    GST_BUFFER_PTS (buffer) = gst_util_uint64_scale (HOP * i, GST_SECOND, RATE);
    GST_BUFFER_DURATION (buffer) = gst_util_uint64_scale (HOP, GST_SECOND,
        RATE);
    g_ptr_array_add (buffers, buffer);
  }
  return buffers;
}

static gdouble
time_pushes (GstPad * source, GstBuffer * audio)
{
  GPtrArray *buffers = cut_audio (audio);
  gdouble begin = get_cpu_seconds (), seconds;
  guint i;

  for (i = 0; i < buffers->len; i++) {
    if (gst_pad_push (source, g_ptr_array_index (buffers, i)) != GST_FLOW_OK)
      g_error ("the pipeline does not take its audio");
  }
  gst_pad_push_event (source, gst_event_new_eos ());
  seconds = get_cpu_seconds () - begin;
  g_ptr_array_unref (buffers);
  return seconds;
}

/* Frames a second of one run of @element, 0 where there is none. */
static gdouble
run_pipeline (const gchar * element, GstBuffer * audio)
{
  gchar *launch = g_strdup_printf ("%s ! fakesink sync=false async=false",
      element);
  GstElement *pipeline = gst_parse_launch_full (launch, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS | GST_PARSE_FLAG_NO_SINGLE_ELEMENT_BINS,
      NULL);
  gdouble seconds;
  GstPad *source;
  GstBus *bus;

  g_free (launch);
  if (!pipeline)
    return 0.0;
  bus = gst_element_get_bus (pipeline);
  gst_bus_set_sync_handler (bus, drop_message, NULL, NULL);
  gst_object_unref (bus);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  source = open_source (pipeline);
  seconds = time_pushes (source, audio);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (source);
  gst_object_unref (pipeline);
  return N_FRAMES / seconds;
}

/* The best of what fits in a turn. */
static gdouble
take_turn (const gchar * element, GstBuffer * audio)
{
  gdouble begin = get_cpu_seconds (), best = 0.0;

  do
    best = MAX (best, run_pipeline (element, audio));
  while (get_cpu_seconds () - begin < TURN_SECONDS);
  return best;
}

/* Turn by turn, so that what slows the machine slows both. */
static void
compare_pipelines (const gchar * ours, const gchar * peer, GstBuffer * audio,
    Row * row)
{
  guint i;

  for (i = 0; i < TURNS; i++) {
    row->ours = MAX (row->ours, take_turn (ours, audio));
    row->peer = MAX (row->peer, take_turn (peer, audio));
  }
}

static gdouble
run_kernel (const gint16 * audio, GChecksum * digest)
{
  const GstH4SpectrumConfig config = {
    .frame_size = FRAME_SIZE,
    .top_k = TOP_K,
    .window = GST_H4_WINDOW_HANN,
    .format = GST_H4_SAMPLE_S16LE,
    .channels = 1,
    .rate = RATE
  };
  GstH4Spectrum *spectrum = gst_h4_spectrum_new (&config);
  guint8 tokens[TOP_K * GST_H4_SPECTRUM_TOKEN_SIZE];
  gdouble begin = get_cpu_seconds ();
  gdouble seconds;
  guint i;

  for (i = 0; i < N_FRAMES; i++) {
    gst_h4_spectrum_write_tokens (gst_h4_spectrum_analyse_mix (spectrum,
            (const guint8 *) (audio + i * HOP)), TOP_K, tokens);
    if (digest)
      g_checksum_update (digest, tokens, sizeof (tokens));
  }
  seconds = get_cpu_seconds () - begin;
  gst_h4_spectrum_free (spectrum);
  return N_FRAMES / seconds;
}

/* The transform alone, which no way to make these tokens can beat. */
static gdouble
run_transform (const gint16 * audio)
{
  gdouble *in = fftw_alloc_real (FRAME_SIZE);
  fftw_complex *out = fftw_alloc_complex (FRAME_SIZE / 2 + 1);
  fftw_plan plan = fftw_plan_dft_r2c_1d (FRAME_SIZE, in, out, FFTW_ESTIMATE);
  gdouble seconds;
  gdouble begin;
  guint i;

  for (i = 0; i < FRAME_SIZE; i++)
    in[i] = GINT16_FROM_LE (audio[i]) / 32768.0;
  begin = get_cpu_seconds ();
  for (i = 0; i < N_FRAMES; i++)
    fftw_execute_dft_r2c (plan, in, out);
  seconds = get_cpu_seconds () - begin;
  fftw_destroy_plan (plan);
  fftw_free (in);
  fftw_free (out);
  return N_FRAMES / seconds;
}

/* Runs the script beside the bench. Returns its frames a second, 0 without
 * NumPy; a peer whose tokens are not ours does other work and ends the bench. */
static gdouble
run_numpy (const gchar * path, const gint16 * audio)
{
  const gchar *argv[] = { "python3", FFT_NUMPY, path, G_STRINGIFY (RATE),
    G_STRINGIFY (FRAME_SIZE), G_STRINGIFY (TOP_K), PEER_SECONDS, NULL
  };
  GChecksum *digest = g_checksum_new (G_CHECKSUM_SHA256);
  JsonParser *parser = json_parser_new ();
  gchar *out = NULL;
  gdouble result = 0.0;
  gint status;

  run_kernel (audio, digest);
  if (g_spawn_sync (NULL, (gchar **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL,
          NULL, &out, NULL, &status, NULL) && status == 0
      && json_parser_load_from_data (parser, out, -1, NULL)) {
    JsonObject *object = json_node_get_object (json_parser_get_root (parser));

    if (g_strcmp0 (json_object_get_string_member (object, "sha256"),
            g_checksum_get_string (digest)) != 0)
      g_error ("NumPy's tokens are not ours");
    result = json_object_get_double_member (object, "frames_per_second");
  }
  g_free (out);
  g_object_unref (parser);
  g_checksum_free (digest);
  return result;
}

static gdouble
run_numpy_on (const gint16 * audio)
{
  gchar *path = NULL;
  gint fd = g_file_open_tmp ("bench-fft-XXXXXX.s16le", &path, NULL);
  gdouble result = 0.0;

  if (fd >= 0) {
    g_close (fd, NULL);
    if (g_file_set_contents (path, (const gchar *) audio, 2 * N_SAMPLES, NULL))
      result = run_numpy (path, audio);
    g_unlink (path);
  }
  g_free (path);
  return result;
}

static const gchar *
get_verdict (const Row * row)
{
  if (row->peer == 0.0)
    return "absent";
  return row->ours / row->peer >= row->target ? "pass" : "SHORT";
}

static void
print_row (const Row * row)
{
  gchar *peer = g_strdup_printf ("%s %.1f", row->peer_name, row->peer / 1e3);

  g_print ("%-44s | %7.1f | %-26s | %6.2f | %6.2f | %s\n", row->work,
      row->ours / 1e3, peer, row->peer > 0.0 ? row->ours / row->peer : 0.0,
      row->target, get_verdict (row));
  g_free (peer);
}

static void
print_json (const Row * rows, guint n)
{
  JsonBuilder *builder = json_builder_new ();
  JsonNode *root;
  gchar *text;
  guint i;

  json_builder_begin_array (builder);
  for (i = 0; i < n; i++) {
    json_builder_begin_object (builder);
    json_builder_set_member_name (builder, "work");
    json_builder_add_string_value (builder, rows[i].work);
    json_builder_set_member_name (builder, "unit");
    json_builder_add_string_value (builder, "frames/s");
    json_builder_set_member_name (builder, "ours");
    json_builder_add_double_value (builder, rows[i].ours);
    json_builder_set_member_name (builder, "peer_name");
    json_builder_add_string_value (builder, rows[i].peer_name);
    json_builder_set_member_name (builder, "peer");
    json_builder_add_double_value (builder, rows[i].peer);
    json_builder_set_member_name (builder, "ratio");
    json_builder_add_double_value (builder,
        rows[i].peer > 0.0 ? rows[i].ours / rows[i].peer : 0.0);
    json_builder_set_member_name (builder, "target");
    json_builder_add_double_value (builder, rows[i].target);
    json_builder_set_member_name (builder, "verdict");
    json_builder_add_string_value (builder, get_verdict (&rows[i]));
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, TRUE);
  g_print ("%s\n", text);
  g_free (text);
  json_node_unref (root);
  g_object_unref (builder);
}

static void
measure (const gint16 * audio, Row * rows)
{
  GstBuffer *buffer = gst_buffer_new_wrapped_full (GST_MEMORY_FLAG_READONLY,
      (gpointer) audio, 2 * N_SAMPLES, 0, 2 * N_SAMPLES, NULL, NULL);
  guint i;

  compare_pipelines (OURS, SPECTRUM, buffer, &rows[0]);
  compare_pipelines (OURS, SPECTRUM " post-messages=false", buffer, &rows[1]);
  compare_pipelines (OURS " post-messages=true", SPECTRUM, buffer, &rows[2]);
  rows[3].ours = MAX (rows[0].ours, rows[1].ours);
  rows[3].peer = run_numpy_on (audio);
  for (i = 0; i < KERNEL_RUNS; i++) {
    rows[4].ours = MAX (rows[4].ours, run_kernel (audio, NULL));
    rows[4].peer = MAX (rows[4].peer, run_transform (audio));
  }
  gst_buffer_unref (buffer);
}

gint
main (gint argc, gchar ** argv)
{
  Row rows[] = {
    {"h4audiofft, pipeline", 0.0, "spectrum with messages", 0.0, 20.0},
    {"h4audiofft, pipeline", 0.0, "spectrum silent", 0.0, 10.0},
    {"h4audiofft with messages, pipeline", 0.0, "spectrum with messages",
        0.0, 1.0},
    {"h4audiofft, pipeline", 0.0, "NumPy", 0.0, 12.0},
    {"h4audiofft, kernel", 0.0, "FFTW transform alone", 0.0, 0.33},
  };
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    {"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL},
    {NULL}
  };
  GOptionContext *context = g_option_context_new (NULL);
  GError *error = NULL;
  gint16 *audio;
  guint i;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_group (context, gst_init_get_option_group ());
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    g_clear_error (&error);
    g_option_context_free (context);
    return 2;
  }
  g_option_context_free (context);

  if (!gst_registry_check_feature_version (gst_registry_get (), "h4audiofft",
          1, 0, 0)) {
    g_printerr ("h4audiofft is not to be found; is GST_PLUGIN_PATH set?\n");
    return 1;
  }

  audio = make_audio ();
  measure (audio, rows);
  if (json) {
    print_json (rows, G_N_ELEMENTS (rows));
  } else {
    g_print ("%-44s | %7s | %-26s | %6s | %6s |\n", "work (1000 frames/s)",
        "ours", "peer", "ratio", "target");
    for (i = 0; i < G_N_ELEMENTS (rows); i++)
      print_row (&rows[i]);
  }
  g_free (audio);
  return 0;
}
