#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""h4sse under clients that are many, slow, hasty or rude, on loopback.

Whoever reads loses nothing, the pipeline does not notice, and afterwards the
process has as many files open and as much memory as before. --many: as many
and as long as is worth while, not as many as is quick.
"""

import sys
import unittest

import h4loadtest

MIB = 1 << 20

MANY = '--many' in sys.argv

# Each: quick, many.
CROWD = 1000, 10000
STALLED = 50, 200
CHURNING = 60, 200
CHURN_SECONDS = 5, 60
HALVES = 200, 1000


def size(pair):
    return pair[MANY]


class Abuse(unittest.TestCase):
    def ours(self, properties='', files=None, **arguments):
        ours = h4loadtest.Ours(properties, files, **arguments)
        self.addCleanup(ours.kill)
        # What it opens late is open once it has had a client.
        load = self.load(ours, 1)
        load.wait_connected()
        load.end()
        self.idle = ours.wait_clients(0)
        return ours

    def load(self, ours, clients, mode='read', **arguments):
        load = h4loadtest.Load(ours.port, clients, mode, time=240, **arguments)
        self.addCleanup(load.kill)
        return load

    def check_whole(self, report, last=None):
        """Every event came once, in order, and to the end."""
        self.assertEqual(report['answered'], report['clients'], report)
        for what in 'lost', 'doubled', 'gaps', 'malformed', 'failed', 'refused':
            self.assertEqual(report[what], 0, (what, report))
        self.assertEqual(report['last'][0], report['last'][1], report)
        if last:
            self.assertEqual(report['done'], report['clients'], report)
            self.assertGreaterEqual(report['last'][0], last, report)

    def check_unnoticed(self, ours, count):
        """The pipeline came to its end: all was rendered, nothing waits."""
        status = ours.wait(lambda status: status['eos'], 'no EOS')
        self.assertEqual((status['pushed'], status['level']), (count, 0))
        return status

    def check_files(self, ours):
        """As many are open as were when there was no client."""
        ours.wait(lambda status: status['files'] == self.idle['files'], f'not {self.idle["files"]} files')

    def check_quit(self, ours):
        self.assertEqual(ours.quit(), 0)


class Crowd(Abuse):
    def test_a_crowd_at_once_gets_everything(self):
        count, n = 100, size(CROWD)
        ours = self.ours('history=1000 max-clients=20000', rate=50, count=count, wait=True)
        load = self.load(ours, n, burst=n)
        n = load.wait_connected()['clients']
        ours.ask('publish')
        ours.wait_clients(n)
        report = load.report()
        self.check_whole(report, count)
        self.assertEqual(report['events'], count * n)
        self.assertEqual(report['metas'], n)
        self.check_unnoticed(ours, count)
        ours.wait_clients(0)
        self.check_files(ours)
        self.check_quit(ours)

    def test_latecomers_are_told_all_that_was(self):
        count, n = 100, size(CROWD) // 2
        ours = self.ours('history=1000', rate=50, count=count)
        report = self.load(ours, n, last_event_id='earliest').report()
        self.check_whole(report, count)
        self.assertEqual(report['first'], [1, 1])
        self.assertEqual(report['events'], count * n)
        self.check_quit(ours)

    def test_crowds_that_come_again_leave_nothing(self):
        ours = self.ours(rate=10)
        n = size(CROWD)
        was = []
        for _ in range(3):
            load = self.load(ours, n)
            load.wait_connected()
            load.end()
            was.append(ours.wait_clients(0))
        self.assertEqual(was[0]['files'], was[2]['files'])
        self.assertLess(was[2]['resident'] - was[0]['resident'], MIB)
        self.check_quit(ours)


class Slow(Abuse):
    COUNT = 20000

    def run_beside_stalled(self, properties, healthy=20):
        """Healthy clients and such that never read; gives the status at EOS, and what became of these."""
        ours = self.ours('max-lag=524288 linger=1000 ' + properties, rate=8000, count=self.COUNT, wait=True)
        stalled = self.load(ours, size(STALLED), 'stall')
        stalled.wait_connected()
        if healthy:
            load = self.load(ours, healthy)
            load.wait_connected()
        ours.ask('publish')
        if healthy:
            self.check_whole(load.report(), self.COUNT)
        return ours, self.check_unnoticed(ours, self.COUNT), stalled

    def test_those_that_did_not_read_are_told_what_they_missed(self):
        self.run_until_they_read(healthy=20)

    def test_nobody_read_and_all_are_told_what_they_missed(self):
        self.run_until_they_read(healthy=0)

    def run_until_they_read(self, healthy):
        ours, status, stalled = self.run_beside_stalled('overflow=skip', healthy)
        self.assertEqual(status['num-clients'], size(STALLED))
        stalled.stop_stalling()
        report = stalled.report()
        self.assertEqual(report['done'], size(STALLED), report)
        self.assertEqual(report['gaps'], size(STALLED), report)
        self.assertGreater(report['lost'], 0)
        self.assertEqual(report['announced'], report['lost'], report)
        status = ours.wait_clients(0)
        self.assertEqual(status['stats']['events-skipped'], report['lost'])
        self.assertEqual(status['stats']['clients-dropped'], 0)
        self.check_quit(ours)

    def test_those_that_never_read_are_disconnected(self):
        ours, status, stalled = self.run_beside_stalled('overflow=disconnect')
        self.assertEqual(status['stats']['clients-dropped'], size(STALLED))
        ours.wait_clients(0)
        stalled.end()
        self.check_quit(ours)

    def test_memory_stays_what_it_is_however_many_never_read(self):
        ours = self.ours('max-lag=524288', rate=40000)
        stalled = self.load(ours, size(STALLED), 'stall')
        stalled.wait_connected()
        # the history is full: 8 MiB
        full = ours.wait(lambda status: status['pushed'] > 100000, 'no events')
        self.assertLess(full['resident'], 100 * MIB)
        self.assertEqual(full['num-clients'], size(STALLED))
        stalled.end()
        ours.wait_clients(0)
        self.check_quit(ours)


class Hasty(Abuse):
    def test_coming_and_going_disturbs_nobody(self):
        seconds = size(CHURN_SECONDS)
        ours = self.ours('history=100000', rate=200)
        healthy = self.load(ours, 50)
        healthy.wait_connected()
        churn = h4loadtest.Load(ours.port, size(CHURNING), 'churn', time=seconds, seed=7)
        self.addCleanup(churn.kill)
        report = churn.report()
        self.assertGreater(report['answered'], size(CHURNING))
        for what in 'lost', 'doubled', 'gaps', 'malformed', 'refused':
            self.assertEqual(report[what], 0, (what, report))
        status = ours.wait_clients(50)
        self.assertLess(status['level'], 200)
        ours.ask('stop')
        report = healthy.report()
        self.check_whole(report)
        self.assertGreaterEqual(report['last'][0], 150 * seconds)
        ours.ask('play')
        self.check_files(ours)
        self.check_quit(ours)


class Rude(Abuse):
    def test_half_sent_heads_hold_up_nobody(self):
        count = 200
        ours = self.ours(rate=100, count=count, wait=True)
        halves = self.load(ours, size(HALVES), 'half', seed=3)
        halves.wait_connected()
        healthy = self.load(ours, 50)
        healthy.wait_connected()
        ours.ask('publish')
        self.check_whole(healthy.report(), count)
        self.check_unnoticed(ours, count)
        halves.end()
        self.check_files(ours)
        self.check_quit(ours)

    @unittest.skipUnless(MANY, 'takes ten seconds')
    def test_half_sent_heads_are_answered_408(self):
        ours = self.ours(rate=10)
        report = self.load(ours, size(HALVES), 'half', seed=4).report()
        self.assertEqual(report['timed_out'], size(HALVES), report)
        self.check_files(ours)
        self.check_quit(ours)

    def test_files_run_out_and_come_back(self):
        files, n = 200, 400
        ours = self.ours(files=files, rate=100)
        healthy = self.load(ours, 20)
        healthy.wait_connected()
        crowd = self.load(ours, n, burst=n)
        # as many as there are files for, the others wait or are closed
        ours.wait(lambda status: status['num-clients'] > files // 2, 'no crowd')
        last = ours.ask('status')['pushed']
        ours.wait(lambda status: status['pushed'] > last + 100, 'no events')
        self.assertLessEqual(ours.ask('status')['files'], files)
        crowd.end()
        ours.wait_clients(20)
        # and now there is room again
        again = self.load(ours, 100)
        again.wait_connected()
        ours.wait_clients(120)
        self.assertEqual(again.end()['answered'], 100)
        ours.wait_clients(20)
        ours.ask('stop')
        self.check_whole(healthy.report())
        ours.ask('play')
        self.check_files(ours)
        self.check_quit(ours)

    def test_stopping_in_the_middle_of_it(self):
        ours = self.ours('linger=500', rate=500)
        loads = [self.load(ours, size(CROWD) // 4), self.load(ours, size(STALLED), 'stall'),
                 self.load(ours, 50, 'half', seed=5)]
        for load in loads:
            load.wait_connected()
        loads.append(self.load(ours, size(CHURNING), 'churn', seed=6))
        ours.wait(lambda status: status['pushed'] > 500, 'no events')
        self.assertEqual(ours.ask('stop')['num-clients'], 0)
        self.check_whole(loads[0].report())
        for load in loads[1:]:
            load.end()
        ours.ask('play')
        self.check_files(ours)
        # and it serves again
        load = self.load(ours, 20)
        load.wait_connected()
        pushed = ours.wait_clients(20)['pushed']
        ours.wait(lambda status: status['pushed'] > pushed + 50, 'no events')
        self.check_quit(ours)
        self.check_whole(load.report())


if __name__ == '__main__':
    unittest.main(argv=[argument for argument in sys.argv if argument != '--many'])
