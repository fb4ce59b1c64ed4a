/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "h4params.h"

#define BLOCK_SIZE(fallback,min,max) \
  {"block_size", H4_PARAM_INTEGER, 0, min, max, NULL, fallback, \
    "Bytes of a block; the last one is shorter."}
#define FPS_HINT \
  {"fps_hint", H4_PARAM_NUMBER, 0, 1, 240, NULL, "30", \
    "Blocks a second: block i begins at i times floor(1000000 / fps_hint) µs."}
#define GOP \
  {"gop", H4_PARAM_INTEGER, 0, 1, 600, NULL, "30", \
    "Blocks from one key block to the next."}
#define MODE \
  {"mode", H4_PARAM_CHOICE, 0, 0, 0, "raw,media", "raw", \
    "What the file is: raw bytes, which are cut into blocks, or media, whose" \
    " frames and times are taken as they are."}
#define KEY(flags,doc) \
  {"master_key_hex", H4_PARAM_KEY, flags, 16, 1024, NULL, NULL, \
    "The master key, in hexadecimal digits. A form field or the header" \
    " X-H4-Key is better than the query, which others may log." doc}
#define MASK \
  {"mask", H4_PARAM_BOOLEAN, 0, 0, 0, NULL, "false", \
    "Whether the blocks are masked with master_key_hex."}
#define SCHEME(doc) \
  {"scheme", H4_PARAM_CHOICE, 0, 0, 0, "xor-sha256,aes-256-gcm", NULL, \
    "How they are masked. " doc}

static const H4Param video_stream[] = {
  BLOCK_SIZE ("524288", 65536, 8388608), FPS_HINT, GOP, MODE
};

static const H4Param video_export[] = {
  BLOCK_SIZE ("524288", 65536, 8388608), FPS_HINT, GOP, MODE, MASK,
  KEY (0, " Needed where mask is true."),
  SCHEME ("Raw bytes: xor-sha256, and nothing else; media: aes-256-gcm where"
      " it is not said.")
};

static const H4Param audio_stream[] = {
  {"sample_rate", H4_PARAM_INTEGER, 0, 8000, 192000, NULL, "48000",
      "Samples a second."},
  {"frame_size", H4_PARAM_INTEGER, H4_PARAM_POWER_OF_TWO, 256, 16384, NULL,
      "2048", "Samples of a frame; the next one begins half a frame later."},
  {"top_k", H4_PARAM_INTEGER, 0, 1, 256, NULL, "32",
      "How many of a frame's bins are told, the largest first."}
};

static const H4Param audio_mask[] = {
  BLOCK_SIZE ("262144", 16384, 4194304),
  KEY (H4_PARAM_REQUIRED, "")
};

static const H4Param export[] = {
  {"mode", H4_PARAM_CHOICE, 0, 0, 0, "auto,raw,media", "auto",
      "What the files are: media, raw bytes, or each what it looks like."},
  BLOCK_SIZE ("524288", 65536, 8388608), FPS_HINT, GOP, MASK,
  KEY (0, " Needed where mask is true."),
  SCHEME ("aes-256-gcm where it is not said.")
};

static const H4Param job_events[] = {
  {"job", H4_PARAM_TEXT, H4_PARAM_REQUIRED, 32, 32, NULL, NULL,
      "The job's number, as Location named it."},
  {"last_event_id", H4_PARAM_TEXT, 0, 0, 64, NULL, NULL,
      "The id of the last event that came, or earliest. The header"
        " Last-Event-ID goes before it."}
};

#define TABLE(params) params, G_N_ELEMENTS (params)
#define EVENTS "text/event-stream"

const H4Call h4_upload_calls[] = {
  {"video_stream", "POST", "/video/stream", H4_CALL_UPLOAD | H4_CALL_ASYNC,
        TABLE (video_stream), EVENTS, "Timing tokens of a video's blocks",
        "Cuts the file into blocks and tells of each when it is shown and"
        " whether decoding may begin there. With mode=media the file is"
        " demuxed, never decoded, and its own frames are told.",
      "The events meta, a token for each block, and done."},
  {"video_export", "POST", "/video/export", H4_CALL_UPLOAD,
        TABLE (video_export), "application/x-h4mk", "An H4MK file of a video",
        "Puts the blocks of the file into an H4MK container, masked if that is"
        " wanted. With mode=media the file is demuxed, never decoded.",
      "The H4MK file."},
  {"audio_stream", "POST", "/audio/stream", H4_CALL_UPLOAD | H4_CALL_ASYNC,
        TABLE (audio_stream), EVENTS, "The largest bins of an audio's spectrum",
        "Takes 16-bit little-endian samples of one channel and tells the largest"
        " bins of each frame's spectrum.",
      "The events meta, a token for each bin, and done."},
  {"audio_mask", "POST", "/audio/mask", H4_CALL_UPLOAD,
        TABLE (audio_mask), "application/octet-stream", "A file, masked",
        "Masks the file block by block (xor-sha256, without a salt). Done twice"
        " it gives the file itself.",
      "As many bytes as came."},
  {"export", "POST", "/export", H4_CALL_UPLOAD | H4_CALL_MANY_FILES,
        TABLE (export), "application/x-h4mk", "One H4MK file of many files",
        "Puts every stream of every file into one H4MK file, as a track each."
        " Media are demuxed, never decoded; other files are cut into blocks. A"
        " track is called as its form field, or, where that is called file, as"
        " its file.",
      "The H4MK file."},
  {"job_events", "GET", "/jobs/{job}/events", 0,
        TABLE (job_events), EVENTS, "The events of an upload",
        "What Location named in the answer 202 to an upload with the header"
        " Prefer: respond-async. An event has an id; who comes back with the last"
        " one gets the rest, and 204 after done.",
      "The events meta, tokens, and done."}
};

const guint h4_n_upload_calls = G_N_ELEMENTS (h4_upload_calls);

const H4Call *
h4_call_find (const gchar * id)
{
  guint i;

  for (i = 0; i < h4_n_upload_calls; i++)
    if (strcmp (h4_upload_calls[i].id, id) == 0)
      return &h4_upload_calls[i];
  g_return_val_if_reached (NULL);
}
