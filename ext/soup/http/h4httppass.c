/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "h4httpprivate.h"

#define H4_TYPE_HTTP_PASS (h4_http_pass_get_type ())
G_DECLARE_FINAL_TYPE (H4HttpPass, h4_http_pass, H4, HTTP_PASS, GIOStream);

struct _H4HttpPass
{
  GIOStream parent;

  H4HttpConn *conn;             /* NULL: it has gone on */
  GInputStream *input;
  GOutputStream *output;
};

G_DEFINE_TYPE (H4HttpPass, h4_http_pass, G_TYPE_IO_STREAM);

static GInputStream *
h4_http_pass_get_input_stream (GIOStream * stream)
{
  return H4_HTTP_PASS (stream)->input;
}

static GOutputStream *
h4_http_pass_get_output_stream (GIOStream * stream)
{
  return H4_HTTP_PASS (stream)->output;
}

static gboolean
h4_http_pass_close (GIOStream * stream, GCancellable * cancellable,
    GError ** error)
{
  H4HttpConn *conn = g_steal_pointer (&H4_HTTP_PASS (stream)->conn);

  if (conn)
    h4_http_conn_passed (conn);
  return TRUE;
}

static void
h4_http_pass_finalize (GObject * object)
{
  H4HttpPass *self = H4_HTTP_PASS (object);

  g_clear_object (&self->input);
  g_clear_object (&self->output);
  G_OBJECT_CLASS (h4_http_pass_parent_class)->finalize (object);
}

static void
h4_http_pass_class_init (H4HttpPassClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = h4_http_pass_finalize;
  G_IO_STREAM_CLASS (klass)->get_input_stream = h4_http_pass_get_input_stream;
  G_IO_STREAM_CLASS (klass)->get_output_stream = h4_http_pass_get_output_stream;
  G_IO_STREAM_CLASS (klass)->close_fn = h4_http_pass_close;
}

static void
h4_http_pass_init (H4HttpPass * self)
{
}

GIOStream *
h4_http_pass_new (H4HttpConn * conn, GBytes * head, GOutputStream * output)
{
  H4HttpPass *self = g_object_new (H4_TYPE_HTTP_PASS, NULL);

  self->conn = conn;
  self->input = g_memory_input_stream_new_from_bytes (head);
  self->output = g_object_ref (output);
  return G_IO_STREAM (self);
}

void
h4_http_pass_forget (GIOStream * pass)
{
  H4_HTTP_PASS (pass)->conn = NULL;
}
