/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_ANSWER_H__
#define __H4_ANSWER_H__

/* The answer to an upload: bytes, or events. It begins when there is something
 * to send, so that what fails before is told with a status. */

#include <gst/gst.h>

#include "h4exchange.h"

G_BEGIN_DECLS

/**
 * H4Answer:
 * @length: bytes of the body, -1: not known
 * @epoch: (nullable): of the ids that events get; NULL: they get none
 * @events: how many there were
 * @skip: of those, how many the client has had
 * @gap: what it says to have had is none of them: it is told so
 */
typedef struct
{
  const gchar *epoch;
  guint64 events;
  guint64 skip;
  gboolean gap;

  /*< private >*/
  H4Exchange *exchange;
  gint64 length;
  const gchar *type;
  gchar *disposition;
  gboolean begun;
  GString *pending;
} H4Answer;

/* filename: (nullable): what the client is to call it */
void h4_answer_init (H4Answer * answer, H4Exchange * exchange,
    const gchar * type, const gchar * filename, gint64 length);
void h4_answer_clear (H4Answer * answer);

gboolean h4_answer_write (H4Answer * answer, gconstpointer data, gsize size,
    GError ** error);
/* The sample's buffer, or its list. */
gboolean h4_answer_write_sample (H4Answer * answer, GstSample * sample,
    GError ** error);
gboolean h4_answer_flush (H4Answer * answer, GError ** error);
gboolean h4_answer_finish (H4Answer * answer, GError ** error);

/* A string that one event's data are appended to between begin and end, or
 * NULL: the client has had it. */
GString *h4_answer_event_begin (H4Answer * answer, const gchar * event);
gboolean h4_answer_event_end (H4Answer * answer, GError ** error);
/* meta: once, before all other events */
void h4_answer_meta (H4Answer * answer, const gchar * json);
/* Anew from the meta, with a gap: done came before what was to be skipped. */
void h4_answer_restart (H4Answer * answer);
/* event:done, and the end; neither where done came before what was to be
 * skipped. */
gboolean h4_answer_done (H4Answer * answer, GError ** error);

G_END_DECLS

#endif
