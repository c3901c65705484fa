// What outlives the page: the run that was kept, and the page itself without a network.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, open, until } from './browser.mjs';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** Trains some steps of the network that the page begins with, and waits until they are kept. */
async function trainAndKeep(/** @type {import('playwright-core').Page} */ page) {
  await page.evaluate(() => window.skipscope.ready);
  await until(page, (s) => s.step >= 3);
  await page.evaluate(() => window.skipscope.command('pause'));
  const { kept } = await until(page, (s) => s.phase === 'idle' && s.kept.latest?.step === s.step);
  return kept.latest;
}

test('a run is kept, and a later visit goes on from it', async () => {
  const { page, close } = await open(browser);
  const kept = await trainAndKeep(page);
  assert.equal(kept.name, 'resnet8');
  assert.equal(kept.data, 'shapes10');
  await page.reload();
  await page.evaluate(() => window.skipscope.ready);
  const { kept: found } = await until(page, (s) => s.kept.offered);
  assert.deepEqual(found.offered, kept);
  await page.evaluate(() => window.skipscope.resume());
  const s = await until(page, (s) => s.running && s.step > kept.step);
  assert.equal(s.model, 'resnet8');
  assert.equal(s.kept.offered, null);
  // Its curve begins where the run began, not where it goes on.
  assert.equal(s.curve[0], 0);
  assert.ok(s.curve[1] >= kept.step, JSON.stringify(s.curve));
  await close();
});

/** A network that a software GPU trains in no time. */
const TINY = { stem: 'cifar', block: 'basic', blocks: [1, 1], width: 4, shortcut: 'zero_pad', classes: 10 };

test('earlier runs are in the list of a later visit, with their names and colours', async () => {
  const { page, close } = await open(browser, { size: { width: 480, height: 320 } });
  await page.evaluate(async (spec) => {
    const { skipscope } = window;
    await skipscope.ready;
    await skipscope.command('pause');
    for (let run = 0; run < 3; run += 1) {
      const name = ['first', 'second', 'third'][run];
      await skipscope.command({ build: { name, spec, recipe: { batch: 4, seed: run } } });
      for (let step = 0; step < 22 && run < 2; step += 1) {
        await skipscope.command('step');
      }
    }
  }, TINY);
  const { runs } = await until(page, (s) => s.runs.filter((/** @type {any} */ r) => r.steps === 22).length === 2);
  await page.waitForTimeout(2000);
  await page.reload();
  await page.evaluate(() => window.skipscope.ready);
  const { runs: found } = await until(page, (s) => s.runs.length >= runs.length);
  assert.deepEqual(found, runs);
  assert.equal(new Set(found.map((/** @type {any} */ r) => r.lane)).size, runs.length);
  // One that is damaged takes nothing from the others.
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const request = indexedDB.open('skipscope-runs', 1);
        request.onsuccess = () => {
          const transaction = request.result.transaction('kept', 'readwrite');
          transaction.objectStore('kept').put({ id: 5, bytes: new Blob(['{']) }, 5);
          transaction.oncomplete = resolve;
        };
      }),
  );
  await page.reload();
  await page.evaluate(() => window.skipscope.ready);
  const { runs: again } = await until(page, (s) => s.runs.length >= runs.length);
  assert.deepEqual(again, runs);
  await close();
});

test('after a lost device the page says how far back it can go, and goes there', async () => {
  const { page, close } = await open(browser);
  const kept = await trainAndKeep(page);
  await page.evaluate(() => window.skipscope.command('step'));
  await until(page, (s) => s.step === kept.step + 1);
  await page.evaluate(() => window.skipscope_fatal('device-lost', 'as if it were lost'));
  const overlay = page.locator('#overlay');
  await overlay.waitFor({ state: 'visible' });
  assert.match(await overlay.innerText(), new RegExp(`kept at step ${kept.step}, 1 step back`));
  await overlay.locator('.action').click();
  await page.waitForFunction(() => window.skipscope?.ready);
  await page.evaluate(() => window.skipscope.ready);
  await until(page, (s) => s.running && s.step > kept.step);
  await close();
});

const SITE = fileURLToPath(new globalThis.URL('../../dist/', import.meta.url));
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.json': 'application/json', '.svg': 'image/svg+xml' };

/** A static host whose files can be replaced between two visits. */
async function host() {
  /** @type {Map<string, Buffer>} */
  const files = new Map();
  const read = (/** @type {string} */ folder, /** @type {string} */ prefix) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) {
        read(join(folder, entry.name), `${prefix}${entry.name}/`);
      } else {
        files.set(prefix + entry.name, readFileSync(join(folder, entry.name)));
      }
    }
  };
  read(SITE, '');
  const server = createServer((request, response) => {
    // In a sub-folder, as on many hosts.
    const path = new globalThis.URL(request.url ?? '', 'http://x').pathname.replace(/^\/lesson\//, '') || 'index.html';
    const body = files.get(path);
    response.writeHead(body ? 200 : 404, {
      'Content-Type': TYPES[/** @type {keyof typeof TYPES} */ (extname(path))] ?? 'application/octet-stream',
      'Cache-Control': 'max-age=600',
    });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, 'localhost', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const version = /boot\.js\?v=([0-9a-f]+)/.exec(String(files.get('index.html')))?.[1];
  assert(version, 'the site has a version');
  return {
    url: `http://localhost:${port}/lesson/`,
    version,
    files,
    /** Publishes the same site as another build; `whole` or with a list of checksums that does not fit. */
    publish(/** @type {string} */ next, whole = true) {
      const page = String(files.get('index.html')).replaceAll(this.version, next);
      const sum = (/** @type {string} */ text) => `sha256-${createHash('sha256').update(text).digest('base64')}`;
      const worker = String(files.get('sw.js')).replaceAll(this.version, next);
      const listed = worker.replace(/(\["index\.html",")[^"]+/, (_, start) => start + sum(page));
      files.set('sw.js', Buffer.from(whole ? listed : worker));
      files.set('index.html', Buffer.from(page));
      this.version = next;
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

const versionOf = (/** @type {import('playwright-core').Page} */ page) =>
  page.evaluate(() => new URL(/** @type {HTMLScriptElement} */ (document.querySelector('script[src*="boot.js"]')).src).searchParams.get('v'));

test('after the first visit the page works without a network', async () => {
  const site = await host();
  const { page, close } = await open(browser, { url: site.url });
  await page.evaluate(() => window.skipscope.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated', null, { timeout: 60_000 });
  await site.close();
  await page.context().setOffline(true);
  await page.reload();
  await page.evaluate(() => window.skipscope.ready);
  await until(page, (s) => s.step > 0);
  assert.equal(await versionOf(page), site.version);
  await close();
});

test('a new build is taken over whole or not at all', async () => {
  const site = await host();
  const first = site.version;
  const { page, close } = await open(browser, { url: site.url, tolerant: true });
  await page.evaluate(() => window.skipscope.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated', null, { timeout: 60_000 });
  // A build whose files do not fit together, as while a site is being uploaded.
  site.publish('0000000a', false);
  await page.reload();
  await page.evaluate(() => window.skipscope.ready);
  assert.equal(await versionOf(page), first);
  await page.waitForTimeout(3000);
  assert.equal(await page.locator('#update').isVisible(), false);
  // A whole one is offered, and then it is the page.
  site.publish('0000000b');
  await page.reload();
  await page.evaluate(() => window.skipscope.ready);
  assert.equal(await versionOf(page), first);
  await page.locator('#update button').click({ timeout: 60_000 });
  await page.waitForFunction(() => document.querySelector('script[src*="v=0000000b"]'));
  await page.evaluate(() => window.skipscope.ready);
  assert.equal(await versionOf(page), '0000000b');
  await site.close();
  await close();
});
