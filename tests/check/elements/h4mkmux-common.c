/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "h4mkmux-common.h"

static GstStaticPadTemplate any_src = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate any_sink = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS_ANY);

/* What a source says of itself; latency is G_MAXUINT64 where it is not live. */
typedef struct
{
  GstClockTime latency;
} Source;

static void
mux_take_buffer (Mux * mux, GstBuffer * buffer)
{
  MuxOutput output = { 0, };
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  output.offset = mux->bytes->len;
  output.size = map.size;
  output.said_offset = GST_BUFFER_OFFSET (buffer);
  output.said_end = GST_BUFFER_OFFSET_END (buffer);
  output.pts = GST_BUFFER_PTS (buffer);
  output.flags = GST_BUFFER_FLAGS (buffer);
  output.arrival = mux->clock ?
      gst_clock_get_time (GST_CLOCK (mux->clock)) : GST_CLOCK_TIME_NONE;
  if (mux->keep_bytes) {
    g_byte_array_append (mux->bytes, map.data, map.size);
    g_array_append_val (mux->outputs, output);
  }
  gst_buffer_unmap (buffer, &map);
}

static GstFlowReturn
mux_sink_chain_list (GstPad * pad, GstObject * parent, GstBufferList * list)
{
  Mux *mux = gst_pad_get_element_private (pad);
  GstFlowReturn flow;
  guint i;

  g_mutex_lock (&mux->lock);
  while (mux->blocked)
    g_cond_wait (&mux->cond, &mux->lock);
  flow = mux->flow;
  for (i = 0; flow == GST_FLOW_OK && i < gst_buffer_list_length (list); i++)
    mux_take_buffer (mux, gst_buffer_list_get (list, i));
  g_cond_broadcast (&mux->cond);
  g_mutex_unlock (&mux->lock);
  gst_buffer_list_unref (list);
  return flow;
}

static gboolean
mux_sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  Mux *mux = gst_pad_get_element_private (pad);
  GstCaps *caps;

  g_mutex_lock (&mux->lock);
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      g_ptr_array_add (mux->caps, gst_caps_ref (caps));
      break;
    case GST_EVENT_EOS:
      mux->n_eos++;
      if (mux->bytes->len > 0 && !mux->signs)
        h4_files_keep (mux->bytes->data, mux->bytes->len);
      break;
    case GST_EVENT_FLUSH_START:
      mux->blocked = FALSE;
      break;
    default:
      break;
  }
  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    g_string_append_printf (mux->events, "%s ", GST_EVENT_TYPE_NAME (event));
  g_cond_broadcast (&mux->cond);
  g_mutex_unlock (&mux->lock);
  gst_event_unref (event);
  return TRUE;
}

void
mux_init_null (Mux * mux, const gchar * properties)
{
  gchar *launch = g_strdup_printf ("h4mkmux name=m %s",
      properties ? properties : "");
  GstPad *src;

  memset (mux, 0, sizeof (*mux));
  g_mutex_init (&mux->lock);
  g_cond_init (&mux->cond);
  mux->bytes = g_byte_array_new ();
  mux->outputs = g_array_new (FALSE, FALSE, sizeof (MuxOutput));
  mux->caps = g_ptr_array_new_with_free_func ((GDestroyNotify) gst_caps_unref);
  mux->events = g_string_new (NULL);
  mux->sources = g_ptr_array_new ();
  mux->keep_bytes = TRUE;
  mux->signs = properties && strstr (properties, "signing-key-file") != NULL;

  mux->mux = gst_parse_launch (launch, NULL);
  fail_unless (mux->mux != NULL);
  gst_object_ref_sink (mux->mux);
  g_free (launch);
  mux->bus = gst_bus_new ();
  gst_element_set_bus (mux->mux, mux->bus);

  mux->sink = gst_pad_new_from_static_template (&any_sink, "sink");
  gst_pad_set_element_private (mux->sink, mux);
  gst_pad_set_chain_list_function (mux->sink, mux_sink_chain_list);
  gst_pad_set_event_function (mux->sink, mux_sink_event);
  gst_pad_set_active (mux->sink, TRUE);
  src = gst_element_get_static_pad (mux->mux, "src");
  fail_unless_equals_int (gst_pad_link (src, mux->sink), GST_PAD_LINK_OK);
  gst_object_unref (src);
}

void
mux_play (Mux * mux)
{
  fail_unless_equals_int (gst_element_set_state (mux->mux, GST_STATE_PLAYING),
      GST_STATE_CHANGE_SUCCESS);
}

void
mux_init (Mux * mux, const gchar * properties)
{
  mux_init_null (mux, properties);
  mux_play (mux);
}

void
mux_init_clocked (Mux * mux, const gchar * properties)
{
  mux_init_null (mux, properties);
  mux->clock = GST_TEST_CLOCK (gst_test_clock_new ());
  gst_element_set_clock (mux->mux, GST_CLOCK (mux->clock));
  gst_element_set_base_time (mux->mux, 0);
  mux_play (mux);
}

void
mux_clear (Mux * mux)
{
  gst_element_set_state (mux->mux, GST_STATE_NULL);
  while (mux->sources->len > 0)
    mux_remove (mux, g_ptr_array_index (mux->sources, 0));
  gst_element_set_bus (mux->mux, NULL);
  gst_bus_set_flushing (mux->bus, TRUE);
  gst_object_unref (mux->bus);
  ASSERT_OBJECT_REFCOUNT (mux->mux, "h4mkmux", 1);
  gst_object_unref (mux->mux);
  gst_pad_set_active (mux->sink, FALSE);
  ASSERT_OBJECT_REFCOUNT (mux->sink, "sink", 1);
  gst_object_unref (mux->sink);
  if (mux->clock)
    gst_object_unref (mux->clock);
  g_ptr_array_unref (mux->sources);
  g_byte_array_unref (mux->bytes);
  g_array_unref (mux->outputs);
  g_ptr_array_unref (mux->caps);
  g_string_free (mux->events, TRUE);
  g_mutex_clear (&mux->lock);
  g_cond_clear (&mux->cond);
}

static gboolean
source_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  Source *source = gst_pad_get_element_private (pad);

  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return gst_pad_query_default (pad, parent, query);
  if (source->latency == G_MAXUINT64)
    gst_query_set_latency (query, FALSE, 0, GST_CLOCK_TIME_NONE);
  else
    gst_query_set_latency (query, TRUE, source->latency, GST_CLOCK_TIME_NONE);
  return TRUE;
}

static GstPad *
mux_add_source (Mux * mux, const gchar * name, GstClockTime latency)
{
  GstPad *pad = gst_pad_new_from_static_template (&any_src, "source");
  GstPad *peer = gst_element_request_pad_simple (mux->mux, name);
  Source *source = g_new0 (Source, 1);

  fail_unless (peer != NULL, "no pad %s", name);
  source->latency = latency;
  gst_pad_set_element_private (pad, source);
  gst_pad_set_query_function (pad, source_query);
  gst_pad_set_active (pad, TRUE);
  fail_unless_equals_int (gst_pad_link (pad, peer), GST_PAD_LINK_OK);
  gst_object_unref (peer);
  g_ptr_array_add (mux->sources, pad);
  return pad;
}

void
mux_start_source (GstPad * source, const gchar * caps)
{
  GstSegment segment;

  fail_unless (gst_pad_push_event (source, gst_event_new_stream_start ("t")));
  if (caps)
    mux_send_caps (source, caps);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  fail_unless (gst_pad_push_event (source, gst_event_new_segment (&segment)));
}

GstPad *
mux_add_silent (Mux * mux, const gchar * name)
{
  return mux_add_source (mux, name, G_MAXUINT64);
}

GstPad *
mux_add (Mux * mux, const gchar * name, const gchar * caps)
{
  GstPad *source = mux_add_source (mux, name, G_MAXUINT64);

  mux_start_source (source, caps);
  return source;
}

GstPad *
mux_add_live (Mux * mux, const gchar * name, const gchar * caps,
    GstClockTime latency)
{
  GstPad *source = mux_add_source (mux, name, latency);

  mux_start_source (source, caps);
  return source;
}

void
mux_set_live (GstPad * source, GstClockTime latency)
{
  ((Source *) gst_pad_get_element_private (source))->latency = latency;
}

GstPad *
mux_get_peer (GstPad * source)
{
  GstPad *peer = gst_pad_get_peer (source);

  fail_unless (peer != NULL);
  return peer;
}

void
mux_set_pad (GstPad * source, const gchar * property, const gchar * value)
{
  GstPad *peer = mux_get_peer (source);

  gst_util_set_object_arg (G_OBJECT (peer), property, value);
  gst_object_unref (peer);
}

void
mux_remove (Mux * mux, GstPad * source)
{
  GstPad *peer = mux_get_peer (source);

  gst_pad_unlink (source, peer);
  gst_element_release_request_pad (mux->mux, peer);
  gst_object_unref (peer);
  g_ptr_array_remove (mux->sources, source);
  g_free (gst_pad_get_element_private (source));
  gst_pad_set_active (source, FALSE);
  ASSERT_OBJECT_REFCOUNT (source, "source", 1);
  gst_object_unref (source);
}

void
mux_send_caps (GstPad * source, const gchar * text)
{
  GstCaps *caps = gst_caps_from_string (text);

  fail_unless (caps != NULL, "%s", text);
  fail_unless (gst_pad_push_event (source, gst_event_new_caps (caps)));
  gst_caps_unref (caps);
}

void
mux_send_gap (GstPad * source, GstClockTime time, GstClockTime duration)
{
  fail_unless (gst_pad_push_event (source, gst_event_new_gap (time, duration)));
}

void
mux_send_tags (GstPad * source, GstTagScope scope, const gchar * text)
{
  GstTagList *tags = gst_tag_list_new_from_string (text);

  fail_unless (tags != NULL, "%s", text);
  gst_tag_list_set_scope (tags, scope);
  fail_unless (gst_pad_push_event (source, gst_event_new_tag (tags)));
}

GstBuffer *
mux_buffer (gsize size, guint seed)
{
  GstBuffer *buffer = gst_buffer_new_and_alloc (size);
  GstMapInfo map;
  gsize i;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  for (i = 0; i < size; i++)
    map.data[i] = (guint8) (seed * 7 + i * 13 + (i >> 8));
  gst_buffer_unmap (buffer, &map);
  return buffer;
}

GstFlowReturn
mux_push_full (GstPad * source, gsize size, GstClockTime pts, GstClockTime dts,
    GstClockTime duration, guint flags)
{
  GstBuffer *buffer = mux_buffer (size, (guint) (pts / MS));

  GST_BUFFER_PTS (buffer) = pts;
  GST_BUFFER_DTS (buffer) = dts;
  GST_BUFFER_DURATION (buffer) = duration;
  GST_BUFFER_FLAG_SET (buffer, flags);
  return gst_pad_push (source, buffer);
}

GstFlowReturn
mux_push (GstPad * source, gsize size, gint pts_ms, guint flags)
{
  return mux_push_full (source, size,
      pts_ms < 0 ? GST_CLOCK_TIME_NONE : (GstClockTime) pts_ms * MS,
      GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE, flags);
}

void
mux_eos (GstPad * source)
{
  fail_unless (gst_pad_push_event (source, gst_event_new_eos ()));
}

void
mux_eos_all (Mux * mux)
{
  guint i;

  for (i = 0; i < mux->sources->len; i++)
    mux_eos (g_ptr_array_index (mux->sources, i));
}

void
mux_flush (GstPad * source)
{
  fail_unless (gst_pad_push_event (source, gst_event_new_flush_start ()));
  fail_unless (gst_pad_push_event (source, gst_event_new_flush_stop (TRUE)));
}

void
mux_wait_bytes (Mux * mux, gsize n)
{
  g_mutex_lock (&mux->lock);
  while (mux->bytes->len < n)
    g_cond_wait (&mux->cond, &mux->lock);
  g_mutex_unlock (&mux->lock);
}

void
mux_wait_eos (Mux * mux, guint n)
{
  g_mutex_lock (&mux->lock);
  while (mux->n_eos < n)
    g_cond_wait (&mux->cond, &mux->lock);
  g_mutex_unlock (&mux->lock);
}

/* The task may be woken before it waits for that time. */
void
mux_wait_task (Mux * mux, GstClockTime time)
{
  GstClockTime waits = GST_CLOCK_TIME_NONE;

  while (waits != time) {
    GstClockID id;

    gst_test_clock_wait_for_next_pending_id (mux->clock, &id);
    waits = gst_clock_id_get_time (id);
    gst_clock_id_unref (id);
    g_thread_yield ();
  }
}

void
mux_set_time (Mux * mux, GstClockTime time)
{
  GList *ids = NULL;

  gst_test_clock_set_time (mux->clock, time);
  gst_test_clock_wait_for_multiple_pending_ids (mux->clock, 0, &ids);
  if (ids)
    gst_test_clock_process_id_list (mux->clock, ids);
  g_list_free_full (ids, gst_clock_id_unref);
}

void
mux_walk (Mux * mux, Walk * walk, gboolean link)
{
  walk_init (walk, mux->bytes->data, mux->bytes->len, link);
  walk_check (walk);
}

typedef gboolean (*ChunkFunc) (guint32 tag, const guint8 * payload, gsize size,
    gpointer data);

/* Called with the lock. Whole chunks, until func returns FALSE. */
static void
mux_each_chunk_unlocked (Mux * mux, ChunkFunc func, gpointer data)
{
  gsize pos = GST_H4MK_HEADER_SIZE;

  while (pos + 12 <= mux->bytes->len) {
    const guint8 *p = mux->bytes->data + pos;
    gsize size = mux_u32 (p + 4);

    if (pos + 12 + size > mux->bytes->len
        || !func (mux_u32 (p), p + 12, size, data))
      break;
    pos += 12 + size;
  }
}

static void
mux_each_chunk (Mux * mux, ChunkFunc func, gpointer data)
{
  g_mutex_lock (&mux->lock);
  mux_each_chunk_unlocked (mux, func, data);
  g_mutex_unlock (&mux->lock);
}

typedef struct
{
  guint32 tag;
  guint n;
  gchar *text;
  GString *order;
} Search;

static gboolean
count_chunk (guint32 tag, const guint8 * payload, gsize size, gpointer data)
{
  Search *search = data;

  search->n += tag == search->tag;
  return TRUE;
}

guint
mux_count_chunks (Mux * mux, guint32 tag)
{
  Search search = { tag, 0, NULL, NULL };

  mux_each_chunk (mux, count_chunk, &search);
  return search.n;
}

guint
mux_count_groups (Mux * mux)
{
  return mux_count_chunks (mux, GST_H4MK_TAG_TOKN);
}

void
mux_wait_groups (Mux * mux, guint n)
{
  Search search = { GST_H4MK_TAG_TOKN, 0, NULL, NULL };

  g_mutex_lock (&mux->lock);
  mux_each_chunk_unlocked (mux, count_chunk, &search);
  while (search.n < n) {
    g_cond_wait (&mux->cond, &mux->lock);
    search.n = 0;
    mux_each_chunk_unlocked (mux, count_chunk, &search);
  }
  g_mutex_unlock (&mux->lock);
  fail_unless_equals_int (search.n, n);
}

void
mux_wait_caps (Mux * mux, guint n)
{
  g_mutex_lock (&mux->lock);
  while (mux->caps->len < n)
    g_cond_wait (&mux->cond, &mux->lock);
  g_mutex_unlock (&mux->lock);
}

static gboolean
find_chunk (guint32 tag, const guint8 * payload, gsize size, gpointer data)
{
  Search *search = data;

  if (tag != search->tag || search->n-- > 0)
    return TRUE;
  search->text = g_malloc0 (size + 1);
  memcpy (search->text, payload, size);
  return FALSE;
}

gchar *
mux_get_text (Mux * mux, guint32 tag, guint n)
{
  Search search = { tag, n, NULL, NULL };

  mux_each_chunk (mux, find_chunk, &search);
  fail_unless (search.text != NULL, "no such chunk");
  return search.text;
}

void
mux_check_text (Mux * mux, guint32 tag, guint n, const gchar * expected)
{
  gchar *text = mux_get_text (mux, tag, n);

  fail_unless_equals_string (text, expected);
  g_free (text);
}

static gboolean
add_order (guint32 tag, const guint8 * payload, gsize size, gpointer data)
{
  Search *search = data;
  GstH4mkToken token;
  guint i;

  if (tag != GST_H4MK_TAG_TOKN)
    return TRUE;
  gst_h4mk_token_init (&token);
  fail_unless (gst_h4mk_token_read (&token, payload, size, NULL));
  for (i = 0; i < token.records->len; i++)
    g_string_append_printf (search->order, "%u",
        (guint) gst_h4mk_token_record (&token, i)->track);
  gst_h4mk_token_clear (&token);
  return TRUE;
}

gchar *
mux_get_order (Mux * mux)
{
  Search search = { 0, 0, NULL, g_string_new (NULL) };

  mux_each_chunk (mux, add_order, &search);
  return g_string_free (search.order, FALSE);
}

void
mux_check_order (Mux * mux, const gchar * expected)
{
  gchar *order = mux_get_order (mux);

  fail_unless_equals_string (order, expected);
  g_free (order);
}

GBytes *
mux_take_file (Mux * mux)
{
  GBytes *file;

  g_mutex_lock (&mux->lock);
  file = g_byte_array_free_to_bytes (mux->bytes);
  mux->bytes = g_byte_array_new ();
  g_array_set_size (mux->outputs, 0);
  g_mutex_unlock (&mux->lock);
  return file;
}

void
mux_check_error (Mux * mux, GQuark domain, gint code, const gchar * text)
{
  GstMessage *message = gst_bus_pop_filtered (mux->bus, GST_MESSAGE_ERROR);
  GError *error;
  gchar *debug;

  fail_unless (message != NULL, "no error was posted");
  gst_message_parse_error (message, &error, &debug);
  fail_unless (g_error_matches (error, domain, code), "%s", error->message);
  fail_unless (strstr (error->message, text) || strstr (debug, text),
      "\"%s\" says nothing of \"%s\": %s", error->message, text, debug);
  g_error_free (error);
  g_free (debug);
  gst_message_unref (message);
  message = gst_bus_pop_filtered (mux->bus, GST_MESSAGE_ERROR);
  fail_unless (message == NULL, "a second error was posted");
}

guint64
mux_get_stat (Mux * mux, const gchar * name)
{
  GstStructure *stats;
  guint64 value;

  g_object_get (mux->mux, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, name, &value), "%s", name);
  gst_structure_free (stats);
  return value;
}

GBytes *
mux_load_vector (const gchar * name)
{
  gchar *path = g_build_filename (g_getenv ("H4_VECTORS"), name, NULL);
  GError *error = NULL;
  gchar *data;
  gsize size;

  fail_unless (g_file_get_contents (path, &data, &size, &error), "%s: %s",
      path, error ? error->message : "");
  g_free (path);
  return g_bytes_new_take (data, size);
}

void
mux_run_pipeline (const gchar * launch)
{
  GError *error = NULL;
  GstElement *pipeline = gst_parse_launch (launch, &error);
  GstMessage *message;
  GstBus *bus;

  fail_unless (pipeline && !error, "%s", error ? error->message : launch);
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_string (GST_MESSAGE_TYPE_NAME (message), "eos");
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
}
