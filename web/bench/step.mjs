// Times training steps in the page, in a new profile of the browser. Prints one line of JSON, that of
// `skipscope bench --json`.
//
//     node web/bench/step.mjs [--url http://localhost:8080/] [--model resnet20] [--batch 32] [--warm 2]
//                             [--steps 5] [--variant conv_forward=row]…

import { parseArgs } from 'node:util';
import { URL, launch, open } from '../e2e/browser.mjs';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: URL },
    model: { type: 'string', default: 'resnet20' },
    batch: { type: 'string', default: '32' },
    warm: { type: 'string', default: '2' },
    steps: { type: 'string', default: '5' },
    variant: { type: 'string', multiple: true, default: [] },
  },
});
const { model, batch, warm, steps, variant } = values;
const browser = await launch();
// A small window, and no training of its own: drawing shares the processor here.
const { page, close } = await open(browser, { url: `${values.url}#run=off`, size: { width: 300, height: 300 } });
await page.evaluate(() => window.skipscope.ready);
const variants = Object.fromEntries(variant.map((choice) => choice.split('=', 2)));
const what = { model, batch: Number(batch), warm: Number(warm), steps: Number(steps), variants };
const result = await page.evaluate((what) => window.skipscope.bench(what), what);
await close();
await browser.close();
console.log(JSON.stringify(result));
