/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Prints the video tokens of a file, as h4videotok and filesink write it:
 *
 *   cc h4-read-tokens.c $(pkg-config --cflags --libs gstreamer-harmony4-1.0)
 */

#include <stdio.h>

#include <gst/harmony4/harmony4.h>

int
main (int argc, char **argv)
{
  guint8 bytes[GST_H4_VIDEO_TOKEN_SIZE];
  GstH4VideoToken token;
  size_t size;
  FILE *file;

  if (argc != 2 || !(file = fopen (argv[1], "rb"))) {
    fprintf (stderr, "usage: %s FILE\n", argv[0]);
    return 2;
  }
  while ((size = fread (bytes, 1, sizeof (bytes), file)) > 0) {
    if (!gst_h4_video_token_decode (&token, bytes, size)) {
      fprintf (stderr, "%s: not a token\n", argv[1]);
      fclose (file);
      return 1;
    }
    printf ("%10" G_GUINT32_FORMAT " %12" G_GUINT64_FORMAT " µs%s\n",
        token.block_index, token.pts_us, token.is_key ? " key" : "");
  }
  fclose (file);
  return 0;
}
