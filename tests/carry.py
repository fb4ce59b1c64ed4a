#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the tree carries for others: translations, file(1) magic, a MIME type.

Translations are looked for below the prefix; bound.c, loaded before the C
library's own bindtextdomain(), moves that to where this test installs.
"""

import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import h4test

DOMAIN = 'gst-harmony4'
PO = h4test.SOURCE / 'po'
TEXT = re.compile(r'\b(?:_|N_|Q_|C_|NC_|ngettext)\s*\(\s*"')
KEYWORDS = ['--keyword=' + word for word in ('_', 'N_', 'Q_:1g', 'C_:1c,2', 'NC_:1c,2', 'ngettext:1,2')]
VECTORS = Path(os.environ['H4_VECTORS'])
TYPE = 'application/x-h4mk'
RECORD = 'gst-launch-1.0 -q audiotestsrc num-buffers=1 ! h4mkmux ! filesink location=recording.h4mk'


def run(*command, **env):
    return h4test.run(command, h4test.SOURCE, dict(os.environ, LC_ALL='C.UTF-8', **env))


class Texts(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.template = Path(temporary.name, 'template.pot')

    def test_list_names_every_source_with_texts(self):
        sources = [path for part in ('gst', 'ext') for end in ('c', 'h')
                   for path in (h4test.SOURCE / part).rglob('*.' + end)]
        with_texts = sorted(str(path.relative_to(h4test.SOURCE)) for path in sources if TEXT.search(path.read_text()))
        self.assertGreater(len(with_texts), 0)
        self.assertEqual((PO / 'POTFILES').read_text().split(), with_texts)

    def extract(self):
        done = run('xgettext', '--from-code=UTF-8', *KEYWORDS, '--files-from', PO / 'POTFILES',
                   '--output', self.template)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def test_texts_can_be_extracted_whole(self):
        self.assertEqual(self.extract(), '')

    def test_translations_have_every_text(self):
        languages = (PO / 'LINGUAS').read_text().split()
        self.assertIn('de', languages)
        self.extract()
        for language in languages:
            with self.subTest(language=language):
                po = PO / (language + '.po')
                done = run('msgcmp', po, self.template)
                self.assertEqual(done.returncode, 0, done.stdout)
                done = run('msgfmt', '--check', '--statistics', '--output-file=/dev/null', po)
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertRegex(done.stdout, r'^\d+ translated messages\.\n$')


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.work = Path(cls.temporary.name, 'work')
        cls.work.mkdir()
        root = Path(cls.temporary.name, 'root')
        listed = subprocess.run(['meson', 'introspect', '--buildoptions', h4test.BUILD],
                                check=True, capture_output=True, text=True).stdout
        chosen = {option['name']: option['value'] for option in json.loads(listed)}
        subprocess.run(['meson', 'install', '-C', h4test.BUILD, '--no-rebuild', '--quiet', '--destdir', root],
                       check=True, stdout=subprocess.DEVNULL)
        cls.locales = Path(chosen['prefix'], chosen['localedir'])
        cls.data = root / chosen['prefix'].lstrip('/') / chosen['datadir']
        cls.bound = cls.work / 'bound.so'
        subprocess.run(['cc', '-shared', '-fPIC', '-Wall', '-Wextra', '-Werror', '-o', cls.bound,
                        h4test.SOURCE / 'tests' / 'bound.c'], check=True)
        cls.log = cls.work / 'bound.log'
        cls.german = h4test.environment(LC_ALL='C.UTF-8', LANGUAGE='de', H4_BOUND_ROOT=str(root),
                                        H4_BOUND_LOG=str(cls.log))
        cls.german['LD_PRELOAD'] = f"{cls.german.get('LD_PRELOAD', '')} {cls.bound}".strip()
        done = h4test.run(RECORD, cls.work)
        assert done.returncode == 0, done.stdout

    def in_german(self, *command):
        return h4test.run(list(command), self.work, self.german).stdout

    def test_tool_speaks_german(self):
        self.assertIn('Aufruf: h4mk BEFEHL', self.in_german('h4mk', '--help'))
        self.assertIn('vollständig\n', self.in_german('h4mk', 'verify', 'recording.h4mk'))
        self.assertIn('JSON ausgeben', self.in_german('h4mk', 'info', '--help'))

    def test_numbers_stay_in_translated_texts(self):
        self.assertRegex(self.in_german('h4mk', 'verify', 'recording.h4mk'), r'(?m)^gelesen: Blöcke: 1, Bytes: \d+ von')

    def test_columns_line_up_where_letters_take_two_bytes(self):
        heading, row = self.in_german('h4mk', 'list', 'recording.h4mk').splitlines()
        size = re.search(r' (\d+) +\d+(?: [a-z ]+)?$', row)
        self.assertEqual(heading.index('Größe') + len('Größe'), size.end(1))
        labels = self.in_german('h4mk', 'info', 'recording.h4mk').splitlines()
        columns = {re.match(r'\S+ +', line).end() for line in labels if re.match('(Profil|Größe|Blöcke) ', line)}
        self.assertEqual(columns, {12})

    def test_elements_speak_german(self):
        for words, element in {'Die Rahmengröße muss eine Zweierpotenz sein.': 'h4audiofft frame-size=100',
                               'Es gibt keinen Schlüssel': 'h4mask',
                               'Die Eigenschaft »uuid« ist keine UUID.': 'h4mkmux uuid=none'}.items():
            with self.subTest(element=element):
                said = self.in_german('gst-launch-1.0', 'audiotestsrc', 'num-buffers=1', '!', *element.split(),
                                      '!', 'fakesink')
                self.assertIn(words, said)

    def test_each_plugin_binds_its_texts(self):
        for plugin in os.environ['H4_PLUGINS'].split():
            for directory in os.environ['H4_PLUGIN_DIRS'].split(':'):
                path = Path(directory, f'libgst{plugin}.so')
                if not path.exists():
                    continue
                self.log.write_text('')
                self.in_german('gst-inspect-1.0', path)
                with self.subTest(plugin=plugin):
                    self.assertIn(f'{DOMAIN} {self.locales}\n', self.log.read_text())

    def file(self, *arguments):
        magic = self.data / 'file' / 'magic' / 'h4mk'
        done = run('file', '-b', '-m', magic, *arguments)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout.strip()

    def test_file_tells_recordings(self):
        recording, base = self.work / 'recording.h4mk', VECTORS / 'base-0.h4mk'
        self.assertEqual(self.file(recording), 'H4MK recording, version 1, timed tracks')
        self.assertEqual(self.file(base), 'H4MK recording, version 1, blocks of one stream')
        self.assertEqual(self.file('--mime-type', recording), TYPE)
        self.assertEqual(self.file('--extension', recording), 'h4mk')
        self.assertNotIn('H4MK', self.file(__file__))

    def content_type(self, name, content, home):
        path = self.work / name
        path.write_bytes(content)
        done = run('gio', 'info', '-a', 'standard::content-type', path,
                   XDG_DATA_HOME=str(home), XDG_DATA_DIRS='/usr/share')
        self.assertEqual(done.returncode, 0, done.stdout)
        return re.search(r'standard::content-type: (\S+)', done.stdout)[1]

    def test_desktops_know_recordings_by_name_and_by_content(self):
        home = self.work / 'share'
        packages = home / 'mime' / 'packages'
        packages.mkdir(parents=True)
        for package in (self.data / 'mime' / 'packages').iterdir():
            (packages / package.name).write_text(package.read_text())
        done = run('update-mime-database', '-V', home / 'mime')
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertNotRegex(done.stdout, '(?i)error|warning')
        recording = (self.work / 'recording.h4mk').read_bytes()
        self.assertEqual(self.content_type('named.h4mk', b'still growing', home), TYPE)
        self.assertEqual(self.content_type('nameless', recording, home), TYPE)
        self.assertNotEqual(self.content_type('other', b'H4MKay?', home), TYPE)


if __name__ == '__main__':
    unittest.main()
