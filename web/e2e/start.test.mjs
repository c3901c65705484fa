// The page before the app: what it says while loading and when it cannot go on, and from where it loads.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { URL, launch, open } from './browser.mjs';

/** @type {import('playwright-core').Browser} */
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const CHROME_ON_WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36';
const CHROME_ON_LINUX = CHROME_ON_WINDOWS.replace('Windows NT 10.0; Win64; x64', 'X11; Linux x86_64');
const FIREFOX_ON_LINUX = 'Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0';

/** Makes this browser another one: its name, and what it has for `navigator.gpu`. Runs in the page. */
function pretend(/** @type {{ agent: string, gpu: 'missing' | 'refuses' | 'throws' }} */ { agent, gpu }) {
  Object.defineProperty(Navigator.prototype, 'userAgent', { get: () => agent });
  if (gpu === 'missing') {
    Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined });
  } else {
    GPU.prototype.requestAdapter = async () => {
      if (gpu === 'throws') {
        throw new Error('the GPU process is gone');
      }
      return null;
    };
  }
}

/** What the overlay shows once it is there. */
async function overlay(/** @type {import('playwright-core').Page} */ page) {
  const box = page.locator('#overlay');
  await box.waitFor({ state: 'visible' });
  return {
    kind: await box.getAttribute('data-kind'),
    text: await box.innerText(),
    first: await box.locator('section').first().getAttribute('lang'),
    buttons: await box.locator('.action').count(),
  };
}

const REFUSALS = [
  { agent: FIREFOX_ON_LINUX, gpu: 'missing', kind: 'browser', en: /too old[^]*Chrome or Edge 113[^]*Firefox 141[^]*Safari 26/, zh: /版本过旧[^]*Safari 26/ },
  { agent: CHROME_ON_WINDOWS, gpu: 'missing', kind: 'browser', en: /too old/, zh: /版本过旧/ },
  { agent: CHROME_ON_LINUX, gpu: 'missing', kind: 'flag', en: /chrome:\/\/flags\/#enable-unsafe-webgpu/, zh: /选择 Enabled/ },
  { agent: CHROME_ON_LINUX, gpu: 'refuses', kind: 'flag', en: /mesa-vulkan-drivers/, zh: /安装显卡的 Vulkan 驱动/ },
  { agent: CHROME_ON_WINDOWS, gpu: 'refuses', kind: 'adapter', en: /refuses this GPU[^]*block list/, zh: /屏蔽名单/ },
  { agent: CHROME_ON_WINDOWS, gpu: 'throws', kind: 'adapter', en: /the GPU process is gone/, zh: /拒绝使用此 GPU/ },
];

for (const { agent, gpu, kind, en, zh } of REFUSALS) {
  for (const [locale, first] of [['en-GB', 'en'], ['zh-CN', 'zh-CN'], ['fi-FI', 'en']]) {
    test(`${kind}: navigator.gpu ${gpu}, in ${locale}, as ${agent.match(/\((\w+)/)?.[1]} ${agent.match(/(Chrome|Firefox)/)?.[1]}`, async () => {
      const { page, requests, close } = await open(browser, { locale, before: pretend, argument: { agent, gpu } });
      const shown = await overlay(page);
      assert.equal(shown.kind, kind);
      assert.equal(shown.first, first, 'the reader’s language comes first');
      assert.match(shown.text, en);
      assert.match(shown.text, zh);
      assert.equal(shown.buttons, 1);
      const reason = await page.evaluate(() => window.skipscope.ready.then(() => 'ready', (error) => `${error.name} ${error.kind}`));
      assert.equal(reason, `Problem ${kind}`);
      assert(!requests.some((url) => url.includes('.wasm')), 'nothing large is loaded in vain');
      await close();
    });
  }
}

test('insecure: over plain http from another host', async () => {
  // A real insecure address: a name that is not localhost but leads here.
  const remote = await launch(['--host-resolver-rules=MAP skipscope.test 127.0.0.1']);
  const url = URL.replace('//localhost', '//skipscope.test');
  const { page, close } = await open(remote, { url, locale: 'zh-TW' });
  const shown = await overlay(page);
  assert.equal(shown.kind, 'insecure');
  assert.equal(shown.first, 'zh-CN');
  assert.match(shown.text, /http:\/\/localhost/);
  assert.equal(await page.locator('#overlay a.action').getAttribute('href'), url.replace('http:', 'https:'));
  await close();
  await remote.close();
});

test('loading: shows how much has arrived, then hands over', async () => {
  const { page, requests, close } = await open(browser, {
    before: () => {
      // Lets half of the module through and holds back the rest.
      const real = window.fetch;
      const open = new Promise((yes) => Object.assign(window, { openGate: yes }));
      window.fetch = async (...what) => {
        const answer = await real(...what);
        if (!String(what[0]).includes('_bg.wasm')) {
          return answer;
        }
        const bytes = new Uint8Array(await answer.arrayBuffer());
        const half = bytes.length >> 1;
        const body = new ReadableStream({
          async start(to) {
            to.enqueue(bytes.subarray(0, half));
            await open;
            to.enqueue(bytes.subarray(half));
            to.close();
          },
        });
        return new Response(body, { headers: answer.headers });
      };
    },
  });
  const bar = page.getByRole('progressbar');
  await page.waitForFunction(() => Number(document.querySelector('#bar')?.getAttribute('aria-valuenow')) >= 49);
  assert.equal(await bar.getAttribute('aria-valuenow'), '50');
  assert.match(await page.locator('#progress').innerText(), /^\d+\.\d of \d+\.\d MB$/);
  await page.evaluate(() => /** @type {any} */ (window).openGate());
  await page.evaluate(() => window.skipscope.ready);
  assert(await page.locator('#loading').isHidden());
  assert(await page.locator('#overlay').isHidden());

  assert.equal(new Set(requests).size, requests.length, 'nothing is loaded twice');
  const outside = requests.filter((url) => !url.startsWith(URL) && !url.startsWith(`blob:${new globalThis.URL(URL).origin}`));
  assert.deepEqual(outside, [], 'everything comes from the page’s own folder');
  await close();
});

test('download: a module that does not arrive', async () => {
  const { page, close } = await open(browser, {
    tolerant: true,
    before: () => {
      const real = window.fetch;
      window.fetch = (...what) => real(String(what[0]).replace('_bg.wasm', '_gone.wasm'));
    },
  });
  const shown = await overlay(page);
  assert.equal(shown.kind, 'download');
  assert.match(shown.text, /skipscope_bg\.wasm.*404/);
  await close();
});

for (const kind of ['panic', 'device-lost']) {
  test(`${kind}: covers the page, refuses calls in flight and to come, and reloads`, async () => {
    const { page, close } = await open(browser, { locale: 'zh-CN' });
    await page.evaluate(() => window.skipscope.ready);
    const answer = await page.evaluate(async (kind) => {
      window.skipscope_fatal(kind, 'first cause');
      window.skipscope_fatal('panic', 'a consequence');
      return window.skipscope.info().then(() => 'answered', (error) => error.message);
    }, kind);
    assert.equal(answer, 'first cause');
    const shown = await overlay(page);
    assert.equal(shown.kind, kind);
    assert.match(shown.text, /first cause/);
    assert.match(shown.text, /重新加载 · Reload/);
    assert.doesNotMatch(shown.text, /a consequence/);
    await Promise.all([page.waitForEvent('load'), page.locator('#overlay .action').click()]);
    await page.evaluate(() => window.skipscope.ready);
    assert(await page.locator('#overlay').isHidden());
    await close();
  });
}

test('without JavaScript the page says so', async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(URL);
  assert.match(await page.locator('noscript').innerText(), /needs JavaScript[^]*需要 JavaScript/);
  await context.close();
});

test('the page’s files come with their media types, compressed', async () => {
  for (const [path, type] of [['', 'text/html'], ['boot.js', 'text/javascript'], ['skipscope_bg.wasm', 'application/wasm'], ['fonts/Inter-Regular.ttf', 'font/ttf']]) {
    const answer = await fetch(URL + path);
    assert.equal(answer.status, 200, path);
    assert(answer.headers.get('content-type')?.startsWith(type), `${path} is ${answer.headers.get('content-type')}`);
    assert.equal(answer.headers.get('content-encoding'), 'gzip', path);
  }
});
