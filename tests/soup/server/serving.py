# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server of a test's own, and ways to talk to it."""

import http.client
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, os.path.join(os.environ['H4_SOURCE_ROOT'], 'tests'))

import h4test  # noqa: E402

VECTORS = Path(os.environ['H4_VECTORS'])
KEY = 'bb349db6143011a23cfdca79219360c91e22c6daa6d32ac3063d739086a8eddb'
# The sample of the reference's description has 63 digits.
ODD_KEY = '6dd516ea8669e2464a31f0624a5550d7abc123456789abcdef0123456789abc'
SANITIZED = os.environ.get('H4_SANITIZE', 'none') not in ('', 'none')
TIMEOUT = int(os.environ.get('H4_TIMEOUT', 120 if SANITIZED else 30))


class Server:
    """harmony4-server at a free port; what it says is kept."""

    def __init__(self, *options, program=('harmony4-server',), env=None, pass_fds=(), preexec_fn=None):
        self.said = []
        self.process = subprocess.Popen(
            [*program, '--port=0', *options], env=env or dict(os.environ, LC_ALL='C.UTF-8'),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            errors='replace', start_new_session=True, pass_fds=pass_fds, preexec_fn=preexec_fn)
        self.listening = threading.Event()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        self.listening.wait(TIMEOUT)
        match = re.search(r'Listening on (https?)://(.*):(\d+)/', self.text())
        if not match:
            self.stop(signal.SIGKILL)
            raise RuntimeError(f'the server did not start: {self.text()}')
        self.host, self.port = match[2].strip('[]'), int(match[3])
        self.url = f'{match[1]}://{match[2]}:{match[3]}'

    def _read(self):
        for line in self.process.stderr:
            self.said.append(line)
            if line.startswith('Listening on'):
                self.listening.set()
        self.listening.set()

    def text(self):
        return ''.join(self.said)

    def wait_for_text(self, pattern):
        return wait_until(lambda: re.search(pattern, self.text()), f'{pattern!r} in the log: {self.text()}')

    def stop(self, number=signal.SIGTERM):
        """Ends it, and gives its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            code = self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            raise
        self.thread.join(TIMEOUT)
        self.process.stderr.close()
        return code

    def rss(self):
        """Resident bytes now."""
        return int(re.search(r'VmRSS:\s+(\d+)', Path(f'/proc/{self.process.pid}/status').read_text())[1]) * 1024

    def descriptors(self):
        return len(os.listdir(f'/proc/{self.process.pid}/fd'))

    def connect(self):
        return socket.create_connection((self.host, self.port), TIMEOUT)

    def request(self, method, path, body=None, headers=None):
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=TIMEOUT)
        try:
            connection.request(method, path, body, headers or {},
                               encode_chunked='Transfer-Encoding' in (headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def post(self, path, fields=(), files=(), **headers):
        """A form; files are (name, filename, bytes)."""
        content_type, body = form(fields, files)
        return self.request('POST', path, body, {'Content-Type': content_type, **headers})

    def send(self, data):
        """What comes back for raw bytes, until the server closes."""
        with self.connect() as connection:
            connection.sendall(data)
            return read_all(connection)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


def wait_until(condition, what):
    """Waits for a condition with a bound; gives its value."""
    end = time.monotonic() + TIMEOUT
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f'not within {TIMEOUT} s: {what}')


def read_all(connection):
    parts = []
    while True:
        try:
            part = connection.recv(1 << 16)
        except ConnectionResetError:
            parts.append(b'\n<reset>')
            break
        if not part:
            break
        parts.append(part)
    return b''.join(parts)


def form(fields=(), files=(), order='files first'):
    """A multipart body, as curl makes it."""
    boundary = '-' * 24 + secrets.token_hex(8)
    parts = [f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
             f'Content-Type: application/octet-stream\r\n\r\n'.encode() + data for name, filename, data in files]
    texts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
             for name, value in dict(fields).items()]
    both = parts + texts if order == 'files first' else texts + parts
    body = b''.join(b'--' + boundary.encode() + b'\r\n' + part + b'\r\n' for part in both)
    return f'multipart/form-data; boundary={boundary}', body + b'--' + boundary.encode() + b'--\r\n'


def events(data):
    """The events of a stream: (event, data, id)."""
    found = []
    for block in data.decode().split('\n\n'):
        lines = [line.partition(':')[::2] for line in block.splitlines() if line]
        pairs = dict(lines)
        if 'event' in pairs:
            found.append((pairs['event'], json.loads(pairs['data']), pairs.get('id')))
    return found


def vector(name):
    return (VECTORS / name).read_bytes()


class Served(unittest.TestCase):
    """Tests that share a server."""
    options = ()

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.options)

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        assert code == 0, f'the server ended with {code}: {cls.server.text()}'
        assert 'CRITICAL' not in cls.server.text(), cls.server.text()

    def problem(self, answer, status, field=None, accepted=None, detail='.'):
        """An answer that is an RFC 9457 problem."""
        self.assertEqual(answer.status, status, answer.body[:500])
        self.assertEqual(answer.headers['Content-Type'], 'application/problem+json')
        said = answer.json()
        self.assertEqual(said['status'], status)
        self.assertEqual(said.get('field'), field)
        if accepted is not None:
            self.assertEqual(said.get('accepted'), accepted)
        self.assertRegex(said['detail'], detail)
        return said
