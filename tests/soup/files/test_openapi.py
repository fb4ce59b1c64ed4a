#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The OpenAPI document: it is one, it says what is so, and every call that it names is called."""

import json
import os
import re
import tempfile
import unittest
from pathlib import Path

import serving

KEY = '00112233445566778899aabbccddeeff' * 2
PCM = bytes(64 * 1024)
# What a call needs, beside what it has a default for: in the path, in the query.
NEEDED = {
    'file_seek': {'pts_us': '5000000'},
    'file_chain': {'pts_us': '5000000'},
    'audio_mask': {'master_key_hex': KEY},
    'video_stream': {'block_size': '65536'},
}
PATH = {'name': 'recording.h4mk', 'block': '3'}


class OpenApi(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.root = Path(cls.temporary.name)
        serving.record(cls.root)
        cls.server = serving.Server('--root', cls.root)
        cls.addClassCleanup(cls.server.stop)
        cls.answer = cls.server.ask('GET', '/openapi.json')
        cls.document = json.loads(cls.answer.data)

    def operations(self):
        for path, item in self.document['paths'].items():
            for method, operation in item.items():
                yield path, method.upper(), operation

    def send(self, path, method, operation):
        """The call, with as little as it can do with."""
        name = operation['operationId']
        target = re.sub(r'\{(\w+)\}', lambda found: self.path_value(found[1]), path)
        fields = NEEDED.get(name, {})
        if 'requestBody' in operation:
            body, kind = serving.form(fields.items(), [('file', 'a.raw', PCM)])
            return self.server.ask(method, target, body, {'Content-Type': kind})
        query = '&'.join(f'{key}={value}' for key, value in fields.items())
        return self.server.ask(method, f'{target}?{query}' if query else target)

    def path_value(self, name):
        return self.make_job() if name == 'job' else PATH[name]

    def make_job(self):
        body, kind = serving.form([('block_size', '65536')], [('file', 'a.raw', PCM)])
        answer = self.server.ask('POST', '/video/stream', body, {'Content-Type': kind, 'Prefer': 'respond-async'})
        self.assertEqual(answer.status, 202, answer.data)
        return re.fullmatch(r'/jobs/([0-9a-f]{32})/events', answer.headers['Location'])[1]

    def test_it_is_valid_and_its_schemas_are_what_is_answered(self):
        answers = []
        for path, method, operation in self.operations():
            schema = operation['responses']['200'].get('content', {}).get('application/json', {}).get('schema')
            if schema:
                answers.append((schema['$ref'].rsplit('/', 1)[1], json.loads(self.send(path, method, operation).data)))
        for target in ('/files/gone', '/files/recording.h4mk/seek?pts_us=x', '/nothing'):
            answers.append(('Problem', json.loads(self.server.ask('GET', target).data)))
        self.assertGreater(len(answers), 10)
        document, samples = self.root / 'document.json', self.root / 'samples.json'
        document.write_bytes(self.answer.data)
        samples.write_text(json.dumps(answers))
        said = serving.node('validate.mjs', document, samples)
        self.assertRegex(said, rf'^\d\d+ schemas, {len(answers)} answers\n$')

    def test_every_operation_answers_as_it_says(self):
        names = []
        for path, method, operation in self.operations():
            name = operation['operationId']
            if name == 'events':
                continue  # without --pipeline there are none: see below
            with self.subTest(name):
                answer = self.send(path, method, operation)
                self.assertEqual(answer.status, 200, answer.data[:500])
                content = operation['responses']['200'].get('content')
                if content and name != 'file_get':
                    self.assertEqual([answer.headers['Content-Type'].split(';')[0]],
                                     [kind.split(';')[0] for kind in content])
                for header in operation['responses']['200'].get('headers', {}):
                    self.assertIn(header, answer.headers)
                names.append(name)
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(len(names), len(list(self.operations())) - 1)

    @unittest.skipUnless('h4sse' in os.environ['H4_PLUGINS'].split(), 'h4sse was not built')
    def test_events_of_a_pipeline(self):
        server = serving.Server('--pipeline', 'audiotestsrc num-buffers=20 ! audio/x-raw,format=S16LE,rate=48000,channels=1'
                                ' ! h4audiofft top-k=2 ! h4sse stream=tone wait-clients=1')
        self.addCleanup(server.stop)
        answer = server.ask('GET', '/events?stream=tone')
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers['Content-Type'].split(';')[0], 'text/event-stream')
        self.assertIn(b'event:meta\n', answer.data)
        self.assertIn(b'event:done\n', answer.data)

    def test_a_call_that_is_not_as_it_says_is_a_problem(self):
        """Of every number one below its least value, and one above its greatest, is refused as it is told."""
        tried = 0
        for path, method, operation in self.operations():
            for parameter in operation.get('parameters', ()):
                schema = parameter['schema']
                if parameter['in'] != 'query' or schema['type'] not in ('integer', 'number') or 'minimum' not in schema:
                    continue
                for value in (schema['minimum'] - 1, schema['maximum'] + 1, 'x'):
                    with self.subTest(operation['operationId'], parameter=parameter['name'], value=value):
                        target = path.replace('{name}', PATH['name'])
                        body, kind = serving.form([], [('file', 'a.raw', PCM)])
                        answer = self.server.ask(method, f'{target}?{parameter["name"]}={value}',
                                                 body if method == 'POST' else None, {'Content-Type': kind})
                        self.assertEqual(answer.status, 400, answer.data)
                        problem = json.loads(answer.data)
                        self.assertEqual(problem['field'], parameter['name'])
                        self.assertTrue(problem['accepted'])
                        tried += 1
        self.assertGreater(tried, 30)

    def test_title_and_bytes(self):
        self.assertEqual(self.document['info']['title'], 'HarmonyØ4 Media API')
        self.assertEqual(self.document['openapi'], '3.1.0')
        self.assertEqual(self.server.ask('GET', '/openapi.json').data, self.answer.data)
        again = serving.Server('--root', self.root)
        self.addCleanup(again.stop)
        self.assertEqual(again.ask('GET', '/openapi.json').data, self.answer.data)

    def test_the_contract_is_there(self):
        calls = {f'{method} {path}' for path, method, _ in self.operations()}
        self.assertEqual(calls, {
            'POST /video/stream', 'POST /video/export', 'POST /audio/stream', 'POST /audio/mask', 'POST /export',
            'GET /files/', 'GET /files/{name}', 'HEAD /files/{name}', 'GET /files/{name}/info', 'GET /files/{name}/seek',
            'GET /files/{name}/blocks/{block}', 'GET /files/{name}/chain', 'GET /files/{name}/verify',
            'GET /jobs/{job}/events', 'GET /events', 'GET /streams', 'GET /', 'GET /docs', 'GET /openapi.json',
            'GET /health', 'GET /metrics'})

    def test_index(self):
        index = json.loads(self.server.ask('GET', '/').data)
        self.assertEqual(set(index['endpoints']), {f'{method} {path}' for path, method, _ in self.operations()})
        page = self.server.ask('GET', '/', headers={'Accept': 'text/html,*/*'})
        self.assertEqual(page.headers['Content-Type'], 'text/html; charset=utf-8')

    def test_without_root_there_are_no_files(self):
        server = serving.Server()
        self.addCleanup(server.stop)
        self.assertEqual(server.ask('GET', '/files/').status, 404)
        paths = json.loads(server.ask('GET', '/openapi.json').data)['paths']
        self.assertFalse([path for path in paths if path.startswith('/files')])

    def test_health(self):
        answer = self.server.ask('GET', '/health')
        self.assertEqual(answer.headers['Cache-Control'], 'no-store')
        self.assertEqual(json.loads(answer.data)['status'], 'ok')

    def test_what_is_open_asks_for_no_token_and_the_rest_does(self):
        tokens = self.root / 'tokens'
        tokens.write_text('a-token-for-tests-only\n')
        tokens.chmod(0o600)
        server = serving.Server('--root', self.root, '--auth-token-file', tokens)
        self.addCleanup(server.stop)
        for path, method, operation in self.operations():
            with self.subTest(operation['operationId']):
                target = path.replace('{name}', 'recording.h4mk').replace('{block}', '0').replace('{job}', '0' * 32)
                expected = 200 if operation.get('security') == [] else 401
                self.assertEqual(server.ask(method, target).status, expected)


if __name__ == '__main__':
    unittest.main()
