/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include <gst/video/video.h>

#include "gsth4mkplaincaps.h"

static gboolean
flagset_to_string (GQuark field, GValue * value, gpointer user_data)
{
  gchar *text;

  if (!GST_VALUE_HOLDS_FLAG_SET (value))
    return TRUE;
  text = gst_value_serialize (value);
  if (text) {
    gchar *typed = g_strdup_printf ("(%s)%s", G_VALUE_TYPE_NAME (value), text);

    g_value_unset (value);
    g_value_init (value, G_TYPE_STRING);
    g_value_take_string (value, typed);
  }
  g_free (text);
  return text != NULL;
}

static gboolean
string_to_flagset (GQuark field, GValue * value, gpointer user_data)
{
  const gchar *text = G_VALUE_HOLDS_STRING (value) ?
      g_value_get_string (value) : NULL;
  const gchar *end = text && *text == '(' ? strchr (text, ')') : NULL;
  GValue flags = G_VALUE_INIT;
  gchar *name;
  GType type;

  if (!end)
    return TRUE;
  name = g_strndup (text + 1, end - text - 1);
  type = g_type_from_name (name);
  g_free (name);
  if (!type || !g_type_is_a (type, GST_TYPE_FLAG_SET))
    return TRUE;
  g_value_init (&flags, type);
  /* Text that looks like flags some of which are open is text: a writer stores
   * fixed ones only. */
  if (gst_value_deserialize (&flags, end + 1) && gst_value_is_fixed (&flags)) {
    g_value_unset (value);
    *value = flags;
  } else {
    g_value_unset (&flags);
  }
  return TRUE;
}

void
gst_h4mk_caps_to_plain (GstCaps * caps)
{
  gst_structure_filter_and_map_in_place (gst_caps_get_structure (caps, 0),
      flagset_to_string, NULL);
}

void
gst_h4mk_caps_from_plain (GstCaps * caps)
{
  /* a type that no element has asked for yet has no name */
  g_type_ensure (GST_TYPE_VIDEO_MULTIVIEW_FLAGSET);
  gst_structure_filter_and_map_in_place (gst_caps_get_structure (caps, 0),
      string_to_flagset, NULL);
}
