// Times training steps in the page, in a new profile of the browser. Prints one line of JSON, that of
// `skipscope bench --json`.
//
//     node web/bench/step.mjs [--url http://localhost:8080/] [--model resnet20] [--batch 32] [--warm 2]
//                             [--steps 5] [--variant conv_forward=row]… [--profile]
//
// With --profile, every dispatch is timed alone, and a table of kernels is printed.

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
    profile: { type: 'boolean', default: false },
  },
});
const { model, batch, warm, steps, variant, profile } = values;
const browser = await launch();
// A small window: drawing shares the processor here. The page's own training waits for the benchmark.
const { page, close } = await open(browser, { url: values.url, size: { width: 300, height: 300 } });
await page.evaluate(() => window.skipscope.ready);
const variants = Object.fromEntries(variant.map((choice) => choice.split('=', 2)));
const what = { model, batch: Number(batch), warm: Number(warm), steps: Number(steps), variants, profile };
const result = await page.evaluate((what) => window.skipscope.bench(what), what);
await close();
await browser.close();
if (profile) {
  /** @type {Map<string, {launches: number, ms: number, work: number, bytes: number}>} */
  const kernels = new Map();
  for (const { kernel, ms, work, bytes } of result.dispatches) {
    const sum = kernels.get(kernel) ?? { launches: 0, ms: 0, work: 0, bytes: 0 };
    kernels.set(kernel, {
      launches: sum.launches + 1,
      ms: sum.ms + ms,
      work: sum.work + work,
      bytes: sum.bytes + bytes,
    });
  }
  const all = [...kernels.values()].reduce((sum, { ms }) => sum + ms, 0);
  const { gflops, gbytes } = result.peak;
  console.log(`${model} at batch ${batch} on ${result.adapter}: ${all.toFixed(1)} ms, each dispatch alone`);
  console.log(`at most ${gflops.toFixed(1)} GFLOP/s and ${gbytes.toFixed(1)} GB/s`);
  for (const [name, { launches, ms, work, bytes }] of [...kernels].sort((a, b) => b[1].ms - a[1].ms)) {
    const rates = `${(work / ms / 1e6).toFixed(2)} GFLOP/s  ${(bytes / ms / 1e6).toFixed(2)} GB/s`;
    console.log(`${name.padEnd(40)} ${launches} × ${ms.toFixed(1)} ms  ${((100 * ms) / all).toFixed(1)} %  ${rates}`);
  }
} else {
  console.log(JSON.stringify(result));
}
