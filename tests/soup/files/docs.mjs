// SPDX-FileCopyrightText: The gst-harmony4 authors
// SPDX-License-Identifier: LGPL-2.1-or-later
// node docs.mjs CASE URL [FILE]: what a person does in a browser; ends with an error where it does not work.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { chromium } from 'playwright-core';

const [name, url, file] = process.argv.slice(2);
const PHONE = { width: 390, height: 844 };

async function open(page, call) {
  await page.goto(`${url}/docs#${call}`);
  await page.waitForSelector(`#${call}[open] .main`);
  return page.locator(`#${call}`);
}

async function send(card) {
  await card.locator('.main').click();
  await card.locator('.answer .status').waitFor();
  await card.locator('.main:not([disabled])').waitFor();
  return card.locator('.answer .status').innerText();
}

/** An upload whose events are to be had at what this gives. */
async function addJob(path, fields) {
  const body = new FormData();
  for (const [field, value] of Object.entries(fields)) body.append(field, value);
  body.append('file', new Blob([readFileSync(file)]), 'upload');
  const answer = await fetch(url + path, { method: 'POST', body, headers: { Prefer: 'respond-async' } });
  assert.equal(answer.status, 202, await answer.text());
  return answer.headers.get('Location');
}

async function watch(page, events) {
  await page.goto(`${url}/?events=${encodeURIComponent(events)}`);
  await page.locator('#state[data-state="finished"]').waitFor();
}

/** Of each card what it is called, its numbers, and how much of its plot is painted and not grey. */
async function shown(page) {
  await page.waitForFunction(() => [...document.querySelectorAll('.card')].every((card) => card.querySelector('.badge').textContent === 'finished'));
  await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
  return page.locator('.card').evaluateAll((cards) => cards.map((card) => {
    const canvas = card.querySelector('.plot canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let painted = 0;
    for (let i = 0; i < data.length; i += 4) {
      const colours = [data[i], data[i + 1], data[i + 2]];
      if (data[i + 3] > 200 && Math.max(...colours) - Math.min(...colours) > 60) painted++;
    }
    const terms = [...card.querySelectorAll('.stats dt')];
    const numbers = Object.fromEntries(terms.map((term) => [term.textContent, term.nextElementSibling.textContent]));
    const text = (name) => card.querySelector(name).textContent;
    return { name: text('h2'), tag: text('.tag'), about: text('.about'), plot: card.querySelector('.plot').getAttribute('aria-label'),
      waiting: card.querySelector('.waiting').hidden ? '' : text('.waiting'), numbers, painted };
  }));
}

async function screenshot(page) {
  if (process.env.H4_SCREENSHOTS) await page.screenshot({ path: `${process.env.H4_SCREENSHOTS}/docs-${name}.png` });
}

const cases = {
  async call(page) {
    const card = await open(page, 'file_seek');
    await card.locator('#file_seek-path-name').fill('recording.h4mk');
    await card.locator('#file_seek-query-pts_us').fill('5500000');
    assert.equal(await send(card), '200 OK');
    const block = JSON.parse(await card.locator('.answer > pre').innerText());
    assert.equal(block.pts_us, 5000000);
    assert.match(await card.locator('.curl').innerText(), /^curl 'http:.*\/files\/recording\.h4mk\/seek\?pts_us=5500000'$/);
    assert.equal(await page.title(), 'HarmonyØ4 Media API');
  },

  async problem(page) {
    const card = await open(page, 'file_seek');
    await card.locator('.main').click();
    assert.equal(await card.locator('.state').innerText(), 'name is needed.');
    await card.locator('#file_seek-path-name').fill('gone.h4mk');
    await card.locator('#file_seek-query-pts_us').fill('1');
    assert.match(await send(card), /^404/);
    assert.match(await card.locator('.answer > pre').innerText(), /"detail"/);
    assert.match(await card.locator('.state').innerText(), /404/);
  },

  async upload(page) {
    const card = await open(page, 'video_stream');
    await card.locator('#video_stream-form-file').setInputFiles(file);
    await card.locator('#video_stream-form-block_size').fill('65536');
    assert.equal(await send(card), '200 OK');
    const text = await card.locator('.answer > pre').innerText();
    assert.match(text, /event:meta\ndata:\{.*"block_size":65536/);
    assert.match(text, /event:done/);
  },

  async bytes(page) {
    const card = await open(page, 'file_block');
    await card.locator('#file_block-path-name').fill('recording.h4mk');
    await card.locator('#file_block-path-block').fill('0');
    assert.equal(await send(card), '200 OK');
    assert.match(await card.locator('.answer > pre').innerText(), /^00000000 {2}([0-9a-f]{2} ){16}/);
    const saved = page.waitForEvent('download');
    await card.locator('.answer header a').click();
    assert.ok(await (await saved).path());
  },

  /** An answer to come, and the live page with its events. */
  async job(page) {
    const card = await open(page, 'video_stream');
    await card.locator('#video_stream-form-file').setInputFiles(file);
    await card.locator('#video_stream-form-block_size').fill('65536');
    await card.locator('#video_stream-header-Prefer').selectOption('respond-async');
    assert.match(await send(card), /^202/);
    await card.locator('.answer header a').click();
    await page.waitForURL(/\/\?events=%2Fjobs%2F[0-9a-f]{32}%2Fevents$/);
    await page.locator('#state[data-state="finished"]').waitFor();
    const [card1, ...others] = await shown(page);
    assert.equal(others.length, 0);
    assert.equal(card1.about, 'blocks of 65.5 kB · 30 a second · 4 in all');
    assert.equal(card1.plot, 'Timeline of blocks of the events');
    assert.equal(card1.numbers['Key blocks'], '1');
    assert.equal(card1.numbers.Position, '0:00.1');
    assert.equal(card1.waiting, '');
    assert.ok(card1.painted > 50, JSON.stringify(card1));
    await screenshot(page);
  },

  /** Read to its end by somebody else before, and looked at twice. */
  async spectrum(page) {
    const events = await addJob('/audio/stream', { sample_rate: 16000, frame_size: 512, top_k: 8 });
    const before = await (await fetch(url + events)).text();
    assert.match(before, /event:done/);
    for (let times = 0; times < 2; times++) {
      await watch(page, events);
      const [sound, ...others] = await shown(page);
      assert.equal(others.length, 0);
      assert.equal(sound.tag, 'audio');
      assert.equal(sound.plot, 'Spectrogram of the events');
      assert.equal(sound.numbers.Lost, '0');
      assert.ok(sound.painted > 500, JSON.stringify(sound));
      assert.equal(await page.locator('.bins tbody td').first().innerText(), '4.63 kHz');
      // What there is fills the view.
      assert.equal(await page.locator('#span').innerText(), '0.6 s');
    }
    await screenshot(page);
  },

  /** A film's tracks are a card each. */
  async tracks(page) {
    await watch(page, await addJob('/video/stream', { mode: 'media' }));
    const cards = await shown(page);
    assert.deepEqual(cards.map(({ name: title, tag, about }) => [title, tag, about]),
      [['upload · 1', 'video', 'video/x-h264'], ['upload · 2', 'audio', 'audio/mpeg']]);
    const [video, audio] = cards;
    assert.equal(video.numbers.Blocks, '25.0/s');
    assert.equal(video.numbers['Key blocks'], 'every 1.00 s');
    assert.equal(video.numbers.Position, '0:06.0');
    assert.match(audio.numbers.Blocks, /^46\.[89]\/s$/);
    assert.deepEqual(await page.locator('.card').first().locator('.legend span').allInnerTexts(), ['I, key', 'P', 'B', 'gap', 'replayed']);
    for (const card of cards) assert.ok(card.painted > 500, JSON.stringify(card));
    await screenshot(page);
  },

  /** No token at all: that is said, too. */
  async empty(page) {
    await watch(page, await addJob('/audio/stream', {}));
    const [card] = await shown(page);
    assert.equal(card.waiting, 'No data came.');
  },

  async token(page) {
    const card = await open(page, 'streams');
    assert.match(await send(card), /^401/);
    await page.locator('#token').fill('a-token-for-tests-only');
    assert.equal(await send(card), '200 OK');
    assert.doesNotMatch(await page.content(), /a-token-for-tests-only/);
    assert.match(await card.locator('.curl').innerText(), /Bearer \$TOKEN/);
  },

  /** Every call is there, and nothing that is wider than a phone. */
  async phone(page) {
    await page.setViewportSize(PHONE);
    await page.goto(`${url}/docs`);
    await page.waitForSelector('.call');
    const api = await (await fetch(`${url}/openapi.json`)).json();
    const calls = Object.values(api.paths).flatMap(Object.keys).length;
    assert.equal(await page.locator('.call').count(), calls);
    for (const card of await page.locator('.call > summary').all()) await card.click();
    await page.waitForFunction((n) => document.querySelectorAll('.call[open] .curl:not(:empty)').length === n, calls);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wide <= 0, `${wide} pixels too wide`);
    // every field has a name that is told
    const nameless = await page.evaluate(() => [...document.querySelectorAll('main input, main select')].filter((input) => !input.labels.length).length);
    assert.equal(nameless, 0);
  },

  /** From the address to the answer without a pointer. */
  async keyboard(page) {
    await page.goto(`${url}/docs#health`);
    await page.waitForSelector('#health[open] .main');
    await page.waitForFunction(() => document.activeElement.closest('#health'));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('#health .answer .status').waitFor();
    assert.equal(await page.locator('#health .answer .status').innerText(), '200 OK');
    await page.goto(`${url}/docs`);
    await page.waitForSelector('.call');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
  },

  async theme(page) {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.goto(`${url}/docs`);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.equal(await ground(), 'rgb(11, 15, 24)');
    await page.locator('#theme').click();
    assert.equal(await page.locator('#theme-name').innerText(), 'light');
    assert.equal(await ground(), 'rgb(243, 245, 248)');
    await page.reload();
    assert.equal(await ground(), 'rgb(243, 245, 248)');
  },

  /** A page of this site seeks in a recording: asks where, and gets those bytes. */
  async range(page) {
    await page.goto(`${url}/docs`);
    const found = await page.evaluate(async () => {
      const at = '/files/recording.h4mk';
      const block = await (await fetch(`${at}/seek?pts_us=7100000`)).json();
      const first = block.offset + 12;
      const part = await fetch(at, { headers: { Range: `bytes=${first}-${first + block.size - 1}` } });
      const whole = await fetch(`${at}/blocks/${block.block}`);
      const bytes = [...new Uint8Array(await part.arrayBuffer())];
      const same = [...new Uint8Array(await whole.arrayBuffer())];
      const beyond = await fetch(at, { headers: { Range: 'bytes=999999999-' } });
      return { block, status: part.status, range: part.headers.get('Content-Range'), bytes, same, beyond: beyond.status };
    });
    assert.equal(found.block.pts_us, 7000000);
    assert.equal(found.status, 206);
    assert.match(found.range, new RegExp(`^bytes ${found.block.offset + 12}-\\d+/\\d+$`));
    assert.equal(found.bytes.length, found.block.size);
    assert.deepEqual(found.bytes, found.same);
    assert.equal(found.beyond, 416);
  },
};

const browser = await chromium.launch({
  executablePath: process.env.H4_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
try {
  const page = await browser.newPage();
  const wrong = [];
  // The page's policy forbids what the page does not do.
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => { if (/Content.Security.Policy/i.test(message.text())) wrong.push(message.text()); });
  page.on('request', (request) => { if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(url)) wrong.push(request.url()); });
  page.setDefaultTimeout(60000);
  await cases[name](page);
  assert.deepEqual(wrong, []);
} finally {
  await browser.close();
}
