#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What users of the reference type: its examples as they stand, but for the
address and, where it says so, the key."""

import tempfile
import unittest
from pathlib import Path

from serving import KEY, ODD_KEY, Served, events, h4test, vector

CURL = {
    'stream': '''
curl -X POST http://localhost:8000/video/stream \\
  -F "file=@input.raw" \\
  -F "block_size=524288" \\
  -F "fps_hint=30" \\
  -F "gop=30"
''',
    'export': '''
curl -X POST http://localhost:8000/video/export \\
  -F "file=@input.raw" \\
  -F "block_size=524288" \\
  -F "fps_hint=30" \\
  -F "gop=30" \\
  -F "mask=true" \\
  -F "master_key_hex=6dd516ea8669e2464a31f0624a5550d7..." \\
  -o output.h4mk
''',
    'audio': '''
curl -X POST http://localhost:8000/audio/stream \\
  -F "file=@audio.pcm" \\
  -F "sample_rate=48000" \\
  -F "frame_size=2048" \\
  -F "top_k=32"
''',
    'mask': '''
curl -X POST http://localhost:8000/audio/mask \\
  -F "file=@audio_blocks.raw" \\
  -F "block_size=262144" \\
  -F "master_key_hex=6dd516ea8669e2464a31f0624a5550d7..." \\
  -o audio.masked
'''}

PYTHON_STREAM = '''
import requests

# Create test video (100 frames, 64KB each)
frames = [b'frame_%03d' % i + b'_' * 65520 for i in range(100)]
raw = b''.join(frames)

files = {'file': raw}
params = {'block_size': 65536, 'fps_hint': 30.0, 'gop': 30}

response = requests.post(
    'http://localhost:8000/video/stream',
    files=files,
    params=params,
    stream=True
)

for line in response.iter_lines():
    if line:
        print(line.decode())
'''

PYTHON_EXPORT = '''
import requests
import os

# Test video
frames = [b'frame_%03d' % i + b'_' * 65520 for i in range(100)]
raw = b''.join(frames)

# Master key (32 bytes in hex)
master_key = "6dd516ea8669e2464a31f0624a5550d7abc123456789abcdef0123456789abc"

files = {'file': raw}
params = {
    'block_size': 65536,
    'fps_hint': 30.0,
    'gop': 30,
    'mask': True,
    'master_key_hex': master_key
}

response = requests.post(
    'http://localhost:8000/video/export',
    files=files,
    params=params
)

with open('output.h4mk', 'wb') as f:
    f.write(response.content)

print(f"✅ Exported {len(response.content)} bytes to output.h4mk")
'''


class Examples(Served):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.work = Path(temporary.name)
        (self.work / 'input.raw').write_bytes(bytes(range(256)) * 5000)
        (self.work / 'audio.pcm').write_bytes(vector('audio-0-a4a5-48000.s16le'))
        (self.work / 'audio_blocks.raw').write_bytes(vector('mask-stream.raw'))

    def run_curl(self, name, key=None):
        line = CURL[name].strip().replace('http://localhost:8000', self.server.url).replace('curl', 'curl -sS', 1)
        if key:
            line = line.replace('6dd516ea8669e2464a31f0624a5550d7...', key)
        return self.run_it(line, key)

    def run_it(self, command, key):
        """What answers a malformed key is written like a recording, and is none."""
        run = h4test.run if key == KEY else h4test.run_alone
        done = run(command, self.work, None, 120)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def run_python(self, text, key=None):
        text = text.replace('http://localhost:8000', self.server.url)
        if key:
            text = text.replace(ODD_KEY, key)
        return self.run_it(['/usr/bin/python3', '-c', text], key)

    def test_curl_streams(self):
        said = events(self.run_curl('stream').encode())
        self.assertEqual(said[0][1], {'blocks': 3, 'block_size': 524288, 'fps_hint': 30.0, 'gop': 30})
        self.assertEqual(len(said), 1 + 3 + 1)
        said = events(self.run_curl('audio').encode())
        self.assertEqual(len(said), 1 + 45 * 32 + 1)

    def test_curl_exports(self):
        self.run_curl('export', KEY)
        done = h4test.run(['h4mk', 'verify', 'output.h4mk'], self.work)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.run_curl('mask', KEY)
        self.assertEqual((self.work / 'audio.masked').stat().st_size, 300007)

    def test_malformed_keys_are_told(self):
        for name, file in (('export', 'output.h4mk'), ('mask', 'audio.masked')):
            self.run_curl(name)
            self.assertIn('"field":"master_key_hex"', (self.work / file).read_text())
            self.run_curl(name, ODD_KEY)
            self.assertIn('an odd number', (self.work / file).read_text())

    def test_python_streams(self):
        said = self.run_python(PYTHON_STREAM).splitlines()
        self.assertEqual(said[0], 'event:meta')
        self.assertEqual(said[1], 'data:{"blocks":100,"block_size":65536,"fps_hint":30.0,"gop":30}')
        self.assertEqual(said.count('event:token'), 100)
        self.assertEqual(said[-1], 'data:{"ok":true,"project":"HarmonyØ4"}')

    def test_python_exports(self):
        self.assertRegex(self.run_python(PYTHON_EXPORT, KEY), r'Exported 65\d{5} bytes')
        done = h4test.run(['h4mk', 'verify', 'output.h4mk'], self.work)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.run_python(PYTHON_EXPORT)
        self.assertIn('an odd number', (self.work / 'output.h4mk').read_text())


if __name__ == '__main__':
    unittest.main()
