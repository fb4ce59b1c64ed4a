/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the page knows of its streams. Nothing here draws, waits or connects,
 * and nothing grows: every list has an end.
 */

const RING_SLOTS = 1 << 18;     // bins that an audio stream keeps
const RING_ENTRIES = 1 << 14;   // frames or blocks that a stream keeps
const MOST_BINS = 1 << 16;      // of a frame
export const RANGE_DB = 60;     // below a frame's largest bin, which are shown
const MARKS = 128;
const SEGMENTS = 128;
const LINES = 200;
const LINE_LENGTH = 400;
const SEAM = 0.3;               // s between what does not belong together
const BACK = 3;                 // s that time may step back: reordered frames do
const AHEAD = 5;                // s that are skipped where something was lost
// GStreamer's video encoders begin at 1000 hours, so that no decoding time is negative.
const ENCODER_START = 3600000;

/** The ids of an `id:` line by stream; the event's own stream comes first. */
export function parseId(text, single = '') {
  const ids = new Map();
  for (const part of text.split(',')) {
    const found = /^(?:([\w.-]+)=)?([^=\s]+)-(\d+)$/.exec(part);
    if (found) ids.set(found[1] ?? single, { epoch: found[2], n: Number(found[3]) });
  }
  return ids;
}

/** A token's time in s, from the stream's beginning also where an encoder begins at ENCODER_START. */
function timeOf(token) {
  const time = typeof token.pts_us === 'number' ? token.pts_us / 1e6 : NaN;
  return time >= ENCODER_START ? time - ENCODER_START : time;
}

const idText = (id) => `${id.epoch}-${id.n}`;

/** Where a stream's events are asked for, from where they were left. */
export function eventsUrl(path, streams, token) {
  const query = [];
  if (streams.length > 1 || streams[0].name) {
    query.push('stream=' + streams.map((stream) => encodeURIComponent(stream.name)).join(','));
  }
  const left = streams.filter((stream) => stream.lastId);
  if (left.length) {
    const ids = left.map((stream) => (streams.length > 1 ? `${stream.name}=` : '') + idText(stream.lastId));
    query.push('last_event_id=' + encodeURIComponent(ids.join(',')));
  }
  if (token) query.push('access_token=' + encodeURIComponent(token));
  if (!query.length) return path;
  return path + (path.includes('?') ? '&' : '?') + query.join('&');
}

/** How much of something there is a second, over the last two of them. */
export class Rate {
  constructor() {
    this.sums = new Float64Array(10);
    this.slot = 0;
  }

  turn(now) {
    const slot = Math.floor(now * 5);
    if (slot > this.slot) {
      for (let i = Math.max(this.slot + 1, slot - 9); i <= slot; i++) this.sums[i % 10] = 0;
      this.slot = slot;
    }
  }

  add(now, amount) {
    this.turn(now);
    this.sums[this.slot % 10] += amount;
  }

  /** The slot that is being filled does not count yet. */
  get(now) {
    this.turn(now);
    let sum = 0;
    for (let i = 0; i < 10; i++) if (i !== this.slot % 10) sum += this.sums[i];
    return sum / 1.8;
  }
}

/** The latest entries of parallel arrays; `at(0)` is the newest. */
class Ring {
  constructor(capacity) {
    this.capacity = capacity;
    this.count = 0;
    this.x = new Float64Array(capacity);
  }

  get length() { return Math.min(this.count, this.capacity); }
  at(back) { return (this.count - 1 - back) % this.capacity; }

  copy() {
    const copy = Object.assign(Object.create(Object.getPrototypeOf(this)), this);
    for (const [name, value] of Object.entries(this)) {
      if (ArrayBuffer.isView(value)) copy[name] = value.slice();
    }
    return copy;
  }
}

/** Frames of a spectrum: the largest bins of each. */
export class Spectrum extends Ring {
  constructor(meta) {
    const width = Math.min(MOST_BINS, Math.ceil(meta.top_k) * Math.max(1, Math.ceil(meta.channels ?? 1)));
    super(Math.max(16, Math.min(RING_ENTRIES, Math.floor(RING_SLOTS / width))));
    this.kind = 'audio';
    this.width = width;
    this.rate = meta.sample_rate;
    this.binHz = meta.sample_rate / meta.frame_size;
    this.step = (meta.hop ?? meta.frame_size / 2) / meta.sample_rate;
    this.channels = meta.channels ?? 1;
    this.bins = new Uint16Array(this.capacity);
    this.hz = new Float32Array(this.capacity * width);
    this.magnitude = new Float32Array(this.capacity * width);
    this.level = new Uint8Array(this.capacity * width);
  }

  begin(x) {
    const at = this.count++ % this.capacity;
    this.x[at] = x;
    this.bins[at] = 0;
  }

  addBin(hz, magnitude) {
    const at = this.at(0);
    if (this.bins[at] >= this.width) return;
    const slot = at * this.width + this.bins[at]++;
    this.hz[slot] = hz;
    this.magnitude[slot] = magnitude;
    const level = magnitude > 0 ? 1 + 20 * Math.log10(magnitude) / RANGE_DB : 0;
    this.level[slot] = Math.max(0, Math.min(255, Math.round(level * 255)));
  }

  /** The strongest bins of the last `seconds`, each by its mean. */
  strongest(limit, seconds = 0.3) {
    const sums = new Map();
    let frames = 0;
    for (let back = 0; back < this.length; back++) {
      const at = this.at(back);
      if (frames && this.x[at] < this.x[this.at(0)] - seconds) break;
      frames++;
      for (let i = 0; i < this.bins[at]; i++) {
        const hz = this.hz[at * this.width + i];
        const magnitude = this.magnitude[at * this.width + i];
        if (magnitude > 0) sums.set(hz, (sums.get(hz) ?? 0) + magnitude);
      }
    }
    return [...sums].map(([hz, sum]) => ({ hz, magnitude: sum / frames / this.channels }))
      .sort((a, b) => b.magnitude - a.magnitude || a.hz - b.hz).slice(0, limit);
  }
}

export const KINDS = ['I', 'P', 'B', 'other'];

/** Blocks of a stream, in the order in which they came. */
export class Blocks extends Ring {
  constructor(meta) {
    super(RING_ENTRIES);
    this.kind = 'video';
    this.blockSize = meta.block_size ?? 0;
    this.hasKinds = false;
    this.hasSizes = this.blockSize > 0;
    this.keys = 0;
    this.lastKey = this.keyInterval = null;
    this.index = new Uint32Array(this.capacity);
    this.size = new Float64Array(this.capacity);
    this.type = new Uint8Array(this.capacity);
  }

  add(x, token) {
    const at = this.count++ % this.capacity;
    const type = token.kind ? KINDS.indexOf(token.kind) : token.is_key ? 0 : 3;
    if (token.kind) this.hasKinds = true;
    if (token.size !== undefined) this.hasSizes = true;
    this.x[at] = x;
    this.index[at] = token.block_index;
    this.size[at] = token.size ?? this.blockSize;
    this.type[at] = type < 0 ? 3 : type;
    if (token.is_key) {
      this.keys++;
      if (this.lastKey !== null) this.keyInterval = x - this.lastKey;
      this.lastKey = x;
    }
  }

  /** Blocks and bits a second, by the stream's own time. */
  rates(newest, seconds = 2) {
    let blocks = 0, bits = 0, oldest = newest;
    for (let back = 0; back < this.length; back++) {
      const at = this.at(back);
      if (this.x[at] <= newest - seconds) {
        if (this.x[at] < newest - 2 * seconds) break;
        continue;
      }
      oldest = Math.min(oldest, this.x[at]);
      blocks++;
      bits += this.size[at] * 8;
    }
    // Of n blocks that came, n - 1 are known to have ended.
    const span = blocks > 1 ? (newest - oldest) * blocks / (blocks - 1) : 0;
    return span > 0 ? { blocks: blocks / span, bits: bits / span } : { blocks: 0, bits: 0 };
  }
}

/** The latest lines of JSON or text. */
export class Lines {
  constructor() {
    this.kind = 'text';
    this.list = [];
    this.count = 0;
  }

  add(text, now) {
    const cut = text.length > LINE_LENGTH ? text.slice(0, LINE_LENGTH - 1) + '…' : text;
    this.list.push({ n: this.count++, now, text: cut });
    if (this.list.length > LINES) this.list.shift();
  }

  copy() { return Object.assign(new Lines(), this, { list: this.list.slice() }); }
}

/**
 * Tells what is replayed from what is live: while history comes, a stream's
 * time runs faster than ours.
 */
class Replay {
  constructor(now, before = null) {
    this.best = Infinity;
    this.improved = now;
    this.seen = this.count = before?.count ?? 0;
    this.from = before?.from ?? null;
    this.to = before?.to ?? null;
  }

  /** Whether it goes on. */
  see(now, x) {
    const late = now - x;
    this.from ??= x;
    if (late < this.best - 0.05) {
      if (this.best !== Infinity) {
        this.count = this.seen;
        this.to = x;
      }
      this.best = late;
      this.improved = now;
    }
    return now - this.improved < 0.5;
  }
}

/** One stream: what it is, how it is doing, and its latest data. */
export class Stream {
  constructor({ name = '', path, event = 'token' }) {
    Object.assign(this, { name, path, event });
    this.key = `${path} ${name}`;
    this.meta = null;
    this.metaText = '';
    this.data = null;
    this.tracks = new Map();
    this.done = false;
    this.lastId = null;
    this.lastEvent = null;
    this.events = this.lost = this.replayed = 0;
    this.eventRate = new Rate();
    this.byteRate = new Rate();
    this.marks = [];
    // Shown time is the stream's own plus a shift, and never starts again.
    this.segments = [{ x: -Infinity, shift: 0 }];
    this.newest = null;
    this.top = -Infinity;
    this.skipped = null;
    this.broken = false;
    this.replay = null;
    this.origin = 1;
    this.frame = null;
  }

  /** A connection begins that was asked to go on where the last one ended. */
  connected(now) {
    this.replay = this.lastId ? new Replay(now) : null;
    for (const track of this.tracks.values()) track.connected(now);
  }

  /** What is shown of it: itself, or the tracks that its events are of. */
  get parts() { return this.tracks.size ? [...this.tracks.values()] : [this]; }

  get replaying() { return this.replay !== null && this.replay.count > 0; }

  setMeta(meta) {
    const text = JSON.stringify(meta);
    if (text === this.metaText) return;
    this.metaText = text;
    this.meta = meta;
    this.setTracks(meta.tracks ?? []);
    if (meta.sample_rate > 0 && meta.frame_size > 0 && meta.top_k > 0) this.data = new Spectrum(meta);
    else if (meta.block_size !== undefined || meta.fps_hint) this.data = new Blocks(meta);
    else this.data = new Lines();
    if (this.newest !== null) this.broken = true;
    this.origin = (this.lastId?.n ?? 0) + 1;
    this.frame = null;
  }

  /** The frames of a file: each track has a time of its own. */
  setTracks(list) {
    const before = this.tracks;
    this.tracks = new Map();
    for (const { id, kind, name, caps } of list) {
      const track = before.get(id) ?? new Stream({ name: name ? `${name} · ${id}` : `Track ${id}`, path: this.path });
      track.key = `${this.key} ${id}`;
      track.setMeta({ block_size: 0, kind, type: caps?.split(',')[0] });
      this.tracks.set(id, track);
    }
  }

  gap(lost, reason) {
    for (const track of this.tracks.values()) track.gap(lost, reason);
    if (lost) this.lost += lost;
    if (this.newest !== null) {
      this.skipped = this.mark('gap', this.newest, this.newest, { lost, reason });
    }
  }

  mark(kind, from, to, more) {
    const mark = { kind, from, to, ...more };
    this.marks.push(mark);
    if (this.marks.length > MARKS) this.marks.shift();
    return mark;
  }

  finish() {
    this.done = true;
    for (const track of this.tracks.values()) track.finish();
    if (this.newest !== null) this.mark('done', this.newest, this.newest);
    this.endReplay();
  }

  /** An event of this stream's own kind. */
  token(text, id, now) {
    this.count(now, text.length + (id ? 40 : 20));
    if (id) this.follow(id);
    this.done = false;
    if (!this.data) return;
    if (this.tracks.size) {
      this.newest = now;
      this.passOn(JSON.parse(text), text, id, now);
      return;
    }
    if (this.data.kind === 'text') {
      this.data.add(text, now);
      this.newest = now;
      return;
    }
    this.take(JSON.parse(text), now);
  }

  take(token, now) {
    if (this.replay) this.replay.seen++;
    if (this.data.kind === 'video') this.data.add(this.place(timeOf(token), now), token);
    else if (token.bins) this.addFrame(token, now);
    else this.addBin(token, now);
  }

  passOn(token, text, id, now) {
    const track = this.tracks.get(token.track);
    if (!track) return;
    track.count(now, text.length + 40);
    if (id) track.follow(id);
    track.done = false;
    track.take(token, now);
  }

  count(now, bytes) {
    this.events++;
    this.lastEvent = now;
    this.eventRate.add(now, 1);
    this.byteRate.add(now, bytes);
  }

  follow(id) {
    if (this.lastId && this.lastId.epoch !== id.epoch) {
      this.broken = this.newest !== null;
      this.origin = 1;
      this.frame = null;
    }
    this.lastId = id;
  }

  addFrame(token, now) {
    this.data.begin(this.place(timeOf(token), now));
    for (const bin of token.bins) this.data.addBin(bin.bin_hz, bin.magnitude);
  }

  /** Bins have no time: their number says which frame they belong to. */
  addBin(bin, now) {
    const { width, step } = this.data;
    const n = this.lastId ? this.lastId.n : this.events;
    let frame = Math.floor((n - this.origin) / width);
    if ((n - this.origin) % width === 0 && bin.magnitude > 0 && bin.magnitude < 1) {
      // The first of a frame is its largest: the count began elsewhere.
      this.origin++;
      frame--;
    }
    if (frame !== this.frame) {
      this.frame = frame;
      this.data.begin(this.place(frame * step, now));
    }
    this.data.addBin(bin.bin_hz, bin.magnitude);
  }

  /** Where a time of the stream, in s, is shown. */
  place(time, now) {
    if (!Number.isFinite(time)) time = Math.max(this.top, 0);
    const jumped = this.skipped && time > this.top + AHEAD;
    if (this.newest !== null && (this.broken || jumped || time < this.top - BACK)) this.breakTime(time, now);
    this.broken = false;
    const x = time + this.segments[this.segments.length - 1].shift;
    this.top = Math.max(this.top, time);
    this.newest = this.newest === null ? x : Math.max(this.newest, x);
    if (this.skipped) {
      this.skipped.to = x;
      this.skipped = null;
    }
    if (this.replay && !this.replay.see(now, x)) this.endReplay();
    return x;
  }

  breakTime(time, now) {
    const x = this.newest + SEAM;
    if (!this.skipped) this.mark('break', this.newest, x);
    this.segments.push({ x, shift: x - time });
    if (this.segments.length > SEGMENTS) this.segments.shift();
    this.top = -Infinity;
    if (this.replay) this.replay = new Replay(now, this.replay.count ? this.replay : null);
  }

  endReplay() {
    const { replay } = this;
    this.replay = null;
    if (!replay || !replay.count) return;
    this.replayed += replay.count;
    this.mark('replay', replay.from, replay.to, { count: replay.count });
  }

  /** The stream's own time at x. */
  timeAt(x) {
    let { shift } = this.segments[0];
    for (const segment of this.segments) if (segment.x <= x + 1e-9) shift = segment.shift;
    return x - shift;
  }

  /** What is drawn while the view stands still. */
  freeze() {
    return Object.assign(Object.create(Stream.prototype), this, {
      data: this.data?.copy() ?? null,
      marks: this.marks.map((mark) => ({ ...mark })),
      segments: this.segments.slice(),
    });
  }
}

/** All streams of a page, by path and name, in the order of their coming. */
export class Model {
  constructor() {
    this.streams = new Map();
  }

  /** Brings the streams in line with what the server has; says whether any came or went. */
  set(list) {
    const wanted = new Map(list.map((info) => [`${info.path} ${info.name ?? ''}`, info]));
    let changed = false;
    for (const [key, stream] of this.streams) {
      // What was seen stays to be looked at, until something takes its place.
      if (!wanted.has(key) && (wanted.size || stream.newest === null)) changed = this.streams.delete(key);
    }
    for (const [key, info] of wanted) {
      if (this.streams.has(key)) continue;
      this.streams.set(key, new Stream(info));
      changed = true;
    }
    return changed;
  }

  paths() {
    const paths = new Map();
    for (const stream of this.streams.values()) {
      paths.set(stream.path, [...(paths.get(stream.path) ?? []), stream]);
    }
    return paths;
  }

  /** What is shown, each in a card. */
  parts() { return [...this.streams.values()].flatMap((stream) => stream.parts); }

  /**
   * One event of a connection for these streams. Gives what is worth telling:
   * the stream, and what happened to it.
   */
  receive(streams, type, idLine, text, now) {
    const single = streams.length === 1 ? streams[0] : null;
    const ids = idLine ? parseId(idLine, single?.name) : new Map();
    const named = (name) => single ?? streams.find((stream) => stream.name === name);
    if (type === 'meta' || type === 'gap' || type === 'done') {
      const { stream: name, ...said } = JSON.parse(text);
      const stream = named(name);
      if (!stream) return null;
      stream.count(now, text.length + 20);
      this.note(streams, ids, stream);
      if (type !== 'gap' && ids.has(stream.name)) stream.follow(ids.get(stream.name));
      if (type === 'meta') stream.setMeta(said);
      else if (type === 'gap') stream.gap(said.lost, said.reason);
      else stream.finish();
      return { stream, type, ...said };
    }
    const [own] = ids.keys();
    const stream = single ?? named(own);
    if (!stream) return null;
    this.note(streams, ids, stream);
    stream.token(text, ids.get(stream.name) ?? null, now);
    return null;
  }

  /** Ids of streams that an event is not about are where those stand as well. */
  note(streams, ids, but) {
    for (const stream of streams) {
      const id = ids.get(stream.name);
      if (id && stream !== but && (!stream.lastId || stream.lastId.epoch === id.epoch)) stream.lastId = id;
    }
  }
}
