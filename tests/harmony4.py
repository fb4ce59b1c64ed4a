#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The harmony4 command, against the build that is being tested."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import h4test

SCRIPT = h4test.SOURCE / 'harmony4'


def harmony4(*arguments, cwd=h4test.SOURCE, **variables):
    return subprocess.run([SCRIPT, *arguments], cwd=cwd, text=True, capture_output=True,
                          env={**os.environ, 'H4_BUILD': str(h4test.BUILD), **variables})


class Harmony4(unittest.TestCase):
    def test_help_names_the_commands(self):
        done = harmony4()
        self.assertEqual(done.returncode, 0)
        for command in ('setup', 'test', 'shell', 'indent', 'bench', 'demo', 'serve'):
            self.assertIn(f'\n  {command} ', done.stdout)

    def test_unknown_command_is_an_error(self):
        done = harmony4('no-such-command')
        self.assertEqual(done.returncode, 2)
        self.assertIn('usage:', done.stderr)

    def test_shell_runs_a_command_where_the_person_is(self):
        with tempfile.TemporaryDirectory() as directory:
            done = harmony4('shell', 'sh', '-c', 'pwd; echo trouble >&2; exit 3', cwd=directory)
            self.assertEqual(done.stdout.strip(), os.path.realpath(directory))
        self.assertIn('trouble', done.stderr)
        self.assertEqual(done.returncode, 3)

    def test_shell_has_the_built_plugins(self):
        done = harmony4('shell', 'sh', '-c', 'echo "$GST_PLUGIN_PATH_1_0"')
        for directory in os.environ['H4_PLUGIN_DIRS'].split(':'):
            self.assertIn(directory, done.stdout)

    def test_setup_again_needs_no_network(self):
        """Nothing is missing here, so nothing may be fetched."""
        with tempfile.TemporaryDirectory() as directory:
            for name in ('apt-get', 'sudo', 'npm'):
                program = pathlib.Path(directory, name)
                program.write_text(f'#!/bin/sh\necho {name} was run >&2\nexit 9\n')
                program.chmod(0o755)
            done = harmony4('setup', PATH=f'{directory}:{os.environ["PATH"]}')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn('was run', done.stderr)
        self.assertIn('Built in', done.stderr)

    def test_setup_installs_what_the_page_needs_of_npm_once(self):
        with tempfile.TemporaryDirectory() as directory:
            called, build = pathlib.Path(directory, 'called'), pathlib.Path(directory, 'build')
            for name in ('ninja', 'npm'):
                program = pathlib.Path(directory, name)
                program.write_text(f'#!/bin/sh\n[ "$1" = -C ] || echo "$@" >> {called}\n')
                program.chmod(0o755)
            build.mkdir()
            pathlib.Path(build, 'build.ninja').touch()
            for _ in range(2):
                done = harmony4('setup', PATH=f'{directory}:{os.environ["PATH"]}', H4_BUILD=str(build))
                self.assertEqual(done.returncode, 0, done.stderr)
            calls = called.read_text().splitlines()
            self.assertEqual(len(calls), 1, calls)
            self.assertRegex(calls[0], '^ci ')
            self.assertTrue(pathlib.Path(build, 'npm', 'package-lock.json').exists())

    def test_a_missing_library_drops_its_plugin_and_says_so(self):
        places = subprocess.run(['pkg-config', '--variable', 'pc_path', 'pkg-config'], check=True, text=True,
                                capture_output=True).stdout.strip().split(':')
        with tempfile.TemporaryDirectory() as directory:
            known = pathlib.Path(directory, 'known')
            known.mkdir()
            for file in (file for place in reversed(places) for file in pathlib.Path(place).glob('*.pc')):
                link = known / file.name
                link.unlink(missing_ok=True)
                if not file.name.startswith('fftw3'):
                    link.symlink_to(file)
            done = subprocess.run(['meson', 'setup', '-Dtests=disabled', '-Dintrospection=disabled',
                                   os.path.join(directory, 'build'), h4test.SOURCE], text=True, capture_output=True,
                                  env=dict(os.environ, PKG_CONFIG_LIBDIR=str(known)))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r'h4audiofft +: NO, it needs fftw3')
        for name in ('h4videotok', 'h4mk', 'h4mask', 'h4sse'):
            self.assertRegex(done.stdout, rf'{name} +: YES')

    def test_indent_tells_what_is_not_formatted(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, 'wrong.c')
            with open(path, 'w') as file:
                file.write('int x(void){return 1;}\n')
            done = harmony4('indent', '--check', path)
            self.assertEqual(done.returncode, 1)
            self.assertIn('+x (void)', done.stdout)
            self.assertEqual(harmony4('indent', path).returncode, 0)
            self.assertEqual(harmony4('indent', '--check', path).returncode, 0)

    def test_bench_puts_rows_in_one_table(self):
        row = {'work': 'a job', 'unit': 'jobs/s', 'ours': 2400000.0, 'peer_name': 'peer', 'peer': 12.5,
               'ratio': 192000.0, 'target': 2.0, 'verdict': 'pass'}
        with tempfile.TemporaryDirectory() as directory:
            program = pathlib.Path(directory, 'tests', 'bench_fake')
            program.parent.mkdir()
            program.write_text(f"#!/bin/sh\n[ $1 = --json ] && echo '{json.dumps([row])}'\n")
            program.chmod(0o755)
            bench = [h4test.SOURCE / 'tools' / 'bench']
            env = dict(os.environ, H4_BUILD=directory)
            table = subprocess.run(bench, env=env, text=True, capture_output=True, check=True)
            self.assertRegex(table.stdout.splitlines()[1],
                             r'^a job +jobs/s +2,400,000 +peer: 12.5 +192000.00 +2.00 +pass$')
            listed = subprocess.run([*bench, '--json', 'fake'], env=env, text=True, capture_output=True, check=True)
            self.assertEqual(json.loads(listed.stdout), [row])
            none = subprocess.run([*bench, 'other'], env=env, text=True, capture_output=True)
            self.assertEqual(none.returncode, 1)

    def test_name_without_a_test_is_a_failure(self):
        done = subprocess.run(['python3', h4test.SOURCE / 'tests' / 'run.py', h4test.BUILD, 'no-such-test'],
                              text=True, capture_output=True)
        self.assertEqual(done.stdout, '0 passed, 1 failed\n')
        self.assertEqual(done.returncode, 1)


if __name__ == '__main__':
    unittest.main()
