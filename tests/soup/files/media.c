/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* What is asked of recordings, over HTTP. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include <gst/check/gstcheck.h>
#include <json-glib/json-glib.h>

#include "ask.h"
#include "record.h"
#include "serve.h"
#include "tree.h"

#define NAME "recording.h4mk"
#define HREF "/files/recording.h4mk"

static gchar *tree, *path;
static Serve serve;

static void
setup (void)
{
  tree = tree_new ();
  path = g_build_filename (tree, NAME, NULL);
  record (path, RECORD_RAW);
  serve_start (&serve, tree);
}

static void
teardown (void)
{
  serve_stop (&serve);
  g_free (path);
  tree_free (tree);
}

static Answer *
get (const gchar * target)
{
  return ask (serve.port, "GET", target, NULL);
}

/* The first size bytes of the recording, with a byte flipped at one place. */
static void
write_copy (const gchar * name, gsize size, gssize flipped)
{
  gchar *data;
  gsize whole;

  fail_unless (g_file_get_contents (path, &data, &whole, NULL));
  if (flipped >= 0)
    data[flipped] ^= 1;
  tree_write_bytes (tree, name, data, MIN (size, whole));
  g_free (data);
}

static JsonObject *
parse (Answer * answer, JsonNode ** node)
{
  assert_status (answer, 200);
  assert_header (answer, "content-type", "application/json");
  fail_if (answer->cut);
  *node = json_from_string (answer_text (answer), NULL);
  fail_unless (*node != NULL, "%s", answer_text (answer));
  return json_node_get_object (*node);
}

/* The answer is what the tool says, byte for byte. */
static void
check_same (const gchar * question, const gchar * command,
    const gchar * argument)
{
  gchar *target = g_strdup_printf ("%s/%s", HREF, question);
  gchar *expected = h4mk_says (command, path, argument);
  Answer *answer = get (target);

  assert_status (answer, 200);
  fail_unless (strlen (expected) > 2);
  fail_unless_equals_string (answer_text (answer), expected);
  answer_free (answer);
  g_free (expected);
  g_free (target);
}

GST_START_TEST (test_info)
{
  Answer *answer = get (HREF "/info");
  JsonNode *node;
  JsonObject *info = parse (answer, &node);

  fail_unless_equals_int (json_object_get_int_member (info, "blocks"), 36);
  fail_unless (json_object_get_boolean_member (info, "complete"));
  fail_unless_equals_int (json_array_get_length (json_object_get_array_member
          (info, "tracks")), 2);
  json_node_unref (node);
  answer_free (answer);
  check_same ("info", "info", NULL);
}

GST_END_TEST;

GST_START_TEST (test_seek)
{
  check_same ("seek?pts_us=500000", "seek", "500ms");
  check_same ("seek?pts_us=0", "seek", "0");
  check_same ("seek?pts_us=100000000", "seek", "100s");
  /* the block's own time, as it is told */
  check_same ("seek?pts_us=520000", "seek", "520ms");
}

GST_END_TEST;

GST_START_TEST (test_seek_in_track)
{
  Answer *answer = get (HREF "/seek?pts_us=500000&track=2");
  JsonNode *node;
  JsonObject *block = parse (answer, &node);

  fail_unless_equals_int (json_object_get_int_member (block, "track"), 2);
  fail_unless_equals_int64 (json_object_get_int_member (block, "pts_us"),
      480000);
  json_node_unref (node);
  answer_free (answer);
}

GST_END_TEST;

static const struct
{
  const gchar *question;
  guint status;
  const gchar *field;
} wrong[] = {
  {"seek", 400, "pts_us"},
  {"seek?pts_us=", 400, "pts_us"},
  {"seek?pts_us=noon", 400, "pts_us"},
  {"seek?pts_us=1.5", 400, "pts_us"},
  {"seek?pts_us=9007199254740992", 400, "pts_us"},
  {"seek?pts_us=1&pts_us=2", 400, "pts_us"},
  {"seek?pts_us=1&track=-1", 400, "track"},
  {"seek?pts_us=1&track=65536", 400, "track"},
  {"seek?pts_us=1&track=7", 404, NULL},
  {"seek?pts_us=-1", 404, NULL},
  {"seek?pts_us=-9007199254740991", 404, NULL},
  {"chain", 400, "pts_us"},
  {"chain?pts_us=-1", 404, NULL},
  {"chain?pts_us=1&track=7", 404, NULL},
  {"blocks/36", 404, NULL},
  {"blocks/9007199254740991", 404, NULL},
  {"blocks/9007199254740992", 400, "block"},
  {"blocks/-1", 400, "block"},
  {"blocks/x", 400, "block"},
  {"blocks/", 400, "block"},
  {"blocks/0/1", 404, NULL},
  {"verify?trusted_key=00", 400, "trusted_key"},
  {"verify?trusted_key="
        "zz00000000000000000000000000000000000000000000000000000000000000",
      400, "trusted_key"},
  {"no-question", 404, NULL},
};

GST_START_TEST (test_wrong)
{
  gchar *target = g_strdup_printf ("%s/%s", HREF, wrong[__i__].question);
  Answer *answer = get (target);
  JsonNode *node;
  JsonObject *problem;

  assert_status (answer, wrong[__i__].status);
  assert_header (answer, "content-type", "application/problem+json");
  node = json_from_string (answer_text (answer), NULL);
  fail_unless (node != NULL);
  problem = json_node_get_object (node);
  fail_unless_equals_string (json_object_get_string_member_with_default
      (problem, "field", NULL), wrong[__i__].field);
  fail_unless_equals_int (json_object_get_int_member (problem, "status"),
      wrong[__i__].status);
  json_node_unref (node);
  answer_free (answer);
  g_free (target);
}

GST_END_TEST;

GST_START_TEST (test_chain)
{
  check_same ("chain?pts_us=500000", "chain", "500ms");
  check_same ("chain?pts_us=100000000", "chain", "100s");
}

GST_END_TEST;

static void
check_in_file (const gchar * target, const gchar * list, gint64 size)
{
  Answer *answer = get (target);
  JsonNode *node;
  JsonObject *block = parse (answer, &node);

  if (list) {
    JsonArray *blocks = json_object_get_array_member (block, list);

    block = json_array_get_object_element (blocks,
        json_array_get_length (blocks) - 1);
  }
  fail_unless (json_object_get_int_member (block, "offset") + 12
      + json_object_get_int_member (block, "size") <= size);
  json_node_unref (node);
  answer_free (answer);
}

/* Where a block is in the recording, to the middle of its bytes. */
static gint64
get_middle (guint block)
{
  gchar *target = g_strdup_printf (HREF "/blocks/%u", block);
  Answer *answer = get (target);
  JsonNode *node = json_from_string (answer_get (answer, "x-h4-block"), NULL);
  gint64 middle = json_object_get_int_member (json_node_get_object (node),
      "offset") + 12 + answer->body->len / 2;

  json_node_unref (node);
  answer_free (answer);
  g_free (target);
  return middle;
}

/* A group that was cut names blocks that are not there, or not whole. */
GST_START_TEST (test_cut_in_a_group)
{
  guint i;

  record (path, RECORD_CODED);
  for (i = 1; i < 75; i += 9) {
    gint64 cut = get_middle (i);

    write_copy ("cut.h4mk", cut, -1);
    check_in_file ("/files/cut.h4mk/seek?pts_us=100000000", NULL, cut);
    check_in_file ("/files/cut.h4mk/chain?pts_us=100000000", "blocks", cut);
  }
}

GST_END_TEST;

/* A key picture and what follows it, of a codec that has such. */
GST_START_TEST (test_chain_of_pictures)
{
  Answer *answer;
  JsonNode *node;
  JsonArray *blocks;

  record (path, RECORD_CODED);
  answer = get (HREF "/chain?pts_us=2300000");
  blocks = json_object_get_array_member (parse (answer, &node), "blocks");
  fail_unless_equals_int (json_array_get_length (blocks), 8);
  fail_unless_equals_int64 (json_object_get_int_member
      (json_array_get_object_element (blocks, 0), "pts_us"), 2000000);
  fail_unless_equals_int64 (json_object_get_int_member
      (json_array_get_object_element (blocks, 7), "pts_us"), 2280000);
  json_node_unref (node);
  answer_free (answer);
  check_same ("chain?pts_us=2300000", "chain", "2300ms");
}

GST_END_TEST;

/* The recorded bytes, and the record beside them. */
GST_START_TEST (test_blocks)
{
  gchar *data;
  gsize size;
  guint i;

  fail_unless (g_file_get_contents (path, &data, &size, NULL));
  for (i = 0; i < 36; i++) {
    gchar *target = g_strdup_printf (HREF "/blocks/%u", i);
    Answer *answer = get (target);
    JsonNode *node;
    JsonObject *block;
    gint64 offset;

    assert_status (answer, 200);
    assert_header (answer, "content-type", "application/octet-stream");
    node = json_from_string (answer_get (answer, "x-h4-block"), NULL);
    fail_unless (node != NULL);
    block = json_node_get_object (node);
    fail_unless_equals_int (json_object_get_int_member (block, "block"), i);
    fail_unless_equals_int (json_object_get_int_member (block, "size"),
        answer->body->len);
    offset = json_object_get_int_member (block, "offset");
    fail_unless (memcmp (data + offset, "CORE", 4) == 0);
    fail_unless (memcmp (data + offset + 12, answer->body->data,
            answer->body->len) == 0);
    json_node_unref (node);
    answer_free (answer);
    g_free (target);
  }
  g_free (data);
}

GST_END_TEST;

GST_START_TEST (test_head)
{
  Answer *head = ask (serve.port, "HEAD", HREF "/blocks/0", NULL);
  Answer *answer = get (HREF "/blocks/0");

  assert_status (head, 200);
  fail_unless_equals_int (head->body->len, 0);
  assert_header (head, "content-length", answer_get (answer, "content-length"));
  assert_header (head, "x-h4-block", answer_get (answer, "x-h4-block"));
  answer_free (head);
  answer_free (answer);
}

GST_END_TEST;

GST_START_TEST (test_verify)
{
  check_same ("verify", "verify", NULL);
  /* a key that did not sign it */
  check_same ("verify?trusted_key="
      "0000000000000000000000000000000000000000000000000000000000000000",
      "verify", "--trusted-key="
      "0000000000000000000000000000000000000000000000000000000000000000");
}

GST_END_TEST;

/* A block whose bytes changed is not passed on; the report says so too. */
GST_START_TEST (test_damage)
{
  Answer *answer = get (HREF "/blocks/3");
  JsonNode *node = json_from_string (answer_get (answer, "x-h4-block"), NULL);
  gint64 offset = json_object_get_int_member (json_node_get_object (node),
      "offset");

  json_node_unref (node);
  answer_free (answer);
  write_copy ("damaged.h4mk", G_MAXSIZE, (gssize) offset + 12);
  answer = get ("/files/damaged.h4mk/blocks/3");
  assert_status (answer, 422);
  answer_free (answer);
  answer = get ("/files/damaged.h4mk/blocks/4");
  assert_status (answer, 200);
  answer_free (answer);
  answer = get ("/files/damaged.h4mk/verify");
  fail_unless_equals_string (json_object_get_string_member (parse (answer,
              &node), "verdict"), "damaged");
  json_node_unref (node);
  answer_free (answer);
}

GST_END_TEST;

GST_START_TEST (test_other_files)
{
  static const gchar *const questions[] = {
    "info", "seek?pts_us=0", "chain?pts_us=0", "blocks/0"
  };
  guint i;

  tree_write (tree, "text", "this is no recording, whatever it is called");
  tree_write (tree, "empty.h4mk", "");
  for (i = 0; i < G_N_ELEMENTS (questions); i++) {
    gchar *text = g_strdup_printf ("/files/text/%s", questions[i]);
    gchar *empty = g_strdup_printf ("/files/empty.h4mk/%s", questions[i]);
    Answer *answer = get (text);

    assert_status (answer, 422);
    answer_free (answer);
    answer = get (empty);
    fail_unless (answer->status == 422 || answer->status == 404, "%s: %u",
        empty, answer->status);
    answer_free (answer);
    g_free (empty);
    g_free (text);
  }
}

GST_END_TEST;

/* While it is recorded: what is there can be asked for, then more of it. */
GST_START_TEST (test_growing)
{
  gint64 blocks = -1, now;
  JsonNode *node;
  Answer *answer;
  gchar *data;
  gsize size, cut;

  fail_unless (g_file_get_contents (path, &data, &size, NULL));
  for (cut = size / 4; cut <= size; cut += size / 4) {
    tree_write_bytes (tree, "growing.h4mk", data, cut);
    answer = get ("/files/growing.h4mk/info");
    now = json_object_get_int_member (parse (answer, &node), "blocks");
    fail_unless (now > blocks, "%" G_GINT64_FORMAT, now);
    blocks = now;
    fail_if (json_object_get_boolean_member (json_node_get_object (node),
            "complete"));
    json_node_unref (node);
    answer_free (answer);
    if (cut + size / 4 > size - 300)
      break;
    answer = get ("/files/growing.h4mk/seek?pts_us=0");
    assert_status (answer, 200);
    answer_free (answer);
    answer = get ("/files/growing.h4mk/blocks/0");
    assert_status (answer, 200);
    answer_free (answer);
    answer = get ("/files/growing.h4mk/verify");
    fail_unless (json_object_get_boolean_member (parse (answer, &node), "cut"));
    json_node_unref (node);
    answer_free (answer);
  }
  fail_unless (blocks > 0);
  g_free (data);
}

GST_END_TEST;

static Suite *
media_suite (void)
{
  Suite *s = suite_create ("media");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_checked_fixture (tc, setup, teardown);
  tcase_add_test (tc, test_info);
  tcase_add_test (tc, test_seek);
  tcase_add_test (tc, test_seek_in_track);
  tcase_add_loop_test (tc, test_wrong, 0, G_N_ELEMENTS (wrong));
  tcase_add_test (tc, test_chain);
  tcase_add_test (tc, test_cut_in_a_group);
  tcase_add_test (tc, test_chain_of_pictures);
  tcase_add_test (tc, test_blocks);
  tcase_add_test (tc, test_head);
  tcase_add_test (tc, test_verify);
  tcase_add_test (tc, test_damage);
  tcase_add_test (tc, test_other_files);
  tcase_add_test (tc, test_growing);
  return s;
}

GST_CHECK_MAIN (media);
