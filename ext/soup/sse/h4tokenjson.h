/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_TOKEN_JSON_H__
#define __H4_TOKEN_JSON_H__

/* Tokens as JSON, in the letters of Python's json.dumps() with (",", ":") for
 * separators. What writes returns the end of what it wrote, without a NUL. No
 * GStreamer here. */

#include <glib.h>

G_BEGIN_DECLS

/* Bytes that any of these writes at most. */
#define H4_TOKEN_JSON_MAX 320

#define H4_VIDEO_TOKEN_SIZE 13
#define H4_AUDIO_TOKEN_SIZE 8

/**
 * H4TokenBin:
 * @frequency: Hz
 * @magnitude: 0.0 to 1.0
 * @phase: radians
 */
typedef struct
{
  gdouble frequency;
  gdouble magnitude;
  gdouble phase;
} H4TokenBin;

/* repr (round (value, digits)): half-even on the exact binary value; digits up
 * to 6. What is no number is null. */
gchar *h4_token_json_put_rounded (gchar * p, gdouble value, guint digits);
/* repr (value) */
gchar *h4_token_json_put_double (gchar * p, gdouble value);
gchar *h4_token_json_put_uint (gchar * p, guint64 value);

/* {"pts_us":…,"block_index":…,"is_key":…,"token_hex":"…"}; kind: I, P or B,
 * then "kind" and "size" follow; 0: they do not. */
gchar *h4_token_json_put_video (gchar * p, const guint8 * token, gchar kind,
    guint64 size);

/* What an audio token says, as exactly as it can. */
void h4_token_json_decode_bin (const guint8 * token, H4TokenBin * bin);
/* {"bin_hz":…,"magnitude":…,"phase":…,"token_hex":"…"}; channel: comes first,
 * -1: it is the only one */
gchar *h4_token_json_put_audio (gchar * p, const guint8 * token,
    const H4TokenBin * bin, gint channel);
/* The same without the token. */
gchar *h4_token_json_put_bin (gchar * p, const H4TokenBin * bin,
    gint channel);

G_END_DECLS

#endif
