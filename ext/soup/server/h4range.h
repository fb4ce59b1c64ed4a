/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_RANGE_H__
#define __H4_RANGE_H__

/* Which bytes of a file a request is answered with: RFC 9110, 13 and 14. */

#include <sys/stat.h>

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  H4_RANGE_WHOLE,
  H4_RANGE_PART,
  H4_RANGE_UNSATISFIABLE
} H4RangeKind;

/* text: a Range header or NULL. Several ranges, other units and what is no
 * range count as none. */
H4RangeKind h4_range_parse (const gchar * text, guint64 size, guint64 * first,
    guint64 * length);

/**
 * H4Validators: what tells one state of a file from another
 * @etag: strong, with its quotes
 * @modified: HTTP date
 * @modified_time: the same, s since 1970
 */
typedef struct
{
  gchar etag[64];
  gchar modified[32];
  gint64 modified_time;
} H4Validators;

void h4_validators_init (H4Validators * validators, const struct stat *st);

/**
 * H4Conditions: headers of a request, each (nullable)
 */
typedef struct
{
  const gchar *if_match;
  const gchar *if_none_match;
  const gchar *if_modified_since;
  const gchar *range;
  const gchar *if_range;
} H4Conditions;

/* The answer's status: 200, 206, 304, 412 or 416, and what of the size bytes is
 * sent with the first two. now: s since 1970. */
guint h4_conditions_decide (const H4Conditions * conditions, gboolean head,
    const H4Validators * validators, guint64 size, gint64 now,
    guint64 * first, guint64 * length);

G_END_DECLS

#endif
