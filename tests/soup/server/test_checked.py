#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The whole program under a checker: each call once, errors, clients that leave, its end.

usage: test_checked.py CODE PROGRAM...; CODE is what it ends with where there was something to say
"""

import os
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from serving import KEY, Server, events, form, h4test, vector

PIPELINE = ('videotestsrc is-live=true ! video/x-raw,width=32,height=32,framerate=10/1 ! h4videotok ! h4sse stream=picture '
            'audiotestsrc is-live=true samplesperbuffer=4800 ! audio/x-raw,rate=48000,channels=1 ! h4audiofft top-k=4 ! h4sse stream=sound')
FILES = '''
gst-launch-1.0 -q videotestsrc num-buffers=50 ! video/x-raw,width=32,height=32,framerate=25/1 \\
  ! vp8enc keyframe-max-dist=10 deadline=1 ! tee name=t ! queue ! h4mkmux ! filesink location=recording.h4mk \\
  t. ! queue ! webmmux name=m ! filesink location=film.webm \\
  audiotestsrc num-buffers=100 samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=2 ! opusenc ! m. \\
  audiotestsrc num-buffers=20 ! wavenc ! filesink location=sound.wav
'''
# Others, which a file's type or a decoder would load, have instructions that no checker knows.
PLUGINS = ('app audioconvert audioparsers audioresample audiotestsrc coreelements flv isomp4 matroska ogg playback soup typefindfunctions '
           'videoconvertscale videoparsersbad videotestsrc wavparse').split()


class Checked(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        done = h4test.run(FILES, cls.root)
        assert done.returncode == 0, done.stdout
        (cls.root / 'damaged.h4mk').write_bytes((cls.root / 'recording.h4mk').read_bytes()[:-100])
        cls.film, cls.sound = ((cls.root / name).read_bytes() for name in ('film.webm', 'sound.wav'))
        plugins = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        for name in PLUGINS:
            plugin = Path(os.environ['GST_PLUGIN_SYSTEM_PATH_1_0'], f'libgst{name}.so')
            (plugins / plugin.name).symlink_to(plugin.resolve(strict=True))
        env = dict(os.environ, LC_ALL='C.UTF-8', G_SLICE='always-malloc', ORC_CODE='backup',
                   GST_PLUGIN_SYSTEM_PATH_1_0=str(plugins), GST_REGISTRY_1_0=str(plugins / 'registry'))
        options = ['--jobs=2', '--max-upload=8M', f'--root={cls.root}']
        # h4sse has the server's library, and a program that was built with that in it has another one.
        if not THREADS:
            options.append(f'--pipeline={PIPELINE}')
        cls.server = Server(*options, program=PROGRAM, env=env)

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        assert code == 0, f'{"something was found" if code == CODE else f"it ended with {code}"}: {cls.server.text()[-(1 << 20):]}'

    def post(self, path, fields=(), files=(('file', 'a', b'x' * 200000),), status=200, **headers):
        answer = self.server.post(path, fields, files, **headers)
        self.assertEqual(answer.status, status, answer.body[:500])
        return answer

    def get(self, path, status=200, method='GET', **headers):
        answer = self.server.request(method, path, headers=headers)
        self.assertEqual(answer.status, status, answer.body[:500])
        return answer

    def test_streams(self):
        self.assertEqual(len(events(self.post('/video/stream', {'block_size': 65536}).body)), 1 + 4 + 1)
        self.post('/audio/stream', {'sample_rate': 16000, 'frame_size': 512, 'top_k': 8},
                  [('file', 'a', vector('audio-3-chord-16000.s16le'))])
        answer = self.post('/video/stream', {'mode': 'media'}, [('file', 'a.webm', self.film)])
        self.assertGreater(len(events(answer.body)), 100)
        content_type, body = form({'sample_rate': 16000, 'frame_size': 512, 'top_k': 8}, [('file', 'a', bytes(400000))], 'fields first')
        pieces = (body[i:i + 9999] for i in range(0, len(body), 9999))
        answer = self.server.request('POST', '/audio/stream', pieces, {'Content-Type': content_type, 'Transfer-Encoding': 'chunked'})
        self.assertIn(b'event:done', answer.body)

    def test_exports(self):
        self.post('/video/export', {'block_size': 65536})
        self.post('/video/export', {'mask': 'true', 'master_key_hex': KEY})
        self.server.request('POST', '/video/export', bytes(3 << 20))
        self.post('/video/export', {'mode': 'media', 'mask': 'true'}, [('file', 'a.webm', self.film)], **{'X-H4-Key': KEY})
        self.post('/audio/mask', {'master_key_hex': KEY})
        self.assertEqual(self.server.request('POST', '/audio/mask', bytes(300000), {'X-H4-Key': KEY}).status, 200)
        for fields in {}, {'mask': 'true'}, {'mask': 'true', 'scheme': 'xor-sha256'}:
            self.post('/export', fields, [('a', 'a.webm', self.film), ('b', 'b.wav', self.sound), ('c', 'c', bytes(100000))],
                      **{'X-H4-Key': KEY})

    def test_jobs(self):
        for path in '/video/stream?block_size=65536', '/video/stream?mode=media', '/audio/stream':
            location = self.post(path, files=[('file', 'a', self.film)], status=202, Prefer='respond-async').headers['Location']
            whole = events(self.get(location).body)
            self.assertEqual(events(self.get(location, **{'Last-Event-ID': whole[1][2]}).body), whole[:1] + whole[2:])
            self.get(location, 204, **{'Last-Event-ID': whole[-1][2]})

    def test_files(self):
        at = '/files/recording.h4mk'
        self.assertIn(b'recording.h4mk', self.get('/files/').body)
        etag = self.get(at).headers['ETag']
        self.get(at, 304, **{'If-None-Match': etag})
        self.get(at, 206, Range='bytes=10-99', **{'If-Range': etag})
        self.get(at, 416, Range='bytes=99999999-')
        self.get(at, method='HEAD')
        for what in 'info', 'seek?pts_us=1000000', 'blocks/3', 'chain?pts_us=1500000', 'verify':
            self.get(f'{at}/{what}')
            self.server.request('GET', f'/files/damaged.h4mk/{what}')
            self.server.request('GET', f'/files/film.webm/{what}')

    def test_what_is_said_of_itself(self):
        for path in '/', '/docs', '/docs.js', '/openapi.json', '/health', '/metrics', '/streams', '/live.js':
            self.get(path)
        self.get('/', Accept='text/html')

    def test_events(self):
        if THREADS:
            return self.get('/events', 404)
        for path in '/events?stream=picture', '/events', '/events?stream=picture&last_event_id=earliest':
            with self.server.connect() as connection:
                connection.sendall(f'GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n'.encode())
                said = b''
                while said.count(b'event:token') < 5:
                    said += connection.recv(65536)
        self.get('/events?stream=nothing', 404)

    def test_errors(self):
        self.post('/video/stream', {'gop': 0}, status=400)
        self.post('/video/stream', files=(), status=400)
        self.post('/audio/mask', {'master_key_hex': KEY[1:]}, status=400)
        self.post('/video/stream', {'mode': 'media'}, status=415)
        self.post('/export', {'mode': 'media'}, [('a', 'a.wav', self.sound), ('b', 'b.flv', b'FLV\1\5\0\0\0\t' + bytes(34))], status=422)
        self.get('/nothing', 404)
        self.get('/video/stream', 405)
        self.get('/jobs/x/events', 404)
        self.get('/files/..%2f..%2fetc%2fpasswd', 400)
        for head in 'nonsense', 'GET /?master_key_hex=%zz HTTP/1.1', 'POST /video/stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999':
            self.server.send(f'{head}\r\n\r\n'.encode())

    def test_clients_that_leave(self):
        for path in '/audio/stream', '/video/export', '/export':
            with self.server.connect() as connection:
                connection.sendall(f'POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5000000\r\n\r\n'.encode() + bytes(1 << 20))
        for path in '/audio/stream?frame_size=256&top_k=256', '/video/export?mode=raw':
            with self.server.connect() as connection:
                connection.sendall(f'POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n'.encode() + bytes(1000000))
                self.assertTrue(connection.recv(10))

    def test_many_at_once(self):
        location = self.post('/audio/stream', files=[('file', 'a', bytes(50000))], status=202, Prefer='respond-async').headers['Location']
        calls = [lambda: self.post('/video/stream', {'block_size': 65536}, [('file', 'a', bytes(300000))]),
                 lambda: self.get(location), lambda: self.get('/files/recording.h4mk/verify'), lambda: self.get('/metrics')]
        with ThreadPoolExecutor(12) as pool:
            for done in [pool.submit(call) for _ in range(4) for call in calls]:
                done.result()


if __name__ == '__main__':
    CODE, PROGRAM = int(sys.argv[1]), sys.argv[2:]
    THREADS = len(PROGRAM) == 1
    unittest.main(argv=sys.argv[:1])
