/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Masked tracks through a file and back. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <glib/gstdio.h>
#include <gst/app/app.h>
#include <gst/check/gstcheck.h>

#include "h4files.h"

#define KEY_HEX "5ca1ab1e0ddba11cafef00dfeedface5ca1ab1e0ddba11cafef00dfeedface55"
#define N_FRAMES 100

#define SOURCE "videotestsrc num-buffers=100 pattern=ball ! " \
    "video/x-raw,format=GRAY8,width=32,height=24,framerate=25/1"

static const gchar *masks[] = {
  "h4mask key-env=H4_TEST_KEY salt=random",
  "h4mask key-env=H4_TEST_KEY scheme=aes-256-gcm"
};

static gchar *dir, *path;

static void
setup (void)
{
  dir = g_dir_make_tmp ("h4mask-XXXXXX", NULL);
  path = g_build_filename (dir, "masked.h4mk", NULL);
}

static void
teardown (void)
{
  g_unlink (path);
  g_rmdir (dir);
  g_clear_pointer (&path, g_free);
  g_clear_pointer (&dir, g_free);
}

static void
run_to_eos (const gchar * launch)
{
  GstElement *pipeline = gst_parse_launch (launch, NULL);
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
}

static void
record (const gchar * mask)
{
  gchar *launch = g_strdup_printf (SOURCE " ! %s ! h4mkmux ! filesink "
      "location=%s", mask, path);

  run_to_eos (launch);
  h4_files_keep_file (path);
  g_free (launch);
}

typedef struct
{
  GstElement *pipeline;
  GstAppSink *sink;
} Reader;

static void
reader_open (Reader * reader, const gchar * launch)
{
  reader->pipeline = gst_parse_launch (launch, NULL);
  reader->sink = GST_APP_SINK (gst_bin_get_by_name (GST_BIN
          (reader->pipeline), "sink"));
  g_object_set (reader->sink, "sync", FALSE, NULL);
}

static void
reader_open_file (Reader * reader)
{
  gchar *launch = g_strdup_printf ("filesrc location=%s ! h4mkdemux ! "
      "h4mask key-env=H4_TEST_KEY ! appsink name=sink", path);

  reader_open (reader, launch);
  gst_element_set_state (reader->pipeline, GST_STATE_PAUSED);
  fail_unless_equals_int (gst_element_get_state (reader->pipeline, NULL, NULL,
          GST_CLOCK_TIME_NONE), GST_STATE_CHANGE_SUCCESS);
  g_free (launch);
}

static void
reader_close (Reader * reader)
{
  gst_element_set_state (reader->pipeline, GST_STATE_NULL);
  gst_object_unref (reader->sink);
  gst_object_unref (reader->pipeline);
}

/* What was recorded, by the number of the frame. */
static GPtrArray *
originals (void)
{
  GPtrArray *frames = g_ptr_array_new_with_free_func ((GDestroyNotify)
      gst_buffer_unref);
  GstSample *sample;
  Reader reader;

  reader_open (&reader, SOURCE " ! appsink name=sink");
  gst_element_set_state (reader.pipeline, GST_STATE_PLAYING);
  while ((sample = gst_app_sink_pull_sample (reader.sink))) {
    g_ptr_array_add (frames, gst_buffer_ref (gst_sample_get_buffer (sample)));
    gst_sample_unref (sample);
  }
  reader_close (&reader);
  fail_unless_equals_int (frames->len, N_FRAMES);
  return frames;
}

/* Reads to the end; every frame must be the original of its time. Returns how
 * many there were, and the number of the first. */
static guint
read_and_compare (Reader * reader, GPtrArray * frames, guint * start)
{
  GstSample *sample;
  guint n = 0;

  gst_element_set_state (reader->pipeline, GST_STATE_PLAYING);
  while ((sample = gst_app_sink_pull_sample (reader->sink))) {
    GstBuffer *buffer = gst_sample_get_buffer (sample);
    guint number = gst_util_uint64_scale_round (GST_BUFFER_PTS (buffer), 25,
        GST_SECOND);
    GstMapInfo map;

    if (n == 0)
      *start = number;
    fail_unless_equals_int (number, *start + n);
    fail_unless (number < frames->len);
    fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
    fail_unless_equals_uint64 (map.size, 32 * 24);
    fail_unless (gst_buffer_memcmp (g_ptr_array_index (frames, number), 0,
            map.data, map.size) == 0, "frame %u", number);
    gst_buffer_unmap (buffer, &map);
    gst_sample_unref (sample);
    n++;
  }
  return n;
}

GST_START_TEST (test_a_file_comes_back_equal)
{
  GPtrArray *frames = originals ();
  guint start = 0;
  Reader reader;

  record (masks[__i__]);
  reader_open_file (&reader);
  fail_unless_equals_int (read_and_compare (&reader, frames, &start), N_FRAMES);
  fail_unless_equals_int (start, 0);
  reader_close (&reader);
  g_ptr_array_unref (frames);
}

GST_END_TEST;

GST_START_TEST (test_after_seeks_it_is_equal)
{
  static const guint targets[] = { 50, 10, 99, 0, 73 };
  GPtrArray *frames = originals ();
  guint start = 0, i;
  Reader reader;

  record (masks[__i__]);
  reader_open_file (&reader);
  for (i = 0; i < G_N_ELEMENTS (targets); i++) {
    fail_unless (gst_element_seek_simple (reader.pipeline, GST_FORMAT_TIME,
            GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_KEY_UNIT,
            targets[i] * GST_SECOND / 25));
    fail_unless_equals_int (read_and_compare (&reader, frames, &start),
        N_FRAMES - start);
    fail_unless (start <= targets[i] && start + 26 > targets[i],
        "%u for %u", start, targets[i]);
  }
  reader_close (&reader);
  g_ptr_array_unref (frames);
}

GST_END_TEST;

GST_START_TEST (test_what_is_left_of_a_cut_file_is_equal)
{
  GPtrArray *frames = originals ();
  guint start = 0, n;
  Reader reader;
  gchar *data;
  gsize size;

  record (masks[__i__]);
  g_file_get_contents (path, &data, &size, NULL);
  g_file_set_contents (path, data, size * 6 / 10, NULL);
  g_free (data);
  reader_open_file (&reader);
  n = read_and_compare (&reader, frames, &start);
  fail_unless_equals_int (start, 0);
  fail_unless (n > N_FRAMES / 3 && n < N_FRAMES, "%u frames", n);
  reader_close (&reader);
  g_ptr_array_unref (frames);
}

GST_END_TEST;

static GBytes *
read_masked_track (guint number)
{
  gchar *launch = g_strdup_printf ("filesrc location=%s ! h4mkdemux name=d "
      "d.video_%u ! queue ! appsink name=sink d.video_%u ! queue ! fakesink",
      path, number, 1 - number);
  GByteArray *all = g_byte_array_new ();
  GstSample *sample;
  Reader reader;

  reader_open (&reader, launch);
  gst_element_set_state (reader.pipeline, GST_STATE_PLAYING);
  while ((sample = gst_app_sink_pull_sample (reader.sink))) {
    GstMapInfo map;

    gst_buffer_map (gst_sample_get_buffer (sample), &map, GST_MAP_READ);
    g_byte_array_append (all, map.data, map.size);
    gst_buffer_unmap (gst_sample_get_buffer (sample), &map);
    gst_sample_unref (sample);
  }
  reader_close (&reader);
  g_free (launch);
  return g_byte_array_free_to_bytes (all);
}

/* The same frames on both tracks: one keystream would mask them alike. */
GST_START_TEST (test_two_tracks_share_no_keystream)
{
  gchar *launch = g_strdup_printf ("h4mkmux name=m ! filesink location=%s "
      SOURCE " ! %s ! queue ! m. " SOURCE " ! %s ! queue ! m.", path,
      masks[__i__], masks[__i__]);
  const guint8 *a, *b;
  GBytes *one, *other;
  gsize size, i, alike = 0;

  run_to_eos (launch);
  h4_files_keep_file (path);
  one = read_masked_track (0);
  other = read_masked_track (1);
  a = g_bytes_get_data (one, &size);
  b = g_bytes_get_data (other, NULL);
  fail_unless (size >= N_FRAMES * 32 * 24);
  fail_unless_equals_uint64 (g_bytes_get_size (other), size);
  for (i = 0; i < size; i++)
    alike += a[i] == b[i];
  /* By chance one in 256 is. */
  fail_unless (alike < size / 128, "%u of %u", (guint) alike, (guint) size);
  g_bytes_unref (one);
  g_bytes_unref (other);
  g_free (launch);
}

GST_END_TEST;

static Suite *
maskfile_suite (void)
{
  Suite *s = suite_create ("maskfile");
  TCase *tc = tcase_create ("files");

  g_setenv ("H4_TEST_KEY", KEY_HEX, TRUE);
  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_loop_test (tc, test_a_file_comes_back_equal, 0,
      G_N_ELEMENTS (masks));
  tcase_add_loop_test (tc, test_after_seeks_it_is_equal, 0,
      G_N_ELEMENTS (masks));
  tcase_add_loop_test (tc, test_what_is_left_of_a_cut_file_is_equal, 0,
      G_N_ELEMENTS (masks));
  tcase_add_loop_test (tc, test_two_tracks_share_no_keystream, 0,
      G_N_ELEMENTS (masks));
  return s;
}

H4_FILES_CHECK_MAIN (maskfile);
