/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4_OPENAPI_PARTS_H__
#define __H4_OPENAPI_PARTS_H__

/* What of the document does not come from the tables of calls. All
 * (transfer full). */

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

JsonObject *h4_openapi_new_info (void);
JsonArray *h4_openapi_new_servers (void);
JsonArray *h4_openapi_new_tags (void);
JsonObject *h4_openapi_new_components (void);
JsonArray *h4_openapi_new_security (void);

/* Headers of an answer by name, comma separated. */
JsonObject *h4_openapi_new_headers (const gchar * list);
/* {"name":"value"} */
JsonObject *h4_openapi_new_pair (const gchar * name, const gchar * value);
/* {"type":{"schema":…}}; takes the schema */
JsonObject *h4_openapi_new_content (const gchar * type, JsonObject * schema);
/* {"$ref":"#/components/KIND/NAME"} */
JsonObject *h4_openapi_new_ref (const gchar * kind, const gchar * name);

G_END_DECLS

#endif
