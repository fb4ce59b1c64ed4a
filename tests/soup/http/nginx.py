#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The nginx configuration of docs/nginx.md, as it stands there, in front of a server.

Only the name, the certificate and the ports are replaced.
"""

import os
import queue
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(os.environ['H4_SOURCE_ROOT'], 'tests')))
import h4test

PATIENCE = 30
PAGE = h4test.SOURCE / 'docs' / 'nginx.md'
MAIN = """
daemon off;
pid {dir}/pid;
error_log {dir}/error.log info;
worker_processes 1;
events {{ worker_connections 100; }}
http {{
  access_log off;
  client_body_temp_path {dir}/body;
  proxy_temp_path {dir}/proxy;
  fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi;
  scgi_temp_path {dir}/scgi;
  {page}
}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


class Pipe:
    """A process whose output can be waited for."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        start_new_session=True)
        self.bytes = queue.Queue()
        self.seen = b''
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        while block := os.read(self.process.stdout.fileno(), 65536):
            self.bytes.put(block)
        self.bytes.put(None)

    def wait_for(self, what):
        """What came up to what, which is used up."""
        while what not in self.seen:
            block = self.bytes.get(timeout=PATIENCE)
            if block is None:
                raise AssertionError(f'it ended after {self.seen!r}, without {what!r}')
            self.seen += block
        before, self.seen = self.seen.split(what, 1)
        return before + what

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        self.process.stdout.close()
        if not self.process.stdin.closed:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass


class Nginx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.dir = Path(temporary.name)
        cls.dir.chmod(0o755)
        cls.port = free_port()
        cls.url = f'https://localhost:{cls.port}'
        Path(cls.dir, 'tokens').write_text('secret\n')
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj',
                        '/CN=localhost', '-addext', 'subjectAltName=DNS:live.example.org,DNS:localhost',
                        '-keyout', cls.dir / 'key.pem', '-out', cls.dir / 'cert.pem'],
                       check=True, capture_output=True)
        # A name that is not loopback's own: only the allowed origin lets it through.
        cls.url = f'https://live.example.org:{cls.port}'
        cls.curl = ['curl', '-sS', '-N', '--noproxy', '*', '--max-time', str(PATIENCE), '--http2',
                    '--cacert', str(cls.dir / 'cert.pem'), '--resolve', f'live.example.org:{cls.port}:127.0.0.1']
        cls.server = Pipe([os.environ['H4_HTTP_SERVE'], cls.url, cls.dir / 'tokens'])
        cls.addClassCleanup(cls.server.kill)
        cls.start_nginx(int(cls.server.wait_for(b'\n')))

    @classmethod
    def start_nginx(cls, upstream):
        page = re.search(r'^```nginx\n(.*?)^```$', PAGE.read_text(), re.M | re.S)[1]
        for old, new in ((r'listen 443 ', f'listen 127.0.0.1:{cls.port} '),
                         (r'127\.0\.0\.1:8000', f'127.0.0.1:{upstream}'),
                         (r'/etc/ssl/live\.example\.org\.pem', f'{cls.dir}/cert.pem'),
                         (r'/etc/ssl/private/live\.example\.org\.key', f'{cls.dir}/key.pem')):
            page, n = re.subn(old, new, page)
            assert n == 1, old
        Path(cls.dir, 'nginx.conf').write_text(MAIN.format(dir=cls.dir, page=page))
        cls.nginx = subprocess.Popen(['nginx', '-p', cls.dir, '-c', cls.dir / 'nginx.conf', '-e', cls.dir / 'error.log'],
                                     start_new_session=True)
        cls.addClassCleanup(cls.stop_nginx)
        # It is there when it is connected to.
        for _ in range(PATIENCE * 20):
            with socket.socket() as probe:
                if probe.connect_ex(('127.0.0.1', cls.port)) == 0:
                    return
            if cls.nginx.poll() is not None:
                break
            threading.Event().wait(0.05)
        raise AssertionError(Path(cls.dir, 'error.log').read_text())

    @classmethod
    def stop_nginx(cls):
        cls.nginx.terminate()
        try:
            cls.nginx.wait(PATIENCE)
        finally:
            try:
                os.killpg(cls.nginx.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def ask(self, *arguments, token='secret'):
        headers = ['-H', f'Authorization: Bearer {token}'] if token else []
        done = subprocess.run(self.curl + headers + list(arguments), capture_output=True, timeout=PATIENCE + 10)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode()

    def open(self, *arguments):
        pipe = Pipe(self.curl + ['-H', 'Authorization: Bearer secret'] + list(arguments))
        self.addCleanup(pipe.kill)
        return pipe

    def test_a_browser_is_spoken_to_in_http_2(self):
        said = self.ask('-w', '%{http_version} %{http_code}', f'{self.url}/small')
        self.assertEqual(said, f'live.example.org:{self.port}2 200')

    def test_a_token_passes(self):
        self.assertEqual(self.ask('-o', os.devnull, '-w', '%{http_code}', f'{self.url}/small', token=None), '401')
        self.assertEqual(self.ask('-o', os.devnull, '-w', '%{http_code}', f'{self.url}/small', token='other'), '401')
        self.assertEqual(self.ask('-o', os.devnull, '-w', '%{http_code}', f'{self.url}/small?access_token=secret',
                                  token=None), '200')

    def test_the_page_may_send(self):
        for origin, status in ((self.url, '200'), ('https://other.example.org', '403')):
            with self.subTest(origin=origin):
                self.assertEqual(self.ask('-o', os.devnull, '-w', '%{http_code}', '-H', f'Origin: {origin}',
                                          '-d', 'x', f'{self.url}/drop'), status)

    def test_events_come_at_once_and_a_client_that_goes_is_gone(self):
        client = self.open(f'{self.url}/events')
        client.wait_for(b'event:meta\ndata:{}\n\n')
        self.server.wait_for(b'+\n')
        # Each is said when the one before it has arrived.
        for number in range(5):
            self.server.write(b'{"n":%d}\n' % number)
            client.wait_for(b'event:token\ndata:{"n":%d}\n\n' % number)
        client.kill()
        self.server.wait_for(b'-\n')

    def test_who_comes_back_goes_on(self):
        client = self.open(f'{self.url}/events')
        client.wait_for(b'event:meta\n')
        self.server.wait_for(b'+\n')
        self.server.write(b'"first"\n')
        last = re.search(rb'id:(\S+)\n', client.wait_for(b'data:"first"\n\n'))[1].decode()
        client.kill()
        self.server.wait_for(b'-\n')
        self.server.write(b'"second"\n')
        client = self.open('-H', f'Last-Event-ID: {last}', f'{self.url}/events')
        replay = client.wait_for(b'data:"second"\n\n')
        self.assertNotIn(b'first', replay)
        self.assertNotIn(b'event:gap', replay)
        client.kill()
        self.server.wait_for(b'-\n')

    def upload(self):
        """A TLS connection with an upload in chunks on it. (curl does not read while it waits for more to send.)"""
        connection = socket.create_connection(('127.0.0.1', self.port), PATIENCE)
        context = ssl.create_default_context(cafile=self.dir / 'cert.pem')
        tls = context.wrap_socket(connection, server_hostname='live.example.org')
        self.addCleanup(tls.close)
        tls.sendall(b'POST /duplex HTTP/1.1\r\nHost: live.example.org:%d\r\n'
                    b'Authorization: Bearer secret\r\nTransfer-Encoding: chunked\r\n\r\n' % self.port)
        return tls

    def read_until(self, connection, what):
        seen = b''
        while what not in seen:
            block = connection.recv(65536)
            self.assertTrue(block, seen)
            seen += block
        return seen

    def test_an_answer_comes_before_the_upload_ends(self):
        client = self.upload()
        for piece in (b'one', b'two', b'three'):
            client.sendall(b'%x\r\n%s\r\n' % (len(piece), piece))
            self.read_until(client, piece)
        self.server.wait_for(b'>\n')
        client.sendall(b'0\r\n\r\n')
        self.server.wait_for(b'<\n')
        self.read_until(client, b'0\r\n\r\n')

    def test_who_leaves_an_upload_ends_it(self):
        client = self.upload()
        client.sendall(b'3\r\none\r\n')
        self.read_until(client, b'one')
        self.server.wait_for(b'>\n')
        client.close()
        self.server.wait_for(b'<\n')

    def test_an_early_error_arrives(self):
        large = Path(self.dir, 'large')
        with large.open('wb') as file:
            file.truncate(20_000_000)
        for path, status in (('/nowhere', '404'), ('/drop', '413')):
            with self.subTest(path=path):
                said = self.ask('-H', 'Expect:', '-w', '%{http_code}', '--data-binary', f'@{large}', self.url + path)
                self.assertTrue(said.endswith(status), said)
                self.assertIn(f'"status":{status}', said)


if __name__ == '__main__':
    unittest.main()
