#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""/docs in Chromium: it tries the calls; a page seeks in a recording by Range."""

import tempfile
import unittest
from pathlib import Path

import serving

POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")


class Docs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.root = Path(cls.temporary.name)
        cls.recording = serving.record(cls.root)
        cls.raw = cls.root / 'input.raw'
        cls.raw.write_bytes(bytes(range(256)) * 1024)
        cls.server = serving.Server('--root', cls.root)
        cls.addClassCleanup(cls.server.stop)

    def look(self, case, server=None):
        serving.node('docs.mjs', case, (server or self.server).url, self.raw)

    def test_call(self):
        self.look('call')

    def test_problem(self):
        self.look('problem')

    def test_upload(self):
        self.look('upload')

    def test_bytes(self):
        self.look('bytes')

    def test_job(self):
        self.look('job')

    def test_phone(self):
        self.look('phone')

    def test_keyboard(self):
        self.look('keyboard')

    def test_theme(self):
        self.look('theme')

    def test_page_seeks_by_range(self):
        self.look('range')

    def test_token(self):
        tokens = self.root / 'tokens'
        tokens.write_text('a-token-for-tests-only\n')
        tokens.chmod(0o600)
        server = serving.Server('--auth-token-file', tokens)
        self.addCleanup(server.stop)
        self.look('token', server)
        self.assertNotIn(b'a-token-for-tests-only', server.said)

    def test_headers(self):
        for path, kind in (('/docs', 'text/html'), ('/docs.js', 'text/javascript'), ('/docs-form.js', 'text/javascript'),
                           ('/docs-answer.js', 'text/javascript'), ('/docs.css', 'text/css')):
            answer = self.server.ask('GET', path)
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.headers['Content-Type'], f'{kind}; charset=utf-8')
            self.assertEqual(answer.headers['Content-Security-Policy'], POLICY)
            self.assertEqual(answer.headers['X-Content-Type-Options'], 'nosniff')


if __name__ == '__main__':
    unittest.main()
