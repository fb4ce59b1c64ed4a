/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4mkerror.h"
#include "gsth4mkformat.h"

typedef struct
{
  guint32 tag;
  guint64 offset;
} GstH4mkErrorPrivate;

static void
gst_h4mk_error_private_init (GstH4mkErrorPrivate * priv)
{
  priv->tag = 0;
  priv->offset = 0;
}

static void
gst_h4mk_error_private_copy (const GstH4mkErrorPrivate * from,
    GstH4mkErrorPrivate * to)
{
  *to = *from;
}

static void
gst_h4mk_error_private_clear (GstH4mkErrorPrivate * priv)
{
}

G_DEFINE_EXTENDED_ERROR (GstH4mkError, gst_h4mk_error);

/**
 * gst_h4mk_error_get_place:
 * @error: an error
 * @tag: (out) (optional): the chunk's tag; 0 for the file header
 * @offset: (out) (optional): of the chunk's first byte in the file
 *
 * Returns: %TRUE for an error of %GST_H4MK_ERROR, %FALSE for one that knows
 *   no place
 *
 * Since: 1.0
 */
gboolean
gst_h4mk_error_get_place (const GError * error, guint32 * tag, guint64 * offset)
{
  GstH4mkErrorPrivate *priv;

  if (error == NULL || error->domain != GST_H4MK_ERROR)
    return FALSE;

  priv = gst_h4mk_error_get_private (error);
  if (tag)
    *tag = priv->tag;
  if (offset)
    *offset = priv->offset;
  return TRUE;
}

gboolean
gst_h4mk_error_set (GError ** error, GstH4mkError code, guint32 tag,
    guint64 offset, const gchar * format, ...)
{
  GstH4mkErrorPrivate *priv;
  gchar *what, name[5];
  va_list args;

  if (error == NULL)
    return FALSE;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);

  gst_h4mk_tag_to_string (tag, name);
  if (tag)
    g_set_error (error, GST_H4MK_ERROR, code, "%s at offset %" G_GUINT64_FORMAT
        ": %s", name, offset, what);
  else
    g_set_error (error, GST_H4MK_ERROR, code, "offset %" G_GUINT64_FORMAT
        ": %s", offset, what);
  priv = gst_h4mk_error_get_private (*error);
  priv->tag = tag;
  priv->offset = offset;
  g_free (what);
  return FALSE;
}
