/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* h4mkmux against other muxers and against what it cannot be faster than.
 * Each source has a thread and pushes ready-made memory; a muxer is followed
 * by a fakesink. Both sides run in turns, and the best of several counts. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* for the CPUs that a thread may use */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <malloc.h>
#include <sched.h>

#include <gst/gst.h>
#include <json-glib/json-glib.h>
#include <openssl/evp.h>

#define RUNS 5
#define SMALL 200
#define LARGE (512 * 1024)
#define N_SMALL 200000
#define N_SMALL_OF_TWO 40000
#define N_LARGE 400
#define N_MEMORY 1000000
#define N_MEMORY_BEFORE 10000
#define MP3_CAPS "audio/mpeg,mpegversion=1,mpegaudioversion=1,layer=3," \
    "channels=2,rate=48000,parsed=true"
#define AAC_CAPS "audio/mpeg,mpegversion=4,stream-format=raw,channels=2," \
    "rate=48000,framed=true,codec_data=(buffer)1190"
#define OURS "h4mkmux name=it ! fakesink sync=false async=false"
#define MATROSKAMUX "matroskamux name=it streamable=true ! " \
    "fakesink sync=false async=false"

/* Less is better where the unit is one of size: then the ratio says how many
 * times ours goes into the peer's. */
typedef struct
{
  const gchar *work;
  const gchar *unit;
  gboolean less;
  const gchar *peer_name;
  gdouble target;
  gdouble ours;
  gdouble peer;                 /* 0 where the peer is absent */
} Row;

typedef struct
{
  const gchar *launch;
  const gchar *pad;             /* template of the muxer's pads */
  const gchar *caps;
  guint n_pads;
  guint n_buffers;              /* a pad */
  gsize size;
  GstClockTime step;
} Work;

typedef struct
{
  const Work *work;
  GstPad *pad;
  GstBuffer *data;
  guint from, to;
} Source;

static GstBusSyncReply
drop_message (GstBus * bus, GstMessage * message, gpointer data)
{
  gst_message_unref (message);
  return GST_BUS_DROP;
}

static void
push_all (Source * source)
{
  const Work *work = source->work;
  guint i;

  for (i = source->from; i < source->to; i++) {
    GstBuffer *buffer = gst_buffer_copy (source->data);

    GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = i * work->step;
    GST_BUFFER_DURATION (buffer) = work->step;
    if (gst_pad_push (source->pad, buffer) != GST_FLOW_OK)
      g_error ("%s does not take its data", work->launch);
  }
}

static gpointer
push_to_the_end (gpointer data)
{
  Source *source = data;

  push_all (source);
  gst_pad_push_event (source->pad, gst_event_new_eos ());
  return NULL;
}

static void
open_source (Source * source, GstElement * mux)
{
  GstPad *sink = gst_element_request_pad_simple (mux, source->work->pad);
  GstCaps *caps = gst_caps_from_string (source->work->caps);
  GstSegment segment;

  source->pad = gst_pad_new ("source", GST_PAD_SRC);
  gst_pad_set_active (source->pad, TRUE);
  gst_pad_link (source->pad, sink);
  gst_pad_push_event (source->pad, gst_event_new_stream_start ("bench"));
  gst_pad_push_event (source->pad, gst_event_new_caps (caps));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (source->pad, gst_event_new_segment (&segment));
  gst_caps_unref (caps);
  gst_object_unref (sink);
}

static GstElement *
open_pipeline (const Work * work)
{
  GstElement *pipeline = gst_parse_launch_full (work->launch, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, NULL);
  GstBus *bus;

  if (!pipeline)
    return NULL;
  bus = gst_element_get_bus (pipeline);
  gst_bus_set_sync_handler (bus, drop_message, NULL, NULL);
  gst_object_unref (bus);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  return pipeline;
}

static void
open_sources (Source * sources, const Work * work, GstElement * pipeline)
{
  GstElement *mux = gst_bin_get_by_name (GST_BIN (pipeline), "it");
  guint i;

  for (i = 0; i < work->n_pads; i++) {
    sources[i].work = work;
    sources[i].from = 0;
    sources[i].to = work->n_buffers;
    sources[i].data = gst_buffer_new_and_alloc (work->size);
    gst_buffer_memset (sources[i].data, 0, i, work->size);
    open_source (&sources[i], mux);
  }
  gst_object_unref (mux);
}

static void
close_pipeline (Source * sources, const Work * work, GstElement * pipeline)
{
  guint i;

  gst_element_set_state (pipeline, GST_STATE_NULL);
  for (i = 0; i < work->n_pads; i++) {
    gst_buffer_unref (sources[i].data);
    gst_object_unref (sources[i].pad);
  }
  gst_object_unref (pipeline);
}

/* Buffers a second, 0 where there is no such muxer. */
static gdouble
run_speed (const Work * work)
{
  GstElement *pipeline = open_pipeline (work);
  GThread *threads[2];
  Source sources[2];
  gint64 begin;
  gdouble seconds;
  guint i;

  if (!pipeline)
    return 0.0;
  open_sources (sources, work, pipeline);
  begin = g_get_monotonic_time ();
  for (i = 0; i < work->n_pads; i++)
    threads[i] = g_thread_new ("source", push_to_the_end, &sources[i]);
  for (i = 0; i < work->n_pads; i++)
    g_thread_join (threads[i]);
  seconds = (g_get_monotonic_time () - begin) / 1e6;
  close_pipeline (sources, work, pipeline);
  return work->n_pads * work->n_buffers / seconds;
}

/* Bytes that a million blocks leave behind, 0 where there is no such muxer. */
static gdouble
run_memory (const Work * work)
{
  GstElement *pipeline = open_pipeline (work);
  struct mallinfo2 before, after;
  Source source;

  if (!pipeline)
    return 0.0;
  open_sources (&source, work, pipeline);
  source.to = N_MEMORY_BEFORE;
  push_all (&source);
  before = mallinfo2 ();
  source.from = source.to;
  source.to = work->n_buffers;
  push_all (&source);
  after = mallinfo2 ();
  close_pipeline (&source, work, pipeline);
  return MAX ((gdouble) (after.uordblks + after.hblkhd) - before.uordblks -
      before.hblkhd, 1.0);
}

static GstPadProbeReturn
count_bytes (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  guint64 *bytes = data;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER_LIST)
    *bytes += gst_buffer_list_calculate_size (info->data);
  else
    *bytes += gst_buffer_get_size (info->data);
  return GST_PAD_PROBE_OK;
}

/* Bytes of the file that are no block's, a block. */
static gdouble
run_overhead (const Work * work)
{
  GstElement *pipeline = open_pipeline (work);
  GstElement *mux = gst_bin_get_by_name (GST_BIN (pipeline), "it");
  GstPad *pad = gst_element_get_static_pad (mux, "src");
  guint64 bytes = 0;
  Source source;

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER |
      GST_PAD_PROBE_TYPE_BUFFER_LIST, count_bytes, &bytes, NULL);
  open_sources (&source, work, pipeline);
  push_to_the_end (&source);
  close_pipeline (&source, work, pipeline);
  gst_object_unref (pad);
  gst_object_unref (mux);
  return (gdouble) bytes / work->n_buffers - work->size;
}

/* Bytes a second of one SHA-256 over as much. */
static gdouble
run_sha256 (void)
{
  guint8 *data = g_malloc0 (LARGE), digest[32];
  EVP_MD_CTX *ctx = EVP_MD_CTX_new ();
  gint64 begin = g_get_monotonic_time ();
  gdouble seconds;
  guint i;

  EVP_DigestInit_ex (ctx, EVP_sha256 (), NULL);
  for (i = 0; i < N_LARGE; i++)
    EVP_DigestUpdate (ctx, data, LARGE);
  EVP_DigestFinal_ex (ctx, digest, NULL);
  seconds = (g_get_monotonic_time () - begin) / 1e6;
  EVP_MD_CTX_free (ctx);
  g_free (data);
  return (gdouble) N_LARGE *LARGE / seconds;
}

static void
compare_speed (Row * row, guint n_pads, guint n_buffers)
{
  const Work ours = { OURS, "sink_%u", MP3_CAPS, n_pads, n_buffers, SMALL,
    GST_MSECOND
  };
  const Work peer = { MATROSKAMUX, "audio_%u", MP3_CAPS, n_pads, n_buffers,
    SMALL, GST_MSECOND
  };
  guint i;

  for (i = 0; i < RUNS; i++) {
    row->ours = MAX (row->ours, run_speed (&ours));
    row->peer = MAX (row->peer, run_speed (&peer));
  }
}

static void
compare_with_sha256 (Row * row)
{
  const Work work = { OURS, "sink_%u", "video/x-vp8", 1, N_LARGE, LARGE,
    40 * GST_MSECOND
  };
  guint i;

  for (i = 0; i < RUNS; i++) {
    row->ours = MAX (row->ours, run_speed (&work) * LARGE / 1e6);
    row->peer = MAX (row->peer, run_sha256 () / 1e6);
  }
}

/* On one CPU, threads to come included. */
static void
compare_with_sha256_pinned (Row * row)
{
  cpu_set_t all, one;
  gint cpu = sched_getcpu ();

  sched_getaffinity (0, sizeof (all), &all);
  CPU_ZERO (&one);
  CPU_SET (MAX (cpu, 0), &one);
  sched_setaffinity (0, sizeof (one), &one);
  compare_with_sha256 (row);
  sched_setaffinity (0, sizeof (all), &all);
}

static void
measure_overhead (Row * row, const gchar * launch, guint n, GstClockTime step)
{
  const Work work = { launch, "sink_%u", MP3_CAPS, 1, n, SMALL, step };

  row->ours = run_overhead (&work);
}

static gdouble
measure_memory (const gchar * launch, const gchar * pad, const gchar * caps)
{
  const Work work = { launch, pad, caps, 1, N_MEMORY, SMALL, GST_MSECOND };

  return run_memory (&work) / 1024;
}

static gdouble
get_ratio (const Row * row)
{
  if (row->peer <= 0.0)
    return 0.0;
  return row->less ? row->peer / row->ours : row->ours / row->peer;
}

static const gchar *
get_verdict (const Row * row)
{
  if (row->peer <= 0.0)
    return "absent";
  return get_ratio (row) >= row->target ? "pass" : "SHORT";
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
    const struct
    {
      const gchar *name, *text;
      gdouble value;
    } members[] = {
      {"work", rows[i].work, 0}, {"unit", rows[i].unit, 0},
      {"ours", NULL, rows[i].ours}, {"peer_name", rows[i].peer_name, 0},
      {"peer", NULL, rows[i].peer}, {"ratio", NULL, get_ratio (&rows[i])},
      {"target", NULL, rows[i].target},
      {"verdict", get_verdict (&rows[i]), 0}
    };
    guint k;

    json_builder_begin_object (builder);
    for (k = 0; k < G_N_ELEMENTS (members); k++) {
      json_builder_set_member_name (builder, members[k].name);
      if (members[k].text)
        json_builder_add_string_value (builder, members[k].text);
      else
        json_builder_add_double_value (builder, members[k].value);
    }
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
print_row (const Row * row)
{
  g_print ("%-44s | %-10s | %10.1f | %-22s | %10.1f | %6.2f | %6.2f | %s\n",
      row->work, row->unit, row->ours, row->peer_name, row->peer,
      get_ratio (row), row->target, get_verdict (row));
}

static void
measure (Row * rows)
{
  compare_speed (&rows[0], 1, N_SMALL);
  compare_speed (&rows[1], 2, N_SMALL_OF_TWO);
  compare_with_sha256 (&rows[2]);
  compare_with_sha256_pinned (&rows[3]);
  measure_overhead (&rows[4], OURS, N_SMALL, GST_MSECOND);
  measure_overhead (&rows[5], "h4mkmux name=it group-duration=0 ! fakesink "
      "sync=false async=false", 5000, 20 * GST_MSECOND);
  rows[6].ours = rows[7].ours = rows[8].ours =
      measure_memory (OURS, "sink_%u", MP3_CAPS);
  rows[7].peer = measure_memory ("matroskamux name=it ! filesink "
      "async=false buffer-mode=unbuffered location=/dev/null", "audio_%u",
      MP3_CAPS);
  rows[8].peer =
      measure_memory ("mp4mux name=it ! filesink async=false "
      "buffer-mode=unbuffered location=/dev/null", "audio_%u", AAC_CAPS);
}

gint
main (gint argc, gchar ** argv)
{
  Row rows[] = {
    {"h4mkmux, 200 B, one pad", "buffers/s", FALSE, "matroskamux streamable",
        1.0, 0, 0},
    {"h4mkmux, 200 B, two pads", "buffers/s", FALSE, "matroskamux streamable",
        8.0, 0, 0},
    {"h4mkmux, 512 KiB", "MB/s", FALSE, "one SHA-256 alone", 0.85, 0, 0},
    {"h4mkmux, 512 KiB, one CPU", "MB/s", FALSE, "one SHA-256 alone", 0.45, 0,
        0},
    {"h4mkmux, 200 B a ms, overhead", "B a block", TRUE, "the limit", 1.0, 0,
        24},
    {"h4mkmux group-duration=0, 50/s, overhead", "B a block", TRUE,
        "the limit", 1.0, 0, 56},
    {"h4mkmux, memory of 1 M blocks", "KiB", TRUE, "the limit", 1.0, 0, 2048},
    {"h4mkmux, memory of 1 M blocks", "KiB", TRUE, "matroskamux", 1.0, 0, 0},
    {"h4mkmux, memory of 1 M blocks", "KiB", TRUE, "mp4mux", 1.0, 0, 0}
  };
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    {"json", 0, 0, G_OPTION_ARG_NONE, &json, "Print JSON", NULL},
    {NULL}
  };
  GOptionContext *context = g_option_context_new (NULL);
  GError *error = NULL;
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

  measure (rows);
  if (json) {
    print_json (rows, G_N_ELEMENTS (rows));
  } else {
    for (i = 0; i < G_N_ELEMENTS (rows); i++)
      print_row (&rows[i]);
  }
  return 0;
}
