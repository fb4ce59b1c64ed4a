/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Clients that are slow, and those that are not beside them. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "peer.h"

#define N_EVENTS 6000
#define DATA_SIZE 500

static H4Fan *fan;

static void
setup (void)
{
  fan = h4_fan_new (NULL);
  fail_unless (fan != NULL);
}

static void
teardown (void)
{
  h4_fan_free (fan);
}

static H4Stream *
open_stream (gsize history_bytes, gsize max_lag, gboolean disconnect)
{
  H4StreamConfig config = stream_config ();
  H4Stream *stream;

  config.history_events = 0;
  config.history_time = -1;
  config.history_bytes = history_bytes;
  config.max_lag = max_lag;
  config.disconnect = disconnect;
  stream = h4_stream_new (&config);
  h4_fan_add_stream (fan, stream, NULL, NULL);
  return stream;
}

/* Data that shows whether any byte of it was lost. */
static gchar *
make_data (guint64 n)
{
  gchar *data = g_strnfill (DATA_SIZE, 'a' + n % 26);
  gchar *text = g_strdup_printf ("%" G_GUINT64_FORMAT ":%s", n, data);

  g_free (data);
  return text;
}

static void
say (H4Stream * stream, guint64 n)
{
  gchar *data = make_data (n);

  stream_say (stream, data);
  g_free (data);
}

/* Each block whole, each n once, and gaps that account for what is not there.
 * Returns the latest n. */
static guint64
check_blocks (Peer * peer, guint64 n, guint * gaps)
{
  gchar *block;

  while (peer_take_block (peer, &block)) {
    const gchar *id = strstr (block, "id:"), *gap = strstr (block, "event:gap");
    guint64 lost;

    if (gap) {
      fail_unless_equals_int (sscanf (gap, "event:gap\ndata:{\"lost\":%"
              G_GUINT64_FORMAT ",\"reason\":\"slow\"}", &lost), 1);
      fail_unless (lost > 0);
      n += lost;
      (*gaps)++;
    } else if (id) {
      n++;
      fail_unless_equals_uint64 (block_n (block), n);
      if (!strstr (block, "event:done")) {
        gchar *data = make_data (n);

        fail_unless_equals_string (strstr (block, "data:") + 5, data);
        g_free (data);
      }
    }
    g_free (block);
  }
  fail_unless_equals_string (peer->got->str, "");
  return n;
}

/* One reads, one does not until all was said. */
static void
run_slow (H4Stream * stream)
{
  Peer *slow = peer_join_small (fan, stream, 4096);
  Peer *good = peer_join (fan, stream, NULL);
  guint gaps = 0, i;
  H4StreamStats stats;

  wait_for_clients (stream, 2);
  for (i = 1; i <= N_EVENTS; i++) {
    gchar *mark = g_strdup_printf ("-%u\n", i);

    say (stream, i);
    if (i % 100 == 0)
      peer_read_until (good, mark);
    g_free (mark);
  }
  stream_done (stream);
  peer_read_all (good);
  fail_unless_equals_uint64 (check_blocks (good, 0, &gaps), N_EVENTS + 1);
  fail_unless_equals_int (gaps, 0);

  peer_read_all (slow);
  fail_unless_equals_uint64 (check_blocks (slow, 0, &gaps), N_EVENTS + 1);
  fail_unless_equals_int (gaps, 1);
  h4_stream_get_stats (stream, &stats);
  fail_unless (stats.events_skipped > 100);
  fail_unless_equals_uint64 (stats.events_sent + stats.events_skipped,
      2 * (N_EVENTS + 1));
  peer_free (slow);
  peer_free (good);
  h4_stream_unref (stream);
}

GST_START_TEST (test_who_is_too_far_behind_is_skipped_and_nobody_else)
{
  run_slow (open_stream (8 << 20, 256 * 1024, FALSE));
}

GST_END_TEST;

/* The event that was cut is whole, although its chunk is not kept. */
GST_START_TEST (test_who_is_lapped_by_the_history_is_skipped)
{
  run_slow (open_stream (256 * 1024, G_MAXSIZE, FALSE));
}

GST_END_TEST;

GST_START_TEST (test_who_is_too_far_behind_may_be_disconnected)
{
  H4Stream *stream = open_stream (8 << 20, 256 * 1024, TRUE);
  Peer *slow = peer_join_small (fan, stream, 4096);
  Peer *good = peer_join (fan, stream, NULL);
  guint gaps = 0, i;
  H4StreamStats stats;
  guint64 n;

  wait_for_clients (stream, 2);
  for (i = 1; i <= N_EVENTS; i++) {
    gchar *mark = g_strdup_printf ("-%u\n", i);

    say (stream, i);
    if (i % 100 == 0)
      peer_read_until (good, mark);
    g_free (mark);
  }
  wait_for_clients (stream, 1);
  stream_done (stream);
  peer_read_all (good);
  n = check_blocks (good, 0, &gaps);
  fail_unless_equals_uint64 (n, N_EVENTS + 1);
  fail_unless_equals_int (gaps, 0);
  peer_read_all (slow);
  fail_unless (strstr (slow->got->str, "event:gap") == NULL);
  fail_unless (strstr (slow->got->str, "event:done") == NULL);
  h4_stream_get_stats (stream, &stats);
  fail_unless_equals_uint64 (stats.clients_dropped, 1);
  peer_free (slow);
  peer_free (good);
  h4_stream_unref (stream);
}

GST_END_TEST;

/* A slow client of several streams misses of one and has all of the other. */
GST_START_TEST (test_a_slow_client_of_several_streams)
{
  H4StreamConfig config = stream_config ();
  H4Stream *streams[2];
  Peer *peer;
  guint i;

  streams[0] = open_stream (256 * 1024, 128 * 1024, FALSE);
  config.name = "b";
  streams[1] = h4_stream_new (&config);
  h4_fan_add_stream (fan, streams[1], NULL, NULL);
  peer = peer_join_many (fan, 2, streams, NULL);
  wait_for_clients (streams[1], 1);
  stream_say (streams[1], "first");
  for (i = 1; i <= N_EVENTS * 2; i++)
    say (streams[0], i);
  stream_say (streams[1], "second");
  stream_done (streams[0]);
  stream_done (streams[1]);
  peer_read_all (peer);
  fail_unless (strstr (peer->got->str, "data:{\"stream\":\"a\",\"lost\":"));
  fail_unless (strstr (peer->got->str, "data:{\"stream\":\"b\",\"lost\":")
      == NULL);
  fail_unless (strstr (peer->got->str, "data:first\n\n") != NULL);
  fail_unless (strstr (peer->got->str, "data:second\n\n") != NULL);
  fail_unless (strstr (peer->got->str, "data:{\"stream\":\"a\",\"ok\":true}"));
  fail_unless (strstr (peer->got->str, "data:{\"stream\":\"b\",\"ok\":true}"));
  peer_free (peer);
  h4_stream_unref (streams[0]);
  h4_stream_unref (streams[1]);
}

GST_END_TEST;

/* Two heartbeats without taking a byte. */
GST_START_TEST (test_who_takes_nothing_is_dropped)
{
  H4StreamConfig config = stream_config ();
  H4Stream *stream;
  H4StreamStats stats;
  Peer *peer;
  guint i;

  config.heartbeat = 50 * G_TIME_SPAN_MILLISECOND;
  stream = h4_stream_new (&config);
  h4_fan_add_stream (fan, stream, NULL, NULL);
  peer = peer_join_small (fan, stream, 4096);
  wait_for_clients (stream, 1);
  for (i = 1; i <= 1000; i++)
    say (stream, i);
  wait_for_clients (stream, 0);
  h4_stream_get_stats (stream, &stats);
  fail_unless_equals_uint64 (stats.clients_dropped, 1);
  peer_free (peer);
  h4_stream_unref (stream);
}

GST_END_TEST;

typedef struct
{
  H4Stream *stream;
  GThread *thread;
} Producer;

#define N_PRODUCED 12000

static gpointer
produce (gpointer user_data)
{
  GRand *rand = g_rand_new_with_seed (7);
  H4Stream *stream = user_data;
  guint64 n = 1;

  while (n <= N_PRODUCED) {
    guint i, count = g_rand_int_range (rand, 1, 40);

    h4_stream_begin (stream);
    for (i = 0; i < count && n <= N_PRODUCED; i++, n++) {
      gchar *data = g_strdup_printf ("%" G_GUINT64_FORMAT, n);

      h4_stream_append (stream, "token", data, strlen (data));
      g_free (data);
    }
    h4_stream_end (stream);
    g_usleep (g_rand_int_range (rand, 0, 500));
  }
  stream_done (stream);
  g_rand_free (rand);
  return NULL;
}

/* Reads what is there, and takes off what is whole. */
static guint64
read_on (Peer * peer, GRand * rand, gchar ** id, guint64 n)
{
  guint i, count = g_rand_int_range (rand, 1, 30);
  gchar *block;

  for (i = 0; i < count; i++) {
    if (!peer_read_some (peer, g_rand_int_range (rand, 1, 3000)))
      break;
    while (peer_take_block (peer, &block)) {
      fail_unless (strstr (block, "event:gap") == NULL, "%s", block);
      if (strstr (block, "id:")) {
        fail_unless_equals_uint64 (block_n (block), ++n);
        g_free (*id);
        *id = g_strndup (strstr (block, "id:") + 3,
            strcspn (strstr (block, "id:") + 3, "\n"));
      }
      g_free (block);
    }
  }
  return n;
}

typedef struct
{
  H4Stream *stream;
  guint seed;
  guint64 n;
  guint joins;
} Reader;

/* Connects, reads, leaves in the middle of anything, and comes back. */
static gpointer
run_reader (gpointer user_data)
{
  Reader *reader = user_data;
  GRand *rand = g_rand_new_with_seed (reader->seed);
  gchar *id = g_strdup ("earliest");

  while (reader->n <= N_PRODUCED) {
    Peer *peer = peer_join (fan, reader->stream, id);

    reader->joins++;
    do {
      reader->n = read_on (peer, rand, &id, reader->n);
      g_usleep (g_rand_int_range (rand, 0, 300));
    } while (!peer->ended && g_rand_int_range (rand, 0, 8) != 0);
    peer_free (peer);
  }
  g_free (id);
  g_rand_free (rand);
  return NULL;
}

#define N_READERS 12

GST_START_TEST (test_replay_joins_live_without_a_gap_or_a_double)
{
  H4StreamConfig config = stream_config ();
  Reader readers[N_READERS];
  GThread *threads[N_READERS], *producer;
  H4Stream *stream;
  guint i, joins = 0;

  config.history_events = N_PRODUCED + 1;
  config.history_bytes = 64 << 20;
  config.max_lag = G_MAXSIZE;
  stream = h4_stream_new (&config);
  h4_fan_add_stream (fan, stream, NULL, NULL);
  producer = g_thread_new ("producer", produce, stream);
  for (i = 0; i < N_READERS; i++) {
    readers[i] = (Reader) {
    stream, 100 + i, 0, 0};
    threads[i] = g_thread_new ("reader", run_reader, &readers[i]);
  }
  for (i = 0; i < N_READERS; i++) {
    g_thread_join (threads[i]);
    fail_unless_equals_uint64 (readers[i].n, N_PRODUCED + 1);
    joins += readers[i].joins;
  }
  fail_unless (joins > 2 * N_READERS);
  g_thread_join (producer);
  wait_for_clients (stream, 0);
  h4_stream_unref (stream);
}

GST_END_TEST;

static Suite *
fanslow_suite (void)
{
  Suite *s = suite_create ("fanslow");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_who_is_too_far_behind_is_skipped_and_nobody_else);
  tcase_add_test (tc, test_who_is_lapped_by_the_history_is_skipped);
  tcase_add_test (tc, test_who_is_too_far_behind_may_be_disconnected);
  tcase_add_test (tc, test_a_slow_client_of_several_streams);
  tcase_add_test (tc, test_who_takes_nothing_is_dropped);
  tcase_add_test (tc, test_replay_joins_live_without_a_gap_or_a_double);
  return s;
}

GST_CHECK_MAIN (fanslow);
