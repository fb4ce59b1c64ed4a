/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_PROBLEM_H__
#define __H4_PROBLEM_H__

/* What is wrong with a request: RFC 9457 problem details. */

#include <glib.h>

G_BEGIN_DECLS

/**
 * H4Problem:
 * @status: of the answer, 400 to 599
 * @detail: a sentence, with what was wrong and where
 * @field: (nullable): the parameter or header that is meant
 * @accepted: (nullable): what it accepts, "65536…8388608"
 * @retry_after: s, 0: not said
 */
typedef struct
{
  guint status;
  const gchar *detail;
  const gchar *field;
  const gchar *accepted;
  guint retry_after;
} H4Problem;

/* {"type":"about:blank","title":"Bad Request","status":400,"detail":…,
 *  "field":…,"accepted":…}, application/problem+json */
GBytes *h4_problem_to_json (const H4Problem * problem);

/* As an error: the code is the status, field and accepted are kept. */
#define H4_PROBLEM (h4_problem_quark ())
GQuark h4_problem_quark (void);
GError *h4_problem_error (guint status, const gchar * field,
    const gchar * accepted, const gchar * format, ...) G_GNUC_PRINTF (4, 5);
/* FALSE where the error is of another kind; problem lives as long as error. */
gboolean h4_problem_from_error (const GError * error, H4Problem * problem);

G_END_DECLS

#endif
