/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "h4mask-common.h"

const gchar *const h4_test_schemes[2] = { "xor-sha256", "aes-256-gcm" };

/* A harness whose element posts on a bus of its own. */
GstHarness *
harness_new (const gchar * launch, GstBus ** bus)
{
  GstElement *element = gst_parse_bin_from_description (launch, FALSE, NULL);
  GstHarness *h;

  fail_unless (element != NULL);
  gst_object_unref (element);
  h = gst_harness_new_parse (launch);
  if (bus) {
    *bus = gst_bus_new ();
    gst_element_set_bus (h->element, *bus);
  }
  return h;
}

void
harness_free (GstHarness * h, GstBus * bus)
{
  if (bus) {
    gst_element_set_bus (h->element, NULL);
    gst_object_unref (bus);
  }
  gst_harness_teardown (h);
}

GstBuffer *
new_buffer (gsize size, guint seed)
{
  guint8 *data = g_malloc (size + 1);
  gsize i;

  for (i = 0; i < size; i++)
    data[i] = i * 31 + seed * 7 + (i >> 8);
  return gst_buffer_new_wrapped_full (0, data, size + 1, 0, size, data, g_free);
}

GstBuffer *
split_buffer (GstBuffer * whole, guint n)
{
  gsize size = gst_buffer_get_size (whole), from = 0, to;
  GstBuffer *split = gst_buffer_new ();
  guint i;

  for (i = 1; i <= n; i++, from = to) {
    to = size * i / n;
    if (to > from) {
      GstBuffer *part = gst_buffer_copy_region (whole,
          GST_BUFFER_COPY_MEMORY | GST_BUFFER_COPY_DEEP, from, to - from);
      split = gst_buffer_append (split, part);
    }
  }
  gst_buffer_unref (whole);
  return split;
}

void
assert_same_bytes (GstBuffer * a, GstBuffer * b)
{
  GstMapInfo map;

  fail_unless_equals_uint64 (gst_buffer_get_size (a), gst_buffer_get_size (b));
  if (gst_buffer_get_size (a) == 0)
    return;
  fail_unless (gst_buffer_map (a, &map, GST_MAP_READ));
  fail_unless (gst_buffer_memcmp (b, 0, map.data, map.size) == 0);
  gst_buffer_unmap (a, &map);
}

gchar *
vector_path (const gchar * name)
{
  return g_build_filename (g_getenv ("H4_VECTORS"), name, NULL);
}

GBytes *
load_vector (const gchar * name)
{
  gchar *path = vector_path (name), *data;
  gsize size;

  fail_unless (g_file_get_contents (path, &data, &size, NULL));
  g_free (path);
  return g_bytes_new_take (data, size);
}

gchar *
get_caps_string (GstPad * pad, const gchar * field)
{
  GstCaps *caps = gst_pad_get_current_caps (pad);
  gchar *value;

  fail_unless (caps != NULL);
  value = g_strdup (gst_structure_get_string (gst_caps_get_structure (caps, 0),
          field));
  gst_caps_unref (caps);
  return value;
}

guint
count_messages (GstBus * bus, GstMessageType type, gchar ** text)
{
  GstMessage *message;
  guint n = 0;

  while ((message = gst_bus_pop_filtered (bus, type))) {
    GError *error = NULL;

    if (type == GST_MESSAGE_ERROR)
      gst_message_parse_error (message, &error, NULL);
    else if (type == GST_MESSAGE_WARNING)
      gst_message_parse_warning (message, &error, NULL);
    if (text && error && n == 0)
      *text = g_strdup (error->message);
    g_clear_error (&error);
    gst_message_unref (message);
    n++;
  }
  return n;
}

void
assert_error (GstBus * bus, GQuark domain, gint code, const gchar * says)
{
  GstMessage *message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  GError *error = NULL;

  fail_unless (message != NULL, "no error on the bus");
  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, domain, code), "%s", error->message);
  fail_unless (strstr (error->message, says), "\"%s\" in \"%s\"", says,
      error->message);
  g_clear_error (&error);
  gst_message_unref (message);
}

void
push_bytes_segment (GstHarness * h, guint64 start)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_BYTES);
  segment.start = segment.time = segment.position = start;
  fail_unless (gst_harness_push_event (h, gst_event_new_segment (&segment)));
}

void
start_bytes (GstHarness * h)
{
  gst_harness_play (h);
  fail_unless (gst_harness_push_event (h, gst_event_new_stream_start ("s")));
  push_bytes_segment (h, 0);
}

/* What goes out of @h up to EOS, in one buffer. */
GstBuffer *
take_all (GstHarness * h)
{
  GstBuffer *all = gst_buffer_new (), *buffer;

  while ((buffer = gst_harness_try_pull (h)))
    all = gst_buffer_append (all, buffer);
  return all;
}

void
h4_test_set_keys (void)
{
  g_setenv ("H4_TEST_KEY", KEY_HEX, TRUE);
  g_setenv ("H4_TEST_OTHER_KEY", OTHER_KEY_HEX, TRUE);
  g_setenv ("H4_TEST_STREAM_KEY", STREAM_KEY_HEX, TRUE);
  g_setenv ("H4_TEST_BAD_KEY", KEY_HEX "0", TRUE);
  g_unsetenv ("H4_KEY_FILE");
}
