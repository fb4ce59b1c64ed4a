#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Builds the fuzz targets with clang and runs each for a while.

usage: run.py SOURCE BUILD TARGET...; H4_FUZZ_SECONDS says how long [30]. What is
found new stays in BUILD; what breaks a target is printed and kept there. Without that
variable the random numbers are the same each time, so that a run that fails can
be repeated."""

import os
import subprocess
import sys
from pathlib import Path


def main():
    source, build = Path(sys.argv[1]), Path(sys.argv[2])
    seconds = os.environ.get('H4_FUZZ_SECONDS')
    seed = 0 if seconds else 1
    env = dict(os.environ, CC='clang')
    if not (build / 'build.ninja').exists():
        subprocess.run(['meson', 'setup', build, source, '-Dfuzz=true', '-Db_lundef=false',
                        '-Dintrospection=disabled', '-Dbuildtype=debugoptimized'], env=env, check=True)
    for name in sys.argv[3:]:
        target = f'tests/fuzz/fuzz_{name}'
        subprocess.run(['meson', 'compile', '-C', build, f'fuzz_{name}'], env=env, check=True)
        found = build / 'found' / name
        found.mkdir(parents=True, exist_ok=True)
        corpus = source / 'tests/fuzz/corpus' / name
        known = [corpus] if corpus.is_dir() else []
        # GLib's table of names, which every new caps name enters, is never freed.
        leaks = 0 if name.endswith('_caps') else 1
        subprocess.run([build / target, f'-max_total_time={seconds or 30}', f'-seed={seed}', '-timeout=20',
                        '-rss_limit_mb=1024', '-max_len=65536', '-print_final_stats=1', f'-artifact_prefix={build}/broken-{name}-',
                        f'-detect_leaks={leaks}', found, *known], check=True,
                       env=dict(env, ASAN_OPTIONS=f'detect_leaks={leaks}'))


if __name__ == '__main__':
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f'{error}')
