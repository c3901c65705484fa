// Every lesson is played to its end on the real page, in both languages: its orders are carried out, its reveal
// appears with what was measured, and its questions are answered.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { URL, launch, open, until } from './browser.mjs';

/** @type {import('playwright-core').Browser} */
let browser;
// One for each test: a GPU process that crashes takes its browser along, not the other tests.
beforeEach(async () => (browser = await launch()));
afterEach(() => browser.close());

const FOLDER = fileURLToPath(new globalThis.URL('../../assets/lessons/', import.meta.url));
const NAMES = readdirSync(FOLDER).flatMap((file) => (file.endsWith('.en.md') ? [file.replace('.en.md', '')] : []));
/** A small window: a software GPU spends more time on drawing a large one than on training. */
const SIZE = { width: 900, height: 600 };

/** Waits as [`until`] does, but as long as a whole experiment may take where a GPU is only software. */
async function patiently(/** @type {import('playwright-core').Page} */ page, /** @type {(s: any) => unknown} */ ready, /** @type {string} */ what) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await until(page, ready, what);
    } catch (error) {
      if (tries === 8) {
        throw error;
      }
    }
  }
}

/**
 * Presses the lesson's button until the lesson is over, always choosing the first option.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<any>} the lesson's last state
 */
async function play(page) {
  const gates = [];
  for (;;) {
    const { lesson } = await patiently(page, (s) => s.lesson?.prepared && s.lesson.gate !== 'working', 'the lesson waits for its reader');
    if (lesson.gate === null) {
      return { ...lesson, gates };
    }
    gates.push(lesson.gate);
    assert(gates.length < 20, `never over: ${gates.join(' ')}`);
    await page.evaluate((option) => window.skipscope.lesson(option), lesson.gate === 'do' ? undefined : 0);
    await until(page, (s) => JSON.stringify(s.lesson) !== JSON.stringify(lesson), `${lesson.gate} is done`);
  }
}

for (const name of NAMES) {
  for (const [code, locale] of [['en', 'en-GB'], ['zh-CN', 'zh-CN']]) {
    test(`the lesson ${name} is played to its end in ${code}`, async () => {
      const { page, close } = await open(browser, { url: `${URL}#lesson=${name}&lang=${code}`, locale, size: SIZE });
      await page.evaluate(() => window.skipscope.ready);
      const lesson = await play(page);
      const text = readFileSync(`${FOLDER}${name}.${code}.md`, 'utf8');
      assert.equal(lesson.title, /^title: (.*)$/m.exec(text)?.[1]);
      assert.deepEqual(lesson.stages, [true, true, true]);
      assert.equal(lesson.gates.filter((/** @type {string} */ g) => g === 'ask').length, 2);
      // A reveal and two answers, every value in them measured.
      assert.equal(lesson.revealed.length, 3);
      for (const words of lesson.revealed) {
        // A lone dash stands for what was not measured.
        assert.doesNotMatch(words, /\{|(^|[\s*（(：:])–(?=[\s*.,;)）。，]|$)|NaN|∞|\binf\b/mu, words);
      }
      await close();
    });
  }
}

test('a lesson of ones own comes by drop and by link, and what is none is refused in words', async () => {
  const mine = ['---', 'title: Mine', '---', '```predict', 'Which?', '- [ ] a', '- [x] b', '```', '```do Look', 'show view=network', '```', '```reveal', 'Seen.', '```', ''].join('\n');
  const { page, close } = await open(browser, { size: SIZE });
  await page.evaluate(() => window.skipscope.ready);
  const drop = (/** @type {string} */ text) =>
    page.evaluate((text) => window.skipscope.open('mine.md', new TextEncoder().encode(text)), text);
  await drop('# no lesson');
  await page.waitForTimeout(500);
  assert.equal((await page.evaluate(() => window.skipscope.snapshot())).lesson, null);
  await drop(mine);
  await until(page, (s) => s.lesson?.title === 'Mine');
  // Packed as the window packs it: raw deflate, URL-safe base64 without padding.
  const packed = await page.evaluate(async (text) => {
    const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  }, mine);
  await close();
  const again = await open(browser, { url: `${URL}#lesson=~${packed}`, size: SIZE });
  await again.page.evaluate(() => window.skipscope.ready);
  const lesson = await play(again.page);
  assert.deepEqual([lesson.title, lesson.revealed], ['Mine', ['Seen.']]);
  assert.match(await again.page.evaluate(() => location.hash), /lesson=/);
  await again.close();
});
