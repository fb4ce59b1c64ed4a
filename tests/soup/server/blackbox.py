#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What users of the reference rely on, asked of any server.

usage: blackbox.py [URL]; or H4_URL=…; without either, of a server of its own.
Where the reference itself differs from its description (malformed keys, form
fields that it does not read), either answer is let pass.
"""

import json
import os
import re
import sys
import unittest
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))
os.environ.setdefault('H4_SOURCE_ROOT', str(Path(__file__).parents[3]))
os.environ.setdefault('H4_BUILD_ROOT', str(Path(__file__).parents[3] / '_build'))
os.environ.setdefault('H4_VECTORS', str(Path(__file__).parents[2] / 'vectors'))

from serving import ODD_KEY, VECTORS, Server, form, vector  # noqa: E402

URL = os.environ.get('H4_URL')


def setUpModule():
    global URL
    if not URL:
        server = Server()
        unittest.addModuleCleanup(server.stop)
        URL = server.url


def post(path, params, data, name='input.raw'):
    content_type, body = form(files=[('file', name, data)])
    request = urllib.request.Request(f'{URL}{path}?{urllib.parse.urlencode(params)}', body,
                                     {'Content-Type': content_type})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def reference_bytes(data):
    """An event stream without what the reference has not."""
    return re.sub(rb'(?m)^(id|retry):.*\n', b'', data)


class BlackBox(unittest.TestCase):
    def test_video_stream(self):
        status, headers, body = post('/video/stream', {'block_size': 65536, 'fps_hint': 30, 'gop': 2},
                                     vector('base-0.raw'))
        self.assertEqual(status, 200)
        self.assertTrue(headers['Content-Type'].startswith('text/event-stream'))
        self.assertEqual(reference_bytes(body), vector('sse-video.txt'))

    def test_audio_stream(self):
        status, headers, body = post('/audio/stream', {'sample_rate': 16000, 'frame_size': 512, 'top_k': 8},
                                     vector('audio-3-chord-16000.s16le'))
        self.assertEqual(status, 200)
        self.assertTrue(headers['Content-Type'].startswith('text/event-stream'))
        self.assertEqual(reference_bytes(body), vector('sse-audio.txt'))

    def test_video_export(self):
        for case in json.loads((VECTORS / 'containers.json').read_text()):
            params = {name: case[name] for name in ('block_size', 'fps_hint', 'gop', 'mask')}
            if case['mask']:
                params['master_key_hex'] = case['master_key']
            with self.subTest(raw=case['raw']):
                status, _, body = post('/video/export', params, vector(case['raw']))
                self.assertEqual(status, 200)
                self.assertEqual(body, vector(case['h4mk']))

    def test_audio_mask(self):
        stream = json.loads((VECTORS / 'mask.json').read_text())['stream']
        status, _, body = post('/audio/mask', {'block_size': stream['block_size'], 'master_key_hex': stream['master_key']},
                               vector(stream['file']))
        self.assertEqual((status, body), (200, vector(stream['masked'])))

    def test_what_is_out_of_range(self):
        for path, params in (('/video/stream', {'block_size': 65535}), ('/video/stream', {'fps_hint': 241}),
                             ('/video/export', {'gop': 0}), ('/audio/stream', {'top_k': 257}),
                             ('/audio/stream', {'sample_rate': 7999})):
            with self.subTest(path=path, params=params):
                self.assertIn(post(path, params, b'data')[0], (400, 422))

    def test_malformed_key(self):
        self.assertGreaterEqual(post('/audio/mask', {'master_key_hex': ODD_KEY}, b'data')[0], 400)

    def test_title(self):
        with urllib.request.urlopen(f'{URL}/openapi.json', timeout=60) as answer:
            self.assertEqual(json.load(answer)['info']['title'], 'HarmonyØ4 Media API')


if __name__ == '__main__':
    if len(sys.argv) > 1 and '://' in sys.argv[1]:
        URL = sys.argv.pop(1).rstrip('/')
    unittest.main()
