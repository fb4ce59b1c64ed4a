#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""However large an upload is, its request takes less than 16 MiB of memory, or three of the largest blocks."""

import http.client
import re
import struct
import tempfile
import unittest
from pathlib import Path

from serving import KEY, TIMEOUT, Server, h4test

MIB = 1 << 20
LARGE = 272 * MIB
MOST = 16 * MIB
BOUNDARY = 'a-boundary'
FILM = '''
gst-launch-1.0 -q matroskamux name=m ! filesink location=film.mkv \
  videotestsrc num-buffers={frames} pattern=snow ! video/x-raw,format=I420,width=1280,height=720,framerate=25/1 \
  ! jpegenc quality=95 ! queue ! m. \
  audiotestsrc num-buffers={frames} samplesperbuffer=1920 ! audio/x-raw,rate=48000,channels=2,format=S16LE ! queue ! m.
'''

# Path, form fields that stand before the file, and what it is.
CALLS = {
    'tokens of bytes': ('/video/stream?block_size=65536', None, 'raw'),
    'tokens of a form': ('/video/stream', {}, 'raw'),
    'tokens of a form that is worked on as it comes': ('/video/export', {
        'block_size': 65536, 'fps_hint': 30, 'gop': 30, 'mode': 'raw', 'mask': 'false'}, 'raw'),
    'tokens of media': ('/video/stream?mode=media', {}, 'wave'),
    'masked blocks': ('/video/export?mask=true', {}, 'raw'),
    'an export of media': ('/video/export?mode=media', {}, 'wave'),
    'masked media': ('/export?mask=true', {}, 'wave'),
    'raw blocks among many files': ('/export?mode=raw', {}, 'raw'),
    'a spectrum': ('/audio/stream?frame_size=16384&top_k=1', None, 'raw'),
    'a spectrum of a form': ('/audio/stream?frame_size=16384&top_k=1', {}, 'raw'),
    'masked bytes': ('/audio/mask', None, 'raw'),
    'large masked blocks of a form': ('/audio/mask?block_size=4194304', {}, 'raw'),
}
# A block is on its way in, is masked, and is on its way out.
LARGEST = {
    'blocks': ('/video/export?block_size=8388608', None, 'raw'),
    'masked blocks': ('/video/export?mask=true&block_size=8388608', None, 'raw'),
    'among many files': ('/export?mode=raw&block_size=8388608', {}, 'raw'),
    'among many files, masked': ('/export?mode=raw&block_size=8388608&mask=true', {}, 'raw'),
}


def wave_header(size):
    return struct.pack('<4sI4s4sIHHIIHH4sI', b'RIFF', size + 36, b'WAVE', b'fmt ', 16, 1, 2, 192000, 768000, 4, 16,
                       b'data', size)


class Memory(unittest.TestCase):
    """Of a server of its own each: what one request leaves to the allocator is not another one's."""

    def start(self):
        self.server = Server('--jobs=1', '--access-log=none')
        self.addCleanup(self.server.stop)

    def memory(self, name):
        return int(re.search(rf'{name}:\s+(\d+)', Path(f'/proc/{self.server.process.pid}/status').read_text())[1]) * 1024

    def forget_peak(self):
        Path(f'/proc/{self.server.process.pid}/clear_refs').write_text('5')

    def send(self, path, content_type, pieces, **headers):
        """All of it is sent before anything is read, as most clients do; gives how much came."""
        connection = http.client.HTTPConnection(self.server.host, self.server.port, timeout=4 * TIMEOUT)
        try:
            connection.putrequest('POST', path)
            headers = {'X-H4-Key': KEY, 'Content-Type': content_type, 'Content-Length': sum(map(len, pieces)), **headers}
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            for piece in pieces:
                connection.send(piece)
            answer = connection.getresponse()
            self.assertIn(answer.status, (200, 202))
            came = 0
            while data := answer.read(MIB):
                came += len(data)
            self.location = answer.headers['Location']
            return came
        finally:
            connection.close()

    def pieces(self, fields, kind, size):
        """What is sent is a few pieces many times: this process is to stay small, too."""
        body = [bytes(range(256)) * 16] * (size // 4096) if size < MIB else [bytes(range(256)) * 4096] * (size // MIB)
        if kind == 'wave':
            body = [wave_header(size)] + body
        if fields is None:
            return 'application/octet-stream', body
        before = ''.join(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                         for name, value in fields.items())
        before += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        return (f'multipart/form-data; boundary={BOUNDARY}',
                [before.encode(), *body, f'\r\n--{BOUNDARY}--\r\n'.encode()])

    def measure(self, path, small, large, **headers):
        """How much the server grew by, at most, while a large upload was worked on."""
        self.start()
        # What is loaded at the first time is no matter of size.
        least = self.send(path, *small, **headers)
        idle = self.memory('VmRSS')
        self.forget_peak()
        came = self.send(path, *large, **headers)
        self.assertGreater(came, 20 * least)
        return self.memory('VmHWM') - idle

    def check(self, calls, most):
        for name, (path, fields, kind) in calls.items():
            with self.subTest(name):
                grown = self.measure(path, self.pieces(fields, kind, 8192), self.pieces(fields, kind, LARGE))
                self.assertLess(grown, most)

    def test_large_uploads(self):
        self.check(CALLS, MOST)

    def test_the_largest_blocks(self):
        self.check(LARGEST, 4 * MIB + 3 * 8 * MIB)

    def test_films(self):
        with tempfile.TemporaryDirectory() as directory:
            films = []
            for frames in 2, 240:
                done = h4test.run(FILM.format(frames=frames), directory)
                self.assertEqual(done.returncode, 0, done.stdout)
                data = Path(directory, 'film.mkv').read_bytes()
                films.append(('application/octet-stream', [data[i:i + MIB] for i in range(0, len(data), MIB)]))
        self.assertGreater(sum(map(len, films[1][1])), 200 * MIB)
        for path in '/video/stream?mode=media', '/video/export?mode=media', '/export', '/export?mask=true':
            with self.subTest(path):
                self.assertLess(self.measure(path, *films), MOST)

    def test_jobs_that_are_kept(self):
        """Nor are uploads that are kept for later in memory, nor their events."""
        self.start()
        path = '/video/stream?block_size=65536'
        upload = self.pieces(None, 'raw', LARGE)
        self.send(path, *self.pieces(None, 'raw', 8192), Prefer='respond-async')
        self.server.request('GET', self.location)
        idle = self.memory('VmRSS')
        self.forget_peak()
        for _ in range(2):
            self.send(path, *upload, Prefer='respond-async')
        self.assertIn(b'event:done', self.server.request('GET', self.location).body)
        self.assertLess(self.memory('VmHWM') - idle, MOST)

    def test_many_files_in_one_form(self):
        def of(size):
            parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="f{i}"; filename="a"\r\n\r\n'.encode()
                     for i in range(16)]
            body = [bytes(MIB)] * (size // MIB) if size >= MIB else [bytes(size)]
            pieces = [piece for part in parts for piece in (part, *body, b'\r\n')]
            return f'multipart/form-data; boundary={BOUNDARY}', [*pieces, f'--{BOUNDARY}--\r\n'.encode()]
        for path in '/export', '/export?mask=true':
            with self.subTest(path):
                self.assertLess(self.measure(path, of(1000), of(17 * MIB)), MOST)


if __name__ == '__main__':
    unittest.main()
