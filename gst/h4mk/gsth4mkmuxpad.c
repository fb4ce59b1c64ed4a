/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>

#include <gst/pbutils/pbutils.h>

#include "gsth4meta.h"
#include "gsth4mkmuxpad.h"
#include "gsth4mkplaincaps.h"
#include "gsth4mktags.h"

GST_DEBUG_CATEGORY_EXTERN (gst_h4mk_mux_debug);
#define GST_CAT_DEFAULT gst_h4mk_mux_debug

/* What a pad holds while it waits for the others. */
#define RING_TIME (1 * GST_SECOND)
#define RING_ITEMS 4096

#define DEFAULT_TRACK_NAME NULL
#define DEFAULT_LANGUAGE NULL
#define DEFAULT_STREAM_ID NULL
#define DEFAULT_KIND GST_H4MK_PAD_KIND_AUTO
#define DEFAULT_MAX_SIZE_BYTES (16 << 20)

enum
{
  PROP_0,
  PROP_TRACK_NAME,
  PROP_LANGUAGE,
  PROP_STREAM_ID,
  PROP_KIND,
  PROP_MAX_SIZE_BYTES,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_TYPE (GstH4MkMuxPad, gst_h4mk_mux_pad, GST_TYPE_PAD);

GType
gst_h4mk_pad_kind_get_type (void)
{
  static gsize type = 0;
  static const GEnumValue values[] = {
    {GST_H4MK_PAD_KIND_AUTO, "From the caps, then the pad's name", "auto"},
    {GST_H4MK_PAD_KIND_VIDEO, "Video", "video"},
    {GST_H4MK_PAD_KIND_AUDIO, "Audio", "audio"},
    {GST_H4MK_PAD_KIND_SUBTITLE, "Subtitles", "subtitle"},
    {GST_H4MK_PAD_KIND_DATA, "Anything else", "data"},
    {0, NULL, NULL}
  };

  if (g_once_init_enter (&type)) {
    GType t = g_enum_register_static ("GstH4MkPadKind", values);
    g_once_init_leave (&type, t);
  }
  return (GType) type;
}

static void
gst_h4mk_mux_change_free (GstH4MkMuxChange * change)
{
  gst_clear_caps (&change->caps);
  gst_clear_tag_list (&change->tags);
  gst_clear_tag_list (&change->global_tags);
  g_free (change);
}

void
gst_h4mk_mux_item_clear (GstH4MkMuxItem * item)
{
  gst_clear_buffer (&item->buffer);
  g_clear_pointer (&item->change, gst_h4mk_mux_change_free);
}

/* Takes tags. */
static void
merge_tags (GstTagList ** list, GstTagList * tags)
{
  GstTagList *before = *list;

  if (!tags)
    return;
  *list = gst_tag_list_merge (before, tags, GST_TAG_MERGE_REPLACE);
  gst_clear_tag_list (&before);
  gst_tag_list_unref (tags);
}

void
gst_h4mk_mux_pad_announce (GstH4MkMuxPad * pad, GstCaps * caps,
    GstTagList * tags)
{
  if (!caps && !tags)
    return;
  if (!pad->change)
    pad->change = g_new0 (GstH4MkMuxChange, 1);
  if (caps)
    gst_caps_take (&pad->change->caps, caps);
  if (tags && gst_tag_list_get_scope (tags) == GST_TAG_SCOPE_GLOBAL)
    merge_tags (&pad->change->global_tags, tags);
  else
    merge_tags (&pad->change->tags, tags);
}

void
gst_h4mk_mux_pad_apply (GstH4MkMuxPad * pad, GstH4MkMuxChange * change,
    GstTagList ** global_tags)
{
  if (!change)
    return;
  if (change->caps)
    gst_caps_replace (&pad->next_caps, change->caps);
  merge_tags (&pad->tags, g_steal_pointer (&change->tags));
  merge_tags (global_tags, g_steal_pointer (&change->global_tags));
  gst_h4mk_mux_change_free (change);
}

/* Takes change. */
static void
gst_h4mk_mux_pad_announce_again (GstH4MkMuxPad * pad, GstH4MkMuxChange * change)
{
  if (!change)
    return;
  gst_h4mk_mux_pad_announce (pad, g_steal_pointer (&change->caps),
      g_steal_pointer (&change->tags));
  gst_h4mk_mux_pad_announce (pad, NULL, g_steal_pointer (&change->global_tags));
  gst_h4mk_mux_change_free (change);
}

/* What was said of the stream holds although the data that it came with are
 * gone: nobody says it again. */
void
gst_h4mk_mux_pad_flush (GstH4MkMuxPad * pad)
{
  GstH4MkMuxChange *newest = g_steal_pointer (&pad->change);
  GstH4MkMuxItem *item;

  while ((item = gst_queue_array_pop_head_struct (pad->ring))) {
    gst_h4mk_mux_pad_announce_again (pad, g_steal_pointer (&item->change));
    gst_h4mk_mux_item_clear (item);
  }
  gst_h4mk_mux_pad_announce_again (pad, newest);
  pad->ring_bytes = 0;
  pad->last_time = G_MININT64;
  pad->eos = FALSE;
  pad->flushing = FALSE;
  g_cond_broadcast (&pad->room);
}

/* As if it were new; what its stream is will be said again. */
void
gst_h4mk_mux_pad_reset (GstH4MkMuxPad * pad)
{
  gst_h4mk_mux_pad_flush (pad);
  g_clear_pointer (&pad->change, gst_h4mk_mux_change_free);
  gst_clear_caps (&pad->caps);
  gst_clear_caps (&pad->next_caps);
  gst_clear_tag_list (&pad->tags);
  gst_h4mk_toc_clear (&pad->toc);
  gst_segment_init (&pad->segment, GST_FORMAT_UNDEFINED);
  pad->masked = FALSE;
  pad->live = FALSE;
  pad->min_latency = 0;
  pad->thread = NULL;
  pad->next_index = 0;
}

void
gst_h4mk_mux_pad_push (GstH4MkMuxPad * pad, GstH4MkMuxItem * item)
{
  /* what has no time follows what came before it */
  if (item->time == G_MININT64)
    item->time = pad->last_time;
  pad->last_time = item->time;
  item->change = g_steal_pointer (&pad->change);
  pad->ring_bytes += item->size;
  gst_queue_array_push_tail_struct (pad->ring, item);
}

GstH4MkMuxItem *
gst_h4mk_mux_pad_peek (GstH4MkMuxPad * pad)
{
  return gst_queue_array_peek_head_struct (pad->ring);
}

static gboolean
gst_h4mk_mux_pad_is_over (GstH4MkMuxPad * pad, guint part)
{
  const GstH4MkMuxItem *head = gst_h4mk_mux_pad_peek (pad);
  guint n = gst_queue_array_get_length (pad->ring);
  guint max_bytes = (guint) g_atomic_int_get (&pad->max_size_bytes);

  if (max_bytes == 0)
    return n > 0;
  if (n < 2)
    return FALSE;
  if (n >= RING_ITEMS / part || pad->ring_bytes >= max_bytes / part)
    return TRUE;
  return head->time != G_MININT64 && pad->last_time > head->time
      && (guint64) pad->last_time - (guint64) head->time >= RING_TIME / part;
}

gboolean
gst_h4mk_mux_pad_is_full (GstH4MkMuxPad * pad)
{
  return gst_h4mk_mux_pad_is_over (pad, 1);
}

gboolean
gst_h4mk_mux_pad_pop (GstH4MkMuxPad * pad, GstH4MkMuxItem * item)
{
  GstH4MkMuxItem *head = gst_queue_array_pop_head_struct (pad->ring);

  if (!head)
    return FALSE;
  *item = *head;
  pad->ring_bytes -= item->size;
  /* at half level, so that both threads do not take turns at each buffer */
  if (pad->waiting && !gst_h4mk_mux_pad_is_over (pad, 2))
    g_cond_signal (&pad->room);
  return TRUE;
}

static const struct
{
  GstBufferFlags flag;
  GstH4mkRecordFlags record;
} flag_map[] = {
  {GST_BUFFER_FLAG_DISCONT, GST_H4MK_RECORD_DISCONT},
  {GST_BUFFER_FLAG_DROPPABLE, GST_H4MK_RECORD_DROPPABLE},
  {GST_BUFFER_FLAG_HEADER, GST_H4MK_RECORD_HEADER},
  {GST_BUFFER_FLAG_MARKER, GST_H4MK_RECORD_MARKER},
  {GST_BUFFER_FLAG_GAP, GST_H4MK_RECORD_GAP},
  {GST_BUFFER_FLAG_CORRUPTED, GST_H4MK_RECORD_CORRUPTED},
  {GST_BUFFER_FLAG_RESYNC, GST_H4MK_RECORD_RESYNC},
};

gboolean
gst_h4mk_mux_pad_get_running_time (GstH4MkMuxPad * pad, GstClockTime time,
    gint64 * running)
{
  guint64 value;
  gint sign;

  if (!GST_CLOCK_TIME_IS_VALID (time) || pad->segment.format != GST_FORMAT_TIME)
    return FALSE;
  sign = gst_segment_to_running_time_full (&pad->segment, GST_FORMAT_TIME,
      time, &value);
  /* a file's times have 63 bits and a sign */
  if (sign == 0 || value > G_MAXINT64)
    return FALSE;
  *running = sign > 0 ? (gint64) value : -(gint64) value;
  return TRUE;
}

static gint64
get_running_duration (GstH4MkMuxPad * pad, GstClockTime duration)
{
  gdouble rate = ABS (pad->segment.rate);

  if (rate != 1.0 && rate > 0.0)
    duration = (GstClockTime) (duration / rate);
  return (gint64) MIN (duration, (GstClockTime) G_MAXINT64);
}

void
gst_h4mk_mux_pad_describe (GstH4MkMuxPad * pad, GstBuffer * buffer,
    GstH4MkMuxItem * item)
{
  GstH4mkRecord *record = &item->record;
  GstBufferFlags flags = GST_BUFFER_FLAGS (buffer);
  guint i;

  memset (item, 0, sizeof (*item));
  item->buffer = buffer;
  item->size = gst_buffer_get_size (buffer);
  record->size = item->size;

  if (!(flags & GST_BUFFER_FLAG_DELTA_UNIT))
    record->flags |= GST_H4MK_RECORD_KEY;
  for (i = 0; i < G_N_ELEMENTS (flag_map); i++) {
    if (flags & flag_map[i].flag)
      record->flags |= flag_map[i].record;
  }
  if (!gst_h4mk_mux_pad_get_running_time (pad, GST_BUFFER_PTS (buffer),
          &record->pts))
    record->flags |= GST_H4MK_RECORD_NO_PTS;
  if (gst_h4mk_mux_pad_get_running_time (pad, GST_BUFFER_DTS (buffer),
          &record->dts))
    record->flags |= GST_H4MK_RECORD_HAS_DTS;
  if (GST_BUFFER_DURATION_IS_VALID (buffer)) {
    record->flags |= GST_H4MK_RECORD_HAS_DURATION;
    record->duration = get_running_duration (pad, GST_BUFFER_DURATION (buffer));
  }
  if (pad->masked) {
    const GstH4BlockMeta *meta = gst_buffer_get_h4_block_meta (buffer);

    record->flags |= GST_H4MK_RECORD_HAS_INDEX;
    record->index = meta ? meta->index : pad->next_index;
    pad->next_index = record->index + 1;
  }
  if (!gst_h4mk_record_get_time (record, &item->time))
    item->time = G_MININT64;
}

static gboolean
has_system_memory (const GstCaps * caps)
{
  GstCapsFeatures *features = gst_caps_get_features (caps, 0);

  return !features || gst_caps_features_is_any (features)
      || gst_caps_features_is_equal (features,
      GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY);
}

GstCaps *
gst_h4mk_mux_pad_storable_caps (GstH4MkMuxPad * pad, const GstCaps * caps,
    GError ** error)
{
  GstCaps *storable;
  gchar *text;
  gboolean ok;

  if (!gst_caps_is_fixed (caps) || !has_system_memory (caps)) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_NEGOTIATION,
        "a file holds fixed caps in system memory only");
    return NULL;
  }
  storable = gst_caps_copy (caps);
  gst_h4mk_caps_to_plain (storable);
  text = gst_caps_to_string (storable);
  ok = gst_h4mk_caps_check (text, error);
  g_free (text);
  if (!ok)
    gst_clear_caps (&storable);
  return storable;
}

static GstH4mkTrackKind
kind_of_media_type (const gchar * name, gboolean * known)
{
  static const gchar *const subtitles[] = { "text/", "subpicture/", "subtitle/",
    "closedcaption/", "application/x-ass", "application/x-ssa",
    "application/x-usf", "application/ttml+xml", "application/x-subtitle"
  };
  guint i;

  *known = TRUE;
  if (g_str_has_prefix (name, "video/") || g_str_has_prefix (name, "image/"))
    return GST_H4MK_TRACK_VIDEO;
  if (g_str_has_prefix (name, "audio/"))
    return GST_H4MK_TRACK_AUDIO;
  for (i = 0; i < G_N_ELEMENTS (subtitles); i++) {
    if (g_str_has_prefix (name, subtitles[i]))
      return GST_H4MK_TRACK_SUBTITLE;
  }
  *known = strcmp (name, "application/x-h4-token") == 0;
  return GST_H4MK_TRACK_DATA;
}

/* The caps say what a stream is; the pad's name only where they do not. */
GstH4mkTrackKind
gst_h4mk_mux_pad_get_track_kind (GstH4MkMuxPad * pad, const GstCaps * caps)
{
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  const gchar *name = gst_structure_get_name (s);
  GstH4MkPadKind kind;
  GstH4mkTrackKind by_caps;
  gboolean known;

  GST_OBJECT_LOCK (pad);
  kind = pad->kind;
  GST_OBJECT_UNLOCK (pad);
  if (kind != GST_H4MK_PAD_KIND_AUTO)
    return (GstH4mkTrackKind) kind;

  if (strcmp (name, "application/x-h4-masked") == 0
      && gst_structure_get_string (s, "original-media-type"))
    name = gst_structure_get_string (s, "original-media-type");
  by_caps = kind_of_media_type (name, &known);
  if (known)
    return by_caps;

  name = GST_PAD_TEMPLATE_NAME_TEMPLATE (GST_PAD_PAD_TEMPLATE (pad));
  if (g_str_has_prefix (name, "video_"))
    return GST_H4MK_TRACK_VIDEO;
  if (g_str_has_prefix (name, "audio_"))
    return GST_H4MK_TRACK_AUDIO;
  if (g_str_has_prefix (name, "subtitle_"))
    return GST_H4MK_TRACK_SUBTITLE;
  return GST_H4MK_TRACK_DATA;
}

void
gst_h4mk_mux_pad_add_track (GstH4MkMuxPad * pad, GstH4mkTracks * tracks,
    gboolean with_tags)
{
  gchar *caps = gst_caps_to_string (pad->caps);
  GstH4mkTrack *track = gst_h4mk_tracks_add (tracks, pad->id,
      gst_h4mk_mux_pad_get_track_kind (pad, pad->caps), caps);

  g_free (caps);
  track->codec = gst_codec_utils_caps_get_mime_codec (pad->caps);
  if (with_tags)
    track->tags = gst_h4mk_tags_to_json (pad->tags, pad->id, NULL);
  GST_OBJECT_LOCK (pad);
  track->name = g_strdup (pad->track_name);
  track->language = g_strdup (pad->language);
  track->stream_id = g_strdup (pad->stream_id);
  GST_OBJECT_UNLOCK (pad);
  if (!track->language && pad->tags)
    gst_tag_list_get_string (pad->tags, GST_TAG_LANGUAGE_CODE,
        &track->language);
}

static void
gst_h4mk_mux_pad_set_property (GObject * object, guint prop_id,
    const GValue * value, GParamSpec * pspec)
{
  GstH4MkMuxPad *pad = GST_H4MK_MUX_PAD (object);

  GST_OBJECT_LOCK (pad);
  switch (prop_id) {
    case PROP_TRACK_NAME:
      g_free (pad->track_name);
      pad->track_name = g_value_dup_string (value);
      break;
    case PROP_LANGUAGE:
      g_free (pad->language);
      pad->language = g_value_dup_string (value);
      break;
    case PROP_STREAM_ID:
      g_free (pad->stream_id);
      pad->stream_id = g_value_dup_string (value);
      break;
    case PROP_KIND:
      pad->kind = g_value_get_enum (value);
      break;
    case PROP_MAX_SIZE_BYTES:
      g_atomic_int_set (&pad->max_size_bytes, (gint) g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (pad);
}

static void
gst_h4mk_mux_pad_get_property (GObject * object, guint prop_id,
    GValue * value, GParamSpec * pspec)
{
  GstH4MkMuxPad *pad = GST_H4MK_MUX_PAD (object);

  GST_OBJECT_LOCK (pad);
  switch (prop_id) {
    case PROP_TRACK_NAME:
      g_value_set_string (value, pad->track_name);
      break;
    case PROP_LANGUAGE:
      g_value_set_string (value, pad->language);
      break;
    case PROP_STREAM_ID:
      g_value_set_string (value, pad->stream_id);
      break;
    case PROP_KIND:
      g_value_set_enum (value, pad->kind);
      break;
    case PROP_MAX_SIZE_BYTES:
      g_value_set_uint (value, (guint) g_atomic_int_get (&pad->max_size_bytes));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (pad);
}

static void
gst_h4mk_mux_pad_finalize (GObject * object)
{
  GstH4MkMuxPad *pad = GST_H4MK_MUX_PAD (object);

  gst_h4mk_mux_pad_reset (pad);
  gst_queue_array_free (pad->ring);
  g_cond_clear (&pad->room);
  g_free (pad->track_name);
  g_free (pad->language);
  g_free (pad->stream_id);

  G_OBJECT_CLASS (gst_h4mk_mux_pad_parent_class)->finalize (object);
}

static void
gst_h4mk_mux_pad_init (GstH4MkMuxPad * pad)
{
  pad->kind = DEFAULT_KIND;
  pad->max_size_bytes = DEFAULT_MAX_SIZE_BYTES;
  pad->ring = gst_queue_array_new_for_struct (sizeof (GstH4MkMuxItem), 64);
  g_cond_init (&pad->room);
  pad->last_time = G_MININT64;
  gst_segment_init (&pad->segment, GST_FORMAT_UNDEFINED);
}

static void
gst_h4mk_mux_pad_class_init (GstH4MkMuxPadClass * klass)
{
  GObjectClass *gobject_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  gobject_class->set_property = gst_h4mk_mux_pad_set_property;
  gobject_class->get_property = gst_h4mk_mux_pad_get_property;
  gobject_class->finalize = gst_h4mk_mux_pad_finalize;

  /**
   * GstH4MkMuxPad:track-name:
   *
   * The track's name, for people. Read when the track is first written.
   *
   * Since: 1.0
   */
  properties[PROP_TRACK_NAME] = g_param_spec_string ("track-name",
      "Track name", "Name of the track, for people", DEFAULT_TRACK_NAME,
      flags | GST_PARAM_MUTABLE_READY);

  /**
   * GstH4MkMuxPad:language:
   *
   * The track's language as an ISO 639 code; goes before the one that the
   * stream's tags name. Read when the track is first written.
   *
   * Since: 1.0
   */
  properties[PROP_LANGUAGE] = g_param_spec_string ("language",
      "Language", "ISO 639 code of the track's language", DEFAULT_LANGUAGE,
      flags | GST_PARAM_MUTABLE_READY);

  /**
   * GstH4MkMuxPad:stream-id:
   *
   * What TRAK calls the stream. Not taken from upstream: sources draw ids at
   * random, and the same input is to give the same file. Read when the track
   * is first written.
   *
   * Since: 1.0
   */
  properties[PROP_STREAM_ID] = g_param_spec_string ("stream-id", "Stream ID",
      "Stream id that the file keeps (none by default)", DEFAULT_STREAM_ID,
      flags | GST_PARAM_MUTABLE_READY);

  /**
   * GstH4MkMuxPad:kind:
   *
   * What the track carries. Read when the track is first written.
   *
   * Since: 1.0
   */
  properties[PROP_KIND] = g_param_spec_enum ("kind", "Kind",
      "What the track carries", GST_TYPE_H4MK_PAD_KIND, DEFAULT_KIND,
      flags | GST_PARAM_MUTABLE_READY);

  /**
   * GstH4MkMuxPad:max-size-bytes:
   *
   * What may wait for the blocks of other pads; then upstream waits. Two
   * blocks always may, unless it is 0: then it is one, which is enough where
   * each pad has a thread of its own.
   *
   * Since: 1.0
   */
  properties[PROP_MAX_SIZE_BYTES] = g_param_spec_uint ("max-size-bytes",
      "Max. size (bytes)", "Bytes that may wait for other tracks (0 = a block)",
      0, G_MAXUINT, DEFAULT_MAX_SIZE_BYTES, flags | GST_PARAM_MUTABLE_PLAYING);

  g_object_class_install_properties (gobject_class, N_PROPERTIES, properties);
}
