/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* for memmem () */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "h4loadreader.h"

#define MAX_REST (1 << 20)
#define READ_SIZE (256 << 10)

enum
{
  CHUNK_SIZE,
  CHUNK_EXTENSION,
  CHUNK_DATA,
  CHUNK_END
};

/* One of a process: nothing of a client stays in it. */
static gchar buffer[MAX_REST + READ_SIZE + 1];

typedef struct
{
  const gchar *text;
  gsize size;
} Text;

void
h4_load_reader_restart (H4LoadReader * reader)
{
  reader->status = 0;
  reader->chunked = FALSE;
  reader->chunk_state = CHUNK_SIZE;
  reader->chunk_left = 0;
  reader->gap = FALSE;
  g_clear_pointer (&reader->rest, g_free);
  reader->rest_size = 0;
}

void
h4_load_reader_clear (H4LoadReader * reader)
{
  g_free (reader->rest);
  memset (reader, 0, sizeof (*reader));
}

/* 32 buckets for each power of two. */
static guint
bucket_of (guint64 value)
{
  guint shift;

  if (value < 32)
    return value;
  shift = g_bit_storage (value) - 6;
  return MIN (32 * (shift + 1) + (value >> shift) - 32, H4_LOAD_N_BUCKETS - 1);
}

static gdouble
bucket_value (guint bucket)
{
  guint shift = bucket / 32;

  if (shift < 1)
    return bucket;
  return (bucket % 32 + 32.5) * ((guint64) 1 << (shift - 1));
}

gdouble
h4_load_counts_quantile (const H4LoadCounts * counts, gdouble part)
{
  guint64 below = 0;
  guint i;

  for (i = 0; i < H4_LOAD_N_BUCKETS; i++) {
    below += counts->latency[i];
    if (below > 0 && below >= part * counts->timed)
      return bucket_value (i);
  }
  return 0.0;
}

/* The number after a name such as `"t":`, or 0. */
static guint64
find_number (Text text, const gchar * name)
{
  gsize name_size = strlen (name);
  const gchar *found = memmem (text.text, text.size, name, name_size);

  return found ? g_ascii_strtoull (found + name_size, NULL, 10) : 0;
}

/* `<epoch>-<n>`: eight hex digits, and a number from 1. */
static guint64
number_of_id (Text id)
{
  gsize i;

  if (id.size < 10 || id.text[8] != '-')
    return 0;
  for (i = 0; i < 8; i++)
    if (!g_ascii_isxdigit (id.text[i]))
      return 0;
  return g_ascii_strtoull (id.text + 9, NULL, 10);
}

static gboolean
is (Text text, const gchar * name)
{
  return text.size == strlen (name) && memcmp (text.text, name, text.size) == 0;
}

static void
check_number (H4LoadReader * reader, guint64 n, gboolean is_done,
    H4LoadCounts * counts)
{
  if (reader->last == 0) {
    reader->first = n;
  } else if (n > reader->last + 1) {
    counts->lost += n - reader->last - 1;
    if (reader->gap)
      counts->announced += n - reader->last - 1;
  } else if (n <= reader->last && !is_done) {
    counts->doubled++;
    return;
  }
  reader->gap = FALSE;
  reader->last = n;
}

/* An epoch ends the numbers of the one before. */
static void
check_epoch (H4LoadReader * reader, Text id)
{
  if (memcmp (reader->epoch, id.text, 8) == 0)
    return;
  memcpy (reader->epoch, id.text, 8);
  reader->first = reader->last = 0;
}

static void
take_event (H4LoadReader * reader, Text type, Text id, Text data, gint64 now,
    H4LoadCounts * counts)
{
  guint64 n = number_of_id (id);
  guint64 sent = find_number (data, "\"t\":");
  gboolean is_done = is (type, "done");

  if (n > 0)
    check_epoch (reader, id);
  else
    n = find_number (data, "\"n\":");
  reader->done |= is_done;
  counts->dones += is_done;
  counts->metas += is (type, "meta");
  if (is (type, "gap")) {
    counts->gaps++;
    reader->gap = TRUE;
    return;
  }
  if (n == 0)
    return;
  counts->events += !is_done;
  check_number (reader, n, is_done, counts);
  if (sent > 0 && (guint64) now >= sent) {
    counts->timed++;
    counts->latency[bucket_of (now - sent)]++;
  }
}

static Text
value_of (const gchar * line, const gchar * end, gsize name_size)
{
  line += name_size + 1;
  line += line < end && *line == ' ';
  return (Text) {
  line, end - line};
}

/* The lines of a block, an empty one not included. */
static void
take_block (H4LoadReader * reader, const gchar * at, const gchar * end,
    gint64 now, H4LoadCounts * counts)
{
  Text type = { "", 0 }, id = { "", 0 }, data = { "", 0 };

  while (at < end) {
    const gchar *line_end = memchr (at, '\n', end - at);

    if (!line_end)
      line_end = end;
    if (*at == ':')
      counts->comments++;
    else if (g_str_has_prefix (at, "id:"))
      id = value_of (at, line_end, 2);
    else if (g_str_has_prefix (at, "event:"))
      type = value_of (at, line_end, 5);
    else if (g_str_has_prefix (at, "data:"))
      data = value_of (at, line_end, 4);
    else if (!g_str_has_prefix (at, "retry:"))
      counts->malformed++;
    at = line_end + 1;
  }
  if (data.size > 0)
    take_event (reader, type, id, data, now, counts);
}

/* Takes whole blocks; returns where the one that is not whole begins. */
static gchar *
take_blocks (H4LoadReader * reader, gchar * at, gchar * end, gint64 now,
    H4LoadCounts * counts)
{
  while (at < end) {
    gchar *block_end = memmem (at, end - at, "\n\n", 2);

    if (!block_end)
      break;
    take_block (reader, at, block_end, now, counts);
    at = block_end + 2;
  }
  return at;
}

/* Takes the answer's head, where it is whole; returns where the body begins. */
static gchar *
take_head (H4LoadReader * reader, gchar * at, gchar * end,
    H4LoadCounts * counts)
{
  gchar *head_end = memmem (at, end - at, "\r\n\r\n", 4);

  if (!head_end)
    return NULL;
  *head_end = '\0';
  if (!g_str_has_prefix (at, "HTTP/1.1 ")) {
    counts->malformed++;
    reader->status = 999;
  } else {
    reader->status = atoi (at + 9);
    reader->chunked = strcasestr (at, "\r\ntransfer-encoding: chunked") != NULL;
  }
  return head_end + 4;
}

/* Leaves the content of chunks from at on; returns its end. */
static gchar *
strip_chunks (H4LoadReader * reader, gchar * at, gchar * end)
{
  gchar *out = at;

  while (at < end) {
    gsize n = MIN (reader->chunk_left, (gsize) (end - at));

    switch (reader->chunk_state) {
      case CHUNK_SIZE:
        if (g_ascii_isxdigit (*at))
          reader->chunk_left =
              reader->chunk_left * 16 + g_ascii_xdigit_value (*at++);
        else
          reader->chunk_state = CHUNK_EXTENSION;
        break;
      case CHUNK_EXTENSION:
        if (*at++ == '\n')
          reader->chunk_state = CHUNK_DATA;
        break;
      case CHUNK_DATA:
        memmove (out, at, n);
        out += n;
        at += n;
        reader->chunk_left -= n;
        if (reader->chunk_left == 0)
          reader->chunk_state = CHUNK_END;
        break;
      default:
        if (*at++ == '\n')
          reader->chunk_state = CHUNK_SIZE;
        break;
    }
  }
  return out;
}

static void
keep_rest (H4LoadReader * reader, const gchar * at, const gchar * end,
    H4LoadCounts * counts)
{
  reader->rest_size = end - at;
  if (reader->rest_size > MAX_REST) {
    counts->malformed++;
    reader->rest_size = 0;
  }
  g_free (reader->rest);
  reader->rest =
      reader->rest_size > 0 ? g_memdup2 (at, reader->rest_size) : NULL;
}

gssize
h4_load_reader_read (H4LoadReader * reader, gint fd, H4LoadCounts * counts)
{
  gchar *at = buffer, *fresh = buffer + reader->rest_size, *end;
  gssize n = recv (fd, fresh, READ_SIZE, MSG_DONTWAIT);
  gint64 now;

  if (n <= 0)
    return n;
  now = g_get_monotonic_time ();
  counts->bytes += n;
  end = fresh + n;
  *end = '\0';
  if (reader->rest)
    memcpy (buffer, reader->rest, reader->rest_size);
  if (reader->status == 0) {
    at = fresh = take_head (reader, buffer, end, counts);
    if (!at) {
      keep_rest (reader, buffer, end, counts);
      return n;
    }
  }
  if (reader->chunked)
    end = strip_chunks (reader, fresh, end);
  if (reader->status == 200)
    at = take_blocks (reader, at, end, now, counts);
  keep_rest (reader, at, end, counts);
  return n;
}
