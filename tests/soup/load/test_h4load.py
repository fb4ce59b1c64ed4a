#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""h4load sees what a server does wrong: servers that do."""

import json
import resource
import socket
import subprocess
import time
import unittest

import h4loadtest

HEAD = b'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n'
CHUNKED = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
META = b'retry:2000\nevent:meta\ndata:{"format":"json"}\n\n'


def event(n, data=b'{}', epoch=b'0badcafe', name=b'token'):
    return b'id:%s-%d\nevent:%s\ndata:%s\n\n' % (epoch, n, name, data)


def events(*numbers):
    return b''.join(event(n) for n in numbers)


def chunks(body, size):
    parts = [body[at:at + size] for at in range(0, len(body), size)]
    return b''.join(b'%x\r\n%s\r\n' % (len(part), part) for part in parts) + b'0\r\n\r\n'


class H4Load(unittest.TestCase):
    def serve(self, answer, step=0, clients=1, **options):
        """What clients report of a server that sends answer, step bytes at a time."""
        def serve_one(connection):
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while not connection.recv(65536).endswith(b'\r\n\r\n'):
                    pass
                for at in range(0, len(answer), step or len(answer)):
                    connection.sendall(answer[at:at + (step or len(answer))])

        with socket.create_server(('127.0.0.1', 0), backlog=64) as listening:
            load = h4loadtest.Load(listening.getsockname()[1], clients, **options)
            self.addCleanup(load.kill)
            listening.settimeout(h4loadtest.PATIENCE)
            for _ in range(clients):
                serve_one(listening.accept()[0])
            return load.report()

    def check(self, report, **expected):
        self.assertEqual({name: report[name] for name in expected}, expected, report)

    def test_what_is_right(self):
        body = META + events(1, 2, 3) + b':\n\n' + event(3, name=b'done')
        self.check(self.serve(HEAD + body), answered=1, events=3, lost=0, doubled=0, malformed=0, metas=1, comments=1,
                   done=1, closed=1, first=[1, 1], last=[3, 3], bytes=len(HEAD + body))

    def test_an_event_that_was_left_out(self):
        self.check(self.serve(HEAD + events(5, 6, 8, 9)), events=4, lost=1, announced=0, doubled=0, first=[5, 5])

    def test_an_event_that_comes_twice(self):
        self.check(self.serve(HEAD + events(1, 2, 2, 3)), lost=0, doubled=1)

    def test_events_in_the_wrong_order(self):
        self.check(self.serve(HEAD + events(1, 3, 2, 4)), lost=1, doubled=1)

    def test_a_loss_that_is_announced(self):
        gap = b'event:gap\ndata:{"lost":7,"reason":"slow"}\n\n'
        self.check(self.serve(HEAD + events(1) + gap + events(9, 11)), lost=8, announced=7, gaps=1)

    def test_another_epoch_begins_anew(self):
        self.check(self.serve(HEAD + events(8, 9) + event(1, epoch=b'12345678')), events=3, lost=0, doubled=0)

    def test_numbers_in_the_data_where_the_ids_have_none(self):
        blocks = [b'event: token\nid: 1700000000:%d\ndata: {"n":%d}\n\n' % (i, n) for i, n in enumerate((4, 5, 7))]
        self.check(self.serve(HEAD + b': hi\n\n' + b''.join(blocks)), events=3, lost=1, doubled=0, comments=1)

    def test_answers_that_come_byte_by_byte(self):
        self.check(self.serve(HEAD + META + events(1, 2, 4), step=1), events=3, lost=1, metas=1, malformed=0)

    def test_chunks_of_every_size(self):
        body = META + events(1, 2, 3)
        for size in (1, 2, 3, 7, 15, 16, 17, 50, len(body)):
            for step in (0, 1):
                with self.subTest(size=size, step=step):
                    self.check(self.serve(CHUNKED + chunks(body, size), step), events=3, lost=0, metas=1, malformed=0)

    def test_latency_is_from_the_time_in_the_data(self):
        def second_ago():
            return b'{"t":%d}' % (time.monotonic_ns() // 1000 - 1000000)

        report = self.serve(HEAD + event(1, second_ago()) + event(2, second_ago()))
        self.assertGreater(report['p50_us'], 950000)

    def test_answers_that_refuse(self):
        self.check(self.serve(b'HTTP/1.1 503 Service Unavailable\r\n\r\n'), refused=1, answered=0, events=0)
        self.check(self.serve(b'HTTP/1.1 408 Request Timeout\r\n\r\n'), timed_out=1, answered=0)

    def test_what_makes_no_sense(self):
        self.check(self.serve(b'ICY 200 OK\r\n\r\n'), malformed=1, answered=0)
        self.check(self.serve(HEAD + b'nonsense\n\n'), malformed=1)

    def test_clients_that_never_read_ask_all_the_same(self):
        self.check(self.serve(HEAD + events(1), clients=4, mode='stall'), answered=4, closed=4)

    def test_clients_come_from_several_addresses(self):
        with socket.create_server(('127.0.0.1', 0), backlog=64) as listening:
            load = h4loadtest.Load(listening.getsockname()[1], 6, addresses=3)
            self.addCleanup(load.kill)
            listening.settimeout(h4loadtest.PATIENCE)
            connections = [listening.accept() for _ in range(6)]
            self.assertEqual(sorted(address[0] for _, address in connections),
                             [f'127.0.0.{n}' for n in (2, 2, 3, 3, 4, 4)])
            for connection, _ in connections:
                connection.close()
            load.report()

    def test_where_few_files_may_be_open_it_takes_fewer_and_says_so(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))

        with socket.create_server(('127.0.0.1', 0), backlog=64) as listening:
            done = subprocess.run([h4loadtest.PROGRAMS / 'h4load', f'--port={listening.getsockname()[1]}', '--clients=20',
                                   '--time=0.2'], preexec_fn=limit, capture_output=True, text=True,
                                  timeout=h4loadtest.PATIENCE)
        self.check(json.loads(done.stdout.splitlines()[-1]), clients=8, pending=8)
        self.assertEqual(done.stderr, 'h4load: 8 clients instead of 20: no more than 40 files may be open\n')

    def test_as_many_files_as_may_be_are_open(self):
        """The limit that a shell has is raised to what it may be."""
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (40, 100))

        with socket.create_server(('127.0.0.1', 0), backlog=64) as listening:
            done = subprocess.run([h4loadtest.PROGRAMS / 'h4load', f'--port={listening.getsockname()[1]}', '--clients=50',
                                   '--time=0.2'], preexec_fn=limit, capture_output=True, text=True,
                                  timeout=h4loadtest.PATIENCE)
        self.check(json.loads(done.stdout.splitlines()[-1]), clients=50, pending=50, failed=0)
        self.assertEqual(done.stderr, '')

    def test_nobody_listens(self):
        with socket.create_server(('127.0.0.1', 0)) as listening:
            port = listening.getsockname()[1]
        load = h4loadtest.Load(port, 3)
        load.wait_connected()
        self.check(load.report(), failed=3, answered=0)

    def test_time_ends_it(self):
        with socket.create_server(('127.0.0.1', 0)) as listening:
            report = h4loadtest.Load(listening.getsockname()[1], 2, time=0.2).report()
        self.check(report, answered=0, pending=2)

    def test_sigterm_ends_it(self):
        with socket.create_server(('127.0.0.1', 0)) as listening:
            load = h4loadtest.Load(listening.getsockname()[1], 1)
            connection, _ = listening.accept()
            with connection:
                connection.sendall(HEAD + events(1))
                load.wait_connected()
                self.check(load.end(), answered=1, open=1)


if __name__ == '__main__':
    unittest.main()
