// SPDX-FileCopyrightText: The gst-harmony4 authors
// SPDX-License-Identifier: LGPL-2.1-or-later
// The live page in Chromium, with live pipelines: what is shown and what can be done.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { card, closeBrowser, closePages, countColourful, countPixels, drawn, figure, openBrowser, openPage, picture, screenshot,
  waitForState } from './page.mjs';
import { AUDIO, VIDEO, cleanUp, launch, until } from './rig.mjs';

before(openBrowser);
after(closeBrowser);
afterEach(async () => {
  try {
    await closePages();
  } finally {
    await cleanUp();
  }
});

const both = (granularity) => launch(`${VIDEO('picture')} ${AUDIO('sound', `granularity=${granularity}`)}`, ['picture', 'sound']);

/** A page that is live and has drawn something of both streams. */
async function livePage(options, granularity = 'frame') {
  const pipeline = await both(granularity);
  const page = await openPage(pipeline.address, options);
  await waitForState(page, /^Live$/);
  await until(async () => await countColourful(page, 'sound') > 50 && await countPixels(page, 'picture', 'key') > 0, 'plots');
  return page;
}

const announced = (page) => page.locator('#announce').textContent();

test('a spectrum and a timeline are drawn, and told in numbers', async () => {
  const page = await livePage({}, 'bin');
  const requests = await page.evaluate(() => performance.getEntriesByType('resource').map((entry) => new URL(entry.name)));
  assert.ok(requests.length > 0);
  await until(async () => parseFloat(await figure(page, 'picture', 'Blocks')) > 20, 'a rate');
  assert.match(await figure(page, 'picture', 'Bitrate'), /^[\d.]+ [kM]bit\/s$/);
  assert.match(await figure(page, 'picture', 'Key blocks'), /^every 1\.00 s$|^\d$/);
  assert.equal(await figure(page, 'sound', 'Frames'), '46.9/s');
  assert.equal(await figure(page, 'sound', 'Lost'), '0');
  await until(async () => await countPixels(page, 'picture', 'b') > 0 && await countPixels(page, 'picture', 'p') > 0, 'P and B blocks');
  const about = await card(page, 'sound').locator('.about').textContent();
  assert.equal(about, '48 kHz · frames of 2048 · top 32');
  await until(() => page.evaluate(() => document.querySelector('.card.audio .bins tbody td').textContent !== '–'), 'bins');
  const strongest = await card(page, 'sound').locator('.bins tbody td').first().textContent();
  assert.ok(Math.abs(parseFloat(strongest) - (strongest.includes('kHz') ? 1 : 1000)) < (strongest.includes('kHz') ? 0.03 : 25), strongest);
  assert.equal(await card(page, 'sound').locator('.bins tbody tr').count(), 8);
  await screenshot(page, 'desktop-dark');
});

test('the sine is drawn where its frequency is, on both axes', async () => {
  const page = await livePage();
  /** From the bottom, 0 to 1, the middle of the brightest pixels. */
  const height = () => card(page, 'sound').locator('canvas').first().evaluate((element) => {
    const ratio = element.width / element.clientWidth;
    const left = Math.round(52 * ratio), top = Math.round(20 * ratio), bottom = element.height - Math.round(22 * ratio);
    const { data } = element.getContext('2d').getImageData(left, top, element.width - left, bottom - top);
    const width = element.width - left;
    let sum = 0, count = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i] > 230 && data[i + 1] > 200 && data[i + 2] < 90) {
        sum += Math.floor(i / 4 / width);
        count++;
      }
    }
    return count ? 1 - sum / count / (bottom - top) : -1;
  });
  const log = Math.log(1000 / 23.4375) / Math.log(24000 / 23.4375);
  await until(async () => Math.abs(await height() - log) < 0.02, 'the logarithmic place');
  await page.getByRole('button', { name: 'Log', exact: true }).click();
  await until(async () => Math.abs(await height() - 1000 / 24000) < 0.02, 'the linear place');
  assert.equal(await page.locator('#axis').getAttribute('aria-pressed'), 'false');
});

test('pause freezes the view, receiving goes on', async () => {
  const page = await livePage();
  await page.getByRole('button', { name: 'Pause' }).click();
  await drawn(page);
  const shown = await picture(page, 'sound');
  const badge = card(page, 'sound').locator('.badge');
  await until(async () => parseInt((await badge.textContent()).match(/paused, (\d+) since/)?.[1] ?? 0, 10) > 100, 'events meanwhile');
  assert.equal(await picture(page, 'sound'), shown);
  assert.equal(await announced(page), 'Paused; receiving goes on');
  await screenshot(page, 'desktop-paused');
  await page.getByRole('button', { name: 'Resume' }).click();
  await until(async () => await picture(page, 'sound') !== shown, 'a change');
  await badge.waitFor({ state: 'hidden' });
});

test('zoom by buttons, keys, wheel and pinch', async () => {
  const page = await livePage({ hasTouch: true });
  const span = () => page.locator('#span').textContent();
  const plot = card(page, 'sound').locator('.plot');
  assert.equal(await span(), '10 s');
  await page.getByRole('button', { name: 'Show less time' }).click();
  assert.equal(await span(), '5 s');
  await page.getByRole('button', { name: 'Show more time' }).click();
  await page.getByRole('button', { name: 'Show more time' }).click();
  assert.equal(await span(), '20 s');
  await plot.focus();
  await page.keyboard.press('0');
  assert.equal(await span(), '10 s');
  for (let i = 0; i < 20; i++) await page.keyboard.press('+');
  assert.equal(await span(), '0.5 s');
  for (let i = 0; i < 20; i++) await page.keyboard.press('-');
  assert.equal(await span(), '2 min');
  await page.keyboard.press('0');
  await plot.hover();
  await page.mouse.wheel(0, -100);
  await until(async () => await span() !== '10 s', 'the wheel');
  await page.keyboard.press('0');
  // Without the focus the wheel scrolls, unless with Ctrl.
  await page.locator('#pause').focus();
  await page.mouse.wheel(0, 50);
  await drawn(page);
  assert.equal(await span(), '10 s');
  await page.keyboard.down('Control');
  await page.mouse.wheel(0, 50);
  await page.keyboard.up('Control');
  await until(async () => await span() !== '10 s', 'the wheel with Ctrl');
  await plot.focus();
  await page.keyboard.press('0');
  await plot.scrollIntoViewIfNeeded();
  const box = await plot.boundingBox();
  const client = await page.context().newCDPSession(page);
  const touch = (type, distance) => client.send('Input.dispatchTouchEvent', { type, touchPoints: distance === null ? []
    : [-1, 1].map((side, id) => ({ id, x: box.x + box.width / 2 + side * distance, y: box.y + 80 })) });
  await touch('touchStart', 40);
  for (let distance = 50; distance <= 160; distance += 10) await touch('touchMove', distance);
  await touch('touchEnd', null);
  await until(async () => /^2\.\d s$|^3 s$|^3\.\d s$/.test(await span()), 'a pinch');
});

test('dragging and arrows go back in time, End is live again', async () => {
  const page = await livePage();
  await until(async () => parseFloat((await figure(page, 'sound', 'Position')).split(':')[1]) > 3, 'something to go back to');
  for (let i = 0; i < 3; i++) await page.keyboard.press('+');
  const plot = card(page, 'sound').locator('.plot');
  await plot.focus();
  await page.keyboard.press('p');
  await drawn(page);
  const shown = await picture(page, 'sound');
  await page.keyboard.press('ArrowLeft');
  await until(async () => await picture(page, 'sound') !== shown, 'a move');
  await page.keyboard.press('ArrowRight');
  await until(async () => await picture(page, 'sound') === shown, 'the same view again');
  await page.keyboard.press('End');
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  const box = await plot.boundingBox();
  await page.mouse.move(box.x + 300, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + 450, box.y + 100, { steps: 5 });
  await page.mouse.up();
  await page.getByRole('button', { name: 'Resume' }).waitFor();
});

test('everything can be done with the keyboard, and the focus is seen', async () => {
  const page = await livePage();
  const focused = () => page.evaluate(() => {
    const element = document.activeElement;
    const style = getComputedStyle(element);
    return { what: element.id || element.className, ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 };
  });
  const seen = [];
  for (let i = 0; i < 9; i++) {
    await page.keyboard.press('Tab');
    const { what, ring } = await focused();
    assert.ok(ring, `${what} shows that it has the focus`);
    seen.push(what);
  }
  assert.deepEqual(seen, ['skip', 'pause', 'zoom-out', 'zoom-in', 'axis', 'theme', 'help-open', 'plot', 'plot']);
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Resume' }).waitFor();
  await page.locator('#pause').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await screenshot(page, 'desktop-help');
  await page.keyboard.press('p');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  assert.equal(await page.locator('#pause').getAttribute('aria-pressed'), 'false');
  await page.keyboard.press('?');
  await page.getByLabel('Use these keys').uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('p');
  assert.equal(await page.locator('#pause').getAttribute('aria-pressed'), 'false');
});

test('what is not seen is told', async () => {
  const page = await livePage();
  const names = await page.getByRole('img').evaluateAll((plots) => plots.map((plot) => plot.getAttribute('aria-label')));
  assert.deepEqual(names.sort(), ['Spectrogram of sound', 'Timeline of blocks of picture']);
  assert.equal(await page.locator('#announce').getAttribute('aria-live'), 'polite');
  assert.equal(await announced(page), 'Live: 2 streams');
  const unnamed = await page.locator('button').evaluateAll((buttons) => buttons
    .filter((button) => !(button.textContent.trim() || button.getAttribute('aria-label'))).length);
  assert.equal(unnamed, 0);
});

const luminance = (colour) => {
  const parts = colour.match(/[\d.]+/g).slice(0, 3).map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
};
const contrast = (a, b) => {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
};

/** The page's colours, as it computes them. */
const palette = (page) => page.evaluate(() => {
  const probe = document.createElement('span');
  document.body.append(probe);
  const names = ['ground', 'panel', 'raised', 'text', 'muted', 'accent', 'on-accent', 'good', 'warn', 'bad', 'replay', 'key', 'p', 'b', 'other'];
  const found = Object.fromEntries(names.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  }));
  probe.remove();
  return found;
});

test('dark and light follow the system, or the button, and can be read', async () => {
  const pipeline = await both('frame');
  const grounds = {};
  for (const colorScheme of ['dark', 'light']) {
    const page = await openPage(pipeline.address, { colorScheme });
    await waitForState(page, /^Live$/);
    const colours = await palette(page);
    grounds[colorScheme] = colours.ground;
    for (const name of ['text', 'muted', 'bad', 'accent']) assert.ok(contrast(colours[name], colours.panel) >= 4.5, `${name} in ${colorScheme}`);
    for (const name of ['key', 'p', 'b', 'other', 'good', 'warn', 'replay']) assert.ok(contrast(colours[name], colours.panel) >= 3, `${name} in ${colorScheme}`);
    assert.ok(contrast(colours.muted, colours.raised) >= 4.5 && contrast(colours['on-accent'], colours.accent) >= 4.5);
    await until(async () => await countColourful(page, 'sound') > 50, 'a spectrum');
    await screenshot(page, `desktop-${colorScheme}-full`);
    await page.close();
  }
  assert.ok(luminance(grounds.dark) < 0.05 && luminance(grounds.light) > 0.8);
  const page = await openPage(pipeline.address, { colorScheme: 'light' });
  await waitForState(page, /^Live$/);
  await page.getByRole('button', { name: 'Theme' }).click();
  await page.getByRole('button', { name: 'Theme' }).click();
  assert.equal(await page.locator('#theme-name').textContent(), 'dark');
  assert.equal((await palette(page)).ground, grounds.dark);
  await page.reload();
  assert.equal((await palette(page)).ground, grounds.dark);
  await page.keyboard.press('t');
  assert.equal((await palette(page)).ground, grounds.light);
});

test('a phone has room for all of it', async () => {
  const page = await livePage({ viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true });
  assert.equal(await page.locator('#span').textContent(), '5 s');
  await until(async () => await countColourful(page, 'sound') > 2000, 'a spectrum');
  const wide = await page.evaluate(() => [document.documentElement.scrollWidth, [...document.querySelectorAll('body *')]
    .filter((element) => element.getBoundingClientRect().right > 361 && !element.closest('template, .hidden-text')).length]);
  assert.deepEqual(wide, [360, 0]);
  const small = await page.locator('button:visible').evaluateAll((buttons) => buttons
    .filter((button) => button.clientHeight < 36 || button.clientWidth < 30).map((button) => button.id));
  assert.deepEqual(small, []);
  const tiny = await page.evaluate(() => [...document.querySelectorAll('main *')]
    .filter((element) => element.childNodes.length === 1 && element.firstChild.nodeType === 3 && parseFloat(getComputedStyle(element).fontSize) < 11.5)
    .length);
  assert.equal(tiny, 0);
  await screenshot(page, 'phone-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await until(async () => await page.evaluate(() => document.documentElement.dataset.theme) === 'light', 'the light theme');
  await screenshot(page, 'phone-light');
});

test('whoever wants less motion gets less', async () => {
  const page = await livePage({ reduced: true });
  assert.equal(await page.locator('#state i').evaluate((dot) => getComputedStyle(dot).animationName), 'none');
  const count = () => page.evaluate(() => [document.querySelector('.card.audio canvas').drawn, performance.now() / 1000]);
  const [first, from] = await count();
  const [last, to] = await until(async () => {
    const [drawings, at] = await count();
    return drawings >= first + 5 && [drawings, at];
  }, 'drawings');
  // 47 frames a second come; no more than two drawings do.
  assert.ok(last - first <= 2 * (to - from) + 2, `${last - first} drawings in ${to - from} s`);
});

test('lines of JSON and text are listed as they come', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'h4lines-'));
  try {
    writeFileSync(join(directory, 'said'), '{"object":"<b>cat</b>","score":0.9}');
    const source = (caps) => `multifilesrc location=${directory}/said loop=true caps=${caps} ! identity sleep-time=50000`;
    const pipeline = await launch(`${source('application/json')} ! h4sse stream=found port=PORT sync=false
      ${source('text/x-raw,format=utf8')} ! h4sse stream=words port=PORT sync=false`, ['found', 'words']);
    const page = await openPage(pipeline.address);
    for (const name of ['found', 'words']) {
      await until(async () => await card(page, name).locator('.lines li').count() >= 5, 'lines');
      assert.equal(await card(page, name).locator('.lines li').first().textContent(), '{"object":"<b>cat</b>","score":0.9}');
    }
    await screenshot(page, 'desktop-lines');
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('nothing but the page itself runs in it', async () => {
  const page = await livePage();
  const answer = await page.request.get(page.url());
  const policy = answer.headers()['content-security-policy'];
  for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"]) assert.ok(policy.includes(part), policy);
  assert.equal(answer.headers()['x-content-type-options'], 'nosniff');
  assert.equal(await page.evaluate(() => window.violations), undefined);
  const elsewhere = await page.evaluate(() => performance.getEntriesByType('resource').filter((entry) => !entry.name.startsWith(location.origin)).length);
  assert.equal(elsewhere, 0);
  assert.equal(await page.locator('[style]:not(.level b), style, script:not([src])').count(), 0);
});

test('many events for long take no more memory', async () => {
  const line = `audiotestsrc is-live=true wave=white-noise ! audio/x-raw,rate=48000,channels=1 ! h4audiofft frame-size=512 hop=512 top-k=16
    ! h4sse stream=sound port=PORT`;
  const pipeline = await launch(line, ['sound']);
  const page = await openPage(pipeline.address);
  await waitForState(page, /^Live$/);
  const client = await page.context().newCDPSession(page);
  await client.send('HeapProfiler.enable');
  const used = async () => {
    await client.send('HeapProfiler.collectGarbage');
    return (await client.send('Runtime.getHeapUsage')).usedSize;
  };
  const position = async () => Number((await figure(page, 'sound', 'Position')).split(':')[1]);
  const first = await until(async () => await position().catch(() => 0) || 0, 'a position');
  await until(async () => await position() > first + 2, 'a start');
  const before = await used();
  await until(async () => await position() > first + 12, 'ten seconds more');
  await until(async () => parseFloat(await figure(page, 'sound', 'Events')) > 500, 'hundreds of events a second');
  assert.ok(await used() < before + 1.5e6, `${before} → ${await used()}`);
});
