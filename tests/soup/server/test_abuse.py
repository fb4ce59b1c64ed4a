#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clients that mean no good, bounded; /health answers all along."""

import contextlib
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor

from serving import SANITIZED, Served, events, form, read_all, wait_until

MIB = 1 << 20


class Abuse(Served):
    options = ('--max-upload=64M', '--access-log=none')

    def setUp(self):
        self.descriptors = self.server.descriptors()
        self.healthy = 0
        self.over = threading.Event()
        self.watch = threading.Thread(target=self.ask)
        self.watch.start()

    def ask(self):
        while not self.over.wait(0.02):
            if self.server.request('GET', '/health').status == 200:
                self.healthy += 1

    def tearDown(self):
        wait_until(lambda: self.healthy > 0, '/health answers')
        self.over.set()
        self.watch.join()
        wait_until(lambda: self.server.descriptors() <= self.descriptors + 2, 'descriptors are given back')

    def head(self, path, more):
        return f'POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n\r\n'.encode()

    def test_many_at_once(self):
        data = bytes(4 * MIB)
        with ThreadPoolExecutor(64) as pool:
            answers = list(pool.map(lambda _: self.server.post('/video/stream?block_size=65536', files=[('file', 'x', data)]),
                                    range(64)))
        self.assertTrue(all(answer.status in (200, 503) for answer in answers))
        served = [answer for answer in answers if answer.status == 200]
        self.assertGreater(len(served), 0)
        self.assertTrue(all(len(events(answer.body)) == 66 for answer in served))
        if not SANITIZED:
            wait_until(lambda: self.server.rss() < 96 * MIB, 'memory returns')

    def test_stalled_uploads(self):
        with contextlib.ExitStack() as stack:
            for _ in range(40):
                connection = stack.enter_context(self.server.connect())
                connection.sendall(self.head('/video/stream', 'Content-Length: 1000000') + bytes(1000))
            before = self.healthy
            wait_until(lambda: self.healthy > before + 10, '/health answers')

    def test_form_of_ten_thousand_parts(self):
        content_type, body = form([(f'f{i}', i) for i in range(10000)])
        answer = self.server.request('POST', '/video/stream', body, {'Content-Type': content_type})
        self.assertEqual(answer.status, 413)

    def test_never_ending_upload(self):
        chunk = b'100000\r\n' + bytes(MIB) + b'\r\n'
        with self.server.connect() as connection:
            connection.sendall(self.head('/video/export?mode=media', 'Transfer-Encoding: chunked'))
            with contextlib.suppress(ConnectionError):
                for _ in range(200):
                    connection.sendall(chunk)
            with contextlib.suppress(ConnectionError):
                self.assertIn(b' 413 ', read_all(connection)[:20])

    def test_what_is_almost_a_boundary(self):
        data = b'\r\n--boundar' * 200000 + b'\r\n--boundary-' * 1000
        body = (b'--boundary\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + data + b'\r\n--boundary--')
        answer = self.server.request('POST', '/video/stream?block_size=65536', body,
                                     {'Content-Type': 'multipart/form-data; boundary=boundary'})
        self.assertEqual(events(answer.body)[0][1]['blocks'], -(-len(data) // 65536))

    def test_flood_of_headers(self):
        said = self.server.send(self.head('/video/stream', '\r\n'.join(f'X-{i}: {"y" * 100}' for i in range(2000))))
        self.assertNotIn(b' 200 ', said[:20])

    def test_pipelined_requests(self):
        one = b'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n'
        last = one.replace(b'\r\n\r\n', b'\r\nConnection: close\r\n\r\n')
        self.assertEqual(self.server.send(one * 9 + last).count(b'HTTP/1.1 200'), 10)

    def test_clients_that_leave(self):
        for _ in range(50):
            with self.server.connect() as connection:
                connection.sendall(self.head('/audio/stream', 'Content-Length: 9000000') + bytes(100000))


if __name__ == '__main__':
    unittest.main()
