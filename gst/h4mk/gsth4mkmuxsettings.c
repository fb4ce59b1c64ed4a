/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* What h4mkmux was told, and what of it can be wrong. */

#include <string.h>

#include "gsth4-i18n.h"
#include "gsth4json.h"
#include "gsth4mkmuxpriv.h"

GST_DEBUG_CATEGORY_EXTERN (gst_h4mk_mux_debug);
#define GST_CAT_DEFAULT gst_h4mk_mux_debug

void
gst_h4mk_mux_settings_copy (GstH4MkMuxSettings * to,
    const GstH4MkMuxSettings * from)
{
  *to = *from;
  to->uuid = g_strdup (from->uuid);
  to->safe = g_strdup (from->safe);
  to->signing_key_file = g_strdup (from->signing_key_file);
  if (to->signing_key)
    gst_h4mk_signing_key_ref (to->signing_key);
}

void
gst_h4mk_mux_settings_clear (GstH4MkMuxSettings * settings)
{
  g_clear_pointer (&settings->uuid, g_free);
  g_clear_pointer (&settings->safe, g_free);
  g_clear_pointer (&settings->signing_key_file, g_free);
  g_clear_pointer (&settings->signing_key, gst_h4mk_signing_key_unref);
}

/* The key of the file that was named, unless it was read already. */
gboolean
gst_h4mk_mux_load_key (GstH4MkMux * self)
{
  GstH4MkMuxSettings *settings = &self->settings;
  GstH4mkSigningKey *key;
  GError *error = NULL;
  gchar *path = NULL;

  GST_OBJECT_LOCK (self);
  if (!settings->signing_key)
    path = g_strdup (settings->signing_key_file);
  GST_OBJECT_UNLOCK (self);
  if (!path)
    return TRUE;

  key = gst_h4mk_signing_key_load (path, &error);
  if (!key) {
    if (error->domain == G_IO_ERROR)
      GST_ELEMENT_ERROR (self, RESOURCE, OPEN_READ, ("%s", error->message),
          ("signing-key-file"));
    else
      GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS, ("%s", error->message),
          ("signing-key-file"));
    g_clear_error (&error);
    g_free (path);
    return FALSE;
  }
  GST_INFO_OBJECT (self, "signing with the key whose public half is %s",
      gst_h4mk_signing_key_get_public (key));
  GST_OBJECT_LOCK (self);
  if (!settings->signing_key
      && g_strcmp0 (settings->signing_key_file, path) == 0)
    settings->signing_key = g_steal_pointer (&key);
  GST_OBJECT_UNLOCK (self);
  g_clear_pointer (&key, gst_h4mk_signing_key_unref);
  g_free (path);
  return TRUE;
}

void
gst_h4mk_mux_forget_key (GstH4MkMux * self)
{
  GST_OBJECT_LOCK (self);
  g_clear_pointer (&self->settings.signing_key, gst_h4mk_signing_key_unref);
  GST_OBJECT_UNLOCK (self);
  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->file_settings.signing_key,
      gst_h4mk_signing_key_unref);
  g_mutex_unlock (&self->lock);
}

/* Canonical JSON of a text that is to be an object; NULL with the reason. */
static gchar *
canonical_json (const gchar * text, GError ** error)
{
  JsonObject *object = gst_h4_json_parse_object ((const guint8 *) text,
      strlen (text), error);
  JsonNode *node;
  GString *json;

  if (!object)
    return NULL;
  node = json_node_init_object (json_node_alloc (), object);
  json = g_string_new (NULL);
  gst_h4_json_append (json, node);
  json_node_unref (node);
  json_object_unref (object);
  return g_string_free (json, FALSE);
}

/* Takes the settings that the next files are made with, and checks what no
 * pspec can. */
gboolean
gst_h4mk_mux_take_settings (GstH4MkMux * self)
{
  GstH4MkMuxSettings *settings = &self->file_settings;
  GError *error = NULL;
  gchar *safe;

  if (!gst_h4mk_mux_load_key (self))
    return FALSE;
  gst_h4mk_mux_settings_clear (settings);
  GST_OBJECT_LOCK (self);
  gst_h4mk_mux_settings_copy (settings, &self->settings);
  GST_OBJECT_UNLOCK (self);
  if (settings->safe) {
    safe = canonical_json (settings->safe, &error);
    g_free (settings->safe);
    settings->safe = safe;
  }

  if (error) {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        (_("The property \"safe\" is not a JSON object.")),
        ("%s", error->message));
    g_clear_error (&error);
    return FALSE;
  }
  if (settings->uuid && !g_uuid_string_is_valid (settings->uuid)) {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        (_("The property \"uuid\" is not a UUID.")),
        ("\"%s\"", settings->uuid));
    return FALSE;
  }
  if (settings->signing_key && settings->profile == GST_H4MK_MUX_PROFILE_BASE) {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        (_("A file of the base profile cannot be signed.")),
        ("signing-key-file is set with profile=base"));
    return FALSE;
  }
  return TRUE;
}
