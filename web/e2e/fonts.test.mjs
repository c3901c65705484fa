// Which fonts the page loads: Chinese only for those who read it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open } from './browser.mjs';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const UI = 'fonts/NotoSansSC-ui.ttf';
const REST = 'fonts/NotoSansSC-rest.ttf';

/** @param {string[]} requests */
const chinese = (requests) => requests.map((url) => new URL(url).pathname).filter((path) => path.includes('NotoSansSC'));

test('a Chinese reader gets the window’s own characters and no others', async () => {
  const { page, requests, close } = await open(browser, { locale: 'zh-CN' });
  await page.evaluate(() => window.skipscope.ready);
  await page.waitForTimeout(2000);
  const paths = chinese(requests);
  assert(paths.length > 0);
  // Once for the window, and once for the page around it where the machine has no Chinese font.
  assert(paths.every((path) => path.endsWith(UI)), paths.join(' '));
  await close();
});

test('others get none before they ask for it', async () => {
  const { page, requests, close } = await open(browser, { locale: 'fi-FI' });
  await page.evaluate(() => window.skipscope.ready);
  await page.waitForTimeout(1000);
  assert.deepEqual(chinese(requests), []);
  const arrived = page.waitForResponse((response) => response.url().endsWith(UI) && response.ok());
  await page.locator('#skipscope').press('l');
  await arrived;
  await page.waitForTimeout(1000);
  assert(chinese(requests).every((path) => path.endsWith(UI)));
  await close();
});

test('the rest of GB 2312 is there for names', async () => {
  const { page, close } = await open(browser);
  const [status, mark] = await page.evaluate(async (path) => {
    const answer = await fetch(path);
    return [answer.status, [...new Uint8Array(await answer.arrayBuffer()).slice(0, 4)]];
  }, REST);
  assert.equal(status, 200);
  assert.deepEqual(mark, [0, 1, 0, 0]);
  await close();
});

test('no tofu in the page around the window, on a machine without Chinese fonts', async () => {
  const { page, close } = await open(browser, { tolerant: true });
  await page.evaluate(() => window.skipscope.ready);
  await page.evaluate(() => /** @type {any} */ (window).skipscope_fatal('panic', 'on purpose'));
  await page.locator('#overlay section[lang=zh-CN]').waitFor();
  const loaded = await page.evaluate(async () => {
    // All that the page can say, not only what it says now.
    const all = await Promise.all(['texts.js', './'].map(async (path) => (await fetch(path)).text()));
    const text = all.join('');
    await document.fonts.load("14px 'Skipscope Chinese'", text);
    // Every character of the page's own texts is in the font that it names last: those that are not would be
    // drawn by the same font as a character that surely has none.
    const context = /** @type {CanvasRenderingContext2D} */ (document.createElement('canvas').getContext('2d', { willReadFrequently: true }));
    const drawn = (/** @type {string} */ character) => {
      context.clearRect(0, 0, 40, 40);
      context.font = "24px 'Skipscope Chinese'";
      context.fillText(character, 4, 30);
      return context.getImageData(0, 0, 40, 40).data.join();
    };
    const tofu = drawn('\u9fa5');
    return [...new Set(text)].filter((c) => c >= '\u4e00' && c <= '\u9fff' && drawn(c) === tofu).join('');
  });
  assert.equal(loaded, '', 'drawn like a character that the font lacks');
  await close();
});
