# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of commands share."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

SOURCE = Path(os.environ['H4_SOURCE_ROOT'])
BUILD = Path(os.environ['H4_BUILD_ROOT'])


def plain_tools():
    """A directory with tools that load nothing of ours: without the sanitizer, in which curl hangs before its main()."""
    directory = BUILD / 'tests' / 'plain-tools'
    curl = directory / 'curl'
    if not curl.exists():
        directory.mkdir(exist_ok=True)
        fresh = directory / f'curl.{os.getpid()}'
        fresh.write_text(f'#!/bin/sh\nunset LD_PRELOAD\nexec {shutil.which("curl") or "curl"} "$@"\n')
        fresh.chmod(0o755)
        fresh.rename(curl)
    return directory


def environment(**more):
    """The environment of a command that loads our plugins.

    In a sanitized build the sanitizer must be there before the program,
    which is not built with it.
    """
    env = dict(os.environ, **more)
    if env.get('H4_PRELOAD'):
        env['LD_PRELOAD'] = env['H4_PRELOAD']
        # The shell and its tools are preloaded too, and leave what they have to exit().
        env['ASAN_OPTIONS'] = env.get('ASAN_OPTIONS', '') + ':detect_leaks=0'
        env['PATH'] = f"{plain_tools()}:{env['PATH']}"
    return env


def run(command, cwd, env=None, timeout=120):
    """Runs an argument list, or a script for bash -e; gives the finished process."""
    if isinstance(command, str):
        command = ['bash', '-e', '-o', 'pipefail', '-c', command]
    command = [str(part) for part in command]
    with subprocess.Popen(command, cwd=cwd, env=env or environment(), text=True, errors='replace',
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          start_new_session=True) as process:
        try:
            said, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            # A shell's children too: nothing is left behind.
            os.killpg(process.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, process.returncode, said)


def run_splitmuxsink(pipeline, cwd, timeout=30):
    """GStreamer 1.22's splitmuxsink may lose EOS and never end, with any muxer, the more often the busier the
    machine is: once more then. Its files are called part*."""
    for attempt in range(8):
        try:
            return run(f'gst-launch-1.0 -q {pipeline}', cwd, timeout=timeout)
        except subprocess.TimeoutExpired:
            for part in Path(cwd).glob('part*'):
                part.unlink()
    raise AssertionError('splitmuxsink hung each time')


def sanitizer_flags():
    """What a program needs that is linked to a sanitized library."""
    kind = os.environ.get('H4_SANITIZE', 'none')
    return [] if kind in ('', 'none') else ['-fsanitize=' + kind]
