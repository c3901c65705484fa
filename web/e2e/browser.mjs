// A real Chromium with WebGPU on a software adapter, and pages in it that notice every error.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

/** Where the page is served; `cargo xtask test` sets it. Ends with a slash. */
export const URL = process.env.SKIPSCOPE_URL ?? 'http://localhost:8080/';

// Without a GPU, WebGPU runs on SwiftShader, and only with the first four. The rest keeps Chromium from
// calling home and from asking anything.
const FLAGS = [
  '--enable-unsafe-webgpu',
  '--use-vulkan=swiftshader',
  '--use-angle=swiftshader',
  '--enable-features=Vulkan',
  '--ignore-gpu-blocklist',
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const BROWSER = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
].find((path) => path && existsSync(path));

/**
 * Starts a browser.
 * @param {string[]} flags beside the usual ones
 */
export function launch(flags = []) {
  assert(BROWSER, 'no Chromium found: name one in the variable CHROMIUM');
  return chromium.launch({ executablePath: BROWSER, args: [...FLAGS, ...flags] });
}

/**
 * Opens the page in a profile of its own.
 * @param {import('playwright-core').Browser} browser
 * @param {object} [options]
 * @param {string} [options.url]
 * @param {string} [options.locale]
 * @param {'dark' | 'light'} [options.theme]
 * @param {{width: number, height: number}} [options.size] in CSS pixels
 * @param {Function} [options.before] runs in the page before its own scripts
 * @param {any} [options.argument] what `before` is called with
 * @param {boolean} [options.tolerant] whether errors in the page are what the test is about
 */
export async function open(browser, options = {}) {
  const context = await browser.newContext({
    locale: options.locale ?? 'en-GB',
    colorScheme: options.theme ?? 'dark',
    viewport: options.size ?? { width: 1440, height: 900 },
  });
  const page = await context.newPage();
  /** @type {string[]} */
  const lines = [];
  /** @type {string[]} */
  const errors = [];
  /** @type {string[]} */
  const requests = [];
  page.on('console', (message) => {
    lines.push(`${message.type()}: ${message.text()}`);
    if (message.type() === 'error') {
      errors.push(message.text());
    }
  });
  page.on('pageerror', (error) => errors.push(error.stack ?? String(error)));
  page.on('request', (request) => requests.push(request.url()));
  if (options.before) {
    await page.addInitScript(/** @type {any} */ (options.before), options.argument);
  }
  await page.goto(options.url ?? URL);
  return {
    page,
    /** Console messages, each with its level in front. */
    lines,
    /** Addresses asked for. */
    requests,
    /** Ends the page, and the test with it if the page reported an error. */
    async close() {
      await context.close();
      if (!options.tolerant) {
        assert.deepEqual(errors, [], 'errors in the page');
      }
    },
  };
}

/**
 * Waits in the page until `ready` answers something true of a snapshot; resolves to that snapshot.
 * @param {import('playwright-core').Page} page
 * @param {(s: any) => unknown} ready
 * @param {string} [what] what it waits for, in words
 */
export async function until(page, ready, what = String(ready)) {
  for (let i = 0; i < 900; i += 1) {
    const s = await page.evaluate(() => window.skipscope.snapshot());
    if (ready(s)) {
      return s;
    }
    await page.waitForTimeout(100);
  }
  throw new Error(`never happened: ${what}`);
}
