// A race of two small networks on the real page: set up by its address, started by a key, stopped on the way.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { URL, launch, open, until } from './browser.mjs';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** A small window: a software GPU spends more time on drawing a large one than on training. */
const SIZE = { width: 900, height: 600 };

test('a race that an address describes is run to its end and told', async () => {
  const { page, close } = await open(browser, { url: `${URL}#view=race&race=resnet8:skip:4:1:8:0.02`, size: SIZE });
  await page.evaluate(() => window.skipscope.ready);
  // What is said of a race is measured on the whole test split; the session's own run waits meanwhile.
  await until(page, (s) => s.view === 'race' && s.race === null && s.data !== null);
  await page.locator('canvas').focus();
  await page.keyboard.press('Space');
  const { race, running } = await until(page, (s) => s.race?.lanes[0].steps > 0, 'the first step of the race');
  assert.deepEqual([race.under_way, race.differ, running], [true, 'shortcut', false]);
  assert.deepEqual(race.lanes.map((/** @type {any} */ l) => l.name), ['resnet8', 'plain8']);
  let last = race;
  for (let tries = 0; last.under_way && tries < 4; tries += 1) {
    last = (await until(page, (s) => !s.race.under_way, 'the end of the race').catch(() => ({ race }))).race;
  }
  assert.match(last.headline, /^After 4 steps: resnet8 \d\.\d\d, plain8 \d\.\d\d$/);
  for (const lane of last.lanes) {
    assert.equal(lane.losses.length, 4);
    assert.ok(lane.test_accuracy >= 0 && lane.test_accuracy <= 1, JSON.stringify(lane));
  }
  await close();
});

test('a lane is cut while it races, and a race is stopped', async () => {
  const { page, close } = await open(browser, { url: `${URL}#view=race&race=resnet8:skip:5000:1:8:0.02`, size: SIZE });
  await page.evaluate(() => window.skipscope.ready);
  await until(page, (s) => s.view === 'race' && s.data !== null);
  await page.locator('canvas').focus();
  await page.keyboard.press('Space');
  await until(page, (s) => s.race?.lanes[0].steps > 0, 'the first step of the race');
  const cut = { operate_lane: { lane: 0, whom: { block: 1 }, change: { set: 0 } } };
  await page.evaluate((command) => window.skipscope.command(command), cut);
  const { race } = await until(page, (s) => s.race.lanes[0].surgeries.length > 0, 'the cut took effect');
  assert.deepEqual(race.lanes[0].alphas, [1, 0, 1]);
  await page.evaluate(() => window.skipscope.command('stop_race'));
  await until(page, (s) => !s.race.under_way, 'the race is stopped');
  await close();
});
