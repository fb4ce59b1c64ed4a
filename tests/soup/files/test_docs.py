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


FILM = '''
gst-launch-1.0 -q mp4mux name=m ! filesink location=film.mp4 \
  videotestsrc num-buffers=150 ! video/x-raw,format=I420,width=64,height=48,framerate=25/1 \
  ! x264enc key-int-max=25 bframes=2 b-adapt=false speed-preset=fast ! h264parse ! queue ! m. \
  audiotestsrc num-buffers=300 samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=2 ! avenc_aac ! queue ! m.
'''


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

    def look(self, case, server=None, file=None):
        serving.node('docs.mjs', case, (server or self.server).url, file or self.raw)

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

    def test_spectrum_of_a_job_that_is_over(self):
        self.look('spectrum', file=serving.h4test.SOURCE / 'tests' / 'vectors' / 'audio-3-chord-16000.s16le')

    def test_tracks_of_a_job(self):
        done = serving.h4test.run(FILM, self.root)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.look('tracks', file=self.root / 'film.mp4')

    def test_job_without_data(self):
        empty = self.root / 'empty'
        empty.touch()
        self.look('empty', file=empty)

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
