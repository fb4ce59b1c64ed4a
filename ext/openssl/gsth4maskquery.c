/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4maskquery.h"

static GstCaps *
filtered (GstCaps * caps, GstPad * pad, GstQuery * query)
{
  GstCaps *template_caps = gst_pad_get_pad_template_caps (pad);
  GstCaps *filter, *result;

  gst_query_parse_caps (query, &filter);
  result = gst_caps_intersect_full (caps, template_caps,
      GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref (template_caps);
  gst_caps_unref (caps);
  if (filter) {
    caps = result;
    result = gst_caps_intersect_full (filter, caps, GST_CAPS_INTERSECT_FIRST);
    gst_caps_unref (caps);
  }
  return result;
}

static void
answer_caps (GstPad * pad, GstPad * other, GstQuery * query,
    gboolean may_mask, gboolean may_unmask)
{
  GstCaps *theirs = gst_pad_peer_query_caps (other, NULL);
  GstCaps *caps = gst_caps_new_empty ();

  if (may_mask)
    caps = gst_caps_merge (caps, gst_h4_mask_caps_all_masked (theirs));
  if (may_unmask)
    caps = gst_caps_merge (caps, gst_h4_mask_caps_all_unmasked (theirs));
  gst_caps_unref (theirs);
  caps = filtered (caps, pad, query);
  gst_query_set_caps_result (query, caps);
  gst_caps_unref (caps);
}

/* gst_h4_mask_query_sink: answers a query from upstream. What comes in is
 * masked where the element unmasks. */
gboolean
gst_h4_mask_query_sink (GstPad * pad, GstPad * srcpad, GstH4MaskMode mode,
    GstQuery * query)
{
  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_CAPS:
      answer_caps (pad, srcpad, query, mode != GST_H4_MASK_MODE_MASK,
          mode != GST_H4_MASK_MODE_UNMASK);
      return TRUE;
    case GST_QUERY_ALLOCATION:
      /* What downstream wants to hold is not what comes in. */
      return FALSE;
    default:
      return gst_pad_query_default (pad, GST_OBJECT_PARENT (pad), query);
  }
}

/* gst_h4_mask_shape_can_pull:
 *
 * Not while aes-256-gcm masks: a range that is masked twice would use a key
 * twice.
 *
 * Returns: whether any range of what goes out can be asked for */
gboolean
gst_h4_mask_shape_can_pull (const GstH4MaskShape * shape)
{
  return shape->cut && !(shape->gcm && shape->masking);
}

static gboolean
answer_scheduling (GstPad * sinkpad, const GstH4MaskShape * shape,
    GstQuery * query)
{
  if (gst_h4_mask_shape_can_pull (shape)
      && gst_pad_peer_query (sinkpad, query))
    return TRUE;
  gst_query_set_scheduling (query, GST_SCHEDULING_FLAG_SEQUENTIAL, 1, -1, 0);
  gst_query_add_scheduling_mode (query, GST_PAD_MODE_PUSH);
  return TRUE;
}

static gboolean
answer_duration (GstPad * pad, const GstH4MaskShape * shape, GstQuery * query)
{
  GstFormat format;
  gint64 duration;
  guint64 size;

  if (!gst_pad_query_default (pad, GST_OBJECT_PARENT (pad), query))
    return FALSE;
  gst_query_parse_duration (query, &format, &duration);
  if (format != GST_FORMAT_BYTES || duration < 0 || !shape->cut || !shape->gcm)
    return TRUE;
  if (shape->masking)
    size = gst_h4_mask_bytes_masked_size (shape->block_size, duration);
  else
    size = gst_h4_mask_bytes_unmasked_size (shape->block_size, duration);
  if (size > G_MAXINT64)
    return FALSE;
  gst_query_set_duration (query, format, size);
  return TRUE;
}

static gboolean
answer_seeking (GstPad * pad, const GstH4MaskShape * shape, GstQuery * query)
{
  GstFormat format;
  gint64 start, end;
  gboolean seekable;

  if (!gst_pad_query_default (pad, GST_OBJECT_PARENT (pad), query))
    return FALSE;
  gst_query_parse_seeking (query, &format, &seekable, &start, &end);
  if (format != GST_FORMAT_BYTES || !shape->cut || !shape->gcm)
    return TRUE;
  if (shape->masking)
    gst_query_set_seeking (query, format, FALSE, 0, -1);
  else if (end > 0)
    gst_query_set_seeking (query, format, seekable, 0,
        gst_h4_mask_bytes_unmasked_size (shape->block_size, end));
  return TRUE;
}

/* gst_h4_mask_query_src: answers a query from downstream. */
gboolean
gst_h4_mask_query_src (GstPad * pad, GstPad * sinkpad, GstH4MaskMode mode,
    const GstH4MaskShape * shape, GstQuery * query)
{
  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_CAPS:
      answer_caps (pad, sinkpad, query, mode != GST_H4_MASK_MODE_UNMASK,
          mode != GST_H4_MASK_MODE_MASK);
      return TRUE;
    case GST_QUERY_SCHEDULING:
      return answer_scheduling (sinkpad, shape, query);
    case GST_QUERY_DURATION:
      return answer_duration (pad, shape, query);
    case GST_QUERY_SEEKING:
      return answer_seeking (pad, shape, query);
    default:
      return gst_pad_query_default (pad, GST_OBJECT_PARENT (pad), query);
  }
}
