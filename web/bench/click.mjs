// How long a click takes to change pixels while a network trains: the page's screen is recorded by the
// browser, every picture of it with the browser's own time for it; a click on a block's card shows as the ring
// around that card. Prints one line of JSON, in milliseconds: by that time (the adapter may not be done with the
// picture then), and, as `read_…`, until the picture had been read back, compressed and sent to this script,
// which nobody who looks at a screen waits for.
//
//     node web/bench/click.mjs [--url http://localhost:8080/] [--model resnet18] [--batch 8] [--clicks 40]

import { parseArgs } from 'node:util';
import { URL, launch, open, until } from '../e2e/browser.mjs';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: URL },
    model: { type: 'string', default: 'resnet18' },
    batch: { type: 'string', default: '8' },
    clicks: { type: 'string', default: '40' },
  },
});
const SIZE = { width: 1280, height: 720 };
// Two cards of ResNet-18 at this size, and a strip of each one's ring (2 px wide, 4 px outside the card).
const CARDS = [
  { x: 326, y: 280, ring: { x: 300, y: 237, width: 50, height: 4 } },
  { x: 730, y: 280, ring: { x: 705, y: 237, width: 50, height: 4 } },
];

const browser = await launch();
const { page, close } = await open(browser, {
  url: `${values.url}#m=${values.model}&b=${values.batch}`,
  size: SIZE,
});
await page.evaluate(() => window.skipscope.ready);
await until(page, (s) => s.step >= 2 && s.seen);
const cdp = await page.context().newCDPSession(page);

// Decoding happens in a second page, so that it takes nothing from the first but the processor.
const other = await browser.newPage();
/** @type {{at: number, read: number, data: string}[]} */
let shown = [];
cdp.on('Page.screencastFrame', ({ data, sessionId, metadata }) => {
  shown.push({ at: 1000 * (metadata.timestamp ?? 0), read: Date.now(), data });
  cdp.send('Page.screencastFrameAck', { sessionId }).catch(() => {});
});

/** Brightness of a strip of a recorded picture, 0 to 255. */
const brightness = (/** @type {string} */ data, /** @type {typeof CARDS[0]['ring']} */ strip) =>
  other.evaluate(
    async ({ data, strip, width }) => {
      const bitmap = await createImageBitmap(await (await fetch(`data:image/jpeg;base64,${data}`)).blob());
      const scale = bitmap.width / width;
      const canvas = new OffscreenCanvas(strip.width, strip.height);
      const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
      context.drawImage(bitmap, strip.x * scale, strip.y * scale, strip.width * scale, strip.height * scale, 0, 0, strip.width, strip.height);
      const pixels = context.getImageData(0, 0, strip.width, strip.height).data;
      let most = 0;
      for (let row = 0; row < strip.height; row += 1) {
        let sum = 0;
        for (let i = 0; i < strip.width; i += 1) {
          sum += pixels[4 * (row * strip.width + i)];
        }
        most = Math.max(most, sum / strip.width);
      }
      return most;
    },
    { data, strip, width: SIZE.width },
  );

const before = await page.evaluate(() => window.skipscope.snapshot());
/** @type {number[]} */
const times = [];
/** @type {number[]} */
const reads = [];
const start = Date.now();
for (let i = 0; i < Number(values.clicks); i += 1) {
  const card = CARDS[i % 2];
  shown = [];
  await cdp.send('Page.startScreencast', { format: 'jpeg', quality: 60, everyNthFrame: 1 });
  // A click falls anywhere in a step and in a drawing.
  await page.waitForTimeout(700 + ((i * 137) % 500));
  const at = Date.now();
  await page.mouse.click(card.x, card.y);
  await page.waitForTimeout(1500);
  await cdp.send('Page.stopScreencast');
  let time = Infinity;
  let read = Infinity;
  for (const picture of shown) {
    if (picture.at > at && (await brightness(picture.data, card.ring)) > 120) {
      time = picture.at - at;
      read = picture.read - at;
      break;
    }
  }
  times.push(time);
  reads.push(read);
}
const seconds = (Date.now() - start) / 1000;
const after = await page.evaluate(() => window.skipscope.snapshot());
await close();
await browser.close();

const percentile = (/** @type {number[]} */ list, /** @type {number} */ share) =>
  Math.round(list.sort((a, b) => a - b)[Math.max(0, Math.ceil(share * list.length) - 1)]);
console.log(
  JSON.stringify({
    bench: 'click',
    model: after.model,
    batch: Number(values.batch),
    clicks: times.length,
    p50_ms: percentile(times, 0.5),
    p95_ms: percentile(times, 0.95),
    max_ms: percentile(times, 1),
    read_p50_ms: percentile(reads, 0.5),
    read_p95_ms: percentile(reads, 0.95),
    read_max_ms: percentile(reads, 1),
    steps: after.step - before.step,
    seconds: Math.round(seconds),
    frame: after.frame,
  }),
);
