/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

#include "h4httpprivate.h"
#include "h4problem.h"

/* What an error carries beside its code, the status, and its message. */
typedef struct
{
  gchar *field;
  gchar *accepted;
} H4ProblemPrivate;

static void
h4_problem_private_init (H4ProblemPrivate * priv)
{
}

static void
h4_problem_private_copy (const H4ProblemPrivate * from, H4ProblemPrivate * to)
{
  to->field = g_strdup (from->field);
  to->accepted = g_strdup (from->accepted);
}

static void
h4_problem_private_clear (H4ProblemPrivate * priv)
{
  g_free (priv->field);
  g_free (priv->accepted);
}

/* *INDENT-OFF* */
G_DEFINE_EXTENDED_ERROR (H4Problem, h4_problem)
/* *INDENT-ON* */

GError *
h4_problem_error (guint status, const gchar * field, const gchar * accepted,
    const gchar * format, ...)
{
  H4ProblemPrivate *priv;
  GError *error;
  va_list args;

  va_start (args, format);
  error = g_error_new_valist (H4_PROBLEM, status, format, args);
  va_end (args);
  priv = h4_problem_get_private (error);
  priv->field = g_strdup (field);
  priv->accepted = g_strdup (accepted);
  return error;
}

gboolean
h4_problem_from_error (const GError * error, H4Problem * problem)
{
  H4ProblemPrivate *priv;

  if (error->domain != H4_PROBLEM)
    return FALSE;
  priv = h4_problem_get_private (error);
  problem->status = error->code;
  problem->detail = error->message;
  problem->field = priv->field;
  problem->accepted = priv->accepted;
  /* it may be tried again: soon, where a place comes free */
  problem->retry_after = error->code == 503 || error->code == 429 ? 2 : 0;
  return TRUE;
}

/* libsoup's table ends before some of them. */
const gchar *
h4_http_reason (guint status)
{
  switch (status) {
    case 421:
      return "Misdirected Request";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    default:
      return soup_status_get_phrase (status);
  }
}

/* What a client sent may stand in a text, whatever bytes it had. */
static void
add_text (JsonBuilder * builder, const gchar * name, const gchar * text)
{
  gchar *valid;

  if (!text)
    return;
  valid = g_utf8_make_valid (text, -1);
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, valid);
  g_free (valid);
}

GBytes *
h4_problem_to_json (const H4Problem * problem)
{
  JsonBuilder *builder = json_builder_new ();
  JsonNode *root;
  gchar *text;

  json_builder_begin_object (builder);
  add_text (builder, "type", "about:blank");
  add_text (builder, "title", h4_http_reason (problem->status));
  json_builder_set_member_name (builder, "status");
  json_builder_add_int_value (builder, problem->status);
  add_text (builder, "detail", problem->detail);
  add_text (builder, "field", problem->field);
  add_text (builder, "accepted", problem->accepted);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  json_node_unref (root);
  g_object_unref (builder);
  return g_bytes_new_take (text, strlen (text));
}
