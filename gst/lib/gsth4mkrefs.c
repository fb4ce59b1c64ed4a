/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "gsth4mkrefs.h"

/* How many places are kept a track; then the half that is over first goes. */
#define MAX_KEYS 1024
#define MAX_LASTING 4096

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

/* Keeps what is of use the longest, in file order. */
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
add_place (GArray * places, gint64 time, guint64 token, guint max)
{
  Place place = { time, token };

  if (places->len >= max)
    drop_half (places);
  g_array_append_val (places, place);
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
  add_place (keys, pts, token, MAX_KEYS);
}

/* Only the first group that lasts beyond a time is asked for: one that ends
 * no later than one before it never is. */
static void
add_lasting_audio (GArray * lasting, gint64 end, guint64 token)
{
  Place *last = lasting->len > 0 ? place_at (lasting, lasting->len - 1) : NULL;

  if (last && end <= last->time)
    return;
  if (last && last->token == token)
    last->time = end;
  else
    add_place (lasting, end, token, MAX_LASTING);
}

static void
add_lasting (GArray * lasting, gint64 end, guint64 token)
{
  Place *last = lasting->len > 0 ? place_at (lasting, lasting->len - 1) : NULL;

  if (last && last->token == token)
    last->time = MAX (last->time, end);
  else
    add_place (lasting, end, token, MAX_LASTING);
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
  guint i;

  for (i = refs->keys->len; i > 0; i--) {
    if (place_at (refs->keys, i - 1)->time <= time) {
      *token = place_at (refs->keys, i - 1)->token;
      return TRUE;
    }
  }
  return FALSE;
}

static gboolean
find_lasting_group (const GstH4mkTrackRefs * refs, gint64 time, guint64 * token)
{
  guint i;

  for (i = 0; i < refs->lasting->len; i++) {
    if (place_at (refs->lasting, i)->time > time) {
      *token = place_at (refs->lasting, i)->token;
      return TRUE;
    }
  }
  return FALSE;
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
