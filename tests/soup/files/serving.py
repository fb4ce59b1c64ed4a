# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""harmony4-server for tests, recordings for it, and scripts for node beside it."""

import http.client
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(os.environ['H4_SOURCE_ROOT'], 'tests')))
import h4test  # noqa: E402

PROGRAM = h4test.BUILD / 'ext' / 'soup' / 'server' / 'harmony4-server'
PACKAGES = h4test.BUILD / 'npm' / 'node_modules'
HERE = Path(__file__).resolve().parent
WITHIN = 60

RECORD = '''
gst-launch-1.0 -q videotestsrc num-buffers=250 ! video/x-raw,width=64,height=48,framerate=25/1 \
  ! vp8enc keyframe-max-dist=25 deadline=1 ! h4mkmux span-duration=1000000000 ! filesink location=recording.h4mk
'''


class Server:
    """A running harmony4-server; what it says on stderr is in said."""

    def __init__(self, *arguments):
        # In a sanitized build the server is built with the sanitizer itself.
        self.process = subprocess.Popen([PROGRAM, '--port', '0', *map(str, arguments)],
                                        env=dict(os.environ, LC_ALL='C.UTF-8'), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.said = b''
        self.over = False
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self.read)
        self.reader.start()
        try:
            self.url = self.wait_for_url()
        except BaseException:
            self.kill()
            raise

    def read(self):
        while piece := os.read(self.process.stderr.fileno(), 65536):
            with self.news:
                self.said += piece
                self.news.notify_all()
        with self.news:
            self.over = True
            self.news.notify_all()

    def wait_for(self, pattern):
        """What is found in what it says."""
        with self.news:
            self.news.wait_for(lambda: self.over or re.search(pattern, self.said), WITHIN)
            found = re.search(pattern, self.said)
        if not found:
            raise AssertionError(f'harmony4-server did not say {pattern!r} but {self.said!r}')
        return found

    def wait_for_url(self):
        return self.wait_for(rb'https?://127\.0\.0\.1:\d+')[0].decode()

    def kill(self):
        self.process.kill()
        self.finish()

    def stop(self):
        """Ends it as an init system does; gives its exit code."""
        self.process.terminate()
        try:
            return self.process.wait(WITHIN)
        finally:
            self.kill()

    def finish(self):
        self.process.wait()
        self.reader.join()
        self.process.stderr.close()

    def ask(self, method, target, body=None, headers=None):
        """An answer, its body read."""
        place = urlsplit(self.url)
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=WITHIN)
        try:
            connection.request(method, target, body, headers or {})
            answer = connection.getresponse()
            answer.data = answer.read()
            return answer
        finally:
            connection.close()


def form(fields, files):
    """A multipart/form-data body and its type; files: (field, name, bytes)."""
    boundary = 'a-boundary-that-occurs-nowhere'
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
             for name, value in fields]
    for field, name, data in files:
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
                     f'Content-Type: application/octet-stream\r\n\r\n'.encode() + data + b'\r\n')
    return b''.join(parts) + f'--{boundary}--\r\n'.encode(), f'multipart/form-data; boundary={boundary}'


def record(directory):
    done = h4test.run(RECORD, directory)
    assert done.returncode == 0, done.stdout
    return Path(directory, 'recording.h4mk')


def node(script, *arguments, timeout=180):
    """Runs one of the scripts beside this file with npm's packages; gives what it prints."""
    assert PACKAGES.is_dir(), f'{PACKAGES} is missing: ./harmony4 test installs it'
    with tempfile.TemporaryDirectory(prefix='h4files-') as directory:
        Path(directory, 'node_modules').symlink_to(PACKAGES)
        shutil.copy(HERE / script, directory)
        done = h4test.run(['node', script, *arguments], directory, dict(os.environ), timeout)
    if done.returncode:
        raise AssertionError(f'{script} {arguments}: {done.stdout}')
    return done.stdout
