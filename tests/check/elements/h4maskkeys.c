/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <glib/gstdio.h>

#include "gsth4meta.h"
#include "h4mask-common.h"

static const struct
{
  const gchar *element;
  const gchar *property;
  const gchar *value;
  const gchar *says;            /* NULL: READY is reached */
} ready_cases[] = {
  {"h4mask", NULL, NULL, "no key"},
  {"h4unmask", NULL, NULL, NULL},
  {"h4mask", "key", KEY_HEX, NULL},
  /* As long as the sample key of the reference implementation. */
  {"h4mask", "key", "00112233445566778899aabbccddeeff0", "odd"},
  {"h4unmask", "key", "00112233445566778899aabbccddeeff0", "odd"},
  {"h4mask", "key", "0011", "too short"},
  {"h4mask", "key", "correct horse battery staple", "not hexadecimal"},
  {"h4mask", "key", "", "too short"},
  {"h4mask", "key-env", "H4_TEST_KEY", NULL},
  {"h4mask", "key-env", "H4_TEST_NO_SUCH_VARIABLE", "not set"},
  {"h4mask", "key-env", "H4_TEST_BAD_KEY", "H4_TEST_BAD_KEY"},
  {"h4mask", "key-file", "/nonexistent/key", "cannot be read"},
  {"h4unmask", "key-file", "/nonexistent/key", "cannot be read"},
  {"h4mask key-env=H4_TEST_KEY", "salt", "xyz", "salt"},
  {"h4mask key-env=H4_TEST_KEY", "salt", "00", NULL},
  {"h4mask key-env=H4_TEST_KEY mode=mask scheme=aes-256-gcm", "salt", "00",
      "draws its own"},
  {"h4mask key-env=H4_TEST_KEY mode=unmask scheme=aes-256-gcm", "salt", "00",
      NULL},
};

GST_START_TEST (test_settings_are_checked_at_ready)
{
  GstElement *element = gst_parse_launch (ready_cases[__i__].element, NULL);
  GstBus *bus = gst_bus_new ();
  GstStateChangeReturn ret;

  gst_element_set_bus (element, bus);
  if (ready_cases[__i__].property)
    g_object_set (element, ready_cases[__i__].property,
        ready_cases[__i__].value, NULL);
  ret = gst_element_set_state (element, GST_STATE_READY);
  if (ready_cases[__i__].says) {
    fail_unless_equals_int (ret, GST_STATE_CHANGE_FAILURE);
    assert_error (bus, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
        ready_cases[__i__].says);
  } else {
    fail_unless_equals_int (ret, GST_STATE_CHANGE_SUCCESS);
  }
  gst_element_set_state (element, GST_STATE_NULL);
  gst_element_set_bus (element, NULL);
  gst_object_unref (element);
  gst_object_unref (bus);
}

GST_END_TEST;

GST_START_TEST (test_aes_refuses_a_set_salt_in_auto_mode)
{
  GstHarness *h;
  GstBus *bus;

  h = harness_new ("h4mask key-env=H4_TEST_KEY scheme=aes-256-gcm salt="
      "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", &bus);
  gst_harness_set_src_caps_str (h, CLEAR_CAPS);
  assert_error (bus, GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
      "draws its own");
  fail_unless_equals_int (gst_harness_push (h, new_buffer (9, 9)),
      GST_FLOW_NOT_NEGOTIATED);
  harness_free (h, bus);
}

GST_END_TEST;

GST_START_TEST (test_key_cannot_be_read)
{
  GstElement *element = gst_element_factory_make ("h4mask", NULL);
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS
      (element), "key");

  fail_unless (pspec != NULL);
  fail_if (pspec->flags & G_PARAM_READABLE);
  gst_object_unref (element);
}

GST_END_TEST;

static const gchar *sources_of_no_key = "application/x-h4-masked,"
    "original-media-type=audio/x-opus,scheme=xor-sha256,key-id=tower";

static GstHarness *
keyless_harness (GstBus ** bus)
{
  GstHarness *h = harness_new ("h4unmask", bus);

  gst_harness_set_src_caps_str (h, sources_of_no_key);
  return h;
}

static guint
count_events (GstHarness * h, GstEventType type)
{
  GstEvent *event;
  guint n = 0;

  while ((event = gst_harness_try_pull_event (h))) {
    n += GST_EVENT_TYPE (event) == type;
    gst_event_unref (event);
  }
  return n;
}

static GstBuffer *
timed_buffer (guint i)
{
  GstBuffer *buffer = new_buffer (20, i);

  GST_BUFFER_PTS (buffer) = i * GST_MSECOND;
  GST_BUFFER_DURATION (buffer) = GST_MSECOND;
  return buffer;
}

GST_START_TEST (test_without_a_key_gaps_go_out_and_one_warning)
{
  gchar *text = NULL, *name;
  GstCaps *caps;
  GstHarness *h;
  GstBus *bus;
  guint i;

  h = keyless_harness (&bus);
  for (i = 0; i < 3; i++)
    fail_unless_equals_int (gst_harness_push (h, timed_buffer (i)),
        GST_FLOW_OK);
  fail_unless_equals_int (gst_harness_buffers_in_queue (h), 0);
  fail_unless_equals_int (count_events (h, GST_EVENT_GAP), 3);
  caps = gst_pad_get_current_caps (h->sinkpad);
  name = gst_caps_to_string (caps);
  fail_unless_equals_string (name, "audio/x-opus");
  g_free (name);
  gst_caps_unref (caps);
  fail_unless_equals_int (count_messages (bus, GST_MESSAGE_WARNING, &text), 1);
  fail_unless (strstr (text, "\"tower\""), "%s", text);
  g_free (text);
  fail_unless_equals_int (count_messages (bus, GST_MESSAGE_ERROR, NULL), 0);
  harness_free (h, bus);
}

GST_END_TEST;

GST_START_TEST (test_without_a_key_and_alone_eos_brings_an_error)
{
  GstHarness *h;
  GstBus *bus;

  h = keyless_harness (&bus);
  gst_harness_push (h, timed_buffer (0));
  gst_harness_push_event (h, gst_event_new_eos ());
  assert_error (bus, GST_STREAM_ERROR, GST_STREAM_ERROR_DECRYPT_NOKEY,
      "\"tower\"");
  harness_free (h, bus);
}

GST_END_TEST;

static void
push_collection (GstHarness * h, const gchar * other_caps)
{
  GstStreamCollection *all = gst_stream_collection_new ("up");
  GstCaps *masked = gst_caps_from_string (sources_of_no_key);
  GstCaps *other = gst_caps_from_string (other_caps);

  gst_stream_collection_add_stream (all, gst_stream_new ("a", masked,
          GST_STREAM_TYPE_AUDIO, 0));
  gst_stream_collection_add_stream (all, gst_stream_new ("b", other,
          GST_STREAM_TYPE_VIDEO, 0));
  gst_harness_push_event (h, gst_event_new_stream_collection (all));
  gst_caps_unref (masked);
  gst_caps_unref (other);
  gst_object_unref (all);
}

GST_START_TEST (test_all_masked_is_an_error_at_once)
{
  GstHarness *h;
  GstBus *bus;

  h = keyless_harness (&bus);
  push_collection (h, sources_of_no_key);
  fail_unless_equals_int (gst_harness_push (h, timed_buffer (0)),
      GST_FLOW_ERROR);
  assert_error (bus, GST_STREAM_ERROR, GST_STREAM_ERROR_DECRYPT_NOKEY,
      "\"tower\"");
  harness_free (h, bus);
}

GST_END_TEST;

GST_START_TEST (test_a_clear_stream_plays_on)
{
  GstHarness *h;
  GstBus *bus;

  h = keyless_harness (&bus);
  push_collection (h, "video/x-vp8");
  fail_unless_equals_int (gst_harness_push (h, timed_buffer (0)), GST_FLOW_OK);
  fail_unless_equals_int (count_messages (bus, GST_MESSAGE_ERROR, NULL), 0);
  harness_free (h, bus);
}

GST_END_TEST;

static GBytes *
key_bytes (const gchar * hex)
{
  guint8 bytes[32];
  guint i;

  for (i = 0; i < 32; i++)
    bytes[i] = g_ascii_xdigit_value (hex[2 * i]) << 4
        | g_ascii_xdigit_value (hex[2 * i + 1]);
  return g_bytes_new (bytes, 32);
}

static GBytes *
give_key (GstElement * element, const gchar * key_id, gpointer user_data)
{
  return g_strcmp0 (key_id, "tower") == 0 ? key_bytes (KEY_HEX) : NULL;
}

static void
set_key_context (GstElement * element, const gchar * key_id)
{
  GstContext *context = gst_context_new ("harmony4.key", TRUE);
  GstStructure *s = gst_context_writable_structure (context);
  GBytes *key = key_bytes (KEY_HEX);

  gst_structure_set (s, "key", G_TYPE_BYTES, key, NULL);
  if (key_id)
    gst_structure_set (s, "key-id", G_TYPE_STRING, key_id, NULL);
  g_bytes_unref (key);
  gst_element_set_context (element, context);
  gst_context_unref (context);
}

static GstBusSyncReply
answer_need_context (GstBus * bus, GstMessage * message, gpointer user_data)
{
  const gchar *type;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_NEED_CONTEXT
      && gst_message_parse_context_type (message, &type)
      && strcmp (type, "harmony4.key") == 0)
    set_key_context (GST_ELEMENT (GST_MESSAGE_SRC (message)), NULL);
  return GST_BUS_PASS;
}

typedef enum
{
  BY_SIGNAL, BY_CONTEXT, BY_CONTEXT_ID, BY_OTHER_CONTEXT_ID, BY_NEED_CONTEXT,
  BY_H4_KEY_FILE, N_WAYS
} Way;

static gboolean
unmasks (Way way, GstBuffer * masked, GstBuffer * wanted, GstCaps * caps,
    const gchar * key_file)
{
  GstElement *element = gst_element_factory_make ("h4unmask", NULL);
  GstBus *bus = gst_bus_new ();
  GstHarness *h;
  GstBuffer *out;

  gst_element_set_bus (element, bus);
  if (way == BY_SIGNAL)
    g_signal_connect (element, "request-key", G_CALLBACK (give_key), NULL);
  if (way == BY_NEED_CONTEXT)
    gst_bus_set_sync_handler (bus, answer_need_context, NULL, NULL);
  if (way >= BY_CONTEXT && way <= BY_OTHER_CONTEXT_ID)
    set_key_context (element, way == BY_CONTEXT ? NULL :
        way == BY_CONTEXT_ID ? "tower" : "cellar");
  if (way == BY_H4_KEY_FILE)
    g_setenv ("H4_KEY_FILE", key_file, TRUE);
  h = gst_harness_new_with_element (element, "sink", "src");
  gst_harness_set_src_caps (h, gst_caps_ref (caps));
  gst_harness_push (h, gst_buffer_copy_deep (masked));
  g_unsetenv ("H4_KEY_FILE");
  out = gst_harness_try_pull (h);
  if (out) {
    assert_same_bytes (out, wanted);
    gst_buffer_unref (out);
  }
  gst_element_set_bus (element, NULL);
  gst_object_unref (element);
  gst_harness_teardown (h);
  gst_object_unref (bus);
  return out != NULL;
}

GST_START_TEST (test_every_source_of_a_key)
{
  GstHarness *mask = harness_new ("h4mask scheme=aes-256-gcm key-id=tower "
      "key-env=H4_TEST_KEY", NULL);
  GstBuffer *wanted = new_buffer (77, 7), *masked;
  gchar *dir = g_dir_make_tmp ("h4mask-XXXXXX", NULL);
  gchar *path = g_build_filename (dir, "key", NULL);
  GstCaps *caps;
  gint way;

  g_file_set_contents (path, KEY_HEX, -1, NULL);
  gst_harness_set_src_caps_str (mask, CLEAR_CAPS);
  masked = gst_harness_push_and_pull (mask, gst_buffer_copy_deep (wanted));
  caps = gst_pad_get_current_caps (mask->sinkpad);
  for (way = 0; way < N_WAYS; way++)
    fail_unless (unmasks (way, masked, wanted, caps, path)
        == (way != BY_OTHER_CONTEXT_ID), "way %d", way);
  gst_caps_unref (caps);
  gst_buffer_unref (wanted);
  gst_buffer_unref (masked);
  harness_free (mask, NULL);
  g_unlink (path);
  g_rmdir (dir);
  g_free (path);
  g_free (dir);
}

GST_END_TEST;

GST_START_TEST (test_mask_takes_its_key_from_the_signal)
{
  GstElement *element = gst_element_factory_make ("h4mask", NULL);
  GstHarness *h;

  g_object_set (element, "key-id", "tower", "salt", "00", NULL);
  g_signal_connect (element, "request-key", G_CALLBACK (give_key), NULL);
  h = gst_harness_new_with_element (element, "sink", "src");
  gst_harness_set_src_caps_str (h, CLEAR_CAPS);
  gst_buffer_unref (gst_harness_push_and_pull (h, new_buffer (9, 9)));
  gst_harness_teardown (h);
  gst_object_unref (element);
}

GST_END_TEST;

#define SECRET_SIZE 32
#define VEIL 0xa5
/* More than any heap here; a sanitizer maps far more for itself. */
#define MAX_MAPPING (256 << 20)
#define WINDOW (1 << 20)

/* Whether what @veiled hides is in a stretch of memory. It is compared byte by
 * byte, so that it is nowhere as a whole because of this. */
static gboolean
is_in (const guint8 * data, gsize size, const guint8 * veiled, gsize n)
{
  gsize i, j;

  for (i = 0; i + n <= size; i++) {
    for (j = 0; j < n && (data[i + j] ^ VEIL) == veiled[j]; j++);
    if (j == n)
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_in_mapping (gint mem, guint8 * window, guint64 start, guint64 end,
    const guint8 * veiled, gsize n)
{
  gboolean found = FALSE;
  gssize got;

  /* windows overlap by what could lie across their border */
  for (; start < end && !found; start += WINDOW - n) {
    got = pread (mem, window, MIN (end - start, WINDOW), (off_t) start);
    if (got <= 0)
      break;
    found = is_in (window, (gsize) got, veiled, n);
  }
  return found;
}

/* In whatever this process can write to. */
static gboolean
is_in_memory (const guint8 * veiled, gsize n)
{
  guint8 *window = mmap (NULL, WINDOW, PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  gint mem = open ("/proc/self/mem", O_RDONLY);
  gchar *maps = NULL, **lines;
  gboolean found = FALSE;
  guint i;

  fail_unless (window != MAP_FAILED && mem >= 0);
  fail_unless (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));
  lines = g_strsplit (maps, "\n", -1);
  for (i = 0; lines[i] && !found; i++) {
    guint64 start, end, own = (guint64) (guintptr) window;

    if (sscanf (lines[i], "%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER
            "x rw", &start, &end) != 2 || !strstr (lines[i], " rw")
        || end - start > MAX_MAPPING)
      continue;
    /* neighbours are one mapping: what lies around the window */
    if (start <= own && own < end) {
      found = is_in_mapping (mem, window, own + WINDOW, end, veiled, n);
      end = own;
    }
    found |= is_in_mapping (mem, window, start, end, veiled, n);
    memset (window, 0, WINDOW);
  }
  g_strfreev (lines);
  g_free (maps);
  close (mem);
  munmap (window, WINDOW);
  return found;
}

/* A key that is nowhere but in a file; what comes back hides it. */
static void
write_secret (const gchar * path, guint8 * veiled)
{
  gint fd = g_open (path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  guint i;

  fail_unless (fd >= 0);
  for (i = 0; i < SECRET_SIZE; i++) {
    guint8 byte = (guint8) g_random_int ();

    veiled[i] = byte ^ VEIL;
    fail_unless_equals_int (write (fd, &byte, 1), 1);
  }
  close (fd);
}

GST_START_TEST (test_nothing_is_left_of_a_key)
{
  gchar *path, *line;
  gint fd = g_file_open_tmp ("h4key-XXXXXX", &path, NULL);
  guint8 veiled[SECRET_SIZE];
  GstHarness *h;

  close (fd);
  write_secret (path, veiled);
  line = g_strdup_printf ("h4mask scheme=%s key-file=%s",
      h4_test_schemes[__i__], path);
  h = gst_harness_new_parse (line);
  gst_harness_set_src_caps_str (h, CLEAR_CAPS);
  gst_buffer_unref (gst_harness_push_and_pull (h, new_buffer (1000, 9)));
  fail_unless (is_in_memory (veiled, SECRET_SIZE));
  gst_harness_teardown (h);
  fail_if (is_in_memory (veiled, SECRET_SIZE / 2));
  g_unlink (path);
  g_free (path);
  g_free (line);
}

GST_END_TEST;

/* Everything that GStreamer logs while @func runs. */
static gchar *
full_log_of (void (*func) (void))
{
  gchar *path, *text = NULL;
  gint fd = g_file_open_tmp ("h4mask-XXXXXX", &path, NULL), before = dup (2);

  fflush (stderr);
  dup2 (fd, 2);
  gst_debug_set_active (TRUE);
  gst_debug_set_default_threshold (GST_LEVEL_MEMDUMP);
  func ();
  gst_debug_set_default_threshold (GST_LEVEL_NONE);
  fflush (stderr);
  dup2 (before, 2);
  close (before);
  close (fd);
  fail_unless (g_file_get_contents (path, &text, NULL, NULL));
  g_unlink (path);
  g_free (path);
  return text;
}

static void
run_with_every_key_source (void)
{
  GstElement *pipeline = gst_parse_launch ("audiotestsrc num-buffers=3 ! "
      "h4mask name=a salt=random key-id=tower ! h4mask name=b key-id=tower ! "
      "h4mask name=c scheme=aes-256-gcm key-env=H4_TEST_KEY ! "
      "h4unmask name=d key-id=tower ! fakesink", NULL);
  GstElement *a = gst_bin_get_by_name (GST_BIN (pipeline), "a");
  GstElement *b = gst_bin_get_by_name (GST_BIN (pipeline), "b");
  GstElement *d = gst_bin_get_by_name (GST_BIN (pipeline), "d");
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;

  g_object_set (a, "key", KEY_HEX, NULL);
  g_signal_connect (b, "request-key", G_CALLBACK (give_key), NULL);
  set_key_context (d, NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (a);
  gst_object_unref (b);
  gst_object_unref (d);
  gst_object_unref (pipeline);
}

static void
run_with_a_malformed_key (void)
{
  GstElement *element = gst_element_factory_make ("h4mask", NULL);

  g_object_set (element, "key", KEY_HEX "0", NULL);
  gst_element_set_state (element, GST_STATE_READY);
  gst_element_set_state (element, GST_STATE_NULL);
  gst_object_unref (element);
}

static void
assert_no_key_in (gchar * log)
{
  gchar *lower = g_ascii_strdown (log, -1);

  fail_unless (strstr (lower, "h4mask") != NULL);
  fail_if (strstr (lower, "5ca1ab1e"));
  fail_if (strstr (lower, "5c a1 ab 1e"));
  fail_if (strstr (log, "\x5c\xa1\xab\x1e"));
  g_free (lower);
  g_free (log);
}

GST_START_TEST (test_no_key_in_the_log)
{
  assert_no_key_in (full_log_of (run_with_every_key_source));
  assert_no_key_in (full_log_of (run_with_a_malformed_key));
}

GST_END_TEST;

static Suite *
h4maskkeys_suite (void)
{
  Suite *s = suite_create ("h4maskkeys");
  TCase *tc = tcase_create ("general");

  h4_test_set_keys ();
  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_settings_are_checked_at_ready, 0,
      G_N_ELEMENTS (ready_cases));
  tcase_add_test (tc, test_aes_refuses_a_set_salt_in_auto_mode);
  tcase_add_test (tc, test_key_cannot_be_read);
  tcase_add_test (tc, test_without_a_key_gaps_go_out_and_one_warning);
  tcase_add_test (tc, test_without_a_key_and_alone_eos_brings_an_error);
  tcase_add_test (tc, test_all_masked_is_an_error_at_once);
  tcase_add_test (tc, test_a_clear_stream_plays_on);
  tcase_add_test (tc, test_every_source_of_a_key);
  tcase_add_test (tc, test_mask_takes_its_key_from_the_signal);
  tcase_add_loop_test (tc, test_nothing_is_left_of_a_key, 0,
      G_N_ELEMENTS (h4_test_schemes));
  tcase_add_test (tc, test_no_key_in_the_log);
  return s;
}

GST_CHECK_MAIN (h4maskkeys);
