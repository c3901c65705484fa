// `window.skipscope`: the page's session for scripts, tests and the browser's console.
//
//     await skipscope.ready;
//     await skipscope.command('step');
//     (await skipscope.snapshot()).last.loss

import { handOver } from './pictures.js';

/**
 * What the wasm module exports (src/web.rs). Structured values travel as JSON.
 * @typedef {{
 *   start(canvas: string, fonts: Uint8Array[], adapter: import('./gpu.js').AdapterInfo | null, quads: boolean): Promise<void>,
 *   ready(): Promise<void>,
 *   may_draw(acted: boolean): boolean,
 *   info(): Promise<string>,
 *   command(json: string): Promise<string>,
 *   snapshot(): Promise<string>,
 *   bench(json: string): Promise<string>,
 *   open(name: string, bytes: Uint8Array): Promise<string>,
 *   save(): Promise<Uint8Array>,
 *   resume(): Promise<void>,
 *   lesson(option?: number): Promise<void>,
 *   picture(name: string, side: number, rgba: Uint8Array): void,
 *   failed(message: string): void,
 *   weights_fingerprint(model: string, init: string, seed: number): string,
 * }} Module
 */

/**
 * All calls wait for `ready`, and are refused once the page has failed for good.
 * @typedef {object} Skipscope
 * @property {Promise<void>} ready
 *   Resolves when the session takes commands; rejects with the reason if the page cannot start.
 * @property {() => Promise<object>} info
 *   About the page: version, adapter, limits.
 * @property {(command: object | string) => Promise<any>} command
 *   Does one `Command` (src/session/protocol.rs): an object such as `{set: {lr: 0.1}}`, the name of a
 *   command without arguments such as `'run'`, or JSON text of either. Resolves when it is carried out.
 * @property {() => Promise<object>} snapshot
 *   The session's `Snapshot`: step, `last` step's record, losses of many steps, `grad_norm` by layer.
 * @property {(what: {model: string, batch: number, warm: number, steps: number, variants?: Object<string, string>, quads?: boolean, profile?: boolean}) => Promise<object>} bench
 *   Trains `warm` steps untimed, then `steps` timed ones, on generated pictures. Losses and times.
 * @property {(name: string, bytes: Uint8Array | ArrayBuffer) => Promise<any>} open
 *   Takes over a CIFAR-10 archive or a checkpoint, told apart by its content.
 * @property {() => Promise<Uint8Array>} save
 *   The network and the optimiser's state as a safetensors file.
 * @property {() => Promise<void>} resume
 *   Goes on from the run that an earlier visit has left in this browser.
 * @property {(option?: number) => Promise<void>} lesson
 *   Plays the open lesson on: marks an option where one is asked for, then presses its button.
 * @property {(name: string, image: Blob) => Promise<void>} picture
 *   Shows the network a picture of the user's own: cropped to a square, resized to the data's size.
 * @property {(model: string, init: string, seed: number) => Promise<string>} fingerprint
 *   A checksum of initial weights, equal wherever the program runs.
 * @property {() => Promise<{name: string, bytes: number}[]>} archives
 *   Archives that this site offers; none on most.
 * @property {(name: string) => Promise<any>} openArchive
 *   Loads one of those and opens it.
 */

/**
 * Defines `window.skipscope`. Returns what the start-up answers it with.
 */
export function defineApi() {
  /** @type {(module: Module) => void} */
  let resolve;
  /** @type {(reason: Error) => void} */
  let reject;
  /** @type {Promise<Module>} */
  const loaded = new Promise((yes, no) => {
    resolve = yes;
    reject = no;
  });
  /** @type {(reason: Error) => void} */
  let die;
  /** Rejects when the page fails for good: a call in flight would otherwise never be answered. */
  const dead = /** @type {Promise<never>} */ (new Promise((_, no) => (die = no)));
  // A page that fails to start says so on screen; nobody need wait for these.
  const ready = loaded.then(() => undefined);
  ready.catch(() => {});
  dead.catch(() => {});

  /** @type {(use: (module: Module) => any) => Promise<any>} */
  const call = async (use) => {
    const module = await loaded;
    try {
      return await Promise.race([dead, use(module)]);
    } catch (error) {
      throw asError(error);
    }
  };

  /** @type {Skipscope} */
  const api = {
    ready,
    info: () => call((module) => module.info()).then(JSON.parse),
    command: (command) => call((module) => module.command(asJson(command))).then(parse),
    snapshot: () => call((module) => module.snapshot()).then(JSON.parse),
    bench: (what) => call((module) => module.bench(JSON.stringify(what))).then(JSON.parse),
    open: (name, bytes) => call((module) => module.open(name, new Uint8Array(bytes))).then(parse),
    save: () => call((module) => module.save()),
    resume: () => call((module) => module.resume()),
    lesson: (option) => call((module) => module.lesson(option)),
    picture: (name, image) => call((module) => handOver(module, name, image)),
    fingerprint: (model, init, seed) => call((module) => module.weights_fingerprint(model, init, seed)),
    archives: async () => (await get('data/index.json')).json(),
    openArchive: async (name) => {
      const answer = await get(`data/${encodeURIComponent(name)}`);
      return api.open(name, await answer.arrayBuffer());
    },
  };
  /** @type {any} */ (window).skipscope = Object.freeze(api);

  return {
    /** The session takes commands. */
    open: (/** @type {Module} */ module) => resolve(module),
    /** Nothing works any more, or never did. */
    close: (/** @type {Error} */ reason) => {
      reject(reason);
      die(reason);
    },
  };
}

/**
 * Fetches a file of this site.
 * @param {string} path relative to this script
 */
export async function get(path) {
  const answer = await fetch(new URL(path, import.meta.url)).catch((error) => {
    throw new Error(`${path}: ${error.message}`);
  });
  if (!answer.ok) {
    throw new Error(`${path}: ${answer.status} ${answer.statusText}`);
  }
  return answer;
}

/**
 * Rust may reject with plain text.
 * @param {unknown} thrown
 */
export function asError(thrown) {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** @param {object | string} command */
function asJson(command) {
  if (typeof command === 'string') {
    try {
      JSON.parse(command);
      return command;
    } catch {
      // A bare name.
    }
  }
  return JSON.stringify(command);
}

/** @param {string | undefined} json empty where there is nothing to say */
function parse(json) {
  return json ? JSON.parse(json) : null;
}
