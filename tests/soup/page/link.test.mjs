// SPDX-FileCopyrightText: The gst-harmony4 authors
// SPDX-License-Identifier: LGPL-2.1-or-later
// How the page finds streams, stays connected and comes back: with a server,
// an EventSource and a clock that are the test's.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Link } from './page/live-link.js';
import { Model } from './page/live-model.js';

const VIDEO = { block_size: 0, fps_hint: 25, gop: 50 };

/** A world with one server: what it answers to /streams and to a GET of events, 0 where it is not there. */
class World {
  constructor({ streams = [{ name: 'a', path: '/events' }], ...options } = {}) {
    this.time = 0;
    this.timers = [];
    this.sources = [];
    this.asked = [];
    this.states = [];
    this.news = [];
    this.told = 0;
    this.answers = { streams: 200, events: 200, retryAfter: null };
    this.list = streams;
    const world = this;
    class EventSource {
      constructor(url) {
        Object.assign(this, { url, readyState: 0, listeners: {}, onopen: null, onerror: null });
        world.sources.push(this);
      }
      addEventListener(name, listener) { this.listeners[name] = listener; }
      close() { this.readyState = 2; }
    }
    this.model = new Model();
    this.link = new Link(this.model, {
      EventSource,
      fetch: (url, { headers }) => this.answer(url, headers),
      setTimeout: (action, wait) => {
        const timer = { at: this.time + wait / 1000, action };
        this.timers.push(timer);
        return timer;
      },
      clearTimeout: (timer) => { this.timers = this.timers.filter((other) => other !== timer); },
      now: () => this.time,
    }, { onstate: (link) => this.states.push(link.state), onnews: (news) => this.news.push(news),
      onstreams: () => this.told++, ...options });
  }

  async answer(url, headers) {
    this.asked.push({ url, token: headers.Authorization ?? null });
    const status = url === 'streams' ? this.answers.streams : this.answers.events;
    if (!status) throw new TypeError('Failed to fetch');
    return { status, ok: status === 200, json: async () => this.list, headers: { get: () => this.answers.retryAfter } };
  }

  get open() { return this.sources.filter((source) => source.readyState !== 2); }
  get source() { return this.sources[this.sources.length - 1]; }

  async settle() { for (let i = 0; i < 20; i++) await Promise.resolve(); }

  async start() {
    this.link.start();
    await this.settle();
  }

  async accept() {
    for (const source of this.open.filter((one) => one.readyState === 0)) {
      source.readyState = 1;
      source.onopen();
    }
    await this.settle();
  }

  async fail() {
    const { source } = this;
    source.readyState = 0;
    source.onerror();
    await this.settle();
  }

  /** The clock goes on; what is due happens. */
  async pass(seconds) {
    const end = this.time + seconds;
    for (;;) {
      const [next] = this.timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.time = Math.max(this.time, next.at);
      this.timers = this.timers.filter((timer) => timer !== next);
      next.action();
      await this.settle();
    }
    this.time = end;
  }

  send(type, data, lastEventId = '') {
    this.source.listeners[type]({ data: JSON.stringify(data), lastEventId });
  }
}

async function live(options) {
  const world = new World(options);
  await world.start();
  await world.accept();
  assert.equal(world.link.state, 'live');
  assert.equal(world.told, 1);
  return world;
}

test('all streams of a path share one connection', async () => {
  const world = await live({ streams: [{ name: 'a', path: '/events' }, { name: 'b', path: '/events' }] });
  assert.deepEqual(world.sources.map((source) => source.url), ['/events?stream=a,b']);
});

test('each path has a connection, and it is live when all are', async () => {
  const world = new World({ streams: [{ name: 'a', path: '/events' }, { name: 'a', path: '/more' }] });
  await world.start();
  assert.deepEqual(world.sources.map((source) => source.url), ['/events?stream=a', '/more?stream=a']);
  world.sources[0].readyState = 1;
  world.sources[0].onopen();
  assert.equal(world.link.state, 'connecting');
  await world.accept();
  assert.equal(world.link.state, 'live');
});

test('only the streams that were asked for', async () => {
  const world = await live({ streams: [{ name: 'a', path: '/events' }, { name: 'b', path: '/events' }], only: ['b'] });
  assert.equal(world.source.url, '/events?stream=b');
});

test('an event of another name is listened to', async () => {
  const world = await live({ streams: [{ name: 'a', path: '/events', event: 'frame' }] });
  world.send('meta', VIDEO);
  world.send('frame', { pts_us: 0, block_index: 0, is_key: true }, '0000abcd-1');
  assert.equal(world.model.streams.get('/events a').data.length, 1);
});

test('a lost connection goes on after the last id', async () => {
  const world = await live();
  world.send('meta', VIDEO);
  world.send('token', { pts_us: 0, block_index: 0, is_key: true }, '0000abcd-1');
  await world.fail();
  assert.equal(world.link.state, 'waiting');
  assert.equal(world.open.length, 0);
  await world.pass(0.5);
  assert.equal(world.source.url, '/events?stream=a&last_event_id=0000abcd-1');
  await world.accept();
  assert.equal(world.link.state, 'live');
});

test('a server that is gone is tried after ½, 1, 2, 5 and then every 10 s, always the same', async () => {
  const world = await live();
  await world.pass(5);
  world.answers.streams = 0;
  await world.fail();
  const waits = [];
  for (let i = 0; i < 7; i++) {
    waits.push(Math.round((world.link.retryAt - world.time) * 10) / 10);
    await world.pass(world.link.retryAt - world.time);
  }
  assert.deepEqual(waits, [0.5, 1, 2, 5, 10, 10, 10]);
  world.answers.streams = 200;
  await world.pass(10);
  await world.accept();
  await world.pass(5);
  await world.fail();
  assert.equal(Math.round((world.link.retryAt - world.time) * 10) / 10, 0.5);
});

test('a 503 is waited out, as long as the server says', async () => {
  const world = new World();
  world.answers.events = 503;
  world.answers.retryAfter = '7';
  await world.start();
  await world.fail();
  assert.deepEqual([world.link.state, world.link.detail, world.link.retryAt], ['waiting', 'full', 7]);
  world.answers.events = 200;
  await world.pass(6.9);
  assert.equal(world.open.length, 0);
  await world.pass(0.1);
  await world.accept();
  assert.equal(world.link.state, 'live');
});

test('a wait that would never end does', async () => {
  const world = new World();
  Object.assign(world.answers, { streams: 503, retryAfter: '1e9' });
  await world.start();
  assert.equal(world.link.retryAt, 60);
});

test('whoever does not want to wait need not', async () => {
  const world = new World();
  world.answers.streams = 0;
  await world.start();
  world.answers.streams = 200;
  world.link.retry();
  await world.settle();
  await world.accept();
  assert.equal(world.link.state, 'live');
  world.link.retry();
  await world.settle();
  assert.equal(world.open.length, 1);
});

test('a 401 asks for a token, which is then used', async () => {
  const world = new World();
  world.answers.streams = 401;
  await world.start();
  assert.deepEqual([world.link.state, world.link.detail], ['locked', '']);
  await world.pass(1000);
  assert.equal(world.asked.length, 1);
  world.link.unlock('wrong');
  await world.settle();
  assert.deepEqual([world.link.state, world.link.detail], ['locked', 'wrong']);
  world.answers.streams = 200;
  world.link.unlock('right');
  await world.settle();
  assert.equal(world.asked[world.asked.length - 1].token, 'Bearer right');
  assert.equal(world.source.url, '/events?stream=a&access_token=right');
  await world.accept();
  assert.equal(world.link.state, 'live');
});

test('when all is done it is finished, and looks whether it was started again', async () => {
  const world = await live();
  world.send('meta', VIDEO);
  world.send('token', { pts_us: 0, block_index: 0, is_key: true }, '0000abcd-1');
  world.send('done', { ok: true }, '0000abcd-2');
  assert.equal(world.link.state, 'finished');
  assert.equal(world.open.length, 0);
  world.answers.events = 204;
  await world.pass(35);
  assert.equal(world.open.length, 0);
  assert.equal(world.link.state, 'finished');
  world.answers.streams = 0;
  world.answers.events = 0;
  await world.pass(10);
  assert.equal(world.link.state, 'finished');
  Object.assign(world.answers, { streams: 200, events: 200 });
  await world.pass(10);
  assert.equal(world.source.url, '/events?stream=a&last_event_id=0000abcd-2');
  await world.accept();
  assert.equal(world.link.state, 'live');
});

test('a 204 means finished', async () => {
  const world = new World();
  world.answers.events = 204;
  await world.start();
  await world.fail();
  assert.equal(world.link.state, 'finished');
  assert.ok([...world.model.streams.values()].every((stream) => stream.done));
});

test('a stream that is done does not end the others', async () => {
  const world = await live({ streams: [{ name: 'a', path: '/events' }, { name: 'b', path: '/more' }] });
  const [first, second] = world.sources;
  first.listeners.done({ data: '{"ok":true}', lastEventId: '0000abcd-1' });
  assert.equal(world.link.state, 'live');
  assert.deepEqual([first.readyState, second.readyState], [2, 1]);
  world.answers.events = 204;
  await world.pass(30);
  assert.deepEqual(world.open, [second]);
  assert.equal(world.link.state, 'live');
});

test('without streams it looks again', async () => {
  const world = new World({ streams: [] });
  await world.start();
  assert.equal(world.link.state, 'empty');
  world.list = [{ name: 'a', path: '/events' }];
  await world.pass(3);
  await world.accept();
  assert.equal(world.link.state, 'live');
});

test('a stream that comes later joins the connection; what fails meanwhile does not matter', async () => {
  const world = await live();
  world.answers.streams = 500;
  await world.pass(11);
  assert.equal(world.link.state, 'live');
  world.answers.streams = 200;
  world.list = [{ name: 'a', path: '/events' }, { name: 'b', path: '/events' }];
  await world.pass(11);
  assert.deepEqual(world.open.map((source) => source.url), ['/events?stream=a,b']);
});

test('a connection that is silent for long is made anew', async () => {
  const world = await live();
  const { source } = world;
  await world.pass(60);
  assert.equal(source.readyState, 1);
  await world.pass(11);
  await world.accept();
  assert.equal(source.readyState, 2);
  assert.equal(world.open.length, 1);
});

test('a connection that never opens is given up', async () => {
  const world = new World();
  await world.start();
  const { source } = world;
  world.answers.events = 0;
  await world.pass(10);
  assert.equal(source.readyState, 2);
  assert.equal(world.link.state, 'waiting');
});

test('events of one path need no list', async () => {
  const world = await live({ events: '/jobs/1/events' });
  assert.equal(world.asked.length, 0);
  assert.equal(world.source.url, '/jobs/1/events');
  world.send('meta', VIDEO);
  world.send('token', { pts_us: 0, block_index: 0, is_key: true }, 'j0b-1');
  await world.fail();
  await world.pass(1);
  assert.equal(world.source.url, '/jobs/1/events?last_event_id=j0b-1');
  world.answers.events = 404;
  await world.fail();
  assert.equal(world.link.state, 'gone');
  await world.pass(1000);
  assert.equal(world.open.length, 0);
});

test('an event that cannot be read does no harm', async () => {
  const world = await live();
  world.send('meta', VIDEO);
  world.source.listeners.token({ data: '{"pts_us":', lastEventId: '0000abcd-1' });
  assert.deepEqual(world.news.map(({ type }) => type), ['meta', 'unreadable']);
  world.send('token', { pts_us: 0, block_index: 1, is_key: false }, '0000abcd-2');
  assert.equal(world.model.streams.get('/events a').data.length, 1);
});

test('after a stop nothing happens', async () => {
  const world = await live();
  world.link.stop();
  const { length } = world.asked;
  await world.pass(1000);
  assert.equal(world.open.length, 0);
  assert.equal(world.asked.length, length);
});
