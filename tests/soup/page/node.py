#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a file of node's tests with the live page's modules beside it.

What is not there to run them is an error, and the numbers are told as
unittest tells them: node.py NAME.test.mjs
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(os.environ['H4_SOURCE_ROOT'])
PACKAGES = Path(os.environ['H4_BUILD_ROOT'], 'npm', 'node_modules')
HERE = Path(__file__).resolve().parent
WITHIN = int(os.environ.get('H4_NODE_TIMEOUT', '600'))


def lay_out(directory):
    """Modules are found by where a file lies, so all of them lie together."""
    for path in [*HERE.glob('*.mjs'), HERE / 'package.json']:
        shutil.copy(path, directory)
    page = Path(directory, 'page')
    page.mkdir()
    for path in (SOURCE / 'ext' / 'soup' / 'page').glob('*.js'):
        shutil.copy(path, page)
    Path(directory, 'node_modules').symlink_to(PACKAGES)


def run(name, directory):
    command = ['node', '--test', '--test-reporter=tap', name]
    # A group of their own: browsers and pipelines that a test left go with it.
    # Who ends this program ends them, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with subprocess.Popen(command, cwd=directory, text=True, errors='replace', stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True) as process:
        try:
            said, _ = process.communicate(timeout=WITHIN)
        except subprocess.TimeoutExpired:
            said = f'{name} was not done within {WITHIN} seconds\n'
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    return process.returncode, said


def main():
    name = sys.argv[1]
    if not PACKAGES.is_dir():
        sys.exit(f'{PACKAGES} is missing: ./harmony4 test installs it')
    with tempfile.TemporaryDirectory(prefix='h4page-') as directory:
        lay_out(directory)
        status, said = run(name, directory)
    print(said)
    counts = {word: int(number) for word, number in re.findall(r'^# (tests|pass|fail|skipped) (\d+)$', said, re.M)}
    total, failed = counts.get('tests', 0), counts.get('tests', 0) - counts.get('pass', 0)
    print(f'Ran {total} tests in {name}')
    if failed:
        print(f'FAILED (failures={failed})')
    return 1 if status or failed or not total else 0


if __name__ == '__main__':
    sys.exit(main())
