/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <string.h>
#include <time.h>

#include "h4range.h"

static const gchar *
skip_blanks (const gchar * p)
{
  while (*p == ' ' || *p == '\t')
    p++;
  return p;
}

/* Digits, as many as there are: what does not fit is larger than any file. */
static const gchar *
parse_number (const gchar * p, guint64 * value, gboolean * there)
{
  *there = g_ascii_isdigit (*p);
  for (*value = 0; g_ascii_isdigit (*p); p++) {
    if (!g_uint64_checked_mul (value, *value, 10)
        || !g_uint64_checked_add (value, *value, (guint64) (*p - '0')))
      *value = G_MAXUINT64;
  }
  return p;
}

typedef struct
{
  guint64 first;
  guint64 last;
  gboolean has_first;
  gboolean has_last;
} Spec;

/* One of the list's elements; NULL where it is none. */
static const gchar *
parse_spec (const gchar * p, Spec * spec)
{
  p = parse_number (p, &spec->first, &spec->has_first);
  if (*p++ != '-')
    return NULL;
  p = parse_number (p, &spec->last, &spec->has_last);
  if (!spec->has_first && !spec->has_last)
    return NULL;
  if (spec->has_first && spec->has_last && spec->last < spec->first)
    return NULL;
  return skip_blanks (p);
}

/* The only element of the list: empty ones around it are allowed. */
static gboolean
parse_list (const gchar * p, Spec * spec)
{
  gboolean found = FALSE;

  while (TRUE) {
    p = skip_blanks (p);
    if (*p && *p != ',') {
      if (found)
        return FALSE;
      p = parse_spec (p, spec);
      if (!p)
        return FALSE;
      found = TRUE;
    }
    if (*p == 0)
      return found;
    if (*p++ != ',')
      return FALSE;
  }
}

H4RangeKind
h4_range_parse (const gchar * text, guint64 size, guint64 * first,
    guint64 * length)
{
  Spec spec;

  *first = 0;
  *length = size;
  if (!text)
    return H4_RANGE_WHOLE;
  text = skip_blanks (text);
  if (g_ascii_strncasecmp (text, "bytes=", 6) != 0
      || !parse_list (text + 6, &spec))
    return H4_RANGE_WHOLE;

  if (!spec.has_first) {
    if (spec.last == 0)
      return H4_RANGE_UNSATISFIABLE;
    /* the last bytes of nothing: no Content-Range can say that */
    if (size == 0)
      return H4_RANGE_WHOLE;
    *length = MIN (spec.last, size);
    *first = size - *length;
    return H4_RANGE_PART;
  }
  if (spec.first >= size)
    return H4_RANGE_UNSATISFIABLE;
  *first = spec.first;
  *length = size - spec.first;
  if (spec.has_last && spec.last - spec.first < *length)
    *length = spec.last - spec.first + 1;
  return H4_RANGE_PART;
}

/* Names are the protocol's, whatever the locale. */
static void
format_date (gint64 seconds, gchar * text, gsize size)
{
  static const gchar *const days[] = {
    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"
  };
  static const gchar *const months[] = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct",
    "Nov", "Dec"
  };
  time_t t = (time_t) seconds;
  struct tm tm;

  *text = 0;
  /* a year of five digits, or one before Christ, is no HTTP date */
  if (gmtime_r (&t, &tm) && tm.tm_year > -1900 && tm.tm_year < 10000 - 1900)
    g_snprintf (text, size, "%s, %02d %s %04d %02d:%02d:%02d GMT",
        days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
        tm.tm_hour, tm.tm_min, tm.tm_sec);
}

void
h4_validators_init (H4Validators * validators, const struct stat *st)
{
  gint64 ns = (gint64) ((guint64) st->st_mtim.tv_sec * 1000000000
      + (guint64) st->st_mtim.tv_nsec);

  g_snprintf (validators->etag, sizeof (validators->etag),
      "\"%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER
      "x\"", (guint64) st->st_ino, (guint64) st->st_size, (guint64) ns);
  validators->modified_time = st->st_mtim.tv_sec;
  format_date (validators->modified_time, validators->modified,
      sizeof (validators->modified));
}

/* Behind one `"…"` or `W/"…"`, NULL where none stands there. */
static const gchar *
parse_etag (const gchar * p, const gchar ** tag, gsize * size, gboolean * weak)
{
  const gchar *end;

  *weak = g_str_has_prefix (p, "W/");
  *tag = *weak ? p + 2 : p;
  if (**tag != '"')
    return NULL;
  end = strchr (*tag + 1, '"');
  if (!end)
    return NULL;
  *size = (gsize) (end + 1 - *tag);
  return end + 1;
}

/* In a list of tags or `*`; weak: W/ counts for nothing. */
static gboolean
list_has_etag (const gchar * list, const gchar * etag, gboolean weak)
{
  const gchar *p = skip_blanks (list);

  if (*p == '*')
    return *skip_blanks (p + 1) == 0;
  while (*p) {
    gboolean is_weak;
    const gchar *tag;
    gsize size;

    if (*p == ',' || *p == ' ' || *p == '\t') {
      p++;
      continue;
    }
    p = parse_etag (p, &tag, &size, &is_weak);
    if (!p)
      return FALSE;
    if ((weak || !is_weak) && size == strlen (etag)
        && memcmp (tag, etag, size) == 0)
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_date (const gchar * text, const H4Validators * validators)
{
  return *validators->modified && strcmp (text, validators->modified) == 0;
}

/* RFC 9110, 13.1.5: only what surely is the same file may be continued; a date
 * is sure where the file has not changed within the second (8.8.2.2). */
static gboolean
may_continue (const gchar * if_range, const H4Validators * validators,
    gint64 now)
{
  if (!if_range)
    return TRUE;
  if_range = skip_blanks (if_range);
  if (*if_range == '"')
    return strcmp (if_range, validators->etag) == 0;
  return is_date (if_range, validators) && validators->modified_time < now;
}

guint
h4_conditions_decide (const H4Conditions * conditions, gboolean head,
    const H4Validators * validators, guint64 size, gint64 now,
    guint64 * first, guint64 * length)
{
  H4RangeKind kind;

  *first = 0;
  *length = size;
  if (conditions->if_match
      && !list_has_etag (conditions->if_match, validators->etag, FALSE))
    return 412;
  if (conditions->if_none_match) {
    if (list_has_etag (conditions->if_none_match, validators->etag, TRUE))
      return 304;
  } else if (conditions->if_modified_since
      && is_date (conditions->if_modified_since, validators)) {
    return 304;
  }

  /* a range is GET's alone (14.2) */
  if (head || !may_continue (conditions->if_range, validators, now))
    return 200;
  kind = h4_range_parse (conditions->range, size, first, length);
  return kind == H4_RANGE_WHOLE ? 200 : kind == H4_RANGE_PART ? 206 : 416;
}
