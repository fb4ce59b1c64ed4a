#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Recordings that are signed, from the key to the verdict, on the command line."""

import base64
import json
import tempfile
import unittest
from pathlib import Path

import h4test

RECORD = '''
gst-launch-1.0 -q h4mkmux name=m signing-key-file=camera.pem span-duration=200000000 group-duration=80000000 \
  ! filesink location=recording.h4mk \
  videotestsrc num-buffers=24 ! video/x-raw,format=GRAY8,width=8,height=4,framerate=25/1 ! m.video_0 \
  audiotestsrc num-buffers=12 samplesperbuffer=640 ! audio/x-raw,rate=8000,channels=1,format=S16LE ! m.audio_1
'''
CHECK = h4test.SOURCE / 'tests' / 'h4mkcheck.py'
OTHER = '11' * 32


class Signed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.work = Path(cls.temporary.name)
        made = h4test.run(['h4mk', 'keygen', 'camera.pem'], cls.work)
        assert made.returncode == 0, made.stdout
        cls.key = made.stdout.strip()
        done = h4test.run(RECORD, cls.work)
        assert done.returncode == 0, done.stdout
        cls.recording = cls.work / 'recording.h4mk'

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def run_in(self, *command, code=0, **more):
        done = h4test.run(command[0] if len(command) == 1 else list(command), self.work, **more)
        self.assertEqual(done.returncode, code, (command, done.stdout[-3000:]))
        return done.stdout

    def verdicts(self, path, *trusted, code=0):
        """What the tool and the checker that knows nothing of it say: the same."""
        options = [part for key in trusted for part in ('--trusted-key', key)]
        ours = json.loads(self.run_in('h4mk', 'verify', '--json', *options, str(path), code=code))
        theirs = json.loads(self.run_in('/usr/bin/python3', str(CHECK), '--json', *options, str(path), code=code))
        self.assertEqual(theirs['blocks'], ours['blocks'])
        return ours, theirs

    # keygen

    def test_key_is_its_owners_alone(self):
        self.assertRegex(self.key, r'^[0-9a-f]{64}$')
        self.assertEqual((self.work / 'camera.pem').stat().st_mode & 0o777, 0o600)
        made = json.loads(self.run_in('umask 0; h4mk keygen --json open.pem'))
        self.assertRegex(made['key'], r'^[0-9a-f]{64}$')
        self.assertNotEqual(made['key'], self.key)
        self.assertEqual((self.work / 'open.pem').stat().st_mode & 0o777, 0o600)

    def test_key_is_never_written_over(self):
        before = (self.work / 'camera.pem').read_bytes()
        self.assertIn('camera.pem', self.run_in('h4mk', 'keygen', 'camera.pem', code=2))
        (self.work / 'link.pem').symlink_to('nowhere.pem')
        self.run_in('h4mk', 'keygen', 'link.pem', code=2)
        self.assertFalse((self.work / 'nowhere.pem').exists())
        self.run_in('h4mk', 'keygen', 'no-such-directory/key.pem', code=2)
        self.run_in('h4mk', 'keygen', code=2)
        self.assertEqual((self.work / 'camera.pem').read_bytes(), before)

    def test_key_is_one_for_others_too(self):
        pem = (self.work / 'camera.pem').read_text()
        self.assertRegex(pem, r'^-----BEGIN PRIVATE KEY-----\n')
        der = base64.b64decode(''.join(pem.splitlines()[1:-1]))
        # RFC 8410, 7: the seed is the last 32 bytes
        self.assertEqual(der[:16].hex(), '302e020100300506032b657004220420')
        self.assertEqual(len(der), 48)

    # verify

    def test_who_trusts_the_key_gets_the_whole_proof(self):
        ours, theirs = self.verdicts(self.recording, self.key)
        self.assertEqual((ours['verdict'], ours['signer'], ours['key']), ('complete', 'trusted', self.key))
        self.assertTrue(ours['sign'])
        self.assertEqual(theirs['verdict'], 'complete')
        ours, _ = self.verdicts(self.recording, OTHER, self.key)
        self.assertEqual(ours['verdict'], 'complete')

    def test_who_names_no_key_learns_of_the_signer(self):
        ours, theirs = self.verdicts(self.recording, code=3)
        self.assertEqual((ours['verdict'], ours['signer'], ours['key']), ('unproven', 'unknown', self.key))
        self.assertEqual(theirs['verdict'], 'consistent, signer unknown')
        self.assertIn('signer unknown: ' + self.key, self.run_in('h4mk', 'verify', 'recording.h4mk', code=3))

    def test_who_trusts_another_key_is_warned(self):
        ours, theirs = self.verdicts(self.recording, OTHER, code=1)
        self.assertEqual(ours['verdict'], 'damaged')
        self.assertTrue(all('not trusted' in problem['message'] for problem in ours['problems']), ours['problems'])
        self.assertEqual(theirs['verdict'], 'damaged or forged')

    def test_cut_recording_is_proven_as_far_as_it_is_signed(self):
        data = self.recording.read_bytes()
        cut = self.work / 'cut.h4mk'
        cut.write_bytes(data[:len(data) * 2 // 3])
        ours, _ = self.verdicts(cut, self.key, code=3)
        self.assertEqual((ours['verdict'], ours['signer']), ('proven', 'trusted'))
        self.assertGreater(ours['proven']['blocks'], 0)
        said = self.run_in('h4mk', 'verify', '--trusted-key', self.key, 'cut.h4mk', code=3)
        self.assertIn(f'proven up to block {ours["proven"]["blocks"] - 1}, end unknown', said)
        self.run_in('h4mk', 'recover', '--only-proven', 'cut.h4mk', 'kept.h4mk')
        kept, _ = self.verdicts(self.work / 'kept.h4mk', self.key, code=3)
        self.assertEqual((kept['verdict'], kept['signer'], kept['proven']['blocks']),
                         ('proven', 'trusted', ours['proven']['blocks']))

    def test_stripped_signature_does_not_pass(self):
        data = self.recording.read_bytes()
        at = data.rindex(b'SIGN')
        (self.work / 'stripped.h4mk').write_bytes(data[:at] + data[-44:])
        ours, _ = self.verdicts(self.work / 'stripped.h4mk', self.key, code=1)
        self.assertEqual(ours['verdict'], 'damaged')

    # elsewhere

    def test_player_takes_only_what_the_key_signed(self):
        play = 'gst-launch-1.0 -q filesrc location=recording.h4mk ! h4mkdemux verify=chain trusted-key=%s name=d ' \
            'd.video_0 ! queue ! fakesink d.audio_0 ! queue ! fakesink'
        self.run_in(play % self.key)
        self.assertIn('not trusted', self.run_in(play % OTHER, code=1))

    def test_player_with_a_key_takes_no_file_without_signatures(self):
        self.run_in('gst-launch-1.0 -q filesrc location=recording.h4mk ! h4videotok output=blocks block-size=1000 '
                    '! h4mkmux profile=base ! filesink location=base.h4mk')
        self.run_in('gst-launch-1.0 -q audiotestsrc num-buffers=9 ! h4mkmux ! filesink location=unsigned.h4mk')
        for name in ('base.h4mk', 'unsigned.h4mk'):
            for queue in ('', '! queue '):
                play = f'gst-launch-1.0 -q filesrc location={name} {queue}! h4mkdemux verify=chain ' \
                    f'trusted-key={self.key} ! fakesink'
                self.assertIn('not signed by the key that is trusted', self.run_in(play, code=1))

    def test_player_says_what_is_wrong_with_a_key(self):
        play = 'gst-launch-1.0 -q filesrc location=recording.h4mk ! h4mkdemux %s name=d ' \
            'd.video_0 ! queue ! fakesink d.audio_0 ! queue ! fakesink'
        self.assertIn('trusted-key is no public key', self.run_in(play % 'verify=chain trusted-key=zz', code=255))
        said = self.run_in((play % f'trusted-key={self.key}').replace(' -q', ''))
        self.assertIn('trusted-key needs verify=chain', said)

    def test_split_recordings_are_signed_each(self):
        done = h4test.run_splitmuxsink(
            'splitmuxsink name=s muxer="h4mkmux signing-key-file=camera.pem" location=part%d.h4mk'
            ' max-size-time=400000000 videotestsrc num-buffers=50 ! video/x-raw,width=64,height=48,framerate=25/1'
            ' ! vp8enc keyframe-max-dist=5 ! s.video', self.work)
        self.assertEqual(done.returncode, 0, done.stdout)
        parts = sorted(self.work.glob('part*.h4mk'))
        self.assertGreaterEqual(len(parts), 3)
        for part in parts:
            with self.subTest(part=part.name):
                ours, _ = self.verdicts(part, self.key)
                self.assertEqual((ours['verdict'], ours['signer']), ('complete', 'trusted'))

    def test_key_that_is_none_is_a_clear_error(self):
        (self.work / 'text.pem').write_text('a key\n')
        command = 'gst-launch-1.0 -q audiotestsrc num-buffers=1 ! h4mkmux signing-key-file=text.pem ! fakesink'
        self.assertIn('"text.pem" holds no Ed25519 private key', self.run_in(command, code=255))

    def test_key_is_in_no_log(self):
        pem = (self.work / 'camera.pem').read_text()
        seed = base64.b64decode(''.join(pem.splitlines()[1:-1]))[16:]
        log = self.run_in(RECORD.replace('recording.h4mk', 'logged.h4mk'), env=h4test.environment(GST_DEBUG='*:9'))
        self.assertIn(self.key, log)
        for secret in (seed.hex(), seed.hex().upper(), pem.splitlines()[1][-32:]):
            self.assertNotIn(secret, log)
        self.assertNotIn(seed, (self.work / 'logged.h4mk').read_bytes())


if __name__ == '__main__':
    unittest.main()
