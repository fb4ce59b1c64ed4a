/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include <gst/app/gstappsrc.h>

#include "synthetic.h"

static const gchar *const stream_caps[H4_N_STREAMS] = {
  "video/x-h264,stream-format=avc,alignment=au,width=64,height=48,framerate=25/1",
  "video/x-vp8,width=64,height=48,framerate=25/1",
  "audio/x-opus,rate=48000,channels=1,channel-mapping-family=0",
  "text/x-raw,format=utf8",
};

static GstBuffer *
new_buffer (const H4Block * block)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 32, NULL);
  guint32 words[8] = { block->stream, block->number, };

  gst_buffer_fill (buffer, 0, words, sizeof (words));
  GST_BUFFER_PTS (buffer) = block->pts;
  GST_BUFFER_DTS (buffer) = block->dts;
  GST_BUFFER_DURATION (buffer) = block->duration;
  if (block->flags & GST_BUFFER_FLAG_DELTA_UNIT)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  return buffer;
}

static void
push (GstElement * pipeline, const H4Block * block)
{
  gchar *name = g_strdup_printf ("s%u", block->stream);
  GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline), name);

  fail_unless_equals_int (gst_app_src_push_buffer (GST_APP_SRC (source),
          new_buffer (block)), GST_FLOW_OK);
  gst_object_unref (source);
  g_free (name);
}

/* I B P B P … in the order of decoding: I0 P2 B1 P4 B3 … */
static void
push_video (GstElement * pipeline, guint stream, guint n, guint gop)
{
  guint in_gop = n % gop, shown = n;
  H4Block block = { stream, n, 0, n * H4_FRAME, H4_FRAME, 0 };

  if (in_gop > 0) {
    block.flags = GST_BUFFER_FLAG_DELTA_UNIT;
    if (in_gop % 2 == 1 && in_gop + 1 < gop)
      shown = n + 1;
    else if (in_gop % 2 == 0)
      shown = n - 1;
  }
  block.pts = (shown + 2) * H4_FRAME;
  push (pipeline, &block);
}

static void
push_subtitle (GstElement * pipeline, guint number, GstClockTime start,
    GstClockTime duration)
{
  H4Block block = { H4_STREAM_SUBTITLE, number, start, GST_CLOCK_TIME_NONE,
    duration, 0
  };

  push (pipeline, &block);
}

static void
end_streams (GstElement * pipeline, guint n)
{
  guint i;

  for (i = 0; i < n; i++) {
    gchar *name = g_strdup_printf ("s%u", i);
    GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline), name);

    gst_app_src_end_of_stream (GST_APP_SRC (source));
    gst_object_unref (source);
    g_free (name);
  }
  fail_unless (h4_wait_for_end (pipeline, FALSE));
}

static GstElement *
new_recorder (const gchar * settings, const gchar * path, guint first, guint n)
{
  GString *text = g_string_new (NULL);
  GstElement *pipeline;
  guint i;

  g_string_printf (text, "h4mkmux name=m %s ! filesink location=\"%s\"",
      settings, path);
  for (i = 0; i < n; i++)
    g_string_append_printf (text, " appsrc name=s%u format=time caps=\"%s\""
        " max-bytes=0 ! m.", i, stream_caps[first + i]);
  pipeline = gst_parse_launch (text->str, NULL);
  fail_unless (pipeline != NULL, "%s", text->str);
  g_string_free (text, TRUE);
  return pipeline;
}

static gchar *
new_path (void)
{
  gchar *path;
  gint fd = g_file_open_tmp ("h4XXXXXX.h4mk", &path, NULL);

  fail_unless (fd >= 0);
  g_close (fd, NULL);
  return path;
}

gchar *
h4_make_file (const gchar * settings)
{
  return h4_make_short_file (settings, H4_FILE_DURATION / H4_FRAME);
}

gchar *
h4_make_short_file (const gchar * settings, guint frames)
{
  gchar *path = new_path ();
  GstElement *pipeline = new_recorder (settings, path, 0, H4_N_STREAMS);
  guint i;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  push_subtitle (pipeline, 0, 2 * GST_SECOND, GST_SECOND);
  push_subtitle (pipeline, 1, 5 * GST_SECOND, 12 * GST_SECOND);
  push_subtitle (pipeline, 2, 16 * GST_SECOND, 500 * GST_MSECOND);
  for (i = 0; i < frames; i++) {
    guint k;

    push_video (pipeline, H4_STREAM_VIDEO, i, H4_GOP);
    push_video (pipeline, H4_STREAM_SLOW_VIDEO, i, H4_SLOW_GOP);
    for (k = 2 * i; k < 2 * i + 2; k++) {
      H4Block block = { H4_STREAM_AUDIO, k, k * H4_AUDIO_FRAME,
        GST_CLOCK_TIME_NONE, H4_AUDIO_FRAME, 0
      };

      push (pipeline, &block);
    }
  }
  end_streams (pipeline, H4_N_STREAMS);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  /* who signs knows the key to check it by */
  if (!strstr (settings, "signing-key-file"))
    h4_files_keep_file (path);
  return path;
}

gchar *
h4_make_audio_file (const gchar * settings, guint n)
{
  gchar *path = new_path ();
  GstElement *pipeline = new_recorder (settings, path, H4_STREAM_AUDIO, 1);
  GstElement *source = gst_bin_get_by_name (GST_BIN (pipeline), "s0");
  guint i;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (i = 0; i < n; i++) {
    H4Block block = { H4_STREAM_AUDIO, i, i * 10 * GST_MSECOND,
      GST_CLOCK_TIME_NONE, 10 * GST_MSECOND, 0
    };

    fail_unless_equals_int (gst_app_src_push_buffer (GST_APP_SRC (source),
            new_buffer (&block)), GST_FLOW_OK);
  }
  gst_object_unref (source);
  end_streams (pipeline, 1);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  h4_files_keep_file (path);
  return path;
}

gchar *
h4_make_base_file (guint gop, guint n)
{
  gchar *path = new_path ();
  gchar *text = g_strdup_printf ("h4mkmux name=m profile=base ! filesink "
      "location=\"%s\" appsrc name=s0 format=time max-bytes=0 "
      "caps=\"application/x-h4-blocks,block-size=8,fps-hint=25.0,gop=%u\" ! m.",
      path, gop);
  GstElement *pipeline = gst_parse_launch (text, NULL);
  guint i;

  fail_unless (pipeline != NULL, "%s", text);
  g_free (text);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (i = 0; i < n; i++) {
    H4Block block = { H4_STREAM_VIDEO, i, i * H4_FRAME, GST_CLOCK_TIME_NONE,
      H4_FRAME, i % gop ? GST_BUFFER_FLAG_DELTA_UNIT : 0
    };

    push (pipeline, &block);
  }
  end_streams (pipeline, 1);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  h4_files_keep_file (path);
  return path;
}

void
h4_remove_file (gchar * path)
{
  g_unlink (path);
  g_free (path);
}

gsize
h4_chunk_size (const guint8 * chunk)
{
  guint32 length;

  memcpy (&length, chunk + 4, sizeof (length));
  return 12 + (gsize) GUINT32_FROM_BE (length);
}

gboolean
h4_wait_for_end (GstElement * pipeline, gboolean may_fail)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message = gst_bus_timed_pop_filtered (bus, 300 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_SEGMENT_DONE);
  gboolean ended;
  GError *error = NULL;
  gchar *debug = NULL;

  fail_unless (message != NULL, "neither end nor error");
  ended = GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR;
  if (!ended) {
    gst_message_parse_error (message, &error, &debug);
    fail_unless (may_fail, "%s (%s)", error->message, debug);
    g_clear_error (&error);
    g_free (debug);
  }
  gst_message_unref (message);
  gst_object_unref (bus);
  return ended;
}

static GstPadProbeReturn
on_block (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  H4Player *player = user_data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  GstEvent *event = gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  guint32 words[2] = { 0, };
  H4Block block;

  gst_buffer_extract (buffer, 0, words, sizeof (words));
  block.stream = words[0];
  block.number = words[1];
  block.pts = GST_BUFFER_PTS (buffer);
  block.dts = GST_BUFFER_DTS (buffer);
  block.duration = GST_BUFFER_DURATION (buffer);
  block.flags = GST_BUFFER_FLAGS (buffer);
  fail_unless (block.stream < H4_N_STREAMS);
  fail_unless (event != NULL, "a buffer before its segment");

  g_mutex_lock (&player->lock);
  if (player->seqnum == 0 || gst_event_get_seqnum (event) == player->seqnum) {
    g_array_append_val (player->blocks, block);
    gst_event_copy_segment (event, &player->segments[block.stream]);
  }
  player->held++;
  g_cond_signal (&player->cond);
  g_mutex_unlock (&player->lock);
  gst_event_unref (event);
  return GST_PAD_PROBE_OK;
}

/* A flush lets the block go that waits here. */
static GstPadProbeReturn
on_hold (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  H4Player *player = user_data;

  if (!player->hold)
    return GST_PAD_PROBE_PASS;
  g_mutex_lock (&player->lock);
  player->held++;
  g_cond_signal (&player->cond);
  g_mutex_unlock (&player->lock);
  return GST_PAD_PROBE_OK;
}

static void
on_pad (GstElement * demux, GstPad * pad, gpointer user_data)
{
  H4Player *player = user_data;
  GstElement *queue = gst_element_factory_make ("queue", NULL);
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  GstPad *sinkpad = gst_element_get_static_pad (queue, "sink");

  g_object_set (sink, "sync", FALSE, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_block, player, NULL);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BLOCK | GST_PAD_PROBE_TYPE_BUFFER,
      on_hold, player, NULL);
  gst_bin_add_many (GST_BIN (player->pipeline), queue, sink, NULL);
  gst_element_link (queue, sink);
  gst_element_sync_state_with_parent (sink);
  gst_element_sync_state_with_parent (queue);
  fail_unless_equals_int (gst_pad_link (pad, sinkpad), GST_PAD_LINK_OK);
  gst_object_unref (sinkpad);
}

static GstPadProbeReturn
on_read (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  H4Player *player = user_data;

  g_atomic_int_inc (&player->reads);
  return GST_PAD_PROBE_OK;
}

void
h4_player_open (H4Player * player, const gchar * path, const gchar * between,
    const gchar * settings)
{
  gchar *source = g_strdup_printf ("filesrc name=f location=\"%s\" %s", path,
      between);

  h4_player_open_source (player, source, settings);
  g_free (source);
}

void
h4_player_open_source (H4Player * player, const gchar * from,
    const gchar * settings)
{
  gchar *text = g_strdup_printf ("%s ! h4mkdemux name=d %s", from, settings);
  GstElement *demux, *source;
  GstPad *pad;

  player->pipeline = gst_parse_launch (text, NULL);
  fail_unless (player->pipeline != NULL, "%s", text);
  g_free (text);
  g_mutex_init (&player->lock);
  g_cond_init (&player->cond);
  player->hold = FALSE;
  player->held = 0;
  player->blocks = g_array_new (FALSE, FALSE, sizeof (H4Block));
  player->reads = 0;
  player->seqnum = 0;
  demux = gst_bin_get_by_name (GST_BIN (player->pipeline), "d");
  g_signal_connect (demux, "pad-added", G_CALLBACK (on_pad), player);
  gst_object_unref (demux);
  source = gst_bin_get_by_name (GST_BIN (player->pipeline), "f");
  pad = gst_element_get_static_pad (source, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_PULL | GST_PAD_PROBE_TYPE_BUFFER,
      on_read, player, NULL);
  gst_object_unref (pad);
  gst_object_unref (source);
}

void
h4_player_close (H4Player * player)
{
  gst_element_set_state (player->pipeline, GST_STATE_NULL);
  gst_clear_object (&player->pipeline);
  g_array_unref (player->blocks);
  g_mutex_clear (&player->lock);
  g_cond_clear (&player->cond);
}

void
h4_player_wait_held (H4Player * player)
{
  g_mutex_lock (&player->lock);
  while (player->held == 0)
    g_cond_wait (&player->cond, &player->lock);
  g_mutex_unlock (&player->lock);
}

void
h4_player_play (H4Player * player)
{
  gst_element_set_state (player->pipeline, GST_STATE_PLAYING);
  h4_wait_for_end (player->pipeline, FALSE);
}

void
h4_player_seek (H4Player * player, gdouble rate, GstSeekFlags flags,
    GstClockTime start, GstClockTime stop)
{
  GstEvent *event = gst_event_new_seek (rate, GST_FORMAT_TIME,
      flags | GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, start,
      GST_CLOCK_TIME_IS_VALID (stop) ? GST_SEEK_TYPE_SET : GST_SEEK_TYPE_NONE,
      stop);

  if (GST_STATE (player->pipeline) < GST_STATE_PAUSED) {
    gst_element_set_state (player->pipeline, GST_STATE_PAUSED);
    /* before its pads are there, the pipeline has nothing to wait for */
    h4_player_wait_held (player);
    fail_unless_equals_int (gst_element_get_state (player->pipeline, NULL,
            NULL, GST_CLOCK_TIME_NONE), GST_STATE_CHANGE_SUCCESS);
  }
  g_mutex_lock (&player->lock);
  g_array_set_size (player->blocks, 0);
  player->seqnum = gst_event_get_seqnum (event);
  g_mutex_unlock (&player->lock);
  fail_unless (gst_element_send_event (player->pipeline, event));
  h4_player_play (player);
}

/* The demuxer holds the block that came last: nothing is read meanwhile. */
void
h4_player_seek_held (H4Player * player, GstClockTime start)
{
  GstElement *demux = gst_bin_get_by_name (GST_BIN (player->pipeline), "d");
  GstPad *pad = GST_PAD (GST_ELEMENT (demux)->srcpads->data);

  g_mutex_lock (&player->lock);
  player->held = 0;
  g_mutex_unlock (&player->lock);
  g_atomic_int_set (&player->reads, 0);
  fail_unless (gst_pad_send_event (pad, gst_event_new_seek (1.0,
              GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, start,
              GST_SEEK_TYPE_NONE, -1)));
  h4_player_wait_held (player);
  gst_object_unref (demux);
}

void
h4_cut_file (const gchar * path, gdouble part)
{
  GStatBuf info;

  fail_unless_equals_int (g_stat (path, &info), 0);
  fail_unless_equals_int (truncate (path, (off_t) (info.st_size * part)), 0);
}

const H4Block *
h4_player_get (H4Player * player, guint stream, guint n)
{
  guint i;

  for (i = 0; i < player->blocks->len; i++) {
    const H4Block *block = &g_array_index (player->blocks, H4Block, i);

    if (block->stream == stream && n-- == 0)
      return block;
  }
  return NULL;
}

guint
h4_player_count (H4Player * player, guint stream)
{
  guint n = 0, i;

  for (i = 0; i < player->blocks->len; i++)
    n += g_array_index (player->blocks, H4Block, i).stream == stream;
  return n;
}

/* Each stream comes without a hole from its first block to its end. */
static void
check_contiguous (H4Player * player, guint stream)
{
  guint n = h4_player_count (player, stream), i;

  for (i = 1; i < n; i++)
    fail_unless_equals_int (h4_player_get (player, stream, i)->number,
        h4_player_get (player, stream, i - 1)->number + 1);
}

void
h4_player_check_needs (H4Player * player, GstClockTime time)
{
  const H4Block *video = h4_player_get (player, H4_STREAM_VIDEO, 0);
  const H4Block *slow = h4_player_get (player, H4_STREAM_SLOW_VIDEO, 0);
  const H4Block *audio = h4_player_get (player, H4_STREAM_AUDIO, 0);
  guint i, found = 0, expected = 0;

  fail_unless (video && !(video->flags & GST_BUFFER_FLAG_DELTA_UNIT));
  fail_unless (video->flags & GST_BUFFER_FLAG_DISCONT);
  fail_unless (video->pts <= time || video->number == 0);
  fail_unless (slow && !(slow->flags & GST_BUFFER_FLAG_DELTA_UNIT));
  fail_unless (slow->pts <= time || slow->number == 0,
      "at %" GST_TIME_FORMAT " the second video starts at %" GST_TIME_FORMAT,
      GST_TIME_ARGS (time), GST_TIME_ARGS (slow->pts));
  if (time < H4_FILE_DURATION) {
    fail_unless (audio != NULL);
    fail_unless (audio->pts <= time);
  }
  check_contiguous (player, H4_STREAM_VIDEO);
  check_contiguous (player, H4_STREAM_SLOW_VIDEO);
  check_contiguous (player, H4_STREAM_AUDIO);

  expected += time >= 2 * GST_SECOND && time < 3 * GST_SECOND;
  expected += time >= 5 * GST_SECOND && time < 17 * GST_SECOND;
  expected += time >= 16 * GST_SECOND && time < 16500 * GST_MSECOND;
  for (i = 0; i < player->blocks->len; i++) {
    const H4Block *block = &g_array_index (player->blocks, H4Block, i);

    found += block->stream == H4_STREAM_SUBTITLE && block->pts <= time
        && block->pts + block->duration > time;
  }
  fail_unless (found == expected, "at %" GST_TIME_FORMAT
      " %u subtitles are shown, not %u", GST_TIME_ARGS (time), found, expected);
}

void
h4_player_play_segments (H4Player * player)
{
  GstElement *pipeline = player->pipeline;
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  h4_player_wait_held (player);
  gst_element_get_state (pipeline, NULL, NULL, GST_CLOCK_TIME_NONE);
  fail_unless (gst_element_seek (pipeline, 1.0, GST_FORMAT_TIME,
          GST_SEEK_FLAG_SEGMENT | GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET,
          3 * GST_SECOND, GST_SEEK_TYPE_SET, 4 * GST_SECOND));
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 30 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_SEGMENT_DONE);
  fail_unless (message != NULL);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_SEGMENT_DONE);
  gst_message_unref (message);
  /* the next one goes on without a flush */
  fail_unless (gst_element_seek (pipeline, 1.0, GST_FORMAT_TIME,
          GST_SEEK_FLAG_NONE, GST_SEEK_TYPE_SET, 19 * GST_SECOND,
          GST_SEEK_TYPE_SET, -1));
  fail_unless (h4_wait_for_end (pipeline, FALSE));
  fail_unless_equals_uint64 (player->segments[H4_STREAM_AUDIO].base,
      GST_SECOND);
  gst_object_unref (bus);
}
