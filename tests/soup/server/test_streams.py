#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""POST /video/stream and POST /audio/stream: tokens as events."""

import hashlib
import json
import struct
import unittest

from serving import VECTORS, Served, events, form, read_all, vector, wait_until

VIDEO = {'block_size': 65536, 'fps_hint': 30, 'gop': 2}
AUDIO = {'sample_rate': 16000, 'frame_size': 512, 'top_k': 8}


def query(fields):
    return '?' + '&'.join(f'{name}={value}' for name, value in fields.items())


class Vectors(Served):
    """To the letter what the reference answers."""

    def check(self, answer, name):
        self.assertEqual(answer.status, 200, answer.body[:300])
        self.assertEqual(answer.headers['Content-Type'], 'text/event-stream; charset=utf-8')
        self.assertEqual(answer.headers['Cache-Control'], 'no-store')
        self.assertEqual(answer.headers['X-Accel-Buffering'], 'no')
        self.assertEqual(answer.body, vector(name))

    def each_way(self, path, fields, data, name):
        file = [('file', 'input.raw', data)]
        with self.subTest('form, the file first'):
            self.check(self.server.post(path, fields, file), name)
        with self.subTest('form, the file last'):
            content_type, body = form(fields, file, 'fields first')
            self.check(self.server.request('POST', path, body, {'Content-Type': content_type}), name)
        with self.subTest('query'):
            self.check(self.server.post(path + query(fields), files=file), name)
        with self.subTest('query and form agree'):
            self.check(self.server.post(path + query(fields), fields, file), name)
        with self.subTest('bytes'):
            self.check(self.server.request('POST', path + query(fields), data), name)

    def test_video(self):
        self.each_way('/video/stream', VIDEO, vector('base-0.raw'), 'sse-video.txt')

    def test_audio(self):
        self.each_way('/audio/stream', AUDIO, vector('audio-3-chord-16000.s16le'), 'sse-audio.txt')

    def test_bytes_as_what_curl_calls_a_form(self):
        answer = self.server.request('POST', '/video/stream' + query(VIDEO), vector('base-0.raw'),
                                     {'Content-Type': 'application/x-www-form-urlencoded'})
        self.check(answer, 'sse-video.txt')

    def test_video_tokens(self):
        for case in json.loads((VECTORS / 'video-tokens.json').read_text()):
            blocks = case['blocks']
            if not 0 < blocks <= 2000 or case['gop'] > 600:
                continue
            with self.subTest(case=case):
                data = bytes(65536 * (blocks - 1)) + b'x'
                said = events(self.server.request('POST', '/video/stream' + query(
                    {'block_size': 65536, 'fps_hint': case['fps_hint'], 'gop': case['gop']}), data).body)
                tokens = [event[1]['token_hex'] for event in said if event[0] == 'token']
                self.assertEqual(tokens[0], case['first'])
                self.assertEqual(tokens[-1], case['last'])
                self.assertEqual(hashlib.sha256(bytes.fromhex(''.join(tokens))).hexdigest(), case['tokens_sha256'])

    def test_audio_tokens(self):
        for case in json.loads((VECTORS / 'audio-tokens.json').read_text()):
            if 'silence' in case['pcm']:
                continue
            with self.subTest(pcm=case['pcm']):
                said = events(self.server.request('POST', '/audio/stream' + query(
                    {'sample_rate': case['sample_rate'], 'frame_size': case['frame_size'],
                     'top_k': case['top_k']}), vector(case['pcm'])).body)
                tokens = [event[1]['token_hex'] for event in said if event[0] == 'token']
                self.assertEqual(tokens, [token[3] for frame in case['expected'] for token in frame])


class Streams(Served):
    def test_defaults(self):
        said = events(self.server.post('/video/stream', files=[('file', 'x', bytes(524289))]).body)
        self.assertEqual(said[0][1], {'blocks': 2, 'block_size': 524288, 'fps_hint': 30.0, 'gop': 30})
        self.assertEqual([event[0] for event in said], ['meta', 'token', 'token', 'done'])
        said = events(self.server.post('/audio/stream', files=[('file', 'x', bytes(8192))]).body)
        self.assertEqual(said[0][1], {'sample_rate': 48000, 'frame_size': 2048, 'top_k': 32})
        self.assertEqual(len(said), 1 + 3 * 32 + 1)

    def test_empty_file(self):
        for path in '/video/stream', '/audio/stream':
            said = events(self.server.post(path, files=[('file', 'x', b'')]).body)
            self.assertEqual([event[0] for event in said], ['meta', 'done'])
            said = events(self.server.request('POST', path, b'', {'Content-Length': '0'}).body)
            self.assertEqual([event[0] for event in said], ['meta', 'done'])

    def test_an_audio_shorter_than_a_frame(self):
        said = events(self.server.post('/audio/stream', files=[('file', 'x', bytes(4095))]).body)
        self.assertEqual([event[0] for event in said], ['meta', 'done'])

    def test_more_bins_than_a_frame_has(self):
        said = events(self.server.request('POST', '/audio/stream?frame_size=256&top_k=256', bytes(512)).body)
        self.assertEqual(len(said), 1 + 129 + 1)

    def test_blocks_are_told_where_their_number_is_known(self):
        known = events(self.server.request('POST', '/video/stream?block_size=65536', bytes(65537)).body)
        self.assertEqual(known[0][1]['blocks'], 2)
        unknown = events(self.server.request('POST', '/video/stream?block_size=65536',
                                             iter([bytes(65536), b'x']), {'Transfer-Encoding': 'chunked'}).body)
        self.assertNotIn('blocks', unknown[0][1])
        self.assertEqual(known[1:], unknown[1:])

    def test_unknown_parameters_are_ignored(self):
        answer = self.server.post('/video/stream?nothing=1&x=%FF', {'other': '2'}, [('file', 'x', b'y'), ('f2', 'n', b'z')])
        self.assertEqual(len(events(answer.body)), 3)


class Duplex(Served):
    """Bytes are worked on while they come."""

    def head(self, path, length=None):
        framing = f'Content-Length: {length}' if length is not None else 'Transfer-Encoding: chunked'
        return f'POST {path} HTTP/1.1\r\nHost: localhost\r\n{framing}\r\nConnection: close\r\n\r\n'.encode()

    def until(self, connection, data, needle):
        while needle not in data:
            part = connection.recv(65536)
            self.assertTrue(part, data)
            data += part
        return data

    def test_first_event_follows_the_first_block(self):
        with self.server.connect() as connection:
            connection.sendall(self.head('/video/stream?block_size=65536', 3 * 65536))
            connection.sendall(bytes(65536))
            said = self.until(connection, b'', b'"block_index":0')
            self.assertIn(b'"blocks":3', said)
            connection.sendall(bytes(65536))
            said = self.until(connection, said, b'"block_index":1')
            self.assertNotIn(b'"block_index":2', said)
            connection.sendall(bytes(65536))
            self.assertIn(b'"block_index":2', read_all(connection))

    def test_chunked_audio(self):
        chunk = b'800\r\n' + bytes(2048) + b'\r\n'
        with self.server.connect() as connection:
            connection.sendall(self.head('/audio/stream?frame_size=1024&top_k=1') + chunk)
            said = self.until(connection, b'', b'event:token')
            connection.sendall(chunk + b'0\r\n\r\n')
            self.assertEqual((said + read_all(connection)).count(b'event:token'), 3)

    def test_a_client_that_sends_all_before_it_reads(self):
        """Its answer is many times what the sockets hold, and so is the upload."""
        samples = struct.pack('<h', 1000) * (2 << 20)
        with self.server.connect() as connection:
            connection.sendall(self.head('/audio/stream?frame_size=256&top_k=64', len(samples)))
            connection.sendall(samples)
            said = read_all(connection)
        self.assertEqual(said.count(b'event:token'), (len(samples) // 2 // 128 - 1) * 64)
        self.assertIn(b'event:done', said)

    def test_a_form_whose_fields_come_first_is_worked_on_while_it_comes(self):
        boundary = 'x' * 70
        part = ''.join(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                       for name, value in AUDIO.items()) + (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n')
        data = vector('audio-3-chord-16000.s16le')
        tail = f'\r\n--{boundary}--\r\n'
        with self.server.connect() as connection:
            connection.sendall((f'POST /audio/stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n'
                                f'Content-Type: multipart/form-data; boundary={boundary}\r\n'
                                f'Content-Length: {len(part) + len(data) + len(tail)}\r\n\r\n' + part).encode())
            connection.sendall(data[:4096])
            said = self.until(connection, b'', b'event:token')
            connection.sendall(data[4096:] + tail.encode())
            self.assertIn(b'event:done', said + read_all(connection))

    def test_a_client_that_leaves_ends_the_work(self):
        before = self.server.descriptors()
        connection = self.server.connect()
        connection.sendall(self.head('/audio/stream', 1 << 30) + bytes(1 << 20))
        connection.recv(10)
        connection.close()
        wait_until(lambda: self.server.descriptors() <= before, 'descriptors are given back')


if __name__ == '__main__':
    unittest.main()
