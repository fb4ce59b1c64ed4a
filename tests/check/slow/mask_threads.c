/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Two elements that mask and two that unmask, on two threads at once, under
 * ThreadSanitizer. GLib's locks are futexes that it does not see, so each
 * element keeps to one thread, made by pthread_create(): what the threads
 * share is what the plugin itself shares. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <gst/gst.h>

GST_PLUGIN_STATIC_DECLARE (h4mask);

#define N_THREADS 2
#define N_BLOCKS 500
#define BLOCK_SIZE 3000

typedef struct
{
  const gchar *scheme;
  GstElement *mask;
  GstElement *unmask;
  GstPad *src;
  GstPad *sink;
  guint n_good;
} Chain;

static GstBuffer *
new_block (guint number)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, BLOCK_SIZE, NULL);

  gst_buffer_memset (buffer, 0, number, BLOCK_SIZE);
  return buffer;
}

static GstFlowReturn
check_block (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  Chain *chain = gst_pad_get_element_private (pad);
  GstMapInfo map;
  guint8 wanted[BLOCK_SIZE];

  memset (wanted, chain->n_good, sizeof (wanted));
  if (gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    chain->n_good += map.size == BLOCK_SIZE
        && memcmp (map.data, wanted, BLOCK_SIZE) == 0;
    gst_buffer_unmap (buffer, &map);
  }
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static void
link_to (GstPad * src, GstElement * element)
{
  GstPad *sink = gst_element_get_static_pad (element, "sink");

  gst_pad_link (src, sink);
  gst_object_unref (sink);
}

static void
chain_open (Chain * chain)
{
  GstPad *src;

  chain->mask = gst_element_factory_make ("h4mask", NULL);
  chain->unmask = gst_element_factory_make ("h4unmask", NULL);
  chain->src = gst_pad_new ("src", GST_PAD_SRC);
  chain->sink = gst_pad_new ("sink", GST_PAD_SINK);
  gst_util_set_object_arg (G_OBJECT (chain->mask), "scheme", chain->scheme);
  g_object_set (chain->mask, "key-env", "H4_TEST_KEY", "salt", "random", NULL);
  g_object_set (chain->unmask, "key-env", "H4_TEST_KEY", NULL);
  gst_pad_set_element_private (chain->sink, chain);
  gst_pad_set_chain_function (chain->sink, check_block);
  link_to (chain->src, chain->mask);
  gst_element_link (chain->mask, chain->unmask);
  src = gst_element_get_static_pad (chain->unmask, "src");
  gst_pad_link (src, chain->sink);
  gst_object_unref (src);
}

static void
chain_close (Chain * chain)
{
  gst_object_unref (chain->mask);
  gst_object_unref (chain->unmask);
  gst_object_unref (chain->src);
  gst_object_unref (chain->sink);
}

static gpointer
run_chain (gpointer user_data)
{
  Chain *chain = user_data;
  GstCaps *caps = gst_caps_new_empty_simple ("application/x-test");
  GstSegment segment;
  guint i;

  gst_pad_set_active (chain->sink, TRUE);
  gst_element_set_state (chain->unmask, GST_STATE_PAUSED);
  gst_element_set_state (chain->mask, GST_STATE_PAUSED);
  gst_pad_set_active (chain->src, TRUE);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (chain->src, gst_event_new_stream_start (chain->scheme));
  gst_pad_push_event (chain->src, gst_event_new_caps (caps));
  gst_pad_push_event (chain->src, gst_event_new_segment (&segment));
  for (i = 0; i < N_BLOCKS; i++)
    gst_pad_push (chain->src, new_block (i));
  gst_pad_push_event (chain->src, gst_event_new_eos ());
  gst_element_set_state (chain->mask, GST_STATE_NULL);
  gst_element_set_state (chain->unmask, GST_STATE_NULL);
  gst_caps_unref (caps);
  return NULL;
}

int
main (int argc, char **argv)
{
  Chain chains[N_THREADS] = { {"xor-sha256"}, {"aes-256-gcm"} };
  pthread_t threads[N_THREADS];
  gint i, failed = 0;

  g_setenv ("H4_TEST_KEY", "5ca1ab1e0ddba11cafef00dfeedface5", TRUE);
  gst_init (&argc, &argv);
  GST_PLUGIN_STATIC_REGISTER (h4mask);
  for (i = 0; i < N_THREADS; i++)
    chain_open (&chains[i]);
  for (i = 0; i < N_THREADS; i++)
    pthread_create (&threads[i], NULL, run_chain, &chains[i]);
  for (i = 0; i < N_THREADS; i++) {
    pthread_join (threads[i], NULL);
    if (chains[i].n_good != N_BLOCKS) {
      fprintf (stderr, "%s: %u of %u blocks came back\n", chains[i].scheme,
          chains[i].n_good, N_BLOCKS);
      failed = 1;
    }
    chain_close (&chains[i]);
  }
  return failed;
}
