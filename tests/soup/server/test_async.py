#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prefer: respond-async: events of an upload for EventSource."""

import re
import unittest

from serving import Served, events, vector

FIELDS = {'block_size': 65536, 'fps_hint': 30, 'gop': 2}
PREFER = {'Prefer': 'respond-async'}


class Async(Served):
    def add(self, path='/video/stream', fields=None, name='base-0.raw'):
        answer = self.server.post(path, FIELDS if fields is None else fields, [('file', name, vector(name))], **PREFER)
        self.assertEqual(answer.status, 202, answer.body)
        location = answer.headers['Location']
        self.assertRegex(location, r'^/jobs/[0-9a-f]{32}/events$')
        self.assertEqual(answer.json(), {'events': location})
        self.assertEqual(answer.headers['Preference-Applied'], 'respond-async')
        return location

    def read(self, location, **headers):
        answer = self.server.request('GET', location, headers=headers)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.headers['Content-Type'], 'text/event-stream; charset=utf-8')
        return answer.body

    def ids(self, data):
        return re.findall(r'^id:(.*)$', data.decode(), re.M)

    def test_events_are_the_references_and_have_ids(self):
        for path, fields, raw, name in (
                ('/video/stream', FIELDS, 'base-0.raw', 'sse-video.txt'),
                ('/audio/stream', {'sample_rate': 16000, 'frame_size': 512, 'top_k': 8}, 'audio-3-chord-16000.s16le',
                 'sse-audio.txt')):
            with self.subTest(path=path):
                location = self.add(path, fields, raw)
                data = self.read(location)
                self.assertEqual(re.sub(rb'(?m)^(id|retry):.*\n', b'', data), vector(name))
                self.assertTrue(data.startswith(b'retry:2000\nevent:meta\n'))
                epoch = location[6:14]
                self.assertEqual(self.ids(data), [f'{epoch}-{i}' for i in range(1, len(events(data)))])

    def test_bytes_can_be_kept_too(self):
        answer = self.server.request('POST', '/video/stream?block_size=65536', vector('base-0.raw'), PREFER)
        self.assertEqual(answer.status, 202)
        self.assertEqual(events(self.read(answer.headers['Location']))[0][1]['blocks'], 6)

    def test_who_comes_back_gets_the_rest(self):
        location = self.add()
        whole = events(self.read(location))
        for i, (event, _, ident) in enumerate(whole):
            if event != 'token':
                continue
            for way in ({'Last-Event-ID': ident}, None):
                target = location if way else f'{location}?last_event_id={ident}'
                said = events(self.read(target, **(way or {})))
                self.assertEqual(said, [whole[0]] + whole[i + 1:])
        self.assertEqual(events(self.read(location + '?last_event_id=x', **{'Last-Event-ID': whole[2][2]})),
                         [whole[0]] + whole[3:])

    def test_done_is_done(self):
        location = self.add()
        last = self.ids(self.read(location))[-1]
        answer = self.server.request('GET', location, headers={'Last-Event-ID': last})
        self.assertEqual((answer.status, answer.body), (204, b''))
        self.assertEqual(self.server.request('GET', f'{location}?last_event_id={last}').status, 204)

    def test_other_ids_are_a_gap(self):
        location = self.add()
        whole = events(self.read(location))
        for ident in 'ffffffff-3', 'nonsense', location[6:14] + '-', location[6:14] + '-x':
            said = events(self.read(location, **{'Last-Event-ID': ident}))
            self.assertEqual(said[1], ('gap', {'lost': None, 'reason': 'epoch'}, None))
            self.assertEqual(said[:1] + said[2:], whole)
        self.assertEqual(events(self.read(location + '?last_event_id=earliest')), whole)

    def test_ids_beyond_the_end_are_a_gap(self):
        # before anybody has read the events to their end, and after
        location = self.add()
        beyond = {'Last-Event-ID': location[6:14] + '-1000'}
        said = [events(self.read(location, **beyond)) for _ in range(2)]
        self.assertEqual(said[0], said[1])
        whole = events(self.read(location))
        self.assertEqual(said[0][1], ('gap', {'lost': None, 'reason': 'epoch'}, None))
        self.assertEqual(said[0][:1] + said[0][2:], whole)

    def test_media_beyond_the_end_are_a_gap(self):
        wav = b'RIFF\x24\x20\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\0\x20\0\0'
        answer = self.server.request('POST', '/video/stream?mode=media', wav + bytes(8192), PREFER)
        location = answer.headers['Location']
        said = events(self.read(location, **{'Last-Event-ID': location[6:14] + '-1000'}))
        whole = events(self.read(location))
        self.assertEqual(whole[-1][0], 'done')
        self.assertEqual(said[:1] + said[2:], whole)

    def test_no_id_is_none(self):
        location = self.add()
        whole = events(self.read(location))
        self.assertEqual(events(self.read(location + '?last_event_id=')), whole)
        self.assertEqual(events(self.read(location, **{'Last-Event-ID': ''})), whole)
        self.assertEqual(events(self.read(f'{location}?last_event_id={whole[2][2]}', **{'Last-Event-ID': ''})),
                         [whole[0]] + whole[3:])

    def test_others_know_nothing_of_it(self):
        location = self.add()
        other = location.replace(location[6], 'f' if location[6] != 'f' else 'e', 1)
        for path in other, location + '/x', location[:-7], location[:20]:
            self.problem(self.server.request('GET', path), 404)

    def test_errors_come_at_once(self):
        answer = self.server.post('/video/stream', {'gop': 0}, [('file', 'x', b'y')], **PREFER)
        self.problem(answer, 400, 'gop')

    def test_what_knows_no_preference_ignores_it(self):
        answer = self.server.post('/video/export', files=[('file', 'x', b'y')], **PREFER)
        self.assertEqual(answer.status, 200)

    def test_preference_among_others(self):
        answer = self.server.post('/video/stream', files=[('file', 'x', b'y')], Prefer='wait=5, respond-async; x=1')
        self.assertEqual(answer.status, 202)


class Room(Served):
    def add(self):
        return self.server.post('/video/stream', files=[('file', 'x', b'y')], **PREFER)

    def test_read_ones_make_room_for_new_ones(self):
        locations = [self.add().headers['Location'] for _ in range(16)]
        answer = self.add()
        self.problem(answer, 429, detail='16 uploads')
        self.assertIn('Retry-After', answer.headers)
        self.assertEqual(self.server.request('GET', locations[3]).status, 200)
        self.assertEqual(self.add().status, 202)
        self.assertEqual(self.server.request('GET', locations[3]).status, 404)
        self.assertEqual(self.server.request('GET', locations[0]).status, 200)

    def test_failed_ones_make_room_too(self):
        for _ in range(20):
            answer = self.server.request('POST', '/video/stream?mode=media', b'no media', PREFER)
            self.assertEqual(answer.status, 202, answer.body)
            location = answer.headers['Location']
            for _ in range(2):
                self.problem(self.server.request('GET', location), 415, 'file')


if __name__ == '__main__':
    unittest.main()
