#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the tests of a build directory and ends with 'N passed, N failed'.

A test program that says how many checks it made ('Checks: N, Failures: N,
Errors: N' as libcheck does, 'Ran N tests' as unittest does) counts as that
many. A test that cannot run has failed.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

CHECK = re.compile(r'Checks: (\d+), Failures: (\d+), Errors: (\d+)')
UNITTEST = re.compile(r'^Ran (\d+) tests? in ', re.M)
UNITTEST_BAD = re.compile(r'^FAILED \((.*)\)', re.M)


def counts(record):
    """How many checks of one meson test passed and failed."""
    output = record.get('stdout', '') + record.get('stderr', '')
    total = failed = 0
    for match in CHECK.finditer(output):
        total += int(match[1])
        failed += int(match[2]) + int(match[3])
    for match in UNITTEST.finditer(output):
        total += int(match[1])
    for match in UNITTEST_BAD.finditer(output):
        failed += sum(int(n) for n in re.findall(r'(?:failures|errors)=(\d+)', match[1]))
    total = max(total, failed, 1)
    if record['result'] not in ('OK', 'EXPECTEDFAIL'):
        failed = max(failed, 1)
    return total - failed, failed


def last_words(record, lines=20):
    """What a failed test said, as far as it is likely to tell why."""
    said = (record.get('stdout', '') + record.get('stderr', '')).splitlines()
    wrong = [line for line in said if re.search(r'FAIL|Error|:[FE]:|ERROR|Assert', line)]
    return [line[:300] for line in wrong[:lines] + ['…'] + said[-lines:]]


def select(build, names):
    """The tests whose name holds one of names."""
    listed = subprocess.run(['meson', 'test', '-C', build, '--no-rebuild', '--list'],
                            check=True, capture_output=True, text=True).stdout
    tests = [line.split(' / ')[-1] for line in listed.splitlines() if ' / ' in line]
    chosen = [test for test in tests if any(name in test for name in names)]
    if not chosen:
        print(f'no test is named like {" or ".join(names)}; there are: {" ".join(tests)}', file=sys.stderr)
    return chosen


def run(build, setup, arguments):
    """Runs meson test once; its own lines go through as they come.

    Returns how many checks passed and failed, and of the tests that failed
    what is to be said at the end.
    """
    log = Path(build, 'meson-logs', f'testlog-{setup}.json' if setup else 'testlog.json')
    log.unlink(missing_ok=True)
    command = ['meson', 'test', '-C', build, '--no-rebuild', '--print-errorlogs']
    if setup:
        command += ['--setup', setup]
    done = subprocess.run(command + arguments)
    records = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    results = [counts(record) for record in records]
    passed = sum(result[0] for result in results)
    failed = sum(result[1] for result in results)
    if not records:
        print('no test ran', file=sys.stderr)
    bad = ['\n  | '.join([f'failed: {record["name"]} ({record["result"]}{", " + setup if setup else ""})']
                         + last_words(record)) for record, result in zip(records, results) if result[1]]
    return passed, failed if records and not done.returncode else max(failed, 1), bad


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('build')
    parser.add_argument('--slow', action='store_true', help='the slow tests too, and valgrind')
    parser.add_argument('names', nargs='*', help='only tests whose name holds one of these')
    args = parser.parse_args()

    selection = select(args.build, args.names) if args.names else []
    if args.names and not selection:
        print('0 passed, 1 failed')
        return 1
    quick = [] if args.slow or args.names else ['--no-suite', 'slow']
    totals = [run(args.build, None, quick + selection)]
    if args.slow:
        totals.append(run(args.build, 'valgrind', ['--suite', 'check', '--no-suite', 'slow', '--no-suite', 'pipelines',
                                                    '--no-suite', 'realtime', '--no-suite', 'native'] + selection))
    passed, failed = (sum(total[i] for total in totals) for i in range(2))
    # Said again at the end: the lines of a failed test are far above by then.
    for words in (words for total in totals for words in total[2]):
        print(words)
    print(f'{passed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
