/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* A player that opens a file with a masked track must play the clear ones:
 * so a stream without a key becomes gaps, which let sinks preroll and end.
 * Where nothing else plays, that would be a player that shows nothing and
 * says nothing: then there is an error. Whether something else plays is told
 * by the stream collection, which comes before the first buffer, and where
 * there is none by the pipeline's sinks, at the end: each asks upstream, and
 * an element here that has no key answers. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gst/lib/gsth4-i18n.h"
#include "gsth4maskstream.h"

GST_DEBUG_CATEGORY_EXTERN (gst_h4_mask_debug);
#define GST_CAT_DEFAULT gst_h4_mask_debug

#define QUERY_NAME "harmony4-no-key"

static const gchar *
key_id_of (GstH4MaskStream * stream)
{
  return stream->info.key_id ? stream->info.key_id : "";
}

/* gst_h4_mask_no_key_post_error: */
void
gst_h4_mask_no_key_post_error (GstH4MaskStream * stream)
{
  if (stream->masking) {
    GST_ELEMENT_ERROR (stream->element, RESOURCE, SETTINGS,
        (_("There is no key with the id \"%s\" to mask with."),
            key_id_of (stream)), (NULL));
    return;
  }
  GST_ELEMENT_ERROR (stream->element, STREAM, DECRYPT_NOKEY,
      (_("The stream is masked, and the key with the id \"%s\" is missing."),
          key_id_of (stream)), ("nothing else can be played"));
}

/* gst_h4_mask_no_key_begin:
 *
 * Says once for a stream that it will be silent. */
void
gst_h4_mask_no_key_begin (GstH4MaskStream * stream)
{
  if (stream->warned_of_no_key)
    return;
  stream->warned_of_no_key = TRUE;
  GST_ELEMENT_WARNING (stream->element, STREAM, DECRYPT_NOKEY,
      (_("A masked stream is left out: the key with the id \"%s\" is "
              "missing."), key_id_of (stream)),
      ("stream %s", GST_STR_NULL (stream->stream_id)));
}

static gboolean
is_playable (GstH4MaskStream * stream, GstStream * other)
{
  GstCaps *caps = gst_stream_get_caps (other), *original = NULL;
  gboolean playable = TRUE;
  GstH4MaskInfo info;

  if (caps && gst_h4_mask_caps_is_masked (caps)) {
    original = gst_h4_mask_caps_unmask (caps, &info, NULL);
    playable = FALSE;
    if (original) {
      H4MaskKey *key = stream->find_key (stream->element, info.key_id, NULL);

      playable = key != NULL;
      h4_mask_key_free (key);
    }
    gst_h4_mask_info_clear (&info);
  }
  gst_clear_caps (&original);
  gst_clear_caps (&caps);
  return playable;
}

static gboolean
collection_has_playable (GstH4MaskStream * stream)
{
  GstStreamCollection *all = stream->collection;
  guint i;

  for (i = 0; i < gst_stream_collection_get_size (all); i++) {
    if (is_playable (stream, gst_stream_collection_get_stream (all, i)))
      return TRUE;
  }
  return FALSE;
}

static GstFlowReturn
flow_after_event (GstPad * pad, gboolean sent)
{
  if (sent)
    return GST_FLOW_OK;
  if (GST_PAD_IS_FLUSHING (pad))
    return GST_FLOW_FLUSHING;
  return GST_PAD_IS_EOS (pad) ? GST_FLOW_EOS : GST_FLOW_OK;
}

/* gst_h4_mask_no_key_chain:
 * @buffer: (transfer full): a masked block, for which a gap goes out */
GstFlowReturn
gst_h4_mask_no_key_chain (GstH4MaskStream * stream, GstBuffer * buffer)
{
  GstClockTime time = GST_BUFFER_DTS_OR_PTS (buffer);
  GstClockTime duration = GST_BUFFER_DURATION (buffer);
  gboolean sent;

  if (GST_BUFFER_PTS_IS_VALID (buffer))
    time = GST_BUFFER_PTS (buffer);
  gst_buffer_unref (buffer);

  if (!stream->checked_others && stream->collection) {
    if (!collection_has_playable (stream)) {
      gst_h4_mask_no_key_post_error (stream);
      return GST_FLOW_ERROR;
    }
    stream->checked_others = TRUE;
  }
  if (!GST_CLOCK_TIME_IS_VALID (time))
    return GST_FLOW_OK;
  sent = gst_pad_push_event (stream->srcpad, gst_event_new_gap (time,
          duration));
  return flow_after_event (stream->srcpad, sent);
}

static gboolean
pad_has_no_key (GstPad * sinkpad)
{
  GstQuery *query = gst_query_new_custom (GST_QUERY_CUSTOM,
      gst_structure_new_empty (QUERY_NAME));
  gboolean answered = gst_pad_peer_query (sinkpad, query);

  gst_query_unref (query);
  return answered;
}

static gboolean
sink_plays (GstElement * sink)
{
  GstIterator *pads = gst_element_iterate_sink_pads (sink);
  GValue item = G_VALUE_INIT;
  gboolean plays = FALSE;

  while (!plays && gst_iterator_next (pads, &item) == GST_ITERATOR_OK) {
    GstPad *pad = g_value_get_object (&item);

    plays = gst_pad_is_linked (pad) && !pad_has_no_key (pad);
    g_value_reset (&item);
  }
  g_value_unset (&item);
  gst_iterator_free (pads);
  return plays;
}

static GstObject *
get_top (GstElement * element)
{
  GstObject *top = gst_object_ref (GST_OBJECT_CAST (element)), *parent;

  while ((parent = gst_object_get_parent (top))) {
    gst_object_unref (top);
    top = parent;
  }
  return top;
}

static gboolean
any_sink_plays (GstElement * element)
{
  GstObject *top = get_top (element);
  GstIterator *sinks;
  GValue item = G_VALUE_INIT;
  gboolean plays = FALSE, done = !GST_IS_BIN (top);

  sinks = done ? NULL : gst_bin_iterate_recurse (GST_BIN_CAST (top));
  while (!plays && !done) {
    switch (gst_iterator_next (sinks, &item)) {
      case GST_ITERATOR_OK:{
        GstElement *sink = g_value_get_object (&item);

        plays = !GST_IS_BIN (sink)
            && GST_OBJECT_FLAG_IS_SET (sink, GST_ELEMENT_FLAG_SINK)
            && sink_plays (sink);
        g_value_reset (&item);
        break;
      }
      case GST_ITERATOR_RESYNC:
        gst_iterator_resync (sinks);
        break;
      default:
        done = TRUE;
        break;
    }
  }
  g_value_unset (&item);
  g_clear_pointer (&sinks, gst_iterator_free);
  gst_object_unref (top);
  return plays;
}

/* gst_h4_mask_no_key_at_eos:
 *
 * Returns: FALSE, with an error posted, where all that the pipeline played
 *   were gaps */
gboolean
gst_h4_mask_no_key_at_eos (GstH4MaskStream * stream)
{
  /* With a collection the first buffer decided; and a short stream can end
   * before its neighbours' sinks are there. */
  if (stream->checked_others || any_sink_plays (stream->element))
    return TRUE;
  gst_h4_mask_no_key_post_error (stream);
  return FALSE;
}

/* gst_h4_mask_no_key_query:
 *
 * Returns: whether @query asks for a stream without a key and this is one */
gboolean
gst_h4_mask_no_key_query (GstH4MaskStream * stream, GstQuery * query)
{
  const GstStructure *s = gst_query_get_structure (query);

  return gst_h4_mask_stream_get_shape (stream).no_key && s
      && gst_structure_has_name (s, QUERY_NAME);
}
