// Takes a picture of the page, to look at. Prints the page's console beside it.
//
//     node web/e2e/shot.mjs http://localhost:8080/ out.png [--size 1440x900] [--theme light] [--locale zh-CN]
//         [--command run] [--wait-step 20] [--wait 2]
//
// `--command` (any number, in order) goes to the session first; `--wait-step` waits for that many steps,
// `--wait` for that many seconds more.

import { parseArgs } from 'node:util';
import { launch, open } from './browser.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string', default: '1440x900' },
    theme: { type: 'string', default: 'dark' },
    locale: { type: 'string', default: 'en-GB' },
    command: { type: 'string', multiple: true, default: [] },
    'wait-step': { type: 'string' },
    wait: { type: 'string', default: '1' },
  },
});
const [url, file] = positionals;
const [width, height] = values.size.split('x').map(Number);
if (!url || !file || !width || !height) {
  console.error('usage: node web/e2e/shot.mjs URL out.png [--size 1440x900] [--wait-step N] …');
  process.exit(2);
}

const browser = await launch();
const { page, lines } = await open(browser, {
  url,
  locale: values.locale,
  theme: values.theme === 'light' ? 'light' : 'dark',
  size: { width, height },
  tolerant: true,
});
try {
  await page.evaluate(() => window.skipscope.ready);
  for (const command of values.command) {
    await page.evaluate((command) => window.skipscope.command(command), command);
  }
  const steps = Number(values['wait-step'] ?? 0);
  while (steps && (await page.evaluate(() => window.skipscope.snapshot())).step < steps) {
    await page.waitForTimeout(200);
  }
} catch (error) {
  // A page that cannot go on is worth a picture too.
  console.error(String(error));
  process.exitCode = 1;
}
await page.waitForTimeout(1000 * Number(values.wait));
await page.screenshot({ path: file });
await browser.close();
lines.forEach((line) => console.log(line));
