/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include "gst/lib/gsth4-i18n.h"
#include "gst/lib/gsth4meta.h"
#include "gsth4maskstream.h"

GST_DEBUG_CATEGORY_EXTERN (gst_h4_mask_debug);
#define GST_CAT_DEFAULT gst_h4_mask_debug

/* gst_h4_mask_stream_init:
 * @stream: to be set up; its pads are set by the caller
 * @element: the element it belongs to */
void
gst_h4_mask_stream_init (GstH4MaskStream * stream, GstElement * element,
    GstH4MaskFindKey find_key)
{
  memset (stream, 0, sizeof (GstH4MaskStream));
  stream->element = element;
  stream->find_key = find_key;
  stream->adapter = gst_adapter_new ();
  gst_h4_mask_settings_init (&stream->settings);
}

void
gst_h4_mask_stream_clear (GstH4MaskStream * stream)
{
  gst_h4_mask_stream_stop (stream);
  g_clear_object (&stream->adapter);
}

/* gst_h4_mask_stream_get_shape:
 *
 * From any thread.
 *
 * Returns: what is being done, all zeros where nothing is */
GstH4MaskShape
gst_h4_mask_stream_get_shape (GstH4MaskStream * stream)
{
  GstH4MaskShape shape;

  GST_OBJECT_LOCK (stream->element);
  shape = stream->shape;
  GST_OBJECT_UNLOCK (stream->element);
  return shape;
}

static void
publish_shape (GstH4MaskStream * stream)
{
  GstH4MaskShape shape = { 0, };

  if (stream->configured) {
    shape.cut = stream->cut;
    shape.masking = stream->masking;
    shape.gcm = stream->info.scheme == H4_MASK_SCHEME_AES_256_GCM;
    shape.no_key = stream->mask == NULL;
    shape.block_size = stream->settings.block_size;
  }
  GST_OBJECT_LOCK (stream->element);
  stream->shape = shape;
  GST_OBJECT_UNLOCK (stream->element);
}

static void
stream_unconfigure (GstH4MaskStream * stream)
{
  stream->configured = stream->restarting = FALSE;
  publish_shape (stream);
  g_clear_pointer (&stream->mask, h4_mask_free);
  gst_h4_mask_info_clear (&stream->info);
}

/* gst_h4_mask_stream_start:
 *
 * Begins anew, with stream->settings. A salt that is to be drawn is drawn
 * here, once a start. */
gboolean
gst_h4_mask_stream_start (GstH4MaskStream * stream, GError ** error)
{
  stream->drawn_salt.size = 0;
  if (gst_h4_mask_settings_wants_salt_drawn (&stream->settings)
      && !gst_h4_mask_salt_draw (&stream->drawn_salt, error))
    return FALSE;

  stream->warned_of_reuse = FALSE;
  stream->warned_of_no_key = FALSE;
  stream->checked_others = FALSE;
  stream->mask_index = 0;
  gst_h4_kind_tracker_init (&stream->kinds);
  stream->unmask_index = 0;
  stream->unmask_index_known = TRUE;
  stream->flushed = FALSE;
  stream->in_offset = stream->out_offset = 0;
  stream->skip = 0;
  stream->stop = GST_BUFFER_OFFSET_NONE;
  stream->sought = stream->sought_stop = GST_BUFFER_OFFSET_NONE;
  gst_segment_init (&stream->segment, GST_FORMAT_UNDEFINED);
  return TRUE;
}

void
gst_h4_mask_stream_stop (GstH4MaskStream * stream)
{
  stream_unconfigure (stream);
  gst_adapter_clear (stream->adapter);
  g_clear_pointer (&stream->stream_id, g_free);
  gst_clear_object (&stream->collection);
  gst_h4_mask_settings_clear (&stream->settings);
}

static gboolean
is_masking (GstH4MaskStream * stream, GstCaps * caps)
{
  if (stream->unmask_only)
    return FALSE;
  if (stream->settings.mode != GST_H4_MASK_MODE_AUTO)
    return stream->settings.mode == GST_H4_MASK_MODE_MASK;
  return caps == NULL || !gst_h4_mask_caps_is_masked (caps);
}

static gboolean
describe_by_settings (GstH4MaskStream * stream, GError ** error)
{
  GstH4MaskSettings *settings = &stream->settings;
  GstH4MaskInfo *info = &stream->info;

  info->scheme = settings->scheme;
  info->key_id = g_strdup (settings->key_id);
  if (!gst_h4_mask_settings_get_salt (settings, stream->masking, &info->salt,
          error))
    return FALSE;
  if (stream->masking && gst_h4_mask_settings_wants_salt_drawn (settings))
    info->salt = stream->drawn_salt;
  return TRUE;
}

/* Fills stream->info. @out_caps stay NULL where nothing is known of what was
 * masked. */
static gboolean
describe (GstH4MaskStream * stream, GstCaps * caps, GstCaps ** out_caps,
    GError ** error)
{
  gboolean masked = caps && gst_h4_mask_caps_is_masked (caps);

  stream->masking = is_masking (stream, caps);
  stream->cut = stream->settings.block_size > 0 && !masked;
  *out_caps = NULL;
  if (masked && !stream->masking) {
    *out_caps = gst_h4_mask_caps_unmask (caps, &stream->info, error);
    return *out_caps != NULL;
  }
  if (!describe_by_settings (stream, error))
    return FALSE;
  if (stream->masking) {
    *out_caps = gst_h4_mask_caps_mask (caps, &stream->info, error);
    return *out_caps != NULL;
  }
  return TRUE;
}

static void
warn_of_reuse (GstH4MaskStream * stream)
{
  if (!stream->masking || stream->warned_of_reuse || stream->info.salt.size > 0)
    return;
  stream->warned_of_reuse = TRUE;
  GST_ELEMENT_WARNING (stream->element, LIBRARY, SETTINGS,
      (_("The stream is masked without a salt: whatever else is masked with "
              "the same key has the same keystream, and who has both needs "
              "no key to compare or read them. Set salt=random.")),
      ("xor-sha256, no salt"));
}

static gboolean
make_mask (GstH4MaskStream * stream, GError ** error)
{
  GstH4MaskInfo *info = &stream->info;
  H4MaskKey *key = stream->find_key (stream->element, info->key_id, error);

  if (key == NULL)
    return *error == NULL;
  stream->mask = h4_mask_new (info->scheme, key, info->salt.bytes,
      info->salt.size, error);
  h4_mask_key_free (key);
  return stream->mask != NULL;
}

/* gst_h4_mask_stream_configure:
 * @caps: (nullable): the caps of what comes in, NULL where it has none
 *
 * Decides what to do with the stream and sends the caps of what goes out.
 *
 * Returns: FALSE, with an error posted, where nothing can be done */
gboolean
gst_h4_mask_stream_configure (GstH4MaskStream * stream, GstCaps * caps)
{
  GstCaps *out_caps = NULL;
  GError *error = NULL;
  gboolean ok;

  stream_unconfigure (stream);
  if (!describe (stream, caps, &out_caps, &error)
      || !make_mask (stream, &error))
    goto failed;
  if (stream->mask == NULL && (!stream->unmask_only || out_caps == NULL)) {
    gst_clear_caps (&out_caps);
    gst_h4_mask_no_key_post_error (stream);
    return FALSE;
  }

  GST_INFO_OBJECT (stream->element, "%s %" GST_PTR_FORMAT " -> %"
      GST_PTR_FORMAT, stream->masking ? "masking" : "unmasking", caps,
      out_caps);
  stream->configured = TRUE;
  publish_shape (stream);
  warn_of_reuse (stream);
  if (stream->mask == NULL)
    gst_h4_mask_no_key_begin (stream);
  ok = out_caps == NULL
      || gst_pad_push_event (stream->srcpad, gst_event_new_caps (out_caps));
  gst_clear_caps (&out_caps);
  return ok;

  /* ERRORS */
failed:
  gst_clear_caps (&out_caps);
  GST_ELEMENT_ERROR (stream->element, STREAM, FORMAT, ("%s",
          error->message), ("caps %" GST_PTR_FORMAT, caps));
  g_clear_error (&error);
  return FALSE;
}

static void
post_block_error (GstH4MaskStream * stream, guint64 index,
    GstH4MaskBlockResult result)
{
  gchar *number = g_strdup_printf ("%" G_GUINT64_FORMAT, index);
  const gchar *track = stream->stream_id ? stream->stream_id :
      GST_PAD_NAME (stream->sinkpad);

  if (result == GST_H4_MASK_BLOCK_FAILED) {
    GST_ELEMENT_ERROR (stream->element, LIBRARY, FAILED,
        (_("Block %s of stream \"%s\" could not be masked or unmasked."),
            number, track), ("no memory, block too large, or OpenSSL failed"));
  } else {
    GST_ELEMENT_ERROR (stream->element, STREAM, DECRYPT,
        (_("Wrong key or damaged data: block %s of stream \"%s\" was not "
                "masked with this key at this place."), number, track),
        ("block %s of stream %s, pad %s:%s: %s", number, track,
            GST_DEBUG_PAD_NAME (stream->sinkpad),
            result == GST_H4_MASK_BLOCK_SHORT ? "shorter than a tag" :
            "tag mismatch"));
  }
  g_free (number);
}

/* gst_h4_mask_stream_process:
 * @index: the block's number
 * @offset: where in it @buffer begins
 * @buffer: (transfer full): its bytes
 *
 * Returns: (transfer full) (nullable): what goes out, or NULL with an error
 *   posted */
GstBuffer *
gst_h4_mask_stream_process (GstH4MaskStream * stream, guint64 index,
    guint64 offset, GstBuffer * buffer)
{
  GstH4MaskBlockResult result;

  GST_LOG_OBJECT (stream->element, "block %" G_GUINT64_FORMAT ", offset %"
      G_GUINT64_FORMAT ", %" G_GSIZE_FORMAT " bytes", index, offset,
      gst_buffer_get_size (buffer));
  buffer = gst_h4_mask_block_process (stream->mask, stream->masking, index,
      offset, buffer, &result);
  if (buffer == NULL)
    post_block_error (stream, index, result);
  return buffer;
}

static void
set_block_meta (GstBuffer * buffer, guint64 index, GstH4Kind kind)
{
  GstH4BlockMeta *meta = gst_buffer_get_h4_block_meta (buffer);

  if (meta == NULL) {
    gst_buffer_add_h4_block_meta (buffer, index, kind,
        gst_buffer_get_size (buffer));
  } else {
    meta->index = index;
    meta->kind = kind;
    meta->size = gst_buffer_get_size (buffer);
  }
}

static GstH4Kind
find_kind (GstH4MaskStream * stream, GstBuffer * buffer)
{
  GstH4BlockMeta *meta = gst_buffer_get_h4_block_meta (buffer);

  if (meta)
    return meta->kind;
  return gst_h4_kind_tracker_next (&stream->kinds,
      !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT),
      GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DROPPABLE),
      GST_BUFFER_PTS_IS_VALID (buffer), GST_BUFFER_PTS (buffer), NULL);
}

/* gst_h4_mask_stream_take_index:
 * @index: (out): the number of the next block to mask
 *
 * Returns: FALSE, with an error posted, where the numbers are used up */
gboolean
gst_h4_mask_stream_take_index (GstH4MaskStream * stream, guint64 * index)
{
  if (h4_mask_count_next (&stream->mask_index, index))
    return TRUE;
  GST_ELEMENT_ERROR (stream->element, STREAM, ENCODE,
      (_("The stream has more blocks than can be masked.")), (NULL));
  return FALSE;
}

static gboolean
find_unmask_index (GstH4MaskStream * stream, GstH4BlockMeta * meta,
    guint64 * index)
{
  if (meta) {
    stream->unmask_index = meta->index;
    stream->unmask_index_known = TRUE;
  } else if (!stream->unmask_index_known) {
    GST_ELEMENT_ERROR (stream->element, STREAM, DECRYPT,
        (_("After a seek the number of a masked block is not known.")),
        ("no block meta on the first buffer after a flush"));
    return FALSE;
  }
  *index = stream->unmask_index++;
  return TRUE;
}

/* One buffer, one block. */
static GstBuffer *
process_block (GstH4MaskStream * stream, GstBuffer * buffer)
{
  GstH4BlockMeta *meta = gst_buffer_get_h4_block_meta (buffer);
  gboolean has_meta = stream->masking || meta;
  GstH4Kind kind = stream->masking ? find_kind (stream, buffer)
      : meta ? meta->kind : GST_H4_KIND_P;
  guint64 index;

  if (stream->masking ? !gst_h4_mask_stream_take_index (stream, &index)
      : !find_unmask_index (stream, meta, &index)) {
    gst_buffer_unref (buffer);
    return NULL;
  }
  buffer = gst_h4_mask_stream_process (stream, index, 0, buffer);
  if (buffer && has_meta)
    set_block_meta (buffer, index, kind);
  return buffer;
}

/* gst_h4_mask_stream_chain:
 * @buffer: (transfer full): what came in */
GstFlowReturn
gst_h4_mask_stream_chain (GstH4MaskStream * stream, GstBuffer * buffer)
{
  if (!stream->configured) {
    gst_buffer_unref (buffer);
    return GST_FLOW_NOT_NEGOTIATED;
  }
  if (stream->mask == NULL)
    return gst_h4_mask_no_key_chain (stream, buffer);
  if (stream->cut) {
    gst_adapter_push (stream->adapter, buffer);
    return gst_h4_mask_bytes_push (stream, FALSE);
  }
  buffer = process_block (stream, buffer);
  return buffer ? gst_pad_push (stream->srcpad, buffer) : GST_FLOW_ERROR;
}

static GstFlowReturn
chain_one_by_one (GstH4MaskStream * stream, GstBufferList * list)
{
  GstFlowReturn flow = GST_FLOW_OK;
  guint i;

  for (i = 0; flow == GST_FLOW_OK && i < gst_buffer_list_length (list); i++)
    flow = gst_h4_mask_stream_chain (stream,
        gst_buffer_ref (gst_buffer_list_get (list, i)));
  gst_buffer_list_unref (list);
  return flow;
}

typedef struct
{
  GstH4MaskStream *stream;
  guint n_done;
} ListState;

static gboolean
process_listed_block (GstBuffer ** buffer, guint i, gpointer user_data)
{
  ListState *state = user_data;

  *buffer = process_block (state->stream, *buffer);
  if (*buffer == NULL)
    return FALSE;
  state->n_done++;
  return TRUE;
}

/* gst_h4_mask_stream_chain_list:
 * @list: (transfer full): what came in
 *
 * What comes before a bad block still goes out. */
GstFlowReturn
gst_h4_mask_stream_chain_list (GstH4MaskStream * stream, GstBufferList * list)
{
  ListState state = { stream, 0 };
  GstFlowReturn flow = GST_FLOW_OK;
  guint n;

  if (!stream->configured || stream->mask == NULL || stream->cut)
    return chain_one_by_one (stream, list);

  list = gst_buffer_list_make_writable (list);
  if (!gst_buffer_list_foreach (list, process_listed_block, &state)) {
    flow = GST_FLOW_ERROR;
    n = gst_buffer_list_length (list);
    if (n > state.n_done)
      gst_buffer_list_remove (list, state.n_done, n - state.n_done);
  }
  if (flow == GST_FLOW_OK)
    return gst_pad_push_list (stream->srcpad, list);
  if (state.n_done > 0)
    gst_pad_push_list (stream->srcpad, list);
  else
    gst_buffer_list_unref (list);
  return flow;
}

static void
begin_stream (GstH4MaskStream * stream, GstEvent * event)
{
  const gchar *id;

  gst_event_parse_stream_start (event, &id);
  if (g_strcmp0 (id, stream->stream_id) == 0)
    return;
  g_free (stream->stream_id);
  stream->stream_id = g_strdup (id);
  /* A block may go on in the new stream: its segment says so. */
  if (stream->cut)
    stream->restarting = stream->configured;
  else
    stream_unconfigure (stream);
  stream->warned_of_no_key = FALSE;
  stream->checked_others = FALSE;
  stream->unmask_index = 0;
  stream->unmask_index_known = TRUE;
}

static gboolean
change_caps (GstH4MaskStream * stream, GstCaps * caps)
{
  GstCaps *before = gst_pad_get_current_caps (stream->sinkpad);
  gboolean same = before && gst_caps_is_equal (before, caps);

  gst_clear_caps (&before);
  return (same || gst_h4_mask_bytes_end (stream))
      && gst_h4_mask_stream_configure (stream, caps);
}

static gboolean
handle_caps (GstH4MaskStream * stream, GstEvent * event)
{
  GstCaps *caps;
  gboolean ok;

  gst_event_parse_caps (event, &caps);
  ok = change_caps (stream, caps);
  gst_event_unref (event);
  return ok;
}

static gboolean
handle_segment (GstH4MaskStream * stream, GstEvent * event)
{
  GstSegment segment;
  GstEvent *out;

  gst_event_copy_segment (event, &stream->segment);
  segment = stream->segment;
  if (!gst_h4_mask_bytes_goes_on (stream, &segment))
    gst_h4_mask_bytes_push (stream, TRUE);
  if ((!stream->configured || stream->restarting)
      && !gst_pad_has_current_caps (stream->sinkpad)
      && !gst_h4_mask_stream_configure (stream, NULL)) {
    gst_event_unref (event);
    return FALSE;
  }

  if (stream->flushed && !stream->masking) {
    stream->unmask_index_known = segment.start == 0;
    stream->unmask_index = 0;
  }
  stream->flushed = FALSE;
  if (stream->cut && !gst_h4_mask_bytes_segment (stream, &segment)) {
    gst_event_unref (event);
    return FALSE;
  }
  out = gst_event_new_segment (&segment);
  gst_event_set_seqnum (out, gst_event_get_seqnum (event));
  gst_event_unref (event);
  return gst_pad_push_event (stream->srcpad, out);
}

/* gst_h4_mask_stream_sink_event:
 * @event: (transfer full): what came from upstream */
gboolean
gst_h4_mask_stream_sink_event (GstH4MaskStream * stream, GstEvent * event)
{
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_STREAM_START:
      begin_stream (stream, event);
      break;
    case GST_EVENT_STREAM_COLLECTION:
      gst_clear_object (&stream->collection);
      gst_event_parse_stream_collection (event, &stream->collection);
      break;
    case GST_EVENT_CAPS:
      return handle_caps (stream, event);
    case GST_EVENT_SEGMENT:
      return handle_segment (stream, event);
    case GST_EVENT_FLUSH_STOP:
      gst_adapter_clear (stream->adapter);
      gst_h4_kind_tracker_init (&stream->kinds);
      stream->flushed = TRUE;
      break;
    case GST_EVENT_EOS:
      gst_h4_mask_bytes_push (stream, TRUE);
      if (stream->configured && stream->mask == NULL)
        gst_h4_mask_no_key_at_eos (stream);
      break;
    default:
      break;
  }
  return gst_pad_event_default (stream->sinkpad,
      GST_OBJECT_CAST (stream->element), event);
}

/* gst_h4_mask_stream_src_event:
 * @event: (transfer full): what came from downstream */
gboolean
gst_h4_mask_stream_src_event (GstH4MaskStream * stream, GstEvent * event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_SEEK)
    return gst_h4_mask_bytes_seek (stream, event);
  return gst_pad_event_default (stream->srcpad,
      GST_OBJECT_CAST (stream->element), event);
}
