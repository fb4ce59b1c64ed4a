#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The program: options, signals, socket activation, --pipeline."""

import os
import re
import resource
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest
import urllib.request
from pathlib import Path

from serving import TIMEOUT, Server, events, read_all, wait_until

TOKENS = 'videotestsrc is-live=true ! video/x-raw,width=32,height=32,framerate=30/1 ! h4videotok ! h4sse stream=live'


def run(*options, env=None):
    return subprocess.run(['harmony4-server', *options], capture_output=True, text=True, timeout=TIMEOUT,
                          env=env or dict(os.environ, LC_ALL='C.UTF-8'))


class Options(unittest.TestCase):
    def test_help_and_version(self):
        done = run('--help')
        self.assertEqual(done.returncode, 0)
        for option in ('address', 'port', 'root', 'max-upload', 'jobs', 'auth-token-file', 'cors-origin', 'tls-cert',
                       'tls-key', 'pipeline', 'access-log', 'max-clients'):
            self.assertIn(f'--{option}=', done.stdout)
        self.assertRegex(run('--version').stdout, r'^harmony4-server \(gst-harmony4\) \d+\.\d+\.\d+\n$')

    def test_what_is_wrong_is_said(self):
        for options, words in {
                ('--port=70000',): '--port', ('--jobs=0',): '--jobs', ('--max-upload=lots',): '--max-upload',
                ('--max-upload=-1',): '--max-upload', ('--max-upload=0',): '--max-upload',
                ('--max-upload=99999999999G',): '--max-upload', ('--max-clients=0',): '--max-clients',
                ('--tls-key=x',): '--tls-cert', ('--access-log=xml',): '--access-log', ('stray',): 'arguments',
                ('--nothing',): '--nothing'}.items():
            with self.subTest(options=options):
                done = run(*options)
                self.assertEqual(done.returncode, 2)
                self.assertIn(words, done.stderr)

    def test_what_cannot_be_is_said(self):
        with socket.create_server(('127.0.0.1', 0)) as taken:
            for options, words in {
                    (f'--port={taken.getsockname()[1]}',): 'in use', ('--port=0', '--root=/nowhere'): '/nowhere',
                    ('--port=0', '--auth-token-file=/nowhere'): '/nowhere', ('--port=0', '--tls-cert=/nowhere'): 'nowhere',
                    ('--port=0', '--pipeline=videotestsrc ! nonesuch'): 'nonesuch'}.items():
                with self.subTest(options=options):
                    done = run(*options)
                    self.assertEqual(done.returncode, 1)
                    self.assertIn(words, done.stderr)


class Life(unittest.TestCase):
    def start(self, *options, **more):
        server = Server(*options, **more)
        self.addCleanup(lambda: server.process.poll() is None and server.stop(signal.SIGKILL))
        return server

    def test_signals_end_it(self):
        for number in signal.SIGTERM, signal.SIGINT:
            with self.subTest(number=number):
                server = self.start()
                self.assertEqual(server.request('GET', '/health').status, 200)
                self.assertEqual(server.stop(number), 0)

    def test_what_goes_on_is_ended_first(self):
        server = self.start()
        with server.connect() as connection:
            connection.sendall(b'POST /video/stream?block_size=65536 HTTP/1.1\r\nHost: localhost\r\n'
                               b'Content-Length: 131072\r\nConnection: close\r\n\r\n' + bytes(65536))
            said = connection.recv(65536)
            server.process.send_signal(signal.SIGTERM)
            server.wait_for_text('Stopping')
            connection.sendall(bytes(65536))
            self.assertIn(b'event:done', said + read_all(connection))
        self.assertEqual(server.process.wait(TIMEOUT), 0)
        server.stop()

    def test_nobody_new_comes_while_it_ends(self):
        server = self.start()
        idle = server.connect()
        with idle, server.connect() as connection:
            connection.sendall(b'POST /video/stream?block_size=65536 HTTP/1.1\r\nHost: localhost\r\n'
                               b'Content-Length: 131072\r\nConnection: close\r\n\r\n' + bytes(65536))
            said = connection.recv(65536)
            server.process.send_signal(signal.SIGTERM)
            server.wait_for_text('Stopping')

            def is_refused():
                try:
                    server.connect().close()
                except ConnectionRefusedError:
                    return True
                return False
            wait_until(is_refused, 'connections are refused')
            # who was there without a request is not kept either
            self.assertEqual(read_all(idle).replace(b'\n<reset>', b''), b'')
            connection.sendall(bytes(65536))
            self.assertIn(b'event:done', said + read_all(connection))
        self.assertEqual(server.process.wait(TIMEOUT), 0)
        server.stop()

    def test_a_second_signal_waits_for_nobody(self):
        server = self.start()
        with server.connect() as connection:
            connection.sendall(b'POST /video/stream?block_size=65536 HTTP/1.1\r\nHost: localhost\r\n'
                               b'Content-Length: 131072\r\n\r\n' + bytes(65536))
            # it is worked on, so there is something to wait for
            self.assertTrue(connection.recv(1))
            server.process.send_signal(signal.SIGTERM)
            server.wait_for_text('Stopping')
            self.assertEqual(server.stop(signal.SIGINT), 1)

    def test_port_is_free_again(self):
        server = self.start()
        server.stop()
        self.assertEqual(self.start(f'--port={server.port}').port, server.port)

    def test_descriptors_are_not_few(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        server = self.start(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard)))
        limits = Path(f'/proc/{server.process.pid}/limits').read_text()
        self.assertEqual(int(re.search(r'Max open files\s+(\d+)', limits)[1]), hard)

    def test_ipv6(self):
        if not socket.has_ipv6 or not Path('/proc/net/if_inet6').exists():
            self.skipTest('there is no IPv6 here')
        server = self.start('--address=::1')
        self.assertEqual(server.request('GET', '/health').status, 200)

    def test_tokens(self):
        with tempfile.NamedTemporaryFile('w') as file:
            file.write('correct-horse\n')
            file.flush()
            server = self.start(f'--auth-token-file={file.name}')
        for path in '/video/stream', '/audio/mask', '/export':
            self.assertEqual(server.request('POST', path, b'x').status, 401)
        self.assertEqual(server.request('GET', '/health').status, 200)
        self.assertEqual(server.request('GET', '/jobs/x/events').status, 401)
        answer = server.request('POST', '/video/stream', b'x', {'Authorization': 'Bearer correct-horse'})
        self.assertEqual(answer.status, 200)

    def test_no_live_events(self):
        server = self.start()
        for query in '', '?job=x', '?stream=x':
            answer = server.request('GET', '/events' + query)
            self.assertEqual(answer.status, 404)
            self.assertIn('/jobs/', answer.json()['detail'])
        self.assertEqual(server.request('GET', '/streams').json(), [])

    def test_origins(self):
        server = self.start('--cors-origin=https://a.example', '--cors-origin=https://b.example')
        for origin in 'https://a.example', 'https://b.example':
            answer = server.request('POST', '/video/stream', b'x', {'Origin': origin})
            self.assertEqual(answer.headers['Access-Control-Allow-Origin'], origin)
        answer = server.request('POST', '/video/stream', b'x', {'Origin': 'https://c.example'})
        self.assertIsNone(answer.headers['Access-Control-Allow-Origin'])

    def test_https(self):
        with tempfile.TemporaryDirectory() as directory:
            cert, key = Path(directory, 'cert.pem'), Path(directory, 'key.pem')
            subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
                            '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
                            '-keyout', key, '-out', cert], check=True, capture_output=True)
            server = self.start(f'--tls-cert={cert}', f'--tls-key={key}')
            self.assertTrue(server.url.startswith('https://'))
            context = ssl.create_default_context(cafile=cert)
            request = urllib.request.Request(f'https://localhost:{server.port}/video/stream?block_size=65536',
                                             data=bytes(200000))
            with urllib.request.urlopen(request, timeout=TIMEOUT, context=context) as answer:
                self.assertEqual(len(events(answer.read())), 1 + 4 + 1)


class Activation(unittest.TestCase):
    """As systemd hands over a socket."""

    def start(self, listening, count=1, same_pid=True):
        program = ('import os, sys\nos.environ["LISTEN_PID"] = str(os.getpid()) if sys.argv[1] == "1" else "1"\n'
                   'os.environ["LISTEN_FDS"] = sys.argv[2]\nos.execvp("harmony4-server", ["harmony4-server", "--port=0"])')
        return subprocess.Popen(['python3', '-c', program, str(int(same_pid)), str(count)], stderr=subprocess.PIPE,
                                text=True, pass_fds=(3,), preexec_fn=lambda: os.dup2(listening.fileno(), 3))

    def finish(self, process):
        process.terminate()
        process.wait(TIMEOUT)
        process.stderr.close()

    def test_socket(self):
        with socket.create_server(('127.0.0.1', 0)) as listening:
            process = self.start(listening)
            self.addCleanup(self.finish, process)
            port = listening.getsockname()[1]
            self.assertIn(f':{port}/', process.stderr.readline())
            with urllib.request.urlopen(f'http://127.0.0.1:{port}/health', timeout=TIMEOUT) as answer:
                self.assertEqual(answer.status, 200)

    def test_who_comes_between_two_of_it_is_served_by_the_second(self):
        with socket.create_server(('127.0.0.1', 0)) as listening:
            first = self.start(listening)
            self.assertIn('Listening', first.stderr.readline())
            self.finish(first)
            self.assertEqual(first.returncode, 0)
            with socket.create_connection(listening.getsockname(), TIMEOUT) as connection:
                connection.sendall(b'GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
                second = self.start(listening)
                self.addCleanup(self.finish, second)
                self.assertTrue(read_all(connection).startswith(b'HTTP/1.1 200 '))

    def test_somebody_elses_socket(self):
        with socket.create_server(('127.0.0.1', 0)) as listening:
            process = self.start(listening, same_pid=False)
            self.addCleanup(self.finish, process)
            self.assertNotIn(f':{listening.getsockname()[1]}/', process.stderr.readline())

    def test_what_is_no_listening_socket(self):
        with socket.socket() as idle:
            process = self.start(idle)
            self.addCleanup(self.finish, process)
            self.assertIn('LISTEN_FDS', process.stderr.readline())
            self.assertEqual(process.wait(TIMEOUT), 1)

    def test_two_sockets(self):
        with socket.create_server(('127.0.0.1', 0)) as listening:
            process = self.start(listening, count=2)
            self.addCleanup(self.finish, process)
            self.assertEqual(process.wait(TIMEOUT), 1)


class Pipeline(unittest.TestCase):
    def start(self, line):
        server = Server(f'--pipeline={line}')
        self.addCleanup(lambda: server.process.poll() is None and server.stop(signal.SIGKILL))
        return server

    def test_events_at_the_servers_port(self):
        server = self.start(TOKENS)
        with server.connect() as connection:
            connection.sendall(b'GET /events?stream=live HTTP/1.1\r\nHost: localhost\r\n\r\n')
            said = b''
            while said.count(b'event:token') < 3:
                said += connection.recv(65536)
        self.assertIn(b'event:meta', said)
        # a job's events are not these
        answer = server.request('GET', '/events?job=0123456789abcdef0123456789abcdef')
        self.assertEqual((answer.status, answer.json()['field']), (400, 'job'))
        self.assertIn('/jobs/', answer.json()['detail'])
        self.assertEqual(server.request('POST', '/video/stream', b'x').status, 200)
        self.assertEqual(server.stop(), 0)

    def test_its_end_is_not_the_servers(self):
        server = self.start(TOKENS.replace('is-live=true', 'num-buffers=3'))
        server.wait_for_text('pipeline has ended')
        answer = server.request('GET', '/events?last_event_id=earliest')
        self.assertEqual([event[0] for event in events(answer.body)], ['meta', 'token', 'token', 'token', 'done'])
        self.assertEqual(server.stop(), 0)

    def test_what_cannot_begin_is_said_once(self):
        """In one line, and no address is told that nobody will be at."""
        with socket.create_server(('127.0.0.1', 0)) as taken:
            nobody = taken.getsockname()[1]
        to_events = 'h4videotok block-size=100 ! h4sse'
        for line, words in {f'filesrc location=/nowhere ! {to_events}': '/nowhere',
                            f'souphttpsrc location=http://127.0.0.1:{nobody}/ ! {to_events}': 'souphttpsrc0: ',
                            f'uridecodebin uri=http://127.0.0.1:{nobody}/ ! fakesink': 'source: ',
                            f'filesrc location=/dev/null ! decodebin ! fakesink videotestsrc is-live=true ! {to_events}': 'decodebin|typefind',
                            'videotestsrc num-buffers=9 ! h4videotok ! h4sse path=nothing': 'path',
                            'videotestsrc ! h4videotok ! h4sse stream=a videotestsrc ! h4videotok ! h4sse stream=a': '"a"'}.items():
            with self.subTest(line=line):
                done = run('--port=0', f'--pipeline={line}')
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertNotIn('Listening', done.stderr)
                lines = [said for said in done.stderr.splitlines() if said.startswith('harmony4-server: ')]
                self.assertEqual(len(lines), 1, done.stderr)
                self.assertRegex(lines[0], words)
                self.assertEqual(done.stderr, lines[0] + '\n')

    def test_a_late_error_ends_the_server(self):
        server = self.start('videotestsrc is-live=true ! video/x-raw,framerate=30/1 ! identity error-after=30 ! h4videotok ! '
                            'h4sse stream=live')
        self.assertEqual(server.process.wait(TIMEOUT), 1)
        server.stop()
        lines = [line for line in server.said if line.startswith('harmony4-server: ')]
        self.assertEqual(len(lines), 1, server.text())
        self.assertIn('identity', lines[0])

    def test_a_pipeline_that_has_no_data_yet_is_waited_for_a_while(self):
        """Then the server serves without."""
        server = self.start('appsrc ! h4videotok block-size=100 ! h4sse stream=later')
        self.assertEqual(server.request('GET', '/health').status, 200)
        self.assertEqual([stream['name'] for stream in server.request('GET', '/streams').json()], ['later'])
        self.assertEqual(server.stop(), 0)

    def test_its_clients_are_told_at_the_end(self):
        server = self.start(TOKENS)
        with server.connect() as connection:
            connection.sendall(b'GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n')
            said = connection.recv(65536)
            stopping = threading.Thread(target=server.stop)
            stopping.start()
            said += read_all(connection)
            stopping.join()
        self.assertNotIn(b'<reset>', said)


if __name__ == '__main__':
    unittest.main()
