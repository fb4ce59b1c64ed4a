#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The demo, short and without a screen, a sound card or a person."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import h4test  # noqa: E402

DEMO = h4test.SOURCE / 'tools' / 'demo'
WITHIN = 30


def running_in(directory):
    """What still runs with directory as its working directory."""
    found = []
    for entry in Path('/proc').glob('[0-9]*'):
        try:
            if os.readlink(entry / 'cwd') == directory:
                found.append((entry / 'cmdline').read_bytes().replace(b'\0', b' ').decode().strip())
        except OSError:
            continue  # It ended meanwhile, or is somebody else's.
    return [command for command in found if command]


def wait_until(condition):
    """Whether condition comes true within WITHIN seconds."""
    deadline = time.monotonic() + WITHIN
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def streams(address):
    """The names of what can be watched at address, if anything."""
    try:
        with urllib.request.urlopen(address + 'streams', timeout=WITHIN) as answer:
            return sorted(stream['name'] for stream in json.load(answer))
    except OSError:
        return []


class Demo(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.output = Path(os.path.realpath(directory.name), 'output')

    def run_demo(self, *arguments, **environment):
        env = h4test.environment(LC_ALL='C.UTF-8', **environment)
        return h4test.run([DEMO, '--output', self.output, *arguments], self.output.parent, env)

    def h4mk(self, *arguments):
        return h4test.run(['h4mk', *arguments], self.output).returncode

    def test_it_records_recovers_seeks_and_plays_twice(self):
        for _ in range(2):
            done = self.run_demo('--seconds', '4')
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertIn('Got EOS from element "playbin0"', done.stdout)
            self.assertEqual(self.h4mk('verify', 'killed.h4mk'), 3)
            self.assertEqual(self.h4mk('verify', 'recovered.h4mk'), 0)
            self.assertEqual(self.h4mk('verify', 'whole.h4mk'), 0)
            png = (self.output / 'frame.png').read_bytes()
            self.assertEqual(png[:8], b'\x89PNG\r\n\x1a\n')
            self.assertEqual(png[16:24], (640).to_bytes(4, 'big') + (360).to_bytes(4, 'big'))
            self.assertEqual(running_in(str(self.output)), [])

    def test_the_commands_that_it_lists_run(self):
        done = self.run_demo('--seconds', '4')
        self.assertEqual(done.returncode, 0, done.stdout)
        commands = done.stdout.split('can be typed, too:\n')[1].split('\nLook at ')[0]
        for name in ('killed.h4mk', 'whole.h4mk', 'frame.png'):
            (self.output / name).unlink()
        # What is killed, timed out or cut off does not end with 0.
        again = h4test.run('set +e\n' + commands, self.output.parent)
        self.assertEqual(self.h4mk('verify', 'whole.h4mk'), 0, again.stdout)
        self.assertTrue((self.output / 'frame.png').stat().st_size > 0, again.stdout)
        self.assertTrue(wait_until(lambda: not running_in(str(self.output))))

    def interrupt(self, number):
        """Sends the signal while the demo records; gives its status."""
        with subprocess.Popen([DEMO, '--seconds', '60', '--output', self.output], env=h4test.environment(),
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as demo:
            recording = self.output / 'killed.h4mk'
            self.assertTrue(wait_until(lambda: recording.exists() and recording.stat().st_size > 0))
            demo.send_signal(number)
            return demo.wait(WITHIN)

    def test_it_can_be_watched_while_it_records(self):
        said = self.output.parent / 'said'
        with said.open('w') as out, subprocess.Popen([DEMO, '--seconds', '60', '--output', self.output],
                                                     env=h4test.environment(), stdout=out, stderr=out) as demo:
            try:
                self.assertTrue(wait_until(lambda: re.search(r'watch it live: (http:\S+/)\n', said.read_text())))
                address = re.search(r'watch it live: (\S+)', said.read_text())[1]
                self.assertTrue(wait_until(lambda: streams(address) == ['screen', 'speech']), said.read_text())
                for name in ('screen', 'speech'):
                    with urllib.request.urlopen(f'{address}events?stream={name}', timeout=WITHIN) as events:
                        self.assertIn(b'event:token\n', events)
            finally:
                demo.send_signal(signal.SIGINT)
        self.assertTrue(wait_until(lambda: not running_in(str(self.output))))

    def test_an_interrupt_leaves_nothing_running(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number.name):
                self.assertEqual(self.interrupt(number), 128 + number)
                self.assertTrue(wait_until(lambda: not running_in(str(self.output))))
                (self.output / 'killed.h4mk').unlink()

    def test_a_camera_that_is_not_there_is_an_error(self):
        # Where there is a camera, there is no plugin that could see it.
        done = self.run_demo('--camera', GST_PLUGIN_SYSTEM_PATH_1_0='/nonexistent',
                             GST_REGISTRY_1_0=str(self.output.parent / 'registry'))
        self.assertEqual(done.returncode, 1)
        self.assertIn('no camera gives a picture', done.stdout)

    def test_an_output_that_cannot_be_made_is_an_error(self):
        self.output.write_text('a file')
        done = self.run_demo()
        self.assertEqual(done.returncode, 1)
        self.assertIn(f'{self.output}: File exists', done.stdout)


if __name__ == '__main__':
    unittest.main()
