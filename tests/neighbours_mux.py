#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""h4mkmux and h4mkdemux among the elements that others put around them."""

import json
import tempfile
import unittest
from pathlib import Path

import h4test

FRAMES = 100
VIDEO = (f'videotestsrc num-buffers={FRAMES} ! video/x-raw,format=I420,width=32,height=32,framerate=25/1'
         ' ! x264enc key-int-max=10 bframes=2 speed-preset=ultrafast threads=1 ! h264parse')
AUDIO = (f'audiotestsrc num-buffers={2 * FRAMES} samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=1'
         ' ! opusenc frame-size=20 ! opusparse')
KINDS = {'video': 1, 'audio': 2}


class Neighbours(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.work = Path(temporary.name)

    def run_ok(self, command):
        done = h4test.run(command, self.work)
        self.assertEqual(done.returncode, 0, f'{command}\n{done.stdout}')
        return done.stdout

    def launch(self, pipeline):
        return self.run_ok(f'gst-launch-1.0 -q {pipeline}')

    def launch_splitmuxsink(self, pipeline):
        done = h4test.run_splitmuxsink(pipeline, self.work)
        self.assertEqual(done.returncode, 0, done.stdout)

    def h4mk(self, command, name, *arguments):
        return json.loads(self.run_ok(['h4mk', command, '--json', *arguments, name]))

    def kinds(self, name):
        return {track['kind']: track['id'] for track in self.h4mk('info', name)['tracks']}

    def check_complete(self, name):
        report = self.h4mk('verify', name)
        self.assertEqual((report['verdict'], report['problems']), ('complete', []), name)
        h4test.check_file(self.work / name)

    def payload(self, kind, *names):
        """The bytes of a kind's blocks in these files, end to end."""
        data = b''
        for name in names:
            self.run_ok(f'h4mk cat --track {self.kinds(name)[kind]} {name} > payload')
            data += (self.work / 'payload').read_bytes()
        return data

    def record(self, name='whole.h4mk'):
        self.launch(f'h4mkmux name=m ! filesink location={name} {VIDEO} ! m. {AUDIO} ! m.')
        return name

    # splitmuxsink, splitmuxsrc

    def test_splitmux_loses_nothing(self):
        for settings in ('muxer=h4mkmux reset-muxer=true', 'muxer=h4mkmux reset-muxer=false',
                         'muxer-factory=h4mkmux async-finalize=true'):
            with self.subTest(settings=settings):
                self.launch_splitmuxsink(f'splitmuxsink name=s {settings} max-size-time=1000000000 location=part%02d.h4mk'
                            f' h4mkmux name=m ! filesink location=whole.h4mk'
                            f' {VIDEO} ! tee name=v v. ! queue ! s.video v. ! queue ! m.'
                            f' {AUDIO} ! tee name=a a. ! queue ! s.audio_0 a. ! queue ! m.')
                parts = sorted(path.name for path in self.work.glob('part*.h4mk'))
                self.assertGreater(len(parts), 2)
                for part in parts:
                    self.check_complete(part)
                self.launch('h4mkmux name=m ! filesink location=joined.h4mk splitmuxsrc location=part*.h4mk name=s'
                            ' s.video_0 ! queue ! m. s.audio_0 ! queue ! m.')
                self.check_complete('joined.h4mk')
                for kind in KINDS:
                    whole = self.payload(kind, 'whole.h4mk')
                    self.assertEqual(self.payload(kind, *parts), whole, kind)
                    self.assertEqual(self.payload(kind, 'joined.h4mk'), whole, kind)
                for part in parts:
                    (self.work / part).unlink()

    # encodebin

    def test_encodebin_finds_the_muxer_by_its_caps(self):
        self.launch('encodebin name=e profile="application/x-h4mk:video/x-h264:audio/x-opus"'
                    ' ! filesink location=encoded.h4mk'
                    f' videotestsrc num-buffers={FRAMES} ! video/x-raw,width=32,height=32,framerate=25/1 ! e.video_0'
                    f' audiotestsrc num-buffers={FRAMES} ! e.audio_0')
        self.check_complete('encoded.h4mk')
        self.assertEqual(set(self.kinds('encoded.h4mk')), set(KINDS))
        caps = {track['kind']: track['caps'] for track in self.h4mk('info', 'encoded.h4mk')['tracks']}
        self.assertTrue(caps['video'].startswith('video/x-h264'))
        self.assertTrue(caps['audio'].startswith('audio/x-opus'))

    # parsebin

    def test_parsebin_links_by_delayed_links_with_the_right_kinds(self):
        self.launch(f'matroskamux name=m ! filesink location=other.mkv {VIDEO} ! m. {AUDIO} ! m.')
        self.record('other.h4mk')
        for source in ('other.mkv', 'other.h4mk'):
            with self.subTest(source=source):
                self.launch(f'filesrc location={source} ! parsebin name=p h4mkmux name=m ! filesink location=again.h4mk'
                            ' p. ! queue ! m. p. ! queue ! m.')
                self.check_complete('again.h4mk')
                tracks = {track['kind']: track['caps'] for track in self.h4mk('info', 'again.h4mk')['tracks']}
                self.assertEqual(set(tracks), set(KINDS))
                for kind, caps in tracks.items():
                    self.assertTrue(caps.startswith(kind), caps)
                info = self.h4mk('info', 'again.h4mk')
                self.assertEqual(info['blocks'], FRAMES + self.h4mk('info', 'other.h4mk')['blocks'] - FRAMES)

    # fdsink, tee

    def test_pipe_to_a_second_process(self):
        whole = self.record()
        piped = self.run_ok(
            f'gst-launch-1.0 -q h4mkmux name=m ! fdsink {VIDEO} ! m. {AUDIO} ! m.'
            ' | tee piped.h4mk | gst-launch-1.0 -q fdsrc ! h4mkdemux name=d'
            ' d.video_0 ! queue ! filesink location=video d.audio_0 ! queue ! filesink location=audio')
        self.assertEqual(piped, '')
        self.assertEqual((self.work / 'piped.h4mk').read_bytes(), (self.work / whole).read_bytes())
        for kind in KINDS:
            self.assertEqual((self.work / kind).read_bytes(), self.payload(kind, whole))

    def test_two_muxers_behind_a_tee_write_the_same_bytes(self):
        self.launch('h4mkmux name=m ! filesink location=one.h4mk h4mkmux name=n ! filesink location=two.h4mk'
                    f' {VIDEO} ! tee name=v v. ! queue ! m. v. ! queue ! n.'
                    f' {AUDIO} ! tee name=a a. ! queue ! m. a. ! queue ! n.')
        self.check_complete('one.h4mk')
        self.assertEqual((self.work / 'one.h4mk').read_bytes(), (self.work / 'two.h4mk').read_bytes())

    # Disks

    def check_sink_failed(self, done):
        """The sink says what happened, and the muxer adds nothing; a source may say that it was stopped."""
        self.assertNotEqual(done.returncode, 0, done.stdout)
        errors = [line for line in done.stdout.splitlines() if line.startswith('ERROR: from element')]
        self.assertIn('GstFileSink', errors[0])
        self.assertEqual([error for error in errors if 'GstH4Mk' in error], [])

    def test_full_disk_is_told_by_the_sink_and_the_file_is_proven_up_to_there(self):
        """A limit on the file's size stands for the disk's."""
        done = h4test.run('trap "" XFSZ; ulimit -f 64; gst-launch-1.0 h4mkmux name=m group-duration=0'
                          f' span-duration=200000000 min-index-interval=0 ! filesink location=full.h4mk buffer-mode=2'
                          f' videotestsrc num-buffers={FRAMES} ! video/x-raw,format=GRAY8,width=64,height=48 ! m.',
                          self.work)
        self.check_sink_failed(done)
        verified = h4test.run(['h4mk', 'verify', '--json', 'full.h4mk'], self.work)
        report = json.loads(verified.stdout)
        self.assertEqual((verified.returncode, report['verdict'], report['problems']), (3, 'proven', []))
        self.assertGreater(report['proven']['blocks'], 10)
        self.run_ok('gst-launch-1.0 -q filesrc location=full.h4mk ! h4mkdemux verify=chain ! fakesink')

    def test_device_without_space_is_told_by_the_sink(self):
        done = h4test.run(f'gst-launch-1.0 h4mkmux name=m ! filesink location=/dev/full buffer-mode=2 {AUDIO} ! m.',
                          self.work)
        self.check_sink_failed(done)


if __name__ == '__main__':
    unittest.main()
