/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_OPENAPI_TABLE_H__
#define __H4_OPENAPI_TABLE_H__

/* What OpenAPI wants to know of the calls beside their parameters. */

#include <glib.h>

G_BEGIN_DECLS

/**
 * H4Operation:
 * @id: the call's
 * @tag: what it is listed under
 * @schema: (nullable): of an answer in JSON
 * @codes: statuses that it may have beside 200, comma separated
 * @headers: (nullable): of the request, comma separated
 * @answer_headers: (nullable): of a 200, comma separated
 * @open: no token is asked for
 */
typedef struct
{
  const gchar *id;
  const gchar *tag;
  const gchar *schema;
  const gchar *codes;
  const gchar *headers;
  const gchar *answer_headers;
  gboolean open;
} H4Operation;

/* NULL: there is none. */
const H4Operation *h4_operation_find (const gchar * id);

/**
 * H4Words: what a name stands for
 */
typedef struct
{
  const gchar *name;
  const gchar *doc;
} H4Words;

extern const H4Words h4_openapi_tags[];
extern const guint h4_n_openapi_tags;

/* NULL: there is none. */
const gchar *h4_openapi_describe_status (guint status);
const gchar *h4_openapi_describe_header (const gchar * name);

G_END_DECLS

#endif
