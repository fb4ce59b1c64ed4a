/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_OPENAPI_SCHEMA_H__
#define __H4_OPENAPI_SCHEMA_H__

#include <json-glib/json-glib.h>

#include "h4params.h"

G_BEGIN_DECLS

/* JSON Schema of a parameter's value. */
JsonObject *h4_openapi_new_schema (const H4Param * param);

G_END_DECLS

#endif
