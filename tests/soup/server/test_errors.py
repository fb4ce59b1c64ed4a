#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What is wrong with a request is said, with the field and what it accepts."""

import unittest

from serving import KEY, ODD_KEY, Served, events, form, read_all

BLOCK = {'block_size': (65536, 8388608, 'integer'), 'fps_hint': (1, 240, 'number'), 'gop': (1, 600, 'integer')}
CALLS = {
    '/video/stream': BLOCK,
    '/video/export': BLOCK,
    '/export': BLOCK,
    '/audio/stream': {'sample_rate': (8000, 192000, 'integer'), 'frame_size': (256, 16384, 'power'),
                      'top_k': (1, 256, 'integer')},
    '/audio/mask': {'block_size': (16384, 4194304, 'integer')},
}


class Parameters(Served):
    """Both ends of each range, and a step past them, in query and form."""

    def send(self, way, path, name, value):
        file = [('file', 'x', b'data')]
        if way == 'query':
            return self.server.post(f'{path}?{name}={value}', files=file, **{'X-H4-Key': KEY})
        if way == 'bytes':
            return self.server.request('POST', f'{path}?{name}={value}', b'data', {'X-H4-Key': KEY})
        return self.server.post(path, {name: value}, file, **{'X-H4-Key': KEY})

    def test_bounds(self):
        for path, params in CALLS.items():
            for name, (low, high, kind) in params.items():
                below, above = (low / 2, high * 2) if kind == 'power' else (low - 1, high + 1)
                if kind == 'power':
                    below, above = int(below), int(above)
                accepted = f'{"a power of two, " if kind == "power" else ""}{low}…{high}'
                for way in 'query', 'form', 'bytes':
                    with self.subTest(path=path, name=name, way=way):
                        for value in low, high:
                            answer = self.send(way, path, name, value)
                            self.assertEqual(answer.status, 200, answer.body)
                        for value in below, above, 'x', '':
                            self.problem(self.send(way, path, name, value), 400, name, accepted)

    def test_only_powers_of_two(self):
        self.problem(self.send('query', '/audio/stream', 'frame_size', 3000), 400, 'frame_size')

    def test_choices(self):
        self.problem(self.send('query', '/video/stream', 'mode', 'film'), 400, 'mode', 'raw|media')
        self.problem(self.send('form', '/video/export', 'scheme', 'rot13'), 400, 'scheme', 'xor-sha256|aes-256-gcm')
        self.problem(self.send('form', '/video/export', 'mask', 'perhaps'), 400, 'mask', 'true, false')

    def test_raw_blocks_take_one_scheme(self):
        answer = self.server.post('/video/export', {'mask': 'true', 'scheme': 'aes-256-gcm'}, [('file', 'x', b'y')],
                                  **{'X-H4-Key': KEY})
        self.problem(answer, 400, 'scheme', 'xor-sha256')

    def test_query_and_form_that_differ(self):
        answer = self.server.post('/video/stream?gop=2', {'gop': 3}, [('file', 'x', b'y')])
        self.problem(answer, 400, 'gop', detail='twice')
        answer = self.server.post('/video/stream?gop=2&gop=3', files=[('file', 'x', b'y')])
        self.problem(answer, 400, 'gop', detail='twice')
        answer = self.server.post('/video/stream?fps_hint=30', {'fps_hint': '30.0'}, [('file', 'x', b'y')])
        self.assertEqual(answer.status, 200)

    def test_a_query_with_a_broken_escape(self):
        self.problem(self.server.request('POST', '/video/stream?gop=%3', b'x'), 400, detail='escape')


class Keys(Served):
    file = [('file', 'x', b'data')]

    def test_missing(self):
        self.problem(self.server.post('/audio/mask', files=self.file), 400, 'master_key_hex', detail='missing')
        self.problem(self.server.post('/video/export', {'mask': 'true'}, self.file), 400, 'master_key_hex',
                     detail='missing')
        self.problem(self.server.request('POST', '/video/export?mask=true', b'x'), 400, 'master_key_hex')
        self.problem(self.server.post('/export', {'mask': 'true'}, self.file), 400, 'master_key_hex')

    def test_malformed(self):
        for key, words in {ODD_KEY: '63 hexadecimal digits, an odd number', KEY[:30]: '15 bytes',
                           KEY[:31] + 'g': 'position 32', '': '0 bytes'}.items():
            for way in 'form', 'header', 'query':
                with self.subTest(key=len(key), way=way):
                    fields = {'master_key_hex': key} if way == 'form' else {}
                    headers = {'X-H4-Key': key} if way == 'header' else {}
                    query = f'?master_key_hex={key}' if way == 'query' else ''
                    answer = self.server.post('/audio/mask' + query, fields, self.file, **headers)
                    said = self.problem(answer, 400, 'master_key_hex', detail=words)
                    if key:
                        self.assertNotIn(key, str(said))

    def test_two_that_differ(self):
        answer = self.server.post('/audio/mask', {'master_key_hex': KEY}, self.file, **{'X-H4-Key': KEY[::-1]})
        self.problem(answer, 400, 'master_key_hex', detail='twice')

    def test_no_key_reaches_the_log(self):
        self.server.post(f'/audio/mask?master_key_hex={KEY}', files=self.file)
        self.server.post('/audio/mask', {'master_key_hex': KEY}, self.file, **{'X-H4-Key': KEY})
        self.server.post(f'/audio/mask?master_key_hex={ODD_KEY}', files=self.file)
        for where in '?Master_Key_Hex=', '?gop=1;master_key_hex=', '&master_key_hex=', '%3Fmaster_key_hex=':
            self.server.post(f'/audio/mask{where}{KEY}', files=self.file)
        self.server.wait_for_text('(?s)(POST.*){7}')
        self.assertNotIn(KEY[:16], self.server.text())
        self.assertNotIn(ODD_KEY[:16], self.server.text())


class Bodies(Served):
    options = ('--max-upload=1M',)

    def test_no_file(self):
        self.problem(self.server.post('/video/stream', {'gop': 3}), 400, 'file', detail='no file')
        self.problem(self.server.send(b'POST /video/stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'), 400,
                     'file', detail='no body')

    def problem(self, answer, *args, **more):
        if isinstance(answer, bytes):
            answer = parse(answer)
        return super().problem(answer, *args, **more)

    def test_two_files(self):
        answer = self.server.post('/video/stream', files=[('file', 'a', b'1'), ('file', 'b', b'2')])
        self.problem(answer, 400, 'file', detail='Only one file.*second')

    def test_other_multipart(self):
        answer = self.server.request('POST', '/video/stream', b'--x--', {'Content-Type': 'multipart/mixed; boundary=x'})
        self.problem(answer, 415, 'Content-Type')

    def test_malformed_forms(self):
        for content_type, body, words in (
                ('multipart/form-data', b'--x--', 'no boundary'),
                ('multipart/form-data; boundary=' + 'x' * 71, b'--x--', 'boundary'),
                ('multipart/form-data; boundary=x', b'', 'last boundary'),
                ('multipart/form-data; boundary=x', b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc',
                 'last boundary, in a part'),
                ('multipart/form-data; boundary=x', b'--x\r\n\r\nabc\r\n--x--', 'Part 1: .*form-data'),
                ('multipart/form-data; boundary=x', b'--x\r\nX: ' + b'y' * 9000, '8192 bytes of headers')):
            with self.subTest(words=words):
                answer = self.server.request('POST', '/video/stream', body, {'Content-Type': content_type})
                self.assertEqual(answer.status, 400, answer.body)
                self.assertRegex(answer.json()['detail'], words)

    def test_large_field(self):
        answer = self.server.post('/video/stream', {'gop': '1' * 65537}, [('file', 'x', b'y')])
        self.problem(answer, 413, 'gop')

    def test_large_part_that_the_call_does_not_know(self):
        for order in 'files first', 'fields first':
            for path in '/video/stream', '/video/export', '/export':
                with self.subTest(order=order, path=path):
                    content_type, body = form({'other': '1' * 200000}, [('file', 'x', b'y')], order)
                    answer = self.server.request('POST', path, body, {'Content-Type': content_type})
                    self.assertEqual(answer.status, 200, answer.body)

    def test_many_parts(self):
        content_type, body = form([(f'field{i}', i) for i in range(1001)], [('file', 'x', b'y')])
        answer = self.server.request('POST', '/video/stream', body, {'Content-Type': content_type})
        self.problem(answer, 413, detail='1000 parts')

    def test_too_large_by_its_length(self):
        for path in CALLS:
            with self.subTest(path=path):
                said = self.server.send(f'POST {path} HTTP/1.1\r\nHost: localhost\r\nX-H4-Key: {KEY}\r\n'
                                        f'Content-Length: {(1 << 20) + 1}\r\n\r\n'.encode())
                self.problem(said, 413, 'Content-Length')

    def test_too_large_by_count(self):
        chunk = b'10000\r\n' + bytes(65536) + b'\r\n'
        for path in '/video/stream?block_size=8388608', '/video/export?mode=media':
            with self.subTest(path=path), self.server.connect() as connection:
                connection.sendall(f'POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n'
                                   .encode())
                connection.sendall(chunk * 17)
                self.problem(read_all(connection), 413)

    def test_exactly_as_large_as_allowed(self):
        said = events(self.server.request('POST', '/video/stream', bytes(1 << 20)).body)
        self.assertEqual(said[0][1]['blocks'], 2)

    def test_expect_continue(self):
        head = 'POST /video/stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\n'
        with self.server.connect() as connection:
            connection.sendall(f'{head}Content-Length: 3\r\n\r\n'.encode())
            self.assertEqual(connection.recv(100), b'HTTP/1.1 100 Continue\r\n\r\n')
            connection.sendall(b'abc')
            self.assertIn(b'event:done', read_all(connection))
        with self.server.connect() as connection:
            connection.sendall(f'{head}Content-Length: 9999999\r\n\r\n'.encode())
            said = read_all(connection)
            self.assertTrue(said.startswith(b'HTTP/1.1 413 '), said)
        with self.server.connect() as connection:
            connection.sendall(f'{head}Content-Length: 3\r\n\r\n'.replace('stream', 'stream?gop=0').encode())
            said = read_all(connection)
            self.assertTrue(said.startswith(b'HTTP/1.1 400 '), said)

    def test_an_early_error_reaches_a_client_that_still_sends(self):
        with self.server.connect() as connection:
            connection.sendall(b'POST /video/stream?gop=0 HTTP/1.1\r\nHost: localhost\r\n'
                               b'Content-Length: 1000000\r\n\r\n' + bytes(500000))
            said = read_all(connection)
        self.assertNotIn(b'<reset>', said)
        self.problem(said, 400, 'gop')

    def test_an_upload_that_ends_too_soon(self):
        import socket
        with self.server.connect() as connection:
            connection.sendall(b'POST /video/stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc')
            connection.shutdown(socket.SHUT_WR)
            said = read_all(connection)
        self.assertFalse(said.startswith(b'HTTP/1.1 200'), said)

    def test_other_methods_and_paths(self):
        for path in CALLS:
            answer = self.server.request('GET', path)
            self.problem(answer, 405)
            self.assertIn('POST', answer.headers['Allow'])
        self.problem(self.server.request('POST', '/video', b'x'), 404)
        self.problem(self.server.request('GET', '/jobs/0123456789abcdef0123456789abcdef/events'), 404)
        self.problem(self.server.request('GET', '/jobs/'), 404)


def parse(data):
    """An answer's bytes as http.client would have it."""
    import http.client
    import io
    from serving import Answer

    class Socket:
        def makefile(self, *args):
            return io.BytesIO(data)
    answer = http.client.HTTPResponse(Socket())
    answer.begin()
    return Answer(answer.status, answer.headers, answer.read())


if __name__ == '__main__':
    unittest.main()
