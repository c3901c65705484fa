// Makes the two Chinese fonts out of Noto Sans SC. Run by `cargo xtask`, not by the page:
//
//     node web/fonts.mjs ui|rest TARGET TEXT…
//
// `ui` has the Chinese characters of the files TEXT, `rest` those of GB 2312 that they have not. Both are
// TrueType, which is all that egui reads. The same texts give the same bytes.

import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import subsetFont from 'subset-font';

const SOURCE = '@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf';

/** From the radicals on: Latin, Greek and signs are Inter's. */
const chinese = (/** @type {string} */ character) => character >= '\u2e80';

/** All characters of GB 2312, which is two bytes of 0xA1 to 0xFE each. */
function gb2312() {
  const decoder = new TextDecoder('gb18030');
  const found = [];
  for (let row = 0xa1; row <= 0xf7; row++) {
    for (let cell = 0xa1; cell <= 0xfe; cell++) {
      found.push(decoder.decode(Uint8Array.of(row, cell)));
    }
  }
  // Unused places decode to the private use area.
  return found.filter((c) => chinese(c) && !/[\ue000-\uf8ff\ufffd]/.test(c));
}

const [which, target, ...texts] = process.argv.slice(2);
const all = await Promise.all(texts.map((text) => readFile(text, 'utf8')));
const ui = new Set([...all.join('')].filter(chinese));
const wanted = which === 'ui' ? [...ui] : gb2312().filter((c) => !ui.has(c));
// Without what egui does not use: substitutions and hints.
const font = await subsetFont(await readFile(createRequire(import.meta.url).resolve(SOURCE)), wanted.sort().join(''), {
  targetFormat: 'sfnt',
  keepFeatures: [],
  noHinting: true,
  noLayoutClosure: true,
});
await writeFile(target, font);
console.log(`${target}: ${wanted.length} characters, ${font.length} bytes`);
