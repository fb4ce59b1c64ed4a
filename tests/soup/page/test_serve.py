#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""./harmony4 serve: it says where, serves both streams, and ends when it is told to."""

import json
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import time
import unittest
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(os.environ['H4_SOURCE_ROOT'], 'tests')))
import h4test  # noqa: E402

SERVE = h4test.SOURCE / 'tools' / 'serve'
WITHIN = 60


def read_until(stream, pattern):
    """What pattern finds in the stream's lines, within WITHIN seconds."""
    said = b''
    deadline = time.monotonic() + WITHIN
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while time.monotonic() < deadline and selector.select(deadline - time.monotonic()):
            piece = os.read(stream.fileno(), 4096)
            said += piece
            found = re.search(pattern, said.decode(errors='replace'))
            if found or not piece:
                break
    if not found:
        raise AssertionError(f'no {pattern!r} in {said!r}')
    return found


class Serve(unittest.TestCase):
    def start(self, *arguments):
        process = subprocess.Popen([SERVE, *arguments], env=h4test.environment(LC_ALL='C.UTF-8'), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def address(self, process):
        return read_until(process.stdout, r'http://127\.0\.0\.1:\d+/')[0]

    def get(self, url):
        return urllib.request.urlopen(url, timeout=WITHIN)

    def test_it_serves_the_page_and_two_streams_on_one_port(self):
        address = self.address(self.start('--port', '0'))
        with self.get(address) as answer:
            self.assertEqual(answer.headers.get_content_type(), 'text/html')
        with self.get(address + 'streams') as answer:
            self.assertEqual(sorted(stream['name'] for stream in json.load(answer)), ['picture', 'sound'])
        for name, member in (('picture', 'kind'), ('sound', 'bins')):
            with self.get(f'{address}events?stream={name}') as answer:
                line = next(line for line in answer if line.startswith(b'data:') and member.encode() in line)
                self.assertIn(member, json.loads(line[5:]))

    def test_an_interrupt_ends_it_in_peace(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number.name):
                process = self.start('--port', '0')
                address = self.address(process)
                with self.get(address + 'events?stream=picture') as watcher:
                    watcher.readline()
                    process.send_signal(number)
                    self.assertEqual(process.wait(WITHIN), 0)
                port = int(address.rstrip('/').rsplit(':', 1)[1])
                with self.assertRaises(ConnectionRefusedError):
                    socket.create_connection(('127.0.0.1', port), WITHIN)

    def test_a_port_that_is_taken_is_an_error(self):
        with socket.create_server(('127.0.0.1', 0)) as taken:
            process = self.start('--port', str(taken.getsockname()[1]))
            said = read_until(process.stdout, r'harmony4 serve: .*\n')[0]
            self.assertIn(str(taken.getsockname()[1]), said)
            self.assertEqual(process.wait(WITHIN), 1)

    def test_a_port_that_is_none_is_an_error(self):
        process = self.start('--port', '65536')
        read_until(process.stdout, '--port is from 0 to 65535, not 65536')
        self.assertEqual(process.wait(WITHIN), 2)


if __name__ == '__main__':
    unittest.main()
