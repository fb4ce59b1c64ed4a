#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What all calls have in common: headers, places at work, keys, and parameters that are said twice."""

import contextlib
import unittest

from serving import KEY, TIMEOUT, Served, Server, events, form, read_all, wait_until

FILE = [('file', 'a.raw', bytes(1000))]
ORIGIN = 'https://page.example'
# Content-Type, and the name that the answer is saved by
CALLS = {
    '/video/stream': ('text/event-stream; charset=utf-8', None),
    '/audio/stream': ('text/event-stream; charset=utf-8', None),
    '/video/export': ('application/x-h4mk', 'a.h4mk'),
    '/audio/mask': ('application/octet-stream', 'a.masked'),
    '/export': ('application/x-h4mk', 'a.h4mk'),
}
# Two values of each parameter that are accepted.
VALUES = {
    '/video/stream': {'block_size': (65536, 131072), 'fps_hint': (25, 30), 'gop': (2, 3), 'mode': ('raw', 'media')},
    '/video/export': {'block_size': (65536, 131072), 'fps_hint': (25, 30), 'gop': (2, 3), 'mode': ('raw', 'media'),
                      'mask': ('true', 'false'), 'scheme': ('xor-sha256', 'aes-256-gcm'), 'master_key_hex': (KEY, KEY[::-1])},
    '/audio/stream': {'sample_rate': (8000, 16000), 'frame_size': (512, 1024), 'top_k': (1, 2)},
    '/audio/mask': {'block_size': (16384, 32768), 'master_key_hex': (KEY, KEY[::-1])},
    '/export': {'block_size': (65536, 131072), 'fps_hint': (25, 30), 'gop': (2, 3), 'mode': ('raw', 'auto'),
                'mask': ('true', 'false'), 'scheme': ('xor-sha256', 'aes-256-gcm'), 'master_key_hex': (KEY, KEY[::-1])},
}


class Headers(Served):
    options = (f'--cors-origin={ORIGIN}',)

    def common(self, answer):
        self.assertRegex(answer.headers['Server'], r'^harmony4/\d+\.\d+\.\d+$')
        self.assertEqual(answer.headers['X-Content-Type-Options'], 'nosniff')
        self.assertTrue(answer.headers['Date'])
        self.assertEqual(answer.headers['Vary'], 'Origin')

    def shared(self, answer):
        self.common(answer)
        self.assertEqual(answer.headers['Access-Control-Allow-Origin'], ORIGIN)
        self.assertEqual(answer.headers['Access-Control-Allow-Credentials'], 'true')
        for name in 'Content-Disposition', 'Content-Range', 'ETag', 'Location', 'Retry-After':
            self.assertIn(name, answer.headers['Access-Control-Expose-Headers'])

    def test_answers(self):
        for path, (kind, name) in CALLS.items():
            with self.subTest(path=path):
                answer = self.server.post(path, files=FILE, **{'X-H4-Key': KEY, 'Origin': ORIGIN})
                self.assertEqual(answer.status, 200, answer.body)
                self.shared(answer)
                self.assertEqual(answer.headers['Content-Type'], kind)
                self.assertEqual(answer.headers['Content-Disposition'], f'attachment; filename="{name}"' if name else None)
                events_only = 'no-store', 'no'
                self.assertEqual((answer.headers['Cache-Control'], answer.headers['X-Accel-Buffering']),
                                 events_only if not name else (answer.headers['Cache-Control'], None))

    def test_problems(self):
        for path in CALLS:
            with self.subTest(path=path):
                answer = self.server.post(path, files=(), **{'Origin': ORIGIN})
                self.problem(answer, 400, 'file')
                self.shared(answer)
                self.assertEqual(answer.headers['Cache-Control'], 'no-store')
                answer = self.server.request('GET', path)
                self.problem(answer, 405)
                self.common(answer)
                self.assertEqual(answer.headers['Allow'], 'POST')

    def test_what_other_pages_get(self):
        for path in CALLS:
            answer = self.server.post(path, files=FILE, **{'X-H4-Key': KEY, 'Origin': 'https://other.example'})
            self.problem(answer, 403, 'Origin')
            self.assertIsNone(answer.headers['Access-Control-Allow-Origin'])

    def test_what_a_page_asks_before(self):
        for path in CALLS:
            with self.subTest(path=path):
                answer = self.server.request('OPTIONS', path, headers={
                    'Origin': ORIGIN, 'Access-Control-Request-Method': 'POST', 'Access-Control-Request-Headers': 'X-H4-Key, Prefer'})
                self.assertEqual((answer.status, answer.body), (204, b''))
                self.shared(answer)
                self.assertEqual(answer.headers['Access-Control-Allow-Methods'], 'POST')
                for name in 'Authorization', 'Content-Type', 'Last-Event-ID', 'Prefer', 'Range', 'X-H4-Key':
                    self.assertIn(name, answer.headers['Access-Control-Allow-Headers'])
                self.assertTrue(answer.headers['Access-Control-Max-Age'])

    def test_a_job(self):
        answer = self.server.post('/video/stream', files=FILE, **{'Prefer': 'respond-async', 'Origin': ORIGIN})
        self.assertEqual(answer.status, 202)
        self.shared(answer)
        self.assertEqual(answer.headers['Cache-Control'], 'no-store')
        answer = self.server.request('GET', answer.headers['Location'], headers={'Origin': ORIGIN})
        self.shared(answer)
        self.assertEqual((answer.headers['Cache-Control'], answer.headers['X-Accel-Buffering']), ('no-store', 'no'))


class Twice(Served):
    def test_in_query_and_form(self):
        """The same is no fault, another value is one, whatever the parameter."""
        for path, params in VALUES.items():
            for name, (one, other) in params.items():
                with self.subTest(path=path, name=name):
                    headers = {} if name == 'master_key_hex' else {'X-H4-Key': KEY}
                    answer = self.server.post(f'{path}?{name}={one}', {name: other}, FILE, **headers)
                    self.problem(answer, 400, name, detail='twice')
                    same = self.server.post(f'{path}?{name}={one}', {name: one}, FILE, **headers)
                    self.assertEqual(same.status, 200, same.body)


class Keys(Served):
    def test_bounds(self):
        for path, fields in ('/audio/mask', {}), ('/video/export', {'mask': 'true'}), ('/export', {'mask': 'true'}):
            for size, good in (15, False), (16, True), (1024, True), (1025, False):
                key = 'a5' * size
                for way in 'form', 'header', 'query':
                    with self.subTest(path=path, size=size, way=way):
                        query = f'?master_key_hex={key}' if way == 'query' else ''
                        answer = self.server.post(path + query, dict(fields, **({'master_key_hex': key} if way == 'form' else {})), FILE,
                                                  **({'X-H4-Key': key} if way == 'header' else {}))
                        if good:
                            self.assertEqual(answer.status, 200, answer.body)
                        else:
                            self.problem(answer, 400, 'master_key_hex', '32 to 2048 hexadecimal digits, an even number of them')

    def test_cases(self):
        answers = {self.server.post('/audio/mask', {'master_key_hex': key}, FILE).body for key in (KEY, KEY.upper(), f' {KEY}\r\n')}
        self.assertEqual(len(answers), 1)


class Places(unittest.TestCase):
    def hold(self, stack, server, path='/video/stream?block_size=65536'):
        """A call that is worked on, and waits for its client."""
        connection = stack.enter_context(server.connect())
        connection.sendall(f'POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 131072\r\nConnection: close\r\n\r\n'.encode() + bytes(65536))
        said = b''
        while b'event:token' not in said:
            said += connection.recv(65536)
        return connection

    def start(self, *options):
        server = Server(*options)
        self.addCleanup(server.stop)
        return server

    def jobs(self, server, what):
        text = server.request('GET', '/metrics').body.decode()
        return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(f'harmony4_jobs_{what} '))

    def test_the_next_one_waits(self):
        server = self.start('--jobs=2')
        with contextlib.ExitStack() as stack:
            first, second = self.hold(stack, server), self.hold(stack, server)
            self.assertEqual(self.jobs(server, 'running'), 2)
            third = stack.enter_context(server.connect())
            third.sendall(b'POST /audio/mask HTTP/1.1\r\nHost: localhost\r\nX-H4-Key: ' + KEY.encode() +
                          b'\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc')
            wait_until(lambda: self.jobs(server, 'waiting') == 1, 'it waits')
            self.assertEqual(self.jobs(server, 'running'), 2)
            self.assertEqual(server.request('GET', '/health').status, 200)
            first.sendall(bytes(65536))
            self.assertIn(b'event:done', read_all(first))
            self.assertTrue(read_all(third).startswith(b'HTTP/1.1 200 '))
            second.sendall(bytes(65536))
            self.assertIn(b'event:done', read_all(second))

    def test_who_waits_in_vain_is_told_when_to_come_back(self):
        """And who stalls for long is given up."""
        server = self.start('--jobs=1')
        with contextlib.ExitStack() as stack:
            held = self.hold(stack, server)
            answer = server.post('/video/stream', files=FILE)
            self.assertEqual(answer.status, 503, answer.body)
            self.assertEqual(answer.headers['Content-Type'], 'application/problem+json')
            self.assertRegex(answer.headers['Retry-After'], r'^\d+$')
            said = read_all(held)
            self.assertNotIn(b'event:done', said)
            self.assertEqual(len(events(server.post('/video/stream', files=FILE).body)), 3)

    def test_who_leaves_while_it_waits_takes_no_place(self):
        server = self.start('--jobs=1')
        with contextlib.ExitStack() as stack:
            held = self.hold(stack, server)
            with server.connect() as waiting:
                waiting.sendall(b'POST /video/stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx')
                wait_until(lambda: self.jobs(server, 'waiting') == 1, 'it waits')
            wait_until(lambda: self.jobs(server, 'waiting') == 0, 'it has left')
            held.sendall(bytes(65536))
            self.assertIn(b'event:done', read_all(held))
        self.assertEqual(server.post('/video/stream', files=FILE).status, 200)

    def test_who_stalls_is_told(self):
        """408, where nothing was answered yet."""
        server = self.start()
        with server.connect() as connection:
            connection.settimeout(4 * TIMEOUT)
            content_type, body = form(files=FILE)
            connection.sendall(f'POST /video/stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\n'
                               f'Content-Length: {len(body)}\r\n\r\n'.encode() + body[:-5])
            self.assertTrue(read_all(connection).startswith(b'HTTP/1.1 408 '))

    def test_more_than_was_said(self):
        """What comes behind a body is another request, and none."""
        server = self.start()
        with server.connect() as connection:
            connection.sendall(b'POST /video/stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabcdefghi\r\n\r\n')
            said = read_all(connection)
        self.assertEqual((said.count(b'event:done'), said.count(b'HTTP/1.1 200 '), said.count(b'HTTP/1.1 400 ')), (1, 1, 1), said)


if __name__ == '__main__':
    unittest.main()
