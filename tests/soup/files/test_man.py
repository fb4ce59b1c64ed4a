#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Manual pages: groff has nothing to say against them, they name every option and no other; units."""

import configparser
import os
import re
import subprocess
import unittest

import serving
from serving import h4test

MAN = h4test.SOURCE / 'docs' / 'man'
HELP = re.compile(r'^  (?:-\w, )?(--[a-z-]+)', re.M)
ENV = dict(os.environ, LC_ALL='C.UTF-8', LANGUAGE='C', MANWIDTH='100', MAN_KEEP_FORMATTING='', MANROFFOPT='')


def said(*command):
    done = subprocess.run([str(word) for word in command], env=ENV, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60)
    return done.stdout, done.stderr


class Man(unittest.TestCase):
    def page(self, name):
        text, warnings = said('man', '--warnings', '--encoding=UTF-8', '--local-file', MAN / name)
        self.assertEqual(warnings, '')
        return text

    def test_pages_are_sound(self):
        for name in ('h4mk.1', 'harmony4-server.1'):
            with self.subTest(name):
                text = self.page(name)
                self.assertIn(name[:-2], text)
                for section in ('NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'EXIT STATUS', 'EXAMPLES', 'SEE ALSO'):
                    self.assertRegex(text, rf'(?m)^{section}$')
                # what whatis and apropos read
                self.assertRegex((MAN / name).read_text(), r'(?m)^\.SH NAME\n[\w\\-]+ \\- \w')

    def test_a_fault_would_be_found(self):
        fault = serving.Path(self.enterContext(serving.tempfile.TemporaryDirectory()), 'fault.1')
        fault.write_text((MAN / 'h4mk.1').read_text() + '.NOSUCHMACRO\n')
        _, warnings = said('man', '--warnings', '--local-file', fault)
        self.assertIn('NOSUCHMACRO', warnings)

    def options(self, page):
        return set(re.findall(r'(?m)^ +(--[a-z-]+)', page[page.index('\nOPTIONS\n'):]))

    def test_options_of_the_server(self):
        text, _ = said(serving.PROGRAM, '--help')
        told = set(HELP.findall(text)) - {'--help', '--help-all', '--help-gst'}
        self.assertGreater(len(told), 8)
        self.assertEqual(self.options(self.page('harmony4-server.1')), told)

    def test_commands_and_options_of_h4mk(self):
        page = self.page('h4mk.1')
        text, _ = said('h4mk', '--help')
        commands = re.findall(r'(?m)^  (\w+) ', text)
        self.assertGreater(len(commands), 6)
        told = {'--help', '--version'}
        for command in commands:
            self.assertRegex(page, rf'(?m)^       {command}(\s|$)')
            self.assertRegex(page, rf'h4mk {command} ')
            told |= set(HELP.findall(said('h4mk', command, '--help')[0]))
        self.assertEqual(self.options(page), told)

    def test_units(self):
        for name in ('harmony4-server.service', 'harmony4-server.socket'):
            unit = configparser.ConfigParser(strict=True, interpolation=None)
            unit.optionxform = str
            unit.read(h4test.SOURCE / 'docs' / name, 'UTF-8')
            self.assertIn('Unit', unit)
        # the service's line is one that the program takes
        service = configparser.ConfigParser(strict=False, interpolation=None)
        service.optionxform = str
        service.read(h4test.SOURCE / 'docs' / 'harmony4-server.service', 'UTF-8')
        words = service['Service']['ExecStart'].split()
        self.assertEqual(words[0], '/usr/bin/harmony4-server')
        root = self.enterContext(serving.tempfile.TemporaryDirectory())
        server = serving.Server(*[root if word == '/var/lib/harmony4' else word for word in words[1:]])
        self.addCleanup(server.stop)
        self.assertEqual(server.ask('GET', '/health').status, 200)


if __name__ == '__main__':
    unittest.main()
