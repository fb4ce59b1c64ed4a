/* SPDX-FileCopyrightText: The gst-harmony4 authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The live page: what a person sees of the connection, and what they do.
 */

import { Card } from './live-card.js';
import { levelTable, markText } from './live-draw.js';
import { Link } from './live-link.js';
import { Model } from './live-model.js';

const SPANS = [0.5, 1, 2, 5, 10, 20, 30, 60, 120];
const THEMES = ['auto', 'light', 'dark'];
const SILENT = 5;

const $ = (id) => document.getElementById(id);
const now = () => performance.now() / 1000;
const darkScheme = matchMedia('(prefers-color-scheme: dark)');
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

/** Storage that may be forbidden. */
const kept = (storage) => ({
  get(name) { try { return window[storage].getItem(`harmony4-${name}`); } catch { return null; } },
  set(name, value) { try { window[storage].setItem(`harmony4-${name}`, value); } catch { /* not kept, then */ } },
});
const settings = kept('localStorage');
const session = kept('sessionStorage');

const query = new URLSearchParams(location.search);
const firstSpan = innerWidth < 620 ? 5 : 10;
const view = { span: firstSpan, pan: 0, frozen: false, log: settings.get('axis') !== 'linear', interval: 0 };
const cards = new Map();
const model = new Model();
let colours = {};

/** Events of one path on this server, `/jobs/…/events` say. */
function askedEvents() {
  const events = query.get('events');
  if (!events) return null;
  const url = new URL(events, location.href);
  return url.origin === location.origin ? url.pathname + url.search : null;
}

const link = new Link(model, {
  fetch: (...args) => fetch(...args),
  EventSource,
  setTimeout: (...args) => setTimeout(...args),
  clearTimeout: (timer) => clearTimeout(timer),
  now,
}, {
  events: askedEvents(),
  only: query.get('stream')?.split(',') ?? null,
  token: session.get('token'),
  onstate: showState,
  onnews: tellNews,
  onstreams: showStreams,
});

/* The connection */

let announced = '', announcedAt = -Infinity;

/** Says it to those who do not see it, and not too often. */
function announce(text) {
  if (text === announced && now() - announcedAt < 10) return;
  announced = text;
  announcedAt = now();
  $('announce').textContent = text;
}

function stateText() {
  const wait = Math.max(0, Math.ceil(link.retryAt - now()));
  switch (link.state) {
    case 'live': return 'Live';
    case 'connecting': return 'Connecting…';
    case 'waiting': {
      const why = link.detail === 'full' ? 'Server is full' : link.detail ? `Refused (${link.detail})` : 'Connection lost';
      return wait ? `${why} · next try in ${wait} s` : `${why} · trying…`;
    }
    case 'locked': return 'Token needed';
    case 'empty': return 'No streams yet';
    case 'finished': return 'Finished';
    default: return 'Not there any more';
  }
}

const NOTICES = {
  empty: 'This server has no streams yet. The page looks again every few seconds.',
  gone: 'These events are not there any more: they are kept for some minutes only.',
};

function showState() {
  const { state } = link;
  $('retry').hidden = state !== 'waiting';
  const locked = state === 'locked';
  if ($('lock').hidden === locked) {
    $('lock').hidden = !locked;
    if (locked) $('token').focus();
  }
  if (locked) {
    const wrong = link.detail === 'wrong';
    $('lock-text').textContent = wrong ? 'The server does not accept this token.' : 'This server shows its streams to those who have a token.';
    $('lock-text').classList.toggle('wrong', wrong);
  }
  $('notice').hidden = !(state in NOTICES);
  $('notice').textContent = NOTICES[state] ?? '';
  const said = { waiting: link.detail === 'full' ? 'The server is full; trying again' : 'Connection lost; trying again',
    live: `Live: ${model.streams.size === 1 ? 'one stream' : `${model.streams.size} streams`}` };
  announce(said[state] ?? stateText());
  showPill();
  // What came at once and is whole is shown whole.
  if (state === 'finished' && link.events && !view.frozen && view.span === firstSpan) showAll();
}

function showPill() {
  let state = link.state, text = stateText();
  if (state === 'live') {
    const streams = [...model.streams.values()];
    const latest = Math.max(...streams.map((stream) => stream.lastEvent ?? 0));
    const silent = Math.floor(now() - latest);
    if (streams.some((stream) => stream.replaying)) [state, text] = ['replaying', 'Catching up'];
    else if (latest > 0 && silent >= SILENT) [state, text] = ['silent', `Live · silent for ${silent} s`];
  }
  $('state').dataset.state = state;
  if ($('state-text').textContent !== text) $('state-text').textContent = text;
}

function tellNews({ stream, type, lost, reason, error }) {
  if (type === 'meta') showStreams();
  if (type === 'gap') announce(`${stream.name}: ${markText({ kind: 'gap', lost, reason })}`);
  if (type === 'done') announce(`${stream.name || 'The stream'} is finished`);
  if (type === 'unreadable') console.warn('an event cannot be read:', error);
}

function showStreams() {
  const parts = new Map(model.parts().map((stream) => [stream.key, stream]));
  for (const [key, card] of cards) {
    if (parts.has(key)) continue;
    card.root.remove();
    resized.unobserve(card.plotElement);
    cards.delete(key);
  }
  for (const [key, stream] of parts) {
    if (cards.has(key)) continue;
    const card = new Card(stream);
    cards.set(key, card);
    $('streams').append(card.root);
    listenToPlot(card);
    resized.observe(card.plotElement);
    if (view.frozen) card.freeze(true);
  }
}

/* The view */

function redraw() {
  for (const card of cards.values()) card.dirty = true;
}

const resized = new ResizeObserver(redraw);

function pause(on) {
  if (on === view.frozen) return;
  view.frozen = on;
  view.pan = 0;
  for (const card of cards.values()) card.freeze(on);
  $('pause').setAttribute('aria-pressed', String(on));
  $('pause').lastElementChild.textContent = on ? 'Resume' : 'Pause';
  announce(on ? 'Paused; receiving goes on' : 'Live again');
}

const spanText = (span) => (span >= 60 ? `${+(span / 60).toFixed(1)} min` : `${+span.toFixed(span < 10 ? 1 : 0)} s`);

function pan(seconds) {
  if (!view.frozen) pause(true);
  const deepest = Math.max(0, ...[...cards.values()].map((card) => card.depth)) - view.span / 2;
  view.pan = Math.max(0, Math.min(Math.max(0, deepest), view.pan + seconds));
  redraw();
}

/** anchor: which part of the width, from the right, keeps its time. */
function zoomTo(span, anchor = 0) {
  const next = Math.max(SPANS[0], Math.min(SPANS[SPANS.length - 1], span));
  const { span: before } = view;
  view.span = next;
  if (view.frozen) pan(anchor * (before - next));
  $('span').textContent = spanText(next);
  $('zoom-in').disabled = next <= SPANS[0];
  $('zoom-out').disabled = next >= SPANS[SPANS.length - 1];
  redraw();
}

function zoom(direction) {
  const next = direction > 0 ? SPANS.filter((span) => span < view.span - 1e-6).pop() : SPANS.find((span) => span > view.span + 1e-6);
  if (next) zoomTo(next, view.frozen ? 0.5 : 0);
}

function showAll() {
  const depth = Math.max(0, ...[...cards.values()].map((card) => card.depth));
  if (depth > 0) zoomTo(depth * 1.05);
}

function setAxis(log) {
  view.log = log;
  settings.set('axis', log ? 'log' : 'linear');
  $('axis').setAttribute('aria-pressed', String(log));
  redraw();
}

function setTheme(theme) {
  settings.set('theme', theme);
  $('theme-name').textContent = theme;
  showTheme();
}

function showTheme() {
  const theme = settings.get('theme') ?? $('theme-name').textContent;
  const dark = theme === 'dark' || (theme !== 'light' && darkScheme.matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  const style = getComputedStyle(document.documentElement);
  colours = { dark, levels: levelTable(dark) };
  for (const name of ['panel', 'line', 'grid', 'text', 'muted', 'bad', 'replay', 'key', 'p', 'b', 'other']) {
    colours[name] = style.getPropertyValue(`--${name}`).trim();
  }
  redraw();
}

/* What a person does */

const KEYS = {
  ' ': () => pause(!view.frozen), p: () => pause(!view.frozen),
  '+': () => zoom(1), '=': () => zoom(1), '-': () => zoom(-1), '−': () => zoom(-1), 0: () => zoomTo(firstSpan),
  ArrowLeft: () => pan(view.span / 10), ArrowRight: () => pan(-view.span / 10),
  End: () => pause(false),
  l: () => setAxis(!view.log), t: nextTheme, r: () => link.retry(), '?': () => $('help').showModal(),
};

function nextTheme() {
  setTheme(THEMES[(THEMES.indexOf($('theme-name').textContent) + 1) % THEMES.length]);
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || $('help').open || !$('keys-on').checked) return;
  const { target } = event;
  if (target.closest('input, textarea, select')) return;
  // Space presses a button; arrows and End scroll what can be scrolled.
  if (event.key === ' ' && target.closest('button, a')) return;
  if (/^(Arrow|End)/.test(event.key) && !target.closest('.plot')) return;
  const action = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
  if (!action) return;
  event.preventDefault();
  action();
});

function listenToPlot(card) {
  const plot = card.plotElement;
  const pointers = new Map();
  const anchor = (x) => {
    const box = plot.getBoundingClientRect();
    return Math.max(0, Math.min(1, (box.right - x) / box.width));
  };
  let pinch = null, dragged = 0;
  const spread = () => {
    const [a, b] = [...pointers.values()];
    return { distance: Math.max(20, Math.hypot(a.x - b.x, a.y - b.y)), middle: (a.x + b.x) / 2 };
  };
  plot.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && document.activeElement !== plot) return;
    event.preventDefault();
    zoomTo(view.span * Math.exp(Math.max(-60, Math.min(60, event.deltaY)) / 200), anchor(event.clientX));
  }, { passive: false });
  plot.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    plot.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    dragged = 0;
    if (pointers.size === 2) pinch = { ...spread(), span: view.span };
  });
  plot.addEventListener('pointermove', (event) => {
    const box = plot.getBoundingClientRect();
    card.hover = { x: event.clientX - box.left, y: event.clientY - box.top };
    card.dirty = true;
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const dx = event.clientX - before.x;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (pinch && pointers.size === 2) {
      const { distance, middle } = spread();
      zoomTo(pinch.span * pinch.distance / distance, anchor(middle));
      return;
    }
    dragged += dx;
    if (pointers.size === 1 && (view.frozen || Math.abs(dragged) > 8)) pan(dx * view.span / box.width);
  });
  const lift = (event) => {
    pointers.delete(event.pointerId);
    if (pointers.size < 2) pinch = null;
    if (event.type !== 'pointerup' || event.pointerType !== 'mouse') card.hover = null;
    card.dirty = true;
  };
  for (const name of ['pointerup', 'pointercancel', 'pointerleave']) plot.addEventListener(name, lift);
}

$('pause').addEventListener('click', () => pause(!view.frozen));
$('zoom-in').addEventListener('click', () => zoom(1));
$('zoom-out').addEventListener('click', () => zoom(-1));
$('axis').addEventListener('click', () => setAxis(!view.log));
$('theme').addEventListener('click', nextTheme);
$('help-open').addEventListener('click', () => $('help').showModal());
$('retry').addEventListener('click', () => link.retry());
$('keys-on').addEventListener('change', () => settings.set('keys', $('keys-on').checked ? 'on' : 'off'));
$('lock').addEventListener('submit', (event) => {
  event.preventDefault();
  const token = $('token').value.trim();
  if (!token) return;
  session.set('token', token);
  $('token').value = '';
  link.unlock(token);
});
darkScheme.addEventListener('change', showTheme);
window.addEventListener('online', () => link.retry());
window.addEventListener('pagehide', () => link.stop());
window.addEventListener('pageshow', (event) => { if (event.persisted) link.start(); });
document.addEventListener('visibilitychange', () => { if (!document.hidden) link.retry(); });

/* The clock */

let toldAt = -Infinity;

function frame() {
  requestAnimationFrame(frame);
  const time = now();
  view.interval = reducedMotion.matches ? 0.5 : 0;
  const tell = time - toldAt >= 0.25;
  if (tell) {
    toldAt = time;
    showPill();
    $('axis').hidden = ![...cards.values()].some((card) => card.kind === 'audio');
  }
  for (const card of cards.values()) {
    if (tell) card.tell(view, colours, time);
    card.draw(view, colours);
  }
}

$('keys-on').checked = settings.get('keys') !== 'off';
setTheme(THEMES.includes(settings.get('theme')) ? settings.get('theme') : 'auto');
setAxis(view.log);
zoomTo(view.span);
requestAnimationFrame(frame);
link.start();
