#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs every command that the documentation shows.

In README.md and docs/*.md that is each block fenced as ```sh, but for those
fenced as ```sh norun; in the C sources each |[ … ]| of a doc comment that
speaks of gst-launch-1.0, but for those that begin with <!-- norun -->. The
blocks of one page run in order, in one temporary directory.
"""

import os
import re
import tempfile
import unittest

import h4test

FENCE = re.compile(r'^```sh\n(.*?)^```$', re.M | re.S)
LAUNCH = re.compile(r'\|\[(.*?)\]\|', re.S)


def page_blocks(path):
    return FENCE.findall(path.read_text())


def source_blocks(path):
    """The example commands of a C file, without the comment's stars."""
    for block in LAUNCH.findall(path.read_text()):
        text = re.sub(r'^ \* ?', '', block, flags=re.M).strip()
        text = text.replace('&gt;', '>').replace('&lt;', '<').replace('&amp;', '&')
        if 'gst-launch-1.0' in text and not text.startswith('<!-- norun -->'):
            yield text


def plugin_of(path):
    """Plugins' sources lie in a directory each; what is not built cannot run."""
    return path.parent.relative_to(h4test.SOURCE)


class Documentation(unittest.TestCase):
    def run_blocks(self, path, blocks):
        blocks = list(blocks)
        with tempfile.TemporaryDirectory() as directory:
            for number, block in enumerate(blocks, 1):
                with self.subTest(page=path.name, block=number):
                    done = h4test.run(block, directory)
                    self.assertEqual(done.returncode, 0, f'{path}:\n{block}\n{done.stdout}')
        return len(blocks)

    def test_commands_of_the_pages(self):
        pages = [h4test.SOURCE / 'README.md', *sorted((h4test.SOURCE / 'docs').glob('*.md'))]
        ran = sum(self.run_blocks(page, page_blocks(page)) for page in pages)
        self.assertGreater(ran, 0)

    def test_commands_of_the_doc_comments(self):
        built = {line for line in os.environ['H4_PLUGIN_DIRS'].split(':') if line}
        sources = [path for part in ('gst', 'ext') for path in sorted((h4test.SOURCE / part).rglob('*.c'))
                   if str(h4test.BUILD / plugin_of(path)) in built]
        self.assertGreater(sum(self.run_blocks(path, source_blocks(path)) for path in sources), 0)

    def test_every_element_shows_a_command(self):
        for path in [path for part in ('gst', 'ext') for path in (h4test.SOURCE / part).rglob('*.c')]:
            if '* SECTION:element-' in path.read_text():
                with self.subTest(source=path.name):
                    self.assertTrue(LAUNCH.search(path.read_text()))


if __name__ == '__main__':
    unittest.main()
