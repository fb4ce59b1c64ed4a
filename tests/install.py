#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Installs into a temporary root and uses what is there as a stranger would.

Each tests/examples/NAME.c is compiled by pkg-config alone, each NAME.py is run
as it is; NAME.sh beside it is the example's test, and finds the program and the
installed plugins.
"""

import json
import os
import shlex
import subprocess
import tempfile
import unittest
from pathlib import Path

import h4test

EXAMPLES = h4test.SOURCE / 'tests' / 'examples'


def options():
    listed = subprocess.run(['meson', 'introspect', '--buildoptions', h4test.BUILD],
                            check=True, capture_output=True, text=True).stdout
    return {option['name']: option['value'] for option in json.loads(listed)}


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.root = Path(cls.temporary.name, 'root')
        cls.work = Path(cls.temporary.name, 'work')
        chosen = options()
        cls.prefix = cls.root / chosen['prefix'].lstrip('/')
        cls.libdir = cls.prefix / chosen['libdir']
        cls.include = cls.prefix / chosen['includedir'] / 'gstreamer-1.0' / 'gst' / 'harmony4'
        subprocess.run(['meson', 'install', '-C', h4test.BUILD, '--no-rebuild', '--quiet',
                        '--destdir', cls.root], check=True, stdout=subprocess.DEVNULL)
        cls.configs = cls.work / 'pkgconfig'
        cls.configs.mkdir(parents=True)
        for config in (cls.libdir / 'pkgconfig').glob('*.pc'):
            text = config.read_text().replace(f"prefix={chosen['prefix']}\n", f'prefix={cls.prefix}\n')
            (cls.configs / config.name).write_text(text)

    def pkg_config(self, *arguments):
        found = subprocess.run(['pkg-config', *arguments, 'gstreamer-harmony4-1.0'], text=True,
                               env=dict(os.environ, PKG_CONFIG_PATH=str(self.configs)),
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(found.returncode, 0, found.stdout)
        return found.stdout.strip()

    def environment(self):
        return h4test.environment(
            LD_LIBRARY_PATH=str(self.libdir),
            GST_PLUGIN_PATH_1_0=str(self.libdir / 'gstreamer-1.0'),
            GST_REGISTRY_1_0=str(self.work / 'registry.bin'),
            PATH=f"{self.work}:{self.prefix / 'bin'}:{os.environ['PATH']}")

    def test_nothing_leaves_the_prefix(self):
        outside = [path for path in self.root.rglob('*') if path.is_file()
                   and self.prefix not in path.parents]
        self.assertEqual(outside, [])

    def test_plugins_are_where_gstreamer_looks(self):
        for plugin in os.environ['H4_PLUGINS'].split():
            self.assertTrue((self.libdir / 'gstreamer-1.0' / f'libgst{plugin}.so').is_file(), plugin)
        self.assertEqual(Path(self.pkg_config('--variable=pluginsdir')), self.libdir / 'gstreamer-1.0')

    def test_every_public_header_is_there_and_stands_alone(self):
        named = [line.split('"')[1] for line in (self.include / 'harmony4.h').read_text().splitlines()
                 if line.startswith('#include "')]
        self.assertGreater(len(named), 0)
        flags = shlex.split(self.pkg_config('--cflags'))
        for header in named:
            with self.subTest(header=header):
                self.assertTrue((self.include / header).is_file())
                done = h4test.run(['cc', *flags, '-Wall', '-Wextra', '-Werror', '-fsyntax-only', '-x', 'c',
                                   '-include', f'gst/harmony4/{header}', '/dev/null'], self.work, os.environ)
                self.assertEqual(done.returncode, 0, done.stdout)

    def test_installed_plugins_load(self):
        for plugin in os.environ['H4_PLUGINS'].split():
            done = h4test.run(['gst-inspect-1.0', '--plugin', plugin], self.work, self.environment())
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertIn(str(self.libdir), done.stdout)

    def check_example(self, source):
        with tempfile.TemporaryDirectory() as directory:
            done = h4test.run(source.with_suffix('.sh').read_text(), directory, self.environment())
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_examples_build_and_pass(self):
        sources = sorted(EXAMPLES.glob('*.c'))
        self.assertGreater(len(sources), 0)
        flags = shlex.split(self.pkg_config('--cflags', '--libs'))
        for source in sources:
            with self.subTest(example=source.name):
                done = h4test.run(['cc', '-std=gnu99', '-Wall', '-Wextra', '-Wno-unused-parameter', '-Werror',
                                   *h4test.sanitizer_flags(), source, '-o', self.work / source.stem, *flags],
                                  self.work, os.environ)
                self.assertEqual(done.returncode, 0, done.stdout)
                self.check_example(source)

    def test_python_examples_pass(self):
        sources = sorted(EXAMPLES.glob('*.py'))
        self.assertGreater(len(sources), 0)
        for source in sources:
            with self.subTest(example=source.name):
                (self.work / source.name).symlink_to(source)
                self.check_example(source)


if __name__ == '__main__':
    unittest.main()
