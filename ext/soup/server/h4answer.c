/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "h4answer.h"
#include "h4partheader.h"

/* So much is gathered before it is sent. */
#define FLUSH_SIZE (32 * 1024)
#define RETRY_MS 2000

void
h4_answer_init (H4Answer * answer, H4Exchange * exchange, const gchar * type,
    const gchar * filename, gint64 length)
{
  memset (answer, 0, sizeof (*answer));
  answer->exchange = exchange;
  answer->type = type;
  answer->length = length;
  answer->disposition = filename ? h4_header_attachment (filename) : NULL;
  answer->pending = g_string_sized_new (FLUSH_SIZE + 4096);
}

void
h4_answer_clear (H4Answer * answer)
{
  g_free (answer->disposition);
  g_string_free (answer->pending, TRUE);
}

static gboolean
begin (H4Answer * answer, GError ** error)
{
  gboolean events = g_str_has_prefix (answer->type, "text/event-stream");
  const gchar *headers[] = {
    "Content-Type", answer->type,
    "Cache-Control", "no-store",
    events ? "X-Accel-Buffering" : "X-Content-Type-Options",
    events ? "no" : "nosniff",
    answer->disposition ? "Content-Disposition" : NULL, answer->disposition,
    NULL
  };

  if (answer->begun)
    return TRUE;
  answer->begun = TRUE;
  return h4_exchange_begin (answer->exchange, 200, answer->length, headers,
      error);
}

gboolean
h4_answer_flush (H4Answer * answer, GError ** error)
{
  gboolean ok = answer->pending->len == 0 || (begin (answer, error)
      && h4_exchange_write (answer->exchange, answer->pending->str,
          answer->pending->len, error));

  g_string_truncate (answer->pending, 0);
  return ok;
}

gboolean
h4_answer_write (H4Answer * answer, gconstpointer data, gsize size,
    GError ** error)
{
  if (answer->pending->len + size <= FLUSH_SIZE) {
    g_string_append_len (answer->pending, data, size);
    return TRUE;
  }
  return h4_answer_flush (answer, error) && begin (answer, error)
      && h4_exchange_write (answer->exchange, data, size, error);
}

static gboolean
write_buffer (H4Answer * answer, GstBuffer * buffer, GError ** error)
{
  guint n = gst_buffer_n_memory (buffer), i;
  gboolean ok = TRUE;

  for (i = 0; ok && i < n; i++) {
    GstMemory *memory = gst_buffer_peek_memory (buffer, i);
    GstMapInfo map;

    ok = gst_memory_map (memory, &map, GST_MAP_READ);
    if (!ok) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
          "memory cannot be read");
      break;
    }
    ok = h4_answer_write (answer, map.data, map.size, error);
    gst_memory_unmap (memory, &map);
  }
  return ok;
}

gboolean
h4_answer_write_sample (H4Answer * answer, GstSample * sample, GError ** error)
{
  GstBufferList *list = gst_sample_get_buffer_list (sample);
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  gboolean ok = !buffer || write_buffer (answer, buffer, error);
  guint n = list ? gst_buffer_list_length (list) : 0, i;

  for (i = 0; ok && i < n; i++)
    ok = write_buffer (answer, gst_buffer_list_get (list, i), error);
  return ok;
}

gboolean
h4_answer_finish (H4Answer * answer, GError ** error)
{
  return h4_answer_flush (answer, error) && begin (answer, error)
      && h4_exchange_end (answer->exchange, error);
}

void
h4_answer_meta (H4Answer * answer, const gchar * json)
{
  if (answer->epoch)
    g_string_append_printf (answer->pending, "retry:%d\n", RETRY_MS);
  g_string_append_printf (answer->pending, "event:meta\ndata:%s\n\n", json);
  if (answer->gap)
    g_string_append (answer->pending,
        "event:gap\ndata:{\"lost\":null,\"reason\":\"epoch\"}\n\n");
  answer->gap = FALSE;
}

void
h4_answer_restart (H4Answer * answer)
{
  g_string_truncate (answer->pending, 0);
  answer->events = answer->skip = 0;
  answer->gap = TRUE;
}

GString *
h4_answer_event_begin (H4Answer * answer, const gchar * event)
{
  GString *out = answer->pending;

  answer->events++;
  if (answer->events <= answer->skip)
    return NULL;
  if (answer->epoch)
    g_string_append_printf (out, "id:%s-%" G_GUINT64_FORMAT "\n",
        answer->epoch, answer->events);
  g_string_append (out, "event:");
  g_string_append (out, event);
  g_string_append (out, "\ndata:");
  return out;
}

gboolean
h4_answer_event_end (H4Answer * answer, GError ** error)
{
  g_string_append_len (answer->pending, "\n\n", 2);
  return answer->pending->len < FLUSH_SIZE || h4_answer_flush (answer, error);
}

gboolean
h4_answer_done (H4Answer * answer, GError ** error)
{
  GString *out = h4_answer_event_begin (answer, "done");

  if (out)
    g_string_append (out, "{\"ok\":true,\"project\":\"HarmonyØ4\"}\n\n");
  /* who had more than there is gets it all, in this answer */
  return answer->events < answer->skip || h4_answer_finish (answer, error);
}
