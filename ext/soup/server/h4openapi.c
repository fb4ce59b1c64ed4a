/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdlib.h>
#include <string.h>

#include "gsth4json.h"
#include "h4openapi.h"
#include "h4openapiparts.h"
#include "h4openapischema.h"
#include "h4openapitable.h"

static void
add_header_param (JsonArray * params, const gchar * name)
{
  JsonObject *json = json_object_new ();
  JsonObject *schema = h4_openapi_new_pair ("type", "string");

  json_object_set_string_member (json, "name", name);
  json_object_set_string_member (json, "in", "header");
  json_object_set_string_member (json, "description",
      h4_openapi_describe_header (name));
  if (strcmp (name, "Prefer") == 0) {
    JsonArray *values = json_array_new ();

    json_array_add_string_element (values, "respond-async");
    json_object_set_array_member (schema, "enum", values);
  } else if (strcmp (name, "X-H4-Key") == 0) {
    json_object_set_string_member (schema, "format", "password");
  }
  json_object_set_object_member (json, "schema", schema);
  json_array_add_object_element (params, json);
}

static gboolean
is_in_path (const H4Call * call, const gchar * name)
{
  gchar *braced = g_strdup_printf ("{%s}", name);
  gboolean found = strstr (call->path, braced) != NULL;

  g_free (braced);
  return found;
}

/* Of an upload nothing is required here: it may as well be a form's field. */
static void
add_param (JsonArray * params, const H4Call * call, const H4Param * param)
{
  gboolean in_path = is_in_path (call, param->name);
  JsonObject *json = json_object_new ();

  json_object_set_string_member (json, "name", param->name);
  json_object_set_string_member (json, "in", in_path ? "path" : "query");
  json_object_set_string_member (json, "description", param->doc);
  if (in_path || (param->flags & H4_PARAM_REQUIRED
          && !(call->flags & H4_CALL_UPLOAD)))
    json_object_set_boolean_member (json, "required", TRUE);
  if (param->type == H4_PARAM_KEY)
    json_object_set_boolean_member (json, "deprecated", TRUE);
  json_object_set_object_member (json, "schema", h4_openapi_new_schema (param));
  json_array_add_object_element (params, json);
}

static void
add_params (JsonObject * json, const H4Call * call,
    const H4Operation * operation)
{
  gchar **headers = g_strsplit (operation->headers ? operation->headers : "",
      ",", -1);
  JsonArray *params = json_array_new ();
  guint i;

  for (i = 0; i < call->n_params; i++)
    add_param (params, call, &call->params[i]);
  for (i = 0; headers[i]; i++)
    add_header_param (params, headers[i]);
  if (json_array_get_length (params) > 0)
    json_object_set_array_member (json, "parameters", params);
  else
    json_array_unref (params);
  g_strfreev (headers);
}

static JsonObject *
new_form_schema (const H4Call * call)
{
  JsonObject *schema = h4_openapi_new_pair ("type", "object");
  JsonObject *properties = json_object_new ();
  JsonObject *file = h4_openapi_new_pair ("type", "string");
  JsonArray *required = json_array_new ();
  guint i;

  json_object_set_string_member (file, "contentMediaType",
      "application/octet-stream");
  if (call->flags & H4_CALL_MANY_FILES) {
    JsonObject *files = h4_openapi_new_pair ("type", "array");

    json_object_set_int_member (files, "minItems", 1);
    json_object_set_object_member (files, "items", file);
    file = files;
  }
  json_object_set_object_member (properties, "file", file);
  for (i = 0; i < call->n_params; i++) {
    JsonObject *property = h4_openapi_new_schema (&call->params[i]);

    json_object_set_string_member (property, "description",
        call->params[i].doc);
    json_object_set_object_member (properties, call->params[i].name, property);
  }
  json_array_add_string_element (required, "file");
  json_object_set_array_member (schema, "required", required);
  json_object_set_object_member (schema, "properties", properties);
  return schema;
}

static void
add_body (JsonObject * json, const H4Call * call)
{
  JsonObject *body = json_object_new (), *content;

  if (!(call->flags & H4_CALL_UPLOAD)) {
    json_object_unref (body);
    return;
  }
  content =
      h4_openapi_new_content ("multipart/form-data", new_form_schema (call));
  if (!(call->flags & H4_CALL_MANY_FILES)) {
    JsonObject *media = json_object_new ();

    json_object_set_object_member (media, "schema", json_object_new ());
    json_object_set_object_member (content, "application/octet-stream", media);
  }
  json_object_set_string_member (body, "description",
      "A form with the file and the parameters, in any order, or the file alone"
      " and the parameters in the query: then it is worked on while it comes.");
  json_object_set_boolean_member (body, "required", TRUE);
  json_object_set_object_member (body, "content", content);
  json_object_set_object_member (json, "requestBody", body);
}

/* list: nullable */
static void
add_answer_headers (JsonObject * response, const gchar * list)
{
  if (list)
    json_object_set_object_member (response, "headers",
        h4_openapi_new_headers (list));
}

static JsonObject *
new_answer_schema (const H4Call * call, const H4Operation * operation)
{
  if (operation->schema)
    return h4_openapi_new_ref ("schemas", operation->schema);
  return g_str_has_prefix (call->answer, "text/") ? h4_openapi_new_pair ("type",
      "string") : json_object_new ();
}

static void
add_status (JsonObject * responses, const H4Call * call,
    const H4Operation * operation, const gchar * code)
{
  guint status = (guint) atoi (code);
  JsonObject *response;

  if (status >= 400) {
    gchar *name = g_strconcat ("Problem", code, NULL);

    response = h4_openapi_new_ref ("responses", name);
    g_free (name);
  } else {
    response =
        h4_openapi_new_pair ("description",
        status == 200 ? call->answer_doc : h4_openapi_describe_status (status));
    if (status == 202)
      add_answer_headers (response, "Location");
    else if (status == 206)
      add_answer_headers (response, "Content-Range,ETag,Last-Modified");
    else if (status == 200)
      add_answer_headers (response, operation->answer_headers);
    if ((status == 200 && strcmp (call->method, "HEAD") != 0) || status == 206)
      json_object_set_object_member (response, "content",
          h4_openapi_new_content (call->answer, new_answer_schema (call,
                  operation)));
  }
  json_object_set_object_member (responses, code, response);
}

static void
add_responses (JsonObject * json, const H4Call * call,
    const H4Operation * operation)
{
  gchar **codes = g_strsplit (operation->codes ? operation->codes : "", ",",
      -1);
  JsonObject *responses = json_object_new ();
  guint i;

  add_status (responses, call, operation, "200");
  for (i = 0; codes[i]; i++)
    add_status (responses, call, operation, codes[i]);
  if (!operation->open)
    add_status (responses, call, operation, "401");
  json_object_set_object_member (responses, "default",
      h4_openapi_new_ref ("responses", "Problem"));
  json_object_set_object_member (json, "responses", responses);
  g_strfreev (codes);
}

static JsonObject *
new_operation (const H4Call * call)
{
  static const H4Operation unknown = { NULL, "Server" };
  const H4Operation *operation = h4_operation_find (call->id);
  JsonArray *tags = json_array_new ();
  JsonObject *json = json_object_new ();

  if (!operation)
    operation = &unknown;
  json_array_add_string_element (tags, operation->tag);
  json_object_set_array_member (json, "tags", tags);
  json_object_set_string_member (json, "summary", call->summary);
  json_object_set_string_member (json, "description", call->doc);
  json_object_set_string_member (json, "operationId", call->id);
  add_params (json, call, operation);
  add_body (json, call);
  add_responses (json, call, operation);
  if (operation->open)
    json_object_set_array_member (json, "security", json_array_new ());
  return json;
}

static JsonObject *
new_paths (const H4CallList * lists, guint n_lists)
{
  JsonObject *paths = json_object_new ();
  guint i, k;

  for (i = 0; i < n_lists; i++) {
    for (k = 0; k < lists[i].n_calls; k++) {
      const H4Call *call = &lists[i].calls[k];
      gchar *method = g_ascii_strdown (call->method, -1);

      if (!json_object_has_member (paths, call->path))
        json_object_set_object_member (paths, call->path, json_object_new ());
      json_object_set_object_member (json_object_get_object_member (paths,
              call->path), method, new_operation (call));
      g_free (method);
    }
  }
  return paths;
}

static GBytes *
to_bytes (JsonObject * json)
{
  JsonNode *node = json_node_init_object (json_node_alloc (), json);
  GString *text = g_string_new (NULL);

  gst_h4_json_append (text, node);
  json_node_unref (node);
  json_object_unref (json);
  return g_string_free_to_bytes (text);
}

GBytes *
h4_openapi_new (const H4CallList * lists, guint n_lists)
{
  JsonObject *json = h4_openapi_new_pair ("openapi", "3.1.0");

  json_object_set_object_member (json, "info", h4_openapi_new_info ());
  json_object_set_array_member (json, "servers", h4_openapi_new_servers ());
  json_object_set_array_member (json, "tags", h4_openapi_new_tags ());
  json_object_set_object_member (json, "paths", new_paths (lists, n_lists));
  json_object_set_object_member (json, "components",
      h4_openapi_new_components ());
  json_object_set_array_member (json, "security", h4_openapi_new_security ());
  return to_bytes (json);
}

GBytes *
h4_openapi_new_index (const H4CallList * lists, guint n_lists)
{
  JsonObject *json = h4_openapi_new_pair ("title", H4_API_TITLE);
  JsonArray *endpoints = json_array_new ();
  guint i, k;

  json_object_set_string_member (json, "version", VERSION);
  json_object_set_string_member (json, "docs", "/docs");
  json_object_set_string_member (json, "openapi", "/openapi.json");
  for (i = 0; i < n_lists; i++) {
    for (k = 0; k < lists[i].n_calls; k++) {
      const H4Call *call = &lists[i].calls[k];
      gchar *endpoint = g_strdup_printf ("%s %s", call->method, call->path);

      json_array_add_string_element (endpoints, endpoint);
      g_free (endpoint);
    }
  }
  json_object_set_array_member (json, "endpoints", endpoints);
  return to_bytes (json);
}
