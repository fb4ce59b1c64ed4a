/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What one stream looks like on the page.
 */

import { BlockPlot, SpectrumPlot, bytes, hertz, levelColour, seconds } from './live-draw.js';
import { RANGE_DB } from './live-model.js';

const STRONGEST = 8;
const LINES_SHOWN = 60;
const SHAPES = {
  key: 'M6 0l4 3-2.5 2.5V12h-3V5.5L2 3z', p: 'M3.5 2h5v10h-5z', b: 'M6 1l3.5 11h-7z', other: 'M3.5 2h5v10h-5z',
  gap: 'M0 8l8-8M4 12l8-8', replay: 'M0 4h12v4H0z',
};

const rate = (n) => (n >= 100 ? n.toFixed(0) : n.toFixed(1));
const bits = (n) => (n >= 1e6 ? `${(n / 1e6).toFixed(2)} Mbit/s` : `${(n / 1e3).toFixed(0)} kbit/s`);
const decibels = (magnitude) => `${(20 * Math.log10(magnitude)).toFixed(1).replace('-', '−')} dB`;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  Object.assign(made, attributes);
  made.append(...children);
  return made;
}

function shape(name) {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const path = document.createElementNS(space, 'path');
  svg.setAttribute('viewBox', '0 0 12 12');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', SHAPES[name]);
  path.setAttribute('class', name);
  svg.append(path);
  return svg;
}

/** What the meta says, for people. */
export function describe(meta) {
  if (!meta) return '';
  if (meta.sample_rate) {
    const parts = [`${meta.sample_rate / 1000} kHz`, `frames of ${meta.frame_size}`];
    if (meta.hop) parts.push(`every ${meta.hop}`);
    parts.push(`top ${meta.top_k}`);
    if (meta.channels > 1) parts.push(`${meta.channels} channels`);
    if (meta.window) parts.push(meta.window);
    return parts.join(' · ');
  }
  if (meta.type) return meta.type;
  if (meta.block_size > 0) {
    const parts = [`blocks of ${bytes(meta.block_size)}`, `${meta.fps_hint} a second`];
    if (meta.blocks) parts.push(`${meta.blocks} in all`);
    return parts.join(' · ');
  }
  return meta.format ?? (meta.block_size === 0 ? 'timing of the stream’s own blocks' : '');
}

export class Card {
  constructor(stream) {
    this.stream = stream;
    this.root = document.getElementById('card').content.firstElementChild.cloneNode(true);
    this.find = (selector) => this.root.querySelector(selector);
    this.find('h2').textContent = stream.name || 'Events';
    this.plotElement = this.find('.plot');
    this.still = null;
    this.hover = null;
    this.dirty = true;
    this.drawn = { at: -Infinity, newest: null, cost: 0 };
    this.shape = null;
    this.values = new Map();
    this.lineCount = 0;
  }

  /** Stands still, or goes on. */
  freeze(on) {
    this.still = on ? this.stream.freeze() : null;
    this.frozenAt = this.stream.events;
    this.dirty = true;
  }

  get shown() { return this.still ?? this.stream; }

  /** How far back there is anything, in s. */
  get depth() {
    const { data, newest } = this.shown;
    return data?.x && data.length ? newest - data.x[data.at(data.length - 1)] : 0;
  }

  /** The data became another kind's: so does the card. */
  reshape(colours) {
    const { data, meta } = this.shown;
    const kind = data?.kind ?? 'unknown';
    const legend = `${kind} ${data?.hasKinds} ${colours.dark}`;
    if (this.kind !== kind) {
      this.kind = kind;
      this.root.className = `card ${kind}`;
      this.plot = kind === 'audio' ? new SpectrumPlot(this.find('canvas')) : kind === 'video' ? new BlockPlot(this.find('canvas')) : null;
      this.find('.tag').textContent = meta?.kind ?? { unknown: 'waiting', text: 'data' }[kind] ?? kind;
      this.find('.bins').hidden = kind !== 'audio';
      this.find('.lines').hidden = kind !== 'text';
      const what = { audio: 'Spectrogram', video: 'Timeline of blocks' }[kind] ?? 'Stream';
      this.plotElement.setAttribute('aria-label', `${what} of ${this.stream.name || 'the events'}`);
      this.find('.lines').setAttribute('aria-label', `Latest lines of ${this.stream.name || 'the events'}`);
    }
    if (this.legend !== legend) {
      this.legend = legend;
      this.makeLegend(kind, data, colours);
    }
    this.put('.about', describe(meta));
  }

  makeLegend(kind, data, colours) {
    const entry = (name, text) => element('span', {}, shape(name), text);
    const common = [entry('gap', 'gap'), entry('replay', 'replayed')];
    const root = this.find('.legend');
    if (kind === 'audio') {
      const scale = element('canvas', { width: 110, height: 1 });
      const context = scale.getContext('2d');
      for (let x = 0; x < 110; x++) {
        context.fillStyle = `rgb(${levelColour(x / 109, colours.dark).join(' ')})`;
        context.fillRect(x, 0, 1, 1);
      }
      root.replaceChildren(element('span', {}, `−${RANGE_DB} dB`, scale, '0 dB, the frame’s largest'), ...common);
    } else if (kind === 'video') {
      const kinds = data.hasKinds ? [entry('key', 'I, key'), entry('p', 'P'), entry('b', 'B')] : [entry('key', 'key'), entry('other', 'other')];
      root.replaceChildren(...kinds, ...common);
    } else {
      root.replaceChildren();
    }
  }

  put(selector, text) {
    if (this.values.get(selector) === text) return;
    this.values.set(selector, text);
    this.find(selector).textContent = text;
  }

  /** The picture, where it changed by a pixel or was asked for. */
  draw(view, colours) {
    const now = performance.now() / 1000;
    const { data, newest } = this.shown;
    const { drawn } = this;
    this.find('.waiting').hidden = newest !== null || this.kind === 'text';
    this.put('.waiting', this.stream.done ? 'No data came.' : 'Waiting for the first data…');
    if (!this.plot || newest === null || !data.length) return;
    const pixel = view.span / Math.max(1, this.plot.surface.width);
    // A machine that is slow at drawing still has most of its time for the rest.
    const rested = now - drawn.at >= Math.max(view.interval, 3 * drawn.cost);
    const moved = newest - drawn.newest >= pixel;
    const late = this.stream.events !== drawn.events && now - drawn.at >= 0.25;
    if (!this.dirty && (view.frozen || !rested || !(moved || late))) return;
    this.dirty = false;
    this.plot.surface.resize();
    this.plot.draw(this.shown, { ...view, hover: this.hover }, colours);
    this.drawn = { at: now, newest, events: this.stream.events, cost: performance.now() / 1000 - now };
  }

  /** Numbers and lists, a few times a second. */
  tell(view, colours, now) {
    this.reshape(colours);
    const { data } = this.shown;
    this.badge(view);
    this.stats(this.numbers(now));
    if (data?.kind === 'audio') this.listBins(data.strongest(STRONGEST));
    if (data?.kind === 'text' && data.count !== this.lineCount) this.listLines(data);
  }

  badge(view) {
    const { stream } = this;
    const since = stream.events - this.frozenAt;
    const text = view.frozen ? `paused, ${since} since` : stream.done ? 'finished' : stream.replaying ? 'catching up' : '';
    this.find('.badge').hidden = !text;
    this.put('.badge', text);
  }

  numbers(now) {
    const { stream } = this;
    const { data } = stream;
    const rows = [];
    if (data?.kind === 'video') {
      const { blocks, bits: perSecond } = data.rates(stream.newest ?? 0);
      if (data.hasSizes) rows.push(['Bitrate', bits(perSecond)]);
      rows.push(['Blocks', `${rate(blocks)}/s`]);
      rows.push(['Key blocks', data.keyInterval > 0 ? `every ${data.keyInterval.toFixed(2)} s` : String(data.keys)]);
    }
    if (data?.kind === 'audio') rows.push(['Frames', `${rate(1 / data.step)}/s`]);
    rows.push(['Events', `${rate(stream.eventRate.get(now))}/s`]);
    rows.push(['Received', bits(stream.byteRate.get(now) * 8)]);
    if (data && data.kind !== 'text' && stream.newest !== null) rows.push(['Position', seconds(stream.timeAt(stream.newest), 0.1)]);
    rows.push(['Replayed', String(stream.replayed)]);
    rows.push(['Lost', stream.marks.some((mark) => mark.kind === 'gap' && !mark.lost) && !stream.lost ? 'unknown' : String(stream.lost), stream.lost > 0]);
    return rows;
  }

  stats(rows) {
    const list = this.find('.stats');
    if (list.children.length !== rows.length * 2) {
      list.replaceChildren(...rows.flatMap(([name]) => [element('dt', { textContent: name }), element('dd')]));
    }
    rows.forEach(([name, value, alert], i) => {
      const term = list.children[2 * i], text = list.children[2 * i + 1];
      if (term.textContent !== name) term.textContent = name;
      if (text.textContent !== value) text.textContent = value;
      text.classList.toggle('alert', Boolean(alert));
    });
  }

  listBins(bins) {
    const body = this.find('.bins tbody');
    while (body.children.length < STRONGEST) {
      const level = element('div', { className: 'level' }, element('i', {}, element('b')), element('span'));
      body.append(element('tr', {}, element('td'), element('td', {}, level)));
    }
    for (let i = 0; i < STRONGEST; i++) {
      const [frequency, level] = body.children[i].children;
      const bin = bins[i];
      frequency.textContent = bin ? hertz(bin.hz) : '–';
      level.querySelector('span').textContent = bin ? decibels(bin.magnitude) : '';
      const part = bin ? Math.max(0, 1 + 20 * Math.log10(bin.magnitude) / RANGE_DB) : 0;
      level.querySelector('b').style.width = `${(part * 100).toFixed(1)}%`;
    }
  }

  listLines(data) {
    const list = this.find('.lines');
    const atEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 8;
    const fresh = data.list.slice(-LINES_SHOWN).filter((line) => line.n >= this.lineCount);
    list.append(...fresh.map((line) => element('li', { textContent: line.text })));
    while (list.children.length > LINES_SHOWN) list.firstElementChild.remove();
    this.lineCount = data.count;
    if (atEnd) list.scrollTop = list.scrollHeight;
  }
}
