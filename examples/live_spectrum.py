#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A live spectrum in the terminal, from the messages of h4audiofft.

usage: live_spectrum.py [SOURCE]

SOURCE is a launch line that ends in raw audio [autoaudiosrc]. Bars stand for
bands of a third of an octave from 50 Hz to 16 kHz, 60 dB high, relative to the
loudest of the moment. Ctrl-C ends it.
"""

import math
import re
import shlex
import shutil
import subprocess
import sys

LAUNCH = ('{} ! audioconvert ! audioresample ! '
          'audio/x-raw,rate=48000,channels=1 ! h4audiofft frame-size=8192 '
          'hop=4800 top-k=256 post-messages=true ! fakesink sync=true')
LISTS = re.compile(r'frequency=\(double\){ ([^}]*) }, '
                   r'magnitude=\(double\){ ([^}]*) }')
LOWEST, BANDS, ROWS, RANGE_DB = 50.0, 26, 15, 60.0
BLOCKS = ' ▁▂▃▄▅▆▇█'


def read_bands(line):
    """The level of each band in dB, or None where the line is no frame."""
    found = LISTS.search(line)
    if not found:
        return None
    bands = [-RANGE_DB] * BANDS
    frequencies, magnitudes = (map(float, text.split(',')) for text in found.groups())
    for frequency, magnitude in zip(frequencies, magnitudes):
        if frequency < LOWEST or magnitude <= 0:
            continue
        band = int(3 * math.log2(frequency / LOWEST))
        if band < BANDS:
            bands[band] = max(bands[band], 20 * math.log10(magnitude))
    return bands


def draw(bands):
    lines = []
    heights = [round((level + RANGE_DB) / RANGE_DB * ROWS * 8) for level in bands]
    for row in reversed(range(ROWS)):
        cells = (BLOCKS[min(max(height - 8 * row, 0), 8)] for height in heights)
        lines.append(' '.join(2 * cell for cell in cells))
    scale = ['%-9s' % ('%d' % (LOWEST * 2 ** (band / 3))) for band in range(0, BANDS, 3)]
    return '\n'.join(lines + [''.join(scale).rstrip() + ' Hz'])


def main():
    if len(sys.argv) > 2 or sys.argv[1:] in (['-h'], ['--help']):
        print(__doc__.strip())
        return 0 if len(sys.argv) == 2 else 2
    launch = LAUNCH.format(sys.argv[1] if len(sys.argv) > 1 else 'autoaudiosrc')
    if not shutil.which('gst-launch-1.0'):
        sys.exit('gst-launch-1.0 is not installed')
    home = '\033[H\033[J' if sys.stdout.isatty() else ''
    with subprocess.Popen(['gst-launch-1.0', '-m', *shlex.split(launch)],
                          stdout=subprocess.PIPE, text=True) as gst:
        try:
            for line in gst.stdout:
                bands = read_bands(line)
                if bands:
                    print(home + draw(bands), flush=True)
        except (KeyboardInterrupt, BrokenPipeError):
            gst.terminate()
    return max(gst.returncode, 0)


if __name__ == '__main__':
    sys.exit(main())
