/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_JSON_H__
#define __GST_H4_JSON_H__

/* JSON as the container has it: one way to write each value, so that the same
 * input gives the same bytes, and a reader that a file cannot make run away. */

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Appends the canonical text of a node, object members in their order. */
void gst_h4_json_append (GString * out, JsonNode * node);
void gst_h4_json_append_string (GString * out, const gchar * text);
void gst_h4_json_append_double (GString * out, gdouble value);

/* Strict UTF-8 JSON of an object, not deeper than GST_H4MK_MAX_JSON_DEPTH.
 * The error names no place: the caller knows it. */
JsonObject *gst_h4_json_parse_object (const guint8 * data, gsize size,
    GError ** error);

G_END_DECLS

#endif
