#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""h4sse as most people meet it: a line of gst-launch-1.0, and curl."""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(os.environ['H4_SOURCE_ROOT'], 'tests')))
import h4test  # noqa: E402

WITHIN = 60
TEXT = 'fakesrc num-buffers=500 sizetype=fixed sizemax=40 filltype=pattern ! text/x-raw ! '
# a hundred a second
LIVE = 'fakesrc is-live=true datarate=4000 sizetype=fixed sizemax=40 filltype=pattern ! text/x-raw ! '
DONE = 'event:done\ndata:{"ok":true,"project":"HarmonyØ4"}\n\n'


class Launch:
    """A pipeline in a process; port: the one that -v says."""

    def __init__(self, line):
        self.process = subprocess.Popen(['gst-launch-1.0', '-v', '--no-fault', *line.split()], text=True,
                                        env=h4test.environment(LC_ALL='C.UTF-8'), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.port = None
        said = ''
        for line in self.process.stdout:
            said += line
            found = re.search(r'current-port = (\d+)', line)
            if found:
                self.port = int(found[1])
                return
        raise AssertionError(said)

    def end(self):
        """Its status, and what else it said."""
        said, _ = self.process.communicate(timeout=WITHIN)
        return self.process.returncode, said

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Curl(unittest.TestCase):
    def launch(self, line):
        launched = Launch(line)
        self.addCleanup(launched.kill)
        return launched

    def curl(self, url, *arguments):
        process = subprocess.Popen(['curl', '-sS', '-N', '--noproxy', '*', '--max-time', str(WITHIN), *arguments, url],
                                   env=h4test.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.addCleanup(process.stdout.close)
        return process

    def ask(self, *arguments):
        """What curl says of an answer by -w, the answer's head before it."""
        process = self.curl(*arguments, '-o', os.devnull, '-D', '-')
        said, _ = process.communicate(timeout=WITHIN)
        self.assertEqual(process.returncode, 0, said)
        return said

    def first_event(self, *arguments):
        """The head of an answer that does not end, and its first event."""
        process = self.curl(*arguments, '-D', '-')
        said = ''
        for line in process.stdout:
            said += line
            if line.startswith('event:token'):
                break
        return said

    def test_everyone_has_the_end_although_it_exits_at_once(self):
        launched = self.launch(f'{TEXT} h4sse port=0 sync=false wait-clients=8')
        clients = [self.curl(f'http://127.0.0.1:{launched.port}/events') for _ in range(8)]
        self.assertEqual(launched.end()[0], 0)
        for client in clients:
            said, _ = client.communicate(timeout=WITHIN)
            # The end of the connection is the end of the answer: no error to curl.
            self.assertEqual(client.returncode, 0)
            self.assertTrue(said.endswith(DONE), said[-200:])
            numbers = [int(n) for n in re.findall(r'^id:[0-9a-f]{8}-(\d+)$', said, re.M)]
            self.assertEqual(numbers, list(range(1, 502)))

    def certificate(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        paths = Path(temporary.name, 'cert.pem'), Path(temporary.name, 'key.pem')
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
                        '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
                        '-out', paths[0], '-keyout', paths[1]], check=True, capture_output=True)
        return paths

    def test_events_by_tls_and_never_http_2(self):
        cert, key = self.certificate()
        launched = self.launch(f'{TEXT} h4sse port=0 sync=false wait-clients=1 tls-cert-file={cert} tls-key-file={key}')
        client = self.curl(f'https://localhost:{launched.port}/events', '--http2', '--cacert', str(cert), '-w',
                           '%{http_version}')
        self.assertEqual(launched.end()[0], 0)
        said, _ = client.communicate(timeout=WITHIN)
        self.assertEqual(client.returncode, 0)
        self.assertTrue(said.endswith(DONE + '1.1'), said[-200:])

    def test_a_token_is_needed_where_there_is_one(self):
        with tempfile.NamedTemporaryFile('w') as tokens:
            tokens.write('one-token-0123456789\n')
            tokens.flush()
            launched = self.launch(f'{LIVE} h4sse port=0 auth-token-file={tokens.name}')
            url = f'http://127.0.0.1:{launched.port}/events'
            for arguments in ((url,), (url, '-H', 'Authorization: Bearer another'), (f'{url}?access_token=another',)):
                self.assertIn('HTTP/1.1 401 ', self.ask(*arguments))
            for arguments in ((url, '-H', 'Authorization: Bearer one-token-0123456789'),
                              (f'{url}?access_token=one-token-0123456789',)):
                self.assertIn('HTTP/1.1 200 ', self.first_event(*arguments))

    def test_another_page_asks_before(self):
        launched = self.launch(f'{LIVE} h4sse port=0 cors-origin=https://a.example')
        url = f'http://127.0.0.1:{launched.port}/events'
        asked = ('-X', 'OPTIONS', '-H', 'Access-Control-Request-Method: GET',
                 '-H', 'Access-Control-Request-Headers: last-event-id')
        said = self.ask(url, *asked, '-H', 'Origin: https://a.example')
        self.assertIn('HTTP/1.1 204 ', said)
        self.assertIn('Access-Control-Allow-Origin: https://a.example\n', said)
        self.assertIn('Last-Event-ID', said)
        self.assertNotIn('Access-Control-Allow-Origin', self.ask(url, *asked, '-H', 'Origin: https://b.example'))

    def test_a_taken_port_is_an_error_that_names_it(self):
        first = self.launch(f'{LIVE} h4sse port=0')
        done = subprocess.run(['gst-launch-1.0', '--no-fault', *f'{LIVE} h4sse port={first.port}'.split()],
                              env=h4test.environment(LC_ALL='C.UTF-8'), capture_output=True, text=True, timeout=WITHIN)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(f'Cannot serve events at 127.0.0.1, port {first.port}: ', done.stdout + done.stderr)


if __name__ == '__main__':
    unittest.main()
