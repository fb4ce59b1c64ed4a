#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Builds the fuzz targets with clang and runs each for a while.

usage: run.py SOURCE BUILD FILES TARGET...; H4_FUZZ_SECONDS says how long [30]. What is
found new stays in BUILD; what breaks a target is printed and kept there. Those that take
recordings begin with the small ones that the tests left in FILES, the forge's, and the
reference's, besides the corpus. Without that variable the random numbers are the same each
time, so that a run that fails can be repeated."""

import os
import subprocess
import sys
from pathlib import Path


OF_FILES = ('demux', 'reader')


def seeds(source, build, files):
    """Directories of recordings, which are read with what is below them."""
    forged = build / 'forged'
    forged.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, source / 'tests/h4mkforge.py', forged], stdout=subprocess.DEVNULL, check=True)
    return [forged, source / 'tests/vectors', *([files] if files.is_dir() else [])]


def main():
    if len(sys.argv) < 5:
        sys.exit(__doc__)
    source, build, files = map(Path, sys.argv[1:4])
    seconds = os.environ.get('H4_FUZZ_SECONDS')
    seed = 0 if seconds else 1
    env = dict(os.environ, CC='clang')
    if not (build / 'build.ninja').exists():
        subprocess.run(['meson', 'setup', build, source, '-Dfuzz=true', '-Db_lundef=false',
                        '-Dintrospection=disabled', '-Dbuildtype=debugoptimized'], env=env, check=True)
    for name in sys.argv[4:]:
        target = f'tests/fuzz/fuzz_{name}'
        subprocess.run(['meson', 'compile', '-C', build, f'fuzz_{name}'], env=env, check=True)
        found = build / 'found' / name
        found.mkdir(parents=True, exist_ok=True)
        corpus = source / 'tests/fuzz/corpus' / name
        known = [corpus] if corpus.is_dir() else []
        if name in OF_FILES:
            known += seeds(source, build, files)
        # GLib's table of names, which every new caps name enters, is never freed.
        leaks = 0 if name.endswith('_caps') else 1
        # What GSlice keeps for a thread that is just ending looks like a leak, too.
        subprocess.run([build / target, f'-max_total_time={seconds or 30}', f'-seed={seed}', '-timeout=20',
                        '-rss_limit_mb=1024', '-max_len=65536', '-print_final_stats=1',
                        f'-artifact_prefix={build}/broken-{name}-', f'-detect_leaks={leaks}', found, *known], check=True,
                       env=dict(env, ASAN_OPTIONS=f'detect_leaks={leaks}', G_SLICE='always-malloc'))


if __name__ == '__main__':
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f'{error}')
