/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __GST_H4_MASK_STREAM_H__
#define __GST_H4_MASK_STREAM_H__

#include <gst/gst.h>
#include <gst/base/gstadapter.h>

#include "gst/lib/gsth4kind.h"
#include "gsth4maskblock.h"
#include "gsth4maskcaps.h"
#include "gsth4masksettings.h"

G_BEGIN_DECLS

/* Finds the key of that id. Returns NULL without an error where there is
 * none, and with one where a malformed one was given. */
typedef H4MaskKey *(*GstH4MaskFindKey) (GstElement * element,
    const gchar * key_id, GError ** error);

/* What other threads may ask about a stream. */
typedef struct
{
  gboolean cut;
  gboolean masking;
  gboolean gcm;
  gboolean no_key;
  guint block_size;
} GstH4MaskShape;

/* The stream through an element, from start to stop. The streaming thread
 * owns what is not marked otherwise. */
typedef struct
{
  GstElement *element;
  GstPad *sinkpad;
  GstPad *srcpad;
  GstH4MaskFindKey find_key;
  gboolean unmask_only;
  GstH4MaskSettings settings;

  GstH4MaskSalt drawn_salt;
  gboolean warned_of_reuse;
  gboolean warned_of_no_key;
  gboolean checked_others;

  /* Of the caps in force. */
  gboolean configured;
  gboolean restarting;          /* another stream began since */
  gboolean masking;
  gboolean cut;                 /* a byte stream, cut into blocks here */
  H4Mask *mask;                 /* NULL: there is no key */
  GstH4MaskInfo info;

  /* Never set back: with aes-256-gcm a number used twice is a key used
   * twice. */
  guint64 mask_index;
  GstH4KindTracker kinds;

  guint64 unmask_index;
  gboolean unmask_index_known;

  gboolean flushed;
  GstSegment segment;
  GstAdapter *adapter;
  guint64 in_offset;            /* of the adapter's first byte */
  guint64 out_offset;
  gsize skip;                   /* bytes before the one sought */
  guint64 stop;                 /* of what goes out, -1 for none */

  /* OBJECT_LOCK */
  guint64 sought;
  guint64 sought_stop;
  GstH4MaskShape shape;

  gchar *stream_id;
  GstStreamCollection *collection;
} GstH4MaskStream;

void gst_h4_mask_stream_init (GstH4MaskStream * stream, GstElement * element,
    GstH4MaskFindKey find_key);
void gst_h4_mask_stream_clear (GstH4MaskStream * stream);
gboolean gst_h4_mask_stream_start (GstH4MaskStream * stream, GError ** error);
void gst_h4_mask_stream_stop (GstH4MaskStream * stream);

gboolean gst_h4_mask_stream_configure (GstH4MaskStream * stream,
    GstCaps * caps);
GstFlowReturn gst_h4_mask_stream_chain (GstH4MaskStream * stream,
    GstBuffer * buffer);
GstFlowReturn gst_h4_mask_stream_chain_list (GstH4MaskStream * stream,
    GstBufferList * list);
gboolean gst_h4_mask_stream_sink_event (GstH4MaskStream * stream,
    GstEvent * event);
gboolean gst_h4_mask_stream_src_event (GstH4MaskStream * stream,
    GstEvent * event);

GstH4MaskShape gst_h4_mask_stream_get_shape (GstH4MaskStream * stream);
gboolean gst_h4_mask_stream_take_index (GstH4MaskStream * stream,
    guint64 * index);
GstBuffer *gst_h4_mask_stream_process (GstH4MaskStream * stream,
    guint64 index, guint64 offset, GstBuffer * buffer);

/* gsth4maskbytes.c: streams cut by their byte offsets */
guint64 gst_h4_mask_bytes_masked_size (gsize block_size, guint64 size);
guint64 gst_h4_mask_bytes_unmasked_size (gsize block_size, guint64 size);
GstFlowReturn gst_h4_mask_bytes_push (GstH4MaskStream * stream,
    gboolean draining);
gboolean gst_h4_mask_bytes_end (GstH4MaskStream * stream);
gboolean gst_h4_mask_bytes_goes_on (GstH4MaskStream * stream,
    const GstSegment * segment);
gboolean gst_h4_mask_bytes_segment (GstH4MaskStream * stream,
    GstSegment * segment);
gboolean gst_h4_mask_bytes_seek (GstH4MaskStream * stream, GstEvent * event);
GstFlowReturn gst_h4_mask_bytes_get_range (GstH4MaskStream * stream,
    guint64 offset, guint size, GstBuffer ** buffer);

/* gsth4masknokey.c: streams whose key is missing */
void gst_h4_mask_no_key_begin (GstH4MaskStream * stream);
GstFlowReturn gst_h4_mask_no_key_chain (GstH4MaskStream * stream,
    GstBuffer * buffer);
gboolean gst_h4_mask_no_key_at_eos (GstH4MaskStream * stream);
gboolean gst_h4_mask_no_key_query (GstH4MaskStream * stream,
    GstQuery * query);
void gst_h4_mask_no_key_post_error (GstH4MaskStream * stream);

G_END_DECLS

#endif
