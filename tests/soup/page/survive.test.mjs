// SPDX-FileCopyrightText: The gst-harmony4 authors
// SPDX-License-Identifier: LGPL-2.1-or-later
// The live page in Chromium, where servers end, are full, forget, and ask who is there.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { card, closeBrowser, closePages, countPixels, figure, openBrowser, openPage, screenshot, state, waitForState } from './page.mjs';
import { AUDIO, Network, VIDEO, cleanUp, launch, until } from './rig.mjs';

before(openBrowser);
after(closeBrowser);
afterEach(async () => {
  try {
    await closePages();
  } finally {
    await cleanUp();
  }
});

const position = async (page, name) => {
  const [minutes, seconds] = (await figure(page, name, 'Position').catch(() => '0:00')).split(':');
  return 60 * Number(minutes) + Number(seconds);
};

/** Until a stream has gone on by so many seconds. */
async function goOn(page, name, seconds) {
  const from = await position(page, name);
  await until(async () => await position(page, name) >= from + seconds, `${name} to go on`);
}

const announcements = (page) => page.evaluate(() => {
  window.said = [];
  const announce = document.getElementById('announce');
  new MutationObserver(() => window.said.push(announce.textContent)).observe(announce, { childList: true });
});

test('it survives the server\'s end and goes on with the next one', async () => {
  const line = `${VIDEO('picture')} ${AUDIO('sound', 'granularity=frame')}`;
  const first = await launch(line, ['picture', 'sound']);
  const page = await openPage(first.address);
  await waitForState(page, /^Live$/);
  await until(async () => await position(page, 'picture') > 0, 'blocks');
  await announcements(page);
  await first.stop('SIGKILL');
  await waitForState(page, /^Connection lost · (next try in \d+ s|trying…)$/);
  assert.ok(await page.getByRole('button', { name: 'Try now' }).isVisible());
  await screenshot(page, 'desktop-lost');
  await launch(line, ['picture', 'sound'], { port: first.port });
  await page.keyboard.press('r');
  await waitForState(page, /^(Live|Catching up)$/);
  for (const name of ['picture', 'sound']) {
    await until(async () => await countPixels(page, name, 'bad') > 20, 'the gap');
    assert.equal(await figure(page, name, 'Lost'), 'unknown');
  }
  await goOn(page, 'picture', 1);
  await screenshot(page, 'desktop-restarted');
  const said = await page.evaluate(() => window.said);
  assert.ok(said.includes('Connection lost; trying again'), String(said));
  assert.ok(said.some((text) => text.endsWith('stream restarted')), String(said));
});

test('it comes back by itself', async () => {
  const { port } = await launch(VIDEO('picture'), ['picture']);
  const network = await Network.to(port);
  const page = await openPage(network.address);
  await waitForState(page, /^Live$/);
  network.cut();
  await waitForState(page, /^Connection lost/);
  network.mend();
  await waitForState(page, /^Live$/);
});

test('what was missed is replayed, and shown as that', async () => {
  const { port } = await launch(VIDEO('picture'), ['picture']);
  const network = await Network.to(port);
  const page = await openPage(network.address);
  const watcher = await openPage(`http://127.0.0.1:${port}/`);
  await until(async () => await position(page, 'picture') > 0, 'blocks');
  await waitForState(watcher, /^Live$/);
  await goOn(watcher, 'picture', 0.5);
  network.cut();
  await waitForState(page, /^Connection lost/);
  await goOn(watcher, 'picture', 3);
  network.mend();
  await page.keyboard.press('r');
  await until(async () => Number(await figure(page, 'picture', 'Replayed')) > 0, 'a replay');
  assert.ok(Number(await figure(page, 'picture', 'Replayed')) >= 60);
  assert.equal(await figure(page, 'picture', 'Lost'), '0');
  await until(async () => await countPixels(page, 'picture', 'replay') > 20, 'its mark');
  assert.equal(await countPixels(page, 'picture', 'bad'), 0);
  await screenshot(page, 'desktop-replayed');
});

test('what cannot be replayed is a gap, with its size', async () => {
  const { port } = await launch(AUDIO('sound', 'history=10 history-time=0'), ['sound']);
  const network = await Network.to(port);
  const page = await openPage(network.address);
  const watcher = await openPage(`http://127.0.0.1:${port}/`);
  await until(async () => await position(page, 'sound') > 0, 'blocks');
  await until(async () => await position(watcher, 'sound') > 0, 'blocks');
  network.cut();
  await waitForState(page, /^Connection lost/);
  await goOn(watcher, 'sound', 4);
  network.mend();
  await page.keyboard.press('r');
  await until(async () => Number(await figure(page, 'sound', 'Lost')) > 1000, 'a gap');
  await until(async () => await countPixels(page, 'sound', 'bad') > 20, 'its mark');
  await screenshot(page, 'desktop-gap');
});

test('a 503 is waited out', async () => {
  const { address } = await launch(VIDEO('picture', 'max-clients=1'), ['picture']);
  const leave = new AbortController();
  const occupant = await fetch(`${address}events`, { signal: leave.signal });
  assert.equal(occupant.status, 200);
  const page = await openPage(address);
  await waitForState(page, /^Server is full · (next try in \d+ s|trying…)$/);
  await screenshot(page, 'desktop-full');
  leave.abort();
  await waitForState(page, /^Live$/);
  await until(async () => await position(page, 'picture') > 0, 'blocks');
});

test('a token is asked for, tried, and kept for the tab', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'h4token-'));
  try {
    writeFileSync(join(directory, 'tokens'), 'open-sesame-0123456789\n');
    const { address } = await launch(VIDEO('picture', `auth-token-file=${directory}/tokens`), ['picture'],
      { headers: { Authorization: 'Bearer open-sesame-0123456789' } });
    const page = await openPage(address);
    await waitForState(page, /^Token needed$/);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'token');
    await screenshot(page, 'desktop-token');
    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('The server does not accept this token.').waitFor();
    await page.getByLabel('Access token').fill('open-sesame-0123456789');
    await page.getByRole('button', { name: 'Watch' }).click();
    await waitForState(page, /^Live$/);
    assert.equal(await page.getByLabel('Access token').isVisible(), false);
    await page.reload();
    await waitForState(page, /^Live$/);
    assert.equal(page.url(), address);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a stream that ends is finished, and the others go on', async () => {
  const line = `videotestsrc num-buffers=30 ! video/x-raw,width=160,height=90 ! vp8enc deadline=1 keyframe-max-dist=10 ! h4videotok
    ! h4sse stream=film port=PORT wait-clients=1 ${AUDIO('sound', 'granularity=frame')}`;
  const { address } = await launch(line, ['film', 'sound']);
  const film = await openPage(`${address}?stream=film`);
  const page = await openPage(address);
  await waitForState(film, /^Finished$/);
  assert.equal(await film.locator('.card').count(), 1);
  assert.ok(await countPixels(film, 'film', 'key') > 0);
  await until(async () => await card(page, 'film').locator('.badge').textContent() === 'finished', 'the badge');
  await screenshot(film, 'desktop-finished');
  await goOn(page, 'sound', 1);
  assert.equal(await state(page), 'Live');
});

test('the events of one path are played', async () => {
  const { address } = await launch(VIDEO('picture'), ['picture']);
  const page = await openPage(`${address}?events=${encodeURIComponent('/events?stream=picture')}`);
  await waitForState(page, /^Live$/);
  await until(async () => await countPixels(page, 'Events', 'p') > 0, 'blocks');
  const gone = await openPage(`${address}?events=/events-that-never-were`);
  await waitForState(gone, /^Not there any more$/);
});

test('a server without streams is looked at again', async () => {
  const { address } = await launch(VIDEO('picture'), ['picture']);
  const page = await openPage(`${address}?stream=another`);
  await waitForState(page, /^No streams yet$/);
  await page.getByText('The page looks again every few seconds.').waitFor();
});
