#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Recorders that are killed at random moments, and what is left of their files.

Each recorder writes every frame to a plain file before the muxer gets it, so
that the test knows what reached the muxer. --recorders N: how many of a kind.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import h4test

FRAME = 64 * 48
RATE = 250
SOURCE = f'''videotestsrc is-live=true pattern=snow ! video/x-raw,format=GRAY8,width=64,height=48,framerate={RATE}/1
  ! tee name=t t. ! filesink async=false sync=false buffer-mode=unbuffered location={{raw}} t. ! m.'''
SOUND = '''audiotestsrc is-live=true samplesperbuffer=80 ! audio/x-raw,rate=8000,channels=1,format=S16LE ! queue ! m.'''
RECORD = 'gst-launch-1.0 -q h4mkmux name=m {mux} ! filesink name=out location={file} {sink} {source}'

AT_ONCE = {'mux': 'group-duration=0', 'sink': 'buffer-mode=unbuffered'}
SYNCED = {'mux': 'sync-interval=0', 'sink': ''}
DEFAULT = {'mux': '', 'sink': ''}
# Frames from one sync to the next by default.
SYNC = RATE
# Frames that a group holds by default, and those on their way.
GROUP = RATE // 4
ON_THE_WAY = 2

options = argparse.Namespace(recorders=6)


class Kill(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.work = Path(self.temporary.name)

    def record_until(self, n_frames, source, **how):
        """Records to out.h4mk, and kills the recorder when it has had so many frames."""
        raw, file = self.work / 'out.raw', self.work / 'out.h4mk'
        command = RECORD.format(file=file, source=source.format(raw=raw), **how)
        with open(self.work / 'log', 'w', encoding='utf-8') as log:
            child = subprocess.Popen(command.split(), env=h4test.environment(), stdin=subprocess.DEVNULL,
                                     stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 60
        while not raw.exists() or raw.stat().st_size < n_frames * FRAME:
            self.assertIsNone(child.poll(), (self.work / 'log').read_text(encoding='utf-8'))
            self.assertLess(time.monotonic(), deadline, 'the recorder does not record')
            time.sleep(0.001)
        child.send_signal(signal.SIGKILL)
        self.assertEqual(child.wait(), -signal.SIGKILL)
        return raw.read_bytes(), file

    def h4mk(self, *arguments, code=0):
        done = subprocess.run(['h4mk', *map(str, arguments)], capture_output=True, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, code, (arguments, done.stdout[-2000:], done.stderr[-2000:]))
        return done.stdout

    def check(self, file, raw, most_lost):
        """The file holds the first frames, all but the last few, and can be made whole."""
        self.h4mk('verify', file, code=3)
        h4test.check_file(file, 3)
        kept = self.h4mk('cat', '--track', 1, file)
        self.assertEqual(len(kept) % FRAME, 0)
        self.assertEqual(raw[:len(kept)], kept)
        self.assertLessEqual(len(raw) // FRAME - len(kept) // FRAME, most_lost)
        whole = self.work / 'whole.h4mk'
        whole.unlink(missing_ok=True)
        self.h4mk('recover', file, whole)
        h4test.check_file(whole)
        verdict = json.loads(self.h4mk('verify', '--json', whole))
        self.assertTrue(verdict)
        self.assertEqual(self.h4mk('cat', '--track', 1, whole), kept)

    def run_recorders(self, seed, most_lost, source, least=1, **how):
        draw = random.Random(seed)
        for i in range(options.recorders):
            n_frames = draw.randrange(least, 2 * RATE)
            with self.subTest(recorder=i, frames=n_frames):
                raw, file = self.record_until(n_frames, source, **how)
                self.check(file, raw, most_lost)

    def test_nothing_is_lost_where_every_block_is_written_at_once(self):
        self.run_recorders(1, ON_THE_WAY, SOURCE, **AT_ONCE)

    def test_the_group_being_gathered_is_lost_where_every_group_is_synced(self):
        self.run_recorders(2, GROUP + ON_THE_WAY, SOURCE, **SYNCED)

    def test_what_came_since_the_last_sync_is_lost_by_default(self):
        most_lost = SYNC + GROUP + ON_THE_WAY
        self.run_recorders(4, most_lost, SOURCE, least=most_lost + 1, **DEFAULT)

    def test_a_second_track_changes_nothing(self):
        # a block waits for the other track, at most as long as the sources' latency
        self.run_recorders(3, GROUP + ON_THE_WAY, SOURCE + ' ' + SOUND, **AT_ONCE)


if __name__ == '__main__':
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--recorders', type=int, default=options.recorders)
    options, rest = parser.parse_known_args()
    unittest.main(argv=sys.argv[:1] + rest)
