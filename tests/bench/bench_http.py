#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""harmony4-server against the reference: how long large uploads take, and how much memory.

No server can be faster than one that drops what it is sent and answers with as
many bytes, so that is measured, too, where the answer is as large as the upload.

The client sends and drops as fast as a socket takes and gives: curl alone would take as long as
our server does. Where H4_REFERENCE names a checkout of the reference, and
python3 has fastapi and uvicorn, it is run beside; else the peer is what was
measured of it once, on two cores of a Zen 5.
"""

import contextlib
import http.client
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import types
from pathlib import Path

import bench_rows
import sse_peers

MIB = 1 << 20
KEY = '6dd516ea8669e2464a31f0624a5550d7' * 2
TURNS = 5
MASK = f'mask=true&master_key_hex={KEY}'

# call, query, MiB, then of the reference: seconds, MiB; how many times faster we must be
WORKS = (
    ('/video/export', MASK, 256, 53.0, 2862, 100),
    ('/video/stream', '', 256, 4.1, 565, 10),
    ('/audio/stream', '', 8, 2.6, 79, 30),
    ('/audio/mask', f'master_key_hex={KEY}', 64, 5.2, 311, 100),
)
PEAK_MIB = 32
SERVER = Path(os.environ['H4_BUILD'], 'ext', 'soup', 'server', 'harmony4-server')
REFERENCE = os.environ.get('H4_REFERENCE')


def have_reference():
    return REFERENCE and all(importlib.util.find_spec(name) for name in ('fastapi', 'uvicorn'))


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def wait_call(process, port, call):
    """Until there is something at its path, which answers GET with 405."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection('127.0.0.1', port, timeout=30)
        try:
            connection.request('GET', call)
            if connection.getresponse().status != 404:
                return
        except ConnectionRefusedError:
            pass
        finally:
            connection.close()
        time.sleep(0.01)
    sys.exit('bench_http: the server does not start')


@contextlib.contextmanager
def running(command, port, call, **options):
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, **options)
    try:
        wait_call(process, port, call)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def ours(port, call):
    return running([SERVER, f'--port={port}'], port, call)


def reference(port, call):
    return running([sys.executable, '-m', 'uvicorn', 'api.main:app', '--port', str(port)], port, call, cwd=REFERENCE)


@contextlib.contextmanager
def no_work(port, call):
    """One that reads what a form of WORKS holds and sends as much, without a look at it."""
    with socket.create_server(('127.0.0.1', port)) as listener:
        child = os.fork()
        if child == 0:
            echo(listener, next(work[2] for work in WORKS if work[0] == call) * MIB)
        try:
            yield types.SimpleNamespace(pid=child)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)


def echo(listener, size):
    piece = bytearray(MIB // 4)
    while True:
        connection = listener.accept()[0]
        with connection:
            tail = b''
            while not tail.endswith(END):
                n = connection.recv_into(piece)
                tail = (tail + piece[max(0, n - len(END)):n])[-len(END):]
            connection.sendall(b'HTTP/1.1 200 OK\r\n\r\n')
            for _ in range(size // len(piece)):
                connection.sendall(piece)


BOUNDARY = 'harmony4-bench'
PART = (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="bench.raw"\r\n'
        'Content-Type: application/octet-stream\r\n\r\n').encode()
END = f'\r\n--{BOUNDARY}--\r\n'.encode()
BUFFER = bytearray(MIB)


def post_once(port, target, file):
    """Seconds from connecting to the answer's end."""
    head = (f'POST {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n'
            f'Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n'
            f'Content-Length: {len(PART) + file.stat().st_size + len(END)}\r\n\r\n').encode()
    begin = time.monotonic()
    with socket.create_connection(('127.0.0.1', port)) as connection, open(file, 'rb') as data:
        try:
            connection.sendall(head + PART)
            connection.sendfile(data)
            connection.sendall(END)
        except BrokenPipeError:
            pass  # an early answer, which says why
        answer = connection.recv(65536)
        size = len(answer)
        while got := connection.recv_into(BUFFER):
            size += got
    took = time.monotonic() - begin
    if not answer.startswith(b'HTTP/1.1 200 ') or size < 1000:
        sys.exit(f'bench_http: {target.split("?")[0]}: {answer[:300]!r}, {size} bytes')
    return took


def post(server, call, query, file, turns):
    """Seconds of the best turn, and the MiB that the server has had at most."""
    port = free_port()
    with server(port, call) as process:
        seconds = min(post_once(port, f'{call}?{query}', file) for _ in range(turns))
        return seconds, sse_peers.memory(process.pid, 'VmHWM') / MIB


def make_file(work, mib):
    file = Path(work, f'{mib}.raw')
    if not file.exists():
        piece = os.urandom(MIB)
        with open(file, 'wb') as out:
            for _ in range(mib):
                out.write(piece)
    return file


def main():
    rows = bench_rows.Rows('http')
    with tempfile.TemporaryDirectory() as work:
        for call, query, mib, their_seconds, their_peak, target in WORKS:
            file = make_file(work, mib)
            name = 'reference, once'
            if have_reference():
                their_seconds, their_peak = post(reference, call, query, file, 1)
                name = 'reference'
            seconds, peak = post(ours, call, query, file, TURNS)
            rows.less(f'POST {call} {mib} MiB', 's', seconds, name, their_seconds, target)
            if call == '/audio/mask':
                floor, _ = post(no_work, call, query, file, TURNS)
                rows.less(f'POST {call} {mib} MiB', 's', seconds, 'no work at all', floor, 0)
            rows.less(f'POST {call} {mib} MiB: peak', 'MiB', peak, name, their_peak, 0)
            rows.less(f'POST {call} {mib} MiB: peak', 'MiB', peak, 'limit', PEAK_MIB, 1)
    rows.finish()


if __name__ == '__main__':
    main()
