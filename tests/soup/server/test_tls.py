#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""HTTPS, and those who speak it badly, halfway or not at all; others are served all along."""

import contextlib
import http.client
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

from serving import TIMEOUT, Server, events, read_all, wait_until


def client_hello():
    """What a client begins with."""
    outgoing = ssl.MemoryBIO()
    context = ssl.create_default_context()
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname='localhost')
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


HELLO = client_hello()


class Https(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cert, key = directory / 'cert.pem', directory / 'key.pem'
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
                        '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert],
                       check=True, capture_output=True)
        cls.server = Server(f'--tls-cert={cert}', f'--tls-key={key}', '--access-log=none')
        cls.context = ssl.create_default_context(cafile=cert)

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        assert code == 0, f'the server ended with {code}: {cls.server.text()}'
        # what others do wrong is not this program's to complain of
        assert cls.server.text().splitlines()[1:] == ['Stopping.'], cls.server.text()

    def setUp(self):
        self.ask('GET', '/health')
        self.descriptors = self.server.descriptors()
        self.healthy = 0
        self.over = threading.Event()
        self.watch = threading.Thread(target=self.keep_asking)
        self.watch.start()

    def tearDown(self):
        wait_until(lambda: self.healthy > 0, '/health answers')
        self.over.set()
        self.watch.join()
        wait_until(lambda: self.server.descriptors() <= self.descriptors, 'descriptors are given back')

    def keep_asking(self):
        while not self.over.wait(0.02):
            self.ask('GET', '/health')
            self.healthy += 1

    def ask(self, method, path, body=None):
        connection = http.client.HTTPSConnection('localhost', self.server.port, timeout=TIMEOUT, context=self.context)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            self.assertEqual(answer.status, 200)
            return answer.read()
        finally:
            connection.close()

    def secure(self, stack):
        connection = stack.enter_context(self.server.connect())
        return stack.enter_context(self.context.wrap_socket(connection, server_hostname='localhost'))

    def test_calls(self):
        said = events(self.ask('POST', '/video/stream?block_size=65536', bytes(200000)))
        self.assertEqual(len(said), 1 + 4 + 1)
        self.assertEqual(len(self.ask('POST', '/video/export', bytes(5 << 20))) > 5 << 20, True)

    def test_what_is_no_handshake_gets_no_answer(self):
        for name, data in {'plain HTTP': b'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n', 'noise': bytes(range(256)) * 40,
                           'nothing but zeros': bytes(20000), 'a record of another kind': b'\x17\x03\x03\x00\x10' + bytes(16),
                           'a record that is too long': b'\x16\x03\x01\xff\xff' + bytes(70000), 'an empty record': b'\x16\x03\x01\x00\x00' * 50,
                           'SSL 2': b'\x80\x2e\x01\x00\x02' + bytes(44), 'an alert': b'\x15\x03\x01\x00\x02\x02\x28',
                           'a hello of nothing': b'\x16\x03\x01\x00\x04\x01\x00\x00\x00', 'a hello that is damaged': HELLO[:60] + bytes(len(HELLO) - 60),
                           'a hello, and then noise': HELLO + b'\xaa' * 4000}.items():
            with self.subTest(name), self.server.connect() as connection:
                with contextlib.suppress(ConnectionError):
                    connection.sendall(data)
                    connection.shutdown(socket.SHUT_WR)
                said = read_all(connection)
                self.assertNotIn(b'HTTP/', said)
                self.assertNotIn(b'"status"', said)

    def test_handshakes_that_end_at_any_byte(self):
        for size in range(0, len(HELLO), max(1, len(HELLO) // 40)):
            with self.server.connect() as connection:
                connection.sendall(HELLO[:size])

    def test_clients_that_do_not_trust_it(self):
        for _ in range(20):
            with self.server.connect() as connection, self.assertRaises(ssl.SSLError):
                ssl.create_default_context().wrap_socket(connection, server_hostname='localhost')

    def test_stalled_handshakes_are_closed(self):
        """And meanwhile keep nobody waiting."""
        with contextlib.ExitStack() as stack:
            stalled = []
            for i in range(60):
                connection = stack.enter_context(self.server.connect())
                connection.sendall((b'', HELLO[:1], HELLO[:5], HELLO[:len(HELLO) // 2], HELLO)[i % 5])
                stalled.append(connection)
            before = self.healthy
            wait_until(lambda: self.healthy > before + 5, '/health answers')
            for connection in stalled:
                self.assertNotIn(b'HTTP/', read_all(connection))

    def test_handshakes_that_trickle_are_closed(self):
        with self.server.connect() as connection:
            over = threading.Event()

            def trickle():
                with contextlib.suppress(OSError):
                    for byte in HELLO:
                        connection.sendall(bytes([byte]))
                        if over.wait(0.2):
                            break
            thread = threading.Thread(target=trickle)
            thread.start()
            try:
                self.assertNotIn(b'HTTP/', read_all(connection))
            finally:
                over.set()
                thread.join()

    def test_what_stops_after_the_handshake(self):
        """In a head, in a body, and in the middle of a record."""
        for data in b'', b'GET /hea', b'POST /video/stream HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nabc':
            with self.subTest(data=data), contextlib.ExitStack() as stack:
                client = self.secure(stack)
                client.sendall(data)
        with contextlib.ExitStack() as stack:
            client = self.secure(stack)
            raw = socket.socket(fileno=client.detach())
            stack.callback(raw.close)
            raw.settimeout(TIMEOUT)
            raw.sendall(b'\x17\x03\x03\x40\x00' + bytes(100))
            raw.shutdown(socket.SHUT_WR)
            self.assertNotIn(b'HTTP/', read_all(raw))


if __name__ == '__main__':
    unittest.main()
