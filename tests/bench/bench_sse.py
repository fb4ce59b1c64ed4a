#!/usr/bin/env python3
# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""h4sse against other servers of events, and what it costs a pipeline.

Each server is a process that is told the same events at the same rate, and
sends them to the same clients (h4load), which are another process. Servers
run in turns, and the best turn of each counts, where all were delivered. The
ratio says how many times ours is better, whichever way that is.
"""

import contextlib
import json
import subprocess
import sys
import tempfile

import bench_rows
import sse_peers

OURS = 'history=1024 max-clients=20000 web-page=false'
TURNS = 2
N_TOKENS = 1000000
COST_TURNS = 6


@contextlib.contextmanager
def nchan(rate):
    with tempfile.TemporaryDirectory() as work, sse_peers.Nchan(work, rate) as server:
        yield server


def ours(rate):
    return sse_peers.Server('sse_ours', f'--rate={rate}', OURS)


def epoll(rate):
    return sse_peers.Server('sse_epoll', rate)


def soup(rate):
    return sse_peers.Server('sse_soup', rate)


def run_turns(servers, clients, rate):
    """The reports of each server, those where most was delivered first."""
    reports = {server: [] for server in servers}
    for _ in range(TURNS):
        for server in servers:
            with server(rate) as running:
                report = sse_peers.measure(running, clients)
            if report:
                reports[server].append(report)
    return reports


def best(reports, what, better=min):
    return better((report[what] for report in reports), default=0)


def crowd(rows, clients=10000, rate=10):
    peers = [nchan] if sse_peers.Nchan.is_there() else []
    reports = run_turns([ours, epoll, *peers], clients, rate)
    mine = reports[ours]
    work = f'{mine[0]["clients"]} clients, {rate}/s'
    for server, target in (nchan, 1 / 0.7), (epoll, 0):
        theirs = reports.get(server, [])
        name = {nchan: 'nginx+nchan', epoll: 'epoll by hand'}[server]
        rows.less(f'{work}: CPU an event', 'us', best(mine, 'cpu_us'), name, best(theirs, 'cpu_us'), target)
        rows.less(f'{work}: p99', 'ms', best(mine, 'p99_us') / 1e3, name, best(theirs, 'p99_us') / 1e3,
                  1 if target else 0)
    rows.less(f'{work}: memory a client', 'B', max(best(mine, 'bytes_per_client'), 1), 'limit', 2000, 1)
    rows.more(f'{work}: delivered', '1/s', best(mine, 'rate', max), 'all', clients * rate, 0.99)
    rows.less(f'{work}: lost or doubled, at most', '', lost(mine), 'limit', 0, 1)


def lost(reports):
    return max(report['lost'] + report['doubled'] + report['gaps'] for report in reports)


def fast(rows, clients=5000, rate=100):
    reports = run_turns([ours, epoll], clients, rate)
    work = f'{reports[ours][0]["clients"]} clients, {rate}/s'
    rows.more(f'{work}: delivered', '1/s', best(reports[ours], 'rate', max), 'epoll by hand',
              best(reports[epoll], 'rate', max), 0.9)
    rows.less(f'{work}: CPU an event', 'us', best(reports[ours], 'cpu_us'), 'epoll by hand',
              best(reports[epoll], 'cpu_us'), 0)


def few(rows, clients=1000, rate=10):
    """libsoup's own way, which accepts no more than a few thousands in time."""
    reports = run_turns([ours, soup], clients, rate)
    rows.less(f'{clients} clients, {rate}/s: CPU an event', 'us', best(reports[ours], 'cpu_us'), 'libsoup, chunked',
              best(reports[soup], 'cpu_us'), 0)
    rows.less(f'{clients} clients, {rate}/s: memory a client', 'B', max(best(reports[ours], 'bytes_per_client'), 1),
              'libsoup, chunked', best(reports[soup], 'bytes_per_client'), 0)


class Cost:
    """A sink in a process, into which a thread pushes tokens."""

    def __init__(self, sink):
        self.process = subprocess.Popen([sse_peers.HERE / 'sse_cost', str(N_TOKENS), sink], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=1)
        self.port = json.loads(self.process.stdout.readline())['port']

    def run(self):
        """us a token: CPU of the thread that pushes, and altogether."""
        said = []
        for _ in range(COST_TURNS):
            self.process.stdin.write('\n')
            said.append(json.loads(self.process.stdout.readline()))
        return min(turn['cpu_us'] for turn in said), min(turn['wall_us'] for turn in said)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def cost(rows):
    with Cost('fakesink sync=false') as process:
        floor_cpu, _ = process.run()
    for clients, mode, name in (0, None, 'no client'), (100, 'read', '100 that read'), (20, 'stall', '20 that do not'):
        with Cost('h4sse port=0 sync=false linger=0 web-page=false') as process:
            load = None
            if mode:
                load = sse_peers.load(process.port, f'--clients={clients}', f'--mode={mode}', '--time=60')
                load.stdout.readline()
            cpu, wall = process.run()
            if load:
                load.terminate()
                load.communicate()
        rows.less(f'cost to the pipeline, {name}', 'us', max(cpu - floor_cpu, 0.001), 'limit', 0.3, 1)
        print(f'{name}: {wall:.3f} us a token altogether, fakesink {floor_cpu:.3f}', file=sys.stderr)


def main():
    rows = bench_rows.Rows('sse')
    cost(rows)
    few(rows)
    crowd(rows)
    fast(rows)
    rows.finish()


if __name__ == '__main__':
    main()
