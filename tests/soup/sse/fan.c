/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What clients of a fan are told. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>

#include "peer.h"

static H4Fan *fan;
static H4Stream *stream;

static void
setup (void)
{
  H4StreamConfig config = stream_config ();

  fan = h4_fan_new (NULL);
  fail_unless (fan != NULL);
  stream = h4_stream_new (&config);
  h4_fan_add_stream (fan, stream, NULL, NULL);
}

static void
teardown (void)
{
  h4_fan_free (fan);
  h4_stream_unref (stream);
}

static void
assert_stripped (Peer * peer, const gchar * wanted)
{
  gchar *body = peer_body (peer);
  gchar *text = strip_ids (body);

  fail_unless (g_str_equal (text, wanted), "%.2000s\nis not\n%.2000s", text,
      wanted);
  g_free (text);
  g_free (body);
}

GST_START_TEST (test_an_id_stands_before_each_event_and_retry_before_all)
{
  Peer *peer = peer_join (fan, stream, "earliest");
  gchar *body, *epoch, *wanted;

  stream_meta (stream, "{\"m\":1}");
  stream_say (stream, "{\"t\":1}");
  stream_say (stream, "{\"t\":2}");
  stream_done (stream);
  peer_read_all (peer);
  body = peer_body (peer);
  epoch = block_epoch (body);
  wanted = g_strdup_printf ("retry:2000\nevent:meta\ndata:{\"m\":1}\n\n"
      "id:%s-1\nevent:token\ndata:{\"t\":1}\n\n"
      "id:%s-2\nevent:token\ndata:{\"t\":2}\n\n"
      "id:%s-3\nevent:done\ndata:{\"ok\":true}\n\n", epoch, epoch, epoch);
  fail_unless_equals_string (body, wanted);
  g_free (wanted);
  g_free (epoch);
  g_free (body);
  peer_free (peer);
}

GST_END_TEST;

static gchar *
read_vector (const gchar * name)
{
  gchar *path = g_build_filename (g_getenv ("H4_VECTORS"), name, NULL);
  gchar *text;

  fail_unless (g_file_get_contents (path, &text, NULL, NULL), "%s", path);
  g_free (path);
  return text;
}

/* The reference's blocks go in, and without ids its bytes come out. */
static void
say_again (const gchar * text)
{
  gchar **blocks = g_strsplit (text, "\n\n", -1);
  guint i;

  for (i = 0; blocks[i] && *blocks[i]; i++) {
    const gchar *data = strstr (blocks[i], "\ndata:") + 6;

    if (g_str_has_prefix (blocks[i], "event:meta\n"))
      stream_meta (stream, data);
    else if (g_str_has_prefix (blocks[i], "event:done\n"))
      h4_stream_finish (stream, data, strlen (data));
    else
      stream_say (stream, data);
  }
  g_strfreev (blocks);
}

GST_START_TEST (test_without_ids_and_retry_they_are_the_references_bytes)
{
  static const gchar *names[] = { "sse-video.txt", "sse-audio.txt" };
  gchar *text = read_vector (names[__i__]);
  Peer *peer = peer_join (fan, stream, "earliest");

  say_again (text);
  peer_read_all (peer);
  assert_stripped (peer, text);
  g_free (text);
  peer_free (peer);
}

GST_END_TEST;

GST_START_TEST (test_head_comes_at_once_and_meta_when_it_is_known)
{
  Peer *peer = peer_join (fan, stream, NULL);

  peer_read_until (peer, HEAD);
  stream_meta (stream, "{\"m\":1}");
  peer_read_until (peer, "data:{\"m\":1}\n\n");
  stream_meta (stream, "{\"m\":2}");
  peer_read_until (peer, "data:{\"m\":2}\n\n");
  stream_say (stream, "t");
  stream_done (stream);
  peer_read_all (peer);
  assert_stripped (peer, "event:meta\ndata:{\"m\":1}\n\n"
      "event:meta\ndata:{\"m\":2}\n\nevent:token\ndata:t\n\n"
      "event:done\ndata:{\"ok\":true}\n\n");
  peer_free (peer);
}

GST_END_TEST;

GST_START_TEST (test_meta_that_changes_is_an_event_with_an_id)
{
  Peer *peer = peer_join (fan, stream, "earliest");
  gchar *body;

  stream_meta (stream, "{\"m\":1}");
  stream_say (stream, "t");
  stream_meta (stream, "{\"m\":2}");
  stream_done (stream);
  peer_read_all (peer);
  body = peer_body (peer);
  fail_unless (strstr (body, "-2\nevent:meta\ndata:{\"m\":2}\n\n") != NULL);
  fail_unless (strstr (strstr (body, "{\"m\":2}") + 1, "{\"m\":2}") == NULL);
  g_free (body);
  peer_free (peer);
}

GST_END_TEST;

GST_START_TEST (test_who_comes_without_an_id_gets_what_is_new)
{
  Peer *peer;

  stream_meta (stream, "{\"m\":1}");
  stream_say (stream, "old");
  peer = peer_join (fan, stream, NULL);
  peer_read_until (peer, "event:meta\n");
  stream_say (stream, "new");
  stream_done (stream);
  peer_read_all (peer);
  assert_stripped (peer, "event:meta\ndata:{\"m\":1}\n\n"
      "event:token\ndata:new\n\nevent:done\ndata:{\"ok\":true}\n\n");
  peer_free (peer);
}

GST_END_TEST;

/* A place where the fan's thread stops while a client leaves. */
typedef struct
{
  GMutex lock;
  GCond cond;
  gboolean reached;
  gboolean open;
} Gate;

static void
stop_at_gate (H4Stream * stream, guint64 client, const gchar * address,
    gboolean added, gpointer user_data)
{
  Gate *gate = user_data;

  if (added)
    return;
  g_mutex_lock (&gate->lock);
  gate->reached = TRUE;
  g_cond_broadcast (&gate->cond);
  while (!gate->open)
    g_cond_wait (&gate->cond, &gate->lock);
  g_mutex_unlock (&gate->lock);
}

/* The fan learns at once of an event and of a client that came after it. */
GST_START_TEST (test_what_was_said_before_a_client_came_is_not_live)
{
  H4StreamConfig config = stream_config ();
  H4Stream *gated;
  Gate gate = { 0 };
  Peer *peer;

  config.name = "gated";
  gated = h4_stream_new (&config);
  h4_fan_add_stream (fan, gated, stop_at_gate, &gate);
  stream_meta (gated, "{}");
  stream_meta (stream, "{\"m\":1}");
  peer = peer_join (fan, gated, NULL);
  peer_read_until (peer, "event:meta\n");
  peer_free (peer);
  g_mutex_lock (&gate.lock);
  while (!gate.reached)
    g_cond_wait (&gate.cond, &gate.lock);

  stream_say (stream, "old");
  peer = peer_join (fan, stream, NULL);
  gate.open = TRUE;
  g_cond_broadcast (&gate.cond);
  g_mutex_unlock (&gate.lock);
  peer_read_until (peer, "event:meta\n");
  stream_done (stream);
  peer_read_all (peer);
  assert_stripped (peer, "event:meta\ndata:{\"m\":1}\n\n"
      "event:done\ndata:{\"ok\":true}\n\n");
  peer_free (peer);
  h4_fan_remove_stream (fan, gated, 0);
  h4_stream_unref (gated);
  g_cond_clear (&gate.cond);
  g_mutex_clear (&gate.lock);
}

GST_END_TEST;

static void
greet (H4Stream * which, guint64 client, const gchar * address,
    gboolean added, gpointer user_data)
{
  if (added)
    stream_say (which, "welcome");
}

/* A pipeline may have waited for it. */
GST_START_TEST (test_what_is_said_as_soon_as_a_client_has_come_is_live)
{
  H4StreamConfig config = stream_config ();
  H4Stream *polite;
  Peer *peer;

  config.name = "polite";
  polite = h4_stream_new (&config);
  h4_fan_add_stream (fan, polite, greet, NULL);
  stream_meta (polite, "{}");
  peer = peer_join (fan, polite, NULL);
  wait_for_clients (polite, 1);
  stream_done (polite);
  peer_read_all (peer);
  assert_stripped (peer, "event:meta\ndata:{}\n\n"
      "event:token\ndata:welcome\n\nevent:done\ndata:{\"ok\":true}\n\n");
  peer_free (peer);
  h4_fan_remove_stream (fan, polite, 0);
  h4_stream_unref (polite);
}

GST_END_TEST;

GST_START_TEST (test_who_comes_after_the_end_gets_meta_and_done)
{
  Peer *peer;

  stream_meta (stream, "{\"m\":1}");
  stream_say (stream, "old");
  stream_done (stream);
  peer = peer_join (fan, stream, NULL);
  peer_read_all (peer);
  assert_stripped (peer, "event:meta\ndata:{\"m\":1}\n\n"
      "event:done\ndata:{\"ok\":true}\n\n");
  peer_free (peer);
}

GST_END_TEST;

GST_START_TEST (test_an_id_replays_what_came_after_it)
{
  Peer *peer = peer_join (fan, stream, "earliest");
  gchar *epoch, *id;

  stream_meta (stream, "{}");
  stream_say (stream, "1");
  stream_say (stream, "2");
  stream_say (stream, "3");
  epoch = block_epoch (strstr (peer_read_until (peer, "data:3\n\n"), "id:"));
  peer_free (peer);
  id = g_strconcat (epoch, "-1", NULL);
  peer = peer_join (fan, stream, id);
  stream_done (stream);
  peer_read_all (peer);
  assert_stripped (peer, "event:meta\ndata:{}\n\nevent:token\ndata:2\n\n"
      "event:token\ndata:3\n\nevent:done\ndata:{\"ok\":true}\n\n");
  g_free (id);
  g_free (epoch);
  peer_free (peer);
}

GST_END_TEST;

GST_START_TEST (test_an_id_of_another_epoch_gets_a_gap_and_all_there_is)
{
  static const gchar *ids[] = { "01234567-1", "nonsense", "" };
  Peer *peer;

  stream_meta (stream, "{}");
  stream_say (stream, "1");
  peer = peer_join (fan, stream, ids[__i__]);
  stream_done (stream);
  peer_read_all (peer);
  assert_stripped (peer, "event:meta\ndata:{}\n\n"
      "event:gap\ndata:{\"lost\":null,\"reason\":\"epoch\"}\n\n"
      "event:token\ndata:1\n\nevent:done\ndata:{\"ok\":true}\n\n");
  peer_free (peer);
}

GST_END_TEST;

GST_START_TEST (test_an_id_too_old_gets_a_gap_that_counts)
{
  H4StreamConfig config = stream_config ();
  guint64 lost, n = 0, expected = 0;
  gchar *epoch, *id, *block;
  H4Stream *small;
  Peer *peer;
  guint i;

  config.name = "small";
  config.history_events = 50;
  config.history_time = -1;
  config.history_bytes = 64 * 1024;
  small = h4_stream_new (&config);
  h4_fan_add_stream (fan, small, NULL, NULL);
  peer = peer_join (fan, small, "earliest");
  for (i = 1; i <= 3000; i++) {
    gchar *mark = g_strdup_printf ("-%u\nevent", i);

    stream_say (small, "{\"some\":\"data\"}");
    if (i % 100 == 0)
      peer_read_until (peer, mark);
    g_free (mark);
  }
  epoch = block_epoch (strstr (peer->got->str, "id:"));
  id = g_strconcat (epoch, "-7", NULL);
  peer_free (peer);
  peer = peer_join (fan, small, id);
  stream_done (small);
  peer_read_all (peer);
  fail_unless (peer_take_block (peer, &block));
  fail_unless (sscanf (block, "retry:2000 event:gap "
          "data:{\"lost\":%" G_GUINT64_FORMAT ",\"reason\":\"history\"}",
          &lost) == 1, "%s", block);
  g_free (block);
  for (expected = 7 + lost + 1; peer_take_block (peer, &block); expected++) {
    n = block_n (block);
    fail_unless_equals_uint64 (n, expected);
    g_free (block);
  }
  fail_unless_equals_uint64 (n, 3001);
  h4_fan_remove_stream (fan, small, 0);
  h4_stream_unref (small);
  g_free (id);
  g_free (epoch);
  peer_free (peer);
}

GST_END_TEST;

/* Two streams; what is about a stream names it. */
GST_START_TEST (test_several_streams_on_one_connection)
{
  H4StreamConfig config = stream_config ();
  H4Stream *streams[2];
  gchar *body, *a, *b, *wanted;
  Peer *peer;

  config.name = "b";
  streams[0] = h4_stream_new (&config);
  streams[1] = stream;
  h4_fan_add_stream (fan, streams[0], NULL, NULL);
  stream_meta (streams[0], "{\"m\":\"b\"}");
  stream_meta (stream, "{}");
  peer = peer_join_many (fan, 2, streams, NULL);
  peer_read_until (peer, "{\"stream\":\"a\"}");
  stream_say (streams[0], "b1");
  peer_read_until (peer, "data:b1\n\n");
  stream_say (stream, "a1");
  peer_read_until (peer, "data:a1\n\n");
  stream_meta (stream, "{\"m\":\"a\"}");
  stream_done (stream);
  peer_read_until (peer, "event:done\n");
  stream_say (streams[0], "b2");
  stream_done (streams[0]);
  peer_read_all (peer);

  body = peer_body (peer);
  b = g_strndup (strstr (body, "id:b=") + 5, 8);
  a = g_strndup (strstr (body, "id:a=") + 5, 8);
  wanted = g_strdup_printf ("retry:2000\n"
      "event:meta\ndata:{\"stream\":\"b\",\"m\":\"b\"}\n\n"
      "event:meta\ndata:{\"stream\":\"a\"}\n\n"
      "id:b=%s-1,a=%s-0\nevent:token\ndata:b1\n\n"
      "id:a=%s-1,b=%s-1\nevent:token\ndata:a1\n\n"
      "id:a=%s-2,b=%s-1\nevent:meta\ndata:{\"stream\":\"a\",\"m\":\"a\"}\n\n"
      "id:a=%s-3,b=%s-1\nevent:done\ndata:{\"stream\":\"a\",\"ok\":true}\n\n"
      "id:b=%s-2,a=%s-3\nevent:token\ndata:b2\n\n"
      "id:b=%s-3,a=%s-3\nevent:done\ndata:{\"stream\":\"b\",\"ok\":true}\n\n",
      b, a, a, b, a, b, a, b, b, a, b, a);
  fail_unless_equals_string (body, wanted);
  g_free (wanted);
  g_free (a);
  g_free (b);
  g_free (body);
  peer_free (peer);
  h4_stream_unref (streams[0]);
}

GST_END_TEST;

GST_START_TEST (test_several_streams_each_go_on_from_their_id)
{
  const gchar *ids[2] = { "earliest", "x" };
  H4StreamConfig config = stream_config ();
  H4Stream *streams[2];
  Peer *peer;

  config.name = "b";
  streams[0] = h4_stream_new (&config);
  streams[1] = stream;
  h4_fan_add_stream (fan, streams[0], NULL, NULL);
  stream_say (streams[0], "b1");
  stream_say (stream, "a1");
  peer = peer_join_many (fan, 2, streams, ids);
  stream_done (streams[0]);
  stream_done (stream);
  peer_read_all (peer);
  fail_unless (strstr (peer->got->str, "data:b1\n") != NULL);
  fail_unless (strstr (peer->got->str, "data:a1\n") != NULL);
  fail_unless (strstr (peer->got->str, "event:gap\n"
          "data:{\"stream\":\"a\",\"lost\":null,\"reason\":\"epoch\"}\n\n"));
  peer_free (peer);
  h4_stream_unref (streams[0]);
}

GST_END_TEST;

GST_START_TEST (test_an_event_may_be_larger_than_every_buffer)
{
  gsize size = 5 * 1024 * 1024;
  gchar *data = g_strnfill (size, 'x'), *wanted;
  Peer *peer = peer_join (fan, stream, "earliest");

  stream_say (stream, "before");
  h4_stream_begin (stream);
  h4_stream_append (stream, "token", data, size);
  h4_stream_end (stream);
  stream_say (stream, "after");
  stream_done (stream);
  peer_read_all (peer);
  wanted = g_strdup_printf ("event:token\ndata:before\n\n"
      "event:token\ndata:%s\n\nevent:token\ndata:after\n\n"
      "event:done\ndata:{\"ok\":true}\n\n", data);
  assert_stripped (peer, wanted);
  g_free (wanted);
  g_free (data);
  peer_free (peer);
}

GST_END_TEST;

GST_START_TEST (test_restart_goes_on_in_another_epoch)
{
  Peer *peer = peer_join (fan, stream, "earliest");
  gchar *first, *second, *body;

  wait_for_clients (stream, 1);
  stream_meta (stream, "{\"m\":1}");
  stream_say (stream, "1");
  h4_stream_restart (stream);
  stream_meta (stream, "{\"m\":2}");
  stream_say (stream, "2");
  stream_done (stream);
  peer_read_all (peer);
  assert_stripped (peer, "event:meta\ndata:{\"m\":1}\n\n"
      "event:token\ndata:1\n\nevent:meta\ndata:{\"m\":2}\n\n"
      "event:token\ndata:2\n\nevent:done\ndata:{\"ok\":true}\n\n");
  body = peer_body (peer);
  first = block_epoch (body);
  second = block_epoch (strstr (body, "{\"m\":2}"));
  fail_if (g_str_equal (first, second));
  fail_unless_equals_uint64 (block_n (strstr (strstr (body, "{\"m\":2}"),
              "id:")), 1);
  g_free (first);
  g_free (second);
  g_free (body);
  peer_free (peer);
}

GST_END_TEST;

/* A stream that ends and starts again before its sender has looked. */
GST_START_TEST (test_who_was_told_the_end_is_closed_although_it_restarts)
{
  Peer *peer = peer_join (fan, stream, "earliest");

  wait_for_clients (stream, 1);
  stream_say (stream, "1");
  stream_done (stream);
  h4_stream_restart (stream);
  stream_say (stream, "2");
  peer_read_all (peer);
  assert_stripped (peer, "event:token\ndata:1\n\n"
      "event:done\ndata:{\"ok\":true}\n\n");
  peer_free (peer);
}

GST_END_TEST;

/* Comments keep coming while nothing is said, and none while much is. */
GST_START_TEST (test_silence_is_broken_by_comments)
{
  H4StreamConfig config = stream_config ();
  H4Stream *quiet;
  Peer *peer;

  config.name = "quiet";
  config.heartbeat = 40 * G_TIME_SPAN_MILLISECOND;
  quiet = h4_stream_new (&config);
  h4_fan_add_stream (fan, quiet, NULL, NULL);
  stream_meta (quiet, "{}");
  peer = peer_join (fan, quiet, NULL);
  peer_read_until (peer, "data:{}\n\n:\n\n:\n\n:\n\n");
  stream_say (quiet, "t");
  peer_read_until (peer, "data:t\n\n:\n\n");
  h4_fan_remove_stream (fan, quiet, 0);
  h4_stream_unref (quiet);
  peer_free (peer);
}

GST_END_TEST;

GST_START_TEST (test_figures_are_those_of_what_was_sent)
{
  Peer *peers[3];
  H4StreamStats stats;
  gsize bytes = 0;
  guint i;

  stream_meta (stream, "{}");
  for (i = 0; i < 3; i++)
    peers[i] = peer_join (fan, stream, "earliest");
  wait_for_clients (stream, 3);
  for (i = 0; i < 10; i++)
    stream_say (stream, "some data");
  stream_done (stream);
  for (i = 0; i < 3; i++) {
    peer_read_all (peers[i]);
    bytes += peers[i]->got->len - strlen (HEAD);
    peer_free (peers[i]);
  }
  wait_for_clients (stream, 0);
  h4_stream_get_stats (stream, &stats);
  fail_unless_equals_uint64 (stats.clients_total, 3);
  fail_unless_equals_uint64 (stats.events, 11);
  fail_unless_equals_uint64 (stats.events_sent, 33);
  fail_unless_equals_uint64 (stats.bytes_sent, bytes);
  fail_unless_equals_uint64 (stats.events_skipped, 0);
  fail_unless_equals_uint64 (stats.clients_dropped, 0);
  fail_unless_equals_int (h4_fan_count_clients (fan), 0);
}

GST_END_TEST;

static Suite *
fan_suite (void)
{
  Suite *s = suite_create ("fan");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_an_id_stands_before_each_event_and_retry_before_all);
  tcase_add_loop_test (tc,
      test_without_ids_and_retry_they_are_the_references_bytes, 0, 2);
  tcase_add_test (tc, test_head_comes_at_once_and_meta_when_it_is_known);
  tcase_add_test (tc, test_meta_that_changes_is_an_event_with_an_id);
  tcase_add_test (tc, test_who_comes_without_an_id_gets_what_is_new);
  tcase_add_test (tc, test_what_was_said_before_a_client_came_is_not_live);
  tcase_add_test (tc, test_what_is_said_as_soon_as_a_client_has_come_is_live);
  tcase_add_test (tc, test_who_comes_after_the_end_gets_meta_and_done);
  tcase_add_test (tc, test_an_id_replays_what_came_after_it);
  tcase_add_loop_test (tc,
      test_an_id_of_another_epoch_gets_a_gap_and_all_there_is, 0, 3);
  tcase_add_test (tc, test_an_id_too_old_gets_a_gap_that_counts);
  tcase_add_test (tc, test_several_streams_on_one_connection);
  tcase_add_test (tc, test_several_streams_each_go_on_from_their_id);
  tcase_add_test (tc, test_an_event_may_be_larger_than_every_buffer);
  tcase_add_test (tc, test_restart_goes_on_in_another_epoch);
  tcase_add_test (tc, test_who_was_told_the_end_is_closed_although_it_restarts);
  tcase_add_test (tc, test_silence_is_broken_by_comments);
  tcase_add_test (tc, test_figures_are_those_of_what_was_sent);
  return s;
}

GST_CHECK_MAIN (fan);
