// SPDX-FileCopyrightText: The gst-harmony4 authors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The API's document as a page: what openapi.json says of each call, and a form to try it.

import { fields, request, curl } from './docs-form.js';
import { Answer } from './docs-answer.js';

const $ = (id) => document.getElementById(id);
const METHODS = ['get', 'head', 'post'];
const THEMES = ['auto', 'light', 'dark'];

/** Storage that may be forbidden. */
const kept = (storage) => ({
  get(name) { try { return window[storage].getItem(`harmony4-${name}`); } catch { return null; } },
  set(name, value) { try { window[storage].setItem(`harmony4-${name}`, value); } catch { /* not kept, then */ } },
});
const settings = kept('localStorage');
const session = kept('sessionStorage');
const darkScheme = matchMedia('(prefers-color-scheme: dark)');

function clone(id) {
  return $(id).content.firstElementChild.cloneNode(true);
}

function element(name, text, className) {
  const node = document.createElement(name);
  if (text !== undefined) node.textContent = text;
  if (className) node.className = className;
  return node;
}

/** Follows "#/components/…". */
function resolve(api, node) {
  if (!node?.$ref) return node;
  return node.$ref.slice(2).split('/').reduce((at, name) => at[name], api);
}

function showPath(code, path) {
  for (const part of path.split(/(\{[^}]*\})/)) {
    code.append(part.startsWith('{') ? element('i', part) : part);
  }
}

function showAnswers(list, api, call) {
  for (const [code, answer] of Object.entries(call.responses)) {
    const { description, content } = resolve(api, answer);
    const said = element('dd', `${description} `);
    const types = Object.keys(content ?? {});
    if (types.length && code !== 'default') said.append(element('code', types.join(', ')));
    list.append(element('dt', code === 'default' ? 'else' : code), said);
  }
}

/** The form of a call, what it sends, and what came back. */
function makeTry(card, call) {
  const form = card.querySelector('form');
  const state = card.querySelector('.state');
  const send = card.querySelector('.main');
  const stop = card.querySelector('.stop');
  const line = card.querySelector('.curl');
  const answer = new Answer(card.querySelector('.answer'));
  const inputs = fields(form.querySelector('.fields'), call);
  let abort = null;

  const showLine = () => { line.textContent = curl(call, inputs, $('token').value); };
  const say = (text, bad = false) => { state.textContent = text; state.classList.toggle('bad', bad); };

  form.addEventListener('input', showLine);
  $('token').addEventListener('input', showLine);
  card.querySelector('.copy').addEventListener('click', () => {
    navigator.clipboard?.writeText(line.textContent).then(() => say('Copied.'), () => say('It could not be copied.', true));
  });
  stop.addEventListener('click', () => abort?.abort());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const missing = inputs.find((input) => input.isMissing());
    if (missing) {
      say(`${missing.name} is needed.`, true);
      missing.focus();
      return;
    }
    abort = new AbortController();
    send.disabled = true;
    stop.hidden = false;
    say('Sending…');
    try {
      const { url, options } = request(call, inputs, $('token').value);
      say(await answer.show(call, await answer.time(fetch(url, { ...options, signal: abort.signal, cache: 'no-store' }))));
    } catch (error) {
      say(abort.signal.aborted ? 'Stopped.' : `No answer: ${error.message}.`, !abort.signal.aborted);
    }
    send.disabled = false;
    stop.hidden = true;
  });
  showLine();
}

function addCall(api, section, path, method, operation) {
  const card = clone('call');
  const call = { ...operation, path, method };
  const badge = card.querySelector('.method');

  card.id = operation.operationId;
  badge.textContent = method.toUpperCase();
  badge.classList.add(method);
  showPath(card.querySelector('.path'), path);
  card.querySelector('.what').textContent = operation.summary;
  card.querySelector('.doc').textContent = operation.description;
  showAnswers(card.querySelector('.answers'), api, operation);
  // What is not looked at is not made.
  card.addEventListener('toggle', () => makeTry(card, call), { once: true });
  section.append(card);
}

function addTag(api, { name, description }) {
  const calls = Object.entries(api.paths).flatMap(([path, item]) => METHODS
    .filter((method) => item[method]?.tags.includes(name)).map((method) => [path, method, item[method]]));
  if (!calls.length) return;

  const section = clone('tag');
  const list = element('ul');
  section.querySelector('h2').textContent = name;
  section.querySelector('p').textContent = description;
  for (const [path, method, operation] of calls) {
    const link = element('a', operation.summary);
    const item = element('li');
    link.href = `#${operation.operationId}`;
    item.append(link);
    list.append(item);
    addCall(api, section, path, method, operation);
  }
  $('contents').append(element('h2', name), list);
  $('calls').append(section);
}

/** The call that the address names is open, and in view. */
function openNamed() {
  const card = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!card?.matches('.call')) return;
  card.open = true;
  card.scrollIntoView();
  card.querySelector('summary').focus({ preventScroll: true });
}

function setTheme(theme) {
  const dark = theme === 'dark' || (theme === 'auto' && darkScheme.matches);
  settings.set('theme', theme);
  $('theme-name').textContent = theme;
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
}

async function start() {
  const theme = settings.get('theme');
  setTheme(THEMES.includes(theme) ? theme : 'auto');
  $('token').value = session.get('token') ?? '';
  $('token-form').addEventListener('submit', (event) => event.preventDefault());
  $('token').addEventListener('input', () => session.set('token', $('token').value));
  $('theme').addEventListener('click', () => setTheme(THEMES[(THEMES.indexOf($('theme-name').textContent) + 1) % THEMES.length]));
  darkScheme.addEventListener('change', () => setTheme($('theme-name').textContent));

  const api = await (await fetch('/openapi.json')).json();
  $('version').textContent = api.info.version;
  $('summary').textContent = api.info.summary;
  $('about').textContent = api.info.description;
  api.tags.forEach((tag) => addTag(api, tag));
  $('notice').hidden = true;
  addEventListener('hashchange', openNamed);
  openNamed();
}

start().catch((error) => {
  $('notice').textContent = `openapi.json cannot be read: ${error.message}.`;
});
