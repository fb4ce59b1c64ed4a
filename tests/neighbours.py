#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""GStreamer's own players with H4MK files, from disk and by HTTP.

Called with arguments, it plays a pipeline instead and prints what it saw: in
a sanitized build that has to be a process of its own.
"""

import json
import os
import sys
import tempfile
import unittest

SECOND = 1000000000
DURATION = 6 * SECOND


def wait_for(pipeline, wanted):
    """The message that was waited for; an error ends the program."""
    from gi.repository import Gst
    message = pipeline.get_bus().timed_pop_filtered(60 * Gst.SECOND, wanted | Gst.MessageType.ERROR)
    if message is None:
        sys.exit('nothing came in a minute')
    if message.type == Gst.MessageType.ERROR:
        sys.exit(' '.join(map(str, message.parse_error())))
    return message


def play(description, *times):
    """Plays to the end, then from each time to the end; prints what a sink got."""
    import gi
    gi.require_version('Gst', '1.0')
    from gi.repository import Gst
    Gst.init(None)
    pipeline = Gst.parse_launch(description)
    seen = {}

    def on_handoff(sink, buffer, pad):
        seen.setdefault(sink.get_name(), []).append(buffer.pts)

    def watch(element):
        if element.get_factory() and element.get_factory().get_name() == 'fakesink':
            element.set_property('signal-handoffs', True)
            element.connect('handoff', on_handoff)

    pipeline.connect('deep-element-added', lambda top, parent, element: watch(element))
    for name in ('video-sink', 'audio-sink'):
        if pipeline.find_property(name):
            sink = Gst.ElementFactory.make('fakesink', name)
            watch(sink)
            pipeline.set_property(name, sink)
    iterator = pipeline.iterate_recurse()
    while (step := iterator.next())[0] == Gst.IteratorResult.OK:
        watch(step[1])

    runs = []
    pipeline.set_state(Gst.State.PAUSED)
    wait_for(pipeline, Gst.MessageType.ASYNC_DONE)
    print('preroll', flush=True)
    sys.stdin.readline()
    duration = pipeline.query_duration(Gst.Format.TIME)[1]
    for time in (None, *map(int, times)):
        if time is not None:
            seen.clear()
            pipeline.seek_simple(Gst.Format.TIME, Gst.SeekFlags.FLUSH | Gst.SeekFlags.ACCURATE, time)
            wait_for(pipeline, Gst.MessageType.ASYNC_DONE)
        pipeline.set_state(Gst.State.PLAYING)
        wait_for(pipeline, Gst.MessageType.EOS)
        runs.append({name: (len(times), times[0]) for name, times in seen.items()})
        pipeline.set_state(Gst.State.PAUSED)
        print('ran', flush=True)
        sys.stdin.readline()
    pipeline.set_state(Gst.State.NULL)
    print(json.dumps({'duration': duration, 'runs': runs}))


def environment():
    """Players, and the libraries they load, keep what they have until they end.

    The tests talk to this machine alone: a proxy is not looked for.
    """
    return h4test.environment(ASAN_OPTIONS='detect_leaks=0', GIO_USE_PROXY_RESOLVER='dummy')


class Neighbours(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.path = os.path.join(cls.directory.name, 'file.h4mk')
        done = h4test.run(
            'gst-launch-1.0 -q h4mkmux name=m ! filesink location=file.h4mk '
            'videotestsrc num-buffers=180 ! video/x-raw,framerate=30/1,width=160,height=120 ! '
            'vp8enc deadline=1 keyframe-max-dist=30 ! m. '
            'audiotestsrc num-buffers=300 samplesperbuffer=960 ! audio/x-raw,rate=48000 ! '
            'taginject tags=title=Somewhere,artist=Somebody ! opusenc ! m.', cls.directory.name, environment())
        assert done.returncode == 0, done.stdout
        cls.server = Server(cls.directory.name)
        cls.uris = ['file://' + cls.path, cls.server.uri('file.h4mk')]

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()
        cls.directory.cleanup()

    def run_play(self, description, *times, server=None):
        """What was played, and how many requests each step took."""
        process = subprocess.Popen(
            [sys.executable, __file__, description, *map(str, times)], env=environment(),
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        requests = []
        with process:
            for line in process.stdout:
                if line.startswith('{'):
                    break
                if server:
                    requests.append(len(server.requests))
                    server.requests.clear()
                process.stdin.write('\n')
                process.stdin.flush()
            errors = process.stderr.read()
        self.assertEqual(process.returncode, 0, errors)
        return json.loads(line), requests

    def check(self, result, *times):
        self.assertAlmostEqual(result['duration'], DURATION, delta=SECOND / 10)
        for run in result['runs']:
            self.assertEqual(len(run), 2, 'two streams arrive at their sinks')
        for run, time in zip(result['runs'][1:], times):
            for count, first in run.values():
                self.assertGreater(count, 0)
                self.assertLess(abs(first - time), SECOND / 10)

    def test_players_play_and_seek(self):
        for uri in self.uris:
            for player in ('playbin', 'playbin3'):
                with self.subTest(player, uri=uri):
                    result, _ = self.run_play(f'{player} uri={uri}', 4 * SECOND, SECOND)
                    self.check(result, 4 * SECOND, SECOND)

    def test_decoders_find_both_streams(self):
        descriptions = [f'{player} name=d uri={uri}' for uri in self.uris
                        for player in ('uridecodebin', 'uridecodebin3')]
        descriptions += [f'filesrc location={self.path} ! decodebin3 name=d',
                         f'filesrc location={self.path} ! queue ! decodebin name=d']
        for description in descriptions:
            with self.subTest(description):
                result, _ = self.run_play(description + ' d. ! queue ! videoconvert ! fakesink '
                                          'd. ! queue ! audioconvert ! fakesink', 3 * SECOND)
                self.check(result, 3 * SECOND)

    def test_discoverer_knows_what_is_in_a_file(self):
        for uri in self.uris:
            with self.subTest(uri):
                done = h4test.run(['gst-discoverer-1.0', '-v', uri], '.', environment())
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertRegex(done.stdout, r'Duration: 0:00:0(6\.0|5\.9)')
                for line in ('Seekable: yes', 'video/x-vp8', 'audio/x-opus', 'Somewhere', 'Somebody'):
                    self.assertIn(line, done.stdout)

    def test_gst_play_plays(self):
        for uri in self.uris:
            with self.subTest(uri):
                done = h4test.run(['gst-play-1.0', '--no-interactive', '--videosink=fakesink',
                                   '--audiosink=fakesink', uri], '.', environment())
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertIn('Reached end of play list', done.stdout)

    def test_requests_are_few(self):
        server = Server(self.directory.name)
        result, requests = self.run_play(
            f'souphttpsrc location={server.uri("file.h4mk")} ! h4mkdemux name=d '
            'd.video_0 ! queue ! fakesink name=v d.audio_0 ! queue ! fakesink name=a',
            4 * SECOND, SECOND, 5 * SECOND, server=server)
        server.shutdown()
        server.server_close()
        self.assertEqual(len(result['runs']), 4)
        # the beginning, the end, what is between, and back
        self.assertLessEqual(requests[0], 5)
        self.assertEqual(requests[1], 0, 'playing on takes no request')
        for count in requests[2:]:
            self.assertLessEqual(count, 3)

    def test_a_server_without_ranges_can_be_played_from(self):
        server = Server(self.directory.name, ranges=False)
        result, _ = self.run_play(
            f'souphttpsrc location={server.uri("file.h4mk")} ! h4mkdemux name=d '
            'd.video_0 ! queue ! fakesink name=v d.audio_0 ! queue ! fakesink name=a')
        self.assertEqual({name: count for name, (count, _) in result['runs'][0].items()}['v'], 180)
        self.assertEqual(len(server.requests), 1)
        server.shutdown()
        server.server_close()


if __name__ == '__main__':
    if len(sys.argv) > 1 and not sys.argv[1].startswith('-') and ' ' in sys.argv[1]:
        play(*sys.argv[1:])
    else:
        import subprocess

        import h4test
        from serve import Server
        unittest.main()
