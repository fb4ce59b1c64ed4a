// SPDX-FileCopyrightText: The gst-harmony4 authors
// SPDX-License-Identifier: LGPL-2.1-or-later
// What the page makes of events.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Blocks, Lines, Model, Rate, Spectrum, Stream, eventsUrl, parseId } from './page/live-model.js';

const AUDIO = { sample_rate: 48000, frame_size: 2048, top_k: 4 };
const VIDEO = { block_size: 0, fps_hint: 25, gop: 50 };

function streamOf(meta, name = 'a') {
  const stream = new Stream({ name, path: '/events' });
  stream.setMeta(meta);
  return stream;
}

const bin = (hz, magnitude) => JSON.stringify({ bin_hz: hz, magnitude, phase: 0, token_hex: '0000000000000000' });
const block = (index, seconds, more = {}) => JSON.stringify({ pts_us: Math.round(seconds * 1e6), block_index: index,
  is_key: index % 50 === 0, token_hex: '00'.repeat(13), ...more });
const id = (n, epoch = '0000abcd') => ({ epoch, n });

/** One event of each frame's four bins, `count` of them from number n on. */
function feedBins(stream, n, count, now = () => 0) {
  for (let i = 0; i < count; i++) {
    const place = (n + i - 1) % 4;
    stream.token(bin(100 * (place + 1), [1, 0.5, 0.25, 0.125][place]), id(n + i), now(i));
  }
}

const placed = (data) => Array.from({ length: data.length }, (_, i) => data.x[data.at(data.length - 1 - i)]);

test('an id of several streams names the event\'s own first', () => {
  const ids = parseId('b.2=0000abcd-17,a=00001234-5');
  assert.deepEqual([...ids.keys()], ['b.2', 'a']);
  assert.deepEqual(ids.get('a'), { epoch: '00001234', n: 5 });
});

test('an id of one stream is that stream\'s', () => {
  assert.deepEqual([...parseId('0000abcd-17', 'a')], [['a', { epoch: '0000abcd', n: 17 }]]);
});

test('what is no id gives none', () => {
  for (const text of ['', ',', 'a', 'a=', 'a=b', '-', '=-1', 'a=b-x', 'a b=c-1', 'a=b=c-1']) {
    assert.equal(parseId(text, 'a').size, 0, text);
  }
});

test('the address names the streams, where they were left, and the token', () => {
  const [a, b] = [streamOf(AUDIO, 'a'), streamOf(VIDEO, 'b')];
  assert.equal(eventsUrl('/events', [a, b], null), '/events?stream=a,b');
  b.lastId = id(7);
  assert.equal(eventsUrl('/events', [a, b], null), '/events?stream=a,b&last_event_id=b%3D0000abcd-7');
  assert.equal(eventsUrl('/events', [b], 'a token&'), '/events?stream=b&last_event_id=0000abcd-7&access_token=a%20token%26');
  const job = new Stream({ path: '/jobs/1/events' });
  assert.equal(eventsUrl(job.path, [job], null), '/jobs/1/events');
  job.lastId = id(3, 'job');
  assert.equal(eventsUrl('/events?stream=x', [job], null), '/events?stream=x&last_event_id=job-3');
});

test('a rate is that of the last two seconds', () => {
  const rate = new Rate();
  for (let i = 0; i < 1000; i++) rate.add(i / 100, 2);
  assert.ok(Math.abs(rate.get(10) - 200) < 1, String(rate.get(10)));
  assert.equal(rate.get(13), 0);
});

test('bins make frames by their numbers', () => {
  const stream = streamOf(AUDIO);
  feedBins(stream, 1, 10);
  assert.equal(stream.data.length, 3);
  assert.deepEqual(placed(stream.data), [0, 1024 / 48000, 2048 / 48000]);
  assert.deepEqual([...stream.data.bins.slice(0, 3)], [4, 4, 2]);
});

test('joining in the middle of a frame keeps frames whole', () => {
  const stream = streamOf(AUDIO);
  feedBins(stream, 4003, 6);
  assert.deepEqual([...stream.data.bins.slice(0, 3)], [2, 4, 0]);
  assert.equal(stream.data.x[1], 1001 * 1024 / 48000);
});

test('numbers that do not begin at a frame are found out', () => {
  const stream = streamOf(AUDIO);
  for (let n = 1; n <= 10; n++) stream.token(bin(n, [0.25, 0.125, 1, 0.5][(n - 1) % 4]), id(n), 0);
  assert.deepEqual([...stream.data.bins.slice(0, 4)], [2, 4, 4, 0]);
});

test('silent frames are frames', () => {
  const stream = streamOf(AUDIO);
  for (let n = 1; n <= 8; n++) stream.token(bin(n, 0), id(n), 0);
  assert.deepEqual([...stream.data.bins.slice(0, 3)], [4, 4, 0]);
  assert.deepEqual(stream.data.strongest(4), []);
});

test('channels and hop count', () => {
  const stream = streamOf({ ...AUDIO, channels: 2, hop: 480 });
  for (let n = 1; n <= 16; n++) stream.token(bin(n, 1), id(n), 0);
  assert.deepEqual(placed(stream.data), [0, 0.01]);
  assert.deepEqual([...stream.data.bins.slice(0, 2)], [8, 8]);
});

test('frames in one event have their own time', () => {
  const stream = streamOf(AUDIO);
  const bins = [{ bin_hz: 440, magnitude: 1, phase: 0 }, { bin_hz: 880, magnitude: 0.1, phase: 0 }];
  stream.token(JSON.stringify({ pts_us: 1500000, bins }), id(1), 0);
  assert.deepEqual(placed(stream.data), [1.5]);
  assert.deepEqual(stream.data.strongest(9).map(({ hz }) => hz), [440, 880]);
});

test('the strongest bins are the means of the latest frames', () => {
  const spectrum = new Spectrum(AUDIO);
  for (let frame = 0; frame < 100; frame++) {
    spectrum.begin(frame * 0.1);
    spectrum.addBin(frame < 50 ? 1000 : 100, 1);
    spectrum.addBin(200, 0.5);
  }
  assert.deepEqual(spectrum.strongest(8), [{ hz: 100, magnitude: 1 }, { hz: 200, magnitude: 0.5 }]);
});

test('levels cover the range that is shown', () => {
  const spectrum = new Spectrum(AUDIO);
  spectrum.begin(0);
  for (const magnitude of [1, 0.001, 0.0001, 0]) spectrum.addBin(1, magnitude);
  assert.deepEqual([...spectrum.level.slice(0, 4)], [255, 0, 0, 0]);
});

test('kinds of blocks are those that are said, or come from the key flag', () => {
  const stream = streamOf(VIDEO);
  stream.token(block(0, 0, { kind: 'I', size: 1000 }), id(1), 0);
  stream.token(block(1, 0.08, { kind: 'P', size: 100 }), id(2), 0);
  stream.token(block(2, 0.04, { kind: 'B', size: 10 }), id(3), 0);
  assert.deepEqual([...stream.data.type.slice(0, 3)], [0, 1, 2]);
  assert.ok(stream.data.hasKinds && stream.data.hasSizes);
  const plain = streamOf({ ...VIDEO, block_size: 4096 });
  plain.token(block(0, 0), id(1), 0);
  plain.token(block(1, 0.04), id(2), 0);
  assert.deepEqual([...plain.data.type.slice(0, 2)], [0, 3]);
  assert.equal(plain.data.hasKinds, false);
  assert.equal(plain.data.size[1], 4096);
});

test('time that an encoder begins at 1000 hours is told from there', () => {
  const stream = streamOf(VIDEO);
  stream.token(block(0, 3600000), id(1), 0);
  stream.token(block(1, 3600000.04), id(2), 0);
  assert.deepEqual(placed(stream.data).map((x) => Math.round(x * 100)), [0, 4]);
});

test('reordered blocks are no jump in time', () => {
  const stream = streamOf(VIDEO);
  [0, 0.12, 0.04, 0.08].forEach((time, i) => stream.token(block(i, time), id(i + 1), 0));
  assert.equal(stream.newest, 0.12);
  assert.equal(stream.marks.length, 0);
});

test('rates of blocks go by the stream\'s time', () => {
  const stream = streamOf(VIDEO);
  for (let i = 0; i < 200; i++) stream.token(block(i, i / 25, { kind: 'P', size: 500 }), id(i + 1), 0);
  const { blocks, bits } = stream.data.rates(stream.newest);
  assert.ok(Math.abs(blocks - 25) < 1e-6, String(blocks));
  assert.ok(Math.abs(bits - 100000) < 1e-3, String(bits));
  assert.equal(stream.data.keyInterval, 2);
});

test('a gap is between what was before and what comes after', () => {
  const stream = streamOf(VIDEO);
  stream.token(block(0, 1), id(1), 0);
  stream.gap(57, 'slow');
  stream.token(block(58, 3), id(59), 0);
  assert.deepEqual(stream.marks, [{ kind: 'gap', from: 1, to: 3, lost: 57, reason: 'slow' }]);
  assert.equal(stream.lost, 57);
});

test('a long gap does not empty the view', () => {
  const stream = streamOf(VIDEO);
  stream.token(block(0, 1), id(1), 0);
  stream.gap(100000, 'history');
  stream.token(block(58, 4000), id(59), 0);
  assert.ok(stream.newest < 2);
  assert.equal(Math.round(stream.timeAt(stream.newest)), 4000);
  assert.equal(stream.timeAt(1), 1);
});

test('a stream that begins again goes on to the right', () => {
  const stream = streamOf(VIDEO);
  for (let i = 0; i < 10; i++) stream.token(block(i, 100 + i / 25), id(i + 1), 0);
  stream.gap(null, 'epoch');
  stream.token(block(0, 0), id(1, 'ffff0000'), 1);
  assert.ok(stream.newest > 100.36 && stream.newest < 101);
  assert.ok(Math.abs(stream.timeAt(stream.newest)) < 1e-9);
  assert.equal(stream.marks.length, 1);
  assert.equal(stream.marks[0].to, stream.newest);
  assert.equal(stream.lost, 0);
});

test('time that jumps back is marked', () => {
  const stream = streamOf(VIDEO);
  stream.token(block(0, 50), id(1), 0);
  stream.token(block(1, 2), id(2), 0);
  assert.deepEqual(stream.marks.map((mark) => mark.kind), ['break']);
  assert.ok(stream.newest > 50);
});

test('what has no time is where the stream is', () => {
  const stream = streamOf(VIDEO);
  stream.token(block(0, 5), id(1), 0);
  stream.token(JSON.stringify({ pts_us: null, block_index: 1, is_key: false }), id(2), 0);
  assert.equal(stream.newest, 5);
});

test('after a reconnect, replayed events are counted and live ones are not', () => {
  const stream = streamOf(VIDEO);
  for (let i = 0; i < 100; i++) stream.token(block(i, i / 25), id(i + 1), i / 25);
  stream.connected(10);
  for (let i = 100; i < 250; i++) stream.token(block(i, i / 25), id(i + 1), 10 + (i - 100) * 1e-4);
  assert.ok(stream.replaying);
  for (let i = 250; i < 350; i++) stream.token(block(i, i / 25), id(i + 1), i / 25);
  assert.equal(stream.replaying, false);
  assert.ok(Math.abs(stream.replayed - 150) <= 2, String(stream.replayed));
  const [mark] = stream.marks;
  assert.equal(mark.kind, 'replay');
  assert.ok(mark.from === 4 && mark.to > 9.8 && mark.to <= 10.1);
});

test('a first connection and one that missed nothing replay nothing', () => {
  for (const before of [0, 100]) {
    const stream = streamOf(VIDEO);
    for (let i = 0; i < before; i++) stream.token(block(i, i / 25), id(i + 1), i / 25);
    stream.connected(before / 25);
    for (let i = before; i < before + 100; i++) stream.token(block(i, i / 25), id(i + 1), i / 25 + (i % 3) * 0.01);
    assert.equal(stream.replayed, 0);
    assert.deepEqual(stream.marks, []);
  }
});

test('history of a restarted stream is replayed, too', () => {
  const stream = streamOf(VIDEO);
  for (let i = 0; i < 100; i++) stream.token(block(i, i / 25), id(i + 1), i / 25);
  stream.connected(20);
  stream.gap(null, 'epoch');
  for (let i = 0; i < 75; i++) stream.token(block(i, i / 25), id(i + 1, 'ffff0000'), 20 + i * 1e-4);
  for (let i = 75; i < 150; i++) stream.token(block(i, i / 25), id(i + 1, 'ffff0000'), 20 + (i - 75) / 25);
  assert.ok(Math.abs(stream.replayed - 75) <= 2, String(stream.replayed));
  assert.deepEqual(stream.marks.map((mark) => mark.kind), ['gap', 'replay']);
});

test('what is replayed after a gap begins behind it, and bins count as events', () => {
  const stream = streamOf(AUDIO);
  feedBins(stream, 1, 400, (i) => i / 188);
  stream.connected(10);
  stream.gap(400, 'history');
  feedBins(stream, 801, 1200, () => 10);
  for (let i = 0; i < 400; i += 4) feedBins(stream, 2001 + i, 4, () => 10 + i / 187.5);
  assert.deepEqual(stream.marks.map((mark) => mark.kind), ['gap', 'replay']);
  assert.equal(stream.marks[0].to, stream.marks[1].from);
  assert.ok(Math.abs(stream.replayed - 1200) <= 20, String(stream.replayed));
});

test('several streams: events go to the first of the id, all ids are kept', () => {
  const model = new Model();
  model.set([{ name: 'a', path: '/events' }, { name: 'b', path: '/events' }]);
  const streams = [...model.streams.values()];
  model.receive(streams, 'meta', '', JSON.stringify({ stream: 'a', ...AUDIO }), 0);
  model.receive(streams, 'meta', '', JSON.stringify({ stream: 'b', ...VIDEO }), 0);
  model.receive(streams, 'token', 'b=00000002-1,a=00000001-9', block(0, 0), 0);
  assert.equal(streams[1].data.length, 1);
  assert.equal(streams[0].data.length, 0);
  assert.equal(eventsUrl('/events', streams, null), '/events?stream=a,b&last_event_id=a%3D00000001-9%2Cb%3D00000002-1');
  const news = model.receive(streams, 'gap', 'b=00000002-1,a=00000001-9', '{"stream":"a","lost":3,"reason":"slow"}', 0);
  assert.deepEqual([news.stream.name, news.lost, streams[0].lost], ['a', 3, 3]);
  model.receive(streams, 'done', 'b=00000002-2,a=00000001-9', '{"stream":"b","ok":true}', 0);
  assert.deepEqual(streams.map((stream) => stream.done), [false, true]);
  assert.deepEqual(streams[1].lastId, { epoch: '00000002', n: 2 });
});

test('a changed meta in the middle begins anew behind its own number', () => {
  const model = new Model();
  model.set([{ name: 'a', path: '/events' }]);
  const streams = [...model.streams.values()];
  model.receive(streams, 'meta', '', JSON.stringify(AUDIO), 0);
  feedBins(streams[0], 1, 8);
  model.receive(streams, 'meta', '0000abcd-8', JSON.stringify(AUDIO), 0);
  assert.equal(streams[0].data.length, 2);
  model.receive(streams, 'meta', '0000abcd-9', JSON.stringify({ ...AUDIO, top_k: 2 }), 0);
  assert.equal(streams[0].data.length, 0);
  for (let n = 10; n < 14; n++) streams[0].token(bin(n, 1), id(n), 0);
  assert.deepEqual([...streams[0].data.bins.slice(0, 2)], [2, 2]);
});

test('other events are lines, cut and counted', () => {
  const stream = streamOf({ format: 'json' });
  for (let i = 0; i < 1000; i++) stream.token(`{"n":${i},"text":"${'x'.repeat(1000)}"}`, id(i + 1), 0);
  assert.equal(stream.data.count, 1000);
  assert.equal(stream.data.list.length, 200);
  assert.ok(stream.data.list.every((line) => line.text.length <= 400));
});

test('an event that cannot be read throws and spoils nothing', () => {
  const stream = streamOf(VIDEO);
  stream.token(block(0, 0), id(1), 0);
  assert.throws(() => stream.token('{', id(2), 0));
  stream.token(block(2, 0.08), id(3), 0);
  assert.equal(stream.data.length, 2);
});

test('nothing grows', () => {
  const audio = streamOf({ ...AUDIO, top_k: 32 }), video = streamOf(VIDEO);
  for (let i = 0; i < 200000; i++) {
    audio.token(bin(i % 20000, i % 32 ? 0.5 : 1), id(i + 1), i / 1000);
    if (i % 8 === 0) {
      video.token(block(i / 8, i / 200), id(i + 1, String(i % 1000).padStart(8, '0')), i / 200);
      video.gap(1, 'slow');
    }
  }
  assert.ok(video.marks.length <= 128 && video.segments.length <= 128);
  const size = (stream) => Object.values(stream.data).reduce((sum, value) => sum + (value?.byteLength ?? 0), 0);
  assert.ok(size(audio) < 8e6 && size(video) < 1e6);
  const hostile = streamOf({ sample_rate: 1, frame_size: 1, top_k: 1e12, channels: 1e12 });
  assert.ok(size(hostile) < 16e6);
});

test('what stands still is not written to', () => {
  for (const [meta, feed] of [[AUDIO, (stream, n) => feedBins(stream, n, 8)],
    [VIDEO, (stream, n) => stream.token(block(n, n / 25), id(n), 0)], [{ format: 'text' }, (stream, n) => stream.token(`line ${n}`, id(n), 0)]]) {
    const stream = streamOf(meta);
    feed(stream, 1);
    const still = stream.freeze();
    const before = JSON.stringify(still.data);
    feed(stream, 9);
    stream.gap(4, 'slow');
    assert.equal(JSON.stringify(still.data), before);
    assert.equal(still.marks.length, 0);
    assert.ok(still.data instanceof (meta === AUDIO ? Spectrum : meta === VIDEO ? Blocks : Lines));
  }
});

test('streams that went stay until others take their place', () => {
  const model = new Model();
  assert.equal(model.set([{ name: 'a', path: '/events' }]), true);
  const [stream] = model.streams.values();
  stream.setMeta(VIDEO);
  stream.token(block(0, 0), id(1), 0);
  assert.equal(model.set([]), false);
  assert.equal(model.set([{ name: 'a', path: '/events' }]), false);
  assert.equal([...model.streams.values()][0], stream);
  assert.equal(model.set([{ name: 'b', path: '/events' }, { name: 'b', path: '/other' }]), true);
  assert.deepEqual([...model.paths().keys()], ['/events', '/other']);
});

test('the tracks of a file are shown one by one, each in its own time', () => {
  const model = new Model();
  model.set([{ path: '/jobs/1/events' }]);
  const [stream] = model.streams.values();
  const say = (type, said, n) => model.receive([stream], type, n ? `0000abcd-${n}` : '', JSON.stringify(said), 0);
  assert.deepEqual(model.parts(), [stream]);
  const tracks = [{ id: 1, kind: 'video', name: 'film', caps: 'video/x-h264, width=(int)64' }, { id: 2, kind: 'audio', name: '', caps: 'audio/mpeg' }];
  say('meta', { mode: 'media', tracks });
  const [video, audio] = model.parts();
  assert.deepEqual([video.name, audio.name], ['film · 1', 'Track 2']);
  assert.deepEqual([video.meta.type, audio.meta.kind], ['video/x-h264', 'audio']);
  for (let i = 0; i < 10; i++) {
    say('token', { ...JSON.parse(block(i, i, { kind: i ? 'P' : 'I', size: 100 })), track: 1 }, 2 * i + 1);
    say('token', { ...JSON.parse(block(i, i / 10, { kind: 'I', size: 10 })), track: 2 }, 2 * i + 2);
  }
  say('token', { ...JSON.parse(block(0, 0)), track: 3 }, 21);
  assert.deepEqual(placed(video.data), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(audio.data.length, 10);
  assert.equal(audio.newest, 0.9);
  assert.deepEqual([stream.events, video.events, audio.events], [22, 10, 10]);
  // One more track begins: those that were there go on.
  say('meta', { mode: 'media', tracks: [...tracks, { id: 3, kind: 'audio', name: 'late' }] });
  assert.deepEqual(model.parts().slice(0, 2), [video, audio]);
  assert.equal(model.parts().length, 3);
  say('gap', { lost: null, reason: 'epoch' });
  say('done', {}, 22);
  assert.ok(model.parts().every((part) => part.done));
  assert.deepEqual(video.marks.map((mark) => mark.kind), ['gap', 'done']);
});
