/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* The log of events, and where those who come back go on in it. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <unistd.h>

#include "peer.h"
#include "h4streamview.h"

typedef struct
{
  H4Stream *stream;
  H4StreamView view;
} Log;

static void
log_open (Log * log, const H4StreamConfig * config)
{
  log->stream = h4_stream_new (config);
  h4_stream_view_init (&log->view);
}

static void
log_close (Log * log)
{
  h4_stream_view_clear (&log->view);
  h4_stream_unref (log->stream);
}

static void
log_say_many (Log * log, guint n)
{
  guint i;

  for (i = 0; i < n; i++) {
    gchar *text = g_strdup_printf ("{\"number\":%u}", i);

    stream_say (log->stream, text);
    g_free (text);
  }
}

/* Everything from a place on. */
static gchar *
log_read (Log * log, const H4StreamPlace * place)
{
  GString *out = g_string_new (NULL);
  guint64 seq;

  for (seq = place->seq; seq < log->view.next; seq++) {
    H4StreamChunk *chunk = h4_stream_view_get (&log->view, seq);
    gsize offset = seq == place->seq ? place->offset : 0;

    g_string_append_len (out, (gchar *) chunk->data + offset,
        h4_stream_view_get_size (&log->view, chunk) - offset);
  }
  return g_string_free (out, FALSE);
}

static gchar *
log_id (Log * log, guint64 n)
{
  return g_strdup_printf ("%s-%" G_GUINT64_FORMAT, log->view.epoch, n);
}

static void
assert_data (const gchar * data, const gchar * framed)
{
  H4StreamConfig config = stream_config ();
  H4StreamPlace place;
  gchar *text, *wanted;
  guint64 lost;
  Log log;

  log_open (&log, &config);
  stream_say (log.stream, data);
  h4_stream_take (log.stream, &log.view);
  h4_stream_view_join (&log.view, "earliest", &place, &lost);
  text = log_read (&log, &place);
  wanted = g_strdup_printf ("id:%s-1\nevent:token\n%s\n\n", log.view.epoch,
      framed);
  fail_unless_equals_string (text, wanted);
  g_free (text);
  g_free (wanted);
  log_close (&log);
}

GST_START_TEST (test_a_line_of_data_has_no_space)
{
  assert_data ("{\"a\":1}", "data:{\"a\":1}");
  assert_data ("", "data:");
}

GST_END_TEST;

GST_START_TEST (test_each_line_is_a_data_line_whatever_ends_it)
{
  assert_data ("one\ntwo", "data:one\ndata:two");
  assert_data ("one\r\ntwo", "data:one\ndata:two");
  assert_data ("one\rtwo", "data:one\ndata:two");
  assert_data ("one\n\rtwo", "data:one\ndata:\ndata:two");
  assert_data ("one\n", "data:one\ndata:");
  assert_data ("\n", "data:\ndata:");
  assert_data ("one\r", "data:one\ndata:");
}

GST_END_TEST;

/* Readers of events take one space away. */
GST_START_TEST (test_a_space_that_begins_a_line_survives)
{
  assert_data (" one", "data:  one");
  assert_data ("one\n two", "data:one\ndata:  two");
}

GST_END_TEST;

GST_START_TEST (test_an_id_is_an_epoch_and_a_number)
{
  static const struct
  {
    const gchar *id;
    gboolean good;
    guint64 n;
  } ids[] = {
    {"0123abcd-1", TRUE, 1},
    {"0123abcd-0", TRUE, 0},
    {"0123abcd-18446744073709551615", TRUE, G_MAXUINT64},
    {"0123abcd-18446744073709551616", FALSE, 0},
    {"0123abcd-", FALSE, 0},
    {"0123abcd", FALSE, 0},
    {"0123abcd-1 ", FALSE, 0},
    {"0123abcd- 1", FALSE, 0},
    {"0123abcd--1", FALSE, 0},
    {"0123abcd-+1", FALSE, 0},
    {"0123ABCD-1", FALSE, 0},
    {"0123abc-1", FALSE, 0},
    {"0123abcde-1", FALSE, 0},
    {"0123abcg-1", FALSE, 0},
    {"", FALSE, 0},
    {"earliest", FALSE, 0},
  };
  gchar epoch[H4_STREAM_EPOCH_SIZE + 1];
  guint64 n;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (ids); i++) {
    n = 0;
    fail_unless_equals_int (h4_stream_parse_id (ids[i].id, epoch, &n),
        ids[i].good);
    fail_unless_equals_uint64 (ids[i].good ? n : 0, ids[i].n);
    if (ids[i].good)
      fail_unless_equals_string (epoch, "0123abcd");
  }
}

GST_END_TEST;

/* Over several chunks, from each event to the end. */
GST_START_TEST (test_an_id_leads_to_the_event_after_it)
{
  H4StreamConfig config = stream_config ();
  H4StreamPlace place;
  gchar *all;
  guint64 n, lost;
  Log log;

  config.history_bytes = 16 * 4096;
  log_open (&log, &config);
  log_say_many (&log, 1000);
  h4_stream_take (log.stream, &log.view);
  h4_stream_view_join (&log.view, "earliest", &place, &lost);
  fail_unless (log.view.next > 3);
  all = log_read (&log, &place);
  for (n = 0; n <= 1000; n++) {
    gchar *id = log_id (&log, n), *rest;

    fail_unless_equals_int (h4_stream_view_join (&log.view, id, &place, &lost),
        H4_STREAM_JOIN_WHOLE);
    fail_unless_equals_uint64 (place.n, n);
    rest = log_read (&log, &place);
    fail_unless (g_str_has_suffix (all, rest));
    fail_unless_equals_uint64 (block_n (rest), n < 1000 ? n + 1 : 0);
    g_free (rest);
    g_free (id);
  }
  g_free (all);
  log_close (&log);
}

GST_END_TEST;

GST_START_TEST (test_ids_of_no_event_are_told_apart)
{
  H4StreamConfig config = stream_config ();
  static const gchar *others[] = { "", "x", "01234567-1", "earliest ",
    "00000000-00000000"
  };
  H4StreamPlace place, oldest;
  gchar *future;
  guint64 lost;
  Log log;
  guint i;

  log_open (&log, &config);
  log_say_many (&log, 3);
  h4_stream_take (log.stream, &log.view);
  h4_stream_view_join (&log.view, "earliest", &oldest, &lost);
  for (i = 0; i < G_N_ELEMENTS (others); i++) {
    fail_unless_equals_int (h4_stream_view_join (&log.view, others[i], &place,
            &lost), H4_STREAM_JOIN_EPOCH);
    fail_unless (place.seq == oldest.seq && place.offset == oldest.offset);
  }
  future = log_id (&log, 4);
  fail_unless_equals_int (h4_stream_view_join (&log.view, future, &place,
          &lost), H4_STREAM_JOIN_EPOCH);
  g_free (future);
  log_close (&log);
}

GST_END_TEST;

static guint64
count_kept (guint history_events, gint64 history_time, gsize history_bytes,
    guint n)
{
  H4StreamConfig config = stream_config ();
  H4StreamPlace place;
  guint64 lost, kept;
  Log log;

  config.history_events = history_events;
  config.history_time = history_time;
  config.history_bytes = history_bytes;
  log_open (&log, &config);
  log_say_many (&log, n);
  h4_stream_take (log.stream, &log.view);
  h4_stream_view_join (&log.view, "earliest", &place, &lost);
  kept = n - place.n;
  log_close (&log);
  return kept;
}

/* -1: time is never short */
GST_START_TEST (test_history_has_so_many_events_at_least)
{
  guint64 kept = count_kept (5000, -1, 8 << 20, 50000);

  fail_unless (kept >= 5000 && kept < 5000 + 2 * 65536 / 40, "%"
      G_GUINT64_FORMAT, kept);
}

GST_END_TEST;

GST_START_TEST (test_history_of_a_time_has_more_events)
{
  fail_unless_equals_uint64 (count_kept (10, 3600 * G_TIME_SPAN_SECOND,
          8 << 20, 20000), 20000);
}

GST_END_TEST;

GST_START_TEST (test_history_has_no_more_bytes_than_it_may)
{
  H4StreamConfig config = stream_config ();
  H4StreamPlace place;
  guint64 lost;
  gsize bytes = 0;
  Log log;

  config.history_events = G_MAXUINT;
  config.history_bytes = 100000;
  log_open (&log, &config);
  log_say_many (&log, 50000);
  h4_stream_take (log.stream, &log.view);
  h4_stream_view_join (&log.view, "earliest", &place, &lost);
  for (; place.seq < log.view.next; place.seq++)
    bytes += h4_stream_view_get (&log.view, place.seq)->capacity;
  fail_unless (bytes > 50000 && bytes <= 100000, "%" G_GSIZE_FORMAT, bytes);
  log_close (&log);
}

GST_END_TEST;

GST_START_TEST (test_no_history_still_has_the_latest)
{
  guint64 kept = count_kept (0, -1, 0, 1000);

  fail_unless (kept > 0 && kept < 200);
}

GST_END_TEST;

GST_START_TEST (test_an_id_too_old_counts_what_is_lost)
{
  H4StreamConfig config = stream_config ();
  H4StreamPlace place, oldest;
  gchar *id;
  guint64 lost;
  Log log;

  config.history_events = 100;
  config.history_time = -1;
  config.history_bytes = 64 * 1024;
  log_open (&log, &config);
  log_say_many (&log, 10000);
  h4_stream_take (log.stream, &log.view);
  h4_stream_view_join (&log.view, "earliest", &oldest, &lost);
  fail_unless (oldest.n > 100);
  id = log_id (&log, 40);
  fail_unless_equals_int (h4_stream_view_join (&log.view, id, &place, &lost),
      H4_STREAM_JOIN_HISTORY);
  fail_unless_equals_uint64 (lost, oldest.n - 40);
  fail_unless_equals_uint64 (place.n, oldest.n);
  g_free (id);
  id = log_id (&log, oldest.n);
  fail_unless_equals_int (h4_stream_view_join (&log.view, id, &place, &lost),
      H4_STREAM_JOIN_WHOLE);
  g_free (id);
  log_close (&log);
}

GST_END_TEST;

GST_START_TEST (test_meta_is_the_one_of_the_place)
{
  H4StreamConfig config = stream_config ();
  H4StreamPlace place;
  H4StreamMeta *meta;
  guint64 lost;
  gchar *text;
  Log log;

  log_open (&log, &config);
  stream_meta (log.stream, "{\"never\":1}");
  stream_meta (log.stream, "{\"first\":1}");
  stream_say (log.stream, "1");
  stream_meta (log.stream, "{\"first\":1}");
  stream_meta (log.stream, "{\"second\":2}");
  stream_say (log.stream, "2");
  h4_stream_take (log.stream, &log.view);

  h4_stream_view_join (&log.view, "earliest", &place, &lost);
  meta = h4_stream_view_get_meta (&log.view, &place);
  fail_unless (strncmp (meta->json, "{\"first\":1}", meta->size) == 0);
  text = log_read (&log, &place);
  fail_unless (strstr (text,
          "-2\nevent:meta\ndata:{\"second\":2}\n\n") != NULL);
  fail_unless (strstr (text, "-3\nevent:token\ndata:2\n\n") != NULL);
  g_free (text);

  h4_stream_view_get_live (&log.view, &place);
  meta = h4_stream_view_get_meta (&log.view, &place);
  fail_unless (strncmp (meta->json, "{\"second\":2}", meta->size) == 0);
  text = h4_stream_dup_meta (log.stream);
  fail_unless_equals_string (text, "{\"second\":2}");
  g_free (text);
  log_close (&log);
}

GST_END_TEST;

GST_START_TEST (test_finished_stream_takes_no_more_and_is_over_for_its_last_id)
{
  H4StreamConfig config = stream_config ();
  H4StreamPlace place;
  gchar *last, *before, *text;
  H4StreamStats stats;
  Log log;

  log_open (&log, &config);
  stream_say (log.stream, "1");
  stream_done (log.stream);
  stream_say (log.stream, "2");
  stream_meta (log.stream, "{}");
  stream_done (log.stream);
  h4_stream_take (log.stream, &log.view);
  h4_stream_get_stats (log.stream, &stats);
  fail_unless_equals_uint64 (stats.events, 2);
  last = log_id (&log, 2);
  before = log_id (&log, 1);
  fail_unless (h4_stream_is_over (log.stream, last));
  fail_if (h4_stream_is_over (log.stream, before));
  fail_if (h4_stream_is_over (log.stream, "earliest"));
  fail_if (h4_stream_is_over (log.stream, NULL));
  h4_stream_view_get_live (&log.view, &place);
  text = log_read (&log, &place);
  fail_unless (g_str_has_suffix (text,
          "-2\nevent:done\ndata:{\"ok\":true}\n\n"));
  fail_unless_equals_uint64 (block_n (text), 2);
  g_free (text);

  h4_stream_restart (log.stream);
  fail_if (h4_stream_is_over (log.stream, last));
  g_free (last);
  g_free (before);
  log_close (&log);
}

GST_END_TEST;

GST_START_TEST (test_restart_is_a_new_epoch_without_history)
{
  H4StreamConfig config = stream_config ();
  H4StreamPlace place;
  gchar *old, *text;
  guint64 lost;
  Log log;

  log_open (&log, &config);
  stream_meta (log.stream, "{\"old\":1}");
  log_say_many (&log, 10);
  h4_stream_take (log.stream, &log.view);
  old = log_id (&log, 5);
  h4_stream_restart (log.stream);
  fail_unless (h4_stream_dup_meta (log.stream) == NULL);
  h4_stream_take (log.stream, &log.view);
  fail_if (g_str_has_prefix (old, log.view.epoch));
  h4_stream_view_join (&log.view, "earliest", &place, &lost);
  text = log_read (&log, &place);
  fail_unless_equals_string (text, "");
  g_free (text);

  stream_say (log.stream, "new");
  h4_stream_take (log.stream, &log.view);
  fail_unless_equals_int (h4_stream_view_join (&log.view, old, &place, &lost),
      H4_STREAM_JOIN_EPOCH);
  text = log_read (&log, &place);
  fail_unless_equals_uint64 (block_n (text), 1);
  fail_unless (g_str_has_suffix (text, "-1\nevent:token\ndata:new\n\n"));
  g_free (text);
  g_free (old);
  log_close (&log);
}

GST_END_TEST;

/* What is not yet taken is not dropped for being old, only for its size. */
GST_START_TEST (test_what_the_sender_has_not_seen_is_kept)
{
  H4StreamConfig config = stream_config ();
  H4Wake *wake = h4_wake_new (NULL);
  H4StreamPlace place;
  guint64 lost;
  Log log;

  config.history_events = 0;
  config.history_time = -1;
  log_open (&log, &config);
  h4_stream_attach (log.stream, wake);
  log_say_many (&log, 20000);
  h4_stream_take (log.stream, &log.view);
  h4_stream_view_join (&log.view, "earliest", &place, &lost);
  fail_unless_equals_uint64 (place.n, 0);
  fail_unless_equals_uint64 (log.view.last_n, 20000);
  log_say_many (&log, 20000);
  log_say_many (&log, 20000);
  h4_stream_take (log.stream, &log.view);
  h4_stream_view_trim (&log.view, log.view.kept);
  h4_stream_view_join (&log.view, "earliest", &place, &lost);
  fail_unless (place.n > 0 && place.n <= 20000);
  h4_stream_attach (log.stream, NULL);
  h4_wake_unref (wake);
  log_close (&log);
}

GST_END_TEST;

/* A sender that was away while more came than is kept. */
GST_START_TEST (test_view_that_lost_chunks_goes_on)
{
  H4StreamConfig config = stream_config ();
  H4StreamPlace place;
  guint64 lost;
  Log log;

  config.history_bytes = 64 * 1024;
  log_open (&log, &config);
  log_say_many (&log, 100);
  h4_stream_take (log.stream, &log.view);
  log_say_many (&log, 20000);
  h4_stream_take (log.stream, &log.view);
  fail_unless (log.view.head > 1);
  h4_stream_view_join (&log.view, "earliest", &place, &lost);
  fail_unless_equals_uint64 (place.seq, log.view.head);
  fail_unless (place.n > 100);
  log_close (&log);
}

GST_END_TEST;

static gboolean
is_awake (H4Wake * wake)
{
  guint64 count;

  return read (wake->fd, &count, sizeof (count)) == sizeof (count);
}

GST_START_TEST (test_a_sender_without_anyone_to_send_to_is_not_woken)
{
  H4StreamConfig config = stream_config ();
  H4Wake *wake = h4_wake_new (NULL);
  H4StreamPlace place;
  guint64 lost;
  Log log;

  log_open (&log, &config);
  h4_stream_attach (log.stream, wake);
  fail_unless (is_awake (wake));
  h4_stream_take (log.stream, &log.view);
  log_say_many (&log, 1);
  fail_unless (is_awake (wake));
  h4_stream_take (log.stream, &log.view);

  h4_stream_doze (log.stream, &log.view, 10000);
  log_say_many (&log, 100);
  fail_if (h4_stream_has_news (log.stream));
  fail_if (is_awake (wake));
  /* what went by is there for whoever takes it */
  h4_stream_take (log.stream, &log.view);
  fail_unless_equals_uint64 (log.view.last_n, 101);
  h4_stream_view_join (&log.view, "earliest", &place, &lost);
  fail_unless_equals_uint64 (place.n, 0);
  /* and then it is awake */
  log_say_many (&log, 1);
  fail_unless (is_awake (wake));

  h4_stream_attach (log.stream, NULL);
  h4_wake_unref (wake);
  log_close (&log);
}

GST_END_TEST;

GST_START_TEST (test_much_meta_and_the_end_wake_a_sender_all_the_same)
{
  H4StreamConfig config = stream_config ();
  H4Wake *wake = h4_wake_new (NULL);
  Log log;
  guint i;

  log_open (&log, &config);
  h4_stream_attach (log.stream, wake);
  for (i = 0; i < 4; i++) {
    h4_stream_take (log.stream, &log.view);
    h4_wake_clear (wake);
    h4_stream_doze (log.stream, &log.view, 4000);
    fail_if (is_awake (wake));
    if (i == 0)
      log_say_many (&log, 100);
    else if (i == 1)
      h4_stream_set_meta (log.stream, "{}", 2);
    else if (i == 2)
      h4_stream_finish (log.stream, "{}", 2);
    else
      h4_stream_restart (log.stream);
    fail_unless (h4_stream_has_news (log.stream), "%u", i);
    fail_unless (is_awake (wake));
  }
  /* there was something new already */
  h4_stream_take (log.stream, &log.view);
  log_say_many (&log, 1);
  h4_stream_doze (log.stream, &log.view, 4000);
  fail_unless (h4_stream_has_news (log.stream));

  h4_stream_attach (log.stream, NULL);
  h4_wake_unref (wake);
  log_close (&log);
}

GST_END_TEST;

static Suite *
stream_suite (void)
{
  Suite *s = suite_create ("stream");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_a_line_of_data_has_no_space);
  tcase_add_test (tc, test_each_line_is_a_data_line_whatever_ends_it);
  tcase_add_test (tc, test_a_space_that_begins_a_line_survives);
  tcase_add_test (tc, test_an_id_is_an_epoch_and_a_number);
  tcase_add_test (tc, test_an_id_leads_to_the_event_after_it);
  tcase_add_test (tc, test_ids_of_no_event_are_told_apart);
  tcase_add_test (tc, test_history_has_so_many_events_at_least);
  tcase_add_test (tc, test_history_of_a_time_has_more_events);
  tcase_add_test (tc, test_history_has_no_more_bytes_than_it_may);
  tcase_add_test (tc, test_no_history_still_has_the_latest);
  tcase_add_test (tc, test_an_id_too_old_counts_what_is_lost);
  tcase_add_test (tc, test_meta_is_the_one_of_the_place);
  tcase_add_test (tc,
      test_finished_stream_takes_no_more_and_is_over_for_its_last_id);
  tcase_add_test (tc, test_restart_is_a_new_epoch_without_history);
  tcase_add_test (tc, test_what_the_sender_has_not_seen_is_kept);
  tcase_add_test (tc, test_view_that_lost_chunks_goes_on);
  tcase_add_test (tc, test_a_sender_without_anyone_to_send_to_is_not_woken);
  tcase_add_test (tc, test_much_meta_and_the_end_wake_a_sender_all_the_same);
  return s;
}

GST_CHECK_MAIN (stream);
