/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_FAN_SUB_H__
#define __H4_FAN_SUB_H__

/* What a client is told of one of its streams. */

#include "h4fanclient.h"

G_BEGIN_DECLS

/* A stream as the fan has it. */
struct _H4FanStream
{
  H4Stream *stream;
  H4StreamView view;
  const H4StreamConfig *config;
  H4FanClientFunc func;
  gpointer user_data;
  GPtrArray *subs;
  gboolean dozing;              /* view may be older than the log */
  gboolean fresh;               /* view is newer than what clients were sent */
  H4StreamStats delta;          /* not yet reported */
  gboolean removing;            /* clients leave when they have all */
  gint64 deadline;              /* of that */
  gboolean *removed;            /* told when it is done */
};

/* text: to build what is said in, empty */
typedef struct
{
  GString *text;
  gint64 now;
} H4FanTurn;

/* Writes the first that a client hears of a stream: meta, and a gap. */
void h4_fan_sub_join (H4FanSub * sub, H4FanTurn * turn);
/* Sends what there is, up to about quota bytes, which is lowered. */
H4FanResult h4_fan_sub_serve (H4FanSub * sub, H4FanTurn * turn,
    gssize * quota);

/* For a blocked client. */
gboolean h4_fan_sub_is_slow (const H4FanSub * sub);
/* It will go on with what is live then; only a cut event is kept. */
void h4_fan_sub_skip (H4FanSub * sub);

G_END_DECLS

#endif
