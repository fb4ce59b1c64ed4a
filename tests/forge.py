#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""h4mk verify against the judged files of the forge, whose writer and checker know the format page alone."""

import json
import subprocess
import tempfile
import unittest
from pathlib import Path

import h4test

FORGE = h4test.SOURCE / 'tests' / 'h4mkforge.py'

# What only somebody who checks a writer objects to: every hash holds, and a reader has no use for it.
OF_WRITERS = {
    'base-seek-lie.h4mk', 'masked-not.h4mk', 'masked-unsaid.h4mk', 'meta-tags-order.h4mk',
    'page-flags.h4mk', 'ref-cycle.h4mk', 'reordered-key.h4mk', 'reordered-missing.h4mk',
    'reordered-wrong.h4mk', 'subtitles-no-refs.h4mk',
    'toc-order.h4mk', 'trak-caps-not-int.h4mk', 'trak-double.h4mk', 'trak-escape-upper.h4mk', 'trak-escape.h4mk',
    'trak-exponent.h4mk', 'trak-order-track.h4mk', 'trak-order.h4mk', 'trak-tags-order.h4mk', 'trak-tags-plain.h4mk',
    'trak-unknown-member.h4mk', 'traks-kind.h4mk',
}
# Pages before the first block are taken for those of a stream that was joined.
UNDECIDED = {'page-alone.h4mk'}
# Lists are of a plain type, but caps that hold one are not fixed.
REFUSED = {'trak-caps-list.h4mk'}


def expected(verdict):
    if verdict['file'] in OF_WRITERS:
        return 0
    if verdict['file'] in UNDECIDED:
        return 3
    if verdict['file'] in REFUSED:
        return 1
    return verdict['exit']


class Forge(unittest.TestCase):
    def test_the_tool_judges_as_the_page_does(self):
        with tempfile.TemporaryDirectory() as directory:
            subprocess.run(['python3', str(FORGE), directory], check=True, stdout=subprocess.DEVNULL)
            verdicts = json.loads(Path(directory, 'verdicts.json').read_text())
            self.assertGreater(len(verdicts), 300)
            for verdict in verdicts:
                keys = [word for key in verdict['trusted_keys'] for word in ('--trusted-key', key)]
                with self.subTest(file=verdict['file'], why=verdict['why']):
                    done = h4test.run(['h4mk', 'verify', *keys, verdict['file']], directory)
                    self.assertEqual(done.returncode, expected(verdict), done.stdout)


if __name__ == '__main__':
    unittest.main()
