/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* h4mkdemux against matroskademux, qtdemux and what nobody can beat: a flush
 * of filesrc ! fakesink, and one SHA-256 of the bytes. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <glib/gstdio.h>
#include <gst/gst.h>
#include <gst/app/gstappsrc.h>
#include <openssl/evp.h>

#include "bench.h"

#define GOP 30
#define FRAME (GST_SECOND / 30)
#define SEEKS_A_TURN 100
#define SEEK_TURNS 41
#define OPENS 41

#define CAPS "video/x-h264,stream-format=avc,alignment=au,width=64,height=48," \
    "framerate=30/1,codec_data=(buffer)0142c00bffe1000f6742c00bda0908841e00" \
    "0003000201000468ce3c80"

enum
{
  H4MK,
  MATROSKA,
  MP4,
  N_CONTAINERS
};

static const struct
{
  const gchar *name;
  const gchar *mux;
  const gchar *demux;
} containers[N_CONTAINERS] = {
  {"h4mkdemux", "h4mkmux sync-interval=3600000000000", "h4mkdemux"},
  {"matroskademux", "matroskamux", "matroskademux"},
  {"qtdemux", "mp4mux", "qtdemux"},
};

/* A file of n blocks in one of the containers. */
typedef struct
{
  gchar *path;
  guint container;
  const gchar *settings;
  guint n;
  gsize size;
  gdouble amount;               /* what one pass counts as */
} File;

static gchar *directory;

static void
wait_for (GstElement * pipeline, GstMessageType type)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      type | GST_MESSAGE_ERROR);

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    GError *error = NULL;
    gchar *debug = NULL;

    gst_message_parse_error (message, &error, &debug);
    g_error ("%s: %s (%s)", GST_MESSAGE_SRC_NAME (message), error->message,
        debug);
  }
  gst_message_unref (message);
  gst_object_unref (bus);
}

static GstElement *
launch (const gchar * format, ...)
{
  GError *error = NULL;
  GstElement *pipeline;
  gchar *text;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  pipeline = gst_parse_launch (text, &error);
  if (error)
    g_error ("%s: %s", text, error->message);
  g_free (text);
  return pipeline;
}

static void
close_pipeline (GstElement * pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

static File
make_file (guint container, guint n, gsize size)
{
  File file = { NULL, container, "", n, size, n };
  GstElement *pipeline, *source;
  guint i;

  file.path = g_strdup_printf ("%s/%s-%u-%" G_GSIZE_FORMAT, directory,
      containers[container].name, n, size);
  pipeline = launch ("appsrc name=s format=time block=true max-bytes=33554432 "
      "caps=\"" CAPS "\" ! " CAPS " ! %s ! filesink location=%s",
      containers[container].mux, file.path);
  source = gst_bin_get_by_name (GST_BIN (pipeline), "s");
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (i = 0; i < n; i++) {
    /* one memory for all would be shared more often than it can count */
    GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);

    gst_buffer_memset (buffer, 0, 0x5a, size);
    GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = i * FRAME;
    GST_BUFFER_DURATION (buffer) = FRAME;
    if (i % GOP != 0)
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
    if (gst_app_src_push_buffer (GST_APP_SRC (source), buffer) != GST_FLOW_OK)
      break;
  }
  gst_app_src_end_of_stream (GST_APP_SRC (source));
  wait_for (pipeline, GST_MESSAGE_EOS);
  gst_object_unref (source);
  close_pipeline (pipeline);
  return file;
}

static void
remove_file (File * file)
{
  g_unlink (file->path);
  g_clear_pointer (&file->path, g_free);
}

static GstElement *
open_file (const File * file)
{
  return launch ("filesrc location=%s ! %s %s ! fakesink sync=false",
      file->path, containers[file->container].demux, file->settings);
}

static gdouble
play (gpointer user_data)
{
  const File *file = user_data;
  GstElement *pipeline = open_file (file);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  wait_for (pipeline, GST_MESSAGE_EOS);
  close_pipeline (pipeline);
  return file->amount;
}

static void
bench_throughput (const gchar * work, guint n, gsize size)
{
  File ours = make_file (H4MK, n, size);
  guint i;

  for (i = MATROSKA; i < N_CONTAINERS; i++) {
    File peer = make_file (i, n, size);
    /* either has one thread that works */
    H4BenchRow row = { work, "buffers/s", containers[i].name, H4_BENCH_PROCESS,
      play, play, &ours, &peer, 1.0
    };

    h4_bench_run (&row);
    remove_file (&peer);
  }
  remove_file (&ours);
}

static gdouble
hash (gpointer user_data)
{
  const File *file = user_data;
  guint8 *block = g_malloc0 (file->size);
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  guint8 digest[EVP_MAX_MD_SIZE];
  guint i;

  EVP_DigestInit_ex (context, EVP_sha256 (), NULL);
  for (i = 0; i < file->n; i++)
    EVP_DigestUpdate (context, block, file->size);
  EVP_DigestFinal_ex (context, digest, NULL);
  EVP_MD_CTX_free (context);
  g_free (block);
  return file->amount;
}

/* 1.3 GB/s where SHA-256 does 1.8. */
static void
bench_chain (void)
{
  File ours = make_file (H4MK, 1024, 512 << 10);
  H4BenchRow row = { "h4mkdemux, 512 KiB, verify=chain", "MB/s",
    "SHA-256 alone", H4_BENCH_WALL, play, hash, &ours, &ours, 0.72
  };

  ours.settings = "verify=chain";
  ours.amount = ours.n * (gdouble) ours.size / 1e6;
  h4_bench_run (&row);
  remove_file (&ours);
}

/* What is sought in: a file in a demuxer, or bytes alone. */
typedef struct
{
  GstElement *pipeline;
  GstFormat format;
  gint64 end;
  GArray *times;                /* of gint64, ns; those of a turn */
  gdouble best;                 /* the best turn's median as seeks a second */
} Seeker;

static void
open_seeker (Seeker * seeker, const File * file, gboolean demux)
{
  seeker->pipeline = demux ? open_file (file) :
      launch ("filesrc location=%s ! fakesink sync=false", file->path);
  seeker->format = demux ? GST_FORMAT_TIME : GST_FORMAT_BYTES;
  seeker->end = demux ? file->n * FRAME : file->n * file->size;
  seeker->best = 0;
  seeker->times = g_array_new (FALSE, FALSE, sizeof (gint64));
  gst_element_set_state (seeker->pipeline, GST_STATE_PAUSED);
  wait_for (seeker->pipeline, GST_MESSAGE_ASYNC_DONE);
}

static void
close_seeker (Seeker * seeker)
{
  close_pipeline (seeker->pipeline);
  g_array_unref (seeker->times);
}

static gint64
now_ns (void)
{
  return (gint64) gst_util_get_timestamp ();
}

static gint
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

/* The median as seeks a second. */
static gdouble
median_rate (GArray * times)
{
  g_array_sort (times, compare_times);
  return 1e9 / g_array_index (times, gint64, times->len / 2);
}

static void
seek_some (Seeker * seeker, GRand * rand)
{
  gdouble rate;
  guint i;

  g_array_set_size (seeker->times, 0);
  for (i = 0; i < SEEKS_A_TURN; i++) {
    gint64 to = (gint64) (g_rand_double (rand) * seeker->end);
    gint64 begin = now_ns ();

    if (!gst_element_seek_simple (seeker->pipeline, seeker->format,
            GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_KEY_UNIT, to))
      g_error ("the seek failed");
    wait_for (seeker->pipeline, GST_MESSAGE_ASYNC_DONE);
    begin = now_ns () - begin;
    g_array_append_val (seeker->times, begin);
  }
  rate = median_rate (seeker->times);
  seeker->best = MAX (seeker->best, rate);
}

/* Both seek in turns, so that both meet the same machine, and the best turn's
 * median counts. */
static void
compare_seeks (const H4BenchRow * row, const File * ours, const File * peer,
    gboolean demux)
{
  Seeker seekers[2];
  GRand *rand = g_rand_new_with_seed (4);
  guint i;

  open_seeker (&seekers[0], ours, TRUE);
  open_seeker (&seekers[1], peer, demux);
  for (i = 0; i < 2 * SEEK_TURNS; i++)
    seek_some (&seekers[i % 2], rand);
  h4_bench_print (row, seekers[0].best, seekers[1].best);
  close_seeker (&seekers[0]);
  close_seeker (&seekers[1]);
  g_rand_free (rand);
}

static void
bench_seeks (const File * small, const File * large)
{
  const H4BenchRow floor_10k = { "key-unit seek p50, 10 k blocks", "seeks/s",
    "flush floor", H4_BENCH_WALL, NULL, NULL, NULL, NULL, 1 / 1.2
  };
  const H4BenchRow floor_1m = { "key-unit seek p50, 1 M blocks", "seeks/s",
    "flush floor", H4_BENCH_WALL, NULL, NULL, NULL, NULL, 1 / 1.2
  };
  const H4BenchRow flat = { "key-unit seek p50, 1 M blocks", "seeks/s",
    "10 k blocks", H4_BENCH_WALL, NULL, NULL, NULL, NULL, 0.9
  };
  guint i;

  compare_seeks (&floor_10k, small, small, FALSE);
  compare_seeks (&floor_1m, large, large, FALSE);
  compare_seeks (&flat, large, small, TRUE);
  for (i = MATROSKA; i < N_CONTAINERS; i++) {
    File peer = make_file (i, small->n, small->size);
    const H4BenchRow row = { "key-unit seek p50, 10 k blocks", "seeks/s",
      containers[i].name, H4_BENCH_WALL, NULL, NULL, NULL, NULL, 0
    };

    compare_seeks (&row, small, &peer, TRUE);
    remove_file (&peer);
  }
}

/* From nothing to the first block. */
static void
bench_open (const File * large)
{
  const H4BenchRow row = { "open 1 M blocks, p50", "opens/s", "5 ms",
    H4_BENCH_WALL, NULL, NULL, NULL, NULL, 1.0
  };
  GArray *times = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint i;

  for (i = 0; i < OPENS; i++) {
    GstElement *pipeline = open_file (large);
    gint64 begin = now_ns ();

    gst_element_set_state (pipeline, GST_STATE_PAUSED);
    wait_for (pipeline, GST_MESSAGE_ASYNC_DONE);
    begin = now_ns () - begin;
    g_array_append_val (times, begin);
    close_pipeline (pipeline);
  }
  h4_bench_print (&row, median_rate (times), 200);
  g_array_unref (times);
}

gint
main (gint argc, gchar ** argv)
{
  File small, large;

  gst_init (NULL, NULL);
  h4_bench_init (&argc, &argv, "demux");
  directory = g_dir_make_tmp ("h4-bench-XXXXXX", NULL);

  bench_throughput ("h4mkdemux ! fakesink, 200 B, CRC", 200000, 200);
  bench_throughput ("h4mkdemux ! fakesink, 20 KB, CRC", 20000, 20000);
  bench_chain ();
  small = make_file (H4MK, 10000, 100);
  large = make_file (H4MK, 1000000, 100);
  bench_seeks (&small, &large);
  bench_open (&large);

  remove_file (&small);
  remove_file (&large);
  g_rmdir (directory);
  g_free (directory);
  return h4_bench_finish ();
}
