/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* h4mkmux: flushes, restarts, state changes, threads. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <glib/gstdio.h>
#include <malloc.h>
#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif

#include "h4mkmux-common.h"

#ifndef RUNNING_ON_VALGRIND
#define RUNNING_ON_VALGRIND 0
#endif

/* of what is done many times to meet what is rare */
#define MANY(n) (RUNNING_ON_VALGRIND ? (n) / 10 : (n))

static void
push_some (GstPad * pad, guint n, gint from_ms)
{
  guint i;

  for (i = 0; i < n; i++)
    fail_unless_equals_int (mux_push (pad, 50, from_ms + 20 * i, KEY),
        GST_FLOW_OK);
}

static void
start_time (GstPad * source)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (gst_pad_push_event (source, gst_event_new_segment (&segment)));
}

static void
restart (GstPad * source)
{
  mux_flush (source);
  start_time (source);
}

GST_START_TEST (test_flush_before_data_changes_nothing)
{
  GstPad *a;
  gchar *trak;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  restart (a);
  push_some (a, 10, 0);
  mux_eos (a);
  mux_walk (&m, &walk, TRUE);
  trak = mux_get_text (&m, GST_H4MK_TAG_TRAK, 0);
  fail_unless (strstr (trak, "audio/x-opus") != NULL, "%s", trak);
  g_free (trak);
  fail_unless_equals_int (walk.blocks->len, 10);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_flush_drops_what_waits_but_not_what_was_said)
{
  GstPad *a, *b;
  gchar *trak;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  b = mux_add (&m, "sink_%u", TEXT_CAPS);
  mux_send_tags (a, GST_TAG_SCOPE_STREAM, "taglist,title=old,comment=kept;");
  push_some (a, 5, 0);
  mux_send_tags (a, GST_TAG_SCOPE_STREAM, "taglist,title=new;");
  restart (a);
  push_some (a, 2, 0);
  push_some (b, 2, 0);
  mux_eos_all (&m);
  mux_walk (&m, &walk, TRUE);
  mux_check_order (&m, "1212");
  trak = mux_get_text (&m, GST_H4MK_TAG_TRAK, 0);
  fail_unless (strstr (trak, "audio/x-opus") != NULL, "%s", trak);
  fail_unless (strstr (trak, "\"tags\":{\"comment\":[\"kept\"],"
          "\"title\":[\"new\"]}") != NULL, "%s", trak);
  g_free (trak);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_flush_of_a_file_that_goes_on_stays_here)
{
  GstPad *a;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  push_some (a, 5, 0);
  restart (a);
  push_some (a, 5, 0);
  mux_eos (a);
  mux_walk (&m, &walk, TRUE);
  fail_unless_equals_int (walk.blocks->len, 10);
  fail_unless (strstr (m.events->str, "flush") == NULL, "%s", m.events->str);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

/* One or two pads; the second file is as the first. */
static void
run_restart (guint n_pads)
{
  GBytes *first_file = NULL, *second_file;
  guint i, run;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  for (i = 0; i < n_pads; i++) {
    GstPad *pad = mux_add (&m, "sink_%u", i ? TEXT_CAPS : AUDIO_CAPS);

    mux_send_tags (pad, GST_TAG_SCOPE_STREAM, "taglist,title=x;");
  }
  for (run = 0; run < 2; run++) {
    for (i = 0; i < n_pads; i++)
      push_some (g_ptr_array_index (m.sources, i), 20, 0);
    mux_eos_all (&m);
    fail_unless_equals_int (m.n_eos, run + 1);
    mux_walk (&m, &walk, TRUE);
    walk_clear (&walk);
    if (run == 0) {
      first_file = mux_take_file (&m);
      for (i = 0; i < n_pads; i++)
        gst_pad_push_event (g_ptr_array_index (m.sources, i),
            gst_event_new_flush_start ());
      for (i = 0; i < n_pads; i++) {
        gst_pad_push_event (g_ptr_array_index (m.sources, i),
            gst_event_new_flush_stop (TRUE));
        start_time (g_ptr_array_index (m.sources, i));
      }
    }
  }
  second_file = mux_take_file (&m);
  fail_unless (g_bytes_equal (first_file, second_file));
  fail_unless_equals_string (m.events->str, "stream-start segment eos "
      "flush-start flush-stop stream-start segment eos ");
  g_bytes_unref (first_file);
  g_bytes_unref (second_file);
  mux_clear (&m);
}

GST_START_TEST (test_flush_after_eos_begins_a_new_file)
{
  run_restart (1);
  run_restart (2);
}

GST_END_TEST;

GST_START_TEST (test_flush_that_eos_came_into_begins_a_new_file)
{
  GstPad *a, *b;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  b = mux_add (&m, "sink_%u", AUDIO_CAPS);
  push_some (a, 1, 0);
  mux_eos (a);
  gst_pad_push_event (a, gst_event_new_flush_start ());
  mux_eos (b);
  fail_unless_equals_int (m.n_eos, 1);
  g_bytes_unref (mux_take_file (&m));
  gst_pad_push_event (a, gst_event_new_flush_stop (TRUE));
  start_time (a);
  push_some (a, 5, 0);
  mux_eos (a);
  mux_walk (&m, &walk, TRUE);
  fail_unless_equals_int (walk.blocks->len, 5);
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_null_and_back_gives_the_same_file)
{
  GBytes *files[2];
  guint run, i;
  Mux m;

  mux_init_null (&m, NULL);
  for (i = 0; i < 2; i++)
    mux_add_silent (&m, "sink_%u");
  for (run = 0; run < 2; run++) {
    mux_play (&m);
    for (i = 0; i < 2; i++) {
      GstPad *source = g_ptr_array_index (m.sources, i);

      gst_pad_set_active (source, FALSE);
      gst_pad_set_active (source, TRUE);
      mux_start_source (source, i ? TEXT_CAPS : AUDIO_CAPS);
      push_some (source, 20, 0);
    }
    mux_eos_all (&m);
    files[run] = mux_take_file (&m);
    gst_element_set_state (m.mux, GST_STATE_NULL);
    fail_unless_equals_uint64 (mux_get_stat (&m, "bytes"), 0);
  }
  fail_unless (g_bytes_equal (files[0], files[1]));
  g_bytes_unref (files[0]);
  g_bytes_unref (files[1]);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_null_amid_a_file_forgets_it)
{
  GstPad *a, *b;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  b = mux_add (&m, "sink_%u", AUDIO_CAPS);
  push_some (a, 40, 0);
  push_some (b, 30, 0);
  gst_pad_push_event (a, gst_event_new_flush_start ());
  gst_element_set_state (m.mux, GST_STATE_NULL);
  g_bytes_unref (mux_take_file (&m));
  mux_play (&m);
  gst_pad_set_active (a, FALSE);
  gst_pad_set_active (a, TRUE);
  mux_start_source (a, AUDIO_CAPS);
  mux_start_source (b, TEXT_CAPS);
  push_some (a, 3, 0);
  push_some (b, 2, 0);
  mux_eos_all (&m);
  mux_walk (&m, &walk, TRUE);
  mux_check_order (&m, "12121");
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_stream_that_starts_again_after_eos_goes_on)
{
  GstPad *a, *b;
  Walk walk;
  Mux m;

  mux_init (&m, NULL);
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  b = mux_add (&m, "sink_%u", AUDIO_CAPS);
  push_some (a, 2, 0);
  mux_eos (a);
  mux_start_source (a, AUDIO_CAPS);
  push_some (a, 1, 40);
  push_some (b, 3, 0);
  mux_eos_all (&m);
  mux_walk (&m, &walk, TRUE);
  mux_check_order (&m, "121212");
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

typedef struct
{
  GstPad *pad;
  guint n;
  guint seed;
  gsize size;
  gint done;
  GstFlowReturn flow;
} Pusher;

static gpointer
run_pusher (gpointer data)
{
  Pusher *p = data;
  GRand *rand = g_rand_new_with_seed (p->seed);
  guint i;

  for (i = 0; i < p->n && p->flow == GST_FLOW_OK; i++) {
    guint pauses = g_rand_int_range (rand, 0, 4);

    if (p->seed && i % 16 == 10)
      mux_send_tags (p->pad, i % 32 == 10 ? GST_TAG_SCOPE_STREAM :
          GST_TAG_SCOPE_GLOBAL, i % 64 == 10 ? "taglist,title=a;" :
          "taglist,title=b;");
    if (p->seed && i % 100 == 50)
      mux_send_caps (p->pad, i % 200 == 50 ? AUDIO_CAPS : "audio/x-opus");
    if (p->seed && i % 7 == 3)
      mux_send_gap (p->pad, i * 10 * MS, GST_CLOCK_TIME_NONE);
    p->flow = mux_push (p->pad, p->size, 10 * i, KEY);
    g_atomic_int_inc (&p->done);
    while (p->seed && pauses-- > 0)
      g_thread_yield ();
  }
  g_rand_free (rand);
  return NULL;
}

static GThread *
start_pusher (Pusher * p, GstPad * pad, guint n, gsize size, guint seed)
{
  p->pad = pad;
  p->n = n;
  p->size = size;
  p->seed = seed;
  p->done = 0;
  p->flow = GST_FLOW_OK;
  return g_thread_new ("pusher", run_pusher, p);
}

static GBytes *
run_jitter (guint seed)
{
  GThread *threads[3];
  Pusher pushers[3];
  GBytes *file;
  Walk walk;
  Mux m;
  guint i;

  mux_init (&m, "group-duration=50000000 span-duration=400000000");
  for (i = 0; i < 3; i++)
    mux_add (&m, "sink_%u", i ? AUDIO_CAPS : VIDEO_CAPS);
  for (i = 0; i < 3; i++)
    threads[i] = start_pusher (&pushers[i], g_ptr_array_index (m.sources, i),
        300 + 20 * i, 100 + i, 3 * seed + i + 1);
  for (i = 0; i < 3; i++)
    g_thread_join (threads[i]);
  mux_eos_all (&m);
  mux_walk (&m, &walk, TRUE);
  fail_unless_equals_int (walk.blocks->len, 960);
  walk_clear (&walk);
  file = mux_take_file (&m);
  mux_clear (&m);
  return file;
}

GST_START_TEST (test_threads_do_not_show_in_the_file)
{
  GBytes *first_file = run_jitter (0);
  guint i;

  for (i = 1; i < MANY (40); i++) {
    GBytes *file = run_jitter (i);

    fail_unless (g_bytes_equal (file, first_file), "run %u", i);
    g_bytes_unref (file);
  }
  g_bytes_unref (first_file);
}

GST_END_TEST;

GST_START_TEST (test_two_muxers_at_once_do_not_meet)
{
  GThread *threads[2];
  Pusher pushers[2];
  Mux m[2];
  guint i;

  for (i = 0; i < 2; i++) {
    mux_init (&m[i], NULL);
    threads[i] = start_pusher (&pushers[i], mux_add (&m[i], "sink_%u",
            AUDIO_CAPS), 2000, 100, 0);
  }
  for (i = 0; i < 2; i++)
    g_thread_join (threads[i]);
  fail_unless (m[0].bytes->len > 200000 && m[0].bytes->len ==
      m[1].bytes->len && memcmp (m[0].bytes->data, m[1].bytes->data,
          m[0].bytes->len) == 0);
  for (i = 0; i < 2; i++)
    mux_clear (&m[i]);
}

GST_END_TEST;

/* The source is far ahead: its ring is full, and it waits for the other. */
static GThread *
start_full_source (Pusher * p, GstPad * pad)
{
  GThread *thread = start_pusher (p, pad, 10000, 50, 0);

  /* a second in steps of 10 ms: the next one fills it */
  while (g_atomic_int_get (&p->done) < 100)
    g_thread_yield ();
  return thread;
}

typedef struct
{
  GstPad *ahead;
  GstPad *behind;
  gint done;
} Demuxer;

/* Two streams by one thread, one of them 0.7 s ahead of the other. */
static gpointer
run_demuxer (gpointer data)
{
  Demuxer *d = data;
  guint i;

  for (i = 0; i < 800; i++) {
    mux_push (d->ahead, 50, 10 * i, KEY);
    g_atomic_int_inc (&d->done);
    if (i >= 70)
      mux_push (d->behind, 50, 10 * (i - 70), KEY);
  }
  mux_eos (d->ahead);
  mux_eos (d->behind);
  return NULL;
}

GST_START_TEST (test_a_thread_that_brings_two_streams_is_not_kept_waiting)
{
  Demuxer d = { NULL, };
  GThread *thread;
  GstPad *other;
  guint i;
  Mux m;

  mux_init (&m, NULL);
  d.ahead = mux_add (&m, "sink_%u", AUDIO_CAPS);
  d.behind = mux_add (&m, "sink_%u", VIDEO_CAPS);
  other = mux_add (&m, "sink_%u", AUDIO_CAPS);
  thread = g_thread_new ("demuxer", run_demuxer, &d);
  /* the next one waits for room */
  while (g_atomic_int_get (&d.done) < 100)
    g_thread_yield ();
  for (i = 0; i < 800; i++)
    mux_push (other, 50, 10 * i, KEY);
  mux_eos (other);
  g_thread_join (thread);
  fail_unless_equals_int (m.n_eos, 1);
  fail_unless_equals_uint64 (mux_get_stat (&m, "blocks"), 2330);
  mux_clear (&m);
}

GST_END_TEST;

/* By how much a source is ahead of another one is bounded by what may wait. */
static void
check_lead (guint max_size_bytes, gint most)
{
  GThread *thread;
  GstPad *peer, *other;
  Pusher p;
  guint i;
  Mux m;

  mux_init (&m, NULL);
  mux_add (&m, "sink_%u", AUDIO_CAPS);
  other = mux_add (&m, "sink_%u", AUDIO_CAPS);
  peer = mux_get_peer (g_ptr_array_index (m.sources, 0));
  g_object_set (peer, "max-size-bytes", max_size_bytes, NULL);
  gst_object_unref (peer);
  thread = start_pusher (&p, g_ptr_array_index (m.sources, 0), 2000, 50, 0);
  for (i = 0; i < 2000; i++) {
    mux_push (other, 50, 10 * i, KEY);
    fail_unless (g_atomic_int_get (&p.done) - (gint) i <= most, "%d, %u",
        g_atomic_int_get (&p.done), i);
  }
  mux_eos (other);
  g_thread_join (thread);
  mux_eos (p.pad);
  fail_unless_equals_uint64 (mux_get_stat (&m, "blocks"), 4000);
  mux_clear (&m);
}

GST_START_TEST (test_no_more_waits_than_may)
{
  check_lead (500, 10 + 2);
  check_lead (0, 1 + 2);
}

GST_END_TEST;

GST_START_TEST (test_stop_ends_a_source_that_waits_for_room)
{
  GThread *thread;
  Pusher p;
  Mux m;

  mux_init (&m, NULL);
  mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_add (&m, "sink_%u", AUDIO_CAPS);
  thread = start_full_source (&p, g_ptr_array_index (m.sources, 0));
  gst_element_set_state (m.mux, GST_STATE_READY);
  g_thread_join (thread);
  fail_unless_equals_int (p.flow, GST_FLOW_FLUSHING);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_flush_ends_a_source_that_waits_for_room)
{
  GThread *thread;
  Pusher p;
  Mux m;

  mux_init (&m, NULL);
  mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_add (&m, "sink_%u", AUDIO_CAPS);
  thread = start_full_source (&p, g_ptr_array_index (m.sources, 0));
  gst_pad_push_event (p.pad, gst_event_new_flush_start ());
  g_thread_join (thread);
  fail_unless_equals_int (p.flow, GST_FLOW_FLUSHING);
  gst_pad_push_event (p.pad, gst_event_new_flush_stop (TRUE));
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_release_ends_a_source_that_waits_for_room)
{
  GstPad *peer;
  GThread *thread;
  Pusher p;
  Mux m;

  mux_init (&m, NULL);
  mux_add (&m, "sink_%u", AUDIO_CAPS);
  mux_add (&m, "sink_%u", AUDIO_CAPS);
  thread = start_full_source (&p, g_ptr_array_index (m.sources, 0));
  peer = mux_get_peer (p.pad);
  gst_element_release_request_pad (m.mux, peer);
  gst_object_unref (peer);
  g_thread_join (thread);
  fail_unless (p.flow == GST_FLOW_FLUSHING || p.flow == GST_FLOW_NOT_LINKED);
  g_ptr_array_remove (m.sources, p.pad);
  g_free (gst_pad_get_element_private (p.pad));
  gst_object_unref (p.pad);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_stop_ends_a_source_that_is_blocked_downstream)
{
  GThread *thread;
  Pusher p;
  Mux m;

  mux_init (&m, "group-duration=0");
  mux_add (&m, "sink_%u", AUDIO_CAPS);
  m.blocked = TRUE;
  thread = start_pusher (&p, g_ptr_array_index (m.sources, 0), 100, 50, 0);
  mux_wait_caps (&m, 1);
  /* as a pipeline does: the sink goes first */
  gst_pad_send_event (m.sink, gst_event_new_flush_start ());
  gst_element_set_state (m.mux, GST_STATE_READY);
  g_thread_join (thread);
  fail_unless_equals_int (p.flow, GST_FLOW_FLUSHING);
  gst_pad_send_event (m.sink, gst_event_new_flush_stop (TRUE));
  mux_clear (&m);
}

GST_END_TEST;

/* Pads come and go, properties are read, groups ended, while others push. */
GST_START_TEST (test_pads_come_and_go_while_others_push)
{
  GThread *threads[2];
  Pusher pushers[2];
  Walk walk;
  Mux m;
  guint i;

  mux_init (&m, "group-duration=0");
  for (i = 0; i < 2; i++)
    mux_add (&m, "sink_%u", AUDIO_CAPS);
  for (i = 0; i < 2; i++)
    threads[i] = start_pusher (&pushers[i], g_ptr_array_index (m.sources, i),
        MANY (3000), 50, 0);
  for (i = 0; i < MANY (60); i++) {
    GstPad *pad = mux_add (&m, i % 2 ? "sink_%u" : "subtitle_%u",
        i % 3 ? TEXT_CAPS : NULL);

    mux_push (pad, 10, 0, KEY);
    if (i % 5 == 0)
      mux_eos (pad);
    g_signal_emit_by_name (m.mux, "end-group");
    mux_get_stat (&m, "bytes");
    mux_remove (&m, pad);
  }
  for (i = 0; i < 2; i++)
    g_thread_join (threads[i]);
  mux_eos_all (&m);
  mux_wait_eos (&m, 1);
  mux_walk (&m, &walk, TRUE);
  fail_unless_equals_int (walk.blocks->len, 2 * MANY (3000) + MANY (60));
  walk_clear (&walk);
  mux_clear (&m);
}

GST_END_TEST;

GST_START_TEST (test_states_change_while_sources_push)
{
  Mux m;
  guint i, k;

  mux_init (&m, "group-duration=0");
  for (i = 0; i < 2; i++)
    mux_add (&m, "sink_%u", AUDIO_CAPS);
  for (k = 0; k < MANY (50); k++) {
    GThread *threads[2];
    Pusher pushers[2];

    for (i = 0; i < 2; i++) {
      GstPad *source = g_ptr_array_index (m.sources, i);

      gst_pad_set_active (source, FALSE);
      gst_pad_set_active (source, TRUE);
      mux_start_source (source, AUDIO_CAPS);
      threads[i] = start_pusher (&pushers[i], source, 100000, 50, 0);
    }
    mux_wait_bytes (&m, 10 * k);
    gst_element_set_state (m.mux, GST_STATE_READY);
    for (i = 0; i < 2; i++) {
      g_thread_join (threads[i]);
      fail_unless_equals_int (pushers[i].flow, GST_FLOW_FLUSHING);
    }
    g_bytes_unref (mux_take_file (&m));
    mux_play (&m);
  }
  mux_clear (&m);
}

GST_END_TEST;

#if defined(__GLIBC__) && __GLIBC_PREREQ (2, 33) \
    && !defined(__SANITIZE_ADDRESS__)
#define N_BLOCKS 1000000

GST_START_TEST (test_a_million_blocks_do_not_pile_up)
{
  gsize before, after, spans;
  GstPad *a;
  guint i;
  Mux m;

  mux_init (&m, NULL);
  m.keep_bytes = FALSE;
  a = mux_add (&m, "sink_%u", AUDIO_CAPS);
  for (i = 0; i < 10000; i++)
    mux_push (a, 20, i, KEY);
  gst_bus_set_flushing (m.bus, TRUE);
  before = mallinfo2 ().uordblks;
  for (; i < N_BLOCKS; i++)
    mux_push (a, 20, i, KEY);
  after = mallinfo2 ().uordblks;
  spans = N_BLOCKS / 1000;
  /* 17 bytes a span for the index, in an array that doubles */
  fail_unless (after < before + 2 * 17 * spans + (2 << 20),
      "%" G_GSIZE_FORMAT " bytes more", after - before);
  mux_clear (&m);
}

GST_END_TEST;
#endif

static guint
check_files (const gchar * dir)
{
  guint n;

  for (n = 0;; n++) {
    gchar *path = g_strdup_printf ("%s/%u.h4mk", dir, n), *data;
    gsize size;
    Walk walk;

    if (!g_file_get_contents (path, &data, &size, NULL)) {
      g_free (path);
      return n;
    }
    walk_init (&walk, (const guint8 *) data, size, TRUE);
    walk_check (&walk);
    fail_unless (walk.blocks->len > 0);
    walk_clear (&walk);
    g_unlink (path);
    g_free (path);
    g_free (data);
  }
}

GST_START_TEST (test_encodebin_takes_the_muxer)
{
  gchar *dir = g_dir_make_tmp ("h4mkmux-XXXXXX", NULL);
  gchar *launch = g_strdup_printf ("encodebin name=e profile=\""
      "application/x-h4mk:video/x-vp8:audio/x-opus\" ! "
      "filesink location=%s/0.h4mk "
      "videotestsrc num-buffers=20 ! video/x-raw,width=64,height=48 ! e.video_0 "
      "audiotestsrc num-buffers=40 ! e.audio_0", dir);

  mux_run_pipeline (launch);
  fail_unless_equals_int (check_files (dir), 1);
  g_rmdir (dir);
  g_free (launch);
  g_free (dir);
}

GST_END_TEST;

static Suite *
h4mkmux_life_suite (void)
{
  Suite *s = suite_create ("h4mkmux-life");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_flush_before_data_changes_nothing);
  tcase_add_test (tc, test_flush_drops_what_waits_but_not_what_was_said);
  tcase_add_test (tc, test_flush_of_a_file_that_goes_on_stays_here);
  tcase_add_test (tc, test_flush_after_eos_begins_a_new_file);
  tcase_add_test (tc, test_flush_that_eos_came_into_begins_a_new_file);
  tcase_add_test (tc, test_null_and_back_gives_the_same_file);
  tcase_add_test (tc, test_null_amid_a_file_forgets_it);
  tcase_add_test (tc, test_stream_that_starts_again_after_eos_goes_on);
  tcase_add_test (tc, test_threads_do_not_show_in_the_file);
  tcase_add_test (tc, test_two_muxers_at_once_do_not_meet);
  tcase_add_test (tc,
      test_a_thread_that_brings_two_streams_is_not_kept_waiting);
  tcase_add_test (tc, test_no_more_waits_than_may);
  tcase_add_test (tc, test_stop_ends_a_source_that_waits_for_room);
  tcase_add_test (tc, test_flush_ends_a_source_that_waits_for_room);
  tcase_add_test (tc, test_release_ends_a_source_that_waits_for_room);
  tcase_add_test (tc, test_stop_ends_a_source_that_is_blocked_downstream);
  tcase_add_test (tc, test_pads_come_and_go_while_others_push);
  tcase_add_test (tc, test_states_change_while_sources_push);
#ifdef N_BLOCKS
  /* it counts what the C library allocates */
  if (!RUNNING_ON_VALGRIND)
    tcase_add_test (tc, test_a_million_blocks_do_not_pile_up);
#endif
  /* encodebin and the encoders leak on their own account */
  if (!RUNNING_ON_VALGRIND)
    tcase_add_test (tc, test_encodebin_takes_the_muxer);
  return s;
}

H4_FILES_CHECK_MAIN (h4mkmux_life);
