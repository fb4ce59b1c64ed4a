/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Prints the blocks of an H4MK file, also of one that is cut off:
 *
 *   cc list-blocks.c $(pkg-config --cflags --libs gstreamer-harmony4-1.0)
 */

#include <gst/harmony4/harmony4.h>

int
main (int argc, char **argv)
{
  GError *error = NULL;
  GMappedFile *file = argc == 2 ?
      g_mapped_file_new (argv[1], FALSE, &error) : NULL;
  GstH4mkParser *parser = gst_h4mk_parser_new ();
  GstH4mkResult result = GST_H4MK_RESULT_ITEM;
  gsize size = file ? g_mapped_file_get_length (file) : 0, at = 0, need;

  while (result == GST_H4MK_RESULT_ITEM && at < size) {
    const guint8 *data = (guint8 *) g_mapped_file_get_contents (file) + at;
    GstH4mkItem item;

    result = gst_h4mk_parser_next (parser, data, size - at, &item, &need,
        &error);
    if (result == GST_H4MK_RESULT_ITEM && item.record)
      g_print ("%8" G_GUINT64_FORMAT " track %u pts %" G_GINT64_FORMAT " ns, %"
          G_GUINT64_FORMAT " bytes%s\n", item.block, item.record->track,
          item.record->pts, item.record->size,
          item.record->flags & GST_H4MK_RECORD_KEY ? ", key" : "");
    at = gst_h4mk_parser_get_offset (parser);
  }
  if (error)
    g_printerr ("%s\n", error->message);
  gst_h4mk_parser_free (parser);
  g_clear_pointer (&file, g_mapped_file_unref);
  return error || argc != 2 ? 1 : 0;
}
