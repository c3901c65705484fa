// The page trains: real networks, on WebGPU in Chromium, driven as a script would drive it.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { launch, open, until } from './browser.mjs';

/** @type {import('playwright-core').Browser} */
let browser;
// One for each test: a GPU process that crashes takes its browser along, not the other tests.
beforeEach(async () => (browser = await launch()));
afterEach(() => browser.close());

/** Slow: a software GPU does one to six GFLOP/s. */
const MINUTES = 60_000;

const RESNET8 = { stem: 'cifar', block: 'basic', blocks: [1, 1, 1], width: 16, shortcut: 'zero_pad', classes: 10 };
const RESNET18 = { stem: 'cifar', block: 'basic', blocks: [2, 2, 2, 2], width: 64, shortcut: 'projection', classes: 10 };

/**
 * Opens the page and stops the network that it trains by itself, which would share the GPU.
 */
async function openPaused() {
  // A small window: a software GPU spends more time on drawing a large one than on training.
  const opened = await open(browser, { size: { width: 480, height: 320 } });
  await opened.page.evaluate(async () => {
    await window.skipscope.ready;
    await window.skipscope.command('pause');
  });
  return opened;
}

/**
 * Builds a network on the pictures that are loaded and trains it one step at a time.
 * @param {import('playwright-core').Page} page
 * @param {object} build
 * @param {number} steps
 * @returns {Promise<any[]>} the record of each step
 */
async function train(page, build, steps) {
  return page.evaluate(
    async ({ build, steps }) => {
      const { skipscope } = window;
      await skipscope.command({ build });
      const records = [];
      for (let step = 0; step < steps; step += 1) {
        await skipscope.command('step');
        records.push((await skipscope.snapshot()).last);
      }
      return records;
    },
    { build, steps },
  );
}

/** Within a thousandth. */
const near = (/** @type {number} */ got, /** @type {number} */ want, /** @type {string} */ what) =>
  assert(Math.abs(got - want) <= 1e-3, `${what}: ${got}, should be ${want}`);

const mean = (/** @type {number[]} */ list) => list.reduce((sum, x) => sum + x, 0) / list.length;

test('blocks are swapped and scrambled in the network that trains, and put back bit for bit', async () => {
  const { page, close } = await openPaused();
  const spec = { stem: 'cifar', block: 'basic', blocks: [2, 1], width: 4, shortcut: 'zero_pad', classes: 10 };
  await train(page, { name: 'tiny', spec, recipe: { batch: 4, steps: 40 } }, 21);
  /** Every tensor of the checkpoint, as its bytes. */
  const tensors = () =>
    page.evaluate(async () => {
      const bytes = await window.skipscope.save();
      const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
      const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
      delete header.__metadata__;
      /** @type {Record<string, string>} */
      const found = {};
      for (const [name, { data_offsets: [from, to] }] of Object.entries(header)) {
        found[name] = bytes.subarray(8 + length + from, 8 + length + to).join();
      }
      return found;
    });
  const ask = (/** @type {any} */ command) => page.evaluate((c) => window.skipscope.command(c), command);
  const before = await tensors();
  await ask({ swap_blocks: { block: 0, with: 1 } });
  const swapped = await tensors();
  for (const tensor of ['conv2.weight', 'bn1.weight', 'bn2.running_var']) {
    assert.equal(swapped[`layer1.0.${tensor}`], before[`layer1.1.${tensor}`], tensor);
    assert.equal(swapped[`layer1.1.${tensor}`], before[`layer1.0.${tensor}`], tensor);
  }
  assert.equal(swapped['layer2.0.conv1.weight'], before['layer2.0.conv1.weight']);
  await ask('undo_alpha');
  assert.deepEqual(await tensors(), before);
  await ask({ scramble_block: { block: 0 } });
  const scrambled = await tensors();
  assert.notEqual(scrambled['layer1.0.conv1.weight'], before['layer1.0.conv1.weight']);
  assert.equal(scrambled['layer1.0.bn1.weight'], before['layer1.0.bn1.weight']);
  // What is trained on after a lesion is another run; the one before stays as it was.
  const { runs } = await page.evaluate(() => window.skipscope.snapshot());
  await ask('step');
  const after = await until(page, (s) => s.step === 22 && s.last?.step === 21);
  assert.equal(after.runs.length, runs.length + 1);
  assert.equal(after.runs.at(-1).steps, 21);
  await close();
});

test('ResNet-18 takes three steps on generated pictures, with the losses of the native run', { timeout: 10 * MINUTES }, async () => {
  const { page, close } = await openPaused();
  await page.evaluate(() => window.skipscope.command({ load_data: { shapes10: { seed: 1 } } }));
  // A fourth step, never taken, keeps the run from ending: its end would go through the test pictures.
  // At lr 0.01 one ReLU whose input rounds to the other side of 0 moves the third loss of a batch of four by 1e-2.
  const recipe = { steps: 4, batch: 4, lr: 0.001 };
  const records = await train(page, { name: 'resnet18', spec: RESNET18, recipe }, 3);
  const native = (process.env.SKIPSCOPE_NATIVE_LOSSES ?? '').split(',').filter(Boolean).map(Number);
  assert.equal(native.length, 3, 'SKIPSCOPE_NATIVE_LOSSES holds the native losses; `cargo xtask test` sets it');
  records.forEach(({ loss }, step) => near(loss, native[step], `step ${step}`));
  assert.deepEqual(records.map((record) => record.step), [0, 1, 2]);
  // Ten classes and no knowledge: ln 10, give or take what batch norm does to four pictures.
  assert(Math.abs(records[0].loss - Math.log(10)) < 1, `first loss ${records[0].loss}`);
  const now = await page.evaluate(() => window.skipscope.snapshot());
  assert.equal(now.model, 'resnet18');
  assert.equal(now.model_info.parameters, 11_173_962);
  assert.deepEqual(now.losses.slice(-3), records.map((record) => record.loss));
  for (const { loss, grad_norm: norms, blocks } of records) {
    assert(Number.isFinite(loss), `loss ${loss}`);
    assert.equal(norms.length, now.model_info.param_names.length);
    assert(norms.every((/** @type {number} */ norm) => norm > 0 && Number.isFinite(norm)), 'every layer has a gradient');
    assert.equal(blocks.length, 8);
  }
  await close();
});

test('ResNet-8 learns from a CIFAR-10 archive', { timeout: 10 * MINUTES }, async (context) => {
  const { page, close } = await openPaused();
  const [archive] = await page.evaluate(() => window.skipscope.archives());
  if (!archive) {
    context.skip('no archive: name the folder of shared test data in SKIPSCOPE_SHARED');
    return close();
  }
  await page.evaluate((name) => window.skipscope.openArchive(name), archive.name);
  const recipe = { steps: 61, batch: 16, lr: 0.05, momentum: 0.9, init: 'he' };
  const losses = (await train(page, { name: 'resnet8', spec: RESNET8, recipe }, 60)).map(({ loss }) => loss);
  const [first, last] = [mean(losses.slice(0, 10)), mean(losses.slice(-10))];
  assert(last < 0.85 * first, `mean loss went from ${first} to ${last} only`);
  const { data } = await page.evaluate(() => window.skipscope.snapshot());
  assert.equal(data, archive.name);
  await close();
});

/** What PyTorch and other frameworks get from the same weights and pictures. */
const PEERS = [
  { model: 'resnet8', batch: 16, losses: [2.4124, 2.4026, 2.3845] },
  { model: 'resnet20', batch: 32, losses: [2.6552, 2.5768] },
  { model: 'resnet18', batch: 8, losses: [2.3081, 1.3684] },
];

for (const { model, batch, losses } of PEERS) {
  test(`the benchmark of ${model} gives its peers' losses`, { timeout: 10 * MINUTES }, async () => {
    const { page, close } = await openPaused();
    const what = { model, batch, warm: 1, steps: losses.length - 1 };
    const result = await page.evaluate((what) => window.skipscope.bench(what), what);
    assert.equal(result.timed_steps, losses.length - 1);
    assert.equal(result.losses.length, losses.length);
    result.losses.forEach((/** @type {number} */ loss, /** @type {number} */ step) => near(loss, losses[step], `step ${step}`));
    await close();
  });
}

test('loads shared by four neighbours change no bit', { timeout: 10 * MINUTES }, async () => {
  const { page, close } = await openPaused();
  const { model, batch } = PEERS[0];
  const run = (/** @type {boolean} */ quads) => page.evaluate((what) => window.skipscope.bench(what), { model, batch, warm: 0, steps: 3, quads });
  const names = (/** @type {boolean} */ quads) =>
    page.evaluate(async (what) => /** @type {any} */ (await window.skipscope.bench(what)).dispatches.map((/** @type {any} */ d) => d.kernel), { model, batch, warm: 0, steps: 1, quads, profile: true });
  const [shared, alone] = [/** @type {any} */ (await run(true)), /** @type {any} */ (await run(false))];
  assert.deepEqual(shared.losses, alone.losses);
  const inQuads = (/** @type {string[]} */ kernels) => new Set(kernels.filter((name) => name.endsWith('_quad')));
  assert.deepEqual([...inQuads(await names(true))].sort(), ['conv_forward_quad', 'conv_weight_grad_quad', 'matmul_grad_quad', 'matmul_quad']);
  assert.equal(inQuads(await names(false)).size, 0);
  await close();
});

/** What software adapters do not choose by themselves: a graphics card's kernels, and timing all that there are. */
for (const variant of ['tiled', 'tiled_small', 'timed']) {
  test(`kernels that are ${variant} give the peers' losses`, { timeout: 10 * MINUTES }, async () => {
    const { page, close } = await openPaused();
    const { model, batch, losses } = PEERS[0];
    const operations = ['conv_forward', 'conv_input_grad', 'conv_weight_grad'];
    const variants = Object.fromEntries(operations.map((operation) => [operation, variant]));
    const result = await page.evaluate((what) => window.skipscope.bench(what), { model, batch, warm: 1, steps: 1, variants });
    assert.equal(result.losses.length, 2);
    result.losses.forEach((/** @type {number} */ loss, /** @type {number} */ step) => near(loss, losses[step], `step ${step}`));
    await close();
  });
}

/** Networks that together use every kind of kernel, under the browser's own limits. */
const KINDS = [
  { stem: 'imagenet', block: 'bottleneck', blocks: [1, 1], width: 8, shortcut: 'projection', classes: 10 },
  { stem: 'imagenet', block: 'basic', blocks: [1, 1], width: 8, shortcut: 'projection', batch_norm: false, classes: 10 },
  { stem: 'cifar', block: 'basic', blocks: [1, 1, 1, 1], width: 6, shortcut: 'zero_pad', alpha: 0.5, classes: 12 },
  { stem: 'cifar', block: 'bottleneck', blocks: [2, 1], width: 4, shortcut: 'none', batch_norm: false, classes: 10 },
  { stem: 'cifar', block: 'basic', blocks: [1, 1], width: 4, shortcut: 'none', classes: 10, input_size: 17 },
];

test('every kind of network trains', { timeout: 10 * MINUTES }, async () => {
  const { page, close } = await openPaused();
  for (const spec of KINDS) {
    const what = JSON.stringify(spec);
    const [first, second] = await train(page, { name: 'kind', spec, recipe: { steps: 9, batch: 3 } }, 2);
    assert.equal(second.step, 1, what);
    for (const { loss, grad_norm: norms } of [first, second]) {
      assert(Number.isFinite(loss), `${what}: loss ${loss}`);
      assert(norms.every((/** @type {number} */ norm) => norm > 0 && Number.isFinite(norm)), `${what}: ${norms}`);
    }
  }
  await close();
});

test('wasm draws the initial weights that native code draws', async () => {
  const { page, close } = await openPaused();
  const draw = (/** @type {string} */ init) => page.evaluate((init) => window.skipscope.fingerprint('resnet20', init, 1), init);
  // The same two are pinned in src/engine/weights.rs.
  assert.equal(await draw('torch'), '69e2bbde3dd0c5c2');
  assert.equal(await draw('he'), '70a0702fedc2a8fc');
  await close();
});

test('a checkpoint saved in the page loads there again', { timeout: 10 * MINUTES }, async () => {
  const { page, close } = await openPaused();
  await page.evaluate(() => window.skipscope.command({ load_data: { shapes10: { seed: 1 } } }));
  const recipe = { steps: 100, batch: 4 };
  const before = await train(page, { name: 'resnet8', spec: RESNET8, recipe }, 2);
  const after = await page.evaluate(async () => {
    const { skipscope } = window;
    const bytes = await skipscope.save();
    await skipscope.command('step');
    const straight = (await skipscope.snapshot()).last;
    await skipscope.open('again.safetensors', bytes);
    await skipscope.command('step');
    return { straight, resumed: (await skipscope.snapshot()).last };
  });
  assert.equal(before.length, 2);
  assert.equal(after.straight.step, 2);
  assert.deepEqual(after.resumed, after.straight, 'bit for bit');
  await close();
});

test('an archive dropped on the page is loaded, a broken one refused', { timeout: 10 * MINUTES }, async (context) => {
  const { page, close } = await openPaused();
  const [archive] = await page.evaluate(() => window.skipscope.archives());
  if (!archive) {
    context.skip('no archive: name the folder of shared test data in SKIPSCOPE_SHARED');
    return close();
  }
  /** Drops a file on the canvas as a reader would: its bytes come from the site, or are the given text. */
  const drop = (/** @type {string} */ name, /** @type {string | null} */ text) =>
    page.evaluate(
      async ({ name, text }) => {
        const bytes = text ?? (await (await fetch(`data/${name}`)).arrayBuffer());
        const files = new DataTransfer();
        files.items.add(new File([bytes], name));
        const canvas = document.getElementById('skipscope');
        for (const kind of ['dragover', 'drop']) {
          canvas?.dispatchEvent(new DragEvent(kind, { dataTransfer: files, bubbles: true, cancelable: true }));
        }
      },
      { name, text },
    );
  const data = () => page.evaluate(async () => (await window.skipscope.snapshot()).data);
  assert.equal(await data(), 'shapes10');
  await drop('broken.tar.gz', 'no archive at all');
  await page.waitForTimeout(2000);
  assert.equal(await data(), 'shapes10', 'what was there is still there');
  await drop(archive.name, null);
  for (let tries = 0; (await data()) !== archive.name; tries += 1) {
    assert(tries < 60, `still ${await data()}`);
    await page.waitForTimeout(500);
  }
  await close();
});
