/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Masked caps as a file may hold them. */

#include <stdlib.h>

#include "gsth4maskcaps.h"

int LLVMFuzzerTestOneInput (const guint8 * data, gsize size);
int LLVMFuzzerInitialize (int *argc, char ***argv);

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  gst_init (NULL, NULL);
  return 0;
}

static void
unmask (GstCaps * caps)
{
  GstH4MaskInfo info;
  GError *error = NULL;
  GstCaps *original = gst_h4_mask_caps_unmask (caps, &info, &error), *again;

  if ((original == NULL) != (error != NULL))
    abort ();
  if (original && !gst_h4_mask_caps_is_masked (original)) {
    again = gst_h4_mask_caps_mask (original, &info, NULL);
    gst_clear_caps (&again);
  }
  gst_clear_caps (&original);
  g_clear_error (&error);
  gst_h4_mask_info_clear (&info);
}

/* The values of these fields stand in the input, a line each. */
static GstCaps *
caps_from_lines (gchar ** lines)
{
  static const gchar *fields[] = {
    "original-media-type", "scheme", "salt", "key-id"
  };
  GstCaps *caps = gst_caps_new_empty_simple (GST_H4_MASK_CAPS_NAME);
  guint i;

  for (i = 0; i < G_N_ELEMENTS (fields) && lines[i]; i++)
    gst_caps_set_simple (caps, fields[i], G_TYPE_STRING, lines[i], NULL);
  return caps;
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  gchar *text = g_strndup ((const gchar *) data, size);
  gchar **lines = g_strsplit (text, "\n", 4);

  if (g_utf8_validate (text, -1, NULL)) {
    GstCaps *caps = caps_from_lines (lines), *all;

    unmask (caps);
    all = gst_h4_mask_caps_all_unmasked (caps);
    gst_caps_unref (all);
    all = gst_h4_mask_caps_all_masked (caps);
    gst_caps_unref (all);
    gst_caps_unref (caps);
  }
  g_strfreev (lines);
  g_free (text);
  return 0;
}
