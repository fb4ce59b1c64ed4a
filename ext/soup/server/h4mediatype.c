/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include <gst/base/gsttypefindhelper.h>
#include <gst/pbutils/descriptions.h>

#include "h4mediatype.h"

#define HEAD_SIZE (64 * 1024)

static gboolean
has_element (GstCaps * caps)
{
  GList *all = gst_element_factory_list_get_elements
      (GST_ELEMENT_FACTORY_TYPE_DEMUXER | GST_ELEMENT_FACTORY_TYPE_PARSER,
      GST_RANK_MARGINAL);
  GList *found = gst_element_factory_list_filter (all, caps, GST_PAD_SINK,
      gst_caps_is_fixed (caps));
  gboolean has = found != NULL;

  gst_plugin_feature_list_free (found);
  gst_plugin_feature_list_free (all);
  return has;
}

/* Text is what everything looks like that has no zeros. */
static gboolean
is_media (const GstCaps * caps)
{
  const gchar *name = gst_structure_get_name (gst_caps_get_structure (caps, 0));

  return !g_str_has_prefix (name, "text/");
}

gboolean
h4_media_type_find (H4Store * store, gboolean certain, gchar ** what)
{
  guint8 *head = g_malloc (HEAD_SIZE);
  gssize size = h4_store_read (store, head, HEAD_SIZE, 0, NULL);
  GstTypeFindProbability probability = 0;
  GstCaps *caps = size > 0 ? gst_type_find_helper_for_data (NULL, head, size,
      &probability) : NULL;
  gboolean found = FALSE;

  *what = NULL;
  if (caps && probability >= (certain ? GST_TYPE_FIND_LIKELY :
          GST_TYPE_FIND_MINIMUM)) {
    *what = gst_pb_utils_get_codec_description (caps);
    found = is_media (caps) && has_element (caps);
  }
  if (caps)
    gst_caps_unref (caps);
  g_free (head);
  return found;
}

static gboolean
is_demuxed (GstPad * pad)
{
  GstElement *element = gst_pad_get_parent_element (pad);
  GstElementFactory *factory = element ? gst_element_get_factory (element) :
      NULL;
  const gchar *klass = factory ? gst_element_factory_get_metadata (factory,
      GST_ELEMENT_METADATA_KLASS) : "";
  gboolean demuxed = strstr (klass, "Demuxer") && !strstr (klass, "Metadata");

  if (element)
    gst_object_unref (element);
  return demuxed;
}

/* What h4unmask would open, were a key at hand, and what nothing parses. */
static gboolean
is_our_own (const GstStructure * s)
{
  return gst_structure_has_name (s, "application/x-h4-masked")
      || gst_structure_has_name (s, "application/x-h4-blocks")
      || gst_structure_has_name (s, "application/x-h4-token");
}

gboolean
h4_media_type_goes_on (GstPad * pad, GstCaps * caps)
{
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  gboolean parsed = FALSE, framed = FALSE;

  gst_structure_get_boolean (s, "parsed", &parsed);
  gst_structure_get_boolean (s, "framed", &framed);
  if (parsed || framed || is_our_own (s))
    return FALSE;
  return has_element (caps) || !is_demuxed (pad);
}
