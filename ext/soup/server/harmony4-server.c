/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include <locale.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <glib-unix.h>
#include <gst/gst.h>

#include "gsth4-i18n.h"
#include "h4activation.h"
#include "h4launch.h"
#include "h4server.h"

#define EXIT_FAILED 1
#define EXIT_USAGE 2
/* How long what goes on may go on when the program is told to stop. */
#define DRAIN_TIME (10 * G_TIME_SPAN_SECOND)
#define DEFAULT_ADDRESS "127.0.0.1"
#define DEFAULT_PORT 8000
#define DEFAULT_ACCESS_LOG "text"
#define DEFAULT_MAX_UPLOAD ((gint64) 4 << 30)
#define DEFAULT_MAX_CLIENTS 10000

typedef struct
{
  gchar *address;
  gint port;
  gchar *root;
  gint64 max_upload;
  gint jobs;
  gchar *auth_token_file;
  gchar **cors_origins;
  gchar *tls_cert;
  gchar *tls_key;
  gchar *pipeline;
  gchar *access_log;
  gint max_clients;
  gboolean version;
} Options;

typedef struct
{
  H4Server server;
  H4HttpConfig config;
  H4Launch *launch;
  gpointer calls, files, docs, metrics;
  GMainLoop *loop;
  GThread *stopping;
  int code;
} Program;

/* Numbers may end with K, M, G. */
static gboolean
parse_size (const gchar * name, const gchar * value, gpointer data,
    GError ** error)
{
  Options *options = data;
  const gchar *units = "KMG", *unit;
  gchar *end;
  guint64 size = g_ascii_strtoull (value, &end, 10);
  guint shift = 0;

  if (end != value && *end && (unit = strchr (units, *end))) {
    shift = 10 * (unit - units + 1);
    end++;
  }
  if (end == value || *end || *value == '-' || size == 0
      || size > ((guint64) G_MAXINT64 >> shift)) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        _("%s needs a number of bytes, or one with K, M or G, not \"%s\"."),
        name, value);
    return FALSE;
  }
  options->max_upload = size << shift;
  return TRUE;
}

static gboolean
parse_options (Options * options, int *argc, char ***argv, GError ** error)
{
  const GOptionEntry entries[] = {
    {"address", 0, 0, G_OPTION_ARG_STRING, &options->address,
        N_("Listen at this address [127.0.0.1]"), N_("ADDRESS")},
    {"port", 0, 0, G_OPTION_ARG_INT, &options->port,
        N_("Listen at this port; 0: at any that is free [8000]"), N_("PORT")},
    {"root", 0, 0, G_OPTION_ARG_FILENAME, &options->root,
        N_("Serve the recordings below this directory at /files/"), N_("DIR")},
    {"max-upload", 0, 0, G_OPTION_ARG_CALLBACK, parse_size,
        N_("Refuse uploads that are larger [4G]"), N_("BYTES")},
    {"jobs", 0, 0, G_OPTION_ARG_INT, &options->jobs,
        N_("Work on so many uploads at once [as many as processors]"), N_("N")},
    {"auth-token-file", 0, 0, G_OPTION_ARG_FILENAME, &options->auth_token_file,
          N_("Serve only who has a token of this file, one a line"),
        N_("FILE")},
    {"cors-origin", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->cors_origins,
          N_("Let pages of this site read answers; may be given again"),
        N_("ORIGIN")},
    {"tls-cert", 0, 0, G_OPTION_ARG_FILENAME, &options->tls_cert,
        N_("Serve HTTPS with this certificate (PEM)"), N_("FILE")},
    {"tls-key", 0, 0, G_OPTION_ARG_FILENAME, &options->tls_key,
        N_("The certificate's key, where its file has none"), N_("FILE")},
    {"pipeline", 0, 0, G_OPTION_ARG_STRING, &options->pipeline,
          N_("Play this too; its h4sse elements share the server"),
        N_("\"… ! h4sse\"")},
    {"max-clients", 0, 0, G_OPTION_ARG_INT, &options->max_clients,
        N_("Let so many watch events at once [10000]"), N_("N")},
    {"access-log", 0, 0, G_OPTION_ARG_STRING, &options->access_log,
          N_("Log requests to stderr as text or json, or none [text]"),
        N_("FORMAT")},
    {"version", 0, 0, G_OPTION_ARG_NONE, &options->version,
        N_("Print the version"), NULL},
    {NULL}
  };
  GOptionContext *context = g_option_context_new (NULL);
  GOptionGroup *group = g_option_group_new ("", NULL, NULL, options, NULL);
  gboolean ok;

  g_option_group_add_entries (group, entries);
  g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);
  g_option_context_set_main_group (context, group);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, N_("Serves the HarmonyØ4 Media API:"
          " uploads to tokens, masks and H4MK files, recordings, live events"));
  g_option_context_add_group (context, gst_init_get_option_group ());
  ok = g_option_context_parse (context, argc, argv, error);
  g_option_context_free (context);
  /* GOption frees no value that was there before */
  if (!options->address)
    options->address = g_strdup (DEFAULT_ADDRESS);
  if (!options->access_log)
    options->access_log = g_strdup (DEFAULT_ACCESS_LOG);
  return ok;
}

static gboolean
check_options (const Options * options, int argc, GError ** error)
{
  const gchar *wrong = NULL;

  if (argc > 1)
    wrong = _("There are arguments that no option takes.");
  else if (options->port < 0 || options->port > 65535)
    wrong = _("--port is from 0 to 65535.");
  else if (options->jobs < 1 || options->jobs > 1024)
    wrong = _("--jobs is from 1 to 1024.");
  else if (options->max_clients < 1 || options->max_clients > 1000000)
    wrong = _("--max-clients is from 1 to 1000000.");
  else if (options->tls_key && !options->tls_cert)
    wrong = _("--tls-key needs --tls-cert.");
  else if (strcmp (options->access_log, "text") != 0
      && strcmp (options->access_log, "json") != 0
      && strcmp (options->access_log, "none") != 0)
    wrong = _("--access-log is text, json or none.");
  if (wrong)
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
        wrong);
  return wrong == NULL;
}

/* Each client is a descriptor, and many systems allow few unless asked. */
static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit (RLIMIT_NOFILE, &limit);
  }
}

/* Blocks go from thread to thread. By itself glibc has eight arenas a processor,
 * each of which keeps what it had. */
static void
bound_allocator (void)
{
#ifdef __GLIBC__
  mallopt (M_ARENA_MAX, (int) MAX (g_get_num_processors (), 2));
#endif
}

static gboolean
listen_somewhere (Program * program, GError ** error)
{
  GError *wrong = NULL;
  GSocket *socket = h4_activation_take (&wrong);

  if (wrong) {
    g_propagate_error (error, wrong);
    return FALSE;
  }
  if (socket) {
    program->server.http = h4_http_server_acquire_socket (socket,
        &program->config, error);
    g_object_unref (socket);
  } else {
    program->server.http = h4_http_server_acquire (&program->config, error);
  }
  if (program->server.http)
    program->config.port = h4_http_server_get_port (program->server.http);
  return program->server.http != NULL;
}

static gboolean
start_parts (Program * program, const Options * options, GError ** error)
{
  H4Server *server = &program->server;

  program->metrics = h4_metrics_start (server, error);
  if (!program->metrics)
    return FALSE;
  program->docs = h4_docs_start (server, error);
  if (!program->docs)
    return FALSE;
  program->files = h4_files_start (server, error);
  if (!program->files)
    return FALSE;
  program->calls = h4_calls_start (server);
  if (options->pipeline)
    program->launch = h4_launch_new (options->pipeline, &program->config,
        error);
  return !options->pipeline || program->launch;
}

static void
say_where (const Program * program)
{
  const gchar *address = program->config.address;
  gboolean colons = strchr (address, ':') != NULL;

  /* in no language: scripts look for it */
  g_printerr ("Listening on %s://%s%s%s:%u/\n",
      program->config.tls_cert_file ? "https" : "http", colons ? "[" : "",
      address, colons ? "]" : "", program->config.port);
}

static gboolean
quit (gpointer user_data)
{
  Program *program = user_data;

  g_main_loop_quit (program->loop);
  return G_SOURCE_REMOVE;
}

/* Nobody new comes, events end, then everything else gets its time. */
static gpointer
stop (gpointer user_data)
{
  Program *program = user_data;

  h4_http_server_refuse (program->server.http);
  if (program->launch)
    h4_launch_stop (program->launch);
  h4_http_server_drain (program->server.http, DRAIN_TIME);
  g_idle_add (quit, program);
  return NULL;
}

static gboolean
on_signal (gpointer user_data)
{
  Program *program = user_data;

  /* who asks twice does not want to wait */
  if (program->stopping)
    _exit (EXIT_FAILED);
  g_printerr ("%s\n", _("Stopping."));
  program->stopping = g_thread_new ("stop", stop, program);
  return G_SOURCE_CONTINUE;
}

static void
on_pipeline_failed (const gchar * message, gpointer user_data)
{
  Program *program = user_data;

  g_printerr ("harmony4-server: %s\n", message);
  program->code = EXIT_FAILED;
  if (!program->stopping)
    program->stopping = g_thread_new ("stop", stop, program);
}

static gboolean
serve (Program * program, GError ** error)
{
  guint term, interrupt;

  /* its streams are there when it is said that the server is */
  if (program->launch && !h4_launch_start (program->launch, on_pipeline_failed,
          program, error))
    return FALSE;
  term = g_unix_signal_add (SIGTERM, on_signal, program);
  interrupt = g_unix_signal_add (SIGINT, on_signal, program);
  program->loop = g_main_loop_new (NULL, FALSE);
  h4_http_server_open (program->server.http);
  say_where (program);
  g_main_loop_run (program->loop);
  g_thread_join (program->stopping);
  g_source_remove (term);
  g_source_remove (interrupt);
  g_main_loop_unref (program->loop);
  return TRUE;
}

static void
program_clear (Program * program)
{
  g_clear_pointer (&program->launch, h4_launch_free);
  g_clear_pointer (&program->server.http, h4_http_server_release);
  g_clear_pointer (&program->calls, h4_calls_stop);
  g_clear_pointer (&program->files, h4_files_stop);
  g_clear_pointer (&program->docs, h4_docs_stop);
  g_clear_pointer (&program->metrics, h4_metrics_stop);
  h4_jobs_free (program->server.jobs);
}

static int
run (const Options * options)
{
  gchar *origins = options->cors_origins ?
      g_strjoinv (",", options->cors_origins) : NULL;
  Program program = {
    .config = {
          .address = options->address,.port = options->port,
          .tls_cert_file = options->tls_cert,.tls_key_file = options->tls_key,
          .auth_token_file = options->auth_token_file,
          .cors_origins = origins,.max_clients = options->max_clients,
        .web_page = TRUE,.held = TRUE},
    .server = {
          .jobs = h4_jobs_new (options->jobs),.root = options->root,
          .max_upload = options->max_upload,
        .log_format = options->access_log}
  };
  GError *error = NULL;

  raise_descriptor_limit ();
  signal (SIGPIPE, SIG_IGN);
  if (!listen_somewhere (&program, &error)
      || !start_parts (&program, options, &error)
      || !serve (&program, &error)) {
    g_printerr ("harmony4-server: %s\n", error->message);
    g_clear_error (&error);
    program.code = EXIT_FAILED;
  }
  program_clear (&program);
  g_free (origins);
  return program.code;
}

static void
options_clear (Options * options)
{
  g_free (options->address);
  g_free (options->root);
  g_free (options->auth_token_file);
  g_strfreev (options->cors_origins);
  g_free (options->tls_cert);
  g_free (options->tls_key);
  g_free (options->pipeline);
  g_free (options->access_log);
}

int
main (int argc, char **argv)
{
  Options options = { NULL, DEFAULT_PORT, NULL, DEFAULT_MAX_UPLOAD,
    (gint) g_get_num_processors (), NULL, NULL, NULL, NULL, NULL, NULL,
    DEFAULT_MAX_CLIENTS, FALSE
  };
  GError *error = NULL;
  int code = 0;

  bound_allocator ();
  setlocale (LC_ALL, "");
  gst_h4_i18n_init ();
#ifdef ENABLE_NLS
  textdomain (GETTEXT_PACKAGE);
#endif

  if (!parse_options (&options, &argc, &argv, &error)
      || (!options.version && !check_options (&options, argc, &error))) {
    g_printerr ("harmony4-server: %s\n", error->message);
    g_clear_error (&error);
    code = EXIT_USAGE;
  } else if (options.version) {
    printf ("harmony4-server (%s) %s\n", PACKAGE, PACKAGE_VERSION);
  } else {
    code = run (&options);
  }
  options_clear (&options);
  return code;
}
