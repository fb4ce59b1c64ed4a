/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "h4filescalls.h"

/* What a double holds exactly, and ns after it in 64 bits. */
#define MAX_INTEGER 9007199254740991.0

#define NAME \
  {"name", H4_PARAM_TEXT, H4_PARAM_REQUIRED, 1, 4095, NULL, NULL, \
    "The file's path below the root."}
#define PTS \
  {"pts_us", H4_PARAM_INTEGER, H4_PARAM_REQUIRED, -MAX_INTEGER, MAX_INTEGER, \
    NULL, NULL, \
    "A time in µs, as pts_us of the blocks is; a recording begins at its" \
    " origin_ns."}
#define TRACK \
  {"track", H4_PARAM_INTEGER, 0, 0, 65535, NULL, "0", \
    "The track's id; 0: the first video track, else the first one."}

static const H4Param list[] = {
  {"limit", H4_PARAM_INTEGER, 0, 1, 10000, NULL, "1000",
      "How many names at most."},
  {"after", H4_PARAM_TEXT, 0, 0, 255, NULL, NULL,
      "Only names that come after this one: next of the list before."},
};

static const H4Param file[] = { NAME };
static const H4Param seek[] = { NAME, PTS, TRACK };

static const H4Param block[] = {
  NAME,
  {"block", H4_PARAM_INTEGER, H4_PARAM_REQUIRED, 0, MAX_INTEGER, NULL, NULL,
      "The block's number in the file, from 0."},
};

static const H4Param verify[] = {
  NAME,
  {"trusted_key", H4_PARAM_TEXT, 0, 64, 1039, NULL, NULL,
      "Public keys of signers to trust, 64 hexadecimal digits each, comma"
        " separated."},
};

#define TABLE(params) params, G_N_ELEMENTS (params)
#define JSON "application/json"

const H4Call h4_files_calls[] = {
  {"files_list", "GET", "/files/", 0, TABLE (list), JSON, "The files",
        "Regular files and directories below the root of --root, by name. What"
        " is hidden is not shown. A directory's own list is at /files/NAME/.",
      "directories, files (name, href, size, modified, type), and next where"
        " there are more."},
  {"file_get", "GET", "/files/{name}", 0, TABLE (file),
        "application/octet-stream", "A file",
        "The file as it is at this moment, also one that is being recorded. One"
        " range is answered 206, a range behind the end 416, several ranges by"
        " the whole file.",
      "The file; an H4MK file is application/x-h4mk."},
  {"file_head", "HEAD", "/files/{name}", 0, TABLE (file),
        "application/octet-stream", "A file's headers",
      "What GET would answer, without the file.", "Size, type and ETag."},
  {"file_info", "GET", "/files/{name}/info", 0, TABLE (file), JSON,
        "What a recording holds",
        "Tracks, tags, duration, how many blocks: what h4mk info --json says."
        " Few pieces are read, whatever the file's size.",
      "profile, complete, blocks, duration_ns, origin_ns, tracks, …"},
  {"file_seek", "GET", "/files/{name}/seek", 0, TABLE (seek), JSON,
        "The key block at or before a time",
        "Where to begin decoding for a time: what h4mk seek --json says.",
      "block, track, kind, pts_us, offset, size, …"},
  {"file_chain", "GET", "/files/{name}/chain", 0, TABLE (seek), JSON,
        "The blocks to decode for a time",
        "From the key block to the block that is shown at the time: what h4mk"
        " chain --json says.",
      "blocks: each as seek has it."},
  {"file_block", "GET", "/files/{name}/blocks/{block}", 0, TABLE (block),
        "application/octet-stream", "A block",
        "The bytes of one block, as they were recorded; the header X-H4-Block"
        " has its record as seek has it. A block that is damaged is an error.",
      "The block."},
  {"file_verify", "GET", "/files/{name}/verify", 0, TABLE (verify), JSON,
        "What of a recording is proven",
        "Reads the whole file and checks every hash and signature: what h4mk"
        " verify --json says. A damaged file is an answer, too.",
      "verdict: complete, proven, unproven or damaged; what was read, what"
        " is proven, what is wrong and where."},
};

const guint h4_n_files_calls = G_N_ELEMENTS (h4_files_calls);
