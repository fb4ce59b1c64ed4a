#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the program tells of its requests: metrics, and the access log."""

import json
import re
import tempfile
import unittest
from pathlib import Path

import serving

KEY = '00112233445566778899aabbccddeeff' * 2
TOKEN = 'a-token-for-tests-only'
SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)+\})? (-?[\d.]+(?:e[+-]?\d+)?)$')


def read(text):
    """Series of Prometheus' text format, which each line must be in."""
    series, families = {}, {}
    for line in text.decode().splitlines():
        comment = re.fullmatch(r'# (HELP|TYPE) (\w+) (.+)', line)
        if comment:
            families.setdefault(comment[2], []).append(comment[1])
            continue
        sample = SAMPLE.match(line)
        assert sample, line
        assert sample[1] + (sample[2] or '') not in series, line
        series[sample[1] + (sample[2] or '')] = float(sample[3])
    assert all(kinds == ['HELP', 'TYPE'] for kinds in families.values()), families
    return series


class Watch(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.root = Path(self.temporary.name)
        (self.root / 'file').write_bytes(b'x' * 1000)

    def start(self, *arguments):
        server = serving.Server('--root', self.root, *arguments)
        self.addCleanup(server.stop)
        return server

    def metrics(self, server):
        answer = server.ask('GET', '/metrics')
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers['Content-Type'], 'text/plain; version=0.0.4; charset=utf-8')
        return read(answer.data)

    def test_metrics_count_requests(self):
        server = self.start()
        server.ask('GET', '/files/file')
        server.ask('GET', '/files/gone')
        server.ask('GET', '/nothing')
        server.ask('POST', '/audio/mask?master_key_hex=' + KEY, b'y' * 100)
        wanted = {
            'harmony4_http_requests_total{route="/files/",method="GET",status="200"}': 1,
            'harmony4_http_requests_total{route="/files/",method="GET",status="404"}': 1,
            'harmony4_http_requests_total{route="none",method="GET",status="404"}': 1,
            'harmony4_http_requests_total{route="/audio/mask",method="POST",status="200"}': 1,
            'harmony4_http_received_bytes_total{route="/audio/mask",method="POST"}': 100,
            'harmony4_http_sent_bytes_total{route="/audio/mask",method="POST"}': 100,
            'harmony4_jobs_started_total': 1,
        }
        for _ in range(100):  # what was answered is counted a moment later
            series = self.metrics(server)
            if all(series.get(name) == value for name, value in wanted.items()):
                break
        self.assertEqual({name: series.get(name) for name in wanted}, wanted)
        self.assertGreater(series['process_resident_memory_bytes'], 1e6)
        self.assertEqual(series['harmony4_jobs_running'], 0)

    def test_log_as_text(self):
        server = self.start()
        server.ask('GET', '/files/file?gop=2&x=%22', headers={'User-Agent': 'a "b" \\ c'})
        line = server.wait_for(rb'(?m)^127\.0\.0\.1 .*"GET /files/file.*$')[0].decode()
        self.assertRegex(line, r'^127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET /files/file\?gop=2&x=REDACTED" 200 '
                               r'1000 "-" "a \\x22b\\x22 \\x5C c" \d+\.\d{6}$')

    def test_log_as_json(self):
        server = self.start('--access-log', 'json')
        server.ask('GET', '/files/file', headers={'Range': 'bytes=0-9', 'User-Agent': 'tests'})
        entry = json.loads(server.wait_for(rb'(?m)^\{.*/files/file.*\}$')[0])
        self.assertEqual((entry['method'], entry['target'], entry['route'], entry['status'], entry['bytes_out'], entry['user_agent']),
                         ('GET', '/files/file', '/files/', 206, 10, 'tests'))
        self.assertGreaterEqual(entry['duration_us'], 0)

    def test_no_log(self):
        server = self.start('--access-log', 'none')
        server.ask('GET', '/files/file')
        server.stop()
        self.assertNotIn(b'/files/file', server.said)

    def test_no_secret_is_logged(self):
        """However its name is written, wherever it stands, and whatever is wrong with the request."""
        tokens = self.root / 'tokens'
        tokens.write_text(TOKEN + '\n')
        tokens.chmod(0o600)
        targets = [f'{path}{name}={KEY}' for path in ('/audio/mask?', '/audio/mask%3F', '/nothing?', '/events?') for name in (
            'master_key_hex', 'master_key_hex[]', 'master_key_hex%5B%5D', 'Master_Key_Hex', 'm%61ster_key_hex',
            'm%2561ster_key_hex', 'block_size=1;master_key_hex', 'block_size=1%26master_key_hex', 'block_size', 'master_key_hex%3D')]
        targets += [f'/audio/mask?access_token={TOKEN}&master_key_hex={KEY}', f'/audio/mask?master_key_hex={KEY}0',
                    f'/audio/mask?master_key_hex%3D{KEY}', f'/audio/mask?{KEY}', f'/audio/mask?{KEY}=1', f'/audio/mask/{KEY}',
                    f'/files/{KEY}', f'/jobs/{KEY[:32]}/events', f'/audio/mask?access%5Ftoken={TOKEN}', f'/?Access_Token={TOKEN}',
                    f'http://user:{TOKEN}@localhost/health', f'http://user:{TOKEN}@localhost', f'user:{TOKEN}@localhost:80',
                    f'/audio/mask?master_key_hex={KEY}%zz', f'/audio/mask?x=%&master_key_hex={KEY}']
        for kind in ('text', 'json', 'none'):
            with self.subTest(kind):
                server = self.start('--access-log', kind, '--auth-token-file', tokens)
                for target in targets:
                    for method in 'POST', 'GET':
                        server.ask(method, target, b'y' * 100, {'Authorization': f'Bearer {TOKEN}'})
                    server.ask('POST', target, b'y' * 100, {'Authorization': f'Bearer {TOKEN}x', 'X-H4-Key': KEY})
                body, content_type = serving.form([('master_key_hex', KEY + 'x'), ('block_size', KEY)], [('file', 'a', b'y')])
                server.ask('POST', '/audio/mask', body, {'Authorization': f'Bearer {TOKEN}', 'X-H4-Key': KEY, 'Content-Type': content_type})
                server.stop()
                lines = [line for line in server.said.splitlines() if b'POST' in line or b'GET' in line]
                self.assertEqual(len(lines), 0 if kind == 'none' else 3 * len(targets) + 1)
                for secret in TOKEN, KEY[:16]:
                    self.assertNotIn(secret.encode(), server.said)

    def test_no_answer_repeats_a_secret(self):
        server = self.start()
        body, content_type = serving.form([('master_key_hex', KEY + 'x'), ('block_size', KEY)], [('file', 'a', b'y')])
        for target in ('/audio/mask', f'/audio/mask?master_key_hex={KEY}x', f'/audio/mask?master_key_hex={KEY}&master_key_hex=00',
                       f'/audio/mask?block_size={KEY}', f'/video/export?mask={KEY}', f'/video/export?mode={KEY}', f'/nothing?key={KEY}',
                       f'/audio/mask?master_key_hex={KEY}%zz', f'/events?access_token={KEY}'):
            answer = server.ask('POST', target, body, {'X-H4-Key': KEY[::-1], 'Content-Type': content_type})
            self.assertGreaterEqual(answer.status, 400)
            for secret in KEY[:16], KEY[::-1][:16]:
                self.assertNotIn(secret, str(answer.headers) + answer.data.decode())

    def test_unknown_format_is_refused(self):
        with self.assertRaisesRegex(AssertionError, 'access-log'):
            self.start('--access-log', 'xml')

    def test_root_that_is_none_is_refused(self):
        for path in (self.root / 'gone', self.root / 'file'):
            with self.assertRaisesRegex(AssertionError, re.escape(str(path))):
                serving.Server('--root', path)


if __name__ == '__main__':
    unittest.main()
