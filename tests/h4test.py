# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tests of commands share."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import h4mkcheck

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


# As much as the fuzzer takes.
SMALL_SIZE = 64 << 10


def check_file(path, code=0):
    """A file that a test made, before the checker that was written from the format page alone; code: what it is to
    say. Small ones stay in the build directory: what fuzzes the demuxer begins with them."""
    report, said = h4mkcheck.check(str(path))
    if said not in (code if isinstance(code, tuple) else (code,)):
        raise AssertionError(f'{path}: {report}')
    data = Path(path).read_bytes() if os.path.getsize(path) <= SMALL_SIZE else None
    if data is not None:
        kept = BUILD / 'tests' / 'files' / Path(sys.argv[0]).stem
        kept.mkdir(parents=True, exist_ok=True)
        (kept / f'{hashlib.sha256(data).hexdigest()}.h4mk').write_bytes(data)


def recordings(directory):
    """Which there are, and what changes when one is written."""
    found = {}
    for path in Path(directory).glob('*.h4mk'):
        if path.is_file():
            found[path] = (path.stat().st_mtime_ns, path.stat().st_size)
    return found


def run(command, cwd, env=None, timeout=120):
    """Runs an argument list, or a script for bash -e; gives the finished process. What it recorded in cwd must be as
    the format says; it may be cut off, or signed by somebody."""
    before = recordings(cwd)
    done = run_alone(command, cwd, env, timeout)
    for path, written in recordings(cwd).items():
        if before.get(path) != written:
            check_file(path, (0, 3))
    return done


def run_alone(command, cwd, env, timeout):
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
