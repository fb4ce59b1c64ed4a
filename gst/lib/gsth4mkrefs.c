/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4mkrefs.h"

/* How many places are kept a list: hours of the default groups. What a seek
 * needs of a time before those is then less than exact, but never too little:
 * a reader is led to an earlier group. */
#define MAX_PLACES 32768

/* A group, by its TOKN, and a time: of its key block, or until when it lasts.
 * Places stand in file order. */
typedef struct
{
  gint64 time;
  guint64 token;
} Place;

#define place_at(places,i) (&g_array_index (places, Place, i))

void
gst_h4mk_track_refs_init (GstH4mkTrackRefs * refs, GstH4mkTrackKind kind)
{
  refs->kind = kind;
  refs->keys = g_array_new (FALSE, FALSE, sizeof (Place));
  refs->lasting = g_array_new (FALSE, FALSE, sizeof (Place));
  refs->open = FALSE;
  refs->open_token = 0;
}

void
gst_h4mk_track_refs_clear (GstH4mkTrackRefs * refs)
{
  g_array_unref (refs->keys);
  g_array_unref (refs->lasting);
}

static gint
compare_times (gconstpointer a, gconstpointer b)
{
  const Place *pa = a, *pb = b;

  return (pa->time > pb->time) - (pa->time < pb->time);
}

/* Half of the older half goes. Each pair becomes one place that begins with the
 * earlier group and lasts as long as the later one; a key block's time is that
 * of the earlier. */
static void
thin_out (GArray * places, gboolean lasting)
{
  guint half = places->len / 2 & ~1u, i;

  for (i = 0; i < half; i += 2) {
    Place place = *place_at (places, i);

    if (lasting)
      place.time = place_at (places, i + 1)->time;
    *place_at (places, i / 2) = place;
  }
  g_array_remove_range (places, half / 2, half / 2);
}

/* Of subtitles and data each group stands for itself: what ends first goes. */
static void
drop_half (GArray * places)
{
  GArray *sorted = g_array_copy (places);
  guint half = places->len / 2, kept = 0, i;
  gint64 median;

  g_array_sort (sorted, compare_times);
  median = place_at (sorted, half)->time;
  g_array_unref (sorted);

  for (i = 0; i < places->len; i++) {
    if (place_at (places, i)->time >= median)
      *place_at (places, kept++) = *place_at (places, i);
  }
  g_array_set_size (places, kept);
  /* many that are equal: the oldest of them go */
  if (kept > half + 1)
    g_array_remove_range (places, 0, kept - half - 1);
}

static void
add_place (GArray * places, gint64 time, guint64 token)
{
  Place place = { time, token };

  g_array_append_val (places, place);
}

/* The first place whose time is beyond a given one, where times grow. */
static guint
find_beyond (GArray * places, gint64 time)
{
  guint from = 0, to = places->len;

  while (from < to) {
    guint middle = from + (to - from) / 2;

    if (place_at (places, middle)->time > time)
      to = middle;
    else
      from = middle + 1;
  }
  return from;
}

/* A later key block hides those before it that are not earlier in time; a
 * group's own later ones lead to the same group. */
static void
add_key (GArray * keys, gint64 pts, guint64 token)
{
  while (keys->len > 0 && place_at (keys, keys->len - 1)->time >= pts)
    g_array_set_size (keys, keys->len - 1);
  if (keys->len > 0 && place_at (keys, keys->len - 1)->token == token)
    return;
  if (keys->len >= MAX_PLACES)
    thin_out (keys, FALSE);
  add_place (keys, pts, token);
}

/* Only the first group that lasts beyond a time is asked for: one that ends
 * no later than one before it never is. */
static void
add_lasting_audio (GArray * lasting, gint64 end, guint64 token)
{
  Place *last = lasting->len > 0 ? place_at (lasting, lasting->len - 1) : NULL;

  if (last && end <= last->time)
    return;
  if (last && last->token == token) {
    last->time = end;
    return;
  }
  if (lasting->len >= MAX_PLACES)
    thin_out (lasting, TRUE);
  add_place (lasting, end, token);
}

static void
add_lasting (GArray * lasting, gint64 end, guint64 token)
{
  Place *last = lasting->len > 0 ? place_at (lasting, lasting->len - 1) : NULL;

  if (last && last->token == token) {
    last->time = MAX (last->time, end);
    return;
  }
  if (lasting->len >= MAX_PLACES)
    drop_half (lasting);
  add_place (lasting, end, token);
}

void
gst_h4mk_track_refs_add (GstH4mkTrackRefs * refs, const GstH4mkRecord * record,
    guint64 token)
{
  gint64 end = record->pts + record->duration;

  if (record->flags & GST_H4MK_RECORD_NO_PTS)
    return;

  switch (refs->kind) {
    case GST_H4MK_TRACK_VIDEO:
    case GST_H4MK_TRACK_AUDIO:
      if (record->flags & GST_H4MK_RECORD_KEY)
        add_key (refs->keys, record->pts, token);
      if (refs->kind == GST_H4MK_TRACK_AUDIO)
        add_lasting_audio (refs->lasting, end, token);
      break;
    default:
      if (refs->open)
        add_lasting (refs->lasting, record->pts, refs->open_token);
      refs->open = !(record->flags & GST_H4MK_RECORD_HAS_DURATION);
      if (refs->open)
        refs->open_token = token;
      else
        add_lasting (refs->lasting, end, token);
      break;
  }
}

static void
append_ref (GArray * out, guint32 track, guint64 from, guint64 to)
{
  GstH4mkRef ref = { track, from - to };

  g_array_append_val (out, ref);
}

/* "Its latest earlier key block with pts ≤ P": earlier than the TOKN, also
 * where the span itself begins with a key block of the track. */
static gboolean
find_key_group (const GstH4mkTrackRefs * refs, gint64 time, guint64 * token)
{
  guint n = find_beyond (refs->keys, time);

  if (n > 0)
    *token = place_at (refs->keys, n - 1)->token;
  return n > 0;
}

static gboolean
find_lasting_group (const GstH4mkTrackRefs * refs, gint64 time, guint64 * token)
{
  guint n = find_beyond (refs->lasting, time);

  if (n < refs->lasting->len)
    *token = place_at (refs->lasting, n)->token;
  return n < refs->lasting->len;
}

/* When the open block ends: the next one may be in the group itself. */
static gint64
get_open_end (guint32 track, const GstH4mkToken * group)
{
  guint i;

  for (i = 0; i < group->records->len; i++) {
    const GstH4mkRecord *record = gst_h4mk_token_record (group, i);

    if (record->track == track && !(record->flags & GST_H4MK_RECORD_NO_PTS))
      return record->pts;
  }
  return G_MAXINT64;
}

static void
collect_lasting (const GstH4mkTrackRefs * refs, guint32 track,
    const GstH4mkToken * group, gint64 time, guint64 token, GArray * out)
{
  gboolean open = refs->open && get_open_end (track, group) > time;
  guint i;

  for (i = 0; i < refs->lasting->len; i++) {
    const Place *place = place_at (refs->lasting, i);

    if (place->time > time && !(open && place->token == refs->open_token))
      append_ref (out, track, token, place->token);
  }
  if (open)
    append_ref (out, track, token, refs->open_token);
}

void
gst_h4mk_track_refs_collect (const GstH4mkTrackRefs * refs, guint32 track,
    const GstH4mkToken * group, gint64 time, guint64 token, GArray * out)
{
  guint64 key = G_MAXUINT64, lasting = G_MAXUINT64;

  switch (refs->kind) {
    case GST_H4MK_TRACK_VIDEO:
    case GST_H4MK_TRACK_AUDIO:
      find_key_group (refs, time, &key);
      if (refs->kind == GST_H4MK_TRACK_AUDIO)
        find_lasting_group (refs, time, &lasting);
      if (MIN (key, lasting) < token)
        append_ref (out, track, token, MIN (key, lasting));
      break;
    default:
      collect_lasting (refs, track, group, time, token, out);
      break;
  }
}
