// Looking into the network, in the real page: pictures of one's own, steps layer by layer, and the same in
// words for a screen reader.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { URL, launch, open, until } from './browser.mjs';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const watch = (/** @type {object} */ more) => ({
  watch: {
    picture: { record: { split: 'test', index: 3 } },
    maps: 'output',
    dark: true,
    block: null,
    own_scale: false,
    probe: null,
    sheet: [],
    augmented: false,
    ...more,
  },
});

test('what is going on is said in words, and the buttons work', async () => {
  const { page, close } = await open(browser);
  await page.evaluate(() => window.skipscope.ready);
  const twin = page.getByRole('region', { name: 'Skipscope in words' });
  await twin.getByRole('status').filter({ hasText: /resnet8, training, step \d+/ }).waitFor({ state: 'attached' });
  await until(page, (s) => s.step > 0);
  // A screen reader presses what it cannot see.
  await twin.getByRole('button', { name: 'Pause' }).focus();
  await page.keyboard.press('Enter');
  // Paused, and all that was submitted is measured.
  await until(page, (s) => s.phase === 'idle');
  await page.waitForTimeout(1000);
  const { step, loss } = await page.evaluate(() => window.skipscope.snapshot());
  await twin.getByRole('status').filter({ hasText: `resnet8, paused, step ${step}, training loss ${loss.toFixed(3)}` }).waitFor();
  await twin.getByRole('button', { name: 'Train one step' }).click();
  await until(page, (s) => s.step === step + 1);
  const rows = await twin.getByRole('row').allInnerTexts();
  assert.equal(rows.length, 8, rows.join('; '));
  assert.match(rows[0], /^conv1\.weight\s+\d/);
  assert.match(rows[7], /^fc\.weight\s+\d/);
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  await close();
});

test('the chosen block is said with its numbers', async () => {
  const { page, close } = await open(browser, { url: `${URL}#m=resnet8&block=layer2.0` });
  await page.evaluate(() => window.skipscope.ready);
  await until(page, (s) => s.chosen?.gradient_norm > 0 && s.running);
  const twin = page.getByRole('region', { name: 'Skipscope in words' });
  await twin.getByRole('button', { name: 'Pause' }).focus();
  await page.keyboard.press('Enter');
  await until(page, (s) => s.phase === 'idle');
  await page.waitForTimeout(1000);
  const { chosen } = await page.evaluate(() => window.skipscope.snapshot());
  assert.deepEqual([chosen.name, chosen.index, chosen.of], ['layer2.0', 1, 3]);
  assert.ok(chosen.share > 0 && chosen.share < 1, JSON.stringify(chosen));
  const said = `layer2.0, block 2 of 3, skip share ${chosen.share.toFixed(2)}, gradient norm ${chosen.gradient_norm.toPrecision(3)}`;
  await twin.getByRole('definition').filter({ hasText: said }).waitFor({ state: 'attached' });
  const status = twin.getByRole('status').filter({ hasText: said });
  await status.waitFor({ state: 'attached' });
  assert.equal(await status.getAttribute('aria-live'), 'polite');
  // Nothing is chosen any more, and nothing said of it.
  await page.locator('canvas').focus();
  await page.keyboard.press('Escape');
  await until(page, (s) => s.chosen === null);
  await twin.getByText('Chosen block').waitFor({ state: 'detached' });
  await twin.getByRole('status').filter({ hasNotText: 'block 2 of 3' }).waitFor({ state: 'attached' });
  await close();
});

test('the words are Chinese where the app is', async () => {
  const { page, close } = await open(browser, { locale: 'zh-CN' });
  await page.evaluate(() => window.skipscope.ready);
  const twin = page.getByRole('region', { name: 'Skipscope 文字版' });
  await twin.getByRole('status').filter({ hasText: /resnet8，正在训练，第 \d+ 步/ }).waitFor({ state: 'attached' });
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN');
  await close();
});

test('a picture of one’s own, dropped and pasted, is predicted', async () => {
  const { page, close } = await open(browser);
  await page.evaluate(() => window.skipscope.ready);
  await page.evaluate(() => window.skipscope.command('pause'));
  for (const kind of ['drop', 'paste']) {
    await page.evaluate((command) => window.skipscope.command(command), watch({}));
    await until(page, (s) => s.seen?.picture?.record?.index === 3);
    await page.evaluate(async (kind) => {
      const canvas = new OffscreenCanvas(90, 60);
      const context = canvas.getContext('2d');
      context.fillStyle = '#208040';
      context.fillRect(0, 0, 90, 60);
      context.fillStyle = '#f0e040';
      context.fillRect(30, 15, 30, 30);
      const file = new File([await canvas.convertToBlob()], 'mine.png', { type: 'image/png' });
      const data = new DataTransfer();
      data.items.add(file);
      const event =
        kind === 'drop'
          ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
          : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
      document.getElementById('skipscope').dispatchEvent(event);
    }, kind);
    const { seen } = await until(page, (s) => s.seen?.picture === 'own', `seen after ${kind}`);
    assert.equal(seen.label, null);
    assert.equal(seen.probabilities.length, 10);
    assert(Math.abs(seen.probabilities.reduce((a, b) => a + b) - 1) < 1e-4);
  }
  await close();
});

test('what is no picture is refused in words', async () => {
  const { page, close } = await open(browser);
  await page.evaluate(() => window.skipscope.ready);
  const message = await page.evaluate(() =>
    window.skipscope.picture('broken.png', new Blob(['no picture'], { type: 'image/png' })).then(() => 'taken', (error) => error.message),
  );
  assert.match(message, /broken\.png: this browser cannot read it as a picture/);
  await close();
});

test('a block is opened and a step goes layer by layer', async () => {
  const { page, close } = await open(browser);
  await page.evaluate(() => window.skipscope.ready);
  await page.evaluate(() => window.skipscope.command('pause'));
  await page.evaluate((command) => window.skipscope.command(command), watch({ block: 1 }));
  const { seen } = await until(page, (s) => s.seen?.block === 1);
  assert(seen.stages.includes('layer2.0.conv1'));
  // One number of its first convolution, worked out in f64 from what is on the GPU.
  const stage = seen.stages.indexOf('layer2.0.conv1');
  const probe = { stage, channel: 3, y: 0, x: 5, input_channel: null };
  await page.evaluate((command) => window.skipscope.command(command), watch({ block: 1, probe }));
  const { worked } = (await until(page, (s) => s.seen?.worked)).seen;
  assert(worked.deviation < 1e-5, `off by ${worked.deviation}`);
  assert(Math.abs(worked.value - worked.sum) <= 1e-4 * Math.max(1, Math.abs(worked.sum)), `${worked.value}, not ${worked.sum}`);
  const layers = [];
  for (let i = 0; i < 4; i += 1) {
    await page.evaluate(() => window.skipscope.command('step_layer'));
    const { slice } = await page.evaluate(() => window.skipscope.snapshot());
    layers.push(`${slice.phase} ${slice.layer}`);
  }
  assert.deepEqual(layers, ['forward input', 'forward conv1', 'forward bn1', 'forward layer1.0.conv1']);
  const { step } = await page.evaluate(() => window.skipscope.snapshot());
  // The step that stands halfway is finished before another begins.
  await page.evaluate(() => window.skipscope.command('step'));
  await until(page, (s) => s.step === step + 2 && s.slice === null);
  await close();
});
