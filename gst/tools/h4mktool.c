/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "h4mktool.h"

gboolean
h4mk_parse_options (int *argc, char ***argv, const gchar * arguments,
    const gchar * summary, const GOptionEntry * entries, int n_arguments)
{
  gchar *name = g_strdup_printf ("h4mk %s", (*argv)[0]);
  GOptionContext *context = g_option_context_new (arguments);
  GError *error = NULL;
  gboolean ok;

  g_set_prgname (name);
  g_option_context_set_summary (context, summary);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  if (entries)
    g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  ok = g_option_context_parse (context, argc, argv, &error);
  if (!ok) {
    h4mk_complain ("%s", error->message);
    g_clear_error (&error);
  } else {
    int i;

    /* "--" stays where a name follows that begins with a dash */
    for (i = 1; i < *argc && strcmp ((*argv)[i], "--") != 0; i++);
    if (i < *argc) {
      memmove (*argv + i, *argv + i + 1, (*argc - i) * sizeof (char *));
      (*argc)--;
    }
    ok = *argc == n_arguments + 1;
    if (!ok)
      h4mk_complain (_("Usage: %s [OPTION…] %s"), name, arguments);
  }
  g_option_context_free (context);
  g_free (name);
  return ok;
}

/* Controls, and marks that turn the direction of the text around. */
static gboolean
is_harmful (gunichar c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029
      || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

gchar *
h4mk_escape (const gchar * text)
{
  gchar *valid = g_utf8_make_valid (text, -1);
  GString *out = g_string_new (NULL);
  const gchar *p;

  for (p = valid; *p; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    if (is_harmful (c))
      g_string_append_printf (out, "\\u%04x", c);
    else
      g_string_append_unichar (out, c);
  }
  g_free (valid);
  return g_string_free (out, FALSE);
}

void
h4mk_complain (const gchar * format, ...)
{
  gchar *text, *harmless;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  harmless = h4mk_escape (text);
  fprintf (stderr, "h4mk: %s\n", harmless);
  g_free (harmless);
  g_free (text);
}

/* Damage is damage, whatever was to be done; all else is I/O or usage. */
int
h4mk_fail (GError * error)
{
  int code = error->domain == GST_H4MK_ERROR
      && error->code != GST_H4MK_ERROR_INVALID ? H4MK_EXIT_DAMAGED :
      H4MK_EXIT_FAILED;

  h4mk_complain ("%s", error->message);
  g_error_free (error);
  return code;
}

void
h4mk_print_padded (const gchar * text, int width)
{
  int padding = MAX (0, ABS (width) - (int) g_utf8_strlen (text, -1));

  printf ("%*s%s%*s", width > 0 ? padding : 0, "", text,
      width < 0 ? padding : 0, "");
}

void
h4mk_print_json (JsonObject * object)
{
  gchar *text = h4mk_json_to_text (object);

  /* JSON lets controls above U+001F stand as they are; a terminal does not */
  if (isatty (STDOUT_FILENO)) {
    gchar *harmless = h4mk_escape (text);

    g_free (text);
    text = harmless;
  }
  puts (text);
  g_free (text);
}

int
h4mk_flush (int code)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return code;
  h4mk_complain (_("The output could not be written."));
  return H4MK_EXIT_FAILED;
}

gchar *
h4mk_format_time (gint64 ns)
{
  guint64 t = ns < 0 ? -(guint64) ns : (guint64) ns;
  guint64 s = t / 1000000000;
  guint digits = t % 1000 ? 9 : t % 1000000 ? 6 : 3, i;
  guint64 fraction = t % 1000000000;

  for (i = digits; i < 9; i++)
    fraction /= 10;
  return g_strdup_printf ("%s%" G_GUINT64_FORMAT ":%02u:%02u.%0*u",
      ns < 0 ? "-" : "", s / 3600, (guint) (s / 60 % 60), (guint) (s % 60),
      digits, (guint) fraction);
}

static gboolean
get_unit (const gchar * text, gdouble * unit)
{
  static const struct
  {
    const gchar *name;
    gdouble ns;
  } units[] = {
    {"", 1e9}, {"h", 3600e9}, {"m", 60e9}, {"s", 1e9}, {"ms", 1e6},
    {"us", 1e3}, {"ns", 1}
  };
  guint i;

  for (i = 0; i < G_N_ELEMENTS (units); i++) {
    if (strcmp (text, units[i].name) == 0) {
      *unit = units[i].ns;
      return TRUE;
    }
  }
  return FALSE;
}

gboolean
h4mk_parse_time (const gchar * text, gint64 * ns, GError ** error)
{
  gdouble sum = 0, unit;
  const gchar *p = text;
  gchar *end;
  gint colons = 0;

  while (g_ascii_isdigit (*p) || (*p == '.' && p > text)) {
    gdouble value = g_ascii_strtod (p, &end);

    sum = sum * 60 + value;
    p = end;
    if (*p != ':' || colons++ == 2)
      break;
    p++;
  }
  if (p > text && p[-1] != ':' && get_unit (p, &unit)
      && (colons == 0 || *p == 0) && sum * unit < 9.2e18) {
    *ns = (gint64) (sum * unit + 0.5);
    return TRUE;
  }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
      _("\"%s\" is no time: give seconds, h:m:s, or a number with a unit."),
      text);
  return FALSE;
}

gboolean
h4mk_input_open (H4mkInput * input, const gchar * path, gboolean with_index,
    GError ** error)
{
  H4mkSource *source = &input->source;

  input->file = gst_h4mk_file_open (path, error);
  if (!input->file)
    return FALSE;
  source->read = gst_h4mk_file_read;
  source->user_data = input->file;
  source->file_size = gst_h4mk_file_get_size (input->file);
  source->index = NULL;
  if (!with_index)
    return TRUE;
  source->index = gst_h4mk_index_new (source->read, source->user_data);
  if (gst_h4mk_index_open (source->index, source->file_size, error))
    return TRUE;
  h4mk_input_close (input);
  return FALSE;
}

void
h4mk_input_close (H4mkInput * input)
{
  g_clear_pointer (&input->source.index, gst_h4mk_index_free);
  g_clear_pointer (&input->file, gst_h4mk_file_close);
}

void
h4mk_progress_init (H4mkProgress * progress, const gchar * what)
{
  progress->what = what;
  progress->start = g_get_monotonic_time ();
  progress->percent = -1;
  progress->cancelled = NULL;
}

gboolean
h4mk_progress_update (guint64 done, guint64 total, gpointer user_data)
{
  H4mkProgress *progress = user_data;
  gint percent = total ? (gint) (100.0 * done / total) : 100;

  if (progress->cancelled && g_atomic_int_get (progress->cancelled))
    return FALSE;
  if (percent == progress->percent || !isatty (STDERR_FILENO)
      || g_get_monotonic_time () - progress->start < G_TIME_SPAN_SECOND)
    return TRUE;
  progress->percent = percent;
  fprintf (stderr, "\r%s %3d %%", progress->what, percent);
  fflush (stderr);
  return TRUE;
}

void
h4mk_progress_end (H4mkProgress * progress)
{
  if (progress->percent >= 0)
    fputs ("\r\033[K", stderr);
}
