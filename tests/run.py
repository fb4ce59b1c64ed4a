#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the tests of a build directory and ends with 'N passed, N failed'."""

import json
import subprocess
import sys
from pathlib import Path


def main():
    build, *args = sys.argv[1:]
    slow = '--slow' in args
    names = [a for a in args if a != '--slow']
    command = ['meson', 'test', '-C', build, '--no-rebuild', '--print-errorlogs']
    if not slow:
        command += ['--no-suite', 'slow']
    log = Path(build, 'meson-logs', 'testlog.json')
    log.unlink(missing_ok=True)
    done = subprocess.run(command + names)
    results = []
    if log.exists():
        results = [json.loads(line)['result'] for line in log.read_text().splitlines()]
    failed = sum(r not in ('OK', 'EXPECTEDFAIL', 'SKIP') for r in results)
    passed = sum(r in ('OK', 'EXPECTEDFAIL') for r in results)
    if done.returncode and not failed:
        failed = 1
    if not results:
        print('no test ran', file=sys.stderr)
        failed = max(failed, 1)
    print(f'{passed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
