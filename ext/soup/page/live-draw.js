/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Draws streams: a canvas is wiped and drawn whole, from what the model keeps.
 */

const FONT = '11px system-ui, sans-serif';
const MARGIN = { left: 52, right: 10, top: 20, bottom: 22 };

// Viridis: even steps to every eye, also to those that see fewer colours.
const VIRIDIS = [[68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141], [39, 173, 129],
  [92, 200, 99], [170, 220, 50], [253, 231, 37]];

/** The colour of a level from 0 to 1: the stronger, the further from the ground. */
export function levelColour(level, dark) {
  const at = (dark ? 0.12 + 0.88 * level : 0.95 * (1 - level)) * (VIRIDIS.length - 1);
  const low = Math.min(VIRIDIS.length - 2, Math.floor(at));
  return VIRIDIS[low].map((value, i) => Math.round(value + (at - low) * (VIRIDIS[low + 1][i] - value)));
}

/** Levels 0 to 255 as pixels; 0 is nothing, and the weakest fade into it. */
export function levelTable(dark) {
  const bytes = new Uint8ClampedArray(256 * 4);
  for (let i = 1; i < 256; i++) {
    bytes.set([...levelColour(i / 255, dark), Math.min(255, 40 + i * 4)], i * 4);
  }
  return new Uint32Array(bytes.buffer);
}

export const seconds = (time, step = 1) => {
  const digits = step >= 1 ? 0 : step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3;
  const sign = time < 0 && Number(time.toFixed(digits)) !== 0 ? '−' : '';
  const scale = 10 ** digits, units = Math.round(Math.abs(time) * scale);
  const whole = Math.floor(units / scale);
  const fraction = digits ? '.' + String(units % scale).padStart(digits, '0') : '';
  const two = (n) => String(n).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const head = hours ? `${hours}:${two(Math.floor(whole / 60) % 60)}` : `${Math.floor(whole / 60)}`;
  return `${sign}${head}:${two(whole % 60)}${fraction}`;
};

export const hertz = (hz) => (hz >= 10000 ? `${(hz / 1000).toFixed(1)} kHz`
  : hz >= 1000 ? `${(hz / 1000).toFixed(2)} kHz` : `${hz.toFixed(1)} Hz`);

const tickHertz = (hz) => (hz >= 1000 ? `${hz / 1000} kHz` : `${hz} Hz`);

export const bytes = (n) => (n >= 1e6 ? `${+(n / 1e6).toFixed(1)} MB` : n >= 1000 ? `${+(n / 1000).toFixed(1)} kB` : `${Math.round(n)} B`);

/** The smallest of some round numbers, times a power of ten, that is not below least. */
export function niceStep(least, heads = [1, 2, 5, 10]) {
  const power = 10 ** Math.floor(Math.log10(least));
  return heads.find((n) => n * power >= least * (1 - 1e-9)) * power;
}

/** The frequencies that a spectrum's axis names, lowest first. */
export function frequencyTicks(low, high, log, height) {
  const ticks = [];
  if (!log) {
    const step = niceStep((high - low) * 34 / height);
    for (let hz = 0; hz <= high; hz += step) ticks.push(hz);
    return ticks;
  }
  const most = height / 20, octaves = Math.log2(high / low);
  const heads = octaves * 1.1 < most ? [1, 2, 5] : [1];
  for (let power = 1; power <= high; power *= 10) {
    for (const head of heads) if (head * power >= low && head * power <= high) ticks.push(head * power);
  }
  return ticks;
}

/** Where hz is, from 0 at the bottom to 1 at the top. */
export const frequencyAxis = (low, high, log) => (log
  ? (hz) => Math.log(Math.max(hz, low) / low) / Math.log(high / low)
  : (hz) => (hz - low) / (high - low));

/** A canvas as large as its element, in CSS pixels. */
export class Surface {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d');
    this.width = this.height = 0;
    this.resize();
  }

  resize() {
    const ratio = Math.min(3, window.devicePixelRatio || 1);
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (width === this.width && height === this.height && ratio === this.ratio) return;
    Object.assign(this, { width, height, ratio });
    this.canvas.width = Math.max(1, Math.round(width * ratio));
    this.canvas.height = Math.max(1, Math.round(height * ratio));
  }

  get area() {
    return { left: MARGIN.left, top: MARGIN.top, right: this.width - MARGIN.right, bottom: this.height - MARGIN.bottom };
  }

  begin() {
    const { context } = this;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.font = FONT;
    context.lineWidth = 1;
    return context;
  }
}

/** Which time is where: the newest at the right, at whole pixels so that nothing shimmers. */
export function timeScale(area, stream, view, duration) {
  const perSecond = (area.right - area.left) / view.span;
  const edge = Math.ceil(((stream.newest ?? 0) + duration - view.pan) * perSecond) / perSecond;
  return {
    perSecond,
    edge,
    start: edge - view.span,
    toX: (time) => area.right - (edge - time) * perSecond,
    toTime: (x) => edge - (area.right - x) / perSecond,
  };
}

function drawTimeAxis(context, area, stream, scale, colours) {
  const step = niceStep(70 / scale.perSecond);
  context.fillStyle = colours.muted;
  context.strokeStyle = colours.grid;
  context.textAlign = 'center';
  context.textBaseline = 'top';
  const { segments } = stream;
  let labelled = -Infinity;
  segments.forEach((segment, i) => {
    const from = Math.max(scale.start, segment.x);
    const to = Math.min(scale.edge, segments[i + 1]?.x ?? Infinity);
    for (let k = Math.ceil((from - segment.shift) / step); k * step + segment.shift <= to; k++) {
      const x = Math.round(scale.toX(k * step + segment.shift)) + 0.5;
      context.beginPath();
      context.moveTo(x, area.top);
      context.lineTo(x, area.bottom + 4);
      context.stroke();
      if (k < 0 || x < area.left + 14 || x > area.right - 14 || x < labelled + 40) continue;
      context.fillText(seconds(k * step, step), x, area.bottom + 6);
      labelled = x;
    }
  });
}

function drawRow(context, area, y, text, colours) {
  context.strokeStyle = colours.grid;
  context.fillStyle = colours.muted;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  context.beginPath();
  context.moveTo(area.left, Math.round(y) + 0.5);
  context.lineTo(area.right, Math.round(y) + 0.5);
  context.stroke();
  context.fillText(text, area.left - 6, y);
}

const REASONS = { slow: 'too slow', history: 'too long ago', epoch: 'restarted' };

/** What a mark says, to be drawn and to be read out. */
export function markText(mark) {
  switch (mark.kind) {
    case 'gap': {
      const lost = mark.lost ? `${mark.lost} lost` : 'lost';
      return mark.reason === 'epoch' ? 'stream restarted' : `${lost}, ${REASONS[mark.reason] ?? mark.reason}`;
    }
    case 'replay': return `${mark.count} replayed`;
    case 'done': return 'end';
    default: return 'time jumps';
  }
}

function hatch(context, x, y, width, height, colour) {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.globalAlpha = 0.55;
  context.beginPath();
  for (let at = x - height; at < x + width; at += 7) {
    context.moveTo(at, y + height);
    context.lineTo(at + height, y);
  }
  context.stroke();
  context.restore();
}

function drawMarks(context, area, stream, scale, colours) {
  let end = -Infinity;
  context.textBaseline = 'middle';
  context.textAlign = 'left';
  for (const mark of stream.marks) {
    const x0 = Math.max(area.left, scale.toX(mark.from)), x1 = Math.min(area.right, scale.toX(mark.to));
    if (x1 < area.left || x0 > area.right) continue;
    const width = Math.max(2, x1 - x0);
    const colour = mark.kind === 'replay' ? colours.replay : mark.kind === 'gap' ? colours.bad : colours.muted;
    context.fillStyle = colour;
    if (mark.kind === 'replay') {
      context.fillRect(x0, area.top - 4, width, 3);
    } else {
      if (mark.kind === 'gap') hatch(context, x0, area.top, width, area.bottom - area.top, colour);
      context.fillRect(x0, area.top - 4, mark.kind === 'gap' ? width : 2, mark.kind === 'gap' ? 3 : area.bottom - area.top + 4);
    }
    const text = (mark.kind === 'replay' ? '↻ ' : mark.kind === 'gap' ? '⚠ ' : '') + markText(mark);
    const at = Math.max(end + 8, Math.min(x0, area.right - context.measureText(text).width));
    if (at > Math.max(x1, x0 + 12)) continue;
    context.fillText(text, at, area.top - 11);
    end = at + context.measureText(text).width;
  }
}

/** A small text beside the pointer. */
function drawReadout(context, area, { x, y }, lines, colours) {
  context.strokeStyle = colours.text;
  context.globalAlpha = 0.5;
  context.beginPath();
  context.moveTo(Math.round(x) + 0.5, area.top);
  context.lineTo(Math.round(x) + 0.5, area.bottom);
  context.stroke();
  context.globalAlpha = 1;
  const width = Math.max(...lines.map((line) => context.measureText(line).width)) + 12;
  const left = x + 10 + width > area.right ? x - 10 - width : x + 10;
  const top = Math.max(area.top, Math.min(y - 10, area.bottom - lines.length * 15 - 8));
  context.fillStyle = colours.panel;
  context.strokeStyle = colours.line;
  context.beginPath();
  context.roundRect(left, top, width, lines.length * 15 + 6, 4);
  context.fill();
  context.stroke();
  context.fillStyle = colours.text;
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  lines.forEach((line, i) => context.fillText(line, left + 6, top + 11 + i * 15));
}

const inside = (area, hover) => hover && hover.x >= area.left && hover.x <= area.right
  && hover.y >= area.top && hover.y <= area.bottom;

/** Draws spectrums; keeps the picture's pixels between two drawings. */
export class SpectrumPlot {
  constructor(canvas) {
    this.surface = new Surface(canvas);
    this.picture = document.createElement('canvas');
    this.levels = new Uint8Array(0);
  }

  range(spectrum) {
    return { low: this.log ? Math.max(20, spectrum.binHz) : 0, high: spectrum.rate / 2 };
  }

  draw(stream, view, colours) {
    const { surface } = this;
    const context = surface.begin();
    const { area } = surface;
    const spectrum = stream.data;
    const scale = timeScale(area, stream, view, spectrum.step);
    this.log = view.log;
    const { low, high } = this.range(spectrum);
    const axis = frequencyAxis(low, high, view.log);
    const toY = (hz) => area.bottom - axis(hz) * (area.bottom - area.top);
    this.paint(context, area, spectrum, scale, toY, colours);
    drawTimeAxis(context, area, stream, scale, colours);
    for (const hz of frequencyTicks(low, high, view.log, area.bottom - area.top)) {
      drawRow(context, area, toY(hz), tickHertz(hz), colours);
    }
    drawMarks(context, area, stream, scale, colours);
    if (inside(area, view.hover)) {
      const part = (area.bottom - view.hover.y) / (area.bottom - area.top);
      const hz = view.log ? low * (high / low) ** part : part * high;
      const time = stream.timeAt(scale.toTime(view.hover.x));
      drawReadout(context, area, view.hover, [`${seconds(time, 0.01)}   ${hertz(hz)}`], colours);
    }
  }

  paint(context, area, spectrum, scale, toY, colours) {
    const width = Math.max(1, Math.floor(area.right - area.left)), height = Math.max(1, Math.floor(area.bottom - area.top));
    if (this.picture.width !== width || this.picture.height !== height || !this.image) {
      this.picture.width = width;
      this.picture.height = height;
      this.image = new ImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
      this.levels = new Uint8Array(width * height);
    }
    this.levels.fill(0);
    this.fill(spectrum, scale, (x) => x - area.left, (hz) => toY(hz) - area.top, width, height);
    const table = colours.levels;
    for (let i = 0; i < this.levels.length; i++) this.pixels[i] = table[this.levels[i]];
    const picture = this.picture.getContext('2d');
    picture.putImageData(this.image, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.picture, area.left, area.top, width, height);
  }

  fill(spectrum, scale, column, row, width, height) {
    const { levels } = this;
    const half = spectrum.binHz / 2;
    for (let back = 0; back < spectrum.length; back++) {
      const at = spectrum.at(back);
      const x0 = Math.max(0, Math.round(column(scale.toX(spectrum.x[at]))));
      const x1 = Math.min(width, Math.max(x0 + 1, Math.round(column(scale.toX(spectrum.x[at] + spectrum.step)))));
      if (spectrum.x[at] + spectrum.step < scale.start) break;
      if (x0 >= width) continue;
      const first = at * spectrum.width;
      for (let i = first; i < first + spectrum.bins[at]; i++) {
        const level = spectrum.level[i];
        if (level === 0) continue;
        const y0 = Math.max(0, Math.round(row(spectrum.hz[i] + half)));
        const y1 = Math.min(height, Math.max(y0 + 2, Math.round(row(spectrum.hz[i] - half))));
        for (let y = y0; y < y1; y++) {
          for (let x = x0, pixel = y * width + x0; x < x1; x++, pixel++) {
            if (levels[pixel] < level) levels[pixel] = level;
          }
        }
      }
    }
  }
}

/** Draws blocks: what kind they are is told by colour and by shape. */
export class BlockPlot {
  constructor(canvas) {
    this.surface = new Surface(canvas);
  }

  draw(stream, view, colours) {
    const { surface } = this;
    const context = surface.begin();
    const { area } = surface;
    const blocks = stream.data;
    const rate = blocks.rates(stream.newest ?? 0).blocks || stream.meta.fps_hint || 25;
    const scale = timeScale(area, stream, view, Math.min(1, 1 / rate));
    const each = scale.perSecond / rate;
    const seen = this.visible(blocks, scale, 1 / rate);
    const largest = blocks.hasSizes ? Math.max(1, ...seen.map((at) => blocks.size[at])) : 0;
    const top = largest ? niceStep(largest, [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10]) : 1;
    const room = area.bottom - area.top - 10;
    drawTimeAxis(context, area, stream, scale, colours);
    if (largest) for (const part of [1, 0.5]) drawRow(context, area, area.bottom - part * room, bytes(top * part), colours);
    drawRow(context, area, area.bottom, largest ? '0' : '', colours);
    context.save();
    context.beginPath();
    context.rect(area.left, area.top - 2, area.right - area.left, area.bottom - area.top + 2);
    context.clip();
    for (const at of seen) {
      const part = largest ? blocks.size[at] / top : blocks.type[at] === 0 ? 1 : 0.6;
      drawBlock(context, area, scale.toX(blocks.x[at]), each, Math.max(4, part * room), blocks.type[at], colours);
    }
    context.restore();
    drawMarks(context, area, stream, scale, colours);
    if (inside(area, view.hover)) this.point(context, area, stream, scale, seen, each, view.hover, colours);
  }

  /** Where the ring has those that are to be seen, oldest first. */
  visible(blocks, scale, duration) {
    const seen = [];
    for (let back = 0; back < blocks.length; back++) {
      const at = blocks.at(back);
      // Reordered blocks are not in the order of their times.
      if (blocks.x[at] < scale.start - 2) break;
      if (blocks.x[at] + duration >= scale.start && blocks.x[at] <= scale.edge) seen.push(at);
    }
    return seen.reverse();
  }

  point(context, area, stream, scale, seen, each, hover, colours) {
    const blocks = stream.data;
    let best = -1, distance = Math.max(12, each);
    for (const at of seen) {
      const away = Math.abs(scale.toX(blocks.x[at]) + each / 2 - hover.x);
      if (away < distance) [best, distance] = [at, away];
    }
    const time = best < 0 ? scale.toTime(hover.x) : blocks.x[best];
    const lines = [seconds(stream.timeAt(time), 0.001)];
    if (best >= 0) {
      const kind = ['key block', 'P block', 'B block', 'block'][blocks.type[best]];
      lines.push(`${kind} ${blocks.index[best]}`);
      if (blocks.hasSizes) lines.push(bytes(blocks.size[best]));
    }
    drawReadout(context, area, hover, lines, colours);
  }
}

function drawBlock(context, area, x, each, height, type, colours) {
  const width = Math.max(1, Math.min(22, each * 0.8));
  const top = area.bottom - height;
  context.fillStyle = [colours.key, colours.p, colours.b, colours.other][type];
  if (type === 0) {
    context.globalAlpha = 0.35;
    context.fillRect(x, area.top, 1, area.bottom - area.top);
    context.globalAlpha = 1;
    const half = Math.max(3, Math.min(6, width / 2 + 1)), middle = x + width / 2;
    context.fillRect(x, top + half, width, height - half);
    polygon(context, [[middle, top - half], [middle + half, top], [middle, top + half], [middle - half, top]]);
    if (top + half < area.bottom) context.fillRect(x, top, width, half);
  } else if (type === 2 && width >= 1.5) {
    polygon(context, [[x, area.bottom], [x + width / 2, top], [x + width, area.bottom]]);
  } else {
    context.fillRect(x, top, width, height);
  }
}

function polygon(context, points) {
  context.beginPath();
  for (const [x, y] of points) context.lineTo(x, y);
  context.fill();
}
