// Starts the page: looks for a GPU, loads the module and its fonts, and hands over to it.

import { asError, defineApi, get } from './api.js';
import { governDrawing, simplifyDrawing } from './drawing.js';
import { Problem, findAdapter } from './gpu.js';
import { keepOffline } from './offline.js';
import { takePictures } from './pictures.js';
import { hideLoading, offerUpdate, showProblem, showProgress, showStarting } from './screens.js';
import { startStorage } from './storage.js';
import { startTicker } from './ticker.js';
import { startTwin } from './twin.js';

/** Asks for the files of the build that this script belongs to. */
const VERSION = new URL(import.meta.url).search;

/** In the order in which the app expects them. */
const FONTS = [
  { path: 'fonts/Inter-Regular.ttf', weight: '400' },
  { path: 'fonts/Inter-SemiBold.ttf', weight: '600' },
];

const api = defineApi();
startStorage();
startTicker();
simplifyDrawing();

/**
 * Covers the page for good and refuses all calls.
 * @param {import('./texts.js').Kind} kind
 * @param {string} message
 */
function fail(kind, message) {
  console.warn(`Skipscope stops (${kind}): ${message}`);
  showProblem(kind, message);
  api.close(new Problem(kind, message));
}

// Called by the app's panic hook, and when the GPU device is lost.
Object.assign(window, { skipscope_fatal: fail });

// A trap in the module that came without a panic: out of memory, a stack that overflowed.
/** @param {unknown} error */
function trapped(error) {
  if (error instanceof WebAssembly.RuntimeError) {
    fail('panic', error.stack || error.message);
  }
}
window.addEventListener('error', (event) => trapped(event.error));
window.addEventListener('unhandledrejection', (event) => trapped(event.reason));

/** @returns {Promise<import('./api.js').Module>} */
async function loadModule() {
  // The transfer's own length is the compressed one, so the build wrote the real one into the page.
  const total = Number(document.querySelector('meta[name=wasm-bytes]')?.getAttribute('content')) || 0;
  const [glue, wasm] = await Promise.all([import(`./skipscope.js${VERSION}`), get(`skipscope_bg.wasm${VERSION}`)]);
  let received = 0;
  showProgress(received, total);
  const counted = new TransformStream({
    transform(chunk, to) {
      received += chunk.length;
      showProgress(received, total);
      to.enqueue(chunk);
    },
  });
  // Compiles while it arrives, wherever the host gives the right media type; wasm-bindgen copes if not.
  const headers = { 'Content-Type': wasm.headers.get('Content-Type') || '' };
  const body = wasm.body ? wasm.body.pipeThrough(counted) : await wasm.arrayBuffer();
  await glue.default({ module_or_path: new Response(body, { headers }) });
  return glue;
}

/**
 * Loads a font once for both the app and the page around it.
 * @param {{path: string, weight: string}} font
 */
async function loadFont({ path, weight }) {
  const bytes = await (await get(path)).arrayBuffer();
  document.fonts.add(new FontFace('Inter', bytes, { weight }));
  return new Uint8Array(bytes);
}

async function boot() {
  // What an error means depends on how far we were.
  /** @type {<T>(kind: import('./texts.js').Kind, work: Promise<T>) => Promise<T>} */
  const or = (kind, work) =>
    work.catch((error) => {
      trapped(error);
      throw new Problem(kind, asError(error).message);
    });
  // Fonts come first, and also when there is no GPU: the page has something to say then, too.
  const fonts = or('download', Promise.all(FONTS.map(loadFont)));
  fonts.catch(() => {});
  const { info, quads } = await findAdapter();
  const module = await or('download', loadModule());
  showStarting();
  await or('start', module.start('skipscope', await fonts, info, quads));
  governDrawing(module);
  hideLoading();
  await or('start', module.ready());
  api.open(module);
  takePictures(module);
  startTwin(window.skipscope);
  // Last, so that it takes nothing from the start.
  await keepOffline(offerUpdate).catch((error) => console.warn(`not kept for times without a network: ${error.message}`));
}

boot().catch((error) => fail(error.kind || 'start', asError(error).message));
