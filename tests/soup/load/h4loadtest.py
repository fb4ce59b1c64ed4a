# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Processes that the tests of load have: clients (h4load) and h4sse (sse_ours)."""

import json
import os
import resource
import signal
import subprocess
import time
from pathlib import Path

PROGRAMS = Path(os.environ['H4_LOAD_PROGRAMS'])
# What a process may take to do what it is told.
PATIENCE = 60


class Load:
    """Clients of a port, as a process."""

    def __init__(self, port, clients, mode='read', **options):
        arguments = [f'--{name.replace("_", "-")}={value}' for name, value in options.items()]
        self.process = subprocess.Popen(
            [PROGRAMS / 'h4load', f'--port={port}', f'--clients={clients}', f'--mode={mode}', *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    def wait_connected(self):
        said = json.loads(self.process.stdout.readline())
        if said['state'] != 'connected':
            raise AssertionError(said)
        return said

    def report(self):
        """Waits until they have ended."""
        said = [json.loads(line) for line in self.process.stdout][-1]
        self.process.stdout.close()
        if self.process.wait(PATIENCE):
            raise AssertionError(f'h4load: {self.process.returncode}')
        return said

    def stop_stalling(self):
        self.process.send_signal(signal.SIGUSR1)

    def end(self):
        self.process.terminate()
        return self.report()

    def kill(self):
        """Nothing where it has ended."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Ours:
    """`appsrc ! queue ! h4sse` in a process. files: how many it may have open."""

    def __init__(self, properties='', files=None, **options):
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

        arguments = [f'--{name}={value}' for name, value in options.items() if value is not True]
        arguments += [f'--{name}' for name, value in options.items() if value is True]
        self.process = subprocess.Popen([PROGRAMS / 'sse_ours', *arguments, properties],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
                                        preexec_fn=limit if files else None)
        self.status = self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f'sse_ours: {self.process.wait(PATIENCE)}')
        self.status = json.loads(line)
        self.port = self.status['port']
        return self.status

    def ask(self, command):
        self.process.stdin.write(command + '\n')
        return self.read()

    def wait(self, condition, what):
        """Asks for the status until condition says that it is so."""
        deadline = time.monotonic() + PATIENCE
        while not condition(self.ask('status')):
            if time.monotonic() > deadline:
                raise AssertionError(f'{what}: {self.status}')
            time.sleep(0.02)
        return self.status

    def wait_clients(self, number):
        return self.wait(lambda status: status['num-clients'] == number, f'not {number} clients')

    def quit(self):
        """Gives the exit status, which a sanitizer has set where it found something."""
        self.process.stdin.close()
        code = self.process.wait(PATIENCE)
        self.process.stdout.close()
        return code

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
