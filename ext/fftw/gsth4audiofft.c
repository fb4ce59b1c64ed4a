/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/**
 * SECTION:element-h4audiofft
 * @title: h4audiofft
 * @see_also: #spectrum
 *
 * Turns raw audio into tokens: for each frame of #GstH4AudioFft:frame-size
 * samples the #GstH4AudioFft:top-k largest bins of its spectrum, 8 bytes each,
 * in one buffer. A frame begins every #GstH4AudioFft:hop samples; its buffer
 * has the time of its first sample and lasts for a hop. Frames depend on the
 * samples alone, not on how they are cut into buffers; a frame that the end of
 * the stream, a discontinuity or new caps cut short is dropped.
 *
 * A token is big-endian: the frequency in steps of 0.1 Hz from 0 to 20 kHz (32
 * bits), the magnitude relative to the frame's largest (16 bits) and the phase
 * from -π to π (16 bits). The exact bins are on each buffer as a
 * #GstH4AudioBinsMeta.
 *
 * With #GstH4AudioFft:post-messages each frame also posts an element message
 * named `h4audiofft`:
 *
 * * #GstClockTime `timestamp`: the time of the frame's first sample
 * * #GstClockTime `stream-time`: the same as stream time
 * * #GstClockTime `running-time`: the same as running time
 * * #GstClockTime `duration`: how long a hop is
 * * #GstClockTime `endtime`: `timestamp` + `duration`
 * * #GST_TYPE_LIST of #gdouble `frequency`: in Hz, of the largest bin first
 * * #GST_TYPE_LIST of #gdouble `magnitude`: from 0.0 to 1.0
 * * #GST_TYPE_LIST of #gdouble `phase`: in radians
 *
 * In the channel mode `each` the last three are a #GST_TYPE_ARRAY of such
 * lists, one a channel.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 -m audiotestsrc num-buffers=100 ! h4audiofft top-k=3 interpolate=parabolic post-messages=true ! fakesink
 * ]| Shows the three largest bins of each frame.
 *
 * Since: 1.0
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <gst/gst.h>
#include <gst/audio/audio.h>
#include <gst/base/gstadapter.h>

#include "gsth4-i18n.h"
#include "gsth4meta.h"
#include "gsth4audiofft.h"
#include "gsth4audiofftenums.h"
#include "gsth4audiofftmessage.h"
#include "h4spectrum.h"

GST_DEBUG_CATEGORY_STATIC (gst_h4_audio_fft_debug);
#define GST_CAT_DEFAULT gst_h4_audio_fft_debug

#define DEFAULT_FRAME_SIZE 2048
#define DEFAULT_HOP 0
#define DEFAULT_TOP_K 32
#define DEFAULT_WINDOW GST_H4_WINDOW_HANN
#define DEFAULT_CHANNEL_MODE GST_H4_AUDIO_FFT_CHANNEL_MODE_MIX
#define DEFAULT_INTERPOLATE GST_H4_AUDIO_FFT_INTERPOLATE_NONE
#define DEFAULT_POST_MESSAGES FALSE

#define MAX_TOP_K (GST_H4_SPECTRUM_MAX_FRAME_SIZE / 2 + 1)

/* What GStreamer's audio sinks allow: timestamps may be off by the first, and
 * longer than the second they must be off before they are believed. */
#define ALIGNMENT_THRESHOLD (40 * GST_MSECOND)
#define DISCONT_WAIT (1 * GST_SECOND)

/* A longer gap is left to downstream instead of being filled with silence. */
#define MAX_GAP (60 * GST_SECOND)

/* Frames that go out in one list at most. */
#define MAX_LIST 64

enum
{
  PROP_0,
  PROP_FRAME_SIZE,
  PROP_HOP,
  PROP_TOP_K,
  PROP_WINDOW,
  PROP_CHANNEL_MODE,
  PROP_INTERPOLATE,
  PROP_POST_MESSAGES,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK,
    GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("audio/x-raw, "
        "format = (string) { S16LE, S32LE, F32LE, F64LE }, "
        "layout = (string) interleaved, "
        "rate = (int) [ 1, max ], channels = (int) [ 1, 64 ]")
    );

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC,
    GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("application/x-h4-token, domain = (string) audio, "
        "rate = (int) [ 1, max ], frame-size = (int) [ 64, 65536 ], "
        "hop = (int) [ 1, max ], top-k = (int) [ 1, 32769 ], "
        "channels = (int) [ 1, 64 ], "
        "window = (string) { hann, hamming, blackman, rect }")
    );

typedef struct
{
  guint frame_size;
  guint hop;
  guint top_k;
  GstH4Window window;
  GstH4AudioFftChannelMode channel_mode;
  GstH4AudioFftInterpolate interpolate;
} GstH4AudioFftSettings;

struct _GstH4AudioFft
{
  GstElement parent;

  GstPad *sinkpad;
  GstPad *srcpad;

  /* with the object lock */
  GstH4AudioFftSettings properties;
  gboolean post_messages;
  GstClockTime latency;

  /* set at start */
  GstH4AudioFftSettings settings;

  /* streaming thread */
  GstSegment segment;           /* of what goes out, in TIME */
  gboolean has_time;            /* whether what comes in is in TIME too */
  GstAdapter *adapter;
  GstAudioStreamAlign *align;
  GstH4Spectrum *spectrum;      /* NULL before caps */
  guint rate;
  guint channels;               /* of the output: 1 or as many as come in */
  guint stride;                 /* bytes of a sample of all channels */
  gboolean discont;             /* of the next frame */

  /* streaming thread: the run of samples since the last restart */
  GstClockTime base;            /* time of its first sample, or NONE */
  guint64 received;             /* its samples so far */
  guint64 position;             /* its sample that begins the next frame */
  guint64 skip;                 /* bytes to drop before the next frame */
};

#define gst_h4_audio_fft_parent_class parent_class
G_DEFINE_TYPE_WITH_CODE (GstH4AudioFft, gst_h4_audio_fft, GST_TYPE_ELEMENT,
    GST_DEBUG_CATEGORY_INIT (gst_h4_audio_fft_debug, "h4audiofft", 0,
        "audio spectrum tokens"));
GST_ELEMENT_REGISTER_DEFINE (h4audiofft, "h4audiofft", GST_RANK_NONE,
    GST_TYPE_H4_AUDIO_FFT);

static const gchar *
gst_h4_audio_fft_get_window_name (GstH4AudioFft * self)
{
  GEnumClass *klass = g_type_class_peek (GST_TYPE_H4_AUDIO_FFT_WINDOW);

  return g_enum_get_value (klass, self->settings.window)->value_nick;
}

static GstClockTime
gst_h4_audio_fft_time_of (GstH4AudioFft * self, guint64 samples)
{
  return self->base + gst_util_uint64_scale (samples, GST_SECOND, self->rate);
}

/* Drops what is left of a run of samples. The next one begins at @base. */
static void
gst_h4_audio_fft_restart (GstH4AudioFft * self, GstClockTime base)
{
  gst_adapter_clear (self->adapter);
  self->base = base;
  self->received = 0;
  self->position = 0;
  self->skip = 0;
  self->discont = TRUE;
}

static void
gst_h4_audio_fft_reset (GstH4AudioFft * self)
{
  gst_h4_audio_fft_restart (self, GST_CLOCK_TIME_NONE);
  if (self->align)
    gst_audio_stream_align_mark_discont (self->align);
}

/* Where a run begins whose first buffer has no time: where the last one has
 * come to, or at the segment's beginning. */
static GstClockTime
gst_h4_audio_fft_guess_time (GstH4AudioFft * self)
{
  if (GST_CLOCK_TIME_IS_VALID (self->base))
    return gst_h4_audio_fft_time_of (self, self->received);
  return self->segment.start;
}

/* Takes account of @n samples that come at @time, which may be unknown. */
static void
gst_h4_audio_fft_follow (GstH4AudioFft * self, gboolean discont,
    GstClockTime time, guint n)
{
  GstClockTime start;

  if (!GST_CLOCK_TIME_IS_VALID (time))
    time = gst_h4_audio_fft_guess_time (self);
  if (!GST_CLOCK_TIME_IS_VALID (self->base))
    discont = TRUE;

  if (gst_audio_stream_align_process (self->align, discont, time, n, &start,
          NULL, NULL)) {
    GST_DEBUG_OBJECT (self, "frames begin anew at %" GST_TIME_FORMAT,
        GST_TIME_ARGS (start));
    gst_h4_audio_fft_restart (self, start);
  }
  self->received += n;
}

/* Writes one channel's tokens and keeps their exact values. */
static void
gst_h4_audio_fft_write_channel (const GstH4SpectrumBin * bins, guint n,
    guint8 * tokens, GstH4AudioBin * exact)
{
  guint i;

  gst_h4_spectrum_write_tokens (bins, n, tokens);
  for (i = 0; i < n; i++) {
    exact[i].frequency = bins[i].frequency;
    exact[i].magnitude = bins[i].magnitude;
    exact[i].phase = bins[i].phase;
  }
}

static void
gst_h4_audio_fft_analyse (GstH4AudioFft * self, const guint8 * frame,
    guint8 * tokens, GstH4AudioBin * exact)
{
  guint n = gst_h4_spectrum_get_n_bins (self->spectrum);
  guint c;

  if (self->settings.channel_mode == GST_H4_AUDIO_FFT_CHANNEL_MODE_MIX) {
    gst_h4_audio_fft_write_channel (gst_h4_spectrum_analyse_mix
        (self->spectrum, frame), n, tokens, exact);
    return;
  }
  for (c = 0; c < self->channels; c++)
    gst_h4_audio_fft_write_channel (gst_h4_spectrum_analyse_channel
        (self->spectrum, frame, c), n,
        tokens + (gsize) c * n * GST_H4_SPECTRUM_TOKEN_SIZE, exact + c * n);
}

static void
gst_h4_audio_fft_stamp_frame (GstH4AudioFft * self, GstBuffer * buffer)
{
  GstClockTime pts = gst_h4_audio_fft_time_of (self, self->position);
  GstClockTime end = gst_h4_audio_fft_time_of (self, self->position
      + self->settings.hop);

  GST_BUFFER_PTS (buffer) = pts;
  GST_BUFFER_DURATION (buffer) = end - pts;
  if (self->discont) {
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
    self->discont = FALSE;
  }
}

/* Takes the next frame, which must be there whole. Returns NULL where its
 * memory cannot be read or written. */
static GstBuffer *
gst_h4_audio_fft_take_frame (GstH4AudioFft * self)
{
  guint n = gst_h4_spectrum_get_n_bins (self->spectrum);
  gsize size = (gsize) n * self->channels * GST_H4_SPECTRUM_TOKEN_SIZE;
  const guint8 *frame;
  GstH4AudioBinsMeta *meta;
  GstBuffer *buffer;
  GstMapInfo map;

  gst_adapter_flush (self->adapter, self->skip);
  self->skip = 0;

  buffer = gst_buffer_new_allocate (NULL, size, NULL);
  if (!buffer || !gst_buffer_map (buffer, &map, GST_MAP_WRITE))
    goto no_memory;
  frame = gst_adapter_map (self->adapter,
      gst_h4_spectrum_get_frame_bytes (self->spectrum));
  if (!frame) {
    gst_buffer_unmap (buffer, &map);
    goto no_memory;
  }
  meta = gst_buffer_add_h4_audio_bins_meta (buffer, self->channels, n, NULL);
  gst_h4_audio_fft_analyse (self, frame, map.data, meta->bins);
  gst_adapter_unmap (self->adapter);
  gst_buffer_unmap (buffer, &map);

  gst_h4_audio_fft_stamp_frame (self, buffer);
  self->position += self->settings.hop;
  self->skip = (guint64) self->settings.hop * self->stride;
  return buffer;

  /* ERRORS */
no_memory:
  {
    GST_ELEMENT_ERROR (self, RESOURCE, FAILED,
        (_("The audio could not be read.")),
        ("no access to a frame or to %" G_GSIZE_FORMAT " bytes for its tokens",
            size));
    gst_clear_buffer (&buffer);
    return NULL;
  }
}

/* How many whole frames have come. */
static guint64
gst_h4_audio_fft_count_frames (GstH4AudioFft * self)
{
  guint64 available = gst_adapter_available (self->adapter);
  guint64 needed = self->skip
      + gst_h4_spectrum_get_frame_bytes (self->spectrum);

  if (available < needed) {
    gsize drop = MIN (self->skip, available);

    gst_adapter_flush (self->adapter, drop);
    self->skip -= drop;
    return 0;
  }
  return (available - needed) / ((guint64) self->settings.hop * self->stride)
      + 1;
}

static GstFlowReturn
gst_h4_audio_fft_push_frames (GstH4AudioFft * self, guint n, gboolean post)
{
  GstBufferList *list = NULL;
  GstBuffer *buffer = NULL;
  guint i;

  if (n > 1)
    list = gst_buffer_list_new_sized (n);
  for (i = 0; i < n; i++) {
    buffer = gst_h4_audio_fft_take_frame (self);
    if (!buffer) {
      g_clear_pointer (&list, gst_buffer_list_unref);
      return GST_FLOW_ERROR;
    }
    if (post)
      gst_element_post_message (GST_ELEMENT (self),
          gst_h4_audio_fft_message_new (GST_OBJECT (self), buffer,
              &self->segment, self->settings.channel_mode
              == GST_H4_AUDIO_FFT_CHANNEL_MODE_EACH));
    if (list)
      gst_buffer_list_add (list, buffer);
  }
  return list ? gst_pad_push_list (self->srcpad, list)
      : gst_pad_push (self->srcpad, buffer);
}

/* What one buffer brought goes out at once, in lists. */
static GstFlowReturn
gst_h4_audio_fft_drain (GstH4AudioFft * self)
{
  GstFlowReturn ret = GST_FLOW_OK;
  gboolean post;
  guint64 n;

  GST_OBJECT_LOCK (self);
  post = self->post_messages;
  GST_OBJECT_UNLOCK (self);

  while (ret == GST_FLOW_OK && (n = gst_h4_audio_fft_count_frames (self)) > 0)
    ret = gst_h4_audio_fft_push_frames (self, MIN (n, MAX_LIST), post);
  return ret;
}

static GstBuffer *
gst_h4_audio_fft_make_silence (gsize size)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, size, NULL);

  gst_buffer_memset (buffer, 0, 0, size);
  return buffer;
}

static GstFlowReturn
gst_h4_audio_fft_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  GstH4AudioFft *self = GST_H4_AUDIO_FFT (parent);
  GstClockTime time = GST_CLOCK_TIME_NONE;
  gboolean discont;
  gsize size;

  if (!self->spectrum)
    goto not_negotiated;

  discont = GST_BUFFER_IS_DISCONT (buffer)
      || GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_RESYNC)
      || self->segment.rate < 0.0;
  if (self->has_time && GST_BUFFER_PTS_IS_VALID (buffer)) {
    buffer = gst_audio_buffer_clip (buffer, &self->segment, self->rate,
        self->stride);
    if (!buffer)
      return GST_FLOW_OK;
    time = GST_BUFFER_PTS (buffer);
  }

  size = gst_buffer_get_size (buffer);
  gst_h4_audio_fft_follow (self, discont, time, size / self->stride);
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP)) {
    gst_buffer_unref (buffer);
    buffer = gst_h4_audio_fft_make_silence (size);
  }
  gst_adapter_push (self->adapter, buffer);
  return gst_h4_audio_fft_drain (self);

  /* ERRORS */
not_negotiated:
  {
    GST_ELEMENT_ERROR (self, CORE, NEGOTIATION, (NULL),
        ("audio came before its caps"));
    gst_buffer_unref (buffer);
    return GST_FLOW_NOT_NEGOTIATED;
  }
}

/* How many samples a gap stands for. One that goes on where the audio ended
 * ends at the sample that its end is nearest to, so that many short ones add
 * up to no error. Sets @discont where it does not go on. */
static guint64
gst_h4_audio_fft_measure_gap (GstH4AudioFft * self, GstClockTime time,
    GstClockTime duration, gboolean * discont)
{
  *discont = TRUE;
  if (GST_CLOCK_TIME_IS_VALID (self->base)) {
    GstClockTimeDiff off = GST_CLOCK_DIFF (gst_h4_audio_fft_time_of (self,
            self->received), time);

    *discont = ABS (off) > (GstClockTimeDiff) ALIGNMENT_THRESHOLD;
  }
  if (!*discont) {
    GstClockTime end = time + duration;
    guint64 samples = end <= self->base ? 0
        : gst_util_uint64_scale_round (end - self->base, self->rate,
        GST_SECOND);

    return samples > self->received ? samples - self->received : 0;
  }
  return gst_util_uint64_scale_round (duration, self->rate, GST_SECOND);
}

static GstFlowReturn
gst_h4_audio_fft_push_silence (GstH4AudioFft * self, guint64 n)
{
  guint64 at_once = self->settings.frame_size;
  GstFlowReturn ret = GST_FLOW_OK;

  while (n > 0 && ret == GST_FLOW_OK) {
    guint64 samples = MIN (n, at_once);

    gst_adapter_push (self->adapter,
        gst_h4_audio_fft_make_silence (samples * self->stride));
    ret = gst_h4_audio_fft_drain (self);
    n -= samples;
  }
  return ret;
}

/* A gap is silence, as long as it is no longer than silence may be. */
static gboolean
gst_h4_audio_fft_handle_gap (GstH4AudioFft * self, GstEvent * event)
{
  GstClockTime time, duration;
  gboolean discont;
  guint64 n;

  gst_event_parse_gap (event, &time, &duration);
  if (!self->spectrum || !self->has_time || self->segment.rate < 0.0
      || !GST_CLOCK_TIME_IS_VALID (duration) || duration > MAX_GAP) {
    gst_h4_audio_fft_reset (self);
    return gst_pad_push_event (self->srcpad, event);
  }
  gst_event_unref (event);

  n = gst_h4_audio_fft_measure_gap (self, time, duration, &discont);
  if (n == 0)
    return TRUE;
  gst_h4_audio_fft_follow (self, discont, time, MIN (n, G_MAXUINT));
  return gst_h4_audio_fft_push_silence (self, MIN (n, G_MAXUINT))
      == GST_FLOW_OK;
}

static GstCaps *
gst_h4_audio_fft_make_caps (GstH4AudioFft * self)
{
  return gst_caps_new_simple ("application/x-h4-token",
      "domain", G_TYPE_STRING, "audio",
      "rate", G_TYPE_INT, (gint) self->rate,
      "frame-size", G_TYPE_INT, (gint) self->settings.frame_size,
      "hop", G_TYPE_INT, (gint) self->settings.hop,
      "top-k", G_TYPE_INT,
      (gint) gst_h4_spectrum_get_n_bins (self->spectrum),
      "channels", G_TYPE_INT, (gint) self->channels,
      "window", G_TYPE_STRING, gst_h4_audio_fft_get_window_name (self), NULL);
}

static gboolean
gst_h4_audio_fft_parse_caps (GstCaps * caps, GstH4SpectrumConfig * config)
{
  static const gchar *formats[] = {
    [GST_H4_SAMPLE_S16LE] = "S16LE",
    [GST_H4_SAMPLE_S32LE] = "S32LE",
    [GST_H4_SAMPLE_F32LE] = "F32LE",
    [GST_H4_SAMPLE_F64LE] = "F64LE",
  };
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  const gchar *format = gst_structure_get_string (s, "format");
  gint rate, channels;
  guint i;

  if (!format || !gst_structure_get_int (s, "rate", &rate) || rate < 1
      || !gst_structure_get_int (s, "channels", &channels) || channels < 1)
    return FALSE;
  config->rate = rate;
  config->channels = channels;
  for (i = 0; i < G_N_ELEMENTS (formats); i++) {
    if (g_str_equal (format, formats[i])) {
      config->format = i;
      return TRUE;
    }
  }
  return FALSE;
}

/* Latency changes with the rate alone; the application is told to ask anew. */
static void
gst_h4_audio_fft_update_latency (GstH4AudioFft * self)
{
  GstClockTime latency = gst_util_uint64_scale_ceil (self->settings.frame_size,
      GST_SECOND, self->rate);
  gboolean changed;

  GST_OBJECT_LOCK (self);
  changed = self->latency != latency;
  self->latency = latency;
  GST_OBJECT_UNLOCK (self);
  if (changed)
    gst_element_post_message (GST_ELEMENT (self),
        gst_message_new_latency (GST_OBJECT (self)));
}

static void
gst_h4_audio_fft_clear_stream (GstH4AudioFft * self)
{
  g_clear_pointer (&self->spectrum, gst_h4_spectrum_free);
  g_clear_pointer (&self->align, gst_audio_stream_align_free);
  gst_h4_audio_fft_reset (self);
}

static gboolean
gst_h4_audio_fft_handle_caps (GstH4AudioFft * self, GstEvent * event)
{
  const GstH4AudioFftSettings *settings = &self->settings;
  GstH4SpectrumConfig config = {
    .frame_size = settings->frame_size,
    .top_k = settings->top_k,
    .window = settings->window,
    .parabolic = settings->interpolate == GST_H4_AUDIO_FFT_INTERPOLATE_PARABOLIC
  };
  GstCaps *caps;
  gboolean ret;

  gst_event_parse_caps (event, &caps);
  gst_h4_audio_fft_clear_stream (self);
  if (!gst_h4_audio_fft_parse_caps (caps, &config))
    goto bad_caps;
  self->spectrum = gst_h4_spectrum_new (&config);
  if (!self->spectrum)
    goto no_plan;
  self->align = gst_audio_stream_align_new (config.rate, ALIGNMENT_THRESHOLD,
      DISCONT_WAIT);
  self->rate = config.rate;
  self->channels = settings->channel_mode
      == GST_H4_AUDIO_FFT_CHANNEL_MODE_EACH ? config.channels : 1;
  self->stride = gst_h4_sample_size (config.format) * config.channels;
  gst_event_unref (event);

  caps = gst_h4_audio_fft_make_caps (self);
  ret = gst_pad_push_event (self->srcpad, gst_event_new_caps (caps));
  gst_caps_unref (caps);
  gst_h4_audio_fft_update_latency (self);
  return ret;

  /* ERRORS */
bad_caps:
  {
    GST_WARNING_OBJECT (self, "refused caps %" GST_PTR_FORMAT, caps);
    gst_event_unref (event);
    return FALSE;
  }
no_plan:
  {
    GST_ELEMENT_ERROR (self, LIBRARY, INIT,
        (_("FFTW could not be set up.")),
        ("no plan or no memory for %u samples", config.frame_size));
    gst_event_unref (event);
    return FALSE;
  }
}

/* Bytes are counted from the stream's beginning, which is time 0. */
static void
gst_h4_audio_fft_convert_segment (GstH4AudioFft * self, const GstSegment * from)
{
  gst_segment_init (&self->segment, GST_FORMAT_TIME);
  self->segment.rate = from->rate;
  self->segment.applied_rate = from->applied_rate;
  if (from->format == GST_FORMAT_BYTES && self->spectrum)
    self->segment.start = gst_util_uint64_scale (from->start / self->stride,
        GST_SECOND, self->rate);
  self->segment.position = self->segment.start;
  self->segment.time = self->segment.start;
}

static gboolean
gst_h4_audio_fft_handle_segment (GstH4AudioFft * self, GstEvent * event)
{
  const GstSegment *segment;
  GstEvent *converted;

  gst_event_parse_segment (event, &segment);
  self->has_time = segment->format == GST_FORMAT_TIME;
  if (self->has_time) {
    /* One that is sent again changes nothing for the samples in it. */
    if (!gst_segment_is_equal (segment, &self->segment))
      gst_h4_audio_fft_reset (self);
    gst_segment_copy_into (segment, &self->segment);
    return gst_pad_push_event (self->srcpad, event);
  }

  gst_h4_audio_fft_reset (self);
  gst_h4_audio_fft_convert_segment (self, segment);
  converted = gst_event_new_segment (&self->segment);
  gst_event_set_seqnum (converted, gst_event_get_seqnum (event));
  gst_event_unref (event);
  return gst_pad_push_event (self->srcpad, converted);
}

static gboolean
gst_h4_audio_fft_sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  GstH4AudioFft *self = GST_H4_AUDIO_FFT (parent);

  GST_DEBUG_OBJECT (pad, "%" GST_PTR_FORMAT, event);
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      return gst_h4_audio_fft_handle_caps (self, event);
    case GST_EVENT_SEGMENT:
      return gst_h4_audio_fft_handle_segment (self, event);
    case GST_EVENT_GAP:
      return gst_h4_audio_fft_handle_gap (self, event);
    case GST_EVENT_FLUSH_STOP:
      gst_segment_init (&self->segment, GST_FORMAT_TIME);
      gst_h4_audio_fft_reset (self);
      break;
    case GST_EVENT_STREAM_START:
    case GST_EVENT_EOS:
      gst_h4_audio_fft_reset (self);
      break;
    default:
      break;
  }
  return gst_pad_event_default (pad, parent, event);
}

/* A frame is complete, and its first sample that old, when its last comes. */
static gboolean
gst_h4_audio_fft_query_latency (GstH4AudioFft * self, GstQuery * query)
{
  GstClockTime min, max, latency;
  gboolean live;

  if (!gst_pad_peer_query (self->sinkpad, query))
    return FALSE;

  GST_OBJECT_LOCK (self);
  latency = self->latency;
  GST_OBJECT_UNLOCK (self);
  gst_query_parse_latency (query, &live, &min, &max);
  min += latency;
  if (GST_CLOCK_TIME_IS_VALID (max))
    max += latency;
  gst_query_set_latency (query, live, min, max);
  return TRUE;
}

static gboolean
gst_h4_audio_fft_src_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  if (GST_QUERY_TYPE (query) == GST_QUERY_LATENCY)
    return gst_h4_audio_fft_query_latency (GST_H4_AUDIO_FFT (parent), query);
  return gst_pad_query_default (pad, parent, query);
}

static gboolean
gst_h4_audio_fft_start (GstH4AudioFft * self)
{
  GstH4AudioFftSettings *settings = &self->settings;

  GST_OBJECT_LOCK (self);
  *settings = self->properties;
  GST_OBJECT_UNLOCK (self);

  if (settings->frame_size & (settings->frame_size - 1)) {
    GST_ELEMENT_ERROR (self, LIBRARY, SETTINGS,
        (_("The frame size must be a power of two.")),
        ("frame-size is %u", settings->frame_size));
    return FALSE;
  }
  if (settings->hop == 0)
    settings->hop = settings->frame_size / 2;

  gst_segment_init (&self->segment, GST_FORMAT_TIME);
  self->has_time = TRUE;
  gst_h4_audio_fft_reset (self);
  return TRUE;
}

static void
gst_h4_audio_fft_stop (GstH4AudioFft * self)
{
  gst_h4_audio_fft_clear_stream (self);
  GST_OBJECT_LOCK (self);
  self->latency = 0;
  GST_OBJECT_UNLOCK (self);
}

static GstStateChangeReturn
gst_h4_audio_fft_change_state (GstElement * element, GstStateChange transition)
{
  GstH4AudioFft *self = GST_H4_AUDIO_FFT (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED
      && !gst_h4_audio_fft_start (self))
    return GST_STATE_CHANGE_FAILURE;

  ret = GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    gst_h4_audio_fft_stop (self);
  return ret;
}

static void
gst_h4_audio_fft_set_property (GObject * object, guint prop_id,
    const GValue * value, GParamSpec * pspec)
{
  GstH4AudioFft *self = GST_H4_AUDIO_FFT (object);

  GST_OBJECT_LOCK (self);
  switch (prop_id) {
    case PROP_FRAME_SIZE:
      self->properties.frame_size = g_value_get_uint (value);
      break;
    case PROP_HOP:
      self->properties.hop = g_value_get_uint (value);
      break;
    case PROP_TOP_K:
      self->properties.top_k = g_value_get_uint (value);
      break;
    case PROP_WINDOW:
      self->properties.window = g_value_get_enum (value);
      break;
    case PROP_CHANNEL_MODE:
      self->properties.channel_mode = g_value_get_enum (value);
      break;
    case PROP_INTERPOLATE:
      self->properties.interpolate = g_value_get_enum (value);
      break;
    case PROP_POST_MESSAGES:
      self->post_messages = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_h4_audio_fft_get_property (GObject * object, guint prop_id,
    GValue * value, GParamSpec * pspec)
{
  GstH4AudioFft *self = GST_H4_AUDIO_FFT (object);

  GST_OBJECT_LOCK (self);
  switch (prop_id) {
    case PROP_FRAME_SIZE:
      g_value_set_uint (value, self->properties.frame_size);
      break;
    case PROP_HOP:
      g_value_set_uint (value, self->properties.hop);
      break;
    case PROP_TOP_K:
      g_value_set_uint (value, self->properties.top_k);
      break;
    case PROP_WINDOW:
      g_value_set_enum (value, self->properties.window);
      break;
    case PROP_CHANNEL_MODE:
      g_value_set_enum (value, self->properties.channel_mode);
      break;
    case PROP_INTERPOLATE:
      g_value_set_enum (value, self->properties.interpolate);
      break;
    case PROP_POST_MESSAGES:
      g_value_set_boolean (value, self->post_messages);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
  }
  GST_OBJECT_UNLOCK (self);
}

static void
gst_h4_audio_fft_finalize (GObject * object)
{
  GstH4AudioFft *self = GST_H4_AUDIO_FFT (object);

  g_clear_pointer (&self->spectrum, gst_h4_spectrum_free);
  g_clear_pointer (&self->align, gst_audio_stream_align_free);
  g_clear_object (&self->adapter);
  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
gst_h4_audio_fft_init (GstH4AudioFft * self)
{
  self->properties.frame_size = DEFAULT_FRAME_SIZE;
  self->properties.hop = DEFAULT_HOP;
  self->properties.top_k = DEFAULT_TOP_K;
  self->properties.window = DEFAULT_WINDOW;
  self->properties.channel_mode = DEFAULT_CHANNEL_MODE;
  self->properties.interpolate = DEFAULT_INTERPOLATE;
  self->post_messages = DEFAULT_POST_MESSAGES;
  self->adapter = gst_adapter_new ();
  self->base = GST_CLOCK_TIME_NONE;
  gst_segment_init (&self->segment, GST_FORMAT_TIME);

  self->sinkpad = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sinkpad,
      GST_DEBUG_FUNCPTR (gst_h4_audio_fft_chain));
  gst_pad_set_event_function (self->sinkpad,
      GST_DEBUG_FUNCPTR (gst_h4_audio_fft_sink_event));
  gst_element_add_pad (GST_ELEMENT (self), self->sinkpad);

  self->srcpad = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_query_function (self->srcpad,
      GST_DEBUG_FUNCPTR (gst_h4_audio_fft_src_query));
  gst_element_add_pad (GST_ELEMENT (self), self->srcpad);
}

static void
gst_h4_audio_fft_class_init (GstH4AudioFftClass * klass)
{
  GObjectClass *gobject_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  const GParamFlags ready = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_READY;

  gobject_class->set_property = gst_h4_audio_fft_set_property;
  gobject_class->get_property = gst_h4_audio_fft_get_property;
  gobject_class->finalize = gst_h4_audio_fft_finalize;
  element_class->change_state =
      GST_DEBUG_FUNCPTR (gst_h4_audio_fft_change_state);

  /**
   * GstH4AudioFft:frame-size:
   *
   * Samples of a frame, a power of two.
   *
   * Since: 1.0
   */
  properties[PROP_FRAME_SIZE] = g_param_spec_uint ("frame-size", "Frame size",
      "Samples of a frame, a power of two", GST_H4_SPECTRUM_MIN_FRAME_SIZE,
      GST_H4_SPECTRUM_MAX_FRAME_SIZE, DEFAULT_FRAME_SIZE, ready);

  /**
   * GstH4AudioFft:hop:
   *
   * Samples from one frame's first to the next frame's first; 0 for half a
   * frame. It may be more than a frame: what lies between is not looked at.
   *
   * Since: 1.0
   */
  properties[PROP_HOP] = g_param_spec_uint ("hop", "Hop",
      "Samples from one frame to the next (0 = half a frame)", 0, G_MAXINT,
      DEFAULT_HOP, ready);

  /**
   * GstH4AudioFft:top-k:
   *
   * How many bins of a frame become tokens, the largest first. A frame has no
   * more than frame-size / 2 + 1; the caps say how many there are.
   *
   * Since: 1.0
   */
  properties[PROP_TOP_K] = g_param_spec_uint ("top-k", "Top K",
      "Largest bins of a frame that become tokens", 1, MAX_TOP_K,
      DEFAULT_TOP_K, ready);

  /**
   * GstH4AudioFft:window:
   *
   * What a frame is multiplied by before its transform, in the symmetric form
   * of F. J. Harris, "On the Use of Windows for Harmonic Analysis with the
   * Discrete Fourier Transform", Proceedings of the IEEE 66 (1), 1978.
   *
   * Since: 1.0
   */
  properties[PROP_WINDOW] = g_param_spec_enum ("window", "Window",
      "What a frame is multiplied by", GST_TYPE_H4_AUDIO_FFT_WINDOW,
      DEFAULT_WINDOW, ready);

  /**
   * GstH4AudioFft:channel-mode:
   *
   * Whether the mean of all channels is analysed, or each channel by itself;
   * then a buffer holds the tokens of all channels, one channel after another.
   *
   * Since: 1.0
   */
  properties[PROP_CHANNEL_MODE] = g_param_spec_enum ("channel-mode",
      "Channel mode", "Whether channels are mixed or have their own tokens",
      GST_TYPE_H4_AUDIO_FFT_CHANNEL_MODE, DEFAULT_CHANNEL_MODE, ready);

  /**
   * GstH4AudioFft:interpolate:
   *
   * How to find the frequency of a peak that lies between two bins.
   *
   * Since: 1.0
   */
  properties[PROP_INTERPOLATE] = g_param_spec_enum ("interpolate",
      "Interpolate", "How to find frequencies between bins",
      GST_TYPE_H4_AUDIO_FFT_INTERPOLATE, DEFAULT_INTERPOLATE, ready);

  /**
   * GstH4AudioFft:post-messages:
   *
   * Whether each frame posts an element message with its bins.
   *
   * Since: 1.0
   */
  properties[PROP_POST_MESSAGES] = g_param_spec_boolean ("post-messages",
      "Post messages", "Post an element message for each frame",
      DEFAULT_POST_MESSAGES,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_PLAYING);

  g_object_class_install_properties (gobject_class, N_PROPERTIES, properties);

  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class,
      "H4 audio spectrum tokens", "Filter/Analyzer/Audio",
      "Turns raw audio into tokens of its largest spectral bins",
      "The gst-harmony4 authors");

  gst_type_mark_as_plugin_api (GST_TYPE_H4_AUDIO_FFT_WINDOW, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_H4_AUDIO_FFT_CHANNEL_MODE, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_H4_AUDIO_FFT_INTERPOLATE, 0);
}
