/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/check/gstcheck.h>
#include <harmony4.h>
#include <string.h>

static const gchar *const taken[] = {
  "video/x-raw",
  "video/x-raw, format=(string)I420, width=(int)320, height=(int)240, "
      "interlace-mode=(string)progressive, multiview-mode=(string)mono, "
      "multiview-flags=(GstVideoMultiviewFlagsSet)0:ffffffff:/right-view-first,"
      " pixel-aspect-ratio=(fraction)1/1, framerate=(fraction)30000/1001, "
      "colorimetry=(string)1:4:0:0",
  "video/x-h264, codec_data=(buffer)0164000affe1, alignment=(string)au, "
      "profile=(string)high-4:4:4, level=(string)1.3, parsed=(boolean)true",
  "audio/x-raw, channels=(int)2, channel-mask=(bitmask)0x0000000000000003",
  "audio/x-vorbis, streamheader=(buffer)< 01766f72, 03766f72, 05766f72 >",
  "video/x-raw(memory:SystemMemory, meta:GstVideoOverlayComposition), "
      "width=(int)320",
  "text/x-raw, format=(string)\"a \\\"quoted\\\" \\303\\204, {[<;>]}\"",
  "application/x-test, a=(double)1.5e-05, b=(int)-3, c=(gint64)-9, d=1, "
      "e=< < < < 1, 2 >, < 3 > > > >, f=(int)< >",
  "application/x-h4-masked, original-media-type=(string)video/x-h264"
};

GST_START_TEST (test_fixed_plain_caps_are_taken)
{
  GError *error = NULL;
  GstCaps *caps;

  fail_unless (gst_h4mk_caps_check (taken[__i__], &error), "%s: %s",
      taken[__i__], error ? error->message : "");
  /* and what is taken is what GStreamer takes */
  caps = gst_caps_from_string (taken[__i__]);
  fail_unless (caps && gst_caps_is_fixed (caps), "%s", taken[__i__]);
  gst_caps_unref (caps);
}

GST_END_TEST;

static const gchar *const refused[] = {
  "video/x-raw-yuv, width=(int)320", "audio/x-raw-int", "video/x-raw-",
  "", " ", "ANY", "EMPTY", "NONE", "ALL", "1video/x-raw", ",a=1",
  "video/x-raw(ANY)", "video/x-raw(memory:", "video/x-raw()",
  "video/x-raw; video/x-h264", "video/x-raw;", "video/x-raw, width=(int)320;",
  "video/x-raw, width=(int)[ 1, 2 ]", "video/x-raw, width=[ 1, 2 ]",
  "video/x-raw, format=(string){ I420, NV12 }", "video/x-raw, a=< { 1, 2 } >",
  "video/x-raw, a=(GstSample)x", "video/x-raw, a=(sample)x",
  "video/x-raw, a=(structure)\"b, c=1\"", "video/x-raw, a=(GstCaps)x",
  "video/x-raw, a=(taglist)x", "video/x-raw, a=(date)2020-01-01",
  "video/x-raw, a=(GstVideoMultiviewFlagsSet)0:1:", "video/x-raw, a=(type)int",
  "video/x-raw, a=(GstBus)x", "video/x-raw, a=<(GObject)x>",
  "video/x-raw, a=(int", "video/x-raw, a=", "video/x-raw, a", "video/x-raw, ",
  "video/x-raw, =1", "video/x-raw, a=1 b=2", "video/x-raw, a=\"b",
  "video/x-raw, a=\"b\\", "video/x-raw, a=<1", "video/x-raw, a=<1,",
  "video/x-raw, a=< < < < < 1 > > > > >", "video/x-raw, a=1\n",
  "video/x-raw, a=(int)<(int)<(int)<(int)<(int)<1>>>>>", "video/x-raw\t"
};

GST_START_TEST (test_other_caps_are_refused)
{
  GError *error = NULL;

  fail_if (gst_h4mk_caps_check (refused[__i__], &error), "%s", refused[__i__]);
  fail_unless (g_error_matches (error, GST_H4MK_ERROR, GST_H4MK_ERROR_DAMAGED));
  fail_unless (strstr (error->message, "at byte ") != NULL);
  g_error_free (error);
}

GST_END_TEST;

GST_START_TEST (test_caps_without_end)
{
  GString *text = g_string_new ("video/x-raw");
  GError *error = NULL;
  guint i;

  for (i = 0; i < 1024; i++)
    g_string_append_printf (text, ", f%u=1", i);
  fail_unless (gst_h4mk_caps_check (text->str, &error));
  g_string_append (text, ", one=2");
  fail_if (gst_h4mk_caps_check (text->str, &error));
  g_clear_error (&error);

  g_string_assign (text, "video/x-raw, a=");
  for (i = 0; i < 100000; i++)
    g_string_append_c (text, '<');
  fail_if (gst_h4mk_caps_check (text->str, &error));
  g_clear_error (&error);
  g_string_free (text, TRUE);
}

GST_END_TEST;

GST_START_TEST (test_caps_of_every_element_are_taken)
{
  GList *factories = gst_element_factory_list_get_elements
      (GST_ELEMENT_FACTORY_TYPE_ANY, GST_RANK_NONE), *l;
  guint n = 0;

  for (l = factories; l; l = l->next) {
    const GList *t = gst_element_factory_get_static_pad_templates (l->data);

    for (; t; t = t->next) {
      GstCaps *caps = gst_static_pad_template_get_caps (t->data);
      gchar *text;

      if (gst_caps_is_any (caps) || gst_caps_is_empty (caps)) {
        gst_caps_unref (caps);
        continue;
      }
      caps = gst_caps_fixate (caps);
      text = gst_caps_to_string (caps);
      fail_unless (gst_h4mk_caps_check (text, NULL), "%s", text);
      g_free (text);
      gst_caps_unref (caps);
      n++;
    }
  }
  gst_plugin_feature_list_free (factories);
  fail_unless (n > 0);
}

GST_END_TEST;

static Suite *
h4mkcaps_suite (void)
{
  Suite *s = suite_create ("h4mkcaps");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_fixed_plain_caps_are_taken, 0,
      G_N_ELEMENTS (taken));
  tcase_add_loop_test (tc, test_other_caps_are_refused, 0,
      G_N_ELEMENTS (refused));
  tcase_add_test (tc, test_caps_without_end);
  tcase_add_test (tc, test_caps_of_every_element_are_taken);
  return s;
}

GST_CHECK_MAIN (h4mkcaps);
