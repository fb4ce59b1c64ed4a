/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h4mktool.h"

#define OUTPUT_BUFFER_SIZE (1 << 20)

static volatile gint interrupted;

static void
on_signal (int number)
{
  g_atomic_int_set (&interrupted, 1);
}

static void
catch_signals (void)
{
  struct sigaction action = { 0 };

  action.sa_handler = on_signal;
  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
  sigaction (SIGHUP, &action, NULL);
}

/* What is written has another name until it is whole. */
typedef struct
{
  const gchar *path;
  gchar *part;
  FILE *file;
} Output;

static gboolean
set_errno_error (GError ** error, const gchar * path)
{
  int code = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", path,
      g_strerror (code));
  return FALSE;
}

static gboolean
is_same_file (const gchar * a, const gchar * b)
{
  struct stat sa, sb;

  return stat (a, &sa) == 0 && stat (b, &sb) == 0 && sa.st_dev == sb.st_dev
      && sa.st_ino == sb.st_ino;
}

static gboolean
check_output (const gchar * in, const Output * output, gboolean force,
    GError ** error)
{
  struct stat st;

  if (is_same_file (in, output->path) || is_same_file (in, output->part)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
        _("Input and output are the same file: %s."), in);
    return FALSE;
  }
  if (lstat (output->path, &st) != 0)
    return errno == ENOENT || set_errno_error (error, output->path);
  if (!force || !S_ISREG (st.st_mode)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, force ?
        _("%s is no regular file.") :
        _("%s exists already; --force replaces it."), output->path);
    return FALSE;
  }
  return TRUE;
}

static gboolean
output_open (Output * output, GError ** error)
{
  int fd = open (output->part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW
      | O_CLOEXEC, 0666);

  if (fd < 0)
    return set_errno_error (error, output->part);
  output->file = fdopen (fd, "wb");
  setvbuf (output->file, NULL, _IOFBF, OUTPUT_BUFFER_SIZE);
  return TRUE;
}

static gboolean
output_write (const GstH4mkPiece * pieces, guint n_pieces,
    GstH4mkWriteFlags flags, gpointer user_data, GError ** error)
{
  Output *output = user_data;
  guint i;

  for (i = 0; i < n_pieces; i++)
    if (pieces[i].size > 0 && fwrite (pieces[i].data, pieces[i].size, 1,
            output->file) != 1)
      return set_errno_error (error, output->part);
  return TRUE;
}

static void
sync_directory (const gchar * path)
{
  gchar *directory = g_path_get_dirname (path);
  int fd = open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd >= 0) {
    fsync (fd);
    close (fd);
  }
  g_free (directory);
}

/* The file has its name only once it is on the disk. */
static gboolean
output_close (Output * output, gboolean keep, GError ** error)
{
  gboolean ok = keep;

  if (keep && (fflush (output->file) != 0
          || fsync (fileno (output->file)) != 0))
    ok = set_errno_error (error, output->part);
  if (fclose (output->file) != 0 && ok)
    ok = set_errno_error (error, output->part);
  if (ok && rename (output->part, output->path) != 0)
    ok = set_errno_error (error, output->path);
  if (ok)
    sync_directory (output->path);
  else
    unlink (output->part);
  return ok;
}

static void
print_recovery (const GstH4mkRecovery * recovery)
{
  guint i;

  for (i = 0; i < recovery->problems->len; i++) {
    const GError *problem = g_ptr_array_index (recovery->problems, i);
    gchar *text = h4mk_escape (problem->message);

    printf (_("problem: %s\n"), text);
    g_free (text);
  }
  if (recovery->kept_bytes > 0)
    printf (_("kept the input's own bytes up to offset %" PRIu64
            "\n"), recovery->kept_bytes);
  else
    printf (_("written anew: no byte of it is the recorder's own proof\n"));
  printf (_("blocks: %" PRIu64 "\n"), recovery->blocks);
  if (recovery->lost_blocks > 0)
    printf (_("lost in the middle: %" PRIu64 " blocks\n"),
        recovery->lost_blocks);
  printf (_("lost: %" PRIu64 " bytes of the input\n"), recovery->lost_bytes);
  if (recovery->signatures_dropped)
    printf (_("the signatures are dropped: the output is unsigned"
            " (--only-proven keeps them)\n"));
  if (recovery->guessed_timing)
    printf (_("the timing was lost: 30 blocks a second and a key block every 30"
            " were taken\n"));
}

static GstH4mkRecovery *
recover_file (H4mkInput * input, Output * output, gboolean only_proven,
    GError ** error)
{
  static const GstH4mkWriterFuncs funcs = { output_write };
  GstH4mkRecovery *recovery;
  H4mkProgress progress;

  catch_signals ();
  if (!output_open (output, error))
    return NULL;
  h4mk_progress_init (&progress, _("Recovering"));
  progress.cancelled = &interrupted;
  recovery = gst_h4mk_recover (input->source.read, input->source.user_data,
      input->source.file_size, only_proven, &funcs, output,
      h4mk_progress_update, &progress, error);
  h4mk_progress_end (&progress);
  if (!output_close (output, recovery != NULL, recovery ? error : NULL))
    g_clear_pointer (&recovery, gst_h4mk_recovery_free);
  return recovery;
}

static int
run_recover (const gchar * in, Output * output, gboolean only_proven,
    gboolean force, gboolean as_json)
{
  GstH4mkRecovery *recovery;
  GError *error = NULL;
  H4mkInput input;

  if (!h4mk_input_open (&input, in, FALSE, &error))
    return h4mk_fail (error);
  recovery = check_output (in, output, force, &error) ?
      recover_file (&input, output, only_proven, &error) : NULL;
  h4mk_input_close (&input);
  if (!recovery)
    return h4mk_fail (error);

  if (as_json)
    h4mk_print_json (h4mk_json_recovery (recovery));
  else
    print_recovery (recovery);
  gst_h4mk_recovery_free (recovery);
  return h4mk_flush (H4MK_EXIT_OK);
}

int
h4mk_command_recover (int argc, char **argv)
{
  gboolean as_json = FALSE, only_proven = FALSE, force = FALSE;
  const GOptionEntry entries[] = {
    {"only-proven", 0, 0, G_OPTION_ARG_NONE, &only_proven,
        N_("Keep what is proven, with its signatures, and nothing else"), NULL},
    {"force", 0, 0, G_OPTION_ARG_NONE, &force, N_("Replace the output"), NULL},
    {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, N_("Print JSON"), NULL},
    {NULL}
  };
  Output output = { NULL };
  int code;

  if (!h4mk_parse_options (&argc, &argv, "IN OUT",
          _("Writes a whole file of every block of a broken one, and says what"
              " was lost."), entries, 2))
    return H4MK_EXIT_FAILED;
  output.path = argv[2];
  output.part = g_strconcat (argv[2], ".part", NULL);
  code = run_recover (argv[1], &output, only_proven, force, as_json);
  g_free (output.part);
  return code;
}
