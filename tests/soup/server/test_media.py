#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Real media: mode=media and POST /export, demuxed and never decoded."""

import json
import os
import tempfile
import unittest
from pathlib import Path

from serving import KEY, Served, Server, events, h4test, vector

VIDEO = ('videotestsrc num-buffers=50 ! video/x-raw,width=64,height=48,framerate=25/1 ! '
         'x264enc key-int-max=10 bframes=2 b-adapt=false speed-preset=fast ! h264parse')
VP8 = 'videotestsrc num-buffers=50 ! video/x-raw,width=64,height=48,framerate=25/1 ! vp8enc keyframe-max-dist=10'
AUDIO = 'audiotestsrc num-buffers=100 samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=2 ! audioconvert'
FILES = {
    'film.mp4': f'mp4mux name=m ! filesink location=film.mp4 {VIDEO} ! queue ! m. {AUDIO} ! avenc_aac ! queue ! m.',
    'film.mkv': f'matroskamux name=m ! filesink location=film.mkv {VIDEO} ! queue ! m. {AUDIO} ! opusenc ! queue ! m.',
    'film.webm': f'webmmux name=m ! filesink location=film.webm {VP8} ! queue ! m. {AUDIO} ! opusenc ! queue ! m.',
    'film.ogg': f'oggmux name=m ! filesink location=film.ogg {VP8} ! queue ! m. {AUDIO} ! opusenc ! queue ! m.',
    'film.ts': f'mpegtsmux name=m ! filesink location=film.ts {VIDEO} ! queue ! m. {AUDIO} ! avenc_aac ! queue ! m.',
    'sound.wav': f'{AUDIO} ! wavenc ! filesink location=sound.wav',
    'sound.mp3': f'{AUDIO} ! lamemp3enc ! filesink location=sound.mp3',
    'sound.flac': f'{AUDIO} ! flacenc ! filesink location=sound.flac',
    'blocks.h4mk': 'filesrc location=sound.wav ! h4videotok output=blocks block-size=65536 ! h4mkmux ! '
                   'filesink location=blocks.h4mk',
    'tokens.h4mk': 'filesrc location=sound.wav ! h4videotok block-size=65536 ! h4mkmux ! filesink location=tokens.h4mk',
    'film.h4mk': f'h4mkmux name=m ! filesink location=film.h4mk {VIDEO} ! queue ! m. {AUDIO} ! opusenc ! queue ! m.',
}


class Media(Served):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.work = Path(temporary.name)
        for name, line in FILES.items():
            done = h4test.run('gst-launch-1.0 -q ' + line, cls.work)
            assert done.returncode == 0, f'{name}: {done.stdout}'
        super().setUpClass()

    def bytes_of(self, name):
        return (self.work / name).read_bytes()

    def tool(self, command, data, code=0):
        """What h4mk says of an answer."""
        (self.work / 'answer.h4mk').write_bytes(data)
        h4test.check_file(self.work / 'answer.h4mk')
        done = h4test.run(['h4mk', *command, 'answer.h4mk'], self.work)
        self.assertEqual(done.returncode, code, done.stdout)
        return done.stdout

    def tracks(self, data):
        self.tool(['verify'], data)
        return json.loads(self.tool(['info', '--json'], data))['tracks']


class Stream(Media):
    def stream(self, name, **more):
        answer = self.server.post('/video/stream?mode=media', files=[('file', name, self.bytes_of(name))], **more)
        self.assertEqual(answer.status, 200, answer.body[:500])
        said = events(answer.body)
        self.assertEqual(said[0][0], 'meta')
        self.assertEqual(said[-1][0], 'done')
        kinds = {track['id']: track['kind'] for track in said[0][1]['tracks']}
        return said, kinds, [event[1] for event in said if event[0] == 'token']

    def test_video_frames(self):
        for name in 'film.mp4', 'film.mkv', 'film.ts', 'film.h4mk':
            with self.subTest(name=name):
                _, kinds, tokens = self.stream(name)
                self.assertEqual(sorted(kinds.values()), ['audio', 'video'])
                video = [token for token in tokens if kinds[token['track']] == 'video']
                self.assertEqual(len(video), 50)
                self.assertEqual([token['block_index'] for token in video], list(range(50)))
                times = sorted(token['pts_us'] for token in video)
                self.assertTrue(all(abs(time - times[0] - i * 40000) <= 1000 for i, time in enumerate(times)), times)
                self.assertEqual(sum(token['is_key'] for token in video), 5)
                self.assertEqual({token['kind'] for token in video}, {'I', 'P', 'B'})
                for token in video:
                    self.assertEqual(token['kind'] == 'I', token['is_key'])
                    self.assertEqual(token['token_hex'], f'{token["pts_us"]:016x}{token["block_index"]:08x}'
                                                         f'{token["is_key"]:02x}')

    def test_other_containers(self):
        for name, expected in {'film.webm': ['audio', 'video'], 'film.ogg': ['audio', 'video'], 'sound.wav': ['audio'],
                               'sound.mp3': ['audio'], 'sound.flac': ['audio']}.items():
            with self.subTest(name=name):
                _, kinds, tokens = self.stream(name)
                self.assertEqual(sorted(kinds.values()), expected)
                for kind in expected:
                    self.assertGreater(sum(kinds[token['track']] == kind for token in tokens), 10)

    def test_order_is_the_same_each_time(self):
        first = self.stream('film.mp4')[2]
        for _ in range(4):
            self.assertEqual(self.stream('film.mp4')[2], first)

    def test_bytes(self):
        answer = self.server.request('POST', '/video/stream?mode=media', self.bytes_of('film.mkv'))
        self.assertEqual([event[1] for event in events(answer.body) if event[0] == 'token'],
                         self.stream('film.mkv')[2])

    def test_track_names(self):
        said, _, _ = self.stream('film.mp4')
        self.assertEqual({track['name'] for track in said[0][1]['tracks']}, {'film'})


class Damaged(Media):
    """What nothing can be demuxed of is said at once, whichever thread meets it first."""

    def test_nothing_before_the_damage(self):
        empty_flv = b'FLV\1\5\0\0\0\t' + bytes(34)
        cut = self.bytes_of('film.mp4')
        for name, data in ('a.flv', empty_flv), ('a.mp4', cut[:len(cut) * 9 // 10]):
            for path in '/video/stream?mode=media', '/video/export?mode=media':
                for _ in range(5):
                    answer = self.server.post(path, files=[('file', name, data)])
                    self.problem(answer, 422, 'file', detail='The file cannot be demuxed')


class Export(Media):
    def test_video_export(self):
        for name in 'film.mp4', 'film.mkv', 'film.ts', 'film.webm':
            with self.subTest(name=name):
                answer = self.server.post('/video/export', {'mode': 'media'}, [('file', name, self.bytes_of(name))])
                self.assertEqual(answer.status, 200, answer.body[:500])
                self.assertIn('film.h4mk', answer.headers['Content-Disposition'])
                self.assertEqual(sorted(track['kind'] for track in self.tracks(answer.body)), ['audio', 'video'])

    def test_frames_are_what_they_were(self):
        """The player of the answer sees the pictures of the upload."""
        answer = self.server.post('/video/export', {'mode': 'media'}, [('file', 'film.mkv', self.bytes_of('film.mkv'))])
        (self.work / 'answer.h4mk').write_bytes(answer.body)
        sums = [h4test.run(f'gst-launch-1.0 -q filesrc location={name} ! {demux} name=d d.video_0 ! queue ! '
                           'avdec_h264 ! videoconvert ! video/x-raw,format=I420 ! filesink location=frames && '
                           'sha256sum < frames', self.work).stdout
                for name, demux in (('film.mkv', 'matroskademux'), ('answer.h4mk', 'h4mkdemux'))]
        self.assertEqual(*sums)

    def test_many_files_are_one(self):
        files = [('drums', 'a.wav', self.bytes_of('sound.wav')), ('file', 'bass line.flac', self.bytes_of('sound.flac')),
                 ('file', 'film.mp4', self.bytes_of('film.mp4')), ('data', 'blocks.raw', vector('base-0.raw'))]
        answer = self.server.post('/export', {'block_size': 65536}, files)
        self.assertEqual(answer.status, 200, answer.body[:500])
        tracks = self.tracks(answer.body)
        self.assertEqual([track['id'] for track in tracks], [1, 2, 3, 4, 5])
        self.assertEqual([track['name'] for track in tracks], ['drums', 'bass line', 'film', 'film', 'data'])
        self.assertEqual(sorted(track['kind'] for track in tracks[2:4]), ['audio', 'video'])
        again = self.server.post('/export', {'block_size': 65536}, files)
        self.assertEqual(again.body, answer.body)

    def test_raw_blocks_alone(self):
        answer = self.server.post('/export', {'mode': 'raw', 'block_size': 65536}, [('file', 'a.wav', self.bytes_of('sound.wav'))])
        self.assertIn('application/x-h4-blocks', self.tracks(answer.body)[0]['caps'])

    def test_masked(self):
        for scheme in None, 'aes-256-gcm', 'xor-sha256':
            with self.subTest(scheme=scheme):
                fields = dict({'mask': 'true'}, **({'scheme': scheme} if scheme else {}))
                answer = self.server.post('/export', fields, [('file', 'film.mp4', self.bytes_of('film.mp4'))],
                                          **{'X-H4-Key': KEY})
                tracks = self.tracks(answer.body)
                for track in tracks:
                    self.assertIn(scheme or 'aes-256-gcm', track['caps'])
                salts = {track['caps'].partition('salt=')[2].partition(',')[0] for track in tracks}
                self.assertEqual(len(salts), 2)
                (self.work / 'answer.h4mk').write_bytes(answer.body)
                (self.work / 'key').write_text(KEY)
                done = h4test.run('gst-launch-1.0 -q filesrc location=answer.h4mk ! h4mkdemux name=d d.video_0 ! queue ! '
                                  'h4unmask key-file=key ! h264parse ! avdec_h264 ! fakesink d.audio_0 ! queue ! '
                                  'h4unmask key-file=key ! fakesink', self.work)
                self.assertEqual((done.returncode, done.stdout), (0, ''))


class Masked(Media):
    """H4MK files of what is no media, masked or not: they pass as they are, whatever key the server has."""

    def uploads(self):
        for scheme in 'aes-256-gcm', 'xor-sha256':
            answer = self.server.post('/export', {'mask': 'true', 'mode': 'media', 'scheme': scheme},
                                      [('file', 'sound.wav', self.bytes_of('sound.wav'))], **{'X-H4-Key': KEY})
            self.assertEqual(answer.status, 200, answer.body[:500])
            yield scheme, 'application/x-h4-masked', answer.body
        answer = self.server.post('/video/export', {'mask': 'true', 'block_size': 65536},
                                  [('file', 'sound.wav', self.bytes_of('sound.wav'))], **{'X-H4-Key': KEY})
        yield 'masked blocks', 'application/x-h4-masked', answer.body
        yield 'blocks', 'application/x-h4-blocks', self.bytes_of('blocks.h4mk')
        yield 'tokens', 'application/x-h4-token', self.bytes_of('tokens.h4mk')

    def payload(self, data):
        (self.work / 'blocks').write_bytes(data)
        done = h4test.run('gst-launch-1.0 -q filesrc location=blocks ! h4mkdemux ! filesink location=payload && '
                          'sha256sum < payload', self.work)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def check(self, server):
        for name, media_type, data in self.uploads():
            for path in '/video/export', '/export':
                with self.subTest(name=name, path=path):
                    answer = server.post(path, {'mode': 'media'}, [('file', 'a.h4mk', data)])
                    self.assertEqual(answer.status, 200, answer.body[:500])
                    self.assertEqual([track['caps'].partition(',')[0] for track in self.tracks(answer.body)],
                                     [media_type])
                    self.assertEqual(self.payload(answer.body), self.payload(data))

    def test_without_a_key(self):
        self.check(self.server)

    def test_with_the_key_of_who_runs_the_server(self):
        (self.work / 'key').write_text(KEY)
        server = Server(env=dict(os.environ, LC_ALL='C.UTF-8', H4_KEY_FILE=str(self.work / 'key')))
        self.addCleanup(server.stop)
        self.check(server)


class Errors(Media):
    def test_what_is_no_media(self):
        for name, data in {'noise': bytes((i * 7919 >> 3) & 255 for i in range(100000)), 'text': b'just text\n' * 50,
                           'empty': b''}.items():
            for path in '/video/stream', '/video/export', '/export':
                with self.subTest(name=name, path=path):
                    answer = self.server.post(path, {'mode': 'media'}, [('file', name, data)])
                    self.problem(answer, 415, 'file')

    def test_what_nothing_can_demux(self):
        archive = b'PK\x03\x04' + bytes(1000)
        answer = self.server.post('/video/stream', {'mode': 'media'}, [('file', 'a.zip', archive)])
        self.problem(answer, 415, 'file', detail='looks like')

    def test_damaged(self):
        data = self.bytes_of('film.mp4')
        # the index of the frames is at the end
        answer = self.server.post('/video/stream', {'mode': 'media'}, [('file', 'a.mp4', data[:len(data) // 2])])
        self.assertIn(answer.status, (415, 422))
        self.problem(answer, answer.status, 'file', detail='demuxed')

    def test_part_that_is_no_media_is_named(self):
        answer = self.server.post('/export', {'mode': 'media'}, [('drums', 'a.wav', self.bytes_of('sound.wav')),
                                                                ('bass', 'b.raw', bytes(1000))])
        self.problem(answer, 415, 'bass')

    def test_part_that_is_damaged_is_named(self):
        film = self.bytes_of('film.mp4')
        for name, data in {'bass.mp4': film[:len(film) // 2], 'bass.flv': b'FLV\1\5\0\0\0\t' + bytes(34),
                           'bass.h4mk': self.bytes_of('film.h4mk')[:100], 'bass.mkv': self.bytes_of('film.mkv')[:100]}.items():
            for mode in 'media', 'auto':
                for order in 1, -1:
                    with self.subTest(name=name, mode=mode, order=order):
                        files = [('drums', 'a.wav', self.bytes_of('sound.wav')), ('bass', name, data)]
                        answer = self.server.post('/export', {'mode': mode}, files[::order])
                        self.problem(answer, 422, 'bass', detail='The file cannot be demuxed')

    def test_many_files(self):
        answer = self.server.post('/export', files=[(f'f{i}', 'x', b'y') for i in range(65)])
        self.problem(answer, 400, 'f64', detail='At most 64 files')
        answer = self.server.post('/export', files=[(f'f{i}', 'x', b'y') for i in range(64)])
        self.assertEqual(len(self.tracks(answer.body)), 64)


# What only gathers the files is no test of its own.
del Media

if __name__ == '__main__':
    unittest.main()
