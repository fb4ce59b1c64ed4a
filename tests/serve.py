#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Serves the files of a directory, and ranges of them, until its input ends.

    serve.py DIRECTORY

It prints the port that it got.
"""

import http.server
import os
import re
import sys
import threading


class Files(http.server.SimpleHTTPRequestHandler):
    """Serves ranges, and keeps what was asked for."""

    protocol_version = 'HTTP/1.1'

    def do_GET(self):
        with open(os.path.join(self.server.directory, os.path.basename(self.path)), 'rb') as file:
            data = file.read()
        first, last, status = 0, len(data) - 1, 200
        found = re.fullmatch(r'bytes=(\d+)-(\d*)', self.headers.get('Range', ''))
        if found and self.server.ranges:
            first, status = int(found[1]), 206
            last = int(found[2]) if found[2] else last
        self.send_response(status)
        self.send_header('Accept-Ranges', 'bytes' if self.server.ranges else 'none')
        if status == 206:
            self.send_header('Content-Range', f'bytes {first}-{last}/{len(data)}')
        self.send_header('Content-Length', str(last + 1 - first))
        self.end_headers()
        self.server.requests.append(first)
        try:
            self.wfile.write(data[first:last + 1])
        except OSError:
            self.close_connection = True

    def log_message(self, *arguments):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, directory, ranges=True):
        super().__init__(('127.0.0.1', 0), Files)
        self.directory, self.ranges, self.requests = directory, ranges, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def uri(self, name):
        return f'http://127.0.0.1:{self.server_port}/{name}'

    def handle_error(self, request, address):
        pass


if __name__ == '__main__':
    print(Server(sys.argv[1]).server_port, flush=True)
    sys.stdin.read()
