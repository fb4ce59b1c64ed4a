#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The h4mk tool, as people and scripts use it."""

import hashlib
import json
import os
import pty
import signal
import struct
import subprocess
import tempfile
import unittest
import zlib
from pathlib import Path

import h4test

VECTORS = Path(os.environ['H4_VECTORS'])
RECORD = '''
gst-launch-1.0 -q h4mkmux name=m span-duration=200000000 group-duration=80000000 ! filesink location=recording.h4mk \
  videotestsrc num-buffers=24 ! video/x-raw,format=GRAY8,width=8,height=4,framerate=25/1 ! m.video_0 \
  audiotestsrc num-buffers=12 samplesperbuffer=640 ! audio/x-raw,rate=8000,channels=1,format=S16LE ! m.audio_1
'''


def chunk(tag, payload):
    return tag + struct.pack('>II', len(payload), zlib.crc32(payload)) + payload


HEADER = b'H4MK\0\1\0\0'


def track_file(**track):
    """A recording that was cut behind its list of tracks."""
    track = {'id': 1, 'kind': 'data', 'caps': 'application/x-test', **track}
    text = json.dumps({'v': 1, 'tracks': [track]}, separators=(',', ':'))
    return HEADER + chunk(b'TRAK', text.encode())


def chunks(data):
    at = len(HEADER)
    while at + 12 <= len(data):
        size = 12 + struct.unpack_from('>I', data, at + 4)[0]
        yield data[at:at + 4].decode(), at, size
        at += size


class Tool(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.work = Path(cls.temporary.name)
        done = h4test.run(RECORD, cls.work)
        assert done.returncode == 0, done.stdout
        cls.recording = cls.work / 'recording.h4mk'
        cls.data = cls.recording.read_bytes()
        h4test.check_file(cls.recording)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def h4mk(self, *arguments, code=0, **more):
        done = subprocess.run(['h4mk', *map(str, arguments)], cwd=self.work, capture_output=True,
                              stdin=subprocess.DEVNULL, **more)
        self.assertEqual(done.returncode, code, (arguments, done.stdout[-2000:], done.stderr[-2000:]))
        return done

    def lines(self, *arguments, **more):
        return self.h4mk(*arguments, **more).stdout.decode().splitlines()

    def json(self, *arguments, **more):
        return json.loads(self.h4mk(*arguments, '--json', **more).stdout)

    def write(self, name, data):
        path = self.work / name
        path.write_bytes(data)
        return path

    # Usage

    def test_help_and_version(self):
        text = self.h4mk('--help').stdout.decode()
        for command in ('info', 'list', 'verify', 'seek', 'chain', 'cat', 'recover', 'keygen'):
            self.assertRegex(text, rf'(?m)^  {command} ')
            self.assertIn('h4mk', self.h4mk(command, '--help').stdout.decode())
        self.assertRegex(self.h4mk('--version').stdout.decode(), r'^h4mk .* \d')

    def test_usage_errors(self):
        for arguments in ([], ['no-such-command'], ['info'], ['info', 'a', 'b'], ['info', '--no-such', 'a'],
                          ['seek', self.recording], ['seek', self.recording, 'noon'], ['seek', self.recording, '1:'],
                          ['cat', '--blocks', '3-1', self.recording], ['cat', '--blocks', 'x', self.recording],
                          ['cat', '--blocks', '-', self.recording], ['verify', '--trusted-key', '00', self.recording],
                          ['info', 'no-such-file'], ['recover', self.recording]):
            with self.subTest(arguments=arguments):
                self.assertTrue(self.h4mk(*arguments, code=2).stderr)

    def test_name_that_begins_with_a_dash(self):
        self.write('-dash', self.data)
        self.h4mk('info', '--', '-dash')

    def test_full_disk_is_an_error(self):
        with open('/dev/full', 'wb') as full:
            done = subprocess.run(['h4mk', 'list', self.recording], stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 2)
        self.assertTrue(done.stderr)

    # info

    def test_info_of_a_recording(self):
        info = self.json('info', self.recording)
        self.assertEqual((info['profile'], info['complete'], info['masked']), ('track', True, False))
        self.assertEqual(info['blocks'], 36)
        self.assertEqual(info['duration_ns'], 960000000)
        self.assertEqual([(t['id'], t['kind']) for t in info['tracks']], [(1, 'video'), (2, 'audio')])
        self.assertIn('video/x-raw', info['tracks'][0]['caps'])
        text = self.h4mk('info', self.recording).stdout.decode()
        self.assertIn('0:00:00.960', text)
        self.assertIn('complete', text)

    def test_info_of_the_base_profile(self):
        for row in json.loads((VECTORS / 'containers.json').read_text()):
            info = self.json('info', VECTORS / row['h4mk'])
            self.assertEqual((info['profile'], info['block_size'], info['fps_hint'], info['gop'], info['masked']),
                             ('base', row['block_size'], row['fps_hint'], row['gop'], row['mask']))

    def test_info_of_a_cut_file(self):
        path = self.write('cut', self.data[:len(self.data) // 2])
        self.assertFalse(self.json('info', path)['complete'])

    def test_text_of_a_file_cannot_control_the_terminal(self):
        evil = 'a\x1b[2Jb\x9bc\u202ed\x07'
        path = self.write('evil', track_file(name=evil, tags={'title': [evil]}))
        for arguments in (['info', path], ['verify', path]):
            text = self.h4mk(*arguments, code=3 if arguments[0] == 'verify' else 0).stdout.decode()
            for harmful in '\x1b\x9b\u202e\x07':
                self.assertNotIn(harmful, text)
        self.assertIn('a\\u001b[2Jb\\u009bc\\u202ed\\u0007', self.h4mk('info', path).stdout.decode())
        self.assertEqual(self.json('info', path)['tracks'][0]['name'], evil)

    def test_json_on_a_terminal_is_harmless_and_the_same(self):
        path = self.write('evil', track_file(name='a\x9b2Jb'))
        master, slave = pty.openpty()
        with open(master, 'rb', buffering=0) as terminal:
            subprocess.run(['h4mk', 'info', '--json', path], stdout=slave, check=True)
            os.close(slave)
            text = terminal.read(65536).decode()
        self.assertNotIn('\x9b', text)
        self.assertEqual(json.loads(text), self.json('info', path))

    # list, cat

    def test_list_and_cat_agree(self):
        blocks = self.json('list', self.recording)['blocks']
        self.assertEqual([b['block'] for b in blocks], list(range(36)))
        self.assertEqual(self.h4mk('cat', self.recording).stdout,
                         b''.join(self.data[b['offset'] + 12:b['offset'] + 12 + b['size']] for b in blocks))
        self.assertEqual({b['kind'] for b in blocks}, {'I'})
        self.assertEqual(len(self.lines('list', self.recording)), 37)

    def test_one_track(self):
        blocks = self.json('list', '--track', 2, self.recording)['blocks']
        self.assertEqual(len(blocks), 12)
        self.assertEqual({b['track'] for b in blocks}, {2})
        self.assertEqual(len(self.h4mk('cat', '--track', 2, self.recording).stdout), 12 * 1280)

    def test_ranges(self):
        blocks = self.json('list', self.recording)['blocks']
        for text, first, last in (('3-5', 3, 5), ('3', 3, 3), ('30-', 30, 35), ('-2', 0, 2), ('100-200', 100, 100)):
            expected = sum(b['size'] for b in blocks[first:last + 1])
            with self.subTest(range=text):
                self.assertEqual(len(self.h4mk('cat', f'--blocks={text}', self.recording).stdout), expected)

    def test_base_file_gives_back_its_stream(self):
        for row in json.loads((VECTORS / 'containers.json').read_text()):
            if not row['mask']:
                self.assertEqual(self.h4mk('cat', VECTORS / row['h4mk']).stdout, (VECTORS / row['raw']).read_bytes())

    def test_damaged_block_is_left_out_and_named(self):
        data = bytearray(self.data)
        block = self.json('list', self.recording)['blocks'][7]
        data[block['offset'] + 12] ^= 1
        done = self.h4mk('list', '--json', self.write('damaged', data), code=1)
        self.assertEqual(len(json.loads(done.stdout)['blocks']), 35)
        self.assertIn(f'CORE at offset {block["offset"]}'.encode(), done.stderr)

    # seek, chain

    def test_seek_and_chain(self):
        for time in ('0.5', '0:00:00.5', '500ms', '500000us', '500000000ns', '0.5s'):
            self.assertEqual(self.json('seek', self.recording, time)['pts_us'], 480000)
        chain = self.json('chain', self.recording, '0.5')['blocks']
        self.assertEqual([b['pts_us'] for b in chain], [480000])
        self.assertEqual(self.json('seek', '--track', 2, self.recording, '0.5')['pts_us'], 480000)
        self.assertEqual(self.json('seek', self.recording, '1h')['pts_us'], 920000)

    def test_chain_of_the_base_profile_begins_at_its_key_block(self):
        chain = self.json('chain', VECTORS / 'base-0.h4mk', '0.1')['blocks']
        self.assertEqual([(b['block'], b['kind'], b['pts_us']) for b in chain], [(2, 'I', 66666), (3, 'P', 99999)])

    def test_seek_where_nothing_is(self):
        self.h4mk('seek', '--track', 9, self.recording, '0', code=2)
        self.h4mk('seek', VECTORS / 'base-3.h4mk', '0', code=2)

    # verify

    def test_verdicts_and_exit_codes(self):
        report = self.json('verify', self.recording)
        self.assertEqual((report['verdict'], report['problems'], report['cut']), ('complete', [], False))
        self.assertEqual(report['proven'], {'first_block': 0, 'blocks': 36, 'bytes': len(self.data),
                                            'time_ns': 960000000})
        links = [at + size for tag, at, size in chunks(self.data) if tag == 'LINK']
        cut = self.json('verify', self.write('cut', self.data[:links[1] + 100]), code=3)
        self.assertEqual((cut['verdict'], cut['proven']['bytes']), ('proven', links[1]))
        self.assertEqual(cut['cut_at']['error'], 'truncated')
        unproven = self.json('verify', self.write('cut', self.data[:links[0] - 1]), code=3)
        self.assertEqual(unproven['verdict'], 'unproven')
        self.assertNotIn('proven', unproven)
        asked = self.json('verify', '--trusted-key', '00' * 32, self.recording, code=3)
        self.assertEqual((asked['verdict'], asked['signer']), ('unproven', 'none'))

    def test_any_changed_byte_is_found(self):
        data = bytearray(self.data)
        parts = [('', 0, 8), *chunks(self.data)]
        for tag, at, size in parts[:12] + parts[-12:]:
            for position in (at, at + size // 2, at + size - 1):
                data[position] ^= 0x10
                report = self.json('verify', self.write('changed', data), code=1)
                data[position] ^= 0x10
                with self.subTest(tag=tag, position=position):
                    self.assertEqual(report['verdict'], 'damaged')
                    self.assertEqual(report['problems'][0]['offset'], at)

    def test_what_is_no_recording(self):
        for name, data in (('text', b'To whom it may concern.'), ('header', b'H4MK\0\2\0\0')):
            self.assertIn(b'offset 0', self.h4mk('verify', self.write(name, data), code=1).stdout)
            self.assertTrue(self.h4mk('info', self.work / name, code=1).stderr)
        self.h4mk('verify', self.write('empty', b''), code=3)

    def test_lengths_that_lie_are_not_believed(self):
        for tag in (b'TRAK', b'CORE', b'SEEK', b'xxxx'):
            path = self.write('lie', HEADER + tag + b'\xff\xff\xff\xff' + bytes(100))
            done = subprocess.run(['h4mk', 'verify', path], capture_output=True, preexec_fn=limit_memory)
            self.assertIn(done.returncode, (1, 3), done.stderr)

    # recover

    def test_recover_what_a_cut_left(self):
        cores = [at + size for tag, at, size in chunks(self.data) if tag == 'CORE']
        for size in range(len(self.data) - 1, 1000, -499):
            cut = self.write('cut', self.data[:size])
            blocks = sum(end <= size for end in cores)
            recovery = self.json('recover', '--force', cut, 'whole')
            with self.subTest(size=size):
                self.assertEqual((recovery['blocks'], recovery['lost_blocks']), (blocks, 0))
                self.assertEqual(self.json('verify', 'whole')['blocks'], blocks)
                self.assertEqual(len(self.json('list', cut)['blocks']), blocks)
                self.assertEqual(self.h4mk('cat', cut).stdout, self.h4mk('cat', 'whole').stdout)
                self.check_veri(self.work / 'whole')
                h4test.check_file(self.work / 'whole')

    def check_veri(self, path):
        data = path.read_bytes()
        self.assertEqual(hashlib.sha256(data[8:-44]).digest(), data[-32:])

    def test_recover_says_what_was_lost(self):
        data = bytearray(self.data)
        block = self.json('list', self.recording)['blocks'][7]
        data[block['offset'] + 12] ^= 1
        text = self.h4mk('recover', self.write('damaged', data), 'mended').stdout.decode()
        self.assertIn(f'CORE at offset {block["offset"]}', text)
        self.assertIn('1 block', text)
        self.h4mk('verify', 'mended')
        h4test.check_file(self.work / 'mended')

    def test_recover_leaves_what_it_must_not_touch(self):
        cut = self.write('cut', self.data[:3000])
        self.h4mk('recover', cut, cut, code=2)
        self.h4mk('recover', '--force', cut, cut, code=2)
        os.link(cut, self.work / 'same')
        self.h4mk('recover', '--force', cut, 'same', code=2)
        part = self.write('other.part', self.data[:3000])
        self.h4mk('recover', part, 'other', code=2)
        self.write('there', b'precious')
        self.h4mk('recover', cut, 'there', code=2)
        self.assertEqual((self.work / 'there').read_bytes(), b'precious')
        self.assertEqual(cut.read_bytes(), self.data[:3000])
        self.h4mk('recover', cut, 'no-such-directory/out', code=2)
        (self.work / 'directory').mkdir()
        self.h4mk('recover', '--force', cut, 'directory', code=2)
        self.assertEqual([p.name for p in self.work.glob('*.part')], ['other.part'])
        part.unlink()

    def test_recover_of_nothing_leaves_nothing(self):
        self.h4mk('recover', self.write('stub', self.data[:30]), 'nothing', code=1)
        self.h4mk('recover', self.write('text', b'To whom it may concern.'), 'nothing', code=1)
        self.assertEqual(list(self.work.glob('nothing*')), [])

    def test_interrupted_recovery_leaves_no_half_file(self):
        payload = bytes(32 << 20)
        header = b'CORE' + struct.pack('>II', len(payload), zlib.crc32(payload))
        with open(self.work / 'large', 'wb') as large:
            large.write(HEADER)
            for _ in range(64):
                large.write(header)
                large.seek(len(payload), os.SEEK_CUR)
            large.truncate()
        process = subprocess.Popen(['h4mk', 'recover', 'large', 'never'], cwd=self.work, stderr=subprocess.PIPE)
        while not (self.work / 'never.part').exists():
            self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        self.assertTrue(process.communicate()[1])
        self.assertEqual(process.returncode, 2)
        self.assertEqual(list(self.work.glob('never*')), [])

    def test_recover_tells_a_terminal_nothing_when_it_is_quick(self):
        cut = self.write('cut', self.data[:3000])
        self.assertEqual(self.h4mk('recover', '--force', cut, 'quick').stderr, b'')


def limit_memory():
    import resource
    if not os.environ.get('H4_PRELOAD'):
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


if __name__ == '__main__':
    unittest.main()
