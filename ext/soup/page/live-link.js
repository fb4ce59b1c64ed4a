/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Finds the server's streams and stays connected to them. An EventSource gives
 * up at the first answer that is not 200 and does not say which it was; this
 * one asks, waits and comes back, and goes on after the last id it saw.
 */

import { eventsUrl } from './live-model.js';

const DELAYS = [0.5, 1, 2, 5, 10];  // s before each try; the last one for all that follow
const LOOK_AGAIN = 10;              // s between looks for streams that come and go
const SILENCE = 60;                 // s after which a connection is not trusted any more
const STEADY = 2;                   // s after which the next failure counts as the first

/**
 * States: connecting, live, waiting (until `retryAt`), locked (a token is
 * asked for), empty (no streams), finished, gone (will not come back).
 */
export class Link {
  /**
   * env: fetch, EventSource, setTimeout, clearTimeout and now() in s.
   * events: one path of events instead of those that /streams lists.
   */
  constructor(model, env, { events = null, only = null, token = null, onstate, onnews, onstreams }) {
    Object.assign(this, { model, env, events, only, token, onstate, onnews, onstreams });
    this.state = 'connecting';
    this.detail = '';
    this.retryAt = 0;
    this.failures = 0;
    this.connections = new Map();
    this.timer = null;
    this.run = 0;
  }

  start() { return this.look(); }

  stop() {
    this.run++;
    this.env.clearTimeout(this.timer);
    this.close();
  }

  close() {
    for (const connection of this.connections.values()) connection.source.close();
    this.connections.clear();
  }

  /** A person does not want to wait, or the network is back. */
  retry() {
    if (this.state === 'waiting' || this.state === 'empty') return this.look();
    return undefined;
  }

  unlock(token) {
    this.token = token;
    this.failures = 0;
    return this.look();
  }

  say(state, detail = '') {
    if (state === this.state && detail === this.detail) return;
    this.state = state;
    this.detail = detail;
    this.onstate?.(this);
  }

  later(seconds, action) {
    const { run } = this;
    this.env.clearTimeout(this.timer);
    this.timer = this.env.setTimeout(() => { if (run === this.run) action(); }, seconds * 1000);
  }

  async ask(url, accept) {
    const headers = { Accept: accept };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    const abort = new AbortController();
    const limit = this.env.setTimeout(() => abort.abort(), 10000);
    try {
      const answer = await this.env.fetch(url, { headers, cache: 'no-store', signal: abort.signal });
      const body = answer.ok && accept === 'application/json' ? await answer.json() : null;
      return { status: answer.status, retryAfter: Number(answer.headers.get('Retry-After')) || 0, body };
    } catch {
      return { status: 0, retryAfter: 0, body: null };
    } finally {
      this.env.clearTimeout(limit);
      // An answer that streams is not wanted any further.
      abort.abort();
    }
  }

  /** Asks which streams there are, then connects to those that are not. */
  async look() {
    const run = ++this.run;
    this.env.clearTimeout(this.timer);
    if (this.events) {
      this.take([{ path: this.events }]);
    } else {
      const answer = await this.ask('streams', 'application/json');
      if (run !== this.run) return;
      if (answer.status === 200 && Array.isArray(answer.body)) {
        this.take(answer.body.filter((info) => !this.only || this.only.includes(info.name)));
      } else if (answer.status === 401 || !(this.connections.size || this.state === 'finished')) {
        this.refused(answer);
        return;
      }
    }
    await this.connect(run);
  }

  take(list) {
    if (this.model.set(list)) {
      this.close();
      this.onstreams?.();
    }
  }

  async connect(run) {
    for (const [path, streams] of this.model.paths()) {
      if (this.connections.has(path)) continue;
      // Whether it was started again, only an answer tells.
      if (streams.every((stream) => stream.done)) {
        const { status } = await this.ask(eventsUrl(path, streams, null), 'text/event-stream');
        if (run !== this.run) return;
        if (status !== 200) continue;
      }
      this.open(path, streams);
    }
    if (this.connections.size) this.later(LOOK_AGAIN, () => this.check());
    else if (this.model.streams.size) this.finish();
    else {
      this.say('empty');
      this.later(LOOK_AGAIN / 4, () => this.look());
    }
  }

  open(path, streams) {
    const source = new this.env.EventSource(eventsUrl(path, streams, this.token));
    const connection = { source, streams, opened: null };
    this.connections.set(path, connection);
    if (this.state === 'empty' || this.state === 'locked') this.say('connecting');
    for (const stream of streams) stream.connected(this.env.now());
    source.onopen = () => this.opened(connection);
    source.onerror = () => this.failed(path, connection);
    const names = new Set(['meta', 'gap', 'done', 'message', ...streams.map((stream) => stream.event)]);
    for (const name of names) source.addEventListener(name, (event) => this.receive(path, connection, name, event));
  }

  opened(connection) {
    connection.opened = this.env.now();
    for (const other of this.connections.values()) if (other.opened === null) return;
    this.say('live');
  }

  receive(path, connection, name, event) {
    if (this.connections.get(path) !== connection) return;
    const { streams, source } = connection;
    try {
      const news = this.model.receive(streams, name, event.lastEventId, event.data, this.env.now());
      if (news) this.onnews?.(news);
    } catch (error) {
      this.onnews?.({ type: 'unreadable', error });
    }
    if (name === 'done' && streams.every((stream) => stream.done)) {
      source.close();
      this.connections.delete(path);
      if (!this.connections.size) this.finish();
    }
  }

  finish() {
    this.failures = 0;
    this.say('finished');
    // The same streams may be started again.
    if (!this.events) this.later(LOOK_AGAIN, () => this.look());
  }

  /** While connected: are there new streams, is a connection dead and does not know it? */
  check() {
    const now = this.env.now();
    for (const [path, connection] of this.connections) {
      const latest = Math.max(connection.opened, ...connection.streams.map((stream) => stream.lastEvent ?? 0));
      if (connection.opened === null) {
        this.failed(path, connection);
        return;
      }
      if (now - latest > SILENCE) {
        connection.source.close();
        this.connections.delete(path);
      }
    }
    if (this.events) this.connect(++this.run);
    else this.look();
  }

  /** An EventSource lost its connection, or never got one. */
  async failed(path, connection) {
    if (this.connections.get(path) !== connection) return;
    const { source, streams, opened } = connection;
    source.close();
    this.connections.delete(path);
    const run = ++this.run;
    if (opened !== null) {
      if (this.env.now() - opened > STEADY) this.failures = 0;
      this.refused({ status: 0, retryAfter: 0 });
      return;
    }
    const answer = await this.ask(eventsUrl(path, streams, null), 'text/event-stream');
    if (run !== this.run) return;
    if (answer.status === 204) {
      for (const stream of streams) if (!stream.done) stream.finish();
      await this.connect(run);
    } else {
      this.refused(answer);
    }
  }

  refused({ status, retryAfter }) {
    if (status === 401) {
      this.close();
      this.say('locked', this.token ? 'wrong' : '');
      return;
    }
    if (this.events && (status === 404 || status === 410)) {
      this.say('gone');
      return;
    }
    const delay = DELAYS[Math.min(this.failures++, DELAYS.length - 1)];
    const seconds = Math.min(60, Math.max(delay, retryAfter));
    this.retryAt = this.env.now() + seconds;
    this.state = 'waiting';
    this.detail = status === 503 || status === 429 ? 'full' : status >= 400 ? `status ${status}` : '';
    this.onstate?.(this);
    this.later(seconds, () => this.look());
  }
}
