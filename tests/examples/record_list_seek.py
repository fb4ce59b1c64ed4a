#!/usr/bin/python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Records two seconds, lists what was recorded, and plays from the key frame before a time.

record_list_seek.py FILE SECONDS
"""

import json
import subprocess
import sys

import gi

gi.require_version('Gst', '1.0')
from gi.repository import GLib, Gst  # noqa: E402

RECORD = '''
h4mkmux name=mux ! filesink name=file
videotestsrc num-buffers=50 ! video/x-raw,width=32,height=32,framerate=25/1 ! vp8enc keyframe-max-dist=10 deadline=1
! mux.
audiotestsrc num-buffers=100 samplesperbuffer=960 ! audio/x-raw,rate=48000 ! mux.
'''
PLAY = 'filesrc name=file ! h4mkdemux name=demux demux.video_0 ! queue ! fakesink name=shown'


def open_pipeline(text, path):
    pipeline = Gst.parse_launch(text)
    pipeline.get_by_name('file').set_property('location', path)
    return pipeline


def wait_for(pipeline, types):
    message = pipeline.get_bus().timed_pop_filtered(Gst.CLOCK_TIME_NONE, types | Gst.MessageType.ERROR)
    if message.type == Gst.MessageType.ERROR:
        raise message.parse_error().gerror


def record(path):
    pipeline = open_pipeline(RECORD, path)
    try:
        pipeline.set_state(Gst.State.PLAYING)
        wait_for(pipeline, Gst.MessageType.EOS)
    finally:
        pipeline.set_state(Gst.State.NULL)


def list_file(path):
    info = json.loads(subprocess.run(['h4mk', 'info', '--json', path], check=True, capture_output=True).stdout)
    for track in info['tracks']:
        print(f"track {track['id']}: {track['kind']}")
    blocks = json.loads(subprocess.run(['h4mk', 'list', '--json', '--track', '1', path],
                                       check=True, capture_output=True).stdout)['blocks']
    for block in blocks:
        if block['kind'] == 'I':
            print(f"key frame {block['block']} at {block['pts_us'] // 1000} ms")


def seek(path, seconds):
    pipeline = open_pipeline(PLAY, path)
    try:
        pipeline.set_state(Gst.State.PAUSED)
        wait_for(pipeline, Gst.MessageType.ASYNC_DONE)
        pipeline.seek_simple(Gst.Format.TIME, Gst.SeekFlags.FLUSH | Gst.SeekFlags.KEY_UNIT, int(seconds * Gst.SECOND))
        wait_for(pipeline, Gst.MessageType.ASYNC_DONE)
        sample = pipeline.get_by_name('shown').get_property('last-sample')
        print(f'plays from {sample.get_buffer().pts / Gst.SECOND} s')
    finally:
        pipeline.set_state(Gst.State.NULL)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    Gst.init(None)
    try:
        record(sys.argv[1])
        list_file(sys.argv[1])
        seek(sys.argv[1], float(sys.argv[2]))
    except GLib.Error as error:
        sys.exit(error.message)


if __name__ == '__main__':
    main()
