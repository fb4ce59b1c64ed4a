# SPDX-FileCopyrightText: The gst-harmony4 authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a bench in Python prints: as bench.c does."""

import json
import sys


class Rows:
    def __init__(self, name):
        if sys.argv[1:] not in ([], ['--json']):
            sys.exit(f'usage: bench_{name} [--json]')
        self.name = name
        self.as_json = '--json' in sys.argv
        self.rows = []

    def more(self, work, unit, ours, peer_name, peer, target):
        """More is better. peer 0: there is none; target 0: nothing is promised."""
        self.add(work, unit, ours, peer_name, peer, ours / peer if peer else 0.0, target)

    def less(self, work, unit, ours, peer_name, peer, target):
        """Less is better: the ratio says how many times ours goes into the peer's."""
        self.add(work, unit, ours, peer_name, peer, peer / ours if ours else 1.0, target)

    def add(self, work, unit, ours, peer_name, peer, ratio, target):
        absent = not peer and peer_name != 'limit'
        verdict = '' if absent or not target else 'pass' if ratio >= target else 'SHORT'
        self.rows.append({'bench': self.name, 'work': work, 'unit': unit, 'ours': ours, 'peer_name': peer_name,
                          'peer': peer, 'ratio': round(ratio, 3), 'target': target, 'verdict': verdict})
        if not self.as_json:
            print(f'{work:<44} {ours:>12.4g} {unit:<4} {peer:>12.4g}  {peer_name:<18} {ratio:>7.2f}x '
                  + (f'>= {target:.2f}x  {verdict}' if target else ''), flush=True)

    def finish(self):
        if self.as_json:
            print(json.dumps(self.rows))
        else:
            short = sum(row['verdict'] == 'SHORT' for row in self.rows)
            print(f'{len(self.rows)} rows, {short} short')
