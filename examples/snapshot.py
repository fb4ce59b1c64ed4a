#!/usr/bin/python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The frame of a recording that is shown at a time, as a PNG.

usage: snapshot.py FILE SECONDS PNG
"""

import os
import sys

import gi

gi.require_version('Gst', '1.0')
from gi.repository import Gst  # noqa: E402

LAUNCH = 'uridecodebin name=source ! videoconvert ! pngenc ! fakesink name=frame'


def wait(pipeline):
    """Until the frame is there; an error ends the program."""
    wanted = Gst.MessageType.ASYNC_DONE | Gst.MessageType.ERROR
    message = pipeline.get_bus().timed_pop_filtered(30 * Gst.SECOND, wanted)
    if not message:
        sys.exit('snapshot: no frame came within 30 seconds')
    if message.type == Gst.MessageType.ERROR:
        error, details = message.parse_error()
        sys.exit(f'snapshot: {error.message}\n{details}')


def snapshot(uri, time_ns):
    """The PNG's bytes. The accurate seek decodes from the key frame before the time and shows the frame at it."""
    pipeline = Gst.parse_launch(LAUNCH)
    pipeline.get_by_name('source').props.uri = uri
    try:
        pipeline.set_state(Gst.State.PAUSED)
        wait(pipeline)
        if not pipeline.seek_simple(Gst.Format.TIME, Gst.SeekFlags.FLUSH | Gst.SeekFlags.ACCURATE, time_ns):
            sys.exit('snapshot: this cannot be sought')
        wait(pipeline)
        sample = pipeline.get_by_name('frame').props.last_sample
        if not sample:
            sys.exit('snapshot: nothing is shown at that time')
        buffer = sample.get_buffer()
        return buffer.extract_dup(0, buffer.get_size())
    finally:
        pipeline.set_state(Gst.State.NULL)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__.strip())
    path, seconds, output = sys.argv[1:]
    Gst.init(None)
    png = snapshot(Gst.filename_to_uri(os.path.abspath(path)), int(float(seconds) * Gst.SECOND))
    with open(output, 'wb') as file:
        file.write(png)
    print(f'{output}: {len(png)} bytes')


if __name__ == '__main__':
    main()
