/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#define _GNU_SOURCE
#include <json-glib/json-glib.h>
#include <string.h>

#include "h4files.h"
#include "h4mksink.h"

static void
load_vector (const gchar * name, gchar ** data, gsize * size)
{
  gchar *path = g_build_filename (g_getenv ("H4_VECTORS"), name, NULL);

  fail_unless (g_file_get_contents (path, data, size, NULL), "%s", path);
  g_free (path);
}

static gboolean
add (GstH4mkBaseWriter * writer, Sink * sink, gconstpointer data, gsize size,
    GError ** error)
{
  GstH4mkBlock block = { {0,}, data, sink_own (sink) };

  block.record.size = size;
  return gst_h4mk_base_writer_add (writer, &block, error);
}

/* The payloads of a file's COREs, end to end: what a masked case was made
 * from. */
static GByteArray *
take_blocks (const gchar * file, gsize size)
{
  GByteArray *blocks = g_byte_array_new ();
  gsize pos = 8;

  while (pos + 12 <= size && memcmp (file + pos, "CORE", 4) == 0) {
    guint32 n = read_u32 (file + pos + 4);

    fail_unless (pos + 12 + n <= size);
    g_byte_array_append (blocks, (const guint8 *) file + pos + 12, n);
    pos += 12 + n;
  }
  return blocks;
}

static void
check_case (JsonObject * object)
{
  gsize block_size = json_object_get_int_member (object, "block_size");
  gboolean masked = json_object_get_boolean_member (object, "mask");
  GstH4mkBaseWriter *writer;
  gchar *raw, *expected;
  gsize raw_size, size, pos;
  GByteArray *blocks;
  Sink sink;

  load_vector (json_object_get_string_member (object, "raw"), &raw, &raw_size);
  load_vector (json_object_get_string_member (object, "h4mk"), &expected,
      &size);
  if (masked)
    blocks = take_blocks (expected, size);
  else
    blocks = g_byte_array_append (g_byte_array_new (), (guint8 *) raw,
        raw_size);
  fail_unless_equals_int (blocks->len, raw_size);

  sink_init (&sink);
  writer = gst_h4mk_base_writer_new (block_size,
      json_object_get_double_member (object, "fps_hint"),
      json_object_get_int_member (object, "gop"), masked, &sink_funcs, &sink);
  for (pos = 0; pos < blocks->len; pos += block_size)
    fail_unless (add (writer, &sink, blocks->data + pos,
            MIN (block_size, blocks->len - pos), NULL));
  fail_unless (gst_h4mk_base_writer_finish (writer, NULL, NULL));
  fail_unless_equals_uint64 (gst_h4mk_base_writer_get_offset (writer),
      sink.bytes->len);
  fail_unless_same_bytes (sink.bytes->data, sink.bytes->len,
      (const guint8 *) expected, size);
  h4_files_keep (sink.bytes->data, sink.bytes->len);

  gst_h4mk_base_writer_free (writer);
  sink_clear (&sink);
  g_byte_array_unref (blocks);
  g_free (raw);
  g_free (expected);
}

GST_START_TEST (test_writes_the_reference_files)
{
  JsonParser *parser = json_parser_new ();
  JsonArray *cases;
  gchar *text;
  gsize size;
  guint i;

  load_vector ("containers.json", &text, &size);
  fail_unless (json_parser_load_from_data (parser, text, size, NULL));
  cases = json_node_get_array (json_parser_get_root (parser));
  fail_unless_equals_int (json_array_get_length (cases), 4);
  for (i = 0; i < json_array_get_length (cases); i++)
    check_case (json_array_get_object_element (cases, i));
  g_object_unref (parser);
  g_free (text);
}

GST_END_TEST;

GST_START_TEST (test_writes_empty_blocks_and_another_safe)
{
  static const gchar expected[] =
      "H4MK\0\1\0\0" "CORE\0\0\0\0\0\0\0\0" "CORE\0\0\0\1\x8c\xdc\x16\x83"
      "x" "SEEK\0\0\0\x24";
  static const guint8 seek[] = {
    0, 0, 0, 2,                 /* two key blocks */
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    /* floor (1000000 / 24) us, after no bytes at all */
    0, 0, 0, 0, 0, 0, 0xa2, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0
  };
  static const gchar mine[] = "{\"mine\":[1.5,\"\303\251\"]}VERI";
  GstH4mkBaseWriter *writer;
  Sink sink;

  sink_init (&sink);
  writer = gst_h4mk_base_writer_new (1, 24.0, 1, FALSE, &sink_funcs, &sink);
  fail_unless (add (writer, &sink, NULL, 0, NULL));
  fail_unless (add (writer, &sink, "x", 1, NULL));
  fail_unless (gst_h4mk_base_writer_finish (writer,
          " { \"mine\" : [ 1.50, \"\\u00e9\" ] } ", NULL));
  fail_unless_same_bytes (sink.bytes->data, sizeof (expected) - 1,
      (const guint8 *) expected, sizeof (expected) - 1);
  fail_unless (memcmp (sink.bytes->data + sizeof (expected) - 1 + 4, seek,
          sizeof (seek)) == 0);
  /* white space goes, numbers are written in the one way there is */
  fail_unless (memmem (sink.bytes->data, sink.bytes->len, mine,
          sizeof (mine) - 1) != NULL);
  h4_files_keep_foreign (sink.bytes->data, sink.bytes->len);
  gst_h4mk_base_writer_free (writer);
  sink_clear (&sink);
}

GST_END_TEST;

GST_START_TEST (test_passes_large_blocks_uncopied)
{
  guint8 *data = g_malloc0 (65536);
  GstH4mkBaseWriter *writer;
  Sink sink;

  sink_init (&sink);
  writer = gst_h4mk_base_writer_new (65536, 30.0, 30, FALSE, &sink_funcs,
      &sink);
  fail_unless (add (writer, &sink, data, 65536, NULL));
  fail_unless (add (writer, &sink, data, 100, NULL));
  fail_unless_equals_int (g_array_index (sink.writes, SinkWrite, 0).flags,
      GST_H4MK_WRITE_HEADER);
  fail_unless_equals_int (g_array_index (sink.writes, SinkWrite, 1).passed, 1);
  fail_unless_equals_int (g_array_index (sink.writes, SinkWrite, 2).passed, 0);
  gst_h4mk_base_writer_free (writer);
  sink_clear (&sink);
  g_free (data);
}

GST_END_TEST;

GST_START_TEST (test_refuses_what_is_not_a_stream)
{
  static const struct
  {
    gdouble fps_hint;
    guint gop;
  } cases[] = {
    {0.0, 1}, {-1.0, 1}, {1e-300, 1}, {1.0 / 0.0, 1}, {0.0 / 0.0, 1}, {30.0, 0}
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (cases); i++) {
    GError *error = NULL;
    GstH4mkBaseWriter *writer;
    Sink sink;

    sink_init (&sink);
    writer = gst_h4mk_base_writer_new (1, cases[i].fps_hint, cases[i].gop,
        FALSE, &sink_funcs, &sink);
    fail_if (add (writer, &sink, "x", 1, &error));
    fail_unless_error (error, GST_H4MK_ERROR_INVALID);
    fail_if (gst_h4mk_base_writer_finish (writer, NULL, &error));
    fail_unless_error (error, GST_H4MK_ERROR_INVALID);
    fail_unless_equals_int (sink.bytes->len, 0);
    gst_h4mk_base_writer_free (writer);
    sink_clear (&sink);
  }
}

GST_END_TEST;

GST_START_TEST (test_refuses_what_a_reader_would)
{
  GError *error = NULL;
  GstH4mkBaseWriter *writer;
  Sink sink;

  sink_init (&sink);
  writer = gst_h4mk_base_writer_new (1, 30.0, 1, FALSE, &sink_funcs, &sink);
  fail_if (add (writer, &sink, "x", ((gsize) 1 << 30) + 1, &error));
  fail_unless_error (error, GST_H4MK_ERROR_LIMIT);
  fail_if (gst_h4mk_base_writer_finish (writer, "[]", &error));
  fail_unless_error (error, GST_H4MK_ERROR_INVALID);
  fail_if (gst_h4mk_base_writer_finish (writer, "{\"a\":", &error));
  fail_unless_error (error, GST_H4MK_ERROR_INVALID);
  /* none of that did harm */
  fail_unless (gst_h4mk_base_writer_finish (writer, NULL, &error));
  fail_if (gst_h4mk_base_writer_finish (writer, NULL, &error));
  fail_unless_error (error, GST_H4MK_ERROR_INVALID);
  gst_h4mk_base_writer_free (writer);
  sink_clear (&sink);
}

GST_END_TEST;

GST_START_TEST (test_stops_for_good_after_a_failed_write)
{
  gint taken;

  for (taken = 0; taken < 3; taken++) {
    GError *error = NULL;
    GstH4mkBaseWriter *writer;
    Sink sink;
    gsize size;

    sink_init (&sink);
    sink.fail_after = taken;
    writer = gst_h4mk_base_writer_new (1, 30.0, 1, FALSE, &sink_funcs, &sink);
    fail_unless_equals_int (add (writer, &sink, "x", 1, NULL), taken >= 2);
    fail_if (gst_h4mk_base_writer_finish (writer, NULL, &error));
    fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE));
    g_clear_error (&error);
    size = sink.bytes->len;
    sink.fail_after = -1;
    fail_if (add (writer, &sink, "x", 1, &error));
    fail_unless (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE));
    g_clear_error (&error);
    fail_unless_equals_int (sink.bytes->len, size);
    gst_h4mk_base_writer_free (writer);
    sink_clear (&sink);
  }
}

GST_END_TEST;

static Suite *
h4mkbasewriter_suite (void)
{
  Suite *s = suite_create ("h4mkbasewriter");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_writes_the_reference_files);
  tcase_add_test (tc, test_writes_empty_blocks_and_another_safe);
  tcase_add_test (tc, test_passes_large_blocks_uncopied);
  tcase_add_test (tc, test_refuses_what_is_not_a_stream);
  tcase_add_test (tc, test_refuses_what_a_reader_would);
  tcase_add_test (tc, test_stops_for_good_after_a_failed_write);
  return s;
}

H4_FILES_CHECK_MAIN (h4mkbasewriter);
