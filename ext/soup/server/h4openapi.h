/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_OPENAPI_H__
#define __H4_OPENAPI_H__

/* OpenAPI 3.1, made from the tables that requests are checked by. */

#include <glib.h>

#include "h4params.h"

G_BEGIN_DECLS

#define H4_API_TITLE "Harmony\303\2304 Media API"

/**
 * H4CallList: a table of calls
 */
typedef struct
{
  const H4Call *calls;
  guint n_calls;
} H4CallList;

/* The same bytes for the same tables. */
GBytes *h4_openapi_new (const H4CallList * lists, guint n_lists);

/* {"title":…,"version":…,"docs":"/docs","openapi":"/openapi.json",
 *  "endpoints":["POST /video/stream",…]} */
GBytes *h4_openapi_new_index (const H4CallList * lists, guint n_lists);

G_END_DECLS

#endif
