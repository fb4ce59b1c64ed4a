// SPDX-FileCopyrightText: The gst-harmony4 authors
// SPDX-License-Identifier: LGPL-2.1-or-later
// A browser with the live page in it.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { until } from './rig.mjs';

const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

let browser = null;

/** With a user-data-dir of its own, which goes with it. */
export async function openBrowser() {
  browser = await chromium.launch({ executablePath: process.env.H4_CHROMIUM ?? '/usr/bin/chromium', headless: true, args: ARGUMENTS });
}

export async function closeBrowser() {
  await browser?.close();
}

const contexts = [];

/** Closes pages, and fails where one of them complained: of an error, or of its Content-Security-Policy. */
export async function closePages() {
  const complaints = [];
  while (contexts.length) {
    const context = contexts.pop();
    complaints.push(...context.complaints);
    await context.close();
  }
  assert.deepEqual(complaints, []);
}

/** What a browser says by itself where a server is not there, is full, or wants a token, and of a test that looks at plots. */
const EXPECTED = /^Failed to load resource: (net::ERR_|the server responded with a status of (401|404|503))|^Canvas2D: Multiple readback/;

export async function openPage(address, { reduced = false, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, colorScheme: 'dark',
    reducedMotion: reduced ? 'reduce' : 'no-preference', ...options });
  context.setDefaultTimeout(60000);
  context.complaints = [];
  contexts.push(context);
  const page = await context.newPage();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !EXPECTED.test(message.text())) context.complaints.push(message.text());
  });
  page.on('pageerror', (error) => context.complaints.push(String(error.stack)));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => { window.violations = [...window.violations ?? [], event.violatedDirective]; });
    // How often each plot is drawn.
    const { clearRect } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.clearRect = function counted(...args) {
      this.canvas.drawn = (this.canvas.drawn ?? 0) + 1;
      return clearRect.apply(this, args);
    };
  });
  await page.goto(address);
  return page;
}

export const state = (page) => page.locator('#state-text').textContent();

export const waitForState = (page, wanted) => until(async () => wanted.test(await state(page)), `the page to say ${wanted}`);

export const card = (page, name) => page.locator('.card').filter({ has: page.locator('h2', { hasText: new RegExp(`^${name}$`) }) });

/** One of a card's numbers. */
export const figure = (page, name, term) => card(page, name).locator(`dt:text-is("${term}") + dd`).textContent();

export const canvas = (page, name) => card(page, name).locator('.plot canvas');

/** How many pixels of a stream's plot have about the colour of a CSS variable. */
export function countPixels(page, name, variable) {
  return canvas(page, name).evaluate((element, wanted) => {
    const hex = getComputedStyle(document.documentElement).getPropertyValue(`--${wanted}`).trim();
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
    const { data } = element.getContext('2d').getImageData(0, 0, element.width, element.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] > 60 && Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 24) count++;
    }
    return count;
  }, variable);
}

/** How many pixels of a plot have a colour of the level scale: neither grey nor empty. */
export function countColourful(page, name) {
  return canvas(page, name).evaluate((element) => {
    const { data } = element.getContext('2d').getImageData(0, 0, element.width, element.height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) {
      const most = Math.max(data[i], data[i + 1], data[i + 2]), least = Math.min(data[i], data[i + 1], data[i + 2]);
      if (data[i + 3] > 200 && most - least > 60) count++;
    }
    return count;
  });
}

/** Whatever was done before has been drawn. */
export const drawn = (page) => page.evaluate(() => new Promise((done) => {
  requestAnimationFrame(() => requestAnimationFrame(done));
}));

/** What is to be seen of a plot, as one text. */
export const picture = (page, name) => canvas(page, name).evaluate((element) => element.toDataURL());

/** A picture for people, where H4_SCREENSHOTS says. */
export async function screenshot(page, name) {
  const directory = process.env.H4_SCREENSHOTS;
  if (!directory) return;
  mkdirSync(directory, { recursive: true });
  await page.screenshot({ path: join(directory, `${name}.png`), fullPage: true });
}
