// SPDX-FileCopyrightText: The gst-harmony4 authors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Any EventSource reads h4sse: this is npm's, in node.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { EventSource } from 'eventsource';
import { AUDIO, Network, VIDEO, cleanUp, launch, until } from './rig.mjs';

const sources = [];

afterEach(async () => {
  while (sources.length) sources.pop().close();
  await cleanUp();
});

/** Keeps what comes: [name, data, id]. */
function listen(url) {
  const source = new EventSource(url);
  const events = [];
  for (const name of ['meta', 'token', 'gap', 'done']) {
    source.addEventListener(name, (event) => events.push([name, JSON.parse(event.data), event.lastEventId]));
  }
  sources.push(source);
  const of = (name) => events.filter((event) => event[0] === name);
  return { source, events, of, tokens: () => of('token') };
}

/** The numbers of ids of one epoch. */
function numbers(tokens) {
  const ids = tokens.map(([, , id]) => /^([0-9a-f]{8})-(\d+)$/.exec(id));
  assert.ok(ids.every(Boolean), 'each event has an id');
  assert.equal(new Set(ids.map((id) => id[1])).size, 1, 'one epoch');
  return ids.map((id) => Number(id[2]));
}

function assertContiguous(list) {
  list.forEach((n, i) => assert.equal(n, list[0] + i));
}

test('meta comes first, then tokens whose ids count', async () => {
  const { address } = await launch(VIDEO('a'), ['a']);
  const client = listen(`${address}events`);
  await until(() => client.tokens().length >= 20, 'tokens');
  const [name, meta] = client.events[0];
  assert.equal(name, 'meta');
  assert.equal(meta.block_size, 0);
  assertContiguous(numbers(client.tokens()));
  const kinds = new Set(client.tokens().map(([, token]) => token.kind));
  assert.ok([...kinds].every((kind) => ['I', 'P', 'B'].includes(kind)));
});

test('a lost connection misses nothing and sees nothing twice', async () => {
  const { port } = await launch(VIDEO('a', 'retry=100'), ['a']);
  const network = await Network.to(port);
  const client = listen(`${network.address}events`);
  for (const at of [10, 20, 40]) {
    await until(() => client.tokens().length >= at, 'tokens');
    network.cut();
    const { length } = client.events;
    await until(() => client.source.readyState === EventSource.CONNECTING, 'loss');
    network.mend();
    await until(() => client.events.length > length + 5, 'more');
  }
  assert.equal(client.of('meta').length, 4);
  assert.deepEqual(client.of('gap'), []);
  assertContiguous(numbers(client.tokens()));
});

test('what history does not have any more is a gap of that size', async () => {
  // Bins are many: what is kept at least, a piece of 64 KiB, is soon over.
  const { port } = await launch(AUDIO('a', 'retry=100 history=10 history-time=0'), ['a']);
  const network = await Network.to(port);
  const client = listen(`${network.address}events`);
  const watcher = listen(`http://127.0.0.1:${port}/events`);
  await until(() => client.tokens().length >= 5, 'tokens');
  network.cut();
  const { length } = watcher.events;
  await until(() => watcher.events.length > length + 4000, 'time to pass');
  network.mend();
  await until(() => client.of('gap').length, 'a gap');
  const before = client.tokens();
  await until(() => client.tokens().length > before.length + 5, 'more');
  const [[, gap]] = client.of('gap');
  assert.equal(gap.reason, 'history');
  const list = numbers(client.tokens());
  const last = client.events.findIndex(([name]) => name === 'gap');
  const seen = client.events.slice(0, last).filter(([name]) => name === 'token').length;
  assert.equal(list[seen] - list[seen - 1] - 1, gap.lost);
  assertContiguous(list.slice(0, seen));
  assertContiguous(list.slice(seen));
});

test('a finished stream stops its clients, at once or when they come back', async () => {
  const line = `videotestsrc num-buffers=30 ! video/x-raw,width=160,height=90 ! vp8enc deadline=1 ! h4videotok
    ! h4sse stream=a port=PORT wait-clients=1 sync=false retry=100 ${AUDIO('b')}`;
  const { address } = await launch(line, ['a', 'b']);
  const client = listen(`${address}events?stream=a`);
  // It reconnects by itself, is answered 204, and gives up for good.
  await until(() => client.source.readyState === EventSource.CLOSED, 'the end');
  assert.equal(client.tokens().length, 30);
  assert.deepEqual(client.of('done').map(([, done]) => done), [{ ok: true, project: 'HarmonyØ4' }]);
  assert.equal((await fetch(`${address}events?stream=a`, { headers: { 'Last-Event-ID': client.of('done')[0][2] } })).status, 204);
  const late = listen(`${address}events?stream=a`);
  await until(() => late.source.readyState === EventSource.CLOSED, 'the end of the late one');
  assert.deepEqual(late.events.map(([name]) => name), ['meta', 'done']);
});

test('two streams share a connection, and a composite id brings both back', async () => {
  const line = `${VIDEO('a', 'retry=100')} ${AUDIO('b', 'retry=100 granularity=frame')}`;
  const { port } = await launch(line, ['a', 'b']);
  const network = await Network.to(port);
  const client = listen(`${network.address}events?stream=a,b`);
  const enough = (n) => () => ['a', 'b'].every((name) => client.tokens().filter(([, , id]) => id.startsWith(`${name}=`)).length >= n);
  await until(enough(10), 'tokens of both');
  network.cut();
  await until(() => client.source.readyState === EventSource.CONNECTING, 'loss');
  network.mend();
  await until(enough(40), 'more of both');
  assert.deepEqual([...new Set(client.of('meta').map(([, meta]) => meta.stream))].sort(), ['a', 'b']);
  for (const name of ['a', 'b']) {
    const own = client.tokens().filter(([, , id]) => id.startsWith(`${name}=`));
    assertContiguous(numbers(own.map(([kind, data, id]) => [kind, data, id.split(',')[0].slice(2)])));
  }
  assert.deepEqual(client.of('gap'), []);
});
