#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What users of the reference rely on, asked of any server.

usage: blackbox.py [--reference] [URL]; or H4_URL=…; without either, of a server of its own.
--reference: where the reference differs from its description, what it does is let pass, too: form fields are not read
but in the query, a malformed key is any error, and so is what no query names.
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

from serving import ODD_KEY, VECTORS, Server, events, form, vector  # noqa: E402

URL = os.environ.get('H4_URL')
REFERENCE = False

BLOCK = {'block_size': (65536, 8388608), 'fps_hint': (1, 240), 'gop': (1, 600)}
RANGES = {
    '/video/stream': BLOCK,
    '/video/export': BLOCK,
    '/audio/stream': {'sample_rate': (8000, 192000), 'frame_size': (256, 16384), 'top_k': (1, 256)},
    '/audio/mask': {'block_size': (16384, 4194304)},
}
KEY = '00112233445566778899aabbccddeeff' * 2


def setUpModule():
    global URL
    if not URL:
        server = Server()
        unittest.addModuleCleanup(server.stop)
        URL = server.url


def ask(method, path, params=None, body=None, headers=None):
    query = '?' + urllib.parse.urlencode(params) if params else ''
    request = urllib.request.Request(f'{URL}{path}{query}', body, headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def post(path, params, data, name='input.raw', fields=(), order='files first'):
    content_type, body = form(fields, [('file', name, data)], order)
    return ask('POST', path, params, body, {'Content-Type': content_type})


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

    def test_defaults(self):
        said = events(post('/video/stream', {}, bytes(524289))[2])
        self.assertEqual(said[0][:2], ('meta', {'blocks': 2, 'block_size': 524288, 'fps_hint': 30.0, 'gop': 30}))
        self.assertEqual([event[0] for event in said], ['meta', 'token', 'token', 'done'])
        said = events(post('/audio/stream', {}, bytes(8192))[2])
        self.assertEqual(said[0][:2], ('meta', {'sample_rate': 48000, 'frame_size': 2048, 'top_k': 32}))
        self.assertEqual(len(said), 1 + 3 * 32 + 1)
        self.assertEqual(said[-1][:2], ('done', {'ok': True, 'project': 'HarmonyØ4'}))
        self.assertEqual(len(post('/audio/mask', {'master_key_hex': KEY}, bytes(300000))[2]), 300000)

    def test_form_fields(self):
        """As the curl examples have them, and with the file last."""
        data = vector('base-0.raw')
        for order in 'files first', 'fields first':
            status, _, body = post('/video/stream', {}, data, fields={'block_size': 65536, 'fps_hint': 30, 'gop': 2}, order=order)
            self.assertEqual(status, 200)
            said = reference_bytes(body)
            if not REFERENCE or events(said)[0][1]['block_size'] == 65536:
                self.assertEqual(said, vector('sse-video.txt'))
            else:
                self.assertEqual(events(said)[0][1]['block_size'], 524288)
            stream = json.loads((VECTORS / 'mask.json').read_text())['stream']
            status, _, body = post('/audio/mask', {}, vector(stream['file']), order=order,
                                   fields={'block_size': stream['block_size'], 'master_key_hex': stream['master_key']})
            if not REFERENCE or status < 400:
                self.assertEqual((status, body), (200, vector(stream['masked'])))

    def test_ranges(self):
        for path, params in RANGES.items():
            for name, (low, high) in params.items():
                step = 1 if name != 'frame_size' else low
                for value, good in ((low, True), (high, True), (low - step // 2 - 1, False), (high + step, False), ('x', False)):
                    with self.subTest(path=path, name=name, value=value):
                        status, _, body = post(path, {name: value, 'master_key_hex': KEY}, b'data')
                        self.assertIn(status, (200,) if good else (400, 422), body[:300])
                        if not good:
                            self.assertIn(name, body.decode())

    def test_masks_are_what_was_sent(self):
        """Twice is nothing; a key of 16 bytes is one, and a block is masked by its number."""
        data = bytes(i % 251 for i in range(100000))
        for key in KEY, KEY[:32]:
            params = {'block_size': 16384, 'master_key_hex': key}
            masked = post('/audio/mask', params, data)[2]
            self.assertEqual(post('/audio/mask', params, masked)[2], data)
            self.assertEqual(post('/audio/mask', params, data[:16384])[2], masked[:16384])
            self.assertNotEqual(post('/audio/mask', params, data[16384:32768])[2], masked[16384:32768])

    def test_empty_files(self):
        for path in '/video/stream', '/audio/stream':
            self.assertEqual([event[0] for event in events(post(path, {}, b'')[2])], ['meta', 'done'])
        self.assertEqual(post('/audio/mask', {'master_key_hex': KEY}, b'')[2], b'')

    def test_missing(self):
        content_type, body = form({'gop': 30})
        for path in RANGES:
            self.assertIn(ask('POST', path, {'master_key_hex': KEY}, body, {'Content-Type': content_type})[0], (400, 422))
        for path, params in (('/audio/mask', {}), ('/video/export', {'mask': True})):
            self.assertIn(post(path, params, b'data')[0], (400, 422))

    def test_malformed_key(self):
        for key in ODD_KEY, KEY[:-1] + 'g':
            for path, params in (('/audio/mask', {}), ('/video/export', {'mask': True})):
                status, _, body = post(path, {**params, 'master_key_hex': key}, b'data')
                self.assertGreaterEqual(status, 400)
                if not REFERENCE:
                    self.assertEqual((status, json.loads(body)['field']), (400, 'master_key_hex'))

    def test_methods_and_paths(self):
        for path in RANGES:
            self.assertEqual(ask('GET', path)[0], 405)
        self.assertEqual(ask('GET', '/nothing')[0], 404)

    def test_documents(self):
        document = json.loads(ask('GET', '/openapi.json')[2])
        self.assertEqual(document['info']['title'], 'HarmonyØ4 Media API')
        for path in RANGES:
            self.assertIn('post', document['paths'][path])
        status, headers, body = ask('GET', '/docs')
        self.assertEqual((status, headers['Content-Type'].split(';')[0]), (200, 'text/html'))
        self.assertIn('HarmonyØ4 Media API', body.decode())


if __name__ == '__main__':
    if '--reference' in sys.argv:
        sys.argv.remove('--reference')
        REFERENCE = True
    if len(sys.argv) > 1 and '://' in sys.argv[1]:
        URL = sys.argv.pop(1).rstrip('/')
    unittest.main()
