/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Which bytes of a file are sent. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>

#include "h4range.h"

#define HUGE_NUMBER "18446744073709551615"

static const struct
{
  const gchar *text;
  guint64 size;
  H4RangeKind kind;
  guint64 first;
  guint64 length;
} ranges[] = {
  {NULL, 1000, H4_RANGE_WHOLE, 0, 1000},
  {"bytes=0-0", 1000, H4_RANGE_PART, 0, 1},
  {"bytes=0-999", 1000, H4_RANGE_PART, 0, 1000},
  {"bytes=999-999", 1000, H4_RANGE_PART, 999, 1},
  {"bytes=10-19", 1000, H4_RANGE_PART, 10, 10},
  {"BYTES=10-19", 1000, H4_RANGE_PART, 10, 10},
  {" bytes= 10-19 ", 1000, H4_RANGE_PART, 10, 10},
  {"bytes=,, 10-19\t,", 1000, H4_RANGE_PART, 10, 10},
  {"bytes=0010-0019", 1000, H4_RANGE_PART, 10, 10},
  /* the end is clamped */
  {"bytes=0-900000000", 1000, H4_RANGE_PART, 0, 1000},
  {"bytes=999-1000", 1000, H4_RANGE_PART, 999, 1},
  {"bytes=0-" HUGE_NUMBER, 1000, H4_RANGE_PART, 0, 1000},
  {"bytes=1-" HUGE_NUMBER "0", 1000, H4_RANGE_PART, 1, 999},
  {"bytes=0-" HUGE_NUMBER, G_MAXUINT64, H4_RANGE_PART, 0, G_MAXUINT64},
  {"bytes=4294967290-4294967300", G_GUINT64_CONSTANT (5000000000),
      H4_RANGE_PART, G_GUINT64_CONSTANT (4294967290), 11},
  /* an open end */
  {"bytes=0-", 1000, H4_RANGE_PART, 0, 1000},
  {"bytes=999-", 1000, H4_RANGE_PART, 999, 1},
  /* the last bytes */
  {"bytes=-1", 1000, H4_RANGE_PART, 999, 1},
  {"bytes=-1000", 1000, H4_RANGE_PART, 0, 1000},
  {"bytes=-4000", 1000, H4_RANGE_PART, 0, 1000},
  {"bytes=-" HUGE_NUMBER "9", 1000, H4_RANGE_PART, 0, 1000},
  {"bytes=-5", 0, H4_RANGE_WHOLE, 0, 0},
  /* nothing of it is there */
  {"bytes=1000-", 1000, H4_RANGE_UNSATISFIABLE},
  {"bytes=1000-1001", 1000, H4_RANGE_UNSATISFIABLE},
  {"bytes=5000000000-", G_GUINT64_CONSTANT (4294967296),
      H4_RANGE_UNSATISFIABLE},
  {"bytes=" HUGE_NUMBER "-", 1000, H4_RANGE_UNSATISFIABLE},
  {"bytes=-0", 1000, H4_RANGE_UNSATISFIABLE},
  {"bytes=0-", 0, H4_RANGE_UNSATISFIABLE},
  {"bytes=0-0", 0, H4_RANGE_UNSATISFIABLE},
  {"bytes=-0", 0, H4_RANGE_UNSATISFIABLE},
  /* several, or none */
  {"bytes=0-0,2-3", 1000, H4_RANGE_WHOLE, 0, 1000},
  {"bytes=0-0,-1", 1000, H4_RANGE_WHOLE, 0, 1000},
  {"bytes=2-1", 1000, H4_RANGE_WHOLE, 0, 1000},
  {"bytes=", 1000, H4_RANGE_WHOLE, 0, 1000},
  {"bytes=,", 1000, H4_RANGE_WHOLE, 0, 1000},
  {"bytes=-", 1000, H4_RANGE_WHOLE, 0, 1000},
  {"bytes=5", 1000, H4_RANGE_WHOLE, 0, 1000},
  {"bytes=--5", 1000, H4_RANGE_WHOLE, 0, 1000},
  {"bytes=1--5", 1000, H4_RANGE_WHOLE, 0, 1000},
  {"bytes=+1-5", 1000, H4_RANGE_WHOLE, 0, 1000},
  {"bytes=1-5x", 1000, H4_RANGE_WHOLE, 0, 1000},
  {"bytes=1 -5", 1000, H4_RANGE_WHOLE, 0, 1000},
  {"bytes=1-5 6", 1000, H4_RANGE_WHOLE, 0, 1000},
  {"bytes=0x1-0x5", 1000, H4_RANGE_WHOLE, 0, 1000},
  {"bytes 1-5", 1000, H4_RANGE_WHOLE, 0, 1000},
  {"bytes", 1000, H4_RANGE_WHOLE, 0, 1000},
  {"blocks=1-5", 1000, H4_RANGE_WHOLE, 0, 1000},
  {"", 1000, H4_RANGE_WHOLE, 0, 1000},
};

GST_START_TEST (test_range)
{
  guint64 begin, length;

  GST_INFO ("%s of %" G_GUINT64_FORMAT, ranges[__i__].text, ranges[__i__].size);
  fail_unless_equals_int (h4_range_parse (ranges[__i__].text,
          ranges[__i__].size, &begin, &length), ranges[__i__].kind);
  if (ranges[__i__].kind == H4_RANGE_UNSATISFIABLE)
    return;
  fail_unless_equals_uint64 (begin, ranges[__i__].first);
  fail_unless_equals_uint64 (length, ranges[__i__].length);
}

GST_END_TEST;

#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define TIME 784111777
#define ETAG "\"ab-3e8-ae1b981bc490a07\""

static const struct
{
  H4Conditions conditions;
  gboolean head;
  guint status;
  guint64 first;
  guint64 length;
} decisions[] = {
  {{0}, FALSE, 200, 0, 1000},
  {{0}, TRUE, 200, 0, 1000},
  {{.range = "bytes=5-"}, FALSE, 206, 5, 995},
  {{.range = "bytes=1000-"}, FALSE, 416},
  {{.range = "bytes=5-"}, TRUE, 200, 0, 1000},
  {{.range = "bytes=1000-"}, TRUE, 200, 0, 1000},
  /* If-None-Match compares weakly, and is asked before the range */
  {{.if_none_match = ETAG}, FALSE, 304},
  {{.if_none_match = "W/" ETAG}, FALSE, 304},
  {{.if_none_match = "*"}, FALSE, 304},
  {{.if_none_match = "\"a\", W/\"b\" ,," ETAG}, TRUE, 304},
  {{.if_none_match = "\"a,b\"," ETAG}, FALSE, 304},
  {{.if_none_match = ETAG,.range = "bytes=5-"}, FALSE, 304},
  {{.if_none_match = "\"a\""}, FALSE, 200, 0, 1000},
  {{.if_none_match = "\"a\"",.range = "bytes=5-"}, FALSE, 206, 5, 995},
  {{.if_none_match = "ab-3e8-ae1b981bc490a07"}, FALSE, 200, 0, 1000},
  {{.if_none_match = "\"ab-3e8"}, FALSE, 200, 0, 1000},
  {{.if_none_match = "* " ETAG}, FALSE, 200, 0, 1000},
  {{.if_none_match = ""}, FALSE, 200, 0, 1000},
  /* ... and before the date */
  {{.if_modified_since = DATE}, FALSE, 304},
  {{.if_modified_since = "Sun, 06 Nov 1994 08:49:36 GMT"}, FALSE, 200, 0,
      1000},
  {{.if_modified_since = "yesterday"}, FALSE, 200, 0, 1000},
  {{.if_none_match = "\"a\"",.if_modified_since = DATE}, FALSE, 200, 0, 1000},
  /* If-Match compares strongly */
  {{.if_match = ETAG,.range = "bytes=5-"}, FALSE, 206, 5, 995},
  {{.if_match = "*"}, FALSE, 200, 0, 1000},
  {{.if_match = "W/" ETAG}, FALSE, 412},
  {{.if_match = "\"a\",\"b\""}, TRUE, 412},
  {{.if_match = "\"a\"",.if_none_match = ETAG}, FALSE, 412},
  /* If-Range too: else all of it */
  {{.range = "bytes=5-",.if_range = ETAG}, FALSE, 206, 5, 995},
  {{.range = "bytes=5-",.if_range = DATE}, FALSE, 206, 5, 995},
  {{.range = "bytes=5-",.if_range = "W/" ETAG}, FALSE, 200, 0, 1000},
  {{.range = "bytes=5-",.if_range = "\"a\""}, FALSE, 200, 0, 1000},
  {{.range = "bytes=5-",.if_range = "\"a\", " ETAG}, FALSE, 200, 0, 1000},
  {{.range = "bytes=5-",.if_range = "*"}, FALSE, 200, 0, 1000},
  {{.range = "bytes=5-",.if_range = ""}, FALSE, 200, 0, 1000},
  {{.range = "bytes=5-",.if_range = "Sun, 06 Nov 1994 08:49:38 GMT"}, FALSE,
      200, 0, 1000},
  {{.range = "bytes=1000-",.if_range = "\"a\""}, FALSE, 200, 0, 1000},
  {{.range = "bytes=1000-",.if_range = ETAG}, FALSE, 416},
  {{.if_range = "\"a\""}, FALSE, 200, 0, 1000},
};

static void
init_validators (H4Validators * validators, gint64 seconds)
{
  struct stat st = { 0 };

  st.st_ino = 0xab;
  st.st_size = 1000;
  st.st_mtim.tv_sec = (time_t) seconds;
  st.st_mtim.tv_nsec = 7;
  h4_validators_init (validators, &st);
}

GST_START_TEST (test_decision)
{
  guint64 begin, length;
  H4Validators validators;

  init_validators (&validators, TIME);
  GST_INFO ("number %d", __i__);
  fail_unless_equals_int (h4_conditions_decide (&decisions[__i__].conditions,
          decisions[__i__].head, &validators, 1000, TIME + 1, &begin,
          &length), decisions[__i__].status);
  if (decisions[__i__].status >= 300)
    return;
  fail_unless_equals_uint64 (begin, decisions[__i__].first);
  fail_unless_equals_uint64 (length, decisions[__i__].length);
}

GST_END_TEST;

GST_START_TEST (test_validators)
{
  static const struct
  {
    gint64 seconds;
    const gchar *date;
  } dates[] = {
    {TIME, DATE},
    {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
    {-1, "Wed, 31 Dec 1969 23:59:59 GMT"},
    {G_GINT64_CONSTANT (253402300799), "Fri, 31 Dec 9999 23:59:59 GMT"},
    /* no date that HTTP has */
    {G_GINT64_CONSTANT (253402300800), ""},
    {G_MAXINT64, ""},
    {G_MININT64, ""},
  };
  H4Conditions conditions = {.if_modified_since = "" };
  H4Validators validators;
  guint64 begin, length;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (dates); i++) {
    init_validators (&validators, dates[i].seconds);
    fail_unless_equals_string (validators.modified, dates[i].date);
  }
  fail_unless_equals_int (h4_conditions_decide (&conditions, FALSE,
          &validators, 1000, TIME, &begin, &length), 200);
  init_validators (&validators, TIME);
  fail_unless_equals_string (validators.etag, ETAG);
}

GST_END_TEST;

/* A file that changed within this second may change again within it. */
GST_START_TEST (test_date_of_now_is_no_proof)
{
  H4Conditions conditions = {.range = "bytes=5-",.if_range = DATE };
  H4Validators validators;
  guint64 begin, length;

  init_validators (&validators, TIME);
  fail_unless_equals_int (h4_conditions_decide (&conditions, FALSE,
          &validators, 1000, TIME, &begin, &length), 200);
}

GST_END_TEST;

static Suite *
range_suite (void)
{
  Suite *s = suite_create ("range");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_range, 0, G_N_ELEMENTS (ranges));
  tcase_add_loop_test (tc, test_decision, 0, G_N_ELEMENTS (decisions));
  tcase_add_test (tc, test_validators);
  tcase_add_test (tc, test_date_of_now_is_no_proof);
  return s;
}

GST_CHECK_MAIN (range);
