/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Clients that come and go, and streams that do. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <unistd.h>
#include <linux/filter.h>
#include <sys/socket.h>

#include "peer.h"

static H4Fan *fan;
static H4Stream *stream;

static GMutex log_lock;
static GString *events;

static void
on_client (H4Stream * which, guint64 client, const gchar * address,
    gboolean added, gpointer user_data)
{
  g_mutex_lock (&log_lock);
  fail_unless_equals_string (address, "127.0.0.1");
  fail_unless (client > 0);
  g_string_append_printf (events, "%c%s ", added ? '+' : '-',
      h4_stream_get_name (which));
  g_mutex_unlock (&log_lock);
}

static void
setup (void)
{
  H4StreamConfig config = stream_config ();

  events = g_string_new (NULL);
  fan = h4_fan_new (NULL);
  fail_unless (fan != NULL);
  stream = h4_stream_new (&config);
  h4_fan_add_stream (fan, stream, on_client, NULL);
}

static void
teardown (void)
{
  h4_fan_free (fan);
  h4_stream_unref (stream);
  g_string_free (events, TRUE);
}

GST_START_TEST (test_a_client_that_closes_is_gone_at_once)
{
  Peer *peer = peer_join (fan, stream, NULL);

  wait_for_clients (stream, 1);
  fail_unless_equals_int (h4_fan_count_clients (fan), 1);
  peer_free (peer);
  wait_for_clients (stream, 0);
  h4_fan_remove_stream (fan, stream, 0);
  fail_unless_equals_string (events->str, "+a -a ");
}

GST_END_TEST;

GST_START_TEST (test_a_client_that_half_closes_is_gone)
{
  Peer *peer = peer_join (fan, stream, NULL);

  wait_for_clients (stream, 1);
  shutdown (peer->fd, SHUT_WR);
  peer_read_all (peer);
  wait_for_clients (stream, 0);
  peer_free (peer);
}

GST_END_TEST;

GST_START_TEST (test_a_client_that_resets_is_gone)
{
  struct linger reset = { 1, 0 };
  Peer *peer = peer_join (fan, stream, NULL);

  wait_for_clients (stream, 1);
  setsockopt (peer->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof (reset));
  peer_free (peer);
  wait_for_clients (stream, 0);
}

GST_END_TEST;

/* The peer's kernel drops what comes and says nothing, as one does that has
 * lost its power or its network: only the heartbeat's time-out tells. */
GST_START_TEST (test_a_client_that_is_powered_off_is_gone)
{
  struct sock_filter drop = { BPF_RET | BPF_K, 0, 0, 0 };
  struct sock_fprog program = { 1, &drop };
  H4StreamConfig config = stream_config ();
  H4Stream *beating;
  Peer *peer;

  config.name = "beating";
  config.heartbeat = G_TIME_SPAN_SECOND;
  beating = h4_stream_new (&config);
  h4_fan_add_stream (fan, beating, on_client, NULL);
  peer = peer_join (fan, beating, NULL);
  wait_for_clients (beating, 1);
  fail_unless (setsockopt (peer->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
          sizeof (program)) == 0);
  wait_for_clients (beating, 0);
  fail_unless_equals_string (events->str, "+beating -beating ");
  h4_fan_remove_stream (fan, beating, 0);
  h4_stream_unref (beating);
  peer_free (peer);
}

GST_END_TEST;

GST_START_TEST (test_what_a_client_says_is_ignored)
{
  Peer *peer = peer_join (fan, stream, NULL);

  wait_for_clients (stream, 1);
  fail_unless (send (peer->fd, "GET / HTTP/1.1\r\n\r\n", 18, 0) == 18);
  stream_say (stream, "1");
  peer_read_until (peer, "data:1\n\n");
  stream_done (stream);
  peer_read_all (peer);
  fail_unless (strstr (peer->got->str, "event:done") != NULL);
  peer_free (peer);
}

GST_END_TEST;

GST_START_TEST (test_a_client_that_talks_without_end_is_closed)
{
  Peer *peer = peer_join (fan, stream, NULL);
  gchar data[4096] = { 0 };
  gsize sent = 0;
  gssize n;

  wait_for_clients (stream, 1);
  while ((n = send (peer->fd, data, sizeof (data), MSG_NOSIGNAL)) > 0)
    fail_unless ((sent += n) < 64 << 20);
  wait_for_clients (stream, 0);
  peer_free (peer);
}

GST_END_TEST;

/* The program may exit as soon as this returns. */
GST_START_TEST (test_a_removed_stream_has_sent_all)
{
  Peer *peers[20];
  gchar *last = g_strdup ("");
  guint i;

  for (i = 0; i < G_N_ELEMENTS (peers); i++)
    peers[i] = peer_join (fan, stream, NULL);
  wait_for_clients (stream, G_N_ELEMENTS (peers));
  for (i = 0; i < 100; i++)
    stream_say (stream, "data");
  stream_done (stream);
  h4_fan_remove_stream (fan, stream, 100 * G_TIME_SPAN_MILLISECOND);
  fail_unless_equals_int (h4_fan_count_clients (fan), 0);
  for (i = 0; i < G_N_ELEMENTS (peers); i++) {
    peer_read_all (peers[i]);
    fail_unless (g_str_has_suffix (peers[i]->got->str,
            "event:done\ndata:{\"ok\":true}\n\n"));
    peer_free (peers[i]);
  }
  g_free (last);
}

GST_END_TEST;

typedef struct
{
  H4Stream *stream;
  gint64 linger;
} Removal;

static gpointer
remove_stream (gpointer user_data)
{
  Removal *removal = user_data;

  h4_fan_remove_stream (fan, removal->stream, removal->linger);
  return NULL;
}

/* What a client says meanwhile would make the kernel throw away what it has
 * not yet read, were it not read here. */
GST_START_TEST (test_linger_reads_what_clients_still_say)
{
  Removal removal = { stream, 30 * G_TIME_SPAN_SECOND };
  Peer *peer = peer_join_small (fan, stream, 4096);
  GThread *thread;
  gchar *data = g_strnfill (60000, 'x');

  wait_for_clients (stream, 1);
  stream_say (stream, data);
  stream_done (stream);
  thread = g_thread_new ("remove", remove_stream, &removal);
  peer_read_until (peer, "xxxx");
  fail_unless (send (peer->fd, "hello?", 6, MSG_NOSIGNAL) == 6);
  while (peer_read_some (peer, 1000)) {
    if (!peer->ended)
      send (peer->fd, "?", 1, MSG_NOSIGNAL);
  }
  fail_unless (g_str_has_suffix (peer->got->str, "{\"ok\":true}\n\n"));
  peer_free (peer);
  g_thread_join (thread);
  g_free (data);
}

GST_END_TEST;

/* It has taken nothing, and its socket is full. */
GST_START_TEST (test_a_client_that_never_reads_costs_no_more_than_linger)
{
  Peer *peer = peer_join_small (fan, stream, 4096);
  gchar *data = g_strnfill (500000, 'x');

  wait_for_clients (stream, 1);
  stream_say (stream, data);
  stream_done (stream);
  h4_fan_remove_stream (fan, stream, 50 * G_TIME_SPAN_MILLISECOND);
  fail_unless_equals_int (h4_fan_count_clients (fan), 0);
  peer_free (peer);
  g_free (data);
}

GST_END_TEST;

/* It has read everything, and does not close. */
GST_START_TEST (test_a_client_that_never_closes_costs_no_more_than_linger)
{
  Peer *peer = peer_join (fan, stream, NULL);

  wait_for_clients (stream, 1);
  stream_done (stream);
  peer_read_all (peer);
  h4_fan_remove_stream (fan, stream, 50 * G_TIME_SPAN_MILLISECOND);
  fail_unless_equals_int (h4_fan_count_clients (fan), 0);
  peer_free (peer);
}

GST_END_TEST;

GST_START_TEST (test_a_removed_stream_leaves_clients_that_have_another)
{
  H4StreamConfig config = stream_config ();
  H4Stream *streams[2] = { stream };
  Peer *peer;

  config.name = "b";
  streams[1] = h4_stream_new (&config);
  h4_fan_add_stream (fan, streams[1], on_client, NULL);
  peer = peer_join_many (fan, 2, streams, NULL);
  wait_for_clients (streams[1], 1);
  stream_say (stream, "last of a");
  h4_fan_remove_stream (fan, stream, 30 * G_TIME_SPAN_SECOND);
  g_mutex_lock (&log_lock);
  fail_unless_equals_string (events->str, "+a +b -a ");
  g_mutex_unlock (&log_lock);
  stream_say (streams[1], "b goes on");
  peer_read_until (peer, "data:b goes on\n\n");
  fail_unless (strstr (peer->got->str, "data:last of a\n\n") != NULL);
  stream_done (streams[1]);
  peer_read_all (peer);
  peer_free (peer);
  h4_stream_unref (streams[1]);
}

GST_END_TEST;

GST_START_TEST (test_a_stream_may_come_back)
{
  Peer *peer;

  stream_say (stream, "1");
  h4_fan_remove_stream (fan, stream, 0);
  h4_stream_restart (stream);
  h4_fan_add_stream (fan, stream, NULL, NULL);
  peer = peer_join (fan, stream, "earliest");
  stream_say (stream, "2");
  stream_done (stream);
  peer_read_all (peer);
  fail_unless (strstr (peer->got->str, "data:1\n") == NULL);
  fail_unless (strstr (peer->got->str, "-1\nevent:token\ndata:2\n") != NULL);
  peer_free (peer);
}

GST_END_TEST;

GST_START_TEST (test_a_client_of_a_stream_that_left_is_closed)
{
  Peer *peer;

  h4_fan_remove_stream (fan, stream, 0);
  peer = peer_join (fan, stream, NULL);
  peer_read_all (peer);
  fail_unless_equals_string (peer->got->str, HEAD);
  peer_free (peer);
}

GST_END_TEST;

/* Clients of all kinds are there: idle, blocked, not yet seen. */
GST_START_TEST (test_a_fan_ends_whatever_its_clients_do)
{
  H4Fan *other = h4_fan_new (NULL);
  H4StreamConfig config = stream_config ();
  gchar *data = g_strnfill (500000, 'x');
  H4Stream *log;
  Peer *peers[3];
  guint i;

  config.name = "other";
  log = h4_stream_new (&config);
  h4_fan_add_stream (other, log, on_client, NULL);
  peers[0] = peer_join (other, log, NULL);
  peers[1] = peer_join_small (other, log, 4096);
  wait_for_clients (log, 2);
  stream_say (log, data);
  peers[2] = peer_join (other, log, NULL);
  h4_fan_free (other);
  for (i = 0; i < 3; i++) {
    peer_read_all (peers[i]);
    peer_free (peers[i]);
  }
  h4_stream_unref (log);
  g_free (data);
}

GST_END_TEST;

static Suite *
fanlife_suite (void)
{
  Suite *s = suite_create ("fanlife");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_a_client_that_closes_is_gone_at_once);
  tcase_add_test (tc, test_a_client_that_half_closes_is_gone);
  tcase_add_test (tc, test_a_client_that_resets_is_gone);
  tcase_add_test (tc, test_a_client_that_is_powered_off_is_gone);
  tcase_add_test (tc, test_what_a_client_says_is_ignored);
  tcase_add_test (tc, test_a_client_that_talks_without_end_is_closed);
  tcase_add_test (tc, test_a_removed_stream_has_sent_all);
  tcase_add_test (tc, test_linger_reads_what_clients_still_say);
  tcase_add_test (tc, test_a_client_that_never_reads_costs_no_more_than_linger);
  tcase_add_test (tc,
      test_a_client_that_never_closes_costs_no_more_than_linger);
  tcase_add_test (tc, test_a_removed_stream_leaves_clients_that_have_another);
  tcase_add_test (tc, test_a_stream_may_come_back);
  tcase_add_test (tc, test_a_client_of_a_stream_that_left_is_closed);
  tcase_add_test (tc, test_a_fan_ends_whatever_its_clients_do);
  return s;
}

GST_CHECK_MAIN (fanlife);
