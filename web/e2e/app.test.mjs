// The window in the page, used as a person uses it: a block is opened, maps and charts move, the language is
// switched, a link opens the same again.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { URL, launch, open, until } from './browser.mjs';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** @typedef {import('playwright-core').Page} Page */

/** Waits until the address says so. */
const hash = (/** @type {Page} */ page, /** @type {string} */ part) =>
  page.waitForFunction((part) => decodeURIComponent(location.hash).includes(part), part, { timeout: 60_000 });

/** How many different colours a part of the page has. */
async function colours(/** @type {Page} */ page, /** @type {Buffer} */ png) {
  return page.evaluate(async (base64) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const context = canvas.getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const pixels = new Uint32Array(context.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer);
    return new Set(pixels).size;
  }, png.toString('base64'));
}

// Where things stand at 1440 × 900: the first block's card, the maps under the microscope, the loss curve.
const CARD = { x: 625, y: 255 };
const CHAIN = { x: 16, y: 190, width: 1400, height: 150 };
const LOSS = { x: 1010, y: 640, width: 400, height: 240 };

test('one drawing at a time, however much is clicked', async () => {
  const { page, close } = await open(browser, {
    // Counts drawings that were submitted while the adapter was still busy with the one before.
    before: () => {
      const drawings = { submitted: 0, unfinished: 0, overtaken: 0 };
      Object.assign(window, { drawings });
      let draws = false;
      const { beginRenderPass } = GPUCommandEncoder.prototype;
      GPUCommandEncoder.prototype.beginRenderPass = function (descriptor) {
        draws = true;
        return beginRenderPass.call(this, descriptor);
      };
      const { submit } = GPUQueue.prototype;
      GPUQueue.prototype.submit = function (buffers) {
        submit.call(this, buffers);
        if (draws) {
          draws = false;
          drawings.submitted += 1;
          drawings.overtaken += drawings.unfinished > 0 ? 1 : 0;
          drawings.unfinished += 1;
          this.onSubmittedWorkDone().then(() => (drawings.unfinished -= 1));
        }
      };
    },
  });
  await page.evaluate(() => window.skipscope.ready);
  await until(page, (s) => s.step >= 2 && s.seen);
  const drawings = () => page.evaluate(() => ({ .../** @type {any} */ (window).drawings }));
  const before = await drawings();
  for (let i = 0; i < 6; i += 1) {
    await page.mouse.click(CARD.x, CARD.y);
    await page.mouse.move(CARD.x, CARD.y + 300 + i);
    await page.waitForTimeout(300);
  }
  const after = await drawings();
  assert(after.submitted > before.submitted, 'a click shows');
  assert.equal(after.overtaken, before.overtaken, 'a drawing waits for the one before it');
  await close();
});

test('a block is opened, maps and charts move, a link opens the same again', async () => {
  const { page, requests, close } = await open(browser);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate(() => window.skipscope.ready);
  await until(page, (s) => s.step >= 2 && s.seen);

  const loss = await page.screenshot({ clip: LOSS });
  await page.mouse.click(CARD.x, CARD.y);
  await until(page, (s) => s.seen?.block === 0);
  const { step } = await until(page, (s) => s.step >= 5);
  assert.notDeepEqual(await page.screenshot({ clip: LOSS }), loss, 'the loss curve stands still');

  await page.keyboard.press('m');
  await hash(page, 'view=microscope');
  await page.waitForTimeout(3000);
  const maps = await page.screenshot({ clip: CHAIN });
  assert((await colours(page, maps)) > 100, 'feature maps have many colours');
  await until(page, (s) => s.seen.step > step + 2);
  await page.waitForTimeout(3000);
  assert.notDeepEqual(await page.screenshot({ clip: CHAIN }), maps, 'the maps stand still');

  await page.keyboard.press('l');
  await hash(page, 'lang=zh-CN');
  // As soon as its font is there.
  await page.waitForFunction(() => document.documentElement.lang === 'zh-CN', null, { timeout: 60_000 });

  await page.keyboard.press('c');
  let link = '';
  for (let i = 0; i < 300 && !link.includes('#'); i += 1) {
    await page.waitForTimeout(100);
    link = await page.evaluate(() => navigator.clipboard.readText());
  }
  assert(link.startsWith(URL), link);
  assert(requests.every((url) => url.startsWith(URL) || url.startsWith('blob:') || url.startsWith('data:')), 'another origin was asked');
  await close();

  const again = await open(browser, { url: link });
  await again.page.evaluate(() => window.skipscope.ready);
  const s = await until(again.page, (s) => s.seen?.block === 0);
  assert.equal(s.model, 'resnet8');
  await hash(again.page, 'view=microscope');
  await hash(again.page, 'lang=zh-CN');
  await again.close();
});

test('a link that makes no sense opens the default', async () => {
  const { page, close } = await open(browser, { url: `${URL}#m=resnet9000&lr=fast&%zz` });
  await page.evaluate(() => window.skipscope.ready);
  const s = await until(page, (s) => s.running);
  assert.equal(s.model, 'resnet8');
  await close();
});
