/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef __H4MK_TOOL_H__
#define __H4MK_TOOL_H__

/* What the subcommands of h4mk share. */

/* In a text to translate: xgettext understands PRIu64, but not G_GUINT64_FORMAT. */
#include <inttypes.h>

#include <gio/gio.h>

#include "gsth4-i18n.h"
#include "h4mkjson.h"
#include "h4mklookup.h"

G_BEGIN_DECLS

enum
{
  H4MK_EXIT_OK = 0,
  H4MK_EXIT_DAMAGED = 1,
  H4MK_EXIT_FAILED = 2,
  H4MK_EXIT_UNPROVEN = 3
};

/* A subcommand: argv[0] is its name; returns the exit code. */
int h4mk_command_info (int argc, char **argv);
int h4mk_command_list (int argc, char **argv);
int h4mk_command_verify (int argc, char **argv);
int h4mk_command_seek (int argc, char **argv);
int h4mk_command_chain (int argc, char **argv);
int h4mk_command_cat (int argc, char **argv);
int h4mk_command_recover (int argc, char **argv);
int h4mk_command_keygen (int argc, char **argv);

/* Takes the options out of argv and checks that n_files names are left.
 * entries may be NULL. A message was printed where it is FALSE. */
gboolean h4mk_parse_options (int *argc, char ***argv, const gchar * arguments,
    const gchar * summary, const GOptionEntry * entries, int n_arguments);

/* Messages on stderr: control characters of the text are made harmless. */
void h4mk_complain (const gchar * format, ...) G_GNUC_PRINTF (1, 2);
int h4mk_fail (GError * error);
/* A text of a file, for a terminal. */
gchar *h4mk_escape (const gchar * text);
/* Text for stdout, padded to a width in characters, where printf counts bytes.
 * As in printf, a negative width pads at the right. */
void h4mk_print_padded (const gchar * text, int width);
/* Takes the object; a line on stdout. */
void h4mk_print_json (JsonObject * object);
/* The exit code, or H4MK_EXIT_FAILED where stdout could not be written. */
int h4mk_flush (int code);

/* "1:02:03.500" */
gchar *h4mk_format_time (gint64 ns);
/* Seconds, h:m:s.fff, or a number with h, m, s, ms, us or ns. */
gboolean h4mk_parse_time (const gchar * text, gint64 * ns, GError ** error);

typedef struct
{
  GstH4mkFile *file;
  H4mkSource source;
} H4mkInput;

/* with_index: the file is opened as one that is played is. */
gboolean h4mk_input_open (H4mkInput * input, const gchar * path,
    gboolean with_index, GError ** error);
void h4mk_input_close (H4mkInput * input);

/* What takes longer than a second shows on a terminal how far it is. */
typedef struct
{
  const gchar *what;
  gint64 start;
  gint percent;
  volatile gint *cancelled;
} H4mkProgress;

void h4mk_progress_init (H4mkProgress * progress, const gchar * what);
gboolean h4mk_progress_update (guint64 done, guint64 total, gpointer progress);
void h4mk_progress_end (H4mkProgress * progress);

G_END_DECLS

#endif
