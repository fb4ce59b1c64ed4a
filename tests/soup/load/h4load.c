/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/* Clients of server-sent events, many in one process.
 *
 *   h4load --port=8000 [--path=/events] [--clients=N] [--mode=read] ...
 *
 * What becomes of them is told in lines of JSON: `{"state":"connected",…}` when
 * all have an answer, `{"state":"measuring"}`, and at the end a report. They
 * end when the server has closed them all, when their time is over, and at
 * SIGTERM. SIGUSR1 makes those that never read do so from there on. */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

/* for accept4 () and its like */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "h4loadreader.h"

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

/* Descriptors that are not a client's. */
#define OTHER_FDS 32
#define BATCH 512
#define OPENED_PER_TURN 256
#define STALLED_RECEIVE_BUFFER 4096

enum
{
  PHASE_CLOSED,
  PHASE_CONNECTING,
  PHASE_SENT,                   /* the request, or the half of it */
  PHASE_OPEN,                   /* has an answer */
  N_PHASES
};

/* How a client of --mode=churn leaves. */
enum
{
  LEAVE_CLOSE,
  LEAVE_RESET,
  LEAVE_SHUTDOWN,
  LEAVE_HALF_REQUEST,
  LEAVE_NO_REQUEST,
  N_LEAVES
};

typedef struct
{
  gint fd;
  guint8 phase;
  guint8 leave;
  gint64 due;                   /* when a churning one acts next */
  H4LoadReader reader;
} Client;

static struct
{
  gint port;
  gchar *path;
  gchar *mode;
  gint clients;
  gint addresses;
  gint burst;
  gint seed;
  gdouble time;
  gdouble warm;
  gdouble measure;
  gchar *last_event_id;
} option = {
  .clients = 100,.addresses = 4,.burst = 256,.time = 60.0
};

static const GOptionEntry entries[] = {
  {"port", 0, 0, G_OPTION_ARG_INT, &option.port, "of the server", "N"},
  {"path", 0, 0, G_OPTION_ARG_STRING, &option.path, "with a query", "PATH"},
  {"mode", 0, 0, G_OPTION_ARG_STRING, &option.mode,
        "read, stall (never read), churn (come and go), half (of a request)",
      "MODE"},
  {"clients", 0, 0, G_OPTION_ARG_INT, &option.clients, "how many", "N"},
  {"addresses", 0, 0, G_OPTION_ARG_INT, &option.addresses,
      "127.0.0.2 and on, that they come from", "N"},
  {"burst", 0, 0, G_OPTION_ARG_INT, &option.burst,
      "that wait for an answer at a time", "N"},
  {"seed", 0, 0, G_OPTION_ARG_INT, &option.seed, "of what is random", "N"},
  {"time", 0, 0, G_OPTION_ARG_DOUBLE, &option.time, "at most", "SECONDS"},
  {"warm", 0, 0, G_OPTION_ARG_DOUBLE, &option.warm,
      "between the last connection and what is measured", "SECONDS"},
  {"measure", 0, 0, G_OPTION_ARG_DOUBLE, &option.measure,
      "what is measured, then end", "SECONDS"},
  {"last-event-id", 0, 0, G_OPTION_ARG_STRING, &option.last_event_id,
      "that every client begins with", "ID"},
  {NULL}
};

static Client *clients;
static guint n_clients;
static guint n_phases[N_PHASES];
static H4LoadCounts counts;
static gint epoll_fd, signal_fd;
static GRand *dice;
static gboolean churns, stalls, halves;
static struct
{
  guint answered;               /* with 200 */
  guint refused;                /* with something else */
  guint timed_out;              /* with 408 */
  guint failed;                 /* to connect, or reset */
  guint closed;                 /* by the server */
  guint left;                   /* by themselves */
} happened;
static H4LoadCounts before;     /* what is measured */
static gint64 measured_from, measured_to;

static void
set_phase (Client * client, guint8 phase)
{
  n_phases[client->phase]--;
  n_phases[phase]++;
  client->phase = phase;
}

/* How many clients the limits allow. */
static guint
allowed_clients (guint asked)
{
  struct rlimit limit;
  guint allowed;

  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  getrlimit (RLIMIT_NOFILE, &limit);
  allowed = limit.rlim_cur > OTHER_FDS ? limit.rlim_cur - OTHER_FDS : 1;
  if (allowed < asked)
    fprintf (stderr, "h4load: %u clients instead of %u: no more than %lu "
        "files may be open\n", allowed, asked, (gulong) limit.rlim_cur);
  return MIN (asked, allowed);
}

static void
watch (Client * client, guint operation, guint32 events)
{
  struct epoll_event event = {.events = events,.data.ptr = client };

  epoll_ctl (epoll_fd, operation, client->fd, &event);
}

static void
close_client (Client * client)
{
  close (client->fd);
  client->fd = -1;
  set_phase (client, PHASE_CLOSED);
  client->due = G_MAXINT64;
  if (churns)
    client->due = g_get_monotonic_time () + g_rand_int_range (dice, 0, 50000);
}

static gint
open_socket (guint index)
{
  struct sockaddr_in from = {.sin_family = AF_INET };
  gint fd = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  gint on = 1, size = STALLED_RECEIVE_BUFFER;

  if (fd < 0)
    return -1;
  from.sin_addr.s_addr = htonl (INADDR_LOOPBACK + 1 + index % option.addresses);
  setsockopt (fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof (on));
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof (on));
  if (stalls)
    setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof (size));
  if (bind (fd, (struct sockaddr *) &from, sizeof (from)) < 0) {
    close (fd);
    return -1;
  }
  return fd;
}

/* A failure to connect is seen by epoll. */
static void
open_client (Client * client)
{
  struct sockaddr_in to = {.sin_family = AF_INET,
    .sin_port = htons (option.port),.sin_addr.s_addr = htonl (INADDR_LOOPBACK)
  };

  client->fd = open_socket (client - clients);
  if (client->fd < 0 || (connect (client->fd, (struct sockaddr *) &to,
              sizeof (to)) < 0 && errno != EINPROGRESS)) {
    happened.failed++;
    if (client->fd >= 0)
      close (client->fd);
    client->due = churns ? g_get_monotonic_time () + 50000 : G_MAXINT64;
    return;
  }
  h4_load_reader_restart (&client->reader);
  client->reader.done = FALSE;
  client->due = G_MAXINT64;
  if (churns) {
    client->leave = g_rand_int_range (dice, 0, N_LEAVES);
    client->due = g_get_monotonic_time () + g_rand_int_range (dice, 0, 300000);
  }
  set_phase (client, PHASE_CONNECTING);
  watch (client, EPOLL_CTL_ADD, EPOLLOUT);
}

/* A churning client goes on where it was, every other time. */
static gchar *
last_event_id (Client * client)
{
  H4LoadReader *reader = &client->reader;

  if (churns && reader->last > 0 && g_rand_boolean (dice))
    return g_strdup_printf ("Last-Event-ID: %s-%" G_GUINT64_FORMAT "\r\n",
        reader->epoch, reader->last);
  h4_load_reader_clear (reader);
  if (option.last_event_id)
    return g_strdup_printf ("Last-Event-ID: %s\r\n", option.last_event_id);
  return g_strdup ("");
}

static void
send_request (Client * client)
{
  gchar *id = last_event_id (client);
  gchar *request = g_strdup_printf ("GET %s HTTP/1.1\r\n"
      "Host: 127.0.0.1:%d\r\nAccept: text/event-stream\r\n%s\r\n",
      option.path ? option.path : "/events", option.port, id);
  gsize size = strlen (request);

  if (halves || (churns && client->leave == LEAVE_HALF_REQUEST))
    size = g_rand_int_range (dice, 1, size);
  if (churns && client->leave == LEAVE_NO_REQUEST)
    size = 0;
  /* It fits: nothing else is in the socket yet. */
  if (size > 0 && send (client->fd, request, size, MSG_NOSIGNAL) < 0)
    happened.failed++;
  set_phase (client, PHASE_SENT);
  watch (client, EPOLL_CTL_MOD, EPOLLIN | EPOLLRDHUP);
  g_free (request);
  g_free (id);
}

/* The answer's first bytes were read. */
static void
take_answer (Client * client)
{
  guint status = client->reader.status;

  if (status == 0)
    return;
  set_phase (client, PHASE_OPEN);
  happened.answered += status == 200;
  happened.timed_out += status == 408;
  happened.refused += status != 200 && status != 408;
}

static void
read_client (Client * client)
{
  gssize n = h4_load_reader_read (&client->reader, client->fd, &counts);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (client->phase == PHASE_SENT)
    take_answer (client);
  if (n > 0) {
    if (stalls && client->phase == PHASE_OPEN)
      watch (client, EPOLL_CTL_MOD, EPOLLRDHUP);
    return;
  }
  happened.failed += n < 0 && !stalls;
  happened.closed++;
  close_client (client);
}

static void
serve (Client * client, guint32 events)
{
  if (client->phase == PHASE_CLOSED)
    return;
  if (client->phase == PHASE_CONNECTING && (events & (EPOLLERR | EPOLLHUP))) {
    happened.failed++;
    close_client (client);
  } else if (client->phase == PHASE_CONNECTING) {
    send_request (client);
  } else if (stalls && client->phase == PHASE_OPEN) {
    happened.closed++;
    close_client (client);
  } else {
    read_client (client);
  }
}

static void
leave (Client * client)
{
  struct linger at_once = { 1, 0 };

  happened.left++;
  client->due = G_MAXINT64;
  if (client->leave == LEAVE_SHUTDOWN && client->phase != PHASE_CONNECTING) {
    /* then the server closes */
    shutdown (client->fd, SHUT_WR);
    watch (client, EPOLL_CTL_MOD, EPOLLIN);
    return;
  }
  if (client->leave == LEAVE_RESET)
    setsockopt (client->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof (at_once));
  close_client (client);
}

static void
churn (guint n_opened)
{
  gint64 now = g_get_monotonic_time ();
  guint i;

  for (i = 0; i < n_opened; i++) {
    if (clients[i].due > now)
      continue;
    if (clients[i].phase == PHASE_CLOSED)
      open_client (&clients[i]);
    else
      leave (&clients[i]);
  }
}

static guint
waiting (void)
{
  return n_phases[PHASE_CONNECTING] + (halves ? 0 : n_phases[PHASE_SENT]);
}

/* Tells when every client had its answer, or half a request was sent. */
static gboolean
say_connected (guint n_opened, gint64 begin)
{
  if (n_opened < n_clients || (waiting () > 0 && !churns))
    return FALSE;
  printf ("{\"state\":\"connected\",\"clients\":%u,\"seconds\":%.3f}\n",
      n_phases[halves ? PHASE_SENT : PHASE_OPEN],
      (g_get_monotonic_time () - begin) / 1e6);
  fflush (stdout);
  return TRUE;
}

/* Begins to measure, and says when it is over. */
static gboolean
measure (gint64 connected)
{
  gint64 now = g_get_monotonic_time ();

  if (option.measure <= 0)
    return FALSE;
  if (measured_from == 0 && now >= connected + option.warm * G_USEC_PER_SEC) {
    before = counts;
    memset (counts.latency, 0, sizeof (counts.latency));
    counts.timed = 0;
    measured_from = now;
    printf ("{\"state\":\"measuring\"}\n");
    fflush (stdout);
  }
  measured_to = now;
  return measured_from > 0
      && now >= measured_from + option.measure * G_USEC_PER_SEC;
}

static void
stop_stalling (void)
{
  guint i;

  for (i = 0; i < n_clients; i++) {
    if (stalls && clients[i].phase == PHASE_OPEN)
      watch (&clients[i], EPOLL_CTL_MOD, EPOLLIN | EPOLLRDHUP);
  }
  stalls = FALSE;
}

/* Returns: FALSE where it is to end */
static gboolean
obey_signal (void)
{
  struct signalfd_siginfo signal;

  if (read (signal_fd, &signal, sizeof (signal)) != sizeof (signal))
    return TRUE;
  if (signal.ssi_signo != SIGUSR1)
    return FALSE;
  stop_stalling ();
  return TRUE;
}

/* Returns: FALSE where it is to end */
static gboolean
turn (gint timeout_ms)
{
  struct epoll_event events[BATCH];
  gint i, n = epoll_wait (epoll_fd, events, BATCH, timeout_ms);

  for (i = 0; i < n; i++) {
    if (events[i].data.ptr != &signal_fd)
      serve (events[i].data.ptr, events[i].events);
    else if (!obey_signal ())
      return FALSE;
  }
  return TRUE;
}

static void
open_signals (void)
{
  struct epoll_event event = {.events = EPOLLIN,.data.ptr = &signal_fd };
  sigset_t set;

  sigemptyset (&set);
  sigaddset (&set, SIGTERM);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGUSR1);
  sigprocmask (SIG_BLOCK, &set, NULL);
  signal_fd = signalfd (-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  epoll_ctl (epoll_fd, EPOLL_CTL_ADD, signal_fd, &event);
}

static gboolean
may_open (guint n_opened)
{
  return n_opened < n_clients && waiting () < (guint) option.burst;
}

/* Few enough at a time that none of them has to wait for all the others before
 * it can ask. */
static void
open_some (guint * n_opened)
{
  guint i;

  for (i = 0; i < OPENED_PER_TURN && may_open (*n_opened); i++)
    open_client (&clients[(*n_opened)++]);
}

static void
run (void)
{
  gint64 begin = g_get_monotonic_time (), connected = 0;
  gint64 end = begin + option.time * G_USEC_PER_SEC;
  guint n_opened = 0;

  open_signals ();
  do {
    open_some (&n_opened);
    if (connected == 0 && say_connected (n_opened, begin))
      connected = g_get_monotonic_time ();
    if (connected > 0 && (measure (connected)
            || (!churns && n_phases[PHASE_CLOSED] == n_clients)))
      break;
    if (churns)
      churn (n_opened);
  } while (turn (churns ? 2 : may_open (n_opened) ? 0 : 50)
      && g_get_monotonic_time () < end);
  close (signal_fd);
}

static void
print_numbers (void)
{
  guint64 first[2] = { G_MAXUINT64, 0 }, last[2] = { G_MAXUINT64, 0 };
  guint i, done = 0;

  for (i = 0; i < n_clients; i++) {
    const H4LoadReader *reader = &clients[i].reader;

    first[0] = MIN (first[0], reader->first);
    first[1] = MAX (first[1], reader->first);
    last[0] = MIN (last[0], reader->last);
    last[1] = MAX (last[1], reader->last);
    done += reader->done;
  }
  printf (",\"first\":[%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT "],\"last\":[%"
      G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT "],\"done\":%u", first[0],
      first[1], last[0], last[1], done);
}

static void
print_count (const gchar * name, guint64 count)
{
  printf (",\"%s\":%" G_GUINT64_FORMAT, name, count);
}

static void
print_report (void)
{
  gdouble seconds = (measured_to - measured_from) / 1e6;

  printf ("{\"state\":\"report\",\"mode\":\"%s\",\"asked\":%d,\"clients\":%u",
      option.mode ? option.mode : "read", option.clients, n_clients);
  print_count ("open", n_phases[PHASE_OPEN]);
  print_count ("pending", waiting ());
  print_count ("answered", happened.answered);
  print_count ("refused", happened.refused);
  print_count ("timed_out", happened.timed_out);
  print_count ("failed", happened.failed);
  print_count ("closed", happened.closed);
  print_count ("left", happened.left);
  print_count ("events", counts.events);
  print_count ("lost", counts.lost);
  print_count ("announced", counts.announced);
  print_count ("doubled", counts.doubled);
  print_count ("gaps", counts.gaps);
  print_count ("metas", counts.metas);
  print_count ("comments", counts.comments);
  print_count ("malformed", counts.malformed);
  print_count ("bytes", counts.bytes);
  print_numbers ();
  if (measured_from > 0) {
    print_count ("measured", counts.events - before.events);
    printf (",\"seconds\":%.6f,\"rate\":%.1f", seconds,
        (counts.events - before.events) / MAX (seconds, 1e-6));
  }
  printf (",\"p50_us\":%.1f,\"p99_us\":%.1f}\n",
      h4_load_counts_quantile (&counts, 0.5),
      h4_load_counts_quantile (&counts, 0.99));
}

static void
set_mode (void)
{
  const gchar *mode = option.mode ? option.mode : "read";

  churns = strcmp (mode, "churn") == 0;
  stalls = strcmp (mode, "stall") == 0;
  halves = strcmp (mode, "half") == 0;
  if ((!churns && !stalls && !halves && strcmp (mode, "read") != 0)
      || option.port < 1 || option.clients < 1 || option.addresses < 1
      || option.burst < 1) {
    fprintf (stderr, "h4load: see --help\n");
    exit (2);
  }
}

int
main (int argc, char **argv)
{
  GOptionContext *context = g_option_context_new (NULL);
  GError *error = NULL;
  guint i;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    fprintf (stderr, "h4load: %s\n", error->message);
    return 2;
  }
  g_option_context_free (context);
  set_mode ();
  /* It does not outlive who started it. */
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  n_clients = allowed_clients (option.clients);
  dice = g_rand_new_with_seed (option.seed);
  epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  clients = g_new0 (Client, n_clients);
  n_phases[PHASE_CLOSED] = n_clients;

  run ();
  print_report ();

  for (i = 0; i < n_clients; i++) {
    if (clients[i].phase != PHASE_CLOSED)
      close (clients[i].fd);
    h4_load_reader_clear (&clients[i].reader);
  }
  g_free (clients);
  close (epoll_fd);
  g_rand_free (dice);
  g_free (option.path);
  g_free (option.mode);
  g_free (option.last_event_id);
  return 0;
}
