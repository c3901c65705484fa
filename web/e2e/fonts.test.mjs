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
  assert.equal(paths.length, 1);
  assert(paths[0].endsWith(UI));
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
  assert.equal(chinese(requests).length, 1);
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
