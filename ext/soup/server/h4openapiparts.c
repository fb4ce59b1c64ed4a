/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4json.h"
#include "h4docsresource.h"
#include "h4openapi.h"
#include "h4openapiparts.h"
#include "h4openapitable.h"

#define SCHEMAS "/org/harmony4/docs/openapi-schemas.json"

JsonObject *
h4_openapi_new_pair (const gchar * name, const gchar * value)
{
  JsonObject *json = json_object_new ();

  json_object_set_string_member (json, name, value);
  return json;
}

JsonObject *
h4_openapi_new_content (const gchar * type, JsonObject * schema)
{
  JsonObject *content = json_object_new (), *media = json_object_new ();

  json_object_set_object_member (media, "schema", schema);
  json_object_set_object_member (content, type, media);
  return content;
}

JsonObject *
h4_openapi_new_ref (const gchar * kind, const gchar * name)
{
  gchar *ref = g_strdup_printf ("#/components/%s/%s", kind, name);
  JsonObject *json = h4_openapi_new_pair ("$ref", ref);

  g_free (ref);
  return json;
}

JsonObject *
h4_openapi_new_headers (const gchar * list)
{
  gchar **names = g_strsplit (list, ",", -1);
  JsonObject *headers = json_object_new ();
  guint i;

  for (i = 0; names[i]; i++) {
    JsonObject *header = h4_openapi_new_pair ("description",
        h4_openapi_describe_header (names[i]));

    json_object_set_object_member (header, "schema",
        h4_openapi_new_pair ("type", "string"));
    json_object_set_object_member (headers, names[i], header);
  }
  g_strfreev (names);
  return headers;
}

JsonObject *
h4_openapi_new_info (void)
{
  JsonObject *info = h4_openapi_new_pair ("title", H4_API_TITLE);
  JsonObject *license = h4_openapi_new_pair ("name", "LGPL-2.1-or-later");

  json_object_set_string_member (license, "identifier", "LGPL-2.1-or-later");
  json_object_set_string_member (info, "summary",
      "Media as tokens, in containers, masked, recorded, live.");
  json_object_set_string_member (info, "description",
      "Errors are application/problem+json (RFC 9457) and name the parameter"
      " and what it accepts. Parameters of an upload come in the query or as"
      " fields of its form. Uploads are worked on while they come; memory does"
      " not grow with them.");
  json_object_set_string_member (info, "version", VERSION);
  json_object_set_object_member (info, "license", license);
  return info;
}

JsonArray *
h4_openapi_new_servers (void)
{
  JsonArray *servers = json_array_new ();

  json_array_add_object_element (servers, h4_openapi_new_pair ("url", "/"));
  return servers;
}

JsonArray *
h4_openapi_new_tags (void)
{
  JsonArray *tags = json_array_new ();
  guint i;

  for (i = 0; i < h4_n_openapi_tags; i++) {
    JsonObject *tag = h4_openapi_new_pair ("name", h4_openapi_tags[i].name);

    json_object_set_string_member (tag, "description", h4_openapi_tags[i].doc);
    json_array_add_object_element (tags, tag);
  }
  return tags;
}

static JsonObject *
new_schemas (void)
{
  GBytes *text = g_resource_lookup_data (h4docs_get_resource (), SCHEMAS,
      G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  GError *error = NULL;
  JsonObject *schemas = gst_h4_json_parse_object (g_bytes_get_data (text,
          NULL), g_bytes_get_size (text), &error);

  if (!schemas)
    g_error ("%s: %s", SCHEMAS, error->message);
  g_bytes_unref (text);
  return schemas;
}

static JsonObject *
new_problem (guint status, const gchar * doc)
{
  JsonObject *response = h4_openapi_new_pair ("description", doc);

  if (status == 401)
    json_object_set_object_member (response, "headers",
        h4_openapi_new_headers ("WWW-Authenticate"));
  else if (status == 416)
    json_object_set_object_member (response, "headers",
        h4_openapi_new_headers ("Content-Range"));
  else if (status == 429 || status == 503)
    json_object_set_object_member (response, "headers",
        h4_openapi_new_headers ("Retry-After"));
  json_object_set_object_member (response, "content",
      h4_openapi_new_content ("application/problem+json",
          h4_openapi_new_ref ("schemas", "Problem")));
  return response;
}

static JsonObject *
new_problems (void)
{
  JsonObject *responses = json_object_new ();
  guint status;

  json_object_set_object_member (responses, "Problem", new_problem (0,
          "What is wrong."));
  for (status = 400; status < 600; status++) {
    const gchar *doc = h4_openapi_describe_status (status);

    if (doc) {
      gchar *name = g_strdup_printf ("Problem%u", status);

      json_object_set_object_member (responses, name, new_problem (status,
              doc));
      g_free (name);
    }
  }
  return responses;
}

static JsonObject *
new_security_schemes (void)
{
  JsonObject *schemes = json_object_new ();
  JsonObject *bearer = h4_openapi_new_pair ("type", "http");
  JsonObject *query = h4_openapi_new_pair ("type", "apiKey");

  json_object_set_string_member (bearer, "scheme", "bearer");
  json_object_set_object_member (schemes, "bearer", bearer);
  json_object_set_string_member (query, "in", "query");
  json_object_set_string_member (query, "name", "access_token");
  json_object_set_string_member (query, "description",
      "For EventSource and players, which send no headers.");
  json_object_set_object_member (schemes, "query", query);
  return schemes;
}

JsonObject *
h4_openapi_new_components (void)
{
  JsonObject *components = json_object_new ();

  json_object_set_object_member (components, "schemas", new_schemas ());
  json_object_set_object_member (components, "responses", new_problems ());
  json_object_set_object_member (components, "securitySchemes",
      new_security_schemes ());
  return components;
}

/* A server without --auth-token-file asks for none. */
JsonArray *
h4_openapi_new_security (void)
{
  static const gchar *const schemes[] = { "bearer", "query" };
  JsonArray *security = json_array_new ();
  guint i;

  json_array_add_object_element (security, json_object_new ());
  for (i = 0; i < G_N_ELEMENTS (schemes); i++) {
    JsonObject *scheme = json_object_new ();

    json_object_set_array_member (scheme, schemes[i], json_array_new ());
    json_array_add_object_element (security, scheme);
  }
  return security;
}
