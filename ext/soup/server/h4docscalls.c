/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "h4docscalls.h"

static const H4Param events[] = {
  {"stream", H4_PARAM_TEXT, 0, 1, 4096, NULL, NULL,
      "Names of streams, comma separated; all of this path where it is not"
        " given."},
  {"last_event_id", H4_PARAM_TEXT, 0, 0, 4096, NULL, NULL,
      "The id of the last event that came, or earliest. The header"
        " Last-Event-ID goes before it."}
};

#define JSON "application/json"

const H4Call h4_server_calls[] = {
  {"events", "GET", "/events", 0, events, G_N_ELEMENTS (events),
        "text/event-stream", "Live events",
        "The streams of --pipeline, while they run. Who comes back with the id"
        " of the last event gets what it missed, as long as that is kept.",
      "The events meta, those of the stream, gap where some were lost, done."},
  {"streams", "GET", "/streams", 0, NULL, 0, JSON, "The live streams",
        "Names and paths of the streams that there are now.",
      "An array of streams."},
  {"index", "GET", "/", 0, NULL, 0, JSON, "What there is",
        "A browser gets the live page, everyone else the list of endpoints.",
      "The endpoints, as method and path."},
  {"health", "GET", "/health", 0, NULL, 0, JSON, "Whether it works",
      "No token is asked for.", "status, version."},
  {"metrics", "GET", "/metrics", 0, NULL, 0,
        "text/plain; version=0.0.4; charset=utf-8", "Metrics",
        "Requests, durations, bytes, clients, events and jobs, for Prometheus.",
      "Prometheus' text format."},
  {"openapi", "GET", "/openapi.json", 0, NULL, 0, JSON, "This document",
      "No token is asked for.", "The OpenAPI document."},
  {"docs", "GET", "/docs", 0, NULL, 0, "text/html; charset=utf-8",
        "This document, to read and to try", "No token is asked for.",
      "A page for a browser."},
};

const guint h4_n_server_calls = G_N_ELEMENTS (h4_server_calls);
