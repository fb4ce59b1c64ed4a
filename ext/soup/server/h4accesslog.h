/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_ACCESS_LOG_H__
#define __H4_ACCESS_LOG_H__

/* A line on stderr for each request that was answered. */

#include "h4httpserver.h"

G_BEGIN_DECLS

typedef enum
{
  H4_ACCESS_LOG_NONE,
  H4_ACCESS_LOG_TEXT,           /* the common combined format, and seconds */
  H4_ACCESS_LOG_JSON
} H4AccessLogFormat;

gboolean h4_access_log_format_from_string (const gchar * text,
    H4AccessLogFormat * format);

/* The line, with its end. Nothing of a request reaches it but printable ASCII.
 * now: µs since 1970, when it was answered. */
void h4_access_log_append (GString * line, H4AccessLogFormat format,
    const H4HttpAccess * access, gint64 now);

/* On stderr, in one piece, from any thread. */
void h4_access_log_write (H4AccessLogFormat format,
    const H4HttpAccess * access);

G_END_DECLS

#endif
